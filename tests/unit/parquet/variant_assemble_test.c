/*
 * variant_assemble_test.c - shredded variants put together, case by case
 */
#include "support/test.h"

#include <stdio.h>

#include "arrow/value.h"
#include "support/group_arena.h"
#include "support/oom.h"
#include "support/variant_columns.h"

/* Dictionaries: none; a, b, c; c, a, b. */
#define NO_NAMES "\"metadata\":\"010000\""
#define NAMES                                                                                                \
    "\"metadata\":\"1103000102"                                                                              \
    "03616263\""
#define NAMES_MIXED                                                                                          \
    "\"metadata\":\"0103000102"                                                                              \
    "03636162\""

/* The rows as JSON, one after another, or what is wrong. */
static const char *rows_of(const char *fields, const char *rows)
{
    struct variant_columns columns;
    struct ji_column out;
    struct ji_bytes text;
    struct joist_error err = {.status = JOIST_OK};
    const char *kept = NULL;
    ji_bytes_init(&text, ji_ctx_mem(group_ctx));
    enum joist_status status = variant_columns_open(group_ctx, fields, rows, &columns, &err);
    if (status == JOIST_OK)
        status = ji_variant_assemble(&columns.assembly, &columns.storage, &out, &err);
    for (size_t row = 0; status == JOIST_OK && row < out.row_count; row++) {
        assert_ok(ji_column_json(&out, row, &text, NULL));
        assert_ok(ji_bytes_append_byte(&text, '\n', NULL));
    }
    if (status == JOIST_OK)
        assert_ok(ji_arena_text(&group_arena, ji_view_of(text.data, text.size), &kept, NULL));
    else
        assert_ok(ji_arena_text(&group_arena, ji_view_of_text(err.text), &kept, NULL));
    variant_columns_close(&columns);
    ji_bytes_clear(&text);
    return kept;
}

#define ROW(text) "{\"v\":{" text "}}\n"
#define NULL_ROW "{\"v\":null}\n"
#define GROUP(type) "metadata binary, value binary, typed_value " type
#define FIELD(type) "struct<value binary, typed_value " type ">"

static void plain_variants_pass_through(void **state)
{
    (void)state;
    assert_string_equal(
            rows_of("metadata binary required, value binary required",
                    ROW(NO_NAMES ",\"value\":\"0c22\"") NULL_ROW ROW(NO_NAMES ",\"value\":\"00\"")),
            "34\nnull\nnull\n");
    /* In the other order, and optional: a missing value is null. */
    assert_string_equal(rows_of("value binary, metadata binary required", ROW(NO_NAMES)), "null\n");
    assert_string_equal(
            rows_of("metadata binary required, value binary required", ROW(NO_NAMES ",\"value\":\"1400\"")),
            "variant 0: variant ends within its int32");
}

