/*
 * leaf_cursor.h - the values of one leaf in one row group, row by row
 *
 *     open -> { begin -> (ready, append | skip)* -> part }* -> close
 *
 * A part is what was appended since `begin`; it lives until the next begin or close.
 *
 * Made for the engine, a part has the form that its pages have, and where that changes `ready` ends it: codes
 * stay codes. Made for an export (struct ji_leaf_output) it is always flat and laid out as it leaves the
 * library, in buffers of a pool that outlives the cursor: codes are looked up at once, an encoding may change
 * within it.
 */
#ifndef JI_LEAF_CURSOR_H
#define JI_LEAF_CURSOR_H

#include "arrow/string_view.h"
#include "parquet/decode/assemble.h"
#include "parquet/decode/levels.h"
#include "parquet/decode/page_values.h"
#include "parquet/read/page_feed.h"
#include "parquet/read/page_read.h"
#include "parquet/read/parquet_file.h"

#define JI_LEVEL_BLOCK 1024

/* How parts are made; all zero: for the engine. */
struct ji_leaf_output {
    bool is_laid_out;   /* flat, as ji_column.is_laid_out says */
    bool has_views;     /* of these, strings as struct ji_string_view; else struct ji_view */
    struct ji_mem *mem; /* of what parts point to; NULL: the cursor's */
};

struct ji_leaf_cursor {
    const struct joist_parquet_file *file;
    const struct ji_leaf *leaf;
    const struct ji_chunk *chunk;
    size_t group;
    struct ji_mem *mem;
    struct ji_leaf_output output;
    struct ji_arena arena; /* the offset index; the chunk, where the file does not hold it */
    struct ji_value_type type;
    struct ji_page_reader pages;
    struct ji_page_feed *feed;    /* owned; NULL: pages are read when they are needed */
    struct ji_offset_index index; /* page_count 0: none */
    bool asked_index;             /* read when some rows are aimed at or skipped, where there is one */
    uint64_t aimed_end;           /* rows before it are known to pages.read_end */
    uint64_t jumped_rows; /* of the page that the index led to, until it is loaded; 0: none, or unknown */
    struct ji_dictionary dictionary;
    bool has_dictionary;
    bool saw_start;            /* of the chunk, where the dictionary is */
    bool dictionary_has_views; /* its values became string views into the heap of that number */
    size_t dictionary_number;
    bool dictionary_has_heap; /* not all of them are short */
    bool keeps_levels;        /* the leaf is part of a nested column */
    bool reads_all_pages;     /* none may be passed over: a page may need the one before */
    uint8_t slot_def;         /* an entry with def >= slot_def has a slot */
    uint64_t row;             /* the next one, of the group */
    size_t page_number;       /* data pages met so far, or the page of the index: for messages */
    bool entries_known;       /* entries_left counts; not after a jump in a repeated leaf */
    uint64_t entries_left;

    /* The current page. */
    struct ji_buffer *page_buffer;
    bool page_is_lent; /* views of this batch point into page_buffer */
    size_t page_bytes; /* of page_buffer, in use */
    size_t page_count; /* entries */
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
    size_t part_entries; /* about how many it will have */
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
    /* Of a part with string views: the buffers that they point into, each with a reference. */
    struct ji_heap *heaps;
    size_t heap_count;
    size_t heap_capacity;
    bool page_is_heap;  /* the last heap is page_buffer */
    size_t packed_heap; /* where strings go that are too few to keep their page; heap_count 0: nowhere */
    bool has_packed_heap;
    bool has_dictionary_heap;
};

/* `codecs` is borrowed. */
struct ji_leaf_options {
    struct ji_mem *mem;
    const struct ji_parquet_schema *schema; /* the file's, or a projection of it */
    struct ji_leaf_output output;
    bool no_crc;
    size_t io_bytes;                 /* how much to read at once; 0: the default */
    size_t hint_bytes;               /* how far ahead the source is told; 0: not */
    struct ji_page_service *service; /* reads pages ahead; NULL: nobody does */
};
enum joist_status ji_leaf_cursor_open(struct ji_leaf_cursor *cursor, const struct joist_parquet_file *file,
        const struct ji_leaf_options *options, size_t group, size_t leaf, struct ji_codec_context *codecs,
        struct joist_error *err);
