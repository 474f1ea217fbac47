/*
 * csv_column.c - fields of one column of CSV, from text to values
 *
 * One loop a kind of value, over the fields of one column: short integers, decimals, dates and timestamps
 * are read eight digits a step; what those steps do not know goes through the exact parser, which alone
 * refuses. A type that was guessed from a sample takes no text that would have led to another one: the steps
 * pass on what may be such ("007"), and the guess is asked.
 *
 *   1. Every value is written, those of nulls as zeros.
 *   2. `validity` is made at the first null of a part; bits of later rows are set in advance.
 */
#include "text/csv_column.h"

#include "base/decimal.h"
#include "base/real_text.h"
#include "text/fast_parse.h"

#include <assert.h>

/* A decimal scale that the fast step knows: its fraction fits eight digits. */
#define FAST_SCALE_MAX 8
/* A number of so many bytes has no more digits than a guess takes for a number. */
#define SURE_DIGITS JI_DECIMAL_DIGITS_MAX
/* Of a value in a message. */
#define SHOWN_MAX ((size_t)80)

enum joist_status ji_csv_column_check(const struct ji_field *field, struct joist_error *err)
{
    if (ji_kind_is_nested(field->kind) || field->kind == JI_NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "column '%s': CSV holds plain values; lists, maps and structs are for NDJSON", field->name);
    return JOIST_OK;
}

enum joist_status ji_csv_column_begin(struct ji_csv_column *column, size_t row_count, struct joist_error *err)
{
    const size_t width = ji_field_width(column->field);
    size_t bytes = ji_bitmap_bytes(row_count);
    if (width > 0 && !ji_mul_size(row_count, width, &bytes))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu rows of %zu bytes", row_count, width);
    JI_TRY(ji_buffer_renew(column->mem, &column->values, bytes, err));
    if (column->field->kind == JI_BOOL)
        memset(column->values->data, 0, bytes);
    column->row_count = row_count;
    column->has_nulls = false;
    return JOIST_OK;
}

enum joist_status ji_csv_column_null(struct ji_csv_column *column, size_t row, struct joist_error *err)
{
    if (!column->field->nullable)
        return ji_fail(err, JOIST_ERR_INVALID, "null in a required column");
    if (!column->has_nulls) {
        const size_t bytes = ji_bitmap_bytes(column->row_count);
        JI_TRY(ji_buffer_renew(column->mem, &column->validity, bytes, err));
        memset(column->validity->data, 0xFF, bytes);
        column->has_nulls = true;
    }
    ji_bit_clear(column->validity->data, row);
    const size_t width = ji_field_width(column->field);
    memset(column->values->data + row * width, 0, width);
    return JOIST_OK;
}

static void store(const struct ji_field *field, uint8_t *values, size_t row, const struct ji_value *value)
{
    const size_t width = ji_field_width(field);
    uint8_t *to = values + row * width;
    switch (field->kind) {
    case JI_BOOL:
        if (value->as.boolean)
            ji_bit_set(values, row);
        break;
    case JI_FLOAT:
        memcpy(to, &(float){(float)value->as.real}, sizeof(float));
        break;
    case JI_DOUBLE:
        memcpy(to, &value->as.real, sizeof(double));
        break;
    case JI_DECIMAL:
        if (width == sizeof(int64_t))
            memcpy(to, &(int64_t){(int64_t)value->as.decimal}, sizeof(int64_t));
        else
            memcpy(to, &value->as.decimal, sizeof(ji_int128));
        break;
    case JI_STRING:
    case JI_BINARY:
        memcpy(to, &value->as.view, sizeof(struct ji_view));
        break;
    case JI_FIXED:
    case JI_UUID:
        memcpy(to, value->as.view.data, width);
        break;
    case JI_UINT64:
        memcpy(to, &value->as.unsigned_integer, sizeof(uint64_t));
        break;
    default: {
        /* The low bytes of a two's complement are the narrower number. */
        const int64_t wide = value->as.integer;
        if (width == 1)
            *to = (uint8_t)wide;
        else if (width == 2)
            memcpy(to, &(uint16_t){(uint16_t)wide}, 2);
        else if (width == 4)
            memcpy(to, &(uint32_t){(uint32_t)wide}, 4);
        else
            memcpy(to, &wide, 8);
    }
    }
}

