/*
 * leaf_cursor.c - opens a leaf of a row group and moves from page to page
 *
 *     chunk: [dictionary?] [data] [data] ... [data]
 *
 *   1. A dictionary comes before the first data page, once.
 *   2. `entries_left` is what the chunk's value count leaves for pages not yet loaded; pages that claim
 *      more are corrupt, and so is a chunk that ends with less.
 *   3. Levels are taken from a page in order; a repeated leaf takes them in blocks and leaves the part of a
 *      block behind the last whole row for the next call. A row may go on in the next page.
 *   4. After a jump by the offset index `row` is what the index says.
 */
#include "parquet/read/leaf_cursor.h"

#include "parquet/format/writer_version.h"
#include "parquet/read/file_crypto.h"

#include <assert.h>

#define MISSING_HEADER_BYTES 100
#define OFFSET_INDEX_BYTES_MAX ((size_t)64 << 20)

static enum joist_status check_readable(const struct ji_chunk *chunk, struct joist_error *err)
{
    JI_TRY(ji_chunk_check_key(chunk, err));
    if (chunk->file_path.size > 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column chunk in another file");
    return JOIST_OK;
}

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

static enum joist_status read_index(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    const struct ji_chunk *const chunk = cursor->chunk;
    if (chunk->offset_index_offset < 0 || chunk->offset_index_bytes <= 0)
        return JOIST_OK;
    const struct ji_chunk_part part = {
            .group = cursor->group,
            .leaf = (size_t)(cursor->leaf - cursor->file->schema.leaves),
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

/* The def level of the innermost list's elements above the leaf. */
static uint8_t slot_level(const struct ji_shape *shape, size_t leaf)
{
    uint8_t level = 0;
    while (ji_kind_is_nested(shape->field->kind)) {
        if (shape->field->kind != JI_STRUCT)
            level = shape->def_repeated;
        const struct ji_shape *child = shape->children;
        while (leaf >= child->leaf_start + child->leaf_count)
            child++;
        shape = child;
    }
    return level;
}

static enum joist_status prefix(
        const struct ji_leaf_cursor *cursor, enum joist_status status, struct joist_error *err)
{
    if (status != JOIST_OK)
        ji_error_prefix(err, "row group %zu, column '%s', page %zu", cursor->group, cursor->leaf->name,
                cursor->page_number);
    return status;
}

static enum joist_status open_chunk(
        struct ji_leaf_cursor *cursor, struct ji_codec_context *codecs, struct joist_error *err)
{
    const struct joist_parquet_file *const file = cursor->file;
    JI_TRY(check_readable(cursor->chunk, err));
    JI_TRY(ji_page_reader_init(&cursor->pages, cursor->mem, &file->source, codecs, cursor->chunk,
            ji_chunk_begin(cursor->chunk), err));
    JI_TRY(ji_chunk_cipher(file, cursor->group, (size_t)(cursor->leaf - file->schema.leaves), cursor->mem,
            &cursor->pages.cipher, err));
    /* Early parquet-mr left the dictionary's page header out of the size of its chunk (PARQUET-816). */
    if (ji_writer_is_before(file->footer.created_by, "parquet-mr", 1, 2, 9))
        cursor->pages.end += ji_min_u64(MISSING_HEADER_BYTES, file->data_end - cursor->pages.end);
    cursor->pages.in_window = cursor->type.conversion != JI_CONVERT_VIEW;
    /* Values of DELTA_BYTE_ARRAY may refer to the page before (PARQUET-246). */
    cursor->reads_all_pages = ji_writer_is_before(file->footer.created_by, "parquet-mr", 1, 8, 0);
    cursor->values.carry.mem = cursor->mem;
    /* Strings leave with the page that they stand in. */
    if (cursor->output.has_views && cursor->type.conversion == JI_CONVERT_VIEW)
        cursor->pages.buffer_mem = cursor->output.mem;
    return JOIST_OK;
}

enum joist_status ji_leaf_cursor_open(struct ji_leaf_cursor *cursor, const struct joist_parquet_file *file,
        const struct ji_leaf_options *options, size_t group, size_t leaf, struct ji_codec_context *codecs,
        struct joist_error *err)
{
    struct ji_mem *const mem = options->mem;
    const struct ji_chunk *chunk = NULL;
    JI_TRY(ji_file_chunk(file, group, leaf, &chunk, err));
    *cursor = (struct ji_leaf_cursor){
            .file = file,
            .leaf = &file->schema.leaves[leaf],
            .chunk = chunk,
            .group = group,
            .mem = mem,
            .output = options->output,
            .entries_known = true,
            .at_row_start = true,
    };
    const struct ji_shape *const shape = &file->schema.shapes[cursor->leaf->column];
    cursor->keeps_levels = ji_kind_is_nested(shape->field->kind);
    cursor->slot_def = slot_level(shape, leaf);
    cursor->entries_left = (uint64_t)cursor->chunk->value_count;
    ji_value_type_init(&cursor->type, cursor->leaf);
    if (cursor->output.is_laid_out)
        ji_value_type_lay_out(&cursor->type, cursor->leaf);
    if (cursor->output.mem == NULL)
        cursor->output.mem = mem;
    ji_arena_init(&cursor->arena, mem);
    ji_bytes_init(&cursor->out_reps, mem);
    ji_bytes_init(&cursor->out_defs, mem);
    const enum joist_status status = prefix(cursor, open_chunk(cursor, codecs, err), err);
    cursor->pages.no_crc = options->no_crc;
    if (status != JOIST_OK)
        ji_leaf_cursor_close(cursor);
    return status;
}

void ji_leaf_cursor_close(struct ji_leaf_cursor *cursor)
{
    if (cursor->mem == NULL)
        return;
    for (size_t index = 0; index < cursor->held_count; index++)
        ji_buffer_release(cursor->held[index]);
    ji_free(cursor->mem, cursor->held, cursor->held_capacity * sizeof cursor->held[0]);
    ji_leaf_drop_heaps(cursor);
    ji_free(cursor->mem, cursor->heaps, cursor->heap_capacity * sizeof cursor->heaps[0]);
    ji_buffer_release(cursor->dictionary_views);
    ji_bytes_clear(&cursor->out_reps);
    ji_bytes_clear(&cursor->out_defs);
    ji_buffer_release(cursor->out_values);
    ji_buffer_release(cursor->out_validity);
    ji_buffer_release(cursor->scratch);
    ji_buffer_release(cursor->page_buffer);
    ji_page_values_clear(&cursor->values);
    ji_dictionary_clear(&cursor->dictionary);
    ji_page_reader_clear(&cursor->pages);
    ji_arena_clear(&cursor->arena);
    cursor->mem = NULL;
}

enum joist_status ji_leaf_ends_early(uint64_t missing, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "column chunk ends %" PRIu64 " rows early", missing);
}

static enum joist_status load_dictionary(struct ji_leaf_cursor *cursor, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err)
{
    if (cursor->has_dictionary || cursor->page_number > 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "second or late dictionary page");
    if (header->encoding != JI_ENCODING_PLAIN && header->encoding != JI_ENCODING_PLAIN_DICTIONARY)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "dictionary page encoded as %s (%d)",
                ji_encoding_name(header->encoding), (int)header->encoding);
    struct ji_buffer *buffer = NULL;
    struct ji_page_parts parts;
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_buffer_new(
            cursor->pages.buffer_mem, ji_max_size((size_t)header->uncompressed_bytes, 1), &buffer, err));
    JI_TRY_OUT(ji_page_reader_load(&cursor->pages, header, header_bytes, &buffer, &parts, err));
    JI_TRY_OUT(ji_dictionary_init(&cursor->dictionary, &cursor->type, cursor->leaf->field, buffer,
            parts.values, (size_t)header->value_count, err));
    cursor->has_dictionary = true;
out:
    ji_buffer_release(buffer);
    return status;
}

