/*
 * delta_values.h - a stream of DELTA_BINARY_PACKED integers
 *
 *     init -> (read | skip)*          values by their number, in order, in pieces of any size
 *
 * Sums wrap around, as the format has it. Nothing is allocated, whatever the stream claims.
 */
#ifndef JI_DELTA_VALUES_H
#define JI_DELTA_VALUES_H

#include "base/error.h"
#include "kernel/delta_sum.h"

struct ji_delta_values {
    const uint8_t *at; /* of the next block's head or the next miniblock */
    const uint8_t *end;
    uint64_t total;          /* values, by the header */
    uint64_t left;           /* of them not yet handed out */
    uint64_t mini_values;    /* in a whole miniblock */
    uint64_t mini_count;     /* in a block */
    uint64_t mini_next;      /* of this block */
    const uint8_t *widths;   /* of this block's miniblocks */
    bool has_first;          /* the first value was not handed out yet */
    uint64_t last;           /* what the next delta is added to */
    struct ji_delta_run run; /* the current miniblock; `least` is the block's */
    uint64_t run_at;
    uint64_t run_left;
};

/* A stream from the front of `bytes` on; no bytes at all are no values. */
enum joist_status ji_delta_values_init(
        struct ji_delta_values *values, struct ji_view bytes, struct joist_error *err);
/* The next `count`, modulo 2^32 or 2^64, in host order. CORRUPT where there are fewer. */
enum joist_status ji_delta_values_read32(
        struct ji_delta_values *values, size_t count, uint32_t *out, struct joist_error *err);
enum joist_status ji_delta_values_read64(
        struct ji_delta_values *values, size_t count, uint64_t *out, struct joist_error *err);
enum joist_status ji_delta_values_skip(struct ji_delta_values *values, size_t count, struct joist_error *err);
/* Where the stream ends, found from its heads alone; of one that nothing was taken from. */
enum joist_status ji_delta_values_end(
        const struct ji_delta_values *values, const uint8_t **end, struct joist_error *err);

#endif
