/*
 * ndjson_read_test.c - lines of JSON as rows: shapes, types, each way to be wrong, every split
 */
#include "support/text_case.h"

#include "base/ctx.h"

#include <stdio.h>

#define CHECK_ALL(cases, options)                                                                            \
    text_check_pairs(TEXT_NDJSON, options, cases, sizeof(cases) / sizeof(cases)[0])

static void shapes_are_inferred_by_union(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"{\"a\":1,\"b\":\"x\"}\n{\"b\":\"y\",\"a\":2}\n", "a long, b string\n1|\"x\"\n2|\"y\"\n"},
            {"{\"a\":1}\n{\"b\":true}\n{}\n", "a long, b boolean\n1|null\nnull|true\nnull|null\n"},
            {" { \"a\" : 1 } \r\n\r\n  \n{\"a\":2}", "a long\n1\n2\n"},
            {"{\"a\":1}\n{\"a\":2.5}\n{\"a\":1e2}\n", "a double\n1.0\n2.5\n100.0\n"},
            {"{\"a\":9223372036854775807}\n{\"a\":-9223372036854775808}\n",
                    "a long\n9223372036854775807\n-9223372036854775808\n"},
            {"{\"a\":1}\n{\"a\":123456789012345678901234567890}\n",
                    "a decimal(38, 0)\n1\n123456789012345678901234567890\n"},
            {"{\"a\":null}\n{\"a\":null}\n", "a string\nnull\nnull\n"},
            {"{\"a\":\"1\"}\n{\"a\":\"true\"}\n", "a string\n\"1\"\n\"true\"\n"},
            {"{\"a\":\"2026-11-21\"}\n", "a date\n\"2026-11-21\"\n"},
            {"{\"a\":\"2026-11-21T10:00:00\"}\n", "a timestamp\n\"2026-11-21T10:00:00\"\n"},
            {"{\"a\":\"2026-11-21T10:00:00.5Z\"}\n", "a timestamptz\n\"2026-11-21T10:00:00.500Z\"\n"},
            {"{\"a\":\"2026-11-21\"}\n{\"a\":\"soon\"}\n", "a string\n\"2026-11-21\"\n\"soon\"\n"},
            {"{\"a\":[1,2,null]}\n{\"a\":[]}\n{\"a\":null}\n{}\n",
                    "a list<long>\n[1,2,null]\n[]\nnull\nnull\n"},
            {"{\"a\":[]}\n", "a list<string>\n[]\n"},
            {"{\"a\":[[1],[2,3]]}\n", "a list<list<long>>\n[[1],[2,3]]\n"},
            {"{\"a\":{\"x\":1}}\n{\"a\":{\"y\":\"z\"}}\n{\"a\":null}\n",
                    "a struct<x long, y string>\n{\"x\":1,\"y\":null}\n{\"x\":null,\"y\":\"z\"}\nnull\n"},
            {"{\"a\":[{\"x\":1},{\"y\":[true]},null]}\n",
                    "a list<struct<x long, y list<boolean>>>\n"
                    "[{\"x\":1,\"y\":null},{\"x\":null,\"y\":[true]},null]\n"},
            {"{\"a\":\"q\\\"\\n\\u00e9\\ud83d\\ude00\"}\n{\"a\":\"\"}\n",
                    "a string\n\"q\\\"\\n\xC3\xA9\xF0\x9F\x98\x80\"\n\"\"\n"},
            {"{\"\":1,\"\\u0061\":2}\n", " long, a long\n1|2\n"},
            {"\xEF\xBB\xBF{\"a\":1}\n", "a long\n1\n"},
    };
    CHECK_ALL(cases, NULL);
}

static void decimals_are_inferred_where_asked_for(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"{\"a\":1.25}\n{\"a\":-0.50}\n", "a decimal(15, 2)\n1.25\n-0.50\n"},
            {"{\"a\":1.25}\n{\"a\":1}\n", "a double\n1.25\n1.0\n"},
    };
    CHECK_ALL(cases, (&(struct joist_text_options){.infer_decimals = true}));
}