enum joist_status ji_leaf_hold(
        struct ji_leaf_cursor *cursor, struct ji_buffer *buffer, struct joist_error *err)
{
    if (cursor->held_count == cursor->held_capacity) {
        const size_t capacity = ji_max_size(cursor->held_capacity * 2, 8);
        JI_TRY(ji_realloc(cursor->mem, &cursor->held, cursor->held_capacity * sizeof cursor->held[0],
                capacity * sizeof cursor->held[0], err));
        cursor->held_capacity = capacity;
    }
    cursor->held[cursor->held_count++] = buffer;
    return JOIST_OK;
}

/* The page's buffer goes to those that the batch holds, where views of the batch point into it. */
static enum joist_status hold_page(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    if (!cursor->page_is_lent)
        return JOIST_OK;
    JI_TRY(ji_leaf_hold(cursor, cursor->page_buffer, err));
    cursor->page_buffer = NULL;
    cursor->page_is_lent = false;
    return JOIST_OK;
}

/* Levels before the values in a page v1; `*bytes` loses them. */
static enum joist_status take_levels(struct ji_levels *levels, struct ji_view *bytes,
        enum ji_encoding encoding, unsigned max, size_t count, struct joist_error *err)
{
    ji_levels_init_none(levels);
    if (max == 0)
        return JOIST_OK;
    size_t taken = 0;
    JI_TRY(ji_levels_init_v1(levels, *bytes, encoding, max, count, &taken, err));
    *bytes = ji_view_of(bytes->data + taken, bytes->size - taken);
    return JOIST_OK;
}

