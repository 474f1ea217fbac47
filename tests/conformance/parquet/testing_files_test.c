/*
 * testing_files_test.c - apache/parquet-testing: each file reads wholly, or says by name what it wants
 *
 * The files are found at JOIST_PARQUET_TESTING or beside the source, at ../shared/parquet-testing. Where they
 * are not, the tests skip with one line, unless CI is set.
 */
#include "support/test.h"
#include "support/testing_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/parquet_drain.h"
#include "support/test_keys.h"

/* Files that do not read, the status, and words that the message must have. */
struct exception {
    const char *name;
    enum joist_status status;
    const char *words;
};

static const struct exception data_exceptions[] = {
        {"datapage_v1-corrupt-checksum.parquet", JOIST_ERR_CORRUPT, "page checksum"},
        /* A page of 1 GiB does not fit the limit that the test sets. */
        {"large_string_map.brotli.parquet", JOIST_ERR_LIMIT, "memory limit"},
        {"rle-dict-uncompressed-corrupt-checksum.parquet", JOIST_ERR_CORRUPT, "page checksum"},
        /* Decrypted with the published keys, all of them; their INT96 values lie beyond nanoseconds, not micro. */
        {"encrypt_columns_and_footer.parquet.encrypted", JOIST_ERR_CORRUPT,
                "int96_field', page 0: value out"},
        {"encrypt_columns_and_footer_aad.parquet.encrypted", JOIST_ERR_CORRUPT,
                "int96_field', page 0: value out"},
        {"encrypt_columns_and_footer_ctr.parquet.encrypted", JOIST_ERR_CORRUPT,
                "int96_field', page 0: value out"},
        {"encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted", JOIST_ERR_CORRUPT,
                "int96_field', page 0: value out"},
        {"encrypt_columns_plaintext_footer.parquet.encrypted", JOIST_ERR_CORRUPT,
                "int96_field', page 0: value out"},
        {"uniform_encryption.parquet.encrypted", JOIST_ERR_CORRUPT, "int96_field', page 0: value out"},
};

static const struct exception bad_exceptions[] = {
        {"ARROW-GH-41317.parquet", JOIST_ERR_CORRUPT, "row group 0, column 'timestamp_s_no_tz', page 0"},
        {"ARROW-GH-41321.parquet", JOIST_ERR_CORRUPT, "row group 0, column 'int64'"},
        {"ARROW-GH-45185.parquet", JOIST_ERR_CORRUPT, "column 'x.list.element', page 1: repetition level 1"},
        {"ARROW-GH-47662.parquet", JOIST_ERR_CORRUPT, "row group 0, column 'flba_field', page 1"},
        {"ARROW-RS-GH-6229-DICTHEADER.parquet", JOIST_ERR_CORRUPT, "column 'name'"},
        {"ARROW-RS-GH-6229-LEVELS.parquet", JOIST_ERR_CORRUPT, "column 'outer.list.item.c'"},
        {"PARQUET-1481.parquet", JOIST_ERR_CORRUPT, "footer"},
};

static const struct exception *find_exception(
        const struct exception *exceptions, size_t count, const char *name)
{
    for (size_t index = 0; index < count; index++) {
        if (strcmp(exceptions[index].name, name) == 0)
            return &exceptions[index];
    }
    return NULL;
}

static void check_file(const char *folder, const char *name, const struct exception *exception)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 256 << 20};
    struct joist_ctx *ctx = NULL;
    struct joist_source source;
    struct joist_error err = {.status = JOIST_OK};
    struct parquet_drain drain = {.batch_rows = 0};
    char path[2048];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    struct test_keys published =
            strstr(folder, "aes256") != NULL ? test_keys_published_256() : test_keys_published();
    struct joist_parquet_keys keys = test_keys(&published);
    if (strstr(name, "disable_aad_storage") != NULL) {
        keys.aad_prefix = "tester";
        keys.aad_prefix_bytes = 6;
    }
    const bool is_encrypted = strstr(name, ".encrypted") != NULL;
    struct joist_parquet_open_options open_options = {
            .struct_size = sizeof open_options, .keys = is_encrypted ? &keys : NULL};
    drain.open_options = &open_options;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_ok(joist_source_open(ctx, path, &source, &err));
    const enum joist_status status = parquet_drain(ctx, source, &drain, &err);
    if (exception == NULL && status != JOIST_OK)
        fail_msg("%s: %s", name, err.text);
    if (exception != NULL && (status != exception->status || strstr(err.text, exception->words) == NULL))
        fail_msg("%s: wanted %s with '%s', is %s: %s", name, joist_status_name(exception->status),
                exception->words, joist_status_name(status), err.text);
    if (exception != NULL && strstr(exception->words, "int96") != NULL) {
        open_options.int96_unit = JOIST_INT96_MICRO;
        drain = (struct parquet_drain){.open_options = &open_options};
        assert_ok(joist_source_open(ctx, path, &source, &err));
        if (parquet_drain(ctx, source, &drain, &err) != JOIST_OK)
            fail_msg("%s in microseconds: %s", name, err.text);
    }
    joist_ctx_close(ctx);
}

