/*
 * parquet_scan_test.c - files of old schemas as rows of a new one
 *
 *     file:    1 id int | 2 x float | 3 price decimal(9,2) | 4 s struct<5 a int, 6 b string> | 8 old string
 *     wanted:  8 renamed string | 1 id long | 2 x double | 3 price decimal(30,2) | 4 s struct<6 c string, 9 d long, 5 a long>
 *              | 10 city string (constant) | 11 gone list<int>
 */
#include "support/test.h"

#include "parquet/parquet_file_writer.h"
#include "scan/parquet_scan.h"

#include <joist/store.h>

#include <string.h>

#define FILE_SCHEMA "id int required, x float, price decimal(9,2), s struct<a int, b string>, old string"
#define WANTED_SCHEMA                                                                                        \
    "renamed string, id long, x double, price decimal(30,2), s struct<c string, d long, a long>, city "      \
    "string, "                                                                                               \
    "gone list<int>"

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_schema wanted;
};

/* A schema from its text with these field ids, top-level columns first, then children of struct `parent`. */
static struct ji_schema schema_with_ids(
        struct ji_arena *arena, const char *text, const int32_t *ids, size_t parent, const int32_t *child_ids)
{
    struct ji_schema parsed;
    struct ji_schema copy;
    struct ji_field *columns = NULL;
    assert_ok(ji_schema_parse(arena, ji_view_of_text(text), &parsed, NULL));
    assert_ok(ji_schema_copy(arena, &parsed, &copy, NULL));
    assert_ok(ji_arena_array(arena, copy.column_count, sizeof *columns, &columns, NULL));
    memcpy(columns, copy.columns, copy.column_count * sizeof *columns);
    for (size_t column = 0; column < copy.column_count; column++)
        columns[column].field_id = ids[column];
    for (size_t child = 0; child < columns[parent].child_count; child++)
        columns[parent].children[child].field_id = child_ids[child];
    return (struct ji_schema){.column_count = copy.column_count, .columns = columns};
}

