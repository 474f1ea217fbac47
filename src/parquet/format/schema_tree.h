/*
 * schema_tree.h - the elements of a schema as a tree, and the leaves named from it
 */
#ifndef JI_SCHEMA_TREE_H
#define JI_SCHEMA_TREE_H

#include "parquet/format/parquet_schema.h"

/* Beside element i: its parent, and the first element behind its subtree. */
struct ji_schema_tree {
    const struct ji_schema_element *elements;
    size_t element_count;
    uint32_t *parents;
    uint32_t *ends;
};

/*
 * Checks that the elements make exactly one tree of at most JI_SCHEMA_DEPTH_MAX levels below a root that is a
 * group; without recursion.
 */
enum joist_status ji_schema_tree_build(struct ji_arena *arena, const struct ji_schema_element *elements,
        size_t element_count, struct ji_schema_tree *tree, struct joist_error *err);

/* Fills path, path_count and name of a leaf from the element's way up; may borrow them from the element. */
enum joist_status ji_schema_tree_path(struct ji_arena *arena, const struct ji_schema_tree *tree,
        size_t element, struct ji_leaf *leaf, struct joist_error *err);

#endif
