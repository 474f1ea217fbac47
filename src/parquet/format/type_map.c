/*
 * type_map.c - scalar types of the engine and of Parquet, both ways
 *
 * A legacy converted type is first made into the logical type that it stands for, so that one
 * table decides. A logical type that does not go with its physical type is corruption: guessing would
 * give values that nobody wrote. A logical type that we have never heard of is passed over, as the
 * format asks.
 */
#include "parquet/format/type_map.h"

#define INTERVAL_BYTES 12
#define UUID_BYTES 16
/* A value must fit a page and a batch many times. */
#define FIXED_BYTES_MAX (1 << 20)

unsigned ji_decimal_fixed_bytes(unsigned precision)
{
    /* Index n: decimal digits that n bytes hold in two's complement. */
    static const uint8_t digits[] = {0, 2, 4, 6, 9, 11, 14, 16, 18, 21, 23, 26, 28, 31, 33, 35, 38, 40, 43,
            45, 47, 50, 52, 55, 57, 59, 62, 64, 67, 69, 71, 74, 76};
    unsigned bytes = 1;
    while (bytes < sizeof digits - 1 && digits[bytes] < precision)
        bytes++;
    return bytes;
}

static struct ji_logical_type of_integer(int8_t bit_width, bool is_signed)
{
    return (struct ji_logical_type){
            .kind = JI_LOGICAL_INTEGER, .bit_width = bit_width, .is_signed = is_signed};
}

static struct ji_logical_type of_time(enum ji_logical kind, enum ji_parquet_unit unit)
{
    return (struct ji_logical_type){.kind = kind, .utc = true, .unit = unit};
}

/* The logical type that a converted one stands for; NONE where there is none. */
static struct ji_logical_type of_converted(const struct ji_schema_element *element)
{
    switch (element->converted) {
    case JI_CONVERTED_UTF8:
        return (struct ji_logical_type){.kind = JI_LOGICAL_STRING};
    case JI_CONVERTED_ENUM:
        return (struct ji_logical_type){.kind = JI_LOGICAL_ENUM};
    case JI_CONVERTED_JSON:
        return (struct ji_logical_type){.kind = JI_LOGICAL_JSON};
    case JI_CONVERTED_BSON:
        return (struct ji_logical_type){.kind = JI_LOGICAL_BSON};
    case JI_CONVERTED_DECIMAL:
        return (struct ji_logical_type){
                .kind = JI_LOGICAL_DECIMAL, .scale = element->scale, .precision = element->precision};
    case JI_CONVERTED_DATE:
        return (struct ji_logical_type){.kind = JI_LOGICAL_DATE};
    case JI_CONVERTED_TIME_MILLIS:
        return of_time(JI_LOGICAL_TIME, JI_UNIT_MILLIS);
    case JI_CONVERTED_TIME_MICROS:
        return of_time(JI_LOGICAL_TIME, JI_UNIT_MICROS);
    case JI_CONVERTED_TIMESTAMP_MILLIS:
        return of_time(JI_LOGICAL_TIMESTAMP, JI_UNIT_MILLIS);
    case JI_CONVERTED_TIMESTAMP_MICROS:
        return of_time(JI_LOGICAL_TIMESTAMP, JI_UNIT_MICROS);
    case JI_CONVERTED_UINT_8:
    case JI_CONVERTED_UINT_16:
    case JI_CONVERTED_UINT_32:
    case JI_CONVERTED_UINT_64:
        return of_integer((int8_t)(8 << (element->converted - JI_CONVERTED_UINT_8)), false);
    case JI_CONVERTED_INT_8:
    case JI_CONVERTED_INT_16:
    case JI_CONVERTED_INT_32:
    case JI_CONVERTED_INT_64:
        return of_integer((int8_t)(8 << (element->converted - JI_CONVERTED_INT_8)), true);
    case JI_CONVERTED_MAP:
    case JI_CONVERTED_MAP_KEY_VALUE:
    case JI_CONVERTED_LIST:
    case JI_CONVERTED_INTERVAL:
    case JI_CONVERTED_NONE:
        break;
    }
    return (struct ji_logical_type){.kind = JI_LOGICAL_NONE};
}

static enum joist_status mismatch(
        const struct ji_schema_element *element, enum ji_logical logical, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "logical type %s does not go with physical type %s",
            ji_logical_name(logical), ji_physical_name(element->physical));
}

