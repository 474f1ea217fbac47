/*
 * sibling_levels_test.c - leaves of one list or struct that say different things of it
 */
#include "support/check_case.h"

/* Lists of structs of the same shape; p and r are as long together, u is longer. s is null now and then. */
#define SCHEMA                                                                                               \
    "p list<struct<a int, b int>>, r list<struct<a int, b int>>, u list<struct<a int, b int>>, "             \
    "s struct<a int, b int>, t struct<a int, b int>"
#define ITEM "{\"a\":1,\"b\":2}"
#define ROWS                                                                                                 \
    "{\"p\":[" ITEM "],\"r\":[" ITEM "," ITEM "],\"u\":[" ITEM "," ITEM "],\"s\":null,\"t\":" ITEM "}\n"     \
    "{\"p\":[" ITEM "," ITEM "],\"r\":[" ITEM "],\"u\":[" ITEM "," ITEM "],\"s\":" ITEM ",\"t\":null}\n"     \
    "{\"p\":[],\"r\":null,\"u\":[],\"s\":{\"a\":null,\"b\":4},\"t\":{\"a\":null,\"b\":4}}\n"

static void swap_chunks(struct check_case *c, size_t a, size_t b)
{
    struct ji_chunk *const first = check_case_chunk(c, a);
    struct ji_chunk *const second = check_case_chunk(c, b);
    const struct ji_chunk kept = *first;
    const struct ji_view *const path = second->path;
    *first = *second;
    first->path = kept.path;
    *second = kept;
    second->path = path;
}

static void expect_swap(size_t a, size_t b, const char *codes, const char *column, const char *text)
{
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.schema = SCHEMA, .rows = ROWS});
    check_case_expect(&c, "");
    swap_chunks(&c, a, b);
    check_case_expect(&c, codes);
    assert_string_equal(c.last_column, column);
    assert_string_equal(c.last_text, text);
    check_case_close(&c);
}

static void leaves_of_one_list_have_its_lengths(void **state)
{
    (void)state;
    expect_swap(1, 5, "sibling-levels", "u.list.element.b",
            "4 entries of the group that it shares with 'u.list.element.a', which has 5");
}

static void lengths_in_another_order_are_found(void **state)
{
    (void)state;
    expect_swap(1, 3, "sibling-levels", "r.list.element.b",
            "levels of the group that it shares with 'r.list.element.a' differ from the ones there");
}

static void leaves_of_one_struct_are_null_together(void **state)
{
    (void)state;
    expect_swap(7, 9, "sibling-levels", "t.b",
            "levels of the group that it shares with 't.a' differ from the ones there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(leaves_of_one_list_have_its_lengths),
            cmocka_unit_test(lengths_in_another_order_are_found),
            cmocka_unit_test(leaves_of_one_struct_are_null_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
