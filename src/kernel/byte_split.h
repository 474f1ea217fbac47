/*
 * byte_split.h - values whose first bytes stand together, then their second bytes, and so on
 *
 *     in:   a0 b0 c0 ...  |  a1 b1 c1 ...  |  ...          `stride` bytes each, as many as a value has
 *     out:  a0 a1 .. b0 b1 .. c0 c1 ..
 */
#ifndef JI_BYTE_SPLIT_H
#define JI_BYTE_SPLIT_H

#include "base/bytes.h"

/* Values `first` .. `first` + count, which are below `stride`, of `width` > 0 bytes each. */
void ji_byte_join(const uint8_t *in, size_t stride, size_t width, size_t first, size_t count, uint8_t *out);
/* The plain reference. */
void ji_byte_join_plain(
        const uint8_t *in, size_t stride, size_t width, size_t first, size_t count, uint8_t *out);

/*
 * The way back: values 0 .. `count` of `width` > 0 bytes each from `in`, byte i of value v to
 * out[i * stride + v], stride >= count.
 */
void ji_byte_split(const uint8_t *in, size_t width, size_t count, size_t stride, uint8_t *out);
/* The plain reference, from value `first` on. */
void ji_byte_split_plain(
        const uint8_t *in, size_t width, size_t first, size_t count, size_t stride, uint8_t *out);

/* --- for byte_split.c --- */

#if defined(__x86_64__)
/* Values of eight bytes, as many as whole blocks of 32 take; returns how many. */
size_t ji_byte_join8_avx2(const uint8_t *in, size_t stride, size_t count, uint8_t *out);
#endif

#endif
