/*
 * accumulator.c - what an aggregate remembers of each group
 *
 *   1. states[g] all zero is the state of a group without rows, so that growing is clearing.
 *   2. A LEAST or GREATEST whose `room` is 0 has no value yet.
 *   3. Exact sums: adding 128 bits wraps `low` and counts the wraps in `high`; nothing is lost on the way.
 *
 * The loops take values, not structs: an inlined leaf per width, one fast way for columns that are flat,
 * without nulls and without a selection, and one for all else.
 */
#include "scan/accumulator.h"

#include <string.h>

/* `room` of an extreme that is no view: it only says that there is a value. */
#define ROOM_SCALAR 1

void ji_accumulator_init(struct ji_accumulator *accumulator, enum ji_accumulate what,
        const struct ji_field *field, struct ji_mem *mem)
{
    *accumulator = (struct ji_accumulator){.what = what, .field = field, .mem = mem};
    ji_arena_init(&accumulator->heap, mem);
    ji_group_table_init(&accumulator->set, mem);
}

static size_t state_bytes(enum ji_accumulate what)
{
    switch (what) {
    case JI_ACCUMULATE_SUM:
        return sizeof(struct ji_exact_sum);
    case JI_ACCUMULATE_SUM_REAL:
        return sizeof(struct ji_real_sum);
    case JI_ACCUMULATE_LEAST:
    case JI_ACCUMULATE_GREATEST:
        return sizeof(struct ji_extreme);
    default:
        return sizeof(uint64_t);
    }
}

void ji_accumulator_clear(struct ji_accumulator *accumulator)
{
    if (accumulator->mem == NULL)
        return;
    ji_free(accumulator->mem, accumulator->states, accumulator->room * state_bytes(accumulator->what));
    ji_free(accumulator->mem, accumulator->set_rows, accumulator->set_room * sizeof(uint32_t));
    ji_free(accumulator->mem, accumulator->set_groups, accumulator->set_room * sizeof(uint32_t));
    ji_arena_clear(&accumulator->heap);
    ji_group_table_clear(&accumulator->set);
    *accumulator = (struct ji_accumulator){0};
}

enum joist_status ji_accumulator_reserve(
        struct ji_accumulator *accumulator, size_t groups, struct joist_error *err)
{
    if (groups <= accumulator->room || accumulator->what == JI_ACCUMULATE_DISTINCT)
        return JOIST_OK;
    const size_t width = state_bytes(accumulator->what);
    const size_t room = ji_max_size(ji_max_size(groups, 16), accumulator->room * 2);
    JI_TRY(ji_realloc(accumulator->mem, &accumulator->states, accumulator->room * width, room * width, err));
    memset((uint8_t *)accumulator->states + accumulator->room * width, 0, (room - accumulator->room) * width);
    accumulator->room = room;
    return JOIST_OK;
}

void ji_exact_sum_add(struct ji_exact_sum *sum, ji_int128 value)
{
    const bool wrapped = __builtin_add_overflow(sum->low, value, &sum->low);
    if (wrapped)
        sum->high += value < 0 ? -1 : 1;
}

/* Knuth's two-sum: `sum` is what plain addition gives, `rest` the exact error of it. */
void ji_real_sum_add(struct ji_real_sum *sum, double value)
{
    const double before = sum->sum;
    const double after = before + value;
    const double added = after - before;
    sum->rest += (before - (after - added)) + (value - added);
    sum->sum = after;
}

ji_int128 ji_value_exact(const struct ji_field *field, const struct ji_value *value)
{
    if (field->kind == JI_DECIMAL)
        return value->as.decimal;
    return field->kind == JI_UINT64 ? (ji_int128)value->as.unsigned_integer : (ji_int128)value->as.integer;
}

/* The rows of one addition, and where their values are. */
struct rows {
    const uint32_t *rows;
    const uint32_t *groups;
    const uint8_t *validity; /* NULL: no nulls */
    const int32_t *codes;    /* NULL: values stand by row */
    const void *values;
    size_t count;
    bool constant;
};

