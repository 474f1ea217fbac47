/*
 * schema_project.c - copies what is wanted of a tree of fields and shapes
 *
 *     s struct { a: int  b: list<struct { c, d }> }     wanted s.b.list.element.d
 *     ->  s struct { b: list<struct { d }> }             one leaf, with the chunk number that it had
 *
 *   1. A leaf is wanted or not; what is nested is wanted where a leaf below it is.
 *   2. Fields and shapes are copied where children go, leaves always: they are numbered anew.
 *   3. Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep.
 */
#include "parquet/format/schema_project.h"

/* --- which leaves --- */

static bool is_front(struct ji_view path, const char *name, size_t size)
{
    return path.size <= size && memcmp(path.data, name, path.size) == 0 &&
            (path.size == size || name[path.size] == '.');
}

/* Names of the Arrow fields on the way to a leaf, joined by dots. */
static enum joist_status arrow_path(struct ji_arena *arena, const struct ji_parquet_schema *schema,
        const struct ji_leaf *leaf, const char **path, struct joist_error *err)
{
    const struct ji_shape *shape = &schema->shapes[leaf->column];
    *path = shape->field->name;
    while (ji_kind_is_nested(shape->field->kind)) {
        const struct ji_shape *child = shape->children;
        while (leaf->index >= child->leaf_start + child->leaf_count)
            child++;
        JI_TRY(ji_arena_printf(arena, path, err, "%s.%s", *path, child->field->name));
        shape = child;
    }
    return JOIST_OK;
}

enum joist_status ji_schema_mark_path(struct ji_arena *arena, const struct ji_parquet_schema *schema,
        struct ji_view path, bool *leaves, size_t *column, bool *found, struct joist_error *err)
{
    *found = false;
    if (path.size == 0)
        return JOIST_OK;
    for (size_t index = 0; index < schema->leaf_count; index++) {
        const struct ji_leaf *const leaf = &schema->leaves[index];
        const char *name = leaf->name;
        /* Other columns need no second look. */
        const char *top = schema->schema.columns[leaf->column].name;
        const size_t top_size = strlen(top);
        if (path.size < top_size || memcmp(path.data, top, top_size) != 0)
            continue;
        if (!is_front(path, name, strlen(name)))
            JI_TRY(arrow_path(arena, schema, leaf, &name, err));
        if (!is_front(path, name, strlen(name)))
            continue;
        if (*found && *column != leaf->column)
            return ji_fail(err, JOIST_ERR_INVALID, "'%.*s' may mean more than one column",
                    (int)ji_min_size(path.size, 200), (const char *)path.data);
        leaves[index] = true;
        *column = leaf->column;
        *found = true;
    }
    return JOIST_OK;
}

static const struct ji_shape *find_id(const struct ji_shape *shape, int32_t id)
{
    const struct ji_field *const field = shape->variant != NULL ? NULL : shape->field;
    if (shape->field->field_id == id)
        return shape;
    for (size_t step = 0; field != NULL && step < field->child_count; step++) {
        const struct ji_shape *const found = find_id(&shape->children[step], id);
        if (found != NULL)
            return found;
    }
    return NULL;
}

bool ji_schema_mark_id(const struct ji_parquet_schema *schema, int32_t id, bool *leaves, size_t *column)
{
    for (size_t index = 0; index < schema->schema.column_count && id >= 0; index++) {
        const struct ji_shape *const shape = find_id(&schema->shapes[index], id);
        if (shape == NULL)
            continue;
        for (size_t step = 0; step < shape->leaf_count; step++)
            leaves[shape->leaf_start + step] = true;
        *column = index;
        return true;
    }
    return false;
}

/* --- the tree --- */

struct projection {
    struct ji_arena *arena;
    const struct ji_parquet_schema *from;
    struct ji_parquet_schema *to;
    size_t column; /* of `to` */
    struct joist_error *err;
};

/* One node, there and here. Within a variant fields stay as they are: `field` is NULL. */
struct node {
    const struct ji_field *from_field;
    const struct ji_shape *from;
    const struct ji_array_shape *from_layout;
    const bool *leaves; /* wanted ones; NULL: all */
    struct ji_field *field;
    struct ji_shape *shape;
    struct ji_array_shape *layout;
};

static bool any_leaf(const struct ji_shape *shape, const bool *leaves)
{
    for (size_t step = 0; leaves != NULL && step < shape->leaf_count; step++) {
        if (leaves[shape->leaf_start + step])
            return true;
    }
    return leaves == NULL;
}

static enum joist_status project_node(struct projection *projection, const struct node *node);

static enum joist_status project_child(
        struct projection *projection, const struct node *node, size_t step, const bool *leaves, size_t at)
{
    const bool has_fields = node->field != NULL;
    const struct node child = {
            .from_field = has_fields ? &node->from_field->children[step] : NULL,
            .from = &node->from->children[step],
            .from_layout = has_fields ? &node->from_layout->children[step] : NULL,
            .leaves = leaves,
            .field = has_fields ? &node->field->children[at] : NULL,
            .shape = &node->shape->children[at],
            .layout = has_fields ? &node->layout->children[at] : NULL,
    };
    return project_node(projection, &child);
}

/* The key of a map goes with what is wanted of its value; a wanted key alone takes the value along. */
static enum joist_status project_entry(
        struct projection *projection, const struct node *node, const bool *leaves)
{
    const bool *const value = any_leaf(&node->from->children[1], leaves) ? leaves : NULL;
    JI_TRY(project_child(projection, node, 0, NULL, 0));
    return project_child(projection, node, 1, value, 1);
}

