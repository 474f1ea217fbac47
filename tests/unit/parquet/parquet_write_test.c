/*
 * parquet_write_test.c - rows to a file and back: all types, groups and pages, facts, refusals, failures
 */
#include "support/test.h"

#include "arrow/batch_stream.h"
#include "arrow/value.h"
#include "parquet/parquet_file_writer.h"
#include "parquet/parquet_reader.h"
#include "support/fault_store.h"
#include "support/oom.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ALL_TYPES =
        "b boolean, i8 int8, i16 int16, i32 int, i64 long required, u8 uint8, u16 uint16, u32 uint32, u64 "
        "uint64, "
        "f float, d double, d4 decimal(4,1), d9 decimal(9,2), d18 decimal(18,3), d25 decimal(25,2), "
        "d38 decimal(38,10), day date, ts time_s, tm time_ms, tu time, tn time_ns, ss timestamp_s, sm "
        "timestamp_ms, "
        "su timestamp, sn timestamp_ns, sz timestamptz, s string, y binary, x fixed(5), u uuid, n null, "
        "l list<int>, m map<string, double>, r struct<a int required, b string>, "
        "deep list<struct<k string, v list<map<string, decimal(20,3)>>>>";

static struct joist_ctx *open_ctx(unsigned threads)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .threads = threads, .memory_bytes_max = (uint64_t)256 << 20};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

/* Text for the column, or NULL for a null. */
static enum joist_status add_text(struct joist_builder *builder, const char *text, struct joist_error *err)
{
    return text == NULL ? joist_builder_null(builder, err)
                        : joist_builder_text(builder, text, strlen(text), err);
}

static enum joist_status add_number(
        struct joist_builder *builder, const char *format, int64_t number, struct joist_error *err)
{
    char text[80];
    snprintf(text, sizeof text, format, number);
    return joist_builder_text(builder, text, strlen(text), err);
}

static enum joist_status add_scalars(struct joist_builder *builder, int64_t i, struct joist_error *err)
{
    const bool odd = i % 2 != 0;
    JI_TRY(add_text(builder, odd ? "true" : NULL, err));
    JI_TRY(add_number(builder, "%" PRId64, i % 200 - 100, err));
    JI_TRY(add_number(builder, "%" PRId64, i % 20000 - 10000, err));
    JI_TRY(add_text(builder, i % 5 == 0 ? NULL : "-2147483648", err));
    JI_TRY(add_number(builder, "%" PRId64, i * 1000003, err));
    JI_TRY(add_number(builder, "%" PRId64, i % 256, err));
    JI_TRY(add_number(builder, "%" PRId64, i % 65536, err));
    JI_TRY(add_text(builder, "4294967295", err));
    JI_TRY(add_text(builder, odd ? "18446744073709551615" : "0", err));
    JI_TRY(add_text(builder, odd ? "1.5" : "-0.25", err));
    JI_TRY(add_number(builder, "%" PRId64 ".125", i, err));
    JI_TRY(add_text(builder, odd ? "-999.9" : NULL, err));
    JI_TRY(add_number(builder, "%" PRId64 ".25", i % 1000, err));
    JI_TRY(add_text(builder, odd ? "999999999999999.999" : "-1.001", err));
    JI_TRY(add_text(builder, odd ? "-99999999999999999999999.99" : "7.01", err));
    JI_TRY(add_text(builder, odd ? "1234567890123456789012345678.0123456789" : NULL, err));
    JI_TRY(add_text(builder, odd ? "1992-02-29" : "2026-11-21", err));
    JI_TRY(add_text(builder, "23:59:59", err));
    JI_TRY(add_text(builder, "23:59:59.999", err));
    JI_TRY(add_text(builder, odd ? NULL : "00:00:00.000001", err));
    JI_TRY(add_text(builder, "12:34:56.123456789", err));
    JI_TRY(add_text(builder, "1969-12-31T23:59:59", err));
    JI_TRY(add_text(builder, "2026-11-21T10:00:00.123", err));
    JI_TRY(add_text(builder, odd ? "2026-11-21T10:00:00.123456" : NULL, err));
    JI_TRY(add_text(builder, "2026-11-21T10:00:00.123456789", err));
    JI_TRY(add_text(builder, "2026-11-21T10:00:00Z", err));
    JI_TRY(add_number(
            builder, i % 3 == 0 ? "street %" PRId64 : "a longer street, with a name: %" PRId64, i % 50, err));
    JI_TRY(joist_builder_bytes(builder, "\0\xff\x80", (size_t)(i % 4), err));
    JI_TRY(joist_builder_bytes(builder, odd ? "fives" : "FIVES", 5, err));
    JI_TRY(add_text(builder, odd ? NULL : "f79c3e09-677c-4bbd-a479-3f349cb785e7", err));
    return joist_builder_null(builder, err);
}

