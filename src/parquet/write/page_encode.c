/*
 * page_encode.c - a page: levels, values, facts
 *
 *     rep levels: [size, 4][hybrid] | def levels: [size, 4][hybrid] | values
 *     where max_rep > 0               where max_def > 0               encoded, or [width][hybrid codes]
 *
 *   1. In pages v2 the levels have no size in front: it is in the header (page_seal.c).
 *   2. A page of codes has its bounds from the dictionary entries that it uses, any other from its
 *      values as they came: neither looks at a value twice.
 */
#include "parquet/encode/hybrid_encode.h"
#include "parquet/write/value_fill.h"

#include <assert.h>

#define LEVEL_HEAD_BYTES 4

/* Between two looks at whether all entries are marked. */
#define MARK_STEP 2048

/* Marks the entries that the codes name; no further than until all are. */
static void mark_entries(uint8_t *marks, size_t entries, const uint32_t *codes, size_t count)
{
    size_t marked = 0; /* all entries before it are */
    for (size_t at = 0; at < count && marked < entries; at += MARK_STEP) {
        const size_t end = ji_min_size(count, at + MARK_STEP);
        for (size_t i = at; i < end; i++)
            marks[codes[i]] = 1;
        while (marked < entries && marks[marked] != 0)
            marked++;
    }
}

/* The entries that the page's codes name, each once; all of them where NaNs must be counted. */
static enum joist_status bound_codes(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    const uint32_t *codes = (const uint32_t *)(const void *)writer->codes.data;
    struct ji_value_block block;
    if (ji_bound_is_real(writer->bounds.order) || writer->dictionary.count > writer->value_count) {
        for (size_t at = 0; at < writer->value_count; at += JI_BLOCK_VALUES) {
            const size_t take = ji_min_size(JI_BLOCK_VALUES, writer->value_count - at);
            ji_dictionary_writer_decode(&writer->dictionary, codes + at, take, &lane->block, &block);
            ji_column_bounds_add(writer, &block);
        }
        return JOIST_OK;
    }
    lane->marks.size = 0;
    JI_TRY(ji_bytes_reserve(&lane->marks, writer->dictionary.count, err));
    memset(lane->marks.data, 0, writer->dictionary.count);
    mark_entries(lane->marks.data, writer->dictionary.count, codes, writer->value_count);
    size_t used = 0;
    for (uint32_t code = 0; code < writer->dictionary.count; code++) {
        lane->rows[used] = code;
        used += lane->marks.data[code];
        if (used < JI_BLOCK_VALUES && code + 1 < writer->dictionary.count)
            continue;
        ji_dictionary_writer_decode(&writer->dictionary, lane->rows, used, &lane->block, &block);
        ji_column_bounds_add(writer, &block);
        used = 0;
    }
    return JOIST_OK;
}

/* Pages v2 say in their header how long levels are, pages v1 in front of them. */
static enum joist_status put_levels(struct ji_bytes *body, const struct ji_bytes *levels, unsigned max,
        size_t head_bytes, struct joist_error *err)
{
    if (max == 0)
        return JOIST_OK;
    const unsigned width = ji_bit_width(max);
    JI_TRY(ji_bytes_reserve(body, head_bytes + ji_hybrid_bound(levels->size, width), err));
    uint8_t *head = body->data + body->size;
    const uint8_t *end = ji_hybrid_encode_levels(levels->data, levels->size, width, head + head_bytes);
    const size_t bytes = (size_t)(end - head);
    if (head_bytes > 0)
        ji_store_le32(head, (uint32_t)(bytes - head_bytes));
    body->size += bytes;
    return JOIST_OK;
}

/* Whether what stands raw is a page of its own as it is. */
static bool is_body(const struct ji_column_writer *writer)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const bool is_little = true;
#else
    const bool is_little = writer->block_shape == JI_BLOCK_VIEWS;
#endif
    return is_little && !writer->in_dictionary && writer->plan.encoding == JI_ENCODING_PLAIN &&
            writer->block_shape != JI_BLOCK_BITS &&
            writer->leaf->element->physical != JI_PHYSICAL_BYTE_ARRAY && writer->leaf->max_def == 0 &&
            writer->leaf->max_rep == 0;
}

