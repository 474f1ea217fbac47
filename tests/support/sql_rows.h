/*
 * sql_rows.h - statements over tables written in the test, and their rows as text
 */
#ifndef JI_SQL_ROWS_H
#define JI_SQL_ROWS_H

#include "support/rows_memory.h"

struct sql_table {
    const char *name;
    const char *schema;
    const char *rows; /* as rows_memory.h says */
    struct rows_memory_options options;
};

/*
 * The rows as "a|b\nc|d\n", null as "" and an empty string as "''". `out` is NUL-terminated, in memory of `bytes`'s pool.
 * With `names` the first line has the columns' names.
 */
enum joist_status sql_rows(struct joist_ctx *ctx, const struct sql_table *tables, size_t table_count,
        const char *statement, bool names, struct ji_bytes *out, struct joist_error *err);
/* The plan as explain prints it. */
enum joist_status sql_plan_text(struct joist_ctx *ctx, const struct sql_table *tables, size_t table_count,
        const char *statement, struct ji_bytes *out, struct joist_error *err);

#endif
