/*
 * transform.c - partition transforms
 *
 *   1. year, month, day and hour are the floor of the distance from 1970, so that 1969-12-31 is year -1.
 *   2. bucket is (murmur3 & 0x7fffffff) % N; integers, dates and times hash as 8-byte little-endian longs,
 *      decimals as their shortest big-endian bytes.
 *   3. `ji_transform_facts` is the inverse as a range: whatever value went in lies inside it.
 */
#include "table/iceberg/transform.h"

#include "base/calendar.h"
#include "base/utf8_text.h"
#include "codec/murmur3.h"
#include "table/iceberg/single_value.h"

#include <assert.h>

#define SECONDS_A_DAY INT64_C(86400)
#define SECONDS_AN_HOUR INT64_C(3600)
#define HOURS_A_DAY INT64_C(24)
#define HASH_MASK UINT32_C(0x7fffffff)

static const struct {
    const char *text;
    enum ji_transform_kind kind;
} PLAIN[] = {
        {"identity", JI_TRANSFORM_IDENTITY},
        {"year", JI_TRANSFORM_YEAR},
        {"month", JI_TRANSFORM_MONTH},
        {"day", JI_TRANSFORM_DAY},
        {"hour", JI_TRANSFORM_HOUR},
        {"void", JI_TRANSFORM_VOID},
};

/* "name[123]" -> 123; false where it is not of that form or beyond int32. */
static bool width_of(struct ji_view text, const char *name, uint32_t *width)
{
    const size_t name_bytes = strlen(name);
    if (text.size < name_bytes + 3 || memcmp(text.data, name, name_bytes) != 0 ||
            text.data[name_bytes] != '[' || text.data[text.size - 1] != ']')
        return false;
    uint64_t number = 0;
    for (size_t i = name_bytes + 1; i + 1 < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
        if (number > INT32_MAX)
            return false;
    }
    *width = (uint32_t)number;
    return true;
}

enum joist_status ji_transform_parse(
        struct ji_arena *arena, struct ji_view text, struct ji_transform *transform, struct joist_error *err)
{
    struct ji_transform made = {.kind = JI_TRANSFORM_UNKNOWN};
    for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++) {
        if (ji_view_equal_text(text, PLAIN[i].text))
            made.kind = PLAIN[i].kind;
    }
    if (width_of(text, "bucket", &made.width))
        made.kind = JI_TRANSFORM_BUCKET;
    else if (width_of(text, "truncate", &made.width))
        made.kind = JI_TRANSFORM_TRUNCATE;
    JI_TRY(ji_arena_text(arena, text, &made.text, err));
    if ((made.kind == JI_TRANSFORM_BUCKET || made.kind == JI_TRANSFORM_TRUNCATE) && made.width == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "transform '%s': the width must be above 0", made.text);
    *transform = made;
    return JOIST_OK;
}

static bool takes(enum ji_transform_kind kind, enum ji_kind source)
{
    switch (kind) {
    case JI_TRANSFORM_IDENTITY:
        return !ji_kind_is_nested(source) && source != JI_NULL;
    case JI_TRANSFORM_VOID:
        return true;
    case JI_TRANSFORM_BUCKET:
        return source == JI_INT32 || source == JI_INT64 || source == JI_DECIMAL || source == JI_DATE ||
                source == JI_TIME || source == JI_TIMESTAMP || source == JI_STRING || source == JI_UUID ||
                source == JI_FIXED || source == JI_BINARY;
    case JI_TRANSFORM_TRUNCATE:
        return source == JI_INT32 || source == JI_INT64 || source == JI_DECIMAL || source == JI_STRING ||
                source == JI_BINARY;
    case JI_TRANSFORM_YEAR:
    case JI_TRANSFORM_MONTH:
    case JI_TRANSFORM_DAY:
        return source == JI_DATE || source == JI_TIMESTAMP;
    case JI_TRANSFORM_HOUR:
        return source == JI_TIMESTAMP;
    case JI_TRANSFORM_UNKNOWN:
        break;
    }
    return false;
}

