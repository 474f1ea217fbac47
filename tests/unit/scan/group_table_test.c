/*
 * group_table_test.c - keys as bytes, rows to groups, orders
 */
#include "support/test.h"

#include "base/ctx.h"
#include "scan/accumulator.h"
#include "scan/sort_key.h"
#include "scan/stable_sort.h"

#include <math.h>
#include <string.h>

static struct joist_ctx *open_ctx(void)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void equal_rows_have_equal_keys_and_groups(void **state)
{
    struct joist_ctx *ctx = open_ctx();
    const struct ji_field field = {.name = "x", .kind = JI_DOUBLE, .nullable = true};
    const double values[] = {0.0, -0.0, NAN, -NAN, 1.0, 7.0, 7.0, 1.0};
    const uint8_t validity[] = {0x9f}; /* rows 5 and 6 are null */
    const struct ji_column column = {.field = &field, .row_count = 8, .values = values, .validity = validity};
    struct ji_group_table table;
    uint32_t groups[8];
    const struct ji_key_batch batch = {&column, 1, NULL, 8, 100};
    static const uint32_t wanted[] = {0, 0, 1, 1, 2, 3, 3, 2};
    (void)state;
    ji_group_table_init(&table, ji_ctx_mem(ctx));
    assert_ok(ji_group_table_map(&table, &batch, groups, NULL));
    assert_memory_equal(groups, wanted, sizeof wanted);
    assert_int_equal(table.count, 4);
    assert_int_equal(table.groups[2].first, 104);
    ji_group_table_clear(&table);
    joist_ctx_close(ctx);
}

static void dictionaries_and_flat_values_make_the_same_groups(void **state)
{
    struct joist_ctx *ctx = open_ctx();
    const struct ji_field field = {.name = "k", .kind = JI_STRING, .nullable = true};
    struct ji_view words[] = {ji_view_of_text("oak"), ji_view_of_text(""), ji_view_of_text("oak")};
    const struct ji_view flat_words[] = {words[0], words[1], words[0], words[0], words[1], words[1]};
    const int32_t codes[] = {0, 1, 2, 0, 1, 1};
    const uint8_t validity[] = {0x2f}; /* row 4 is null */
    struct ji_column dictionary = {.field = &field, .row_count = 3, .values = words};
    const struct ji_column coded = {.field = &field,
            .form = JI_DICTIONARY,
            .row_count = 6,
            .values = codes,
            .validity = validity,
            .dictionary = &dictionary};
    const struct ji_column flat = {
            .field = &field, .row_count = 6, .values = flat_words, .validity = validity};
    const uint32_t rows[] = {1, 2, 4, 5};
    uint32_t groups[6];
    struct ji_group_table table;
    static const uint32_t wanted[] = {0, 1, 0, 0, 2, 1};
    static const uint32_t wanted_rows[] = {1, 0, 2, 1};
    (void)state;
    ji_group_table_init(&table, ji_ctx_mem(ctx));
    assert_ok(ji_group_table_map(&table, &(struct ji_key_batch){&coded, 1, NULL, 6, 0}, groups, NULL));
    assert_memory_equal(groups, wanted, sizeof wanted);
    assert_ok(ji_group_table_map(&table, &(struct ji_key_batch){&flat, 1, NULL, 6, 0}, groups, NULL));
    assert_memory_equal(groups, wanted, sizeof wanted);
    assert_ok(ji_group_table_map(&table, &(struct ji_key_batch){&coded, 1, rows, 4, 0}, groups, NULL));
    assert_memory_equal(groups, wanted_rows, sizeof wanted_rows);
    assert_int_equal(table.count, 3);
    ji_group_table_clear(&table);
    joist_ctx_close(ctx);
}

