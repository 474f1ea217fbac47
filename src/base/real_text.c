/*
 * real_text.c - doubles and floats <-> text
 *
 * Reading: the first 19 digits make an integer w, and w * 10^p is bounded by 192 bits of product
 *
 *     w * power <= value < w * (power + 1)         power: 128 bits of 10^p, rounded down
 *
 * Where both ends give the same upper 64 bits, those and "there is more" decide the rounding. Else, and where
 * digits behind the 19th could matter, wide integers decide.
 *
 * Printing: Schubfach (R. Giulietti, "The Schubfach way to render doubles"). The interval of all
 * reals that round to the value is scaled by a power of ten so that it holds one or two integers, or
 * a multiple of ten; the scaled ends are kept to two bits behind the point, the lowest of them sticky.
 */
#include "base/real_text.h"

#include "base/digits.h"
#include "base/powers.h"
#include "base/wide.h"

#include <assert.h>
#include <string.h>

#define FAST_DIGITS_MAX 19

/* What a binary format is made of. `exponent_min` is that of the smallest normal number. */
struct real_format {
    int mantissa_bits; /* the hidden one included */
    int exponent_min;
    int exponent_max;
};
static const struct real_format double_format = {53, -1022, 1023};
static const struct real_format float_format = {24, -126, 127};

static double double_of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* (q + rest) * 2^exponent to the format's bits, nearest, ties to even; q has its top bit set. */
static inline uint64_t round_bits(uint64_t q, int exponent, bool inexact, struct real_format format)
{
    const int top = exponent + 63;
    const uint64_t infinity = (uint64_t)(format.exponent_max * 2 + 1) << (format.mantissa_bits - 1);
    if (top > format.exponent_max)
        return infinity;
    int drop = 64 - format.mantissa_bits;
    uint64_t biased = 0;
    if (top < format.exponent_min)
        drop += format.exponent_min - top;
    else
        biased = (uint64_t)(top - format.exponent_min) << (format.mantissa_bits - 1);
    if (drop > 64)
        return 0;
    uint64_t mantissa = drop == 64 ? 0 : q >> drop;
    const uint64_t half = UINT64_C(1) << (drop - 1);
    const uint64_t rest = q & (half | (half - 1));
    mantissa += rest > half || (rest == half && (inexact || (mantissa & 1) != 0));
    /* The hidden bit counts one exponent up, and so does a carry out of the mantissa. */
    return biased + mantissa;
}

double ji_double_round(uint64_t quotient, int exponent, bool inexact)
{
    return double_of_bits(round_bits(quotient, exponent, inexact, double_format));
}

/* digits * 10^exponent; false where 192 bits do not settle it. */
static inline bool scale_fast(uint64_t digits, int exponent, struct real_format format, uint64_t *bits)
{
    if (digits == 0 || exponent < JI_POWER_LOWEST) {
        *bits = 0; /* 2^64 * 10^-343 is below half of the smallest double */
        return true;
    }
    if (exponent > JI_POWER_HIGHEST) {
        *bits = (uint64_t)(format.exponent_max * 2 + 1) << (format.mantissa_bits - 1);
        return true;
    }
    const struct ji_power_of_ten power = ji_powers_of_ten[exponent - JI_POWER_LOWEST];
    const int zeros = __builtin_clzll(digits);
    const uint64_t w = digits << zeros;
    const ji_uint128 low = (ji_uint128)w * power.low;
    const ji_uint128 high = (ji_uint128)w * power.high + (uint64_t)(low >> 64);
    uint64_t q = (uint64_t)(high >> 64);
    uint64_t rest = (uint64_t)high;
    int shift = ji_power_log2(exponent) - zeros + 1;
    bool inexact = true;
    if (exponent >= 0 && exponent <= JI_POWER_EXACT_HIGHEST)
        inexact = rest != 0 || (uint64_t)low != 0;
    else if (rest == UINT64_MAX)
        return false; /* the upper end of the bound may lie beyond q */
    if (q >> 63 == 0) {
        q = q << 1 | rest >> 63;
        if (exponent >= 0 && exponent <= JI_POWER_EXACT_HIGHEST)
            inexact = rest << 1 != 0 || (uint64_t)low != 0;
        shift--;
    }
    *bits = round_bits(q, shift, inexact, format);
    return true;
}

