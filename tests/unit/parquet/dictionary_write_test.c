/*
 * dictionary_write_test.c - codes in order of first use, entries as the page has them, and when it stops
 */
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
            cmocka_unit_test(reset_forgets_and_goes_on),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
