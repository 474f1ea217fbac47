/*
 * decimal.c - exact decimals of up to 38 digits
 *
 * Text is read in one pass into an unsigned 64-bit sum where at most 18 digits can matter, which
 * is every money column; wider decimals and exponents take the general way below it.
 */
#include "base/decimal.h"

#include "base/digits.h"
#include "base/real_text.h"
#include "base/wide.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define DIGITS_INT64 18
#define EXPONENT_MAX INT64_C(1000000000000000) /* beyond any number of digits that fits memory */

static const int64_t small_powers[19] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
        1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
        1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000};

ji_int128 ji_decimal_power(unsigned power)
{
    assert(power <= JI_DECIMAL_DIGITS_MAX);
    if (power <= DIGITS_INT64)
        return small_powers[power];
    if (power <= 2 * DIGITS_INT64)
        return (ji_int128)small_powers[DIGITS_INT64] * small_powers[power - DIGITS_INT64];
    return (ji_int128)small_powers[DIGITS_INT64] * small_powers[DIGITS_INT64] *
            small_powers[power - 2 * DIGITS_INT64];
}

static ji_uint128 magnitude_of(ji_int128 value)
{
    return value < 0 ? 0 - (ji_uint128)value : (ji_uint128)value;
}

unsigned ji_decimal_digits(ji_int128 value)
{
    ji_uint128 magnitude = magnitude_of(value);
    if (magnitude <= UINT64_MAX)
        return magnitude == 0 ? 1 : ji_u64_digits((uint64_t)magnitude);
    unsigned digits = 0;
    while (magnitude > UINT64_MAX) {
        magnitude /= (ji_uint128)small_powers[DIGITS_INT64];
        digits += DIGITS_INT64;
    }
    return digits + ji_u64_digits((uint64_t)magnitude);
}

bool ji_decimal_fits(ji_int128 value, unsigned precision)
{
    const ji_int128 end = ji_decimal_power(precision);
    return value < end && value > -end;
}

/* What a decimal's text is made of. Leading zeros are gone; `point` digits stand before the point. */
struct parts {
    bool negative;
    const char *whole;
    size_t whole_count;
    const char *fraction;
    size_t fraction_count;
    int64_t exponent;
};

static size_t count_digits(const char *at, const char *end)
{
    const char *from = at;
    while (at < end && ji_is_digit(*at))
        at++;
    return (size_t)(at - from);
}

/* `at` stands behind the 'e'. */
static bool parse_exponent(const char *at, const char *end, int64_t *exponent)
{
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || count_digits(at, end) != (size_t)(end - at))
        return false;
    int64_t value = 0;
    for (; at < end; at++)
        value = value < EXPONENT_MAX ? value * 10 + (*at - '0') : EXPONENT_MAX;
    *exponent = negative ? -value : value;
    return true;
}

