/*
 * aggregate_state.c - what a worker of an aggregate holds, and how calls are made from accumulators
 *
 * avg divides in long double: 64 bits of mantissa keep what is lost on the way below one unit in a double's
 * last place.
 */
#include "scan/aggregate_state.h"

#include <math.h>

#include <string.h>

static bool argument_is_real(const struct ji_expr *argument)
{
    return argument->type.kind == JI_DOUBLE || argument->type.kind == JI_FLOAT;
}

static size_t add_argument(struct ji_aggregate_plan *plan, const struct ji_expr *argument)
{
    for (size_t known = 0; known < plan->argument_count; known++) {
        if (ji_expr_equal(plan->arguments[known], argument))
            return known;
    }
    plan->arguments[plan->argument_count] = argument;
    return plan->argument_count++;
}

static size_t add_accumulator(
        struct ji_aggregate_plan *plan, enum ji_accumulate what, size_t argument, size_t set)
{
    const struct ji_accumulator_plan wanted = {what, argument, set};
    for (size_t known = 0; known < plan->accumulator_count; known++) {
        const struct ji_accumulator_plan *other = &plan->accumulators[known];
        const bool same_argument = what == JI_ACCUMULATE_ROWS || other->argument == argument;
        if (other->what == what && other->set == set && same_argument)
            return known;
    }
    plan->accumulators[plan->accumulator_count] = wanted;
    return plan->accumulator_count++;
}

static void plan_call(
        struct ji_aggregate_plan *plan, const struct ji_aggregate_call *call, struct ji_call_plan *made)
{
    if (call->function == JI_COUNT_ROWS) {
        made->main = add_accumulator(plan, JI_ACCUMULATE_ROWS, 0, JI_NO_SET);
        made->count = made->main;
        return;
    }
    const size_t argument = add_argument(plan, call->argument);
    if (call->function == JI_MIN || call->function == JI_MAX) {
        made->main = add_accumulator(plan,
                call->function == JI_MIN ? JI_ACCUMULATE_LEAST : JI_ACCUMULATE_GREATEST, argument, JI_NO_SET);
        made->count = made->main;
        return;
    }
    size_t set = JI_NO_SET;
    if (call->distinct)
        set = add_accumulator(plan, JI_ACCUMULATE_DISTINCT, argument, JI_NO_SET);
    made->count = add_accumulator(plan, JI_ACCUMULATE_VALUES, argument, set);
    made->main = made->count;
    if (call->function == JI_SUM || call->function == JI_AVG) {
        const bool real = argument_is_real(call->argument);
        made->main = add_accumulator(plan, real ? JI_ACCUMULATE_SUM_REAL : JI_ACCUMULATE_SUM, argument, set);
    }
}

enum joist_status ji_aggregate_plan_init(struct ji_arena *arena, const struct ji_aggregate_options *options,
        struct ji_aggregate_plan *plan, struct joist_error *err)
{
    struct ji_aggregate_plan made = {0};
    const size_t calls = options->call_count;
    JI_TRY(ji_arena_array(arena, calls + 1, sizeof *made.arguments, &made.arguments, err));
    JI_TRY(ji_arena_array(arena, 3 * calls + 1, sizeof *made.accumulators, &made.accumulators, err));
    JI_TRY(ji_arena_array(arena, calls + 1, sizeof *made.calls, &made.calls, err));
    for (size_t key = 0; key < options->key_count; key++)
        JI_TRY(ji_row_key_check(&options->keys[key]->type, err));
    for (size_t call = 0; call < calls; call++) {
        const struct ji_aggregate_call *from = &options->calls[call];
        if (from->argument != NULL && from->function != JI_COUNT &&
                ji_kind_is_nested(from->argument->type.kind))
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "aggregating a list, map or struct");
        if (from->distinct && from->argument != NULL)
            JI_TRY(ji_row_key_check(&from->argument->type, err));
        plan_call(&made, from, &made.calls[call]);
    }
    *plan = made;
    return JOIST_OK;
}

static enum joist_status open_parts(struct joist_ctx *ctx, const struct ji_aggregate_options *options,
        const struct ji_aggregate_plan *plan, struct ji_aggregate_state *state, struct joist_error *err)
{
    struct ji_arena *arena = &state->arena;
    JI_TRY(ji_arena_array(arena, options->key_count + 1, sizeof *state->keys, &state->keys, err));
    JI_TRY(ji_arena_array(arena, plan->argument_count + 1, sizeof *state->arguments, &state->arguments, err));
    JI_TRY(ji_arena_array(
            arena, plan->accumulator_count + 1, sizeof *state->accumulators, &state->accumulators, err));
    for (size_t index = 0; index < plan->accumulator_count; index++) {
        const struct ji_accumulator_plan *from = &plan->accumulators[index];
        const struct ji_field *field =
                from->what == JI_ACCUMULATE_ROWS ? NULL : &plan->arguments[from->argument]->type;
        ji_accumulator_init(&state->accumulators[index], from->what, field, state->mem);
    }
    return ji_evaluator_open(ctx, state->mem, &state->evaluator, err);
}

