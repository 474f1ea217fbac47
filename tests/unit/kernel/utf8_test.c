/*
 * utf8_test.c - every sequence of one to three bytes, the edges of four, and long texts
 */
#include "support/test.h"

#include <stdlib.h>

#include "kernel/utf8.h"
#include "support/test_random.h"

/* Decodes and asks whether these bytes are the shortest form: another way than the kernel's. */
static bool is_one_code_point(const uint8_t *in, size_t size)
{
    uint32_t code = size == 1 ? in[0] : size == 2 ? in[0] & 0x1fu : size == 3 ? in[0] & 0xfu : in[0] & 7u;
    for (size_t index = 1; index < size; index++) {
        if ((in[index] & 0xc0) != 0x80)
            return false;
        code = code << 6 | (in[index] & 0x3fu);
    }
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    static const uint8_t masks[] = {0, 0x80, 0xe0, 0xf0, 0xf8};
    if ((in[0] & masks[size]) != marks[size])
        return false;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= least[size] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

static bool is_valid(const uint8_t *in, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t step = 1;
        while (step <= 4 && at + step <= size && !is_one_code_point(in + at, step))
            step++;
        if (step > 4 || at + step > size)
            return false;
        at += step;
    }
    return true;
}

static void check(const uint8_t *in, size_t size)
{
    const bool wanted = is_valid(in, size);
    if (ji_utf8_valid(ji_view_of(in, size)) != wanted || ji_utf8_valid_plain(ji_view_of(in, size)) != wanted)
        fail_msg("%02x %02x %02x %02x", in[0], in[1], in[2], in[3]);
}

static void short_sequences_are_judged_by_the_standard(void **state)
{
    (void)state;
    uint8_t in[4] = {0};
    for (unsigned a = 0; a < 256; a++) {
        in[0] = (uint8_t)a;
        check(in, 1);
        for (unsigned b = 0; b < 256; b++) {
            in[1] = (uint8_t)b;
            check(in, 2);
        }
    }
    static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
    for (unsigned a = 0xc0; a < 256; a++) {
        for (size_t b = 0; b < sizeof edges; b++) {
            for (size_t c = 0; c < sizeof edges; c++) {
                for (size_t d = 0; d < sizeof edges; d++) {
                    const uint8_t four[4] = {(uint8_t)a, edges[b], edges[c], edges[d]};
                    check(four, 3);
                    check(four, 4);
                }
            }
        }
    }
}

/* Sequences across the edges of blocks, in text that begins with a letter that is not ASCII. */
static void sequences_are_judged_wherever_they_stand(void **state)
{
    (void)state;
    static const uint8_t edges[] = {0x00, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xed, 0xf4};
    for (unsigned a = 0xc0; a < 256; a++) {
        for (size_t index = 0; index < 1000; index++) {
            const uint8_t four[4] = {
                    (uint8_t)a, edges[index % 10], edges[index / 10 % 10], edges[index / 100]};
            const size_t at = 60 + (index + a) % 8;
            uint8_t text[99];
            memset(text, 'a', sizeof text);
            memcpy(text, "\xc3\xa4", 2);
            memcpy(text + at, four, sizeof four);
            const struct ji_view whole = ji_view_of(text, sizeof text);
            const struct ji_view cut = ji_view_of(text, at + 4);
            assert_int_equal(ji_utf8_valid(whole), ji_utf8_valid_plain(whole));
            assert_int_equal(ji_utf8_valid(cut), ji_utf8_valid_plain(cut));
        }
    }
}

static void long_texts_of_all_scripts_are_judged_as_by_the_reference(void **state)
{
    (void)state;
    static const char *const letters[] = {
            "a", "\xc3\xa4", "\xe6\xa8\xab", "\xf0\x9f\x8c\xb3", "\xdf\xbf", "\xed\x9f\xbf"};
    uint64_t seed = 11;
    for (size_t round = 0; round < 3000; round++) {
        uint8_t text[300];
        size_t size = 0;
        while (size < 290) {
            const char *const letter = letters[test_random(&seed) % 6];
            memcpy(text + size, letter, strlen(letter));
            size += strlen(letter);
        }
        assert_true(ji_utf8_valid(ji_view_of(text, size)));
        text[test_random(&seed) % size] ^= (uint8_t)(1u << test_random(&seed) % 8);
        uint8_t *const exact = malloc(size);
        assert_non_null(exact);
        memcpy(exact, text, size);
        for (size_t start = 0; start < 4; start++) {
            const struct ji_view part = ji_view_of(exact + start, size - start);
            assert_int_equal(ji_utf8_valid(part), ji_utf8_valid_plain(part));
        }
        free(exact);
    }
}

static void one_bad_byte_is_found_anywhere_in_a_long_text(void **state)
{
    (void)state;
    for (size_t size = 1; size < 200; size += 3) {
        uint8_t *const text = malloc(size);
        assert_non_null(text);
        memset(text, 'a', size);
        assert_true(ji_utf8_valid(ji_view_of(text, size)));
        assert_int_equal(ji_ascii_prefix(ji_view_of(text, size)), size);
        for (size_t at = 0; at < size; at++) {
            text[at] = 0x80;
            assert_false(ji_utf8_valid(ji_view_of(text, size)));
            assert_int_equal(ji_ascii_prefix(ji_view_of(text, size)), at);
            text[at] = 'a';
        }
        free(text);
    }
    assert_true(ji_utf8_valid(ji_view_of(NULL, 0)));
}

static void mixed_scripts_are_valid(void **state)
{
    (void)state;
    static const char text[] = "oak tree, Eiche, \xd0\xb4\xd1\x83\xd0\xb1, "
                               "\xe6\xa8\xab\xe3\x81\xae\xe6\x9c\xa8, \xf0\x9f\x8c\xb3 and on";
    assert_true(ji_utf8_valid(ji_view_of_text(text)));
    for (size_t size = 0; size < sizeof text - 1; size++)
        assert_int_equal(ji_utf8_valid(ji_view_of(text, size)), is_valid((const uint8_t *)text, size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(short_sequences_are_judged_by_the_standard),
            cmocka_unit_test(sequences_are_judged_wherever_they_stand),
            cmocka_unit_test(long_texts_of_all_scripts_are_judged_as_by_the_reference),
            cmocka_unit_test(one_bad_byte_is_found_anywhere_in_a_long_text),
            cmocka_unit_test(mixed_scripts_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
