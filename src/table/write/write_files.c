/*
 * write_files.c - data files of an append
 *
 *     <table>/data/<col=value/...>/<number>-<uuid>.parquet
 *
 *   1. A location enters `written` before its file is begun: whoever gives up removes all of them.
 *   2. Bytes are durable when a file is finished; its name is when the commit has synced its folder.
 */
#include "table/write/write_files.h"

#include <joist/store.h>

#include <inttypes.h>

#include "base/uuid.h"

#define FILE_BYTES_TARGET ((uint64_t)512 << 20)

enum joist_status ji_location_add(
        struct ji_arena *arena, struct ji_location_list *list, const char *location, struct joist_error *err)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        const char **grown = NULL;
        JI_TRY(ji_arena_array(arena, capacity, sizeof *grown, &grown, err));
        for (size_t i = 0; i < list->count; i++)
            grown[i] = list->items[i];
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = location;
    return JOIST_OK;
}

enum joist_status ji_location_add_once(
        struct ji_arena *arena, struct ji_location_list *list, const char *location, struct joist_error *err)
{
    for (size_t i = list->count; i > 0; i--) {
        if (strcmp(list->items[i - 1], location) == 0)
            return JOIST_OK;
    }
    return ji_location_add(arena, list, location, err);
}

void ji_locations_remove(struct joist_ctx *ctx, const struct ji_location_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct joist_error err = {0};
        const enum joist_status status = ji_place_remove(ctx, list->items[i], &err);
        if (status != JOIST_OK && status != JOIST_ERR_NOT_FOUND)
            ji_log(ctx, JOIST_LOG_WARN, "left behind: %s: %s", list->items[i], err.text);
    }
}

/* --- what the table's properties want --- */

static enum joist_status choose_codec(const struct ji_table_metadata *model,
        struct joist_parquet_write_options *options, struct joist_error *err)
{
    static const struct {
        const char *name;
        enum joist_codec codec;
    } CODECS[] = {
            {"zstd", JOIST_CODEC_ZSTD},
            {"snappy", JOIST_CODEC_SNAPPY},
            {"gzip", JOIST_CODEC_GZIP},
            {"brotli", JOIST_CODEC_BROTLI},
            {"lz4_raw", JOIST_CODEC_LZ4_RAW},
            {"uncompressed", JOIST_CODEC_NONE},
            {"none", JOIST_CODEC_NONE},
    };
    const char *wanted = ji_model_property(model, "write.parquet.compression-codec");
    options->codec = JOIST_CODEC_ZSTD;
    options->codec_level = (int)ji_model_property_number(model, "write.parquet.compression-level", 0);
    if (wanted == NULL)
        return JOIST_OK;
    for (size_t i = 0; i < sizeof CODECS / sizeof CODECS[0]; i++) {
        if (ji_text_equal_without_case(wanted, CODECS[i].name)) {
            options->codec = CODECS[i].codec;
            return JOIST_OK;
        }
    }
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "write.parquet.compression-codec '%s'", wanted);
}

/* What every Iceberg reader reads, unless the table's property wants more. */
static enum joist_status choose_compat(const struct ji_table_metadata *model,
        struct joist_parquet_write_options *options, struct joist_error *err)
{
    static const struct {
        const char *name;
        enum joist_parquet_compat compat;
    } COMPATS[] = {
            {"v1", JOIST_PARQUET_COMPAT_V1},
            {"wide", JOIST_PARQUET_COMPAT_WIDE},
            {"new", JOIST_PARQUET_COMPAT_NEW},
    };
    const char *wanted = ji_model_property(model, "joist.parquet.compat");
    options->compat = JOIST_PARQUET_COMPAT_V1;
    if (wanted == NULL)
        return JOIST_OK;
    for (size_t i = 0; i < sizeof COMPATS / sizeof COMPATS[0]; i++) {
        if (ji_text_equal_without_case(wanted, COMPATS[i].name)) {
            options->compat = COMPATS[i].compat;
            return JOIST_OK;
        }
    }
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "joist.parquet.compat '%s'", wanted);
}

