/*
 * bind.c - names to columns, types to nodes, constants to literals
 *
 *   1. The tree that comes out shares nothing with the one that went in but names and literals' bytes.
 *   2. A node whose arguments are all literals is evaluated once, here. Where that fails the node stays:
 *      whether its error counts is known only when rows reach it.
 *   3. The type of an argument is what its operator's code takes: casts are nodes, put in here.
 *
 * The recursion is as deep as the tree, which the parser holds at JI_EXPR_DEPTH_MAX.
 */
#include "expr/bind.h"

static enum joist_status bind_node(struct ji_binder *binder, const struct ji_expr *from, size_t depth,
        struct ji_expr **bound, struct joist_error *err);

enum joist_status ji_bind_refuse(struct ji_binder *binder, const struct ji_expr *node, const char *what,
        const struct ji_expr *a, const struct ji_expr *b, struct joist_error *err)
{
    const char *a_name = "";
    const char *b_name = "";
    JI_TRY(ji_type_name_text(binder->arena, &a->type, &a_name, err));
    if (b == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s %s", node->position + 1, what,
                a->type.kind == JI_NULL ? "null" : a_name);
    JI_TRY(ji_type_name_text(binder->arena, &b->type, &b_name, err));
    return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": %s %s and %s", node->position + 1, what,
            a_name, b_name);
}

/* The literal that says what `node`, over literals alone, comes to. */
static enum joist_status fold(struct ji_binder *binder, struct ji_expr **node, struct joist_error *err)
{
    const struct ji_expr *expr = *node;
    const bool can = expr->op != JI_EXPR_LITERAL && expr->op != JI_EXPR_COLUMN &&
            expr->op != JI_EXPR_INTERVAL && expr->op != JI_EXPR_AGGREGATE;
    if (!can || ji_kind_is_nested(expr->type.kind))
        return JOIST_OK;
    for (size_t i = 0; i < expr->argument_count; i++) {
        const enum ji_expr_op op = expr->arguments[i]->op;
        if (op != JI_EXPR_LITERAL && op != JI_EXPR_INTERVAL)
            return JOIST_OK;
    }
    if (binder->evaluator == NULL)
        JI_TRY(ji_evaluator_open(NULL, binder->arena->mem, &binder->evaluator, err));

    const struct ji_batch batch = {.row_count = 1, .selection_count = 1};
    struct ji_column column = {0};
    struct ji_expr *literal = NULL;
    struct joist_error found = {0};
    ji_evaluator_reset(binder->evaluator);
    const enum joist_status status = ji_evaluate(binder->evaluator, expr, &batch, &column, &found);
    if (status == JOIST_ERR_INVALID)
        return JOIST_OK;
    if (status != JOIST_OK)
        return ji_fail(err, status, "%s", found.text);
    struct ji_value value = ji_column_value(&column, 0);
    if (!value.is_null && (ji_kind_is_view(expr->type.kind) || expr->type.fixed_bytes > 0))
        JI_TRY(ji_arena_view(binder->arena, value.as.view, &value.as.view, err));
    JI_TRY(ji_expr_new(binder->arena, JI_EXPR_LITERAL, expr->position, 0, &literal, err));
    literal->type = expr->type;
    literal->type.nullable = value.is_null;
    literal->value = value;
    *node = literal;
    return JOIST_OK;
}

static enum joist_status new_literal(struct ji_binder *binder, const struct ji_expr *like,
        const struct ji_field *type, const struct ji_value *value, struct ji_expr **expr,
        struct joist_error *err)
{
    struct ji_expr *literal = NULL;
    JI_TRY(ji_expr_new(binder->arena, JI_EXPR_LITERAL, like->position, 0, &literal, err));
    literal->type = *type;
    literal->type.name = "";
    literal->type.nullable = value->is_null;
    literal->value = *value;
    *expr = literal;
    return JOIST_OK;
}

