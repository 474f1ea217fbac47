/*
 * decimal_test.c - exact decimals to text, back, and their arithmetic
 */
#include "support/test.h"

#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT "99999999999999999999999999999999999999"

static ji_int128 of_text(const char *text)
{
    ji_int128 value = 0;
    assert_int_equal(ji_i128_parse(text, strlen(text), &value), JI_TEXT_OK);
    return value;
}

static void assert_reads(const char *text, unsigned precision, unsigned scale, const char *unscaled)
{
    ji_int128 value = 77;
    const enum ji_text_reason reason = ji_decimal_parse(text, strlen(text), precision, scale, &value);
    if (reason != JI_TEXT_OK || value != of_text(unscaled))
        fail_msg("'%s' %s decimal(%u,%u)", text, ji_text_reason_text(reason), precision, scale);
    if (precision <= 18) {
        int64_t narrow = 77;
        assert_int_equal(ji_decimal64_parse(text, strlen(text), precision, scale, &narrow), JI_TEXT_OK);
        assert_true(narrow == value);
    }
}

static void assert_refuses(const char *text, unsigned precision, unsigned scale, enum ji_text_reason wanted)
{
    ji_int128 value = 77;
    const enum ji_text_reason reason = ji_decimal_parse(text, strlen(text), precision, scale, &value);
    if (reason != wanted || value != 77)
        fail_msg("'%s' %s decimal(%u,%u)", text, ji_text_reason_text(reason), precision, scale);
    if (precision <= 18) {
        int64_t narrow = 77;
        assert_int_equal(ji_decimal64_parse(text, strlen(text), precision, scale, &narrow), wanted);
        assert_int_equal(narrow, 77);
    }
}

static void decimals_are_read_exactly(void **state)
{
    (void)state;
    assert_reads("0", 1, 0, "0");
    assert_reads("-0.00", 3, 2, "0");
    assert_reads("12345.67", 15, 2, "1234567");
    assert_reads("-12345.6", 15, 2, "-1234560");
    assert_reads("+7", 15, 2, "700");
    assert_reads(".5", 15, 2, "50");
    assert_reads("5.", 15, 2, "500");
    assert_reads("1.2300000000000000000000000000000000000000", 15, 2, "123");
    assert_reads("0000000000000000000000000000000000000000000001", 5, 0, "1");
    assert_reads("9999999999999.99", 15, 2, "999999999999999");
    assert_reads("999999999999999999", 18, 0, "999999999999999999");
    assert_reads("0.123456789012345678", 18, 18, "123456789012345678");
    assert_reads(MAX_TEXT, 38, 0, MAX_TEXT);
    assert_reads("-999999999999999999999999999999999999.99", 38, 2, "-" MAX_TEXT);
    assert_reads("0." MAX_TEXT, 38, 38, MAX_TEXT);
    assert_reads("1.5e3", 15, 2, "150000");
    assert_reads("150000e-3", 15, 2, "15000");
    assert_reads("0e99999999999999999999999", 15, 2, "0");
    assert_reads("0.0000000000000000000000000000000000000000000001e46", 15, 2, "100");
    assert_reads("1E+2", 15, 2, "10000");
}

