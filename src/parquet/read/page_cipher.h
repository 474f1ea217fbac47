/*
 * page_cipher.h - opens the headers and pages of one encrypted column chunk
 */
#ifndef JI_PAGE_CIPHER_H
#define JI_PAGE_CIPHER_H

#include "parquet/read/module_cipher.h"

/* One a page reader; `modules` stands at the chunk. */
struct ji_page_cipher {
    struct ji_module_cipher modules;
    uint8_t *header; /* the header opened last */
    size_t header_capacity;
    uint8_t *page; /* the page opened last */
    size_t page_capacity;
};

/* The chunk's cipher for pages; closed by its one owner. */
enum joist_status ji_page_cipher_open(struct ji_mem *mem, const struct ji_module_origin *origin,
        const struct ji_file_key *key, struct ji_page_cipher **cipher, struct joist_error *err);
void ji_page_cipher_close(struct ji_page_cipher *cipher); /* accepts NULL */

/*
 * The header sealed in all of `bytes`; it lives until the next one. `page` is the number of the next data
 * page; the first header of a chunk may be a dictionary's instead.
 */
enum joist_status ji_page_cipher_header(struct ji_page_cipher *cipher, bool is_first, size_t page,
        struct ji_view bytes, struct ji_view *header, struct joist_error *err);
/* The page sealed in all of `stored`, likewise. */
enum joist_status ji_page_cipher_page(struct ji_page_cipher *cipher, enum ji_page_type type, size_t page,
        struct ji_view stored, struct ji_view *plain, struct joist_error *err);

#endif
