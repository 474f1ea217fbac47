/*
 * decimal.h - exact decimals: an unscaled 128-bit integer and a scale, at most 38 digits
 *
 *     123.45 at scale 2 is 12345
 *
 * Nothing here rounds unless its name says so. A bool answers "the exact result fits"; outputs
 * are untouched where it does not.
 */
#ifndef JI_DECIMAL_H
#define JI_DECIMAL_H

#include "base/integer_text.h"

#define JI_DECIMAL_DIGITS_MAX 38
/* Sign, 38 digits, a point and a zero before it; a scale above 38 is not printed. */
#define JI_DECIMAL_TEXT_MAX 42

/* 10^power for power <= 38. */
ji_int128 ji_decimal_power(unsigned power);
/* Decimal digits of |value|; 1 for 0. */
unsigned ji_decimal_digits(ji_int128 value);
/* |value| < 10^precision. */
bool ji_decimal_fits(ji_int128 value, unsigned precision);

/*
 * [+-] digits [. digits] [e [+-] digits], digits on one side of the point at least, exactly at
 * `scale`: JI_TEXT_SCALE where digits other than 0 would be lost, JI_TEXT_RANGE
 * where there are more than `precision` digits. precision <= 38, scale <= precision.
 */
enum ji_text_reason ji_decimal_parse(
        const char *data, size_t size, unsigned precision, unsigned scale, ji_int128 *unscaled);
/* The same for precision <= 18, faster. */
enum ji_text_reason ji_decimal64_parse(
        const char *data, size_t size, unsigned precision, unsigned scale, int64_t *unscaled);
/* "-0.05" at scale 2; exactly `scale` digits behind the point. No NUL; returns how many bytes. */
size_t ji_decimal_print(ji_int128 unscaled, unsigned scale, char *out);

/* From one scale to another where no digit is lost and the result has at most 38. */
bool ji_decimal_rescale(ji_int128 value, unsigned scale, unsigned scale_new, ji_int128 *out);
/* The same, rounding half away from zero where digits are lost: false only where it does not fit. */
bool ji_decimal_round(ji_int128 value, unsigned scale, unsigned scale_new, ji_int128 *out);
/* The integer part, toward zero. */
ji_int128 ji_decimal_truncate(ji_int128 value, unsigned scale);

/* At one scale; at most 38 digits. */
bool ji_decimal_add(ji_int128 a, ji_int128 b, ji_int128 *out);
bool ji_decimal_subtract(ji_int128 a, ji_int128 b, ji_int128 *out);
/* The scales add; at most 38 digits. */
bool ji_decimal_multiply(ji_int128 a, ji_int128 b, ji_int128 *out);
/* Below, at or above 0, at any two scales <= 38, exactly. */
int ji_decimal_compare(ji_int128 a, unsigned a_scale, ji_int128 b, unsigned b_scale);

/* The nearest double, ties to even. */
double ji_decimal_to_double(ji_int128 value, unsigned scale);
/* The double nearest to the exact quotient a / b, ties to even; b != 0. */
double ji_decimal_divide(ji_int128 a, unsigned a_scale, ji_int128 b, unsigned b_scale);
/*
 * The shortest decimal text of `value` rounded half away from zero to `scale`: 0.1 is 0.1.
 * False for nan, infinities and more than `precision` digits.
 */
bool ji_decimal_of_double(double value, unsigned precision, unsigned scale, ji_int128 *out);

#endif
