/*
 * utf8.h - is it UTF-8?
 *
 * Shortest forms only, no surrogates, nothing above U+10FFFF. 0 bytes are valid.
 */
#ifndef JI_UTF8_H
#define JI_UTF8_H

#include "base/bytes.h"

bool ji_utf8_valid(struct ji_view bytes);
/* The plain reference: a sequence at a time. */
bool ji_utf8_valid_plain(struct ji_view bytes);

#if defined(__x86_64__)
/*
 * For utf8.c. Judges whole blocks of 32 bytes: SIZE_MAX where there is a fault, else how many bytes are whole
 * sequences for sure; what is behind them was not judged.
 */
size_t ji_utf8_prefix_avx2(struct ji_view bytes);
#endif

/* Bytes before the first one that is not ASCII. */
size_t ji_ascii_prefix(struct ji_view bytes);

#endif