static enum joist_status decimal_type(const struct ji_schema_element *element,
        const struct ji_logical_type *logical, struct ji_field *field, struct joist_error *err)
{
    const int32_t precision = logical->precision;
    const int32_t scale = logical->scale;
    if (element->physical != JI_PHYSICAL_INT32 && element->physical != JI_PHYSICAL_INT64 &&
            element->physical != JI_PHYSICAL_FIXED && element->physical != JI_PHYSICAL_BYTE_ARRAY)
        return mismatch(element, logical->kind, err);
    if (precision < 1 || scale < 0 || scale > precision)
        return ji_fail(err, JOIST_ERR_CORRUPT, "decimal(%" PRId32 ", %" PRId32 ")", precision, scale);
    if (precision > JI_WIDE_DECIMAL_DIGITS_MAX)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "decimal(%" PRId32 ", %" PRId32 "): more than %d digits",
                precision, scale, JI_WIDE_DECIMAL_DIGITS_MAX);
    const bool is_wide = precision > JI_DECIMAL_DIGITS_MAX;
    if (is_wide && (element->physical == JI_PHYSICAL_INT32 || element->physical == JI_PHYSICAL_INT64))
        return mismatch(element, logical->kind, err);
    field->kind = is_wide ? JI_WIDE_DECIMAL : JI_DECIMAL;
    field->fixed_bytes = is_wide ? JI_WIDE_DECIMAL_BYTES : 0;
    field->precision = (uint8_t)precision;
    field->scale = (int8_t)scale;
    return JOIST_OK;
}

static enum joist_status integer_type(const struct ji_schema_element *element,
        const struct ji_logical_type *logical, struct ji_field *field, struct joist_error *err)
{
    const bool is_wide = logical->bit_width == 64;
    if (element->physical != (is_wide ? JI_PHYSICAL_INT64 : JI_PHYSICAL_INT32))
        return mismatch(element, logical->kind, err);
    switch (logical->bit_width) {
    case 8:
        field->kind = logical->is_signed ? JI_INT8 : JI_UINT8;
        return JOIST_OK;
    case 16:
        field->kind = logical->is_signed ? JI_INT16 : JI_UINT16;
        return JOIST_OK;
    case 32:
        field->kind = logical->is_signed ? JI_INT32 : JI_UINT32;
        return JOIST_OK;
    case 64:
        field->kind = logical->is_signed ? JI_INT64 : JI_UINT64;
        return JOIST_OK;
    default:
        return ji_fail(err, JOIST_ERR_CORRUPT, "integer type of %d bits", logical->bit_width);
    }
}

static enum joist_status physical_type(
        const struct ji_schema_element *element, struct ji_field *field, struct joist_error *err)
{
    switch (element->physical) {
    case JI_PHYSICAL_BOOLEAN:
        field->kind = JI_BOOL;
        return JOIST_OK;
    case JI_PHYSICAL_INT32:
        field->kind = JI_INT32;
        return JOIST_OK;
    case JI_PHYSICAL_INT64:
        field->kind = JI_INT64;
        return JOIST_OK;
    case JI_PHYSICAL_INT96:
        field->kind = JI_TIMESTAMP;
        field->unit = JI_NANO;
        return JOIST_OK;
    case JI_PHYSICAL_FLOAT:
        field->kind = JI_FLOAT;
        return JOIST_OK;
    case JI_PHYSICAL_DOUBLE:
        field->kind = JI_DOUBLE;
        return JOIST_OK;
    case JI_PHYSICAL_BYTE_ARRAY:
        field->kind = JI_BINARY;
        return JOIST_OK;
    case JI_PHYSICAL_FIXED:
        field->kind = JI_FIXED;
        field->fixed_bytes = (uint32_t)element->type_length;
        return JOIST_OK;
    case JI_PHYSICAL_NONE:
        break;
    }
    return ji_fail(err, JOIST_ERR_CORRUPT, "physical type %d", (int)element->physical);
}

