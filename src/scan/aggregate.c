/*
 * aggregate.c - groups of rows to one row each
 *
 *     morsels --claimed--> worker 0: keys, arguments -> groups -> accumulators --+
 *                          worker 1: ...                                         +-> merged -> ordered
 *
 *   1. A worker's state is its own until all morsels are done.
 *   2. A position is (morsel, row of the morsel): the same on every run, whatever worker met it.
 *   3. The worker with the most groups takes in the others; group order comes from positions alone.
 */
#include "scan/aggregate.h"

#include "base/parallel.h"
#include "scan/aggregate_state.h"
#include "scan/stable_sort.h"

#include <string.h>

#define POSITION_ROW_BITS 40

struct run {
    struct joist_ctx *ctx;
    struct ji_rows_scan *input;
    const struct ji_aggregate_options *options;
    const struct ji_aggregate_plan *plan;
    struct ji_aggregate_state *states; /* one a worker */
};

static bool is_function(const struct ji_expr *expr, const char *name)
{
    return strcmp(expr->name, name) == 0;
}

enum joist_status ji_aggregate_call_of(
        const struct ji_expr *expr, struct ji_aggregate_call *call, struct joist_error *err)
{
    struct ji_aggregate_call made = {.distinct = expr->distinct};
    if (expr->argument_count > 0)
        made.argument = expr->arguments[0];
    if (is_function(expr, "count"))
        made.function = made.argument == NULL ? JI_COUNT_ROWS : JI_COUNT;
    else if (is_function(expr, "sum"))
        made.function = JI_SUM;
    else if (is_function(expr, "avg"))
        made.function = JI_AVG;
    else if (is_function(expr, "min"))
        made.function = JI_MIN;
    else if (is_function(expr, "max"))
        made.function = JI_MAX;
    else
        return ji_fail(err, JOIST_ERR_INVALID, "no aggregate '%s'", expr->name);
    if (made.argument == NULL && made.function != JI_COUNT_ROWS)
        return ji_fail(err, JOIST_ERR_INVALID, "%s needs an argument", expr->name);
    *call = made;
    return JOIST_OK;
}

static enum joist_status reserve_rows(struct ji_aggregate_state *state, size_t count, struct joist_error *err)
{
    if (count <= state->group_room)
        return JOIST_OK;
    JI_TRY(ji_realloc(state->mem, &state->groups, state->group_room * sizeof *state->groups,
            count * sizeof *state->groups, err));
    state->group_room = count;
    return JOIST_OK;
}

static enum joist_status add_batch(struct run *run, struct ji_aggregate_state *state,
        const struct ji_batch *batch, uint64_t position, struct joist_error *err)
{
    const struct ji_aggregate_options *options = run->options;
    const struct ji_aggregate_plan *plan = run->plan;
    const size_t count = batch->selection_count;
    JI_TRY(reserve_rows(state, count, err));
    ji_evaluator_reset(state->evaluator);
    for (size_t key = 0; key < options->key_count; key++)
        JI_TRY(ji_evaluate(state->evaluator, options->keys[key], batch, &state->keys[key], err));
    for (size_t index = 0; index < plan->argument_count; index++)
        JI_TRY(ji_evaluate(state->evaluator, plan->arguments[index], batch, &state->arguments[index], err));
    const struct ji_key_batch rows = {state->keys, options->key_count, batch->selection, count, position};
    if (options->key_count > 0)
        JI_TRY(ji_group_table_map(&state->table, &rows, state->groups, err));
    else
        memset(state->groups, 0, count * sizeof *state->groups);
    const size_t groups = ji_max_size(state->table.count, 1);
    for (size_t index = 0; index < plan->accumulator_count; index++) {
        const struct ji_accumulator_plan *from = &plan->accumulators[index];
        if (from->set != JI_NO_SET)
            continue;
        JI_TRY(ji_accumulator_reserve(&state->accumulators[index], groups, err));
        JI_TRY(ji_accumulator_add(&state->accumulators[index], &state->arguments[from->argument],
                batch->selection, state->groups, count, err));
    }
    return JOIST_OK;
}

