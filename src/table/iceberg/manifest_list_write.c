/*
 * manifest_list_write.c - the list of a snapshot's manifests as an Avro file
 *
 * Count fields have the names of Iceberg 1.4 and later; readers resolve by id.
 */
#include "codec/codec.h"
#include "table/iceberg/manifest.h"

#include <inttypes.h>

#define LIST_FIELDS 15
#define SUMMARY_FIELDS 4

#define PLAIN(name, type, id) "{\"name\":\"" name "\",\"type\":\"" type "\",\"field-id\":" #id "},"

static const char SCHEMA[] = "{\"type\":\"record\",\"name\":\"manifest_file\",\"fields\":[" PLAIN(
        "manifest_path", "string", 500) PLAIN("manifest_length", "long", 501) PLAIN("partition_spec_id",
        "int", 502) PLAIN("content", "int", 517) PLAIN("sequence_number", "long",
        515) PLAIN("min_sequence_number", "long", 516) PLAIN("added_snapshot_id", "long",
        503) PLAIN("added_files_count", "int", 504) PLAIN("existing_files_count", "int",
        505) PLAIN("deleted_files_count", "int", 506) PLAIN("added_rows_count", "long",
        512) PLAIN("existing_rows_count", "long", 513) PLAIN("deleted_rows_count", "long",
        514) "{\"name\":\"partitions\",\"type\":[\"null\",{\"type\":\"array\",\"items\":{\"type\":\"record\","
             "\"name\":\"r508\",\"fields\":[" PLAIN("contains_null", "boolean",
                     509) "{\"name\":\"contains_nan\",\"type\":[\"null\",\"boolean\"],\"default\":null,"
                          "\"field-id\":518},"
                          "{\"name\":\"lower_bound\",\"type\":[\"null\",\"bytes\"],\"default\":null,\"field-"
                          "id\":510},"
                          "{\"name\":\"upper_bound\",\"type\":[\"null\",\"bytes\"],\"default\":null,\"field-"
                          "id\":511}"
                          "]},\"element-id\":508}],\"default\":null,\"field-id\":507},"
                          "{\"name\":\"key_metadata\",\"type\":[\"null\",\"bytes\"],\"default\":null,\"field-"
                          "id\":519}]}";

static struct ji_avro_value optional_bytes(struct ji_view bytes)
{
    return bytes.data == NULL ? ji_avro_null() : ji_avro_bytes(bytes);
}

static enum joist_status summaries(struct ji_arena *arena, const struct ji_manifest_file *manifest,
        struct ji_avro_value *value, struct joist_error *err)
{
    struct ji_avro_value *records = NULL;
    *value = ji_avro_null();
    if (!manifest->has_partitions)
        return JOIST_OK;
    const size_t count = manifest->partition_count;
    JI_TRY(ji_arena_array(arena, count, (1 + SUMMARY_FIELDS) * sizeof *records, &records, err));
    for (size_t i = 0; i < count; i++) {
        const struct ji_field_summary *summary = &manifest->partitions[i];
        struct ji_avro_value *fields = records + count + i * SUMMARY_FIELDS;
        fields[0] = ji_avro_boolean(summary->contains_null);
        fields[1] = summary->contains_nan < 0 ? ji_avro_null() : ji_avro_boolean(summary->contains_nan > 0);
        fields[2] = optional_bytes(summary->lower);
        fields[3] = optional_bytes(summary->upper);
        records[i] = ji_avro_record(fields, SUMMARY_FIELDS);
    }
    *value = ji_avro_array(records, count);
    return JOIST_OK;
}

/* Counts are required in version 2; what a version 1 list left out is written as 0. */
static int64_t known(int64_t count)
{
    return count == JI_NUMBER_ABSENT ? 0 : count;
}

static enum joist_status append(struct ji_avro_writer *writer, struct ji_arena *arena,
        const struct ji_manifest_file *manifest, struct joist_error *err)
{
    struct ji_avro_value partitions;
    JI_TRY(summaries(arena, manifest, &partitions, err));
    const struct ji_avro_value fields[LIST_FIELDS] = {
            ji_avro_string(ji_view_of_text(manifest->path)),
            ji_avro_long(manifest->length),
            ji_avro_int(manifest->spec_id),
            ji_avro_int(manifest->content),
            ji_avro_long(manifest->sequence_number),
            ji_avro_long(manifest->min_sequence_number),
            ji_avro_long(manifest->added_snapshot_id),
            ji_avro_int((int32_t)known(manifest->added_files)),
            ji_avro_int((int32_t)known(manifest->existing_files)),
            ji_avro_int((int32_t)known(manifest->deleted_files)),
            ji_avro_long(known(manifest->added_rows)),
            ji_avro_long(known(manifest->existing_rows)),
            ji_avro_long(known(manifest->deleted_rows)),
            partitions,
            optional_bytes(manifest->key_metadata),
    };
    const struct ji_avro_value record = ji_avro_record(fields, LIST_FIELDS);
    return ji_avro_writer_append(writer, &record, err);
}

static enum joist_status write_all(struct ji_mem *mem, struct ji_arena *arena,
        const struct ji_avro_writer_options *options, const struct ji_manifest_file *manifests, size_t count,
        struct ji_bytes *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_avro_writer *writer = NULL;
    JI_TRY(ji_avro_writer_open(mem, options, out, &writer, err));
    for (size_t i = 0; i < count; i++) {
        ji_arena_reset(arena);
        JI_TRY_OUT(append(writer, arena, &manifests[i], err));
    }
    JI_TRY_OUT(ji_avro_writer_finish(writer, err));
out:
    ji_avro_writer_close(writer);
    return status;
}

enum joist_status ji_manifest_list_write(struct ji_mem *mem, const struct ji_manifest_list_header *header,
        const struct ji_manifest_file *manifests, size_t count, struct ji_bytes *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_codec_context *codecs = NULL;
    struct ji_arena arena;
    struct ji_arena texts;
    const char *snapshot = NULL;
    const char *parent = "null";
    const char *sequence = NULL;
    ji_arena_init(&arena, mem);
    ji_arena_init(&texts, mem);
    JI_TRY_OUT(ji_codec_context_open(mem, &codecs, err));
    JI_TRY_OUT(ji_arena_printf(&texts, &snapshot, err, "%" PRId64, header->snapshot_id));
    JI_TRY_OUT(ji_arena_printf(&texts, &sequence, err, "%" PRId64, header->sequence_number));
    if (header->parent_id != JI_SNAPSHOT_NONE)
        JI_TRY_OUT(ji_arena_printf(&texts, &parent, err, "%" PRId64, header->parent_id));
    const struct ji_avro_pair pairs[] = {
            {"snapshot-id", ji_view_of_text(snapshot)},
            {"parent-snapshot-id", ji_view_of_text(parent)},
            {"sequence-number", ji_view_of_text(sequence)},
            {"format-version", ji_view_of("2", 1)},
    };
    const struct ji_avro_codec codec = ji_avro_codecs(codecs);
    struct ji_avro_writer_options options = {
            .schema_json = ji_view_of(SCHEMA, sizeof SCHEMA - 1),
            .metadata = pairs,
            .metadata_count = sizeof pairs / sizeof pairs[0],
            .codec_name = "deflate",
            .codec = &codec,
    };
    memcpy(options.sync, header->sync, sizeof options.sync);
    JI_TRY_OUT(write_all(mem, &arena, &options, manifests, count, out, err));
out:
    ji_codec_context_close(codecs);
    ji_arena_clear(&arena);
    ji_arena_clear(&texts);
    return status;
}
