/*
 * metadata_write.c - writing a table's metadata
 *
 *     old document:  {"format-version":2, ..., "snapshots":[A,B], "x-unknown":{...}, ...}
 *     new document:  {"format-version":2, ..., "snapshots":[A,B,C], "x-unknown":{...}, ...}
 *                     ^ copied                  ^ copied, C made    ^ copied
 *
 *   1. Members are kept in their order, those that a commit must have and the document lacks follow behind.
 *   2. What is copied is copied byte for byte.
 *   3. A commit at the 1,000th snapshot costs one memcpy of the 999 others.
 */
#include "table/iceberg/metadata_write.h"

#include "table/iceberg/metadata_read.h"

#include <inttypes.h>

static enum joist_status put_member(
        struct ji_bytes *out, const char *name, bool first, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_text(out, first ? "\"" : ",\"", err));
    JI_TRY(ji_bytes_append_text(out, name, err));
    return ji_bytes_append_text(out, "\":", err);
}

static enum joist_status put_text(
        struct ji_bytes *out, const char *name, const char *text, struct joist_error *err)
{
    JI_TRY(put_member(out, name, false, err));
    return ji_json_append_string(out, ji_view_of_text(text), err);
}

static enum joist_status put_properties(
        struct ji_bytes *out, const struct ji_property *properties, size_t count, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '{', err));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(ji_json_append_string(out, ji_view_of_text(properties[i].key), err));
        JI_TRY(ji_bytes_append_byte(out, ':', err));
        JI_TRY(ji_json_append_string(out, ji_view_of_text(properties[i].value), err));
    }
    return ji_bytes_append_byte(out, '}', err);
}

enum joist_status ji_metadata_create(
        struct ji_bytes *out, const struct ji_new_table *table, struct joist_error *err)
{
    const int32_t last_partition_id = JI_PARTITION_ID_FIRST - 1 + (int32_t)table->spec->field_count;
    JI_TRY(ji_bytes_printf(out, err, "{\"format-version\":%d", JI_FORMAT_VERSION_WRITTEN));
    JI_TRY(put_text(out, "table-uuid", table->table_uuid, err));
    JI_TRY(put_text(out, "location", table->location, err));
    JI_TRY(ji_bytes_printf(out, err,
            ",\"last-sequence-number\":0,\"last-updated-ms\":%" PRId64 ",\"last-column-id\":%" PRId32
            ",\"current-schema-id\":0,\"schemas\":[",
            table->now_ms, table->last_column_id));
    JI_TRY(ji_iceberg_schema_write(out, 0, table->columns, err));
    JI_TRY(ji_bytes_append_text(
            out, "],\"default-spec-id\":0,\"partition-specs\":[{\"spec-id\":0,\"fields\":", err));
    JI_TRY(ji_partition_spec_write(out, table->spec, err));
    JI_TRY(ji_bytes_printf(out, err,
            "}],\"last-partition-id\":%" PRId32
            ",\"default-sort-order-id\":0,\"sort-orders\":[{\"order-id\":0,\"fields\":[]}],\"properties\":",
            last_partition_id));
    JI_TRY(put_properties(out, table->properties, table->property_count, err));
    return ji_bytes_append_text(out,
            ",\"current-snapshot-id\":-1,\"refs\":{},\"snapshots\":[],\"statistics\":[],"
            "\"partition-statistics\":[],\"snapshot-log\":[],\"metadata-log\":[]}",
            err);
}

static enum joist_status snapshot_text(struct ji_arena *arena, const struct ji_table_metadata *model,
        const struct ji_new_snapshot *snapshot, struct ji_view *text, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes out;
    ji_bytes_init(&out, arena->mem);
    JI_TRY_OUT(ji_bytes_printf(&out, err, "{\"sequence-number\":%" PRId64 ",\"snapshot-id\":%" PRId64,
            snapshot->sequence_number, snapshot->snapshot_id));
    if (model->current_snapshot_id != JI_SNAPSHOT_NONE)
        JI_TRY_OUT(
                ji_bytes_printf(&out, err, ",\"parent-snapshot-id\":%" PRId64, model->current_snapshot_id));
    JI_TRY_OUT(
            ji_bytes_printf(&out, err, ",\"timestamp-ms\":%" PRId64 ",\"summary\":", snapshot->timestamp_ms));
    JI_TRY_OUT(put_properties(&out, snapshot->summary, snapshot->summary_count, err));
    JI_TRY_OUT(put_text(&out, "manifest-list", snapshot->manifest_list, err));
    JI_TRY_OUT(ji_bytes_printf(
            &out, err, ",\"schema-id\":%" PRId32 "}", model->schemas[model->current_schema].schema_id));
    JI_TRY_OUT(ji_arena_view(arena, ji_view_of(out.data, out.size), text, err));
out:
    ji_bytes_clear(&out);
    return status;
}

