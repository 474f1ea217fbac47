/*
 * text_rows.c - rows of text as a stream of batches
 *
 * The source stays the caller's until a stream stands: only closing the stream closes it.
 */
#include "text/text_rows.h"

#include <assert.h>

static const struct ji_schema *rows_schema(void *self)
{
    const struct ji_text_rows *rows = self;
    return &rows->schema;
}

static void report(const struct ji_text_rows *rows)
{
    if (rows->progress.report == NULL)
        return;
    const uint64_t total = ji_source_size(&rows->source);
    rows->progress.report(rows->progress.user, ji_text_feed_done(&rows->feed),
            total == JOIST_SIZE_UNKNOWN ? 0 : total, rows->rows_done);
}

static enum joist_status next_round(struct ji_text_rows *rows, struct joist_error *err)
{
    const enum joist_status status = ji_text_feed_round(&rows->feed, rows->form->parse, rows, err);
    if (status != JOIST_OK)
        return rows->form->fail == NULL ? status : rows->form->fail(rows, status, err);
    if (rows->form->turned != NULL)
        rows->form->turned(rows);
    rows->part = 0;
    rows->row = 0;
    rows->ended = rows->feed.part_count == 0;
    report(rows);
    return JOIST_OK;
}

static enum joist_status next_batch(
        struct ji_text_rows *rows, const struct ji_batch **batch, struct joist_error *err)
{
    while (!rows->ended) {
        while (rows->part < rows->feed.part_count) {
            const size_t left = rows->form->row_count(rows, rows->part) - rows->row;
            if (left > 0) {
                const size_t count = ji_min_size(left, JI_BATCH_ROWS_MAX);
                JI_TRY(rows->form->fill(rows, count, err));
                rows->row += count;
                rows->rows_done += count;
                *batch = &rows->batch;
                return JOIST_OK;
            }
            rows->part++;
            rows->row = 0;
        }
        JI_TRY(next_round(rows, err));
    }
    *batch = NULL;
    return JOIST_OK;
}

/* What has failed once fails for good: no row behind the failure is handed out. */
static enum joist_status rows_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct ji_text_rows *rows = self;
    if (rows->failed == JOIST_OK) {
        rows->failed = ji_cancel_check(rows->feed.cancel, &rows->failure);
        if (rows->failed == JOIST_OK)
            rows->failed = next_batch(rows, batch, &rows->failure);
    }
    if (rows->failed != JOIST_OK && err != NULL)
        *err = rows->failure;
    return rows->failed;
}

/* All but the source. */
static void free_rows(struct ji_text_rows *rows)
{
    struct joist_ctx *ctx = rows->ctx;
    struct ji_mem *mem = rows->mem;
    rows->form->clear(rows);
    ji_text_feed_close(&rows->feed);
    ji_arena_clear(&rows->arena);
    ji_free(mem, rows, rows->form->bytes);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

static void rows_close(void *self)
{
    struct ji_text_rows *rows = self;
    struct joist_source source = rows->source;
    free_rows(rows);
    ji_source_close(&source);
}

static const struct ji_batch_stream_ops rows_ops = {
        .schema = rows_schema,
        .next = rows_next,
        .close = rows_close,
};

enum joist_status ji_text_rows_open(struct joist_ctx *ctx, const struct ji_text_form *form,
        const struct joist_text_options *options, const struct ji_text_input *input,
        struct ji_batch_stream *stream, struct joist_error *err)
{
    assert(ctx != NULL && input->source.ops != NULL && stream != NULL);
    struct joist_text_options taken;
    JI_TRY(ji_text_options_take(options, ji_source_name(&input->source), &taken, err));
    struct ji_mem *mem = NULL;
    struct ji_text_rows *made = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), form->name, form->bytes, &mem, &made, err));
    made->form = form;
    made->ctx = ji_ctx_retain(ctx);
    made->mem = mem;
    made->source = input->source;
    made->progress = taken.progress;
    made->feed.ctx = ctx;
    made->feed.mem = mem;
    made->feed.cancel = taken.cancel;
    ji_arena_init(&made->arena, mem);
    const enum joist_status status = form->open(made, &taken, input, err);
    if (status != JOIST_OK) {
        free_rows(made);
        return status;
    }
    *stream = (struct ji_batch_stream){.ops = &rows_ops, .self = made};
    return JOIST_OK;
}

enum joist_status ji_text_rows_export(struct joist_ctx *ctx, const struct ji_text_form *form,
        struct joist_source source, const struct joist_text_options *options, struct ArrowArrayStream *stream,
        struct joist_error *err)
{
    const struct ji_text_input input = {.source = source};
    struct ji_batch_stream rows;
    JI_TRY(ji_text_rows_open(ctx, form, options, &input, &rows, err));
    const enum joist_status status = ji_stream_export(ctx, &rows, stream, err);
    if (status != JOIST_OK)
        free_rows(rows.self); /* the source is the caller's still */
    return status;
}
