/*
 * leaf_append.c - appends rows of a leaf to the batch that is being made
 *
 *     levels -> validity bits      values -> dense, behind what is there -> spread over the slots
 *
 *   1. out_values and out_validity hold `slots` values and bits; nulls among them are zero.
 *   2. Top-level leaves without lists go from levels to bits at once; leaves of nested columns keep their
 *      levels for the assembly.
 *   3. A batch has one form. A page of codes may go into a flat batch, a page of values not into one
 *      of codes.
 */
#include "kernel/bitmap.h"
#include "kernel/gather.h"
#include "parquet/read/leaf_cursor.h"

#include <assert.h>

/* Numbers stay codes where the dictionary stays in the first-level cache of whoever asks it once a batch. */
#define SMALL_DICTIONARY 2048
#define ENTRIES_A_ROW_MAX 65536 /* for an estimate */
#define EXPECTED_SLOTS_MAX ((size_t)65536)
/* A page of strings this large ends its batch: a batch holds all the pages that its views point into. */
#define LARGE_PAGE_BYTES ((size_t)4 << 20)

void ji_leaf_cursor_begin(struct ji_leaf_cursor *cursor, size_t rows)
{
    const uint64_t group_rows = ji_parquet_group_rows(cursor->file, cursor->group);
    const uint64_t entries_a_row = (uint64_t)cursor->chunk->value_count / ji_max_u64(group_rows, 1);
    cursor->part_entries = rows * (size_t)ji_min_u64(entries_a_row, ENTRIES_A_ROW_MAX);
    for (size_t index = 0; index < cursor->held_count; index++)
        ji_buffer_release(cursor->held[index]);
    cursor->held_count = 0;
    cursor->page_is_lent = false;
    cursor->has_form = false;
    cursor->form = JI_FLAT;
    cursor->slots = 0;
    cursor->nulls = 0;
    cursor->heap = NULL;
    cursor->heap_is_mixed = false;
    ji_leaf_drop_heaps(cursor);
    cursor->out_reps.size = 0;
    cursor->out_defs.size = 0;
}

static bool keeps_codes(const struct ji_leaf_cursor *cursor)
{
    if (cursor->values.form != JI_VALUES_DICTIONARY || cursor->leaf->max_rep > 0 ||
            cursor->output.is_laid_out)
        return false;
    return cursor->type.memory_bytes > sizeof(int64_t) || cursor->dictionary.count <= SMALL_DICTIONARY;
}

static enum joist_status ready(
        struct ji_leaf_cursor *cursor, size_t wanted, size_t *rows, struct joist_error *err)
{
    *rows = wanted;
    if (cursor->leaf->max_rep > 0)
        return JOIST_OK;
    bool has_page = true;
    if (cursor->page_left == 0)
        JI_TRY(ji_leaf_next_page(cursor, &has_page, err));
    if (!has_page)
        return ji_leaf_ends_early(wanted, err);
    const enum ji_form form = keeps_codes(cursor) ? JI_DICTIONARY : JI_FLAT;
    if (!cursor->has_form) {
        cursor->has_form = true;
        cursor->form = form;
    }
    if (cursor->form == JI_DICTIONARY)
        *rows = form == JI_DICTIONARY ? ji_min_size(wanted, cursor->page_left) : 0;
    else if (cursor->type.conversion == JI_CONVERT_VIEW && cursor->page_buffer != NULL &&
            cursor->page_buffer->capacity >= LARGE_PAGE_BYTES)
        *rows = cursor->held_count > 0 ? 0 : ji_min_size(wanted, cursor->page_left);
    /* A short page of shared prefixes may expand without bound; there are no more values than rows. */
    if (cursor->values.form == JI_VALUES_STRINGS) {
        const size_t held = ji_min_size(*rows, cursor->page_left);
        if (ji_page_values_fit(&cursor->values, held, LARGE_PAGE_BYTES) < held)
            *rows = ji_page_values_fit(&cursor->values, held, JI_BATCH_BYTES_MAX);
    }
    return JOIST_OK;
}

enum joist_status ji_leaf_cursor_ready(
        struct ji_leaf_cursor *cursor, size_t wanted, size_t *rows, struct joist_error *err)
{
    size_t made = 0;
    JI_TRY(ji_leaf_prefix(cursor, ready(cursor, wanted, &made, err), err));
    *rows = made;
    return JOIST_OK;
}

/* Room for `need` bytes, of which `used` are kept. */
static enum joist_status grow(
        struct ji_mem *mem, struct ji_buffer **buffer, size_t used, size_t need, struct joist_error *err)
{
    if (used == 0)
        return ji_buffer_renew(mem, buffer, need, err);
    if ((*buffer)->capacity >= need)
        return JOIST_OK;
    struct ji_buffer *fresh = NULL;
    JI_TRY(ji_buffer_new(mem, ji_max_size(need, used * 2), &fresh, err));
    memcpy(fresh->data, (*buffer)->data, used);
    ji_buffer_release(*buffer);
    *buffer = fresh;
    return JOIST_OK;
}