static enum joist_status time_type(const struct ji_schema_element *element,
        const struct ji_logical_type *logical, struct ji_field *field, struct joist_error *err)
{
    const bool is_small = logical->kind == JI_LOGICAL_TIME && logical->unit == JI_UNIT_MILLIS;
    if (logical->unit != JI_UNIT_NONE &&
            element->physical != (is_small ? JI_PHYSICAL_INT32 : JI_PHYSICAL_INT64))
        return mismatch(element, logical->kind, err);
    switch (logical->unit) {
    case JI_UNIT_MILLIS:
        field->unit = JI_MILLI;
        break;
    case JI_UNIT_MICROS:
        field->unit = JI_MICRO;
        break;
    case JI_UNIT_NANOS:
        field->unit = JI_NANO;
        break;
    case JI_UNIT_NONE:
        return physical_type(element, field, err); /* a unit that came later: the numbers as they are */
    }
    field->kind = logical->kind == JI_LOGICAL_TIME ? JI_TIME : JI_TIMESTAMP;
    field->utc = logical->kind == JI_LOGICAL_TIMESTAMP && logical->utc;
    return JOIST_OK;
}

/* Fixed or variable bytes with a meaning. */
static enum joist_status bytes_type(const struct ji_schema_element *element, enum ji_logical logical,
        struct ji_field *field, struct joist_error *err)
{
    const bool is_fixed = element->physical == JI_PHYSICAL_FIXED;
    switch (logical) {
    case JI_LOGICAL_UUID:
        if (!is_fixed || element->type_length != UUID_BYTES)
            return mismatch(element, logical, err);
        field->kind = JI_UUID;
        field->fixed_bytes = UUID_BYTES;
        return JOIST_OK;
    case JI_LOGICAL_FLOAT16:
        if (!is_fixed || element->type_length != 2)
            return mismatch(element, logical, err);
        field->kind = JI_FLOAT16;
        return JOIST_OK;
    case JI_LOGICAL_STRING:
    case JI_LOGICAL_ENUM:
    case JI_LOGICAL_JSON:
        if (element->physical != JI_PHYSICAL_BYTE_ARRAY)
            return mismatch(element, logical, err);
        field->kind = JI_STRING;
        field->extension_name = logical == JI_LOGICAL_JSON ? "arrow.json" : NULL;
        field->annotation = logical == JI_LOGICAL_ENUM ? JI_ANNOTATION_ENUM : JI_ANNOTATION_NONE;
        return JOIST_OK;
    default: /* BSON, GEOMETRY, GEOGRAPHY */
        if (element->physical != JI_PHYSICAL_BYTE_ARRAY)
            return mismatch(element, logical, err);
        field->kind = JI_BINARY;
        field->annotation = logical == JI_LOGICAL_BSON ? JI_ANNOTATION_BSON : JI_ANNOTATION_NONE;
        return JOIST_OK;
    }
}

static enum joist_status check_length(const struct ji_schema_element *element, struct joist_error *err)
{
    if (element->physical != JI_PHYSICAL_FIXED)
        return JOIST_OK;
    if (element->type_length <= 0)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "fixed-length type of %" PRId32 " bytes", element->type_length);
    if (element->type_length > FIXED_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "fixed-length type of %" PRId32 " bytes (at most %d)",
                element->type_length, FIXED_BYTES_MAX);
    return JOIST_OK;
}

