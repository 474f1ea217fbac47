/*
 * value_test.c - single values: their order, their text, and what text is refused
 */
#include "support/test.h"

#include "arrow/column_builder.h"
#include "arrow/text_width.h"
#include "arrow/value.h"
#include "base/ctx.h"

#include <math.h>
#include <string.h>

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_bytes text;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &f->ctx, NULL));
    ji_arena_init(&f->arena, ji_ctx_mem(f->ctx));
    ji_bytes_init(&f->text, f->arena.mem);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ji_bytes_clear(&f->text);
    ji_arena_clear(&f->arena);
    joist_ctx_close(f->ctx);
    test_free(f);
    return 0;
}

static struct ji_field field_of(struct fixture *f, const char *type)
{
    struct ji_field field;
    assert_ok(ji_type_parse(&f->arena, ji_view_of_text(type), &field, NULL));
    return field;
}

static void text_that_prints_is_text_that_parses(void **state)
{
    struct fixture *f = *state;
    static const char *const pairs[][2] = {{"boolean", "true"}, {"boolean", "false"}, {"int8", "-128"},
            {"int16", "32767"}, {"int", "-2147483648"}, {"long", "9223372036854775807"}, {"uint8", "255"},
            {"uint16", "65535"}, {"uint32", "4294967295"}, {"uint64", "18446744073709551615"},
            {"float", "0.1"}, {"double", "1e-07"}, {"decimal(5, 2)", "-999.99"}, {"date", "1970-01-01"},
            {"time", "23:59:59.999999"}, {"time_s", "00:00:01"}, {"timestamp", "1969-12-31T23:59:59.999999"},
            {"timestamptz_ns", "2026-11-21T10:00:00.123456789Z"}, {"string", "as it is"}, {"binary", "00ff"},
            {"fixed(2)", "abcd"}, {"uuid", "8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d21"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct ji_field field = field_of(f, pairs[i][0]);
        struct ji_value value;
        f->text.size = 0;
        assert_ok(ji_value_parse(&field, ji_view_of_text(pairs[i][1]), &f->arena, &value, NULL));
        assert_ok(ji_value_text(&field, &value, &f->text, NULL));
        assert_int_equal(f->text.size, strlen(pairs[i][1]));
        assert_memory_equal(f->text.data, pairs[i][1], f->text.size);
        assert_int_equal(ji_value_compare(&field, &value, &value), 0);
    }
}

static void wrong_text_is_refused_with_its_value(void **state)
{
    struct fixture *f = *state;
    static const char *const wrong[][2] = {{"boolean", "yes"}, {"int8", "128"}, {"int16", "-32769"},
            {"int", "2147483648"}, {"long", "9223372036854775808"}, {"uint8", "-1"}, {"uint16", "65536"},
            {"uint32", "4294967296"}, {"uint64", "-1"}, {"int", ""}, {"int", " 1"}, {"float", "1e39"},
            {"double", "0x1p3"}, {"decimal(5, 2)", "1000"}, {"decimal(5, 2)", "0.001"},
            {"date", "2026-02-30"}, {"time", "24:00"}, {"timestamp", "2026-01-01T00:00:00Z"},
            {"timestamp_s", "2026-01-01T00:00:00.5"}, {"string", "\xc3"}, {"binary", "abc"}, {"binary", "zz"},
            {"fixed(2)", "abcdef"}, {"uuid", "8c5a"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct ji_field field = field_of(f, wrong[i][0]);
        struct ji_value value;
        struct joist_error err;
        assert_status(ji_value_parse(&field, ji_view_of_text(wrong[i][1]), &f->arena, &value, &err),
                JOIST_ERR_INVALID);
    }
    static const char *const lacking[] = {"null", "float16", "list<int>", "map<int, int>", "struct<>"};
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        const struct ji_field field = field_of(f, lacking[i]);
        struct ji_value value;
        assert_status(
                ji_value_parse(&field, ji_view_of_text("1"), &f->arena, &value, NULL), JOIST_ERR_UNSUPPORTED);
    }
    const struct ji_field price = field_of(f, "decimal(5, 2)");
    struct ji_value value;
    struct joist_error err;
    assert_status(ji_value_parse(&price, ji_view_of_text("12x"), NULL, &value, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "'12x'"));
    assert_non_null(strstr(err.text, "decimal(5, 2)"));
}

static int compare_reals(double a, double b)
{
    const struct ji_field field = {.name = "", .kind = JI_DOUBLE};
    const struct ji_value values[2] = {{.as.real = a}, {.as.real = b}};
    return ji_value_compare(&field, &values[0], &values[1]);
}

static void values_are_ordered_as_their_type_says(void **state)
{
    (void)state;
    assert_int_equal(compare_reals(1, 2), -1);
    assert_int_equal(compare_reals(-0.0, 0.0), 0);
    assert_int_equal(compare_reals((double)NAN, (double)INFINITY), 1);
    assert_int_equal(compare_reals((double)NAN, (double)NAN), 0);
    struct ji_field field = {.name = "", .kind = JI_UINT64};
    struct ji_value a = {.as.unsigned_integer = UINT64_MAX};
    struct ji_value b = {.as.unsigned_integer = 1};
    assert_int_equal(ji_value_compare(&field, &a, &b), 1);
    field.kind = JI_INT64;
    assert_int_equal(ji_value_compare(&field, &a, &b), -1);
    field.kind = JI_STRING;
    a.as.view = ji_view_of_text("ab");
    b.as.view = ji_view_of_text("\xc3\xb8");
    assert_true(ji_value_compare(&field, &a, &b) < 0);
    field.kind = JI_BOOL;
    a = (struct ji_value){.as.boolean = true};
    b = (struct ji_value){.as.boolean = false};
    assert_int_equal(ji_value_compare(&field, &a, &b), 1);
    field.kind = JI_DECIMAL;
    a = (struct ji_value){.as.decimal = -5};
    b = (struct ji_value){.as.decimal = 5};
    assert_int_equal(ji_value_compare(&field, &a, &b), -1);
}

static void halves_widen_exactly(void **state)
{
    (void)state;
    const struct ji_field field = {.name = "", .kind = JI_FLOAT16};
    const uint16_t halves[] = {0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000, 0x0400};
    const double reals[] = {1, -2, 0x1p-24, 65504, (double)INFINITY, -(double)INFINITY, 0, -0.0, 0x1p-14};
    const struct ji_column column = {
            .field = &field, .row_count = sizeof halves / sizeof halves[0], .values = halves};
    for (size_t i = 0; i < column.row_count; i++) {
        const double real = ji_column_value(&column, i).as.real;
        if (i == 6)
            assert_true(isnan(real));
        else
            assert_true(real == reals[i] && signbit(real) == signbit(reals[i]));
    }
}

static void halves_narrow_only_where_nothing_is_lost(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= UINT16_MAX; bits++) {
        uint16_t back = 1;
        const double value = ji_half_to_double((uint16_t)bits);
        assert_int_equal(ji_half_of_double(value, &back), value == value);
        if (value == value)
            assert_int_equal(back, bits);
    }
    static const double others[] = {0.1, 65520, -1e300, 1e-300, 1.00048828125, 0x1p-25, 0x1.8p-24, 0x1p16};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint16_t half = 0;
        assert_false(ji_half_of_double(others[i], &half));
    }
}

