/*
 * wkb_test.c - geometries of all types, read and refused
 */
#include "support/test.h"

#include <math.h>

#include "wire/wkb.h"

#define BYTES(...) ji_view_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
#define TYPE(kind, form) 1, (uint8_t)((form)*1000 + (kind)), (uint8_t)(((form)*1000 + (kind)) >> 8), 0, 0
#define COUNT(count) (count), 0, 0, 0
/* 1, 2, -2, 64 and NaN as doubles, little-endian. */
#define ONE 0, 0, 0, 0, 0, 0, 0xf0, 0x3f
#define TWO 0, 0, 0, 0, 0, 0, 0, 0x40
#define MINUS_TWO 0, 0, 0, 0, 0, 0, 0, 0xc0
#define SIXTY_FOUR 0, 0, 0, 0, 0, 0, 0x50, 0x40
#define NOT_ONE 0, 0, 0, 0, 0, 0, 0xf8, 0x7f

static uint32_t code_of(struct ji_view bytes, struct ji_wkb_extents *extents)
{
    struct joist_error err;
    uint32_t code = 0;
    *extents = (struct ji_wkb_extents){.in_gap = 0};
    if (ji_wkb_read(bytes, &code, extents, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    return code;
}

static void assert_extent(
        const struct ji_wkb_extents *extents, enum ji_wkb_axis axis, uint64_t count, double min, double max)
{
    assert_int_equal(extents->axes[axis].count, count);
    assert_true(extents->axes[axis].min == min && extents->axes[axis].max == max);
}

static void points_have_up_to_four_axes(void **state)
{
    (void)state;
    struct ji_wkb_extents extents;
    assert_int_equal(code_of(BYTES(TYPE(1, 0), ONE, TWO), &extents), 1);
    assert_extent(&extents, JI_WKB_X, 1, 1, 1);
    assert_extent(&extents, JI_WKB_Y, 1, 2, 2);
    assert_extent(&extents, JI_WKB_Z, 0, 0, 0);
    assert_int_equal(code_of(BYTES(TYPE(1, 1), ONE, TWO, SIXTY_FOUR), &extents), 1001);
    assert_extent(&extents, JI_WKB_Z, 1, 64, 64);
    assert_extent(&extents, JI_WKB_M, 0, 0, 0);
    assert_int_equal(code_of(BYTES(TYPE(1, 2), ONE, TWO, SIXTY_FOUR), &extents), 2001);
    assert_extent(&extents, JI_WKB_Z, 0, 0, 0);
    assert_extent(&extents, JI_WKB_M, 1, 64, 64);
    assert_int_equal(code_of(BYTES(TYPE(1, 3), ONE, TWO, SIXTY_FOUR, MINUS_TWO), &extents), 3001);
    assert_extent(&extents, JI_WKB_Z, 1, 64, 64);
    assert_extent(&extents, JI_WKB_M, 1, -2, -2);
    /* Big-endian. */
    assert_int_equal(
            code_of(BYTES(0, 0, 0, 0, 1, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0), &extents),
            1);
    assert_extent(&extents, JI_WKB_X, 1, 1, 1);
    assert_extent(&extents, JI_WKB_Y, 1, 2, 2);
}

static void an_empty_point_is_nowhere(void **state)
{
    (void)state;
    struct ji_wkb_extents extents;
    assert_int_equal(code_of(BYTES(TYPE(1, 0), NOT_ONE, NOT_ONE), &extents), 1);
    assert_extent(&extents, JI_WKB_X, 0, 0, 0);
    assert_extent(&extents, JI_WKB_Y, 0, 0, 0);
}

static void lines_and_rings_have_points(void **state)
{
    (void)state;
    struct ji_wkb_extents extents;
    assert_int_equal(code_of(BYTES(TYPE(2, 0), COUNT(2), ONE, TWO, MINUS_TWO, SIXTY_FOUR), &extents), 2);
    assert_extent(&extents, JI_WKB_X, 2, -2, 1);
    assert_extent(&extents, JI_WKB_Y, 2, 2, 64);
    assert_int_equal(
            code_of(BYTES(TYPE(3, 0), COUNT(2), COUNT(1), ONE, TWO, COUNT(1), TWO, MINUS_TWO), &extents), 3);
    assert_extent(&extents, JI_WKB_X, 2, 1, 2);
    assert_int_equal(code_of(BYTES(TYPE(2, 0), COUNT(0)), &extents), 2);
    assert_int_equal(code_of(BYTES(TYPE(3, 3), COUNT(0)), &extents), 3003);
}

static void containers_have_geometries(void **state)
{
    (void)state;
    struct ji_wkb_extents extents;
    assert_int_equal(
            code_of(BYTES(TYPE(4, 0), COUNT(2), TYPE(1, 0), ONE, TWO, TYPE(1, 0), TWO, ONE), &extents), 4);
    assert_extent(&extents, JI_WKB_X, 2, 1, 2);
    assert_int_equal(code_of(BYTES(TYPE(5, 0), COUNT(1), TYPE(2, 0), COUNT(1), ONE, TWO), &extents), 5);
    assert_int_equal(code_of(BYTES(TYPE(6, 0), COUNT(1), TYPE(3, 0), COUNT(0)), &extents), 6);
    assert_int_equal(code_of(BYTES(TYPE(7, 0), COUNT(3), TYPE(1, 0), ONE, TWO, TYPE(7, 0), COUNT(0),
                                     TYPE(7, 0), COUNT(1), TYPE(4, 0), COUNT(1), TYPE(1, 0), TWO, TWO),
                             &extents),
            7);
    assert_extent(&extents, JI_WKB_X, 2, 1, 2);
}

static void coordinates_off_the_globe_and_in_the_gap_are_told_apart(void **state)
{
    (void)state;
    uint32_t code = 0;
    struct ji_wkb_extents extents = {.limits = {2, 2}, .gap_begin = -2, .gap_end = 2};
    const struct ji_view line =
            BYTES(TYPE(2, 0), COUNT(4), ONE, TWO, MINUS_TWO, SIXTY_FOUR, TWO, ONE, SIXTY_FOUR, ONE);
    assert_ok(ji_wkb_read(line, &code, &extents, NULL));
    assert_extent(&extents, JI_WKB_X, 3, -2, 2);
    assert_extent(&extents, JI_WKB_Y, 3, 1, 2);
    assert_int_equal(extents.in_gap, 1);
}

static void what_is_no_geometry_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[40];
        size_t size;
        enum joist_status status;
        const char *text;
    } cases[] = {
            {{0}, 0, JOIST_ERR_CORRUPT, "geometry ends within its bytes"},
            {{2, 1, 0, 0, 0}, 5, JOIST_ERR_CORRUPT, "geometry in byte order 2"},
            {{1, 1, 0, 0}, 4, JOIST_ERR_CORRUPT, "geometry ends within its bytes"},
            {{TYPE(0, 0)}, 5, JOIST_ERR_CORRUPT, "geometry of type 0"},
            {{TYPE(1, 4)}, 5, JOIST_ERR_CORRUPT, "geometry of type 4001"},
            {{1, 1, 0, 0, 0x80}, 5, JOIST_ERR_CORRUPT, "geometry of type 2147483649"},
            {{TYPE(18, 0)}, 5, JOIST_ERR_CORRUPT, "geometry of type 18"},
            {{TYPE(8, 0)}, 5, JOIST_ERR_UNSUPPORTED, "geometry of type 8"},
            {{TYPE(1, 0), ONE}, 13, JOIST_ERR_CORRUPT, "geometry of 1 points in 8 bytes"},
            {{TYPE(2, 0), 0xff, 0xff, 0xff, 0xff, ONE}, 17, JOIST_ERR_CORRUPT,
                    "geometry of 4294967295 points in 8 bytes"},
            {{TYPE(3, 0), 0xff, 0xff, 0xff, 0xff}, 9, JOIST_ERR_CORRUPT, "geometry ends within its bytes"},
            {{TYPE(4, 0), COUNT(2), TYPE(1, 0), ONE, TWO}, 30, JOIST_ERR_CORRUPT,
                    "geometry ends within its bytes"},
            {{TYPE(4, 0), COUNT(1), TYPE(2, 0), COUNT(0)}, 18, JOIST_ERR_CORRUPT,
                    "geometry of type 2 in one of type 4"},
            {{TYPE(7, 1), COUNT(1), TYPE(2, 0), COUNT(0)}, 18, JOIST_ERR_CORRUPT,
                    "geometry of type 2 in one of type 1007"},
            {{TYPE(2, 0), COUNT(0), 7}, 10, JOIST_ERR_CORRUPT, "geometry with 1 bytes behind it"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct ji_wkb_extents extents = {.in_gap = 0};
        struct joist_error err;
        uint32_t code = 7;
        const struct ji_view bytes = ji_view_of(cases[index].bytes, cases[index].size);
        assert_status(ji_wkb_read(bytes, &code, &extents, &err), cases[index].status);
        assert_string_equal(err.text, cases[index].text);
        assert_int_equal(code, 7);
    }
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    static const uint8_t outer[] = {TYPE(7, 0), COUNT(1)};
    static const uint8_t inner[] = {TYPE(7, 0), COUNT(0)};
    uint8_t bytes[(JI_WKB_DEPTH_MAX + 2) * sizeof outer];
    struct ji_wkb_extents extents;
    struct joist_error err;
    uint32_t code = 0;
    for (size_t level = 0; level < JI_WKB_DEPTH_MAX + 2; level++)
        memcpy(bytes + level * sizeof outer, outer, sizeof outer);
    memcpy(bytes + JI_WKB_DEPTH_MAX * sizeof outer, inner, sizeof inner);
    assert_int_equal(code_of(ji_view_of(bytes, (JI_WKB_DEPTH_MAX + 1) * sizeof outer), &extents), 7);
    memcpy(bytes + JI_WKB_DEPTH_MAX * sizeof outer, outer, sizeof outer);
    assert_status(ji_wkb_read(ji_view_of(bytes, sizeof bytes), &code, &extents, &err), JOIST_ERR_UNSUPPORTED);
    assert_string_equal(err.text, "geometry of more than 64 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(points_have_up_to_four_axes),
            cmocka_unit_test(an_empty_point_is_nowhere),
            cmocka_unit_test(lines_and_rings_have_points),
            cmocka_unit_test(containers_have_geometries),
            cmocka_unit_test(coordinates_off_the_globe_and_in_the_gap_are_told_apart),
            cmocka_unit_test(what_is_no_geometry_is_refused),
            cmocka_unit_test(nesting_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