static void bad_lines_are_refused_by_line_and_member(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"", "INVALID: t: no row to know the columns by"},
            {"\n  \n", "INVALID: t: no row to know the columns by"},
            {"{}\n", "INVALID: t: no row to know the columns by"},
            {"[1]\n", "INVALID: t: line 1: byte 1: an array where an object is due"},
            {"\n{\"a\":1\n", "INVALID: t: line 2: byte 7: the text ends within a value"},
            {"{\"a\":1}\n7\n", "INVALID: t: line 2: byte 1: a number where an object is due"},
            {"{\"a\":1}\n{\"a\":1}}\n", "INVALID: t: line 2: byte 8: text behind the value"},
            {"{\"a\":1}\n{\"a\":1} {\"a\":2}\n", "INVALID: t: line 2: byte 9: text behind the value"},
            {"{\"a\":1}\n{\"a\":2,\"a\":3}\n", "INVALID: t: line 2: member 'a': twice in one object"},
            {"{\"a\":{\"b\":1}}\n{\"a\":{\"b\":2,\"b\":3}}\n",
                    "INVALID: t: line 2: member 'a.b': twice in one object"},
            {"{\"a\":2,\"a\":3}\n", "INVALID: t: line 1: member 'a': twice in one object"},
            {"{\"a\":1}\n{\"a\":\"x\"}\n", "INVALID: t: line 2: member 'a': a string where long is due: 'x'"},
            {"{\"a\":\"x\"}\n{\"a\":1}\n",
                    "INVALID: t: line 2: member 'a': a number where string is due: '1'"},
            {"{\"a\":\"x\"}\n{\"a\":true}\n",
                    "INVALID: t: line 2: member 'a': a boolean where string is due"},
            {"{\"a\":{\"b\":[1]}}\n{\"a\":{\"b\":[1,{}]}}\n",
                    "INVALID: t: line 2: member 'a.b[]': an object where long is due"},
            {"{\"a\":[1]}\n{\"a\":{}}\n",
                    "INVALID: t: line 2: member 'a': an object where list<long> is due"},
            {"{\"a\":{\"x\":1}}\n{\"a\":[]}\n",
                    "INVALID: t: line 2: member 'a': an array where struct<x long> is due"},
            {"{\"a\":\"x\"}\n{\"a\":\"b\tc\"}\n",
                    "INVALID: t: line 2: byte 8: a control character in a string"},
            {"{\"a\":\"x\"}\n{\"a\":\"\xFF\"}\n", "INVALID: t: line 2: byte 7: not UTF-8"},
            {"{\"a\":\"x\"}\n{\"a\":\"\\ud800\"}\n",
                    "INVALID: t: line 2: byte 7: a high surrogate without a low one"},
            {"{\"a\":1}\n{\"a\":01}\n", "INVALID: t: line 2: byte 6: a number with a leading zero"},
            {"{\"a\":1}\n{\"a\":NaN}\n", "INVALID: t: line 2: byte 6: no value that JSON knows"},
            {"{\"a\":{}}\n",
                    "UNSUPPORTED: t: member 'a': objects without members make no column: give a schema"},
            {"{\"a\":123456789012345678901234567890123456789}\n",
                    "INVALID: t: line 1: member 'a': a number where string is due: "
                    "'123456789012345678901234567890123456789'"},
            {"{\"a\\u0000b\":1}\n", "INVALID: t: line 1: a member's name with a zero byte"},
    };
    CHECK_ALL(cases, NULL);
}

static void check_schema(const char *schema_text, const char *text, const char *wanted)
{
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    struct ji_schema schema;
    struct ji_bytes out;
    struct joist_error err = {.text = ""};
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = strlen(text)};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_ok(ji_schema_parse(&arena, ji_view_of_text(schema_text), &schema, &err));
    const struct text_reading reading = {
            .form = TEXT_NDJSON,
            .schema = &schema,
            .options = {.struct_size = sizeof reading.options, .sample_bytes = 1},
    };
    const enum joist_status status = text_read_all(ctx, &reading, &source, &out, &err);
    assert_string_equal(status == JOIST_OK ? strchr((const char *)out.data, '\n') + 1 : err.text, wanted);
    ji_bytes_clear(&out);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

