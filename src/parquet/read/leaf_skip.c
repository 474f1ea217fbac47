/*
 * leaf_skip.c - goes to the rows that are wanted: by the offset index, else page by page, then value by value
 *
 *     pages      [dictionary][ 0 ][ 1 ][ 2 ] ... [ 7 ][ 8 ] ...
 *     wanted                           [rows]        [rows]
 *     read                             ------- gap -------
 *
 *   1. After a jump `row` is what the index says, and the next page read is the one that it points to. The
 *      dictionary that was jumped over is read when a page asks for it, and not before.
 *   2. No more is read at once than to `read_end`: the end of the last wanted page from which on more than
 *      GAP_BYTES_MAX are not wanted. A page that is longer than the index says is read all the same.
 *   3. What stands in the index was held against the chunk: offsets rise within it, rows never fall. An index
 *      of which that is not true is not used. One that leads to a page of other rows is found out there, and
 *      is an error.
 *
 * Ten rows cost one page a column so. A gap is read along with the pages around it where asking the source
 * twice would cost more.
 */
#include "parquet/read/leaf_cursor.h"

#include "parquet/read/file_crypto.h"

#include <assert.h>

#define OFFSET_INDEX_BYTES_MAX ((size_t)64 << 20)
#define GAP_BYTES_MAX ((uint64_t)32 << 10)

static enum joist_status check_index(const struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    const struct ji_offset_index *const index = &cursor->index;
    const int64_t rows = cursor->file->footer.groups[cursor->group].row_count;
    for (size_t page = 0; page < index->page_count; page++) {
        const struct ji_page_location *const at = &index->pages[page];
        const bool is_inside = at->offset >= 0 && (uint64_t)at->offset >= cursor->pages.begin &&
                (uint64_t)at->offset < cursor->pages.end;
        const int64_t before = page > 0 ? at[-1].first_row : 0;
        if (!is_inside || at->first_row < before || at->first_row > rows ||
                (page == 0 && at->first_row != 0) || (page > 0 && at->offset <= at[-1].offset))
            return ji_fail(err, JOIST_ERR_CORRUPT, "offset index: page %zu at %" PRId64 ", row %" PRId64,
                    page, at->offset, at->first_row);
    }
    return JOIST_OK;
}

static enum joist_status load_index(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    const struct ji_chunk *const chunk = cursor->chunk;
    const struct ji_chunk_part part = {
            .group = cursor->group,
            .leaf = cursor->leaf->chunk,
            .module = JI_MODULE_OFFSET_INDEX,
            .offset = (uint64_t)chunk->offset_index_offset,
            .bytes = (size_t)chunk->offset_index_bytes,
    };
    struct ji_view bytes;
    const enum joist_status status = ji_chunk_part_read(
            cursor->file, &part, OFFSET_INDEX_BYTES_MAX, &cursor->arena, &bytes, NULL, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "offset index");
        return status;
    }
    JI_TRY(ji_offset_index_decode(&cursor->arena, bytes, &cursor->index, err));
    return check_index(cursor, err);
}

/* An index that is broken is as good as none: the pages are whole all the same, and are found one by one. */
static enum joist_status read_index(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    if (cursor->asked_index)
        return JOIST_OK;
    cursor->asked_index = true;
    if (cursor->chunk->offset_index_offset < 0 || cursor->chunk->offset_index_bytes <= 0 ||
            (size_t)cursor->chunk->offset_index_bytes > OFFSET_INDEX_BYTES_MAX)
        return JOIST_OK;
    struct joist_error found = {.status = JOIST_OK};
    const enum joist_status status = load_index(cursor, &found);
    if (status == JOIST_OK)
        return JOIST_OK;
    cursor->index = (struct ji_offset_index){.page_count = 0};
    if (status == JOIST_ERR_CORRUPT || status == JOIST_ERR_UNSUPPORTED)
        return JOIST_OK;
    if (err != NULL)
        *err = found;
    return status;
}

