/*
 * calendar.c - civil dates, times and timestamps
 *
 * Years start in March for the arithmetic, so that the leap day is a year's last; 400 years
 * ("era") have 146,097 days (H. Hinnant, "chrono-compatible low-level date algorithms").
 */
#include "base/calendar.h"

#include "base/digits.h"

#include <assert.h>
#include <string.h>

#define ERA_DAYS 146097
#define EPOCH_SHIFT_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */
#define DAY_SECONDS 86400
#define YEAR_DIGITS_MAX 12
#define FRACTION_DIGITS_MAX 9

static int64_t floor_div(int64_t value, int64_t by)
{
    const int64_t quotient = value / by;
    return quotient - (value % by < 0);
}

int64_t ji_unit_per_second(enum ji_unit unit)
{
    static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
    assert((size_t)unit < sizeof per_second / sizeof per_second[0]);
    return per_second[unit];
}

struct ji_civil ji_civil_of_days(int64_t days)
{
    const int64_t shifted = days + EPOCH_SHIFT_DAYS;
    const int64_t era = floor_div(shifted, ERA_DAYS);
    const unsigned day_of_era = (unsigned)(shifted - era * ERA_DAYS);
    const unsigned year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month_from_march = (5 * day_of_year + 2) / 153;
    const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct ji_civil){
            .year = era * 400 + year_of_era + (month <= 2),
            .month = month,
            .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
}

