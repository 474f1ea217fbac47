/*
 * write_columns_test.c - a file from a file, column by column
 *
 * The rows of the copy are held against those of the original: for any number of threads, any size of row
 * groups, any rows of it.
 */
#include "support/test.h"

#include <stdio.h>

#include "arrow/batch_stream.h"
#include "base/buffer.h"
#include "base/io.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#define FILE_BYTES_MAX 8192
#define ROWS 60

static const char *const names[] = {"flat_none", "flat_snappy", "flat_zstd", "types", "types_v2", "nested",
        "nested_v2", "pages", "plain"};
#define NAME_COUNT (sizeof names / sizeof names[0])

struct sample {
    uint8_t data[FILE_BYTES_MAX];
    size_t size;
};

static void load(const char *name, struct sample *sample)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, name);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    sample->size = fread(sample->data, 1, sizeof sample->data, file);
    fclose(file);
}

static struct joist_ctx *open_ctx(unsigned threads)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20, .threads = threads};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static enum joist_status write_stream(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        const struct joist_parquet_write_options *options, struct joist_error *err)
{
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    struct ArrowSchema schema = {.release = NULL};
    if (stream->get_schema(stream, &schema) != 0)
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "no schema");
    enum joist_status status = joist_sink_open(ctx, "memory:copy", JOIST_SINK_REPLACE, &sink, err);
    if (status == JOIST_OK) {
        status = joist_parquet_writer_open(ctx, sink, &schema, options, &writer, err);
        if (status != JOIST_OK)
            joist_sink_abort(&sink);
    }
    schema.release(&schema);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_writer_append_stream(writer, stream, err);
    if (status == JOIST_OK)
        return joist_parquet_writer_finish(writer, NULL, err);
    joist_parquet_writer_abort(writer);
    return status;
}

static enum joist_status copy(struct joist_ctx *ctx, struct bytes_source *from,
        const struct joist_parquet_read_options *read, const struct joist_parquet_write_options *write,
        struct joist_error *err)
{
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    struct joist_source source = bytes_source(from);
    JI_TRY(joist_parquet_open(ctx, source, NULL, &file, err));
    enum joist_status status = joist_parquet_read(file, read, &stream, err);
    joist_parquet_close(file);
    if (status != JOIST_OK)
        return status;
    status = write_stream(ctx, &stream, write, err);
    stream.release(&stream);
    return status;
}

static void drain(struct joist_ctx *ctx, struct joist_source source, struct ji_bytes *text, uint64_t rows)
{
    struct parquet_drain drained = {.text = text};
    assert_ok(parquet_drain(ctx, source, &drained, NULL));
    assert_int_equal(drained.rows, rows);
}

static void check_copy(const char *name, unsigned threads, uint64_t group_rows)
{
    struct sample sample;
    struct ji_bytes wanted;
    struct ji_bytes got;
    struct joist_source source;
    struct joist_error err = {.text = ""};
    struct joist_ctx *const ctx = open_ctx(threads);
    const struct joist_parquet_write_options write = {
            .struct_size = sizeof write, .row_group_rows_max = group_rows};
    load(name, &sample);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    ji_bytes_init(&wanted, ji_ctx_mem(ctx));
    ji_bytes_init(&got, ji_ctx_mem(ctx));
    drain(ctx, bytes_source(&from), &wanted, ROWS);
    if (copy(ctx, &from, NULL, &write, &err) != JOIST_OK)
        fail_msg("%s: %s", name, err.text);
    assert_ok(joist_source_open(ctx, "memory:copy", &source, NULL));
    drain(ctx, source, &got, ROWS);
    assert_int_equal(got.size, wanted.size);
    assert_memory_equal(got.data, wanted.data, wanted.size);
    ji_bytes_clear(&got);
    ji_bytes_clear(&wanted);
    joist_ctx_close(ctx);
}

static void a_copy_has_the_rows_of_the_original(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 3};
    static const uint64_t group_rows[] = {0, 7, 60};
    for (size_t index = 0; index < NAME_COUNT * 6; index++)
        check_copy(names[index / 6], threads[index % 2], group_rows[index / 2 % 3]);
}

struct told {
    uint64_t calls;
    uint64_t rows;
};

static void tell(void *user, uint64_t bytes_done, uint64_t bytes_total, uint64_t rows)
{
    struct told *const told = user;
    assert_true(bytes_done <= bytes_total);
    assert_true(rows >= told->rows);
    told->calls++;
    told->rows = rows;
}

