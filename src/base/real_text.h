/*
 * real_text.h - doubles and floats <-> text, exact both ways, in no locale
 *
 * Printed is the shortest text that reads back as the same value, of those the nearest to it:
 * "1.0", "0.1", "-2.5", "1e+22", "1e-07", "nan", "inf", "-inf"; an exponent from 1e+16 up
 * and below 1e-04. Always a '.', an 'e' or a letter: it never looks like an integer.
 *
 * Read is [+-] digits [. digits] [e [+-] digits] with digits on one side of the point at least,
 * or nan, inf, infinity in any case; no blanks. The result is the nearest value, ties to even.
 * What is too large for the type is JI_TEXT_RANGE, what is too small is zero.
 */
#ifndef JI_REAL_TEXT_H
#define JI_REAL_TEXT_H

#include "base/integer_text.h"

#define JI_DOUBLE_TEXT_MAX 25 /* "-2.2250738585072014e-308" */
#define JI_FLOAT_TEXT_MAX 20  /* "-1234567900000000.0" */

/* Both write no NUL and return how many bytes. */
size_t ji_double_print(double value, char *out);
size_t ji_float_print(float value, char *out);

enum ji_text_reason ji_double_parse(const char *data, size_t size, double *value);
enum ji_text_reason ji_float_parse(const char *data, size_t size, float *value);

/* The shortest digits of a finite value above 0: value = digits * 10^exponent. */
void ji_double_shortest(double value, uint64_t *digits, int *exponent);

/* The double nearest to digits * 10^exponent, ties to even; infinity where it is too large. */
double ji_double_of_digits(uint64_t digits, int exponent);

/*
 * The double nearest to (quotient + rest) * 2^exponent, ties to even; the top bit of `quotient` is set and
 * 0 <= rest < 1, `inexact` saying that rest > 0.
 */
double ji_double_round(uint64_t quotient, int exponent, bool inexact);

#endif
