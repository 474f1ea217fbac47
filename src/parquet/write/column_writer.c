/*
 * column_writer.c - one leaf of the open row group: which values go to which page
 *
 *     column -> blocks of at most 1,024 values -> dictionary codes, or PLAIN -> page -> store
 *
 *   1. A page has one encoding. Values of a block enter a page before its levels do, so that a block that the
 *      dictionary refuses half-way is taken back by forgetting its codes: the page ends without it.
 *   2. Rows never split across pages; a page ends at the first block boundary past its limits.
 *   3. A dictionary that no page has used may be dropped, and its codes turned to PLAIN; one that was
 *      used stays for the chunk, and only grows no more.
 *
 * The dictionary is judged early (nearly all of the first 4,096 values distinct: dropped), at each page's
 * end (it must save a fifth) and when its page is full.
 */
#include "parquet/write/value_fill.h"

#include <assert.h>

#define RELIEVE_BYTES 8192   /* less is not worth a page */
#define RELIEVE_ENTRIES 1024 /* a dictionary of more gives way when memory is short */
#define NESTED_ENTRIES 8192
#define NESTED_ROWS_OF_VIEWS 256

void ji_column_writer_init(struct ji_column_writer *writer, struct ji_mem *mem, const struct ji_leaf *leaf,
        const struct ji_shape *shape, const struct ji_column_settings *settings,
        const struct ji_leaf_wishes *wishes)
{
    *writer = (struct ji_column_writer){
            .leaf = leaf, .shape = shape, .settings = settings, .wishes = wishes, .mem = mem};
    writer->block_shape = ji_leaf_block_shape(leaf);
    switch (leaf->element->physical) {
    case JI_PHYSICAL_BOOLEAN:
        break;
    case JI_PHYSICAL_FIXED:
        writer->value_bytes = (size_t)leaf->element->type_length;
        break;
    case JI_PHYSICAL_INT96:
        writer->value_bytes = 12;
        break;
    default:
        writer->value_bytes = writer->block_shape == JI_BLOCK_EIGHT ? 8 : 4;
    }
    ji_bytes_init(&writer->defs, mem);
    ji_bytes_init(&writer->reps, mem);
    ji_bytes_init(&writer->codes, mem);
    ji_bytes_init(&writer->plain, mem);
    ji_bytes_init(&writer->lengths, mem);
    ji_bytes_init(&writer->histograms, mem);
    ji_bytes_init(&writer->dictionary_page, mem);
    ji_page_store_init(&writer->store, mem);
    ji_page_store_init(&writer->facts, mem);
    ji_bytes_init(&writer->page_sizes, mem);
    if (writer->block_shape != JI_BLOCK_BITS)
        ji_dictionary_writer_init(&writer->dictionary, mem, writer->block_shape,
                leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY, settings->dictionary_bytes_max);
    writer->bounds.order = ji_leaf_bound_order(leaf);
    if (leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY)
        writer->bounds.bytes_max = writer->chunk_bounds.bytes_max = settings->bound_bytes_max;
    ji_geo_bounds_init(&writer->places, leaf);
    ji_column_writer_reset(writer);
}

void ji_chunk_pages_init(struct ji_chunk_pages *pages, struct ji_mem *mem)
{
    ji_bytes_init(&pages->dictionary_page, mem);
    ji_page_store_init(&pages->store, mem);
}

void ji_chunk_pages_clear(struct ji_chunk_pages *pages)
{
    ji_bytes_clear(&pages->dictionary_page);
    ji_page_store_clear(&pages->store);
}

void ji_column_writer_hand_over(struct ji_column_writer *writer, struct ji_chunk_pages *pages)
{
    pages->dictionary_page = writer->dictionary_page;
    pages->store = writer->store;
    ji_bytes_init(&writer->dictionary_page, writer->mem);
    ji_page_store_init(&writer->store, writer->mem);
}

void ji_column_writer_clear(struct ji_column_writer *writer)
{
    if (writer->mem == NULL)
        return;
    ji_bytes_clear(&writer->defs);
    ji_bytes_clear(&writer->reps);
    ji_bytes_clear(&writer->codes);
    ji_bytes_clear(&writer->plain);
    ji_bytes_clear(&writer->lengths);
    ji_bytes_clear(&writer->histograms);
    ji_bytes_clear(&writer->dictionary_page);
    ji_page_store_clear(&writer->store);
    ji_page_store_clear(&writer->facts);
    ji_bytes_clear(&writer->page_sizes);
    ji_bloom_filter_clear(&writer->bloom);
    if (writer->block_shape != JI_BLOCK_BITS)
        ji_dictionary_writer_clear(&writer->dictionary);
}

