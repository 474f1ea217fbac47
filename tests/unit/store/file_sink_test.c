/*
 * file_sink_test.c - what is particular to files: names on their way, sweeping, permissions
 */
#include "support/temp_folder.h"
#include "support/test.h"

#include "base/io.h"
#include "store/file_sink.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    struct temp_folder folder;
    struct joist_ctx *ctx;
};

static int open_place(void **state)
{
    struct place *place = test_calloc(1, sizeof *place);
    temp_folder_open(&place->folder);
    assert_ok(joist_ctx_open(NULL, &place->ctx, NULL));
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    joist_ctx_close(place->ctx);
    temp_folder_close(&place->folder);
    test_free(place);
    return 0;
}

static enum joist_status begin(struct place *place, const char *name, unsigned mode, bool named_only,
        struct joist_sink *sink, struct joist_error *err)
{
    char path[1024];
    const struct ji_file_sink_options options = {.named_only = named_only};
    temp_folder_path(&place->folder, name, path);
    return ji_file_sink_open(place->ctx, ji_ctx_mem(place->ctx), path, mode, &options, sink, err);
}

static void assert_file(struct place *place, const char *name, const char *text)
{
    char path[1024];
    char read[64] = {0};
    temp_folder_path(&place->folder, name, path);
    assert_int_equal(temp_file_read(path, read, sizeof read), strlen(text));
    assert_string_equal(read, text);
}

static void without_o_tmpfile_it_is_the_same(void **state)
{
    struct place *place = *state;
    struct joist_sink sink = {.ops = NULL};
    assert_ok(begin(place, "a/one", JOIST_SINK_CREATE, true, &sink, NULL));
    assert_ok(ji_sink_append(&sink, "first", 5, NULL));
    char folder[1024];
    temp_folder_path(&place->folder, "a", folder);
    assert_int_equal(temp_folder_count(folder), 1);
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_int_equal(temp_folder_count(folder), 1);
    assert_file(place, "a/one", "first");

    assert_ok(begin(place, "a/one", JOIST_SINK_REPLACE, true, &sink, NULL));
    assert_ok(ji_sink_append(&sink, "second", 6, NULL));
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_file(place, "a/one", "second");
    assert_ok(begin(place, "a/two", JOIST_SINK_CREATE, true, &sink, NULL));
    ji_sink_abort(&sink);
    assert_int_equal(temp_folder_count(folder), 1);
}

static void two_named_creators_cannot_both_win(void **state)
{
    struct place *place = *state;
    struct joist_sink first = {.ops = NULL};
    struct joist_sink second = {.ops = NULL};
    assert_ok(begin(place, "one", JOIST_SINK_CREATE, true, &first, NULL));
    assert_ok(begin(place, "one", JOIST_SINK_CREATE, true, &second, NULL));
    assert_ok(ji_sink_commit(&first, NULL));
    assert_status(ji_sink_commit(&second, NULL), JOIST_ERR_EXISTS);
    assert_int_equal(temp_folder_count(place->folder.path), 1);
}