static enum joist_status project_children(
        struct projection *projection, const struct node *node, bool is_entry)
{
    struct ji_arena *const arena = projection->arena;
    struct joist_error *const err = projection->err;
    const size_t count = node->from->field->child_count;
    JI_TRY(ji_arena_array(arena, count, sizeof(struct ji_shape), &node->shape->children, err));
    if (node->field != NULL) {
        JI_TRY(ji_arena_array(arena, count, sizeof(struct ji_field), &node->field->children, err));
        JI_TRY(ji_arena_array(arena, count, sizeof(struct ji_array_shape), &node->layout->children, err));
    }
    if (is_entry)
        return project_entry(projection, node, node->leaves);
    size_t at = 0;
    for (size_t step = 0; step < count; step++) {
        if (any_leaf(&node->from->children[step], node->leaves))
            JI_TRY(project_child(projection, node, step, node->leaves, at++));
    }
    if (node->field != NULL)
        node->field->child_count = node->layout->child_count = at;
    return JOIST_OK;
}

static void project_leaf(struct projection *projection, const struct node *node)
{
    struct ji_parquet_schema *const to = projection->to;
    struct ji_leaf *const leaf = &to->leaves[to->leaf_count];
    *leaf = projection->from->leaves[node->from->leaf_start];
    leaf->index = to->leaf_count++;
    leaf->column = projection->column;
    leaf->field = node->shape->field;
    leaf->shape = node->shape;
}

static enum joist_status project_inner(struct projection *projection, const struct node *node)
{
    if (!ji_kind_is_nested(node->from->field->kind)) {
        project_leaf(projection, node);
        return JOIST_OK;
    }
    if (node->from->field->kind != JI_MAP || node->field == NULL)
        return project_children(projection, node, false);
    /* The one child of a map is made here, so that it is known for what it is. */
    struct joist_error *const err = projection->err;
    JI_TRY(ji_arena_array(projection->arena, 1, sizeof(struct ji_shape), &node->shape->children, err));
    JI_TRY(ji_arena_array(projection->arena, 1, sizeof(struct ji_field), &node->field->children, err));
    JI_TRY(ji_arena_array(projection->arena, 1, sizeof(struct ji_array_shape), &node->layout->children, err));
    const struct node entry = {
            .from_field = &node->from_field->children[0],
            .from = &node->from->children[0],
            .from_layout = &node->from_layout->children[0],
            .leaves = node->leaves,
            .field = &node->field->children[0],
            .shape = &node->shape->children[0],
            .layout = &node->layout->children[0],
    };
    *entry.field = *entry.from_field;
    *entry.layout = *entry.from_layout;
    *entry.shape = *entry.from;
    entry.shape->field = entry.field;
    entry.shape->leaf_start = projection->to->leaf_count;
    JI_TRY(project_children(projection, &entry, true));
    entry.shape->leaf_count = projection->to->leaf_count - entry.shape->leaf_start;
    return JOIST_OK;
}

static enum joist_status project_node(struct projection *projection, const struct node *node)
{
    struct node own = *node;
    *own.shape = *own.from;
    own.shape->leaf_start = projection->to->leaf_count;
    if (own.field != NULL) {
        *own.field = *own.from_field;
        *own.layout = *own.from_layout;
    }
    if (own.from->variant != NULL) {
        own.field = NULL;
        own.leaves = NULL;
    }
    if (own.field != NULL)
        own.shape->field = own.field;
    JI_TRY(project_inner(projection, &own));
    own.shape->leaf_count = projection->to->leaf_count - own.shape->leaf_start;
    return JOIST_OK;
}

enum joist_status ji_schema_project(struct ji_arena *arena, const struct ji_parquet_schema *schema,
        const struct ji_wanted_columns *wanted, const struct ji_array_shape *layout,
        struct ji_parquet_schema *out, struct ji_array_shape **out_layout, struct joist_error *err)
{
    const size_t count = wanted->count;
    struct ji_parquet_schema made = *schema;
    struct ji_array_shape *root = NULL;
    size_t leaf_count = 0;
    for (size_t index = 0; index < count; index++)
        leaf_count += schema->shapes[wanted->columns[index].column].leaf_count;
    JI_TRY(ji_arena_array(arena, leaf_count, sizeof made.leaves[0], &made.leaves, err));
    JI_TRY(ji_arena_array(arena, count, sizeof made.shapes[0], &made.shapes, err));
    JI_TRY(ji_arena_array(arena, count, sizeof made.fields[0], &made.fields, err));
    JI_TRY(ji_arena_array(arena, 1, sizeof *root, &root, err));
    JI_TRY(ji_arena_array(arena, count, sizeof root->children[0], &root->children, err));
    root->layout = JI_LAYOUT_STRUCT;
    root->child_count = count;
    made.leaf_count = 0;
    struct projection projection = {.arena = arena, .from = schema, .to = &made, .err = err};
    for (size_t index = 0; index < count; index++) {
        const size_t column = wanted->columns[index].column;
        const struct node node = {
                .from_field = &schema->schema.columns[column],
                .from = &schema->shapes[column],
                .from_layout = &layout->children[column],
                .leaves = wanted->columns[index].leaves,
                .field = &made.fields[index],
                .shape = &made.shapes[index],
                .layout = &root->children[index],
        };
        projection.column = index;
        JI_TRY(project_node(&projection, &node));
    }
    made.schema.columns = made.fields;
    made.schema.column_count = count;
    *out = made;
    *out_layout = root;
    return JOIST_OK;
}