enum joist_status ji_type_from_element(
        const struct ji_schema_element *element, struct ji_field *field, struct joist_error *err)
{
    JI_TRY(check_length(element, err));
    if (element->converted == JI_CONVERTED_INTERVAL && element->logical.kind == JI_LOGICAL_NONE &&
            (element->physical != JI_PHYSICAL_FIXED || element->type_length != INTERVAL_BYTES))
        return ji_fail(err, JOIST_ERR_CORRUPT, "interval is not of %d fixed bytes", INTERVAL_BYTES);
    struct ji_logical_type logical = element->logical;
    if (logical.kind == JI_LOGICAL_NONE)
        logical = of_converted(element);
    if (logical.kind == JI_LOGICAL_NONE && element->converted == JI_CONVERTED_INTERVAL) {
        field->kind = JI_INTERVAL;
        field->fixed_bytes = JI_INTERVAL_BYTES;
        return JOIST_OK;
    }
    switch (logical.kind) {
    case JI_LOGICAL_DECIMAL:
        return decimal_type(element, &logical, field, err);
    case JI_LOGICAL_INTEGER:
        return integer_type(element, &logical, field, err);
    case JI_LOGICAL_TIME:
    case JI_LOGICAL_TIMESTAMP:
        return time_type(element, &logical, field, err);
    case JI_LOGICAL_DATE:
        if (element->physical != JI_PHYSICAL_INT32)
            return mismatch(element, logical.kind, err);
        field->kind = JI_DATE;
        return JOIST_OK;
    case JI_LOGICAL_UNKNOWN:
        field->kind = JI_NULL;
        return JOIST_OK;
    case JI_LOGICAL_STRING:
    case JI_LOGICAL_ENUM:
    case JI_LOGICAL_JSON:
    case JI_LOGICAL_BSON:
    case JI_LOGICAL_UUID:
    case JI_LOGICAL_FLOAT16:
    case JI_LOGICAL_GEOMETRY:
    case JI_LOGICAL_GEOGRAPHY:
        return bytes_type(element, logical.kind, field, err);
    case JI_LOGICAL_VARIANT:
    case JI_LOGICAL_MAP:
    case JI_LOGICAL_LIST:
        return mismatch(element, logical.kind, err);
    case JI_LOGICAL_FILE:
    case JI_LOGICAL_NONE:
        break;
    }
    return physical_type(element, field, err);
}

static void integer_element(
        struct ji_schema_element *element, int8_t bit_width, bool is_signed, enum ji_converted converted)
{
    element->physical = bit_width == 64 ? JI_PHYSICAL_INT64 : JI_PHYSICAL_INT32;
    element->logical = of_integer(bit_width, is_signed);
    element->converted = converted;
}

static void decimal_element(const struct ji_field *field, struct ji_schema_element *element)
{
    if (field->precision <= 9) {
        element->physical = JI_PHYSICAL_INT32;
    } else if (field->precision <= JI_DECIMAL_DIGITS_INT64) {
        element->physical = JI_PHYSICAL_INT64;
    } else {
        element->physical = JI_PHYSICAL_FIXED;
        element->type_length = (int32_t)ji_decimal_fixed_bytes(field->precision);
    }
    element->converted = JI_CONVERTED_DECIMAL;
    element->precision = field->precision;
    element->scale = field->scale;
    element->logical = (struct ji_logical_type){
            .kind = JI_LOGICAL_DECIMAL, .precision = field->precision, .scale = field->scale};
}

/*
 * The converted types mean instants: they stand beside a logical one that is adjusted to UTC only. A time
 * of day has no zone, as Iceberg wants it.
 */
static void time_element(const struct ji_field *field, struct ji_schema_element *element)
{
    const bool is_time = field->kind == JI_TIME;
    if (field->annotation == JI_ANNOTATION_INT96) {
        element->physical = JI_PHYSICAL_INT96;
        return;
    }
    struct ji_logical_type logical = {
            .kind = is_time ? JI_LOGICAL_TIME : JI_LOGICAL_TIMESTAMP, .utc = !is_time && field->utc};
    element->physical = JI_PHYSICAL_INT64;
    switch (field->unit) {
    case JI_SECOND:
    case JI_MILLI:
        logical.unit = JI_UNIT_MILLIS;
        if (is_time)
            element->physical = JI_PHYSICAL_INT32;
        else if (logical.utc)
            element->converted = JI_CONVERTED_TIMESTAMP_MILLIS;
        break;
    case JI_MICRO:
        logical.unit = JI_UNIT_MICROS;
        if (logical.utc)
            element->converted = JI_CONVERTED_TIMESTAMP_MICROS;
        break;
    case JI_NANO:
        logical.unit = JI_UNIT_NANOS;
        break;
    }
    element->logical = logical;
}

static void fixed_element(struct ji_schema_element *element, uint32_t bytes, enum ji_logical logical)
{
    element->physical = JI_PHYSICAL_FIXED;
    element->type_length = (int32_t)bytes;
    element->logical.kind = logical;
}

static void text_element(const struct ji_field *field, struct ji_schema_element *element)
{
    const bool is_json = field->extension_name != NULL && strcmp(field->extension_name, "arrow.json") == 0;
    element->physical = JI_PHYSICAL_BYTE_ARRAY;
    if (is_json || field->annotation == JI_ANNOTATION_JSON) {
        element->converted = JI_CONVERTED_JSON;
        element->logical.kind = JI_LOGICAL_JSON;
    } else if (field->annotation == JI_ANNOTATION_ENUM) {
        element->converted = JI_CONVERTED_ENUM;
        element->logical.kind = JI_LOGICAL_ENUM;
    } else {
        element->converted = JI_CONVERTED_UTF8;
        element->logical.kind = JI_LOGICAL_STRING;
    }
}

