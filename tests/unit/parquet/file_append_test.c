/*
 * file_append_test.c - files that begin as another does, and row groups behind them
 */
#include "support/test.h"

#include <joist/parquet.h>
#include <joist/store.h>

#include "base/buffer.h"
#include "base/error.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#include <stdio.h>
#include <string.h>

#define ROWS 60
#define COPY "memory:copy"

static const char *const names[] = {"flat_none", "flat_snappy", "flat_zstd", "types", "types_v2", "nested",
        "nested_v2", "pages", "plain"};
#define NAME_COUNT (sizeof names / sizeof names[0])

static enum joist_status open_sample(
        struct joist_ctx *ctx, const char *name, struct joist_parquet_file **file, struct joist_error *err)
{
    char path[1024];
    struct joist_source source;
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, name);
    JI_TRY(joist_source_open(ctx, path, &source, err));
    const enum joist_status status = joist_parquet_open(ctx, source, NULL, file, err);
    if (status != JOIST_OK)
        joist_source_close(&source);
    return status;
}

struct wish {
    const char *name;
    const char *location;
    bool is_like; /* a file like it, into which its row groups are copied one by one */
};

/* The file's row groups, and again. */
static enum joist_status write_twice(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct wish *const wish = arg;
    struct joist_sink sink;
    struct joist_parquet_file *file = NULL;
    struct joist_parquet_writer *writer = NULL;
    JI_TRY(open_sample(ctx, wish->name, &file, err));
    const size_t groups = joist_parquet_row_group_count(file);
    enum joist_status status = joist_sink_open(ctx, wish->location, JOIST_SINK_REPLACE, &sink, err);
    if (status == JOIST_OK) {
        status = wish->is_like ? joist_parquet_like_open(ctx, file, sink, NULL, &writer, err)
                               : joist_parquet_append_open(ctx, file, sink, NULL, &writer, err);
        if (status != JOIST_OK)
            joist_sink_abort(&sink);
    }
    if (status == JOIST_OK && wish->is_like)
        status = joist_parquet_writer_copy(writer, file, 0, groups, err);
    for (size_t group = 0; group < groups && status == JOIST_OK; group++)
        status = joist_parquet_writer_copy(writer, file, group, 1, err);
    joist_parquet_close(file);
    if (status == JOIST_OK)
        return joist_parquet_writer_finish(writer, NULL, err);
    joist_parquet_writer_abort(writer);
    return status;
}

static struct joist_ctx *open_ctx(void)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void drain(struct joist_ctx *ctx, const char *location, struct ji_bytes *text, uint64_t rows)
{
    struct joist_source source;
    struct parquet_drain drained = {.text = text};
    assert_ok(joist_source_open(ctx, location, &source, NULL));
    assert_ok(parquet_drain(ctx, source, &drained, NULL));
    assert_int_equal(drained.rows, rows);
}

static void check_twice(struct joist_ctx *ctx, const struct wish *wish)
{
    char path[1024];
    struct ji_bytes wanted;
    struct ji_bytes got;
    struct joist_error err = {.text = ""};
    (void)snprintf(
            path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, wish->name);
    ji_bytes_init(&wanted, ji_ctx_mem(ctx));
    ji_bytes_init(&got, ji_ctx_mem(ctx));
    drain(ctx, path, &wanted, ROWS);
    if (write_twice(ctx, (void *)(uintptr_t)wish, &err) != JOIST_OK)
        fail_msg("%s: %s", wish->name, err.text);
    drain(ctx, wish->location, &got, 2 * ROWS);
    assert_int_equal(got.size, 2 * wanted.size);
    assert_memory_equal(got.data, wanted.data, wanted.size);
    assert_memory_equal(got.data + wanted.size, wanted.data, wanted.size);
    ji_bytes_clear(&got);
    ji_bytes_clear(&wanted);
}

static void row_groups_stand_behind_each_other(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    for (size_t index = 0; index < 2 * NAME_COUNT; index++) {
        const struct wish wish = {.name = names[index / 2], .location = COPY, .is_like = index % 2 != 0};
        check_twice(ctx, &wish);
    }
    joist_ctx_close(ctx);
}

static void allocations_fail_anywhere(void **state)
{
    (void)state;
    struct wish wish = {.name = "nested_v2", .location = COPY};
    oom_sweep_sparse(write_twice, &wish);
    wish.is_like = true;
    oom_sweep_sparse(write_twice, &wish);
}

static void row_groups_that_are_not_there_are_refused(void **state)
{
    (void)state;
    struct joist_sink sink;
    struct joist_error err = {.text = ""};
    struct joist_parquet_file *file = NULL;
    struct joist_parquet_file *other = NULL;
    struct joist_parquet_writer *writer = NULL;
    struct joist_ctx *const ctx = open_ctx();
    assert_ok(open_sample(ctx, "types", &file, NULL));
    assert_ok(open_sample(ctx, "nested", &other, NULL));
    assert_ok(joist_sink_open(ctx, COPY, JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(joist_parquet_like_open(ctx, file, sink, NULL, &writer, NULL));
    assert_int_equal(joist_parquet_writer_copy(writer, file, 0, 99, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "row groups from 0 to 99"));
    assert_int_equal(joist_parquet_writer_copy(writer, other, 0, 1, &err), JOIST_ERR_INVALID);
    joist_parquet_writer_abort(writer);
    joist_parquet_close(other);
    joist_parquet_close(file);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(row_groups_stand_behind_each_other),
            cmocka_unit_test(allocations_fail_anywhere),
            cmocka_unit_test(row_groups_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
