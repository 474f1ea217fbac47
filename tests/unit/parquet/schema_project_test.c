/*
 * schema_project_test.c - parts of columns by path and id: what remains, and which chunks are read for it
 */
#include "support/oom.h"
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/format/schema_project.h"

#include <string.h>

static const char types[] = "a long, s struct<x int, y struct<p string, q list<struct<m string, n int>>>>, m "
                            "map<string, struct<v int, w int>>";

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_parquet_schema schema;
    struct ji_array_shape *layout;
};

static enum joist_status make_schema(struct ji_arena *arena, struct ji_parquet_schema *out,
        struct ji_array_shape **layout, struct joist_error *err)
{
    struct ji_schema *schema = NULL;
    struct ji_parquet_schema *written = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *schema, &schema, err));
    JI_TRY(ji_arena_array(arena, 1, sizeof *written, &written, err));
    JI_TRY(ji_schema_parse(arena, ji_view_of_text(types), schema, err));
    JI_TRY(ji_parquet_schema_write(arena, schema, written, err));
    JI_TRY(ji_parquet_schema_read(arena, written->elements, written->element_count, NULL, out, err));
    return ji_array_shape_plain(arena, &out->schema, layout, err);
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &f->ctx, NULL));
    ji_arena_init(&f->arena, ji_ctx_mem(f->ctx));
    assert_ok(make_schema(&f->arena, &f->schema, &f->layout, NULL));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ji_arena_clear(&f->arena);
    joist_ctx_close(f->ctx);
    test_free(f);
    return 0;
}

/* The type of the column that is left of `path`, and its chunks: "0 3 4". */
static const char *project(struct fixture *f, const char *path, const char **chunks)
{
    bool leaves[16] = {false};
    size_t column = 99;
    bool found = false;
    struct ji_parquet_schema made;
    struct ji_array_shape *shape = NULL;
    const char *text = NULL;
    assert_ok(
            ji_schema_mark_path(&f->arena, &f->schema, ji_view_of_text(path), leaves, &column, &found, NULL));
    if (!found)
        return "nothing";
    struct ji_wanted_column wanted = {.column = column, .leaves = leaves};
    const struct ji_wanted_columns columns = {&wanted, 1};
    assert_ok(ji_schema_project(&f->arena, &f->schema, &columns, f->layout, &made, &shape, NULL));
    assert_int_equal(made.schema.column_count, 1);
    assert_int_equal(shape->child_count, 1);
    *chunks = "";
    for (size_t i = 0; i < made.leaf_count; i++) {
        assert_int_equal(made.leaves[i].index, i);
        assert_int_equal(made.leaves[i].column, 0);
        assert_ptr_equal(made.leaves[i].shape->field, made.leaves[i].field);
        assert_int_equal(made.leaves[i].shape->leaf_start, i);
        assert_ok(ji_arena_printf(
                &f->arena, chunks, NULL, "%s%s%zu", *chunks, i > 0 ? " " : "", made.leaves[i].chunk));
    }
    assert_int_equal(made.shapes[0].leaf_count, made.leaf_count);
    assert_int_equal(shape->children[0].child_count, made.schema.columns[0].child_count);
    assert_ok(ji_type_text(&f->arena, &made.schema.columns[0], &text, NULL));
    return text;
}

static void paths_keep_what_they_name(void **state)
{
    static const struct {
        const char *path;
        const char *type;
        const char *chunks;
    } rows[] = {
            {"s.x", "struct<x int>", "1"},
            {"s.y", "struct<y struct<p string, q list<struct<m string, n int>>>>", "2 3 4"},
            {"s.y.p", "struct<y struct<p string>>", "2"},
            {"s.y.q.list.element.n", "struct<y struct<q list<struct<n int>>>>", "4"},
            {"s.y.q.element.m", "struct<y struct<q list<struct<m string>>>>", "3"},
            {"m.key_value.value.w", "map<string, struct<w int>>", "5 7"},
            {"m.key_value.key", "map<string, struct<v int, w int>>", "5 6 7"},
            {"m.key_value", "map<string, struct<v int, w int>>", "5 6 7"},
            {"a", "long", "0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *chunks = NULL;
        assert_string_equal(project(*state, rows[i].path, &chunks), rows[i].type);
        assert_string_equal(chunks, rows[i].chunks);
    }
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const paths[] = {"s.z", "s.", "s.xx", "x", "", ".", "s.y.q.list.element.n.o", "S.x"};
    const char *chunks = NULL;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_string_equal(project(*state, paths[i], &chunks), "nothing");
}

static void ids_are_found_wherever_they_stand(void **state)
{
    struct fixture *f = *state;
    bool leaves[16] = {false};
    size_t column = 99;
    f->schema.fields[1].children[1].field_id = 7;
    assert_true(ji_schema_mark_id(&f->schema, 7, leaves, &column));
    assert_int_equal(column, 1);
    assert_false(leaves[1]);
    assert_true(leaves[2] && leaves[3] && leaves[4]);
    assert_false(leaves[5]);
    assert_false(ji_schema_mark_id(&f->schema, 8, leaves, &column));
    assert_false(ji_schema_mark_id(&f->schema, JI_FIELD_ID_NONE, leaves, &column));
}

static enum joist_status body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_parquet_schema schema;
    struct ji_parquet_schema made;
    struct ji_array_shape *layout = NULL;
    struct ji_array_shape *shape = NULL;
    bool leaves[16] = {false};
    size_t column = 0;
    bool found = false;
    (void)arg;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(make_schema(&arena, &schema, &layout, err));
    JI_TRY_OUT(ji_schema_mark_path(
            &arena, &schema, ji_view_of_text("s.y.q.element.m"), leaves, &column, &found, err));
    struct ji_wanted_column wanted[] = {{.column = column, .leaves = leaves}, {.column = 2}, {.column = 0}};
    const struct ji_wanted_columns columns = {wanted, 3};
    JI_TRY_OUT(ji_schema_project(&arena, &schema, &columns, layout, &made, &shape, err));
    assert_int_equal(made.leaf_count, 5);
out:
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    oom_sweep(body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(paths_keep_what_they_name, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_not_there_is_not_found, set_up, tear_down),
            cmocka_unit_test_setup_teardown(ids_are_found_wherever_they_stand, set_up, tear_down),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
