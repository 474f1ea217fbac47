/*
 * finding.h - what a check found, on its way to the caller
 *
 *   1. A finding is told as it is found; nothing is kept but counts.
 *   2. Of one code in a chunk JI_FINDINGS_A_CHUNK are told, of a file `findings_max`; all are counted.
 *   3. What a file says wrong is a finding, what could not be looked at is UNVERIFIED; a failure of ours
 *      (I/O, memory, a limit) is a status and ends the check.
 */
#ifndef JI_FINDING_H
#define JI_FINDING_H

#include "parquet/check/sibling_levels.h"
#include "parquet/read/parquet_file.h"

#define JI_FINDINGS_A_CHUNK 4

enum ji_check_code {
    JI_CHECK_MAGIC,
    JI_CHECK_VERSION,
    JI_CHECK_COLUMN_ORDERS,
    JI_CHECK_OVERLAP,
    JI_CHECK_SCHEMA,
    JI_CHECK_GROUP_BYTES,
    JI_CHECK_GROUP_OFFSET,
    JI_CHECK_GROUP_ORDINAL,
    JI_CHECK_SORTING,
    JI_CHECK_CHUNK,
    JI_CHECK_CHUNK_PATH,
    JI_CHECK_CHUNK_OFFSET,
    JI_CHECK_CHUNK_BYTES,
    JI_CHECK_CHUNK_VALUES,
    JI_CHECK_CHUNK_ROWS,
    JI_CHECK_ENCODINGS,
    JI_CHECK_ENCODING_STATS,
    JI_CHECK_PAGE_HEADER,
    JI_CHECK_PAGE_TYPE,
    JI_CHECK_PAGE_CRC,
    JI_CHECK_PAGE_BYTES,
    JI_CHECK_PAGE_LEVELS,
    JI_CHECK_PAGE_VALUES,
    JI_CHECK_PAGE_NULLS,
    JI_CHECK_PAGE_ROWS,
    JI_CHECK_DICTIONARY,
    JI_CHECK_VALUE,
    JI_CHECK_STATISTICS,
    JI_CHECK_NULL_COUNT,
    JI_CHECK_NAN_COUNT,
    JI_CHECK_DISTINCT_COUNT,
    JI_CHECK_MIN,
    JI_CHECK_MAX,
    JI_CHECK_SIZE_STATISTICS,
    JI_CHECK_GEO_STATISTICS,
    JI_CHECK_SIBLING_LEVELS,
    JI_CHECK_VARIANT,
    JI_CHECK_OFFSET_INDEX,
    JI_CHECK_COLUMN_INDEX,
    JI_CHECK_BOUNDARY_ORDER,
    JI_CHECK_BLOOM_FILTER,
    JI_CHECK_LEGACY,
    JI_CHECK_CODES,
};

struct ji_checker {
    const struct joist_parquet_file *file;
    struct ji_mem *mem;
    struct joist_parquet_check_options options;
    struct joist_parquet_checked checked;
    struct ji_arena arena;           /* of one chunk's metadata, while the footer is walked */
    struct ji_schema_tree tree;      /* of the file's schema */
    struct ji_sibling_levels before; /* of the leaf before, in the same row group */
    /* Where the check stands: told with each finding. -1 and NULL: of the whole. */
    int64_t group;
    const char *column;
    int64_t page;
    int64_t offset;
    unsigned told[JI_CHECK_CODES]; /* in this chunk */
};

/*
 * Where the pages of a chunk begin. One without values may have a dictionary page alone, and 0 for the data
 * page that is not there.
 */
static inline uint64_t ji_checked_begin(const struct ji_chunk *chunk)
{
    if (chunk->value_count == 0 && chunk->data_page_offset == 0 && chunk->dictionary_page_offset > 0)
        return (uint64_t)chunk->dictionary_page_offset;
    return ji_chunk_begin(chunk);
}

/* A place within the file: of the file, of a group, of a chunk. */
void ji_checker_place(struct ji_checker *checker, int64_t group, const char *column);
void ji_checker_page(struct ji_checker *checker, int64_t page, int64_t offset);

/* The statuses are those of the caller's function that takes findings. */
enum joist_status ji_find(struct ji_checker *checker, enum ji_check_code code, struct joist_error *err,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
enum joist_status ji_find_note(struct ji_checker *checker, enum ji_check_code code, struct joist_error *err,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
enum joist_status ji_find_unverified(struct ji_checker *checker, enum ji_check_code code,
        struct joist_error *err, const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * A status other than OK that a reader ended with, told in `what`: CORRUPT is a finding, UNSUPPORTED and
 * DENIED are unverified; anything else goes on as the status of the check.
 */
enum joist_status ji_find_status(struct ji_checker *checker, enum ji_check_code code,
        const struct joist_error *what, struct joist_error *err);

#endif
