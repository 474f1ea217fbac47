/*
 * bit_unpack_avx2.c - eight values at a time by byte shuffle and shifts that differ by lane
 *
 *     low half:  16 bytes from the group's byte 0         values 0..3
 *     high half: 16 bytes from the group's byte width/2   values 4..7
 *
 * Every value of at most 25 bits lies within 4 bytes from its first byte on: the shuffle brings those
 * four to the value's lane, the shift drops the bits before it, the mask those behind it. Eight values are
 * `width` bytes, so that one pair of tables serves all groups of a width.
 */
#include "kernel/bit_unpack.h"

#if defined(__x86_64__)

#include <assert.h>
#include <immintrin.h>

#define LOAD_BYTES 16

void ji_bit_unpack_avx2_init(struct ji_bit_unpacker *unpacker)
{
    const unsigned width = unpacker->width;
    assert(width > 0 && width <= JI_BIT_UNPACK_AVX2_WIDTH_MAX);
    for (unsigned lane = 0; lane < 8; lane++) {
        const unsigned base = lane < 4 ? 0 : width / 2;
        const unsigned bit = lane * width - base * 8;
        unpacker->shifts[lane] = bit % 8;
        for (unsigned byte = 0; byte < 4; byte++)
            unpacker->shuffle[lane * 4 + byte] = (uint8_t)(bit / 8 + byte);
    }
}

__attribute__((target("avx2"))) size_t ji_bit_unpack_avx2(const struct ji_bit_unpacker *unpacker,
        const uint8_t *in, size_t in_bytes, size_t count, uint32_t *out)
{
    const unsigned width = unpacker->width;
    const __m256i shuffle = _mm256_loadu_si256((const __m256i *)(const void *)unpacker->shuffle);
    const __m256i shifts = _mm256_loadu_si256((const __m256i *)(const void *)unpacker->shifts);
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    const size_t high = width / 2;
    size_t at = 0;
    size_t done = 0;
    for (; count - done >= 8 && at + high + LOAD_BYTES <= in_bytes; done += 8, at += width) {
        const __m128i low_half = _mm_loadu_si128((const __m128i *)(const void *)(in + at));
        const __m128i high_half = _mm_loadu_si128((const __m128i *)(const void *)(in + at + high));
        __m256i lanes = _mm256_inserti128_si256(_mm256_castsi128_si256(low_half), high_half, 1);
        lanes = _mm256_shuffle_epi8(lanes, shuffle);
        lanes = _mm256_and_si256(_mm256_srlv_epi32(lanes, shifts), mask);
        _mm256_storeu_si256((__m256i *)(void *)(out + done), lanes);
    }
    return done;
}

#else
typedef int ji_bit_unpack_avx2_is_empty;
#endif
