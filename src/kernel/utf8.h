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

/* Bytes before the first one that is not ASCII. */
size_t ji_ascii_prefix(struct ji_view bytes);

#endif
