/*
 * calendar_test.c - days, times and timestamps, and their text
 */
#include "support/test.h"

#include "base/calendar.h"

#include <stdio.h>
#include <string.h>

static void known_days_are_known(void **state)
{
    (void)state;
    assert_int_equal(ji_days_of_civil(1970, 1, 1), 0);
    assert_int_equal(ji_days_of_civil(2000, 3, 1), 11017);
    assert_int_equal(ji_days_of_civil(1969, 12, 31), -1);
    assert_int_equal(ji_days_of_civil(0, 3, 1), -719468);
    assert_int_equal(ji_days_of_civil(1998, 9, 2), 10471);
}

static void every_day_of_1200_years_follows_the_last(void **state)
{
    (void)state;
    int64_t day = ji_days_of_civil(-401, 1, 1);
    for (int64_t year = -401; year < 800; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            for (unsigned of_month = 1; of_month <= ji_days_in_month(year, month); of_month++, day++) {
                const struct ji_civil civil = ji_civil_of_days(day);
                if (civil.year != year || civil.month != month || civil.day != of_month ||
                        ji_days_of_civil(year, month, of_month) != day)
                    fail_msg("%lld-%u-%u", (long long)year, month, of_month);
            }
        }
    }
    assert_int_equal(ji_days_in_month(1900, 2), 28);
    assert_int_equal(ji_days_in_month(2000, 2), 29);
}

static void assert_date(const char *text, int32_t days)
{
    int32_t parsed = 0;
    assert_int_equal(ji_date_parse(text, strlen(text), &parsed), JI_TEXT_OK);
    assert_int_equal(parsed, days);
    char printed[JI_DATE_TEXT_MAX + 1] = {0};
    assert_int_equal(ji_date_print(days, printed), strlen(text));
    assert_string_equal(printed, text);
}

static void dates_round_trip(void **state)
{
    (void)state;
    assert_date("1970-01-01", 0);
    assert_date("1969-12-31", -1);
    assert_date("0000-01-01", -719528);
    assert_date("9999-12-31", 2932896);
    assert_date("2024-02-29", 19782);
    assert_date("-0001-12-31", -719529);
    assert_date("+10000-01-01", 2932897);
    assert_date("+5881580-07-11", INT32_MAX);
    assert_date("-5877641-06-23", INT32_MIN);
}

struct refused {
    const char *text;
    enum ji_text_reason reason;
};

static void wrong_dates_are_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {{"", JI_TEXT_MALFORMED}, {"1970", JI_TEXT_MALFORMED},
            {"1970-1-1", JI_TEXT_MALFORMED}, {"70-01-01", JI_TEXT_MALFORMED},
            {"12345-01-01", JI_TEXT_MALFORMED}, {"1970/01/01", JI_TEXT_MALFORMED},
            {"1970-01-01 ", JI_TEXT_MALFORMED}, {"1970-01-0a", JI_TEXT_MALFORMED},
            {"+123-01-01", JI_TEXT_MALFORMED}, {"1970-13-01", JI_TEXT_RANGE}, {"1970-00-01", JI_TEXT_RANGE},
            {"1970-01-00", JI_TEXT_RANGE}, {"1970-01-32", JI_TEXT_RANGE}, {"1900-02-29", JI_TEXT_RANGE},
            {"1970-13-01x", JI_TEXT_MALFORMED}, {"+5881580-07-12", JI_TEXT_RANGE},
            {"-5877641-06-22", JI_TEXT_RANGE}, {"+1234567890-01-01", JI_TEXT_RANGE},
            {"+1234567890123-01-01", JI_TEXT_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t days = 77;
        if (ji_date_parse(cases[i].text, strlen(cases[i].text), &days) != cases[i].reason || days != 77)
            fail_msg("%s", cases[i].text);
    }
}

/* Dates with letters changed: the quick way of a date alone and the way of a timestamp's date agree. */
static void dates_and_timestamps_read_dates_alike(void **state)
{
    (void)state;
    static const char letters[] = "0123456789-+ :x";
    uint32_t random = 54321;
    for (int i = 0; i < 200000; i++) {
        char text[] = "2024-02-29";
        for (int change = 0; change < i % 4; change++) {
            random = random * 1664525u + 1013904223u;
            text[(random >> 8) % 10] = letters[(random >> 16) % (sizeof letters - 1)];
        }
        int32_t days = -1;
        int64_t seconds = -86400;
        const enum ji_text_reason reason = ji_timestamp_parse(text, 10, JI_SECOND, &seconds, NULL);
        if (ji_date_parse(text, 10, &days) != reason || seconds != (int64_t)days * 86400)
            fail_msg("%s", text);
    }
}

