/*
 * parquet_drain.c - every value is turned into text, so that the sanitizers see it read
 */
#include "support/parquet_drain.h"

#include "base/io.h"

static enum joist_status drain_batch(const struct ji_batch *batch, struct ji_bytes *text,
        struct parquet_drain *drain, struct joist_error *err)
{
    for (size_t column = 0; column < batch->column_count; column++)
        drain->coded_columns += batch->columns[column].form == JI_DICTIONARY;
    for (size_t row = 0; row < batch->row_count; row++) {
        if (drain->text == NULL)
            text->size = 0;
        for (size_t column = 0; column < batch->column_count; column++) {
            JI_TRY(ji_bytes_append_byte(text, column == 0 ? '[' : ',', err));
            JI_TRY(ji_column_json(&batch->columns[column], row, text, err));
        }
        JI_TRY(ji_bytes_append_text(text, "]\n", err));
    }
    drain->rows += batch->row_count;
    return JOIST_OK;
}

static enum joist_status drain_cursor(struct ji_parquet_cursor *cursor, struct ji_bytes *text,
        struct parquet_drain *drain, struct joist_error *err)
{
    const struct ji_batch *batch = NULL;
    const size_t batch_rows = drain->batch_rows > 0 ? drain->batch_rows : JI_BATCH_ROWS_MAX;
    do {
        JI_TRY(ji_parquet_cursor_next(cursor, batch_rows, &batch, err));
        if (batch != NULL)
            JI_TRY(drain_batch(batch, text, drain, err));
    } while (batch != NULL && (drain->rows_max == 0 || drain->rows < drain->rows_max));
    return JOIST_OK;
}

enum joist_status parquet_drain_group(struct joist_ctx *ctx, struct joist_parquet_file *file, size_t group,
        struct parquet_drain *drain, struct joist_error *err)
{
    struct ji_mem *const mem = ji_ctx_mem(ctx);
    const size_t count = ji_parquet_schema(file)->column_count;
    size_t taken = 0;
    size_t *columns = NULL;
    struct ji_parquet_cursor *cursor = NULL;
    struct ji_bytes own;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_alloc_array(mem, count, sizeof columns[0], &columns, err));
    for (size_t index = 0; index < count; index++) {
        if (index >= 64 || (drain->left_out >> index & 1) == 0)
            columns[taken++] = index;
    }
    ji_bytes_init(&own, mem);
    const struct ji_parquet_cursor_options options = {
            .group = group,
            .columns = columns,
            .column_count = taken,
            .ranges = drain->ranges,
            .range_count = drain->range_count,
    };
    JI_TRY_OUT(ji_parquet_cursor_open(file, mem, &options, &cursor, err));
    JI_TRY_OUT(drain_cursor(cursor, drain->text != NULL ? drain->text : &own, drain, err));
out:
    ji_parquet_cursor_close(cursor);
    ji_bytes_clear(&own);
    ji_free(mem, columns, count * sizeof columns[0]);
    return status;
}

enum joist_status parquet_drain(struct joist_ctx *ctx, struct joist_source source,
        struct parquet_drain *drain, struct joist_error *err)
{
    struct joist_parquet_file *file = NULL;
    enum joist_status status = joist_parquet_open(ctx, source, drain->open_options, &file, err);
    if (status != JOIST_OK) {
        ji_source_close(&source);
        return status;
    }
    for (size_t group = 0; group < joist_parquet_row_group_count(file) && status == JOIST_OK; group++)
        status = parquet_drain_group(ctx, file, group, drain, err);
    joist_parquet_close(file);
    return status;
}

static enum joist_status drop(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    (void)self;
    (void)data;
    (void)bytes;
    (void)err;
    return JOIST_OK;
}

void parquet_look_at(struct joist_ctx *ctx, struct joist_parquet_file *file)
{
    static const struct joist_sink_ops ops = {.struct_size = sizeof ops, .append = drop};
    const struct joist_sink sink = {.ops = &ops};
    const struct joist_parquet_inspect_options options = {.struct_size = sizeof options, .pages = true};
    ji_ignore(joist_parquet_inspect(file, &options, sink, NULL), "any status will do");
    ji_ignore(joist_parquet_describe(file, &options, sink, NULL), "any status will do");
    for (size_t group = 0; group < joist_parquet_row_group_count(file) && group < 4; group++) {
        struct ji_facts facts;
        size_t leaf = 0;
        for (size_t column = 0; column < ji_parquet_schema(file)->column_count; column++)
            if (ji_parquet_leaf(file, &column, 1, &leaf))
                (void)ji_parquet_group_facts(file, group, leaf, &facts);
        const uint64_t rows = ji_parquet_group_rows(file, group);
        const struct ji_row_range ranges[] = {{rows / 3, rows / 2}, {rows - rows / 4, rows}};
        struct parquet_drain all = {.rows_max = 2000};
        struct parquet_drain some = {.rows_max = 2000, .batch_rows = 7, .ranges = ranges, .range_count = 2};
        ji_ignore(parquet_drain_group(ctx, file, group, &all, NULL), "any status will do");
        ji_ignore(parquet_drain_group(ctx, file, group, &some, NULL), "any status will do");
    }
}
