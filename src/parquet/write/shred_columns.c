/*
 * shred_columns.c - columns with variants as callers have them -> as a shredded file has them
 *
 *     list<variant>    list node -> variant node: its shredder        what is not on the way to one stays
 *
 * Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep.
 */
#include "parquet/write/shred_columns.h"

struct ji_shred_node {
    const struct ji_field *field;         /* as the file has it */
    struct ji_variant_shredder *shredder; /* of a variant; NULL: on the way to one */
    struct ji_shred_node **children;      /* of the field; NULL: nothing in there */
    struct ji_shred_node *next_shredding; /* of those with a shredder, in one column */
};

struct making {
    struct ji_arena *arena;
    struct ji_mem *mem;
    const struct ji_leaf *leaves;
    struct ji_shred_node *shredding;
    struct joist_error *err;
};

static enum joist_status make_node(struct making *making, const struct ji_field *own,
        const struct ji_shape *shape, struct ji_shred_node **node);

static enum joist_status make_shredder(
        struct making *making, const struct ji_shape *shape, struct ji_shred_node *node)
{
    struct ji_variant_shape *variant = NULL;
    struct ji_variant_shredder *shredder = NULL;
    struct ji_field seen = {.name = shape->field->name};
    JI_TRY(ji_arena_array(making->arena, 1, sizeof *variant, &variant, making->err));
    JI_TRY(ji_arena_array(making->arena, 1, sizeof *shredder, &shredder, making->err));
    JI_TRY(ji_variant_shape_make(making->arena, shape, making->leaves, &seen, variant, making->err));
    JI_TRY(ji_variant_shredder_init(shredder, making->mem, shape->field, variant, making->err));
    node->shredder = shredder;
    node->next_shredding = making->shredding;
    making->shredding = node;
    return JOIST_OK;
}

static enum joist_status make_children(struct making *making, const struct ji_field *own,
        const struct ji_shape *shape, struct ji_shred_node **node)
{
    struct ji_shred_node **children = NULL;
    bool has_any = false;
    JI_TRY(ji_arena_array(making->arena, own->child_count, sizeof *children, &children, making->err));
    for (size_t i = 0; i < own->child_count; i++) {
        JI_TRY(make_node(making, &own->children[i], &shape->children[i], &children[i]));
        has_any = has_any || children[i] != NULL;
    }
    if (!has_any)
        return JOIST_OK;
    JI_TRY(ji_arena_array(making->arena, 1, sizeof **node, node, making->err));
    **node = (struct ji_shred_node){.field = shape->field, .children = children};
    return JOIST_OK;
}

static enum joist_status make_node(struct making *making, const struct ji_field *own,
        const struct ji_shape *shape, struct ji_shred_node **node)
{
    *node = NULL;
    if (!ji_is_variant(own))
        return own->child_count == 0 ? JOIST_OK : make_children(making, own, shape, node);
    if (own->child_count == shape->field->child_count)
        return JOIST_OK;
    struct ji_shred_node *made = NULL;
    JI_TRY(ji_arena_array(making->arena, 1, sizeof *made, &made, making->err));
    *made = (struct ji_shred_node){.field = shape->field};
    JI_TRY(make_shredder(making, shape, made));
    *node = made;
    return JOIST_OK;
}

static bool differs(const struct ji_field *own, const struct ji_field *file)
{
    if (own->child_count != file->child_count)
        return true;
    for (size_t i = 0; i < own->child_count; i++)
        if (differs(&own->children[i], &file->children[i]))
            return true;
    return false;
}

static bool is_any_shredded(const struct ji_schema *schema, const struct ji_parquet_schema *layout)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (differs(&schema->columns[i], layout->shapes[i].field))
            return true;
    return false;
}

enum joist_status ji_column_shreds_make(struct ji_arena *arena, struct ji_mem *mem,
        const struct ji_schema *schema, const struct ji_parquet_schema *layout,
        struct ji_column_shred **shreds, struct joist_error *err)
{
    if (!is_any_shredded(schema, layout))
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, schema->column_count, sizeof **shreds, shreds, err));
    for (size_t i = 0; i < schema->column_count; i++)
        ji_arena_init(&(*shreds)[i].arena, mem);
    for (size_t i = 0; i < schema->column_count; i++) {
        struct making making = {.arena = arena, .mem = mem, .leaves = layout->leaves, .err = err};
        struct ji_shred_node *whole = NULL;
        const enum joist_status status = make_node(&making, &schema->columns[i], &layout->shapes[i], &whole);
        (*shreds)[i].node = whole;
        (*shreds)[i].shredding = making.shredding;
        if (status != JOIST_OK) {
            ji_error_prefix(err, "column '%s'", schema->columns[i].name);
            return status;
        }
    }
    return JOIST_OK;
}

void ji_column_shreds_clear(struct ji_column_shred *shreds, size_t count)
{
    for (size_t i = 0; shreds != NULL && i < count; i++) {
        for (struct ji_shred_node *at = shreds[i].shredding; at != NULL; at = at->next_shredding)
            ji_variant_shredder_clear(at->shredder);
        ji_arena_clear(&shreds[i].arena);
    }
}

static enum joist_status shred_node(struct ji_arena *arena, const struct ji_shred_node *node,
        struct ji_column *column, struct joist_error *err)
{
    if (node == NULL)
        return JOIST_OK;
    if (node->shredder != NULL)
        return ji_variant_shred(node->shredder, column, column, err);
    struct ji_column *children = NULL;
    const size_t count = node->field->child_count;
    JI_TRY(ji_arena_array(arena, count, sizeof *children, &children, err));
    for (size_t i = 0; i < count; i++) {
        children[i] = column->children[i];
        JI_TRY(shred_node(arena, node->children[i], &children[i], err));
    }
    column->children = children;
    column->field = node->field;
    return JOIST_OK;
}

enum joist_status ji_column_shred(struct ji_column_shred *shred, const struct ji_column *column,
        struct ji_column *to, struct joist_error *err)
{
    struct ji_column flat = *column;
    if (shred->node != NULL) {
        ji_arena_reset(&shred->arena);
        JI_TRY(ji_column_flat(&shred->arena, column, &flat, err));
        const enum joist_status status = shred_node(&shred->arena, shred->node, &flat, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "column '%s'", column->field->name);
            return status;
        }
    }
    *to = flat;
    return JOIST_OK;
}
