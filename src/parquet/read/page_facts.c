/*
 * page_facts.c - what the page index proves about the pages of a chunk
 *
 *     offset index   page:  offset, bytes, first row          -> rows  [first, first of the next)
 *     column index   page:  null page?, min, max, nulls, NaNs -> facts about those rows
 *
 *   1. Pages begin at row 0, never fall back, and end with the group; they stand inside of their chunk, one
 *      behind another.
 *   2. Both indexes speak of the same number of pages. A page has no more nulls and NaNs than rows, a null
 *      page nothing but nulls, a required column none; where the chunk's statistics know the sum of its
 *      nulls, the pages' nulls make that sum.
 *   3. An index of which one of these is not true is CORRUPT as a whole: nothing is taken from it.
 *   4. `boundary_order` is not used: it would save less than proving it costs.
 *
 * Bounds of pages are bounds by the rules of facts.c; the index does not say whether they are exact.
 */
#include "parquet/format/page_header_read.h"
#include "parquet/read/facts.h"
#include "parquet/read/module_read.h"

#include <assert.h>

/* An index beyond this costs more than it saves. */
#define INDEX_BYTES_MAX ((int32_t)16 << 20)

struct ji_parquet_pages {
    const struct ji_leaf *leaf;
    uint64_t row_count; /* of the group */
    bool has_order;
    struct ji_offset_index offsets;
    struct ji_column_index columns;
};

static uint64_t page_end(const struct ji_parquet_pages *pages, size_t page)
{
    return page + 1 < pages->offsets.page_count ? (uint64_t)pages->offsets.pages[page + 1].first_row
                                                : pages->row_count;
}

static uint64_t page_rows(const struct ji_parquet_pages *pages, size_t page)
{
    return page_end(pages, page) - (uint64_t)pages->offsets.pages[page].first_row;
}

static enum joist_status check_offsets(
        const struct ji_parquet_pages *pages, const struct ji_chunk *chunk, struct joist_error *err)
{
    const struct ji_offset_index *const index = &pages->offsets;
    const uint64_t chunk_end = ji_chunk_begin(chunk) + (uint64_t)chunk->compressed_bytes;
    uint64_t at = (uint64_t)chunk->data_page_offset;
    uint64_t row = 0;
    for (size_t page = 0; page < index->page_count; page++) {
        const struct ji_page_location *const location = &index->pages[page];
        const bool is_inside = location->offset >= 0 && (uint64_t)location->offset >= at &&
                location->compressed_bytes > 0 &&
                ji_range_fits((uint64_t)location->offset, (uint64_t)location->compressed_bytes, chunk_end);
        const bool is_in_order = location->first_row >= 0 && (uint64_t)location->first_row >= row &&
                (uint64_t)location->first_row <= pages->row_count && (page > 0 || location->first_row == 0);
        if (!is_inside || !is_in_order)
            return ji_fail(err, JOIST_ERR_CORRUPT,
                    "offset index: page %zu of %" PRId32 " bytes at %" PRId64 ", row %" PRId64, page,
                    location->compressed_bytes, location->offset, location->first_row);
        at = (uint64_t)location->offset + (uint64_t)location->compressed_bytes;
        row = (uint64_t)location->first_row;
    }
    return JOIST_OK;
}

/* What is said of one page, against its rows. */
static bool counts_agree(const struct ji_parquet_pages *pages, size_t page)
{
    const struct ji_column_index *const index = &pages->columns;
    const uint64_t rows = page_rows(pages, page);
    uint64_t values = rows;
    if (index->null_pages[page] && pages->leaf->max_def == 0 && rows > 0)
        return false;
    if (index->null_counts != NULL) {
        const int64_t nulls = index->null_counts[page];
        if (nulls < 0 || (uint64_t)nulls > rows || (nulls > 0 && pages->leaf->max_def == 0))
            return false;
        const bool may_miss_some = index->null_pages[page] && ji_leaf_is_beneath_nulls(pages->leaf);
        if (index->null_pages[page] != ((uint64_t)nulls == rows) && rows > 0 && !may_miss_some)
            return false;
        values -= (uint64_t)nulls;
    }
    return index->nan_counts == NULL ||
            (index->nan_counts[page] >= 0 && (uint64_t)index->nan_counts[page] <= values);
}

static enum joist_status check_columns(
        const struct ji_parquet_pages *pages, const struct ji_chunk *chunk, struct joist_error *err)
{
    const struct ji_column_index *const index = &pages->columns;
    if (index->page_count != pages->offsets.page_count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "column index of %zu pages, offset index of %zu",
                index->page_count, pages->offsets.page_count);
    int64_t nulls = 0;
    for (size_t page = 0; page < index->page_count; page++) {
        if (!counts_agree(pages, page))
            return ji_fail(err, JOIST_ERR_CORRUPT,
                    "column index: nulls or NaNs of page %zu do not fit its %" PRIu64 " rows", page,
                    page_rows(pages, page));
        /* Each is at most the page's rows: the sum is at most the group's. */
        nulls += index->null_counts != NULL ? index->null_counts[page] : 0;
    }
    const struct ji_statistics *const statistics = chunk->statistics;
    if (index->null_counts != NULL && statistics != NULL && statistics->has_null_count &&
            statistics->null_count != nulls)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "column index counts %" PRId64 " nulls, the column chunk %" PRId64, nulls,
                statistics->null_count);
    return JOIST_OK;
}

