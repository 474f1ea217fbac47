/*
 * facts.c - what the statistics of a row group prove, and when they prove nothing
 *
 * A wrong bound drops rows without a word, so a bound counts only where the format says what it means:
 *
 *     min_value, max_value    where the column's order is TYPE_ORDER, or IEEE_754_TOTAL_ORDER (reals),
 *     and the column index    or INT96_TIMESTAMP_ORDER (INT96)
 *     min, max (deprecated)   where no order is given and the type is one whose signed order they always had:
 *                             booleans, signed integers, floats, dates, times
 *
 *   1. Never for INT96 in another order than its own, INTERVAL, GEOMETRY, logical types that nobody knows,
 *      and what is in lists and maps.
 *   2. Deprecated bounds never for unsigned integers, decimals and bytes; bytes written by parquet-mr before
 *      1.8.0 have wrong ones (PARQUET-251), whatever field they stand in.
 *   3. A bound that is NaN, has the wrong size, or contradicts the other one voids both. A zero bound of a
 *      float stands for either zero: so totalOrder and the order of the type agree on all that is left.
 *   4. A null count that is absent is unknown; a required column has none. Beneath a struct that may be null
 *      it counts where it says that all are, else the histogram of levels does.
 */
#include "parquet/read/facts.h"

#include "parquet/format/writer_version.h"
#include "parquet/read/statistic_value.h"

#include <assert.h>

static bool is_bytes(enum ji_kind kind)
{
    return ji_kind_is_view(kind) || kind == JI_FIXED || kind == JI_UUID;
}

static bool may_use_old(const struct ji_leaf *leaf)
{
    if (leaf->element->physical == JI_PHYSICAL_INT96)
        return false;
    switch (leaf->field->kind) {
    case JI_BOOL:
    case JI_INT8:
    case JI_INT16:
    case JI_INT32:
    case JI_INT64:
    case JI_FLOAT:
    case JI_DOUBLE:
    case JI_DATE:
    case JI_TIME:
    case JI_TIMESTAMP:
        return true;
    default:
        return false;
    }
}

static enum ji_column_order order_of(const struct joist_parquet_file *file, size_t leaf)
{
    return leaf < file->footer.order_count ? file->footer.orders[leaf] : JI_ORDER_UNKNOWN;
}

bool ji_leaf_has_order(const struct joist_parquet_file *file, size_t leaf)
{
    const struct ji_leaf *const at = &file->schema.leaves[leaf];
    if (is_bytes(at->field->kind) && ji_writer_is_before(file->footer.created_by, "parquet-mr", 1, 8, 0))
        return false;
    switch (order_of(file, leaf)) {
    case JI_ORDER_TYPE:
        return at->element->physical != JI_PHYSICAL_INT96;
    case JI_ORDER_IEEE754:
        return ji_leaf_is_real(at);
    case JI_ORDER_INT96:
        return at->element->physical == JI_PHYSICAL_INT96;
    default:
        return false;
    }
}

static struct ji_stored_bounds choose_bounds(
        const struct joist_parquet_file *file, size_t leaf, const struct ji_statistics *statistics)
{
    const struct ji_leaf *const at = &file->schema.leaves[leaf];
    struct ji_stored_bounds bounds = {.has_min = false};
    if (ji_leaf_has_order(file, leaf)) {
        /* Writers cut long bytes; numbers are whole unless the file says otherwise. */
        const bool exact = !is_bytes(at->field->kind);
        bounds = (struct ji_stored_bounds){
                .has_min = statistics->has_min,
                .has_max = statistics->has_max,
                .min_exact = statistics->has_min_exact ? statistics->min_exact : exact,
                .max_exact = statistics->has_max_exact ? statistics->max_exact : exact,
                .min = statistics->min,
                .max = statistics->max,
        };
        if (bounds.has_min || bounds.has_max)
            return bounds;
    }
    const bool is_without_order = file->footer.orders == NULL || order_of(file, leaf) == JI_ORDER_TYPE;
    if (is_without_order && may_use_old(at))
        bounds = (struct ji_stored_bounds){
                .has_min = statistics->has_min_old,
                .has_max = statistics->has_max_old,
                .min_exact = true,
                .max_exact = true,
                .min = statistics->min_old,
                .max = statistics->max_old,
        };
    return bounds;
}