static uint64_t scale_wide(struct ji_wide *digits, int exponent, struct real_format format)
{
    struct ji_wide one;
    ji_wide_set(&one, 1);
    ji_wide_multiply_power(exponent >= 0 ? digits : &one, (unsigned)(exponent >= 0 ? exponent : -exponent));
    int scale = 0;
    bool inexact = false;
    const uint64_t q = ji_wide_divide(digits, &one, &scale, &inexact);
    return round_bits(q, scale, inexact, format);
}

static uint64_t scale_exact(uint64_t digits, int exponent, struct real_format format)
{
    uint64_t bits = 0;
    if (scale_fast(digits, exponent, format, &bits))
        return bits;
    struct ji_wide wide;
    ji_wide_set(&wide, digits);
    return scale_wide(&wide, exponent, format);
}

double ji_double_of_digits(uint64_t digits, int exponent)
{
    return double_of_bits(scale_exact(digits, exponent, double_format));
}

/* A number's text, taken apart: value = digits (point `fraction_count` from their end) * 10^exponent. */
struct number_text {
    bool negative;
    const char *whole;
    size_t whole_count;
    const char *fraction;
    size_t fraction_count;
    int64_t exponent;
    uint64_t digits; /* where there are at most 19 in all */
};

#define EXPONENT_MAX INT64_C(1000000000000000) /* beyond any number of digits that fits memory */
#define EXPONENT_SHORT_MAX 100000

static inline const char *sum_digits(const char *at, const char *end, uint64_t *sum)
{
    uint64_t value = *sum;
    while (end - at >= 8) {
        const uint64_t bytes = ji_load_le64(at);
        if (!ji_eight_are_digits(bytes))
            break;
        value = value * 100000000 + ji_eight_digits(bytes);
        at += 8;
    }
    for (; at < end && ji_is_digit(*at); at++)
        value = value * 10 + (uint64_t)(*at - '0');
    *sum = value;
    return at;
}

static bool parse_exponent(const char *at, const char *end, int64_t *exponent)
{
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int64_t value = 0;
    for (; at < end; at++) {
        if (!ji_is_digit(*at))
            return false;
        value = value < EXPONENT_MAX ? value * 10 + (*at - '0') : EXPONENT_MAX;
    }
    *exponent = negative ? -value : value;
    return true;
}

