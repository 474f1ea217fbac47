/*
 * metadata_read.c - reading and checking a table's metadata
 *
 * The checks at the end are those that make a table unreadable for Spark, Flink and Trino: we neither
 * accept nor, by the same code, ever write what they refuse.
 *
 *   1. The current snapshot, and that of every ref, is there; `main` is the current one.
 *   2. No snapshot's sequence number is above the table's.
 *   3. The logs rise in time, but for one minute of clock skew, and end at most that long after the last
 *      update.
 *   4. Every partition field of the default spec has its column in the current schema.
 */
#include "table/iceberg/metadata_read.h"

#include <inttypes.h>

#define CLOCK_SKEW_MS INT64_C(60000)

static enum joist_status read_schemas(struct ji_arena *arena, const struct ji_tree_node *root,
        struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_tree_node *list = NULL;
    int32_t current = 0;
    JI_TRY(ji_tree_want(root, "schemas", JI_TREE_ARRAY, &list, err));
    const struct ji_tree_node *first = list != NULL ? list->first : NULL;
    size_t count = list != NULL ? list->count : 0;
    if (list == NULL) { /* version 1 before there were many */
        JI_TRY(ji_tree_need(root, "schema", JI_TREE_OBJECT, &first, err));
        count = 1;
    }
    JI_TRY(ji_arena_array(arena, count, sizeof *model->schemas, &model->schemas, err));
    for (size_t i = 0; i < count; i++, first = first->next)
        JI_TRY(ji_iceberg_schema_read(arena, first, &model->schemas[i], err));
    model->schema_count = count;
    if (list != NULL)
        JI_TRY(ji_tree_need_id(root, "current-schema-id", &current, err));
    else if (count > 0)
        current = model->schemas[0].schema_id;
    const struct ji_iceberg_schema *found = ji_model_schema(model, current);
    if (found == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "current schema %" PRId32 " is not there", current);
    model->current_schema = (size_t)(found - model->schemas);
    return JOIST_OK;
}

static enum joist_status read_specs(struct ji_arena *arena, const struct ji_tree_node *root,
        struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_tree_node *list = NULL;
    int32_t current = 0;
    JI_TRY(ji_tree_want(root, "partition-specs", JI_TREE_ARRAY, &list, err));
    if (list == NULL) {
        const struct ji_tree_node *fields = NULL;
        JI_TRY(ji_tree_need(root, "partition-spec", JI_TREE_ARRAY, &fields, err));
        JI_TRY(ji_arena_array(arena, 1, sizeof *model->specs, &model->specs, err));
        model->spec_count = 1;
        model->default_spec = 0;
        return ji_partition_spec_read(arena, fields, 0, &model->specs[0], err);
    }
    JI_TRY(ji_arena_array(arena, list->count, sizeof *model->specs, &model->specs, err));
    size_t i = 0;
    for (const struct ji_tree_node *node = list->first; node != NULL; node = node->next, i++) {
        const struct ji_tree_node *fields = NULL;
        int32_t spec_id = 0;
        JI_TRY(ji_tree_need_id(node, "spec-id", &spec_id, err));
        JI_TRY(ji_tree_need(node, "fields", JI_TREE_ARRAY, &fields, err));
        JI_TRY(ji_partition_spec_read(arena, fields, spec_id, &model->specs[i], err));
    }
    model->spec_count = list->count;
    JI_TRY(ji_tree_need_id(root, "default-spec-id", &current, err));
    const struct ji_partition_spec *found = ji_model_spec(model, current);
    if (found == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "default partition spec %" PRId32 " is not there", current);
    model->default_spec = (size_t)(found - model->specs);
    return JOIST_OK;
}

static enum joist_status read_properties(struct ji_arena *arena, const struct ji_tree_node *root,
        struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_tree_node *object = NULL;
    JI_TRY(ji_tree_want(root, "properties", JI_TREE_OBJECT, &object, err));
    if (object == NULL)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, object->count, sizeof *model->properties, &model->properties, err));
    for (const struct ji_tree_node *node = object->first; node != NULL; node = node->next) {
        struct ji_property *property = &model->properties[model->property_count];
        if (node->kind != JI_TREE_TEXT)
            return ji_fail(err, JOIST_ERR_CORRUPT, "a table property is no text");
        JI_TRY(ji_arena_text(arena, node->name, &property->key, err));
        property->value = (const char *)node->text.data;
        model->property_count++;
    }
    return JOIST_OK;
}

