/*
 * evaluate.c - the walk over a bound tree, a batch at a time
 *
 *     batch --selection--> rows: few: gathered, dense   \
 *                                most: all, `active`     } --node by node--> vector --back to the batch's
 *                                rows--> column
 *
 *   1. A strict operator over one DICTIONARY argument and constants runs once an entry and keeps the
 *      codes. Where that fails it runs again over the rows, since an entry that no row uses must not raise
 *      an error.
 *   2. Over constants alone it runs once.
 *   3. Nothing is evaluated where no row is selected.
 */
#include "expr/evaluate.h"

#include <assert.h>
#include <stdio.h>

/* Rows are gathered where fewer than one in this many counts. */
#define SPARSE_SHARE 4

enum joist_status ji_call_fail(const struct ji_call *call, struct joist_error *err, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s", call->expr->position + 1, text);
}

static bool is_row_error(enum joist_status status)
{
    return status == JOIST_ERR_INVALID;
}

static enum joist_status run_constant(
        struct ji_call *call, size_t count, ji_call_fn run, struct joist_error *err)
{
    call->count = 1;
    call->needed = NULL;
    JI_TRY(run(call, err));
    call->out->column.form = JI_CONSTANT;
    call->out->column.row_count = count;
    return JOIST_OK;
}

/* Argument `which` is DICTIONARY with no more entries than rows; the others are constants. */
static enum joist_status run_dictionary(
        struct ji_call *call, size_t which, ji_call_fn run, bool *done, struct joist_error *err)
{
    const struct ji_vector coded = call->arguments[which];
    const size_t rows = call->count;
    const uint8_t *needed = call->needed;
    struct ji_column *entries = NULL;
    call->arguments[which].column = *coded.column.dictionary;
    call->count = coded.column.dictionary->row_count;
    call->needed = NULL;
    const enum joist_status status = run(call, err);
    call->arguments[which] = coded;
    call->count = rows;
    call->needed = needed;
    *done = status == JOIST_OK;
    if (status != JOIST_OK)
        return is_row_error(status) ? JOIST_OK : status;

    JI_TRY(ji_arena_array(&call->evaluator->arena, 1, sizeof *entries, &entries, err));
    *entries = call->out->column;
    call->out->column.form = JI_DICTIONARY;
    call->out->column.row_count = rows;
    call->out->column.values = coded.column.values;
    call->out->column.values_buffer = NULL;
    call->out->column.dictionary = entries;
    call->out->column.validity = coded.column.validity;
    if (entries->validity != NULL)
        return ji_vector_flatten(call->evaluator, rows, call->out, err);
    return JOIST_OK;
}

static enum joist_status run_flat(
        struct ji_call *call, const struct ji_rows *rows, ji_call_fn run, struct joist_error *err)
{
    const uint8_t *validity = NULL;
    for (size_t i = 0; i < call->expr->argument_count; i++) {
        struct ji_vector *argument = &call->arguments[i];
        if (ji_vector_constant(argument))
            continue;
        JI_TRY(ji_vector_flatten(call->evaluator, call->count, argument, err));
        JI_TRY(ji_mask_and(
                call->evaluator, call->count, validity, argument->column.validity, &validity, err));
    }
    JI_TRY(ji_mask_and(call->evaluator, call->count, validity, rows->active, &call->needed, err));
    JI_TRY(run(call, err));
    struct ji_column *out = &call->out->column;
    return ji_mask_and(call->evaluator, call->count, validity, out->validity, &out->validity, err);
}

enum joist_status ji_evaluate_strict(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, ji_call_fn run, struct ji_vector *arguments, struct ji_vector *out,
        struct joist_error *err)
{
    struct ji_call call = {
            .evaluator = evaluator, .expr = expr, .count = rows->count, .arguments = arguments, .out = out};
    size_t flats = 0;
    size_t dictionaries = 0;
    size_t which = 0;
    for (size_t i = 0; i < expr->argument_count; i++) {
        const struct ji_column *column = &arguments[i].column;
        if (column->field->kind == JI_NULL || ji_vector_null(&arguments[i]))
            return ji_vector_new_null(evaluator, &expr->type, rows->count, out, err);
        flats += column->form == JI_FLAT;
        if (column->form == JI_DICTIONARY) {
            dictionaries++;
            which = i;
        }
    }
    if (flats + dictionaries == 0)
        return run_constant(&call, rows->count, run, err);
    if (flats == 0 && dictionaries == 1 && arguments[which].column.dictionary->row_count <= rows->count) {
        bool done = false;
        JI_TRY(run_dictionary(&call, which, run, &done, err));
        if (done)
            return JOIST_OK;
    }
    return run_flat(&call, rows, run, err);
}

