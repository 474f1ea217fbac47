/*
 * variant_test.c - binary variants: read, refused, written, as JSON
 */
#include "support/test.h"

#include "base/decimal.h"
#include "support/group_arena.h"
#include "support/oom.h"
#include "support/variant_equal.h"
#include "wire/variant_build.h"
#include "wire/variant_text.h"

#define BYTES(...) ji_view_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Dictionaries: none; "a", "b"; "b", "a" (with the flag that says they rise). */
static const uint8_t no_names[] = {1, 0, 0};
static const uint8_t names_ab[] = {0x11, 2, 0, 1, 2, 'a', 'b'};
static const uint8_t names_ba[] = {0x11, 2, 0, 1, 2, 'b', 'a'};
#define NO_NAMES ji_view_of(no_names, sizeof no_names)
#define NAMES_AB ji_view_of(names_ab, sizeof names_ab)
#define NAMES_BA ji_view_of(names_ba, sizeof names_ba)

/* A copy of its exact size, so that the sanitizer sees a byte read too far. */
static struct ji_view exact(struct ji_view bytes)
{
    uint8_t *copy = test_malloc(ji_max_size(bytes.size, 1));
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return ji_view_of(copy, bytes.size);
}

static const char *json_of(struct ji_view metadata, struct ji_view value)
{
    struct ji_bytes out;
    struct joist_error err;
    const char *text = NULL;
    const struct ji_view own = exact(value);
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    const enum joist_status status = ji_variant_json(metadata, own, &out, &err);
    test_free((void *)(uintptr_t)own.data);
    if (status == JOIST_OK)
        assert_ok(ji_arena_text(&group_arena, ji_view_of(out.data, out.size), &text, NULL));
    else
        assert_ok(ji_arena_text(&group_arena, ji_view_of_text(err.text), &text, NULL));
    ji_bytes_clear(&out);
    return text;
}