static inline bool row_valid(const struct rows *rows, size_t row)
{
    return rows->validity == NULL || ji_bit_get(rows->validity, rows->constant ? 0 : row);
}

static inline size_t row_value(const struct rows *rows, size_t row)
{
    if (rows->codes != NULL)
        return (size_t)rows->codes[row];
    return rows->constant ? 0 : row;
}

#define ADD_EXACT(name, type)                                                                                \
    static void name(struct ji_exact_sum *sums, const struct rows *rows)                                     \
    {                                                                                                        \
        const type *values = rows->values;                                                                   \
        const uint32_t *groups = rows->groups;                                                               \
        if (rows->validity == NULL && rows->codes == NULL && !rows->constant) {                              \
            for (size_t index = 0; index < rows->count; index++) {                                           \
                const size_t row = rows->rows == NULL ? index : rows->rows[index];                           \
                ji_exact_sum_add(&sums[groups[index]], values[row]);                                         \
            }                                                                                                \
            return;                                                                                          \
        }                                                                                                    \
        for (size_t index = 0; index < rows->count; index++) {                                               \
            const size_t row = rows->rows == NULL ? index : rows->rows[index];                               \
            if (row_valid(rows, row))                                                                        \
                ji_exact_sum_add(&sums[groups[index]], values[row_value(rows, row)]);                        \
        }                                                                                                    \
    }

ADD_EXACT(add_int32, int32_t)
ADD_EXACT(add_int64, int64_t)
ADD_EXACT(add_int128, ji_int128)

/* The widths that are rare go value by value. */
static void add_exact_slowly(
        struct ji_exact_sum *sums, const struct rows *rows, const struct ji_column *column)
{
    for (size_t index = 0; index < rows->count; index++) {
        const size_t row = rows->rows == NULL ? index : rows->rows[index];
        if (!row_valid(rows, row))
            continue;
        const struct ji_value value = ji_column_value(column, row);
        ji_exact_sum_add(&sums[rows->groups[index]], ji_value_exact(column->field, &value));
    }
}

static void add_exact(struct ji_exact_sum *sums, const struct rows *rows, const struct ji_column *column)
{
    const struct ji_field *field = column->field;
    const bool narrow = field->kind == JI_DECIMAL && field->precision <= JI_DECIMAL_DIGITS_INT64;
    if (field->kind == JI_INT64 || narrow)
        add_int64(sums, rows);
    else if (field->kind == JI_DECIMAL)
        add_int128(sums, rows);
    else if (field->kind == JI_INT32)
        add_int32(sums, rows);
    else
        add_exact_slowly(sums, rows, column);
}

static void add_real(struct ji_real_sum *sums, const struct rows *rows, const struct ji_column *column)
{
    const bool wide = column->field->kind == JI_DOUBLE;
    for (size_t index = 0; index < rows->count; index++) {
        const size_t row = rows->rows == NULL ? index : rows->rows[index];
        if (!row_valid(rows, row))
            continue;
        const size_t at = row_value(rows, row);
        const double value =
                wide ? ((const double *)rows->values)[at] : (double)((const float *)rows->values)[at];
        ji_real_sum_add(&sums[rows->groups[index]], value);
    }
}

static void add_counts(uint64_t *counts, const struct rows *rows)
{
    if (rows->validity == NULL) {
        for (size_t index = 0; index < rows->count; index++)
            counts[rows->groups[index]]++;
        return;
    }
    for (size_t index = 0; index < rows->count; index++) {
        const size_t row = rows->rows == NULL ? index : rows->rows[index];
        counts[rows->groups[index]] += row_valid(rows, row);
    }
}

