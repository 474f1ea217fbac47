/*
 * utf8.h - is it UTF-8
 *
 * As RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef JI_UTF8_H
#define JI_UTF8_H

#include "base/bytes.h"

/* How many bytes from the front are whole, valid characters: `view.size` where all are. */
size_t ji_utf8_prefix(struct ji_view view);
static inline bool ji_utf8_valid(struct ji_view view)
{
    return ji_utf8_prefix(view) == view.size;
}
/* Writes the character (not a surrogate, at most U+10FFFF) and returns its 1 to 4 bytes. */
size_t ji_utf8_put(uint32_t code, uint8_t out[4]);

#endif
