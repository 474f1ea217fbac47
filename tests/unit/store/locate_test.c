/*
 * locate_test.c - locations, streams, and the public open functions
 */
#include "support/oom.h"
#include "support/temp_folder.h"
#include "support/test.h"

#include "base/io.h"
#include "store/locate.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_ctx(void **state)
{
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    *state = ctx;
    return 0;
}

static int close_ctx(void **state)
{
    joist_ctx_close(*state);
    return 0;
}

static void assert_path(struct joist_ctx *ctx, const char *location, const char *scheme, const char *wanted)
{
    struct joist_store store = {.ops = NULL};
    const char *path = NULL;
    assert_ok(ji_locate(ctx, location, &store, &path, NULL));
    assert_string_equal(path, wanted);
    assert_ptr_equal(store.self, ji_ctx_store_find(ctx, scheme).self);
}

static void every_way_to_write_a_file_is_one(void **state)
{
    assert_path(*state, "/a/b", "file", "/a/b");
    assert_path(*state, "file:/a/b", "file", "/a/b");
    assert_path(*state, "file:///a/b", "file", "/a/b");
    assert_path(*state, "file:///a%20b#?", "file", "/a%20b#?");
    assert_path(*state, "a/b", "file", "a/b");
    assert_path(*state, "./a:b", "file", "./a:b");
    assert_path(*state, "x/y:z", "file", "x/y:z");
    assert_path(*state, "2024-01-01T10:00.csv", "file", "2024-01-01T10:00.csv");
    assert_path(*state, "A:b", "file", "A:b");
    assert_path(*state, "c:b", "file", "c:b");
    assert_path(*state, "memory:x/y", "memory", "x/y");
}

static void assert_refused(struct joist_ctx *ctx, const char *location, enum joist_status wanted)
{
    struct joist_store store = {.ops = NULL};
    const char *path = NULL;
    struct joist_error err = {.status = JOIST_OK};
    assert_status(ji_locate(ctx, location, &store, &path, &err), wanted);
    assert_null(store.ops);
    assert_null(path);
    assert_true(err.text[0] != '\0');
}

