/*
 * row_key.c - the values of a row as bytes: equal rows, equal bytes
 *
 * Encoded column by column: first the lengths of all rows, then the bytes, each row with its own cursor. The
 * loops over fixed-width values have no branch but for nulls.
 */
#include "scan/row_key.h"

#include <math.h>

/* A batch's keys are counted with 32 bits. */
#define KEYS_BYTES_MAX UINT32_MAX

enum joist_status ji_row_key_check(const struct ji_field *field, struct joist_error *err)
{
    if (!ji_kind_is_nested(field->kind))
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "grouping by a list, map or struct");
}

static size_t value_bytes(const struct ji_field *field)
{
    if (field->kind == JI_NULL)
        return 0;
    if (field->kind == JI_BOOL)
        return 1;
    return ji_kind_is_view(field->kind) ? sizeof(uint32_t) : ji_field_width(field);
}

/* The values themselves, behind a dictionary's codes where there are some. */
static const struct ji_column *values_of(const struct ji_column *column)
{
    return column->form == JI_DICTIONARY ? column->dictionary : column;
}

/* The row of values_of() that row `row` of the column stands for. */
static inline size_t value_row(const struct ji_column *column, size_t row)
{
    if (column->form == JI_FLAT)
        return row;
    return column->form == JI_CONSTANT ? 0 : (size_t)((const int32_t *)column->values)[row];
}

static enum joist_status make_room(struct ji_row_keys *keys, size_t count, struct joist_error *err)
{
    if (count <= keys->row_room)
        return JOIST_OK;
    const size_t old_bytes = keys->row_room * sizeof *keys->ends;
    uint32_t *ends = NULL;
    uint32_t *cursors = NULL;
    JI_TRY(ji_alloc_array(keys->mem, count, sizeof *ends, &ends, err));
    const enum joist_status status = ji_alloc_array(keys->mem, count, sizeof *cursors, &cursors, err);
    if (status != JOIST_OK) {
        ji_free(keys->mem, ends, count * sizeof *ends);
        return status;
    }
    ji_free(keys->mem, keys->ends, old_bytes);
    ji_free(keys->mem, keys->cursors, old_bytes);
    keys->ends = ends;
    keys->cursors = cursors;
    keys->row_room = count;
    return JOIST_OK;
}

static void add_view_bytes(
        const struct ji_column *column, const uint32_t *rows, size_t count, uint64_t *total, uint32_t *sizes)
{
    const struct ji_view *views = values_of(column)->values;
    for (size_t index = 0; index < count; index++) {
        const size_t row = rows == NULL ? index : rows[index];
        if (ji_column_is_null(column, row))
            continue;
        const size_t size = views[value_row(column, row)].size;
        *total += size;
        sizes[index] += (uint32_t)size;
    }
}

/* Sets `ends`, and `cursors` to the starts. */
static enum joist_status lay_out(struct ji_row_keys *keys, size_t lead_bytes, const struct ji_column *columns,
        size_t column_count, const uint32_t *rows, struct joist_error *err)
{
    size_t fixed = lead_bytes;
    for (size_t column = 0; column < column_count; column++)
        fixed += 1 + value_bytes(columns[column].field);
    uint64_t total = (uint64_t)fixed * keys->count;
    if (total > KEYS_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "keys of one batch exceed 4 GiB");
    for (size_t index = 0; index < keys->count; index++)
        keys->ends[index] = (uint32_t)fixed;
    for (size_t column = 0; column < column_count; column++) {
        if (ji_kind_is_view(columns[column].field->kind))
            add_view_bytes(&columns[column], rows, keys->count, &total, keys->ends);
        if (total > KEYS_BYTES_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "keys of one batch exceed 4 GiB");
    }
    uint32_t at = 0;
    for (size_t index = 0; index < keys->count; index++) {
        keys->cursors[index] = at;
        at += keys->ends[index];
        keys->ends[index] = at;
    }
    if (at <= keys->bytes_room)
        return JOIST_OK;
    const size_t room = ji_max_size(at, 2 * keys->bytes_room);
    uint8_t *bytes = NULL;
    JI_TRY(ji_alloc(keys->mem, room, &bytes, err));
    ji_free(keys->mem, keys->bytes, keys->bytes_room);
    keys->bytes = bytes;
    keys->bytes_room = room;
    return JOIST_OK;
}

static inline void put_real(uint8_t *to, double real)
{
    if (isnan(real))
        real = (double)NAN;
    if (real == 0)
        real = 0;
    memcpy(to, &real, sizeof real);
}

static inline void put_float(uint8_t *to, float real)
{
    if (isnan(real))
        real = NAN;
    if (real == 0)
        real = 0;
    memcpy(to, &real, sizeof real);
}

