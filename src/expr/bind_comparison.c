/*
 * bind_comparison.c - comparisons, between and in
 *
 *     literal ? column     ->   column ? literal
 *     i < 2.5              ->   i <= 2                 i > 2.5   ->   i > 2
 *     i = 2.5              ->   i > MAX                never, but null for null
 *     i <> 2.5             ->   i <= MAX               always, but null for null
 *     i in (1, 2.5, null)  ->   i in (1, null)
 *
 * Nothing is rounded, and the column keeps its type: no cast a row, and the bounds of files prune.
 */
#include "base/heap_sort.h"
#include "expr/bind.h"

static enum ji_expr_op mirrored(enum ji_expr_op op)
{
    switch (op) {
    case JI_EXPR_LESS:
        return JI_EXPR_GREATER;
    case JI_EXPR_LESS_EQUAL:
        return JI_EXPR_GREATER_EQUAL;
    case JI_EXPR_GREATER:
        return JI_EXPR_LESS;
    case JI_EXPR_GREATER_EQUAL:
        return JI_EXPR_LESS_EQUAL;
    default:
        return op;
    }
}

static enum joist_status put_literal(struct ji_binder *binder, struct ji_expr **at,
        const struct ji_field *type, const struct ji_value *value, struct joist_error *err)
{
    struct ji_expr *literal = NULL;
    JI_TRY(ji_expr_new(binder->arena, JI_EXPR_LITERAL, (*at)->position, 0, &literal, err));
    literal->type = *type;
    literal->type.name = "";
    literal->type.field_id = JI_FIELD_ID_NONE;
    literal->type.nullable = false;
    literal->value = *value;
    *at = literal;
    return JOIST_OK;
}

/* `column <= greatest of the type`, or its opposite. */
static enum joist_status put_certainty(
        struct ji_binder *binder, struct ji_expr *node, bool answer, struct joist_error *err)
{
    const struct ji_field *type = &node->arguments[0]->type;
    ji_int128 least = 0;
    ji_int128 greatest = 0;
    struct ji_value value = {0};
    ji_type_range(type, &least, &greatest);
    if (type->kind == JI_DECIMAL)
        value.as.decimal = greatest;
    else if (type->kind == JI_UINT64)
        value.as.unsigned_integer = (uint64_t)greatest;
    else
        value.as.integer = (int64_t)greatest;
    node->op = answer ? JI_EXPR_LESS_EQUAL : JI_EXPR_GREATER;
    return put_literal(binder, &node->arguments[1], type, &value, err);
}

/* A literal that is no value of the column's type, and on which side of `value` it lies. */
static enum joist_status fit_between(struct ji_binder *binder, struct ji_expr *node, enum ji_fit fit,
        const struct ji_value *value, struct joist_error *err)
{
    const enum ji_expr_op op = node->op;
    const bool less = op == JI_EXPR_LESS || op == JI_EXPR_LESS_EQUAL;
    if (op == JI_EXPR_EQUAL || op == JI_EXPR_NOT_EQUAL)
        return put_certainty(binder, node, op == JI_EXPR_NOT_EQUAL, err);
    if (fit == JI_FIT_BELOW)
        return put_certainty(binder, node, !less, err);
    if (fit == JI_FIT_ABOVE)
        return put_certainty(binder, node, less, err);
    node->op = less ? JI_EXPR_LESS_EQUAL : JI_EXPR_GREATER;
    return put_literal(binder, &node->arguments[1], &node->arguments[0]->type, value, err);
}

static enum joist_status check_comparable(struct ji_binder *binder, const struct ji_expr *node,
        const struct ji_field *common, struct joist_error *err)
{
    if (ji_kind_is_nested(common->kind))
        return ji_bind_refuse(binder, node, "no comparison of", node->arguments[0], node->arguments[1], err);
    return JOIST_OK;
}

static bool is_value(const struct ji_expr *expr)
{
    return expr->op == JI_EXPR_LITERAL && !expr->value.is_null;
}

static void set_boolean(struct ji_expr *node)
{
    node->type = ji_type_of(JI_BOOL);
    node->type.nullable = false;
    for (size_t i = 0; i < node->argument_count; i++)
        node->type.nullable = node->type.nullable || node->arguments[i]->type.nullable;
}

enum joist_status ji_bind_comparison(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    if (node->arguments[0]->op == JI_EXPR_LITERAL && node->arguments[1]->op != JI_EXPR_LITERAL) {
        struct ji_expr *literal = node->arguments[0];
        node->arguments[0] = node->arguments[1];
        node->arguments[1] = literal;
        node->op = mirrored(node->op);
    }
    const struct ji_field *type = &node->arguments[0]->type;
    if (is_value(node->arguments[1]) && type->kind != JI_NULL) {
        enum ji_fit fit = JI_FIT_NOT;
        struct ji_value value = {0};
        JI_TRY(ji_literal_fit(binder->arena, node->arguments[1], type, &fit, &value, err));
        if (fit == JI_FIT_EXACT)
            JI_TRY(put_literal(binder, &node->arguments[1], type, &value, err));
        else if (fit != JI_FIT_NOT)
            JI_TRY(fit_between(binder, node, fit, &value, err));
    }
    struct ji_field common = {0};
    JI_TRY(ji_bind_same_type(binder, node, 0, 1, &common, err));
    if (common.kind == JI_NULL) {
        common = ji_type_of(JI_BOOL);
        JI_TRY(ji_bind_cast(binder, &common, &node->arguments[0], err));
        JI_TRY(ji_bind_cast(binder, &common, &node->arguments[1], err));
    }
    JI_TRY(check_comparable(binder, node, &common, err));
    set_boolean(node);
    return JOIST_OK;
}