/* --- the exact way, for any kind --- */

/* The text between the quotes of field `at`, doubled ones made single. */
static enum joist_status field_text(const struct ji_csv_fields *fields, size_t at, struct ji_arena *arena,
        struct ji_view *text, struct joist_error *err)
{
    const struct ji_view raw = ji_view_of(fields->text + fields->begin[at], fields->size[at]);
    *text = raw;
    if (!fields->doubled || !fields->quoted[at] || memchr(raw.data, fields->quote, raw.size) == NULL)
        return JOIST_OK;
    uint8_t *out = NULL;
    JI_TRY(ji_arena_alloc(arena, raw.size, &out, err));
    size_t size = 0;
    for (size_t i = 0; i < raw.size; i++) {
        out[size++] = raw.data[i];
        if (raw.data[i] == fields->quote)
            i++;
    }
    *text = ji_view_of(out, size);
    return JOIST_OK;
}

static struct ji_view raw_text(const struct ji_csv_fields *fields, size_t at)
{
    return ji_view_of(fields->text + fields->begin[at], fields->size[at]);
}

static bool guess_fits(const struct ji_csv_column *column, struct ji_view text)
{
    return ji_type_guess_fits(column->guess, column->decimals, column->strict, column->field, text);
}

static __attribute__((noinline)) enum joist_status convert_exact(struct ji_csv_column *column,
        const struct ji_csv_fields *fields, size_t at, size_t row, struct ji_arena *arena,
        struct joist_error *err)
{
    if (fields->size[at] == JI_CSV_NULL)
        return ji_csv_column_null(column, row, err);
    struct ji_view text;
    struct ji_value value = {0};
    JI_TRY(field_text(fields, at, arena, &text, err));
    JI_TRY(ji_value_parse(column->field, text, arena, &value, err));
    if (column->guess != NULL && !guess_fits(column, raw_text(fields, at)))
        return ji_fail(err, JOIST_ERR_INVALID, "'%.*s' would not come back: it reads like a code",
                (int)ji_min_size(text.size, SHOWN_MAX), (const char *)text.data);
    store(column->field, column->values->data, row, &value);
    return JOIST_OK;
}

/* --- the loops --- */

#define EXACT(i) JI_TRY(convert_exact(column, fields, *bad = (i), first + (i), arena, err))

static enum joist_status convert_int64(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    int64_t *out = (int64_t *)(void *)column->values->data + first;
    const bool guessed = column->guess != NULL;
    for (size_t i = 0; i < fields->count; i++) {
        const uint32_t size = fields->size[i];
        const uint8_t *text = fields->text + fields->begin[i];
        /* JI_CSV_NULL + 1 is 0. */
        if (size + 1 <= 1 || (guessed && ji_fast_is_code(text, size)) || !ji_fast_int64(text, size, &out[i]))
            EXACT(i);
    }
    return JOIST_OK;
}

static enum joist_status convert_int32(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    int32_t *out = (int32_t *)(void *)column->values->data + first;
    for (size_t i = 0; i < fields->count; i++) {
        const uint32_t size = fields->size[i];
        int64_t value = 0;
        if (size + 1 <= 1 || size > 9 || !ji_fast_int64(fields->text + fields->begin[i], size, &value))
            EXACT(i);
        else
            out[i] = (int32_t)value;
    }
    return JOIST_OK;
}

static enum joist_status convert_decimal64(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    int64_t *out = (int64_t *)(void *)column->values->data + first;
    const unsigned scale = (unsigned)column->field->scale;
    const uint64_t power = (uint64_t)ji_decimal_power(scale);
    const int64_t limit = (int64_t)ji_decimal_power(column->field->precision);
    const bool guessed = column->guess != NULL;
    for (size_t i = 0; i < fields->count; i++) {
        const uint32_t size = fields->size[i];
        const uint8_t *text = fields->text + fields->begin[i];
        int64_t value = 0;
        if (size + 1 <= 1 || (guessed && ji_fast_is_code(text, size)) ||
                !ji_fast_decimal(text, size, scale, power, &value) || value <= -limit || value >= limit)
            EXACT(i);
        else
            out[i] = value;
    }
    return JOIST_OK;
}