/* Evaluates the arguments and runs the operator's code over them. */
static enum joist_status evaluate_operator(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, ji_call_fn run, struct ji_vector *out, struct joist_error *err)
{
    struct ji_vector *arguments = NULL;
    JI_TRY(ji_arena_array(&evaluator->arena, expr->argument_count, sizeof *arguments, &arguments, err));
    for (size_t i = 0; i < expr->argument_count; i++)
        JI_TRY(ji_evaluate_node(evaluator, expr->arguments[i], rows, &arguments[i], err));
    return ji_evaluate_strict(evaluator, expr, rows, run, arguments, out, err);
}

/* date + interval: the interval is no value, so the code sees one argument. */
static enum joist_status evaluate_moved(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct ji_expr *one = NULL;
    struct ji_vector *argument = NULL;
    JI_TRY(ji_expr_new(&evaluator->arena, expr->op, expr->position, 1, &one, err));
    JI_TRY(ji_arena_array(&evaluator->arena, 1, sizeof *argument, &argument, err));
    one->type = expr->type;
    one->name = expr->arguments[1]->name;
    one->value = expr->arguments[1]->value;
    one->arguments[0] = expr->arguments[0];
    JI_TRY(ji_evaluate_node(evaluator, expr->arguments[0], rows, argument, err));
    JI_TRY(ji_evaluate_strict(evaluator, one, rows, ji_run_move_date, argument, out, err));
    out->column.field = &expr->type;
    return JOIST_OK;
}

/* The column that COLUMN or a path of MEMBERs names, its parents' nulls put into its own. */
static enum joist_status find_column(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_batch *batch, struct ji_column *column, struct joist_error *err)
{
    if (expr->op == JI_EXPR_COLUMN) {
        assert(expr->column < batch->column_count);
        *column = batch->columns[expr->column];
        return JOIST_OK;
    }
    struct ji_column parent = {0};
    struct ji_vector null = {0};
    JI_TRY(find_column(evaluator, expr->arguments[0], batch, &parent, err));
    if (parent.form == JI_CONSTANT && ji_column_is_null(&parent, 0)) {
        JI_TRY(ji_vector_new_null(evaluator, &expr->type, batch->row_count, &null, err));
        *column = null.column;
        return JOIST_OK;
    }
    if (parent.form != JI_FLAT)
        JI_TRY(ji_column_flat(&evaluator->arena, &parent, &parent, err));
    struct ji_column child = parent.children[expr->column];
    const uint8_t *validity = child.validity;
    JI_TRY(ji_mask_and(evaluator, batch->row_count, parent.validity, child.validity, &child.validity, err));
    if (child.validity != validity)
        child.validity_buffer = NULL;
    *column = child;
    return JOIST_OK;
}

static enum joist_status evaluate_column(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct ji_vector vector = {0};
    JI_TRY(find_column(evaluator, expr, rows->batch, &vector.column, err));
    const struct ji_column *column = &vector.column;
    if (ji_kind_is_nested(column->field->kind) && rows->rows != NULL && column->form != JI_CONSTANT) {
        /* Whether a nested value is null is all that is asked of a gathered one. */
        vector.column.children = NULL;
        vector.column.offsets = NULL;
        struct ji_vector bits = {.column = {.field = &expr->type, .form = JI_FLAT}};
        uint8_t *validity = NULL;
        JI_TRY(ji_scratch_bits(evaluator, rows->count, false, &validity, err));
        for (size_t i = 0; i < rows->count; i++) {
            if (!ji_column_is_null(column, rows->rows[i]))
                ji_bit_set(validity, i);
        }
        bits.column.validity = validity;
        bits.column.row_count = rows->count;
        *out = bits;
        return JOIST_OK;
    }
    JI_TRY(ji_vector_gather(evaluator, rows->rows, rows->count, &vector, err));
    *out = vector;
    return JOIST_OK;
}

