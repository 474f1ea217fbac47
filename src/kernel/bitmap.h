/*
 * bitmap.h - runs of bits, LSB first, at any bit
 *
 * Bits outside the range that a function names are left as they were.
 */
#ifndef JI_BITMAP_H
#define JI_BITMAP_H

#include "base/bytes.h"

void ji_bitmap_fill(uint8_t *bitmap, size_t at, size_t count, bool value);
/* The ranges do not overlap. */
void ji_bitmap_copy(const uint8_t *from, size_t from_at, uint8_t *to, size_t to_at, size_t count);
/* How many of the bits are set. */
size_t ji_bitmap_count(const uint8_t *bitmap, size_t at, size_t count);
/* out = a & b over whole bytes; `out` may be either of them. */
void ji_bitmap_and(const uint8_t *a, const uint8_t *b, uint8_t *out, size_t bytes);

static inline void ji_bitmap_put(uint8_t *bitmap, size_t at, bool value)
{
    const unsigned bit = (unsigned)(at % 8);
    bitmap[at / 8] = (uint8_t)((bitmap[at / 8] & ~(1u << bit)) | ((unsigned)value << bit));
}

/* The highest level; 0 for none. */
uint8_t ji_levels_max(const uint8_t *levels, size_t count);
/* Bits from `at` on: levels[i] >= least. Returns how many are set. */
size_t ji_bitmap_of_levels(const uint8_t *levels, size_t count, uint8_t least, uint8_t *bitmap, size_t at);

/*
 * Up to 64 bits from bit `at` on, the first one lowest; what is above `count` is 0. Reads no byte that
 * holds none of them.
 */
static inline uint64_t ji_bitmap_word(const uint8_t *bitmap, size_t at, size_t count)
{
    const uint8_t *const from = bitmap + at / 8;
    const unsigned shift = (unsigned)(at % 8);
    const size_t bytes = (shift + count + 7) / 8;
    uint64_t word = 0;
    if (bytes >= 8) {
        word = ji_load_le64(from) >> shift;
        if (bytes > 8)
            word |= (uint64_t)from[8] << (64 - shift);
    } else {
        for (size_t index = 0; index < bytes; index++)
            word |= (uint64_t)from[index] << (8 * index);
        word >>= shift;
    }
    return count < 64 ? word & ((UINT64_C(1) << count) - 1) : word;
}

#endif
