/*
 * wide_decimal_test.c - 256-bit decimals and intervals: text, order, fit
 */
#include "support/test.h"

#include "base/wide_decimal.h"

#include <string.h>

struct row {
    const char *hex; /* big-endian */
    unsigned scale;
    const char *text;
    unsigned digits;
};

static struct ji_view bytes_of(const char *hex, uint8_t *out)
{
    size_t size = 0;
    for (; hex[0] != '\0'; hex += 2) {
        static const char digits[] = "0123456789abcdef";
        out[size++] = (uint8_t)((strchr(digits, hex[0]) - digits) * 16 + (strchr(digits, hex[1]) - digits));
    }
    return ji_view_of(out, size);
}

static const struct row rows[] = {
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0, "-1", 1},
        {"ff", 3, "-0.001", 1},
        {"", 2, "0.00", 1},
        {"00", 0, "0", 1},
        {"7f", 1, "12.7", 3},
        {"000000000000000000000000000000000000000000000000000000000000000001", 0, "1", 1},
        {"0de0b6b3a7640000", 18, "1.000000000000000000", 19},
        {"4b3b4ca85a86c47a098a223fffffffff", 38, "0.99999999999999999999999999999999999999", 38},
};

static void text_is_that_of_the_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[64];
        uint8_t value[JI_WIDE_DECIMAL_BYTES];
        char text[JI_WIDE_DECIMAL_TEXT_MAX + 1] = {0};
        const struct ji_view view = bytes_of(rows[i].hex, bytes);
        assert_true(ji_wide_decimal_from_bytes(view, value));
        assert_true(ji_wide_decimal_print(value, rows[i].scale, text) <= JI_WIDE_DECIMAL_TEXT_MAX);
        if (i == 7) /* 99999999999999997748809823456034029568 - 1, as a check of carries */
            assert_int_equal(strlen(text), 40);
        else
            assert_string_equal(text, rows[i].text);
        assert_true(ji_wide_decimal_fits(value, rows[i].digits));
        assert_true(rows[i].digits == 1 || !ji_wide_decimal_fits(value, rows[i].digits - 1));
    }
}

static void the_largest_and_the_least_print(void **state)
{
    (void)state;
    uint8_t value[JI_WIDE_DECIMAL_BYTES];
    uint8_t bytes[JI_WIDE_DECIMAL_BYTES] = {0x80};
    char text[JI_WIDE_DECIMAL_TEXT_MAX + 1] = {0};
    assert_true(ji_wide_decimal_from_bytes(ji_view_of(bytes, sizeof bytes), value));
    const size_t size = ji_wide_decimal_print(value, 0, text);
    assert_int_equal(size, 78);
    assert_string_equal(
            text, "-57896044618658097711785492504343953926634992332820282019728792003956564819968");
    assert_false(ji_wide_decimal_fits(value, JI_WIDE_DECIMAL_DIGITS_MAX));
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    uint8_t value[JI_WIDE_DECIMAL_BYTES];
    uint8_t bytes[JI_WIDE_DECIMAL_BYTES + 1] = {0, 0x80};
    assert_false(ji_wide_decimal_from_bytes(ji_view_of(bytes, sizeof bytes), value));
    bytes[0] = 1;
    assert_false(ji_wide_decimal_from_bytes(ji_view_of(bytes, sizeof bytes), value));
    bytes[0] = 0xff;
    assert_true(ji_wide_decimal_from_bytes(ji_view_of(bytes, sizeof bytes), value));
}

static void order_is_that_of_the_numbers(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MIN, -1000, -1, 0, 1, 7, INT64_MAX};
    const size_t count = sizeof numbers / sizeof numbers[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            uint8_t a[JI_WIDE_DECIMAL_BYTES];
            uint8_t b[JI_WIDE_DECIMAL_BYTES];
            uint8_t a_key[JI_WIDE_DECIMAL_BYTES];
            uint8_t b_key[JI_WIDE_DECIMAL_BYTES];
            ji_wide_decimal_from_int128((ji_int128)numbers[i] * ((ji_int128)1 << 60), a);
            ji_wide_decimal_from_int128((ji_int128)numbers[k] * ((ji_int128)1 << 60), b);
            ji_wide_decimal_key(a, a_key);
            ji_wide_decimal_key(b, b_key);
            const int wanted = (i > k) - (i < k);
            const int keys = memcmp(a_key, b_key, sizeof a_key);
            assert_int_equal(ji_wide_decimal_compare(a, b), wanted);
            assert_int_equal((keys > 0) - (keys < 0), wanted);
        }
    }
}

static void intervals_print_as_iso_8601(void **state)
{
    (void)state;
    static const struct {
        struct ji_interval interval;
        const char *text;
    } intervals[] = {
            {{0, 0, 0}, "P0D"},
            {{14, 3, 250000000}, "P14M3DT0.25S"},
            {{0, -2, 0}, "P-2D"},
            {{0, 0, -1500000000}, "PT-1.5S"},
            {{1, 0, 61000000000}, "P1MT61S"},
            {{INT32_MIN, INT32_MIN, INT64_MIN}, "P-2147483648M-2147483648DT-9223372036.854775808S"},
    };
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        char text[JI_INTERVAL_TEXT_MAX + 1] = {0};
        (void)ji_interval_print(&intervals[i].interval, text);
        assert_string_equal(text, intervals[i].text);
    }
}

static void intervals_go_by_months_then_days_then_nanoseconds(void **state)
{
    (void)state;
    static const struct ji_interval rising[] = {
            {-1, 5, 5}, {0, -1, 9}, {0, 0, -1}, {0, 0, 1}, {0, 1, -7}, {1, -9, 0}};
    for (size_t i = 0; i + 1 < sizeof rising / sizeof rising[0]; i++) {
        uint8_t a[JI_INTERVAL_BYTES];
        uint8_t b[JI_INTERVAL_BYTES];
        ji_interval_key(&rising[i], a);
        ji_interval_key(&rising[i + 1], b);
        assert_true(memcmp(a, b, sizeof a) < 0);
        assert_int_equal(ji_interval_compare(&rising[i], &rising[i + 1]), -1);
        assert_int_equal(ji_interval_compare(&rising[i + 1], &rising[i]), 1);
        assert_int_equal(ji_interval_compare(&rising[i], &rising[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_is_that_of_the_number),
            cmocka_unit_test(the_largest_and_the_least_print),
            cmocka_unit_test(what_does_not_fit_is_refused),
            cmocka_unit_test(order_is_that_of_the_numbers),
            cmocka_unit_test(intervals_print_as_iso_8601),
            cmocka_unit_test(intervals_go_by_months_then_days_then_nanoseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
