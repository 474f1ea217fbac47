/*
 * byte_split_avx2.c - 32 values of eight bytes at a time
 *
 * Interleaving works within the two halves of a register: what comes out are values 0.. and 16.. side by
 * side, which the last step puts in order.
 */
#include "kernel/byte_split.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define BLOCK 32
#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

AVX2_INLINE __m256i load(const uint8_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

/* The low halves of two registers to `out`, the high halves to `out` + `apart`. */
AVX2_INLINE void store_halves(uint8_t *out, size_t apart, __m256i a, __m256i b)
{
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_permute2x128_si256(a, b, 0x20));
    _mm256_storeu_si256((__m256i *)(void *)(out + apart), _mm256_permute2x128_si256(a, b, 0x31));
}

AVX2_INLINE void join_eights(const uint8_t *in, size_t stride, uint8_t *out)
{
    __m256i low[4];
    __m256i high[4];
    for (unsigned pair = 0; pair < 4; pair++) {
        const __m256i even = load(in + 2 * pair * stride);
        const __m256i odd = load(in + (2 * pair + 1) * stride);
        low[pair] = _mm256_unpacklo_epi8(even, odd);
        high[pair] = _mm256_unpackhi_epi8(even, odd);
    }
    for (unsigned half = 0; half < 2; half++) {
        const __m256i *const pairs = half == 0 ? low : high;
        const __m256i first_low = _mm256_unpacklo_epi16(pairs[0], pairs[1]);
        const __m256i first_high = _mm256_unpackhi_epi16(pairs[0], pairs[1]);
        const __m256i second_low = _mm256_unpacklo_epi16(pairs[2], pairs[3]);
        const __m256i second_high = _mm256_unpackhi_epi16(pairs[2], pairs[3]);
        uint8_t *const to = out + 64 * half;
        store_halves(to, 128, _mm256_unpacklo_epi32(first_low, second_low),
                _mm256_unpackhi_epi32(first_low, second_low));
        store_halves(to + 32, 128, _mm256_unpacklo_epi32(first_high, second_high),
                _mm256_unpackhi_epi32(first_high, second_high));
    }
}

AVX2 size_t ji_byte_join8_avx2(const uint8_t *in, size_t stride, size_t count, uint8_t *out)
{
    size_t done = 0;
    for (; count - done >= BLOCK; done += BLOCK)
        join_eights(in + done, stride, out + done * 8);
    return done;
}

#else
typedef int ji_byte_split_avx2_is_empty;
#endif
