/*
 * accumulator.h - what an aggregate remembers of each group
 *
 *     count(*)  ROWS     count(x)  VALUES     sum(x), avg(x)  SUM + VALUES     min, max  LEAST, GREATEST
 *     count(distinct x) ... DISTINCT, a set from which the others follow at the end
 *
 * Results do not depend on the order of rows: exact sums are 192 bits wide, so that only the end can
 * overflow; sums of doubles carry the rounding error of each addition along, which is order-free but for the
 * last place in rare cases.
 */
#ifndef JI_ACCUMULATOR_H
#define JI_ACCUMULATOR_H

#include "scan/group_table.h"

enum ji_accumulate {
    JI_ACCUMULATE_ROWS,
    JI_ACCUMULATE_VALUES, /* not null */
    JI_ACCUMULATE_SUM,    /* integers and decimals */
    JI_ACCUMULATE_SUM_REAL,
    JI_ACCUMULATE_LEAST,
    JI_ACCUMULATE_GREATEST,
    JI_ACCUMULATE_DISTINCT,
};

/* low + high * 2^128, low signed. */
struct ji_exact_sum {
    ji_int128 low;
    int64_t high;
};
struct ji_real_sum {
    double sum;
    double rest; /* what the additions lost */
};
struct ji_extreme {
    struct ji_value value;
    size_t room; /* 0: no value yet; else of the bytes that a view of `value` points to */
};

struct ji_accumulator {
    enum ji_accumulate what;
    const struct ji_field *field; /* of the argument; NULL for ROWS */
    struct ji_mem *mem;
    struct ji_arena heap;      /* views of LEAST and GREATEST */
    void *states;              /* one a group, zeroed */
    size_t room;               /* groups */
    struct ji_group_table set; /* DISTINCT: keys are (group, value) */
    uint32_t *set_rows;        /* rows of a batch whose value is not null */
    uint32_t *set_groups;
    size_t set_room;
};

void ji_accumulator_init(struct ji_accumulator *accumulator, enum ji_accumulate what,
        const struct ji_field *field, struct ji_mem *mem);
void ji_accumulator_clear(struct ji_accumulator *accumulator);

/* Room for `groups` groups, at least. */
enum joist_status ji_accumulator_reserve(
        struct ji_accumulator *accumulator, size_t groups, struct joist_error *err);
/* Takes `count` rows in: those that `rows` names, or the first ones; `groups` has the group of each. */
enum joist_status ji_accumulator_add(struct ji_accumulator *accumulator, const struct ji_column *column,
        const uint32_t *rows, const uint32_t *groups, size_t count, struct joist_error *err);
/* Takes in what another one holds; groups[g] is here what group g is there. */
enum joist_status ji_accumulator_merge(struct ji_accumulator *accumulator, const struct ji_accumulator *from,
        const uint32_t *groups, size_t count, struct joist_error *err);

/* Adds one value to exact or real sums, for the ends of DISTINCT. */
void ji_exact_sum_add(struct ji_exact_sum *sum, ji_int128 value);
void ji_real_sum_add(struct ji_real_sum *sum, double value);
/* An integer or decimal value as 128 bits. */
ji_int128 ji_value_exact(const struct ji_field *field, const struct ji_value *value);

static inline uint64_t ji_accumulator_count(const struct ji_accumulator *accumulator, size_t group)
{
    return ((const uint64_t *)accumulator->states)[group];
}
static inline const struct ji_exact_sum *ji_accumulator_sum(
        const struct ji_accumulator *accumulator, size_t group)
{
    return &((const struct ji_exact_sum *)accumulator->states)[group];
}
static inline const struct ji_real_sum *ji_accumulator_real(
        const struct ji_accumulator *accumulator, size_t group)
{
    return &((const struct ji_real_sum *)accumulator->states)[group];
}
static inline const struct ji_extreme *ji_accumulator_extreme(
        const struct ji_accumulator *accumulator, size_t group)
{
    return &((const struct ji_extreme *)accumulator->states)[group];
}

#endif