void ji_stored_bounds_take(
        const struct ji_leaf *leaf, const struct ji_stored_bounds *bounds, struct ji_facts *facts)
{
    const struct ji_field *const field = leaf->field;
    const bool is_real = ji_leaf_is_real(leaf);
    struct ji_value min;
    struct ji_value max;
    const bool has_min = bounds->has_min && ji_statistic_value(leaf, bounds->min, &min);
    const bool has_max = bounds->has_max && ji_statistic_value(leaf, bounds->max, &max);
    if ((bounds->has_min && !has_min) || (bounds->has_max && !has_max))
        return;
    if (is_real && ((has_min && min.as.real != min.as.real) || (has_max && max.as.real != max.as.real)))
        return;
    if (has_min && has_max && ji_value_compare(field, &min, &max) > 0)
        return;
    if (has_min) {
        if (is_real && min.as.real == 0)
            min.as.real = -0.0;
        facts->has_min = true;
        facts->min_exact = bounds->min_exact;
        facts->min = min;
    }
    if (has_max) {
        if (is_real && max.as.real == 0)
            max.as.real = 0.0;
        facts->has_max = true;
        facts->max_exact = bounds->max_exact;
        facts->max = max;
    }
}

bool ji_parquet_leaf(
        const struct joist_parquet_file *file, const size_t *path, size_t path_count, size_t *leaf)
{
    assert(path_count > 0 && path[0] < file->schema.schema.column_count);
    const struct ji_shape *shape = &file->schema.shapes[path[0]];
    for (size_t step = 1; step < path_count; step++) {
        if (shape->variant != NULL || shape->field->kind != JI_STRUCT ||
                path[step] >= shape->field->child_count)
            return false;
        shape = &shape->children[path[step]];
    }
    if (shape->variant != NULL || ji_kind_is_nested(shape->field->kind) ||
            file->schema.leaves[shape->leaf_start].max_rep > 0)
        return false;
    *leaf = shape->leaf_start;
    return true;
}

bool ji_level_nulls(const int64_t *histogram, uint8_t max_def, uint64_t rows, uint64_t *nulls)
{
    uint64_t sum = 0;
    for (size_t level = 0; level <= max_def; level++) {
        if (histogram[level] < 0 || (uint64_t)histogram[level] > rows - sum)
            return false;
        sum += (uint64_t)histogram[level];
    }
    *nulls = rows - (uint64_t)histogram[max_def];
    return sum == rows;
}

static void take_nulls(const struct ji_leaf *leaf, const struct ji_chunk *chunk, struct ji_facts *facts)
{
    const struct ji_statistics *const statistics = chunk->statistics;
    const struct ji_size_statistics *const sizes = chunk->size_statistics;
    const bool is_beneath = ji_leaf_is_beneath_nulls(leaf);
    uint64_t nulls = 0;
    bool is_known = false;
    if (leaf->max_def == 0) {
        is_known = true;
    } else if (leaf->field->kind == JI_NULL) {
        is_known = true;
        nulls = facts->row_count;
    } else if (statistics != NULL && statistics->has_null_count && statistics->null_count >= 0 &&
            (uint64_t)statistics->null_count <= facts->row_count) {
        nulls = (uint64_t)statistics->null_count;
        is_known = !is_beneath || nulls == facts->row_count;
    }
    if (!is_known && is_beneath && sizes != NULL && sizes->def_count == (size_t)leaf->max_def + 1)
        is_known = ji_level_nulls(sizes->def_histogram, leaf->max_def, facts->row_count, &nulls);
    facts->has_null_count = is_known;
    facts->null_count = is_known ? nulls : 0;
}

bool ji_parquet_group_facts(
        const struct joist_parquet_file *file, size_t group, size_t leaf_number, struct ji_facts *facts)
{
    assert(group < file->footer.group_count);
    assert(leaf_number < file->schema.leaf_count);
    const struct ji_leaf *const leaf = &file->schema.leaves[leaf_number];
    const struct ji_chunk *chunk = NULL;
    /* Nothing is known of a chunk that cannot be decoded; who reads it hears why. */
    if (leaf->max_rep > 0 || ji_file_chunk(file, group, leaf_number, &chunk, NULL) != JOIST_OK)
        return false;
    const struct ji_statistics *const statistics = chunk->statistics;
    struct ji_facts made = {.row_count = ji_parquet_group_rows(file, group)};
    take_nulls(leaf, chunk, &made);
    if (statistics != NULL) {
        const struct ji_stored_bounds bounds = choose_bounds(file, leaf_number, statistics);
        ji_stored_bounds_take(leaf, &bounds, &made);
        made.has_nan_count = ji_leaf_is_real(leaf) && statistics->has_nan_count &&
                statistics->nan_count >= 0 && (uint64_t)statistics->nan_count <= made.row_count;
        made.nan_count = made.has_nan_count ? (uint64_t)statistics->nan_count : 0;
    }
    if (!made.has_null_count && !made.has_min && !made.has_max && !made.has_nan_count)
        return false;
    *facts = made;
    return true;
}
