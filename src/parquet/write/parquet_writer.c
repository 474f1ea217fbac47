/*
 * parquet_writer.c - batches in, row groups out
 *
 *     batch -> leaves, in parallel -> pages in memory -> row group -> sink
 *
 *   1. Rows of an append are in every leaf or the writer has failed: then only abort is left.
 *   2. Pages of a row group are kept until it ends, for a file has its columns one after another: at
 *      row_group_rows_max rows or row_group_bytes_max bytes. Where memory runs short they go to a scratch
 *      file; where there is none the row group ends.
 *   3. The sink gets whole row groups, the page indexes, the footer, and is committed: a file is there
 *      whole or not at all.
 *
 * Leaves that cost most are encoded first, so that no thread is left with the longest one at the end.
 */
#include "parquet/write/parquet_writer.h"

#include "arrow/array_shape.h"
#include "arrow/arrow_schema.h"

/* Pages end early when less than this part is left. */
#define RELIEVE_PART 6

/* Fewer values than this are encoded sooner than other threads have woken. */
#define SERIAL_VALUES 16384

struct append_job {
    struct joist_parquet_writer *writer;
    const struct ji_batch *batch;
    struct ji_row_pick pick;
};

/* The same for each of so many: side by side where there is enough to do. */
static enum joist_status each(struct joist_parquet_writer *writer, uint64_t rows, size_t count,
        ji_parallel_fn work, void *arg, struct joist_error *err)
{
    if (rows >= SERIAL_VALUES / ji_max_size(count, 1))
        return ji_parallel(writer->ctx, count, work, arg, err);
    for (size_t i = 0; i < count; i++)
        JI_TRY(work(arg, i, 0, err));
    return JOIST_OK;
}

static enum joist_status each_leaf(struct joist_parquet_writer *writer, uint64_t rows, ji_parallel_fn work,
        void *arg, struct joist_error *err)
{
    return each(writer, rows, writer->layout.leaf_count, work, arg, err);
}

static enum joist_status append_leaf(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    const struct append_job *job = arg;
    struct joist_parquet_writer *writer = job->writer;
    struct ji_column_writer *column = &writer->columns[writer->order[index]];
    const enum joist_status status = ji_column_writer_append(
            column, writer->lanes->lanes[worker], &job->batch->columns[column->leaf->column], job->pick, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%s'", column->leaf->name);
    return status;
}

static enum joist_status end_leaf(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct joist_parquet_writer *writer = arg;
    struct ji_column_writer *column = &writer->columns[writer->order[index]];
    const enum joist_status status = ji_column_writer_end_chunk(column, writer->lanes->lanes[worker], err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%s'", column->leaf->name);
    else if (writer->lets_go)
        ji_column_writer_drop_page(column);
    return status;
}

/* Nearly in order already each time, so that this is one pass. */
static void sort_order(struct joist_parquet_writer *writer)
{
    for (size_t i = 1; i < writer->layout.leaf_count; i++) {
        const size_t leaf = writer->order[i];
        size_t at = i;
        for (; at > 0 && writer->columns[writer->order[at - 1]].work < writer->columns[leaf].work; at--)
            writer->order[at] = writer->order[at - 1];
        writer->order[at] = leaf;
    }
}

static uint64_t encoded_bytes(const struct joist_parquet_writer *writer)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        bytes += ji_column_writer_bytes(&writer->columns[i]);
    return bytes;
}

uint64_t ji_parquet_writer_buffered(const struct joist_parquet_writer *writer)
{
    uint64_t bytes = encoded_bytes(writer);
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        bytes += ji_column_writer_pending(&writer->columns[i]);
    return bytes;
}

uint64_t ji_parquet_writer_held(const struct joist_parquet_writer *writer)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        bytes += ji_column_writer_held(&writer->columns[i]);
    return bytes;
}

uint64_t ji_parquet_writer_bytes(const struct joist_parquet_writer *writer)
{
    return writer->offset + ji_parquet_writer_buffered(writer);
}

/* --- row groups --- */

