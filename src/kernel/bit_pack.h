/*
 * bit_pack.h - values of 0 to 64 bits into bytes, LSB first without gaps: bit_unpack.h's way back
 *
 * `count` is a multiple of eight, so that whole bytes come out. A value has no bit set beyond `width`. Up to
 * JI_PACK_SLACK bytes behind the packed ones are written too.
 */
#ifndef JI_BIT_PACK_H
#define JI_BIT_PACK_H

#include "base/bytes.h"

#define JI_PACK_SLACK 16

/* Return the end of the packed bytes. Widths to 32; to 64. */
uint8_t *ji_bit_pack(unsigned width, const uint32_t *values, size_t count, uint8_t *out);
uint8_t *ji_bit_pack64(unsigned width, const uint64_t *values, size_t count, uint8_t *out);

/* The plain references. */
uint8_t *ji_bit_pack_plain(unsigned width, const uint32_t *values, size_t count, uint8_t *out);
uint8_t *ji_bit_pack64_plain(unsigned width, const uint64_t *values, size_t count, uint8_t *out);

/* --- for bit_pack.c --- */

#if defined(__x86_64__)
#define JI_PACK_LANES_WIDTH_MAX 16
/* Widths 1..16. */
uint8_t *ji_bit_pack_avx2(unsigned width, const uint32_t *values, size_t count, uint8_t *out);
#define JI_PACK_LANES64_WIDTH_MIN 17
#define JI_PACK_LANES64_WIDTH_MAX 32
/* Widths 17..32: narrower ones go as fast without. */
uint8_t *ji_bit_pack64_avx2(unsigned width, const uint64_t *values, size_t count, uint8_t *out);
#endif

#endif
