/*
 * array_export.c - makes ArrowArrays that outlive everything they came from
 *
 *     column --validity--> bits      --resolve--> flat column + pick --values--> buffers of the home
 *
 *   1. A buffer is shared where it is the whole of what is wanted, at most half of it would lie idle, and
 *      it belongs to a pool that the context keeps or can be moved to one; else its bytes are copied, packed.
 *   2. Nodes get their `release` last: until then the home alone owns what was made.
 */
#include "arrow/array_export.h"

#include "arrow/column_slice.h"
#include "arrow/exporter.h"

#include <assert.h>

/* Nobody reads an empty buffer, but some readers want a pointer. */
#define BUFFER_BYTES_MIN 8
#define DAY_MS 86400000

static void release_array(struct ArrowArray *array)
{
    struct ji_export_home *home = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
    }
    if (array->dictionary != NULL && array->dictionary->release != NULL)
        array->dictionary->release(array->dictionary);
    array->release = NULL;
    ji_export_home_release(home);
}

static void adopt(struct ji_export_home *home, struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++)
        adopt(home, array->children[i]);
    if (array->dictionary != NULL)
        adopt(home, array->dictionary);
    ji_export_home_retain(home);
    array->private_data = home;
    array->release = release_array;
}

enum joist_status ji_exporter_alloc(struct ji_exporter *exporter, size_t bytes, void *out)
{
    return ji_export_home_alloc(exporter->home, ji_max_size(bytes, BUFFER_BYTES_MIN), out, exporter->err);
}

enum joist_status ji_exporter_buffers(struct ji_exporter *exporter, size_t count, struct ArrowArray *array)
{
    const void **buffers;
    JI_TRY(ji_arena_array(&exporter->home->arena, count, sizeof *buffers, &buffers, exporter->err));
    for (int64_t i = 0; i < array->n_buffers; i++)
        buffers[i] = array->buffers[i];
    array->n_buffers = (int64_t)count;
    array->buffers = buffers;
    return JOIST_OK;
}

/* Takes a reference instead of a copy; false where the rules of batch.h want a copy. */
static enum joist_status share(struct ji_exporter *exporter, struct ji_buffer *buffer, const void *data,
        size_t bytes, const void **shared)
{
    *shared = NULL;
    if (buffer == NULL || buffer->data != data || buffer->capacity / 2 > bytes)
        return JOIST_OK;
    if (buffer->mem != ji_ctx_exported(exporter->ctx) && buffer->mem != ji_ctx_mem(exporter->ctx)) {
        if (ji_buffer_shared(buffer))
            return JOIST_OK;
        ji_buffer_move(buffer, ji_ctx_exported(exporter->ctx));
    }
    JI_TRY(ji_export_home_keep(exporter->home, ji_buffer_retain(buffer), exporter->err));
    *shared = data;
    return JOIST_OK;
}

static enum joist_status export_validity(struct ji_exporter *exporter, const struct ji_column *column,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    const size_t bytes = ji_bitmap_bytes(pick->count);
    if (column->validity == NULL || pick->count == 0)
        return JOIST_OK;
    uint8_t *bits;
    if (column->form != JI_CONSTANT && pick->rows == NULL && pick->start == 0) {
        const size_t valid = ji_bits_count(column->validity, 0, pick->count);
        array->null_count = (int64_t)(pick->count - valid);
        if (array->null_count == 0)
            return JOIST_OK;
        JI_TRY(share(exporter, column->validity_buffer, column->validity, bytes, &array->buffers[0]));
        if (array->buffers[0] != NULL)
            return JOIST_OK;
    }
    JI_TRY(ji_exporter_alloc(exporter, bytes, &bits));
    array->null_count = (int64_t)ji_pick_validity(pick, column, bits);
    array->buffers[0] = array->null_count == 0 ? NULL : bits;
    return JOIST_OK;
}

