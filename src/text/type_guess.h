/*
 * type_guess.h - the type that all texts of a column have in common
 *
 * In this order: boolean (true, false), long, decimal(38, 0) for integers beyond a long, a decimal of
 * one scale where decimals are asked for, double, date, timestamp, timestamptz; else string. Numbers
 * with a plus sign or a leading zero ("+49", "007") are strings: they are codes, and would not come back.
 */
#ifndef JI_TYPE_GUESS_H
#define JI_TYPE_GUESS_H

#include "arrow/arrow_type.h"

/* Digits at most of values that make a decimal; the precision of the type made. */
#define JI_GUESS_DIGITS_MAX 15

struct ji_type_guess {
    uint64_t count;   /* texts seen */
    uint64_t numbers; /* of them numbers written in digits */
    unsigned refused; /* bits of type_guess.c */
    int scale;        /* of the decimals so far, or -1 */
};

void ji_type_guess_init(struct ji_type_guess *guess);
void ji_type_guess_add(struct ji_type_guess *guess, struct ji_view text);
/* Sets kind and parameters, nothing else; a string where nothing was seen. */
void ji_type_guess_field(const struct ji_type_guess *guess, bool decimals, struct ji_field *field);

#endif
