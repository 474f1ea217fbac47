/*
 * json_scan.h - the short ways through JSON's scalars, 16 bytes of text or 8 digits a step
 *
 * All read up to JI_TEXT_PAD bytes behind where they begin, and find their end for sure in text that a line
 * feed follows. What they do not know they leave to the exact reader of wire, which then says yes or no.
 */
#ifndef JI_JSON_SCAN_H
#define JI_JSON_SCAN_H

#include "base/digits.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define JI_JSON_DIGITS_MAX 16

/*
 * The first quote, backslash or control character at or behind `at`; `*high` is set where a byte
 * before it is not ASCII.
 */
static inline __attribute__((always_inline)) const uint8_t *ji_json_text_end(const uint8_t *at, bool *high)
{
    uint32_t beyond = 0;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i slash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1f);
    for (;; at += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        const __m128i ends =
                _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                        _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        const uint32_t stops = (uint32_t)_mm_movemask_epi8(ends);
        const uint32_t highs = (uint32_t)_mm_movemask_epi8(bytes);
        if (stops != 0) {
            *high = (beyond | (highs & (stops - 1) & ~stops)) != 0;
            return at + __builtin_ctz(stops);
        }
        beyond |= highs;
    }
#else
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    for (;; at += 8) {
        const uint64_t word = ji_load_le64(at);
        const uint64_t quote = word ^ ones * '"';
        const uint64_t slash = word ^ ones * '\\';
        const uint64_t stops =
                (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word)) &
                tops;
        if (stops != 0) {
            /* The lowest one is exact: nothing below it borrowed. */
            *high = (beyond | (word & tops & (stops - 1) & ~stops)) != 0;
            return at + (__builtin_ctzll(stops) >> 3);
        }
        beyond |= (word & tops) != 0;
    }
#endif
}

/* How many of the eight bytes, from the lowest, are digits. */
static inline unsigned ji_json_digits_of(uint64_t word)
{
    const uint64_t digits = word ^ UINT64_C(0x3030303030303030);
    const uint64_t others =
            (((digits & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x7676767676767676)) | digits) &
            UINT64_C(0x8080808080808080);
    return others == 0 ? 8 : (unsigned)__builtin_ctzll(others) >> 3;
}

/* The value of the lowest `count` (1 to 8) bytes, which are digits. */
static inline uint64_t ji_json_digits_value(uint64_t word, unsigned count)
{
    const unsigned empty = 8 * (8 - count);
    const uint64_t zeros = empty == 0 ? 0 : UINT64_C(0x3030303030303030) >> (64 - empty);
    return ji_eight_digits(word << empty | zeros);
}

/* The run of digits at `at`: how many, and their value; more than JI_JSON_DIGITS_MAX where there are more. */
static inline unsigned ji_json_digits(const uint8_t *at, uint64_t *value)
{
    const uint64_t first = ji_load_le64(at);
    const unsigned count = ji_json_digits_of(first);
    if (count < 8) {
        *value = count == 0 ? 0 : ji_json_digits_value(first, count);
        return count;
    }
    const uint64_t second = ji_load_le64(at + 8);
    const unsigned more = ji_json_digits_of(second);
    if (more == 8 && ji_is_digit((char)at[16]))
        return JI_JSON_DIGITS_MAX + 1;
    static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    *value = (uint64_t)ji_eight_digits(first) * powers[more] +
            (more == 0 ? 0 : ji_json_digits_value(second, more));
    return 8 + more;
}

struct ji_json_number {
    bool negative;
    unsigned fraction; /* digits behind the point */
    uint64_t digits;   /* all of them as one integer, below 10^18 */
};

/* The number at `at` and what is behind it, or NULL. No exponent, at most 18 digits, 16 either side. */
static inline const uint8_t *ji_json_number(const uint8_t *at, struct ji_json_number *number)
{
    number->negative = *at == '-';
    at += number->negative;
    const unsigned whole = ji_json_digits(at, &number->digits);
    if (whole == 0 || whole > JI_JSON_DIGITS_MAX || (whole > 1 && *at == '0'))
        return NULL;
    at += whole;
    number->fraction = 0;
    if (*at == '.') {
        static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
                1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
                1000000000000000, 10000000000000000};
        uint64_t behind = 0;
        number->fraction = ji_json_digits(at + 1, &behind);
        if (number->fraction == 0 || number->fraction > JI_JSON_DIGITS_MAX || whole + number->fraction > 18)
            return NULL;
        number->digits = number->digits * powers[number->fraction] + behind;
        at += 1 + number->fraction;
    }
    return *at == 'e' || *at == 'E' ? NULL : at;
}

#endif
