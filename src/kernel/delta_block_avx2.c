/*
 * delta_block_avx2.c - eight or four differences at a time, each load once at a value and once at the one
 * before it
 */
#include "kernel/delta_block.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#include <assert.h>

#define LANES32 8
#define LANES64 4

JI_AVX2_INLINE __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

JI_AVX2_INLINE void store(void *to, __m256i lanes)
{
    _mm256_storeu_si256((__m256i *)to, lanes);
}

JI_AVX2_INLINE uint64_t any_bit(__m256i lanes)
{
    const __m128i half = _mm_or_si128(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    return (uint64_t)_mm_cvtsi128_si64(_mm_or_si128(half, _mm_unpackhi_epi64(half, half)));
}

JI_AVX2_INLINE __m256i least64(__m256i a, __m256i b)
{
    return _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b));
}

static uint8_t bits_of(uint64_t value)
{
    return (uint8_t)(value == 0 ? 0 : 64 - __builtin_clzll(value));
}

JI_AVX2 int32_t ji_delta_block32_avx2(
        const uint32_t *values, const struct ji_delta_minis *minis, uint32_t *above)
{
    const size_t count = minis->mini * minis->mini_count;
    int32_t lanes[LANES32];
    __m256i low = _mm256_set1_epi32(INT32_MAX);
    assert(count > 0 && minis->mini % LANES32 == 0);
    for (size_t i = 0; i < count; i += LANES32) {
        const __m256i difference = _mm256_sub_epi32(load(values + i), load(values + i - 1));
        store(above + i, difference);
        low = _mm256_min_epi32(low, difference);
    }
    store(lanes, low);
    int32_t least = lanes[0];
    for (size_t i = 1; i < LANES32; i++)
        least = lanes[i] < least ? lanes[i] : least;
    low = _mm256_set1_epi32(least);
    for (size_t m = 0; m < minis->mini_count; m++) {
        __m256i all = _mm256_setzero_si256();
        for (size_t i = m * minis->mini; i < (m + 1) * minis->mini; i += LANES32) {
            const __m256i more = _mm256_sub_epi32(load(above + i), low);
            store(above + i, more);
            all = _mm256_or_si256(all, more);
        }
        const uint64_t both = any_bit(all);
        minis->widths[m] = bits_of((uint32_t)(both | both >> 32));
    }
    return least;
}

JI_AVX2 int64_t ji_delta_block64_avx2(
        const uint64_t *values, const struct ji_delta_minis *minis, uint64_t *above)
{
    const size_t count = minis->mini * minis->mini_count;
    int64_t lanes[LANES64];
    __m256i low = _mm256_set1_epi64x(INT64_MAX);
    assert(count > 0 && minis->mini % LANES64 == 0);
    for (size_t i = 0; i < count; i += LANES64) {
        const __m256i difference = _mm256_sub_epi64(load(values + i), load(values + i - 1));
        store(above + i, difference);
        low = least64(low, difference);
    }
    store(lanes, low);
    int64_t least = lanes[0];
    for (size_t i = 1; i < LANES64; i++)
        least = lanes[i] < least ? lanes[i] : least;
    low = _mm256_set1_epi64x(least);
    for (size_t m = 0; m < minis->mini_count; m++) {
        __m256i all = _mm256_setzero_si256();
        for (size_t i = m * minis->mini; i < (m + 1) * minis->mini; i += LANES64) {
            const __m256i more = _mm256_sub_epi64(load(above + i), low);
            store(above + i, more);
            all = _mm256_or_si256(all, more);
        }
        minis->widths[m] = bits_of(any_bit(all));
    }
    return least;
}

#else
typedef int ji_delta_block_avx2_is_empty;
#endif
