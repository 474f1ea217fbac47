/*
 * file_crypto.c - from a caller's keys to opened footers, column metadata and parts
 *
 *     open:   crypto metadata -> libcrypto, AAD -> the footer's key -> footer opened, or signature verified
 *     chunk:  the column's key, asked for once -> its metadata opened
 *     read:   a cipher of its own for each reader of pages; parts opened as they are read
 *
 *   1. A key is asked for once a column and key metadata, whether it is given or not.
 *   2. Keys live beside the file's arena in blocks of their own, which are wiped when it closes.
 *   3. Where the footer says an ordinal of a row group, that binds its modules, else its place in the footer.
 *   4. A file without encryption is opened under keys only where the caller says so: else who can replace
 *      files could replace encrypted ones.
 */
#include "parquet/read/file_crypto.h"

#include "parquet/format/chunk_read.h"
#include "parquet/format/crypto_read.h"

#include <assert.h>

#define AAD_BYTES_MAX ((size_t)64 << 10)
#define KEY_NAME_BYTES_MAX ((size_t)60)

/* A key that was asked for, of a column or of the footer. */
struct asked_key {
    struct asked_key *next;
    size_t leaf; /* SIZE_MAX: the footer */
    struct ji_view metadata;
    struct ji_file_key key; /* size 0: not given */
};

struct ji_file_crypto {
    struct joist_parquet_keys keys;
    struct ji_crypto *library;
    struct ji_module_origin origin;
    struct asked_key *footer;
    struct asked_key *asked;    /* all of them, newest first */
    struct asked_key **by_leaf; /* the one asked last for each; NULL: none yet */
};

/* " 'name'" of a key for messages, where its metadata is short text; else "". */
static const char *key_name(struct ji_view metadata, char name[KEY_NAME_BYTES_MAX + 4])
{
    name[0] = '\0';
    if (metadata.size == 0 || metadata.size > KEY_NAME_BYTES_MAX)
        return name;
    for (size_t at = 0; at < metadata.size; at++) {
        if (metadata.data[at] < 0x20 || metadata.data[at] > 0x7e)
            return name;
    }
    name[0] = ' ';
    name[1] = name[metadata.size + 2] = '\'';
    memcpy(name + 2, metadata.data, metadata.size);
    name[metadata.size + 3] = '\0';
    return name;
}

static enum joist_status no_key(const char *what, struct ji_view metadata, struct joist_error *err)
{
    char name[KEY_NAME_BYTES_MAX + 4];
    return ji_fail(
            err, JOIST_ERR_DENIED, "%s with key%s, which was not given", what, key_name(metadata, name));
}

/* The prefix that all additional data begins with: stored, supplied, or none. */
static enum joist_status choose_prefix(const struct joist_parquet_keys *keys,
        const struct ji_encryption *encryption, struct ji_view *prefix, struct joist_error *err)
{
    const struct ji_view given = ji_view_of(keys->aad_prefix, keys->aad_prefix_bytes);
    if (encryption->has_aad_prefix && encryption->aad_prefix.size > 0) {
        if (given.size > 0 && !ji_view_equal(given, encryption->aad_prefix))
            return ji_fail(
                    err, JOIST_ERR_INVALID, "the AAD prefix in the file is not the one that was given");
        *prefix = encryption->aad_prefix;
        return JOIST_OK;
    }
    if (encryption->wants_aad_prefix && given.size == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "written with an AAD prefix that must be given to read it");
    if (!encryption->wants_aad_prefix && given.size > 0)
        return ji_fail(err, JOIST_ERR_INVALID, "an AAD prefix was given, but the file has none");
    *prefix = given;
    return JOIST_OK;
}

static enum joist_status make_aad(
        struct joist_parquet_file *file, const struct ji_encryption *encryption, struct joist_error *err)
{
    struct ji_module_origin *const origin = &file->crypto->origin;
    struct ji_view prefix = {.size = 0};
    uint8_t *aad = NULL;
    JI_TRY(choose_prefix(&file->crypto->keys, encryption, &prefix, err));
    if (prefix.size > AAD_BYTES_MAX || encryption->aad_file.size > AAD_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "additional data of more than %zu bytes", AAD_BYTES_MAX);
    const size_t size = prefix.size + encryption->aad_file.size;
    JI_TRY(ji_arena_alloc(&file->arena, size, &aad, err));
    if (prefix.size > 0)
        memcpy(aad, prefix.data, prefix.size);
    if (encryption->aad_file.size > 0)
        memcpy(aad + prefix.size, encryption->aad_file.data, encryption->aad_file.size);
    origin->aad = ji_view_of(aad, size);
    return JOIST_OK;
}

