/*
 * bit_unpack.c - the plain kernels, and the choice of one
 *
 * A value of up to 57 bits lies within the 8 bytes from its first byte on: one unaligned load, a shift and
 * a mask. Where fewer than 8 bytes are left the load is put together from what there is.
 */
#include "kernel/bit_unpack.h"

#include <assert.h>

/* The widest value that one load always reaches, whatever bit it starts at. */
#define ONE_LOAD_WIDTH 57
/* With less to do, setting up the lanes costs more than they give. */
#define LANES_COUNT_MIN 16
#define LANES_COUNT_MIN_8 64

static inline uint64_t load_some(const uint8_t *in, size_t in_bytes, size_t at)
{
    if (at + 8 <= in_bytes)
        return ji_load_le64(in + at);
    uint64_t word = 0;
    for (size_t index = 0; at + index < in_bytes; index++)
        word |= (uint64_t)in[at + index] << (8 * index);
    return word;
}

static inline uint64_t value_at(
        const uint8_t *in, size_t in_bytes, size_t index, unsigned width, uint64_t mask)
{
    const size_t bit = index * width;
    return (load_some(in, in_bytes, bit / 8) >> (bit % 8)) & mask;
}

/* How many of the values can be had by whole loads, without a branch. */
static size_t whole_loads(unsigned width, size_t in_bytes, size_t first, size_t count)
{
    /* Mostly all of them, which needs no division. */
    if ((first + count) * width / 8 + 8 <= in_bytes)
        return count;
    const size_t bits = in_bytes >= 8 ? (in_bytes - 8) * 8 : 0;
    const size_t safe = width > 0 ? bits / width : 0;
    return safe > first ? ji_min_size(safe - first, count) : 0;
}

void ji_bit_unpack_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint32_t *out)
{
    assert(width <= 32);
    const uint64_t mask = (UINT64_C(1) << width) - 1;
    const size_t safe = whole_loads(width, in_bytes, first, count);
    size_t index = 0;
    for (; index < safe; index++) {
        const size_t bit = (first + index) * width;
        out[index] = (uint32_t)((ji_load_le64(in + bit / 8) >> (bit % 8)) & mask);
    }
    for (; index < count; index++)
        out[index] = (uint32_t)value_at(in, in_bytes, first + index, width, mask);
}

void ji_bit_unpack8_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint8_t *out)
{
    assert(width <= 8);
    const uint64_t mask = (UINT64_C(1) << width) - 1;
    size_t index = 0;
    for (; index < count && (first + index) % 8 != 0; index++)
        out[index] = (uint8_t)value_at(in, in_bytes, first + index, width, mask);
    /* Eight values are `width` bytes: one load a group. */
    for (; count - index >= 8 && (first + index) / 8 * width + 8 <= in_bytes; index += 8) {
        const uint64_t word = ji_load_le64(in + (first + index) / 8 * width);
        for (unsigned lane = 0; lane < 8; lane++)
            out[index + lane] = (uint8_t)((word >> (lane * width)) & mask);
    }
    for (; index < count; index++)
        out[index] = (uint8_t)value_at(in, in_bytes, first + index, width, mask);
}

void ji_bit_unpack64_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint64_t *out)
{
    assert(width <= 64);
    const uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    size_t index = 0;
    if (width > 0 && width <= ONE_LOAD_WIDTH) {
        const size_t safe = whole_loads(width, in_bytes, first, count);
        for (; index < safe; index++) {
            const size_t bit = (first + index) * width;
            out[index] = (ji_load_le64(in + bit / 8) >> (bit % 8)) & mask;
        }
    }
    for (; index < count; index++) {
        const size_t bit = (first + index) * width;
        const unsigned shift = (unsigned)(bit % 8);
        uint64_t value = load_some(in, in_bytes, bit / 8) >> shift;
        if (width > ONE_LOAD_WIDTH && shift + width > 64)
            value |= load_some(in, in_bytes, bit / 8 + 8) << (64 - shift);
        out[index] = value & mask;
    }
}

void ji_bit_unpacker_init(struct ji_bit_unpacker *unpacker, unsigned width)
{
    assert(width <= 64);
    unpacker->width = width;
    unpacker->has_lanes = false;
#if defined(__x86_64__)
    unpacker->has_lanes = width > 0 && __builtin_cpu_supports("avx2");
#endif
}

/* Values before the first whole group from `first` on. */
static inline size_t before_group(size_t first)
{
    return (8 - first % 8) % 8;
}

void ji_bit_unpack(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint32_t *out)
{
    const unsigned width = unpacker->width;
    assert(width <= 32);
#if defined(__x86_64__)
    if (unpacker->has_lanes && count >= LANES_COUNT_MIN) {
        const size_t head = before_group(first);
        if (head > 0)
            ji_bit_unpack_plain(width, in, in_bytes, first, head, out);
        const size_t start = (first + head) / 8 * width;
        const size_t done =
                head + ji_bit_unpack_avx2(width, in + start, in_bytes - start, count - head, out + head);
        first += done;
        count -= done;
        out += done;
    }
#endif
    if (count > 0)
        ji_bit_unpack_plain(width, in, in_bytes, first, count, out);
}

void ji_bit_unpack8(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint8_t *out)
{
    const unsigned width = unpacker->width;
    assert(width <= 8);
#if defined(__x86_64__)
    if (unpacker->has_lanes && count >= LANES_COUNT_MIN_8) {
        const size_t head = before_group(first);
        if (head > 0)
            ji_bit_unpack8_plain(width, in, in_bytes, first, head, out);
        const size_t start = (first + head) / 8 * width;
        const size_t done =
                head + ji_bit_unpack8_avx2(width, in + start, in_bytes - start, count - head, out + head);
        first += done;
        count -= done;
        out += done;
    }
#endif
    if (count > 0)
        ji_bit_unpack8_plain(width, in, in_bytes, first, count, out);
}

void ji_bit_unpack64(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint64_t *out)
{
    const unsigned width = unpacker->width;
#if defined(__x86_64__)
    if (unpacker->has_lanes && width <= ONE_LOAD_WIDTH && count >= LANES_COUNT_MIN) {
        const size_t head = before_group(first);
        if (head > 0)
            ji_bit_unpack64_plain(width, in, in_bytes, first, head, out);
        const size_t start = (first + head) / 8 * width;
        const size_t done =
                head + ji_bit_unpack64_avx2(width, in + start, in_bytes - start, count - head, out + head);
        first += done;
        count -= done;
        out += done;
    }
#endif
    if (count > 0)
        ji_bit_unpack64_plain(width, in, in_bytes, first, count, out);
}
