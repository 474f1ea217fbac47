/*
 * shred_columns_test.c - variants into columns of their own and back; annotations that are asked for
 */
#include "support/test.h"

#include "arrow/arrow_schema.h"
#include "arrow/batch_stream.h"
#include "parquet/format/variant_shape.h"
#include "parquet/parquet_file_writer.h"
#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#include <stdlib.h>

#define LOCATION "memory:shredded.parquet"

/* Dictionaries: none; a, b, c. */
#define NO_NAMES "\"metadata\":\"010000\""
#define NAMES "\"metadata\":\"110300010203616263\""
#define ROW(text) "{\"v\":{" text "}}\n"
#define VALUE(text) ROW(NAMES ",\"value\":\"" text "\"")
#define VARIANT "v struct<metadata binary required, value binary required>"

/* What is written, with what, and, where the file is read without knowing what variants are, as what. */
struct file_case {
    const char *schema;
    const char *rows;
    const struct joist_parquet_column_options *columns;
    size_t column_count;
    bool int96;
    struct ji_bytes *text; /* the rows as they are read; NULL: not wanted */
};

static void call_variants(struct ji_field *field)
{
    const bool is_variant = field->kind == JI_STRUCT && field->child_count > 0 &&
            strcmp(field->children[0].name, "metadata") == 0;
    if (is_variant)
        field->extension_name = JI_VARIANT_EXTENSION;
    for (size_t i = 0; i < field->child_count; i++)
        call_variants(&field->children[i]);
}

static enum joist_status read_rows(struct joist_ctx *ctx, struct ji_arena *arena,
        const struct ji_schema *schema, const struct file_case *c, struct ArrowArrayStream *stream,
        struct joist_error *err)
{
    struct bytes_source *bytes = NULL;
    struct ArrowSchema arrow;
    JI_TRY(ji_arena_array(arena, 1, sizeof *bytes, &bytes, err));
    *bytes = (struct bytes_source){.data = (const uint8_t *)c->rows, .size = strlen(c->rows)};
    JI_TRY(ji_schema_export(ji_ctx_mem(ctx), schema, &arrow, err));
    const struct joist_text_options options = {.struct_size = sizeof options, .schema = &arrow};
    const enum joist_status status = joist_ndjson_open(ctx, bytes_source(bytes), &options, stream, err);
    arrow.release(&arrow);
    return status;
}

static enum joist_status append_all(
        struct joist_parquet_writer *writer, struct ji_batch_stream *rows, struct joist_error *err)
{
    for (;;) {
        const struct ji_batch *batch = NULL;
        JI_TRY(ji_stream_next(rows, &batch, err));
        if (batch == NULL)
            return JOIST_OK;
        JI_TRY(ji_parquet_writer_append(writer, batch, err));
    }
}

static enum joist_status write_rows(struct joist_ctx *ctx, const struct ji_schema *schema,
        const struct file_case *c, struct ji_batch_stream *rows, struct joist_error *err)
{
    struct joist_sink sink = {.ops = NULL};
    struct joist_parquet_writer *writer = NULL;
    const struct joist_parquet_write_options options = {.struct_size = sizeof options,
            .columns = c->columns,
            .column_count = c->column_count,
            .int96 = c->int96};
    JI_TRY(joist_sink_open(ctx, LOCATION, JOIST_SINK_REPLACE, &sink, err));
    enum joist_status status =
            ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, schema, &options, &writer, err);
    if (status != JOIST_OK) {
        joist_sink_abort(&sink);
        return status;
    }
    status = append_all(writer, rows, err);
    if (status == JOIST_OK)
        return joist_parquet_writer_finish(writer, NULL, err);
    joist_parquet_writer_abort(writer);
    return status;
}

static enum joist_status drain_file(struct joist_ctx *ctx, const struct file_case *c, struct joist_error *err)
{
    struct joist_source source = {.ops = NULL};
    struct parquet_drain drain = {.text = c->text};
    JI_TRY(joist_source_open(ctx, LOCATION, &source, err));
    return parquet_drain(ctx, source, &drain, err);
}

static enum joist_status run_case(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct file_case *const c = arg;
    enum joist_status status = JOIST_OK;
    struct ArrowArrayStream stream = {.release = NULL};
    struct ji_batch_stream rows = {.ops = NULL};
    struct ji_schema schema;
    struct ji_arena arena;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_schema_parse(&arena, ji_view_of_text(c->schema), &schema, err));
    JI_TRY_OUT(read_rows(ctx, &arena, &schema, c, &stream, err));
    JI_TRY_OUT(ji_stream_import(ctx, &stream, &rows, err));
    for (size_t i = 0; i < schema.column_count; i++)
        call_variants((struct ji_field *)(uintptr_t)&schema.columns[i]);
    JI_TRY_OUT(write_rows(ctx, &schema, c, &rows, err));
    JI_TRY_OUT(drain_file(ctx, c, err));

out:
    ji_stream_close(&rows);
    if (stream.release != NULL)
        stream.release(&stream);
    ji_arena_clear(&arena);
    return status;
}

