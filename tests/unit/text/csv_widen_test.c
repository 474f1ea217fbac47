/*
 * csv_widen_test.c - values that the sample did not foretell, and rows that are too short
 */
#include "support/oom.h"
#include "support/text_case.h"

#include "base/ctx.h"

#include <stdlib.h>

static struct joist_ctx *open_ctx(unsigned threads)
{
    struct joist_ctx *ctx = NULL;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .threads = threads, .memory_bytes_max = 64 << 20};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void read_text(struct joist_ctx *ctx, const struct text_reading *reading, const char *text,
        bool widened, struct ji_bytes *out)
{
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = strlen(text)};
    struct joist_error err = {.text = ""};
    const enum joist_status status = widened ? text_read_widened(ctx, reading, &source, out, &err)
                                             : text_read_all(ctx, reading, &source, out, &err);
    if (status == JOIST_OK)
        return;
    out->size = 0;
    assert_ok(ji_bytes_printf(out, NULL, "%s: %s", joist_status_name(status), err.text));
    assert_ok(ji_bytes_append_byte(out, 0, NULL));
}

/* A sample of two lines or so and a second reading give what a sample of all gives, however it is cut. */
static void check_widened(const struct joist_text_options *options, const char *text, const char *wanted)
{
    for (size_t bytes = 1; bytes <= strlen(text) + 1; bytes++) {
        struct text_reading reading = {.form = TEXT_CSV};
        if (options != NULL)
            reading.options = *options;
        reading.options.struct_size = sizeof reading.options;
        reading.options.sample_bytes = 1;
        reading.sequential = bytes % 3 == 0;
        reading.tuning = (struct ji_text_tuning){.part_bytes = bytes, .parts = 1 + bytes % 4};
        struct joist_ctx *ctx = open_ctx(1 + (unsigned)bytes % 2 * 2);
        struct ji_bytes out;
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        read_text(ctx, &reading, text, true, &out);
        if (strcmp((const char *)out.data, wanted) != 0)
            fail_msg("parts of %zu of\n%s\nwanted:\n%s\ngot:\n%s", bytes, text, wanted,
                    (const char *)out.data);
        ji_bytes_clear(&out);
        joist_ctx_close(ctx);
    }
}

static void check_all(const struct joist_text_options *options, const struct text_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_widened(options, pairs[i].text, pairs[i].wanted);
}
#define CHECK_ALL(pairs, options) check_all(options, pairs, sizeof(pairs) / sizeof(pairs)[0])

static void types_widen_to_hold_the_whole_file(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"long_name,other_name\n1,2\n3,4\n5,x\n",
                    "long_name long, other_name string\n1|\"2\"\n3|\"4\"\n5|\"x\"\n"},
            {"a,bbbbbbbbbbbbbb\n1,1\n2,2\n2.5,3\n", "a double, bbbbbbbbbbbbbb long\n1.0|1\n2.0|2\n2.5|3\n"},
            {"a,bbbbbbbbbbbbbb\n1,1\n9223372036854775808,3\n",
                    "a decimal(38, 0), bbbbbbbbbbbbbb long\n1|1\n9223372036854775808|3\n"},
            {"a,bbbbbbbbbbbbbb\n1,1\n9223372036854775808,3\n1.5,4\n",
                    "a double, bbbbbbbbbbbbbb long\n1.0|1\n9.223372036854776e+18|3\n1.5|4\n"},
            {"aaaaa\n2026-11-21\n2026-11-21T10:00:00\n",
                    "aaaaa timestamp\n\"2026-11-21T00:00:00\"\n\"2026-11-21T10:00:00\"\n"},
            {"aaaaa\n2026-11-21\n2026-02-30\n", "aaaaa string\n\"2026-11-21\"\n\"2026-02-30\"\n"},
            {"aaaaaaaaaa\ntrue\nmaybe\n", "aaaaaaaaaa string\n\"true\"\n\"maybe\"\n"},
            {"aaaaaaaaaa\n10:00\nten\n", "aaaaaaaaaa string\n\"10:00\"\n\"ten\"\n"},
            {"aaaaaaaaaa\n1.5\n1e999\n", "aaaaaaaaaa string\n\"1.5\"\n\"1e999\"\n"},
            {"aaaaaaaaaa\n10115\n01067\n", "aaaaaaaaaa string\n\"10115\"\n\"01067\"\n"},
            {"aaaaaaaaaa\n1.5\n01.5\n", "aaaaaaaaaa string\n\"1.5\"\n\"01.5\"\n"},
            {"aaaaaaaaaa\n1.5\n+1.5\n", "aaaaaaaaaa string\n\"1.5\"\n\"+1.5\"\n"},
            {"aaaaaaaaaa\n2026-11-21T10:00:00Z\n2026-11-21T10:00:00\n",
                    "aaaaaaaaaa string\n\"2026-11-21T10:00:00Z\"\n\"2026-11-21T10:00:00\"\n"},
            {"\n\r\n\naaaaaaaaaaaaaaaaaaaaaaaaa\n1\n", "aaaaaaaaaaaaaaaaaaaaaaaaa long\n1\n"},
            {"aaaaaaaaaa\n1\n\"\"\n", "aaaaaaaaaa string\n\"1\"\n\"\"\n"},
            {"aaaaaaaaaa\n1\n\"say \"\"hi\"\"\"\n", "aaaaaaaaaa string\n\"1\"\n\"say \\\"hi\\\"\"\n"},
    };
    CHECK_ALL(cases, NULL);
}

