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

/* What is found out once a page. */
struct ji_bit_unpacker {
    unsigned width; /* 0..64 */
    bool has_lanes; /* the AVX2 kernels may run here */
};

void ji_bit_unpacker_init(struct ji_bit_unpacker *unpacker, unsigned width);
/* Widths to 32. */
void ji_bit_unpack(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint32_t *out);
/* Widths to 8 into bytes: levels. */
void ji_bit_unpack8(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint8_t *out);
/* Widths to 64. */
void ji_bit_unpack64(const struct ji_bit_unpacker *unpacker, const uint8_t *in, size_t in_bytes, size_t first,
        size_t count, uint64_t *out);

/* The plain references. */
void ji_bit_unpack_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint32_t *out);
void ji_bit_unpack8_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint8_t *out);
void ji_bit_unpack64_plain(
        unsigned width, const uint8_t *in, size_t in_bytes, size_t first, size_t count, uint64_t *out);

/* Bytes that `count` values of `width` bits take, for counts that do not overflow. */
static inline size_t ji_packed_bytes(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

/* --- for bit_unpack.c --- */

#if defined(__x86_64__)
/*
 * Whole groups of eight values (unpack8: four groups) from a group's start on, as many as whole loads reach;
 * return how many values. Widths 1..32, 1..8, 1..57.
 */
size_t ji_bit_unpack_avx2(unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint32_t *out);
size_t ji_bit_unpack8_avx2(unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint8_t *out);
size_t ji_bit_unpack64_avx2(unsigned width, const uint8_t *in, size_t in_bytes, size_t count, uint64_t *out);
#endif

#endif
