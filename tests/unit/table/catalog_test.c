/*
 * catalog_test.c - catalog.db as others made it: layouts, names, modes, locks
 */
#include "support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ctx.h"
#include "support/temp_folder.h"
#include "table/catalog/catalog.h"

static struct joist_ctx *ctx;
static struct temp_folder folder;

static int setup(void **state)
{
    (void)state;
    temp_folder_open(&folder);
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    joist_ctx_close(ctx);
    temp_folder_close(&folder);
    return 0;
}

static void run_sql(const char *sql)
{
    char path[1024];
    sqlite3 *db = NULL;
    char *text = NULL;
    temp_folder_path(&folder, "catalog.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
        fail_msg("%s", text);
    sqlite3_close(db);
}

static int64_t ask(const char *sql)
{
    char path[1024];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    temp_folder_path(&folder, "catalog.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static struct joist_catalog *open_as(const char *name)
{
    const struct joist_catalog_options options = {.struct_size = sizeof options, .catalog_name = name};
    struct joist_catalog *catalog = NULL;
    struct joist_error err = {0};
    if (joist_catalog_open(ctx, folder.path, &options, &catalog, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    return catalog;
}

static enum joist_status create(struct joist_catalog *catalog, const char *table)
{
    const struct joist_table_create_options options = {.struct_size = sizeof options,
            .schema_json = "{\"fields\":[{\"id\":1,\"name\":\"id\",\"required\":false,\"type\":\"long\"}]}"};
    return joist_table_create(catalog, table, &options, NULL);
}

static enum joist_status append_one(struct joist_catalog *catalog, const char *table, struct joist_error *err)
{
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream = {0};
    assert_ok(joist_builder_open(ctx, "id long", &builder, NULL));
    assert_ok(joist_builder_int64(builder, 1, NULL));
    assert_ok(joist_builder_end_row(builder, NULL));
    assert_ok(joist_builder_take(builder, &stream, NULL));
    joist_builder_close(builder);
    const enum joist_status status = joist_table_append(catalog, table, &stream, NULL, NULL, err);
    stream.release(&stream);
    return status;
}

static int64_t rows_of(struct joist_catalog *catalog, const char *table)
{
    struct ArrowArrayStream stream = {0};
    struct joist_error err = {0};
    int64_t rows = 0;
    if (joist_table_scan(catalog, table, NULL, &stream, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    for (;;) {
        struct ArrowArray array = {0};
        assert_ok(joist_stream_next(&stream, &array, NULL));
        if (array.release == NULL)
            break;
        rows += array.length;
        array.release(&array);
    }
    stream.release(&stream);
    return rows;
}

static void a_new_file_has_the_shared_layout(void **state)
{
    (void)state;
    struct joist_catalog *catalog = open_as(NULL);
    assert_ok(create(catalog, "n.t"));
    joist_catalog_close(catalog);
    assert_int_equal(ask("select count(*) from iceberg_tables where catalog_name = 'default' and "
                         "iceberg_type = 'TABLE' and previous_metadata_location is null"),
            1);
    assert_int_equal(ask("select count(*) from iceberg_namespace_properties where namespace = 'n' and "
                         "property_key = 'exists' and property_value = 'true'"),
            1);
    assert_int_equal(ask("select count(*) from joist_catalog where value like 'file:///%'"), 1);
}

static void layout_v0_is_read_and_committed_to(void **state)
{
    (void)state;
    run_sql("create table iceberg_tables (catalog_name varchar(255) not null, table_namespace varchar(255) "
            "not null,"
            " table_name varchar(255) not null, metadata_location varchar(1000), previous_metadata_location "
            "varchar(1000), primary key (catalog_name, table_namespace, table_name));"
            "create table iceberg_namespace_properties (catalog_name varchar(255) not null, namespace "
            "varchar(255) "
            "not null, property_key varchar(255) not null, property_value varchar(1000) not null, "
            "primary key (catalog_name, namespace, property_key))");
    struct joist_catalog *catalog = open_as(NULL);
    assert_ok(create(catalog, "n.t"));
    assert_ok(append_one(catalog, "n.t", NULL));
    assert_int_equal(rows_of(catalog, "n.t"), 1);
    joist_catalog_close(catalog);
    assert_int_equal(ask("select count(*) from pragma_table_info('iceberg_tables')"), 5);
}

static void null_is_a_table_and_a_view_is_none(void **state)
{
    (void)state;
    struct joist_catalog *catalog = open_as(NULL);
    assert_ok(create(catalog, "n.t"));
    run_sql("update iceberg_tables set iceberg_type = null");
    assert_int_equal(rows_of(catalog, "n.t"), 0);
    run_sql("update iceberg_tables set iceberg_type = 'VIEW'");
    struct ArrowArrayStream stream = {0};
    assert_status(joist_table_scan(catalog, "n.t", NULL, &stream, NULL), JOIST_ERR_NOT_FOUND);
    joist_catalog_close(catalog);
}

static void the_only_name_is_taken_and_several_are_listed(void **state)
{
    (void)state;
    struct joist_catalog *catalog = open_as("prod");
    assert_ok(create(catalog, "n.t"));
    joist_catalog_close(catalog);
    catalog = open_as(NULL);
    assert_string_equal(catalog->name, "prod");
    joist_catalog_close(catalog);
    catalog = open_as("other");
    assert_ok(create(catalog, "n.t"));
    joist_catalog_close(catalog);
    struct joist_error err = {0};
    assert_status(joist_catalog_open(ctx, folder.path, NULL, &catalog, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "other, prod"));
}

static void write_ahead_logs_are_kept(void **state)
{
    (void)state;
    struct joist_catalog *catalog = open_as(NULL);
    assert_ok(create(catalog, "n.t"));
    joist_catalog_close(catalog);
    run_sql("pragma journal_mode = wal");
    catalog = open_as(NULL);
    assert_ok(append_one(catalog, "n.t", NULL));
    assert_int_equal(rows_of(catalog, "n.t"), 1);
    joist_catalog_close(catalog);
    assert_int_equal(ask("select count(*) from pragma_journal_mode where journal_mode = 'wal'"), 1);
}

static void what_is_no_catalog_is_refused(void **state)
{
    (void)state;
    char path[1024];
    struct joist_catalog *catalog = NULL;
    temp_folder_path(&folder, "catalog.db", path);
    temp_file_write(path, "this is no database, and long enough to be looked at", 52);
    assert_status(joist_catalog_open(ctx, folder.path, NULL, &catalog, NULL), JOIST_ERR_CORRUPT);
    unlink(path);
    run_sql("create table x (y)");
    assert_status(joist_catalog_open(ctx, folder.path, NULL, &catalog, NULL), JOIST_ERR_CORRUPT);
    assert_status(joist_catalog_open(ctx, "s3://bucket/w", NULL, &catalog, NULL), JOIST_ERR_UNSUPPORTED);
}

static void a_cancelled_wait_is_a_conflict(void **state)
{
    (void)state;
    char path[1024];
    sqlite3 *db = NULL;
    struct joist_cancel cancel = {.requested = 1};
    struct joist_catalog *catalog = open_as(NULL);
    struct ji_table *table = NULL;
    assert_ok(create(catalog, "n.t"));
    assert_ok(ji_table_open(catalog, "n.t", &table, NULL));
    temp_folder_path(&folder, "catalog.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
    catalog->cancel = &cancel;
    assert_int_equal(ji_catalog_swap(catalog, &table->name, table->metadata_location, "file:///x",
                             &table->model, NULL),
            JI_SWAP_FAILED);
    catalog->cancel = NULL;
    sqlite3_exec(db, "rollback", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(
            ji_catalog_swap(catalog, &table->name, "file:///other", "file:///x", &table->model, NULL),
            JI_SWAP_LOST);
    ji_table_close(table);
    joist_catalog_close(catalog);
}

static void another_engines_commit_makes_the_mirror_stale(void **state)
{
    (void)state;
    struct joist_catalog *catalog = open_as(NULL);
    char sql[2048];
    uint64_t renewed = 0;
    struct ji_table *table = NULL;
    char copy[1200];
    assert_ok(create(catalog, "n.t"));
    assert_int_equal(ask("select count(*) from joist_schema_stale"), 0);
    assert_ok(ji_table_open(catalog, "n.t", &table, NULL));
    snprintf(copy, sizeof copy, "%s.copy", table->metadata_location + strlen("file://"));
    temp_file_write(copy, table->document.data, table->document.size);
    snprintf(sql, sizeof sql, "update iceberg_tables set metadata_location = 'file://%s'", copy);
    run_sql(sql);
    ji_table_close(table);
    assert_int_equal(ask("select count(*) from joist_schema_stale"), 1);
    assert_ok(joist_catalog_sync(catalog, &renewed, NULL));
    assert_int_equal(renewed, 1);
    assert_int_equal(ask("select count(*) from joist_schema_stale"), 0);
    assert_int_equal(ask("select count(*) from joist_schema"), 1);
    joist_catalog_close(catalog);
}

static void a_table_dropped_meanwhile_is_not_committed_to(void **state)
{
    (void)state;
    struct joist_catalog *catalog = open_as(NULL);
    struct joist_catalog *other = open_as(NULL);
    assert_ok(create(catalog, "n.t"));
    assert_ok(append_one(catalog, "n.t", NULL));
    assert_ok(joist_table_drop(other, "n.t", false, NULL, NULL));
    assert_status(append_one(catalog, "n.t", NULL), JOIST_ERR_NOT_FOUND);
    assert_ok(create(other, "n.t"));
    assert_ok(append_one(catalog, "n.t", NULL));
    assert_int_equal(rows_of(other, "n.t"), 1);
    joist_catalog_close(other);
    joist_catalog_close(catalog);
}

static void locations_are_one_place_in_three_spellings(void **state)
{
    (void)state;
    struct ji_arena arena;
    const struct ji_location_map map = {.from = "file:///old/w", .to = "file:///new/w"};
    const char *mapped = NULL;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    assert_true(ji_location_equal("file:/a", "/a"));
    assert_true(ji_location_equal("file:///a", "file:/a"));
    assert_false(ji_location_equal("file:///a", "file:///b"));
    static const char *const INSIDE[] = {"file:///old/w/x", "file:/old/w/x", "/old/w/x"};
    for (size_t i = 0; i < 3; i++) {
        assert_ok(ji_location_map(&arena, &map, INSIDE[i], &mapped, NULL));
        assert_string_equal(mapped, "file:///new/w/x");
    }
    assert_ok(ji_location_map(&arena, &map, "file:///old/warehouse/x", &mapped, NULL));
    assert_string_equal(mapped, "file:///old/warehouse/x");
    ji_arena_clear(&arena);
}

int main(void)
{
#define each(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
            each(a_new_file_has_the_shared_layout),
            each(layout_v0_is_read_and_committed_to),
            each(null_is_a_table_and_a_view_is_none),
            each(the_only_name_is_taken_and_several_are_listed),
            each(write_ahead_logs_are_kept),
            each(what_is_no_catalog_is_refused),
            each(a_cancelled_wait_is_a_conflict),
            each(another_engines_commit_makes_the_mirror_stale),
            each(a_table_dropped_meanwhile_is_not_committed_to),
            each(locations_are_one_place_in_three_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