static void what_a_crash_left_is_swept_and_what_lives_is_not(void **state)
{
    struct place *place = *state;
    char stale[1024];
    char living[1024];
    temp_folder_path(&place->folder, ".tmp-stale", stale);
    temp_folder_path(&place->folder, ".tmp-living", living);
    temp_file_write(stale, "x", 1);
    temp_file_write(living, "x", 1);
    const int fd = open(living, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(ji_temp_files_sweep(place->folder.path), 1);
    assert_int_equal(access(stale, F_OK), -1);
    assert_int_equal(access(living, F_OK), 0);
    close(fd);
    struct joist_sink sink = {.ops = NULL};
    assert_ok(begin(place, "one", JOIST_SINK_CREATE, true, &sink, NULL));
    assert_int_equal(access(living, F_OK), -1);
    assert_int_equal(ji_temp_files_sweep(place->folder.path), 0);
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_int_equal(ji_temp_files_sweep("/no/such/folder"), 0);
}

static void a_replaced_file_keeps_its_permissions(void **state)
{
    struct place *place = *state;
    char path[1024];
    struct stat info;
    temp_folder_path(&place->folder, "one", path);
    temp_file_write(path, "x", 1);
    assert_int_equal(chmod(path, 0640), 0);
    struct joist_sink sink = {.ops = NULL};
    assert_ok(begin(place, "one", JOIST_SINK_REPLACE, false, &sink, NULL));
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void a_folder_in_the_way_is_said(void **state)
{
    struct place *place = *state;
    struct joist_sink sink = {.ops = NULL};
    struct joist_error err = {.status = JOIST_OK};
    assert_status(begin(place, ".", JOIST_SINK_REPLACE, false, &sink, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "is a folder"));
    char path[1024];
    temp_folder_path(&place->folder, "file", path);
    temp_file_write(path, "x", 1);
    assert_status(begin(place, "file/one", JOIST_SINK_CREATE, false, &sink, &err), JOIST_ERR_NOT_FOUND);
    assert_null(sink.ops);
}

static void a_folder_taken_away_fails_the_commit(void **state)
{
    struct place *place = *state;
    char folder[1024];
    temp_folder_path(&place->folder, "gone", folder);
    for (unsigned mode = JOIST_SINK_CREATE; mode <= JOIST_SINK_REPLACE; mode++) {
        struct joist_sink sink = {.ops = NULL};
        assert_ok(begin(place, "gone/one", mode, false, &sink, NULL));
        assert_ok(ji_sink_append(&sink, "x", 1, NULL));
        assert_int_equal(rmdir(folder), 0);
        assert_status(ji_sink_commit(&sink, NULL), JOIST_ERR_NOT_FOUND);
    }
}

static void a_name_too_long_is_refused(void **state)
{
    struct place *place = *state;
    char name[400];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct joist_sink sink = {.ops = NULL};
    assert_status(begin(place, name, JOIST_SINK_CREATE, false, &sink, NULL), JOIST_ERR_INVALID);
    assert_status(ji_folder_sync("/no/such/folder", NULL), JOIST_ERR_NOT_FOUND);
    assert_ok(ji_folder_sync("", NULL));
}

static enum joist_status count_file(void *user, const struct joist_file_info *info, struct joist_error *err)
{
    (void)info;
    (void)err;
    ++*(int *)user;
    return JOIST_OK;
}

static void listing_shows_files_alone(void **state)
{
    struct place *place = *state;
    char path[1024];
    char prefix[1024];
    struct joist_store store = {.ops = NULL};
    assert_ok(joist_file_store_open(place->ctx, &store, NULL));
    temp_folder_path(&place->folder, ".tmp-x", path);
    temp_file_write(path, "", 0);
    temp_folder_path(&place->folder, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    temp_folder_path(&place->folder, "loop", path);
    assert_int_equal(symlink(".", path), 0);
    temp_folder_path(&place->folder, "dangling", path);
    assert_int_equal(symlink("nowhere", path), 0);
    temp_folder_path(&place->folder, "file", path);
    temp_file_write(path, "", 0);
    temp_folder_path(&place->folder, "link", path);
    assert_int_equal(symlink("file", path), 0);
    int count = 0;
    temp_folder_path(&place->folder, "", prefix);
    assert_ok(store.ops->list(store.self, prefix, count_file, &count, NULL));
    assert_int_equal(count, 2);
    uint64_t bytes = 0;
    int64_t modified = 0;
    assert_status(
            store.ops->stat(store.self, place->folder.path, &bytes, &modified, NULL), JOIST_ERR_INVALID);
    struct joist_source source = {.ops = NULL};
    assert_status(store.ops->open_source(store.self, place->folder.path, &source, NULL), JOIST_ERR_INVALID);
    store.ops->close(store.self);
}

static void listing_stops_at_64_folders(void **state)
{
    struct place *place = *state;
    char path[1024] = "";
    struct joist_store store = {.ops = NULL};
    assert_ok(joist_file_store_open(place->ctx, &store, NULL));
    snprintf(path, sizeof path, "%s", place->folder.path);
    for (int depth = 0; depth < 66; depth++) {
        strcat(path, "/d");
        assert_int_equal(mkdir(path, 0755), 0);
    }
    int count = 0;
    struct joist_error err = {.status = JOIST_OK};
    snprintf(path, sizeof path, "%s/", place->folder.path);
    assert_status(store.ops->list(store.self, path, count_file, &count, &err), JOIST_ERR_LIMIT);
    assert_non_null(strstr(err.text, "64 folders"));
    store.ops->close(store.self);
}

/* A file may not grow past 100,000 bytes: the write that does fails, and nothing is left of it. */
static void a_write_that_fails_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct rlimit old;
    struct rlimit small = {.rlim_cur = 100000};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    for (int named = 0; named < 2; named++) {
        for (size_t step = 1000; step <= 1000000; step *= 1000) {
            struct joist_sink sink = {.ops = NULL};
            struct joist_error err = {.status = JOIST_OK};
            enum joist_status status = JOIST_OK;
            assert_ok(begin(place, "one", JOIST_SINK_CREATE, named == 1, &sink, NULL));
            uint8_t *bytes = test_calloc(1, step);
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
            for (size_t done = 0; done < 300000 && status == JOIST_OK; done += step)
                status = ji_sink_append(&sink, bytes, step, &err);
            if (status == JOIST_OK)
                status = ji_sink_commit(&sink, &err);
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
            ji_sink_abort(&sink);
            test_free(bytes);
            assert_status(status, JOIST_ERR_IO);
            assert_non_null(strstr(err.text, "one: file too large"));
            assert_int_equal(temp_folder_count(place->folder.path), 0);
        }
    }
    signal(SIGXFSZ, SIG_DFL);
}

static void no_descriptor_left_is_a_limit(void **state)
{
    struct place *place = *state;
    struct rlimit old;
    struct rlimit none;
    char path[1024];
    temp_folder_path(&place->folder, "one", path);
    temp_file_write(path, "x", 1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    const int next = dup(0);
    close(next);
    none.rlim_cur = (rlim_t)next;
    struct joist_sink sink = {.ops = NULL};
    struct joist_source source = {.ops = NULL};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const enum joist_status sink_status = begin(place, "two", JOIST_SINK_CREATE, false, &sink, NULL);
    const enum joist_status named_status = begin(place, "two", JOIST_SINK_CREATE, true, &sink, NULL);
    const enum joist_status source_status = joist_source_open(place->ctx, path, &source, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_status(sink_status, JOIST_ERR_LIMIT);
    assert_status(named_status, JOIST_ERR_LIMIT);
    assert_status(source_status, JOIST_ERR_LIMIT);
    assert_int_equal(temp_folder_count(place->folder.path), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(without_o_tmpfile_it_is_the_same),
            TEST(two_named_creators_cannot_both_win),
            TEST(what_a_crash_left_is_swept_and_what_lives_is_not),
            TEST(a_replaced_file_keeps_its_permissions),
            TEST(a_folder_in_the_way_is_said),
            TEST(a_folder_taken_away_fails_the_commit),
            TEST(a_name_too_long_is_refused),
            TEST(listing_shows_files_alone),
            TEST(listing_stops_at_64_folders),
            TEST(a_write_that_fails_leaves_nothing),
            TEST(no_descriptor_left_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
