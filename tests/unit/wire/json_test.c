/*
 * json_test.c - JSON's tokenizer, tree and writer
 */
#include "support/test.h"

#include "base/ctx.h"
#include "support/oom.h"
#include "wire/json_read.h"
#include "wire/json_write.h"

#include <stdlib.h>

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct joist_error err;
};

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 32 << 20};
    assert_ok(joist_ctx_open(&options, &fixture.ctx, &fixture.err));
    ji_arena_init(&fixture.arena, ji_ctx_mem(fixture.ctx));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    ji_arena_clear(&fixture->arena);
    joist_ctx_close(fixture->ctx);
    return 0;
}

/* A copy of exactly the text's size on the heap, so that the sanitizer sees a byte read too far. */
static uint8_t *heap_copy(const char *text, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, text, size);
    return copy;
}

static void there_and_back(struct fixture *fixture, const char *text, const char *wanted)
{
    struct ji_json *root = NULL;
    const size_t size = strlen(text);
    uint8_t *copy = heap_copy(text, size);
    const enum joist_status status =
            ji_json_parse(&fixture->arena, ji_view_of(copy, size), &root, &fixture->err);
    free(copy);
    if (status != JOIST_OK)
        fail_msg("%s: %s", text, fixture->err.text);
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    struct ji_json_writer writer;
    ji_json_writer_init(&writer, &out, &fixture->err);
    ji_json_write_tree(&writer, root);
    assert_ok(ji_json_writer_finish(&writer));
    assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    assert_string_equal((const char *)out.data, wanted);
    ji_bytes_clear(&out);
}

