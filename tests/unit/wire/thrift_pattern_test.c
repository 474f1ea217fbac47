/*
 * thrift_pattern_test.c - skipping by pattern ends where skipping value by value does, whatever the bytes
 */
#include "support/test.h"

#include "base/ctx.h"
#include "support/test_random.h"
#include "wire/thrift_pattern.h"

#define STRUCTS 300

struct fixture {
    struct joist_ctx *ctx;
    struct ji_bytes bytes;
};

static int open_fixture(void **state)
{
    static struct fixture fixture;
    assert_ok(joist_ctx_open(NULL, &fixture.ctx, NULL));
    ji_bytes_init(&fixture.bytes, ji_ctx_mem(fixture.ctx));
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *const fixture = *state;
    ji_bytes_clear(&fixture->bytes);
    joist_ctx_close(fixture->ctx);
    return 0;
}

/* A number of any length as a varint. */
static int64_t any_number(uint64_t *seed)
{
    return (int64_t)(test_random(seed) >> (test_random(seed) % 64));
}

/* One struct; `shape` decides which fields it has, `seed` what is in them. */
static void write_struct(struct ji_bytes *bytes, uint64_t shape, uint64_t *seed)
{
    static const char text[] = "as long as the longest of the texts that are written here, and no longer";
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, bytes, NULL);
    ji_thrift_write_i64(&writer, 1, any_number(seed));
    if (shape & 1)
        ji_thrift_write_bool(&writer, 2, (shape & 2) != 0);
    if (shape & 4)
        ji_thrift_write_binary(&writer, 3, ji_view_of(text, test_random(seed) % sizeof text));
    ji_thrift_begin_struct(&writer, 4);
    ji_thrift_write_i8(&writer, 1, (int8_t)test_random(seed));
    if (shape & 8)
        ji_thrift_write_i16(&writer, 300, (int16_t)any_number(seed));
    ji_thrift_write_list(&writer, 301, JI_THRIFT_I64, shape >> 8 & 31);
    for (unsigned index = 0; index < (shape >> 8 & 31); index++)
        ji_thrift_element_i64(&writer, any_number(seed));
    if (shape & 16) {
        ji_thrift_write_list(&writer, 302, JI_THRIFT_STRUCT, 2);
        for (unsigned index = 0; index < 2; index++) {
            ji_thrift_element_struct(&writer);
            ji_thrift_write_text(&writer, 1, index == 0 ? "a" : "bc");
            ji_thrift_end_struct(&writer);
        }
    }
    if (shape & 32) {
        ji_thrift_write_list(&writer, 303, JI_THRIFT_TRUE, 2);
        ji_thrift_element_bool(&writer, true);
        ji_thrift_element_bool(&writer, false);
    }
    ji_thrift_end_struct(&writer);
    ji_thrift_write_i32(&writer, 5, INT32_MIN);
    ji_thrift_write_i64(&writer, 6, test_random(seed) % 2 ? INT64_MIN : INT64_MAX);
    assert_ok(ji_thrift_writer_finish(&writer));
}

/* Both ways over all of the bytes, until one fails. */
static void skip_both_ways(struct ji_view bytes)
{
    struct ji_thrift_pattern pattern;
    struct ji_thrift_reader by_value, by_pattern;
    ji_thrift_pattern_init(&pattern);
    ji_thrift_reader_init(&by_value, bytes);
    ji_thrift_reader_init(&by_pattern, bytes);
    while (by_value.error == JI_THRIFT_FINE && by_value.at < by_value.end) {
        ji_thrift_skip(&by_value, JI_THRIFT_STRUCT);
        ji_thrift_pattern_skip(&pattern, &by_pattern);
        assert_int_equal(by_pattern.error, by_value.error);
        assert_int_equal(ji_thrift_position(&by_pattern), ji_thrift_position(&by_value));
        assert_int_equal(by_pattern.depth, by_value.depth);
    }
}

static void structs_of_one_shape_and_of_many_end_where_they_do(void **state)
{
    struct fixture *const fixture = *state;
    uint64_t seed = 41;
    for (uint64_t shape = 0; shape < 64; shape++) {
        fixture->bytes.size = 0;
        for (unsigned index = 0; index < STRUCTS; index++)
            write_struct(&fixture->bytes, shape | 5 << 8, &seed);
        skip_both_ways(ji_view_of(fixture->bytes.data, fixture->bytes.size));
    }
    fixture->bytes.size = 0;
    for (unsigned index = 0; index < STRUCTS; index++)
        write_struct(&fixture->bytes, test_random(&seed), &seed);
    skip_both_ways(ji_view_of(fixture->bytes.data, fixture->bytes.size));
}