/* Replaces what `extreme` holds; bytes of views go where the last ones were as long as they fit. */
static enum joist_status extreme_set(struct ji_accumulator *accumulator, struct ji_extreme *extreme,
        const struct ji_value *value, struct joist_error *err)
{
    const enum ji_kind kind = accumulator->field->kind;
    if (!ji_kind_is_view(kind) && !ji_kind_is_fixed(kind)) {
        extreme->value = *value;
        extreme->room = ROOM_SCALAR;
        return JOIST_OK;
    }
    const struct ji_view view = value->as.view;
    uint8_t *bytes = NULL;
    if (view.size <= extreme->room && extreme->room > 0) {
        /* Ours: the arena gave it writable. */
        memcpy(&bytes, &extreme->value.as.view.data, sizeof bytes);
    } else {
        const size_t room = ji_max_size(ji_max_size(view.size, 16), extreme->room * 2);
        JI_TRY(ji_arena_alloc(&accumulator->heap, room, &bytes, err));
        extreme->room = room;
    }
    if (view.size > 0)
        memmove(bytes, view.data, view.size);
    extreme->value = *value;
    extreme->value.as.view = ji_view_of(bytes, view.size);
    return JOIST_OK;
}

static enum joist_status extreme_offer(struct ji_accumulator *accumulator, struct ji_extreme *extreme,
        const struct ji_value *value, struct joist_error *err)
{
    if (extreme->room != 0) {
        const int order = ji_value_compare(accumulator->field, value, &extreme->value);
        if (accumulator->what == JI_ACCUMULATE_LEAST ? order >= 0 : order <= 0)
            return JOIST_OK;
    }
    return extreme_set(accumulator, extreme, value, err);
}

static enum joist_status add_extremes(struct ji_accumulator *accumulator, const struct rows *rows,
        const struct ji_column *column, struct joist_error *err)
{
    struct ji_extreme *extremes = accumulator->states;
    for (size_t index = 0; index < rows->count; index++) {
        const size_t row = rows->rows == NULL ? index : rows->rows[index];
        if (!row_valid(rows, row))
            continue;
        const struct ji_value value = ji_column_value(column, row);
        JI_TRY(extreme_offer(accumulator, &extremes[rows->groups[index]], &value, err));
    }
    return JOIST_OK;
}

static enum joist_status reserve_set_rows(
        struct ji_accumulator *accumulator, size_t count, struct joist_error *err)
{
    if (count <= accumulator->set_room)
        return JOIST_OK;
    const size_t bytes = count * sizeof(uint32_t);
    uint32_t *set_rows = NULL;
    uint32_t *set_groups = NULL;
    JI_TRY(ji_alloc(accumulator->mem, bytes, &set_rows, err));
    const enum joist_status status = ji_alloc(accumulator->mem, bytes, &set_groups, err);
    if (status != JOIST_OK) {
        ji_free(accumulator->mem, set_rows, bytes);
        return status;
    }
    ji_free(accumulator->mem, accumulator->set_rows, accumulator->set_room * sizeof(uint32_t));
    ji_free(accumulator->mem, accumulator->set_groups, accumulator->set_room * sizeof(uint32_t));
    accumulator->set_rows = set_rows;
    accumulator->set_groups = set_groups;
    accumulator->set_room = count;
    return JOIST_OK;
}

static enum joist_status add_distinct(struct ji_accumulator *accumulator, const struct rows *rows,
        const struct ji_column *column, struct joist_error *err)
{
    JI_TRY(reserve_set_rows(accumulator, rows->count, err));
    size_t count = 0;
    for (size_t index = 0; index < rows->count; index++) {
        const size_t row = rows->rows == NULL ? index : rows->rows[index];
        if (!row_valid(rows, row))
            continue;
        accumulator->set_rows[count] = (uint32_t)row;
        accumulator->set_groups[count++] = rows->groups[index];
    }
    return ji_group_table_add(
            &accumulator->set, accumulator->set_groups, column, accumulator->set_rows, count, err);
}

