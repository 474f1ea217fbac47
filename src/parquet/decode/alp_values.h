/*
 * alp_values.h - a page of ALP-encoded FLOAT or DOUBLE values
 *
 *     init -> (read | skip)*
 *
 * Any value is found by its number: nothing is decoded to pass over values, nothing is allocated.
 */
#ifndef JI_ALP_VALUES_H
#define JI_ALP_VALUES_H

#include "base/error.h"
#include "kernel/bit_unpack.h"

/* One vector, as its head says. */
struct ji_alp_vector {
    size_t first; /* number of its first value in the page */
    size_t count;
    unsigned exponent;
    unsigned factor;
    unsigned width;
    uint64_t frame;
    struct ji_view packed;
    size_t exception_count;
    const uint8_t *positions;
    const uint8_t *exceptions;
};

struct ji_alp_values {
    bool is_double;
    struct ji_view body; /* from the offsets of the vectors on */
    unsigned vector_log2;
    size_t count;
    size_t index;                /* of the next value */
    struct ji_alp_vector vector; /* count 0: none yet */
};

enum joist_status ji_alp_values_init(
        struct ji_alp_values *values, struct ji_view page, bool is_double, struct joist_error *err);
/* The next `count`, as float or double to `out`, which need not be aligned. CORRUPT where there are fewer. */
enum joist_status ji_alp_values_read(
        struct ji_alp_values *values, size_t count, uint8_t *out, struct joist_error *err);
enum joist_status ji_alp_values_skip(struct ji_alp_values *values, size_t count, struct joist_error *err);

#endif
