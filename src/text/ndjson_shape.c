/*
 * ndjson_shape.c - the fields of a schema, ready to be found by name
 */
#include "text/ndjson_rows.h"

#include "text/name_order.h"

static enum joist_status make_node(struct ji_arena *arena, const struct ji_field *field, unsigned depth,
        struct ji_ndjson_shape *shape, struct ji_ndjson_node *node, struct joist_error *err)
{
    if (depth > JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a schema nested more than %d deep", JI_SCHEMA_DEPTH_MAX);
    const size_t count = field->child_count;
    *node = (struct ji_ndjson_node){.field = field, .seen_at = shape->seen_count};
    if (count == 0)
        return JOIST_OK;
    if (field->kind == JI_STRUCT)
        shape->seen_count += count;
    JI_TRY(ji_name_order(arena, field->children, count, &node->by_name, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *node->children, &node->children, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(make_node(arena, &field->children[i], depth + 1, shape, &node->children[i], err));
    return JOIST_OK;
}

enum joist_status ji_ndjson_shape_make(struct ji_arena *arena, struct ji_field *columns, size_t column_count,
        struct ji_ndjson_shape *shape, struct joist_error *err)
{
    *shape = (struct ji_ndjson_shape){
            .row = {.name = "", .kind = JI_STRUCT, .child_count = column_count, .children = columns}};
    return make_node(arena, &shape->row, 0, shape, &shape->root, err);
}
