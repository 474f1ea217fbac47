/*
 * frame.c - the pipeline that people write
 *
 *     scan -> filter -> group_by -> aggregate -> filter -> sort -> limit -> stream | count | explain
 *
 * Each step is a select block over the plan so far; a step that fails leaves the plan as it was. Terminal
 * calls work on an optimised copy, so that a frame can be asked more than once.
 */
#include <joist/frame.h>

#include "base/io.h"
#include "query/open_from.h"
#include "query/select_parse.h"

struct joist_frame {
    struct ji_query *query;
    struct ji_plan *plan;
    const struct ji_expr *const *group_by; /* between group_by and aggregate */
    size_t group_count;
};

static void drop_frame(struct joist_ctx *ctx, struct joist_frame *frame)
{
    ji_query_close(frame->query);
    ji_free(ji_ctx_mem(ctx), frame, sizeof *frame);
}

enum joist_status joist_frame_scan(struct joist_ctx *ctx, struct joist_catalog *catalog, const char *from,
        struct joist_frame **frame, struct joist_error *err)
{
    struct joist_frame *made = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    JI_TRY_OUT(ji_query_open(ctx, &made->query, err));
    JI_TRY_OUT(ji_query_scan_from(made->query, catalog, from, NULL, &made->plan, err));
    *frame = made;

out:
    if (status != JOIST_OK)
        drop_frame(ctx, made);
    return status;
}

enum joist_status joist_frame_scan_parquet(struct joist_ctx *ctx, const char *location,
        const struct joist_parquet_open_options *options, struct joist_frame **frame, struct joist_error *err)
{
    struct joist_frame *made = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    JI_TRY_OUT(ji_query_open(ctx, &made->query, err));
    JI_TRY_OUT(ji_query_scan_file(made->query, location, options, &made->plan, err));
    *frame = made;

out:
    if (status != JOIST_OK)
        drop_frame(ctx, made);
    return status;
}

enum joist_status joist_frame_scan_stream(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_frame **frame, struct joist_error *err)
{
    struct joist_frame *made = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    JI_TRY_OUT(ji_query_open(ctx, &made->query, err));
    JI_TRY_OUT(ji_query_scan_stream(made->query, stream, &made->plan, err));
    *frame = made;

out:
    if (status != JOIST_OK)
        drop_frame(ctx, made);
    return status;
}

void joist_frame_close(struct joist_frame *frame)
{
    if (frame == NULL)
        return;
    struct joist_ctx *ctx = ji_ctx_retain(frame->query->ctx);
    ji_query_close(frame->query);
    ji_free(ji_ctx_mem(ctx), frame, sizeof *frame);
    joist_ctx_close(ctx);
}

static enum joist_status expect_end(const struct ji_lexer *lexer, struct joist_error *err)
{
    return lexer->token.kind == JI_TOKEN_END ? JOIST_OK : ji_token_fail(&lexer->token, "the end", err);
}

static enum joist_status refuse_open_group(const struct joist_frame *frame, struct joist_error *err)
{
    if (frame->group_by == NULL)
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_INVALID, "group_by is to be followed by aggregate");
}

static enum joist_status apply(
        struct joist_frame *frame, const struct ji_select *select, struct joist_error *err)
{
    static const struct ji_select_item star = {0};
    struct ji_select whole = *select;
    if (whole.items == NULL) {
        whole.items = &star;
        whole.item_count = 1;
    }
    return ji_select_plan(frame->query, frame->plan, &whole, &frame->plan, err);
}

enum joist_status joist_frame_filter(
        struct joist_frame *frame, const char *predicate, struct joist_error *err)
{
    struct ji_lexer lexer;
    struct ji_select select = {0};
    JI_TRY(refuse_open_group(frame, err));
    JI_TRY(ji_lexer_open(&lexer, ji_view_of_text(predicate), 0, err));
    JI_TRY(ji_parse_expr(&frame->query->arena, &lexer, &select.where, err));
    JI_TRY(expect_end(&lexer, err));
    return apply(frame, &select, err);
}

enum joist_status joist_frame_select(
        struct joist_frame *frame, const char *expressions, struct joist_error *err)
{
    struct ji_lexer lexer;
    struct ji_select select = {0};
    JI_TRY(refuse_open_group(frame, err));
    JI_TRY(ji_lexer_open(&lexer, ji_view_of_text(expressions), 0, err));
    JI_TRY(ji_parse_items(&frame->query->arena, &lexer, &select.items, &select.item_count, err));
    JI_TRY(expect_end(&lexer, err));
    return apply(frame, &select, err);
}

enum joist_status joist_frame_group_by(
        struct joist_frame *frame, const char *expressions, struct joist_error *err)
{
    struct ji_lexer lexer;
    const struct ji_expr *const *keys = NULL;
    size_t count = 0;
    JI_TRY(refuse_open_group(frame, err));
    JI_TRY(ji_lexer_open(&lexer, ji_view_of_text(expressions), 0, err));
    JI_TRY(ji_parse_exprs(&frame->query->arena, &lexer, &keys, &count, err));
    JI_TRY(expect_end(&lexer, err));
    /* Bound for its errors alone: the step that names the columns is aggregate. */
    for (size_t key = 0; key < count; key++) {
        struct ji_expr *bound = NULL;
        JI_TRY(ji_expr_bind(&frame->query->arena, &frame->plan->schema, keys[key], &bound, err));
    }
    frame->group_by = keys;
    frame->group_count = count;
    return JOIST_OK;
}