enum joist_status ji_aggregate_state_open(struct joist_ctx *ctx, const struct ji_aggregate_options *options,
        const struct ji_aggregate_plan *plan, struct ji_aggregate_state *state, struct joist_error *err)
{
    struct ji_aggregate_state made = {0};
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "aggregate", &made.mem, err));
    ji_arena_init(&made.arena, made.mem);
    ji_group_table_init(&made.table, made.mem);
    const enum joist_status status = open_parts(ctx, options, plan, &made, err);
    if (status != JOIST_OK) {
        ji_aggregate_state_close(&made, plan);
        return status;
    }
    *state = made;
    return JOIST_OK;
}

void ji_aggregate_state_close(struct ji_aggregate_state *state, const struct ji_aggregate_plan *plan)
{
    if (state->mem == NULL)
        return;
    ji_evaluator_close(state->evaluator);
    ji_group_table_clear(&state->table);
    for (size_t index = 0; state->accumulators != NULL && index < plan->accumulator_count; index++)
        ji_accumulator_clear(&state->accumulators[index]);
    ji_free(state->mem, state->groups, state->group_room * sizeof *state->groups);
    ji_arena_clear(&state->arena);
    ji_mem_close(state->mem);
    *state = (struct ji_aggregate_state){0};
}

static ji_int128 power_of_ten(unsigned digits)
{
    ji_int128 power = 1;
    while (digits-- > 0)
        power *= 10;
    return power;
}

static enum joist_status sum_value(const struct ji_exact_sum *sum, const struct ji_field *type,
        struct ji_value *value, struct joist_error *err)
{
    bool fits = sum->high == 0;
    if (type->kind == JI_DECIMAL) {
        const ji_int128 end = power_of_ten(type->precision);
        fits = fits && sum->low < end && sum->low > -end;
        value->as.decimal = sum->low;
    } else if (type->kind == JI_UINT64) {
        fits = fits && sum->low >= 0 && sum->low <= (ji_int128)UINT64_MAX;
        value->as.unsigned_integer = (uint64_t)sum->low;
    } else {
        fits = fits && sum->low >= INT64_MIN && sum->low <= INT64_MAX;
        value->as.integer = (int64_t)sum->low;
    }
    if (fits)
        return JOIST_OK;
    if (type->kind == JI_DECIMAL)
        return ji_fail(
                err, JOIST_ERR_INVALID, "'%s': the sum has more than %d digits", type->name, type->precision);
    return ji_fail(err, JOIST_ERR_INVALID, "'%s': the sum overflows 64 bits", type->name);
}

static double real_sum(const struct ji_real_sum *sum)
{
    return isfinite(sum->sum) ? sum->sum + sum->rest : sum->sum;
}

static double average(const struct ji_exact_sum *sum, uint64_t count, const struct ji_field *argument)
{
    long double total = (long double)sum->low;
    if (sum->high != 0)
        total += ldexpl((long double)sum->high, 128);
    long double divisor = (long double)count;
    if (argument->kind == JI_DECIMAL)
        divisor *= (long double)power_of_ten((unsigned)argument->scale);
    return (double)(total / divisor);
}

enum joist_status ji_aggregate_value(const struct ji_aggregate_state *state,
        const struct ji_aggregate_plan *plan, const struct ji_aggregate_options *options, size_t call,
        size_t group, struct ji_value *value, struct joist_error *err)
{
    const struct ji_call_plan *from = &plan->calls[call];
    const struct ji_accumulator *main = &state->accumulators[from->main];
    const struct ji_field *type = &options->schema->columns[options->key_count + call];
    struct ji_value made = {0};
    switch (options->calls[call].function) {
    case JI_COUNT_ROWS:
    case JI_COUNT:
        made.as.integer = (int64_t)ji_accumulator_count(main, group);
        break;
    case JI_MIN:
    case JI_MAX:
        made = ji_accumulator_extreme(main, group)->value;
        made.is_null = ji_accumulator_extreme(main, group)->room == 0;
        break;
    case JI_SUM:
    case JI_AVG: {
        const uint64_t count = ji_accumulator_count(&state->accumulators[from->count], group);
        const bool average_wanted = options->calls[call].function == JI_AVG;
        made.is_null = count == 0;
        if (made.is_null)
            break;
        if (main->what == JI_ACCUMULATE_SUM_REAL)
            made.as.real =
                    real_sum(ji_accumulator_real(main, group)) / (average_wanted ? (double)count : 1.0);
        else if (average_wanted)
            made.as.real = average(ji_accumulator_sum(main, group), count, main->field);
        else
            JI_TRY(sum_value(ji_accumulator_sum(main, group), type, &made, err));
        break;
    }
    }
    *value = made;
    return JOIST_OK;
}
