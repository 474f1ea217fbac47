/*
 * text_write_test.c - rows as CSV and NDJSON, and back as they were
 */
#include "support/text_case.h"
#include "support/text_sink.h"

#include "base/ctx.h"

struct rows {
    struct joist_ctx *ctx;
    struct joist_builder *builder;
    struct text_sink sink;
};

static void open_rows(struct rows *rows, const char *schema)
{
    *rows = (struct rows){.ctx = NULL};
    assert_ok(joist_ctx_open(NULL, &rows->ctx, NULL));
    assert_ok(joist_builder_open(rows->ctx, schema, &rows->builder, NULL));
    ji_bytes_init(&rows->sink.bytes, ji_ctx_mem(rows->ctx));
}

static void close_rows(struct rows *rows)
{
    ji_bytes_clear(&rows->sink.bytes);
    joist_builder_close(rows->builder);
    joist_ctx_close(rows->ctx);
}

static void put_text(struct rows *rows, const char *text)
{
    if (text == NULL)
        assert_ok(joist_builder_null(rows->builder, NULL));
    else
        assert_ok(joist_builder_text(rows->builder, text, strlen(text), NULL));
}

/* What has been built, written; the text stays in the sink, with a NUL behind. */
static void write_rows(struct rows *rows, enum text_form form, const struct joist_text_options *options)
{
    struct ArrowArrayStream stream;
    assert_ok(joist_builder_take(rows->builder, &stream, NULL));
    const struct joist_sink sink = text_sink_of(&rows->sink);
    if (form == TEXT_CSV)
        assert_ok(joist_csv_write(rows->ctx, &stream, sink, options, NULL));
    else
        assert_ok(joist_ndjson_write(rows->ctx, &stream, sink, options, NULL));
    stream.release(&stream);
    assert_ok(ji_bytes_append_byte(&rows->sink.bytes, 0, NULL));
}

static void put_odd_strings(struct rows *rows)
{
    static const char *const odd[] = {"plain", "", NULL, "a,b", "say \"hi\"", "line\nend", "cr\r", "NA", "\"",
            " x ", "\xC3\xA9", "007"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        put_text(rows, odd[i]);
        assert_ok(joist_builder_int64(rows->builder, (int64_t)i, NULL));
        assert_ok(joist_builder_end_row(rows->builder, NULL));
    }
}

static void csv_quotes_what_must_be_quoted(void **state)
{
    (void)state;
    struct rows rows;
    open_rows(&rows, "s string, n long");
    put_odd_strings(&rows);
    write_rows(&rows, TEXT_CSV, NULL);
    assert_string_equal((const char *)rows.sink.bytes.data,
            "s,n\nplain,0\n\"\",1\n,2\n\"a,b\",3\n\"say "
            "\"\"hi\"\"\",4\n\"line\nend\",5\n\"cr\r\",6\nNA,7\n\"\"\"\""
            ",8\n x ,9\n\xC3\xA9,10\n007,11\n");
    close_rows(&rows);
}

static void csv_options_are_followed(void **state)
{
    (void)state;
    struct rows rows;
    const struct joist_text_options options = {.struct_size = sizeof options,
            .delimiter = ';',
            .quote = '\'',
            .null_text = "NA",
            .no_header = true};
    open_rows(&rows, "s string, n long");
    put_odd_strings(&rows);
    write_rows(&rows, TEXT_CSV, &options);
    assert_string_equal((const char *)rows.sink.bytes.data,
            "plain;0\n'';1\nNA;2\na,b;3\nsay \"hi\";4\n'line\nend';5\n'cr\r';6\n'NA';7\n\";8\n x "
            ";9\n\xC3\xA9;10\n"
            "007;11\n");
    close_rows(&rows);
}

