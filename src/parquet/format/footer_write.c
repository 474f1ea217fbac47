/*
 * footer_write.c - FileMetaData as bytes
 *
 *     FileMetaData  SchemaElement ...   RowGroup (ColumnChunk (ColumnMetaData) ...) ...   key-values   orders
 *
 * Field numbers are those of parquet.thrift. What the model marks as absent is left out.
 */
#include "parquet/format/footer_write.h"

#include "parquet/format/crypto_write.h"

#define VARIANT_VERSION 1

static void write_marker(struct ji_thrift_writer *writer, int16_t id)
{
    ji_thrift_begin_struct(writer, id);
    ji_thrift_end_struct(writer);
}

static void write_time_type(struct ji_thrift_writer *writer, const struct ji_logical_type *logical)
{
    ji_thrift_write_bool(writer, 1, logical->utc);
    ji_thrift_begin_struct(writer, 2);
    write_marker(writer, (int16_t)logical->unit);
    ji_thrift_end_struct(writer);
}

static void write_logical(struct ji_thrift_writer *writer, const struct ji_logical_type *logical)
{
    ji_thrift_begin_struct(writer, 10);
    ji_thrift_begin_struct(writer, (int16_t)logical->kind);
    switch (logical->kind) {
    case JI_LOGICAL_DECIMAL:
        ji_thrift_write_i32(writer, 1, logical->scale);
        ji_thrift_write_i32(writer, 2, logical->precision);
        break;
    case JI_LOGICAL_TIME:
    case JI_LOGICAL_TIMESTAMP:
        write_time_type(writer, logical);
        break;
    case JI_LOGICAL_INTEGER:
        ji_thrift_write_i8(writer, 1, logical->bit_width);
        ji_thrift_write_bool(writer, 2, logical->is_signed);
        break;
    case JI_LOGICAL_VARIANT:
        ji_thrift_write_i8(writer, 1, VARIANT_VERSION);
        break;
    case JI_LOGICAL_GEOMETRY:
    case JI_LOGICAL_GEOGRAPHY:
        if (logical->crs.data != NULL)
            ji_thrift_write_binary(writer, 1, logical->crs);
        if (logical->kind == JI_LOGICAL_GEOGRAPHY)
            ji_thrift_write_i32(writer, 2, logical->edges);
        break;
    default:
        break;
    }
    ji_thrift_end_struct(writer);
    ji_thrift_end_struct(writer);
}

static void write_element(
        struct ji_thrift_writer *writer, const struct ji_schema_element *element, bool is_root)
{
    const bool is_group = element->physical == JI_PHYSICAL_NONE;
    ji_thrift_element_struct(writer);
    if (!is_group)
        ji_thrift_write_i32(writer, 1, element->physical);
    if (element->physical == JI_PHYSICAL_FIXED)
        ji_thrift_write_i32(writer, 2, element->type_length);
    if (!is_root)
        ji_thrift_write_i32(writer, 3, element->repetition);
    ji_thrift_write_binary(writer, 4, element->name);
    if (is_group)
        ji_thrift_write_i32(writer, 5, element->child_count);
    if (element->converted != JI_CONVERTED_NONE)
        ji_thrift_write_i32(writer, 6, element->converted);
    if (element->converted == JI_CONVERTED_DECIMAL) {
        ji_thrift_write_i32(writer, 7, element->scale);
        ji_thrift_write_i32(writer, 8, element->precision);
    }
    if (element->has_field_id)
        ji_thrift_write_i32(writer, 9, element->field_id);
    if (element->logical.kind != JI_LOGICAL_NONE)
        write_logical(writer, &element->logical);
    ji_thrift_end_struct(writer);
}

static void write_statistics(struct ji_thrift_writer *writer, const struct ji_statistics *statistics)
{
    ji_thrift_begin_struct(writer, 12);
    if (statistics->has_max_old)
        ji_thrift_write_binary(writer, 1, statistics->max_old);
    if (statistics->has_min_old)
        ji_thrift_write_binary(writer, 2, statistics->min_old);
    if (statistics->has_null_count)
        ji_thrift_write_i64(writer, 3, statistics->null_count);
    if (statistics->has_distinct_count)
        ji_thrift_write_i64(writer, 4, statistics->distinct_count);
    if (statistics->has_max)
        ji_thrift_write_binary(writer, 5, statistics->max);
    if (statistics->has_min)
        ji_thrift_write_binary(writer, 6, statistics->min);
    if (statistics->has_max_exact)
        ji_thrift_write_bool(writer, 7, statistics->max_exact);
    if (statistics->has_min_exact)
        ji_thrift_write_bool(writer, 8, statistics->min_exact);
    if (statistics->has_nan_count)
        ji_thrift_write_i64(writer, 9, statistics->nan_count);
    ji_thrift_end_struct(writer);
}

