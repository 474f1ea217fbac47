/*
 * store_test.c - one suite for every store: files, memory, and the fault wrapper doing nothing
 *
 * Each test gets an empty store and the path of a folder in it that does not exist yet.
 */
#include "support/fault_store.h"
#include "support/temp_folder.h"
#include "support/test.h"

#include "base/ctx.h"
#include "base/io.h"

#include <stdio.h>
#include <string.h>

enum kind { KIND_FILE, KIND_MEMORY, KIND_FAULT };

struct place {
    enum kind kind;
    struct temp_folder folder;
    struct joist_ctx *ctx;
    struct joist_store store;
    struct fault_plan plan;
    char root[600]; /* with '/' behind */
};

static int open_place(void **state, enum kind kind)
{
    struct place *place = test_calloc(1, sizeof *place);
    place->kind = kind;
    struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 64 << 20};
    assert_ok(joist_ctx_open(&options, &place->ctx, NULL));
    if (kind == KIND_MEMORY) {
        assert_ok(joist_memory_store_open(place->ctx, &place->store, NULL));
        snprintf(place->root, sizeof place->root, "warehouse/");
    } else {
        temp_folder_open(&place->folder);
        assert_ok(joist_file_store_open(place->ctx, &place->store, NULL));
        snprintf(place->root, sizeof place->root, "%s/warehouse/", place->folder.path);
    }
    if (kind == KIND_FAULT)
        assert_ok(fault_store_open(place->store, &place->plan, &place->store));
    *state = place;
    return 0;
}

static int open_file(void **state)
{
    return open_place(state, KIND_FILE);
}

static int open_memory(void **state)
{
    return open_place(state, KIND_MEMORY);
}

static int open_fault(void **state)
{
    return open_place(state, KIND_FAULT);
}

static int close_place(void **state)
{
    struct place *place = *state;
    place->store.ops->close(place->store.self);
    joist_ctx_close(place->ctx);
    if (place->kind != KIND_MEMORY)
        temp_folder_close(&place->folder);
    test_free(place);
    return 0;
}

static const char *path_of(struct place *place, const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s%s", place->root, name);
    return path;
}

static struct joist_sink begin(struct place *place, const char *name, unsigned mode)
{
    struct joist_sink sink = {.ops = NULL};
    assert_ok(place->store.ops->open_sink(place->store.self, path_of(place, name), mode, &sink, NULL));
    return sink;
}

static void put(struct place *place, const char *name, const char *text)
{
    struct joist_sink sink = begin(place, name, JOIST_SINK_CREATE);
    assert_ok(ji_sink_append(&sink, text, strlen(text), NULL));
    assert_ok(ji_sink_commit(&sink, NULL));
}

static struct joist_source open_one(struct place *place, const char *name)
{
    struct joist_source source = {.ops = NULL};
    assert_ok(place->store.ops->open_source(place->store.self, path_of(place, name), &source, NULL));
    return source;
}

static void assert_holds(const struct joist_source *source, const char *text)
{
    char read[256] = {0};
    size_t got = 0;
    assert_ok(ji_source_read_some(source, 0, sizeof read, read, &got, NULL));
    assert_int_equal(got, strlen(text));
    assert_string_equal(read, text);
    assert_int_equal(ji_source_size(source), strlen(text));
}

static void assert_is(struct place *place, const char *name, const char *text)
{
    struct joist_source source = open_one(place, name);
    assert_holds(&source, text);
    ji_source_close(&source);
}

static void assert_missing(struct place *place, const char *name)
{
    struct joist_source source = {.ops = NULL};
    struct joist_error err = {.status = JOIST_OK};
    const char *path = path_of(place, name);
    assert_status(place->store.ops->open_source(place->store.self, path, &source, &err), JOIST_ERR_NOT_FOUND);
    assert_null(source.ops);
    assert_non_null(strstr(err.text, path));
}

static void what_was_committed_is_read(void **state)
{
    struct place *place = *state;
    put(place, "a/b/c.txt", "hello");
    assert_is(place, "a/b/c.txt", "hello");
    struct joist_source source = open_one(place, "a/b/c.txt");
    assert_non_null(strstr(ji_source_name(&source), path_of(place, "a/b/c.txt")));
    ji_source_close(&source);
}

static void an_empty_object_is_one(void **state)
{
    struct place *place = *state;
    put(place, "empty", "");
    assert_is(place, "empty", "");
}

static void nothing_is_seen_before_commit(void **state)
{
    struct place *place = *state;
    struct joist_sink sink = begin(place, "later", JOIST_SINK_CREATE);
    assert_ok(ji_sink_append(&sink, "x", 1, NULL));
    assert_missing(place, "later");
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_is(place, "later", "x");
}

