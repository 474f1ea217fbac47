/*
 * in_list.c - value in (a, b, c)
 *
 * Binding leaves literals of the value's own type, sorted and different, a null last where there is one; or
 * anything. Literals become keys once a batch:
 *
 *     close together   a bitmap over [least, greatest]
 *     else             binary search, on int64 keys where the type has an order (value_order.h), on values
 *     else
 *
 * What is no literal is compared one by one and joined as `or` would join it.
 */
#include "expr/evaluate.h"
#include "expr/value_order.h"

#define BITMAP_SPAN_MAX 65536

struct key_list {
    size_t count;
    int64_t *keys;   /* types with an order in int64 */
    uint8_t *bitmap; /* bit (key - keys[0]) */
};

static bool has_keys(enum ji_physical physical)
{
    return physical < JI_PHYSICAL_I128 && physical != JI_PHYSICAL_BOOL;
}

static int64_t key_of_literal(const struct ji_expr *item)
{
    switch (item->type.kind) {
    case JI_UINT64:
        return ji_order_of_u64(item->value.as.unsigned_integer);
    case JI_FLOAT:
    case JI_DOUBLE:
        return ji_order_of_real(item->value.as.real);
    case JI_DECIMAL:
        return (int64_t)item->value.as.decimal;
    default:
        return item->value.as.integer;
    }
}

#define LOAD_KEYS(type, order)                                                                               \
    do {                                                                                                     \
        const type *values = vector->column.values;                                                          \
        for (size_t i = 0; i < count; i++)                                                                   \
            keys[i] = order(values[i]);                                                                      \
    } while (0)

static void load_keys(const struct ji_vector *vector, size_t count, int64_t *keys)
{
    switch (ji_physical_of(vector)) {
    case JI_PHYSICAL_I8:
        LOAD_KEYS(int8_t, );
        break;
    case JI_PHYSICAL_I16:
        LOAD_KEYS(int16_t, );
        break;
    case JI_PHYSICAL_I32:
        LOAD_KEYS(int32_t, );
        break;
    case JI_PHYSICAL_U8:
        LOAD_KEYS(uint8_t, );
        break;
    case JI_PHYSICAL_U16:
        LOAD_KEYS(uint16_t, );
        break;
    case JI_PHYSICAL_U32:
        LOAD_KEYS(uint32_t, );
        break;
    case JI_PHYSICAL_U64:
        LOAD_KEYS(uint64_t, ji_order_of_u64);
        break;
    case JI_PHYSICAL_F32:
        LOAD_KEYS(float, ji_order_of_real);
        break;
    case JI_PHYSICAL_F64:
        LOAD_KEYS(double, ji_order_of_real);
        break;
    default:
        LOAD_KEYS(int64_t, );
    }
}

static enum joist_status build_keys(
        struct ji_call *call, size_t literals, struct key_list *list, struct joist_error *err)
{
    struct ji_expr **items = call->expr->arguments + 1;
    *list = (struct key_list){0};
    JI_TRY(ji_scratch_get(call->evaluator, (literals + 1) * sizeof *list->keys, &list->keys, err));
    for (size_t i = 0; i < literals; i++) {
        const ji_int128 decimal = items[i]->value.as.decimal;
        /* A decimal that does not fit is not among values that all do. */
        if (items[i]->type.kind == JI_DECIMAL && decimal != (int64_t)decimal)
            continue;
        list->keys[list->count++] = key_of_literal(items[i]);
    }
    if (list->count == 0)
        return JOIST_OK;
    const uint64_t span = (uint64_t)list->keys[list->count - 1] - (uint64_t)list->keys[0];
    if (span >= BITMAP_SPAN_MAX)
        return JOIST_OK;
    JI_TRY(ji_scratch_bits(call->evaluator, (size_t)span + 1, false, &list->bitmap, err));
    for (size_t i = 0; i < list->count; i++)
        ji_bit_set(list->bitmap, (size_t)((uint64_t)list->keys[i] - (uint64_t)list->keys[0]));
    return JOIST_OK;
}

static bool find_key(const struct key_list *list, int64_t key)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (list->keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->count && list->keys[low] == key;
}

static enum joist_status match_keys(
        struct ji_call *call, size_t literals, uint8_t *bits, struct joist_error *err)
{
    struct key_list list = {0};
    int64_t *keys = NULL;
    JI_TRY(build_keys(call, literals, &list, err));
    if (list.count == 0)
        return JOIST_OK;
    JI_TRY(ji_scratch_get(call->evaluator, call->count * sizeof *keys, &keys, err));
    load_keys(&call->arguments[0], call->count, keys);
    const uint64_t least = (uint64_t)list.keys[0];
    const uint64_t span = (uint64_t)list.keys[list.count - 1] - least;
    for (size_t i = 0; i < call->count; i++) {
        const uint64_t at = (uint64_t)keys[i] - least;
        const bool found = list.bitmap != NULL ? at <= span && ji_bit_get(list.bitmap, (size_t)at)
                                               : find_key(&list, keys[i]);
        bits[i >> 3] |= (uint8_t)(found << (i & 7));
    }
    ji_scratch_drop(call->evaluator, keys);
    ji_scratch_drop(call->evaluator, list.keys);
    ji_scratch_drop(call->evaluator, list.bitmap);
    return JOIST_OK;
}

