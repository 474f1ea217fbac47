/*
 * alp_encode.h - ALP: floating-point numbers that are decimals at heart
 */
#ifndef JI_ALP_ENCODE_H
#define JI_ALP_ENCODE_H

#include "base/bytes.h"

/* Room that `count` values of `width` (4 or 8) bytes need, what is written behind their bytes included. */
size_t ji_alp_bound(size_t count, size_t width);

/* Return the end of what was written. Bit for bit what came in comes out: NaN, -0 and the like too. */
uint8_t *ji_alp_encode_floats(const float *values, size_t count, uint8_t *out);
uint8_t *ji_alp_encode_doubles(const double *values, size_t count, uint8_t *out);

#endif
