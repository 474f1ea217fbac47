/*
 * module_seal.h - encrypts the modules of one footer or column chunk
 *
 *     [bytes: 4][nonce: 12][ciphertext][tag: 16, but for pages by CTR]
 *
 * Each module is bound to its place by additional data: the file's, its kind, row group, column, page.
 */
#ifndef JI_MODULE_SEAL_H
#define JI_MODULE_SEAL_H

#include "base/buffer.h"
#include "codec/aes.h"
#include "parquet/format/footer_model.h"

/* More row groups, columns or pages of a chunk cannot be numbered. */
#define JI_SEAL_ORDINAL_MAX ((size_t)0x7fff)
#define JI_SEAL_NONCE_FRONT ((size_t)4)

/* One owner at a time, and one key: nonces are a random front and a count. */
struct ji_module_seal {
    struct ji_mem *mem;
    enum ji_encryption_algorithm algorithm;
    struct ji_aes *gcm;
    struct ji_aes *ctr; /* of AES_GCM_CTR_V1 */
    uint8_t *aad;       /* the file's, with room for the module's own part behind */
    size_t aad_bytes;
    uint8_t nonce[JI_AES_NONCE_BYTES];
    uint16_t group;
    uint16_t column;
};

struct ji_seal_options {
    const struct ji_crypto *crypto; /* outlives the seal */
    enum ji_encryption_algorithm algorithm;
    struct ji_view key;
    struct ji_view aad;                /* of the file; copied */
    uint8_t front[JI_AES_NONCE_BYTES]; /* random, of this seal alone */
};
enum joist_status ji_module_seal_open(struct ji_module_seal *seal, struct ji_mem *mem,
        const struct ji_seal_options *options, struct joist_error *err);
void ji_module_seal_clear(struct ji_module_seal *seal); /* accepts all zero */

/* Whose modules follow. LIMIT where the format cannot number them. */
enum joist_status ji_module_seal_at(
        struct ji_module_seal *seal, size_t group, size_t column, struct joist_error *err);
/* Appends the module of `plain`, its length in front. `page` counts for data pages and their headers. */
enum joist_status ji_module_seal_append(struct ji_module_seal *seal, enum ji_module module, size_t page,
        struct ji_view plain, struct ji_bytes *out, struct joist_error *err);
/* What a module of so many bytes takes. */
size_t ji_module_sealed_bytes(const struct ji_module_seal *seal, enum ji_module module, size_t bytes);
/* Appends nonce and tag of a footer that stays readable. */
enum joist_status ji_module_sign(
        struct ji_module_seal *seal, struct ji_view footer, struct ji_bytes *out, struct joist_error *err);

#endif
