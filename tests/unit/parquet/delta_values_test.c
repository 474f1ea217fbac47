/*
 * delta_values_test.c - delta streams of every shape, read and passed over in pieces
 */
#include "support/test.h"

#include <stdlib.h>

#include "parquet/decode/delta_values.h"
#include "support/delta_stream.h"
#include "support/test_random.h"

#define VALUES 1000

/* Values whose deltas need about `width` bits. */
static void make_values(uint64_t *values, size_t count, unsigned width, unsigned bits)
{
    uint64_t seed = width * 64 + bits;
    const uint64_t mask = width == 0 ? 0 : UINT64_MAX >> (64 - width);
    uint64_t value = test_random(&seed);
    for (size_t index = 0; index < count; index++) {
        value += (test_random(&seed) & mask) - (mask >> 1);
        values[index] = bits == 32 ? (uint32_t)value : value;
    }
}

static void check_read(
        struct ji_view stream, const uint64_t *values, size_t count, unsigned bits, size_t piece)
{
    struct ji_delta_values deltas;
    assert_ok(ji_delta_values_init(&deltas, stream, NULL));
    for (size_t at = 0; at < count;) {
        uint32_t narrow[VALUES];
        uint64_t wide[VALUES];
        const size_t step = ji_min_size(piece, count - at);
        if (bits == 32)
            assert_ok(ji_delta_values_read32(&deltas, step, narrow, NULL));
        else
            assert_ok(ji_delta_values_read64(&deltas, step, wide, NULL));
        for (size_t index = 0; index < step; index++)
            assert_true(values[at + index] == (bits == 32 ? narrow[index] : wide[index]));
        at += step;
        /* Every third piece is passed over. */
        const size_t skipped = at % 3 == 0 ? ji_min_size(piece, count - at) : 0;
        assert_ok(ji_delta_values_skip(&deltas, skipped, NULL));
        at += skipped;
    }
    struct joist_error err;
    assert_status(ji_delta_values_skip(&deltas, 1, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "page ends 1 values early");
}

/* The stream in a block of exactly its bytes, with `more` bytes behind it that belong to somebody else. */
static void check_shape(const struct delta_shape *shape, unsigned width, size_t count)
{
    static const size_t pieces[] = {1, 7, 33, 128, VALUES};
    static uint64_t values[VALUES];
    uint8_t *const room = malloc(delta_stream_bytes_max(shape, count));
    assert_non_null(room);
    make_values(values, count, width, shape->bits);
    const size_t bytes = delta_stream(shape, values, count, room);
    uint8_t *const stream = malloc(bytes);
    assert_non_null(stream);
    memcpy(stream, room, bytes);
    for (size_t index = 0; index < sizeof pieces / sizeof pieces[0]; index++)
        check_read(ji_view_of(stream, bytes), values, count, shape->bits, pieces[index]);
    struct ji_delta_values deltas;
    const uint8_t *end = NULL;
    room[bytes] = 0xff;
    assert_ok(ji_delta_values_init(&deltas, ji_view_of(room, bytes + 1), NULL));
    assert_ok(ji_delta_values_end(&deltas, &end, NULL));
    assert_ptr_equal(end, room + bytes);
    free(stream);
    free(room);
}

static void streams_of_every_width_are_read_in_pieces(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= 64; width++) {
        for (unsigned bits = 32; bits <= 64; bits += 32) {
            const struct delta_shape shape = {.block_values = 128, .mini_count = 4, .bits = bits};
            if (width <= bits)
                check_shape(&shape, width, 500);
        }
    }
}

static void streams_of_any_block_and_miniblock_size_are_read(void **state)
{
    (void)state;
    static const size_t blocks[] = {8, 16, 24, 128, 256, 1024, 4096};
    static const size_t minis[] = {1, 2, 3, 4, 8, 32};
    static const size_t counts[] = {0, 1, 2, 8, 9, 33, 128, 129, 130, 257, VALUES};
    for (size_t block = 0; block < sizeof blocks / sizeof blocks[0]; block++) {
        for (size_t mini = 0; mini < sizeof minis / sizeof minis[0]; mini++) {
            const struct delta_shape shape = {
                    .block_values = blocks[block],
                    .mini_count = minis[mini],
                    .bits = 64,
                    .rubbish_width = 0xff,
                    .rubbish_padding = 0xa5,
            };
            if (blocks[block] % minis[mini] != 0 || blocks[block] / minis[mini] % 8 != 0)
                continue;
            for (size_t count = 0; count < sizeof counts / sizeof counts[0]; count++)
                check_shape(&shape, 11, counts[count]);
        }
    }
}

static void widths_beyond_the_type_wrap_around(void **state)
{
    (void)state;
    for (unsigned width = 33; width <= 64; width += 5) {
        const struct delta_shape shape = {
                .block_values = 128, .mini_count = 4, .bits = 32, .width_least = width};
        check_shape(&shape, 9, 300);
    }
}

