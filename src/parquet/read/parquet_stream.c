/*
 * parquet_stream.c - a file's rows, or some of them, as one stream over its row groups
 *
 *     row_start                    row_start + row_count
 *     |                            |
 *     [ group 0 ][ group 1 ][ group 2 ]
 *
 * A caller of the library gets arrays, which a pipe makes for all columns side by side (read_pipe.h). What
 * is pulled as batches by the engine itself comes from one cursor a group, opened when its turn comes, in the
 * forms that the pages have; who takes columns one by one gets them so (column_rows_read.h).
 *
 * With a wanted schema what was read becomes what is wanted column by column (wanted_schema.h), and the
 * columns that the file lacks are made here for each batch and array.
 */
#include "arrow/array_export.h"
#include "arrow/batch_stream.h"
#include "parquet/read/column_rows_read.h"
#include "parquet/read/read_layout.h"
#include "parquet/read/read_pipe.h"
#include "parquet/read/wanted_schema.h"

/* Rows at once where nobody says how many. */
#define ROWS_USUAL 16384

struct file_stream {
    struct joist_parquet_file *file;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_read_layout layout;
    struct ji_arena batch_arena; /* of a batch that is projected, or of the making of an array */
    struct ji_batch batch;       /* projected */
    struct ArrowArray *heads;    /* columns of an array, before it is one */
    size_t *columns;             /* of the layout's source: all */
    uint64_t row;                /* the first one not yet given to a cursor */
    uint64_t row_end;            /* of the file */
    size_t group;                /* the next one */
    uint64_t group_start;
    bool no_crc;
    size_t batch_rows; /* 0: the default */
    size_t batch_bytes;
    size_t io_bytes;
    size_t read_ahead;
    const struct joist_cancel *cancel;
    struct ji_parquet_cursor *cursor;
    struct ji_read_pipe *pipe; /* opened with the first array */
    struct ji_rows_read *rows; /* opened where all is read column by column */
    struct joist_progress progress;
    uint64_t row_first; /* wanted */
    uint64_t row_count;
    uint64_t rows_given;
};

static const struct ji_schema *stream_schema(void *self)
{
    const struct file_stream *const stream = self;
    return &stream->layout.schema;
}

/* Opens the next group that has wanted rows; none is left where `cursor` stays NULL. */
static enum joist_status open_group(struct file_stream *stream, struct joist_error *err)
{
    const size_t group_count = joist_parquet_row_group_count(stream->file);
    while (stream->group < group_count && stream->row < stream->row_end) {
        const size_t group = stream->group;
        const uint64_t rows = ji_parquet_group_rows(stream->file, group);
        const uint64_t start = stream->group_start;
        if (stream->row >= start + rows) {
            stream->group_start += rows;
            stream->group++;
            continue;
        }
        const struct ji_row_range range = {stream->row - start, ji_min_u64(stream->row_end - start, rows)};
        const struct ji_parquet_cursor_options options = {
                .group = group,
                .schema = stream->layout.source,
                .columns = stream->columns,
                .column_count = stream->layout.own.schema.column_count,
                .ranges = range.start == 0 && range.end == rows ? NULL : &range,
                .range_count = 1,
                .no_crc = stream->no_crc,
                .cancel = stream->cancel,
        };
        JI_TRY(ji_parquet_cursor_open(stream->file, stream->mem, &options, &stream->cursor, err));
        stream->row = start + range.end;
        stream->group_start += rows;
        stream->group++;
        return JOIST_OK;
    }
    return JOIST_OK;
}

static void tell_progress(struct file_stream *stream, uint64_t rows)
{
    stream->rows_given += rows;
    ji_read_progress(stream->file, &stream->progress, stream->row_count, stream->rows_given);
}

/* `batch` of the source becomes one of the wanted columns. */
static enum joist_status project(
        struct file_stream *stream, const struct ji_batch **batch, struct joist_error *err)
{
    const struct ji_batch *const from = *batch;
    const struct ji_read_layout *const layout = &stream->layout;
    const uint64_t row = stream->row_first + stream->rows_given;
    ji_arena_reset(&stream->batch_arena);
    for (size_t index = 0; index < layout->schema.column_count; index++) {
        const struct ji_projected *const projected = &layout->projected[index];
        const struct ji_column *const column =
                projected->from == NULL ? NULL : &from->columns[projected->index];
        const enum joist_status status = ji_wanted_rows(&stream->batch_arena, projected, column,
                from->row_count, row, &stream->batch.columns[index], err);
        if (status != JOIST_OK) {
            ji_error_place(err, ji_source_name(&stream->file->source));
            return status;
        }
    }
    stream->batch.row_count = stream->batch.selection_count = from->row_count;
    *batch = &stream->batch;
    return JOIST_OK;
}

