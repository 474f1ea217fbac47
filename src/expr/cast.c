/*
 * cast.c - from one type to another
 *
 *     whole (integers, decimals, booleans, dates, times, timestamps)   x 10^k or units a day, or divided by
 *     them
 *     real                                                             nearest
 *     text                                                             cast_text.c
 *
 * What does not fit its type is an error. Fractions round half away from zero from decimals, half to even
 * from doubles; timestamps go down to the unit or day they lie in. The casts that scans meet have loops of
 * their own.
 */
#include "base/calendar.h"
#include "base/decimal.h"
#include "expr/bind.h"
#include "expr/evaluate.h"
#include "expr/type_rules.h"
#include "expr/wide_value.h"

#include <math.h>

#define SECONDS_A_DAY 86400

static bool is_moment(enum ji_kind kind)
{
    return kind == JI_DATE || kind == JI_TIMESTAMP;
}

bool ji_expr_cast_exists(const struct ji_field *from, const struct ji_field *to)
{
    if (from->kind == JI_FLOAT16)
        return to->kind == JI_DOUBLE;
    if (from->kind == JI_NULL || ji_type_equal(from, to))
        return !ji_kind_is_opaque(to->kind);
    const bool from_number = ji_type_is_number(from);
    const bool to_number = ji_type_is_number(to);
    if (from_number && to_number)
        return true;
    if (from->kind == JI_BOOL)
        return ji_kind_is_integer(to->kind) || to->kind == JI_STRING;
    if (to->kind == JI_BOOL)
        return ji_kind_is_integer(from->kind) || from->kind == JI_STRING;
    if (is_moment(from->kind) && is_moment(to->kind))
        return true;
    if (from->kind == JI_TIME && to->kind == JI_TIME)
        return true;
    if ((from->kind == JI_DATE && to->kind == JI_INT32) || (from->kind == JI_INT32 && to->kind == JI_DATE))
        return true;
    const bool nested = ji_kind_is_nested(from->kind) || ji_kind_is_nested(to->kind);
    if (nested || ji_kind_is_opaque(from->kind) || ji_kind_is_opaque(to->kind) || to->kind == JI_NULL)
        return false;
    if (from->kind == JI_STRING)
        return to->kind != JI_FIXED;
    if (to->kind == JI_STRING)
        return from->kind != JI_BINARY && from->kind != JI_FIXED;
    return to->kind == JI_BINARY && (from->kind == JI_FIXED || from->kind == JI_UUID);
}

/* How whole numbers of one type become those of another: times `up`, then divided by `down`. */
struct scaling {
    ji_int128 up;
    ji_int128 down;
    bool floors;
};

static struct scaling scaling_of(const struct ji_field *from, const struct ji_field *to)
{
    struct scaling scaling = {.up = 1, .down = 1};
    const bool from_unit = from->kind == JI_TIME || from->kind == JI_TIMESTAMP;
    const bool to_unit = to->kind == JI_TIME || to->kind == JI_TIMESTAMP;
    if (from->kind == JI_DATE && to->kind == JI_TIMESTAMP) {
        scaling.up = (ji_int128)SECONDS_A_DAY * ji_unit_per_second(to->unit);
    } else if (from->kind == JI_TIMESTAMP && to->kind == JI_DATE) {
        scaling.down = (ji_int128)SECONDS_A_DAY * ji_unit_per_second(from->unit);
        scaling.floors = true;
    } else if (from_unit && to_unit) {
        const int64_t before = ji_unit_per_second(from->unit);
        const int64_t behind = ji_unit_per_second(to->unit);
        scaling.up = behind > before ? behind / before : 1;
        scaling.down = before > behind ? before / behind : 1;
        scaling.floors = true;
    } else {
        const int before = from->kind == JI_DECIMAL ? from->scale : 0;
        const int behind = to->kind == JI_DECIMAL ? to->scale : 0;
        scaling.up = behind > before ? ji_decimal_power((unsigned)(behind - before)) : 1;
        scaling.down = before > behind ? ji_decimal_power((unsigned)(before - behind)) : 1;
    }
    return scaling;
}

static bool scale_whole(const struct scaling *scaling, ji_int128 value, ji_int128 *out)
{
    if (scaling->up != 1 && !ji_decimal_multiply(value, scaling->up, &value))
        return false;
    if (scaling->down != 1) {
        const ji_int128 rest = value % scaling->down;
        value /= scaling->down;
        const ji_int128 size = rest < 0 ? -rest : rest;
        if (scaling->floors)
            value -= rest < 0;
        else if (size >= scaling->down - size)
            value += rest < 0 ? -1 : 1;
    }
    *out = value;
    return true;
}

