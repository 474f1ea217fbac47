/*
 * delta_stream.h - writes DELTA_BINARY_PACKED in any shape, for tests of who reads it
 */
#ifndef JI_TEST_DELTA_STREAM_H
#define JI_TEST_DELTA_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delta_shape {
    size_t block_values;
    size_t mini_count;
    unsigned bits;           /* 32 or 64: of the arithmetic */
    unsigned width_least;    /* no miniblock is narrower */
    uint8_t rubbish_width;   /* of miniblocks that no value needs */
    uint8_t rubbish_padding; /* behind the last value of the last miniblock */
};

/* The stream of `count` values to `out`, which has room for all of it; returns its bytes. */
size_t delta_stream(const struct delta_shape *shape, const uint64_t *values, size_t count, uint8_t *out);

/* Room that is always enough. */
static inline size_t delta_stream_bytes_max(const struct delta_shape *shape, size_t count)
{
    const size_t blocks = count / shape->block_values + 1;
    return 64 + blocks * (16 + shape->mini_count + shape->block_values * 8 + 8);
}

#endif
