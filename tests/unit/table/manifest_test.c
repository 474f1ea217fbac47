/*
 * manifest_test.c - manifests and their lists, written and read back; metrics of columns
 */
#include "support/test.h"

#include "support/group_arena.h"
#include "support/oom.h"

#include "table/iceberg/column_metrics.h"
#include "table/iceberg/iceberg_type_map.h"

struct fixture {
    struct ji_iceberg_schema schema;
    struct ji_partition_spec spec;
    struct ji_bound_partition bound;
};

static enum joist_status make_fixture(
        struct ji_arena *own, const char *partition, struct fixture *fixture, struct joist_error *err)
{
    struct ji_schema from;
    int32_t last_id = 0;
    static const char TEXT[] =
            "a boolean, b int, c long, d float, e double, f decimal(20,2), "
            "f2 decimal(20,2), g date, h time, i timestamptz, k string, l uuid, m fixed(3), "
            "n binary";
    *fixture = (struct fixture){.schema.json = ji_view_of_text("{\"schema-id\":0}")};
    JI_TRY(ji_schema_parse(own, ji_view_of_text(TEXT), &from, err));
    JI_TRY(ji_iceberg_columns(own, &from, &last_id, &fixture->schema.columns, err));
    JI_TRY(ji_partition_spec_parse(own, partition, &fixture->schema.columns, &fixture->spec, err));
    return ji_partition_bind(own, &fixture->spec, &fixture->schema.columns, &fixture->bound, err);
}

static const char ALL_FIELDS[] =
        "a, b, c, d, e, f, f2, g, h, i, k, l, m, n, bucket(8, c), year(g), hour(i), day(g)";

