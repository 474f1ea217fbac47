/*
 * decode_test.c - levels and values of pages made byte by byte
 */
#include "support/leaf_of.h"
#include "support/test.h"

#include "base/ctx.h"
#include "kernel/fixed_int.h"
#include "parquet/decode/levels.h"
#include "parquet/decode/page_values.h"

static void levels_of_a_v1_page_stand_behind_their_length(void **state)
{
    (void)state;
    /* Length 2, a run of eight ones, then the values. */
    static const uint8_t page[] = {2, 0, 0, 0, 0x10, 1, 0xaa};
    struct ji_levels levels;
    size_t taken = 0;
    uint8_t out[8];
    assert_ok(ji_levels_init_v1(&levels, ji_view_of(page, sizeof page), JI_ENCODING_RLE, 1, 8, &taken, NULL));
    assert_int_equal(taken, 6);
    assert_ok(ji_levels_read(&levels, 8, out, NULL));
    assert_int_equal(out[7], 1);
    struct joist_error err;
    assert_status(ji_levels_read(&levels, 1, out, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "levels end 1 values early");
}

static void levels_past_their_page_or_maximum_are_corrupt(void **state)
{
    (void)state;
    static const uint8_t page[] = {3, 0, 0, 0, 0x10, 3};
    struct ji_levels levels;
    size_t taken = 0;
    uint8_t out[8];
    struct joist_error err;
    const struct ji_view whole = ji_view_of(page, sizeof page);
    const struct ji_view three = ji_view_of(page, 3);
    assert_status(ji_levels_init_v1(&levels, whole, JI_ENCODING_RLE, 1, 8, &taken, &err), JOIST_ERR_CORRUPT);
    assert_status(ji_levels_init_v1(&levels, three, JI_ENCODING_RLE, 1, 8, &taken, &err), JOIST_ERR_CORRUPT);
    assert_status(
            ji_levels_init_v1(&levels, whole, JI_ENCODING_PLAIN, 1, 8, &taken, &err), JOIST_ERR_UNSUPPORTED);
    assert_string_equal(err.text, "levels encoded as PLAIN (0)");
    ji_levels_init_rle(&levels, ji_view_of(page + 4, 2), 2);
    assert_status(ji_levels_read(&levels, 8, out, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "level 3 where 2 is the highest");
}

static void bit_packed_levels_are_read_from_the_top_bit(void **state)
{
    (void)state;
    static const uint8_t page[] = {0xb1, 0x40, 0xff};
    static const uint8_t wanted[] = {1, 0, 1, 1, 0, 0, 0, 1, 0, 1};
    struct ji_levels levels;
    size_t taken = 0;
    uint8_t out[10];
    const struct ji_view whole = ji_view_of(page, sizeof page);
    assert_ok(ji_levels_init_v1(&levels, whole, JI_ENCODING_BIT_PACKED, 1, 10, &taken, NULL));
    assert_int_equal(taken, 2);
    assert_ok(ji_levels_read(&levels, 10, out, NULL));
    assert_memory_equal(out, wanted, sizeof wanted);

    uint8_t bits[2] = {0, 0};
    size_t ones = 0;
    assert_ok(ji_levels_init_v1(&levels, whole, JI_ENCODING_BIT_PACKED, 1, 10, &taken, NULL));
    assert_ok(ji_levels_read_bits(&levels, 10, bits, 1, &ones, NULL));
    assert_int_equal(ones, 5);
    for (size_t index = 0; index < 10; index++)
        assert_int_equal(ji_bit_get(bits, index + 1), wanted[index]);

    static const uint8_t two[] = {0x1b};
    assert_ok(ji_levels_init_v1(&levels, ji_view_of(two, 1), JI_ENCODING_BIT_PACKED, 3, 4, &taken, NULL));
    assert_ok(ji_levels_read(&levels, 4, out, NULL));
    for (uint8_t index = 0; index < 4; index++)
        assert_int_equal(out[index], index);
    assert_status(ji_levels_init_v1(&levels, whole, JI_ENCODING_BIT_PACKED, 1, 25, &taken, NULL),
            JOIST_ERR_CORRUPT);
}

/* Status of reading `count` PLAIN values of these bytes into `out`. */
static enum joist_status read_plain(
        const struct leaf_of *of, const void *bytes, size_t size, size_t count, void *out)
{
    struct ji_page_values values = {.type = NULL};
    JI_TRY(ji_page_values_init(&values, &of->type, JI_ENCODING_PLAIN, ji_view_of(bytes, size), NULL, NULL));
    return ji_page_values_read(&values, count, out, 0, NULL);
}

static void small_integers_must_fit_their_type(void **state)
{
    (void)state;
    struct leaf_of of;
    static const uint8_t good[] = {0x80, 0xff, 0xff, 0xff, 127, 0, 0, 0};
    static const uint8_t bad[] = {0, 0, 0, 0, 128, 0, 0, 0}, word[] = {0, 0, 0, 0, 0x40, 0x9c, 0, 0};
    int8_t bytes[2];
    uint16_t words[2];
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_INT8});
    assert_ok(read_plain(&of, good, sizeof good, 2, bytes));
    assert_int_equal(bytes[0], -128);
    assert_int_equal(bytes[1], 127);
    assert_status(read_plain(&of, bad, sizeof bad, 2, bytes), JOIST_ERR_CORRUPT);
    assert_status(read_plain(&of, good, 7, 2, bytes), JOIST_ERR_CORRUPT);
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_UINT8});
    assert_status(read_plain(&of, good, sizeof good, 2, bytes), JOIST_ERR_CORRUPT);
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_UINT16});
    assert_ok(read_plain(&of, word, sizeof word, 2, words));
    assert_int_equal(words[1], 40000);
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_INT16});
    assert_status(read_plain(&of, word, sizeof word, 2, words), JOIST_ERR_CORRUPT);
}

