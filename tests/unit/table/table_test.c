/*
 * table_test.c - tables from create to time travel, in memory and in a folder
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/ctx.h"
#include "support/oom.h"
#include "support/temp_folder.h"
#include "table/catalog/catalog.h"
#include "table/write/partition_router.h"

static struct joist_ctx *ctx;
static struct joist_catalog *catalog;
static int64_t clock_us = INT64_C(1790000000000000);

static int64_t tick(void *user)
{
    (void)user;
    return __atomic_add_fetch(&clock_us, 1000000, __ATOMIC_RELAXED);
}

static int setup(void **state)
{
    (void)state;
    const struct joist_clock clock = {.now_us = tick};
    const struct joist_ctx_options options = {.struct_size = sizeof options, .clock = &clock};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_ok(joist_catalog_open(ctx, "memory:", NULL, &catalog, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    joist_catalog_close(catalog);
    joist_ctx_close(ctx);
    return 0;
}

#define must(call)                                                                                           \
    do {                                                                                                     \
        struct joist_error oops = {0};                                                                       \
        if ((call) != JOIST_OK)                                                                              \
            fail_msg("%s: %s", #call, oops.text);                                                            \
    } while (0)

static enum joist_status create(struct joist_catalog *where, const char *table, const char *schema,
        const char *partition, struct joist_error *err)
{
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema arrow = {0};
    JI_TRY(joist_builder_open(where->ctx, schema, &builder, err));
    enum joist_status status = joist_builder_take(builder, &stream, err);
    joist_builder_close(builder);
    if (status != JOIST_OK)
        return status;
    if (stream.get_schema(&stream, &arrow) != 0) {
        stream.release(&stream);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "get_schema");
    }
    const struct joist_table_create_options options = {
            .struct_size = sizeof options, .schema = &arrow, .partition = partition};
    status = joist_table_create(where, table, &options, err);
    arrow.release(&arrow);
    stream.release(&stream);
    return status;
}

/* Rows as lines of blank-separated cells; '-' is null. */
static enum joist_status stream_of(struct joist_ctx *own, const char *schema, const char *rows,
        struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct joist_builder *builder = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(joist_builder_open(own, schema, &builder, err));
    for (const char *at = rows; *at != '\0';) {
        const size_t size = strcspn(at, " \n");
        if (size == 1 && *at == '-')
            JI_TRY_OUT(joist_builder_null(builder, err));
        else
            JI_TRY_OUT(joist_builder_text(builder, at, size, err));
        at += size;
        if (*at == '\n' || *at == '\0')
            JI_TRY_OUT(joist_builder_end_row(builder, err));
        at += *at != '\0';
    }
    JI_TRY_OUT(joist_builder_take(builder, stream, err));
out:
    joist_builder_close(builder);
    return status;
}

static enum joist_status append(struct joist_catalog *where, const char *table, const char *schema,
        const char *rows, struct joist_append_report *report, struct joist_error *err)
{
    struct ArrowArrayStream stream = {0};
    JI_TRY(stream_of(where->ctx, schema, rows, &stream, err));
    const enum joist_status status = joist_table_append(where, table, &stream, NULL, report, err);
    stream.release(&stream);
    return status;
}

static enum joist_status count_rows(struct ArrowArrayStream *stream, int64_t *rows, struct joist_error *err)
{
    for (*rows = 0;;) {
        struct ArrowArray array = {0};
        JI_TRY(joist_stream_next(stream, &array, err));
        if (array.release == NULL)
            return JOIST_OK;
        *rows += array.length;
        array.release(&array);
    }
}

static enum joist_status scan(struct joist_catalog *where, const char *table,
        const struct joist_scan_options *options, int64_t *rows, struct joist_error *err)
{
    struct ArrowArrayStream stream = {0};
    JI_TRY(joist_table_scan(where, table, options, &stream, err));
    const enum joist_status status = count_rows(&stream, rows, err);
    stream.release(&stream);
    return status;
}

static int64_t rows_of(
        struct joist_catalog *where, const char *table, const struct joist_scan_options *options)
{
    struct joist_error err = {0};
    int64_t rows = -1;
    if (scan(where, table, options, &rows, &err) != JOIST_OK)
        fail_msg("scan of %s: %s", table, err.text);
    return rows;
}

static int64_t rows_where(const char *table, const char *where)
{
    const struct joist_scan_options options = {.struct_size = sizeof options, .where = where};
    return rows_of(catalog, table, &options);
}

