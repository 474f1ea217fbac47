/*
 * delta_encode.h - DELTA_BINARY_PACKED: differences of integers in blocks
 *
 * Differences wrap modulo 2^32 for INT32, 2^64 for INT64. Values are in the machine's byte order.
 */
#ifndef JI_DELTA_ENCODE_H
#define JI_DELTA_ENCODE_H

#include "base/bytes.h"

#define JI_DELTA_MINIS_MAX 8
#define JI_DELTA_BLOCK_MAX 1024

/* A block is a multiple of 128 values, a miniblock one of 32. */
struct ji_delta_shape {
    uint32_t block_values; /* at most JI_DELTA_BLOCK_MAX */
    uint32_t mini_count;   /* at most JI_DELTA_MINIS_MAX */
};

/* The smallest, which parquet-mr and Arrow write: good where neighbours are alike. */
#define JI_DELTA_SHAPE_SMALL ((struct ji_delta_shape){.block_values = 128, .mini_count = 4})

/* Room that encoding `count` values needs, what is written behind their bytes included. */
size_t ji_delta_bound(size_t count, unsigned bits);

/* Return the end of what was written. */
uint8_t *ji_delta_encode32(const uint32_t *values, size_t count, struct ji_delta_shape shape, uint8_t *out);
uint8_t *ji_delta_encode64(const uint64_t *values, size_t count, struct ji_delta_shape shape, uint8_t *out);

/* Bytes that the same would take. */
size_t ji_delta_size32(const uint32_t *values, size_t count, struct ji_delta_shape shape);
size_t ji_delta_size64(const uint64_t *values, size_t count, struct ji_delta_shape shape);

/* The shape that takes the least bytes for these values. */
struct ji_delta_shape ji_delta_shape_for32(const uint32_t *values, size_t count);
struct ji_delta_shape ji_delta_shape_for64(const uint64_t *values, size_t count);

#endif