static void decimals_of_every_physical_type_are_widened(void **state)
{
    (void)state;
    struct leaf_of of;
    static const uint8_t small[] = {0xf9, 0xff, 0xff, 0xff, 9, 0, 0, 0};
    static const uint8_t large[] = {0, 0, 0, 0, 0, 0, 0, 0x80, 5, 0, 0, 0, 0, 0, 0, 0};
    int64_t narrow[2];
    ji_int128 wide[2];
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_DECIMAL, .precision = 9});
    assert_ok(read_plain(&of, small, sizeof small, 2, narrow));
    assert_int_equal(narrow[0], -7);
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_DECIMAL, .precision = 20});
    assert_ok(read_plain(&of, small, sizeof small, 2, wide));
    assert_true(wide[0] == -7 && wide[1] == 9);
    make_type(&of, JI_PHYSICAL_INT64, 0, (struct ji_field){.kind = JI_DECIMAL, .precision = 20});
    assert_ok(read_plain(&of, large, sizeof large, 2, wide));
    assert_true(wide[0] == INT64_MIN && wide[1] == 5);
    static const uint8_t fixed[] = {0xff, 0xff, 0x85, 0x00, 0x01, 0x00};
    make_type(&of, JI_PHYSICAL_FIXED, 3, (struct ji_field){.kind = JI_DECIMAL, .precision = 5});
    assert_ok(read_plain(&of, fixed, sizeof fixed, 2, narrow));
    assert_int_equal(narrow[0], -123);
    assert_int_equal(narrow[1], 256);
    make_type(&of, JI_PHYSICAL_FIXED, 3, (struct ji_field){.kind = JI_DECIMAL, .precision = 25});
    assert_ok(read_plain(&of, fixed, sizeof fixed, 2, wide));
    assert_true(wide[0] == -123 && wide[1] == 256);
    static const uint8_t bytes[] = {1, 0, 0, 0, 0x85, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0};
    make_type(&of, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_field){.kind = JI_DECIMAL, .precision = 5});
    int64_t three[3];
    assert_ok(read_plain(&of, bytes, sizeof bytes, 3, three));
    assert_int_equal(three[0], -123);
    assert_int_equal(three[1], 0);
    assert_int_equal(three[2], 256);
    ji_int128 wides[3];
    make_type(&of, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_field){.kind = JI_DECIMAL, .precision = 30});
    assert_ok(read_plain(&of, bytes, sizeof bytes, 3, wides));
    assert_true(wides[0] == -123);
    assert_status(read_plain(&of, bytes, sizeof bytes - 1, 3, wides), JOIST_ERR_CORRUPT);
}

static void decimals_out_of_range_are_corrupt(void **state)
{
    (void)state;
    struct leaf_of of;
    int64_t narrow;
    ji_int128 wide;
    static const uint8_t nine[] = {1, 0, 0, 0, 0, 0, 0, 0, 0};
    make_type(&of, JI_PHYSICAL_FIXED, 9, (struct ji_field){.kind = JI_DECIMAL, .precision = 18});
    assert_status(read_plain(&of, nine, sizeof nine, 1, &narrow), JOIST_ERR_CORRUPT);
    static const uint8_t of_nine[] = {9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    make_type(&of, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_field){.kind = JI_DECIMAL, .precision = 18});
    assert_status(read_plain(&of, of_nine, sizeof of_nine, 1, &narrow), JOIST_ERR_CORRUPT);
    uint8_t seventeen[17] = {0xff, 0x80};
    assert_true(ji_fixed_int(ji_view_of(seventeen, 17), &wide));
    assert_true(wide < 0);
    seventeen[1] = 0x7f;
    assert_false(ji_fixed_int(ji_view_of(seventeen, 17), &wide));
    seventeen[0] = 0x01;
    assert_false(ji_fixed_int(ji_view_of(seventeen, 17), &wide));
}