static void scalars_take_the_type_of_their_column(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *value;
        const char *json;
        enum ji_variant_type variant;
    } cases[] = {
            {"boolean", "true", "true\n", JI_VARIANT_TRUE},
            {"int8", "-3", "-3\n", JI_VARIANT_INT8},
            {"int16", "-300", "-300\n", JI_VARIANT_INT16},
            {"int", "70000", "70000\n", JI_VARIANT_INT32},
            {"long", "7", "7\n", JI_VARIANT_INT64},
            {"float", "0.1", "0.1\n", JI_VARIANT_FLOAT},
            {"double", "0.1", "0.1\n", JI_VARIANT_DOUBLE},
            {"decimal(9, 2)", "-1.25", "-1.25\n", JI_VARIANT_DECIMAL4},
            {"decimal(18, 2)", "-1.25", "-1.25\n", JI_VARIANT_DECIMAL8},
            {"decimal(38, 2)", "-1.25", "-1.25\n", JI_VARIANT_DECIMAL16},
            {"date", "\"2024-01-30\"", "\"2024-01-30\"\n", JI_VARIANT_DATE},
            {"time", "\"01:02:03.5\"", "\"01:02:03.500\"\n", JI_VARIANT_TIME},
            {"timestamp", "\"2024-01-30T00:00:00\"", "\"2024-01-30T00:00:00\"\n",
                    JI_VARIANT_TIMESTAMP_MICROS},
            {"timestamptz", "\"2024-01-30T00:00:00Z\"", "\"2024-01-30T00:00:00Z\"\n",
                    JI_VARIANT_TIMESTAMP_MICROS_UTC},
            {"timestamp_ns", "\"2024-01-30T00:00:00\"", "\"2024-01-30T00:00:00\"\n",
                    JI_VARIANT_TIMESTAMP_NANOS},
            {"timestamptz_ns", "\"2024-01-30T00:00:00Z\"", "\"2024-01-30T00:00:00Z\"\n",
                    JI_VARIANT_TIMESTAMP_NANOS_UTC},
            {"string", "\"iceberg\"", "\"iceberg\"\n", JI_VARIANT_STRING},
            {"binary", "\"0a0b\"", "\"Cgs=\"\n", JI_VARIANT_BINARY},
            {"uuid", "\"01020304-0506-0708-090a-0b0c0d0e0f10\"", "\"01020304-0506-0708-090a-0b0c0d0e0f10\"\n",
                    JI_VARIANT_UUID},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char fields[128];
        char row[256];
        struct variant_columns columns;
        struct joist_error err;
        (void)snprintf(fields, sizeof fields, GROUP("%s"), cases[index].type);
        (void)snprintf(row, sizeof row, ROW(NO_NAMES ",\"typed_value\":%s"), cases[index].value);
        assert_string_equal(rows_of(fields, row), cases[index].json);
        assert_ok(variant_columns_open(group_ctx, fields, row, &columns, &err));
        assert_int_equal(columns.assembly.shape->top.type, cases[index].variant);
        variant_columns_close(&columns);
    }
}

static void types_that_variants_lack_are_refused(void **state)
{
    (void)state;
    static const char *const types[] = {"uint32", "fixed(4)", "timestamp_ms", "time_ns"};
    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        char fields[128];
        (void)snprintf(fields, sizeof fields, GROUP("%s"), types[index]);
        const char *const text = rows_of(fields, NULL_ROW);
        if (strstr(text, "column 'v': variant shredded as") == NULL)
            fail_msg("%s: %s", types[index], text);
    }
    assert_string_equal(
            rows_of(GROUP("map<string, int>"), NULL_ROW), "column 'v': variant shredded as a map");
}

static void groups_that_break_the_rules_are_refused(void **state)
{
    (void)state;
    assert_string_equal(rows_of("value binary", NULL_ROW), "column 'v': variant without metadata");
    assert_string_equal(rows_of("metadata binary", NULL_ROW),
            "column 'v': variant: neither value nor typed_value in 'v'");
    assert_string_equal(rows_of("metadata string, value binary", NULL_ROW),
            "column 'v': variant: metadata is not one binary column");
    assert_string_equal(rows_of("metadata binary, value string", NULL_ROW),
            "column 'v': variant: value of 'v' is not binary");
    assert_string_equal(rows_of("metadata binary, value list<binary>", NULL_ROW),
            "column 'v': variant: value of 'v' is not binary");
    assert_string_equal(rows_of("metadata binary, value binary, more int", NULL_ROW),
            "column 'v': variant: field 'more' in 'v'");
    assert_string_equal(rows_of(GROUP("struct<a int>"), NULL_ROW),
            "column 'v': variant: 'a' is no group of value and typed_value");
    assert_string_equal(rows_of(GROUP("struct<a struct<metadata binary, value binary>>"), NULL_ROW),
            "column 'v': variant: field 'metadata' in 'a'");
}

#define OBJECT GROUP("struct<c " FIELD("long") ", a " FIELD("string") ">")

