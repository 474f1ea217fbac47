/*
 * wide_decimal.c - 256-bit integers as four limbs, the lowest first whatever the host
 */
#include "base/wide_decimal.h"

#include "base/integer_text.h"

#include <assert.h>

#define LIMBS 4
#define DIGITS_A_STEP 18
#define TEN_TO_STEP UINT64_C(1000000000000000000)
#define SIGN_64 (UINT64_C(1) << 63)
#define NANOS_A_SECOND INT64_C(1000000000)

struct limbs {
    uint64_t at[LIMBS];
};

static size_t place_of(size_t limb)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return limb;
#else
    return LIMBS - 1 - limb;
#endif
}

static struct limbs load(const void *value)
{
    struct limbs limbs;
    for (size_t i = 0; i < LIMBS; i++)
        memcpy(&limbs.at[i], (const uint8_t *)value + place_of(i) * sizeof limbs.at[0], sizeof limbs.at[0]);
    return limbs;
}

static void store(const struct limbs *limbs, void *out)
{
    for (size_t i = 0; i < LIMBS; i++)
        memcpy((uint8_t *)out + place_of(i) * sizeof limbs->at[0], &limbs->at[i], sizeof limbs->at[0]);
}

static bool is_negative(const struct limbs *limbs)
{
    return (limbs->at[LIMBS - 1] & SIGN_64) != 0;
}

static void negate(struct limbs *limbs)
{
    uint64_t carry = 1;
    for (size_t i = 0; i < LIMBS; i++) {
        limbs->at[i] = ~limbs->at[i] + carry;
        carry = carry != 0 && limbs->at[i] == 0;
    }
}

bool ji_wide_decimal_from_bytes(struct ji_view bytes, void *out)
{
    const uint8_t sign = bytes.size > 0 && (bytes.data[0] & 0x80) != 0 ? 0xff : 0;
    size_t at = 0;
    for (; bytes.size - at > JI_WIDE_DECIMAL_BYTES; at++) {
        if (bytes.data[at] != sign)
            return false;
    }
    if (at > 0 && (bytes.data[at] & 0x80) != (sign & 0x80))
        return false;
    uint8_t whole[JI_WIDE_DECIMAL_BYTES];
    const size_t rest = bytes.size - at;
    memset(whole, sign, sizeof whole);
    if (rest > 0)
        memcpy(whole + sizeof whole - rest, bytes.data + at, rest);
    struct limbs limbs;
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t limb;
        memcpy(&limb, whole + (LIMBS - 1 - i) * sizeof limb, sizeof limb);
        limbs.at[i] = JI_BE64(limb);
    }
    store(&limbs, out);
    return true;
}

void ji_wide_decimal_from_int128(ji_int128 value, void *out)
{
    const uint64_t sign = value < 0 ? UINT64_MAX : 0;
    const struct limbs limbs = {{(uint64_t)value, (uint64_t)(value >> 64), sign, sign}};
    store(&limbs, out);
}

int ji_wide_decimal_compare(const void *a, const void *b)
{
    struct limbs left = load(a);
    struct limbs right = load(b);
    left.at[LIMBS - 1] ^= SIGN_64;
    right.at[LIMBS - 1] ^= SIGN_64;
    for (size_t i = LIMBS; i-- > 0;) {
        if (left.at[i] != right.at[i])
            return left.at[i] < right.at[i] ? -1 : 1;
    }
    return 0;
}

void ji_wide_decimal_key(const void *value, uint8_t key[JI_WIDE_DECIMAL_BYTES])
{
    struct limbs limbs = load(value);
    limbs.at[LIMBS - 1] ^= SIGN_64;
    for (size_t i = 0; i < LIMBS; i++) {
        const uint64_t limb = JI_BE64(limbs.at[LIMBS - 1 - i]);
        memcpy(key + i * sizeof limb, &limb, sizeof limb);
    }
}

/* limbs = limbs / 10^18; the rest. */
static uint64_t divide_step(struct limbs *limbs)
{
    uint64_t rest = 0;
    for (size_t i = LIMBS; i-- > 0;) {
        const ji_uint128 part = (ji_uint128)rest << 64 | limbs->at[i];
        limbs->at[i] = (uint64_t)(part / TEN_TO_STEP);
        rest = (uint64_t)(part % TEN_TO_STEP);
    }
    return rest;
}