static void free_key(struct joist_parquet_file *file, struct asked_key *key)
{
    explicit_bzero(key, sizeof *key);
    ji_free(file->mem, key, sizeof *key);
}

/* Asks the caller; NOT_FOUND leaves the key's size 0. `leaf` SIZE_MAX: the footer's key. */
static enum joist_status ask(struct joist_parquet_file *file, size_t leaf, struct ji_view metadata,
        struct asked_key **asked, struct joist_error *err)
{
    struct ji_file_crypto *const crypto = file->crypto;
    const struct joist_parquet_key_request request = {
            .column = leaf == SIZE_MAX ? NULL : file->schema.leaves[leaf].name,
            .metadata = metadata.data,
            .metadata_bytes = metadata.size,
    };
    struct asked_key *made = NULL;
    JI_TRY(ji_alloc_zero(file->mem, 1, sizeof *made, &made, err));
    size_t size = 0;
    enum joist_status status = crypto->keys.key(crypto->keys.user, &request, made->key.bytes, &size, err);
    if (status == JOIST_ERR_NOT_FOUND) {
        status = JOIST_OK;
        size = 0;
    } else if (status == JOIST_OK && !ji_aes_key_fits(size)) {
        status = ji_fail(err, JOIST_ERR_INVALID, "a key of %zu bytes: 16, 24 or 32 are right", size);
    }
    if (status != JOIST_OK) {
        free_key(file, made);
        ji_error_prefix(err, "the key that was given");
        return status;
    }
    made->leaf = leaf;
    made->metadata = metadata;
    made->key.size = size;
    made->next = crypto->asked;
    *asked = crypto->asked = made;
    return JOIST_OK;
}

/* file->crypto for a file that is encrypted so, with its footer's key (size 0: not given). */
static enum joist_status open_crypto(
        struct joist_parquet_file *file, const struct ji_encryption *encryption, struct joist_error *err)
{
    assert(file->options.keys != NULL && file->options.keys->key != NULL);
    if (encryption->algorithm == JI_ENCRYPTION_UNKNOWN)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "encryption other than AES_GCM_V1 and AES_GCM_CTR_V1");
    JI_TRY(ji_arena_array(&file->arena, 1, sizeof *file->crypto, &file->crypto, err));
    file->crypto->keys = *file->options.keys;
    JI_TRY(make_aad(file, encryption, err));
    JI_TRY(ji_crypto_open(file->mem, &file->crypto->library, err));
    file->crypto->origin.crypto = file->crypto->library;
    file->crypto->origin.algorithm = encryption->algorithm;
    return ask(file, SIZE_MAX, encryption->key_metadata, &file->crypto->footer, err);
}

void ji_file_crypto_close(struct joist_parquet_file *file)
{
    if (file->crypto == NULL)
        return;
    for (struct asked_key *at = file->crypto->asked; at != NULL;) {
        struct asked_key *const next = at->next;
        free_key(file, at);
        at = next;
    }
    ji_crypto_close(file->crypto->library);
    file->crypto = NULL;
}

enum joist_status ji_file_crypto_open_footer(
        struct joist_parquet_file *file, uint8_t *bytes, struct ji_view *footer, struct joist_error *err)
{
    struct ji_encryption encryption;
    struct ji_module_cipher cipher;
    size_t used = 0;
    JI_TRY(ji_file_crypto_decode(*footer, &encryption, &used, err));
    if (file->options.keys == NULL)
        return no_key("footer encrypted", encryption.key_metadata, err);
    JI_TRY(open_crypto(file, &encryption, err));
    file->footer_encryption = encryption;
    const struct ji_file_key *const key = &file->crypto->footer->key;
    if (key->size == 0)
        return no_key("footer encrypted", encryption.key_metadata, err);
    JI_TRY(ji_module_cipher_init(&cipher, &file->crypto->origin, key, file->mem, err));
    const struct ji_view sealed = ji_view_of(bytes + used, footer->size - used);
    uint8_t *const text = bytes + used + JI_MODULE_LENGTH_BYTES + JI_AES_NONCE_BYTES;
    const enum joist_status status = ji_module_open(&cipher, JI_MODULE_FOOTER, 0, sealed, text, footer, err);
    ji_module_cipher_clear(&cipher);
    if (status != JOIST_OK)
        ji_error_prefix(err, "encrypted footer");
    return status;
}

