/*
 * column_builder.c - columns that grow a value at a time
 *
 *     values    [v][v][v] ...      views: {offset into heap, size} until finish
 *     heap      [bytes of all strings, one behind the other]
 *     validity  empty until the first null
 *
 *   1. row_count rows have all their bytes in every array; the children of a STRUCT have at least as
 *      many rows, a LIST's at least offsets[row_count].
 *   2. Room is reserved before anything is written: a failed append changed nothing.
 */
#include "arrow/column_builder.h"

#include "arrow/pick.h"

#include <assert.h>

static bool is_list(const struct ji_column_builder *builder)
{
    return builder->field->kind == JI_LIST || builder->field->kind == JI_MAP;
}

static enum joist_status init_builder(struct ji_column_builder *builder, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err)
{
    *builder = (struct ji_column_builder){.field = field, .mem = mem, .width = ji_field_width(field)};
    ji_bytes_init(&builder->values, mem);
    ji_bytes_init(&builder->validity, mem);
    ji_bytes_init(&builder->offsets, mem);
    ji_bytes_init(&builder->heap, mem);
    if (is_list(builder)) {
        const int32_t zero = 0;
        JI_TRY(ji_bytes_append(&builder->offsets, &zero, sizeof zero, err));
    }
    if (field->child_count == 0)
        return JOIST_OK;
    JI_TRY(ji_alloc_zero(mem, field->child_count, sizeof *builder->children, &builder->children, err));
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(init_builder(&builder->children[i], mem, &field->children[i], err));
    return JOIST_OK;
}

enum joist_status ji_column_builder_init(struct ji_column_builder *builder, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err)
{
    struct ji_column_builder made;
    const enum joist_status status = init_builder(&made, mem, field, err);
    if (status == JOIST_OK)
        *builder = made;
    else
        ji_column_builder_clear(&made);
    return status;
}

void ji_column_builder_clear(struct ji_column_builder *builder)
{
    if (builder->field == NULL)
        return;
    ji_bytes_clear(&builder->values);
    ji_bytes_clear(&builder->validity);
    ji_bytes_clear(&builder->offsets);
    ji_bytes_clear(&builder->heap);
    if (builder->children != NULL) {
        for (size_t i = 0; i < builder->field->child_count; i++)
            ji_column_builder_clear(&builder->children[i]);
        ji_free(builder->mem, builder->children, builder->field->child_count * sizeof *builder->children);
    }
    *builder = (struct ji_column_builder){.row_count = 0};
}

void ji_column_builder_borrow(struct ji_column_builder *builder)
{
    assert(builder->row_count == 0);
    builder->borrows = true;
    for (size_t i = 0; i < builder->field->child_count; i++)
        ji_column_builder_borrow(&builder->children[i]);
}

void ji_column_builder_reset(struct ji_column_builder *builder)
{
    builder->row_count = 0;
    builder->null_count = 0;
    builder->resolved = false;
    builder->values.size = 0;
    builder->validity.size = 0;
    builder->heap.size = 0;
    if (is_list(builder))
        builder->offsets.size = sizeof(int32_t);
    for (size_t i = 0; i < builder->field->child_count; i++)
        ji_column_builder_reset(&builder->children[i]);
}

/* Views point into the heap, or hold offsets into it again. */
static void resolve(struct ji_column_builder *builder, bool resolved)
{
    if (!ji_kind_is_view(builder->field->kind) || builder->borrows || builder->resolved == resolved)
        return;
    struct ji_view *views = (struct ji_view *)(void *)builder->values.data;
    for (size_t i = 0; i < builder->row_count; i++) {
        if (resolved)
            views[i].data = views[i].size == 0 ? NULL : builder->heap.data + (uintptr_t)views[i].data;
        else if (views[i].size > 0)
            views[i].data = (const uint8_t *)(uintptr_t)(views[i].data - builder->heap.data);
    }
    builder->resolved = resolved;
}