static void write_histogram(struct ji_thrift_writer *writer, int16_t id, const int64_t *counts, size_t count)
{
    if (count == 0)
        return;
    ji_thrift_write_list(writer, id, JI_THRIFT_I64, count);
    for (size_t i = 0; i < count; i++)
        ji_thrift_element_i64(writer, counts[i]);
}

static void write_size_statistics(struct ji_thrift_writer *writer, const struct ji_size_statistics *sizes)
{
    ji_thrift_begin_struct(writer, 16);
    if (sizes->has_unencoded_bytes)
        ji_thrift_write_i64(writer, 1, sizes->unencoded_bytes);
    write_histogram(writer, 2, sizes->rep_histogram, sizes->rep_count);
    write_histogram(writer, 3, sizes->def_histogram, sizes->def_count);
    ji_thrift_end_struct(writer);
}

static void write_geo_statistics(struct ji_thrift_writer *writer, const struct ji_geo_statistics *geo)
{
    const double sides[] = {
            geo->xmin, geo->xmax, geo->ymin, geo->ymax, geo->zmin, geo->zmax, geo->mmin, geo->mmax};
    ji_thrift_begin_struct(writer, 17);
    if (geo->has_box) {
        ji_thrift_begin_struct(writer, 1);
        for (int16_t side = 0; side < 8; side++)
            if (side < 4 || (side < 6 ? geo->has_z : geo->has_m))
                ji_thrift_write_double(writer, (int16_t)(side + 1), sides[side]);
        ji_thrift_end_struct(writer);
    }
    if (geo->type_count > 0) {
        ji_thrift_write_list(writer, 2, JI_THRIFT_I32, geo->type_count);
        for (size_t i = 0; i < geo->type_count; i++)
            ji_thrift_element_i32(writer, geo->types[i]);
    }
    ji_thrift_end_struct(writer);
}

static void write_encoding_stats(
        struct ji_thrift_writer *writer, const struct ji_encoding_stat *stats, size_t count)
{
    if (count == 0)
        return;
    ji_thrift_write_list(writer, 13, JI_THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        ji_thrift_element_struct(writer);
        ji_thrift_write_i32(writer, 1, stats[i].page_type);
        ji_thrift_write_i32(writer, 2, stats[i].encoding);
        ji_thrift_write_i32(writer, 3, stats[i].count);
        ji_thrift_end_struct(writer);
    }
}

static void write_metadata_fields(struct ji_thrift_writer *writer, const struct ji_chunk *chunk)
{
    ji_thrift_write_i32(writer, 1, chunk->physical);
    ji_thrift_write_list(writer, 2, JI_THRIFT_I32, (size_t)__builtin_popcount(chunk->encodings));
    for (int encoding = 0; encoding < 32; encoding++)
        if (chunk->encodings >> encoding & 1)
            ji_thrift_element_i32(writer, encoding);
    ji_thrift_write_list(writer, 3, JI_THRIFT_BINARY, chunk->path_count);
    for (size_t i = 0; i < chunk->path_count; i++)
        ji_thrift_element_binary(writer, chunk->path[i]);
    ji_thrift_write_i32(writer, 4, chunk->codec);
    ji_thrift_write_i64(writer, 5, chunk->value_count);
    ji_thrift_write_i64(writer, 6, chunk->uncompressed_bytes);
    ji_thrift_write_i64(writer, 7, chunk->compressed_bytes);
    ji_thrift_write_i64(writer, 9, chunk->data_page_offset);
    if (chunk->dictionary_page_offset >= 0)
        ji_thrift_write_i64(writer, 11, chunk->dictionary_page_offset);
    if (chunk->statistics != NULL)
        write_statistics(writer, chunk->statistics);
    write_encoding_stats(writer, chunk->encoding_stats, chunk->encoding_stat_count);
    if (chunk->bloom_offset >= 0)
        ji_thrift_write_i64(writer, 14, chunk->bloom_offset);
    if (chunk->bloom_bytes >= 0)
        ji_thrift_write_i32(writer, 15, chunk->bloom_bytes);
    if (chunk->size_statistics != NULL)
        write_size_statistics(writer, chunk->size_statistics);
    if (chunk->geo_statistics != NULL)
        write_geo_statistics(writer, chunk->geo_statistics);
}

enum joist_status ji_column_metadata_write(
        struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    write_metadata_fields(&writer, chunk);
    return ji_thrift_writer_finish(&writer);
}

