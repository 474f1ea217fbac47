/*
 * element_read_test.c - elements of a schema beside one another read as each does by itself
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/format/element_read.h"
#include "support/test_random.h"

#include <string.h>

#define ELEMENTS ((size_t)3000)
#define KINDS 7

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_bytes bytes;
};

static int open_fixture(void **state)
{
    static struct fixture fixture;
    assert_ok(joist_ctx_open(NULL, &fixture.ctx, NULL));
    ji_arena_init(&fixture.arena, ji_ctx_mem(fixture.ctx));
    ji_bytes_init(&fixture.bytes, ji_ctx_mem(fixture.ctx));
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *const fixture = *state;
    ji_bytes_clear(&fixture->bytes);
    ji_arena_clear(&fixture->arena);
    joist_ctx_close(fixture->ctx);
    return 0;
}

/* What stands behind the name: numbers of a decimal, a place with its reference system, or nothing. */
static void put_logical(struct ji_thrift_writer *writer, unsigned kind)
{
    ji_thrift_begin_struct(writer, 10);
    ji_thrift_begin_struct(writer, kind == 3 ? JI_LOGICAL_DECIMAL : JI_LOGICAL_GEOMETRY);
    if (kind == 3) {
        ji_thrift_write_i32(writer, 1, 2);
        ji_thrift_write_i32(writer, 2, 9);
    } else {
        ji_thrift_write_text(writer, 1, kind == 4 ? "OGC:CRS84" : "srid:5070");
    }
    ji_thrift_end_struct(writer);
    ji_thrift_end_struct(writer);
}

static void put_element(struct ji_thrift_writer *writer, unsigned kind, struct ji_view name)
{
    ji_thrift_element_struct(writer);
    if (kind != 6)
        ji_thrift_write_i32(writer, 1, kind < 3 ? JI_PHYSICAL_INT64 : JI_PHYSICAL_BYTE_ARRAY);
    ji_thrift_write_i32(writer, 3, kind == 1 ? JI_REQUIRED : JI_OPTIONAL);
    ji_thrift_write_binary(writer, 4, name);
    if (kind == 6)
        ji_thrift_write_i32(writer, 5, 1);
    if (kind == 2)
        ji_thrift_write_i32(writer, 9, 77);
    if (kind >= 3 && kind <= 5)
        put_logical(writer, kind);
    ji_thrift_end_struct(writer);
}

/* Runs of one kind, with names of all lengths, those around the longest with a length of one byte among them. */
static void put_elements(struct fixture *fixture)
{
    static const size_t sizes[] = {0, 1, 5, 5, 5, 6, 126, 127, 128, 300};
    struct ji_thrift_writer writer;
    uint64_t seed = 4;
    unsigned kind = 0;
    char text[300];
    ji_thrift_writer_init(&writer, &fixture->bytes, NULL);
    ji_thrift_write_list(&writer, 2, JI_THRIFT_STRUCT, ELEMENTS);
    for (size_t index = 0; index < ELEMENTS; index++) {
        if (test_random(&seed) % 8 == 0)
            kind = (unsigned)(test_random(&seed) % KINDS);
        memset(text, 'a' + (int)(test_random(&seed) % 26), sizeof text);
        const size_t size = sizes[test_random(&seed) % (sizeof sizes / sizeof sizes[0])];
        put_element(&writer, kind, ji_view_of(text, size));
    }
    assert_ok(ji_thrift_writer_finish(&writer));
}

static struct ji_schema_element *read_elements(
        struct fixture *fixture, struct ji_view message, ji_footer_read_fn read, size_t *count)
{
    struct ji_schema_element *elements = NULL;
    struct ji_footer_window window;
    struct ji_footer_steps steps = {.window = &window, .arena = &fixture->arena};
    ji_footer_window_hold(&window, message);
    struct ji_thrift_field field = ji_thrift_struct(&window.thrift);
    assert_true(ji_thrift_next(&window.thrift, &field));
    assert_ok(ji_footer_read_list(&steps, field.type, sizeof elements[0], read, &elements, count, NULL));
    assert_false(ji_thrift_next(&window.thrift, &field));
    assert_ok(ji_thrift_status(&window.thrift, NULL));
    return elements;
}

static enum joist_status read_alone(struct ji_footer_steps *steps, void *out, struct joist_error *err)
{
    steps->element_model.size = 0;
    return ji_element_read(steps, out, err);
}

static void assert_same(const struct ji_schema_element *a, const struct ji_schema_element *b)
{
    assert_true(ji_view_equal(a->name, b->name));
    assert_int_equal(a->name.data[a->name.size], 0);
    assert_int_equal(a->physical, b->physical);
    assert_int_equal(a->repetition, b->repetition);
    assert_int_equal(a->child_count, b->child_count);
    assert_int_equal(a->converted, b->converted);
    assert_int_equal(a->has_field_id, b->has_field_id);
    assert_int_equal(a->field_id, b->field_id);
    assert_int_equal(a->logical.kind, b->logical.kind);
    assert_int_equal(a->logical.scale, b->logical.scale);
    assert_int_equal(a->logical.precision, b->logical.precision);
    assert_true(ji_view_equal(a->logical.crs, b->logical.crs));
}

static void elements_that_differ_in_their_names_alone_read_as_each_by_itself(void **state)
{
    struct fixture *const fixture = *state;
    put_elements(fixture);
    const struct ji_view message = ji_view_of(fixture->bytes.data, fixture->bytes.size);
    size_t count = 0;
    size_t alone_count = 0;
    const struct ji_schema_element *const alone = read_elements(fixture, message, read_alone, &alone_count);
    const struct ji_schema_element *const together = read_elements(fixture, message, ji_element_read, &count);
    assert_int_equal(count, ELEMENTS);
    assert_int_equal(alone_count, ELEMENTS);
    for (size_t index = 0; index < count; index++)
        assert_same(&together[index], &alone[index]);
}

/* A length in more bytes than it needs is legal, and no model for those behind it. */
static void a_length_of_several_bytes_is_no_model(void **state)
{
    struct fixture *const fixture = *state;
    static const uint8_t long_length[] = {0x48, 0x83, 0x00, 'a', 'b', 'c', 0};
    static const uint8_t no_length[] = {0x48, 0x80, 0x00, 0};
    static const uint8_t plain[] = {0x48, 0x03, 'x', 'y', 'z', 0};
    uint8_t message[600] = {0x29, 0xfc, 90}; /* field 2, a list of 90 structs */
    size_t size = 3;
    for (size_t index = 0; index < 30; index++) {
        memcpy(message + size, long_length, sizeof long_length);
        size += sizeof long_length;
        memcpy(message + size, no_length, sizeof no_length);
        size += sizeof no_length;
        memcpy(message + size, plain, sizeof plain);
        size += sizeof plain;
    }
    message[size++] = 0;
    size_t count = 0;
    const struct ji_schema_element *const elements =
            read_elements(fixture, ji_view_of(message, size), ji_element_read, &count);
    assert_int_equal(count, 90);
    for (size_t index = 0; index < count; index++)
        assert_true(ji_view_equal_text(elements[index].name,
                index % 3 == 0           ? "abc"
                        : index % 3 == 1 ? ""
                                         : "xyz"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(elements_that_differ_in_their_names_alone_read_as_each_by_itself,
                    open_fixture, close_fixture),
            cmocka_unit_test_setup_teardown(
                    a_length_of_several_bytes_is_no_model, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
