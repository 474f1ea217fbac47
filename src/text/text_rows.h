/*
 * text_rows.h - rows of text as a stream of batches: what CSV and NDJSON have in common
 *
 *     round of the feed:  part 0 | part 1 | ...     each parsed into columns, on any thread
 *     next:               batches of part 0, then of part 1, ... of at most JI_BATCH_ROWS_MAX rows
 *     column by column:   columns of the parts of round n, while round n + 1 is parsed into other parts
 */
#ifndef JI_TEXT_ROWS_H
#define JI_TEXT_ROWS_H

#include "arrow/batch_stream.h"
#include "text/text_feed.h"
#include "text/text_options.h"

struct ji_text_form;

/* How far a column has been taken. */
struct ji_text_place {
    size_t part; /* of the round that is given */
    size_t row;  /* of that part */
};

/* How a piece of a round ended that was run ahead. */
struct ji_text_outcome {
    enum joist_status status;
    struct joist_error error;
};

/* The first member of a form's stream. */
struct ji_text_rows {
    const struct ji_text_form *form;
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct joist_source source;
    struct ji_text_feed feed;
    struct ji_schema schema;
    struct joist_progress progress;

    size_t part; /* of this round: the one whose rows are handed out */
    size_t row;  /* of that part: the next one */
    bool ended;
    enum joist_status failed; /* that `next` ended with, and ends with again */
    struct joist_error failure;
    uint64_t rows_done;

    /* Parts come in two sets, one behind the other: only who takes columns uses both. */
    size_t parsing;               /* the first part of the set that rounds are parsed into */
    size_t giving;                /* and of the set whose rows are handed out */
    struct ji_text_place *places; /* a column; NULL: batches are taken */
    bool is_ahead;                /* a round has been planned ahead */
    struct ji_text_outcome plan;
    size_t piece_count;
    struct ji_text_outcome *pieces;
    struct ji_batch batch;
};

/* What a stream is opened on, besides its options. */
struct ji_text_input {
    struct joist_source source;
    const struct ji_schema *schema;      /* NULL: infer, or options->schema; copied */
    const struct ji_csv_types *before;   /* of CSV: instead of it; NULL: there is none */
    const struct ji_text_tuning *tuning; /* NULL: by the machine */
};

struct ji_text_form {
    const char *name; /* of its pool */
    size_t bytes;     /* of its stream */
    /*
     * Opens the feed, gives the schema, makes 2 x feed.parts_max parts; what it leaves on failure `clear`
     * takes.
     */
    enum joist_status (*open)(struct ji_text_rows *rows, const struct joist_text_options *options,
            const struct ji_text_input *input, struct joist_error *err);
    /* Part `index` of the round into part rows->parsing + index, any thread; `rows` is the ji_text_rows. */
    enum joist_status (*parse)(void *rows, size_t index, struct joist_error *err);
    /* Of a round that was parsed, before its rows are handed out; NULL: nothing to do. */
    void (*turned)(struct ji_text_rows *rows);
    /*
     * A round has failed, with `status` and `err`: what the stream is to fail with (it may find a graver
     * reason further on). NULL: just that.
     */
    enum joist_status (*fail)(struct ji_text_rows *rows, enum joist_status status, struct joist_error *err);
    size_t (*row_count)(const struct ji_text_rows *rows, size_t part);
    /* A column of the schema, all rows of a part. */
    struct ji_column (*column)(const struct ji_text_rows *rows, size_t part, size_t column);
    /* Rows [rows->row, rows->row + count) of part rows->giving + rows->part into rows->batch. */
    enum joist_status (*fill)(struct ji_text_rows *rows, size_t count, struct joist_error *err);
    /* The parts and what else is the form's own. */
    void (*clear)(struct ji_text_rows *rows);
};

/* The stream owns the source from success on. */
enum joist_status ji_text_rows_open(struct joist_ctx *ctx, const struct ji_text_form *form,
        const struct joist_text_options *options, const struct ji_text_input *input,
        struct ji_batch_stream *stream, struct joist_error *err);
/* The same, for the caller of the library. */
enum joist_status ji_text_rows_export(struct joist_ctx *ctx, const struct ji_text_form *form,
        struct joist_source source, const struct joist_text_options *options, struct ArrowArrayStream *stream,
        struct joist_error *err);

#endif