/* Room for one more bit; the first null makes bits for all rows before it. */
static enum joist_status reserve_validity(
        struct ji_column_builder *builder, bool valid, struct joist_error *err)
{
    struct ji_bytes *bits = &builder->validity;
    const size_t rows = builder->row_count;
    if (bits->size == 0 && (valid || rows == 0))
        return valid ? JOIST_OK : ji_bytes_reserve(bits, 1, err);
    if (bits->size > 0)
        return rows % 8 == 0 ? ji_bytes_reserve(bits, 1, err) : JOIST_OK;
    return ji_bytes_reserve(bits, ji_bitmap_bytes(rows + 1), err);
}

/* Counts the row; its values are written already. */
static void end_row(struct ji_column_builder *builder, bool valid)
{
    struct ji_bytes *bits = &builder->validity;
    const size_t row = builder->row_count++;
    if (valid && bits->size == 0)
        return;
    if (bits->size == 0 && row > 0) {
        bits->size = ji_bitmap_bytes(row);
        memset(bits->data, 0xff, bits->size);
        if (row % 8 != 0)
            bits->data[bits->size - 1] = (uint8_t)((1u << (row % 8)) - 1);
    }
    if (row % 8 == 0)
        bits->data[bits->size++] = 0;
    if (valid)
        ji_bit_set(bits->data, row);
    else
        builder->null_count++;
}

static enum joist_status reserve_value(
        struct ji_column_builder *builder, size_t heap_bytes, struct joist_error *err)
{
    if (builder->resolved)
        resolve(builder, false);
    if (heap_bytes > 0)
        JI_TRY(ji_bytes_reserve(&builder->heap, heap_bytes, err));
    if (builder->field->kind == JI_BOOL)
        return builder->row_count % 8 == 0 ? ji_bytes_reserve(&builder->values, 1, err) : JOIST_OK;
    return ji_bytes_reserve(&builder->values, builder->width, err);
}

/* Zeros for one row, whose room is reserved. */
static void put_zero(struct ji_column_builder *builder)
{
    if (builder->field->kind == JI_BOOL) {
        if (builder->row_count % 8 == 0)
            builder->values.data[builder->values.size++] = 0;
        return;
    }
    if (builder->width == 0)
        return;
    memset(builder->values.data + builder->values.size, 0, builder->width);
    builder->values.size += builder->width;
}

static enum joist_status put_offset(struct ji_column_builder *builder, size_t end, struct joist_error *err)
{
    if (end > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "lists of more than %d elements in one batch", INT32_MAX);
    const int32_t offset = (int32_t)end;
    return ji_bytes_append(&builder->offsets, &offset, sizeof offset, err);
}

static size_t last_offset(const struct ji_column_builder *builder)
{
    return (size_t)((const int32_t *)(const void *)builder->offsets.data)[builder->row_count];
}

/* A row without a value of its own: null, or a zero beneath a parent that is null. */
static enum joist_status append_blank(struct ji_column_builder *builder, bool valid, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(reserve_validity(builder, valid, err));
    JI_TRY_OUT(reserve_value(builder, 0, err));
    if (builder->field->kind == JI_STRUCT) {
        for (size_t i = 0; i < builder->field->child_count; i++)
            JI_TRY_OUT(append_blank(&builder->children[i], true, err));
    } else if (is_list(builder)) {
        JI_TRY_OUT(put_offset(builder, last_offset(builder), err));
    }
    put_zero(builder);
    end_row(builder, valid);
out:
    if (status != JOIST_OK)
        ji_column_builder_truncate(builder, builder->row_count);
    return status;
}

enum joist_status ji_column_builder_null(struct ji_column_builder *builder, struct joist_error *err)
{
    return append_blank(builder, false, err);
}

static void put_bool(struct ji_column_builder *builder, bool value)
{
    put_zero(builder);
    if (value)
        ji_bit_set(builder->values.data, builder->row_count);
}

static void put_view(struct ji_column_builder *builder, struct ji_view from)
{
    struct ji_view view = from;
    if (!builder->borrows) {
        view.data = (const uint8_t *)(uintptr_t)builder->heap.size;
        if (from.size > 0)
            memcpy(builder->heap.data + builder->heap.size, from.data, from.size);
        builder->heap.size += from.size;
    }
    memcpy(builder->values.data + builder->values.size, &view, sizeof view);
    builder->values.size += sizeof view;
}