enum joist_status ji_evaluate_node(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    switch (expr->op) {
    case JI_EXPR_COLUMN:
    case JI_EXPR_MEMBER:
        return evaluate_column(evaluator, expr, rows, out, err);
    case JI_EXPR_LITERAL:
        return ji_vector_new_literal(evaluator, &expr->type, &expr->value, rows->count, out, err);
    case JI_EXPR_ADD:
    case JI_EXPR_SUBTRACT:
        if (expr->arguments[1]->op == JI_EXPR_INTERVAL)
            return evaluate_moved(evaluator, expr, rows, out, err);
        return evaluate_operator(evaluator, expr, rows, ji_run_arithmetic, out, err);
    case JI_EXPR_NEGATE:
    case JI_EXPR_MULTIPLY:
    case JI_EXPR_DIVIDE:
    case JI_EXPR_MODULO:
        return evaluate_operator(evaluator, expr, rows, ji_run_arithmetic, out, err);
    case JI_EXPR_CONCAT:
        return evaluate_operator(evaluator, expr, rows, ji_run_concat, out, err);
    case JI_EXPR_EQUAL:
    case JI_EXPR_NOT_EQUAL:
    case JI_EXPR_LESS:
    case JI_EXPR_LESS_EQUAL:
    case JI_EXPR_GREATER:
    case JI_EXPR_GREATER_EQUAL:
        return evaluate_operator(evaluator, expr, rows, ji_run_comparison, out, err);
    case JI_EXPR_LIKE:
        return evaluate_operator(evaluator, expr, rows, ji_run_like, out, err);
    case JI_EXPR_CAST:
        return evaluate_operator(evaluator, expr, rows, ji_run_cast, out, err);
    case JI_EXPR_AND:
    case JI_EXPR_OR:
        return ji_evaluate_logic(evaluator, expr, rows, out, err);
    case JI_EXPR_NOT:
        return ji_evaluate_not(evaluator, expr, rows, out, err);
    case JI_EXPR_IS_NULL:
    case JI_EXPR_IS_NOT_NULL:
        return ji_evaluate_is_null(evaluator, expr, rows, out, err);
    case JI_EXPR_IN:
        return ji_evaluate_in(evaluator, expr, rows, out, err);
    case JI_EXPR_BETWEEN:
        return ji_evaluate_between(evaluator, expr, rows, out, err);
    case JI_EXPR_CASE:
        return ji_evaluate_case(evaluator, expr, rows, out, err);
    case JI_EXPR_CALL:
        return ji_evaluate_call(evaluator, expr, rows, out, err);
    case JI_EXPR_AGGREGATE:
    case JI_EXPR_INTERVAL:
        break;
    }
    return ji_fail(
            err, JOIST_ERR_INVALID, "column %" PRIu32 ": no aggregate can stand here", expr->position + 1);
}

enum joist_status ji_rows_narrow(struct ji_evaluator *evaluator, const struct ji_rows *rows,
        const uint8_t *keep, struct ji_narrowed *narrowed, struct joist_error *err)
{
    const uint8_t *active = NULL;
    JI_TRY(ji_mask_and(evaluator, rows->count, keep, rows->active, &active, err));
    const size_t kept = ji_mask_count(active, rows->count);
    *narrowed = (struct ji_narrowed){.rows = *rows, .kept = kept};
    if (kept == rows->count) {
        narrowed->rows.active = NULL;
        return JOIST_OK;
    }
    if (kept >= rows->count / SPARSE_SHARE) {
        narrowed->rows.active = active;
        return JOIST_OK;
    }
    uint32_t *positions = NULL;
    JI_TRY(ji_scratch_get(evaluator, (kept + 1) * sizeof *positions, &positions, err));
    ji_mask_positions(active, rows->count, positions);
    uint32_t *picked = positions;
    if (rows->rows != NULL) {
        JI_TRY(ji_scratch_get(evaluator, (kept + 1) * sizeof *picked, &picked, err));
        for (size_t i = 0; i < kept; i++)
            picked[i] = rows->rows[positions[i]];
    }
    narrowed->rows.rows = picked;
    narrowed->rows.count = kept;
    narrowed->rows.active = NULL;
    narrowed->positions = positions;
    return JOIST_OK;
}

/* The rows that a batch's selection leaves. */
static enum joist_status open_rows(struct ji_evaluator *evaluator, const struct ji_batch *batch,
        struct ji_rows *rows, struct joist_error *err)
{
    *rows = (struct ji_rows){.batch = batch, .count = batch->row_count};
    if (batch->selection == NULL || batch->selection_count == batch->row_count)
        return JOIST_OK;
    if (batch->selection_count < batch->row_count / SPARSE_SHARE) {
        rows->rows = batch->selection;
        rows->count = batch->selection_count;
        return JOIST_OK;
    }
    uint8_t *active = NULL;
    JI_TRY(ji_scratch_bits(evaluator, batch->row_count, false, &active, err));
    ji_mask_set(batch->selection, batch->selection_count, active);
    rows->active = active;
    return JOIST_OK;
}

