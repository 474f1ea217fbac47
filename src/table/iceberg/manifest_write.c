/*
 * manifest_write.c - entries become an Avro manifest
 *
 *   1. One manifest has one spec and holds data files alone.
 *   2. Entries that are added leave their sequence numbers null: they are inherited, so that a retry of the
 *      commit may write another list and keep the manifest. Existing ones carry both.
 *   3. While entries pass, the summaries of the partition fields are kept: null, NaN, least and greatest.
 */
#include "codec/codec.h"
#include "table/iceberg/manifest.h"
#include "table/iceberg/single_value.h"

#include <inttypes.h>

#define HEADER_PAIRS 6
#define ENTRY_FIELDS 5
#define FILE_FIELDS 16

struct field_range {
    bool any_null;
    bool any_nan;
    bool has_bounds;
    struct ji_value low, high; /* views point into the writer's `kept` arena */
};

struct ji_manifest_writer {
    struct ji_mem *mem;
    const struct ji_bound_partition *partition;
    struct ji_bytes *out;
    size_t start;
    struct ji_codec_context *codecs;
    struct ji_avro_writer *avro;
    struct ji_arena scratch; /* one entry */
    struct ji_arena kept;    /* until close */
    struct field_range *ranges;
    struct ji_manifest_file totals;
    int64_t min_sequence_number; /* of entries that carry one */
};

static enum joist_status number_text(
        struct ji_arena *arena, int64_t number, struct ji_view *view, struct joist_error *err)
{
    const char *text = NULL;
    JI_TRY(ji_arena_printf(arena, &text, err, "%" PRId64, number));
    *view = ji_view_of_text(text);
    return JOIST_OK;
}

static enum joist_status open_avro(struct ji_manifest_writer *writer,
        const struct ji_manifest_writer_options *options, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes schema_json;
    struct ji_bytes spec_json;
    struct ji_view schema_id;
    struct ji_view spec_id;
    ji_bytes_init(&schema_json, writer->mem);
    ji_bytes_init(&spec_json, writer->mem);
    JI_TRY_OUT(ji_manifest_avro_schema(&schema_json, options->partition, err));
    JI_TRY_OUT(ji_partition_spec_write(&spec_json, options->partition->spec, err));
    JI_TRY_OUT(number_text(&writer->kept, options->schema->schema_id, &schema_id, err));
    JI_TRY_OUT(number_text(&writer->kept, options->partition->spec->spec_id, &spec_id, err));
    const struct ji_avro_pair pairs[HEADER_PAIRS] = {
            {"schema", options->schema->json},
            {"schema-id", schema_id},
            {"partition-spec", ji_view_of(spec_json.data, spec_json.size)},
            {"partition-spec-id", spec_id},
            {"format-version", ji_view_of("2", 1)},
            {"content", ji_view_of("data", 4)},
    };
    const struct ji_avro_codec codec = ji_avro_codecs(writer->codecs);
    struct ji_avro_writer_options avro = {
            .schema_json = ji_view_of(schema_json.data, schema_json.size),
            .metadata = pairs,
            .metadata_count = HEADER_PAIRS,
            .codec_name = "deflate",
            .codec = &codec,
    };
    memcpy(avro.sync, options->sync, sizeof avro.sync);
    JI_TRY_OUT(ji_avro_writer_open(writer->mem, &avro, writer->out, &writer->avro, err));
out:
    ji_bytes_clear(&schema_json);
    ji_bytes_clear(&spec_json);
    return status;
}

enum joist_status ji_manifest_writer_open(struct ji_mem *mem,
        const struct ji_manifest_writer_options *options, struct ji_bytes *out,
        struct ji_manifest_writer **writer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_manifest_writer *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->partition = options->partition;
    made->out = out;
    made->start = out->size;
    made->min_sequence_number = INT64_MAX;
    ji_arena_init(&made->scratch, mem);
    ji_arena_init(&made->kept, mem);
    JI_TRY_OUT(ji_codec_context_open(mem, &made->codecs, err));
    JI_TRY_OUT(ji_arena_array(
            &made->kept, options->partition->field_count, sizeof *made->ranges, &made->ranges, err));
    JI_TRY_OUT(open_avro(made, options, err));
    *writer = made;
    return JOIST_OK;
out:
    ji_manifest_writer_close(made);
    return status;
}

