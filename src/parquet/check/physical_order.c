/*
 * physical_order.c - comparisons by the rules of ColumnOrder
 */
#include "parquet/check/physical_order.h"

#include <assert.h>

#define INT96_BYTES 12
#define INT96_DAY_AT 8

static bool is_unsigned(const struct ji_schema_element *element)
{
    if (element->logical.kind == JI_LOGICAL_INTEGER)
        return !element->logical.is_signed;
    return element->logical.kind == JI_LOGICAL_NONE && element->converted >= JI_CONVERTED_UINT_8 &&
            element->converted <= JI_CONVERTED_UINT_64;
}

static bool is_decimal(const struct ji_schema_element *element)
{
    return element->logical.kind == JI_LOGICAL_DECIMAL ||
            (element->logical.kind == JI_LOGICAL_NONE && element->converted == JI_CONVERTED_DECIMAL);
}

/* LogicalTypes whose order the format calls undefined, and those that we do not know. */
static bool has_no_order(const struct ji_schema_element *element)
{
    switch (element->logical.kind) {
    case JI_LOGICAL_MAP:
    case JI_LOGICAL_LIST:
    case JI_LOGICAL_UNKNOWN:
    case JI_LOGICAL_VARIANT:
    case JI_LOGICAL_GEOMETRY:
    case JI_LOGICAL_GEOGRAPHY:
    case JI_LOGICAL_FILE:
        return true;
    default:
        return element->logical.kind > JI_LOGICAL_FILE || element->converted == JI_CONVERTED_INTERVAL;
    }
}

static enum ji_value_order type_order(const struct ji_schema_element *element)
{
    switch (element->physical) {
    case JI_PHYSICAL_BOOLEAN:
        return JI_ORDERED_BOOL;
    case JI_PHYSICAL_INT32:
        return is_unsigned(element) ? JI_ORDERED_U32 : JI_ORDERED_I32;
    case JI_PHYSICAL_INT64:
        return is_unsigned(element) ? JI_ORDERED_U64 : JI_ORDERED_I64;
    case JI_PHYSICAL_FLOAT:
        return JI_ORDERED_F32;
    case JI_PHYSICAL_DOUBLE:
        return JI_ORDERED_F64;
    case JI_PHYSICAL_FIXED:
        if (element->logical.kind == JI_LOGICAL_FLOAT16)
            return JI_ORDERED_F16;
        return is_decimal(element) ? JI_ORDERED_DECIMAL : JI_ORDERED_BYTES;
    case JI_PHYSICAL_BYTE_ARRAY:
        return is_decimal(element) ? JI_ORDERED_DECIMAL : JI_ORDERED_BYTES;
    case JI_PHYSICAL_INT96:
    case JI_PHYSICAL_NONE:
        break;
    }
    return JI_ORDERED_NOT;
}

enum ji_value_order ji_leaf_value_order(const struct ji_schema_element *element, enum ji_column_order order)
{
    if (order == JI_ORDER_INT96)
        return element->physical == JI_PHYSICAL_INT96 ? JI_ORDERED_INT96 : JI_ORDERED_NOT;
    if (has_no_order(element))
        return JI_ORDERED_NOT;
    const enum ji_value_order type = type_order(element);
    if (order == JI_ORDER_TYPE)
        return type;
    if (order != JI_ORDER_IEEE754)
        return JI_ORDERED_NOT;
    switch (type) {
    case JI_ORDERED_F16:
        return JI_ORDERED_F16_TOTAL;
    case JI_ORDERED_F32:
        return JI_ORDERED_F32_TOTAL;
    case JI_ORDERED_F64:
        return JI_ORDERED_F64_TOTAL;
    default:
        return JI_ORDERED_NOT;
    }
}

bool ji_order_is_total(enum ji_value_order order)
{
    return order >= JI_ORDERED_F16_TOTAL && order <= JI_ORDERED_F64_TOTAL;
}

bool ji_order_has_nan(enum ji_value_order order)
{
    return (order >= JI_ORDERED_F16 && order <= JI_ORDERED_F64) || ji_order_is_total(order);
}

bool ji_order_fits(enum ji_value_order order, struct ji_view value)
{
    switch (order) {
    case JI_ORDERED_NOT:
        return false;
    case JI_ORDERED_BOOL:
        return value.size == 1 && value.data[0] <= 1;
    case JI_ORDERED_F16:
    case JI_ORDERED_F16_TOTAL:
        return value.size == 2;
    case JI_ORDERED_I32:
    case JI_ORDERED_U32:
    case JI_ORDERED_F32:
    case JI_ORDERED_F32_TOTAL:
        return value.size == 4;
    case JI_ORDERED_I64:
    case JI_ORDERED_U64:
    case JI_ORDERED_F64:
    case JI_ORDERED_F64_TOTAL:
        return value.size == 8;
    case JI_ORDERED_INT96:
        return value.size == INT96_BYTES;
    case JI_ORDERED_BYTES:
        return true;
    case JI_ORDERED_DECIMAL:
        return value.size > 0;
    }
    return false;
}

