/*
 * column_rows_read.c - each column of a file by itself: who writes them side by side reads them so too
 *
 *     column 0:  group 0 [ rows | rows | rows ] group 1 [ rows ...
 *     column 1:  group 0 [ rows | rows ] ...                            no one waits for the other
 *
 *   1. A column is one thread's during a reading; what it holds between two is its pages and its place.
 *   2. A group of a column is closed when it ends: its pages go back before the next group's come.
 *
 * Values are read into the same warm buffers again and again, a few thousand rows at a time, and are taken
 * by the same thread while they are in its cache.
 */
#include "parquet/read/column_rows_read.h"

#include "parquet/read/column_reader.h"
#include "parquet/read/wanted_schema.h"

#define ROWS_DEFAULT 16384
#define ROWS_MIN 256
#define BYTES_MAX ((size_t)2 << 20)
/* Values of one reading of every column take about one part in so many of the limit. */
#define VALUES_SHARE 64

struct rows_column {
    const struct ji_projected *projected; /* NULL: rows are given as they are read */
    struct ji_arena arena;                /* of what is projected */
    struct ji_column_reader reader;       /* all zero where the file lacks the column */
    struct ji_row_place place;
    uint64_t row; /* of the file: the next one */
};

struct ji_rows_read {
    struct joist_parquet_file *file;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_row_plan plan;
    const struct joist_cancel *cancel;
    struct joist_progress progress;
    uint64_t advanced;                /* rows */
    struct ji_codec_context **codecs; /* one a thread */
    size_t lane_count;
    struct rows_column *columns;
    size_t opened; /* of these, to be cleared */
};

/* To the first wanted row of a group just opened. */
static enum joist_status go_to_row(
        struct ji_rows_read *read, struct rows_column *column, struct joist_error *err)
{
    const struct ji_row_place *const place = &column->place;
    const struct ji_row_range wanted = {column->row - place->group_start, place->end - place->group_start};
    if (wanted.end - wanted.start < ji_parquet_group_rows(read->file, place->group))
        JI_TRY(ji_column_reader_aim(&column->reader, &wanted, 1, err));
    return ji_column_reader_skip(&column->reader, wanted.start, err);
}

static enum joist_status read_column(struct ji_rows_read *read, struct rows_column *column, unsigned worker,
        size_t wanted, size_t *count, struct ji_column *rows, struct joist_error *err)
{
    struct ji_column_reader *const reader = &column->reader;
    JI_TRY(ji_cancel_check(read->cancel, err));
    if (ji_column_reader_has_group(reader) && column->row == column->place.end)
        ji_column_reader_close_group(reader);
    if (!ji_column_reader_has_group(reader)) {
        ji_row_plan_seek(&read->plan, column->row, &column->place);
        JI_TRY(ji_column_reader_open_group(reader, column->place.group, read->codecs[worker], err));
        JI_TRY(go_to_row(read, column, err));
    }
    ji_column_reader_use(reader, read->codecs[worker]);
    const uint64_t left = column->place.end - column->row;
    const size_t most = (size_t)ji_min_u64(ji_min_size(wanted, read->plan.batch_rows_max), left);
    JI_TRY(ji_column_reader_read(reader, most, read->plan.batch_bytes_max, count, rows, err));
    column->row += *count;
    return JOIST_OK;
}

/* As many as are wanted of a column that the file lacks. */
static size_t count_lacking(const struct ji_rows_read *read, const struct rows_column *column, size_t wanted)
{
    const uint64_t left = read->plan.row_end - column->row;
    return (size_t)ji_min_u64(ji_min_size(wanted, read->plan.batch_rows_max), left);
}

static enum joist_status project_column(struct ji_rows_read *read, struct rows_column *column,
        unsigned worker, size_t wanted, struct ji_column_run *run, struct joist_error *err)
{
    const struct ji_projected *const projected = column->projected;
    const uint64_t row = column->row;
    struct ji_column rows;
    if (projected->from == NULL) {
        run->count = count_lacking(read, column, wanted);
        column->row += run->count;
    } else {
        JI_TRY(read_column(read, column, worker, wanted, &run->count, &rows, err));
    }
    ji_arena_reset(&column->arena);
    return ji_wanted_rows(&column->arena, projected, projected->from == NULL ? NULL : &rows, run->count, row,
            &run->column, err);
}

static enum joist_status rows_read(void *self, size_t column, unsigned worker, size_t wanted,
        struct ji_column_run *run, struct joist_error *err)
{
    struct ji_rows_read *const read = self;
    struct rows_column *const own = &read->columns[column];
    run->start = 0;
    const enum joist_status status = own->projected != NULL
            ? project_column(read, own, worker, wanted, run, err)
            : read_column(read, own, worker, wanted, &run->count, &run->column, err);
    if (status != JOIST_OK)
        ji_error_place(err, ji_source_name(&read->file->source));
    return status;
}