#define TREES "id long required, kind string, planted date, price decimal(9,2)"

static void rows_that_were_appended_are_read(void **state)
{
    (void)state;
    struct joist_append_report report = {0};
    must(create(catalog, "n.read", TREES, NULL, &oops));
    assert_int_equal(rows_of(catalog, "n.read", NULL), 0);
    must(append(catalog, "n.read", TREES, "1 oak 1996-03-13 12.50\n2 yew - -\n3 - 2020-01-01 0.01", &report,
            &oops));
    assert_int_equal(report.rows, 3);
    assert_int_equal(report.files, 1);
    assert_true(report.snapshot_id > 0);
    assert_int_equal(rows_of(catalog, "n.read", NULL), 3);
    assert_int_equal(rows_where("n.read", "id >= 2"), 2);
    assert_int_equal(rows_where("n.read", "kind = 'oak' and price = 12.5"), 1);
    assert_int_equal(rows_where("n.read", "planted is null"), 1);
    assert_int_equal(rows_where("n.read", "id > 99"), 0);
    const struct joist_scan_options limit = {.struct_size = sizeof limit, .limit = 2};
    assert_int_equal(rows_of(catalog, "n.read", &limit), 2);
}

static void values_come_back_as_they_went_in(void **state)
{
    (void)state;
    struct ArrowArrayStream stream = {0};
    struct ArrowArray array = {0};
    static const char *const COLUMNS[] = {"price", "id"};
    const struct joist_scan_options options = {
            .struct_size = sizeof options, .columns = COLUMNS, .column_count = 2};
    must(create(catalog, "n.values", TREES, NULL, &oops));
    must(append(catalog, "n.values", TREES, "7 oak 1996-03-13 -12.50", NULL, &oops));
    must(joist_table_scan(catalog, "n.values", &options, &stream, &oops));
    must(joist_stream_next(&stream, &array, &oops));
    assert_int_equal(array.length, 1);
    assert_int_equal(((const int64_t *)array.children[1]->buffers[1])[0], 7);
    assert_true(((const ji_int128 *)array.children[0]->buffers[1])[0] == -1250);
    array.release(&array);
    stream.release(&stream);
}

static void partitions_have_their_files(void **state)
{
    (void)state;
    struct joist_append_report report = {0};
    struct ArrowArrayStream stream = {0};
    int64_t files = 0;
    must(create(catalog, "n.parts", TREES, "year(planted), kind", &oops));
    must(append(catalog, "n.parts", TREES,
            "1 oak 1996-03-13 1\n2 oak 1996-12-31 1\n3 oak 1997-01-01 1\n4 yew 1996-01-01 1\n5 - - 1",
            &report, &oops));
    assert_int_equal(report.files, 4);
    assert_int_equal(report.small_files, 0);
    assert_int_equal(rows_of(catalog, "n.parts", NULL), 5);
    assert_int_equal(rows_where("n.parts", "planted < date '1997-01-01'"), 3);
    assert_int_equal(rows_where("n.parts", "kind is null"), 1);
    must(joist_table_files(catalog, "n.parts", NULL, &stream, &oops));
    must(count_rows(&stream, &files, &oops));
    stream.release(&stream);
    assert_int_equal(files, 4);
}

static void many_partitions_finish_files_early(void **state)
{
    (void)state;
    struct joist_append_report report = {0};
    char rows[8192];
    size_t size = 0;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < JI_OPEN_PARTITIONS_MAX + 36; i++)
            size += (size_t)snprintf(rows + size, sizeof rows - size, "%s%d", size > 0 ? "\n" : "", i);
    }
    must(create(catalog, "n.many", "id int", "id", &oops));
    must(append(catalog, "n.many", "id int", rows, &report, &oops));
    assert_int_equal(report.rows, 2 * (JI_OPEN_PARTITIONS_MAX + 36));
    assert_true(report.small_files >= 36);
    assert_int_equal(rows_of(catalog, "n.many", NULL), report.rows);
    assert_int_equal(rows_where("n.many", "id = 42"), 2);
}