static enum joist_status open_state(
        struct run *run, struct ji_aggregate_state *state, struct joist_error *err)
{
    if (state->mem != NULL)
        return JOIST_OK;
    return ji_aggregate_state_open(run->ctx, run->options, run->plan, state, err);
}

static enum joist_status run_morsel(void *arg, size_t morsel, unsigned worker, struct joist_error *err)
{
    struct run *run = arg;
    struct ji_aggregate_state *state = &run->states[worker];
    struct ji_rows_cursor cursor = {0};
    const struct ji_batch *batch = NULL;
    uint64_t position = (uint64_t)morsel << POSITION_ROW_BITS;
    JI_TRY(open_state(run, state, err));
    JI_TRY(run->input->ops->open(run->input->self, morsel, state->mem, &cursor, err));
    enum joist_status status = JOIST_OK;
    for (;;) {
        JI_TRY_OUT(ji_cancel_check(run->options->cancel, err));
        JI_TRY_OUT(cursor.ops->next(cursor.self, &batch, err));
        if (batch == NULL)
            break;
        JI_TRY_OUT(add_batch(run, state, batch, position, err));
        position += batch->row_count;
    }

out:
    cursor.ops->close(cursor.self);
    return status;
}

/* Takes all groups of `from` into `to`. */
static enum joist_status merge_states(struct run *run, struct ji_aggregate_state *to,
        struct ji_aggregate_state *from, struct joist_error *err)
{
    const size_t count = run->options->key_count == 0 ? 1 : from->table.count;
    enum joist_status status = JOIST_OK;
    uint32_t *groups = NULL;
    JI_TRY(ji_alloc_zero(to->mem, count + 1, sizeof *groups, &groups, err));
    for (size_t group = 0; run->options->key_count > 0 && group < count; group++) {
        const struct ji_group *old = &from->table.groups[group];
        const struct ji_group_wanted wanted = {ji_group_key(old), old->key_bytes, old->hash, old->first};
        JI_TRY_OUT(ji_group_table_find(&to->table, &wanted, &groups[group], NULL, err));
    }
    for (size_t index = 0; index < run->plan->accumulator_count; index++) {
        if (run->plan->accumulators[index].set != JI_NO_SET)
            continue;
        const bool touched = from->accumulators[index].room > 0 || from->accumulators[index].set.count > 0;
        JI_TRY_OUT(ji_accumulator_reserve(&to->accumulators[index], ji_max_size(to->table.count, 1), err));
        if (touched)
            JI_TRY_OUT(ji_accumulator_merge(
                    &to->accumulators[index], &from->accumulators[index], groups, count, err));
    }

out:
    ji_free(to->mem, groups, (count + 1) * sizeof *groups);
    return status;
}

/* Fills an accumulator that is made from a set of distinct values. */
static void fill_from_set(
        const struct ji_accumulator *distinct, enum ji_accumulate what, struct ji_accumulator *to)
{
    for (size_t index = 0; index < distinct->set.count; index++) {
        const uint8_t *key = ji_group_key(&distinct->set.groups[index]);
        uint32_t group = 0;
        struct ji_value value;
        memcpy(&group, key, sizeof group);
        key += sizeof group;
        ji_row_key_read(distinct->field, &key, &value);
        if (what == JI_ACCUMULATE_VALUES)
            ((uint64_t *)to->states)[group]++;
        else if (what == JI_ACCUMULATE_SUM)
            ji_exact_sum_add(
                    &((struct ji_exact_sum *)to->states)[group], ji_value_exact(distinct->field, &value));
        else
            ji_real_sum_add(&((struct ji_real_sum *)to->states)[group], value.as.real);
    }
}

static enum joist_status finish_state(
        struct run *run, struct ji_aggregate_state *state, struct joist_error *err)
{
    if (run->options->key_count == 0) {
        const struct ji_group_wanted all = {.key = (const uint8_t *)""};
        uint32_t ignored = 0;
        JI_TRY(ji_group_table_find(&state->table, &all, &ignored, NULL, err));
    }
    for (size_t index = 0; index < run->plan->accumulator_count; index++) {
        const struct ji_accumulator_plan *from = &run->plan->accumulators[index];
        struct ji_accumulator *to = &state->accumulators[index];
        JI_TRY(ji_accumulator_reserve(to, ji_max_size(state->table.count, 1), err));
        if (from->set != JI_NO_SET)
            fill_from_set(&state->accumulators[from->set], from->what, to);
    }
    return JOIST_OK;
}

