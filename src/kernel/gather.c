/*
 * gather.c - one body for every width, the common ones with the width known to the compiler
 *
 * Spreading goes 64 rows at a time from the back: a word of ones is one move, a word of zeros one fill.
 */
#include "kernel/gather.h"

#include "kernel/bitmap.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__SSE2__)
/* SSE2 compares signed lanes only: the codes come with their top bit turned over, and so do the maxima. */
static inline __m128i max_lanes(__m128i a, __m128i b)
{
    const __m128i is_above = _mm_cmpgt_epi32(a, b);
    return _mm_or_si128(_mm_and_si128(is_above, a), _mm_andnot_si128(is_above, b));
}
#endif

uint32_t ji_codes_max(const uint32_t *codes, size_t count)
{
    uint32_t max = 0;
    size_t index = 0;
#if defined(__SSE2__)
    const __m128i top = _mm_set1_epi32(INT32_MIN);
    __m128i first = top;
    __m128i second = top;
    for (; count - index >= 8; index += 8) {
        const __m128i *const from = (const __m128i *)(const void *)(codes + index);
        first = max_lanes(first, _mm_xor_si128(_mm_loadu_si128(from), top));
        second = max_lanes(second, _mm_xor_si128(_mm_loadu_si128(from + 1), top));
    }
    uint32_t lanes[4];
    _mm_storeu_si128((__m128i *)(void *)lanes, _mm_xor_si128(max_lanes(first, second), top));
    for (size_t lane = 0; lane < 4; lane++)
        max = lanes[lane] > max ? lanes[lane] : max;
#endif
    for (; index < count; index++)
        max = codes[index] > max ? codes[index] : max;
    return max;
}

static inline __attribute__((always_inline)) void gather_width(
        const uint8_t *values, size_t width, const uint32_t *codes, size_t count, uint8_t *out)
{
    for (size_t index = 0; index < count; index++)
        memcpy(out + index * width, values + (size_t)codes[index] * width, width);
}

void ji_gather(const void *values, size_t width, const uint32_t *codes, size_t count, void *out)
{
    switch (width) {
    case 1:
        gather_width(values, 1, codes, count, out);
        return;
    case 2:
        gather_width(values, 2, codes, count, out);
        return;
    case 4:
        gather_width(values, 4, codes, count, out);
        return;
    case 8:
        gather_width(values, 8, codes, count, out);
        return;
    case 16:
        gather_width(values, 16, codes, count, out);
        return;
    default:
        gather_width(values, width, codes, count, out);
    }
}

static inline __attribute__((always_inline)) void fill_width(
        const uint8_t *value, size_t width, size_t count, uint8_t *out)
{
    for (size_t index = 0; index < count; index++)
        memcpy(out + index * width, value, width);
}

void ji_fill(const void *value, size_t width, size_t count, void *out)
{
    switch (width) {
    case 1:
        fill_width(value, 1, count, out);
        return;
    case 2:
        fill_width(value, 2, count, out);
        return;
    case 4:
        fill_width(value, 4, count, out);
        return;
    case 8:
        fill_width(value, 8, count, out);
        return;
    case 16:
        fill_width(value, 16, count, out);
        return;
    default:
        fill_width(value, width, count, out);
    }
}

/* `is_there` times the value at `from`, to `to`: without a branch where the width is that of a register. */
static inline __attribute__((always_inline)) void put_or_zero(
        uint8_t *to, const uint8_t *from, size_t width, bool is_there)
{
    const uint64_t mask = UINT64_C(0) - is_there;
    if (width == 8 || width == 16) {
        uint64_t words[2];
        memcpy(words, from, width);
        words[0] &= mask;
        words[1] = width == 16 ? words[1] & mask : 0;
        memcpy(to, words, width);
    } else if (width == 4) {
        uint32_t word;
        memcpy(&word, from, sizeof word);
        word &= (uint32_t)mask;
        memcpy(to, &word, sizeof word);
    } else if (is_there) {
        memmove(to, from, width);
    } else {
        memset(to, 0, width);
    }
}

/* Rows [0, rows) of one word, rows <= 64, whose `dense` values, one at least, end at `source_end`. */
static inline __attribute__((always_inline)) void spread_word(
        uint8_t *to, const uint8_t *source_end, size_t width, uint64_t word, size_t rows)
{
    /* Above the first value there is always one left to look at. */
    const size_t first = (size_t)__builtin_ctzll(word);
    for (size_t row = rows; row-- > first;) {
        const bool is_there = ((word >> row) & 1) != 0;
        put_or_zero(to + row * width, source_end - width, width, is_there);
        source_end -= is_there ? width : 0;
    }
    memset(to, 0, first * width);
}

static inline __attribute__((always_inline)) void expand_width(
        uint8_t *values, size_t width, const uint8_t *validity, size_t at, size_t rows)
{
    size_t dense = ji_bitmap_count(validity, at, rows);
    size_t end = rows;
    while (end > 0 && dense < end) {
        const size_t step = end % 64 == 0 ? 64 : end % 64;
        const size_t start = end - step;
        const uint64_t word = ji_bitmap_word(validity, at + start, step);
        const size_t set = (size_t)__builtin_popcountll(word);
        uint8_t *const to = values + start * width;
        const uint8_t *const source_end = values + dense * width;
        if (set == step)
            memmove(to, source_end - step * width, step * width);
        else if (set == 0)
            memset(to, 0, step * width);
        else
            spread_word(to, source_end, width, word, step);
        dense -= set;
        end = start;
    }
}

void ji_expand(void *values, size_t width, const uint8_t *validity, size_t at, size_t rows)
{
    switch (width) {
    case 1:
        expand_width(values, 1, validity, at, rows);
        return;
    case 2:
        expand_width(values, 2, validity, at, rows);
        return;
    case 4:
        expand_width(values, 4, validity, at, rows);
        return;
    case 8:
        expand_width(values, 8, validity, at, rows);
        return;
    case 16:
        expand_width(values, 16, validity, at, rows);
        return;
    default:
        expand_width(values, width, validity, at, rows);
    }
}

void ji_expand_bits(
        const uint8_t *dense, size_t dense_at, const uint8_t *validity, size_t at, size_t rows, uint8_t *out)
{
    for (size_t row = at; row < at + rows; row++) {
        const bool is_valid = ji_bit_get(validity, row);
        if (is_valid && ji_bit_get(dense, dense_at++))
            ji_bit_set(out, row);
        else
            ji_bit_clear(out, row);
    }
}
