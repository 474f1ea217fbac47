/*
 * sibling_levels.c - hashes levels cut at a common group
 */
#include "parquet/check/sibling_levels.h"

#define FNV_PRIME UINT64_C(1099511628211)

void ji_cut_levels_init(
        struct ji_cut_levels *cut, const struct ji_schema_tree *tree, size_t before, size_t after)
{
    /* Elements stand in the order of their tree: what is above `after` and before `before` is above both. */
    size_t common = after;
    *cut = (struct ji_cut_levels){.is_on = false};
    while (common >= before)
        common = tree->parents[common];
    for (size_t at = common; at != 0; at = tree->parents[at]) {
        cut->def = (uint8_t)(cut->def + (tree->elements[at].repetition != JI_REQUIRED));
        cut->rep = (uint8_t)(cut->rep + (tree->elements[at].repetition == JI_REPEATED));
    }
    cut->is_on = cut->def > 0;
}

void ji_cut_levels_add(struct ji_cut_levels *cut, const uint8_t *reps, const uint8_t *defs, size_t count)
{
    if (!cut->is_on)
        return;
    uint64_t hash = cut->hash;
    for (size_t index = 0; index < count; index++) {
        if (reps[index] > cut->rep)
            continue;
        const unsigned def = defs[index] < cut->def ? defs[index] : cut->def;
        hash = (hash ^ (reps[index] << 8 | def) ^ hash >> 29) * FNV_PRIME + 1;
        cut->entries++;
    }
    cut->hash = hash;
}
