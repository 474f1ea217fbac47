/*
 * integer_text.h - integers <-> decimal text, in no locale
 *
 * Printing writes no NUL and returns how many bytes it wrote; `out` has room for the type's
 * *_TEXT_MAX. Parsing wants the whole of the bytes to be the number: an optional sign ('+' too)
 * and digits, no blanks. Outputs are untouched on failure.
 */
#ifndef JI_INTEGER_TEXT_H
#define JI_INTEGER_TEXT_H

#include "base/checked.h"

/* Why a text is no value; base/real_text.h, decimal.h and calendar.h answer with it too. */
enum ji_text_reason {
    JI_TEXT_OK = 0,
    JI_TEXT_MALFORMED, /* not written like a value of the type */
    JI_TEXT_RANGE,     /* written right, and too large or too small for the type */
    JI_TEXT_SCALE,     /* more digits behind the point than the type keeps, and not zeros */
};

/* What to say between '<text>' and a type's name: "is no", "is out of range for" and so on. */
const char *ji_text_reason_text(enum ji_text_reason reason);

#define JI_U64_TEXT_MAX 20
#define JI_I64_TEXT_MAX 20
#define JI_I128_TEXT_MAX 40

size_t ji_u64_print(uint64_t value, char *out);
size_t ji_i64_print(int64_t value, char *out);
size_t ji_i128_print(ji_int128 value, char *out);

enum ji_text_reason ji_u64_parse(const char *data, size_t size, uint64_t *value);
enum ji_text_reason ji_i64_parse(const char *data, size_t size, int64_t *value);
enum ji_text_reason ji_i128_parse(const char *data, size_t size, ji_int128 *value);

#endif