static enum joist_status stream_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct file_stream *const stream = self;
    const struct ji_batch *next = NULL;
    const size_t rows_max = stream->batch_rows > 0 ? stream->batch_rows : JI_BATCH_ROWS_MAX;
    while (next == NULL) {
        if (stream->cursor == NULL)
            JI_TRY(open_group(stream, err));
        if (stream->cursor == NULL)
            break;
        JI_TRY(ji_parquet_cursor_next(stream->cursor, rows_max, &next, err));
        if (next == NULL) {
            ji_parquet_cursor_close(stream->cursor);
            stream->cursor = NULL;
        }
    }
    if (next != NULL && stream->layout.projected != NULL)
        JI_TRY(project(stream, &next, err));
    if (next != NULL)
        tell_progress(stream, next->row_count);
    *batch = next;
    return JOIST_OK;
}

/* A wanted column of an array: what was read, which moves, or what stands for what lacks. */
static enum joist_status take_column(struct file_stream *stream, size_t column, struct ArrowArray *array,
        struct ArrowArray *head, struct joist_error *err)
{
    const struct ji_projected *const projected = &stream->layout.projected[column];
    const struct ji_pick all = {.count = (size_t)array->length};
    struct ji_column rows;
    if (projected->from != NULL) {
        struct ArrowArray *const child = array->children[projected->index];
        *head = *child;
        child->release = NULL;
        return JOIST_OK;
    }
    ji_arena_reset(&stream->batch_arena);
    JI_TRY(ji_wanted_rows(&stream->batch_arena, projected, NULL, all.count, 0, &rows, err));
    return ji_column_export(stream->file->ctx, &stream->batch_arena, &stream->layout.shape->children[column],
            &rows, &all, head, err);
}

/* `array` of what was read becomes one of all wanted columns; on failure it is released. */
static enum joist_status add_lacking(
        struct file_stream *stream, struct ArrowArray *array, struct joist_error *err)
{
    const size_t count = stream->layout.schema.column_count;
    struct ArrowArray made = {.release = NULL};
    enum joist_status status = JOIST_OK;
    for (size_t index = 0; index < count; index++)
        JI_TRY_OUT(take_column(stream, index, array, &stream->heads[index], err));
    JI_TRY_OUT(
            ji_array_of_columns(stream->file->ctx, (size_t)array->length, stream->heads, count, &made, err));

out:
    for (size_t index = 0; index < count; index++) {
        if (stream->heads[index].release != NULL)
            stream->heads[index].release(&stream->heads[index]);
    }
    array->release(array);
    *array = made;
    return status;
}

static enum joist_status stream_next_array(void *self, struct ArrowArray *array, struct joist_error *err)
{
    struct file_stream *const stream = self;
    const struct ji_read_pipe_options options = {
            .file = stream->file,
            .schema = stream->layout.source,
            .columns = stream->columns,
            .column_count = stream->layout.own.schema.column_count,
            .projected = stream->layout.read,
            .row_start = stream->row,
            .row_end = stream->row_end,
            .batch_rows = stream->batch_rows,
            .batch_bytes = stream->batch_bytes,
            .shape = stream->layout.read_shape,
            .no_crc = stream->no_crc,
            .io_bytes = stream->io_bytes,
            .read_ahead = stream->read_ahead,
            .cancel = stream->cancel,
    };
    struct ArrowArray made = {.release = NULL};
    if (stream->pipe == NULL)
        JI_TRY(ji_read_pipe_open(&options, &stream->pipe, err));
    JI_TRY(ji_read_pipe_next(stream->pipe, &made, err));
    if (made.release != NULL && stream->layout.lacking_count > 0)
        JI_TRY(add_lacking(stream, &made, err));
    if (made.release != NULL)
        tell_progress(stream, (uint64_t)made.length);
    *array = made;
    return JOIST_OK;
}

static enum joist_status stream_columns(void *self, struct ji_column_rows *columns, struct joist_error *err)
{
    struct file_stream *const stream = self;
    const struct ji_rows_read_options options = {
            .file = stream->file,
            .schema = stream->layout.source,
            .columns = stream->columns,
            .projected = stream->layout.projected,
            .projected_count = stream->layout.schema.column_count,
            .row_start = stream->row,
            .row_end = stream->row_end,
            .batch_rows = stream->batch_rows,
            .no_crc = stream->no_crc,
            .io_bytes = stream->io_bytes,
            .cancel = stream->cancel,
            .progress = stream->progress,
    };
    JI_TRY(ji_rows_read_open(&options, &stream->rows, err));
    *columns = ji_rows_read_columns(stream->rows);
    return JOIST_OK;
}

