/*
 * functions.c - the table of scalar functions, and their types
 *
 * A function is a row here: its name, how many arguments, what binding does with them, and the code that runs
 * over vectors. Those that look at nulls themselves (coalesce, nullif) have an evaluation of their own.
 */
#include "expr/bind.h"
#include "expr/evaluate.h"

#define ANY_COUNT 255

typedef enum joist_status (*bind_fn)(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);
typedef enum joist_status (*evaluate_fn)(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);

struct function {
    const char *name;
    uint8_t least;
    uint8_t most;
    bind_fn bind;
    ji_call_fn run;       /* strict */
    evaluate_fn evaluate; /* or not */
};

static void set_type(struct ji_expr *node, struct ji_field type)
{
    node->type = type;
    node->type.name = "";
    node->type.field_id = JI_FIELD_ID_NONE;
    node->type.nullable = false;
    for (size_t i = 0; i < node->argument_count; i++)
        node->type.nullable = node->type.nullable || node->arguments[i]->type.nullable;
}

static enum joist_status need_string(
        struct ji_binder *binder, struct ji_expr *node, size_t i, struct joist_error *err)
{
    const struct ji_field string = ji_type_of(JI_STRING);
    struct ji_expr *argument = node->arguments[i];
    if (argument->type.kind != JI_STRING && argument->type.kind != JI_NULL)
        return ji_bind_refuse(binder, argument, "expected a string instead of", argument, NULL, err);
    return ji_bind_cast(binder, &string, &node->arguments[i], err);
}

static enum joist_status need_long(
        struct ji_binder *binder, struct ji_expr *node, size_t i, struct joist_error *err)
{
    const struct ji_field number = ji_type_of(JI_INT64);
    struct ji_expr *argument = node->arguments[i];
    if (!ji_kind_is_integer(argument->type.kind) && argument->type.kind != JI_NULL)
        return ji_bind_refuse(binder, argument, "expected a whole number instead of", argument, NULL, err);
    return ji_bind_cast(binder, &number, &node->arguments[i], err);
}

static enum joist_status bind_date_part(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_expr *argument = node->arguments[0];
    const char *name = node->name;
    const bool of_day =
            strcmp(name, "hour") == 0 || strcmp(name, "minute") == 0 || strcmp(name, "second") == 0;
    const enum ji_kind kind = argument->type.kind;
    const struct ji_field date = ji_type_of(JI_DATE);
    if (kind == JI_NULL)
        JI_TRY(ji_bind_cast(binder, &date, &node->arguments[0], err));
    else if (kind != JI_TIMESTAMP && kind != (of_day ? JI_TIME : JI_DATE) && kind != JI_DATE)
        return ji_bind_refuse(
                binder, argument, "expected a date or timestamp instead of", argument, NULL, err);
    set_type(node, ji_type_of(JI_INT32));
    return JOIST_OK;
}

static enum joist_status bind_date_trunc(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    static const char *const units[] = {
            "year", "quarter", "month", "week", "day", "hour", "minute", "second"};
    struct ji_expr *unit = node->arguments[0];
    struct ji_expr *argument = node->arguments[1];
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (unit->op == JI_EXPR_LITERAL && unit->type.kind == JI_STRING &&
                ji_view_equal_text(unit->value.as.view, units[i]))
            found = i;
    }
    if (found == SIZE_MAX)
        return ji_fail(err, JOIST_ERR_INVALID,
                "column %" PRIu32 ": date_trunc takes 'year', 'quarter', 'month', "
                "'week', 'day', 'hour', 'minute' or 'second'",
                unit->position + 1);
    if (argument->type.kind != JI_DATE && argument->type.kind != JI_TIMESTAMP)
        return ji_bind_refuse(
                binder, argument, "expected a date or timestamp instead of", argument, NULL, err);
    set_type(node, argument->type);
    return JOIST_OK;
}

static enum joist_status become_cast(
        struct ji_binder *binder, struct ji_expr *node, struct ji_field type, struct joist_error *err)
{
    (void)binder;
    (void)err;
    node->op = JI_EXPR_CAST;
    node->argument_count = 1;
    set_type(node, type);
    return JOIST_OK;
}

