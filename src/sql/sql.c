/*
 * sql.c - one SELECT statement to an Arrow stream
 *
 *     text --statement_parse--> statement --statement_bind--> plan --optimise--> stream
 */
#include <joist/sql.h>

#include "base/io.h"
#include "query/open_from.h"
#include "sql/statement.h"

static enum joist_status open_from(void *arg, struct ji_query *query, const struct ji_from *from,
        struct ji_plan **plan, struct joist_error *err)
{
    const struct joist_sql_options *const options = arg;
    struct joist_catalog *const catalog = options->catalog;
    if (from->kind == JI_FROM_FILE)
        return ji_query_scan_file(query, from->name, options->parquet, plan, err);
    if (options->parquet != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "options of Parquet (keys) for '%.200s', which is a table",
                from->name);
    if (catalog == NULL && !from->has_snapshot)
        return ji_query_scan_from(query, NULL, from->name, NULL, plan, err);
    return ji_query_scan_from(
            query, catalog, from->name, from->has_snapshot ? &from->snapshot : NULL, plan, err);
}

/* The optimised plan of `text`, in a fresh query. */
static enum joist_status prepare(struct joist_ctx *ctx, const char *text,
        const struct joist_sql_options *options, struct ji_query **query, struct ji_plan **plan,
        struct joist_error *err)
{
    struct joist_sql_options used = {.struct_size = sizeof used};
    const struct ji_statement *statement = NULL;
    struct ji_query *made = NULL;
    enum joist_status status = JOIST_OK;
    struct ji_view copy = ji_view_of_text(text);
    if (options != NULL)
        memcpy(&used, options, ji_min_size(options->struct_size, sizeof used));
    JI_TRY(ji_query_open(ctx, &made, err));
    made->cancel = used.cancel;
    JI_TRY_OUT(ji_arena_view(&made->arena, copy, &copy, err));
    made->text = copy;
    JI_TRY_OUT(ji_statement_parse(&made->arena, copy, &statement, err));
    JI_TRY_OUT(ji_statement_plan(made, statement, open_from, &used, plan, err));
    JI_TRY_OUT(ji_plan_optimise(made, plan, err));
    *query = made;

out:
    if (status != JOIST_OK) {
        ji_statement_place_error(ji_view_of_text(text), err);
        ji_query_close(made);
    }
    return status;
}

enum joist_status joist_sql_query(struct joist_ctx *ctx, const char *statement,
        const struct joist_sql_options *options, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_query *query = NULL;
    struct ji_plan *plan = NULL;
    struct ji_batch_stream rows = {0};
    JI_TRY(prepare(ctx, statement, options, &query, &plan, err));
    enum joist_status status = ji_query_stream(query, plan, &rows, err);
    if (status != JOIST_OK) {
        ji_query_close(query);
        return status;
    }
    status = ji_stream_export(ctx, &rows, stream, err);
    if (status != JOIST_OK)
        ji_stream_close(&rows);
    return status;
}

enum joist_status joist_sql_explain(struct joist_ctx *ctx, const char *statement,
        const struct joist_sql_options *options, struct joist_sink sink, struct joist_error *err)
{
    struct ji_query *query = NULL;
    struct ji_plan *plan = NULL;
    struct ji_bytes text;
    enum joist_status status = JOIST_OK;
    JI_TRY(prepare(ctx, statement, options, &query, &plan, err));
    ji_bytes_init(&text, query->mem);
    JI_TRY_OUT(ji_plan_explain(query, plan, &text, err));
    JI_TRY_OUT(ji_sink_append(&sink, text.data, text.size, err));

out:
    ji_bytes_clear(&text);
    ji_query_close(query);
    return status;
}
