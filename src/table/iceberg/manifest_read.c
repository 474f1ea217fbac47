/*
 * manifest_read.c - Avro manifests and manifest lists become structs
 *
 *   1. Fields are found by id; one that the file lacks is null.
 *   2. What an added entry leaves null it inherits from its manifest (snapshot, both sequence numbers); an
 *      existing or deleted one must carry its own in version 2; a version 1 manifest has sequence number 0.
 *   3. A partition value is read as the type that the spec gives it: int where date is due, bytes where
 *      fixed is.
 */
#include "codec/codec.h"
#include "table/iceberg/manifest.h"
#include "table/iceberg/single_value.h"

#include <inttypes.h>

static enum joist_status missing(int32_t field_id, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "field %" PRId32 " is missing or of another type", field_id);
}

static const struct ji_avro_value *get(const struct ji_avro_value *record, int32_t field_id)
{
    const struct ji_avro_value *value = ji_avro_get(record, field_id);
    return value == NULL || value->kind == JI_AVRO_NULL ? NULL : value;
}

static bool is_number(const struct ji_avro_value *value)
{
    return value->kind == JI_AVRO_INT || value->kind == JI_AVRO_LONG;
}

static bool is_bytes(const struct ji_avro_value *value)
{
    return value->kind == JI_AVRO_BYTES || value->kind == JI_AVRO_FIXED || value->kind == JI_AVRO_STRING;
}

static enum joist_status want_number(const struct ji_avro_value *record, int32_t field_id, int64_t absent,
        int64_t *number, struct joist_error *err)
{
    const struct ji_avro_value *value = get(record, field_id);
    if (value != NULL && !is_number(value))
        return missing(field_id, err);
    *number = value == NULL ? absent : value->as.integer;
    return JOIST_OK;
}

/* At least 0: counts, lengths, ids of snapshots. */
static enum joist_status need_number(
        const struct ji_avro_value *record, int32_t field_id, int64_t *number, struct joist_error *err)
{
    const struct ji_avro_value *value = get(record, field_id);
    if (value == NULL || !is_number(value) || value->as.integer < 0)
        return missing(field_id, err);
    *number = value->as.integer;
    return JOIST_OK;
}

static enum joist_status want_id(const struct ji_avro_value *record, int32_t field_id, int32_t absent,
        int32_t *id, struct joist_error *err)
{
    int64_t wide = 0;
    JI_TRY(want_number(record, field_id, absent, &wide, err));
    if (wide < INT32_MIN || wide > INT32_MAX)
        return missing(field_id, err);
    *id = (int32_t)wide;
    return JOIST_OK;
}

static enum joist_status need_text(struct ji_arena *arena, const struct ji_avro_value *record,
        int32_t field_id, const char **text, struct joist_error *err)
{
    const struct ji_avro_value *value = get(record, field_id);
    if (value == NULL || value->kind != JI_AVRO_STRING ||
            (value->as.bytes.size > 0 && memchr(value->as.bytes.data, 0, value->as.bytes.size) != NULL))
        return missing(field_id, err);
    return ji_arena_text(arena, value->as.bytes, text, err);
}

/* A view whose data is not NULL even where it is empty: NULL means absent. */
static enum joist_status want_bytes(
        const struct ji_avro_value *record, int32_t field_id, struct ji_view *bytes, struct joist_error *err)
{
    static const uint8_t NOTHING = 0;
    const struct ji_avro_value *value = get(record, field_id);
    *bytes = ji_view_of(NULL, 0);
    if (value == NULL)
        return JOIST_OK;
    if (!is_bytes(value))
        return missing(field_id, err);
    *bytes = ji_view_of(value->as.bytes.data != NULL ? value->as.bytes.data : &NOTHING, value->as.bytes.size);
    return JOIST_OK;
}

/* --- lists --- */

