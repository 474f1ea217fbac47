/*
 * column_slice.c - a run of rows of a column, and columns that are null all through
 *
 * Values are sliced by moving a pointer. Only bitmaps stand in the way: the contract of a column says that
 * bit 0 is row 0, so a start inside a byte costs a shifted copy.
 */
#include "arrow/column_slice.h"

#include <assert.h>

static enum joist_status slice_bits(struct ji_arena *arena, const uint8_t *bits, size_t start, size_t count,
        const uint8_t **out, struct joist_error *err)
{
    if (bits == NULL || start % 8 == 0) {
        *out = bits == NULL ? NULL : bits + start / 8;
        return JOIST_OK;
    }
    uint8_t *copy = NULL;
    const size_t bytes = ji_bitmap_bytes(count);
    JI_TRY(ji_arena_alloc(arena, bytes, &copy, err));
    const uint8_t *from = bits + start / 8;
    const size_t from_bytes = ji_bitmap_bytes(start % 8 + count);
    const unsigned shift = (unsigned)(start % 8);
    for (size_t index = 0; index < bytes; index++) {
        const unsigned low = from[index];
        const unsigned high = index + 1 < from_bytes ? from[index + 1] : 0;
        copy[index] = (uint8_t)((low | high << 8) >> shift);
    }
    *out = copy;
    return JOIST_OK;
}

/* The depth of children is the schema's, at most JI_SCHEMA_DEPTH_MAX. */
static enum joist_status slice_children(struct ji_arena *arena, const struct ji_column *from, size_t start,
        size_t count, struct ji_column *to, struct joist_error *err)
{
    struct ji_column *children = NULL;
    JI_TRY(ji_arena_array(arena, from->field->child_count, sizeof *children, &children, err));
    for (size_t index = 0; index < from->field->child_count; index++)
        JI_TRY(ji_column_slice(arena, &from->children[index], start, count, &children[index], err));
    to->children = children;
    return JOIST_OK;
}

enum joist_status ji_column_slice(struct ji_arena *arena, const struct ji_column *from, size_t start,
        size_t count, struct ji_column *to, struct joist_error *err)
{
    assert(to != from);
    assert(start + count <= from->row_count || from->form == JI_CONSTANT);
    struct ji_column part = *from;
    part.row_count = count;
    if (from->form == JI_CONSTANT || start == 0) {
        if (from->field->kind == JI_STRUCT && from->form == JI_FLAT)
            JI_TRY(slice_children(arena, from, start, count, &part, err));
        *to = part;
        return JOIST_OK;
    }
    part.values_buffer = NULL;
    part.validity_buffer = NULL;
    JI_TRY(slice_bits(arena, from->validity, start, count, &part.validity, err));
    if (from->form == JI_DICTIONARY) {
        part.values = (const int32_t *)from->values + start;
    } else if (from->field->kind == JI_BOOL) {
        const uint8_t *bits = NULL;
        JI_TRY(slice_bits(arena, from->values, start, count, &bits, err));
        part.values = bits;
    } else if (from->field->kind == JI_STRUCT) {
        JI_TRY(slice_children(arena, from, start, count, &part, err));
    } else if (from->offsets != NULL) {
        part.offsets = from->offsets + start;
    } else if (from->values != NULL) {
        part.values = (const uint8_t *)from->values + start * ji_field_width(from->field);
    }
    *to = part;
    return JOIST_OK;
}

enum joist_status ji_column_nulls(struct ji_arena *arena, const struct ji_field *field, size_t rows,
        struct ji_column *to, struct joist_error *err)
{
    struct ji_column column = {.field = field, .form = JI_FLAT, .row_count = rows};
    uint8_t *validity = NULL;
    JI_TRY(ji_arena_array(arena, ji_bitmap_bytes(rows) + 1, 1, &validity, err));
    column.validity = validity;
    if (field->kind == JI_BOOL) {
        column.values = validity;
    } else if (field->kind == JI_LIST || field->kind == JI_MAP) {
        int32_t *offsets = NULL;
        JI_TRY(ji_arena_array(arena, rows + 1, sizeof *offsets, &offsets, err));
        column.offsets = offsets;
    } else if (field->kind != JI_STRUCT && field->kind != JI_NULL) {
        uint8_t *values = NULL;
        JI_TRY(ji_arena_array(arena, rows + 1, ji_field_width(field), &values, err));
        column.values = values;
    }
    if (field->child_count > 0) {
        JI_TRY(ji_arena_array(arena, field->child_count, sizeof *column.children, &column.children, err));
        const size_t child_rows = field->kind == JI_STRUCT ? rows : 0;
        for (size_t index = 0; index < field->child_count; index++)
            JI_TRY(ji_column_nulls(arena, &field->children[index], child_rows, &column.children[index], err));
    }
    *to = column;
    return JOIST_OK;
}

void ji_value_store(const struct ji_field *field, const struct ji_value *value, void *to)
{
    switch (field->kind) {
    case JI_BOOL:
        *(uint8_t *)to = value->as.boolean;
        break;
    case JI_UINT64:
        memcpy(to, &value->as.unsigned_integer, 8);
        break;
    case JI_FLOAT: {
        const float real = (float)value->as.real;
        memcpy(to, &real, sizeof real);
        break;
    }
    case JI_DOUBLE:
        memcpy(to, &value->as.real, 8);
        break;
    case JI_DECIMAL:
        if (field->precision <= JI_DECIMAL_DIGITS_INT64) {
            const int64_t small = (int64_t)value->as.decimal;
            memcpy(to, &small, 8);
        } else {
            memcpy(to, &value->as.decimal, 16);
        }
        break;
    case JI_STRING:
    case JI_BINARY:
        memcpy(to, &value->as.view, sizeof value->as.view);
        break;
    case JI_FIXED:
    case JI_UUID:
    case JI_WIDE_DECIMAL:
    case JI_INTERVAL:
        memcpy(to, value->as.view.data, field->fixed_bytes);
        break;
    default: {
        /* Integers, dates and times: the low bytes of the 64, whatever the host's order. */
        const int64_t wide = value->as.integer;
        const int32_t four = (int32_t)wide;
        const int16_t two = (int16_t)wide;
        const int8_t one = (int8_t)wide;
        const size_t width = ji_field_width(field);
        memcpy(to,
                width == 8           ? (const void *)&wide
                        : width == 4 ? (const void *)&four
                        : width == 2 ? (const void *)&two
                                     : (const void *)&one,
                width);
        break;
    }
    }
}

enum joist_status ji_column_constant_new(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_value *value, size_t rows, struct ji_column *to, struct joist_error *err)
{
    assert(!ji_kind_is_nested(field->kind));
    uint8_t *slot = NULL;
    JI_TRY(ji_arena_array(arena, ji_max_size(ji_field_width(field), 16) + 16, 1, &slot, err));
    struct ji_column column = {.field = field, .form = JI_CONSTANT, .row_count = rows, .values = slot};
    if (value->is_null)
        column.validity = slot + ji_max_size(ji_field_width(field), 16);
    else
        ji_value_store(field, value, slot);
    *to = column;
    return JOIST_OK;
}
