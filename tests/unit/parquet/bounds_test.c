/*
 * bounds_test.c - least and greatest in the file's order, and how they are written
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/encode/bounds.h"
#include "support/test_random.h"

#include <math.h>
#include <string.h>

static struct ji_bounds bounds_of(enum ji_bound_order order, const void *values, size_t count)
{
    struct ji_bounds bounds = {.bytes_max = 0};
    const struct ji_value_block block = {.count = count, .values = values};
    ji_bounds_reset(&bounds, order);
    ji_bounds_add(&bounds, &block);
    return bounds;
}

static void written(const struct ji_bounds *bounds, const void *min, const void *max, size_t size)
{
    struct ji_bound_text text;
    assert_true(ji_bounds_min(bounds, &text));
    assert_true(text.exact);
    assert_int_equal(text.size, size);
    assert_memory_equal(text.bytes, min, size);
    assert_true(ji_bounds_max(bounds, &text));
    assert_true(text.exact);
    assert_int_equal(text.size, size);
    assert_memory_equal(text.bytes, max, size);
}

/* Numbers in memory, which a file has little-endian. */
static void written_numbers(const struct ji_bounds *bounds, const void *min, const void *max, size_t size)
{
    uint8_t bytes[2][8];
    ji_copy_le(bytes[0], min, 1, size);
    ji_copy_le(bytes[1], max, 1, size);
    written(bounds, bytes[0], bytes[1], size);
}

static void signed_and_unsigned_numbers_have_their_own_order(void **state)
{
    (void)state;
    const int32_t fours[] = {5, -1, INT32_MAX, INT32_MIN, 0};
    const int64_t eights[] = {5, -1, INT64_MAX, INT64_MIN, 0};
    const int32_t zero = 0;
    const int32_t minus_one = -1;
    const int64_t wide_zero = 0;
    const int64_t wide_minus_one = -1;
    struct ji_bounds bounds = bounds_of(JI_BOUND_I32, fours, 5);
    written_numbers(&bounds, &fours[3], &fours[2], 4);
    bounds = bounds_of(JI_BOUND_U32, fours, 5);
    written_numbers(&bounds, &zero, &minus_one, 4);
    bounds = bounds_of(JI_BOUND_I64, eights, 5);
    written_numbers(&bounds, &eights[3], &eights[2], 8);
    bounds = bounds_of(JI_BOUND_U64, eights, 5);
    written_numbers(&bounds, &wide_zero, &wide_minus_one, 8);
    const uint8_t bits[] = {1, 1, 0};
    bounds = bounds_of(JI_BOUND_BOOL, bits, 3);
    written(&bounds, "\0", "\1", 1);
    bounds = bounds_of(JI_BOUND_BOOL, bits, 2);
    written(&bounds, "\1", "\1", 1);
}

static void nan_never_counts_and_is_counted(void **state)
{
    (void)state;
    const double nan = __builtin_nan("");
    const double values[] = {nan, 2.5, nan, -7.25};
    struct ji_bounds bounds = bounds_of(JI_BOUND_F64, values, 4);
    written_numbers(&bounds, &values[3], &values[1], 8);
    assert_int_equal(bounds.nan_count, 2);
    bounds = bounds_of(JI_BOUND_F64, values, 1);
    struct ji_bound_text text;
    assert_false(ji_bounds_min(&bounds, &text));
    assert_false(ji_bounds_max(&bounds, &text));
    assert_int_equal(bounds.nan_count, 1);
}

/* Whatever stands beside it, and however many there are: as one by one. */
static void reals_are_found_in_every_place(void **state)
{
    (void)state;
    static const double kinds[] = {1.5, -2.25, 1e300, -1e300, (double)INFINITY, -(double)INFINITY, 0.0};
    const double nan = __builtin_nan("");
    uint64_t random = 17;
    for (size_t count = 0; count < 40; count++) {
        for (unsigned turn = 0; turn < 50; turn++) {
            double values[40] = {0};
            float singles[40] = {0};
            struct ji_bounds single = {.order = JI_BOUND_F64};
            ji_bounds_reset(&single, JI_BOUND_F64);
            for (size_t i = 0; i < count; i++) {
                const uint64_t draw = test_random(&random);
                values[i] = draw % 3 == 0 ? nan : kinds[draw / 3 % (turn % 7 + 1)];
                singles[i] = (float)values[i];
                ji_bounds_add(&single, &(struct ji_value_block){.values = &values[i], .count = 1});
            }
            const struct ji_bounds all = bounds_of(JI_BOUND_F64, values, count);
            const struct ji_bounds floats = bounds_of(JI_BOUND_F32, singles, count);
            assert_int_equal(all.nan_count, single.nan_count);
            assert_int_equal(floats.nan_count, single.nan_count);
            assert_int_equal(all.has_values, single.has_values);
            assert_int_equal(floats.has_values, single.has_values);
            if (!single.has_values)
                continue;
            assert_true(all.min.number.f == single.min.number.f && all.max.number.f == single.max.number.f);
            assert_true(floats.min.number.f == (double)(float)single.min.number.f);
            assert_true(floats.max.number.f == (double)(float)single.max.number.f);
        }
    }
}

