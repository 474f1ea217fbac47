/*
 * real_text_test.c - doubles and floats to text and back, held against the C library's exact ones
 */
#include "support/test.h"

#include "base/real_text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void assert_printed(double value, const char *wanted)
{
    char text[JI_DOUBLE_TEXT_MAX + 1] = {0};
    const size_t size = ji_double_print(value, text);
    assert_int_equal(size, strlen(wanted));
    assert_string_equal(text, wanted);
}

static void known_doubles_print_as_known(void **state)
{
    (void)state;
    assert_printed(0.0, "0.0");
    assert_printed(-0.0, "-0.0");
    assert_printed(1.0, "1.0");
    assert_printed(-2.5, "-2.5");
    assert_printed(0.1, "0.1");
    assert_printed(0.1 + 0.2, "0.30000000000000004");
    assert_printed(100.0, "100.0");
    assert_printed(123456789012345680.0, "1.2345678901234568e+17");
    assert_printed(1e15, "1000000000000000.0");
    assert_printed(1e16, "1e+16");
    assert_printed(1e22, "1e+22");
    assert_printed(1e23, "1e+23");
    assert_printed(9007199254740993.0, "9007199254740992.0");
    assert_printed(0.0001, "0.0001");
    assert_printed(0.00012345, "0.00012345");
    assert_printed(0.00001, "1e-05");
    assert_printed(5e-324, "5e-324");
    assert_printed(DBL_MIN, "2.2250738585072014e-308");
    assert_printed(-DBL_MAX, "-1.7976931348623157e+308");
    assert_printed((double)INFINITY, "inf");
    assert_printed((double)-INFINITY, "-inf");
    assert_printed((double)NAN, "nan");
    assert_printed(9.5367431640625e-07, "9.5367431640625e-07");
    assert_printed(2e-44, "2e-44");
}

/* No text with one digit less reads back, and the printed one is what the C library calls nearest. */
static void assert_shortest(double value)
{
    char text[JI_DOUBLE_TEXT_MAX + 1] = {0};
    const size_t size = ji_double_print(value, text);
    assert_true(size < sizeof text);
    double back = 0;
    assert_int_equal(ji_double_parse(text, size, &back), JI_TEXT_OK);
    if (!same_double(strtod(text, NULL), value) || !same_double(back, value))
        fail_msg("%.17g printed as %s reads back as %.17g", value, text, back);
    uint64_t digits = 0;
    int exponent = 0;
    ji_double_shortest(fabs(value), &digits, &exponent);
    char shorter[64];
    const int count = snprintf(shorter, sizeof shorter, "%llu", (unsigned long long)digits);
    if (count > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", count - 2, value);
        if (same_double(strtod(shorter, NULL), value))
            fail_msg("%s is longer than %s", text, shorter);
    }
    snprintf(shorter, sizeof shorter, "%.*e", count - 1, value);
    if (same_double(strtod(shorter, NULL), value) && strtod(shorter, NULL) == value) {
        char ours[64];
        snprintf(ours, sizeof ours, "%llu", (unsigned long long)digits);
        char theirs[64];
        size_t at = 0;
        for (const char *from = shorter; *from != '\0' && *from != 'e'; from++) {
            if (*from >= '0' && *from <= '9')
                theirs[at++] = *from;
        }
        theirs[at] = '\0';
        if (strcmp(ours, theirs) != 0)
            fail_msg("%s is not the nearest: %s", text, shorter);
    }
}

static void random_doubles_print_shortest_and_read_back(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252;
    for (int i = 0; i < 50000; i++) {
        const uint64_t bits = next_random(&seed);
        if ((bits >> 52 & 0x7ff) != 0x7ff && bits << 1 != 0)
            assert_shortest(double_of(bits));
        assert_shortest((double)(int64_t)(next_random(&seed) >> 40) / 100 + 0.01);
        assert_shortest((double)(next_random(&seed) >> (next_random(&seed) & 63)) + 1);
    }
}

static void powers_and_their_neighbours_print_shortest(void **state)
{
    (void)state;
    for (uint64_t biased = 0; biased < 0x7ff; biased++) {
        const uint64_t bits = biased << 52;
        if (bits != 0)
            assert_shortest(double_of(bits));
        assert_shortest(double_of(bits + 1));
        if (bits > 1)
            assert_shortest(double_of(bits - 1));
    }
    for (int power = -323; power <= 308; power++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", power);
        assert_shortest(strtod(text, NULL));
    }
}

