/*
 * bind_arithmetic.c - types of + - * / % and unary minus
 *
 *     integer ? integer     the common integer, int at least (with uint64: decimal(20, 0) and on)
 *     decimal +- decimal    max scale, one more whole digit      decimal * decimal   digits and scales add
 *     anything / anything   double                               anything with double   double
 *     date +- interval      date (a timestamp for hours and less)   timestamp +- interval   that timestamp
 *     date - date           long (days)                             date +- integer          date
 */
#include "expr/bind.h"

static const char *const no_operation = "no arithmetic between";

static struct ji_field plain_integer(const struct ji_field *type)
{
    switch (type->kind) {
    case JI_INT8:
    case JI_INT16:
    case JI_INT32:
    case JI_UINT8:
    case JI_UINT16:
        return ji_type_of(JI_INT32);
    case JI_UINT64:
        return ji_type_decimal(20, 0);
    default:
        return ji_type_of(JI_INT64);
    }
}

/* A literal beside a decimal needs its own digits only. */
static struct ji_field decimal_of(const struct ji_expr *expr)
{
    if (expr->type.kind == JI_DECIMAL)
        return expr->type;
    if (expr->op == JI_EXPR_LITERAL && expr->type.kind == JI_INT64 && !expr->value.is_null)
        return ji_type_decimal(ji_decimal_digits(expr->value.as.integer), 0);
    return ji_type_decimal_of_integer(expr->type.kind);
}

static struct ji_field capped(int digits, int scale)
{
    return ji_type_decimal(
            (unsigned)(digits > JI_DECIMAL_DIGITS_MAX ? JI_DECIMAL_DIGITS_MAX : digits), (unsigned)scale);
}

static enum joist_status bind_decimal(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_field a = decimal_of(node->arguments[0]);
    struct ji_field b = decimal_of(node->arguments[1]);
    const int a_whole = a.precision - a.scale;
    const int b_whole = b.precision - b.scale;
    if (node->op == JI_EXPR_MULTIPLY) {
        if (a.scale + b.scale > JI_DECIMAL_DIGITS_MAX)
            return ji_bind_refuse(binder, node, "more than 38 digits behind the point: a product of",
                    node->arguments[0], node->arguments[1], err);
        node->type = capped(a.precision + b.precision, a.scale + b.scale);
    } else {
        const int scale = a.scale > b.scale ? a.scale : b.scale;
        const int whole = a_whole > b_whole ? a_whole : b_whole;
        a = capped(a_whole + scale, scale);
        b = capped(b_whole + scale, scale);
        /* Both sides of % stand in one width. */
        if (node->op == JI_EXPR_MODULO)
            a = b = capped(whole + scale, scale);
        node->type = node->op == JI_EXPR_MODULO ? a : capped(whole + scale + 1, scale);
    }
    a.nullable = node->arguments[0]->type.nullable;
    b.nullable = node->arguments[1]->type.nullable;
    JI_TRY(ji_bind_cast(binder, &a, &node->arguments[0], err));
    return ji_bind_cast(binder, &b, &node->arguments[1], err);
}

static enum joist_status bind_both(
        struct ji_binder *binder, struct ji_expr *node, struct ji_field type, struct joist_error *err)
{
    JI_TRY(ji_bind_cast(binder, &type, &node->arguments[0], err));
    JI_TRY(ji_bind_cast(binder, &type, &node->arguments[1], err));
    node->type = type;
    return JOIST_OK;
}

/* Whole numbers and decimals are divided as they are, for the nearest double of the exact quotient. */
static enum joist_status bind_division(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    for (size_t i = 0; i < 2; i++) {
        if (node->arguments[i]->type.kind == JI_DECIMAL)
            continue;
        struct ji_field whole = ji_type_of(JI_INT64);
        if (node->arguments[i]->type.kind == JI_UINT64)
            whole = ji_type_decimal(20, 0);
        JI_TRY(ji_bind_cast(binder, &whole, &node->arguments[i], err));
    }
    node->type = ji_type_of(JI_DOUBLE);
    return JOIST_OK;
}

static enum joist_status bind_numbers(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_field *a = &node->arguments[0]->type;
    const struct ji_field *b = &node->arguments[1]->type;
    if (ji_type_is_real(a) || ji_type_is_real(b))
        return bind_both(binder, node, ji_type_of(JI_DOUBLE), err);
    if (node->op == JI_EXPR_DIVIDE)
        return bind_division(binder, node, err);
    const bool decimal =
            a->kind == JI_DECIMAL || b->kind == JI_DECIMAL || a->kind == JI_UINT64 || b->kind == JI_UINT64;
    if (decimal)
        return bind_decimal(binder, node, err);
    struct ji_field common = {0};
    const struct ji_field left = plain_integer(a);
    const struct ji_field right = plain_integer(b);
    ji_type_common(&left, &right, &common);
    return bind_both(binder, node, common, err);
}

static bool is_moment(const struct ji_expr *expr)
{
    return expr->type.kind == JI_DATE || expr->type.kind == JI_TIMESTAMP;
}

