/*
 * chunk_check.c - a column chunk: what the footer says of it, its pages one after another, its totals
 */
#include <assert.h>

#include "parquet/check/chunk_walk.h"
#include "parquet/format/writer_version.h"
#include "parquet/read/file_crypto.h"

#define MISSING_HEADER_BYTES 100

/* --- before the pages --- */

static enum joist_status check_path(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_leaf *const leaf = walk->leaf;
    const struct ji_chunk *const chunk = walk->chunk;
    bool is_same = chunk->path_count == leaf->path_count;
    for (size_t step = 0; is_same && step < leaf->path_count; step++)
        is_same = ji_view_equal(chunk->path[step], leaf->path[step]);
    return is_same ? JOIST_OK
                   : ji_find(walk->checker, JI_CHECK_CHUNK_PATH, err,
                             "path_in_schema is not that of column %zu of the schema", walk->leaf_index);
}

/* The def level from which an entry with each rep level goes on in its list. */
static void set_list_defs(struct ji_chunk_walk *walk)
{
    const struct ji_schema_tree *const tree = &walk->checker->tree;
    size_t way[JI_LEVELS_MAX];
    size_t depth = 0;
    for (size_t at = (size_t)(walk->leaf->element - tree->elements); at != 0; at = tree->parents[at])
        way[depth++] = at;
    size_t rep = 0;
    uint8_t def = 0;
    while (depth > 0) {
        const struct ji_schema_element *const element = &tree->elements[way[--depth]];
        def = (uint8_t)(def + (element->repetition != JI_REQUIRED));
        if (element->repetition == JI_REPEATED)
            walk->list_defs[++rep] = def;
    }
}

static size_t element_of(const struct ji_checker *checker, size_t leaf)
{
    return (size_t)(checker->file->schema.leaves[leaf].element - checker->tree.elements);
}

static void set_siblings(struct ji_chunk_walk *walk)
{
    const struct ji_checker *const checker = walk->checker;
    const size_t leaf = walk->leaf_index;
    const size_t own = element_of(checker, leaf);
    if (leaf > 0)
        ji_cut_levels_init(&walk->with_before, &checker->tree, element_of(checker, leaf - 1), own);
    if (leaf + 1 < checker->file->schema.leaf_count)
        ji_cut_levels_init(&walk->with_next, &checker->tree, own, element_of(checker, leaf + 1));
}

static void set_physical_type(struct ji_chunk_walk *walk)
{
    struct ji_value_type *const type = &walk->type;
    const struct ji_schema_element *const element = walk->leaf->element;
    static const uint8_t widths[] = {[JI_PHYSICAL_INT32] = 4,
            [JI_PHYSICAL_INT64] = 8,
            [JI_PHYSICAL_INT96] = 12,
            [JI_PHYSICAL_FLOAT] = 4,
            [JI_PHYSICAL_DOUBLE] = 8,
            [JI_PHYSICAL_BYTE_ARRAY] = 0};
    *type = (struct ji_value_type){.conversion = JI_CONVERT_COPY, .physical = element->physical};
    if (element->physical == JI_PHYSICAL_BOOLEAN) {
        type->conversion = JI_CONVERT_BIT;
    } else if (element->physical == JI_PHYSICAL_BYTE_ARRAY) {
        type->conversion = JI_CONVERT_VIEW;
        type->memory_bytes = sizeof(struct ji_view);
    } else {
        type->file_bytes = element->physical == JI_PHYSICAL_FIXED ? (size_t)element->type_length
                                                                  : widths[element->physical];
        type->memory_bytes = type->file_bytes;
        const bool is_number =
                element->physical != JI_PHYSICAL_FIXED && element->physical != JI_PHYSICAL_INT96;
        type->number_bytes = is_number ? type->file_bytes : 0;
    }
}

