/*
 * value_type.c - conversions from physical values to those in memory
 *
 * A loop for each, with nothing in it but load, convert and store, so that the compiler may vectorise; what
 * cannot be represented is gathered into one flag and told at the end.
 */
#include "parquet/decode/value_type.h"

#include "kernel/fixed_int.h"

#include <assert.h>

#define INT96_BYTES 12
#define JULIAN_DAY_OF_1970 2440588
#define SECONDS_A_DAY INT64_C(86400)
#define NANOS_A_MILLI 1000000
#define INTERVAL_BYTES 12

static enum ji_conversion decimal_conversion(enum ji_physical physical, bool is_wide)
{
    switch (physical) {
    case JI_PHYSICAL_INT32:
        return is_wide ? JI_CONVERT_INT32_TO_128 : JI_CONVERT_INT32_TO_64;
    case JI_PHYSICAL_INT64:
        return is_wide ? JI_CONVERT_INT64_TO_128 : JI_CONVERT_COPY;
    case JI_PHYSICAL_FIXED:
        return is_wide ? JI_CONVERT_FIXED_TO_128 : JI_CONVERT_FIXED_TO_64;
    default:
        return is_wide ? JI_CONVERT_BYTES_TO_128 : JI_CONVERT_BYTES_TO_64;
    }
}

static enum ji_conversion int96_conversion(enum ji_unit unit)
{
    if (unit == JI_NANO)
        return JI_CONVERT_INT96;
    return unit == JI_MICRO ? JI_CONVERT_INT96_MICRO : JI_CONVERT_INT96_MILLI;
}

static enum ji_conversion conversion_of(enum ji_physical physical, const struct ji_field *field)
{
    switch (field->kind) {
    case JI_NULL:
        return JI_CONVERT_NONE;
    case JI_BOOL:
        return JI_CONVERT_BIT;
    case JI_INT8:
        return JI_CONVERT_INT8;
    case JI_INT16:
        return JI_CONVERT_INT16;
    case JI_UINT8:
        return JI_CONVERT_UINT8;
    case JI_UINT16:
        return JI_CONVERT_UINT16;
    case JI_DECIMAL:
        return decimal_conversion(physical, field->precision > JI_DECIMAL_DIGITS_INT64);
    case JI_TIME:
        return physical == JI_PHYSICAL_INT32 ? JI_CONVERT_INT32_TO_64 : JI_CONVERT_COPY;
    case JI_TIMESTAMP:
        return physical == JI_PHYSICAL_INT96 ? int96_conversion(field->unit) : JI_CONVERT_COPY;
    case JI_WIDE_DECIMAL:
        return physical == JI_PHYSICAL_FIXED ? JI_CONVERT_FIXED_TO_256 : JI_CONVERT_BYTES_TO_256;
    case JI_INTERVAL:
        return JI_CONVERT_INTERVAL;
    case JI_STRING:
    case JI_BINARY:
        return JI_CONVERT_VIEW;
    default:
        return JI_CONVERT_COPY;
    }
}

static size_t plain_bytes(const struct ji_schema_element *element)
{
    switch (element->physical) {
    case JI_PHYSICAL_INT32:
    case JI_PHYSICAL_FLOAT:
        return 4;
    case JI_PHYSICAL_INT64:
    case JI_PHYSICAL_DOUBLE:
        return 8;
    case JI_PHYSICAL_INT96:
        return INT96_BYTES;
    case JI_PHYSICAL_FIXED:
        return (size_t)element->type_length;
    case JI_PHYSICAL_BOOLEAN:
    case JI_PHYSICAL_BYTE_ARRAY:
    case JI_PHYSICAL_NONE:
        break;
    }
    return 0;
}

