/*
 * select.c - one select block over an input
 *
 *     input -> FILTER -> AGGREGATE -> FILTER -> PROJECT (list + hidden order keys) -> DISTINCT -> SORT ->
 *     PROJECT -> LIMIT
 *
 *   1. Every tree is bound to the input first, so that names and types mean the same with and without
 *      grouping.
 *   2. With grouping the bound trees are rewritten over the AGGREGATE's columns (grouping.h).
 *   3. Order keys that are not in the list ride along as hidden columns and are projected away behind the
 *      sort.
 */
#include "query/select.h"

#include "query/grouping.h"
#include "query/select_names.h"

/* What a block is being made of. */
struct block {
    struct ji_query *query;
    const struct ji_select *select;
    const struct ji_schema *input;
    struct ji_plan *plan; /* so far */
    bool grouped;
    struct ji_grouping grouping;
    struct ji_item_list items;
    const struct ji_expr *having; /* bound, rewritten */
    struct ji_expr **shown;       /* items, then hidden order keys: bound, rewritten */
    size_t shown_count;
    size_t *order_columns; /* of the projection */
};

static enum joist_status bind_condition(struct block *block, const struct ji_item_list *list,
        const struct ji_expr *expr, struct ji_expr **bound, struct joist_error *err)
{
    struct ji_expr *made = NULL;
    JI_TRY(ji_select_bind(block->query, block->select, list, block->input, expr, &made, err));
    if (made->type.kind != JI_BOOL && made->type.kind != JI_NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": the condition is not boolean",
                expr->position + 1);
    *bound = made;
    return JOIST_OK;
}

static enum joist_status add_filter(
        struct block *block, const struct ji_expr *predicate, struct joist_error *err)
{
    struct ji_plan *filter = NULL;
    JI_TRY(ji_plan_new(block->query, JI_PLAN_FILTER, block->plan, &filter, err));
    filter->predicate = predicate;
    block->plan = filter;
    return JOIST_OK;
}

static enum joist_status plan_where(struct block *block, struct joist_error *err)
{
    const struct ji_expr *where = block->select->where;
    struct ji_expr *bound = NULL;
    if (where == NULL)
        return JOIST_OK;
    if (ji_expr_has_aggregate(where))
        return ji_fail(err, JOIST_ERR_INVALID,
                "column %" PRIu32 ": an aggregate in where (having is for them)", where->position + 1);
    JI_TRY(bind_condition(block, NULL, where, &bound, err));
    return add_filter(block, bound, err);
}

static bool wants_groups(const struct block *block)
{
    const struct ji_select *select = block->select;
    bool found = select->group_count > 0 || select->having != NULL;
    for (size_t index = 0; index < block->items.count; index++)
        found = found || ji_expr_has_aggregate(block->items.items[index].bound);
    for (size_t index = 0; index < select->order_count; index++)
        found = found || ji_expr_has_aggregate(select->order_by[index].expr);
    return found;
}

static enum joist_status plan_keys(struct block *block, struct joist_error *err)
{
    const struct ji_select *select = block->select;
    struct ji_plan *aggregate = NULL;
    JI_TRY(ji_plan_new(block->query, JI_PLAN_AGGREGATE, block->plan, &aggregate, err));
    JI_TRY(ji_arena_array(&block->query->arena, select->group_count + 1, sizeof(struct ji_expr *),
            &aggregate->expressions, err));
    for (size_t index = 0; index < select->group_count; index++) {
        const struct ji_expr *from = select->group_by[index];
        struct ji_expr *key = NULL;
        size_t place = 0;
        JI_TRY(ji_select_ordinal(from, block->items.count, "group by", &place, err));
        if (place != 0)
            key = block->items.items[place - 1].bound;
        else
            JI_TRY(ji_select_bind(block->query, select, &block->items, block->input, from, &key, err));
        if (ji_expr_has_aggregate(key))
            return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": an aggregate in group by",
                    from->position + 1);
        aggregate->expressions[aggregate->expression_count++] = key;
    }
    block->grouped = true;
    block->grouping = (struct ji_grouping){.query = block->query, .plan = aggregate};
    block->plan = aggregate;
    return JOIST_OK;
}

