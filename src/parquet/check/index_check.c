/*
 * index_check.c - the page index against the pages
 *
 *     offset index  [offset, bytes, first row]        of every data page, in order
 *     column index  [null page, min, max, nulls, NaN, histograms]
 *
 * Entry by entry as the pages pass; what is true of the lists alone (the boundary order) when they are read.
 */
#include "parquet/check/chunk_walk.h"
#include "parquet/read/file_crypto.h"

/* An index of an encrypted chunk, opened. */
static enum joist_status open_bytes(struct ji_chunk_walk *walk, enum ji_check_code code, int64_t offset,
        int32_t size, struct ji_view *bytes, struct joist_error *err)
{
    struct joist_error what = {.status = JOIST_OK};
    const struct ji_chunk_part part = {
            .group = (size_t)walk->checker->group,
            .leaf = walk->leaf_index,
            .module = code == JI_CHECK_OFFSET_INDEX ? JI_MODULE_OFFSET_INDEX : JI_MODULE_COLUMN_INDEX,
            .offset = (uint64_t)offset,
            .bytes = (size_t)size,
    };
    what.status =
            ji_chunk_part_read(walk->checker->file, &part, (size_t)size, &walk->arena, bytes, NULL, &what);
    return what.status == JOIST_OK ? JOIST_OK : ji_find_status(walk->checker, code, &what, err);
}

/* The bytes of an index, in the chunk's arena; `*bytes` empty where it is not in the file, which is said. */
static enum joist_status read_bytes(struct ji_chunk_walk *walk, enum ji_check_code code, int64_t offset,
        int32_t size, struct ji_view *bytes, struct joist_error *err)
{
    const struct joist_parquet_file *const file = walk->checker->file;
    uint8_t *data = NULL;
    *bytes = ji_view_of(NULL, 0);
    ji_checker_page(walk->checker, -1, offset);
    if (size <= 0 || !ji_range_fits((uint64_t)offset, (uint64_t)size, file->data_end))
        return ji_find(walk->checker, code, err,
                "%" PRId32 " bytes at %" PRId64 " leave the %" PRIu64 " bytes of data", size, offset,
                file->data_end);
    if (walk->chunk->key != NULL)
        return open_bytes(walk, code, offset, size, bytes, err);
    JI_TRY(ji_arena_alloc(&walk->arena, (size_t)size, &data, err));
    JI_TRY(ji_source_read(&file->source, (uint64_t)offset, (size_t)size, data, err));
    *bytes = ji_view_of(data, (size_t)size);
    return JOIST_OK;
}

static enum joist_status read_offsets(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_chunk *const chunk = walk->chunk;
    struct joist_error what = {.status = JOIST_OK};
    struct ji_view bytes;
    if (chunk->offset_index_offset < 0)
        return JOIST_OK;
    JI_TRY(read_bytes(
            walk, JI_CHECK_OFFSET_INDEX, chunk->offset_index_offset, chunk->offset_index_bytes, &bytes, err));
    if (bytes.size == 0)
        return JOIST_OK;
    what.status = ji_offset_index_decode(&walk->arena, bytes, &walk->offsets, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_OFFSET_INDEX, &what, err);
    walk->has_offsets = true;
    if (walk->offsets.unencoded_bytes != NULL && walk->leaf->element->physical != JI_PHYSICAL_BYTE_ARRAY)
        return ji_find(walk->checker, JI_CHECK_OFFSET_INDEX, err,
                "unencoded bytes for a column that is not BYTE_ARRAY");
    return JOIST_OK;
}

/* Whether bound `page` of a list may stand behind `before`. */
static bool is_ordered(const struct ji_chunk_walk *walk, struct ji_view before, struct ji_view value)
{
    const enum ji_value_order order = walk->page.order;
    if (!ji_order_fits(order, before) || !ji_order_fits(order, value) || ji_order_is_nan(order, before) ||
            ji_order_is_nan(order, value))
        return true;
    const int difference = ji_order_compare(order, before, value);
    return walk->bounds.order == JI_ASCENDING ? difference <= 0 : difference >= 0;
}

