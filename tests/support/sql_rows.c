/*
 * sql_rows.c - statements over tables written in the test, and their rows as text
 */
#include "support/sql_rows.h"

#include "sql/statement.h"

#include <string.h>

struct tables {
    const struct sql_table *tables;
    size_t count;
};

static enum joist_status open_table(void *arg, struct ji_query *query, const struct ji_from *from,
        struct ji_plan **plan, struct joist_error *err)
{
    const struct tables *tables = arg;
    for (size_t index = 0; index < tables->count; index++) {
        const struct sql_table *table = &tables->tables[index];
        struct ji_rows_source source = {0};
        if (strcmp(table->name, from->name) != 0)
            continue;
        JI_TRY(rows_memory_open(query->ctx, table->schema, table->rows, &table->options, &source, err));
        const enum joist_status status = ji_query_scan(query, &source, table->name, plan, err);
        if (status != JOIST_OK)
            source.ops->close(source.self);
        return status;
    }
    return ji_fail(err, JOIST_ERR_NOT_FOUND, "no table '%s'", from->name);
}

static enum joist_status append_row(const struct ji_schema *schema, const struct ji_batch *batch, size_t row,
        struct ji_bytes *out, struct joist_error *err)
{
    for (size_t column = 0; column < batch->column_count; column++) {
        const struct ji_column *from = &batch->columns[column];
        if (column > 0)
            JI_TRY(ji_bytes_append_byte(out, '|', err));
        if (ji_column_is_null(from, row))
            continue;
        const size_t before = out->size;
        JI_TRY(ji_column_text(from, row, out, err));
        if (out->size == before)
            JI_TRY(ji_bytes_append_text(out, "''", err));
    }
    (void)schema;
    return ji_bytes_append_byte(out, '\n', err);
}

static enum joist_status append_rows(
        struct ji_batch_stream *stream, bool names, struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_schema *schema = ji_stream_schema(stream);
    const struct ji_batch *batch = NULL;
    for (size_t column = 0; names && column < schema->column_count; column++)
        JI_TRY(ji_bytes_printf(out, err, "%s%s", column == 0 ? "" : "|", schema->columns[column].name));
    if (names)
        JI_TRY(ji_bytes_append_byte(out, '\n', err));
    for (;;) {
        JI_TRY(ji_stream_next(stream, &batch, err));
        if (batch == NULL)
            break;
        for (size_t index = 0; index < batch->selection_count; index++) {
            const size_t row = batch->selection == NULL ? index : batch->selection[index];
            JI_TRY(append_row(schema, batch, row, out, err));
        }
    }
    JI_TRY(ji_bytes_append_byte(out, '\0', err));
    return JOIST_OK;
}

static enum joist_status prepare(const struct tables *tables, const char *statement, struct ji_query *query,
        struct ji_plan **plan, struct joist_error *err)
{
    const struct ji_statement *parsed = NULL;
    struct tables copy = *tables;
    JI_TRY(ji_statement_parse(&query->arena, ji_view_of_text(statement), &parsed, err));
    JI_TRY(ji_statement_plan(query, parsed, open_table, &copy, plan, err));
    return ji_plan_optimise(query, plan, err);
}

enum joist_status sql_rows(struct joist_ctx *ctx, const struct sql_table *tables, size_t table_count,
        const char *statement, bool names, struct ji_bytes *out, struct joist_error *err)
{
    const struct tables all = {tables, table_count};
    struct ji_query *query = NULL;
    struct ji_plan *plan = NULL;
    struct ji_batch_stream stream = {0};
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_query_open(ctx, &query, err));
    JI_TRY_OUT(prepare(&all, statement, query, &plan, err));
    JI_TRY_OUT(ji_query_stream(query, plan, &stream, err));
    query = NULL;
    JI_TRY_OUT(append_rows(&stream, names, out, err));

out:
    if (status != JOIST_OK)
        ji_statement_place_error(ji_view_of_text(statement), err);
    if (stream.ops != NULL)
        ji_stream_close(&stream);
    ji_query_close(query);
    return status;
}

enum joist_status sql_plan_text(struct joist_ctx *ctx, const struct sql_table *tables, size_t table_count,
        const char *statement, struct ji_bytes *out, struct joist_error *err)
{
    const struct tables all = {tables, table_count};
    struct ji_query *query = NULL;
    struct ji_plan *plan = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_query_open(ctx, &query, err));
    JI_TRY_OUT(prepare(&all, statement, query, &plan, err));
    JI_TRY_OUT(ji_plan_explain(query, plan, out, err));
    JI_TRY_OUT(ji_bytes_append_byte(out, '\0', err));

out:
    ji_query_close(query);
    return status;
}
