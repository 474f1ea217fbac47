/*
 * ipc_stream.h - Arrow's IPC format as a stream of batches, for the layers above
 */
#ifndef JI_IPC_STREAM_H
#define JI_IPC_STREAM_H

#include "arrow/batch_stream.h"

/* The stream owns the source from success on. */
enum joist_status ji_ipc_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_ipc_options *options, struct ji_batch_stream *stream, struct joist_error *err);

/* How the arrays of such a stream are laid out; lives as long as the stream. */
const struct ji_array_shape *ji_ipc_stream_shape(const struct ji_batch_stream *stream);

/* A whole struct of what the caller gave; NULL: all defaults. */
enum joist_status ji_ipc_options_take(
        const struct joist_ipc_options *from, struct joist_ipc_options *to, struct joist_error *err);

#endif
