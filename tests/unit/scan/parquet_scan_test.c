/*
 * parquet_scan_test.c - files of old schemas as rows of a new one
 *
 *     file:    1 id int | 2 x float | 3 price decimal(9,2) | 4 s struct<5 a int, 6 b string> | 8 old string
 *     wanted:  8 renamed string | 1 id long | 2 x double | 3 price decimal(30,2) | 4 s struct<6 c string, 9 d long, 5 a long>
 *              | 10 city string (constant) | 11 gone list<int>
 */
#include "support/test.h"

#include "base/io.h"
#include "parquet/parquet_file_writer.h"
#include "scan/parquet_scan.h"
#include "scan/parquet_source.h"
#include "support/oom.h"

#include <joist/store.h>

#include <math.h>
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

#define PAGED_SCHEMA "n long, word string, x double, few int, late string"
#define PAGED_ROWS 400

/* Columns that rise, come in runs, have nulls and NaN; pages of 16 rows, two row groups. */
static enum joist_status write_paged(
        struct joist_ctx *ctx, struct ji_arena *arena, const char *location, struct joist_error *err)
{
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .row_group_rows_max = 240, .page_rows_max = 16};
    struct ji_schema schema;
    int64_t *n = NULL;
    double *x = NULL;
    int32_t *few = NULL;
    struct ji_view *words = NULL;
    uint8_t *validity = NULL;
    JI_TRY(ji_schema_parse(arena, ji_view_of_text(PAGED_SCHEMA), &schema, err));
    JI_TRY(ji_arena_array(arena, PAGED_ROWS, sizeof *n, &n, err));
    JI_TRY(ji_arena_array(arena, PAGED_ROWS, sizeof *x, &x, err));
    JI_TRY(ji_arena_array(arena, PAGED_ROWS, sizeof *few, &few, err));
    JI_TRY(ji_arena_array(arena, PAGED_ROWS, sizeof *words, &words, err));
    JI_TRY(ji_arena_array(arena, ji_bitmap_bytes(PAGED_ROWS), 1, &validity, err));
    for (size_t row = 0; row < PAGED_ROWS; row++) {
        const char *text = NULL;
        n[row] = (int64_t)(3 * row);
        x[row] = row % 50 == 49 ? (double)NAN : row % 40 == 0 ? -0.0 : (double)(row / 20);
        few[row] = (int32_t)(row * 7 % 400 / 40 * 2);
        JI_TRY(ji_arena_printf(arena, &text, err, "w%03zu", row / 3));
        words[row] = ji_view_of_text(text);
        if (row % 64 < 40)
            ji_bit_set(validity, row);
    }
    struct ji_column columns[] = {{.row_count = PAGED_ROWS, .values = n},
            {.row_count = PAGED_ROWS, .values = words, .validity = validity},
            {.row_count = PAGED_ROWS, .values = x}, {.row_count = PAGED_ROWS, .values = few},
            {.row_count = PAGED_ROWS, .values = words}};
    for (size_t column = 0; column < 5; column++)
        columns[column].field = &schema.columns[column];
    const struct ji_batch batch = {
            .row_count = PAGED_ROWS, .selection_count = PAGED_ROWS, .column_count = 5, .columns = columns};
    struct joist_parquet_writer *writer = NULL;
    struct joist_sink sink = {0};
    struct ji_file_facts facts;
    JI_TRY(joist_sink_open(ctx, location, JOIST_SINK_CREATE, &sink, err));
    enum joist_status status =
            ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, &schema, &options, &writer, err);
    if (status != JOIST_OK) {
        ji_sink_abort(&sink);
        return status;
    }
    status = ji_parquet_writer_append(writer, &batch, err);
    if (status != JOIST_OK) {
        joist_parquet_writer_abort(writer);
        return status;
    }
    return ji_parquet_writer_finish(writer, arena, &facts, err);
}

/* The rows that satisfy a predicate, as text. */
static enum joist_status paged_rows(struct joist_ctx *ctx, struct ji_rows_source *source,
        const struct ji_scan_request *request, struct ji_bytes *out, struct ji_scan_counters *counters,
        struct joist_error *err)
{
    struct ji_rows_scan scan;
    enum joist_status status = JOIST_OK;
    JI_TRY(source->ops->plan(source->self, request, &scan, err));
    for (size_t morsel = 0; morsel < scan.ops->morsel_count(scan.self); morsel++) {
        struct ji_rows_cursor cursor = {0};
        const struct ji_batch *batch = NULL;
        JI_TRY_OUT(scan.ops->open(scan.self, morsel, ji_ctx_mem(ctx), &cursor, err));
        while ((status = cursor.ops->next(cursor.self, &batch, err)) == JOIST_OK && batch != NULL) {
            for (size_t index = 0; index < batch->selection_count && status == JOIST_OK; index++) {
                const size_t row = batch->selection == NULL ? index : batch->selection[index];
                for (size_t column = 0; column < batch->column_count && status == JOIST_OK; column++)
                    status = ji_column_json(&batch->columns[column], row, out, err);
                if (status == JOIST_OK)
                    status = ji_bytes_append_byte(out, '\n', err);
            }
            if (status != JOIST_OK)
                break;
        }
        cursor.ops->close(cursor.self);
        if (status != JOIST_OK)
            break;
    }
    *counters = scan.ops->counters(scan.self);
out:
    scan.ops->close(scan.self);
    return status;
}

