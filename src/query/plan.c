/*
 * plan.c - queries, the operators of their plans, and trees over other columns
 */
#include "query/plan.h"

#define SOURCES_FIRST 4

enum joist_status ji_query_open(struct joist_ctx *ctx, struct ji_query **query, struct joist_error *err)
{
    struct ji_query *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    const enum joist_status status = ji_mem_open(ji_ctx_mem(ctx), "query", &made->mem, err);
    if (status != JOIST_OK) {
        ji_free(ji_ctx_mem(ctx), made, sizeof *made);
        return status;
    }
    made->references = 1;
    made->ctx = ji_ctx_retain(ctx);
    ji_arena_init(&made->arena, made->mem);
    *query = made;
    return JOIST_OK;
}

struct ji_query *ji_query_retain(struct ji_query *query)
{
    query->references++;
    return query;
}

void ji_query_close(struct ji_query *query)
{
    if (query == NULL || --query->references > 0)
        return;
    struct joist_ctx *ctx = query->ctx;
    for (size_t index = 0; index < query->source_count; index++)
        query->sources[index].ops->close(query->sources[index].self);
    ji_free(query->mem, query->sources, query->source_room * sizeof *query->sources);
    ji_arena_clear(&query->arena);
    ji_mem_close(query->mem);
    ji_free(ji_ctx_mem(ctx), query, sizeof *query);
    joist_ctx_close(ctx);
}

enum joist_status ji_plan_new(struct ji_query *query, enum ji_plan_op op, struct ji_plan *input,
        struct ji_plan **plan, struct joist_error *err)
{
    struct ji_plan *made = NULL;
    const size_t depth = input == NULL ? 1 : input->depth + 1;
    if (depth > JI_PLAN_DEPTH_MAX)
        return ji_fail(
                err, JOIST_ERR_LIMIT, "more than %d operators on top of one another", JI_PLAN_DEPTH_MAX);
    JI_TRY(ji_arena_array(&query->arena, 1, sizeof *made, &made, err));
    made->op = op;
    made->depth = depth;
    made->input = input;
    if (input != NULL)
        made->schema = input->schema;
    *plan = made;
    return JOIST_OK;
}

enum joist_status ji_query_scan(struct ji_query *query, struct ji_rows_source *source, const char *label,
        struct ji_plan **plan, struct joist_error *err)
{
    struct ji_plan *scan = NULL;
    size_t *columns = NULL;
    const struct ji_schema *schema = source->ops->schema(source->self);
    JI_TRY(ji_plan_new(query, JI_PLAN_SCAN, NULL, &scan, err));
    JI_TRY(ji_arena_text(&query->arena, ji_view_of_text(label), &scan->label, err));
    JI_TRY(ji_arena_array(&query->arena, schema->column_count + 1, sizeof *columns, &columns, err));
    for (size_t column = 0; column < schema->column_count; column++)
        columns[column] = column;
    if (query->source_count == query->source_room) {
        const size_t room = query->source_room == 0 ? SOURCES_FIRST : query->source_room * 2;
        JI_TRY(ji_realloc(query->mem, &query->sources, query->source_room * sizeof *source,
                room * sizeof *source, err));
        query->source_room = room;
    }
    struct ji_rows_source *kept = NULL;
    JI_TRY(ji_arena_array(&query->arena, 1, sizeof *kept, &kept, err));
    *kept = *source;
    query->sources[query->source_count++] = *source;
    scan->source = kept;
    scan->schema = *schema;
    scan->request.columns = columns;
    scan->request.column_count = schema->column_count;
    *plan = scan;
    return JOIST_OK;
}

enum joist_status ji_plan_column(struct ji_query *query, const struct ji_schema *schema, size_t column,
        uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *node = NULL;
    JI_TRY(ji_expr_new(&query->arena, JI_EXPR_COLUMN, position, 0, &node, err));
    node->type = schema->columns[column];
    node->type.name = "";
    node->name = schema->columns[column].name;
    node->column = column;
    *expr = node;
    return JOIST_OK;
}

/* As deep as the parser lets trees be: JI_EXPR_DEPTH_MAX, once more for what `inputs` puts in. */
enum joist_status ji_expr_remap(struct ji_arena *arena, const struct ji_expr *expr, const size_t *map,
        const struct ji_expr *const *inputs, const struct ji_expr **copy, struct joist_error *err)
{
    if (expr->op == JI_EXPR_COLUMN && inputs != NULL) {
        *copy = inputs[expr->column];
        return JOIST_OK;
    }
    struct ji_expr *made = NULL;
    JI_TRY(ji_expr_new(arena, expr->op, expr->position, expr->argument_count, &made, err));
    struct ji_expr **arguments = made->arguments;
    *made = *expr;
    made->arguments = arguments;
    if (expr->op == JI_EXPR_COLUMN)
        made->column = map[expr->column];
    for (size_t index = 0; index < expr->argument_count; index++) {
        const struct ji_expr *argument = NULL;
        JI_TRY(ji_expr_remap(arena, expr->arguments[index], map, inputs, &argument, err));
        /* Trees are immutable once bound; the pointer's type is that of trees still being made. */
        memcpy(&arguments[index], &argument, sizeof argument);
    }
    *copy = made;
    return JOIST_OK;
}