static enum joist_status verify(
        struct joist_parquet_file *file, struct ji_view bytes, struct joist_error *err)
{
    const struct ji_file_key *const key = &file->crypto->footer->key;
    struct ji_module_cipher cipher;
    if (key->size == 0)
        return file->crypto->keys.no_signature
                ? JOIST_OK
                : no_key("footer signed", file->footer.encryption.key_metadata, err);
    if (bytes.size < JI_SIGNATURE_BYTES || file->footer.decoded_bytes != bytes.size - JI_SIGNATURE_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%zu bytes behind the footer, a signature has %zu",
                bytes.size - file->footer.decoded_bytes, JI_SIGNATURE_BYTES);
    const struct ji_view text = ji_view_of(bytes.data, file->footer.decoded_bytes);
    const struct ji_view signature = ji_view_of(bytes.data + text.size, JI_SIGNATURE_BYTES);
    JI_TRY(ji_module_cipher_init(&cipher, &file->crypto->origin, key, file->mem, err));
    const enum joist_status status = ji_module_verify(&cipher, text, signature, err);
    ji_module_cipher_clear(&cipher);
    if (status != JOIST_OK)
        ji_error_prefix(err, "footer");
    return status;
}

enum joist_status ji_file_crypto_check_footer(
        struct joist_parquet_file *file, struct ji_view bytes, struct joist_error *err)
{
    file->footer_encryption = file->footer.encryption;
    if (file->options.keys == NULL)
        return JOIST_OK;
    if (file->footer.encryption.algorithm != JI_ENCRYPTION_NONE) {
        JI_TRY(open_crypto(file, &file->footer.encryption, err));
        return verify(file, bytes, err);
    }
    if (file->options.keys->plain_allowed)
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_INVALID, "keys were given, but the file is not encrypted");
}

/* The key of a column, asked for where that was not done yet. */
static enum joist_status find_key(struct joist_parquet_file *file, size_t leaf, struct ji_view metadata,
        const struct ji_file_key **key, struct joist_error *err)
{
    struct ji_file_crypto *const crypto = file->crypto;
    if (crypto->by_leaf == NULL)
        JI_TRY(ji_arena_array(
                &file->arena, file->schema.leaf_count, sizeof crypto->by_leaf[0], &crypto->by_leaf, err));
    struct asked_key *found = crypto->by_leaf[leaf];
    /* The same key for all row groups is the rule; of others the whole list is asked. */
    if (found != NULL && !ji_view_equal(found->metadata, metadata)) {
        found = crypto->asked;
        while (found != NULL && (found->leaf != leaf || !ji_view_equal(found->metadata, metadata)))
            found = found->next;
    }
    if (found == NULL)
        JI_TRY(ask(file, leaf, metadata, &found, err));
    crypto->by_leaf[leaf] = found;
    *key = found->key.size > 0 ? &found->key : NULL;
    return JOIST_OK;
}

static size_t group_ordinal(const struct joist_parquet_file *file, size_t group)
{
    const int32_t said = file->footer.groups[group].ordinal;
    return said >= 0 ? (size_t)said : group;
}

static enum joist_status open_metadata(struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_module_cipher cipher;
    struct ji_view plain;
    uint8_t *out = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_arena_alloc(&file->arena, chunk->sealed_metadata.size, &out, err));
    JI_TRY(ji_module_cipher_init(&cipher, &file->crypto->origin, chunk->key, file->mem, err));
    JI_TRY_OUT(ji_module_cipher_at(&cipher, group_ordinal(file, group), leaf, err));
    JI_TRY_OUT(
            ji_module_open(&cipher, JI_MODULE_COLUMN_METADATA, 0, chunk->sealed_metadata, out, &plain, err));
    JI_TRY_OUT(ji_column_metadata_decode(&file->arena, plain, chunk, err));
out:
    ji_module_cipher_clear(&cipher);
    return status;
}

