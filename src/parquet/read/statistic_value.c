/*
 * statistic_value.c - one PLAIN value without length
 */
#include "parquet/read/statistic_value.h"

/* Types whose order the format leaves open. */
static bool has_no_order(const struct ji_schema_element *element)
{
    return element->physical == JI_PHYSICAL_INT96 || element->converted == JI_CONVERTED_INTERVAL ||
            element->logical.kind == JI_LOGICAL_GEOMETRY || element->logical.kind == JI_LOGICAL_GEOGRAPHY;
}

static bool decimal_value(struct ji_view bytes, ji_int128 *value)
{
    if (bytes.size == 0 || bytes.size > sizeof *value)
        return false;
    ji_uint128 made = (bytes.data[0] & 0x80) != 0 ? ~(ji_uint128)0 : 0;
    for (size_t at = 0; at < bytes.size; at++)
        made = made << 8 | bytes.data[at];
    *value = (ji_int128)made;
    return true;
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
    case JI_UINT8:
    case JI_UINT16:
    case JI_UINT32:
        value->as.integer = low;
        return true;
    case JI_UINT64:
        value->as.unsigned_integer = (uint64_t)bits;
        return true;
    case JI_DECIMAL:
        value->as.decimal = bits;
        return true;
    default:
        value->as.integer = bits;
        return leaf->field->kind != JI_NULL;
    }
}

bool ji_statistic_value(const struct ji_leaf *leaf, struct ji_view bytes, struct ji_value *value)
{
    const struct ji_field *const field = leaf->field;
    const enum ji_physical physical = leaf->element->physical;
    *value = (struct ji_value){.is_null = false};
    if (has_no_order(leaf->element))
        return false;
    switch (field->kind) {
    case JI_STRING:
    case JI_BINARY:
        value->as.view = bytes;
        return true;
    case JI_FIXED:
    case JI_UUID:
        value->as.view = bytes;
        return bytes.size == field->fixed_bytes;
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
