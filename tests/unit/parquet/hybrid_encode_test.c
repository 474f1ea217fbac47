/*
 * hybrid_encode_test.c - runs and packed eights, to the byte that the format's text asks for
 */
#include "support/test.h"

#include "parquet/encode/hybrid_encode.h"

#include <stdlib.h>
#include <string.h>

static void eight_different_values_are_packed_lsb_first(void **state)
{
    (void)state;
    /* The example of the format's text: 0 to 7 in 3 bits. */
    const uint32_t codes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    uint8_t out[64];
    const uint8_t *end = ji_hybrid_encode_codes(codes, 8, 3, out);
    const uint8_t wanted[] = {1 << 1 | 1, 0x88, 0xc6, 0xfa};
    assert_int_equal(end - out, sizeof wanted);
    assert_memory_equal(out, wanted, sizeof wanted);
}

static void equal_values_are_a_run(void **state)
{
    (void)state;
    uint32_t codes[300];
    uint8_t out[64];
    for (size_t i = 0; i < 300; i++)
        codes[i] = 0x123;
    const uint8_t *end = ji_hybrid_encode_codes(codes, 300, 9, out);
    const uint8_t wanted[] = {0xd8, 0x04, 0x23, 0x01};
    assert_int_equal(end - out, sizeof wanted);
    assert_memory_equal(out, wanted, sizeof wanted);
}

static void a_short_end_is_filled_with_zeros(void **state)
{
    (void)state;
    const uint32_t codes[3] = {1, 0, 1};
    const uint8_t levels[3] = {1, 0, 1};
    const uint8_t wanted[] = {1 << 1 | 1, 0x05};
    uint8_t out[64];
    assert_int_equal(ji_hybrid_encode_codes(codes, 3, 1, out) - out, 2);
    assert_memory_equal(out, wanted, 2);
    assert_int_equal(ji_hybrid_encode_levels(levels, 3, 1, out) - out, 2);
    assert_memory_equal(out, wanted, 2);
}

static void nothing_is_no_bytes(void **state)
{
    (void)state;
    uint8_t out[8];
    assert_ptr_equal(ji_hybrid_encode_codes(NULL, 0, 3, out), out);
    assert_ptr_equal(ji_hybrid_encode_levels(NULL, 0, 3, out), out);
}

static void widths_are_counted_in_bits(void **state)
{
    (void)state;
    assert_int_equal(ji_bit_width(0), 0);
    assert_int_equal(ji_bit_width(1), 1);
    assert_int_equal(ji_bit_width(255), 8);
    assert_int_equal(ji_bit_width(256), 9);
    assert_int_equal(ji_bit_width(UINT32_MAX), 32);
}

/* A decoder from the format's text, as plain as can be. */
static size_t decode(const uint8_t *in, const uint8_t *end, unsigned width, uint32_t *out, size_t count)
{
    size_t made = 0;
    while (in < end && made < count) {
        uint64_t head = 0;
        unsigned shift = 0;
        do
            head |= (uint64_t)(*in & 0x7f) << shift, shift += 7;
        while (*in++ >= 0x80);
        if (head & 1) {
            for (size_t bit = 0; bit < (head >> 1) * 8 * width; bit += width) {
                uint64_t value = 0;
                for (unsigned b = 0; b < width; b++)
                    value |= (uint64_t)(in[(bit + b) / 8] >> (bit + b) % 8 & 1) << b;
                if (made < count)
                    out[made++] = (uint32_t)value;
            }
            in += (head >> 1) * width;
            continue;
        }
        uint32_t value = 0;
        for (unsigned b = 0; b < (width + 7) / 8; b++)
            value |= (uint32_t)*in++ << (8 * b);
        for (uint64_t i = 0; i < head >> 1; i++)
            out[made++] = value;
    }
    return in == end ? made : SIZE_MAX;
}

static void every_width_and_length_decodes_within_the_bound(void **state)
{
    (void)state;
    uint32_t codes[700];
    uint32_t back[700];
    uint8_t levels[700];
    uint64_t seed = 7;
    for (unsigned width = 1; width <= 32; width++)
        for (size_t count = 1; count <= 700; count += 1 + count / 9) {
            const uint32_t mask = width == 32 ? UINT32_MAX : (1u << width) - 1;
            const unsigned stay = 1 + (unsigned)(count % 20);
            for (size_t i = 0; i < count; i++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                codes[i] = i > 0 && (seed >> 40) % stay != 0 ? codes[i - 1] : (uint32_t)(seed >> 32) & mask;
                levels[i] = (uint8_t)codes[i];
            }
            const size_t bound = ji_hybrid_bound(count, width);
            uint8_t *out = malloc(bound);
            const uint8_t *end = ji_hybrid_encode_codes(codes, count, width, out);
            assert_true((size_t)(end - out) <= bound);
            assert_int_equal(decode(out, end, width, back, count), count);
            assert_memory_equal(back, codes, count * sizeof *codes);
            if (width <= 8) {
                end = ji_hybrid_encode_levels(levels, count, width, out);
                assert_true((size_t)(end - out) <= bound);
                assert_int_equal(decode(out, end, width, back, count), count);
                assert_memory_equal(back, codes, count * sizeof *codes);
            }
            free(out);
        }
}

static void the_worst_mixture_stays_within_the_bound(void **state)
{
    (void)state;
    uint32_t codes[1600];
    for (size_t i = 0; i < 1600; i++)
        codes[i] = i / 8 % 2 == 0 ? 1 : (uint32_t)(i & 1);
    const size_t bound = ji_hybrid_bound(1600, 1);
    uint8_t *out = malloc(bound);
    assert_true((size_t)(ji_hybrid_encode_codes(codes, 1600, 1, out) - out) <= bound);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(eight_different_values_are_packed_lsb_first),
            cmocka_unit_test(equal_values_are_a_run),
            cmocka_unit_test(a_short_end_is_filled_with_zeros),
            cmocka_unit_test(nothing_is_no_bytes),
            cmocka_unit_test(widths_are_counted_in_bits),
            cmocka_unit_test(every_width_and_length_decodes_within_the_bound),
            cmocka_unit_test(the_worst_mixture_stays_within_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
