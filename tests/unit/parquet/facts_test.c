/*
 * facts_test.c - which statistics count, for every type and writer
 *
 * Footers are made in memory: a bound is only as good as the rules that let it stand.
 */
#include "support/test.h"

#include "parquet/format/type_map.h"
#include "parquet/format/variant_shape.h"
#include "parquet/format/writer_version.h"
#include "parquet/read/parquet_file.h"
#include "parquet/read/statistic_value.h"

#include <math.h>

/* A file of one column and one group, all of it here. */
struct one_column {
    struct joist_parquet_file file;
    struct ji_field field;
    struct ji_schema_element elements[2];
    struct ji_shape shape;
    struct ji_leaf leaf;
    struct ji_chunk chunk;
    struct ji_row_group group;
    struct ji_statistics statistics;
    enum ji_column_order order;
    uint8_t bytes[4][8];
};

static void make(struct one_column *one, struct ji_field field)
{
    *one = (struct one_column){.field = field, .order = JI_ORDER_TYPE};
    one->field.name = "x";
    one->elements[0] = (struct ji_schema_element){.physical = JI_PHYSICAL_NONE, .child_count = 1};
    one->elements[1] =
            (struct ji_schema_element){.name = ji_view_of_text("x"), .converted = JI_CONVERTED_NONE};
    assert_ok(ji_type_to_element(&one->field, &one->elements[1], NULL));
    one->elements[1].repetition = field.nullable ? JI_OPTIONAL : JI_REQUIRED;
    one->shape = (struct ji_shape){.field = &one->field, .leaf_count = 1};
    one->leaf = (struct ji_leaf){.element = &one->elements[1],
            .field = &one->field,
            .shape = &one->shape,
            .max_def = field.nullable,
            .name = "x"};
    one->chunk = (struct ji_chunk){.has_metadata = true, .statistics = &one->statistics};
    one->group = (struct ji_row_group){.chunks = &one->chunk, .chunk_count = 1, .row_count = 10};
    one->file.footer.groups = &one->group;
    one->file.footer.group_count = 1;
    one->file.footer.orders = &one->order;
    one->file.footer.order_count = 1;
    one->file.schema.schema = (struct ji_schema){.column_count = 1, .columns = &one->field};
    one->file.schema.shapes = &one->shape;
    one->file.schema.leaves = &one->leaf;
    one->file.schema.leaf_count = 1;
}

static void set_bounds(struct one_column *one, const void *min, const void *max, size_t size)
{
    one->statistics.has_min = one->statistics.has_max = true;
    one->statistics.min = ji_view_of(min, size);
    one->statistics.max = ji_view_of(max, size);
}

/* Bounds that are numbers of `size` bytes, as a file has them. */
static void set_numbers(struct one_column *one, const void *min, const void *max, size_t size)
{
    ji_copy_le(one->bytes[0], min, 1, size);
    ji_copy_le(one->bytes[1], max, 1, size);
    set_bounds(one, one->bytes[0], one->bytes[1], size);
}

static void set_old_bounds(struct one_column *one, const void *min, const void *max, size_t size)
{
    one->statistics.has_min_old = one->statistics.has_max_old = true;
    one->statistics.min_old = ji_view_of(min, size);
    one->statistics.max_old = ji_view_of(max, size);
}

static void set_old_numbers(struct one_column *one, const void *min, const void *max, size_t size)
{
    ji_copy_le(one->bytes[2], min, 1, size);
    ji_copy_le(one->bytes[3], max, 1, size);
    set_old_bounds(one, one->bytes[2], one->bytes[3], size);
}

static bool has_bounds(const struct one_column *one, struct ji_facts *facts)
{
    *facts = (struct ji_facts){.row_count = 0};
    return ji_parquet_group_facts(&one->file, 0, 0, facts) && facts->has_min && facts->has_max;
}

static const int64_t low64 = -5, high64 = 7;
static const int32_t low32 = -5, high32 = 7;

