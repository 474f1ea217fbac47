/*
 * fixed_int.c - numbers of 1 to 16 bytes by one or two loads, others byte by byte
 *
 *     width 7:   [v6 .. v0 | next]   load 8 big-endian, shift right by 8 with the sign
 *     width 11:  [v10 .. v3][v2 ..]  the first 8 bytes shifted are the high word, the last 8 are the low word
 *
 * `out` may be at any address: it is written by memcpy.
 */
#include "kernel/fixed_int.h"

#define WORD 8
/* With fewer numbers, setting up the lanes costs more than they give. */
#define LANES_COUNT_MIN 32

bool ji_fixed_int(struct ji_view bytes, ji_int128 *value)
{
    if (bytes.size == 0) {
        *value = 0;
        return true;
    }
    const uint8_t sign = (bytes.data[0] & 0x80) != 0 ? 0xff : 0;
    size_t at = 0;
    for (; bytes.size - at > sizeof *value; at++) {
        if (bytes.data[at] != sign)
            return false;
    }
    if (at > 0 && (bytes.data[at] & 0x80) != (sign & 0x80))
        return false;
    ji_uint128 made = sign != 0 ? ~(ji_uint128)0 : 0;
    for (; at < bytes.size; at++)
        made = made << 8 | bytes.data[at];
    *value = (ji_int128)made;
    return true;
}

/* Arithmetic shift: what compilers do with >> of signed numbers, which the standard leaves open. */
static inline int64_t top_bits(uint64_t word, unsigned shift)
{
    return (int64_t)word >> shift;
}
_Static_assert((int64_t)-2 >> 1 == -1, "shifts of negative numbers keep the sign");

static inline void put64(int64_t *out, size_t index, int64_t value)
{
    memcpy((uint8_t *)out + index * sizeof value, &value, sizeof value);
}

static inline void put128(ji_int128 *out, size_t index, ji_int128 value)
{
    memcpy((uint8_t *)out + index * sizeof value, &value, sizeof value);
}

/* How many numbers can be had by loads of 8 bytes from their first byte on. */
static size_t whole_loads(size_t width, size_t count)
{
    const size_t behind = (WORD - 1) / width + 1;
    return count >= behind ? count - behind + 1 : 0;
}

bool ji_fixed_to_i64(const uint8_t *in, size_t width, size_t count, int64_t *out)
{
    size_t index = 0;
    bool is_fine = true;
    if (width <= WORD) {
#if defined(__x86_64__)
        if (count >= LANES_COUNT_MIN && __builtin_cpu_supports("avx2"))
            index = ji_fixed_to_i64_avx2(in, width, count, out);
#endif
        const size_t safe = width == WORD ? count : whole_loads(width, count);
        const unsigned shift = (unsigned)(WORD - width) * 8;
        for (; index < safe; index++)
            put64(out, index, top_bits(ji_load_be64(in + index * width), shift));
    }
    for (; index < count; index++) {
        ji_int128 wide = 0;
        is_fine &= ji_fixed_int(ji_view_of(in + index * width, width), &wide);
        is_fine &= (int64_t)wide == wide;
        put64(out, index, (int64_t)wide);
    }
    return is_fine;
}

bool ji_fixed_to_i128(const uint8_t *in, size_t width, size_t count, ji_int128 *out)
{
    size_t index = 0;
    bool is_fine = true;
    if (width <= WORD) {
        const size_t safe = width == WORD ? count : whole_loads(width, count);
        const unsigned shift = (unsigned)(WORD - width) * 8;
        for (; index < safe; index++)
            put128(out, index, top_bits(ji_load_be64(in + index * width), shift));
    } else if (width <= 2 * WORD) {
        const unsigned shift = (unsigned)(2 * WORD - width) * 8;
        for (; index < count; index++) {
            const uint8_t *const from = in + index * width;
            const ji_int128 high = top_bits(ji_load_be64(from), shift);
            const uint64_t low = ji_load_be64(from + width - WORD);
            put128(out, index, (ji_int128)((ji_uint128)high << 64 | low));
        }
    }
    for (; index < count; index++) {
        ji_int128 wide = 0;
        is_fine &= ji_fixed_int(ji_view_of(in + index * width, width), &wide);
        put128(out, index, wide);
    }
    return is_fine;
}