enum joist_status ji_export_width(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, size_t width, struct ArrowArray *array)
{
    void *values;
    if (pick->rows == NULL && pick->start == 0) {
        JI_TRY(share(exporter, flat->values_buffer, flat->values, pick->count * width, &array->buffers[1]));
        if (array->buffers[1] != NULL)
            return JOIST_OK;
    }
    JI_TRY(ji_exporter_alloc(exporter, pick->count * width, &values));
    ji_pick_fixed(pick, flat->values, width, values);
    array->buffers[1] = values;
    return JOIST_OK;
}

static enum joist_status export_fixed(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    return ji_export_width(exporter, flat, pick, ji_field_width(flat->field), array);
}

static enum joist_status export_bits(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    uint8_t *bits;
    JI_TRY(ji_exporter_alloc(exporter, ji_bitmap_bytes(pick->count), &bits));
    ji_pick_bits(pick, flat->values, bits);
    array->buffers[1] = bits;
    return JOIST_OK;
}

/* Whatever the width of a decimal here and there; a file's values fit their precision, and so the bits. */
static void put_decimals(const struct ji_column *flat, const struct ji_pick *pick, unsigned bits, uint8_t *to)
{
    const bool is_small = flat->field->precision <= JI_DECIMAL_DIGITS_INT64;
    const int64_t *small = flat->values;
    const ji_int128 *large = flat->values;
    for (size_t i = 0; i < pick->count; i++) {
        const size_t row = ji_pick_row(pick, i);
        const ji_int128 value = is_small ? (ji_int128)small[row] : large[row];
        const int64_t eight = (int64_t)value;
        const int32_t four = (int32_t)value;
        if (bits == 128)
            memcpy(to + i * 16, &value, 16);
        else if (bits == 64)
            memcpy(to + i * 8, &eight, 8);
        else if (bits == 32)
            memcpy(to + i * 4, &four, 4);
        else
            ji_wide_decimal_from_int128(value, to + i * JI_WIDE_DECIMAL_BYTES);
    }
}

static enum joist_status export_decimals(struct ji_exporter *exporter, unsigned bits,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array)
{
    const bool is_small = flat->field->precision <= JI_DECIMAL_DIGITS_INT64;
    uint8_t *to;
    if (flat->is_laid_out) {
        assert(bits == 128);
        return ji_export_width(exporter, flat, pick, sizeof(ji_int128), array);
    }
    if (bits == (is_small ? 64 : 128))
        return export_fixed(exporter, flat, pick, array);
    JI_TRY(ji_exporter_alloc(exporter, pick->count * (bits / 8), &to));
    array->buffers[1] = to;
    if (bits != 128 || pick->rows != NULL) {
        put_decimals(flat, pick, bits, to);
        return JOIST_OK;
    }
    const int64_t *from = (const int64_t *)flat->values + pick->start;
    ji_int128 *wide = (ji_int128 *)(void *)to;
    for (size_t i = 0; i < pick->count; i++)
        wide[i] = from[i];
    return JOIST_OK;
}

/* Seconds and milliseconds of a day are int32 in Arrow. */
static enum joist_status export_times(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    if (flat->field->unit > JI_MILLI)
        return export_fixed(exporter, flat, pick, array);
    if (flat->is_laid_out)
        return ji_export_width(exporter, flat, pick, sizeof(int32_t), array);
    const int64_t *from = flat->values;
    int32_t *to;
    JI_TRY(ji_exporter_alloc(exporter, pick->count * sizeof *to, &to));
    for (size_t i = 0; i < pick->count; i++)
        to[i] = (int32_t)from[ji_pick_row(pick, i)];
    array->buffers[1] = to;
    return JOIST_OK;
}

static enum joist_status export_dates(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    const int32_t *from = flat->values;
    int64_t *to;
    JI_TRY(ji_exporter_alloc(exporter, pick->count * sizeof *to, &to));
    for (size_t i = 0; i < pick->count; i++)
        to[i] = from[ji_pick_row(pick, i)] * (int64_t)DAY_MS;
    array->buffers[1] = to;
    return JOIST_OK;
}