static void every_transform_routes_and_prunes(void **state)
{
    (void)state;
    static const char SCHEMA[] = "id long, s string, ts timestamp, d date";
    must(create(catalog, "n.all", SCHEMA,
            "bucket(4, id), truncate(2, s), hour(ts), month(d), bucket(3, s), truncate(10, id)", &oops));
    must(append(catalog, "n.all", SCHEMA,
            "1 abc 1969-12-31T23:59:59 1969-12-31\n-1 abd 2026-11-21T10:00:00 2026-11-21\n- - - -\n"
            "11 b 2026-11-21T10:30:00 2026-11-01",
            NULL, &oops));
    assert_int_equal(rows_of(catalog, "n.all", NULL), 4);
    assert_int_equal(rows_where("n.all", "id = 1"), 1);
    assert_int_equal(rows_where("n.all", "id in (1, -1)"), 2);
    assert_int_equal(rows_where("n.all", "s = 'abd'"), 1);
    assert_int_equal(rows_where("n.all", "s >= 'abd'"), 2);
    assert_int_equal(rows_where("n.all", "d < date '1970-01-01'"), 1);
    assert_int_equal(rows_where("n.all", "ts >= timestamp '2026-11-21 10:15:00'"), 1);
    assert_int_equal(rows_where("n.all", "id is null"), 1);
}

static void older_snapshots_stay_readable(void **state)
{
    (void)state;
    struct joist_append_report first = {0};
    struct joist_append_report second = {0};
    must(create(catalog, "n.time", "id long", NULL, &oops));
    must(append(catalog, "n.time", "id long", "1\n2", &first, &oops));
    const int64_t between = clock_us;
    must(append(catalog, "n.time", "id long", "3", &second, &oops));
    struct joist_scan_options options = {.struct_size = sizeof options};
    assert_int_equal(rows_of(catalog, "n.time", &options), 3);
    options.snapshot.snapshot_id = first.snapshot_id;
    assert_int_equal(rows_of(catalog, "n.time", &options), 2);
    options.snapshot.snapshot_id = 0;
    options.snapshot.ref = "main";
    assert_int_equal(rows_of(catalog, "n.time", &options), 3);
    options.snapshot.ref = NULL;
    options.snapshot.has_as_of = true;
    options.snapshot.as_of_us = between;
    assert_int_equal(rows_of(catalog, "n.time", &options), 2);
    struct joist_error err = {0};
    int64_t rows = 0;
    options.snapshot.as_of_us = 5;
    assert_status(scan(catalog, "n.time", &options, &rows, &err), JOIST_ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "begins at 2026-"));
    options.snapshot.ref = "main";
    assert_status(scan(catalog, "n.time", &options, &rows, &err), JOIST_ERR_INVALID);
    options.snapshot = (struct joist_snapshot_choice){.ref = "nope"};
    assert_status(scan(catalog, "n.time", &options, &rows, &err), JOIST_ERR_NOT_FOUND);
    options.snapshot = (struct joist_snapshot_choice){.snapshot_id = 5};
    assert_status(scan(catalog, "n.time", &options, &rows, &err), JOIST_ERR_NOT_FOUND);
}

static void history_and_schema_are_rows(void **state)
{
    (void)state;
    struct ArrowArrayStream stream = {0};
    struct ArrowArray array = {0};
    int64_t rows = 0;
    must(create(catalog, "n.history", TREES, "year(planted)", &oops));
    must(append(catalog, "n.history", TREES, "1 oak 1996-03-13 12.50", NULL, &oops));
    must(append(catalog, "n.history", TREES, "2 oak 1997-03-13 12.50", NULL, &oops));
    must(joist_table_history(catalog, "n.history", &stream, &oops));
    must(joist_stream_next(&stream, &array, &oops));
    assert_int_equal(array.length, 2);
    assert_int_equal(array.n_children, 8);
    assert_int_equal(((const int64_t *)array.children[6]->buffers[1])[1], 2);
    assert_int_equal(((const uint8_t *)array.children[7]->buffers[1])[0] & 3, 2);
    array.release(&array);
    stream.release(&stream);
    must(joist_table_schema_rows(catalog, "n.history", &stream, &oops));
    must(count_rows(&stream, &rows, &oops));
    stream.release(&stream);
    assert_int_equal(rows, 4);
    must(joist_catalog_tables(catalog, &stream, &oops));
    must(count_rows(&stream, &rows, &oops));
    stream.release(&stream);
    assert_true(rows >= 1);
    struct ArrowSchema schema = {0};
    must(joist_table_schema(catalog, "n.history", &schema, &oops));
    assert_int_equal(schema.n_children, 4);
    assert_string_equal(schema.children[1]->name, "kind");
    schema.release(&schema);
}