/* The least value that is not below the literal, or the greatest not above it. */
static bool round_bound(enum ji_fit fit, bool low, const struct ji_field *type, struct ji_value *value)
{
    if (fit == JI_FIT_EXACT)
        return true;
    if (fit != JI_FIT_BETWEEN)
        return false;
    if (!low)
        return true;
    if (type->kind == JI_DECIMAL)
        value->as.decimal++;
    else if (type->kind == JI_UINT64)
        value->as.unsigned_integer++;
    else
        value->as.integer++;
    return true;
}

enum joist_status ji_bind_between(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_field *type = &node->arguments[0]->type;
    struct ji_expr *bounds[2] = {node->arguments[1], node->arguments[2]};
    bool fits = node->arguments[0]->op != JI_EXPR_LITERAL && type->kind != JI_NULL;
    for (size_t i = 0; i < 2 && fits; i++) {
        enum ji_fit fit = JI_FIT_NOT;
        struct ji_value value = {0};
        if (!is_value(bounds[i]))
            break;
        JI_TRY(ji_literal_fit(binder->arena, bounds[i], type, &fit, &value, err));
        fits = round_bound(fit, i == 0, type, &value);
        if (fits)
            JI_TRY(put_literal(binder, &bounds[i], type, &value, err));
    }
    if (fits) {
        node->arguments[1] = bounds[0];
        node->arguments[2] = bounds[1];
    }
    struct ji_field common = {0};
    JI_TRY(ji_bind_same_type(binder, node, 0, 1, &common, err));
    if (common.kind == JI_NULL) {
        common = ji_type_of(JI_BOOL);
        for (size_t i = 0; i < 3; i++)
            JI_TRY(ji_bind_cast(binder, &common, &node->arguments[i], err));
    }
    JI_TRY(check_comparable(binder, node, &common, err));
    set_boolean(node);
    return JOIST_OK;
}

static int compare_items(const void *left, const void *right)
{
    const struct ji_expr *a = *(struct ji_expr *const *)left;
    const struct ji_expr *b = *(struct ji_expr *const *)right;
    return ji_value_compare(&a->type, &a->value, &b->value);
}

/* Returns how many differ. */
static size_t sort_items(struct ji_expr **items, size_t count)
{
    size_t kept = 0;
    ji_sort(items, count, sizeof *items, compare_items);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare_items(&items[kept - 1], &items[i]) != 0)
            items[kept++] = items[i];
    }
    return kept;
}

/* True where every item is a literal that either is a value of the type, can never be one, or is null. */
static enum joist_status fit_items(
        struct ji_binder *binder, struct ji_expr *node, bool *all, struct joist_error *err)
{
    const struct ji_field type = node->arguments[0]->type;
    struct ji_expr **items = NULL;
    size_t count = 0;
    struct ji_expr *null = NULL;
    *all = false;
    JI_TRY(ji_arena_array(binder->arena, node->argument_count, sizeof *items, &items, err));
    for (size_t i = 1; i < node->argument_count; i++) {
        struct ji_expr *item = node->arguments[i];
        enum ji_fit fit = JI_FIT_NOT;
        struct ji_value value = {0};
        if (item->op == JI_EXPR_LITERAL && item->value.is_null) {
            null = item;
            continue;
        }
        if (item->op != JI_EXPR_LITERAL)
            return JOIST_OK;
        JI_TRY(ji_literal_fit(binder->arena, item, &type, &fit, &value, err));
        if (fit == JI_FIT_NOT)
            return JOIST_OK;
        if (fit != JI_FIT_EXACT)
            continue;
        JI_TRY(put_literal(binder, &item, &type, &value, err));
        items[count++] = item;
    }
    count = sort_items(items, count);
    for (size_t i = 0; i < count; i++)
        node->arguments[i + 1] = items[i];
    if (null != NULL) {
        JI_TRY(ji_bind_cast(binder, &type, &null, err));
        node->arguments[++count] = null;
    }
    node->argument_count = count + 1;
    *all = true;
    return JOIST_OK;
}

enum joist_status ji_bind_in(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_field common = {0};
    bool fits = false;
    const struct ji_expr *first = node->arguments[0];
    if (first->op != JI_EXPR_LITERAL && first->type.kind != JI_NULL)
        JI_TRY(fit_items(binder, node, &fits, err));
    if (!fits) {
        JI_TRY(ji_bind_same_type(binder, node, 0, 1, &common, err));
        if (common.kind == JI_NULL) {
            common = ji_type_of(JI_BOOL);
            for (size_t i = 0; i < node->argument_count; i++)
                JI_TRY(ji_bind_cast(binder, &common, &node->arguments[i], err));
        }
        JI_TRY(fit_items(binder, node, &fits, err));
    }
    set_boolean(node);
    return JOIST_OK;
}