static void abort_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct joist_sink sink = begin(place, "never", JOIST_SINK_CREATE);
    assert_ok(ji_sink_append(&sink, "x", 1, NULL));
    ji_sink_abort(&sink);
    ji_sink_abort(&sink);
    assert_missing(place, "never");
    if (place->kind != KIND_MEMORY)
        assert_int_equal(temp_folder_count(place->root), 0);
}

static void create_refuses_a_taken_name(void **state)
{
    struct place *place = *state;
    put(place, "one", "first");
    struct joist_sink sink = {.ops = NULL};
    enum joist_status status = place->store.ops->open_sink(
            place->store.self, path_of(place, "one"), JOIST_SINK_CREATE, &sink, NULL);
    if (status == JOIST_OK)
        status = ji_sink_commit(&sink, NULL);
    assert_status(status, JOIST_ERR_EXISTS);
    assert_is(place, "one", "first");
}

static void of_two_creators_the_second_commit_fails(void **state)
{
    struct place *place = *state;
    struct joist_sink first = begin(place, "race", JOIST_SINK_CREATE);
    struct joist_sink second = begin(place, "race", JOIST_SINK_CREATE);
    assert_ok(ji_sink_append(&first, "first", 5, NULL));
    assert_ok(ji_sink_append(&second, "second", 6, NULL));
    assert_ok(ji_sink_commit(&second, NULL));
    assert_status(ji_sink_commit(&first, NULL), JOIST_ERR_EXISTS);
    assert_is(place, "race", "second");
    if (place->kind != KIND_MEMORY)
        assert_int_equal(temp_folder_count(place->root), 1);
}

static void replace_keeps_the_old_until_commit(void **state)
{
    struct place *place = *state;
    put(place, "one", "old");
    struct joist_sink sink = begin(place, "one", JOIST_SINK_REPLACE);
    assert_ok(ji_sink_append(&sink, "new", 3, NULL));
    assert_is(place, "one", "old");
    struct joist_source source = open_one(place, "one");
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_is(place, "one", "new");
    /* Who reads the old one goes on reading it. */
    assert_holds(&source, "old");
    ji_source_close(&source);
    if (place->kind != KIND_MEMORY)
        assert_int_equal(temp_folder_count(place->root), 1);
}

static void replace_may_make_the_first(void **state)
{
    struct place *place = *state;
    struct joist_sink sink = begin(place, "x/y", JOIST_SINK_REPLACE);
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_is(place, "x/y", "");
}

static void names_of_a_folder_may_be_made_durable_later(void **state)
{
    struct place *place = *state;
    struct joist_sink sink = begin(place, "deep/er/one", JOIST_SINK_CREATE | JOIST_SINK_FOLDER_LATER);
    assert_ok(ji_sink_append(&sink, "x", 1, NULL));
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_is(place, "deep/er/one", "x");
    assert_ok(place->store.ops->sync_folder(place->store.self, path_of(place, "deep/er"), NULL));
}

static void large_objects_read_back_in_any_pieces(void **state)
{
    struct place *place = *state;
    const size_t size = 3000001;
    uint8_t *bytes = test_malloc(size);
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(random >> 24);
    }
    struct joist_sink sink = begin(place, "large", JOIST_SINK_CREATE);
    for (size_t done = 0, step = 1; done < size; done += step, step = step * 3 + 1) {
        if (step > size - done)
            step = size - done;
        assert_ok(ji_sink_append(&sink, bytes + done, step, NULL));
    }
    assert_ok(ji_sink_commit(&sink, NULL));
    struct joist_source source = open_one(place, "large");
    assert_int_equal(ji_source_size(&source), size);
    uint8_t *read = test_malloc(size);
    for (size_t at = 0; at < size; at += 77777) {
        const size_t part = size - at < 100000 ? size - at : 100000;
        assert_ok(ji_source_read(&source, at, part, read, NULL));
        assert_memory_equal(read, bytes + at, part);
    }
    assert_ok(ji_source_read(&source, 0, size, read, NULL));
    assert_memory_equal(read, bytes, size);
    ji_source_close(&source);
    test_free(read);
    test_free(bytes);
}

static void reading_past_the_end_gives_fewer(void **state)
{
    struct place *place = *state;
    put(place, "short", "12345");
    struct joist_source source = open_one(place, "short");
    char read[16];
    size_t got = 99;
    assert_ok(ji_source_read_some(&source, 3, 10, read, &got, NULL));
    assert_int_equal(got, 2);
    assert_ok(ji_source_read_some(&source, 5, 10, read, &got, NULL));
    assert_int_equal(got, 0);
    assert_ok(ji_source_read_some(&source, UINT64_MAX - 20, 10, read, &got, NULL));
    assert_int_equal(got, 0);
    struct joist_error err = {.status = JOIST_OK};
    assert_status(ji_source_read(&source, 3, 10, read, &err), JOIST_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "short: ends at 5"));
    ji_source_close(&source);
}

