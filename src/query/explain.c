/*
 * explain.c - a plan as text
 *
 *     limit 10
 *       sort total desc, first 10 rows
 *         project city, sum(price) as total
 *           aggregate sum(price) by city
 *             scan sales.parquet: city, price where price > 10; files 1 of 1, groups 3 of 12
 */
#include "query/plan.h"

static enum joist_status append_expr(
        struct ji_query *query, const struct ji_expr *expr, struct ji_bytes *text, struct joist_error *err)
{
    const char *part = NULL;
    JI_TRY(ji_expr_text(&query->arena, expr, &part, err));
    return ji_bytes_append_text(text, part, err);
}

static enum joist_status append_list(struct ji_query *query, const struct ji_expr *const *expressions,
        size_t count, struct ji_bytes *text, struct joist_error *err)
{
    for (size_t index = 0; index < count; index++) {
        if (index > 0)
            JI_TRY(ji_bytes_append_text(text, ", ", err));
        JI_TRY(append_expr(query, expressions[index], text, err));
    }
    return JOIST_OK;
}

static enum joist_status explain_scan(
        struct ji_query *query, struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    struct ji_rows_scan scan = {0};
    JI_TRY(ji_bytes_printf(text, err, "scan %s:", plan->label));
    for (size_t column = 0; column < plan->schema.column_count; column++)
        JI_TRY(ji_bytes_printf(
                text, err, "%s %s", column == 0 ? "" : ",", plan->schema.columns[column].name));
    if (plan->schema.column_count == 0)
        JI_TRY(ji_bytes_append_text(text, " no columns", err));
    if (plan->predicate != NULL) {
        JI_TRY(ji_bytes_append_text(text, " where ", err));
        JI_TRY(append_expr(query, plan->predicate, text, err));
    }
    if (plan->request.limit != 0)
        JI_TRY(ji_bytes_printf(text, err, "; at most %" PRIu64 " rows wanted", plan->request.limit));
    plan->request.predicate = plan->predicate;
    plan->request.cancel = query->cancel;
    JI_TRY(plan->source->ops->plan(plan->source->self, &plan->request, &scan, err));
    const struct ji_scan_counters counters = scan.ops->counters(scan.self);
    scan.ops->close(scan.self);
    JI_TRY(ji_bytes_printf(text, err, "; files %" PRIu64 " of %" PRIu64,
            counters.files - counters.files_pruned, counters.files));
    if (counters.groups > 0)
        JI_TRY(ji_bytes_printf(text, err, ", row groups %" PRIu64 " of %" PRIu64,
                counters.groups - counters.groups_pruned, counters.groups));
    if (counters.pages > 0)
        JI_TRY(ji_bytes_printf(text, err, ", pages %" PRIu64 " of %" PRIu64,
                counters.pages - counters.pages_pruned, counters.pages));
    return JOIST_OK;
}

static enum joist_status explain_project(
        struct ji_query *query, const struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    for (size_t index = 0; index < plan->expression_count; index++) {
        const char *name = plan->schema.columns[index].name;
        const char *expr = NULL;
        JI_TRY(ji_expr_text(&query->arena, plan->expressions[index], &expr, err));
        JI_TRY(ji_bytes_printf(text, err, "%s%s", index == 0 ? "project " : ", ", expr));
        if (strcmp(expr, name) != 0 && *name != '\0')
            JI_TRY(ji_bytes_printf(text, err, " as %s", name));
    }
    return JOIST_OK;
}

static enum joist_status explain_aggregate(
        struct ji_query *query, const struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_text(text, "aggregate", err));
    for (size_t call = 0; call < plan->call_count; call++)
        JI_TRY(ji_bytes_printf(text, err, "%s %s", call == 0 ? "" : ",",
                plan->schema.columns[plan->expression_count + call].name));
    if (plan->expression_count == 0)
        return JOIST_OK;
    JI_TRY(ji_bytes_append_text(text, " by ", err));
    return append_list(query, plan->expressions, plan->expression_count, text, err);
}

static enum joist_status explain_sort(
        struct ji_query *query, const struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_text(text, "sort ", err));
    for (size_t key = 0; key < plan->expression_count; key++) {
        JI_TRY(ji_bytes_append_text(text, key == 0 ? "" : ", ", err));
        JI_TRY(append_expr(query, plan->expressions[key], text, err));
        JI_TRY(ji_bytes_append_text(text, plan->orders[key].descending ? " desc" : "", err));
        JI_TRY(ji_bytes_append_text(text, plan->orders[key].nulls_first ? " nulls first" : "", err));
    }
    if (plan->limit != 0)
        JI_TRY(ji_bytes_printf(text, err, "; first %" PRIu64 " rows", plan->limit));
    return JOIST_OK;
}

static enum joist_status explain_limit(
        const struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    if (plan->limit == UINT64_MAX)
        return ji_bytes_printf(text, err, "offset %" PRIu64, plan->offset);
    JI_TRY(ji_bytes_printf(text, err, "limit %" PRIu64, plan->limit));
    return plan->offset == 0 ? JOIST_OK : ji_bytes_printf(text, err, " offset %" PRIu64, plan->offset);
}

static enum joist_status explain_one(
        struct ji_query *query, struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    switch (plan->op) {
    case JI_PLAN_ROW:
        return ji_bytes_append_text(text, "one row", err);
    case JI_PLAN_SCAN:
        return explain_scan(query, plan, text, err);
    case JI_PLAN_FILTER:
        JI_TRY(ji_bytes_append_text(text, "filter ", err));
        return append_expr(query, plan->predicate, text, err);
    case JI_PLAN_PROJECT:
        return explain_project(query, plan, text, err);
    case JI_PLAN_AGGREGATE:
        return explain_aggregate(query, plan, text, err);
    case JI_PLAN_DISTINCT:
        JI_TRY(ji_bytes_append_text(text, "distinct ", err));
        return append_list(query, plan->expressions, plan->expression_count, text, err);
    case JI_PLAN_SORT:
        return explain_sort(query, plan, text, err);
    case JI_PLAN_LIMIT:
        return explain_limit(plan, text, err);
    }
    return JOIST_OK;
}

enum joist_status ji_plan_explain(
        struct ji_query *query, struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err)
{
    for (size_t level = 0; plan != NULL; plan = plan->input, level++) {
        for (size_t space = 0; space < level; space++)
            JI_TRY(ji_bytes_append_text(text, "  ", err));
        JI_TRY(explain_one(query, plan, text, err));
        JI_TRY(ji_bytes_append_byte(text, '\n', err));
    }
    return JOIST_OK;
}
