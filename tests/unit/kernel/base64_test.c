/*
 * base64_test.c - every length, every wrong character in every place, and the reference beside it
 */
#include "support/test.h"

#include "kernel/base64.h"
#include "support/test_random.h"

#include <string.h>

#define BYTES_MAX 200
#define GUARD 0xa5

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Encodes with padding; returns the characters. */
static size_t encode(const uint8_t *bytes, size_t size, char *text)
{
    size_t at = 0;
    for (size_t step = 0; step < size; step += 3) {
        const size_t left = size - step;
        const uint32_t bits = (uint32_t)bytes[step] << 16 | (left > 1 ? (uint32_t)bytes[step + 1] << 8 : 0) |
                (left > 2 ? bytes[step + 2] : 0);
        text[at++] = digits[bits >> 18];
        text[at++] = digits[bits >> 12 & 63];
        text[at++] = left > 1 ? digits[bits >> 6 & 63] : '=';
        text[at++] = left > 2 ? digits[bits & 63] : '=';
    }
    return at;
}

static size_t make(uint64_t *random, size_t size, uint8_t *bytes, char *text)
{
    for (size_t at = 0; at < size; at++)
        bytes[at] = (uint8_t)test_random(random);
    return encode(bytes, size, text);
}

/* A key of a footer may stand without a value, or with one of padding alone. */
static void nothing_decodes_to_nothing_without_an_address(void **state)
{
    (void)state;
    size_t size = 1;
    assert_true(ji_base64_decode((struct ji_view){0}, NULL, &size));
    assert_int_equal(size, 0);
    size = 1;
    assert_true(ji_base64_decode(ji_view_of("==", 2), NULL, &size));
    assert_int_equal(size, 0);
}

static void every_length_comes_back_and_nothing_is_written_behind_it(void **state)
{
    (void)state;
    uint64_t random = 5;
    for (size_t size = 0; size < BYTES_MAX; size++) {
        uint8_t bytes[BYTES_MAX];
        char text[BYTES_MAX * 2];
        const size_t characters = make(&random, size, bytes, text);
        for (unsigned is_plain = 0; is_plain < 2; is_plain++) {
            uint8_t out[JI_BASE64_ROOM(sizeof text)];
            size_t got = 0;
            const struct ji_view view = ji_view_of(text, characters);
            memset(out, GUARD, sizeof out);
            assert_true(
                    is_plain ? ji_base64_decode_plain(view, out, &got) : ji_base64_decode(view, out, &got));
            assert_int_equal(got, size);
            assert_memory_equal(out, bytes, size);
            for (size_t at = JI_BASE64_ROOM(characters); at < sizeof out; at++)
                assert_int_equal(out[at], GUARD);
        }
    }
}

static void padding_may_lack(void **state)
{
    (void)state;
    uint8_t out[JI_BASE64_ROOM(8)];
    size_t size = 0;
    assert_true(ji_base64_decode(ji_view_of_text("SGVsbG8"), out, &size));
    assert_int_equal(size, 5);
    assert_memory_equal(out, "Hello", 5);
    assert_false(ji_base64_decode(ji_view_of_text("SGVsb"), out, &size));
}

static void every_byte_in_every_place_is_judged_as_the_reference_does(void **state)
{
    (void)state;
    uint64_t random = 6;
    uint8_t bytes[BYTES_MAX];
    char text[BYTES_MAX * 2];
    const size_t characters = make(&random, 99, bytes, text);
    for (size_t at = 0; at < characters; at++) {
        const char kept = text[at];
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t out[2][JI_BASE64_ROOM(sizeof text)];
            size_t sizes[2] = {0, 0};
            const struct ji_view view = ji_view_of(text, characters);
            text[at] = (char)byte;
            const bool plain = ji_base64_decode_plain(view, out[0], &sizes[0]);
            assert_int_equal(ji_base64_decode(view, out[1], &sizes[1]), plain);
            if (plain) {
                assert_int_equal(sizes[0], sizes[1]);
                assert_memory_equal(out[0], out[1], sizes[0]);
            }
            const bool is_digit = byte != 0 && strchr(digits, (int)byte) != NULL;
            assert_true(plain == is_digit || (byte == '=' && at + 1 == characters));
        }
        text[at] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(nothing_decodes_to_nothing_without_an_address),
            cmocka_unit_test(every_length_comes_back_and_nothing_is_written_behind_it),
            cmocka_unit_test(padding_may_lack),
            cmocka_unit_test(every_byte_in_every_place_is_judged_as_the_reference_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