void ji_column_writer_reset(struct ji_column_writer *writer)
{
    const enum ji_bound_order order = writer->bounds.order;
    writer->defs.size = writer->reps.size = writer->codes.size = 0;
    writer->plain.size = writer->lengths.size = 0;
    writer->entry_count = writer->value_count = writer->row_count = 0;
    writer->unencoded_bytes = 0;
    writer->histograms.size = writer->dictionary_page.size = writer->page_sizes.size = 0;
    writer->page_count = 0;
    memset(writer->pages_coded, 0, sizeof writer->pages_coded);
    if (writer->chunk_values > 0)
        writer->values_before = writer->chunk_values;
    writer->chunk_rows = writer->chunk_entries = writer->chunk_values = writer->chunk_nulls = 0;
    writer->chunk_unencoded_bytes = writer->uncompressed_bytes = 0;
    writer->is_unpacked = false;
    writer->has_rising_pages = writer->has_falling_pages = true;
    ji_bounds_reset(&writer->bounds, order);
    ji_bounds_reset(&writer->chunk_bounds, order);
    ji_geo_bounds_reset(&writer->places);
    ji_bloom_filter_clear(&writer->bloom);
    writer->has_bloom = false;
    ji_bounds_reset(&writer->last_bounds, order);
    ji_page_store_clear(&writer->store);
    ji_page_store_clear(&writer->facts);
    writer->is_chosen = writer->waits = writer->in_dictionary = false;
    writer->plan = (struct ji_encode_plan){.encoding = JI_ENCODING_PLAIN, .shape = JI_DELTA_SHAPE_SMALL};
    if (writer->block_shape != JI_BLOCK_BITS)
        ji_dictionary_writer_reset(&writer->dictionary);
}

uint64_t ji_column_writer_held(const struct ji_column_writer *writer)
{
    uint64_t bytes = writer->defs.capacity + writer->reps.capacity + writer->codes.capacity;
    bytes += writer->plain.capacity + writer->lengths.capacity + ji_page_store_held(&writer->facts) +
            writer->histograms.capacity + writer->page_sizes.capacity +
            writer->bloom.block_capacity * JI_BLOOM_BLOCK_BYTES;
    bytes += writer->dictionary_page.capacity + ji_page_store_held(&writer->store);
    if (writer->block_shape != JI_BLOCK_BITS)
        bytes += ji_dictionary_writer_held(&writer->dictionary);
    return bytes;
}

void ji_column_writer_drop_page(struct ji_column_writer *writer)
{
    ji_bytes_clear(&writer->defs);
    ji_bytes_clear(&writer->reps);
    ji_bytes_clear(&writer->codes);
    ji_bytes_clear(&writer->plain);
    ji_bytes_clear(&writer->lengths);
    if (writer->block_shape != JI_BLOCK_BITS)
        ji_dictionary_writer_clear(&writer->dictionary);
}

void ji_column_writer_let_go(struct ji_column_writer *writer)
{
    ji_column_writer_clear(writer);
    ji_column_writer_reset(writer);
}

static bool has_dictionary(const struct ji_column_writer *writer)
{
    return writer->in_dictionary || writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] > 0;
}

uint64_t ji_column_writer_bytes(const struct ji_column_writer *writer)
{
    return writer->store.bytes + writer->dictionary_page.size +
            (has_dictionary(writer) ? writer->dictionary.page.size : 0);
}

uint64_t ji_column_writer_pending(const struct ji_column_writer *writer)
{
    return writer->plain.size + writer->lengths.size + writer->codes.size / 2 + writer->defs.size / 8 +
            writer->reps.size / 8;
}