enum joist_status ji_file_crypto_unlock(struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_chunk *chunk, struct joist_error *err)
{
    if (!chunk->is_encrypted || file->crypto == NULL)
        return JOIST_OK;
    if (chunk->has_column_key)
        JI_TRY(find_key(file, leaf, chunk->key_metadata, &chunk->key, err));
    else
        chunk->key = file->crypto->footer->key.size > 0 ? &file->crypto->footer->key : NULL;
    if (chunk->key == NULL || chunk->sealed_metadata.data == NULL)
        return JOIST_OK;
    const enum joist_status status = open_metadata(file, group, leaf, chunk, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%s': encrypted metadata", file->schema.leaves[leaf].name);
    return status;
}

enum joist_status ji_chunk_check_key(const struct ji_chunk *chunk, struct joist_error *err)
{
    if (!ji_chunk_is_locked(chunk))
        return JOIST_OK;
    if (!chunk->has_column_key)
        return ji_fail(err, JOIST_ERR_DENIED, "encrypted with the footer's key, which was not given");
    return no_key("encrypted", chunk->key_metadata, err);
}

enum joist_status ji_chunk_cipher(const struct joist_parquet_file *file, const struct ji_chunk *chunk,
        size_t group, size_t leaf, struct ji_mem *mem, struct ji_page_cipher **cipher,
        struct joist_error *err)
{
    struct ji_page_cipher *made = NULL;
    JI_TRY(ji_chunk_check_key(chunk, err));
    if (chunk->key != NULL) {
        JI_TRY(ji_page_cipher_open(mem, &file->crypto->origin, chunk->key, &made, err));
        const enum joist_status status =
                ji_module_cipher_at(&made->modules, group_ordinal(file, group), leaf, err);
        if (status != JOIST_OK) {
            ji_page_cipher_close(made);
            return status;
        }
    }
    *cipher = made;
    return JOIST_OK;
}

/* How many bytes of the file an encrypted part takes, by its own word. */
static enum joist_status part_bytes(const struct joist_parquet_file *file, const struct ji_chunk_part *part,
        size_t *bytes, struct joist_error *err)
{
    uint8_t length[JI_MODULE_LENGTH_BYTES];
    if (!ji_range_fits(part->offset, sizeof length, file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT, "outside the file's data");
    JI_TRY(ji_source_read(&file->source, part->offset, sizeof length, length, err));
    *bytes = sizeof length + (size_t)ji_load_le32(length);
    return JOIST_OK;
}

static enum joist_status open_part(const struct joist_parquet_file *file, const struct ji_chunk_part *part,
        const struct ji_chunk *chunk, uint8_t *bytes, struct ji_view *plain, struct joist_error *err)
{
    struct ji_module_cipher cipher;
    enum joist_status status = JOIST_OK;
    uint8_t *const text = bytes + JI_MODULE_LENGTH_BYTES + JI_AES_NONCE_BYTES;
    JI_TRY(ji_module_cipher_init(&cipher, &file->crypto->origin, chunk->key, file->mem, err));
    JI_TRY_OUT(ji_module_cipher_at(&cipher, group_ordinal(file, part->group), part->leaf, err));
    JI_TRY_OUT(ji_module_open(&cipher, part->module, 0, *plain, text, plain, err));
out:
    ji_module_cipher_clear(&cipher);
    return status;
}

enum joist_status ji_chunk_part_read(const struct joist_parquet_file *file, const struct ji_chunk_part *part,
        size_t bytes_max, struct ji_arena *arena, struct ji_view *plain, size_t *used,
        struct joist_error *err)
{
    const struct ji_chunk *chunk = NULL;
    uint8_t *bytes = NULL;
    size_t size = part->bytes;
    JI_TRY(ji_file_chunk_in(file, part->group, part->leaf, arena, &chunk, err));
    JI_TRY(ji_chunk_check_key(chunk, err));
    assert(size > 0 || chunk->key != NULL);
    if (size == 0)
        JI_TRY(part_bytes(file, part, &size, err));
    if (size > bytes_max)
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu bytes (at most %zu)", size, bytes_max);
    if (!ji_range_fits(part->offset, size, file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT, "outside the file's data");
    JI_TRY(ji_arena_alloc(arena, size, &bytes, err));
    JI_TRY(ji_source_read(&file->source, part->offset, size, bytes, err));
    struct ji_view made = ji_view_of(bytes, size);
    if (chunk->key != NULL)
        JI_TRY(open_part(file, part, chunk, bytes, &made, err));
    *plain = made;
    if (used != NULL)
        *used = size;
    return JOIST_OK;
}