/* The bound tree as the projection sees it. */
static enum joist_status show(
        struct block *block, struct ji_expr *bound, struct ji_expr **shown, struct joist_error *err)
{
    if (block->grouped)
        return ji_grouping_rewrite(&block->grouping, bound, shown, err);
    *shown = bound;
    return JOIST_OK;
}

/* Which column of the projection an order key is; a hidden one where the list has none like it. */
static enum joist_status plan_order_key(
        struct block *block, const struct ji_order_item *order, size_t *column, struct joist_error *err)
{
    size_t place = 0;
    struct ji_expr *bound = NULL;
    JI_TRY(ji_select_ordinal(order->expr, block->items.count, "order by", &place, err));
    if (place == 0) {
        const size_t item = ji_item_find(&block->items, order->expr);
        place = item == SIZE_MAX ? 0 : item + 1;
    }
    if (place != 0) {
        *column = place - 1;
        return JOIST_OK;
    }
    JI_TRY(ji_select_bind(
            block->query, block->select, &block->items, block->input, order->expr, &bound, err));
    for (size_t item = 0; item < block->items.count; item++) {
        if (ji_expr_equal(block->items.items[item].bound, bound)) {
            *column = item;
            return JOIST_OK;
        }
    }
    if (block->select->distinct)
        return ji_fail(err, JOIST_ERR_INVALID,
                "column %" PRIu32 ": with distinct, order by can only name what is selected",
                order->expr->position + 1);
    *column = block->shown_count;
    JI_TRY(show(block, bound, &block->shown[block->shown_count], err));
    block->shown_count++;
    return JOIST_OK;
}

static enum joist_status plan_shown(struct block *block, struct joist_error *err)
{
    const struct ji_select *select = block->select;
    struct ji_arena *arena = &block->query->arena;
    const size_t count = block->items.count + select->order_count;
    struct ji_expr *having = NULL;
    JI_TRY(ji_arena_array(arena, count + 1, sizeof(struct ji_expr *), &block->shown, err));
    JI_TRY(ji_arena_array(
            arena, select->order_count + 1, sizeof *block->order_columns, &block->order_columns, err));
    for (size_t item = 0; item < block->items.count; item++)
        JI_TRY(show(block, block->items.items[item].bound, &block->shown[item], err));
    block->shown_count = block->items.count;
    for (size_t index = 0; index < select->order_count; index++)
        JI_TRY(plan_order_key(block, &select->order_by[index], &block->order_columns[index], err));
    if (select->having != NULL) {
        JI_TRY(bind_condition(block, &block->items, select->having, &having, err));
        JI_TRY(show(block, having, &having, err));
        block->having = having;
    }
    if (block->grouped)
        JI_TRY(ji_grouping_close(&block->grouping, err));
    return having == NULL ? JOIST_OK : add_filter(block, block->having, err);
}

/* A PROJECT of the first `count` shown trees, named by the list. */
static enum joist_status add_project(struct block *block, size_t count, struct joist_error *err)
{
    struct ji_plan *project = NULL;
    struct ji_field *fields = NULL;
    struct ji_arena *arena = &block->query->arena;
    JI_TRY(ji_plan_new(block->query, JI_PLAN_PROJECT, block->plan, &project, err));
    JI_TRY(ji_arena_array(arena, count + 1, sizeof *fields, &fields, err));
    JI_TRY(ji_arena_array(arena, count + 1, sizeof(struct ji_expr *), &project->expressions, err));
    for (size_t index = 0; index < count; index++) {
        project->expressions[index] = block->shown[index];
        fields[index] = block->shown[index]->type;
        fields[index].name = index < block->items.count ? block->items.items[index].name : "";
    }
    project->expression_count = count;
    project->schema = (struct ji_schema){.column_count = count, .columns = fields};
    block->plan = project;
    return JOIST_OK;
}

