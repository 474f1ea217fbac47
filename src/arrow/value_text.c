/*
 * value_text.c - values as the text that people, CSV and JSON have, and back
 *
 * Bytes that are no text (binary, fixed) are hexadecimal in text and in JSON; nested values are JSON, a map
 * is an array of {"key": ..., "value": ...}: keys need not be strings. JSON has no NaN and no infinity: they
 * are strings there. Integers and decimals are bare and exact, whatever their size.
 */
#include "arrow/value.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/real_text.h"
#include "base/uuid.h"
#include "kernel/utf8.h"
#include "wire/json_write.h"
#include "wire/variant_text.h"

#include <assert.h>

#define SCALAR_TEXT_MAX JI_WIDE_DECIMAL_TEXT_MAX

/* --- to text --- */

static enum joist_status append_hex(struct ji_bytes *out, struct ji_view view, struct joist_error *err)
{
    static const char digits[] = "0123456789abcdef";
    if (view.size > SIZE_MAX / 2)
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu bytes as text", view.size);
    JI_TRY(ji_bytes_reserve(out, view.size * 2, err));
    for (size_t i = 0; i < view.size; i++) {
        out->data[out->size++] = (uint8_t)digits[view.data[i] >> 4];
        out->data[out->size++] = (uint8_t)digits[view.data[i] & 15];
    }
    return JOIST_OK;
}

static size_t print_bool(bool value, char *out)
{
    memcpy(out, value ? "true" : "false", value ? 4 : 5);
    return value ? 4 : 5;
}

static size_t print_uuid(struct ji_view view, char *out)
{
    char text[JI_UUID_TEXT_BYTES];
    ji_uuid_print(view.data, text);
    memcpy(out, text, JI_UUID_TEXT_BYTES - 1);
    return JI_UUID_TEXT_BYTES - 1;
}

/* Kinds whose text has a bound; `out` has room for SCALAR_TEXT_MAX. */
static size_t print_scalar(const struct ji_field *field, const struct ji_value *value, char *out)
{
    switch (field->kind) {
    case JI_BOOL:
        return print_bool(value->as.boolean, out);
    case JI_UINT64:
        return ji_u64_print(value->as.unsigned_integer, out);
    case JI_FLOAT16:
    case JI_FLOAT:
        return ji_float_print((float)value->as.real, out);
    case JI_DOUBLE:
        return ji_double_print(value->as.real, out);
    case JI_DECIMAL:
        return ji_decimal_print(value->as.decimal, (unsigned)field->scale, out);
    case JI_DATE:
        return ji_date_print(value->as.integer, out);
    case JI_TIME:
        return ji_time_print(value->as.integer, field->unit, out);
    case JI_TIMESTAMP:
        return ji_timestamp_print(value->as.integer, field->unit, field->utc, out);
    case JI_UUID:
        return print_uuid(value->as.view, out);
    case JI_WIDE_DECIMAL:
        return ji_wide_decimal_print(value->as.view.data, (unsigned)field->scale, out);
    case JI_INTERVAL:
        return ji_interval_print(value->as.view.data, out);
    default:
        return ji_i64_print(value->as.integer, out);
    }
}

enum joist_status ji_value_text(const struct ji_field *field, const struct ji_value *value,
        struct ji_bytes *out, struct joist_error *err)
{
    assert(!ji_kind_is_nested(field->kind));
    if (value->is_null)
        return ji_bytes_append_text(out, "null", err);
    if (field->kind == JI_STRING)
        return ji_bytes_append(out, value->as.view.data, value->as.view.size, err);
    if (field->kind == JI_BINARY || field->kind == JI_FIXED)
        return append_hex(out, value->as.view, err);
    JI_TRY(ji_bytes_reserve(out, SCALAR_TEXT_MAX, err));
    out->size += print_scalar(field, value, (char *)out->data + out->size);
    return JOIST_OK;
}

enum joist_status ji_column_text(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err)
{
    if (ji_kind_is_nested(column->field->kind))
        return ji_column_json(column, row, out, err);
    const struct ji_value value = ji_column_value(column, row);
    return ji_value_text(column->field, &value, out, err);
}

