/*
 * logic.c - and, or, not, is null, case, coalesce, nullif: operators that look at nulls themselves
 *
 *     and   false wins, then null, then true           or   true wins, then null, then false
 *
 * and, or, case and coalesce evaluate an argument only for the rows that the ones before left open, so that
 * `x <> 0 and 1 / x > 2` raises no error.
 */
#include "expr/evaluate.h"

/* Bits of `inner`, which stands at narrowed positions, at the positions of the whole. */
static void spread_bits(const struct ji_narrowed *narrowed, const uint8_t *inner, size_t count, uint8_t *bits)
{
    if (narrowed->positions == NULL) {
        memcpy(bits, inner, ji_bitmap_bytes(count));
        return;
    }
    memset(bits, 0, ji_bitmap_bytes(count));
    for (size_t i = 0; i < narrowed->rows.count; i++) {
        if (ji_bit_get(inner, i))
            ji_bit_set(bits, narrowed->positions[i]);
    }
}

/*
 * `open` are the positions that no argument has decided yet. `seen_null` those where one was null. An
 * argument decides by being false (and) or true (or).
 */
enum joist_status ji_evaluate_logic(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    const bool is_and = expr->op == JI_EXPR_AND;
    const size_t count = rows->count;
    const size_t bytes = ji_bitmap_bytes(count);
    uint8_t *open = NULL;
    uint8_t *nulls = NULL;
    JI_TRY(ji_scratch_bits(evaluator, count, true, &open, err));
    JI_TRY(ji_scratch_bits(evaluator, count, false, &nulls, err));
    uint8_t *bits = NULL;
    JI_TRY(ji_scratch_bits(evaluator, count, false, &bits, err));
    bool any_null = false;
    const struct ji_scratch *mark = ji_scratch_mark(evaluator);
    for (size_t i = 0; i < expr->argument_count; i++) {
        struct ji_narrowed narrowed = {0};
        struct ji_vector argument = {0};
        uint8_t *truth = NULL;
        uint8_t *known = NULL;
        JI_TRY(ji_rows_narrow(evaluator, rows, open, &narrowed, err));
        if (narrowed.kept == 0)
            break;
        const size_t inner = narrowed.rows.count;
        JI_TRY(ji_evaluate_node(evaluator, expr->arguments[i], &narrowed.rows, &argument, err));
        JI_TRY(ji_vector_truth(evaluator, &argument, inner, &truth, &known, err));
        /* Now `truth` becomes what decides, and `known` what is null. */
        for (size_t b = 0; b < ji_bitmap_bytes(inner); b++) {
            truth[b] = is_and ? (uint8_t)(~truth[b] & known[b]) : truth[b];
            known[b] = (uint8_t)~known[b];
        }
        spread_bits(&narrowed, truth, count, bits);
        for (size_t b = 0; b < bytes; b++)
            open[b] &= (uint8_t)~bits[b];
        spread_bits(&narrowed, known, count, bits);
        for (size_t b = 0; b < bytes; b++)
            nulls[b] |= bits[b];
        any_null = any_null || argument.column.validity != NULL;
        ji_scratch_release(evaluator, mark);
    }
    uint8_t *values = NULL;
    JI_TRY(ji_vector_new(evaluator, &expr->type, false, count, out, &values, err));
    for (size_t b = 0; b < bytes; b++) {
        const uint8_t null = open[b] & nulls[b];
        values[b] = (uint8_t)((is_and ? open[b] : ~open[b]) & ~null);
        bits[b] = (uint8_t)~null;
    }
    out->column.validity = any_null ? bits : NULL;
    return JOIST_OK;
}

static enum joist_status run_not(struct ji_call *call, struct joist_error *err)
{
    const struct ji_vector *argument = &call->arguments[0];
    const uint8_t *from = argument->column.values;
    uint8_t *to = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &to, err));
    const uint8_t *validity = ji_vector_constant(argument) ? NULL : argument->column.validity;
    for (size_t b = 0; b < ji_bitmap_bytes(call->count); b++)
        to[b] = (uint8_t)(~from[b] & (validity == NULL ? 0xff : validity[b]));
    return JOIST_OK;
}

enum joist_status ji_evaluate_not(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct ji_vector argument = {0};
    JI_TRY(ji_evaluate_node(evaluator, expr->arguments[0], rows, &argument, err));
    return ji_evaluate_strict(evaluator, expr, rows, run_not, &argument, out, err);
}