static size_t biggest_state(const struct run *run, unsigned workers)
{
    size_t biggest = 0;
    for (size_t worker = 0; worker < workers; worker++) {
        const struct ji_aggregate_state *state = &run->states[worker];
        const struct ji_aggregate_state *best = &run->states[biggest];
        if (state->mem != NULL && (best->mem == NULL || state->table.count > best->table.count))
            biggest = worker;
    }
    return biggest;
}

static int compare_first(const void *arg, uint32_t a, uint32_t b)
{
    const struct ji_group *groups = arg;
    return (groups[a].first > groups[b].first) - (groups[a].first < groups[b].first);
}

static enum joist_status order_groups(
        struct ji_mem *mem, const struct ji_group_table *table, uint32_t **out, struct joist_error *err)
{
    uint32_t *order = NULL;
    JI_TRY(ji_alloc_array(mem, table->count, sizeof *order, &order, err));
    for (size_t index = 0; index < table->count; index++)
        order[index] = (uint32_t)index;
    const enum joist_status status =
            ji_stable_sort(mem, order, table->count, compare_first, table->groups, err);
    if (status != JOIST_OK) {
        ji_free(mem, order, table->count * sizeof *order);
        return status;
    }
    *out = order;
    return JOIST_OK;
}

/* Runs all morsels, then leaves the whole in one state, which is the caller's. */
static enum joist_status run_all(
        struct run *run, unsigned workers, struct ji_aggregate_state *whole, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    const size_t morsels = run->input->ops->morsel_count(run->input->self);
    JI_TRY_OUT(ji_parallel(run->ctx, morsels, run_morsel, run, err));
    const size_t biggest = biggest_state(run, workers);
    JI_TRY_OUT(open_state(run, &run->states[biggest], err));
    for (size_t worker = 0; worker < workers; worker++) {
        if (worker == biggest || run->states[worker].mem == NULL)
            continue;
        JI_TRY_OUT(merge_states(run, &run->states[biggest], &run->states[worker], err));
        ji_aggregate_state_close(&run->states[worker], run->plan);
    }
    JI_TRY_OUT(finish_state(run, &run->states[biggest], err));
    *whole = run->states[biggest];
    run->states[biggest] = (struct ji_aggregate_state){0};

out:
    for (size_t worker = 0; worker < workers; worker++)
        ji_aggregate_state_close(&run->states[worker], run->plan);
    return status;
}

enum joist_status ji_aggregate_run(struct joist_ctx *ctx, struct ji_rows_scan *input,
        const struct ji_aggregate_options *options, struct ji_rows_scan *result, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    const unsigned workers = ji_ctx_threads(ctx);
    struct ji_aggregate_result_parts parts = {.ctx = ctx, .options = options};
    struct ji_aggregate_plan *plan = NULL;
    struct run run = {.ctx = ctx, .input = input, .options = options};
    ji_arena_init(&parts.arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_arena_array(&parts.arena, 1, sizeof *plan, &plan, err));
    JI_TRY_OUT(ji_aggregate_plan_init(&parts.arena, options, plan, err));
    JI_TRY_OUT(ji_arena_array(&parts.arena, workers, sizeof *run.states, &run.states, err));
    run.plan = plan;
    parts.plan = plan;
    JI_TRY_OUT(run_all(&run, workers, &parts.state, err));
    JI_TRY_OUT(order_groups(ji_ctx_mem(ctx), &parts.state.table, &parts.order, err));
    JI_TRY_OUT(ji_aggregate_result_new(&parts, result, err));

out:
    if (status != JOIST_OK) {
        if (status == JOIST_ERR_LIMIT)
            ji_error_prefix(err, "aggregate");
        ji_free(ji_ctx_mem(ctx), parts.order, parts.state.table.count * sizeof *parts.order);
        if (plan != NULL)
            ji_aggregate_state_close(&parts.state, plan);
        ji_arena_clear(&parts.arena);
    }
    return status;
}
