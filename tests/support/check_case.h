/*
 * check_case.h - a small file of our own writer's in memory, open, in which a test plants errors
 *
 *     struct check_case c;
 *     check_case_open(&c, &(struct check_case_options){.no_crc = true});
 *     check_case_chunk(&c, 0)->value_count++;
 *     check_case_expect(&c, "chunk-values");
 *     check_case_close(&c);
 *
 * Leaves: 0 i int, 1 s string, 2 d double, 3 l list<int>, 4 q decimal(9,2), 5 t string required,
 * 6 j decimal(25,2); 60 rows in three pages a column, one row group. Or other columns and rows, where they are given.
 */
#ifndef JI_CHECK_CASE_H
#define JI_CHECK_CASE_H

#include "support/test.h"

#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"

#define CHECK_CASE_SPARE 65536
#define CHECK_CASE_LEAVES 7
#define CHECK_CASE_LEAVES_MAX 16

struct check_case_options {
    bool no_crc;
    bool no_dictionary;
    bool no_page_index;
    bool sorted;        /* i ascending */
    const char *schema; /* of a file of its own, as joist_builder_open reads it */
    const char *rows;   /* of it, as NDJSON; binary values are hexadecimal */
    bool is_variant;    /* its first column, a struct, is annotated VARIANT */
};

struct check_case {
    struct joist_ctx *ctx;
    uint8_t *bytes; /* of the file; CHECK_CASE_SPARE more behind it */
    size_t size;
    size_t capacity;
    size_t spare_at; /* where the next thing may be put */
    struct bytes_source from;
    struct joist_parquet_file *file;
    struct ji_chunk chunks[CHECK_CASE_LEAVES_MAX];
    struct ji_arena arena;
    char codes[1024]; /* of the findings, with blanks between, a code in a row once */
    struct joist_parquet_finding last;
    char last_column[128];
    char last_text[1024];
    struct joist_parquet_checked checked;
    bool notes;
};

void check_case_open(struct check_case *c, const struct check_case_options *options);
void check_case_close(struct check_case *c);

/* What the file says, to be changed. */
struct ji_chunk *check_case_chunk(struct check_case *c, size_t leaf);
struct ji_statistics *check_case_statistics(struct check_case *c, size_t leaf);
struct ji_row_group *check_case_group(struct check_case *c);
struct ji_schema_element *check_case_element(struct check_case *c, size_t leaf);

/* The data page of that number, or the dictionary page (-1): where its header is and what it says. */
size_t check_case_page(
        struct check_case *c, size_t leaf, int page, struct ji_page_header *header, size_t *header_bytes);
/* Writes the header back; it must take as many bytes as before. */
void check_case_put_header(
        struct check_case *c, size_t at, size_t header_bytes, const struct ji_page_header *header);
/* Decoded into the arena; the put ones move the index into the spare room. */
void check_case_offsets(
        struct check_case *c, size_t leaf, struct ji_arena *arena, struct ji_offset_index *index);
void check_case_bounds(
        struct check_case *c, size_t leaf, struct ji_arena *arena, struct ji_column_index *index);
void check_case_put_offsets(struct check_case *c, size_t leaf, const struct ji_offset_index *index);
void check_case_put_bounds(struct check_case *c, size_t leaf, const struct ji_column_index *index);
/* Bytes into the spare room; the offset in the file. */
int64_t check_case_put(struct check_case *c, const void *data, size_t size);

/* Checks; the codes of the findings. */
const char *check_case_run(struct check_case *c);
/* Checks that the findings are of these codes: "null-count column-index". */
void check_case_expect(struct check_case *c, const char *codes);

#endif
