/*
 * parquet_schema_test.c - schemas of files in all their dialects, and of ours
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/format/parquet_schema.h"
#include "parquet/format/type_map.h"

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct joist_error err;
};

static int open_fixture(void **state)
{
    static struct fixture fixture;
    assert_ok(joist_ctx_open(NULL, &fixture.ctx, NULL));
    ji_arena_init(&fixture.arena, ji_ctx_mem(fixture.ctx));
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *const fixture = *state;
    ji_arena_clear(&fixture->arena);
    joist_ctx_close(fixture->ctx);
    return 0;
}

static struct ji_schema_element group(
        const char *name, enum ji_repetition repetition, int32_t children, enum ji_converted converted)
{
    return (struct ji_schema_element){.name = ji_view_of_text(name),
            .physical = JI_PHYSICAL_NONE,
            .repetition = repetition,
            .child_count = children,
            .converted = converted};
}

static struct ji_schema_element leaf(const char *name, enum ji_repetition repetition,
        enum ji_physical physical, enum ji_converted converted)
{
    return (struct ji_schema_element){.name = ji_view_of_text(name),
            .physical = physical,
            .repetition = repetition,
            .converted = converted};
}

static const char *type_of(struct fixture *fixture, const struct ji_field *field)
{
    const char *text = NULL;
    assert_ok(ji_type_text(&fixture->arena, field, &text, NULL));
    return text;
}

/* The type text of the one column that the elements (a root before them) make. */
static const char *read_type(struct fixture *fixture, const struct ji_schema_element *elements, size_t count,
        struct ji_parquet_schema *schema)
{
    struct ji_schema_element all[16];
    assert_true(count < 16);
    all[0] = group("root", JI_REQUIRED, 1, JI_CONVERTED_NONE);
    memcpy(all + 1, elements, count * sizeof elements[0]);
    struct ji_schema_element *kept = NULL;
    assert_ok(ji_arena_array(&fixture->arena, count + 1, sizeof kept[0], &kept, NULL));
    memcpy(kept, all, (count + 1) * sizeof all[0]);
    if (ji_parquet_schema_read(&fixture->arena, kept, count + 1, NULL, schema, &fixture->err) != JOIST_OK)
        return fixture->err.text;
    return type_of(fixture, &schema->schema.columns[0]);
}

#define OPT JI_OPTIONAL
#define REQ JI_REQUIRED
#define REP JI_REPEATED
#define INT JI_PHYSICAL_INT32
#define NO JI_CONVERTED_NONE
#define LIST JI_CONVERTED_LIST
#define MAP JI_CONVERTED_MAP

static void three_level_list_has_levels_for_each_of_its_nulls(void **state)
{
    struct ji_parquet_schema schema;
    const struct ji_schema_element elements[] = {
            group("l", OPT, 1, LIST), group("list", REP, 1, NO), leaf("element", OPT, INT, NO)};
    assert_string_equal(read_type(*state, elements, 3, &schema), "list<int>");
    const struct ji_shape *const shape = &schema.shapes[0];
    assert_int_equal(shape->def_present, 1);
    assert_int_equal(shape->def_repeated, 2);
    assert_int_equal(shape->rep_level, 1);
    assert_int_equal(shape->children[0].def_present, 3);
    assert_int_equal(schema.leaves[0].max_def, 3);
    assert_int_equal(schema.leaves[0].max_rep, 1);
    assert_string_equal(schema.leaves[0].name, "l.list.element");
    assert_int_equal(schema.leaves[0].path_count, 3);
}

