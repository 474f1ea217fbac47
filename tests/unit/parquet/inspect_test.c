/*
 * inspect_test.c - a footer as JSON and as lines for people
 */
#include "support/test.h"

#include <stdio.h>

#include "base/io.h"
#include "parquet/parquet_reader.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "wire/json_read.h"

static uint8_t file_bytes[16384];

struct catcher {
    struct ji_bytes text;
};

static enum joist_status catch (void *self, const void *data, size_t bytes, struct joist_error *err) {
    struct catcher *const catcher = self; return ji_bytes_append(&catcher->text, data, bytes, err);
}

static size_t load(const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, name);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(file_bytes, 1, sizeof file_bytes, file);
    fclose(file);
    return size;
}

/* Both outputs, one behind the other. */
static enum joist_status inspect(struct joist_ctx *ctx, size_t size, bool as_json, bool pages,
        struct catcher *catcher, struct joist_error *err)
{
    static const struct joist_sink_ops ops = {.struct_size = sizeof ops, .append = catch};
    struct bytes_source from = {.data = file_bytes, .size = size};
    struct joist_parquet_file *file = NULL;
    const struct joist_sink sink = {.ops = &ops, .self = catcher};
    const struct joist_parquet_inspect_options options = {.struct_size = sizeof options, .pages = pages};
    ji_bytes_init(&catcher->text, ji_ctx_mem(ctx));
    JI_TRY(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, err));
    const enum joist_status status = as_json ? joist_parquet_inspect(file, &options, sink, err)
                                             : joist_parquet_describe(file, &options, sink, err);
    joist_parquet_close(file);
    return status;
}

static void json_is_one_object_on_one_line_with_everything(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct catcher catcher;
    struct joist_error err;
    struct ji_arena arena;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    static const char *const names[] = {"types", "nested", "pages", "flat_zstd", "types_v2"};
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        assert_ok(inspect(ctx, load(names[index]), true, index % 2 == 0, &catcher, &err));
        assert_int_equal(catcher.text.data[catcher.text.size - 1], '\n');
        assert_ptr_equal(memchr(catcher.text.data, '\n', catcher.text.size),
                catcher.text.data + catcher.text.size - 1);
        struct ji_json *root = NULL;
        const struct ji_view text = ji_view_of(catcher.text.data, catcher.text.size - 1);
        if (ji_json_parse(&arena, text, &root, &err) != JOIST_OK)
            fail_msg("%s", err.text);
        ji_bytes_clear(&catcher.text);
    }
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

static void json_names_encodings_codecs_and_bounds(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct catcher catcher;
    static const char *const words[] = {"\"rows\":60", "\"created_by\":\"parquet-cpp-arrow",
            "\"name\":\"schema\"", "\"path\":\"m\"", "\"type\":\"decimal(25, 2)\"",
            "\"codec\":\"UNCOMPRESSED\"", "\"encodings\":[\"PLAIN\",\"RLE\",\"RLE_DICTIONARY\"]",
            "\"min\":\"0.00\"", "\"max\":\"v5\"", "\"null_count\":9", "\"physical\":\"FIXED_LEN_BYTE_ARRAY\"",
            "\"logical\":{\"type\":\"DECIMAL\"", "\"has_offset_index\":false", "\"data_page_offset\":"};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(inspect(ctx, load("types"), true, false, &catcher, NULL));
    assert_ok(ji_bytes_append_byte(&catcher.text, 0, NULL));
    for (size_t index = 0; index < sizeof words / sizeof words[0]; index++) {
        if (strstr((const char *)catcher.text.data, words[index]) == NULL)
            fail_msg("'%s' is not in %s", words[index], (const char *)catcher.text.data);
    }
    ji_bytes_clear(&catcher.text);
    joist_ctx_close(ctx);
}

static void description_has_a_line_for_each_chunk(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct catcher catcher;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(inspect(ctx, load("pages"), false, false, &catcher, NULL));
    assert_ok(ji_bytes_append_byte(&catcher.text, 0, NULL));
    const char *const text = (const char *)catcher.text.data;
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    /* The file, the schema and its three elements, then two groups with their two heads and three chunks. */
    assert_int_equal(lines, 2 + 1 + 3 + 2 * (2 + 3));
    assert_non_null(strstr(text, "bytes: 60 rows in 2 row groups"));
    assert_non_null(strstr(text, "required INT64                      long\n"));
    assert_non_null(strstr(text, "row group 1: 28 rows, 724 B of 724 B, at byte 772\n"));
    assert_non_null(strstr(text, "  none     DICT,PLAIN"));
    ji_bytes_clear(&catcher.text);
    joist_ctx_close(ctx);
}

/* What the output has, as text. */
static void expect_words(const char *name, size_t size, bool as_json, const char *const *words, size_t count)
{
    struct joist_ctx *ctx = NULL;
    struct catcher catcher;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(inspect(ctx, size, as_json, true, &catcher, NULL));
    assert_ok(ji_bytes_append_byte(&catcher.text, 0, NULL));
    for (size_t index = 0; index < count; index++) {
        if (strstr((const char *)catcher.text.data, words[index]) == NULL)
            fail_msg("%s: '%s' is not in %s", name, words[index], (const char *)catcher.text.data);
    }
    ji_bytes_clear(&catcher.text);
    joist_ctx_close(ctx);
}

#define EXPECT(name, size, as_json, ...)                                                                     \
    expect_words((name), (size), (as_json), (const char *const[]){__VA_ARGS__},                              \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void pages_are_told_with_headers_and_checksums(void **state)
{
    (void)state;
    EXPECT("pages", load("pages"), true, "\"pages\":[{\"type\":\"DICTIONARY_PAGE\",\"offset\":4,",
            "\"encoding\":\"RLE_DICTIONARY\",\"definition_encoding\":\"RLE\",\"crc\":\"absent\"",
            "\"sorted\":false");
    EXPECT("nested_v2", load("nested_v2"), true, "\"type\":\"DATA_PAGE_V2\"",
            "\"repetition_bytes\":", "\"compressed\":", "\"rows\":");
    EXPECT("pages", load("pages"), false, "    dictionary     PLAIN", "    page 0     v1  DICT",
            "        at byte 4, header of ");
    EXPECT("nested_v2", load("nested_v2"), false, "    page 0     v2  ", "repeated group");
}

static void a_page_that_cannot_be_read_is_told_as_one(void **state)
{
    (void)state;
    const size_t size = load("pages");
    file_bytes[4] = 0xff;
    EXPECT("pages", size, true, "\"pages\":[],\"pages_error\":\"page header");
    EXPECT("pages", size, false, "    page header");
}

static enum joist_status inspect_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const size_t *const size = arg;
    struct catcher catcher = {.text = {.mem = NULL}};
    for (int as_json = 0; as_json < 2; as_json++) {
        const enum joist_status status = inspect(ctx, *size, as_json != 0, true, &catcher, err);
        ji_bytes_clear(&catcher.text);
        JI_TRY(status);
    }
    return JOIST_OK;
}

static void failing_allocations_fail_the_inspection(void **state)
{
    (void)state;
    size_t size = load("nested");
    oom_sweep(inspect_body, &size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(json_is_one_object_on_one_line_with_everything),
            cmocka_unit_test(json_names_encodings_codecs_and_bounds),
            cmocka_unit_test(description_has_a_line_for_each_chunk),
            cmocka_unit_test(pages_are_told_with_headers_and_checksums),
            cmocka_unit_test(a_page_that_cannot_be_read_is_told_as_one),
            cmocka_unit_test(failing_allocations_fail_the_inspection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
