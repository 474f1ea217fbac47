/*
 * bloom_fill.c - the Bloom filter of a chunk: which chunks have one, and what goes into it
 *
 *   1. A page of codes adds nothing: the dictionary's entries are added when the chunk ends. Raw pages add
 *      their values, before they are encoded.
 *   2. A filter is made with the first raw page, for as many values as the chunk may get, or at the end for
 *      the dictionary's entries, of which the number is known; then it is folded to the wanted rate.
 *   3. Where it is left to the values (AUTO), the first page decides: texts that go raw, nearly all distinct.
 */
#include "parquet/write/value_fill.h"

#define AUTO_SAMPLE_MIN 1024
#define AUTO_ENTRY_RATE 0.9

/* Whether the chunk that begins with this page has a filter. */
static bool is_wanted(const struct ji_column_writer *writer)
{
    if (writer->block_shape == JI_BLOCK_BITS || writer->leaf->field->kind == JI_NULL)
        return false;
    if (writer->wishes->bloom != JOIST_BLOOM_AUTO)
        return writer->wishes->bloom == JOIST_BLOOM_ON;
    return writer->leaf->field->kind == JI_STRING && !writer->in_dictionary &&
            writer->choice.sample_values >= AUTO_SAMPLE_MIN && writer->choice.entry_rate >= AUTO_ENTRY_RATE;
}

static enum joist_status open_filter(
        struct ji_column_writer *writer, uint64_t values, struct joist_error *err)
{
    if (writer->bloom.blocks != NULL)
        return JOIST_OK;
    return ji_bloom_filter_open(&writer->bloom, writer->mem, values, writer->wishes->bloom_rate,
            writer->settings->bloom_bytes_max, err);
}

/* Raw byte arrays as a block of views. */
static void view_block(const struct ji_raw_values *raw, size_t at, const uint8_t **data,
        struct ji_view *views, struct ji_value_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const size_t size = raw->lengths != NULL ? raw->lengths[at + i] : raw->width;
        views[i] = ji_view_of(*data, size);
        *data += size;
    }
    block->values = views;
}

enum joist_status ji_bloom_add_page(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    if (writer->page_count == 0)
        writer->has_bloom = is_wanted(writer);
    if (!writer->has_bloom || writer->in_dictionary || writer->value_count == 0)
        return JOIST_OK;
    const struct ji_raw_values raw = ji_values_raw(writer);
    const uint8_t *data = raw.data;
    JI_TRY(open_filter(writer, writer->settings->group_rows_max, err));
    for (size_t at = 0; at < raw.count; at += JI_BLOCK_VALUES) {
        struct ji_value_block block = {.count = ji_min_size(JI_BLOCK_VALUES, raw.count - at)};
        block.values = raw.data + at * writer->value_bytes;
        if (raw.shape == JI_BLOCK_VIEWS)
            view_block(&raw, at, &data, lane->block.views, &block);
        ji_bloom_filter_add(&writer->bloom, raw.shape, &block);
    }
    return JOIST_OK;
}

enum joist_status ji_bloom_end(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    if (!writer->has_bloom)
        return JOIST_OK;
    const uint32_t entries =
            writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] > 0 ? writer->dictionary.count : 0;
    JI_TRY(open_filter(writer, ji_max_u64(entries, 1), err));
    for (uint32_t at = 0; at < entries;) {
        const uint32_t take = (uint32_t)ji_min_size(JI_BLOCK_VALUES, entries - at);
        struct ji_value_block block;
        for (uint32_t i = 0; i < take; i++)
            lane->rows[i] = at + i;
        ji_dictionary_writer_decode(&writer->dictionary, lane->rows, take, &lane->block, &block);
        ji_bloom_filter_add(&writer->bloom, writer->block_shape, &block);
        at += take;
    }
    ji_bloom_filter_fold(&writer->bloom, writer->wishes->bloom_rate);
    return JOIST_OK;
}
