/*
 * column_writer.h - one leaf of the open row group: values in, encoded pages out
 *
 *     append ... append   end_chunk   chunk, indexes, hand_over   reset   append ...
 *
 * Not thread-safe; different columns may work at the same time, each with a lane of its own.
 */
#ifndef JI_COLUMN_WRITER_H
#define JI_COLUMN_WRITER_H

#include "parquet/encode/bloom_build.h"
#include "parquet/encode/bounds.h"
#include "parquet/encode/dictionary_write.h"
#include "parquet/encode/encoding_choice.h"
#include "parquet/encode/geo_bounds.h"
#include "parquet/format/module_seal.h"
#include "parquet/write/page_pool.h"
#include "parquet/write/page_store.h"
#include "parquet/write/write_lane.h"
#include "parquet/write/write_options.h"

struct ji_column_settings {
    enum ji_codec codec;
    int codec_level;
    enum joist_parquet_compat compat; /* never DEFAULT */
    size_t page_bytes_max;
    size_t page_rows_max;
    size_t dictionary_bytes_max;
    size_t bloom_bytes_max;
    uint64_t group_rows_max;
    uint8_t bound_bytes_max;
    bool no_statistics;
    bool no_page_index;
    bool no_crc;
    const struct joist_cancel *cancel;
};

/* A page that has been encoded: in `facts`, followed by its bounds and its counts of levels. */
struct ji_page_record {
    uint64_t first_row; /* of the row group */
    uint64_t null_count;
    uint64_t nan_count;
    uint64_t unencoded_bytes;
    bool is_null; /* no value in it */
    bool has_bounds;
    uint8_t min_bytes;
    uint8_t max_bytes;
};

/* So many pages are judged, and stored, late: whether another thread seals them or not. */
#define JI_PAGES_AWAY 2

/* What is to be known of a page's size in the file. */
struct ji_page_cost {
    uint64_t values; /* 0: it says nothing */
    uint64_t choice; /* the one that its encoding is of */
};

/* The pages of a chunk that has ended, in the file's order. */
struct ji_chunk_pages {
    struct ji_bytes dictionary_page; /* header and bytes; empty: none */
    struct ji_page_store store;      /* data pages */
};

void ji_chunk_pages_init(struct ji_chunk_pages *pages, struct ji_mem *mem);
/* Frees all; ready for use again. */
void ji_chunk_pages_clear(struct ji_chunk_pages *pages);

struct ji_column_writer {
    const struct ji_leaf *leaf;
    const struct ji_shape *shape; /* of the top-level column */
    const struct ji_column_settings *settings;
    const struct ji_leaf_wishes *wishes;
    struct ji_module_seal *seal; /* borrowed; NULL: not encrypted */
    struct ji_mem *mem;
    enum ji_block_shape block_shape;
    size_t value_bytes; /* of a PLAIN value; BYTE_ARRAY: of its length */

    /* The page that is being filled. */
    struct ji_bytes defs;  /* a byte an entry, where max_def > 0 */
    struct ji_bytes reps;  /* a byte an entry, where max_rep > 0 */
    struct ji_bytes codes; /* uint32_t: while `in_dictionary` */
    struct ji_bytes plain; /* while not: values as raw_values.h has them */
    struct ji_bytes lengths;
    size_t entry_count;
    size_t value_count;
    size_t row_count;
    uint64_t unencoded_bytes; /* of BYTE_ARRAY values */
    struct ji_bounds bounds;  /* of `plain`; of codes when the page ends */

    /* The chunk. */
    bool is_chosen; /* its encoding; until then values stand raw */
    bool waits;     /* for the page's end: the sample had no value twice, and its choice may be wrong */
    bool in_dictionary;
    struct ji_encode_plan plan;       /* of pages of values */
    struct ji_encoding_choice choice; /* the last one; sample_values is 0 before the first */
    uint64_t choice_number;           /* of `plan` */
    double page_cost;                 /* bytes a value, of the first page after the choice; 0: none yet */
    struct ji_page_cost costs[JI_PAGES_AWAY + 1]; /* of the last pages, by their number */
    uint64_t values_before;                       /* in the chunk before this one */
    uint64_t coded_before; /* values and entries of the dictionary when its worth was last judged */
    uint64_t entries_before;
    double entry_rate; /* new entries a value then */
    struct ji_dictionary_writer dictionary;
    struct ji_page_store store;      /* data pages */
    struct ji_bytes dictionary_page; /* header and bytes, once the chunk has ended */
    struct ji_page_store facts;      /* a record a page */
    struct ji_bytes page_sizes;      /* uint32_t: what each takes in the file, header included */
    struct ji_page_parcel *away[JI_PAGES_AWAY + 1]; /* pages not stored yet, in order */
    size_t away_count;
    size_t page_count;
    struct ji_bytes histograms;              /* int64_t, of the chunk: max_rep + 1, then max_def + 1 */
    size_t pages_coded[JI_ENCODING_ALP + 1]; /* data pages by encoding */
    uint64_t chunk_rows;
    uint64_t chunk_entries;
    uint64_t chunk_values;
    uint64_t chunk_nulls;
    uint64_t chunk_unencoded_bytes;
    uint64_t uncompressed_bytes; /* headers included, as the format counts */
    bool is_unpacked;            /* its codec did not shrink it, and it stands without */
    struct ji_bounds chunk_bounds;
    struct ji_geo_bounds places;
    bool has_bloom; /* the chunk has, or will have, a filter */
    struct ji_bloom_filter bloom;
    bool has_rising_pages;  /* bounds so far never fall */
    bool has_falling_pages; /* or never rise */
    struct ji_bounds last_bounds;
    struct ji_bound_text last_min;
    struct ji_bound_text last_max;
    uint64_t work; /* how much this column has cost so far, in no unit */
};

