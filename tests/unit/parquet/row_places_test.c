/*
 * row_places_test.c - some rows of a group: the same as in a full read, for as few reads as they need
 *
 * places.parquet: 2000 rows in pages of 100, with indexes; `id`, `word` and `list` are coded by a dictionary at
 * first and plain then, `code` is coded throughout.
 */
#include "support/test.h"

#include "base/bytes.h"
#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 2000
#define ID 0
#define CODE 1
#define COLUMNS 4

struct places {
    struct joist_ctx *ctx;
    uint8_t *data;
    size_t size;
    struct bytes_source from;
    struct joist_parquet_file *file;
};

static int open_places(void **state)
{
    static struct places places;
    const size_t room = 64 << 10;
    places = (struct places){.data = malloc(room)};
    FILE *const file = fopen(JOIST_SOURCE_DIR "/tests/fuzz/corpus/page_fuzz/places.parquet", "rb");
    assert_non_null(file);
    places.size = fread(places.data, 1, room, file);
    fclose(file);
    assert_ok(joist_ctx_open(NULL, &places.ctx, NULL));
    places.from = (struct bytes_source){.data = places.data, .size = places.size};
    assert_ok(joist_parquet_open(places.ctx, bytes_source(&places.from), NULL, &places.file, NULL));
    *state = &places;
    return 0;
}

static int close_places(void **state)
{
    struct places *const places = *state;
    joist_parquet_close(places->file);
    joist_ctx_close(places->ctx);
    free(places->data);
    return 0;
}

/* The status of reading the ranges of one column, all rows of which must be there. */
static enum joist_status read_ranges(struct joist_ctx *ctx, struct joist_parquet_file *file, size_t column,
        const struct ji_row_range *ranges, size_t count, struct joist_error *err)
{
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_parquet_cursor_options options = {
            .columns = &column, .column_count = 1, .ranges = ranges, .range_count = count};
    uint64_t left = 0;
    for (size_t index = 0; index < count; index++)
        left += ranges[index].end - ranges[index].start;
    JI_TRY(ji_parquet_cursor_open(file, ji_ctx_mem(ctx), &options, &cursor, err));
    enum joist_status status = JOIST_OK;
    const struct ji_batch *batch = NULL;
    do {
        JI_TRY_OUT(ji_parquet_cursor_next(cursor, 64, &batch, err));
        left -= batch != NULL ? batch->row_count : 0;
    } while (batch != NULL);
    assert_int_equal(left, 0);
out:
    ji_parquet_cursor_close(cursor);
    return status;
}

/* How many reads the ranges of a column take in a cursor of their own. */
static uint64_t reads_of(
        struct places *places, size_t column, const struct ji_row_range *ranges, size_t count)
{
    const struct ji_chunk *chunk = NULL;
    assert_ok(ji_file_chunk(places->file, 0, column, &chunk, NULL));
    const uint64_t before = places->from.reads;
    assert_ok(read_ranges(places->ctx, places->file, column, ranges, count, NULL));
    return places->from.reads - before;
}

static void drain(struct places *places, const struct ji_row_range *range, struct ji_bytes *text)
{
    struct parquet_drain rows = {.ranges = range, .range_count = range != NULL, .text = text};
    text->size = 0;
    assert_ok(parquet_drain_group(places->ctx, places->file, 0, &rows, NULL));
}

/* The lines [start, end) of a text. */
static struct ji_view lines(struct ji_view text, uint64_t start, uint64_t end)
{
    size_t from = 0;
    size_t at = 0;
    for (uint64_t line = 0; line < end; line++) {
        if (line == start)
            from = at;
        at = (size_t)((const uint8_t *)memchr(text.data + at, '\n', text.size - at) - text.data) + 1;
    }
    return ji_view_of(text.data + from, at - from);
}

static void rows_of_any_place_are_those_of_a_full_read(void **state)
{
    struct places *const places = *state;
    static const uint64_t starts[] = {0, 1, 99, 100, 101, 450, 777, 1000, 1500, 1899, 1900, 1990};
    static const uint64_t counts[] = {1, 10, 100, 310};
    struct ji_bytes all, some;
    ji_bytes_init(&all, ji_ctx_mem(places->ctx));
    ji_bytes_init(&some, ji_ctx_mem(places->ctx));
    drain(places, NULL, &all);
    const struct ji_view text = ji_view_of(all.data, all.size);
    for (size_t at = 0; at < sizeof starts / sizeof starts[0]; at++) {
        for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
            const struct ji_row_range range = {starts[at], ji_min_u64(starts[at] + counts[index], ROWS)};
            drain(places, &range, &some);
            const struct ji_view wanted = lines(text, range.start, range.end);
            assert_true(ji_view_equal(ji_view_of(some.data, some.size), wanted));
        }
    }
    ji_bytes_clear(&all);
    ji_bytes_clear(&some);
}