static void write_chunk_fields(struct ji_thrift_writer *writer, const struct ji_chunk *chunk)
{
    ji_thrift_write_i64(writer, 2, 0); /* file_offset: deprecated, and 0 is what the format asks for */
    if (chunk->metadata.data != NULL) {
        ji_thrift_write_struct(writer, 3, chunk->metadata);
    } else if (chunk->has_metadata) {
        ji_thrift_begin_struct(writer, 3);
        write_metadata_fields(writer, chunk);
        ji_thrift_end_struct(writer);
    }
    if (chunk->offset_index_offset >= 0) {
        ji_thrift_write_i64(writer, 4, chunk->offset_index_offset);
        ji_thrift_write_i32(writer, 5, chunk->offset_index_bytes);
    }
    if (chunk->column_index_offset >= 0) {
        ji_thrift_write_i64(writer, 6, chunk->column_index_offset);
        ji_thrift_write_i32(writer, 7, chunk->column_index_bytes);
    }
    if (chunk->is_encrypted)
        ji_column_crypto_write(writer, 8, chunk);
    if (chunk->sealed_metadata.data != NULL)
        ji_thrift_write_binary(writer, 9, chunk->sealed_metadata);
}

static void write_chunk(struct ji_thrift_writer *writer, const struct ji_chunk *chunk)
{
    ji_thrift_element_struct(writer);
    write_chunk_fields(writer, chunk);
    ji_thrift_end_struct(writer);
}

enum joist_status ji_chunk_write(struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    write_chunk_fields(&writer, chunk);
    return ji_thrift_writer_finish(&writer);
}

static void write_sorting(
        struct ji_thrift_writer *writer, const struct ji_sorting_column *sorting, size_t count)
{
    if (count == 0)
        return;
    ji_thrift_write_list(writer, 4, JI_THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        ji_thrift_element_struct(writer);
        ji_thrift_write_i32(writer, 1, sorting[i].column);
        ji_thrift_write_bool(writer, 2, sorting[i].descending);
        ji_thrift_write_bool(writer, 3, sorting[i].nulls_first);
        ji_thrift_end_struct(writer);
    }
}

static void write_group(struct ji_thrift_writer *writer, const struct ji_row_group *group)
{
    ji_thrift_element_struct(writer);
    ji_thrift_write_list(writer, 1, JI_THRIFT_STRUCT, group->chunk_count);
    for (size_t i = 0; i < group->chunk_count; i++)
        write_chunk(writer, &group->chunks[i]);
    ji_thrift_write_i64(writer, 2, group->total_bytes);
    ji_thrift_write_i64(writer, 3, group->row_count);
    write_sorting(writer, group->sorting, group->sorting_count);
    if (group->file_offset >= 0)
        ji_thrift_write_i64(writer, 5, group->file_offset);
    if (group->compressed_bytes >= 0)
        ji_thrift_write_i64(writer, 6, group->compressed_bytes);
    if (group->ordinal >= 0 && group->ordinal <= INT16_MAX)
        ji_thrift_write_i16(writer, 7, (int16_t)group->ordinal);
    ji_thrift_end_struct(writer);
}

static void write_key_values(struct ji_thrift_writer *writer, const struct ji_key_value *pairs, size_t count)
{
    if (count == 0)
        return;
    ji_thrift_write_list(writer, 5, JI_THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        ji_thrift_element_struct(writer);
        ji_thrift_write_binary(writer, 1, pairs[i].key);
        if (pairs[i].has_value)
            ji_thrift_write_binary(writer, 2, pairs[i].value);
        ji_thrift_end_struct(writer);
    }
}

enum joist_status ji_footer_begin(struct ji_thrift_writer *writer, struct ji_bytes *out,
        const struct ji_footer *footer, struct joist_error *err)
{
    ji_thrift_writer_init(writer, out, err);
    ji_thrift_write_i32(writer, 1, footer->version);
    ji_thrift_write_list(writer, 2, JI_THRIFT_STRUCT, footer->element_count);
    for (size_t i = 0; i < footer->element_count; i++)
        write_element(writer, &footer->elements[i], i == 0);
    ji_thrift_write_i64(writer, 3, footer->row_count);
    ji_thrift_write_list(writer, 4, JI_THRIFT_STRUCT, footer->group_count);
    return writer->status;
}

enum joist_status ji_footer_group(struct ji_thrift_writer *writer, const struct ji_row_group *group)
{
    write_group(writer, group);
    return writer->status;
}

enum joist_status ji_footer_end(struct ji_thrift_writer *writer, const struct ji_footer *footer)
{
    write_key_values(writer, footer->key_values, footer->key_value_count);
    if (footer->created_by.data != NULL)
        ji_thrift_write_binary(writer, 6, footer->created_by);
    if (footer->orders != NULL) {
        ji_thrift_write_list(writer, 7, JI_THRIFT_STRUCT, footer->order_count);
        for (size_t i = 0; i < footer->order_count; i++) {
            ji_thrift_element_struct(writer);
            write_marker(writer, (int16_t)footer->orders[i]);
            ji_thrift_end_struct(writer);
        }
    }
    if (footer->encryption.algorithm != JI_ENCRYPTION_NONE) {
        ji_encryption_algorithm_write(writer, 8, &footer->encryption);
        if (footer->encryption.key_metadata.data != NULL)
            ji_thrift_write_binary(writer, 9, footer->encryption.key_metadata);
    }
    return ji_thrift_writer_finish(writer);
}
