/*
 * value_rules.c - text, documents, decimals, small integers and times of day
 */
#include "parquet/check/value_rules.h"

#include "kernel/utf8.h"
#include "wire/json_read.h"

#define PRECISION_MAX 90 /* 10^90 fits the limit's 40 bytes */
#define BSON_BYTES_MIN 5
#define NANOS_A_DAY (INT64_C(86400) * 1000000000)

/* 10 to the precision; all zero where the precision is none or beyond what we compare. */
static void make_limit(struct ji_value_rules *rules, int32_t precision)
{
    if (precision <= 0 || precision > PRECISION_MAX)
        return;
    rules->limit[JI_DECIMAL_LIMIT_BYTES - 1] = 1;
    for (int32_t digit = 0; digit < precision; digit++) {
        unsigned carry = 0;
        for (size_t at = JI_DECIMAL_LIMIT_BYTES; at-- > 0;) {
            const unsigned product = rules->limit[at] * 10u + carry;
            rules->limit[at] = (uint8_t)product;
            carry = product >> 8;
        }
    }
}

static void integer_rules(struct ji_value_rules *rules, int bits, bool is_signed)
{
    if (bits != 8 && bits != 16)
        return;
    rules->rule = JI_RULE_INTEGER;
    rules->least = is_signed ? -(INT64_C(1) << (bits - 1)) : 0;
    rules->most = (INT64_C(1) << (is_signed ? bits - 1 : bits)) - 1;
}

static void time_rules(struct ji_value_rules *rules, enum ji_parquet_unit unit)
{
    static const int64_t a_day[] = {0, NANOS_A_DAY / 1000000, NANOS_A_DAY / 1000, NANOS_A_DAY};
    if (unit < JI_UNIT_MILLIS || unit > JI_UNIT_NANOS)
        return;
    rules->rule = JI_RULE_TIME;
    rules->most = a_day[unit] - 1;
}

static void decimal_rules(
        struct ji_value_rules *rules, const struct ji_schema_element *element, int32_t precision)
{
    rules->rule = JI_RULE_DECIMAL;
    rules->is_little = element->physical == JI_PHYSICAL_INT32 || element->physical == JI_PHYSICAL_INT64;
    make_limit(rules, precision);
}

static void converted_rules(struct ji_value_rules *rules, const struct ji_schema_element *element)
{
    const enum ji_converted converted = element->converted;
    if (converted == JI_CONVERTED_UTF8 || converted == JI_CONVERTED_ENUM)
        rules->rule = JI_RULE_UTF8;
    else if (converted == JI_CONVERTED_JSON)
        rules->rule = JI_RULE_JSON;
    else if (converted == JI_CONVERTED_BSON)
        rules->rule = JI_RULE_BSON;
    else if (converted == JI_CONVERTED_DECIMAL)
        decimal_rules(rules, element, element->precision);
    else if (converted == JI_CONVERTED_TIME_MILLIS)
        time_rules(rules, JI_UNIT_MILLIS);
    else if (converted == JI_CONVERTED_TIME_MICROS)
        time_rules(rules, JI_UNIT_MICROS);
    else if (converted == JI_CONVERTED_UINT_8 || converted == JI_CONVERTED_UINT_16)
        integer_rules(rules, converted == JI_CONVERTED_UINT_8 ? 8 : 16, false);
    else if (converted == JI_CONVERTED_INT_8 || converted == JI_CONVERTED_INT_16)
        integer_rules(rules, converted == JI_CONVERTED_INT_8 ? 8 : 16, true);
    else if (element->physical == JI_PHYSICAL_INT96)
        rules->rule = JI_RULE_INT96;
}

void ji_value_rules_init(struct ji_value_rules *rules, const struct ji_schema_element *element)
{
    *rules = (struct ji_value_rules){.rule = JI_RULE_NONE};
    switch (element->logical.kind) {
    case JI_LOGICAL_NONE:
        converted_rules(rules, element);
        break;
    case JI_LOGICAL_STRING:
    case JI_LOGICAL_ENUM:
        rules->rule = JI_RULE_UTF8;
        break;
    case JI_LOGICAL_JSON:
        rules->rule = JI_RULE_JSON;
        break;
    case JI_LOGICAL_BSON:
        rules->rule = JI_RULE_BSON;
        break;
    case JI_LOGICAL_DECIMAL:
        decimal_rules(rules, element, element->logical.precision);
        break;
    case JI_LOGICAL_TIME:
        time_rules(rules, element->logical.unit);
        break;
    case JI_LOGICAL_INTEGER:
        integer_rules(rules, element->logical.bit_width, element->logical.is_signed);
        break;
    case JI_LOGICAL_UNKNOWN:
        rules->rule = JI_RULE_ABSENT;
        break;
    default:
        break;
    }
}