static void given_schema_is_held(void **state)
{
    (void)state;
    check_schema("a int, b string", "{\"b\":\"x\"}\n", "null|\"x\"\n");
    check_schema("a int, b string", "", "");
    check_schema("a int", "{\"a\":1}\n{\"c\":1}\n",
            "t: line 2: member 'c': not in the schema, or not in the sample it was taken from");
    check_schema("a int required, b int", "{\"b\":1}\n",
            "t: line 1: member 'a': null or missing, and it is required");
    check_schema("a struct<x int required>", "{\"a\":{}}\n",
            "t: line 1: member 'a.x': null or missing, and it is required");
    check_schema("a list<int required>", "{\"a\":[1,null]}\n",
            "t: line 1: member 'a[]': null or missing, and it is required");
    check_schema("a map<string,int>", "{\"a\":{\"x\":1,\"y\":null}}\n{\"a\":[{\"key\":\"z\",\"value\":3}]}\n",
            "[{\"key\":\"x\",\"value\":1},{\"key\":\"y\",\"value\":null}]\n[{\"key\":\"z\",\"value\":3}]\n");
    check_schema("a map<int,int>", "{\"a\":{\"1\":1}}\n",
            "t: line 1: member 'a': an object where map<int, int> is due");
}

static void each_type_takes_and_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *good;
        const char *json; /* NULL: as given */
        const char *bad;
        const char *reason;
    } cases[] = {
            {"boolean", "true", NULL, "1", "a number where boolean is due: '1'"},
            {"int", "-2147483648", NULL, "2147483648", "'2147483648' is out of range for int"},
            {"int", "5", NULL, "\"5\"", "a string where int is due: '5'"},
            {"long", "12345678901234567", NULL, "1.5", "'1.5' is no long"},
            {"long", "0", NULL, "1e3", "'1e3' is no long"},
            {"float", "1.5", NULL, "1e39", "'1e39' is out of range for float"},
            {"double", "\"nan\"", NULL, "\"1.5\"", "a string where double is due: '1.5'"},
            {"double", "\"-inf\"", NULL, "1e309", "'1e309' is out of range for double"},
            {"double", "9007199254740992", "9007199254740992.0", "9007199254740993",
                    "a number where double is due: '9007199254740993'"},
            {"double", "-123456789012345680000", "-1.2345678901234568e+20", "123456789012345678901",
                    "a number where double is due: '123456789012345678901'"},
            {"double", "18446744073709551616", "1.8446744073709552e+19", "18446744073709551617",
                    "a number where double is due: '18446744073709551617'"},
            {"decimal(5,2)", "-1.5", "-1.50", "1000", "'1000' is out of range for decimal(5, 2)"},
            {"decimal(5,2)", "\"7.25\"", "7.25", "\"x\"", "'x' is no decimal(5, 2)"},
            {"decimal(38,0)", "99999999999999999999999999999999999999", NULL, "0.5",
                    "'0.5' has too many fraction digits for decimal(38, 0)"},
            {"date", "\"2024-02-29\"", NULL, "20240229", "a number where date is due: '20240229'"},
            {"date", "\"2024-02-29\"", NULL, "\"2024-02-30\"", "'2024-02-30' is out of range for date"},
            {"time", "\"10:00:00\"", NULL, "\"10\"", "'10' is no time"},
            {"timestamp", "\"2024-02-29T10:00:00\"", NULL, "\"2024-02-29T10:00:00Z\"",
                    "'2024-02-29T10:00:00Z' is no timestamp"},
            {"timestamptz", "\"2024-02-29T10:00:00+01:00\"", "\"2024-02-29T09:00:00Z\"", "\"x\"",
                    "'x' is no timestamptz"},
            {"uuid", "\"f79c3e09-677c-4bbd-a479-3f349cb785e7\"", NULL, "\"f79c\"", "'f79c' is no uuid"},
            {"fixed(1)", "\"0a\"", NULL, "\"0a0b\"", "2 bytes where fixed(1) is due"},
            {"binary", "\"0a\"", NULL, "\"0\"", "'0' is no hexadecimal"},
            {"string", "\"x\"", NULL, "[]", "an array where string is due"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char schema[80];
        char text[300];
        char wanted[300];
        (void)snprintf(schema, sizeof schema, "k long, v %s", cases[i].type);
        (void)snprintf(text, sizeof text, "{\"k\":1,\"v\":%s}\n{\"k\":2,\"v\":null}\n", cases[i].good);
        (void)snprintf(wanted, sizeof wanted, "1|%s\n2|null\n",
                cases[i].json == NULL ? cases[i].good : cases[i].json);
        check_schema(schema, text, wanted);
        (void)snprintf(
                text, sizeof text, "{\"k\":1,\"v\":%s}\n\n{\"k\":2,\"v\":%s}\n", cases[i].good, cases[i].bad);
        (void)snprintf(wanted, sizeof wanted, "t: line 3: member 'v': %s", cases[i].reason);
        check_schema(schema, text, wanted);
    }
}

