/*
 * encrypt.c - how what is written is encrypted: --encrypt FILE and what goes with it
 *
 * Keys come from a file alone, in the lines that --keys reads: other users see the arguments of a command.
 *
 *     digits         the footer's key, and that of all columns where none has its own
 *     COLUMN=digits  a column's; columns that no line names stand readable
 *     KEYID=digits   with --encrypt-footer or --encrypt-column: a key by its name, which the file then tells
 */
#include "cli.h"

#include <string.h>

static struct joist_parquet_key key_of(const struct cli_key *key, bool tells_name)
{
    return (struct joist_parquet_key){
            .key = key->bytes,
            .key_bytes = key->size,
            .metadata = tells_name ? key->name : NULL,
            .metadata_bytes = tells_name ? key->name_size : 0,
    };
}

static const struct cli_key *find_named(const struct cli_keys *keys, const char *name)
{
    for (size_t index = 0; index < keys->named_count; index++) {
        const struct cli_key *const key = &keys->named[index];
        if (key->name_size == strlen(name) && memcmp(key->name, name, key->name_size) == 0)
            return key;
    }
    return NULL;
}

/* Room for `size` bytes and a NUL; both lists fit, as their texts are no longer than the file's. */
static const char *keep(struct cli_encrypt *encrypt, size_t *used, const char *text, size_t size)
{
    if (size >= sizeof encrypt->text - *used)
        return NULL;
    char *const kept = encrypt->text + *used;
    memcpy(kept, text, size);
    kept[size] = '\0';
    *used += size + 1;
    return kept;
}

static bool add_column(const struct cli_verb *verb, struct cli_encrypt *encrypt, size_t *used,
        struct joist_parquet_column_key column, size_t size)
{
    column.column = keep(encrypt, used, column.column, size);
    if (column.column == NULL || encrypt->encryption.column_count == CLI_KEYS_MAX) {
        cli_fail_usage(verb, "--encrypt: too many columns");
        return false;
    }
    encrypt->column_keys[encrypt->encryption.column_count++] = column;
    encrypt->encryption.columns = encrypt->column_keys;
    return true;
}

/* Names in the file are those of columns. */
static bool take_lines(const struct cli_verb *verb, struct cli_encrypt *encrypt)
{
    size_t used = 0;
    for (size_t index = 0; index < encrypt->keys.named_count; index++) {
        const struct cli_key *const key = &encrypt->keys.named[index];
        const struct joist_parquet_column_key column = {.column = key->name, .key = key_of(key, false)};
        if (!add_column(verb, encrypt, &used, column, key->name_size))
            return false;
    }
    return true;
}

/* "column=key": names of either may hold a '=', so the one counts behind which a key's name stands. */
static bool divide_item(const struct cli_encrypt *encrypt, const char *item,
        struct joist_parquet_column_key *to, size_t *size)
{
    for (const char *equals = strchr(item, '='); equals != NULL; equals = strchr(equals + 1, '=')) {
        const struct cli_key *const key = find_named(&encrypt->keys, equals + 1);
        if (equals == item || (key == NULL && equals[1] != '\0'))
            continue;
        *size = (size_t)(equals - item);
        *to = (struct joist_parquet_column_key){.column = item};
        if (key != NULL)
            to->key = key_of(key, true);
        return true;
    }
    return false;
}

/* Names in the file are those of keys. */
static bool take_columns(const struct cli_verb *verb, struct cli_encrypt *encrypt)
{
    size_t used = 0;
    for (size_t index = 0; index < encrypt->columns.count; index++) {
        struct joist_parquet_column_key column = {.column = NULL};
        size_t size = 0;
        if (!divide_item(encrypt, encrypt->columns.items[index], &column, &size)) {
            cli_fail_usage(verb, "--encrypt-column: '%s' is not COLUMN= and the name of a key in '%s'",
                    encrypt->columns.items[index], encrypt->keys.file);
            return false;
        }
        if (!add_column(verb, encrypt, &used, column, size))
            return false;
    }
    return true;
}

static bool take_footer(const struct cli_verb *verb, struct cli_encrypt *encrypt)
{
    const struct cli_key *footer = &encrypt->keys.footer;
    if (encrypt->footer_name != NULL)
        footer = find_named(&encrypt->keys, encrypt->footer_name);
    if (footer == NULL)
        cli_fail_usage(
                verb, "--encrypt-footer: no key '%s' in '%s'", encrypt->footer_name, encrypt->keys.file);
    else if (footer->size == 0)
        cli_fail_usage(verb,
                "--encrypt: no key for the footer in '%s': a line of digits alone, or "
                "--encrypt-footer KEYID",
                encrypt->keys.file);
    if (footer == NULL || footer->size == 0)
        return false;
    encrypt->encryption.footer = key_of(footer, encrypt->footer_name != NULL);
    return true;
}

static bool take_cipher(const struct cli_verb *verb, struct cli_encrypt *encrypt)
{
    if (encrypt->cipher == NULL || strcmp(encrypt->cipher, "gcm") == 0)
        return true;
    if (strcmp(encrypt->cipher, "gcm-ctr") == 0) {
        encrypt->encryption.cipher = JOIST_PARQUET_AES_GCM_CTR;
        return true;
    }
    cli_fail_usage(verb, "--encrypt-cipher: '%s' is not gcm or gcm-ctr", encrypt->cipher);
    return false;
}

static bool is_wanted(const struct cli_verb *verb, const struct cli_encrypt *encrypt, bool *is_wrong)
{
    const bool asks = encrypt->footer_name != NULL || encrypt->columns.count > 0 || encrypt->cipher != NULL ||
            encrypt->aad_prefix != NULL || encrypt->plain_footer || encrypt->hide_aad_prefix;
    *is_wrong = true;
    if (encrypt->keys.file == NULL && asks)
        cli_fail_usage(verb, "--encrypt FILE names the keys that --encrypt-... options are about");
    else if (encrypt->hide_aad_prefix && encrypt->aad_prefix == NULL)
        cli_fail_usage(verb, "--encrypt-hide-aad-prefix: which? --encrypt-aad-prefix TEXT");
    else
        *is_wrong = false;
    return encrypt->keys.file != NULL;
}

bool cli_encrypt_parse(const struct cli_verb *verb, struct cli_encrypt *encrypt,
        const struct joist_parquet_encryption **encryption)
{
    bool is_wrong = false;
    const bool wanted = is_wanted(verb, encrypt, &is_wrong);
    *encryption = NULL;
    if (is_wrong || !wanted)
        return !is_wrong;
    encrypt->keys.option = "--encrypt";
    encrypt->keys.aad_prefix = encrypt->aad_prefix;
    if (!cli_keys_parse(verb, &encrypt->keys, NULL))
        return false;
    encrypt->encryption = (struct joist_parquet_encryption){
            .struct_size = sizeof encrypt->encryption,
            .plain_footer = encrypt->plain_footer,
            .aad_prefix = encrypt->aad_prefix,
            .aad_prefix_bytes = encrypt->aad_prefix != NULL ? strlen(encrypt->aad_prefix) : 0,
            .no_aad_prefix = encrypt->hide_aad_prefix,
    };
    const bool has_names = encrypt->footer_name != NULL || encrypt->columns.count > 0;
    if (!take_footer(verb, encrypt) || !take_cipher(verb, encrypt) ||
            !(has_names ? take_columns(verb, encrypt) : take_lines(verb, encrypt)))
        return false;
    encrypt->open = (struct joist_parquet_open_options){
            .struct_size = sizeof encrypt->open, .keys = cli_keys(&encrypt->keys)};
    *encryption = &encrypt->encryption;
    return true;
}
