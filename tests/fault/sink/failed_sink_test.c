/*
 * failed_sink_test.c - whatever is written, by whichever writer: a failure leaves nothing behind
 *
 * Each way of making a file is taken with the n-th allocation failing, with the n-th call of a store failing,
 * and on a disk that is full after each number of bytes. After a failure there is no file, under the final
 * name or another, and no byte of memory.
 */
#include "support/test.h"

#include "support/fault_store.h"
#include "support/oom.h"
#include "support/temp_folder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define ROWS 24
#define FOOTER_KEY "0123456789012345"
#define COLUMN_KEY "1234567890123450"
#define FROM "memory:from.parquet"
#define DISK_STEP 3 /* bytes */
#define ENCRYPTED_SPREAD 16

enum verb { WRITE, COPY, APPEND, CSV, NDJSON, IPC_FILE, IPC_STREAM };

struct way {
    const char *name;
    enum verb verb;
    bool has_bloom;
    bool is_encrypted;
    bool plain_footer;
};

static const struct way ways[] = {
        {"parquet", WRITE, false, false, false},
        {"parquet with Bloom filters", WRITE, true, false, false},
        {"parquet, encrypted", WRITE, true, true, false},
        {"parquet, encrypted, its footer readable", WRITE, true, true, true},
        {"row groups copied", COPY, true, false, false},
        {"rows appended to a file", APPEND, true, false, false},
        {"csv", CSV, false, false, false},
        {"ndjson", NDJSON, false, false, false},
        {"arrow file", IPC_FILE, false, false, false},
        {"arrow stream", IPC_STREAM, false, false, false},
};
#define WAY_COUNT (sizeof ways / sizeof ways[0])

static enum joist_status add_row(struct joist_builder *builder, int i, struct joist_error *err)
{
    char text[32];
    const int size = snprintf(text, sizeof text, "a name, number %d", i % 7);
    enum joist_status status = joist_builder_int64(builder, i * (int64_t)1000003, err);
    if (status == JOIST_OK)
        status = i % 5 == 0 ? joist_builder_null(builder, err)
                            : joist_builder_text(builder, text, (size_t)size, err);
    return status == JOIST_OK ? joist_builder_end_row(builder, err) : status;
}

static enum joist_status rows_open(
        struct joist_ctx *ctx, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct joist_builder *builder = NULL;
    enum joist_status status = joist_builder_open(ctx, "id long required, name string", &builder, err);
    for (int i = 0; i < ROWS && status == JOIST_OK; i++)
        status = add_row(builder, i, err);
    if (status == JOIST_OK)
        status = joist_builder_take(builder, stream, err);
    joist_builder_close(builder);
    return status;
}

static const struct joist_parquet_encryption *encryption_of(
        const struct way *way, struct joist_parquet_encryption *made)
{
    static const struct joist_parquet_column_key columns[] = {
            {.column = "name", .key = {.key = COLUMN_KEY, .key_bytes = 16}}};
    *made = (struct joist_parquet_encryption){.struct_size = sizeof *made,
            .footer = {.key = FOOTER_KEY, .key_bytes = 16},
            .plain_footer = way->plain_footer,
            .columns = columns,
            .column_count = 1};
    return way->is_encrypted ? made : NULL;
}

/* Ends the writer, and with it the sink. */
static enum joist_status write_rest(
        struct joist_ctx *ctx, struct joist_parquet_writer *writer, bool takes_rows, struct joist_error *err)
{
    struct ArrowArrayStream stream = {.release = NULL};
    enum joist_status status = takes_rows ? rows_open(ctx, &stream, err) : JOIST_OK;
    if (status == JOIST_OK && takes_rows)
        status = joist_parquet_writer_append_stream(writer, &stream, err);
    if (stream.release != NULL)
        stream.release(&stream);
    if (status == JOIST_OK)
        return joist_parquet_writer_finish(writer, NULL, err);
    joist_parquet_writer_abort(writer);
    return status;
}