static void a_column_without_a_text_in_the_sample_takes_its_type_from_the_rest(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"aaaaaaaaa,bbbbbb\n1,\n2,\n3,4\n", "aaaaaaaaa long, bbbbbb long\n1|null\n2|null\n3|4\n"},
            {"aaaaaaaaa,bbbbbb\n1,\n2,\n3,x\n4,5\n",
                    "aaaaaaaaa long, bbbbbb string\n1|null\n2|null\n3|\"x\"\n4|\"5\"\n"},
            {"aaaaaaaaa,bbbbbb\n1,\n3,5\n4,x\n", "aaaaaaaaa long, bbbbbb string\n1|null\n3|\"5\"\n4|\"x\"\n"},
            {"aaaaaaaaa,bbbbbb\n1,nan\n3,inf\n4,5\n",
                    "aaaaaaaaa long, bbbbbb double\n1|\"nan\"\n3|\"inf\"\n4|5.0\n"},
            {"aaaaaaaaa,bbbbbb\n1,\n3,\n", "aaaaaaaaa long, bbbbbb string\n1|null\n3|null\n"},
    };
    CHECK_ALL(cases, NULL);
    static const struct text_pair decimals[] = {
            {"aaaaaaaaa,bbbbbb\n1,\n2,1.25\n3,2.50\n",
                    "aaaaaaaaa long, bbbbbb decimal(15, 2)\n1|null\n2|1.25\n3|2.50\n"},
            {"aaaaaaaaa,bbbbbb\n1,\n2,1.25\n3,2\n", "aaaaaaaaa long, bbbbbb double\n1|null\n2|1.25\n3|2.0\n"},
            {"aaaaaaaaa,bbbbbb\n1,\n2,2\n3,2.5\n", "aaaaaaaaa long, bbbbbb double\n1|null\n2|2.0\n3|2.5\n"},
    };
    CHECK_ALL(decimals, (&(struct joist_text_options){.infer_decimals = true}));
}

static void decimals_hold_fewer_digits_and_widen_to_doubles(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"aaaaaaaaaa\n1.25\n2\n3.5\n0.05\n", "aaaaaaaaaa decimal(15, 2)\n1.25\n2.00\n3.50\n0.05\n"},
            {"aaaaaaaaaa\n1.25\n2.125\n", "aaaaaaaaaa double\n1.25\n2.125\n"},
            {"aaaaaaaaaa\n1.25\n12345678901234.56\n", "aaaaaaaaaa double\n1.25\n12345678901234.56\n"},
            {"aaaaaaaaaa\n1.25\n01.25\n", "aaaaaaaaaa string\n\"1.25\"\n\"01.25\"\n"},
    };
    CHECK_ALL(cases, (&(struct joist_text_options){.infer_decimals = true}));
}