static void expect_refused(const char *schema, const char *rows, const char *part)
{
    struct joist_error err = {0};
    struct joist_append_report report = {.rows = 99};
    assert_status(append(catalog, "n.checks", schema, rows, &report, &err), JOIST_ERR_INVALID);
    if (strstr(err.text, part) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, part);
    assert_int_equal(report.rows, 99);
}

static void bad_rows_are_refused_by_row_column_and_value(void **state)
{
    (void)state;
    static const char TABLE[] = "id int required, w long, x double, y float, p decimal(5,2), t time, "
                                "b fixed(4), s struct<a int required>, l list<int>, z string";
    must(create(catalog, "n.checks", TABLE, NULL, &oops));
    expect_refused("id int", "1\n2\n-", "row 3, column 'id': null in a required column");
    expect_refused(
            "id long", "1\n3000000000", "row 2, column 'id': value 3000000000 is out of range for int");
    expect_refused("id double", "1\n1.5", "row 2, column 'id': value 1.5 is not a whole number");
    expect_refused("id double", "nan", "is not a number");
    expect_refused("id int, x long", "1 9007199254740993", "row 1, column 'x'");
    expect_refused("id int, y double", "1 0.1", "is not exact as a float");
    expect_refused("id int, p decimal(9,3)", "1 1.234", "too many digits behind the point");
    expect_refused("id int, p decimal(9,2)", "1 1234.00", "has too many digits");
    expect_refused("id int, p long", "1 1000", "has too many digits");
    expect_refused("id int, z long", "1 2", "does not become");
    expect_refused("id string", "1", "does not become");
    expect_refused("w long", "1", "'id' is required and missing");
    expect_refused("id int, nope int", "1 1", "'nope' is not in the table");
    expect_refused("id int, b binary", "1 616263", "has another size");
    assert_int_equal(rows_of(catalog, "n.checks", NULL), 0);
}

static void exact_values_are_cast(void **state)
{
    (void)state;
    must(create(
            catalog, "n.casts", "id int, w long, x double, p decimal(20,2), q decimal(5,1)", NULL, &oops));
    must(append(catalog, "n.casts", "id long, w int, x int, p long, q decimal(9,3)", "1 2 3 4 5.500", NULL,
            &oops));
    must(append(catalog, "n.casts", "ID double, x float, p decimal(4,2)", "7 0.5 99.99", NULL, &oops));
    assert_int_equal(rows_where("n.casts", "p = 4 and q = 5.5 and x = 3 and w = 2"), 1);
    assert_int_equal(rows_where("n.casts", "id = 7 and p = 99.99 and w is null"), 1);
}

static void extra_columns_can_be_ignored_and_rows_only_checked(void **state)
{
    (void)state;
    struct ArrowArrayStream stream = {0};
    struct joist_append_report report = {0};
    struct joist_append_options options = {
            .struct_size = sizeof options, .extra_columns = JOIST_EXTRA_IGNORE};
    must(create(catalog, "n.extra", "id int", NULL, &oops));
    must(stream_of(ctx, "id int, more string", "1 a\n2 b", &stream, &oops));
    must(joist_table_append(catalog, "n.extra", &stream, &options, &report, &oops));
    stream.release(&stream);
    assert_int_equal(report.rows, 2);
    options.validate_only = true;
    must(stream_of(ctx, "id int, more string", "1 a\n2 b\n3 c", &stream, &oops));
    must(joist_table_append(catalog, "n.extra", &stream, &options, &report, &oops));
    stream.release(&stream);
    assert_int_equal(report.rows, 3);
    assert_int_equal(report.snapshot_id, 0);
    assert_int_equal(rows_of(catalog, "n.extra", NULL), 2);
}

static void no_rows_make_no_snapshot(void **state)
{
    (void)state;
    struct joist_append_report report = {.snapshot_id = 9};
    must(create(catalog, "n.empty", "id int", NULL, &oops));
    must(append(catalog, "n.empty", "id int", "", &report, &oops));
    assert_int_equal(report.snapshot_id, 0);
    assert_int_equal(report.files, 0);
}

