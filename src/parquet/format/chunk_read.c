/*
 * chunk_read.c - decodes one ColumnChunk with its ColumnMetaData, statistics, sizes, boxes
 *
 *   1. Every list is sized by a count that thrift.c has held against its limit and the bytes left,
 *      and its array is charged to the arena before it is filled.
 *   2. A field of ColumnMetaData that has not the type of its id is passed over like an unknown one.
 */
#include "parquet/format/chunk_read.h"

#include "parquet/format/crypto_read.h"
#include "parquet/format/footer_parts.h"

struct chunk_reader {
    struct ji_thrift_reader *thrift;
    struct ji_arena *arena;
};

static enum joist_status read_statistics(struct chunk_reader *reader, enum ji_thrift_type type,
        const struct ji_statistics **statistics, struct joist_error *err)
{
    struct ji_statistics *made = NULL;
    JI_TRY(ji_arena_array(reader->arena, 1, sizeof *made, &made, err));
    ji_statistics_decode(reader->thrift, type, made);
    *statistics = made;
    return JOIST_OK;
}

static enum joist_status read_encoding_stats(struct chunk_reader *reader, enum ji_thrift_type type,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = reader->thrift;
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    struct ji_encoding_stat *stats = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof stats[0], &stats, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(thrift, list.type))
            break;
        struct ji_thrift_field field = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &field)) {
            if (field.id == 1)
                stats[index].page_type = (enum ji_page_type)ji_thrift_i32(thrift, field.type);
            else if (field.id == 2)
                stats[index].encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
            else if (field.id == 3)
                stats[index].count = ji_thrift_i32(thrift, field.type);
            else
                ji_thrift_skip(thrift, field.type);
        }
    }
    chunk->encoding_stats = stats;
    chunk->encoding_stat_count = list.count;
    return JOIST_OK;
}

static enum joist_status read_size_statistics(struct chunk_reader *reader, enum ji_thrift_type type,
        const struct ji_size_statistics **out, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = reader->thrift;
    struct ji_size_statistics *made = NULL;
    JI_TRY(ji_arena_array(reader->arena, 1, sizeof *made, &made, err));
    if (!ji_thrift_expect_struct(thrift, type))
        return JOIST_OK;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1) {
            made->unencoded_bytes = ji_thrift_i64(thrift, field.type);
            made->has_unencoded_bytes = true;
        } else if (field.id == 2) {
            JI_TRY(ji_int64_list_decode(
                    thrift, field.type, reader->arena, &made->rep_histogram, &made->rep_count, err));
        } else if (field.id == 3) {
            JI_TRY(ji_int64_list_decode(
                    thrift, field.type, reader->arena, &made->def_histogram, &made->def_count, err));
        } else {
            ji_thrift_skip(thrift, field.type);
        }
    }
    *out = made;
    return JOIST_OK;
}

/* The number at `id` of a box; fields of another type are passed over. */
static void read_box(struct ji_thrift_reader *thrift, struct ji_geo_statistics *made)
{
    double *const sides[] = {&made->xmin, &made->xmax, &made->ymin, &made->ymax, &made->zmin, &made->zmax,
            &made->mmin, &made->mmax};
    const int16_t side_count = sizeof sides / sizeof sides[0];
    unsigned seen = 0;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.type != JI_THRIFT_DOUBLE || field.id < 1 || field.id > side_count) {
            ji_thrift_skip(thrift, field.type);
            continue;
        }
        *sides[field.id - 1] = ji_thrift_double(thrift, field.type);
        seen |= 1u << field.id;
    }
    made->has_box = (seen & 0x1e) == 0x1e;
    made->has_z = (seen & 0x60) == 0x60;
    made->has_m = (seen & 0x180) == 0x180;
}

static enum joist_status read_geo_types(struct chunk_reader *reader, enum ji_thrift_type type,
        struct ji_geo_statistics *made, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(reader->thrift, type);
    int32_t *types = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof types[0], &types, err));
    for (size_t index = 0; index < list.count; index++)
        types[index] = ji_thrift_i32(reader->thrift, list.type);
    made->types = types;
    made->type_count = list.count;
    return JOIST_OK;
}

