/*
 * csv_read_test.c - CSV as rows: its oddities, every type, each way to be wrong, every split
 */
#include "support/text_case.h"

#include "base/ctx.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK_ALL(cases, options) text_check_pairs(TEXT_CSV, options, cases, sizeof(cases) / sizeof(cases)[0])

static void oddities_are_read(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"a,b\n1,x\n2,y\n", "a long, b string\n1|\"x\"\n2|\"y\"\n"},
            {"a,b\r\n1,x\r\n2,y\r\n", "a long, b string\n1|\"x\"\n2|\"y\"\n"},
            {"a,b\n1,x\n2,y", "a long, b string\n1|\"x\"\n2|\"y\"\n"},
            {"a,b\r\n1,x\r", "a long, b string\n1|\"x\"\n"},
            {"\xEF\xBB\xBF"
             "a,b\n1,x\n",
                    "a long, b string\n1|\"x\"\n"},
            {"\n\r\n\na,b\n\n1,x\n\r\n\n2,y\n\n", "a long, b string\n1|\"x\"\n2|\"y\"\n"},
            {"a\n1\n\n3\n", "a long\n1\nnull\n3\n"},
            {"a,b\n,\n\"\",\"\"\n", "a string, b string\nnull|null\n\"\"|\"\"\n"},
            {"a,b\n\"x,y\",\"p\nq\"\n\"say \"\"hi\"\"\",\"\"\"\"\n",
                    "a string, b string\n\"x,y\"|\"p\\nq\"\n\"say \\\"hi\\\"\"|\"\\\"\"\n"},
            {"a,b\n\"x\r\ny\",\"\r\"\n", "a string, b string\n\"x\\r\\ny\"|\"\\r\"\n"},
            {"\"a,1\",\"b\"\"2\"\n\"5\",\"6\"\n", "a,1 long, b\"2 long\n5|6\n"},
            {"a, b\n 1,2 \n", "a string,  b string\n\" 1\"|\"2 \"\n"},
            {"a,b\nx\ry,z\n", "a string, b string\n\"x\\ry\"|\"z\"\n"},
            {"a,b\n", "a string, b string\n"},
            {"a,b", "a string, b string\n"},
            {",b\n1,2\n", "column_1 long, b long\n1|2\n"},
            {"a\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n",
                    "a string\n\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"\n"},
            {"a;b\n1;2\n", "a;b string\n\"1;2\"\n"},
    };
    CHECK_ALL(cases, NULL);
}

static void types_are_inferred(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"a\n1\n-2\n9223372036854775807\n-9223372036854775808\n",
                    "a long\n1\n-2\n9223372036854775807\n-9223372036854775808\n"},
            {"a\n1\n9223372036854775808\n", "a decimal(38, 0)\n1\n9223372036854775808\n"},
            {"a\n123456789012345678901234567890123456789\n",
                    "a string\n\"123456789012345678901234567890123456789\"\n"},
            {"a\n1\n2.5\n1e3\n", "a double\n1.0\n2.5\n1000.0\n"},
            {"a\n1.5\nnan\ninf\n", "a double\n1.5\n\"nan\"\n\"inf\"\n"},
            {"a\nnan\ninf\n", "a string\n\"nan\"\n\"inf\"\n"},
            {"a\n1\n1e999\n", "a string\n\"1\"\n\"1e999\"\n"},
            {"a\n007\n", "a string\n\"007\"\n"},
            {"a\n+49\n", "a string\n\"+49\"\n"},
            {"a\n-0\n0\n", "a long\n0\n0\n"},
            {"a\ntrue\nfalse\n\n", "a boolean\ntrue\nfalse\nnull\n"},
            {"a\ntrue\n1\n", "a string\n\"true\"\n\"1\"\n"},
            {"a\n2026-11-21\n0001-01-01\n", "a date\n\"2026-11-21\"\n\"0001-01-01\"\n"},
            {"a\n2026-02-30\n", "a string\n\"2026-02-30\"\n"},
            {"a\n2026-11-21T10:00:00\n2026-11-21 10:00:00.123456\n2026-11-21\n",
                    "a timestamp\n\"2026-11-21T10:00:00\"\n\"2026-11-21T10:00:00.123456\"\n"
                    "\"2026-11-21T00:00:00\"\n"},
            {"a\n2026-11-21T10:00:00Z\n2026-11-21T10:00:00+02:00\n",
                    "a timestamptz\n\"2026-11-21T10:00:00Z\"\n\"2026-11-21T08:00:00Z\"\n"},
            {"a\n2026-11-21T10:00:00Z\n2026-11-21T10:00:00\n",
                    "a string\n\"2026-11-21T10:00:00Z\"\n\"2026-11-21T10:00:00\"\n"},
            {"a\n2026-11-21T10:00:00.1234567Z\n", "a string\n\"2026-11-21T10:00:00.1234567Z\"\n"},
            {"a,b\n,\n,\n", "a string, b string\nnull|null\nnull|null\n"},
            {"a\n1.25\n2.50\n", "a double\n1.25\n2.5\n"},
            {"a\n10:00\n23:59:59.5\n", "a time\n\"10:00:00\"\n\"23:59:59.500\"\n"},
            {"a\n24:00:00\n", "a string\n\"24:00:00\"\n"},
    };
    CHECK_ALL(cases, NULL);
}

