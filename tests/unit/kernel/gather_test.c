/*
 * gather_test.c - picks and spreads at every width
 */
#include "support/test.h"

#include "kernel/gather.h"
#include "support/test_random.h"

#define ROWS 300
#define WIDTH_MAX 20

static void max_finds_the_largest_wherever_it_stands(void **state)
{
    (void)state;
    uint32_t codes[40];
    for (size_t count = 0; count <= 40; count++) {
        assert_int_equal(ji_codes_max(codes, 0), 0);
        for (size_t at = 0; at < count; at++) {
            for (size_t index = 0; index < count; index++)
                codes[index] = (uint32_t)index % 5;
            codes[at] = UINT32_MAX - 3;
            assert_int_equal(ji_codes_max(codes, count), UINT32_MAX - 3);
            codes[at] = 77;
            assert_int_equal(ji_codes_max(codes, count), 77);
        }
    }
}

static void gather_picks_at_every_width(void **state)
{
    (void)state;
    static uint8_t values[50 * WIDTH_MAX];
    static uint8_t out[ROWS * WIDTH_MAX];
    uint32_t codes[ROWS];
    uint64_t seed = 6;
    test_random_fill(&seed, values, sizeof values);
    for (size_t index = 0; index < ROWS; index++)
        codes[index] = (uint32_t)(test_random(&seed) % 50);
    for (size_t width = 1; width <= WIDTH_MAX; width++) {
        ji_gather(values, width, codes, ROWS, out);
        for (size_t index = 0; index < ROWS; index++)
            assert_memory_equal(out + index * width, values + codes[index] * width, width);
    }
}

/* Densities of ones from none to all, by sixteenths. */
static void make_bits(uint8_t *bits, size_t density, uint64_t *seed)
{
    memset(bits, 0, ROWS / 8 + 8);
    for (size_t index = 0; index < ROWS + 16; index++) {
        if (test_random(seed) % 16 < density)
            ji_bit_set(bits, index);
    }
}

static void expand_moves_values_to_their_rows_and_zeroes_the_rest(void **state)
{
    (void)state;
    static uint8_t dense[ROWS * WIDTH_MAX];
    static uint8_t rows[ROWS * WIDTH_MAX];
    uint8_t bits[ROWS / 8 + 8];
    uint64_t seed = 12;
    for (size_t width = 1; width <= WIDTH_MAX; width++) {
        for (size_t density = 0; density <= 16; density++) {
            const size_t at = density % 9;
            const size_t count = ROWS - 3 * density;
            make_bits(bits, density, &seed);
            test_random_fill(&seed, dense, sizeof dense);
            memcpy(rows, dense, sizeof rows);
            ji_expand(rows, width, bits, at, count);
            size_t next = 0;
            static const uint8_t zero[WIDTH_MAX];
            for (size_t row = 0; row < count; row++) {
                const bool is_set = ji_bit_get(bits, at + row);
                assert_memory_equal(rows + row * width, is_set ? dense + next * width : zero, width);
                next += is_set;
            }
        }
    }
}

static void expand_bits_does_the_same_for_booleans(void **state)
{
    (void)state;
    uint8_t validity[ROWS / 8 + 8];
    uint8_t dense[ROWS / 8 + 8];
    uint8_t out[ROWS / 8 + 8];
    uint64_t seed = 90;
    make_bits(validity, 9, &seed);
    make_bits(dense, 8, &seed);
    memset(out, 0xff, sizeof out);
    ji_expand_bits(dense, 2, validity, 3, ROWS - 10, out);
    size_t next = 2;
    for (size_t row = 3; row < ROWS - 7; row++) {
        const bool is_set = ji_bit_get(validity, row);
        assert_int_equal(ji_bit_get(out, row), is_set && ji_bit_get(dense, next));
        next += is_set;
    }
    assert_true(ji_bit_get(out, 2) && ji_bit_get(out, ROWS - 7));
}

static void fill_repeats_at_every_width(void **state)
{
    (void)state;
    uint8_t value[WIDTH_MAX];
    uint8_t out[40 * WIDTH_MAX + 1];
    uint64_t seed = 4;
    test_random_fill(&seed, value, sizeof value);
    for (size_t width = 1; width <= WIDTH_MAX; width++) {
        for (size_t count = 0; count <= 40; count++) {
            out[count * width] = 0xa5;
            ji_fill(value, width, count, out);
            for (size_t index = 0; index < count; index++)
                assert_memory_equal(out + index * width, value, width);
            assert_int_equal(out[count * width], 0xa5);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(max_finds_the_largest_wherever_it_stands),
            cmocka_unit_test(gather_picks_at_every_width),
            cmocka_unit_test(fill_repeats_at_every_width),
            cmocka_unit_test(expand_moves_values_to_their_rows_and_zeroes_the_rest),
            cmocka_unit_test(expand_bits_does_the_same_for_booleans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
