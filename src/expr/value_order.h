/*
 * value_order.h - integers that stand in the same order as the values of a type
 *
 * Reals map to int64 so that NaN is above all and equal to itself and -0 is 0; unsigned 64-bit ones by their
 * top bit.
 */
#ifndef JI_VALUE_ORDER_H
#define JI_VALUE_ORDER_H

#include "base/bytes.h"

static inline int64_t ji_order_of_real(double value)
{
    /* Adding 0 turns -0 into 0. */
    const double plain = value + 0.0;
    int64_t bits = 0;
    memcpy(&bits, &plain, sizeof bits);
    bits ^= (bits >> 63) & INT64_MAX;
    return value != value ? INT64_MAX : bits;
}

static inline int64_t ji_order_of_u64(uint64_t value)
{
    return (int64_t)(value ^ ((uint64_t)1 << 63));
}

/* Eight bytes of 0 or 1 as eight bits, the first the lowest. */
static inline uint8_t ji_pack_flags(const uint8_t *flags)
{
    return (uint8_t)((ji_load_le64(flags) * UINT64_C(0x0102040810204080)) >> 56);
}

#endif
