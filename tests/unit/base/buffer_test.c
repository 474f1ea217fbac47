/*
 * buffer_test.c - arenas, counted buffers, growing bytes, and what the io short hands do with them
 */
#include "support/oom.h"
#include "support/test.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/heap_sort.h"
#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB ((size_t)1 << 20)

static int open_root(void **state)
{
    const struct ji_mem_root_options options = {
            .allocator = ji_system_allocator(), .bytes_max = 32 * MIB, .keep_warm_bytes = MIB};
    struct ji_mem *root = NULL;
    assert_ok(ji_mem_root_open(&options, &root, NULL));
    *state = root;
    return 0;
}

static int close_root(void **state)
{
    struct ji_mem *root = *state;
    ji_mem_root_close(root);
    return 0;
}

static void arena_things_do_not_overlap(void **state)
{
    struct ji_arena arena;
    uint8_t *things[400];
    ji_arena_init(&arena, *state);
    for (size_t i = 0; i < 400; i++) {
        const size_t bytes = i * i % 7000;
        assert_ok(ji_arena_alloc(&arena, bytes, &things[i], NULL));
        assert_non_null(things[i]);
        assert_int_equal((uintptr_t)things[i] % 16, 0);
        memset(things[i], (int)(i & 0xff), bytes);
    }
    for (size_t i = 0; i < 400; i++) {
        for (size_t at = 0; at < i * i % 7000; at++)
            assert_int_equal(things[i][at], i & 0xff);
    }
    ji_arena_clear(&arena);
    assert_int_equal(arena.left, 0);
    ji_arena_clear(&arena);
}

static void a_reset_arena_allocates_nothing_new(void **state)
{
    struct ji_mem *root = *state;
    struct ji_arena arena;
    void *thing = NULL;
    ji_arena_init(&arena, root);
    ji_arena_reset(&arena);
    for (size_t i = 0; i < 1000; i++)
        assert_ok(ji_arena_alloc(&arena, 100, &thing, NULL));
    ji_arena_reset(&arena);
    const uint64_t before = ji_mem_bytes(root);
    for (size_t round = 0; round < 10; round++) {
        for (size_t i = 0; i < 100; i++)
            assert_ok(ji_arena_alloc(&arena, 100, &thing, NULL));
        ji_arena_reset(&arena);
    }
    assert_int_equal(ji_mem_bytes(root), before);
    ji_arena_clear(&arena);
}

static void a_reset_arena_gives_a_giant_back(void **state)
{
    struct ji_mem *root = *state;
    struct ji_arena arena;
    void *thing = NULL;
    const uint64_t before = ji_mem_bytes(root);
    ji_arena_init(&arena, root);
    assert_ok(ji_arena_alloc(&arena, MIB, &thing, NULL));
    ji_arena_reset(&arena);
    assert_int_equal(ji_mem_bytes(root), before);
    struct ji_arena zero = {.mem = NULL};
    ji_arena_clear(&zero);
}

