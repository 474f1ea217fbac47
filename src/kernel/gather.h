/*
 * gather.h - values picked by code, and dense values spread over rows with nulls
 */
#ifndef JI_GATHER_H
#define JI_GATHER_H

#include "base/bytes.h"

/* The largest code; 0 for none. */
uint32_t ji_codes_max(const uint32_t *codes, size_t count);

/* out[i] = values[codes[i]], each of `width` bytes; every code is in range. */
void ji_gather(const void *values, size_t width, const uint32_t *codes, size_t count, void *out);

/* `count` times the value of `width` bytes. */
void ji_fill(const void *value, size_t width, size_t count, void *out);

/*
 * `values` holds as many values of `width` bytes as bits [at, at + rows) of `validity` are set, and has
 * room for `rows`: each moves to the row of its bit, rows between become zero. In place, from the back.
 */
void ji_expand(void *values, size_t width, const uint8_t *validity, size_t at, size_t rows);
/* The same for bits from `dense` on into `out` from bit `at` on; not in place. */
void ji_expand_bits(
        const uint8_t *dense, size_t dense_at, const uint8_t *validity, size_t at, size_t rows, uint8_t *out);

#endif
