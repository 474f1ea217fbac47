/*
 * text_out.h - rows of text on their way into a sink
 */
#ifndef JI_TEXT_OUT_H
#define JI_TEXT_OUT_H

#include "arrow/batch_stream.h"
#include "base/io.h"
#include "text/text_options.h"

struct ji_text_out {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena; /* of the names */
    struct ji_bytes bytes; /* not yet in the sink */
    struct joist_sink sink;
    struct joist_text_options options;
    struct ji_batch_stream rows;
    uint64_t bytes_done;
    uint64_t rows_done;
};

/* Appends one row, its end included, to `out->bytes`. */
typedef enum joist_status (*ji_text_row_fn)(struct ji_text_out *out, void *arg, const struct ji_batch *batch,
        size_t row, struct joist_error *err);

/* The stream and the sink stay the caller's. Ended by close, also where it failed. */
enum joist_status ji_text_out_open(struct ji_text_out *out, struct joist_ctx *ctx,
        struct ArrowArrayStream *stream, struct joist_sink sink, const struct joist_text_options *options,
        struct joist_error *err);
/* Every row of the stream, to its end and into the sink. */
enum joist_status ji_text_out_run(
        struct ji_text_out *out, ji_text_row_fn row, void *arg, struct joist_error *err);
void ji_text_out_close(struct ji_text_out *out);

#endif
