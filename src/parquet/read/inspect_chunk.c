/*
 * inspect_chunk.c - a column chunk as JSON
 */
#include "parquet/read/inspect.h"

#include "base/real_text.h"
#include "parquet/read/statistic_value.h"

void ji_inspect_key_values(struct ji_json_writer *json, const struct ji_key_value *pairs, size_t count)
{
    ji_json_write_key(json, "key_values");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < count; index++) {
        ji_json_write_begin_object(json);
        ji_json_key_view(json, "key", pairs[index].key);
        if (pairs[index].has_value)
            ji_json_key_view(json, "value", pairs[index].value);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

enum joist_status ji_inspect_hex(
        struct ji_inspector *inspector, const char *key, struct ji_view bytes, struct joist_error *err)
{
    static const char digits[] = "0123456789abcdef";
    inspector->value.size = 0;
    for (size_t at = 0; at < bytes.size; at++) {
        const char pair[2] = {digits[bytes.data[at] >> 4], digits[bytes.data[at] & 15]};
        JI_TRY(ji_bytes_append(&inspector->value, pair, sizeof pair, err));
    }
    ji_json_key_view(&inspector->json, key, ji_view_of(inspector->value.data, inspector->value.size));
    return JOIST_OK;
}

enum joist_status ji_inspect_bound(struct ji_inspector *inspector, const char *key,
        const struct ji_leaf *leaf, struct ji_view bytes, struct joist_error *err)
{
    inspector->value.size = 0;
    JI_TRY(ji_statistic_text(leaf, bytes, &inspector->value, err));
    ji_json_key_view(&inspector->json, key, ji_view_of(inspector->value.data, inspector->value.size));
    return JOIST_OK;
}

enum joist_status ji_inspect_statistics(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_statistics *statistics, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    if (statistics == NULL)
        return JOIST_OK;
    ji_json_write_key(json, "statistics");
    ji_json_write_begin_object(json);
    if (statistics->has_null_count)
        ji_json_key_int64(json, "null_count", statistics->null_count);
    if (statistics->has_distinct_count)
        ji_json_key_int64(json, "distinct_count", statistics->distinct_count);
    if (statistics->has_nan_count)
        ji_json_key_int64(json, "nan_count", statistics->nan_count);
    if (statistics->has_min)
        JI_TRY(ji_inspect_bound(inspector, "min", leaf, statistics->min, err));
    if (statistics->has_max)
        JI_TRY(ji_inspect_bound(inspector, "max", leaf, statistics->max, err));
    if (statistics->has_min_exact)
        ji_json_key_bool(json, "min_exact", statistics->min_exact);
    if (statistics->has_max_exact)
        ji_json_key_bool(json, "max_exact", statistics->max_exact);
    if (statistics->has_min_old)
        JI_TRY(ji_inspect_bound(inspector, "min_deprecated", leaf, statistics->min_old, err));
    if (statistics->has_max_old)
        JI_TRY(ji_inspect_bound(inspector, "max_deprecated", leaf, statistics->max_old, err));
    ji_json_write_end_object(json);
    return JOIST_OK;
}

void ji_inspect_int64s(struct ji_json_writer *json, const char *key, const int64_t *values, size_t count)
{
    if (count == 0)
        return;
    ji_json_write_key(json, key);
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < count; index++)
        ji_json_write_int64(json, values[index]);
    ji_json_write_end_array(json);
}

