/*
 * thrift_test.c - what is written is read back; what is cut, wrong or endless fails within its bytes
 */
#include "support/test.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "wire/thrift.h"

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

/* One of everything: 20 elements make the list's count a varint, id 40 a field without delta. */
static void write_message(struct ji_bytes *bytes)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, bytes, NULL);
    ji_thrift_write_bool(&writer, 1, true);
    ji_thrift_write_i8(&writer, 2, -7);
    ji_thrift_write_i16(&writer, 3, INT16_MIN);
    ji_thrift_write_i32(&writer, 4, INT32_MIN);
    ji_thrift_write_i64(&writer, 5, INT64_MIN);
    ji_thrift_write_text(&writer, 6, "oak");
    ji_thrift_begin_struct(&writer, 7);
    ji_thrift_write_i64(&writer, 1, INT64_MAX);
    ji_thrift_end_struct(&writer);
    ji_thrift_write_list(&writer, 8, JI_THRIFT_I32, 20);
    for (int32_t index = 0; index < 20; index++)
        ji_thrift_element_i32(&writer, index * -1000);
    ji_thrift_write_list(&writer, 9, JI_THRIFT_TRUE, 2);
    ji_thrift_element_bool(&writer, true);
    ji_thrift_element_bool(&writer, false);
    ji_thrift_write_list(&writer, 10, JI_THRIFT_STRUCT, 1);
    ji_thrift_element_struct(&writer);
    ji_thrift_write_bool(&writer, 1, false);
    ji_thrift_end_struct(&writer);
    ji_thrift_write_list(&writer, 11, JI_THRIFT_BINARY, 1);
    ji_thrift_element_binary(&writer, ji_view_of_text("elm"));
    ji_thrift_write_i32(&writer, 40, 9);
    ji_thrift_write_i64(&writer, 41, 10);
    assert_ok(ji_thrift_writer_finish(&writer));
}

static void read_lists(struct ji_thrift_reader *reader, const struct ji_thrift_field *field)
{
    const struct ji_thrift_list list = ji_thrift_list(reader, field->type);
    for (size_t index = 0; index < list.count; index++) {
        if (field->id == 8)
            assert_int_equal(ji_thrift_i32(reader, list.type), (int)index * -1000);
        else if (field->id == 9)
            assert_int_equal(ji_thrift_bool_element(reader, list.type), index == 0);
        else if (field->id == 11)
            assert_true(ji_view_equal_text(ji_thrift_binary(reader, list.type), "elm"));
        else
            ji_thrift_skip(reader, list.type);
    }
}

static void read_message(struct ji_thrift_reader *reader, unsigned *fields)
{
    struct ji_thrift_field field = ji_thrift_struct(reader);
    for (*fields = 0; ji_thrift_next(reader, &field); ++*fields) {
        switch (field.id) {
        case 1:
            assert_true(ji_thrift_bool(reader, field.type));
            break;
        case 2:
            assert_int_equal(ji_thrift_i8(reader, field.type), -7);
            break;
        case 3:
            assert_int_equal(ji_thrift_i16(reader, field.type), INT16_MIN);
            break;
        case 4:
            assert_int_equal(ji_thrift_i32(reader, field.type), INT32_MIN);
            break;
        case 5:
            assert_true(ji_thrift_i64(reader, field.type) == INT64_MIN);
            break;
        case 6:
            assert_true(ji_view_equal_text(ji_thrift_binary(reader, field.type), "oak"));
            break;
        case 7:
            ji_thrift_skip(reader, field.type);
            break;
        case 40:
            assert_int_equal(ji_thrift_i32(reader, field.type), 9);
            break;
        case 41:
            assert_int_equal(ji_thrift_i64(reader, field.type), 10);
            break;
        default:
            read_lists(reader, &field);
        }
    }
}

static void message_is_read_as_it_was_written(void **state)
{
    struct fixture *const fixture = *state;
    struct ji_thrift_reader reader;
    unsigned fields = 0;
    write_message(&fixture->bytes);
    ji_thrift_reader_init(&reader, ji_view_of(fixture->bytes.data, fixture->bytes.size));
    read_message(&reader, &fields);
    assert_ok(ji_thrift_status(&reader, NULL));
    assert_int_equal(fields, 13);
    assert_int_equal(ji_thrift_position(&reader), fixture->bytes.size);
    ji_thrift_reader_init(&reader, ji_view_of(fixture->bytes.data, fixture->bytes.size));
    ji_thrift_skip(&reader, JI_THRIFT_STRUCT);
    assert_ok(ji_thrift_status(&reader, NULL));
    assert_int_equal(ji_thrift_position(&reader), fixture->bytes.size);
}

static void every_cut_is_short_and_says_where(void **state)
{
    struct fixture *const fixture = *state;
    write_message(&fixture->bytes);
    for (size_t size = 0; size < fixture->bytes.size; size++) {
        uint8_t *const cut = malloc(size > 0 ? size : 1);
        assert_non_null(cut);
        memcpy(cut, fixture->bytes.data, size);
        struct ji_thrift_reader reader;
        ji_thrift_reader_init(&reader, ji_view_of(cut, size));
        ji_thrift_skip(&reader, JI_THRIFT_STRUCT);
        assert_int_equal(reader.error, JI_THRIFT_SHORT);
        struct joist_error err;
        assert_status(ji_thrift_status(&reader, &err), JOIST_ERR_CORRUPT);
        assert_non_null(strstr(err.text, "ends inside a value at byte"));
        assert_true(ji_thrift_position(&reader) <= size);
        free(cut);
    }
}

