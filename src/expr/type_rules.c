/*
 * type_rules.c - the lattice of types
 *
 *     int8 < int16 < int32 < int64 \
 *     uint8 < uint16 < uint32 < uint64 } decimal(20, 0) < decimal(38, s) < double        float < double
 *     date < timestamp(s) < ... < timestamp(ns)        time(s) < ... < time(ns)
 *
 * An unsigned kind fits the next wider signed one. A timestamp without a zone is one in UTC, so both sorts
 * meet.
 */
#include "expr/type_rules.h"

static unsigned integer_bits(enum ji_kind kind)
{
    switch (kind) {
    case JI_INT8:
    case JI_UINT8:
        return 8;
    case JI_INT16:
    case JI_UINT16:
        return 16;
    case JI_INT32:
    case JI_UINT32:
        return 32;
    default:
        return 64;
    }
}

static bool is_unsigned(enum ji_kind kind)
{
    return kind >= JI_UINT8 && kind <= JI_UINT64;
}

static enum ji_kind signed_of_bits(unsigned bits)
{
    return bits <= 8 ? JI_INT8 : bits <= 16 ? JI_INT16 : bits <= 32 ? JI_INT32 : JI_INT64;
}

bool ji_type_is_number(const struct ji_field *type)
{
    return ji_kind_is_integer(type->kind) || type->kind == JI_DECIMAL || ji_type_is_real(type);
}

struct ji_field ji_type_decimal_of_integer(enum ji_kind kind)
{
    static const uint8_t digits[] = {[JI_INT8] = 3,
            [JI_INT16] = 5,
            [JI_INT32] = 10,
            [JI_INT64] = 19,
            [JI_UINT8] = 3,
            [JI_UINT16] = 5,
            [JI_UINT32] = 10,
            [JI_UINT64] = 20};
    return ji_type_decimal(digits[kind], 0);
}

void ji_type_range(const struct ji_field *type, ji_int128 *least, ji_int128 *greatest)
{
    if (type->kind == JI_DECIMAL) {
        *greatest = ji_decimal_power(type->precision) - 1;
        *least = -*greatest;
        return;
    }
    unsigned bits = 64;
    if (ji_kind_is_integer(type->kind))
        bits = integer_bits(type->kind);
    else if (type->kind == JI_DATE)
        bits = 32;
    if (is_unsigned(type->kind)) {
        *least = 0;
        *greatest = ((ji_int128)1 << bits) - 1;
    } else {
        *greatest = ((ji_int128)1 << (bits - 1)) - 1;
        *least = -*greatest - 1;
    }
}

static struct ji_field common_integer(enum ji_kind a, enum ji_kind b)
{
    const unsigned a_bits = integer_bits(a);
    const unsigned b_bits = integer_bits(b);
    if (is_unsigned(a) == is_unsigned(b))
        return ji_type_of(a_bits >= b_bits ? a : b);
    const unsigned unsigned_bits = is_unsigned(a) ? a_bits : b_bits;
    const unsigned signed_bits = is_unsigned(a) ? b_bits : a_bits;
    if (unsigned_bits == 64)
        return ji_type_decimal(20, 0);
    return ji_type_of(signed_of_bits(unsigned_bits * 2 > signed_bits ? unsigned_bits * 2 : signed_bits));
}

static struct ji_field common_decimal(const struct ji_field *a, const struct ji_field *b)
{
    const struct ji_field left = a->kind == JI_DECIMAL ? *a : ji_type_decimal_of_integer(a->kind);
    const struct ji_field right = b->kind == JI_DECIMAL ? *b : ji_type_decimal_of_integer(b->kind);
    const int scale = left.scale > right.scale ? left.scale : right.scale;
    const int left_whole = left.precision - left.scale;
    const int right_whole = right.precision - right.scale;
    const int digits = scale + (left_whole > right_whole ? left_whole : right_whole);
    return ji_type_decimal(
            (unsigned)(digits > JI_DECIMAL_DIGITS_MAX ? JI_DECIMAL_DIGITS_MAX : digits), (unsigned)scale);
}

static bool common_number(const struct ji_field *a, const struct ji_field *b, struct ji_field *common)
{
    if (a->kind == JI_FLOAT && b->kind == JI_FLOAT)
        *common = ji_type_of(JI_FLOAT);
    else if (ji_type_is_real(a) || ji_type_is_real(b))
        *common = ji_type_of(JI_DOUBLE);
    else if (a->kind == JI_DECIMAL || b->kind == JI_DECIMAL)
        *common = common_decimal(a, b);
    else
        *common = common_integer(a->kind, b->kind);
    return true;
}

static bool common_moment(const struct ji_field *a, const struct ji_field *b, struct ji_field *common)
{
    struct ji_field type = a->kind == JI_DATE ? *b : *a;
    if (a->kind != JI_DATE && b->kind != JI_DATE)
        type.unit = a->unit > b->unit ? a->unit : b->unit;
    type.utc = (a->kind == JI_TIMESTAMP && a->utc) || (b->kind == JI_TIMESTAMP && b->utc);
    type.name = "";
    type.field_id = JI_FIELD_ID_NONE;
    *common = type;
    return true;
}

bool ji_type_common(const struct ji_field *a, const struct ji_field *b, struct ji_field *common)
{
    if (ji_kind_is_opaque(a->kind) || ji_kind_is_opaque(b->kind))
        return false;
    if (ji_type_is_number(a) && ji_type_is_number(b))
        return common_number(a, b, common);
    const bool a_moment = a->kind == JI_DATE || a->kind == JI_TIMESTAMP;
    const bool b_moment = b->kind == JI_DATE || b->kind == JI_TIMESTAMP;
    const bool times = a->kind == JI_TIME && b->kind == JI_TIME;
    if (times || (a_moment && b_moment && a->kind + b->kind != JI_DATE + JI_DATE))
        return common_moment(a, b, common);
    if (a->kind == JI_NULL || b->kind == JI_NULL || ji_type_equal(a, b)) {
        *common = a->kind == JI_NULL ? *b : *a;
        common->name = "";
        common->field_id = JI_FIELD_ID_NONE;
        common->nullable = true;
        return true;
    }
    return false;
}
