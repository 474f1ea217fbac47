/*
 * crypto_read.c - decodes EncryptionAlgorithm, ColumnCryptoMetaData, FileCryptoMetaData
 *
 *     PARE:   ... [FileCryptoMetaData][footer module][bytes of both: 4]"PARE"
 *     PAR1:   ... [FileMetaData, fields 8 and 9][nonce: 12][tag: 16][bytes of all three: 4]"PAR1"
 *
 * Both algorithms have the same fields, so that one struct holds either.
 */
#include "parquet/format/crypto_read.h"

#define NONCE_BYTES 12
#define TAG_BYTES 16

static void read_aad(struct ji_thrift_reader *thrift, struct ji_encryption *encryption)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1) {
            encryption->aad_prefix = ji_thrift_binary(thrift, field.type);
            encryption->has_aad_prefix = true;
        } else if (field.id == 2) {
            encryption->aad_file = ji_thrift_binary(thrift, field.type);
        } else if (field.id == 3) {
            encryption->wants_aad_prefix = ji_thrift_bool(thrift, field.type);
        } else {
            ji_thrift_skip(thrift, field.type);
        }
    }
}

void ji_encryption_algorithm_decode(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_encryption *encryption)
{
    *encryption = (struct ji_encryption){
            .algorithm = JI_ENCRYPTION_UNKNOWN, .key_metadata = encryption->key_metadata};
    if (!ji_thrift_expect_struct(thrift, type))
        return;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id != JI_ENCRYPTION_GCM && field.id != JI_ENCRYPTION_GCM_CTR) {
            ji_thrift_skip(thrift, field.type);
            continue;
        }
        encryption->algorithm = (enum ji_encryption_algorithm)field.id;
        if (ji_thrift_expect_struct(thrift, field.type))
            read_aad(thrift, encryption);
    }
}

void ji_column_crypto_decode(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_chunk *chunk)
{
    chunk->is_encrypted = true;
    if (!ji_thrift_expect_struct(thrift, type))
        return;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id != 2 || !ji_thrift_expect_struct(thrift, field.type)) {
            ji_thrift_skip(thrift, field.type);
            continue;
        }
        chunk->has_column_key = true;
        struct ji_thrift_field inner = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &inner)) {
            if (inner.id == 2)
                chunk->key_metadata = ji_thrift_binary(thrift, inner.type);
            else
                ji_thrift_skip(thrift, inner.type);
        }
    }
}

enum joist_status ji_file_crypto_decode(
        struct ji_view bytes, struct ji_encryption *encryption, size_t *used, struct joist_error *err)
{
    struct ji_encryption made = {.algorithm = JI_ENCRYPTION_NONE};
    struct ji_thrift_reader thrift;
    ji_thrift_reader_init(&thrift, bytes);
    struct ji_thrift_field field = ji_thrift_struct(&thrift);
    while (ji_thrift_next(&thrift, &field)) {
        if (field.id == 1)
            ji_encryption_algorithm_decode(&thrift, field.type, &made);
        else if (field.id == 2)
            made.key_metadata = ji_thrift_binary(&thrift, field.type);
        else
            ji_thrift_skip(&thrift, field.type);
    }
    JI_TRY(ji_thrift_status(&thrift, err));
    if (made.algorithm == JI_ENCRYPTION_NONE)
        return ji_fail(err, JOIST_ERR_CORRUPT, "crypto metadata names no algorithm");
    *encryption = made;
    *used = ji_thrift_position(&thrift);
    return JOIST_OK;
}

enum joist_status ji_module_split(
        struct ji_view bytes, bool has_tag, struct ji_view *sealed, struct joist_error *err)
{
    const size_t least = NONCE_BYTES + (has_tag ? TAG_BYTES : 0);
    if (bytes.size < JI_MODULE_LENGTH_BYTES + least)
        return ji_fail(err, JOIST_ERR_CORRUPT, "encrypted module in %zu bytes", bytes.size);
    const uint32_t size = ji_load_le32(bytes.data);
    if (size < least || size > bytes.size - JI_MODULE_LENGTH_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "encrypted module of %" PRIu32 " bytes where %zu to %zu fit",
                size, least, bytes.size - JI_MODULE_LENGTH_BYTES);
    *sealed = ji_view_of(bytes.data + JI_MODULE_LENGTH_BYTES, size);
    return JOIST_OK;
}