static void legacy_lists_follow_the_compatibility_rules(void **state)
{
    struct ji_parquet_schema schema;
    const struct ji_schema_element of_leaf[] = {group("l", OPT, 1, LIST), leaf("element", REP, INT, NO)};
    assert_string_equal(read_type(*state, of_leaf, 2, &schema), "list<int required>");
    const struct ji_schema_element of_pair[] = {group("l", OPT, 1, LIST), group("element", REP, 2, NO),
            leaf("a", REQ, INT, NO), leaf("b", OPT, INT, NO)};
    assert_int_equal(strncmp(read_type(*state, of_pair, 4, &schema), "list<struct<", 12), 0);
    const struct ji_schema_element of_array[] = {
            group("l", OPT, 1, LIST), group("array", REP, 1, NO), leaf("a", REQ, INT, NO)};
    assert_int_equal(strncmp(read_type(*state, of_array, 3, &schema), "list<struct<", 12), 0);
    const struct ji_schema_element of_tuple[] = {
            group("l", OPT, 1, LIST), group("l_tuple", REP, 1, NO), leaf("a", REQ, INT, NO)};
    assert_int_equal(strncmp(read_type(*state, of_tuple, 3, &schema), "list<struct<", 12), 0);
    const struct ji_schema_element of_lists[] = {
            group("l", OPT, 1, LIST), group("array", REP, 1, LIST), leaf("array", REP, INT, NO)};
    assert_int_equal(strncmp(read_type(*state, of_lists, 3, &schema), "list<list<int", 13), 0);
    /* The tuple of another list, and an "array" that is the child of the repeated group: no two levels. */
    const struct ji_schema_element of_other[] = {
            group("l", OPT, 1, LIST), group("m_tuple", REP, 1, NO), leaf("a", OPT, INT, NO)};
    assert_string_equal(read_type(*state, of_other, 3, &schema), "list<int>");
    const struct ji_schema_element of_bag[] = {
            group("l", REQ, 1, LIST), group("bag", REP, 1, NO), leaf("array", OPT, INT, NO)};
    assert_string_equal(read_type(*state, of_bag, 3, &schema), "list<int>");
}

static void lists_are_known_by_either_annotation(void **state)
{
    struct ji_parquet_schema schema;
    struct ji_schema_element modern[] = {
            group("l", OPT, 1, NO), group("list", REP, 1, NO), leaf("element", OPT, INT, NO)};
    assert_string_equal(read_type(*state, modern, 3, &schema),
            "struct<list list<struct<element int> required> required>");
    modern[0].logical.kind = JI_LOGICAL_LIST;
    assert_string_equal(read_type(*state, modern, 3, &schema), "list<int>");
    struct ji_schema_element two[] = {group("l", OPT, 1, NO), leaf("array", REP, INT, NO)};
    two[0].logical.kind = JI_LOGICAL_LIST;
    assert_string_equal(read_type(*state, two, 2, &schema), "list<int required>");
    assert_int_equal(schema.leaves[0].max_def, 2);
    assert_int_equal(schema.leaves[0].max_rep, 1);
}

static void what_is_repeated_without_annotation_is_a_required_list(void **state)
{
    struct ji_parquet_schema schema;
    const struct ji_schema_element bare[] = {leaf("l", REP, INT, NO)};
    assert_string_equal(read_type(*state, bare, 1, &schema), "list<int required>");
    assert_false(schema.schema.columns[0].nullable);
    assert_int_equal(schema.shapes[0].def_present, 0);
    assert_int_equal(schema.shapes[0].def_repeated, 1);
    const struct ji_schema_element of_group[] = {
            group("l", REP, 2, NO), leaf("a", OPT, INT, NO), leaf("b", REP, INT, NO)};
    assert_string_equal(read_type(*state, of_group, 3, &schema),
            "list<struct<a int, b list<int required> required> required>");
    assert_int_equal(schema.leaves[0].max_def, 2);
    assert_int_equal(schema.leaves[1].max_def, 2);
    assert_int_equal(schema.leaves[1].max_rep, 2);
}

