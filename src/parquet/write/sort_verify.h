/*
 * sort_verify.h - whether the rows that come are in the order that was promised
 */
#ifndef JI_SORT_VERIFY_H
#define JI_SORT_VERIFY_H

#include "arrow/batch.h"
#include "parquet/write/write_options.h"

struct ji_sort_verify {
    const struct ji_sort_key *keys;
    size_t key_count;
    bool holds;              /* of the rows since reset */
    bool has_before;         /* `before` has a row */
    struct ji_value *before; /* of each key, in `kept[0]` */
    struct ji_arena kept[2];
};

/* The keys outlive it. `before` is the arena's. */
enum joist_status ji_sort_verify_init(struct ji_sort_verify *verify, struct ji_mem *mem,
        struct ji_arena *arena, const struct ji_sort_key *keys, size_t key_count, struct joist_error *err);
void ji_sort_verify_clear(struct ji_sort_verify *verify);
/* A new row group: nothing stands before its first row. */
void ji_sort_verify_reset(struct ji_sort_verify *verify);
/* Rows `rows[0 .. count)` of the batch, or those from `start` on. */
enum joist_status ji_sort_verify_add(struct ji_sort_verify *verify, const struct ji_batch *batch,
        const uint32_t *rows, size_t start, size_t count, struct joist_error *err);

#endif
