/*
 * facts.h - which bounds of a chunk or a page may be believed
 */
#ifndef JI_PARQUET_FACTS_H
#define JI_PARQUET_FACTS_H

#include "parquet/read/parquet_file.h"

/* FLOAT16, FLOAT, DOUBLE: the values that have NaN and two zeros. */
static inline bool ji_leaf_is_real(const struct ji_leaf *leaf)
{
    const enum ji_kind kind = leaf->field->kind;
    return kind == JI_FLOAT16 || kind == JI_FLOAT || kind == JI_DOUBLE;
}

/* Whether the column's order gives min_value, max_value and the column index of a leaf a meaning. */
bool ji_leaf_has_order(const struct joist_parquet_file *file, size_t leaf);

/* Bounds as they stand in the file, that the rules let stand. */
struct ji_stored_bounds {
    bool has_min, has_max;
    bool min_exact, max_exact;
    struct ji_view min, max;
};

/*
 * Sets the bounds of `facts`, where the stored ones are values of the leaf and do not contradict each other.
 */
void ji_stored_bounds_take(
        const struct ji_leaf *leaf, const struct ji_stored_bounds *bounds, struct ji_facts *facts);

/*
 * Whether a struct above the leaf may be null. Some writers count only the nulls of the leaf itself then
 * (DuckDB), so that no null count proves that there is no null.
 */
static inline bool ji_leaf_is_beneath_nulls(const struct ji_leaf *leaf)
{
    return leaf->max_def > (leaf->element->repetition == JI_OPTIONAL ? 1 : 0);
}
/* Rows without a value by a histogram of definition levels; false where it does not make `rows`. */
bool ji_level_nulls(const int64_t *histogram, uint8_t max_def, uint64_t rows, uint64_t *nulls);

#endif