static void zeros_are_written_wide_of_their_signs(void **state)
{
    (void)state;
    const double values[] = {0.0, 0.0};
    const float singles[] = {-0.0f};
    const double low = -0.0;
    const double high = 0.0;
    const float single_low = -0.0f;
    const float single_high = 0.0f;
    struct ji_bounds bounds = bounds_of(JI_BOUND_F64, values, 2);
    written_numbers(&bounds, &low, &high, 8);
    bounds = bounds_of(JI_BOUND_F32, singles, 1);
    written_numbers(&bounds, &single_low, &single_high, 4);
}

static void every_half_comes_back_as_it_was(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 65536; half++) {
        uint8_t bytes[2];
        ji_store_le16(bytes, (uint16_t)half);
        const struct ji_view view = ji_view_of(bytes, 2);
        const struct ji_bounds bounds = bounds_of(JI_BOUND_F16, &view, 1);
        struct ji_bound_text text;
        const bool is_nan = (half & 0x7fff) > 0x7c00;
        assert_int_equal(ji_bounds_min(&bounds, &text), !is_nan);
        if (!is_nan && (half & 0x7fff) != 0)
            assert_memory_equal(text.bytes, bytes, 2);
    }
    const uint8_t one[] = {0x00, 0x3c};
    const uint8_t minus_two[] = {0x00, 0xc0};
    const struct ji_view both[] = {{one, 2}, {minus_two, 2}};
    const struct ji_bounds bounds = bounds_of(JI_BOUND_F16, both, 2);
    assert_true(bounds.min.number.f == -2 && bounds.max.number.f == 1);
}

static void wide_decimals_are_signed_numbers(void **state)
{
    (void)state;
    const uint8_t minus_one[] = {0xff, 0xff, 0xff};
    const uint8_t five[] = {0, 0, 5};
    const uint8_t low[] = {0x80, 0, 1};
    const struct ji_view values[] = {{minus_one, 3}, {five, 3}, {low, 3}};
    const struct ji_bounds bounds = bounds_of(JI_BOUND_DECIMAL, values, 3);
    written(&bounds, low, five, 3);
}

static void bytes_are_unsigned_and_short_is_less(void **state)
{
    (void)state;
    const struct ji_view values[] = {ji_view_of_text("b"), ji_view_of_text("\xff"), ji_view_of_text("a"),
            ji_view_of_text("aa"), ji_view_of_text("a\x01")};
    const struct ji_bounds bounds = bounds_of(JI_BOUND_BYTES, values, 5);
    written(&bounds, "a", "\xff", 1);
    const struct ji_view empty = ji_view_of(NULL, 0);
    const struct ji_bounds none = bounds_of(JI_BOUND_BYTES, &empty, 1);
    written(&none, "", "", 0);
}

static void long_values_are_cut_down_and_raised(void **state)
{
    (void)state;
    uint8_t bytes[100];
    memset(bytes, 'm', sizeof bytes);
    const struct ji_view value = ji_view_of(bytes, sizeof bytes);
    struct ji_bounds bounds = bounds_of(JI_BOUND_BYTES, &value, 1);
    struct ji_bound_text text;
    assert_true(ji_bounds_min(&bounds, &text));
    assert_false(text.exact);
    assert_int_equal(text.size, 64);
    assert_int_equal(text.bytes[63], 'm');
    assert_true(ji_bounds_max(&bounds, &text));
    assert_false(text.exact);
    assert_int_equal(text.size, 64);
    assert_int_equal(text.bytes[63], 'n');

    memset(bytes + 10, 0xff, sizeof bytes - 10);
    bounds = bounds_of(JI_BOUND_BYTES, &value, 1);
    assert_true(ji_bounds_max(&bounds, &text));
    assert_int_equal(text.size, 10);
    assert_memory_equal(text.bytes, "mmmmmmmmmn", 10);

    memset(bytes, 0xff, sizeof bytes);
    bounds = bounds_of(JI_BOUND_BYTES, &value, 1);
    assert_false(ji_bounds_max(&bounds, &text));
    assert_true(ji_bounds_min(&bounds, &text));
}