static void a_place_costs_its_index_its_page_and_a_dictionary_that_the_page_uses(void **state)
{
    struct places *const places = *state;
    const struct ji_row_range late = {1510, 1520};
    const struct ji_row_range across = {1590, 1610};
    assert_int_equal(reads_of(places, ID, &late, 1), 2);
    assert_int_equal(reads_of(places, ID, &across, 1), 2);
    assert_int_equal(reads_of(places, CODE, &late, 1), 3);
    assert_int_equal(reads_of(places, CODE, &across, 1), 3);
}

static void ranges_that_are_near_are_read_at_once(void **state)
{
    struct places *const places = *state;
    struct ji_row_range ranges[12];
    for (size_t index = 0; index < 12; index++)
        ranges[index] = (struct ji_row_range){800 + index * 100 + 3, 800 + index * 100 + 5};
    assert_int_equal(reads_of(places, ID, ranges, 12), 2);
    assert_int_equal(reads_of(places, CODE, ranges, 12), 3);
}

static void a_dictionary_that_no_wanted_page_uses_is_not_looked_at(void **state)
{
    struct places *const places = *state;
    const struct ji_chunk *chunk = NULL;
    struct joist_error err;
    assert_ok(ji_file_chunk(places->file, 0, ID, &chunk, NULL));
    assert_true(chunk->dictionary_page_offset > 0);
    uint8_t *const byte = places->data + chunk->dictionary_page_offset;
    *byte = (uint8_t) ~*byte;
    const struct ji_row_range late = {1510, 1520};
    const struct ji_row_range early = {130, 140};
    assert_ok(read_ranges(places->ctx, places->file, ID, &late, 1, NULL));
    assert_status(read_ranges(places->ctx, places->file, ID, &early, 1, &err), JOIST_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "row group 0, column 'id', page 0"));
    *byte = (uint8_t) ~*byte;
    assert_ok(read_ranges(places->ctx, places->file, ID, &early, 1, NULL));
}

static enum joist_status read_places(
        struct joist_ctx *ctx, struct bytes_source *from, struct joist_error *err)
{
    static const struct ji_row_range ranges[] = {{130, 140}, {1510, 1520}};
    struct joist_parquet_file *file = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(joist_parquet_open(ctx, bytes_source(from), NULL, &file, err));
    for (size_t column = 0; column < COLUMNS && status == JOIST_OK; column++)
        status = read_ranges(ctx, file, column, ranges, 2, err);
    joist_parquet_close(file);
    return status;
}

static enum joist_status read_short_of_memory(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct places *const places = arg;
    struct bytes_source from = {.data = places->data, .size = places->size};
    return read_places(ctx, &from, err);
}

static void every_allocation_that_fails_is_given_back(void **state)
{
    oom_sweep(read_short_of_memory, *state);
}

static void every_read_that_fails_is_an_error(void **state)
{
    struct places *const places = *state;
    struct bytes_source from = {.data = places->data, .size = places->size};
    for (from.fail_at = 1;; from.fail_at++) {
        from.reads = 0;
        const enum joist_status status = read_places(places->ctx, &from, NULL);
        if (from.reads < from.fail_at) {
            assert_ok(status);
            break;
        }
        assert_status(status, JOIST_ERR_IO);
    }
    assert_true(from.fail_at > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_of_any_place_are_those_of_a_full_read),
            cmocka_unit_test(a_place_costs_its_index_its_page_and_a_dictionary_that_the_page_uses),
            cmocka_unit_test(ranges_that_are_near_are_read_at_once),
            cmocka_unit_test(a_dictionary_that_no_wanted_page_uses_is_not_looked_at),
            cmocka_unit_test(every_allocation_that_fails_is_given_back),
            cmocka_unit_test(every_read_that_fails_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_places, close_places);
}