static enum joist_status convert_date(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    int32_t *out = (int32_t *)(void *)column->values->data + first;
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->size[i] != 10 || !ji_fast_date(fields->text + fields->begin[i], &out[i]))
            EXACT(i);
    }
    return JOIST_OK;
}

static enum joist_status convert_timestamp(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    int64_t *out = (int64_t *)(void *)column->values->data + first;
    const bool utc = column->field->utc;
    for (size_t i = 0; i < fields->count; i++) {
        const uint32_t size = fields->size[i];
        if (size + 1 <= 1 || !ji_fast_timestamp(fields->text + fields->begin[i], size, utc, &out[i]))
            EXACT(i);
    }
    return JOIST_OK;
}

/* Digits behind the point, where there are 1 to FAST_SCALE_MAX; else as before. */
static unsigned scale_of(const uint8_t *text, uint32_t size, unsigned before)
{
    for (uint32_t i = 2; i <= FAST_SCALE_MAX + 1 && i <= size; i++) {
        if (text[size - i] == '.')
            return i - 1;
    }
    return before;
}

/*
 * A whole number that a double holds, over a power of ten that it holds too: one division rounds as the exact
 * parser does. Values of a column mostly have as many digits behind the point as the one before.
 */
static inline bool fast_double(
        const uint8_t *text, uint32_t size, unsigned scale, uint64_t power, double *value)
{
    const int64_t limit = INT64_C(1) << 53;
    int64_t whole = 0;
    if (!ji_fast_decimal(text, size, scale, power, &whole) || whole > limit || whole < -limit ||
            (whole == 0 && *text == '-'))
        return false;
    *value = (double)whole / (double)power;
    return true;
}

static enum joist_status convert_double(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    double *out = (double *)(void *)column->values->data + first;
    const bool guessed = column->guess != NULL;
    unsigned scale = 1;
    uint64_t power = 10;
    for (size_t i = 0; i < fields->count; i++) {
        const uint32_t size = fields->size[i];
        const uint8_t *text = fields->text + fields->begin[i];
        if (size + 1 <= 1 ||
                (guessed && (ji_fast_is_code(text, size) || *text == '+' || size > SURE_DIGITS))) {
            EXACT(i);
            continue;
        }
        if (fast_double(text, size, scale, power, &out[i]))
            continue;
        scale = scale_of(text, size, scale);
        power = (uint64_t)ji_decimal_power(scale);
        if (!fast_double(text, size, scale, power, &out[i]) &&
                ji_double_parse((const char *)text, size, &out[i]) != JI_TEXT_OK)
            EXACT(i);
    }
    return JOIST_OK;
}

static enum joist_status convert_string(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    struct ji_view *out = (struct ji_view *)(void *)column->values->data + first;
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->size[i] == JI_CSV_NULL) {
            *bad = i;
            JI_TRY(ji_csv_column_null(column, first + i, err));
        } else if (fields->doubled && fields->quoted[i]) {
            JI_TRY(field_text(fields, i, arena, &out[i], err));
        } else {
            out[i] = ji_view_of(fields->text + fields->begin[i], fields->size[i]);
        }
    }
    return JOIST_OK;
}

/* Strings so far: each text is added to the guess, until one settles it. */
static enum joist_status convert_provisional(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t *bad, struct joist_error *err)
{
    struct ji_field wanted = *column->field;
    for (size_t i = 0; i < fields->count && ji_csv_column_is_open(column); i++) {
        if (fields->size[i] == JI_CSV_NULL)
            continue;
        const struct ji_view text = raw_text(fields, i);
        struct ji_type_guess probe = *column->guess;
        ji_type_guess_add(&probe, text);
        ji_type_guess_field(&probe, column->decimals, &wanted);
        if (wanted.kind != JI_STRING) {
            *bad = i;
            return ji_fail(err, JOIST_ERR_INVALID, "'%.*s' is no mere text, as the sample had it",
                    (int)ji_min_size(text.size, SHOWN_MAX), (const char *)text.data);
        }
        *column->guess = probe;
    }
    return JOIST_OK;
}