static void wrong_locations_are_refused(void **state)
{
    assert_refused(*state, "", JOIST_ERR_INVALID);
    assert_refused(*state, "-", JOIST_ERR_INVALID);
    assert_refused(*state, "a\nb", JOIST_ERR_INVALID);
    assert_refused(*state, "a\x7f", JOIST_ERR_INVALID);
    assert_refused(*state, "file://host/a", JOIST_ERR_UNSUPPORTED);
    assert_refused(*state, "file:a", JOIST_ERR_INVALID);
    assert_refused(*state, "memory:", JOIST_ERR_INVALID);
    assert_refused(*state, "s3:x", JOIST_ERR_UNSUPPORTED);
    assert_refused(*state, "averylongschemeindeed:x", JOIST_ERR_UNSUPPORTED);
    char path[5000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_refused(*state, path, JOIST_ERR_LIMIT);
}

static void a_stand_in_comes_before_the_first_use(void **state)
{
    struct joist_ctx *ctx = *state;
    struct joist_store memory = {.ops = NULL};
    assert_ok(joist_memory_store_open(ctx, &memory, NULL));
    assert_ok(joist_ctx_add_store(ctx, "file", memory, NULL));
    struct joist_sink sink = {.ops = NULL};
    assert_ok(joist_sink_open(ctx, "/no/such/folder/x", JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(joist_sink_commit(&sink, NULL));
    struct joist_source source = {.ops = NULL};
    assert_ok(joist_source_open(ctx, "file:///no/such/folder/x", &source, NULL));
    joist_source_close(&source);
    struct joist_store late = {.ops = NULL};
    assert_status(joist_ctx_add_store(ctx, "memory", late, NULL), JOIST_ERR_INVALID);
    assert_ok(joist_memory_store_open(ctx, &late, NULL));
    assert_status(joist_ctx_add_store(ctx, "memory", late, NULL), JOIST_ERR_EXISTS);
    late.ops->close(late.self);
}

static void an_ended_sink_cannot_be_committed(void **state)
{
    struct joist_sink sink = {.ops = NULL};
    assert_ok(joist_sink_open(*state, "memory:x", JOIST_SINK_CREATE, &sink, NULL));
    joist_sink_abort(&sink);
    assert_status(joist_sink_commit(&sink, NULL), JOIST_ERR_INVALID);
    joist_sink_abort(&sink);
    assert_status(joist_source_open(*state, "s3:x", &(struct joist_source){.ops = NULL}, NULL),
            JOIST_ERR_UNSUPPORTED);
    assert_status(joist_sink_open(*state, "s3:x", 0, &sink, NULL), JOIST_ERR_UNSUPPORTED);
}

/* Runs `run` with descriptor `number` being `fd`. */
static void with_descriptor(int number, int fd, void (*run)(struct joist_ctx *ctx), struct joist_ctx *ctx)
{
    const int kept = dup(number);
    assert_true(kept >= 0 && dup2(fd, number) == number);
    run(ctx);
    assert_int_equal(dup2(kept, number), number);
    close(kept);
}

static void read_input(struct joist_ctx *ctx)
{
    struct joist_source source = {.ops = NULL};
    char read[16] = {0};
    size_t got = 0;
    assert_ok(joist_source_open(ctx, "-", &source, NULL));
    assert_true(ji_source_size(&source) == JOIST_SIZE_UNKNOWN);
    assert_string_equal(ji_source_name(&source), "standard input");
    assert_ok(ji_source_read(&source, 0, 3, read, NULL));
    assert_string_equal(read, "hel");
    assert_status(ji_source_read(&source, 0, 3, read, NULL), JOIST_ERR_UNSUPPORTED);
    assert_ok(ji_source_read_some(&source, 3, 10, read, &got, NULL));
    assert_int_equal(got, 2);
    joist_source_close(&source);
}

static void write_output(struct joist_ctx *ctx)
{
    struct joist_sink sink = {.ops = NULL};
    assert_ok(joist_sink_open(ctx, "-", JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(ji_sink_append(&sink, "hello", 5, NULL));
    assert_ok(joist_sink_commit(&sink, NULL));
    assert_ok(joist_sink_open(ctx, "-", JOIST_SINK_CREATE, &sink, NULL));
    joist_sink_abort(&sink);
}

static void a_dash_is_standard_input_and_output(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    with_descriptor(STDOUT_FILENO, ends[1], write_output, *state);
    close(ends[1]);
    with_descriptor(STDIN_FILENO, ends[0], read_input, *state);
    close(ends[0]);
}

static void a_fifo_is_read_front_to_back(void **state)
{
    struct temp_folder folder;
    char path[1024];
    temp_folder_open(&folder);
    temp_folder_path(&folder, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    /* Both ends in one process: the reader first, as the kernel allows with read and write. */
    struct joist_sink sink = {.ops = NULL};
    struct joist_source source = {.ops = NULL};
    const int keep = open(path, O_RDWR);
    assert_true(keep >= 0);
    assert_ok(joist_sink_open(*state, path, JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(joist_source_open(*state, path, &source, NULL));
    assert_ok(ji_sink_append(&sink, "abc", 3, NULL));
    assert_ok(joist_sink_commit(&sink, NULL));
    char read[4] = {0};
    assert_ok(ji_source_read(&source, 0, 3, read, NULL));
    assert_string_equal(read, "abc");
    joist_source_close(&source);
    close(keep);
    uint64_t bytes = 0;
    int64_t modified = 0;
    struct joist_store store = ji_ctx_store_find(*state, "file");
    assert_ok(store.ops->stat(store.self, path, &bytes, &modified, NULL));
    assert_true(bytes == JOIST_SIZE_UNKNOWN);
    temp_folder_close(&folder);
}

static void a_device_is_written_straight(void **state)
{
    struct joist_sink sink = {.ops = NULL};
    assert_ok(joist_sink_open(*state, "/dev/null", JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(ji_sink_append(&sink, "abc", 3, NULL));
    assert_ok(joist_sink_commit(&sink, NULL));
    struct joist_error err = {.status = JOIST_OK};
    assert_ok(joist_sink_open(*state, "/dev/full", JOIST_SINK_REPLACE, &sink, NULL));
    assert_status(ji_sink_append(&sink, "abc", 3, &err), JOIST_ERR_IO);
    assert_string_equal(err.text, "/dev/full: no space left on the device");
    joist_sink_abort(&sink);
}

static enum joist_status write_and_read(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const char *location = arg;
    enum joist_status status = JOIST_OK;
    struct joist_sink sink = {.ops = NULL};
    struct joist_source source = {.ops = NULL};
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, ji_ctx_mem(ctx));
    JI_TRY_OUT(joist_sink_open(ctx, location, JOIST_SINK_REPLACE, &sink, err));
    for (int i = 0; i < 1000; i++)
        JI_TRY_OUT(ji_sink_append(&sink, "0123456789", 10, err));
    JI_TRY_OUT(joist_sink_commit(&sink, err));
    JI_TRY_OUT(joist_source_open(ctx, location, &source, err));
    JI_TRY_OUT(ji_source_read_all(&source, 10000, &bytes, err));
    assert_int_equal(bytes.size, 10000);
out:
    joist_sink_abort(&sink);
    joist_source_close(&source);
    ji_bytes_clear(&bytes);
    return status;
}

static void no_failing_allocation_leaks(void **state)
{
    (void)state;
    struct temp_folder folder;
    char path[1024];
    char memory[] = "memory:a/b";
    temp_folder_open(&folder);
    temp_folder_path(&folder, "a/b", path);
    oom_sweep(write_and_read, path);
    oom_sweep(write_and_read, memory);
    temp_folder_close(&folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_ctx, close_ctx)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(every_way_to_write_a_file_is_one),
            TEST(wrong_locations_are_refused),
            TEST(a_stand_in_comes_before_the_first_use),
            TEST(an_ended_sink_cannot_be_committed),
            TEST(a_dash_is_standard_input_and_output),
            TEST(a_fifo_is_read_front_to_back),
            TEST(a_device_is_written_straight),
            cmocka_unit_test(no_failing_allocation_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
