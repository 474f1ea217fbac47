/*
 * bit_pack_test.c - every width and length, unpacked again by what reads single bits right
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/bit_pack.h"
#include "kernel/bit_unpack.h"
#include "support/test_random.h"

#define VALUES 128

static uint64_t mask_of(unsigned width)
{
    return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

static void pack_and_unpack_give_the_values_at_every_width_and_length(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 32; width++) {
        for (size_t count = 0; count <= VALUES; count += 8) {
            uint32_t values[VALUES];
            uint32_t again[VALUES];
            uint8_t plain[VALUES * 4 + JI_PACK_SLACK];
            uint8_t *const packed = malloc(count * width / 8 + JI_PACK_SLACK);
            assert_non_null(packed);
            uint64_t seed = (uint64_t)width * 1000 + count + 1;
            test_random_fill(&seed, (uint8_t *)values, sizeof values);
            for (size_t i = 0; i < count; i++)
                values[i] &= (uint32_t)mask_of(width);
            const size_t bytes = ji_packed_bytes(count, width);
            assert_ptr_equal(ji_bit_pack(width, values, count, packed), packed + bytes);
            assert_ptr_equal(ji_bit_pack_plain(width, values, count, plain), plain + bytes);
            assert_memory_equal(packed, plain, bytes);
            ji_bit_unpack_plain(width, packed, bytes, 0, count, again);
            assert_memory_equal(again, values, count * sizeof *values);
            free(packed);
        }
    }
}

static void pack64_and_unpack64_give_the_values_at_every_width_and_length(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 64; width++) {
        for (size_t count = 0; count <= VALUES; count += 8) {
            uint64_t values[VALUES];
            uint64_t again[VALUES];
            uint8_t *const packed = malloc(count * width / 8 + JI_PACK_SLACK);
            assert_non_null(packed);
            uint64_t seed = (uint64_t)width * 1000 + count + 1;
            test_random_fill(&seed, (uint8_t *)values, sizeof values);
            for (size_t i = 0; i < count; i++)
                values[i] &= mask_of(width);
            uint8_t plain[VALUES * 8 + JI_PACK_SLACK];
            const size_t bytes = ji_packed_bytes(count, width);
            assert_ptr_equal(ji_bit_pack64(width, values, count, packed), packed + bytes);
            assert_ptr_equal(ji_bit_pack64_plain(width, values, count, plain), plain + bytes);
            assert_memory_equal(packed, plain, bytes);
            ji_bit_unpack64_plain(width, packed, bytes, 0, count, again);
            assert_memory_equal(again, values, count * sizeof *values);
            free(packed);
        }
    }
}

/* The format's own example: 0..7 in three bits. */
static void pack_puts_the_first_value_in_the_lowest_bits(void **state)
{
    (void)state;
    const uint32_t values[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const uint8_t expected[3] = {0x88, 0xc6, 0xfa};
    uint8_t packed[3 + JI_PACK_SLACK];
    ji_bit_pack(3, values, 8, packed);
    assert_memory_equal(packed, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(pack_and_unpack_give_the_values_at_every_width_and_length),
            cmocka_unit_test(pack64_and_unpack64_give_the_values_at_every_width_and_length),
            cmocka_unit_test(pack_puts_the_first_value_in_the_lowest_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
