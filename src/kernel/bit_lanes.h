/*
 * bit_lanes.h - where the values of a packed group of eight lie, for the AVX2 kernels
 *
 *     a group: eight values of `width` bits, `width` bytes; value v begins at bit v * width of it
 *
 *     32-bit lanes, width <= 25:  two loads, at byte 0 and byte width / 2, four values each
 *     64-bit lanes, width <= 57:  four loads, each at the first byte of an even value, two values each
 *
 * A value of 25 (57) bits that begins at any bit of a byte lies within 4 (8) bytes: a shuffle brings those
 * to the value's lane, a shift by 0..7 drops the bits before it, a mask those behind it.
 */
#ifndef JI_BIT_LANES_H
#define JI_BIT_LANES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define JI_LANES32_WIDTH_MAX 25
#define JI_LANES64_WIDTH_MAX 57

/* The bytes of each lane, counted from the first byte of its 16-byte load; row 0 is not used. */
extern const uint8_t ji_lanes32[JI_LANES32_WIDTH_MAX + 1][32];
extern const uint8_t ji_lanes64[JI_LANES64_WIDTH_MAX + 1][64];

/* Bytes from a group's start that its loads touch. */
static inline unsigned ji_lanes32_reach(unsigned width)
{
    return width / 2 + 16;
}
static inline unsigned ji_lanes64_reach(unsigned width)
{
    return 6 * width / 8 + 16;
}

#if defined(__x86_64__)

#define JI_AVX2 __attribute__((target("avx2")))
#define JI_AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

JI_AVX2_INLINE __m256i ji_lanes_table(const uint8_t *from)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}

/* 16 bytes from each of two places. */
JI_AVX2_INLINE __m256i ji_lanes_load(const uint8_t *low, const uint8_t *high)
{
    const __m128i first = _mm_loadu_si128((const __m128i *)(const void *)low);
    const __m128i second = _mm_loadu_si128((const __m128i *)(const void *)high);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
}

/* What the kernels of 32-bit lanes keep in registers. */
struct ji_lanes32 {
    __m256i bytes;
    __m256i shifts;
    __m256i mask;
    size_t high; /* where the second load begins */
};

JI_AVX2_INLINE struct ji_lanes32 ji_lanes32_make(unsigned width)
{
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i bits = _mm256_mullo_epi32(_mm256_set1_epi32((int)width), numbers);
    return (struct ji_lanes32){
            .bytes = ji_lanes_table(ji_lanes32[width]),
            .shifts = _mm256_and_si256(bits, _mm256_set1_epi32(7)),
            .mask = _mm256_set1_epi32((int)((1u << width) - 1)),
            .high = width / 2,
    };
}

/* The eight values of the group at `in`. */
JI_AVX2_INLINE __m256i ji_lanes32_unpack(const struct ji_lanes32 *lanes, const uint8_t *in)
{
    const __m256i placed = _mm256_shuffle_epi8(ji_lanes_load(in, in + lanes->high), lanes->bytes);
    return _mm256_and_si256(_mm256_srlv_epi32(placed, lanes->shifts), lanes->mask);
}

/* What the kernels of 64-bit lanes keep in registers; [0] is of values 0..3, [1] of values 4..7. */
struct ji_lanes64 {
    __m256i bytes[2];
    __m256i shifts[2];
    __m256i mask;
    size_t at[4]; /* where the loads begin */
};

JI_AVX2_INLINE struct ji_lanes64 ji_lanes64_make(unsigned width)
{
    const __m256i seven = _mm256_set1_epi64x(7);
    const __m256i times = _mm256_set1_epi64x((long long)width);
    return (struct ji_lanes64){
            .bytes = {ji_lanes_table(ji_lanes64[width]), ji_lanes_table(ji_lanes64[width] + 32)},
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
JI_AVX2_INLINE __m256i ji_lanes64_unpack(const struct ji_lanes64 *lanes, const uint8_t *in, unsigned half)
{
    const __m256i bytes = ji_lanes_load(in + lanes->at[2 * half], in + lanes->at[2 * half + 1]);
    const __m256i placed = _mm256_shuffle_epi8(bytes, lanes->bytes[half]);
    return _mm256_and_si256(_mm256_srlv_epi64(placed, lanes->shifts[half]), lanes->mask);
}

/* All eight, of at most 32 bits, in 32-bit lanes. */
JI_AVX2_INLINE __m256i ji_lanes64_unpack32(const struct ji_lanes64 *lanes, const uint8_t *in)
{
    const __m256 low = _mm256_castsi256_ps(ji_lanes64_unpack(lanes, in, 0));
    const __m256 high = _mm256_castsi256_ps(ji_lanes64_unpack(lanes, in, 1));
    return _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(low, high, 0x88)), 0xd8);
}

#endif

#endif
