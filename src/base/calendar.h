/*
 * calendar.h - days, times and timestamps <-> civil dates and text
 *
 * The proleptic Gregorian calendar, all days of 86,400 seconds, no time zone but a stated offset;
 * the host's locale and TZ are never asked. Division is toward minus infinity: the day
 * of -1 us is 1969-12-31.
 */
#ifndef JI_CALENDAR_H
#define JI_CALENDAR_H

#include "base/integer_text.h"

enum ji_unit { JI_SECOND = 0, JI_MILLI, JI_MICRO, JI_NANO };

/* 1, 1,000, 1,000,000 or 1,000,000,000 a second. */
int64_t ji_unit_per_second(enum ji_unit unit);

struct ji_civil {
    int64_t year;   /* 0 is the year before 1 */
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

/* Days since 1970-01-01. Any day that an int64 count of seconds reaches. */
struct ji_civil ji_civil_of_days(int64_t days);
int64_t ji_days_of_civil(int64_t year, unsigned month, unsigned day);
unsigned ji_days_in_month(int64_t year, unsigned month);

/* Of an int64 timestamp: the day, and what is left of it in the same unit. */
int64_t ji_timestamp_day(int64_t value, enum ji_unit unit);
int64_t ji_timestamp_time(int64_t value, enum ji_unit unit);
/* Whole hours since 1970-01-01T00. */
int64_t ji_timestamp_hour(int64_t value, enum ji_unit unit);
/* In another unit: false where it does not fit; `*exact` (NULL allowed) false where digits went. */
bool ji_timestamp_convert(int64_t value, enum ji_unit unit, enum ji_unit unit_new, int64_t *out, bool *exact);

#define JI_DATE_TEXT_MAX 24
#define JI_TIME_TEXT_MAX 20
#define JI_TIMESTAMP_TEXT_MAX 48

/*
 * "1998-09-02"; years outside 0000 to 9999 have a sign and five digits or more ("+12345-01-01").
 * All printers write no NUL and return how many bytes.
 */
size_t ji_date_print(int64_t days, char *out);
/* "12:34:56" and, where it is not zero, a fraction of 3, 6 or 9 digits, whichever is enough. */
size_t ji_time_print(int64_t value, enum ji_unit unit, char *out);
/* "1998-09-02T12:34:56.123", with 'Z' behind where `utc`. */
size_t ji_timestamp_print(int64_t value, enum ji_unit unit, bool utc, char *out);

/*
 * Dates: YYYY-MM-DD, or a sign and 4 to 12 digits for the year. Times: HH:MM, HH:MM:SS, HH:MM:SS.fraction;
 * hour 24 and second 60 are refused. A fraction finer than the unit is JI_TEXT_SCALE but for zeros.
 */
enum ji_text_reason ji_date_parse(const char *data, size_t size, int32_t *days);
enum ji_text_reason ji_time_parse(const char *data, size_t size, enum ji_unit unit, int64_t *value);
/*
 * A date alone, or a date, one of 'T', 't', ' ', a time, and no or one offset: Z, z, +HH, +HHMM, +HH:MM.
 * The value is UTC where there is an offset; `*has_offset` (NULL allowed) says whether there was.
 */
enum ji_text_reason ji_timestamp_parse(
        const char *data, size_t size, enum ji_unit unit, int64_t *value, bool *has_offset);

#endif