static void files_turn_over_at_their_target(void **state)
{
    (void)state;
    struct ArrowArrayStream stream = {0};
    struct joist_append_report report = {0};
    const struct joist_append_options options = {.struct_size = sizeof options, .file_bytes_target = 1};
    must(create(catalog, "n.turn", "id int", NULL, &oops));
    must(stream_of(ctx, "id int", "1\n2\n3", &stream, &oops));
    must(joist_table_append(catalog, "n.turn", &stream, &options, &report, &oops));
    stream.release(&stream);
    assert_int_equal(report.files, 1);
    assert_int_equal(rows_of(catalog, "n.turn", NULL), 3);
}

static void nested_columns_come_back(void **state)
{
    (void)state;
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream = {0};
    static const char SCHEMA[] = "id int, s struct<a int, b string>, l list<long>, m map<string, double>";
    must(create(catalog, "n.nested", SCHEMA, NULL, &oops));
    must(joist_builder_open(ctx, SCHEMA, &builder, &oops));
    for (int i = 0; i < 3; i++) {
        assert_ok(joist_builder_int64(builder, i, NULL));
        assert_ok(joist_builder_begin(builder, NULL));
        assert_ok(joist_builder_int64(builder, 10 + i, NULL));
        assert_ok(joist_builder_bytes(builder, "x", 1, NULL));
        assert_ok(joist_builder_end(builder, NULL));
        assert_ok(joist_builder_begin(builder, NULL));
        for (int j = 0; j < i; j++)
            assert_ok(joist_builder_int64(builder, j, NULL));
        assert_ok(joist_builder_end(builder, NULL));
        if (i == 1) {
            assert_ok(joist_builder_null(builder, NULL));
        } else {
            assert_ok(joist_builder_begin(builder, NULL));
            assert_ok(joist_builder_bytes(builder, "k", 1, NULL));
            assert_ok(joist_builder_double(builder, 0.5, NULL));
            assert_ok(joist_builder_end(builder, NULL));
        }
        assert_ok(joist_builder_end_row(builder, NULL));
    }
    must(joist_builder_take(builder, &stream, &oops));
    joist_builder_close(builder);
    must(joist_table_append(catalog, "n.nested", &stream, NULL, NULL, &oops));
    stream.release(&stream);
    struct ArrowArray array = {0};
    must(joist_table_scan(catalog, "n.nested", NULL, &stream, &oops));
    must(joist_stream_next(&stream, &array, &oops));
    assert_int_equal(array.length, 3);
    assert_int_equal(((const int32_t *)array.children[2]->buffers[1])[3] -
                    ((const int32_t *)array.children[2]->buffers[1])[0],
            3);
    assert_int_equal(array.children[3]->null_count == -1 ? 1 : array.children[3]->null_count, 1);
    array.release(&array);
    stream.release(&stream);
}

static void names_are_found_without_case(void **state)
{
    (void)state;
    struct joist_error err = {0};
    must(create(catalog, "Space.Table", "id int", NULL, &oops));
    assert_int_equal(rows_of(catalog, "space.TABLE", NULL), 0);
    assert_status(create(catalog, "Space.Table", "id int", NULL, &err), JOIST_ERR_EXISTS);
    must(create(catalog, "space.table", "id int, x int", NULL, &oops));
    int64_t rows = 0;
    assert_status(scan(catalog, "SPACE.table", NULL, &rows, &err), JOIST_ERR_INVALID);
    must(joist_table_drop(catalog, "space.table", true, NULL, &oops));
}

static void what_cannot_be_a_table_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
            "plain", ".t", "n.", "n/m.t", "n.t#", "n.t?", "n..t", "n.t\\", "n.t\n", "n.t%20", "n.\xFF"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_status(create(catalog, BAD[i], "id int", NULL, NULL), JOIST_ERR_INVALID);
    struct joist_error err = {0};
    int64_t rows = 0;
    assert_status(scan(catalog, "n.nothing", NULL, &rows, &err), JOIST_ERR_NOT_FOUND);
    assert_status(joist_table_drop(catalog, "n.nothing", false, NULL, NULL), JOIST_ERR_NOT_FOUND);
    assert_status(create(catalog, "n.badspec", "id int", "nope(id)", NULL), JOIST_ERR_INVALID);
}

