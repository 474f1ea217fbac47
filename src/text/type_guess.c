/*
 * type_guess.c - the type that all texts of a column have in common
 *
 * A bit a type; a text that the type does not hold sets it for good. When all are set a text costs
 * one comparison.
 */
#include "text/type_guess.h"

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/real_text.h"

enum {
    NO_BOOL = 1,
    NO_LONG = 2,
    NO_BIG = 4,
    NO_DECIMAL = 8,
    NO_REAL = 16,
    NO_DATE = 32,
    NO_TIMESTAMP = 64,
    NO_INSTANT = 128,
    NO_CLOCK = 256,
    NO_NUMBER = NO_LONG | NO_BIG | NO_DECIMAL | NO_REAL,
    NO_TIME = NO_DATE | NO_TIMESTAMP | NO_INSTANT | NO_CLOCK,
    NO_TYPE = NO_BOOL | NO_NUMBER | NO_TIME,
};

void ji_type_guess_init(struct ji_type_guess *guess)
{
    *guess = (struct ji_type_guess){.scale = -1};
}

static size_t digits_from(struct ji_view text, size_t at)
{
    size_t end = at;
    while (end < text.size && text.data[end] >= '0' && text.data[end] <= '9')
        end++;
    return end - at;
}

static void add_integer(struct ji_type_guess *guess, struct ji_view text, size_t digits)
{
    int64_t value = 0;
    guess->refused |= NO_DECIMAL;
    if (ji_i64_parse((const char *)text.data, text.size, &value) != JI_TEXT_OK)
        guess->refused |= NO_LONG;
    if (digits > JI_DECIMAL_DIGITS_MAX)
        guess->refused |= NO_BIG | NO_REAL; /* a double would not be the number */
}

static void add_fraction(struct ji_type_guess *guess, struct ji_view text, size_t digits, size_t scale)
{
    double value = 0;
    guess->refused |= NO_LONG | NO_BIG;
    if (scale == 0 || digits == 0 || digits + scale > JI_GUESS_DIGITS_MAX ||
            (guess->scale >= 0 && (size_t)guess->scale != scale))
        guess->refused |= NO_DECIMAL;
    else
        guess->scale = (int)scale;
    if (ji_double_parse((const char *)text.data, text.size, &value) != JI_TEXT_OK)
        guess->refused |= NO_REAL;
}

/* A number in digits, or nan or an infinity, which alone make no column of numbers. */
static void add_number(struct ji_type_guess *guess, struct ji_view text)
{
    double value = 0;
    const size_t sign = text.data[0] == '-';
    const size_t digits = digits_from(text, sign);
    const size_t point = sign + digits;
    const bool leading_zero = digits > 1 && text.data[sign] == '0';
    if (text.data[0] == '+' || leading_zero) {
        guess->refused |= NO_NUMBER;
        return;
    }
    if (digits > 0 && point == text.size) {
        add_integer(guess, text, digits);
        guess->numbers++;
        return;
    }
    if (point < text.size && text.data[point] == '.') {
        const size_t scale = digits_from(text, point + 1);
        if (point + 1 + scale == text.size) {
            add_fraction(guess, text, digits, scale);
            guess->numbers++;
            return;
        }
    }
    guess->refused |= NO_LONG | NO_BIG | NO_DECIMAL;
    if (ji_double_parse((const char *)text.data, text.size, &value) != JI_TEXT_OK)
        guess->refused |= NO_REAL;
    else if (digits > 0 || text.data[sign] == '.')
        guess->numbers++;
}

static void add_time(struct ji_type_guess *guess, struct ji_view text)
{
    int64_t value = 0;
    int32_t days = 0;
    bool has_offset = false;
    const char *data = (const char *)text.data;
    if ((guess->refused & NO_CLOCK) == 0 && ji_time_parse(data, text.size, JI_MICRO, &value) != JI_TEXT_OK)
        guess->refused |= NO_CLOCK;
    if ((guess->refused & NO_DATE) == 0 && ji_date_parse(data, text.size, &days) != JI_TEXT_OK)
        guess->refused |= NO_DATE;
    if ((guess->refused & (NO_TIMESTAMP | NO_INSTANT)) == (NO_TIMESTAMP | NO_INSTANT))
        return;
    if (ji_timestamp_parse(data, text.size, JI_MICRO, &value, &has_offset) != JI_TEXT_OK)
        guess->refused |= NO_TIMESTAMP | NO_INSTANT;
    else
        guess->refused |= has_offset ? NO_TIMESTAMP : NO_INSTANT;
}

