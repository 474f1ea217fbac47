/*
 * metadata_test.c - schemas, specs and metadata.json, read, checked and rewritten
 */
#include "support/test.h"

#include "support/group_arena.h"
#include "support/oom.h"

#include "table/iceberg/iceberg_type_map.h"
#include "table/iceberg/metadata_read.h"
#include "table/iceberg/metadata_write.h"

#define HEAD                                                                                                 \
    "\"format-version\":2,\"table-uuid\":\"9c12d441-03fe-4693-9a96-a0705ddf69c1\",\"location\":\"file:///"   \
    "t\","                                                                                                   \
    "\"last-sequence-number\":34,\"last-updated-ms\":1602638573590,\"last-column-id\":3,"                    \
    "\"current-schema-id\":0,\"schemas\":[{\"type\":\"struct\",\"schema-id\":0,\"fields\":["                 \
    "{\"id\":1,\"name\":\"x\",\"required\":true,\"type\":\"long\"},"                                         \
    "{\"id\":2,\"name\":\"y\",\"required\":false,\"type\":\"timestamptz\",\"doc\":\"when\"}]}],"             \
    "\"default-spec-id\":0,\"partition-specs\":[{\"spec-id\":0,\"fields\":[{\"name\":\"y_day\","             \
    "\"transform\":\"day\",\"source-id\":2,\"field-id\":1000}]}],\"last-partition-id\":1000,"                \
    "\"default-sort-order-id\":0,\"sort-orders\":[{\"order-id\":0,\"fields\":[]}]"
#define SNAPSHOT(id, seq, ms)                                                                                \
    "{\"snapshot-id\":" #id ",\"sequence-number\":" #seq ",\"timestamp-ms\":" #ms                            \
    ",\"manifest-list\":\"file:///t/l\",\"summary\":{\"operation\":\"append\",\"total-records\":\"7\"},"     \
    "\"x-mine\":[1,2]}"
#define SNAPSHOTS                                                                                            \
    ",\"current-snapshot-id\":3051729675574597004,\"snapshots\":[" SNAPSHOT(3051729675574597004, 34,         \
            1602638573590) "],\"snapshot-log\":[{\"snapshot-id\":3051729675574597004,\"timestamp-ms\":"      \
                           "1602638573590}],"                                                                \
                           "\"refs\":{\"main\":{\"snapshot-id\":3051729675574597004,\"type\":\"branch\","    \
                           "\"max-ref-age-ms\":9}}"

static struct ji_table_metadata read_good(const char *text)
{
    struct ji_table_metadata model;
    struct joist_error err = {0};
    const enum joist_status status = ji_metadata_read(&group_arena, ji_view_of_text(text), &model, &err);
    if (status != JOIST_OK)
        fail_msg("%s", err.text);
    return model;
}

