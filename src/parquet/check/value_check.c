/*
 * value_check.c - the levels and values of one page, block by block
 *
 * A value that a dictionary holds is looked at once a page for the bounds and once a chunk for the rest,
 * however often its code comes.
 */
#include <assert.h>

#include "parquet/check/chunk_walk.h"

struct ji_view ji_walk_value(const struct ji_chunk_walk *walk, const uint8_t *values, size_t at)
{
    static const uint8_t bits[2] = {0, 1};
    if (walk->type.conversion == JI_CONVERT_BIT)
        return ji_view_of(&bits[values[at / 8] >> (at % 8) & 1], 1);
    if (walk->type.conversion != JI_CONVERT_VIEW)
        return ji_view_of(values + at * walk->type.memory_bytes, walk->type.memory_bytes);
    struct ji_view view;
    memcpy(&view, values + at * sizeof view, sizeof view);
    return view;
}

enum joist_status ji_check_value(struct ji_chunk_walk *walk, struct ji_view value, struct joist_error *err)
{
    const char *fault = ji_value_fault(&walk->rules, value, &walk->parsed);
    if (walk->rules.rule == JI_RULE_JSON)
        ji_arena_reset(&walk->parsed);
    if (fault != NULL)
        JI_TRY(ji_find(walk->checker, JI_CHECK_VALUE, err, "%s", fault));
    if (walk->places.is_place)
        JI_TRY(ji_check_place(walk, value, err));
    if (walk->bloom.block_count > 0 && !ji_bloom_bits_have(&walk->bloom, value))
        JI_TRY(ji_find(walk->checker, JI_CHECK_BLOOM_FILTER, err,
                "a value of %zu bytes is in the column and not in its Bloom filter", value.size));
    return JOIST_OK;
}

static enum joist_status check_plain(struct ji_chunk_walk *walk, size_t count, struct joist_error *err)
{
    struct ji_value_facts *const page = &walk->page;
    const bool counts_bytes = walk->type.conversion == JI_CONVERT_VIEW;
    for (size_t index = 0; index < count; index++) {
        const struct ji_view value = ji_walk_value(walk, walk->block, index);
        page->value_bytes += counts_bytes ? value.size : 0;
        page->nans += ji_order_is_nan(page->order, value);
        JI_TRY(ji_check_value(walk, value, err));
        JI_TRY(ji_value_facts_bound(page, value, err));
    }
    return JOIST_OK;
}

static enum joist_status check_codes(
        struct ji_chunk_walk *walk, const uint32_t *codes, size_t count, struct joist_error *err)
{
    struct ji_value_facts *const page = &walk->page;
    const bool counts_bytes = walk->type.conversion == JI_CONVERT_VIEW;
    const bool has_nan = ji_order_has_nan(page->order);
    const uint32_t mark = walk->data_pages + 1;
    for (size_t index = 0; index < count; index++) {
        const uint32_t code = codes[index];
        const struct ji_view value = ji_walk_value(walk, walk->dictionary.values->data, code);
        page->value_bytes += counts_bytes ? value.size : 0;
        page->nans += has_nan && ji_order_is_nan(page->order, value);
        if (walk->marks[code] == mark)
            continue;
        if (walk->marks[code] == 0) {
            walk->used_entries++;
            JI_TRY(ji_check_value(walk, value, err));
        }
        walk->marks[code] = mark;
        JI_TRY(ji_value_facts_bound(page, value, err));
    }
    return JOIST_OK;
}

/* A block for `count` values in memory form. */
static enum joist_status make_room(struct ji_chunk_walk *walk, size_t count, struct joist_error *err)
{
    const size_t width = ji_max_size(walk->type.memory_bytes, 1);
    const size_t bytes = ji_max_size(count * width, JI_WALK_BLOCK);
    if (bytes <= walk->block_bytes)
        return JOIST_OK;
    JI_TRY(ji_realloc(walk->checker->mem, &walk->block, walk->block_bytes, bytes, err));
    walk->block_bytes = bytes;
    return JOIST_OK;
}

