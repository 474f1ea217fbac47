/*
 * delta_block_test.c - differences less the least, against the plain loop and against their sum
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/delta_block.h"
#include "support/test_random.h"

#define BLOCK_MAX 1024
#define MINIS_MAX 8

static const struct ji_delta_minis SHAPES[] = {
        {.mini = 32, .mini_count = 4}, {.mini = 64, .mini_count = 4}, {.mini = 128, .mini_count = 8}};

/* `values` behind one in front, at the very start and end of a block of memory. */
static void check32(const uint32_t *random, size_t count, const struct ji_delta_minis *shape)
{
    const size_t all = shape->mini * shape->mini_count;
    uint8_t widths[2][MINIS_MAX];
    struct ji_delta_minis minis = *shape;
    uint32_t *const values = malloc((count + 1) * sizeof *values);
    uint32_t *const above = malloc(all * sizeof *above);
    uint32_t *const plain = malloc(all * sizeof *plain);
    assert_true(values != NULL && above != NULL && plain != NULL);
    memcpy(values, random, (count + 1) * sizeof *values);
    minis.widths = widths[0];
    const int32_t least = ji_delta_block32(values + 1, count, &minis, above);
    minis.widths = widths[1];
    assert_int_equal(ji_delta_block32_plain(values + 1, count, &minis, plain), least);
    assert_memory_equal(above, plain, all * sizeof *above);
    assert_memory_equal(widths[0], widths[1], minis.mini_count);
    for (size_t i = 0; i < all; i++) {
        assert_true(i < count || above[i] == 0);
        assert_int_equal((uint64_t)above[i] >> widths[0][i / minis.mini], 0);
        if (i < count)
            assert_int_equal(values[i] + (uint32_t)least + above[i], values[i + 1]);
    }
    free(values);
    free(above);
    free(plain);
}

static void check64(const uint64_t *random, size_t count, const struct ji_delta_minis *shape)
{
    const size_t all = shape->mini * shape->mini_count;
    uint8_t widths[2][MINIS_MAX];
    struct ji_delta_minis minis = *shape;
    uint64_t *const values = malloc((count + 1) * sizeof *values);
    uint64_t *const above = malloc(all * sizeof *above);
    uint64_t *const plain = malloc(all * sizeof *plain);
    assert_true(values != NULL && above != NULL && plain != NULL);
    memcpy(values, random, (count + 1) * sizeof *values);
    minis.widths = widths[0];
    const int64_t least = ji_delta_block64(values + 1, count, &minis, above);
    minis.widths = widths[1];
    assert_int_equal(ji_delta_block64_plain(values + 1, count, &minis, plain), least);
    assert_memory_equal(above, plain, all * sizeof *above);
    assert_memory_equal(widths[0], widths[1], minis.mini_count);
    for (size_t i = 0; i < all; i++) {
        assert_true(i < count || above[i] == 0);
        assert_true(widths[0][i / minis.mini] == 64 || above[i] >> widths[0][i / minis.mini] == 0);
        if (i < count)
            assert_int_equal(values[i] + (uint64_t)least + above[i], values[i + 1]);
    }
    free(values);
    free(above);
    free(plain);
}

static void differences_and_least_give_the_values_at_every_width(void **state)
{
    (void)state;
    uint64_t values[BLOCK_MAX + 1];
    uint32_t narrow[BLOCK_MAX + 1];
    for (unsigned width = 0; width <= 64; width++) {
        uint64_t seed = width + 1;
        test_random_fill(&seed, (uint8_t *)values, sizeof values);
        for (size_t i = 0; i <= BLOCK_MAX; i++) {
            values[i] = width == 0 ? 5 : values[i] >> (64 - width);
            narrow[i] = (uint32_t)values[i];
        }
        for (size_t shape = 0; shape < sizeof SHAPES / sizeof SHAPES[0]; shape++) {
            const size_t all = SHAPES[shape].mini * SHAPES[shape].mini_count;
            check32(narrow, all, &SHAPES[shape]);
            check64(values, all, &SHAPES[shape]);
        }
    }
}

static void blocks_that_are_not_full_end_in_zeros(void **state)
{
    (void)state;
    uint64_t values[BLOCK_MAX + 1];
    uint32_t narrow[BLOCK_MAX + 1];
    uint64_t seed = 1;
    test_random_fill(&seed, (uint8_t *)values, sizeof values);
    test_random_fill(&seed, (uint8_t *)narrow, sizeof narrow);
    for (size_t count = 1; count <= 128; count++) {
        check32(narrow, count, &SHAPES[0]);
        check64(values, count, &SHAPES[0]);
    }
}

static void differences_wrap_and_the_least_is_signed(void **state)
{
    (void)state;
    uint64_t values[129];
    uint32_t narrow[129];
    for (size_t i = 0; i < 129; i++) {
        values[i] = i % 3 == 0 ? UINT64_C(1) << 63 : i % 3 == 1 ? INT64_MAX : 0;
        narrow[i] = i % 3 == 0 ? UINT32_C(1) << 31 : i % 3 == 1 ? INT32_MAX : 0;
    }
    check32(narrow, 128, &SHAPES[0]);
    check64(values, 128, &SHAPES[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(differences_and_least_give_the_values_at_every_width),
            cmocka_unit_test(blocks_that_are_not_full_end_in_zeros),
            cmocka_unit_test(differences_wrap_and_the_least_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
