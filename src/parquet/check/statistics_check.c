/*
 * statistics_check.c - statistics against the values that they speak of
 *
 *     min <= every value <= max        in the column's order; equal where said to be exact
 *
 * Deprecated bounds are held against the values only where their signed order is the column's own. What the
 * format lets a reader ignore (NaN as a bound under TYPE_ORDER without a NaN count) is a note.
 */
#include "kernel/utf8.h"
#include "parquet/check/chunk_walk.h"
#include "parquet/read/statistic_value.h"

struct bound {
    const char *name;
    enum ji_check_code code;
    bool is_max;
    bool has_exact;
    bool is_exact;
    struct ji_view value;
};

static struct ji_view view_of(const struct ji_bytes *bytes)
{
    return ji_view_of(bytes->data, bytes->size);
}

static bool is_plain(uint8_t byte, bool is_text)
{
    return byte >= 0x20 && byte != 0x7f && (is_text || byte < 0x80);
}

/* A value as text, cut; for messages. */
static const char *text_of(struct ji_chunk_walk *walk, struct ji_view value, char *out, size_t size)
{
    struct ji_bytes text;
    ji_bytes_init(&text, walk->checker->mem);
    out[0] = '\0';
    if (ji_statistic_text(walk->leaf, ji_view_of(value.data, ji_min_size(value.size, size)), &text, NULL) ==
            JOIST_OK) {
        const bool is_text = ji_utf8_valid(ji_view_of(text.data, text.size));
        size_t used = ji_min_size(text.size, size - 1);
        while (used > 0 && used < text.size && (text.data[used] & 0xc0) == 0x80)
            used--;
        for (size_t at = 0; at < used; at++)
            out[at] = is_plain(text.data[at], is_text) ? (char)text.data[at] : '.';
        out[used] = '\0';
    }
    ji_bytes_clear(&text);
    return out;
}

static enum joist_status check_nan_bound(struct ji_chunk_walk *walk, const struct ji_value_facts *facts,
        const struct bound *bound, bool has_nan_count, const char *where, struct joist_error *err)
{
    if (ji_order_is_total(facts->order)) {
        if (facts->has_bounds && !facts->bounds_are_nan)
            return ji_find(walk->checker, bound->code, err, "%s%s is NaN, and there are values that are not",
                    where, bound->name);
        return JOIST_OK;
    }
    if (has_nan_count)
        return ji_find(walk->checker, bound->code, err, "%s%s is NaN beside a NaN count", where, bound->name);
    return ji_find_note(walk->checker, bound->code, err, "%s%s is NaN", where, bound->name);
}

/* A zero bound of a float: -0 below, +0 above. */
static bool has_wrong_zero(enum ji_value_order order, const struct bound *bound)
{
    if (!ji_order_has_nan(order) || ji_order_is_total(order))
        return false;
    const size_t size = bound->value.size;
    for (size_t at = 0; at + 1 < size; at++) {
        if (bound->value.data[at] != 0)
            return false;
    }
    return bound->value.data[size - 1] == (bound->is_max ? 0x80 : 0);
}

static enum joist_status check_bound(struct ji_chunk_walk *walk, const struct ji_value_facts *facts,
        const struct bound *bound, bool has_nan_count, const char *where, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const enum ji_value_order order = facts->order;
    char said[80];
    char real[80];
    if (order == JI_ORDERED_NOT)
        return JOIST_OK;
    if (!ji_order_fits(order, bound->value))
        return ji_find(checker, bound->code, err, "%s%s of %zu bytes is no value of the column", where,
                bound->name, bound->value.size);
    if (ji_order_is_nan(order, bound->value))
        return check_nan_bound(walk, facts, bound, has_nan_count, where, err);
    if (has_wrong_zero(order, bound))
        JI_TRY(ji_find_note(checker, bound->code, err, "%s%s is a zero of the %s sign", where, bound->name,
                bound->is_max ? "negative" : "positive"));
    if (!facts->has_bounds || (facts->bounds_are_nan && ji_order_is_total(order)))
        return ji_find(checker, bound->code, err, "%s%s '%s' where there are no values", where, bound->name,
                text_of(walk, bound->value, said, sizeof said));
    const struct ji_view value = view_of(bound->is_max ? &facts->max : &facts->min);
    const int difference = ji_order_compare(order, bound->value, value);
    if (bound->is_max ? difference < 0 : difference > 0)
        return ji_find(checker, bound->code, err, "%s%s is '%s', and there is the value '%s'", where,
                bound->name, text_of(walk, bound->value, said, sizeof said),
                text_of(walk, value, real, sizeof real));
    if (difference != 0 && bound->has_exact && bound->is_exact)
        return ji_find(checker, bound->code, err, "%s%s is said to be exact and is '%s' instead of '%s'",
                where, bound->name, text_of(walk, bound->value, said, sizeof said),
                text_of(walk, value, real, sizeof real));
    return JOIST_OK;
}

/* Whether the deprecated, signed order is the column's. */
static bool old_order_is_ours(enum ji_value_order order)
{
    switch (order) {
    case JI_ORDERED_BOOL:
    case JI_ORDERED_I32:
    case JI_ORDERED_I64:
    case JI_ORDERED_F32:
    case JI_ORDERED_F64:
        return true;
    default:
        return false;
    }
}