static void cut_text_is_whole_characters_and_raised_by_one(void **state)
{
    (void)state;
    char letters[130] = "a";
    for (unsigned i = 0; i < 40; i++)
        memcpy(letters + 1 + 2 * i, "\xc3\xa9", 2); /* U+00E9 */
    struct ji_view value = ji_view_of(letters, 81);
    struct ji_bounds bounds = bounds_of(JI_BOUND_TEXT, &value, 1);
    struct ji_bound_text text;
    assert_true(ji_bounds_min(&bounds, &text));
    assert_int_equal(text.size, 63); /* byte 64 is half a character */
    assert_true(ji_bounds_max(&bounds, &text));
    assert_int_equal(text.size, 63);
    assert_memory_equal(text.bytes + 61, "\xc3\xaa", 2);

    /* U+D7FF gives way to U+E000; U+10FFFF to nothing. */
    for (unsigned i = 0; i < 30; i++)
        memcpy(letters + 3 * i, "\xed\x9f\xbf", 3);
    value = ji_view_of(letters, 90);
    bounds = bounds_of(JI_BOUND_TEXT, &value, 1);
    assert_true(ji_bounds_max(&bounds, &text));
    assert_int_equal(text.size, 63);
    assert_memory_equal(text.bytes + 60, "\xee\x80\x80", 3);
    for (unsigned i = 0; i < 20; i++)
        memcpy(letters + 4 * i, "\xf4\x8f\xbf\xbf", 4);
    value = ji_view_of(letters, 80);
    bounds = bounds_of(JI_BOUND_TEXT, &value, 1);
    assert_false(ji_bounds_max(&bounds, &text));

    /* U+007F gives way to the longer U+0080 where there is room. */
    memset(letters, 0x7f, 70);
    value = ji_view_of(letters, 70);
    bounds = bounds_of(JI_BOUND_TEXT, &value, 1);
    assert_true(ji_bounds_max(&bounds, &text));
    assert_int_equal(text.size, 64);
    assert_memory_equal(text.bytes + 62, "\xc2\x80", 2);
}

static void exactness_follows_the_values_that_share_a_front(void **state)
{
    (void)state;
    uint8_t bytes[65];
    memset(bytes, 'q', sizeof bytes);
    const struct ji_view both[] = {{bytes, 64}, {bytes, 65}};
    struct ji_bounds bounds = bounds_of(JI_BOUND_BYTES, both, 2);
    struct ji_bound_text text;
    assert_true(ji_bounds_min(&bounds, &text));
    assert_true(text.exact); /* the shorter is the least, and stands there whole */
    assert_true(ji_bounds_max(&bounds, &text));
    assert_false(text.exact);

    struct ji_bounds merged = bounds_of(JI_BOUND_BYTES, &both[1], 1);
    const struct ji_bounds shorter = bounds_of(JI_BOUND_BYTES, &both[0], 1);
    ji_bounds_merge(&merged, &shorter);
    assert_true(merged.min.exact);
    assert_false(merged.max.exact);
}

static void merging_takes_the_wider(void **state)
{
    (void)state;
    const int64_t first[] = {3, 5};
    const int64_t second[] = {-4, 4};
    struct ji_bounds merged = {.bytes_max = 0};
    ji_bounds_reset(&merged, JI_BOUND_I64);
    const struct ji_bounds none = merged;
    const struct ji_bounds a = bounds_of(JI_BOUND_I64, first, 2);
    const struct ji_bounds b = bounds_of(JI_BOUND_I64, second, 2);
    ji_bounds_merge(&merged, &none);
    assert_false(merged.has_values);
    ji_bounds_merge(&merged, &a);
    ji_bounds_merge(&merged, &b);
    ji_bounds_merge(&merged, &none);
    assert_int_equal(merged.min.number.i, -4);
    assert_int_equal(merged.max.number.i, 5);
}

static void facts_are_values_of_the_field(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    struct ji_schema_element element = {.physical = JI_PHYSICAL_INT64};
    struct ji_field field = {.name = "t", .kind = JI_TIMESTAMP, .unit = JI_SECOND};
    const struct ji_leaf leaf = {.element = &element, .field = &field};
    const int64_t values[] = {-5000, 9000};
    struct ji_bounds bounds = bounds_of(ji_leaf_bound_order(&leaf), values, 2);
    struct ji_facts facts = {.row_count = 2};
    assert_ok(ji_bounds_facts(&bounds, &leaf, &arena, &facts, NULL));
    assert_int_equal(facts.min.as.integer, -5);
    assert_int_equal(facts.max.as.integer, 9);
    assert_false(facts.has_nan_count);

    field = (struct ji_field){.name = "d", .kind = JI_DECIMAL, .precision = 20};
    element = (struct ji_schema_element){.physical = JI_PHYSICAL_FIXED, .type_length = 9};
    const uint8_t minus_two[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};
    const struct ji_view view = ji_view_of(minus_two, 9);
    bounds = bounds_of(ji_leaf_bound_order(&leaf), &view, 1);
    assert_ok(ji_bounds_facts(&bounds, &leaf, &arena, &facts, NULL));
    assert_true(facts.min.as.decimal == -2 && facts.max.as.decimal == -2);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(signed_and_unsigned_numbers_have_their_own_order),
            cmocka_unit_test(nan_never_counts_and_is_counted),
            cmocka_unit_test(reals_are_found_in_every_place),
            cmocka_unit_test(zeros_are_written_wide_of_their_signs),
            cmocka_unit_test(every_half_comes_back_as_it_was),
            cmocka_unit_test(wide_decimals_are_signed_numbers),
            cmocka_unit_test(bytes_are_unsigned_and_short_is_less),
            cmocka_unit_test(long_values_are_cut_down_and_raised),
            cmocka_unit_test(cut_text_is_whole_characters_and_raised_by_one),
            cmocka_unit_test(exactness_follows_the_values_that_share_a_front),
            cmocka_unit_test(merging_takes_the_wider),
            cmocka_unit_test(facts_are_values_of_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
