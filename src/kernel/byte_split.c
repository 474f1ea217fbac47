/*
 * byte_split.c - eight streams at a time, sixteen values of each, turned in registers
 *
 *     bytes -> pairs -> fours -> eights: three rounds of interleaving neighbours
 *
 * A value of more than eight bytes is put together from pieces of eight, the last of which may overlap the
 * one before; one of less is stored as eight and its rest is overwritten by the next value. The values whose
 * store would reach behind `out` are made byte by byte.
 *
 * The way back takes even bytes from odd ones, once, twice or three times: values of 2, 4 and 8 bytes.
 */
#include "kernel/byte_split.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define BLOCK 16
#define PIECE 8

void ji_byte_join_plain(
        const uint8_t *in, size_t stride, size_t width, size_t first, size_t count, uint8_t *out)
{
    for (size_t byte = 0; byte < width; byte++) {
        const uint8_t *const from = in + byte * stride + first;
        for (size_t index = 0; index < count; index++)
            out[index * width + byte] = from[index];
    }
}

#if defined(__SSE2__)

static inline __m128i load(const uint8_t *from)
{
    return _mm_loadu_si128((const __m128i *)(const void *)from);
}

/* Sixteen values of two bytes. */
static void join_pairs(const uint8_t *in, size_t stride, uint8_t *out)
{
    const __m128i a = load(in);
    const __m128i b = load(in + stride);
    __m128i *const to = (__m128i *)(void *)out;
    _mm_storeu_si128(to, _mm_unpacklo_epi8(a, b));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi8(a, b));
}

/* Sixteen values of four bytes. */
static void join_fours(const uint8_t *in, size_t stride, uint8_t *out)
{
    const __m128i a = load(in);
    const __m128i b = load(in + stride);
    const __m128i c = load(in + 2 * stride);
    const __m128i d = load(in + 3 * stride);
    const __m128i ab_low = _mm_unpacklo_epi8(a, b);
    const __m128i ab_high = _mm_unpackhi_epi8(a, b);
    const __m128i cd_low = _mm_unpacklo_epi8(c, d);
    const __m128i cd_high = _mm_unpackhi_epi8(c, d);
    __m128i *const to = (__m128i *)(void *)out;
    _mm_storeu_si128(to, _mm_unpacklo_epi16(ab_low, cd_low));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(ab_low, cd_low));
    _mm_storeu_si128(to + 2, _mm_unpacklo_epi16(ab_high, cd_high));
    _mm_storeu_si128(to + 3, _mm_unpackhi_epi16(ab_high, cd_high));
}

/* Eight streams, sixteen bytes of each, to sixteen pieces of eight bytes, two a register. */
static inline void turn_eights(const uint8_t *const streams[PIECE], size_t at, __m128i pieces[PIECE])
{
    __m128i low[4];
    __m128i high[4];
    for (unsigned pair = 0; pair < 4; pair++) {
        const __m128i even = load(streams[2 * pair] + at);
        const __m128i odd = load(streams[2 * pair + 1] + at);
        low[pair] = _mm_unpacklo_epi8(even, odd);
        high[pair] = _mm_unpackhi_epi8(even, odd);
    }
    for (unsigned half = 0; half < 2; half++) {
        const __m128i *const pairs = half == 0 ? low : high;
        const __m128i first_low = _mm_unpacklo_epi16(pairs[0], pairs[1]);
        const __m128i first_high = _mm_unpackhi_epi16(pairs[0], pairs[1]);
        const __m128i second_low = _mm_unpacklo_epi16(pairs[2], pairs[3]);
        const __m128i second_high = _mm_unpackhi_epi16(pairs[2], pairs[3]);
        pieces[4 * half] = _mm_unpacklo_epi32(first_low, second_low);
        pieces[4 * half + 1] = _mm_unpackhi_epi32(first_low, second_low);
        pieces[4 * half + 2] = _mm_unpacklo_epi32(first_high, second_high);
        pieces[4 * half + 3] = _mm_unpackhi_epi32(first_high, second_high);
    }
}

/*
 * Pieces of eight bytes to out, out + width, ... from the first value on: each store may reach into the next.
 */
static void join_pieces(const uint8_t *const streams[PIECE], size_t at, size_t width, uint8_t *out)
{
    __m128i pieces[PIECE];
    turn_eights(streams, at, pieces);
    for (unsigned index = 0; index < PIECE; index++) {
        uint8_t *const to = out + 2 * index * width;
        _mm_storel_epi64((__m128i *)(void *)to, pieces[index]);
        _mm_storel_epi64((__m128i *)(void *)(to + width), _mm_unpackhi_epi64(pieces[index], pieces[index]));
    }
}

