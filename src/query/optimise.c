/*
 * optimise.c - predicates down into scans, columns that nobody reads left out, limits handed down
 *
 *     1. push     FILTER sinks through PROJECT (of plain columns), SORT, DISTINCT, into FILTER and SCAN
 *     2. prune    from the root down: which columns of the input are read; SCAN asks for these alone
 *     3. limit    LIMIT over SORT: a top-n; LIMIT over SCAN: a hint
 *
 * Recursion follows the chain of operators, at most JI_PLAN_DEPTH_MAX long.
 */
#include "query/plan.h"

static enum joist_status both(struct ji_query *query, const struct ji_expr *first,
        const struct ji_expr *second, const struct ji_expr **out, struct joist_error *err)
{
    struct ji_expr *made = NULL;
    if (first == NULL) {
        *out = second;
        return JOIST_OK;
    }
    JI_TRY(ji_expr_new(&query->arena, JI_EXPR_AND, first->position, 2, &made, err));
    made->type = first->type;
    made->type.nullable = first->type.nullable || second->type.nullable;
    memcpy(&made->arguments[0], &first, sizeof first);
    memcpy(&made->arguments[1], &second, sizeof second);
    *out = made;
    return JOIST_OK;
}

/* A filter over computed columns would compute them twice. */
static bool is_plain_project(const struct ji_plan *plan)
{
    for (size_t index = 0; index < plan->expression_count; index++) {
        if (plan->expressions[index]->op != JI_EXPR_COLUMN)
            return false;
    }
    return true;
}

static enum joist_status push_filters(struct ji_query *query, struct ji_plan **at, struct joist_error *err);

/* `filter` goes below its input, and sinks on. */
static enum joist_status sink(
        struct ji_query *query, struct ji_plan *filter, struct ji_plan **at, struct joist_error *err)
{
    struct ji_plan *above = filter->input;
    filter->input = above->input;
    filter->schema = filter->input->schema;
    above->input = filter;
    *at = above;
    return push_filters(query, &above->input, err);
}

static enum joist_status push_filters(struct ji_query *query, struct ji_plan **at, struct joist_error *err)
{
    struct ji_plan *plan = *at;
    if (plan->input != NULL)
        JI_TRY(push_filters(query, &plan->input, err));
    if (plan->op != JI_PLAN_FILTER)
        return JOIST_OK;
    struct ji_plan *input = plan->input;
    switch (input->op) {
    case JI_PLAN_SCAN:
    case JI_PLAN_FILTER:
        JI_TRY(both(query, input->predicate, plan->predicate, &input->predicate, err));
        *at = input;
        return JOIST_OK;
    case JI_PLAN_SORT:
        return input->limit == 0 ? sink(query, plan, at, err) : JOIST_OK;
    case JI_PLAN_DISTINCT:
        return sink(query, plan, at, err);
    case JI_PLAN_PROJECT:
        if (!is_plain_project(input))
            return JOIST_OK;
        JI_TRY(ji_expr_remap(
                &query->arena, plan->predicate, NULL, input->expressions, &plan->predicate, err));
        return sink(query, plan, at, err);
    default:
        return JOIST_OK;
    }
}

/* The columns of `plan` for which `needed` is set stay; map[old] is then the new number. */
static enum joist_status keep_columns(struct ji_query *query, struct ji_plan *plan, const bool *needed,
        size_t *map, struct joist_error *err)
{
    struct ji_field *fields = NULL;
    size_t count = 0;
    JI_TRY(ji_arena_array(&query->arena, plan->schema.column_count + 1, sizeof *fields, &fields, err));
    for (size_t column = 0; column < plan->schema.column_count; column++) {
        map[column] = count;
        if (needed[column])
            fields[count++] = plan->schema.columns[column];
    }
    plan->schema = (struct ji_schema){.column_count = count, .columns = fields};
    return JOIST_OK;
}

/* What pruning an operator needs to know of its input. */
struct input_columns {
    bool *needed;
    size_t *map;
};

static enum joist_status prune(struct ji_query *query, struct ji_plan *plan, const bool *needed, size_t *map,
        struct joist_error *err);

