/*
 * byte_count.c - how often a byte comes
 *
 * Each lane counts in a byte of its own for at most 255 steps, then the lanes are summed: the
 * compiler turns the inner loop into compares and subtractions of whole registers.
 */
#include "text/byte_count.h"

#define LANES 64
#define STEPS_MAX 255

static inline __attribute__((always_inline)) size_t count_body(const uint8_t *data, size_t size, uint8_t byte)
{
    size_t count = 0;
    size_t at = 0;
    while (size - at >= LANES) {
        uint8_t lanes[LANES] = {0};
        const size_t steps = ji_min_size((size - at) / LANES, STEPS_MAX);
        for (size_t step = 0; step < steps; step++) {
            for (size_t lane = 0; lane < LANES; lane++)
                lanes[lane] = (uint8_t)(lanes[lane] + (data[at + lane] == byte));
            at += LANES;
        }
        for (size_t lane = 0; lane < LANES; lane++)
            count += lanes[lane];
    }
    for (; at < size; at++)
        count += data[at] == byte;
    return count;
}

size_t ji_byte_count_plain(const uint8_t *data, size_t size, uint8_t byte)
{
    return count_body(data, size, byte);
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static size_t count_avx2(const uint8_t *data, size_t size, uint8_t byte)
{
    const __m256i wanted = _mm256_set1_epi8((char)byte);
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums = zero;
    size_t at = 0;
    while (size - at >= LANES) {
        __m256i low = zero;
        __m256i high = zero;
        const size_t steps = ji_min_size((size - at) / LANES, STEPS_MAX);
        for (size_t step = 0; step < steps; step++, at += LANES) {
            const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(data + at));
            const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(data + at + LANES / 2));
            low = _mm256_sub_epi8(low, _mm256_cmpeq_epi8(a, wanted));
            high = _mm256_sub_epi8(high, _mm256_cmpeq_epi8(b, wanted));
        }
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(low, zero));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(high, zero));
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)(void *)lanes, sums);
    return (size_t)(lanes[0] + lanes[1] + lanes[2] + lanes[3]) + count_body(data + at, size - at, byte);
}
#endif

size_t ji_byte_count(const uint8_t *data, size_t size, uint8_t byte)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return count_avx2(data, size, byte);
#endif
    return ji_byte_count_plain(data, size, byte);
}