static void write_file(struct fixture *fixture, const char *location)
{
    static const int32_t ids[] = {1, 2, 3, 4, 8};
    static const int32_t child_ids[] = {5, 6};
    const struct ji_schema schema = schema_with_ids(&fixture->arena, FILE_SCHEMA, ids, 3, child_ids);
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .row_group_rows_max = 2};
    static const int32_t id[] = {1, 2, 3};
    static const float x[] = {0.5f, 1.5f, -2.0f};
    static const int64_t price[] = {150, 200, -1};
    static const int32_t a[] = {10, 20, 30};
    const struct ji_view words[] = {ji_view_of_text("p"), ji_view_of_text("q"), ji_view_of_text("r")};
    static const uint8_t validity[] = {0x5};
    struct ji_column children[] = {{.field = &schema.columns[3].children[0], .row_count = 3, .values = a},
            {.field = &schema.columns[3].children[1], .row_count = 3, .values = words}};
    struct ji_column columns[] = {{.field = &schema.columns[0], .row_count = 3, .values = id},
            {.field = &schema.columns[1], .row_count = 3, .values = x},
            {.field = &schema.columns[2], .row_count = 3, .values = price, .validity = validity},
            {.field = &schema.columns[3], .row_count = 3, .children = children},
            {.field = &schema.columns[4], .row_count = 3, .values = words}};
    const struct ji_batch batch = {
            .row_count = 3, .selection_count = 3, .column_count = 5, .columns = columns};
    struct joist_parquet_writer *writer = NULL;
    struct joist_sink sink = {0};
    struct ji_file_facts facts;
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    assert_ok(joist_sink_open(fixture->ctx, location, JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(ji_parquet_writer_open(fixture->ctx, mem, sink, &schema, &options, &writer, NULL));
    assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    assert_ok(ji_parquet_writer_finish(writer, &fixture->arena, &facts, NULL));
}

static int set_up(void **state)
{
    static struct fixture fixture;
    static const int32_t ids[] = {8, 1, 2, 3, 4, 10, 11};
    static const int32_t child_ids[] = {6, 9, 5};
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    memset(&fixture, 0, sizeof fixture);
    if (joist_ctx_open(&options, &fixture.ctx, NULL) != JOIST_OK)
        return 1;
    ji_arena_init(&fixture.arena, ji_ctx_mem(fixture.ctx));
    fixture.wanted = schema_with_ids(&fixture.arena, WANTED_SCHEMA, ids, 4, child_ids);
    write_file(&fixture, "memory:old.parquet");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ji_arena_clear(&fixture->arena);
    joist_ctx_close(fixture->ctx);
    return 0;
}

static enum joist_status open_scan(struct fixture *fixture, const struct ji_schema *schema,
        const struct ji_scan_request *request, struct ji_rows_scan *scan, struct joist_error *err)
{
    static const struct ji_column_constant constants[] = {
            {.column = 5, .value = {.as.view = {(const uint8_t *)"Oslo", 4}}}};
    const struct ji_parquet_scan_file file = {.location = "memory:old.parquet",
            .constants = constants,
            .constant_count = schema->column_count > 5 ? 1 : 0};
    const struct ji_parquet_scan_options options = {
            .schema = schema, .match = JI_MATCH_ID, .files = &file, .file_count = 1, .request = request};
    return ji_parquet_scan_open(fixture->ctx, &options, scan, err);
}

/* All rows of a scan, values as JSON behind one another. */
static void scan_text(struct fixture *fixture, const struct ji_schema *schema,
        const struct ji_scan_request *request, struct ji_bytes *out, struct ji_scan_counters *counters)
{
    struct ji_rows_scan scan;
    const struct ji_batch *batch = NULL;
    assert_ok(open_scan(fixture, schema, request, &scan, NULL));
    for (size_t morsel = 0; morsel < scan.ops->morsel_count(scan.self); morsel++) {
        struct ji_rows_cursor cursor;
        assert_ok(scan.ops->open(scan.self, morsel, ji_ctx_mem(fixture->ctx), &cursor, NULL));
        for (;;) {
            assert_ok(cursor.ops->next(cursor.self, &batch, NULL));
            if (batch == NULL)
                break;
            for (size_t index = 0; index < batch->selection_count; index++) {
                const size_t row = batch->selection == NULL ? index : batch->selection[index];
                for (size_t column = 0; column < batch->column_count; column++) {
                    assert_ok(ji_column_json(&batch->columns[column], row, out, NULL));
                    assert_ok(ji_bytes_append_byte(out, ' ', NULL));
                }
                assert_ok(ji_bytes_append_byte(out, '\n', NULL));
            }
        }
        cursor.ops->close(cursor.self);
    }
    *counters = scan.ops->counters(scan.self);
    scan.ops->close(scan.self);
    assert_ok(ji_bytes_append_byte(out, '\0', NULL));
}

static const struct ji_expr *predicate_of(struct fixture *fixture, const char *text)
{
    struct ji_expr *parsed = NULL;
    struct ji_expr *bound = NULL;
    assert_ok(ji_expr_parse_all(&fixture->arena, ji_view_of_text(text), &parsed, NULL));
    assert_ok(ji_expr_bind(&fixture->arena, &fixture->wanted, parsed, &bound, NULL));
    return bound;
}

static void old_files_are_read_by_id_widened_and_filled_up(void **state)
{
    struct fixture *fixture = *state;
    static const size_t columns[] = {1, 0, 2, 3, 4, 5, 6};
    const struct ji_scan_request request = {.columns = columns, .column_count = 7};
    struct ji_scan_counters counters;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    scan_text(fixture, &fixture->wanted, &request, &out, &counters);
    assert_string_equal((const char *)out.data,
            "1 \"p\" 0.5 1.50 {\"c\":\"p\",\"d\":null,\"a\":10} \"Oslo\" null \n"
            "2 \"q\" 1.5 null {\"c\":\"q\",\"d\":null,\"a\":20} \"Oslo\" null \n"
            "3 \"r\" -2.0 -0.01 {\"c\":\"r\",\"d\":null,\"a\":30} \"Oslo\" null \n");
    assert_int_equal(counters.groups, 2);
    assert_int_equal(counters.rows_read, 3);
    ji_bytes_clear(&out);
}

static void predicates_see_the_wanted_columns(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *predicate;
        const char *rows;
        uint64_t groups_pruned;
    } cases[] = {
            {"id > 2", "3 \"r\" \n", 1},
            {"id = 9223372036854775807", "", 2},
            {"city = 'Oslo' and id < 2", "1 \"p\" \n", 1},
            {"city = 'Bergen'", "", 2},
            {"city = 'Oslo'", "1 \"p\" \n2 \"q\" \n3 \"r\" \n", 0},
            {"gone is not null", "", 0},
            {"renamed = 'q'", "2 \"q\" \n", 1},
            {"price is null", "2 \"q\" \n", 1},
            {"x > 1e0 and price is null", "2 \"q\" \n", 1},
            {"s.a = 30", "3 \"r\" \n", 0},
            {"length(city) = id", "", 0},
    };
    static const size_t columns[] = {1, 0};
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        const struct ji_scan_request request = {.columns = columns,
                .column_count = 2,
                .predicate = predicate_of(fixture, cases[index].predicate)};
        struct ji_scan_counters counters;
        struct ji_bytes out;
        ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
        scan_text(fixture, &fixture->wanted, &request, &out, &counters);
        if (strcmp((const char *)out.data, cases[index].rows) != 0)
            fail_msg("%s: %s", cases[index].predicate, (const char *)out.data);
        if (counters.groups_pruned < cases[index].groups_pruned)
            fail_msg("%s: %d groups pruned", cases[index].predicate, (int)counters.groups_pruned);
        ji_bytes_clear(&out);
    }
}

