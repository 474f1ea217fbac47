/*
 * run.c - plans to scans that give rows
 *
 * Each operator becomes a `ji_rows_scan` over that of its input. Those that must see all rows first, the
 * breakers, run to their end here, in parallel; the others work when their rows are pulled.
 */
#include "query/plan.h"
#include "scan/one_row.h"
#include "scan/serial.h"
#include "scan/steps.h"

static enum joist_status run_scan(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err)
{
    plan->request.predicate = plan->predicate;
    plan->request.cancel = query->cancel;
    return plan->source->ops->plan(plan->source->self, &plan->request, result, err);
}

/* A projection and the filter below it are one pass over each batch. */
static enum joist_status run_steps(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err)
{
    struct ji_plan *below = plan;
    struct ji_steps_options options = {.schema = &plan->schema, .cancel = query->cancel};
    if (plan->op == JI_PLAN_PROJECT) {
        options.expressions = plan->expressions;
        below = plan->input;
    }
    if (below->op == JI_PLAN_FILTER) {
        options.filter = below->predicate;
        below = below->input;
    }
    struct ji_rows_scan input = {0};
    JI_TRY(ji_plan_run(query, below, &input, err));
    const enum joist_status status = ji_steps_open(query->ctx, &input, &options, result, err);
    if (status != JOIST_OK)
        input.ops->close(input.self);
    return status;
}

static bool fact_of_call(const struct ji_plan *scan, const struct ji_aggregate_call *call, uint64_t rows,
        struct ji_value *value)
{
    struct ji_facts facts;
    *value = (struct ji_value){.as.integer = (int64_t)rows};
    if (call->function == JI_COUNT_ROWS)
        return true;
    const struct ji_expr *argument = call->argument;
    if (argument->op != JI_EXPR_COLUMN)
        return false;
    if (call->function == JI_COUNT && !call->distinct && !argument->type.nullable)
        return true;
    if (!scan->source->ops->facts(scan->source->self, scan->request.columns[argument->column], &facts))
        return false;
    if (!facts.has_null_count || facts.null_count > rows)
        return false;
    value->as.integer = (int64_t)(rows - facts.null_count);
    if (call->function == JI_COUNT)
        return !call->distinct;
    const bool real = argument->type.kind == JI_FLOAT || argument->type.kind == JI_DOUBLE;
    if (real && (!facts.has_nan_count || facts.nan_count != 0))
        return false;
    if (facts.null_count == rows) {
        value->is_null = true;
        return true;
    }
    if (call->function == JI_MIN) {
        *value = facts.min;
        return facts.has_min && facts.min_exact;
    }
    *value = facts.max;
    return call->function == JI_MAX && facts.has_max && facts.max_exact;
}

/* Counts, least and greatest values of a whole source from what its metadata says, where it says enough. */
static enum joist_status answer_from_facts(struct ji_query *query, const struct ji_plan *plan,
        const struct ji_value **out, struct joist_error *err)
{
    const struct ji_plan *scan = plan->input;
    struct ji_value *values = NULL;
    *out = NULL;
    if (plan->expression_count > 0 || scan->op != JI_PLAN_SCAN || scan->predicate != NULL)
        return JOIST_OK;
    const uint64_t rows = scan->source->ops->row_count(scan->source->self);
    if (rows > INT64_MAX)
        return JOIST_OK;
    JI_TRY(ji_arena_array(&query->arena, plan->call_count + 1, sizeof *values, &values, err));
    for (size_t call = 0; call < plan->call_count; call++) {
        if (!fact_of_call(scan, &plan->calls[call], rows, &values[call]))
            return JOIST_OK;
    }
    *out = values;
    return JOIST_OK;
}

static enum joist_status run_aggregate(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err)
{
    const struct ji_value *values = NULL;
    if (plan->op == JI_PLAN_AGGREGATE)
        JI_TRY(answer_from_facts(query, plan, &values, err));
    if (values != NULL)
        return ji_one_row_open(query->ctx, &plan->schema, values, result, err);
    plan->aggregate = (struct ji_aggregate_options){.schema = &plan->schema,
            .keys = plan->expressions,
            .key_count = plan->expression_count,
            .calls = plan->calls,
            .call_count = plan->call_count,
            .cancel = query->cancel};
    struct ji_rows_scan input = {0};
    JI_TRY(ji_plan_run(query, plan->input, &input, err));
    const enum joist_status status = ji_aggregate_run(query->ctx, &input, &plan->aggregate, result, err);
    input.ops->close(input.self);
    return status;
}

