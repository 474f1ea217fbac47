/*
 * bit_pack.c - eight values at a time, neighbours joined: pairs, then fours, then words of 64 bits
 *
 *     width <= 8      pairs, fours, one word of eight
 *     width <= 16     pairs, fours: two words, the second shifted on to the end of the first
 *     width <= 32     pairs, fours of 128 bits
 *     wider           eight words of a value each
 *
 * Words are stored whole wherever the next one begins, which is why bytes behind the end are written. No
 * step depends on the values.
 */
#include "kernel/bit_pack.h"

#include <assert.h>

#define GROUP 8
#define WORD_BITS 64

/* Eight words of `bits` bits (33..64) one behind the other. */
static inline __attribute__((always_inline)) void words_join(
        const uint64_t *words, unsigned bits, uint8_t *out)
{
    uint64_t rest = 0; /* of the last byte that is not full */
    unsigned shift = 0;
    for (unsigned i = 0; i < GROUP; i++) {
        const ji_uint128 whole = (ji_uint128)words[i] << shift | rest;
        const unsigned bytes = (shift + bits) / 8;
        ji_store_le64(out, (uint64_t)whole);
        rest = (uint64_t)(whole >> 8 * bytes);
        shift = (shift + bits) % 8;
        out += bytes;
    }
}

static inline void store_wide(uint8_t *out, ji_uint128 value)
{
    ji_store_le64(out, (uint64_t)value);
    ji_store_le64(out + 8, (uint64_t)(value >> 64));
}

static inline __attribute__((always_inline)) uint8_t *group_pack(
        unsigned width, const uint64_t *values, uint8_t *out)
{
    uint64_t words[GROUP];
    if (width > 32) {
        words_join(values, width, out);
        return out + width;
    }
    for (unsigned i = 0; i < GROUP / 2; i++)
        words[i] = values[2 * i] | values[2 * i + 1] << width;
    if (width > 16) {
        const ji_uint128 first = (ji_uint128)words[1] << 2 * width | words[0];
        const ji_uint128 last = (ji_uint128)words[3] << 2 * width | words[2];
        /* An odd width ends the first half with half a byte, which the second begins with. */
        const unsigned half = width % 2 * 4;
        store_wide(out, first);
        store_wide(out + width / 2, last << half | (half == 0 ? 0 : first >> (4 * width - half)));
        return out + width;
    }
    const uint64_t low = words[0] | words[1] << 2 * width;
    const uint64_t high = words[2] | words[3] << 2 * width;
    const unsigned bits = 4 * width;
    if (width == 16) {
        ji_store_le64(out, low);
        ji_store_le64(out + 8, high);
    } else {
        ji_store_le64(out, low | high << bits);
        /* In two shifts: bits may be 0 from 64. */
        ji_store_le64(out + 8, high >> (WORD_BITS - 1 - bits) >> 1);
    }
    return out + width;
}

uint8_t *ji_bit_pack_plain(unsigned width, const uint32_t *values, size_t count, uint8_t *out)
{
    assert(width <= 32 && count % GROUP == 0);
    for (size_t at = 0; at < count; at += GROUP) {
        uint64_t group[GROUP];
        for (unsigned i = 0; i < GROUP; i++)
            group[i] = values[at + i];
        out = group_pack(width, group, out);
    }
    return out;
}

uint8_t *ji_bit_pack(unsigned width, const uint32_t *values, size_t count, uint8_t *out)
{
#if defined(__x86_64__)
    if (width > 0 && width <= JI_PACK_LANES_WIDTH_MAX && __builtin_cpu_supports("avx2"))
        return ji_bit_pack_avx2(width, values, count, out);
#endif
    return ji_bit_pack_plain(width, values, count, out);
}

uint8_t *ji_bit_pack64_plain(unsigned width, const uint64_t *values, size_t count, uint8_t *out)
{
    assert(width <= 64 && count % GROUP == 0);
    for (size_t at = 0; at < count; at += GROUP)
        out = group_pack(width, values + at, out);
    return out;
}

uint8_t *ji_bit_pack64(unsigned width, const uint64_t *values, size_t count, uint8_t *out)
{
#if defined(__x86_64__)
    if (width >= JI_PACK_LANES64_WIDTH_MIN && width <= JI_PACK_LANES64_WIDTH_MAX &&
            __builtin_cpu_supports("avx2"))
        return ji_bit_pack64_avx2(width, values, count, out);
#endif
    return ji_bit_pack64_plain(width, values, count, out);
}
