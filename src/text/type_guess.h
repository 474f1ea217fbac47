/*
 * type_guess.h - the type that all texts of a column have in common
 *
 * In this order: boolean (true, false), long, decimal(38, 0) for integers beyond a long, a decimal of
 * one scale where decimals are asked for, double, date, time, timestamp, timestamptz; else string. Numbers
 * with a plus sign or a leading zero ("+49", "007") are strings: they are codes, and would not come back.
 *
 * The types are a ladder: a text that fits one fits each that further texts can lead to. So what fitted
 * need not be looked at again.
 */
#ifndef JI_TYPE_GUESS_H
#define JI_TYPE_GUESS_H

#include "arrow/arrow_type.h"

/* Digits at most of values that make a decimal; the precision of the type made. */
#define JI_GUESS_DIGITS_MAX 15

struct ji_type_guess {
    uint64_t count;   /* texts seen; above 0 where there were any */
    uint64_t numbers; /* of them numbers written in digits; the same */
    unsigned refused; /* bits of type_guess.c */
    int scale;        /* of the decimals so far, or -1 */
};

void ji_type_guess_init(struct ji_type_guess *guess);
void ji_type_guess_add(struct ji_type_guess *guess, struct ji_view text);
/* A string whatever comes. */
bool ji_type_guess_is_settled(const struct ji_type_guess *guess);
/* As though `guess` had seen what `from` has. */
void ji_type_guess_merge(struct ji_type_guess *guess, const struct ji_type_guess *from);
/*
 * Whether a column of the type that the guess gave stays what it is with the text. But for `strict`, one of
 * decimals may become a double too: then the text fits where the decimal holds it.
 */
bool ji_type_guess_fits(const struct ji_type_guess *guess, bool decimals, bool strict,
        const struct ji_field *field, struct ji_view text);
/* Sets kind and parameters, nothing else; a string where nothing was seen. */
void ji_type_guess_field(const struct ji_type_guess *guess, bool decimals, struct ji_field *field);

#endif