/* Whether the absolute value reaches the limit. */
static bool decimal_is_too_large(const struct ji_value_rules *rules, struct ji_view value)
{
    static const uint8_t none[JI_DECIMAL_LIMIT_BYTES] = {0};
    uint8_t magnitude[JI_DECIMAL_LIMIT_BYTES];
    if (value.size == 0 || memcmp(rules->limit, none, sizeof none) == 0)
        return false;
    const uint8_t top = value.data[rules->is_little ? value.size - 1 : 0];
    const uint8_t sign = (top & 0x80) != 0 ? 0xff : 0;
    unsigned carry = sign & 1;
    for (size_t back = 0; back < ji_max_size(value.size, sizeof magnitude); back++) {
        uint8_t byte = sign;
        if (back < value.size)
            byte = value.data[rules->is_little ? back : value.size - 1 - back];
        const unsigned sum = (uint8_t)(byte ^ sign) + carry;
        carry = sum >> 8;
        if (back < sizeof magnitude)
            magnitude[sizeof magnitude - 1 - back] = (uint8_t)sum;
        else if ((uint8_t)sum != 0)
            return true;
    }
    return memcmp(magnitude, rules->limit, sizeof magnitude) >= 0;
}

static bool is_json(struct ji_view value, struct ji_arena *arena)
{
    struct ji_json_reader reader;
    struct ji_json_token token = {.kind = JI_JSON_NULL};
    ji_json_reader_init(&reader, value, arena);
    while (token.kind != JI_JSON_END) {
        struct joist_error err;
        const enum joist_status status = ji_json_next(&reader, &token, &err);
        /* A document beyond our own limits is not the file's fault. */
        if (status != JOIST_OK)
            return status != JOIST_ERR_CORRUPT;
    }
    return true;
}

static bool is_bson(struct ji_view value)
{
    return value.size >= BSON_BYTES_MIN && ji_load_le32(value.data) == value.size &&
            value.data[value.size - 1] == 0;
}

static int64_t integer_of(struct ji_view value)
{
    return value.size == 8 ? (int64_t)ji_load_le64(value.data) : (int32_t)ji_load_le32(value.data);
}

static bool is_in_range(const struct ji_value_rules *rules, struct ji_view value)
{
    if (value.size != 4 && value.size != 8)
        return true;
    const int64_t integer = integer_of(value);
    return integer >= rules->least && integer <= rules->most;
}

const char *ji_value_fault(const struct ji_value_rules *rules, struct ji_view value, struct ji_arena *arena)
{
    switch (rules->rule) {
    case JI_RULE_NONE:
        return NULL;
    case JI_RULE_UTF8:
        return ji_utf8_valid(value) ? NULL : "text is not UTF-8";
    case JI_RULE_JSON:
        if (!ji_utf8_valid(value))
            return "JSON is not UTF-8";
        return is_json(value, arena) ? NULL : "value is not JSON";
    case JI_RULE_BSON:
        return is_bson(value) ? NULL : "value is not BSON";
    case JI_RULE_DECIMAL:
        if (value.size == 0)
            return "decimal of no bytes";
        return decimal_is_too_large(rules, value) ? "decimal has more digits than its precision" : NULL;
    case JI_RULE_INTEGER:
        return is_in_range(rules, value) ? NULL : "integer does not fit its bit width";
    case JI_RULE_TIME:
        return is_in_range(rules, value) ? NULL : "time is outside the day";
    case JI_RULE_INT96:
        /* The nanoseconds of its day. */
        return value.size != 12 || ji_load_le64(value.data) < (uint64_t)NANOS_A_DAY
                ? NULL
                : "INT96 timestamp has nanoseconds outside the day";
    case JI_RULE_ABSENT:
        return "value in a column of logical type UNKNOWN";
    }
    return NULL;
}