static enum joist_status skip_status(const void *bytes, size_t size, struct joist_error *err)
{
    struct ji_thrift_reader reader;
    ji_thrift_reader_init(&reader, ji_view_of(bytes, size));
    ji_thrift_skip(&reader, JI_THRIFT_STRUCT);
    return ji_thrift_status(&reader, err);
}

static void nesting_ends_at_64(void **state)
{
    (void)state;
    uint8_t bytes[200];
    struct joist_error err;
    memset(bytes, 0x1c, sizeof bytes);
    assert_status(skip_status(bytes, sizeof bytes, &err), JOIST_ERR_LIMIT);
    assert_non_null(strstr(err.text, "nests deeper than 64"));
    /* 64 structs, each with a field, and their ends. */
    memset(bytes + 63, 0, 64);
    assert_ok(skip_status(bytes, 127, &err));
    /* Lists of lists. */
    memset(bytes, 0x19, sizeof bytes);
    assert_status(skip_status(bytes, sizeof bytes, &err), JOIST_ERR_LIMIT);
}

static void containers_and_strings_meet_their_limits(void **state)
{
    (void)state;
    struct joist_error err;
    static const uint8_t huge_list[] = {0x19, 0xf5, 0xff, 0xff, 0xff, 0x7f};
    static const uint8_t long_list[] = {0x19, 0xf5, 0xe8, 0x07, 1, 2};
    static const uint8_t huge_string[] = {0x18, 0xff, 0xff, 0xff, 0xff, 0x0f};
    static const uint8_t long_string[] = {0x18, 0x0a, 'a'};
    static const uint8_t huge_map[] = {0x1b, 0xff, 0xff, 0xff, 0x7f, 0x55};
    assert_status(skip_status(huge_list, sizeof huge_list, &err), JOIST_ERR_LIMIT);
    assert_status(skip_status(long_list, sizeof long_list, &err), JOIST_ERR_CORRUPT);
    assert_status(skip_status(huge_string, sizeof huge_string, &err), JOIST_ERR_CORRUPT);
    assert_status(skip_status(long_string, sizeof long_string, &err), JOIST_ERR_CORRUPT);
    assert_status(skip_status(huge_map, sizeof huge_map, &err), JOIST_ERR_LIMIT);
    struct ji_thrift_reader reader;
    ji_thrift_reader_init(&reader, ji_view_of(huge_string + 1, sizeof huge_string - 1));
    (void)ji_thrift_binary(&reader, JI_THRIFT_BINARY);
    assert_status(ji_thrift_status(&reader, &err), JOIST_ERR_LIMIT);
}

static void maps_doubles_and_uuids_are_skipped(void **state)
{
    (void)state;
    struct joist_error err;
    static const uint8_t bytes[] = {0x1b, 0x02, 0x81, 1, 'a', 1, 1, 'b', 2, 0x17, 1, 2, 3, 4, 5, 6, 7, 8,
            0x1d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1b, 0, 0x13, 9, 0};
    assert_ok(skip_status(bytes, sizeof bytes, &err));
}

static void bad_varints_types_and_ids_are_refused(void **state)
{
    (void)state;
    struct joist_error err;
    static const uint8_t endless[] = {0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0};
    static const uint8_t no_type[] = {0x1e, 0};
    static const uint8_t element_type[] = {0x19, 0x1f, 0};
    static const uint8_t huge_id[] = {0x05, 0xff, 0xff, 0xff, 0x7f, 0};
    assert_status(skip_status(endless, sizeof endless, &err), JOIST_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "varint"));
    assert_status(skip_status(no_type, sizeof no_type, &err), JOIST_ERR_CORRUPT);
    assert_status(skip_status(element_type, sizeof element_type, &err), JOIST_ERR_CORRUPT);
    assert_status(skip_status(huge_id, sizeof huge_id, &err), JOIST_ERR_CORRUPT);
}

static void values_of_the_wrong_type_fail_and_stay_failed(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x15, 0x02, 0x15, 0x04, 0};
    struct ji_thrift_reader reader;
    ji_thrift_reader_init(&reader, ji_view_of(bytes, sizeof bytes));
    struct ji_thrift_field field = ji_thrift_struct(&reader);
    assert_true(ji_thrift_next(&reader, &field));
    assert_int_equal(ji_thrift_i64(&reader, field.type), 0);
    assert_false(ji_thrift_next(&reader, &field));
    assert_int_equal(ji_thrift_i32(&reader, JI_THRIFT_I32), 0);
    assert_int_equal(ji_thrift_list(&reader, JI_THRIFT_LIST).count, 0);
    assert_int_equal(ji_thrift_binary(&reader, JI_THRIFT_BINARY).size, 0);
    assert_false(ji_thrift_bool(&reader, JI_THRIFT_I8));
    assert_false(ji_thrift_bool_element(&reader, JI_THRIFT_I8));
    assert_false(ji_thrift_expect_struct(&reader, JI_THRIFT_I8));
    assert_int_equal(ji_thrift_i8(&reader, JI_THRIFT_I16), 0);
    assert_int_equal(ji_thrift_i16(&reader, JI_THRIFT_I8), 0);
    struct joist_error err;
    assert_status(ji_thrift_status(&reader, &err), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "thrift has a value of the wrong type at byte 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(message_is_read_as_it_was_written, open_fixture, close_fixture),
            cmocka_unit_test_setup_teardown(every_cut_is_short_and_says_where, open_fixture, close_fixture),
            cmocka_unit_test(nesting_ends_at_64),
            cmocka_unit_test(containers_and_strings_meet_their_limits),
            cmocka_unit_test(maps_doubles_and_uuids_are_skipped),
            cmocka_unit_test(bad_varints_types_and_ids_are_refused),
            cmocka_unit_test(values_of_the_wrong_type_fail_and_stay_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
