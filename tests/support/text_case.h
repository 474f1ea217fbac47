/*
 * text_case.h - a text in memory as a source, and what a reader makes of it as one text
 */
#ifndef JI_TEXT_CASE_H
#define JI_TEXT_CASE_H

#include "base/buffer.h"
#include "support/test.h"
#include "text/csv_read.h"
#include "text/ndjson_rows.h"

/* A source that borrows its bytes. With `sequential` it is a pipe: no size, each offset follows the last. */
struct text_source {
    const char *name;
    const uint8_t *data;
    size_t size;
    bool sequential;
    uint64_t next; /* offset due, where sequential */
    uint64_t reads;
    uint64_t fail_at; /* this read fails, 1-based; 0: none */
    uint64_t closed;
};

struct joist_source text_source_of(struct text_source *source);

enum text_form { TEXT_CSV, TEXT_NDJSON };

struct text_reading {
    enum text_form form;
    struct joist_text_options options;
    const struct ji_schema *schema;
    struct ji_text_tuning tuning;
    unsigned threads;
    bool sequential;
    bool by_columns; /* each column by itself, the round behind parsed before that */
};

/*
 * "id long, name string\n1|oak\n" and so on: the schema, then a line a row, the values as JSON between bars.
 * Where the reader fails: "INVALID: <text>" alone. Appends to `out`, with a NUL behind.
 */
enum joist_status text_read_all(struct joist_ctx *ctx, const struct text_reading *reading,
        struct text_source *source, struct ji_bytes *out, struct joist_error *err);

/* The same; where the types have to be wider than those of the sample it is read once more, with them. */
enum joist_status text_read_widened(struct joist_ctx *ctx, const struct text_reading *reading,
        struct text_source *source, struct ji_bytes *out, struct joist_error *err);

/*
 * Reads the text by default, and again cut into parts and blocks of every small size, by one and more
 * threads, as file and as pipe, row by row and column by column: always the same comes out, and it is `wanted`.
 */
void text_check(enum text_form form, const struct joist_text_options *options, struct ji_view text,
        const char *wanted);

struct text_pair {
    const char *text;
    const char *wanted;
};

/* text_check of each. */
void text_check_pairs(enum text_form form, const struct joist_text_options *options,
        const struct text_pair *pairs, size_t count);

#endif