enum joist_status ji_accumulator_add(struct ji_accumulator *accumulator, const struct ji_column *column,
        const uint32_t *rows, const uint32_t *groups, size_t count, struct joist_error *err)
{
    struct rows all = {.rows = rows, .groups = groups, .count = count};
    if (accumulator->what == JI_ACCUMULATE_ROWS) {
        add_counts(accumulator->states, &all);
        return JOIST_OK;
    }
    if (column->field->kind == JI_NULL)
        return JOIST_OK;
    all.validity = column->validity;
    all.constant = column->form == JI_CONSTANT;
    all.codes = column->form == JI_DICTIONARY ? column->values : NULL;
    all.values = column->form == JI_DICTIONARY ? column->dictionary->values : column->values;
    switch (accumulator->what) {
    case JI_ACCUMULATE_VALUES:
        add_counts(accumulator->states, &all);
        return JOIST_OK;
    case JI_ACCUMULATE_SUM:
        add_exact(accumulator->states, &all, column);
        return JOIST_OK;
    case JI_ACCUMULATE_SUM_REAL:
        add_real(accumulator->states, &all, column);
        return JOIST_OK;
    case JI_ACCUMULATE_DISTINCT:
        return add_distinct(accumulator, &all, column, err);
    default:
        return add_extremes(accumulator, &all, column, err);
    }
}

static enum joist_status merge_set(struct ji_accumulator *accumulator, const struct ji_accumulator *from,
        const uint32_t *groups, struct joist_error *err)
{
    struct ji_bytes key;
    ji_bytes_init(&key, accumulator->mem);
    enum joist_status status = JOIST_OK;
    for (size_t index = 0; index < from->set.count; index++) {
        const struct ji_group *old = &from->set.groups[index];
        uint32_t lead = 0;
        const uint8_t *old_key = ji_group_key(old);
        memcpy(&lead, old_key, sizeof lead);
        key.size = 0;
        JI_TRY_OUT(ji_bytes_append(&key, &groups[lead], sizeof lead, err));
        JI_TRY_OUT(ji_bytes_append(&key, old_key + sizeof lead, old->key_bytes - sizeof lead, err));
        const struct ji_group_wanted moved = {key.data, key.size, ji_row_key_hash(key.data, key.size), 0};
        uint32_t ignored = 0;
        JI_TRY_OUT(ji_group_table_find(&accumulator->set, &moved, &ignored, NULL, err));
    }

out:
    ji_bytes_clear(&key);
    return status;
}

static void merge_real(struct ji_real_sum *to, const struct ji_real_sum *from)
{
    ji_real_sum_add(to, from->sum);
    to->rest += from->rest;
}

enum joist_status ji_accumulator_merge(struct ji_accumulator *accumulator, const struct ji_accumulator *from,
        const uint32_t *groups, size_t count, struct joist_error *err)
{
    if (accumulator->what == JI_ACCUMULATE_DISTINCT)
        return merge_set(accumulator, from, groups, err);
    for (size_t group = 0; group < count; group++) {
        const size_t to = groups[group];
        switch (accumulator->what) {
        case JI_ACCUMULATE_SUM: {
            struct ji_exact_sum *sum = &((struct ji_exact_sum *)accumulator->states)[to];
            ji_exact_sum_add(sum, ji_accumulator_sum(from, group)->low);
            sum->high += ji_accumulator_sum(from, group)->high;
            break;
        }
        case JI_ACCUMULATE_SUM_REAL:
            merge_real(&((struct ji_real_sum *)accumulator->states)[to], ji_accumulator_real(from, group));
            break;
        case JI_ACCUMULATE_LEAST:
        case JI_ACCUMULATE_GREATEST: {
            const struct ji_extreme *other = ji_accumulator_extreme(from, group);
            struct ji_extreme *mine = &((struct ji_extreme *)accumulator->states)[to];
            if (other->room != 0)
                JI_TRY(extreme_offer(accumulator, mine, &other->value, err));
            break;
        }
        default:
            ((uint64_t *)accumulator->states)[to] += ji_accumulator_count(from, group);
        }
    }
    return JOIST_OK;
}
