/*
 * test_keys.c - a key callback over a list
 */
#include "support/test_keys.h"

#include <string.h>

static bool is_named(const struct test_key *key, const struct joist_parquet_key_request *request)
{
    if (strcmp(key->name, request->column != NULL ? request->column : "") == 0)
        return true;
    return request->metadata_bytes > 0 && strlen(key->name) == request->metadata_bytes &&
            memcmp(key->name, request->metadata, request->metadata_bytes) == 0;
}

static uint8_t digit(char letter)
{
    return (uint8_t)(letter <= '9' ? letter - '0' : letter - 'a' + 10);
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
        const char *const digits = keys->keys[index].key;
        *key_bytes = strlen(digits) / 2;
        for (size_t at = 0; at < *key_bytes && at < 32; at++)
            key[at] = (uint8_t)(digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]));
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
            {"kf", "30313233343536373839303132333435"},
            {"kc1", "31323334353637383930313233343530"},
            {"kc2", "31323334353637383930313233343531"},
            /* Unwrapped from the key material beside the file with kf, kc1 and kc2 as master keys. */
            {EXTERNAL("footerKey"), "5e63ada1593fab4abb6aecbc6a82dd1a"},
            {EXTERNAL("columnKey0"), "6864726b09bbd978fae87df0ad4155d0"},
            {EXTERNAL("columnKey1"), "4f1b17c621d61b1917a356d2cf1eafcc"},
    };
    return (struct test_keys){.keys = keys, .count = sizeof keys / sizeof keys[0]};
}

struct test_keys test_keys_published_256(void)
{
    static const struct test_key keys[] = {
            {"kf", "3031323334353637383930313233343536373839303132333435363738393031"},
            {"kc1", "3132333435363738393031323334353637383930313233343536373839303132"},
            {"kc2", "3132333435363738393031323334353637383930313233343536373839303133"},
            {"kc3", "3132333435363738393031323334353637383930313233343536373839303134"},
            {"kc4", "3132333435363738393031323334353637383930313233343536373839303135"},
            {"kc5", "3132333435363738393031323334353637383930313233343536373839303136"},
            {"kc6", "3132333435363738393031323334353637383930313233343536373839303137"},
            {"kc7", "3132333435363738393031323334353637383930313233343536373839303138"},
            {"kc8", "3132333435363738393031323334353637383930313233343536373839303139"},
    };
    return (struct test_keys){.keys = keys, .count = sizeof keys / sizeof keys[0]};
}