static void maps_come_annotated_either_way_and_without_values(void **state)
{
    struct ji_parquet_schema schema;
    const struct ji_schema_element map[] = {group("m", OPT, 1, MAP), group("key_value", REP, 2, NO),
            leaf("key", REQ, JI_PHYSICAL_BYTE_ARRAY, JI_CONVERTED_UTF8), leaf("value", OPT, INT, NO)};
    assert_int_equal(strncmp(read_type(*state, map, 4, &schema), "map<string", 10), 0);
    assert_int_equal(schema.shapes[0].children[0].children[1].def_present, 3);
    const struct ji_schema_element old[] = {group("m", REQ, 1, JI_CONVERTED_MAP_KEY_VALUE),
            group("map", REP, 2, NO), leaf("key", OPT, INT, NO), leaf("value", REQ, INT, NO)};
    assert_int_equal(strncmp(read_type(*state, old, 4, &schema), "map<int", 7), 0);
    assert_false(schema.schema.columns[0].children[0].children[0].nullable);
    const struct ji_schema_element keys[] = {
            group("m", OPT, 1, MAP), group("key_value", REP, 1, NO), leaf("key", REQ, INT, NO)};
    assert_string_equal(read_type(*state, keys, 3, &schema), "list<int required>");
    /* Without annotation on the pair, with that of old writers on it, with names of their own. */
    struct ji_schema_element named[] = {group("m", OPT, 1, NO),
            group("entry", REP, 2, JI_CONVERTED_MAP_KEY_VALUE), leaf("k", REQ, INT, NO),
            leaf("v", OPT, INT, NO)};
    named[0].logical.kind = JI_LOGICAL_MAP;
    assert_string_equal(read_type(*state, named, 4, &schema), "map<int, int>");
    assert_int_equal(schema.leaves[1].max_def, 3);
    assert_int_equal(schema.leaves[1].max_rep, 1);
}