/* --- to JSON --- */

static bool is_bare(const struct ji_field *field, const struct ji_value *value)
{
    if (field->kind == JI_FLOAT16 || field->kind == JI_FLOAT || field->kind == JI_DOUBLE)
        return value->as.real - value->as.real == 0; /* neither NaN nor infinite */
    return field->kind == JI_BOOL || field->kind == JI_DECIMAL || field->kind == JI_WIDE_DECIMAL ||
            ji_kind_is_integer(field->kind);
}

static enum joist_status json_scalar(const struct ji_field *field, const struct ji_value *value,
        struct ji_bytes *out, struct joist_error *err)
{
    if (value->is_null)
        return ji_bytes_append_text(out, "null", err);
    if (field->kind == JI_STRING)
        return ji_json_append_string(out, value->as.view, err);
    if (is_bare(field, value))
        return ji_value_text(field, value, out, err);
    JI_TRY(ji_bytes_append_byte(out, '"', err));
    JI_TRY(ji_value_text(field, value, out, err));
    return ji_bytes_append_byte(out, '"', err);
}

/* The flat column and the row in it that stand behind any form. */
static const struct ji_column *step_in(const struct ji_column *column, size_t *row)
{
    if (column->form == JI_CONSTANT)
        *row = 0;
    if (column->form != JI_DICTIONARY)
        return column;
    *row = (size_t)((const int32_t *)column->values)[*row];
    return column->dictionary;
}

static enum joist_status json_struct(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '{', err));
    for (size_t i = 0; i < column->field->child_count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(ji_json_append_string(out, ji_view_of_text(column->field->children[i].name), err));
        JI_TRY(ji_bytes_append_byte(out, ':', err));
        JI_TRY(ji_column_json(&column->children[i], row, out, err));
    }
    return ji_bytes_append_byte(out, '}', err);
}

/* Parquet's binary variant: what it holds, not its bytes. */
static enum joist_status json_variant(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_value metadata = ji_column_value(&column->children[0], row);
    const struct ji_value value = ji_column_value(&column->children[1], row);
    return ji_variant_json(metadata.as.view, value.as.view, out, err);
}

static bool is_variant(const struct ji_field *field)
{
    return field->kind == JI_STRUCT && field->extension_name != NULL &&
            strcmp(field->extension_name, "arrow.parquet.variant") == 0 && field->child_count == 2 &&
            field->children[0].kind == JI_BINARY && field->children[1].kind == JI_BINARY;
}

static enum joist_status json_list(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '[', err));
    for (int32_t i = column->offsets[row]; i < column->offsets[row + 1]; i++) {
        if (i > column->offsets[row])
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(ji_column_json(&column->children[0], (size_t)i, out, err));
    }
    return ji_bytes_append_byte(out, ']', err);
}

enum joist_status ji_column_json(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err)
{
    if (ji_column_is_null(column, row))
        return ji_bytes_append_text(out, "null", err);
    if (!ji_kind_is_nested(column->field->kind)) {
        const struct ji_value value = ji_column_value(column, row);
        return json_scalar(column->field, &value, out, err);
    }
    const struct ji_column *flat = step_in(column, &row);
    if (is_variant(column->field))
        return json_variant(flat, row, out, err);
    return column->field->kind == JI_STRUCT ? json_struct(flat, row, out, err)
                                            : json_list(flat, row, out, err);
}

/* --- from text --- */

static enum joist_status fail_text(
        struct joist_error *err, enum ji_text_reason reason, const char *type, struct ji_view text)
{
    return ji_fail(err, JOIST_ERR_INVALID, "'%.*s' %s %s", (int)ji_min_size(text.size, 100),
            (const char *)text.data, ji_text_reason_text(reason), type);
}

