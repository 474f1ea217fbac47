/*
 * ctx_test.c - contexts: options, references, clock, random, log, the store table
 */
#include "support/oom.h"
#include "support/test.h"

#include "base/buffer.h"
#include "base/ctx.h"
#include "base/parallel.h"
#include "base/uuid.h"

#include <stdio.h>
#include <string.h>

static void a_context_without_options_opens(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    const struct joist_memory_use use = joist_ctx_memory(ctx);
    assert_true(use.bytes_max <= (uint64_t)1 << 30);
    assert_true(use.bytes_max >= (uint64_t)16 << 20);
    assert_true(use.bytes <= use.bytes_peak);
    assert_int_equal(ji_ctx_threads(ctx), 1);
    assert_true(ji_ctx_now_us(ctx) > 1600000000000000);
    joist_ctx_close(ctx);
    joist_ctx_close(NULL);
}

static void options_are_checked(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct joist_ctx_options options = {.struct_size = 0};
    assert_status(joist_ctx_open(&options, &ctx, NULL), JOIST_ERR_INVALID);
    options.struct_size = sizeof options + 8;
    assert_status(joist_ctx_open(&options, &ctx, NULL), JOIST_ERR_UNSUPPORTED);
    options = (struct joist_ctx_options){.struct_size = sizeof options, .threads = 100000};
    assert_status(joist_ctx_open(&options, &ctx, NULL), JOIST_ERR_LIMIT);
    const struct joist_allocator allocator = {.user = NULL};
    options = (struct joist_ctx_options){.struct_size = sizeof options, .allocator = &allocator};
    assert_status(joist_ctx_open(&options, &ctx, NULL), JOIST_ERR_INVALID);
    const struct joist_executor executor = {.user = NULL};
    options = (struct joist_ctx_options){.struct_size = sizeof options, .executor = &executor};
    assert_status(joist_ctx_open(&options, &ctx, NULL), JOIST_ERR_INVALID);
    assert_null(ctx);
}

static void an_older_callers_options_are_padded_with_zeros(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct joist_ctx_options options = {
            .struct_size = offsetof(struct joist_ctx_options, threads), .threads = 1000000};
    options.memory_bytes_max = 5 << 20;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_int_equal(joist_ctx_memory(ctx).bytes_max, 5 << 20);
    joist_ctx_close(ctx);
}

static void the_last_reference_frees(void **state)
{
    (void)state;
    struct oom_allocator counts = {.fail_at = 0};
    const struct joist_allocator allocator = oom_allocator(&counts);
    struct joist_ctx_options options = {.struct_size = sizeof options, .allocator = &allocator};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_ptr_equal(ji_ctx_retain(ctx), ctx);
    joist_ctx_close(ctx);
    assert_true(counts.bytes > 0);
    joist_ctx_close(ctx);
    assert_int_equal(counts.bytes, 0);
}

static int64_t stopped_clock(void *user)
{
    return *(int64_t *)user;
}

static bool no_random(void *user, void *out, size_t bytes)
{
    (void)user;
    (void)out;
    (void)bytes;
    return false;
}

static void clock_and_random_are_the_callers(void **state)
{
    (void)state;
    int64_t now = 42;
    const struct joist_clock clock = {.user = &now, .now_us = stopped_clock};
    const struct joist_random random = {.fill = no_random};
    struct joist_ctx_options options = {.struct_size = sizeof options, .clock = &clock, .random = &random};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_int_equal(ji_ctx_now_us(ctx), 42);
    char text[JI_UUID_TEXT_BYTES];
    assert_status(ji_uuid_new(ctx, text, NULL), JOIST_ERR_IO);
    joist_ctx_close(ctx);
}

static void random_bytes_differ(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    uint8_t a[1000];
    uint8_t b[1000];
    assert_ok(ji_ctx_random(ctx, a, sizeof a, NULL));
    assert_ok(ji_ctx_random(ctx, b, sizeof b, NULL));
    assert_memory_not_equal(a, b, sizeof a);
    joist_ctx_close(ctx);
}

struct lines {
    char text[256];
    enum joist_log_level level;
    int count;
};

static void keep_line(void *user, enum joist_log_level level, const char *text)
{
    struct lines *lines = user;
    lines->level = level;
    lines->count++;
    strncpy(lines->text, text, sizeof lines->text - 1);
}

static void the_log_keeps_its_level_and_one_line(void **state)
{
    (void)state;
    struct lines lines = {.count = 0};
    const struct joist_logger logger = {.user = &lines, .level = JOIST_LOG_INFO, .log = keep_line};
    struct joist_ctx_options options = {.struct_size = sizeof options, .logger = &logger};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_log(ctx, JOIST_LOG_DEBUG, "not heard");
    assert_int_equal(lines.count, 0);
    ji_log(ctx, JOIST_LOG_WARN, "%d\nlines", 2);
    assert_int_equal(lines.count, 1);
    assert_string_equal(lines.text, "2 lines");
    assert_int_equal(lines.level, JOIST_LOG_WARN);
    joist_ctx_close(ctx);
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_log(ctx, JOIST_LOG_ERROR, "nobody listens");
    joist_ctx_close(ctx);
}

