/*
 * crypto_write.h - what the format says of encryption, as bytes
 */
#ifndef JI_CRYPTO_WRITE_H
#define JI_CRYPTO_WRITE_H

#include "parquet/format/footer_model.h"
#include "wire/thrift.h"

/* EncryptionAlgorithm, as field `id`. */
void ji_encryption_algorithm_write(
        struct ji_thrift_writer *writer, int16_t id, const struct ji_encryption *encryption);
/* ColumnCryptoMetaData of a chunk that is encrypted, as field `id`. */
void ji_column_crypto_write(struct ji_thrift_writer *writer, int16_t id, const struct ji_chunk *chunk);
/* FileCryptoMetaData, which stands before an encrypted footer. */
enum joist_status ji_file_crypto_write(
        struct ji_bytes *out, const struct ji_encryption *encryption, struct joist_error *err);

#endif