static void broken_trees_are_refused(void **state)
{
    struct fixture *const fixture = *state;
    struct ji_parquet_schema schema;
    struct ji_schema_element two[] = {group("root", REQ, 2, NO), leaf("a", REQ, INT, NO)};
    assert_status(ji_parquet_schema_read(&fixture->arena, two, 2, NULL, &schema, NULL), JOIST_ERR_CORRUPT);
    two[0].child_count = 0;
    assert_status(ji_parquet_schema_read(&fixture->arena, two, 2, NULL, &schema, NULL), JOIST_ERR_CORRUPT);
    two[0].child_count = -1;
    assert_status(ji_parquet_schema_read(&fixture->arena, two, 2, NULL, &schema, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_parquet_schema_read(&fixture->arena, two, 0, NULL, &schema, NULL), JOIST_ERR_CORRUPT);
    assert_status(
            ji_parquet_schema_read(&fixture->arena, two + 1, 1, NULL, &schema, NULL), JOIST_ERR_CORRUPT);
    const struct ji_schema_element empty[] = {group("g", OPT, 0, NO)};
    assert_string_equal(read_type(fixture, empty, 1, &schema), "column 'g': group without fields");
    const struct ji_schema_element list[] = {group("l", OPT, 1, LIST), leaf("x", OPT, INT, NO)};
    assert_string_equal(read_type(fixture, list, 2, &schema), "column 'l': LIST without one repeated child");
    const struct ji_schema_element map[] = {group("m", OPT, 1, MAP), leaf("x", REP, INT, NO)};
    assert_string_equal(read_type(fixture, map, 2, &schema), "column 'm': MAP without key and value");
    struct ji_schema_element variant[] = {
            group("v", OPT, 1, NO), leaf("metadata", REQ, JI_PHYSICAL_BYTE_ARRAY, NO)};
    variant[0].logical.kind = JI_LOGICAL_VARIANT;
    assert_string_equal(read_type(fixture, variant, 2, &schema),
            "column 'v': variant: neither value nor typed_value in 'v'");
    const struct ji_schema_element name[] = {leaf("\xff", REQ, INT, NO)};
    assert_string_equal(read_type(fixture, name, 1, &schema), "schema element 1: name is not UTF-8");
    struct ji_schema_element nul[] = {leaf("a", REQ, INT, NO)};
    nul[0].name = ji_view_of("a\0b", 3);
    assert_string_equal(read_type(fixture, nul, 1, &schema), "schema element 1: name with a NUL byte");
}

static void nesting_deeper_than_the_limit_is_refused(void **state)
{
    struct fixture *const fixture = *state;
    static struct ji_schema_element deep[JI_SCHEMA_DEPTH_MAX + 4];
    struct ji_parquet_schema schema;
    const size_t last = sizeof deep / sizeof deep[0] - 1;
    for (size_t index = 0; index < last; index++)
        deep[index] = group("g", index > 0 ? OPT : REQ, 1, NO);
    deep[last] = leaf("x", REQ, INT, NO);
    assert_status(
            ji_parquet_schema_read(&fixture->arena, deep, last + 1, NULL, &schema, NULL), JOIST_ERR_LIMIT);
    assert_ok(ji_parquet_schema_read(&fixture->arena, deep + 3, last - 2, NULL, &schema, NULL));
    assert_int_equal(schema.leaves[0].max_def, JI_SCHEMA_DEPTH_MAX - 1);
}

struct type_row {
    struct ji_schema_element element;
    const char *type; /* or the message */
};

static struct ji_schema_element logical(
        enum ji_physical physical, int32_t length, struct ji_logical_type logical_type)
{
    struct ji_schema_element element = leaf("x", REQ, physical, NO);
    element.type_length = length;
    element.logical = logical_type;
    return element;
}

static struct ji_schema_element converted_decimal(int32_t precision, int32_t scale)
{
    struct ji_schema_element element = leaf("x", REQ, JI_PHYSICAL_BYTE_ARRAY, JI_CONVERTED_DECIMAL);
    element.precision = precision;
    element.scale = scale;
    return element;
}

#define LOGICAL(...) ((struct ji_logical_type){__VA_ARGS__})

static void logical_types_go_with_their_physical_ones_only(void **state)
{
    const struct type_row rows[] = {
            {logical(JI_PHYSICAL_FIXED, 16, LOGICAL(.kind = JI_LOGICAL_UUID)), "uuid"},
            {logical(JI_PHYSICAL_FIXED, 15, LOGICAL(.kind = JI_LOGICAL_UUID)), "does not go with"},
            {logical(JI_PHYSICAL_FIXED, 3, LOGICAL(.kind = JI_LOGICAL_FLOAT16)), "does not go with"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_STRING)), "does not go with"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_BSON)), "does not go with"},
            {logical(JI_PHYSICAL_INT64, 0, LOGICAL(.kind = JI_LOGICAL_DATE)), "does not go with"},
            {logical(JI_PHYSICAL_BYTE_ARRAY, 0, LOGICAL(.kind = JI_LOGICAL_JSON)), "string"},
            {logical(JI_PHYSICAL_BYTE_ARRAY, 0, LOGICAL(.kind = JI_LOGICAL_GEOMETRY)), "binary"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_LIST)), "does not go with"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_INTEGER, .bit_width = 12)),
                    "integer type of 12 bits"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_INTEGER, .bit_width = 64)), "does not go with"},
            {logical(JI_PHYSICAL_INT64, 0, LOGICAL(.kind = JI_LOGICAL_TIMESTAMP)), "long"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_TIME)), "int"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_TIMESTAMP, .unit = JI_UNIT_MILLIS)),
                    "does not go with"},
            {logical(JI_PHYSICAL_DOUBLE, 0, LOGICAL(.kind = JI_LOGICAL_DECIMAL, .precision = 3)),
                    "does not go with"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_DECIMAL, .precision = 0)), "decimal(0, 0)"},
            {logical(INT, 0, LOGICAL(.kind = JI_LOGICAL_DECIMAL, .precision = 3, .scale = 4)),
                    "decimal(3, 4)"},
            {converted_decimal(39, 0), "decimal(39, 0)"},
            {converted_decimal(76, 76), "decimal(76, 76)"},
            {converted_decimal(77, 0), "more than 76 digits"},
            {logical(JI_PHYSICAL_INT64, 0, LOGICAL(.kind = JI_LOGICAL_DECIMAL, .precision = 39)),
                    "does not go with"},
            {converted_decimal(38, 38), "decimal(38, 38)"},
            {leaf("x", REQ, JI_PHYSICAL_FIXED, NO), "fixed-length type of 0 bytes"},
            {logical(JI_PHYSICAL_FIXED, INT32_MAX, LOGICAL(.kind = JI_LOGICAL_NONE)), "at most"},
            {logical(JI_PHYSICAL_FIXED, 5, LOGICAL(.kind = JI_LOGICAL_FILE)), "fixed"},
            {leaf("x", REQ, JI_PHYSICAL_BYTE_ARRAY, JI_CONVERTED_INTERVAL), "interval"},
            {leaf("x", REQ, JI_PHYSICAL_INT64, JI_CONVERTED_TIMESTAMP_MICROS), "timestamptz"},
            {leaf("x", REQ, JI_PHYSICAL_INT64, JI_CONVERTED_TIME_MICROS), "time"},
            {leaf("x", REQ, INT, JI_CONVERTED_TIME_MILLIS), "time"},
            {leaf("x", REQ, JI_PHYSICAL_BYTE_ARRAY, JI_CONVERTED_ENUM), "string"},
            {leaf("x", REQ, JI_PHYSICAL_INT64, JI_CONVERTED_UINT_64), "uint"},
            {leaf("x", REQ, INT, JI_CONVERTED_INT_8), "int"},
            {leaf("x", REQ, JI_PHYSICAL_BOOLEAN, NO), "boolean"},
            {leaf("x", REQ, JI_PHYSICAL_INT96, NO), "timestamp"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        struct ji_parquet_schema schema;
        const char *const text = read_type(*state, &rows[index].element, 1, &schema);
        if (strstr(text, rows[index].type) == NULL)
            fail_msg("row %zu: '%s' lacks '%s'", index, text, rows[index].type);
    }
}

