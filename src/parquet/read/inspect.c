/*
 * inspect.c - everything that the footer says, as one JSON object on one line
 *
 *     {"rows", "bytes", "version", "created_by", "schema": [...], "leaves": [...],
 *      "row_groups": [{..., "columns": [...]}], "key_values": [...]}
 *
 * Written row group by row group, so that the text of a wide file is never held whole. Bounds are shown as
 * values where they are values of the column's type, else as hexadecimal; whether they may be used to
 * skip rows is facts.c's affair.
 */
#include "base/real_text.h"
#include "parquet/read/parquet_file.h"
#include "parquet/read/statistic_value.h"
#include "wire/json_write.h"

struct inspector {
    const struct joist_parquet_file *file;
    struct joist_sink *sink;
    struct ji_bytes text; /* not yet given to the sink */
    struct ji_bytes value;
    struct ji_arena arena;
    struct ji_json_writer json;
    struct joist_error *err;
};

static void write_key_int64(struct ji_json_writer *json, const char *key, int64_t value)
{
    ji_json_write_key(json, key);
    ji_json_write_int64(json, value);
}

static void write_key_text(struct ji_json_writer *json, const char *key, const char *value)
{
    ji_json_write_key(json, key);
    ji_json_write_text(json, value);
}

static void write_key_view(struct ji_json_writer *json, const char *key, struct ji_view value)
{
    ji_json_write_key(json, key);
    ji_json_write_string(json, value);
}

static void write_key_bool(struct ji_json_writer *json, const char *key, bool value)
{
    ji_json_write_key(json, key);
    ji_json_write_bool(json, value);
}

