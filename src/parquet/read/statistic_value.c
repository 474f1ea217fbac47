/*
 * statistic_value.c - one PLAIN value without length
 *
 *   1. A value is one that a page may hold as well: what the reader refuses to convert is no bound.
 *   2. The unit of a time in the file is the unit of the field, or the bytes are no value of it.
 */
#include "parquet/read/statistic_value.h"

#include "kernel/fixed_int.h"
#include "parquet/decode/value_type.h"

#define INT96_BYTES 12
#define HALF_BYTES 2

/* Types whose order the format leaves open, and those that it named after we were written. */
static bool has_no_order(const struct ji_schema_element *element)
{
    switch (element->logical.kind) {
    case JI_LOGICAL_NONE:
        return element->converted == JI_CONVERTED_INTERVAL;
    case JI_LOGICAL_STRING:
    case JI_LOGICAL_ENUM:
    case JI_LOGICAL_DECIMAL:
    case JI_LOGICAL_DATE:
    case JI_LOGICAL_TIME:
    case JI_LOGICAL_TIMESTAMP:
    case JI_LOGICAL_INTEGER:
    case JI_LOGICAL_UNKNOWN:
    case JI_LOGICAL_JSON:
    case JI_LOGICAL_BSON:
    case JI_LOGICAL_UUID:
    case JI_LOGICAL_FLOAT16:
        return false;
    default:
        return true;
    }
}

static bool decimal_value(struct ji_view bytes, ji_int128 *value)
{
    return bytes.size > 0 && ji_fixed_int(bytes, value);
}

/* The value's bits as they stand, sign-extended. */
static bool fixed_value(enum ji_physical physical, struct ji_view bytes, int64_t *bits)
{
    switch (physical) {
    case JI_PHYSICAL_BOOLEAN:
        *bits = bytes.size == 1 ? bytes.data[0] & 1 : 0;
        return bytes.size == 1;
    case JI_PHYSICAL_INT32:
    case JI_PHYSICAL_FLOAT:
        *bits = bytes.size == 4 ? (int32_t)ji_load_le32(bytes.data) : 0;
        return bytes.size == 4;
    case JI_PHYSICAL_INT64:
    case JI_PHYSICAL_DOUBLE:
        *bits = bytes.size == 8 ? (int64_t)ji_load_le64(bytes.data) : 0;
        return bytes.size == 8;
    default:
        return false;
    }
}

static bool unit_is(const struct ji_schema_element *element, enum ji_unit unit)
{
    enum ji_parquet_unit stored = element->logical.unit;
    if (element->logical.kind == JI_LOGICAL_NONE) {
        const bool is_millis = element->converted == JI_CONVERTED_TIME_MILLIS ||
                element->converted == JI_CONVERTED_TIMESTAMP_MILLIS;
        const bool is_micros = element->converted == JI_CONVERTED_TIME_MICROS ||
                element->converted == JI_CONVERTED_TIMESTAMP_MICROS;
        stored = is_millis ? JI_UNIT_MILLIS : is_micros ? JI_UNIT_MICROS : JI_UNIT_NONE;
    }
    return (stored == JI_UNIT_MILLIS && unit == JI_MILLI) || (stored == JI_UNIT_MICROS && unit == JI_MICRO) ||
            (stored == JI_UNIT_NANOS && unit == JI_NANO);
}

/* The legacy timestamp, which its own order alone compares; floor, as moments do. */
static bool int96_value(const struct ji_field *field, struct ji_view bytes, int64_t *value)
{
    int64_t nanos = 0;
    if (field->kind != JI_TIMESTAMP || bytes.size != INT96_BYTES ||
            ji_load_le64(bytes.data) >= (uint64_t)86400 * 1000000000 ||
            !ji_int96_to_nanos(bytes.data, &nanos))
        return false;
    const int64_t step = 1000000000 / ji_unit_per_second(field->unit);
    *value = nanos / step - (nanos % step < 0);
    return true;
}

static bool integer_value(const struct ji_leaf *leaf, int64_t bits, int64_t *value)
{
    const struct ji_field *const field = leaf->field;
    switch (field->kind) {
    case JI_INT8:
    case JI_INT16:
    case JI_INT32:
    case JI_INT64:
    case JI_DATE:
    case JI_UINT8:
    case JI_UINT16:
        *value = bits;
        return ji_kind_holds(field, bits);
    case JI_UINT32:
        *value = (uint32_t)bits;
        return true;
    case JI_TIME:
    case JI_TIMESTAMP:
        *value = bits;
        return unit_is(leaf->element, field->unit);
    default:
        return false;
    }
}

static bool number_value(const struct ji_leaf *leaf, struct ji_view bytes, struct ji_value *value)
{
    int64_t bits;
    if (!fixed_value(leaf->element->physical, bytes, &bits))
        return false;
    const uint32_t low = (uint32_t)bits;
    float single;
    switch (leaf->field->kind) {
    case JI_BOOL:
        value->as.boolean = bits != 0;
        return true;
    case JI_FLOAT:
        memcpy(&single, &low, sizeof single);
        value->as.real = (double)single;
        return true;
    case JI_DOUBLE:
        memcpy(&value->as.real, &bits, sizeof value->as.real);
        return true;
    case JI_UINT64:
        value->as.unsigned_integer = (uint64_t)bits;
        return true;
    case JI_DECIMAL:
        value->as.decimal = bits;
        return true;
    default:
        return integer_value(leaf, bits, &value->as.integer);
    }
}

bool ji_statistic_value(const struct ji_leaf *leaf, struct ji_view bytes, struct ji_value *value)
{
    const struct ji_field *const field = leaf->field;
    const enum ji_physical physical = leaf->element->physical;
    *value = (struct ji_value){.is_null = false};
    if (has_no_order(leaf->element))
        return false;
    if (physical == JI_PHYSICAL_INT96)
        return int96_value(field, bytes, &value->as.integer);
    switch (field->kind) {
    case JI_STRING:
    case JI_BINARY:
        value->as.view = bytes;
        return physical == JI_PHYSICAL_BYTE_ARRAY;
    case JI_FIXED:
    case JI_UUID:
        value->as.view = bytes;
        return physical == JI_PHYSICAL_FIXED && bytes.size == field->fixed_bytes;
    case JI_FLOAT16:
        if (physical != JI_PHYSICAL_FIXED || bytes.size != HALF_BYTES)
            return false;
        value->as.real = ji_half_to_double(ji_load_le16(bytes.data));
        return true;
    case JI_DECIMAL:
        if (physical == JI_PHYSICAL_FIXED || physical == JI_PHYSICAL_BYTE_ARRAY)
            return decimal_value(bytes, &value->as.decimal);
        break;
    default:
        break;
    }
    return number_value(leaf, bytes, value);
}

enum joist_status ji_statistic_text(
        const struct ji_leaf *leaf, struct ji_view bytes, struct ji_bytes *out, struct joist_error *err)
{
    static const char digits[] = "0123456789abcdef";
    struct ji_value value;
    const bool is_raw = leaf->field->kind == JI_BINARY || leaf->field->kind == JI_FIXED;
    if (!is_raw && ji_statistic_value(leaf, bytes, &value))
        return ji_value_text(leaf->field, &value, out, err);
    for (size_t at = 0; at < bytes.size; at++) {
        const char pair[2] = {digits[bytes.data[at] >> 4], digits[bytes.data[at] & 15]};
        JI_TRY(ji_bytes_append(out, pair, sizeof pair, err));
    }
    return JOIST_OK;
}