static enum joist_status send(
        struct joist_parquet_writer *writer, const void *data, size_t bytes, struct joist_error *err)
{
    JI_TRY(ji_sink_append(&writer->sink, data, bytes, err));
    writer->offset += bytes;
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_begin(struct joist_parquet_writer *writer, struct joist_error *err)
{
    return writer->offset > 0 ? JOIST_OK
                              : send(writer, ji_parquet_writer_magic(writer), JI_PARQUET_MAGIC_BYTES, err);
}

/* A chunk's bytes, its place in the footer and its indexes. */
static enum joist_status send_chunk(struct joist_parquet_writer *writer, struct ji_column_writer *column,
        struct ji_chunk *chunk, struct joist_error *err)
{
    JI_TRY(ji_column_writer_chunk(column, writer->offset, &writer->arena, chunk, err));
    if (!writer->options.no_page_index) {
        struct ji_bytes *room = &writer->lanes->lanes[0]->header;
        const uint64_t at = writer->indexes.bytes;
        size_t offset_index_bytes = 0;
        size_t column_index_bytes = 0;
        room->size = 0;
        JI_TRY(ji_column_writer_indexes(
                column, writer->offset, room, &offset_index_bytes, &column_index_bytes, err));
        JI_TRY(ji_page_store_append(&writer->indexes, ji_view_of(room->data, room->size), err));
        ji_parquet_writer_store_indexes(writer);
        chunk->offset_index_offset = (int64_t)at; /* from where the indexes begin, until finish */
        chunk->offset_index_bytes = (int32_t)offset_index_bytes;
        if (column_index_bytes > 0) {
            chunk->column_index_offset = (int64_t)(at + offset_index_bytes);
            chunk->column_index_bytes = (int32_t)column_index_bytes;
        }
    }
    JI_TRY(ji_column_writer_send(column, &writer->lanes->lanes[0]->body, &writer->sink, err));
    writer->offset += (uint64_t)chunk->compressed_bytes;
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
        JI_TRY(send(writer, header->data, header->size, err));
        return send(writer, blocks.data, blocks.size, err);
    }
    const struct ji_view plain = ji_view_of(header->data, header->size);
    bitset->size = 0;
    JI_TRY(ji_module_seal_append(column->seal, JI_MODULE_BLOOM_HEADER, 0, plain, bitset, err));
    JI_TRY(ji_module_seal_append(column->seal, JI_MODULE_BLOOM_BITSET, 0, blocks, bitset, err));
    chunk->bloom_bytes = (int32_t)bitset->size;
    return send(writer, bitset->data, bitset->size, err);
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
        JI_TRY(ji_arena_array(&writer->arena, verify->key_count, sizeof *sorting, &sorting, err));
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

static enum joist_status send_group(struct joist_parquet_writer *writer, struct joist_error *err)
{
    const size_t leaves = writer->layout.leaf_count;
    JI_TRY(ji_parquet_writer_begin(writer, err));
    const uint64_t begin = writer->offset;
    struct ji_row_group group = {
            .chunk_count = leaves,
            .row_count = (int64_t)writer->group_rows,
            .file_offset = (int64_t)begin,
            .ordinal = (int32_t)(writer->groups.size / sizeof group),
    };
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *group.chunks, &group.chunks, err));
    for (size_t i = 0; i < leaves; i++) {
        struct ji_column_writer *column = &writer->columns[i];
        JI_TRY(send_chunk(writer, column, &group.chunks[i], err));
        group.total_bytes += group.chunks[i].uncompressed_bytes;
        group.compressed_bytes += group.chunks[i].compressed_bytes;
        add_total(&writer->totals[i], column, (uint64_t)group.chunks[i].compressed_bytes);
    }
    for (size_t i = 0; i < leaves; i++) {
        JI_TRY(send_bloom(writer, &writer->columns[i], &group.chunks[i], err));
        if (writer->lets_go)
            ji_column_writer_let_go(&writer->columns[i]);
        else
            ji_column_writer_reset(&writer->columns[i]);
    }
    ji_parquet_writer_drop_scratch(writer);
    JI_TRY(say_order(writer, &group, err));
    JI_TRY(ji_bytes_append(&writer->groups, &group, sizeof group, err));
    JI_TRY(ji_bytes_append(&writer->group_offsets, &begin, sizeof begin, err));
    writer->rows += writer->group_rows;
    writer->group_rows = 0;
    return writer->crypto == NULL
            ? JOIST_OK
            : ji_write_crypto_group(writer->crypto, writer->groups.size / sizeof group, err);
}

static enum joist_status fail(struct joist_parquet_writer *writer, enum joist_status status)
{
    writer->has_failed = writer->has_failed || status != JOIST_OK;
    return status;
}