static void decimals_are_inferred_where_asked_for(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"a\n1.25\n-2.50\n0.00\n", "a decimal(15, 2)\n1.25\n-2.50\n0.00\n"},
            {"a\n1.25\n2.5\n", "a double\n1.25\n2.5\n"},
            {"a\n1.25\n2\n", "a double\n1.25\n2.0\n"},
            {"a\n1234567890123.45\n", "a decimal(15, 2)\n1234567890123.45\n"},
            {"a\n12345678901234.56\n", "a double\n12345678901234.56\n"},
            {"a\n.50\n", "a double\n0.5\n"},
            {"a\n5.\n", "a double\n5.0\n"},
            {"a\n1\n2\n", "a long\n1\n2\n"},
            {"a\n1.5e1\n", "a double\n15.0\n"},
    };
    const struct joist_text_options options = {.infer_decimals = true};
    CHECK_ALL(cases, &options);
}

static void options_change_the_format(void **state)
{
    (void)state;
    static const struct text_pair semicolons[] = {
            {"a;b\n'x;y';1\n'it''s';2\n", "a string, b long\n\"x;y\"|1\n\"it's\"|2\n"},
            {"a;b\n\"x;1\n", "a string, b long\n\"\\\"x\"|1\n"},
    };
    CHECK_ALL(semicolons, (&(struct joist_text_options){.delimiter = ';', .quote = '\''}));
    static const struct text_pair bare[] = {
            {"1,x\n2,y\n", "column_1 long, column_2 string\n1|\"x\"\n2|\"y\"\n"},
            {"\n1\n", "column_1 long\nnull\n1\n"},
    };
    CHECK_ALL(bare, (&(struct joist_text_options){.no_header = true}));
    static const struct text_pair nulls[] = {
            {"a,b\nNA,1\n\"NA\",NA\n,2\n\"\",3\n", "a string, b long\nnull|1\n\"NA\"|null\n\"\"|2\n\"\"|3\n"},
            {"a,b\n1,2\n,3\n", "a string, b long\n\"1\"|2\n\"\"|3\n"},
    };
    CHECK_ALL(nulls, (&(struct joist_text_options){.null_text = "NA"}));
    static const char *const types[] = {"b=decimal(9,3)", "a=string", "c=timestamp"};
    static const struct text_pair typed[] = {
            {"a,b,c\n1,2.5,2026-11-21\n",
                    "a string, b decimal(9, 3), c timestamp\n\"1\"|2.500|\"2026-11-21T00:00:00\"\n"},
    };
    CHECK_ALL(typed, (&(struct joist_text_options){.types = types, .type_count = 3}));
}

