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
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

AVX2_INLINE __m256i load_table(const uint8_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

/* 16 bytes from each of two places. */
AVX2_INLINE __m256i load_halves(const uint8_t *low, const uint8_t *high)
{
    const __m128i first = _mm_loadu_si128((const __m128i *)(const void *)low);
    const __m128i second = _mm_loadu_si128((const __m128i *)(const void *)high);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
}

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

/* The shifts of values `from` .. from + 4, and what the kernels of 64-bit lanes keep in registers. */
struct lanes64 {
    __m256i bytes[2];
    __m256i shifts[2];
    __m256i mask;
    size_t at[4]; /* where the loads begin */
};

AVX2_INLINE struct lanes64 make_lanes64(unsigned width)
{
    const __m256i seven = _mm256_set1_epi64x(7);
    const __m256i times = _mm256_set1_epi64x((long long)width);
    return (struct lanes64){
            .bytes = {load_table(ji_lanes64[width]), load_table(ji_lanes64[width] + 32)},
            .shifts =
                    {
                            _mm256_and_si256(_mm256_mul_epu32(times, _mm256_setr_epi64x(0, 1, 2, 3)), seven),
                            _mm256_and_si256(_mm256_mul_epu32(times, _mm256_setr_epi64x(4, 5, 6, 7)), seven),
                    },
            .mask = _mm256_set1_epi64x((long long)((UINT64_C(1) << width) - 1)),
            .at = {0, 2 * width / 8, 4 * width / 8, 6 * width / 8},
    };
}

/* Values 0..3 (half 0) or 4..7 (half 1) of the group at `in`. */
AVX2_INLINE __m256i unpack64(const struct lanes64 *lanes, const uint8_t *in, unsigned half)
{
    const __m256i bytes = load_halves(in + lanes->at[2 * half], in + lanes->at[2 * half + 1]);
    const __m256i placed = _mm256_shuffle_epi8(bytes, lanes->bytes[half]);
    return _mm256_and_si256(_mm256_srlv_epi64(placed, lanes->shifts[half]), lanes->mask);
}

AVX2 size_t ji_delta_sum64_avx2(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t *last, uint64_t *out)
{
    const unsigned width = run->width;
    assert(width > 0 && width <= JI_LANES64_WIDTH_MAX && first % 8 == 0);
    const struct lanes64 lanes = make_lanes64(width);
    const __m256i least = _mm256_set1_epi64x((long long)run->least);
    const size_t reach = ji_lanes64_reach(width);
    __m256i sum = _mm256_set1_epi64x((long long)*last);
    size_t at = first / 8 * width;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= run->in_bytes; done += 8, at += width) {
        __m256i low = sum_lanes64(_mm256_add_epi64(unpack64(&lanes, run->in + at, 0), least));
        __m256i high = sum_lanes64(_mm256_add_epi64(unpack64(&lanes, run->in + at, 1), least));
        const __m256i low_all = _mm256_permute4x64_epi64(low, 0xff);
        high = _mm256_add_epi64(high, low_all);
        low = _mm256_add_epi64(low, sum);
        const __m256i high_all = _mm256_permute4x64_epi64(high, 0xff);
        high = _mm256_add_epi64(high, sum);
        sum = _mm256_add_epi64(sum, high_all);
        _mm256_storeu_si256((__m256i *)(void *)(out + done), low);
        _mm256_storeu_si256((__m256i *)(void *)(out + done + 4), high);
    }
    if (done > 0)
        *last = out[done - 1];
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
    const __m256i bytes = load_table(ji_lanes32[width]);
    const __m256i shifts = _mm256_and_si256(
            _mm256_mullo_epi32(_mm256_set1_epi32((int)width), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
            _mm256_set1_epi32(7));
    /* The high half's load begins at a whole byte before its first value. */
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    const __m256i least = _mm256_set1_epi32((int)(uint32_t)run->least);
    const size_t reach = ji_lanes32_reach(width);
    const size_t high = width / 2;
    size_t at = first / 8 * width;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= run->in_bytes; done += 8, at += width) {
        const __m256i placed = _mm256_shuffle_epi8(load_halves(run->in + at, run->in + at + high), bytes);
        sum_group32(_mm256_and_si256(_mm256_srlv_epi32(placed, shifts), mask), least, sum, out + done);
    }
    return done;
}

/* Widths 26..32: unpacked in 64-bit lanes, whose low halves are put together. */
AVX2_INLINE size_t sum32_wide(
        const struct ji_delta_run *run, size_t first, size_t count, __m256i *sum, uint32_t *out)
{
    const unsigned width = run->width;
    const struct lanes64 lanes = make_lanes64(width);
    const __m256i least = _mm256_set1_epi32((int)(uint32_t)run->least);
    const size_t reach = ji_lanes64_reach(width);
    size_t at = first / 8 * width;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= run->in_bytes; done += 8, at += width) {
        const __m256i low = unpack64(&lanes, run->in + at, 0);
        const __m256i high = unpack64(&lanes, run->in + at, 1);
        const __m256 evens = _mm256_shuffle_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high), 0x88);
        const __m256i ordered = _mm256_permute4x64_epi64(_mm256_castps_si256(evens), 0xd8);
        sum_group32(ordered, least, sum, out + done);
    }
    return done;
}

AVX2 size_t ji_delta_sum32_avx2(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t *last, uint32_t *out)
{
    assert(run->width > 0 && run->width <= 32 && first % 8 == 0);
    __m256i sum = _mm256_set1_epi32((int)*last);
    const size_t done = run->width <= JI_LANES32_WIDTH_MAX ? sum32_narrow(run, first, count, &sum, out)
                                                           : sum32_wide(run, first, count, &sum, out);
    if (done > 0)
        *last = out[done - 1];
    return done;
}

#else
typedef int ji_delta_sum_avx2_is_empty;
#endif
