/*
 * values_encode_test.c - each encoding to the byte that the format's text asks for, and back by the reader's parts
 */
#include "support/test.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "parquet/decode/alp_values.h"
#include "parquet/decode/delta_bytes.h"
#include "parquet/decode/delta_values.h"
#include "parquet/encode/values_encode.h"
#include "support/test_random.h"

static struct ji_bytes scratch;
static struct ji_bytes page;

static void setup(struct joist_ctx **ctx)
{
    assert_ok(joist_ctx_open(NULL, ctx, NULL));
    ji_bytes_init(&scratch, ji_ctx_mem(*ctx));
    ji_bytes_init(&page, ji_ctx_mem(*ctx));
}

static void teardown(struct joist_ctx *ctx)
{
    ji_bytes_clear(&scratch);
    ji_bytes_clear(&page);
    joist_ctx_close(ctx);
}

static void encode_as(enum ji_encoding encoding, struct ji_delta_shape shape, const struct ji_raw_values *raw)
{
    const struct ji_encode_plan plan = {.encoding = encoding, .shape = shape};
    page.size = 0;
    assert_ok(ji_values_encode(&plan, raw, &scratch, &page, NULL));
}

static void assert_page(const uint8_t *wanted, size_t size)
{
    assert_int_equal(page.size, size);
    assert_memory_equal(page.data, wanted, size);
}

