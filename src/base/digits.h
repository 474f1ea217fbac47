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
