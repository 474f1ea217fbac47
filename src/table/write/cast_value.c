/*
 * cast_value.c - casts that lose nothing
 *
 *     integer -> integer, decimal, float, double      where the value is exactly there
 *     decimal -> decimal, integer                     where no digit is cut
 *     float <-> double, float -> integer, decimal     where it is the same number; NaN stays NaN
 *     time, timestamp -> other unit                   where it is whole
 *     string -> binary, fixed(16) <-> uuid, fixed -> binary, binary -> fixed of its size
 */
#include "table/write/cast_value.h"

#include "base/calendar.h"

#define DOUBLE_WHOLE_MAX ((int64_t)1 << 53)
#define FLOAT_WHOLE_MAX ((int64_t)1 << 24)
#define MICROS_A_DAY INT64_C(86400000000)

static bool is_real(enum ji_kind kind)
{
    return kind == JI_FLOAT16 || kind == JI_FLOAT || kind == JI_DOUBLE;
}

static bool is_raw(enum ji_kind kind)
{
    return kind == JI_FIXED || kind == JI_UUID || kind == JI_BINARY;
}

static bool is_number(enum ji_kind kind)
{
    return ji_kind_is_integer(kind) || is_real(kind) || kind == JI_DECIMAL;
}

bool ji_cast_exists(const struct ji_field *from, const struct ji_field *to)
{
    if (from->kind == JI_NULL || ji_type_equal(from, to))
        return true;
    if (from->kind == JI_DECIMAL && is_real(to->kind))
        return false;
    if (is_number(from->kind) && is_number(to->kind))
        return true;
    if (from->kind == JI_TIME && to->kind == JI_TIME)
        return true;
    if (from->kind == JI_TIMESTAMP && to->kind == JI_TIMESTAMP)
        return from->utc == to->utc;
    if (from->kind == JI_STRING && to->kind == JI_BINARY)
        return true;
    if (is_raw(from->kind) && is_raw(to->kind))
        return to->kind == JI_BINARY || from->kind == JI_BINARY || from->fixed_bytes == to->fixed_bytes;
    return false;
}

static ji_int128 power_of_ten(unsigned digits)
{
    ji_int128 power = 1;
    while (digits-- > 0)
        power *= 10;
    return power;
}

static bool fits_digits(ji_int128 unscaled, unsigned precision)
{
    const ji_int128 limit = power_of_ten(precision);
    return unscaled < limit && unscaled > -limit;
}

static const char *whole_to_integer(ji_int128 whole, const struct ji_field *to, struct ji_value *result)
{
    const ji_int128 low = to->kind == JI_INT32 ? INT32_MIN : INT64_MIN;
    const ji_int128 high = to->kind == JI_INT32 ? INT32_MAX : INT64_MAX;
    if (whole < low || whole > high)
        return to->kind == JI_INT32 ? "is out of range for int" : "is out of range for long";
    result->as.integer = (int64_t)whole;
    return NULL;
}

static const char *whole_to_real(ji_int128 whole, const struct ji_field *to, struct ji_value *result)
{
    const double real = (double)whole;
    const double narrow = (double)(float)real;
    const bool in_range = whole <= DOUBLE_WHOLE_MAX && whole >= -DOUBLE_WHOLE_MAX;
    if (!in_range && (real >= 1.0e19 || real <= -1.0e19 || (ji_int128)real != whole))
        return "has more digits than a double keeps";
    if (to->kind == JI_FLOAT && narrow != real)
        return "has more digits than a float keeps";
    result->as.real = real;
    return NULL;
}

static const char *rescale(ji_int128 unscaled, int scale, const struct ji_field *to, struct ji_value *result)
{
    const int more = (int)to->scale - scale;
    if (more >= 0) {
        if (more > JI_DECIMAL_DIGITS_MAX || !ji_mul_i128(unscaled, power_of_ten((unsigned)more), &unscaled))
            return unscaled == 0 ? NULL : "has too many digits for its column";
    } else {
        const ji_int128 power = power_of_ten((unsigned)-more);
        if (unscaled % power != 0)
            return "has too many digits behind the point";
        unscaled /= power;
    }
    if (!fits_digits(unscaled, to->precision))
        return "has too many digits for its column";
    result->as.decimal = unscaled;
    return NULL;
}

static const char *cast_decimal(const struct ji_field *from, const struct ji_value *value,
        const struct ji_field *to, struct ji_value *result)
{
    if (to->kind == JI_DECIMAL)
        return rescale(value->as.decimal, from->scale, to, result);
    const ji_int128 power = power_of_ten((unsigned)from->scale);
    if (value->as.decimal % power != 0)
        return "is not a whole number";
    return whole_to_integer(value->as.decimal / power, to, result);
}

static const char *cast_integer(const struct ji_field *from, const struct ji_value *value,
        const struct ji_field *to, struct ji_value *result)
{
    const ji_int128 whole =
            from->kind == JI_UINT64 ? (ji_int128)value->as.unsigned_integer : (ji_int128)value->as.integer;
    if (to->kind == JI_DECIMAL)
        return rescale(whole, 0, to, result);
    if (is_real(to->kind))
        return whole_to_real(whole, to, result);
    return whole_to_integer(whole, to, result);
}

static const char *cast_real(double real, const struct ji_field *to, struct ji_value *result)
{
    if (is_real(to->kind)) {
        if (to->kind == JI_FLOAT && real == real && (double)(float)real != real)
            return "is not exact as a float";
        result->as.real = real;
        return NULL;
    }
    if (real != real)
        return "is not a number";
    if (real >= 1.0e18 || real <= -1.0e18)
        return "is out of range";
    const int64_t whole = (int64_t)real;
    if ((double)whole != real)
        return "is not a whole number";
    return to->kind == JI_DECIMAL ? rescale(whole, 0, to, result) : whole_to_integer(whole, to, result);
}

const char *ji_cast_value(const struct ji_field *from, const struct ji_value *value,
        const struct ji_field *to, struct ji_value *result)
{
    *result = *value;
    if (ji_type_equal(from, to))
        return ji_value_refused(to, value);
    if (ji_kind_is_integer(from->kind))
        return cast_integer(from, value, to, result);
    if (is_real(from->kind))
        return cast_real(value->as.real, to, result);
    if (from->kind == JI_DECIMAL)
        return cast_decimal(from, value, to, result);
    if (from->kind == JI_TIME || from->kind == JI_TIMESTAMP) {
        bool exact = true;
        if (!ji_timestamp_convert(value->as.integer, from->unit, to->unit, &result->as.integer, &exact))
            return "is out of range for microseconds";
        return exact ? ji_value_refused(to, result) : "is finer than a microsecond";
    }
    if (to->kind != JI_BINARY && value->as.view.size != to->fixed_bytes)
        return "has another size than its column";
    return NULL;
}

const char *ji_value_refused(const struct ji_field *field, const struct ji_value *value)
{
    if (field->kind == JI_DECIMAL && !fits_digits(value->as.decimal, field->precision))
        return "has too many digits for its column";
    if (field->kind == JI_TIME && field->unit == JI_MICRO &&
            (value->as.integer < 0 || value->as.integer >= MICROS_A_DAY))
        return "is no time of day";
    return NULL;
}