static enum joist_status grow_snapshots(
        struct ji_arena *arena, struct ji_table_metadata *next, struct joist_error *err)
{
    if (next->snapshot_count == next->snapshot_capacity) {
        const size_t capacity = next->snapshot_count + 16 + next->snapshot_count / 2;
        struct ji_snapshot *grown = NULL;
        JI_TRY(ji_arena_array(arena, capacity, sizeof *grown, &grown, err));
        if (next->snapshot_count > 0)
            memcpy(grown, next->snapshots, next->snapshot_count * sizeof *grown);
        next->snapshots = grown;
        next->snapshot_capacity = capacity;
    }
    if (next->log_count == next->log_capacity) {
        const size_t capacity = next->log_count + 16 + next->log_count / 2;
        struct ji_log_entry *grown = NULL;
        JI_TRY(ji_arena_array(arena, capacity, sizeof *grown, &grown, err));
        if (next->log_count > 0)
            memcpy(grown, next->log, next->log_count * sizeof *grown);
        next->log = grown;
        next->log_capacity = capacity;
    }
    return JOIST_OK;
}

/* The last `log_max - 1` entries of `model` and one for its own file. */
static enum joist_status next_metadata_log(struct ji_arena *arena, const struct ji_table_metadata *model,
        const char *model_location, uint64_t log_max, struct ji_table_metadata *next, struct joist_error *err)
{
    const size_t kept_max = (size_t)ji_min_u64(log_max > 0 ? log_max - 1 : 0, JI_SNAPSHOTS_MAX);
    const size_t kept = ji_min_size(model->metadata_log_count, kept_max);
    struct ji_metadata_log_entry *log = NULL;
    JI_TRY(ji_arena_array(arena, kept + 1, sizeof *log, &log, err));
    if (kept > 0)
        memcpy(log, model->metadata_log + (model->metadata_log_count - kept), kept * sizeof *log);
    log[kept].timestamp_ms = model->last_updated_ms;
    JI_TRY(ji_arena_text(arena, ji_view_of_text(model_location), &log[kept].metadata_file, err));
    next->metadata_log = log;
    next->metadata_log_count = log_max > 0 ? kept + 1 : 0;
    return JOIST_OK;
}

static enum joist_status next_refs(struct ji_arena *arena, const struct ji_table_metadata *model,
        struct ji_table_metadata *next, struct joist_error *err)
{
    struct ji_snapshot_ref *refs = NULL;
    bool found = false;
    JI_TRY(ji_arena_array(arena, model->ref_count + 1, sizeof *refs, &refs, err));
    for (size_t i = 0; i < model->ref_count; i++) {
        refs[i] = model->refs[i];
        if (strcmp(refs[i].name, "main") == 0) {
            refs[i].snapshot_id = next->current_snapshot_id;
            found = true;
        }
    }
    next->ref_count = model->ref_count;
    if (!found)
        refs[next->ref_count++] = (struct ji_snapshot_ref){
                .name = "main", .snapshot_id = next->current_snapshot_id, .is_branch = true};
    next->refs = refs;
    return JOIST_OK;
}

enum joist_status ji_metadata_append(struct ji_arena *arena, const struct ji_table_metadata *model,
        const char *model_location, const struct ji_new_snapshot *snapshot, uint64_t log_max,
        struct ji_table_metadata *next, struct joist_error *err)
{
    struct ji_table_metadata made = *model;
    struct ji_view text;
    struct ji_tree_node *node = NULL;
    JI_TRY(snapshot_text(arena, model, snapshot, &text, err));
    JI_TRY(ji_tree_parse(arena, text, &node, err));
    JI_TRY(grow_snapshots(arena, &made, err));
    JI_TRY(ji_snapshot_read(node, &made.snapshots[made.snapshot_count], err));
    made.snapshot_count++;
    made.log[made.log_count++] = (struct ji_log_entry){
            .timestamp_ms = snapshot->timestamp_ms, .snapshot_id = snapshot->snapshot_id};
    made.current_snapshot_id = snapshot->snapshot_id;
    made.last_sequence_number = snapshot->sequence_number;
    made.last_updated_ms = snapshot->timestamp_ms;
    JI_TRY(next_metadata_log(arena, model, model_location, log_max, &made, err));
    JI_TRY(next_refs(arena, model, &made, err));
    *next = made;
    return JOIST_OK;
}

static enum joist_status write_integer(struct ji_bytes *out, int64_t value, struct joist_error *err)
{
    char text[24];
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        text[--at] = '-';
    return ji_bytes_append(out, text + at, sizeof text - at, err);
}

static enum joist_status write_snapshots(
        struct ji_bytes *out, const struct ji_table_metadata *model, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '[', err));
    for (size_t i = 0; i < model->snapshot_count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(ji_bytes_append(out, model->snapshots[i].json.data, model->snapshots[i].json.size, err));
    }
    return ji_bytes_append_byte(out, ']', err);
}

