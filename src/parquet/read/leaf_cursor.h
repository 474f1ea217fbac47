/*
 * leaf_cursor.h - the values of one leaf in one row group, row by row
 *
 *     open -> { begin -> (ready, append | skip)* -> part }* -> close
 *
 * A part is what was appended since `begin`; it lives until the next begin or close.
 */
#ifndef JI_LEAF_CURSOR_H
#define JI_LEAF_CURSOR_H

#include "parquet/decode/assemble.h"
#include "parquet/decode/levels.h"
#include "parquet/decode/page_values.h"
#include "parquet/read/page_read.h"
#include "parquet/read/parquet_file.h"

#define JI_LEVEL_BLOCK 1024

struct ji_leaf_cursor {
    const struct joist_parquet_file *file;
    const struct ji_leaf *leaf;
    const struct ji_chunk *chunk;
    size_t group;
    struct ji_mem *mem;
    struct ji_arena arena; /* the offset index */
    struct ji_value_type type;
    struct ji_page_reader pages;
    struct ji_offset_index index; /* page_count 0: none */
    bool asked_index;             /* read when rows are first skipped beyond a page, where there is one */
    struct ji_dictionary dictionary;
    bool has_dictionary;
    bool keeps_levels;    /* the leaf is part of a nested column */
    bool reads_all_pages; /* none may be passed over: a page may need the one before */
    uint8_t slot_def;     /* an entry with def >= slot_def has a slot */
    uint64_t row;         /* the next one, of the group */
    size_t page_number;   /* data pages met so far, or the page of the index: for messages */
    bool entries_known;   /* entries_left counts; not after a jump in a repeated leaf */
    uint64_t entries_left;

    /* The current page. */
    struct ji_buffer *page_buffer;
    bool page_is_lent; /* views of this batch point into page_buffer */
    size_t page_left;  /* entries whose levels were not taken yet */
    struct ji_levels reps;
    struct ji_levels defs;
    struct ji_page_values values;
    /* Repeated leaves: levels taken from the page and not yet used. */
    uint8_t block_reps[JI_LEVEL_BLOCK];
    uint8_t block_defs[JI_LEVEL_BLOCK];
    bool at_row_start; /* the next level must begin a row: at the start, and after a jump */
    size_t block_at;
    size_t block_count;

    /* The batch so far. */
    bool has_form;
    enum ji_form form;
    size_t slots;
    size_t nulls;
    struct ji_buffer *out_values;
    struct ji_buffer *out_validity;
    struct ji_buffer *scratch; /* dense booleans, levels of skipped rows */
    struct ji_bytes out_reps;
    struct ji_bytes out_defs;
    struct ji_buffer *heap; /* the one buffer that all views point into, borrowed; or NULL */
    bool heap_is_mixed;
    struct ji_buffer **held; /* page buffers left behind that views of this batch point into */
    size_t held_count;
    size_t held_capacity;
};

/* `codecs` is borrowed. */
enum joist_status ji_leaf_cursor_open(struct ji_leaf_cursor *cursor, const struct joist_parquet_file *file,
        struct ji_mem *mem, size_t group, size_t leaf, struct ji_codec_context *codecs,
        struct joist_error *err);
void ji_leaf_cursor_close(struct ji_leaf_cursor *cursor); /* accepts all zero */

void ji_leaf_cursor_begin(struct ji_leaf_cursor *cursor);
/* How many of the next `wanted` rows can be appended without a change of form: 0 where the form changes. */
enum joist_status ji_leaf_cursor_ready(
        struct ji_leaf_cursor *cursor, size_t wanted, size_t *ready, struct joist_error *err);
/* The next `rows` rows, no more than `ready` said. */
enum joist_status ji_leaf_cursor_append(struct ji_leaf_cursor *cursor, size_t rows, struct joist_error *err);
enum joist_status ji_leaf_cursor_skip(struct ji_leaf_cursor *cursor, uint64_t rows, struct joist_error *err);
enum joist_status ji_leaf_cursor_part(
        struct ji_leaf_cursor *cursor, struct ji_leaf_part *part, struct joist_error *err);

/* --- between the modules of the cursor --- */

/* Loads the next data page with entries in it; `*has_page` false at the end of the chunk. */
enum joist_status ji_leaf_next_page(struct ji_leaf_cursor *cursor, bool *has_page, struct joist_error *err);
/* Fills the empty block from the page, the next page if need be; block_count 0 at the end of the chunk. */
enum joist_status ji_leaf_next_block(struct ji_leaf_cursor *cursor, struct joist_error *err);
/* The batch takes over a reference on a buffer that its views point into. */
enum joist_status ji_leaf_hold(
        struct ji_leaf_cursor *cursor, struct ji_buffer *buffer, struct joist_error *err);
enum joist_status ji_leaf_ends_early(uint64_t missing, struct joist_error *err);

#endif
