/*
 * text_stream.h - CSV and NDJSON as streams of batches, for the layers above
 *
 * The public calls of joist/text.h are these and an export.
 */
#ifndef JI_TEXT_STREAM_H
#define JI_TEXT_STREAM_H

#include <joist/text.h>

#include "arrow/batch_stream.h"
#include "text/type_guess.h"

/* The stream owns the source from success on. `schema` (NULL: infer, or options->schema) is copied. */
enum joist_status ji_csv_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err);

/* The types of files of CSV that are read one after another, and what they were guessed from. */
struct ji_csv_types {
    size_t count; /* 0: none yet */
    struct ji_field *columns;
    struct ji_type_guess *guesses;
    bool *guessed; /* else the type was given, and there is no guess */
};
/* The same of a file behind others: its columns are theirs, by name, and are held to the guesses. */
enum joist_status ji_csv_stream_open_behind(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_csv_types *before,
        struct ji_batch_stream *stream, struct joist_error *err);
/*
 * What a stream of CSV whose types were guessed says of them so far: it may go on, or have ended, or have
 * failed with `widening->due`. All in the arena; a second time the columns are the same, and what is there is
 * used again.
 */
enum joist_status ji_csv_types_take(const struct ji_batch_stream *stream, struct ji_arena *arena,
        struct ji_csv_types *types, struct joist_error *err);

enum joist_status ji_ndjson_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err);

#endif
