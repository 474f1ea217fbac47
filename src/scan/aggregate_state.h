/*
 * aggregate_state.h - what a worker of an aggregate holds, and how calls are made from accumulators
 *
 *     calls:         sum(a)  avg(a)  count(*)  count(distinct b)
 *     accumulators:  0 SUM a   1 VALUES a   2 ROWS   3 DISTINCT b   4 VALUES b from set 3
 *
 * Calls share: avg(a) is 0 over 1, and sum(a) is 0, null where 1 is 0. An argument is evaluated once a batch.
 */
#ifndef JI_AGGREGATE_STATE_H
#define JI_AGGREGATE_STATE_H

#include "scan/accumulator.h"
#include "scan/aggregate.h"

#define JI_NO_SET SIZE_MAX

struct ji_accumulator_plan {
    enum ji_accumulate what;
    size_t argument; /* of `arguments`; unused for ROWS */
    size_t set;      /* filled at the end from that DISTINCT, or JI_NO_SET */
};
struct ji_call_plan {
    size_t main;  /* accumulator of the sum, the extreme or the count */
    size_t count; /* accumulator of the values, for sum and avg */
};
struct ji_aggregate_plan {
    const struct ji_expr **arguments;
    size_t argument_count;
    struct ji_accumulator_plan *accumulators;
    size_t accumulator_count;
    struct ji_call_plan *calls;
};

struct ji_aggregate_state {
    struct ji_mem *mem;    /* a pool of its own; NULL: not begun */
    struct ji_arena arena; /* the arrays below */
    struct ji_evaluator *evaluator;
    struct ji_group_table table;
    struct ji_accumulator *accumulators;
    struct ji_column *keys;
    struct ji_column *arguments;
    uint32_t *groups; /* of the rows of a batch */
    size_t group_room;
};

enum joist_status ji_aggregate_plan_init(struct ji_arena *arena, const struct ji_aggregate_options *options,
        struct ji_aggregate_plan *plan, struct joist_error *err);

enum joist_status ji_aggregate_state_open(struct joist_ctx *ctx, const struct ji_aggregate_options *options,
        const struct ji_aggregate_plan *plan, struct ji_aggregate_state *state, struct joist_error *err);
void ji_aggregate_state_close(struct ji_aggregate_state *state, const struct ji_aggregate_plan *plan);

/* The value of a call for a group of a finished state. INVALID where a sum does not fit its type. */
enum joist_status ji_aggregate_value(const struct ji_aggregate_state *state,
        const struct ji_aggregate_plan *plan, const struct ji_aggregate_options *options, size_t call,
        size_t group, struct ji_value *value, struct joist_error *err);

/*
 * Takes over the arena, the state and `order` (state->table.count group numbers of ji_ctx_mem) from success
 * on; what the plan and the options point to lives in the arena or longer.
 */
struct ji_aggregate_result_parts {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    const struct ji_aggregate_options *options;
    const struct ji_aggregate_plan *plan;
    struct ji_aggregate_state state;
    uint32_t *order;
};
enum joist_status ji_aggregate_result_new(
        struct ji_aggregate_result_parts *parts, struct ji_rows_scan *result, struct joist_error *err);

#endif