enum joist_status ji_snapshot_read(
        const struct ji_tree_node *object, struct ji_snapshot *snapshot, struct joist_error *err)
{
    struct ji_snapshot made = {.json = object->raw, .operation = ""};
    JI_TRY(ji_tree_need_integer(object, "snapshot-id", &made.snapshot_id, err));
    JI_TRY(ji_tree_want_integer(object, "parent-snapshot-id", JI_SNAPSHOT_NONE, &made.parent_id, err));
    JI_TRY(ji_tree_want_integer(object, "sequence-number", 0, &made.sequence_number, err));
    JI_TRY(ji_tree_need_integer(object, "timestamp-ms", &made.timestamp_ms, err));
    JI_TRY(ji_tree_want_id(object, "schema-id", -1, &made.schema_id, err));
    JI_TRY(ji_tree_want_text(object, "manifest-list", NULL, &made.manifest_list, err));
    JI_TRY(ji_tree_want(object, "manifests", JI_TREE_ARRAY, &made.manifests, err));
    JI_TRY(ji_tree_want(object, "summary", JI_TREE_OBJECT, &made.summary, err));
    if (made.summary != NULL)
        JI_TRY(ji_tree_want_text(made.summary, "operation", "", &made.operation, err));
    if (made.manifest_list == NULL && made.manifests == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "snapshot %" PRId64 " has no manifests", made.snapshot_id);
    *snapshot = made;
    return JOIST_OK;
}