static enum joist_status add_nested(struct joist_builder *builder, int64_t i, struct joist_error *err)
{
    if (i % 4 == 3) {
        JI_TRY(joist_builder_null(builder, err));
    } else {
        JI_TRY(joist_builder_begin(builder, err));
        for (int64_t e = 0; e < i % 4; e++)
            JI_TRY(e == 1 ? joist_builder_null(builder, err) : joist_builder_int64(builder, i + e, err));
        JI_TRY(joist_builder_end(builder, err));
    }
    JI_TRY(joist_builder_begin(builder, err));
    for (int64_t e = 0; e < i % 3; e++) {
        JI_TRY(add_number(builder, "key %" PRId64, e, err));
        JI_TRY(e == 1 ? joist_builder_null(builder, err) : joist_builder_double(builder, (double)i / 4, err));
    }
    JI_TRY(joist_builder_end(builder, err));
    if (i % 5 == 0) {
        JI_TRY(joist_builder_null(builder, err));
    } else {
        JI_TRY(joist_builder_begin(builder, err));
        JI_TRY(joist_builder_int64(builder, i, err));
        JI_TRY(add_text(builder, i % 2 ? "b" : NULL, err));
        JI_TRY(joist_builder_end(builder, err));
    }
    JI_TRY(joist_builder_begin(builder, err));
    for (int64_t e = 0; e < i % 3; e++) {
        JI_TRY(joist_builder_begin(builder, err));
        JI_TRY(add_text(builder, e ? NULL : "k", err));
        JI_TRY(joist_builder_begin(builder, err));
        JI_TRY(joist_builder_begin(builder, err));
        JI_TRY(add_text(builder, "z", err));
        JI_TRY(add_text(builder, i % 2 ? "-12345678901234567.125" : NULL, err));
        JI_TRY(joist_builder_end(builder, err));
        JI_TRY(joist_builder_null(builder, err));
        JI_TRY(joist_builder_end(builder, err));
        JI_TRY(joist_builder_end(builder, err));
    }
    return joist_builder_end(builder, err);
}

static enum joist_status all_rows(
        struct joist_ctx *ctx, int64_t rows, struct ArrowArrayStream *stream, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_builder *builder = NULL;
    JI_TRY(joist_builder_open(ctx, ALL_TYPES, &builder, err));
    for (int64_t i = 0; i < rows; i++) {
        JI_TRY_OUT(add_scalars(builder, i, err));
        JI_TRY_OUT(add_nested(builder, i, err));
        JI_TRY_OUT(joist_builder_end_row(builder, err));
    }
    JI_TRY_OUT(joist_builder_take(builder, stream, err));
out:
    joist_builder_close(builder);
    return status;
}

static enum joist_status write_stream(struct joist_ctx *ctx, const char *location,
        struct ArrowArrayStream *stream, const struct joist_parquet_write_options *options,
        struct joist_parquet_written *written, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_sink sink = {.ops = NULL};
    struct joist_parquet_writer *writer = NULL;
    struct ArrowSchema schema = {.release = NULL};
    if (stream->get_schema(stream, &schema) != 0)
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "no schema");
    JI_TRY_OUT(joist_sink_open(ctx, location, JOIST_SINK_REPLACE, &sink, err));
    JI_TRY_OUT(joist_parquet_writer_open(ctx, sink, &schema, options, &writer, err));
    sink.ops = NULL;
    JI_TRY_OUT(joist_parquet_writer_append_stream(writer, stream, err));
    struct joist_parquet_writer *ended = writer;
    writer = NULL;
    JI_TRY_OUT(joist_parquet_writer_finish(ended, written, err));
out:
    joist_parquet_writer_abort(writer);
    joist_sink_abort(&sink);
    schema.release(&schema);
    return status;
}

static enum joist_status say_finding(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    (void)user;
    (void)err;
    print_message("row group %" PRId64 ", column '%s', page %" PRId64 ": %s: %s\n", finding->group,
            finding->column != NULL ? finding->column : "", finding->page, finding->code, finding->text);
    return JOIST_OK;
}