/* The page's bytes before compression: in the lane, or `plain` itself. */
static enum joist_status page_body(struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_page_body *body, struct joist_error *err)
{
    const struct ji_leaf *leaf = writer->leaf;
    const size_t head_bytes = ji_column_page_type(writer) == JI_PAGE_DATA ? LEVEL_HEAD_BYTES : 0;
    lane->body.size = 0;
    *body = (struct ji_page_body){.rep_bytes = 0};
    if (is_body(writer)) {
        body->bytes = ji_view_of(writer->plain.data, writer->plain.size);
        return JOIST_OK;
    }
    JI_TRY(put_levels(&lane->body, &writer->reps, leaf->max_rep, head_bytes, err));
    body->rep_bytes = lane->body.size;
    JI_TRY(put_levels(&lane->body, &writer->defs, leaf->max_def, head_bytes, err));
    body->def_bytes = lane->body.size - body->rep_bytes;
    JI_TRY(ji_values_put(writer, lane, &lane->body, err));
    body->bytes = ji_view_of(lane->body.data, lane->body.size);
    return JOIST_OK;
}

/* Of the page, and added to those of the chunk. Levels are below 256 each. */
struct level_counts {
    size_t size; /* max_rep + 1 and max_def + 1 */
    int64_t counts[2 * (UINT8_MAX + 1)];
};

static enum joist_status count_levels(
        struct ji_column_writer *writer, struct level_counts *levels, struct joist_error *err)
{
    const struct ji_leaf *leaf = writer->leaf;
    const size_t reps = (size_t)leaf->max_rep + 1;
    int64_t *counts = levels->counts;
    levels->size = reps + leaf->max_def + 1;
    const size_t bytes = levels->size * sizeof *counts;
    memset(counts, 0, bytes);
    if (leaf->max_rep == 0)
        counts[0] = (int64_t)writer->entry_count;
    for (size_t i = 0; i < writer->reps.size; i++)
        counts[writer->reps.data[i]]++;
    /* Values stand at the highest level, and with one level the rest at 0. */
    counts[reps] = (int64_t)(writer->entry_count - writer->value_count);
    for (size_t i = 0; leaf->max_def > 1 && i < writer->defs.size; i++)
        counts[reps + writer->defs.data[i]]++;
    if (leaf->max_def > 1)
        counts[reps] -= (int64_t)(writer->entry_count - writer->value_count);
    else
        counts[reps + leaf->max_def] += (int64_t)writer->value_count;
    if (writer->histograms.size == 0)
        return ji_bytes_append(&writer->histograms, counts, bytes, err);
    int64_t *sums = (int64_t *)(void *)writer->histograms.data;
    for (size_t i = 0; i < levels->size; i++)
        sums[i] += counts[i];
    return JOIST_OK;
}

static int compare_text(const struct ji_bound_text *a, const struct ji_bound_text *b)
{
    return ji_view_compare(ji_view_of(a->bytes, a->size), ji_view_of(b->bytes, b->size));
}

/*
 * Whether the pages' bounds stay in order, for the column index. Bytes are compared as they are written: a
 * raised maximum may pass one that was not.
 */
static void follow_order(
        struct ji_column_writer *writer, const struct ji_bound_text *min, const struct ji_bound_text *max)
{
    const struct ji_bounds *now = &writer->bounds;
    if (writer->last_bounds.has_values) {
        const bool as_written = now->order == JI_BOUND_BYTES || now->order == JI_BOUND_TEXT;
        const int low = as_written ? compare_text(min, &writer->last_min)
                                   : ji_bound_compare(now->order, &now->min, &writer->last_bounds.min);
        const int high = as_written ? compare_text(max, &writer->last_max)
                                    : ji_bound_compare(now->order, &now->max, &writer->last_bounds.max);
        writer->has_rising_pages &= low >= 0 && high >= 0;
        writer->has_falling_pages &= low <= 0 && high <= 0;
    }
    writer->last_bounds = *now;
    writer->last_min = *min;
    writer->last_max = *max;
}