static enum joist_status check_metadata(
        struct ji_chunk_walk *walk, bool *is_readable, struct joist_error *err)
{
    const struct ji_chunk *const chunk = walk->chunk;
    *is_readable = false;
    struct joist_error what = {.status = JOIST_OK};
    what.status = ji_chunk_check_key(chunk, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_CHUNK, &what, err);
    JI_TRY(check_path(walk, err));
    if (chunk->file_path.size > 0)
        return ji_find_unverified(walk->checker, JI_CHECK_CHUNK, err, "column chunk in another file");
    if (chunk->compressed_bytes < 0 || chunk->uncompressed_bytes < 0)
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_BYTES, err,
                "%" PRId64 " bytes compressed, %" PRId64 " uncompressed", chunk->compressed_bytes,
                chunk->uncompressed_bytes));
    *is_readable = true;
    return JOIST_OK;
}

/* --- the pages --- */

/* The header's statistics point into the window: a copy of them outlives the page's reading. */
static enum joist_status keep_statistics(
        struct ji_chunk_walk *walk, struct ji_page_header *header, struct joist_error *err)
{
    struct ji_statistics *const statistics = &header->statistics;
    struct ji_view *const views[] = {
            &statistics->min, &statistics->max, &statistics->min_old, &statistics->max_old};
    const bool has[] = {
            statistics->has_min, statistics->has_max, statistics->has_min_old, statistics->has_max_old};
    ji_arena_reset(&walk->parsed);
    walk->header_bytes.size = 0;
    size_t offsets[4] = {0};
    for (size_t index = 0; index < 4; index++) {
        offsets[index] = walk->header_bytes.size;
        if (header->has_statistics && has[index] && views[index]->size > 0)
            JI_TRY(ji_bytes_append(&walk->header_bytes, views[index]->data, views[index]->size, err));
    }
    for (size_t index = 0; index < 4; index++)
        *views[index] = views[index]->size > 0 && walk->header_bytes.size > 0
                ? ji_view_of(walk->header_bytes.data + offsets[index], views[index]->size)
                : ji_view_of(NULL, 0);
    return JOIST_OK;
}

static enum joist_status check_page(struct ji_chunk_walk *walk, struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err)
{
    JI_TRY(keep_statistics(walk, header, err));
    walk->unpacked_bytes += header_bytes + (uint64_t)header->uncompressed_bytes;
    if ((unsigned)header->type < JI_WALK_PAGE_TYPES && (unsigned)header->encoding < JI_WALK_ENCODINGS)
        walk->page_counts[header->type][header->encoding]++;
    switch (header->type) {
    case JI_PAGE_DATA:
    case JI_PAGE_DATA_V2:
        return ji_check_data_page(walk, header, header_bytes, err);
    case JI_PAGE_DICTIONARY:
        return ji_check_dictionary_page(walk, header, header_bytes, err);
    case JI_PAGE_INDEX:
        ji_page_reader_pass(&walk->pages, header, header_bytes);
        return JOIST_OK;
    }
    ji_checker_page(walk->checker, walk->data_pages, (int64_t)walk->pages.position);
    ji_page_reader_pass(&walk->pages, header, header_bytes);
    walk->is_whole = false;
    return ji_find(walk->checker, JI_CHECK_PAGE_TYPE, err, "page of type %d", (int)header->type);
}

/* Until the chunk's end, or, where its size is known to lack something, until its values are all there. */
static enum joist_status walk_pages(struct ji_chunk_walk *walk, bool is_short, struct joist_error *err)
{
    while (!ji_page_reader_at_end(&walk->pages)) {
        struct ji_page_header header;
        struct joist_error what = {.status = JOIST_OK};
        size_t header_bytes = 0;
        if (is_short && walk->entries_claimed == (uint64_t)walk->chunk->value_count)
            break;
        JI_TRY(ji_cancel_check(walk->checker->options.cancel, err));
        what.status = ji_page_reader_header(&walk->pages, &header, &header_bytes, &what);
        if (what.status != JOIST_OK) {
            ji_checker_page(walk->checker, walk->data_pages, (int64_t)walk->pages.position);
            walk->is_whole = false;
            walk->ended_early = true;
            return ji_find_status(walk->checker, JI_CHECK_PAGE_HEADER, &what, err);
        }
        JI_TRY(check_page(walk, &header, header_bytes, err));
    }
    return JOIST_OK;
}