/* What we write is what we say of it. */
static void expect_clean(struct joist_ctx *ctx, const char *location)
{
    const struct joist_parquet_check_options options = {
            .struct_size = sizeof options, .finding = say_finding, .notes = true};
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    struct joist_source source = {.ops = NULL};
    struct joist_parquet_file *file = NULL;
    assert_ok(joist_source_open(ctx, location, &source, NULL));
    assert_ok(joist_parquet_open(ctx, source, NULL, &file, NULL));
    assert_ok(joist_parquet_check(file, &options, &checked, NULL));
    assert_int_equal(checked.faults + checked.unverified + checked.notes, 0);
    joist_parquet_close(file);
}

/* Every row of the file as JSON, a line each, into `out`. */
static enum joist_status stream_lines(
        struct joist_ctx *ctx, struct ArrowArrayStream *stream, struct ji_bytes *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_batch_stream batches = {.ops = NULL};
    const struct ji_batch *batch = NULL;
    JI_TRY(ji_stream_import(ctx, stream, &batches, err));
    for (;;) {
        JI_TRY_OUT(ji_stream_next(&batches, &batch, err));
        if (batch == NULL)
            break;
        for (size_t row = 0; row < batch->row_count; row++) {
            for (size_t c = 0; c < batch->column_count; c++) {
                JI_TRY_OUT(ji_column_json(&batch->columns[c], row, out, err));
                JI_TRY_OUT(ji_bytes_append_byte(out, ' ', err));
            }
            JI_TRY_OUT(ji_bytes_append_byte(out, '\n', err));
        }
    }
out:
    ji_stream_close(&batches);
    return status;
}

static enum joist_status file_lines(
        struct joist_ctx *ctx, const char *location, struct ji_bytes *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_source source = {.ops = NULL};
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    JI_TRY(joist_source_open(ctx, location, &source, err));
    JI_TRY_OUT(joist_parquet_open(ctx, source, NULL, &file, err));
    source.ops = NULL;
    JI_TRY_OUT(joist_parquet_read(file, NULL, &stream, err));
    JI_TRY_OUT(stream_lines(ctx, &stream, out, err));
out:
    if (stream.release != NULL)
        stream.release(&stream);
    joist_parquet_close(file);
    joist_source_close(&source);
    return status;
}

static void round_trip(int64_t rows, const struct joist_parquet_write_options *options, unsigned threads)
{
    struct joist_ctx *ctx = open_ctx(threads);
    struct ArrowArrayStream stream;
    struct joist_error err;
    struct ji_bytes wanted;
    struct ji_bytes found;
    struct joist_parquet_written written;
    ji_bytes_init(&wanted, ji_ctx_mem(ctx));
    ji_bytes_init(&found, ji_ctx_mem(ctx));
    assert_ok(all_rows(ctx, rows, &stream, &err));
    assert_ok(stream_lines(ctx, &stream, &wanted, &err));
    stream.release(&stream);
    assert_ok(all_rows(ctx, rows, &stream, &err));
    if (write_stream(ctx, "memory:rows.parquet", &stream, options, &written, &err) != JOIST_OK)
        fail_msg("writing: %s", err.text);
    stream.release(&stream);
    assert_int_equal(written.rows, rows);
    if (file_lines(ctx, "memory:rows.parquet", &found, &err) != JOIST_OK)
        fail_msg("reading: %s", err.text);
    assert_int_equal(found.size, wanted.size);
    if (wanted.size > 0)
        assert_memory_equal(found.data, wanted.data, wanted.size);
    expect_clean(ctx, "memory:rows.parquet");
    ji_bytes_clear(&wanted);
    ji_bytes_clear(&found);
    joist_ctx_close(ctx);
}

static void every_type_comes_back(void **state)
{
    (void)state;
    const int64_t counts[] = {0, 1, 2, 50, 3000};
    for (size_t i = 0; i < 5; i++)
        round_trip(counts[i], NULL, 1);
}

static void every_codec_and_threads_come_back(void **state)
{
    (void)state;
    for (int codec = JOIST_CODEC_NONE; codec <= JOIST_CODEC_LZ4_RAW; codec++) {
        const struct joist_parquet_write_options options = {
                .struct_size = sizeof options, .codec = (enum joist_codec)codec};
        round_trip(300, &options, 1 + (unsigned)codec % 2 * 2);
    }
}

static void small_pages_and_groups_come_back(void **state)
{
    (void)state;
    struct joist_parquet_write_options options = {.struct_size = sizeof options, .page_rows_max = 1};
    round_trip(50, &options, 1);
    options.page_rows_max = 7;
    options.row_group_rows_max = 33;
    round_trip(200, &options, 1);
    options.page_rows_max = 0;
    options.page_bytes_max = 64;
    options.no_dictionary = true;
    options.no_crc = true;
    options.no_statistics = true;
    round_trip(200, &options, 1);
    options.no_page_index = true;
    options.row_group_bytes_max = 1000;
    round_trip(1200, &options, 2);
}

