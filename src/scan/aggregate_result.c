/*
 * aggregate_result.c - the groups of an aggregate as rows to be scanned
 *
 * One morsel is JI_RESULT_ROWS groups, built into columns when it is asked for: a sort or filter above runs
 * in parallel.
 */
#include "arrow/column_builder.h"
#include "scan/aggregate_state.h"

#define RESULT_ROWS 8192

struct result {
    struct ji_aggregate_result_parts parts;
};

struct result_cursor {
    struct result *result;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_column_builder *builders;
    size_t builder_count;
    size_t start;
    size_t end;
    bool done;
    struct ji_batch batch;
};

static size_t result_morsels(void *self)
{
    const struct result *result = self;
    return (result->parts.state.table.count + RESULT_ROWS - 1) / RESULT_ROWS;
}

static enum joist_status build_row(struct result_cursor *cursor, size_t group, struct joist_error *err)
{
    const struct ji_aggregate_result_parts *parts = &cursor->result->parts;
    const struct ji_aggregate_options *options = parts->options;
    const uint8_t *key = ji_group_key(&parts->state.table.groups[group]);
    struct ji_value value;
    for (size_t column = 0; column < cursor->builder_count; column++) {
        if (column < options->key_count)
            ji_row_key_read(&options->schema->columns[column], &key, &value);
        else
            JI_TRY(ji_aggregate_value(
                    &parts->state, parts->plan, options, column - options->key_count, group, &value, err));
        if (value.is_null)
            JI_TRY(ji_column_builder_null(&cursor->builders[column], err));
        else
            JI_TRY(ji_column_builder_value(&cursor->builders[column], &value, err));
    }
    return JOIST_OK;
}

static enum joist_status result_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct result_cursor *cursor = self;
    if (cursor->done) {
        *batch = NULL;
        return JOIST_OK;
    }
    for (size_t row = cursor->start; row < cursor->end; row++)
        JI_TRY(build_row(cursor, cursor->result->parts.order[row], err));
    for (size_t column = 0; column < cursor->builder_count; column++)
        JI_TRY(ji_column_builder_finish(
                &cursor->builders[column], &cursor->arena, &cursor->batch.columns[column], err));
    cursor->batch.row_count = cursor->end - cursor->start;
    cursor->batch.selection_count = cursor->batch.row_count;
    cursor->done = true;
    *batch = &cursor->batch;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct result_cursor *cursor = self;
    struct ji_mem *mem = cursor->mem;
    for (size_t column = 0; cursor->builders != NULL && column < cursor->builder_count; column++)
        ji_column_builder_clear(&cursor->builders[column]);
    ji_arena_clear(&cursor->arena);
    ji_free(mem, cursor, sizeof *cursor);
}

static enum joist_status prepare(struct result_cursor *cursor, struct joist_error *err)
{
    const struct ji_schema *schema = cursor->result->parts.options->schema;
    const size_t count = schema->column_count;
    JI_TRY(ji_arena_array(&cursor->arena, count + 1, sizeof *cursor->builders, &cursor->builders, err));
    JI_TRY(ji_arena_array(
            &cursor->arena, count + 1, sizeof *cursor->batch.columns, &cursor->batch.columns, err));
    cursor->batch.column_count = count;
    for (size_t column = 0; column < count; column++) {
        JI_TRY(ji_column_builder_init(&cursor->builders[column], cursor->mem, &schema->columns[column], err));
        cursor->builder_count++;
    }
    return JOIST_OK;
}

static enum joist_status result_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {result_next, cursor_close};
    struct result *result = self;
    struct result_cursor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->result = result;
    made->mem = mem;
    made->start = morsel * RESULT_ROWS;
    made->end = ji_min_size(made->start + RESULT_ROWS, result->parts.state.table.count);
    ji_arena_init(&made->arena, mem);
    return ji_rows_cursor_made(prepare(made, err), &ops, made, cursor);
}

static void result_close(void *self)
{
    struct result *result = self;
    struct ji_aggregate_result_parts *parts = &result->parts;
    struct ji_mem *mem = ji_ctx_mem(parts->ctx);
    ji_free(mem, parts->order, parts->state.table.count * sizeof *parts->order);
    ji_aggregate_state_close(&parts->state, parts->plan);
    ji_arena_clear(&parts->arena);
    ji_free(mem, result, sizeof *result);
}

enum joist_status ji_aggregate_result_new(
        struct ji_aggregate_result_parts *parts, struct ji_rows_scan *result, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {result_morsels, result_open, ji_no_counters, result_close};
    struct result *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(parts->ctx), 1, sizeof *made, &made, err));
    made->parts = *parts;
    result->ops = &ops;
    result->self = made;
    return JOIST_OK;
}
