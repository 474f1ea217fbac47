/*
 * level_write_test.c - levels of nested columns, from the examples of the Dremel paper's kind
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/encode/level_write.h"

#include <string.h>

static struct joist_ctx *ctx;
static struct ji_arena arena;
static struct ji_level_room room;
static struct ji_schema schema;
static struct ji_parquet_schema layout;

static int setup(void **state)
{
    (void)state;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_level_room_init(&room, ji_ctx_mem(ctx));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ji_level_room_clear(&room);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}

static void lay_out(const char *text)
{
    ji_arena_clear(&arena);
    assert_ok(ji_schema_parse(&arena, ji_view_of_text(text), &schema, NULL));
    assert_ok(ji_parquet_schema_write(&arena, &schema, &layout, NULL));
}

static struct ji_levels levels_of(const struct ji_column *column, size_t leaf, size_t start, size_t count)
{
    struct ji_levels levels;
    const struct ji_level_part part = {.column = column, .start = start, .count = count};
    assert_ok(ji_levels_make(&room, &layout.shapes[0], &layout.leaves[leaf], &part, &levels, NULL));
    return levels;
}

static void a_list_has_an_entry_for_each_element_null_and_nothing(void **state)
{
    (void)state;
    lay_out("l list<int>");
    /* [7, null], null, [], [8] */
    const int32_t values[] = {7, 0, 8};
    const uint8_t element_validity[] = {0x5};
    const uint8_t list_validity[] = {0xd};
    const int32_t offsets[] = {0, 2, 2, 2, 3};
    struct ji_column child = {.field = &schema.columns[0].children[0],
            .row_count = 3,
            .validity = element_validity,
            .values = values};
    const struct ji_column list = {.field = &schema.columns[0],
            .row_count = 4,
            .validity = list_validity,
            .offsets = offsets,
            .children = &child};
    const struct ji_levels levels = levels_of(&list, 0, 0, 4);
    assert_int_equal(levels.count, 5);
    assert_memory_equal(levels.defs, ((const uint8_t[]){3, 2, 0, 1, 3}), 5);
    assert_memory_equal(levels.reps, ((const uint8_t[]){0, 1, 0, 0, 0}), 5);
    assert_int_equal(levels.row_count, 2);
    assert_memory_equal(levels.rows, ((const uint32_t[]){0, 2}), 8);
    assert_ptr_equal(levels.column, &child);

    const struct ji_levels last = levels_of(&list, 0, 3, 1);
    assert_int_equal(last.count, 1);
    assert_int_equal(last.rows[0], 2);
}

static void lists_in_lists_repeat_at_their_own_level(void **state)
{
    (void)state;
    lay_out("l list<list<int required> required> required");
    /* [[1, 2], [3]], [[]], [[4]] */
    const int32_t values[] = {1, 2, 3, 4};
    const int32_t inner[] = {0, 2, 3, 3, 4};
    const int32_t outer[] = {0, 2, 3, 4};
    const struct ji_field *field = &schema.columns[0];
    struct ji_column number = {.field = &field->children[0].children[0], .row_count = 4, .values = values};
    struct ji_column middle = {
            .field = &field->children[0], .row_count = 4, .offsets = inner, .children = &number};
    const struct ji_column list = {.field = field, .row_count = 3, .offsets = outer, .children = &middle};
    const struct ji_levels levels = levels_of(&list, 0, 0, 3);
    assert_int_equal(levels.count, 5);
    assert_memory_equal(levels.reps, ((const uint8_t[]){0, 2, 1, 0, 0}), 5);
    assert_memory_equal(levels.defs, ((const uint8_t[]){2, 2, 2, 1, 2}), 5);
    assert_int_equal(levels.row_count, 4);
}

static void a_null_struct_hides_what_its_children_hold(void **state)
{
    (void)state;
    lay_out("r struct<a int required, b string>");
    const int32_t numbers[] = {1, 2, 3};
    const struct ji_view texts[] = {ji_view_of_text("x"), ji_view_of(NULL, 0), ji_view_of_text("z")};
    const uint8_t text_validity[] = {0x5};
    const uint8_t validity[] = {0x3};
    const struct ji_field *field = &schema.columns[0];
    struct ji_column children[2] = {
            {.field = &field->children[0], .row_count = 3, .values = numbers},
            {.field = &field->children[1], .row_count = 3, .validity = text_validity, .values = texts},
    };
    const struct ji_column record = {
            .field = field, .row_count = 3, .validity = validity, .children = children};
    const struct ji_levels first = levels_of(&record, 0, 0, 3);
    assert_memory_equal(first.defs, ((const uint8_t[]){1, 1, 0}), 3);
    assert_int_equal(first.row_count, 2);
    const struct ji_levels second = levels_of(&record, 1, 0, 3);
    assert_memory_equal(second.defs, ((const uint8_t[]){2, 1, 0}), 3);
    assert_int_equal(second.row_count, 1);
}

static void a_null_where_a_value_is_required_is_named(void **state)
{
    (void)state;
    lay_out("r struct<a int required>");
    const int32_t numbers[] = {1, 2};
    const uint8_t broken[] = {0x1};
    const struct ji_field *field = &schema.columns[0];
    struct ji_column child = {
            .field = &field->children[0], .row_count = 2, .validity = broken, .values = numbers};
    const struct ji_column record = {.field = field, .row_count = 2, .children = &child};
    const struct ji_level_part part = {.column = &record, .count = 2};
    struct ji_levels levels;
    struct joist_error err;
    assert_status(ji_levels_make(&room, &layout.shapes[0], &layout.leaves[0], &part, &levels, &err),
            JOIST_ERR_INVALID);
    assert_string_equal(err.text, "null in required 'a'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_list_has_an_entry_for_each_element_null_and_nothing),
            cmocka_unit_test(lists_in_lists_repeat_at_their_own_level),
            cmocka_unit_test(a_null_struct_hides_what_its_children_hold),
            cmocka_unit_test(a_null_where_a_value_is_required_is_named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