static enum joist_status read_summaries(struct ji_arena *arena, const struct ji_avro_value *record,
        struct ji_manifest_file *manifest, struct joist_error *err)
{
    const struct ji_avro_value *list = get(record, 507);
    if (list == NULL)
        return JOIST_OK;
    if (list->kind != JI_AVRO_ARRAY || list->as.items.count > JI_PARTITION_FIELDS_MAX)
        return missing(507, err);
    manifest->has_partitions = true;
    manifest->partition_count = list->as.items.count;
    JI_TRY(ji_arena_array(
            arena, manifest->partition_count, sizeof *manifest->partitions, &manifest->partitions, err));
    for (size_t i = 0; i < manifest->partition_count; i++) {
        const struct ji_avro_value *item = &list->as.items.values[i];
        struct ji_field_summary *summary = &manifest->partitions[i];
        if (item->kind != JI_AVRO_RECORD)
            return missing(507, err);
        const struct ji_avro_value *null = get(item, 509);
        const struct ji_avro_value *nan = get(item, 518);
        if (null == NULL || null->kind != JI_AVRO_BOOLEAN || (nan != NULL && nan->kind != JI_AVRO_BOOLEAN))
            return missing(509, err);
        summary->contains_null = null->as.boolean;
        summary->contains_nan = nan == NULL ? -1 : nan->as.boolean;
        JI_TRY(want_bytes(item, 510, &summary->lower, err));
        JI_TRY(want_bytes(item, 511, &summary->upper, err));
    }
    return JOIST_OK;
}

static enum joist_status read_manifest_file(struct ji_arena *arena, const struct ji_avro_value *record,
        struct ji_manifest_file *manifest, struct joist_error *err)
{
    struct ji_manifest_file made = {0};
    JI_TRY(need_text(arena, record, 500, &made.path, err));
    JI_TRY(need_number(record, 501, &made.length, err));
    JI_TRY(want_id(record, 502, 0, &made.spec_id, err));
    JI_TRY(want_id(record, 517, JI_MANIFEST_DATA, &made.content, err));
    JI_TRY(want_number(record, 515, 0, &made.sequence_number, err));
    JI_TRY(want_number(record, 516, 0, &made.min_sequence_number, err));
    JI_TRY(want_number(record, 503, JI_NUMBER_ABSENT, &made.added_snapshot_id, err));
    JI_TRY(want_number(record, 504, JI_NUMBER_ABSENT, &made.added_files, err));
    JI_TRY(want_number(record, 505, JI_NUMBER_ABSENT, &made.existing_files, err));
    JI_TRY(want_number(record, 506, JI_NUMBER_ABSENT, &made.deleted_files, err));
    JI_TRY(want_number(record, 512, JI_NUMBER_ABSENT, &made.added_rows, err));
    JI_TRY(want_number(record, 513, JI_NUMBER_ABSENT, &made.existing_rows, err));
    JI_TRY(want_number(record, 514, JI_NUMBER_ABSENT, &made.deleted_rows, err));
    JI_TRY(want_bytes(record, 519, &made.key_metadata, err));
    JI_TRY(read_summaries(arena, record, &made, err));
    *manifest = made;
    return JOIST_OK;
}

/* Opens the codecs and the reader; both are the caller's from then on, also after a failure. */
static enum joist_status open_reader(struct ji_mem *mem, struct ji_view file,
        struct ji_codec_context **codecs, struct ji_avro_reader **reader, struct joist_error *err)
{
    JI_TRY(ji_codec_context_open(mem, codecs, err));
    const struct ji_avro_codec codec = ji_avro_codecs(*codecs);
    return ji_avro_reader_open(mem, file, &codec, reader, err);
}

static enum joist_status grow(struct ji_arena *arena, struct ji_manifest_file **items, size_t count,
        size_t *capacity, struct joist_error *err)
{
    if (count < *capacity)
        return JOIST_OK;
    const size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
    struct ji_manifest_file *grown = NULL;
    JI_TRY(ji_arena_array(arena, wanted, sizeof *grown, &grown, err));
    if (count > 0)
        memcpy(grown, *items, count * sizeof *grown);
    *items = grown;
    *capacity = wanted;
    return JOIST_OK;
}

