/*
 * integer_text_test.c - integers to text and back
 */
#include "support/test.h"

#include "base/digits.h"
#include "base/integer_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void assert_i64_round_trip(int64_t value)
{
    char text[JI_I64_TEXT_MAX + 1] = {0};
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%" PRId64, value);
    const size_t size = ji_i64_print(value, text);
    assert_int_equal(size, strlen(wanted));
    assert_string_equal(text, wanted);
    int64_t back = ~value;
    assert_int_equal(ji_i64_parse(text, size, &back), JI_TEXT_OK);
    assert_true(back == value);
}

static void every_length_round_trips(void **state)
{
    (void)state;
    int64_t power = 1;
    for (int digits = 1; digits <= 18; digits++, power *= 10) {
        assert_i64_round_trip(power - 1);
        assert_i64_round_trip(power);
        assert_i64_round_trip(-power);
        assert_i64_round_trip(power / 3);
    }
    assert_i64_round_trip(INT64_MAX);
    assert_i64_round_trip(INT64_MIN);
    assert_i64_round_trip(INT64_MIN + 1);
}

static void digits_are_counted_around_every_power(void **state)
{
    (void)state;
    uint64_t power = 10;
    for (unsigned digits = 1; digits < 20; digits++, power *= 10) {
        assert_int_equal(ji_u64_digits(power - 1), digits);
        assert_int_equal(ji_u64_digits(power), digits + 1);
    }
    assert_int_equal(ji_u64_digits(UINT64_MAX), 20);
    assert_int_equal(ji_u64_digits(1), 1);
}

static void the_largest_u64_round_trips(void **state)
{
    (void)state;
    char text[JI_U64_TEXT_MAX];
    uint64_t back = 0;
    assert_int_equal(ji_u64_print(UINT64_MAX, text), 20);
    assert_memory_equal(text, "18446744073709551615", 20);
    assert_int_equal(ji_u64_parse(text, 20, &back), JI_TEXT_OK);
    assert_true(back == UINT64_MAX);
}

struct refused {
    const char *text;
    enum ji_text_reason reason;
};

static void malformed_and_too_large_integers_are_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {{"", JI_TEXT_MALFORMED}, {"-", JI_TEXT_MALFORMED},
            {"+", JI_TEXT_MALFORMED}, {"--1", JI_TEXT_MALFORMED}, {" 1", JI_TEXT_MALFORMED},
            {"1 ", JI_TEXT_MALFORMED}, {"1.0", JI_TEXT_MALFORMED}, {"12345678x", JI_TEXT_MALFORMED},
            {"1234567x9", JI_TEXT_MALFORMED}, {"0x10", JI_TEXT_MALFORMED}, {"1e3", JI_TEXT_MALFORMED},
            {"9223372036854775808", JI_TEXT_RANGE}, {"-9223372036854775809", JI_TEXT_RANGE},
            {"99999999999999999999", JI_TEXT_RANGE}, {"123456789012345678901", JI_TEXT_RANGE},
            {"12345678901234567890x", JI_TEXT_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 77;
        assert_int_equal(ji_i64_parse(cases[i].text, strlen(cases[i].text), &value), cases[i].reason);
        assert_int_equal(value, 77);
    }
    int64_t value = 77;
    assert_int_equal(ji_i64_parse("1234567\0009", 9, &value), JI_TEXT_MALFORMED);
    uint64_t u = 77;
    assert_int_equal(ji_u64_parse("18446744073709551616", 20, &u), JI_TEXT_RANGE);
    assert_int_equal(ji_u64_parse("-1", 2, &u), JI_TEXT_RANGE);
    assert_int_equal(ji_u64_parse("x", 1, &u), JI_TEXT_MALFORMED);
    assert_int_equal(ji_u64_parse("", 0, &u), JI_TEXT_MALFORMED);
    assert_int_equal(u, 77);
}

static void signs_and_leading_zeros_are_read(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_int_equal(ji_i64_parse("+12", 3, &value), JI_TEXT_OK);
    assert_int_equal(value, 12);
    assert_int_equal(ji_i64_parse("-0000000000000000000000000000012", 32, &value), JI_TEXT_OK);
    assert_int_equal(value, -12);
    assert_int_equal(ji_i64_parse("-0", 2, &value), JI_TEXT_OK);
    assert_int_equal(value, 0);
    uint64_t u = 1;
    assert_int_equal(ji_u64_parse("-0", 2, &u), JI_TEXT_OK);
    assert_int_equal(u, 0);
}

static void i128_round_trips_at_its_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {"0", "-1", "170141183460469231731687303715884105727",
            "-170141183460469231731687303715884105728", "18446744073709551616", "10000000000000000000",
            "99999999999999999999999999999999999999", "-100000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ji_int128 value = 5;
        char text[JI_I128_TEXT_MAX + 1] = {0};
        assert_int_equal(ji_i128_parse(texts[i], strlen(texts[i]), &value), JI_TEXT_OK);
        ji_i128_print(value, text);
        assert_string_equal(text, texts[i]);
    }
    ji_int128 value = 5;
    assert_int_equal(ji_i128_parse("170141183460469231731687303715884105728", 39, &value), JI_TEXT_RANGE);
    assert_int_equal(ji_i128_parse("1234567890123456789012345678901234567890", 40, &value), JI_TEXT_RANGE);
    assert_int_equal(ji_i128_parse("12a", 3, &value), JI_TEXT_MALFORMED);
    assert_int_equal(ji_i128_parse("-", 1, &value), JI_TEXT_MALFORMED);
    assert_true(value == 5);
}

static void each_reason_has_its_text(void **state)
{
    (void)state;
    assert_string_equal(ji_text_reason_text(JI_TEXT_MALFORMED), "is no");
    assert_string_equal(ji_text_reason_text(JI_TEXT_RANGE), "is out of range for");
    assert_string_equal(ji_text_reason_text(JI_TEXT_SCALE), "has too many fraction digits for");
    assert_string_equal(ji_text_reason_text(JI_TEXT_OK), "is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_length_round_trips),
            cmocka_unit_test(digits_are_counted_around_every_power),
            cmocka_unit_test(the_largest_u64_round_trips),
            cmocka_unit_test(malformed_and_too_large_integers_are_refused),
            cmocka_unit_test(signs_and_leading_zeros_are_read),
            cmocka_unit_test(i128_round_trips_at_its_ends),
            cmocka_unit_test(each_reason_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
