/*
 * rle_test.c - runs and packed groups, whole, cut and hostile
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/rle.h"
#include "support/test_random.h"

#define VALUES_MAX 4000

/* An encoder as plain as can be: random runs and groups, and the values that they stand for. */
struct sample {
    uint8_t bytes[VALUES_MAX * 8];
    size_t size;
    uint32_t values[VALUES_MAX];
    size_t count;
};

static void put_header(struct sample *sample, uint32_t header)
{
    while (header >= 0x80) {
        sample->bytes[sample->size++] = (uint8_t)(header | 0x80);
        header >>= 7;
    }
    sample->bytes[sample->size++] = (uint8_t)header;
}

static void put_run(struct sample *sample, unsigned width, uint32_t value, size_t count)
{
    put_header(sample, (uint32_t)count << 1);
    for (unsigned byte = 0; byte < (width + 7) / 8; byte++)
        sample->bytes[sample->size++] = (uint8_t)(value >> (8 * byte));
    for (size_t index = 0; index < count; index++)
        sample->values[sample->count++] = value;
}

static void put_groups(struct sample *sample, unsigned width, uint64_t *seed, size_t groups)
{
    put_header(sample, (uint32_t)groups << 1 | 1);
    uint8_t *const out = sample->bytes + sample->size;
    memset(out, 0, groups * width);
    for (size_t index = 0; index < groups * 8; index++) {
        const uint32_t value = (uint32_t)(test_random(seed) & ((UINT64_C(1) << width) - 1));
        for (unsigned bit = 0; bit < width; bit++) {
            const size_t at = index * width + bit;
            out[at / 8] |= (uint8_t)(((value >> bit) & 1) << (at % 8));
        }
        sample->values[sample->count++] = value;
    }
    sample->size += groups * width;
}

static void make_sample(struct sample *sample, unsigned width, uint64_t seed)
{
    sample->size = sample->count = 0;
    while (sample->count < VALUES_MAX - 600) {
        const uint64_t dice = test_random(&seed);
        if ((dice & 1) != 0)
            put_run(sample, width, (uint32_t)(dice >> 32 & ((UINT64_C(1) << width) - 1)), 1 + dice % 300);
        else
            put_groups(sample, width, &seed, 1 + (dice >> 8) % 60);
    }
}

/* On the heap with nothing behind it, so that the sanitizer sees a read too far. */
static uint8_t *exact_copy(const struct sample *sample, size_t size)
{
    uint8_t *const copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, sample->bytes, size);
    return copy;
}

static void u32_gives_the_values_in_any_steps(void **state)
{
    (void)state;
    static struct sample sample;
    static uint32_t out[VALUES_MAX];
    for (unsigned width = 0; width <= 32; width++) {
        make_sample(&sample, width, 100 + width);
        uint8_t *const bytes = exact_copy(&sample, sample.size);
        for (size_t step = 1; step < 700; step = step * 3 + 1) {
            struct ji_rle rle;
            ji_rle_init(&rle, ji_view_of(bytes, sample.size), width);
            for (size_t at = 0; at < sample.count; at += step) {
                const size_t count = ji_min_size(step, sample.count - at);
                assert_int_equal(ji_rle_u32(&rle, count, out), count);
                assert_memory_equal(out, sample.values + at, count * sizeof out[0]);
            }
            assert_int_equal(ji_rle_u32(&rle, 1, out), 0);
        }
        free(bytes);
    }
}

static void u8_and_skip_agree_with_u32(void **state)
{
    (void)state;
    static struct sample sample;
    static uint8_t out[VALUES_MAX];
    for (unsigned width = 0; width <= 8; width++) {
        make_sample(&sample, width, 300 + width);
        struct ji_rle rle;
        ji_rle_init(&rle, ji_view_of(sample.bytes, sample.size), width);
        size_t at = 0;
        for (size_t step = 1; at + 2 * step <= sample.count; step += 7) {
            assert_int_equal(ji_rle_skip(&rle, step), step);
            at += step;
            assert_int_equal(ji_rle_u8(&rle, step, out), step);
            for (size_t index = 0; index < step; index++)
                assert_int_equal(out[index], sample.values[at + index]);
            at += step;
        }
    }
}

