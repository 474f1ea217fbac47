/*
 * delta_bytes_test.c - byte arrays by their lengths, and by what they share with the one before
 */
#include "support/test.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "parquet/decode/delta_bytes.h"
#include "support/delta_stream.h"
#include "support/oom.h"

static const struct delta_shape shape = {.block_values = 128, .mini_count = 4, .bits = 32};

/* A page of these values: with their prefixes, or, where `prefixes` is NULL, by lengths alone. */
static size_t make_page(const char *const *values, const uint64_t *prefixes, size_t count, uint8_t *out)
{
    uint64_t lengths[2000];
    size_t size = prefixes != NULL ? delta_stream(&shape, prefixes, count, out) : 0;
    for (size_t index = 0; index < count; index++)
        lengths[index] = strlen(values[index]) - (prefixes != NULL ? prefixes[index] : 0);
    size += delta_stream(&shape, lengths, count, out + size);
    for (size_t index = 0; index < count; index++) {
        memcpy(out + size, values[index] + (prefixes != NULL ? prefixes[index] : 0), lengths[index]);
        size += lengths[index];
    }
    return size;
}

static void assert_views(const struct ji_view *views, const char *const *values, size_t count)
{
    for (size_t index = 0; index < count; index++)
        assert_true(ji_view_equal_text(views[index], values[index]));
}

static void lengths_become_views_into_the_page(void **state)
{
    (void)state;
    static const char *const values[] = {"oak", "", "ash", "a much longer tree", "", "yew"};
    uint8_t page[500];
    struct ji_delta_bytes bytes;
    struct ji_view views[6];
    const size_t size = make_page(values, NULL, 6, page);
    for (size_t piece = 1; piece <= 6; piece++) {
        assert_ok(ji_delta_length_init(&bytes, ji_view_of(page, size), NULL));
        for (size_t at = 0; at < 6; at += piece)
            assert_ok(ji_delta_length_views(&bytes, ji_min_size(piece, 6 - at), views + at, NULL));
        assert_views(views, values, 6);
        assert_status(ji_delta_length_views(&bytes, 1, views, NULL), JOIST_ERR_CORRUPT);
    }
    assert_ok(ji_delta_length_init(&bytes, ji_view_of(page, size), NULL));
    assert_ok(ji_delta_length_skip(&bytes, 3, NULL));
    assert_ok(ji_delta_length_views(&bytes, 3, views, NULL));
    assert_views(views, values + 3, 3);
    assert_status(ji_delta_length_skip(&bytes, 1, NULL), JOIST_ERR_CORRUPT);
}