static enum joist_status fail_value(const struct ji_call *call, size_t i, struct joist_error *err)
{
    struct ji_evaluator *evaluator = call->evaluator;
    const char *name = "";
    struct ji_bytes text = {0};
    struct ji_vector argument = call->arguments[0];
    JI_TRY(ji_type_text(&evaluator->arena, &call->expr->type, &name, err));
    JI_TRY(ji_vector_widen(evaluator, &argument, err));
    const struct ji_value value = ji_column_value(&argument.column, i);
    ji_bytes_init(&text, evaluator->mem);
    enum joist_status status = ji_value_text(argument.column.field, &value, &text, err);
    if (status == JOIST_OK) {
        status = ji_call_fail(call, err, "%.*s does not fit %s", (int)ji_min_size(text.size, 60),
                (const char *)text.data, name);
    }
    ji_bytes_clear(&text);
    return status;
}

static enum joist_status whole_to_whole(struct ji_call *call, uint8_t *out, struct joist_error *err)
{
    const struct ji_vector *from = &call->arguments[0];
    const struct ji_field *type = &call->expr->type;
    const struct scaling scaling = scaling_of(from->column.field, type);
    ji_int128 least = 0;
    ji_int128 greatest = 1;
    if (type->kind != JI_BOOL)
        ji_type_range(type, &least, &greatest);
    for (size_t i = 0; i < call->count; i++) {
        ji_int128 value = ji_wide_load(from, i);
        if (type->kind == JI_BOOL)
            value = value != 0;
        const bool fits = scale_whole(&scaling, value, &value) && value >= least && value <= greatest;
        if (!fits && ji_call_needs(call, i))
            return fail_value(call, i, err);
        ji_wide_store(call->out, out, i, fits ? value : 0);
    }
    return JOIST_OK;
}

/* 8-byte wholes that stay 8-byte wholes, maybe narrow ones: false where a value did not fit. */
static bool scale_up_fast(const struct ji_vector *from, size_t count, int64_t up, const struct ji_field *type,
        int64_t *restrict out)
{
    bool bad = false;
    const int64_t *restrict eight = from->column.values;
    const int32_t *restrict four = from->column.values;
    if (ji_vector_width(from) == 8) {
        for (size_t i = 0; i < count; i++)
            bad |= __builtin_mul_overflow(eight[i], up, &out[i]);
    } else {
        for (size_t i = 0; i < count; i++)
            bad |= __builtin_mul_overflow((int64_t)four[i], up, &out[i]);
    }
    if (type->kind != JI_DECIMAL || type->precision > JI_DECIMAL_DIGITS_INT64)
        return !bad;
    const int64_t greatest = (int64_t)ji_decimal_power(type->precision) - 1;
    for (size_t i = 0; i < count; i++)
        bad |= out[i] > greatest || out[i] < -greatest;
    return !bad;
}

static bool is_signed_whole(enum ji_physical physical)
{
    return physical == JI_PHYSICAL_I32 || physical == JI_PHYSICAL_I64;
}

static enum joist_status cast_whole(struct ji_call *call, struct joist_error *err)
{
    const struct ji_vector *from = &call->arguments[0];
    const struct ji_field *type = &call->expr->type;
    const struct scaling scaling = scaling_of(from->column.field, type);
    const bool wide = type->kind == JI_DECIMAL && type->precision > JI_DECIMAL_DIGITS_INT64;
    const bool eight = ji_field_width(type) == 8 && type->kind != JI_UINT64;
    uint8_t *out = NULL;
    if (is_signed_whole(ji_physical_of(from)) && (wide || eight) && scaling.down == 1 &&
            scaling.up <= INT64_MAX) {
        JI_TRY(ji_vector_new(call->evaluator, type, wide, call->count, call->out, &out, err));
        if (scale_up_fast(from, call->count, (int64_t)scaling.up, type, (int64_t *)(void *)out))
            return JOIST_OK;
        ji_scratch_drop(call->evaluator, out);
    }
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    return whole_to_whole(call, out, err);
}

