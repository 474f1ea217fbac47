/*
 * group_cursor.c - rows of one row group as batches: leaves in step, nested columns put together
 *
 *     ranges:  [start end)  [start end) ...
 *     pieces:  as many rows as all leaves can give without changing form
 *     batch:   pieces until rows_max, the end, or a change of form
 *
 *   1. Between calls every leaf stands at `row`.
 *   2. What a batch points to lives in the leaves' buffers until they begin the next one.
 *
 * Rows a batch: as many as asked for, and as the chunks' sizes let expect within ji_batch_bytes_max.
 */
#include "parquet/read/column_reader.h"

#include <assert.h>

struct ji_parquet_cursor {
    struct joist_parquet_file *file;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_codec_context *codecs;
    const struct joist_cancel *cancel;
    struct ji_row_range *ranges;
    size_t range_count;
    bool has_ranges; /* not all rows are wanted */
    size_t range_at;
    uint64_t row;
    size_t batch_rows_max;
    struct ji_column_reader *columns;
    size_t column_count;
    struct ji_batch batch;
};

static enum joist_status take_ranges(struct ji_parquet_cursor *cursor,
        const struct ji_parquet_cursor_options *options, struct joist_error *err)
{
    const uint64_t rows = ji_parquet_group_rows(cursor->file, options->group);
    const struct ji_row_range whole = {0, rows};
    const struct ji_row_range *const ranges = options->ranges != NULL ? options->ranges : &whole;
    const size_t count = options->ranges != NULL ? options->range_count : 1;
    uint64_t before = 0;
    for (size_t index = 0; index < count; index++) {
        if (ranges[index].start < before || ranges[index].end < ranges[index].start ||
                ranges[index].end > rows)
            return ji_fail(err, JOIST_ERR_INVALID, "row range [%" PRIu64 ", %" PRIu64 ") of %" PRIu64 " rows",
                    ranges[index].start, ranges[index].end, rows);
        before = ranges[index].end;
    }
    JI_TRY(ji_arena_array(&cursor->arena, count, sizeof ranges[0], &cursor->ranges, err));
    if (count > 0)
        memcpy(cursor->ranges, ranges, count * sizeof ranges[0]);
    cursor->range_count = count;
    cursor->has_ranges = options->ranges != NULL;
    return JOIST_OK;
}

static const struct ji_parquet_schema *schema_of(
        const struct joist_parquet_file *file, const struct ji_parquet_cursor_options *options)
{
    return options->schema != NULL ? options->schema : &file->schema;
}

static enum joist_status take_columns(struct ji_parquet_cursor *cursor,
        const struct ji_parquet_cursor_options *options, struct joist_error *err)
{
    const size_t count = options->column_count;
    const struct ji_parquet_schema *const schema = schema_of(cursor->file, options);
    const size_t known = schema->schema.column_count;
    const struct ji_leaf_options leaf = {.mem = cursor->mem, .schema = schema, .no_crc = options->no_crc};
    JI_TRY(ji_arena_array(&cursor->arena, count, sizeof cursor->columns[0], &cursor->columns, err));
    JI_TRY(ji_arena_array(&cursor->arena, count, sizeof(struct ji_column), &cursor->batch.columns, err));
    for (size_t index = 0; index < count; index++) {
        const size_t column = options->columns[index];
        if (column >= known)
            return ji_fail(err, JOIST_ERR_INVALID, "column %zu of %zu", column, known);
        JI_TRY(ji_column_reader_init(
                &cursor->columns[index], cursor->file, &leaf, &cursor->arena, column, err));
        cursor->column_count = index + 1;
        JI_TRY(ji_column_reader_open_group(&cursor->columns[index], options->group, cursor->codecs, err));
    }
    return JOIST_OK;
}

/* How many rows make about ji_batch_bytes_max, by what the chunks say of themselves. */
static enum joist_status plan_rows(struct ji_parquet_cursor *cursor,
        const struct ji_parquet_cursor_options *options, struct joist_error *err)
{
    const uint64_t group_rows = ji_parquet_group_rows(cursor->file, options->group);
    const size_t bytes_max = ji_batch_bytes_max(cursor->mem);
    uint64_t bytes = 0;
    for (size_t index = 0; index < options->column_count && bytes < UINT64_MAX / 2; index++) {
        uint64_t more = 0;
        JI_TRY(ji_column_group_bytes(cursor->file, schema_of(cursor->file, options), options->group,
                options->columns[index], &more, err));
        bytes += more;
    }
    cursor->batch_rows_max = JI_BATCH_ROWS_MAX;
    if (bytes > bytes_max) {
        const uint64_t row_bytes = bytes / ji_max_u64(group_rows, 1) + 1;
        const uint64_t rows = ji_max_u64(bytes_max / row_bytes, 1);
        cursor->batch_rows_max = (size_t)ji_min_u64(rows, JI_BATCH_ROWS_MAX);
    }
    return JOIST_OK;
}

static enum joist_status open_all(struct ji_parquet_cursor *cursor,
        const struct ji_parquet_cursor_options *options, struct joist_error *err)
{
    JI_TRY(take_ranges(cursor, options, err));
    JI_TRY(ji_codec_context_open(cursor->mem, &cursor->codecs, err));
    JI_TRY(take_columns(cursor, options, err));
    return plan_rows(cursor, options, err);
}

