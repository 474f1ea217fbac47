/*
 * builder_test.c - rows through joist_builder, and what it refuses
 */
#include "support/oom.h"
#include "support/test.h"

#include "arrow/batch_stream.h"
#include "arrow/value.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct joist_ctx *open_ctx(void)
{
    struct joist_ctx *ctx;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)256 << 20};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static struct joist_builder *open_builder(struct joist_ctx *ctx, const char *schema)
{
    struct joist_builder *builder;
    struct joist_error err;
    if (joist_builder_open(ctx, schema, &builder, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    return builder;
}

static enum joist_status put_text(struct joist_builder *builder, const char *text, struct joist_error *err)
{
    return joist_builder_text(builder, text, strlen(text), err);
}

/* All rows as JSON lines, through the border: exported, and imported as a stranger's. */
static void rows_as_json(struct joist_ctx *ctx, struct ArrowArrayStream *stream, char *out, size_t room)
{
    struct ArrowSchema arrow_schema;
    struct ArrowArray array;
    struct ji_arena arena;
    struct ji_schema schema;
    struct ji_bytes text;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    assert_int_equal(stream->get_schema(stream, &arrow_schema), 0);
    assert_ok(ji_schema_import(&arena, &arrow_schema, &schema, NULL));
    for (;;) {
        struct ji_batch batch;
        assert_ok(joist_stream_next(stream, &array, NULL));
        if (array.release == NULL)
            break;
        assert_ok(ji_array_import(&arena, &schema, &array, &batch, NULL));
        for (size_t row = 0; row < batch.row_count; row++) {
            for (size_t i = 0; i < batch.column_count; i++) {
                assert_ok(ji_column_json(&batch.columns[i], row, &text, NULL));
                assert_ok(ji_bytes_append_byte(&text, i + 1 < batch.column_count ? '|' : '\n', NULL));
            }
        }
        array.release(&array);
    }
    assert_true(text.size < room);
    memcpy(out, text.data, text.size);
    out[text.size] = '\0';
    arrow_schema.release(&arrow_schema);
    ji_bytes_clear(&text);
    ji_arena_clear(&arena);
}

static void scalars_of_every_type_come_back(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *builder = open_builder(ctx,
            "a boolean, b int, c long, d float, e double, f decimal(9,2), g decimal(38, 4), h date, i time,"
            "j timestamp, k timestamptz, l string, m uuid, n fixed(3), o binary, p uint64, q int8");
    static const char *const texts[] = {"true", "-5", "9223372036854775807", "0.5", "1e300", "12.50",
            "-1234567890123456789012345678901234.5678", "1969-12-31", "23:59:59.5", "2026-11-21T10:00:00",
            "2026-11-21T10:00:00+02:00", "h\xc3\xa4us", "8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d21", "00ff10",
            "deadbeef", "18446744073709551615", "-128"};
    struct joist_error err;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (put_text(builder, texts[i], &err) != JOIST_OK)
            fail_msg("%s", err.text);
    }
    assert_ok(joist_builder_end_row(builder, NULL));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_ok(joist_builder_null(builder, NULL));
    assert_ok(joist_builder_end_row(builder, NULL));
    assert_int_equal(joist_builder_rows(builder), 2);
    struct ArrowArrayStream stream;
    char text[2048];
    assert_ok(joist_builder_take(builder, &stream, NULL));
    assert_int_equal(joist_builder_rows(builder), 0);
    joist_builder_close(builder);
    rows_as_json(ctx, &stream, text, sizeof text);
    assert_string_equal(text,
            "true|-5|9223372036854775807|0.5|1e+300|12.50|-1234567890123456789012345678901234.5678|"
            "\"1969-12-31\"|\"23:59:59.500\"|\"2026-11-21T10:00:00\"|\"2026-11-21T08:00:00Z\"|"
            "\"h\xc3\xa4us\"|\"8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d21\"|\"00ff10\"|\"deadbeef\"|"
            "18446744073709551615|-128\n"
            "null|null|null|null|null|null|null|null|null|null|null|null|null|null|null|null|null\n");
    stream.release(&stream);
    joist_ctx_close(ctx);
}

static void nested_values_come_back(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(
            ctx, "l list<list<int>>, m map<string, long>, s struct<x int required, y list<string>>");
    for (int row = 0; row < 3; row++) {
        if (row == 1) {
            for (int i = 0; i < 3; i++)
                assert_ok(joist_builder_null(b, NULL));
            assert_ok(joist_builder_end_row(b, NULL));
            continue;
        }
        assert_ok(joist_builder_begin(b, NULL));
        assert_ok(joist_builder_begin(b, NULL));
        assert_ok(joist_builder_int64(b, row, NULL));
        assert_ok(joist_builder_null(b, NULL));
        assert_ok(joist_builder_end(b, NULL));
        assert_ok(joist_builder_null(b, NULL));
        assert_ok(joist_builder_end(b, NULL));
        assert_ok(joist_builder_begin(b, NULL));
        assert_ok(put_text(b, "k", NULL));
        assert_ok(joist_builder_int64(b, 7, NULL));
        assert_ok(put_text(b, "n", NULL));
        assert_ok(joist_builder_null(b, NULL));
        assert_ok(joist_builder_end(b, NULL));
        assert_ok(joist_builder_begin(b, NULL));
        assert_ok(joist_builder_int64(b, 9, NULL));
        assert_ok(joist_builder_begin(b, NULL));
        assert_ok(joist_builder_bytes(b, "\"q\"", 3, NULL));
        assert_ok(joist_builder_end(b, NULL));
        assert_ok(joist_builder_end(b, NULL));
        assert_ok(joist_builder_end_row(b, NULL));
    }
    struct ArrowArrayStream stream;
    char text[1024];
    assert_ok(joist_builder_take(b, &stream, NULL));
    rows_as_json(ctx, &stream, text, sizeof text);
    assert_string_equal(text,
            "[[0,null],null]|[{\"key\":\"k\",\"value\":7},{\"key\":\"n\",\"value\":null}]|"
            "{\"x\":9,\"y\":[\"\\\"q\\\"\"]}\n"
            "null|null|null\n"
            "[[2,null],null]|[{\"key\":\"k\",\"value\":7},{\"key\":\"n\",\"value\":null}]|"
            "{\"x\":9,\"y\":[\"\\\"q\\\"\"]}\n");
    stream.release(&stream);
    joist_builder_close(b);
    joist_ctx_close(ctx);
}

static void bad_values_name_row_and_column(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(ctx, "id int required, name string, at fixed(2), f float, t time");
    struct joist_error err;
    assert_status(joist_builder_null(b, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1, column 'id': null where a value is required");
    assert_status(joist_builder_bool(b, true, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1, column 'id': a boolean where int is due");
    assert_status(joist_builder_int64(b, INT64_C(1) << 31, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1, column 'id': 2147483648 is out of range");
    assert_status(put_text(b, "1x", &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "row 1, column 'id': '1x'"));
    assert_status(joist_builder_begin(b, &err), JOIST_ERR_INVALID);
    assert_status(joist_builder_end(b, &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_int64(b, 1, NULL));
    assert_status(joist_builder_bytes(b, "\xff", 1, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1, column 'name': text that is not UTF-8");
    assert_status(joist_builder_double(b, 1, &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_bytes(b, "", 0, NULL));
    assert_status(joist_builder_bytes(b, "abc", 3, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1, column 'at': 3 bytes where 2 are due");
    assert_status(joist_builder_int64(b, 1, &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_null(b, NULL));
    assert_status(joist_builder_double(b, 1e300, &err), JOIST_ERR_INVALID);
    assert_status(joist_builder_bytes(b, "a", 1, &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_double(b, -0.25, NULL));
    assert_status(joist_builder_end_row(b, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1: 4 of 5 values");
    assert_status(joist_builder_int64(b, INT64_C(86400000000), &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_int64(b, 0, NULL));
    assert_status(joist_builder_null(b, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 1: more values than the row has");
    assert_ok(joist_builder_end_row(b, NULL));
    joist_builder_close(b);
    joist_ctx_close(ctx);
}

static void unfinished_nests_are_refused(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(ctx, "m map<int, int>, s struct<a int, b int>");
    struct joist_error err;
    struct ArrowArrayStream stream;
    assert_ok(joist_builder_begin(b, NULL));
    assert_status(joist_builder_null(b, &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_int64(b, 1, NULL));
    assert_status(joist_builder_end(b, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "key without its value"));
    assert_status(joist_builder_end_row(b, &err), JOIST_ERR_INVALID);
    assert_status(joist_builder_take(b, &stream, &err), JOIST_ERR_INVALID);
    assert_ok(joist_builder_int64(b, 2, NULL));
    assert_ok(joist_builder_end(b, NULL));
    assert_ok(joist_builder_begin(b, NULL));
    assert_ok(joist_builder_int64(b, 2, NULL));
    assert_status(joist_builder_end(b, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "1 of 2 values"));
    joist_builder_drop_row(b);
    assert_ok(joist_builder_take(b, &stream, NULL));
    struct ArrowArray array;
    assert_ok(joist_stream_next(&stream, &array, NULL));
    assert_null(array.release);
    stream.release(&stream);
    joist_builder_close(b);
    joist_ctx_close(ctx);
}

static void dropped_rows_leave_no_trace(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(ctx, "s string, l list<string>, b boolean");
    for (int row = 0; row < 20; row++) {
        char text[16];
        const size_t size = (size_t)snprintf(text, sizeof text, "v%d", row);
        if (row % 3 == 0)
            assert_ok(joist_builder_null(b, NULL));
        else
            assert_ok(joist_builder_bytes(b, text, size, NULL));
        assert_ok(joist_builder_begin(b, NULL));
        assert_ok(joist_builder_bytes(b, text, size, NULL));
        if (row % 2 == 1) {
            joist_builder_drop_row(b);
            continue;
        }
        assert_ok(joist_builder_end(b, NULL));
        assert_ok(joist_builder_bool(b, row % 4 == 0, NULL));
        assert_ok(joist_builder_end_row(b, NULL));
    }
    struct ArrowArrayStream stream;
    char text[1024];
    assert_ok(joist_builder_take(b, &stream, NULL));
    rows_as_json(ctx, &stream, text, sizeof text);
    assert_string_equal(text,
            "null|[\"v0\"]|true\n\"v2\"|[\"v2\"]|false\n\"v4\"|[\"v4\"]|true\nnull|[\"v6\"]|false\n"
            "\"v8\"|[\"v8\"]|true\n\"v10\"|[\"v10\"]|false\nnull|[\"v12\"]|true\n\"v14\"|[\"v14\"]|false\n"
            "\"v16\"|[\"v16\"]|true\nnull|[\"v18\"]|false\n");
    stream.release(&stream);
    joist_builder_close(b);
    joist_ctx_close(ctx);
}

static void batches_are_cut_and_outlive_all(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(ctx, "id long required, name string");
    const int64_t rows = 150000;
    for (int64_t i = 0; i < rows; i++) {
        assert_ok(joist_builder_int64(b, i, NULL));
        assert_ok(i % 2 == 0 ? joist_builder_null(b, NULL) : joist_builder_bytes(b, "odd", 3, NULL));
        assert_ok(joist_builder_end_row(b, NULL));
    }
    struct ArrowArrayStream stream;
    struct ArrowArray arrays[4];
    assert_ok(joist_builder_take(b, &stream, NULL));
    joist_builder_close(b);
    joist_ctx_close(ctx);
    int64_t seen = 0;
    for (int i = 0; i < 4; i++) {
        assert_ok(joist_stream_next(&stream, &arrays[i], NULL));
        seen += i < 3 ? arrays[i].length : 0;
    }
    assert_null(arrays[3].release);
    assert_int_equal(seen, rows);
    assert_int_equal(arrays[0].length, 65536);
    stream.release(&stream);
    const int64_t *ids = arrays[2].children[0]->buffers[1];
    assert_int_equal(ids[0], 131072);
    const int32_t *offsets = arrays[1].children[1]->buffers[1];
    assert_int_equal(offsets[65536], 32768 * 3);
    assert_int_equal(arrays[1].children[1]->null_count, 32768);
    for (int i = 0; i < 3; i++)
        arrays[i].release(&arrays[i]);
}

static void *release_elsewhere(void *array_)
{
    struct ArrowArray *array = array_;
    array->release(array);
    return NULL;
}

static void batches_are_released_on_other_threads(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(ctx, "id long, words list<string>");
    struct ArrowArrayStream stream;
    struct ArrowArray arrays[4];
    pthread_t threads[4];
    for (int64_t i = 0; i < 4 * JI_BATCH_ROWS_MAX; i++) {
        assert_ok(joist_builder_int64(b, i, NULL));
        assert_ok(joist_builder_null(b, NULL));
        assert_ok(joist_builder_end_row(b, NULL));
    }
    assert_ok(joist_builder_take(b, &stream, NULL));
    joist_builder_close(b);
    joist_ctx_close(ctx);
    for (int i = 0; i < 4; i++) {
        assert_ok(joist_stream_next(&stream, &arrays[i], NULL));
        assert_int_equal(pthread_create(&threads[i], NULL, release_elsewhere, &arrays[i]), 0);
    }
    stream.release(&stream);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_null(arrays[i].release);
    }
}

static void large_values_shrink_the_batch(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_builder *b = open_builder(ctx, "blob binary");
    const size_t bytes = (size_t)5 << 20;
    char *blob = test_calloc(1, bytes * 4);
    for (int i = 0; i < 5; i++) {
        assert_ok(joist_builder_bytes(b, blob, i == 4 ? bytes * 4 : bytes, NULL));
        assert_ok(joist_builder_end_row(b, NULL));
    }
    test_free(blob);
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    int64_t rows = 0;
    assert_ok(joist_builder_take(b, &stream, NULL));
    while (rows < 5) {
        assert_ok(joist_stream_next(&stream, &array, NULL));
        const int32_t *offsets = array.children[0]->buffers[1];
        assert_true(array.length == 1 || offsets[array.length] <= (16 << 20));
        rows += array.length;
        array.release(&array);
    }
    assert_ok(joist_stream_next(&stream, &array, NULL));
    assert_null(array.release);
    stream.release(&stream);
    joist_builder_close(b);
    joist_ctx_close(ctx);
}

static void bad_schema_texts_are_refused(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    static const char *const bad[] = {"a", "a int,", "a inT", "a decimal(39,0)", "a decimal(5,6)",
            "a decimal", "a fixed(0)", "a fixed(99999999999999)", "a list<int", "a map<int>", "a int int",
            "a struct<b>", "\"a int", "a list<>", ", a int", "a decimal(0)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct joist_builder *builder = NULL;
        assert_status(joist_builder_open(ctx, bad[i], &builder, NULL), JOIST_ERR_INVALID);
        assert_null(builder);
    }
    joist_ctx_close(ctx);
}

static enum joist_status build_and_read(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct joist_builder *b = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    struct ji_batch_stream batches = {.ops = NULL};
    JI_TRY(joist_builder_open(
            ctx, "s string, m map<int, list<string>>, x struct<a decimal(20,1), b boolean>", &b, err));
    for (int row = 0; row < 40; row++) {
        JI_TRY_OUT(row % 5 == 0 ? joist_builder_null(b, err) : joist_builder_bytes(b, "text", 4, err));
        JI_TRY_OUT(joist_builder_begin(b, err));
        JI_TRY_OUT(joist_builder_int64(b, row, err));
        JI_TRY_OUT(joist_builder_begin(b, err));
        JI_TRY_OUT(joist_builder_text(b, "longer than a small one", 23, err));
        JI_TRY_OUT(joist_builder_end(b, err));
        JI_TRY_OUT(joist_builder_end(b, err));
        JI_TRY_OUT(joist_builder_null(b, err));
        JI_TRY_OUT(joist_builder_end_row(b, err));
    }
    JI_TRY_OUT(joist_builder_take(b, &stream, err));
    for (;;) {
        struct ArrowArray array;
        JI_TRY_OUT(joist_stream_next(&stream, &array, err));
        if (array.release == NULL)
            break;
        array.release(&array);
    }
    struct ArrowSchema schema;
    if (stream.get_schema(&stream, &schema) == 0)
        schema.release(&schema);
    else
        status = JOIST_ERR_NO_MEMORY;
out:
    ji_stream_close(&batches);
    if (stream.release != NULL)
        stream.release(&stream);
    joist_builder_close(b);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    oom_sweep(build_and_read, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(scalars_of_every_type_come_back),
            cmocka_unit_test(nested_values_come_back),
            cmocka_unit_test(bad_values_name_row_and_column),
            cmocka_unit_test(unfinished_nests_are_refused),
            cmocka_unit_test(dropped_rows_leave_no_trace),
            cmocka_unit_test(batches_are_cut_and_outlive_all),
            cmocka_unit_test(batches_are_released_on_other_threads),
            cmocka_unit_test(large_values_shrink_the_batch),
            cmocka_unit_test(bad_schema_texts_are_refused),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
