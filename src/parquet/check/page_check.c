/*
 * page_check.c - one page: its checksum, its bytes, its levels, its counts
 *
 *   1. A page whose checksum is wrong is said to be, then read all the same: what else is wrong is said too.
 *   2. A page that cannot be read makes the totals of its chunk unknown, never wrong.
 */
#include <assert.h>

#include "parquet/check/chunk_walk.h"

/* Loads the page; `*is_loaded` false where it cannot be, which has been said then. */
static enum joist_status load(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        size_t header_bytes, struct ji_page_parts *parts, bool *is_loaded, struct joist_error *err)
{
    const uint64_t position = walk->pages.position;
    struct joist_error first = {.status = JOIST_OK};
    struct joist_error second = {.status = JOIST_OK};
    *is_loaded = true;
    walk->pages.no_crc = false;
    first.status = ji_page_reader_load(&walk->pages, header, header_bytes, &walk->buffer, parts, &first);
    if (first.status == JOIST_OK)
        return JOIST_OK;
    walk->pages.position = position;
    walk->pages.no_crc = true;
    second.status = ji_page_reader_load(&walk->pages, header, header_bytes, &walk->buffer, parts, &second);
    if (second.status == JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_PAGE_CRC, &first, err);
    *is_loaded = false;
    walk->is_whole = false;
    walk->pages.position = position;
    ji_page_reader_pass(&walk->pages, header, header_bytes);
    if (strcmp(first.text, second.text) != 0)
        JI_TRY(ji_find_status(walk->checker, JI_CHECK_PAGE_CRC, &first, err));
    return ji_find_status(walk->checker, JI_CHECK_PAGE_BYTES, &second, err);
}

/* --- the dictionary --- */

/* Each entry must be a value of its type; one that says it is sorted must be. */
static enum joist_status check_entries(
        struct ji_chunk_walk *walk, const struct ji_page_header *header, struct joist_error *err)
{
    const uint8_t *const values = walk->dictionary.values->data;
    const enum ji_value_order order = walk->page.order;
    if (!header->is_sorted || order == JI_ORDERED_NOT)
        return JOIST_OK;
    for (size_t entry = 1; entry < walk->dictionary.count; entry++) {
        const struct ji_view before = ji_walk_value(walk, values, entry - 1);
        const struct ji_view value = ji_walk_value(walk, values, entry);
        if (ji_order_fits(order, before) && ji_order_fits(order, value) &&
                ji_order_compare(order, before, value) > 0)
            return ji_find(walk->checker, JI_CHECK_DICTIONARY, err,
                    "dictionary says that it is sorted, and entry %zu is below the one before", entry);
    }
    return JOIST_OK;
}

static enum joist_status keep_dictionary(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        const struct ji_page_parts *parts, struct joist_error *err)
{
    struct joist_error what = {.status = JOIST_OK};
    struct ji_buffer *page = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_buffer_new(walk->checker->mem, ji_max_size(parts->values.size, 1), &page, err));
    if (parts->values.size > 0)
        memcpy(page->data, parts->values.data, parts->values.size);
    what.status = ji_dictionary_init(&walk->dictionary, &walk->type, walk->leaf->field, page,
            ji_view_of(page->data, parts->values.size), (size_t)header->value_count, &what);
    if (what.status != JOIST_OK) {
        walk->is_whole = false;
        status = ji_find_status(walk->checker, JI_CHECK_DICTIONARY, &what, err);
        goto out;
    }
    walk->has_dictionary = true;
    ji_values_swap(walk->dictionary.values->data, walk->type.number_bytes, walk->dictionary.count);
    JI_TRY_OUT(
            ji_arena_array(&walk->arena, walk->dictionary.count, sizeof walk->marks[0], &walk->marks, err));
    status = check_entries(walk, header, err);
out:
    ji_buffer_release(page);
    return status;
}

enum joist_status ji_check_dictionary_page(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const int64_t position = (int64_t)walk->pages.position;
    const int64_t said = walk->chunk->dictionary_page_offset;
    ji_checker_page(checker, -1, position);
    if (walk->met_dictionary || walk->data_pages > 0) {
        ji_page_reader_pass(&walk->pages, header, header_bytes);
        return ji_find(checker, JI_CHECK_DICTIONARY, err, "second or late dictionary page");
    }
    walk->met_dictionary = true;
    if (said > 0 && said != position)
        JI_TRY(ji_find(checker, JI_CHECK_CHUNK_OFFSET, err,
                "dictionary page at %" PRId64 ", the footer says %" PRId64, position, said));
    if (said <= 0)
        JI_TRY(ji_find_note(checker, JI_CHECK_CHUNK_OFFSET, err,
                "dictionary page at %" PRId64 " that the footer does not name", position));
    if (header->encoding != JI_ENCODING_PLAIN && header->encoding != JI_ENCODING_PLAIN_DICTIONARY) {
        walk->is_whole = false;
        ji_page_reader_pass(&walk->pages, header, header_bytes);
        return ji_find(checker, JI_CHECK_DICTIONARY, err, "dictionary page encoded as %s (%d)",
                ji_encoding_name((int)header->encoding), (int)header->encoding);
    }
    struct ji_page_parts parts = {.reps = {.data = NULL}};
    bool is_loaded = false;
    JI_TRY(load(walk, header, header_bytes, &parts, &is_loaded, err));
    return is_loaded ? keep_dictionary(walk, header, &parts, err) : JOIST_OK;
}

/* --- data pages --- */

