/*
 * page_header_read.h - page headers and the page index, from bytes to the structs of footer_model.h
 */
#ifndef JI_PAGE_HEADER_READ_H
#define JI_PAGE_HEADER_READ_H

#include "base/arena.h"
#include "parquet/format/footer_model.h"

/* A header has no length of its own: more bytes than this are no header. */
#define JI_PAGE_HEADER_BYTES_MAX ((size_t)16 << 20)

/*
 * Decodes the header at the start of `bytes` and says how many it takes. Where the bytes end inside it
 * `*header_bytes` is 0 and the status OK: come again with more. Counts and sizes are checked not to
 * be negative.
 */
enum joist_status ji_page_header_decode(
        struct ji_view bytes, struct ji_page_header *header, size_t *header_bytes, struct joist_error *err);

/* The whole of `bytes`; arrays in the arena, views into `bytes`. */
enum joist_status ji_offset_index_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_offset_index *index, struct joist_error *err);
enum joist_status ji_column_index_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_column_index *index, struct joist_error *err);

#endif