static void pages_v2_come_back(void **state)
{
    (void)state;
    struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .compat = JOIST_PARQUET_COMPAT_NEW};
    round_trip(3000, &options, 2);
    options.page_rows_max = 7;
    options.no_dictionary = true;
    options.codec = JOIST_CODEC_NONE;
    round_trip(200, &options, 1);
}

/* --- facts and batches --- */

static struct ji_column int_column(const struct ji_field *field, const int64_t *values, size_t rows)
{
    return (struct ji_column){.field = field, .form = JI_FLAT, .row_count = rows, .values = values};
}

struct facts_case {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_schema schema;
};

static void facts_open(struct facts_case *c, const char *schema)
{
    c->ctx = open_ctx(1);
    ji_arena_init(&c->arena, ji_ctx_mem(c->ctx));
    assert_ok(ji_schema_parse(&c->arena, ji_view_of_text(schema), &c->schema, NULL));
}

static void facts_close(struct facts_case *c)
{
    ji_arena_clear(&c->arena);
    joist_ctx_close(c->ctx);
}

static struct joist_parquet_writer *open_writer(
        struct facts_case *c, const struct joist_parquet_write_options *options)
{
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    assert_ok(joist_sink_open(c->ctx, "memory:facts.parquet", JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(ji_parquet_writer_open(c->ctx, ji_ctx_mem(c->ctx), sink, &c->schema, options, &writer, NULL));
    return writer;
}

static void facts_say_what_iceberg_wants_to_know(void **state)
{
    (void)state;
    struct facts_case c;
    facts_open(&c, "a long, t string");
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .row_group_rows_max = 4};
    struct joist_parquet_writer *writer = open_writer(&c, &options);
    const int64_t numbers[] = {5, 0, -7, 3, 9, 1};
    const uint8_t validity[] = {0x3d}; /* row 1 is null */
    struct ji_view texts[6];
    for (size_t i = 0; i < 6; i++)
        texts[i] = ji_view_of_text(i == 3 ? "b" : "cc");
    struct ji_column columns[2] = {int_column(&c.schema.columns[0], numbers, 6)};
    columns[0].validity = validity;
    columns[1] = (struct ji_column){.field = &c.schema.columns[1], .row_count = 6, .values = texts};
    const struct ji_batch batch = {
            .row_count = 6, .selection_count = 6, .column_count = 2, .columns = columns};
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    assert_true(ji_parquet_writer_bytes(writer) > ji_parquet_writer_buffered(writer));

    struct ji_file_facts facts;
    assert_ok(ji_parquet_writer_finish(writer, &c.arena, &facts, NULL));
    assert_int_equal(facts.rows, 6);
    assert_int_equal(facts.group_count, 2);
    assert_int_equal(facts.group_offsets[0], 4);
    assert_true(facts.group_offsets[1] > 4 && facts.group_offsets[1] < facts.bytes);
    assert_int_equal(facts.leaf_count, 2);
    const struct ji_leaf_facts *a = &facts.leaves[0];
    assert_int_equal(a->value_count, 6);
    assert_int_equal(a->facts.null_count, 1);
    assert_int_equal(a->facts.min.as.integer, -7);
    assert_int_equal(a->facts.max.as.integer, 9);
    assert_true(a->facts.has_min && a->facts.min_exact && a->facts.max_exact);
    assert_true(ji_view_equal_text(facts.leaves[1].facts.min.as.view, "b"));
    assert_true(ji_view_equal_text(facts.leaves[1].facts.max.as.view, "cc"));
    assert_string_equal(facts.leaves[1].field->name, "t");
    uint64_t compressed = 0;
    for (size_t i = 0; i < 2; i++)
        compressed += facts.leaves[i].compressed_bytes;
    assert_true(compressed > 0 && compressed < facts.bytes);
    facts_close(&c);
}

static void selections_and_forms_write_the_same_file(void **state)
{
    (void)state;
    struct facts_case c;
    facts_open(&c, "s string, l list<int required>");
    struct ji_view words[] = {ji_view_of_text("oak"), ji_view_of_text("elm")};
    const struct ji_field word = {.name = "s", .kind = JI_STRING, .nullable = true};
    struct ji_column dictionary = {.field = &word, .row_count = 2, .values = words};
    const int32_t codes[] = {0, 1, 1, 0, 1, 0};
    const uint8_t validity[] = {0x2f}; /* row 4 is null */
    const int32_t offsets[] = {0, 1, 1, 3, 4, 4, 6};
    const int32_t elements[] = {10, 11, 12, 13, 14, 15};
    struct ji_column child = {.field = &c.schema.columns[1].children[0], .row_count = 6, .values = elements};
    struct ji_column columns[2] = {
            {.field = &c.schema.columns[0],
                    .form = JI_DICTIONARY,
                    .row_count = 6,
                    .validity = validity,
                    .values = codes,
                    .dictionary = &dictionary},
            {.field = &c.schema.columns[1], .row_count = 6, .offsets = offsets, .children = &child},
    };
    const uint32_t selection[] = {1, 2, 4, 5};
    struct ji_batch batch = {.row_count = 6,
            .selection = selection,
            .selection_count = 4,
            .column_count = 2,
            .columns = columns};
    struct joist_parquet_writer *writer = open_writer(&c, NULL);
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    struct ji_column constant = {
            .field = &c.schema.columns[0], .form = JI_CONSTANT, .row_count = 6, .values = words};
    columns[0] = constant;
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));

    struct ji_bytes lines;
    ji_bytes_init(&lines, ji_ctx_mem(c.ctx));
    assert_ok(file_lines(c.ctx, "memory:facts.parquet", &lines, NULL));
    const char *wanted = "\"elm\" [] \n\"elm\" [11,12] \nnull [] \n\"oak\" [14,15] \n"
                         "\"oak\" [] \n\"oak\" [11,12] \n\"oak\" [] \n\"oak\" [14,15] \n";
    assert_int_equal(lines.size, strlen(wanted));
    assert_memory_equal(lines.data, wanted, lines.size);
    ji_bytes_clear(&lines);
    facts_close(&c);
}