/* abs, floor, ceil, round. */
static enum joist_status bind_number(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const bool absolute = strcmp(node->name, "abs") == 0;
    struct ji_expr *argument = node->arguments[0];
    int64_t digits = 0;
    if (node->argument_count == 2) {
        const struct ji_expr *second = node->arguments[1];
        digits = second->value.as.integer;
        if (second->op != JI_EXPR_LITERAL || second->type.kind != JI_INT64 || digits < 0 || digits > 38)
            return ji_bind_refuse(
                    binder, second, "expected a number from 0 to 38 instead of", second, NULL, err);
    }
    struct ji_field type = argument->type;
    const struct ji_field plain = ji_type_of(JI_INT32);
    if (type.kind == JI_NULL)
        type = ji_type_of(JI_DOUBLE);
    if (!ji_type_is_number(&type))
        return ji_bind_refuse(binder, argument, "expected a number instead of", argument, NULL, err);
    if (ji_type_is_real(&type))
        type = ji_type_of(JI_DOUBLE);
    else if (type.kind != JI_DECIMAL && !ji_type_common(&type, &plain, &type))
        return ji_bind_refuse(binder, argument, "expected a number instead of", argument, NULL, err);
    JI_TRY(ji_bind_cast(binder, &type, &node->arguments[0], err));
    const bool whole = type.kind != JI_DECIMAL && type.kind != JI_DOUBLE;
    if (!absolute && (whole || (type.kind == JI_DECIMAL && digits >= type.scale)))
        return become_cast(binder, node, type, err);
    if (!absolute && type.kind == JI_DECIMAL) {
        const unsigned precision = (unsigned)(type.precision - type.scale + digits + 1);
        type = ji_type_decimal(precision, (unsigned)digits);
    }
    set_type(node, type);
    return JOIST_OK;
}

static enum joist_status bind_length(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_expr *argument = node->arguments[0];
    const bool bytes = argument->type.kind == JI_BINARY || argument->type.kind == JI_FIXED;
    if (!bytes)
        JI_TRY(need_string(binder, node, 0, err));
    set_type(node, ji_type_of(JI_INT64));
    return JOIST_OK;
}

static enum joist_status bind_text(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    for (size_t i = 0; i < node->argument_count; i++)
        JI_TRY(need_string(binder, node, i, err));
    set_type(node, ji_type_of(JI_STRING));
    return JOIST_OK;
}

static enum joist_status bind_substr(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    JI_TRY(need_string(binder, node, 0, err));
    for (size_t i = 1; i < node->argument_count; i++)
        JI_TRY(need_long(binder, node, i, err));
    set_type(node, ji_type_of(JI_STRING));
    return JOIST_OK;
}

static enum joist_status bind_text_test(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    JI_TRY(bind_text(binder, node, err));
    set_type(node, ji_type_of(JI_BOOL));
    return JOIST_OK;
}

static enum joist_status bind_coalesce(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_field type = {0};
    JI_TRY(ji_bind_same_type(binder, node, 0, 1, &type, err));
    node->type = type;
    node->type.nullable = true;
    for (size_t i = 0; i < node->argument_count; i++)
        node->type.nullable = node->type.nullable && node->arguments[i]->type.nullable;
    return JOIST_OK;
}

static enum joist_status bind_nullif(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_field type = {0};
    JI_TRY(ji_bind_same_type(binder, node, 0, 1, &type, err));
    node->type = type;
    node->type.nullable = true;
    return JOIST_OK;
}

/* concat skips nulls: it is || over coalesce(argument, ''). */
static enum joist_status bind_concat(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_field string = ji_type_of(JI_STRING);
    for (size_t i = 0; i < node->argument_count; i++) {
        JI_TRY(ji_bind_cast(binder, &string, &node->arguments[i], err));
        struct ji_expr *argument = node->arguments[i];
        if (!argument->type.nullable)
            continue;
        struct ji_expr *empty = NULL;
        struct ji_expr *filled = NULL;
        JI_TRY(ji_expr_new(binder->arena, JI_EXPR_LITERAL, argument->position, 0, &empty, err));
        JI_TRY(ji_expr_new(binder->arena, JI_EXPR_CALL, argument->position, 2, &filled, err));
        empty->type = string;
        empty->type.nullable = false;
        filled->name = "coalesce";
        filled->type = empty->type;
        filled->arguments[0] = argument;
        filled->arguments[1] = empty;
        node->arguments[i] = filled;
    }
    node->op = JI_EXPR_CONCAT;
    set_type(node, string);
    return JOIST_OK;
}