static void what_no_type_saves_is_what_fails(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"aaaaaaaaaa,bbbbb\n1,2\nx,3\n4\n", "INVALID: t: line 4: 1 fields where 2 are due"},
            {"aaaaaaaaaa,bbbbb\n1,2\nx,3\n4,\"5\"6\n",
                    "INVALID: t: line 4, column 'bbbbb': text behind the closing quote: '\"5\"6'"},
            {"aaaaaaaaaa,bbbbb\n1,2\nx,3\n4,\"5\"\r,6\n",
                    "INVALID: t: line 4, column 'bbbbb': text behind the closing quote: '\"5\" '"},
            {"aaaaaaaaaa,bbbbb\n1,2\nx,3\n4,\xFF\n",
                    "INVALID: t: line 4, column 'bbbbb': not UTF-8; other encodings are to be converted "
                    "first: "
                    "'...'"},
    };
    check_widened(NULL, cases[0].text, cases[0].wanted);
    check_widened(NULL, cases[1].text, cases[1].wanted);
    check_widened(NULL, cases[3].text, cases[3].wanted);
    static const char *const types[] = {"bbbbb=long"};
    check_widened(&(struct joist_text_options){.types = types, .type_count = 1},
            "aaaaaaaaaa,bbbbb\n1,2\nx,3\n4,y\n", "INVALID: t: line 4, column 'bbbbb': 'y' is no long");
    check_widened(&(struct joist_text_options){.types = types, .type_count = 1},
            "aaaaaaaaaa,bbbbb\n1,2\nx,03\n", "aaaaaaaaaa string, bbbbb long\n\"1\"|2\n\"x\"|3\n");
}

static void a_misfit_fails_with_its_place(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"aaaaaaaaaaaa\n1\nx\n", "INVALID: t: line 3, column 'aaaaaaaaaaaa': 'x' is no long"},
            {"aaaaaaaaa\n10115\n01067\n",
                    "INVALID: t: line 3, column 'aaaaaaaaa': '01067' would not come back: it reads like "
                    "a "
                    "code"},
            {"aaa,bbbb\n1,\n22,\n3,4\n", "aaa long, bbbb string\n1|null\n22|null\n3|\"4\"\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text_reading reading = {.form = TEXT_CSV, .sequential = true};
        reading.options =
                (struct joist_text_options){.struct_size = sizeof reading.options, .sample_bytes = 1};
        struct joist_ctx *ctx = open_ctx(1);
        struct ji_bytes out;
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        read_text(ctx, &reading, cases[i].text, false, &out);
        assert_string_equal(cases[i].wanted, (const char *)out.data);
        ji_bytes_clear(&out);
        joist_ctx_close(ctx);
    }
}

static void a_stream_that_failed_fails_again(void **state)
{
    (void)state;
    static const char text[] = "aaaaaaaaaaaa\n1\nx\n3\n4\n5\n";
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = sizeof text - 1};
    const struct joist_text_options options = {.struct_size = sizeof options, .sample_bytes = 1};
    const struct ji_text_tuning tuning = {.part_bytes = 2, .parts = 1};
    struct joist_ctx *ctx = open_ctx(1);
    struct ji_batch_stream stream;
    struct joist_error err;
    const struct ji_batch *batch = NULL;
    assert_ok(ji_csv_stream_open_tuned(ctx, text_source_of(&source), &options, NULL, &tuning, &stream, &err));
    while (ji_stream_next(&stream, &batch, &err) == JOIST_OK)
        assert_non_null(batch);
    for (unsigned i = 0; i < 3; i++) {
        struct joist_error again;
        assert_int_equal(JOIST_ERR_INVALID, ji_stream_next(&stream, &batch, &again));
        assert_string_equal(err.text, again.text);
    }
    ji_stream_close(&stream);
    joist_ctx_close(ctx);
}

