/*
 * wanted_schema_test.c - a file read as the columns that somebody wants
 *
 *     file:    1 id | 2 x float | 3 price decimal(9,2) | 4 s struct<5 a, 6 b> | 7 l list<struct<8 p, 9 q>>
 *              | 10 word | 11 spare
 *     wanted:  10 text | 1 id long | 2 x double | 3 price decimal(30,2) | 4 s struct<12 c, 5 a long>
 *              | 7 l list<struct<9 q, 13 r>> | 14 city | 15 gone list<int>
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow/arrow_schema.h"
#include "base/ctx.h"
#include "base/io.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/stream_text.h"

#define ROWS 700
#define FILE_SCHEMA                                                                                          \
    "id int required, x float, price decimal(9,2), s struct<a int, b string>, "                              \
    "l list<struct<p int, q string>>, word string, spare string"
#define WANTED_SCHEMA                                                                                        \
    "text string, id long, x double, price decimal(30,2), s struct<c string, a long>, "                      \
    "l list<struct<q string, r int>>, city string required, gone list<int>"
#define CITY "Ulm, a city of more than twelve bytes"
#define DEFAULTS "{\"s\":{\"c\":\"none\"},\"city\":\"" CITY "\",\"gone\":[1,2]}"

/* Field ids in the order of a walk over the schema, elements of lists left out. */
static const int32_t file_ids[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const int32_t wanted_ids[] = {10, 1, 2, 3, 4, 12, 5, 7, 9, 13, 14, 15};

static const int32_t *give_ids(struct ji_field *fields, size_t count, const int32_t *ids)
{
    for (size_t index = 0; index < count && ids != NULL; index++) {
        fields[index].field_id = *ids++;
        struct ji_field *const below =
                fields[index].kind == JI_LIST ? &fields[index].children[0] : &fields[index];
        ids = give_ids(below->children, below->child_count, ids);
    }
    return ids;
}

static void open_schema(
        struct joist_ctx *ctx, const char *text, const int32_t *ids, struct ArrowSchema *schema)
{
    struct ji_arena arena;
    struct ji_schema parsed;
    struct ji_schema copy;
    struct ji_field *fields = NULL;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    assert_ok(ji_schema_parse(&arena, ji_view_of_text(text), &parsed, NULL));
    assert_ok(ji_schema_copy(&arena, &parsed, &copy, NULL));
    assert_ok(ji_arena_array(&arena, copy.column_count, sizeof *fields, &fields, NULL));
    memcpy(fields, copy.columns, copy.column_count * sizeof *fields);
    give_ids(fields, copy.column_count, ids);
    copy.columns = fields;
    assert_ok(ji_schema_hand_out(ctx, &copy, schema, NULL));
    ji_arena_clear(&arena);
}

static void open_json(struct joist_ctx *ctx, const struct ArrowSchema *schema, const struct ji_bytes *json,
        struct bytes_source *from, struct ArrowArrayStream *stream)
{
    const struct joist_text_options options = {.struct_size = sizeof options, .schema = schema};
    *from = (struct bytes_source){.data = json->data, .size = json->size};
    assert_ok(joist_ndjson_open(ctx, bytes_source(from), &options, stream, NULL));
}

static void add_text(struct ji_bytes *bytes, const char *text)
{
    assert_ok(ji_bytes_append_text(bytes, text, NULL));
}

/* Rows of the file, as they go into it. */
static void make_rows(struct ji_bytes *json)
{
    for (int row = 0; row < ROWS; row++) {
        char line[512];
        char list[128] = "[]";
        if (row % 3 != 0)
            (void)snprintf(list, sizeof list, "[{\"p\":%d,\"q\":\"q%d\"},{\"p\":1}]", row, row);
        (void)snprintf(line, sizeof line,
                "{\"id\":%d,\"x\":%s,\"price\":%d.25,\"s\":%s,\"l\":%s,\"word\":\"w%d\",\"spare\":\"s\"}\n",
                row, row % 5 == 0 ? "null" : "2.5", row, row % 7 == 0 ? "null" : "{\"a\":-7,\"b\":\"bee\"}",
                list, row % 40);
        add_text(json, line);
    }
}

/* Rows [start, start + count) as they are wanted. */
static void make_wanted(uint64_t start, uint64_t count, struct ji_bytes *text)
{
    for (uint64_t at = start; at < start + count && at < ROWS; at++) {
        char line[512];
        char list[128] = "[]";
        const int row = (int)at;
        if (row % 3 != 0)
            (void)snprintf(list, sizeof list, "[{\"q\":\"q%d\",\"r\":null},{\"q\":null,\"r\":null}]", row);
        (void)snprintf(line, sizeof line, "[\"w%d\",%d,%s,%d.25,%s,%s,\"" CITY "\",[1,2]]\n", row % 40, row,
                row % 5 == 0 ? "null" : "2.5", row, row % 7 == 0 ? "null" : "{\"c\":\"none\",\"a\":-7}",
                list);
        add_text(text, line);
    }
}

struct sample {
    uint8_t *data;
    size_t size;
};

/* The file's bytes, the test's to free. */
static struct sample write_sample(unsigned threads)
{
    const struct joist_ctx_options ctx_options = {.struct_size = sizeof ctx_options, .threads = threads};
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .row_group_rows_max = 256, .page_rows_max = 100};
    struct joist_ctx *ctx = NULL;
    struct ArrowSchema schema;
    struct ArrowArrayStream stream;
    struct bytes_source from;
    struct ji_bytes json;
    struct ji_bytes bytes;
    struct joist_sink sink;
    struct joist_source source;
    struct joist_parquet_writer *writer = NULL;
    assert_ok(joist_ctx_open(&ctx_options, &ctx, NULL));
    ji_bytes_init(&json, ji_ctx_mem(ctx));
    ji_bytes_init(&bytes, ji_ctx_mem(ctx));
    make_rows(&json);
    open_schema(ctx, FILE_SCHEMA, file_ids, &schema);
    open_json(ctx, &schema, &json, &from, &stream);
    assert_ok(joist_sink_open(ctx, "memory:/w.parquet", JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(joist_parquet_writer_open(ctx, sink, &schema, &options, &writer, NULL));
    assert_ok(joist_parquet_writer_append_stream(writer, &stream, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
    assert_ok(joist_source_open(ctx, "memory:/w.parquet", &source, NULL));
    assert_ok(ji_source_read_all(&source, (size_t)64 << 20, &bytes, NULL));
    struct sample sample = {.data = malloc(bytes.size), .size = bytes.size};
    assert_non_null(sample.data);
    memcpy(sample.data, bytes.data, bytes.size);
    joist_source_close(&source);
    stream.release(&stream);
    schema.release(&schema);
    ji_bytes_clear(&bytes);
    ji_bytes_clear(&json);
    joist_ctx_close(ctx);
    return sample;
}

/* How a reading goes, and what is wanted. */
struct reading {
    const struct sample *sample;
    struct joist_parquet_read_options options;
    const char *schema; /* NULL: WANTED_SCHEMA with its ids */
    const char *defaults;
    bool by_batches;
};

static enum joist_status read_text(
        struct joist_ctx *ctx, const struct reading *reading, struct ji_bytes *text, struct joist_error *err)
{
    struct bytes_source from = {.data = reading->sample->data, .size = reading->sample->size};
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    JI_TRY(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, err));
    enum joist_status status = joist_parquet_read(file, &reading->options, &stream, err);
    joist_parquet_close(file);
    if (status != JOIST_OK)
        return status;
    status = reading->by_batches ? stream_text_of_batches(ctx, &stream, text, err)
                                 : stream_text_of_arrays(ctx, &stream, text, err);
    stream.release(&stream);
    return status;
}

/* What the caller of the library holds while it reads. */
struct given {
    struct joist_ctx *ctx;
    struct ArrowSchema schema;
    struct ArrowArray defaults;
};

static void give(struct reading *reading, struct given *given)
{
    struct ArrowArrayStream stream;
    struct bytes_source from;
    struct ji_bytes json;
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    *given = (struct given){.ctx = NULL};
    assert_ok(joist_ctx_open(&options, &given->ctx, NULL));
    open_schema(given->ctx, reading->schema == NULL ? WANTED_SCHEMA : reading->schema,
            reading->schema == NULL ? wanted_ids : NULL, &given->schema);
    reading->options.struct_size = sizeof reading->options;
    reading->options.schema = &given->schema;
    if (reading->defaults == NULL)
        return;
    ji_bytes_init(&json, ji_ctx_mem(given->ctx));
    add_text(&json, reading->defaults);
    open_json(given->ctx, &given->schema, &json, &from, &stream);
    assert_ok(joist_stream_next(&stream, &given->defaults, NULL));
    assert_non_null(given->defaults.release);
    reading->options.defaults = &given->defaults;
    stream.release(&stream);
    ji_bytes_clear(&json);
}

static void give_back(struct given *given)
{
    if (given->defaults.release != NULL)
        given->defaults.release(&given->defaults);
    given->schema.release(&given->schema);
    joist_ctx_close(given->ctx);
}

static struct joist_ctx *open_ctx(unsigned threads)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20, .threads = threads};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void check_text(const struct ji_bytes *text, const struct ji_bytes *wanted)
{
    size_t at = 0;
    while (at < text->size && at < wanted->size && text->data[at] == wanted->data[at])
        at++;
    if (at == text->size && at == wanted->size)
        return;
    size_t start = at;
    while (start > 0 && wanted->data[start - 1] != '\n')
        start--;
    fail_msg("%.*s... where it should be %.*s...", (int)ji_min_size(text->size - start, 160),
            (const char *)text->data + start, (int)ji_min_size(wanted->size - start, 160),
            (const char *)wanted->data + start);
}

static void check_reading(unsigned threads, struct reading *reading, const struct ji_bytes *wanted)
{
    struct joist_ctx *const ctx = open_ctx(threads);
    struct given given;
    struct ji_bytes text;
    struct joist_error err = {.text = ""};
    give(reading, &given);
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    if (read_text(ctx, reading, &text, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    check_text(&text, wanted);
    ji_bytes_clear(&text);
    give_back(&given);
    joist_ctx_close(ctx);
}

static void columns_are_found_promoted_and_filled(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 3};
    static const size_t batch_rows[] = {0, 1, 33};
    const struct sample sample = write_sample(1);
    struct joist_ctx *const ctx = open_ctx(1);
    for (size_t index = 0; index < 12; index++) {
        const uint64_t start = index % 3 * 250;
        struct ji_bytes wanted;
        struct reading reading = {.sample = &sample,
                .defaults = DEFAULTS,
                .by_batches = index / 6 == 1,
                .options = {.batch_rows = batch_rows[index % 3],
                        .row_start = start,
                        .row_count = index % 2 == 0 ? 0 : 77}};
        ji_bytes_init(&wanted, ji_ctx_mem(ctx));
        make_wanted(start, index % 2 == 0 ? ROWS : 77, &wanted);
        check_reading(threads[index / 3 % 2], &reading, &wanted);
        ji_bytes_clear(&wanted);
    }
    joist_ctx_close(ctx);
    free(sample.data);
}

/* Column by column into a file, as our own writer takes them, and that read as it is. */
static void a_writer_takes_wanted_columns_side_by_side(void **state)
{
    (void)state;
    struct sample sample = write_sample(1);
    struct joist_ctx *const ctx = open_ctx(3);
    struct reading reading = {.sample = &sample, .defaults = DEFAULTS};
    struct given given;
    struct ji_bytes wanted;
    struct ji_bytes text;
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    struct joist_parquet_file *file = NULL;
    struct joist_parquet_writer *writer = NULL;
    struct ArrowArrayStream stream;
    struct joist_source source;
    struct joist_sink sink;
    give(&reading, &given);
    ji_bytes_init(&wanted, ji_ctx_mem(ctx));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    make_wanted(0, ROWS, &wanted);
    assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
    assert_ok(joist_parquet_read(file, &reading.options, &stream, NULL));
    joist_parquet_close(file);
    assert_ok(joist_sink_open(ctx, "memory:/c.parquet", JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(joist_parquet_writer_open(ctx, sink, &given.schema, NULL, &writer, NULL));
    assert_ok(joist_parquet_writer_append_stream(writer, &stream, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
    stream.release(&stream);
    assert_ok(joist_source_open(ctx, "memory:/c.parquet", &source, NULL));
    assert_ok(joist_parquet_open(ctx, source, NULL, &file, NULL));
    assert_ok(joist_parquet_read(file, NULL, &stream, NULL));
    joist_parquet_close(file);
    assert_ok(stream_text_of_arrays(ctx, &stream, &text, NULL));
    stream.release(&stream);
    check_text(&text, &wanted);
    ji_bytes_clear(&text);
    ji_bytes_clear(&wanted);
    give_back(&given);
    joist_ctx_close(ctx);
    free(sample.data);
}

/* A wanted schema without ids, or a file without: names. */
static void columns_without_ids_are_found_by_name(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    struct joist_ctx *const ctx = open_ctx(1);
    struct ji_bytes wanted;
    ji_bytes_init(&wanted, ji_ctx_mem(ctx));
    for (int row = 0; row < 3; row++)
        add_text(&wanted,
                row == 0           ? "[\"w0\",0,null,0,null]\n"
                        : row == 1 ? "[\"w1\",1,null,1,{\"b\":\"bee\",\"z\":null}]\n"
                                   : "[\"w2\",2,null,2,{\"b\":\"bee\",\"z\":null}]\n");
    for (int way = 0; way < 2; way++) {
        struct reading reading = {.sample = &sample,
                .by_batches = way == 1,
                .schema = "word string, id int, renamed string, id long, s struct<b string, z date>",
                .options = {.row_count = 3}};
        check_reading(1, &reading, &wanted);
    }
    ji_bytes_clear(&wanted);
    joist_ctx_close(ctx);
    free(sample.data);
}

static void structs_of_lacking_children_keep_their_nulls_and_lengths(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    struct joist_ctx *const ctx = open_ctx(1);
    struct ji_bytes wanted;
    ji_bytes_init(&wanted, ji_ctx_mem(ctx));
    add_text(&wanted, "[null,[]]\n[{\"y\":null},[{\"z\":null},{\"z\":null}]]\n");
    for (int way = 0; way < 2; way++) {
        struct reading reading = {.sample = &sample,
                .by_batches = way == 1,
                .schema = "s struct<y int>, l list<struct<z string>>",
                .options = {.row_count = 2}};
        check_reading(1, &reading, &wanted);
    }
    ji_bytes_clear(&wanted);
    joist_ctx_close(ctx);
    free(sample.data);
}

static void rows_of_lacking_columns_alone_are_as_many(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    struct joist_ctx *const ctx = open_ctx(2);
    for (int way = 0; way < 2; way++) {
        struct ji_bytes wanted;
        struct reading reading = {.sample = &sample,
                .by_batches = way == 1,
                .schema = "a int, b string",
                .defaults = "{\"b\":\"x\"}",
                .options = {.row_start = 200, .batch_rows = 60}};
        ji_bytes_init(&wanted, ji_ctx_mem(ctx));
        for (int row = 200; row < ROWS; row++)
            add_text(&wanted, "[null,\"x\"]\n");
        check_reading(2, &reading, &wanted);
        ji_bytes_clear(&wanted);
    }
    joist_ctx_close(ctx);
    free(sample.data);
}

static void a_large_default_makes_small_batches(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    struct joist_ctx *const ctx = open_ctx(1);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream;
    struct given given;
    char text[8192];
    (void)snprintf(text, sizeof text, "{\"b\":\"%08000d\"}", 1);
    struct reading reading = {.sample = &sample, .schema = "b string, id int", .defaults = text};
    reading.options.batch_bytes = 100000;
    give(&reading, &given);
    assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
    assert_ok(joist_parquet_read(file, &reading.options, &stream, NULL));
    joist_parquet_close(file);
    int64_t rows = 0;
    for (;;) {
        struct ArrowArray array;
        assert_ok(joist_stream_next(&stream, &array, NULL));
        if (array.release == NULL)
            break;
        assert_in_range(array.length, 1, 12);
        rows += array.length;
        array.release(&array);
    }
    assert_int_equal(rows, ROWS);
    stream.release(&stream);
    give_back(&given);
    joist_ctx_close(ctx);
    free(sample.data);
}

static void check_refused(
        const struct sample *sample, struct reading reading, enum joist_status status, const char *words)
{
    struct joist_ctx *const ctx = open_ctx(1);
    struct given given;
    struct ji_bytes text;
    struct joist_error err = {.text = ""};
    reading.sample = sample;
    give(&reading, &given);
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    assert_status(read_text(ctx, &reading, &text, &err), status);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' says nothing of '%s'", err.text, words);
    ji_bytes_clear(&text);
    give_back(&given);
    joist_ctx_close(ctx);
}

static void what_does_not_become_the_other_is_refused_by_name(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    static const char *const cases[][2] = {
            {"id string", "column 'id' is int, which does not become string"},
            {"id int, x int", "column 'x' is float, which does not become int"},
            {"price decimal(9,3)", "column 'price' is decimal(9, 2), which does not become decimal(9, 3)"},
            {"price decimal(8,2)", "which does not become decimal(8, 2)"},
            {"s struct<a date>", "column 'a' is int, which does not become date"},
            {"s string", "which does not become string"},
            {"l list<struct<p date>>", "column 'p' is int, which does not become date"},
            {"city string required", "required column 'city' is not there"},
            {"s struct<z int required>", "required column 'z' is not there"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        check_refused(
                &sample, (struct reading){.schema = cases[index][0]}, JOIST_ERR_INVALID, cases[index][1]);
    free(sample.data);
}

static void a_null_where_none_is_wanted_is_refused_with_its_row(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    for (int way = 0; way < 2; way++) {
        const bool by_batches = way == 1;
        check_refused(&sample,
                (struct reading){.schema = "x float required",
                        .by_batches = by_batches,
                        .options = {.row_start = 303}},
                JOIST_ERR_INVALID, "column 'x': row 306 is null in a required column");
        check_refused(&sample,
                (struct reading){.schema = "l list<struct<q string required>>", .by_batches = by_batches},
                JOIST_ERR_INVALID, "is null in a required column");
    }
    free(sample.data);
}

static void options_that_contradict_a_schema_are_refused(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    static const char *const names[] = {"id"};
    static const int32_t ids[] = {1};
    struct joist_ctx *const ctx = open_ctx(1);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream;
    struct given given;
    struct joist_error err;
    struct reading reading = {.sample = &sample, .schema = "id int", .defaults = "{\"id\":1}\n{\"id\":2}"};
    give(&reading, &given);
    assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
    assert_status(joist_parquet_read(file, &reading.options, &stream, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "defaults of 2 rows"));
    reading.options.schema = NULL;
    assert_status(joist_parquet_read(file, &reading.options, &stream, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "defaults without a schema"));
    struct joist_parquet_read_options options = {.struct_size = sizeof options, .schema = &given.schema};
    options.columns = names;
    options.column_count = 1;
    assert_status(joist_parquet_read(file, &options, &stream, &err), JOIST_ERR_INVALID);
    options.columns = NULL;
    options.field_ids = ids;
    options.field_id_count = 1;
    assert_status(joist_parquet_read(file, &options, &stream, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "beside a schema"));
    joist_parquet_close(file);
    give_back(&given);
    joist_ctx_close(ctx);
    free(sample.data);
}

/* The bytes that were read of the source, by what it is asked for. */
static void columns_that_nobody_wants_are_not_read(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    uint64_t reads[2];
    for (int side = 0; side < 2; side++) {
        struct joist_ctx *const ctx = open_ctx(1);
        struct bytes_source from = {.data = sample.data, .size = sample.size};
        struct joist_parquet_file *file = NULL;
        struct ArrowArrayStream stream;
        struct given given;
        struct ji_bytes text;
        struct reading reading = {.sample = &sample,
                .schema = side == 0 ? "s struct<a long>, q int" : "s struct<a int, b string>"};
        give(&reading, &given);
        ji_bytes_init(&text, ji_ctx_mem(ctx));
        assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
        const uint64_t before = from.reads;
        assert_ok(joist_parquet_read(file, &reading.options, &stream, NULL));
        joist_parquet_close(file);
        assert_ok(stream_text_of_arrays(ctx, &stream, &text, NULL));
        stream.release(&stream);
        reads[side] = from.reads - before;
        ji_bytes_clear(&text);
        give_back(&given);
        joist_ctx_close(ctx);
    }
    assert_int_equal(reads[1], 2 * reads[0]);
    free(sample.data);
}

static enum joist_status wanted_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct ji_bytes text;
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    const enum joist_status status = read_text(ctx, arg, &text, err);
    ji_bytes_clear(&text);
    return status;
}

static void failing_allocations_fail_the_read_and_leak_nothing(void **state)
{
    (void)state;
    const struct sample sample = write_sample(1);
    for (int way = 0; way < 2; way++) {
        struct given given;
        struct reading reading = {.sample = &sample,
                .defaults = DEFAULTS,
                .by_batches = way == 1,
                .options = {.row_start = 250, .row_count = 12, .batch_rows = 5}};
        give(&reading, &given);
        oom_sweep(wanted_body, &reading);
        give_back(&given);
    }
    free(sample.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(columns_are_found_promoted_and_filled),
            cmocka_unit_test(a_writer_takes_wanted_columns_side_by_side),
            cmocka_unit_test(columns_without_ids_are_found_by_name),
            cmocka_unit_test(structs_of_lacking_children_keep_their_nulls_and_lengths),
            cmocka_unit_test(rows_of_lacking_columns_alone_are_as_many),
            cmocka_unit_test(a_large_default_makes_small_batches),
            cmocka_unit_test(what_does_not_become_the_other_is_refused_by_name),
            cmocka_unit_test(a_null_where_none_is_wanted_is_refused_with_its_row),
            cmocka_unit_test(options_that_contradict_a_schema_are_refused),
            cmocka_unit_test(columns_that_nobody_wants_are_not_read),
            cmocka_unit_test(failing_allocations_fail_the_read_and_leak_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