static void stream_close(void *self)
{
    struct file_stream *const stream = self;
    struct ji_mem *const mem = stream->mem;
    ji_parquet_cursor_close(stream->cursor);
    ji_read_pipe_close(stream->pipe);
    ji_rows_read_close(stream->rows);
    ji_arena_clear(&stream->batch_arena);
    ji_arena_clear(&stream->arena);
    joist_parquet_close(stream->file);
    ji_free(mem, stream, sizeof *stream);
    ji_mem_close(mem);
}

static const struct ji_batch_stream_ops stream_ops = {
        .schema = stream_schema,
        .next = stream_next,
        .close = stream_close,
        .next_array = stream_next_array,
        .open_columns = stream_columns,
};

/* What is lacking takes room in each row: where it takes much, a batch has fewer. */
static void heed_lacking(struct file_stream *stream)
{
    const size_t bytes_max = stream->batch_bytes > 0 ? stream->batch_bytes : ji_batch_bytes_max(stream->mem);
    const size_t usual = stream->batch_rows > 0 ? stream->batch_rows : ROWS_USUAL;
    const size_t fitting = ji_max_size(bytes_max / 2 / ji_max_size(stream->layout.lacking_bytes, 1), 1);
    if (stream->layout.lacking_bytes > 0 && fitting < usual)
        stream->batch_rows = fitting;
}

/* Room for what is wanted of a file that does not have it so. */
static enum joist_status take_layout(
        struct file_stream *stream, const struct joist_parquet_read_options *options, struct joist_error *err)
{
    const enum joist_status status =
            ji_read_layout_make(stream->file, options, &stream->arena, &stream->layout, err);
    const size_t count = stream->layout.schema.column_count;
    if (status != JOIST_OK) {
        if (options->schema != NULL)
            ji_error_place(err, ji_source_name(&stream->file->source));
        return status;
    }
    stream->batch.column_count = count;
    JI_TRY(ji_arena_array(
            &stream->arena, count, sizeof stream->batch.columns[0], &stream->batch.columns, err));
    heed_lacking(stream);
    return ji_arena_array(&stream->arena, count, sizeof stream->heads[0], &stream->heads, err);
}

static enum joist_status take_options(
        struct file_stream *stream, const struct joist_parquet_read_options *options, struct joist_error *err)
{
    const uint64_t rows = joist_parquet_row_count(stream->file);
    stream->row = ji_min_u64(options->row_start, rows);
    const uint64_t left = rows - stream->row;
    stream->row_end = stream->row + (options->row_count == 0 ? left : ji_min_u64(options->row_count, left));
    stream->row_first = stream->row;
    stream->row_count = stream->row_end - stream->row;
    stream->no_crc = options->no_crc;
    stream->cancel = options->cancel;
    stream->batch_rows = ji_min_size(options->batch_rows, JI_BATCH_ROWS_MAX);
    stream->batch_bytes = options->batch_bytes;
    stream->io_bytes = options->io_bytes;
    stream->read_ahead = options->read_ahead;
    stream->progress = options->progress;
    JI_TRY(take_layout(stream, options, err));
    const size_t count = stream->layout.own.schema.column_count;
    JI_TRY(ji_arena_array(&stream->arena, count, sizeof stream->columns[0], &stream->columns, err));
    for (size_t index = 0; index < count; index++)
        stream->columns[index] = index;
    return JOIST_OK;
}

static enum joist_status open_stream(struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_batch_stream *out,
        struct joist_error *err)
{
    struct ji_mem *mem = NULL;
    struct file_stream *stream = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(file->ctx), "Parquet read", sizeof *stream, &mem, &stream, err));
    stream->file = ji_parquet_retain(file);
    stream->mem = mem;
    ji_arena_init(&stream->arena, mem);
    ji_arena_init(&stream->batch_arena, mem);
    const enum joist_status status = take_options(stream, options, err);
    if (status != JOIST_OK) {
        stream_close(stream);
        return status;
    }
    *out = (struct ji_batch_stream){.ops = &stream_ops, .self = stream};
    return JOIST_OK;
}

enum joist_status joist_parquet_read(struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ArrowArrayStream *stream,
        struct joist_error *err)
{
    /* A caller built against an older, shorter struct leaves the fields behind it at their defaults. */
    struct joist_parquet_read_options own = {.struct_size = sizeof own};
    if (options != NULL)
        memcpy(&own, options, ji_min_size(options->struct_size, sizeof own));
    struct ji_batch_stream rows = {NULL, NULL};
    JI_TRY(open_stream(file, &own, &rows, err));
    const struct file_stream *const made = rows.self;
    const enum joist_status status =
            ji_shaped_stream_export(file->ctx, &rows, made->layout.shape, stream, err);
    if (status != JOIST_OK)
        ji_stream_close(&rows);
    return status;
}
