/*
 * wide.c - unsigned integers of up to 4,608 bits
 *
 * Division gives 64 quotient bits by shift and subtract: it runs once in 2^50 numbers or so.
 */
#include "base/wide.h"

#include <assert.h>
#include <string.h>

void ji_wide_set(struct ji_wide *wide, ji_uint128 value)
{
    wide->limbs[0] = (uint64_t)value;
    wide->limbs[1] = (uint64_t)(value >> 64);
    wide->count = wide->limbs[1] != 0 ? 2 : wide->limbs[0] != 0;
}

void ji_wide_multiply_add(struct ji_wide *wide, uint64_t factor, uint64_t more)
{
    uint64_t carry = more;
    for (size_t i = 0; i < wide->count; i++) {
        const ji_uint128 product = (ji_uint128)wide->limbs[i] * factor + carry;
        wide->limbs[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry != 0) {
        assert(wide->count < JI_WIDE_LIMBS);
        wide->limbs[wide->count++] = carry;
    }
}

void ji_wide_multiply_power(struct ji_wide *wide, unsigned power)
{
    static const uint64_t ten_to_19 = UINT64_C(10000000000000000000);
    for (; power >= 19; power -= 19)
        ji_wide_multiply_add(wide, ten_to_19, 0);
    uint64_t factor = 1;
    for (; power > 0; power--)
        factor *= 10;
    ji_wide_multiply_add(wide, factor, 0);
}

static size_t bits_of(const struct ji_wide *wide)
{
    return 64 * wide->count - (size_t)__builtin_clzll(wide->limbs[wide->count - 1]);
}

static void shift_left(struct ji_wide *wide, size_t bits)
{
    const size_t limbs = bits / 64;
    const unsigned rest = bits % 64;
    assert(wide->count + limbs < JI_WIDE_LIMBS);
    wide->limbs[wide->count] = 0;
    for (size_t i = wide->count + 1; i-- > 0;) {
        const uint64_t low = rest > 0 && i > 0 ? wide->limbs[i - 1] >> (64 - rest) : 0;
        wide->limbs[i + limbs] = wide->limbs[i] << rest | low;
    }
    memset(wide->limbs, 0, limbs * sizeof wide->limbs[0]);
    wide->count += limbs + 1;
    if (wide->limbs[wide->count - 1] == 0)
        wide->count--;
}

static int compare(const struct ji_wide *a, const struct ji_wide *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (size_t i = a->count; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

/* a -= b, where a >= b */
static void subtract(struct ji_wide *a, const struct ji_wide *b)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < a->count; i++) {
        const uint64_t take = i < b->count ? b->limbs[i] : 0;
        uint64_t difference = 0;
        const bool first = __builtin_sub_overflow(a->limbs[i], take, &difference);
        const bool second = __builtin_sub_overflow(difference, borrow, &difference);
        a->limbs[i] = difference;
        borrow = first || second;
    }
    while (a->count > 0 && a->limbs[a->count - 1] == 0)
        a->count--;
}

uint64_t ji_wide_divide(struct ji_wide *a, struct ji_wide *b, int *exponent, bool *inexact)
{
    assert(a->count > 0 && b->count > 0);
    /* Bring b to a's length; then to the largest multiple of two that is not above a. */
    const int lead = (int)bits_of(a) - (int)bits_of(b);
    if (lead > 0)
        shift_left(b, (size_t)lead);
    else
        shift_left(a, (size_t)-lead);
    int scale = lead;
    if (compare(a, b) < 0) {
        shift_left(a, 1);
        scale--;
    }
    uint64_t quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
        if (compare(a, b) >= 0) {
            subtract(a, b);
            quotient |= UINT64_C(1) << bit;
        }
        if (a->count == 0)
            break;
        if (bit > 0)
            shift_left(a, 1);
    }
    *exponent = scale - 63;
    *inexact = a->count > 0;
    return quotient;
}