void ji_leaf_cursor_close(struct ji_leaf_cursor *cursor); /* accepts all zero */

/* A part of about `rows` rows. */
void ji_leaf_cursor_begin(struct ji_leaf_cursor *cursor, size_t rows);
/* How many of the next `wanted` rows can be appended without a change of form: 0 where the form changes. */
enum joist_status ji_leaf_cursor_ready(
        struct ji_leaf_cursor *cursor, size_t wanted, size_t *ready, struct joist_error *err);
/* The next `rows` rows, no more than `ready` said. */
enum joist_status ji_leaf_cursor_append(struct ji_leaf_cursor *cursor, size_t rows, struct joist_error *err);
/*
 * Says which rows are wanted from now on, so that no more is read than they need; without it, all of them.
 * `ranges` rise and begin at the next row or behind it.
 */
enum joist_status ji_leaf_cursor_aim(struct ji_leaf_cursor *cursor, const struct ji_row_range *ranges,
        size_t count, struct joist_error *err);
enum joist_status ji_leaf_cursor_skip(struct ji_leaf_cursor *cursor, uint64_t rows, struct joist_error *err);
enum joist_status ji_leaf_cursor_part(
        struct ji_leaf_cursor *cursor, struct ji_leaf_part *part, struct joist_error *err);

/* --- between the modules of the cursor --- */

/* Prefixes a failure with row group, column and page. */
enum joist_status ji_leaf_prefix(
        const struct ji_leaf_cursor *cursor, enum joist_status status, struct joist_error *err);
/* Passes over what is no data page, a dictionary loaded; `*has_page` false at the end of the chunk. */
enum joist_status ji_leaf_find_page(struct ji_leaf_cursor *cursor, struct ji_page_header *header,
        size_t *header_bytes, bool *has_page, struct joist_error *err);
/* The page's buffer goes to those that the batch holds, where views of the batch point into it. */
enum joist_status ji_leaf_hold_page(struct ji_leaf_cursor *cursor, struct joist_error *err);
/* Loads the next data page with entries in it; `*has_page` false at the end of the chunk. */
enum joist_status ji_leaf_next_page(struct ji_leaf_cursor *cursor, bool *has_page, struct joist_error *err);
/* Fills the empty block from the page, the next page if need be; block_count 0 at the end of the chunk. */
enum joist_status ji_leaf_next_block(struct ji_leaf_cursor *cursor, struct joist_error *err);
/*
 * Goes through the entries of the next `rows` rows of a repeated leaf: `take` gets each block's, from
 * block_at to `end`, and moves block_at there.
 */
enum joist_status ji_leaf_each_block(struct ji_leaf_cursor *cursor, uint64_t rows,
        enum joist_status (*take)(struct ji_leaf_cursor *cursor, size_t end, struct joist_error *err),
        struct joist_error *err);
/* The batch takes over a reference on a buffer that its views point into. */
enum joist_status ji_leaf_hold(
        struct ji_leaf_cursor *cursor, struct ji_buffer *buffer, struct joist_error *err);
enum joist_status ji_leaf_ends_early(uint64_t missing, struct joist_error *err);
/* `dense` strings of the page as struct ji_string_view at `out`; their bytes stay with the part's heaps. */
enum joist_status ji_leaf_read_strings(
        struct ji_leaf_cursor *cursor, size_t dense, struct ji_string_view *out, struct joist_error *err);
/* Lets go of the heaps of the part. */
void ji_leaf_drop_heaps(struct ji_leaf_cursor *cursor);
/* What the part so far takes, the pages that it keeps included but for the first and the dictionary's. */
size_t ji_leaf_part_bytes(const struct ji_leaf_cursor *cursor);

#endif
