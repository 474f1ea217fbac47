/*
 * aes.h - AES in the two modes that Parquet encrypts with, by libcrypto
 *
 * libcrypto is opened by the first who needs it and not before: a program that never meets an encrypted file
 * neither loads nor needs it. What is sealed by GCM stands as Parquet stores it:
 *
 *     [nonce: 12] [ciphertext: as long as the plaintext] [tag: 16]
 */
#ifndef JI_AES_H
#define JI_AES_H

#include "base/bytes.h"
#include "base/mem.h"

#define JI_AES_NONCE_BYTES ((size_t)12)
#define JI_AES_TAG_BYTES ((size_t)16)
#define JI_AES_KEY_BYTES_MAX ((size_t)32)
/* No call takes more than this at once, and no more additional data. */
#define JI_AES_BYTES_MAX ((size_t)0x7fffffff - 64)

static inline bool ji_aes_key_fits(size_t key_bytes)
{
    return key_bytes == 16 || key_bytes == 24 || key_bytes == 32;
}

/* libcrypto, found and loaded; shared and immutable. UNSUPPORTED where it is not to be had. */
struct ji_crypto;
enum joist_status ji_crypto_open(struct ji_mem *mem, struct ji_crypto **crypto, struct joist_error *err);
/* `library` instead of "libcrypto.so.3": for tests. */
enum joist_status ji_crypto_open_named(
        struct ji_mem *mem, const char *library, struct ji_crypto **crypto, struct joist_error *err);
void ji_crypto_close(struct ji_crypto *crypto); /* accepts NULL */

enum ji_aes_mode { JI_AES_GCM, JI_AES_CTR };

/*
 * One key in one mode, its schedule computed once. One owner at a time. `crypto` is borrowed; the key, of 16,
 * 24 or 32 bytes, is not kept beside what libcrypto keeps and wipes.
 */
struct ji_aes;
enum joist_status ji_aes_open(const struct ji_crypto *crypto, struct ji_mem *mem, enum ji_aes_mode mode,
        struct ji_view key, struct ji_aes **aes, struct joist_error *err);
void ji_aes_close(struct ji_aes *aes); /* accepts NULL */

/*
 * Opens what is sealed: sealed.size - 28 bytes to `out`, which may be the ciphertext itself. CORRUPT where
 * the tag does not belong to key, nonce, ciphertext and `aad`; `out` holds zeros then.
 */
enum joist_status ji_gcm_open(
        struct ji_aes *aes, struct ji_view aad, struct ji_view sealed, uint8_t *out, struct joist_error *err);
/* Seals `plain`: plain.size + 28 bytes to `out`. A nonce serves once a key. */
enum joist_status ji_gcm_seal(struct ji_aes *aes, const uint8_t nonce[JI_AES_NONCE_BYTES], struct ji_view aad,
        struct ji_view plain, uint8_t *out, struct joist_error *err);

/*
 * CTR both ways: in.size bytes to `out`, which may be in.data. The counter block is the nonce with a
 * big-endian 1 behind. Proves nothing about the bytes.
 */
enum joist_status ji_ctr_apply(struct ji_aes *aes, const uint8_t nonce[JI_AES_NONCE_BYTES], struct ji_view in,
        uint8_t *out, struct joist_error *err);

#endif
