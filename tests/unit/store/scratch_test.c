/*
 * scratch_test.c - bytes come back, the limit holds, a place that is none is told
 */
#include "support/test.h"

#include "store/scratch.h"

static struct joist_ctx *open_ctx(const char *folder, uint64_t bytes_max)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options,
            .memory_bytes_max = (uint64_t)16 << 20,
            .scratch_folder = folder,
            .scratch_bytes_max = bytes_max};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void what_was_appended_is_read_from_where_it_stands(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx(".", 0);
    struct ji_scratch *scratch = NULL;
    uint64_t first = 99;
    uint64_t second = 99;
    char text[6] = {0};
    assert_ok(ji_scratch_open(ctx, ji_ctx_mem(ctx), &scratch, NULL));
    assert_ok(ji_scratch_append(scratch, "hello", 5, &first, NULL));
    assert_ok(ji_scratch_append(scratch, "world", 5, &second, NULL));
    assert_int_equal(first, 0);
    assert_int_equal(second, 5);
    assert_ok(ji_scratch_read(scratch, second, 5, text, NULL));
    assert_string_equal(text, "world");
    assert_int_equal(ji_scratch_read(scratch, 8, 5, text, NULL), JOIST_ERR_IO);
    assert_ok(ji_scratch_rewind(scratch, NULL));
    assert_ok(ji_scratch_append(scratch, "again", 5, &first, NULL));
    assert_int_equal(first, 0);
    ji_scratch_close(scratch);
    ji_scratch_close(NULL);
    joist_ctx_close(ctx);
}

static void the_limit_is_of_all_files_of_the_context(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx(".", 8);
    struct ji_scratch *one = NULL;
    struct ji_scratch *other = NULL;
    uint64_t offset = 0;
    assert_ok(ji_scratch_open(ctx, ji_ctx_mem(ctx), &one, NULL));
    assert_ok(ji_scratch_open(ctx, ji_ctx_mem(ctx), &other, NULL));
    assert_ok(ji_scratch_append(one, "12345", 5, &offset, NULL));
    assert_int_equal(ji_scratch_append(other, "1234", 4, &offset, NULL), JOIST_ERR_LIMIT);
    assert_ok(ji_scratch_append(other, "123", 3, &offset, NULL));
    ji_scratch_close(one);
    assert_ok(ji_scratch_append(other, "12345", 5, &offset, NULL));
    ji_scratch_close(other);
    joist_ctx_close(ctx);
}

static void no_place_is_told(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx("", 0);
    struct ji_scratch *scratch = NULL;
    assert_int_equal(ji_scratch_open(ctx, ji_ctx_mem(ctx), &scratch, NULL), JOIST_ERR_NOT_FOUND);
    joist_ctx_close(ctx);
    ctx = open_ctx("/nowhere/at/all", 0);
    assert_int_equal(ji_scratch_open(ctx, ji_ctx_mem(ctx), &scratch, NULL), JOIST_ERR_NOT_FOUND);
    joist_ctx_close(ctx);
    ctx = open_ctx(NULL, 0);
    assert_string_equal(ji_ctx_scratch_folder(ctx), "/var/tmp");
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_appended_is_read_from_where_it_stands),
            cmocka_unit_test(the_limit_is_of_all_files_of_the_context),
            cmocka_unit_test(no_place_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
