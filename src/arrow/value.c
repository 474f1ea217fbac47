/*
 * value.c - single values: taken from columns, compared
 */
#include "arrow/value.h"

#include <assert.h>

double ji_half_to_double(uint16_t half)
{
    const unsigned exponent = (half >> 10) & 0x1f;
    const unsigned fraction = half & 0x3ff;
    const double sign = (half & 0x8000) != 0 ? -1.0 : 1.0;
    if (exponent == 0x1f)
        return fraction == 0 ? sign * __builtin_inf() : __builtin_nan("");
    if (exponent == 0)
        return sign * (double)fraction / 16777216.0;
    const double whole = (double)(fraction + 1024);
    return exponent >= 25 ? sign * whole * (double)(1u << (exponent - 25))
                          : sign * whole / (double)(1u << (25 - exponent));
}

bool ji_half_of_double(double value, uint16_t *half)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t sign = bits >> 48 & 0x8000;
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    const uint64_t fraction = bits & (UINT64_MAX >> 12);
    uint64_t made = 0;
    if (exponent == 1024) {
        if (fraction != 0)
            return false;
        made = 0x7c00;
    } else if (exponent > 15 || (exponent < -24 && value != 0)) {
        return false;
    } else if (exponent >= -14) {
        made = (uint64_t)(exponent + 15) << 10 | fraction >> 42;
    } else if (value != 0) {
        made = (fraction | UINT64_C(1) << 52) >> (28 - exponent);
    }
    *half = (uint16_t)(sign | made);
    return exponent == 1024 || ji_half_to_double(*half) == value;
}

static ji_int128 decimal_at(const struct ji_column *column, size_t row)
{
    if (column->field->precision <= JI_DECIMAL_DIGITS_INT64)
        return ((const int64_t *)column->values)[row];
    return ((const ji_int128 *)column->values)[row];
}

static struct ji_value flat_value(const struct ji_column *column, size_t row)
{
    const struct ji_field *field = column->field;
    const void *values = column->values;
    struct ji_value value = {.is_null = false};
    switch (field->kind) {
    case JI_BOOL:
        value.as.boolean = ji_bit_get(values, row);
        break;
    case JI_INT8:
        value.as.integer = ((const int8_t *)values)[row];
        break;
    case JI_INT16:
        value.as.integer = ((const int16_t *)values)[row];
        break;
    case JI_INT32:
    case JI_DATE:
        value.as.integer = ((const int32_t *)values)[row];
        break;
    case JI_INT64:
    case JI_TIME:
    case JI_TIMESTAMP:
        value.as.integer = ((const int64_t *)values)[row];
        break;
    case JI_UINT8:
        value.as.integer = ((const uint8_t *)values)[row];
        break;
    case JI_UINT16:
        value.as.integer = ((const uint16_t *)values)[row];
        break;
    case JI_UINT32:
        value.as.integer = ((const uint32_t *)values)[row];
        break;
    case JI_UINT64:
        value.as.unsigned_integer = ((const uint64_t *)values)[row];
        break;
    case JI_FLOAT16:
        value.as.real = ji_half_to_double(((const uint16_t *)values)[row]);
        break;
    case JI_FLOAT:
        value.as.real = (double)((const float *)values)[row];
        break;
    case JI_DOUBLE:
        value.as.real = ((const double *)values)[row];
        break;
    case JI_DECIMAL:
        value.as.decimal = decimal_at(column, row);
        break;
    case JI_STRING:
    case JI_BINARY:
        value.as.view = ((const struct ji_view *)values)[row];
        break;
    case JI_FIXED:
    case JI_UUID:
    case JI_WIDE_DECIMAL:
    case JI_INTERVAL:
        value.as.view =
                ji_view_of((const uint8_t *)values + row * (size_t)field->fixed_bytes, field->fixed_bytes);
        break;
    default:
        value.is_null = true;
        break;
    }
    return value;
}

struct ji_value ji_column_value(const struct ji_column *column, size_t row)
{
    assert(row < column->row_count);
    if (ji_column_is_null(column, row))
        return (struct ji_value){.is_null = true};
    if (column->form == JI_CONSTANT)
        return flat_value(column, 0);
    if (column->form == JI_DICTIONARY)
        return flat_value(column->dictionary, (size_t)((const int32_t *)column->values)[row]);
    return flat_value(column, row);
}

static int compare_reals(double a, double b)
{
    const bool a_is_nan = a != a;
    const bool b_is_nan = b != b;
    if (a_is_nan || b_is_nan)
        return (int)a_is_nan - (int)b_is_nan;
    return (a > b) - (a < b);
}

int ji_value_compare(const struct ji_field *field, const struct ji_value *a, const struct ji_value *b)
{
    assert(!a->is_null && !b->is_null);
    switch (field->kind) {
    case JI_BOOL:
        return (int)a->as.boolean - (int)b->as.boolean;
    case JI_UINT64:
        return (a->as.unsigned_integer > b->as.unsigned_integer) -
                (a->as.unsigned_integer < b->as.unsigned_integer);
    case JI_FLOAT16:
    case JI_FLOAT:
    case JI_DOUBLE:
        return compare_reals(a->as.real, b->as.real);
    case JI_DECIMAL:
        return (a->as.decimal > b->as.decimal) - (a->as.decimal < b->as.decimal);
    case JI_STRING:
    case JI_BINARY:
    case JI_FIXED:
    case JI_UUID:
        return ji_view_compare(a->as.view, b->as.view);
    case JI_WIDE_DECIMAL:
        return ji_wide_decimal_compare(a->as.view.data, b->as.view.data);
    case JI_INTERVAL:
        return ji_interval_compare(a->as.view.data, b->as.view.data);
    default:
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    }
}

int ji_value_compare_key(const struct ji_field *field, bool descending, bool nulls_first,
        const struct ji_value *a, const struct ji_value *b)
{
    if (a->is_null || b->is_null) {
        if (a->is_null && b->is_null)
            return 0;
        return a->is_null == nulls_first ? -1 : 1;
    }
    const int order = ji_value_compare(field, a, b);
    return descending ? -order : order;
}