static enum joist_status read_geo_statistics(
        struct chunk_reader *reader, const struct ji_geo_statistics **out, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = reader->thrift;
    struct ji_geo_statistics *made = NULL;
    JI_TRY(ji_arena_array(reader->arena, 1, sizeof *made, &made, err));
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1 && field.type == JI_THRIFT_STRUCT)
            read_box(thrift, made);
        else if (field.id == 2 && field.type == JI_THRIFT_LIST)
            JI_TRY(read_geo_types(reader, field.type, made, err));
        else
            ji_thrift_skip(thrift, field.type);
    }
    *out = made;
    return JOIST_OK;
}

static void read_encodings(struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_chunk *chunk)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    for (size_t index = 0; index < list.count; index++) {
        const int32_t encoding = ji_thrift_i32(thrift, list.type);
        if (encoding >= 0 && encoding < 32)
            chunk->encodings |= UINT32_C(1) << encoding;
    }
}

static enum joist_status read_path(struct chunk_reader *reader, enum ji_thrift_type type,
        struct ji_chunk *chunk, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(reader->thrift, type);
    struct ji_view *path = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof path[0], &path, err));
    for (size_t index = 0; index < list.count; index++)
        path[index] = ji_thrift_binary(reader->thrift, list.type);
    chunk->path = path;
    chunk->path_count = list.count;
    return JOIST_OK;
}

/* The fields of ColumnMetaData that stand for numbers; false where `id` is another's. */
static bool read_metadata_number(
        struct ji_thrift_reader *thrift, const struct ji_thrift_field *field, struct ji_chunk *chunk)
{
    switch (field->id) {
    case 1:
        chunk->physical = (enum ji_physical)ji_enum_decode(thrift, field->type, JI_PHYSICAL_FIXED);
        return true;
    case 2:
        read_encodings(thrift, field->type, chunk);
        return true;
    case 4:
        chunk->codec = (enum ji_parquet_codec)ji_thrift_i32(thrift, field->type);
        return true;
    case 5:
        chunk->value_count = ji_thrift_i64(thrift, field->type);
        return true;
    case 6:
        chunk->uncompressed_bytes = ji_thrift_i64(thrift, field->type);
        return true;
    case 7:
        chunk->compressed_bytes = ji_thrift_i64(thrift, field->type);
        return true;
    case 9:
        chunk->data_page_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 10:
        chunk->index_page_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 11:
        chunk->dictionary_page_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 14:
        chunk->bloom_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 15:
        chunk->bloom_bytes = ji_thrift_i32(thrift, field->type);
        return true;
    default:
        return false;
    }
}

/*
 * The types of ColumnMetaData's fields by id. Forks of the format have used ids that it gave a meaning to
 * only later: a field of another type is none of ours.
 */
static const uint8_t metadata_types[] = {
        [1] = JI_THRIFT_I32,
        [2] = JI_THRIFT_LIST,
        [3] = JI_THRIFT_LIST,
        [4] = JI_THRIFT_I32,
        [5] = JI_THRIFT_I64,
        [6] = JI_THRIFT_I64,
        [7] = JI_THRIFT_I64,
        [8] = JI_THRIFT_LIST,
        [9] = JI_THRIFT_I64,
        [10] = JI_THRIFT_I64,
        [11] = JI_THRIFT_I64,
        [12] = JI_THRIFT_STRUCT,
        [13] = JI_THRIFT_LIST,
        [14] = JI_THRIFT_I64,
        [15] = JI_THRIFT_I32,
        [16] = JI_THRIFT_STRUCT,
        [17] = JI_THRIFT_STRUCT,
};

static bool is_metadata_field(const struct ji_thrift_field *field)
{
    return field->id > 0 && (size_t)field->id < sizeof metadata_types &&
            metadata_types[field->id] == field->type;
}