static void shared_lanes_serve_writers_in_turn(void **state)
{
    (void)state;
    struct facts_case c;
    facts_open(&c, "a long required");
    struct ji_write_lanes *lanes = NULL;
    struct joist_parquet_writer *writers[3];
    assert_ok(ji_write_lanes_open(c.ctx, ji_ctx_mem(c.ctx), &lanes, NULL));
    int64_t values[500];
    for (int64_t i = 0; i < 500; i++)
        values[i] = i * i;
    struct ji_column column = int_column(&c.schema.columns[0], values, 500);
    const struct ji_batch batch = {
            .row_count = 500, .selection_count = 500, .column_count = 1, .columns = &column};
    for (size_t i = 0; i < 3; i++) {
        struct joist_sink sink;
        char name[40];
        snprintf(name, sizeof name, "memory:shared-%zu.parquet", i);
        assert_ok(joist_sink_open(c.ctx, name, JOIST_SINK_REPLACE, &sink, NULL));
        assert_ok(ji_parquet_writer_open_shared(
                lanes, ji_ctx_mem(c.ctx), sink, &c.schema, NULL, &writers[i], NULL));
    }
    for (size_t round = 0; round < 4; round++)
        for (size_t i = 0; i < 3; i++)
            assert_ok(ji_parquet_writer_append(writers[i], &batch, NULL));
    assert_true(ji_parquet_writer_held(writers[0]) >= ji_parquet_writer_buffered(writers[0]));
    assert_ok(ji_parquet_writer_flush_group(writers[0], NULL));
    assert_int_equal(ji_parquet_writer_buffered(writers[0]), 0);
    assert_int_equal(ji_parquet_writer_held(writers[0]), 0);
    assert_ok(ji_parquet_writer_flush_group(writers[0], NULL));
    for (size_t i = 0; i < 3; i++) {
        struct joist_parquet_written written;
        assert_ok(joist_parquet_writer_finish(writers[i], &written, NULL));
        assert_int_equal(written.rows, 2000);
        assert_int_equal(written.row_groups, 1);
    }
    ji_write_lanes_close(lanes);
    ji_write_lanes_close(NULL);
    facts_close(&c);
}

/* --- refusals --- */

