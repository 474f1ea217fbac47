/*
 * sql_csv.c - statements over real files, their rows as CSV, and small files to ask
 */
#include "support/sql_csv.h"

#include <stdio.h>
#include <string.h>

struct text_sink {
    char *out;
    size_t size;
};

static enum joist_status text_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    struct text_sink *sink = self;
    (void)err;
    assert_true(sink->size + bytes < SQL_CSV_BYTES);
    memcpy(sink->out + sink->size, data, bytes);
    sink->size += bytes;
    sink->out[sink->size] = '\0';
    return JOIST_OK;
}

static enum joist_status text_commit(void *self, struct joist_error *err)
{
    (void)self;
    (void)err;
    return JOIST_OK;
}

static void text_abort(void *self)
{
    (void)self;
}

static const struct joist_sink_ops text_ops = {
        .struct_size = sizeof text_ops, .append = text_append, .commit = text_commit, .abort = text_abort};

enum joist_status stream_csv(
        struct joist_ctx *ctx, struct ArrowArrayStream *stream, char *out, struct joist_error *err)
{
    struct text_sink text = {.out = out};
    const struct joist_sink sink = {&text_ops, &text};
    out[0] = '\0';
    const enum joist_status status = joist_csv_write(ctx, stream, sink, NULL, err);
    stream->release(stream);
    return status;
}

enum joist_status sql_csv(struct joist_ctx *ctx, const char *statement, char *out, struct joist_error *err)
{
    struct ArrowArrayStream stream;
    const enum joist_status status = joist_sql_query(ctx, statement, NULL, &stream, err);
    return status == JOIST_OK ? stream_csv(ctx, &stream, out, err) : status;
}

enum joist_status sql_explain(
        struct joist_ctx *ctx, const char *statement, char *out, struct joist_error *err)
{
    struct text_sink text = {.out = out};
    const struct joist_sink sink = {&text_ops, &text};
    return joist_sql_explain(ctx, statement, NULL, sink, err);
}

void write_bytes(struct joist_ctx *ctx, const char *location, const char *text)
{
    struct joist_sink sink = {0};
    assert_ok(joist_sink_open(ctx, location, JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(sink.ops->append(sink.self, text, strlen(text), NULL));
    assert_ok(joist_sink_commit(&sink, NULL));
}

static void add_number(struct joist_builder *builder, long id)
{
    char text[32];
    assert_ok(joist_builder_int64(builder, id, NULL));
    assert_ok(joist_builder_int64(builder, id % 5, NULL));
    const int name = snprintf(text, sizeof text, "n%ld", id % 3);
    if (id % 7 == 0)
        assert_ok(joist_builder_null(builder, NULL));
    else
        assert_ok(joist_builder_text(builder, text, (size_t)name, NULL));
    const int price = snprintf(text, sizeof text, "%ld.%02ld", id / 100, id % 100);
    assert_ok(joist_builder_text(builder, text, (size_t)price, NULL));
    assert_ok(joist_builder_int64(builder, 20454 + id / 10, NULL));
    assert_ok(joist_builder_end_row(builder, NULL));
}

void write_numbers(
        struct joist_ctx *ctx, const char *location, long first, long rows, unsigned long group_rows)
{
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .row_group_rows_max = group_rows, .page_rows_max = 16};
    struct joist_builder *builder = NULL;
    struct joist_parquet_writer *writer = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct joist_sink sink = {0};
    assert_ok(joist_builder_open(
            ctx, "id long required, g int, name string, price decimal(9,2), day date", &builder, NULL));
    for (long id = first; id < first + rows; id++)
        add_number(builder, id);
    assert_ok(joist_builder_take(builder, &stream, NULL));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_ok(joist_sink_open(ctx, location, JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(joist_parquet_writer_open(ctx, sink, &schema, &options, &writer, NULL));
    assert_ok(joist_parquet_writer_append_stream(writer, &stream, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
    schema.release(&schema);
    stream.release(&stream);
    joist_builder_close(builder);
}