/* Wide decimals, strings, bytes, booleans. */
static void match_values(const struct ji_call *call, size_t literals, uint8_t *bits)
{
    struct ji_expr **items = call->expr->arguments + 1;
    const struct ji_field *type = call->arguments[0].column.field;
    const struct ji_column *column = &call->arguments[0].column;
    for (size_t i = 0; i < call->count; i++) {
        const struct ji_value value = ji_column_value(column, i);
        size_t low = 0;
        size_t high = literals;
        while (!value.is_null && low < high) {
            const size_t middle = low + (high - low) / 2;
            const int order = ji_value_compare(type, &items[middle]->value, &value);
            if (order == 0) {
                ji_bit_set(bits, i);
                break;
            }
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
    }
}

/* `call->expr` is a stand-in with one argument counted; `column` says how many literals follow. */
enum joist_status ji_run_in_list(struct ji_call *call, struct joist_error *err)
{
    const size_t items = call->expr->column;
    const bool has_null = items > 0 && call->expr->arguments[items]->value.is_null;
    const size_t literals = items - has_null;
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &bits, err));
    if (literals > 0 && has_keys(ji_physical_of(&call->arguments[0])))
        JI_TRY(match_keys(call, literals, bits, err));
    else if (literals > 0)
        match_values(call, literals, bits);
    for (size_t b = 0; call->needed != NULL && b < ji_bitmap_bytes(call->count); b++)
        bits[b] &= call->needed[b];
    /* Not found beside a null is unknown. */
    if (has_null)
        call->out->column.validity = bits;
    return JOIST_OK;
}

static bool all_literals(const struct ji_expr *expr)
{
    for (size_t i = 1; i < expr->argument_count; i++) {
        if (expr->arguments[i]->op != JI_EXPR_LITERAL)
            return false;
    }
    return true;
}

static enum joist_status match_one_by_one(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, const struct ji_vector *value, struct ji_vector *out,
        struct joist_error *err)
{
    const size_t bytes = ji_bitmap_bytes(rows->count);
    uint8_t *found = NULL;
    uint8_t *known = NULL;
    JI_TRY(ji_vector_new(evaluator, &expr->type, false, rows->count, out, &found, err));
    JI_TRY(ji_scratch_bits(evaluator, rows->count, true, &known, err));
    const struct ji_scratch *mark = ji_scratch_mark(evaluator);
    for (size_t i = 1; i < expr->argument_count; i++) {
        const struct ji_expr equal = {
                .op = JI_EXPR_EQUAL, .position = expr->position, .type = expr->type, .argument_count = 2};
        struct ji_vector sides[2] = {*value};
        struct ji_vector same = {0};
        uint8_t *truth = NULL;
        uint8_t *valid = NULL;
        JI_TRY(ji_evaluate_node(evaluator, expr->arguments[i], rows, &sides[1], err));
        JI_TRY(ji_evaluate_strict(evaluator, &equal, rows, ji_run_comparison, sides, &same, err));
        JI_TRY(ji_vector_truth(evaluator, &same, rows->count, &truth, &valid, err));
        for (size_t b = 0; b < bytes; b++) {
            found[b] |= truth[b];
            known[b] &= valid[b];
        }
        ji_scratch_release(evaluator, mark);
    }
    for (size_t b = 0; b < bytes; b++)
        known[b] |= found[b];
    out->column.validity = known;
    return JOIST_OK;
}

enum joist_status ji_evaluate_in(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct ji_vector *value = NULL;
    struct ji_expr *list = NULL;
    JI_TRY(ji_arena_array(&evaluator->arena, 1, sizeof *value, &value, err));
    JI_TRY(ji_evaluate_node(evaluator, expr->arguments[0], rows, value, err));
    if (!all_literals(expr))
        return match_one_by_one(evaluator, expr, rows, value, out, err);
    JI_TRY(ji_expr_new(&evaluator->arena, JI_EXPR_IN, expr->position, 1, &list, err));
    list->type = expr->type;
    list->arguments = expr->arguments;
    list->column = expr->argument_count - 1;
    JI_TRY(ji_evaluate_strict(evaluator, list, rows, ji_run_in_list, value, out, err));
    out->column.field = &expr->type;
    return JOIST_OK;
}
