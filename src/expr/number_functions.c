/*
 * number_functions.c - abs, floor, ceil, round
 *
 * Decimals stay decimals; round goes half away from zero, as SQL has it.
 */
#include "base/decimal.h"
#include "expr/evaluate.h"
#include "expr/type_rules.h"
#include "expr/wide_value.h"

#include <math.h>

enum rounding { ROUND_ABS, ROUND_FLOOR, ROUND_CEIL, ROUND_NEAR };

static enum rounding rounding_of(const char *name)
{
    if (name[0] == 'a')
        return ROUND_ABS;
    if (name[0] == 'f')
        return ROUND_FLOOR;
    return name[0] == 'c' ? ROUND_CEIL : ROUND_NEAR;
}

static double round_real(enum rounding rounding, double value, int64_t digits)
{
    switch (rounding) {
    case ROUND_ABS:
        return fabs(value);
    case ROUND_FLOOR:
        return floor(value);
    case ROUND_CEIL:
        return ceil(value);
    case ROUND_NEAR:
        break;
    }
    ji_int128 decimal = 0;
    if (digits == 0)
        return round(value);
    /* By the shortest text of the value, so that 2.675 rounds as it reads. */
    if (!ji_decimal_of_double(value, JI_DECIMAL_DIGITS_MAX, (unsigned)digits, &decimal))
        return value;
    return ji_decimal_to_double(decimal, (unsigned)digits);
}

static ji_int128 round_whole(enum rounding rounding, ji_int128 value, ji_int128 divisor)
{
    const ji_int128 rest = value % divisor;
    const ji_int128 size = rest < 0 ? -rest : rest;
    const ji_int128 quotient = value / divisor;
    if (rounding == ROUND_FLOOR)
        return quotient - (rest < 0);
    if (rounding == ROUND_CEIL)
        return quotient + (rest > 0);
    if (size >= divisor - size)
        return quotient + (rest < 0 ? -1 : 1);
    return quotient;
}

enum joist_status ji_run_number(struct ji_call *call, struct joist_error *err)
{
    const struct ji_field *type = &call->expr->type;
    const struct ji_vector *argument = &call->arguments[0];
    const enum rounding rounding = rounding_of(call->expr->name);
    const int64_t digits = call->expr->argument_count == 2 ? call->expr->arguments[1]->value.as.integer : 0;
    uint8_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    if (type->kind == JI_DOUBLE) {
        const double *values = argument->column.values;
        double *doubles = (double *)(void *)out;
        for (size_t i = 0; i < call->count; i++)
            doubles[i] = round_real(rounding, values[i], digits);
        return JOIST_OK;
    }
    ji_int128 least = 0;
    ji_int128 greatest = 0;
    ji_type_range(type, &least, &greatest);
    const struct ji_field *from = argument->column.field;
    const ji_int128 divisor =
            from->kind == JI_DECIMAL ? ji_decimal_power((unsigned)(from->scale - type->scale)) : 1;
    for (size_t i = 0; i < call->count; i++) {
        ji_int128 value = ji_wide_load(argument, i);
        if (rounding == ROUND_ABS)
            value = value < 0 ? -value : value;
        else
            value = round_whole(rounding, value, divisor);
        const bool fits = value >= least && value <= greatest;
        if (!fits && ji_call_needs(call, i))
            return ji_call_fail(call, err, "overflow in %s", call->expr->name);
        ji_wide_store(call->out, out, i, fits ? value : 0);
    }
    return JOIST_OK;
}