static enum joist_status add_distinct(struct block *block, struct joist_error *err)
{
    struct ji_plan *distinct = NULL;
    const size_t count = block->plan->schema.column_count;
    JI_TRY(ji_plan_new(block->query, JI_PLAN_DISTINCT, block->plan, &distinct, err));
    JI_TRY(ji_arena_array(
            &block->query->arena, count + 1, sizeof(struct ji_expr *), &distinct->expressions, err));
    for (size_t column = 0; column < count; column++) {
        struct ji_expr *key = NULL;
        JI_TRY(ji_plan_column(block->query, &block->plan->schema, column, 0, &key, err));
        distinct->expressions[column] = key;
    }
    distinct->expression_count = count;
    block->plan = distinct;
    return JOIST_OK;
}

static enum joist_status add_sort(struct block *block, struct joist_error *err)
{
    const struct ji_select *select = block->select;
    struct ji_arena *arena = &block->query->arena;
    struct ji_plan *sort = NULL;
    JI_TRY(ji_plan_new(block->query, JI_PLAN_SORT, block->plan, &sort, err));
    JI_TRY(ji_arena_array(arena, select->order_count, sizeof(struct ji_expr *), &sort->expressions, err));
    JI_TRY(ji_arena_array(arena, select->order_count, sizeof *sort->orders, &sort->orders, err));
    for (size_t index = 0; index < select->order_count; index++) {
        const struct ji_order_item *from = &select->order_by[index];
        struct ji_expr *key = NULL;
        JI_TRY(ji_plan_column(block->query, &block->plan->schema, block->order_columns[index],
                from->expr->position, &key, err));
        if (ji_kind_is_nested(key->type.kind))
            return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                    "column %" PRIu32 ": ordering by a list, map or struct", from->expr->position + 1);
        if (*key->name == '\0')
            JI_TRY(ji_expr_text(arena, from->expr, &key->name, err));
        sort->expressions[index] = key;
        sort->orders[index] = from->order;
    }
    sort->expression_count = select->order_count;
    block->plan = sort;
    return JOIST_OK;
}

/* Projects the hidden columns away: the first columns of what the sort gives. */
static enum joist_status drop_hidden(struct block *block, struct joist_error *err)
{
    if (block->shown_count == block->items.count)
        return JOIST_OK;
    for (size_t item = 0; item < block->items.count; item++)
        JI_TRY(ji_plan_column(block->query, &block->plan->schema, item, 0, &block->shown[item], err));
    return add_project(block, block->items.count, err);
}

static enum joist_status add_limit(struct block *block, struct joist_error *err)
{
    const struct ji_select *select = block->select;
    struct ji_plan *limit = NULL;
    JI_TRY(ji_plan_new(block->query, JI_PLAN_LIMIT, block->plan, &limit, err));
    limit->limit = select->has_limit ? select->limit : UINT64_MAX;
    limit->offset = select->offset;
    block->plan = limit;
    return JOIST_OK;
}

enum joist_status ji_select_plan(struct ji_query *query, struct ji_plan *input,
        const struct ji_select *select, struct ji_plan **plan, struct joist_error *err)
{
    struct block block = {.query = query, .select = select, .input = &input->schema, .plan = input};
    JI_TRY(plan_where(&block, err));
    JI_TRY(ji_select_items(query, select, block.input, &block.items, err));
    if (wants_groups(&block))
        JI_TRY(plan_keys(&block, err));
    JI_TRY(plan_shown(&block, err));
    JI_TRY(add_project(&block, block.shown_count, err));
    if (select->distinct)
        JI_TRY(add_distinct(&block, err));
    if (select->order_count > 0) {
        JI_TRY(add_sort(&block, err));
        JI_TRY(drop_hidden(&block, err));
    }
    if (select->has_limit || select->offset > 0)
        JI_TRY(add_limit(&block, err));
    *plan = block.plan;
    return JOIST_OK;
}