/* The next `count` values, all there. What breaks them is `what`. */
static enum joist_status read_values(
        struct ji_chunk_walk *walk, size_t count, struct joist_error *what, struct joist_error *err)
{
    /* Wide fixed values are taken fewer at a time; a value wider than its page cannot be there. */
    const size_t width = ji_max_size(walk->type.memory_bytes, 1);
    const size_t step_max = ji_max_size(ji_min_size(JI_WALK_BLOCK, ((size_t)256 << 10) / width), 1);
    while (count > 0) {
        const size_t step = ji_min_size(count, step_max);
        count -= step;
        if (walk->values.form == JI_VALUES_DICTIONARY) {
            uint32_t codes[JI_WALK_BLOCK];
            what->status = ji_page_values_codes(&walk->values, step, codes, what);
            if (what->status != JOIST_OK)
                return JOIST_OK;
            JI_TRY(check_codes(walk, codes, step, err));
            continue;
        }
        JI_TRY(make_room(walk, step, err));
        what->status = ji_page_values_read(&walk->values, step, walk->block, 0, what);
        if (what->status != JOIST_OK)
            return JOIST_OK;
        ji_values_swap(walk->block, walk->type.number_bytes, step);
        JI_TRY(check_plain(walk, step, err));
    }
    return JOIST_OK;
}

/* Counts a block's levels; the values that stand behind it. */
static enum joist_status count_levels(struct ji_chunk_walk *walk, const uint8_t *reps, const uint8_t *defs,
        size_t count, size_t *value_count, struct joist_error *err)
{
    struct ji_value_facts *const page = &walk->page;
    const uint8_t max_def = walk->leaf->max_def;
    size_t values = 0;
    size_t broken = 0;
    if (page->entries == 0)
        walk->page_begins_inside = reps[0] != 0;
    for (size_t index = 0; index < count; index++) {
        page->rep_counts[reps[index]]++;
        page->def_counts[defs[index]]++;
        page->rows += reps[index] == 0;
        values += defs[index] == max_def;
        broken += defs[index] < walk->list_defs[reps[index]];
    }
    page->entries += count;
    page->values += values;
    ji_cut_levels_add(&walk->with_before, reps, defs, count);
    ji_cut_levels_add(&walk->with_next, reps, defs, count);
    *value_count = values;
    if (broken == 0)
        return JOIST_OK;
    return ji_find(walk->checker, JI_CHECK_PAGE_LEVELS, err,
            "%zu entries go on in a list that their definition level says is not there", broken);
}

enum joist_status ji_check_values(struct ji_chunk_walk *walk, struct ji_levels *reps, struct ji_levels *defs,
        uint64_t entries, struct joist_error *err)
{
    uint8_t rep_block[JI_WALK_BLOCK];
    uint8_t def_block[JI_WALK_BLOCK];
    struct joist_error what = {.status = JOIST_OK};
    while (entries > 0) {
        const size_t step = (size_t)ji_min_u64(entries, JI_WALK_BLOCK);
        size_t count = 0;
        JI_TRY(ji_cancel_check(walk->checker->options.cancel, err));
        what.status = ji_levels_read(reps, step, rep_block, &what);
        if (what.status == JOIST_OK)
            what.status = ji_levels_read(defs, step, def_block, &what);
        if (what.status != JOIST_OK) {
            walk->is_whole = false;
            return ji_find_status(walk->checker, JI_CHECK_PAGE_LEVELS, &what, err);
        }
        JI_TRY(count_levels(walk, rep_block, def_block, step, &count, err));
        JI_TRY(read_values(walk, count, &what, err));
        if (what.status != JOIST_OK) {
            walk->is_whole = false;
            return ji_find_status(walk->checker, JI_CHECK_PAGE_VALUES, &what, err);
        }
        entries -= step;
    }
    return JOIST_OK;
}
