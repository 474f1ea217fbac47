/*
 * utf8_text.h - where does it stop being UTF-8
 *
 * As RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef JI_UTF8_TEXT_H
#define JI_UTF8_TEXT_H

#include "base/bytes.h"

/* How many bytes from the front are whole, valid characters: `view.size` where all are. */
size_t ji_utf8_prefix(struct ji_view view);
/* The bytes of the first `count` characters of valid UTF-8: `view.size` where it has no more. */
size_t ji_utf8_bytes_of(struct ji_view view, size_t count);
/* Writes the character (not a surrogate, at most U+10FFFF) and returns its 1 to 4 bytes. */
size_t ji_utf8_put(uint32_t code, uint8_t out[4]);

#endif