static void bad_files_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"", "INVALID: t: no header: the file is empty"},
            {"\n\n", "INVALID: t: no header: the file is empty"},
            {"a,b\n1,2\n3\n", "INVALID: t: line 3: 1 fields where 2 are due"},
            {"a,b\n1,2\n3,4,5\n6,7\n", "INVALID: t: line 3: 3 fields where 2 are due"},
            {"a,b\n\"x\ny\",2\n\n3\n", "INVALID: t: line 5: 1 fields where 2 are due"},
            {"a,b\n1,x\"y\n",
                    "INVALID: t: line 2, column 'b': a quote within a field that is not quoted: 'x\"y'"},
            {"a,b\n1,\"x\"y\n", "INVALID: t: line 2, column 'b': text behind the closing quote: '\"x\"y'"},
            {"a,b\n1,\"x\" \n", "INVALID: t: line 2, column 'b': text behind the closing quote: '\"x\" '"},
            {"a,b\n1,2\n3,\"x\n4,5\n",
                    "INVALID: t: line 3, column 'b': a quoted field without its closing quote: '\"x'"},
            {"a,b\n\"x\"\r,1\n", "INVALID: t: line 2, column 'a': text behind the closing quote: '\"x\" '"},
            {"a\"b,c\n1,2\n",
                    "INVALID: t: line 1, field 1: a quote within a field that is not quoted: 'a\"b,c'"},
            {"\"ab\n1,2\n", "INVALID: t: line 1, field 1: a quoted field without its closing quote: '\"ab'"},
            {"a,b\n1,2\nx\xFFy,3\n",
                    "INVALID: t: line 3, column 'a': not UTF-8; other encodings are to be converted first: "
                    "'x...'"},
            {"a,b\n1,\xC3\n",
                    "INVALID: t: line 2, column 'b': not UTF-8; other encodings are to be converted first: "
                    "'...'"},
            {"a,a\n1,2\n", "INVALID: t: two columns are named 'a'"},
            {"c,b,a,b\n1,2,3,4\n", "INVALID: t: two columns are named 'b'"},
            {"a,b\r1,2\r", "UNSUPPORTED: t: lines end in a carriage return alone; a line feed is due"},
    };
    CHECK_ALL(cases, NULL);
}