enum joist_status ji_evaluate_is_null(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    const bool wants_null = expr->op == JI_EXPR_IS_NULL;
    struct ji_vector argument = {0};
    JI_TRY(ji_evaluate_node(evaluator, expr->arguments[0], rows, &argument, err));
    const struct ji_column *column = &argument.column;
    const bool all_null = column->field->kind == JI_NULL || ji_vector_null(&argument);
    if (all_null || column->form == JI_CONSTANT || column->validity == NULL) {
        const struct ji_value value = {.as.boolean = all_null == wants_null};
        return ji_vector_new_literal(evaluator, &expr->type, &value, rows->count, out, err);
    }
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_new(evaluator, &expr->type, false, rows->count, out, &bits, err));
    for (size_t b = 0; b < ji_bitmap_bytes(rows->count); b++)
        bits[b] = (uint8_t)(wants_null ? ~column->validity[b] : column->validity[b]);
    return JOIST_OK;
}

/* What case and coalesce fill, a branch at a time. */
struct merge {
    struct ji_evaluator *evaluator;
    const struct ji_rows *rows;
    struct ji_vector *out;
    uint8_t *values;
    uint8_t *validity;
    size_t width;
};

static enum joist_status merge_open(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct merge *merge, struct joist_error *err)
{
    *merge = (struct merge){.evaluator = evaluator, .rows = rows, .out = out};
    JI_TRY(ji_vector_new(evaluator, &expr->type, false, rows->count, out, &merge->values, err));
    merge->width = ji_vector_width(out);
    memset(merge->values, 0, ji_max_size(merge->width * rows->count, ji_bitmap_bytes(rows->count)));
    JI_TRY(ji_scratch_bits(evaluator, rows->count, false, &merge->validity, err));
    out->column.validity = merge->validity;
    return JOIST_OK;
}

/* Values [from at picks[i]] -> [to at goals[i]]. */
static void copy_values(
        struct merge *merge, const uint8_t *from, const uint32_t *picks, const uint32_t *goals, size_t count)
{
    const size_t width = merge->width;
    uint8_t *to = merge->values;
    if (width == 8) {
        for (size_t i = 0; i < count; i++)
            memcpy(to + (size_t)goals[i] * 8, from + (size_t)picks[i] * 8, 8);
    } else if (width == 16) {
        for (size_t i = 0; i < count; i++)
            memcpy(to + (size_t)goals[i] * 16, from + (size_t)picks[i] * 16, 16);
    } else if (width != 0) {
        for (size_t i = 0; i < count; i++)
            memcpy(to + goals[i] * width, from + picks[i] * width, width);
    } else {
        for (size_t i = 0; i < count; i++) {
            if (ji_bit_get(from, picks[i]))
                ji_bit_set(to, goals[i]);
        }
    }
}

/* Takes over what `vector`, which stands at `narrowed` positions, says there. */
static enum joist_status merge_branch(struct merge *merge, const struct ji_narrowed *narrowed,
        struct ji_vector *vector, struct joist_error *err)
{
    struct ji_evaluator *evaluator = merge->evaluator;
    const size_t inner = narrowed->rows.count;
    if (vector->column.field->kind == JI_NULL || ji_vector_null(vector))
        return JOIST_OK;
    JI_TRY(ji_vector_widen(evaluator, vector, err));
    JI_TRY(ji_vector_flatten(evaluator, inner, vector, err));
    uint8_t *mask = NULL;
    uint32_t *picks = NULL;
    const uint8_t *parts[2] = {vector->column.validity, narrowed->rows.active};
    JI_TRY(ji_scratch_bits(evaluator, inner, true, &mask, err));
    JI_TRY(ji_scratch_get(evaluator, (inner + 1) * sizeof *picks, &picks, err));
    for (size_t p = 0; p < 2; p++) {
        for (size_t b = 0; parts[p] != NULL && b < ji_bitmap_bytes(inner); b++)
            mask[b] &= parts[p][b];
    }
    const size_t count = ji_mask_positions(mask, inner, picks);
    uint32_t *goals = picks;
    if (narrowed->positions != NULL) {
        JI_TRY(ji_scratch_get(evaluator, (count + 1) * sizeof *goals, &goals, err));
        for (size_t i = 0; i < count; i++)
            goals[i] = narrowed->positions[picks[i]];
    }
    copy_values(merge, vector->column.values, picks, goals, count);
    ji_mask_set(goals, count, merge->validity);
    ji_scratch_drop(evaluator, mask);
    ji_scratch_drop(evaluator, picks);
    ji_scratch_drop(evaluator, goals);
    return JOIST_OK;
}

