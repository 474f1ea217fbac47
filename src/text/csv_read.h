/*
 * csv_read.h - the parts that csv_read.c and csv_infer.c share
 */
#ifndef JI_CSV_READ_H
#define JI_CSV_READ_H

#include "text/csv_rows.h"
#include "text/text_options.h"
#include "text/text_rows.h"

/* What is known of a file of CSV once it is open. */
struct ji_csv_file {
    struct ji_csv_format format;
    enum ji_csv_level level;
    bool has_null_text;
    bool pad_short;
    bool gathers;  /* every field: none is read where it stands */
    bool decimals; /* are guessed */
    struct ji_view null_text;
    struct ji_arena *arena; /* for all that lives as long as the file */
    struct ji_text_feed *feed;
    struct ji_field *columns;      /* of the file; what is skipped has the kind JI_NULL, which no other has */
    size_t column_count;           /* 0: not known yet */
    struct ji_type_guess *guesses; /* a column; NULL: all types were given */
    bool *guessed;                 /* a column: of it the type was guessed */
};

static inline bool ji_csv_is_skipped(const struct ji_csv_file *file, size_t column)
{
    return file->columns[column].kind == JI_NULL;
}

static inline void ji_csv_rows_set(struct ji_csv_rows *rows, const struct ji_csv_file *file)
{
    rows->quote = file->format.quote;
    rows->delimiter = file->format.delimiter;
    rows->pad_short = file->pad_short;
    rows->has_null_text = file->has_null_text;
    rows->null_text = file->null_text;
    rows->kernels = file->gathers ? NULL : ji_csv_lane_kernels(file->level);
}

/* What a part is made of; its owner is the stream. */
struct ji_csv_part {
    struct ji_csv_index index;
    struct ji_csv_rows rows;
    struct ji_csv_column *columns;
    struct ji_type_guess *guesses; /* a column, where the file has them */
    struct ji_field *fields;       /* a column, of use to a survey */
    struct ji_arena arena;
    bool misfit; /* a value led away from a guessed type */
};

struct ji_csv_stream {
    struct ji_text_rows base;
    struct ji_csv_file file;
    struct ji_csv_part *parts; /* 2 x feed.parts_max */
    size_t parts_made;
    size_t *kept; /* columns of the file, by those of the schema */
    struct ji_column *batch_columns;
    struct joist_text_widening *widening; /* NULL: none is wanted */
    struct ji_csv_types surveyed;         /* the types that hold all, where a survey was made */
};

/* The first thing that was found wrong so far: rows before `row` are still to be looked at. */
struct ji_csv_trouble {
    size_t row;
    size_t column;
    const uint8_t *at;
    struct ji_view value;
    struct joist_error reason;
};

/* Index and rows of the part's bytes. */
enum joist_status ji_csv_part_rows(const struct ji_csv_stream *stream, struct ji_csv_part *part,
        struct ji_text_part *bytes, struct ji_csv_flaw *flaw, struct joist_error *err);
/* Text behind a closing quote, in the row where `fields` stops. */
void ji_csv_note_quote(const struct ji_csv_part *part, const struct ji_csv_fields *fields, size_t first,
        size_t column, struct ji_csv_trouble *trouble);
/* The value at `bad`, with the reason that is there. */
void ji_csv_note_value(const struct ji_csv_fields *fields, size_t first, size_t bad, size_t column,
        struct ji_csv_trouble *trouble);

/*
 * Checks the rest of the file from the round that failed on, and fails: for the first row that no types could
 * save, else with `status` and `err`, and with the types that hold all of it in `stream->widening`.
 */
enum joist_status ji_csv_survey(
        struct ji_csv_stream *stream, enum joist_status status, struct joist_error *err);

/*
 * Sets the columns: names from the header (which is passed over), types from `given` by name, else from the
 * sample, then from options->types. `before`: what the types of `given` were guessed from, or NULL.
 */
enum joist_status ji_csv_infer(struct ji_csv_file *file, const struct joist_text_options *options,
        const struct ji_schema *given, const struct ji_csv_types *before, struct joist_error *err);
/* The guesses of the columns, which all are in `types`; by name or by place. */
enum joist_status ji_csv_types_give(
        struct ji_csv_file *file, const struct ji_csv_types *types, bool by_name, struct joist_error *err);

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