static void other_encodings_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *wanted;
    } cases[] = {
            {"\xFF\xFE"
             "a\0\n\0",
                    6, "UNSUPPORTED: t: text in UTF-16; UTF-8 is read"},
            {"\xFE\xFF\0a\0\n", 6, "UNSUPPORTED: t: text in UTF-16; UTF-8 is read"},
            {"a\0,\0b\0\n\0", 8, "UNSUPPORTED: t: text in UTF-16; UTF-8 is read"},
            {"\0a\0,\0b\0\n", 8, "UNSUPPORTED: t: text in UTF-16; UTF-8 is read"},
            {"\xFF\xFE\0\0a\0\0\0", 8, "UNSUPPORTED: t: text in UTF-32; UTF-8 is read"},
            {"\0\0\xFE\xFF\0\0\0a", 8, "UNSUPPORTED: t: text in UTF-32; UTF-8 is read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        text_check(TEXT_CSV, NULL, ji_view_of(cases[i].text, cases[i].size), cases[i].wanted);
}

/* A good first row, the bad value in line 4, a good row behind it: for each type. */
static void each_type_refuses_what_it_does_not_hold(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *good;
        const char *bad;
        const char *reason;
    } cases[] = {
            {"boolean", "true", "yes", "'yes' is no boolean"},
            {"boolean", "false", "\"\"", "'' is no boolean"},
            {"int", "-2147483648", "2147483648", "'2147483648' is out of range for int"},
            {"int", "2147483647", "1.0", "'1.0' is no int"},
            {"int", "7", "NaN", "'NaN' is no int"},
            {"long", "9223372036854775807", "9223372036854775808",
                    "'9223372036854775808' is out of range for long"},
            {"long", "-1", "--1", "'--1' is no long"},
            {"long", "12345678", "1234567x", "'1234567x' is no long"},
            {"long", "1234567890123456", "12345678 0123456", "'12345678 0123456' is no long"},
            {"long", "5", "-", "'-' is no long"},
            {"long", "5", "nan", "'nan' is no long"},
            {"float", "1.5", "1e39", "'1e39' is out of range for float"},
            {"float", "1.5", "1,5", NULL},
            {"double", "1e308", "1e309", "'1e309' is out of range for double"},
            {"double", "-inf", "0x1p3", "'0x1p3' is no double"},
            {"double", "1", "1.2.3", "'1.2.3' is no double"},
            {"decimal(5,2)", "999.99", "1000.00", "'1000.00' is out of range for decimal(5, 2)"},
            {"decimal(5,2)", "-999.99", "-1000", "'-1000' is out of range for decimal(5, 2)"},
            {"decimal(5,2)", "1.230", "1.234", "'1.234' has too many fraction digits for decimal(5, 2)"},
            {"decimal(15,2)", "1234567890123.45", "1234567890.x5", "'1234567890.x5' is no decimal(15, 2)"},
            {"decimal(15,2)", "17", "1..2", "'1..2' is no decimal(15, 2)"},
            {"decimal(38,10)", "1.5", "abc", "'abc' is no decimal(38, 10)"},
            {"date", "2024-02-29", "2023-02-29", "'2023-02-29' is out of range for date"},
            {"date", "1996-12-31", "1996-13-01", "'1996-13-01' is out of range for date"},
            {"date", "0000-01-01", "1996/01/01", "'1996/01/01' is no date"},
            {"date", "-0044-03-15", "1996-01-00", "'1996-01-00' is out of range for date"},
            {"date", "1996-04-30", "1996-04-31", "'1996-04-31' is out of range for date"},
            {"time", "23:59:59.999999", "24:00:00", "'24:00:00' is out of range for time"},
            {"timestamp", "2026-11-21T23:59:59.5", "2026-11-21T24:00:00",
                    "'2026-11-21T24:00:00' is out of range for timestamp"},
            {"timestamp", "2026-11-21 00:00", "2026-11-21T10:00:00Z",
                    "'2026-11-21T10:00:00Z' is no timestamp"},
            {"timestamp", "2026-11-21", "2026-11-21T10:00:00.", "'2026-11-21T10:00:00.' is no timestamp"},
            {"timestamptz", "2026-11-21T10:00:00Z", "2026-11-21T10:60:00Z",
                    "'2026-11-21T10:60:00Z' is out of range for timestamptz"},
            {"timestamptz", "2026-11-21T10:00:00.123456Z", "2026-11-21T10:00:00.1234567Z",
                    "'2026-11-21T10:00:00.1234567Z' has too many fraction digits for timestamptz"},
            {"uuid", "f79c3e09-677c-4bbd-a479-3f349cb785e7", "f79c3e09", "'f79c3e09' is no uuid"},
            {"fixed(2)", "0aff", "0aff00", "3 bytes where fixed(2) is due"},
            {"binary", "0aff", "0aF", "'0aF' is no hexadecimal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char type[64];
        char text[400];
        char wanted[400];
        (void)snprintf(type, sizeof type, "v=%s", cases[i].type);
        const char *const types[] = {type};
        const struct joist_text_options options = {.types = types, .type_count = 1};
        (void)snprintf(text, sizeof text, "k,v\n1,%s\n\"2\n3\",\n4,%s\n5,%s\n", cases[i].good, cases[i].bad,
                cases[i].good);
        if (cases[i].reason == NULL)
            (void)snprintf(wanted, sizeof wanted, "INVALID: t: line 5: 3 fields where 2 are due");
        else
            (void)snprintf(wanted, sizeof wanted, "INVALID: t: line 5, column 'v': %s", cases[i].reason);
        text_check(TEXT_CSV, &options, ji_view_of_text(text), wanted);
    }
}

static void each_type_takes_its_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *value;
        const char *json;
    } cases[] = {
            {"boolean", "TRUE", "true"},
            {"int", "-2147483648", "-2147483648"},
            {"long", "-9223372036854775808", "-9223372036854775808"},
            {"long", "0000000000000000000000012", "12"},
            {"long", "+5", "5"},
            {"float", "3.4028235e+38", "3.4028235e+38"},
            {"double", "5e-324", "5e-324"},
            {"decimal(5,2)", "-999.99", "-999.99"},
            {"decimal(5,2)", "1.2", "1.20"},
            {"decimal(5,2)", ".5", "0.50"},
            {"decimal(18,8)", "9999999999.99999999", "9999999999.99999999"},
            {"decimal(18,1)", "99999999999999999.9", "99999999999999999.9"},
            {"decimal(38,0)", "-99999999999999999999999999999999999999",
                    "-99999999999999999999999999999999999999"},
            {"date", "9999-12-31", "\"9999-12-31\""},
            {"date", "1600-02-29", "\"1600-02-29\""},
            {"date", "-0044-03-15", "\"-0044-03-15\""},
            {"time", "00:00", "\"00:00:00\""},
            {"timestamp", "0001-01-01T00:00:00.000001", "\"0001-01-01T00:00:00.000001\""},
            {"timestamp", "2026-11-21T10:00:00.1", "\"2026-11-21T10:00:00.100\""},
            {"timestamptz", "2026-11-21T10:00:00", "\"2026-11-21T10:00:00Z\""},
            {"uuid", "F79C3E09-677c-4bbd-a479-3f349cb785e7", "\"f79c3e09-677c-4bbd-a479-3f349cb785e7\""},
            {"fixed(2)", "0aff", "\"0aff\""},
            {"binary", "\"\"", "\"\""},
            {"string", "\"\"", "\"\""},
            {"string", "\"4\"\"\"", "\"4\\\"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char type[64];
        char text[400];
        char *wanted = malloc(1000);
        struct joist_error err;
        struct joist_ctx *ctx = NULL;
        struct ji_arena arena;
        struct ji_field field;
        const char *name = NULL;
        (void)snprintf(type, sizeof type, "v=%s", cases[i].type);
        const char *const types[] = {type};
        const struct joist_text_options options = {.types = types, .type_count = 1};
        assert_ok(joist_ctx_open(NULL, &ctx, &err));
        ji_arena_init(&arena, ji_ctx_mem(ctx));
        assert_ok(ji_type_parse(&arena, ji_view_of_text(cases[i].type), &field, &err));
        assert_ok(ji_type_text(&arena, &field, &name, &err));
        (void)snprintf(text, sizeof text, "k,v\n1,%s\n2,\n", cases[i].value);
        (void)snprintf(wanted, 1000, "k long, v %s\n1|%s\n2|null\n", name, cases[i].json);
        text_check(TEXT_CSV, &options, ji_view_of_text(text), wanted);
        ji_arena_clear(&arena);
        joist_ctx_close(ctx);
        free(wanted);
    }
}