static void join_block(const uint8_t *in, size_t stride, size_t width, uint8_t *out)
{
    const uint8_t *streams[PIECE];
    for (size_t byte = 0; byte < width; byte += PIECE) {
        const size_t from = width > PIECE ? ji_min_size(byte, width - PIECE) : 0;
        for (size_t index = 0; index < PIECE; index++)
            streams[index] = in + ji_min_size(from + index, width - 1) * stride;
        join_pieces(streams, 0, width, out + from);
    }
}

/* How many values have been made, from value 0 on. */
static size_t join_blocks(const uint8_t *in, size_t stride, size_t width, size_t count, uint8_t *out)
{
    size_t done = 0;
    if (width == 2 || width == 4) {
        for (; count - done >= BLOCK; done += BLOCK) {
            if (width == 2)
                join_pairs(in + done, stride, out + done * 2);
            else
                join_fours(in + done, stride, out + done * 4);
        }
        return done;
    }
    /* A store of a narrow value reaches into the eight bytes behind it. */
    const size_t spare = width < PIECE ? PIECE : 0;
    for (; count - done >= BLOCK + spare; done += BLOCK)
        join_block(in + done, stride, width, out + done * width);
    return done;
}

#endif

void ji_byte_join(const uint8_t *in, size_t stride, size_t width, size_t first, size_t count, uint8_t *out)
{
    size_t done = 0;
    in += first;
#if defined(__x86_64__)
    if (width == 8 && __builtin_cpu_supports("avx2"))
        done = ji_byte_join8_avx2(in, stride, count, out);
#endif
#if defined(__SSE2__)
    done += join_blocks(in + done, stride, width, count - done, out + done * width);
#endif
    ji_byte_join_plain(in, stride, width, done, count - done, out + done * width);
}

/* --- the way back --- */

void ji_byte_split_plain(
        const uint8_t *in, size_t width, size_t first, size_t count, size_t stride, uint8_t *out)
{
    for (size_t byte = 0; byte < width; byte++) {
        uint8_t *const to = out + byte * stride;
        for (size_t index = first; index < first + count; index++)
            to[index] = in[index * width + byte];
    }
}

#if defined(__SSE2__)

/* `pairs` registers at `from`, neighbours joined: their even bytes to `to`, their odd ones behind. */
static inline __attribute__((always_inline)) void halve(const __m128i *from, unsigned pairs, __m128i *to)
{
    const __m128i low = _mm_set1_epi16(0xff);
    for (unsigned pair = 0; pair < pairs; pair++) {
        const __m128i a = from[2 * pair];
        const __m128i b = from[2 * pair + 1];
        to[pair] = _mm_packus_epi16(_mm_and_si128(a, low), _mm_and_si128(b, low));
        to[pairs + pair] = _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8));
    }
}

/* Sixteen values of `width` bytes: 2, 4 or 8. */
static inline __attribute__((always_inline)) void split_block(
        const uint8_t *in, unsigned width, size_t stride, uint8_t *out)
{
    __m128i first[PIECE];
    __m128i second[PIECE];
    for (unsigned index = 0; index < width; index++)
        first[index] = load(in + (size_t)index * BLOCK);
    halve(first, width / 2, second);
    if (width > 2) {
        /* Bytes 0, 2, .. in the first half of the registers, 1, 3, .. in the second. */
        halve(second, width / 4, first);
        halve(second + width / 2, width / 4, first + width / 2);
    }
    if (width > 4) {
        for (unsigned quarter = 0; quarter < 4; quarter++)
            halve(first + (size_t)2 * quarter, 1, second + (size_t)2 * quarter);
    }
    const __m128i *const made = width == 4 ? first : second;
    for (unsigned index = 0; index < width; index++) {
        /* Each halving put the lowest bit of a byte's number on top. */
        unsigned byte = 0;
        for (unsigned bit = 1, left = index; bit < width; bit *= 2, left /= 2)
            byte = 2 * byte + left % 2;
        _mm_storeu_si128((__m128i *)(void *)(out + byte * stride), made[index]);
    }
}

#endif

void ji_byte_split(const uint8_t *in, size_t width, size_t count, size_t stride, uint8_t *out)
{
    size_t done = 0;
#if defined(__SSE2__)
    if (width == 2 || width == 4 || width == 8) {
        for (; count - done >= BLOCK; done += BLOCK) {
            if (width == 2)
                split_block(in + done * 2, 2, stride, out + done);
            else if (width == 4)
                split_block(in + done * 4, 4, stride, out + done);
            else
                split_block(in + done * 8, 8, stride, out + done);
        }
    }
#endif
    ji_byte_split_plain(in, width, done, count - done, stride, out);
}