static bool is_bool(struct ji_view text)
{
    static const char *const words[] = {"true", "false", "TRUE", "FALSE", "True", "False"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (ji_view_equal_text(text, words[i]))
            return true;
    }
    return false;
}

void ji_type_guess_add(struct ji_type_guess *guess, struct ji_view text)
{
    guess->count++;
    if (guess->refused == NO_TYPE)
        return;
    if (text.size == 0) {
        guess->refused = NO_TYPE;
        return;
    }
    if ((guess->refused & NO_BOOL) == 0 && !is_bool(text))
        guess->refused |= NO_BOOL;
    if ((guess->refused & NO_NUMBER) != NO_NUMBER)
        add_number(guess, text);
    if ((guess->refused & NO_TIME) != NO_TIME)
        add_time(guess, text);
}

bool ji_type_guess_is_settled(const struct ji_type_guess *guess)
{
    return guess->refused == NO_TYPE;
}

void ji_type_guess_merge(struct ji_type_guess *guess, const struct ji_type_guess *from)
{
    guess->count = ji_max_u64(guess->count, from->count);
    guess->numbers = ji_max_u64(guess->numbers, from->numbers);
    guess->refused |= from->refused;
    if (guess->scale < 0)
        guess->scale = from->scale;
    else if (from->scale >= 0 && from->scale != guess->scale)
        guess->refused |= NO_DECIMAL;
}

bool ji_type_guess_fits(const struct ji_type_guess *guess, bool decimals, bool strict,
        const struct ji_field *field, struct ji_view text)
{
    struct ji_type_guess probe = *guess;
    struct ji_field wanted = *field;
    ji_type_guess_add(&probe, text);
    ji_type_guess_field(&probe, decimals, &wanted);
    if (field->kind == JI_DECIMAL && !strict)
        return wanted.kind == JI_DECIMAL || wanted.kind == JI_DOUBLE;
    return wanted.kind == field->kind && wanted.utc == field->utc && wanted.scale == field->scale;
}

static void set_decimal(struct ji_field *field, unsigned precision, int scale)
{
    field->kind = JI_DECIMAL;
    field->precision = (uint8_t)precision;
    field->scale = (int8_t)scale;
}

void ji_type_guess_field(const struct ji_type_guess *guess, bool decimals, struct ji_field *field)
{
    const unsigned refused = guess->count == 0 ? NO_TYPE : guess->refused;
    const bool numeric = guess->numbers > 0;
    field->unit = JI_MICRO;
    field->utc = false;
    if ((refused & NO_BOOL) == 0) {
        field->kind = JI_BOOL;
    } else if (numeric && (refused & NO_LONG) == 0) {
        field->kind = JI_INT64;
    } else if (numeric && (refused & NO_BIG) == 0) {
        set_decimal(field, JI_DECIMAL_DIGITS_MAX, 0);
    } else if (decimals && numeric && (refused & NO_DECIMAL) == 0) {
        set_decimal(field, JI_GUESS_DIGITS_MAX, guess->scale);
    } else if (numeric && (refused & NO_REAL) == 0) {
        field->kind = JI_DOUBLE;
    } else if ((refused & NO_DATE) == 0) {
        field->kind = JI_DATE;
    } else if ((refused & NO_CLOCK) == 0) {
        field->kind = JI_TIME;
    } else if ((refused & NO_TIMESTAMP) == 0) {
        field->kind = JI_TIMESTAMP;
    } else if ((refused & NO_INSTANT) == 0) {
        field->kind = JI_TIMESTAMP;
        field->utc = true;
    } else {
        field->kind = JI_STRING;
    }
}
