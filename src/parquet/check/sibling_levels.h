/*
 * sibling_levels.h - the lists and groups that neighbouring leaves share, as each leaf's levels tell of them
 *
 *     group l (LIST) { repeated list { element { a, b } } }      a and b: what they say of `element` is one
 *
 * Of leaves that stand side by side their innermost common group is compared: what is true of all neighbours
 * is true of all.
 */
#ifndef JI_SIBLING_LEVELS_H
#define JI_SIBLING_LEVELS_H

#include "parquet/format/schema_tree.h"

/* The levels of one leaf, cut at those of a group above it. */
struct ji_cut_levels {
    bool is_on; /* the group may be missing or repeated: else there is nothing to compare */
    uint8_t rep;
    uint8_t def;
    uint64_t entries;
    uint64_t hash; /* of them in their order */
};

/* What the leaf before says of the group that it shares with the next one. */
struct ji_sibling_levels {
    bool is_known;
    size_t leaf;
    struct ji_cut_levels levels;
};

/* Of the innermost group that two leaves' elements share; `before` stands before `after` in the schema. */
void ji_cut_levels_init(
        struct ji_cut_levels *cut, const struct ji_schema_tree *tree, size_t before, size_t after);
void ji_cut_levels_add(struct ji_cut_levels *cut, const uint8_t *reps, const uint8_t *defs, size_t count);

#endif