static void tree_goes_there_and_back(void **state)
{
    static const char *const texts[][2] = {
            {"null", "null"},
            {" true ", "true"},
            {"false\n", "false"},
            {"0", "0"},
            {"-0.5e+07", "-0.5e+07"},
            {"123456789012345678901234567890.00", "123456789012345678901234567890.00"},
            {"\"\"", "\"\""},
            {"[]", "[]"},
            {"{}", "{}"},
            {"[ 1 , [ ] , { } , [ 2 ] ]", "[1,[],{},[2]]"},
            {"{\"a\":{\"b\":[1,{\"c\":null}]},\"\":[]}", "{\"a\":{\"b\":[1,{\"c\":null}]},\"\":[]}"},
            {"\"\\u0041\\n\\/\\b\\f\\r\\t\\\"\\\\\"", "\"A\\n/\\b\\f\\r\\t\\\"\\\\\""},
            {"\"\\u000b\\u0000\"", "\"\\u000b\\u0000\""},
            {"\"\\ud83D\\uDe00 \\u00e9 \\u20ac\"", "\"\xF0\x9F\x98\x80 \xC3\xA9 \xE2\x82\xAC\""},
            {"\"\xC3\xA9\\\"\\\\\xC3\xA9\\n\"", "\"\xC3\xA9\\\"\\\\\xC3\xA9\\n\""},
            {"\"plain text of more than eight bytes \xC3\xA9\"",
                    "\"plain text of more than eight bytes \xC3\xA9\""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        there_and_back(*state, texts[i][0], texts[i][1]);
}

static void bad_text_is_refused_with_its_byte(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[][2] = {
            {"", "byte 1: the text ends within a value"},
            {"  ", "byte 3: the text ends within a value"},
            {"{", "byte 2: the text ends within a value"},
            {"[", "byte 2: the text ends within a value"},
            {"[1", "byte 3: the text ends within a value"},
            {"[1,", "byte 4: the text ends within a value"},
            {"{\"a\"", "byte 5: the text ends within a value"},
            {"{\"a\":", "byte 6: the text ends within a value"},
            {"{\"a\":1,", "byte 8: the text ends within a value"},
            {"[1,]", "byte 4: no value that JSON knows"},
            {"{\"a\":1,}", "byte 8: a member's name in quotes is due"},
            {"{a:1}", "byte 2: a member's name in quotes is due"},
            {"{\"a\" 1}", "byte 6: ':' is due"},
            {"{\"a\":1 \"b\":2}", "byte 8: ',' or '}' is due"},
            {"[1 2]", "byte 4: ',' or ']' is due"},
            {"[1}", "byte 3: ',' or ']' is due"},
            {"1 2", "byte 3: text behind the value"},
            {"tru", "byte 1: no value that JSON knows"},
            {"NaN", "byte 1: no value that JSON knows"},
            {"+1", "byte 1: no value that JSON knows"},
            {".5", "byte 1: no value that JSON knows"},
            {"-", "byte 1: no value that JSON knows"},
            {"01", "byte 1: a number with a leading zero"},
            {"-00", "byte 1: a number with a leading zero"},
            {"1.", "byte 3: no digit behind the decimal point"},
            {"1.e5", "byte 3: no digit behind the decimal point"},
            {"1e", "byte 3: no digit in the exponent"},
            {"1e+", "byte 4: no digit in the exponent"},
            {"1.5x", "byte 4: text behind the value"},
            {"\"abc", "byte 1: a string without its end"},
            {"\"abc\\", "byte 1: a string without its end"},
            {"\"abcdefghijkl\\\"", "byte 1: a string without its end"},
            {"\"a\nb\"", "byte 3: a control character in a string"},
            {"\"abcdefgh\tb\"", "byte 10: a control character in a string"},
            {"\"\\x41\"", "byte 2: an escape that JSON does not have"},
            {"\"\\u12\"", "byte 2: \\u without four hex digits"},
            {"\"\\u12g4\"", "byte 2: \\u without four hex digits"},
            {"\"\\ud800\"", "byte 2: a high surrogate without a low one"},
            {"\"\\ud800\\u0041\"", "byte 2: a high surrogate without a low one"},
            {"\"\\ud800xxxxxx\"", "byte 2: a high surrogate without a low one"},
            {"\"\\udc00\"", "byte 2: a low surrogate without a high one"},
            {"\"a\xFF\"", "byte 3: not UTF-8"},
            {"\"\xC0\x80\"", "byte 2: not UTF-8"},
            {"\"\xED\xA0\x80\"", "byte 2: not UTF-8"},
            {"\"\xC3\"", "byte 2: not UTF-8"},
            {"\xEF\xBB\xBF{}", "byte 1: no value that JSON knows"},
            {"{\"a\":1,\"b\":2,\"a\":3}", "member 'a' comes twice in one object"},
            {"[{\"k\":1,\"\\u006b\":2}]", "member 'k' comes twice in one object"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ji_json *root = NULL;
        const size_t size = strlen(texts[i][0]);
        uint8_t *copy = heap_copy(texts[i][0], size);
        const enum joist_status status =
                ji_json_parse(&fixture->arena, ji_view_of(copy, size), &root, &fixture->err);
        free(copy);
        assert_status(status, JOIST_ERR_CORRUPT);
        assert_string_equal(fixture->err.text, texts[i][1]);
        assert_null(root);
    }
}

static void large_objects_find_their_duplicates(void **state)
{
    struct fixture *fixture = *state;
    for (size_t count = 15; count < 70; count++) {
        struct ji_bytes text;
        ji_bytes_init(&text, ji_ctx_mem(fixture->ctx));
        for (size_t i = 0; i < count; i++)
            assert_ok(ji_bytes_printf(&text, NULL, "%c\"k%zu\":1", i == 0 ? '{' : ',', i * 7919 % 101));
        struct ji_json *root = NULL;
        const size_t end = text.size;
        assert_ok(ji_bytes_append_text(&text, "}", NULL));
        assert_ok(ji_json_parse(&fixture->arena, ji_view_of(text.data, text.size), &root, &fixture->err));
        assert_int_equal(root->count, count);
        text.size = end;
        assert_ok(ji_bytes_append_text(&text, ",\"k0\":2}", NULL));
        assert_status(ji_json_parse(&fixture->arena, ji_view_of(text.data, text.size), &root, &fixture->err),
                JOIST_ERR_CORRUPT);
        assert_string_equal(fixture->err.text, "member 'k0' comes twice in one object");
        ji_bytes_clear(&text);
    }
}

static void depth_is_64_at_most(void **state)
{
    struct fixture *fixture = *state;
    char text[2 * 65 + 1];
    for (size_t depth = 64; depth <= 65; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        struct ji_json *root = NULL;
        const enum joist_status status =
                ji_json_parse(&fixture->arena, ji_view_of(text, 2 * depth), &root, &fixture->err);
        assert_status(status, depth == 64 ? JOIST_OK : JOIST_ERR_LIMIT);
    }
    assert_string_equal(fixture->err.text, "byte 65: nested more than 64 deep");
}

static void integers_are_exact_to_64_bits(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
            {"9223372036854775807", true, INT64_MAX},
            {"-9223372036854775808", true, INT64_MIN},
            {"9223372036854775808", false, 0},
            {"-9223372036854775809", false, 0},
            {"9007199254740993", true, 9007199254740993},
            {"-0", true, 0},
            {"1.0", false, 0},
            {"1e3", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ji_json_reader reader;
        int64_t value = 7;
        ji_json_reader_init(&reader, ji_view_of_text(cases[i].text), &fixture->arena);
        assert_status(
                ji_json_int64(&reader, &value, &fixture->err), cases[i].fits ? JOIST_OK : JOIST_ERR_CORRUPT);
        assert_true(value == (cases[i].fits ? cases[i].value : 7));
    }
}

static void pull_reader_walks_a_known_shape(void **state)
{
    struct fixture *fixture = *state;
    struct ji_json_reader reader;
    struct ji_view key;
    bool more;
    ji_json_reader_init(&reader,
            ji_view_of_text(
                    "{\"skip\":[1,{\"x\":[]}],\"n\":5,\"s\":\"t\",\"b\":true,\"l\":[\"a\",\"b\"],\"e\":[]}"),
            &fixture->arena);
    assert_ok(ji_json_begin_object(&reader, NULL));
    int64_t number = 0;
    bool flag = false;
    struct ji_view text = {0};
    size_t elements = 0;
    for (;;) {
        assert_ok(ji_json_next_key(&reader, &key, &more, NULL));
        if (!more)
            break;
        if (ji_view_equal_text(key, "n")) {
            assert_ok(ji_json_int64(&reader, &number, NULL));
        } else if (ji_view_equal_text(key, "s")) {
            assert_ok(ji_json_string(&reader, &text, NULL));
        } else if (ji_view_equal_text(key, "b")) {
            assert_ok(ji_json_bool(&reader, &flag, NULL));
        } else if (ji_view_equal_text(key, "skip")) {
            assert_ok(ji_json_skip(&reader, NULL));
        } else {
            assert_ok(ji_json_begin_array(&reader, NULL));
            for (;;) {
                assert_ok(ji_json_next_element(&reader, &more, NULL));
                if (!more)
                    break;
                assert_ok(ji_json_skip(&reader, NULL));
                elements++;
            }
        }
    }
    assert_ok(ji_json_end(&reader, NULL));
    assert_int_equal(number, 5);
    assert_true(flag);
    assert_true(ji_view_equal_text(text, "t"));
    assert_int_equal(elements, 2);
}

static void pull_reader_says_what_it_found(void **state)
{
    struct fixture *fixture = *state;
    struct ji_json_reader reader;
    int64_t number = 0;
    bool more;
    ji_json_reader_init(&reader, ji_view_of_text(" \"x\""), &fixture->arena);
    reader.fault = JOIST_ERR_INVALID;
    assert_status(ji_json_int64(&reader, &number, &fixture->err), JOIST_ERR_INVALID);
    assert_string_equal(fixture->err.text, "byte 2: a string where a number is due");
    assert_status(ji_json_fail(&reader, &fixture->err, "out of %d", 5), JOIST_ERR_INVALID);
    assert_string_equal(fixture->err.text, "byte 5: out of 5");
    ji_json_reader_init(&reader, ji_view_of_text("[1;2]"), &fixture->arena);
    assert_ok(ji_json_begin_array(&reader, NULL));
    assert_ok(ji_json_next_element(&reader, &more, NULL));
    assert_ok(ji_json_skip(&reader, NULL));
    assert_status(ji_json_next_element(&reader, &more, &fixture->err), JOIST_ERR_CORRUPT);
    ji_json_reader_init(&reader, ji_view_of_text("["), &fixture->arena);
    assert_ok(ji_json_begin_array(&reader, NULL));
    assert_status(ji_json_next_element(&reader, &more, &fixture->err), JOIST_ERR_CORRUPT);
    ji_json_reader_init(&reader, (struct ji_view){0}, &fixture->arena);
    assert_status(ji_json_end(&reader, &fixture->err), JOIST_ERR_CORRUPT);
}

static void members_of_a_tree_are_found_by_kind(void **state)
{
    struct fixture *fixture = *state;
    struct ji_json *root = NULL;
    assert_ok(ji_json_parse(&fixture->arena,
            ji_view_of_text("{\"i\":3,\"f\":1.5,\"b\":true,\"s\":\"x\",\"o\":{},\"a\":[],\"n\":null}"), &root,
            NULL));
    int64_t number = 9;
    bool flag = false;
    struct ji_view text = {0};
    const struct ji_json *node = NULL;
    assert_ok(ji_json_want_int64(root, "i", &number, NULL));
    assert_int_equal(number, 3);
    assert_ok(ji_json_want_bool(root, "b", &flag, NULL));
    assert_ok(ji_json_opt_bool(root, "b", &flag, NULL));
    assert_true(flag);
    assert_ok(ji_json_want_text(root, "s", &text, NULL));
    assert_ok(ji_json_opt_text(root, "s", &text, NULL));
    assert_ok(ji_json_want_object(root, "o", &node, NULL));
    assert_ok(ji_json_opt_object(root, "o", &node, NULL));
    assert_ok(ji_json_want_array(root, "a", &node, NULL));
    assert_ok(ji_json_opt_array(root, "a", &node, NULL));
    assert_ok(ji_json_opt_int64(root, "absent", &number, NULL));
    assert_ok(ji_json_opt_int64(root, "n", &number, NULL));
    assert_int_equal(number, 3);
    assert_status(ji_json_want_int64(root, "n", &number, &fixture->err), JOIST_ERR_CORRUPT);
    assert_string_equal(fixture->err.text, "'n' is missing");
    assert_status(ji_json_want_int64(root, "f", &number, &fixture->err), JOIST_ERR_CORRUPT);
    assert_string_equal(fixture->err.text, "'f' is not a 64-bit integer");
    assert_status(ji_json_opt_int64(root, "s", &number, &fixture->err), JOIST_ERR_CORRUPT);
    assert_string_equal(fixture->err.text, "'s' is not an integer");
    assert_null(ji_json_get(NULL, "x"));
    assert_null(ji_json_get(node, "x"));
}

static void writer_indents_and_escapes(void **state)
{
    struct fixture *fixture = *state;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    struct ji_json_writer writer;
    ji_json_writer_init(&writer, &out, NULL);
    writer.indent = 2;
    ji_json_write_begin_object(&writer);
    ji_json_write_key(&writer, "a");
    ji_json_write_int64(&writer, INT64_MIN);
    ji_json_write_key(&writer, "b");
    ji_json_write_begin_array(&writer);
    ji_json_write_uint64(&writer, UINT64_MAX);
    ji_json_write_bool(&writer, true);
    ji_json_write_null(&writer);
    ji_json_write_text(&writer, "\x01\xC3\xA9\xFF\xC3");
    ji_json_write_end_array(&writer);
    ji_json_write_key(&writer, "c");
    ji_json_write_begin_object(&writer);
    ji_json_write_end_object(&writer);
    ji_json_write_end_object(&writer);
    assert_ok(ji_json_writer_finish(&writer));
    assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    assert_string_equal((const char *)out.data,
            "{\n  \"a\": -9223372036854775808,\n  \"b\": [\n    18446744073709551615,\n    true,\n    null,\n"
            "    \"\\u0001\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\"\n  ],\n  \"c\": {}\n}");
    ji_bytes_clear(&out);
}

static void writer_refuses_the_65th_level(void **state)
{
    struct fixture *fixture = *state;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    struct ji_json_writer writer;
    ji_json_writer_init(&writer, &out, &fixture->err);
    for (int i = 0; i < 66; i++)
        ji_json_write_begin_array(&writer);
    assert_status(ji_json_writer_finish(&writer), JOIST_ERR_LIMIT);
    ji_bytes_clear(&out);
}

static enum joist_status parse_and_write(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    static const char text[] =
            "{\"a\":[1,2,{\"b\\n\":\"c\\u0041\"}],\"k0\":0,\"k1\":0,\"k2\":0,\"k3\":0,\"k4\":0,"
            "\"k5\":0,\"k6\":0,\"k7\":0,\"k8\":0,\"k9\":0,\"l0\":0,\"l1\":0,\"l2\":0,\"l3\":0,"
            "\"l4\":0,\"l5\":0,\"l6\":0}";
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_bytes out;
    struct ji_json *root = NULL;
    struct ji_json_writer writer;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_json_parse(&arena, ji_view_of_text(text), &root, err));
    ji_json_writer_init(&writer, &out, err);
    ji_json_write_tree(&writer, root);
    JI_TRY_OUT(ji_json_writer_finish(&writer));

out:
    ji_bytes_clear(&out);
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    oom_sweep(parse_and_write, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(tree_goes_there_and_back, setup, teardown),
            cmocka_unit_test_setup_teardown(bad_text_is_refused_with_its_byte, setup, teardown),
            cmocka_unit_test_setup_teardown(large_objects_find_their_duplicates, setup, teardown),
            cmocka_unit_test_setup_teardown(depth_is_64_at_most, setup, teardown),
            cmocka_unit_test_setup_teardown(integers_are_exact_to_64_bits, setup, teardown),
            cmocka_unit_test_setup_teardown(pull_reader_walks_a_known_shape, setup, teardown),
            cmocka_unit_test_setup_teardown(pull_reader_says_what_it_found, setup, teardown),
            cmocka_unit_test_setup_teardown(members_of_a_tree_are_found_by_kind, setup, teardown),
            cmocka_unit_test_setup_teardown(writer_indents_and_escapes, setup, teardown),
            cmocka_unit_test_setup_teardown(writer_refuses_the_65th_level, setup, teardown),
            cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