/* Of `file` where the way is a copy; the sink is the writer's from success on. */
static enum joist_status writer_open(struct joist_ctx *ctx, const struct way *way,
        struct joist_parquet_file *file, struct joist_sink sink, struct joist_parquet_writer **writer,
        struct joist_error *err)
{
    struct joist_parquet_encryption encryption;
    struct ArrowArrayStream stream = {.release = NULL};
    struct ArrowSchema schema = {.release = NULL};
    const struct joist_parquet_write_options options = {.struct_size = sizeof options,
            .page_rows_max = 5,
            .row_group_rows_max = 14,
            .bloom = way->has_bloom ? JOIST_BLOOM_ON : JOIST_BLOOM_OFF,
            .encryption = encryption_of(way, &encryption)};
    if (way->verb == APPEND)
        return joist_parquet_append_open(ctx, file, sink, &options, writer, err);
    enum joist_status status = rows_open(ctx, &stream, err);
    if (status != JOIST_OK)
        return status;
    if (stream.get_schema(&stream, &schema) != 0) {
        status = JOIST_ERR_NO_MEMORY;
    } else {
        status = joist_parquet_writer_open(ctx, sink, &schema, &options, writer, err);
        schema.release(&schema);
    }
    stream.release(&stream);
    return status;
}

static enum joist_status write_parquet(struct joist_ctx *ctx, const struct way *way,
        struct joist_parquet_file *file, const char *location, struct joist_error *err)
{
    struct joist_sink sink = {.ops = NULL};
    struct joist_parquet_writer *writer = NULL;
    enum joist_status status = joist_sink_open(ctx, location, JOIST_SINK_CREATE, &sink, err);
    if (status != JOIST_OK)
        return status;
    status = writer_open(ctx, way, file, sink, &writer, err);
    if (status != JOIST_OK) {
        joist_sink_abort(&sink);
        return status;
    }
    if (way->verb == COPY) {
        status = joist_parquet_writer_copy(writer, file, 0, joist_parquet_row_group_count(file), err);
        if (status != JOIST_OK) {
            joist_parquet_writer_abort(writer);
            return status;
        }
    }
    return write_rest(ctx, writer, way->verb != COPY, err);
}

static enum joist_status write_from_file(struct joist_ctx *ctx, const struct way *way, const char *from,
        const char *location, struct joist_error *err)
{
    struct joist_source source = {.ops = NULL};
    struct joist_parquet_file *file = NULL;
    enum joist_status status = joist_source_open(ctx, from, &source, err);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_open(ctx, source, NULL, &file, err);
    if (status != JOIST_OK) {
        joist_source_close(&source);
        return status;
    }
    status = write_parquet(ctx, way, file, location, err);
    joist_parquet_close(file);
    return status;
}

static enum joist_status write_rows(
        struct joist_ctx *ctx, const struct way *way, const char *location, struct joist_error *err)
{
    struct ArrowArrayStream stream = {.release = NULL};
    struct joist_sink sink = {.ops = NULL};
    const struct joist_ipc_options ipc = {.struct_size = sizeof ipc,
            .as_stream = way->verb == IPC_STREAM,
            .codec = way->verb == IPC_STREAM ? JOIST_IPC_ZSTD : JOIST_IPC_NONE};
    enum joist_status status = rows_open(ctx, &stream, err);
    if (status != JOIST_OK)
        return status;
    status = joist_sink_open(ctx, location, JOIST_SINK_CREATE, &sink, err);
    if (status == JOIST_OK) {
        if (way->verb == CSV)
            status = joist_csv_write(ctx, &stream, sink, NULL, err);
        else if (way->verb == NDJSON)
            status = joist_ndjson_write(ctx, &stream, sink, NULL, err);
        else
            status = joist_ipc_write(ctx, &stream, sink, &ipc, err);
        if (status == JOIST_OK)
            status = joist_sink_commit(&sink, err);
        else
            joist_sink_abort(&sink);
    }
    stream.release(&stream);
    return status;
}

static bool has_original(const struct way *way)
{
    return way->verb == COPY || way->verb == APPEND;
}

/* What is copied or appended to. */
static enum joist_status write_original(struct joist_ctx *ctx, const char *location, struct joist_error *err)
{
    return write_parquet(ctx, &ways[1], NULL, location, err);
}

static enum joist_status take_way(struct joist_ctx *ctx, const struct way *way, const char *from,
        const char *location, struct joist_error *err)
{
    if (way->verb == WRITE)
        return write_parquet(ctx, way, NULL, location, err);
    return has_original(way) ? write_from_file(ctx, way, from, location, err)
                             : write_rows(ctx, way, location, err);
}

/* --- memory --- */

