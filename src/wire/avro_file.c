/*
 * avro_file.c - reads object container files
 *
 *     "Obj" 1 | metadata: map of bytes | sync | { long records, long bytes, data, sync } ...
 *
 *   1. `at` stands on a block's head or on the end; what is before it has been read and checked.
 *   2. `block` is the current block's data, unpacked; `records_left` of it are to come, from `block_at` on.
 *   3. When the last record of a block is out, none of its bytes is left over.
 */
#include "wire/avro_file.h"

#include <assert.h>

#define MAGIC_BYTES 4

static const uint8_t magic[MAGIC_BYTES] = {'O', 'b', 'j', 1};

struct ji_avro_reader {
    struct ji_mem *mem;
    struct ji_arena arena; /* header and schema */
    struct ji_view file;
    size_t at;
    struct ji_avro_codec codec;
    const char *codec_name;
    const struct ji_avro_type *schema;
    struct ji_avro_value metadata; /* a MAP of BYTES */
    uint8_t sync[JI_AVRO_SYNC_BYTES];
    struct ji_bytes unpacked;
    struct ji_view block;
    size_t block_at;
    uint64_t records_left;
    uint64_t records_of_block;
    uint64_t block_index;
};

bool ji_avro_reader_metadata(const struct ji_avro_reader *reader, const char *key, struct ji_view *value)
{
    for (size_t i = 0; i < reader->metadata.as.items.count; i++) {
        if (ji_view_equal_text(reader->metadata.as.items.keys[i], key)) {
            *value = reader->metadata.as.items.values[i].as.bytes;
            return true;
        }
    }
    return false;
}

const struct ji_avro_type *ji_avro_reader_schema(const struct ji_avro_reader *reader)
{
    return reader->schema;
}

static struct ji_view rest_of(const struct ji_avro_reader *reader)
{
    return ji_view_of(reader->file.data + reader->at, reader->file.size - reader->at);
}

static enum joist_status read_metadata(struct ji_avro_reader *reader, struct joist_error *err)
{
    static const struct ji_avro_type bytes_type = {.kind = JI_AVRO_BYTES};
    static const struct ji_avro_type map_type = {.kind = JI_AVRO_MAP, .items = &bytes_type};
    size_t used;
    const enum joist_status status =
            ji_avro_decode(&reader->arena, &map_type, rest_of(reader), &reader->metadata, &used, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "avro header");
        return status;
    }
    if (reader->metadata.as.items.count > JI_AVRO_METADATA_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "avro header with %zu entries", reader->metadata.as.items.count);
    reader->at += used;
    if (rest_of(reader).size < JI_AVRO_SYNC_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "avro header ends before its sync marker");
    memcpy(reader->sync, reader->file.data + reader->at, JI_AVRO_SYNC_BYTES);
    reader->at += JI_AVRO_SYNC_BYTES;
    return JOIST_OK;
}

static enum joist_status read_header(struct ji_avro_reader *reader, struct joist_error *err)
{
    if (reader->file.size < MAGIC_BYTES || memcmp(reader->file.data, magic, MAGIC_BYTES) != 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "no Avro file: it does not begin with 'Obj' and 1");
    reader->at = MAGIC_BYTES;
    JI_TRY(read_metadata(reader, err));
    struct ji_view codec = ji_view_of_text("null");
    struct ji_view schema;
    (void)ji_avro_reader_metadata(reader, "avro.codec", &codec);
    if (codec.size > 0 && memchr(codec.data, '\0', codec.size) != NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "avro header with a bad codec name");
    JI_TRY(ji_arena_text(&reader->arena, codec, &reader->codec_name, err));
    if (strcmp(reader->codec_name, "null") != 0 && reader->codec.decompress == NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "avro codec '%.40s'", reader->codec_name);
    if (!ji_avro_reader_metadata(reader, "avro.schema", &schema))
        return ji_fail(err, JOIST_ERR_CORRUPT, "avro header without a schema");
    return ji_avro_schema_parse(&reader->arena, schema, &reader->schema, err);
}

enum joist_status ji_avro_reader_open(struct ji_mem *mem, struct ji_view file,
        const struct ji_avro_codec *codec, struct ji_avro_reader **reader, struct joist_error *err)
{
    struct ji_avro_reader *opened;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *opened, &opened, err));
    opened->mem = mem;
    opened->file = file;
    if (codec != NULL)
        opened->codec = *codec;
    ji_arena_init(&opened->arena, mem);
    ji_bytes_init(&opened->unpacked, mem);
    const enum joist_status status = read_header(opened, err);
    if (status == JOIST_OK)
        *reader = opened;
    else
        ji_avro_reader_close(opened);
    return status;
}

