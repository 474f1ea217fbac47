/*
 * variant_check_test.c - variants whose parts do not go together, row by row
 */
#include "support/check_case.h"

#include <stdio.h>

/* Dictionaries: none; a, b, c; the same not in order, and said to be. */
#define NO_NAMES "\"metadata\":\"010000\""
#define NAMES                                                                                                \
    "\"metadata\":\"1103000102"                                                                              \
    "03616263\""
#define NAMES_LYING                                                                                          \
    "\"metadata\":\"1103000102"                                                                              \
    "03636162\""

#define ROW(text) "{\"v\":{" text "}}\n"
#define NULL_ROW "{\"v\":null}\n"
#define METADATA "metadata binary required, value binary, typed_value "
#define FIELD(type) "struct<value binary, typed_value " type "> required"
#define SHREDDED METADATA "struct<a " FIELD("int") ", c " FIELD("string") ">"

struct planted {
    const char *fields;
    const char *rows;
    const char *text; /* of the last finding; NULL: none */
};

static void run(const struct planted *planted)
{
    struct check_case c;
    char schema[512];
    (void)snprintf(schema, sizeof schema, "v struct<%s>", planted->fields);
    check_case_open(
            &c, &(struct check_case_options){.schema = schema, .rows = planted->rows, .is_variant = true});
    check_case_run(&c);
    if (strcmp(c.codes, planted->text != NULL ? "variant" : "") != 0)
        fail_msg("%s: found '%s': %s", planted->text != NULL ? planted->text : planted->rows, c.codes,
                c.last_text);
    if (planted->text != NULL) {
        assert_string_equal(c.last_text, planted->text);
        assert_string_equal(c.last_column, "v");
    }
    check_case_close(&c);
}

static void variants_that_obey_are_clean(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {METADATA "int",
                    NULL_ROW ROW(NO_NAMES ",\"typed_value\":7") ROW(NO_NAMES ",\"value\":\"020000\""), NULL},
            {SHREDDED,
                    ROW(NAMES ",\"typed_value\":{\"a\":{\"typed_value\":7},\"c\":{}},\"value\":"
                              "\"020101000104\"")
                            ROW(NAMES ",\"typed_value\":{\"a\":{\"value\":\"00\"},\"c\":{}}")
                                    ROW(NO_NAMES ",\"value\":\"00\""),
                    NULL},
            {METADATA "list<" FIELD("int") ">",
                    ROW(NO_NAMES ",\"typed_value\":[{\"typed_value\":1},{\"value\":\"00\"}]"), NULL},
    };
    for (size_t index = 0; index < sizeof table / sizeof table[0]; index++)
        run(&table[index]);
}

static void what_breaks_the_rules_is_found_with_its_row(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"metadata binary required, value binary required", NULL_ROW ROW(NO_NAMES ",\"value\":\"1400\""),
                    "rows from 0, variant 1: variant ends within its int32"},
            {"metadata binary required, value binary required", ROW("\"metadata\":\"0101\",\"value\":\"00\""),
                    "rows from 0, variant 0: variant ends within its dictionary offsets"},
            {"metadata binary required, value binary required", ROW(NAMES_LYING ",\"value\":\"00\""),
                    "rows from 0, variant 0: dictionary says that it is sorted, and its names do not rise"},
            {"metadata binary required, value binary required",
                    ROW(NAMES ",\"value\":\"020202010001020408\""),
                    "rows from 0, variant 0: fields of an object do not stand in the order of their names"},
            {METADATA "int", ROW(NO_NAMES ",\"value\":\"00\",\"typed_value\":1"),
                    "rows from 0, variant 0: value and typed_value at once"},
            {METADATA "int", ROW(NO_NAMES), "rows from 0, variant 0: value is missing"},
            {SHREDDED, ROW(NO_NAMES ",\"typed_value\":{\"a\":{\"typed_value\":7},\"c\":{}}"),
                    "rows from 0, variant 0: shredded field 'a' is not in the dictionary"},
            {SHREDDED,
                    ROW(NAMES ",\"typed_value\":{\"a\":{\"typed_value\":7},\"c\":{}},\"value\":"
                              "\"020100000104\""),
                    "rows from 0, variant 0: field 'a' is shredded and stands in the value too"},
            {SHREDDED, ROW(NAMES ",\"typed_value\":{\"a\":{},\"c\":{}},\"value\":\"0c01\""),
                    "rows from 0, variant 0: int8 beside shredded fields of an object"},
            {SHREDDED, ROW(NAMES ",\"value\":\"020101000104\""),
                    "rows from 0, variant 0: object in value, where typed_value is there for it"},
            {METADATA "list<" FIELD("int") ">", ROW(NO_NAMES ",\"value\":\"030000\""),
                    "rows from 0, variant 0: array in value, where typed_value is there for it"},
            {METADATA "struct<a " FIELD("list<" FIELD("int") ">") ">",
                    ROW(NAMES ",\"typed_value\":{\"a\":{\"value\":\"030000\"}}"),
                    "rows from 0, variant 0: array in value, where typed_value is there for it"},
            {METADATA "list<" FIELD("int") ">", ROW(NO_NAMES ",\"typed_value\":[{\"typed_value\":1},{}]"),
                    "rows from 0, variant 0: element of an array is missing"},
    };
    for (size_t index = 0; index < sizeof table / sizeof table[0]; index++)
        run(&table[index]);
}

static void a_broken_variant_hides_no_other(void **state)
{
    (void)state;
    struct check_case c;
    const char *const rows = ROW(NO_NAMES ",\"value\":\"1400\"") ROW("\"metadata\":\"\",\"value\":\"00\"")
            ROW(NO_NAMES ",\"typed_value\":7") ROW(NO_NAMES ",\"value\":\"00\",\"typed_value\":1")
                    ROW("\"metadata\":\"020000\",\"value\":\"00\"");
    check_case_open(&c,
            &(struct check_case_options){
                    .schema = "v struct<" METADATA "int>", .rows = rows, .is_variant = true});
    check_case_expect(&c, "variant");
    assert_int_equal(c.checked.faults, 3);
    assert_int_equal(c.checked.unverified, 1);
    assert_string_equal(c.last_text, "rows from 0, variant 4: variant metadata of version 2");
    check_case_close(&c);
}

static void groups_that_must_be_required_are_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"metadata binary, value binary required", ROW(NO_NAMES ",\"value\":\"00\""),
                    "metadata of a variant is not required"},
            {METADATA "struct<a struct<value binary, typed_value int>>", ROW(NO_NAMES ",\"value\":\"00\""),
                    "shredded 'a' of a variant is not required"},
            {METADATA "list<struct<value binary, typed_value int>>", ROW(NO_NAMES ",\"value\":\"00\""),
                    "shredded 'element' of a variant is not required"},
    };
    for (size_t index = 0; index < sizeof table / sizeof table[0]; index++) {
        struct check_case c;
        char schema[512];
        (void)snprintf(schema, sizeof schema, "v struct<%s>", table[index].fields);
        check_case_open(&c,
                &(struct check_case_options){
                        .schema = schema, .rows = table[index].rows, .is_variant = true});
        check_case_expect(&c, "schema");
        assert_string_equal(c.last_text, table[index].text);
        check_case_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(variants_that_obey_are_clean),
            cmocka_unit_test(what_breaks_the_rules_is_found_with_its_row),
            cmocka_unit_test(a_broken_variant_hides_no_other),
            cmocka_unit_test(groups_that_must_be_required_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