static void what_does_not_fit_is_refused_by_reason(void **state)
{
    (void)state;
    static const char *const malformed[] = {"", "-", "+", ".", "-.", "1.2.3", "1,5", " 1", "1 ", "e5", "1e",
            "1e+", "1e5x", "nan", "0x1", "--1", "12a", "1.a"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        assert_refuses(malformed[i], 15, 2, JI_TEXT_MALFORMED);
    assert_refuses("1.234", 15, 2, JI_TEXT_SCALE);
    assert_refuses("1.001", 15, 2, JI_TEXT_SCALE);
    assert_refuses("1e-3", 15, 2, JI_TEXT_SCALE);
    assert_refuses("1e-999999999999", 15, 2, JI_TEXT_SCALE);
    assert_refuses("10000000000000.00", 15, 2, JI_TEXT_RANGE);
    assert_refuses("10000000000000", 15, 2, JI_TEXT_RANGE);
    assert_refuses("1e13", 15, 2, JI_TEXT_RANGE);
    assert_refuses("1e999999999999", 15, 2, JI_TEXT_RANGE);
    assert_refuses("1000000000000000000", 18, 0, JI_TEXT_RANGE);
    assert_refuses("9999999999999999999", 18, 0, JI_TEXT_RANGE);
    assert_refuses("100000000000000000000000000000000000000", 38, 0, JI_TEXT_RANGE);
    assert_refuses("1", 38, 38, JI_TEXT_RANGE);
    assert_refuses("1" MAX_TEXT, 38, 2, JI_TEXT_RANGE);
}

/* Texts of letters that decimals are made of, most of them wrong: both ways of reading agree. */
static void both_widths_read_short_texts_alike(void **state)
{
    (void)state;
    static const char letters[] = "0123456789012345678901234567890123456789....-+e ";
    uint32_t random = 12345;
    for (int i = 0; i < 300000; i++) {
        char text[10];
        const size_t size = 1 + (size_t)i % 9;
        for (size_t at = 0; at < size; at++) {
            random = random * 1664525u + 1013904223u;
            text[at] = letters[(random >> 16) % (sizeof letters - 1)];
        }
        const unsigned scale = (unsigned)i % 4;
        const unsigned precision = scale + (unsigned)i % 7 + 1;
        int64_t narrow = 77;
        ji_int128 wide = 77;
        const enum ji_text_reason reason = ji_decimal_parse(text, size, precision, scale, &wide);
        if (ji_decimal64_parse(text, size, precision, scale, &narrow) != reason || narrow != wide)
            fail_msg("'%.*s' as decimal(%u,%u)", (int)size, text, precision, scale);
    }
}

static void assert_prints(const char *unscaled, unsigned scale, const char *wanted)
{
    char text[JI_DECIMAL_TEXT_MAX + 1] = {0};
    const size_t size = ji_decimal_print(of_text(unscaled), scale, text);
    assert_int_equal(size, strlen(wanted));
    assert_memory_equal(text, wanted, size);
}

static void decimals_print_all_digits_of_their_scale(void **state)
{
    (void)state;
    assert_prints("0", 0, "0");
    assert_prints("0", 2, "0.00");
    assert_prints("5", 2, "0.05");
    assert_prints("-5", 2, "-0.05");
    assert_prints("12345", 2, "123.45");
    assert_prints("-" MAX_TEXT, 38, "-0." MAX_TEXT);
    assert_prints("-" MAX_TEXT, 0, "-" MAX_TEXT);
    assert_prints("1", 38, "0.00000000000000000000000000000000000001");
    assert_prints("12345678901234567890123", 3, "12345678901234567890.123");
    assert_prints("123", 20, "0.00000000000000000123");
}

static void digits_and_powers_agree(void **state)
{
    (void)state;
    assert_int_equal(ji_decimal_digits(0), 1);
    for (unsigned power = 0; power <= 38; power++) {
        assert_int_equal(ji_decimal_digits(ji_decimal_power(power)), power + 1);
        assert_int_equal(ji_decimal_digits(-ji_decimal_power(power)), power + 1);
        if (power > 0)
            assert_int_equal(ji_decimal_digits(ji_decimal_power(power) - 1), power);
        assert_false(ji_decimal_fits(ji_decimal_power(power), power));
        assert_true(ji_decimal_fits(1 - ji_decimal_power(power), power));
    }
}

static void rescaling_loses_nothing_or_refuses(void **state)
{
    (void)state;
    ji_int128 out = 77;
    assert_true(ji_decimal_rescale(123, 2, 4, &out) && out == 12300);
    assert_true(ji_decimal_rescale(-12300, 4, 2, &out) && out == -123);
    assert_true(ji_decimal_rescale(5, 3, 3, &out) && out == 5);
    assert_true(ji_decimal_rescale(0, 0, 38, &out) && out == 0);
    out = 77;
    assert_false(ji_decimal_rescale(12301, 4, 2, &out));
    assert_false(ji_decimal_rescale(1, 0, 38, &out));
    assert_false(ji_decimal_rescale(of_text(MAX_TEXT), 0, 1, &out));
    assert_false(ji_decimal_rescale(1, 0, 100, &out));
    assert_false(ji_decimal_rescale(1, 100, 0, &out));
    assert_true(out == 77);
}

static void rounding_goes_half_away_from_zero(void **state)
{
    (void)state;
    ji_int128 out = 0;
    assert_true(ji_decimal_round(12345, 3, 2, &out) && out == 1235);
    assert_true(ji_decimal_round(-12345, 3, 2, &out) && out == -1235);
    assert_true(ji_decimal_round(12344, 3, 2, &out) && out == 1234);
    assert_true(ji_decimal_round(-12344, 3, 2, &out) && out == -1234);
    assert_true(ji_decimal_round(5, 0, 2, &out) && out == 500);
    assert_true(ji_decimal_round(of_text(MAX_TEXT), 38, 0, &out) && out == 1);
    assert_true(ji_decimal_round(5, 77, 0, &out) && out == 0);
    assert_true(ji_decimal_truncate(-199, 2) == -1);
}

static void arithmetic_stops_at_38_digits(void **state)
{
    (void)state;
    const ji_int128 most = of_text(MAX_TEXT);
    ji_int128 out = 77;
    assert_true(ji_decimal_add(most - 1, 1, &out) && out == most);
    assert_true(ji_decimal_subtract(1 - most, 1, &out) && out == -most);
    assert_true(ji_decimal_multiply(of_text("9999999999999999999"), of_text("10000000000000000000"), &out));
    out = 77;
    assert_false(ji_decimal_add(most, 1, &out));
    assert_false(ji_decimal_subtract(-most, 1, &out));
    assert_false(ji_decimal_multiply(most, 2, &out));
    assert_false(ji_decimal_multiply(most, most, &out));
    assert_true(out == 77);
}

static void comparing_needs_no_common_scale(void **state)
{
    (void)state;
    const ji_int128 most = of_text(MAX_TEXT);
    assert_int_equal(ji_decimal_compare(100, 2, 1, 0), 0);
    assert_int_equal(ji_decimal_compare(1, 0, 100, 2), 0);
    assert_int_equal(ji_decimal_compare(101, 2, 1, 0), 1);
    assert_int_equal(ji_decimal_compare(-101, 2, -1, 0), -1);
    assert_int_equal(ji_decimal_compare(most, 0, most, 38), 1);
    assert_int_equal(ji_decimal_compare(-most, 0, -most, 38), -1);
    assert_int_equal(ji_decimal_compare(most, 38, most, 0), -1);
    assert_int_equal(ji_decimal_compare(-most, 38, -most, 0), 1);
    assert_int_equal(ji_decimal_compare(-1, 38, most, 0), -1);
    assert_int_equal(ji_decimal_compare(0, 5, -1, 0), 1);
}

static void to_double_is_the_nearest(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const ji_int128 high = (ji_int128)(int64_t)seed >> (i % 60);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const ji_int128 value = i % 3 == 0 ? high : high * (int64_t)(seed >> 8 >> i % 50);
        const unsigned scale = (unsigned)(seed >> 40) % 39;
        if (!ji_decimal_fits(value, 38))
            continue;
        char text[JI_DECIMAL_TEXT_MAX + 1] = {0};
        text[ji_decimal_print(value, scale, text)] = '\0';
        const double wanted = strtod(text, NULL);
        if (ji_decimal_to_double(value, scale) != wanted)
            fail_msg("%s is %.17g, not %.17g", text, ji_decimal_to_double(value, scale), wanted);
    }
}