static void a_removed_object_is_gone_but_for_its_readers(void **state)
{
    struct place *place = *state;
    put(place, "one", "text");
    struct joist_source source = open_one(place, "one");
    assert_ok(place->store.ops->remove(place->store.self, path_of(place, "one"), NULL));
    assert_missing(place, "one");
    assert_holds(&source, "text");
    ji_source_close(&source);
    assert_status(
            place->store.ops->remove(place->store.self, path_of(place, "one"), NULL), JOIST_ERR_NOT_FOUND);
    put(place, "one", "again");
    assert_is(place, "one", "again");
}

static void stat_tells_size_and_time(void **state)
{
    struct place *place = *state;
    uint64_t bytes = 0;
    int64_t modified = 0;
    put(place, "one", "12345");
    const int64_t now = ji_ctx_now_us(place->ctx);
    assert_ok(place->store.ops->stat(place->store.self, path_of(place, "one"), &bytes, &modified, NULL));
    assert_int_equal(bytes, 5);
    assert_true(modified > now - 60000000 && modified <= now + 1000000);
    assert_status(place->store.ops->stat(place->store.self, path_of(place, "two"), &bytes, &modified, NULL),
            JOIST_ERR_NOT_FOUND);
    assert_int_equal(bytes, 5);
}

struct names {
    char text[512];
    size_t skip; /* of each path */
    int left;    /* then each answers CANCELLED */
    struct place *remove_from;
};

static enum joist_status note_name(void *user, const struct joist_file_info *info, struct joist_error *err)
{
    struct names *names = user;
    if (names->left-- == 0)
        return ji_fail(err, JOIST_ERR_CANCELLED, "enough");
    strcat(names->text, info->path + names->skip);
    char size[32];
    snprintf(size, sizeof size, ":%d ", (int)info->bytes);
    strcat(names->text, size);
    assert_true(info->modified_us > 0);
    if (names->remove_from != NULL) {
        struct joist_store store = names->remove_from->store;
        return store.ops->remove(store.self, info->path, err);
    }
    return JOIST_OK;
}

static void listing_is_by_prefix_in_byte_order(void **state)
{
    struct place *place = *state;
    put(place, "t/b", "1");
    put(place, "t/a/z", "12");
    put(place, "t/a-b", "123");
    put(place, "t/a/b/c", "1234");
    put(place, "t/a0", "12345");
    put(place, "u", "");
    struct names names = {.skip = strlen(place->root), .left = 100};
    assert_ok(place->store.ops->list(place->store.self, path_of(place, ""), note_name, &names, NULL));
    assert_string_equal(names.text, "t/a-b:3 t/a/b/c:4 t/a/z:2 t/a0:5 t/b:1 u:0 ");
    names = (struct names){.skip = strlen(place->root), .left = 100};
    assert_ok(place->store.ops->list(place->store.self, path_of(place, "t/a"), note_name, &names, NULL));
    assert_string_equal(names.text, "t/a-b:3 t/a/b/c:4 t/a/z:2 t/a0:5 ");
    names = (struct names){.skip = strlen(place->root), .left = 100};
    assert_ok(place->store.ops->list(place->store.self, path_of(place, "t/a/"), note_name, &names, NULL));
    assert_string_equal(names.text, "t/a/b/c:4 t/a/z:2 ");
    names = (struct names){.skip = strlen(place->root), .left = 100};
    assert_ok(place->store.ops->list(place->store.self, path_of(place, "nothing/"), note_name, &names, NULL));
    assert_string_equal(names.text, "");
}

static void a_listing_ends_with_what_each_answers(void **state)
{
    struct place *place = *state;
    put(place, "a", "");
    put(place, "b", "");
    put(place, "c", "");
    struct names names = {.skip = strlen(place->root), .left = 2};
    assert_status(place->store.ops->list(place->store.self, path_of(place, ""), note_name, &names, NULL),
            JOIST_ERR_CANCELLED);
    assert_string_equal(names.text, "a:0 b:0 ");
}

static void a_listing_may_remove_what_it_sees(void **state)
{
    struct place *place = *state;
    put(place, "a", "");
    put(place, "b", "");
    put(place, "c", "");
    struct names names = {.skip = strlen(place->root), .left = 100, .remove_from = place};
    assert_ok(place->store.ops->list(place->store.self, path_of(place, ""), note_name, &names, NULL));
    assert_string_equal(names.text, "a:0 b:0 c:0 ");
    assert_missing(place, "b");
}