/* Ends the page; before that its encoding is chosen, and after it the dictionary judged. */
static enum joist_status end_page(
        struct ji_column_writer *writer, struct ji_write_lane *lane, bool is_last, struct joist_error *err)
{
    if (!writer->is_chosen)
        JI_TRY(ji_values_choose(writer, lane, is_last, err));
    const bool pays = !writer->in_dictionary || ji_values_codes_pay(writer, is_last);
    if (!pays && writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] == 0) {
        JI_TRY(ji_values_from_codes(writer, lane, err));
        ji_values_leave_dictionary(writer);
    }
    JI_TRY(ji_page_end(writer, lane, err));
    if (writer->in_dictionary && !pays)
        ji_values_leave_dictionary(writer);
    return JOIST_OK;
}

/* --- values --- */

/* Values of one append step: `rows` of `column`, or from `start` on; any number. */
struct value_run {
    const struct ji_column *column;
    const uint32_t *rows;
    size_t start;
    size_t count;
};

static enum joist_status run_block(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct value_run *run, size_t at, struct ji_value_block *block, struct joist_error *err)
{
    const size_t take = ji_min_size(JI_BLOCK_VALUES, run->count - at);
    const struct ji_row_pick pick = {
            .rows = run->rows == NULL ? NULL : run->rows + at, .start = run->start + at, .count = take};
    return ji_value_block_make(writer->leaf, run->column, pick, &lane->block, block, err);
}

/* `*refused` is true where the dictionary did not take them all; then it has none of this run's codes. */
static enum joist_status add_codes(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct value_run *run, bool *refused, struct joist_error *err)
{
    const size_t before = writer->codes.size;
    JI_TRY(ji_bytes_reserve(&writer->codes, run->count * sizeof(uint32_t), err));
    for (size_t at = 0; at < run->count; at += JI_BLOCK_VALUES) {
        struct ji_value_block block;
        size_t coded = 0;
        JI_TRY(run_block(writer, lane, run, at, &block, err));
        uint32_t *codes = (uint32_t *)(void *)(writer->codes.data + writer->codes.size);
        JI_TRY(ji_dictionary_writer_encode(&writer->dictionary, &block, codes, &coded, err));
        if (coded < block.count) {
            writer->codes.size = before;
            *refused = true;
            return JOIST_OK;
        }
        writer->codes.size += block.count * sizeof(uint32_t);
    }
    writer->value_count += run->count;
    *refused = false;
    return JOIST_OK;
}

static enum joist_status add_values(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct value_run *run, struct joist_error *err)
{
    if (writer->in_dictionary) {
        bool refused = false;
        JI_TRY(add_codes(writer, lane, run, &refused, err));
        if (!refused)
            return JOIST_OK;
        if (writer->row_count > 0)
            JI_TRY(end_page(writer, lane, false, err));
        ji_values_leave_dictionary(writer);
    }
    for (size_t at = 0; at < run->count; at += JI_BLOCK_VALUES) {
        struct ji_value_block block;
        JI_TRY(run_block(writer, lane, run, at, &block, err));
        JI_TRY(ji_values_add(writer, &block, err));
    }
    return JOIST_OK;
}

/* After a block whose values and levels are in: its rows, and the page's end where it is full. */
static enum joist_status rows_done(
        struct ji_column_writer *writer, struct ji_write_lane *lane, size_t rows, struct joist_error *err)
{
    const struct ji_column_settings *settings = writer->settings;
    writer->row_count += rows;
    JI_TRY(ji_values_sampled(writer, lane, err));
    const size_t held = writer->plain.size + writer->lengths.size + writer->codes.size + writer->defs.size +
            writer->reps.size;
    if (writer->row_count >= settings->page_rows_max || held >= settings->page_bytes_max)
        return end_page(writer, lane, false, err);
    return JOIST_OK;
}

/* --- flat columns --- */

static uint32_t pick_row(struct ji_row_pick pick, size_t i)
{
    return pick.rows != NULL ? pick.rows[i] : (uint32_t)(pick.start + i);
}

/*
 * The valid rows of the first `count` picked ones in lane->rows, by their place in the column that holds
 * the values (a dictionary's entry for a code); lane->defs has 1 for each valid one, else 0.
 */
static size_t valid_rows(
        struct ji_write_lane *lane, const struct ji_column *column, struct ji_row_pick pick, size_t count)
{
    const int32_t *codes = column->form == JI_DICTIONARY ? column->values : NULL;
    size_t valid = 0;
    if (codes != NULL && column->validity == NULL && pick.rows == NULL) {
        memcpy(lane->rows, codes + pick.start, count * sizeof *codes);
        memset(lane->defs, 1, count);
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        const uint32_t row = pick_row(pick, i);
        const bool is_null = ji_column_is_null(column, row);
        uint32_t place = row;
        if (column->form == JI_CONSTANT)
            place = 0;
        else if (codes != NULL && !is_null)
            place = (uint32_t)codes[row];
        lane->rows[valid] = place;
        lane->defs[i] = !is_null;
        valid += !is_null;
    }
    return valid;
}