static void what_is_written_reads_as_the_same_schema(void **state)
{
    struct fixture *const fixture = *state;
    static const char text[] =
            "a boolean required, b int, c long required, d float, e double, f decimal(9, 2), "
            "g decimal(18, 0), h decimal(38, 10), i date, j time, k timestamp, l timestamptz, m string, "
            "n uuid, o fixed(7), p binary, q list<int>, r map<string, list<decimal(20, 1)>>, "
            "s struct<x int required, y list<struct<z string>>>";
    struct ji_schema schema;
    struct ji_parquet_schema written;
    struct ji_parquet_schema back;
    assert_ok(ji_schema_parse(&fixture->arena, ji_view_of_text(text), &schema, &fixture->err));
    assert_ok(ji_parquet_schema_write(&fixture->arena, &schema, &written, &fixture->err));
    assert_ok(ji_parquet_schema_read(
            &fixture->arena, written.elements, written.element_count, NULL, &back, &fixture->err));
    assert_int_equal(back.schema.column_count, schema.column_count);
    for (size_t index = 0; index < schema.column_count; index++) {
        assert_true(ji_type_equal(&back.schema.columns[index], &schema.columns[index]));
        assert_string_equal(back.schema.columns[index].name, schema.columns[index].name);
        assert_int_equal(back.schema.columns[index].nullable, schema.columns[index].nullable);
    }
    assert_int_equal(back.leaf_count, written.leaf_count);
    for (size_t index = 0; index < back.leaf_count; index++) {
        assert_int_equal(back.leaves[index].max_def, written.leaves[index].max_def);
        assert_int_equal(back.leaves[index].max_rep, written.leaves[index].max_rep);
        assert_int_equal(back.leaves[index].column, written.leaves[index].column);
        assert_string_equal(back.leaves[index].name, written.leaves[index].name);
    }
}

