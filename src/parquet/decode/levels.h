/*
 * levels.h - the definition or repetition levels of one page, in order
 */
#ifndef JI_LEVELS_H
#define JI_LEVELS_H

#include "base/error.h"
#include "kernel/rle.h"
#include "parquet/format/footer_model.h"

struct ji_levels {
    unsigned max;
    bool is_bit_packed; /* the deprecated encoding: MSB first, no runs */
    struct ji_rle rle;
    struct ji_view packed;
    size_t packed_index;
};

/* Levels of which all are 0 take no bytes. */
void ji_levels_init_none(struct ji_levels *levels);
/* The bytes of the runs, as pages v2 have them. `max` > 0. */
void ji_levels_init_rle(struct ji_levels *levels, struct ji_view bytes, unsigned max);
/*
 * The levels at the front of a page v1 of `value_count` values: with their length before them, or bit-packed.
 * `*taken` says how many bytes they are. CORRUPT, UNSUPPORTED.
 */
enum joist_status ji_levels_init_v1(struct ji_levels *levels, struct ji_view page, enum ji_encoding encoding,
        unsigned max, size_t value_count, size_t *taken, struct joist_error *err);

/* CORRUPT where there are fewer than `count` levels or one is above the maximum. */
enum joist_status ji_levels_read(
        struct ji_levels *levels, size_t count, uint8_t *out, struct joist_error *err);
/* `max` <= 1: as bits of `bitmap` from `at` on; `*ones` grows by those set. */
enum joist_status ji_levels_read_bits(struct ji_levels *levels, size_t count, uint8_t *bitmap, size_t at,
        size_t *ones, struct joist_error *err);

#endif