/* The last page of the index that begins at `row` or before. */
static size_t find_page(const struct ji_offset_index *index, uint64_t row)
{
    size_t low = 0;
    size_t high = index->page_count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if ((uint64_t)index->pages[middle].first_row <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Where in the file the pages of the rows before `end` end. */
static uint64_t end_of_rows(const struct ji_leaf_cursor *cursor, uint64_t end)
{
    const size_t behind = find_page(&cursor->index, end - 1) + 1;
    return behind < cursor->index.page_count ? (uint64_t)cursor->index.pages[behind].offset
                                             : cursor->pages.end;
}

static enum joist_status aim(struct ji_leaf_cursor *cursor, const struct ji_row_range *ranges, size_t count,
        struct joist_error *err)
{
    JI_TRY(read_index(cursor, err));
    if (cursor->index.page_count == 0 || cursor->reads_all_pages)
        return JOIST_OK;
    uint64_t read_end = 0;
    uint64_t row_end = 0;
    for (size_t index = 0; index < count; index++) {
        if (ranges[index].start == ranges[index].end)
            continue;
        const size_t page = find_page(&cursor->index, ranges[index].start);
        if (read_end > 0 && (uint64_t)cursor->index.pages[page].offset > read_end + GAP_BYTES_MAX)
            break;
        read_end = end_of_rows(cursor, ranges[index].end);
        row_end = ranges[index].end;
        /* Further on than a window goes nothing has to be known yet. */
        if (read_end > cursor->pages.position + cursor->pages.window_read_bytes)
            break;
    }
    cursor->pages.read_end = read_end;
    cursor->aimed_end = row_end;
    return JOIST_OK;
}

enum joist_status ji_leaf_cursor_aim(struct ji_leaf_cursor *cursor, const struct ji_row_range *ranges,
        size_t count, struct joist_error *err)
{
    if (count == 0 || ranges[0].end <= cursor->aimed_end)
        return JOIST_OK;
    return ji_leaf_prefix(cursor, aim(cursor, ranges, count, err), err);
}

/* Goes to the page that holds `row`, where that is not the current one and the index knows it. */
static enum joist_status jump(struct ji_leaf_cursor *cursor, uint64_t row, struct joist_error *err)
{
    if (cursor->index.page_count == 0 || cursor->reads_all_pages)
        return JOIST_OK;
    const size_t page = find_page(&cursor->index, row);
    const struct ji_page_location *const at = &cursor->index.pages[page];
    if ((uint64_t)at->first_row <= cursor->row)
        return JOIST_OK;
    JI_TRY(ji_leaf_hold_page(cursor, err));
    ji_page_values_break(&cursor->values);
    cursor->pages.position = (uint64_t)at->offset;
    cursor->pages.data_page = page;
    cursor->page_left = 0;
    cursor->block_at = cursor->block_count = 0;
    cursor->page_number = page;
    const int64_t behind = page + 1 < cursor->index.page_count ? at[1].first_row : cursor->chunk->value_count;
    cursor->jumped_rows = cursor->leaf->max_rep == 0 ? (uint64_t)(behind - at->first_row) : 0;
    cursor->row = (uint64_t)at->first_row;
    cursor->at_row_start = true;
    if (cursor->leaf->max_rep == 0)
        cursor->entries_left = (uint64_t)cursor->chunk->value_count - cursor->row;
    else
        cursor->entries_known = false;
    return JOIST_OK;
}

/* How many of `count` entries of the page have a value; their levels are passed over. */
static enum joist_status skip_levels(
        struct ji_leaf_cursor *cursor, size_t count, size_t *dense, struct joist_error *err)
{
    const uint8_t max = cursor->leaf->max_def;
    *dense = max == 0 ? count : 0;
    uint8_t levels[JI_LEVEL_BLOCK];
    while (max > 0 && count > 0) {
        const size_t step = ji_min_size(count, JI_LEVEL_BLOCK);
        JI_TRY(ji_levels_read(&cursor->defs, step, levels, err));
        for (size_t index = 0; index < step; index++)
            *dense += levels[index] == max;
        count -= step;
    }
    return JOIST_OK;
}

static enum joist_status skip_flat(struct ji_leaf_cursor *cursor, uint64_t rows, struct joist_error *err)
{
    while (rows > 0) {
        if (cursor->page_left == 0) {
            struct ji_page_header header;
            size_t header_bytes = 0;
            bool has_page = false;
            JI_TRY(ji_leaf_find_page(cursor, &header, &header_bytes, &has_page, err));
            if (!has_page)
                return ji_leaf_ends_early(rows, err);
            const uint64_t count = (uint64_t)header.value_count;
            if (count > cursor->entries_left)
                return ji_fail(err, JOIST_ERR_CORRUPT,
                        "%" PRIu64 " values where the chunk has %" PRIu64 " left", count,
                        cursor->entries_left);
            if (count <= rows && !cursor->reads_all_pages) {
                ji_page_values_break(&cursor->values);
                ji_page_reader_pass(&cursor->pages, &header, header_bytes);
                cursor->entries_left -= count;
                cursor->row += count;
                cursor->page_number++;
                rows -= count;
                continue;
            }
            JI_TRY(ji_leaf_next_page(cursor, &has_page, err));
        }
        const size_t step = (size_t)ji_min_u64(rows, cursor->page_left);
        size_t dense = 0;
        JI_TRY(skip_levels(cursor, step, &dense, err));
        JI_TRY(ji_page_values_skip(&cursor->values, dense, err));
        cursor->page_left -= step;
        cursor->row += step;
        rows -= step;
    }
    return JOIST_OK;
}

/* Entries [block_at, end) of the block. */
static enum joist_status skip_entries(struct ji_leaf_cursor *cursor, size_t end, struct joist_error *err)
{
    size_t dense = 0;
    for (size_t at = cursor->block_at; at < end; at++)
        dense += cursor->block_defs[at] == cursor->leaf->max_def;
    cursor->block_at = end;
    return ji_page_values_skip(&cursor->values, dense, err);
}

enum joist_status ji_leaf_cursor_skip(struct ji_leaf_cursor *cursor, uint64_t rows, struct joist_error *err)
{
    const uint64_t target = cursor->row + rows;
    if (rows == 0)
        return JOIST_OK;
    enum joist_status status = JOIST_OK;
    if (rows > cursor->page_left)
        status = read_index(cursor, err);
    if (status == JOIST_OK)
        status = jump(cursor, target, err);
    if (status == JOIST_OK && target > cursor->row)
        status = cursor->leaf->max_rep == 0
                ? skip_flat(cursor, target - cursor->row, err)
                : ji_leaf_each_block(cursor, target - cursor->row, skip_entries, err);
    return ji_leaf_prefix(cursor, status, err);
}
