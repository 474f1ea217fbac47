/*
 * parquet_writer.c - batches in, row groups out
 *
 *     batch -> leaves, in parallel -> pages in memory -> row group -> outgoing -> sink
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
    struct ji_write_lane *lane = writer->lanes->lanes[worker];
    enum joist_status status =
            ji_column_writer_append(column, lane, &job->batch->columns[column->leaf->column], job->pick, err);
    status = ji_column_writer_settle(column, lane, status, err);
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
        bytes += ji_column_writer_held(&writer->columns[i]) + ji_page_store_held(&writer->outgoing[i].store);
    return bytes;
}

uint64_t ji_parquet_writer_bytes(const struct joist_parquet_writer *writer)
{
    return writer->offset + ji_parquet_writer_buffered(writer);
}

/* --- row groups --- */

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

static enum joist_status check_takes_rows(const struct joist_parquet_writer *writer, struct joist_error *err)
{
    JI_TRY(check_alive(writer, err));
    if (writer->copies_only)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "rows behind row groups whose schema is not as it is written here: they can be copied alone");
    return JOIST_OK;
}

static enum joist_status end_group(struct joist_parquet_writer *writer, struct joist_error *err)
{
    if (writer->group_rows == 0)
        return JOIST_OK;
    JI_TRY(each_leaf(writer, writer->group_rows, end_leaf, writer, err));
    return ji_parquet_writer_send_group(writer, err);
}

enum joist_status ji_parquet_writer_flush_group(struct joist_parquet_writer *writer, struct joist_error *err)
{
    JI_TRY(check_alive(writer, err));
    writer->lets_go = true;
    enum joist_status status = end_group(writer, err);
    if (status == JOIST_OK)
        status = ji_parquet_writer_send_pages(writer, 0, err);
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

/* What a step's units are: what is outgoing, the columns, and a place for each other thread to help. */
struct step {
    struct joist_parquet_writer *writer;
    size_t sending; /* 1 or 0 */
    size_t count;
    ji_parallel_fn work;
    void *arg;
};

static enum joist_status run_unit(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    const struct step *step = arg;
    struct joist_parquet_writer *writer = step->writer;
    enum joist_status status;
    if (index >= step->sending + step->count) {
        ji_page_pool_help(writer->lanes->pool, writer->lanes->lanes[worker]);
        return JOIST_OK;
    }
    if (index < step->sending)
        status = ji_parquet_writer_send_pages(writer, worker, err);
    else
        status = step->work(step->arg, index - step->sending, worker, err);
    ji_page_pool_unit_ended(writer->lanes->pool);
    return status;
}

static enum joist_status run_step(struct joist_parquet_writer *writer, uint64_t rows, size_t count,
        ji_parallel_fn work, void *arg, struct joist_error *err)
{
    struct step step = {
            .writer = writer, .sending = writer->is_sending, .count = count, .work = work, .arg = arg};
    if (rows < SERIAL_VALUES / ji_max_size(count, 1))
        return each(writer, rows, count, work, arg, err);
    ji_page_pool_begin(writer->lanes->pool, step.sending + count);
    return ji_parallel(writer->ctx, step.sending + count + writer->lanes->count - 1, run_unit, &step, err);
}

enum joist_status ji_parquet_writer_step(struct joist_parquet_writer *writer, uint64_t rows, size_t count,
        ji_parallel_fn work, void *arg, struct joist_error *err)
{
    JI_TRY(run_step(writer, rows, count, work, arg, err));
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
    JI_TRY(check_takes_rows(writer, err));
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
    JI_TRY(check_takes_rows(writer, err));
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
    JI_TRY(check_takes_rows(writer, err));
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