static enum joist_status check_alive(const struct joist_parquet_writer *writer, struct joist_error *err)
{
    if (writer->has_failed)
        return ji_fail(err, JOIST_ERR_INVALID, "the writer has failed before: only abort is left");
    return ji_cancel_check(writer->settings.cancel, err);
}

static enum joist_status end_group(struct joist_parquet_writer *writer, struct joist_error *err)
{
    if (writer->group_rows == 0)
        return JOIST_OK;
    JI_TRY(each_leaf(writer, writer->group_rows, end_leaf, writer, err));
    return send_group(writer, err);
}

enum joist_status ji_parquet_writer_flush_group(struct joist_parquet_writer *writer, struct joist_error *err)
{
    JI_TRY(check_alive(writer, err));
    writer->lets_go = true;
    const enum joist_status status = end_group(writer, err);
    writer->lets_go = false;
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        ji_column_writer_let_go(&writer->columns[i]);
    return fail(writer, status);
}

static enum joist_status relieve_leaf(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct joist_parquet_writer *writer = arg;
    struct ji_column_writer *column = &writer->columns[writer->order[index]];
    const enum joist_status status = ji_column_writer_relieve(column, writer->lanes->lanes[worker], err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%s'", column->leaf->name);
    return status;
}

/* The last step before the limit: pages end early, so that what is held is compressed. */
static enum joist_status relieve(struct joist_parquet_writer *writer, struct joist_error *err)
{
    if (writer->group_rows == 0 || ji_mem_room(writer->mem) >= ji_mem_limit(writer->mem) / RELIEVE_PART)
        return JOIST_OK;
    return each_leaf(writer, writer->group_rows, relieve_leaf, writer, err);
}

static bool group_is_full(struct joist_parquet_writer *writer)
{
    if (writer->group_rows >= writer->options.row_group_rows_max)
        return true;
    return encoded_bytes(writer) >= writer->options.row_group_bytes_max ||
            !ji_parquet_writer_make_room(writer);
}

/* --- rows --- */

static enum joist_status check_batch(
        const struct joist_parquet_writer *writer, const struct ji_batch *batch, struct joist_error *err)
{
    const struct ji_schema *schema = &writer->schema;
    if (batch->column_count != schema->column_count)
        return ji_fail(err, JOIST_ERR_INVALID, "a batch of %zu columns for a file of %zu",
                batch->column_count, schema->column_count);
    for (size_t i = 0; i < schema->column_count; i++)
        if (!ji_type_equal(batch->columns[i].field, &schema->columns[i]))
            return ji_fail(err, JOIST_ERR_INVALID,
                    "column '%s' of the batch has another type than the file's", schema->columns[i].name);
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_step(struct joist_parquet_writer *writer, uint64_t rows, size_t count,
        ji_parallel_fn work, void *arg, struct joist_error *err)
{
    JI_TRY(each(writer, rows, count, work, arg, err));
    writer->group_rows += rows;
    if (group_is_full(writer))
        JI_TRY(end_group(writer, err));
    return relieve(writer, err);
}

static enum joist_status shred_column(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    const struct append_job *job = arg;
    (void)worker;
    return ji_column_shred(
            &job->writer->shreds[index], &job->batch->columns[index], &job->writer->shredded[index], err);
}

/* The batch with its variants shredded, or as it is. */
static enum joist_status shred_batch(struct joist_parquet_writer *writer, const struct ji_batch *batch,
        struct ji_batch *shredded, struct joist_error *err)
{
    struct append_job job = {.writer = writer, .batch = batch};
    *shredded = *batch;
    if (writer->shreds == NULL)
        return JOIST_OK;
    shredded->columns = writer->shredded;
    return each(writer, batch->row_count, batch->column_count, shred_column, &job, err);
}

static enum joist_status append_rows(
        struct joist_parquet_writer *writer, const struct ji_batch *batch, struct joist_error *err)
{
    size_t done = 0;
    while (done < batch->selection_count) {
        const uint64_t room = writer->options.row_group_rows_max - writer->group_rows;
        const size_t take = (size_t)ji_min_u64(room, batch->selection_count - done);
        struct append_job job = {
                .writer = writer,
                .batch = batch,
                .pick = {.rows = batch->selection == NULL ? NULL : batch->selection + done,
                        .start = done,
                        .count = take},
        };
        sort_order(writer);
        ji_parquet_writer_settle(writer);
        JI_TRY(ji_sort_verify_add(
                &writer->verify, batch, job.pick.rows, job.pick.start, job.pick.count, err));
        JI_TRY(ji_parquet_writer_step(writer, take, writer->layout.leaf_count, append_leaf, &job, err));
        done += take;
    }
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_append(
        struct joist_parquet_writer *writer, const struct ji_batch *batch, struct joist_error *err)
{
    JI_TRY(check_alive(writer, err));
    JI_TRY(check_batch(writer, batch, err));
    struct ji_batch shredded;
    enum joist_status status = shred_batch(writer, batch, &shredded, err);
    if (status == JOIST_OK)
        status = append_rows(writer, &shredded, err);
    return fail(writer, status);
}

enum joist_status joist_parquet_writer_append(
        struct joist_parquet_writer *writer, const struct ArrowArray *array, struct joist_error *err)
{
    struct ji_batch batch;
    JI_TRY(check_alive(writer, err));
    ji_arena_reset(&writer->import);
    if (writer->array_shape == NULL)
        JI_TRY(ji_array_import(&writer->import, &writer->schema, array, &batch, err));
    else
        JI_TRY(ji_shaped_array_import(
                &writer->import, &writer->schema, writer->array_shape, array, &batch, err));
    return ji_parquet_writer_append(writer, &batch, err);
}

static enum joist_status check_names(
        const struct joist_parquet_writer *writer, const struct ji_schema *schema, struct joist_error *err)
{
    const struct ji_schema *own = &writer->schema;
    if (schema->column_count != own->column_count)
        return ji_fail(err, JOIST_ERR_INVALID, "a stream of %zu columns for a file of %zu",
                schema->column_count, own->column_count);
    for (size_t i = 0; i < own->column_count; i++)
        if (strcmp(schema->columns[i].name, own->columns[i].name) != 0)
            return ji_fail(err, JOIST_ERR_INVALID, "column %zu of the stream is '%s', the file's is '%s'", i,
                    schema->columns[i].name, own->columns[i].name);
    return JOIST_OK;
}

static bool has_same_units(const struct ji_array_shape *a, const struct ji_array_shape *b)
{
    if (a->layout == JI_LAYOUT_DURATION || b->layout == JI_LAYOUT_DURATION)
        return a->layout == b->layout && a->unit == b->unit;
    for (size_t i = 0; i < a->child_count && i < b->child_count; i++)
        if (!has_same_units(&a->children[i], &b->children[i]))
            return false;
    return true;
}

/* Durations come as numbers: of what, only the stream's own schema says. */
static enum joist_status check_units(
        struct joist_parquet_writer *writer, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ArrowSchema from = {.release = NULL};
    struct ji_schema schema;
    const struct ji_array_shape *shape = NULL;
    if (writer->array_shape == NULL)
        return JOIST_OK;
    const int failed = stream->get_schema(stream, &from);
    if (failed != 0)
        return ji_fail_errno(err, failed, "the stream's schema");
    if (from.release == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "a stream without a schema");
    ji_arena_reset(&writer->import);
    const enum joist_status status = ji_schema_import_shape(&writer->import, &from, &schema, &shape, err);
    from.release(&from);
    if (status == JOIST_OK && !has_same_units(writer->array_shape, shape))
        return ji_fail(err, JOIST_ERR_INVALID, "durations of the stream are not those of the file");
    return status;
}

enum joist_status joist_parquet_writer_append_stream(
        struct joist_parquet_writer *writer, struct ArrowArrayStream *stream, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_batch_stream batches = {.ops = NULL};
    const struct ji_batch *batch = NULL;
    bool all_taken = false;
    JI_TRY(check_alive(writer, err));
    JI_TRY(ji_stream_import(writer->ctx, stream, &batches, err));
    JI_TRY_OUT(check_names(writer, ji_stream_schema(&batches), err));
    JI_TRY_OUT(check_units(writer, stream, err));
    JI_TRY_OUT(ji_parquet_writer_columns(writer, ji_stream_schema(&batches), stream, &all_taken, err));
    while (!all_taken) {
        JI_TRY_OUT(ji_stream_next(&batches, &batch, err));
        if (batch == NULL)
            break;
        JI_TRY_OUT(ji_parquet_writer_append(writer, batch, err));
    }
out:
    ji_stream_close(&batches);
    return fail(writer, status);
}