void ji_manifest_writer_close(struct ji_manifest_writer *writer)
{
    if (writer == NULL)
        return;
    ji_avro_writer_close(writer->avro);
    ji_codec_context_close(writer->codecs);
    ji_arena_clear(&writer->scratch);
    ji_arena_clear(&writer->kept);
    ji_free(writer->mem, writer, sizeof *writer);
}

static struct ji_avro_value optional_long(int64_t value)
{
    return value == JI_NUMBER_ABSENT ? ji_avro_null() : ji_avro_long(value);
}

static enum joist_status put_pairs(struct ji_arena *arena, size_t count, struct ji_avro_value **records,
        struct ji_avro_value *array, struct joist_error *err)
{
    struct ji_avro_value *items = NULL;
    JI_TRY(ji_arena_array(arena, count, 3 * sizeof *items, &items, err));
    for (size_t i = 0; i < count; i++)
        items[i] = ji_avro_record(&items[count + 2 * i], 2);
    *records = items + count;
    *array = ji_avro_array(items, count);
    return JOIST_OK;
}

static enum joist_status counts_value(struct ji_arena *arena, const struct ji_id_counts *counts,
        struct ji_avro_value *value, struct joist_error *err)
{
    struct ji_avro_value *pairs = NULL;
    *value = ji_avro_null();
    if (!counts->present)
        return JOIST_OK;
    JI_TRY(put_pairs(arena, counts->size, &pairs, value, err));
    for (size_t i = 0; i < counts->size; i++) {
        pairs[2 * i] = ji_avro_int(counts->items[i].id);
        pairs[2 * i + 1] = ji_avro_long(counts->items[i].count);
    }
    return JOIST_OK;
}

static enum joist_status bounds_value(struct ji_arena *arena, const struct ji_id_bounds *bounds,
        struct ji_avro_value *value, struct joist_error *err)
{
    struct ji_avro_value *pairs = NULL;
    *value = ji_avro_null();
    if (!bounds->present)
        return JOIST_OK;
    JI_TRY(put_pairs(arena, bounds->size, &pairs, value, err));
    for (size_t i = 0; i < bounds->size; i++) {
        pairs[2 * i] = ji_avro_int(bounds->items[i].id);
        pairs[2 * i + 1] = ji_avro_bytes(bounds->items[i].bytes);
    }
    return JOIST_OK;
}

static enum joist_status decimal_value(struct ji_arena *arena, const struct ji_avro_type *type,
        ji_int128 decimal, struct ji_avro_value *value, struct joist_error *err)
{
    uint8_t *bytes = NULL;
    const size_t count = ji_avro_type_optional(type)->fixed_bytes;
    JI_TRY(ji_arena_alloc(arena, count, &bytes, err));
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(decimal >> (8 * ji_min_size(count - 1 - i, 15)));
    *value = ji_avro_fixed(ji_view_of(bytes, count));
    return JOIST_OK;
}

static enum joist_status partition_value(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_avro_type *type, const struct ji_value *from, struct ji_avro_value *value,
        struct joist_error *err)
{
    *value = ji_avro_null();
    if (from->is_null)
        return JOIST_OK;
    switch (field->kind) {
    case JI_BOOL:
        *value = ji_avro_boolean(from->as.boolean);
        break;
    case JI_INT32:
    case JI_DATE:
        *value = ji_avro_int((int32_t)from->as.integer);
        break;
    case JI_INT64:
    case JI_TIME:
    case JI_TIMESTAMP:
        *value = ji_avro_long(from->as.integer);
        break;
    case JI_FLOAT:
        *value = ji_avro_float((float)from->as.real);
        break;
    case JI_DOUBLE:
        *value = ji_avro_double(from->as.real);
        break;
    case JI_STRING:
        *value = ji_avro_string(from->as.view);
        break;
    case JI_BINARY:
        *value = ji_avro_bytes(from->as.view);
        break;
    case JI_UUID:
    case JI_FIXED:
        *value = ji_avro_fixed(from->as.view);
        break;
    case JI_DECIMAL:
        return decimal_value(arena, type, from->as.decimal, value, err);
    default:
        break;
    }
    return JOIST_OK;
}