static void keys_read_back_as_their_values(void **state)
{
    struct joist_ctx *ctx = open_ctx();
    const struct ji_field fields[] = {{.name = "a", .kind = JI_INT16},
            {.name = "b", .kind = JI_STRING, .nullable = true},
            {.name = "c", .kind = JI_DECIMAL, .precision = 30, .scale = 2},
            {.name = "d", .kind = JI_UUID, .fixed_bytes = 16},
            {.name = "e", .kind = JI_BOOL, .nullable = true}};
    const int16_t a[] = {-7};
    const struct ji_view b[] = {ji_view_of_text("elm")};
    const ji_int128 c[] = {-123456789};
    const char d[] = "0123456789abcdef";
    const uint8_t none[] = {0};
    const struct ji_column columns[] = {{.field = &fields[0], .row_count = 1, .values = a},
            {.field = &fields[1], .row_count = 1, .values = b},
            {.field = &fields[2], .row_count = 1, .values = c},
            {.field = &fields[3], .row_count = 1, .values = d},
            {.field = &fields[4], .row_count = 1, .values = none, .validity = none}};
    struct ji_row_keys keys = {.mem = ji_ctx_mem(ctx)};
    struct ji_value values[5];
    size_t bytes = 0;
    (void)state;
    assert_ok(ji_row_keys_encode(&keys, NULL, columns, 5, NULL, 1, NULL));
    const uint8_t *start = ji_row_key(&keys, 0, &bytes);
    const uint8_t *at = start;
    for (size_t column = 0; column < 5; column++)
        ji_row_key_read(&fields[column], &at, &values[column]);
    assert_int_equal(at - start, bytes);
    assert_int_equal(values[0].as.integer, -7);
    assert_true(ji_view_equal_text(values[1].as.view, "elm"));
    assert_true(values[2].as.decimal == -123456789);
    assert_memory_equal(values[3].as.view.data, d, 16);
    assert_true(values[4].is_null);
    ji_row_keys_clear(&keys);
    joist_ctx_close(ctx);
}

static void many_keys_keep_their_groups(void **state)
{
    enum { COUNT = 20000 };
    struct joist_ctx *ctx = open_ctx();
    const struct ji_field field = {.name = "x", .kind = JI_INT64};
    static int64_t values[COUNT];
    static uint32_t groups[COUNT];
    struct ji_group_table table;
    (void)state;
    for (size_t index = 0; index < COUNT; index++)
        values[index] = (int64_t)(index % 7919) * 1000003;
    const struct ji_column column = {.field = &field, .row_count = COUNT, .values = values};
    ji_group_table_init(&table, ji_ctx_mem(ctx));
    assert_ok(ji_group_table_map(&table, &(struct ji_key_batch){&column, 1, NULL, COUNT, 0}, groups, NULL));
    assert_int_equal(table.count, 7919);
    for (size_t index = 0; index < COUNT; index++)
        assert_int_equal(groups[index], index % 7919);
    ji_group_table_clear(&table);
    joist_ctx_close(ctx);
}

static void exact_sums_pass_128_bits_and_come_back(void **state)
{
    struct ji_exact_sum sum = {0};
    const ji_int128 big = (((ji_int128)1 << 126) - 1) * 2 + 1;
    (void)state;
    for (int times = 0; times < 5; times++)
        ji_exact_sum_add(&sum, big);
    assert_int_not_equal(sum.high, 0);
    for (int times = 0; times < 5; times++)
        ji_exact_sum_add(&sum, -big);
    assert_true(sum.high == 0 && sum.low == 0);
}

static void sums_of_doubles_keep_what_addition_loses(void **state)
{
    struct ji_real_sum sum = {0};
    (void)state;
    ji_real_sum_add(&sum, 1e16);
    for (int times = 0; times < 1000; times++)
        ji_real_sum_add(&sum, 1.0);
    ji_real_sum_add(&sum, -1e16);
    assert_true(sum.sum + sum.rest == 1000.0);
}

static struct ji_bytes sort_key(
        struct joist_ctx *ctx, const struct ji_field *field, const void *value, struct ji_sort_order order)
{
    const struct ji_column column = {.field = field, .row_count = 1, .values = value};
    struct ji_bytes key;
    ji_bytes_init(&key, ji_ctx_mem(ctx));
    assert_ok(ji_sort_key_append(&key, &column, 0, order, NULL));
    return key;
}

