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

/* What is to be done once a round is over, however it went. */
static enum joist_status end_round(
        struct ji_text_rows *rows, enum joist_status status, struct joist_error *err)
{
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

static enum joist_status next_round(struct ji_text_rows *rows, struct joist_error *err)
{
    return end_round(rows, ji_text_feed_round(&rows->feed, rows->form->parse, rows, err), err);
}

static enum joist_status next_batch(
        struct ji_text_rows *rows, const struct ji_batch **batch, struct joist_error *err)
{
    while (!rows->ended) {
        while (rows->part < rows->feed.part_count) {
            const size_t left = rows->form->row_count(rows, rows->giving + rows->part) - rows->row;
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

/* --- column by column --- */

static enum joist_status columns_read(void *self, size_t column, unsigned worker, size_t wanted,
        struct ji_column_run *run, struct joist_error *err)
{
    const struct ji_text_rows *rows = self;
    struct ji_text_place *place = &rows->places[column];
    (void)worker;
    (void)err;
    size_t left = rows->form->row_count(rows, rows->giving + place->part) - place->row;
    while (left == 0) {
        place->part++;
        place->row = 0;
        left = rows->form->row_count(rows, rows->giving + place->part);
    }
    *run = (struct ji_column_run){.column = rows->form->column(rows, rows->giving + place->part, column),
            .start = place->row,
            .count = ji_min_size(left, wanted)};
    place->row += run->count;
    return JOIST_OK;
}

static enum joist_status columns_advance(void *self, uint64_t count, struct joist_error *err)
{
    struct ji_text_rows *rows = self;
    rows->rows_done += count;
    return ji_cancel_check(rows->feed.cancel, err);
}

static size_t columns_ahead(void *self)
{
    struct ji_text_rows *rows = self;
    rows->parsing = rows->giving == 0 ? rows->feed.parts_max : 0;
    rows->plan.status =
            ji_text_feed_plan(&rows->feed, rows->form->parse, rows, &rows->piece_count, &rows->plan.error);
    rows->is_ahead = true;
    return rows->piece_count;
}

static void columns_run_ahead(void *self, size_t piece)
{
    struct ji_text_rows *rows = self;
    struct ji_text_outcome *outcome = &rows->pieces[piece];
    outcome->status = ji_text_feed_run(&rows->feed, piece, &outcome->error);
}

/* Of the round that was run ahead: as if its pieces had been run in order. */
static enum joist_status ahead_outcome(struct ji_text_rows *rows, struct joist_error *err)
{
    const struct ji_text_outcome *outcome = &rows->plan;
    ji_text_feed_over(&rows->feed);
    for (size_t i = 0; i < rows->piece_count && outcome->status == JOIST_OK; i++)
        outcome = &rows->pieces[i];
    rows->is_ahead = false;
    if (outcome->status != JOIST_OK && err != NULL)
        *err = outcome->error;
    return outcome->status;
}

/* The next round that has rows is the one that is given. */
static enum joist_status turn_rows(struct ji_text_rows *rows, uint64_t *count, struct joist_error *err)
{
    *count = 0;
    do {
        if (rows->is_ahead)
            JI_TRY(end_round(rows, ahead_outcome(rows, err), err));
        else
            JI_TRY(next_round(rows, err));
        for (size_t i = 0; i < rows->feed.part_count; i++)
            *count += rows->form->row_count(rows, rows->parsing + i);
    } while (*count == 0 && !rows->ended);
    rows->giving = rows->parsing;
    memset(rows->places, 0, rows->schema.column_count * sizeof *rows->places);
    return JOIST_OK;
}

static enum joist_status columns_more(void *self, uint64_t *count, struct joist_error *err)
{
    struct ji_text_rows *rows = self;
    if (rows->failed == JOIST_OK && !rows->ended)
        rows->failed = turn_rows(rows, count, &rows->failure);
    else if (rows->failed == JOIST_OK)
        *count = 0;
    if (rows->failed != JOIST_OK && err != NULL)
        *err = rows->failure;
    return rows->failed;
}

static enum joist_status rows_columns(void *self, struct ji_column_rows *columns, struct joist_error *err)
{
    static const struct ji_column_rows_ops ops = {.read = columns_read,
            .advance = columns_advance,
            .more = columns_more,
            .ahead = columns_ahead,
            .run_ahead = columns_run_ahead};
    struct ji_text_rows *rows = self;
    JI_TRY(ji_arena_array(&rows->arena, rows->schema.column_count, sizeof *rows->places, &rows->places, err));
    JI_TRY(ji_arena_array(&rows->arena, rows->feed.parts_made + 1, sizeof *rows->pieces, &rows->pieces, err));
    rows->feed.holds = true;
    *columns = (struct ji_column_rows){.ops = &ops, .self = rows};
    return JOIST_OK;
}

/* --- open and close --- */

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
        .open_columns = rows_columns,
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