/* A schema text, through the reader that takes one. */
static void check_schema(const char *schema_text, bool no_header, const char *text, const char *wanted)
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
            .form = TEXT_CSV,
            .schema = &schema,
            .options = {.struct_size = sizeof reading.options, .no_header = no_header},
    };
    const enum joist_status status = text_read_all(ctx, &reading, &source, &out, &err);
    assert_string_equal(status == JOIST_OK ? (const char *)out.data : err.text, wanted);
    ji_bytes_clear(&out);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

static void given_schema_is_matched_by_name(void **state)
{
    (void)state;
    check_schema(
            "x int, y string, z date", false, "z,x\n2026-01-01,5\n", "z date, x int\n\"2026-01-01\"|5\n");
    check_schema("x int, y string", false, "X,y\n5,6\n", "x int, y string\n5|\"6\"\n");
    check_schema("x int", false, "x,w\n5,6\n", "t: column 'w' is not in the schema");
    check_schema("x int, y string", true, "5,6\n", "x int, y string\n5|\"6\"\n");
    check_schema("x int, y string", true, "5\n", "t: 1 fields a row, and the schema has 2 columns");
    check_schema("x int required, y string", false, "x,y\n5,6\n,7\n",
            "t: line 3, column 'x': null in a required column");
    check_schema("x string required, y string", false, "x,y\n5,6\n\"\",6\n,7\n",
            "t: line 4, column 'x': null in a required column");
    check_schema("x list<int>", false, "x\n5\n",
            "column 'x': CSV holds plain values; lists, maps and structs are for NDJSON");
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    static const char *const no_equals[] = {"a"};
    static const char *const no_column[] = {"b=int"};
    static const char *const no_type[] = {"a=integral"};
    const struct joist_text_options bad[] = {
            {.delimiter = '"'},
            {.delimiter = '\n'},
            {.quote = '\r'},
            {.delimiter = (char)0xA7},
            {.sample_bytes = UINT64_MAX},
            {.types = no_equals, .type_count = 1},
            {.types = no_column, .type_count = 1},
            {.types = no_type, .type_count = 1},
    };
    struct joist_ctx *ctx = NULL;
    struct text_source source = {.name = "t", .data = (const uint8_t *)"a\n1\n", .size = 4};
    struct ArrowArrayStream stream;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct joist_text_options options = bad[i];
        options.struct_size = sizeof options;
        assert_true(joist_csv_open(ctx, text_source_of(&source), &options, &stream, NULL) != JOIST_OK);
    }
    struct joist_text_options options = {.struct_size = 0};
    assert_status(joist_csv_open(ctx, text_source_of(&source), &options, &stream, NULL), JOIST_ERR_INVALID);
    options.struct_size = sizeof options + 8;
    assert_status(
            joist_csv_open(ctx, text_source_of(&source), &options, &stream, NULL), JOIST_ERR_UNSUPPORTED);
    assert_int_equal(source.closed, 0);
    joist_ctx_close(ctx);
}