/* `values` rise; so must their keys, and fall when descending. */
static void check_order(
        struct joist_ctx *ctx, const struct ji_field *field, const void *values, size_t width, size_t count)
{
    for (size_t index = 0; index + 1 < count; index++) {
        const uint8_t *low = (const uint8_t *)values + index * width;
        for (int down = 0; down < 2; down++) {
            const struct ji_sort_order order = {.descending = down == 1};
            struct ji_bytes a = sort_key(ctx, field, low, order);
            struct ji_bytes b = sort_key(ctx, field, low + width, order);
            const int sign = ji_view_compare(ji_view_of(a.data, a.size), ji_view_of(b.data, b.size));
            assert_true(down == 1 ? sign > 0 : sign < 0);
            ji_bytes_clear(&a);
            ji_bytes_clear(&b);
        }
    }
}

static void sort_keys_order_as_their_values(void **state)
{
    struct joist_ctx *ctx = open_ctx();
    const struct ji_field integer = {.name = "", .kind = JI_INT64};
    const struct ji_field natural = {.name = "", .kind = JI_UINT64};
    const struct ji_field real = {.name = "", .kind = JI_DOUBLE};
    const struct ji_field decimal = {.name = "", .kind = JI_DECIMAL, .precision = 38};
    const struct ji_field small = {.name = "", .kind = JI_DECIMAL, .precision = 9};
    const struct ji_field text = {.name = "", .kind = JI_STRING};
    static const int64_t integers[] = {INT64_MIN, -5, -1, 0, 1, 300, INT64_MAX};
    static const uint64_t naturals[] = {0, 1, (uint64_t)INT64_MAX, UINT64_MAX};
    const double reals[] = {-INFINITY, -1e300, -1.0, -1e-300, 0.0, 1e-300, 2.0, INFINITY, NAN};
    const ji_int128 decimals[] = {-((ji_int128)1 << 100), -1, 0, 1, UINT64_MAX, (ji_int128)1 << 100};
    const struct ji_view texts[] = {ji_view_of_text(""), ji_view_of("\0", 1), ji_view_of("\0a", 2),
            ji_view_of("\1", 1), ji_view_of_text("a"), ji_view_of("a\0", 2), ji_view_of("a\0\0", 3),
            ji_view_of_text("ab"), ji_view_of_text("b"), ji_view_of("\xff", 1)};
    (void)state;
    check_order(ctx, &integer, integers, 8, 7);
    check_order(ctx, &natural, naturals, 8, 4);
    check_order(ctx, &real, reals, 8, 9);
    check_order(ctx, &decimal, decimals, 16, 6);
    check_order(ctx, &small, integers + 1, 8, 5);
    check_order(ctx, &text, texts, sizeof texts[0], 10);
    joist_ctx_close(ctx);
}

static int compare_numbers(const void *arg, uint32_t a, uint32_t b)
{
    const uint32_t *values = arg;
    return (values[a] > values[b]) - (values[a] < values[b]);
}

static void sorting_keeps_equal_ones_in_order(void **state)
{
    enum { COUNT = 1000 };
    struct joist_ctx *ctx = open_ctx();
    uint32_t values[COUNT];
    uint32_t order[COUNT];
    (void)state;
    for (size_t count = 0; count <= COUNT; count += count < 40 ? 1 : 137) {
        uint32_t seed = 12345;
        for (uint32_t index = 0; index < count; index++) {
            seed = seed * 1664525u + 1013904223u;
            values[index] = (seed >> 16) % 50;
            order[index] = index;
        }
        assert_ok(ji_stable_sort(ji_ctx_mem(ctx), order, count, compare_numbers, values, NULL));
        for (size_t index = 1; index < count; index++) {
            assert_true(values[order[index - 1]] <= values[order[index]]);
            assert_true(values[order[index - 1]] < values[order[index]] || order[index - 1] < order[index]);
        }
    }
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(equal_rows_have_equal_keys_and_groups),
            cmocka_unit_test(dictionaries_and_flat_values_make_the_same_groups),
            cmocka_unit_test(keys_read_back_as_their_values),
            cmocka_unit_test(many_keys_keep_their_groups),
            cmocka_unit_test(exact_sums_pass_128_bits_and_come_back),
            cmocka_unit_test(sums_of_doubles_keep_what_addition_loses),
            cmocka_unit_test(sort_keys_order_as_their_values),
            cmocka_unit_test(sorting_keeps_equal_ones_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