enum joist_status ji_manifest_list_read(struct ji_arena *arena, struct ji_view file,
        struct ji_manifest_file **manifests, size_t *count, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_codec_context *codecs = NULL;
    struct ji_avro_reader *reader = NULL;
    struct ji_manifest_file *items = NULL;
    size_t size = 0;
    size_t capacity = 0;
    JI_TRY_OUT(open_reader(arena->mem, file, &codecs, &reader, err));
    for (;;) {
        const struct ji_avro_value *record = NULL;
        JI_TRY_OUT(ji_avro_reader_next(reader, arena, &record, err));
        if (record == NULL)
            break;
        if (record->kind != JI_AVRO_RECORD) {
            status = ji_fail(err, JOIST_ERR_CORRUPT, "not a list of manifests");
            goto out;
        }
        JI_TRY_OUT(grow(arena, &items, size, &capacity, err));
        status = read_manifest_file(arena, record, &items[size], err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "manifest %zu of the list", size);
            goto out;
        }
        size++;
    }
    *manifests = items;
    *count = size;
out:
    ji_avro_reader_close(reader);
    ji_codec_context_close(codecs);
    return status;
}

/* --- manifests --- */

static enum joist_status read_counts(struct ji_arena *arena, const struct ji_avro_value *record,
        int32_t field_id, struct ji_id_counts *counts, struct joist_error *err)
{
    const struct ji_avro_value *list = get(record, field_id);
    if (list == NULL)
        return JOIST_OK;
    if (list->kind != JI_AVRO_ARRAY)
        return missing(field_id, err);
    counts->present = true;
    counts->size = list->as.items.count;
    JI_TRY(ji_arena_array(arena, counts->size, sizeof *counts->items, &counts->items, err));
    for (size_t i = 0; i < counts->size; i++) {
        const struct ji_avro_value *pair = &list->as.items.values[i];
        if (pair->kind != JI_AVRO_RECORD || pair->as.items.count != 2 ||
                !is_number(&pair->as.items.values[0]) || !is_number(&pair->as.items.values[1]))
            return missing(field_id, err);
        counts->items[i].id = (int32_t)pair->as.items.values[0].as.integer;
        counts->items[i].count = pair->as.items.values[1].as.integer;
    }
    return JOIST_OK;
}

static enum joist_status read_bounds(struct ji_arena *arena, const struct ji_avro_value *record,
        int32_t field_id, struct ji_id_bounds *bounds, struct joist_error *err)
{
    const struct ji_avro_value *list = get(record, field_id);
    if (list == NULL)
        return JOIST_OK;
    if (list->kind != JI_AVRO_ARRAY)
        return missing(field_id, err);
    bounds->present = true;
    bounds->size = list->as.items.count;
    JI_TRY(ji_arena_array(arena, bounds->size, sizeof *bounds->items, &bounds->items, err));
    for (size_t i = 0; i < bounds->size; i++) {
        const struct ji_avro_value *pair = &list->as.items.values[i];
        if (pair->kind != JI_AVRO_RECORD || pair->as.items.count != 2 ||
                !is_number(&pair->as.items.values[0]) || !is_bytes(&pair->as.items.values[1]))
            return missing(field_id, err);
        bounds->items[i].id = (int32_t)pair->as.items.values[0].as.integer;
        bounds->items[i].bytes = pair->as.items.values[1].as.bytes;
    }
    return JOIST_OK;
}

