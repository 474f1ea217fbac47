/*
 * page_store.h - encoded pages of a chunk, until their row group is written
 *
 * Bytes in slabs that grow with what is held: nothing is moved once stored, and at most a fifth lies idle.
 */
#ifndef JI_PAGE_STORE_H
#define JI_PAGE_STORE_H

#include "base/io.h"

struct ji_page_store {
    struct ji_mem *mem;
    struct ji_bytes slabs; /* of struct page_slab */
    uint64_t bytes;
    uint64_t held; /* the slabs' capacity */
};

void ji_page_store_init(struct ji_page_store *store, struct ji_mem *mem);
/* Frees all; ready for use again. */
void ji_page_store_clear(struct ji_page_store *store);
uint64_t ji_page_store_held(const struct ji_page_store *store);
enum joist_status ji_page_store_append(
        struct ji_page_store *store, struct ji_view bytes, struct joist_error *err);
/* Everything in order; the store keeps it. */
enum joist_status ji_page_store_send(
        const struct ji_page_store *store, struct joist_sink *sink, struct joist_error *err);

#endif
