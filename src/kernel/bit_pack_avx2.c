/*
 * bit_pack_avx2.c - pairs and fours of eight values joined in one register
 *
 *     v0 v1 | v2 v3 | v4 v5 | v6 v7  ->  01 | 23 | 45 | 67  ->  0123, 4567: words to shift and store
 *
 * Only where four values fit a word: from there on, joining words is most of the work.
 */
#include "kernel/bit_pack.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#include <assert.h>

JI_AVX2 uint8_t *ji_bit_pack_avx2(unsigned width, const uint32_t *values, size_t count, uint8_t *out)
{
    assert(width > 0 && width <= JI_PACK_LANES_WIDTH_MAX && count % 8 == 0);
    const __m128i once = _mm_cvtsi32_si128((int)width);
    const __m128i twice = _mm_cvtsi32_si128((int)(2 * width));
    const __m256i low = _mm256_set1_epi64x(UINT32_MAX);
    const unsigned bits = 4 * width;
    for (size_t at = 0; at < count; at += 8, out += width) {
        const __m256i eight = _mm256_loadu_si256((const __m256i *)(const void *)(values + at));
        const __m256i odd = _mm256_sll_epi64(_mm256_srli_epi64(eight, 32), once);
        const __m256i pairs = _mm256_or_si256(_mm256_and_si256(eight, low), odd);
        const __m256i second = _mm256_sll_epi64(_mm256_unpackhi_epi64(pairs, pairs), twice);
        const __m256i fours = _mm256_or_si256(pairs, second);
        const uint64_t first = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(fours));
        const uint64_t last = (uint64_t)_mm_cvtsi128_si64(_mm256_extracti128_si256(fours, 1));
        /* In two shifts: `bits` may be a whole word. */
        ji_store_le64(out, first | last << (bits - 1) << 1);
        ji_store_le64(out + 8, last >> (64 - bits));
    }
    return out;
}

#else
typedef int ji_bit_pack_avx2_is_empty;
#endif
