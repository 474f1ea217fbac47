/*
 * integer_text.c - integers <-> decimal text
 *
 * Printing writes two digits at a time, backward from a length known beforehand. Parsing reads eight
 * digits at a time with three multiplications (each adds neighbours: 1 -> 2 -> 4 -> 8 digits).
 */
#include "base/integer_text.h"

#include "base/digits.h"

#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                            "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

const char *ji_text_reason_text(enum ji_text_reason reason)
{
    switch (reason) {
    case JI_TEXT_OK:
        return "is";
    case JI_TEXT_MALFORMED:
        return "is no";
    case JI_TEXT_RANGE:
        return "is out of range for";
    case JI_TEXT_SCALE:
        return "has too many fraction digits for";
    }
    return "is no";
}

unsigned ji_u64_digits(uint64_t value)
{
    static const uint64_t powers[20] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
            1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
            1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
            10000000000000000000u};
    /* 1233 / 4096 is a little above log10(2): right or one too many, which the power settles. */
    const unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    const unsigned guess = bits * 1233 >> 12;
    return guess + (value >= powers[guess]);
}

/* Exactly `digits` digits, zeros in front where it has fewer. */
void ji_u64_print_padded(uint64_t value, unsigned digits, char *out)
{
    while (digits >= 2) {
        digits -= 2;
        memcpy(out + digits, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (digits > 0)
        out[0] = (char)('0' + value % 10);
}

size_t ji_u64_print(uint64_t value, char *out)
{
    const unsigned digits = value == 0 ? 1 : ji_u64_digits(value);
    ji_u64_print_padded(value, digits, out);
    return digits;
}

size_t ji_i64_print(int64_t value, char *out)
{
    if (value >= 0)
        return ji_u64_print((uint64_t)value, out);
    out[0] = '-';
    return 1 + ji_u64_print(0 - (uint64_t)value, out + 1);
}

#define TEN_TO_19 UINT64_C(10000000000000000000)

size_t ji_u128_print(ji_uint128 value, char *out)
{
    if (value <= UINT64_MAX)
        return ji_u64_print((uint64_t)value, out);
    const ji_uint128 high = value / TEN_TO_19;
    const size_t size = ji_u128_print(high, out); /* at most twice: 39 digits are two such parts and one */
    ji_u64_print_padded((uint64_t)(value - high * TEN_TO_19), 19, out + size);
    return size + 19;
}

size_t ji_i128_print(ji_int128 value, char *out)
{
    if (value >= 0)
        return ji_u128_print((ji_uint128)value, out);
    out[0] = '-';
    return 1 + ji_u128_print(0 - (ji_uint128)value, out + 1);
}

struct signed_digits {
    bool negative;
    const char *at; /* first digit that is not a leading zero */
    size_t count;
};

/* MALFORMED where there is no digit at all; the digits themselves are not looked at. */
static inline bool split_sign(const char *data, size_t size, struct signed_digits *split)
{
    const char *end = data + size;
    split->negative = size > 0 && *data == '-';
    if (size > 0 && (*data == '-' || *data == '+'))
        data++;
    if (data == end)
        return false;
    while (end - data > 1 && *data == '0')
        data++;
    split->at = data;
    split->count = (size_t)(end - data);
    return true;
}

static bool all_digits(const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!ji_is_digit(at[i]))
            return false;
    }
    return true;
}

static inline enum ji_text_reason parse_magnitude(const struct signed_digits *split, uint64_t *magnitude)
{
    uint64_t value = 0;
    const size_t safe = ji_min_size(split->count, 19);
    if (!ji_digits_value(split->at, safe, &value))
        return JI_TEXT_MALFORMED;
    if (split->count > 19) {
        if (!all_digits(split->at + 19, split->count - 19))
            return JI_TEXT_MALFORMED;
        const uint64_t last = (uint64_t)(split->at[19] - '0');
        if (split->count > 20 || !ji_mul_u64(value, 10, &value) || !ji_add_u64(value, last, &value))
            return JI_TEXT_RANGE;
    }
    *magnitude = value;
    return JI_TEXT_OK;
}

enum ji_text_reason ji_u64_parse(const char *data, size_t size, uint64_t *value)
{
    struct signed_digits split;
    uint64_t magnitude = 0;
    if (!split_sign(data, size, &split))
        return JI_TEXT_MALFORMED;
    const enum ji_text_reason reason = parse_magnitude(&split, &magnitude);
    if (reason != JI_TEXT_OK)
        return reason;
    if (split.negative && magnitude != 0)
        return JI_TEXT_RANGE;
    *value = magnitude;
    return JI_TEXT_OK;
}

enum ji_text_reason ji_i64_parse(const char *data, size_t size, int64_t *value)
{
    struct signed_digits split;
    uint64_t magnitude = 0;
    if (size >= 4 && size <= 8 && ji_short_digits(ji_load_short(data, size), size, &magnitude)) {
        *value = (int64_t)magnitude;
        return JI_TEXT_OK;
    }
    if (!split_sign(data, size, &split))
        return JI_TEXT_MALFORMED;
    const enum ji_text_reason reason = parse_magnitude(&split, &magnitude);
    if (reason != JI_TEXT_OK)
        return reason;
    if (magnitude > (uint64_t)INT64_MAX + split.negative)
        return JI_TEXT_RANGE;
    *value = (int64_t)(split.negative ? 0 - magnitude : magnitude);
    return JI_TEXT_OK;
}

enum ji_text_reason ji_i128_parse(const char *data, size_t size, ji_int128 *value)
{
    struct signed_digits split;
    if (!split_sign(data, size, &split))
        return JI_TEXT_MALFORMED;
    if (!all_digits(split.at, split.count))
        return JI_TEXT_MALFORMED;
    if (split.count > 39)
        return JI_TEXT_RANGE;
    ji_int128 sum = 0;
    for (size_t i = 0; i < split.count; i++) {
        const ji_int128 digit = split.negative ? -(split.at[i] - '0') : split.at[i] - '0';
        if (!ji_mul_i128(sum, 10, &sum) || !ji_add_i128(sum, digit, &sum))
            return JI_TEXT_RANGE;
    }
    *value = sum;
    return JI_TEXT_OK;
}