#define COLUMN(...)                                                                                          \
    {                                                                                                        \
        .struct_size = sizeof(struct joist_parquet_column_options), __VA_ARGS__                              \
    }

/* The rows that are read, or what is wrong; and the file's schema. */
static void expect(struct file_case c, const char *rows, const char *elements)
{
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {.text = ""};
    struct ji_bytes text;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    c.text = &text;
    const enum joist_status status = run_case(ctx, &c, &err);
    if (status != JOIST_OK)
        assert_ok(ji_bytes_append_text(&text, err.text, NULL));
    assert_ok(ji_bytes_append_byte(&text, '\0', NULL));
    assert_string_equal((const char *)text.data, rows);
    if (elements != NULL) {
        struct joist_source source;
        struct joist_parquet_file *file = NULL;
        assert_ok(joist_source_open(ctx, LOCATION, &source, NULL));
        assert_ok(joist_parquet_open(ctx, source, NULL, &file, NULL));
        text.size = 0;
        for (size_t i = 1; i < file->footer.element_count; i++) {
            const struct ji_schema_element *const element = &file->footer.elements[i];
            assert_ok(ji_bytes_printf(&text, NULL, "%s%.*s", i > 1 ? " " : "", (int)element->name.size,
                    (const char *)element->name.data));
            if (element->logical.kind != JI_LOGICAL_NONE)
                assert_ok(ji_bytes_printf(&text, NULL, ":%s", ji_logical_name(element->logical.kind)));
            else if (element->physical == JI_PHYSICAL_INT96)
                assert_ok(ji_bytes_append_text(&text, ":INT96", NULL));
        }
        assert_ok(ji_bytes_append_byte(&text, '\0', NULL));
        joist_parquet_close(file);
        assert_string_equal((const char *)text.data, elements);
    }
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

static void expect_shredded(const char *type, const char *rows, const char *wanted, const char *elements)
{
    const struct joist_parquet_column_options columns[] = {COLUMN(.column = "v", .shredding = type)};
    expect((struct file_case){.schema = VARIANT, .rows = rows, .columns = columns, .column_count = 1}, wanted,
            elements);
}

/* 34; "ab"; null; 300 as int16; a null row; {"a": 1, "b": "x"}; [1, null]. */
#define OBJECT VALUE("020200010002040c010578")
#define MIXED                                                                                                \
    VALUE("0c22")                                                                                            \
    VALUE("096162") VALUE("00") VALUE("102c01") "{\"v\":null}\n" OBJECT VALUE("03020002030c0100")
#define MIXED_READ "[34]\n[\"ab\"]\n[null]\n[300]\n[null]\n[{\"a\":1,\"b\":\"x\"}]\n[[1,null]]\n"

static void scalars_go_where_their_type_is(void **state)
{
    (void)state;
    expect_shredded("long", MIXED, MIXED_READ, "v:VARIANT metadata value typed_value");
    expect_shredded("int8", MIXED, MIXED_READ, "v:VARIANT metadata value typed_value:INTEGER");
    expect_shredded("string", MIXED, MIXED_READ, "v:VARIANT metadata value typed_value:STRING");
    expect_shredded("double", MIXED, MIXED_READ, NULL);
    expect_shredded("boolean", VALUE("04") VALUE("08") VALUE("00"), "[true]\n[false]\n[null]\n", NULL);
}

static void objects_keep_what_has_no_column(void **state)
{
    (void)state;
    expect_shredded(
            "struct<a long>", MIXED, MIXED_READ, "v:VARIANT metadata value typed_value a value typed_value");
    expect_shredded("struct<b string, a struct<c int>>", MIXED, MIXED_READ, NULL);
    expect_shredded("struct<zz long>", MIXED, MIXED_READ, NULL);
}

static void lists_go_element_by_element(void **state)
{
    (void)state;
    expect_shredded("list<long>", MIXED, MIXED_READ,
            "v:VARIANT metadata value typed_value:LIST list element value typed_value");
    expect_shredded("list<struct<a int>>", MIXED, MIXED_READ, NULL);
}

/* {"b": "x", "a": 1}: the order that the format wants is the names'. */
static void fields_out_of_order_are_sorted(void **state)
{
    (void)state;
    expect_shredded("struct<a long>",
            VALUE("0202010000020"
                  "405780c01"),
            "[{\"a\":1,\"b\":\"x\"}]\n", NULL);
}

static void variants_that_break_the_format_are_named(void **state)
{
    (void)state;
    expect_shredded(
            "long", VALUE("0c22") VALUE("0c"), "column 'v': variant 2: variant ends within its int8", NULL);
}

static void types_that_variants_lack_are_refused(void **state)
{
    (void)state;
    expect_shredded("map<string, int>", MIXED, "column 'v': variant shredded as a map", NULL);
    expect_shredded("struct<a long", MIXED, "column 'v': shredding: type text ends where '>' is due", NULL);
    const struct joist_parquet_column_options columns[] = {COLUMN(.column = "i", .shredding = "long")};
    expect(
            (struct file_case){
                    .schema = "i long", .rows = "{\"i\":1}\n", .columns = columns, .column_count = 1},
            "column 'i': shredding: this is no variant", NULL);
}

static void variants_in_lists_are_shredded(void **state)
{
    (void)state;
    const struct joist_parquet_column_options columns[] = {
            COLUMN(.column = "l.list.element", .shredding = "long")};
    expect(
            (struct file_case){
                    .schema = "l list<struct<metadata binary required, value binary required>>, x int",
                    .rows = "{\"l\":[{" NO_NAMES ",\"value\":\"0c22\"},null,{" NO_NAMES
                            ",\"value\":\"096162\"}],\"x\":1}\n{\"l\":null,\"x\":2}\n",
                    .columns = columns,
                    .column_count = 1},
            "[[34,null,\"ab\"],1]\n[null,2]\n", "l:LIST list element:VARIANT metadata value typed_value x");
}

static void annotations_are_written_and_read(void **state)
{
    (void)state;
    const struct joist_parquet_column_options columns[] = {COLUMN(.column = "e", .as = JOIST_PARQUET_AS_ENUM),
            COLUMN(.column = "j.list.element", .as = JOIST_PARQUET_AS_JSON),
            COLUMN(.column = "b", .as = JOIST_PARQUET_AS_BSON),
            COLUMN(.column = "f", .as = JOIST_PARQUET_AS_FILE)};
    expect(
            (struct file_case){
                    .schema = "e list<string>, j list<string>, b binary, f struct<uri string, size long>",
                    .rows = "{\"e\":[\"x\"],\"j\":[\"{}\"],\"b\":\"0500000000\",\"f\":{\"uri\":\"u\","
                            "\"size\":3}}\n",
                    .columns = columns,
                    .column_count = 4},
            "[[\"x\"],[\"{}\"],\"0500000000\",{\"uri\":\"u\",\"size\":3}]\n",
            "e:LIST list element:ENUM j:LIST list element:JSON b:BSON f:FILE uri:STRING size");
}

static void annotations_go_with_types(void **state)
{
    (void)state;
    static const struct {
        enum joist_parquet_annotation as;
        const char *text;
    } cases[] = {{JOIST_PARQUET_AS_ENUM, "column 'i' cannot be ENUM in Parquet"},
            {JOIST_PARQUET_AS_FILE, "column 'i' cannot be FILE in Parquet"},
            {JOIST_PARQUET_AS_INT96, "column 'i' cannot be INT96 in Parquet"},
            {(enum joist_parquet_annotation)9, "column 'i': annotation 9 is unknown"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct joist_parquet_column_options columns[] = {COLUMN(.column = "i", .as = cases[i].as)};
        expect((struct file_case){.schema = "i struct<x long>",
                       .rows = "{\"i\":null}\n",
                       .columns = columns,
                       .column_count = 1},
                cases[i].text, NULL);
    }
    const struct joist_parquet_column_options columns[] = {
            COLUMN(.column = "z", .as = JOIST_PARQUET_AS_ENUM)};
    expect(
            (struct file_case){
                    .schema = "i int", .rows = "{\"i\":1}\n", .columns = columns, .column_count = 1},
            "options for 'z', which is no column", NULL);
}

static void timestamps_of_any_unit_go_into_12_bytes(void **state)
{
    (void)state;
    expect(
            (struct file_case){
                    .schema = "s timestamp_s, m timestamptz_ms, u list<timestamp>, n timestamp_ns, i int",
                    .rows = "{\"s\":\"1969-12-31T23:59:59\",\"m\":\"2020-01-01T00:00:00.001Z\",\"u\":[\"1700-"
                            "02-03T04:05:06."
                            "000007\",null],\"n\":\"1970-01-01T00:00:00.000000001\",\"i\":1}\n",
                    .int96 = true},
            "[\"1969-12-31T23:59:59\",\"2020-01-01T00:00:00.001\",[\"1700-02-03T04:05:06.000007\",null],"
            "\"1970-01-01T00:00:00.000000001\",1]\n",
            "s:INT96 m:INT96 u:LIST list element:INT96 n:INT96 i");
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    const struct joist_parquet_column_options columns[] = {
            COLUMN(.column = "v", .shredding = "struct<a long, b list<string>>")};
    struct file_case c = {.schema = VARIANT ", t timestamp",
            .rows = "{\"v\":{" NAMES ",\"value\":\"02020001000204"
                    "0c010578\"},\"t\":\"2020-01-01T00:00:00\"}\n",
            .columns = columns,
            .column_count = 1,
            .int96 = true};
    oom_sweep_sparse(run_case, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(scalars_go_where_their_type_is),
            cmocka_unit_test(objects_keep_what_has_no_column),
            cmocka_unit_test(lists_go_element_by_element),
            cmocka_unit_test(fields_out_of_order_are_sorted),
            cmocka_unit_test(variants_that_break_the_format_are_named),
            cmocka_unit_test(types_that_variants_lack_are_refused),
            cmocka_unit_test(variants_in_lists_are_shredded),
            cmocka_unit_test(annotations_are_written_and_read),
            cmocka_unit_test(annotations_go_with_types),
            cmocka_unit_test(timestamps_of_any_unit_go_into_12_bytes),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
