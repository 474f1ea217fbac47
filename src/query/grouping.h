/*
 * grouping.h - the AGGREGATE of a select block, and trees over its columns
 */
#ifndef JI_GROUPING_H
#define JI_GROUPING_H

#include "query/plan.h"

/*
 * The AGGREGATE while trees are still being rewritten: each may bring a call that it did not have. `fields`
 * are the calls' columns.
 */
struct ji_grouping {
    struct ji_query *query;
    struct ji_plan *plan;
    struct ji_field *fields;
    size_t room;
};

/*
 * The tree, bound to the input, over the columns of the AGGREGATE: what equals a key and what is an
 * aggregate becomes a column. INVALID where a column of the input is left over.
 */
enum joist_status ji_grouping_rewrite(struct ji_grouping *grouping, const struct ji_expr *expr,
        struct ji_expr **out, struct joist_error *err);
/* Sets the schema of the AGGREGATE, once all calls are known. */
enum joist_status ji_grouping_close(struct ji_grouping *grouping, struct joist_error *err);

#endif
