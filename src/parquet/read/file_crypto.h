/*
 * file_crypto.h - the keys of an encrypted file, and what they open
 */
#ifndef JI_FILE_CRYPTO_H
#define JI_FILE_CRYPTO_H

#include "base/arena.h"
#include "parquet/read/page_cipher.h"
#include "parquet/read/parquet_file.h"

/*
 * A PARE file: `*footer`, crypto metadata and encrypted footer at `bytes`, becomes the plaintext, opened in
 * place. DENIED without its key; INVALID where AAD prefix and file do not agree; CORRUPT; UNSUPPORTED where
 * libcrypto is missing.
 */
enum joist_status ji_file_crypto_open_footer(
        struct joist_parquet_file *file, uint8_t *bytes, struct ji_view *footer, struct joist_error *err);

/*
 * A PAR1 file, its footer decoded from the start of `bytes`: verifies the signature behind it where it has
 * one and keys were given; refuses a file without encryption where the caller wants one.
 */
enum joist_status ji_file_crypto_check_footer(
        struct joist_parquet_file *file, struct ji_view bytes, struct joist_error *err);

/* Wipes the keys. */
void ji_file_crypto_close(struct joist_parquet_file *file);

/*
 * For a chunk just decoded: finds its key, and decrypts its metadata where that was encrypted too. Without
 * the key the chunk stays as it is, `key` NULL. Not thread-safe: one chunk of a file at a time.
 */
enum joist_status ji_file_crypto_unlock(struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_chunk *chunk, struct joist_error *err);

/* DENIED, naming the key, where the chunk is encrypted and its key was not given. */
enum joist_status ji_chunk_check_key(const struct ji_chunk *chunk, struct joist_error *err);

/* What opens the pages of a chunk: `*cipher` NULL where it is not encrypted. Any thread. */
enum joist_status ji_chunk_cipher(const struct joist_parquet_file *file, const struct ji_chunk *chunk,
        size_t group, size_t leaf, struct ji_mem *mem, struct ji_page_cipher **cipher,
        struct joist_error *err);

/* A part of a column chunk that stands outside its pages. */
struct ji_chunk_part {
    size_t group;
    size_t leaf;
    enum ji_module module; /* COLUMN_INDEX, OFFSET_INDEX, BLOOM_HEADER, BLOOM_BITSET */
    uint64_t offset;
    size_t bytes; /* in the file, encrypted or not; 0 in an encrypted chunk: as many as it says itself */
};
/*
 * Reads the part, opened where the chunk is encrypted, into the arena; `*used` (may be NULL) is how many
 * bytes of the file it takes. LIMIT beyond `bytes_max`. Any thread.
 */
enum joist_status ji_chunk_part_read(const struct joist_parquet_file *file, const struct ji_chunk_part *part,
        size_t bytes_max, struct ji_arena *arena, struct ji_view *plain, size_t *used,
        struct joist_error *err);

#endif
