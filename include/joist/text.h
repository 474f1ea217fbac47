/*
 * joist/text.h - CSV and NDJSON in and out as Arrow streams
 *
 * Bad input is INVALID and says file, line, column and value in one line.
 */
#ifndef JOIST_TEXT_H
#define JOIST_TEXT_H

#include <joist/arrow.h>
#include <joist/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What reading to the end says about types that a sample said too little of. The caller's, filled by `next`
 * of the stream that it was given to; zero it before.
 */
struct joist_text_widening {
    bool due;                  /* the stream failed, and would not with `schema` */
    struct ArrowSchema schema; /* the caller's to release, where due */
};

struct joist_text_options {
    size_t struct_size;
    char delimiter;           /* CSV; 0: ',' ('\t' for .tsv) */
    char quote;               /* CSV; 0: '"' */
    bool no_header;           /* CSV; columns are then column_1, column_2, ... */
    const char *null_text;    /* CSV; NULL: an unquoted empty field is null */
    bool infer_decimals;      /* fractions of one scale and at most 15 digits are decimals, not doubles */
    uint64_t sample_bytes;    /* looked at to infer the types; 0: 1 MiB */
    const char *const *types; /* "column=type" in joist_builder's type names, over the inferred ones */
    size_t type_count;
    const struct ArrowSchema *schema; /* borrowed for the call: no inference, columns matched by name */
    bool skip_extra; /* with `schema`: columns and members that it lacks are left out, not INVALID */
    const struct joist_cancel *cancel;
    struct joist_progress progress;
    bool pad_short; /* CSV; a row of too few fields ends in nulls, and is not INVALID */
    /*
     * For who can open the source once more (NULL: none). Borrowed until the stream is released. Where a
     * value does not fit the type that the sample gave its column, or a member of NDJSON was not in it, the
     * rest of the source is checked before the stream fails, INVALID with the value's place: read once more,
     * with `widening->schema` for `schema`, all values fit. The types do not depend on the size of the sample
     * then, but for decimals, which hold fewer digits behind the point as well, and for members of NDJSON
     * that were null all through it, which are strings where strings come.
     */
    struct joist_text_widening *widening;
};

/* The stream owns the source from success on. */
JOIST_API enum joist_status joist_csv_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, struct ArrowArrayStream *stream, struct joist_error *err);
JOIST_API enum joist_status joist_ndjson_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, struct ArrowArrayStream *stream, struct joist_error *err);

/*
 * Writes what the stream holds; both are the caller's still: the stream is
 * drained and not released, the sink neither committed nor aborted.
 */
JOIST_API enum joist_status joist_csv_write(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_text_options *options, struct joist_error *err);
JOIST_API enum joist_status joist_ndjson_write(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_text_options *options, struct joist_error *err);

enum joist_show_style {
    JOIST_SHOW_TABLE = 0, /* a box with aligned columns: holds up to `rows_max` rows */
    JOIST_SHOW_CSV,
    JOIST_SHOW_NDJSON,
};
struct joist_show_options {
    size_t struct_size;
    enum joist_show_style style;
    uint64_t rows_max;  /* table: rows shown; 0: 40 */
    unsigned width_max; /* table: characters a line; 0: no limit */
};
/* For people: rows of the stream as text into the sink. Drains the stream. */
JOIST_API enum joist_status joist_show(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_show_options *options, uint64_t *row_count,
        struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
