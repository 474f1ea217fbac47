/*
 * dictionary_write_test.c - codes in order of first use, entries as the page has them, and when it stops
 */
#include "support/oom.h"
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/encode/dictionary_write.h"

#include <stdlib.h>
#include <string.h>

static struct joist_ctx *ctx;
static struct ji_block_room room;

static int setup(void **state)
{
    (void)state;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    joist_ctx_close(ctx);
    return 0;
}

static size_t encode(
        struct ji_dictionary_writer *dictionary, const void *values, size_t count, uint32_t *codes)
{
    const struct ji_value_block block = {.count = count, .values = values};
    size_t coded = 0;
    assert_ok(ji_dictionary_writer_encode(dictionary, &block, codes, &coded, NULL));
    return coded;
}

static void numbers_are_numbered_in_order_of_first_use(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_FOUR, false, 1000);
    const uint32_t values[] = {7, 7, 0, 9, 0, UINT32_MAX, 7};
    const uint32_t wanted[] = {0, 0, 1, 2, 1, 3, 0};
    const uint32_t entries[] = {7, 0, 9, UINT32_MAX};
    uint32_t codes[7];
    assert_int_equal(encode(&dictionary, values, 7, codes), 7);
    assert_memory_equal(codes, wanted, sizeof wanted);
    assert_int_equal(dictionary.page.size, sizeof entries);
    assert_memory_equal(dictionary.page.data, entries, sizeof entries);
    ji_dictionary_writer_clear(&dictionary);
}

static void wide_numbers_with_equal_halves_stay_apart(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_EIGHT, false, 1 << 20);
    uint64_t values[1000];
    uint32_t codes[1000];
    for (uint64_t i = 0; i < 1000; i++)
        values[i] = i % 2 == 0 ? i / 2 << 52 : i / 2;
    values[1] = 12345;
    assert_int_equal(encode(&dictionary, values, 1000, codes), 1000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(ji_dictionary_writer_eight(&dictionary, codes[i]), values[i]);
    ji_dictionary_writer_clear(&dictionary);
}

static void strings_stand_in_the_page_with_their_lengths(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_VIEWS, true, 1000);
    const struct ji_view values[] = {ji_view_of_text("oak"), ji_view_of_text(""), ji_view_of_text("oak"),
            ji_view_of_text("elm"), ji_view_of(NULL, 0)};
    const uint32_t wanted[] = {0, 1, 0, 2, 1};
    const uint8_t page[] = "\3\0\0\0oak\0\0\0\0\3\0\0\0elm";
    uint32_t codes[5];
    assert_int_equal(encode(&dictionary, values, 5, codes), 5);
    assert_memory_equal(codes, wanted, sizeof wanted);
    assert_int_equal(dictionary.page.size, sizeof page - 1);
    assert_memory_equal(dictionary.page.data, page, sizeof page - 1);
    assert_true(ji_view_equal_text(ji_dictionary_writer_view(&dictionary, 2), "elm"));
    ji_dictionary_writer_clear(&dictionary);
}

static void strings_of_every_length_find_themselves_again(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_VIEWS, false, 1 << 20);
    uint8_t bytes[400];
    struct ji_view values[800];
    uint32_t codes[800];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37);
    for (size_t i = 0; i < 800; i++)
        values[i] = ji_view_of(bytes + i % 3, i % 397);
    assert_int_equal(encode(&dictionary, values, 800, codes), 800);
    for (size_t i = 0; i < 800; i++)
        assert_true(ji_view_equal(ji_dictionary_writer_view(&dictionary, codes[i]), values[i]));
    struct ji_value_block block;
    ji_dictionary_writer_decode(&dictionary, codes, 800, &room, &block);
    assert_int_equal(block.count, 800);
    for (size_t i = 0; i < 800; i++)
        assert_true(ji_view_equal(((const struct ji_view *)block.values)[i], values[i]));
    ji_dictionary_writer_clear(&dictionary);
}

