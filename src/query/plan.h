/*
 * plan.h - what a query is made of, before it runs
 *
 *     limit <- sort <- distinct <- project <- filter <- aggregate <- filter <- scan
 *
 * A plan is a chain of operators, each with the schema of what it gives; expressions are bound to the schema
 * of the input (a scan's predicate to that of the source). It lives in the arena of its query and does not
 * change once optimised.
 */
#ifndef JI_PLAN_H
#define JI_PLAN_H

#include "scan/aggregate.h"
#include "scan/rows_source.h"
#include "scan/sort_run.h"

/* Operators of one chain, sub-selects and all: what recursion over plans is held by. */
#define JI_PLAN_DEPTH_MAX 64

enum ji_plan_op {
    JI_PLAN_ROW, /* one row without columns: a select without from */
    JI_PLAN_SCAN,
    JI_PLAN_FILTER,
    JI_PLAN_PROJECT,
    JI_PLAN_AGGREGATE,
    JI_PLAN_DISTINCT,
    JI_PLAN_SORT,
    JI_PLAN_LIMIT,
};

struct ji_plan {
    enum ji_plan_op op;
    size_t depth;
    struct ji_plan *input; /* NULL for ROW and SCAN */
    struct ji_schema schema;

    const struct ji_expr *predicate; /* SCAN (or NULL), FILTER */

    /* SCAN */
    const struct ji_rows_source *source;
    const char *label;
    struct ji_scan_request request; /* `predicate` is set when it runs */

    /* PROJECT: one a column. AGGREGATE, SORT: the keys. DISTINCT: the columns. */
    const struct ji_expr **expressions;
    size_t expression_count;

    /* AGGREGATE: columns of the schema behind the keys */
    struct ji_aggregate_call *calls;
    size_t call_count;
    struct ji_aggregate_options aggregate; /* filled when it runs */

    /* SORT */
    struct ji_sort_order *orders;
    struct ji_sort_options sort; /* filled when it runs */

    /* LIMIT; SORT: only the first `limit` rows are wanted, 0: all */
    uint64_t limit;
    uint64_t offset;
};

/*
 * A query owns its arena and the sources that it scans. Counted: a frame and the streams that it handed out
 * share one, and belong to one thread at a time.
 */
struct ji_query {
    size_t references;
    struct joist_ctx *ctx; /* retained */
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_rows_source *sources;
    size_t source_count;
    size_t source_room;
    const struct joist_cancel *cancel;
    struct ji_view text; /* the statement, where there is one: errors of its rows point into it */
};

enum joist_status ji_query_open(struct joist_ctx *ctx, struct ji_query **query, struct joist_error *err);
/* Drops one reference. Accepts NULL. */
void ji_query_close(struct ji_query *query);
struct ji_query *ji_query_retain(struct ji_query *query);

/* A scan of all columns of `source`, which the query owns from success on. `label` is copied. */
enum joist_status ji_query_scan(struct ji_query *query, struct ji_rows_source *source, const char *label,
        struct ji_plan **plan, struct joist_error *err);
/*
 * A fresh operator over `input` (NULL allowed) with the input's schema. LIMIT where the chain gets too
 * long.
 */
enum joist_status ji_plan_new(struct ji_query *query, enum ji_plan_op op, struct ji_plan *input,
        struct ji_plan **plan, struct joist_error *err);

/* COLUMN nodes: the bound reference to a column of a schema. */
enum joist_status ji_plan_column(struct ji_query *query, const struct ji_schema *schema, size_t column,
        uint32_t position, struct ji_expr **expr, struct joist_error *err);
/*
 * A copy of a bound tree in which column c reads column map[c]; with `inputs`, in which it is the tree
 * inputs[c].
 */
enum joist_status ji_expr_remap(struct ji_arena *arena, const struct ji_expr *expr, const size_t *map,
        const struct ji_expr *const *inputs, const struct ji_expr **copy, struct joist_error *err);

/*
 * Makes another plan of the same rows: predicates in the scans, no columns that nobody reads, limits handed
 * down.
 */
enum joist_status ji_plan_optimise(struct ji_query *query, struct ji_plan **plan, struct joist_error *err);

/*
 * Starts the plan; breakers (aggregate, sort) below the root run to their end. The query outlives the
 * result.
 */
enum joist_status ji_plan_run(
        struct ji_query *query, struct ji_plan *plan, struct ji_rows_scan *result, struct joist_error *err);

/*
 * The rows of an optimised plan as a stream, which takes the caller's reference on the query from success
 * on. Nothing is read before the first batch is asked for.
 */
enum joist_status ji_query_stream(struct ji_query *query, struct ji_plan *plan,
        struct ji_batch_stream *stream, struct joist_error *err);

/* One operator a line, the root first; scans are planned so that they can say what they prune. */
enum joist_status ji_plan_explain(
        struct ji_query *query, struct ji_plan *plan, struct ji_bytes *text, struct joist_error *err);

/* Turns "column 17: ..." at the start of an error into "line 2, column 5: ...". */
void ji_statement_place_error(struct ji_view text, struct joist_error *err);

#endif