static void bounds_count_with_the_types_order_only(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    make(&one, (struct ji_field){.kind = JI_INT64, .nullable = true});
    set_numbers(&one, &low64, &high64, 8);
    assert_true(has_bounds(&one, &facts));
    assert_int_equal(facts.min.as.integer, -5);
    assert_int_equal(facts.max.as.integer, 7);
    assert_true(facts.min_exact && facts.max_exact);
    assert_int_equal(facts.row_count, 10);
    assert_false(facts.has_null_count);
    one.order = JI_ORDER_UNKNOWN;
    assert_false(has_bounds(&one, &facts));
    one.order = JI_ORDER_INT96;
    assert_false(has_bounds(&one, &facts));
    one.order = JI_ORDER_IEEE754;
    assert_false(has_bounds(&one, &facts));
    one.file.footer.orders = NULL;
    one.file.footer.order_count = 0;
    assert_false(has_bounds(&one, &facts));
}

static void deprecated_bounds_count_for_signed_types_without_order(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    static const enum ji_kind signed_kinds[] = {JI_INT8, JI_INT16, JI_INT32, JI_DATE};
    for (size_t index = 0; index < 4; index++) {
        make(&one, (struct ji_field){.kind = signed_kinds[index]});
        set_old_numbers(&one, &low32, &high32, 4);
        one.file.footer.orders = NULL;
        one.file.footer.order_count = 0;
        assert_true(has_bounds(&one, &facts));
        assert_int_equal(facts.min.as.integer, -5);
        one.file.footer.orders = &one.order;
        one.file.footer.order_count = 1;
        one.order = JI_ORDER_UNKNOWN;
        assert_false(has_bounds(&one, &facts));
    }
    static const struct ji_field others[] = {{.kind = JI_UINT8}, {.kind = JI_UINT32}, {.kind = JI_UINT64},
            {.kind = JI_DECIMAL, .precision = 5}, {.kind = JI_DECIMAL, .precision = 30}, {.kind = JI_STRING},
            {.kind = JI_BINARY}, {.kind = JI_FIXED, .fixed_bytes = 4}};
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        make(&one, others[index]);
        set_old_bounds(&one, &low64, &high64, others[index].kind == JI_UINT64 ? 8 : 4);
        one.file.footer.orders = NULL;
        one.file.footer.order_count = 0;
        assert_false(has_bounds(&one, &facts));
    }
}

static void old_parquet_mr_bounds_of_bytes_never_count(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    make(&one, (struct ji_field){.kind = JI_STRING});
    set_bounds(&one, "aa", "zz", 2);
    one.file.footer.created_by = ji_view_of_text("parquet-mr version 1.8.0 (build x)");
    assert_true(has_bounds(&one, &facts));
    assert_false(facts.min_exact);
    one.file.footer.created_by = ji_view_of_text("parquet-mr version 1.7.9");
    assert_false(has_bounds(&one, &facts));
    one.file.footer.created_by = ji_view_of_text("parquet-mr");
    assert_false(has_bounds(&one, &facts));
    one.file.footer.created_by = ji_view_of_text("joist 0.1.0");
    one.statistics.has_min_exact = one.statistics.min_exact = true;
    assert_true(has_bounds(&one, &facts));
    assert_true(facts.min_exact && !facts.max_exact);
}

static void writers_versions_are_compared_by_their_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_before;
    } rows[] = {{"a version 1.2.8", true}, {"a version 1.2.9", false}, {"a version 1.2.10", false},
            {"a version 1.10.0", false}, {"a version 0.9.9", true}, {"a version 2", false}, {"a", true},
            {"a version ", true}, {"b version 1.0.0", false}, {"", false},
            {"a version 99999999999.1", false}};
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        const bool is_before = ji_writer_is_before(ji_view_of_text(rows[index].text), "a", 1, 2, 9);
        if (is_before != rows[index].is_before)
            fail_msg("%s", rows[index].text);
    }
}

static void floats_mind_nan_and_both_zeros(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    static const double zero = 0.0, minus_zero = -0.0;
    const double nan = __builtin_nan("");
    make(&one, (struct ji_field){.kind = JI_DOUBLE});
    set_numbers(&one, &zero, &minus_zero, 8);
    assert_true(has_bounds(&one, &facts));
    assert_true(__builtin_signbit(facts.min.as.real) != 0);
    assert_true(__builtin_signbit(facts.max.as.real) == 0);
    set_numbers(&one, &nan, &zero, 8);
    assert_false(has_bounds(&one, &facts));
    set_numbers(&one, &zero, &nan, 8);
    assert_false(has_bounds(&one, &facts));
    one.order = JI_ORDER_IEEE754;
    set_numbers(&one, &zero, &zero, 8);
    one.statistics.has_nan_count = true;
    one.statistics.nan_count = 3;
    assert_true(has_bounds(&one, &facts));
    assert_true(facts.has_nan_count);
    assert_int_equal(facts.nan_count, 3);
    static const float low = -1.5f, high = 2.5f;
    make(&one, (struct ji_field){.kind = JI_FLOAT});
    set_numbers(&one, &low, &high, 4);
    assert_true(has_bounds(&one, &facts));
    assert_true(facts.min.as.real == -1.5 && facts.max.as.real == 2.5);
}

