/*
 * byte_split_test.c - every width, length and start against bytes taken one by one
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/byte_split.h"
#include "support/test_random.h"

#define VALUES 140

/* Streams and values in blocks of exactly their bytes, so that the sanitizer sees an access behind them. */
static void check(size_t width, size_t stride, size_t first, size_t count)
{
    uint8_t *const in = malloc(width * stride);
    uint8_t *const fast = malloc(width * count + 1);
    uint8_t *const plain = malloc(width * count + 1);
    uint64_t seed = width * 1000 + count;
    assert_true(in != NULL && fast != NULL && plain != NULL);
    test_random_fill(&seed, in, width * stride);
    ji_byte_join(in, stride, width, first, count, fast);
    ji_byte_join_plain(in, stride, width, first, count, plain);
    for (size_t index = 0; index < count; index++) {
        for (size_t byte = 0; byte < width; byte++) {
            assert_int_equal(fast[index * width + byte], in[byte * stride + first + index]);
            assert_int_equal(plain[index * width + byte], in[byte * stride + first + index]);
        }
    }
    free(in);
    free(fast);
    free(plain);
}

static void values_equal_their_bytes_at_every_width_length_and_start(void **state)
{
    (void)state;
    for (size_t width = 1; width <= 34; width++) {
        for (size_t first = 0; first < 3; first++) {
            for (size_t count = 1; count <= VALUES - first; count += count < 70 ? 1 : 13)
                check(width, first + count, first, count);
        }
        check(width, VALUES, 17, 64);
    }
}

static void nothing_is_written_behind_the_values(void **state)
{
    (void)state;
    for (size_t width = 1; width <= 17; width++) {
        for (size_t count = 0; count <= 80; count++) {
            uint8_t in[17 * 80] = {0};
            uint8_t *const out = malloc(width * count + 1);
            assert_non_null(out);
            out[width * count] = 0xa5;
            ji_byte_join(in, 80, width, 0, count, out);
            assert_int_equal(out[width * count], 0xa5);
            free(out);
        }
    }
}

/* Streams of exactly `count` bytes, one behind the other, as a page has them. */
static void splitting_and_joining_give_the_values_at_every_width_and_length(void **state)
{
    (void)state;
    for (size_t width = 1; width <= 18; width++) {
        for (size_t count = 1; count <= 100; count++) {
            uint8_t values[18 * 100];
            uint8_t again[18 * 100];
            uint8_t *const streams = malloc(width * count);
            uint64_t seed = width * 1000 + count;
            assert_non_null(streams);
            test_random_fill(&seed, values, sizeof values);
            ji_byte_split(values, width, count, count, streams);
            for (size_t byte = 0; byte < width; byte++)
                assert_int_equal(streams[byte * count + count - 1], values[(count - 1) * width + byte]);
            ji_byte_join_plain(streams, count, width, 0, count, again);
            assert_memory_equal(again, values, width * count);
            free(streams);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(values_equal_their_bytes_at_every_width_length_and_start),
            cmocka_unit_test(nothing_is_written_behind_the_values),
            cmocka_unit_test(splitting_and_joining_give_the_values_at_every_width_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
