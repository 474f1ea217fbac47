/*
 * plain_value.c - a value of the engine as the bytes that a file would have for it
 *
 * Filters and dictionaries are asked by bytes: a form forgotten here would be rows lost. What is in doubt has
 * no form.
 */
#include "parquet/read/plain_value.h"

#include "parquet/read/statistic_value.h"

/* A form of `size` bytes, little-endian. */
static void add_bits(struct ji_plain_value *plain, uint64_t bits, size_t size)
{
    uint8_t *const to = plain->bytes[plain->count];
    for (size_t at = 0; at < size; at++)
        to[at] = (uint8_t)(bits >> 8 * at);
    plain->forms[plain->count++] = ji_view_of(to, size);
}

static void add_integer(
        struct ji_plain_value *plain, enum ji_physical physical, bool is_signed, ji_int128 value)
{
    if (physical == JI_PHYSICAL_INT32) {
        const bool fits =
                is_signed ? value >= INT32_MIN && value <= INT32_MAX : value >= 0 && value <= UINT32_MAX;
        if (fits)
            add_bits(plain, (uint64_t)(uint32_t)value, 4);
    } else if (physical == JI_PHYSICAL_INT64) {
        const bool fits =
                is_signed ? value >= INT64_MIN && value <= INT64_MAX : value >= 0 && value <= UINT64_MAX;
        if (fits)
            add_bits(plain, (uint64_t)value, 8);
    }
}

/* Big-endian, as many bytes as the type has. */
static void add_fixed_decimal(struct ji_plain_value *plain, size_t size, ji_int128 value)
{
    uint8_t *const to = plain->bytes[plain->count];
    if (size == 0 || size > sizeof plain->bytes[0])
        return;
    ji_int128 rest = value;
    for (size_t at = size; at-- > 0; rest >>= 8)
        to[at] = (uint8_t)rest;
    const ji_int128 sign = (to[0] & 0x80) != 0 ? -1 : 0;
    if (size == sizeof value ? true : rest == sign)
        plain->forms[plain->count++] = ji_view_of(to, size);
}

static void add_decimal(const struct ji_leaf *leaf, ji_int128 value, struct ji_plain_value *plain)
{
    if (leaf->element->physical == JI_PHYSICAL_FIXED)
        add_fixed_decimal(plain, (size_t)leaf->element->type_length, value);
    else
        add_integer(plain, leaf->element->physical, true, value);
}

static void add_real(const struct ji_leaf *leaf, double value, struct ji_plain_value *plain)
{
    if (value != value)
        return;
    for (int form = 0; form < (value == 0 ? 2 : 1); form++) {
        const double wanted = value != 0 ? value : form == 0 ? 0.0 : -0.0;
        const float narrow = (float)wanted;
        uint16_t half = 0;
        uint32_t bits = 0;
        uint64_t wide = 0;
        if (leaf->field->kind == JI_FLOAT && leaf->element->physical == JI_PHYSICAL_FLOAT) {
            memcpy(&bits, &narrow, sizeof bits);
            if ((double)narrow == wanted)
                add_bits(plain, bits, sizeof bits);
        } else if (leaf->field->kind == JI_DOUBLE && leaf->element->physical == JI_PHYSICAL_DOUBLE) {
            memcpy(&wide, &wanted, sizeof wide);
            add_bits(plain, wide, sizeof wide);
        } else if (leaf->field->kind == JI_FLOAT16 && ji_half_of_double(wanted, &half)) {
            add_bits(plain, half, sizeof half);
        }
    }
}

static void add_bytes(const struct ji_leaf *leaf, struct ji_view value, struct ji_plain_value *plain)
{
    const bool is_fixed = leaf->field->kind == JI_FIXED || leaf->field->kind == JI_UUID;
    const enum ji_physical wanted = is_fixed ? JI_PHYSICAL_FIXED : JI_PHYSICAL_BYTE_ARRAY;
    if (leaf->element->physical == wanted && (!is_fixed || value.size == leaf->field->fixed_bytes))
        plain->forms[plain->count++] = value;
}

/* Whether the form, read back, is the value: bytes that a unit or a type gives another meaning are none. */
static bool reads_back(const struct ji_leaf *leaf, const struct ji_value *value, struct ji_view form)
{
    struct ji_value back;
    return ji_statistic_value(leaf, form, &back) && ji_value_compare(leaf->field, value, &back) == 0;
}

void ji_plain_value(const struct ji_leaf *leaf, const struct ji_value *value, struct ji_plain_value *plain)
{
    const enum ji_physical physical = leaf->element->physical;
    plain->count = 0;
    if (value->is_null)
        return;
    switch (leaf->field->kind) {
    case JI_INT8:
    case JI_INT16:
    case JI_INT32:
    case JI_INT64:
    case JI_DATE:
    case JI_TIME:
    case JI_TIMESTAMP:
        add_integer(plain, physical, true, value->as.integer);
        break;
    case JI_UINT8:
    case JI_UINT16:
    case JI_UINT32:
        add_integer(plain, physical, false, value->as.integer);
        break;
    case JI_UINT64:
        add_integer(plain, physical, false, value->as.unsigned_integer);
        break;
    case JI_FLOAT16:
    case JI_FLOAT:
    case JI_DOUBLE:
        add_real(leaf, value->as.real, plain);
        break;
    case JI_DECIMAL:
        add_decimal(leaf, value->as.decimal, plain);
        break;
    case JI_STRING:
    case JI_BINARY:
    case JI_FIXED:
    case JI_UUID:
        add_bytes(leaf, value->as.view, plain);
        break;
    default:
        break;
    }
    if (plain->count > 0 && !reads_back(leaf, value, plain->forms[0]))
        plain->count = 0;
}