static enum joist_status write_log(
        struct ji_bytes *out, const struct ji_table_metadata *model, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '[', err));
    for (size_t i = 0; i < model->log_count; i++) {
        JI_TRY(ji_bytes_append_text(out, i > 0 ? ",{\"snapshot-id\":" : "{\"snapshot-id\":", err));
        JI_TRY(write_integer(out, model->log[i].snapshot_id, err));
        JI_TRY(ji_bytes_append_text(out, ",\"timestamp-ms\":", err));
        JI_TRY(write_integer(out, model->log[i].timestamp_ms, err));
        JI_TRY(ji_bytes_append_byte(out, '}', err));
    }
    return ji_bytes_append_byte(out, ']', err);
}

static enum joist_status write_metadata_log(
        struct ji_bytes *out, const struct ji_table_metadata *model, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '[', err));
    for (size_t i = 0; i < model->metadata_log_count; i++) {
        JI_TRY(ji_bytes_append_text(out, i > 0 ? ",{\"timestamp-ms\":" : "{\"timestamp-ms\":", err));
        JI_TRY(write_integer(out, model->metadata_log[i].timestamp_ms, err));
        JI_TRY(put_text(out, "metadata-file", model->metadata_log[i].metadata_file, err));
        JI_TRY(ji_bytes_append_byte(out, '}', err));
    }
    return ji_bytes_append_byte(out, ']', err);
}

/* A ref with whatever else its object says (retention), and the snapshot it is at now. */
static enum joist_status write_ref(
        struct ji_bytes *out, const struct ji_snapshot_ref *ref, struct joist_error *err)
{
    JI_TRY(ji_json_append_string(out, ji_view_of_text(ref->name), err));
    JI_TRY(ji_bytes_append_text(out, ":{\"snapshot-id\":", err));
    JI_TRY(write_integer(out, ref->snapshot_id, err));
    JI_TRY(put_text(out, "type", ref->is_branch ? "branch" : "tag", err));
    for (const struct ji_tree_node *node = ref->node != NULL ? ref->node->first : NULL; node != NULL;
            node = node->next) {
        if (ji_view_equal_text(node->name, "snapshot-id") || ji_view_equal_text(node->name, "type"))
            continue;
        JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(ji_json_append_string(out, node->name, err));
        JI_TRY(ji_bytes_append_byte(out, ':', err));
        JI_TRY(ji_bytes_append(out, node->raw.data, node->raw.size, err));
    }
    return ji_bytes_append_byte(out, '}', err);
}

static enum joist_status write_refs(
        struct ji_bytes *out, const struct ji_table_metadata *model, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '{', err));
    for (size_t i = 0; i < model->ref_count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(write_ref(out, &model->refs[i], err));
    }
    return ji_bytes_append_byte(out, '}', err);
}

enum changed { LAST_SEQUENCE, LAST_UPDATED, CURRENT, SNAPSHOTS, REFS, LOG, METADATA_LOG, CHANGED_COUNT };
static const char *const CHANGED_NAMES[CHANGED_COUNT] = {"last-sequence-number", "last-updated-ms",
        "current-snapshot-id", "snapshots", "refs", "snapshot-log", "metadata-log"};

static enum joist_status write_changed(struct ji_bytes *out, const struct ji_table_metadata *model,
        enum changed which, struct joist_error *err)
{
    switch (which) {
    case LAST_SEQUENCE:
        return write_integer(out, model->last_sequence_number, err);
    case LAST_UPDATED:
        return write_integer(out, model->last_updated_ms, err);
    case CURRENT:
        return write_integer(out, model->current_snapshot_id, err);
    case SNAPSHOTS:
        return write_snapshots(out, model, err);
    case REFS:
        return write_refs(out, model, err);
    case LOG:
        return write_log(out, model, err);
    default:
        return write_metadata_log(out, model, err);
    }
}

enum joist_status ji_metadata_write(
        struct ji_bytes *out, const struct ji_table_metadata *model, struct joist_error *err)
{
    bool written[CHANGED_COUNT] = {false};
    bool first = true;
    JI_TRY(ji_bytes_append_byte(out, '{', err));
    for (const struct ji_tree_node *node = model->root->first; node != NULL; node = node->next) {
        size_t which = 0;
        while (which < CHANGED_COUNT && !ji_view_equal_text(node->name, CHANGED_NAMES[which]))
            which++;
        if (!first)
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        first = false;
        JI_TRY(ji_json_append_string(out, node->name, err));
        JI_TRY(ji_bytes_append_byte(out, ':', err));
        if (which == CHANGED_COUNT) {
            JI_TRY(ji_bytes_append(out, node->raw.data, node->raw.size, err));
            continue;
        }
        written[which] = true;
        JI_TRY(write_changed(out, model, (enum changed)which, err));
    }
    for (size_t which = 0; which < CHANGED_COUNT; which++) {
        if (written[which])
            continue;
        JI_TRY(put_member(out, CHANGED_NAMES[which], first, err));
        first = false;
        JI_TRY(write_changed(out, model, (enum changed)which, err));
    }
    return ji_bytes_append_byte(out, '}', err);
}