static inline bool split_number(const char *data, size_t size, struct number_text *text)
{
    const char *at = data;
    const char *end = data + size;
    text->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    text->digits = 0;
    text->exponent = 0;
    text->whole = at;
    at = sum_digits(at, end, &text->digits);
    text->whole_count = (size_t)(at - text->whole);
    text->fraction = at;
    text->fraction_count = 0;
    if (at < end && *at == '.') {
        text->fraction = ++at;
        at = sum_digits(at, end, &text->digits);
        text->fraction_count = (size_t)(at - text->fraction);
    }
    if (text->whole_count + text->fraction_count == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E'))
        return parse_exponent(at + 1, end, &text->exponent);
    return at == end;
}

/* Walks the digits of both parts without the zeros in front. */
struct digit_walk {
    const struct number_text *text;
    size_t index;
    size_t count;
};

static char next_digit(struct digit_walk *walk)
{
    const size_t at = walk->index++;
    const struct number_text *text = walk->text;
    return at < text->whole_count ? text->whole[at] : text->fraction[at - text->whole_count];
}

static struct digit_walk skip_zeros(const struct number_text *text)
{
    struct digit_walk walk = {.text = text, .count = text->whole_count + text->fraction_count};
    while (walk.index < walk.count && next_digit(&walk) == '0') {
    }
    if (walk.index > 0 && walk.count > 0) {
        walk.index--;
        if (next_digit(&walk) != '0')
            walk.index--;
    }
    return walk;
}

/* All digits decide: the first 800 as they are, and what follows only by being there. */
static uint64_t scale_text_wide(const struct number_text *text, struct real_format format)
{
    struct digit_walk walk = skip_zeros(text);
    struct ji_wide wide;
    ji_wide_set(&wide, 0);
    wide.count = 0;
    size_t taken = 0;
    for (; walk.index < walk.count && taken < JI_WIDE_DIGITS_MAX - 1; taken++)
        ji_wide_multiply_add(&wide, 10, (uint64_t)(next_digit(&walk) - '0'));
    const size_t left = walk.count - walk.index;
    bool more = false;
    while (walk.index < walk.count)
        more |= next_digit(&walk) != '0';
    int64_t exponent = text->exponent - (int64_t)text->fraction_count + (int64_t)left;
    /* No value that lies between two doubles' midpoints has 800 digits: one more digit stands for all. */
    if (left > 0) {
        ji_wide_multiply_add(&wide, 10, more);
        exponent--;
    }
    return scale_wide(&wide, (int)exponent, format);
}

static uint64_t scale_long(const struct number_text *text, struct real_format format)
{
    struct digit_walk walk = skip_zeros(text);
    const size_t significant = walk.count - walk.index;
    uint64_t digits = 0;
    size_t taken = 0;
    for (; walk.index < walk.count && taken < FAST_DIGITS_MAX; taken++)
        digits = digits * 10 + (uint64_t)(next_digit(&walk) - '0');
    const int64_t exponent = text->exponent - (int64_t)text->fraction_count + (int64_t)(significant - taken);
    if (digits == 0 || exponent < JI_POWER_LOWEST)
        return 0;
    uint64_t below = 0;
    uint64_t above = 0;
    const int power = exponent > JI_POWER_HIGHEST ? JI_POWER_HIGHEST + 1 : (int)exponent;
    if (scale_fast(digits, power, format, &below)) {
        if (significant == taken)
            return below;
        if (scale_fast(digits + 1, power, format, &above) && above == below)
            return below;
    }
    return scale_text_wide(text, format);
}

static inline uint64_t scale_text(const struct number_text *text, struct real_format format)
{
    const size_t count = text->whole_count + text->fraction_count;
    if (count > FAST_DIGITS_MAX || text->exponent > EXPONENT_SHORT_MAX ||
            text->exponent < -EXPONENT_SHORT_MAX)
        return scale_long(text, format);
    const int exponent = (int)(text->exponent - (int64_t)text->fraction_count);
    return scale_exact(text->digits, exponent, format);
}

static bool equal_word(const char *at, size_t size, const char *word)
{
    if (size != strlen(word))
        return false;
    for (size_t i = 0; i < size; i++) {
        if ((at[i] | 0x20) != word[i])
            return false;
    }
    return true;
}

enum special { SPECIAL_NONE, SPECIAL_NAN, SPECIAL_INFINITY };

static enum special parse_special(const char *data, size_t size)
{
    if (size > 0 && (*data == '-' || *data == '+')) {
        data++;
        size--;
    }
    if (equal_word(data, size, "nan"))
        return SPECIAL_NAN;
    return equal_word(data, size, "inf") || equal_word(data, size, "infinity") ? SPECIAL_INFINITY
                                                                               : SPECIAL_NONE;
}

/* The magnitude's bits and the sign; RANGE where a finite text is too large for the format. */
static inline enum ji_text_reason parse_bits(
        const char *data, size_t size, struct real_format format, uint64_t *bits, bool *negative)
{
    const uint64_t infinity = (uint64_t)(format.exponent_max * 2 + 1) << (format.mantissa_bits - 1);
    struct number_text text;
    unsigned fraction = 0;
    *negative = false;
    if (size >= 4 && size <= 8 && ji_short_number(data, size, &text.digits, &fraction)) {
        *bits = scale_exact(text.digits, -(int)fraction, format);
        return JI_TEXT_OK;
    }
    if (!split_number(data, size, &text)) {
        const enum special special = parse_special(data, size);
        if (special == SPECIAL_NONE)
            return JI_TEXT_MALFORMED;
        *bits = special == SPECIAL_NAN ? infinity | UINT64_C(1) << (format.mantissa_bits - 2) : infinity;
        *negative = special == SPECIAL_INFINITY && *data == '-';
        return JI_TEXT_OK;
    }
    *bits = scale_text(&text, format);
    *negative = text.negative;
    return *bits == infinity ? JI_TEXT_RANGE : JI_TEXT_OK;
}

enum ji_text_reason ji_double_parse(const char *data, size_t size, double *value)
{
    uint64_t bits = 0;
    bool negative = false;
    const enum ji_text_reason reason = parse_bits(data, size, double_format, &bits, &negative);
    if (reason == JI_TEXT_OK)
        *value = double_of_bits(bits | (uint64_t)negative << 63);
    return reason;
}

enum ji_text_reason ji_float_parse(const char *data, size_t size, float *value)
{
    uint64_t bits = 0;
    bool negative = false;
    const enum ji_text_reason reason = parse_bits(data, size, float_format, &bits, &negative);
    if (reason == JI_TEXT_OK)
        *value = float_of_bits((uint32_t)bits | (uint32_t)negative << 31);
    return reason;
}

/* floor(c * power / 2^128) with the lowest bit set where anything is lost. */
static inline uint64_t round_to_odd(struct ji_power_of_ten power, uint64_t c)
{
    const ji_uint128 low = (ji_uint128)power.low * c;
    const ji_uint128 high = (ji_uint128)power.high * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

struct shortest {
    uint64_t digits;
    int exponent;
};

/* value = c * 2^q; `narrow`: the neighbour below is at half the distance. */
static inline struct shortest find_shortest(uint64_t c, int q, bool narrow)
{
    const uint64_t open = c & 1; /* an odd value does not own the ends of its interval */
    const uint64_t left = 4 * c - 2 + narrow;
    const uint64_t right = 4 * c + 2;
    /* floor(log10(2^q)), or of 3/4 of it */
    const int k = (int)(((int64_t)q * 1262611 - (narrow ? 524031 : 0)) >> 22);
    const int h = q + ji_power_log2(-k) + 1;
    struct ji_power_of_ten power = ji_powers_of_ten[-k - JI_POWER_LOWEST];
    if (-k < 0 || -k > JI_POWER_EXACT_HIGHEST)
        power.high += ++power.low == 0; /* this wants it rounded up */

    const uint64_t lower = round_to_odd(power, left << h) + open;
    const uint64_t middle = round_to_odd(power, (4 * c) << h);
    const uint64_t upper = round_to_odd(power, right << h) - open;
    const uint64_t s = middle / 4;
    if (s >= 10) {
        const uint64_t tens = s / 10;
        const bool below_inside = lower <= 40 * tens;
        const bool above_inside = 40 * tens + 40 <= upper;
        if (below_inside != above_inside)
            return (struct shortest){tens + above_inside, k + 1};
    }
    const bool below_inside = lower <= 4 * s;
    const bool above_inside = 4 * s + 4 <= upper;
    if (below_inside != above_inside)
        return (struct shortest){s + above_inside, k};
    const bool up = middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1) != 0);
    return (struct shortest){s + up, k};
}