static enum joist_status choose_options(
        struct ji_write_files *files, const struct ji_table_metadata *model, struct joist_error *err)
{
    const char *format = ji_model_property(model, "write.format.default");
    if (format != NULL && !ji_text_equal_without_case(format, "parquet"))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "write.format.default '%s'", format);
    if (ji_model_property(model, "encryption.key-id") != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "encryption.key-id: encrypted tables");
    files->options = (struct joist_parquet_write_options){.struct_size = sizeof files->options};
    JI_TRY(choose_codec(model, &files->options, err));
    JI_TRY(choose_compat(model, &files->options, err));
    files->options.row_group_bytes_max =
            ji_model_property_number(model, "write.parquet.row-group-size-bytes", 0);
    files->options.page_bytes_max =
            (size_t)ji_model_property_number(model, "write.parquet.page-size-bytes", 0);
    if (files->bytes_target == 0)
        files->bytes_target =
                ji_model_property_number(model, "write.target-file-size-bytes", FILE_BYTES_TARGET);
    return JOIST_OK;
}

static enum joist_status choose_folder(
        struct ji_write_files *files, const struct ji_table_metadata *model, struct joist_error *err)
{
    const char *folder = ji_model_property(model, "write.data.path");
    if (folder != NULL)
        return ji_arena_text(&files->arena, ji_view_of_text(folder), &files->data_folder, err);
    return ji_arena_printf(&files->arena, &files->data_folder, err, "%s/data", model->location);
}

enum joist_status ji_write_files_init(struct ji_write_files *files, const struct ji_table *table,
        const struct ji_bound_partition *partition, uint64_t bytes_target, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    char uuid[JI_UUID_TEXT_BYTES];
    *files = (struct ji_write_files){.ctx = table->ctx,
            .columns = &table->model.schemas[table->model.current_schema].columns,
            .partition = partition,
            .bytes_target = bytes_target};
    JI_TRY(ji_mem_open(ji_ctx_mem(table->ctx), "append", &files->mem, err));
    ji_arena_init(&files->arena, files->mem);
    JI_TRY_OUT(choose_options(files, &table->model, err));
    JI_TRY_OUT(choose_folder(files, &table->model, err));
    JI_TRY_OUT(ji_write_lanes_open(files->ctx, files->mem, &files->lanes, err));
    JI_TRY_OUT(ji_uuid_new(files->ctx, uuid, err));
    JI_TRY_OUT(ji_arena_text(&files->arena, ji_view_of_text(uuid), &files->uuid, err));
    JI_TRY_OUT(ji_metrics_config_make(&files->arena, &table->model, files->columns, &files->metrics, err));
    return JOIST_OK;
out:
    ji_write_files_clear(files);
    return status;
}

void ji_write_files_clear(struct ji_write_files *files)
{
    if (files->mem == NULL)
        return;
    ji_write_lanes_close(files->lanes);
    files->lanes = NULL;
    ji_arena_clear(&files->arena);
    ji_mem_close(files->mem);
    files->mem = NULL;
}

/* --- one file --- */

static enum joist_status copy_partition(struct ji_write_files *files, const struct ji_value *from,
        const struct ji_value **to, struct joist_error *err)
{
    struct ji_value *values = NULL;
    const size_t count = files->partition->field_count;
    JI_TRY(ji_arena_array(&files->arena, count, sizeof *values, &values, err));
    for (size_t i = 0; i < count; i++) {
        const enum ji_kind kind = files->partition->results[i].kind;
        values[i] = from[i];
        if (!from[i].is_null && (ji_kind_is_view(kind) || kind == JI_FIXED || kind == JI_UUID))
            JI_TRY(ji_arena_view(&files->arena, from[i].as.view, &values[i].as.view, err));
    }
    *to = values;
    return JOIST_OK;
}

