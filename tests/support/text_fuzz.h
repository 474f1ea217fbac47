/*
 * text_fuzz.h - any bytes as CSV or NDJSON: whatever the cut, the same comes out
 */
#ifndef JI_TEXT_FUZZ_H
#define JI_TEXT_FUZZ_H

#include "support/text_case.h"

/*
 * The first three bytes choose options and sizes of parts; the rest is the text. It is read in one part by the
 * exact reader, and in many by the short ways: both give the same rows, or fail with the same words.
 * Aborts where not.
 */
void text_fuzz(enum text_form form, const uint8_t *data, size_t size);

#endif
