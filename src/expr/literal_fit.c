/*
 * literal_fit.c - where a literal stands among the values of a column's type
 *
 * A comparison with a column runs, and prunes, in the column's own type: `i < 2.5` is `i <= 2`, a date column
 * against a timestamp is a comparison of dates. Nothing is rounded: what lies between two values of the type
 * says so.
 */
#include "expr/type_rules.h"

#define SECONDS_A_DAY 86400

static ji_int128 floor_divide(ji_int128 value, ji_int128 by)
{
    const ji_int128 quotient = value / by;
    return value % by != 0 && value < 0 ? quotient - 1 : quotient;
}

/* value x numerator / denominator as an integer of `type`; one of the two is 1. */
static enum ji_fit fit_scaled(ji_int128 value, ji_int128 numerator, ji_int128 denominator,
        const struct ji_field *type, ji_int128 *fitted)
{
    ji_int128 least = 0;
    ji_int128 greatest = 0;
    ji_int128 scaled = 0;
    ji_type_range(type, &least, &greatest);
    if (!ji_mul_i128(value, numerator, &scaled))
        return value < 0 ? JI_FIT_BELOW : JI_FIT_ABOVE;
    const ji_int128 below = floor_divide(scaled, denominator);
    const bool exact = below * denominator == scaled;
    if (below < least)
        return JI_FIT_BELOW;
    if (below > greatest || (!exact && below == greatest))
        return JI_FIT_ABOVE;
    *fitted = below;
    return exact ? JI_FIT_EXACT : JI_FIT_BETWEEN;
}

static struct ji_value value_of_integer(const struct ji_field *type, ji_int128 number)
{
    struct ji_value value = {0};
    if (type->kind == JI_DECIMAL)
        value.as.decimal = number;
    else if (type->kind == JI_UINT64)
        value.as.unsigned_integer = (uint64_t)number;
    else
        value.as.integer = (int64_t)number;
    return value;
}

/* The exact number of a literal as integer and scale; false for what a double alone can say. */
static bool exact_number(const struct ji_expr *literal, ji_int128 *number, unsigned *scale)
{
    *scale = 0;
    if (literal->type.kind == JI_DECIMAL) {
        *number = literal->value.as.decimal;
        *scale = (unsigned)literal->type.scale;
        return true;
    }
    if (ji_kind_is_integer(literal->type.kind)) {
        *number = literal->type.kind == JI_UINT64 ? (ji_int128)literal->value.as.unsigned_integer
                                                  : (ji_int128)literal->value.as.integer;
        return true;
    }
    const double real = literal->value.as.real;
    if (!(real > -9.0e18 && real < 9.0e18) || (double)(int64_t)real != real)
        return false;
    *number = (int64_t)real;
    return true;
}

static double real_of(const struct ji_expr *literal)
{
    if (ji_type_is_real(&literal->type))
        return literal->value.as.real;
    ji_int128 number = 0;
    unsigned scale = 0;
    if (!exact_number(literal, &number, &scale))
        return 0;
    return ji_decimal_to_double(number, scale);
}

static enum ji_fit fit_number(
        const struct ji_expr *literal, const struct ji_field *type, struct ji_value *value)
{
    if (ji_type_is_real(type)) {
        const double real = real_of(literal);
        if (type->kind == JI_FLOAT && real == real && (double)(float)real != real)
            return JI_FIT_NOT;
        *value = (struct ji_value){.as.real = real};
        return JI_FIT_EXACT;
    }
    ji_int128 number = 0;
    ji_int128 fitted = 0;
    unsigned scale = 0;
    if (!exact_number(literal, &number, &scale))
        return JI_FIT_NOT;
    const unsigned wanted = type->kind == JI_DECIMAL ? (unsigned)type->scale : 0;
    const ji_int128 up = wanted > scale ? ji_decimal_power(wanted - scale) : 1;
    const ji_int128 down = scale > wanted ? ji_decimal_power(scale - wanted) : 1;
    const enum ji_fit fit = fit_scaled(number, up, down, type, &fitted);
    *value = value_of_integer(type, fitted);
    return fit;
}