static void a_null_in_a_required_column_ends_the_writer(void **state)
{
    (void)state;
    struct facts_case c;
    struct joist_error err;
    facts_open(&c, "a long required");
    struct joist_parquet_writer *writer = open_writer(&c, NULL);
    const int64_t values[] = {1, 2};
    const uint8_t validity[] = {1};
    struct ji_column column = int_column(&c.schema.columns[0], values, 2);
    const struct ji_batch batch = {
            .row_count = 2, .selection_count = 2, .column_count = 1, .columns = &column};
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    column.validity = validity;
    assert_status(ji_parquet_writer_append(writer, &batch, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "column 'a': null in a required column");
    column.validity = NULL;
    assert_status(ji_parquet_writer_append(writer, &batch, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "only abort is left"));
    assert_status(joist_parquet_writer_finish(writer, NULL, NULL), JOIST_ERR_INVALID);
    struct joist_source source;
    assert_status(joist_source_open(c.ctx, "memory:facts.parquet", &source, NULL), JOIST_ERR_NOT_FOUND);
    joist_parquet_writer_abort(NULL);
    facts_close(&c);
}

static void a_value_too_wide_for_its_type_is_refused(void **state)
{
    (void)state;
    const char *const schemas[] = {"a decimal(5,0)", "a time_s", "a timestamp_s", "a decimal(20,0)"};
    for (size_t i = 0; i < 4; i++) {
        struct facts_case c;
        struct joist_error err;
        facts_open(&c, schemas[i]);
        struct joist_parquet_writer *writer = open_writer(&c, NULL);
        const int64_t narrow[] = {INT64_MAX / 2};
        const ji_int128 wide[] = {(ji_int128)1 << 100};
        struct ji_column column = {.field = &c.schema.columns[0], .row_count = 1};
        column.values = i == 3 ? (const void *)wide : (const void *)narrow;
        const struct ji_batch batch = {
                .row_count = 1, .selection_count = 1, .column_count = 1, .columns = &column};
        assert_status(ji_parquet_writer_append(writer, &batch, &err), JOIST_ERR_INVALID);
        assert_non_null(strstr(err.text, "column 'a': "));
        joist_parquet_writer_abort(writer);
        facts_close(&c);
    }
}

static void other_columns_than_the_files_are_refused(void **state)
{
    (void)state;
    struct facts_case c;
    facts_open(&c, "a long, b long");
    struct joist_parquet_writer *writer = open_writer(&c, NULL);
    const int64_t values[] = {1};
    const struct ji_field text = {.name = "b", .kind = JI_STRING};
    struct ji_column columns[2] = {int_column(&c.schema.columns[0], values, 1), int_column(&text, values, 1)};
    struct ji_batch batch = {.row_count = 1, .selection_count = 1, .column_count = 1, .columns = columns};
    assert_status(ji_parquet_writer_append(writer, &batch, NULL), JOIST_ERR_INVALID);
    batch.column_count = 2;
    assert_status(ji_parquet_writer_append(writer, &batch, NULL), JOIST_ERR_INVALID);

    struct ArrowArrayStream stream;
    struct joist_builder *builder = NULL;
    const char *const others[] = {"a long", "a long, c long"};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(joist_builder_open(c.ctx, others[i], &builder, NULL));
        assert_ok(joist_builder_take(builder, &stream, NULL));
        joist_builder_close(builder);
        assert_status(joist_parquet_writer_append_stream(writer, &stream, NULL), JOIST_ERR_INVALID);
        stream.release(&stream);
    }
    joist_parquet_writer_abort(writer);
    facts_close(&c);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    struct facts_case c;
    facts_open(&c, "a long");
    const struct {
        struct joist_parquet_write_options options;
        enum joist_status status;
    } cases[] = {
            {{.struct_size = 0}, JOIST_ERR_INVALID},
            {{.struct_size = 4096}, JOIST_ERR_UNSUPPORTED},
            {{.struct_size = sizeof cases[0].options, .codec = (enum joist_codec)77}, JOIST_ERR_INVALID},
            {{.struct_size = sizeof cases[0].options, .codec_level = 99}, JOIST_ERR_INVALID},
            {{.struct_size = sizeof cases[0].options, .codec = JOIST_CODEC_SNAPPY, .codec_level = 1},
                    JOIST_ERR_INVALID},
            {{.struct_size = sizeof cases[0].options, .page_bytes_max = SIZE_MAX}, JOIST_ERR_LIMIT},
            {{.struct_size = sizeof cases[0].options, .page_rows_max = SIZE_MAX}, JOIST_ERR_LIMIT},
            {{.struct_size = sizeof cases[0].options, .row_group_rows_max = UINT64_MAX}, JOIST_ERR_LIMIT},
            {{.struct_size = sizeof cases[0].options, .key_value_count = 1}, JOIST_ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct joist_sink sink;
        struct joist_parquet_writer *writer = NULL;
        assert_ok(joist_sink_open(c.ctx, "memory:x", JOIST_SINK_REPLACE, &sink, NULL));
        assert_status(ji_parquet_writer_open(
                              c.ctx, ji_ctx_mem(c.ctx), sink, &c.schema, &cases[i].options, &writer, NULL),
                cases[i].status);
        joist_sink_abort(&sink);
    }
    facts_close(&c);
}

static void a_required_null_is_unsupported_by_name(void **state)
{
    (void)state;
    const char *const schemas[] = {"n null required", "r struct<n null required>"};
    for (size_t i = 0; i < 2; i++) {
        struct facts_case c;
        struct joist_error err;
        struct joist_sink sink;
        struct joist_parquet_writer *writer = NULL;
        facts_open(&c, schemas[i]);
        assert_ok(joist_sink_open(c.ctx, "memory:x", JOIST_SINK_REPLACE, &sink, NULL));
        assert_status(ji_parquet_writer_open(c.ctx, ji_ctx_mem(c.ctx), sink, &c.schema, NULL, &writer, &err),
                JOIST_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.text, "a required null"));
        joist_sink_abort(&sink);
        facts_close(&c);
    }
}

