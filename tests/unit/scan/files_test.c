/*
 * files_test.c - many files as one stream, and a stream as many files
 */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include <joist/joist.h>

#include "base/error.h"
#include "support/oom.h"
#include "support/sql_csv.h"

static int64_t now_us;

static int64_t read_clock(void *user)
{
    (void)user;
    return now_us;
}

static struct joist_ctx *open_ctx(void)
{
    const struct joist_clock clock = {.now_us = read_clock};
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20, .clock = &clock};
    struct joist_ctx *ctx = NULL;
    now_us = (int64_t)1795280645 * 1000000;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static enum joist_status export_csv(struct joist_ctx *ctx, const char *from, const char *to,
        const struct joist_export_options *options, struct joist_exported *exported, struct joist_error *err)
{
    struct ArrowArrayStream stream = {.release = NULL};
    JI_TRY(joist_files_open(ctx, &from, 1, NULL, &stream, err));
    const enum joist_status status = joist_export(ctx, &stream, to, options, exported, err);
    stream.release(&stream);
    return status;
}

/* Rows of locations as CSV, sorted by id. */
static enum joist_status read_csv(
        struct joist_ctx *ctx, const char *location, char *out, struct joist_error *err)
{
    struct ArrowArrayStream files = {.release = NULL};
    struct ArrowArrayStream stream = {.release = NULL};
    struct joist_frame *frame = NULL;
    JI_TRY(joist_files_open(ctx, &location, 1, NULL, &files, err));
    enum joist_status status = joist_frame_scan_stream(ctx, &files, &frame, err);
    if (files.release != NULL)
        files.release(&files);
    if (status == JOIST_OK)
        status = joist_frame_sort(frame, "id", err);
    if (status == JOIST_OK)
        status = joist_frame_stream(frame, NULL, &stream, err);
    joist_frame_close(frame);
    if (status != JOIST_OK)
        return status;
    return stream_csv(ctx, &stream, out, err);
}

static const char text[] =
        "id,day,name\n1,2026-01-01,a/b\n2,2026-01-02,100%\n3,,\n4,2026-01-01,a/b\n5,2026-01-02,..\n";