static uint64_t views_bytes(const struct value_run *run)
{
    const struct ji_view *views = run->column->values;
    uint64_t sum = 0;
    if (run->rows == NULL)
        for (size_t i = 0; i < run->count; i++)
            sum += views[run->start + i].size;
    else
        for (size_t i = 0; i < run->count; i++)
            sum += views[run->rows[i]].size;
    return sum;
}

/* How many of the run's views take at most `room` bytes (at least one), and what they take. */
static size_t views_within(const struct value_run *run, size_t room, uint64_t *bytes)
{
    const struct ji_view *views = run->column->values;
    uint64_t sum = views_bytes(run);
    size_t count = run->count;
    for (; sum > room && count > 1; count--)
        sum -= views[run->rows != NULL ? run->rows[count - 1] : run->start + count - 1].size;
    *bytes = sum;
    return count;
}

/* The rows before the one whose value would be number `values` (from 0). */
static size_t rows_before(const uint8_t *defs, size_t rows, size_t values)
{
    size_t seen = 0;
    for (size_t i = 0; i < rows; i++) {
        if (defs[i] != 0 && seen == values)
            return i;
        seen += defs[i] != 0;
    }
    return rows;
}

/* One block of a scalar top-level column; `*done` rows of the pick are in. */
static enum joist_status append_block(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_column *column, struct ji_row_pick pick, size_t *done, struct joist_error *err)
{
    const struct ji_column_settings *settings = writer->settings;
    struct ji_column values = column->form == JI_DICTIONARY ? *column->dictionary : *column;
    values.form = JI_FLAT;
    size_t rows = ji_min_size(pick.count, JI_BLOCK_VALUES);
    rows = ji_min_size(rows, settings->page_rows_max - writer->row_count);
    struct value_run run = {.column = &values, .rows = pick.rows, .start = pick.start, .count = rows};
    const bool is_plain_pick =
            column->form == JI_FLAT && column->validity == NULL && column->field->kind != JI_NULL;
    if (!is_plain_pick) {
        run.rows = lane->rows;
        run.count = valid_rows(lane, column, pick, rows);
        if (run.count < rows && writer->leaf->max_def == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "null in a required column");
    }
    uint64_t bytes = 0;
    if (writer->leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY) {
        const size_t held = ji_min_size(writer->plain.size + writer->lengths.size, settings->page_bytes_max);
        const size_t fit = views_within(&run, settings->page_bytes_max - held, &bytes);
        if (fit < run.count) {
            rows = is_plain_pick ? fit : rows_before(lane->defs, rows, fit);
            run.count = fit;
        }
    }
    JI_TRY(add_values(writer, lane, &run, err));
    if (writer->leaf->max_def > 0) {
        JI_TRY(ji_bytes_reserve(&writer->defs, rows, err));
        if (is_plain_pick)
            memset(writer->defs.data + writer->defs.size, 1, rows);
        else
            memcpy(writer->defs.data + writer->defs.size, lane->defs, rows);
        writer->defs.size += rows;
    }
    writer->entry_count += rows;
    writer->unencoded_bytes += bytes;
    *done = rows;
    return rows_done(writer, lane, rows, err);
}

static enum joist_status append_flat(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_column *column, struct ji_row_pick pick, struct joist_error *err)
{
    while (pick.count > 0) {
        size_t done = 0;
        JI_TRY(append_block(writer, lane, column, pick, &done, err));
        pick.rows = pick.rows == NULL ? NULL : pick.rows + done;
        pick.start += done;
        pick.count -= done;
    }
    return JOIST_OK;
}

/* --- nested columns --- */