enum joist_status ji_parquet_cursor_open(struct joist_parquet_file *file, struct ji_mem *mem,
        const struct ji_parquet_cursor_options *options, struct ji_parquet_cursor **cursor,
        struct joist_error *err)
{
    assert(options->group < file->footer.group_count);
    struct ji_parquet_cursor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->file = ji_parquet_retain(file);
    made->mem = mem;
    made->cancel = options->cancel;
    ji_arena_init(&made->arena, mem);
    const enum joist_status status = open_all(made, options, err);
    if (status != JOIST_OK) {
        ji_error_place(err, ji_source_name(&file->source));
        ji_parquet_cursor_close(made);
        return status;
    }
    *cursor = made;
    return JOIST_OK;
}

void ji_parquet_cursor_close(struct ji_parquet_cursor *cursor)
{
    if (cursor == NULL)
        return;
    for (size_t index = 0; index < cursor->column_count; index++)
        ji_column_reader_clear(&cursor->columns[index]);
    ji_codec_context_close(cursor->codecs);
    ji_arena_clear(&cursor->arena);
    joist_parquet_close(cursor->file);
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

/* The ranges from the current one on are what is wanted. */
static enum joist_status aim(struct ji_parquet_cursor *cursor, struct joist_error *err)
{
    for (size_t index = 0; index < cursor->column_count; index++)
        JI_TRY(ji_column_reader_aim(&cursor->columns[index], &cursor->ranges[cursor->range_at],
                cursor->range_count - cursor->range_at, err));
    return JOIST_OK;
}

static enum joist_status skip_to(struct ji_parquet_cursor *cursor, uint64_t row, struct joist_error *err)
{
    for (size_t index = 0; index < cursor->column_count; index++)
        JI_TRY(ji_column_reader_skip(&cursor->columns[index], row - cursor->row, err));
    cursor->row = row;
    return JOIST_OK;
}

/* The next piece, at most `wanted` rows; 0 where the form of a leaf changes. */
static enum joist_status append_piece(
        struct ji_parquet_cursor *cursor, size_t wanted, size_t *appended, struct joist_error *err)
{
    size_t rows = wanted;
    JI_TRY(ji_cancel_check(cursor->cancel, err));
    for (size_t index = 0; index < cursor->column_count && rows > 0; index++)
        JI_TRY(ji_column_reader_ready(&cursor->columns[index], rows, &rows, err));
    for (size_t index = 0; index < cursor->column_count; index++)
        JI_TRY(ji_column_reader_append(&cursor->columns[index], rows, err));
    cursor->row += rows;
    *appended = rows;
    return JOIST_OK;
}

static enum joist_status append_rows(
        struct ji_parquet_cursor *cursor, size_t rows_max, size_t *total, struct joist_error *err)
{
    while (*total < rows_max && cursor->range_at < cursor->range_count) {
        const struct ji_row_range *const range = &cursor->ranges[cursor->range_at];
        if (range->start == range->end || cursor->row == range->end) {
            cursor->range_at++;
            continue;
        }
        if (cursor->has_ranges)
            JI_TRY(aim(cursor, err));
        if (cursor->row < range->start)
            JI_TRY(skip_to(cursor, range->start, err));
        const size_t wanted = (size_t)ji_min_u64(rows_max - *total, range->end - cursor->row);
        size_t appended = 0;
        JI_TRY(append_piece(cursor, wanted, &appended, err));
        *total += appended;
        if (appended == 0)
            break;
    }
    return JOIST_OK;
}

static enum joist_status make_batch(struct ji_parquet_cursor *cursor, size_t rows, struct joist_error *err)
{
    for (size_t index = 0; index < cursor->column_count; index++)
        JI_TRY(ji_column_reader_finish(&cursor->columns[index], rows, &cursor->batch.columns[index], err));
    cursor->batch.row_count = cursor->batch.selection_count = rows;
    cursor->batch.column_count = cursor->column_count;
    return JOIST_OK;
}

static enum joist_status next_batch(
        struct ji_parquet_cursor *cursor, size_t rows_max, size_t *rows, struct joist_error *err)
{
    const size_t wanted = ji_min_size(rows_max, cursor->batch_rows_max);
    for (size_t index = 0; index < cursor->column_count; index++)
        ji_column_reader_begin(&cursor->columns[index], wanted);
    JI_TRY(append_rows(cursor, wanted, rows, err));
    return *rows > 0 ? make_batch(cursor, *rows, err) : JOIST_OK;
}

void ji_parquet_cursor_seek(struct ji_parquet_cursor *cursor, uint64_t row)
{
    while (cursor->range_at < cursor->range_count && cursor->ranges[cursor->range_at].end <= row)
        cursor->range_at++;
    if (cursor->range_at < cursor->range_count && cursor->ranges[cursor->range_at].start < row)
        cursor->ranges[cursor->range_at].start = row;
}

enum joist_status ji_parquet_cursor_next(struct ji_parquet_cursor *cursor, size_t rows_max,
        const struct ji_batch **batch, struct joist_error *err)
{
    assert(rows_max > 0);
    size_t rows = 0;
    const enum joist_status status = next_batch(cursor, rows_max, &rows, err);
    if (status != JOIST_OK) {
        ji_error_place(err, ji_source_name(&cursor->file->source));
        return status;
    }
    *batch = rows > 0 ? &cursor->batch : NULL;
    return JOIST_OK;
}
