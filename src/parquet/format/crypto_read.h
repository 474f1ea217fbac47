/*
 * crypto_read.h - what the format says of encryption, from bytes to the structs of footer_model.h
 */
#ifndef JI_CRYPTO_READ_H
#define JI_CRYPTO_READ_H

#include "parquet/format/footer_model.h"
#include "wire/thrift.h"

/* An encrypted module is [bytes: 4][nonce: 12][ciphertext][tag: 16], CTR pages without the tag. */
#define JI_MODULE_LENGTH_BYTES ((size_t)4)

/* Fields of the unions EncryptionAlgorithm and ColumnCryptoMetaData; views into the reader's bytes. */
void ji_encryption_algorithm_decode(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_encryption *encryption);
void ji_column_crypto_decode(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_chunk *chunk);

/*
 * The FileCryptoMetaData at the start of `bytes`, which the encrypted footer follows; `*used` is what it
 * takes. CORRUPT.
 */
enum joist_status ji_file_crypto_decode(
        struct ji_view bytes, struct ji_encryption *encryption, size_t *used, struct joist_error *err);

/*
 * The module at the start of `bytes`: `*sealed` is what stands behind its length, at least a nonce and, where
 * `has_tag`, a tag. CORRUPT where it says that it is longer than `bytes`.
 */
enum joist_status ji_module_split(
        struct ji_view bytes, bool has_tag, struct ji_view *sealed, struct joist_error *err);

#endif
