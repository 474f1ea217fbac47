/*
 * error_test.c - one line of text, prefixes, errno both ways
 */
#include "support/test.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

static void a_failure_says_what_it_was_told(void **state)
{
    (void)state;
    struct joist_error err;
    memset(&err, 0xff, sizeof err);
    assert_status(ji_fail(&err, JOIST_ERR_CORRUPT, "page %d of '%s'", 7, "x"), JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "page 7 of 'x'");
    assert_status(err.status, JOIST_ERR_CORRUPT);
    assert_int_equal(err.os_errno, 0);
    assert_status(ji_fail(NULL, JOIST_ERR_CORRUPT, "nobody"), JOIST_ERR_CORRUPT);
}

static void an_errno_is_named_without_a_locale(void **state)
{
    (void)state;
    struct joist_error err;
    assert_status(ji_fail_errno(&err, ENOSPC, "/a/b"), JOIST_ERR_IO);
    assert_string_equal(err.text, "/a/b: no space left on the device");
    assert_int_equal(err.os_errno, ENOSPC);
    assert_status(ji_fail_errno(NULL, ENOENT, "/a/b"), JOIST_ERR_NOT_FOUND);
    assert_string_equal(ji_errno_text(99999), "system error");
    assert_status(ji_status_of_errno(99999), JOIST_ERR_IO);
}

static void prefixes_stand_before_what_was_said(void **state)
{
    (void)state;
    struct joist_error err;
    ji_ignore(ji_fail(&err, JOIST_ERR_CORRUPT, "bad length %d", 5), "its text is wanted");
    ji_error_prefix(&err, "column '%s'", "price");
    ji_error_prefix(&err, "group %d", 3);
    assert_string_equal(err.text, "group 3: column 'price': bad length 5");
    assert_status(err.status, JOIST_ERR_CORRUPT);
    ji_error_prefix(NULL, "nobody");
}

static void a_place_is_named_once(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        const char *text;
    } cases[] = {
            {"page 3: broken", "dir/a.parquet: page 3: broken"},
            {"dir/a.parquet: broken", "dir/a.parquet: broken"},
            {"page 3: dir/a.parquet: broken", "page 3: dir/a.parquet: broken"},
            {"dir/a.parquet", "dir/a.parquet: dir/a.parquet"},
            {"the dir/a.parquet: broken", "dir/a.parquet: the dir/a.parquet: broken"},
            {": broken", "dir/a.parquet: : broken"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct joist_error err;
        ji_ignore(ji_fail(&err, JOIST_ERR_CORRUPT, "%s", cases[index].said), "only its text matters");
        ji_error_place(&err, "dir/a.parquet");
        assert_string_equal(err.text, cases[index].text);
        assert_int_equal(err.status, JOIST_ERR_CORRUPT);
    }
    ji_error_place(NULL, "nobody");
}

static void control_characters_do_not_reach_a_terminal(void **state)
{
    (void)state;
    struct joist_error err;
    ji_ignore(ji_fail(&err, JOIST_ERR_INVALID, "a\nb\x1b[31mc\x7f"), "its text is wanted");
    assert_string_equal(err.text, "a b [31mc ");
}

static void a_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct joist_error err;
    char text[3 * JOIST_ERROR_TEXT_MAX + 1];
    static const char *const characters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "x"};
    for (size_t kind = 0; kind < 4; kind++) {
        for (size_t lead = 0; lead < 4; lead++) {
            size_t size = lead;
            memset(text, 'a', lead);
            while (size < 2 * (size_t)JOIST_ERROR_TEXT_MAX) {
                memcpy(text + size, characters[kind], strlen(characters[kind]));
                size += strlen(characters[kind]);
            }
            text[size] = '\0';
            ji_ignore(ji_fail(&err, JOIST_ERR_INVALID, "%s", text), "its text is wanted");
            const size_t kept = strlen(err.text);
            assert_true(kept < JOIST_ERROR_TEXT_MAX && kept >= JOIST_ERROR_TEXT_MAX - 5);
            assert_int_equal((kept - lead) % strlen(characters[kind]), 0);
            ji_error_prefix(&err, "p");
            assert_true(strlen(err.text) < JOIST_ERROR_TEXT_MAX);
            assert_int_equal((strlen(err.text) - 3 - lead) % strlen(characters[kind]), 0);
        }
    }
}

static void every_status_has_a_name_and_an_errno(void **state)
{
    (void)state;
    assert_int_equal(ji_errno_of_status(JOIST_OK), 0);
    for (enum joist_status status = JOIST_ERR_INVALID; status <= JOIST_ERR_INTERNAL; status++) {
        assert_string_not_equal(joist_status_name(status), "UNKNOWN");
        assert_int_not_equal(ji_errno_of_status(status), 0);
        /* A limit comes back as the memory that it mostly is, a bug as an I/O error. */
        if (status != JOIST_ERR_LIMIT && status != JOIST_ERR_INTERNAL)
            assert_status(ji_status_of_errno(ji_errno_of_status(status)), status);
    }
    assert_string_equal(joist_status_name((enum joist_status)99), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_failure_says_what_it_was_told),
            cmocka_unit_test(an_errno_is_named_without_a_locale),
            cmocka_unit_test(prefixes_stand_before_what_was_said),
            cmocka_unit_test(a_place_is_named_once),
            cmocka_unit_test(control_characters_do_not_reach_a_terminal),
            cmocka_unit_test(a_long_text_is_cut_between_characters),
            cmocka_unit_test(every_status_has_a_name_and_an_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