static void names_are_taken_literally(void **state)
{
    struct place *place = *state;
    static const char *const names[] = {
            "a b", "a%20b", "a#b?c=d", "day=2024-02-29", "\xc3\xa9", "a:b", "~", "*"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        put(place, names[i], names[i]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_is(place, names[i], names[i]);
}

static void many_objects_are_all_found(void **state)
{
    struct place *place = *state;
    char name[32];
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "n%d", i * 7919 % 200);
        put(place, name, name);
    }
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_is(place, name, name);
    }
}

/* Replaces an object while the n-th call fails: what is there is the old one or the new one. */
static void a_failing_call_leaves_old_or_new(void **state)
{
    struct place *place = *state;
    if (place->kind != KIND_FAULT)
        return;
    put(place, "one", "old");
    for (uint64_t n = 1;; n++) {
        place->plan.calls = 0;
        place->plan.failures = 0;
        place->plan.fail_at = n;
        place->plan.torn_write = n % 2 == 0;
        struct joist_sink sink = {.ops = NULL};
        enum joist_status status = place->store.ops->open_sink(
                place->store.self, path_of(place, "one"), JOIST_SINK_REPLACE, &sink, NULL);
        if (status == JOIST_OK)
            status = ji_sink_append(&sink, "new", 3, NULL);
        if (status == JOIST_OK)
            status = ji_sink_commit(&sink, NULL);
        ji_sink_abort(&sink);
        const bool fired = place->plan.failures > 0;
        place->plan.fail_at = 0;
        assert_status(status, fired ? JOIST_ERR_IO : JOIST_OK);
        assert_is(place, "one", fired ? "old" : "new");
        assert_int_equal(temp_folder_count(place->root), 1);
        if (!fired)
            break;
    }
}

static void short_reads_and_lost_names_can_be_had(void **state)
{
    struct place *place = *state;
    if (place->kind != KIND_FAULT)
        return;
    put(place, "kept", "123456789");
    place->plan.short_reads = true;
    struct joist_source source = open_one(place, "kept");
    char read[16];
    size_t got = 0;
    assert_ok(source.ops->read_at(source.self, 0, 9, read, &got, NULL));
    assert_int_equal(got, 5);
    assert_holds(&source, "123456789");
    ji_source_close(&source);
    place->plan.short_reads = false;

    place->plan.lose_unsynced = true;
    struct joist_sink sink = begin(place, "f/lost", JOIST_SINK_CREATE | JOIST_SINK_FOLDER_LATER);
    assert_ok(ji_sink_commit(&sink, NULL));
    sink = begin(place, "g/synced", JOIST_SINK_CREATE | JOIST_SINK_FOLDER_LATER);
    assert_ok(ji_sink_commit(&sink, NULL));
    assert_ok(place->store.ops->sync_folder(place->store.self, path_of(place, "g"), NULL));
    assert_ok(fault_store_crash(place->store, NULL));
    assert_missing(place, "f/lost");
    assert_is(place, "g/synced", "");
    assert_is(place, "kept", "123456789");
}

#define FOR_EACH_STORE(test)                                                                                 \
    {#test " (file)", test, open_file, close_place, NULL},                                                   \
            {#test " (memory)", test, open_memory, close_place, NULL},                                       \
    {                                                                                                        \
#test " (fault)", test, open_fault, close_place, NULL                                                \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
            FOR_EACH_STORE(what_was_committed_is_read),
            FOR_EACH_STORE(an_empty_object_is_one),
            FOR_EACH_STORE(nothing_is_seen_before_commit),
            FOR_EACH_STORE(abort_leaves_nothing),
            FOR_EACH_STORE(create_refuses_a_taken_name),
            FOR_EACH_STORE(of_two_creators_the_second_commit_fails),
            FOR_EACH_STORE(replace_keeps_the_old_until_commit),
            FOR_EACH_STORE(replace_may_make_the_first),
            FOR_EACH_STORE(names_of_a_folder_may_be_made_durable_later),
            FOR_EACH_STORE(large_objects_read_back_in_any_pieces),
            FOR_EACH_STORE(reading_past_the_end_gives_fewer),
            FOR_EACH_STORE(a_removed_object_is_gone_but_for_its_readers),
            FOR_EACH_STORE(stat_tells_size_and_time),
            FOR_EACH_STORE(listing_is_by_prefix_in_byte_order),
            FOR_EACH_STORE(a_listing_ends_with_what_each_answers),
            FOR_EACH_STORE(a_listing_may_remove_what_it_sees),
            FOR_EACH_STORE(names_are_taken_literally),
            FOR_EACH_STORE(many_objects_are_all_found),
            FOR_EACH_STORE(a_failing_call_leaves_old_or_new),
            FOR_EACH_STORE(short_reads_and_lost_names_can_be_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
