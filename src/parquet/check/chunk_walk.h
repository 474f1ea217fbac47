/*
 * chunk_walk.h - one column chunk on its way through the check
 *
 *     chunk_check: metadata -> [page_check: header -> bytes -> levels -> values]* -> totals
 *
 * Each page's facts are held against its header, its statistics and its entries in the page index as soon as
 * they are known, then added to the chunk's, which are held against the footer at the end: memory is a page.
 */
#ifndef JI_CHUNK_WALK_H
#define JI_CHUNK_WALK_H

#include "parquet/check/finding.h"
#include "parquet/check/place_facts.h"
#include "parquet/check/value_facts.h"
#include "parquet/check/value_rules.h"
#include "parquet/decode/levels.h"
#include "parquet/decode/page_values.h"
#include "parquet/read/page_read.h"

#define JI_WALK_BLOCK 1024
#define JI_WALK_ENCODINGS 32
#define JI_WALK_PAGE_TYPES 4

/* A split-block Bloom filter in memory; block_count 0: none. */
struct ji_bloom_bits {
    const uint8_t *blocks;
    size_t block_count;
};

struct ji_chunk_walk {
    struct ji_checker *checker;
    const struct ji_leaf *leaf;
    const struct ji_chunk *chunk;
    size_t leaf_index;
    int64_t group_rows;
    struct ji_arena arena;        /* of the chunk: indexes, Bloom filter, the dictionary's marks */
    struct ji_arena parsed;       /* of a value */
    struct ji_bytes header_bytes; /* bounds of the page's header */
    struct ji_value_type type;    /* the physical values, unconverted */
    struct ji_value_rules rules;
    struct ji_place_facts places;
    struct ji_cut_levels with_before; /* what the leaf says of the group that it shares with the one before */
    struct ji_cut_levels with_next;
    uint8_t list_defs[JI_LEVELS_MAX]; /* at [rep]: the least def level of an entry with that rep level */
    /* The page index; page_count 0: none. */
    bool has_offsets;
    bool has_bounds;
    struct ji_offset_index offsets;
    struct ji_column_index bounds;
    struct ji_bloom_bits bloom;
    /* The dictionary. */
    bool met_dictionary; /* its page was there */
    bool has_dictionary; /* and could be read */
    struct ji_dictionary dictionary;
    uint32_t *marks; /* of each entry: 1 + the last page that used it; 0: none did */
    uint64_t used_entries;
    /* Pages. */
    struct ji_page_reader pages;
    struct ji_page_values values; /* of the page; what a page leaves for the next one stays */
    struct ji_buffer *buffer;
    uint8_t *block;
    size_t block_bytes;
    uint32_t data_pages;
    uint64_t entries_claimed;  /* by the headers of pages so far */
    bool page_begins_inside;   /* the page's first entry goes on in a row */
    int64_t first_data_offset; /* -1: no data page yet */
    uint64_t unpacked_bytes;   /* of the pages so far, headers included */
    uint32_t encodings;        /* bits: of data pages' values */
    bool only_dictionary;      /* no data page was encoded otherwise */
    uint32_t page_counts[JI_WALK_PAGE_TYPES][JI_WALK_ENCODINGS];
    bool ended_early; /* pages behind a broken header are not known */
    bool is_whole;    /* every page was read: totals may be compared */
    struct ji_value_facts page;
    struct ji_value_facts total;
    uint64_t rows_before; /* the page that is looked at */
};

/* --- page_check.c --- */

/* The page of that header: what can be known of it is known then, and compared. */
enum joist_status ji_check_data_page(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err);
enum joist_status ji_check_dictionary_page(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        size_t header_bytes, struct joist_error *err);

/* --- value_check.c --- */

/* Takes the page's levels and walk->values to their end, looks at each value, fills walk->page. */
enum joist_status ji_check_values(struct ji_chunk_walk *walk, struct ji_levels *reps, struct ji_levels *defs,
        uint64_t entries, struct joist_error *err);
/* A value's legality, for an entry of the dictionary before any page uses it. */
enum joist_status ji_check_value(struct ji_chunk_walk *walk, struct ji_view value, struct joist_error *err);
/* Value `at` of `values` in memory form, as PLAIN bytes without length. */
struct ji_view ji_walk_value(const struct ji_chunk_walk *walk, const uint8_t *values, size_t at);

/* --- statistics_check.c --- */

/* `where` goes before each text: "" or "page ". The facts are known to be whole. */
enum joist_status ji_check_statistics(struct ji_chunk_walk *walk, const struct ji_statistics *statistics,
        const struct ji_value_facts *facts, const char *where, struct joist_error *err);
enum joist_status ji_check_size_statistics(struct ji_chunk_walk *walk, struct joist_error *err);

/* --- place_check.c --- */

void ji_place_facts_init(struct ji_place_facts *facts, const struct ji_schema_element *element);
/* Once the chunk's statistics are known, before its values come. */
void ji_place_facts_aim(struct ji_place_facts *facts, const struct ji_geo_statistics *said);
/* A value of a GEOMETRY or GEOGRAPHY. */
enum joist_status ji_check_place(struct ji_chunk_walk *walk, struct ji_view value, struct joist_error *err);
/* When all values are known. */
enum joist_status ji_check_geo_statistics(struct ji_chunk_walk *walk, struct joist_error *err);

/* --- index_check.c --- */

enum joist_status ji_check_read_indexes(struct ji_chunk_walk *walk, struct joist_error *err);
/* The page that was just walked against its entries; `is_known`: its facts are. */
enum joist_status ji_check_index_page(struct ji_chunk_walk *walk, const struct ji_page_header *header,
        uint64_t position, size_t header_bytes, bool is_known, struct joist_error *err);
enum joist_status ji_check_index_end(struct ji_chunk_walk *walk, struct joist_error *err);

/* --- bloom_check.c --- */

enum joist_status ji_check_read_bloom(struct ji_chunk_walk *walk, struct joist_error *err);
bool ji_bloom_bits_have(const struct ji_bloom_bits *bloom, struct ji_view value);

/* --- chunk_check.c --- */

enum joist_status ji_check_chunk(struct ji_checker *checker, size_t group, size_t leaf,
        struct ji_codec_context *codecs, struct joist_error *err);

#endif