static void take_levels_v2(struct ji_levels *levels, struct ji_view bytes, unsigned max)
{
    if (max == 0)
        ji_levels_init_none(levels);
    else
        ji_levels_init_rle(levels, bytes, max);
}

static enum joist_status load_data(struct ji_leaf_cursor *cursor, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err)
{
    const struct ji_leaf *const leaf = cursor->leaf;
    const size_t count = (size_t)header->value_count;
    if (cursor->entries_known && count > cursor->entries_left)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%zu values where the column chunk has %" PRIu64 " left",
                count, cursor->entries_left);
    JI_TRY(hold_page(cursor, err));
    struct ji_page_parts parts;
    cursor->page_is_heap = false;
    JI_TRY(ji_page_reader_load(&cursor->pages, header, header_bytes, &cursor->page_buffer, &parts, err));
    if (header->type == JI_PAGE_DATA_V2) {
        take_levels_v2(&cursor->reps, parts.reps, leaf->max_rep);
        take_levels_v2(&cursor->defs, parts.defs, leaf->max_def);
    } else {
        JI_TRY(take_levels(&cursor->reps, &parts.values, header->rep_encoding, leaf->max_rep, count, err));
        JI_TRY(take_levels(&cursor->defs, &parts.values, header->def_encoding, leaf->max_def, count, err));
    }
    JI_TRY(ji_page_values_init(&cursor->values, &cursor->type, header->encoding, parts.values,
            cursor->has_dictionary ? &cursor->dictionary : NULL, err));
    cursor->entries_left -= cursor->entries_known ? count : 0;
    cursor->page_left = cursor->page_count = count;
    cursor->page_bytes = 0;
    if (cursor->type.conversion == JI_CONVERT_VIEW && parts.values.size > 0)
        cursor->page_bytes = (size_t)(parts.values.data - cursor->page_buffer->data) + parts.values.size;
    return JOIST_OK;
}

/* Passes over what is no data page, a dictionary loaded; `*has_page` false at the end of the chunk. */
static enum joist_status find_data_page(struct ji_leaf_cursor *cursor, struct ji_page_header *header,
        size_t *header_bytes, bool *has_page, struct joist_error *err)
{
    *has_page = false;
    for (;;) {
        if (ji_page_reader_at_end(&cursor->pages) || (cursor->entries_known && cursor->entries_left == 0))
            return JOIST_OK;
        JI_TRY(ji_page_reader_header(&cursor->pages, header, header_bytes, err));
        if (header->type == JI_PAGE_DATA || header->type == JI_PAGE_DATA_V2) {
            *has_page = true;
            return JOIST_OK;
        }
        if (header->type == JI_PAGE_DICTIONARY)
            JI_TRY(load_dictionary(cursor, header, *header_bytes, err));
        else if (header->type == JI_PAGE_INDEX)
            ji_page_reader_pass(&cursor->pages, header, *header_bytes);
        else
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "page of type %d", (int)header->type);
    }
}

