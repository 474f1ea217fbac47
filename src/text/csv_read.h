/*
 * csv_read.h - the parts that csv_read.c and csv_infer.c share
 */
#ifndef JI_CSV_READ_H
#define JI_CSV_READ_H

#include "text/csv_rows.h"
#include "text/text_feed.h"
#include "text/text_options.h"

/* What is known of a file of CSV once it is open. */
struct ji_csv_file {
    struct ji_csv_format format;
    enum ji_csv_level level;
    bool has_null_text;
    struct ji_view null_text;
    struct ji_arena *arena; /* for all that lives as long as the file */
    struct ji_text_feed *feed;
    struct ji_field *columns; /* of the file; what is skipped has the kind JI_NULL, which no other has */
    size_t column_count;      /* 0: not known yet */
};

static inline bool ji_csv_is_skipped(const struct ji_csv_file *file, size_t column)
{
    return file->columns[column].kind == JI_NULL;
}

/*
 * Sets the columns: names from the header (which is passed over), types from `given` by name, else from the
 * sample, then from options->types.
 */
enum joist_status ji_csv_infer(struct ji_csv_file *file, const struct joist_text_options *options,
        const struct ji_schema *given, struct joist_error *err);

/*
 * "name: line 5, column 'x': reason: 'value'", without the value where its `data` is NULL. `at` is a byte of
 * the feed's sample or round.
 */
enum joist_status ji_csv_fail(const struct ji_csv_file *file, const uint8_t *at, size_t column,
        const char *reason, struct ji_view value, struct joist_error *err);
enum joist_status ji_csv_fail_flaw(const struct ji_csv_file *file, const struct ji_csv_index *index,
        struct ji_view text, const struct ji_csv_flaw *flaw, struct joist_error *err);

/* A stream with sizes of blocks for tests; text_stream.h has the one with all defaults. */
enum joist_status ji_csv_stream_open_tuned(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        const struct ji_text_tuning *tuning, struct ji_batch_stream *stream, struct joist_error *err);

#endif
