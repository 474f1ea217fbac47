/*
 * row_check_test.c - casts inside structs, lists and maps, and the row that a bad element is in
 */
#include "support/test.h"

#include "support/group_arena.h"

#include <string.h>

#include "table/write/row_check.h"

static struct ji_schema schema_of(const char *text)
{
    struct ji_schema schema;
    assert_ok(ji_schema_parse(&group_arena, ji_view_of_text(text), &schema, NULL));
    return schema;
}

static struct ji_row_check *open_check(const char *table, const struct ji_schema *from, bool ignore_extra)
{
    struct ji_schema *columns = NULL;
    struct ji_row_check *check = NULL;
    struct joist_error err = {0};
    assert_ok(ji_arena_array(&group_arena, 1, sizeof *columns, &columns, NULL));
    *columns = schema_of(table);
    if (ji_row_check_open(ji_ctx_mem(group_ctx), columns, from, ignore_extra, &check, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    return check;
}

/* Four rows of lists: [0, 1], [], null, [2]. */
static struct ji_batch lists(
        const struct ji_schema *from, const int64_t values[3], struct ji_column columns[2])
{
    static const int32_t OFFSETS[] = {0, 2, 2, 2, 3};
    static const uint8_t VALID = 0x0B;
    columns[1] = (struct ji_column){.field = &from->columns[0].children[0], .row_count = 3, .values = values};
    columns[0] = (struct ji_column){.field = &from->columns[0],
            .row_count = 4,
            .validity = &VALID,
            .offsets = OFFSETS,
            .children = &columns[1]};
    return (struct ji_batch){.row_count = 4, .selection_count = 4, .column_count = 1, .columns = columns};
}

static void elements_are_cast(void **state)
{
    (void)state;
    static const int64_t VALUES[] = {7, 8, 9};
    struct ji_column columns[2];
    const struct ji_schema from = schema_of("l list<long>");
    const struct ji_batch batch = lists(&from, VALUES, columns);
    struct ji_row_check *check = open_check("l list<int>", &from, false);
    const struct ji_batch *out = NULL;
    assert_ok(ji_row_check_batch(check, &batch, &out, NULL));
    assert_int_equal(out->columns[0].children[0].field->kind, JI_INT32);
    assert_int_equal(((const int32_t *)out->columns[0].children[0].values)[2], 9);
    assert_int_equal(out->columns[0].offsets[4], 3);
    ji_row_check_close(check);
}

static void a_bad_element_names_its_row(void **state)
{
    (void)state;
    static const int64_t VALUES[] = {7, 8, INT64_C(9000000000)};
    struct ji_column columns[2];
    struct joist_error err = {0};
    const struct ji_schema from = schema_of("l list<long>");
    const struct ji_batch batch = lists(&from, VALUES, columns);
    struct ji_row_check *check = open_check("l list<int>", &from, false);
    const struct ji_batch *out = NULL;
    assert_status(ji_row_check_batch(check, &batch, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 4, column 'l.element': value 9000000000 is out of range for int");
    ji_row_check_close(check);
}

static void fields_of_structs_match_by_name(void **state)
{
    (void)state;
    static const int32_t NUMBERS[] = {1, 2, 3};
    static const uint8_t VALID = 0x05;
    const struct ji_schema from = schema_of("s struct<b int, a int>");
    struct ji_column columns[3] = {{.field = &from.columns[0], .row_count = 3, .validity = &VALID},
            {.field = &from.columns[0].children[0], .row_count = 3, .values = NUMBERS},
            {.field = &from.columns[0].children[1], .row_count = 3, .values = NUMBERS}};
    columns[0].children = &columns[1];
    const struct ji_batch batch = {
            .row_count = 3, .selection_count = 3, .column_count = 1, .columns = columns};
    struct ji_row_check *check =
            open_check("s struct<a long required, b int, c string>, t date", &from, false);
    const struct ji_batch *out = NULL;
    assert_ok(ji_row_check_batch(check, &batch, &out, NULL));
    assert_int_equal(out->column_count, 2);
    const struct ji_column *made = &out->columns[0];
    assert_int_equal(made->children[0].field->kind, JI_INT64);
    assert_int_equal(((const int64_t *)made->children[0].values)[2], 3);
    assert_true(ji_column_is_null(&made->children[2], 0));
    assert_true(ji_column_is_null(&out->columns[1], 2));
    ji_row_check_close(check);
}

static void a_null_below_a_null_is_no_fault(void **state)
{
    (void)state;
    static const int32_t NUMBERS[] = {1, 0, 3};
    static const uint8_t PARENT = 0x05;
    static const uint8_t CHILD = 0x05;
    static const uint8_t BAD_CHILD = 0x03;
    const struct ji_schema from = schema_of("s struct<a int>");
    struct ji_column columns[2] = {{.field = &from.columns[0], .row_count = 3, .validity = &PARENT},
            {.field = &from.columns[0].children[0], .row_count = 3, .values = NUMBERS, .validity = &CHILD}};
    columns[0].children = &columns[1];
    const struct ji_batch batch = {
            .row_count = 3, .selection_count = 3, .column_count = 1, .columns = columns};
    struct ji_row_check *check = open_check("s struct<a int required>", &from, false);
    const struct ji_batch *out = NULL;
    struct joist_error err = {0};
    assert_ok(ji_row_check_batch(check, &batch, &out, NULL));
    columns[1].validity = &BAD_CHILD;
    assert_status(ji_row_check_batch(check, &batch, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "row 6, column 's.a': null in a required column");
    ji_row_check_close(check);
}

static void the_first_bad_row_is_blamed_not_the_first_column(void **state)
{
    (void)state;
    static const int64_t LATE[] = {1, 2, INT64_C(9000000000)};
    static const int64_t EARLY[] = {1, INT64_C(9000000000), 2};
    const struct ji_schema from = schema_of("a long, b long");
    struct ji_column columns[2] = {{.field = &from.columns[0], .row_count = 3, .values = LATE},
            {.field = &from.columns[1], .row_count = 3, .values = EARLY}};
    const struct ji_batch batch = {
            .row_count = 3, .selection_count = 3, .column_count = 2, .columns = columns};
    struct ji_row_check *check = open_check("a int, b int", &from, false);
    const struct ji_batch *out = NULL;
    struct joist_error err = {0};
    assert_status(ji_row_check_batch(check, &batch, &out, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "row 2, column 'b'"));
    ji_row_check_close(check);
}

static void types_without_a_way_are_refused(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {{"a string", "a int"}, {"a int", "a string"},
            {"a boolean", "a int"}, {"a decimal(9,2)", "a double"}, {"a timestamp", "a timestamptz"},
            {"a date", "a timestamp"}, {"a list<int>", "a int"}, {"a int", "a list<int>"},
            {"a list<string>", "a list<int>"}, {"a struct<x int, y int>", "a struct<x int>"},
            {"a int, A int", "a int"}, {"a fixed(3)", "a fixed(4)"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct ji_schema from = schema_of(CASES[i][0]);
        const struct ji_schema columns = schema_of(CASES[i][1]);
        struct ji_row_check *check = NULL;
        assert_status(ji_row_check_open(ji_ctx_mem(group_ctx), &columns, &from, false, &check, NULL),
                JOIST_ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(elements_are_cast),
            cmocka_unit_test(a_bad_element_names_its_row),
            cmocka_unit_test(fields_of_structs_match_by_name),
            cmocka_unit_test(a_null_below_a_null_is_no_fault),
            cmocka_unit_test(the_first_bad_row_is_blamed_not_the_first_column),
            cmocka_unit_test(types_without_a_way_are_refused),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
