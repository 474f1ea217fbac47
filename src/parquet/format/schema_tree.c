/*
 * schema_tree.c - a list of elements, depth first, checked to be a tree
 *
 *     root(2) a(0) b(1) c(0)      parents: -, 0, 0, 2      ends: 4, 2, 4, 4
 */
#include "parquet/format/schema_tree.h"

#include <assert.h>

enum joist_status ji_schema_tree_build(struct ji_arena *arena, const struct ji_schema_element *elements,
        size_t element_count, struct ji_schema_tree *tree, struct joist_error *err)
{
    if (element_count == 0 || elements[0].physical != JI_PHYSICAL_NONE)
        return ji_fail(err, JOIST_ERR_CORRUPT, "schema has no root group");
    if (element_count > UINT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "schema of %zu elements", element_count);

    struct ji_schema_tree made = {.elements = elements, .element_count = element_count};
    JI_TRY(ji_arena_array(arena, element_count, sizeof made.parents[0], &made.parents, err));
    JI_TRY(ji_arena_array(arena, element_count, sizeof made.ends[0], &made.ends, err));

    uint32_t open[JI_SCHEMA_DEPTH_MAX + 1];
    int32_t left[JI_SCHEMA_DEPTH_MAX + 1];
    size_t depth = 0;
    for (size_t index = 0; index < element_count; index++) {
        const int32_t children = elements[index].child_count;
        if (index > 0 && depth == 0)
            return ji_fail(err, JOIST_ERR_CORRUPT, "schema has %zu elements outside its root",
                    element_count - index);
        if (children < 0 || (children > 0 && elements[index].physical != JI_PHYSICAL_NONE))
            return ji_fail(
                    err, JOIST_ERR_CORRUPT, "schema element %zu has %" PRId32 " children", index, children);
        if (index > 0) {
            made.parents[index] = open[depth - 1];
            left[depth - 1]--;
        }
        made.ends[index] = (uint32_t)index + 1;
        if (children > 0 && depth > JI_SCHEMA_DEPTH_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "schema nests deeper than %d", JI_SCHEMA_DEPTH_MAX);
        if (children > 0) {
            open[depth] = (uint32_t)index;
            left[depth++] = children;
        }
        while (depth > 0 && left[depth - 1] == 0)
            made.ends[open[--depth]] = (uint32_t)index + 1;
    }
    if (depth > 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "schema ends before its tree does");
    *tree = made;
    return JOIST_OK;
}

enum joist_status ji_schema_tree_path(struct ji_arena *arena, const struct ji_schema_tree *tree,
        size_t element, struct ji_leaf *leaf, struct joist_error *err)
{
    assert(element > 0 && element < tree->element_count);

    /* A column that is a leaf, as nearly all are: its path is its name, behind which stands a NUL. */
    if (tree->parents[element] == 0) {
        leaf->path = &tree->elements[element].name;
        leaf->path_count = 1;
        leaf->name = (const char *)leaf->path->data;
        return JOIST_OK;
    }
    size_t count = 0;
    size_t bytes = 0;
    for (size_t at = element; at != 0; at = tree->parents[at]) {
        bytes += tree->elements[at].name.size + 1;
        count++;
    }
    struct ji_view *path = NULL;
    char *name = NULL;
    JI_TRY(ji_arena_array(arena, count, sizeof path[0], &path, err));
    JI_TRY(ji_arena_alloc(arena, bytes, &name, err));
    size_t step = count;
    for (size_t at = element; at != 0; at = tree->parents[at])
        path[--step] = tree->elements[at].name;

    size_t size = 0;
    for (step = 0; step < count; step++) {
        if (path[step].size > 0)
            memcpy(name + size, path[step].data, path[step].size);
        size += path[step].size;
        name[size++] = step + 1 < count ? '.' : '\0';
    }
    leaf->path = path;
    leaf->path_count = count;
    leaf->name = name;
    return JOIST_OK;
}