static enum joist_status run_sort(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err)
{
    plan->sort = (struct ji_sort_options){.schema = &plan->schema,
            .keys = plan->expressions,
            .orders = plan->orders,
            .key_count = plan->expression_count,
            .limit = plan->limit,
            .cancel = query->cancel};
    struct ji_rows_scan input = {0};
    JI_TRY(ji_plan_run(query, plan->input, &input, err));
    const enum joist_status status = ji_sort_run(query->ctx, &input, &plan->sort, result, err);
    input.ops->close(input.self);
    return status;
}

static enum joist_status run_limit(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err)
{
    struct ji_rows_scan input = {0};
    JI_TRY(ji_plan_run(query, plan->input, &input, err));
    const enum joist_status status =
            ji_limit_open(query->ctx, &input, plan->limit, plan->offset, result, err);
    if (status != JOIST_OK)
        input.ops->close(input.self);
    return status;
}

/* As deep as the plan, JI_PLAN_DEPTH_MAX. */
enum joist_status ji_plan_run(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err)
{
    switch (plan->op) {
    case JI_PLAN_ROW:
        return ji_one_row_open(query->ctx, &plan->schema, NULL, result, err);
    case JI_PLAN_SCAN:
        return run_scan(query, plan, result, err);
    case JI_PLAN_FILTER:
    case JI_PLAN_PROJECT:
        return run_steps(query, plan, result, err);
    case JI_PLAN_AGGREGATE:
    case JI_PLAN_DISTINCT:
        return run_aggregate(query, plan, result, err);
    case JI_PLAN_SORT:
        return run_sort(query, plan, result, err);
    case JI_PLAN_LIMIT:
        return run_limit(query, plan, result, err);
    }
    return ji_fail(err, JOIST_ERR_INTERNAL, "plan operator %d", (int)plan->op);
}

/* The rows of a query, which begins when the first batch is asked for. */
struct query_stream {
    struct ji_query *query;
    struct ji_plan *plan;
    struct ji_rows_scan scan;
    struct ji_rows_cursor cursor;
};

static const struct ji_schema *stream_schema(void *self)
{
    const struct query_stream *stream = self;
    return &stream->plan->schema;
}

static enum joist_status next_batch(
        struct query_stream *stream, const struct ji_batch **batch, struct joist_error *err)
{
    if (stream->cursor.ops == NULL) {
        if (stream->scan.ops == NULL)
            JI_TRY(ji_plan_run(stream->query, stream->plan, &stream->scan, err));
        JI_TRY(ji_serial_open(&stream->scan, stream->query->mem, &stream->cursor, err));
    }
    JI_TRY(ji_cancel_check(stream->query->cancel, err));
    return stream->cursor.ops->next(stream->cursor.self, batch, err);
}

static enum joist_status stream_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct query_stream *stream = self;
    const enum joist_status status = next_batch(stream, batch, err);
    if (status != JOIST_OK && stream->query->text.size > 0)
        ji_statement_place_error(stream->query->text, err);
    return status;
}

static void stream_close(void *self)
{
    struct query_stream *stream = self;
    struct ji_query *query = stream->query;
    if (stream->cursor.ops != NULL)
        stream->cursor.ops->close(stream->cursor.self);
    if (stream->scan.ops != NULL)
        stream->scan.ops->close(stream->scan.self);
    ji_query_close(query);
}

enum joist_status ji_query_stream(
        struct ji_query *query, struct ji_plan *plan, struct ji_batch_stream *stream, struct joist_error *err)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = stream_schema, .next = stream_next, .close = stream_close};
    struct query_stream *made = NULL;
    JI_TRY(ji_arena_array(&query->arena, 1, sizeof *made, &made, err));
    made->query = query;
    made->plan = plan;
    stream->ops = &ops;
    stream->self = made;
    return JOIST_OK;
}