void ji_avro_reader_close(struct ji_avro_reader *reader)
{
    if (reader == NULL)
        return;
    ji_bytes_clear(&reader->unpacked);
    ji_arena_clear(&reader->arena);
    ji_free(reader->mem, reader, sizeof *reader);
}

/* --- blocks --- */

static enum joist_status read_number(struct ji_avro_reader *reader, int64_t *number, struct joist_error *err)
{
    static const struct ji_avro_type long_type = {.kind = JI_AVRO_LONG};
    struct ji_avro_value value;
    size_t used;
    JI_TRY(ji_avro_decode(&reader->arena, &long_type, rest_of(reader), &value, &used, err));
    reader->at += used;
    *number = value.as.integer;
    return JOIST_OK;
}

static enum joist_status unpack(struct ji_avro_reader *reader, struct ji_view data, struct joist_error *err)
{
    reader->block = data;
    if (strcmp(reader->codec_name, "null") == 0)
        return JOIST_OK;
    reader->unpacked.size = 0;
    JI_TRY(reader->codec.decompress(
            reader->codec.user, reader->codec_name, data, JI_AVRO_BLOCK_BYTES_MAX, &reader->unpacked, err));
    if (reader->unpacked.size > JI_AVRO_BLOCK_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "unpacks to %zu bytes", reader->unpacked.size);
    reader->block = ji_view_of(reader->unpacked.data, reader->unpacked.size);
    return JOIST_OK;
}

static enum joist_status read_block(struct ji_avro_reader *reader, struct joist_error *err)
{
    int64_t records;
    int64_t bytes;
    JI_TRY(read_number(reader, &records, err));
    JI_TRY(read_number(reader, &bytes, err));
    const size_t left = rest_of(reader).size;
    if (records < 0 || bytes < 0 || left < JI_AVRO_SYNC_BYTES || (uint64_t)bytes > left - JI_AVRO_SYNC_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%" PRId64 " records in %" PRId64 " bytes where %zu are left",
                records, bytes, left);
    if ((uint64_t)bytes > JI_AVRO_BLOCK_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%" PRId64 " bytes", bytes);
    const struct ji_view data = ji_view_of(reader->file.data + reader->at, (size_t)bytes);
    if (memcmp(data.data + data.size, reader->sync, JI_AVRO_SYNC_BYTES) != 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "no sync marker behind it");
    JI_TRY(unpack(reader, data, err));
    if ((uint64_t)records > reader->block.size)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "%" PRId64 " records in %zu bytes", records, reader->block.size);
    reader->at += data.size + JI_AVRO_SYNC_BYTES;
    reader->block_at = 0;
    reader->block_index++;
    reader->records_of_block = (uint64_t)records;
    reader->records_left = (uint64_t)records;
    return JOIST_OK;
}

static enum joist_status next_block(struct ji_avro_reader *reader, struct joist_error *err)
{
    while (reader->records_left == 0 && reader->at < reader->file.size) {
        enum joist_status status = JOIST_OK;
        if (reader->block_at != reader->block.size)
            status = ji_fail(err, JOIST_ERR_CORRUPT, "%zu bytes behind the last record of the block before",
                    reader->block.size - reader->block_at);
        if (status == JOIST_OK)
            status = read_block(reader, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "avro block %" PRIu64, reader->block_index + 1);
            return status;
        }
    }
    if (reader->records_left == 0 && reader->block_at != reader->block.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "avro block %" PRIu64 ": %zu bytes behind its last record",
                reader->block_index, reader->block.size - reader->block_at);
    return JOIST_OK;
}

enum joist_status ji_avro_reader_next(struct ji_avro_reader *reader, struct ji_arena *arena,
        const struct ji_avro_value **record, struct joist_error *err)
{
    JI_TRY(next_block(reader, err));
    if (reader->records_left == 0) {
        *record = NULL;
        return JOIST_OK;
    }
    struct ji_avro_value *value;
    size_t used;
    const struct ji_view rest =
            ji_view_of(reader->block.data + reader->block_at, reader->block.size - reader->block_at);
    JI_TRY(ji_arena_array(arena, 1, sizeof *value, &value, err));
    const enum joist_status status = ji_avro_decode(arena, reader->schema, rest, value, &used, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "avro block %" PRIu64 ", record %" PRIu64, reader->block_index,
                reader->records_of_block - reader->records_left + 1);
        return status;
    }
    reader->block_at += used;
    reader->records_left--;
    *record = value;
    return JOIST_OK;
}