static void lengths_past_their_page_or_below_zero_are_corrupt(void **state)
{
    (void)state;
    static const uint64_t negative[] = {3, (uint32_t)-1, 2};
    static const uint64_t large[] = {INT32_MAX, INT32_MAX, INT32_MAX};
    uint8_t page[500];
    struct ji_delta_bytes bytes;
    struct ji_view views[3];
    struct joist_error err;
    size_t size = delta_stream(&shape, negative, 3, page);
    assert_ok(ji_delta_length_init(&bytes, ji_view_of(page, size + 100), NULL));
    assert_status(ji_delta_length_views(&bytes, 3, views, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "byte array of -1 bytes");
    size = delta_stream(&shape, large, 3, page);
    assert_ok(ji_delta_length_init(&bytes, ji_view_of(page, size + 100), NULL));
    assert_status(ji_delta_length_views(&bytes, 3, views, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "byte arrays of 6442450941 bytes where the page has 100 left");
    assert_ok(ji_delta_length_init(&bytes, ji_view_of(page, size + 100), NULL));
    assert_status(ji_delta_length_skip(&bytes, 1, &err), JOIST_ERR_CORRUPT);
    assert_status(ji_delta_length_init(&bytes, ji_view_of(page, size - 1), &err), JOIST_ERR_CORRUPT);
}

static const char *const trees[] = {"oak", "oaken", "oakum", "", "ash", "ashen", "ashen"};
static const uint64_t tree_prefixes[] = {0, 3, 3, 0, 0, 3, 5};
#define TREES 7

struct opened {
    struct joist_ctx *ctx;
    struct ji_bytes_carry carry;
    uint8_t page[500];
    size_t size;
};

static void open_trees(struct opened *opened)
{
    *opened = (struct opened){.ctx = NULL};
    assert_ok(joist_ctx_open(NULL, &opened->ctx, NULL));
    opened->carry.mem = ji_ctx_mem(opened->ctx);
    opened->size = make_page(trees, tree_prefixes, TREES, opened->page);
}

static void close_trees(struct opened *opened)
{
    ji_bytes_carry_clear(&opened->carry);
    joist_ctx_close(opened->ctx);
}

static void prefixes_come_from_the_value_before(void **state)
{
    (void)state;
    struct opened opened;
    struct ji_delta_bytes bytes;
    struct ji_view views[TREES];
    open_trees(&opened);
    const struct ji_view page = ji_view_of(opened.page, opened.size);
    for (size_t piece = 1; piece <= TREES; piece++) {
        assert_ok(ji_delta_strings_init(&bytes, &opened.carry, page, NULL));
        for (size_t at = 0; at < TREES; at += piece) {
            const size_t step = ji_min_size(piece, TREES - at);
            assert_ok(ji_delta_strings_views(&bytes, &opened.carry, step, views, NULL));
            assert_views(views, trees + at, step);
        }
        assert_ok(ji_delta_strings_views(&bytes, &opened.carry, 0, views, NULL));
        assert_status(ji_delta_strings_views(&bytes, &opened.carry, 1, views, NULL), JOIST_ERR_CORRUPT);
    }
    for (size_t skipped = 0; skipped <= TREES; skipped++) {
        assert_ok(ji_delta_strings_init(&bytes, &opened.carry, page, NULL));
        assert_ok(ji_delta_strings_skip(&bytes, &opened.carry, skipped, NULL));
        assert_ok(ji_delta_strings_views(&bytes, &opened.carry, TREES - skipped, views, NULL));
        assert_views(views, trees + skipped, TREES - skipped);
    }
    close_trees(&opened);
}

static void text_that_somebody_holds_is_not_written_over(void **state)
{
    (void)state;
    struct opened opened;
    struct ji_delta_bytes bytes;
    struct ji_view first[3];
    struct ji_view second[4];
    open_trees(&opened);
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, ji_view_of(opened.page, opened.size), NULL));
    assert_ok(ji_delta_strings_views(&bytes, &opened.carry, 3, first, NULL));
    struct ji_buffer *const held = ji_buffer_retain(opened.carry.text);
    assert_ok(ji_delta_strings_views(&bytes, &opened.carry, 4, second, NULL));
    assert_views(first, trees, 3);
    assert_views(second, trees + 3, 4);
    assert_ptr_not_equal(held, opened.carry.text);
    ji_buffer_release(held);
    close_trees(&opened);
}

/* PARQUET-246. */
static void a_first_prefix_refers_to_the_page_before_where_that_was_read(void **state)
{
    (void)state;
    static const char *const next[] = {"ashes", "ashore"};
    static const uint64_t prefixes[] = {4, 3};
    struct opened opened;
    struct ji_delta_bytes bytes;
    struct ji_view views[TREES];
    struct joist_error err;
    uint8_t second[200];
    const size_t size = make_page(next, prefixes, 2, second);
    open_trees(&opened);
    const struct ji_view first = ji_view_of(opened.page, opened.size);

    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, first, NULL));
    assert_ok(ji_delta_strings_views(&bytes, &opened.carry, TREES, views, NULL));
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, ji_view_of(second, size), NULL));
    assert_ok(ji_delta_strings_views(&bytes, &opened.carry, 2, views, NULL));
    assert_views(views, next, 2);

    /* Passing over all values of a page is reading it too. */
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, first, NULL));
    assert_ok(ji_delta_strings_skip(&bytes, &opened.carry, TREES, NULL));
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, ji_view_of(second, size), NULL));
    assert_ok(ji_delta_strings_skip(&bytes, &opened.carry, 1, NULL));
    assert_ok(ji_delta_strings_views(&bytes, &opened.carry, 1, views, NULL));
    assert_views(views, next + 1, 1);

    /* Not all of it, or none of it, is not. */
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, first, NULL));
    assert_ok(ji_delta_strings_views(&bytes, &opened.carry, TREES - 1, views, NULL));
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, ji_view_of(second, size), NULL));
    assert_status(ji_delta_strings_views(&bytes, &opened.carry, 2, views, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(
            err.text, "the first value shares 4 bytes with one of a page before that was not read");
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, first, NULL));
    assert_ok(ji_delta_strings_skip(&bytes, &opened.carry, TREES, NULL));
    ji_bytes_carry_break(&opened.carry);
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, ji_view_of(second, size), NULL));
    assert_status(ji_delta_strings_skip(&bytes, &opened.carry, 2, &err), JOIST_ERR_CORRUPT);
    close_trees(&opened);
}

