/*
 * conversion_threads_test.c - rows of every kind of file to every other kind, by several threads at once
 *
 * What is written by four threads is, byte for byte, what one writes.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 12000
#define SPLIT_ROWS 900
#define OUT_BYTES_MAX ((size_t)16 << 20)
#define ORIGINAL "memory:rows.csv"

static const char *const forms[] = {"csv", "ndjson", "arrow", "arrows", "parquet"};
#define FORM_COUNT (sizeof forms / sizeof forms[0])

static struct joist_ctx *open_ctx(bool has_threads)
{
    struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)128 << 20, .threads = 1};
    struct joist_ctx *ctx = NULL;
    if (has_threads)
        options.threads = 4;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void write_original(struct joist_ctx *ctx)
{
    struct joist_sink sink;
    assert_ok(joist_sink_open(ctx, ORIGINAL, JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(sink.ops->append(sink.self, "id,city,share,day,note\n", 23, NULL));
    for (unsigned i = 0; i < ROWS; i++) {
        char line[128];
        const int size = snprintf(line, sizeof line, "%u,%s,%u.%03u,2026-%02u-%02u,note %u\n", i,
                i % 3 == 0 ? "Oslo" : "Bergen", i % 100, i % 1000, 1 + i % 12, 1 + i % 28, i * 7919 % 4001);
        assert_ok(sink.ops->append(sink.self, line, (size_t)size, NULL));
    }
    assert_ok(joist_sink_commit(&sink, NULL));
}

static enum joist_status write_parquet(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, struct joist_error *err)
{
    struct joist_parquet_writer *writer = NULL;
    struct ArrowSchema schema = {.release = NULL};
    const struct joist_parquet_write_options options = {.struct_size = sizeof options,
            .row_group_rows_max = 2500,
            .page_rows_max = 700,
            .bloom = JOIST_BLOOM_AUTO};
    assert_int_equal(stream->get_schema(stream, &schema), 0);
    enum joist_status status = joist_parquet_writer_open(ctx, sink, &schema, &options, &writer, err);
    schema.release(&schema);
    if (status != JOIST_OK) {
        joist_sink_abort(&sink);
        return status;
    }
    status = joist_parquet_writer_append_stream(writer, stream, err);
    if (status == JOIST_OK)
        return joist_parquet_writer_finish(writer, NULL, err);
    joist_parquet_writer_abort(writer);
    return status;
}

static enum joist_status write_form(struct joist_ctx *ctx, const char *form, struct ArrowArrayStream *stream,
        const char *location, struct joist_error *err)
{
    struct joist_sink sink;
    const struct joist_ipc_options ipc = {
            .struct_size = sizeof ipc, .as_stream = strcmp(form, "arrows") == 0, .codec = JOIST_IPC_LZ4};
    assert_ok(joist_sink_open(ctx, location, JOIST_SINK_REPLACE, &sink, NULL));
    if (strcmp(form, "parquet") == 0)
        return write_parquet(ctx, stream, sink, err);
    enum joist_status status = JOIST_OK;
    if (strcmp(form, "csv") == 0)
        status = joist_csv_write(ctx, stream, sink, NULL, err);
    else if (strcmp(form, "ndjson") == 0)
        status = joist_ndjson_write(ctx, stream, sink, NULL, err);
    else
        status = joist_ipc_write(ctx, stream, sink, &ipc, err);
    if (status == JOIST_OK)
        return joist_sink_commit(&sink, err);
    joist_sink_abort(&sink);
    return status;
}

static void convert(struct joist_ctx *ctx, const char *from, const char *form, const char *to)
{
    struct ArrowArrayStream stream = {.release = NULL};
    struct joist_error err = {.status = JOIST_OK};
    const struct joist_files_options options = {.struct_size = sizeof options};
    if (joist_files_open(ctx, &from, 1, &options, &stream, &err) != JOIST_OK ||
            write_form(ctx, form, &stream, to, &err) != JOIST_OK)
        fail_msg("%s to %s: %s", from, to, err.text);
    stream.release(&stream);
}

static size_t read_all(struct joist_ctx *ctx, const char *location, uint8_t *out)
{
    struct joist_source source;
    size_t size = 0;
    assert_ok(joist_source_open(ctx, location, &source, NULL));
    assert_true(source.ops->size(source.self) <= OUT_BYTES_MAX);
    assert_ok(source.ops->read_at(source.self, 0, OUT_BYTES_MAX, out, &size, NULL));
    joist_source_close(&source);
    return size;
}

/* From the CSV to each form, and from each of those to each. */
static void convert_all(struct joist_ctx *ctx)
{
    write_original(ctx);
    for (size_t i = 0; i < FORM_COUNT; i++) {
        char from[64];
        snprintf(from, sizeof from, "memory:from.%s", forms[i]);
        convert(ctx, ORIGINAL, forms[i], from);
        for (size_t k = 0; k < FORM_COUNT; k++) {
            char to[64];
            snprintf(to, sizeof to, "memory:%s.%s", forms[i], forms[k]);
            convert(ctx, from, forms[k], to);
        }
    }
}

static void every_form_becomes_every_other_the_same_by_any_number_of_threads(void **state)
{
    (void)state;
    struct joist_ctx *one = open_ctx(false);
    struct joist_ctx *four = open_ctx(true);
    uint8_t *expected = malloc(OUT_BYTES_MAX);
    uint8_t *made = malloc(OUT_BYTES_MAX);
    assert_true(expected != NULL && made != NULL);
    convert_all(one);
    convert_all(four);
    for (size_t i = 0; i < FORM_COUNT * FORM_COUNT; i++) {
        char location[64];
        snprintf(location, sizeof location, "memory:%s.%s", forms[i / FORM_COUNT], forms[i % FORM_COUNT]);
        const size_t size = read_all(one, location, expected);
        if (read_all(four, location, made) != size || memcmp(expected, made, size) != 0)
            fail_msg("%s is not the same", location);
        assert_true(size > ROWS);
    }
    free(made);
    free(expected);
    joist_ctx_close(four);
    joist_ctx_close(one);
}

static void folders_of_partitions_are_written_by_several_threads(void **state)
{
    (void)state;
    static const char *const by[] = {"city"};
    static const char *const original = ORIGINAL;
    struct joist_ctx *ctx = open_ctx(true);
    struct ArrowArrayStream stream = {.release = NULL};
    struct joist_exported exported = {0};
    const struct joist_files_options files = {.struct_size = sizeof files};
    const struct joist_export_options options = {.struct_size = sizeof options,
            .partition_by = by,
            .partition_count = 1,
            .split_rows = SPLIT_ROWS};
    write_original(ctx);
    assert_ok(joist_files_open(ctx, &original, 1, &files, &stream, NULL));
    assert_ok(joist_export(ctx, &stream, "memory:parts", &options, &exported, NULL));
    stream.release(&stream);
    assert_int_equal(exported.rows, ROWS);
    const size_t in_oslo = (ROWS + 2) / 3;
    const size_t files_of_oslo = (in_oslo + SPLIT_ROWS - 1) / SPLIT_ROWS;
    assert_int_equal(exported.files, files_of_oslo + (ROWS - in_oslo + SPLIT_ROWS - 1) / SPLIT_ROWS);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_form_becomes_every_other_the_same_by_any_number_of_threads),
            cmocka_unit_test(folders_of_partitions_are_written_by_several_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
