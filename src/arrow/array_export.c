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

#include "arrow/export_home.h"

#include <assert.h>

/* Nobody reads an empty buffer, but some readers want a pointer. */
#define BUFFER_BYTES_MIN 8

struct exporter {
    struct joist_ctx *ctx;
    struct ji_arena *scratch;
    struct ji_export_home *home;
    struct joist_error *err;
};

static void release_array(struct ArrowArray *array)
{
    struct ji_export_home *home = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
    }
    array->release = NULL;
    ji_export_home_release(home);
}

static void adopt(struct ji_export_home *home, struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++)
        adopt(home, array->children[i]);
    ji_export_home_retain(home);
    array->private_data = home;
    array->release = release_array;
}

static enum joist_status alloc(struct exporter *exporter, size_t bytes, void *out)
{
    return ji_export_home_alloc(exporter->home, ji_max_size(bytes, BUFFER_BYTES_MIN), out, exporter->err);
}

static enum joist_status want_buffers(struct exporter *exporter, size_t count, struct ArrowArray *array)
{
    array->n_buffers = (int64_t)count;
    return ji_arena_array(
            &exporter->home->arena, count, sizeof *array->buffers, &array->buffers, exporter->err);
}

/* Takes a reference instead of a copy; false where the rules of batch.h want a copy. */
static enum joist_status share(struct exporter *exporter, struct ji_buffer *buffer, const void *data,
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

static enum joist_status export_validity(struct exporter *exporter, const struct ji_column *column,
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
    JI_TRY(alloc(exporter, bytes, &bits));
    array->null_count = (int64_t)ji_pick_validity(pick, column, bits);
    array->buffers[0] = array->null_count == 0 ? NULL : bits;
    return JOIST_OK;
}

static enum joist_status export_fixed(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    const size_t width = ji_field_width(flat->field);
    void *values;
    if (pick->rows == NULL && pick->start == 0) {
        JI_TRY(share(exporter, flat->values_buffer, flat->values, pick->count * width, &array->buffers[1]));
        if (array->buffers[1] != NULL)
            return JOIST_OK;
    }
    JI_TRY(alloc(exporter, pick->count * width, &values));
    ji_pick_fixed(pick, flat->values, width, values);
    array->buffers[1] = values;
    return JOIST_OK;
}

static enum joist_status export_bits(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    uint8_t *bits;
    JI_TRY(alloc(exporter, ji_bitmap_bytes(pick->count), &bits));
    ji_pick_bits(pick, flat->values, bits);
    array->buffers[1] = bits;
    return JOIST_OK;
}

static enum joist_status export_decimals(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    if (flat->field->precision > JI_DECIMAL_DIGITS_INT64)
        return export_fixed(exporter, flat, pick, array);
    const int64_t *from = flat->values;
    ji_int128 *to;
    JI_TRY(alloc(exporter, pick->count * sizeof *to, &to));
    if (pick->rows == NULL) {
        from += pick->start;
        for (size_t i = 0; i < pick->count; i++)
            to[i] = from[i];
    } else {
        for (size_t i = 0; i < pick->count; i++)
            to[i] = from[pick->rows[i]];
    }
    array->buffers[1] = to;
    return JOIST_OK;
}

/* Seconds and milliseconds of a day are int32 in Arrow. */
static enum joist_status export_times(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    if (flat->field->unit > JI_MILLI)
        return export_fixed(exporter, flat, pick, array);
    const int64_t *from = flat->values;
    int32_t *to;
    JI_TRY(alloc(exporter, pick->count * sizeof *to, &to));
    for (size_t i = 0; i < pick->count; i++)
        to[i] = (int32_t)from[ji_pick_row(pick, i)];
    array->buffers[1] = to;
    return JOIST_OK;
}

/* Offsets first, then the bytes of all picked strings packed. */
static enum joist_status export_views(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    const struct ji_view *views = flat->values;
    const uint8_t *bits = array->buffers[0];
    int32_t *offsets;
    uint8_t *data;
    JI_TRY(alloc(exporter, (pick->count + 1) * sizeof *offsets, &offsets));
    uint64_t total = 0;
    offsets[0] = 0;
    for (size_t i = 0; i < pick->count; i++) {
        if (bits == NULL || ji_bit_get(bits, i))
            total += views[ji_pick_row(pick, i)].size;
        if (total > INT32_MAX)
            return ji_fail(exporter->err, JOIST_ERR_LIMIT,
                    "column '%.200s': strings of more than %d bytes in one batch", flat->field->name,
                    INT32_MAX);
        offsets[i + 1] = (int32_t)total;
    }
    JI_TRY(alloc(exporter, (size_t)total, &data));
    for (size_t i = 0; i < pick->count; i++) {
        const size_t size = (size_t)(offsets[i + 1] - offsets[i]);
        if (size > 0)
            memcpy(data + offsets[i], views[ji_pick_row(pick, i)].data, size);
    }
    array->buffers[1] = offsets;
    array->buffers[2] = data;
    return JOIST_OK;
}

static enum joist_status export_column(struct exporter *exporter, const struct ji_column *column,
        const struct ji_pick *wanted, struct ArrowArray *array);

static enum joist_status export_children(struct exporter *exporter, const struct ji_column *columns,
        size_t count, const struct ji_pick *pick, struct ArrowArray *array)
{
    struct ArrowArray *children;
    struct ji_arena *arena = &exporter->home->arena;
    JI_TRY(ji_arena_array(arena, count, sizeof *children, &children, exporter->err));
    JI_TRY(ji_arena_array(arena, count, sizeof *array->children, &array->children, exporter->err));
    for (size_t i = 0; i < count; i++) {
        array->children[i] = &children[i];
        JI_TRY(export_column(exporter, &columns[i], pick, &children[i]));
    }
    array->n_children = (int64_t)count;
    return JOIST_OK;
}

static enum joist_status export_list(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    struct ji_pick child;
    int32_t *offsets;
    JI_TRY(alloc(exporter, (pick->count + 1) * sizeof *offsets, &offsets));
    JI_TRY(ji_pick_list(exporter->scratch, flat, pick, array->buffers[0], offsets, &child, exporter->err));
    array->buffers[1] = offsets;
    return export_children(exporter, flat->children, 1, &child, array);
}

static enum joist_status export_values(struct exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    switch (flat->field->kind) {
    case JI_BOOL:
        return export_bits(exporter, flat, pick, array);
    case JI_DECIMAL:
        return export_decimals(exporter, flat, pick, array);
    case JI_TIME:
        return export_times(exporter, flat, pick, array);
    case JI_STRING:
    case JI_BINARY:
        return export_views(exporter, flat, pick, array);
    case JI_LIST:
    case JI_MAP:
        return export_list(exporter, flat, pick, array);
    case JI_STRUCT:
        return export_children(exporter, flat->children, flat->field->child_count, pick, array);
    default:
        return export_fixed(exporter, flat, pick, array);
    }
}

static enum joist_status export_column(struct exporter *exporter, const struct ji_column *column,
        const struct ji_pick *wanted, struct ArrowArray *array)
{
    const enum ji_kind kind = column->field->kind;
    struct ji_pick pick = *wanted;
    *array = (struct ArrowArray){.length = (int64_t)pick.count};
    if (kind == JI_NULL) {
        array->null_count = array->length;
        return JOIST_OK;
    }
    const size_t buffers = ji_kind_is_view(kind) ? 3 : kind == JI_STRUCT ? 1 : 2;
    JI_TRY(want_buffers(exporter, buffers, array));
    JI_TRY(export_validity(exporter, column, &pick, array));
    JI_TRY(ji_pick_resolve(exporter->scratch, &column, &pick, exporter->err));
    return export_values(exporter, column, &pick, array);
}

enum joist_status ji_array_export(struct joist_ctx *ctx, struct ji_arena *scratch,
        const struct ji_batch *batch, const struct ji_pick *pick, struct ArrowArray *out,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct exporter exporter = {.ctx = ctx, .scratch = scratch, .err = err};
    struct ArrowArray made = {.length = (int64_t)pick->count};
    JI_TRY(ji_export_home_open(ji_ctx_exported(ctx), ctx, &exporter.home, err));
    JI_TRY_OUT(want_buffers(&exporter, 1, &made));
    JI_TRY_OUT(export_children(&exporter, batch->columns, batch->column_count, pick, &made));
    adopt(exporter.home, &made);
    *out = made;
out:
    ji_export_home_release(exporter.home);
    return status;
}
