/*
 * module_cipher.c - additional data, and the choice of the mode
 *
 *     additional data:  [AAD prefix][the file's own][module: 1][row group: 2][column: 2][page: 2]
 *                        ------------ origin ------  all        all but footers          data pages, headers
 *
 *   1. The additional data is what the place in the file demands, never what the module says of itself.
 *   2. Pages are opened by CTR where the algorithm is AES_GCM_CTR_V1, all else by GCM.
 */
#include "parquet/read/module_cipher.h"

#include "parquet/format/crypto_read.h"

#include <assert.h>

#define SUFFIX_BYTES_MAX ((size_t)7)

enum joist_status ji_module_cipher_init(struct ji_module_cipher *cipher,
        const struct ji_module_origin *origin, const struct ji_file_key *key, struct ji_mem *mem,
        struct joist_error *err)
{
    struct ji_module_cipher made = {.origin = origin, .key = key, .mem = mem};
    JI_TRY(ji_alloc(mem, origin->aad.size + SUFFIX_BYTES_MAX, &made.aad, err));
    const enum joist_status status =
            ji_aes_open(origin->crypto, mem, JI_AES_GCM, ji_view_of(key->bytes, key->size), &made.gcm, err);
    if (status != JOIST_OK) {
        ji_module_cipher_clear(&made);
        return status;
    }
    if (origin->aad.size > 0)
        memcpy(made.aad, origin->aad.data, origin->aad.size);
    *cipher = made;
    return JOIST_OK;
}

enum joist_status ji_module_cipher_at(
        struct ji_module_cipher *cipher, size_t group, size_t column, struct joist_error *err)
{
    if (group > JI_MODULE_ORDINAL_MAX || column > JI_MODULE_ORDINAL_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "row group %zu, column %zu is encrypted: the format numbers them up to %zu", group, column,
                JI_MODULE_ORDINAL_MAX);
    cipher->group = (uint16_t)group;
    cipher->column = (uint16_t)column;
    return JOIST_OK;
}

void ji_module_cipher_clear(struct ji_module_cipher *cipher)
{
    if (cipher->mem == NULL)
        return;
    ji_aes_close(cipher->gcm);
    ji_aes_close(cipher->ctr);
    ji_free(cipher->mem, cipher->aad, cipher->origin->aad.size + SUFFIX_BYTES_MAX);
    *cipher = (struct ji_module_cipher){.mem = NULL};
}

static struct ji_view aad_of(struct ji_module_cipher *cipher, enum ji_module module, size_t page)
{
    uint8_t *at = cipher->aad + cipher->origin->aad.size;
    *at++ = (uint8_t)module;
    if (module != JI_MODULE_FOOTER) {
        ji_store_le16(at, cipher->group);
        ji_store_le16(at + 2, cipher->column);
        at += 4;
    }
    if (module == JI_MODULE_DATA_PAGE || module == JI_MODULE_DATA_PAGE_HEADER) {
        ji_store_le16(at, (uint16_t)page);
        at += 2;
    }
    return ji_view_of(cipher->aad, (size_t)(at - cipher->aad));
}

static enum joist_status open_by_ctr(
        struct ji_module_cipher *cipher, struct ji_view sealed, uint8_t *out, struct joist_error *err)
{
    const struct ji_view key = ji_view_of(cipher->key->bytes, cipher->key->size);
    if (cipher->ctr == NULL)
        JI_TRY(ji_aes_open(cipher->origin->crypto, cipher->mem, JI_AES_CTR, key, &cipher->ctr, err));
    const struct ji_view text =
            ji_view_of(sealed.data + JI_AES_NONCE_BYTES, sealed.size - JI_AES_NONCE_BYTES);
    return ji_ctr_apply(cipher->ctr, sealed.data, text, out, err);
}

enum joist_status ji_module_open(struct ji_module_cipher *cipher, enum ji_module module, size_t page,
        struct ji_view bytes, uint8_t *out, struct ji_view *plain, struct joist_error *err)
{
    const bool is_page = module == JI_MODULE_DATA_PAGE || module == JI_MODULE_DICTIONARY_PAGE;
    const bool has_tag = !is_page || cipher->origin->algorithm == JI_ENCRYPTION_GCM;
    if (page > JI_MODULE_ORDINAL_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page %zu is encrypted: the format numbers them up to %zu",
                page, JI_MODULE_ORDINAL_MAX);
    struct ji_view sealed;
    JI_TRY(ji_module_split(bytes, has_tag, &sealed, err));
    if (sealed.size > JI_AES_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "encrypted module of %zu bytes", sealed.size);
    if (has_tag)
        JI_TRY(ji_gcm_open(cipher->gcm, aad_of(cipher, module, page), sealed, out, err));
    else
        JI_TRY(open_by_ctr(cipher, sealed, out, err));
    *plain = ji_view_of(out, sealed.size - JI_AES_NONCE_BYTES - (has_tag ? JI_AES_TAG_BYTES : 0));
    return JOIST_OK;
}

enum joist_status ji_module_verify(struct ji_module_cipher *cipher, struct ji_view footer,
        struct ji_view signature, struct joist_error *err)
{
    assert(signature.size == JI_SIGNATURE_BYTES);
    const size_t size = footer.size + JI_SIGNATURE_BYTES;
    if (size > JI_AES_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "signed footer of %zu bytes", footer.size);
    enum joist_status status = JOIST_OK;
    uint8_t *sealed = NULL;
    JI_TRY(ji_alloc(cipher->mem, size, &sealed, err));
    JI_TRY_OUT(ji_gcm_seal(
            cipher->gcm, signature.data, aad_of(cipher, JI_MODULE_FOOTER, 0), footer, sealed, err));
    const struct ji_view made = ji_view_of(sealed + size - JI_AES_TAG_BYTES, JI_AES_TAG_BYTES);
    const struct ji_view said = ji_view_of(signature.data + JI_AES_NONCE_BYTES, JI_AES_TAG_BYTES);
    /* No secret is compared: who writes files sees both. */
    if (!ji_view_equal(made, said))
        status = ji_fail(err, JOIST_ERR_CORRUPT,
                "does not bear out its signature: it was changed, or key or AAD prefix are not its own");
out:
    ji_free(cipher->mem, sealed, size);
    return status;
}
