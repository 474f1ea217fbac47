/*
 * fixed_int_avx2.c - four numbers of up to eight bytes at a time
 *
 *     load 16 | load 16         two numbers each, turned around and moved to the low bytes of their lanes
 *     (lane ^ sign) - sign      the sign bit of the number goes up through the lane
 */
#include "kernel/fixed_int.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#include <assert.h>

#define LOAD_BYTES 16

JI_AVX2_INLINE __m256i take_four(const uint8_t *in, size_t width, __m256i bytes, __m256i sign)
{
    const __m256i lanes = _mm256_shuffle_epi8(ji_lanes_load(in, in + 2 * width), bytes);
    return _mm256_sub_epi64(_mm256_xor_si256(lanes, sign), sign);
}

JI_AVX2 size_t ji_fixed_to_i64_avx2(const uint8_t *in, size_t width, size_t count, int64_t *out)
{
    assert(width > 0 && width <= 8);
    uint8_t table[32];
    for (size_t lane = 0; lane < 4; lane++) {
        for (size_t byte = 0; byte < 8; byte++)
            table[lane * 8 + byte] =
                    byte < width ? (uint8_t)(lane % 2 * width + width - 1 - byte) : (uint8_t)0x80;
    }
    const __m256i bytes = ji_lanes_table(table);
    const __m256i sign = _mm256_set1_epi64x((long long)(UINT64_C(1) << (8 * width - 1)));
    const size_t in_bytes = count * width;
    const size_t reach = 6 * width + LOAD_BYTES;
    size_t done = 0;
    for (; done * width + reach <= in_bytes; done += 8) {
        const uint8_t *const from = in + done * width;
        uint8_t *const to = (uint8_t *)out + done * sizeof *out;
        _mm256_storeu_si256((__m256i *)(void *)to, take_four(from, width, bytes, sign));
        _mm256_storeu_si256((__m256i *)(void *)(to + 32), take_four(from + 4 * width, width, bytes, sign));
    }
    return done;
}

#else
typedef int ji_fixed_int_avx2_is_empty;
#endif
