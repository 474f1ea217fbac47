/*
 * expr.c - questions about trees: equal, has an aggregate, which columns
 *
 * Trees are at most JI_EXPR_DEPTH_MAX high (twice that once bound, by casts), and so is the recursion.
 */
#include "expr/expr.h"

static bool names_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

static bool literals_equal(const struct ji_expr *a, const struct ji_expr *b)
{
    if (a->value.is_null || b->value.is_null)
        return a->value.is_null == b->value.is_null;
    /* 0 and -0 compare equal and are not the same literal. */
    if (a->type.kind == JI_DOUBLE || a->type.kind == JI_FLOAT)
        return memcmp(&a->value.as.real, &b->value.as.real, sizeof a->value.as.real) == 0;
    return ji_value_compare(&a->type, &a->value, &b->value) == 0;
}

bool ji_expr_equal(const struct ji_expr *a, const struct ji_expr *b)
{
    if (a == b)
        return true;
    if (a->op != b->op || a->argument_count != b->argument_count || a->distinct != b->distinct ||
            a->column != b->column || !names_equal(a->name, b->name))
        return false;
    if ((a->op == JI_EXPR_LITERAL || a->op == JI_EXPR_CAST) && !ji_type_equal(&a->type, &b->type))
        return false;
    if (a->op == JI_EXPR_LITERAL && !literals_equal(a, b))
        return false;
    if (a->op == JI_EXPR_INTERVAL && a->value.as.integer != b->value.as.integer)
        return false;
    for (size_t i = 0; i < a->argument_count; i++) {
        if (!ji_expr_equal(a->arguments[i], b->arguments[i]))
            return false;
    }
    return true;
}

bool ji_expr_has_aggregate(const struct ji_expr *expr)
{
    if (expr->op == JI_EXPR_AGGREGATE)
        return true;
    for (size_t i = 0; i < expr->argument_count; i++) {
        if (ji_expr_has_aggregate(expr->arguments[i]))
            return true;
    }
    return false;
}

void ji_expr_columns(const struct ji_expr *expr, bool *used)
{
    if (expr->op == JI_EXPR_COLUMN)
        used[expr->column] = true;
    for (size_t i = 0; i < expr->argument_count; i++)
        ji_expr_columns(expr->arguments[i], used);
}