static void count_close(void *self)
{
    ++*(int *)self;
}

static void the_store_table_owns_its_stores(void **state)
{
    (void)state;
    int closes = 0;
    const struct joist_store_ops ops = {.struct_size = sizeof ops, .close = count_close};
    const struct joist_store store = {.ops = &ops, .self = &closes};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_null(ji_ctx_store_find(ctx, "s3").ops);
    assert_ok(ji_ctx_store_add(ctx, "s3", store, NULL));
    assert_ptr_equal(ji_ctx_store_find(ctx, "s3").self, &closes);
    assert_status(ji_ctx_store_add(ctx, "s3", store, NULL), JOIST_ERR_EXISTS);
    assert_status(ji_ctx_store_add(ctx, "", store, NULL), JOIST_ERR_INVALID);
    assert_status(ji_ctx_store_add(ctx, "abcdefghijklmnopq", store, NULL), JOIST_ERR_INVALID);
    char scheme[] = "a";
    for (int i = 1; i < JI_STORE_SCHEMES_MAX; i++, scheme[0]++)
        assert_ok(ji_ctx_store_add(ctx, scheme, store, NULL));
    assert_status(ji_ctx_store_add(ctx, "z", store, NULL), JOIST_ERR_LIMIT);
    joist_ctx_close(ctx);
    assert_int_equal(closes, JI_STORE_SCHEMES_MAX);
}

static void a_set_flag_cancels(void **state)
{
    (void)state;
    struct joist_cancel cancel = {.requested = 0};
    assert_ok(ji_cancel_check(NULL, NULL));
    assert_ok(ji_cancel_check(&cancel, NULL));
    joist_cancel_request(&cancel);
    assert_status(ji_cancel_check(&cancel, NULL), JOIST_ERR_CANCELLED);
}

static void the_version_is_its_numbers(void **state)
{
    (void)state;
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", JOIST_VERSION_MAJOR, JOIST_VERSION_MINOR, JOIST_VERSION_PATCH);
    assert_string_equal(joist_version(), text);
}

static enum joist_status open_pools_and_buffers(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct ji_mem *pool = NULL;
    struct ji_buffer *buffer = NULL;
    JI_TRY_OUT(ji_mem_open(ji_ctx_mem(ctx), "pool", &pool, err));
    JI_TRY_OUT(ji_buffer_new(pool, 100000, &buffer, err));
    JI_TRY_OUT(ji_buffer_renew(pool, &buffer, 1000000, err));
    ji_buffer_move(buffer, ji_ctx_exported(ctx));
out:
    ji_buffer_release(buffer);
    ji_mem_close(pool);
    return status;
}

static void no_failing_allocation_leaks(void **state)
{
    (void)state;
    oom_sweep(open_pools_and_buffers, NULL);
    oom_sweep_sparse(open_pools_and_buffers, NULL);
}

static void uuids_are_version_4_and_differ(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    char a[JI_UUID_TEXT_BYTES];
    char b[JI_UUID_TEXT_BYTES];
    assert_ok(ji_uuid_new(ctx, a, NULL));
    assert_ok(ji_uuid_new(ctx, b, NULL));
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 36);
    assert_int_equal(a[14], '4');
    assert_non_null(strchr("89ab", a[19]));
    uint8_t bytes[16];
    assert_true(ji_uuid_parse(a, 36, bytes));
    ji_uuid_print(bytes, b);
    assert_string_equal(a, b);
    joist_ctx_close(ctx);
}

static void a_malformed_uuid_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[16];
    assert_true(ji_uuid_parse("8C5A4C9E-0f1b-4f0e-9c1d-2b9a7f4e3d21", 36, bytes));
    assert_int_equal(bytes[0], 0x8c);
    assert_false(ji_uuid_parse("8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d2", 35, bytes));
    assert_false(ji_uuid_parse("8c5a4c9e00f1b-4f0e-9c1d-2b9a7f4e3d21", 36, bytes));
    assert_false(ji_uuid_parse("8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d2g", 36, bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_context_without_options_opens),
            cmocka_unit_test(options_are_checked),
            cmocka_unit_test(an_older_callers_options_are_padded_with_zeros),
            cmocka_unit_test(the_last_reference_frees),
            cmocka_unit_test(clock_and_random_are_the_callers),
            cmocka_unit_test(random_bytes_differ),
            cmocka_unit_test(the_log_keeps_its_level_and_one_line),
            cmocka_unit_test(the_store_table_owns_its_stores),
            cmocka_unit_test(a_set_flag_cancels),
            cmocka_unit_test(the_version_is_its_numbers),
            cmocka_unit_test(no_failing_allocation_leaks),
            cmocka_unit_test(uuids_are_version_4_and_differ),
            cmocka_unit_test(a_malformed_uuid_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