static const struct {
    const char *predicate;
    uint64_t pages_pruned; /* at least */
} paged_cases[] = {
        {"n = 300", 14},
        {"n = 301", 14},
        {"n in (3, 900, 1200)", 0},
        {"n between 100 and 130", 13},
        {"n < 30 or n > 1170", 20},
        {"word = 'w050'", 14},
        {"word is null", 2},
        {"word is not null", 2},
        {"word is null and n < 200", 10},
        {"n > 500 and n < 700 and word < 'w070'", 20},
        {"x = 0e0", 10},
        {"x > 19e0", 0},
        {"x < 2e0", 10},
        {"x = cast('nan' as double)", 0},
        {"not (n > 40)", 12},
        {"few = 3", 0},
        {"few = 4", 0},
        {"few = 2 and n < 50", 10},
        {"late like 'w13%'", 5},
        {"n > 100 and length(word) = 4", 0},
        {"n >= 0", 0},
        {"n < 0", 0},
};

static void pages_that_cannot_match_are_passed_over(void **state)
{
    struct fixture *fixture = *state;
    static const size_t wanted[][3] = {{0, 1, 4}, {4, 3, 2}, {4, 4, 4}, {1, 2, 0}};
    struct ji_rows_source source;
    const char *const location = "memory:paged.parquet";
    assert_ok(write_paged(fixture->ctx, &fixture->arena, location, NULL));
    assert_ok(ji_parquet_source_open(fixture->ctx, &location, 1, NULL, &source, NULL));
    fixture->wanted = *source.ops->schema(source.self);
    for (size_t index = 0; index < 4 * sizeof paged_cases / sizeof paged_cases[0]; index++) {
        const char *const text = paged_cases[index / 4].predicate;
        struct ji_scan_request request = {
                .columns = wanted[index % 4], .column_count = 3, .predicate = predicate_of(fixture, text)};
        struct ji_scan_counters counters;
        struct ji_scan_counters whole;
        struct ji_bytes pruned_rows;
        struct ji_bytes rows;
        ji_bytes_init(&pruned_rows, ji_ctx_mem(fixture->ctx));
        ji_bytes_init(&rows, ji_ctx_mem(fixture->ctx));
        assert_ok(paged_rows(fixture->ctx, &source, &request, &pruned_rows, &counters, NULL));
        request.no_prune = true;
        assert_ok(paged_rows(fixture->ctx, &source, &request, &rows, &whole, NULL));
        assert_int_equal(whole.rows_read, PAGED_ROWS);
        assert_int_equal(whole.groups_pruned + whole.pages, 0);
        if (!ji_view_equal(ji_view_of(rows.data, rows.size), ji_view_of(pruned_rows.data, pruned_rows.size)))
            fail_msg("%s: pruned\n%.*s\nwhole\n%.*s", text, (int)pruned_rows.size, (char *)pruned_rows.data,
                    (int)rows.size, (char *)rows.data);
        if (counters.pages_pruned < paged_cases[index / 4].pages_pruned)
            fail_msg("%s: %d of %d pages pruned", text, (int)counters.pages_pruned, (int)counters.pages);
        ji_bytes_clear(&pruned_rows);
        ji_bytes_clear(&rows);
    }
    source.ops->close(source.self);
}

/* One scan of the paged file, written into the swept context first. */
static enum joist_status scan_paged(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    static const size_t columns[] = {4};
    const char *const location = "memory:paged.parquet";
    struct fixture own = {.ctx = ctx};
    struct ji_rows_source source = {0};
    struct ji_scan_counters counters;
    struct ji_bytes out;
    struct ji_expr *parsed = NULL;
    struct ji_expr *bound = NULL;
    enum joist_status status = JOIST_OK;
    (void)arg;
    ji_arena_init(&own.arena, ji_ctx_mem(ctx));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    JI_TRY_OUT(write_paged(ctx, &own.arena, location, err));
    JI_TRY_OUT(ji_parquet_source_open(ctx, &location, 1, NULL, &source, err));
    JI_TRY_OUT(ji_expr_parse_all(&own.arena,
            ji_view_of_text("n > 90 and n < 600 and few in (3, 4) and word is not null"), &parsed, err));
    JI_TRY_OUT(ji_expr_bind(&own.arena, source.ops->schema(source.self), parsed, &bound, err));
    const struct ji_scan_request request = {.columns = columns, .column_count = 1, .predicate = bound};
    JI_TRY_OUT(paged_rows(ctx, &source, &request, &out, &counters, err));
out:
    if (source.ops != NULL)
        source.ops->close(source.self);
    ji_bytes_clear(&out);
    ji_arena_clear(&own.arena);
    return status;
}

static void every_failed_allocation_of_a_pruned_scan_is_told(void **state)
{
    (void)state;
    oom_sweep_sparse(scan_paged, NULL);
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
            cmocka_unit_test_setup_teardown(pages_that_cannot_match_are_passed_over, set_up, tear_down),
            cmocka_unit_test(every_failed_allocation_of_a_pruned_scan_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