static void assert_parsed(const char *text)
{
    double ours = 0;
    const enum ji_text_reason reason = ji_double_parse(text, strlen(text), &ours);
    const double theirs = strtod(text, NULL);
    if (isinf(theirs))
        assert_int_equal(reason, JI_TEXT_RANGE);
    else if (reason != JI_TEXT_OK || !same_double(ours, theirs))
        fail_msg("%s reads as %.17g, not %.17g", text, ours, theirs);

    float ours_float = 0;
    const enum ji_text_reason reason_float = ji_float_parse(text, strlen(text), &ours_float);
    const float theirs_float = strtof(text, NULL);
    if (isinf(theirs_float))
        assert_int_equal(reason_float, JI_TEXT_RANGE);
    else if (reason_float != JI_TEXT_OK || memcmp(&ours_float, &theirs_float, sizeof ours_float) != 0)
        fail_msg("%s reads as float %.9g, not %.9g", text, (double)ours_float, (double)theirs_float);
}

static void hard_texts_read_exactly(void **state)
{
    (void)state;
    static const char *const texts[] = {"0", "-0", "+1", "1.", ".5", "-.5e1", "1e0", "1E+05", "1e-0",
            "9007199254740993", "9007199254740993.00000000000000000000000000000000001",
            "9007199254740992.99999999999999999999999999999999999", "1.7976931348623157e308",
            "1.7976931348623158e308", "1.7976931348623159e308", "1e309", "1e99999999999999999999", "0e999999",
            "1e-400", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
            "2.2250738585072011e-308", "2.2250738585072012e-308", "3.4028235677973366e38", "3.4028235e38",
            "3.40282356779733661637539395458142568447e38", "1.401298464324817e-45", "7.006492321624085e-46",
            "7.006492321624086e-46", "0.000000000000000000000000000000000000000000000000000000000000000001",
            "123456789012345678901234567890", "12345678901234567890", "18446744073709551615",
            "18446744073709551616", "100000000000000000000000000000000000000000000000000e-50",
            "2.2250738585072012595738212570207680200781e-308", "8.5e-14", "6250000000000000000000000000e-27",
            "1448997445238699", "0.500000000000000166533453693773481063544750213623046875",
            "3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10",
            "1.50000000000000011102230246251565", "6631236846766476e-316", "00000000000000000000000001.5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_parsed(texts[i]);
}

/* The middle between two doubles, written out whole, and one digit more or less at its end. */
static void exact_middles_are_rounded_to_even(void **state)
{
    (void)state;
    uint64_t seed = 1234567;
    for (int i = 0; i < 300; i++) {
        const uint64_t bits = next_random(&seed) >> 1;
        if (bits >> 52 >= 0x7fe)
            continue;
        const long double middle = ((long double)double_of(bits) + (long double)double_of(bits + 1)) / 2;
        char text[1200];
        snprintf(text, sizeof text, "%.780Le", middle);
        assert_parsed(text);
        char *digit = strchr(text, 'e') - 1;
        char above[1300];
        snprintf(above, sizeof above, "%.*s1%s", (int)(digit + 1 - text), text, digit + 1);
        assert_parsed(above);
        snprintf(above, sizeof above, "%.*s%0100d1%s", (int)(digit + 1 - text), text, 0, digit + 1);
        assert_parsed(above);
    }
}

static void random_texts_read_exactly(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 100000; i++) {
        char text[128];
        const int exponent = (int)(next_random(&seed) % 700) - 360;
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(next_random(&seed) >> (i % 64)),
                (unsigned long long)(next_random(&seed) >> (i * 7 % 64)), exponent);
        assert_parsed(text);
        snprintf(text, sizeof text, "%.*e", i % 20, double_of(next_random(&seed) & ~(UINT64_C(1) << 62)));
        assert_parsed(text);
    }
}

/* Texts of letters that numbers are made of, most of them wrong: what the C library reads whole, we do. */
static void short_texts_are_read_as_the_c_library_does(void **state)
{
    (void)state;
    static const char letters[] = "0123456789012345678901234567890123456789....-+e";
    uint64_t seed = 4711;
    for (int i = 0; i < 300000; i++) {
        char text[11] = {0};
        const size_t size = 1 + (size_t)i % 10;
        for (size_t at = 0; at < size; at++)
            text[at] = letters[next_random(&seed) % (sizeof letters - 1)];
        char *end = NULL;
        const double theirs = strtod(text, &end);
        double ours = 0;
        const enum ji_text_reason reason = ji_double_parse(text, size, &ours);
        if (*end != '\0')
            assert_int_equal(reason, JI_TEXT_MALFORMED);
        else if (isinf(theirs))
            assert_int_equal(reason, JI_TEXT_RANGE);
        else if (reason != JI_TEXT_OK || !same_double(ours, theirs))
            fail_msg("%s reads as %.17g", text, ours);
    }
}