static void int96_is_nanoseconds_since_1970_or_out_of_range(void **state)
{
    (void)state;
    struct leaf_of of;
    int64_t nanos;
    /* A nanosecond of the Julian day 2440589: the second of January 1970. */
    static const uint8_t good[] = {1, 0, 0, 0, 0, 0, 0, 0, 0x8d, 0x3d, 0x25, 0};
    static const uint8_t bad[] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f};
    make_type(&of, JI_PHYSICAL_INT96, 0, (struct ji_field){.kind = JI_TIMESTAMP, .unit = JI_NANO});
    assert_ok(read_plain(&of, good, sizeof good, 1, &nanos));
    assert_true(nanos == INT64_C(86400) * 1000000000 + 1);
    assert_status(read_plain(&of, bad, sizeof bad, 1, &nanos), JOIST_ERR_CORRUPT);
}

static void strings_must_be_utf8_and_within_their_page(void **state)
{
    (void)state;
    struct leaf_of of;
    struct ji_view views[2];
    static const uint8_t good[] = {2, 0, 0, 0, 0xc3, 0xa4, 1, 0, 0, 0, 'x'};
    static const uint8_t split[] = {1, 0, 0, 0, 0xc3, 1, 0, 0, 0, 0xa4};
    static const uint8_t cut[] = {2, 0, 0, 0, 'a', 'b', 9, 0, 0, 0, 'x'};
    make_type(&of, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_field){.kind = JI_STRING});
    assert_ok(read_plain(&of, good, sizeof good, 2, views));
    assert_true(ji_view_equal_text(views[1], "x"));
    assert_status(read_plain(&of, split, sizeof split, 2, views), JOIST_ERR_CORRUPT);
    assert_status(read_plain(&of, cut, sizeof cut, 2, views), JOIST_ERR_CORRUPT);
    assert_status(read_plain(&of, good, 8, 2, views), JOIST_ERR_CORRUPT);
    make_type(&of, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_field){.kind = JI_BINARY});
    assert_ok(read_plain(&of, split, sizeof split, 2, views));
}

static void values_of_a_null_column_are_corrupt(void **state)
{
    (void)state;
    struct leaf_of of;
    uint8_t out[4];
    make_type(&of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_NULL});
    assert_ok(read_plain(&of, "", 0, 0, out));
    assert_status(read_plain(&of, "abcd", 4, 1, out), JOIST_ERR_CORRUPT);
}

