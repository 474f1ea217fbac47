/*
 * place_check_test.c - geospatial statistics that are not so, and geometries that are none
 */
#include "support/check_case.h"

#include <math.h>

/* Points (1, 2), (-2, 64) and no point; a line from (1, 1) to (2, 2); nothing. */
#define ROWS                                                                                                 \
    "{\"g\":\"0101000000000000000000f03f0000000000000040\"}\n"                                               \
    "{\"g\":\"010100000000000000000000c00000000000005040\"}\n"                                               \
    "{\"g\":\"0101000000000000000000f87f000000000000f87f\"}\n"                                               \
    "{\"g\":\"010200000002000000000000000000f03f000000000000f03f00000000000000400000000000000040\"}\n"       \
    "{\"g\":null}\n"

static const int32_t points_and_lines[] = {1, 2};
static const struct ji_geo_statistics right = {.has_box = true,
        .xmin = -2,
        .xmax = 2,
        .ymin = 1,
        .ymax = 64,
        .types = points_and_lines,
        .type_count = 2};

static void open_places(struct check_case *c, const char *rows, enum ji_logical kind, bool no_dictionary)
{
    check_case_open(c,
            &(struct check_case_options){.schema = "g binary", .rows = rows, .no_dictionary = no_dictionary});
    c->notes = true;
    check_case_element(c, 0)->logical.kind = kind;
}

static void say(struct check_case *c, struct ji_geo_statistics *statistics)
{
    check_case_chunk(c, 0)->geo_statistics = statistics;
}

static void boxes_and_types_that_hold_all_are_clean(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 4; bits++) {
        struct check_case c;
        struct ji_geo_statistics said = right;
        open_places(&c, ROWS, (bits & 1) != 0 ? JI_LOGICAL_GEOMETRY : JI_LOGICAL_GEOGRAPHY, (bits & 2) != 0);
        check_case_expect(&c, "");
        say(&c, &said);
        check_case_expect(&c, "");
        said.xmin = -100;
        said.ymax = 90;
        said.type_count = 0;
        check_case_expect(&c, "");
        /* Around the antimeridian: from 1 on, and up to -2. */
        said.xmin = 1;
        said.xmax = -2;
        check_case_expect(&c, "");
        said.has_box = false;
        check_case_expect(&c, "");
        assert_int_equal(c.checked.notes, 0);
        check_case_close(&c);
    }
}

static void expect_finding(const struct ji_geo_statistics *wrong, enum ji_logical kind, const char *text)
{
    struct check_case c;
    struct ji_geo_statistics said = *wrong;
    open_places(&c, ROWS, kind, false);
    say(&c, &said);
    check_case_expect(&c, "geospatial-statistics");
    assert_string_equal(c.last_text, text);
    assert_string_equal(c.last_column, "g");
    check_case_close(&c);
}

static void boxes_that_leave_a_coordinate_out_are_found(void **state)
{
    (void)state;
    struct ji_geo_statistics wrong = right;
    wrong.xmax = 1.5;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "there are coordinates outside the box in x");
    wrong = right;
    wrong.ymin = 1.5;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "there are coordinates outside the box in y");
    wrong = right;
    wrong.xmin = 1.5;
    wrong.xmax = -2;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "there are coordinates outside the box in x");
    wrong = right;
    wrong.ymin = 100;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "the box ends before it begins in y");
    wrong = right;
    wrong.has_m = true;
    wrong.mmin = 3;
    wrong.mmax = 2;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "the box ends before it begins in m");
}

static void boxes_that_no_reader_should_use_are_noted(void **state)
{
    (void)state;
    struct ji_geo_statistics wrong = right;
    wrong.xmax = (double)NAN;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "the box has NaN for x");
    wrong = right;
    wrong.has_z = true;
    wrong.zmax = 2;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "the box has z, and no geometry does");
}

static void the_globe_has_its_limits(void **state)
{
    (void)state;
    struct ji_geo_statistics wrong = right;
    wrong.xmax = 181;
    expect_finding(&wrong, JI_LOGICAL_GEOGRAPHY, "the box leaves the globe in x");
    wrong = right;
    wrong.ymin = -91;
    expect_finding(&wrong, JI_LOGICAL_GEOGRAPHY, "the box leaves the globe in y");
    struct check_case c;
    /* A point (640, 2) is nowhere on it, and in no box. */
    struct ji_geo_statistics said = right;
    said.type_count = 0;
    open_places(&c,
            ROWS "{\"g\":\"0101000000000000000000844000000000000000"
                 "40\"}\n",
            JI_LOGICAL_GEOGRAPHY, false);
    say(&c, &said);
    check_case_expect(&c, "");
    check_case_element(&c, 0)->logical.kind = JI_LOGICAL_GEOMETRY;
    check_case_expect(&c, "geospatial-statistics");
    check_case_close(&c);
}

static void types_that_lack_one_or_repeat_one_are_found(void **state)
{
    (void)state;
    struct ji_geo_statistics wrong = right;
    wrong.type_count = 1;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "there are geometries of type 2, which the types lack");
    wrong.types = (const int32_t[]){1, 2, 1};
    wrong.type_count = 3;
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "geometry type 1 twice");
    wrong.types = (const int32_t[]){1, 2, 3001};
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "no geometry is of type 3001");
    wrong.types = (const int32_t[]){1, 2, -4};
    expect_finding(&wrong, JI_LOGICAL_GEOMETRY, "geometry type -4");
}

static void other_columns_have_no_places(void **state)
{
    (void)state;
    expect_finding(&right, JI_LOGICAL_NONE,
            "geospatial statistics of a column that is neither GEOMETRY nor GEOGRAPHY");
}

static void what_is_no_geometry_is_found(void **state)
{
    (void)state;
    struct check_case c;
    open_places(&c, "{\"g\":\"0101\"}\n{\"g\":\"0108000000\"}\n", JI_LOGICAL_GEOMETRY, false);
    check_case_expect(&c, "value");
    assert_int_equal(c.checked.faults, 1);
    assert_int_equal(c.checked.unverified, 1);
    assert_string_equal(c.last_text, "geometry of type 8");
    /* What was not understood may have been what is said. */
    struct ji_geo_statistics said = right;
    say(&c, &said);
    check_case_expect(&c, "value");
    check_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(boxes_and_types_that_hold_all_are_clean),
            cmocka_unit_test(boxes_that_leave_a_coordinate_out_are_found),
            cmocka_unit_test(boxes_that_no_reader_should_use_are_noted),
            cmocka_unit_test(the_globe_has_its_limits),
            cmocka_unit_test(types_that_lack_one_or_repeat_one_are_found),
            cmocka_unit_test(other_columns_have_no_places),
            cmocka_unit_test(what_is_no_geometry_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