static void write_key_values(
        struct ji_json_writer *json, const char *key, const struct ji_key_value *pairs, size_t count)
{
    ji_json_write_key(json, key);
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < count; index++) {
        ji_json_write_begin_object(json);
        write_key_view(json, "key", pairs[index].key);
        if (pairs[index].has_value)
            write_key_view(json, "value", pairs[index].value);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

static void write_logical(struct ji_json_writer *json, const struct ji_logical_type *logical)
{
    static const char *const units[] = {"unknown", "MILLIS", "MICROS", "NANOS"};
    if (logical->kind == JI_LOGICAL_NONE)
        return;
    ji_json_write_key(json, "logical");
    ji_json_write_begin_object(json);
    write_key_text(json, "type", ji_logical_name((int)logical->kind));
    if (logical->kind == JI_LOGICAL_DECIMAL) {
        write_key_int64(json, "precision", logical->precision);
        write_key_int64(json, "scale", logical->scale);
    } else if (logical->kind == JI_LOGICAL_INTEGER) {
        write_key_int64(json, "bits", logical->bit_width);
        write_key_bool(json, "signed", logical->is_signed);
    } else if (logical->kind == JI_LOGICAL_TIME || logical->kind == JI_LOGICAL_TIMESTAMP) {
        write_key_text(json, "unit", units[logical->unit]);
        write_key_bool(json, "utc", logical->utc);
    }
    ji_json_write_end_object(json);
}

/* The elements as the file lists them, each with its number of children: a tree, depth first. */
static void write_elements(struct inspector *inspector)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_footer *const footer = &inspector->file->footer;
    ji_json_write_key(json, "schema");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < footer->element_count; index++) {
        const struct ji_schema_element *const element = &footer->elements[index];
        ji_json_write_begin_object(json);
        write_key_view(json, "name", element->name);
        if (index > 0)
            write_key_text(json, "repetition", ji_repetition_name((int)element->repetition));
        if (element->physical != JI_PHYSICAL_NONE)
            write_key_text(json, "physical", ji_physical_name((int)element->physical));
        else
            write_key_int64(json, "children", element->child_count);
        if (element->physical == JI_PHYSICAL_FIXED)
            write_key_int64(json, "length", element->type_length);
        if (element->converted != JI_CONVERTED_NONE)
            write_key_text(json, "converted", ji_converted_name((int)element->converted));
        write_logical(json, &element->logical);
        if (element->has_field_id)
            write_key_int64(json, "field_id", element->field_id);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

static enum joist_status write_leaves(struct inspector *inspector, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_parquet_schema *const schema = &inspector->file->schema;
    ji_json_write_key(json, "leaves");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < schema->leaf_count; index++) {
        const struct ji_leaf *const leaf = &schema->leaves[index];
        const char *type = NULL;
        ji_arena_reset(&inspector->arena);
        JI_TRY(ji_type_text(&inspector->arena, leaf->field, &type, err));
        ji_json_write_begin_object(json);
        write_key_text(json, "path", leaf->name);
        write_key_text(json, "type", type);
        write_key_int64(json, "max_definition_level", leaf->max_def);
        write_key_int64(json, "max_repetition_level", leaf->max_rep);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
    return JOIST_OK;
}

static enum joist_status write_bound(struct inspector *inspector, const char *key, const struct ji_leaf *leaf,
        struct ji_view bytes, struct joist_error *err)
{
    inspector->value.size = 0;
    JI_TRY(ji_statistic_text(leaf, bytes, &inspector->value, err));
    write_key_view(&inspector->json, key, ji_view_of(inspector->value.data, inspector->value.size));
    return JOIST_OK;
}

static enum joist_status write_statistics(struct inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_statistics *statistics, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    if (statistics == NULL)
        return JOIST_OK;
    ji_json_write_key(json, "statistics");
    ji_json_write_begin_object(json);
    if (statistics->has_null_count)
        write_key_int64(json, "null_count", statistics->null_count);
    if (statistics->has_distinct_count)
        write_key_int64(json, "distinct_count", statistics->distinct_count);
    if (statistics->has_nan_count)
        write_key_int64(json, "nan_count", statistics->nan_count);
    if (statistics->has_min)
        JI_TRY(write_bound(inspector, "min", leaf, statistics->min, err));
    if (statistics->has_max)
        JI_TRY(write_bound(inspector, "max", leaf, statistics->max, err));
    if (statistics->has_min_exact)
        write_key_bool(json, "min_exact", statistics->min_exact);
    if (statistics->has_max_exact)
        write_key_bool(json, "max_exact", statistics->max_exact);
    if (statistics->has_min_old)
        JI_TRY(write_bound(inspector, "min_deprecated", leaf, statistics->min_old, err));
    if (statistics->has_max_old)
        JI_TRY(write_bound(inspector, "max_deprecated", leaf, statistics->max_old, err));
    ji_json_write_end_object(json);
    return JOIST_OK;
}

static void write_encodings(struct ji_json_writer *json, const struct ji_chunk *chunk)
{
    ji_json_write_key(json, "encodings");
    ji_json_write_begin_array(json);
    for (int encoding = 0; encoding < 32; encoding++) {
        if ((chunk->encodings >> encoding & 1) != 0)
            ji_json_write_text(json, ji_encoding_name(encoding));
    }
    ji_json_write_end_array(json);
    if (chunk->encoding_stat_count == 0)
        return;
    ji_json_write_key(json, "pages");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < chunk->encoding_stat_count; index++) {
        static const char *const types[] = {"DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2"};
        const struct ji_encoding_stat *const stat = &chunk->encoding_stats[index];
        const size_t type = (size_t)stat->page_type;
        ji_json_write_begin_object(json);
        write_key_text(json, "type", type < sizeof types / sizeof types[0] ? types[type] : "unknown");
        write_key_text(json, "encoding", ji_encoding_name((int)stat->encoding));
        write_key_int64(json, "count", stat->count);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

static void write_histogram(struct ji_json_writer *json, const char *key, const int64_t *values, size_t count)
{
    if (count == 0)
        return;
    ji_json_write_key(json, key);
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < count; index++)
        ji_json_write_int64(json, values[index]);
    ji_json_write_end_array(json);
}

static void write_sizes(struct ji_json_writer *json, const struct ji_size_statistics *sizes)
{
    if (sizes == NULL)
        return;
    if (sizes->has_unencoded_bytes)
        write_key_int64(json, "unencoded_bytes", sizes->unencoded_bytes);
    write_histogram(json, "repetition_histogram", sizes->rep_histogram, sizes->rep_count);
    write_histogram(json, "definition_histogram", sizes->def_histogram, sizes->def_count);
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

static void write_offsets(struct ji_json_writer *json, const struct ji_chunk *chunk)
{
    write_key_int64(json, "data_page_offset", chunk->data_page_offset);
    if (chunk->dictionary_page_offset >= 0)
        write_key_int64(json, "dictionary_page_offset", chunk->dictionary_page_offset);
    if (chunk->index_page_offset >= 0)
        write_key_int64(json, "index_page_offset", chunk->index_page_offset);
    if (chunk->bloom_offset >= 0)
        write_key_int64(json, "bloom_filter_offset", chunk->bloom_offset);
    if (chunk->bloom_bytes >= 0)
        write_key_int64(json, "bloom_filter_bytes", chunk->bloom_bytes);
    write_key_bool(json, "has_offset_index", chunk->offset_index_offset >= 0);
    write_key_bool(json, "has_column_index", chunk->column_index_offset >= 0);
}

static enum joist_status write_chunk(
        struct inspector *inspector, size_t group, size_t leaf_index, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_leaf *const leaf = &inspector->file->schema.leaves[leaf_index];
    const struct ji_chunk *chunk = NULL;
    JI_TRY(ji_file_chunk(inspector->file, group, leaf_index, &chunk, err));
    ji_json_write_begin_object(json);
    write_key_text(json, "path", leaf->name);
    if (chunk->is_encrypted)
        write_key_bool(json, "encrypted", true);
    if (chunk->has_metadata) {
        write_key_text(json, "physical", ji_physical_name((int)chunk->physical));
        write_key_text(json, "codec", ji_parquet_codec_name((int)chunk->codec));
        write_encodings(json, chunk);
        write_key_int64(json, "values", chunk->value_count);
        write_key_int64(json, "compressed_bytes", chunk->compressed_bytes);
        write_key_int64(json, "uncompressed_bytes", chunk->uncompressed_bytes);
        write_offsets(json, chunk);
        JI_TRY(write_statistics(inspector, leaf, chunk->statistics, err));
        write_sizes(json, chunk->size_statistics);
        write_geo(json, chunk->geo_statistics);
        if (chunk->key_value_count > 0)
            write_key_values(json, "key_values", chunk->key_values, chunk->key_value_count);
    }
    ji_json_write_end_object(json);
    return JOIST_OK;
}

static void write_sorting(struct inspector *inspector, const struct ji_row_group *group)
{
    struct ji_json_writer *const json = &inspector->json;
    if (group->sorting_count == 0)
        return;
    ji_json_write_key(json, "sorting");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < group->sorting_count; index++) {
        const struct ji_sorting_column *const by = &group->sorting[index];
        ji_json_write_begin_object(json);
        write_key_int64(json, "leaf", by->column);
        write_key_bool(json, "descending", by->descending);
        write_key_bool(json, "nulls_first", by->nulls_first);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

static enum joist_status write_group(struct inspector *inspector, size_t index, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_row_group *const group = &inspector->file->footer.groups[index];
    ji_json_write_begin_object(json);
    write_key_int64(json, "rows", group->row_count);
    write_key_int64(json, "bytes", group->total_bytes);
    if (group->compressed_bytes >= 0)
        write_key_int64(json, "compressed_bytes", group->compressed_bytes);
    if (group->ordinal >= 0)
        write_key_int64(json, "ordinal", group->ordinal);
    write_sorting(inspector, group);
    ji_json_write_key(json, "columns");
    ji_json_write_begin_array(json);
    for (size_t leaf = 0; leaf < group->chunk_count; leaf++)
        JI_TRY(write_chunk(inspector, index, leaf, err));
    ji_json_write_end_array(json);
    ji_json_write_end_object(json);
    /* What is written so far leaves; the writer goes on behind it. */
    JI_TRY(json->status);
    JI_TRY(ji_sink_append(inspector->sink, inspector->text.data, inspector->text.size, err));
    inspector->text.size = 0;
    return JOIST_OK;
}

static enum joist_status write_all(struct inspector *inspector, struct joist_error *err)
{
    const struct ji_footer *const footer = &inspector->file->footer;
    struct ji_json_writer *const json = &inspector->json;
    ji_json_writer_init(json, &inspector->text, err);
    ji_json_write_begin_object(json);
    write_key_int64(json, "rows", footer->row_count);
    ji_json_write_key(json, "bytes");
    ji_json_write_uint64(json, inspector->file->file_bytes);
    write_key_int64(json, "version", footer->version);
    if (footer->created_by.data != NULL)
        write_key_view(json, "created_by", footer->created_by);
    write_elements(inspector);
    JI_TRY(write_leaves(inspector, err));
    ji_json_write_key(json, "row_groups");
    ji_json_write_begin_array(json);
    for (size_t group = 0; group < footer->group_count; group++)
        JI_TRY(write_group(inspector, group, err));
    ji_json_write_end_array(json);
    write_key_values(json, "key_values", footer->key_values, footer->key_value_count);
    ji_json_write_end_object(json);
    JI_TRY(ji_json_writer_finish(json));
    JI_TRY(ji_bytes_append_byte(&inspector->text, '\n', err));
    return ji_sink_append(inspector->sink, inspector->text.data, inspector->text.size, err);
}

enum joist_status joist_parquet_inspect(
        const struct joist_parquet_file *file, struct joist_sink sink, struct joist_error *err)
{
    struct inspector inspector = {.file = file, .sink = &sink};
    ji_bytes_init(&inspector.text, file->mem);
    ji_bytes_init(&inspector.value, file->mem);
    ji_arena_init(&inspector.arena, file->mem);
    const enum joist_status status = write_all(&inspector, err);
    ji_arena_clear(&inspector.arena);
    ji_bytes_clear(&inspector.value);
    ji_bytes_clear(&inspector.text);
    return status;
}
