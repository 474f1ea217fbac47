/*
 * digits.h - runs of ASCII digits, for the parsers and printers of base
 */
#ifndef JI_DIGITS_H
#define JI_DIGITS_H

#include "base/bytes.h"

static inline bool ji_is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Are these eight bytes digits? A byte that is not one shows in its high half, as it is or with 6 more. */
static inline bool ji_eight_are_digits(uint64_t bytes)
{
    return ((bytes & 0xf0f0f0f0f0f0f0f0) | (((bytes + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) ==
            0x3333333333333333;
}

/* Eight digits, the first in the lowest byte. */
static inline uint32_t ji_eight_digits(uint64_t bytes)
{
    const uint64_t mask = 0x000000ff000000ff;
    bytes -= 0x3030303030303030;
    bytes = bytes * 10 + (bytes >> 8);
    return (uint32_t)(((bytes & mask) * 0x000f424000000064 + ((bytes >> 16) & mask) * 0x0000271000000001) >>
            32);
}

/* 4 to 8 bytes, the first in the lowest, zeros above; nothing outside of them is read. */
static inline uint64_t ji_load_short(const char *at, size_t size)
{
    return ji_load_le32(at) | (uint64_t)ji_load_le32(at + size - 4) << (8 * (size - 4));
}

/* The number that `count` digits (1 to 8) in the low bytes write; false where one is no digit. */
static inline bool ji_short_digits(uint64_t bytes, size_t count, uint64_t *value)
{
    /* Moved up, with the digit 0 in front. */
    const unsigned empty = 8 * (8 - (unsigned)count);
    const uint64_t zeros = empty == 0 ? 0 : UINT64_C(0x3030303030303030) >> (64 - empty);
    const uint64_t whole = bytes << empty | zeros;
    if (!ji_eight_are_digits(whole))
        return false;
    *value = ji_eight_digits(whole);
    return true;
}

/*
 * 4 to 8 bytes of digits with one point among them or none, not first: the digits' value and how
 * many stand behind the point. False for everything else. The point is found by the byte that is
 * zero after an exclusive or, and taken out by a shift of what stands behind it.
 */
static inline bool ji_short_number(const char *data, size_t size, uint64_t *value, unsigned *fraction)
{
    uint64_t bytes = ji_load_short(data, size);
    const uint64_t other = bytes ^ UINT64_C(0x2e2e2e2e2e2e2e2e);
    const uint64_t points = (other - UINT64_C(0x0101010101010101)) & ~other & UINT64_C(0x8080808080808080);
    unsigned behind = 0;
    size_t digits = size;
    if (points != 0) {
        const unsigned at = (unsigned)__builtin_ctzll(points) & ~7u; /* bits below the point */
        const uint64_t below = (UINT64_C(1) << at) - 1;
        bytes = (bytes & below) | (bytes >> 8 & ~below);
        digits--;
        behind = (unsigned)digits - at / 8;
    }
    if (behind == digits || !ji_short_digits(bytes, digits, value))
        return false;
    *fraction = behind;
    return true;
}

/* The number that at most 19 digits write; false where a byte is no digit. */
static inline bool ji_digits_value(const char *at, size_t count, uint64_t *value)
{
    uint64_t sum = 0;
    for (; count >= 8; at += 8, count -= 8) {
        const uint64_t bytes = ji_load_le64(at);
        if (!ji_eight_are_digits(bytes))
            return false;
        sum = sum * 100000000 + ji_eight_digits(bytes);
    }
    for (; count > 0; at++, count--) {
        if (!ji_is_digit(*at))
            return false;
        sum = sum * 10 + (uint64_t)(*at - '0');
    }
    *value = sum;
    return true;
}

/* Decimal digits of a value; 0 has none. */
unsigned ji_u64_digits(uint64_t value);
/* Exactly `digits` digits, with zeros in front. */
void ji_u64_print_padded(uint64_t value, unsigned digits, char *out);
size_t ji_u128_print(ji_uint128 value, char *out);

#endif