static void a_cancelled_writer_leaves_nothing(void **state)
{
    (void)state;
    struct facts_case c;
    facts_open(&c, "a long");
    struct joist_cancel cancel = {0};
    const struct joist_parquet_write_options options = {.struct_size = sizeof options, .cancel = &cancel};
    struct joist_parquet_writer *writer = open_writer(&c, &options);
    joist_cancel_request(&cancel);
    assert_status(joist_parquet_writer_finish(writer, NULL, NULL), JOIST_ERR_CANCELLED);
    struct joist_source source;
    assert_status(joist_source_open(c.ctx, "memory:facts.parquet", &source, NULL), JOIST_ERR_NOT_FOUND);
    facts_close(&c);
}

/* --- memory and failures --- */

/* Four million numbers with twelve megabytes, in row groups as large as scratch files let them be. */
static void write_much(const struct joist_ctx_options *options, struct joist_parquet_written *written)
{
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(options, &ctx, NULL));
    struct ji_arena arena;
    struct ji_schema schema;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    assert_ok(ji_schema_parse(&arena, ji_view_of_text("a long required"), &schema, NULL));
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    char path[] = "./parquet-write-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_ok(joist_sink_open(ctx, path, JOIST_SINK_REPLACE, &sink, NULL));
    const struct joist_parquet_write_options write = {.struct_size = sizeof write,
            .codec = JOIST_CODEC_NONE,
            .no_dictionary = true,
            .compat = JOIST_PARQUET_COMPAT_V1,
            .row_group_rows_max = 3000000};
    assert_ok(ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, &schema, &write, &writer, NULL));
    int64_t *values = calloc(20000, sizeof *values);
    struct ji_column column = int_column(&schema.columns[0], values, 20000);
    const struct ji_batch batch = {
            .row_count = 20000, .selection_count = 20000, .column_count = 1, .columns = &column};
    for (int64_t i = 0; i < 200; i++) {
        for (int64_t k = 0; k < 20000; k++)
            values[k] = i * 1000003 + k;
        assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    }
    assert_ok(joist_parquet_writer_finish(writer, written, NULL));
    assert_int_equal(written->rows, 4000000);
    assert_true(written->bytes > 32000000);
    expect_clean(ctx, path);
    free(values);
    remove(path);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

static void groups_are_cut_where_memory_is_short_and_there_is_no_scratch_place(void **state)
{
    (void)state;
    struct joist_parquet_written written;
    const struct joist_ctx_options options = {.struct_size = sizeof options,
            .memory_bytes_max = (uint64_t)12 << 20,
            .keep_warm_bytes = 1,
            .scratch_folder = ""};
    write_much(&options, &written);
    assert_true(written.row_groups > 2 && written.row_groups < 40);
}

static void groups_go_on_in_a_scratch_file_where_memory_is_short(void **state)
{
    (void)state;
    struct joist_parquet_written written;
    struct joist_ctx_options options = {.struct_size = sizeof options,
            .memory_bytes_max = (uint64_t)12 << 20,
            .keep_warm_bytes = 1,
            .scratch_folder = ".",
            .threads = 2};
    write_much(&options, &written);
    assert_int_equal(written.row_groups, 2);
    /* A place that is full, or is none, costs nothing but the size of groups. */
    options.scratch_bytes_max = (uint64_t)8 << 20;
    write_much(&options, &written);
    assert_true(written.row_groups > 2 && written.row_groups < 40);
    options.scratch_bytes_max = 0;
    options.scratch_folder = "/nowhere/at/all";
    write_much(&options, &written);
    assert_true(written.row_groups > 2 && written.row_groups < 40);
}

