/*
 * page_facts_test.c - what a page index proves, and every number in it that may lie
 *
 *     chunk at [4, 1004)      page 0: rows 0..9 | page 1: rows 10..29 | page 2: rows 30..49
 *
 * The file is made in memory: a footer's structs and, behind the data that nobody reads, the two indexes.
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/format/page_write.h"
#include "parquet/format/type_map.h"
#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"
#include "support/group_arena.h"
#include "support/oom.h"

#include <math.h>
#include <string.h>

#define PAGES 3
#define ROWS 50
#define CHUNK_BYTES 1000

struct indexed {
    struct joist_parquet_file file;
    struct ji_field field;
    struct ji_schema_element element;
    struct ji_shape shape;
    struct ji_leaf leaf;
    struct ji_chunk chunk;
    struct ji_row_group group;
    struct ji_statistics statistics;
    enum ji_column_order order;
    struct ji_page_location locations[PAGES];
    struct ji_offset_index offsets;
    bool null_pages[PAGES];
    uint8_t bounds[2][PAGES][8];
    struct ji_view views[2][PAGES];
    int64_t nulls[PAGES];
    int64_t nans[PAGES];
    struct ji_column_index columns;
    struct bytes_source from;
};

/* Page n has the bounds 10 n .. 10 n + 5. */
static void make(struct indexed *made, struct ji_field field)
{
    static const struct ji_page_location locations[PAGES] = {{104, 100, 0}, {204, 300, 10}, {504, 500, 30}};
    memset(made, 0, sizeof *made);
    made->field = field;
    made->field.name = "x";
    made->order = JI_ORDER_TYPE;
    assert_ok(ji_type_to_element(&made->field, &made->element, NULL));
    made->element.repetition = field.nullable ? JI_OPTIONAL : JI_REQUIRED;
    made->shape = (struct ji_shape){.field = &made->field, .leaf_count = 1};
    made->leaf = (struct ji_leaf){.element = &made->element,
            .field = &made->field,
            .shape = &made->shape,
            .max_def = field.nullable,
            .name = "x"};
    made->chunk = (struct ji_chunk){.has_metadata = true,
            .value_count = ROWS,
            .compressed_bytes = CHUNK_BYTES,
            .data_page_offset = 4,
            .dictionary_page_offset = -1};
    made->group = (struct ji_row_group){.chunks = &made->chunk, .chunk_count = 1, .row_count = ROWS};
    made->file.footer.groups = &made->group;
    made->file.footer.group_count = 1;
    made->file.footer.orders = &made->order;
    made->file.footer.order_count = 1;
    made->file.schema.schema = (struct ji_schema){.column_count = 1, .columns = &made->field};
    made->file.schema.shapes = &made->shape;
    made->file.schema.leaves = &made->leaf;
    made->file.schema.leaf_count = 1;
    memcpy(made->locations, locations, sizeof locations);
    made->offsets = (struct ji_offset_index){.pages = made->locations, .page_count = PAGES};
    for (size_t page = 0; page < PAGES; page++) {
        for (size_t side = 0; side < 2; side++) {
            const int64_t whole = (int64_t)(10 * page + 5 * side);
            const double real = (double)whole;
            const bool is_real = field.kind == JI_DOUBLE;
            ji_copy_le(made->bounds[side][page], is_real ? (const void *)&real : (const void *)&whole, 1, 8);
            made->views[side][page] = ji_view_of(made->bounds[side][page], 8);
        }
    }
    made->columns = (struct ji_column_index){.page_count = PAGES,
            .null_pages = made->null_pages,
            .min_values = made->views[0],
            .max_values = made->views[1],
            .null_counts = made->nulls};
}

/* Writes the indexes behind the chunk and reads them back as pages; `pages` lives in the arena. */
static enum joist_status read_pages(struct indexed *made, struct ji_arena *arena,
        const struct ji_parquet_pages **pages, struct joist_error *err)
{
    struct ji_bytes bytes;
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&bytes, arena->mem);
    for (size_t at = 0; at < 4 + CHUNK_BYTES; at++)
        JI_TRY_OUT(ji_bytes_append_byte(&bytes, 0xee, err));
    made->chunk.offset_index_offset = (int64_t)bytes.size;
    JI_TRY_OUT(ji_offset_index_write(&bytes, &made->offsets, err));
    made->chunk.offset_index_bytes = (int32_t)((int64_t)bytes.size - made->chunk.offset_index_offset);
    made->chunk.column_index_offset = (int64_t)bytes.size;
    JI_TRY_OUT(ji_column_index_write(&bytes, &made->columns, err));
    made->chunk.column_index_bytes = (int32_t)((int64_t)bytes.size - made->chunk.column_index_offset);
    made->from.data = bytes.data;
    made->from.size = bytes.size;
    made->file.source = bytes_source(&made->from);
    made->file.data_end = bytes.size;
    JI_TRY_OUT(ji_parquet_pages_read(&made->file, arena, 0, 0, pages, err));