static void schemas_come_as_json_too(void **state)
{
    (void)state;
    static const char *const PROPERTIES[] = {"a", "b", "format-version", "2"};
    struct joist_table_create_options options = {.struct_size = sizeof options,
            .schema_json = "{\"type\":\"struct\",\"fields\":[{\"id\":7,\"name\":\"id\",\"required\":true,"
                           "\"type\":\"long\"}]}",
            .properties = PROPERTIES,
            .property_count = 2};
    must(joist_table_create(catalog, "n.json", &options, &oops));
    must(append(catalog, "n.json", "id long", "1", NULL, &oops));
    options.schema_json = "{\"type\":";
    assert_status(joist_table_create(catalog, "n.json2", &options, NULL), JOIST_ERR_INVALID);
    options.schema_json = NULL;
    assert_status(joist_table_create(catalog, "n.json2", &options, NULL), JOIST_ERR_INVALID);
    static const char *const LATER[] = {"format-version", "3"};
    options.schema_json = "{\"fields\":[{\"id\":7,\"name\":\"id\",\"required\":true,\"type\":\"long\"}]}";
    options.properties = LATER;
    options.property_count = 1;
    assert_status(joist_table_create(catalog, "n.json2", &options, NULL), JOIST_ERR_UNSUPPORTED);
}

static void manifests_merge_when_they_are_many(void **state)
{
    (void)state;
    must(create(catalog, "n.merge", "id long", NULL, &oops));
    for (int i = 0; i < 120; i++)
        must(append(catalog, "n.merge", "id long", "1\n2", NULL, &oops));
    assert_int_equal(rows_of(catalog, "n.merge", NULL), 240);
    struct ArrowArrayStream stream = {0};
    int64_t files = 0;
    must(joist_table_files(catalog, "n.merge", NULL, &stream, &oops));
    must(count_rows(&stream, &files, &oops));
    stream.release(&stream);
    assert_int_equal(files, 120);
}

/* --- folders --- */

static size_t count_files(const char *path)
{
    char command[1200];
    size_t count = 0;
    snprintf(command, sizeof command, "find '%s' -type f | wc -l", path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fscanf(pipe, "%zu", &count), 1);
    pclose(pipe);
    return count;
}

static void a_warehouse_is_a_folder_that_stays(void **state)
{
    (void)state;
    struct temp_folder folder;
    char path[1024];
    struct joist_catalog *own = NULL;
    temp_folder_open(&folder);
    temp_folder_path(&folder, "deep/warehouse", path);
    const struct joist_catalog_options existing = {.struct_size = sizeof existing, .must_exist = true};
    assert_status(joist_catalog_open(ctx, path, &existing, &own, NULL), JOIST_ERR_NOT_FOUND);
    must(joist_catalog_open(ctx, path, NULL, &own, &oops));
    must(create(own, "n.t", TREES, "year(planted)", &oops));
    must(append(own, "n.t", TREES, "1 oak 1996-03-13 12.50\n2 yew 1997-01-01 3", NULL, &oops));
    joist_catalog_close(own);
    must(joist_catalog_open(ctx, path, &existing, &own, &oops));
    assert_int_equal(rows_of(own, "n.t", NULL), 2);
    /* catalog.db, two metadata files, a list, a manifest, two data files */
    assert_int_equal(count_files(path), 7);
    struct joist_error err = {0};
    assert_status(append(own, "n.t", TREES, "3 oak 1996-03-13 12.50\n- yew 1997-01-01 3", NULL, &err),
            JOIST_ERR_INVALID);
    assert_int_equal(count_files(path), 7);
    uint64_t removed = 0;
    must(joist_table_drop(own, "n.t", true, &removed, &oops));
    assert_int_equal(removed, 6);
    assert_int_equal(count_files(path), 1);
    joist_catalog_close(own);
    temp_folder_close(&folder);
}

static void a_moved_warehouse_reads_and_refuses_writes(void **state)
{
    (void)state;
    struct temp_folder folder;
    char path[1024];
    char moved[1024];
    struct joist_catalog *own = NULL;
    struct joist_error err = {0};
    temp_folder_open(&folder);
    temp_folder_path(&folder, "before", path);
    temp_folder_path(&folder, "after", moved);
    must(joist_catalog_open(ctx, path, NULL, &own, &oops));
    must(create(own, "n.t", "id long", NULL, &oops));
    must(append(own, "n.t", "id long", "1\n2", NULL, &oops));
    joist_catalog_close(own);
    assert_int_equal(rename(path, moved), 0);
    must(joist_catalog_open(ctx, moved, NULL, &own, &oops));
    assert_int_equal(rows_of(own, "n.t", NULL), 2);
    assert_status(append(own, "n.t", "id long", "3", NULL, &err), JOIST_ERR_DENIED);
    assert_non_null(strstr(err.text, "joist relocate"));
    joist_catalog_close(own);
    temp_folder_close(&folder);
}

