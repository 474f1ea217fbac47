/*
 * arrow_schema_test.c - types as text, as ArrowSchemas, and back
 */
#include "support/oom.h"
#include "support/test.h"

#include "arrow/arrow_schema.h"

#include <string.h>

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct joist_error err;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &f->ctx, NULL));
    ji_arena_init(&f->arena, ji_ctx_mem(f->ctx));
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

static const char *const every_type[] = {"null", "boolean", "int8", "int16", "int", "long", "uint8", "uint16",
        "uint32", "uint64", "float16", "float", "double", "decimal(1, 0)", "decimal(38, 38)", "date", "time",
        "time_s", "time_ms", "time_ns", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns",
        "timestamptz", "timestamptz_s", "timestamptz_ms", "timestamptz_ns", "string", "uuid", "fixed(7)",
        "binary", "list<int>", "list<list<string required>>", "map<string, long>",
        "map<struct<a int>, list<double> required>", "struct<>",
        "struct<a int required, \"b c\" string, \"\"\"q\" map<int, binary>>"};

#define TYPE_COUNT (sizeof every_type / sizeof every_type[0])

static void every_type_prints_what_it_parses_from(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        struct ji_field field;
        const char *text;
        assert_ok(ji_type_parse(&f->arena, ji_view_of_text(every_type[i]), &field, NULL));
        assert_ok(ji_type_text(&f->arena, &field, &text, NULL));
        assert_string_equal(text, every_type[i]);
        assert_true(field.nullable);
        assert_int_equal(field.field_id, JI_FIELD_ID_NONE);
    }
}

static void every_type_goes_over_the_border_and_back(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        struct ji_field field[2];
        struct ji_schema back;
        struct ArrowSchema out;
        const char *text;
        assert_ok(ji_type_parse(&f->arena, ji_view_of_text(every_type[i]), &field[0], NULL));
        assert_ok(ji_type_parse(&f->arena, ji_view_of_text(every_type[i]), &field[1], NULL));
        field[0].name = "c\xc3\xb8lumn";
        field[0].field_id = (int32_t)i;
        field[1].name = "required";
        field[1].nullable = false;
        const struct ji_schema schema = {.column_count = 2, .columns = field};
        assert_ok(ji_schema_export(ji_ctx_mem(f->ctx), &schema, &out, NULL));
        assert_ok(ji_schema_import(&f->arena, &out, &back, &f->err));
        out.release(&out);
        assert_null(out.release);
        assert_int_equal(back.column_count, 2);
        assert_true(ji_type_equal(&back.columns[0], &field[0]));
        assert_ok(ji_type_text(&f->arena, &back.columns[0], &text, NULL));
        assert_string_equal(text, every_type[i]);
        assert_string_equal(back.columns[0].name, "c\xc3\xb8lumn");
        assert_int_equal(back.columns[0].field_id, i);
        assert_true(back.columns[0].nullable);
        assert_int_equal(back.columns[1].field_id, JI_FIELD_ID_NONE);
        assert_false(back.columns[1].nullable);
    }
}

static void types_differ_by_kind_and_parameters(void **state)
{
    struct fixture *f = *state;
    struct ji_field *fields;
    assert_ok(ji_arena_array(&f->arena, TYPE_COUNT, sizeof *fields, &fields, NULL));
    for (size_t i = 0; i < TYPE_COUNT; i++)
        assert_ok(ji_type_parse(&f->arena, ji_view_of_text(every_type[i]), &fields[i], NULL));
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        for (size_t k = 0; k < TYPE_COUNT; k++)
            assert_int_equal(ji_type_equal(&fields[i], &fields[k]), i == k);
    }
}

static void children_moved_out_outlive_their_parent(void **state)
{
    struct fixture *f = *state;
    struct ji_schema schema;
    struct ArrowSchema out;
    assert_ok(ji_schema_parse(&f->arena, ji_view_of_text("a list<int>, b string"), &schema, NULL));
    assert_ok(ji_schema_hand_out(f->ctx, &schema, &out, NULL));
    struct ArrowSchema moved = *out.children[0];
    out.children[0]->release = NULL;
    out.release(&out);
    assert_string_equal(moved.name, "a");
    assert_string_equal(moved.children[0]->format, "i");
    moved.release(&moved);
}