static void arena_texts_and_arrays_are_copies(void **state)
{
    struct ji_arena arena;
    const char *text = NULL;
    struct ji_view view = {.data = NULL};
    uint32_t *numbers = NULL;
    ji_arena_init(&arena, *state);
    assert_ok(ji_arena_text(&arena, ji_view_of("hello world", 5), &text, NULL));
    assert_string_equal(text, "hello");
    assert_ok(ji_arena_text(&arena, ji_view_of(NULL, 0), &text, NULL));
    assert_string_equal(text, "");
    assert_ok(ji_arena_view(&arena, ji_view_of("abc", 3), &view, NULL));
    assert_true(ji_view_equal_text(view, "abc"));
    assert_ok(ji_arena_printf(&arena, &text, NULL, "%d-%s", 42, "x"));
    assert_string_equal(text, "42-x");
    assert_ok(ji_arena_array(&arena, 10, sizeof *numbers, &numbers, NULL));
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(numbers[i], 0);
    assert_status(ji_arena_array(&arena, SIZE_MAX / 2, 3, &numbers, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_arena_alloc(&arena, SIZE_MAX, &numbers, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_arena_alloc(&arena, SIZE_MAX - 20, &numbers, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_arena_text(&arena, ji_view_of("", SIZE_MAX), &text, NULL), JOIST_ERR_LIMIT);
    ji_arena_clear(&arena);
}

static void a_buffer_lives_as_long_as_its_references(void **state)
{
    struct ji_mem *root = *state;
    struct ji_buffer *buffer = NULL;
    const uint64_t before = ji_mem_bytes(root);
    assert_ok(ji_buffer_new(root, 5000, &buffer, NULL));
    assert_int_equal(buffer->capacity, 8192);
    assert_false(ji_buffer_shared(buffer));
    assert_ptr_equal(ji_buffer_retain(buffer), buffer);
    assert_true(ji_buffer_shared(buffer));
    ji_buffer_release(buffer);
    buffer->data[8191] = 1;
    ji_buffer_release(buffer);
    ji_buffer_release(NULL);
    assert_int_equal(ji_mem_bytes(root), before);
}

static void renewing_keeps_what_nobody_shares(void **state)
{
    struct ji_mem *root = *state;
    struct ji_buffer *buffer = NULL;
    assert_ok(ji_buffer_renew(root, &buffer, 100, NULL));
    struct ji_buffer *first = buffer;
    assert_ok(ji_buffer_renew(root, &buffer, 4096, NULL));
    assert_ptr_equal(buffer, first);
    ji_buffer_retain(first);
    assert_ok(ji_buffer_renew(root, &buffer, 100, NULL));
    assert_ptr_not_equal(buffer, first);
    assert_ok(ji_buffer_renew(root, &buffer, 100000, NULL));
    assert_true(buffer->capacity >= 100000);
    struct ji_buffer *kept = buffer;
    assert_status(ji_buffer_renew(root, &buffer, 64 * MIB, NULL), JOIST_ERR_LIMIT);
    assert_ptr_equal(buffer, kept);
    ji_buffer_release(first);
    ji_buffer_release(buffer);
}

static void a_moved_buffer_is_its_new_pools(void **state)
{
    struct ji_mem *root = *state;
    struct ji_mem *query = NULL;
    struct ji_mem *exported = NULL;
    struct ji_buffer *buffer = NULL;
    assert_ok(ji_mem_open(root, "query", &query, NULL));
    assert_ok(ji_mem_open(root, "exported", &exported, NULL));
    assert_ok(ji_buffer_new(query, 5000, &buffer, NULL));
    ji_buffer_move(buffer, exported);
    ji_buffer_move(buffer, exported);
    assert_int_equal(ji_mem_bytes(query), 0);
    assert_true(ji_mem_bytes(exported) > 8192);
    ji_mem_close(query);
    ji_buffer_release(buffer);
    ji_mem_close(exported);
}

static void bytes_grow_and_keep_what_they_have(void **state)
{
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, *state);
    for (int i = 0; i < 100000; i++)
        assert_ok(ji_bytes_append_byte(&bytes, (uint8_t)i, NULL));
    assert_int_equal(bytes.size, 100000);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(bytes.data[i], i & 0xff);
    assert_status(ji_bytes_reserve(&bytes, SIZE_MAX, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_bytes_reserve(&bytes, 64 * MIB, NULL), JOIST_ERR_LIMIT);
    assert_int_equal(bytes.size, 100000);
    ji_bytes_clear(&bytes);
    assert_ok(ji_bytes_append(&bytes, NULL, 0, NULL));
    assert_ok(ji_bytes_append_text(&bytes, "a", NULL));
    assert_ok(ji_bytes_printf(&bytes, NULL, "%s%d", "b", 7));
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "ab7", 3);
    ji_bytes_clear(&bytes);
    struct ji_bytes zero = {.mem = NULL};
    ji_bytes_clear(&zero);
}

static enum joist_status fill_all(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_bytes bytes;
    void *thing = NULL;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_bytes_init(&bytes, ji_ctx_mem(ctx));
    for (size_t i = 0; i < 10; i++) {
        JI_TRY_OUT(ji_arena_alloc(&arena, i * 1000, &thing, err));
        JI_TRY_OUT(ji_bytes_append(&bytes, "0123456789", 10, err));
        JI_TRY_OUT(ji_bytes_reserve(&bytes, i * 3000, err));
    }
out:
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
    return status;
}

static void no_failing_allocation_loses_a_byte(void **state)
{
    (void)state;
    oom_sweep(fill_all, NULL);
}

/* A source over static text that gives at most `step` bytes a call; `odd` makes it lie. */
struct text_source {
    const char *text;
    size_t step;
    bool unknown;
    bool odd;
};

static uint64_t text_size(void *self)
{
    const struct text_source *source = self;
    return source->unknown ? JOIST_SIZE_UNKNOWN : strlen(source->text);
}

static const char *text_name(void *self)
{
    (void)self;
    return "text";
}

static enum joist_status text_read(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    (void)err;
    const struct text_source *source = self;
    const size_t size = strlen(source->text);
    size_t got = offset < size ? size - (size_t)offset : 0;
    got = got < bytes ? got : bytes;
    got = got < source->step ? got : source->step;
    memcpy(out, source->text + (offset < size ? offset : size), got);
    *bytes_read = source->odd ? bytes + 1 : got;
    return JOIST_OK;
}

static void text_close(void *self)
{
    ((struct text_source *)self)->text = "closed";
}

static const struct joist_source_ops text_ops = {
        .struct_size = sizeof text_ops,
        .size = text_size,
        .name = text_name,
        .read_at = text_read,
        .close = text_close,
};

static void short_reads_are_put_together(void **state)
{
    struct text_source text = {.text = "0123456789", .step = 3};
    struct joist_source source = {.ops = &text_ops, .self = &text};
    struct ji_bytes bytes;
    char read[10];
    ji_bytes_init(&bytes, *state);
    assert_ok(ji_source_read(&source, 1, 9, read, NULL));
    assert_memory_equal(read, "123456789", 9);
    assert_ok(ji_source_read_all(&source, 10, &bytes, NULL));
    assert_int_equal(bytes.size, 10);
    text.unknown = true;
    assert_ok(ji_source_read_all(&source, 10, &bytes, NULL));
    assert_memory_equal(bytes.data, "0123456789", 10);
    struct joist_error err = {.status = JOIST_OK};
    assert_status(ji_source_read_all(&source, 9, &bytes, &err), JOIST_ERR_LIMIT);
    assert_string_equal(err.text, "text: is longer than 9 bytes");
    text.unknown = false;
    assert_status(ji_source_read_all(&source, 9, &bytes, NULL), JOIST_ERR_LIMIT);
    text.odd = true;
    assert_status(ji_source_read(&source, 1, 9, read, NULL), JOIST_ERR_INTERNAL);
    ji_bytes_clear(&bytes);
    ji_source_close(&source);
    assert_string_equal(text.text, "closed");
    ji_source_close(&source);
    ji_source_close(NULL);
}

static int order_numbers(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void sorting_any_count_sorts(void **state)
{
    (void)state;
    uint32_t ours[300];
    uint32_t theirs[300];
    uint32_t random = 7;
    for (size_t count = 0; count <= 300; count++) {
        for (size_t i = 0; i < count; i++) {
            random = random * 1664525u + 1013904223u;
            ours[i] = theirs[i] = (random >> 16) % (uint32_t)(count + 1);
        }
        ji_sort(ours, count, sizeof ours[0], order_numbers);
        qsort(theirs, count, sizeof theirs[0], order_numbers);
        assert_memory_equal(ours, theirs, count * sizeof ours[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(arena_things_do_not_overlap),
            cmocka_unit_test(a_reset_arena_allocates_nothing_new),
            cmocka_unit_test(a_reset_arena_gives_a_giant_back),
            cmocka_unit_test(arena_texts_and_arrays_are_copies),
            cmocka_unit_test(a_buffer_lives_as_long_as_its_references),
            cmocka_unit_test(renewing_keeps_what_nobody_shares),
            cmocka_unit_test(a_moved_buffer_is_its_new_pools),
            cmocka_unit_test(bytes_grow_and_keep_what_they_have),
            cmocka_unit_test(no_failing_allocation_loses_a_byte),
            cmocka_unit_test(short_reads_are_put_together),
            cmocka_unit_test(sorting_any_count_sorts),
    };
    return cmocka_run_group_tests(tests, open_root, close_root);
}