static enum joist_status convert_any(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    for (size_t i = 0; i < fields->count; i++)
        EXACT(i);
    return JOIST_OK;
}

/* A decimal in eight bytes whose fraction the fast steps know. */
static bool is_fast_decimal(const struct ji_csv_column *column)
{
    const struct ji_field *field = column->field;
    return !column->strict && field->precision <= JI_DECIMAL_DIGITS_INT64 && field->scale >= 1 &&
            field->scale <= FAST_SCALE_MAX;
}

enum joist_status ji_csv_column_convert(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err)
{
    assert(first + fields->count <= column->row_count);
    const struct ji_field *field = column->field;
    switch (field->kind) {
    case JI_INT64:
        return convert_int64(column, fields, first, arena, bad, err);
    case JI_INT32:
        return convert_int32(column, fields, first, arena, bad, err);
    case JI_DECIMAL:
        if (is_fast_decimal(column))
            return convert_decimal64(column, fields, first, arena, bad, err);
        break;
    case JI_DATE:
        return convert_date(column, fields, first, arena, bad, err);
    case JI_TIMESTAMP:
        if (field->unit == JI_MICRO)
            return convert_timestamp(column, fields, first, arena, bad, err);
        break;
    case JI_DOUBLE:
        return convert_double(column, fields, first, arena, bad, err);
    case JI_STRING:
        if (ji_csv_column_is_open(column))
            JI_TRY(convert_provisional(column, fields, bad, err));
        return convert_string(column, fields, first, arena, bad, err);
    default:
        break;
    }
    return convert_any(column, fields, first, arena, bad, err);
}

bool ji_csv_column_can_run(const struct ji_csv_column *column, const struct ji_csv_lane *lane)
{
    const bool quoted = ji_csv_lane_is_quoted(lane, 0);
    switch (column->field->kind) {
    case JI_INT64:
    case JI_DATE:
        return !quoted;
    case JI_DECIMAL:
        return !quoted && is_fast_decimal(column);
    case JI_STRING:
        return !(quoted && lane->doubled) && !ji_csv_column_is_open(column);
    default:
        return false;
    }
}

size_t ji_csv_column_run(struct ji_csv_column *column, const struct ji_csv_lane_kernels *kernels,
        const struct ji_csv_lane *lane, size_t from, size_t first)
{
    assert(first + lane->count <= column->row_count);
    const struct ji_field *field = column->field;
    void *out = column->values->data + first * ji_field_width(field);
    struct ji_csv_shape shape = {.no_codes = column->guess != NULL};
    switch (field->kind) {
    case JI_INT64:
        return kernels->int64(lane, from, &shape, out);
    case JI_DATE:
        return kernels->date(lane, from, out);
    case JI_DECIMAL:
        shape.scale = (unsigned)field->scale;
        shape.power = (uint64_t)ji_decimal_power(shape.scale);
        shape.limit = (int64_t)ji_decimal_power(field->precision);
        return kernels->decimal(lane, from, &shape, out);
    default:
        assert(field->kind == JI_STRING);
        return ji_csv_lane_views(lane, from, out);
    }
}

struct ji_column ji_csv_column_slice(const struct ji_csv_column *column, size_t first, size_t count)
{
    assert(first % 8 == 0);
    const size_t width = ji_field_width(column->field);
    const size_t skipped = width > 0 ? first * width : first / 8;
    return (struct ji_column){
            .field = column->field,
            .form = JI_FLAT,
            .row_count = count,
            .validity = column->has_nulls ? column->validity->data + first / 8 : NULL,
            .values = column->values->data + skipped,
            .values_buffer = first == 0 ? column->values : NULL,
            .validity_buffer = first == 0 && column->has_nulls ? column->validity : NULL,
    };
}

void ji_csv_column_clear(struct ji_csv_column *column)
{
    ji_buffer_release(column->values);
    ji_buffer_release(column->validity);
    column->values = NULL;
    column->validity = NULL;
}