/* `shape` NULL: plain. */
static enum joist_status export_children(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *columns, size_t count, const struct ji_pick *pick, struct ArrowArray *array)
{
    struct ArrowArray *children;
    struct ji_arena *arena = &exporter->home->arena;
    JI_TRY(ji_arena_array(arena, count, sizeof *children, &children, exporter->err));
    JI_TRY(ji_arena_array(arena, count, sizeof *array->children, &array->children, exporter->err));
    for (size_t i = 0; i < count; i++) {
        const struct ji_array_shape *own = shape == NULL ? NULL : &shape->children[i];
        array->children[i] = &children[i];
        JI_TRY(ji_export_column(exporter, own, &columns[i], pick, &children[i]));
    }
    array->n_children = (int64_t)count;
    return JOIST_OK;
}

static enum joist_status export_list(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array)
{
    struct ji_pick child;
    int32_t *offsets;
    int64_t *wide;
    const bool is_wide = shape != NULL && shape->layout == JI_LAYOUT_LIST64;
    const size_t bytes = (pick->count + 1) * sizeof *offsets;
    if (is_wide)
        JI_TRY(ji_arena_alloc(exporter->scratch, bytes, &offsets, exporter->err));
    else
        JI_TRY(ji_exporter_alloc(exporter, bytes, &offsets));
    JI_TRY(ji_pick_list(exporter->scratch, flat, pick, array->buffers[0], offsets, &child, exporter->err));
    array->buffers[1] = offsets;
    if (is_wide) {
        JI_TRY(ji_exporter_alloc(exporter, (pick->count + 1) * sizeof *wide, &wide));
        for (size_t i = 0; i <= pick->count; i++)
            wide[i] = offsets[i];
        array->buffers[1] = wide;
    }
    return export_children(exporter, shape, flat->children, 1, &child, array);
}

/* Views of lists that lie one behind another: where each begins, and how long it is. */
static enum joist_status export_list_views(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array)
{
    const bool is_wide = shape->layout == JI_LAYOUT_LIST_VIEW64;
    const size_t width = is_wide ? sizeof(int64_t) : sizeof(int32_t);
    struct ji_pick child;
    int32_t *offsets;
    JI_TRY(ji_arena_array(exporter->scratch, pick->count + 1, sizeof *offsets, &offsets, exporter->err));
    JI_TRY(ji_pick_list(exporter->scratch, flat, pick, array->buffers[0], offsets, &child, exporter->err));
    for (int part = 0; part < 2; part++) {
        uint8_t *to;
        JI_TRY(ji_exporter_alloc(exporter, pick->count * width, &to));
        array->buffers[1 + part] = to;
        for (size_t i = 0; i < pick->count; i++) {
            const int32_t number = part == 0 ? offsets[i] : offsets[i + 1] - offsets[i];
            if (is_wide)
                ((int64_t *)(void *)to)[i] = number;
            else
                ((int32_t *)(void *)to)[i] = number;
        }
    }
    return export_children(exporter, shape, flat->children, 1, &child, array);
}

/* Lists of one length: no offsets, and the elements of a null list are there too. */
static enum joist_status export_fixed_list(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array)
{
    const size_t size = (size_t)shape->list_size;
    const uint8_t *bits = array->buffers[0];
    struct ji_column nulls;
    const struct ji_column *child = &flat->children[0];
    uint32_t *rows;
    size_t count;
    if (!ji_mul_size(pick->count, size, &count) || count > UINT32_MAX)
        return ji_fail(exporter->err, JOIST_ERR_LIMIT, "lists of %zu elements each", size);
    JI_TRY(ji_arena_array(exporter->scratch, count, sizeof *rows, &rows, exporter->err));
    for (size_t i = 0; i < pick->count; i++) {
        const size_t row = ji_pick_row(pick, i);
        if (bits != NULL && !ji_bit_get(bits, i))
            continue;
        if ((size_t)(flat->offsets[row + 1] - flat->offsets[row]) != size)
            return ji_fail(exporter->err, JOIST_ERR_CORRUPT,
                    "column '%.200s': a list of %" PRId32 " elements where its Arrow schema says %zu",
                    flat->field->name, flat->offsets[row + 1] - flat->offsets[row], size);
        for (size_t k = 0; k < size; k++)
            rows[i * size + k] = (uint32_t)flat->offsets[row] + (uint32_t)k;
    }
    const struct ji_pick all = {.rows = rows, .count = count};
    if (child->row_count == 0 && count > 0) {
        JI_TRY(ji_column_nulls(exporter->scratch, child->field, 1, &nulls, exporter->err));
        child = &nulls;
    }
    return export_children(exporter, shape, child, 1, &all, array);
}