/* The keys in front, then what was asked for. */
static enum joist_status with_keys(
        struct joist_frame *frame, struct ji_select *select, struct joist_error *err)
{
    struct ji_select_item *items = NULL;
    const size_t count = frame->group_count + select->item_count;
    JI_TRY(ji_arena_array(&frame->query->arena, count, sizeof *items, &items, err));
    for (size_t key = 0; key < frame->group_count; key++)
        items[key].expr = frame->group_by[key];
    memcpy(items + frame->group_count, select->items, select->item_count * sizeof *items);
    select->items = items;
    select->item_count = count;
    select->group_by = frame->group_by;
    select->group_count = frame->group_count;
    return JOIST_OK;
}

enum joist_status joist_frame_aggregate(
        struct joist_frame *frame, const char *expressions, struct joist_error *err)
{
    struct ji_lexer lexer;
    struct ji_select select = {0};
    JI_TRY(ji_lexer_open(&lexer, ji_view_of_text(expressions), 0, err));
    JI_TRY(ji_parse_items(&frame->query->arena, &lexer, &select.items, &select.item_count, err));
    JI_TRY(expect_end(&lexer, err));
    bool any = frame->group_by != NULL;
    for (size_t item = 0; item < select.item_count; item++) {
        if (select.items[item].expr == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": '*' is no aggregate",
                    select.items[item].position + 1);
        any = any || ji_expr_has_aggregate(select.items[item].expr);
    }
    if (!any)
        return ji_fail(err, JOIST_ERR_INVALID, "no aggregate in '%.200s'", expressions);
    JI_TRY(with_keys(frame, &select, err));
    JI_TRY(apply(frame, &select, err));
    frame->group_by = NULL;
    frame->group_count = 0;
    return JOIST_OK;
}

enum joist_status joist_frame_sort(struct joist_frame *frame, const char *keys, struct joist_error *err)
{
    struct ji_lexer lexer;
    struct ji_select select = {0};
    JI_TRY(refuse_open_group(frame, err));
    JI_TRY(ji_lexer_open(&lexer, ji_view_of_text(keys), 0, err));
    JI_TRY(ji_parse_order(&frame->query->arena, &lexer, &select.order_by, &select.order_count, err));
    JI_TRY(expect_end(&lexer, err));
    return apply(frame, &select, err);
}

enum joist_status joist_frame_limit(
        struct joist_frame *frame, uint64_t rows, uint64_t offset, struct joist_error *err)
{
    const struct ji_select select = {.has_limit = true, .limit = rows, .offset = offset};
    JI_TRY(refuse_open_group(frame, err));
    return apply(frame, &select, err);
}

/* The rows of the plan so far as a stream with a reference of its own. */
static enum joist_status open_stream(struct joist_frame *frame, const struct joist_cancel *cancel,
        struct ji_batch_stream *stream, struct joist_error *err)
{
    struct ji_plan *plan = frame->plan;
    JI_TRY(refuse_open_group(frame, err));
    JI_TRY(ji_plan_optimise(frame->query, &plan, err));
    frame->query->cancel = cancel;
    JI_TRY(ji_query_stream(frame->query, plan, stream, err));
    (void)ji_query_retain(frame->query);
    return JOIST_OK;
}

enum joist_status joist_frame_stream(struct joist_frame *frame, const struct joist_cancel *cancel,
        struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_batch_stream rows = {0};
    JI_TRY(open_stream(frame, cancel, &rows, err));
    const enum joist_status status = ji_stream_export(frame->query->ctx, &rows, stream, err);
    if (status != JOIST_OK)
        ji_stream_close(&rows);
    return status;
}

enum joist_status joist_frame_count(struct joist_frame *frame, uint64_t *rows, struct joist_error *err)
{
    struct ji_lexer lexer;
    struct ji_select select = {0};
    struct ji_batch_stream stream = {0};
    const struct ji_batch *batch = NULL;
    struct ji_plan *before = frame->plan;
    JI_TRY(refuse_open_group(frame, err));
    JI_TRY(ji_lexer_open(&lexer, ji_view_of_text("count(*)"), 0, err));
    JI_TRY(ji_parse_items(&frame->query->arena, &lexer, &select.items, &select.item_count, err));
    JI_TRY(apply(frame, &select, err));
    enum joist_status status = open_stream(frame, NULL, &stream, err);
    frame->plan = before;
    if (status != JOIST_OK)
        return status;
    JI_TRY_OUT(ji_stream_next(&stream, &batch, err));
    *rows = (uint64_t)ji_column_value(&batch->columns[0], 0).as.integer;

out:
    ji_stream_close(&stream);
    return status;
}

enum joist_status joist_frame_explain(
        struct joist_frame *frame, struct joist_sink sink, struct joist_error *err)
{
    struct ji_plan *plan = frame->plan;
    struct ji_bytes text;
    enum joist_status status = JOIST_OK;
    JI_TRY(refuse_open_group(frame, err));
    ji_bytes_init(&text, frame->query->mem);
    JI_TRY_OUT(ji_plan_optimise(frame->query, &plan, err));
    JI_TRY_OUT(ji_plan_explain(frame->query, plan, &text, err));
    JI_TRY_OUT(ji_sink_append(&sink, text.data, text.size, err));

out:
    ji_bytes_clear(&text);
    return status;
}
