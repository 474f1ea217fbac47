/*
 * crypto_write.c - EncryptionAlgorithm, ColumnCryptoMetaData, FileCryptoMetaData as bytes
 */
#include "parquet/format/crypto_write.h"

#define WITH_FOOTER_KEY 1
#define WITH_COLUMN_KEY 2

void ji_encryption_algorithm_write(
        struct ji_thrift_writer *writer, int16_t id, const struct ji_encryption *encryption)
{
    ji_thrift_begin_struct(writer, id);
    ji_thrift_begin_struct(writer, (int16_t)encryption->algorithm);
    if (encryption->has_aad_prefix)
        ji_thrift_write_binary(writer, 1, encryption->aad_prefix);
    ji_thrift_write_binary(writer, 2, encryption->aad_file);
    if (encryption->wants_aad_prefix)
        ji_thrift_write_bool(writer, 3, true);
    ji_thrift_end_struct(writer);
    ji_thrift_end_struct(writer);
}

void ji_column_crypto_write(struct ji_thrift_writer *writer, int16_t id, const struct ji_chunk *chunk)
{
    ji_thrift_begin_struct(writer, id);
    ji_thrift_begin_struct(writer, chunk->has_column_key ? WITH_COLUMN_KEY : WITH_FOOTER_KEY);
    if (chunk->has_column_key) {
        ji_thrift_write_list(writer, 1, JI_THRIFT_BINARY, chunk->path_count);
        for (size_t i = 0; i < chunk->path_count; i++)
            ji_thrift_element_binary(writer, chunk->path[i]);
        if (chunk->key_metadata.data != NULL)
            ji_thrift_write_binary(writer, 2, chunk->key_metadata);
    }
    ji_thrift_end_struct(writer);
    ji_thrift_end_struct(writer);
}

enum joist_status ji_file_crypto_write(
        struct ji_bytes *out, const struct ji_encryption *encryption, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    ji_encryption_algorithm_write(&writer, 1, encryption);
    if (encryption->key_metadata.data != NULL)
        ji_thrift_write_binary(&writer, 2, encryption->key_metadata);
    return ji_thrift_writer_finish(&writer);
}
