/*
 * alp_values_test.c - ALP pages made byte by byte
 */
#include "support/test.h"

#include <stdlib.h>

#include "parquet/decode/alp_values.h"
#include "support/test_random.h"

#define VALUES 3000

/* A page that is being made, and the values that it stands for. */
struct sample {
    uint8_t bytes[1 << 17];
    size_t size;
    uint64_t bits[VALUES]; /* of doubles, or of floats */
    size_t count;
};

static void put(struct sample *sample, uint64_t value, size_t bytes)
{
    for (size_t index = 0; index < bytes; index++)
        sample->bytes[sample->size++] = (uint8_t)(value >> (8 * index));
}

static uint64_t bits_of(bool is_double, uint64_t integer, unsigned factor, unsigned exponent)
{
    static const double up[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};
    static const double down[] = {1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10};
    if (is_double) {
        double value = (double)(int64_t)integer * up[factor];
        value *= down[exponent];
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        return bits;
    }
    /* The powers of ten as floats: the literals that they are round to the same as the doubles do here. */
    float value = (float)(int32_t)integer * (float)up[factor];
    value *= (float)down[exponent];
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void put_packed(struct sample *sample, const uint64_t *deltas, size_t count, unsigned width)
{
    uint8_t *const out = sample->bytes + sample->size;
    const size_t bytes = (count * width + 7) / 8;
    memset(out, 0, bytes);
    for (size_t bit = 0; bit < count * width; bit++)
        out[bit / 8] = (uint8_t)(out[bit / 8] | ((deltas[bit / width] >> (bit % width)) & 1) << (bit % 8));
    sample->size += bytes;
}

/* One vector of random integers of `width` bits above a frame, every seventh value an exception. */
static void put_vector(struct sample *sample, bool is_double, size_t count, unsigned width, uint64_t *seed)
{
    static uint64_t deltas[1 << 15];
    const unsigned exponent = width % 11;
    const unsigned factor = exponent / 2;
    const uint64_t frame = is_double ? test_random(seed) : (uint32_t)test_random(seed);
    const size_t exceptions = (count + 6) / 7;
    put(sample, exponent, 1);
    put(sample, factor, 1);
    put(sample, exceptions, 2);
    put(sample, frame, is_double ? 8 : 4);
    put(sample, width, 1);
    for (size_t index = 0; index < count; index++) {
        deltas[index] = width == 0 ? 0 : test_random(seed) >> (64 - width);
        const uint64_t integer = deltas[index] + frame;
        sample->bits[sample->count + index] = bits_of(is_double, integer, factor, exponent);
    }
    put_packed(sample, deltas, count, width);
    for (size_t index = 0; index < count; index += 7)
        put(sample, index, 2);
    for (size_t index = 0; index < count; index += 7) {
        const uint64_t bits = is_double ? test_random(seed) : (uint32_t)test_random(seed);
        put(sample, bits, is_double ? 8 : 4);
        sample->bits[sample->count + index] = bits;
    }
    sample->count += count;
}

static void make_page(struct sample *sample, bool is_double, size_t count, unsigned log2, unsigned width)
{
    const size_t vector = (size_t)1 << log2;
    const size_t vectors = (count + vector - 1) / vector;
    uint64_t seed = count + width;
    sample->size = sample->count = 0;
    put(sample, 0, 2);
    put(sample, log2, 1);
    put(sample, count, 4);
    sample->size += vectors * 4;
    for (size_t index = 0; index < vectors; index++) {
        const size_t held = count - index * vector < vector ? count - index * vector : vector;
        const size_t offset = sample->size - 7;
        for (size_t byte = 0; byte < 4; byte++)
            sample->bytes[7 + index * 4 + byte] = (uint8_t)(offset >> (8 * byte));
        put_vector(sample, is_double, held, width, &seed);
    }
}

static void check(const struct sample *sample, bool is_double, size_t piece)
{
    static uint8_t out[VALUES * 8];
    const size_t width = is_double ? 8 : 4;
    uint8_t *const page = malloc(sample->size);
    struct ji_alp_values values;
    assert_non_null(page);
    memcpy(page, sample->bytes, sample->size);
    assert_ok(ji_alp_values_init(&values, ji_view_of(page, sample->size), is_double, NULL));
    for (size_t at = 0; at < sample->count;) {
        const size_t step = ji_min_size(piece, sample->count - at);
        assert_ok(ji_alp_values_read(&values, step, out, NULL));
        for (size_t index = 0; index < step; index++) {
            uint64_t wide;
            uint32_t narrow;
            memcpy(&wide, out + index * width, width);
            memcpy(&narrow, out + index * width, sizeof narrow);
            assert_true((is_double ? wide : narrow) == sample->bits[at + index]);
        }
        at += step;
        const size_t skipped = at % 3 == 0 ? ji_min_size(piece, sample->count - at) : 0;
        assert_ok(ji_alp_values_skip(&values, skipped, NULL));
        at += skipped;
    }
    assert_status(ji_alp_values_skip(&values, 1, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_alp_values_read(&values, 1, out, NULL), JOIST_ERR_CORRUPT);
    free(page);
}

static void vectors_of_every_width_and_size_are_bit_exact(void **state)
{
    (void)state;
    static struct sample sample;
    static const size_t pieces[] = {1, 10, 333, VALUES};
    for (unsigned width = 0; width <= 64; width++) {
        const unsigned log2 = 3 + width % 9;
        for (size_t piece = 0; piece < sizeof pieces / sizeof pieces[0]; piece++) {
            make_page(&sample, true, 100 + width * 40, log2, width);
            check(&sample, true, pieces[piece]);
            if (width > 32)
                continue;
            make_page(&sample, false, 100 + width * 40, log2, width);
            check(&sample, false, pieces[piece]);
        }
    }
    make_page(&sample, true, 8, 15, 3);
    check(&sample, true, 8);
    make_page(&sample, false, 0, 10, 3);
    check(&sample, false, 1);
}

/* The example in the format's text: 1500, NaN, 2500, 333.5. */
static void the_example_of_the_format_is_read(void **state)
{
    (void)state;
    static const uint8_t page[] = {0, 0, 10, 4, 0, 0, 0, 4, 0, 0, 0, 4, 3, 1, 0, 0x07, 0x0d, 0, 0, 0, 0, 0, 0,
            15, 0x91, 0xad, 0xc8, 0x56, 0x28, 0x15, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6, 0xf8, 0x7f};
    struct ji_alp_values values;
    double out[4];
    uint64_t nan;
    assert_ok(ji_alp_values_init(&values, ji_view_of(page, sizeof page), true, NULL));
    assert_ok(ji_alp_values_read(&values, 4, (uint8_t *)out, NULL));
    memcpy(&nan, &out[1], sizeof nan);
    assert_true(out[0] == 1500.0 && out[2] == 2500.0 && out[3] == 333.5);
    assert_true(nan == UINT64_C(0x7ff8060504030201));
}

static enum joist_status status_of(const uint8_t *page, size_t size, bool is_double, struct joist_error *err)
{
    struct ji_alp_values values;
    uint8_t out[32];
    JI_TRY(ji_alp_values_init(&values, ji_view_of(page, size), is_double, err));
    return ji_alp_values_read(&values, 4, out, err);
}

/* What a page that reads becomes when one of its bytes is another. */
static void assert_changed(size_t at, uint8_t byte, enum joist_status wanted, const char *words)
{
    uint8_t page[] = {
            0, 0, 3, 4, 0, 0, 0, 4, 0, 0, 0, 2, 1, 1, 0, 9, 0, 0, 0, 4, 0x21, 0x43, 2, 0, 1, 2, 3, 4};
    struct joist_error err;
    assert_ok(status_of(page, sizeof page, false, &err));
    page[at] = byte;
    assert_status(status_of(page, sizeof page, false, &err), wanted);
    assert_non_null(strstr(err.text, words));
}

static void fields_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_changed(0, 1, JOIST_ERR_UNSUPPORTED, "ALP mode 1");
    assert_changed(1, 1, JOIST_ERR_UNSUPPORTED, "integers of kind 1");
    assert_changed(2, 2, JOIST_ERR_CORRUPT, "in vectors of 2^2");
    assert_changed(2, 16, JOIST_ERR_CORRUPT, "in vectors of 2^16");
    assert_changed(6, 0x80, JOIST_ERR_CORRUPT, "ALP page of -2147483644 values");
    assert_changed(6, 0x7f, JOIST_ERR_CORRUPT, "vectors in 28 bytes");
    assert_changed(3, 3, JOIST_ERR_CORRUPT, "page ends 1 values early");
    assert_changed(8, 1, JOIST_ERR_CORRUPT, "ALP vector at 260 in a page of 21 bytes");
    assert_changed(11, 11, JOIST_ERR_CORRUPT, "exponent 11");
    assert_changed(12, 3, JOIST_ERR_CORRUPT, "factor 3");
    assert_changed(13, 5, JOIST_ERR_CORRUPT, "5 exceptions of 4");
    assert_changed(13, 2, JOIST_ERR_CORRUPT, "bytes where");
    assert_changed(19, 33, JOIST_ERR_CORRUPT, "33 bits");
    assert_changed(22, 4, JOIST_ERR_CORRUPT, "ALP exception 4 in a vector of 4");
    struct joist_error err;
    assert_status(status_of((const uint8_t *)"abcd", 4, true, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "ALP page of 4 bytes");
    assert_status(status_of((const uint8_t *)"", 0, true, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "page ends 4 values early");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(vectors_of_every_width_and_size_are_bit_exact),
            cmocka_unit_test(the_example_of_the_format_is_read),
            cmocka_unit_test(fields_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