static bool split_parts(const char *data, size_t size, struct parts *parts)
{
    const char *at = data;
    const char *end = data + size;
    *parts = (struct parts){.negative = size > 0 && *at == '-'};
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    parts->whole = at;
    parts->whole_count = count_digits(at, end);
    at += parts->whole_count;
    if (at < end && *at == '.') {
        parts->fraction = ++at;
        parts->fraction_count = count_digits(at, end);
        at += parts->fraction_count;
    }
    if (parts->whole_count + parts->fraction_count == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E'))
        return parse_exponent(at + 1, end, &parts->exponent);
    return at == end;
}

/* The digit at `index`, counted from the first one of the whole part. */
static char digit_at(const struct parts *parts, size_t index)
{
    return index < parts->whole_count ? parts->whole[index] : parts->fraction[index - parts->whole_count];
}

static enum ji_text_reason parse_general(
        const char *data, size_t size, unsigned precision, unsigned scale, ji_int128 *unscaled)
{
    struct parts parts;
    if (!split_parts(data, size, &parts))
        return JI_TEXT_MALFORMED;
    const size_t count = parts.whole_count + parts.fraction_count;
    /* So many digits, from the first, are kept; the rest must be zeros. Below zero: none, and zeros lead. */
    const int64_t kept = (int64_t)parts.whole_count + parts.exponent + (int64_t)scale;
    ji_int128 sum = 0;
    unsigned digits = 0;
    bool lost = false;
    for (size_t i = 0; i < count; i++) {
        const char digit = digit_at(&parts, i);
        if ((int64_t)i >= kept) {
            lost |= digit != '0';
        } else if (digits > 0 || digit != '0') {
            if (++digits > precision)
                return JI_TEXT_RANGE;
            sum = sum * 10 + (digit - '0');
        }
    }
    const int64_t zeros = kept - (int64_t)count;
    if (sum != 0 && zeros > 0) {
        if (zeros > precision - (int64_t)digits)
            return JI_TEXT_RANGE;
        sum *= ji_decimal_power((unsigned)zeros);
    }
    if (lost)
        return JI_TEXT_SCALE;
    *unscaled = parts.negative ? -sum : sum;
    return JI_TEXT_OK;
}

/*
 * The common text: a sign, digits, and exactly or fewer than `scale` digits behind a point, 18
 * digits in all. False for everything else, right or wrong, which then takes the general way.
 */
static inline bool parse_short(
        const char *data, size_t size, unsigned precision, unsigned scale, int64_t *unscaled)
{
    const char *at = data;
    const char *end = data + size;
    const bool negative = size > 0 && *at == '-';
    at += negative;
    if (at == end || end - at > DIGITS_INT64 + 1)
        return false;
    uint64_t sum = 0;
    const char *first = at;
    for (; at < end && ji_is_digit(*at); at++)
        sum = sum * 10 + (uint64_t)(*at - '0');
    unsigned fraction = 0;
    if (at < end) {
        if (*at != '.' || at == first)
            return false;
        const char *point = at++;
        for (; at < end && ji_is_digit(*at); at++)
            sum = sum * 10 + (uint64_t)(*at - '0');
        fraction = (unsigned)(at - point - 1);
    }
    if (at != end || fraction > scale)
        return false;
    /* At most 19 digits cannot pass 2^64, and zeros are added only where they fit. */
    const unsigned zeros = scale - fraction;
    if (sum >= (uint64_t)small_powers[precision - zeros])
        return false;
    const int64_t value = (int64_t)(sum * (uint64_t)small_powers[zeros]);
    *unscaled = negative ? -value : value;
    return true;
}

/* The same for 4 to 8 bytes, without a loop. */
static inline bool parse_word(
        const char *data, size_t size, unsigned precision, unsigned scale, int64_t *unscaled)
{
    uint64_t sum = 0;
    unsigned fraction = 0;
    if (!ji_short_number(data, size, &sum, &fraction) || fraction > scale)
        return false;
    const unsigned zeros = scale - fraction;
    if (sum >= (uint64_t)small_powers[precision - zeros])
        return false;
    *unscaled = (int64_t)(sum * (uint64_t)small_powers[zeros]);
    return true;
}

enum ji_text_reason ji_decimal64_parse(
        const char *data, size_t size, unsigned precision, unsigned scale, int64_t *unscaled)
{
    assert(precision <= DIGITS_INT64 && scale <= precision);
    if (size >= 4 && size <= 8 && parse_word(data, size, precision, scale, unscaled))
        return JI_TEXT_OK;
    if (parse_short(data, size, precision, scale, unscaled))
        return JI_TEXT_OK;
    ji_int128 value = 0;
    const enum ji_text_reason reason = parse_general(data, size, precision, scale, &value);
    if (reason == JI_TEXT_OK)
        *unscaled = (int64_t)value;
    return reason;
}

enum ji_text_reason ji_decimal_parse(
        const char *data, size_t size, unsigned precision, unsigned scale, ji_int128 *unscaled)
{
    assert(precision <= JI_DECIMAL_DIGITS_MAX && scale <= precision);
    int64_t value = 0;
    /* A number of 18 digits fits any precision above; its scale must fit 18 as well. */
    if (scale <= DIGITS_INT64 &&
            parse_short(data, size, precision < DIGITS_INT64 ? precision : DIGITS_INT64, scale, &value)) {
        *unscaled = value;
        return JI_TEXT_OK;
    }
    return parse_general(data, size, precision, scale, unscaled);
}

size_t ji_decimal_print(ji_int128 unscaled, unsigned scale, char *out)
{
    assert(scale <= JI_DECIMAL_DIGITS_MAX);
    size_t size = 0;
    if (unscaled < 0)
        out[size++] = '-';
    const ji_uint128 magnitude = magnitude_of(unscaled);
    if (scale == 0)
        return size + ji_u128_print(magnitude, out + size);
    if (magnitude <= (uint64_t)INT64_MAX && scale <= DIGITS_INT64) {
        const uint64_t power = (uint64_t)small_powers[scale];
        const uint64_t whole = (uint64_t)magnitude / power;
        size += ji_u64_print(whole, out + size);
        out[size++] = '.';
        ji_u64_print_padded((uint64_t)magnitude - whole * power, scale, out + size);
        return size + scale;
    }
    char digits[JI_I128_TEXT_MAX];
    const size_t count = ji_u128_print(magnitude, digits);
    const size_t whole = count > scale ? count - scale : 0;
    if (whole == 0)
        out[size++] = '0';
    memcpy(out + size, digits, whole);
    size += whole;
    out[size++] = '.';
    memset(out + size, '0', scale - (count - whole));
    size += scale - (count - whole);
    memcpy(out + size, digits + whole, count - whole);
    return size + count - whole;
}

bool ji_decimal_rescale(ji_int128 value, unsigned scale, unsigned scale_new, ji_int128 *out)
{
    ji_int128 result = value;
    if (scale_new > scale) {
        if (value != 0 && scale_new - scale > JI_DECIMAL_DIGITS_MAX)
            return false;
        if (value != 0 && !ji_mul_i128(value, ji_decimal_power(scale_new - scale), &result))
            return false;
    } else if (scale_new < scale && value != 0) {
        if (scale - scale_new > JI_DECIMAL_DIGITS_MAX)
            return false;
        const ji_int128 power = ji_decimal_power(scale - scale_new);
        result = value / power;
        if (result * power != value)
            return false;
    }
    if (!ji_decimal_fits(result, JI_DECIMAL_DIGITS_MAX))
        return false;
    *out = result;
    return true;
}

bool ji_decimal_round(ji_int128 value, unsigned scale, unsigned scale_new, ji_int128 *out)
{
    if (scale_new >= scale)
        return ji_decimal_rescale(value, scale, scale_new, out);
    if (scale - scale_new > JI_DECIMAL_DIGITS_MAX) {
        *out = 0;
        return true;
    }
    const ji_int128 power = ji_decimal_power(scale - scale_new);
    ji_int128 result = value / power;
    const ji_uint128 rest = magnitude_of(value - result * power);
    if (rest >= (ji_uint128)power - rest)
        result += value < 0 ? -1 : 1;
    if (!ji_decimal_fits(result, JI_DECIMAL_DIGITS_MAX))
        return false;
    *out = result;
    return true;
}

ji_int128 ji_decimal_truncate(ji_int128 value, unsigned scale)
{
    return value / ji_decimal_power(scale);
}

bool ji_decimal_add(ji_int128 a, ji_int128 b, ji_int128 *out)
{
    ji_int128 sum = 0;
    if (!ji_add_i128(a, b, &sum) || !ji_decimal_fits(sum, JI_DECIMAL_DIGITS_MAX))
        return false;
    *out = sum;
    return true;
}

bool ji_decimal_subtract(ji_int128 a, ji_int128 b, ji_int128 *out)
{
    ji_int128 difference = 0;
    if (__builtin_sub_overflow(a, b, &difference) || !ji_decimal_fits(difference, JI_DECIMAL_DIGITS_MAX))
        return false;
    *out = difference;
    return true;
}

bool ji_decimal_multiply(ji_int128 a, ji_int128 b, ji_int128 *out)
{
    ji_int128 product = 0;
    if (!ji_mul_i128(a, b, &product) || !ji_decimal_fits(product, JI_DECIMAL_DIGITS_MAX))
        return false;
    *out = product;
    return true;
}

int ji_decimal_compare(ji_int128 a, unsigned a_scale, ji_int128 b, unsigned b_scale)
{
    if (a_scale == b_scale || (a < 0) != (b < 0) || a == 0 || b == 0)
        return (a > b) - (a < b);
    /* Raise the one with the smaller scale; where that does not fit, its magnitude is the larger. */
    ji_int128 raised = 0;
    const int sign = a < 0 ? -1 : 1;
    if (a_scale < b_scale) {
        if (!ji_mul_i128(a, ji_decimal_power(b_scale - a_scale), &raised))
            return sign;
        return (raised > b) - (raised < b);
    }
    if (!ji_mul_i128(b, ji_decimal_power(a_scale - b_scale), &raised))
        return -sign;
    return (a > raised) - (a < raised);
}

double ji_decimal_to_double(ji_int128 value, unsigned scale)
{
    const ji_uint128 magnitude = magnitude_of(value);
    if (magnitude <= UINT64_MAX) {
        const double real = ji_double_of_digits((uint64_t)magnitude, -(int)scale);
        return value < 0 ? -real : real;
    }
    return ji_decimal_divide(value, scale, 1, 0);
}

/* At one scale and below 2^53 both are exact doubles, whose quotient the processor rounds once. */
static bool divide_small(ji_int128 a, unsigned a_scale, ji_int128 b, unsigned b_scale, double *quotient)
{
    const ji_int128 end = (ji_int128)1 << 53;
    const unsigned shift = a_scale > b_scale ? a_scale - b_scale : b_scale - a_scale;
    if (a >= end || a <= -end || b >= end || b <= -end || shift > DIGITS_INT64)
        return false;
    const ji_int128 raised = (b_scale > a_scale ? a : b) * small_powers[shift];
    if (raised >= end || raised <= -end)
        return false;
    if (b_scale > a_scale)
        *quotient = (double)(int64_t)raised / (double)(int64_t)b;
    else
        *quotient = (double)(int64_t)a / (double)(int64_t)raised;
    return true;
}

double ji_decimal_divide(ji_int128 a, unsigned a_scale, ji_int128 b, unsigned b_scale)
{
    assert(b != 0 && a_scale <= JI_DECIMAL_DIGITS_MAX && b_scale <= JI_DECIMAL_DIGITS_MAX);
    double small = 0;
    if (divide_small(a, a_scale, b, b_scale, &small))
        return small;
    if (a == 0)
        return 0.0;
    struct ji_wide numerator;
    struct ji_wide denominator;
    ji_wide_set(&numerator, magnitude_of(a));
    ji_wide_set(&denominator, magnitude_of(b));
    if (b_scale > a_scale)
        ji_wide_multiply_power(&numerator, b_scale - a_scale);
    else
        ji_wide_multiply_power(&denominator, a_scale - b_scale);
    int exponent = 0;
    bool inexact = false;
    const uint64_t bits = ji_wide_divide(&numerator, &denominator, &exponent, &inexact);
    const double quotient = ji_double_round(bits, exponent, inexact);
    return (a < 0) != (b < 0) ? -quotient : quotient;
}

bool ji_decimal_of_double(double value, unsigned precision, unsigned scale, ji_int128 *out)
{
    assert(precision <= JI_DECIMAL_DIGITS_MAX && scale <= precision);
    if (isnan(value) || isinf(value))
        return false;
    if (value == 0) {
        *out = 0;
        return true;
    }
    uint64_t digits = 0;
    int exponent = 0;
    ji_double_shortest(fabs(value), &digits, &exponent);
    const int shift = exponent + (int)scale;
    ji_int128 result = (ji_int128)digits;
    if (shift >= 0) {
        if (shift > JI_DECIMAL_DIGITS_MAX || !ji_mul_i128(result, ji_decimal_power((unsigned)shift), &result))
            return false;
    } else if (!ji_decimal_round(result, (unsigned)-shift, 0, &result)) {
        return false;
    }
    if (!ji_decimal_fits(result, precision))
        return false;
    *out = value < 0 ? -result : result;
    return true;
}
