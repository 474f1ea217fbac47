/*
 * keys.c - the keys of encrypted Parquet files: --key, --keys, --footer-key, --aad-prefix
 *
 * A key is named by what the file says of it, its key metadata, or by the column that it is for: a column's
 * path, or the start of paths up to a dot. Keys are hexadecimal: 32, 48 or 64 digits.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static int digit_of(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F')
        return letter - 'A' + 10;
    return -1;
}

static bool parse_hex(const char *text, size_t size, struct cli_key *key)
{
    if (size != 32 && size != 48 && size != 64)
        return false;
    for (size_t at = 0; at < size; at += 2) {
        const int high = digit_of(text[at]);
        const int low = digit_of(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        key->bytes[at / 2] = (uint8_t)(high * 16 + low);
    }
    key->size = size / 2;
    return true;
}

/* Name and digits are parted by the last '=': names may hold one. NULL, or what is wrong, without the key. */
static const char *add_key(struct cli_keys *keys, const char *text, size_t size)
{
    size_t equals = size;
    while (equals > 0 && text[equals - 1] != '=')
        equals--;
    struct cli_key *const key = equals == 0 ? &keys->footer : &keys->named[keys->named_count];
    if (equals > 0 && keys->named_count == CLI_KEYS_MAX)
        return "one key too many";
    if (equals == 1)
        return "no name before '='";
    if (!parse_hex(text + equals, size - equals, key))
        return "a key has 32, 48 or 64 hexadecimal digits";
    if (equals == 0)
        return NULL;
    key->name = text;
    key->name_size = equals - 1;
    keys->named_count++;
    return NULL;
}

static const char *option_of(const struct cli_keys *keys)
{
    return keys->option != NULL ? keys->option : "--keys";
}

static bool read_keys(const struct cli_verb *verb, struct cli_keys *keys)
{
    FILE *const file = fopen(keys->file, "rb");
    const size_t size = file != NULL ? fread(keys->text, 1, sizeof keys->text, file) : 0;
    const bool failed = file == NULL || ferror(file) || size == sizeof keys->text;
    if (file != NULL)
        fclose(file);
    if (failed) {
        cli_fail_usage(verb, "%s: cannot read '%s', or it is larger than %zu bytes", option_of(keys),
                keys->file, sizeof keys->text - 1);
        return false;
    }
    size_t line = 1;
    for (size_t at = 0; at < size; line++) {
        size_t end = at;
        while (end < size && keys->text[end] != '\n')
            end++;
        size_t last = end;
        while (last > at && (keys->text[last - 1] == '\r' || keys->text[last - 1] == ' '))
            last--;
        const bool is_key = last > at && keys->text[at] != '#';
        const char *const wrong = is_key ? add_key(keys, keys->text + at, last - at) : NULL;
        if (wrong != NULL) {
            cli_fail_usage(verb, "%s: '%s', line %zu: %s", option_of(keys), keys->file, line, wrong);
            return false;
        }
        at = end + 1;
    }
    return true;
}

static bool is_named(const struct cli_key *key, const char *text, size_t size)
{
    return key->name_size == size && memcmp(key->name, text, size) == 0;
}

static const struct cli_key *find_key(
        const struct cli_keys *keys, const struct joist_parquet_key_request *request)
{
    for (size_t index = 0; index < keys->named_count; index++) {
        const struct cli_key *const key = &keys->named[index];
        if (request->metadata_bytes > 0 && is_named(key, request->metadata, request->metadata_bytes))
            return key;
    }
    if (request->column == NULL)
        return keys->footer.size > 0 ? &keys->footer : NULL;
    for (size_t size = strlen(request->column); size > 0; size--) {
        if (request->column[size] != '\0' && request->column[size] != '.')
            continue;
        for (size_t index = 0; index < keys->named_count; index++) {
            if (is_named(&keys->named[index], request->column, size))
                return &keys->named[index];
        }
    }
    return NULL;
}

static enum joist_status give_key(void *user, const struct joist_parquet_key_request *request,
        uint8_t key[32], size_t *key_bytes, struct joist_error *err)
{
    const struct cli_key *const found = find_key(user, request);
    (void)err;
    if (found == NULL)
        return JOIST_ERR_NOT_FOUND;
    memcpy(key, found->bytes, found->size);
    *key_bytes = found->size;
    return JOIST_OK;
}

bool cli_keys_parse(const struct cli_verb *verb, struct cli_keys *keys, const char *from)
{
    for (size_t index = 0; index < keys->options.count; index++) {
        const char *const text = keys->options.items[index];
        const char *const wrong =
                strchr(text, '=') != NULL ? add_key(keys, text, strlen(text)) : "KEYID=HEX is wanted";
        if (wrong != NULL) {
            cli_fail_usage(verb, "--key: %s", wrong);
            return false;
        }
    }
    if (keys->file != NULL && !read_keys(verb, keys))
        return false;
    if (keys->footer_text != NULL &&
            !parse_hex(keys->footer_text, strlen(keys->footer_text), &keys->footer)) {
        cli_fail_usage(verb, "--footer-key: a key has 32, 48 or 64 hexadecimal digits");
        return false;
    }
    if (keys->named_count == 0 && keys->footer.size == 0) {
        if (keys->aad_prefix == NULL && !keys->no_signature && keys->file == NULL)
            return true;
        if (keys->option != NULL)
            cli_fail_usage(verb, "%s: no key in '%s'", keys->option, keys->file);
        else
            cli_fail_usage(verb, "no key was given: --key KEYID=HEX, --footer-key HEX or --keys FILE");
        return false;
    }
    if (from != NULL && !cli_is_file(from)) {
        cli_fail_usage(verb, "keys are for files, and '%s' is a table", from);
        return false;
    }
    keys->parquet = (struct joist_parquet_keys){
            .user = keys,
            .key = give_key,
            .aad_prefix = keys->aad_prefix,
            .aad_prefix_bytes = keys->aad_prefix != NULL ? strlen(keys->aad_prefix) : 0,
            .no_signature = keys->no_signature,
    };
    return true;
}

const struct joist_parquet_keys *cli_keys(const struct cli_keys *keys)
{
    return keys->parquet.key != NULL ? &keys->parquet : NULL;
}
