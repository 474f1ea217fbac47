/*
 * join_test.c - strings near and far, long and short, against the plain loop
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/join.h"
#include "support/test_random.h"

#define VIEWS 200

/* Strings of up to `size_max` bytes, each `gap` behind the one before; `turn`: every so many not in order. */
static void check(size_t size_max, size_t gap, size_t turn)
{
    struct ji_view views[VIEWS];
    uint64_t seed = size_max * 100 + gap * 10 + turn + 1;
    size_t bytes = 0;
    size_t joined = 0;
    for (size_t i = 0; i < VIEWS; i++) {
        const size_t size = (size_t)(test_random(&seed) % (size_max + 1));
        views[i] = ji_view_of(NULL, size);
        bytes += gap + size;
        joined += size;
    }
    uint8_t *const from = malloc(bytes + 1);
    uint8_t *const out = malloc(joined + JI_JOIN_SLACK);
    uint8_t *const plain = malloc(joined + 1);
    assert_true(from != NULL && out != NULL && plain != NULL);
    test_random_fill(&seed, from, bytes);
    size_t at = 0;
    for (size_t i = 0; i < VIEWS; i++) {
        views[i].data = from + at + gap;
        at += gap + views[i].size;
    }
    for (size_t i = turn; turn != 0 && i < VIEWS; i += turn) {
        const struct ji_view other = views[i];
        views[i] = views[i - turn];
        views[i - turn] = other;
    }
    for (size_t count = 0; count <= VIEWS; count += count < 5 ? 1 : 39) {
        const size_t wanted = (size_t)(ji_join_plain(views, count, plain) - plain);
        assert_int_equal((size_t)(ji_join(views, count, out) - out), wanted);
        assert_memory_equal(out, plain, wanted);
    }
    free(from);
    free(out);
    free(plain);
}

static void joined_strings_stand_one_behind_another(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 7, 16, 47, 48, 49, 200};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t gap = 0; gap <= 6; gap++)
            for (size_t turn = 0; turn <= 9; turn += 3)
                check(sizes[i], gap, turn);
}

static void strings_of_their_own_memory_are_not_left(void **state)
{
    (void)state;
    struct ji_view views[50];
    uint8_t out[50 * 50 + JI_JOIN_SLACK];
    uint8_t *blocks[50];
    for (size_t i = 0; i < 50; i++) {
        blocks[i] = malloc(i + 1);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)i, i + 1);
        views[i] = i % 20 == 0 ? ji_view_of(NULL, 0) : ji_view_of(blocks[i], i + 1);
    }
    const uint8_t *at = out;
    ji_join(views, 50, out);
    for (size_t i = 0; i < 50; i++) {
        for (size_t b = 0; b < views[i].size; b++)
            assert_int_equal(*at++, i);
        free(blocks[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(joined_strings_stand_one_behind_another),
            cmocka_unit_test(strings_of_their_own_memory_are_not_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
