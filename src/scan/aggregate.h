/*
 * aggregate.h - groups of rows to one row each
 *
 * Types: count is long; sum of integers is long (an overflow is INVALID), of decimals decimal(38, s), of
 * float and double double; avg is double, of integers and decimals from the exact sum; min and max have the
 * type of their argument. All but count are null for a group without values.
 */
#ifndef JI_AGGREGATE_H
#define JI_AGGREGATE_H

#include "scan/rows_source.h"

enum ji_aggregate_function { JI_COUNT_ROWS, JI_COUNT, JI_SUM, JI_AVG, JI_MIN, JI_MAX };

struct ji_aggregate_call {
    enum ji_aggregate_function function;
    bool distinct;
    const struct ji_expr *argument; /* bound to the input; NULL for COUNT_ROWS */
};

struct ji_aggregate_options {
    const struct ji_schema *schema; /* of the result: keys, then calls */
    const struct ji_expr *const *keys;
    size_t key_count;
    const struct ji_aggregate_call *calls;
    size_t call_count;
    const struct joist_cancel *cancel;
};

/* The function of an AGGREGATE node, INVALID where there is none of that name. */
enum joist_status ji_aggregate_call_of(
        const struct ji_expr *expr, struct ji_aggregate_call *call, struct joist_error *err);

/*
 * Reads all of `input`, which is borrowed for the call, with the ctx's threads, and makes `result`: groups
 * in the order in which their first rows stand in the input. Without keys there is one group even where
 * there are no rows. What `options` points to must outlive the result. LIMIT names the aggregate where its
 * groups do not fit.
 */
enum joist_status ji_aggregate_run(struct joist_ctx *ctx, struct ji_rows_scan *input,
        const struct ji_aggregate_options *options, struct ji_rows_scan *result, struct joist_error *err);

#endif
