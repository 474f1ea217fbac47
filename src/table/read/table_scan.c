/*
 * table_scan.c - a table's rows as an Arrow stream
 *
 * The source, its plan and one cursor over all morsels in order, behind the border's stream. With threads
 * in the context the engine's queries are the faster way; this one is for programs that read a table as it
 * is.
 */
#include "scan/serial.h"
#include "table/catalog/catalog.h"
#include "table/table_source.h"

struct scan_stream {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_rows_source source;
    struct ji_rows_scan scan;
    struct ji_rows_cursor cursor;
    struct ji_schema schema;
    const struct ji_expr *predicate;
    size_t *columns;
    uint64_t left; /* UINT64_MAX: no limit */
    struct ji_batch cut;
};

static const struct ji_schema *stream_schema(void *self)
{
    const struct scan_stream *stream = self;
    return &stream->schema;
}

static enum joist_status stream_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct scan_stream *stream = self;
    const struct ji_batch *next = NULL;
    if (stream->left > 0)
        JI_TRY(stream->cursor.ops->next(stream->cursor.self, &next, err));
    if (next == NULL) {
        *batch = NULL;
        return JOIST_OK;
    }
    const size_t rows = next->selection == NULL ? next->row_count : next->selection_count;
    if (stream->left == UINT64_MAX || rows <= stream->left) {
        stream->left -= stream->left == UINT64_MAX ? 0 : rows;
        *batch = next;
        return JOIST_OK;
    }
    stream->cut = *next;
    stream->cut.selection_count = (size_t)stream->left;
    if (next->selection == NULL) {
        uint32_t *selection = NULL;
        JI_TRY(ji_arena_array(&stream->arena, (size_t)stream->left, sizeof *selection, &selection, err));
        for (uint32_t i = 0; i < stream->left; i++)
            selection[i] = i;
        stream->cut.selection = selection;
    }
    stream->left = 0;
    *batch = &stream->cut;
    return JOIST_OK;
}

static void stream_close(void *self)
{
    struct scan_stream *stream = self;
    if (stream->cursor.ops != NULL)
        stream->cursor.ops->close(stream->cursor.self);
    if (stream->scan.ops != NULL)
        stream->scan.ops->close(stream->scan.self);
    if (stream->source.ops != NULL)
        stream->source.ops->close(stream->source.self);
    ji_arena_clear(&stream->arena);
    struct ji_mem *mem = stream->mem;
    struct joist_ctx *ctx = stream->ctx;
    ji_free(mem, stream, sizeof *stream);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

static const struct ji_batch_stream_ops STREAM_OPS = {
        .schema = stream_schema, .next = stream_next, .close = stream_close};

static enum joist_status choose_columns(struct scan_stream *stream, const struct ji_schema *all,
        const struct joist_scan_options *options, struct joist_error *err)
{
    const size_t count = options->columns != NULL ? options->column_count : all->column_count;
    struct ji_field *fields = NULL;
    if (count == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "no column is asked for");
    JI_TRY(ji_arena_array(&stream->arena, count, sizeof *stream->columns, &stream->columns, err));
    JI_TRY(ji_arena_array(&stream->arena, count, sizeof *fields, &fields, err));
    for (size_t i = 0; i < count; i++) {
        const size_t column =
                options->columns != NULL ? ji_schema_find(all, ji_view_of_text(options->columns[i])) : i;
        if (column == SIZE_MAX)
            return ji_fail(err, JOIST_ERR_NOT_FOUND, "no column '%s'", options->columns[i]);
        stream->columns[i] = column;
        fields[i] = all->columns[column];
    }
    stream->schema = (struct ji_schema){.column_count = count, .columns = fields};
    return JOIST_OK;
}

static enum joist_status bind_predicate(
        struct scan_stream *stream, const struct ji_schema *all, const char *where, struct joist_error *err)
{
    struct ji_expr *parsed = NULL;
    struct ji_expr *bound = NULL;
    if (where == NULL)
        return JOIST_OK;
    JI_TRY(ji_expr_parse_all(&stream->arena, ji_view_of_text(where), &parsed, err));
    JI_TRY(ji_expr_bind(&stream->arena, all, parsed, &bound, err));
    if (ji_expr_has_aggregate(bound))
        return ji_fail(err, JOIST_ERR_INVALID, "where: an aggregate is no condition of a row");
    if (bound->type.kind != JI_BOOL)
        return ji_fail(err, JOIST_ERR_INVALID, "where: '%s' is no condition", where);
    stream->predicate = bound;
    return JOIST_OK;
}

static enum joist_status start(struct scan_stream *stream, struct joist_catalog *catalog, const char *table,
        const struct joist_scan_options *options, struct joist_error *err)
{
    JI_TRY(ji_table_source_open(catalog, table, &options->snapshot, &stream->source, err));
    const struct ji_schema *all = stream->source.ops->schema(stream->source.self);
    JI_TRY(choose_columns(stream, all, options, err));
    JI_TRY(bind_predicate(stream, all, options->where, err));
    const struct ji_scan_request request = {
            .columns = stream->columns,
            .column_count = stream->schema.column_count,
            .predicate = stream->predicate,
            .limit = options->limit,
            .cancel = options->cancel,
    };
    stream->left = options->limit == 0 ? UINT64_MAX : options->limit;
    JI_TRY(stream->source.ops->plan(stream->source.self, &request, &stream->scan, err));
    return ji_serial_open(&stream->scan, stream->mem, &stream->cursor, err);
}

enum joist_status joist_table_scan(struct joist_catalog *catalog, const char *table,
        const struct joist_scan_options *options, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct joist_scan_options given = {.struct_size = sizeof given};
    if (options != NULL)
        memcpy(&given, options, ji_min_size(options->struct_size, sizeof given));
    struct scan_stream *made = NULL;
    struct ji_mem *mem = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(catalog->ctx), "table scan", sizeof *made, &mem, &made, err));
    made->ctx = ji_ctx_retain(catalog->ctx);
    made->mem = mem;
    ji_arena_init(&made->arena, mem);
    enum joist_status status = JOIST_OK;
    struct ji_batch_stream rows = {.ops = &STREAM_OPS, .self = made};
    JI_TRY_OUT(start(made, catalog, table, &given, err));
    JI_TRY_OUT(ji_stream_export(made->ctx, &rows, stream, err));
    return JOIST_OK;
out:
    stream_close(made);
    return status;
}
