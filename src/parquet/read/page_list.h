/*
 * page_list.h - the pages of a chunk as their headers tell of them, and its indexes and Bloom filter
 *
 * For people who look at a file: nothing is unpacked, what cannot be read becomes text.
 */
#ifndef JI_PAGE_LIST_H
#define JI_PAGE_LIST_H

#include "parquet/format/bloom_format.h"
#include "parquet/read/page_read.h"
#include "parquet/read/parquet_file.h"

/* PRESENT: of an encrypted page, not computed. */
enum ji_crc_state { JI_CRC_ABSENT, JI_CRC_PRESENT, JI_CRC_RIGHT, JI_CRC_WRONG };

struct ji_listed_page {
    struct ji_page_header header;
    uint64_t offset;
    size_t header_bytes;
    enum ji_crc_state crc;
};

struct ji_page_list {
    const struct joist_parquet_file *file;
    const struct ji_chunk *chunk;
    size_t group;
    size_t leaf;
    struct ji_mem *mem;
    struct ji_arena arena; /* of the chunk: the indexes */
    struct ji_codec_context *codecs;
    struct ji_page_reader pages;
    bool is_open;
    struct ji_bytes stored; /* of the page, in pieces */
    bool has_offsets;
    struct ji_offset_index offsets;
    bool has_bounds;
    struct ji_column_index bounds;
    bool has_bloom;
    struct ji_bloom_header bloom;
    struct joist_error index_err; /* status OK: whatever there is was read */
    struct joist_error err;       /* the same of the pages */
};

/* NO_MEMORY, LIMIT, IO fail; what the file has wrong stands in `index_err` and `err`. */
enum joist_status ji_page_list_open(struct ji_page_list *list, const struct joist_parquet_file *file,
        size_t group, size_t leaf, const struct ji_chunk *chunk, struct joist_error *err);
void ji_page_list_close(struct ji_page_list *list);
/* The next page; `*has_page` false at the end of the chunk, and where `list->err` says why. */
enum joist_status ji_page_list_next(
        struct ji_page_list *list, struct ji_listed_page *page, bool *has_page, struct joist_error *err);

#endif