static enum joist_status rows_advance(void *self, uint64_t rows, struct joist_error *err)
{
    struct ji_rows_read *const read = self;
    read->advanced += rows;
    JI_TRY(ji_cancel_check(read->cancel, err));
    ji_read_progress(read->file, &read->progress, read->plan.row_end - read->plan.row_start, read->advanced);
    return JOIST_OK;
}

struct ji_column_rows ji_rows_read_columns(struct ji_rows_read *read)
{
    static const struct ji_column_rows_ops ops = {.read = rows_read, .advance = rows_advance};
    return (struct ji_column_rows){
            .ops = &ops, .self = read, .rows = read->plan.row_end - read->plan.row_start};
}

static size_t choose_rows(const struct ji_rows_read *read, const struct ji_rows_read_options *options)
{
    const uint64_t limit = ji_mem_limit(read->mem);
    const uint64_t columns = ji_max_size(read->plan.column_count, 1);
    const uint64_t fitting = limit / VALUES_SHARE / columns / sizeof(struct ji_view);
    const size_t most = options->batch_rows > 0 ? options->batch_rows : ROWS_DEFAULT;
    return (size_t)ji_min_u64(ji_max_u64(fitting, ROWS_MIN), ji_min_size(most, JI_BATCH_ROWS_MAX));
}

static enum joist_status open_columns(
        struct ji_rows_read *read, const struct ji_rows_read_options *options, struct joist_error *err)
{
    const bool is_plain = options->projected == NULL;
    const size_t count = is_plain ? read->plan.column_count : options->projected_count;
    const struct ji_leaf_options leaf = {.mem = read->mem,
            .schema = options->schema,
            .no_crc = options->no_crc,
            .io_bytes = options->io_bytes};
    JI_TRY(ji_arena_array(&read->arena, count, sizeof read->columns[0], &read->columns, err));
    for (size_t index = 0; index < count; index++) {
        struct rows_column *const column = &read->columns[index];
        column->row = read->plan.row_start;
        column->projected = is_plain ? NULL : &options->projected[index];
        ji_arena_init(&column->arena, read->mem);
        read->opened = index + 1;
        if (is_plain || column->projected->from != NULL)
            JI_TRY(ji_column_reader_init(&column->reader, read->file, &leaf, &read->arena,
                    is_plain ? index : column->projected->index, err));
    }
    return JOIST_OK;
}

static enum joist_status open_codecs(struct ji_rows_read *read, struct joist_error *err)
{
    const size_t threads = ji_ctx_threads(read->file->ctx);
    JI_TRY(ji_arena_array(&read->arena, threads, sizeof read->codecs[0], &read->codecs, err));
    for (size_t index = 0; index < threads; index++) {
        JI_TRY(ji_codec_context_open(read->mem, &read->codecs[index], err));
        read->lane_count = index + 1;
    }
    return JOIST_OK;
}

static enum joist_status open_all(
        struct ji_rows_read *read, const struct ji_rows_read_options *options, struct joist_error *err)
{
    read->plan = (struct ji_row_plan){
            .file = read->file,
            .schema = options->schema,
            .columns = options->columns,
            .column_count = options->schema->schema.column_count,
            .row_start = options->row_start,
            .row_end = options->row_end,
            .batch_bytes_max = BYTES_MAX,
    };
    read->plan.batch_rows_max = choose_rows(read, options);
    JI_TRY(ji_row_plan_init(&read->plan, &read->arena, err));
    JI_TRY(open_codecs(read, err));
    return open_columns(read, options, err);
}

enum joist_status ji_rows_read_open(
        const struct ji_rows_read_options *options, struct ji_rows_read **read, struct joist_error *err)
{
    struct ji_mem *mem = NULL;
    struct ji_rows_read *made = NULL;
    JI_TRY(ji_mem_open_with(
            ji_ctx_mem(options->file->ctx), "Parquet columns", sizeof *made, &mem, &made, err));
    made->file = ji_parquet_retain(options->file);
    made->mem = mem;
    made->cancel = options->cancel;
    made->progress = options->progress;
    ji_arena_init(&made->arena, mem);
    const enum joist_status status = open_all(made, options, err);
    if (status != JOIST_OK) {
        ji_rows_read_close(made);
        return status;
    }
    *read = made;
    return JOIST_OK;
}

void ji_rows_read_close(struct ji_rows_read *read)
{
    if (read == NULL)
        return;
    struct ji_mem *const mem = read->mem;
    for (size_t index = 0; index < read->opened; index++) {
        ji_column_reader_clear(&read->columns[index].reader);
        ji_arena_clear(&read->columns[index].arena);
    }
    for (size_t index = 0; index < read->lane_count; index++)
        ji_codec_context_close(read->codecs[index]);
    ji_arena_clear(&read->arena);
    joist_parquet_close(read->file);
    ji_free(mem, read, sizeof *read);
    ji_mem_close(mem);
}