static double real_at(const struct ji_vector *vector, size_t i)
{
    const size_t at = ji_vector_constant(vector) ? 0 : i;
    const double *eight = vector->column.values;
    const float *four = vector->column.values;
    const uint16_t *two = vector->column.values;
    if (vector->column.field->kind == JI_FLOAT16)
        return ji_half_to_double(two[at]);
    return vector->column.field->kind == JI_FLOAT ? (double)four[at] : eight[at];
}

static void whole_to_double(const struct ji_vector *from, size_t count, double *restrict out)
{
    const struct ji_field *type = from->column.field;
    const unsigned scale = type->kind == JI_DECIMAL ? (unsigned)type->scale : 0;
    if (ji_physical_of(from) == JI_PHYSICAL_I64 && scale == 0) {
        const int64_t *restrict values = from->column.values;
        for (size_t i = 0; i < count; i++)
            out[i] = (double)values[i];
        return;
    }
    /* A numerator below 2^53 over a power of ten below 10^22, both exact: one rounding. */
    const int64_t limit = (int64_t)1 << 53;
    const double power = scale <= 22 ? (double)ji_decimal_power(scale) : 0;
    if (power != 0 && ji_physical_of(from) == JI_PHYSICAL_I64) {
        const int64_t *restrict values = from->column.values;
        for (size_t i = 0; i < count; i++) {
            const bool plain = values[i] <= limit && values[i] >= -limit;
            out[i] = plain ? (double)values[i] / power : ji_decimal_to_double(values[i], scale);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const ji_int128 value = ji_wide_load(from, i);
        if (power != 0 && value <= limit && value >= -limit)
            out[i] = (double)(int64_t)value / power;
        else
            out[i] = ji_decimal_to_double(value, scale);
    }
}

/* Out of a type's range, infinite or not a number: false. */
static bool real_to_whole(double real, const struct ji_field *type, ji_int128 *out)
{
    if (type->kind == JI_DECIMAL)
        return ji_decimal_of_double(real, type->precision, (unsigned)type->scale, out);
    ji_int128 least = 0;
    ji_int128 greatest = 0;
    const double rounded = nearbyint(real);
    if (!(rounded >= -9.3e18 && rounded <= 1.9e19))
        return false;
    ji_type_range(type, &least, &greatest);
    *out = (ji_int128)rounded;
    return *out >= least && *out <= greatest;
}

static enum joist_status cast_real(struct ji_call *call, struct joist_error *err)
{
    const struct ji_vector *from = &call->arguments[0];
    const struct ji_field *type = &call->expr->type;
    const bool from_real = ji_type_is_real(from->column.field) || from->column.field->kind == JI_FLOAT16;
    uint8_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    double *doubles = (double *)(void *)out;
    float *floats = (float *)(void *)out;
    if (type->kind == JI_DOUBLE && !from_real) {
        whole_to_double(from, call->count, doubles);
        return JOIST_OK;
    }
    for (size_t i = 0; i < call->count; i++) {
        double real = 0;
        ji_int128 whole = 0;
        bool fits = true;
        if (from_real)
            real = real_at(from, i);
        else
            real = ji_decimal_to_double(ji_wide_load(from, i),
                    from->column.field->kind == JI_DECIMAL ? (unsigned)from->column.field->scale : 0);
        if (type->kind == JI_DOUBLE) {
            doubles[i] = real;
        } else if (type->kind == JI_FLOAT) {
            fits = isinf((float)real) == 0 || isinf(real) != 0;
            floats[i] = (float)real;
        } else {
            fits = real_to_whole(real, type, &whole);
            ji_wide_store(call->out, out, i, fits ? whole : 0);
        }
        if (!fits && ji_call_needs(call, i))
            return fail_value(call, i, err);
    }
    return JOIST_OK;
}

enum joist_status ji_run_cast(struct ji_call *call, struct joist_error *err)
{
    const enum ji_kind from = call->arguments[0].column.field->kind;
    const enum ji_kind to = call->expr->type.kind;
    if (from == JI_STRING || to == JI_STRING || to == JI_BINARY)
        return ji_run_cast_text(call, err);
    if (from == JI_FLOAT16 || from == JI_FLOAT || from == JI_DOUBLE || to == JI_FLOAT || to == JI_DOUBLE)
        return cast_real(call, err);
    if (from == JI_FIXED || from == JI_UUID) {
        *call->out = call->arguments[0];
        return JOIST_OK;
    }
    return cast_whole(call, err);
}
