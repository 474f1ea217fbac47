/*
 * sort_key.c - the values that rows are ordered by, as bytes that memcmp orders
 */
#include "scan/sort_key.h"

#include <math.h>

#define SIGN_64 ((uint64_t)1 << 63)
#define SIGN_32 ((uint32_t)1 << 31)

enum joist_status ji_sort_key_check(const struct ji_field *field, struct joist_error *err)
{
    if (!ji_kind_is_nested(field->kind))
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "ordering by a list, map or struct");
}

static uint64_t ordered_real(double real)
{
    uint64_t bits = 0;
    if (isnan(real))
        return UINT64_MAX;
    if (real == 0)
        real = 0;
    memcpy(&bits, &real, sizeof bits);
    return (bits & SIGN_64) != 0 ? ~bits : bits | SIGN_64;
}

static enum joist_status append_be64(struct ji_bytes *key, uint64_t value, struct joist_error *err)
{
    const uint64_t big = JI_BE64(value);
    return ji_bytes_append(key, &big, sizeof big, err);
}

static enum joist_status append_be32(struct ji_bytes *key, uint32_t value, struct joist_error *err)
{
    const uint32_t big = JI_BE32(value);
    return ji_bytes_append(key, &big, sizeof big, err);
}

static enum joist_status append_text(struct ji_bytes *key, struct ji_view view, struct joist_error *err)
{
    static const uint8_t zero[2] = {0x00, 0xff};
    static const uint8_t end[2] = {0x00, 0x00};
    size_t start = 0;
    for (size_t at = 0; at < view.size; at++) {
        if (view.data[at] != 0)
            continue;
        JI_TRY(ji_bytes_append(key, view.data + start, at - start, err));
        JI_TRY(ji_bytes_append(key, zero, sizeof zero, err));
        start = at + 1;
    }
    if (start < view.size)
        JI_TRY(ji_bytes_append(key, view.data + start, view.size - start, err));
    return ji_bytes_append(key, end, sizeof end, err);
}

static enum joist_status append_value(struct ji_bytes *key, const struct ji_field *field,
        const struct ji_value *value, struct joist_error *err)
{
    uint8_t bytes[JI_WIDE_DECIMAL_BYTES];
    switch (field->kind) {
    case JI_BOOL:
        return ji_bytes_append_byte(key, value->as.boolean, err);
    case JI_INT8:
    case JI_INT16:
    case JI_INT32:
    case JI_DATE:
        return append_be32(key, (uint32_t)value->as.integer ^ SIGN_32, err);
    case JI_UINT8:
    case JI_UINT16:
    case JI_UINT32:
        return append_be32(key, (uint32_t)value->as.integer, err);
    case JI_UINT64:
        return append_be64(key, value->as.unsigned_integer, err);
    case JI_FLOAT16:
    case JI_FLOAT:
    case JI_DOUBLE:
        return append_be64(key, ordered_real(value->as.real), err);
    case JI_DECIMAL:
        if (field->precision > JI_DECIMAL_DIGITS_INT64)
            JI_TRY(append_be64(key, (uint64_t)(value->as.decimal >> 64) ^ SIGN_64, err));
        else
            return append_be64(key, (uint64_t)value->as.decimal ^ SIGN_64, err);
        return append_be64(key, (uint64_t)value->as.decimal, err);
    case JI_STRING:
    case JI_BINARY:
        return append_text(key, value->as.view, err);
    case JI_FIXED:
    case JI_UUID:
        return ji_bytes_append(key, value->as.view.data, value->as.view.size, err);
    case JI_WIDE_DECIMAL:
        ji_wide_decimal_key(value->as.view.data, bytes);
        return ji_bytes_append(key, bytes, JI_WIDE_DECIMAL_BYTES, err);
    case JI_INTERVAL:
        ji_interval_key(value->as.view.data, bytes);
        return ji_bytes_append(key, bytes, JI_INTERVAL_BYTES, err);
    default:
        return append_be64(key, (uint64_t)value->as.integer ^ SIGN_64, err);
    }
}

enum joist_status ji_sort_key_append(struct ji_bytes *key, const struct ji_column *column, size_t row,
        struct ji_sort_order order, struct joist_error *err)
{
    const bool null = ji_column_is_null(column, row);
    JI_TRY(ji_bytes_append_byte(key, null ? (order.nulls_first ? 0 : 2) : 1, err));
    if (null)
        return JOIST_OK;
    const struct ji_value value = ji_column_value(column, row);
    const size_t start = key->size;
    JI_TRY(append_value(key, column->field, &value, err));
    for (size_t at = start; order.descending && at < key->size; at++)
        key->data[at] = (uint8_t)~key->data[at];
    return JOIST_OK;
}

enum joist_status ji_sort_key_position(struct ji_bytes *key, uint64_t position, struct joist_error *err)
{
    return append_be64(key, position, err);
}