static void objects_are_made_of_the_fields_that_are_there(void **state)
{
    (void)state;
    assert_string_equal(
            rows_of(OBJECT,
                    ROW(NAMES ",\"typed_value\":{\"a\":{\"typed_value\":\"x\"},\"c\":{\"typed_value\":7}}")
                            ROW(NAMES ",\"typed_value\":{\"a\":{\"value\":\"0c05\"},\"c\":{}}")
                                    ROW(NAMES ",\"typed_value\":{\"a\":{},\"c\":{\"value\":\"00\"}}")
                                            ROW(NAMES ",\"typed_value\":{\"a\":null,\"c\":null}")
                                                    ROW(NAMES ",\"value\":\"0c09\"") ROW(NAMES) NULL_ROW),
            "{\"a\":\"x\",\"c\":7}\n{\"a\":5}\n{\"c\":null}\n{}\n9\nnull\nnull\n");
}

static void objects_take_in_what_is_not_shredded(void **state)
{
    (void)state;
    /* {"b": true} beside the typed fields, with both dictionaries. */
    assert_string_equal(
            rows_of(OBJECT,
                    ROW(NAMES ",\"value\":\"020101000104\",\"typed_value\":{\"a\":{\"typed_value\":\"x\"},"
                              "\"c\":{\"typed_value\":7}}")
                            ROW(NAMES_MIXED ",\"value\":\"020102000104\",\"typed_value\":{\"a\":{},"
                                            "\"c\":{\"typed_value\":7}}")
                                    ROW(NAMES ",\"value\":\"020000\",\"typed_value\":{\"a\":{},\"c\":{}}")),
            "{\"a\":\"x\",\"b\":true,\"c\":7}\n{\"b\":true,\"c\":7}\n{}\n");
}

static void fields_in_any_order_are_put_in_theirs(void **state)
{
    (void)state;
    /* {"c": true, "b": false}, as all there is and beside typed fields. */
    assert_string_equal(
            rows_of("metadata binary required, value binary required",
                    ROW(NAMES ",\"value\":\"020202010001020408\"") ROW(NAMES ",\"value\":\"00\"")),
            "{\"b\":false,\"c\":true}\nnull\n");
    assert_string_equal(rows_of(GROUP("struct<a " FIELD("long") ">"),
                                ROW(NAMES ",\"value\":\"020202010001020408\",\"typed_value\":"
                                          "{\"a\":{\"typed_value\":1}}")),
            "{\"a\":1,\"b\":false,\"c\":true}\n");
    assert_string_equal(rows_of("metadata binary required, value binary required",
                                ROW(NAMES ",\"value\":\"020202020001020408\"")),
            "variant 0: variant object with two fields 'c'");
}

static void objects_that_break_the_rules_are_refused(void **state)
{
    (void)state;
    assert_string_equal(rows_of(OBJECT, NULL_ROW ROW(NAMES ",\"value\":\"0c01\",\"typed_value\":{}")),
            "variant 1: int8 beside shredded fields of an object");
    assert_string_equal(
            rows_of(OBJECT, ROW(NAMES ",\"value\":\"020100000104\",\"typed_value\":{\"a\":{},\"c\":{}}")),
            "variant 0: field 'a' is shredded and stands in the value too");
    assert_string_equal(
            rows_of(OBJECT, ROW(NAMES ",\"typed_value\":{\"a\":{\"typed_value\":\"x\",\"value\":\"00\"}}")),
            "variant 0: value and typed_value at once");
    assert_string_equal(rows_of(OBJECT, ROW(NAMES ",\"typed_value\":{\"a\":{\"value\":\"01ff\"}}")),
            "variant 0: variant value with 1 bytes behind it");
    assert_string_equal(rows_of(GROUP("int"), ROW("\"typed_value\":1")), "variant 0: value without metadata");
    assert_string_equal(rows_of(GROUP("int"), ROW("\"metadata\":\"\",\"typed_value\":1")),
            "variant 0: variant metadata is empty");
    assert_string_equal(rows_of(GROUP("int"), ROW(NO_NAMES ",\"value\":\"00\",\"typed_value\":1")),
            "variant 0: value and typed_value at once");
}