static enum joist_status file_folder(struct ji_write_files *files, const struct ji_value *partition,
        const char **folder, struct joist_error *err)
{
    if (files->partition->field_count == 0) {
        *folder = files->data_folder;
        return JOIST_OK;
    }
    struct ji_bytes text;
    ji_bytes_init(&text, files->mem);
    enum joist_status status = ji_partition_text(files->partition, partition, true, &text, err);
    if (status == JOIST_OK)
        status = ji_arena_printf(&files->arena, folder, err, "%s/%.*s", files->data_folder, (int)text.size,
                (const char *)text.data);
    ji_bytes_clear(&text);
    return status;
}

enum joist_status ji_write_file_open(struct ji_write_files *files, const struct ji_value *partition,
        struct ji_open_file *file, struct joist_error *err)
{
    struct ji_open_file made = {0};
    struct joist_store store;
    struct joist_sink sink = {0};
    const char *folder = NULL;
    const char *path = NULL;
    JI_TRY(copy_partition(files, partition, &made.partition, err));
    JI_TRY(file_folder(files, made.partition, &folder, err));
    JI_TRY(ji_location_add_once(&files->arena, &files->folders, folder, err));
    JI_TRY(ji_arena_printf(&files->arena, &made.location, err, "%s/%05" PRIu64 "-%s.parquet", folder,
            files->file_number++, files->uuid));
    JI_TRY(ji_place(files->ctx, made.location, &store, &path, err));
    JI_TRY(store.ops->open_sink(store.self, path, JOIST_SINK_CREATE | JOIST_SINK_FOLDER_LATER, &sink, err));
    enum joist_status status = ji_location_add(&files->arena, &files->written, made.location, err);
    if (status == JOIST_OK)
        status = ji_parquet_writer_open_shared(
                files->lanes, files->mem, sink, files->columns, &files->options, &made.writer, err);
    if (status != JOIST_OK) {
        ji_sink_abort(&sink);
        return status;
    }
    *file = made;
    return JOIST_OK;
}

static enum joist_status add_entry(struct ji_write_files *files, const struct ji_open_file *file,
        const struct ji_file_facts *facts, struct joist_error *err)
{
    if (files->entry_count == files->entry_capacity) {
        const size_t capacity = files->entry_capacity == 0 ? 16 : 2 * files->entry_capacity;
        struct ji_data_file *grown = NULL;
        JI_TRY(ji_arena_array(&files->arena, capacity, sizeof *grown, &grown, err));
        if (files->entry_count > 0)
            memcpy(grown, files->entries, files->entry_count * sizeof *grown);
        files->entries = grown;
        files->entry_capacity = capacity;
    }
    struct ji_data_file entry = {
            .content = JI_CONTENT_DATA,
            .path = file->location,
            .format = "PARQUET",
            .partition = file->partition,
            .record_count = (int64_t)facts->rows,
            .file_bytes = (int64_t)facts->bytes,
            .sort_order_id = JI_NUMBER_ABSENT,
    };
    JI_TRY(ji_column_metrics(&files->arena, &files->metrics, facts, &entry, err));
    files->entries[files->entry_count++] = entry;
    files->rows += facts->rows;
    files->bytes += facts->bytes;
    return JOIST_OK;
}

enum joist_status ji_write_file_finish(
        struct ji_write_files *files, struct ji_open_file *file, struct joist_error *err)
{
    struct ji_arena scratch;
    struct ji_file_facts facts;
    ji_arena_init(&scratch, files->mem);
    struct joist_parquet_writer *writer = file->writer;
    file->writer = NULL;
    enum joist_status status = ji_parquet_writer_finish(writer, &scratch, &facts, err);
    if (status == JOIST_OK)
        status = add_entry(files, file, &facts, err);
    ji_arena_clear(&scratch);
    return status;
}

void ji_write_file_abort(struct ji_open_file *file)
{
    if (file->writer != NULL)
        joist_parquet_writer_abort(file->writer);
    file->writer = NULL;
}
