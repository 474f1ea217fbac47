/*
 * raw_values.h - the values of a page before they are encoded
 *
 *     BITS           data: a byte each, 0 or 1
 *     FOUR, EIGHT    data: uint32_t or uint64_t, in the machine's byte order
 *     BYTE_ARRAY     data: their bytes one after another; lengths: uint32_t each
 *     FIXED          data: `width` bytes each
 */
#ifndef JI_RAW_VALUES_H
#define JI_RAW_VALUES_H

#include "parquet/encode/value_block.h"

struct ji_raw_values {
    enum ji_block_shape shape;
    size_t width; /* of a FIXED value; 0: BYTE_ARRAY */
    size_t count;
    const uint8_t *data;
    size_t bytes;
    const uint32_t *lengths; /* BYTE_ARRAY */
};

/* Their bytes as PLAIN. */
static inline uint64_t ji_raw_plain_bytes(const struct ji_raw_values *raw)
{
    if (raw->shape == JI_BLOCK_BITS)
        return (raw->count + 7) / 8;
    return raw->bytes + (raw->lengths != NULL ? raw->count * sizeof(uint32_t) : 0);
}

#endif