/* --- behind the pages --- */

/* Pages of one encoding against what encoding_stats say; v2 pages that are called v1 are a note. */
static enum joist_status check_stat(struct ji_chunk_walk *walk,
        uint32_t said[JI_WALK_PAGE_TYPES][JI_WALK_ENCODINGS], int encoding, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const char *const name = ji_encoding_name(encoding);
    const uint32_t v1 = walk->page_counts[JI_PAGE_DATA][encoding];
    const uint32_t v2 = walk->page_counts[JI_PAGE_DATA_V2][encoding];
    const uint32_t said_v1 = said[JI_PAGE_DATA][encoding];
    const uint32_t said_v2 = said[JI_PAGE_DATA_V2][encoding];
    const uint32_t dictionaries = walk->page_counts[JI_PAGE_DICTIONARY][encoding];
    if (v1 + v2 != said_v1 + said_v2)
        JI_TRY(ji_find(checker, JI_CHECK_ENCODING_STATS, err,
                "%" PRIu32 " data pages encoded as %s, encoding_stats say %" PRIu32, v1 + v2, name,
                said_v1 + said_v2));
    else if (v1 != said_v1)
        JI_TRY(ji_find_note(checker, JI_CHECK_ENCODING_STATS, err,
                "%" PRIu32 " pages v2 encoded as %s, encoding_stats say %" PRIu32, v2, name, said_v2));
    if (dictionaries != said[JI_PAGE_DICTIONARY][encoding])
        JI_TRY(ji_find(checker, JI_CHECK_ENCODING_STATS, err,
                "%" PRIu32 " dictionary pages encoded as %s, encoding_stats say %" PRIu32, dictionaries, name,
                said[JI_PAGE_DICTIONARY][encoding]));
    return JOIST_OK;
}

static enum joist_status check_encodings(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_chunk *const chunk = walk->chunk;
    for (int encoding = 0; encoding < JI_WALK_ENCODINGS; encoding++) {
        if (((walk->encodings & ~chunk->encodings) >> encoding & 1) != 0)
            JI_TRY(ji_find(walk->checker, JI_CHECK_ENCODINGS, err,
                    "pages are encoded as %s, which the chunk's encodings lack", ji_encoding_name(encoding)));
    }
    if (chunk->encoding_stat_count == 0)
        return JOIST_OK;
    uint32_t said[JI_WALK_PAGE_TYPES][JI_WALK_ENCODINGS] = {{0}};
    for (size_t index = 0; index < chunk->encoding_stat_count; index++) {
        const struct ji_encoding_stat *const stat = &chunk->encoding_stats[index];
        if ((unsigned)stat->page_type < JI_WALK_PAGE_TYPES && (unsigned)stat->encoding < JI_WALK_ENCODINGS)
            said[stat->page_type][stat->encoding] += (uint32_t)stat->count;
    }
    for (int encoding = 0; encoding < JI_WALK_ENCODINGS; encoding++)
        JI_TRY(check_stat(walk, said, encoding, err));
    return JOIST_OK;
}

static enum joist_status check_sizes(struct ji_chunk_walk *walk, bool is_short, struct joist_error *err)
{
    const struct ji_chunk *const chunk = walk->chunk;
    const uint64_t stored = walk->pages.position - walk->pages.begin;
    const bool names_dictionary =
            walk->met_dictionary && (uint64_t)chunk->data_page_offset == walk->pages.begin;
    if (walk->first_data_offset >= 0 && walk->first_data_offset != chunk->data_page_offset) {
        if (names_dictionary)
            JI_TRY(ji_find_note(
                    walk->checker, JI_CHECK_CHUNK_OFFSET, err, "data_page_offset names the dictionary page"));
        else
            JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_OFFSET, err,
                    "first data page at %" PRId64 ", the footer says %" PRId64, walk->first_data_offset,
                    chunk->data_page_offset));
    }
    if (!walk->met_dictionary && chunk->dictionary_page_offset > 0)
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_OFFSET, err,
                "no dictionary page, the footer says that there is one at %" PRId64,
                chunk->dictionary_page_offset));
    if (is_short && stored != (uint64_t)chunk->compressed_bytes)
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_BYTES, err,
                "pages of %" PRIu64 " bytes, the footer says %" PRId64, stored, chunk->compressed_bytes));
    if (walk->unpacked_bytes != (uint64_t)chunk->uncompressed_bytes)
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_BYTES, err,
                "pages of %" PRIu64 " bytes uncompressed, the footer says %" PRId64, walk->unpacked_bytes,
                chunk->uncompressed_bytes));
    return JOIST_OK;
}

