/*
 * ndjson_fast.h - rows whose members come as they came before
 */
#ifndef JI_NDJSON_FAST_H
#define JI_NDJSON_FAST_H

#include "text/ndjson_rows.h"

/*
 * Takes the line at `at`, in text whose last byte is a line feed at `end[-1]`, JI_TEXT_PAD readable behind
 * it. Sets `*next` behind the line's end; or to NULL where the line is for ji_ndjson_rows_add to take or to
 * refuse: then the rows are as they were. Fails for want of memory alone.
 */
enum joist_status ji_ndjson_fast_add(struct ji_ndjson_rows *rows, const uint8_t *at, const uint8_t *end,
        const uint8_t **next, struct joist_error *err);

#endif