static void short_rows_end_in_nulls_where_asked_for(void **state)
{
    (void)state;
    static const struct text_pair cases[] = {
            {"a,b,c\n1,2,3\n4\n5,6\n7,8,9\n",
                    "a long, b long, c long\n1|2|3\n4|null|null\n5|6|null\n7|8|9\n"},
            {"a,b,c\r\n1,2,3\r\n4\r\n5,6\r\n\r\n7,8,9\r\n",
                    "a long, b long, c long\n1|2|3\n4|null|null\n5|6|null\n7|8|9\n"},
            {"a,b,c\n\"x\ny\"\n,\n\"p\",\"q\"",
                    "a string, b string, c string\n\"x\\ny\"|null|null\n"
                    "null|null|null\n\"p\"|\"q\"|null\n"},
            {"a,b,c\r\n\"x\"\r\n\"p\",\"\"\r\n",
                    "a string, b string, c string\n\"x\"|null|null\n\"p\"|\"\"|null\n"},
            {"a,b\n1\n2,3,4\n", "INVALID: t: line 3: 3 fields where 2 are due"},
            {"a,b\n1\n2,\"3\"x\n", "INVALID: t: line 3, column 'b': text behind the closing quote: '\"3\"x'"},
            {"a\n1\n\n2\n", "a long\n1\nnull\n2\n"},
    };
    text_check_pairs(TEXT_CSV, &(const struct joist_text_options){.pad_short = true}, cases,
            sizeof cases / sizeof cases[0]);
    static const struct text_pair nulls[] = {
            {"a,b,c\nx,,y\nx\r\nNA,\n",
                    "a string, b string, c string\n\"x\"|\"\"|\"y\"\n\"x\"|null|null\n"
                    "null|\"\"|null\n"},
    };
    text_check_pairs(
            TEXT_CSV, &(const struct joist_text_options){.pad_short = true, .null_text = "NA"}, nulls, 1);
}

static void a_short_row_lacks_a_required_value(void **state)
{
    (void)state;
    static const struct ji_field columns[] = {
            {.name = "a", .kind = JI_INT64, .field_id = JI_FIELD_ID_NONE},
            {.name = "b", .kind = JI_INT64, .field_id = JI_FIELD_ID_NONE},
    };
    const struct ji_schema schema = {.column_count = 2, .columns = columns};
    struct text_reading reading = {.form = TEXT_CSV, .schema = &schema};
    reading.options = (struct joist_text_options){.struct_size = sizeof reading.options, .pad_short = true};
    struct joist_ctx *ctx = open_ctx(1);
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    read_text(ctx, &reading, "a,b\n1,2\n3\n", false, &out);
    assert_string_equal("INVALID: t: line 3, column 'b': null in a required column", (const char *)out.data);
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static enum joist_status read_again(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    static const char text[] = "aaaaaaaa,bbb,ccc\n1,2\n3,4,5\nx\n1.5,\"\"\"\",10:00\n";
    const bool *pad = arg;
    struct joist_text_widening widening = {.due = false};
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = sizeof text - 1};
    struct text_reading reading = {.form = TEXT_CSV, .tuning = {.part_bytes = 8, .parts = 2}};
    reading.options = (struct joist_text_options){.struct_size = sizeof reading.options,
            .sample_bytes = 1,
            .pad_short = *pad,
            .widening = &widening};
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    enum joist_status status = text_read_all(ctx, &reading, &source, &out, err);
    if (widening.due) {
        widening.schema.release(&widening.schema);
        status = JOIST_OK;
    }
    ji_bytes_clear(&out);
    return status;
}

static void surveys_and_padding_survive_want_of_memory(void **state)
{
    (void)state;
    bool pad = true;
    oom_sweep(read_again, &pad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(types_widen_to_hold_the_whole_file),
            cmocka_unit_test(a_column_without_a_text_in_the_sample_takes_its_type_from_the_rest),
            cmocka_unit_test(decimals_hold_fewer_digits_and_widen_to_doubles),
            cmocka_unit_test(what_no_type_saves_is_what_fails),
            cmocka_unit_test(a_misfit_fails_with_its_place),
            cmocka_unit_test(a_stream_that_failed_fails_again),
            cmocka_unit_test(short_rows_end_in_nulls_where_asked_for),
            cmocka_unit_test(a_short_row_lacks_a_required_value),
            cmocka_unit_test(surveys_and_padding_survive_want_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
