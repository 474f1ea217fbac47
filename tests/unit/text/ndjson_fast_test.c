/*
 * ndjson_fast_test.c - the short ways give what the exact reader gives, value by value and word by word
 */
#include "support/text_case.h"

#include "base/ctx.h"

#include <stdio.h>

static const struct joist_ctx_options one_thread = {.struct_size = sizeof one_thread, .threads = 1};

static bool read_one(struct joist_ctx *ctx, const struct ji_schema *schema, bool exact, const char *text,
        struct ji_bytes *out)
{
    struct joist_error err = {.text = ""};
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = strlen(text)};
    const struct text_reading reading = {
            .form = TEXT_NDJSON,
            .schema = schema,
            .options = {.struct_size = sizeof reading.options},
            .tuning = {.exact = exact},
    };
    const enum joist_status status = text_read_all(ctx, &reading, &source, out, &err);
    if (status != JOIST_OK)
        assert_ok(ji_bytes_printf(out, NULL, "%s", err.text));
    assert_ok(ji_bytes_append(out, "", 1, NULL));
    return status != JOIST_OK;
}

/* Reads it both ways; returns whether it was refused. */
static bool check_same(struct joist_ctx *ctx, const struct ji_schema *schema, const char *text)
{
    struct ji_bytes exact;
    struct ji_bytes fast;
    ji_bytes_init(&exact, ji_ctx_mem(ctx));
    ji_bytes_init(&fast, ji_ctx_mem(ctx));
    const bool exact_failed = read_one(ctx, schema, true, text, &exact);
    const bool fast_failed = read_one(ctx, schema, false, text, &fast);
    assert_string_equal((const char *)fast.data, (const char *)exact.data);
    assert_int_equal(fast_failed, exact_failed);
    ji_bytes_clear(&exact);
    ji_bytes_clear(&fast);
    return exact_failed;
}

/* Each value behind each type: taken or refused, both readers say the same. */
static void every_value_is_as_the_exact_reader_has_it(void **state)
{
    (void)state;
    static const char *const types[] = {"int", "long", "double", "float", "decimal(9,2)", "decimal(18,0)",
            "decimal(38,10)", "date", "timestamp", "timestamptz", "string", "boolean", "list<long>",
            "list<string>", "struct<x long, y string>", "map<string,double>", "uuid"};
    static const char *const values[] = {"0", "-0", "7", "-7", "01", "-01", "+1", "1.", ".5", "-", "--1",
            "0.5", "-0.0", "-0.05", "1.25", "1.255", "1e3", "1E+3", "1e", "12345678", "123456789",
            "1234567890123456", "12345678901234567", "123456789012345678", "9223372036854775807",
            "-9223372036854775808", "9223372036854775808", "2147483647", "-2147483648", "2147483648",
            "9007199254740993", "9007199254740992.5", "123456789.123456789", "1234567890123456.12",
            "0.1234567890123456", "0.12345678901234567", "651.593", "0.3", "1.7976931348623157e308",
            "99999999.99", "9999999.99", "10000000.00", "\"\"", "\"x\"", "\"a\\nb\"", "\"\\u00e9\"",
            "\"\\ud800\"", "\"\xC3\xA9\"", "\"\xC3\"", "\"a\tb\"", "\"sixteen bytes!!!\"",
            "\"seventeen bytes!!\"", "\"thirty-two bytes are two steps!!\"", "\"2026-11-21\"",
            "\"2026-02-29\"", "\"2026-11-21T10:00:00\"", "\"2026-11-21T10:00:00Z\"",
            "\"2026-11-21T10:00:00.123456Z\"", "\"2026-11-21T10:00:00.1234567Z\"",
            "\"2026-11-21T10:00:00+01:00\"", "\"2026-11-21T24:00:00Z\"", "true", "false", "truE", "tru",
            "falsy", "null", "nul", "nulll", "[]", "[1]", "[ 1 , 2 ]", "[1,]", "[,1]", "[1 2]", "[1",
            "[null,\"x\"]", "[[1]]", "{}", "{\"x\":1}", "{\"y\":\"q\",\"x\":2}", "{\"x\":1,\"x\":2}",
            "{ \"x\" : 1 , \"y\" : null }", "{\"x\":1,}", "{\"x\" 1}", "{\"z\":1}", "{\"k\":1.5,\"k\":2}",
            "\"f79c3e09-677c-4bbd-a479-3f349cb785e7\"", "\"open", "NaN", "\"nan\"", "1,2", ""};
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    size_t refused = 0;
    size_t taken = 0;
    assert_ok(joist_ctx_open(&one_thread, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct ji_schema schema;
        char text[300];
        (void)snprintf(text, sizeof text, "before long, v %s, after string", types[i]);
        assert_ok(ji_schema_parse(&arena, ji_view_of_text(text), &schema, NULL));
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
            (void)snprintf(text, sizeof text,
                    "{\"before\":1,\"v\":null}\n{\"before\":1,\"v\":%s,\"after\":\"z\"}\n{\"v\":%s}\n",
                    values[j], values[j]);
            if (check_same(ctx, &schema, text))
                refused++;
            else
                taken++;
        }
    }
    assert_true(refused > 500 && taken > 200);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

/* Lines in each order, with blanks in each place, with members that are missing, twice or strange. */
static void every_line_is_as_the_exact_reader_has_it(void **state)
{
    (void)state;
    static const char *const lines[] = {
            "{\"a\":1,\"b\":\"x\",\"a name of more than sixteen bytes\":2.5}\n",
            "{\"b\":\"x\",\"a name of more than sixteen bytes\":2.5,\"a\":1}\n",
            "{\"a name of more than sixteen bytes\":2.5}\n",
            "{\"a name of more than sixteen bytez\":2.5}\n",
            " { \"a\" : 1 , \"b\" : \"x\" } \r\n",
            "\t{\t\"a\"\t:\t1\t}\t\n",
            "{\r\"a\":1}\n",
            "{\"a\":1}\r\r\n",
            "{}\n",
            "{ }\n",
            "\n",
            "{\"a\":1}{\"a\":2}\n",
            "{\"a\":1} x\n",
            "{\"a\":1,\"a\":2}\n",
            "{\"a\":1,\"c\":[1,{\"d\":\"}\"}]}\n",
            "{\"a\":1,\"\xC3\":1}\n",
            "{\"\\u0061\":1}\n",
            "{\"a\\\":1}\n",
            "{\"a\":1,}\n",
            "{,\"a\":1}\n",
            "{\"a\":1 \"b\":\"x\"}\n",
            "{\"a\":\n",
            "[1]\n",
            "{\"a\"}\n",
            "{a:1}\n",
    };
    static const char *const schemas[] = {
            "a long, b string, \"a name of more than sixteen bytes\" double", "b string, a long required"};
    const size_t count = sizeof lines / sizeof lines[0];
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    struct ji_schema schema;
    assert_ok(joist_ctx_open(&one_thread, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    for (size_t i = 0; i < count * count; i++) {
        char text[400];
        (void)snprintf(text, sizeof text, "%s%s%s", lines[i / count], lines[i % count], lines[0]);
        (void)check_same(ctx, NULL, text);
        for (size_t j = 0; j < 2; j++) {
            assert_ok(ji_schema_parse(&arena, ji_view_of_text(schemas[j]), &schema, NULL));
            (void)check_same(ctx, &schema, text);
        }
    }
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_value_is_as_the_exact_reader_has_it),
            cmocka_unit_test(every_line_is_as_the_exact_reader_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
