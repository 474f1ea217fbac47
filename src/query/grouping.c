/*
 * grouping.c - the AGGREGATE of a select block, and trees over its columns
 *
 *     sum(a * 2) / count(*) + g   over (a, g)   is   #1 / #2 + #0   over (g, sum(a * 2), count(*))
 *
 * Calls that are alike share a column.
 */
#include "query/grouping.h"

#define CALLS_FIRST 8

static enum joist_status grow(struct ji_grouping *grouping, struct joist_error *err)
{
    struct ji_plan *plan = grouping->plan;
    struct ji_arena *arena = &grouping->query->arena;
    struct ji_aggregate_call *calls = NULL;
    struct ji_field *fields = NULL;
    if (plan->call_count < grouping->room)
        return JOIST_OK;
    const size_t room = grouping->room == 0 ? CALLS_FIRST : grouping->room * 2;
    JI_TRY(ji_arena_array(arena, room, sizeof *calls, &calls, err));
    JI_TRY(ji_arena_array(arena, room, sizeof *fields, &fields, err));
    if (plan->call_count > 0) {
        memcpy(calls, plan->calls, plan->call_count * sizeof *calls);
        memcpy(fields, grouping->fields, plan->call_count * sizeof *fields);
    }
    plan->calls = calls;
    grouping->fields = fields;
    grouping->room = room;
    return JOIST_OK;
}

static bool same_call(const struct ji_aggregate_call *a, const struct ji_aggregate_call *b)
{
    if (a->function != b->function || a->distinct != b->distinct)
        return false;
    if (a->argument == NULL || b->argument == NULL)
        return a->argument == b->argument;
    return ji_expr_equal(a->argument, b->argument);
}

/* The number of the call, a new one where none is like it yet. */
static enum joist_status find_call(
        struct ji_grouping *grouping, const struct ji_expr *expr, size_t *number, struct joist_error *err)
{
    struct ji_plan *plan = grouping->plan;
    struct ji_aggregate_call call;
    const enum joist_status status = ji_aggregate_call_of(expr, &call, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column %" PRIu32, expr->position + 1);
        return status;
    }
    for (size_t index = 0; index < plan->call_count; index++) {
        if (same_call(&plan->calls[index], &call)) {
            *number = index;
            return JOIST_OK;
        }
    }
    JI_TRY(grow(grouping, err));
    struct ji_field *field = &grouping->fields[plan->call_count];
    *field = expr->type;
    JI_TRY(ji_expr_text(&grouping->query->arena, expr, &field->name, err));
    plan->calls[plan->call_count] = call;
    *number = plan->call_count++;
    return JOIST_OK;
}

static enum joist_status new_column(struct ji_grouping *grouping, const struct ji_expr *like, size_t column,
        const char *name, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *node = NULL;
    JI_TRY(ji_expr_new(&grouping->query->arena, JI_EXPR_COLUMN, like->position, 0, &node, err));
    node->type = like->type;
    node->name = name;
    node->column = column;
    *expr = node;
    return JOIST_OK;
}

static enum joist_status key_name(
        struct ji_grouping *grouping, const struct ji_expr *key, const char **name, struct joist_error *err)
{
    if (key->op == JI_EXPR_COLUMN || key->op == JI_EXPR_MEMBER) {
        *name = key->name;
        return JOIST_OK;
    }
    return ji_expr_text(&grouping->query->arena, key, name, err);
}

/* As deep as the parser lets trees be: JI_EXPR_DEPTH_MAX. */
enum joist_status ji_grouping_rewrite(struct ji_grouping *grouping, const struct ji_expr *expr,
        struct ji_expr **out, struct joist_error *err)
{
    const struct ji_plan *plan = grouping->plan;
    const char *name = NULL;
    for (size_t key = 0; key < plan->expression_count; key++) {
        if (!ji_expr_equal(expr, plan->expressions[key]))
            continue;
        JI_TRY(key_name(grouping, expr, &name, err));
        return new_column(grouping, expr, key, name, out, err);
    }
    if (expr->op == JI_EXPR_AGGREGATE) {
        size_t call = 0;
        JI_TRY(find_call(grouping, expr, &call, err));
        name = grouping->fields[call].name;
        return new_column(grouping, expr, plan->expression_count + call, name, out, err);
    }
    if (expr->op == JI_EXPR_COLUMN)
        return ji_fail(err, JOIST_ERR_INVALID,
                "column %" PRIu32 ": '%.80s' is neither in group by nor inside an aggregate",
                expr->position + 1, expr->name);
    struct ji_expr *made = NULL;
    JI_TRY(ji_expr_new(&grouping->query->arena, expr->op, expr->position, expr->argument_count, &made, err));
    struct ji_expr **arguments = made->arguments;
    *made = *expr;
    made->arguments = arguments;
    for (size_t index = 0; index < expr->argument_count; index++)
        JI_TRY(ji_grouping_rewrite(grouping, expr->arguments[index], &arguments[index], err));
    *out = made;
    return JOIST_OK;
}

enum joist_status ji_grouping_close(struct ji_grouping *grouping, struct joist_error *err)
{
    struct ji_plan *plan = grouping->plan;
    struct ji_field *fields = NULL;
    const size_t keys = plan->expression_count;
    JI_TRY(ji_arena_array(
            &grouping->query->arena, keys + plan->call_count + 1, sizeof *fields, &fields, err));
    for (size_t key = 0; key < keys; key++) {
        fields[key] = plan->expressions[key]->type;
        JI_TRY(key_name(grouping, plan->expressions[key], &fields[key].name, err));
    }
    if (plan->call_count > 0)
        memcpy(fields + keys, grouping->fields, plan->call_count * sizeof *fields);
    plan->schema = (struct ji_schema){.column_count = keys + plan->call_count, .columns = fields};
    return JOIST_OK;
}