static void expect_bad(const char *text, enum joist_status wanted, const char *part)
{
    struct ji_table_metadata model;
    struct joist_error err = {0};
    assert_status(ji_metadata_read(&group_arena, ji_view_of_text(text), &model, &err), wanted);
    if (strstr(err.text, part) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static struct ji_schema columns_of(const char *text)
{
    struct ji_schema from;
    struct ji_schema to;
    int32_t last_id = 0;
    assert_ok(ji_schema_parse(&group_arena, ji_view_of_text(text), &from, NULL));
    assert_ok(ji_iceberg_columns(&group_arena, &from, &last_id, &to, NULL));
    return to;
}

static void metadata_of_version_2_is_read(void **state)
{
    (void)state;
    const struct ji_table_metadata model = read_good("{" HEAD SNAPSHOTS ",\"properties\":{\"a\":\"12\"}}");
    assert_int_equal(model.format_version, 2);
    assert_int_equal(model.snapshot_count, 1);
    assert_true(model.current_snapshot_id == INT64_C(3051729675574597004));
    assert_int_equal(ji_model_property_number(&model, "a", 5), 12);
    assert_int_equal(ji_model_property_number(&model, "b", 5), 5);
    uint64_t rows = 0;
    assert_true(ji_summary_number(&model.snapshots[0], "total-records", &rows));
    assert_int_equal(rows, 7);
    assert_string_equal(model.specs[0].fields[0].name, "y_day");
}

static void minus_one_is_no_snapshot(void **state)
{
    (void)state;
    assert_true(read_good("{" HEAD ",\"current-snapshot-id\":-1}").current_snapshot_id == JI_SNAPSHOT_NONE);
    assert_true(read_good("{" HEAD ",\"current-snapshot-id\":null}").current_snapshot_id == JI_SNAPSHOT_NONE);
    assert_true(read_good("{" HEAD "}").current_snapshot_id == JI_SNAPSHOT_NONE);
}

static void metadata_of_version_1_is_read(void **state)
{
    (void)state;
    const struct ji_table_metadata model = read_good(
            "{\"format-version\":1,\"location\":\"/t\",\"last-updated-ms\":5,\"last-column-id\":1,\"schema\":"
            "{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"x\",\"required\":true,\"type\":\"long\"}]}"
            ","
            "\"partition-spec\":[{\"name\":\"x\",\"transform\":\"identity\",\"source-id\":1}]}");
    assert_int_equal(model.format_version, 1);
    assert_int_equal(model.specs[0].fields[0].field_id, 1000);
    assert_int_equal(model.schemas[0].columns.column_count, 1);
}

static void what_java_refuses_is_refused(void **state)
{
    (void)state;
    expect_bad("{" HEAD ",\"current-snapshot-id\":7}", JOIST_ERR_CORRUPT, "current snapshot 7");
    expect_bad(
            "{" HEAD ",\"refs\":{\"b\":{\"snapshot-id\":7,\"type\":\"tag\"}}}", JOIST_ERR_CORRUPT, "ref 'b'");
    expect_bad("{" HEAD ",\"current-snapshot-id\":7,\"snapshots\":[" SNAPSHOT(7, 1, 1) "," SNAPSHOT(
                       8, 1, 1) "],\"refs\":{\"main\":{\"snapshot-id\":8,\"type\":\"branch\"}}}",
            JOIST_ERR_CORRUPT, "main");
    expect_bad("{" HEAD ",\"snapshots\":[" SNAPSHOT(7, 35, 1) "]}", JOIST_ERR_CORRUPT, "sequence number 35");
    expect_bad("{" HEAD ",\"snapshot-log\":[{\"snapshot-id\":1,\"timestamp-ms\":1602638573590},"
               "{\"snapshot-id\":1,\"timestamp-ms\":1602638513589}]}",
            JOIST_ERR_CORRUPT, "back in time");
    expect_bad("{" HEAD ",\"metadata-log\":[{\"metadata-file\":\"a\",\"timestamp-ms\":1602638633591}]}",
            JOIST_ERR_CORRUPT, "after the last update");
    expect_bad("{}", JOIST_ERR_CORRUPT, "format-version");
    expect_bad("{\"format-version\":4}", JOIST_ERR_UNSUPPORTED, "version 4");
    expect_bad("[]", JOIST_ERR_CORRUPT, "object");
    expect_bad("{\"a\":1,\"a\":2}", JOIST_ERR_CORRUPT, "twice");
}

static void a_minute_of_skew_is_let_pass(void **state)
{
    (void)state;
    read_good("{" HEAD ",\"snapshot-log\":[{\"snapshot-id\":1,\"timestamp-ms\":1602638573590},"
              "{\"snapshot-id\":1,\"timestamp-ms\":1602638513590}]}");
}

static void later_types_mark_the_schema(void **state)
{
    (void)state;
    struct ji_tree_node *root = NULL;
    struct ji_iceberg_schema schema;
    const char text[] = "{\"fields\":[{\"id\":1,\"name\":\"v\",\"required\":false,\"type\":\"variant\"}]}";
    assert_ok(ji_tree_parse(&group_arena, ji_view_of_text(text), &root, NULL));
    assert_ok(ji_iceberg_schema_read(&group_arena, root, &schema, NULL));
    assert_string_equal(schema.unsupported, "type 'variant' of column 'v'");
}

static void ids_are_given_level_by_level(void **state)
{
    (void)state;
    const struct ji_schema columns =
            columns_of("a struct<x int, y list<long>>, b map<string, struct<z date>>, c string required");
    assert_int_equal(columns.columns[0].field_id, 1);
    assert_int_equal(columns.columns[1].field_id, 2);
    assert_int_equal(columns.columns[2].field_id, 3);
    assert_int_equal(columns.columns[0].children[0].field_id, 4);
    assert_int_equal(columns.columns[0].children[1].field_id, 5);
    assert_int_equal(columns.columns[0].children[1].children[0].field_id, 6);
    assert_int_equal(columns.columns[1].children[0].children[0].field_id, 7);
    assert_int_equal(columns.columns[1].children[0].children[1].field_id, 8);
    assert_int_equal(columns.columns[1].children[0].children[1].children[0].field_id, 9);
}

static void schemas_come_back(void **state)
{
    (void)state;
    const struct ji_schema columns = columns_of(
            "a boolean, b int, c long required, d float, e double, f decimal(9,2), g date, h time, i "
            "timestamp, "
            "j timestamptz, k string, l uuid, m fixed(3), n binary, o list<map<string, struct<p int>>>");
    struct ji_bytes out;
    struct ji_tree_node *root = NULL;
    struct ji_iceberg_schema schema;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_iceberg_schema_write(&out, 3, &columns, NULL));
    assert_ok(ji_tree_parse(&group_arena, ji_view_of(out.data, out.size), &root, NULL));
    assert_ok(ji_iceberg_schema_read(&group_arena, root, &schema, NULL));
    assert_int_equal(schema.schema_id, 3);
    assert_null(schema.unsupported);
    assert_int_equal(schema.columns.column_count, columns.column_count);
    for (size_t i = 0; i < columns.column_count; i++) {
        assert_true(ji_type_equal(&schema.columns.columns[i], &columns.columns[i]));
        assert_int_equal(schema.columns.columns[i].field_id, columns.columns[i].field_id);
        assert_int_equal(schema.columns.columns[i].nullable, columns.columns[i].nullable);
    }
    ji_bytes_clear(&out);
}

static void narrow_types_become_the_next_wider(void **state)
{
    (void)state;
    struct ji_field fields[] = {
            {.name = "a", .kind = JI_UINT16},
            {.name = "b", .kind = JI_UINT32},
            {.name = "c", .kind = JI_UINT64},
            {.name = "d", .kind = JI_TIMESTAMP, .unit = JI_NANO},
            {.name = "e", .kind = JI_FLOAT16},
    };
    const struct ji_schema from = {.column_count = 5, .columns = fields};
    struct ji_schema to;
    int32_t last_id = 0;
    assert_ok(ji_iceberg_columns(&group_arena, &from, &last_id, &to, NULL));
    assert_int_equal(to.columns[0].kind, JI_INT32);
    assert_int_equal(to.columns[1].kind, JI_INT64);
    assert_int_equal(to.columns[2].kind, JI_DECIMAL);
    assert_int_equal(to.columns[2].precision, 20);
    assert_int_equal(to.columns[3].unit, JI_MICRO);
    assert_int_equal(to.columns[4].kind, JI_FLOAT);
    assert_int_equal(last_id, 5);
}

static void names_that_others_misread_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[][2] = {{"a", "A"}, {"a\n", "b"}, {"", "b"}};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct ji_field fields[] = {
                {.name = BAD[i][0], .kind = JI_INT32}, {.name = BAD[i][1], .kind = JI_INT32}};
        const struct ji_schema from = {.column_count = 2, .columns = fields};
        struct ji_schema to;
        int32_t last_id = 0;
        assert_status(ji_iceberg_columns(&group_arena, &from, &last_id, &to, NULL), JOIST_ERR_INVALID);
        assert_int_equal(last_id, 0);
    }
}

