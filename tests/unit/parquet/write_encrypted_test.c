/*
 * write_encrypted_test.c - encrypted files that are written: modes, keys that cannot be, no memory anywhere
 */
#include "support/test.h"

#include "parquet/parquet_file_writer.h"
#include "support/oom.h"
#include "support/parquet_drain.h"
#include "support/test_keys.h"

#define LOCATION "memory:encrypted.parquet"
#define FOOTER_KEY "0123456789012345"
#define COLUMN_KEY "1234567890123450"
#define ROW_COUNT 100

static const struct test_key KEYS[] = {
        {"", "30313233343536373839303132333435"}, {"t", "31323334353637383930313233343530"}};

static const struct joist_parquet_column_key COLUMNS[] = {
        {.column = "t", .key = {.key = COLUMN_KEY, .key_bytes = 16}}};

static struct joist_parquet_encryption encryption_of(bool plain_footer, bool has_columns, bool is_ctr)
{
    return (struct joist_parquet_encryption){.struct_size = sizeof(struct joist_parquet_encryption),
            .cipher = is_ctr ? JOIST_PARQUET_AES_GCM_CTR : JOIST_PARQUET_AES_GCM,
            .footer = {.key = FOOTER_KEY, .key_bytes = 16},
            .plain_footer = plain_footer,
            .columns = has_columns ? COLUMNS : NULL,
            .column_count = has_columns ? 1 : 0};
}

static enum joist_status open_writer(struct joist_ctx *ctx, struct ji_arena *arena,
        const struct joist_parquet_encryption *encryption, struct ji_schema *schema,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    const struct joist_parquet_write_options options = {.struct_size = sizeof options,
            .page_rows_max = 16,
            .row_group_rows_max = 60,
            .bloom = JOIST_BLOOM_ON,
            .encryption = encryption};
    struct joist_sink sink = {.ops = NULL};
    JI_TRY(ji_schema_parse(arena, ji_view_of_text("n long required, t string required"), schema, err));
    JI_TRY(joist_sink_open(ctx, LOCATION, JOIST_SINK_REPLACE, &sink, err));
    const enum joist_status status =
            ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, schema, &options, writer, err);
    if (status != JOIST_OK)
        joist_sink_abort(&sink);
    return status;
}

static enum joist_status write_rows(
        struct joist_ctx *ctx, const struct joist_parquet_encryption *encryption, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_parquet_writer *writer = NULL;
    struct ji_arena arena;
    struct ji_schema schema;
    int64_t numbers[ROW_COUNT];
    struct ji_view texts[ROW_COUNT];
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(open_writer(ctx, &arena, encryption, &schema, &writer, err));
    for (size_t i = 0; i < ROW_COUNT; i++) {
        numbers[i] = (int64_t)(i * i);
        texts[i] = ji_view_of_text(i % 3 == 0 ? "a text" : "another");
    }
    struct ji_column columns[2] = {{.field = &schema.columns[0], .row_count = ROW_COUNT, .values = numbers},
            {.field = &schema.columns[1], .row_count = ROW_COUNT, .values = texts}};
    const struct ji_batch batch = {
            .row_count = ROW_COUNT, .selection_count = ROW_COUNT, .column_count = 2, .columns = columns};
    JI_TRY_OUT(ji_parquet_writer_append(writer, &batch, err));
    struct joist_parquet_writer *ended = writer;
    writer = NULL;
    JI_TRY_OUT(joist_parquet_writer_finish(ended, NULL, err));
out:
    joist_parquet_writer_abort(writer);
    ji_arena_clear(&arena);
    return status;
}

static enum joist_status read_rows(struct joist_ctx *ctx, uint64_t *rows, struct joist_error *err)
{
    struct test_keys found = {.keys = KEYS, .count = 2};
    const struct joist_parquet_keys keys = test_keys(&found);
    const struct joist_parquet_open_options options = {.struct_size = sizeof options, .keys = &keys};
    struct parquet_drain drain = {.open_options = &options};
    struct joist_source source = {.ops = NULL};
    JI_TRY(joist_source_open(ctx, LOCATION, &source, err));
    JI_TRY(parquet_drain(ctx, source, &drain, err));
    *rows = drain.rows;
    return JOIST_OK;
}

static void every_mode_comes_back(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 8; mode++) {
        const struct joist_parquet_encryption encryption =
                encryption_of((mode & 1) != 0, (mode & 2) != 0, (mode & 4) != 0);
        struct joist_ctx *ctx = NULL;
        uint64_t rows = 0;
        assert_ok(joist_ctx_open(NULL, &ctx, NULL));
        assert_ok(write_rows(ctx, &encryption, NULL));
        assert_ok(read_rows(ctx, &rows, NULL));
        assert_int_equal(rows, ROW_COUNT);
        joist_ctx_close(ctx);
    }
}

static void expect_refusal(const struct joist_parquet_encryption *encryption, const char *text)
{
    struct joist_ctx *ctx = NULL;
    struct joist_error err;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_int_equal(write_rows(ctx, encryption, &err), JOIST_ERR_INVALID);
    if (strstr(err.text, text) == NULL)
        fail_msg("'%s' is not in '%s'", text, err.text);
    joist_ctx_close(ctx);
}

static void keys_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct joist_parquet_column_key strange[] = {
            {.column = "z", .key = {.key = COLUMN_KEY, .key_bytes = 16}}};
    static const struct joist_parquet_column_key narrow[] = {
            {.column = "t", .key = {.key = COLUMN_KEY, .key_bytes = 15}}};
    struct joist_parquet_encryption encryption = encryption_of(false, false, false);
    encryption.footer.key_bytes = 17;
    expect_refusal(&encryption, "the footer has 17 bytes");
    encryption = encryption_of(false, true, false);
    encryption.columns = strange;
    expect_refusal(&encryption, "'z', which is no column");
    encryption.columns = narrow;
    expect_refusal(&encryption, "the key of t has 15 bytes");
    encryption = encryption_of(false, false, false);
    encryption.no_aad_prefix = true;
    expect_refusal(&encryption, "and is none");
    encryption.no_aad_prefix = false;
    encryption.struct_size = 3;
    expect_refusal(&encryption, "struct_size");
}

static enum joist_status write_and_read(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    uint64_t rows = 0;
    JI_TRY(write_rows(ctx, arg, err));
    return read_rows(ctx, &rows, err);
}

static void no_memory_at_any_point_is_an_error_and_no_leak(void **state)
{
    (void)state;
    struct joist_parquet_encryption encryption = encryption_of(true, true, true);
    oom_sweep_sparse(write_and_read, &encryption);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_mode_comes_back),
            cmocka_unit_test(keys_that_cannot_be_are_refused),
            cmocka_unit_test(no_memory_at_any_point_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
