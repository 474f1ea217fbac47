/*
 * write_options_test.c - what callers may want of columns, and what of it cannot be
 */
#include "support/test.h"

#include "parquet/parquet_file_writer.h"
#include "parquet/read/parquet_file.h"
#include "parquet/write/write_options.h"

#include <stdlib.h>

#define LOCATION "memory:options.parquet"

struct options_case {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_schema schema;
};

static void case_open(struct options_case *c, const char *schema)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)256 << 20};
    assert_ok(joist_ctx_open(&options, &c->ctx, NULL));
    ji_arena_init(&c->arena, ji_ctx_mem(c->ctx));
    assert_ok(ji_schema_parse(&c->arena, ji_view_of_text(schema), &c->schema, NULL));
}

static void case_close(struct options_case *c)
{
    ji_arena_clear(&c->arena);
    joist_ctx_close(c->ctx);
}

static enum joist_status open_writer(struct options_case *c,
        const struct joist_parquet_write_options *options, struct joist_parquet_writer **writer,
        struct joist_error *err)
{
    struct joist_sink sink = {.ops = NULL};
    JI_TRY(joist_sink_open(c->ctx, LOCATION, JOIST_SINK_REPLACE, &sink, err));
    const enum joist_status status =
            ji_parquet_writer_open(c->ctx, ji_ctx_mem(c->ctx), sink, &c->schema, options, writer, err);
    if (status != JOIST_OK)
        joist_sink_abort(&sink);
    return status;
}

static void expect_refusal(
        const struct joist_parquet_write_options *options, enum joist_status wanted, const char *text)
{
    struct options_case c;
    struct joist_error err;
    struct joist_parquet_writer *writer = NULL;
    case_open(&c, "i int, s struct<x string, y double>, b boolean, f fixed(4)");
    assert_int_equal(open_writer(&c, options, &writer, &err), wanted);
    if (strstr(err.text, text) == NULL)
        fail_msg("'%s' is not in '%s'", text, err.text);
    case_close(&c);
}

#define COLUMN(...)                                                                                          \
    (const struct joist_parquet_column_options[])                                                            \
    {                                                                                                        \
        {                                                                                                    \
            .struct_size = sizeof(struct joist_parquet_column_options), __VA_ARGS__                          \
        }                                                                                                    \
    }
#define OPTIONS(...)                                                                                         \
    &(const struct joist_parquet_write_options)                                                              \
    {                                                                                                        \
        .struct_size = sizeof(struct joist_parquet_write_options), __VA_ARGS__                               \
    }

static void options_for_no_column_are_refused(void **state)
{
    (void)state;
    expect_refusal(OPTIONS(.columns = COLUMN(.column = "z"), .column_count = 1), JOIST_ERR_INVALID,
            "'z', which is no column");
    expect_refusal(OPTIONS(.columns = COLUMN(.column = "s.z"), .column_count = 1), JOIST_ERR_INVALID,
            "'s.z', which is no column");
    expect_refusal(OPTIONS(.columns = COLUMN(.column = NULL), .column_count = 1), JOIST_ERR_INVALID,
            "without a name");
    expect_refusal(OPTIONS(.column_count = 1), JOIST_ERR_INVALID, "without columns");
}

