/*
 * stream_rows.h - rows of a stream that a scan asks for
 *
 *     stream --filter--> selection --pick columns--> batch
 *
 * For sources whose rows come in batches that have all columns. Not thread-safe: a cursor has its own.
 */
#ifndef JI_STREAM_ROWS_H
#define JI_STREAM_ROWS_H

#include "arrow/batch_stream.h"
#include "expr/evaluate.h"
#include "scan/rows_source.h"

struct ji_stream_rows {
    const struct ji_scan_request *request; /* borrowed */
    struct ji_mem *mem;
    struct ji_evaluator *evaluator;
    uint32_t *rows;
    size_t row_room;
    struct ji_column *columns;
    struct ji_batch batch;
};

/* `rows` is zeroed; after a failure it is to be closed as well. */
enum joist_status ji_stream_rows_open(struct ji_stream_rows *rows, struct joist_ctx *ctx, struct ji_mem *mem,
        const struct ji_scan_request *request, struct joist_error *err);
/* Frees all; a zeroed one has nothing to free. */
void ji_stream_rows_close(struct ji_stream_rows *rows);

/*
 * The next batch with a row selected, NULL at the end; it lives until the next call. `*passed` grows by the
 * rows that came from the stream.
 */
enum joist_status ji_stream_rows_next(struct ji_stream_rows *rows, struct ji_batch_stream *stream,
        uint64_t *passed, const struct ji_batch **batch, struct joist_error *err);

#endif