static void partitioning_is_parsed_as_people_write_it(void **state)
{
    (void)state;
    const struct ji_schema columns = columns_of("id long, ts timestamp, city string, y_year int, d date");
    struct ji_partition_spec spec;
    assert_ok(ji_partition_spec_parse(
            &group_arena, "days(ts), bucket(16, id), truncate(city, 3), city", &columns, &spec, NULL));
    assert_int_equal(spec.field_count, 4);
    assert_string_equal(spec.fields[0].name, "ts_day");
    assert_string_equal(spec.fields[0].transform.text, "day");
    assert_string_equal(spec.fields[1].name, "id_bucket");
    assert_int_equal(spec.fields[1].transform.width, 16);
    assert_string_equal(spec.fields[2].name, "city_trunc");
    assert_string_equal(spec.fields[3].name, "city");
    assert_int_equal(spec.fields[3].field_id, 1003);
    static const char *const BAD[] = {"nope", "year(city)", "year(ts", "bucket(id)", "ts,", "zorder(id)",
            ",ts", "city, city", "bucket(0, id)"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_status(
                ji_partition_spec_parse(&group_arena, BAD[i], &columns, &spec, NULL), JOIST_ERR_INVALID);
    assert_ok(ji_partition_spec_parse(&group_arena, " ", &columns, &spec, NULL));
    assert_int_equal(spec.field_count, 0);
}

static void partition_paths_are_plain(void **state)
{
    (void)state;
    const struct ji_schema columns = columns_of("city string, ts timestamp");
    struct ji_partition_spec spec;
    struct ji_bound_partition bound;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_partition_spec_parse(&group_arena, "city, year(ts)", &columns, &spec, NULL));
    assert_ok(ji_partition_bind(&group_arena, &spec, &columns, &bound, NULL));
    const struct ji_value values[] = {{.as.view = ji_view_of_text("a/b c?")}, {.as.integer = 26}};
    assert_ok(ji_partition_text(&bound, values, true, &out, NULL));
    assert_true(ji_view_equal_text(ji_view_of(out.data, out.size), "city=a_b_c_/ts_year=1996"));
    out.size = 0;
    assert_ok(ji_partition_text(&bound, values, false, &out, NULL));
    assert_true(ji_view_equal_text(ji_view_of(out.data, out.size), "city=a/b c?/ts_year=1996"));
    ji_bytes_clear(&out);
}