/* A gathered vector back at the rows it came from. */
static enum joist_status spread(struct ji_evaluator *evaluator, const struct ji_rows *rows,
        struct ji_vector *vector, struct joist_error *err)
{
    const size_t all = rows->batch->row_count;
    vector->column.row_count = all;
    if (vector->column.form == JI_CONSTANT || rows->rows == NULL)
        return JOIST_OK;
    JI_TRY(ji_vector_flatten(evaluator, rows->count, vector, err));
    struct ji_column *column = &vector->column;
    const size_t width = ji_vector_width(vector);
    uint8_t *values = NULL;
    JI_TRY(ji_scratch_get(evaluator, ji_max_size(width * all, ji_bitmap_bytes(all)), &values, err));
    memset(values, 0, ji_max_size(width * all, ji_bitmap_bytes(all)));
    ji_values_scatter(width, column->values, rows->rows, rows->count, values);
    if (column->validity != NULL) {
        uint8_t *validity = NULL;
        JI_TRY(ji_scratch_bits(evaluator, all, false, &validity, err));
        ji_values_scatter(0, column->validity, rows->rows, rows->count, validity);
        column->validity = validity;
    }
    column->values = values;
    column->values_buffer = NULL;
    column->validity_buffer = NULL;
    column->row_count = all;
    return JOIST_OK;
}

enum joist_status ji_evaluate(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_batch *batch, struct ji_column *out, struct joist_error *err)
{
    struct ji_rows rows = {0};
    struct ji_vector vector = {0};
    if (expr->op == JI_EXPR_COLUMN || expr->op == JI_EXPR_MEMBER)
        return find_column(evaluator, expr, batch, out, err);
    if (batch->selection_count == 0) {
        JI_TRY(ji_vector_new_null(evaluator, &expr->type, batch->row_count, &vector, err));
        *out = vector.column;
        return JOIST_OK;
    }
    JI_TRY(open_rows(evaluator, batch, &rows, err));
    JI_TRY(ji_evaluate_node(evaluator, expr, &rows, &vector, err));
    JI_TRY(spread(evaluator, &rows, &vector, err));
    JI_TRY(ji_vector_widen(evaluator, &vector, err));
    *out = vector.column;
    return JOIST_OK;
}

/* Leaves the active positions for which `expr` is true. */
static enum joist_status filter_step(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        struct ji_rows *rows, struct joist_error *err)
{
    struct ji_vector vector = {0};
    struct ji_narrowed narrowed = {0};
    uint8_t *truth = NULL;
    JI_TRY(ji_evaluate_node(evaluator, expr, rows, &vector, err));
    JI_TRY(ji_vector_truth(evaluator, &vector, rows->count, &truth, NULL, err));
    JI_TRY(ji_rows_narrow(evaluator, rows, truth, &narrowed, err));
    ji_scratch_drop(evaluator, vector.column.values);
    *rows = narrowed.rows;
    return JOIST_OK;
}

static enum joist_status filter_rows(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        struct ji_rows *rows, struct joist_error *err)
{
    if (expr->op != JI_EXPR_AND)
        return filter_step(evaluator, expr, rows, err);
    for (size_t i = 0; i < expr->argument_count && rows->count > 0; i++)
        JI_TRY(filter_rows(evaluator, expr->arguments[i], rows, err));
    return JOIST_OK;
}

enum joist_status ji_evaluate_filter(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_batch *batch, uint32_t *rows, size_t *row_count, struct joist_error *err)
{
    assert(expr->type.kind == JI_BOOL || expr->type.kind == JI_NULL);
    struct ji_rows left = {0};
    if (batch->selection_count == 0 || expr->type.kind == JI_NULL) {
        *row_count = 0;
        return JOIST_OK;
    }
    JI_TRY(open_rows(evaluator, batch, &left, err));
    JI_TRY(filter_rows(evaluator, expr, &left, err));
    size_t count = left.count;
    if (left.active != NULL)
        count = ji_mask_positions(left.active, left.count, rows);
    else if (left.rows != NULL)
        memcpy(rows, left.rows, count * sizeof *rows);
    for (size_t i = 0; left.active != NULL && left.rows != NULL && i < count; i++)
        rows[i] = left.rows[rows[i]];
    for (size_t i = 0; left.active == NULL && left.rows == NULL && i < count; i++)
        rows[i] = (uint32_t)i;
    *row_count = count;
    return JOIST_OK;
}