static const uint8_t SIXTEEN[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void all_values(struct ji_value values[18])
{
    const struct ji_value made[18] = {{.as.boolean = true}, {.as.integer = -5}, {.as.integer = INT64_MIN},
            {.as.real = 1.5}, {.as.real = -2.25}, {.as.decimal = -12345}, {.as.decimal = 99},
            {.as.integer = 17486}, {.as.integer = 7}, {.as.integer = -1}, {.as.view = ji_view_of_text("oak")},
            {.as.view = ji_view_of(SIXTEEN, 16)}, {.as.view = ji_view_of(SIXTEEN, 3)},
            {.as.view = ji_view_of(SIXTEEN, 5)}, {.as.integer = 3}, {.as.integer = -1}, {.as.integer = 26},
            {.is_null = true}};
    memcpy(values, made, sizeof made);
}

static struct ji_id_count COUNTS[] = {{1, 10}, {2, 20}};
static struct ji_id_bytes BOUNDS[] = {{3, {SIXTEEN, 8}}};
static int64_t SPLITS[] = {4, 1000};

static struct ji_manifest_entry make_entry(const struct ji_value *values)
{
    return (struct ji_manifest_entry){
            .status = JI_ENTRY_ADDED,
            .snapshot_id = 77,
            .sequence_number = JI_NUMBER_ABSENT,
            .file_sequence_number = JI_NUMBER_ABSENT,
            .file = {.path = "file:///t/data/a.parquet",
                    .format = "PARQUET",
                    .partition = values,
                    .record_count = 10,
                    .file_bytes = 1234,
                    .column_sizes = {true, 2, COUNTS},
                    .null_counts = {true, 2, COUNTS},
                    .lower_bounds = {true, 1, BOUNDS},
                    .split_count = 2,
                    .splits = SPLITS,
                    .sort_order_id = JI_NUMBER_ABSENT},
    };
}

static enum joist_status write_manifest(struct ji_mem *mem, const struct fixture *fixture,
        const struct ji_manifest_entry *entries, size_t count, struct ji_bytes *out, struct ji_arena *own,
        struct ji_manifest_file *summary, struct joist_error *err)
{
    const struct ji_manifest_writer_options options = {
            .schema = &fixture->schema, .partition = &fixture->bound, .sync = {9}};
    struct ji_manifest_writer *writer = NULL;
    JI_TRY(ji_manifest_writer_open(mem, &options, out, &writer, err));
    enum joist_status status = JOIST_OK;
    for (size_t i = 0; i < count && status == JOIST_OK; i++)
        status = ji_manifest_writer_append(writer, &entries[i], err);
    if (status == JOIST_OK)
        status = ji_manifest_writer_finish(writer, own, summary, err);
    ji_manifest_writer_close(writer);
    return status;
}

struct seen {
    size_t count;
    struct ji_manifest_entry entries[4];
};

static enum joist_status note(void *arg, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    struct seen *seen = arg;
    (void)err;
    seen->entries[seen->count++] = *entry;
    return JOIST_OK;
}

static void a_manifest_with_every_partition_type_comes_back(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ji_value values[18];
    struct ji_bytes out;
    struct ji_manifest_file summary;
    struct seen seen = {0};
    struct joist_error err = {0};
    all_values(values);
    assert_ok(make_fixture(&group_arena, ALL_FIELDS, &fixture, NULL));
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    const struct ji_manifest_entry entry = make_entry(values);
    assert_ok(write_manifest(ji_ctx_mem(group_ctx), &fixture, &entry, 1, &out, &group_arena, &summary, NULL));
    summary.sequence_number = 12;
    summary.added_snapshot_id = 77;
    if (ji_manifest_read(&group_arena, ji_view_of(out.data, out.size), &summary, &fixture.bound, note, &seen,
                &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(seen.count, 1);
    const struct ji_manifest_entry *back = &seen.entries[0];
    assert_int_equal(back->sequence_number, 12);
    assert_int_equal(back->file_sequence_number, 12);
    assert_string_equal(back->file.path, entry.file.path);
    for (size_t i = 0; i < 18; i++) {
        const struct ji_value *value = &back->file.partition[i];
        assert_int_equal(value->is_null, values[i].is_null);
        if (!value->is_null)
            assert_int_equal(ji_value_compare(&fixture.bound.results[i], value, &values[i]), 0);
    }
    assert_int_equal(back->file.column_sizes.size, 2);
    assert_int_equal(back->file.column_sizes.items[1].count, 20);
    assert_false(back->file.value_counts.present);
    assert_int_equal(back->file.lower_bounds.items[0].bytes.size, 8);
    assert_int_equal(back->file.split_count, 2);
    assert_int_equal(back->file.splits[1], 1000);
    assert_int_equal(summary.added_files, 1);
    assert_int_equal(summary.added_rows, 10);
    assert_int_equal(summary.partition_count, 18);
    assert_true(summary.partitions[17].contains_null);
    assert_null(summary.partitions[17].lower.data);
    assert_int_equal(summary.partitions[1].lower.size, 4);
    ji_bytes_clear(&out);
}

static void existing_entries_keep_their_numbers(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ji_bytes out;
    struct ji_manifest_file summary;
    struct seen seen = {0};
    const struct ji_value values[2] = {{.as.integer = 5}, {.as.integer = 9}};
    assert_ok(make_fixture(&group_arena, "b", &fixture, NULL));
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    struct ji_manifest_entry entries[2] = {make_entry(&values[0]), make_entry(&values[1])};
    entries[0].status = JI_ENTRY_EXISTING;
    entries[0].sequence_number = 3;
    entries[0].file_sequence_number = 4;
    assert_ok(
            write_manifest(ji_ctx_mem(group_ctx), &fixture, entries, 2, &out, &group_arena, &summary, NULL));
    assert_int_equal(summary.min_sequence_number, 3);
    assert_int_equal(summary.existing_files, 1);
    assert_int_equal(ji_load_le32(summary.partitions[0].lower.data), 5);
    assert_int_equal(ji_load_le32(summary.partitions[0].upper.data), 9);
    summary.sequence_number = 50;
    assert_ok(ji_manifest_read(
            &group_arena, ji_view_of(out.data, out.size), &summary, &fixture.bound, note, &seen, NULL));
    assert_int_equal(seen.entries[0].sequence_number, 3);
    assert_int_equal(seen.entries[0].file_sequence_number, 4);
    assert_int_equal(seen.entries[1].sequence_number, 50);
    ji_bytes_clear(&out);
}

static void an_existing_entry_without_number_is_corrupt(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ji_bytes out;
    struct ji_manifest_file summary;
    struct seen seen = {0};
    const struct ji_value value = {.as.integer = 5};
    assert_ok(make_fixture(&group_arena, "b", &fixture, NULL));
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    struct ji_manifest_entry entry = make_entry(&value);
    entry.status = JI_ENTRY_EXISTING;
    assert_ok(write_manifest(ji_ctx_mem(group_ctx), &fixture, &entry, 1, &out, &group_arena, &summary, NULL));
    summary.sequence_number = 50;
    assert_status(ji_manifest_read(&group_arena, ji_view_of(out.data, out.size), &summary, &fixture.bound,
                          note, &seen, NULL),
            JOIST_ERR_CORRUPT);
    ji_bytes_clear(&out);
}

static void names_that_avro_lacks_are_made_plain(void **state)
{
    (void)state;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    struct ji_field result = {.name = "9 x", .kind = JI_STRING, .field_id = 1000};
    const struct ji_bound_partition bound = {.field_count = 1, .results = &result};
    assert_ok(ji_manifest_avro_schema(&out, &bound, NULL));
    assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    assert_non_null(strstr((const char *)out.data, "\"name\":\"_9_x20x\""));
    assert_non_null(strstr((const char *)out.data, "\"iceberg-field-name\":\"9 x\""));
    const struct ji_avro_type *type = NULL;
    assert_ok(ji_avro_schema_parse(&group_arena, ji_view_of(out.data, out.size - 1), &type, NULL));
    assert_string_equal(type->name, "manifest_entry");
    ji_bytes_clear(&out);
}

static void a_list_comes_back(void **state)
{
    (void)state;
    struct ji_field_summary summary = {.contains_null = true, .contains_nan = -1, .lower = {SIXTEEN, 4}};
    const struct ji_manifest_file file = {.path = "file:///t/m.avro",
            .length = 99,
            .spec_id = 2,
            .content = JI_MANIFEST_DATA,
            .sequence_number = 5,
            .min_sequence_number = 3,
            .added_snapshot_id = 77,
            .added_files = 1,
            .existing_files = 2,
            .deleted_files = 3,
            .added_rows = 10,
            .existing_rows = 20,
            .deleted_rows = 30,
            .has_partitions = true,
            .partition_count = 1,
            .partitions = &summary};
    const struct ji_manifest_list_header header = {
            .snapshot_id = 77, .parent_id = JI_SNAPSHOT_NONE, .sequence_number = 5};
    struct ji_bytes out;
    struct ji_manifest_file *back = NULL;
    size_t count = 0;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_manifest_list_write(ji_ctx_mem(group_ctx), &header, &file, 1, &out, NULL));
    assert_ok(ji_manifest_list_read(&group_arena, ji_view_of(out.data, out.size), &back, &count, NULL));
    assert_int_equal(count, 1);
    assert_string_equal(back->path, file.path);
    assert_int_equal(back->existing_rows, 20);
    assert_int_equal(back->min_sequence_number, 3);
    assert_int_equal(back->partition_count, 1);
    assert_int_equal(back->partitions[0].contains_nan, -1);
    assert_int_equal(back->partitions[0].lower.size, 4);
    assert_null(back->partitions[0].upper.data);
    ji_bytes_clear(&out);
}

static void cut_files_are_corrupt(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ji_bytes out;
    struct ji_manifest_file summary;
    const struct ji_value value = {.as.integer = 5};
    assert_ok(make_fixture(&group_arena, "b", &fixture, NULL));
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    const struct ji_manifest_entry entry = make_entry(&value);
    assert_ok(write_manifest(ji_ctx_mem(group_ctx), &fixture, &entry, 1, &out, &group_arena, &summary, NULL));
    for (size_t size = 0; size < out.size; size += 7) {
        struct seen seen = {0};
        const enum joist_status status = ji_manifest_read(
                &group_arena, ji_view_of(out.data, size), &summary, &fixture.bound, note, &seen, NULL);
        assert_true(status != JOIST_OK || seen.count == 0);
    }
    ji_bytes_clear(&out);
}

static void expect_cut(const char *kind, const char *text, uint32_t length, bool upper, const char *wanted)
{
    struct ji_field field = {.name = "c", .kind = strcmp(kind, "string") == 0 ? JI_STRING : JI_BINARY};
    struct ji_view cut;
    assert_ok(ji_bound_cut(&group_arena, &field, ji_view_of_text(text), length, upper, &cut, NULL));
    if (wanted == NULL)
        assert_null(cut.data);
    else
        assert_true(ji_view_equal_text(cut, wanted));
}

static void bounds_are_cut_on_the_safe_side(void **state)
{
    (void)state;
    expect_cut("string", "iceberg", 3, false, "ice");
    expect_cut("string", "iceberg", 3, true, "icf");
    expect_cut("string", "ice", 3, true, "ice");
    expect_cut("string",
            "a\xF4\x8F\xBF\xBF"
            "b",
            2, true, "b");
    expect_cut("string",
            "\xF4\x8F\xBF\xBF"
            "b",
            1, true, NULL);
    expect_cut("string",
            "\x7F"
            "b",
            1, true, "\xC2\x80");
    expect_cut("string",
            "\xED\x9F\xBF"
            "b",
            1, true, "\xEE\x80\x80");
    expect_cut("string", "\u00e5\u00e4\u00f6", 2, false, "\u00e5\u00e4");
    expect_cut("binary", "a\xFF\xFFz", 3, true, "b");
    expect_cut("binary", "\xFF\xFFz", 2, true, NULL);
}

static void metrics_modes_are_read(void **state)
{
    (void)state;
    struct ji_metrics_mode mode = {0};
    assert_true(ji_metrics_mode_parse("truncate(9)", &mode));
    assert_int_equal(mode.length, 9);
    assert_true(ji_metrics_mode_parse("full", &mode));
    assert_true(ji_metrics_mode_parse("none", &mode));
    assert_false(ji_metrics_mode_parse("truncate(0)", &mode));
    assert_false(ji_metrics_mode_parse("truncate(3", &mode));
    assert_false(ji_metrics_mode_parse("all", &mode));
}

static void metrics_follow_the_mode(void **state)
{
    (void)state;
    struct ji_field fields[] = {{.name = "s", .kind = JI_STRING, .field_id = 1},
            {.name = "d", .kind = JI_DOUBLE, .field_id = 2}, {.name = "n", .kind = JI_INT64, .field_id = 3}};
    const struct ji_schema columns = {.column_count = 3, .columns = fields};
    struct ji_property properties[] = {{"write.metadata.metrics.column.s", "truncate(2)"},
            {"write.metadata.metrics.column.n", "counts"}};
    const struct ji_table_metadata model = {.properties = properties, .property_count = 2};
    struct ji_metrics_config config;
    assert_ok(ji_metrics_config_make(&group_arena, &model, &columns, &config, NULL));
    struct ji_leaf_facts leaves[3] = {{.field = &fields[0], .compressed_bytes = 5, .value_count = 9},
            {.field = &fields[1], .compressed_bytes = 6, .value_count = 9},
            {.field = &fields[2], .compressed_bytes = 7, .value_count = 9}};
    for (size_t i = 0; i < 3; i++) {
        leaves[i].facts.has_null_count = true;
        leaves[i].facts.has_min = true;
        leaves[i].facts.has_max = true;
    }
    leaves[0].facts.min.as.view = ji_view_of_text("oak");
    leaves[0].facts.max.as.view = ji_view_of_text("yew");
    const uint64_t offset = 4;
    const struct ji_file_facts facts = {
            .rows = 9, .group_count = 1, .group_offsets = &offset, .leaf_count = 3, .leaves = leaves};
    struct ji_data_file file = {0};
    assert_ok(ji_column_metrics(&group_arena, &config, &facts, &file, NULL));
    assert_int_equal(file.column_sizes.size, 3);
    assert_int_equal(file.lower_bounds.size, 2);
    assert_true(ji_view_equal_text(ji_bounds_find(&file.lower_bounds, 1)->bytes, "oa"));
    assert_true(ji_view_equal_text(ji_bounds_find(&file.upper_bounds, 1)->bytes, "yf"));
    assert_int_equal(ji_bounds_find(&file.lower_bounds, 2)->bytes.data[7], 0x80);
    assert_int_equal(ji_bounds_find(&file.upper_bounds, 2)->bytes.data[7], 0);
    assert_null(ji_bounds_find(&file.lower_bounds, 3));
    assert_int_equal(ji_counts_find(&file.value_counts, 3)->count, 9);
    struct ji_property bad = {"write.metadata.metrics.default", "some"};
    const struct ji_table_metadata bad_model = {.properties = &bad, .property_count = 1};
    assert_status(
            ji_metrics_config_make(&group_arena, &bad_model, &columns, &config, NULL), JOIST_ERR_INVALID);
}

static enum joist_status sweep_body(struct joist_ctx *own, void *arg, struct joist_error *err)
{
    (void)arg;
    enum joist_status status = JOIST_OK;
    struct ji_arena local;
    struct ji_bytes out;
    struct fixture fixture;
    struct ji_value values[18];
    struct ji_manifest_file summary;
    struct seen seen = {0};
    all_values(values);
    ji_arena_init(&local, ji_ctx_mem(own));
    ji_bytes_init(&out, ji_ctx_mem(own));
    const struct ji_manifest_entry entry = make_entry(values);
    JI_TRY_OUT(make_fixture(&local, ALL_FIELDS, &fixture, err));
    JI_TRY_OUT(write_manifest(ji_ctx_mem(own), &fixture, &entry, 1, &out, &local, &summary, err));
    JI_TRY_OUT(ji_manifest_read(
            &local, ji_view_of(out.data, out.size), &summary, &fixture.bound, note, &seen, err));
out:
    ji_bytes_clear(&out);
    ji_arena_clear(&local);
    return status;
}

static void manifests_survive_each_failed_allocation(void **state)
{
    (void)state;
    oom_sweep(sweep_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_manifest_with_every_partition_type_comes_back),
            cmocka_unit_test(existing_entries_keep_their_numbers),
            cmocka_unit_test(an_existing_entry_without_number_is_corrupt),
            cmocka_unit_test(names_that_avro_lacks_are_made_plain),
            cmocka_unit_test(a_list_comes_back),
            cmocka_unit_test(cut_files_are_corrupt),
            cmocka_unit_test(bounds_are_cut_on_the_safe_side),
            cmocka_unit_test(metrics_modes_are_read),
            cmocka_unit_test(metrics_follow_the_mode),
            cmocka_unit_test(manifests_survive_each_failed_allocation),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