static const struct ji_property SUMMARY[] = {{"operation", "append"}, {"total-records", "9"}};

static struct ji_table_metadata append_to(
        const struct ji_table_metadata *model, int64_t snapshot_id, uint64_t log_max)
{
    const struct ji_new_snapshot snapshot = {
            .snapshot_id = snapshot_id,
            .sequence_number = model->last_sequence_number + 1,
            .timestamp_ms = model->last_updated_ms + 5,
            .manifest_list = "file:///t/\"list\"",
            .summary = SUMMARY,
            .summary_count = 2,
    };
    struct ji_table_metadata next;
    assert_ok(ji_metadata_append(&group_arena, model, "file:///t/old", &snapshot, log_max, &next, NULL));
    return next;
}

static void a_commit_keeps_what_it_does_not_know(void **state)
{
    (void)state;
    const struct ji_table_metadata model =
            read_good("{\"x-first\":{\"deep\":[1.50,null]}, " HEAD SNAPSHOTS ",\"x-last\":\"\\u00e5\"}");
    const struct ji_table_metadata next = append_to(&model, 42, 100);
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_metadata_write(&out, &next, NULL));
    assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "\"x-first\":{\"deep\":[1.50,null]}"));
    assert_non_null(strstr(text, "\"x-last\":\"\\u00e5\""));
    assert_non_null(strstr(text, "\"x-mine\":[1,2]"));
    assert_non_null(strstr(text, "\"doc\":\"when\""));
    assert_non_null(strstr(text, "\"max-ref-age-ms\":9"));
    const struct ji_table_metadata again = read_good(text);
    assert_int_equal(again.snapshot_count, 2);
    assert_true(again.current_snapshot_id == 42);
    assert_true(again.snapshots[1].parent_id == INT64_C(3051729675574597004));
    assert_int_equal(again.last_sequence_number, 35);
    assert_string_equal(again.snapshots[1].manifest_list, "file:///t/\"list\"");
    assert_int_equal(again.log_count, 2);
    assert_int_equal(again.metadata_log_count, 1);
    assert_string_equal(again.metadata_log[0].metadata_file, "file:///t/old");
    assert_int_equal(model.snapshot_count, 1);
    ji_bytes_clear(&out);
}

