/*
 * fixed_int.h - big-endian two's complement numbers of any width, to integers of the host
 */
#ifndef JI_FIXED_INT_H
#define JI_FIXED_INT_H

#include "base/bytes.h"

/* `count` numbers of `width` > 0 bytes each; false where one does not fit, whatever was written then. */
bool ji_fixed_to_i64(const uint8_t *in, size_t width, size_t count, int64_t *out);
bool ji_fixed_to_i128(const uint8_t *in, size_t width, size_t count, ji_int128 *out);
/* One number; 0 bytes are 0. The plain reference. */
bool ji_fixed_int(struct ji_view bytes, ji_int128 *value);

/* --- for fixed_int.c --- */

#if defined(__x86_64__)
/* Widths to 8: groups of eight, as many as whole loads reach; returns how many numbers. */
size_t ji_fixed_to_i64_avx2(const uint8_t *in, size_t width, size_t count, int64_t *out);
#endif

#endif
