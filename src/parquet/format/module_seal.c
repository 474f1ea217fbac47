/*
 * module_seal.c - encrypts the modules of one footer or column chunk
 *
 *     nonce:            [random: 8][count: 4]                        never twice under one key: the front is
 *     random                                                                a file and seal, the count rises
 *     additional data:  [the file's][module: 1][row group: 2][column: 2][page: 2]
 *                        all         all        all but footers          data pages, headers
 */
#include "parquet/format/module_seal.h"

#include <assert.h>

#define SUFFIX_BYTES_MAX ((size_t)7)
#define LENGTH_BYTES ((size_t)4)
#define COUNT_AT 8

enum joist_status ji_module_seal_open(struct ji_module_seal *seal, struct ji_mem *mem,
        const struct ji_seal_options *options, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_module_seal made = {
            .mem = mem, .algorithm = options->algorithm, .aad_bytes = options->aad.size};
    JI_TRY_OUT(ji_alloc(mem, made.aad_bytes + SUFFIX_BYTES_MAX, &made.aad, err));
    if (made.aad_bytes > 0)
        memcpy(made.aad, options->aad.data, made.aad_bytes);
    memcpy(made.nonce, options->front, COUNT_AT);
    JI_TRY_OUT(ji_aes_open(options->crypto, mem, JI_AES_GCM, options->key, &made.gcm, err));
    if (made.algorithm == JI_ENCRYPTION_GCM_CTR)
        JI_TRY_OUT(ji_aes_open(options->crypto, mem, JI_AES_CTR, options->key, &made.ctr, err));
    *seal = made;
    return JOIST_OK;
out:
    ji_module_seal_clear(&made);
    return status;
}

void ji_module_seal_clear(struct ji_module_seal *seal)
{
    if (seal->mem == NULL)
        return;
    ji_aes_close(seal->gcm);
    ji_aes_close(seal->ctr);
    if (seal->aad != NULL)
        ji_free(seal->mem, seal->aad, seal->aad_bytes + SUFFIX_BYTES_MAX);
    *seal = (struct ji_module_seal){.mem = NULL};
}

enum joist_status ji_module_seal_at(
        struct ji_module_seal *seal, size_t group, size_t column, struct joist_error *err)
{
    if (group > JI_SEAL_ORDINAL_MAX || column > JI_SEAL_ORDINAL_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT,
                "row group %zu, column %zu of an encrypted file: the format numbers them up to %zu", group,
                column, JI_SEAL_ORDINAL_MAX);
    seal->group = (uint16_t)group;
    seal->column = (uint16_t)column;
    return JOIST_OK;
}

static struct ji_view aad_of(struct ji_module_seal *seal, enum ji_module module, size_t page)
{
    uint8_t *at = seal->aad + seal->aad_bytes;
    *at++ = (uint8_t)module;
    if (module != JI_MODULE_FOOTER) {
        ji_store_le16(at, seal->group);
        ji_store_le16(at + 2, seal->column);
        at += 4;
    }
    if (module == JI_MODULE_DATA_PAGE || module == JI_MODULE_DATA_PAGE_HEADER) {
        ji_store_le16(at, (uint16_t)page);
        at += 2;
    }
    return ji_view_of(seal->aad, (size_t)(at - seal->aad));
}

static bool has_tag(const struct ji_module_seal *seal, enum ji_module module)
{
    const bool is_page = module == JI_MODULE_DATA_PAGE || module == JI_MODULE_DICTIONARY_PAGE;
    return !is_page || seal->algorithm == JI_ENCRYPTION_GCM;
}

size_t ji_module_sealed_bytes(const struct ji_module_seal *seal, enum ji_module module, size_t bytes)
{
    return LENGTH_BYTES + JI_AES_NONCE_BYTES + bytes + (has_tag(seal, module) ? JI_AES_TAG_BYTES : 0);
}

/* LIMIT after 2^32 - 1 modules. */
static enum joist_status next_nonce(struct ji_module_seal *seal, struct joist_error *err)
{
    const uint32_t count = ji_load_le32(seal->nonce + COUNT_AT) + 1;
    if (count == 0)
        return ji_fail(err, JOIST_ERR_LIMIT, "more modules than nonces under one key of an encrypted file");
    ji_store_le32(seal->nonce + COUNT_AT, count);
    return JOIST_OK;
}

enum joist_status ji_module_seal_append(struct ji_module_seal *seal, enum ji_module module, size_t page,
        struct ji_view plain, struct ji_bytes *out, struct joist_error *err)
{
    const size_t size = ji_module_sealed_bytes(seal, module, plain.size);
    if (page > JI_SEAL_ORDINAL_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT,
                "page %zu of an encrypted column chunk: the format numbers them up to %zu", page,
                JI_SEAL_ORDINAL_MAX);
    if (plain.size > JI_AES_BYTES_MAX / 2)
        return ji_fail(err, JOIST_ERR_LIMIT, "an encrypted module of %zu bytes", plain.size);
    JI_TRY(next_nonce(seal, err));
    JI_TRY(ji_bytes_reserve(out, size, err));
    uint8_t *at = out->data + out->size;
    ji_store_le32(at, (uint32_t)(size - LENGTH_BYTES));
    if (has_tag(seal, module)) {
        JI_TRY(ji_gcm_seal(
                seal->gcm, seal->nonce, aad_of(seal, module, page), plain, at + LENGTH_BYTES, err));
    } else {
        memcpy(at + LENGTH_BYTES, seal->nonce, JI_AES_NONCE_BYTES);
        JI_TRY(ji_ctr_apply(seal->ctr, seal->nonce, plain, at + LENGTH_BYTES + JI_AES_NONCE_BYTES, err));
    }
    out->size += size;
    return JOIST_OK;
}

enum joist_status ji_module_sign(
        struct ji_module_seal *seal, struct ji_view footer, struct ji_bytes *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes sealed;
    ji_bytes_init(&sealed, seal->mem);
    JI_TRY_OUT(ji_module_seal_append(seal, JI_MODULE_FOOTER, 0, footer, &sealed, err));
    JI_TRY_OUT(ji_bytes_append(out, sealed.data + LENGTH_BYTES, JI_AES_NONCE_BYTES, err));
    JI_TRY_OUT(ji_bytes_append(out, sealed.data + sealed.size - JI_AES_TAG_BYTES, JI_AES_TAG_BYTES, err));
out:
    ji_bytes_clear(&sealed);
    return status;
}