static enum joist_status check_boundary_order(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_column_index *const bounds = &walk->bounds;
    if (bounds->order == JI_UNORDERED || walk->page.order == JI_ORDERED_NOT)
        return JOIST_OK;
    if (bounds->order != JI_ASCENDING && bounds->order != JI_DESCENDING)
        return ji_find(walk->checker, JI_CHECK_BOUNDARY_ORDER, err, "boundary order %d", (int)bounds->order);
    size_t before = SIZE_MAX;
    for (size_t page = 0; page < bounds->page_count; page++) {
        if (bounds->null_pages[page])
            continue;
        if (before != SIZE_MAX &&
                (!is_ordered(walk, bounds->min_values[before], bounds->min_values[page]) ||
                        !is_ordered(walk, bounds->max_values[before], bounds->max_values[page])))
            return ji_find(walk->checker, JI_CHECK_BOUNDARY_ORDER, err,
                    "bounds are said to be %s, and those of page %zu are not",
                    bounds->order == JI_ASCENDING ? "ascending" : "descending", page);
        before = page;
    }
    return JOIST_OK;
}

static enum joist_status check_histogram_sizes(struct ji_chunk_walk *walk, struct joist_error *err)
{
    struct ji_column_index *const bounds = &walk->bounds;
    const size_t reps = bounds->page_count * ((size_t)walk->leaf->max_rep + 1);
    const size_t defs = bounds->page_count * ((size_t)walk->leaf->max_def + 1);
    if (bounds->rep_histogram_count != 0 && bounds->rep_histogram_count != reps) {
        JI_TRY(ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err,
                "repetition histograms of %zu numbers, %zu expected", bounds->rep_histogram_count, reps));
        bounds->rep_histogram_count = 0;
    }
    if (bounds->def_histogram_count != 0 && bounds->def_histogram_count != defs) {
        JI_TRY(ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err,
                "definition histograms of %zu numbers, %zu expected", bounds->def_histogram_count, defs));
        bounds->def_histogram_count = 0;
    }
    return JOIST_OK;
}

static enum joist_status read_bounds(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_chunk *const chunk = walk->chunk;
    struct joist_error what = {.status = JOIST_OK};
    struct ji_view bytes;
    if (chunk->column_index_offset < 0)
        return JOIST_OK;
    JI_TRY(read_bytes(
            walk, JI_CHECK_COLUMN_INDEX, chunk->column_index_offset, chunk->column_index_bytes, &bytes, err));
    if (bytes.size == 0)
        return JOIST_OK;
    what.status = ji_column_index_decode(&walk->arena, bytes, &walk->bounds, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(walk->checker, JI_CHECK_COLUMN_INDEX, &what, err);
    walk->has_bounds = true;
    if (chunk->offset_index_offset < 0)
        JI_TRY(ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err, "column index without an offset index"));
    JI_TRY(check_histogram_sizes(walk, err));
    return check_boundary_order(walk, err);
}

enum joist_status ji_check_read_indexes(struct ji_chunk_walk *walk, struct joist_error *err)
{
    JI_TRY(read_offsets(walk, err));
    return read_bounds(walk, err);
}

static enum joist_status compare_location(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        uint64_t position, size_t header_bytes, bool is_known, struct joist_error *err)
{
    const size_t page = walk->data_pages;
    if (!walk->has_offsets || page >= walk->offsets.page_count)
        return JOIST_OK;
    const struct ji_page_location *const at = &walk->offsets.pages[page];
    const uint64_t bytes = header_bytes + (uint64_t)header->compressed_bytes;
    if ((uint64_t)at->offset != position)
        JI_TRY(ji_find(walk->checker, JI_CHECK_OFFSET_INDEX, err,
                "the page is at %" PRIu64 ", its index says %" PRId64, position, at->offset));
    if ((uint64_t)at->compressed_bytes != bytes)
        JI_TRY(ji_find(walk->checker, JI_CHECK_OFFSET_INDEX, err,
                "the page has %" PRIu64 " bytes, its index says %" PRId32, bytes, at->compressed_bytes));
    if (walk->is_whole && (uint64_t)at->first_row != walk->rows_before)
        JI_TRY(ji_find(walk->checker, JI_CHECK_OFFSET_INDEX, err,
                "the page begins at row %" PRIu64 ", its index says %" PRId64, walk->rows_before,
                at->first_row));
    const int64_t *const sizes = walk->offsets.unencoded_bytes;
    if (is_known && sizes != NULL && (uint64_t)sizes[page] != walk->page.value_bytes)
        JI_TRY(ji_find(walk->checker, JI_CHECK_OFFSET_INDEX, err,
                "%" PRIu64 " bytes of values, the index says %" PRId64, walk->page.value_bytes, sizes[page]));
    return JOIST_OK;
}