static void types_are_overridden_by_name(void **state)
{
    (void)state;
    static const char *const types[] = {"a=decimal(9,2)", "b=string"};
    static const struct text_pair cases[] = {
            {"{\"a\":1,\"b\":\"2026-11-21\"}\n", "a decimal(9, 2), b string\n1.00|\"2026-11-21\"\n"},
    };
    CHECK_ALL(cases, (&(struct joist_text_options){.types = types, .type_count = 2}));
}

static void members_not_in_the_sample_are_refused(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes out;
    struct joist_error err;
    static const char text[] = "{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n{\"a\":1,\"c\":2}\n";
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = sizeof text - 1};
    const struct text_reading reading = {
            .form = TEXT_NDJSON, .options = {.struct_size = sizeof reading.options, .sample_bytes = 20}};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(
            err.text, "t: line 3: member 'c': not in the schema, or not in the sample it was taken from");
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

/* Read with a sample of the first line, and once more with what the rest wanted. */
static void check_widening(const char *text, const char *type, const char *first_error, const char *wanted)
{
    for (unsigned way = 0; way < 8; way++) {
        struct joist_ctx *ctx = NULL;
        struct ji_bytes out;
        struct joist_error err = {.text = ""};
        struct joist_text_widening widening = {.due = true};
        struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = strlen(text)};
        const struct joist_ctx_options ctx_options = {
                .struct_size = sizeof ctx_options, .threads = 1 + way / 4};
        struct text_reading reading = {
                .form = TEXT_NDJSON,
                .options = {.struct_size = sizeof reading.options,
                        .sample_bytes = 1,
                        .widening = &widening,
                        .types = &type,
                        .type_count = type == NULL ? 0 : 1},
                .tuning = {.part_bytes = 9 + way, .parts = 1 + way % 3},
                .sequential = way % 2 != 0,
        };
        assert_ok(joist_ctx_open(&ctx_options, &ctx, NULL));
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
        assert_string_equal(err.text, first_error);
        assert_int_equal(widening.due, wanted != NULL);
        if (wanted != NULL) {
            out.size = 0;
            reading.options.schema = &widening.schema;
            reading.options.widening = NULL;
            reading.options.type_count = 0;
            assert_ok(text_read_all(ctx, &reading, &source, &out, &err));
            assert_string_equal((const char *)out.data, wanted);
            widening.schema.release(&widening.schema);
        }
        ji_bytes_clear(&out);
        joist_ctx_close(ctx);
    }
}

