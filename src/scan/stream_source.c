/*
 * stream_source.c - a stream of rows as a rows_source: one morsel, which can be read once
 */
#include "scan/stream_source.h"

#include "scan/stream_rows.h"

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
    struct ji_stream_rows rows;
};

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct stream_cursor *const cursor = self;
    uint64_t passed = 0;
    return ji_stream_rows_next(&cursor->rows, &cursor->scan->source->batches, &passed, batch, err);
}

static void cursor_close(void *self)
{
    struct stream_cursor *const cursor = self;
    ji_stream_rows_close(&cursor->rows);
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

static enum joist_status open_cursor(struct stream_cursor *cursor, struct joist_error *err)
{
    struct stream_source *const source = cursor->scan->source;
    JI_TRY(ji_stream_rows_open(&cursor->rows, source->ctx, cursor->mem, &cursor->scan->request, err));
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
    return ji_rows_cursor_made(open_cursor(made, err), &ops, made, cursor);
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