static void pieces_agree_with_u32(void **state)
{
    (void)state;
    static struct sample sample;
    uint32_t out[64];
    for (unsigned width = 0; width <= 32; width++) {
        struct ji_rle rle;
        make_sample(&sample, width, 300 + width);
        ji_rle_init(&rle, ji_view_of(sample.bytes, sample.size), width);
        for (size_t at = 0; at < sample.count;) {
            bool is_run = false;
            const size_t step = ji_rle_piece(&rle, sample.count - at, 64, out, &is_run);
            assert_true(step > 0 && step <= sample.count - at && (is_run || step <= 64));
            for (size_t index = 0; index < step; index++)
                assert_int_equal(out[is_run ? 0 : index], sample.values[at + index]);
            at += step;
        }
        bool is_run;
        assert_int_equal(ji_rle_piece(&rle, 1, 64, out, &is_run), 0);
        assert_int_equal(ji_rle_piece(&rle, 0, 64, out, &is_run), 0);
    }
}

static void bits_come_out_at_any_bit_and_are_counted(void **state)
{
    (void)state;
    static struct sample sample;
    static uint8_t bits[VALUES_MAX / 8 + 2];
    make_sample(&sample, 1, 17);
    for (size_t start = 0; start < 9; start++) {
        struct ji_rle rle;
        size_t ones = 0;
        size_t wanted = 0;
        ji_rle_init(&rle, ji_view_of(sample.bytes, sample.size), 1);
        for (size_t at = 0, step = 1; at < sample.count; at += step, step = step % 90 + 1) {
            step = ji_min_size(step, sample.count - at);
            assert_int_equal(ji_rle_bits(&rle, step, bits, start + at, &ones), step);
        }
        for (size_t at = 0; at < sample.count; at++) {
            wanted += sample.values[at];
            assert_int_equal(ji_bit_get(bits, start + at), sample.values[at]);
        }
        assert_int_equal(ones, wanted);
        ones = 0;
        ji_rle_init(&rle, ji_view_of(sample.bytes, sample.size), 1);
        assert_int_equal(ji_rle_skip_bits(&rle, sample.count, &ones), sample.count);
        assert_int_equal(ones, wanted);
    }
}

static void cut_streams_give_what_is_whole(void **state)
{
    (void)state;
    static struct sample sample;
    static uint32_t out[VALUES_MAX];
    make_sample(&sample, 11, 4);
    for (size_t size = 0; size < sample.size; size += 5) {
        uint8_t *const bytes = exact_copy(&sample, size);
        struct ji_rle rle;
        ji_rle_init(&rle, ji_view_of(bytes, size), 11);
        const size_t got = ji_rle_u32(&rle, sample.count, out);
        assert_true(got <= sample.count);
        assert_memory_equal(out, sample.values, got * sizeof out[0]);
        free(bytes);
    }
}

static void last_group_without_padding_is_read(void **state)
{
    (void)state;
    /* One group of width 8 of which three values stand there. */
    static const uint8_t bytes[] = {0x03, 1, 2, 3};
    uint32_t out[8];
    struct ji_rle rle;
    ji_rle_init(&rle, ji_view_of(bytes, sizeof bytes), 8);
    assert_int_equal(ji_rle_u32(&rle, 8, out), 3);
    assert_int_equal(out[2], 3);
}

static void hostile_headers_end_the_stream(void **state)
{
    (void)state;
    static const uint8_t too_long[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    static const uint8_t no_value[] = {0x08};
    static const uint8_t empty_runs[] = {0x00, 1, 0x00, 1, 0x01};
    static const uint8_t level_two[] = {0x08, 2};
    uint32_t out[8];
    uint8_t bits[1] = {0};
    size_t ones = 0;
    struct ji_rle rle;
    ji_rle_init(&rle, ji_view_of(too_long, sizeof too_long), 3);
    assert_int_equal(ji_rle_u32(&rle, 8, out), 0);
    ji_rle_init(&rle, ji_view_of(no_value, sizeof no_value), 3);
    assert_int_equal(ji_rle_u32(&rle, 8, out), 0);
    ji_rle_init(&rle, ji_view_of(empty_runs, sizeof empty_runs), 3);
    assert_int_equal(ji_rle_u32(&rle, 8, out), 0);
    ji_rle_init(&rle, ji_view_of(level_two, sizeof level_two), 1);
    assert_int_equal(ji_rle_bits(&rle, 4, bits, 0, &ones), 0);
    ji_rle_init(&rle, ji_view_of(level_two, sizeof level_two), 1);
    assert_int_equal(ji_rle_skip_bits(&rle, 4, &ones), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(u32_gives_the_values_in_any_steps),
            cmocka_unit_test(u8_and_skip_agree_with_u32),
            cmocka_unit_test(pieces_agree_with_u32),
            cmocka_unit_test(bits_come_out_at_any_bit_and_are_counted),
            cmocka_unit_test(cut_streams_give_what_is_whole),
            cmocka_unit_test(last_group_without_padding_is_read),
            cmocka_unit_test(hostile_headers_end_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
