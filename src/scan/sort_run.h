/*
 * sort_run.h - rows in order
 */
#ifndef JI_SORT_RUN_H
#define JI_SORT_RUN_H

#include "scan/rows_source.h"
#include "scan/sort_key.h"

struct ji_sort_options {
    const struct ji_schema *schema;    /* of the input, and so of the result */
    const struct ji_expr *const *keys; /* bound to the input */
    const struct ji_sort_order *orders;
    size_t key_count;
    uint64_t limit;        /* only so many rows are wanted; 0: all */
    uint64_t memory_bytes; /* what it may share out among rows, buffers and its reader; 0: all of the ctx's */
    const struct joist_cancel *cancel;
};

/*
 * Reads all of `input`, which is borrowed for the call, with the ctx's threads; equal rows keep the input's
 * order. With a limit only that many rows a worker are held, else all are, up to a third of the memory:
 * what is beyond goes to scratch files in sorted runs, which are merged while the result is read. Where the
 * ctx has no place for these, LIMIT names the sort. What `options` points to must outlive the result.
 */
enum joist_status ji_sort_run(struct joist_ctx *ctx, struct ji_rows_scan *input,
        const struct ji_sort_options *options, struct ji_rows_scan *result, struct joist_error *err);

#endif
