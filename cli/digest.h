/*
 * digest.h - what the arrays of a stream hold: how many bytes, and a hash a column
 *
 * The hash of a column is a 64-bit sum over its rows, so that where batches end does not matter:
 *
 *     digest   = sum over rows r (from 0) of  mix(hash of the row's bytes + (r + 1) * K), modulo 2^64
 *     bytes    : null  00
 *                value 01, then:  numbers, dates, times: little-endian, as wide as Arrow has them
 *                                 booleans: 00 or 01           strings, bytes: length as 8 bytes, the bytes
 *                                 lists, maps: count as 8 bytes, then each element like a row
 *                                 structs: each child like a row
 *     hash     : h = 0xcbf29ce484222325; for each byte: h = (h ^ byte) * 0x100000001b3 (FNV-1a), modulo 2^64
 *     mix(h)   : h = (h ^ h >> 32) * K;  h ^ h >> 29      with K = 0x9e3779b97f4a7c15
 *
 * A type without values has rows of null. The same for every form of text, any batches and any offsets.
 */
#ifndef CLI_DIGEST_H
#define CLI_DIGEST_H

#include <joist/arrow.h>

/* Bytes of the buffers of one array, as its type has them; of `schema`'s type. */
uint64_t digest_array_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array);

/* Adds rows [0, array->length), rows `row` and on of the stream. False for a type that we do not know. */
bool digest_add(
        const struct ArrowSchema *schema, const struct ArrowArray *array, uint64_t row, uint64_t *digest);

#endif