static enum joist_status compare_histogram(struct ji_chunk_walk *walk, const char *name, const int64_t *said,
        const uint64_t *real, size_t levels, struct joist_error *err)
{
    for (size_t level = 0; level < levels; level++) {
        if ((uint64_t)said[level] != real[level])
            return ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err,
                    "%" PRIu64 " entries of %s level %zu, the index says %" PRId64, real[level], name, level,
                    said[level]);
    }
    return JOIST_OK;
}

static enum joist_status compare_histograms(struct ji_chunk_walk *walk, size_t page, struct joist_error *err)
{
    const struct ji_column_index *const bounds = &walk->bounds;
    const size_t reps = (size_t)walk->leaf->max_rep + 1;
    const size_t defs = (size_t)walk->leaf->max_def + 1;
    if (bounds->rep_histogram_count > 0)
        JI_TRY(compare_histogram(
                walk, "repetition", bounds->rep_histograms + page * reps, walk->page.rep_counts, reps, err));
    if (bounds->def_histogram_count > 0)
        JI_TRY(compare_histogram(
                walk, "definition", bounds->def_histograms + page * defs, walk->page.def_counts, defs, err));
    return JOIST_OK;
}

static enum joist_status compare_bounds(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_column_index *const bounds = &walk->bounds;
    const size_t page = walk->data_pages;
    if (!walk->has_bounds || page >= bounds->page_count)
        return JOIST_OK;
    const bool is_null = walk->page.values == 0;
    if (bounds->null_pages[page] != is_null)
        JI_TRY(ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err,
                is_null ? "the page has nulls alone, its index says otherwise"
                        : "the page has values, its index says nulls alone"));
    else if (is_null && (bounds->min_values[page].size > 0 || bounds->max_values[page].size > 0))
        JI_TRY(ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err, "bounds for a page of nulls"));
    const bool has_values = !is_null && !bounds->null_pages[page];
    const struct ji_statistics statistics = {
            .has_min = has_values,
            .has_max = has_values,
            .min = bounds->min_values[page],
            .max = bounds->max_values[page],
            .has_null_count = bounds->null_counts != NULL,
            .null_count = bounds->null_counts != NULL ? bounds->null_counts[page] : 0,
            /* NaN is no bound of a column index, whether it counts them or not. */
            .has_nan_count = bounds->nan_counts != NULL,
            .nan_count = bounds->nan_counts != NULL ? bounds->nan_counts[page] : 0,
    };
    JI_TRY(ji_check_statistics(walk, &statistics, &walk->page, "column index: ", err));
    return compare_histograms(walk, page, err);
}

enum joist_status ji_check_index_page(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        uint64_t position, size_t header_bytes, bool is_known, struct joist_error *err)
{
    JI_TRY(compare_location(walk, header, position, header_bytes, is_known, err));
    return is_known ? compare_bounds(walk, err) : JOIST_OK;
}

enum joist_status ji_check_index_end(struct ji_chunk_walk *walk, struct joist_error *err)
{
    if (walk->ended_early)
        return JOIST_OK;
    ji_checker_page(walk->checker, -1, -1);
    if (walk->has_offsets && walk->offsets.page_count != walk->data_pages)
        JI_TRY(ji_find(walk->checker, JI_CHECK_OFFSET_INDEX, err,
                "%" PRIu32 " data pages, the offset index has %zu", walk->data_pages,
                walk->offsets.page_count));
    if (walk->has_bounds && walk->bounds.page_count != walk->data_pages)
        JI_TRY(ji_find(walk->checker, JI_CHECK_COLUMN_INDEX, err,
                "%" PRIu32 " data pages, the column index has %zu", walk->data_pages,
                walk->bounds.page_count));
    return JOIST_OK;
}
