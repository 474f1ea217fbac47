/*
 * bit_pack_avx2.c - pairs and fours of eight values joined in one register
 *
 *     v0 v1 | v2 v3 | v4 v5 | v6 v7  ->  01 | 23 | 45 | 67  ->  0123, 4567: words to shift and store
 *
 * Only where four values fit a word: from there on, joining words is most of the work. Values of 64 bits
 * come to their pairs without that: fours of up to 128 bits are then two words each, shifted side by side.
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

/* p01, p45 and p23, p67: pairs of the eight values at `values`. */
JI_AVX2_INLINE __m256i pairs_of(const uint64_t *values, __m128i once)
{
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)values);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(values + 4));
    const __m256i odd = _mm256_sll_epi64(_mm256_unpackhi_epi64(low, high), once);
    return _mm256_or_si256(_mm256_unpacklo_epi64(low, high), odd);
}

JI_AVX2_INLINE uint64_t lane_of(__m128i lanes, unsigned lane)
{
    return (uint64_t)_mm_cvtsi128_si64(lane == 0 ? lanes : _mm_unpackhi_epi64(lanes, lanes));
}

JI_AVX2 uint8_t *ji_bit_pack64_avx2(unsigned width, const uint64_t *values, size_t count, uint8_t *out)
{
    assert(width >= JI_PACK_LANES64_WIDTH_MIN && width <= JI_PACK_LANES64_WIDTH_MAX && count % 8 == 0);
    const __m128i once = _mm_cvtsi32_si128((int)width);
    const __m128i twice = _mm_cvtsi32_si128((int)(2 * width));
    const __m128i rest = _mm_cvtsi32_si128((int)(64 - 2 * width));
    /* An odd width ends the first half with half a byte, which the second begins with. */
    const unsigned half = width % 2 * 4;
    const uint64_t keep = half == 0 ? 0 : UINT64_MAX;
    const unsigned before = half == 0 ? 0 : 4 * width - half - 64;
    for (size_t at = 0; at < count; at += 8, out += width) {
        const __m256i pairs = pairs_of(values + at, once);
        const __m128i second = _mm256_extracti128_si256(pairs, 1);
        const __m128i low = _mm_or_si128(_mm256_castsi256_si128(pairs), _mm_sll_epi64(second, twice));
        const __m128i high = _mm_srl_epi64(second, rest);
        const uint64_t last = lane_of(low, 1);
        uint8_t *const middle = out + width / 2;
        ji_store_le64(out, lane_of(low, 0));
        ji_store_le64(out + 8, lane_of(high, 0));
        ji_store_le64(middle, last << half | (lane_of(high, 0) >> before & keep));
        ji_store_le64(middle + 8, lane_of(high, 1) << half | (last >> (63 - half) >> 1 & keep));
    }
    return out;
}

#else
typedef int ji_bit_pack_avx2_is_empty;
#endif