static void tabs_part_the_fields_of_tsv(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes out;
    struct text_source source = {.name = "x.tsv", .data = (const uint8_t *)"a\tb\n1\t2,5\n", .size = 10};
    const struct text_reading reading = {
            .form = TEXT_CSV, .options = {.struct_size = sizeof reading.options}};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_ok(text_read_all(ctx, &reading, &source, &out, NULL));
    assert_string_equal((const char *)out.data, "a long, b string\n1|\"2,5\"\n");
    assert_int_equal(source.closed, 1);
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

/* Many rows: parts of more than a batch, chunks, and a bad value far down. */
static void rows_beyond_a_batch_come_in_order(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes text;
    const size_t rows = 200000;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    assert_ok(ji_bytes_append_text(&text, "n,b\n", NULL));
    for (size_t i = 0; i < rows; i++)
        assert_ok(ji_bytes_printf(&text, NULL, "%zu,%s\n", i, i % 3 == 0 ? "" : "true"));
    struct text_source source = {.name = "t", .data = text.data, .size = text.size};
    struct ji_batch_stream stream;
    const struct ji_text_tuning tuning = {.part_bytes = 1 << 20, .parts = 2};
    assert_ok(ji_csv_stream_open_tuned(ctx, text_source_of(&source), NULL, NULL, &tuning, &stream, NULL));
    size_t seen = 0;
    for (;;) {
        const struct ji_batch *batch = NULL;
        assert_ok(ji_stream_next(&stream, &batch, NULL));
        if (batch == NULL)
            break;
        assert_true(batch->row_count <= JI_BATCH_ROWS_MAX);
        for (size_t i = 0; i < batch->row_count; i++, seen++) {
            assert_true(ji_column_value(&batch->columns[0], i).as.integer == (int64_t)seen);
            const struct ji_value value = ji_column_value(&batch->columns[1], i);
            assert_true(value.is_null == (seen % 3 == 0));
            assert_true(value.is_null || value.as.boolean);
        }
    }
    assert_int_equal(seen, rows);
    ji_stream_close(&stream);
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

static void line_of_a_bad_value_far_down_is_told(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes text;
    struct ji_bytes out;
    struct joist_error err;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_ok(ji_bytes_append_text(&text, "n,d\n", NULL));
    for (size_t i = 2; i < 300000; i++)
        assert_ok(ji_bytes_printf(&text, NULL, "%zu,1996-%s-01\n", i, i == 250000 ? "13" : "12"));
    struct text_source source = {.name = "lineitem.csv", .data = text.data, .size = text.size};
    const struct text_reading reading = {
            .form = TEXT_CSV, .options = {.struct_size = sizeof reading.options}, .sequential = true};
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(
            err.text, "lineitem.csv: line 250000, column 'd': '1996-13-01' is out of range for date");
    ji_bytes_clear(&out);
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

/* One row of 3 MiB, far more than a part. */
static void long_rows_grow_the_block(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes text;
    struct ji_bytes out;
    const size_t size = 3 << 20;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_ok(ji_bytes_append_text(&text, "n,d\n1,\"", NULL));
    assert_ok(ji_bytes_reserve(&text, size, NULL));
    memset(text.data + text.size, '\n', size);
    text.size += size;
    const size_t closing = text.size;
    assert_ok(ji_bytes_append_text(&text, "\"\n2,x\n", NULL));
    struct text_source source = {.name = "t", .data = text.data, .size = text.size};
    const struct text_reading reading = {
            .form = TEXT_CSV, .options = {.struct_size = sizeof reading.options, .sample_bytes = 64}};
    assert_ok(text_read_all(ctx, &reading, &source, &out, NULL));
    assert_true(out.size > 2 * size);
    struct joist_error err;
    text.data[closing] = 'x';
    source.size = closing;
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
    text.data[10] = '"';
    text.data[11] = 'z';
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "t: line 2, column 'd': text behind the closing quote: '\"   \"z'");
    /* A stray quote that hides every line end: told from the first blocks. */
    memcpy(text.data + 4, "1,x\"\n", 5);
    text.data[10] = '\n';
    text.data[11] = '\n';
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "t: line 2, column 'd': a quote within a field that is not quoted: 'x\"'");
    memcpy(text.data, "n\"d\n", 4);
    text.data[7] = 'x';
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "t: line 1, field 1: a quote within a field that is not quoted: 'n\"d'");
    ji_bytes_clear(&out);
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

static void small_integers_and_floats_fill_their_width(void **state)
{
    (void)state;
    static const enum ji_kind kinds[] = {
            JI_INT8, JI_INT16, JI_INT32, JI_UINT8, JI_UINT16, JI_UINT32, JI_UINT64, JI_FLOAT};
    static const char *const most[] = {
            "-128", "-32768", "-2147483648", "255", "65535", "4294967295", "18446744073709551615", "-0.5"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct joist_ctx *ctx = NULL;
        struct ji_bytes out;
        struct joist_error err;
        char text[64];
        char wanted[64];
        const struct ji_field column = {.name = "v", .kind = kinds[i], .nullable = true};
        const struct ji_schema schema = {.column_count = 1, .columns = &column};
        (void)snprintf(text, sizeof text, "v\n%s\n\n1\n", most[i]);
        (void)snprintf(
                wanted, sizeof wanted, "\n%s\nnull\n%s\n", most[i], kinds[i] == JI_FLOAT ? "1.0" : "1");
        struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = strlen(text)};
        const struct text_reading reading = {
                .form = TEXT_CSV, .schema = &schema, .options = {.struct_size = sizeof reading.options}};
        assert_ok(joist_ctx_open(NULL, &ctx, NULL));
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        assert_ok(text_read_all(ctx, &reading, &source, &out, &err));
        assert_string_equal(strchr((const char *)out.data, '\n'), wanted);
        ji_bytes_clear(&out);
        joist_ctx_close(ctx);
    }
}