/* The dictionaries that the rows got, one after another. */
static void assert_dictionaries(const char *fields, const char *rows, const struct ji_view *wanted)
{
    struct variant_columns columns;
    struct ji_column out;
    struct joist_error err;
    assert_ok(variant_columns_open(group_ctx, fields, rows, &columns, &err));
    assert_ok(ji_variant_assemble(&columns.assembly, &columns.storage, &out, &err));
    for (size_t row = 0; row < out.row_count; row++) {
        const struct ji_view dictionary = ji_column_value(&out.children[0], row).as.view;
        assert_int_equal(dictionary.size, wanted[row].size);
        assert_memory_equal(dictionary.data, wanted[row].data, wanted[row].size);
    }
    variant_columns_close(&columns);
}

#define BYTES(text) ji_view_of((const uint8_t *)(text), sizeof(text) - 1)

static void names_that_a_dictionary_lacks_are_added_to_it(void **state)
{
    (void)state;
    const char *const sorted = ROW(NAMES ",\"typed_value\":{\"a\":{\"typed_value\":\"x\"},\"z\":{}}")
            ROW(NAMES ",\"typed_value\":{\"a\":{},\"z\":{\"typed_value\":7}}")
                    ROW(NAMES ",\"value\":\"020101000104\",\"typed_value\":{\"a\":{},\"z\":{}}");
    const char *const fields = GROUP("struct<z " FIELD("long") ", a " FIELD("string") ">");
    assert_string_equal(rows_of(fields, sorted), "{\"a\":\"x\"}\n{\"z\":7}\n{\"b\":true}\n");
    /* From the row on that needs it, as long as the dictionary is the same. */
    const struct ji_view three = BYTES("\x11\3\0\1\2\3"
                                       "abc");
    const struct ji_view four = BYTES("\x11\4\0\1\2\3\4"
                                      "abcz");
    assert_dictionaries(fields, sorted, (const struct ji_view[]){three, four, four});

    /* Not sorted any more, and not at all before. */
    const char *const none = ROW(NO_NAMES ",\"typed_value\":{\"z\":{\"typed_value\":7},\"a\":{}}")
            ROW(NO_NAMES ",\"typed_value\":{\"z\":{},\"a\":{\"typed_value\":\"x\"}}")
                    ROW(NAMES_MIXED ",\"typed_value\":{\"z\":{\"typed_value\":8},\"a\":{\"value\":\"00\"}}");
    assert_string_equal(rows_of(fields, none), "{\"z\":7}\n{\"a\":\"x\"}\n{\"a\":null,\"z\":8}\n");
    assert_dictionaries(fields, none,
            (const struct ji_view[]){BYTES("\x11\1\0\1"
                                           "z"),
                    BYTES("\1\2\0\1\2"
                          "za"),
                    BYTES("\1\4\0\1\2\3\4"
                          "cabz")});
}

static void a_name_that_objects_share_is_added_once(void **state)
{
    (void)state;
    const char *const fields = GROUP("struct<a " FIELD("struct<a " FIELD("int") ", d " FIELD(
            "int") ">") ", d " FIELD("list<" FIELD("struct<a " FIELD("int") ">") ">") ">");
    const char *const row =
            ROW(NO_NAMES ",\"typed_value\":{\"a\":{\"typed_value\":{\"a\":{\"typed_value\":1},"
                         "\"d\":{\"typed_value\":2}}},\"d\":{\"typed_value\":[{\"typed_value\":{\"a\":{"
                         "\"typed_value\":3}}}]}}");
    assert_string_equal(rows_of(fields, row), "{\"a\":{\"a\":1,\"d\":2},\"d\":[{\"a\":3}]}\n");
    assert_dictionaries(fields, row,
            (const struct ji_view[]){BYTES("\x11\2\0\1\2"
                                           "ad")});
}

