/*
 * ndjson_shape.c - the fields of a schema, ready to be found by name
 */
#include "text/ndjson_rows.h"

static int compare_names(const struct ji_field *fields, uint32_t a, uint32_t b)
{
    return strcmp(fields[a].name, fields[b].name);
}

/* A bottom-up merge sort. */
static void sort_places(const struct ji_field *fields, size_t count, uint32_t *from, uint32_t *to)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            const size_t middle = ji_min_size(at + run, count);
            const size_t end = ji_min_size(at + 2 * run, count);
            size_t left = at;
            size_t right = middle;
            for (size_t i = at; i < end; i++) {
                const bool take_left = left < middle &&
                        (right == end || compare_names(fields, from[left], from[right]) <= 0);
                to[i] = take_left ? from[left++] : from[right++];
            }
        }
        memcpy(from, to, count * sizeof *from);
    }
}

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
    uint32_t *places = NULL;
    uint32_t *room = NULL;
    JI_TRY(ji_arena_array(arena, count, sizeof *places, &places, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *room, &room, err));
    for (size_t i = 0; i < count; i++)
        places[i] = (uint32_t)i;
    sort_places(field->children, count, places, room);
    node->by_name = places;
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
