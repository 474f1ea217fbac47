/*
 * page_store.h - bytes of a chunk until their row group is written: encoded pages, or what is known of them
 *
 * Bytes stand in slabs that grow with what is held: nothing is moved once stored, and at most a fifth lies
 * idle. They go to a scratch file where memory is short, and what comes after them stands in memory again;
 * however often that was, nothing is kept of it in memory but where the last of them are.
 */
#ifndef JI_PAGE_STORE_H
#define JI_PAGE_STORE_H

#include "base/io.h"
#include "store/scratch.h"

/* Bytes in a scratch file; the extent before it stands in front of them. */
struct ji_page_extent {
    uint64_t offset;
    uint64_t size;
};

struct ji_page_store {
    struct ji_mem *mem;
    struct ji_bytes slabs;      /* of struct page_slab: what came last */
    struct ji_scratch *scratch; /* borrowed; NULL while all is in memory */
    struct ji_page_extent last; /* there; all before it are found from it */
    size_t extent_count;
    uint64_t bytes;
    uint64_t held; /* the slabs' capacity */
};

void ji_page_store_init(struct ji_page_store *store, struct ji_mem *mem);
/* Frees all; ready for use again. */
void ji_page_store_clear(struct ji_page_store *store);
uint64_t ji_page_store_held(const struct ji_page_store *store);
enum joist_status ji_page_store_append(
        struct ji_page_store *store, struct ji_view bytes, struct joist_error *err);
/*
 * Everything that is in memory moves to the scratch file, which lives until the store is cleared. After a
 * failure the store is as it was.
 */
enum joist_status ji_page_store_spill(
        struct ji_page_store *store, struct ji_scratch *scratch, struct joist_error *err);
/* Everything in order; the store keeps it. `room` is for the call. */
enum joist_status ji_page_store_send(const struct ji_page_store *store, struct ji_bytes *room,
        struct joist_sink *sink, struct joist_error *err);
/* Reads a store that does not change meanwhile, from its first byte on. */
struct ji_page_cursor {
    const struct ji_page_store *store;
    struct ji_bytes extents; /* of struct ji_page_extent, once something was read */
    size_t part;             /* an extent; behind the last of them, a slab */
    uint64_t at;             /* in the part */
};
void ji_page_cursor_init(struct ji_page_cursor *cursor, const struct ji_page_store *store);
void ji_page_cursor_clear(struct ji_page_cursor *cursor);
/* The next `size` bytes: the caller knows that the store has them. */
enum joist_status ji_page_cursor_read(
        struct ji_page_cursor *cursor, void *out, size_t size, struct joist_error *err);
/* Appends everything to `out`. */
enum joist_status ji_page_store_load(
        const struct ji_page_store *store, struct ji_bytes *out, struct joist_error *err);

#endif
