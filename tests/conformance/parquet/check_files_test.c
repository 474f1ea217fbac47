/*
 * check_files_test.c - apache/parquet-testing under the check: clean, or with findings that the files deserve
 *
 * Files are found as testing_files_test.c says. A file that is in no table has no finding.
 */
#include "support/test.h"
#include "support/testing_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <joist/joist.h>

struct expectation {
    const char *name;
    enum joist_status status; /* of open or check */
    const char *codes;        /* of the findings, in order, a code in a row once */
};

static const struct expectation data_expectations[] = {
        /* total_byte_size is not the sum of the chunks': writers of their time. */
        {"alltypes_plain.snappy.parquet", JOIST_OK, "group-bytes"},
        {"nan_in_stats.parquet", JOIST_OK, "group-bytes"},
        {"single_nan.parquet", JOIST_OK, "group-bytes"},
        /* The same, and a null count that leaves out the element that a null list lacks. */
        {"list_columns.parquet", JOIST_OK, "group-bytes null-count"},
        /* `encodings` lacks that of the values. */
        {"byte_array_decimal.parquet", JOIST_OK, "encodings"},
        /* min_value and max_value without column orders mean nothing, says the format. */
        {"concatenated_gzip_members.parquet", JOIST_OK, "column-orders"},
        {"data_index_bloom_encoding_with_length.parquet", JOIST_OK, "column-orders"},
        {"rle_boolean_encoding.parquet", JOIST_OK, "column-orders group-bytes"},
        /* Made to be wrong; their column indexes were never filled: null pages, null counts of -1. */
        {"datapage_v1-corrupt-checksum.parquet", JOIST_OK,
                "page-crc column-index null-count column-index null-count column-index null-count page-crc "
                "column-index null-count"},
        {"datapage_v1-snappy-compressed-checksum.parquet", JOIST_OK,
                "column-index null-count column-index null-count column-index null-count column-index "
                "null-count"},
        {"datapage_v1-uncompressed-checksum.parquet", JOIST_OK,
                "column-index null-count column-index null-count column-index null-count column-index "
                "null-count"},
        {"rle-dict-uncompressed-corrupt-checksum.parquet", JOIST_OK, "page-crc"},
        /* file_offset of the row group is not that of its first page. */
        {"lz4_raw_compressed.parquet", JOIST_OK, "group-offset"},
        {"lz4_raw_compressed_larger.parquet", JOIST_OK, "group-offset"},
        {"non_hadoop_lz4_compressed.parquet", JOIST_OK, "group-bytes group-offset"},
        /* total_byte_size 0, encodings without those of the pages, sizes without the dictionary's header. */
        {"nation.dict-malformed.parquet", JOIST_OK,
                "group-bytes encodings chunk-bytes encodings chunk-bytes"},
        /* A page of 1 GiB does not fit the limit that the test sets. */
        {"large_string_map.brotli.parquet", JOIST_ERR_LIMIT, ""},
        /* Keys are not given here. */
        {"encrypt_columns_and_footer.parquet.encrypted", JOIST_ERR_DENIED, ""},
        {"encrypt_columns_and_footer_aad.parquet.encrypted", JOIST_ERR_DENIED, ""},
        {"encrypt_columns_and_footer_bloom_filter.parquet.encrypted", JOIST_ERR_DENIED, ""},
        {"encrypt_columns_and_footer_ctr.parquet.encrypted", JOIST_ERR_DENIED, ""},
        {"encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted", JOIST_ERR_DENIED, ""},
        {"external_key_material_java.parquet.encrypted", JOIST_ERR_DENIED, ""},
        {"uniform_encryption.parquet.encrypted", JOIST_ERR_DENIED, ""},
        /* Two of its columns are encrypted: unverified. */
        {"encrypt_columns_plaintext_footer.parquet.encrypted", JOIST_OK, "chunk"},
};

static const struct expectation shredded_expectations[] = {
        /* Their cases want them refused: both parts of a value, what is no object beside fields of one. */
        {"case-042.parquet", JOIST_OK, "variant"},
        {"case-087.parquet", JOIST_OK, "variant"},
        {"case-128.parquet", JOIST_OK, "variant"},
        /* Fields are optional groups; a field is shredded and in the value too: as their names say. */
        {"case-084-INVALID.parquet", JOIST_OK, "schema"},
        {"case-125-INVALID.parquet", JOIST_OK, "variant"},
        /* Neither part of a value: null for readers, nothing that a writer may write. */
        {"case-129.parquet", JOIST_OK, "variant"},
        /* Its case wants it refused: a type that a variant cannot have. */
        {"case-137.parquet", JOIST_ERR_UNSUPPORTED, ""},
};

