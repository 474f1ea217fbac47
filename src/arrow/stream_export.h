/*
 * stream_export.h - what the rest of arrow may know of a stream that we exported
 */
#ifndef JI_STREAM_EXPORT_H
#define JI_STREAM_EXPORT_H

#include "arrow/batch_stream.h"

/* The error of the last failure, where `stream` is ours; else NULL. */
const struct joist_error *ji_exported_error(const struct ArrowArrayStream *stream);

/*
 * Where `in` is ours and stands between two batches: the batches themselves, without the way over
 * the border. `out` borrows from `in` as ji_stream_import says. False for all other streams.
 */
bool ji_exported_batches(struct ArrowArrayStream *in, struct ji_batch_stream *out);

#endif