static void a_full_page_takes_no_more_new_values(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    uint32_t codes[6];
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_FOUR, false, 3 * sizeof(uint32_t));
    const uint32_t fours[] = {1, 2, 3, 1, 4, 2};
    assert_int_equal(encode(&dictionary, fours, 6, codes), 4);
    ji_dictionary_writer_clear(&dictionary);

    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_EIGHT, false, 2 * sizeof(uint64_t));
    const uint64_t eights[] = {1, 2, 1, 3};
    assert_int_equal(encode(&dictionary, eights, 4, codes), 3);
    ji_dictionary_writer_clear(&dictionary);

    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_VIEWS, true, 10);
    const struct ji_view views[] = {
            ji_view_of_text("ab"), ji_view_of_text("ab"), ji_view_of_text("a string too long for it")};
    assert_int_equal(encode(&dictionary, views, 3, codes), 2);
    assert_int_equal(dictionary.count, 1);
    assert_int_equal(dictionary.page.size, 6);
    ji_dictionary_writer_clear(&dictionary);
}

/* Multiples of the multiplier's inverse all hash to small numbers: one crowded corner of the table. */
static void values_chosen_to_collide_end_it_early(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_FOUR, false, 1 << 20);
    uint32_t inverse = 1;
    for (unsigned i = 0; i < 5; i++)
        inverse *= 2 - 0x9e3779b1u * inverse;
    uint32_t values[1000];
    uint32_t codes[1000];
    for (uint32_t i = 0; i < 1000; i++)
        values[i] = (i + 1) * inverse;
    assert_true(encode(&dictionary, values, 1000, codes) < 100);
    ji_dictionary_writer_clear(&dictionary);
}

/* What a dictionary must do, value by value: the code of the first equal one. */
static void check_numbers(const uint64_t *values, size_t count, bool is_four)
{
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(
            &dictionary, ji_ctx_mem(ctx), is_four ? JI_BLOCK_FOUR : JI_BLOCK_EIGHT, false, 1 << 20);
    uint32_t *const fours = malloc(count * sizeof *fours);
    uint32_t *const codes = malloc(count * sizeof *codes);
    assert_true(fours != NULL && codes != NULL);
    for (size_t i = 0; i < count; i++)
        fours[i] = (uint32_t)values[i];
    for (size_t at = 0; at < count; at += 1024) {
        const size_t take = count - at < 1024 ? count - at : 1024;
        const void *block = is_four ? (const void *)(fours + at) : values + at;
        assert_int_equal(encode(&dictionary, block, take, codes + at), take);
    }
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(codes[i] <= next);
        next += codes[i] == next;
        if (is_four)
            assert_int_equal(ji_dictionary_writer_four(&dictionary, codes[i]), fours[i]);
        else
            assert_int_equal(ji_dictionary_writer_eight(&dictionary, codes[i]), values[i]);
    }
    assert_int_equal(dictionary.count, next);
    ji_dictionary_writer_clear(&dictionary);
    free(fours);
    free(codes);
}

#define NUMBERS 20000

static void numbers_close_together_or_not_have_the_same_codes(void **state)
{
    (void)state;
    uint64_t *const values = malloc(NUMBERS * sizeof *values);
    assert_non_null(values);
    /* Around each place where windows end: zero, the types' ends, the middle of what is unsigned. */
    const uint64_t centres[] = {0, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, INT32_MAX, UINT32_MAX, 12345};
    const uint64_t strides[] = {0, 1, 7, 1000, 70000};
    for (size_t c = 0; c < sizeof centres / sizeof centres[0]; c++) {
        for (size_t s = 0; s < sizeof strides / sizeof strides[0]; s++) {
            for (uint64_t i = 0; i < NUMBERS; i++)
                values[i] = centres[c] + i * 7919 % 97 * strides[s] - 48 * strides[s];
            check_numbers(values, NUMBERS, true);
            check_numbers(values, NUMBERS, false);
        }
    }
    for (uint64_t i = 0; i < NUMBERS; i++) /* rise and fall through many windows, then far away */
        values[i] = i < NUMBERS / 2 ? i * 3 : i < NUMBERS - 500 ? 0 - i : i << 33 | i << 13;
    check_numbers(values, NUMBERS, true);
    check_numbers(values, NUMBERS, false);
    free(values);
}