static void a_read_only_catalog_changes_nothing(void **state)
{
    (void)state;
    struct temp_folder folder;
    struct joist_catalog *own = NULL;
    const struct joist_catalog_options options = {.struct_size = sizeof options, .read_only = true};
    temp_folder_open(&folder);
    assert_status(joist_catalog_open(ctx, folder.path, &options, &own, NULL), JOIST_ERR_NOT_FOUND);
    assert_int_equal(temp_folder_count(folder.path), 0);
    must(joist_catalog_open(ctx, folder.path, NULL, &own, &oops));
    must(create(own, "n.t", "id long", NULL, &oops));
    joist_catalog_close(own);
    must(joist_catalog_open(ctx, folder.path, &options, &own, &oops));
    assert_int_equal(rows_of(own, "n.t", NULL), 0);
    assert_status(append(own, "n.t", "id long", "3", NULL, NULL), JOIST_ERR_DENIED);
    assert_status(create(own, "n.u", "id long", NULL, NULL), JOIST_ERR_DENIED);
    joist_catalog_close(own);
    temp_folder_close(&folder);
}

static void a_failed_append_leaves_the_table(void **state)
{
    (void)state;
    struct joist_cancel cancel = {0};
    struct ArrowArrayStream stream = {0};
    const struct joist_append_options options = {.struct_size = sizeof options, .cancel = &cancel};
    must(create(catalog, "n.cancel", "id long", NULL, &oops));
    must(append(catalog, "n.cancel", "id long", "1", NULL, &oops));
    joist_cancel_request(&cancel);
    must(stream_of(ctx, "id long", "2", &stream, &oops));
    assert_status(
            joist_table_append(catalog, "n.cancel", &stream, &options, NULL, NULL), JOIST_ERR_CANCELLED);
    stream.release(&stream);
    assert_int_equal(rows_of(catalog, "n.cancel", NULL), 1);
}

static enum joist_status sweep_body(struct joist_ctx *own, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct joist_catalog *where = NULL;
    int64_t rows = 0;
    JI_TRY(joist_catalog_open(own, "memory:", NULL, &where, err));
    JI_TRY_OUT(create(where, "n.t", TREES, "kind", err));
    JI_TRY_OUT(append(where, "n.t", TREES, "1 oak 1996-03-13 12.50\n2 yew 1997-01-01 3", NULL, err));
    JI_TRY_OUT(scan(where, "n.t", NULL, &rows, err));
    assert_int_equal(rows, 2);
out:
    joist_catalog_close(where);
    return status;
}

static void a_table_survives_each_failed_allocation(void **state)
{
    (void)state;
    oom_sweep_sparse(sweep_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_that_were_appended_are_read),
            cmocka_unit_test(values_come_back_as_they_went_in),
            cmocka_unit_test(partitions_have_their_files),
            cmocka_unit_test(many_partitions_finish_files_early),
            cmocka_unit_test(every_transform_routes_and_prunes),
            cmocka_unit_test(older_snapshots_stay_readable),
            cmocka_unit_test(history_and_schema_are_rows),
            cmocka_unit_test(bad_rows_are_refused_by_row_column_and_value),
            cmocka_unit_test(exact_values_are_cast),
            cmocka_unit_test(extra_columns_can_be_ignored_and_rows_only_checked),
            cmocka_unit_test(no_rows_make_no_snapshot),
            cmocka_unit_test(files_turn_over_at_their_target),
            cmocka_unit_test(nested_columns_come_back),
            cmocka_unit_test(names_are_found_without_case),
            cmocka_unit_test(what_cannot_be_a_table_is_refused),
            cmocka_unit_test(schemas_come_as_json_too),
            cmocka_unit_test(manifests_merge_when_they_are_many),
            cmocka_unit_test(a_warehouse_is_a_folder_that_stays),
            cmocka_unit_test(a_moved_warehouse_reads_and_refuses_writes),
            cmocka_unit_test(a_read_only_catalog_changes_nothing),
            cmocka_unit_test(a_failed_append_leaves_the_table),
            cmocka_unit_test(a_table_survives_each_failed_allocation),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
