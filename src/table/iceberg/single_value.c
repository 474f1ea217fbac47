/*
 * single_value.c - values as Iceberg's bytes
 *
 *     bool 1 | int, date, float 4 LE | long, time, timestamp, double 8 LE | decimal BE, shortest | uuid 16
 *     BE | string, binary, fixed: as they are
 */
#include "table/iceberg/single_value.h"

size_t ji_decimal_bytes(ji_int128 value, uint8_t bytes[JI_SINGLE_VALUE_BYTES_MAX])
{
    size_t count = 1;
    while (count < 16) {
        const ji_int128 top = value >> (8 * count - 1);
        if (top == 0 || top == -1)
            break;
        count++;
    }
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
    return count;
}

struct ji_view ji_single_value_encode(
        const struct ji_field *field, const struct ji_value *value, uint8_t room[JI_SINGLE_VALUE_BYTES_MAX])
{
    switch (field->kind) {
    case JI_BOOL:
        room[0] = value->as.boolean;
        return ji_view_of(room, 1);
    case JI_INT32:
    case JI_DATE:
        ji_store_le32(room, (uint32_t)(int32_t)value->as.integer);
        return ji_view_of(room, 4);
    case JI_INT64:
    case JI_TIME:
    case JI_TIMESTAMP:
        ji_store_le64(room, (uint64_t)value->as.integer);
        return ji_view_of(room, 8);
    case JI_FLOAT: {
        const float narrow = (float)value->as.real;
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof bits);
        ji_store_le32(room, bits);
        return ji_view_of(room, 4);
    }
    case JI_DOUBLE: {
        uint64_t bits;
        memcpy(&bits, &value->as.real, sizeof bits);
        ji_store_le64(room, bits);
        return ji_view_of(room, 8);
    }
    case JI_DECIMAL:
        return ji_view_of(room, ji_decimal_bytes(value->as.decimal, room));
    case JI_STRING:
    case JI_BINARY:
    case JI_FIXED:
    case JI_UUID:
        return ji_view_of(value->as.view.data != NULL ? value->as.view.data : room, value->as.view.size);
    default:
        return ji_view_of(NULL, 0);
    }
}

static bool decode_real(struct ji_view bytes, double *real)
{
    if (bytes.size == 4) {
        const uint32_t bits = ji_load_le32(bytes.data);
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        *real = (double)narrow;
        return true;
    }
    if (bytes.size != 8)
        return false;
    const uint64_t bits = ji_load_le64(bytes.data);
    memcpy(real, &bits, sizeof bits);
    return true;
}

static bool decode_integer(struct ji_view bytes, bool wide, int64_t *integer)
{
    if (bytes.size == 4) {
        *integer = (int32_t)ji_load_le32(bytes.data);
        return true;
    }
    if (bytes.size != 8 || !wide)
        return false;
    *integer = (int64_t)ji_load_le64(bytes.data);
    return true;
}

static bool decode_decimal(struct ji_view bytes, ji_int128 *decimal)
{
    if (bytes.size == 0 || bytes.size > 16)
        return false;
    ji_uint128 made = (bytes.data[0] & 0x80) != 0 ? ~(ji_uint128)0 : 0;
    for (size_t i = 0; i < bytes.size; i++)
        made = made << 8 | bytes.data[i];
    *decimal = (ji_int128)made;
    return true;
}

bool ji_single_value_decode(const struct ji_field *field, struct ji_view bytes, struct ji_value *value)
{
    struct ji_value made = {.is_null = false};
    bool good = true;
    switch (field->kind) {
    case JI_BOOL:
        good = bytes.size == 1;
        made.as.boolean = good && bytes.data[0] != 0;
        break;
    case JI_INT32:
    case JI_DATE:
        good = decode_integer(bytes, false, &made.as.integer);
        break;
    case JI_INT64:
        good = decode_integer(bytes, true, &made.as.integer);
        break;
    case JI_TIME:
    case JI_TIMESTAMP:
        good = bytes.size == 8 && decode_integer(bytes, true, &made.as.integer);
        break;
    case JI_FLOAT:
        good = bytes.size == 4 && decode_real(bytes, &made.as.real);
        break;
    case JI_DOUBLE:
        good = decode_real(bytes, &made.as.real);
        break;
    case JI_DECIMAL:
        good = decode_decimal(bytes, &made.as.decimal);
        break;
    case JI_STRING:
    case JI_BINARY:
        made.as.view = bytes;
        break;
    case JI_FIXED:
    case JI_UUID:
        good = bytes.size == field->fixed_bytes;
        made.as.view = bytes;
        break;
    default:
        good = false;
        break;
    }
    if (good)
        *value = made;
    return good;
}