static void pages_end_early_where_memory_is_shorter_still(void **state)
{
    (void)state;
    const size_t reserved = (size_t)14 << 20;
    struct joist_ctx *ctx = NULL;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)16 << 20, .keep_warm_bytes = 1};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    struct ji_arena arena;
    struct ji_schema schema;
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    struct ji_file_facts facts;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    assert_ok(ji_schema_parse(&arena, ji_view_of_text("a long required"), &schema, NULL));
    assert_ok(joist_sink_open(ctx, "memory:short", JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, &schema, NULL, &writer, NULL));
    assert_ok(ji_mem_reserve(ji_ctx_mem(ctx), reserved, NULL));
    int64_t values[3000];
    for (size_t i = 0; i < 3000; i++)
        values[i] = (int64_t)(i % 1500);
    struct ji_column column = int_column(&schema.columns[0], values, 3000);
    const struct ji_batch batch = {
            .row_count = 3000, .selection_count = 3000, .column_count = 1, .columns = &column};
    for (unsigned i = 0; i < 4; i++) {
        assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
        assert_true(ji_parquet_writer_buffered(writer) < 24000);
    }
    ji_mem_release(ji_ctx_mem(ctx), reserved);
    assert_ok(ji_parquet_writer_finish(writer, &arena, &facts, NULL));
    assert_int_equal(facts.rows, 12000);
    assert_int_equal(facts.leaves[0].facts.max.as.integer, 1499);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

static enum joist_status write_and_read(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct ArrowArrayStream stream = {.release = NULL};
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .page_rows_max = 4, .row_group_rows_max = 6};
    JI_TRY_OUT(all_rows(ctx, 10, &stream, err));
    JI_TRY_OUT(write_stream(ctx, "memory:sweep", &stream, &options, NULL, err));
out:
    if (stream.release != NULL)
        stream.release(&stream);
    return status;
}

static void no_memory_at_any_point_is_an_error_and_no_leak(void **state)
{
    (void)state;
    oom_sweep_sparse(write_and_read, NULL);
}

static enum joist_status write_to_faulty_store(void *arg, struct fault_plan *plan, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct joist_ctx *ctx = open_ctx(1);
    struct joist_store memory;
    struct joist_store faulty;
    struct joist_source source = {.ops = NULL};
    struct ArrowArrayStream stream;
    assert_ok(joist_memory_store_open(ctx, &memory, NULL));
    assert_ok(fault_store_open(memory, plan, &faulty));
    assert_ok(joist_ctx_add_store(ctx, "faulty", faulty, NULL));
    assert_ok(all_rows(ctx, 10, &stream, NULL));
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .page_rows_max = 4, .row_group_rows_max = 6};
    status = write_stream(ctx, "faulty://x", &stream, &options, NULL, err);
    stream.release(&stream);
    if (status != JOIST_OK) {
        plan->fail_at = 0;
        assert_status(joist_source_open(ctx, "faulty://x", &source, NULL), JOIST_ERR_NOT_FOUND);
    }
    joist_ctx_close(ctx);
    return status;
}

static void a_failed_write_at_any_point_leaves_no_file(void **state)
{
    (void)state;
    io_sweep(write_to_faulty_store, NULL, ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_type_comes_back),
            cmocka_unit_test(every_codec_and_threads_come_back),
            cmocka_unit_test(small_pages_and_groups_come_back),
            cmocka_unit_test(pages_v2_come_back),
            cmocka_unit_test(facts_say_what_iceberg_wants_to_know),
            cmocka_unit_test(selections_and_forms_write_the_same_file),
            cmocka_unit_test(shared_lanes_serve_writers_in_turn),
            cmocka_unit_test(a_null_in_a_required_column_ends_the_writer),
            cmocka_unit_test(a_value_too_wide_for_its_type_is_refused),
            cmocka_unit_test(other_columns_than_the_files_are_refused),
            cmocka_unit_test(options_out_of_range_are_refused),
            cmocka_unit_test(a_required_null_is_unsupported_by_name),
            cmocka_unit_test(a_cancelled_writer_leaves_nothing),
            cmocka_unit_test(groups_are_cut_where_memory_is_short_and_there_is_no_scratch_place),
            cmocka_unit_test(groups_go_on_in_a_scratch_file_where_memory_is_short),
            cmocka_unit_test(pages_end_early_where_memory_is_shorter_still),
            cmocka_unit_test(no_memory_at_any_point_is_an_error_and_no_leak),
            cmocka_unit_test(a_failed_write_at_any_point_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
