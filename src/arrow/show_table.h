/*
 * show_table.h - the first rows of a stream as a box of aligned columns
 *
 *     ┌──────┬────────┐
 *     │   id │ name   │     names, types, rows; numbers stand right; NULL is shown
 *     │ long │ string │
 *     ├──────┼────────┤
 *     │    1 │ oak    │
 *     └──────┴────────┘
 *     (1 row)
 */
#ifndef JI_SHOW_TABLE_H
#define JI_SHOW_TABLE_H

#include "arrow/batch_stream.h"

struct ji_show_table {
    struct ji_mem *mem;
    const struct ji_schema *schema; /* borrowed */
    uint64_t rows_max;
    unsigned width_max; /* 0: none */
    uint64_t row_count; /* seen */
    uint64_t row_shown;
    struct ji_bytes heap; /* the cells' text: names, types, then the rows, one behind the other */
    struct ji_bytes ends; /* size_t: where each ends in the heap */
    struct ji_bytes cell; /* one cell before it is made fit for a terminal */
    size_t *widths;       /* characters a column */
};

enum joist_status ji_show_table_open(struct ji_show_table *table, struct ji_mem *mem,
        const struct ji_schema *schema, uint64_t rows_max, unsigned width_max, struct joist_error *err);
void ji_show_table_close(struct ji_show_table *table);
/* Keeps the rows that are to be shown, and counts the others. */
enum joist_status ji_show_table_batch(
        struct ji_show_table *table, const struct ji_batch *batch, struct joist_error *err);
/* Appends the whole box. */
enum joist_status ji_show_table_print(
        struct ji_show_table *table, struct ji_bytes *out, struct joist_error *err);

#endif
