/*
 * fast_parse.h - the common shapes of short values, eight digits a step
 *
 * Each takes text of at least one byte and answers false for whatever it does not know: the exact parsers of
 * base then say yes or no. Up to eight bytes before the text are read and mean nothing (JI_TEXT_PAD).
 */
#ifndef JI_FAST_PARSE_H
#define JI_FAST_PARSE_H

#include "base/bytes.h"

#define JI_ASCII_ZEROS UINT64_C(0x3030303030303030)

/* Eight ASCII digits, the first in the lowest byte. */
static inline bool ji_fast_digits8(uint64_t word, uint64_t *value)
{
    const uint64_t highs = UINT64_C(0xF0F0F0F0F0F0F0F0);
    const uint64_t digits = word - JI_ASCII_ZEROS;
    if (((word & highs) | ((word + UINT64_C(0x0606060606060606)) & highs) >> 4) !=
            UINT64_C(0x3333333333333333))
        return false;
    const uint64_t pairs = digits * 10 + (digits >> 8);
    const uint64_t even = pairs & UINT64_C(0x000000FF000000FF);
    const uint64_t odd = pairs >> 16 & UINT64_C(0x000000FF000000FF);
    *value = (even * UINT64_C(0x000F424000000064) + odd * UINT64_C(0x0000271000000001)) >> 32;
    return true;
}

/* The word with all but its last `count` (1 to 8) bytes made zeros. */
static inline uint64_t ji_fast_last(uint64_t word, size_t count)
{
    const unsigned others = (unsigned)(8 - count) * 8;
    const uint64_t keep = UINT64_MAX << others;
    return (word & keep) | (JI_ASCII_ZEROS & ~keep);
}

/* 1 to 16 digits before `end`. */
static inline bool ji_fast_digits(const uint8_t *end, size_t count, uint64_t *value)
{
    uint64_t low = 0;
    if (count <= 8)
        return count > 0 && ji_fast_digits8(ji_fast_last(ji_load_le64(end - 8), count), value);
    uint64_t high = 0;
    if (count > 16 || !ji_fast_digits8(ji_load_le64(end - 8), &low) ||
            !ji_fast_digits8(ji_fast_last(ji_load_le64(end - 16), count - 8), &high))
        return false;
    *value = high * 100000000 + low;
    return true;
}

static inline bool ji_fast_int64(const uint8_t *text, size_t size, int64_t *value)
{
    const bool negative = *text == '-';
    uint64_t magnitude = 0;
    if (!ji_fast_digits(text + size, size - negative, &magnitude))
        return false;
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

/* "007": a number for those who were told that it is one. */
static inline bool ji_fast_is_code(const uint8_t *text, size_t size)
{
    const size_t sign = *text == '-';
    return text[sign] == '0' && size > sign + 1 && (uint8_t)(text[sign + 1] - '0') < 10;
}

/* Digits, a point and exactly `scale` (1 to 8) digits, or digits alone; `power` is 10^scale. */
static inline bool ji_fast_decimal(
        const uint8_t *text, size_t size, unsigned scale, uint64_t power, int64_t *value)
{
    const uint8_t *end = text + size;
    const bool negative = *text == '-';
    const size_t count = size - negative;
    uint64_t magnitude = 0;
    if (count >= scale + 2 && *(end - scale - 1) == '.') {
        if (count <= 9) {
            /* The digits before the point, moved one byte towards those behind it. */
            const uint64_t behind = UINT64_MAX << (8 * (8 - scale));
            const uint64_t word = (ji_load_le64(end - 8) & behind) | (ji_load_le64(end - 9) & ~behind);
            if (!ji_fast_digits8(ji_fast_last(word, count - 1), &magnitude))
                return false;
        } else {
            uint64_t whole = 0;
            uint64_t fraction = 0;
            if (count - scale - 1 > 8 || !ji_fast_digits(end - scale - 1, count - scale - 1, &whole) ||
                    !ji_fast_digits(end, scale, &fraction))
                return false;
            magnitude = whole * power + fraction;
        }
    } else {
        if (count > 8 || !ji_fast_digits(end, count, &magnitude))
            return false;
        magnitude *= power;
    }
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

static inline unsigned ji_fast_month_days(unsigned year, unsigned month)
{
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return 30 + ((month + (month >> 3)) & 1);
}

/* YYYY-MM-DD from the year 1 on; ten bytes. */
static inline bool ji_fast_date(const uint8_t *text, int32_t *days)
{
    const uint64_t head = ji_load_le64(text) ^ UINT64_C(0x2D30302D30303030);
    const unsigned tens = (unsigned)text[8] - '0';
    const unsigned ones = (unsigned)text[9] - '0';
    if (((head | (head + UINT64_C(0x7F76767F76767676))) & UINT64_C(0x8080808080808080)) != 0 || tens > 3 ||
            ones > 9)
        return false;
    const unsigned year = (unsigned)((head & 15) * 1000 + (head >> 8 & 15) * 100 + (head >> 16 & 15) * 10 +
            (head >> 24 & 15));
    const unsigned month = (unsigned)((head >> 40 & 15) * 10 + (head >> 48 & 15));
    const unsigned day = tens * 10 + ones;
    if (year == 0 || month - 1 > 11 || day == 0 || day > ji_fast_month_days(year, month))
        return false;
    const unsigned years = year - (month <= 2);
    const unsigned months = month > 2 ? month - 3 : month + 9;
    const unsigned since =
            365 * years + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1;
    *days = (int32_t)since - 719468;
    return true;
}

/* YYYY-MM-DD, 'T' or a blank, HH:MM:SS, up to 6 digits more, and 'Z' exactly where `utc`. Microseconds. */
static inline bool ji_fast_timestamp(const uint8_t *text, size_t size, bool utc, int64_t *value)
{
    int32_t days = 0;
    if (utc) {
        if (text[size - 1] != 'Z')
            return false;
        size--;
    }
    if (size < 19 || size > 26 || size == 20 || (text[10] != 'T' && text[10] != ' ') ||
            !ji_fast_date(text, &days))
        return false;
    /* "HH:MM:SS" as "HH:MM:" and two digits more. */
    const uint64_t clock = ji_load_le64(text + 11) ^ UINT64_C(0x30303A30303A3030);
    if (((clock | (clock + UINT64_C(0x76767F76767F7676))) & UINT64_C(0x8080808080808080)) != 0)
        return false;
    const uint64_t hour = (clock & 15) * 10 + (clock >> 8 & 15);
    const uint64_t minute = (clock >> 24 & 15) * 10 + (clock >> 32 & 15);
    const uint64_t second = (clock >> 48 & 15) * 10 + (clock >> 56 & 15);
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    uint64_t micros = 0;
    if (size > 19) {
        static const uint32_t powers[] = {1, 100000, 10000, 1000, 100, 10, 1};
        if (text[19] != '.' || !ji_fast_digits(text + size, size - 20, &micros))
            return false;
        micros *= powers[size - 20];
    }
    *value = ((int64_t)days * 86400 + (int64_t)(hour * 3600 + minute * 60 + second)) * 1000000 +
            (int64_t)micros;
    return true;
}

#endif
