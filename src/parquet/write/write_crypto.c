/*
 * write_crypto.c - the keys of a file that is being written, and which leaves they are of
 *
 *   1. The additional data of a file begins with the caller's prefix, then eight random bytes of its own.
 *   2. Each leaf has a cipher of its own, so that leaves are sealed side by side; the random front of its
 *      nonces is its own too, whatever key it shares.
 */
#include "parquet/write/write_crypto.h"

#define FILE_AAD_BYTES 8
#define AAD_PREFIX_MAX ((size_t)64 << 10)
#define KEY_METADATA_MAX ((size_t)1 << 20)

static enum joist_status check_key(
        const struct joist_parquet_key *key, const char *of, struct joist_error *err)
{
    if (key->key == NULL || !ji_aes_key_fits(key->key_bytes))
        return ji_fail(err, JOIST_ERR_INVALID, "the key of %s has %zu bytes, not 16, 24 or 32", of,
                key->key == NULL ? 0 : key->key_bytes);
    if (key->metadata_bytes > KEY_METADATA_MAX)
        return ji_fail(
                err, JOIST_ERR_LIMIT, "the key of %s has %zu bytes of metadata", of, key->metadata_bytes);
    return JOIST_OK;
}

static enum joist_status check_options(
        const struct joist_parquet_encryption *options, struct joist_error *err)
{
    if (options->struct_size != sizeof *options)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_parquet_encryption.struct_size is %zu, not %zu",
                options->struct_size, sizeof *options);
    if (options->cipher != JOIST_PARQUET_AES_GCM && options->cipher != JOIST_PARQUET_AES_GCM_CTR)
        return ji_fail(err, JOIST_ERR_INVALID, "cipher %d is unknown", (int)options->cipher);
    if (options->aad_prefix_bytes > AAD_PREFIX_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "an AAD prefix of %zu bytes", options->aad_prefix_bytes);
    if (options->no_aad_prefix && options->aad_prefix_bytes == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "an AAD prefix that is not stored, and is none");
    if (options->column_count > 0 && options->columns == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "column_count without columns");
    return check_key(&options->footer, "the footer", err);
}

static enum joist_status keep_metadata(struct ji_arena *arena, const struct joist_parquet_key *key,
        struct ji_view *out, struct joist_error *err)
{
    if (key->metadata == NULL)
        return JOIST_OK;
    return ji_arena_view(arena, ji_view_of(key->metadata, key->metadata_bytes), out, err);
}

static enum joist_status make_origin(struct joist_ctx *ctx, struct ji_arena *arena,
        const struct joist_parquet_encryption *options, struct ji_write_crypto *crypto, struct ji_view *aad,
        struct joist_error *err)
{
    const size_t prefix_bytes = options->aad_prefix_bytes;
    struct ji_encryption *encryption = &crypto->encryption;
    uint8_t *bytes = NULL;
    JI_TRY(ji_arena_alloc(arena, prefix_bytes + FILE_AAD_BYTES, &bytes, err));
    if (prefix_bytes > 0)
        memcpy(bytes, options->aad_prefix, prefix_bytes);
    JI_TRY(ji_ctx_random(ctx, bytes + prefix_bytes, FILE_AAD_BYTES, err));
    *aad = ji_view_of(bytes, prefix_bytes + FILE_AAD_BYTES);
    *encryption = (struct ji_encryption){
            .algorithm = options->cipher == JOIST_PARQUET_AES_GCM ? JI_ENCRYPTION_GCM : JI_ENCRYPTION_GCM_CTR,
            .has_aad_prefix = prefix_bytes > 0 && !options->no_aad_prefix,
            .wants_aad_prefix = options->no_aad_prefix,
            .aad_prefix = ji_view_of(bytes, prefix_bytes),
            .aad_file = ji_view_of(bytes + prefix_bytes, FILE_AAD_BYTES),
    };
    crypto->plain_footer = options->plain_footer;
    return keep_metadata(arena, &options->footer, &encryption->key_metadata, err);
}

static enum joist_status open_seal(struct joist_ctx *ctx, const struct ji_write_crypto *crypto,
        struct ji_view aad, const struct joist_parquet_key *key, struct ji_module_seal *seal,
        struct joist_error *err)
{
    struct ji_seal_options options = {.crypto = crypto->crypto,
            .algorithm = crypto->encryption.algorithm,
            .key = ji_view_of(key->key, key->key_bytes),
            .aad = aad};
    JI_TRY(ji_ctx_random(ctx, options.front, sizeof options.front, err));
    return ji_module_seal_open(seal, crypto->mem, &options, err);
}