static const struct function functions[] = {
        {"year", 1, 1, bind_date_part, ji_run_date_part, NULL},
        {"month", 1, 1, bind_date_part, ji_run_date_part, NULL},
        {"day", 1, 1, bind_date_part, ji_run_date_part, NULL},
        {"hour", 1, 1, bind_date_part, ji_run_date_part, NULL},
        {"minute", 1, 1, bind_date_part, ji_run_date_part, NULL},
        {"second", 1, 1, bind_date_part, ji_run_date_part, NULL},
        {"date_trunc", 2, 2, bind_date_trunc, ji_run_date_trunc, NULL},
        {"abs", 1, 1, bind_number, ji_run_number, NULL},
        {"floor", 1, 1, bind_number, ji_run_number, NULL},
        {"ceil", 1, 1, bind_number, ji_run_number, NULL},
        {"ceiling", 1, 1, bind_number, ji_run_number, NULL},
        {"round", 1, 2, bind_number, ji_run_number, NULL},
        {"length", 1, 1, bind_length, ji_run_length, NULL},
        {"char_length", 1, 1, bind_length, ji_run_length, NULL},
        {"octet_length", 1, 1, bind_length, ji_run_length, NULL},
        {"lower", 1, 1, bind_text, ji_run_text, NULL},
        {"upper", 1, 1, bind_text, ji_run_text, NULL},
        {"trim", 1, 1, bind_text, ji_run_text, NULL},
        {"ltrim", 1, 1, bind_text, ji_run_text, NULL},
        {"rtrim", 1, 1, bind_text, ji_run_text, NULL},
        {"substr", 2, 3, bind_substr, ji_run_substr, NULL},
        {"substring", 2, 3, bind_substr, ji_run_substr, NULL},
        {"starts_with", 2, 2, bind_text_test, ji_run_text_test, NULL},
        {"ends_with", 2, 2, bind_text_test, ji_run_text_test, NULL},
        {"contains", 2, 2, bind_text_test, ji_run_text_test, NULL},
        {"coalesce", 1, ANY_COUNT, bind_coalesce, NULL, ji_evaluate_coalesce},
        {"nullif", 2, 2, bind_nullif, NULL, ji_evaluate_nullif},
        {"concat", 1, ANY_COUNT, bind_concat, ji_run_concat, NULL},
};
#define FUNCTION_COUNT (sizeof functions / sizeof functions[0])

static const struct function *find_function(const char *name)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    }
    return NULL;
}

static const char *function_name_at(const void *arg, size_t i)
{
    const struct function *table = arg;
    return table[i].name;
}

enum joist_status ji_bind_call(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct function *function = find_function(node->name);
    if (function == NULL) {
        const char *guess = ji_guess_name(node->name, FUNCTION_COUNT, function_name_at, functions);
        if (guess != NULL)
            return ji_fail(err, JOIST_ERR_INVALID,
                    "column %" PRIu32 ": no function '%.80s' (did you mean '%s'?)", node->position + 1,
                    node->name, guess);
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": no function '%.80s'", node->position + 1,
                node->name);
    }
    const size_t count = node->argument_count;
    if (count < function->least || (count > function->most && function->most != ANY_COUNT)) {
        if (function->most == ANY_COUNT)
            return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s takes %u arguments or more",
                    node->position + 1, function->name, function->least);
        if (function->least != function->most)
            return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s takes %u to %u arguments",
                    node->position + 1, function->name, function->least, function->most);
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s takes %u argument%s",
                node->position + 1, function->name, function->least, function->least == 1 ? "" : "s");
    }
    return function->bind(binder, node, err);
}

enum joist_status ji_evaluate_call(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    const struct function *function = find_function(expr->name);
    if (function == NULL)
        return ji_fail(err, JOIST_ERR_INTERNAL, "function '%.80s' is not bound", expr->name);
    if (function->evaluate != NULL)
        return function->evaluate(evaluator, expr, rows, out, err);
    struct ji_vector *arguments = NULL;
    JI_TRY(ji_arena_array(&evaluator->arena, expr->argument_count, sizeof *arguments, &arguments, err));
    for (size_t i = 0; i < expr->argument_count; i++)
        JI_TRY(ji_evaluate_node(evaluator, expr->arguments[i], rows, &arguments[i], err));
    return ji_evaluate_strict(evaluator, expr, rows, function->run, arguments, out, err);
}

enum joist_status ji_bind_aggregate(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    struct ji_expr *argument = node->argument_count == 0 ? NULL : node->arguments[0];
    if (strcmp(node->name, "count") == 0) {
        node->type = ji_type_of(JI_INT64);
        node->type.nullable = false;
        if (argument != NULL && node->distinct && ji_kind_is_nested(argument->type.kind))
            return ji_bind_refuse(binder, node, "no count(distinct) of", argument, NULL, err);
        return JOIST_OK;
    }
    if (argument == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s takes one argument",
                node->position + 1, node->name);
    struct ji_field type = argument->type;
    if (strcmp(node->name, "min") == 0 || strcmp(node->name, "max") == 0) {
        if (ji_kind_is_nested(type.kind) || ji_kind_is_opaque(type.kind))
            return ji_bind_refuse(binder, node, "no least or greatest of", argument, NULL, err);
    } else {
        const bool average = strcmp(node->name, "avg") == 0;
        if (!ji_type_is_number(&type) && type.kind != JI_NULL)
            return ji_bind_refuse(binder, node, average ? "no average of" : "no sum of", argument, NULL, err);
        if (average || ji_type_is_real(&type))
            type = ji_type_of(JI_DOUBLE);
        else if (type.kind == JI_DECIMAL || type.kind == JI_UINT64)
            type = ji_type_decimal(JI_DECIMAL_DIGITS_MAX, type.kind == JI_DECIMAL ? (unsigned)type.scale : 0);
        else
            type = ji_type_of(JI_INT64);
    }
    node->type = type;
    node->type.name = "";
    node->type.field_id = JI_FIELD_ID_NONE;
    node->type.nullable = true;
    return JOIST_OK;
}