static void assert_time(const char *text, enum ji_unit unit, int64_t value, const char *wanted)
{
    int64_t parsed = -1;
    assert_int_equal(ji_time_parse(text, strlen(text), unit, &parsed), JI_TEXT_OK);
    assert_true(parsed == value);
    char printed[JI_TIME_TEXT_MAX + 1] = {0};
    assert_int_equal(ji_time_print(value, unit, printed), strlen(wanted));
    assert_string_equal(printed, wanted);
}

static void times_are_read_and_printed_in_each_unit(void **state)
{
    (void)state;
    assert_time("00:00", JI_MICRO, 0, "00:00:00");
    assert_time("23:59:59", JI_SECOND, 86399, "23:59:59");
    assert_time("12:34:56.5", JI_MILLI, 45296500, "12:34:56.500");
    assert_time("12:34:56.000001", JI_MICRO, 45296000001, "12:34:56.000001");
    assert_time("12:34:56.120000000", JI_MICRO, 45296120000, "12:34:56.120");
    assert_time("12:34:56.123456789", JI_NANO, 45296123456789, "12:34:56.123456789");
    assert_time("12:34:56.000000", JI_SECOND, 45296, "12:34:56");
}

static void wrong_times_are_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {{"", JI_TEXT_MALFORMED}, {"1:00", JI_TEXT_MALFORMED},
            {"12", JI_TEXT_MALFORMED}, {"12:00:", JI_TEXT_MALFORMED}, {"12:00:00.", JI_TEXT_MALFORMED},
            {"12:00:00 ", JI_TEXT_MALFORMED}, {"24:00:00", JI_TEXT_RANGE}, {"23:60:00", JI_TEXT_RANGE},
            {"23:59:60", JI_TEXT_RANGE}, {"12:00:00.0000001", JI_TEXT_SCALE}, {"24:00x", JI_TEXT_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 77;
        if (ji_time_parse(cases[i].text, strlen(cases[i].text), JI_MICRO, &value) != cases[i].reason ||
                value != 77)
            fail_msg("%s", cases[i].text);
    }
}

static void assert_timestamp(const char *text, enum ji_unit unit, int64_t value, bool offset)
{
    int64_t parsed = -1;
    bool has_offset = !offset;
    const enum ji_text_reason reason = ji_timestamp_parse(text, strlen(text), unit, &parsed, &has_offset);
    if (reason != JI_TEXT_OK || parsed != value || has_offset != offset)
        fail_msg("%s reads as %lld: %s", text, (long long)parsed, ji_text_reason_text(reason));
}

static void timestamps_are_read_with_and_without_offset(void **state)
{
    (void)state;
    assert_timestamp("1970-01-01", JI_MICRO, 0, false);
    assert_timestamp("1970-01-01T00:00:01", JI_MICRO, 1000000, false);
    assert_timestamp("1970-01-01 00:00:01.5Z", JI_MILLI, 1500, true);
    assert_timestamp("1970-01-01t02:00z", JI_SECOND, 7200, true);
    assert_timestamp("1970-01-01T02:00:00+02:00", JI_SECOND, 0, true);
    assert_timestamp("1970-01-01T00:00:00-0130", JI_SECOND, 5400, true);
    assert_timestamp("1970-01-01T00:00:00+05", JI_SECOND, -18000, true);
    assert_timestamp("1969-12-31T23:59:59.999999", JI_MICRO, -1, false);
    assert_timestamp("2262-04-11T23:47:16.854775807", JI_NANO, INT64_MAX, false);
    assert_timestamp("1677-09-21T00:12:43.145224192", JI_NANO, INT64_MIN, false);
    int64_t value = 0;
    assert_int_equal(ji_timestamp_parse("1970-01-02", 10, JI_SECOND, &value, NULL), JI_TEXT_OK);
    assert_int_equal(value, 86400);
}

