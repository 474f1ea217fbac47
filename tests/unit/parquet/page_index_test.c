/*
 * page_index_test.c - both page indexes are read as they were written, and refused where their lists disagree
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/format/page_header_read.h"
#include "parquet/format/page_write.h"
#include "support/oom.h"
#include "wire/thrift.h"

static struct ji_page_location pages[] = {{4, 100, 0}, {104, 50, 20}, {154, 7, 33}};
static const int64_t unencoded[] = {10, 20, 30};
static const bool null_pages[] = {false, true, false};
static const struct ji_view mins[] = {
        {(const uint8_t *)"a", 1}, {(const uint8_t *)"", 0}, {(const uint8_t *)"c", 1}};
static const int64_t null_counts[] = {0, 13, 2};
static const int64_t histograms[] = {0, 20, 13, 0, 2, 5};

static enum joist_status write_and_read(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    const struct ji_offset_index offsets = {.pages = pages, .page_count = 3, .unencoded_bytes = unencoded};
    const struct ji_column_index columns = {
            .page_count = 3,
            .null_pages = null_pages,
            .min_values = mins,
            .max_values = mins,
            .order = JI_ASCENDING,
            .null_counts = null_counts,
            .def_histograms = histograms,
            .def_histogram_count = 6,
    };
    struct ji_offset_index offsets_back;
    struct ji_column_index columns_back;
    struct ji_bytes bytes;
    struct ji_arena arena;
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&bytes, ji_ctx_mem(ctx));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_offset_index_write(&bytes, &offsets, err));
    JI_TRY_OUT(ji_offset_index_decode(&arena, ji_view_of(bytes.data, bytes.size), &offsets_back, err));
    assert_int_equal(offsets_back.page_count, 3);
    for (size_t page = 0; page < 3; page++) {
        assert_int_equal(offsets_back.pages[page].offset, pages[page].offset);
        assert_int_equal(offsets_back.pages[page].compressed_bytes, pages[page].compressed_bytes);
        assert_int_equal(offsets_back.pages[page].first_row, pages[page].first_row);
    }
    assert_memory_equal(offsets_back.unencoded_bytes, unencoded, sizeof unencoded);
    bytes.size = 0;
    JI_TRY_OUT(ji_column_index_write(&bytes, &columns, err));
    JI_TRY_OUT(ji_column_index_decode(&arena, ji_view_of(bytes.data, bytes.size), &columns_back, err));
    assert_int_equal(columns_back.page_count, 3);
    assert_memory_equal(columns_back.null_pages, null_pages, sizeof null_pages);
    assert_true(ji_view_equal_text(columns_back.max_values[2], "c"));
    assert_int_equal(columns_back.order, JI_ASCENDING);
    assert_memory_equal(columns_back.null_counts, null_counts, sizeof null_counts);
    assert_memory_equal(columns_back.def_histograms, histograms, sizeof histograms);
    assert_null(columns_back.rep_histograms);
    assert_null(columns_back.nan_counts);
out:
    ji_arena_clear(&arena);
    ji_bytes_clear(&bytes);
    return status;
}

static void indexes_are_read_as_they_were_written(void **state)
{
    (void)state;
    oom_sweep(write_and_read, NULL);
}

/* A column index whose lists have these lengths. */
static enum joist_status decode_lists(
        struct joist_ctx *ctx, size_t nulls, size_t min_count, size_t count_count, size_t histogram_count)
{
    struct ji_thrift_writer writer;
    struct ji_bytes bytes;
    struct ji_arena arena;
    struct ji_column_index index;
    ji_bytes_init(&bytes, ji_ctx_mem(ctx));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_thrift_writer_init(&writer, &bytes, NULL);
    ji_thrift_write_list(&writer, 1, JI_THRIFT_TRUE, nulls);
    for (size_t step = 0; step < nulls; step++)
        ji_thrift_element_bool(&writer, false);
    for (int16_t id = 2; id <= 3; id++) {
        ji_thrift_write_list(&writer, id, JI_THRIFT_BINARY, min_count);
        for (size_t step = 0; step < min_count; step++)
            ji_thrift_element_binary(&writer, ji_view_of_text("x"));
    }
    ji_thrift_write_i32(&writer, 4, 0);
    const size_t counts[] = {count_count, histogram_count, histogram_count, count_count};
    for (int16_t id = 5; id <= 8; id++) {
        ji_thrift_write_list(&writer, id, JI_THRIFT_I64, counts[id - 5]);
        for (size_t step = 0; step < counts[id - 5]; step++)
            ji_thrift_element_i64(&writer, 1);
    }
    ji_thrift_write_i32(&writer, 30, 1);
    assert_ok(ji_thrift_writer_finish(&writer));
    const enum joist_status status =
            ji_column_index_decode(&arena, ji_view_of(bytes.data, bytes.size), &index, NULL);
    ji_arena_clear(&arena);
    ji_bytes_clear(&bytes);
    return status;
}

static void lists_of_different_lengths_are_corrupt(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(decode_lists(ctx, 2, 2, 2, 4));
    assert_ok(decode_lists(ctx, 0, 0, 0, 0));
    assert_status(decode_lists(ctx, 2, 1, 2, 4), JOIST_ERR_CORRUPT);
    assert_status(decode_lists(ctx, 2, 2, 3, 4), JOIST_ERR_CORRUPT);
    assert_status(decode_lists(ctx, 2, 2, 2, 3), JOIST_ERR_CORRUPT);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(indexes_are_read_as_they_were_written),
            cmocka_unit_test(lists_of_different_lengths_are_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