static void damaged_and_cut_bytes_fail_alike(void **state)
{
    struct fixture *const fixture = *state;
    uint64_t seed = 41;
    for (unsigned round = 0; round < 2000; round++) {
        fixture->bytes.size = 0;
        const uint64_t shape = test_random(&seed);
        for (unsigned index = 0; index < 8; index++)
            write_struct(&fixture->bytes, shape, &seed);
        for (unsigned index = 0; index < 3; index++)
            fixture->bytes.data[test_random(&seed) % fixture->bytes.size] ^= (uint8_t)(1 << round % 8);
        skip_both_ways(ji_view_of(fixture->bytes.data, fixture->bytes.size));
        skip_both_ways(ji_view_of(fixture->bytes.data, test_random(&seed) % fixture->bytes.size));
    }
}

static void the_tenth_byte_of_a_varint_counts(void **state)
{
    (void)state;
    uint8_t bytes[3 * 12 + 64] = {0};
    for (unsigned index = 0; index < 3; index++) {
        uint8_t *const at = bytes + (size_t)index * 12;
        at[0] = 0x16;
        for (unsigned byte = 1; byte < 10; byte++)
            at[byte] = 0x80;
        at[10] = index == 2 ? 2 : (uint8_t)index;
        at[11] = 0;
    }
    struct ji_thrift_pattern pattern;
    struct ji_thrift_reader reader;
    ji_thrift_pattern_init(&pattern);
    ji_thrift_reader_init(&reader, ji_view_of(bytes, sizeof bytes));
    ji_thrift_pattern_skip(&pattern, &reader);
    assert_true(ji_thrift_pattern_pass(&pattern, &reader));
    assert_int_equal(ji_thrift_position(&reader), 24);
    assert_false(ji_thrift_pattern_pass(&pattern, &reader));
    ji_thrift_pattern_skip(&pattern, &reader);
    assert_int_equal(reader.error, JI_THRIFT_VARINT);
}

static void a_pattern_does_not_hold_deeper_down(void **state)
{
    struct fixture *const fixture = *state;
    uint64_t seed = 1;
    fixture->bytes.size = 0;
    for (unsigned index = 0; index < 4; index++)
        write_struct(&fixture->bytes, 5, &seed);
    struct ji_thrift_pattern pattern;
    struct ji_thrift_reader reader;
    ji_thrift_pattern_init(&pattern);
    ji_thrift_reader_init(&reader, ji_view_of(fixture->bytes.data, fixture->bytes.size));
    ji_thrift_pattern_skip(&pattern, &reader);
    reader.depth = JI_THRIFT_DEPTH_MAX - 1;
    assert_false(ji_thrift_pattern_pass(&pattern, &reader));
    ji_thrift_pattern_skip(&pattern, &reader);
    assert_int_equal(reader.error, JI_THRIFT_DEPTH);
}

static void structs_that_are_alike_are_passed_without_a_second_look(void **state)
{
    struct fixture *const fixture = *state;
    uint64_t seed = 7;
    fixture->bytes.size = 0;
    for (unsigned index = 0; index < 100; index++)
        write_struct(&fixture->bytes, 5 | 3 << 8, &seed);
    struct ji_thrift_pattern pattern;
    struct ji_thrift_reader reader;
    ji_thrift_pattern_init(&pattern);
    ji_thrift_reader_init(&reader, ji_view_of(fixture->bytes.data, fixture->bytes.size));
    unsigned passed = 0;
    for (unsigned index = 0; index < 90; index++) {
        if (ji_thrift_pattern_pass(&pattern, &reader))
            passed++;
        else
            ji_thrift_pattern_skip(&pattern, &reader);
    }
    assert_true(passed >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    structs_of_one_shape_and_of_many_end_where_they_do, open_fixture, close_fixture),
            cmocka_unit_test_setup_teardown(damaged_and_cut_bytes_fail_alike, open_fixture, close_fixture),
            cmocka_unit_test(the_tenth_byte_of_a_varint_counts),
            cmocka_unit_test_setup_teardown(a_pattern_does_not_hold_deeper_down, open_fixture, close_fixture),
            cmocka_unit_test_setup_teardown(
                    structs_that_are_alike_are_passed_without_a_second_look, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