static enum joist_status bytes_element(
        const struct ji_field *field, struct ji_schema_element *element, struct joist_error *err)
{
    switch (field->kind) {
    case JI_STRING:
        text_element(field, element);
        return JOIST_OK;
    case JI_BINARY:
        element->physical = JI_PHYSICAL_BYTE_ARRAY;
        if (field->annotation == JI_ANNOTATION_BSON) {
            element->converted = JI_CONVERTED_BSON;
            element->logical.kind = JI_LOGICAL_BSON;
        }
        return JOIST_OK;
    case JI_FIXED:
        if (field->fixed_bytes == 0 || field->fixed_bytes > FIXED_BYTES_MAX)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "fixed(%" PRIu32 ") in Parquet", field->fixed_bytes);
        fixed_element(element, field->fixed_bytes, JI_LOGICAL_NONE);
        return JOIST_OK;
    case JI_UUID:
        fixed_element(element, UUID_BYTES, JI_LOGICAL_UUID);
        return JOIST_OK;
    case JI_FLOAT16:
        fixed_element(element, 2, JI_LOGICAL_FLOAT16);
        return JOIST_OK;
    case JI_INTERVAL:
        fixed_element(element, INTERVAL_BYTES, JI_LOGICAL_NONE);
        element->converted = JI_CONVERTED_INTERVAL;
        return JOIST_OK;
    default:
        return ji_fail(err, JOIST_ERR_INTERNAL, "kind %d is no scalar", (int)field->kind);
    }
}

enum joist_status ji_type_to_element(
        const struct ji_field *field, struct ji_schema_element *element, struct joist_error *err)
{
    element->type_length = 0;
    element->child_count = 0;
    element->converted = JI_CONVERTED_NONE;
    element->scale = element->precision = 0;
    element->logical = (struct ji_logical_type){.kind = JI_LOGICAL_NONE};
    switch (field->kind) {
    case JI_NULL:
        element->physical = JI_PHYSICAL_INT32;
        element->logical.kind = JI_LOGICAL_UNKNOWN;
        return JOIST_OK;
    case JI_BOOL:
        element->physical = JI_PHYSICAL_BOOLEAN;
        return JOIST_OK;
    case JI_INT8:
        integer_element(element, 8, true, JI_CONVERTED_INT_8);
        return JOIST_OK;
    case JI_INT16:
        integer_element(element, 16, true, JI_CONVERTED_INT_16);
        return JOIST_OK;
    case JI_INT32:
        element->physical = JI_PHYSICAL_INT32;
        return JOIST_OK;
    case JI_INT64:
        element->physical = JI_PHYSICAL_INT64;
        return JOIST_OK;
    case JI_UINT8:
        integer_element(element, 8, false, JI_CONVERTED_UINT_8);
        return JOIST_OK;
    case JI_UINT16:
        integer_element(element, 16, false, JI_CONVERTED_UINT_16);
        return JOIST_OK;
    case JI_UINT32:
        integer_element(element, 32, false, JI_CONVERTED_UINT_32);
        return JOIST_OK;
    case JI_UINT64:
        integer_element(element, 64, false, JI_CONVERTED_UINT_64);
        return JOIST_OK;
    case JI_FLOAT:
        element->physical = JI_PHYSICAL_FLOAT;
        return JOIST_OK;
    case JI_DOUBLE:
        element->physical = JI_PHYSICAL_DOUBLE;
        return JOIST_OK;
    case JI_DECIMAL:
    case JI_WIDE_DECIMAL:
        decimal_element(field, element);
        return JOIST_OK;
    case JI_DATE:
        element->physical = JI_PHYSICAL_INT32;
        element->converted = JI_CONVERTED_DATE;
        element->logical.kind = JI_LOGICAL_DATE;
        return JOIST_OK;
    case JI_TIME:
    case JI_TIMESTAMP:
        time_element(field, element);
        return JOIST_OK;
    default:
        return bytes_element(field, element, err);
    }
}