static enum joist_status check_bounds(struct ji_chunk_walk *walk, const struct ji_statistics *statistics,
        const struct ji_value_facts *facts, const char *where, struct joist_error *err)
{
    const bool has_nans = statistics->has_nan_count;
    const struct bound bounds[] = {
            {"min", JI_CHECK_MIN, false, statistics->has_min_exact, statistics->min_exact, statistics->min},
            {"max", JI_CHECK_MAX, true, statistics->has_max_exact, statistics->max_exact, statistics->max},
            {"deprecated min", JI_CHECK_MIN, false, false, false, statistics->min_old},
            {"deprecated max", JI_CHECK_MAX, true, false, false, statistics->max_old},
    };
    const bool uses_old = old_order_is_ours(facts->order);
    if (statistics->has_min)
        JI_TRY(check_bound(walk, facts, &bounds[0], has_nans, where, err));
    if (statistics->has_max)
        JI_TRY(check_bound(walk, facts, &bounds[1], has_nans, where, err));
    if (uses_old && statistics->has_min_old)
        JI_TRY(check_bound(walk, facts, &bounds[2], false, where, err));
    if (uses_old && statistics->has_max_old)
        JI_TRY(check_bound(walk, facts, &bounds[3], false, where, err));
    return JOIST_OK;
}

static enum joist_status check_nan_count(struct ji_chunk_walk *walk, const struct ji_statistics *statistics,
        const struct ji_value_facts *facts, const char *where, struct joist_error *err)
{
    const bool has_nan = ji_order_has_nan(facts->order);
    if (statistics->has_nan_count && !has_nan && facts->order != JI_ORDERED_NOT)
        return ji_find(walk->checker, JI_CHECK_NAN_COUNT, err,
                "%sa NaN count in a column whose values cannot be NaN", where);
    if (statistics->has_nan_count && has_nan && (uint64_t)statistics->nan_count != facts->nans)
        return ji_find(walk->checker, JI_CHECK_NAN_COUNT, err,
                "%s%" PRIu64 " NaN, the statistics say %" PRId64, where, facts->nans, statistics->nan_count);
    if (!statistics->has_nan_count && ji_order_is_total(facts->order))
        return ji_find(walk->checker, JI_CHECK_NAN_COUNT, err,
                "%sno NaN count beside the IEEE 754 total order", where);
    return JOIST_OK;
}

enum joist_status ji_check_statistics(struct ji_chunk_walk *walk, const struct ji_statistics *statistics,
        const struct ji_value_facts *facts, const char *where, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const uint64_t nulls = ji_value_facts_nulls(facts);
    if (statistics->has_null_count && (uint64_t)statistics->null_count != nulls)
        JI_TRY(ji_find(checker, JI_CHECK_NULL_COUNT, err, "%s%" PRIu64 " nulls, the statistics say %" PRId64,
                where, nulls, statistics->null_count));
    const uint64_t distinct = (uint64_t)statistics->distinct_count;
    if (statistics->has_distinct_count && (distinct > facts->values || (distinct == 0 && facts->values > 0)))
        JI_TRY(ji_find(checker, JI_CHECK_DISTINCT_COUNT, err, "%s%" PRId64 " distinct of %" PRIu64 " values",
                where, statistics->distinct_count, facts->values));
    JI_TRY(check_nan_count(walk, statistics, facts, where, err));
    return check_bounds(walk, statistics, facts, where, err);
}

static enum joist_status check_histogram(struct ji_chunk_walk *walk, const char *name, const int64_t *said,
        size_t count, const uint64_t *real, size_t levels, struct joist_error *err)
{
    if (count == 0)
        return JOIST_OK;
    if (count != levels)
        return ji_find(walk->checker, JI_CHECK_SIZE_STATISTICS, err,
                "%s histogram of %zu numbers for %zu levels", name, count, levels);
    for (size_t level = 0; level < count; level++) {
        if ((uint64_t)said[level] != real[level])
            return ji_find(walk->checker, JI_CHECK_SIZE_STATISTICS, err,
                    "%" PRIu64 " entries of %s level %zu, the histogram says %" PRId64, real[level], name,
                    level, said[level]);
    }
    return JOIST_OK;
}

enum joist_status ji_check_size_statistics(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_size_statistics *const sizes = walk->chunk->size_statistics;
    const struct ji_value_facts *const total = &walk->total;
    if (sizes == NULL)
        return JOIST_OK;
    const bool is_bytes = walk->leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY;
    if (sizes->has_unencoded_bytes && !is_bytes)
        JI_TRY(ji_find(walk->checker, JI_CHECK_SIZE_STATISTICS, err,
                "unencoded bytes for a column that is not BYTE_ARRAY"));
    else if (sizes->has_unencoded_bytes && (uint64_t)sizes->unencoded_bytes != total->value_bytes)
        JI_TRY(ji_find(walk->checker, JI_CHECK_SIZE_STATISTICS, err,
                "%" PRIu64 " bytes of values, the statistics say %" PRId64, total->value_bytes,
                sizes->unencoded_bytes));
    JI_TRY(check_histogram(walk, "repetition", sizes->rep_histogram, sizes->rep_count, total->rep_counts,
            (size_t)walk->leaf->max_rep + 1, err));
    return check_histogram(walk, "definition", sizes->def_histogram, sizes->def_count, total->def_counts,
            (size_t)walk->leaf->max_def + 1, err);
}