/* One value that is not null. */
static inline void put_value(
        const struct ji_field *field, const void *values, size_t row, size_t width, uint8_t *to, size_t *size)
{
    *size = width;
    if (field->kind == JI_BOOL) {
        *to = ji_bit_get(values, row);
    } else if (field->kind == JI_DOUBLE) {
        put_real(to, ((const double *)values)[row]);
    } else if (field->kind == JI_FLOAT) {
        put_float(to, ((const float *)values)[row]);
    } else if (ji_kind_is_view(field->kind)) {
        const struct ji_view view = ((const struct ji_view *)values)[row];
        const uint32_t bytes = (uint32_t)view.size;
        memcpy(to, &bytes, sizeof bytes);
        if (bytes > 0)
            memcpy(to + sizeof bytes, view.data, bytes);
        *size = sizeof bytes + bytes;
    } else if (width > 0) {
        memcpy(to, (const uint8_t *)values + row * width, width);
    }
}

static void put_column(struct ji_row_keys *keys, const struct ji_column *column, const uint32_t *rows)
{
    const void *values = values_of(column)->values;
    const size_t width = value_bytes(column->field);
    for (size_t index = 0; index < keys->count; index++) {
        const size_t row = rows == NULL ? index : rows[index];
        uint8_t *to = keys->bytes + keys->cursors[index];
        size_t size = width;
        *to = !ji_column_is_null(column, row);
        if (*to)
            put_value(column->field, values, value_row(column, row), width, to + 1, &size);
        else
            memset(to + 1, 0, width);
        keys->cursors[index] += (uint32_t)(1 + size);
    }
}

/* The common key of eight bytes, flat and without nulls. */
static void put_column_8(struct ji_row_keys *keys, const uint64_t *values, const uint32_t *rows)
{
    for (size_t index = 0; index < keys->count; index++) {
        uint8_t *to = keys->bytes + keys->cursors[index];
        *to = 1;
        memcpy(to + 1, &values[rows == NULL ? index : rows[index]], 8);
        keys->cursors[index] += 9;
    }
}

enum joist_status ji_row_keys_encode(struct ji_row_keys *keys, const uint32_t *lead,
        const struct ji_column *columns, size_t column_count, const uint32_t *rows, size_t count,
        struct joist_error *err)
{
    JI_TRY(make_room(keys, count, err));
    keys->count = count;
    JI_TRY(lay_out(keys, lead == NULL ? 0 : sizeof *lead, columns, column_count, rows, err));
    if (lead != NULL) {
        for (size_t index = 0; index < count; index++) {
            memcpy(keys->bytes + keys->cursors[index], &lead[index], sizeof *lead);
            keys->cursors[index] += (uint32_t)sizeof *lead;
        }
    }
    for (size_t column = 0; column < column_count; column++) {
        const struct ji_column *from = &columns[column];
        const bool plain = from->form == JI_FLAT && from->validity == NULL && from->field->kind != JI_DOUBLE;
        if (plain && value_bytes(from->field) == 8)
            put_column_8(keys, from->values, rows);
        else
            put_column(keys, from, rows);
    }
    return JOIST_OK;
}

void ji_row_keys_clear(struct ji_row_keys *keys)
{
    ji_free(keys->mem, keys->bytes, keys->bytes_room);
    ji_free(keys->mem, keys->ends, keys->row_room * sizeof *keys->ends);
    ji_free(keys->mem, keys->cursors, keys->row_room * sizeof *keys->cursors);
    *keys = (struct ji_row_keys){.mem = keys->mem};
}

/* The value through a column of one row, so that there is one place that knows the layouts. */
void ji_row_key_read(const struct ji_field *field, const uint8_t **key, struct ji_value *value)
{
    const uint8_t *at = *key;
    const bool valid = *at++ != 0;
    const size_t width = value_bytes(field);
    *value = (struct ji_value){.is_null = !valid};
    if (ji_kind_is_view(field->kind)) {
        uint32_t bytes = 0;
        memcpy(&bytes, at, sizeof bytes);
        at += sizeof bytes;
        if (valid)
            value->as.view = ji_view_of(at, bytes);
        at += bytes;
    } else if (valid && ji_kind_is_fixed(field->kind)) {
        value->as.view = ji_view_of(at, width);
        at += width;
    } else {
        _Alignas(16) uint8_t slot[16] = {0};
        memcpy(slot, at, width);
        const struct ji_column one = {.field = field, .form = JI_FLAT, .row_count = 1, .values = slot};
        if (valid)
            *value = ji_column_value(&one, 0);
        at += width;
    }
    *key = at;
}

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    const ji_uint128 product = (ji_uint128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Folded multiplication, eight bytes at a time; the odd constants are digits of pi. */
uint64_t ji_row_key_hash(const uint8_t *key, size_t bytes)
{
    const uint64_t first = 0x243f6a8885a308d3u;
    const uint64_t second = 0x13198a2e03707345u;
    uint64_t hash = mix(bytes ^ first, second);
    while (bytes >= 8) {
        uint64_t word = 0;
        memcpy(&word, key, 8);
        hash = mix(hash ^ word, second);
        key += 8;
        bytes -= 8;
    }
    uint64_t rest = 0;
    if (bytes > 0)
        memcpy(&rest, key, bytes);
    return mix(hash ^ rest ^ first, second);
}