static void every_type_comes_back_from_both(void **state)
{
    (void)state;
    static const char schema_text[] =
            "b boolean, i int, l long, f float, d double, p decimal(9,2), q decimal(38,10), t date, h time, "
            "m timestamp, z timestamptz, s string, u uuid, x fixed(2), y binary";
    static const char *const values[] = {"true", "-2147483648", "9223372036854775807", "0.1", "-1e-300",
            "-1234567.89", "1234567890123456789012345678.0123456789", "1969-12-31", "23:59:59.999999",
            "2026-11-21T10:00:00.000001", "2026-11-21T10:00:00Z", "x\"y,\n",
            "f79c3e09-677c-4bbd-a479-3f349cb785e7", "00ff", "cafe"};
    const size_t count = sizeof values / sizeof values[0];
    for (int form = TEXT_CSV; form <= TEXT_NDJSON; form++) {
        struct rows rows;
        struct ji_arena arena;
        struct ji_schema schema;
        struct ji_bytes first;
        struct ji_bytes second;
        open_rows(&rows, schema_text);
        ji_arena_init(&arena, ji_ctx_mem(rows.ctx));
        ji_bytes_init(&first, ji_ctx_mem(rows.ctx));
        ji_bytes_init(&second, ji_ctx_mem(rows.ctx));
        assert_ok(ji_schema_parse(&arena, ji_view_of_text(schema_text), &schema, NULL));
        for (size_t row = 0; row < 20; row++) {
            for (size_t i = 0; i < count; i++) {
                if (i < 13)
                    put_text(&rows, (row + i) % 5 == 0 ? NULL : values[i]);
                else if (row % 3 == 0)
                    assert_ok(joist_builder_null(rows.builder, NULL));
                else
                    assert_ok(joist_builder_bytes(rows.builder, "\x00\xFF", 2, NULL));
            }
            assert_ok(joist_builder_end_row(rows.builder, NULL));
        }
        write_rows(&rows, (enum text_form)form, NULL);
        const struct text_reading reading = {.form = (enum text_form)form,
                .schema = &schema,
                .options = {.struct_size = sizeof reading.options}};
        struct text_source source = {
                .name = "t", .data = rows.sink.bytes.data, .size = rows.sink.bytes.size - 1};
        struct joist_error err;
        if (text_read_all(rows.ctx, &reading, &source, &first, &err) != JOIST_OK)
            fail_msg("%s", err.text);
        for (size_t i = 0; i < count; i++) {
            if (i < 11 && form == TEXT_CSV)
                assert_non_null(strstr((const char *)rows.sink.bytes.data, values[i]));
        }
        /* Read, written again: the same bytes. */
        struct ArrowArrayStream stream;
        struct joist_sink sink;
        struct text_sink again = {.bytes = second};
        sink = text_sink_of(&again);
        struct ji_batch_stream batches;
        if (form == TEXT_CSV) {
            assert_ok(ji_csv_stream_open(rows.ctx, text_source_of(&source), NULL, &schema, &batches, NULL));
            assert_ok(ji_stream_export(rows.ctx, &batches, &stream, NULL));
            assert_ok(joist_csv_write(rows.ctx, &stream, sink, NULL, NULL));
        } else {
            assert_ok(
                    ji_ndjson_stream_open(rows.ctx, text_source_of(&source), NULL, &schema, &batches, NULL));
            assert_ok(ji_stream_export(rows.ctx, &batches, &stream, NULL));
            assert_ok(joist_ndjson_write(rows.ctx, &stream, sink, NULL, NULL));
        }
        stream.release(&stream);
        assert_int_equal(again.bytes.size, source.size);
        assert_memory_equal(again.bytes.data, source.data, source.size);
        ji_bytes_clear(&again.bytes);
        ji_bytes_clear(&first);
        ji_arena_clear(&arena);
        close_rows(&rows);
    }
}