static void columns_are_found_by_name(void **state)
{
    struct fixture *f = *state;
    struct ji_schema schema;
    struct ji_schema copy;
    assert_ok(ji_schema_parse(&f->arena, ji_view_of_text("a int, A long, Bc date"), &schema, NULL));
    assert_ok(ji_schema_copy(&f->arena, &schema, &copy, NULL));
    assert_int_equal(ji_schema_find(&copy, ji_view_of_text("a")), 0);
    assert_int_equal(ji_schema_find(&copy, ji_view_of_text("A")), 1);
    assert_int_equal(ji_schema_find(&copy, ji_view_of_text("bC")), 2);
    assert_int_equal(ji_schema_find(&copy, ji_view_of_text("b")), SIZE_MAX);
    assert_ok(ji_schema_parse(&f->arena, ji_view_of_text("aa int, aA long"), &schema, NULL));
    assert_int_equal(ji_schema_find(&schema, ji_view_of_text("AA")), SIZE_MAX);
}

static void bad_type_texts_say_where(void **state)
{
    struct fixture *f = *state;
    struct ji_field field;
    struct ji_schema schema;
    assert_status(ji_type_parse(&f->arena, ji_view_of_text("list<int"), &field, &f->err), JOIST_ERR_INVALID);
    assert_string_equal(f->err.text, "type text ends where '>' is due");
    assert_status(ji_type_parse(&f->arena, ji_view_of_text("int long"), &field, &f->err), JOIST_ERR_INVALID);
    assert_string_equal(f->err.text, "type text: the end is due at character 5, at 'long'");
    assert_status(ji_type_parse(&f->arena, ji_view_of_text("integer"), &field, &f->err), JOIST_ERR_INVALID);
    assert_string_equal(f->err.text, "'integer' is no type's name");
    assert_status(ji_type_parse(&f->arena, ji_view_of("int\0", 4), &field, &f->err), JOIST_ERR_INVALID);
    char deep[1024] = "";
    for (int i = 0; i < 70; i++)
        strcat(deep, "list<");
    assert_status(ji_type_parse(&f->arena, ji_view_of_text(deep), &field, &f->err), JOIST_ERR_LIMIT);
    assert_ok(ji_schema_parse(&f->arena, ji_view_of_text("  "), &schema, NULL));
    assert_int_equal(schema.column_count, 0);
}

static void release_nothing(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* A row of one column of this format. */
static enum joist_status import_format(struct fixture *f, const char *format, const char *metadata)
{
    struct ArrowSchema child = {
            .format = format, .name = "c", .metadata = metadata, .release = release_nothing};
    struct ArrowSchema *children[1] = {&child};
    const struct ArrowSchema root = {
            .format = "+s", .n_children = 1, .children = children, .release = release_nothing};
    struct ji_schema schema;
    const struct ji_array_shape *shape;
    return ji_schema_import_shape(&f->arena, &root, &schema, &shape, &f->err);
}

/* One pair as the C data interface has metadata: its counts are in the machine's own byte order. */
static const char *pair(char out[64], const char *key, const char *value)
{
    const int32_t heads[] = {1, (int32_t)strlen(key)};
    const int32_t value_size = (int32_t)strlen(value);
    const size_t at = sizeof heads + strlen(key);
    assert_true(at + sizeof value_size + strlen(value) <= 64);
    memcpy(out, heads, sizeof heads);
    memcpy(out + sizeof heads, key, strlen(key));
    memcpy(out + at, &value_size, sizeof value_size);
    memcpy(out + at + sizeof value_size, value, strlen(value));
    return out;
}

static void formats_that_we_lack_are_unsupported_by_name(void **state)
{
    struct fixture *f = *state;
    static const char *const lacking[][2] = {{"tiM", "interval"}, {"tiD", "interval"}, {"+ud:0", "union"},
            {"+us:0", "union"}, {"+r", "run-end"}, {"d:39,0", "decimal(39, 0)"},
            {"d:77,0,256", "decimal(77, 0)"}, {"d:5,-1", "decimal(5, -1)"}, {"d:5,6", "decimal(5, 6)"},
            {"d:5,1,512", "512 bits"}, {"w:0", "0 bytes"}, {"x", "'x'"}};
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        assert_status(import_format(f, lacking[i][0], NULL), JOIST_ERR_UNSUPPORTED);
        assert_non_null(strstr(f->err.text, lacking[i][1]));
        assert_non_null(strstr(f->err.text, "column 'c'"));
    }
}