static enum joist_status record_page(struct ji_column_writer *writer, struct joist_error *err)
{
    struct ji_page_record record = {
            .first_row = writer->chunk_rows,
            .null_count = writer->entry_count - writer->value_count,
            .nan_count = writer->bounds.nan_count,
            .unencoded_bytes = writer->unencoded_bytes,
            .is_null = writer->value_count == 0,
    };
    struct ji_bound_text min = {.size = 0};
    struct ji_bound_text max = {.size = 0};
    struct level_counts levels;
    record.has_bounds = ji_bounds_min(&writer->bounds, &min) && ji_bounds_max(&writer->bounds, &max);
    if (record.has_bounds) {
        follow_order(writer, &min, &max);
        record.min_bytes = (uint8_t)min.size;
        record.max_bytes = (uint8_t)max.size;
    }
    JI_TRY(count_levels(writer, &levels, err));
    ji_bounds_merge(&writer->chunk_bounds, &writer->bounds);
    writer->page_count++;
    struct ji_page_store *facts = &writer->facts;
    JI_TRY(ji_page_store_append(facts, ji_view_of(&record, sizeof record), err));
    JI_TRY(ji_page_store_append(facts, ji_view_of(min.bytes, record.min_bytes), err));
    JI_TRY(ji_page_store_append(facts, ji_view_of(max.bytes, record.max_bytes), err));
    return ji_page_store_append(facts, ji_view_of(levels.counts, levels.size * sizeof(int64_t)), err);
}

static void begin_page(struct ji_column_writer *writer)
{
    writer->defs.size = writer->reps.size = writer->codes.size = 0;
    writer->plain.size = writer->lengths.size = 0;
    writer->entry_count = writer->value_count = writer->row_count = 0;
    writer->unencoded_bytes = 0;
    ji_bounds_reset(&writer->bounds, writer->bounds.order);
}

enum joist_status ji_page_end(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    assert(writer->row_count > 0);
    struct ji_page_body body;
    struct ji_page_header header = {
            .type = ji_column_page_type(writer),
            .value_count = (int32_t)writer->entry_count,
            .null_count = (int32_t)(writer->entry_count - writer->value_count),
            .row_count = (int32_t)writer->row_count,
            .encoding = writer->in_dictionary ? JI_ENCODING_RLE_DICTIONARY : writer->plan.encoding,
            .def_encoding = JI_ENCODING_RLE,
            .rep_encoding = JI_ENCODING_RLE,
    };
    JI_TRY(ji_cancel_check(writer->settings->cancel, err));
    JI_TRY(ji_bloom_add_page(writer, lane, err));
    if (writer->in_dictionary)
        JI_TRY(bound_codes(writer, lane, err));
    JI_TRY(page_body(writer, lane, &body, err));
    const size_t body_bytes = body.bytes.size;
    JI_TRY(ji_page_dispatch(writer, lane, &body, &header, err));
    ji_values_watch(writer);
    JI_TRY(record_page(writer, err));

    writer->work += body_bytes;
    writer->pages_coded[header.encoding]++;
    writer->chunk_rows += writer->row_count;
    writer->chunk_entries += writer->entry_count;
    writer->chunk_values += writer->value_count;
    writer->chunk_nulls += writer->entry_count - writer->value_count;
    writer->chunk_unencoded_bytes += writer->unencoded_bytes;
    begin_page(writer);
    return JOIST_OK;
}

/* The entries as the file has them: in the writer's table numbers are in the machine's byte order. */
static enum joist_status dictionary_body(struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_view *body, struct joist_error *err)
{
    const struct ji_bytes *page = &writer->dictionary.page;
    *body = ji_view_of(page->data, page->size);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)lane;
    (void)err;
#else
    if (writer->block_shape == JI_BLOCK_FOUR || writer->block_shape == JI_BLOCK_EIGHT) {
        lane->body.size = 0;
        JI_TRY(ji_bytes_reserve(&lane->body, page->size, err));
        ji_copy_le(lane->body.data, page->data, page->size / writer->value_bytes, writer->value_bytes);
        *body = ji_view_of(lane->body.data, page->size);
    }
#endif
    return JOIST_OK;
}

enum joist_status ji_dictionary_page_make(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    struct ji_page_body body = {.rep_bytes = 0};
    struct ji_view packed;
    struct ji_page_header header = {
            .type = JI_PAGE_DICTIONARY,
            .value_count = (int32_t)writer->dictionary.count,
            .encoding = JI_ENCODING_PLAIN,
    };
    JI_TRY(dictionary_body(writer, lane, &body.bytes, err));
    JI_TRY(ji_page_seal(writer, lane, &body, &header, &packed, err));
    writer->uncompressed_bytes += lane->header.size + body.bytes.size;
    writer->dictionary_page.size = 0;
    JI_TRY(ji_bytes_append(&writer->dictionary_page, lane->header.data, lane->header.size, err));
    return ji_bytes_append(&writer->dictionary_page, packed.data, packed.size, err);
}