static bool integer_fits(enum ji_kind kind, int64_t value)
{
    switch (kind) {
    case JI_INT8:
        return value >= INT8_MIN && value <= INT8_MAX;
    case JI_INT16:
        return value >= INT16_MIN && value <= INT16_MAX;
    case JI_INT32:
    case JI_DATE:
        return value >= INT32_MIN && value <= INT32_MAX;
    case JI_UINT8:
        return value >= 0 && value <= UINT8_MAX;
    case JI_UINT16:
        return value >= 0 && value <= UINT16_MAX;
    case JI_UINT32:
        return value >= 0 && value <= UINT32_MAX;
    default:
        return true;
    }
}

bool ji_kind_holds(const struct ji_field *field, int64_t value)
{
    if (field->kind == JI_TIME)
        return value >= 0 && value < INT64_C(86400) * ji_unit_per_second(field->unit);
    if (field->kind == JI_UINT64)
        return value >= 0;
    return integer_fits(field->kind, value);
}

static enum ji_text_reason parse_integer(
        const struct ji_field *field, const char *data, size_t size, struct ji_value *value)
{
    if (field->kind == JI_UINT64)
        return ji_u64_parse(data, size, &value->as.unsigned_integer);
    int64_t integer = 0;
    const enum ji_text_reason reason = ji_i64_parse(data, size, &integer);
    if (reason != JI_TEXT_OK)
        return reason;
    if (!integer_fits(field->kind, integer))
        return JI_TEXT_RANGE;
    value->as.integer = integer;
    return JI_TEXT_OK;
}

static enum ji_text_reason parse_bool(struct ji_view text, struct ji_value *value)
{
    static const char *const yes[] = {"true", "TRUE", "True", "t", "1"};
    static const char *const no[] = {"false", "FALSE", "False", "f", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (ji_view_equal_text(text, yes[i]) || ji_view_equal_text(text, no[i])) {
            value->as.boolean = ji_view_equal_text(text, yes[i]);
            return JI_TEXT_OK;
        }
    }
    return JI_TEXT_MALFORMED;
}

static enum ji_text_reason parse_real(
        enum ji_kind kind, const char *data, size_t size, struct ji_value *value)
{
    if (kind == JI_DOUBLE)
        return ji_double_parse(data, size, &value->as.real);
    float real = 0;
    const enum ji_text_reason reason = ji_float_parse(data, size, &real);
    if (reason == JI_TEXT_OK)
        value->as.real = (double)real;
    return reason;
}

/* A timestamp with an offset is an instant; one without is none unless the type says UTC is meant. */
static enum ji_text_reason parse_timestamp(
        const struct ji_field *field, const char *data, size_t size, struct ji_value *value)
{
    bool has_offset = false;
    int64_t parsed = 0;
    const enum ji_text_reason reason = ji_timestamp_parse(data, size, field->unit, &parsed, &has_offset);
    if (reason != JI_TEXT_OK)
        return reason;
    if (has_offset && !field->utc)
        return JI_TEXT_MALFORMED;
    value->as.integer = parsed;
    return JI_TEXT_OK;
}

static enum ji_text_reason parse_date(const char *data, size_t size, struct ji_value *value)
{
    int32_t days = 0;
    const enum ji_text_reason reason = ji_date_parse(data, size, &days);
    value->as.integer = days;
    return reason;
}