static enum joist_status export_values(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array)
{
    const enum ji_layout layout = shape == NULL ? ji_layout_plain(flat->field) : shape->layout;
    switch (layout) {
    case JI_LAYOUT_BITS:
        return export_bits(exporter, flat, pick, array);
    case JI_LAYOUT_DECIMAL:
        return export_decimals(exporter, shape == NULL ? 128 : shape->bits, flat, pick, array);
    case JI_LAYOUT_DATE64:
        return export_dates(exporter, flat, pick, array);
    case JI_LAYOUT_TIME32:
        return export_times(exporter, flat, pick, array);
    case JI_LAYOUT_OFFSETS32:
    case JI_LAYOUT_OFFSETS64:
    case JI_LAYOUT_VIEWS:
        return ji_export_text(exporter, layout, flat, pick, array);
    case JI_LAYOUT_LIST32:
    case JI_LAYOUT_LIST64:
        return export_list(exporter, shape, flat, pick, array);
    case JI_LAYOUT_LIST_VIEW32:
    case JI_LAYOUT_LIST_VIEW64:
        return export_list_views(exporter, shape, flat, pick, array);
    case JI_LAYOUT_LIST_FIXED:
        return export_fixed_list(exporter, shape, flat, pick, array);
    case JI_LAYOUT_STRUCT:
        return export_children(exporter, shape, flat->children, flat->field->child_count, pick, array);
    default:
        return export_fixed(exporter, flat, pick, array);
    }
}

/* Strings get theirs when they are laid out. */
static size_t buffer_count(enum ji_kind kind, const struct ji_array_shape *shape)
{
    const enum ji_layout layout = shape != NULL ? shape->layout : JI_LAYOUT_SAME;
    if (shape != NULL && shape->is_dictionary)
        return 2;
    if (kind == JI_STRUCT || layout == JI_LAYOUT_LIST_FIXED)
        return 1;
    return layout == JI_LAYOUT_LIST_VIEW32 || layout == JI_LAYOUT_LIST_VIEW64 ? 3 : 2;
}

enum joist_status ji_export_column(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *column, const struct ji_pick *wanted, struct ArrowArray *array)
{
    const enum ji_kind kind = column->field->kind;
    struct ji_pick pick = *wanted;
    *array = (struct ArrowArray){.length = (int64_t)pick.count};
    if (kind == JI_NULL && (shape == NULL || !shape->is_dictionary)) {
        array->null_count = array->length;
        return JOIST_OK;
    }
    JI_TRY(ji_exporter_buffers(exporter, buffer_count(kind, shape), array));
    JI_TRY(export_validity(exporter, column, &pick, array));
    if (shape != NULL && shape->is_dictionary)
        return ji_export_dictionary(exporter, shape, column, &pick, array);
    JI_TRY(ji_pick_resolve(exporter->scratch, &column, &pick, exporter->err));
    return export_values(exporter, shape, column, &pick, array);
}

