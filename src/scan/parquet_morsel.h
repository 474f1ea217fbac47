/*
 * parquet_morsel.h - the rows of one row group, or of ranges of it, predicate columns first
 */
#ifndef JI_PARQUET_MORSEL_H
#define JI_PARQUET_MORSEL_H

#include <stdatomic.h>

#include "scan/parquet_scan.h"

/* Rows that a scan's batches have: a handful of columns of them stays in a core's cache. */
#define JI_SCAN_BATCH_ROWS 16384

struct ji_parquet_morsel_options {
    struct joist_ctx *ctx;
    struct joist_parquet_file *file; /* owned by the cursor from success on */
    size_t group;
    const struct ji_schema *schema;
    const struct ji_scan_request *request;
    const struct ji_projected *projected; /* one a column of the schema; those not asked for are unset */
    bool all_match;                       /* proved: the predicate is true for every row of the ranges */
    const struct ji_row_range *ranges;    /* of the group; NULL: all rows */
    size_t range_count;
    atomic_uint_fast64_t *rows_read;
};

/* `options` is borrowed for the call, what it points to until the cursor is closed. */
enum joist_status ji_parquet_morsel_open(const struct ji_parquet_morsel_options *options, struct ji_mem *mem,
        struct ji_rows_cursor *cursor, struct joist_error *err);

#endif
