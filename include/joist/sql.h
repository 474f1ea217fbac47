/*
 * joist/sql.h - one SELECT statement to an Arrow stream
 *
 *     select [distinct] ... from ns.table [for version as of N | for timestamp as of timestamp '...']
 *                         | 'files-*.parquet'
 *     where ... group by ... having ... order by ... limit ... offset ...
 */
#ifndef JOIST_SQL_H
#define JOIST_SQL_H

#include <joist/arrow.h>
#include <joist/io.h>

#ifdef __cplusplus
extern "C" {
#endif

struct joist_catalog;
struct joist_parquet_open_options;

struct joist_sql_options {
    size_t struct_size;
    struct joist_catalog *catalog; /* borrowed until the stream is released; NULL: files only */
    const struct joist_cancel *cancel;
    /*
     * How the Parquet files of `from` are opened: their keys above all. Copied; what the keys point to is
     * borrowed until the stream is released. INVALID with a table and with files of another kind.
     */
    const struct joist_parquet_open_options *parquet;
};
/* A syntax or name error is INVALID and points at the place: "line 1, column 8: ...". */
JOIST_API enum joist_status joist_sql_query(struct joist_ctx *ctx, const char *statement,
        const struct joist_sql_options *options, struct ArrowArrayStream *stream, struct joist_error *err);
JOIST_API enum joist_status joist_sql_explain(struct joist_ctx *ctx, const char *statement,
        const struct joist_sql_options *options, struct joist_sink sink, struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
