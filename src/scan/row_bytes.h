/*
 * row_bytes.h - rows as runs of bytes: what a sort keeps, writes out and reads back
 *
 *     row    [bytes of all: u32][bytes of key: u32][key][body]
 *     body   [nulls: a bit a column, 1 is null][fixed part of each column][tail]
 *
 *     fixed part    numbers and fixed bytes: the value, but of integers of 64 bits how many bytes the tail
 *                   has of them: u8; BOOL: a byte; STRING, BINARY: bytes in the tail: u8, 255 where the tail
 *                   has a u32 that says so; NULL and nested kinds: nothing
 *     tail          column by column: integers of 64 bits zigzag, their low bytes first, up to the last one
 *                   that is not 0; bytes of a string; a nested value that is not null as a stretch of 1
 *     stretch       `count` values of one type:
 *                   [has nulls: u8][validity: a bit a value, 1 is valid, where it has] and then by kind
 *                     numbers, fixed bytes: the values; BOOL: a byte each; NULL: nothing
 *                     STRING, BINARY: u32 bytes of each, then the bytes of all
 *                     LIST, MAP: u32 elements of each (null: 0), [together: u8], then one stretch of all
 *                       elements where they lie together, else one a value
 *                     STRUCT: a stretch of `count` for each member
 *
 *   1. All numbers are in the host's order and unaligned: rows never leave the process but for its own
 *      nameless file.
 *   2. A null's fixed part may be anything; it has no tail.
 *   3. A row is at most UINT32_MAX bytes.
 */
#ifndef JI_ROW_BYTES_H
#define JI_ROW_BYTES_H

#include "arrow/batch.h"

#define JI_ROW_HEAD_BYTES ((size_t)8)
/* Rows that are packed or unpacked at a time, at most. */
#define JI_ROW_STEP ((size_t)4096)

struct ji_row_layout {
    const struct ji_schema *schema; /* borrowed */
    size_t *places;                 /* of each column's fixed part in the body */
    size_t fixed_bytes;             /* of the body, before the tail */
};

/* In the arena. The schema outlives it. */
enum joist_status ji_row_layout_make(struct ji_arena *arena, const struct ji_schema *schema,
        struct ji_row_layout *layout, struct joist_error *err);

static inline uint32_t ji_row_u32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}
/* Integers that mostly need fewer bytes than they have. */
static inline bool ji_row_packs(const struct ji_field *field)
{
    const enum ji_kind kind = field->kind;
    const bool integer = kind == JI_INT64 || kind == JI_UINT64 || kind == JI_TIME || kind == JI_TIMESTAMP ||
            kind == JI_DECIMAL;
    return integer && ji_field_width(field) == sizeof(uint64_t);
}
#define JI_ROW_TEXT_LONG 255 /* a string of so many bytes or more */
static inline size_t ji_row_size(const uint8_t *row)
{
    return ji_row_u32(row);
}
static inline struct ji_view ji_row_key_of(const uint8_t *row)
{
    return ji_view_of(row + JI_ROW_HEAD_BYTES, ji_row_u32(row + sizeof(uint32_t)));
}
static inline const uint8_t *ji_row_body(const uint8_t *row)
{
    return row + JI_ROW_HEAD_BYTES + ji_row_u32(row + sizeof(uint32_t));
}

/* Rows of a batch on their way into bytes. */
struct ji_row_packer {
    const struct ji_row_layout *layout;
    struct ji_arena batch_arena; /* as long as a batch */
    struct ji_arena step_arena;  /* as long as a step */
    struct ji_column *columns;   /* of the batch; nested ones are flat */
};

/* `arena` holds what lives as long as the packer. */
enum joist_status ji_row_packer_init(struct ji_row_packer *packer, struct ji_mem *mem, struct ji_arena *arena,
        const struct ji_row_layout *layout, struct joist_error *err);
void ji_row_packer_clear(struct ji_row_packer *packer); /* accepts one that is all zero */
/* The rows of this batch are next; it is borrowed until the next one. */
enum joist_status ji_row_packer_begin(
        struct ji_row_packer *packer, const struct ji_batch *batch, struct joist_error *err);
/* Adds to sizes[i] what the body of row rows[i] takes; `count` is at most JI_ROW_STEP. */
enum joist_status ji_row_packer_measure(struct ji_row_packer *packer, const uint32_t *rows, size_t count,
        uint64_t *sizes, struct joist_error *err);
/* Writes the body of row rows[i] to bodies[i]. Spends the pointers. */
enum joist_status ji_row_packer_put(struct ji_row_packer *packer, const uint32_t *rows, size_t count,
        uint8_t **bodies, struct joist_error *err);

/* A column that rows come back into. */
struct ji_row_column {
    const struct ji_field *field; /* borrowed */
    struct ji_mem *mem;
    size_t width;
    size_t row_count;
    size_t null_count;
    struct ji_bytes values;   /* as a flat column holds them; views point into the rows */
    struct ji_bytes validity; /* a bit a row */
    struct ji_bytes offsets;  /* LIST, MAP */
    struct ji_row_column *children;
    struct ji_column *shown; /* the children as columns */
};

enum joist_status ji_row_column_init(struct ji_row_column *column, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err);
void ji_row_column_clear(struct ji_row_column *column); /* accepts one that is all zero */
/* Rows on their way back. */
struct ji_row_step {
    const uint8_t **bodies; /* of each row */
    const uint8_t **tails;  /* what of each was not taken yet; at first bodies[i] + fixed_bytes */
    size_t count;
};
/*
 * Column after column, from the first: column `index` of the rows into `column`, which it empties before, and
 * `shown`, which borrows from it and from the rows until then.
 */
enum joist_status ji_row_unpack(const struct ji_row_layout *layout, size_t index, struct ji_row_step *step,
        struct ji_row_column *column, struct ji_column *shown, struct joist_error *err);

#endif
