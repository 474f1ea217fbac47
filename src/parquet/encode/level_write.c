/*
 * level_write.c - definition and repetition levels from columns
 *
 *     rows      0     1     2                  list<int>: [7, null], null, []
 *     list      0  0  .     .                  an entry for each element; dead ones (.) keep their levels
 *     leaf      0  1  .     .       rows 0 of the child for entry 0, nothing for entry 1
 *     def       3  2  0     1
 *     rep       0  1  0     0
 *
 * The path from the column to the leaf is walked a step at a time over all entries at once, so that depth
 * costs a pass and not a recursion. Between steps an entry is a row of the column that has been reached, or
 * DEAD: null or empty further up, its levels final.
 */
#include "parquet/encode/level_write.h"

#define DEAD UINT32_MAX

void ji_level_room_init(struct ji_level_room *room, struct ji_mem *mem)
{
    for (unsigned i = 0; i < 2; i++) {
        ji_bytes_init(&room->defs[i], mem);
        ji_bytes_init(&room->reps[i], mem);
        ji_bytes_init(&room->rows[i], mem);
    }
}

void ji_level_room_clear(struct ji_level_room *room)
{
    for (unsigned i = 0; i < 2; i++) {
        ji_bytes_clear(&room->defs[i]);
        ji_bytes_clear(&room->reps[i]);
        ji_bytes_clear(&room->rows[i]);
    }
}

/* One side of the room: the entries as they are, or as they will be. */
struct entries {
    size_t count;
    uint8_t *defs;
    uint8_t *reps;
    uint32_t *rows;
};

static enum joist_status entries_get(struct ji_level_room *room, unsigned side, size_t count,
        struct entries *entries, struct joist_error *err)
{
    room->defs[side].size = room->reps[side].size = room->rows[side].size = 0;
    size_t rows_bytes = 0;
    if (!ji_mul_size(count, sizeof(uint32_t), &rows_bytes))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu entries of a nested column at once", count);
    JI_TRY(ji_bytes_reserve(&room->defs[side], count, err));
    JI_TRY(ji_bytes_reserve(&room->reps[side], count, err));
    JI_TRY(ji_bytes_reserve(&room->rows[side], rows_bytes, err));
    entries->count = count;
    entries->defs = room->defs[side].data;
    entries->reps = room->reps[side].data;
    entries->rows = (uint32_t *)(void *)room->rows[side].data;
    return JOIST_OK;
}

/* Nulls of this step end their entries; the others rise to the shape's level. */
static enum joist_status mark_nulls(const struct ji_shape *shape, const struct ji_column *column,
        const struct entries *entries, struct joist_error *err)
{
    if (!shape->field->nullable && column->validity == NULL)
        return JOIST_OK;
    for (size_t i = 0; i < entries->count; i++) {
        if (entries->rows[i] == DEAD)
            continue;
        if (!ji_column_is_null(column, entries->rows[i]))
            entries->defs[i] = shape->def_present;
        else if (!shape->field->nullable)
            return ji_fail(err, JOIST_ERR_INVALID, "null in required '%s'", shape->field->name);
        else
            entries->rows[i] = DEAD;
    }
    return JOIST_OK;
}

static enum joist_status expanded_count(
        const int32_t *offsets, const struct entries *entries, size_t *count, struct joist_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const uint32_t row = entries->rows[i];
        const size_t elements = row == DEAD ? 0 : (size_t)(offsets[row + 1] - offsets[row]);
        total += ji_max_size(elements, 1);
    }
    if (total >= DEAD)
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu entries of a nested column at once", total);
    *count = total;
    return JOIST_OK;
}

/* A list's or map's entries become those of its elements. */
static void expand(const struct ji_shape *shape, const int32_t *offsets, const struct entries *from,
        const struct entries *to)
{
    size_t at = 0;
    for (size_t i = 0; i < from->count; i++) {
        const uint32_t row = from->rows[i];
        const uint32_t begin = row == DEAD ? 0 : (uint32_t)offsets[row];
        const uint32_t end = row == DEAD ? 0 : (uint32_t)offsets[row + 1];
        to->defs[at] = begin == end ? from->defs[i] : shape->def_repeated;
        to->reps[at] = from->reps[i];
        to->rows[at] = begin == end ? DEAD : begin;
        at++;
        for (uint32_t element = begin + 1; element < end; element++, at++) {
            to->defs[at] = shape->def_repeated;
            to->reps[at] = shape->rep_level;
            to->rows[at] = element;
        }
    }
}

/* Which child of the shape leads to the leaf. */
static size_t child_towards(const struct ji_shape *shape, size_t leaf)
{
    for (size_t i = 0; i < shape->field->child_count; i++) {
        const struct ji_shape *child = &shape->children[i];
        if (leaf - child->leaf_start < child->leaf_count)
            return i;
    }
    return 0;
}

static size_t leaf_index(const struct ji_leaf *leaf)
{
    return leaf->shape->leaf_start;
}

static size_t compact(const struct entries *entries)
{
    size_t count = 0;
    for (size_t i = 0; i < entries->count; i++) {
        entries->rows[count] = entries->rows[i];
        count += entries->rows[i] != DEAD;
    }
    return count;
}

enum joist_status ji_levels_make(struct ji_level_room *room, const struct ji_shape *shape,
        const struct ji_leaf *leaf, const struct ji_level_part *part, struct ji_levels *out,
        struct joist_error *err)
{
    const struct ji_column *column = part->column;
    unsigned side = 0;
    struct entries entries;
    JI_TRY(entries_get(room, side, part->count, &entries, err));
    for (size_t i = 0; i < part->count; i++)
        entries.rows[i] = (uint32_t)(part->start + i);
    memset(entries.defs, 0, part->count);
    memset(entries.reps, 0, part->count);

    for (;;) {
        JI_TRY(mark_nulls(shape, column, &entries, err));
        if (!ji_kind_is_nested(shape->field->kind))
            break;
        if (shape->field->kind != JI_STRUCT) {
            size_t expanded = 0;
            struct entries next;
            JI_TRY(expanded_count(column->offsets, &entries, &expanded, err));
            side = 1 - side;
            JI_TRY(entries_get(room, side, expanded, &next, err));
            expand(shape, column->offsets, &entries, &next);
            entries = next;
        }
        const size_t child = child_towards(shape, leaf_index(leaf));
        shape = &shape->children[child];
        column = &column->children[child];
    }
    *out = (struct ji_levels){.count = entries.count,
            .defs = entries.defs,
            .reps = entries.reps,
            .column = column,
            .rows = entries.rows,
            .row_count = compact(&entries)};
    return JOIST_OK;
}
