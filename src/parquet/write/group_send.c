/*
 * group_send.c - a row group that has ended goes to the sink
 *
 *     columns' pages -> outgoing -> sink         by whichever thread comes first in the next step of the
 *     footer's facts and page indexes            writer; at once where there is more to it than pages
 *
 *   1. `offset` counts what has been sent and what is outgoing: it is where the next byte will stand.
 *   2. Nothing else goes to the sink while something is outgoing.
 *   3. What is outgoing has left the columns, which begin the next row group at once. Where that group is
 *      to give memory back, has Bloom filters, or lies in a scratch file, it is sent on the spot.
 *
 * The kernel's copy of a row group takes as long as encoding a tenth of one, and one thread does it.
 */
#include "parquet/write/parquet_writer.h"

#include "parquet/format/footer_write.h"

enum joist_status ji_parquet_writer_send(
        struct joist_parquet_writer *writer, const void *data, size_t bytes, struct joist_error *err)
{
    JI_TRY(ji_sink_append(&writer->sink, data, bytes, err));
    writer->offset += bytes;
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_begin(struct joist_parquet_writer *writer, struct joist_error *err)
{
    return writer->offset > 0
            ? JOIST_OK
            : ji_parquet_writer_send(writer, ji_parquet_writer_magic(writer), JI_PARQUET_MAGIC_BYTES, err);
}

enum joist_status ji_parquet_writer_send_pages(
        struct joist_parquet_writer *writer, unsigned worker, struct joist_error *err)
{
    for (size_t i = 0; writer->is_sending && i < writer->layout.leaf_count; i++) {
        struct ji_chunk_pages *pages = &writer->outgoing[i];
        const struct ji_bytes *first = &pages->dictionary_page;
        if (first->size > 0)
            JI_TRY(ji_sink_append(&writer->sink, first->data, first->size, err));
        JI_TRY(ji_page_store_send(&pages->store, &writer->lanes->lanes[worker]->body, &writer->sink, err));
        ji_chunk_pages_clear(pages);
    }
    writer->is_sending = false;
    return JOIST_OK;
}

/* A chunk's bytes, its place in the footer and its indexes. */
static enum joist_status send_chunk(struct joist_parquet_writer *writer, struct ji_column_writer *column,
        struct ji_chunk *chunk, struct joist_error *err)
{
    JI_TRY(ji_column_writer_chunk(column, writer->offset, &writer->ended, chunk, err));
    if (!writer->options.no_page_index) {
        struct ji_bytes *room = &writer->lanes->lanes[0]->header;
        const uint64_t at = writer->indexes.bytes;
        size_t offset_index_bytes = 0;
        size_t column_index_bytes = 0;
        room->size = 0;
        JI_TRY(ji_column_writer_indexes(
                column, writer->offset, room, &offset_index_bytes, &column_index_bytes, err));
        JI_TRY(ji_page_store_append(&writer->indexes, ji_view_of(room->data, room->size), err));
        ji_parquet_writer_store_ended(writer);
        chunk->offset_index_offset = (int64_t)at; /* from where the indexes begin, until finish */
        chunk->offset_index_bytes = (int32_t)offset_index_bytes;
        if (column_index_bytes > 0) {
            chunk->column_index_offset = (int64_t)(at + offset_index_bytes);
            chunk->column_index_bytes = (int32_t)column_index_bytes;
        }
    }
    ji_column_writer_hand_over(column, &writer->outgoing[column - writer->columns]);
    writer->offset += (uint64_t)chunk->compressed_bytes;
    writer->is_sending = true;
    return JOIST_OK;
}

/* Behind the row group's chunks. */
static enum joist_status send_bloom(struct joist_parquet_writer *writer, struct ji_column_writer *column,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_bytes *header = &writer->lanes->lanes[0]->header;
    struct ji_bytes *bitset = &writer->lanes->lanes[0]->sealed;
    const struct ji_view blocks = ji_view_of(column->bloom.blocks, ji_bloom_filter_bytes(&column->bloom));
    if (!column->has_bloom)
        return JOIST_OK;
    chunk->bloom_offset = (int64_t)writer->offset;
    header->size = 0;
    JI_TRY(ji_bloom_header_write(header, (uint32_t)blocks.size, err));
    if (column->seal == NULL) {
        chunk->bloom_bytes = (int32_t)(header->size + blocks.size);
        JI_TRY(ji_parquet_writer_send(writer, header->data, header->size, err));
        return ji_parquet_writer_send(writer, blocks.data, blocks.size, err);
    }
    const struct ji_view plain = ji_view_of(header->data, header->size);
    bitset->size = 0;
    JI_TRY(ji_module_seal_append(column->seal, JI_MODULE_BLOOM_HEADER, 0, plain, bitset, err));
    JI_TRY(ji_module_seal_append(column->seal, JI_MODULE_BLOOM_BITSET, 0, blocks, bitset, err));
    chunk->bloom_bytes = (int32_t)bitset->size;
    return ji_parquet_writer_send(writer, bitset->data, bitset->size, err);
}

static bool has_bloom(const struct joist_parquet_writer *writer)
{
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        if (writer->columns[i].has_bloom)
            return true;
    return false;
}

static void add_total(struct ji_leaf_total *total, const struct ji_column_writer *column, uint64_t bytes)
{
    ji_bounds_merge(&total->bounds, &column->chunk_bounds);
    total->compressed_bytes += bytes;
    total->entries += column->chunk_entries;
    total->nulls += column->chunk_nulls;
}

/* The order that was promised, where every row of the group kept it. */
static enum joist_status say_order(
        struct joist_parquet_writer *writer, struct ji_row_group *group, struct joist_error *err)
{
    const struct ji_sort_verify *verify = &writer->verify;
    struct ji_sorting_column *sorting = NULL;
    if (verify->holds && verify->key_count > 0) {
        JI_TRY(ji_arena_array(&writer->ended, verify->key_count, sizeof *sorting, &sorting, err));
        for (size_t i = 0; i < verify->key_count; i++)
            sorting[i] = (struct ji_sorting_column){.column = (int32_t)verify->keys[i].leaf,
                    .descending = verify->keys[i].descending,
                    .nulls_first = verify->keys[i].nulls_first};
        group->sorting = sorting;
        group->sorting_count = verify->key_count;
    }
    ji_sort_verify_reset(&writer->verify);
    return JOIST_OK;
}

/*
 * A chunk's metadata is encrypted on its own where the footer does not hide it, or has another key. Beside it
 * a readable footer keeps what readers without the key must know, which is all but statistics.
 */
static enum joist_status seal_chunk(struct joist_parquet_writer *writer, struct ji_leaf_crypto *crypto,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_bytes *plain = &writer->lanes->lanes[0]->header;
    struct ji_bytes *sealed = &writer->lanes->lanes[0]->sealed;
    if (!crypto->is_encrypted || (!crypto->has_own_key && !writer->crypto->plain_footer))
        return JOIST_OK;
    plain->size = sealed->size = 0;
    JI_TRY(ji_column_metadata_write(plain, chunk, err));
    JI_TRY(ji_module_seal_append(
            &crypto->seal, JI_MODULE_COLUMN_METADATA, 0, ji_view_of(plain->data, plain->size), sealed, err));
    JI_TRY(ji_arena_view(
            &writer->ended, ji_view_of(sealed->data, sealed->size), &chunk->sealed_metadata, err));
    chunk->has_metadata = writer->crypto->plain_footer;
    chunk->statistics = NULL;
    chunk->size_statistics = NULL;
    chunk->geo_statistics = NULL;
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_add_group(struct joist_parquet_writer *writer, struct ji_row_group *group,
        uint64_t begin, bool moves_indexes, struct joist_error *err)
{
    group->ordinal = (int32_t)ji_min_size(writer->groups.count, INT32_MAX);
    for (size_t i = 0; writer->crypto != NULL && i < group->chunk_count; i++)
        JI_TRY(seal_chunk(writer, &writer->crypto->leaves[i], &group->chunks[i], err));
    JI_TRY(ji_group_facts_add(&writer->groups, group, moves_indexes, err));
    JI_TRY(ji_bytes_append(&writer->group_offsets, &begin, sizeof begin, err));
    writer->rows += (uint64_t)group->row_count;
    ji_parquet_writer_store_ended(writer);
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_send_group(struct joist_parquet_writer *writer, struct joist_error *err)
{
    const size_t leaves = writer->layout.leaf_count;
    JI_TRY(ji_parquet_writer_send_pages(writer, 0, err));
    JI_TRY(ji_parquet_writer_begin(writer, err));
    const uint64_t begin = writer->offset;
    struct ji_row_group group = {
            .chunk_count = leaves,
            .row_count = (int64_t)writer->group_rows,
            .file_offset = (int64_t)begin,
    };
    ji_arena_reset(&writer->ended);
    JI_TRY(ji_arena_array(&writer->ended, leaves, sizeof *group.chunks, &group.chunks, err));
    for (size_t i = 0; i < leaves; i++) {
        struct ji_column_writer *column = &writer->columns[i];
        JI_TRY(send_chunk(writer, column, &group.chunks[i], err));
        group.total_bytes += group.chunks[i].uncompressed_bytes;
        group.compressed_bytes += group.chunks[i].compressed_bytes;
        add_total(&writer->totals[i], column, (uint64_t)group.chunks[i].compressed_bytes);
    }
    if (writer->lets_go || writer->scratch != NULL || has_bloom(writer))
        JI_TRY(ji_parquet_writer_send_pages(writer, 0, err));
    for (size_t i = 0; i < leaves; i++) {
        JI_TRY(send_bloom(writer, &writer->columns[i], &group.chunks[i], err));
        if (writer->lets_go)
            ji_column_writer_let_go(&writer->columns[i]);
        else
            ji_column_writer_reset(&writer->columns[i]);
    }
    ji_parquet_writer_drop_scratch(writer);
    JI_TRY(say_order(writer, &group, err));
    JI_TRY(ji_parquet_writer_add_group(writer, &group, begin, true, err));
    writer->group_rows = 0;
    return writer->crypto == NULL ? JOIST_OK
                                  : ji_write_crypto_group(writer->crypto, writer->groups.count, err);
}