static enum joist_status evaluate_branch(
        struct merge *merge, const struct ji_expr *branch, const uint8_t *where, struct joist_error *err)
{
    /* What views point to must live on. */
    const bool copied = !ji_kind_is_view(merge->out->column.field->kind);
    const struct ji_scratch *mark = ji_scratch_mark(merge->evaluator);
    struct ji_narrowed narrowed = {0};
    struct ji_vector vector = {0};
    JI_TRY(ji_rows_narrow(merge->evaluator, merge->rows, where, &narrowed, err));
    if (narrowed.kept == 0)
        return JOIST_OK;
    JI_TRY(ji_evaluate_node(merge->evaluator, branch, &narrowed.rows, &vector, err));
    JI_TRY(merge_branch(merge, &narrowed, &vector, err));
    if (copied)
        ji_scratch_release(merge->evaluator, mark);
    return JOIST_OK;
}

enum joist_status ji_evaluate_case(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    const size_t count = rows->count;
    const size_t pairs = expr->argument_count / 2;
    struct merge merge = {0};
    uint8_t *open = NULL;
    uint8_t *hit = NULL;
    JI_TRY(merge_open(evaluator, expr, rows, out, &merge, err));
    JI_TRY(ji_scratch_bits(evaluator, count, true, &open, err));
    JI_TRY(ji_scratch_bits(evaluator, count, false, &hit, err));
    for (size_t i = 0; i < pairs; i++) {
        const struct ji_scratch *mark = ji_scratch_mark(evaluator);
        struct ji_narrowed narrowed = {0};
        struct ji_vector condition = {0};
        uint8_t *truth = NULL;
        JI_TRY(ji_rows_narrow(evaluator, rows, open, &narrowed, err));
        if (narrowed.kept == 0)
            return JOIST_OK;
        JI_TRY(ji_evaluate_node(evaluator, expr->arguments[i * 2], &narrowed.rows, &condition, err));
        JI_TRY(ji_vector_truth(evaluator, &condition, narrowed.rows.count, &truth, NULL, err));
        spread_bits(&narrowed, truth, count, hit);
        for (size_t b = 0; b < ji_bitmap_bytes(count); b++) {
            hit[b] &= open[b];
            open[b] &= (uint8_t)~hit[b];
        }
        ji_scratch_release(evaluator, mark);
        JI_TRY(evaluate_branch(&merge, expr->arguments[i * 2 + 1], hit, err));
    }
    if (expr->argument_count % 2 == 1)
        JI_TRY(evaluate_branch(&merge, expr->arguments[expr->argument_count - 1], open, err));
    return JOIST_OK;
}

enum joist_status ji_evaluate_coalesce(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct merge merge = {0};
    uint8_t *open = NULL;
    JI_TRY(merge_open(evaluator, expr, rows, out, &merge, err));
    JI_TRY(ji_scratch_bits(evaluator, rows->count, true, &open, err));
    for (size_t i = 0; i < expr->argument_count; i++) {
        JI_TRY(evaluate_branch(&merge, expr->arguments[i], open, err));
        for (size_t b = 0; b < ji_bitmap_bytes(rows->count); b++)
            open[b] = (uint8_t)~merge.validity[b];
    }
    return JOIST_OK;
}

enum joist_status ji_evaluate_nullif(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct ji_expr equal = {.op = JI_EXPR_EQUAL,
            .position = expr->position,
            .type = expr->type,
            .argument_count = 2,
            .arguments = expr->arguments};
    struct ji_vector sides[2] = {0};
    struct ji_vector same = {0};
    struct ji_field boolean = {.name = "", .kind = JI_BOOL, .nullable = true, .field_id = JI_FIELD_ID_NONE};
    uint8_t *truth = NULL;
    equal.type = boolean;
    JI_TRY(ji_evaluate_node(evaluator, expr->arguments[0], rows, &sides[0], err));
    JI_TRY(ji_evaluate_node(evaluator, expr->arguments[1], rows, &sides[1], err));
    struct ji_vector value = sides[0];
    JI_TRY(ji_evaluate_strict(evaluator, &equal, rows, ji_run_comparison, sides, &same, err));
    JI_TRY(ji_vector_truth(evaluator, &same, rows->count, &truth, NULL, err));
    if (value.column.field->kind == JI_NULL)
        return ji_vector_new_null(evaluator, &expr->type, rows->count, out, err);
    JI_TRY(ji_vector_flatten(evaluator, rows->count, &value, err));
    for (size_t b = 0; b < ji_bitmap_bytes(rows->count); b++)
        truth[b] = (uint8_t)~truth[b];
    JI_TRY(ji_mask_and(evaluator, rows->count, truth, value.column.validity, &value.column.validity, err));
    value.column.validity_buffer = NULL;
    *out = value;
    return JOIST_OK;
}