static void malformed_reals_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e5x", "1.2.3",
            " 1", "1 ", "0x1p3", "1,5", "nano", "in", "infinit", "--1", "1_000", "1e5.5",
            "12345678901234567890x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value = 77;
        float single = 77;
        assert_int_equal(ji_double_parse(texts[i], strlen(texts[i]), &value), JI_TEXT_MALFORMED);
        assert_int_equal(ji_float_parse(texts[i], strlen(texts[i]), &single), JI_TEXT_MALFORMED);
        assert_true(value == 77 && single == 77);
    }
}

static void words_for_nan_and_infinity_are_read(void **state)
{
    (void)state;
    double value = 0;
    float single = 0;
    assert_int_equal(ji_double_parse("NaN", 3, &value), JI_TEXT_OK);
    assert_true(isnan(value));
    assert_int_equal(ji_double_parse("-Infinity", 9, &value), JI_TEXT_OK);
    assert_true(isinf(value) && value < 0);
    assert_int_equal(ji_double_parse("+inf", 4, &value), JI_TEXT_OK);
    assert_true(isinf(value) && value > 0);
    assert_int_equal(ji_float_parse("nan", 3, &single), JI_TEXT_OK);
    assert_true(isnan(single));
    assert_int_equal(ji_float_parse("-INF", 4, &single), JI_TEXT_OK);
    assert_true(isinf(single) && single < 0);
}

static void very_long_texts_are_read(void **state)
{
    (void)state;
    char text[5000];
    memset(text, '0', sizeof text);
    text[0] = '1';
    text[1] = '.';
    text[sizeof text - 1] = '1';
    double value = 0;
    assert_int_equal(ji_double_parse(text, sizeof text, &value), JI_TEXT_OK);
    assert_true(same_double(value, 1.0));
    text[1] = '0';
    assert_int_equal(ji_double_parse(text, sizeof text, &value), JI_TEXT_RANGE);
    memcpy(text + sizeof text - 5, "e-499", 5);
    memset(text, '0', sizeof text - 5);
    assert_int_equal(ji_double_parse(text, sizeof text, &value), JI_TEXT_OK);
    assert_true(same_double(value, 0.0));
    /* Five thousand zeros behind the point, and an exponent that takes them back. */
    text[1] = '.';
    text[sizeof text - 7] = '1';
    memcpy(text + sizeof text - 6, "e+4992", 6);
    assert_int_equal(ji_double_parse(text, sizeof text, &value), JI_TEXT_OK);
    assert_true(same_double(value, 1.0));
}

static void floats_print_shortest_and_read_back(void **state)
{
    (void)state;
    uint64_t seed = 777;
    for (int i = 0; i < 200000; i++) {
        const uint32_t bits = (uint32_t)next_random(&seed);
        const float value = float_of(bits);
        if (!isfinite(value))
            continue;
        char text[JI_FLOAT_TEXT_MAX + 1] = {0};
        const size_t size = ji_float_print(value, text);
        assert_true(size <= JI_FLOAT_TEXT_MAX);
        float back = 0;
        assert_int_equal(ji_float_parse(text, size, &back), JI_TEXT_OK);
        const float theirs = strtof(text, NULL);
        if (memcmp(&back, &value, sizeof back) != 0 || memcmp(&theirs, &value, sizeof theirs) != 0)
            fail_msg("%.9g printed as %s reads back as %.9g", (double)value, text, (double)back);
    }
    char text[JI_FLOAT_TEXT_MAX + 1] = {0};
    ji_float_print(0.1f, text);
    assert_string_equal(text, "0.1");
    memset(text, 0, sizeof text);
    ji_float_print(-1e-45f, text);
    assert_string_equal(text, "-1e-45");
    memset(text, 0, sizeof text);
    ji_float_print(16777216.0f, text);
    assert_string_equal(text, "16777216.0");
    memset(text, 0, sizeof text);
    ji_float_print(FLT_MAX, text);
    assert_string_equal(text, "3.4028235e+38");
    memset(text, 0, sizeof text);
    ji_float_print(-INFINITY, text);
    assert_string_equal(text, "-inf");
    memset(text, 0, sizeof text);
    ji_float_print(NAN, text);
    assert_string_equal(text, "nan");
    memset(text, 0, sizeof text);
    ji_float_print(-0.0f, text);
    assert_string_equal(text, "-0.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(known_doubles_print_as_known),
            cmocka_unit_test(random_doubles_print_shortest_and_read_back),
            cmocka_unit_test(powers_and_their_neighbours_print_shortest),
            cmocka_unit_test(hard_texts_read_exactly),
            cmocka_unit_test(exact_middles_are_rounded_to_even),
            cmocka_unit_test(random_texts_read_exactly),
            cmocka_unit_test(short_texts_are_read_as_the_c_library_does),
            cmocka_unit_test(malformed_reals_are_refused),
            cmocka_unit_test(words_for_nan_and_infinity_are_read),
            cmocka_unit_test(very_long_texts_are_read),
            cmocka_unit_test(floats_print_shortest_and_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