static enum joist_status bind_interval(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    if (node->arguments[0]->op == JI_EXPR_INTERVAL) {
        struct ji_expr *interval = node->arguments[0];
        node->arguments[0] = node->arguments[1];
        node->arguments[1] = interval;
    }
    struct ji_expr *moment = node->arguments[0];
    if (moment->op == JI_EXPR_INTERVAL || !is_moment(moment))
        return ji_fail(err, JOIST_ERR_INVALID,
                "column %" PRIu32 ": an interval can only be added to a date or timestamp, or subtracted",
                node->arguments[1]->position + 1);
    const char *unit = node->arguments[1]->name;
    const bool days = strcmp(unit, "year") == 0 || strcmp(unit, "month") == 0 || strcmp(unit, "day") == 0;
    struct ji_field type = moment->type;
    if (type.kind == JI_DATE && !days) {
        type = ji_type_of(JI_TIMESTAMP);
        type.unit = JI_MICRO;
    }
    JI_TRY(ji_bind_cast(binder, &type, &node->arguments[0], err));
    node->type = type;
    node->type.nullable = node->arguments[0]->type.nullable;
    return JOIST_OK;
}

/* Days between dates; a date so many days on. Both run as whole numbers. */
static enum joist_status bind_dates(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_expr *a = node->arguments[0];
    struct ji_expr *b = node->arguments[1];
    const struct ji_field number = ji_type_of(JI_INT64);
    const bool both = a->type.kind == JI_DATE && b->type.kind == JI_DATE && node->op == JI_EXPR_SUBTRACT;
    const bool later = a->type.kind == JI_DATE && ji_kind_is_integer(b->type.kind) &&
            (node->op == JI_EXPR_ADD || node->op == JI_EXPR_SUBTRACT);
    if (!both && !later)
        return ji_bind_refuse(binder, node, no_operation, a, b, err);
    const struct ji_field narrow = ji_type_of(JI_INT32);
    JI_TRY(ji_bind_cast(binder, &narrow, &node->arguments[0], err));
    JI_TRY(ji_bind_cast(binder, both ? &narrow : &number, &node->arguments[1], err));
    JI_TRY(ji_bind_cast(binder, &number, &node->arguments[0], err));
    JI_TRY(ji_bind_cast(binder, &number, &node->arguments[1], err));
    node->type = number;
    if (!later)
        return JOIST_OK;
    struct ji_expr *sum = NULL;
    JI_TRY(ji_expr_new(binder->arena, node->op, node->position, 2, &sum, err));
    sum->type = number;
    sum->type.nullable = a->type.nullable || b->type.nullable;
    sum->arguments[0] = node->arguments[0];
    sum->arguments[1] = node->arguments[1];
    JI_TRY(ji_bind_cast(binder, &narrow, &sum, err));
    node->op = JI_EXPR_CAST;
    node->type = ji_type_of(JI_DATE);
    node->argument_count = 1;
    node->arguments[0] = sum;
    return JOIST_OK;
}

static enum joist_status bind_negation(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_expr *argument = node->arguments[0];
    struct ji_field type = argument->type;
    if (type.kind == JI_NULL)
        type = ji_type_of(JI_INT64);
    else if (ji_type_is_real(&type))
        type = ji_type_of(JI_DOUBLE);
    else if (ji_kind_is_integer(type.kind))
        type = plain_integer(&type);
    else if (type.kind != JI_DECIMAL)
        return ji_bind_refuse(binder, node, "no minus before", argument, NULL, err);
    JI_TRY(ji_bind_cast(binder, &type, &node->arguments[0], err));
    node->type = type;
    node->type.nullable = argument->type.nullable;
    return JOIST_OK;
}

enum joist_status ji_bind_arithmetic(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    if (node->op == JI_EXPR_NEGATE)
        return bind_negation(binder, node, err);
    struct ji_expr *a = node->arguments[0];
    struct ji_expr *b = node->arguments[1];
    const bool nullable = a->type.nullable || b->type.nullable;
    if (a->op == JI_EXPR_INTERVAL || b->op == JI_EXPR_INTERVAL)
        return bind_interval(binder, node, err);
    struct ji_field other = ji_type_of(JI_INT64);
    if (a->type.kind == JI_NULL && b->type.kind != JI_NULL)
        other = b->type;
    else if (a->type.kind != JI_NULL)
        other = a->type;
    if (a->type.kind == JI_NULL)
        JI_TRY(ji_bind_cast(binder, &other, &node->arguments[0], err));
    if (b->type.kind == JI_NULL)
        JI_TRY(ji_bind_cast(binder, &other, &node->arguments[1], err));
    a = node->arguments[0];
    b = node->arguments[1];
    if (a->type.kind == JI_DATE || b->type.kind == JI_DATE)
        JI_TRY(bind_dates(binder, node, err));
    else if (ji_type_is_number(&a->type) && ji_type_is_number(&b->type))
        JI_TRY(bind_numbers(binder, node, err));
    else
        return ji_bind_refuse(binder, node, no_operation, a, b, err);
    node->type.nullable = nullable;
    return JOIST_OK;
}