enum joist_status ji_leaf_next_page(struct ji_leaf_cursor *cursor, bool *has_page, struct joist_error *err)
{
    assert(cursor->page_left == 0);
    do {
        struct ji_page_header header;
        size_t header_bytes = 0;
        JI_TRY(find_data_page(cursor, &header, &header_bytes, has_page, err));
        if (!*has_page)
            return JOIST_OK;
        JI_TRY(load_data(cursor, &header, header_bytes, err));
        cursor->page_number++;
    } while (cursor->page_left == 0);
    return JOIST_OK;
}

enum joist_status ji_leaf_next_block(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    assert(cursor->block_at == cursor->block_count);
    cursor->block_at = cursor->block_count = 0;
    bool has_page = true;
    if (cursor->page_left == 0)
        JI_TRY(ji_leaf_next_page(cursor, &has_page, err));
    if (!has_page)
        return JOIST_OK;
    const size_t step = ji_min_size(cursor->page_left, JI_LEVEL_BLOCK);
    JI_TRY(ji_levels_read(&cursor->reps, step, cursor->block_reps, err));
    JI_TRY(ji_levels_read(&cursor->defs, step, cursor->block_defs, err));
    if (cursor->at_row_start && cursor->block_reps[0] != 0)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "repetition level %u where a row begins", cursor->block_reps[0]);
    cursor->at_row_start = false;
    cursor->page_left -= step;
    cursor->block_count = step;
    return JOIST_OK;
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

/* Goes to the page that holds `row`, where that is not the current one and the index knows it. */
static enum joist_status jump(struct ji_leaf_cursor *cursor, uint64_t row, struct joist_error *err)
{
    if (cursor->index.page_count == 0 || cursor->reads_all_pages)
        return JOIST_OK;
    const size_t page = find_page(&cursor->index, row);
    const struct ji_page_location *const at = &cursor->index.pages[page];
    if ((uint64_t)at->first_row <= cursor->row)
        return JOIST_OK;
    /* The dictionary stands before all data pages: it is met before the first jump. */
    struct ji_page_header header;
    size_t header_bytes = 0;
    bool has_page = false;
    if (cursor->page_number == 0)
        JI_TRY(find_data_page(cursor, &header, &header_bytes, &has_page, err));
    JI_TRY(hold_page(cursor, err));
    ji_page_values_break(&cursor->values);
    cursor->pages.position = (uint64_t)at->offset;
    cursor->pages.data_page = page;
    cursor->page_left = 0;
    cursor->block_at = cursor->block_count = 0;
    cursor->page_number = page;
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
            JI_TRY(find_data_page(cursor, &header, &header_bytes, &has_page, err));
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

static enum joist_status skip_repeated(struct ji_leaf_cursor *cursor, uint64_t rows, struct joist_error *err)
{
    uint64_t begun = 0;
    for (;;) {
        if (cursor->block_at == cursor->block_count)
            JI_TRY(ji_leaf_next_block(cursor, err));
        if (cursor->block_count == 0)
            break;
        size_t dense = 0;
        size_t at = cursor->block_at;
        for (; at < cursor->block_count; at++) {
            if (cursor->block_reps[at] == 0 && begun == rows)
                break;
            begun += cursor->block_reps[at] == 0;
            dense += cursor->block_defs[at] == cursor->leaf->max_def;
        }
        JI_TRY(ji_page_values_skip(&cursor->values, dense, err));
        cursor->block_at = at;
        if (at < cursor->block_count)
            break;
    }
    if (begun < rows)
        return ji_leaf_ends_early(rows - begun, err);
    cursor->row += rows;
    return JOIST_OK;
}

enum joist_status ji_leaf_cursor_skip(struct ji_leaf_cursor *cursor, uint64_t rows, struct joist_error *err)
{
    const uint64_t target = cursor->row + rows;
    if (rows == 0)
        return JOIST_OK;
    enum joist_status status = JOIST_OK;
    if (!cursor->asked_index && rows > cursor->page_left) {
        cursor->asked_index = true;
        status = read_index(cursor, err);
    }
    if (status == JOIST_OK)
        status = jump(cursor, target, err);
    if (status == JOIST_OK && target > cursor->row)
        status = cursor->leaf->max_rep == 0 ? skip_flat(cursor, target - cursor->row, err)
                                            : skip_repeated(cursor, target - cursor->row, err);
    return prefix(cursor, status, err);
}
