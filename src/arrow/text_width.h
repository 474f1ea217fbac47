/*
 * text_width.h - how much room a text takes on a terminal
 */
#ifndef JI_TEXT_WIDTH_H
#define JI_TEXT_WIDTH_H

#include "base/buffer.h"

/* Cells of a terminal that the UTF-8 text takes: 0 for combining marks, 2 for wide characters, else 1. */
size_t ji_text_width(struct ji_view text);
/* Bytes of the longest front that takes at most `width` cells; `*taken` is how many it does. */
size_t ji_text_fit(struct ji_view text, size_t width, size_t *taken);
/* Appends the text with control characters as \n, \t, \x1b: what it holds cannot move a cursor. */
enum joist_status ji_text_tame(struct ji_view text, struct ji_bytes *out, struct joist_error *err);

#endif