/* Whether there are two indexes, of a size that is worth it. */
static bool is_worth_reading(const struct ji_chunk *chunk)
{
    if (ji_chunk_is_locked(chunk) || chunk->file_path.size > 0 || chunk->value_count <= 0 ||
            chunk->compressed_bytes <= 0 || chunk->data_page_offset < 0)
        return false;
    if (chunk->offset_index_offset < 0 || chunk->offset_index_bytes <= 0 || chunk->column_index_offset < 0 ||
            chunk->column_index_bytes <= 0)
        return false;
    const int64_t bytes = (int64_t)chunk->offset_index_bytes + chunk->column_index_bytes;
    return bytes <= INDEX_BYTES_MAX && bytes <= chunk->compressed_bytes;
}

static enum joist_status read_pages(const struct ji_module_place *chunk_place, struct ji_arena *arena,
        const struct ji_chunk *chunk, struct ji_parquet_pages *pages, struct joist_error *err)
{
    struct ji_module_place place = *chunk_place;
    struct ji_view bytes;
    place.module = JI_MODULE_OFFSET_INDEX;
    JI_TRY(ji_file_read_module(&place, arena, (uint64_t)chunk->offset_index_offset,
            (size_t)chunk->offset_index_bytes, &bytes, err));
    JI_TRY(ji_offset_index_decode(arena, bytes, &pages->offsets, err));
    JI_TRY(check_offsets(pages, chunk, err));
    /* Of one page the statistics of its chunk say as much. */
    if (pages->offsets.page_count < 2)
        return JOIST_OK;
    place.module = JI_MODULE_COLUMN_INDEX;
    JI_TRY(ji_file_read_module(&place, arena, (uint64_t)chunk->column_index_offset,
            (size_t)chunk->column_index_bytes, &bytes, err));
    JI_TRY(ji_column_index_decode(arena, bytes, &pages->columns, err));
    return check_columns(pages, chunk, err);
}

enum joist_status ji_parquet_pages_read(const struct joist_parquet_file *file, struct ji_arena *arena,
        size_t group, size_t leaf, const struct ji_parquet_pages **pages, struct joist_error *err)
{
    assert(leaf < file->schema.leaf_count);
    const struct ji_chunk *chunk = NULL;
    *pages = NULL;
    JI_TRY(ji_file_chunk_in(file, group, leaf, arena, &chunk, err));
    if (file->schema.leaves[leaf].max_rep > 0 || !is_worth_reading(chunk))
        return JOIST_OK;
    struct ji_parquet_pages *made = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *made, &made, err));
    made->leaf = &file->schema.leaves[leaf];
    made->row_count = ji_parquet_group_rows(file, group);
    made->has_order = ji_leaf_has_order(file, leaf);
    const struct ji_module_place place = {.file = file, .group = group, .leaf = leaf};
    const enum joist_status status = read_pages(&place, arena, chunk, made, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "row group %zu, column '%s'", group, made->leaf->name);
        return status;
    }
    if (made->offsets.page_count >= 2)
        *pages = made;
    return JOIST_OK;
}

size_t ji_parquet_page_count(const struct ji_parquet_pages *pages)
{
    return pages->offsets.page_count;
}

struct ji_row_range ji_parquet_page_rows(const struct ji_parquet_pages *pages, size_t page)
{
    assert(page < pages->offsets.page_count);
    return (struct ji_row_range){(uint64_t)pages->offsets.pages[page].first_row, page_end(pages, page)};
}

static void take_page_nulls(const struct ji_parquet_pages *pages, size_t page, struct ji_facts *facts)
{
    const struct ji_column_index *const index = &pages->columns;
    const struct ji_leaf *const leaf = pages->leaf;
    const size_t levels = (size_t)leaf->max_def + 1;
    uint64_t nulls = 0;
    bool is_known = true;
    if (leaf->max_def == 0)
        nulls = 0;
    else if (index->null_pages[page])
        nulls = facts->row_count;
    else if (!ji_leaf_is_beneath_nulls(leaf) && index->null_counts != NULL)
        nulls = (uint64_t)index->null_counts[page];
    else
        is_known = index->def_histograms != NULL &&
                index->def_histogram_count == index->page_count * levels &&
                ji_level_nulls(
                        index->def_histograms + page * levels, leaf->max_def, facts->row_count, &nulls);
    facts->has_null_count = is_known;
    facts->null_count = is_known ? nulls : 0;
}

void ji_parquet_page_facts(const struct ji_parquet_pages *pages, size_t page, struct ji_facts *facts)
{
    assert(page < pages->offsets.page_count);
    const struct ji_column_index *const index = &pages->columns;
    struct ji_facts made = {.row_count = page_rows(pages, page)};
    take_page_nulls(pages, page, &made);
    if (index->nan_counts != NULL && ji_leaf_is_real(pages->leaf)) {
        made.has_nan_count = true;
        made.nan_count = (uint64_t)index->nan_counts[page];
    }
    if (pages->has_order && !index->null_pages[page]) {
        const struct ji_stored_bounds bounds = {.has_min = true,
                .has_max = true,
                .min = index->min_values[page],
                .max = index->max_values[page]};
        ji_stored_bounds_take(pages->leaf, &bounds, &made);
    }
    *facts = made;
}