enum joist_status ji_transform_result(const struct ji_transform *transform, const struct ji_field *source,
        struct ji_field *result, struct joist_error *err)
{
    if (transform->kind == JI_TRANSFORM_UNKNOWN)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "partition transform '%s'", transform->text);
    if (!takes(transform->kind, source->kind))
        return ji_fail(err, JOIST_ERR_INVALID, "transform '%s' does not take column '%s' of its type",
                transform->text, source->name);
    struct ji_field made = *source;
    made.nullable = true;
    made.field_id = JI_FIELD_ID_NONE;
    switch (transform->kind) {
    case JI_TRANSFORM_BUCKET:
    case JI_TRANSFORM_YEAR:
    case JI_TRANSFORM_MONTH:
    case JI_TRANSFORM_HOUR:
        made.kind = JI_INT32;
        break;
    case JI_TRANSFORM_DAY:
        made.kind = JI_DATE;
        break;
    default:
        break;
    }
    if (transform->kind == JI_TRANSFORM_VOID && ji_kind_is_nested(source->kind)) {
        made.kind = JI_INT32;
        made.child_count = 0;
        made.children = NULL;
    }
    *result = made;
    return JOIST_OK;
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static int64_t days_of(const struct ji_field *source, int64_t value)
{
    return source->kind == JI_DATE ? value : ji_timestamp_day(value, source->unit);
}

/* Months since 1970-01. */
static int64_t months_of(int64_t days)
{
    struct ji_civil date = ji_civil_of_days(days);
    return (date.year - 1970) * 12 + ((int64_t)date.month - 1);
}

uint32_t ji_iceberg_hash(const struct ji_field *source, const struct ji_value *value)
{
    uint8_t bytes[JI_SINGLE_VALUE_BYTES_MAX];
    switch (source->kind) {
    case JI_STRING:
    case JI_BINARY:
    case JI_FIXED:
    case JI_UUID:
        return ji_murmur3_x86_32(value->as.view.data, value->as.view.size, 0);
    case JI_DECIMAL:
        return ji_murmur3_x86_32(bytes, ji_decimal_bytes(value->as.decimal, bytes), 0);
    default:
        break;
    }
    int64_t number = value->as.integer;
    if ((source->kind == JI_TIMESTAMP || source->kind == JI_TIME) && source->unit == JI_NANO)
        number = floor_divide(number, 1000);
    ji_store_le64(bytes, (uint64_t)number);
    return ji_murmur3_x86_32(bytes, sizeof(uint64_t), 0);
}

static enum joist_status truncate(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *value, struct ji_value *result, struct joist_error *err)
{
    const int64_t width = transform->width;
    *result = *value;
    if (source->kind == JI_STRING) {
        result->as.view.size = ji_utf8_bytes_of(value->as.view, transform->width);
        return JOIST_OK;
    }
    if (source->kind == JI_BINARY) {
        result->as.view.size = ji_min_size(value->as.view.size, transform->width);
        return JOIST_OK;
    }
    bool fits = true;
    if (source->kind == JI_DECIMAL) {
        const ji_int128 rest = ((value->as.decimal % width) + width) % width;
        result->as.decimal = value->as.decimal - rest;
    } else {
        const int64_t rest = ((value->as.integer % width) + width) % width;
        fits = ji_sub_i64(value->as.integer, rest, &result->as.integer) &&
                (source->kind != JI_INT32 || result->as.integer >= INT32_MIN);
    }
    if (!fits)
        return ji_fail(err, JOIST_ERR_INVALID, "value %" PRId64 " has no '%s' in its type", value->as.integer,
                transform->text);
    return JOIST_OK;
}

enum joist_status ji_transform_apply(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *value, struct ji_value *result, struct joist_error *err)
{
    assert(transform->kind != JI_TRANSFORM_UNKNOWN);
    if (value->is_null || transform->kind == JI_TRANSFORM_VOID) {
        *result = (struct ji_value){.is_null = true};
        return JOIST_OK;
    }
    int64_t made = 0;
    switch (transform->kind) {
    case JI_TRANSFORM_IDENTITY:
        *result = *value;
        return JOIST_OK;
    case JI_TRANSFORM_TRUNCATE:
        return truncate(transform, source, value, result, err);
    case JI_TRANSFORM_BUCKET:
        made = (int64_t)((ji_iceberg_hash(source, value) & HASH_MASK) % transform->width);
        break;
    case JI_TRANSFORM_YEAR:
        made = floor_divide(months_of(days_of(source, value->as.integer)), 12);
        break;
    case JI_TRANSFORM_MONTH:
        made = months_of(days_of(source, value->as.integer));
        break;
    case JI_TRANSFORM_DAY:
        made = days_of(source, value->as.integer);
        break;
    default:
        made = ji_timestamp_hour(value->as.integer, source->unit);
        break;
    }
    if (made < INT32_MIN || made > INT32_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "value %" PRId64 " has no '%s' in its type", value->as.integer,
                transform->text);
    *result = (struct ji_value){.as.integer = made};
    return JOIST_OK;
}