void ji_column_writer_init(struct ji_column_writer *writer, struct ji_mem *mem, const struct ji_leaf *leaf,
        const struct ji_shape *shape, const struct ji_column_settings *settings,
        const struct ji_leaf_wishes *wishes);
void ji_column_writer_clear(struct ji_column_writer *writer);

enum joist_status ji_column_writer_append(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_column *column, struct ji_row_pick pick, struct joist_error *err);

/*
 * Before the unit of a step ends that appended: all pages are stored, or, after a failure, whose status is
 * given back, forgotten.
 */
enum joist_status ji_column_writer_settle(struct ji_column_writer *writer, struct ji_write_lane *lane,
        enum joist_status status, struct joist_error *err);

/* Ends the last page and makes the dictionary's. */
enum joist_status ji_column_writer_end_chunk(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

/*
 * Gives memory back, where it holds some: ends the page, frees its buffers, and ends a dictionary whose
 * table is large.
 */
enum joist_status ji_column_writer_relieve(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

/* Bytes that stand encoded; and those of the page being filled. */
uint64_t ji_column_writer_bytes(const struct ji_column_writer *writer);
uint64_t ji_column_writer_pending(const struct ji_column_writer *writer);

/* After end_chunk. What the footer says of the chunk if it begins at `offset`; memory of the arena. */
enum joist_status ji_column_writer_chunk(const struct ji_column_writer *writer, uint64_t offset,
        struct ji_arena *arena, struct ji_chunk *chunk, struct joist_error *err);
/* Encoded pages and what is known of them go to the scratch file, which lives until reset: so many bytes. */
uint64_t ji_column_writer_movable(const struct ji_column_writer *writer);
enum joist_status ji_column_writer_spill(
        struct ji_column_writer *writer, struct ji_scratch *scratch, struct joist_error *err);
/*
 * After end_chunk. Appends offset index and column index for that offset; `*column_index_bytes` is 0 where
 * there can be none.
 */
enum joist_status ji_column_writer_indexes(struct ji_column_writer *writer, uint64_t offset,
        struct ji_bytes *out, size_t *offset_index_bytes, size_t *column_index_bytes,
        struct joist_error *err);
/* After end_chunk, indexes and chunk. The chunk's pages move to `pages`, which is empty. */
void ji_column_writer_hand_over(struct ji_column_writer *writer, struct ji_chunk_pages *pages);
/* Ready for the next row group; page memory is kept. */
void ji_column_writer_reset(struct ji_column_writer *writer);

/* Bytes of memory that `let_go` frees. */
uint64_t ji_column_writer_held(const struct ji_column_writer *writer);
/* After end_chunk. Frees what only the filling of pages needs. */
void ji_column_writer_drop_page(struct ji_column_writer *writer);
/* Ready for the next row group; no memory is kept. */
void ji_column_writer_let_go(struct ji_column_writer *writer);

/* The bounds of the page, and what a place adds to those of the chunk. */
static inline void ji_column_bounds_add(struct ji_column_writer *writer, const struct ji_value_block *block)
{
    ji_bounds_add(&writer->bounds, block);
    if (writer->places.is_wanted)
        ji_geo_bounds_add(&writer->places, block);
}

/* --- within write: bloom_fill.c --- */

/* Before a page is encoded: its raw values go into the filter, where there is to be one. */
enum joist_status ji_bloom_add_page(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);
/* The chunk has no more pages. */
enum joist_status ji_bloom_end(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

/* --- page_seal.c --- */

/* DATA or DATA_V2. */
enum ji_page_type ji_column_page_type(const struct ji_column_writer *writer);
/*
 * Compresses the body, encrypts it where the column is, and fills sizes and checksum of `header`, which then
 * stands in lane->header. `packed` lives in the lane, or is the body's bytes.
 */
enum joist_status ji_page_seal(const struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct ji_page_header *header, struct ji_view *packed,
        struct joist_error *err);
/* The same for a parcel, which keeps the outcome. */
void ji_page_parcel_seal(struct ji_page_parcel *parcel, struct ji_write_lane *lane);

/* --- page_order.c --- */

/*
 * Seals the page, or has another thread do it, and stores it behind those before it. At most
 * JI_PAGES_AWAY pages are not stored yet when this is back.
 */
enum joist_status ji_page_dispatch(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct ji_page_header *header, struct joist_error *err);

/* --- chunk_unpack.c --- */

/* After the chunk's last page: where its codec did not shrink it, it stands without. */
enum joist_status ji_chunk_unpack(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

/* --- page_encode.c --- */

/* Encodes the page, stores it, and begins the next. */
enum joist_status ji_page_end(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);
enum joist_status ji_dictionary_page_make(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

#endif