static void division_gives_the_nearest_double(void **state)
{
    (void)state;
    assert_true(ji_decimal_divide(1, 0, 3, 0) == 1.0 / 3.0);
    assert_true(ji_decimal_divide(-1, 2, 3, 0) == -1.0 / 300.0);
    assert_true(ji_decimal_divide(1, 0, -3, 2) == -100.0 / 3.0);
    assert_true(ji_decimal_divide(0, 38, of_text(MAX_TEXT), 0) == 0.0);
    assert_true(ji_decimal_divide(of_text(MAX_TEXT), 0, of_text(MAX_TEXT), 38) == 1e38);
    assert_true(ji_decimal_divide(of_text(MAX_TEXT), 38, 1, 0) == 1.0);
    assert_true(ji_decimal_divide(1, 38, of_text(MAX_TEXT), 0) == 1e-76);
    /* 2^54 + 2 lies between two doubles: to even. 2^54 + 3 does not. */
    assert_true(ji_decimal_divide(((ji_int128)1 << 54) + 2, 0, 1, 0) == 18014398509481984.0);
    assert_true(ji_decimal_divide(((ji_int128)1 << 54) + 3, 0, 1, 0) == 18014398509481988.0);
    /* The sum and count of TPC-H's Q1 at scale 1. */
    assert_true(ji_decimal_divide(of_text("3773410700"), 2, of_text("1478493"), 0) ==
            strtod("25.522005853257337031693758442035", NULL));
}

static void doubles_become_the_decimal_that_they_show(void **state)
{
    (void)state;
    ji_int128 out = 77;
    assert_true(ji_decimal_of_double(0.1, 3, 1, &out) && out == 1);
    assert_true(ji_decimal_of_double(-2.675, 10, 2, &out) && out == -268);
    assert_true(ji_decimal_of_double(0.0, 10, 2, &out) && out == 0);
    assert_true(ji_decimal_of_double(1e20, 38, 2, &out) && out == of_text("10000000000000000000000"));
    assert_true(ji_decimal_of_double(1e-300, 10, 2, &out) && out == 0);
    assert_true(ji_decimal_of_double(0.005, 10, 2, &out) && out == 1);
    out = 77;
    assert_false(ji_decimal_of_double((double)NAN, 10, 2, &out));
    assert_false(ji_decimal_of_double((double)INFINITY, 10, 2, &out));
    assert_false(ji_decimal_of_double(1e300, 38, 0, &out));
    assert_false(ji_decimal_of_double(1e8, 10, 2, &out));
    assert_false(ji_decimal_of_double(99999999.996, 10, 2, &out));
    assert_true(out == 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(decimals_are_read_exactly),
            cmocka_unit_test(what_does_not_fit_is_refused_by_reason),
            cmocka_unit_test(both_widths_read_short_texts_alike),
            cmocka_unit_test(decimals_print_all_digits_of_their_scale),
            cmocka_unit_test(digits_and_powers_agree),
            cmocka_unit_test(rescaling_loses_nothing_or_refuses),
            cmocka_unit_test(rounding_goes_half_away_from_zero),
            cmocka_unit_test(arithmetic_stops_at_38_digits),
            cmocka_unit_test(comparing_needs_no_common_scale),
            cmocka_unit_test(to_double_is_the_nearest),
            cmocka_unit_test(division_gives_the_nearest_double),
            cmocka_unit_test(doubles_become_the_decimal_that_they_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