static void arrays_have_all_their_elements(void **state)
{
    (void)state;
    assert_string_equal(
            rows_of(GROUP("list<" FIELD("string") ">"),
                    ROW(NO_NAMES ",\"typed_value\":[{\"typed_value\":\"x\"},{\"value\":\"0c05\"},{},null]")
                            ROW(NO_NAMES ",\"typed_value\":[]") ROW(NO_NAMES ",\"value\":\"08\"")),
            "[\"x\",5,null,null]\n[]\nfalse\n");
    assert_string_equal(rows_of(GROUP("list<struct<value binary>>"),
                                ROW(NO_NAMES ",\"typed_value\":[{\"value\":\"030000\"}]")),
            "[[]]\n");
    assert_string_equal(rows_of(GROUP("list<" FIELD("int") ">"),
                                ROW(NO_NAMES ",\"value\":\"030000\",\"typed_value\":[]")),
            "variant 0: value and typed_value at once");
}

static void nesting_of_both_kinds_is_put_together(void **state)
{
    (void)state;
    assert_string_equal(
            rows_of(GROUP("list<" FIELD(
                            "struct<a " FIELD("list<" FIELD("int") ">") ", b " FIELD("int") ">") ">"),
                    ROW(NAMES
                            ",\"typed_value\":[{\"typed_value\":{\"a\":{\"typed_value\":[{\"typed_value\":1},"
                            "{\"typed_value\":2}]},\"b\":{}}},{\"typed_value\":{\"a\":{},"
                            "\"b\":{\"typed_value\":3}},\"value\":\"020102000104\"}]")),
            "[{\"a\":[1,2]},{\"b\":3,\"c\":true}]\n");
}

static void a_batch_is_forgotten_by_the_next(void **state)
{
    (void)state;
    struct variant_columns columns;
    struct ji_column out;
    struct joist_error err;
    assert_ok(variant_columns_open(group_ctx, OBJECT,
            ROW(NAMES ",\"typed_value\":{\"a\":{\"typed_value\":\"x\"}}"), &columns, &err));
    for (size_t round = 0; round < 3; round++) {
        assert_ok(ji_variant_assemble(&columns.assembly, &columns.storage, &out, &err));
        assert_int_equal(out.row_count, 1);
        assert_int_equal(columns.assembly.builder.out.size, 7);
    }
    assert_string_equal(out.field->extension_name, "arrow.parquet.variant");
    assert_false(out.field->children[1].nullable);
    variant_columns_close(&columns);
}

static enum joist_status assemble_all(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct variant_columns *const columns = arg;
    struct ji_variant_assembly assembly;
    struct ji_arena arena;
    struct ji_column out;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    enum joist_status status = ji_variant_assembly_init(
            &assembly, &arena, ji_ctx_mem(ctx), columns->schema.shapes[0].variant, err);
    if (status == JOIST_OK) {
        status = ji_variant_assemble(&assembly, &columns->storage, &out, err);
        ji_variant_assembly_clear(&assembly);
    }
    ji_arena_clear(&arena);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct variant_columns columns;
    struct joist_error err;
    assert_ok(variant_columns_open(group_ctx, OBJECT,
            ROW(NAMES_MIXED ",\"value\":\"020102000104\",\"typed_value\":{\"a\":{\"typed_value\":\"x\"}}")
                    ROW(NAMES ",\"value\":\"00\"")
                            ROW(NO_NAMES ",\"typed_value\":{\"a\":{\"typed_value\":\"x\"}}"),
            &columns, &err));
    oom_sweep(assemble_all, &columns);
    variant_columns_close(&columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(plain_variants_pass_through),
            cmocka_unit_test(scalars_take_the_type_of_their_column),
            cmocka_unit_test(types_that_variants_lack_are_refused),
            cmocka_unit_test(groups_that_break_the_rules_are_refused),
            cmocka_unit_test(objects_are_made_of_the_fields_that_are_there),
            cmocka_unit_test(objects_take_in_what_is_not_shredded),
            cmocka_unit_test(fields_in_any_order_are_put_in_theirs),
            cmocka_unit_test(objects_that_break_the_rules_are_refused),
            cmocka_unit_test(names_that_a_dictionary_lacks_are_added_to_it),
            cmocka_unit_test(a_name_that_objects_share_is_added_once),
            cmocka_unit_test(arrays_have_all_their_elements),
            cmocka_unit_test(nesting_of_both_kinds_is_put_together),
            cmocka_unit_test(a_batch_is_forgotten_by_the_next),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