static size_t value_width(const struct ji_leaf_cursor *cursor)
{
    return cursor->form == JI_DICTIONARY ? sizeof(uint32_t) : cursor->type.memory_bytes;
}

static size_t values_bytes(const struct ji_leaf_cursor *cursor, size_t count)
{
    return cursor->type.conversion == JI_CONVERT_BIT ? ji_bitmap_bytes(count) : count * value_width(cursor);
}

/* Room for `more` slots; at first for as many as the batch is thought to have, so that nothing moves. */
static enum joist_status make_room(struct ji_leaf_cursor *cursor, size_t more, struct joist_error *err)
{
    const size_t used = cursor->slots;
    size_t need = used + more;
    if (need > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "batch of %zu values", need);
    if (used == 0 && value_width(cursor) <= sizeof(struct ji_string_view))
        need = ji_max_size(need, ji_min_size(cursor->part_entries, EXPECTED_SLOTS_MAX));
    struct ji_mem *const mem = cursor->output.mem;
    JI_TRY(grow(mem, &cursor->out_values, values_bytes(cursor, used),
            ji_max_size(values_bytes(cursor, need), 1), err));
    if (cursor->leaf->max_def == 0)
        return JOIST_OK;
    return grow(mem, &cursor->out_validity, ji_bitmap_bytes(used), ji_bitmap_bytes(need), err);
}

/*
 * Views of the batch point into the page, the dictionary, or the text that was made of the page, from now on.
 */
static enum joist_status lend(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    struct ji_buffer *heap = cursor->page_buffer;
    if (cursor->values.form == JI_VALUES_DICTIONARY) {
        heap = cursor->dictionary.page;
    } else if (cursor->values.form == JI_VALUES_STRINGS) {
        heap = cursor->values.carry.text;
        JI_TRY(ji_leaf_hold(cursor, heap, err));
        (void)ji_buffer_retain(heap);
    } else {
        cursor->page_is_lent = heap != NULL;
    }
    if (cursor->heap == NULL)
        cursor->heap = heap;
    else if (cursor->heap != heap)
        cursor->heap_is_mixed = true;
    return JOIST_OK;
}

static enum joist_status read_booleans(
        struct ji_leaf_cursor *cursor, size_t count, size_t dense, struct joist_error *err)
{
    const size_t at = cursor->slots;
    uint8_t *const out = cursor->out_values->data;
    if (dense == count)
        return ji_page_values_read(&cursor->values, dense, out, at, err);
    JI_TRY(ji_buffer_renew(cursor->mem, &cursor->scratch, ji_bitmap_bytes(dense) + 1, err));
    JI_TRY(ji_page_values_read(&cursor->values, dense, cursor->scratch->data, 0, err));
    ji_expand_bits(cursor->scratch->data, 0, cursor->out_validity->data, at, count, out);
    return JOIST_OK;
}

/* `count` slots, whose validity stands already, of which `dense` have a value. */
static enum joist_status read_values(
        struct ji_leaf_cursor *cursor, size_t count, size_t dense, struct joist_error *err)
{
    const size_t at = cursor->slots;
    uint8_t *const out = cursor->out_values->data;
    if (cursor->type.conversion == JI_CONVERT_BIT) {
        JI_TRY(read_booleans(cursor, count, dense, err));
    } else if (cursor->form == JI_DICTIONARY) {
        uint32_t *const codes = (uint32_t *)(void *)out + at;
        JI_TRY(ji_page_values_codes(&cursor->values, dense, codes, err));
        if (dense < count)
            ji_expand(codes, sizeof codes[0], cursor->out_validity->data, at, count);
    } else if (cursor->output.has_views && cursor->type.conversion == JI_CONVERT_VIEW) {
        struct ji_string_view *const views = (struct ji_string_view *)(void *)out + at;
        JI_TRY(ji_leaf_read_strings(cursor, dense, views, err));
        if (dense < count)
            ji_expand(views, sizeof views[0], cursor->out_validity->data, at, count);
    } else {
        const size_t width = cursor->type.memory_bytes;
        JI_TRY(ji_page_values_read(&cursor->values, dense, out, at, err));
        if (dense < count && width > 0)
            ji_expand(out + at * width, width, cursor->out_validity->data, at, count);
        if (cursor->type.conversion == JI_CONVERT_VIEW && dense > 0)
            JI_TRY(lend(cursor, err));
    }
    cursor->slots += count;
    cursor->nulls += count - dense;
    return JOIST_OK;
}

