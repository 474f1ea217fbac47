/*
 * delta_sum_avx2.c - eight deltas at a time, unpacked and added up in registers
 *
 *     lanes          d0      d1          d2                d3
 *     + neighbour    d0      d0+d1       d2                d2+d3
 *     + low half     d0      d0+d1       d0+d1+d2          d0+..+d3        then + the sum so far, in all
 *     lanes
 *
 * The sums within a group do not wait for the group before; the chain from group to group is one addition.
 */
#include "kernel/delta_sum.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#include <assert.h>

#define AVX2 JI_AVX2
#define AVX2_INLINE JI_AVX2_INLINE

/* The sums of the lanes up to each. */
AVX2_INLINE __m256i sum_lanes64(__m256i lanes)
{
    lanes = _mm256_add_epi64(lanes, _mm256_slli_si256(lanes, 8));
    const __m256i low = _mm256_permute2x128_si256(lanes, lanes, 0x08);
    return _mm256_add_epi64(lanes, _mm256_unpackhi_epi64(low, low));
}

AVX2_INLINE __m256i sum_lanes32(__m256i lanes)
{
    lanes = _mm256_add_epi32(lanes, _mm256_slli_si256(lanes, 4));
    lanes = _mm256_add_epi32(lanes, _mm256_slli_si256(lanes, 8));
    const __m256i low = _mm256_permute2x128_si256(lanes, lanes, 0x08);
    return _mm256_add_epi32(lanes, _mm256_shuffle_epi32(low, 0xff));
}

AVX2 size_t ji_delta_sum64_avx2(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t *last, uint64_t *out)
{
    const unsigned width = run->width;
    assert(width > 0 && width <= JI_LANES64_WIDTH_MAX && first % 8 == 0);
    const struct ji_lanes64 lanes = ji_lanes64_make(width);
    const __m256i least = _mm256_set1_epi64x((long long)run->least);
    const size_t reach = ji_lanes64_reach(width);
    __m256i sum = _mm256_set1_epi64x((long long)*last);
    size_t at = first / 8 * width;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= run->in_bytes; done += 8, at += width) {
        __m256i low = sum_lanes64(_mm256_add_epi64(ji_lanes64_unpack(&lanes, run->in + at, 0), least));
        __m256i high = sum_lanes64(_mm256_add_epi64(ji_lanes64_unpack(&lanes, run->in + at, 1), least));
        const __m256i low_all = _mm256_permute4x64_epi64(low, 0xff);
        high = _mm256_add_epi64(high, low_all);
        low = _mm256_add_epi64(low, sum);
        const __m256i high_all = _mm256_permute4x64_epi64(high, 0xff);
        high = _mm256_add_epi64(high, sum);
        sum = _mm256_add_epi64(sum, high_all);
        _mm256_storeu_si256((__m256i *)(void *)(out + done), low);
        _mm256_storeu_si256((__m256i *)(void *)(out + done + 4), high);
    }
    *last = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(sum));
    return done;
}

/* One group of 32-bit sums: adds `least`, the lanes before and `*sum`, which becomes that of all. */
AVX2_INLINE void sum_group32(__m256i lanes, __m256i least, __m256i *sum, uint32_t *out)
{
    lanes = sum_lanes32(_mm256_add_epi32(lanes, least));
    const __m256i all = _mm256_permutevar8x32_epi32(lanes, _mm256_set1_epi32(7));
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_add_epi32(lanes, *sum));
    *sum = _mm256_add_epi32(*sum, all);
}

AVX2_INLINE size_t sum32_narrow(
        const struct ji_delta_run *run, size_t first, size_t count, __m256i *sum, uint32_t *out)
{
    const unsigned width = run->width;
    const struct ji_lanes32 lanes = ji_lanes32_make(width);
    const __m256i least = _mm256_set1_epi32((int)(uint32_t)run->least);
    const size_t reach = ji_lanes32_reach(width);
    size_t at = first / 8 * width;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= run->in_bytes; done += 8, at += width)
        sum_group32(ji_lanes32_unpack(&lanes, run->in + at), least, sum, out + done);
    return done;
}

/* Widths 26..32: unpacked in 64-bit lanes, whose low halves are put together. */
AVX2_INLINE size_t sum32_wide(
        const struct ji_delta_run *run, size_t first, size_t count, __m256i *sum, uint32_t *out)
{
    const unsigned width = run->width;
    const struct ji_lanes64 lanes = ji_lanes64_make(width);
    const __m256i least = _mm256_set1_epi32((int)(uint32_t)run->least);
    const size_t reach = ji_lanes64_reach(width);
    size_t at = first / 8 * width;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= run->in_bytes; done += 8, at += width)
        sum_group32(ji_lanes64_unpack32(&lanes, run->in + at), least, sum, out + done);
    return done;
}

AVX2 size_t ji_delta_sum32_avx2(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t *last, uint32_t *out)
{
    assert(run->width > 0 && run->width <= 32 && first % 8 == 0);
    __m256i sum = _mm256_set1_epi32((int)*last);
    const size_t done = run->width <= JI_LANES32_WIDTH_MAX ? sum32_narrow(run, first, count, &sum, out)
                                                           : sum32_wide(run, first, count, &sum, out);
    *last = (uint32_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(sum));
    return done;
}

#else
typedef int ji_delta_sum_avx2_is_empty;
#endif
