/*
 * select_names.c - what names in a select block mean
 *
 * Names compare as columns do: exactly, else without ASCII case.
 */
#include "query/select_names.h"

#include <strings.h>

#define ITEMS_MAX JI_COLUMNS_MAX

static bool has_column(const struct ji_schema *schema, const char *name)
{
    return ji_schema_find(schema, ji_view_of_text(name)) != SIZE_MAX;
}

size_t ji_item_find(const struct ji_item_list *list, const struct ji_expr *expr)
{
    size_t loose = SIZE_MAX;
    if (expr->op != JI_EXPR_COLUMN)
        return SIZE_MAX;
    for (size_t index = 0; index < list->count; index++) {
        if (strcmp(list->items[index].name, expr->name) == 0)
            return index;
        if (loose == SIZE_MAX && strcasecmp(list->items[index].name, expr->name) == 0)
            loose = index;
    }
    return loose;
}

/* What a name is resolved against. */
struct scope {
    struct ji_query *query;
    const struct ji_select *select;
    const struct ji_item_list *list;
    const struct ji_schema *input;
};

static bool is_qualified(const struct scope *scope, const struct ji_expr *expr)
{
    if (expr->op != JI_EXPR_MEMBER || scope->select->alias == NULL)
        return false;
    const struct ji_expr *owner = expr->arguments[0];
    return owner->op == JI_EXPR_COLUMN && strcasecmp(owner->name, scope->select->alias) == 0 &&
            !has_column(scope->input, owner->name);
}

/*
 * As deep as the parser lets trees be, JI_EXPR_DEPTH_MAX; what an alias stands for is not looked into
 * again.
 */
static enum joist_status resolve(
        const struct scope *scope, const struct ji_expr *expr, struct ji_expr **out, struct joist_error *err)
{
    struct ji_expr *made = NULL;
    if (expr->op == JI_EXPR_COLUMN && scope->list != NULL && !has_column(scope->input, expr->name)) {
        const size_t item = ji_item_find(scope->list, expr);
        if (item != SIZE_MAX && scope->list->items[item].unbound != NULL) {
            const struct scope inner = {scope->query, scope->select, NULL, scope->input};
            return resolve(&inner, scope->list->items[item].unbound, out, err);
        }
    }
    const bool qualified = is_qualified(scope, expr);
    const size_t arguments = qualified ? 0 : expr->argument_count;
    JI_TRY(ji_expr_new(&scope->query->arena, expr->op, expr->position, arguments, &made, err));
    struct ji_expr **fresh = made->arguments;
    *made = *expr;
    made->arguments = fresh;
    made->argument_count = arguments;
    if (qualified) {
        made->op = JI_EXPR_COLUMN;
        made->position = expr->arguments[0]->position;
    }
    for (size_t index = 0; index < arguments; index++)
        JI_TRY(resolve(scope, expr->arguments[index], &fresh[index], err));
    *out = made;
    return JOIST_OK;
}

enum joist_status ji_select_bind(struct ji_query *query, const struct ji_select *select,
        const struct ji_item_list *list, const struct ji_schema *input, const struct ji_expr *expr,
        struct ji_expr **bound, struct joist_error *err)
{
    const struct scope scope = {query, select, list, input};
    struct ji_expr *resolved = NULL;
    JI_TRY(resolve(&scope, expr, &resolved, err));
    return ji_expr_bind(&query->arena, input, resolved, bound, err);
}

enum joist_status ji_select_ordinal(
        const struct ji_expr *expr, size_t count, const char *clause, size_t *place, struct joist_error *err)
{
    *place = 0;
    if (expr->op != JI_EXPR_LITERAL || expr->value.is_null || !ji_kind_is_integer(expr->type.kind))
        return JOIST_OK;
    const int64_t wanted = expr->value.as.integer;
    if (wanted < 1 || (uint64_t)wanted > count)
        return ji_fail(err, JOIST_ERR_INVALID,
                "column %" PRIu32 ": %s %" PRId64 ", but the list has %zu columns", expr->position + 1,
                clause, wanted, count);
    *place = (size_t)wanted;
    return JOIST_OK;
}

static enum joist_status add_star(struct ji_query *query, const struct ji_schema *input,
        const struct ji_select_item *from, struct ji_item_list *list, struct joist_error *err)
{
    if (input->column_count == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": '*' without from", from->position + 1);
    for (size_t column = 0; column < input->column_count; column++) {
        struct ji_item *item = &list->items[list->count++];
        item->name = input->columns[column].name;
        JI_TRY(ji_plan_column(query, input, column, from->position, &item->bound, err));
    }
    return JOIST_OK;
}

static enum joist_status add_item(struct ji_query *query, const struct ji_select *select,
        const struct ji_schema *input, const struct ji_select_item *from, struct ji_item_list *list,
        struct joist_error *err)
{
    struct ji_item *item = &list->items[list->count++];
    item->unbound = from->expr;
    item->name = from->alias;
    JI_TRY(ji_select_bind(query, select, NULL, input, from->expr, &item->bound, err));
    if (item->name != NULL)
        return JOIST_OK;
    if (item->bound->op == JI_EXPR_COLUMN || item->bound->op == JI_EXPR_MEMBER)
        item->name = item->bound->name;
    else
        JI_TRY(ji_expr_text(&query->arena, from->expr, &item->name, err));
    return JOIST_OK;
}

enum joist_status ji_select_items(struct ji_query *query, const struct ji_select *select,
        const struct ji_schema *input, struct ji_item_list *list, struct joist_error *err)
{
    struct ji_item_list made = {0};
    size_t count = 0;
    for (size_t index = 0; index < select->item_count; index++)
        count += select->items[index].expr == NULL ? input->column_count : 1;
    if (count > ITEMS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %d columns", ITEMS_MAX);
    JI_TRY(ji_arena_array(&query->arena, count + 1, sizeof *made.items, &made.items, err));
    for (size_t index = 0; index < select->item_count; index++) {
        const struct ji_select_item *from = &select->items[index];
        if (from->expr == NULL)
            JI_TRY(add_star(query, input, from, &made, err));
        else
            JI_TRY(add_item(query, select, input, from, &made, err));
    }
    *list = made;
    return JOIST_OK;
}
