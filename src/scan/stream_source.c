/*
 * stream_source.c - a stream of rows as a rows_source: one morsel, which can be read once
 *
 *     stream --filter--> selection --pick columns--> batch
 */
#include "scan/stream_source.h"

#include "expr/evaluate.h"

struct stream_source {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ArrowArrayStream in;
    struct ji_batch_stream batches;
    bool is_read;
};

struct stream_scan {
    struct stream_source *source;
    struct ji_scan_request request;
};

struct stream_cursor {
    struct stream_scan *scan;
    struct ji_mem *mem;
    struct ji_evaluator *evaluator;
    uint32_t *rows;
    size_t row_room;
    struct ji_column *columns;
    struct ji_batch batch;
};

static enum joist_status filter(
        struct stream_cursor *cursor, const struct ji_batch *from, struct joist_error *err)
{
    const struct ji_expr *predicate = cursor->scan->request.predicate;
    cursor->batch.row_count = from->row_count;
    cursor->batch.selection = from->selection;
    cursor->batch.selection_count = from->selection_count;
    if (predicate == NULL)
        return JOIST_OK;
    if (from->row_count > cursor->row_room) {
        JI_TRY(ji_realloc(cursor->mem, &cursor->rows, cursor->row_room * sizeof *cursor->rows,
                from->row_count * sizeof *cursor->rows, err));
        cursor->row_room = from->row_count;
    }
    size_t count = 0;
    ji_evaluator_reset(cursor->evaluator);
    JI_TRY(ji_evaluate_filter(cursor->evaluator, predicate, from, cursor->rows, &count, err));
    cursor->batch.selection_count = count;
    cursor->batch.selection = count == from->row_count ? NULL : cursor->rows;
    return JOIST_OK;
}

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct stream_cursor *const cursor = self;
    const struct ji_scan_request *const request = &cursor->scan->request;
    const struct ji_batch *from = NULL;
    do {
        JI_TRY(ji_cancel_check(request->cancel, err));
        JI_TRY(ji_stream_next(&cursor->scan->source->batches, &from, err));
        if (from == NULL) {
            *batch = NULL;
            return JOIST_OK;
        }
        JI_TRY(filter(cursor, from, err));
    } while (cursor->batch.selection_count == 0);
    for (size_t index = 0; index < request->column_count; index++)
        cursor->columns[index] = from->columns[request->columns[index]];
    cursor->batch.columns = cursor->columns;
    cursor->batch.column_count = request->column_count;
    *batch = &cursor->batch;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct stream_cursor *const cursor = self;
    struct ji_mem *const mem = cursor->mem;
    const size_t columns = cursor->scan->request.column_count + 1;
    ji_evaluator_close(cursor->evaluator);
    ji_free(mem, cursor->rows, cursor->row_room * sizeof *cursor->rows);
    ji_free(mem, cursor->columns, cursor->columns == NULL ? 0 : columns * sizeof *cursor->columns);
    ji_free(mem, cursor, sizeof *cursor);
}

static enum joist_status open_cursor(struct stream_cursor *cursor, struct joist_error *err)
{
    struct stream_source *const source = cursor->scan->source;
    JI_TRY(ji_alloc_zero(cursor->mem, cursor->scan->request.column_count + 1, sizeof *cursor->columns,
            &cursor->columns, err));
    JI_TRY(ji_evaluator_open(source->ctx, cursor->mem, &cursor->evaluator, err));
    if (source->is_read)
        return ji_fail(err, JOIST_ERR_INVALID, "a stream of rows can be read only once");
    source->is_read = true;
    return JOIST_OK;
}

static enum joist_status scan_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct stream_cursor *made = NULL;
    (void)morsel;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->scan = self;
    made->mem = mem;
    const enum joist_status status = open_cursor(made, err);
    if (status != JOIST_OK) {
        cursor_close(made);
        return status;
    }
    cursor->ops = &ops;
    cursor->self = made;
    return JOIST_OK;
}

static void scan_close(void *self)
{
    struct stream_scan *const scan = self;
    ji_free(scan->source->mem, scan, sizeof *scan);
}

static enum joist_status source_plan(
        void *self, const struct ji_scan_request *request, struct ji_rows_scan *scan, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {ji_one_morsel, scan_open, ji_no_counters, scan_close};
    struct stream_source *const source = self;
    struct stream_scan *made = NULL;
    JI_TRY(ji_alloc_zero(source->mem, 1, sizeof *made, &made, err));
    made->source = source;
    made->request = *request;
    scan->ops = &ops;
    scan->self = made;
    return JOIST_OK;
}

static const struct ji_schema *source_schema(void *self)
{
    const struct stream_source *const source = self;
    return ji_stream_schema(&source->batches);
}

static uint64_t source_row_count(void *self)
{
    (void)self;
    return UINT64_MAX;
}

static bool source_facts(void *self, size_t column, struct ji_facts *facts)
{
    (void)self;
    (void)column;
    (void)facts;
    return false;
}

static void source_close(void *self)
{
    struct stream_source *const source = self;
    ji_stream_close(&source->batches);
    source->in.release(&source->in);
    ji_free(source->mem, source, sizeof *source);
}

enum joist_status ji_stream_source_make(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct ji_rows_source *source, struct joist_error *err)
{
    static const struct ji_rows_source_ops ops = {
            source_schema, source_row_count, source_facts, source_plan, source_close};
    struct stream_source *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = ji_ctx_mem(ctx);
    made->in = *stream;
    const enum joist_status status = ji_stream_import(ctx, &made->in, &made->batches, err);
    if (status != JOIST_OK) {
        ji_free(made->mem, made, sizeof *made);
        return status;
    }
    *stream = (struct ArrowArrayStream){.release = NULL};
    source->ops = &ops;
    source->self = made;
    return JOIST_OK;
}