static void booleans_in_runs_and_bits_are_read_and_skipped(void **state)
{
    (void)state;
    struct leaf_of of;
    struct ji_page_values values = {.type = NULL};
    uint8_t out[2] = {0, 0};
    /* Ten ones and six zeros, as runs and as bits. */
    static const uint8_t runs[] = {4, 0, 0, 0, 0x14, 1, 0x0c, 0};
    static const uint8_t bits[] = {0xff, 0x03};
    make_type(&of, JI_PHYSICAL_BOOLEAN, 0, (struct ji_field){.kind = JI_BOOL});
    assert_ok(ji_page_values_init(
            &values, &of.type, JI_ENCODING_RLE, ji_view_of(runs, sizeof runs), NULL, NULL));
    assert_ok(ji_page_values_skip(&values, 4, NULL));
    assert_ok(ji_page_values_read(&values, 12, out, 0, NULL));
    assert_int_equal(out[0] | out[1] << 8, 0x3f);
    assert_status(ji_page_values_skip(&values, 1, NULL), JOIST_ERR_CORRUPT);
    assert_ok(ji_page_values_init(
            &values, &of.type, JI_ENCODING_PLAIN, ji_view_of(bits, sizeof bits), NULL, NULL));
    assert_ok(ji_page_values_skip(&values, 4, NULL));
    assert_ok(ji_page_values_read(&values, 12, out, 0, NULL));
    assert_int_equal(out[0] | (out[1] & 0xf) << 8, 0x3f);
    assert_status(ji_page_values_skip(&values, 1, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_page_values_read(&values, 1, out, 0, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_page_values_init(&values, &of.type, JI_ENCODING_RLE, ji_view_of(runs, 3), NULL, NULL),
            JOIST_ERR_CORRUPT);
    assert_status(ji_page_values_init(&values, &of.type, JI_ENCODING_RLE, ji_view_of(runs, 6), NULL, NULL),
            JOIST_ERR_CORRUPT);
}

static void encodings_that_do_not_go_here_are_named(void **state)
{
    (void)state;
    struct leaf_of of;
    struct ji_page_values values = {.type = NULL};
    struct joist_error err;
    const struct ji_view page = ji_view_of("abcdefgh", 8);
    make_type(&of, JI_PHYSICAL_INT64, 0, (struct ji_field){.kind = JI_INT64});
    assert_status(
            ji_page_values_init(&values, &of.type, JI_ENCODING_RLE, page, NULL, &err), JOIST_ERR_CORRUPT);
    assert_status(ji_page_values_init(&values, &of.type, JI_ENCODING_RLE_DICTIONARY, page, NULL, &err),
            JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "dictionary codes without a dictionary");
    assert_status(
            ji_page_values_init(&values, &of.type, JI_ENCODING_ALP, page, NULL, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "encoding ALP for values of type INT64");
    assert_status(ji_page_values_init(&values, &of.type, (enum ji_encoding)77, page, NULL, &err),
            JOIST_ERR_UNSUPPORTED);
    assert_string_equal(err.text, "encoding unknown (77)");
}

static void dictionary_codes_are_held_against_its_count(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_buffer *page = NULL;
    struct ji_dictionary dictionary;
    struct ji_page_values values = {.type = NULL};
    struct leaf_of of;
    int64_t out[8];
    uint32_t codes[8];
    static const uint8_t entries[24] = {[0] = 10, [8] = 20, [16] = 30};
    /* Width 2: a run of five ones, then one group of 3 3 3 3 0 0 0 0. */
    static const uint8_t coded[] = {2, 0x0a, 1, 0x03, 0xff, 0x00};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(ji_buffer_new(ji_ctx_mem(ctx), sizeof entries, &page, NULL));
    memcpy(page->data, entries, sizeof entries);
    make_type(&of, JI_PHYSICAL_INT64, 0, (struct ji_field){.kind = JI_INT64});
    const struct ji_view bytes = ji_view_of(page->data, sizeof entries);
    struct joist_error err;
    assert_status(
            ji_dictionary_init(&dictionary, &of.type, &of.field, page, bytes, 4, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "dictionary of 4 values in 24 bytes");
    assert_ok(ji_dictionary_init(&dictionary, &of.type, &of.field, page, bytes, 3, NULL));
    const struct ji_view pages = ji_view_of(coded, sizeof coded);
    assert_ok(ji_page_values_init(&values, &of.type, JI_ENCODING_PLAIN_DICTIONARY, pages, &dictionary, NULL));
    assert_ok(ji_page_values_read(&values, 5, (uint8_t *)out, 0, NULL));
    assert_int_equal(out[4], 20);
    assert_status(ji_page_values_codes(&values, 4, codes, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "dictionary code 3 where the dictionary has 3 values");
    assert_ok(ji_page_values_codes(&values, 4, codes, &err));
    assert_status(ji_page_values_skip(&values, 1, &err), JOIST_ERR_CORRUPT);
    static const uint8_t wide[] = {33};
    assert_status(ji_page_values_init(&values, &of.type, JI_ENCODING_RLE_DICTIONARY, ji_view_of(wide, 1),
                          &dictionary, &err),
            JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "dictionary codes of 33 bits");
    ji_dictionary_clear(&dictionary);
    make_type(&of, JI_PHYSICAL_BOOLEAN, 0, (struct ji_field){.kind = JI_BOOL});
    assert_status(ji_dictionary_init(&dictionary, &of.type, &of.field, page, bytes, 1, &err),
            JOIST_ERR_UNSUPPORTED);
    ji_buffer_release(page);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(levels_of_a_v1_page_stand_behind_their_length),
            cmocka_unit_test(levels_past_their_page_or_maximum_are_corrupt),
            cmocka_unit_test(bit_packed_levels_are_read_from_the_top_bit),
            cmocka_unit_test(small_integers_must_fit_their_type),
            cmocka_unit_test(decimals_of_every_physical_type_are_widened),
            cmocka_unit_test(decimals_out_of_range_are_corrupt),
            cmocka_unit_test(int96_is_nanoseconds_since_1970_or_out_of_range),
            cmocka_unit_test(strings_must_be_utf8_and_within_their_page),
            cmocka_unit_test(values_of_a_null_column_are_corrupt),
            cmocka_unit_test(booleans_in_runs_and_bits_are_read_and_skipped),
            cmocka_unit_test(encodings_that_do_not_go_here_are_named),
            cmocka_unit_test(dictionary_codes_are_held_against_its_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
