/*
 * ndjson_shape.c - the fields of a schema, ready to be found by name
 */
#include "text/ndjson_rows.h"

#include "text/name_order.h"

/* The name as most lines write it. */
static enum joist_status make_token(
        struct ji_arena *arena, const char *name, struct ji_ndjson_node *node, struct joist_error *err)
{
    const size_t size = strlen(name);
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)name[i] < 0x20 || name[i] == '"' || name[i] == '\\')
            return JOIST_OK;
    }
    uint8_t *token = NULL;
    const size_t room = ji_max_size(size + 3, JI_NDJSON_HEAD_BYTES);
    JI_TRY(ji_arena_array(arena, room, 1, &token, err));
    token[0] = '"';
    memcpy(token + 1, name, size);
    memcpy(token + 1 + size, "\":", 2);
    node->token = ji_view_of(token, size + 3);
    for (size_t i = 0; i < 2; i++) {
        const size_t known = node->token.size <= 8 * i ? 0 : ji_min_size(node->token.size - 8 * i, 8);
        node->mask[i] = known == 0 ? 0 : UINT64_MAX >> (64 - 8 * known);
        node->head[i] = ji_load_le64(token + 8 * i);
    }
    return JOIST_OK;
}

static enum joist_status make_node(struct ji_arena *arena, const struct ji_field *field, unsigned depth,
        struct ji_ndjson_shape *shape, struct ji_ndjson_node *node, struct joist_error *err)
{
    if (depth > JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a schema nested more than %d deep", JI_SCHEMA_DEPTH_MAX);
    const size_t count = field->child_count;
    *node = (struct ji_ndjson_node){.field = field, .seen_at = shape->seen_count};
    JI_TRY(make_token(arena, field->name, node, err));
    if (field->kind == JI_STRUCT)
        shape->seen_count += count + 1;
    if (count == 0)
        return JOIST_OK;
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