static bool is_parquet(const char *name)
{
    const size_t size = strlen(name);
    return (size > 8 && strcmp(name + size - 8, ".parquet") == 0) ||
            (size > 18 && strcmp(name + size - 18, ".parquet.encrypted") == 0);
}

/* Every file of the folder; how many there were. */
static size_t check_folder(
        const char *root, const char *below, const struct exception *exceptions, size_t exception_count)
{
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s/%s", root, below);
    DIR *const list = opendir(folder);
    assert_non_null(list);
    size_t count = 0;
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        if (!is_parquet(entry->d_name))
            continue;
        check_file(folder, entry->d_name, find_exception(exceptions, exception_count, entry->d_name));
        count++;
    }
    closedir(list);
    return count;
}

static void data_reads_or_is_refused_by_name(void **state)
{
    (void)state;
    char root[512];
    if (!testing_folder("", root, sizeof root))
        skip();
    const size_t known = sizeof data_exceptions / sizeof data_exceptions[0];
    assert_true(check_folder(root, "data", data_exceptions, known) > 50);
    assert_int_equal(check_folder(root, "data/aes256", data_exceptions, known), 5);
    assert_true(check_folder(root, "data/geospatial", NULL, 0) > 0);
}

static void bad_data_is_refused_with_its_place(void **state)
{
    (void)state;
    char root[512];
    if (!testing_folder("", root, sizeof root))
        skip();
    /* ARROW-GH-43605 is in no table: it has codes of width 0 and must read. */
    const size_t known = sizeof bad_exceptions / sizeof bad_exceptions[0];
    assert_int_equal(check_folder(root, "bad_data", bad_exceptions, known), known + 1);
}

/* Column 0 is double_field, encrypted with kc1: 0.5, 1.5, ... 1999.5. */
static void an_encrypted_bloom_filter_is_asked(void **state)
{
    (void)state;
    char root[512];
    char path[1024];
    struct joist_ctx *ctx = NULL;
    struct joist_source source;
    struct joist_parquet_file *file = NULL;
    struct ji_parquet_values *values = NULL;
    struct ji_arena arena;
    if (!testing_folder("", root, sizeof root))
        skip();
    (void)snprintf(
            path, sizeof path, "%s/data/encrypt_columns_and_footer_bloom_filter.parquet.encrypted", root);
    struct test_keys published = test_keys_published();
    const struct joist_parquet_keys keys = test_keys(&published);
    const struct joist_parquet_open_options options = {.struct_size = sizeof options, .keys = &keys};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(joist_source_open(ctx, path, &source, NULL));
    assert_ok(joist_parquet_open(ctx, source, &options, &file, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    assert_string_equal(ji_parquet_schema(file)->columns[0].name, "double_field");
    assert_ok(ji_parquet_values_open(file, &arena, 0, 0, &values, NULL));
    for (int step = 0; step < 4; step++) {
        const struct ji_value value = {.as.real = 1500.5 + 0.2 * step};
        bool lacking = false;
        assert_ok(ji_parquet_values_lack(values, &value, JI_PROOF_BLOOM, &lacking, NULL));
        assert_int_equal(lacking, step != 0);
    }
    ji_arena_clear(&arena);
    joist_parquet_close(file);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(data_reads_or_is_refused_by_name),
            cmocka_unit_test(an_encrypted_bloom_filter_is_asked),
            cmocka_unit_test(bad_data_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
