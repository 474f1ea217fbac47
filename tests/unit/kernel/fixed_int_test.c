/*
 * fixed_int_test.c - every width against digits put together one by one
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/fixed_int.h"
#include "support/test_random.h"

#define VALUES 50

/* Numbers of `width` bytes that have `bytes` bytes at most, the rest is their sign. */
static uint8_t *make_numbers(size_t width, size_t bytes, size_t count)
{
    uint64_t seed = width * 100 + bytes;
    uint8_t *const in = malloc(width * count > 0 ? width * count : 1);
    assert_non_null(in);
    test_random_fill(&seed, in, width * count);
    for (size_t index = 0; index < count; index++) {
        uint8_t *const number = in + index * width;
        const uint8_t sign = bytes < width && (number[width - bytes] & 0x80) != 0 ? 0xff : 0;
        for (size_t byte = 0; byte + bytes < width; byte++)
            number[byte] = sign;
    }
    return in;
}

static void check(size_t width, size_t bytes, size_t count)
{
    uint8_t *const in = make_numbers(width, bytes, count);
    int64_t narrow[VALUES];
    ji_int128 wide[VALUES];
    assert_true(ji_fixed_to_i128(in, width, count, wide));
    if (bytes <= 8)
        assert_true(ji_fixed_to_i64(in, width, count, narrow));
    for (size_t index = 0; index < count; index++) {
        ji_int128 wanted;
        assert_true(ji_fixed_int(ji_view_of(in + index * width, width), &wanted));
        assert_true(wide[index] == wanted);
        assert_true(bytes > 8 || narrow[index] == wanted);
    }
    free(in);
}

static void numbers_of_every_width_equal_the_reference(void **state)
{
    (void)state;
    for (size_t width = 1; width <= 24; width++) {
        for (size_t count = 0; count <= VALUES; count++) {
            check(width, width < 8 ? width : 8, count);
            check(width, width < 16 ? width : 16, count);
        }
    }
}

static void the_reference_reads_digits_and_sign(void **state)
{
    (void)state;
    static const uint8_t minus[] = {0xff, 0x85};
    static const uint8_t large[] = {0x01, 0, 0, 0, 0, 0, 0, 0, 0};
    ji_int128 value;
    assert_true(ji_fixed_int(ji_view_of(minus, 2), &value));
    assert_true(value == -123);
    assert_true(ji_fixed_int(ji_view_of(large, 9), &value));
    assert_true(value == (ji_int128)1 << 64);
    assert_true(ji_fixed_int(ji_view_of(NULL, 0), &value));
    assert_true(value == 0);
}

static void numbers_that_do_not_fit_are_told(void **state)
{
    (void)state;
    int64_t narrow[3];
    ji_int128 wide[3];
    uint8_t nine[27] = {0};
    assert_true(ji_fixed_to_i64(nine, 9, 3, narrow));
    nine[9] = 1;
    assert_false(ji_fixed_to_i64(nine, 9, 3, narrow));
    nine[9] = 0;
    nine[10] = 0x80;
    assert_false(ji_fixed_to_i64(nine, 9, 3, narrow));
    uint8_t seventeen[51] = {0};
    assert_true(ji_fixed_to_i128(seventeen, 17, 3, wide));
    seventeen[34] = 0xff;
    assert_false(ji_fixed_to_i128(seventeen, 17, 3, wide));
    seventeen[34] = 1;
    assert_false(ji_fixed_to_i128(seventeen, 17, 3, wide));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(numbers_of_every_width_equal_the_reference),
            cmocka_unit_test(the_reference_reads_digits_and_sign),
            cmocka_unit_test(numbers_that_do_not_fit_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