static enum joist_status begin_input(struct ji_query *query, const struct ji_plan *plan,
        struct input_columns *input, struct joist_error *err)
{
    const size_t count = plan->input->schema.column_count;
    JI_TRY(ji_arena_array(&query->arena, count + 1, sizeof *input->needed, &input->needed, err));
    return ji_arena_array(&query->arena, count + 1, sizeof *input->map, &input->map, err);
}

static enum joist_status remap(struct ji_query *query, const struct input_columns *input,
        const struct ji_expr **expr, struct joist_error *err)
{
    return *expr == NULL ? JOIST_OK : ji_expr_remap(&query->arena, *expr, input->map, NULL, expr, err);
}

static enum joist_status prune_scan(struct ji_query *query, struct ji_plan *plan, const bool *needed,
        size_t *map, struct joist_error *err)
{
    size_t *columns = NULL;
    size_t count = 0;
    JI_TRY(ji_arena_array(&query->arena, plan->schema.column_count + 1, sizeof *columns, &columns, err));
    for (size_t column = 0; column < plan->schema.column_count; column++) {
        if (needed[column])
            columns[count++] = plan->request.columns[column];
    }
    plan->request.columns = columns;
    plan->request.column_count = count;
    return keep_columns(query, plan, needed, map, err);
}

static enum joist_status prune_project(struct ji_query *query, struct ji_plan *plan, const bool *needed,
        size_t *map, struct joist_error *err)
{
    struct input_columns input;
    size_t count = 0;
    JI_TRY(begin_input(query, plan, &input, err));
    for (size_t index = 0; index < plan->expression_count; index++) {
        if (!needed[index])
            continue;
        ji_expr_columns(plan->expressions[index], input.needed);
        plan->expressions[count++] = plan->expressions[index];
    }
    plan->expression_count = count;
    JI_TRY(prune(query, plan->input, input.needed, input.map, err));
    for (size_t index = 0; index < count; index++)
        JI_TRY(remap(query, &input, &plan->expressions[index], err));
    return keep_columns(query, plan, needed, map, err);
}

/* Keys stay, whoever reads them: they make the groups. */
static enum joist_status prune_aggregate(struct ji_query *query, struct ji_plan *plan, const bool *needed,
        size_t *map, struct joist_error *err)
{
    struct input_columns input;
    bool *kept = NULL;
    size_t count = 0;
    JI_TRY(begin_input(query, plan, &input, err));
    JI_TRY(ji_arena_array(&query->arena, plan->schema.column_count + 1, sizeof *kept, &kept, err));
    for (size_t key = 0; key < plan->expression_count; key++) {
        ji_expr_columns(plan->expressions[key], input.needed);
        kept[key] = true;
    }
    for (size_t call = 0; call < plan->call_count; call++) {
        const size_t column = plan->expression_count + call;
        if (!needed[column])
            continue;
        if (plan->calls[call].argument != NULL)
            ji_expr_columns(plan->calls[call].argument, input.needed);
        plan->calls[count++] = plan->calls[call];
        kept[column] = true;
    }
    plan->call_count = count;
    JI_TRY(prune(query, plan->input, input.needed, input.map, err));
    for (size_t key = 0; key < plan->expression_count; key++)
        JI_TRY(remap(query, &input, &plan->expressions[key], err));
    for (size_t call = 0; call < plan->call_count; call++)
        JI_TRY(remap(query, &input, &plan->calls[call].argument, err));
    return keep_columns(query, plan, kept, map, err);
}

/* FILTER, SORT, DISTINCT and LIMIT hand their input's columns on, with those that they read themselves. */
static enum joist_status prune_passing(struct ji_query *query, struct ji_plan *plan, const bool *needed,
        size_t *map, struct joist_error *err)
{
    struct input_columns input;
    JI_TRY(begin_input(query, plan, &input, err));
    memcpy(input.needed, needed, plan->schema.column_count * sizeof *needed);
    if (plan->predicate != NULL)
        ji_expr_columns(plan->predicate, input.needed);
    for (size_t index = 0; index < plan->expression_count; index++)
        ji_expr_columns(plan->expressions[index], input.needed);
    const size_t column_count = plan->schema.column_count;
    JI_TRY(prune(query, plan->input, input.needed, input.map, err));
    JI_TRY(remap(query, &input, &plan->predicate, err));
    for (size_t index = 0; index < plan->expression_count; index++)
        JI_TRY(remap(query, &input, &plan->expressions[index], err));
    memcpy(map, input.map, column_count * sizeof *map);
    plan->schema = plan->input->schema;
    return JOIST_OK;
}