/* Two thousand columns in little memory; names that look like null. */
static void wide_files_fit_a_small_limit(void **state)
{
    (void)state;
    struct joist_ctx *large = NULL;
    struct joist_ctx *ctx = NULL;
    struct ji_bytes text;
    struct ji_bytes out;
    struct joist_error err;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .threads = 4, .memory_bytes_max = 40 << 20};
    assert_ok(joist_ctx_open(NULL, &large, NULL));
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_bytes_init(&text, ji_ctx_mem(large));
    ji_bytes_init(&out, ji_ctx_mem(large));
    for (size_t row = 0; row < 300; row++) {
        for (size_t i = 0; i < 2000; i++)
            assert_ok(ji_bytes_printf(&text, NULL, "%s%zu%s", i == 0 ? "" : ",", i, row == 0 ? "x" : ""));
        assert_ok(ji_bytes_append_byte(&text, '\n', NULL));
    }
    struct text_source source = {.name = "t", .data = text.data, .size = text.size};
    const struct text_reading reading = {
            .form = TEXT_CSV, .options = {.struct_size = sizeof reading.options, .null_text = "0x"}};
    if (text_read_all(ctx, &reading, &source, &out, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_memory_equal(out.data, "0x long, 1x long", 16);
    ji_bytes_clear(&out);
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
    joist_ctx_close(large);
}

static void arrow_schema_gives_the_types(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream typed;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowSchema found;
    struct text_source source = {.name = "t", .data = (const uint8_t *)"b,a\n1,2\n", .size = 8};
    struct text_source lines = {.name = "t", .data = (const uint8_t *)"{\"a\":\"x\"}\n", .size = 10};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(joist_builder_open(ctx, "a string, b double", &builder, NULL));
    assert_ok(joist_builder_take(builder, &typed, NULL));
    assert_int_equal(typed.get_schema(&typed, &schema), 0);
    const struct joist_text_options options = {.struct_size = sizeof options, .schema = &schema};
    assert_ok(joist_csv_open(ctx, text_source_of(&source), &options, &stream, NULL));
    assert_int_equal(stream.get_schema(&stream, &found), 0);
    assert_string_equal(found.children[0]->name, "b");
    assert_string_equal(found.children[0]->format, "g");
    assert_string_equal(found.children[1]->format, "u");
    found.release(&found);
    stream.release(&stream);
    assert_ok(joist_ndjson_open(ctx, text_source_of(&lines), &options, &stream, NULL));
    assert_int_equal(stream.get_schema(&stream, &found), 0);
    assert_int_equal(found.n_children, 2);
    found.release(&found);
    stream.release(&stream);
    schema.release(&schema);
    typed.release(&typed);
    joist_builder_close(builder);
    joist_ctx_close(ctx);
}

static void public_stream_gives_arrow_arrays(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    struct text_source source = {.name = "t", .data = (const uint8_t *)"a,b\n1,x\n,y\n", .size = 11};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(joist_csv_open(ctx, text_source_of(&source), NULL, &stream, NULL));
    assert_ok(joist_stream_next(&stream, &array, NULL));
    assert_int_equal(array.length, 2);
    assert_int_equal(array.children[0]->null_count, 1);
    array.release(&array);
    assert_ok(joist_stream_next(&stream, &array, NULL));
    assert_null(array.release);
    stream.release(&stream);
    assert_int_equal(source.closed, 1);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(oddities_are_read),
            cmocka_unit_test(types_are_inferred),
            cmocka_unit_test(decimals_are_inferred_where_asked_for),
            cmocka_unit_test(options_change_the_format),
            cmocka_unit_test(bad_files_are_refused_with_their_line),
            cmocka_unit_test(other_encodings_are_refused),
            cmocka_unit_test(each_type_refuses_what_it_does_not_hold),
            cmocka_unit_test(each_type_takes_its_bounds),
            cmocka_unit_test(given_schema_is_matched_by_name),
            cmocka_unit_test(bad_options_are_refused),
            cmocka_unit_test(tabs_part_the_fields_of_tsv),
            cmocka_unit_test(rows_beyond_a_batch_come_in_order),
            cmocka_unit_test(line_of_a_bad_value_far_down_is_told),
            cmocka_unit_test(long_rows_grow_the_block),
            cmocka_unit_test(small_integers_and_floats_fill_their_width),
            cmocka_unit_test(wide_files_fit_a_small_limit),
            cmocka_unit_test(arrow_schema_gives_the_types),
            cmocka_unit_test(public_stream_gives_arrow_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
