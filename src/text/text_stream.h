/*
 * text_stream.h - CSV and NDJSON as streams of batches, for the layers above
 *
 * The public calls of joist/text.h are these and an export.
 */
#ifndef JI_TEXT_STREAM_H
#define JI_TEXT_STREAM_H

#include <joist/text.h>

#include "arrow/batch_stream.h"

/* The stream owns the source from success on. `schema` (NULL: infer, or options->schema) is copied. */
enum joist_status ji_csv_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err);
enum joist_status ji_ndjson_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err);

#endif