static void broken_schemas_are_invalid(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {NULL, "", "d:", "d:5", "d:0,0", "d:5,2,", "d:5,2x", "w:", "w:5x",
            "w:-4", "+w:x", "tsx:", "ts", "tss", "+l", "+m"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(import_format(f, bad[i], NULL), JOIST_ERR_INVALID);
    assert_status(import_format(f, "w:99999999", NULL), JOIST_ERR_LIMIT);
    assert_status(import_format(f, "i", "\xff\xff\xff\xff"), JOIST_ERR_INVALID);
    static const int32_t too_long[] = {1, INT32_MAX};
    assert_status(import_format(f, "i", (const char *)too_long), JOIST_ERR_INVALID);
    char bytes[64];
    assert_status(import_format(f, "i", pair(bytes, "PARQUET:field_id", "x1")), JOIST_ERR_INVALID);
    const char *const uuid = pair(bytes, "ARROW:extension:name", "arrow.uuid");
    assert_status(import_format(f, "i", uuid), JOIST_ERR_INVALID);
    assert_ok(import_format(f, "w:16", uuid));
}

static void broken_trees_are_refused(void **state)
{
    struct fixture *f = *state;
    struct ArrowSchema child = {.format = "i", .name = "\xff", .release = release_nothing};
    struct ArrowSchema *children[2] = {&child, NULL};
    struct ArrowSchema root = {
            .format = "+s", .n_children = 1, .children = children, .release = release_nothing};
    struct ji_schema schema;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
    child.name = NULL;
    assert_ok(ji_schema_import(&f->arena, &root, &schema, &f->err));
    assert_string_equal(schema.columns[0].name, "");
    root.n_children = 2;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
    root.n_children = -1;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_LIMIT);
    root.n_children = 1;
    root.children = NULL;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
    root.children = children;
    root.format = "+l";
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
    root.format = "+s";
    children[0] = &root;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_LIMIT);
    root.release = NULL;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
}

static void dictionaries_are_checked(void **state)
{
    struct fixture *f = *state;
    struct ArrowSchema values = {.format = "u", .release = release_nothing};
    struct ArrowSchema child = {
            .format = "i", .name = "d", .dictionary = &values, .release = release_nothing};
    struct ArrowSchema *children[1] = {&child};
    const struct ArrowSchema root = {
            .format = "+s", .n_children = 1, .children = children, .release = release_nothing};
    struct ji_schema schema;
    assert_ok(ji_schema_import(&f->arena, &root, &schema, &f->err));
    assert_int_equal(schema.columns[0].kind, JI_STRING);
    values.format = "+s";
    assert_ok(ji_schema_import(&f->arena, &root, &schema, &f->err));
    assert_int_equal(schema.columns[0].kind, JI_STRUCT);
    values.format = "+l";
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
    values.format = "u";
    values.dictionary = &child;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_UNSUPPORTED);
    values.dictionary = NULL;
    values.release = NULL;
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
    child.format = "g";
    assert_status(ji_schema_import(&f->arena, &root, &schema, &f->err), JOIST_ERR_INVALID);
}

static enum joist_status there_and_back(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    struct ji_arena arena;
    struct ji_schema schema;
    struct ArrowSchema out;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_schema_parse(&arena,
            ji_view_of_text("a uuid, b map<int, struct<x decimal(9,2), \"y z\" list<fixed(3)>>>"), &schema,
            err));
    JI_TRY_OUT(ji_schema_hand_out(ctx, &schema, &out, err));
    status = ji_schema_import(&arena, &out, &schema, err);
    out.release(&out);
    if (status == JOIST_OK) {
        const char *text;
        status = ji_type_text(&arena, &schema.columns[1], &text, err);
    }
out:
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    oom_sweep(there_and_back, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(every_type_prints_what_it_parses_from),
            TEST(every_type_goes_over_the_border_and_back),
            TEST(types_differ_by_kind_and_parameters),
            TEST(children_moved_out_outlive_their_parent),
            TEST(columns_are_found_by_name),
            TEST(bad_type_texts_say_where),
            TEST(formats_that_we_lack_are_unsupported_by_name),
            TEST(broken_schemas_are_invalid),
            TEST(broken_trees_are_refused),
            TEST(dictionaries_are_checked),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
