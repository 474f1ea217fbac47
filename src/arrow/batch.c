/*
 * batch.c - flat copies of columns and batches
 *
 * All three (flat, gather, flat batch) are picks. Fields nest at most JI_SCHEMA_DEPTH_MAX deep, and so does
 * the recursion.
 */
#include "arrow/batch.h"

#include "arrow/pick.h"

#include <assert.h>

static enum joist_status gather(struct ji_arena *arena, const struct ji_column *column,
        const struct ji_pick *wanted, struct ji_column *picked, struct joist_error *err);

static enum joist_status gather_validity(struct ji_arena *arena, const struct ji_column *column,
        const struct ji_pick *pick, const uint8_t **validity, struct joist_error *err)
{
    uint8_t *bits;
    *validity = NULL;
    if (column->validity == NULL || pick->count == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_alloc(arena, ji_bitmap_bytes(pick->count), &bits, err));
    if (ji_pick_validity(pick, column, bits) > 0)
        *validity = bits;
    return JOIST_OK;
}

static enum joist_status gather_children(struct ji_arena *arena, const struct ji_column *flat,
        const struct ji_pick *pick, struct ji_column *picked, struct joist_error *err)
{
    const size_t count = flat->field->child_count;
    JI_TRY(ji_arena_array(arena, count, sizeof *picked->children, &picked->children, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(gather(arena, &flat->children[i], pick, &picked->children[i], err));
    return JOIST_OK;
}

static enum joist_status gather_list(struct ji_arena *arena, const struct ji_column *flat,
        const struct ji_pick *pick, struct ji_column *picked, struct joist_error *err)
{
    struct ji_pick child;
    int32_t *offsets;
    JI_TRY(ji_arena_alloc(arena, (pick->count + 1) * sizeof *offsets, &offsets, err));
    JI_TRY(ji_pick_list(arena, flat, pick, picked->validity, offsets, &child, err));
    picked->offsets = offsets;
    return gather_children(arena, flat, &child, picked, err);
}

static enum joist_status gather_values(struct ji_arena *arena, const struct ji_column *flat,
        const struct ji_pick *pick, struct ji_column *picked, struct joist_error *err)
{
    const size_t width = ji_field_width(flat->field);
    void *values;
    switch (flat->field->kind) {
    case JI_NULL:
        return JOIST_OK;
    case JI_BOOL:
        JI_TRY(ji_arena_alloc(arena, ji_bitmap_bytes(pick->count), &values, err));
        ji_pick_bits(pick, flat->values, values);
        break;
    case JI_LIST:
    case JI_MAP:
        return gather_list(arena, flat, pick, picked, err);
    case JI_STRUCT:
        return gather_children(arena, flat, pick, picked, err);
    default:
        JI_TRY(ji_arena_alloc(arena, pick->count * width, &values, err));
        ji_pick_fixed(pick, flat->values, width, values);
        break;
    }
    picked->values = values;
    picked->heap = flat->heap;
    return JOIST_OK;
}

static enum joist_status gather(struct ji_arena *arena, const struct ji_column *column,
        const struct ji_pick *wanted, struct ji_column *picked, struct joist_error *err)
{
    struct ji_pick pick = *wanted;
    const struct ji_column *flat = column;
    *picked = (struct ji_column){.field = column->field, .row_count = pick.count};
    JI_TRY(gather_validity(arena, column, &pick, &picked->validity, err));
    JI_TRY(ji_pick_resolve(arena, &flat, &pick, err));
    return gather_values(arena, flat, &pick, picked, err);
}

enum joist_status ji_column_gather(struct ji_arena *arena, const struct ji_column *column,
        const uint32_t *rows, size_t count, struct ji_column *picked, struct joist_error *err)
{
    const uint32_t none = 0;
    const struct ji_pick pick = {.rows = count == 0 ? &none : rows, .count = count};
    struct ji_column made;
    JI_TRY(gather(arena, column, &pick, &made, err));
    *picked = made;
    return JOIST_OK;
}

static enum joist_status flatten(struct ji_arena *arena, const struct ji_column *column,
        struct ji_column *flat, struct joist_error *err)
{
    if (column->form != JI_FLAT) {
        const struct ji_pick all = {.count = column->row_count};
        return gather(arena, column, &all, flat, err);
    }
    *flat = *column;
    const size_t count = column->field->child_count;
    if (count == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, count, sizeof *flat->children, &flat->children, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(flatten(arena, &column->children[i], &flat->children[i], err));
    return JOIST_OK;
}

enum joist_status ji_column_flat(struct ji_arena *arena, const struct ji_column *column,
        struct ji_column *flat, struct joist_error *err)
{
    struct ji_column made;
    JI_TRY(flatten(arena, column, &made, err));
    *flat = made;
    return JOIST_OK;
}

enum joist_status ji_batch_flat(
        struct ji_arena *arena, const struct ji_batch *batch, struct ji_batch *flat, struct joist_error *err)
{
    struct ji_column *columns;
    JI_TRY(ji_arena_array(arena, batch->column_count, sizeof *columns, &columns, err));
    const struct ji_pick pick = {.rows = batch->selection, .count = batch->selection_count};
    for (size_t i = 0; i < batch->column_count; i++) {
        if (batch->selection != NULL)
            JI_TRY(gather(arena, &batch->columns[i], &pick, &columns[i], err));
        else
            JI_TRY(flatten(arena, &batch->columns[i], &columns[i], err));
    }
    *flat = (struct ji_batch){.row_count = batch->selection_count,
            .selection_count = batch->selection_count,
            .column_count = batch->column_count,
            .columns = columns};
    return JOIST_OK;
}

size_t ji_batch_bytes(const struct ji_batch *batch)
{
    const struct ji_pick pick = {.rows = batch->selection, .count = batch->selection_count};
    size_t bytes = 0;
    for (size_t i = 0; i < batch->column_count; i++)
        bytes += ji_pick_bytes(&pick, &batch->columns[i]);
    return bytes;
}