static void primitives_print_as_json(void **state)
{
    (void)state;
    assert_string_equal(json_of(NO_NAMES, BYTES(0)), "null");
    assert_string_equal(json_of(NO_NAMES, BYTES(1 << 2)), "true");
    assert_string_equal(json_of(NO_NAMES, BYTES(2 << 2)), "false");
    assert_string_equal(json_of(NO_NAMES, BYTES(3 << 2, 0xde)), "-34");
    assert_string_equal(json_of(NO_NAMES, BYTES(4 << 2, 0xd2, 4)), "1234");
    assert_string_equal(json_of(NO_NAMES, BYTES(5 << 2, 0xff, 0xff, 0xff, 0xff)), "-1");
    assert_string_equal(json_of(NO_NAMES, BYTES(6 << 2, 0, 0, 0, 0, 0, 0, 0, 0x80)), "-9223372036854775808");
    assert_string_equal(json_of(NO_NAMES, BYTES(7 << 2, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f)), "1.5");
    assert_string_equal(json_of(NO_NAMES, BYTES(7 << 2, 0, 0, 0, 0, 0, 0, 0xf0, 0xff)), "\"-inf\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(14 << 2, 0, 0, 0xc0, 0x7f)), "\"nan\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(14 << 2, 0xcd, 0xcc, 0xcc, 0x3d)), "0.1");
    assert_string_equal(json_of(NO_NAMES, BYTES(8 << 2, 2, 0xfb, 0xff, 0xff, 0xff)), "-0.05");
    assert_string_equal(json_of(NO_NAMES, BYTES(9 << 2, 1, 10, 0, 0, 0, 1, 0, 0, 0)), "429496730.6");
    assert_string_equal(json_of(NO_NAMES, BYTES(10 << 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)),
            "18446744073709551616");
    assert_string_equal(json_of(NO_NAMES, BYTES(11 << 2, 0xff, 0xff, 0xff, 0xff)), "\"1969-12-31\"");
    assert_string_equal(
            json_of(NO_NAMES, BYTES(12 << 2, 1, 0, 0, 0, 0, 0, 0, 0)), "\"1970-01-01T00:00:00.000001Z\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(13 << 2, 0, 0, 0, 0, 0, 0, 0, 0)), "\"1970-01-01T00:00:00\"");
    assert_string_equal(
            json_of(NO_NAMES, BYTES(18 << 2, 1, 0, 0, 0, 0, 0, 0, 0)), "\"1970-01-01T00:00:00.000000001Z\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(19 << 2, 0, 0, 0, 0, 0, 0, 0, 0)), "\"1970-01-01T00:00:00\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(17 << 2, 0x40, 0x42, 0x0f, 0, 0, 0, 0, 0)), "\"00:00:01\"");
    assert_string_equal(
            json_of(NO_NAMES, BYTES(20 << 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)),
            "\"01020304-0506-0708-090a-0b0c0d0e0f10\"");
}

static void strings_and_bytes_print_as_json(void **state)
{
    (void)state;
    assert_string_equal(json_of(NO_NAMES, BYTES(1)), "\"\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(2 << 2 | 1, 'a', '"')), "\"a\\\"\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(16 << 2, 1, 0, 0, 0, 'x')), "\"x\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(15 << 2, 0, 0, 0, 0)), "\"\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(15 << 2, 1, 0, 0, 0, 0xff)), "\"/w==\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(15 << 2, 2, 0, 0, 0, 0, 0x10)), "\"ABA=\"");
    assert_string_equal(json_of(NO_NAMES, BYTES(15 << 2, 3, 0, 0, 0, 1, 2, 3)), "\"AQID\"");
}

static void containers_print_as_json(void **state)
{
    (void)state;
    assert_string_equal(json_of(NO_NAMES, BYTES(2, 0, 0)), "{}");
    assert_string_equal(json_of(NO_NAMES, BYTES(3, 0, 0)), "[]");
    assert_string_equal(json_of(NO_NAMES, BYTES(3, 2, 0, 1, 3, 0, 12, 7)), "[null,7]");
    assert_string_equal(json_of(NAMES_AB, BYTES(2, 2, 0, 1, 0, 1, 3, 0, 12, 7)), "{\"a\":null,\"b\":7}");
    /* Members in another order than their fields, ids of a dictionary that does not rise. */
    assert_string_equal(json_of(NAMES_BA, BYTES(2, 2, 1, 0, 2, 0, 3, 12, 7, 0)), "{\"a\":null,\"b\":7}");
    /* Wide counts, ids and offsets: large, 4-byte ids, 3-byte offsets; an array of 2-byte offsets. */
    assert_string_equal(
            json_of(NAMES_AB, BYTES((16 | 12 | 2) << 2 | 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0)),
            "{\"b\":null}");
    assert_string_equal(json_of(NAMES_AB, BYTES((4 | 1) << 2 | 3, 1, 0, 0, 0, 0, 0, 6, 0, 2, 1, 0, 0, 1, 4)),
            "[{\"a\":true}]");
}

static void broken_values_are_refused(void **state)
{
    (void)state;
    const struct {
        struct ji_view value;
        const char *words;
    } cases[] = {
            {ji_view_of(NULL, 0), "without bytes"},
            {BYTES(21 << 2), "primitive type 21"},
            {BYTES(5 << 2, 1, 2, 3), "within its int32"},
            {BYTES(20 << 2, 1), "within its uuid"},
            {BYTES(0, 0), "1 bytes behind it"},
            {BYTES(2 << 2 | 1, 'a'), "within its string"},
            {BYTES(1 << 2 | 1, 0xff), "not UTF-8"},
            {BYTES(16 << 2, 1, 0, 0), "within its size"},
            {BYTES(16 << 2, 2, 0, 0, 0, 'x'), "within its string"},
            {BYTES(15 << 2, 0xff, 0xff, 0xff, 0xff), "within its binary"},
            {BYTES(16 << 2, 1, 0, 0, 0, 0x80), "not UTF-8"},
            {BYTES(8 << 2, 39, 0, 0, 0, 0), "scale 39"},
            {BYTES(10 << 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f), "38 digits"},
            {BYTES(3), "number of members"},
            {BYTES(19, 1, 0, 0), "number of members"},
            {BYTES(19, 0xff, 0xff, 0xff, 0xff), "within its offsets"},
            {BYTES(0x42, 0xff, 0xff, 0xff, 0xff), "field ids and offsets"},
            {BYTES(3, 1, 0, 2, 0), "within its members"},
            {BYTES(3, 1, 1, 1, 0), "not behind the one before"},
            {BYTES(3, 2, 0, 0, 1, 0), "not behind the one before"},
            {BYTES(3, 2, 0, 9, 2, 0, 0), "at offset 9 of 2"},
            {BYTES(3, 1, 0, 2, 0, 0), "bytes that belong to no member"},
            {BYTES(3, 0, 1, 0), "bytes that belong to no member"},
            {BYTES(2, 1, 2, 0, 1, 0), "field id 2 in a dictionary of 2"},
            {BYTES(2, 2, 0, 1, 0, 0, 2, 12, 7), "members overlap"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        const char *const text = json_of(NAMES_AB, cases[index].value);
        if (strstr(text, cases[index].words) == NULL)
            fail_msg("%s: %s", cases[index].words, text);
    }
}

static void broken_dictionaries_are_refused(void **state)
{
    (void)state;
    const struct {
        struct ji_view metadata;
        const char *words;
    } cases[] = {
            {ji_view_of(NULL, 0), "is empty"},
            {BYTES(2, 0, 0), "version 2"},
            {BYTES(1), "dictionary size"},
            {BYTES(0xc1, 0, 0, 0), "dictionary size"},
            {BYTES(0xc1, 0xff, 0xff, 0xff, 0xff), "names (at most"},
            {BYTES(1, 1, 0), "dictionary offsets"},
            {BYTES(0xc1, 0xff, 0xff, 0, 0, 0), "dictionary offsets"},
            {BYTES(1, 1, 0, 2, 'a'), "dictionary names"},
            {BYTES(1, 1, 1, 1, 'a'), "begins at offset 1"},
            {BYTES(1, 2, 0, 2, 1, 'a', 'b'), "name 1 ends before it begins"},
            {BYTES(1, 1, 0, 1, 0xff), "name 0 is not UTF-8"},
            {BYTES(1, 0, 0, 0), "1 bytes behind its dictionary"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        const char *const text = json_of(cases[index].metadata, BYTES(0));
        if (strstr(text, cases[index].words) == NULL)
            fail_msg("%s: %s", cases[index].words, text);
    }
}

static void a_dictionary_rises_by_its_names_not_by_its_flag(void **state)
{
    (void)state;
    struct ji_variant_names names;
    assert_ok(ji_variant_names_init(&names, NAMES_AB, NULL));
    assert_true(names.rises);
    assert_ok(ji_variant_names_init(&names, NAMES_BA, NULL));
    assert_false(names.rises);
    assert_true(ji_view_equal_text(ji_variant_name(&names, 1), "a"));
    static const uint8_t wide[] = {0x41, 1, 0, 0, 0, 1, 0, 'z'};
    assert_ok(ji_variant_names_init(&names, ji_view_of(wide, sizeof wide), NULL));
    assert_true(ji_view_equal_text(ji_variant_name(&names, 0), "z"));
    assert_ok(ji_variant_names_init(&names, BYTES(0x81, 0, 0, 0, 0, 0, 0), NULL));
    assert_int_equal(names.count, 0);
}

/* `depth` arrays inside one another. */
static struct ji_view nested(unsigned depth)
{
    uint8_t *const bytes = test_malloc((size_t)depth * 4 + 1);
    size_t at = 0;
    for (unsigned level = 0; level < depth; level++) {
        const unsigned inner = level + 1 == depth ? 0 : (depth - level - 1) * 4;
        bytes[at++] = 3;
        bytes[at++] = inner == 0 ? 0 : 1;
        bytes[at++] = 0;
        if (inner > 0)
            bytes[at++] = (uint8_t)(inner - 1);
    }
    return ji_view_of(bytes, at);
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    bool is_sorted = false;
    struct ji_variant_names names;
    assert_ok(ji_variant_names_init(&names, NO_NAMES, NULL));
    const struct ji_view deepest = nested(60);
    assert_ok(ji_variant_check(&names, deepest, 0, &is_sorted, NULL));
    assert_ok(ji_variant_check(&names, deepest, JI_VARIANT_DEPTH_MAX - 60, &is_sorted, NULL));
    struct joist_error err;
    assert_status(
            ji_variant_check(&names, deepest, JI_VARIANT_DEPTH_MAX - 59, &is_sorted, &err), JOIST_ERR_LIMIT);
    assert_string_equal(err.text, "variant of more than 64 levels");
    test_free((void *)(uintptr_t)deepest.data);
}

/* --- writing --- */

static void a_value_is_rebuilt_in_the_least_widths(void **state)
{
    (void)state;
    struct ji_variant_names names;
    struct ji_variant_builder builder;
    ji_variant_builder_init(&builder, ji_ctx_mem(group_ctx));
    assert_ok(ji_variant_names_init(&names, NAMES_AB, NULL));
    assert_ok(ji_variant_put_sorted(
            &builder, &names, BYTES((4 | 1) << 2 | 3, 1, 0, 0, 0, 0, 0, 6, 0, 2, 1, 0, 0, 1, 4), NULL));
    const struct ji_view wanted = BYTES(3, 1, 0, 6, 2, 1, 0, 0, 1, 4);
    assert_true(ji_view_equal(ji_view_of(builder.out.data, builder.out.size), wanted));
    ji_variant_builder_clear(&builder);
}

static void fields_are_put_in_the_order_of_their_names(void **state)
{
    (void)state;
    struct ji_variant_names names;
    struct ji_variant_builder builder;
    struct joist_error err;
    bool is_sorted = true;
    static const uint8_t unsorted[] = {2, 2, 1, 0, 0, 1, 10, 0, 2, 2, 1, 0, 0, 1, 2, 4, 8};
    static const uint8_t sorted[] = {2, 2, 0, 1, 1, 0, 10, 0, 2, 2, 0, 1, 1, 0, 2, 4, 8};
    static const uint8_t twice[] = {2, 2, 0, 0, 0, 1, 2, 0, 0};
    ji_variant_builder_init(&builder, ji_ctx_mem(group_ctx));
    assert_ok(ji_variant_names_init(&names, NAMES_AB, NULL));
    assert_ok(ji_variant_check(&names, ji_view_of(unsorted, sizeof unsorted), 0, &is_sorted, NULL));
    assert_false(is_sorted);
    assert_ok(ji_variant_put_sorted(&builder, &names, ji_view_of(unsorted, sizeof unsorted), NULL));
    assert_int_equal(builder.out.size, sizeof sorted);
    assert_memory_equal(builder.out.data, sorted, sizeof sorted);
    assert_ok(ji_variant_check(&names, ji_view_of(sorted, sizeof sorted), 0, &is_sorted, NULL));
    assert_true(is_sorted);
    assert_status(ji_variant_put_sorted(&builder, &names, ji_view_of(twice, sizeof twice), &err),
            JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "variant object with two fields 'a'");
    ji_variant_builder_clear(&builder);
}

static void scalars_are_written_as_they_are_read(void **state)
{
    (void)state;
    struct ji_variant_builder builder;
    struct ji_bytes text;
    ji_variant_builder_init(&builder, ji_ctx_mem(group_ctx));
    ji_bytes_init(&text, ji_ctx_mem(group_ctx));
    const struct ji_variant_mark mark = ji_variant_begin(&builder);
    const uint8_t uuid[16] = {0xab};
    uint8_t long_text[64];
    memset(long_text, 'x', sizeof long_text);
#define MEMBER(call)                                                                                         \
    assert_ok(ji_variant_member(&builder, mark, 0, NULL));                                                   \
    assert_ok(call)
    MEMBER(ji_variant_put_null(&builder, NULL));
    MEMBER(ji_variant_put_bool(&builder, true, NULL));
    MEMBER(ji_variant_put_integer(&builder, JI_VARIANT_INT8, -1, NULL));
    MEMBER(ji_variant_put_integer(&builder, JI_VARIANT_INT16, -300, NULL));
    MEMBER(ji_variant_put_integer(&builder, JI_VARIANT_INT32, -70000, NULL));
    MEMBER(ji_variant_put_integer(&builder, JI_VARIANT_INT64, INT64_MIN, NULL));
    MEMBER(ji_variant_put_integer(&builder, JI_VARIANT_DATE, -1, NULL));
    MEMBER(ji_variant_put_real(&builder, JI_VARIANT_FLOAT, -0.0, NULL));
    MEMBER(ji_variant_put_real(&builder, JI_VARIANT_DOUBLE, 0.1, NULL));
    MEMBER(ji_variant_put_decimal(&builder, JI_VARIANT_DECIMAL4, -5, 2, NULL));
    MEMBER(ji_variant_put_decimal(&builder, JI_VARIANT_DECIMAL8, -5, 0, NULL));
    MEMBER(ji_variant_put_decimal(&builder, JI_VARIANT_DECIMAL16, -ji_decimal_power(30), 1, NULL));
    MEMBER(ji_variant_put_view(&builder, JI_VARIANT_STRING, ji_view_of_text("s"), NULL));
    MEMBER(ji_variant_put_view(&builder, JI_VARIANT_STRING, ji_view_of(long_text, 64), NULL));
    MEMBER(ji_variant_put_view(&builder, JI_VARIANT_BINARY, ji_view_of_text("b"), NULL));
    MEMBER(ji_variant_put_view(&builder, JI_VARIANT_UUID, ji_view_of(uuid, 16), NULL));
    assert_ok(ji_variant_end_array(&builder, mark, NULL));
    assert_ok(ji_variant_json(NO_NAMES, ji_view_of(builder.out.data, builder.out.size), &text, NULL));
    assert_ok(ji_bytes_append_byte(&text, 0, NULL));
    assert_string_equal((const char *)text.data,
            "[null,true,-1,-300,-70000,-9223372036854775808,\"1969-12-31\",-0.0,0.1,-0.05,-5,"
            "-100000000000000000000000000000.0,\"s\","
            "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"Yg==\","
            "\"ab000000-0000-0000-0000-000000000000\"]");
    ji_bytes_clear(&text);
    ji_variant_builder_clear(&builder);
}

/* An array of `count` strings of `size` bytes, read back. */
static void check_array(uint32_t count, size_t size)
{
    struct ji_variant_names names;
    struct ji_variant_builder builder;
    struct ji_variant array;
    bool is_sorted = false;
    uint8_t text[256];
    memset(text, 'y', sizeof text);
    ji_variant_builder_init(&builder, ji_ctx_mem(group_ctx));
    const struct ji_variant_mark mark = ji_variant_begin(&builder);
    for (uint32_t index = 0; index < count; index++) {
        assert_ok(ji_variant_member(&builder, mark, 0, NULL));
        assert_ok(ji_variant_put_view(&builder, JI_VARIANT_STRING, ji_view_of(text, size), NULL));
    }
    assert_ok(ji_variant_end_array(&builder, mark, NULL));
    const struct ji_view value = ji_view_of(builder.out.data, builder.out.size);
    assert_ok(ji_variant_names_init(&names, NO_NAMES, NULL));
    assert_ok(ji_variant_check(&names, value, 0, &is_sorted, NULL));
    assert_ok(ji_variant_parse(value, &array, NULL));
    assert_int_equal(array.count, count);
    if (count > 0)
        assert_int_equal(ji_variant_member_bytes(&array, count - 1).size, size + (size > 63 ? 5 : 1));
    ji_variant_builder_clear(&builder);
}

static void counts_and_offsets_grow_with_what_they_count(void **state)
{
    (void)state;
    check_array(0, 0);
    check_array(255, 0);
    check_array(256, 0);
    check_array(300, 250);
    check_array(70000, 250);
}

static void ids_of_every_width_are_written(void **state)
{
    (void)state;
    static const uint32_t ids[] = {0, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff};
    static const unsigned widths[] = {1, 1, 2, 2, 3, 3, 4, 4};
    struct ji_variant_builder builder;
    ji_variant_builder_init(&builder, ji_ctx_mem(group_ctx));
    for (size_t index = 0; index < sizeof ids / sizeof ids[0]; index++) {
        struct ji_variant object;
        ji_variant_builder_reset(&builder);
        const struct ji_variant_mark mark = ji_variant_begin(&builder);
        assert_ok(ji_variant_member(&builder, mark, ids[index], NULL));
        assert_ok(ji_variant_put_null(&builder, NULL));
        assert_ok(ji_variant_end_object(&builder, mark, NULL));
        assert_ok(ji_variant_parse(ji_view_of(builder.out.data, builder.out.size), &object, NULL));
        assert_int_equal(object.id_bytes, widths[index]);
        assert_int_equal(ji_variant_member_id(&object, 0), ids[index]);
    }
    ji_variant_builder_clear(&builder);
}

static void names_are_added_behind_those_that_are_there(void **state)
{
    (void)state;
    struct ji_variant_names names;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    const struct ji_view more[] = {ji_view_of_text("c"), ji_view_of_text(""), ji_view_of_text("dd")};
    assert_ok(ji_variant_names_init(&names, NAMES_AB, NULL));
    assert_ok(ji_variant_put_names(&out, &names, more, 1, NULL));
    const struct ji_view sorted = BYTES(0x11, 3, 0, 1, 2, 3, 'a', 'b', 'c');
    assert_true(ji_view_equal(ji_view_of(out.data, out.size), sorted));
    out.size = 0;
    assert_ok(ji_variant_put_names(&out, &names, more, 3, NULL));
    const struct ji_view mixed = BYTES(1, 5, 0, 1, 2, 3, 3, 5, 'a', 'b', 'c', 'd', 'd');
    assert_true(ji_view_equal(ji_view_of(out.data, out.size), mixed));
    /* What is not in order stays so. */
    out.size = 0;
    assert_ok(ji_variant_names_init(&names, NAMES_BA, NULL));
    assert_ok(ji_variant_put_names(&out, &names, more, 1, NULL));
    const struct ji_view never = BYTES(1, 3, 0, 1, 2, 3, 'b', 'a', 'c');
    assert_true(ji_view_equal(ji_view_of(out.data, out.size), never));
    ji_bytes_clear(&out);
}

static void a_dictionary_gets_wider_with_its_names(void **state)
{
    (void)state;
    static const size_t sizes[] = {254, 255, 256, 70000};
    static const unsigned widths[] = {1, 1, 2, 3};
    struct ji_variant_names names;
    struct ji_bytes out;
    uint8_t *const text = test_malloc(sizes[3]);
    memset(text, 'x', sizes[3]);
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    for (size_t index = 0; index < 4; index++) {
        const struct ji_view more = ji_view_of(text, sizes[index]);
        out.size = 0;
        assert_ok(ji_variant_names_init(&names, NO_NAMES, NULL));
        assert_ok(ji_variant_put_names(&out, &names, &more, 1, NULL));
        assert_ok(ji_variant_names_init(&names, ji_view_of(out.data, out.size), NULL));
        assert_int_equal(names.offset_bytes, widths[index]);
        assert_true(ji_view_equal(ji_variant_name(&names, 0), more));
    }
    ji_bytes_clear(&out);
    test_free(text);
}

static void a_dictionary_has_a_limit(void **state)
{
    (void)state;
    struct ji_variant_names names;
    struct ji_bytes out;
    struct joist_error err;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_variant_names_init(&names, NAMES_AB, NULL));
    /* A size that is never looked at: the limit comes first. */
    const struct ji_view large = ji_view_of(names_ab, JI_VARIANT_BYTES_MAX);
    assert_status(ji_variant_put_names(&out, &names, &large, 1, &err), JOIST_ERR_LIMIT);
    assert_status(ji_variant_put_names(&out, &names, NULL, JI_VARIANT_NAMES_MAX - 1, &err), JOIST_ERR_LIMIT);
    assert_string_equal(err.text, "variant dictionary of more than 16777216 names");
    assert_int_equal(out.size, 0);
    ji_bytes_clear(&out);
}

static enum joist_status build_and_print(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    struct ji_variant_names names;
    struct ji_variant_builder builder;
    struct ji_bytes text;
    enum joist_status status = JOIST_OK;
    ji_variant_builder_init(&builder, ji_ctx_mem(ctx));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_variant_names_init(&names, NAMES_AB, err));
    JI_TRY_OUT(ji_variant_put_sorted(
            &builder, &names, BYTES(2, 2, 0, 1, 0, 7, 13, 15 << 2, 2, 0, 0, 0, 1, 2, 2, 1, 1, 0, 1, 0), err));
    JI_TRY_OUT(ji_variant_json(NAMES_AB, ji_view_of(builder.out.data, builder.out.size), &text, err));
out:
    ji_bytes_clear(&text);
    ji_variant_builder_clear(&builder);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    oom_sweep(build_and_print, NULL);
}

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(ji_variant_type_name(JI_VARIANT_UUID), "uuid");
    assert_string_equal(ji_variant_type_name(JI_VARIANT_OBJECT), "object");
    assert_string_equal(ji_variant_type_name(JI_VARIANT_ARRAY), "array");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(primitives_print_as_json),
            cmocka_unit_test(strings_and_bytes_print_as_json),
            cmocka_unit_test(containers_print_as_json),
            cmocka_unit_test(broken_values_are_refused),
            cmocka_unit_test(broken_dictionaries_are_refused),
            cmocka_unit_test(a_dictionary_rises_by_its_names_not_by_its_flag),
            cmocka_unit_test(depth_has_a_limit),
            cmocka_unit_test(a_value_is_rebuilt_in_the_least_widths),
            cmocka_unit_test(fields_are_put_in_the_order_of_their_names),
            cmocka_unit_test(scalars_are_written_as_they_are_read),
            cmocka_unit_test(counts_and_offsets_grow_with_what_they_count),
            cmocka_unit_test(ids_of_every_width_are_written),
            cmocka_unit_test(names_are_added_behind_those_that_are_there),
            cmocka_unit_test(a_dictionary_gets_wider_with_its_names),
            cmocka_unit_test(a_dictionary_has_a_limit),
            cmocka_unit_test(every_allocation_may_fail),
            cmocka_unit_test(types_have_names),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
