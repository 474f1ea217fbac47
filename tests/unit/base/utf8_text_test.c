/*
 * utf8_text_test.c - where text stops being UTF-8
 */
#include "support/test.h"

#include "base/utf8_text.h"

#include <string.h>

static void every_character_is_whole(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint8_t bytes[5] = {0};
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        const size_t size = ji_utf8_put(code, bytes);
        assert_int_equal(size, code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
        assert_int_equal(ji_utf8_prefix(ji_view_of(bytes, size)), size);
        for (size_t cut = 1; cut < size; cut++)
            assert_int_equal(ji_utf8_prefix(ji_view_of(bytes, cut)), 0);
    }
}

static void the_first_wrong_byte_is_found(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
            "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
            "\xf5\x80\x80\x80", "\xff", "\xc3(", "\xe2\x82(", "\xf0\x9f\x98("};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        for (size_t lead = 0; lead < 20; lead++) {
            memset(text, 'a', lead);
            const size_t size = strlen(wrong[i]);
            memcpy(text + lead, wrong[i], size);
            memcpy(text + lead + size, "bbbbbbbbbbbbbbbbb", 17);
            assert_int_equal(ji_utf8_prefix(ji_view_of(text, lead + size + 17)), lead);
        }
    }
    assert_int_equal(ji_utf8_prefix(ji_view_of(NULL, 0)), 0);
}

static void the_first_characters_are_measured(void **state)
{
    (void)state;
    static const size_t ends[] = {0, 1, 3, 6, 10, 10, 10};
    const struct ji_view text = ji_view_of_text("a\xc3\xa9\xe6\xa8\xab\xf0\x9f\x98\x80");
    for (size_t count = 0; count < sizeof ends / sizeof ends[0]; count++)
        assert_int_equal(ji_utf8_bytes_of(text, count), ends[count]);
    assert_int_equal(ji_utf8_bytes_of(ji_view_of(NULL, 0), 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_character_is_whole),
            cmocka_unit_test(the_first_wrong_byte_is_found),
            cmocka_unit_test(the_first_characters_are_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