static void the_metadata_log_is_bounded(void **state)
{
    (void)state;
    struct ji_table_metadata model = read_good("{" HEAD "}");
    for (int64_t i = 1; i <= 300; i++)
        model = append_to(&model, i, 100);
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_metadata_write(&out, &model, NULL));
    assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    const struct ji_table_metadata again = read_good((const char *)out.data);
    assert_int_equal(again.metadata_log_count, 100);
    assert_int_equal(again.snapshot_count, 300);
    assert_int_equal(again.log_count, 300);
    assert_true(again.snapshots[299].parent_id == 299);
    ji_bytes_clear(&out);
}

static void a_new_table_passes_its_own_checks(void **state)
{
    (void)state;
    const struct ji_schema columns = columns_of("id long required, ts timestamp");
    struct ji_partition_spec spec;
    assert_ok(ji_partition_spec_parse(&group_arena, "hour(ts)", &columns, &spec, NULL));
    const struct ji_property property = {"write.parquet.compression-codec", "zstd"};
    const struct ji_new_table table = {.table_uuid = "u",
            .location = "file:///w/n/t",
            .now_ms = 5,
            .columns = &columns,
            .last_column_id = 2,
            .spec = &spec,
            .properties = &property,
            .property_count = 1};
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_metadata_create(&out, &table, NULL));
    assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    const struct ji_table_metadata model = read_good((const char *)out.data);
    assert_int_equal(model.format_version, 2);
    assert_true(model.current_snapshot_id == JI_SNAPSHOT_NONE);
    assert_string_equal(ji_model_property(&model, property.key), "zstd");
    ji_bytes_clear(&out);
}

static enum joist_status sweep_body(struct joist_ctx *own, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct ji_arena local;
    struct ji_bytes out;
    struct ji_table_metadata model;
    struct ji_table_metadata next;
    const struct ji_new_snapshot snapshot = {.snapshot_id = 1,
            .sequence_number = 35,
            .timestamp_ms = 1602638573599,
            .manifest_list = "l",
            .summary = SUMMARY,
            .summary_count = 2};
    ji_arena_init(&local, ji_ctx_mem(own));
    ji_bytes_init(&out, ji_ctx_mem(own));
    JI_TRY_OUT(ji_metadata_read(&local, ji_view_of_text("{" HEAD SNAPSHOTS "}"), &model, err));
    JI_TRY_OUT(ji_metadata_append(&local, &model, "old", &snapshot, 100, &next, err));
    JI_TRY_OUT(ji_metadata_write(&out, &next, err));
out:
    ji_bytes_clear(&out);
    ji_arena_clear(&local);
    return status;
}

static void metadata_survives_each_failed_allocation(void **state)
{
    (void)state;
    oom_sweep(sweep_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(metadata_of_version_2_is_read),
            cmocka_unit_test(minus_one_is_no_snapshot),
            cmocka_unit_test(metadata_of_version_1_is_read),
            cmocka_unit_test(what_java_refuses_is_refused),
            cmocka_unit_test(a_minute_of_skew_is_let_pass),
            cmocka_unit_test(later_types_mark_the_schema),
            cmocka_unit_test(ids_are_given_level_by_level),
            cmocka_unit_test(schemas_come_back),
            cmocka_unit_test(narrow_types_become_the_next_wider),
            cmocka_unit_test(names_that_others_misread_are_refused),
            cmocka_unit_test(partitioning_is_parsed_as_people_write_it),
            cmocka_unit_test(partition_paths_are_plain),
            cmocka_unit_test(a_commit_keeps_what_it_does_not_know),
            cmocka_unit_test(the_metadata_log_is_bounded),
            cmocka_unit_test(a_new_table_passes_its_own_checks),
            cmocka_unit_test(metadata_survives_each_failed_allocation),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