/* What leaves of one list or group say of it; the next leaf meets what this one says. */
static enum joist_status check_siblings(struct ji_chunk_walk *walk, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const struct ji_sibling_levels before = checker->before;
    const struct ji_cut_levels *const own = &walk->with_before;
    checker->before = (struct ji_sibling_levels){true, walk->leaf_index, walk->with_next};
    if (!own->is_on || !before.is_known || before.leaf + 1 != walk->leaf_index)
        return JOIST_OK;
    const char *const name = checker->file->schema.leaves[before.leaf].name;
    if (own->entries != before.levels.entries)
        return ji_find(checker, JI_CHECK_SIBLING_LEVELS, err,
                "%" PRIu64 " entries of the group that it shares with '%s', which has %" PRIu64, own->entries,
                name, before.levels.entries);
    if (own->hash != before.levels.hash)
        return ji_find(checker, JI_CHECK_SIBLING_LEVELS, err,
                "levels of the group that it shares with '%s' differ from the ones there", name);
    return JOIST_OK;
}

static enum joist_status check_totals(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_chunk *const chunk = walk->chunk;
    const struct ji_value_facts *const total = &walk->total;
    if (total->entries != (uint64_t)chunk->value_count)
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_VALUES, err,
                "%" PRIu64 " values in the pages, the footer says %" PRId64, total->entries,
                chunk->value_count));
    if (total->rows != (uint64_t)walk->group_rows)
        JI_TRY(ji_find(walk->checker, JI_CHECK_CHUNK_ROWS, err,
                "%" PRIu64 " rows in the pages, the row group has %" PRId64, total->rows, walk->group_rows));
    if (chunk->statistics != NULL) {
        JI_TRY(ji_check_statistics(walk, chunk->statistics, total, "", err));
        if (chunk->statistics->has_distinct_count && walk->has_dictionary && walk->only_dictionary &&
                (uint64_t)chunk->statistics->distinct_count > walk->used_entries)
            JI_TRY(ji_find(walk->checker, JI_CHECK_DISTINCT_COUNT, err,
                    "%" PRId64 " distinct values, the dictionary's pages use %" PRIu64,
                    chunk->statistics->distinct_count, walk->used_entries));
    }
    JI_TRY(ji_check_size_statistics(walk, err));
    JI_TRY(ji_check_geo_statistics(walk, err));
    return check_siblings(walk, err);
}