/* Of finite bits that are not zero. */
static struct shortest shortest_of(uint64_t mantissa, int biased, struct real_format format)
{
    const int fraction_bits = format.mantissa_bits - 1;
    const uint64_t hidden = UINT64_C(1) << fraction_bits;
    const uint64_t c = biased != 0 ? mantissa | hidden : mantissa;
    const int q = (biased != 0 ? biased : 1) - format.exponent_max - fraction_bits;
    struct shortest shortest;
    if (q <= 0 && -q < format.mantissa_bits && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        shortest = (struct shortest){c >> -q, 0}; /* a small integer */
    else
        shortest = find_shortest(c, q, mantissa == 0 && biased > 1);
    /* Zeros at the end: 8, then 4, 2 and 1 of them at a time, at most 17 in all. */
    static const struct shortest steps[] = {{100000000, 8}, {100000000, 8}, {10000, 4}, {100, 2}, {10, 1}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (shortest.digits % steps[i].digits == 0) {
            shortest.digits /= steps[i].digits;
            shortest.exponent += steps[i].exponent;
        }
    }
    return shortest;
}

static struct shortest shortest_of_double(uint64_t bits)
{
    return shortest_of(bits & ((UINT64_C(1) << 52) - 1), (int)(bits >> 52 & 0x7ff), double_format);
}

void ji_double_shortest(double value, uint64_t *digits, int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    assert(bits != 0 && bits >> 52 < 0x7ff); /* finite and above zero */
    const struct shortest shortest = shortest_of_double(bits);
    *digits = shortest.digits;
    *exponent = shortest.exponent;
}

static size_t print_exponent(int exponent, char *out)
{
    out[0] = 'e';
    out[1] = exponent < 0 ? '-' : '+';
    const unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);
    const unsigned digits = magnitude >= 100 ? 3 : 2;
    ji_u64_print_padded(magnitude, digits, out + 2);
    return 2 + digits;
}