static bool is_nan(const struct ji_field *field, const struct ji_value *value)
{
    return (field->kind == JI_FLOAT || field->kind == JI_DOUBLE) && value->as.real != value->as.real;
}

static enum joist_status keep(struct ji_manifest_writer *writer, const struct ji_field *field,
        const struct ji_value *from, struct ji_value *to, struct joist_error *err)
{
    *to = *from;
    if (ji_kind_is_view(field->kind) || field->kind == JI_UUID || field->kind == JI_FIXED)
        return ji_arena_view(&writer->kept, from->as.view, &to->as.view, err);
    return JOIST_OK;
}

static enum joist_status widen(struct ji_manifest_writer *writer, size_t index, const struct ji_value *value,
        struct joist_error *err)
{
    struct field_range *range = &writer->ranges[index];
    const struct ji_field *field = &writer->partition->results[index];
    if (value->is_null) {
        range->any_null = true;
        return JOIST_OK;
    }
    if (is_nan(field, value)) {
        range->any_nan = true;
        return JOIST_OK;
    }
    if (!range->has_bounds || ji_value_compare(field, value, &range->low) < 0)
        JI_TRY(keep(writer, field, value, &range->low, err));
    if (!range->has_bounds || ji_value_compare(field, value, &range->high) > 0)
        JI_TRY(keep(writer, field, value, &range->high, err));
    range->has_bounds = true;
    return JOIST_OK;
}

static enum joist_status list_values(struct ji_arena *arena, const struct ji_data_file *file,
        struct ji_avro_value *splits, struct ji_avro_value *equality, struct joist_error *err)
{
    struct ji_avro_value *items = NULL;
    *splits = ji_avro_null();
    *equality = ji_avro_null();
    if (file->split_count > 0) {
        JI_TRY(ji_arena_array(arena, file->split_count, sizeof *items, &items, err));
        for (size_t i = 0; i < file->split_count; i++)
            items[i] = ji_avro_long(file->splits[i]);
        *splits = ji_avro_array(items, file->split_count);
    }
    if (file->equality_count > 0) {
        JI_TRY(ji_arena_array(arena, file->equality_count, sizeof *items, &items, err));
        for (size_t i = 0; i < file->equality_count; i++)
            items[i] = ji_avro_int(file->equality_ids[i]);
        *equality = ji_avro_array(items, file->equality_count);
    }
    return JOIST_OK;
}

static enum joist_status file_value(struct ji_manifest_writer *writer, const struct ji_data_file *file,
        struct ji_avro_value fields[FILE_FIELDS], struct joist_error *err)
{
    struct ji_arena *arena = &writer->scratch;
    const struct ji_bound_partition *partition = writer->partition;
    const struct ji_avro_type *entry = ji_avro_writer_schema(writer->avro);
    const struct ji_avro_type *record = entry->fields[ENTRY_FIELDS - 1].type;
    const struct ji_avro_type *tuple = record->fields[3].type;
    struct ji_avro_value *values = NULL;
    JI_TRY(ji_arena_array(arena, partition->field_count, sizeof *values, &values, err));
    for (size_t i = 0; i < partition->field_count; i++)
        JI_TRY(partition_value(
                arena, &partition->results[i], tuple->fields[i].type, &file->partition[i], &values[i], err));
    fields[0] = ji_avro_int(file->content);
    fields[1] = ji_avro_string(ji_view_of_text(file->path));
    fields[2] = ji_avro_string(ji_view_of_text(file->format));
    fields[3] = ji_avro_record(values, partition->field_count);
    fields[4] = ji_avro_long(file->record_count);
    fields[5] = ji_avro_long(file->file_bytes);
    JI_TRY(counts_value(arena, &file->column_sizes, &fields[6], err));
    JI_TRY(counts_value(arena, &file->value_counts, &fields[7], err));
    JI_TRY(counts_value(arena, &file->null_counts, &fields[8], err));
    JI_TRY(counts_value(arena, &file->nan_counts, &fields[9], err));
    JI_TRY(bounds_value(arena, &file->lower_bounds, &fields[10], err));
    JI_TRY(bounds_value(arena, &file->upper_bounds, &fields[11], err));
    fields[12] = file->key_metadata.data == NULL ? ji_avro_null() : ji_avro_bytes(file->key_metadata);
    JI_TRY(list_values(arena, file, &fields[13], &fields[14], err));
    fields[15] = file->sort_order_id == JI_NUMBER_ABSENT ? ji_avro_null()
                                                         : ji_avro_int((int32_t)file->sort_order_id);
    return JOIST_OK;
}

