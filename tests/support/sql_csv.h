/*
 * sql_csv.h - statements over real files, their rows as CSV, and small files to ask
 */
#ifndef JI_SQL_CSV_H
#define JI_SQL_CSV_H

#include "support/test.h"

#define SQL_CSV_BYTES 16384

/* The rows with a header into `out` of SQL_CSV_BYTES bytes, NUL-terminated. */
enum joist_status sql_csv(struct joist_ctx *ctx, const char *statement, char *out, struct joist_error *err);
enum joist_status stream_csv(
        struct joist_ctx *ctx, struct ArrowArrayStream *stream, char *out, struct joist_error *err);
/* What explain says. */
enum joist_status sql_explain(
        struct joist_ctx *ctx, const char *statement, char *out, struct joist_error *err);

/* A file of these bytes. */
void write_bytes(struct joist_ctx *ctx, const char *location, const char *text);
/*
 * `rows` rows (id long required, g int, name string, price decimal(9,2), day date) from id `first` on, `group_rows` a row
 * group. Row i: g = i % 5, name "n<i % 3>" or null where i % 7 is 0, price i / 100, day 2026-01-01 + i / 10.
 */
void write_numbers(
        struct joist_ctx *ctx, const char *location, long first, long rows, unsigned long group_rows);

#endif
