/*
 * avro_writer.c - writes object container files
 *
 *     header at open | records gather in `block` | block, packed, at the target size and at finish
 */
#include "wire/avro_file.h"

#include <assert.h>

struct ji_avro_writer {
    struct ji_mem *mem;
    struct ji_arena arena; /* the schema */
    const struct ji_avro_type *schema;
    struct ji_avro_codec codec;
    const char *codec_name;
    uint8_t sync[JI_AVRO_SYNC_BYTES];
    struct ji_bytes *out;
    struct ji_bytes block;
    struct ji_bytes packed;
    uint64_t record_count;
};

static enum joist_status write_number(struct ji_bytes *out, uint64_t number, struct joist_error *err)
{
    static const struct ji_avro_type long_type = {.kind = JI_AVRO_LONG};
    const struct ji_avro_value value = ji_avro_long((int64_t)number);
    return ji_avro_encode(&long_type, &value, out, err);
}

static enum joist_status write_pair(
        struct ji_bytes *out, const char *key, struct ji_view value, struct joist_error *err)
{
    const struct ji_view name = ji_view_of_text(key);
    JI_TRY(write_number(out, name.size, err));
    JI_TRY(ji_bytes_append(out, name.data, name.size, err));
    JI_TRY(write_number(out, value.size, err));
    return ji_bytes_append(out, value.data, value.size, err);
}

static enum joist_status write_header(
        struct ji_avro_writer *writer, const struct ji_avro_writer_options *options, struct joist_error *err)
{
    struct ji_bytes *out = writer->out;
    static const uint8_t magic[4] = {'O', 'b', 'j', 1};
    JI_TRY(ji_bytes_append(out, magic, sizeof magic, err));
    JI_TRY(write_number(out, options->metadata_count + 2, err));
    JI_TRY(write_pair(out, "avro.schema", options->schema_json, err));
    JI_TRY(write_pair(out, "avro.codec", ji_view_of_text(writer->codec_name), err));
    for (size_t i = 0; i < options->metadata_count; i++)
        JI_TRY(write_pair(out, options->metadata[i].key, options->metadata[i].value, err));
    JI_TRY(ji_bytes_append_byte(out, 0, err));
    return ji_bytes_append(out, writer->sync, sizeof writer->sync, err);
}

static enum joist_status open_writer(
        struct ji_avro_writer *writer, const struct ji_avro_writer_options *options, struct joist_error *err)
{
    const bool packs = strcmp(writer->codec_name, "null") != 0;
    if (packs && writer->codec.compress == NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "avro codec '%.40s'", writer->codec_name);
    if (options->metadata_count > JI_AVRO_METADATA_MAX - 2)
        return ji_fail(err, JOIST_ERR_LIMIT, "avro header with %zu entries", options->metadata_count);
    JI_TRY(ji_avro_schema_parse(&writer->arena, options->schema_json, &writer->schema, err));
    const size_t size = writer->out->size;
    const enum joist_status status = write_header(writer, options, err);
    if (status != JOIST_OK)
        writer->out->size = size;
    return status;
}

enum joist_status ji_avro_writer_open(struct ji_mem *mem, const struct ji_avro_writer_options *options,
        struct ji_bytes *out, struct ji_avro_writer **writer, struct joist_error *err)
{
    struct ji_avro_writer *opened;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *opened, &opened, err));
    opened->mem = mem;
    opened->out = out;
    opened->codec_name = options->codec_name == NULL ? "null" : options->codec_name;
    if (options->codec != NULL)
        opened->codec = *options->codec;
    memcpy(opened->sync, options->sync, sizeof opened->sync);
    ji_arena_init(&opened->arena, mem);
    ji_bytes_init(&opened->block, mem);
    ji_bytes_init(&opened->packed, mem);
    const enum joist_status status = open_writer(opened, options, err);
    if (status == JOIST_OK)
        *writer = opened;
    else
        ji_avro_writer_close(opened);
    return status;
}

void ji_avro_writer_close(struct ji_avro_writer *writer)
{
    if (writer == NULL)
        return;
    ji_bytes_clear(&writer->packed);
    ji_bytes_clear(&writer->block);
    ji_arena_clear(&writer->arena);
    ji_free(writer->mem, writer, sizeof *writer);
}

const struct ji_avro_type *ji_avro_writer_schema(const struct ji_avro_writer *writer)
{
    return writer->schema;
}

static enum joist_status flush(struct ji_avro_writer *writer, struct joist_error *err)
{
    const struct ji_bytes *data = &writer->block;
    if (writer->record_count == 0)
        return JOIST_OK;
    if (strcmp(writer->codec_name, "null") != 0) {
        const struct ji_view block = ji_view_of(writer->block.data, writer->block.size);
        writer->packed.size = 0;
        JI_TRY(writer->codec.compress(writer->codec.user, writer->codec_name, block, &writer->packed, err));
        data = &writer->packed;
    }
    JI_TRY(write_number(writer->out, writer->record_count, err));
    JI_TRY(write_number(writer->out, data->size, err));
    JI_TRY(ji_bytes_append(writer->out, data->data, data->size, err));
    JI_TRY(ji_bytes_append(writer->out, writer->sync, sizeof writer->sync, err));
    writer->block.size = 0;
    writer->record_count = 0;
    return JOIST_OK;
}

enum joist_status ji_avro_writer_append(
        struct ji_avro_writer *writer, const struct ji_avro_value *record, struct joist_error *err)
{
    JI_TRY(ji_avro_encode(writer->schema, record, &writer->block, err));
    writer->record_count++;
    return writer->block.size < JI_AVRO_BLOCK_BYTES_TARGET ? JOIST_OK : flush(writer, err);
}

enum joist_status ji_avro_writer_finish(struct ji_avro_writer *writer, struct joist_error *err)
{
    return flush(writer, err);
}