/* Levels before the values in a page v1; `*bytes` loses them. */
static enum joist_status take_v1(struct ji_levels *levels, struct ji_view *bytes, enum ji_encoding encoding,
        unsigned max, size_t count, struct joist_error *what)
{
    ji_levels_init_none(levels);
    if (max == 0)
        return JOIST_OK;
    size_t taken = 0;
    JI_TRY(ji_levels_init_v1(levels, *bytes, encoding, max, count, &taken, what));
    *bytes = ji_view_of(bytes->data + taken, bytes->size - taken);
    return JOIST_OK;
}

static enum joist_status start_levels(const struct ji_chunk_walk *walk, const struct ji_page_header *header,
        struct ji_page_parts *parts, struct ji_levels *reps, struct ji_levels *defs, struct joist_error *what)
{
    const unsigned max_rep = walk->leaf->max_rep;
    const unsigned max_def = walk->leaf->max_def;
    const size_t count = (size_t)header->value_count;
    if (header->type == JI_PAGE_DATA) {
        JI_TRY(take_v1(reps, &parts->values, header->rep_encoding, max_rep, count, what));
        return take_v1(defs, &parts->values, header->def_encoding, max_def, count, what);
    }
    ji_levels_init_none(reps);
    ji_levels_init_none(defs);
    if (max_rep > 0)
        ji_levels_init_rle(reps, parts->reps, max_rep);
    if (max_def > 0)
        ji_levels_init_rle(defs, parts->defs, max_def);
    return JOIST_OK;
}

/* The counts of its header. */
static enum joist_status compare_header(
        struct ji_chunk_walk *walk, const struct ji_page_header *header, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const struct ji_value_facts *const page = &walk->page;
    const uint64_t nulls = ji_value_facts_nulls(page);
    if (header->type == JI_PAGE_DATA_V2) {
        if (nulls != (uint64_t)header->null_count)
            JI_TRY(ji_find(checker, JI_CHECK_PAGE_NULLS, err, "%" PRIu64 " nulls, the header says %" PRId32,
                    nulls, header->null_count));
        if (page->rows != (uint64_t)header->row_count)
            JI_TRY(ji_find(checker, JI_CHECK_PAGE_ROWS, err, "%" PRIu64 " rows, the header says %" PRId32,
                    page->rows, header->row_count));
    }
    const bool begins_row = header->type == JI_PAGE_DATA_V2 || walk->has_offsets || walk->data_pages == 0;
    if (begins_row && page->entries > 0 && walk->page_begins_inside)
        JI_TRY(ji_find(checker, JI_CHECK_PAGE_LEVELS, err, "page begins inside a row"));
    return header->has_statistics ? ji_check_statistics(walk, &header->statistics, page, "page ", err)
                                  : JOIST_OK;
}

static enum joist_status check_body(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        struct ji_page_parts *parts, bool *is_known, struct joist_error *err)
{
    struct ji_levels reps;
    struct ji_levels defs;
    struct joist_error what = {.status = JOIST_OK};
    const bool was_whole = walk->is_whole;
    *is_known = false;
    walk->is_whole = false;
    what.status = start_levels(walk, header, parts, &reps, &defs, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_PAGE_LEVELS, &what, err);
    what.status = ji_page_values_init(&walk->values, &walk->type, header->encoding, parts->values,
            walk->has_dictionary ? &walk->dictionary : NULL, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_PAGE_VALUES, &what, err);
    walk->is_whole = true;
    JI_TRY(ji_check_values(walk, &reps, &defs, (uint64_t)header->value_count, err));
    *is_known = walk->is_whole;
    if (!*is_known)
        ji_page_values_break(&walk->values);
    walk->is_whole = was_whole && *is_known;
    return *is_known ? compare_header(walk, header, err) : JOIST_OK;
}

static void count_page(struct ji_chunk_walk *walk, const struct ji_page_header *header)
{
    const unsigned encoding = (unsigned)header->encoding;
    if (encoding < JI_WALK_ENCODINGS)
        walk->encodings |= 1u << encoding;
    if (encoding != JI_ENCODING_RLE_DICTIONARY && encoding != JI_ENCODING_PLAIN_DICTIONARY)
        walk->only_dictionary = false;
    if (walk->first_data_offset < 0)
        walk->first_data_offset = (int64_t)walk->pages.position;
}

enum joist_status ji_check_data_page(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err)
{
    struct ji_page_parts parts = {.reps = {.data = NULL}};
    bool is_loaded = false;
    bool is_known = false;
    ji_checker_page(walk->checker, walk->data_pages, (int64_t)walk->pages.position);
    count_page(walk, header);
    ji_value_facts_reset(&walk->page);
    walk->page_begins_inside = false;
    const uint64_t left = (uint64_t)walk->chunk->value_count - walk->entries_claimed;
    const uint64_t position = walk->pages.position;
    if ((uint64_t)header->value_count > left) {
        walk->is_whole = false;
        ji_page_reader_pass(&walk->pages, header, header_bytes);
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_VALUES, err,
                "%" PRId32 " values where the chunk has %" PRIu64 " left", header->value_count, left));
    } else {
        walk->entries_claimed += (uint64_t)header->value_count;
        JI_TRY(load(walk, header, header_bytes, &parts, &is_loaded, err));
    }
    if (is_loaded)
        JI_TRY(check_body(walk, header, &parts, &is_known, err));
    JI_TRY(ji_check_index_page(walk, header, position, header_bytes, is_known, err));
    walk->data_pages++;
    walk->rows_before += walk->page.rows;
    return is_known ? ji_value_facts_add(&walk->total, &walk->page, err) : JOIST_OK;
}