/* The bits of a float of 2, 4 or 8 bytes, widened to those of a double's shape: sign at the top. */
static uint64_t float_bits(struct ji_view value, uint64_t *infinity)
{
    if (value.size == 2) {
        *infinity = UINT64_C(0x7c00) << 48;
        return (uint64_t)ji_load_le16(value.data) << 48;
    }
    if (value.size == 4) {
        *infinity = UINT64_C(0x7f800000) << 32;
        return (uint64_t)ji_load_le32(value.data) << 32;
    }
    *infinity = UINT64_C(0x7ff0) << 48;
    return ji_load_le64(value.data);
}

bool ji_order_is_nan(enum ji_value_order order, struct ji_view value)
{
    if (!ji_order_has_nan(order) || !ji_order_fits(order, value))
        return false;
    uint64_t infinity;
    return (float_bits(value, &infinity) & INT64_MAX) > infinity;
}

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Bits with the sign at the top are ordered as integers once those of negative values are turned round. */
static int compare_floats(struct ji_view a, struct ji_view b, bool is_total)
{
    uint64_t infinity;
    const uint64_t a_bits = float_bits(a, &infinity);
    const uint64_t b_bits = float_bits(b, &infinity);
    if (!is_total && ((a_bits | b_bits) & INT64_MAX) == 0)
        return 0;
    const int64_t a_key = (int64_t)(a_bits >> 63 != 0 ? a_bits ^ INT64_MAX : a_bits);
    const int64_t b_key = (int64_t)(b_bits >> 63 != 0 ? b_bits ^ INT64_MAX : b_bits);
    return compare_i64(a_key, b_key);
}

/* Without the leading bytes that only repeat the sign. */
static struct ji_view trim_decimal(struct ji_view value)
{
    const uint8_t sign = (value.data[0] & 0x80) != 0 ? 0xff : 0;
    while (value.size > 1 && value.data[0] == sign && ((value.data[1] ^ sign) & 0x80) == 0)
        value = ji_view_of(value.data + 1, value.size - 1);
    return value;
}

static int compare_decimals(struct ji_view a, struct ji_view b)
{
    a = trim_decimal(a);
    b = trim_decimal(b);
    const bool a_negative = (a.data[0] & 0x80) != 0;
    const bool b_negative = (b.data[0] & 0x80) != 0;
    if (a_negative != b_negative)
        return a_negative ? -1 : 1;
    if (a.size != b.size)
        return (a.size > b.size) != a_negative ? 1 : -1;
    return memcmp(a.data, b.data, a.size);
}

static int compare_int96(struct ji_view a, struct ji_view b)
{
    const int days = compare_i64(
            (int32_t)ji_load_le32(a.data + INT96_DAY_AT), (int32_t)ji_load_le32(b.data + INT96_DAY_AT));
    return days != 0 ? days : compare_i64((int64_t)ji_load_le64(a.data), (int64_t)ji_load_le64(b.data));
}

int ji_order_compare(enum ji_value_order order, struct ji_view a, struct ji_view b)
{
    switch (order) {
    case JI_ORDERED_BOOL:
        return (int)a.data[0] - (int)b.data[0];
    case JI_ORDERED_I32:
        return compare_i64((int32_t)ji_load_le32(a.data), (int32_t)ji_load_le32(b.data));
    case JI_ORDERED_U32:
        return compare_u64(ji_load_le32(a.data), ji_load_le32(b.data));
    case JI_ORDERED_I64:
        return compare_i64((int64_t)ji_load_le64(a.data), (int64_t)ji_load_le64(b.data));
    case JI_ORDERED_U64:
        return compare_u64(ji_load_le64(a.data), ji_load_le64(b.data));
    case JI_ORDERED_F16:
    case JI_ORDERED_F32:
    case JI_ORDERED_F64:
        return compare_floats(a, b, false);
    case JI_ORDERED_F16_TOTAL:
    case JI_ORDERED_F32_TOTAL:
    case JI_ORDERED_F64_TOTAL:
        return compare_floats(a, b, true);
    case JI_ORDERED_DECIMAL:
        return compare_decimals(a, b);
    case JI_ORDERED_INT96:
        return compare_int96(a, b);
    case JI_ORDERED_BYTES:
    case JI_ORDERED_NOT:
        break;
    }
    return ji_view_compare(a, b);
}