static enum joist_status read_lists(struct ji_arena *arena, const struct ji_avro_value *record,
        struct ji_data_file *file, struct joist_error *err)
{
    const struct ji_avro_value *splits = get(record, 132);
    const struct ji_avro_value *equality = get(record, 135);
    if (splits != NULL) {
        if (splits->kind != JI_AVRO_ARRAY)
            return missing(132, err);
        file->split_count = splits->as.items.count;
        JI_TRY(ji_arena_array(arena, file->split_count, sizeof *file->splits, &file->splits, err));
        for (size_t i = 0; i < file->split_count; i++) {
            if (!is_number(&splits->as.items.values[i]))
                return missing(133, err);
            file->splits[i] = splits->as.items.values[i].as.integer;
        }
    }
    if (equality != NULL) {
        if (equality->kind != JI_AVRO_ARRAY)
            return missing(135, err);
        file->equality_count = equality->as.items.count;
        JI_TRY(ji_arena_array(
                arena, file->equality_count, sizeof *file->equality_ids, &file->equality_ids, err));
        for (size_t i = 0; i < file->equality_count; i++) {
            if (!is_number(&equality->as.items.values[i]))
                return missing(136, err);
            file->equality_ids[i] = (int32_t)equality->as.items.values[i].as.integer;
        }
    }
    return JOIST_OK;
}

static bool partition_value(
        const struct ji_field *field, const struct ji_avro_value *from, struct ji_value *value)
{
    *value = (struct ji_value){.is_null = false};
    switch (field->kind) {
    case JI_BOOL:
        value->as.boolean = from->kind == JI_AVRO_BOOLEAN && from->as.boolean;
        return from->kind == JI_AVRO_BOOLEAN;
    case JI_INT32:
    case JI_DATE:
    case JI_INT64:
    case JI_TIME:
    case JI_TIMESTAMP:
        value->as.integer = from->as.integer;
        return is_number(from);
    case JI_FLOAT:
    case JI_DOUBLE:
        value->as.real = from->as.real;
        return from->kind == JI_AVRO_FLOAT || from->kind == JI_AVRO_DOUBLE;
    case JI_STRING:
    case JI_BINARY:
        value->as.view = from->as.bytes;
        return is_bytes(from);
    case JI_DECIMAL:
    case JI_UUID:
    case JI_FIXED:
        return is_bytes(from) && ji_single_value_decode(field, from->as.bytes, value);
    default:
        *value = (struct ji_value){.is_null = true};
        return true;
    }
}

static enum joist_status read_partition(struct ji_arena *arena, const struct ji_avro_value *record,
        const struct ji_bound_partition *partition, struct ji_data_file *file, struct joist_error *err)
{
    struct ji_value *values = NULL;
    const struct ji_avro_value *tuple = get(record, 102);
    if (tuple == NULL || tuple->kind != JI_AVRO_RECORD)
        return missing(102, err);
    JI_TRY(ji_arena_array(arena, partition->field_count, sizeof *values, &values, err));
    for (size_t i = 0; i < partition->field_count; i++) {
        const struct ji_field *field = &partition->results[i];
        const struct ji_avro_value *value = get(tuple, field->field_id);
        if (value == NULL)
            values[i] = (struct ji_value){.is_null = true};
        else if (!partition_value(field, value, &values[i]))
            return ji_fail(
                    err, JOIST_ERR_CORRUPT, "partition field '%s' has a value of another type", field->name);
    }
    file->partition = values;
    return JOIST_OK;
}

