/*
 * value_facts.c - gathers counts and bounds
 */
#include "parquet/check/value_facts.h"

void ji_value_facts_init(struct ji_value_facts *facts, struct ji_mem *mem, enum ji_value_order order)
{
    memset(facts, 0, sizeof *facts);
    facts->order = order;
    ji_bytes_init(&facts->min, mem);
    ji_bytes_init(&facts->max, mem);
}

void ji_value_facts_clear(struct ji_value_facts *facts)
{
    ji_bytes_clear(&facts->min);
    ji_bytes_clear(&facts->max);
}

void ji_value_facts_reset(struct ji_value_facts *facts)
{
    struct ji_value_facts fresh = {.order = facts->order, .min = facts->min, .max = facts->max};
    fresh.min.size = fresh.max.size = 0;
    *facts = fresh;
}

static enum joist_status keep(struct ji_bytes *bound, struct ji_view value, struct joist_error *err)
{
    bound->size = 0;
    return value.size == 0 ? JOIST_OK : ji_bytes_append(bound, value.data, value.size, err);
}

enum joist_status ji_value_facts_bound(
        struct ji_value_facts *facts, struct ji_view value, struct joist_error *err)
{
    const enum ji_value_order order = facts->order;
    if (!ji_order_fits(order, value))
        return JOIST_OK;
    const bool is_nan = ji_order_is_nan(order, value);
    if (is_nan && (!ji_order_is_total(order) || (facts->has_bounds && !facts->bounds_are_nan)))
        return JOIST_OK;
    const bool is_first = !facts->has_bounds || (facts->bounds_are_nan && !is_nan);
    const struct ji_view min = ji_view_of(facts->min.data, facts->min.size);
    const struct ji_view max = ji_view_of(facts->max.data, facts->max.size);
    const bool is_below = is_first || ji_order_compare(order, value, min) < 0;
    const bool is_above = is_first || ji_order_compare(order, value, max) > 0;
    if (is_below)
        JI_TRY(keep(&facts->min, value, err));
    if (is_above)
        JI_TRY(keep(&facts->max, value, err));
    facts->has_bounds = true;
    facts->bounds_are_nan = is_nan;
    return JOIST_OK;
}

enum joist_status ji_value_facts_add(
        struct ji_value_facts *facts, const struct ji_value_facts *more, struct joist_error *err)
{
    facts->rows += more->rows;
    facts->entries += more->entries;
    facts->values += more->values;
    facts->nans += more->nans;
    facts->value_bytes += more->value_bytes;
    for (size_t level = 0; level < JI_LEVELS_MAX; level++) {
        facts->rep_counts[level] += more->rep_counts[level];
        facts->def_counts[level] += more->def_counts[level];
    }
    if (!more->has_bounds)
        return JOIST_OK;
    JI_TRY(ji_value_facts_bound(facts, ji_view_of(more->min.data, more->min.size), err));
    return ji_value_facts_bound(facts, ji_view_of(more->max.data, more->max.size), err);
}