static void bounds_of_the_wrong_size_or_order_void_both(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    make(&one, (struct ji_field){.kind = JI_INT64});
    set_bounds(&one, &low64, &high64, 4);
    assert_false(has_bounds(&one, &facts));
    set_numbers(&one, &high64, &low64, 8);
    assert_false(has_bounds(&one, &facts));
    assert_false(facts.has_min || facts.has_max);
    make(&one, (struct ji_field){.kind = JI_UUID, .fixed_bytes = 16});
    set_bounds(&one, "0123456789abcdef", "1123456789abcdef", 15);
    assert_false(has_bounds(&one, &facts));
    set_bounds(&one, "0123456789abcdef", "1123456789abcdef", 16);
    assert_true(has_bounds(&one, &facts));
}

static void types_without_an_order_have_no_bounds(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    make(&one, (struct ji_field){.kind = JI_FIXED, .fixed_bytes = 12});
    set_bounds(&one, "aaaaaaaaaaaa", "zzzzzzzzzzzz", 12);
    assert_true(has_bounds(&one, &facts));
    one.elements[1].converted = JI_CONVERTED_INTERVAL;
    assert_false(has_bounds(&one, &facts));
    make(&one, (struct ji_field){.kind = JI_BINARY});
    set_bounds(&one, "aa", "zz", 2);
    one.elements[1].logical.kind = JI_LOGICAL_GEOMETRY;
    assert_false(has_bounds(&one, &facts));
    make(&one, (struct ji_field){.kind = JI_TIMESTAMP, .unit = JI_NANO});
    set_numbers(&one, &low64, &high64, 8);
    one.elements[1].physical = JI_PHYSICAL_INT96;
    assert_false(has_bounds(&one, &facts));
    /* A logical type that nobody knows has an order that nobody knows. */
    make(&one, (struct ji_field){.kind = JI_INT64});
    set_numbers(&one, &low64, &high64, 8);
    one.elements[1].logical.kind = (enum ji_logical)31;
    assert_false(has_bounds(&one, &facts));
}

static void halves_are_reals(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    static const uint8_t minus_two[] = {0x00, 0xc0}, three[] = {0x00, 0x42}, nan[] = {0x01, 0x7e};
    static const uint8_t zero[] = {0, 0}, minus_zero[] = {0, 0x80};
    make(&one, (struct ji_field){.kind = JI_FLOAT16});
    set_bounds(&one, minus_two, three, 2);
    assert_true(has_bounds(&one, &facts) && facts.min.as.real == -2 && facts.max.as.real == 3);
    one.order = JI_ORDER_IEEE754;
    assert_true(has_bounds(&one, &facts));
    set_bounds(&one, minus_two, nan, 2);
    assert_false(has_bounds(&one, &facts));
    set_bounds(&one, zero, minus_zero, 2);
    assert_true(has_bounds(&one, &facts) && signbit(facts.min.as.real) && !signbit(facts.max.as.real));
    set_bounds(&one, three, minus_two, 2);
    assert_false(has_bounds(&one, &facts));
}

