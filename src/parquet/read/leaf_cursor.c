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

static enum joist_status check_readable(const struct ji_chunk *chunk, struct joist_error *err)
{
    JI_TRY(ji_chunk_check_key(chunk, err));
    if (chunk->file_path.size > 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column chunk in another file, '%.*s'",
                (int)ji_min_size(chunk->file_path.size, 200), (const char *)chunk->file_path.data);
    return JOIST_OK;
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

enum joist_status ji_leaf_prefix(
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
    JI_TRY(ji_chunk_cipher(file, cursor->chunk, cursor->group, cursor->leaf->chunk, cursor->mem,
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

/* Pages of an encrypted chunk are bound to their number: they are read in order. */
static enum joist_status open_feed(
        struct ji_leaf_cursor *cursor, struct ji_page_service *service, struct joist_error *err)
{
    if (service == NULL || cursor->pages.cipher != NULL)
        return JOIST_OK;
    JI_TRY(ji_alloc_zero(cursor->mem, 1, sizeof *cursor->feed, &cursor->feed, err));
    ji_page_feed_open(cursor->feed, service, &cursor->pages);
    return JOIST_OK;
}

enum joist_status ji_leaf_cursor_open(struct ji_leaf_cursor *cursor, const struct joist_parquet_file *file,
        const struct ji_leaf_options *options, size_t group, size_t leaf, struct ji_codec_context *codecs,
        struct joist_error *err)
{
    struct ji_mem *const mem = options->mem;
    const struct ji_chunk *chunk = NULL;
    const struct ji_parquet_schema *const schema = options->schema;
    struct ji_arena arena;
    ji_arena_init(&arena, mem);
    enum joist_status status = ji_file_chunk_in(file, group, schema->leaves[leaf].chunk, &arena, &chunk, err);
    if (status != JOIST_OK) {
        ji_arena_clear(&arena);
        return status;
    }
    *cursor = (struct ji_leaf_cursor){
            .file = file,
            .leaf = &schema->leaves[leaf],
            .chunk = chunk,
            .group = group,
            .mem = mem,
            .arena = arena,
            .output = options->output,
            .entries_known = true,
            .at_row_start = true,
    };
    const struct ji_shape *const shape = &schema->shapes[cursor->leaf->column];
    cursor->keeps_levels = ji_kind_is_nested(shape->field->kind);
    cursor->slot_def = slot_level(shape, leaf);
    cursor->entries_left = (uint64_t)cursor->chunk->value_count;
    ji_value_type_init(&cursor->type, cursor->leaf);
    if (cursor->output.is_laid_out)
        ji_value_type_lay_out(&cursor->type, cursor->leaf);
    if (cursor->output.mem == NULL)
        cursor->output.mem = mem;
    ji_bytes_init(&cursor->out_reps, mem);
    ji_bytes_init(&cursor->out_defs, mem);
    status = ji_leaf_prefix(cursor, open_chunk(cursor, codecs, err), err);
    cursor->pages.no_crc = options->no_crc;
    cursor->pages.hint_bytes = options->hint_bytes;
    if (options->io_bytes > 0)
        cursor->pages.window_read_bytes = options->io_bytes;
    if (status == JOIST_OK)
        status = open_feed(cursor, options->service, err);
    if (status != JOIST_OK)
        ji_leaf_cursor_close(cursor);
    return status;
}

void ji_leaf_cursor_close(struct ji_leaf_cursor *cursor)
{
    if (cursor->mem == NULL)
        return;
    if (cursor->feed != NULL)
        ji_page_feed_close(cursor->feed);
    ji_free(cursor->mem, cursor->feed, sizeof *cursor->feed);
    for (size_t index = 0; index < cursor->held_count; index++)
        ji_buffer_release(cursor->held[index]);
    ji_free(cursor->mem, cursor->held, cursor->held_capacity * sizeof cursor->held[0]);
    ji_leaf_drop_heaps(cursor);
    ji_free(cursor->mem, cursor->heaps, cursor->heap_capacity * sizeof cursor->heaps[0]);
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

enum joist_status ji_leaf_hold_page(struct ji_leaf_cursor *cursor, struct joist_error *err)
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

/* A page behind a jump wants the dictionary, which stands where the chunk begins. The page's window stays. */
static enum joist_status fetch_dictionary(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    struct ji_page_reader *const pages = &cursor->pages;
    const struct ji_page_reader page = *pages;
    const size_t page_number = cursor->page_number;
    assert(cursor->index.page_count > 0);
    cursor->saw_start = true;
    cursor->page_number = 0;
    pages->window = NULL;
    pages->window_capacity = pages->window_bytes = 0;
    pages->position = pages->window_offset = pages->begin;
    pages->data_page = 0;
    pages->read_end = (uint64_t)cursor->index.pages[0].offset;
    struct ji_page_header header;
    size_t header_bytes = 0;
    enum joist_status status = JOIST_OK;
    if (pages->read_end > pages->begin)
        status = ji_page_reader_header(pages, &header, &header_bytes, err);
    if (status == JOIST_OK && pages->read_end > pages->begin && header.type == JI_PAGE_DICTIONARY)
        status = load_dictionary(cursor, &header, header_bytes, err);
    if (pages->window != NULL)
        ji_slab_free(pages->mem, pages->window, pages->window_capacity);
    *pages = page;
    /* A failure keeps the dictionary's place. */
    if (status == JOIST_OK)
        cursor->page_number = page_number;
    return status;
}

static bool is_dictionary_encoding(enum ji_encoding encoding)
{
    return encoding == JI_ENCODING_PLAIN_DICTIONARY || encoding == JI_ENCODING_RLE_DICTIONARY;
}

/* A page that the index led to has as many rows as that says, or they would be taken for others. */
static enum joist_status check_jump(struct ji_leaf_cursor *cursor, size_t count, struct joist_error *err)
{
    const uint64_t rows = cursor->jumped_rows;
    cursor->jumped_rows = 0;
    if (rows == 0 || count == rows)
        return JOIST_OK;
    return ji_fail(
            err, JOIST_ERR_CORRUPT, "%zu values where the offset index has %" PRIu64 " rows", count, rows);
}

/* What must be so before a data page is begun. */
static enum joist_status prepare_data(
        struct ji_leaf_cursor *cursor, const struct ji_page_header *header, struct joist_error *err)
{
    const size_t count = (size_t)header->value_count;
    if (cursor->entries_known && count > cursor->entries_left)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%zu values where the column chunk has %" PRIu64 " left",
                count, cursor->entries_left);
    JI_TRY(check_jump(cursor, count, err));
    if (!cursor->saw_start && is_dictionary_encoding(header->encoding))
        JI_TRY(fetch_dictionary(cursor, err));
    JI_TRY(ji_leaf_hold_page(cursor, err));
    cursor->page_is_heap = false;
    return JOIST_OK;
}

/* A page that was read and unpacked becomes the current one. */
static enum joist_status begin_data(struct ji_leaf_cursor *cursor, const struct ji_page_header *header,
        struct ji_page_parts parts, struct joist_error *err)
{
    const struct ji_leaf *const leaf = cursor->leaf;
    const size_t count = (size_t)header->value_count;
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

static enum joist_status load_data(struct ji_leaf_cursor *cursor, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err)
{
    struct ji_page_parts parts;
    JI_TRY(prepare_data(cursor, header, err));
    JI_TRY(ji_page_reader_load(&cursor->pages, header, header_bytes, &cursor->page_buffer, &parts, err));
    JI_TRY(begin_data(cursor, header, parts, err));
    if (cursor->feed != NULL && cursor->pages.position < cursor->pages.read_end)
        ji_page_feed_start(cursor->feed, cursor->pages.position);
    return JOIST_OK;
}

/* The next page out of the feed, where it has it: reader and buffer change places with the feed's. */
static enum joist_status take_from_feed(struct ji_leaf_cursor *cursor, bool *taken, struct joist_error *err)
{
    struct ji_codec_context *const codecs = cursor->pages.codecs;
    *taken = false;
    if (cursor->feed == NULL || (cursor->entries_known && cursor->entries_left == 0))
        return JOIST_OK;
    struct ji_page_slot *const slot = ji_page_feed_take(cursor->feed, cursor->pages.position, codecs);
    if (slot == NULL)
        return JOIST_OK;
    const struct ji_page_header header = slot->header;
    const struct ji_page_parts parts = slot->parts;
    const enum joist_status status = prepare_data(cursor, &header, err);
    if (status == JOIST_OK) {
        const struct ji_page_reader reader = cursor->pages;
        struct ji_buffer *const buffer = cursor->page_buffer;
        const size_t data_page = reader.data_page + 1;
        cursor->pages = slot->reader;
        cursor->pages.codecs = codecs;
        cursor->pages.read_end = reader.read_end;
        cursor->pages.data_page = data_page;
        cursor->page_buffer = slot->buffer;
        slot->reader = reader;
        slot->buffer = buffer;
    }
    ji_page_feed_give_back(cursor->feed);
    JI_TRY(status);
    *taken = true;
    return begin_data(cursor, &header, parts, err);
}

enum joist_status ji_leaf_find_page(struct ji_leaf_cursor *cursor, struct ji_page_header *header,
        size_t *header_bytes, bool *has_page, struct joist_error *err)
{
    *has_page = false;
    cursor->saw_start |= cursor->pages.position == cursor->pages.begin;
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
        JI_TRY(take_from_feed(cursor, has_page, err));
        if (!*has_page) {
            JI_TRY(ji_leaf_find_page(cursor, &header, &header_bytes, has_page, err));
            if (!*has_page)
                return JOIST_OK;
            JI_TRY(load_data(cursor, &header, header_bytes, err));
        }
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

enum joist_status ji_leaf_each_block(struct ji_leaf_cursor *cursor, uint64_t rows,
        enum joist_status (*take)(struct ji_leaf_cursor *cursor, size_t end, struct joist_error *err),
        struct joist_error *err)
{
    uint64_t begun = 0;
    for (;;) {
        if (cursor->block_at == cursor->block_count)
            JI_TRY(ji_leaf_next_block(cursor, err));
        if (cursor->block_count == 0)
            break;
        size_t end = cursor->block_at;
        for (; end < cursor->block_count; end++) {
            const bool is_row = cursor->block_reps[end] == 0;
            if (is_row && begun == rows)
                break;
            begun += is_row;
        }
        JI_TRY(take(cursor, end, err));
        if (end < cursor->block_count)
            break;
    }
    if (begun < rows)
        return ji_leaf_ends_early(rows - begun, err);
    cursor->row += rows;
    return JOIST_OK;
}