void ji_value_type_init(struct ji_value_type *type, const struct ji_leaf *leaf)
{
    const enum ji_physical physical = leaf->element->physical;
    type->physical = physical;
    type->conversion = conversion_of(physical, leaf->field);
    type->file_bytes = plain_bytes(leaf->element);
    type->memory_bytes = ji_field_width(leaf->field);
    const bool is_number = leaf->field->kind == JI_FLOAT16 || physical == JI_PHYSICAL_INT32 ||
            physical == JI_PHYSICAL_INT64 || physical == JI_PHYSICAL_FLOAT || physical == JI_PHYSICAL_DOUBLE;
    type->number_bytes = is_number && type->conversion == JI_CONVERT_COPY ? type->file_bytes : 0;
    type->is_text = leaf->field->kind == JI_STRING;
}

void ji_value_type_lay_out(struct ji_value_type *type, const struct ji_leaf *leaf)
{
    const struct ji_field *const field = leaf->field;
    if (field->kind == JI_DECIMAL && field->precision <= JI_DECIMAL_DIGITS_INT64) {
        type->conversion = decimal_conversion(leaf->element->physical, true);
        type->memory_bytes = sizeof(ji_int128);
    } else if (field->kind == JI_TIME && field->unit <= JI_MILLI &&
            type->conversion == JI_CONVERT_INT32_TO_64) {
        type->conversion = JI_CONVERT_COPY;
        type->memory_bytes = sizeof(int32_t);
    }
}

#define NARROW(type_, in_, count_, out_, is_fine_)                                                           \
    do {                                                                                                     \
        for (size_t index = 0; index < (count_); index++) {                                                  \
            const int32_t value = (int32_t)ji_load_le32((in_) + 4 * index);                                  \
            const type_ narrow = (type_)value;                                                               \
            memcpy((out_) + sizeof narrow * index, &narrow, sizeof narrow);                                  \
            (is_fine_) &= (int32_t)narrow == value;                                                          \
        }                                                                                                    \
    } while (0)

static bool narrow(enum ji_conversion conversion, const uint8_t *in, size_t count, uint8_t *out)
{
    bool is_fine = true;
    if (conversion == JI_CONVERT_INT8)
        NARROW(int8_t, in, count, out, is_fine);
    else if (conversion == JI_CONVERT_INT16)
        NARROW(int16_t, in, count, out, is_fine);
    else if (conversion == JI_CONVERT_UINT8)
        NARROW(uint8_t, in, count, out, is_fine);
    else
        NARROW(uint16_t, in, count, out, is_fine);
    return is_fine;
}

static void widen(enum ji_conversion conversion, const uint8_t *in, size_t count, uint8_t *out)
{
    for (size_t index = 0; index < count; index++) {
        if (conversion == JI_CONVERT_INT32_TO_64) {
            const int64_t value = (int32_t)ji_load_le32(in + 4 * index);
            memcpy(out + sizeof value * index, &value, sizeof value);
        } else {
            const ji_int128 value = conversion == JI_CONVERT_INT32_TO_128
                    ? (ji_int128)(int32_t)ji_load_le32(in + 4 * index)
                    : (ji_int128)(int64_t)ji_load_le64(in + 8 * index);
            memcpy(out + sizeof value * index, &value, sizeof value);
        }
    }
}

static bool convert_decimals(const struct ji_value_type *type, const uint8_t *in, size_t count, void *out)
{
    if (type->conversion == JI_CONVERT_FIXED_TO_128)
        return ji_fixed_to_i128(in, type->file_bytes, count, out);
    return ji_fixed_to_i64(in, type->file_bytes, count, out);
}

static bool convert_wide_decimals(
        const struct ji_value_type *type, const uint8_t *in, size_t count, uint8_t *out)
{
    bool is_fine = true;
    for (size_t index = 0; index < count; index++) {
        const struct ji_view value = ji_view_of(in + index * type->file_bytes, type->file_bytes);
        is_fine &= ji_wide_decimal_from_bytes(value, out + index * JI_WIDE_DECIMAL_BYTES);
    }
    return is_fine;
}