static void write_encodings(struct ji_json_writer *json, const struct ji_chunk *chunk)
{
    static const char *const types[] = {"DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2"};
    ji_json_write_key(json, "encodings");
    ji_json_write_begin_array(json);
    for (int encoding = 0; encoding < 32; encoding++) {
        if ((chunk->encodings >> encoding & 1) != 0)
            ji_json_write_text(json, ji_encoding_name(encoding));
    }
    ji_json_write_end_array(json);
    if (chunk->encoding_stat_count == 0)
        return;
    ji_json_write_key(json, "encoding_stats");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < chunk->encoding_stat_count; index++) {
        const struct ji_encoding_stat *const stat = &chunk->encoding_stats[index];
        const size_t type = (size_t)stat->page_type;
        ji_json_write_begin_object(json);
        ji_json_key_text(json, "type", type < sizeof types / sizeof types[0] ? types[type] : "unknown");
        ji_json_key_text(json, "encoding", ji_encoding_name((int)stat->encoding));
        ji_json_key_int64(json, "count", stat->count);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

/* A number that is absent where it is below 0. */
static void write_opt(struct ji_json_writer *json, const char *key, int64_t value)
{
    if (value >= 0)
        ji_json_key_int64(json, key, value);
}

static void write_offsets(struct ji_json_writer *json, const struct ji_chunk *chunk)
{
    ji_json_key_int64(json, "data_page_offset", chunk->data_page_offset);
    write_opt(json, "dictionary_page_offset", chunk->dictionary_page_offset);
    write_opt(json, "index_page_offset", chunk->index_page_offset);
    write_opt(json, "bloom_filter_offset", chunk->bloom_offset);
    write_opt(json, "bloom_filter_bytes", chunk->bloom_bytes);
    ji_json_key_bool(json, "has_offset_index", chunk->offset_index_offset >= 0);
    if (chunk->offset_index_offset >= 0) {
        ji_json_key_int64(json, "offset_index_offset", chunk->offset_index_offset);
        ji_json_key_int64(json, "offset_index_bytes", chunk->offset_index_bytes);
    }
    ji_json_key_bool(json, "has_column_index", chunk->column_index_offset >= 0);
    if (chunk->column_index_offset >= 0) {
        ji_json_key_int64(json, "column_index_offset", chunk->column_index_offset);
        ji_json_key_int64(json, "column_index_bytes", chunk->column_index_bytes);
    }
}

static enum joist_status write_encryption(
        struct ji_inspector *inspector, const struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    if (!chunk->is_encrypted)
        return JOIST_OK;
    ji_json_key_bool(json, "encrypted", true);
    ji_json_key_text(json, "key", chunk->has_column_key ? "column" : "footer");
    return chunk->key_metadata.data == NULL
            ? JOIST_OK
            : ji_inspect_hex(inspector, "key_metadata", chunk->key_metadata, err);
}

static void write_key_double(struct ji_json_writer *json, const char *key, double value)
{
    char text[JI_DOUBLE_TEXT_MAX];
    const struct ji_view view = ji_view_of(text, ji_double_print(value, text));
    ji_json_write_key(json, key);
    if (value - value == 0)
        ji_json_write_raw(json, view);
    else
        ji_json_write_string(json, view);
}

static void write_geo(struct ji_json_writer *json, const struct ji_geo_statistics *geo)
{
    if (geo == NULL)
        return;
    ji_json_write_key(json, "geospatial");
    ji_json_write_begin_object(json);
    if (geo->has_box) {
        const double sides[] = {
                geo->xmin, geo->xmax, geo->ymin, geo->ymax, geo->zmin, geo->zmax, geo->mmin, geo->mmax};
        static const char *const names[] = {"xmin", "xmax", "ymin", "ymax", "zmin", "zmax", "mmin", "mmax"};
        ji_json_write_key(json, "bbox");
        ji_json_write_begin_object(json);
        for (size_t side = 0; side < sizeof sides / sizeof sides[0]; side++) {
            if (side < 4 || (side < 6 && geo->has_z) || (side >= 6 && geo->has_m))
                write_key_double(json, names[side], sides[side]);
        }
        ji_json_write_end_object(json);
    }
    ji_json_write_key(json, "types");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < geo->type_count; index++)
        ji_json_write_int64(json, geo->types[index]);
    ji_json_write_end_array(json);
    ji_json_write_end_object(json);
}

static enum joist_status write_metadata(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_size_statistics *const sizes = chunk->size_statistics;
    ji_json_key_text(json, "physical", ji_physical_name((int)chunk->physical));
    ji_json_key_text(json, "codec", ji_parquet_codec_name((int)chunk->codec));
    if (chunk->file_path.data != NULL)
        ji_json_key_view(json, "file_path", chunk->file_path);
    write_encodings(json, chunk);
    ji_json_key_int64(json, "values", chunk->value_count);
    ji_json_key_int64(json, "compressed_bytes", chunk->compressed_bytes);
    ji_json_key_int64(json, "uncompressed_bytes", chunk->uncompressed_bytes);
    write_offsets(json, chunk);
    JI_TRY(ji_inspect_statistics(inspector, leaf, chunk->statistics, err));
    if (sizes != NULL) {
        if (sizes->has_unencoded_bytes)
            ji_json_key_int64(json, "unencoded_bytes", sizes->unencoded_bytes);
        ji_inspect_int64s(json, "repetition_histogram", sizes->rep_histogram, sizes->rep_count);
        ji_inspect_int64s(json, "definition_histogram", sizes->def_histogram, sizes->def_count);
    }
    write_geo(json, chunk->geo_statistics);
    if (chunk->key_value_count > 0)
        ji_inspect_key_values(json, chunk->key_values, chunk->key_value_count);
    return JOIST_OK;
}

enum joist_status ji_inspect_chunk(
        struct ji_inspector *inspector, size_t group, size_t leaf_index, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_leaf *const leaf = &inspector->file->schema.leaves[leaf_index];
    const struct ji_chunk *chunk = NULL;
    struct joist_error what = {.status = JOIST_OK};
    ji_arena_reset(&inspector->arena);
    what.status = ji_file_chunk_read(inspector->file, group, leaf_index, &inspector->arena, &chunk, &what);
    if (what.status != JOIST_OK && what.status != JOIST_ERR_CORRUPT && what.status != JOIST_ERR_UNSUPPORTED) {
        if (err != NULL)
            *err = what;
        return what.status;
    }
    ji_json_write_begin_object(json);
    ji_json_key_text(json, "path", leaf->name);
    if (what.status != JOIST_OK) {
        ji_json_key_text(json, "error", what.text);
        ji_json_write_end_object(json);
        return JOIST_OK;
    }
    JI_TRY(write_encryption(inspector, chunk, err));
    if (chunk->has_metadata)
        JI_TRY(write_metadata(inspector, leaf, chunk, err));
    if (inspector->options.pages)
        JI_TRY(ji_inspect_pages(inspector, group, leaf_index, chunk, err));
    ji_json_write_end_object(json);
    return JOIST_OK;
}
