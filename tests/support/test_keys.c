/*
 * test_keys.c - a key callback over a list
 */
#include "support/test_keys.h"

#include <string.h>

static bool is_named(const struct test_key *key, const struct joist_parquet_key_request *request)
{
    const char *const column = request->column != NULL ? request->column : "";
    if (request->metadata_bytes == 0)
        return strcmp(key->name, column) == 0;
    return strlen(key->name) == request->metadata_bytes &&
            memcmp(key->name, request->metadata, request->metadata_bytes) == 0;
}

static enum joist_status find(void *user, const struct joist_parquet_key_request *request, uint8_t key[32],
        size_t *key_bytes, struct joist_error *err)
{
    struct test_keys *const keys = user;
    keys->asked++;
    if (keys->fail_with != JOIST_OK) {
        if (err != NULL) {
            err->status = keys->fail_with;
            (void)strcpy(err->text, "no answer");
        }
        return keys->fail_with;
    }
    for (size_t index = 0; index < keys->count; index++) {
        if (!is_named(&keys->keys[index], request))
            continue;
        *key_bytes = strlen(keys->keys[index].key);
        memcpy(key, keys->keys[index].key, *key_bytes < 32 ? *key_bytes : 32);
        return JOIST_OK;
    }
    return JOIST_ERR_NOT_FOUND;
}

struct joist_parquet_keys test_keys(struct test_keys *keys)
{
    return (struct joist_parquet_keys){.user = keys, .key = find};
}

#define EXTERNAL(reference)                                                                                  \
    "{\"keyMaterialType\":\"PKMT1\",\"internalStorage\":false,\"keyReference\":\"" reference "\"}"

struct test_keys test_keys_published(void)
{
    static const struct test_key keys[] = {
            {"kf", "0123456789012345"},
            {"kc1", "1234567890123450"},
            {"kc2", "1234567890123451"},
            /* Unwrapped from the key material beside the file with kf, kc1 and kc2 as master keys. */
            {EXTERNAL("footerKey"), "\x5e\x63\xad\xa1\x59\x3f\xab\x4a\xbb\x6a\xec\xbc\x6a\x82\xdd\x1a"},
            {EXTERNAL("columnKey0"), "\x68\x64\x72\x6b\x09\xbb\xd9\x78\xfa\xe8\x7d\xf0\xad\x41\x55\xd0"},
            {EXTERNAL("columnKey1"), "\x4f\x1b\x17\xc6\x21\xd6\x1b\x19\x17\xa3\x56\xd2\xcf\x1e\xaf\xcc"},
    };
    return (struct test_keys){.keys = keys, .count = sizeof keys / sizeof keys[0]};
}

struct test_keys test_keys_published_256(void)
{
    static const struct test_key keys[] = {
            {"kf", "01234567890123456789012345678901"},
            {"kc1", "12345678901234567890123456789012"},
            {"kc2", "12345678901234567890123456789013"},
            {"kc3", "12345678901234567890123456789014"},
            {"kc4", "12345678901234567890123456789015"},
            {"kc5", "12345678901234567890123456789016"},
            {"kc6", "12345678901234567890123456789017"},
            {"kc7", "12345678901234567890123456789018"},
            {"kc8", "12345678901234567890123456789019"},
    };
    return (struct test_keys){.keys = keys, .count = sizeof keys / sizeof keys[0]};
}
