/*
 * steps.c - a filter and a projection over whatever is scanned
 *
 * Nothing is copied: a filter narrows the selection, a projection computes the selected rows and lends the
 * rest.
 */
#include "scan/steps.h"

#include "base/arena.h"

struct steps {
    struct joist_ctx *ctx;
    struct ji_rows_scan input;
    struct ji_steps_options options;
};

struct steps_cursor {
    const struct steps *steps;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_rows_cursor input;
    struct ji_evaluator *evaluator;
    uint32_t *rows;
    size_t row_room;
    struct ji_column *columns;
    struct ji_batch filtered;
    struct ji_batch batch;
};

static enum joist_status filter(
        struct steps_cursor *cursor, const struct ji_batch *from, struct joist_error *err)
{
    cursor->filtered = *from;
    if (cursor->steps->options.filter == NULL)
        return JOIST_OK;
    if (from->row_count > cursor->row_room) {
        JI_TRY(ji_realloc(cursor->mem, &cursor->rows, cursor->row_room * sizeof *cursor->rows,
                from->row_count * sizeof *cursor->rows, err));
        cursor->row_room = from->row_count;
    }
    size_t count = 0;
    JI_TRY(ji_evaluate_filter(
            cursor->evaluator, cursor->steps->options.filter, from, cursor->rows, &count, err));
    cursor->filtered.selection_count = count;
    cursor->filtered.selection = count == from->row_count ? NULL : cursor->rows;
    return JOIST_OK;
}

static enum joist_status project(struct steps_cursor *cursor, struct joist_error *err)
{
    const struct ji_steps_options *options = &cursor->steps->options;
    cursor->batch = cursor->filtered;
    if (options->expressions == NULL)
        return JOIST_OK;
    for (size_t column = 0; column < options->schema->column_count; column++) {
        JI_TRY(ji_evaluate(cursor->evaluator, options->expressions[column], &cursor->filtered,
                &cursor->columns[column], err));
        cursor->columns[column].field = &options->schema->columns[column];
    }
    cursor->batch.columns = cursor->columns;
    cursor->batch.column_count = options->schema->column_count;
    return JOIST_OK;
}

static enum joist_status steps_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct steps_cursor *cursor = self;
    const struct ji_batch *from = NULL;
    do {
        JI_TRY(ji_cancel_check(cursor->steps->options.cancel, err));
        JI_TRY(cursor->input.ops->next(cursor->input.self, &from, err));
        if (from == NULL) {
            *batch = NULL;
            return JOIST_OK;
        }
        ji_evaluator_reset(cursor->evaluator);
        JI_TRY(filter(cursor, from, err));
    } while (cursor->filtered.selection_count == 0);
    JI_TRY(project(cursor, err));
    *batch = &cursor->batch;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct steps_cursor *cursor = self;
    struct ji_mem *mem = cursor->mem;
    if (cursor->input.ops != NULL)
        cursor->input.ops->close(cursor->input.self);
    ji_evaluator_close(cursor->evaluator);
    ji_arena_clear(&cursor->arena);
    ji_free(mem, cursor->rows, cursor->row_room * sizeof *cursor->rows);
    ji_free(mem, cursor, sizeof *cursor);
}

static enum joist_status open_cursor(
        const struct steps *steps, size_t morsel, struct steps_cursor *cursor, struct joist_error *err)
{
    const size_t columns = steps->options.schema->column_count;
    JI_TRY(ji_arena_array(&cursor->arena, columns + 1, sizeof *cursor->columns, &cursor->columns, err));
    JI_TRY(ji_evaluator_open(steps->ctx, cursor->mem, &cursor->evaluator, err));
    return steps->input.ops->open(steps->input.self, morsel, cursor->mem, &cursor->input, err);
}

static enum joist_status steps_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {steps_next, cursor_close};
    struct steps_cursor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->steps = self;
    made->mem = mem;
    ji_arena_init(&made->arena, mem);
    return ji_rows_cursor_made(open_cursor(self, morsel, made, err), &ops, made, cursor);
}

static size_t steps_morsels(void *self)
{
    struct steps *steps = self;
    return steps->input.ops->morsel_count(steps->input.self);
}

static struct ji_scan_counters steps_counters(void *self)
{
    struct steps *steps = self;
    return steps->input.ops->counters(steps->input.self);
}

static void steps_close(void *self)
{
    struct steps *steps = self;
    steps->input.ops->close(steps->input.self);
    ji_free(ji_ctx_mem(steps->ctx), steps, sizeof *steps);
}

enum joist_status ji_steps_open(struct joist_ctx *ctx, struct ji_rows_scan *input,
        const struct ji_steps_options *options, struct ji_rows_scan *result, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {steps_morsels, steps_open, steps_counters, steps_close};
    struct steps *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->input = *input;
    made->options = *options;
    result->ops = &ops;
    result->self = made;
    return JOIST_OK;
}