static void small_types_and_units_are_written_and_read(void **state)
{
    (void)state;
    static const enum ji_kind kinds[] = {JI_NULL, JI_INT8, JI_INT16, JI_UINT8, JI_UINT16, JI_UINT32,
            JI_UINT64, JI_FLOAT16, JI_INT32, JI_INT64};
    for (size_t index = 0; index < sizeof kinds / sizeof kinds[0]; index++) {
        const struct ji_field field = {.name = "x", .kind = kinds[index]};
        struct ji_schema_element element = leaf("x", REQ, INT, NO);
        struct ji_field back = {.name = "x"};
        assert_ok(ji_type_to_element(&field, &element, NULL));
        assert_ok(ji_type_from_element(&element, &back, NULL));
        assert_int_equal(back.kind, kinds[index]);
    }
    for (int unit = JI_SECOND; unit <= JI_NANO; unit++) {
        const struct ji_field field = {
                .name = "x", .kind = JI_TIMESTAMP, .unit = (enum ji_unit)unit, .utc = true};
        struct ji_schema_element element = leaf("x", REQ, INT, NO);
        struct ji_field back = {.name = "x"};
        const struct ji_leaf at = {.field = &field};
        assert_ok(ji_type_to_element(&field, &element, NULL));
        assert_ok(ji_type_from_element(&element, &back, NULL));
        assert_int_equal(back.unit, unit == JI_SECOND ? JI_MILLI : unit);
        assert_true(back.utc);
        assert_int_equal(ji_leaf_multiplier(&at), unit == JI_SECOND ? 1000 : 1);
    }
}

static void what_parquet_cannot_hold_is_refused_by_name(void **state)
{
    struct fixture *const fixture = *state;
    struct ji_parquet_schema written;
    const struct ji_field empty = {.name = "s", .kind = JI_STRUCT};
    const struct ji_field fixed = {.name = "f", .kind = JI_FIXED};
    const struct ji_schema of_empty = {.column_count = 1, .columns = &empty};
    const struct ji_schema of_fixed = {.column_count = 1, .columns = &fixed};
    assert_status(ji_parquet_schema_write(&fixture->arena, &of_empty, &written, &fixture->err),
            JOIST_ERR_UNSUPPORTED);
    assert_string_equal(fixture->err.text, "column 's': struct without fields in Parquet");
    assert_status(ji_parquet_schema_write(&fixture->arena, &of_fixed, &written, &fixture->err),
            JOIST_ERR_UNSUPPORTED);
    assert_string_equal(fixture->err.text, "column 'f': fixed(0) in Parquet");
    struct ji_field lists[JI_SCHEMA_DEPTH_MAX / 2 + 2];
    const size_t count = sizeof lists / sizeof lists[0];
    for (size_t index = 0; index < count; index++)
        lists[index] = (struct ji_field){
                .name = "l", .kind = JI_LIST, .child_count = 1, .children = &lists[index + 1]};
    lists[count - 1] = (struct ji_field){.name = "x", .kind = JI_INT32};
    const struct ji_schema deep = {.column_count = 1, .columns = lists};
    assert_status(ji_parquet_schema_write(&fixture->arena, &deep, &written, &fixture->err), JOIST_ERR_LIMIT);
}

static void decimals_take_the_least_bytes_that_hold_them(void **state)
{
    (void)state;
    for (unsigned precision = 1; precision <= 38; precision++) {
        ji_uint128 largest = 1;
        for (unsigned digit = 0; digit < precision; digit++)
            largest *= 10;
        unsigned bytes = 1;
        while (bytes < 16 && ((ji_uint128)1 << (8 * bytes - 1)) < largest)
            bytes++;
        assert_int_equal(ji_decimal_fixed_bytes(precision), bytes);
    }
}

int main(void)
{
#define IN_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
            IN_FIXTURE(three_level_list_has_levels_for_each_of_its_nulls),
            IN_FIXTURE(legacy_lists_follow_the_compatibility_rules),
            IN_FIXTURE(lists_are_known_by_either_annotation),
            IN_FIXTURE(what_is_repeated_without_annotation_is_a_required_list),
            IN_FIXTURE(maps_come_annotated_either_way_and_without_values),
            IN_FIXTURE(broken_trees_are_refused),
            IN_FIXTURE(nesting_deeper_than_the_limit_is_refused),
            IN_FIXTURE(logical_types_go_with_their_physical_ones_only),
            IN_FIXTURE(what_is_written_reads_as_the_same_schema),
            cmocka_unit_test(small_types_and_units_are_written_and_read),
            IN_FIXTURE(what_parquet_cannot_hold_is_refused_by_name),
            cmocka_unit_test(decimals_take_the_least_bytes_that_hold_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