static void count_entry(struct ji_manifest_writer *writer, const struct ji_manifest_entry *entry)
{
    struct ji_manifest_file *totals = &writer->totals;
    if (entry->status == JI_ENTRY_ADDED) {
        totals->added_files++;
        totals->added_rows += entry->file.record_count;
    } else if (entry->status == JI_ENTRY_EXISTING) {
        totals->existing_files++;
        totals->existing_rows += entry->file.record_count;
    } else {
        totals->deleted_files++;
        totals->deleted_rows += entry->file.record_count;
    }
    if (entry->sequence_number != JI_NUMBER_ABSENT && entry->status != JI_ENTRY_DELETED &&
            entry->sequence_number < writer->min_sequence_number)
        writer->min_sequence_number = entry->sequence_number;
}

enum joist_status ji_manifest_writer_append(
        struct ji_manifest_writer *writer, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    struct ji_avro_value file[FILE_FIELDS];
    ji_arena_reset(&writer->scratch);
    JI_TRY(file_value(writer, &entry->file, file, err));
    const struct ji_avro_value fields[ENTRY_FIELDS] = {
            ji_avro_int(entry->status),
            optional_long(entry->snapshot_id),
            optional_long(entry->sequence_number),
            optional_long(entry->file_sequence_number),
            ji_avro_record(file, FILE_FIELDS),
    };
    const struct ji_avro_value record = ji_avro_record(fields, ENTRY_FIELDS);
    JI_TRY(ji_avro_writer_append(writer->avro, &record, err));
    for (size_t i = 0; i < writer->partition->field_count; i++)
        JI_TRY(widen(writer, i, &entry->file.partition[i], err));
    count_entry(writer, entry);
    return JOIST_OK;
}

static enum joist_status bound_bytes(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_value *value, struct ji_view *bytes, struct joist_error *err)
{
    uint8_t room[JI_SINGLE_VALUE_BYTES_MAX];
    const struct ji_view encoded = ji_single_value_encode(field, value, room);
    return encoded.data == NULL ? JOIST_OK : ji_arena_view(arena, encoded, bytes, err);
}

enum joist_status ji_manifest_writer_finish(struct ji_manifest_writer *writer, struct ji_arena *arena,
        struct ji_manifest_file *summary, struct joist_error *err)
{
    const struct ji_bound_partition *partition = writer->partition;
    struct ji_manifest_file made = writer->totals;
    JI_TRY(ji_avro_writer_finish(writer->avro, err));
    made.length = (int64_t)(writer->out->size - writer->start);
    made.spec_id = partition->spec->spec_id;
    made.content = JI_MANIFEST_DATA;
    made.min_sequence_number =
            writer->min_sequence_number == INT64_MAX ? JI_NUMBER_ABSENT : writer->min_sequence_number;
    made.has_partitions = true;
    made.partition_count = partition->field_count;
    JI_TRY(ji_arena_array(arena, partition->field_count, sizeof *made.partitions, &made.partitions, err));
    for (size_t i = 0; i < partition->field_count; i++) {
        const struct field_range *range = &writer->ranges[i];
        struct ji_field_summary *field = &made.partitions[i];
        field->contains_null = range->any_null;
        field->contains_nan = range->any_nan;
        if (!range->has_bounds)
            continue;
        JI_TRY(bound_bytes(arena, &partition->results[i], &range->low, &field->lower, err));
        JI_TRY(bound_bytes(arena, &partition->results[i], &range->high, &field->upper, err));
    }
    *summary = made;
    return JOIST_OK;
}
