/*
 * array_shape.c - the shape that our own arrays have
 */
#include "arrow/array_shape.h"

enum ji_layout ji_layout_plain(const struct ji_field *field)
{
    switch (field->kind) {
    case JI_NULL:
        return JI_LAYOUT_NULL;
    case JI_BOOL:
        return JI_LAYOUT_BITS;
    case JI_DECIMAL:
        return JI_LAYOUT_DECIMAL;
    case JI_TIME:
        return field->unit <= JI_MILLI ? JI_LAYOUT_TIME32 : JI_LAYOUT_SAME;
    case JI_STRING:
    case JI_BINARY:
        return JI_LAYOUT_OFFSETS32;
    case JI_LIST:
    case JI_MAP:
        return JI_LAYOUT_LIST32;
    case JI_STRUCT:
        return JI_LAYOUT_STRUCT;
    default:
        return JI_LAYOUT_SAME;
    }
}

static enum joist_status plain_children(struct ji_arena *arena, const struct ji_field *fields, size_t count,
        struct ji_array_shape *shape, struct joist_error *err)
{
    shape->child_count = count;
    JI_TRY(ji_arena_array(arena, count, sizeof *shape->children, &shape->children, err));
    for (size_t i = 0; i < count; i++) {
        struct ji_array_shape *child = &shape->children[i];
        *child = (struct ji_array_shape){.layout = ji_layout_plain(&fields[i]), .bits = 128};
        if (fields[i].child_count > 0)
            JI_TRY(plain_children(arena, fields[i].children, fields[i].child_count, child, err));
    }
    return JOIST_OK;
}

enum joist_status ji_array_shape_plain(struct ji_arena *arena, const struct ji_schema *schema,
        struct ji_array_shape **shape, struct joist_error *err)
{
    struct ji_array_shape *root;
    JI_TRY(ji_arena_array(arena, 1, sizeof *root, &root, err));
    root->layout = JI_LAYOUT_STRUCT;
    JI_TRY(plain_children(arena, schema->columns, schema->column_count, root, err));
    *shape = root;
    return JOIST_OK;
}