static void partitions_come_back_as_columns(void **state)
{
    (void)state;
    static const char *const by[] = {"day", "name"};
    struct joist_ctx *const ctx = open_ctx();
    const struct joist_export_options options = {
            .struct_size = sizeof options, .partition_by = by, .partition_count = 2};
    struct joist_exported exported = {0};
    struct joist_error err = {.text = ""};
    char out[SQL_CSV_BYTES];
    write_bytes(ctx, "memory:in.csv", text);
    if (export_csv(ctx, "memory:in.csv", "memory:out", &options, &exported, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(exported.rows, 5);
    assert_int_equal(exported.files, 4);
    assert_int_equal(exported.small_files, 0);
    if (read_csv(ctx, "memory:out/", out, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_string_equal(out,
            "id,day,name\n1,2026-01-01,a/b\n2,2026-01-02,100%\n3,,\n4,2026-01-01,a/b\n5,2026-01-02,..\n");
    joist_ctx_close(ctx);
}

struct finished {
    unsigned count;
    uint64_t rows[16];
    char last[256];
};

static void note(void *user, const char *location, uint64_t rows, uint64_t bytes)
{
    struct finished *const finished = user;
    assert_true(bytes > 0);
    finished->rows[finished->count++] = rows;
    (void)snprintf(finished->last, sizeof finished->last, "%s", location);
}

static void files_are_split_by_rows_and_named_by_time(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct finished finished = {.count = 0};
    const struct joist_export_options options = {
            .struct_size = sizeof options, .split_rows = 2, .finished = note, .user = &finished};
    struct joist_exported exported = {0};
    write_bytes(ctx, "memory:in.csv", text);
    assert_ok(export_csv(ctx, "memory:in.csv", "memory:x/some.parquet", &options, &exported, NULL));
    assert_int_equal(exported.files, 3);
    assert_int_equal(finished.count, 3);
    assert_int_equal(finished.rows[0], 2);
    assert_int_equal(finished.rows[2], 1);
    assert_memory_equal(finished.last, "memory:x/some_20261121_", 23);
    assert_int_equal(strlen(finished.last), strlen("memory:x/some_20261121_164405_01234567.parquet"));
    joist_ctx_close(ctx);
}

/* Three batches, some seconds between them. */
struct slow_stream {
    struct ArrowArrayStream inner;
    unsigned pulled;
};

static int slow_schema(struct ArrowArrayStream *stream, struct ArrowSchema *schema)
{
    struct slow_stream *const slow = stream->private_data;
    return slow->inner.get_schema(&slow->inner, schema);
}

static int slow_next(struct ArrowArrayStream *stream, struct ArrowArray *array)
{
    struct slow_stream *const slow = stream->private_data;
    if (slow->pulled++ > 0)
        now_us += 7000000;
    return slow->inner.get_next(&slow->inner, array);
}

static const char *slow_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void slow_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static void a_file_ends_by_its_age_or_size(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    for (unsigned by_size = 0; by_size < 2; by_size++) {
        struct slow_stream slow = {.pulled = 0};
        struct finished finished = {.count = 0};
        struct joist_source source;
        struct joist_parquet_file *file = NULL;
        const struct joist_parquet_read_options read = {.struct_size = sizeof read, .batch_rows = 10};
        const struct joist_export_options options = {.struct_size = sizeof options,
                .split_after_us = by_size == 0 ? 10000000 : 0,
                .split_bytes = by_size == 1 ? 300 : 0,
                .finished = note,
                .user = &finished};
        if (by_size == 0)
            write_numbers(ctx, "memory:n.parquet", 1, 40, 100);
        assert_ok(joist_source_open(ctx, "memory:n.parquet", &source, NULL));
        assert_ok(joist_parquet_open(ctx, source, NULL, &file, NULL));
        assert_ok(joist_parquet_read(file, &read, &slow.inner, NULL));
        struct ArrowArrayStream stream = {slow_schema, slow_next, slow_error, slow_release, &slow};
        assert_ok(joist_export(ctx, &stream, "memory:aged", &options, NULL, NULL));
        stream.release(&stream);
        slow.inner.release(&slow.inner);
        joist_parquet_close(file);
        assert_true(finished.count >= 2);
        assert_int_equal(finished.rows[0], by_size == 0 ? 20 : finished.rows[0]);
    }
    joist_ctx_close(ctx);
}

static void more_partitions_than_may_be_open_make_small_files(void **state)
{
    (void)state;
    static const char *const by[] = {"id"};
    struct joist_ctx *const ctx = open_ctx();
    const struct joist_export_options options = {
            .struct_size = sizeof options, .partition_by = by, .partition_count = 1};
    struct joist_exported exported = {0};
    struct joist_error err = {.text = ""};
    write_numbers(ctx, "memory:many.parquet", 1, 100, 30);
    if (export_csv(ctx, "memory:many.parquet", "memory:many", &options, &exported, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(exported.files, 100);
    assert_int_equal(exported.small_files, 36);
    joist_ctx_close(ctx);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {"nothing"};
    static const char *const twice[] = {"id", "id"};
    static const char *const all[] = {"id", "day", "name"};
    static const struct {
        const char *const *by;
        size_t count;
        const char *to;
        enum joist_status status;
    } cases[] = {{none, 1, "memory:o", JOIST_ERR_NOT_FOUND}, {twice, 2, "memory:o", JOIST_ERR_INVALID},
            {all, 3, "memory:o", JOIST_ERR_INVALID}, {all, 1, "-", JOIST_ERR_INVALID}};
    struct joist_ctx *const ctx = open_ctx();
    write_bytes(ctx, "memory:in.csv", text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct joist_export_options options = {.struct_size = sizeof options,
                .partition_by = cases[i].by,
                .partition_count = cases[i].count};
        assert_int_equal(
                export_csv(ctx, "memory:in.csv", cases[i].to, &options, NULL, NULL), cases[i].status);
    }
    joist_ctx_close(ctx);
}

static void files_of_other_columns_are_named(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct joist_error err = {.text = ""};
    char out[SQL_CSV_BYTES];
    write_bytes(ctx, "memory:a/1.csv", "id,x\n1,2\n");
    write_bytes(ctx, "memory:a/2.csv", "id,x\n2,3\n");
    write_bytes(ctx, "memory:a/.hidden.csv", "z\n1\n");
    write_bytes(ctx, "memory:a/_note.csv", "z\n1\n");
    assert_ok(read_csv(ctx, "memory:a/", out, NULL));
    assert_string_equal(out, "id,x\n1,2\n2,3\n");
    write_bytes(ctx, "memory:a/3.csv", "id,y\n2,3\n");
    assert_int_equal(read_csv(ctx, "memory:a/", out, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "a/3.csv"));
    write_numbers(ctx, "memory:b/1.parquet", 1, 5, 5);
    write_bytes(ctx, "memory:b/2.csv", "id\n1\n");
    assert_int_equal(read_csv(ctx, "memory:b/", out, &err), JOIST_ERR_INVALID);
    joist_ctx_close(ctx);
}

static void folders_of_one_name_have_one_type(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct joist_error err = {.text = ""};
    char out[SQL_CSV_BYTES];
    write_bytes(ctx, "memory:h/n=7/d=2026-01-01/t=007/1.csv", "id\n1\n");
    write_bytes(ctx, "memory:h/n=-12/d=2026-01-02/t=8/1.csv", "id\n2\n");
    write_bytes(ctx, "memory:h/n=__HIVE_DEFAULT_PARTITION__/d=2026-01-03/t=x%20%zz/1.csv", "id\n3\n");
    if (read_csv(ctx, "memory:h/", out, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_string_equal(out, "id,n,d,t\n1,7,2026-01-01,007\n2,-12,2026-01-02,8\n3,,2026-01-03,x %zz\n");
    write_bytes(ctx, "memory:h/n=3/d=2026-01-01/1.csv", "id\n4\n");
    assert_int_equal(read_csv(ctx, "memory:h/", out, &err), JOIST_ERR_INVALID);
    write_bytes(ctx, "memory:c/id=3/1.csv", "id\n4\n");
    assert_int_equal(read_csv(ctx, "memory:c/", out, &err), JOIST_ERR_INVALID);
    joist_ctx_close(ctx);
}

static enum joist_status sweep_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    static const char *const by[] = {"day"};
    const struct joist_export_options options = {
            .struct_size = sizeof options, .partition_by = by, .partition_count = 1, .split_rows = 1};
    (void)arg;
    struct joist_sink sink;
    char out[SQL_CSV_BYTES];
    JI_TRY(joist_sink_open(ctx, "memory:in.csv", JOIST_SINK_CREATE, &sink, err));
    const enum joist_status status = sink.ops->append(sink.self, text, strlen(text), err);
    if (status != JOIST_OK) {
        joist_sink_abort(&sink);
        return status;
    }
    JI_TRY(joist_sink_commit(&sink, err));
    JI_TRY(export_csv(ctx, "memory:in.csv", "memory:out", &options, NULL, err));
    return read_csv(ctx, "memory:out/", out, err);
}

static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    oom_sweep_sparse(sweep_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(partitions_come_back_as_columns),
            cmocka_unit_test(files_are_split_by_rows_and_named_by_time),
            cmocka_unit_test(a_file_ends_by_its_age_or_size),
            cmocka_unit_test(more_partitions_than_may_be_open_make_small_files),
            cmocka_unit_test(what_cannot_be_is_refused),
            cmocka_unit_test(files_of_other_columns_are_named),
            cmocka_unit_test(folders_of_one_name_have_one_type),
            cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