static enum joist_status read_file(struct ji_arena *arena, const struct ji_avro_value *record,
        const struct ji_bound_partition *partition, struct ji_data_file *file, struct joist_error *err)
{
    JI_TRY(want_id(record, 134, JI_CONTENT_DATA, &file->content, err));
    JI_TRY(need_text(arena, record, 100, &file->path, err));
    JI_TRY(need_text(arena, record, 101, &file->format, err));
    JI_TRY(need_number(record, 103, &file->record_count, err));
    JI_TRY(need_number(record, 104, &file->file_bytes, err));
    JI_TRY(read_partition(arena, record, partition, file, err));
    JI_TRY(read_counts(arena, record, 108, &file->column_sizes, err));
    JI_TRY(read_counts(arena, record, 109, &file->value_counts, err));
    JI_TRY(read_counts(arena, record, 110, &file->null_counts, err));
    JI_TRY(read_counts(arena, record, 137, &file->nan_counts, err));
    JI_TRY(read_bounds(arena, record, 125, &file->lower_bounds, err));
    JI_TRY(read_bounds(arena, record, 128, &file->upper_bounds, err));
    JI_TRY(want_bytes(record, 131, &file->key_metadata, err));
    JI_TRY(want_number(record, 140, JI_NUMBER_ABSENT, &file->sort_order_id, err));
    return read_lists(arena, record, file, err);
}

static enum joist_status inherit(
        const struct ji_manifest_file *manifest, struct ji_manifest_entry *entry, struct joist_error *err)
{
    const bool added = entry->status == JI_ENTRY_ADDED;
    if (entry->status < JI_ENTRY_EXISTING || entry->status > JI_ENTRY_DELETED)
        return ji_fail(err, JOIST_ERR_CORRUPT, "status %" PRId32, entry->status);
    if (entry->snapshot_id == JI_NUMBER_ABSENT)
        entry->snapshot_id = manifest->added_snapshot_id;
    if (entry->sequence_number == JI_NUMBER_ABSENT && (added || manifest->sequence_number == 0))
        entry->sequence_number = manifest->sequence_number;
    if (entry->file_sequence_number == JI_NUMBER_ABSENT && (added || manifest->sequence_number == 0))
        entry->file_sequence_number = manifest->sequence_number;
    if (entry->sequence_number == JI_NUMBER_ABSENT)
        return ji_fail(err, JOIST_ERR_CORRUPT, "an entry that is not new has no sequence number");
    if (entry->file_sequence_number == JI_NUMBER_ABSENT)
        entry->file_sequence_number = entry->sequence_number;
    return JOIST_OK;
}

static enum joist_status read_entry(struct ji_arena *arena, const struct ji_avro_value *record,
        const struct ji_manifest_file *manifest, const struct ji_bound_partition *partition,
        struct ji_manifest_entry *entry, struct joist_error *err)
{
    const struct ji_avro_value *file = NULL;
    if (record->kind != JI_AVRO_RECORD || (file = get(record, 2)) == NULL || file->kind != JI_AVRO_RECORD)
        return missing(2, err);
    JI_TRY(want_id(record, 0, -1, &entry->status, err));
    JI_TRY(want_number(record, 1, JI_NUMBER_ABSENT, &entry->snapshot_id, err));
    JI_TRY(want_number(record, 3, JI_NUMBER_ABSENT, &entry->sequence_number, err));
    JI_TRY(want_number(record, 4, JI_NUMBER_ABSENT, &entry->file_sequence_number, err));
    JI_TRY(inherit(manifest, entry, err));
    return read_file(arena, file, partition, &entry->file, err);
}

enum joist_status ji_manifest_read(struct ji_arena *arena, struct ji_view file,
        const struct ji_manifest_file *manifest, const struct ji_bound_partition *partition,
        ji_manifest_each each, void *arg, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_codec_context *codecs = NULL;
    struct ji_avro_reader *reader = NULL;
    JI_TRY_OUT(open_reader(arena->mem, file, &codecs, &reader, err));
    for (size_t number = 0;; number++) {
        const struct ji_avro_value *record = NULL;
        struct ji_manifest_entry entry = {0};
        JI_TRY_OUT(ji_avro_reader_next(reader, arena, &record, err));
        if (record == NULL)
            break;
        status = read_entry(arena, record, manifest, partition, &entry, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "entry %zu", number);
            goto out;
        }
        JI_TRY_OUT(each(arg, &entry, err));
    }
out:
    ji_avro_reader_close(reader);
    ji_codec_context_close(codecs);
    return status;
}
