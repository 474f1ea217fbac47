/*
 * hybrid_encode.h - the RLE/bit-packed hybrid: levels and dictionary codes
 */
#ifndef JI_HYBRID_ENCODE_H
#define JI_HYBRID_ENCODE_H

#include "base/bytes.h"

#define JI_HYBRID_WIDTH_MAX 32

/* The most bytes that `count` values of `width` bits take, and what is written behind them. */
size_t ji_hybrid_bound(size_t count, unsigned width);

/*
 * Writes `count` values below 2^width, width 1..32 (levels: 1..8), and returns the end. `out` has
 * room for ji_hybrid_bound bytes.
 */
uint8_t *ji_hybrid_encode_codes(const uint32_t *codes, size_t count, unsigned width, uint8_t *out);
uint8_t *ji_hybrid_encode_levels(const uint8_t *levels, size_t count, unsigned width, uint8_t *out);

/* Bits that hold every value up to `max`; 0 for 0. */
static inline unsigned ji_bit_width(uint32_t max)
{
    return max == 0 ? 0 : 32 - (unsigned)__builtin_clz(max);
}

#endif