static void ndjson_writes_nested_values(void **state)
{
    (void)state;
    struct rows rows;
    open_rows(&rows, "a list<int>, s struct<x string, y double>, \"k\" long");
    assert_ok(joist_builder_begin(rows.builder, NULL));
    assert_ok(joist_builder_int64(rows.builder, 1, NULL));
    assert_ok(joist_builder_null(rows.builder, NULL));
    assert_ok(joist_builder_end(rows.builder, NULL));
    assert_ok(joist_builder_begin(rows.builder, NULL));
    put_text(&rows, "q\"\n");
    assert_ok(joist_builder_double(rows.builder, 0.5, NULL));
    assert_ok(joist_builder_end(rows.builder, NULL));
    assert_ok(joist_builder_int64(rows.builder, INT64_MIN, NULL));
    assert_ok(joist_builder_end_row(rows.builder, NULL));
    for (int i = 0; i < 3; i++)
        assert_ok(joist_builder_null(rows.builder, NULL));
    assert_ok(joist_builder_end_row(rows.builder, NULL));
    write_rows(&rows, TEXT_NDJSON, NULL);
    assert_string_equal((const char *)rows.sink.bytes.data,
            "{\"a\":[1,null],\"s\":{\"x\":\"q\\\"\\n\",\"y\":0.5},\"k\":-9223372036854775808}\n"
            "{\"a\":null,\"s\":null,\"k\":null}\n");
    close_rows(&rows);
}

struct counted {
    uint64_t calls;
    uint64_t bytes;
    uint64_t rows;
};

static void count_report(void *user, uint64_t bytes_done, uint64_t bytes_total, uint64_t rows_done)
{
    struct counted *counted = user;
    assert_int_equal(bytes_total, 0);
    counted->calls++;
    counted->bytes = bytes_done;
    counted->rows = rows_done;
}

static void writers_report_and_stop(void **state)
{
    (void)state;
    struct counted counted = {0};
    struct joist_cancel cancel = {0};
    const struct joist_text_options options = {
            .struct_size = sizeof options,
            .cancel = &cancel,
            .progress = {.user = &counted, .report = count_report},
    };
    struct rows rows;
    struct ArrowArrayStream stream;
    open_rows(&rows, "n long");
    for (size_t i = 0; i < 100000; i++) {
        assert_ok(joist_builder_int64(rows.builder, 1000000, NULL));
        assert_ok(joist_builder_end_row(rows.builder, NULL));
    }
    write_rows(&rows, TEXT_CSV, &options);
    assert_int_equal(counted.rows, 100000);
    assert_int_equal(counted.bytes, rows.sink.bytes.size - 1);
    assert_true(counted.calls > 2);
    joist_cancel_request(&cancel);
    assert_ok(joist_builder_int64(rows.builder, 1, NULL));
    assert_ok(joist_builder_end_row(rows.builder, NULL));
    assert_ok(joist_builder_take(rows.builder, &stream, NULL));
    assert_status(joist_ndjson_write(rows.ctx, &stream, text_sink_of(&rows.sink), &options, NULL),
            JOIST_ERR_CANCELLED);
    stream.release(&stream);
    close_rows(&rows);
}

static void every_failing_append_is_reported(void **state)
{
    (void)state;
    for (int form = TEXT_CSV; form <= TEXT_NDJSON; form++) {
        struct rows rows;
        struct ArrowArrayStream stream;
        open_rows(&rows, "n long");
        uint64_t appends = 0;
        for (uint64_t fail_at = 0; fail_at <= appends; fail_at++) {
            for (size_t i = 0; i < 100000; i++) {
                assert_ok(joist_builder_int64(rows.builder, 1000000, NULL));
                assert_ok(joist_builder_end_row(rows.builder, NULL));
            }
            assert_ok(joist_builder_take(rows.builder, &stream, NULL));
            rows.sink.fail_at = fail_at;
            rows.sink.appends = 0;
            rows.sink.bytes.size = 0;
            const struct joist_sink sink = text_sink_of(&rows.sink);
            const enum joist_status status = form == TEXT_CSV
                    ? joist_csv_write(rows.ctx, &stream, sink, NULL, NULL)
                    : joist_ndjson_write(rows.ctx, &stream, sink, NULL, NULL);
            assert_status(status, fail_at == 0 ? JOIST_OK : JOIST_ERR_IO);
            if (fail_at == 0)
                appends = rows.sink.appends;
            stream.release(&stream);
        }
        assert_true(appends >= 3);
        close_rows(&rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(csv_quotes_what_must_be_quoted),
            cmocka_unit_test(csv_options_are_followed),
            cmocka_unit_test(every_type_comes_back_from_both),
            cmocka_unit_test(ndjson_writes_nested_values),
            cmocka_unit_test(writers_report_and_stop),
            cmocka_unit_test(every_failing_append_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