/* The first tick of partition number `number`, in the source's unit; false where it does not fit. */
static bool first_tick(
        const struct ji_transform *transform, const struct ji_field *source, int64_t number, int64_t *tick)
{
    if (number < (int64_t)INT32_MIN || number > (int64_t)INT32_MAX + 1)
        return false;
    const int64_t second = source->kind == JI_DATE ? 0 : ji_unit_per_second(source->unit);
    int64_t days = number;
    if (transform->kind == JI_TRANSFORM_HOUR)
        return ji_mul_i64(number, second * SECONDS_AN_HOUR, tick);
    if (transform->kind == JI_TRANSFORM_YEAR || transform->kind == JI_TRANSFORM_MONTH) {
        const int64_t months = transform->kind == JI_TRANSFORM_YEAR ? number * 12 : number;
        days = ji_days_of_civil(
                1970 + floor_divide(months, 12), (unsigned)(months - floor_divide(months, 12) * 12) + 1, 1);
    }
    if (source->kind == JI_DATE) {
        *tick = days;
        return true;
    }
    return ji_mul_i64(days, second * SECONDS_A_DAY, tick);
}

static void range_facts(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *low, const struct ji_value *high, struct ji_facts *facts)
{
    int64_t tick = 0;
    if (low != NULL && first_tick(transform, source, low->as.integer, &tick)) {
        facts->has_min = true;
        facts->min = (struct ji_value){.as.integer = tick};
    }
    if (high != NULL && high->as.integer < INT64_MAX &&
            first_tick(transform, source, high->as.integer + 1, &tick)) {
        facts->has_max = true;
        facts->max = (struct ji_value){.as.integer = tick - 1};
    }
}

static void truncate_facts(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *low, const struct ji_value *high, struct ji_facts *facts)
{
    if (low != NULL) {
        facts->has_min = true;
        facts->min = *low;
    }
    if (high == NULL || ji_kind_is_view(source->kind))
        return; /* the least text above every text with this prefix would have to be made */
    facts->max = *high;
    if (source->kind == JI_DECIMAL) {
        facts->has_max =
                ji_add_i128(high->as.decimal, (ji_int128)transform->width - 1, &facts->max.as.decimal);
    } else {
        facts->has_max = ji_add_i64(high->as.integer, (int64_t)transform->width - 1, &facts->max.as.integer);
        if (source->kind == JI_INT32 && facts->max.as.integer > INT32_MAX)
            facts->max.as.integer = INT32_MAX;
    }
}

void ji_transform_facts(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *low, const struct ji_value *high, struct ji_facts *facts)
{
    switch (transform->kind) {
    case JI_TRANSFORM_IDENTITY:
        facts->has_min = low != NULL;
        facts->has_max = high != NULL;
        if (low != NULL)
            facts->min = *low;
        if (high != NULL)
            facts->max = *high;
        break;
    case JI_TRANSFORM_TRUNCATE:
        truncate_facts(transform, source, low, high, facts);
        break;
    case JI_TRANSFORM_YEAR:
    case JI_TRANSFORM_MONTH:
    case JI_TRANSFORM_DAY:
    case JI_TRANSFORM_HOUR:
        range_facts(transform, source, low, high, facts);
        break;
    default:
        break;
    }
}

static enum joist_status civil_text(
        const struct ji_transform *transform, int64_t number, struct ji_bytes *out, struct joist_error *err)
{
    if (transform->kind == JI_TRANSFORM_YEAR)
        return ji_bytes_printf(out, err, "%04" PRId64, 1970 + number);
    if (transform->kind == JI_TRANSFORM_MONTH) {
        const int64_t year = floor_divide(number, 12);
        return ji_bytes_printf(out, err, "%04" PRId64 "-%02" PRId64, 1970 + year, number - year * 12 + 1);
    }
    const int64_t days = transform->kind == JI_TRANSFORM_HOUR ? floor_divide(number, HOURS_A_DAY) : number;
    struct ji_civil date = ji_civil_of_days(days);
    JI_TRY(ji_bytes_printf(out, err, "%04" PRId64 "-%02u-%02u", (int64_t)date.year, (unsigned)date.month,
            (unsigned)date.day));
    if (transform->kind == JI_TRANSFORM_HOUR)
        return ji_bytes_printf(out, err, "-%02" PRId64, number - days * HOURS_A_DAY);
    return JOIST_OK;
}

enum joist_status ji_transform_text(const struct ji_transform *transform, const struct ji_field *result,
        const struct ji_value *value, struct ji_bytes *out, struct joist_error *err)
{
    if (value->is_null)
        return ji_bytes_append_text(out, "null", err);
    if (transform->kind >= JI_TRANSFORM_YEAR && transform->kind <= JI_TRANSFORM_HOUR)
        return civil_text(transform, value->as.integer, out, err);
    return ji_value_text(result, value, out, err);
}
