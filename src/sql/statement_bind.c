/*
 * statement_bind.c - a parsed statement to a query's plan
 */
#include "sql/statement.h"

/* As deep as selects stand inside one another, JI_STATEMENT_DEPTH_MAX. */
enum joist_status ji_statement_plan(struct ji_query *query, const struct ji_statement *statement,
        ji_open_from_fn open_from, void *arg, struct ji_plan **plan, struct joist_error *err)
{
    struct ji_plan *input = NULL;
    switch (statement->from.kind) {
    case JI_FROM_NOTHING:
        JI_TRY(ji_plan_new(query, JI_PLAN_ROW, NULL, &input, err));
        break;
    case JI_FROM_SELECT:
        JI_TRY(ji_statement_plan(query, statement->from.inner, open_from, arg, &input, err));
        break;
    default:
        JI_TRY(open_from(arg, query, &statement->from, &input, err));
    }
    return ji_select_plan(query, input, &statement->select, plan, err);
}