static enum joist_status memory_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct way *way = arg;
    struct joist_source source;
    enum joist_status status = has_original(way) ? write_original(ctx, FROM, err) : JOIST_OK;
    if (status != JOIST_OK)
        return status;
    status = take_way(ctx, way, FROM, "memory:to", err);
    if (status != JOIST_OK && joist_source_open(ctx, "memory:to", &source, NULL) == JOIST_OK)
        fail_msg("%s: a file is there", way->name);
    return status;
}

static void no_memory_at_any_point_leaves_no_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAY_COUNT; i++) {
        struct way way = ways[i];
        oom_sweep_sparse(memory_body, &way);
    }
}

/* --- a store that fails --- */

static enum joist_status store_body(void *arg, struct fault_plan *plan, struct joist_error *err)
{
    const struct way *way = arg;
    const uint64_t fail_at = plan->fail_at;
    struct joist_ctx *ctx = NULL;
    struct joist_store memory;
    struct joist_store faulty;
    struct joist_source source;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(joist_memory_store_open(ctx, &memory, NULL));
    assert_ok(fault_store_open(memory, plan, &faulty));
    assert_ok(joist_ctx_add_store(ctx, "faulty", faulty, NULL));
    plan->fail_at = 0;
    if (has_original(way))
        assert_ok(write_original(ctx, "faulty://from", NULL));
    plan->calls = 0;
    plan->fail_at = fail_at;
    const enum joist_status status = take_way(ctx, way, "faulty://from", "faulty://to", err);
    plan->fail_at = 0;
    if (status != JOIST_OK)
        assert_status(joist_source_open(ctx, "faulty://to", &source, NULL), JOIST_ERR_NOT_FOUND);
    joist_ctx_close(ctx);
    return status;
}

static void a_failed_call_at_any_point_leaves_no_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAY_COUNT; i++) {
        struct way way = ways[i];
        io_sweep(store_body, &way, ENOSPC);
    }
}

/* --- a disk that is full --- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Bytes of the file that the way makes. */
static uint64_t size_of(const struct way *way, const char *path)
{
    struct joist_ctx *ctx = NULL;
    struct joist_source source;
    struct joist_error err = {.status = JOIST_OK};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    if (has_original(way))
        assert_ok(write_original(ctx, FROM, NULL));
    if (take_way(ctx, way, FROM, path, &err) != JOIST_OK)
        fail_msg("%s: %s", way->name, err.text);
    assert_ok(joist_source_open(ctx, path, &source, NULL));
    const uint64_t size = source.ops->size(source.self);
    joist_source_close(&source);
    joist_ctx_close(ctx);
    assert_int_equal(remove(path), 0);
    return size;
}

static void expect_no_room(const struct way *way, const struct temp_folder *folder, const char *path)
{
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {.status = JOIST_OK};
    /* Checksums of encrypted pages differ from file to file, and take a byte less now and then. */
    const uint64_t size = size_of(way, path) - (way->is_encrypted ? ENCRYPTED_SPREAD : 0);
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    if (has_original(way))
        assert_ok(write_original(ctx, FROM, NULL));
    for (uint64_t room = 0; size > room; room += DISK_STEP) {
        limit_files((rlim_t)room);
        const enum joist_status status = take_way(ctx, way, FROM, path, &err);
        limit_files(RLIM_INFINITY);
        if (status != JOIST_ERR_IO)
            fail_msg("%s: room for %llu of %llu bytes: %s", way->name, (unsigned long long)room,
                    (unsigned long long)size, joist_status_name(status));
        if (temp_folder_count(folder->path) != 0)
            fail_msg("%s: room for %llu of %llu bytes: a file is left", way->name, (unsigned long long)room,
                    (unsigned long long)size);
    }
    joist_ctx_close(ctx);
}

static void a_disk_that_is_full_after_any_number_of_bytes_holds_no_file(void **state)
{
    (void)state;
    struct temp_folder folder;
    char path[1024];
    temp_folder_open(&folder);
    temp_folder_path(&folder, "to", path);
    for (size_t i = 0; i < WAY_COUNT; i++)
        expect_no_room(&ways[i], &folder, path);
    temp_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(no_memory_at_any_point_leaves_no_file),
            cmocka_unit_test(a_failed_call_at_any_point_leaves_no_file),
            cmocka_unit_test(a_disk_that_is_full_after_any_number_of_bytes_holds_no_file),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