static void wrong_timestamps_are_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {{"1970-01-01T", JI_TEXT_MALFORMED},
            {"1970-01-01X00:00", JI_TEXT_MALFORMED}, {"1970-01-01T00:00Zx", JI_TEXT_MALFORMED},
            {"1970-01-01T00:00+1", JI_TEXT_MALFORMED}, {"1970-01-01T00:00+01:", JI_TEXT_MALFORMED},
            {"1970-01-01T00:00+01:00x", JI_TEXT_MALFORMED}, {"1970-01-01T00:00 ", JI_TEXT_MALFORMED},
            {"1970-01-01T00:00+24:00", JI_TEXT_RANGE}, {"1970-01-32T00:00", JI_TEXT_RANGE},
            {"1970-01-01T25:00", JI_TEXT_RANGE}, {"1970-01-01T00:00:00.0000001", JI_TEXT_SCALE},
            {"1970-13-01T00:00:x", JI_TEXT_MALFORMED}, {"+999999999-01-01T00:00:00", JI_TEXT_RANGE},
            {"", JI_TEXT_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 77;
        const enum ji_text_reason reason =
                ji_timestamp_parse(cases[i].text, strlen(cases[i].text), JI_MICRO, &value, NULL);
        if (reason != cases[i].reason || value != 77)
            fail_msg("%s: %s", cases[i].text, ji_text_reason_text(reason));
    }
}

static void timestamps_print_at_their_ends(void **state)
{
    (void)state;
    char text[JI_TIMESTAMP_TEXT_MAX + 1] = {0};
    ji_timestamp_print(-1, JI_MICRO, true, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
    memset(text, 0, sizeof text);
    ji_timestamp_print(INT64_MIN, JI_NANO, false, text);
    assert_string_equal(text, "1677-09-21T00:12:43.145224192");
    memset(text, 0, sizeof text);
    ji_timestamp_print(INT64_MAX, JI_SECOND, false, text);
    assert_string_equal(text, "+292277026596-12-04T15:30:07");
    memset(text, 0, sizeof text);
    ji_timestamp_print(INT64_MIN, JI_SECOND, false, text);
    assert_string_equal(text, "-292277022657-01-27T08:29:52");
}

static void parts_are_floored(void **state)
{
    (void)state;
    assert_int_equal(ji_timestamp_day(-1, JI_MICRO), -1);
    assert_int_equal(ji_timestamp_day(86400, JI_SECOND), 1);
    assert_true(ji_timestamp_time(-1, JI_MICRO) == INT64_C(86399999999));
    assert_int_equal(ji_timestamp_hour(-1, JI_NANO), -1);
    assert_int_equal(ji_timestamp_hour(7200000, JI_MILLI), 2);
}

static void units_convert_where_they_fit(void **state)
{
    (void)state;
    int64_t out = 77;
    bool exact = false;
    assert_true(ji_timestamp_convert(-1500, JI_MILLI, JI_SECOND, &out, &exact));
    assert_int_equal(out, -2);
    assert_false(exact);
    assert_true(ji_timestamp_convert(5, JI_SECOND, JI_NANO, &out, &exact));
    assert_true(out == INT64_C(5000000000) && exact);
    assert_true(ji_timestamp_convert(2000, JI_MILLI, JI_SECOND, &out, NULL));
    assert_int_equal(out, 2);
    assert_false(ji_timestamp_convert(INT64_MAX, JI_SECOND, JI_MILLI, &out, NULL));
    assert_int_equal(out, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(known_days_are_known),
            cmocka_unit_test(every_day_of_1200_years_follows_the_last),
            cmocka_unit_test(dates_round_trip),
            cmocka_unit_test(wrong_dates_are_refused),
            cmocka_unit_test(dates_and_timestamps_read_dates_alike),
            cmocka_unit_test(times_are_read_and_printed_in_each_unit),
            cmocka_unit_test(wrong_times_are_refused),
            cmocka_unit_test(timestamps_are_read_with_and_without_offset),
            cmocka_unit_test(wrong_timestamps_are_refused),
            cmocka_unit_test(timestamps_print_at_their_ends),
            cmocka_unit_test(parts_are_floored),
            cmocka_unit_test(units_convert_where_they_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