static enum joist_status check_pages(
        struct ji_chunk_walk *walk, struct ji_codec_context *codecs, struct joist_error *err)
{
    const struct joist_parquet_file *const file = walk->checker->file;
    struct joist_error what = {.status = JOIST_OK};
    JI_TRY(ji_check_read_indexes(walk, err));
    JI_TRY(ji_check_read_bloom(walk, err));
    ji_checker_page(walk->checker, -1, -1);
    if (walk->chunk->value_count == 0 && walk->chunk->compressed_bytes == 0)
        return JOIST_OK;
    const uint64_t begin = ji_checked_begin(walk->chunk);
    if (!ji_range_fits(begin, (uint64_t)walk->chunk->compressed_bytes, file->data_end))
        return ji_find(walk->checker, JI_CHECK_CHUNK_OFFSET, err,
                "%" PRId64 " bytes at %" PRIu64 " leave the data", walk->chunk->compressed_bytes, begin);
    what.status = ji_page_reader_init(
            &walk->pages, walk->checker->mem, &file->source, codecs, walk->chunk, begin, &what);
    if (what.status == JOIST_OK)
        what.status = ji_chunk_cipher(file, walk->chunk, (size_t)walk->checker->group, walk->leaf_index,
                walk->checker->mem, &walk->pages.cipher, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_CHUNK, &what, err);
    walk->pages.in_window = true;
    const bool is_short = ji_writer_is_before(file->footer.created_by, "parquet-mr", 1, 2, 9);
    if (is_short)
        walk->pages.end += ji_min_u64(MISSING_HEADER_BYTES, file->data_end - walk->pages.end);
    JI_TRY(walk_pages(walk, is_short, err));
    JI_TRY(ji_check_index_end(walk, err));
    ji_checker_page(walk->checker, -1, -1);
    if (walk->ended_early)
        return JOIST_OK;
    JI_TRY(check_encodings(walk, err));
    JI_TRY(check_sizes(walk, is_short, err));
    walk->checker->checked.pages += walk->data_pages;
    walk->checker->checked.values += walk->total.entries;
    return walk->is_whole ? check_totals(walk, err) : JOIST_OK;
}

static void clear(struct ji_chunk_walk *walk)
{
    ji_page_reader_clear(&walk->pages);
    ji_page_values_clear(&walk->values);
    ji_dictionary_clear(&walk->dictionary);
    ji_buffer_release(walk->buffer);
    ji_free(walk->checker->mem, walk->block, walk->block_bytes);
    ji_bytes_clear(&walk->header_bytes);
    ji_value_facts_clear(&walk->page);
    ji_value_facts_clear(&walk->total);
    ji_arena_clear(&walk->parsed);
    ji_arena_clear(&walk->arena);
}

static enum ji_column_order column_order(const struct joist_parquet_file *file, size_t leaf)
{
    return leaf < file->footer.order_count ? file->footer.orders[leaf] : JI_ORDER_UNKNOWN;
}

static enum joist_status walk_chunk(
        struct ji_chunk_walk *walk, size_t group, struct ji_codec_context *codecs, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    struct joist_error what = {.status = JOIST_OK};
    bool is_readable = false;
    what.status =
            ji_file_chunk_read(checker->file, group, walk->leaf_index, &walk->arena, &walk->chunk, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(checker, JI_CHECK_CHUNK, &what, err);
    JI_TRY(check_metadata(walk, &is_readable, err));
    ji_place_facts_aim(&walk->places, walk->chunk->geo_statistics);
    return is_readable ? check_pages(walk, codecs, err) : JOIST_OK;
}

enum joist_status ji_check_chunk(struct ji_checker *checker, size_t group, size_t leaf,
        struct ji_codec_context *codecs, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    struct ji_chunk_walk *walk = NULL;
    ji_checker_place(checker, (int64_t)group, file->schema.leaves[leaf].name);
    JI_TRY(ji_alloc_zero(checker->mem, 1, sizeof *walk, &walk, err));
    walk->checker = checker;
    walk->leaf = &file->schema.leaves[leaf];
    walk->leaf_index = leaf;
    walk->group_rows = file->footer.groups[group].row_count;
    walk->first_data_offset = -1;
    walk->only_dictionary = true;
    walk->is_whole = true;
    walk->values.carry.mem = checker->mem;
    const enum ji_value_order order = ji_leaf_value_order(walk->leaf->element, column_order(file, leaf));
    ji_arena_init(&walk->arena, checker->mem);
    ji_arena_init(&walk->parsed, checker->mem);
    ji_bytes_init(&walk->header_bytes, checker->mem);
    ji_value_facts_init(&walk->page, checker->mem, order);
    ji_value_facts_init(&walk->total, checker->mem, order);
    ji_value_rules_init(&walk->rules, walk->leaf->element);
    ji_place_facts_init(&walk->places, walk->leaf->element);
    set_physical_type(walk);
    set_list_defs(walk);
    set_siblings(walk);
    const enum joist_status status = walk_chunk(walk, group, codecs, err);
    clear(walk);
    ji_free(checker->mem, walk, sizeof *walk);
    return status;
}