static int64_t units_of(const struct ji_field *type)
{
    return ji_unit_per_second(type->unit);
}

static enum ji_fit fit_moment(
        const struct ji_expr *literal, const struct ji_field *type, struct ji_value *value)
{
    const bool from_date = literal->type.kind == JI_DATE;
    const bool to_date = type->kind == JI_DATE;
    ji_int128 up = 1;
    ji_int128 down = 1;
    if (from_date && !to_date) {
        up = (ji_int128)SECONDS_A_DAY * units_of(type);
    } else if (!from_date && to_date) {
        down = (ji_int128)SECONDS_A_DAY * units_of(&literal->type);
    } else if (!from_date) {
        const int64_t from = units_of(&literal->type);
        const int64_t to = units_of(type);
        up = to > from ? to / from : 1;
        down = from > to ? from / to : 1;
    }
    ji_int128 fitted = 0;
    const enum ji_fit fit = fit_scaled(literal->value.as.integer, up, down, type, &fitted);
    *value = value_of_integer(type, fitted);
    return fit;
}

/* A string literal beside another type is the text of such a value. */
static enum joist_status fit_text(struct ji_arena *arena, const struct ji_expr *literal,
        const struct ji_field *type, struct ji_value *value, struct joist_error *err)
{
    const struct ji_view text = literal->value.as.view;
    enum joist_status status = ji_value_parse(type, text, arena, value, err);
    if (status == JOIST_ERR_INVALID && type->kind == JI_TIMESTAMP) {
        /* A day is its midnight; a zone is told or is UTC. */
        struct ji_field other = ji_type_of(JI_DATE);
        struct ji_expr part = {.op = JI_EXPR_LITERAL, .type = other};
        if (ji_value_parse(&other, text, arena, &part.value, NULL) != JOIST_OK) {
            other = *type;
            other.utc = !type->utc;
            part.type = other;
            if (ji_value_parse(&other, text, arena, &part.value, NULL) != JOIST_OK)
                part.op = JI_EXPR_COLUMN;
        }
        if (part.op == JI_EXPR_LITERAL && fit_moment(&part, type, value) == JI_FIT_EXACT)
            return JOIST_OK;
    }
    if (status != JOIST_OK) {
        const char *name = "";
        if (ji_type_name_text(arena, type, &name, NULL) == JOIST_OK && status == JOIST_ERR_INVALID)
            return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": '%.*s' is no %s",
                    literal->position + 1, (int)ji_min_size(text.size, 60), (const char *)text.data, name);
    }
    return status;
}

enum joist_status ji_literal_fit(struct ji_arena *arena, const struct ji_expr *literal,
        const struct ji_field *type, enum ji_fit *fit, struct ji_value *value, struct joist_error *err)
{
    const struct ji_field *from = &literal->type;
    const bool from_moment = from->kind == JI_DATE || from->kind == JI_TIMESTAMP;
    const bool to_moment = type->kind == JI_DATE || type->kind == JI_TIMESTAMP;
    *fit = JI_FIT_NOT;
    if (from->kind == JI_STRING && type->kind == JI_BINARY) {
        /* The bytes themselves, as a cast of a column takes them. */
        *value = literal->value;
        *fit = JI_FIT_EXACT;
        return JOIST_OK;
    }
    if (from->kind == JI_STRING && type->kind != JI_STRING) {
        if (ji_kind_is_nested(type->kind) || type->kind == JI_NULL || ji_kind_is_opaque(type->kind))
            return JOIST_OK;
        *fit = JI_FIT_EXACT;
        return fit_text(arena, literal, type, value, err);
    }
    if (ji_type_is_number(from) && ji_type_is_number(type)) {
        *fit = fit_number(literal, type, value);
    } else if ((from_moment && to_moment) || (from->kind == JI_TIME && type->kind == JI_TIME)) {
        *fit = fit_moment(literal, type, value);
    } else if (ji_type_equal(from, type)) {
        *value = literal->value;
        *fit = JI_FIT_EXACT;
    }
    return JOIST_OK;
}