static enum joist_status prune(struct ji_query *query, struct ji_plan *plan, const bool *needed, size_t *map,
        struct joist_error *err)
{
    switch (plan->op) {
    case JI_PLAN_ROW:
        return JOIST_OK;
    case JI_PLAN_SCAN:
        return prune_scan(query, plan, needed, map, err);
    case JI_PLAN_PROJECT:
        return prune_project(query, plan, needed, map, err);
    case JI_PLAN_AGGREGATE:
        return prune_aggregate(query, plan, needed, map, err);
    default:
        return prune_passing(query, plan, needed, map, err);
    }
}

static bool is_identity(const struct ji_plan *plan)
{
    if (plan->op != JI_PLAN_PROJECT || plan->expression_count != plan->input->schema.column_count)
        return false;
    for (size_t index = 0; index < plan->expression_count; index++) {
        const struct ji_expr *expr = plan->expressions[index];
        const char *name = plan->input->schema.columns[index].name;
        if (expr->op != JI_EXPR_COLUMN || expr->column != index ||
                strcmp(name, plan->schema.columns[index].name) != 0)
            return false;
    }
    return plan->expression_count > 0;
}

static void drop_identities(struct ji_plan **at)
{
    for (; *at != NULL; at = &(*at)->input) {
        while (is_identity(*at))
            *at = (*at)->input;
    }
}

static void hand_limits_down(struct ji_plan *root)
{
    for (struct ji_plan *plan = root; plan != NULL; plan = plan->input) {
        uint64_t rows = 0;
        if (plan->op != JI_PLAN_LIMIT || !ji_add_u64(plan->limit, plan->offset, &rows))
            continue;
        struct ji_plan *below = plan->input;
        while (below->op == JI_PLAN_PROJECT)
            below = below->input;
        if (below->op == JI_PLAN_SORT)
            below->limit = ji_max_u64(rows, 1);
        else if (below->op == JI_PLAN_SCAN)
            below->request.limit = ji_max_u64(rows, 1);
    }
}

/* The chain with its own arrays of trees: what pruning changes in place. */
static enum joist_status copy_plan(struct ji_query *query, struct ji_plan **at, struct joist_error *err)
{
    for (; *at != NULL; at = &(*at)->input) {
        struct ji_plan *copy = NULL;
        const struct ji_plan *from = *at;
        JI_TRY(ji_arena_array(&query->arena, 1, sizeof *copy, &copy, err));
        *copy = *from;
        JI_TRY(ji_arena_array(&query->arena, from->expression_count + 1, sizeof(struct ji_expr *),
                &copy->expressions, err));
        JI_TRY(ji_arena_array(&query->arena, from->call_count + 1, sizeof *copy->calls, &copy->calls, err));
        if (from->expression_count > 0)
            memcpy(copy->expressions, from->expressions, from->expression_count * sizeof(struct ji_expr *));
        if (from->call_count > 0)
            memcpy(copy->calls, from->calls, from->call_count * sizeof *copy->calls);
        *at = copy;
    }
    return JOIST_OK;
}

enum joist_status ji_plan_optimise(struct ji_query *query, struct ji_plan **plan, struct joist_error *err)
{
    bool *needed = NULL;
    size_t *map = NULL;
    struct ji_plan *copy = *plan;
    JI_TRY(copy_plan(query, &copy, err));
    JI_TRY(push_filters(query, &copy, err));
    const size_t count = copy->schema.column_count;
    JI_TRY(ji_arena_array(&query->arena, count + 1, sizeof *needed, &needed, err));
    JI_TRY(ji_arena_array(&query->arena, count + 1, sizeof *map, &map, err));
    memset(needed, 1, count * sizeof *needed);
    JI_TRY(prune(query, copy, needed, map, err));
    drop_identities(&copy);
    hand_limits_down(copy);
    *plan = copy;
    return JOIST_OK;
}
