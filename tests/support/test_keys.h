/*
 * test_keys.h - the published keys of apache/parquet-testing, and keys of a test's own, as a key callback
 */
#ifndef JI_TEST_KEYS_H
#define JI_TEST_KEYS_H

#include <joist/parquet.h>

/* A key by the text of its metadata or by its column ("" is the footer). */
struct test_key {
    const char *name;
    const char *key; /* hexadecimal */
};

struct test_keys {
    const struct test_key *keys;
    size_t count;
    size_t asked;                /* how often the callback was called */
    enum joist_status fail_with; /* OK: never */
};

/* `keys` is borrowed and lives as long as the file. */
struct joist_parquet_keys test_keys(struct test_keys *keys);

/* kf, kc1, kc2 and those of the file with external key material: the files in parquet-testing/data. */
struct test_keys test_keys_published(void);
/* kf and kc1 to kc8, of 32 bytes: parquet-testing/data/aes256. */
struct test_keys test_keys_published_256(void);

#endif
