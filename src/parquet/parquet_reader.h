/*
 * parquet_reader.h - a Parquet file as the engine reads it: facts up, row ranges down
 *
 * The file is shared and immutable; a cursor is one worker's. Column numbers are top-level columns
 * of the schema; leaves are the reader's affair.
 */
#ifndef JI_PARQUET_READER_H
#define JI_PARQUET_READER_H

#include <joist/parquet.h>

#include "arrow/batch.h"
#include "arrow/value.h"
#include "base/arena.h"
#include "base/ctx.h"

const struct ji_schema *ji_parquet_schema(const struct joist_parquet_file *file);
uint64_t ji_parquet_group_rows(const struct joist_parquet_file *file, size_t group);
/* One more owner, ended by joist_parquet_close. */
struct joist_parquet_file *ji_parquet_retain(struct joist_parquet_file *file);

/*
 * The scalar that a path leads to: path[0] is a top-level column, what follows numbers of children of
 * structs. False where it ends at something nested or goes through a list, a map or a variant.
 */
bool ji_parquet_leaf(
        const struct joist_parquet_file *file, const size_t *path, size_t path_count, size_t *leaf);
/*
 * Facts about such a leaf in one row group, null where a struct above it is; false where nothing is known (no
 * statistics, an order that makes them void). Values live as long as the file.
 */
bool ji_parquet_group_facts(
        const struct joist_parquet_file *file, size_t group, size_t leaf, struct ji_facts *facts);

/* Half-open row numbers within a row group, rising and disjoint. */
struct ji_row_range {
    uint64_t start;
    uint64_t end;
};

/*
 * The pages of such a leaf in one row group, by their index. Reads the index into the arena, as
 * long as which it lives: `*pages` is NULL where there is none (or it costs more than it may save). CORRUPT
 * where it contradicts itself, the chunk or the group: the data may be whole all the same, and who only wants
 * to skip goes on without it.
 */
struct ji_parquet_pages;
enum joist_status ji_parquet_pages_read(const struct joist_parquet_file *file, struct ji_arena *arena,
        size_t group, size_t leaf, const struct ji_parquet_pages **pages, struct joist_error *err);
size_t ji_parquet_page_count(const struct ji_parquet_pages *pages); /* two at least */
struct ji_row_range ji_parquet_page_rows(const struct ji_parquet_pages *pages, size_t page);
/* What is known of a page's rows. Bounds are not exact; they point into the arena. */
void ji_parquet_page_facts(const struct ji_parquet_pages *pages, size_t page, struct ji_facts *facts);

/*
 * Which values such a leaf cannot have in one row group. Nothing is read before the first question; what is
 * read lives in the arena. One owner.
 */
struct ji_parquet_values;
enum joist_status ji_parquet_values_open(const struct joist_parquet_file *file, struct ji_arena *arena,
        size_t group, size_t leaf, struct ji_parquet_values **values, struct joist_error *err);
enum ji_value_proof {
    JI_PROOF_BLOOM,      /* its Bloom filter: a block read for each question */
    JI_PROOF_DICTIONARY, /* its dictionary, where all pages are made of codes and it is small: read once */
};
/*
 * Whether it is proved that no row has the value, which is of the leaf's kind or of one that it widens to.
 * Null, NaN and what the leaf cannot hold are never proved lacking. CORRUPT as for pages.
 */
enum joist_status ji_parquet_values_lack(struct ji_parquet_values *values, const struct ji_value *value,
        enum ji_value_proof proof, bool *lacking, struct joist_error *err);

struct ji_parquet_schema;
struct ji_parquet_cursor;
struct ji_parquet_cursor_options {
    size_t group;
    const struct ji_parquet_schema
            *schema;       /* a projection of the file's, or NULL for that; outlives the cursor */
    const size_t *columns; /* of the schema, in the order wanted */
    size_t column_count;
    const struct ji_row_range *ranges; /* NULL: all rows; copied */
    size_t range_count;
    bool no_crc;
    const struct joist_cancel *cancel;
};
enum joist_status ji_parquet_cursor_open(struct joist_parquet_file *file, struct ji_mem *mem,
        const struct ji_parquet_cursor_options *options, struct ji_parquet_cursor **cursor,
        struct joist_error *err);
void ji_parquet_cursor_close(struct ji_parquet_cursor *cursor);
/* Rows of the group before `row` are not handed out any more: whole pages of them are passed over. */
void ji_parquet_cursor_seek(struct ji_parquet_cursor *cursor, uint64_t row);
/*
 * The next rows, at most `rows_max` (<= JI_BATCH_ROWS_MAX) and about ji_batch_bytes_max; NULL at the end. The
 * batch has no selection and lives until the next call. Errors name row group, column and page.
 */
enum joist_status ji_parquet_cursor_next(struct ji_parquet_cursor *cursor, size_t rows_max,
        const struct ji_batch **batch, struct joist_error *err);

#endif