/* Rows that make no more entries than a block should have; one row may. */
static size_t nested_rows(
        const struct ji_column_writer *writer, const struct ji_column *column, size_t start, size_t count)
{
    size_t rows = writer->block_shape == JI_BLOCK_VIEWS ? NESTED_ROWS_OF_VIEWS : JI_BLOCK_VALUES;
    rows = ji_min_size(rows, count);
    rows = ji_min_size(rows, writer->settings->page_rows_max - writer->row_count);
    const bool is_list = writer->shape->field->kind != JI_STRUCT;
    while (is_list && rows > 1 && column->offsets[start + rows] - column->offsets[start] > NESTED_ENTRIES)
        rows /= 2;
    return rows;
}

static enum joist_status append_nested(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_column *column, size_t start, size_t count, struct joist_error *err)
{
    while (count > 0) {
        const size_t rows = nested_rows(writer, column, start, count);
        const struct ji_level_part part = {.column = column, .start = start, .count = rows};
        struct ji_levels levels;
        JI_TRY(ji_levels_make(&lane->levels, writer->shape, writer->leaf, &part, &levels, err));
        const struct value_run run = {
                .column = levels.column, .rows = levels.rows, .count = levels.row_count};
        uint64_t bytes = 0;
        if (writer->leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY)
            views_within(&run, SIZE_MAX, &bytes);
        JI_TRY(add_values(writer, lane, &run, err));
        if (writer->leaf->max_def > 0)
            JI_TRY(ji_bytes_append(&writer->defs, levels.defs, levels.count, err));
        if (writer->leaf->max_rep > 0)
            JI_TRY(ji_bytes_append(&writer->reps, levels.reps, levels.count, err));
        writer->entry_count += levels.count;
        writer->unencoded_bytes += bytes;
        JI_TRY(rows_done(writer, lane, rows, err));
        start += rows;
        count -= rows;
    }
    return JOIST_OK;
}

enum joist_status ji_column_writer_append(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_column *column, struct ji_row_pick pick, struct joist_error *err)
{
    writer->work += pick.count;
    if (writer->block_shape != JI_BLOCK_BITS && (writer->in_dictionary || !writer->is_chosen))
        ji_dictionary_writer_limit(&writer->dictionary, writer->settings->dictionary_bytes_max);
    if (!ji_kind_is_nested(writer->shape->field->kind))
        return append_flat(writer, lane, column, pick, err);

    struct ji_column flat;
    ji_arena_reset(&lane->arena);
    if (pick.rows != NULL)
        JI_TRY(ji_column_gather(&lane->arena, column, pick.rows, pick.count, &flat, err));
    else
        JI_TRY(ji_column_flat(&lane->arena, column, &flat, err));
    return append_nested(writer, lane, &flat, pick.rows != NULL ? 0 : pick.start, pick.count, err);
}

/* Facts go where they fill more than the least that they take in memory anyway. */
static bool has_movable_facts(const struct ji_column_writer *writer)
{
    return writer->facts.held > JI_SLAB_BYTES_MIN;
}

uint64_t ji_column_writer_movable(const struct ji_column_writer *writer)
{
    return writer->store.held + (has_movable_facts(writer) ? writer->facts.held : 0);
}

enum joist_status ji_column_writer_spill(
        struct ji_column_writer *writer, struct ji_scratch *scratch, struct joist_error *err)
{
    JI_TRY(ji_page_store_spill(&writer->store, scratch, err));
    return has_movable_facts(writer) ? ji_page_store_spill(&writer->facts, scratch, err) : JOIST_OK;
}

enum joist_status ji_column_writer_end_chunk(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    if (writer->row_count > 0)
        JI_TRY(ji_column_writer_settle(writer, lane, end_page(writer, lane, true, err), err));
    JI_TRY(ji_bloom_end(writer, lane, err));
    if (writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] > 0)
        JI_TRY(ji_dictionary_page_make(writer, lane, err));
    return ji_chunk_unpack(writer, lane, err);
}

enum joist_status ji_column_writer_relieve(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    if (writer->plain.size + writer->lengths.size + writer->codes.size < RELIEVE_BYTES)
        return JOIST_OK;
    JI_TRY(ji_column_writer_settle(writer, lane, end_page(writer, lane, false, err), err));
    ji_bytes_clear(&writer->plain);
    ji_bytes_clear(&writer->lengths);
    ji_bytes_clear(&writer->codes);
    ji_bytes_clear(&writer->defs);
    ji_bytes_clear(&writer->reps);
    if (writer->in_dictionary && writer->dictionary.count > RELIEVE_ENTRIES)
        ji_values_leave_dictionary(writer);
    return JOIST_OK;
}
