/*
 * race_test.c - many writers of one table: every acknowledged row is there, in one chain of snapshots
 */
#include "support/test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temp_folder.h"
#include "table/catalog/catalog.h"

#define WRITERS 4
#define APPENDS 25

static const char SCHEMA[] = "writer int required, number int required";

static struct ArrowArrayStream one_row(struct joist_ctx *ctx, int writer, int number)
{
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream = {0};
    if (joist_builder_open(ctx, SCHEMA, &builder, NULL) == JOIST_OK &&
            joist_builder_int64(builder, writer, NULL) == JOIST_OK &&
            joist_builder_int64(builder, number, NULL) == JOIST_OK &&
            joist_builder_end_row(builder, NULL) == JOIST_OK)
        (void)joist_builder_take(builder, &stream, NULL);
    joist_builder_close(builder);
    return stream;
}

/* The number of rows that were acknowledged, or -1. */
static int write_rows(const char *warehouse, int writer)
{
    struct joist_ctx *ctx = NULL;
    struct joist_catalog *catalog = NULL;
    struct joist_error err = {0};
    int done = 0;
    if (joist_ctx_open(NULL, &ctx, &err) != JOIST_OK ||
            joist_catalog_open(ctx, warehouse, NULL, &catalog, &err) != JOIST_OK) {
        fprintf(stderr, "writer %d: %s\n", writer, err.text);
        return -1;
    }
    for (int i = 0; i < APPENDS; i++) {
        struct ArrowArrayStream stream = one_row(ctx, writer, i);
        const enum joist_status status = joist_table_append(catalog, "n.race", &stream, NULL, NULL, &err);
        stream.release(&stream);
        if (status == JOIST_OK)
            done++;
        else
            fprintf(stderr, "writer %d, row %d: %s\n", writer, i, err.text);
    }
    joist_catalog_close(catalog);
    joist_ctx_close(ctx);
    return done;
}

static void create_table(struct joist_ctx *ctx, const char *warehouse)
{
    struct joist_catalog *catalog = NULL;
    const struct joist_table_create_options options = {.struct_size = sizeof options,
            .schema_json = "{\"fields\":[{\"id\":1,\"name\":\"writer\",\"required\":true,\"type\":\"int\"},"
                           "{\"id\":2,\"name\":\"number\",\"required\":true,\"type\":\"int\"}]}"};
    assert_ok(joist_catalog_open(ctx, warehouse, NULL, &catalog, NULL));
    assert_ok(joist_table_create(catalog, "n.race", &options, NULL));
    joist_catalog_close(catalog);
}

/* Every snapshot is the parent of the next, sequence numbers rise by one, every row is there once. */
static void check_table(struct joist_ctx *ctx, const char *warehouse)
{
    struct joist_catalog *catalog = NULL;
    struct ji_table *table = NULL;
    struct ArrowArrayStream stream = {0};
    bool seen[WRITERS][APPENDS] = {{false}};
    int64_t parent = JI_SNAPSHOT_NONE;
    assert_ok(joist_catalog_open(ctx, warehouse, NULL, &catalog, NULL));
    assert_ok(ji_table_open(catalog, "n.race", &table, NULL));
    assert_int_equal(table->model.snapshot_count, WRITERS * APPENDS);
    for (size_t i = 0; i < table->model.snapshot_count; i++) {
        const struct ji_snapshot *snapshot = &table->model.snapshots[i];
        assert_true(snapshot->parent_id == parent);
        assert_int_equal(snapshot->sequence_number, i + 1);
        parent = snapshot->snapshot_id;
    }
    ji_table_close(table);
    assert_ok(joist_table_scan(catalog, "n.race", NULL, &stream, NULL));
    int64_t rows = 0;
    for (;;) {
        struct ArrowArray array = {0};
        assert_ok(joist_stream_next(&stream, &array, NULL));
        if (array.release == NULL)
            break;
        for (int64_t i = 0; i < array.length; i++) {
            const int32_t writer = ((const int32_t *)array.children[0]->buffers[1])[i];
            const int32_t number = ((const int32_t *)array.children[1]->buffers[1])[i];
            assert_false(seen[writer][number]);
            seen[writer][number] = true;
        }
        rows += array.length;
        array.release(&array);
    }
    assert_int_equal(rows, WRITERS * APPENDS);
    stream.release(&stream);
    joist_catalog_close(catalog);
}

static void processes_lose_no_row(void **state)
{
    (void)state;
    struct temp_folder folder;
    struct joist_ctx *ctx = NULL;
    pid_t children[WRITERS];
    temp_folder_open(&folder);
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    create_table(ctx, folder.path);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(write_rows(folder.path, i) == APPENDS ? 0 : 1);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    check_table(ctx, folder.path);
    joist_ctx_close(ctx);
    temp_folder_close(&folder);
}

struct writer {
    pthread_t thread;
    const char *warehouse;
    int number;
    int done;
};

static void *run_writer(void *arg)
{
    struct writer *writer = arg;
    writer->done = write_rows(writer->warehouse, writer->number);
    return NULL;
}

static void threads_lose_no_row(void **state)
{
    (void)state;
    struct temp_folder folder;
    struct joist_ctx *ctx = NULL;
    struct writer writers[WRITERS];
    temp_folder_open(&folder);
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    create_table(ctx, folder.path);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.warehouse = folder.path, .number = i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, run_writer, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].done, APPENDS);
    }
    check_table(ctx, folder.path);
    joist_ctx_close(ctx);
    temp_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(processes_lose_no_row),
            cmocka_unit_test(threads_lose_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