static void a_last_miniblock_without_padding_gives_what_is_there(void **state)
{
    (void)state;
    const struct delta_shape shape = {.block_values = 128, .mini_count = 4, .bits = 64, .width_least = 8};
    static uint64_t values[40];
    uint8_t stream[600];
    struct ji_delta_values deltas;
    uint64_t out[40];
    struct joist_error err;
    make_values(values, 40, 7, 64);
    const size_t bytes = delta_stream(&shape, values, 40, stream);
    /* 39 deltas: a whole miniblock and 7 of 32 bytes. */
    const struct ji_view cut = ji_view_of(stream, bytes - 25);
    assert_ok(ji_delta_values_init(&deltas, cut, NULL));
    assert_ok(ji_delta_values_read64(&deltas, 40, out, NULL));
    assert_memory_equal(out, values, sizeof values);
    const struct ji_view shorter = ji_view_of(stream, bytes - 26);
    assert_ok(ji_delta_values_init(&deltas, shorter, NULL));
    assert_status(ji_delta_values_read64(&deltas, 40, out, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "deltas end before a block");
    const uint8_t *end;
    assert_ok(ji_delta_values_init(&deltas, shorter, NULL));
    assert_status(ji_delta_values_end(&deltas, &end, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "deltas end within a miniblock");
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    const struct delta_shape shape = {.block_values = 128, .mini_count = 4, .bits = 64};
    static uint64_t values[200];
    static uint8_t room[4000];
    make_values(values, 200, 13, 64);
    const size_t bytes = delta_stream(&shape, values, 200, room);
    for (size_t cut = 1; cut < bytes; cut++) {
        uint8_t *const stream = malloc(cut);
        uint64_t out[200];
        struct ji_delta_values deltas;
        assert_non_null(stream);
        memcpy(stream, room, cut);
        enum joist_status status = ji_delta_values_init(&deltas, ji_view_of(stream, cut), NULL);
        if (status == JOIST_OK)
            status = ji_delta_values_read64(&deltas, 200, out, NULL);
        /* The last miniblock's padding may be missing: 7 of its 32 values are there. */
        if (cut + 43 < bytes)
            assert_status(status, JOIST_ERR_CORRUPT);
        free(stream);
    }
}

static enum joist_status status_of(const uint8_t *bytes, size_t size, struct joist_error *err)
{
    struct ji_delta_values deltas;
    uint64_t out[4];
    JI_TRY(ji_delta_values_init(&deltas, ji_view_of(bytes, size), err));
    return ji_delta_values_read64(&deltas, 4, out, err);
}

static void headers_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const uint8_t no_minis[] = {0x80, 1, 0, 4, 0};
    static const uint8_t no_block[] = {0, 4, 4, 0};
    static const uint8_t odd_minis[] = {0x80, 1, 3, 4, 0};
    static const uint8_t small_minis[] = {16, 4, 4, 0};
    static const uint8_t huge_block[] = {0x80, 0x80, 0x80, 0x80, 0x10, 1, 4, 0};
    static const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    static const uint8_t wide[] = {8, 1, 4, 0, 0, 65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t no_widths[] = {64, 8, 4, 0, 0, 0, 0};
    struct joist_error err;
    assert_status(status_of(no_minis, sizeof no_minis, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "deltas in blocks of 128 values in 0 miniblocks");
    assert_status(status_of(no_block, sizeof no_block, &err), JOIST_ERR_CORRUPT);
    assert_status(status_of(odd_minis, sizeof odd_minis, &err), JOIST_ERR_CORRUPT);
    assert_status(status_of(small_minis, sizeof small_minis, &err), JOIST_ERR_CORRUPT);
    assert_status(status_of(huge_block, sizeof huge_block, &err), JOIST_ERR_CORRUPT);
    assert_status(status_of(endless, sizeof endless, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "deltas without a whole header");
    assert_status(status_of(wide, sizeof wide, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "deltas of 65 bits");
    assert_status(status_of(no_widths, sizeof no_widths, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "deltas end within the widths of a block");
}

static void a_billion_values_in_a_few_bytes_cost_nothing(void **state)
{
    (void)state;
    /* 2^30 values in one block of 2^31, width 0: 5, 8, 11, ... */
    static const uint8_t stream[] = {0x80, 0x80, 0x80, 0x80, 8, 1, 0x80, 0x80, 0x80, 0x80, 4, 10, 6, 0};
    struct ji_delta_values deltas;
    uint64_t out[2];
    assert_ok(ji_delta_values_init(&deltas, ji_view_of(stream, sizeof stream), NULL));
    assert_ok(ji_delta_values_read64(&deltas, 2, out, NULL));
    assert_int_equal(out[1], 8);
    assert_ok(ji_delta_values_skip(&deltas, 999999998, NULL));
    assert_ok(ji_delta_values_read64(&deltas, 1, out, NULL));
    assert_int_equal(out[0], 5 + 3 * INT64_C(1000000000));
    assert_ok(ji_delta_values_skip(&deltas, (1 << 30) - 1000000001, NULL));
    assert_status(ji_delta_values_read64(&deltas, 1, out, NULL), JOIST_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(streams_of_every_width_are_read_in_pieces),
            cmocka_unit_test(streams_of_any_block_and_miniblock_size_are_read),
            cmocka_unit_test(widths_beyond_the_type_wrap_around),
            cmocka_unit_test(a_last_miniblock_without_padding_gives_what_is_there),
            cmocka_unit_test(every_cut_is_refused),
            cmocka_unit_test(headers_that_make_no_sense_are_refused),
            cmocka_unit_test(a_billion_values_in_a_few_bytes_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