static bool convert_intervals(const uint8_t *in, size_t count, uint8_t *out)
{
    uint32_t seen = 0;
    for (size_t index = 0; index < count; index++) {
        const uint8_t *const from = in + index * INTERVAL_BYTES;
        const uint32_t months = ji_load_le32(from);
        const uint32_t days = ji_load_le32(from + 4);
        const struct ji_interval interval = {.months = (int32_t)months,
                .days = (int32_t)days,
                .nanos = (int64_t)ji_load_le32(from + 8) * NANOS_A_MILLI};
        memcpy(out + index * sizeof interval, &interval, sizeof interval);
        seen |= months | days;
    }
    return seen <= INT32_MAX;
}

bool ji_int96_to_unit(const uint8_t *in, enum ji_unit unit, int64_t *since_1970)
{
    static const int64_t units_a_second[] = {1, 1000, 1000000, 1000000000};
    const int64_t a_second = units_a_second[unit];
    const int64_t nanos_each = units_a_second[JI_NANO] / a_second;
    const int64_t of_day = (int64_t)ji_load_le64(in);
    const int64_t day = (int64_t)ji_load_le32(in + 8) - JULIAN_DAY_OF_1970;
    const int64_t part = of_day / nanos_each - (of_day % nanos_each < 0);
    int64_t made;
    if (!ji_mul_i64(day, SECONDS_A_DAY * a_second, &made) || !ji_add_i64(made, part, &made))
        return false;
    *since_1970 = made;
    return true;
}

static bool convert_int96(enum ji_conversion conversion, const uint8_t *in, size_t count, uint8_t *out)
{
    enum ji_unit unit = JI_NANO;
    bool is_fine = true;
    if (conversion != JI_CONVERT_INT96)
        unit = conversion == JI_CONVERT_INT96_MICRO ? JI_MICRO : JI_MILLI;
    for (size_t index = 0; index < count; index++) {
        int64_t time = 0;
        is_fine &= ji_int96_to_unit(in + INT96_BYTES * index, unit, &time);
        memcpy(out + sizeof time * index, &time, sizeof time);
    }
    return is_fine;
}

void ji_values_swap(void *values, size_t width, size_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)values;
    (void)width;
    (void)count;
#else
    uint8_t *const bytes = values;
    for (size_t index = 0; width > 1 && index < count; index++) {
        uint8_t *const value = bytes + index * width;
        for (size_t byte = 0; byte < width / 2; byte++) {
            const uint8_t kept = value[byte];
            value[byte] = value[width - 1 - byte];
            value[width - 1 - byte] = kept;
        }
    }
#endif
}

bool ji_values_convert(const struct ji_value_type *type, const uint8_t *in, size_t count, void *out)
{
    if (count == 0)
        return true;
    switch (type->conversion) {
    case JI_CONVERT_COPY:
        memcpy(out, in, count * type->file_bytes);
        ji_values_swap(out, type->number_bytes, count);
        return true;
    case JI_CONVERT_INT8:
    case JI_CONVERT_INT16:
    case JI_CONVERT_UINT8:
    case JI_CONVERT_UINT16:
        return narrow(type->conversion, in, count, out);
    case JI_CONVERT_INT32_TO_64:
    case JI_CONVERT_INT32_TO_128:
    case JI_CONVERT_INT64_TO_128:
        widen(type->conversion, in, count, out);
        return true;
    case JI_CONVERT_FIXED_TO_64:
    case JI_CONVERT_FIXED_TO_128:
        return convert_decimals(type, in, count, out);
    case JI_CONVERT_FIXED_TO_256:
        return convert_wide_decimals(type, in, count, out);
    case JI_CONVERT_INTERVAL:
        return convert_intervals(in, count, out);
    case JI_CONVERT_INT96:
    case JI_CONVERT_INT96_MICRO:
    case JI_CONVERT_INT96_MILLI:
        return convert_int96(type->conversion, in, count, out);
    case JI_CONVERT_NONE:
    case JI_CONVERT_BIT:
    case JI_CONVERT_BYTES_TO_64:
    case JI_CONVERT_BYTES_TO_128:
    case JI_CONVERT_BYTES_TO_256:
    case JI_CONVERT_VIEW:
        break;
    }
    assert(false);
    return false;
}