static enum joist_status read_snapshots(struct ji_arena *arena, const struct ji_tree_node *root,
        struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_tree_node *list = NULL;
    JI_TRY(ji_tree_want_integer(
            root, "current-snapshot-id", JI_SNAPSHOT_NONE, &model->current_snapshot_id, err));
    JI_TRY(ji_tree_want(root, "snapshots", JI_TREE_ARRAY, &list, err));
    const size_t count = list != NULL ? list->count : 0;
    if (count > JI_SNAPSHOTS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu snapshots", count);
    model->snapshot_capacity = count + 1 + count / 8;
    JI_TRY(ji_arena_array(arena, model->snapshot_capacity, sizeof *model->snapshots, &model->snapshots, err));
    for (const struct ji_tree_node *node = list != NULL ? list->first : NULL; node != NULL; node = node->next)
        JI_TRY(ji_snapshot_read(node, &model->snapshots[model->snapshot_count++], err));
    return JOIST_OK;
}

static enum joist_status read_logs(struct ji_arena *arena, const struct ji_tree_node *root,
        struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_tree_node *list = NULL;
    JI_TRY(ji_tree_want(root, "snapshot-log", JI_TREE_ARRAY, &list, err));
    size_t count = list != NULL ? list->count : 0;
    model->log_capacity = count + 1 + count / 8;
    JI_TRY(ji_arena_array(arena, model->log_capacity, sizeof *model->log, &model->log, err));
    for (const struct ji_tree_node *node = list != NULL ? list->first : NULL; node != NULL;
            node = node->next) {
        struct ji_log_entry *entry = &model->log[model->log_count++];
        JI_TRY(ji_tree_need_integer(node, "timestamp-ms", &entry->timestamp_ms, err));
        JI_TRY(ji_tree_need_integer(node, "snapshot-id", &entry->snapshot_id, err));
    }
    JI_TRY(ji_tree_want(root, "metadata-log", JI_TREE_ARRAY, &list, err));
    count = list != NULL ? list->count : 0;
    JI_TRY(ji_arena_array(arena, count, sizeof *model->metadata_log, &model->metadata_log, err));
    for (const struct ji_tree_node *node = list != NULL ? list->first : NULL; node != NULL;
            node = node->next) {
        struct ji_metadata_log_entry *entry = &model->metadata_log[model->metadata_log_count++];
        JI_TRY(ji_tree_need_integer(node, "timestamp-ms", &entry->timestamp_ms, err));
        JI_TRY(ji_tree_need_text(node, "metadata-file", &entry->metadata_file, err));
    }
    return JOIST_OK;
}

static enum joist_status read_refs(struct ji_arena *arena, const struct ji_tree_node *root,
        struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_tree_node *object = NULL;
    JI_TRY(ji_tree_want(root, "refs", JI_TREE_OBJECT, &object, err));
    const size_t count = object != NULL ? object->count : 0;
    JI_TRY(ji_arena_array(arena, count, sizeof *model->refs, &model->refs, err));
    for (const struct ji_tree_node *node = count > 0 ? object->first : NULL; node != NULL;
            node = node->next) {
        struct ji_snapshot_ref *ref = &model->refs[model->ref_count++];
        const char *type = NULL;
        JI_TRY(ji_arena_text(arena, node->name, &ref->name, err));
        JI_TRY(ji_tree_need_integer(node, "snapshot-id", &ref->snapshot_id, err));
        JI_TRY(ji_tree_need_text(node, "type", &type, err));
        ref->is_branch = strcmp(type, "branch") == 0;
        ref->node = node;
    }
    return JOIST_OK;
}

static enum joist_status check_snapshots(struct ji_table_metadata *model, struct joist_error *err)
{
    const int64_t current = model->current_snapshot_id;
    if (current != JI_SNAPSHOT_NONE && ji_model_snapshot(model, current) == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "current snapshot %" PRId64 " is not there", current);
    for (size_t i = 0; i < model->ref_count; i++) {
        const struct ji_snapshot_ref *ref = &model->refs[i];
        if (strcmp(ref->name, "main") == 0 && ref->snapshot_id != current)
            return ji_fail(err, JOIST_ERR_CORRUPT, "branch main is at %" PRId64 ", the table at %" PRId64,
                    ref->snapshot_id, current);
        if (ji_model_snapshot(model, ref->snapshot_id) == NULL)
            return ji_fail(err, JOIST_ERR_CORRUPT, "ref '%s': snapshot %" PRId64 " is not there", ref->name,
                    ref->snapshot_id);
    }
    for (size_t i = 0; i < model->snapshot_count; i++) {
        if (model->snapshots[i].sequence_number > model->last_sequence_number)
            return ji_fail(err, JOIST_ERR_CORRUPT,
                    "snapshot %" PRId64 " has sequence number %" PRId64 ", above the table's",
                    model->snapshots[i].snapshot_id, model->snapshots[i].sequence_number);
    }
    return JOIST_OK;
}

/* `later` lies more than the allowed skew before `earlier`. */
static bool goes_back(int64_t earlier, int64_t later)
{
    int64_t floor = 0;
    return ji_sub_i64(earlier, CLOCK_SKEW_MS, &floor) && later < floor;
}

static enum joist_status check_times(const struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_log_entry *log = model->log;
    const struct ji_metadata_log_entry *files = model->metadata_log;
    for (size_t i = 1; i < model->log_count; i++) {
        if (goes_back(log[i - 1].timestamp_ms, log[i].timestamp_ms))
            return ji_fail(err, JOIST_ERR_CORRUPT, "snapshot log goes back in time at entry %zu", i);
    }
    for (size_t i = 1; i < model->metadata_log_count; i++) {
        if (goes_back(files[i - 1].timestamp_ms, files[i].timestamp_ms))
            return ji_fail(err, JOIST_ERR_CORRUPT, "metadata log goes back in time at entry %zu", i);
    }
    if (model->log_count > 0 && goes_back(log[model->log_count - 1].timestamp_ms, model->last_updated_ms))
        return ji_fail(err, JOIST_ERR_CORRUPT, "snapshot log ends after the last update");
    if (model->metadata_log_count > 0 &&
            goes_back(files[model->metadata_log_count - 1].timestamp_ms, model->last_updated_ms))
        return ji_fail(err, JOIST_ERR_CORRUPT, "metadata log ends after the last update");
    return JOIST_OK;
}

static enum joist_status check_spec(const struct ji_table_metadata *model, struct joist_error *err)
{
    const struct ji_partition_spec *spec = &model->specs[model->default_spec];
    const struct ji_schema *columns = &model->schemas[model->current_schema].columns;
    for (size_t i = 0; i < spec->field_count; i++) {
        const struct ji_partition_field *field = &spec->fields[i];
        if (field->transform.kind != JI_TRANSFORM_VOID && field->transform.kind != JI_TRANSFORM_UNKNOWN &&
                ji_iceberg_field_by_id(columns, field->source_id, NULL) == NULL)
            return ji_fail(err, JOIST_ERR_CORRUPT, "partition field '%s': no column with id %" PRId32,
                    field->name, field->source_id);
    }
    return JOIST_OK;
}

static enum joist_status read_head(
        const struct ji_tree_node *root, struct ji_table_metadata *model, struct joist_error *err)
{
    JI_TRY(ji_tree_need_id(root, "format-version", &model->format_version, err));
    if (model->format_version < 1)
        return ji_fail(err, JOIST_ERR_CORRUPT, "format version %" PRId32, model->format_version);
    if (model->format_version > JI_FORMAT_VERSION_MAX)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "Iceberg format version %" PRId32, model->format_version);
    JI_TRY(ji_tree_need_text(root, "location", &model->location, err));
    JI_TRY(ji_tree_need_integer(root, "last-updated-ms", &model->last_updated_ms, err));
    JI_TRY(ji_tree_need_id(root, "last-column-id", &model->last_column_id, err));
    JI_TRY(ji_tree_want_id(root, "default-sort-order-id", 0, &model->default_sort_order_id, err));
    if (model->format_version == 1) {
        model->last_sequence_number = 0;
        return ji_tree_want_text(root, "table-uuid", "", &model->table_uuid, err);
    }
    JI_TRY(ji_tree_need_integer(root, "last-sequence-number", &model->last_sequence_number, err));
    return ji_tree_need_text(root, "table-uuid", &model->table_uuid, err);
}

enum joist_status ji_metadata_read(struct ji_arena *arena, struct ji_view document,
        struct ji_table_metadata *model, struct joist_error *err)
{
    struct ji_table_metadata made = {0};
    struct ji_tree_node *root = NULL;
    JI_TRY(ji_tree_parse(arena, document, &root, err));
    if (root->kind != JI_TREE_OBJECT)
        return ji_fail(err, JOIST_ERR_CORRUPT, "metadata is no JSON object");
    made.root = root;
    JI_TRY(read_head(root, &made, err));
    JI_TRY(read_schemas(arena, root, &made, err));
    JI_TRY(read_specs(arena, root, &made, err));
    JI_TRY(read_properties(arena, root, &made, err));
    JI_TRY(read_snapshots(arena, root, &made, err));
    JI_TRY(read_logs(arena, root, &made, err));
    JI_TRY(read_refs(arena, root, &made, err));
    JI_TRY(check_snapshots(&made, err));
    JI_TRY(check_times(&made, err));
    JI_TRY(check_spec(&made, err));
    *model = made;
    return JOIST_OK;
}