out:
    ji_bytes_clear(&bytes);
    return status;
}

static const struct ji_field long_type = {.kind = JI_INT64, .nullable = true};
static const struct ji_field real_type = {.kind = JI_DOUBLE, .nullable = true};

static const struct ji_parquet_pages *good_pages(struct indexed *made)
{
    const struct ji_parquet_pages *pages = NULL;
    struct joist_error err;
    if (read_pages(made, &group_arena, &pages, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_non_null(pages);
    return pages;
}

static void pages_are_row_ranges_with_facts(void **state)
{
    (void)state;
    struct indexed made;
    struct ji_facts facts;
    make(&made, long_type);
    made.nulls[1] = 20;
    made.null_pages[1] = true;
    made.nulls[2] = 3;
    made.statistics = (struct ji_statistics){.has_null_count = true, .null_count = 23};
    made.chunk.statistics = &made.statistics;
    const struct ji_parquet_pages *const pages = good_pages(&made);
    assert_int_equal(ji_parquet_page_count(pages), PAGES);
    assert_int_equal(ji_parquet_page_rows(pages, 1).start, 10);
    assert_int_equal(ji_parquet_page_rows(pages, 1).end, 30);
    assert_int_equal(ji_parquet_page_rows(pages, 2).end, ROWS);
    ji_parquet_page_facts(pages, 0, &facts);
    assert_int_equal(facts.row_count, 10);
    assert_true(facts.has_null_count && facts.null_count == 0);
    assert_true(facts.has_min && facts.min.as.integer == 0 && facts.has_max && facts.max.as.integer == 5);
    assert_false(facts.min_exact || facts.max_exact);
    ji_parquet_page_facts(pages, 1, &facts);
    assert_true(facts.null_count == 20 && !facts.has_min && !facts.has_max);
    ji_parquet_page_facts(pages, 2, &facts);
    assert_true(facts.row_count == 20 && facts.null_count == 3 && facts.min.as.integer == 20);
}

static void null_counts_that_are_missing_are_not_zero(void **state)
{
    (void)state;
    struct indexed made;
    struct ji_facts facts;
    make(&made, long_type);
    made.columns.null_counts = NULL;
    made.null_pages[0] = true;
    const struct ji_parquet_pages *pages = good_pages(&made);
    ji_parquet_page_facts(pages, 0, &facts);
    assert_true(facts.has_null_count && facts.null_count == 10);
    ji_parquet_page_facts(pages, 1, &facts);
    assert_false(facts.has_null_count);
    made.null_pages[0] = false;
    made.leaf.max_def = 0;
    pages = good_pages(&made);
    ji_parquet_page_facts(pages, 1, &facts);
    assert_true(facts.has_null_count && facts.null_count == 0);
}

static void null_counts_beneath_a_struct_prove_no_lack_of_nulls(void **state)
{
    (void)state;
    struct indexed made;
    struct ji_facts facts;
    static const int64_t levels[PAGES * 3] = {2, 1, 7, 20, 0, 0, 0, 0, 19};
    make(&made, long_type);
    made.leaf.max_def = 2;
    made.null_pages[1] = true;
    made.nulls[1] = 3; /* the others stand in the struct above */
    const struct ji_parquet_pages *pages = good_pages(&made);
    ji_parquet_page_facts(pages, 0, &facts);
    assert_true(!facts.has_null_count && facts.has_min);
    ji_parquet_page_facts(pages, 1, &facts);
    assert_true(facts.has_null_count && facts.null_count == 20 && !facts.has_min);
    made.columns.def_histograms = levels;
    made.columns.def_histogram_count = PAGES * 3;
    pages = good_pages(&made);
    ji_parquet_page_facts(pages, 0, &facts);
    assert_true(facts.has_null_count && facts.null_count == 3);
    ji_parquet_page_facts(pages, 2, &facts);
    assert_false(facts.has_null_count); /* 19 of its 20 rows */
}

static void reals_follow_the_rules_of_their_order(void **state)
{
    (void)state;
    struct indexed made;
    struct ji_facts facts;
    const double nan_value = (double)NAN;
    const double zero = 0.0;
    make(&made, real_type);
    ji_copy_le(made.bounds[0][0], &zero, 1, 8);
    made.bounds[1][0][7] = 0x80;
    memset(made.bounds[1][0], 0, 7);
    ji_copy_le(made.bounds[0][1], &nan_value, 1, 8);
    ji_copy_le(made.bounds[1][1], &nan_value, 1, 8);
    for (int order = JI_ORDER_TYPE; order <= JI_ORDER_IEEE754; order++) {
        made.order = (enum ji_column_order)order;
        const struct ji_parquet_pages *const pages = good_pages(&made);
        ji_parquet_page_facts(pages, 0, &facts);
        assert_true(
                facts.has_min && signbit(facts.min.as.real) && facts.has_max && !signbit(facts.max.as.real));
        assert_false(facts.has_nan_count);
        ji_parquet_page_facts(pages, 1, &facts);
        assert_false(facts.has_min || facts.has_max);
    }
    made.columns.nan_counts = made.nans;
    made.nans[1] = 20;
    ji_parquet_page_facts(good_pages(&made), 1, &facts);
    assert_true(facts.has_nan_count && facts.nan_count == 20);
    made.nans[1] = 21;
    const struct ji_parquet_pages *pages = NULL;
    assert_status(read_pages(&made, &group_arena, &pages, NULL), JOIST_ERR_CORRUPT);
}

static void bounds_without_an_order_are_none(void **state)
{
    (void)state;
    static const enum ji_column_order orders[] = {JI_ORDER_UNKNOWN, JI_ORDER_IEEE754, JI_ORDER_INT96};
    struct indexed made;
    struct ji_facts facts;
    make(&made, long_type);
    for (size_t index = 0; index < 3; index++) {
        made.order = orders[index];
        ji_parquet_page_facts(good_pages(&made), 1, &facts);
        assert_true(facts.has_null_count && !facts.has_min && !facts.has_max);
    }
    made.file.footer.orders = NULL;
    made.file.footer.order_count = 0;
    ji_parquet_page_facts(good_pages(&made), 1, &facts);
    assert_false(facts.has_min || facts.has_max);
}

static void bounds_that_contradict_each_other_void_their_page_alone(void **state)
{
    (void)state;
    struct indexed made;
    struct ji_facts facts;
    make(&made, long_type);
    made.bounds[0][1][0] = 200;
    made.views[1][2].size = 7;
    const struct ji_parquet_pages *const pages = good_pages(&made);
    ji_parquet_page_facts(pages, 0, &facts);
    assert_true(facts.has_min && facts.has_max);
    ji_parquet_page_facts(pages, 1, &facts);
    assert_false(facts.has_min || facts.has_max);
    ji_parquet_page_facts(pages, 2, &facts);
    assert_false(facts.has_min || facts.has_max);
}

static void break_page(struct indexed *made, size_t how)
{
    static const struct ji_page_location broken[] = {{204, 300, 31}, {204, 300, -1}, {204, 301, 10},
            {204, 0, 10}, {204, -5, 10}, {203, 300, 10}, {-204, 300, 10}, {3, 50, 10}, {INT64_MAX, 300, 10},
            {204, 300, INT64_MAX}, {204, INT32_MAX, 10}};
    static const size_t count = sizeof broken / sizeof broken[0];
    if (how < count)
        made->locations[1] = broken[how];
    else if (how == count)
        made->locations[0].first_row = 1;
    else if (how == count + 1)
        made->locations[2] = (struct ji_page_location){504, 501, 30};
    else if (how == count + 2)
        made->locations[0].offset = 3;
    else if (how == count + 3)
        made->offsets.page_count = 2;
    else if (how == count + 4)
        made->columns.page_count = 2;
    else if (how == count + 5)
        made->nulls[1] = -1;
    else if (how == count + 6)
        made->nulls[1] = 21;
    else if (how == count + 7)
        made->nulls[1] = 20; /* and no null page */
    else if (how == count + 8)
        made->null_pages[1] = true; /* and no nulls */
    else if (how == count + 9)
        made->statistics.null_count = 1;
    else if (how == count + 10)
        made->leaf.max_def = 0, made->nulls[0] = 1;
    else if (how == count + 11)
        made->leaf.max_def = 0, made->columns.null_counts = NULL, made->null_pages[0] = true;
    else
        made->columns.nan_counts = made->nans, made->nans[2] = how == count + 12 ? 21 : INT64_MIN;
}

static void broken_indexes_are_corrupt_as_a_whole(void **state)
{
    (void)state;
    for (size_t how = 0; how < 25; how++) {
        struct indexed made;
        const struct ji_parquet_pages *pages = NULL;
        struct joist_error err = {0};
        make(&made, real_type);
        made.chunk.statistics = &made.statistics;
        made.statistics.has_null_count = how == 20;
        break_page(&made, how);
        if (read_pages(&made, &group_arena, &pages, &err) != JOIST_ERR_CORRUPT)
            fail_msg("case %zu is taken", how);
        assert_null(pages);
        if (strncmp(err.text, "row group 0, column 'x': ", 25) != 0)
            fail_msg("%s", err.text);
    }
}

static void indexes_outside_of_the_file_are_corrupt(void **state)
{
    (void)state;
    struct indexed made;
    const struct ji_parquet_pages *pages = NULL;
    make(&made, long_type);
    (void)good_pages(&made);
    const struct ji_chunk good = made.chunk;
    static const int64_t offsets[] = {0, 3, INT64_MAX};
    for (size_t index = 0; index < 3; index++) {
        made.chunk = good;
        made.chunk.offset_index_offset = offsets[index];
        assert_status(ji_parquet_pages_read(&made.file, &group_arena, 0, 0, &pages, NULL), JOIST_ERR_CORRUPT);
    }
    made.chunk = good;
    made.file.data_end = 900;
    assert_status(ji_parquet_pages_read(&made.file, &group_arena, 0, 0, &pages, NULL), JOIST_ERR_CORRUPT);
}

static void what_is_not_worth_it_is_not_read(void **state)
{
    (void)state;
    struct indexed made;
    const struct ji_parquet_pages *pages = NULL;
    make(&made, long_type);
    (void)good_pages(&made);
    const struct ji_chunk good = made.chunk;
    made.from.reads = 0;
    made.chunk.compressed_bytes = 10;
    assert_ok(ji_parquet_pages_read(&made.file, &group_arena, 0, 0, &pages, NULL));
    assert_null(pages);
    made.chunk = good;
    made.chunk.is_encrypted = true;
    assert_ok(ji_parquet_pages_read(&made.file, &group_arena, 0, 0, &pages, NULL));
    assert_null(pages);
    made.chunk = good;
    made.chunk.column_index_offset = -1;
    assert_ok(ji_parquet_pages_read(&made.file, &group_arena, 0, 0, &pages, NULL));
    assert_null(pages);
    made.chunk = good;
    made.leaf.max_rep = 1;
    assert_ok(ji_parquet_pages_read(&made.file, &group_arena, 0, 0, &pages, NULL));
    assert_null(pages);
    assert_int_equal(made.from.reads, 0);
    made.leaf.max_rep = 0;
    made.offsets.page_count = made.columns.page_count = 1;
    assert_ok(read_pages(&made, &group_arena, &pages, NULL));
    assert_null(pages);
    assert_int_equal(made.from.reads, 1);
}

static enum joist_status read_once(struct joist_ctx *swept, void *arg, struct joist_error *err)
{
    struct indexed made;
    struct ji_arena own;
    const struct ji_parquet_pages *pages = NULL;
    make(&made, long_type);
    if (arg != NULL)
        made.from.fail_at = *(const uint64_t *)arg;
    ji_arena_init(&own, ji_ctx_mem(swept));
    const enum joist_status status = read_pages(&made, &own, &pages, err);
    ji_arena_clear(&own);
    return status;
}

static void every_failure_is_told(void **state)
{
    (void)state;
    oom_sweep(read_once, NULL);
    for (uint64_t fail_at = 1; fail_at <= 2; fail_at++)
        assert_status(read_once(group_ctx, &fail_at, NULL), JOIST_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(pages_are_row_ranges_with_facts),
            cmocka_unit_test(null_counts_that_are_missing_are_not_zero),
            cmocka_unit_test(null_counts_beneath_a_struct_prove_no_lack_of_nulls),
            cmocka_unit_test(reals_follow_the_rules_of_their_order),
            cmocka_unit_test(bounds_without_an_order_are_none),
            cmocka_unit_test(bounds_that_contradict_each_other_void_their_page_alone),
            cmocka_unit_test(broken_indexes_are_corrupt_as_a_whole),
            cmocka_unit_test(indexes_outside_of_the_file_are_corrupt),
            cmocka_unit_test(what_is_not_worth_it_is_not_read),
            cmocka_unit_test(every_failure_is_told),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
