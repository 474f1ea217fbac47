/*
 * inspect.c - everything that a file says of itself, as one JSON object on one line
 *
 *     {"rows", "bytes", "version", "created_by", "encryption", "schema": [...], "leaves": [...],
 *      "row_groups": [{..., "columns": [...]}], "key_values": [...]}
 *
 * Written chunk by chunk, so that the text of a wide file is never held whole. Bounds are shown as values
 * where they are values of the column's type, else as hexadecimal; whether they may be used to skip rows is
 * facts.c's affair.
 */
#include "parquet/read/inspect.h"

#define TEXT_BYTES ((size_t)64 << 10)

/* What is written so far leaves; the writer goes on behind it. */
static enum joist_status flush(struct ji_inspector *inspector, size_t least, struct joist_error *err)
{
    JI_TRY(inspector->json.status);
    if (inspector->text.size < least)
        return JOIST_OK;
    JI_TRY(ji_sink_append(inspector->sink, inspector->text.data, inspector->text.size, err));
    inspector->text.size = 0;
    return JOIST_OK;
}

static void write_sorting(struct ji_inspector *inspector, const struct ji_row_group *group)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_parquet_schema *const schema = &inspector->file->schema;
    if (group->sorting_count == 0)
        return;
    ji_json_write_key(json, "sorting");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < group->sorting_count; index++) {
        const struct ji_sorting_column *const by = &group->sorting[index];
        ji_json_write_begin_object(json);
        ji_json_key_int64(json, "leaf", by->column);
        if (by->column >= 0 && (size_t)by->column < schema->leaf_count)
            ji_json_key_text(json, "path", schema->leaves[by->column].name);
        ji_json_key_bool(json, "descending", by->descending);
        ji_json_key_bool(json, "nulls_first", by->nulls_first);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

static enum joist_status write_group(struct ji_inspector *inspector, size_t index, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_row_group *const group = &inspector->file->footer.groups[index];
    ji_json_write_begin_object(json);
    ji_json_key_int64(json, "rows", group->row_count);
    ji_json_key_int64(json, "bytes", group->total_bytes);
    if (group->compressed_bytes >= 0)
        ji_json_key_int64(json, "compressed_bytes", group->compressed_bytes);
    if (group->file_offset >= 0)
        ji_json_key_int64(json, "file_offset", group->file_offset);
    if (group->ordinal >= 0)
        ji_json_key_int64(json, "ordinal", group->ordinal);
    write_sorting(inspector, group);
    ji_json_write_key(json, "columns");
    ji_json_write_begin_array(json);
    for (size_t leaf = 0; leaf < inspector->file->schema.leaf_count; leaf++) {
        JI_TRY(ji_cancel_check(inspector->options.cancel, err));
        JI_TRY(ji_inspect_chunk(inspector, index, leaf, err));
        JI_TRY(flush(inspector, TEXT_BYTES, err));
    }
    ji_json_write_end_array(json);
    ji_json_write_end_object(json);
    return flush(inspector, TEXT_BYTES, err);
}

static enum joist_status write_encryption(struct ji_inspector *inspector, struct joist_error *err)
{
    static const char *const names[] = {"none", "AES_GCM_V1", "AES_GCM_CTR_V1"};
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_encryption *const encryption = &inspector->file->footer_encryption;
    const int algorithm = (int)encryption->algorithm;
    if (algorithm == JI_ENCRYPTION_NONE)
        return JOIST_OK;
    ji_json_write_key(json, "encryption");
    ji_json_write_begin_object(json);
    ji_json_key_text(json, "algorithm", algorithm > 0 && algorithm < 3 ? names[algorithm] : "unknown");
    if (encryption->has_aad_prefix)
        JI_TRY(ji_inspect_hex(inspector, "aad_prefix", encryption->aad_prefix, err));
    ji_json_key_bool(json, "aad_prefix_wanted", encryption->wants_aad_prefix);
    JI_TRY(ji_inspect_hex(inspector, "aad_file", encryption->aad_file, err));
    if (encryption->key_metadata.data != NULL)
        JI_TRY(ji_inspect_hex(inspector, "key_metadata", encryption->key_metadata, err));
    ji_json_write_end_object(json);
    return JOIST_OK;
}

static enum joist_status write_all(struct ji_inspector *inspector, struct joist_error *err)
{
    const struct ji_footer *const footer = &inspector->file->footer;
    struct ji_json_writer *const json = &inspector->json;
    ji_json_writer_init(json, &inspector->text, err);
    ji_json_write_begin_object(json);
    ji_json_key_int64(json, "rows", footer->row_count);
    ji_json_write_key(json, "bytes");
    ji_json_write_uint64(json, inspector->file->file_bytes);
    ji_json_key_int64(json, "version", footer->version);
    if (footer->created_by.data != NULL)
        ji_json_key_view(json, "created_by", footer->created_by);
    JI_TRY(write_encryption(inspector, err));
    JI_TRY(ji_inspect_schema(inspector, err));
    ji_json_write_key(json, "row_groups");
    ji_json_write_begin_array(json);
    for (size_t group = 0; group < footer->group_count; group++)
        JI_TRY(write_group(inspector, group, err));
    ji_json_write_end_array(json);
    ji_inspect_key_values(json, footer->key_values, footer->key_value_count);
    ji_json_write_end_object(json);
    JI_TRY(ji_json_writer_finish(json));
    JI_TRY(ji_bytes_append_byte(&inspector->text, '\n', err));
    return flush(inspector, 0, err);
}

enum joist_status joist_parquet_inspect(const struct joist_parquet_file *file,
        const struct joist_parquet_inspect_options *options, struct joist_sink sink, struct joist_error *err)
{
    struct ji_inspector inspector = {.file = file, .sink = &sink};
    if (options != NULL)
        memcpy(&inspector.options, options, ji_min_size(options->struct_size, sizeof inspector.options));
    ji_bytes_init(&inspector.text, file->mem);
    ji_bytes_init(&inspector.value, file->mem);
    ji_arena_init(&inspector.arena, file->mem);
    const enum joist_status status = write_all(&inspector, err);
    ji_arena_clear(&inspector.arena);
    ji_bytes_clear(&inspector.value);
    ji_bytes_clear(&inspector.text);
    return status;
}
