/*
 * assemble.c - validity of structs, validity and offsets of lists, from levels at any depth
 *
 *     list<int> present 1, repeated 2, rep_level 1
 *     rows: [7, null], null, [], [5]       entry:   rep def    slot?  valid?  element?
 *                                          7         0   3      x      1        x
 *                                          null      1   2                      x
 *                                          null      0   0      x      0
 *                                          []        0   1      x      1
 *                                          5         0   3      x      1        x
 *     offsets 0 2 2 2 3
 *
 *   1. Any leaf below a shape tells the shape's slots; the first one is asked, the others are held against
 *      it by their counts.
 *   2. The element of a list is there where def >= def_repeated and rep <= rep_level: deeper entries
 *      belong to an element that has begun.
 *   3. Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep.
 *   4. A VARIANT group is put together as the struct that the file has, which then becomes what callers see.
 */
#include "parquet/decode/assemble.h"

#include "kernel/bitmap.h"

static enum joist_status init_node(struct ji_assembly *node, struct ji_arena *arena,
        const struct ji_shape *shape, uint8_t slot_def, uint8_t slot_rep, struct joist_error *err)
{
    *node = (struct ji_assembly){.shape = shape, .slot_def = slot_def, .slot_rep = slot_rep};
    if (!ji_kind_is_nested(shape->field->kind))
        return JOIST_OK;
    if (shape->variant != NULL) {
        JI_TRY(ji_arena_array(arena, 1, sizeof *node->variant, &node->variant, err));
        JI_TRY(ji_variant_assembly_init(node->variant, arena, arena->mem, shape->variant, err));
    }
    if (shape->field->kind != JI_STRUCT) {
        slot_def = shape->def_repeated;
        slot_rep = shape->rep_level;
    }
    const size_t count = shape->field->child_count;
    JI_TRY(ji_arena_array(arena, count, sizeof node->children[0], &node->children, err));
    JI_TRY(ji_arena_array(arena, count, sizeof node->child_columns[0], &node->child_columns, err));
    for (size_t step = 0; step < count; step++)
        JI_TRY(init_node(&node->children[step], arena, &shape->children[step], slot_def, slot_rep, err));
    return JOIST_OK;
}

enum joist_status ji_assembly_init(struct ji_assembly *node, struct ji_arena *arena,
        const struct ji_shape *shape, struct joist_error *err)
{
    return init_node(node, arena, shape, 0, 0, err);
}

void ji_assembly_clear(struct ji_assembly *node)
{
    ji_buffer_release(node->validity);
    ji_buffer_release(node->offsets);
    node->validity = node->offsets = NULL;
    if (node->variant != NULL)
        ji_variant_assembly_clear(node->variant);
    if (node->children == NULL)
        return;
    for (size_t step = 0; step < node->shape->field->child_count; step++)
        ji_assembly_clear(&node->children[step]);
}

struct slots {
    size_t count;
    size_t nulls;
    size_t elements;
};

/* Slots of a struct: one bit each where `bits` is not NULL. */
static struct slots walk_struct(
        const struct ji_assembly *node, const struct ji_leaf_part *part, uint8_t *bits)
{
    const uint8_t slot_def = node->slot_def;
    const uint8_t slot_rep = node->slot_rep;
    const uint8_t present = node->shape->def_present;
    struct slots slots = {0, 0, 0};
    if (part->reps == NULL) {
        slots.count = part->entry_count;
        if (bits != NULL)
            slots.nulls = slots.count - ji_bitmap_of_levels(part->defs, part->entry_count, present, bits, 0);
        return slots;
    }
    for (size_t entry = 0; entry < part->entry_count; entry++) {
        const uint8_t def = part->defs[entry];
        if (part->reps[entry] > slot_rep || def < slot_def)
            continue;
        const bool is_valid = def >= present;
        if (bits != NULL)
            ji_bitmap_put(bits, slots.count, is_valid);
        slots.count++;
        slots.nulls += !is_valid;
    }
    return slots;
}

