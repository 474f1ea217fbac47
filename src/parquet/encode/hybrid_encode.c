/*
 * hybrid_encode.c - the RLE/bit-packed hybrid
 *
 *     run      [n << 1 as varint][value, (width + 7) / 8 bytes]                     n equal values
 *     packed   [(n / 8) << 1 | 1 as varint][n x width bits, LSB first]              n a multiple of 8
 *
 * Values are looked at in eights: eight equal ones begin a run that goes as far as they stay equal, any
 * others join the packed stretch. A stretch's last eight are filled up with zeros; the reader knows the
 * count. A run that starts inside an eight begins with the next: at most 7 values are packed that a run
 * could hold.
 */
#include "parquet/encode/hybrid_encode.h"

#include "kernel/bit_pack.h"

#define GROUP 8
#define LEVELS_STEP 64

size_t ji_hybrid_bound(size_t count, unsigned width)
{
    /* Worst: a packed eight and a run of eight in turn; 5 + 5 bytes of heads and 4 of value for each pair. */
    const size_t groups = count / GROUP + 1;
    return groups * width + (groups / 2 + 1) * 14 + GROUP + JI_PACK_SLACK;
}

static inline uint8_t *varint_write(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

static inline uint8_t *run_write(uint8_t *out, size_t count, uint32_t value, unsigned width)
{
    out = varint_write(out, (uint64_t)count << 1);
    for (unsigned bits = 0; bits < width; bits += 8)
        *out++ = (uint8_t)(value >> bits);
    return out;
}

static uint8_t *codes_stretch(const uint32_t *codes, size_t count, unsigned width, uint8_t *out)
{
    if (count == 0)
        return out;
    const size_t groups = (count + GROUP - 1) / GROUP;
    out = varint_write(out, (uint64_t)groups << 1 | 1);
    const size_t whole = count / GROUP * GROUP;
    out = ji_bit_pack(width, codes, whole, out);
    if (whole < count) {
        uint32_t last[GROUP] = {0};
        memcpy(last, codes + whole, (count - whole) * sizeof *codes);
        out = ji_bit_pack(width, last, GROUP, out);
    }
    return out;
}

static inline bool codes_equal(const uint32_t *codes)
{
    uint32_t difference = 0;
    for (unsigned i = 1; i < GROUP; i++)
        difference |= codes[i] ^ codes[0];
    return difference == 0;
}

uint8_t *ji_hybrid_encode_codes(const uint32_t *codes, size_t count, unsigned width, uint8_t *out)
{
    size_t packed_from = 0;
    size_t at = 0;
    while (at + GROUP <= count) {
        if (!codes_equal(codes + at)) {
            at += GROUP;
            continue;
        }
        size_t end = at + GROUP;
        while (end < count && codes[end] == codes[at])
            end++;
        out = codes_stretch(codes + packed_from, at - packed_from, width, out);
        out = run_write(out, end - at, codes[at], width);
        packed_from = end;
        at = end;
    }
    return codes_stretch(codes + packed_from, count - packed_from, width, out);
}

static uint8_t *levels_stretch(const uint8_t *levels, size_t count, unsigned width, uint8_t *out)
{
    if (count == 0)
        return out;
    const size_t groups = (count + GROUP - 1) / GROUP;
    out = varint_write(out, (uint64_t)groups << 1 | 1);
    for (size_t at = 0; at < count; at += LEVELS_STEP) {
        uint32_t codes[LEVELS_STEP] = {0};
        const size_t take = ji_min_size(LEVELS_STEP, count - at);
        for (size_t i = 0; i < take; i++)
            codes[i] = levels[at + i];
        out = ji_bit_pack(width, codes, (take + GROUP - 1) / GROUP * GROUP, out);
    }
    return out;
}

uint8_t *ji_hybrid_encode_levels(const uint8_t *levels, size_t count, unsigned width, uint8_t *out)
{
    size_t packed_from = 0;
    size_t at = 0;
    while (at + GROUP <= count) {
        const uint64_t eight = ji_load_le64(levels + at);
        const uint64_t first = (uint64_t)levels[at] * UINT64_C(0x0101010101010101);
        if (eight != first) {
            at += GROUP;
            continue;
        }
        size_t end = at + GROUP;
        while (end + GROUP <= count && ji_load_le64(levels + end) == first)
            end += GROUP;
        while (end < count && levels[end] == levels[at])
            end++;
        out = levels_stretch(levels + packed_from, at - packed_from, width, out);
        out = run_write(out, end - at, levels[at], width);
        packed_from = end;
        at = end;
    }
    return levels_stretch(levels + packed_from, count - packed_from, width, out);
}
