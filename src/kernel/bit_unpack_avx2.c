/*
 * bit_unpack_avx2.c - eight values at a time by byte shuffle and shifts that differ by lane
 *
 *     to u32, width <= 25   a load a half, four bytes a lane, a shift a lane
 *     to u32, to u64        two loads a half, eight bytes a lane; for u32 the low halves are put together
 *     to u8                 16 values from one load, two bytes a lane; there is no shift a 16-bit lane, but
 *                           times 2^(8 - shift), then down by 8, is the same
 *
 * Where the values lie: bit_lanes.h.
 */
#include "kernel/bit_unpack.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#include <assert.h>

#define LOAD_BYTES 16

JI_AVX2_INLINE void store(void *to, __m256i lanes)
{
    _mm256_storeu_si256((__m256i *)to, lanes);
}

JI_AVX2_INLINE size_t unpack_narrow(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint32_t *out)
{
    const struct ji_lanes32 lanes = ji_lanes32_make(width);
    const size_t reach = ji_lanes32_reach(width);
    size_t at = 0;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= in_bytes; done += 8, at += width)
        store(out + done, ji_lanes32_unpack(&lanes, in + at));
    return done;
}

JI_AVX2_INLINE size_t unpack_wide(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint32_t *out)
{
    const struct ji_lanes64 lanes = ji_lanes64_make(width);
    const size_t reach = ji_lanes64_reach(width);
    size_t at = 0;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= in_bytes; done += 8, at += width)
        store(out + done, ji_lanes64_unpack32(&lanes, in + at));
    return done;
}

JI_AVX2 size_t ji_bit_unpack_avx2(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint32_t *out)
{
    assert(width > 0 && width <= 32);
    return width <= JI_LANES32_WIDTH_MAX ? unpack_narrow(width, in, in_bytes, count, out)
                                         : unpack_wide(width, in, in_bytes, count, out);
}

JI_AVX2 size_t ji_bit_unpack64_avx2(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint64_t *out)
{
    assert(width > 0 && width <= JI_LANES64_WIDTH_MAX);
    const struct ji_lanes64 lanes = ji_lanes64_make(width);
    const size_t reach = ji_lanes64_reach(width);
    size_t at = 0;
    size_t done = 0;
    for (; count - done >= 8 && at + reach <= in_bytes; done += 8, at += width) {
        store(out + done, ji_lanes64_unpack(&lanes, in + at, 0));
        store(out + done + 4, ji_lanes64_unpack(&lanes, in + at, 1));
    }
    return done;
}

/* Two groups at `in` to 16-bit lanes. */
JI_AVX2_INLINE __m256i unpack16(const uint8_t *in, __m256i bytes, __m256i times, __m256i mask)
{
    const __m128i loaded = _mm_loadu_si128((const __m128i *)(const void *)in);
    const __m256i placed = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(loaded), bytes);
    return _mm256_and_si256(_mm256_srli_epi16(_mm256_mullo_epi16(placed, times), 8), mask);
}

JI_AVX2 size_t ji_bit_unpack8_avx2(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint8_t *out)
{
    assert(width > 0 && width <= 8);
    uint8_t tables[2][32];
    for (unsigned lane = 0; lane < 16; lane++) {
        const unsigned bit = lane * width;
        tables[0][2 * lane] = (uint8_t)(bit / 8);
        tables[0][2 * lane + 1] = (uint8_t)((bit / 8 + 1) % LOAD_BYTES);
        const unsigned times = 1u << (8 - bit % 8);
        tables[1][2 * lane] = (uint8_t)times;
        tables[1][2 * lane + 1] = (uint8_t)(times >> 8);
    }
    const __m256i bytes = ji_lanes_table(tables[0]);
    const __m256i times = ji_lanes_table(tables[1]);
    const __m256i mask = _mm256_set1_epi16((short)((1u << width) - 1));
    const size_t reach = 2 * (size_t)width + LOAD_BYTES;
    size_t at = 0;
    size_t done = 0;
    for (; count - done >= 32 && at + reach <= in_bytes; done += 32, at += 4 * (size_t)width) {
        const __m256i low = unpack16(in + at, bytes, times, mask);
        const __m256i high = unpack16(in + at + 2 * (size_t)width, bytes, times, mask);
        store(out + done, _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xd8));
    }
    return done;
}

#else
typedef int ji_bit_unpack_avx2_is_empty;
#endif
