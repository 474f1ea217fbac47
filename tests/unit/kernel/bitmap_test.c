/*
 * bitmap_test.c - every start and length against bits set one by one
 */
#include "support/test.h"

#include "kernel/bitmap.h"
#include "support/test_random.h"

#define BITS 200
#define BYTES (BITS / 8)

static void fill_changes_its_bits_and_no_others(void **state)
{
    (void)state;
    for (size_t at = 0; at < 80; at++) {
        for (size_t count = 0; count + at <= BITS; count += count < 20 ? 1 : 17) {
            for (int value = 0; value < 2; value++) {
                uint8_t bits[BYTES];
                memset(bits, value != 0 ? 0 : 0xff, sizeof bits);
                ji_bitmap_fill(bits, at, count, value != 0);
                for (size_t bit = 0; bit < BITS; bit++) {
                    const bool is_in = bit >= at && bit < at + count;
                    assert_int_equal(ji_bit_get(bits, bit), is_in == (value != 0));
                }
            }
        }
    }
}

static void copy_and_count_equal_single_bits(void **state)
{
    (void)state;
    uint64_t seed = 3;
    uint8_t from[BYTES];
    test_random_fill(&seed, from, sizeof from);
    for (size_t from_at = 0; from_at < 20; from_at++) {
        for (size_t to_at = 0; to_at < 20; to_at++) {
            for (size_t count = 0; count <= BITS - 20; count += count < 70 ? 3 : 19) {
                uint8_t to[BYTES];
                memset(to, 0x5a, sizeof to);
                ji_bitmap_copy(from, from_at, to, to_at, count);
                size_t set = 0;
                for (size_t bit = 0; bit < BITS; bit++) {
                    const bool is_in = bit >= to_at && bit < to_at + count;
                    const bool wanted =
                            is_in ? ji_bit_get(from, from_at + bit - to_at) : (0x5a >> (bit % 8) & 1) != 0;
                    set += is_in && wanted;
                    assert_int_equal(ji_bit_get(to, bit), wanted);
                }
                assert_int_equal(ji_bitmap_count(to, to_at, count), set);
            }
        }
    }
}

static void and_takes_odd_lengths(void **state)
{
    (void)state;
    uint64_t seed = 8;
    uint8_t a[BYTES];
    uint8_t b[BYTES];
    uint8_t out[BYTES];
    test_random_fill(&seed, a, sizeof a);
    test_random_fill(&seed, b, sizeof b);
    for (size_t bytes = 0; bytes <= BYTES; bytes++) {
        memset(out, 1, sizeof out);
        ji_bitmap_and(a, b, out, bytes);
        for (size_t index = 0; index < BYTES; index++)
            assert_int_equal(out[index], index < bytes ? (a[index] & b[index]) : 1);
    }
}

static void levels_become_bits(void **state)
{
    (void)state;
    uint64_t seed = 21;
    uint8_t levels[BITS];
    for (size_t index = 0; index < BITS; index++)
        levels[index] = (uint8_t)(test_random(&seed) % 4);
    for (size_t at = 0; at < 10; at++) {
        for (size_t count = 0; count + at <= BITS; count += 7) {
            uint8_t bits[BYTES + 1];
            memset(bits, 0xff, sizeof bits);
            const size_t set = ji_bitmap_of_levels(levels, count, 2, bits, at);
            size_t wanted = 0;
            for (size_t index = 0; index < count; index++) {
                wanted += levels[index] >= 2;
                assert_int_equal(ji_bit_get(bits, at + index), levels[index] >= 2);
            }
            assert_int_equal(set, wanted);
            assert_true(ji_bit_get(bits, at + count));
        }
    }
}

static void highest_level_is_found_wherever_it_stands(void **state)
{
    (void)state;
    uint8_t levels[50];
    memset(levels, 3, sizeof levels);
    assert_int_equal(ji_levels_max(levels, 0), 0);
    for (size_t count = 1; count <= sizeof levels; count++) {
        for (size_t at = 0; at < count; at++) {
            levels[at] = 200;
            assert_int_equal(ji_levels_max(levels, count), 200);
            assert_int_equal(ji_levels_max(levels, at), at > 0 ? 3 : 0);
            levels[at] = 3;
        }
    }
}

static void put_changes_one_bit(void **state)
{
    (void)state;
    for (size_t at = 0; at < 16; at++) {
        uint8_t bits[2] = {0x0f, 0xf0};
        ji_bitmap_put(bits, at, true);
        assert_int_equal(bits[0] | bits[1] << 8, 0xf00f | 1 << at);
        ji_bitmap_put(bits, at, false);
        assert_int_equal(bits[0] | bits[1] << 8, 0xf00f & ~(1 << at));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(fill_changes_its_bits_and_no_others),
            cmocka_unit_test(copy_and_count_equal_single_bits),
            cmocka_unit_test(and_takes_odd_lengths),
            cmocka_unit_test(levels_become_bits),
            cmocka_unit_test(highest_level_is_found_wherever_it_stands),
            cmocka_unit_test(put_changes_one_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