int64_t ji_days_of_civil(int64_t year, unsigned month, unsigned day)
{
    const int64_t shifted = year - (month <= 2);
    const int64_t era = floor_div(shifted, 400);
    const unsigned year_of_era = (unsigned)(shifted - era * 400);
    const unsigned month_from_march = month > 2 ? month - 3 : month + 9;
    const unsigned day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT_DAYS;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned ji_days_in_month(int64_t year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return days[month - 1] + (month == 2 && is_leap(year));
}

int64_t ji_timestamp_day(int64_t value, enum ji_unit unit)
{
    return floor_div(value, ji_unit_per_second(unit) * DAY_SECONDS);
}

int64_t ji_timestamp_time(int64_t value, enum ji_unit unit)
{
    const int64_t rest = value % (ji_unit_per_second(unit) * DAY_SECONDS);
    return rest < 0 ? rest + ji_unit_per_second(unit) * DAY_SECONDS : rest;
}

int64_t ji_timestamp_hour(int64_t value, enum ji_unit unit)
{
    return floor_div(value, ji_unit_per_second(unit) * 3600);
}

bool ji_timestamp_convert(int64_t value, enum ji_unit unit, enum ji_unit unit_new, int64_t *out, bool *exact)
{
    const int64_t from = ji_unit_per_second(unit);
    const int64_t to = ji_unit_per_second(unit_new);
    int64_t converted = 0;
    if (to >= from && !ji_mul_i64(value, to / from, &converted))
        return false;
    if (to < from)
        converted = floor_div(value, from / to);
    *out = converted;
    if (exact != NULL)
        *exact = to >= from || value % (from / to) == 0;
    return true;
}

size_t ji_date_print(int64_t days, char *out)
{
    const struct ji_civil civil = ji_civil_of_days(days);
    size_t size = 4;
    if (civil.year >= 0 && civil.year <= 9999) {
        ji_u64_print_padded((uint64_t)civil.year, 4, out);
    } else {
        const uint64_t magnitude = civil.year < 0 ? 0 - (uint64_t)civil.year : (uint64_t)civil.year;
        const unsigned digits = magnitude < 10000 ? 4 : ji_u64_digits(magnitude);
        out[0] = civil.year < 0 ? '-' : '+';
        ji_u64_print_padded(magnitude, digits, out + 1);
        size = 1 + digits;
    }
    out[size] = '-';
    ji_u64_print_padded(civil.month, 2, out + size + 1);
    out[size + 3] = '-';
    ji_u64_print_padded(civil.day, 2, out + size + 4);
    return size + 6;
}

size_t ji_time_print(int64_t value, enum ji_unit unit, char *out)
{
    const int64_t per_second = ji_unit_per_second(unit);
    const int64_t seconds = floor_div(value, per_second);
    uint64_t fraction = (uint64_t)(value - seconds * per_second);
    const uint64_t of_day = (uint64_t)(seconds - floor_div(seconds, DAY_SECONDS) * DAY_SECONDS);
    ji_u64_print_padded(of_day / 3600, 2, out);
    out[2] = ':';
    ji_u64_print_padded(of_day / 60 % 60, 2, out + 3);
    out[5] = ':';
    ji_u64_print_padded(of_day % 60, 2, out + 6);
    if (fraction == 0)
        return 8;
    unsigned digits = 3 * (unsigned)unit;
    for (; fraction % 1000 == 0; fraction /= 1000)
        digits -= 3;
    out[8] = '.';
    ji_u64_print_padded(fraction, digits, out + 9);
    return 9 + digits;
}

size_t ji_timestamp_print(int64_t value, enum ji_unit unit, bool utc, char *out)
{
    size_t size = ji_date_print(ji_timestamp_day(value, unit), out);
    out[size++] = 'T';
    size += ji_time_print(ji_timestamp_time(value, unit), unit, out + size);
    if (utc)
        out[size++] = 'Z';
    return size;
}

/* What is left to read; each reader below moves `at` over what it took. */
struct rest {
    const char *at;
    const char *end;
};

static bool take_two(struct rest *rest, unsigned *value)
{
    if (rest->end - rest->at < 2 || !ji_is_digit(rest->at[0]) || !ji_is_digit(rest->at[1]))
        return false;
    *value = (unsigned)(rest->at[0] - '0') * 10 + (unsigned)(rest->at[1] - '0');
    rest->at += 2;
    return true;
}

static bool take_char(struct rest *rest, char wanted)
{
    if (rest->at == rest->end || *rest->at != wanted)
        return false;
    rest->at++;
    return true;
}

static bool take_year(struct rest *rest, int64_t *year)
{
    const bool negative = rest->at < rest->end && *rest->at == '-';
    const bool has_sign = negative || (rest->at < rest->end && *rest->at == '+');
    rest->at += has_sign;
    const char *from = rest->at;
    int64_t value = 0;
    while (rest->at < rest->end && ji_is_digit(*rest->at) && rest->at - from < YEAR_DIGITS_MAX)
        value = value * 10 + (*rest->at++ - '0');
    const size_t digits = (size_t)(rest->at - from);
    if (has_sign ? digits < 4 : digits != 4)
        return false;
    *year = negative ? -value : value;
    return true;
}

/* The range of a month or a day is RANGE: it is written like a date. */
static enum ji_text_reason take_date(struct rest *rest, int64_t *days)
{
    int64_t year = 0;
    unsigned month = 0;
    unsigned day = 0;
    if (!take_year(rest, &year) || !take_char(rest, '-') || !take_two(rest, &month) ||
            !take_char(rest, '-') || !take_two(rest, &day))
        return JI_TEXT_MALFORMED;
    if (month < 1 || month > 12 || day < 1 || day > ji_days_in_month(year, month))
        return JI_TEXT_RANGE;
    *days = ji_days_of_civil(year, month, day);
    return JI_TEXT_OK;
}

/* Behind the point: a fraction of a second in `unit`. */
static enum ji_text_reason take_fraction(struct rest *rest, enum ji_unit unit, int64_t *fraction)
{
    const unsigned kept = 3 * (unsigned)unit;
    const char *from = rest->at;
    int64_t value = 0;
    unsigned digits = 0;
    bool lost = false;
    for (; rest->at < rest->end && ji_is_digit(*rest->at); rest->at++) {
        if (digits < kept) {
            value = value * 10 + (*rest->at - '0');
            digits++;
        } else {
            lost |= *rest->at != '0';
        }
    }
    if (rest->at == from)
        return JI_TEXT_MALFORMED;
    for (; digits < kept; digits++)
        value *= 10;
    *fraction = value;
    return lost ? JI_TEXT_SCALE : JI_TEXT_OK;
}

/* SCALE only where nothing worse is wrong. */
static enum ji_text_reason take_time(
        struct rest *rest, enum ji_unit unit, int64_t *seconds, int64_t *fraction)
{
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    enum ji_text_reason reason = JI_TEXT_OK;
    if (!take_two(rest, &hour) || !take_char(rest, ':') || !take_two(rest, &minute))
        return JI_TEXT_MALFORMED;
    *fraction = 0;
    if (take_char(rest, ':')) {
        if (!take_two(rest, &second))
            return JI_TEXT_MALFORMED;
        if (take_char(rest, '.'))
            reason = take_fraction(rest, unit, fraction);
    }
    if (reason == JI_TEXT_MALFORMED)
        return reason;
    if (hour > 23 || minute > 59 || second > 59)
        return JI_TEXT_RANGE;
    *seconds = (int64_t)hour * 3600 + minute * 60 + second;
    return reason;
}

/* An offset or nothing up to the end: seconds to take off. */
static enum ji_text_reason take_offset(struct rest *rest, int64_t *offset, bool *has_offset)
{
    *offset = 0;
    *has_offset = rest->at < rest->end;
    if (!*has_offset)
        return JI_TEXT_OK;
    if (take_char(rest, 'Z') || take_char(rest, 'z'))
        return rest->at == rest->end ? JI_TEXT_OK : JI_TEXT_MALFORMED;
    const bool negative = *rest->at == '-';
    unsigned hours = 0;
    unsigned minutes = 0;
    if (!take_char(rest, '+') && !take_char(rest, '-'))
        return JI_TEXT_MALFORMED;
    if (!take_two(rest, &hours))
        return JI_TEXT_MALFORMED;
    if (rest->at < rest->end) {
        const bool colon = take_char(rest, ':');
        (void)colon; /* both +HHMM and +HH:MM are read */
        if (!take_two(rest, &minutes))
            return JI_TEXT_MALFORMED;
    }
    if (rest->at != rest->end)
        return JI_TEXT_MALFORMED;
    if (hours > 23 || minutes > 59)
        return JI_TEXT_RANGE;
    *offset = (int64_t)hours * 3600 + minutes * 60;
    if (negative)
        *offset = -*offset;
    return JI_TEXT_OK;
}

/* "YYYY-MM-DD" without a loop; false for all else, right or wrong. */
static inline bool parse_plain_date(const char *data, int32_t *days)
{
    /* Year and month come together, and so do the two characters between them and the day. */
    const uint64_t head = ji_load_le64(data);
    const uint64_t dashes = UINT64_C(0xff0000ff00000000);
    if ((head & dashes) != UINT64_C(0x2d00002d00000000))
        return false;
    const uint64_t digits = (head & UINT32_MAX) | (head >> 40 & 0xffff) << 32 |
            (uint64_t)(uint8_t)data[8] << 48 | (uint64_t)(uint8_t)data[9] << 56;
    if (!ji_eight_are_digits(digits))
        return false;
    const uint32_t number = ji_eight_digits(digits);
    const unsigned day = number % 100;
    const unsigned month = number / 100 % 100;
    if (month < 1 || month > 12 || day < 1 || day > ji_days_in_month(number / 10000, month))
        return false;
    *days = (int32_t)ji_days_of_civil(number / 10000, month, day);
    return true;
}

enum ji_text_reason ji_date_parse(const char *data, size_t size, int32_t *days)
{
    if (size == 10 && parse_plain_date(data, days))
        return JI_TEXT_OK;
    struct rest rest = {.at = data, .end = data + size};
    int64_t parsed = 0;
    const enum ji_text_reason reason = take_date(&rest, &parsed);
    if (reason != JI_TEXT_MALFORMED && rest.at != rest.end)
        return JI_TEXT_MALFORMED;
    if (reason != JI_TEXT_OK)
        return reason;
    if (parsed < INT32_MIN || parsed > INT32_MAX)
        return JI_TEXT_RANGE;
    *days = (int32_t)parsed;
    return JI_TEXT_OK;
}

enum ji_text_reason ji_time_parse(const char *data, size_t size, enum ji_unit unit, int64_t *value)
{
    struct rest rest = {.at = data, .end = data + size};
    int64_t seconds = 0;
    int64_t fraction = 0;
    const enum ji_text_reason reason = take_time(&rest, unit, &seconds, &fraction);
    if (reason != JI_TEXT_MALFORMED && rest.at != rest.end)
        return JI_TEXT_MALFORMED;
    if (reason == JI_TEXT_OK)
        *value = seconds * ji_unit_per_second(unit) + fraction;
    return reason;
}

enum ji_text_reason ji_timestamp_parse(
        const char *data, size_t size, enum ji_unit unit, int64_t *value, bool *has_offset)
{
    struct rest rest = {.at = data, .end = data + size};
    int64_t days = 0;
    int64_t seconds = 0;
    int64_t fraction = 0;
    int64_t offset = 0;
    bool offset_there = false;
    enum ji_text_reason time_reason = JI_TEXT_OK;
    const enum ji_text_reason date_reason = take_date(&rest, &days);
    if (date_reason == JI_TEXT_MALFORMED)
        return date_reason;
    if (rest.at != rest.end) {
        if (!take_char(&rest, 'T') && !take_char(&rest, ' ') && !take_char(&rest, 't'))
            return JI_TEXT_MALFORMED;
        time_reason = take_time(&rest, unit, &seconds, &fraction);
        if (time_reason == JI_TEXT_MALFORMED)
            return time_reason;
        const enum ji_text_reason offset_reason = take_offset(&rest, &offset, &offset_there);
        if (offset_reason == JI_TEXT_MALFORMED ||
                (offset_reason == JI_TEXT_RANGE && time_reason == JI_TEXT_OK))
            return offset_reason;
    }
    if (date_reason != JI_TEXT_OK || time_reason != JI_TEXT_OK)
        return date_reason != JI_TEXT_OK ? date_reason : time_reason;
    /* At most 10^12 years of seconds: 128 bits hold them in nanoseconds. */
    const ji_int128 total =
            ((ji_int128)days * DAY_SECONDS + seconds - offset) * ji_unit_per_second(unit) + fraction;
    if (total < INT64_MIN || total > INT64_MAX)
        return JI_TEXT_RANGE;
    *value = (int64_t)total;
    if (has_offset != NULL)
        *has_offset = offset_there;
    return JI_TEXT_OK;
}