/* The levels of `count` rows: kept where the column is nested, and as validity bits. */
static enum joist_status read_flat_levels(
        struct ji_leaf_cursor *cursor, size_t count, size_t *dense, struct joist_error *err)
{
    const uint8_t max = cursor->leaf->max_def;
    *dense = count;
    if (!cursor->keeps_levels && max == 0)
        return JOIST_OK;
    if (!cursor->keeps_levels) {
        *dense = 0;
        return ji_levels_read_bits(
                &cursor->defs, count, cursor->out_validity->data, cursor->slots, dense, err);
    }
    JI_TRY(ji_bytes_reserve(&cursor->out_defs, count, err));
    uint8_t *const levels = cursor->out_defs.data + cursor->out_defs.size;
    JI_TRY(ji_levels_read(&cursor->defs, count, levels, err));
    cursor->out_defs.size += count;
    if (max > 0)
        *dense = ji_bitmap_of_levels(levels, count, max, cursor->out_validity->data, cursor->slots);
    return JOIST_OK;
}

static enum joist_status append_flat(struct ji_leaf_cursor *cursor, size_t rows, struct joist_error *err)
{
    JI_TRY(make_room(cursor, rows, err));
    while (rows > 0) {
        bool has_page = true;
        if (cursor->page_left == 0)
            JI_TRY(ji_leaf_next_page(cursor, &has_page, err));
        if (!has_page)
            return ji_leaf_ends_early(rows, err);
        const size_t step = ji_min_size(rows, cursor->page_left);
        size_t dense = 0;
        JI_TRY(read_flat_levels(cursor, step, &dense, err));
        JI_TRY(read_values(cursor, step, dense, err));
        cursor->page_left -= step;
        cursor->row += step;
        rows -= step;
    }
    return JOIST_OK;
}

/* Entries [block_at, end) of the block. */
static enum joist_status append_entries(struct ji_leaf_cursor *cursor, size_t end, struct joist_error *err)
{
    const size_t begin = cursor->block_at;
    const size_t count = end - begin;
    const uint8_t max = cursor->leaf->max_def;
    JI_TRY(ji_bytes_append(&cursor->out_reps, cursor->block_reps + begin, count, err));
    JI_TRY(ji_bytes_append(&cursor->out_defs, cursor->block_defs + begin, count, err));
    JI_TRY(make_room(cursor, count, err));
    /* The levels of entries that have a slot, closed up, become the validity of the slots. */
    uint8_t levels[JI_LEVEL_BLOCK];
    size_t slots = 0;
    for (size_t entry = begin; entry < end; entry++) {
        levels[slots] = cursor->block_defs[entry];
        slots += cursor->block_defs[entry] >= cursor->slot_def;
    }
    const size_t dense = ji_bitmap_of_levels(levels, slots, max, cursor->out_validity->data, cursor->slots);
    cursor->block_at = end;
    return read_values(cursor, slots, dense, err);
}

enum joist_status ji_leaf_cursor_append(struct ji_leaf_cursor *cursor, size_t rows, struct joist_error *err)
{
    if (rows == 0)
        return JOIST_OK;
    const enum joist_status status = cursor->leaf->max_rep == 0
            ? append_flat(cursor, rows, err)
            : ji_leaf_each_block(cursor, rows, append_entries, err);
    return ji_leaf_prefix(cursor, status, err);
}

enum joist_status ji_leaf_cursor_part(
        struct ji_leaf_cursor *cursor, struct ji_leaf_part *part, struct joist_error *err)
{
    const struct ji_field *const field = cursor->leaf->field;
    /* An optional leaf under a required field is a map's key. */
    if (cursor->nulls > 0 && !field->nullable && cursor->leaf->element->repetition == JI_OPTIONAL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "row group %zu, column '%s': null key of a map", cursor->group,
                cursor->leaf->name);
    const bool has_nulls = cursor->nulls > 0 && field->nullable && field->kind != JI_NULL;
    const bool is_coded = cursor->form == JI_DICTIONARY;
    const bool has_values = cursor->slots > 0 && field->kind != JI_NULL;
    const bool is_laid_out = cursor->output.is_laid_out &&
            (cursor->output.has_views || cursor->type.conversion != JI_CONVERT_VIEW);
    *part = (struct ji_leaf_part){
            .defs = cursor->out_defs.data,
            .reps = cursor->leaf->max_rep > 0 ? cursor->out_reps.data : NULL,
            .entry_count = cursor->out_defs.size,
            .column =
                    {
                            .field = field,
                            .form = cursor->form,
                            .row_count = cursor->slots,
                            .validity = has_nulls ? cursor->out_validity->data : NULL,
                            .validity_buffer = has_nulls ? cursor->out_validity : NULL,
                            .values = has_values ? cursor->out_values->data : NULL,
                            .values_buffer = has_values ? cursor->out_values : NULL,
                            .dictionary = is_coded ? &cursor->dictionary.column : NULL,
                            .heap = is_coded || cursor->heap_is_mixed ? NULL : cursor->heap,
                            .is_laid_out = is_laid_out,
                            .heaps = cursor->heaps,
                            .heap_count = cursor->heap_count,
                    },
    };
    return JOIST_OK;
}
