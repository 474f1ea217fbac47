/*
 * bit_unpack_test.c - every width, length and misalignment against bits taken one by one
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/bit_unpack.h"
#include "support/test_random.h"

#define VALUES 200

static uint64_t bits_at(const uint8_t *in, size_t bit, unsigned width)
{
    uint64_t value = 0;
    for (unsigned index = 0; index < width; index++)
        value |= (uint64_t)((in[(bit + index) / 8] >> ((bit + index) % 8)) & 1) << index;
    return value;
}

/* A block of exactly the bytes that the values take, so that the sanitizer sees a read behind it. */
static uint8_t *exact_block(size_t bytes, uint64_t seed)
{
    uint8_t *const block = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(block);
    test_random_fill(&seed, block, bytes);
    return block;
}

static void unpack_equals_single_bits_at_every_width_length_and_start(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 32; width++) {
        const size_t bytes = ji_packed_bytes(VALUES, width);
        uint8_t *const in = exact_block(bytes, width);
        struct ji_bit_unpacker unpacker;
        ji_bit_unpacker_init(&unpacker, width);
        for (size_t first = 0; first < 20; first++) {
            for (size_t count = 0; count <= VALUES - first; count += count < 40 ? 1 : 13) {
                uint32_t fast[VALUES];
                uint32_t plain[VALUES];
                memset(fast, 0xa5, sizeof fast);
                ji_bit_unpack(&unpacker, in, bytes, first, count, fast);
                ji_bit_unpack_plain(width, in, bytes, first, count, plain);
                for (size_t index = 0; index < count; index++) {
                    assert_int_equal(plain[index], bits_at(in, (first + index) * width, width));
                    assert_int_equal(fast[index], plain[index]);
                }
                if (count < VALUES)
                    assert_int_equal(fast[count], 0xa5a5a5a5);
            }
        }
        free(in);
    }
}

static void unpack_takes_any_alignment(void **state)
{
    (void)state;
    for (unsigned width = 1; width <= 32; width++) {
        for (size_t shift = 0; shift < 9; shift++) {
            const size_t bytes = ji_packed_bytes(VALUES, width);
            uint8_t *const in = exact_block(bytes + shift, 77 * width + shift);
            struct ji_bit_unpacker unpacker;
            uint32_t out[VALUES];
            ji_bit_unpacker_init(&unpacker, width);
            ji_bit_unpack(&unpacker, in + shift, bytes, 0, VALUES, out);
            for (size_t index = 0; index < VALUES; index++)
                assert_int_equal(out[index], bits_at(in + shift, index * width, width));
            free(in);
        }
    }
}

static void levels_equal_single_bits(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 8; width++) {
        const size_t bytes = ji_packed_bytes(VALUES, width);
        uint8_t *const in = exact_block(bytes, 5 + width);
        struct ji_bit_unpacker unpacker;
        ji_bit_unpacker_init(&unpacker, width);
        for (size_t first = 0; first < 20; first++) {
            for (size_t count = 0; count <= VALUES - first; count++) {
                uint8_t out[VALUES];
                uint8_t plain[VALUES];
                memset(out, 0xa5, sizeof out);
                ji_bit_unpack8(&unpacker, in, bytes, first, count, out);
                ji_bit_unpack8_plain(width, in, bytes, first, count, plain);
                for (size_t index = 0; index < count; index++) {
                    assert_int_equal(plain[index], bits_at(in, (first + index) * width, width));
                    assert_int_equal(out[index], plain[index]);
                }
                if (count < VALUES)
                    assert_int_equal(out[count], 0xa5);
            }
        }
        free(in);
    }
}

static void wide_values_equal_single_bits(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 64; width++) {
        const size_t bytes = ji_packed_bytes(VALUES, width);
        uint8_t *const in = exact_block(bytes, 9 + width);
        struct ji_bit_unpacker unpacker;
        ji_bit_unpacker_init(&unpacker, width);
        for (size_t first = 0; first < 10; first++) {
            for (size_t count = 0; count <= VALUES - first; count += count < 40 ? 1 : 17) {
                uint64_t out[VALUES];
                uint64_t plain[VALUES];
                memset(out, 0xa5, sizeof out);
                ji_bit_unpack64(&unpacker, in, bytes, first, count, out);
                ji_bit_unpack64_plain(width, in, bytes, first, count, plain);
                for (size_t index = 0; index < count; index++) {
                    assert_true(plain[index] == bits_at(in, (first + index) * width, width));
                    assert_true(out[index] == plain[index]);
                }
                if (count < VALUES)
                    assert_true(out[count] == UINT64_C(0xa5a5a5a5a5a5a5a5));
            }
        }
        free(in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(unpack_equals_single_bits_at_every_width_length_and_start),
            cmocka_unit_test(unpack_takes_any_alignment),
            cmocka_unit_test(levels_equal_single_bits),
            cmocka_unit_test(wide_values_equal_single_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