/* Whether the leaf is the column, or in it. */
static bool is_in_column(const struct ji_leaf *leaf, const char *column)
{
    const size_t size = strlen(column);
    return strncmp(leaf->name, column, size) == 0 && (leaf->name[size] == '\0' || leaf->name[size] == '.');
}

/* Which key each leaf has: NULL where it is not encrypted. */
static enum joist_status choose_keys(const struct joist_parquet_encryption *options,
        const struct ji_parquet_schema *schema, const struct joist_parquet_key **keys,
        struct joist_error *err)
{
    for (size_t i = 0; i < schema->leaf_count; i++)
        keys[i] = options->columns == NULL ? &options->footer : NULL;
    for (size_t c = 0; c < options->column_count; c++) {
        const struct joist_parquet_column_key *column = &options->columns[c];
        bool is_found = false;
        if (column->column == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "a key of no column");
        if (column->key.key != NULL)
            JI_TRY(check_key(&column->key, column->column, err));
        for (size_t i = 0; i < schema->leaf_count; i++) {
            if (!is_in_column(&schema->leaves[i], column->column))
                continue;
            is_found = true;
            keys[i] = column->key.key != NULL ? &column->key : &options->footer;
        }
        if (!is_found)
            return ji_fail(err, JOIST_ERR_INVALID, "a key of '%s', which is no column", column->column);
    }
    return JOIST_OK;
}

static enum joist_status fill(struct joist_ctx *ctx, struct ji_arena *arena,
        const struct joist_parquet_encryption *options, const struct ji_parquet_schema *schema,
        struct ji_write_crypto *made, struct joist_error *err)
{
    const struct joist_parquet_key **keys = NULL;
    struct ji_view aad;
    JI_TRY(ji_arena_array(arena, schema->leaf_count, sizeof *keys, &keys, err));
    JI_TRY(ji_arena_array(arena, schema->leaf_count, sizeof *made->leaves, &made->leaves, err));
    made->leaf_count = schema->leaf_count;
    JI_TRY(choose_keys(options, schema, keys, err));
    JI_TRY(ji_crypto_open(made->mem, &made->crypto, err));
    JI_TRY(make_origin(ctx, arena, options, made, &aad, err));
    JI_TRY(open_seal(ctx, made, aad, &options->footer, &made->footer, err));
    for (size_t i = 0; i < schema->leaf_count; i++) {
        struct ji_leaf_crypto *leaf = &made->leaves[i];
        if (keys[i] == NULL)
            continue;
        leaf->is_encrypted = true;
        leaf->has_own_key = keys[i] != &options->footer;
        JI_TRY(keep_metadata(arena, keys[i], &leaf->key_metadata, err));
        JI_TRY(open_seal(ctx, made, aad, keys[i], &leaf->seal, err));
    }
    return ji_write_crypto_group(made, 0, err);
}

enum joist_status ji_write_crypto_open(struct joist_ctx *ctx, struct ji_mem *mem, struct ji_arena *arena,
        const struct joist_parquet_encryption *options, const struct ji_parquet_schema *schema,
        struct ji_write_crypto **crypto, struct joist_error *err)
{
    struct ji_write_crypto *made = NULL;
    JI_TRY(check_options(options, err));
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    const enum joist_status status = fill(ctx, arena, options, schema, made, err);
    if (status != JOIST_OK) {
        ji_write_crypto_close(made);
        return status;
    }
    *crypto = made;
    return JOIST_OK;
}

void ji_write_crypto_close(struct ji_write_crypto *crypto)
{
    if (crypto == NULL)
        return;
    for (size_t i = 0; i < crypto->leaf_count; i++)
        ji_module_seal_clear(&crypto->leaves[i].seal);
    ji_module_seal_clear(&crypto->footer);
    ji_crypto_close(crypto->crypto);
    ji_free(crypto->mem, crypto, sizeof *crypto);
}

enum joist_status ji_write_crypto_group(struct ji_write_crypto *crypto, size_t group, struct joist_error *err)
{
    for (size_t i = 0; i < crypto->leaf_count; i++)
        if (crypto->leaves[i].is_encrypted)
            JI_TRY(ji_module_seal_at(&crypto->leaves[i].seal, group, i, err));
    return JOIST_OK;
}
