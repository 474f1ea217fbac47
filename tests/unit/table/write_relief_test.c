/*
 * write_relief_test.c - which open file gives its memory back, and how
 */
#include "table/write/write_relief.h"

#include "support/test.h"

#define MIB ((uint64_t)1 << 20)
#define KIB ((uint64_t)1 << 10)
#define LIMIT (64 * MIB)

static const struct ji_relief_candidate FILES[] = {
        {.place = 4, .held = 300 * KIB, .used = 9},
        {.place = 7, .held = 3 * MIB, .used = 11},
        {.place = 9, .held = 100 * KIB, .used = 3},
};

static struct ji_relief choose(const struct ji_relief_candidate *files, size_t count, uint64_t room)
{
    return ji_relief_choose(files, count, room, LIMIT);
}

static void relief_is_not_wanted_while_a_quarter_is_left(void **state)
{
    (void)state;
    assert_false(ji_relief_wanted(LIMIT / 4, LIMIT));
    assert_true(ji_relief_wanted(LIMIT / 4 - 1, LIMIT));
    assert_int_equal(choose(FILES, 3, LIMIT / 4).kind, JI_RELIEF_NONE);
    assert_false(ji_relief_urgent(LIMIT / 8, LIMIT));
    assert_true(ji_relief_urgent(LIMIT / 8 - 1, LIMIT));
}

static void relief_is_never_wanted_without_a_limit(void **state)
{
    (void)state;
    assert_false(ji_relief_wanted(UINT64_MAX, UINT64_MAX));
}

static void relief_flushes_the_fullest_file_first(void **state)
{
    (void)state;
    const struct ji_relief relief = choose(FILES, 3, LIMIT / 4 - 1);
    assert_int_equal(relief.kind, JI_RELIEF_FLUSH);
    assert_int_equal(relief.place, 7);
}

static void relief_spares_small_row_groups_while_an_eighth_is_left(void **state)
{
    (void)state;
    assert_int_equal(choose(FILES, 1, LIMIT / 8).kind, JI_RELIEF_NONE);
    const struct ji_relief relief = choose(FILES, 1, LIMIT / 8 - 1);
    assert_int_equal(relief.kind, JI_RELIEF_FLUSH);
    assert_int_equal(relief.place, 4);
}

static void relief_finishes_the_oldest_file_where_none_holds_much(void **state)
{
    (void)state;
    const struct ji_relief_candidate files[] = {
            {.place = 1, .held = 10 * KIB, .used = 5},
            {.place = 2, .held = 0, .used = 2},
            {.place = 3, .held = 20 * KIB, .used = 7},
    };
    const struct ji_relief relief = choose(files, 3, 0);
    assert_int_equal(relief.kind, JI_RELIEF_FINISH);
    assert_int_equal(relief.place, 2);
    assert_int_equal(choose(files, 3, LIMIT / 8).kind, JI_RELIEF_NONE);
}

static void relief_has_nothing_to_do_without_files(void **state)
{
    (void)state;
    assert_int_equal(choose(NULL, 0, 0).kind, JI_RELIEF_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(relief_is_not_wanted_while_a_quarter_is_left),
            cmocka_unit_test(relief_is_never_wanted_without_a_limit),
            cmocka_unit_test(relief_flushes_the_fullest_file_first),
            cmocka_unit_test(relief_spares_small_row_groups_while_an_eighth_is_left),
            cmocka_unit_test(relief_finishes_the_oldest_file_where_none_holds_much),
            cmocka_unit_test(relief_has_nothing_to_do_without_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