enum joist_status ji_array_export(struct joist_ctx *ctx, struct ji_arena *scratch,
        const struct ji_array_shape *shape, const struct ji_batch *batch, const struct ji_pick *pick,
        struct ArrowArray *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_exporter exporter = {.ctx = ctx, .scratch = scratch, .err = err};
    struct ArrowArray made = {.length = (int64_t)pick->count};
    JI_TRY(ji_export_home_open(ji_ctx_exported(ctx), ctx, &exporter.home, err));
    JI_TRY_OUT(ji_exporter_buffers(&exporter, 1, &made));
    JI_TRY_OUT(export_children(&exporter, shape, batch->columns, batch->column_count, pick, &made));
    adopt(exporter.home, &made);
    *out = made;
out:
    ji_export_home_release(exporter.home);
    return status;
}

enum joist_status ji_column_export(struct joist_ctx *ctx, struct ji_arena *scratch,
        const struct ji_array_shape *shape, const struct ji_column *column, const struct ji_pick *pick,
        struct ArrowArray *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_exporter exporter = {.ctx = ctx, .scratch = scratch, .err = err};
    struct ArrowArray made;
    JI_TRY(ji_export_home_open(ji_ctx_exported(ctx), ctx, &exporter.home, err));
    JI_TRY_OUT(ji_export_column(&exporter, shape, column, pick, &made));
    adopt(exporter.home, &made);
    *out = made;
out:
    ji_export_home_release(exporter.home);
    return status;
}

enum joist_status ji_array_of_columns(struct joist_ctx *ctx, size_t rows, struct ArrowArray *columns,
        size_t count, struct ArrowArray *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_exporter exporter = {.ctx = ctx, .err = err};
    struct ArrowArray made = {.length = (int64_t)rows, .n_children = (int64_t)count};
    struct ArrowArray *children = NULL;
    JI_TRY(ji_export_home_open(ji_ctx_exported(ctx), ctx, &exporter.home, err));
    JI_TRY_OUT(ji_exporter_buffers(&exporter, 1, &made));
    JI_TRY_OUT(ji_arena_array(&exporter.home->arena, count, sizeof *children, &children, err));
    JI_TRY_OUT(ji_arena_array(&exporter.home->arena, count, sizeof *made.children, &made.children, err));
    for (size_t i = 0; i < count; i++) {
        children[i] = columns[i];
        made.children[i] = &children[i];
        columns[i].release = NULL;
    }
    ji_export_home_retain(exporter.home);
    made.private_data = exporter.home;
    made.release = release_array;
    *out = made;
out:
    ji_export_home_release(exporter.home);
    return status;
}

/* The same nodes once more, over the same buffers, none of them adopted yet. */
static enum joist_status copy_nodes(struct ji_export_home *home, const struct ArrowArray *from,
        struct ArrowArray *to, struct joist_error *err)
{
    const size_t count = (size_t)from->n_children;
    struct ArrowArray *children = NULL;
    struct ArrowArray made = *from;
    made.release = NULL;
    JI_TRY(ji_arena_array(&home->arena, count, sizeof *children, &children, err));
    JI_TRY(ji_arena_array(&home->arena, count, sizeof *made.children, &made.children, err));
    for (size_t i = 0; i < count; i++) {
        made.children[i] = &children[i];
        JI_TRY(copy_nodes(home, from->children[i], &children[i], err));
    }
    if (from->dictionary != NULL) {
        JI_TRY(ji_arena_array(&home->arena, 1, sizeof *made.dictionary, &made.dictionary, err));
        JI_TRY(copy_nodes(home, from->dictionary, made.dictionary, err));
    }
    *to = made;
    return JOIST_OK;
}

enum joist_status ji_array_cut(
        struct ArrowArray *array, size_t rows, struct ArrowArray *head, struct joist_error *err)
{
    assert(array->release == release_array && rows < (size_t)array->length);
    struct ArrowArray made;
    JI_TRY(copy_nodes(array->private_data, array, &made, err));
    adopt(array->private_data, &made);
    made.length = (int64_t)rows;
    array->length -= (int64_t)rows;
    array->offset += (int64_t)rows;
    if (array->null_count > 0)
        array->null_count = made.null_count = -1;
    *head = made;
    return JOIST_OK;
}
