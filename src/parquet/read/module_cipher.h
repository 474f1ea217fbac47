/*
 * module_cipher.h - opens the encrypted modules of one footer or column chunk
 */
#ifndef JI_MODULE_CIPHER_H
#define JI_MODULE_CIPHER_H

#include "codec/aes.h"
#include "parquet/format/footer_model.h"

struct ji_file_key {
    uint8_t bytes[JI_AES_KEY_BYTES_MAX];
    size_t size; /* 16, 24 or 32; 0: not given */
};

/* What all modules of a file share; borrowed from the file. */
struct ji_module_origin {
    const struct ji_crypto *crypto;
    enum ji_encryption_algorithm algorithm;
    struct ji_view aad; /* prefix, then the file's own part */
};

/* One owner: not thread-safe, one a cursor. */
struct ji_module_cipher {
    const struct ji_module_origin *origin;
    const struct ji_file_key *key;
    struct ji_mem *mem;
    struct ji_aes *gcm;
    struct ji_aes *ctr; /* made at the first page, where pages are so encrypted */
    uint8_t *aad;       /* the origin's, with room for the module's own part behind */
    uint16_t group;
    uint16_t column;
};

/* More row groups, columns or pages cannot be numbered: all three have 16 bits, signed. */
#define JI_MODULE_ORDINAL_MAX ((size_t)0x7fff)

/* CORRUPT where `group` or `column` is beyond what the format can number. No clear after a failure. */
enum joist_status ji_module_cipher_init(struct ji_module_cipher *cipher,
        const struct ji_module_origin *origin, const struct ji_file_key *key, struct ji_mem *mem,
        struct joist_error *err);
/* The chunk that the modules belong to; the footer belongs to none. */
enum joist_status ji_module_cipher_at(
        struct ji_module_cipher *cipher, size_t group, size_t column, struct joist_error *err);
void ji_module_cipher_clear(struct ji_module_cipher *cipher); /* accepts all zero */

/*
 * Opens the module at the start of `bytes`, its length included: sets `*plain` to the bytes that it wrote to
 * `out`, which has room for bytes.size and may be where the ciphertext stands. CORRUPT. `page` counts for
 * data pages and their headers.
 */
enum joist_status ji_module_open(struct ji_module_cipher *cipher, enum ji_module module, size_t page,
        struct ji_view bytes, uint8_t *out, struct ji_view *plain, struct joist_error *err);

/* CORRUPT unless nonce and tag in the 28 bytes of `signature` are those of the footer's bytes. */
enum joist_status ji_module_verify(struct ji_module_cipher *cipher, struct ji_view footer,
        struct ji_view signature, struct joist_error *err);
#define JI_SIGNATURE_BYTES (JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES)

#endif
