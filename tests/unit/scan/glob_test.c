/*
 * glob_test.c - names that match a pattern
 */
#include "support/test.h"

#include "scan/glob.h"

#include <joist/store.h>

#include <string.h>

static void patterns_match_as_a_shell_does(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
            {"a", "a", true},
            {"a", "b", false},
            {"", "", true},
            {"*", "abc", true},
            {"*", "", true},
            {"*", "a/b", false},
            {"a*c", "abbbc", true},
            {"a*c", "abbbd", false},
            {"*.parquet", "x.parquet", true},
            {"*.parquet", "x.parquet.tmp", false},
            {"d/*/f", "d/e/f", true},
            {"d/*/f", "d/e/g/f", false},
            {"a?c", "abc", true},
            {"a?c", "a/c", false},
            {"a?c", "aüc", true},
            {"a??c", "aüc", false},
            {"[a-c]x", "bx", true},
            {"[a-c]x", "dx", false},
            {"[!a-c]x", "dx", true},
            {"[!a-c]x", "ax", false},
            {"[]]", "]", true},
            {"[a-]", "-", true},
            {"[ab", "[ab", true},
            {"[/]", "/", false},
            {"*a*b*c", "xxaxxbxxc", true},
            {"*a*b*c", "xxaxxcxxb", false},
            {"aaaa*aaaa*aaaa*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
            {"*", ".hidden", false},
            {".*", ".hidden", true},
            {"d/*", "d/.hidden", false},
            {"?x", ".x", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        if (ji_glob_match(cases[index].pattern, cases[index].text) != cases[index].matches)
            fail_msg("'%s' on '%s'", cases[index].pattern, cases[index].text);
    }
}

static void put(struct joist_ctx *ctx, const char *location)
{
    struct joist_sink sink = {0};
    assert_ok(joist_sink_open(ctx, location, JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(joist_sink_commit(&sink, NULL));
}

static void expansion_lists_matches_in_byte_order(void **state)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {0};
    struct ji_arena arena;
    const char *const *locations = NULL;
    size_t count = 0;
    (void)state;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    put(ctx, "memory:d/b.csv");
    put(ctx, "memory:d/a.csv");
    put(ctx, "memory:d/a.txt");
    put(ctx, "memory:d/e/a.csv");
    assert_ok(ji_glob_expand(ctx, &arena, "memory:d/*.csv", &locations, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(locations[0], "memory:d/a.csv");
    assert_string_equal(locations[1], "memory:d/b.csv");
    assert_status(
            ji_glob_expand(ctx, &arena, "memory:x/*.csv", &locations, &count, &err), JOIST_ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "no file matches"));
    assert_ok(ji_glob_expand(ctx, &arena, "no/such/file.csv", &locations, &count, &err));
    assert_int_equal(count, 1);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(patterns_match_as_a_shell_does),
            cmocka_unit_test(expansion_lists_matches_in_byte_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
