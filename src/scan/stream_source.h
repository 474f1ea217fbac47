/*
 * stream_source.h - a stream of rows as a rows_source: one morsel, which can be read once
 */
#ifndef JI_STREAM_SOURCE_H
#define JI_STREAM_SOURCE_H

#include "scan/rows_source.h"

/* The source owns `stream` from success on. */
enum joist_status ji_stream_source_make(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct ji_rows_source *source, struct joist_error *err);

#endif
