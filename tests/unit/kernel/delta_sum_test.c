/*
 * delta_sum_test.c - every width, length and start against bits taken one by one
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/bit_unpack.h"
#include "kernel/delta_sum.h"
#include "support/test_random.h"

#define VALUES 150

static uint64_t bits_at(const uint8_t *in, size_t bit, unsigned width)
{
    uint64_t value = 0;
    for (unsigned index = 0; index < width; index++)
        value |= (uint64_t)((in[(bit + index) / 8] >> ((bit + index) % 8)) & 1) << index;
    return value;
}

/* Deltas in a block of exactly their bytes, so that the sanitizer sees a read behind it. */
static struct ji_delta_run make_run(unsigned width, uint64_t seed, uint8_t **block)
{
    const size_t bytes = ji_packed_bytes(VALUES, width);
    *block = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(*block);
    test_random_fill(&seed, *block, bytes);
    return (struct ji_delta_run){
            .in = *block,
            .in_bytes = bytes,
            .width = width,
            .has_lanes = ji_delta_has_lanes(),
            .least = test_random(&seed),
    };
}

static void check32(const struct ji_delta_run *run, size_t first, size_t count)
{
    uint32_t fast[VALUES + 1];
    uint32_t plain[VALUES];
    fast[count] = 0xa5a5a5a5;
    const uint32_t before = 0x7fffff00;
    const uint32_t last = ji_delta_sum32(run, first, count, before, fast);
    assert_int_equal(ji_delta_sum32_plain(run, first, count, before, plain), last);
    uint32_t sum = before;
    for (size_t index = 0; index < count; index++) {
        sum += (uint32_t)run->least + (uint32_t)bits_at(run->in, (first + index) * run->width, run->width);
        assert_int_equal(plain[index], sum);
        assert_int_equal(fast[index], sum);
    }
    assert_int_equal(last, sum);
    assert_int_equal(fast[count], 0xa5a5a5a5);
}

static void check64(const struct ji_delta_run *run, size_t first, size_t count)
{
    uint64_t fast[VALUES + 1];
    uint64_t plain[VALUES];
    fast[count] = 0xa5a5a5a5;
    const uint64_t before = UINT64_C(0x7fffffffffffff00);
    const uint64_t last = ji_delta_sum64(run, first, count, before, fast);
    assert_true(ji_delta_sum64_plain(run, first, count, before, plain) == last);
    uint64_t sum = before;
    for (size_t index = 0; index < count; index++) {
        sum += run->least + bits_at(run->in, (first + index) * run->width, run->width);
        assert_true(plain[index] == sum);
        assert_true(fast[index] == sum);
    }
    assert_true(last == sum);
    assert_true(fast[count] == 0xa5a5a5a5);
}

static void sums_equal_single_bits_at_every_width_length_and_start(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 64; width++) {
        uint8_t *block;
        const struct ji_delta_run run = make_run(width, width, &block);
        for (size_t first = 0; first < 18; first++) {
            for (size_t count = 0; count <= VALUES - first; count += count < 36 ? 1 : 19) {
                check32(&run, first, count);
                check64(&run, first, count);
            }
        }
        free(block);
    }
}

static void sums_do_not_need_the_lanes(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 64; width += 3) {
        uint8_t *block;
        struct ji_delta_run run = make_run(width, 99 + width, &block);
        run.has_lanes = false;
        check32(&run, 3, VALUES - 3);
        check64(&run, 3, VALUES - 3);
        free(block);
    }
}

static void sums_take_any_alignment(void **state)
{
    (void)state;
    for (unsigned width = 1; width <= 64; width++) {
        const size_t bytes = ji_packed_bytes(VALUES, width);
        for (size_t shift = 0; shift < 9; shift++) {
            uint8_t *const block = malloc(bytes + shift);
            uint64_t seed = width * 10 + shift;
            assert_non_null(block);
            test_random_fill(&seed, block, bytes + shift);
            const struct ji_delta_run run = {
                    .in = block + shift,
                    .in_bytes = bytes,
                    .width = width,
                    .has_lanes = ji_delta_has_lanes(),
                    .least = 5,
            };
            check32(&run, 0, VALUES);
            check64(&run, 8, VALUES - 8);
            free(block);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(sums_equal_single_bits_at_every_width_length_and_start),
            cmocka_unit_test(sums_do_not_need_the_lanes),
            cmocka_unit_test(sums_take_any_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