static void some_rows_are_copied_and_progress_is_told(void **state)
{
    (void)state;
    struct sample sample;
    struct told told = {.calls = 0};
    struct joist_source source;
    struct joist_parquet_file *file = NULL;
    struct joist_ctx *const ctx = open_ctx(2);
    const struct joist_parquet_read_options read = {.struct_size = sizeof read,
            .row_start = 13,
            .row_count = 31,
            .batch_rows = 4,
            .progress = {.user = &told, .report = tell}};
    const struct joist_parquet_write_options write = {.struct_size = sizeof write, .row_group_rows_max = 10};
    load("pages", &sample);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    assert_ok(copy(ctx, &from, &read, &write, NULL));
    assert_int_equal(told.rows, 31);
    assert_int_equal(told.calls, 4);
    assert_ok(joist_source_open(ctx, "memory:copy", &source, NULL));
    assert_ok(joist_parquet_open(ctx, source, NULL, &file, NULL));
    assert_int_equal(joist_parquet_row_count(file), 31);
    assert_int_equal(joist_parquet_row_group_count(file), 4);
    joist_parquet_close(file);
    joist_ctx_close(ctx);
}

static void each_failed_read_leaves_no_file(void **state)
{
    (void)state;
    struct sample sample;
    load("nested", &sample);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        uint64_t failures = 0;
        for (uint64_t at = 1;; at++) {
            struct joist_ctx *const ctx = open_ctx(threads);
            struct joist_source source;
            struct bytes_source from = {.data = sample.data, .size = sample.size, .fail_at = at};
            const enum joist_status status = copy(ctx, &from, NULL, NULL, NULL);
            const bool met = status != JOIST_OK;
            if (met) {
                assert_int_equal(status, JOIST_ERR_IO);
                assert_int_equal(joist_source_open(ctx, "memory:copy", &source, NULL), JOIST_ERR_NOT_FOUND);
                failures++;
            }
            joist_ctx_close(ctx);
            if (!met)
                break;
        }
        assert_true(failures > 2);
    }
}

static void a_stream_begun_as_batches_goes_on_as_batches(void **state)
{
    (void)state;
    struct sample sample;
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    struct ji_batch_stream batches = {.ops = NULL};
    struct ji_column_rows columns = {.ops = NULL};
    const struct ji_batch *batch = NULL;
    struct joist_ctx *const ctx = open_ctx(1);
    load("flat_none", &sample);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
    assert_ok(joist_parquet_read(file, NULL, &stream, NULL));
    assert_ok(ji_stream_import(ctx, &stream, &batches, NULL));
    assert_ok(ji_stream_next(&batches, &batch, NULL));
    assert_non_null(batch);
    assert_ok(ji_stream_import_columns(&stream, &columns, NULL));
    assert_null(columns.ops);
    ji_stream_close(&batches);
    stream.release(&stream);

    assert_ok(joist_parquet_read(file, NULL, &stream, NULL));
    assert_ok(ji_stream_import_columns(&stream, &columns, NULL));
    assert_non_null(columns.ops);
    struct ArrowArray array = {.release = NULL};
    assert_int_equal(columns.rows, ROWS);
    assert_int_equal(stream.get_next(&stream, &array), 0);
    assert_null(array.release);
    stream.release(&stream);
    joist_parquet_close(file);
    joist_ctx_close(ctx);
}

static void a_cancelled_copy_ends(void **state)
{
    (void)state;
    struct sample sample;
    struct joist_cancel cancel = {.requested = 1};
    struct joist_ctx *const ctx = open_ctx(2);
    const struct joist_parquet_read_options read = {.struct_size = sizeof read, .cancel = &cancel};
    load("types", &sample);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    assert_int_equal(copy(ctx, &from, &read, NULL, NULL), JOIST_ERR_CANCELLED);
    joist_ctx_close(ctx);
}

static enum joist_status copy_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sample *const sample = arg;
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    const struct joist_parquet_write_options write = {.struct_size = sizeof write, .row_group_rows_max = 40};
    return copy(ctx, &from, NULL, &write, err);
}

static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    struct sample sample;
    load("nested", &sample);
    oom_sweep_sparse(copy_body, &sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_copy_has_the_rows_of_the_original),
            cmocka_unit_test(some_rows_are_copied_and_progress_is_told),
            cmocka_unit_test(each_failed_read_leaves_no_file),
            cmocka_unit_test(a_stream_begun_as_batches_goes_on_as_batches),
            cmocka_unit_test(a_cancelled_copy_ends),
            cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