/* Digits of |value|, the last one last, no leading zeros but the one of 0: at most 78. */
static size_t digits_of(struct limbs limbs, char digits[5 * DIGITS_A_STEP])
{
    char *const end = digits + 5 * (size_t)DIGITS_A_STEP;
    char *at = end;
    if (is_negative(&limbs))
        negate(&limbs);
    for (unsigned step = 0; step < 5; step++) {
        uint64_t rest = divide_step(&limbs);
        for (unsigned i = 0; i < DIGITS_A_STEP; i++, rest /= 10)
            *--at = (char)('0' + rest % 10);
    }
    while (at < end - 1 && *at == '0')
        at++;
    const size_t count = (size_t)(end - at);
    memmove(digits, at, count);
    return count;
}

bool ji_wide_decimal_fits(const void *value, unsigned precision)
{
    char digits[5 * DIGITS_A_STEP];
    const struct limbs limbs = load(value);
    const size_t count = digits_of(limbs, digits);
    return count <= precision || (count == 1 && digits[0] == '0');
}

size_t ji_wide_decimal_print(const void *value, unsigned scale, char *out)
{
    char digits[5 * DIGITS_A_STEP];
    assert(scale <= JI_WIDE_DECIMAL_DIGITS_MAX);
    const struct limbs limbs = load(value);
    const size_t count = digits_of(limbs, digits);
    size_t size = 0;
    if (is_negative(&limbs))
        out[size++] = '-';
    const size_t whole = count > scale ? count - scale : 0;
    if (whole == 0)
        out[size++] = '0';
    memcpy(out + size, digits, whole);
    size += whole;
    if (scale == 0)
        return size;
    out[size++] = '.';
    for (size_t i = count - whole; i < scale; i++)
        out[size++] = '0';
    memcpy(out + size, digits + whole, count - whole);
    return size + (count - whole);
}

/* --- intervals --- */

static struct ji_interval load_interval(const void *value)
{
    struct ji_interval interval;
    memcpy(&interval, value, sizeof interval);
    return interval;
}

int ji_interval_compare(const void *a, const void *b)
{
    const struct ji_interval left = load_interval(a);
    const struct ji_interval right = load_interval(b);
    if (left.months != right.months)
        return left.months < right.months ? -1 : 1;
    if (left.days != right.days)
        return left.days < right.days ? -1 : 1;
    return (left.nanos > right.nanos) - (left.nanos < right.nanos);
}

void ji_interval_key(const void *value, uint8_t key[JI_INTERVAL_BYTES])
{
    const struct ji_interval interval = load_interval(value);
    const uint32_t months = JI_BE32((uint32_t)interval.months ^ UINT32_C(0x80000000));
    const uint32_t days = JI_BE32((uint32_t)interval.days ^ UINT32_C(0x80000000));
    const uint64_t nanos = JI_BE64((uint64_t)interval.nanos ^ SIGN_64);
    memcpy(key, &months, sizeof months);
    memcpy(key + 4, &days, sizeof days);
    memcpy(key + 8, &nanos, sizeof nanos);
}

static size_t print_part(int64_t number, char unit, char *out)
{
    if (number == 0)
        return 0;
    const size_t size = ji_i64_print(number, out);
    out[size] = unit;
    return size + 1;
}

/* "T-0.25S": digits of the fraction as far as they go. */
static size_t print_seconds(int64_t nanos, char *out)
{
    if (nanos == 0)
        return 0;
    size_t size = 0;
    const uint64_t count = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    uint64_t fraction = count % (uint64_t)NANOS_A_SECOND;
    out[size++] = 'T';
    if (nanos < 0)
        out[size++] = '-';
    size += ji_u64_print(count / (uint64_t)NANOS_A_SECOND, out + size);
    if (fraction > 0)
        out[size++] = '.';
    for (uint64_t place = (uint64_t)NANOS_A_SECOND / 10; fraction > 0; place /= 10) {
        out[size++] = (char)('0' + fraction / place);
        fraction %= place;
    }
    out[size++] = 'S';
    return size;
}

size_t ji_interval_print(const void *value, char *out)
{
    const struct ji_interval interval = load_interval(value);
    size_t size = 0;
    out[size++] = 'P';
    size += print_part(interval.months, 'M', out + size);
    size += print_part(interval.days, 'D', out + size);
    size += print_seconds(interval.nanos, out + size);
    if (size == 1) {
        out[size++] = '0';
        out[size++] = 'D';
    }
    return size;
}