static void a_full_page_ends_a_window_too(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    uint32_t codes[1024];
    uint32_t values[1024];
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_FOUR, false, 8192);
    for (uint32_t i = 0; i < 1024; i++)
        values[i] = i;
    assert_int_equal(encode(&dictionary, values, 1024, codes), 1024);
    for (uint32_t i = 0; i < 1024; i++)
        values[i] = i + 1020;
    assert_int_equal(encode(&dictionary, values, 1024, codes), 1024);
    assert_null(dictionary.slots);
    values[5] = 100000; /* not in the window, and there is room for 4 more */
    assert_int_equal(encode(&dictionary, values, 1024, codes), 1024);
    assert_non_null(dictionary.slots);
    assert_null(dictionary.window.codes);
    assert_int_equal(dictionary.count, 2045);
    for (uint32_t i = 0; i < 1024; i++)
        values[i] = i < 3 ? 200000 + i : i == 3 ? 5 : 300000;
    assert_int_equal(encode(&dictionary, values, 1024, codes), 4);
    ji_dictionary_writer_clear(&dictionary);
}

static enum joist_status encode_all(struct joist_ctx *with, void *arg, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_dictionary_writer dictionary;
    uint64_t values[1024];
    uint32_t codes[1024];
    (void)arg;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(with), JI_BLOCK_EIGHT, false, 1 << 20);
    for (uint64_t round = 0; round < 8; round++) {
        const struct ji_value_block block = {.count = 1024, .values = values};
        size_t coded = 0;
        for (uint64_t i = 0; i < 1024; i++)
            values[i] = round < 6 ? round * 1024 + i : (i + 1) << 40 | round;
        JI_TRY_OUT(ji_dictionary_writer_encode(&dictionary, &block, codes, &coded, err));
        assert_int_equal(coded, 1024);
    }
    assert_int_equal(dictionary.count, 8 * 1024);
out:
    ji_dictionary_writer_clear(&dictionary);
    return status;
}

static void numbers_survive_every_failing_allocation(void **state)
{
    (void)state;
    oom_sweep(encode_all, NULL);
}

static void reset_forgets_and_goes_on(void **state)
{
    (void)state;
    struct ji_dictionary_writer dictionary;
    ji_dictionary_writer_init(&dictionary, ji_ctx_mem(ctx), JI_BLOCK_FOUR, false, 1 << 20);
    uint32_t values[1024];
    uint32_t codes[1024];
    for (unsigned round = 0; round < 3; round++) {
        for (uint32_t block = 0; block < 20; block++) {
            for (uint32_t i = 0; i < 1024; i++)
                values[i] = block * 1000 + i + round;
            assert_int_equal(encode(&dictionary, values, 1024, codes), 1024);
        }
        assert_int_equal(dictionary.count, 20 * 1000 + 24);
        ji_dictionary_writer_freeze(&dictionary);
        assert_int_equal(ji_dictionary_writer_four(&dictionary, 5), 5 + round);
        ji_dictionary_writer_reset(&dictionary);
        assert_int_equal(dictionary.count, 0);
    }
    ji_dictionary_writer_clear(&dictionary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(numbers_are_numbered_in_order_of_first_use),
            cmocka_unit_test(wide_numbers_with_equal_halves_stay_apart),
            cmocka_unit_test(strings_stand_in_the_page_with_their_lengths),
            cmocka_unit_test(strings_of_every_length_find_themselves_again),
            cmocka_unit_test(a_full_page_takes_no_more_new_values),
            cmocka_unit_test(values_chosen_to_collide_end_it_early),
            cmocka_unit_test(numbers_close_together_or_not_have_the_same_codes),
            cmocka_unit_test(a_full_page_ends_a_window_too),
            cmocka_unit_test(numbers_survive_every_failing_allocation),
            cmocka_unit_test(reset_forgets_and_goes_on),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