/* Day 2440588 is 1970-01-01. */
static void int96_counts_in_its_own_order_only(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    static const uint8_t first[] = {7, 0, 0, 0, 0, 0, 0, 0, 0x8c, 0x3d, 0x25, 0};
    static const uint8_t next_day[] = {1, 0, 0, 0, 0, 0, 0, 0, 0x8d, 0x3d, 0x25, 0};
    static const uint8_t wild[] = {0, 0, 0, 0, 0, 0, 0, 0x80, 0x8d, 0x3d, 0x25, 0};
    make(&one, (struct ji_field){.kind = JI_TIMESTAMP, .unit = JI_NANO});
    one.elements[1] = (struct ji_schema_element){
            .physical = JI_PHYSICAL_INT96, .converted = JI_CONVERTED_NONE, .repetition = JI_REQUIRED};
    set_bounds(&one, first, next_day, 12);
    set_old_bounds(&one, first, next_day, 12);
    assert_false(has_bounds(&one, &facts));
    one.file.footer.orders = NULL;
    one.file.footer.order_count = 0;
    assert_false(has_bounds(&one, &facts));
    one.file.footer.orders = &one.order;
    one.file.footer.order_count = 1;
    one.order = JI_ORDER_INT96;
    assert_true(has_bounds(&one, &facts));
    assert_int_equal(facts.min.as.integer, 7);
    assert_int_equal(facts.max.as.integer, INT64_C(86400000000001));
    set_bounds(&one, next_day, first, 12);
    assert_false(has_bounds(&one, &facts));
    /* Nanoseconds beyond a day break the order of days. */
    set_bounds(&one, first, wild, 12);
    assert_false(has_bounds(&one, &facts));
    set_bounds(&one, first, next_day, 8);
    assert_false(has_bounds(&one, &facts));
}

static void bounds_that_no_value_can_be_are_none(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    static const int32_t low = -129, high = 127;
    make(&one, (struct ji_field){.kind = JI_INT8});
    set_numbers(&one, &low, &high, 4);
    assert_false(has_bounds(&one, &facts));
    make(&one, (struct ji_field){.kind = JI_UINT16});
    set_numbers(&one, &low, &high, 4);
    assert_false(has_bounds(&one, &facts));
    /* A field in another unit than the file's has other numbers. */
    make(&one, (struct ji_field){.kind = JI_TIMESTAMP, .unit = JI_MICRO});
    set_numbers(&one, &low64, &high64, 8);
    assert_true(has_bounds(&one, &facts));
    one.field.unit = JI_NANO;
    assert_false(has_bounds(&one, &facts));
}

static void other_types_are_decoded(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    static const uint8_t no = 0, yes = 1;
    make(&one, (struct ji_field){.kind = JI_BOOL});
    set_bounds(&one, &no, &yes, 1);
    assert_true(has_bounds(&one, &facts) && !facts.min.as.boolean && facts.max.as.boolean);
    static const uint32_t small = 1, large = UINT32_MAX;
    make(&one, (struct ji_field){.kind = JI_UINT32});
    set_numbers(&one, &small, &large, 4);
    assert_true(has_bounds(&one, &facts) && facts.max.as.integer == UINT32_MAX);
    static const uint64_t small64 = 1, large64 = UINT64_MAX;
    make(&one, (struct ji_field){.kind = JI_UINT64});
    set_numbers(&one, &small64, &large64, 8);
    assert_true(has_bounds(&one, &facts) && facts.max.as.unsigned_integer == UINT64_MAX);
    make(&one, (struct ji_field){.kind = JI_DECIMAL, .precision = 12, .scale = 2});
    set_numbers(&one, &low64, &high64, 8);
    assert_true(has_bounds(&one, &facts) && facts.min.as.decimal == -5);
    static const uint8_t minus_two[] = {0xff, 0xfe}, three[] = {0x00, 0x03};
    make(&one, (struct ji_field){.kind = JI_DECIMAL, .precision = 38});
    set_bounds(&one, minus_two, three, 2);
    assert_true(has_bounds(&one, &facts) && facts.min.as.decimal == -2 && facts.max.as.decimal == 3);
    set_bounds(&one, minus_two, three, 0);
    assert_false(has_bounds(&one, &facts));
}

static void null_counts_are_known_or_not(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    make(&one, (struct ji_field){.kind = JI_INT64});
    one.chunk.statistics = NULL;
    assert_true(ji_parquet_group_facts(&one.file, 0, 0, &facts));
    assert_true(facts.has_null_count && facts.null_count == 0);
    make(&one, (struct ji_field){.kind = JI_INT64, .nullable = true});
    assert_false(ji_parquet_group_facts(&one.file, 0, 0, &facts));
    one.statistics.has_null_count = true;
    one.statistics.null_count = 10;
    assert_true(ji_parquet_group_facts(&one.file, 0, 0, &facts));
    assert_true(facts.has_null_count && facts.null_count == 10);
    one.statistics.null_count = 11;
    assert_false(ji_parquet_group_facts(&one.file, 0, 0, &facts));
    one.statistics.null_count = -1;
    assert_false(ji_parquet_group_facts(&one.file, 0, 0, &facts));
    make(&one, (struct ji_field){.kind = JI_NULL, .nullable = true});
    assert_true(ji_parquet_group_facts(&one.file, 0, 0, &facts));
    assert_int_equal(facts.null_count, 10);
}

