/*
 * bit_unpack.h - values of 0 to 64 bits, packed LSB first without gaps
 *
 *     width 3:  byte 0 [2211 1000] byte 1 [5444 3332] byte 2 [7776 6655]
 *
 * `first` and `count` are in values; `in` holds at least the bytes that values 0 .. first + count take, and
 * no byte behind `in_bytes` is read.
 */
#ifndef JI_BIT_UNPACK_H
#define JI_BIT_UNPACK_H

#include "base/bytes.h"

/* What one width needs, found once a page: which kernel, and its lane tables. */
struct ji_bit_unpacker {
    unsigned width; /* 0..32 */
    bool has_lanes; /* the AVX2 kernel is there and takes this width */
    uint8_t shuffle[32];
    uint32_t shifts[8];
};

void ji_bit_unpacker_init(struct ji_bit_unpacker *unpacker, unsigned width);
void ji_bit_unpack(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint32_t *out);
/* The plain reference. */
void ji_bit_unpack_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint32_t *out);
/* Widths to 8 into bytes: levels. */
void ji_bit_unpack8(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint8_t *out);
/* Widths to 64. */
void ji_bit_unpack64(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint64_t *out);

/* Bytes that `count` values of `width` bits take, for counts that do not overflow. */
static inline size_t ji_packed_bytes(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

/* --- for bit_unpack.c --- */

#if defined(__x86_64__)
/* Fills the lane tables: width 1..25. */
void ji_bit_unpack_avx2_init(struct ji_bit_unpacker *unpacker);
/*
 * Unpacks groups of eight values from a group's start on, as many as whole 16-byte loads reach; returns how
 * many values.
 */
size_t ji_bit_unpack_avx2(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes,
        size_t count, uint32_t *out);
#define JI_BIT_UNPACK_AVX2_WIDTH_MAX 25
#endif

#endif