enum joist_status ji_bind_cast(
        struct ji_binder *binder, const struct ji_field *type, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *from = *expr;
    if (ji_type_equal(&from->type, type))
        return JOIST_OK;
    if (from->op == JI_EXPR_LITERAL) {
        enum ji_fit fit = JI_FIT_EXACT;
        struct ji_value value = {.is_null = true};
        if (!from->value.is_null)
            JI_TRY(ji_literal_fit(binder->arena, from, type, &fit, &value, err));
        if (fit == JI_FIT_EXACT)
            return new_literal(binder, from, type, &value, expr, err);
    }
    if (!ji_expr_cast_exists(&from->type, type)) {
        const struct ji_expr to = {.type = *type};
        return ji_bind_refuse(binder, from, "no cast between", from, &to, err);
    }
    struct ji_expr *cast = NULL;
    JI_TRY(ji_expr_new(binder->arena, JI_EXPR_CAST, from->position, 1, &cast, err));
    cast->arguments[0] = from;
    cast->type = *type;
    cast->type.name = "";
    cast->type.field_id = JI_FIELD_ID_NONE;
    cast->type.nullable = from->type.nullable;
    JI_TRY(fold(binder, &cast, err));
    *expr = cast;
    return JOIST_OK;
}

/* What a literal asks for beside the others: a whole number only its digits, a string nothing. */
static bool literal_yields(const struct ji_expr *expr, const struct ji_field *others, struct ji_field *type)
{
    *type = expr->type;
    if (expr->op != JI_EXPR_LITERAL || expr->value.is_null)
        return false;
    if (expr->type.kind == JI_INT64 && others->kind == JI_DECIMAL)
        *type = ji_type_decimal(ji_decimal_digits(expr->value.as.integer), 0);
    return expr->type.kind == JI_STRING && others->kind != JI_STRING && others->kind != JI_NULL;
}

enum joist_status ji_bind_same_type(struct ji_binder *binder, struct ji_expr *node, size_t first, size_t step,
        struct ji_field *type, struct joist_error *err)
{
    struct ji_field common = ji_type_of(JI_NULL);
    const struct ji_expr *widest = node->arguments[first];
    /* Columns and what is computed decide; literals join them. */
    for (int literals = 0; literals < 2; literals++) {
        for (size_t i = first; i < node->argument_count; i += step) {
            const struct ji_expr *argument = node->arguments[i];
            struct ji_field asked = argument->type;
            if ((argument->op == JI_EXPR_LITERAL) != (literals == 1))
                continue;
            if (literals == 1 && literal_yields(argument, &common, &asked))
                continue;
            if (!ji_type_common(&common, &asked, &common))
                return ji_bind_refuse(binder, argument, "no common type of", widest, argument, err);
            widest = argument;
        }
    }
    for (size_t i = first; i < node->argument_count; i += step)
        JI_TRY(ji_bind_cast(binder, &common, &node->arguments[i], err));
    *type = common;
    return JOIST_OK;
}

static const char *column_name_at(const void *arg, size_t i)
{
    const struct ji_field *fields = arg;
    return fields[i].name;
}

static enum joist_status find_field(const struct ji_expr *node, const struct ji_field *fields, size_t count,
        size_t *index, struct joist_error *err)
{
    const struct ji_schema schema = {.column_count = count, .columns = fields};
    *index = ji_schema_find(&schema, ji_view_of_text(node->name));
    if (*index != SIZE_MAX)
        return JOIST_OK;
    const char *what = node->op == JI_EXPR_MEMBER ? "field" : "column";
    const char *guess = ji_guess_name(node->name, count, column_name_at, fields);
    if (guess != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": no %s '%.80s' (did you mean '%s'?)",
                node->position + 1, what, node->name, guess);
    return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": no %s '%.80s'", node->position + 1, what,
            node->name);
}

static void take_type(struct ji_expr *node, const struct ji_field *field, bool nullable)
{
    node->type = *field;
    node->type.name = "";
    node->type.nullable = nullable;
}

static enum joist_status bind_column(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_field *columns = binder->schema->columns;
    size_t index = 0;
    JI_TRY(find_field(node, columns, binder->schema->column_count, &index, err));
    node->column = index;
    node->name = columns[index].name;
    take_type(node, &columns[index], columns[index].nullable);
    return JOIST_OK;
}

static enum joist_status bind_member(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_expr *parent = node->arguments[0];
    size_t index = 0;
    const bool path = parent->op == JI_EXPR_COLUMN || parent->op == JI_EXPR_MEMBER;
    if (!path || parent->type.kind != JI_STRUCT)
        return ji_bind_refuse(binder, node, "no fields in", parent, NULL, err);
    JI_TRY(find_field(node, parent->type.children, parent->type.child_count, &index, err));
    const struct ji_field *field = &parent->type.children[index];
    node->column = index;
    node->name = field->name;
    take_type(node, field, field->nullable || parent->type.nullable);
    return JOIST_OK;
}