static const struct expectation bad_expectations[] = {
        {"ARROW-GH-41317.parquet", JOIST_OK,
                "page-header encoding-stats chunk-values chunk-rows min max min max chunk chunk-path"},
        {"ARROW-GH-41321.parquet", JOIST_OK, "page-values page-levels page-header page-levels page-header"},
        {"ARROW-GH-45185.parquet", JOIST_OK, "page-levels"},
        {"ARROW-GH-47662.parquet", JOIST_OK, "page-values"},
        {"ARROW-RS-GH-6229-DICTHEADER.parquet", JOIST_OK, "page-header chunk"},
        {"ARROW-RS-GH-6229-LEVELS.parquet", JOIST_OK, "group-bytes group-offset chunk-values"},
        {"PARQUET-1481.parquet", JOIST_ERR_CORRUPT, ""},
};

struct found {
    char codes[2048];
    char text[1200];
};

static enum joist_status take(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    struct found *const found = user;
    (void)err;
    const char *last = strrchr(found->codes, ' ');
    last = last == NULL ? found->codes : last + 1;
    const size_t used = strlen(found->codes);
    if (strcmp(last, finding->code) != 0)
        (void)snprintf(
                found->codes + used, sizeof found->codes - used, "%s%s", used > 0 ? " " : "", finding->code);
    (void)snprintf(
            found->text, sizeof found->text, "%s: %s", finding->column ? finding->column : "", finding->text);
    return JOIST_OK;
}

static enum joist_status check(
        struct joist_ctx *ctx, const char *path, struct found *found, struct joist_error *err)
{
    struct joist_source source = {.ops = NULL};
    struct joist_parquet_file *file = NULL;
    const struct joist_parquet_check_options options = {
            .struct_size = sizeof options, .finding = take, .user = found};
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    enum joist_status status = joist_source_open(ctx, path, &source, err);
    if (status == JOIST_OK)
        status = joist_parquet_open(ctx, source, NULL, &file, err);
    if (status != JOIST_OK) {
        joist_source_close(&source);
        return status;
    }
    status = joist_parquet_check(file, &options, &checked, err);
    joist_parquet_close(file);
    return status;
}

static void check_file(const char *folder, const char *name, const struct expectation *wanted)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 256 << 20};
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {.status = JOIST_OK};
    struct found found = {.codes = ""};
    char path[2048];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    const enum joist_status status = check(ctx, path, &found, &err);
    const enum joist_status wanted_status = wanted != NULL ? wanted->status : JOIST_OK;
    const char *const codes = wanted != NULL ? wanted->codes : "";
    if (status != wanted_status || strcmp(found.codes, codes) != 0) {
        fail_msg("%s: wanted %s '%s', is %s '%s': %s", name, joist_status_name(wanted_status), codes,
                joist_status_name(status), found.codes, status == JOIST_OK ? found.text : err.text);
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
static size_t check_folder(const char *root, const char *below, const struct expectation *table, size_t count)
{
    char folder[1024];
    size_t files = 0;
    (void)snprintf(folder, sizeof folder, "%s/%s", root, below);
    DIR *const list = opendir(folder);
    assert_non_null(list);
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        const struct expectation *wanted = NULL;
        if (!is_parquet(entry->d_name))
            continue;
        for (size_t index = 0; index < count; index++) {
            if (strcmp(table[index].name, entry->d_name) == 0)
                wanted = &table[index];
        }
        check_file(folder, entry->d_name, wanted);
        files++;
    }
    closedir(list);
    return files;
}

static void data_is_clean_but_for_what_is_listed(void **state)
{
    (void)state;
    char root[512];
    if (!testing_folder("", root, sizeof root))
        skip();
    const size_t known = sizeof data_expectations / sizeof data_expectations[0];
    const size_t shredded = sizeof shredded_expectations / sizeof shredded_expectations[0];
    assert_true(check_folder(root, "data", data_expectations, known) > 50);
    assert_true(check_folder(root, "data/geospatial", NULL, 0) > 0);
    assert_true(check_folder(root, "shredded_variant", shredded_expectations, shredded) > 50);
}

static void bad_data_is_refused_or_found(void **state)
{
    (void)state;
    char root[512];
    if (!testing_folder("", root, sizeof root))
        skip();
    /* ARROW-GH-43605 is in no table: it is right. */
    const size_t known = sizeof bad_expectations / sizeof bad_expectations[0];
    assert_int_equal(check_folder(root, "bad_data", bad_expectations, known), known + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(data_is_clean_but_for_what_is_listed),
            cmocka_unit_test(bad_data_is_refused_or_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
