/*
 * page_cipher.c - headers and pages into buffers that are kept from page to page
 *
 *     chunk:  [header module][page module] [header module][page module] ...
 *
 *   1. A module fills all that its header or its place gives it: bytes behind are corruption.
 *   2. What kind of header comes is not known before it is open. Only the first may be a dictionary's: it is
 *      tried as one, then as a data page's. Offsets would tell too, but some writers leave them out.
 */
#include "parquet/read/page_cipher.h"

#include "parquet/format/crypto_read.h"

enum joist_status ji_page_cipher_open(struct ji_mem *mem, const struct ji_module_origin *origin,
        const struct ji_file_key *key, struct ji_page_cipher **cipher, struct joist_error *err)
{
    struct ji_page_cipher *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    const enum joist_status status = ji_module_cipher_init(&made->modules, origin, key, mem, err);
    if (status != JOIST_OK) {
        ji_free(mem, made, sizeof *made);
        return status;
    }
    *cipher = made;
    return JOIST_OK;
}

void ji_page_cipher_close(struct ji_page_cipher *cipher)
{
    if (cipher == NULL)
        return;
    struct ji_mem *const mem = cipher->modules.mem;
    if (cipher->header != NULL)
        ji_slab_free(mem, cipher->header, cipher->header_capacity);
    if (cipher->page != NULL)
        ji_slab_free(mem, cipher->page, cipher->page_capacity);
    ji_module_cipher_clear(&cipher->modules);
    ji_free(mem, cipher, sizeof *cipher);
}

/* Room for `bytes`; what was there is lost. */
static enum joist_status make_room(
        struct ji_mem *mem, uint8_t **room, size_t *capacity, size_t bytes, struct joist_error *err)
{
    if (bytes <= *capacity)
        return JOIST_OK;
    uint8_t *fresh = NULL;
    size_t fresh_capacity = 0;
    JI_TRY(ji_slab_alloc(mem, bytes, &fresh, &fresh_capacity, err));
    if (*room != NULL)
        ji_slab_free(mem, *room, *capacity);
    *room = fresh;
    *capacity = fresh_capacity;
    return JOIST_OK;
}

static enum joist_status check_whole(struct ji_view bytes, struct joist_error *err)
{
    if (bytes.size < JI_MODULE_LENGTH_BYTES ||
            ji_load_le32(bytes.data) != bytes.size - JI_MODULE_LENGTH_BYTES)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "encrypted module of another length than its %zu bytes", bytes.size);
    return JOIST_OK;
}

enum joist_status ji_page_cipher_header(struct ji_page_cipher *cipher, bool is_first, size_t page,
        struct ji_view bytes, struct ji_view *header, struct joist_error *err)
{
    struct ji_module_cipher *const modules = &cipher->modules;
    JI_TRY(check_whole(bytes, err));
    JI_TRY(make_room(modules->mem, &cipher->header, &cipher->header_capacity, bytes.size, err));
    /* What a failure would say, the second try says too; without one `err` stays as it was. */
    if (is_first &&
            ji_module_open(modules, JI_MODULE_DICTIONARY_PAGE_HEADER, 0, bytes, cipher->header, header,
                    NULL) == JOIST_OK)
        return JOIST_OK;
    const enum joist_status status =
            ji_module_open(modules, JI_MODULE_DATA_PAGE_HEADER, page, bytes, cipher->header, header, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "page header");
    return status;
}

enum joist_status ji_page_cipher_page(struct ji_page_cipher *cipher, enum ji_page_type type, size_t page,
        struct ji_view stored, struct ji_view *plain, struct joist_error *err)
{
    struct ji_module_cipher *const modules = &cipher->modules;
    const bool is_dictionary = type == JI_PAGE_DICTIONARY;
    const enum ji_module module = is_dictionary ? JI_MODULE_DICTIONARY_PAGE : JI_MODULE_DATA_PAGE;
    JI_TRY(check_whole(stored, err));
    JI_TRY(make_room(modules->mem, &cipher->page, &cipher->page_capacity, stored.size, err));
    const enum joist_status status =
            ji_module_open(modules, module, is_dictionary ? 0 : page, stored, cipher->page, plain, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, is_dictionary ? "dictionary" : "page");
    return status;
}
