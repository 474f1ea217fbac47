/*
 * base64.h - bytes out of their text
 *
 * The alphabet of RFC 4648 with + and /; any number of = at the end, and none is no fault; bits behind the
 * last whole byte are not looked at.
 */
#ifndef JI_BASE64_H
#define JI_BASE64_H

#include "base/bytes.h"

/* What the bytes of so many characters need. */
#define JI_BASE64_ROOM(characters) ((characters) / 4 * 3 + 3)

/* False where the text is no base64; what `out` (JI_BASE64_ROOM) holds then means nothing. */
bool ji_base64_decode(struct ji_view text, uint8_t *out, size_t *size);
/* The plain reference. */
bool ji_base64_decode_plain(struct ji_view text, uint8_t *out, size_t *size);

#if defined(__x86_64__)
/*
 * For base64.c. Decodes blocks of 32 characters as far as they are base64, and returns how many characters
 * that were; it writes no byte behind those of the whole text.
 */
size_t ji_base64_decode_avx2(struct ji_view text, uint8_t *out);
#endif

#endif