static void a_scan_of_no_columns_counts_rows(void **state)
{
    struct fixture *fixture = *state;
    const struct ji_scan_request request = {.limit = 2};
    struct ji_scan_counters counters;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    scan_text(fixture, &fixture->wanted, &request, &out, &counters);
    assert_string_equal((const char *)out.data, "\n\n");
    assert_int_equal(counters.groups_pruned, 1);
    ji_bytes_clear(&out);
}

static void types_that_do_not_widen_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *schema;
        const char *error;
    } cases[] = {
            {"id string", "column 'id' is int, which does not become string"},
            {"id double", "does not become"},
            {"missing int required", "required column 'missing' is not there"},
            {"price decimal(12,3)", "does not become"},
            {"price decimal(5,2)", "does not become"},
            {"s list<int>", "does not become"},
            {"s struct<a string>", "does not become"},
            {"x int", "does not become"},
    };
    static const size_t columns[] = {0};
    const struct ji_scan_request request = {.columns = columns, .column_count = 1};
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct ji_schema schema;
        struct ji_rows_scan scan = {0};
        struct joist_error err = {0};
        assert_ok(ji_schema_parse(&fixture->arena, ji_view_of_text(cases[index].schema), &schema, NULL));
        assert_status(open_scan(fixture, &schema, &request, &scan, &err), JOIST_ERR_INVALID);
        if (strstr(err.text, cases[index].error) == NULL || strstr(err.text, "memory:old.parquet") == NULL)
            fail_msg("%s: %s", cases[index].schema, err.text);
    }
}

/* One column `id` without a field id, no rows. */
static void write_file_without_ids(struct fixture *fixture, const char *location)
{
    struct ji_schema schema;
    struct joist_parquet_writer *writer = NULL;
    struct joist_sink sink = {0};
    struct ji_file_facts facts;
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    assert_ok(ji_schema_parse(&fixture->arena, ji_view_of_text("id int"), &schema, NULL));
    assert_ok(joist_sink_open(fixture->ctx, location, JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(ji_parquet_writer_open(fixture->ctx, mem, sink, &schema, NULL, &writer, NULL));
    assert_ok(ji_parquet_writer_finish(writer, &fixture->arena, &facts, NULL));
}

static void a_file_without_ids_is_refused_where_names_may_have_changed(void **state)
{
    struct fixture *fixture = *state;
    write_file_without_ids(fixture, "memory:adopted.parquet");
    static const size_t columns[] = {0};
    const struct ji_scan_request request = {.columns = columns, .column_count = 1};
    const struct ji_parquet_scan_file file = {.location = "memory:adopted.parquet"};
    struct ji_parquet_scan_options options = {.schema = &fixture->wanted,
            .match = JI_MATCH_ID,
            .files = &file,
            .file_count = 1,
            .request = &request};
    struct ji_rows_scan scan = {0};
    struct joist_error err = {0};
    assert_ok(ji_parquet_scan_open(fixture->ctx, &options, &scan, &err));
    scan.ops->close(scan.self);
    options.ids_required = true;
    assert_status(ji_parquet_scan_open(fixture->ctx, &options, &scan, &err), JOIST_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.text, "memory:adopted.parquet: columns without field ids"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    old_files_are_read_by_id_widened_and_filled_up, set_up, tear_down),
            cmocka_unit_test_setup_teardown(predicates_see_the_wanted_columns, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_scan_of_no_columns_counts_rows, set_up, tear_down),
            cmocka_unit_test_setup_teardown(types_that_do_not_widen_are_refused_by_name, set_up, tear_down),
            cmocka_unit_test_setup_teardown(
                    a_file_without_ids_is_refused_where_names_may_have_changed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
