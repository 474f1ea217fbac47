/*
 * sort_result.h - the rows of a sort as batches
 */
#ifndef JI_SORT_RESULT_H
#define JI_SORT_RESULT_H

#include "scan/sort_run.h"
#include "scan/sorter.h"

/* What a sort has put in order. Immutable: any number of cursors may be in it. */
struct ji_sort_rows {
    struct joist_ctx *ctx;
    const struct ji_sort_options *options;
    struct ji_row_layout layout;
    struct ji_key_prefix prefix;
    const struct ji_sorter *sorters; /* with rows that are held in order */
    size_t sorter_count;
    const struct ji_sort_spill *runs;
    size_t run_count;
    size_t buffer_bytes; /* for each run */
};

/* `rows` outlives the cursor, which takes its memory from `mem`. */
enum joist_status ji_sort_result_open(const struct ji_sort_rows *rows, struct ji_mem *mem,
        struct ji_rows_cursor *cursor, struct joist_error *err);

#endif