static void json_keeps_what_json_lacks_as_text(void **state)
{
    struct fixture *f = *state;
    const struct ji_field field = {.name = "", .kind = JI_DOUBLE, .nullable = true};
    const double reals[] = {(double)NAN, -(double)INFINITY, 0.5};
    const struct ji_column column = {.field = &field, .row_count = 3, .values = reals};
    for (size_t i = 0; i < 3; i++)
        assert_ok(ji_column_json(&column, i, &f->text, NULL));
    assert_ok(ji_bytes_append_byte(&f->text, 0, NULL));
    assert_string_equal((const char *)f->text.data, "\"nan\"\"-inf\"0.5");
    const struct ji_value null = {.is_null = true};
    f->text.size = 0;
    assert_ok(ji_value_text(&field, &null, &f->text, NULL));
    assert_int_equal(f->text.size, 4);
}

static void widths_count_cells_of_a_terminal(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ji_text_width(ji_view_of_text("abc")), 3);
    assert_int_equal(ji_text_width(ji_view_of_text("e\xcc\x81")), 1);
    assert_int_equal(ji_text_width(ji_view_of_text("\xe6\x9c\xa8\xf0\x9f\x99\x82")), 4);
    size_t taken;
    assert_int_equal(ji_text_fit(ji_view_of_text("a\xe6\x9c\xa8"), 2, &taken), 1);
    assert_int_equal(taken, 1);
    assert_ok(ji_text_tame(ji_view_of_text("a\r\n\t\x1b\x7f\xc2\x85"), &f->text, NULL));
    assert_ok(ji_bytes_append_byte(&f->text, 0, NULL));
    assert_string_equal((const char *)f->text.data, "a\\r\\n\\t\\x1b\\x7f\\x85");
}

static void builders_are_reused_after_reset_and_finish(void **state)
{
    struct fixture *f = *state;
    const struct ji_field field = field_of(f, "string");
    struct ji_column_builder builder;
    struct ji_column column;
    const struct ji_value word = {.as.view = ji_view_of_text("word")};
    const struct ji_value null = {.is_null = true};
    assert_ok(ji_column_builder_init(&builder, f->arena.mem, &field, NULL));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++)
            assert_ok(ji_column_builder_value(&builder, i % 10 == 9 ? &null : &word, NULL));
        assert_ok(ji_column_builder_finish(&builder, &f->arena, &column, NULL));
        assert_ok(ji_column_builder_value(&builder, &word, NULL));
        assert_ok(ji_column_builder_finish(&builder, &f->arena, &column, NULL));
        assert_int_equal(column.row_count, 101);
        assert_true(ji_column_is_null(&column, 99));
        assert_true(ji_view_equal_text(ji_column_value(&column, 0).as.view, "word"));
        assert_true(ji_view_equal_text(ji_column_value(&column, 100).as.view, "word"));
        ji_column_builder_truncate(&builder, 5);
        assert_ok(ji_column_builder_finish(&builder, &f->arena, &column, NULL));
        assert_null(column.validity);
        assert_true(ji_view_equal_text(ji_column_value(&column, 4).as.view, "word"));
        ji_column_builder_reset(&builder);
    }
    ji_column_builder_clear(&builder);
    ji_column_builder_clear(&builder);
    const struct ji_field half = field_of(f, "float16");
    assert_ok(ji_column_builder_init(&builder, f->arena.mem, &half, NULL));
    assert_status(ji_column_builder_value(&builder, &word, NULL), JOIST_ERR_UNSUPPORTED);
    assert_ok(ji_column_builder_null(&builder, NULL));
    ji_column_builder_clear(&builder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(text_that_prints_is_text_that_parses),
            TEST(wrong_text_is_refused_with_its_value),
            TEST(values_are_ordered_as_their_type_says),
            TEST(halves_widen_exactly),
            TEST(halves_narrow_only_where_nothing_is_lost),
            TEST(json_keeps_what_json_lacks_as_text),
            TEST(widths_count_cells_of_a_terminal),
            TEST(builders_are_reused_after_reset_and_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