/* The ids of ColumnMetaData that are required: 1..7 and 9. */
#define METADATA_REQUIRED 0x2feu

static enum joist_status read_metadata(struct chunk_reader *reader, enum ji_thrift_type type,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = reader->thrift;
    if (!ji_thrift_expect_struct(thrift, type))
        return JOIST_OK;
    uint32_t seen = 0;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (!is_metadata_field(&field)) {
            ji_thrift_skip(thrift, field.type);
            continue;
        }
        seen |= UINT32_C(1) << field.id;
        if (read_metadata_number(thrift, &field, chunk))
            continue;
        if (field.id == 3)
            JI_TRY(read_path(reader, field.type, chunk, err));
        else if (field.id == 8)
            JI_TRY(ji_key_values_decode(
                    thrift, field.type, reader->arena, &chunk->key_values, &chunk->key_value_count, err));
        else if (field.id == 12)
            JI_TRY(read_statistics(reader, field.type, &chunk->statistics, err));
        else if (field.id == 13)
            JI_TRY(read_encoding_stats(reader, field.type, chunk, err));
        else if (field.id == 16)
            JI_TRY(read_size_statistics(reader, field.type, &chunk->size_statistics, err));
        else
            JI_TRY(read_geo_statistics(reader, &chunk->geo_statistics, err));
    }
    chunk->has_metadata = true;
    JI_TRY(ji_thrift_status(thrift, err));
    if ((seen & METADATA_REQUIRED) != METADATA_REQUIRED)
        return ji_fail(err, JOIST_ERR_CORRUPT, "footer lacks a required field of a column chunk");
    return JOIST_OK;
}

/* All that ColumnMetaData says becomes as if it were absent. */
static void forget_metadata(struct ji_chunk *chunk)
{
    *chunk = (struct ji_chunk){
            .physical = JI_PHYSICAL_NONE,
            .dictionary_page_offset = -1,
            .index_page_offset = -1,
            .bloom_offset = -1,
            .bloom_bytes = -1,
            .is_encrypted = chunk->is_encrypted,
            .has_column_key = chunk->has_column_key,
            .offset_index_offset = chunk->offset_index_offset,
            .offset_index_bytes = chunk->offset_index_bytes,
            .column_index_offset = chunk->column_index_offset,
            .column_index_bytes = chunk->column_index_bytes,
            .file_path = chunk->file_path,
            .key_metadata = chunk->key_metadata,
            .sealed_metadata = chunk->sealed_metadata,
            .key = chunk->key,
    };
}

enum joist_status ji_chunk_decode(struct ji_thrift_reader *thrift, struct ji_arena *arena,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct chunk_reader reader = {.thrift = thrift, .arena = arena};
    *chunk = (struct ji_chunk){.offset_index_offset = -1, .column_index_offset = -1};
    forget_metadata(chunk);
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            chunk->file_path = ji_thrift_binary(thrift, field.type);
            break;
        case 3:
            JI_TRY(read_metadata(&reader, field.type, chunk, err));
            break;
        case 4:
            chunk->offset_index_offset = ji_thrift_i64(thrift, field.type);
            break;
        case 5:
            chunk->offset_index_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 6:
            chunk->column_index_offset = ji_thrift_i64(thrift, field.type);
            break;
        case 7:
            chunk->column_index_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 8:
            ji_column_crypto_decode(thrift, field.type, chunk);
            break;
        case 9:
            chunk->is_encrypted = true;
            chunk->sealed_metadata = ji_thrift_binary(thrift, field.type);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
    return JOIST_OK;
}

enum joist_status ji_column_metadata_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader thrift;
    struct chunk_reader reader = {.thrift = &thrift, .arena = arena};
    ji_thrift_reader_init(&thrift, bytes);
    struct ji_chunk made = *chunk;
    forget_metadata(&made);
    JI_TRY(read_metadata(&reader, JI_THRIFT_STRUCT, &made, err));
    *chunk = made;
    return JOIST_OK;
}