static void put_real(struct ji_column_builder *builder, double value)
{
    uint8_t *to = builder->values.data + builder->values.size;
    const float narrow = (float)value;
    if (builder->field->kind == JI_FLOAT)
        memcpy(to, &narrow, sizeof narrow);
    else
        memcpy(to, &value, sizeof value);
    builder->values.size += builder->width;
}

static void put_integer(struct ji_column_builder *builder, uint64_t value)
{
    uint8_t *to = builder->values.data + builder->values.size;
    const uint8_t one = (uint8_t)value;
    const uint16_t two = (uint16_t)value;
    const uint32_t four = (uint32_t)value;
    switch (builder->width) {
    case 1:
        *to = one;
        break;
    case 2:
        memcpy(to, &two, sizeof two);
        break;
    case 4:
        memcpy(to, &four, sizeof four);
        break;
    default:
        memcpy(to, &value, sizeof value);
        break;
    }
    builder->values.size += builder->width;
}

static void put_decimal(struct ji_column_builder *builder, ji_int128 value)
{
    if (builder->width == sizeof(int64_t)) {
        put_integer(builder, (uint64_t)value);
        return;
    }
    memcpy(builder->values.data + builder->values.size, &value, sizeof value);
    builder->values.size += sizeof value;
}

enum joist_status ji_column_builder_value(
        struct ji_column_builder *builder, const struct ji_value *value, struct joist_error *err)
{
    const enum ji_kind kind = builder->field->kind;
    assert(!ji_kind_is_nested(kind));
    if (value->is_null || kind == JI_NULL)
        return append_blank(builder, false, err);
    if (kind == JI_FLOAT16)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "building float16 columns");
    JI_TRY(reserve_validity(builder, true, err));
    const bool copies = ji_kind_is_view(kind) && !builder->borrows;
    JI_TRY(reserve_value(builder, copies ? value->as.view.size : 0, err));
    switch (kind) {
    case JI_BOOL:
        put_bool(builder, value->as.boolean);
        break;
    case JI_FLOAT:
    case JI_DOUBLE:
        put_real(builder, value->as.real);
        break;
    case JI_DECIMAL:
        put_decimal(builder, value->as.decimal);
        break;
    case JI_STRING:
    case JI_BINARY:
        put_view(builder, value->as.view);
        break;
    case JI_FIXED:
    case JI_UUID:
    case JI_WIDE_DECIMAL:
    case JI_INTERVAL:
        assert(value->as.view.size == builder->width);
        memcpy(builder->values.data + builder->values.size, value->as.view.data, builder->width);
        builder->values.size += builder->width;
        break;
    default:
        put_integer(builder, kind == JI_UINT64 ? value->as.unsigned_integer : (uint64_t)value->as.integer);
        break;
    }
    end_row(builder, true);
    return JOIST_OK;
}

enum joist_status ji_column_builder_put_slow(
        struct ji_column_builder *builder, const void *value, struct joist_error *err)
{
    assert(builder->width > 0 && (builder->borrows || !ji_kind_is_view(builder->field->kind)));
    JI_TRY(reserve_validity(builder, true, err));
    JI_TRY(reserve_value(builder, 0, err));
    memcpy(builder->values.data + builder->values.size, value, builder->width);
    builder->values.size += builder->width;
    end_row(builder, true);
    return JOIST_OK;
}

enum joist_status ji_column_builder_nested(struct ji_column_builder *builder, struct joist_error *err)
{
    assert(ji_kind_is_nested(builder->field->kind));
    JI_TRY(reserve_validity(builder, true, err));
    if (is_list(builder))
        JI_TRY(put_offset(builder, builder->children[0].row_count, err));
    end_row(builder, true);
    return JOIST_OK;
}

