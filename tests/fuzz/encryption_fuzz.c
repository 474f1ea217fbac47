/*
 * encryption_fuzz.c - any bytes as an encrypted file, and as what stands inside one that authenticates
 *
 *     "PAR...": a whole file, opened with fixed keys
 *     else:     [crypto metadata bytes: 2][footer bytes: 2][crypto metadata][footer, plaintext][pages]
 *               put together as a PARE file whose footer is sealed here: mutants of it pass GCM
 *
 * Pages of the corpus are those of real files, sealed with the same key; CTR pages open whatever was changed.
 */
#include <joist/joist.h>

#include <stdlib.h>

#include "base/ctx.h"
#include "codec/aes.h"
#include "parquet/format/crypto_read.h"
#include "support/bytes_source.h"
#include "support/parquet_drain.h"

#define HEAD_BYTES 4
#define AAD_BYTES_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The digits of the corpus's keys, over and over: 32 bytes where the file asks under a name of odd length. */
static enum joist_status give_key(void *user, const struct joist_parquet_key_request *request,
        uint8_t key[32], size_t *key_bytes, struct joist_error *err)
{
    (void)user;
    (void)err;
    if (request->metadata_bytes == 7)
        return JOIST_ERR_NOT_FOUND;
    memcpy(key, "01234567890123450123456789012345", 32);
    *key_bytes = request->metadata_bytes % 2 == 1 ? 32 : 16;
    return JOIST_OK;
}

static void read_file(const uint8_t *data, size_t size, const struct ji_view *prefix)
{
    const struct joist_ctx_options limits = {.struct_size = sizeof limits, .memory_bytes_max = 32 << 20};
    const struct joist_parquet_keys keys = {.key = give_key,
            .aad_prefix = prefix->data,
            .aad_prefix_bytes = prefix->size,
            .plain_allowed = true};
    const struct joist_parquet_open_options options = {.struct_size = sizeof options, .keys = &keys};
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file *file = NULL;
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&limits, &ctx, NULL) != JOIST_OK)
        return;
    if (joist_parquet_open(ctx, bytes_source(&from), &options, &file, NULL) == JOIST_OK) {
        parquet_look_at(ctx, file);
        joist_parquet_close(file);
    }
    joist_ctx_close(ctx);
}

/* The footer's module after `at`; how many bytes it takes, 0 where it cannot be made. */
static size_t seal_footer(const struct ji_encryption *encryption, struct ji_view footer, uint8_t *at)
{
    static const uint8_t nonce[JI_AES_NONCE_BYTES] = {1};
    const size_t key_bytes = encryption->key_metadata.size % 2 == 1 ? 32 : 16;
    uint8_t aad[AAD_BYTES_MAX];
    struct joist_ctx *ctx = NULL;
    struct ji_crypto *crypto = NULL;
    struct ji_aes *aes = NULL;
    size_t used = 0;
    if (encryption->aad_prefix.size + encryption->aad_file.size >= sizeof aad)
        return 0;
    if (encryption->aad_prefix.size > 0)
        memcpy(aad, encryption->aad_prefix.data, encryption->aad_prefix.size);
    if (encryption->aad_file.size > 0)
        memcpy(aad + encryption->aad_prefix.size, encryption->aad_file.data, encryption->aad_file.size);
    const size_t aad_bytes = encryption->aad_prefix.size + encryption->aad_file.size + 1;
    aad[aad_bytes - 1] = JI_MODULE_FOOTER;
    if (joist_ctx_open(NULL, &ctx, NULL) != JOIST_OK)
        return 0;
    const struct ji_view key = ji_view_of("01234567890123450123456789012345", key_bytes);
    if (ji_crypto_open(ji_ctx_mem(ctx), &crypto, NULL) == JOIST_OK &&
            ji_aes_open(crypto, ji_ctx_mem(ctx), JI_AES_GCM, key, &aes, NULL) == JOIST_OK &&
            ji_gcm_seal(aes, nonce, ji_view_of(aad, aad_bytes), footer, at + JI_MODULE_LENGTH_BYTES, NULL) ==
                    JOIST_OK) {
        used = JI_MODULE_LENGTH_BYTES + JI_AES_NONCE_BYTES + footer.size + JI_AES_TAG_BYTES;
        ji_store_le32(at, (uint32_t)(used - JI_MODULE_LENGTH_BYTES));
    }
    ji_aes_close(aes);
    ji_crypto_close(crypto);
    joist_ctx_close(ctx);
    return used;
}

static void read_parts(const uint8_t *data, size_t size)
{
    const size_t crypto_bytes = ji_load_le16(data);
    const size_t footer_bytes = ji_load_le16(data + 2);
    if (crypto_bytes + footer_bytes > size - HEAD_BYTES)
        return;
    const struct ji_view crypto = ji_view_of(data + HEAD_BYTES, crypto_bytes);
    const struct ji_view footer = ji_view_of(crypto.data + crypto_bytes, footer_bytes);
    const struct ji_view pages =
            ji_view_of(footer.data + footer_bytes, size - HEAD_BYTES - crypto_bytes - footer_bytes);
    struct ji_encryption encryption;
    size_t used = 0;
    if (ji_file_crypto_decode(crypto, &encryption, &used, NULL) != JOIST_OK || used != crypto.size)
        return;
    const size_t room = pages.size + crypto.size + footer.size + 64;
    uint8_t *const file = malloc(room);
    if (file == NULL)
        return;
    /* The pages stand where they stood: the magic before them is theirs. */
    memcpy(file, pages.data, pages.size);
    memcpy(file + pages.size, crypto.data, crypto.size);
    const size_t sealed = seal_footer(&encryption, footer, file + pages.size + crypto.size);
    uint8_t *const tail = file + pages.size + crypto.size + sealed;
    ji_store_le32(tail, (uint32_t)(crypto.size + sealed));
    memcpy(tail + 4, JI_PARQUET_MAGIC_ENCRYPTED, JI_PARQUET_MAGIC_BYTES);
    const struct ji_view prefix = {.size = 0};
    if (sealed > 0)
        read_file(file, (size_t)(tail - file) + JI_PARQUET_TAIL_BYTES, &prefix);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ji_view prefix = ji_view_of("table/part-1", 12);
    const struct ji_view none = {.size = 0};
    if (size < HEAD_BYTES)
        return 0;
    if (memcmp(data, "PAR", 3) != 0) {
        read_parts(data, size);
        return 0;
    }
    read_file(data, size, &none);
    read_file(data, size, &prefix);
    return 0;
}