static size_t print_shortest(struct shortest shortest, char *out)
{
    char digits[20];
    const int count = (int)ji_u64_print(shortest.digits, digits);
    const int point = count + shortest.exponent; /* digits before the point */
    size_t size = 0;
    if (point <= -4 || point > 16) {
        out[size++] = digits[0];
        if (count > 1) {
            out[size++] = '.';
            memcpy(out + size, digits + 1, (size_t)count - 1);
            size += (size_t)count - 1;
        }
        return size + print_exponent(point - 1, out + size);
    }
    if (point <= 0) {
        size = 2 + (size_t)-point;
        memset(out, '0', size);
        out[1] = '.';
        memcpy(out + size, digits, (size_t)count);
        return size + (size_t)count;
    }
    const size_t whole = (size_t)(point < count ? point : count);
    memcpy(out, digits, whole);
    memset(out + whole, '0', (size_t)point - whole);
    size = (size_t)point;
    out[size++] = '.';
    if (count <= point) {
        out[size++] = '0';
        return size;
    }
    memcpy(out + size, digits + point, (size_t)(count - point));
    return size + (size_t)(count - point);
}

static size_t print_text(const char *text, size_t size, char *out)
{
    memcpy(out, text, size);
    return size;
}

size_t ji_double_print(double value, char *out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t magnitude = bits << 1 >> 1;
    if (magnitude > UINT64_C(0x7ff) << 52)
        return print_text("nan", 3, out);
    size_t size = 0;
    if (magnitude != bits)
        out[size++] = '-';
    if (magnitude == UINT64_C(0x7ff) << 52)
        return size + print_text("inf", 3, out + size);
    if (magnitude == 0)
        return size + print_text("0.0", 3, out + size);
    return size + print_shortest(shortest_of_double(magnitude), out + size);
}

size_t ji_float_print(float value, char *out)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t magnitude = bits << 1 >> 1;
    if (magnitude > UINT32_C(0xff) << 23)
        return print_text("nan", 3, out);
    size_t size = 0;
    if (magnitude != bits)
        out[size++] = '-';
    if (magnitude == UINT32_C(0xff) << 23)
        return size + print_text("inf", 3, out + size);
    if (magnitude == 0)
        return size + print_text("0.0", 3, out + size);
    const struct shortest shortest =
            shortest_of(magnitude & ((UINT32_C(1) << 23) - 1), (int)(magnitude >> 23), float_format);
    return size + print_shortest(shortest, out + size);
}