static void types_widen_to_what_all_rows_hold(void **state)
{
    (void)state;
    static const char head[] = "{\"a\":1,\"b\":null,\"c\":[],\"d\":\"2026-11-21\"}\n";
    char text[600];
    (void)snprintf(text, sizeof text, "%s%s%s", head, "{\"a\":2}\n\n{\"a\":2.5,\"b\":7}\n{\"c\":[1,null]}\n",
            "{\"d\":\"soon\",\"e\":{\"x\":true}}\n{\"e\":{\"y\":12345678901234567890}}\n");
    check_widening(text, NULL, "t: line 4: member 'a': '2.5' is no long",
            "a double, b long, c list<long>, d string, e struct<x boolean, y decimal(38, 0)>\n"
            "1.0|null|[]|\"2026-11-21\"|null\n2.0|null|null|null|null\n2.5|7|null|null|null\n"
            "null|null|[1,null]|null|null\nnull|null|null|\"soon\"|{\"x\":true,\"y\":null}\n"
            "null|null|null|null|{\"x\":null,\"y\":12345678901234567890}\n");
    check_widening(
            "{\"a\":1}\n{\"a\":2.5}\n{\"a\":\"x\"}\n", NULL, "t: line 2: member 'a': '2.5' is no long", NULL);
    check_widening("{\"a\":1}\n{\"a\":2.5}\n{\"a\":1,\"a\":2}\n", NULL,
            "t: line 2: member 'a': '2.5' is no long", NULL);
    check_widening(
            "{\"a\":1}\n{\"a\":2.5}\n{\"a\":}\n", NULL, "t: line 3: byte 6: no value that JSON knows", NULL);
    check_widening("{\"a\":1}\n{\"a\":2.5}\n", "a=long", "t: line 2: member 'a': '2.5' is no long", NULL);
    check_widening("{\"a\":1}\n{\"a\":2}\n{\"b\":2}\n", "a=int",
            "t: line 3: member 'b': not in the schema, or not in the sample it was taken from",
            "a int, b long\n1|null\n2|null\nnull|2\n");
}

static void samples_of_too_many_members_are_refused(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes text;
    struct joist_error err;
    struct ArrowArrayStream stream;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    for (size_t i = 0; i <= JI_NDJSON_MEMBERS_MAX; i++)
        assert_ok(ji_bytes_printf(&text, NULL, "%c\"m%zu\":1", i == 0 ? '{' : ',', i));
    assert_ok(ji_bytes_append_text(&text, "}\n", NULL));
    struct text_source source = {.name = "t", .data = text.data, .size = text.size};
    assert_status(joist_ndjson_open(ctx, text_source_of(&source), NULL, &stream, &err), JOIST_ERR_LIMIT);
    assert_string_equal(err.text, "t: line 1: more than 4096 different members in the sample: give a schema");
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

/* Parts of more than a batch, with nested columns, which are cut. */
static void rows_beyond_a_batch_come_in_order(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes text;
    const size_t rows = 150000;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    for (size_t i = 0; i < rows; i++)
        assert_ok(ji_bytes_printf(&text, NULL, "{\"s\":{\"n\":%zu},\"l\":[%zu],\"b\":%s}\n", i, i,
                i % 3 == 0 ? "null" : "true"));
    struct text_source source = {.name = "t", .data = text.data, .size = text.size};
    struct ji_batch_stream stream;
    const struct ji_text_tuning tuning = {.part_bytes = 3 << 20, .parts = 2};
    assert_ok(ji_ndjson_stream_open_tuned(ctx, text_source_of(&source), NULL, NULL, &tuning, &stream, NULL));
    size_t seen = 0;
    for (;;) {
        const struct ji_batch *batch = NULL;
        assert_ok(ji_stream_next(&stream, &batch, NULL));
        if (batch == NULL)
            break;
        assert_true(batch->row_count <= JI_BATCH_ROWS_MAX);
        const struct ji_column *list = &batch->columns[1];
        for (size_t i = 0; i < batch->row_count; i++, seen++) {
            const int64_t wanted = (int64_t)seen;
            assert_true(ji_column_value(&batch->columns[0].children[0], i).as.integer == wanted);
            assert_true(ji_column_value(&list->children[0], (size_t)list->offsets[i]).as.integer == wanted);
            assert_true(ji_column_value(&batch->columns[2], i).is_null == (seen % 3 == 0));
        }
    }
    assert_int_equal(seen, rows);
    ji_stream_close(&stream);
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(shapes_are_inferred_by_union),
            cmocka_unit_test(decimals_are_inferred_where_asked_for),
            cmocka_unit_test(bad_lines_are_refused_by_line_and_member),
            cmocka_unit_test(given_schema_is_held),
            cmocka_unit_test(each_type_takes_and_refuses),
            cmocka_unit_test(types_are_overridden_by_name),
            cmocka_unit_test(members_not_in_the_sample_are_refused),
            cmocka_unit_test(types_widen_to_what_all_rows_hold),
            cmocka_unit_test(samples_of_too_many_members_are_refused),
            cmocka_unit_test(rows_beyond_a_batch_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
