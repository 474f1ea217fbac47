/*
 * value_type.c - conversions from physical values to those in memory
 *
 * A loop for each, with nothing in it but load, convert and store, so that the compiler may vectorise; what
 * cannot be represented is gathered into one flag and told at the end.
 */
#include "parquet/decode/value_type.h"

#include <assert.h>

#define INT96_BYTES 12
#define JULIAN_DAY_OF_1970 2440588
#define NANOS_A_DAY (INT64_C(86400) * 1000000000)

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
        return physical == JI_PHYSICAL_INT96 ? JI_CONVERT_INT96 : JI_CONVERT_COPY;
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
    type->conversion = conversion_of(leaf->element->physical, leaf->field);
    type->file_bytes = plain_bytes(leaf->element);
    type->memory_bytes = ji_field_width(leaf->field);
    type->is_text = leaf->field->kind == JI_STRING;
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

bool ji_decimal_from_bytes(struct ji_view bytes, ji_int128 *value)
{
    if (bytes.size == 0) {
        *value = 0;
        return true;
    }
    const uint8_t sign = (bytes.data[0] & 0x80) != 0 ? 0xff : 0;
    size_t at = 0;
    for (; bytes.size - at > sizeof *value; at++) {
        if (bytes.data[at] != sign)
            return false;
    }
    if (at > 0 && (bytes.data[at] & 0x80) != (sign & 0x80))
        return false;
    ji_uint128 made = sign != 0 ? ~(ji_uint128)0 : 0;
    for (; at < bytes.size; at++)
        made = made << 8 | bytes.data[at];
    *value = (ji_int128)made;
    return true;
}

static bool convert_decimals(const struct ji_value_type *type, const uint8_t *in, size_t count, uint8_t *out)
{
    bool is_fine = true;
    for (size_t index = 0; index < count; index++) {
        ji_int128 wide = 0;
        is_fine &= ji_decimal_from_bytes(ji_view_of(in + type->file_bytes * index, type->file_bytes), &wide);
        if (type->conversion == JI_CONVERT_FIXED_TO_128) {
            memcpy(out + sizeof wide * index, &wide, sizeof wide);
            continue;
        }
        const int64_t value = (int64_t)wide;
        is_fine &= value == wide;
        memcpy(out + sizeof value * index, &value, sizeof value);
    }
    return is_fine;
}

bool ji_int96_to_nanos(const uint8_t *in, int64_t *nanos)
{
    const int64_t of_day = (int64_t)ji_load_le64(in);
    const int64_t day = (int64_t)ji_load_le32(in + 8) - JULIAN_DAY_OF_1970;
    int64_t made;
    if (!ji_mul_i64(day, NANOS_A_DAY, &made) || !ji_add_i64(made, of_day, &made))
        return false;
    *nanos = made;
    return true;
}

static bool convert_int96(const uint8_t *in, size_t count, uint8_t *out)
{
    bool is_fine = true;
    for (size_t index = 0; index < count; index++) {
        int64_t nanos = 0;
        is_fine &= ji_int96_to_nanos(in + INT96_BYTES * index, &nanos);
        memcpy(out + sizeof nanos * index, &nanos, sizeof nanos);
    }
    return is_fine;
}

bool ji_values_convert(const struct ji_value_type *type, const uint8_t *in, size_t count, void *out)
{
    if (count == 0)
        return true;
    switch (type->conversion) {
    case JI_CONVERT_COPY:
        memcpy(out, in, count * type->file_bytes);
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
    case JI_CONVERT_INT96:
        return convert_int96(in, count, out);
    case JI_CONVERT_NONE:
    case JI_CONVERT_BIT:
    case JI_CONVERT_BYTES_TO_64:
    case JI_CONVERT_BYTES_TO_128:
    case JI_CONVERT_VIEW:
        break;
    }
    assert(false);
    return false;
}