static enum ji_text_reason parse_scalar(
        const struct ji_field *field, struct ji_view text, struct ji_value *value)
{
    const char *data = (const char *)text.data;
    switch (field->kind) {
    case JI_BOOL:
        return parse_bool(text, value);
    case JI_FLOAT:
    case JI_DOUBLE:
        return parse_real(field->kind, data, text.size, value);
    case JI_DECIMAL:
        return ji_decimal_parse(
                data, text.size, field->precision, (unsigned)field->scale, &value->as.decimal);
    case JI_DATE:
        return parse_date(data, text.size, value);
    case JI_TIME:
        return ji_time_parse(data, text.size, field->unit, &value->as.integer);
    case JI_TIMESTAMP:
        return parse_timestamp(field, data, text.size, value);
    default:
        return parse_integer(field, data, text.size, value);
    }
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    const uint8_t low = byte | 0x20;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static enum joist_status parse_hex(
        struct ji_arena *arena, struct ji_view text, struct ji_view *bytes, struct joist_error *err)
{
    uint8_t *made;
    if (text.size % 2 != 0)
        return fail_text(err, JI_TEXT_MALFORMED, "hexadecimal", text);
    JI_TRY(ji_arena_alloc(arena, text.size / 2, &made, err));
    for (size_t i = 0; i < text.size / 2; i++) {
        const int high = hex_digit(text.data[2 * i]);
        const int low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return fail_text(err, JI_TEXT_MALFORMED, "hexadecimal", text);
        made[i] = (uint8_t)(high * 16 + low);
    }
    *bytes = ji_view_of(made, text.size / 2);
    return JOIST_OK;
}

static enum joist_status parse_bytes(const struct ji_field *field, struct ji_view text,
        struct ji_arena *arena, struct ji_value *value, struct joist_error *err)
{
    struct ji_view bytes;
    if (field->kind == JI_UUID) {
        uint8_t *made;
        JI_TRY(ji_arena_alloc(arena, 16, &made, err));
        if (!ji_uuid_parse((const char *)text.data, text.size, made))
            return fail_text(err, JI_TEXT_MALFORMED, "uuid", text);
        bytes = ji_view_of(made, 16);
    } else {
        JI_TRY(parse_hex(arena, text, &bytes, err));
        if (field->kind == JI_FIXED && bytes.size != field->fixed_bytes)
            return ji_fail(err, JOIST_ERR_INVALID, "%zu bytes where fixed(%" PRIu32 ") is due", bytes.size,
                    field->fixed_bytes);
    }
    *value = (struct ji_value){.as.view = bytes};
    return JOIST_OK;
}

static const char *type_name(const struct ji_field *field, char room[48])
{
    static const char *const names[JI_KIND_COUNT] = {[JI_BOOL] = "boolean",
            [JI_INT8] = "int8",
            [JI_INT16] = "int16",
            [JI_INT32] = "int",
            [JI_INT64] = "long",
            [JI_UINT8] = "uint8",
            [JI_UINT16] = "uint16",
            [JI_UINT32] = "uint32",
            [JI_UINT64] = "uint64",
            [JI_FLOAT] = "float",
            [JI_DOUBLE] = "double",
            [JI_DATE] = "date",
            [JI_TIME] = "time"};
    if (field->kind == JI_DECIMAL) {
        char *at = room;
        memcpy(at, "decimal(", 8);
        at += 8 + ji_u64_print(field->precision, at + 8);
        memcpy(at, ", ", 2);
        at += 2 + ji_i64_print(field->scale, at + 2);
        memcpy(at, ")", 2);
        return room;
    }
    if (field->kind == JI_TIMESTAMP)
        return field->utc ? "timestamptz" : "timestamp";
    return names[field->kind] == NULL ? "value" : names[field->kind];
}

enum joist_status ji_value_parse(const struct ji_field *field, struct ji_view text, struct ji_arena *arena,
        struct ji_value *value, struct joist_error *err)
{
    struct ji_value parsed = {.is_null = false};
    switch (field->kind) {
    case JI_NULL:
    case JI_FLOAT16:
    case JI_LIST:
    case JI_MAP:
    case JI_STRUCT:
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "a null, float16, list, map or struct from text");
    case JI_STRING:
        if (!ji_utf8_valid(text))
            return ji_fail(err, JOIST_ERR_INVALID, "text that is not UTF-8");
        *value = (struct ji_value){.as.view = text};
        return JOIST_OK;
    case JI_BINARY:
    case JI_FIXED:
    case JI_UUID:
        assert(arena != NULL);
        return parse_bytes(field, text, arena, value, err);
    default:
        break;
    }
    const enum ji_text_reason reason = parse_scalar(field, text, &parsed);
    if (reason != JI_TEXT_OK) {
        char room[48];
        return fail_text(err, reason, type_name(field, room), text);
    }
    *value = parsed;
    return JOIST_OK;
}
