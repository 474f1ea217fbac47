/*
 * spilled_group_test.c - row groups that go on in a scratch file: no memory, no room, a file that is cut
 *
 * Most of the context's memory is taken before, so that a megabyte of pages is too much.
 */
#include "support/test.h"

#include "parquet/parquet_file_writer.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)
#define TAKEN_PARTS                                                                                          \
    16 /* of the limit all but one such part is taken; the writer moves pages below a quarter */
#define BATCH_ROWS 16384
#define BATCHES 12
#define LOCATION "memory:spilled.parquet"
#define FD_MAX 256

struct spill {
    unsigned cut_after; /* the scratch file is cut after so many batches; 0: never */
    bool was_cut;
    uint64_t row_groups;
};

/* Descriptors of files that have no name any more are cut to nothing. */
static bool cut_files_without_name(void)
{
    bool found = false;
    for (int fd = 3; fd < FD_MAX; fd++) {
        char path[32];
        char target[512];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        const ssize_t size = readlink(path, target, sizeof target - 1);
        target[size > 0 ? size : 0] = '\0';
        if (strstr(target, " (deleted)") != NULL && target[0] == '/')
            found = ftruncate(fd, 0) == 0 || found;
    }
    return found;
}

static void fill(int64_t *values, unsigned batch)
{
    uint64_t state = 88172645463325252u + batch;
    for (size_t i = 0; i < BATCH_ROWS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        values[i] = (int64_t)state;
    }
}

static enum joist_status append_all(struct joist_parquet_writer *writer, const struct ji_schema *schema,
        struct spill *spill, struct joist_error *err)
{
    static int64_t values[BATCH_ROWS];
    struct ji_column column = {.field = &schema->columns[0], .row_count = BATCH_ROWS, .values = values};
    const struct ji_batch batch = {
            .row_count = BATCH_ROWS, .selection_count = BATCH_ROWS, .column_count = 1, .columns = &column};
    for (unsigned i = 0; i < BATCHES; i++) {
        fill(values, i);
        const enum joist_status status = ji_parquet_writer_append(writer, &batch, err);
        if (status != JOIST_OK)
            return status;
        if (i + 1 == spill->cut_after)
            spill->was_cut = cut_files_without_name();
    }
    return JOIST_OK;
}

static enum joist_status open_writer(struct joist_ctx *ctx, struct ji_arena *arena, struct ji_schema *schema,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    struct joist_sink sink = {.ops = NULL};
    const struct joist_parquet_write_options options = {.struct_size = sizeof options,
            .codec = JOIST_CODEC_NONE,
            .compat = JOIST_PARQUET_COMPAT_V1,
            .no_dictionary = true,
            .row_group_rows_max = (uint64_t)BATCH_ROWS * BATCHES};
    enum joist_status status = ji_schema_parse(arena, ji_view_of_text("a long required"), schema, err);
    if (status == JOIST_OK)
        status = joist_sink_open(ctx, LOCATION, JOIST_SINK_CREATE, &sink, err);
    if (status != JOIST_OK)
        return status;
    status = ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, schema, &options, writer, err);
    if (status != JOIST_OK)
        joist_sink_abort(&sink);
    return status;
}

/* The file that is made stands outside of the memory that is counted short. */
static enum joist_status write_spilling(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct spill *spill = arg;
    struct joist_parquet_writer *writer = NULL;
    struct joist_parquet_written written = {.rows = 0};
    struct joist_source source;
    struct ji_arena arena;
    struct ji_schema schema;
    const uint64_t limit = ji_mem_limit(ji_ctx_mem(ctx));
    const uint64_t taken = limit - limit / TAKEN_PARTS;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    enum joist_status status = open_writer(ctx, &arena, &schema, &writer, err);
    if (status == JOIST_OK)
        status = ji_mem_reserve(ji_ctx_mem(ctx), taken, err);
    if (status == JOIST_OK) {
        status = append_all(writer, &schema, spill, err);
        ji_mem_release(ji_ctx_mem(ctx), taken);
    }
    if (status == JOIST_OK) {
        status = joist_parquet_writer_finish(writer, &written, err);
        writer = NULL;
    }
    joist_parquet_writer_abort(writer);
    ji_arena_clear(&arena);
    spill->row_groups = written.row_groups;
    if (status != JOIST_OK && joist_source_open(ctx, LOCATION, &source, NULL) == JOIST_OK)
        fail_msg("a file is there");
    return status;
}

static struct joist_ctx *open_ctx(void)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options,
            .memory_bytes_max = 64 * MIB,
            .keep_warm_bytes = 1,
            .threads = 1,
            .scratch_folder = "."};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void expect_rows(struct joist_ctx *ctx)
{
    struct parquet_drain drain = {.open_options = NULL};
    struct joist_source source = {.ops = NULL};
    assert_ok(joist_source_open(ctx, LOCATION, &source, NULL));
    assert_ok(parquet_drain(ctx, source, &drain, NULL));
    assert_int_equal(drain.rows, BATCH_ROWS * BATCHES);
}

static void a_group_that_spills_is_one_group(void **state)
{
    (void)state;
    struct spill spill = {.cut_after = 0};
    struct joist_ctx *ctx = open_ctx();
    assert_ok(write_spilling(ctx, &spill, NULL));
    assert_int_equal(spill.row_groups, 1);
    expect_rows(ctx);
    joist_ctx_close(ctx);
}

static void no_memory_at_any_point_leaves_no_file(void **state)
{
    (void)state;
    struct spill spill = {.cut_after = 0};
    oom_sweep_sparse(write_spilling, &spill);
}

static void a_full_disk_costs_no_more_than_the_size_of_groups(void **state)
{
    (void)state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlim_t before = limit.rlim_cur;
    const uint64_t bytes = (uint64_t)BATCH_ROWS * BATCHES * sizeof(int64_t);
    bool was_cut_up = false;
    for (uint64_t room = 0; room < bytes; room += bytes / 23) {
        struct spill spill = {.cut_after = 0};
        struct joist_ctx *ctx = open_ctx();
        limit.rlim_cur = (rlim_t)room;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        const enum joist_status status = write_spilling(ctx, &spill, NULL);
        limit.rlim_cur = before;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_ok(status);
        was_cut_up = was_cut_up || spill.row_groups > 1;
        expect_rows(ctx);
        joist_ctx_close(ctx);
    }
    assert_true(was_cut_up);
}

static void pages_that_are_gone_from_the_scratch_file_are_an_error_and_no_file(void **state)
{
    (void)state;
    struct spill spill = {.cut_after = BATCHES - 1};
    struct joist_error err = {.status = JOIST_OK};
    struct joist_ctx *ctx = open_ctx();
    assert_status(write_spilling(ctx, &spill, &err), JOIST_ERR_IO);
    assert_true(spill.was_cut);
    assert_non_null(strstr(err.text, "ends early"));
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_group_that_spills_is_one_group),
            cmocka_unit_test(no_memory_at_any_point_leaves_no_file),
            cmocka_unit_test(a_full_disk_costs_no_more_than_the_size_of_groups),
            cmocka_unit_test(pages_that_are_gone_from_the_scratch_file_are_an_error_and_no_file),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