static void encodings_go_with_types_and_readers(void **state)
{
    (void)state;
    static const struct {
        const char *column;
        enum joist_encoding encoding;
        enum joist_parquet_compat compat;
        const char *text;
    } cases[] = {
            {"i", JOIST_ENCODING_DELTA_BYTE_ARRAY, JOIST_PARQUET_COMPAT_NEW, "INT32 cannot be encoded"},
            {"s", JOIST_ENCODING_BYTE_STREAM_SPLIT, JOIST_PARQUET_COMPAT_NEW, "'s.x': BYTE_ARRAY cannot"},
            {"b", JOIST_ENCODING_DICTIONARY, JOIST_PARQUET_COMPAT_NEW, "BOOLEAN cannot"},
            {"i", JOIST_ENCODING_DELTA_BINARY_PACKED, JOIST_PARQUET_COMPAT_V1, "compat 'v1'"},
            {"f", JOIST_ENCODING_DELTA_BYTE_ARRAY, JOIST_PARQUET_COMPAT_WIDE, "compat 'wide'"},
            {"b", JOIST_ENCODING_RLE, JOIST_PARQUET_COMPAT_DEFAULT, "compat 'wide'"},
            {"s.y", JOIST_ENCODING_ALP, JOIST_PARQUET_COMPAT_WIDE, "compat 'wide'"},
            {"i", (enum joist_encoding)77, JOIST_PARQUET_COMPAT_NEW, "encoding 77"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refusal(OPTIONS(.columns = COLUMN(.column = cases[i].column, .encoding = cases[i].encoding),
                               .column_count = 1, .compat = cases[i].compat),
                JOIST_ERR_INVALID, cases[i].text);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    expect_refusal(OPTIONS(.compat = (enum joist_parquet_compat)9), JOIST_ERR_INVALID, "compat 9");
    expect_refusal(OPTIONS(.bloom = (enum joist_bloom)9), JOIST_ERR_INVALID, "bloom 9");
    expect_refusal(OPTIONS(.bloom_rate = 1), JOIST_ERR_INVALID, "bloom_rate");
    expect_refusal(OPTIONS(.bloom_rate = -0.5), JOIST_ERR_INVALID, "bloom_rate");
    expect_refusal(OPTIONS(.bound_bytes_max = 65), JOIST_ERR_LIMIT, "bounds of 65 bytes");
    expect_refusal(OPTIONS(.sorting_count = 1), JOIST_ERR_INVALID, "without sorting");
    expect_refusal(OPTIONS(.columns = COLUMN(.column = "i", .bloom = (enum joist_bloom)9), .column_count = 1),
            JOIST_ERR_INVALID, "bloom 9");
    expect_refusal(OPTIONS(.columns = COLUMN(.column = "i", .bloom_rate = 2), .column_count = 1),
            JOIST_ERR_INVALID, "bloom_rate");
    expect_refusal(OPTIONS(.columns = COLUMN(.column = "i", .encoding = JOIST_ENCODING_DICTIONARY,
                                   .no_dictionary = true),
                           .column_count = 1),
            JOIST_ERR_INVALID, "wanted, and not wanted");
}

static void groups_have_the_rows_that_are_asked_for_whatever_they_take(void **state)
{
    (void)state;
    struct joist_parquet_write_options made;
    struct joist_parquet_write_options asked = {.struct_size = sizeof asked};
    assert_ok(ji_write_options_read(&asked, &made, NULL));
    assert_int_equal(made.row_group_rows_max, 1 << 20);
    assert_int_equal(made.row_group_bytes_max, 128 << 20);
    asked.row_group_rows_max = 10000000;
    assert_ok(ji_write_options_read(&asked, &made, NULL));
    assert_int_equal(made.row_group_rows_max, 10000000);
    assert_true(made.row_group_bytes_max == UINT64_MAX);
    asked.row_group_bytes_max = 5 << 20;
    assert_ok(ji_write_options_read(&asked, &made, NULL));
    assert_int_equal(made.row_group_bytes_max, 5 << 20);
}

static void order_is_of_columns_that_are_there_and_flat(void **state)
{
    (void)state;
    const struct joist_parquet_sorting missing = {.column = "z"};
    const struct joist_parquet_sorting nested = {.column = "s.x"};
    const struct joist_parquet_sorting nameless = {.column = NULL};
    expect_refusal(OPTIONS(.sorting = &missing, .sorting_count = 1), JOIST_ERR_INVALID, "'z'");
    expect_refusal(OPTIONS(.sorting = &nested, .sorting_count = 1), JOIST_ERR_UNSUPPORTED, "nested");
    expect_refusal(OPTIONS(.sorting = &nameless, .sorting_count = 1), JOIST_ERR_INVALID, "has no column");
}

static void write_numbers(struct options_case *c, const struct joist_parquet_write_options *options,
        const int64_t *numbers, size_t count, struct joist_parquet_file **file)
{
    struct joist_parquet_writer *writer = NULL;
    struct joist_source source = {.ops = NULL};
    struct ji_view *texts = calloc(count, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = ji_view_of_text(numbers[i] % 2 == 0 ? "even, and rather a long text" : "odd");
    struct ji_column columns[2] = {{.field = &c->schema.columns[0], .row_count = count, .values = numbers},
            {.field = &c->schema.columns[1], .row_count = count, .values = texts}};
    const struct ji_batch batch = {
            .row_count = count, .selection_count = count, .column_count = 2, .columns = columns};
    assert_ok(open_writer(c, options, &writer, NULL));
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
    assert_ok(joist_source_open(c->ctx, LOCATION, &source, NULL));
    assert_ok(joist_parquet_open(c->ctx, source, NULL, file, NULL));
    free(texts);
}

static void order_is_told_of_groups_that_keep_it(void **state)
{
    (void)state;
    struct options_case c;
    struct joist_parquet_file *file = NULL;
    const int64_t numbers[] = {1, 2, 2, 4, 6, 5, 7, 8};
    const struct joist_parquet_sorting sorting[] = {{.column = "n"}, {.column = "t", .descending = true}};
    case_open(&c, "n long required, t string required");
    /* Groups: 1 2 2 4 in order; 6 5 not; and the second append begins where the first group did. */
    write_numbers(
            &c, OPTIONS(.row_group_rows_max = 4, .sorting = sorting, .sorting_count = 2), numbers, 8, &file);
    assert_int_equal(file->footer.group_count, 4);
    for (size_t g = 0; g < 4; g++) {
        const struct ji_row_group *group = &file->footer.groups[g];
        assert_int_equal(group->sorting_count, g % 2 == 0 ? 2 : 0);
        if (g % 2 != 0)
            continue;
        assert_int_equal(group->sorting[0].column, 0);
        assert_false(group->sorting[0].descending);
        assert_int_equal(group->sorting[1].column, 1);
        assert_true(group->sorting[1].descending);
    }
    joist_parquet_close(file);
    /* Over the end of an append: 8 stands before 1. */
    write_numbers(
            &c, OPTIONS(.row_group_rows_max = 16, .sorting = sorting, .sorting_count = 1), numbers, 5, &file);
    assert_int_equal(file->footer.group_count, 1);
    assert_int_equal(file->footer.groups[0].sorting_count, 0);
    joist_parquet_close(file);
    case_close(&c);
}

static void order_of_one_number_is_told(void **state)
{
    (void)state;
    struct options_case c;
    struct joist_parquet_file *file = NULL;
    const int64_t numbers[] = {4, 4, 4, 4};
    const struct joist_parquet_sorting sorting = {.column = "n"};
    case_open(&c, "n long required, t string required");
    write_numbers(&c, OPTIONS(.sorting = &sorting, .sorting_count = 1), numbers, 4, &file);
    assert_int_equal(file->footer.groups[0].sorting_count, 1);
    joist_parquet_close(file);
    case_close(&c);
}

static void bounds_are_cut_where_it_is_wanted(void **state)
{
    (void)state;
    struct options_case c;
    struct joist_parquet_file *file = NULL;
    const struct ji_chunk *chunk = NULL;
    const int64_t numbers[] = {2, 3};
    case_open(&c, "n long required, t string required");
    write_numbers(&c, OPTIONS(.bound_bytes_max = 4), numbers, 2, &file);
    assert_ok(ji_file_chunk(file, 0, 1, &chunk, NULL));
    const struct ji_statistics *statistics = chunk->statistics;
    assert_true(statistics->has_min && statistics->has_max);
    assert_true(ji_view_equal_text(statistics->min, "even"));
    assert_false(statistics->min_exact);
    assert_true(ji_view_equal_text(statistics->max, "odd"));
    assert_true(statistics->max_exact);
    joist_parquet_close(file);
    case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(options_for_no_column_are_refused),
            cmocka_unit_test(encodings_go_with_types_and_readers),
            cmocka_unit_test(numbers_out_of_range_are_refused),
            cmocka_unit_test(groups_have_the_rows_that_are_asked_for_whatever_they_take),
            cmocka_unit_test(order_is_of_columns_that_are_there_and_flat),
            cmocka_unit_test(order_is_told_of_groups_that_keep_it),
            cmocka_unit_test(order_of_one_number_is_told),
            cmocka_unit_test(bounds_are_cut_where_it_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