/* The second example of the format's text: 7, 5, 3, 1, 2, 3, 4, 5. */
static void deltas_are_as_in_the_formats_example(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const uint32_t values[8] = {7, 5, 3, 1, 2, 3, 4, 5};
    const uint64_t wide[8] = {7, 5, 3, 1, 2, 3, 4, 5};
    struct ji_raw_values raw = {
            .shape = JI_BLOCK_FOUR, .count = 8, .data = (const uint8_t *)values, .bytes = sizeof values};
    /* Above -2: 0 0 0 3 3 3 3, two bits each, in a miniblock of 32. */
    const uint8_t wanted[] = {0x80, 0x01, 0x04, 0x08, 0x0e, 0x03, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0};
    setup(&ctx);
    encode_as(JI_ENCODING_DELTA_BINARY_PACKED, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    raw = (struct ji_raw_values){
            .shape = JI_BLOCK_EIGHT, .count = 8, .data = (const uint8_t *)wide, .bytes = sizeof wide};
    encode_as(JI_ENCODING_DELTA_BINARY_PACKED, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    teardown(ctx);
}

/* Widths of 33 to 64 bits are packed to the bit, as all others. */
static void wide_deltas_are_packed_without_padding(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    uint64_t values[9] = {0};
    for (size_t i = 1; i < 9; i++)
        values[i] = values[i - 1] + (i % 2 == 1 ? (UINT64_C(1) << 32) + i : 0);
    const struct ji_raw_values raw = {
            .shape = JI_BLOCK_EIGHT, .count = 9, .data = (const uint8_t *)values, .bytes = sizeof values};
    setup(&ctx);
    encode_as(JI_ENCODING_DELTA_BINARY_PACKED, JI_DELTA_SHAPE_SMALL, &raw);
    /* 33 bits: 2^32 + 1, 0, 2^32 + 3, 0, 2^32 + 5, ... each from bit 33 i on. */
    uint8_t packed[33 * 4] = {0};
    for (size_t i = 0; i < 8; i++) {
        const uint64_t delta = values[i + 1] - values[i];
        for (size_t bit = 0; bit < 33; bit++)
            packed[(33 * i + bit) / 8] |= (uint8_t)((delta >> bit & 1) << (33 * i + bit) % 8);
    }
    const uint8_t head[] = {0x80, 0x01, 4, 9, 0, 0, 33, 0, 0, 0};
    assert_int_equal(page.size, sizeof head + sizeof packed);
    assert_memory_equal(page.data, head, sizeof head);
    assert_memory_equal(page.data + sizeof head, packed, sizeof packed);
    teardown(ctx);
}

static void deltas_wrap_where_the_difference_does_not_fit(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const uint32_t narrow[4] = {0x80000000u, 0x7fffffffu, 0x80000000u, 0};
    const uint64_t wide[4] = {UINT64_C(1) << 63, (UINT64_C(1) << 63) - 1, UINT64_C(1) << 63, 0};
    struct ji_delta_values deltas;
    uint32_t narrow_again[4];
    uint64_t wide_again[4];
    struct ji_raw_values raw = {
            .shape = JI_BLOCK_FOUR, .count = 4, .data = (const uint8_t *)narrow, .bytes = sizeof narrow};
    setup(&ctx);
    encode_as(JI_ENCODING_DELTA_BINARY_PACKED, JI_DELTA_SHAPE_SMALL, &raw);
    assert_ok(ji_delta_values_init(&deltas, ji_view_of(page.data, page.size), NULL));
    assert_ok(ji_delta_values_read32(&deltas, 4, narrow_again, NULL));
    assert_memory_equal(narrow_again, narrow, sizeof narrow);
    raw = (struct ji_raw_values){
            .shape = JI_BLOCK_EIGHT, .count = 4, .data = (const uint8_t *)wide, .bytes = sizeof wide};
    encode_as(JI_ENCODING_DELTA_BINARY_PACKED, JI_DELTA_SHAPE_SMALL, &raw);
    assert_ok(ji_delta_values_init(&deltas, ji_view_of(page.data, page.size), NULL));
    assert_ok(ji_delta_values_read64(&deltas, 4, wide_again, NULL));
    assert_memory_equal(wide_again, wide, sizeof wide);
    teardown(ctx);
}

#define MANY 3000

/* Differences of every width, every shape, lengths about a block's: read back, and as large as foretold. */
static void deltas_of_every_width_and_shape_read_back(void **state)
{
    (void)state;
    static const struct ji_delta_shape shapes[] = {{128, 4}, {256, 4}, {512, 4}, {1024, 4}, {1024, 8}};
    static const size_t counts[] = {0, 1, 2, 128, 129, 130, 1024, 1025, MANY};
    static uint64_t values[MANY];
    static uint64_t again[MANY];
    static uint32_t narrow[MANY];
    static uint32_t narrow_again[MANY];
    struct joist_ctx *ctx;
    struct ji_delta_values deltas;
    setup(&ctx);
    for (unsigned test = 0; test < 5 * 9 * 65; test++) {
        const struct ji_delta_shape shape = shapes[test % 5];
        const size_t count = counts[test / 5 % 9];
        const unsigned width = test / 45;
        uint64_t seed = test;
        uint64_t value = test_random(&seed);
        for (size_t i = 0; i < count; i++) {
            value += width == 0 ? 0 : test_random(&seed) >> (64 - width);
            values[i] = value;
            narrow[i] = (uint32_t)value;
        }
        struct ji_raw_values raw = {.shape = JI_BLOCK_EIGHT,
                .count = count,
                .data = (const uint8_t *)values,
                .bytes = count * sizeof *values};
        encode_as(JI_ENCODING_DELTA_BINARY_PACKED, shape, &raw);
        assert_int_equal(page.size, ji_delta_size64(values, count, shape));
        assert_ok(ji_delta_values_init(&deltas, ji_view_of(page.data, page.size), NULL));
        assert_ok(ji_delta_values_read64(&deltas, count, again, NULL));
        assert_memory_equal(again, values, raw.bytes);
        raw = (struct ji_raw_values){.shape = JI_BLOCK_FOUR,
                .count = count,
                .data = (const uint8_t *)narrow,
                .bytes = count * sizeof *narrow};
        encode_as(JI_ENCODING_DELTA_BINARY_PACKED, shape, &raw);
        assert_int_equal(page.size, ji_delta_size32(narrow, count, shape));
        assert_ok(ji_delta_values_init(&deltas, ji_view_of(page.data, page.size), NULL));
        assert_ok(ji_delta_values_read32(&deltas, count, narrow_again, NULL));
        assert_memory_equal(narrow_again, narrow, raw.bytes);
    }
    teardown(ctx);
}

static void the_shape_follows_the_data(void **state)
{
    (void)state;
    uint64_t random[4096];
    uint64_t jumps[4096];
    uint64_t seed = 7;
    for (size_t i = 0; i < 4096; i++) {
        random[i] = test_random(&seed) & 0xffffff;
        jumps[i] = i == 0 ? 0 : jumps[i - 1] + 1 + (i % 300 == 0 ? UINT64_C(1) << 40 : 0);
    }
    assert_int_equal(ji_delta_shape_for64(random, 4096).block_values, 1024);
    assert_int_equal(ji_delta_shape_for64(jumps, 4096).block_values, 128);
}

/* The format's example of lengths: "Hello", "World", "Foobar", "ABCDEF". */
static void lengths_stand_before_all_bytes(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const uint32_t lengths[4] = {5, 5, 6, 6};
    const struct ji_raw_values raw = {.shape = JI_BLOCK_VIEWS,
            .count = 4,
            .data = (const uint8_t *)"HelloWorldFoobarABCDEF",
            .bytes = 22,
            .lengths = lengths};
    const uint8_t wanted[] = {0x80, 0x01, 4, 4, 10, 0, 1, 0, 0, 0, 2, 0, 0, 0, 'H', 'e', 'l', 'l', 'o', 'W',
            'o', 'r', 'l', 'd', 'F', 'o', 'o', 'b', 'a', 'r', 'A', 'B', 'C', 'D', 'E', 'F'};
    setup(&ctx);
    encode_as(JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    teardown(ctx);
}

/* The format's example of prefixes: axis, axle, babble, babyhood. */
static void prefixes_stand_before_the_rests(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const uint32_t lengths[4] = {4, 4, 6, 8};
    const struct ji_raw_values raw = {.shape = JI_BLOCK_VIEWS,
            .count = 4,
            .data = (const uint8_t *)"axisaxlebabblebabyhood",
            .bytes = 22,
            .lengths = lengths};
    /* 0 2 0 3: differences 2, -2, 3 above -2; 4 2 6 5: -2, 4, -1 above -2. */
    const uint8_t wanted[] = {0x80, 0x01, 4, 4, 0, 3, 3, 0, 0, 0, 0x44, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0x80, 0x01, 4, 4, 8, 3, 3, 0, 0, 0, 0x70, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'a', 'x', 'i', 's',
            'l', 'e', 'b', 'a', 'b', 'b', 'l', 'e', 'y', 'h', 'o', 'o', 'd'};
    setup(&ctx);
    encode_as(JI_ENCODING_DELTA_BYTE_ARRAY, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    teardown(ctx);
}

static void values_of_one_width_share_prefixes_too(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const struct ji_raw_values raw = {.shape = JI_BLOCK_VIEWS,
            .width = 4,
            .count = 3,
            .data = (const uint8_t *)"abcdabxyabxz",
            .bytes = 12};
    const uint8_t wanted[] = {0x80, 0x01, 4, 3, 0, 2, 1, 0, 0, 0, 0x01, 0, 0, 0, /* 0 2 3 */
            0x80, 0x01, 4, 3, 8, 3, 1, 0, 0, 0, 0x02, 0, 0, 0,                   /* 4 2 1 */
            'a', 'b', 'c', 'd', 'x', 'y', 'z'};
    setup(&ctx);
    encode_as(JI_ENCODING_DELTA_BYTE_ARRAY, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    teardown(ctx);
}

/* The format's example of streams. */
static void bytes_of_each_value_go_to_their_stream(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const uint32_t values[3] = {0xddccbbaa, 0x33221100, 0xa6a5a4a3};
    const uint8_t wanted[] = {0xaa, 0x00, 0xa3, 0xbb, 0x11, 0xa4, 0xcc, 0x22, 0xa5, 0xdd, 0x33, 0xa6};
    struct ji_raw_values raw = {
            .shape = JI_BLOCK_FOUR, .count = 3, .data = (const uint8_t *)values, .bytes = sizeof values};
    setup(&ctx);
    encode_as(JI_ENCODING_BYTE_STREAM_SPLIT, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    const uint8_t halves[] = {'a', 'c', 'e', 'b', 'd', 'f'};
    raw = (struct ji_raw_values){
            .shape = JI_BLOCK_VIEWS, .width = 2, .count = 3, .data = (const uint8_t *)"abcdef", .bytes = 6};
    encode_as(JI_ENCODING_BYTE_STREAM_SPLIT, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(halves, sizeof halves);
    teardown(ctx);
}

static void booleans_are_bits_or_runs_with_their_length_in_front(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    uint8_t values[20];
    const struct ji_raw_values raw = {
            .shape = JI_BLOCK_BITS, .count = sizeof values, .data = values, .bytes = sizeof values};
    memset(values, 1, sizeof values);
    values[0] = values[9] = 0;
    const uint8_t bits[] = {0xfe, 0xfd, 0x0f};
    setup(&ctx);
    encode_as(JI_ENCODING_PLAIN, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(bits, sizeof bits);
    const uint8_t packed[] = {4, 0, 0, 0, 3 << 1 | 1, 0xfe, 0xfd, 0x0f};
    encode_as(JI_ENCODING_RLE, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(packed, sizeof packed);
    memset(values, 1, sizeof values);
    const uint8_t run[] = {2, 0, 0, 0, 20 << 1, 1};
    encode_as(JI_ENCODING_RLE, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(run, sizeof run);
    teardown(ctx);
}

static void plain_byte_arrays_have_their_length_in_front(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    const uint32_t lengths[3] = {2, 0, 1};
    const struct ji_raw_values raw = {.shape = JI_BLOCK_VIEWS,
            .count = 3,
            .data = (const uint8_t *)"abc",
            .bytes = 3,
            .lengths = lengths};
    const uint8_t wanted[] = {2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0, 1, 0, 0, 0, 'c'};
    setup(&ctx);
    encode_as(JI_ENCODING_PLAIN, JI_DELTA_SHAPE_SMALL, &raw);
    assert_page(wanted, sizeof wanted);
    assert_int_equal(ji_raw_plain_bytes(&raw), sizeof wanted);
    teardown(ctx);
}

/* 1.5, 2.5, NaN in a vector of three: 15 and 25 tenths above 15 in four bits, an exception at 2. */
static void decimals_at_heart_are_integers_and_exceptions(void **state)
{
    (void)state;
    struct joist_ctx *ctx;
    struct ji_alp_values alp;
    double values[3] = {1.5, 2.5, 0.0};
    double again[3];
    const uint64_t odd = UINT64_C(0x7ff8000000001234);
    memcpy(&values[2], &odd, sizeof odd);
    const struct ji_raw_values raw = {
            .shape = JI_BLOCK_EIGHT, .count = 3, .data = (const uint8_t *)values, .bytes = sizeof values};
    setup(&ctx);
    encode_as(JI_ENCODING_ALP, JI_DELTA_SHAPE_SMALL, &raw);
    const uint8_t head[] = {0, 0, 10, 3, 0, 0, 0, 4, 0, 0, 0};
    assert_memory_equal(page.data, head, sizeof head);
    const uint8_t *vector = page.data + sizeof head;
    assert_int_equal(vector[0] - vector[1], 1); /* tenths */
    assert_int_equal(ji_load_le16(vector + 2), 1);
    assert_int_equal(ji_load_le64(vector + 4), 15);
    assert_int_equal(vector[12], 4);
    const uint8_t rest[] = {0xa0, 0x00, 2, 0, 0x34, 0x12, 0, 0, 0, 0, 0xf8, 0x7f};
    assert_int_equal(page.size, sizeof head + 13 + sizeof rest);
    assert_memory_equal(vector + 13, rest, sizeof rest);
    assert_ok(ji_alp_values_init(&alp, ji_view_of(page.data, page.size), true, NULL));
    assert_ok(ji_alp_values_read(&alp, 3, (uint8_t *)again, NULL));
    assert_memory_equal(again, values, sizeof values);
    teardown(ctx);
}

/* Bit for bit, whatever comes: cents, random bits, zeros of both signs, integers beyond what is exact. */
static void alp_gives_every_bit_back(void **state)
{
    (void)state;
    static double doubles[2500];
    static double doubles_again[2500];
    static float floats[2500];
    static float floats_again[2500];
    struct joist_ctx *ctx;
    struct ji_alp_values alp;
    uint64_t seed = 3;
    setup(&ctx);
    for (unsigned kind = 0; kind < 5; kind++) {
        for (size_t i = 0; i < 2500; i++) {
            const uint64_t bits = test_random(&seed);
            doubles[i] = (double)(int64_t)(bits % 2000001 - 1000000) / 100.0;
            floats[i] = (float)(int32_t)(bits % 20001 - 10000) / 100.0F;
            if (kind == 1 || (kind == 2 && bits % 7 == 0)) {
                memcpy(&doubles[i], &bits, sizeof bits);
                memcpy(&floats[i], &bits, sizeof(float));
            } else if (kind == 3) {
                doubles[i] = i % 2 == 0 ? -0.0 : 0.0;
                floats[i] = i % 2 == 0 ? -0.0F : 0.0F;
            } else if (kind == 4) {
                doubles[i] = (double)(bits >> 4);
                floats[i] = (float)(bits >> 33);
            }
        }
        struct ji_raw_values raw = {.shape = JI_BLOCK_EIGHT,
                .count = 2500,
                .data = (const uint8_t *)doubles,
                .bytes = sizeof doubles};
        encode_as(JI_ENCODING_ALP, JI_DELTA_SHAPE_SMALL, &raw);
        assert_true(kind != 0 || page.size < sizeof doubles / 2);
        assert_ok(ji_alp_values_init(&alp, ji_view_of(page.data, page.size), true, NULL));
        assert_ok(ji_alp_values_read(&alp, 2500, (uint8_t *)doubles_again, NULL));
        assert_memory_equal(doubles_again, doubles, sizeof doubles);
        raw = (struct ji_raw_values){.shape = JI_BLOCK_FOUR,
                .count = 2500,
                .data = (const uint8_t *)floats,
                .bytes = sizeof floats};
        encode_as(JI_ENCODING_ALP, JI_DELTA_SHAPE_SMALL, &raw);
        assert_ok(ji_alp_values_init(&alp, ji_view_of(page.data, page.size), false, NULL));
        assert_ok(ji_alp_values_read(&alp, 2500, (uint8_t *)floats_again, NULL));
        assert_memory_equal(floats_again, floats, sizeof floats);
    }
    teardown(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(deltas_are_as_in_the_formats_example),
            cmocka_unit_test(wide_deltas_are_packed_without_padding),
            cmocka_unit_test(deltas_wrap_where_the_difference_does_not_fit),
            cmocka_unit_test(deltas_of_every_width_and_shape_read_back),
            cmocka_unit_test(the_shape_follows_the_data),
            cmocka_unit_test(lengths_stand_before_all_bytes),
            cmocka_unit_test(prefixes_stand_before_the_rests),
            cmocka_unit_test(values_of_one_width_share_prefixes_too),
            cmocka_unit_test(bytes_of_each_value_go_to_their_stream),
            cmocka_unit_test(booleans_are_bits_or_runs_with_their_length_in_front),
            cmocka_unit_test(plain_byte_arrays_have_their_length_in_front),
            cmocka_unit_test(decimals_at_heart_are_integers_and_exceptions),
            cmocka_unit_test(alp_gives_every_bit_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