static enum joist_status append_nested(struct ji_column_builder *builder, const struct ji_column *column,
        size_t row, struct joist_error *err)
{
    if (!is_list(builder)) {
        for (size_t i = 0; i < builder->field->child_count; i++)
            JI_TRY(ji_column_builder_row(&builder->children[i], &column->children[i], row, err));
        return ji_column_builder_nested(builder, err);
    }
    for (int32_t at = column->offsets[row]; at < column->offsets[row + 1]; at++)
        JI_TRY(ji_column_builder_row(&builder->children[0], &column->children[0], (size_t)at, err));
    return ji_column_builder_nested(builder, err);
}

enum joist_status ji_column_builder_row(struct ji_column_builder *builder, const struct ji_column *column,
        size_t row, struct joist_error *err)
{
    const enum ji_kind kind = builder->field->kind;
    if (ji_column_is_null(column, row))
        return ji_column_builder_null(builder, err);
    if (column->form == JI_DICTIONARY) {
        row = (size_t)((const int32_t *)column->values)[row];
        column = column->dictionary;
    } else if (column->form == JI_CONSTANT) {
        row = 0;
    }
    if (ji_kind_is_nested(kind)) {
        const size_t before = builder->row_count;
        const enum joist_status status = append_nested(builder, column, row, err);
        if (status != JOIST_OK)
            ji_column_builder_truncate(builder, before);
        return status;
    }
    if (builder->width > 0 && !ji_kind_is_view(kind))
        return ji_column_builder_put_slow(
                builder, (const uint8_t *)column->values + row * builder->width, err);
    const struct ji_value value = ji_column_value(column, row);
    return ji_column_builder_value(builder, &value, err);
}

void ji_column_builder_truncate(struct ji_column_builder *builder, size_t row_count)
{
    if (builder->resolved)
        resolve(builder, false);
    const size_t rows = ji_min_size(row_count, builder->row_count);
    const enum ji_kind kind = builder->field->kind;
    if (ji_kind_is_view(kind) && !builder->borrows && rows < builder->row_count) {
        const struct ji_view *views = (const struct ji_view *)(const void *)builder->values.data;
        for (size_t i = rows; i < builder->row_count; i++)
            builder->heap.size -= views[i].size;
    }
    builder->row_count = rows;
    builder->values.size = kind == JI_BOOL ? ji_bitmap_bytes(rows) : rows * builder->width;
    if (kind == JI_BOOL && rows % 8 != 0)
        builder->values.data[rows / 8] &= (uint8_t)((1u << (rows % 8)) - 1);
    if (builder->validity.size > 0) {
        builder->validity.size = ji_bitmap_bytes(rows);
        if (rows % 8 != 0)
            builder->validity.data[rows / 8] &= (uint8_t)((1u << (rows % 8)) - 1);
        builder->null_count = rows - ji_bits_count(builder->validity.data, 0, rows);
    }
    if (is_list(builder)) {
        builder->offsets.size = (rows + 1) * sizeof(int32_t);
        ji_column_builder_truncate(&builder->children[0], last_offset(builder));
        return;
    }
    for (size_t i = 0; i < builder->field->child_count; i++)
        ji_column_builder_truncate(&builder->children[i], rows);
}

enum joist_status ji_column_builder_finish(struct ji_column_builder *builder, struct ji_arena *arena,
        struct ji_column *column, struct joist_error *err)
{
    const size_t count = builder->field->child_count;
    struct ji_column *children = NULL;
    if (count > 0) {
        JI_TRY(ji_arena_array(arena, count, sizeof *children, &children, err));
        for (size_t i = 0; i < count; i++)
            JI_TRY(ji_column_builder_finish(&builder->children[i], arena, &children[i], err));
    }
    resolve(builder, true);
    *column = (struct ji_column){.field = builder->field,
            .row_count = builder->row_count,
            .validity = builder->null_count == 0 ? NULL : builder->validity.data,
            .values = builder->values.data,
            .offsets = is_list(builder) ? (const int32_t *)(const void *)builder->offsets.data : NULL,
            .children = children};
    return JOIST_OK;
}