/* Slots of a list, with the offsets of their elements. */
static struct slots walk_list(
        const struct ji_assembly *node, const struct ji_leaf_part *part, uint8_t *bits, int32_t *offsets)
{
    const uint8_t slot_def = node->slot_def;
    const uint8_t slot_rep = node->slot_rep;
    const uint8_t present = node->shape->def_present;
    const uint8_t repeated = node->shape->def_repeated;
    const uint8_t level = node->shape->rep_level;
    struct slots slots = {0, 0, 0};
    for (size_t entry = 0; entry < part->entry_count; entry++) {
        const uint8_t def = part->defs[entry];
        const uint8_t rep = part->reps[entry];
        if (rep <= slot_rep && def >= slot_def) {
            const bool is_valid = def >= present;
            ji_bitmap_put(bits, slots.count, is_valid);
            slots.nulls += !is_valid;
            offsets[slots.count++] = (int32_t)slots.elements;
        }
        slots.elements += rep <= level && def >= repeated;
    }
    offsets[slots.count] = (int32_t)slots.elements;
    return slots;
}

static enum joist_status assemble_node(struct ji_assembly *node, struct ji_mem *mem,
        const struct ji_leaf_part *parts, size_t rows, struct joist_error *err);

static enum joist_status assemble_children(struct ji_assembly *node, struct ji_mem *mem,
        const struct ji_leaf_part *parts, size_t rows, struct joist_error *err)
{
    const struct ji_shape *const shape = node->shape;
    for (size_t step = 0; step < shape->field->child_count; step++) {
        struct ji_assembly *const child = &node->children[step];
        const struct ji_leaf_part *const own = parts + (child->shape->leaf_start - shape->leaf_start);
        JI_TRY(assemble_node(child, mem, own, rows, err));
        node->child_columns[step] = child->column;
    }
    return JOIST_OK;
}

static enum joist_status assemble_nested(struct ji_assembly *node, struct ji_mem *mem,
        const struct ji_leaf_part *parts, struct slots *slots, struct joist_error *err)
{
    const struct ji_leaf_part *const first = &parts[0];
    const bool is_struct = node->shape->field->kind == JI_STRUCT;
    uint8_t *bits = NULL;
    if (node->shape->field->nullable || !is_struct) {
        const size_t bytes = ji_max_size(ji_bitmap_bytes(first->entry_count), 1);
        JI_TRY(ji_buffer_renew(mem, &node->validity, bytes, err));
        bits = node->validity->data;
    }
    if (is_struct) {
        *slots = walk_struct(node, first, bits);
        return JOIST_OK;
    }
    if (first->entry_count >= INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "list of %zu entries in one batch", first->entry_count);
    JI_TRY(ji_buffer_renew(mem, &node->offsets, (first->entry_count + 1) * sizeof(int32_t), err));
    *slots = walk_list(node, first, bits, (int32_t *)(void *)node->offsets->data);
    return JOIST_OK;
}

static enum joist_status assemble_node(struct ji_assembly *node, struct ji_mem *mem,
        const struct ji_leaf_part *parts, size_t rows, struct joist_error *err)
{
    const struct ji_field *const field = node->shape->field;
    struct ji_column *const column = &node->column;
    if (!ji_kind_is_nested(field->kind)) {
        *column = parts[0].column;
    } else {
        struct slots slots = {0, 0, 0};
        JI_TRY(assemble_nested(node, mem, parts, &slots, err));
        const bool has_nulls = field->nullable && slots.nulls > 0;
        const bool is_struct = field->kind == JI_STRUCT;
        *column = (struct ji_column){
                .field = field,
                .form = JI_FLAT,
                .row_count = slots.count,
                .validity = has_nulls ? node->validity->data : NULL,
                .validity_buffer = has_nulls ? node->validity : NULL,
                .offsets = is_struct ? NULL : (const int32_t *)(const void *)node->offsets->data,
                .values_buffer = is_struct ? NULL : node->offsets,
                .children = node->child_columns,
        };
        JI_TRY(assemble_children(node, mem, parts, is_struct ? slots.count : slots.elements, err));
    }
    if (column->row_count != rows)
        return ji_fail(err, JOIST_ERR_CORRUPT, "leaves of '%s' disagree: %zu values and %zu", field->name,
                column->row_count, rows);
    if (node->variant != NULL)
        JI_TRY(ji_variant_assemble(node->variant, column, column, err));
    return JOIST_OK;
}

enum joist_status ji_assemble(struct ji_assembly *node, struct ji_mem *mem, const struct ji_leaf_part *parts,
        size_t rows, struct joist_error *err)
{
    return assemble_node(node, mem, parts, rows, err);
}
