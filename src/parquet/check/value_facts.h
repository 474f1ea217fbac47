/*
 * value_facts.h - what the levels and values of a page or chunk really are
 */
#ifndef JI_VALUE_FACTS_H
#define JI_VALUE_FACTS_H

#include "base/buffer.h"
#include "parquet/check/physical_order.h"

#define JI_LEVELS_MAX 256

struct ji_value_facts {
    enum ji_value_order order;
    uint64_t rows;
    uint64_t entries; /* nulls included */
    uint64_t values;
    uint64_t nans;
    uint64_t value_bytes; /* of BYTE_ARRAY, without lengths */
    uint64_t rep_counts[JI_LEVELS_MAX];
    uint64_t def_counts[JI_LEVELS_MAX];
    bool has_bounds; /* of values that are not NaN, and of NaN where there is nothing else in a total order */
    bool bounds_are_nan;
    struct ji_bytes min;
    struct ji_bytes max;
};

void ji_value_facts_init(struct ji_value_facts *facts, struct ji_mem *mem, enum ji_value_order order);
void ji_value_facts_clear(struct ji_value_facts *facts);
void ji_value_facts_reset(struct ji_value_facts *facts); /* for the next page; keeps its memory */
/* The value counts for the bounds; nothing else changes. */
enum joist_status ji_value_facts_bound(
        struct ji_value_facts *facts, struct ji_view value, struct joist_error *err);
/* Adds a page's to the chunk's. */
enum joist_status ji_value_facts_add(
        struct ji_value_facts *facts, const struct ji_value_facts *more, struct joist_error *err);

static inline uint64_t ji_value_facts_nulls(const struct ji_value_facts *facts)
{
    return facts->entries - facts->values;
}

#endif
