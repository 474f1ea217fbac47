/*
 * stream_text.h - the rows of a stream as lines of JSON
 */
#ifndef JI_STREAM_TEXT_H
#define JI_STREAM_TEXT_H

#include "support/test.h"

#include "base/buffer.h"

/* By its arrays, as any caller gets them; `text` keeps what came before a failure. */
enum joist_status stream_text_of_arrays(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct ji_bytes *text, struct joist_error *err);
/* By its batches, as the engine gets them. */
enum joist_status stream_text_of_batches(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct ji_bytes *text, struct joist_error *err);

#endif