static void prefixes_longer_than_the_value_before_are_corrupt(void **state)
{
    (void)state;
    static const uint64_t prefixes[] = {0, 4};
    static const uint64_t lengths[] = {3, 1};
    struct opened opened;
    struct ji_delta_bytes bytes;
    struct ji_view views[2];
    struct joist_error err;
    uint8_t fixed[10];
    open_trees(&opened);
    size_t size = delta_stream(&shape, prefixes, 2, opened.page);
    size += delta_stream(&shape, lengths, 2, opened.page + size);
    memcpy(opened.page + size, "oaks", 4);
    const struct ji_view page = ji_view_of(opened.page, size + 4);
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, page, NULL));
    assert_status(ji_delta_strings_views(&bytes, &opened.carry, 2, views, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "prefix of 4 bytes of a value of 3");
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, page, NULL));
    assert_status(ji_delta_strings_skip(&bytes, &opened.carry, 2, &err), JOIST_ERR_CORRUPT);
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, page, NULL));
    assert_ok(ji_delta_strings_fixed(&bytes, &opened.carry, 3, 1, fixed, &err));
    assert_memory_equal(fixed, "oak", 3);
    assert_ok(ji_delta_strings_init(&bytes, &opened.carry, page, NULL));
    assert_status(ji_delta_strings_fixed(&bytes, &opened.carry, 4, 1, fixed, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "value of 3 bytes in a column of 4");
    close_trees(&opened);
}

/* `count` times the same value of `size` bytes: a page of a few bytes a miniblock. */
static size_t make_repeats(uint8_t *page, const uint8_t *value, size_t size, size_t count)
{
    static uint64_t numbers[2000];
    for (size_t index = 0; index < count; index++)
        numbers[index] = index == 0 ? 0 : size;
    size_t bytes = delta_stream(&shape, numbers, count, page);
    for (size_t index = 0; index < count; index++)
        numbers[index] = index == 0 ? size : 0;
    bytes += delta_stream(&shape, numbers, count, page + bytes);
    memcpy(page + bytes, value, size);
    return bytes + size;
}

static void a_page_that_expands_beyond_memory_is_read_in_small_pieces(void **state)
{
    (void)state;
    static uint8_t value[100000];
    static uint8_t page[200000];
    struct ji_view views[2000];
    struct ji_delta_bytes bytes;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    struct joist_error err;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    struct ji_bytes_carry carry = {.mem = ji_ctx_mem(ctx)};
    const struct ji_view all = ji_view_of(page, make_repeats(page, value, sizeof value, 2000));
    assert_ok(ji_delta_strings_init(&bytes, &carry, all, NULL));
    assert_status(ji_delta_strings_views(&bytes, &carry, 2000, views, &err), JOIST_ERR_LIMIT);
    assert_ok(ji_delta_strings_init(&bytes, &carry, all, NULL));
    assert_int_equal(ji_delta_strings_fit(&bytes, 2000, 20 * sizeof value), 20);
    assert_int_equal(ji_delta_strings_fit(&bytes, 2000, 5), 1);
    assert_int_equal(ji_delta_strings_fit(&bytes, 10, 20 * sizeof value), 10);
    assert_int_equal(ji_delta_strings_fit(&bytes, 2001, UINT64_MAX), 2001);
    for (size_t at = 0; at < 2000; at += 20)
        assert_ok(ji_delta_strings_views(&bytes, &carry, 20, views, NULL));
    assert_int_equal(views[19].size, sizeof value);
    assert_ok(ji_delta_strings_init(&bytes, &carry, all, NULL));
    assert_ok(ji_delta_strings_skip(&bytes, &carry, 2000, NULL));
    ji_bytes_carry_clear(&carry);
    joist_ctx_close(ctx);
}

static enum joist_status read_all(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct opened *const opened = arg;
    struct ji_bytes_carry carry = {.mem = ji_ctx_mem(ctx)};
    struct ji_delta_bytes bytes;
    struct ji_view views[TREES];
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_delta_strings_init(&bytes, &carry, ji_view_of(opened->page, opened->size), err));
    JI_TRY_OUT(ji_delta_strings_skip(&bytes, &carry, 2, err));
    JI_TRY_OUT(ji_delta_strings_views(&bytes, &carry, TREES - 2, views, err));
    assert_views(views, trees + 2, TREES - 2);
out:
    ji_bytes_carry_clear(&carry);
    return status;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    struct opened opened;
    open_trees(&opened);
    oom_sweep(read_all, &opened);
    close_trees(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(lengths_become_views_into_the_page),
            cmocka_unit_test(lengths_past_their_page_or_below_zero_are_corrupt),
            cmocka_unit_test(prefixes_come_from_the_value_before),
            cmocka_unit_test(text_that_somebody_holds_is_not_written_over),
            cmocka_unit_test(a_first_prefix_refers_to_the_page_before_where_that_was_read),
            cmocka_unit_test(prefixes_longer_than_the_value_before_are_corrupt),
            cmocka_unit_test(a_page_that_expands_beyond_memory_is_read_in_small_pieces),
            cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
