/*
 * group_copy.c - row groups of a file into one that is being written, without decoding them
 *
 *     chunk   bytes as they are; places in its metadata and its offset index move by as much as it moves
 *     column index, Bloom filter   bytes as they are
 *
 *   1. The chunk's metadata is written and read again, so that it owns all that it says.
 *   2. What the file says of a chunk's place was held against the file's size when the chunk was asked for.
 */
#include "parquet/copy/group_copy.h"

#include "parquet/format/chunk_read.h"
#include "parquet/format/footer_write.h"
#include "parquet/format/page_header_read.h"
#include "parquet/format/page_write.h"

#define READ_BYTES ((uint64_t)1 << 20)
#define COPY_BYTES ((uint64_t)64 << 20)
#define COPY_BYTES_MIN 4096 /* fewer are soon read, and gather in the sink's buffer */
#define INDEX_BYTES_MAX ((int64_t)256 << 20)

enum joist_status ji_copy_bytes(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        uint64_t offset, uint64_t size, struct joist_error *err)
{
    uint64_t done = 0;
    struct ji_bytes *room = &writer->lanes->lanes[0]->body;
    if (!ji_range_fits(offset, size, file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT, "%" PRIu64 " bytes at %" PRIu64 " leave the data of the file",
                size, offset);
    for (bool goes_on = size >= COPY_BYTES_MIN; goes_on && done < size;) {
        const uint64_t take = ji_min_u64(size - done, COPY_BYTES);
        uint64_t copied = 0;
        JI_TRY(ji_cancel_check(writer->settings.cancel, err));
        JI_TRY(ji_sink_copy(&writer->sink, &file->source, offset + done, take, &copied, err));
        writer->offset += copied;
        done += copied;
        goes_on = copied == take;
    }
    while (done < size) {
        const size_t take = (size_t)ji_min_u64(size - done, READ_BYTES);
        JI_TRY(ji_cancel_check(writer->settings.cancel, err));
        room->size = 0;
        JI_TRY(ji_bytes_reserve(room, take, err));
        JI_TRY(ji_source_read(&file->source, offset + done, take, room->data, err));
        JI_TRY(ji_parquet_writer_send(writer, room->data, take, err));
        done += take;
    }
    return JOIST_OK;
}

/* A copy that depends on nothing but the arena. */
static enum joist_status own_chunk(
        struct ji_arena *arena, const struct ji_chunk *from, struct ji_chunk *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes bytes;
    struct ji_view kept;
    struct ji_thrift_reader thrift;
    ji_bytes_init(&bytes, arena->mem);
    JI_TRY_OUT(ji_chunk_write(&bytes, from, err));
    JI_TRY_OUT(ji_arena_view(arena, ji_view_of(bytes.data, bytes.size), &kept, err));
    ji_thrift_reader_init(&thrift, kept);
    JI_TRY_OUT(ji_chunk_decode(&thrift, arena, out, err));
    status = ji_thrift_status(&thrift, err);
out:
    ji_bytes_clear(&bytes);
    return status;
}

static enum joist_status read_index(const struct joist_parquet_file *file, int64_t offset, int64_t size,
        struct ji_bytes *out, struct joist_error *err)
{
    if (offset < 0 || size <= 0 || size > INDEX_BYTES_MAX ||
            !ji_range_fits((uint64_t)offset, (uint64_t)size, file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT, "page index of %" PRId64 " bytes at %" PRId64, size, offset);
    out->size = 0;
    JI_TRY(ji_bytes_reserve(out, (size_t)size, err));
    JI_TRY(ji_source_read(&file->source, (uint64_t)offset, (size_t)size, out->data, err));
    out->size = (size_t)size;
    return JOIST_OK;
}

/* The offset index with every page `moved` further, and the column index, behind the writer's indexes. */
static enum joist_status copy_indexes(struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, int64_t moved, struct ji_chunk *chunk, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_bytes bytes;
    struct ji_bytes made;
    struct ji_offset_index index = {.page_count = 0};
    ji_arena_init(&arena, writer->mem);
    ji_bytes_init(&bytes, writer->mem);
    ji_bytes_init(&made, writer->mem);
    JI_TRY_OUT(read_index(file, chunk->offset_index_offset, chunk->offset_index_bytes, &bytes, err));
    JI_TRY_OUT(ji_offset_index_decode(&arena, ji_view_of(bytes.data, bytes.size), &index, err));
    for (size_t i = 0; i < index.page_count; i++)
        index.pages[i].offset += moved;
    JI_TRY_OUT(ji_offset_index_write(&made, &index, err));
    chunk->offset_index_offset = (int64_t)writer->indexes.bytes;
    chunk->offset_index_bytes = (int32_t)made.size;
    JI_TRY_OUT(ji_page_store_append(&writer->indexes, ji_view_of(made.data, made.size), err));
    if (chunk->column_index_offset >= 0) {
        JI_TRY_OUT(read_index(file, chunk->column_index_offset, chunk->column_index_bytes, &bytes, err));
        chunk->column_index_offset = (int64_t)writer->indexes.bytes;
        JI_TRY_OUT(ji_page_store_append(&writer->indexes, ji_view_of(bytes.data, bytes.size), err));
    }
    ji_parquet_writer_store_ended(writer);
out:
    ji_bytes_clear(&made);
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
    return status;
}

enum joist_status ji_chunk_own(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t leaf, const struct ji_chunk *from, struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_statistics *statistics = NULL;
    JI_TRY(own_chunk(&writer->ended, from, chunk, err));
    chunk->index_page_offset = -1;
    if (ji_copy_keeps_bounds(file, leaf))
        return JOIST_OK;
    chunk->column_index_offset = -1;
    if (chunk->statistics == NULL)
        return JOIST_OK;
    JI_TRY(ji_arena_array(&writer->ended, 1, sizeof *statistics, &statistics, err));
    *statistics = *chunk->statistics;
    statistics->has_min = statistics->has_max = false;
    statistics->has_min_old = statistics->has_max_old = false;
    statistics->has_min_exact = statistics->has_max_exact = false;
    chunk->statistics = statistics;
    return JOIST_OK;
}

static enum joist_status copy_chunk(struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, const struct ji_chunk *from, size_t leaf,
        struct ji_chunk *chunk, struct joist_error *err)
{
    const uint64_t begin = ji_chunk_begin(from);
    const int64_t moved = (int64_t)writer->offset - (int64_t)begin;
    JI_TRY(ji_chunk_own(writer, file, leaf, from, chunk, err));
    JI_TRY(ji_copy_bytes(writer, file, begin, (uint64_t)chunk->compressed_bytes, err));
    chunk->data_page_offset += moved;
    if (chunk->dictionary_page_offset > 0)
        chunk->dictionary_page_offset += moved;
    if (chunk->offset_index_offset >= 0 && !writer->options.no_page_index)
        return copy_indexes(writer, file, moved, chunk, err);
    chunk->offset_index_offset = chunk->column_index_offset = -1;
    return JOIST_OK;
}

/* A filter whose length the file does not say is left out. */
static enum joist_status copy_bloom(struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, struct ji_chunk *chunk, struct joist_error *err)
{
    const int64_t offset = chunk->bloom_offset;
    chunk->bloom_offset = -1;
    if (offset < 0 || chunk->bloom_bytes <= 0) {
        chunk->bloom_bytes = -1;
        return JOIST_OK;
    }
    chunk->bloom_offset = (int64_t)writer->offset;
    return ji_copy_bytes(writer, file, (uint64_t)offset, (uint64_t)chunk->bloom_bytes, err);
}

static enum joist_status copy_sorting(struct joist_parquet_writer *writer, const struct ji_row_group *from,
        struct ji_row_group *group, struct joist_error *err)
{
    struct ji_sorting_column *sorting = NULL;
    JI_TRY(ji_arena_array(&writer->ended, from->sorting_count, sizeof *sorting, &sorting, err));
    if (from->sorting_count > 0)
        memcpy(sorting, from->sorting, from->sorting_count * sizeof *sorting);
    group->sorting = sorting;
    group->sorting_count = from->sorting_count;
    return JOIST_OK;
}

static enum joist_status copy_chunks(struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, size_t number, struct ji_row_group *group,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    ji_arena_init(&arena, writer->mem);
    for (size_t leaf = 0; leaf < group->chunk_count; leaf++) {
        struct ji_chunk *chunk = &group->chunks[leaf];
        const struct ji_chunk *from = NULL;
        ji_arena_reset(&arena);
        JI_TRY_OUT(ji_file_chunk_read(file, number, leaf, &arena, &from, err));
        status = copy_chunk(writer, file, from, leaf, chunk, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "row group %zu, column '%s'", number, writer->layout.leaves[leaf].name);
            goto out;
        }
        group->total_bytes += chunk->uncompressed_bytes;
        group->compressed_bytes += chunk->compressed_bytes;
    }
    for (size_t leaf = 0; leaf < group->chunk_count; leaf++)
        JI_TRY_OUT(copy_bloom(writer, file, &group->chunks[leaf], err));
out:
    ji_arena_clear(&arena);
    return status;
}

enum joist_status ji_group_own(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t number, struct ji_row_group *group, struct joist_error *err)
{
    const struct ji_row_group *from = &file->footer.groups[number];
    *group = (struct ji_row_group){
            .chunk_count = writer->layout.leaf_count,
            .row_count = from->row_count,
            .file_offset = -1,
    };
    ji_arena_reset(&writer->ended);
    JI_TRY(ji_arena_array(&writer->ended, group->chunk_count, sizeof *group->chunks, &group->chunks, err));
    return copy_sorting(writer, from, group, err);
}

enum joist_status ji_group_add(struct joist_parquet_writer *writer, struct ji_row_group *group,
        uint64_t begin, bool moves_indexes, struct joist_error *err)
{
    for (size_t leaf = 0; leaf < group->chunk_count; leaf++) {
        writer->totals[leaf].compressed_bytes += (uint64_t)group->chunks[leaf].compressed_bytes;
        writer->totals[leaf].entries += (uint64_t)group->chunks[leaf].value_count;
    }
    return ji_parquet_writer_add_group(writer, group, begin, moves_indexes, err);
}

enum joist_status ji_group_copy(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t number, struct joist_error *err)
{
    struct ji_row_group group;
    /* What has no rows may have no pages, or claim them anywhere. */
    if (file->footer.groups[number].row_count == 0)
        return JOIST_OK;
    JI_TRY(ji_parquet_writer_begin(writer, err));
    const uint64_t begin = writer->offset;
    JI_TRY(ji_group_own(writer, file, number, &group, err));
    group.file_offset = (int64_t)begin;
    JI_TRY(copy_chunks(writer, file, number, &group, err));
    return ji_group_add(writer, &group, begin, true, err);
}

enum joist_status joist_parquet_writer_copy(struct joist_parquet_writer *writer,
        struct joist_parquet_file *file, size_t group, size_t count, struct joist_error *err)
{
    if (group > file->footer.group_count || count > file->footer.group_count - group)
        return ji_fail(err, JOIST_ERR_INVALID, "row groups from %zu to %zu of %zu", group, group + count,
                file->footer.group_count);
    JI_TRY(ji_group_copy_check(writer, file, err));
    JI_TRY(ji_parquet_writer_flush_group(writer, err));
    for (size_t i = 0; i < count; i++) {
        const enum joist_status status = ji_group_copy(writer, file, group + i, err);
        if (status != JOIST_OK) {
            writer->has_failed = true;
            return status;
        }
    }
    return JOIST_OK;
}
