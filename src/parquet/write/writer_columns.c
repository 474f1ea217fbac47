/*
 * writer_columns.c - rows that come column by column are encoded so, each column by the thread that reads it
 *
 *     rows:      [ step ][ step ][ step ] ...       all columns end a step together: a row group may end then
 *     column c:  read | encode | read | encode      a few thousand values, which stay in the thread's cache
 *
 * Nothing waits between reading and writing, and no rows stand between them. A step has about STEP_BYTES of
 * encoded pages, by what the rows of the group took so far, so that limits in bytes are met closely. Where a
 * source has its rows ready piece by piece, as text has, the next ones are made ready by the same step.
 */
#include "parquet/write/parquet_writer.h"

#define STEP_ROWS_FIRST 16384
#define STEP_ROWS_MIN 256
#define STEP_ROWS_MAX 1048576
#define STEP_BYTES ((uint64_t)8 << 20)

struct columns_job {
    struct joist_parquet_writer *writer;
    struct ji_column_rows from;
    size_t *order; /* columns, those that cost most first */
    size_t rows;   /* of this step */
};

static const struct ji_shape *shape_of(const struct columns_job *job, size_t column)
{
    return &job->writer->layout.shapes[column];
}

static uint64_t work_of(const struct columns_job *job, size_t column)
{
    const struct ji_shape *const shape = shape_of(job, column);
    uint64_t work = 0;
    for (size_t i = 0; i < shape->leaf_count; i++)
        work += job->writer->columns[shape->leaf_start + i].work +
                ji_column_writer_pending(&job->writer->columns[shape->leaf_start + i]);
    return work;
}

/* Nearly in order already each time, so that this is one pass. */
static void sort_columns(struct columns_job *job)
{
    for (size_t i = 1; i < job->writer->schema.column_count; i++) {
        const size_t column = job->order[i];
        const uint64_t work = work_of(job, column);
        size_t at = i;
        for (; at > 0 && work_of(job, job->order[at - 1]) < work; at--)
            job->order[at] = job->order[at - 1];
        job->order[at] = column;
    }
}

static enum joist_status write_rows(struct columns_job *job, size_t column, unsigned worker,
        const struct ji_column_run *run, struct joist_error *err)
{
    const struct ji_shape *const shape = shape_of(job, column);
    const struct ji_row_pick all = {.start = run->start, .count = run->count};
    for (size_t i = 0; i < shape->leaf_count; i++) {
        struct ji_column_writer *const leaf = &job->writer->columns[shape->leaf_start + i];
        const enum joist_status status =
                ji_column_writer_append(leaf, job->writer->lanes->lanes[worker], &run->column, all, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "column '%s'", leaf->leaf->name);
            return status;
        }
        ji_parquet_writer_relieve_leaf(job->writer, leaf);
    }
    return JOIST_OK;
}

static enum joist_status take_rows(
        struct columns_job *job, size_t column, unsigned worker, struct joist_error *err)
{
    for (size_t done = 0; done < job->rows;) {
        struct ji_column_run run = {.count = 0};
        JI_TRY(job->from.ops->read(job->from.self, column, worker, job->rows - done, &run, err));
        if (job->writer->shreds != NULL)
            JI_TRY(ji_column_shred(&job->writer->shreds[column], &run.column, &run.column, err));
        JI_TRY(write_rows(job, column, worker, &run, err));
        done += run.count;
    }
    return JOIST_OK;
}

static enum joist_status take_column(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct columns_job *const job = arg;
    const size_t columns = job->writer->schema.column_count;
    if (index >= columns) {
        job->from.ops->run_ahead(job->from.self, index - columns);
        return JOIST_OK;
    }
    const size_t column = job->order[index];
    const struct ji_shape *const shape = shape_of(job, column);
    enum joist_status status = take_rows(job, column, worker, err);
    for (size_t i = 0; i < shape->leaf_count; i++)
        status = ji_column_writer_settle(
                &job->writer->columns[shape->leaf_start + i], job->writer->lanes->lanes[worker], status, err);
    return status;
}

static size_t step_rows(const struct joist_parquet_writer *writer, uint64_t left)
{
    uint64_t rows = STEP_ROWS_FIRST;
    if (writer->group_rows > 0)
        rows = STEP_BYTES / (ji_parquet_writer_buffered(writer) / writer->group_rows + 1);
    rows = ji_max_u64(ji_min_u64(rows, STEP_ROWS_MAX), STEP_ROWS_MIN);
    const uint64_t room = writer->options.row_group_rows_max - writer->group_rows;
    return (size_t)ji_min_u64(rows, ji_min_u64(room, left));
}

/* The rows that are there; what comes behind them is prepared beside the first step. */
static enum joist_status take_rows_there(
        struct columns_job *job, uint64_t rows, size_t pieces, struct joist_error *err)
{
    struct joist_parquet_writer *const writer = job->writer;
    const size_t columns = writer->schema.column_count;
    for (uint64_t left = rows; left > 0; left -= job->rows) {
        job->rows = step_rows(writer, left);
        sort_columns(job);
        ji_parquet_writer_settle(writer);
        JI_TRY(ji_parquet_writer_step(writer, job->rows, columns + pieces, take_column, job, err));
        JI_TRY(job->from.ops->advance(job->from.self, job->rows, err));
        pieces = 0;
    }
    return JOIST_OK;
}

static enum joist_status take_all(struct columns_job *job, struct joist_error *err)
{
    const struct ji_column_rows_ops *const ops = job->from.ops;
    uint64_t rows = job->from.rows;
    size_t pieces = 0;
    for (;;) {
        JI_TRY(take_rows_there(job, rows, pieces, err));
        if (ops->more == NULL)
            return JOIST_OK;
        JI_TRY(ops->more(job->from.self, &rows, err));
        if (rows == 0)
            return JOIST_OK;
        pieces = ops->ahead == NULL ? 0 : ops->ahead(job->from.self);
    }
}

static bool has_types(const struct joist_parquet_writer *writer, const struct ji_schema *schema)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (!ji_type_equal(&schema->columns[i], &writer->schema.columns[i]))
            return false;
    return true;
}

enum joist_status ji_parquet_writer_columns(struct joist_parquet_writer *writer,
        const struct ji_schema *schema, struct ArrowArrayStream *stream, bool *all_taken,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct columns_job job = {.writer = writer};
    const size_t count = schema->column_count;
    /* Other types are told with the first batch; an order is verified over whole rows. */
    if (!has_types(writer, schema) || writer->verify.key_count > 0)
        return JOIST_OK;
    JI_TRY(ji_stream_import_columns(stream, &job.from, err));
    if (job.from.ops == NULL)
        return JOIST_OK;
    JI_TRY(ji_alloc_zero(writer->mem, count, sizeof *job.order, &job.order, err));
    for (size_t i = 0; i < count; i++)
        job.order[i] = i;
    JI_TRY_OUT(take_all(&job, err));
    *all_taken = true;

out:
    ji_free(writer->mem, job.order, count * sizeof *job.order);
    return status;
}
