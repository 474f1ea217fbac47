/*
 * ndjson_rows.h - lines of JSON, each an object, as rows of columns
 */
#ifndef JI_NDJSON_ROWS_H
#define JI_NDJSON_ROWS_H

#include "arrow/column_builder.h"
#include "text/text_feed.h"
#include "text/text_options.h"
#include "wire/json_read.h"

/* Members of all objects of a sample together; with a given schema JI_COLUMNS_MAX holds instead. */
#define JI_NDJSON_MEMBERS_MAX 4096

#define JI_NDJSON_HEAD_BYTES ((size_t)16)

/* A field and what helps to find its members; immutable, shared by all parts. */
struct ji_ndjson_node {
    const struct ji_field *field;
    struct ji_view token; /* `"name":`; empty where the name cannot stand so */
    uint64_t head[2];     /* its first bytes, and which of them it has */
    uint64_t mask[2];
    size_t seen_at;                  /* of its first member in `seen` */
    const uint32_t *by_name;         /* places of the members, in the order of their names */
    struct ji_ndjson_node *children; /* field->child_count */
};

struct ji_ndjson_shape {
    struct ji_field row; /* a struct of the columns */
    struct ji_ndjson_node root;
    size_t seen_count; /* members of all structs, and one more each */
};

/* `columns` are borrowed, all else is of the arena. */
enum joist_status ji_ndjson_shape_make(struct ji_arena *arena, struct ji_field *columns, size_t column_count,
        struct ji_ndjson_shape *shape, struct joist_error *err);

/* The place of the member of that name, or SIZE_MAX. */
size_t ji_ndjson_find_member(const struct ji_ndjson_node *node, struct ji_view key);

/* The rows of one part. Strings borrow from the lines, or from the arena where they had escapes. */
struct ji_ndjson_rows {
    const struct ji_ndjson_shape *shape;
    bool skip_extra; /* members that the shape lacks */
    struct ji_mem *mem;
    struct ji_arena arena;              /* of texts that had escapes */
    struct ji_column_builder *builders; /* one a column */
    size_t builder_count;               /* initialised so far */
    uint64_t *seen;                     /* by member: the stamp of the object that had it last */
    uint32_t *follows;                  /* by member: which came behind it last; the one more is the first */
    uint64_t stamp;
    struct ji_json_reader reader;
    const struct ji_ndjson_node *path[JI_SCHEMA_DEPTH_MAX + 2]; /* of the value at hand */
    unsigned depth;
    size_t row_count;
};

enum joist_status ji_ndjson_rows_init(struct ji_ndjson_rows *rows, const struct ji_ndjson_shape *shape,
        struct ji_mem *mem, struct joist_error *err);
void ji_ndjson_rows_clear(struct ji_ndjson_rows *rows);
void ji_ndjson_rows_reset(struct ji_ndjson_rows *rows);
/* One line without its end. INVALID says which member, or which byte; the rows are of no use then. */
enum joist_status ji_ndjson_rows_add(
        struct ji_ndjson_rows *rows, struct ji_view line, struct joist_error *err);

/* The value that the rows' reader comes to next. */
enum joist_status ji_ndjson_take_value(struct ji_ndjson_rows *rows, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, struct joist_error *err);

/* A line of nothing but blanks. */
bool ji_ndjson_is_blank(struct ji_view line);

struct ji_ndjson_guess;

/* What lines have said of the columns. */
struct ji_ndjson_inference {
    struct ji_arena *arena;  /* of guesses and columns */
    struct ji_arena scratch; /* of one line */
    bool decimals;
    struct ji_json_reader reader;
    struct ji_ndjson_guess *root;
    size_t member_count;
    uint64_t stamp;
    bool contradiction; /* a number here, a string there: no type holds both */
};

void ji_ndjson_inference_init(
        struct ji_ndjson_inference *inference, struct ji_arena *arena, struct ji_mem *mem, bool decimals);
void ji_ndjson_inference_clear(struct ji_ndjson_inference *inference); /* accepts one that is all zero */
/* Takes the rows of the feed's sample, up to the first that is wrong. */
enum joist_status ji_ndjson_infer(
        struct ji_ndjson_inference *inference, struct ji_text_feed *feed, struct joist_error *err);
/*
 * Takes the round of the feed that failed and all rows behind it. INVALID where one is wrong, or
 * contradicts the others.
 */
enum joist_status ji_ndjson_survey(
        struct ji_ndjson_inference *inference, struct ji_text_feed *feed, struct joist_error *err);
/* The columns that hold all rows so far; in the arena. */
enum joist_status ji_ndjson_columns(struct ji_ndjson_inference *inference, struct ji_field **columns,
        size_t *column_count, struct joist_error *err);

/* A stream with sizes of blocks for tests; text_stream.h has the one with all defaults. */
enum joist_status ji_ndjson_stream_open_tuned(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        const struct ji_text_tuning *tuning, struct ji_batch_stream *stream, struct joist_error *err);

#endif