static enum joist_status need_boolean(struct ji_binder *binder, struct ji_expr *node, size_t first,
        size_t step, size_t end, struct joist_error *err)
{
    const struct ji_field boolean = ji_type_of(JI_BOOL);
    for (size_t i = first; i < end; i += step) {
        struct ji_expr *argument = node->arguments[i];
        if (argument->type.kind != JI_BOOL && argument->type.kind != JI_NULL)
            return ji_bind_refuse(binder, argument, "expected a boolean instead of", argument, NULL, err);
        JI_TRY(ji_bind_cast(binder, &boolean, &node->arguments[i], err));
    }
    return JOIST_OK;
}

static bool any_nullable(const struct ji_expr *node)
{
    for (size_t i = 0; i < node->argument_count; i++) {
        if (node->arguments[i]->type.nullable)
            return true;
    }
    return false;
}

static void set_type(struct ji_expr *node, struct ji_field type)
{
    node->type = type;
    node->type.name = "";
    node->type.field_id = JI_FIELD_ID_NONE;
    node->type.nullable = any_nullable(node);
}

static enum joist_status bind_case(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const size_t pairs = node->argument_count / 2;
    struct ji_field type = {0};
    JI_TRY(need_boolean(binder, node, 0, 2, pairs * 2, err));
    /* The results in one node of their own, so that they meet on one type. */
    struct ji_expr *results = NULL;
    const size_t count = node->argument_count - pairs;
    JI_TRY(ji_expr_new(binder->arena, JI_EXPR_CASE, node->position, count, &results, err));
    for (size_t i = 0; i < count; i++)
        results->arguments[i] = node->arguments[i < pairs ? i * 2 + 1 : node->argument_count - 1];
    JI_TRY(ji_bind_same_type(binder, results, 0, 1, &type, err));
    if (ji_kind_is_nested(type.kind))
        return ji_bind_refuse(binder, node, "no case over", results->arguments[0], NULL, err);
    for (size_t i = 0; i < count; i++)
        node->arguments[i < pairs ? i * 2 + 1 : node->argument_count - 1] = results->arguments[i];
    node->type = type;
    node->type.nullable = count == pairs || any_nullable(results);
    return JOIST_OK;
}

static enum joist_status bind_text_operator(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_field string = ji_type_of(JI_STRING);
    const bool like = node->op == JI_EXPR_LIKE;
    for (size_t i = 0; i < node->argument_count; i++) {
        struct ji_expr *argument = node->arguments[i];
        const bool text = argument->type.kind == JI_STRING || argument->type.kind == JI_NULL;
        if (like && !text)
            return ji_bind_refuse(binder, argument, "expected a string instead of", argument, NULL, err);
        JI_TRY(ji_bind_cast(binder, &string, &node->arguments[i], err));
    }
    set_type(node, ji_type_of(like ? JI_BOOL : JI_STRING));
    return JOIST_OK;
}

static enum joist_status bind_explicit_cast(
        struct ji_binder *binder, struct ji_expr **node, struct joist_error *err)
{
    struct ji_expr *argument = (*node)->arguments[0];
    JI_TRY(ji_bind_cast(binder, &(*node)->type, &argument, err));
    *node = argument;
    return JOIST_OK;
}

static enum joist_status bind_operator(
        struct ji_binder *binder, struct ji_expr **bound, struct joist_error *err)
{
    struct ji_expr *node = *bound;
    switch (node->op) {
    case JI_EXPR_COLUMN:
        return bind_column(binder, node, err);
    case JI_EXPR_MEMBER:
        return bind_member(binder, node, err);
    case JI_EXPR_LITERAL:
    case JI_EXPR_INTERVAL:
        return JOIST_OK;
    case JI_EXPR_AND:
    case JI_EXPR_OR:
    case JI_EXPR_NOT:
        JI_TRY(need_boolean(binder, node, 0, 1, node->argument_count, err));
        set_type(node, ji_type_of(JI_BOOL));
        return JOIST_OK;
    case JI_EXPR_IS_NULL:
    case JI_EXPR_IS_NOT_NULL:
        node->type = ji_type_of(JI_BOOL);
        node->type.nullable = false;
        return JOIST_OK;
    case JI_EXPR_IN:
        return ji_bind_in(binder, node, err);
    case JI_EXPR_BETWEEN:
        return ji_bind_between(binder, node, err);
    case JI_EXPR_CONCAT:
    case JI_EXPR_LIKE:
        return bind_text_operator(binder, node, err);
    case JI_EXPR_CASE:
        return bind_case(binder, node, err);
    case JI_EXPR_CAST:
        return bind_explicit_cast(binder, bound, err);
    case JI_EXPR_CALL:
        return ji_bind_call(binder, node, err);
    case JI_EXPR_AGGREGATE:
        return ji_bind_aggregate(binder, node, err);
    case JI_EXPR_EQUAL:
    case JI_EXPR_NOT_EQUAL:
    case JI_EXPR_LESS:
    case JI_EXPR_LESS_EQUAL:
    case JI_EXPR_GREATER:
    case JI_EXPR_GREATER_EQUAL:
        return ji_bind_comparison(binder, node, err);
    case JI_EXPR_NEGATE:
    case JI_EXPR_ADD:
    case JI_EXPR_SUBTRACT:
    case JI_EXPR_MULTIPLY:
    case JI_EXPR_DIVIDE:
    case JI_EXPR_MODULO:
        return ji_bind_arithmetic(binder, node, err);
    }
    return ji_fail(err, JOIST_ERR_INTERNAL, "expression operator %d", (int)node->op);
}