static void null_counts_beneath_a_struct_prove_no_lack_of_nulls(void **state)
{
    (void)state;
    struct one_column one;
    struct ji_facts facts;
    int64_t levels[] = {4, 1, 5};
    struct ji_size_statistics sizes = {.def_count = 3, .def_histogram = levels};
    make(&one, (struct ji_field){.kind = JI_INT64, .nullable = true});
    set_numbers(&one, &low64, &high64, 8);
    one.leaf.max_def = 2;
    one.statistics.has_null_count = true;
    for (int64_t nulls = 0; nulls <= 10; nulls++) {
        one.statistics.null_count = nulls;
        assert_true(has_bounds(&one, &facts));
        assert_int_equal(facts.has_null_count, nulls == 10);
    }
    one.statistics.null_count = 1;
    one.chunk.size_statistics = &sizes;
    assert_true(has_bounds(&one, &facts));
    assert_true(facts.has_null_count && facts.null_count == 5);
    levels[0] = 3;
    assert_true(has_bounds(&one, &facts) && !facts.has_null_count);
    levels[0] = INT64_MIN;
    assert_true(has_bounds(&one, &facts) && !facts.has_null_count);
}

static void paths_lead_through_structs_alone(void **state)
{
    (void)state;
    struct one_column one;
    size_t leaf = 9;
    const size_t path[] = {0, 1};
    const size_t behind[] = {0, 2};
    make(&one, (struct ji_field){.kind = JI_INT64, .nullable = true});
    assert_true(ji_parquet_leaf(&one.file, path, 1, &leaf));
    assert_int_equal(leaf, 0);
    assert_false(ji_parquet_leaf(&one.file, path, 2, &leaf));
    const struct ji_field scalar = {.kind = JI_INT64};
    struct ji_field fields[] = {scalar, scalar};
    struct ji_leaf leaves[] = {one.leaf, one.leaf};
    struct ji_shape children[] = {
            {.field = &fields[0], .leaf_count = 1}, {.field = &fields[1], .leaf_start = 1, .leaf_count = 1}};
    one.field = (struct ji_field){.kind = JI_STRUCT, .child_count = 2, .children = fields};
    one.shape = (struct ji_shape){.field = &one.field, .leaf_count = 2, .children = children};
    one.file.schema.leaves = leaves;
    one.file.schema.leaf_count = 2;
    assert_false(ji_parquet_leaf(&one.file, path, 1, &leaf));
    assert_true(ji_parquet_leaf(&one.file, path, 2, &leaf));
    assert_int_equal(leaf, 1);
    assert_false(ji_parquet_leaf(&one.file, behind, 2, &leaf));
    const struct ji_variant_shape variant = {.field = NULL};
    children[1].variant = &variant;
    assert_false(ji_parquet_leaf(&one.file, path, 2, &leaf));
    one.field.kind = JI_LIST;
    assert_false(ji_parquet_leaf(&one.file, path, 2, &leaf));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(bounds_count_with_the_types_order_only),
            cmocka_unit_test(deprecated_bounds_count_for_signed_types_without_order),
            cmocka_unit_test(old_parquet_mr_bounds_of_bytes_never_count),
            cmocka_unit_test(writers_versions_are_compared_by_their_parts),
            cmocka_unit_test(floats_mind_nan_and_both_zeros),
            cmocka_unit_test(bounds_of_the_wrong_size_or_order_void_both),
            cmocka_unit_test(types_without_an_order_have_no_bounds),
            cmocka_unit_test(halves_are_reals),
            cmocka_unit_test(int96_counts_in_its_own_order_only),
            cmocka_unit_test(bounds_that_no_value_can_be_are_none),
            cmocka_unit_test(other_types_are_decoded),
            cmocka_unit_test(null_counts_are_known_or_not),
            cmocka_unit_test(null_counts_beneath_a_struct_prove_no_lack_of_nulls),
            cmocka_unit_test(paths_lead_through_structs_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
