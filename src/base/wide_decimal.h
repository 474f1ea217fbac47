/*
 * wide_decimal.h - exact decimals of 39 to 76 digits, and calendar intervals: what a column holds of them
 *
 * A wide decimal is an unscaled 256-bit integer in two's complement, in the host's byte order as a whole, as
 * Arrow's decimal256 has it. They are read, compared, shown and handed on; nothing computes with them.
 */
#ifndef JI_WIDE_DECIMAL_H
#define JI_WIDE_DECIMAL_H

#include "base/bytes.h"

#define JI_WIDE_DECIMAL_BYTES 32
#define JI_WIDE_DECIMAL_DIGITS_MAX 76
/* Sign, 76 digits, a point and a zero before it. */
#define JI_WIDE_DECIMAL_TEXT_MAX 80

/*
 * Big-endian two's complement of any length to JI_WIDE_DECIMAL_BYTES at `out`; false where it does not fit.
 */
bool ji_wide_decimal_from_bytes(struct ji_view bytes, void *out);
void ji_wide_decimal_from_int128(ji_int128 value, void *out);
/* |value| < 10^precision, precision <= 76. */
bool ji_wide_decimal_fits(const void *value, unsigned precision);
/* Below, at or above 0, at one scale. */
int ji_wide_decimal_compare(const void *a, const void *b);
/* Bytes whose order (memcmp) is that of the numbers. */
void ji_wide_decimal_key(const void *value, uint8_t key[JI_WIDE_DECIMAL_BYTES]);
/* "-0.05" at scale 2, scale <= 76. No NUL; returns how many of JI_WIDE_DECIMAL_TEXT_MAX bytes. */
size_t ji_wide_decimal_print(const void *value, unsigned scale, char *out);

/* Months, days and nanoseconds, none of which is a whole number of another. As Arrow lays it out. */
struct ji_interval {
    int32_t months;
    int32_t days;
    int64_t nanos;
};
_Static_assert(sizeof(struct ji_interval) == 16, "the layout is Arrow's");
#define JI_INTERVAL_BYTES 16
#define JI_INTERVAL_TEXT_MAX 64

/* By months, then days, then nanoseconds. */
int ji_interval_compare(const void *a, const void *b);
void ji_interval_key(const void *value, uint8_t key[JI_INTERVAL_BYTES]);
/* ISO 8601: "P14M3DT0.25S", "P0D" for nothing. No NUL; returns how many of JI_INTERVAL_TEXT_MAX bytes. */
size_t ji_interval_print(const void *value, char *out);

#endif