/* Operators know no float16: they get the double that it is. */
static enum joist_status check_arguments(
        struct ji_binder *binder, struct ji_expr *node, struct joist_error *err)
{
    const struct ji_field real = ji_type_of(JI_DOUBLE);
    const bool only_looks = node->op == JI_EXPR_IS_NULL || node->op == JI_EXPR_IS_NOT_NULL;
    const bool any_type = only_looks || node->op == JI_EXPR_MEMBER || node->op == JI_EXPR_AGGREGATE;
    for (size_t i = 0; i < node->argument_count; i++) {
        if (node->arguments[i]->type.kind == JI_FLOAT16 && !only_looks)
            JI_TRY(ji_bind_cast(binder, &real, &node->arguments[i], err));
        const struct ji_expr *argument = node->arguments[i];
        const bool moves = node->op == JI_EXPR_ADD || (node->op == JI_EXPR_SUBTRACT && i == 1);
        if (argument->op == JI_EXPR_INTERVAL && !moves)
            return ji_fail(err, JOIST_ERR_INVALID,
                    "column %" PRIu32 ": an interval can only be added to a date or timestamp, or subtracted",
                    argument->position + 1);
        if (any_type)
            continue;
        if (ji_kind_is_nested(argument->type.kind))
            return ji_bind_refuse(binder, argument, "no operation on", argument, NULL, err);
        if (ji_kind_is_opaque(argument->type.kind))
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column %" PRIu32 ": no operation on %s yet",
                    argument->position + 1,
                    argument->type.kind == JI_INTERVAL ? "interval" : "decimals of more than 38 digits");
    }
    return JOIST_OK;
}

static enum joist_status bind_node(struct ji_binder *binder, const struct ji_expr *from, size_t depth,
        struct ji_expr **bound, struct joist_error *err)
{
    struct ji_expr *node = NULL;
    if (++binder->nodes > JI_BIND_NODES_MAX || depth > JI_EXPR_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column %" PRIu32 ": expression too large", from->position + 1);
    JI_TRY(ji_expr_new(binder->arena, from->op, from->position, from->argument_count, &node, err));
    node->type = from->type;
    node->name = from->name;
    node->distinct = from->distinct;
    node->value = from->value;
    const bool aggregate = from->op == JI_EXPR_AGGREGATE;
    if (aggregate && binder->in_aggregate)
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": an aggregate inside an aggregate",
                from->position + 1);
    binder->in_aggregate = binder->in_aggregate || aggregate;
    for (size_t i = 0; i < from->argument_count; i++)
        JI_TRY(bind_node(binder, from->arguments[i], depth + 1, &node->arguments[i], err));
    if (aggregate)
        binder->in_aggregate = false;
    JI_TRY(check_arguments(binder, node, err));
    JI_TRY(bind_operator(binder, &node, err));
    JI_TRY(fold(binder, &node, err));
    *bound = node;
    return JOIST_OK;
}

enum joist_status ji_expr_bind(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ji_expr *expr, struct ji_expr **bound, struct joist_error *err)
{
    struct ji_binder binder = {.arena = arena, .schema = schema};
    struct ji_expr *node = NULL;
    enum joist_status status = bind_node(&binder, expr, 1, &node, err);
    ji_evaluator_close(binder.evaluator);
    if (status != JOIST_OK)
        return status;
    if (node->op == JI_EXPR_INTERVAL)
        return ji_fail(
                err, JOIST_ERR_INVALID, "column %" PRIu32 ": an interval is no value", expr->position + 1);
    *bound = node;
    return JOIST_OK;
}
