/*
 * table_rows.c - what there is to know of tables, as rows: tables, history, files, schema
 *
 * Each is built by the library's own row builder, so that it leaves as any other stream.
 */
#include <joist/table.h>

#include "arrow/arrow_schema.h"
#include "table/read/snapshot_choice.h"
#include "table/read/snapshot_files.h"

#define MICROS_A_MILLI 1000

static enum joist_status put_text(struct joist_builder *builder, const char *text, struct joist_error *err)
{
    return joist_builder_bytes(builder, text, strlen(text), err);
}

static enum joist_status put_number(
        struct joist_builder *builder, bool known, uint64_t number, struct joist_error *err)
{
    if (!known || number > INT64_MAX)
        return joist_builder_null(builder, err);
    return joist_builder_int64(builder, (int64_t)number, err);
}

static enum joist_status put_summary(struct joist_builder *builder, const struct ji_snapshot *snapshot,
        const char *key, struct joist_error *err)
{
    uint64_t number = 0;
    const bool known = snapshot != NULL && ji_summary_number(snapshot, key, &number);
    return put_number(builder, known, number, err);
}

/* --- tables --- */

struct listing {
    struct joist_catalog *catalog;
    struct joist_builder *builder;
};

/* A table whose metadata cannot be read is listed all the same, with nothing known of it. */
static enum joist_status put_table(void *arg, const struct ji_table_name *name, const char *location,
        bool stale, struct joist_error *err)
{
    struct listing *listing = arg;
    struct joist_builder *builder = listing->builder;
    struct ji_table *table = NULL;
    const struct ji_snapshot *snapshot = NULL;
    const enum joist_status opened = ji_table_open_at(listing->catalog, name, location, &table, err);
    if (opened == JOIST_ERR_NO_MEMORY || opened == JOIST_ERR_LIMIT)
        return opened;
    enum joist_status status = JOIST_OK;
    if (table != NULL)
        snapshot = ji_model_snapshot(&table->model, table->model.current_snapshot_id);
    const bool is_new = table != NULL && snapshot == NULL; /* known to be empty */
    JI_TRY_OUT(put_text(builder, name->name_space, err));
    JI_TRY_OUT(put_text(builder, name->table, err));
    JI_TRY_OUT(put_text(builder, location, err));
    if (snapshot != NULL)
        JI_TRY_OUT(joist_builder_int64(builder, snapshot->snapshot_id, err));
    else
        JI_TRY_OUT(joist_builder_null(builder, err));
    static const char *const KEYS[] = {"total-records", "total-files-size", "total-data-files"};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        if (is_new)
            JI_TRY_OUT(joist_builder_int64(builder, 0, err));
        else
            JI_TRY_OUT(put_summary(builder, snapshot, KEYS[i], err));
    }
    JI_TRY_OUT(joist_builder_bool(builder, stale, err));
    JI_TRY_OUT(joist_builder_end_row(builder, err));
out:
    ji_table_close(table);
    return status;
}

enum joist_status joist_catalog_tables(
        struct joist_catalog *catalog, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct listing listing = {.catalog = catalog};
    JI_TRY(joist_builder_open(catalog->ctx,
            "namespace string required, name string required, metadata_location string required, "
            "snapshot_id long, rows long, bytes long, files long, stale boolean required",
            &listing.builder, err));
    enum joist_status status = ji_catalog_list(catalog, put_table, &listing, err);
    if (status == JOIST_OK)
        status = joist_builder_take(listing.builder, stream, err);
    joist_builder_close(listing.builder);
    return status;
}

/* --- history --- */

static enum joist_status put_log_entry(struct joist_builder *builder, const struct ji_table_metadata *model,
        size_t index, struct joist_error *err)
{
    const struct ji_log_entry *entry = &model->log[index];
    const struct ji_snapshot *snapshot = ji_model_snapshot(model, entry->snapshot_id);
    int64_t micros = 0;
    if (!ji_mul_i64(entry->timestamp_ms, MICROS_A_MILLI, &micros))
        return ji_fail(err, JOIST_ERR_CORRUPT, "timestamp %" PRId64, entry->timestamp_ms);
    JI_TRY(joist_builder_int64(builder, micros, err));
    JI_TRY(joist_builder_int64(builder, entry->snapshot_id, err));
    if (snapshot != NULL && snapshot->parent_id != JI_SNAPSHOT_NONE)
        JI_TRY(joist_builder_int64(builder, snapshot->parent_id, err));
    else
        JI_TRY(joist_builder_null(builder, err));
    if (snapshot != NULL && snapshot->operation[0] != '\0')
        JI_TRY(put_text(builder, snapshot->operation, err));
    else
        JI_TRY(joist_builder_null(builder, err));
    JI_TRY(put_summary(builder, snapshot, "added-records", err));
    JI_TRY(put_summary(builder, snapshot, "added-data-files", err));
    JI_TRY(put_summary(builder, snapshot, "total-records", err));
    JI_TRY(joist_builder_bool(
            builder, index + 1 == model->log_count && entry->snapshot_id == model->current_snapshot_id, err));
    return joist_builder_end_row(builder, err);
}

enum joist_status joist_table_history(struct joist_catalog *catalog, const char *table,
        struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_table *opened = NULL;
    struct joist_builder *builder = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_table_open(catalog, table, &opened, err));
    JI_TRY_OUT(joist_builder_open(catalog->ctx,
            "made_current_at timestamptz required, snapshot_id long required, parent_id long, "
            "operation string, added_rows long, added_files long, total_rows long, is_current boolean "
            "required",
            &builder, err));
    for (size_t i = 0; i < opened->model.log_count; i++)
        JI_TRY_OUT(put_log_entry(builder, &opened->model, i, err));
    JI_TRY_OUT(joist_builder_take(builder, stream, err));
out:
    joist_builder_close(builder);
    ji_table_close(opened);
    return status;
}

/* --- files --- */

static enum joist_status put_file(struct joist_builder *builder, const struct ji_table *table,
        const struct ji_loaded_manifest *manifest, const struct ji_manifest_entry *entry,
        struct joist_error *err)
{
    const struct ji_snapshot *added = ji_model_snapshot(&table->model, entry->snapshot_id);
    int64_t micros = 0;
    JI_TRY(put_text(builder, entry->file.path, err));
    if (manifest->partition.field_count == 0) {
        JI_TRY(joist_builder_null(builder, err));
    } else {
        struct ji_bytes text;
        ji_bytes_init(&text, table->mem);
        enum joist_status status =
                ji_partition_text(&manifest->partition, entry->file.partition, false, &text, err);
        if (status == JOIST_OK)
            status = joist_builder_bytes(builder, text.data, text.size, err);
        ji_bytes_clear(&text);
        if (status != JOIST_OK)
            return status;
    }
    JI_TRY(joist_builder_int64(builder, entry->file.record_count, err));
    JI_TRY(joist_builder_int64(builder, entry->file.file_bytes, err));
    if (added != NULL && ji_mul_i64(added->timestamp_ms, MICROS_A_MILLI, &micros))
        JI_TRY(joist_builder_int64(builder, micros, err));
    else
        JI_TRY(joist_builder_null(builder, err));
    JI_TRY(put_number(builder, entry->snapshot_id >= 0, (uint64_t)entry->snapshot_id, err));
    return joist_builder_end_row(builder, err);
}

enum joist_status joist_table_files(struct joist_catalog *catalog, const char *table,
        const struct joist_snapshot_choice *snapshot, struct ArrowArrayStream *stream,
        struct joist_error *err)
{
    static const struct joist_snapshot_choice PRESENT = {0};
    struct ji_table *opened = NULL;
    struct joist_builder *builder = NULL;
    struct ji_snapshot_files files = {0};
    const struct ji_snapshot *chosen = NULL;
    const struct ji_iceberg_schema *schema = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_table_open(catalog, table, &opened, err));
    JI_TRY_OUT(ji_snapshot_choose(
            &opened->model, snapshot != NULL ? snapshot : &PRESENT, &chosen, &schema, err));
    JI_TRY_OUT(ji_snapshot_files_init(&files, opened, chosen, &schema->columns, err));
    JI_TRY_OUT(ji_snapshot_files_load_all(&files, err));
    JI_TRY_OUT(joist_builder_open(catalog->ctx,
            "path string required, partition string, rows long required, bytes long required, "
            "created_at timestamptz, snapshot_id long",
            &builder, err));
    for (size_t i = 0; i < files.manifest_count; i++) {
        for (size_t entry = 0; entry < files.manifests[i].entry_count; entry++)
            JI_TRY_OUT(
                    put_file(builder, opened, &files.manifests[i], &files.manifests[i].entries[entry], err));
    }
    JI_TRY_OUT(joist_builder_take(builder, stream, err));
out:
    joist_builder_close(builder);
    ji_snapshot_files_clear(&files);
    ji_table_close(opened);
    return status;
}

/* --- schema --- */

/* The transforms of a column, "year, bucket[16]", or null. */
static enum joist_status put_transforms(struct joist_builder *builder, const struct ji_partition_spec *spec,
        int32_t field_id, struct ji_arena *arena, struct joist_error *err)
{
    const char *text = NULL;
    for (size_t i = 0; i < spec->field_count; i++) {
        if (spec->fields[i].source_id != field_id)
            continue;
        JI_TRY(ji_arena_printf(arena, &text, err, "%s%s%s", text != NULL ? text : "",
                text != NULL ? ", " : "", spec->fields[i].transform.text));
    }
    return text == NULL ? joist_builder_null(builder, err) : put_text(builder, text, err);
}

enum joist_status joist_table_schema_rows(struct joist_catalog *catalog, const char *table,
        struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_table *opened = NULL;
    struct joist_builder *builder = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_table_open(catalog, table, &opened, err));
    JI_TRY_OUT(joist_builder_open(catalog->ctx,
            "id int required, name string required, type string required, required boolean required, "
            "partition string",
            &builder, err));
    const struct ji_table_metadata *model = &opened->model;
    const struct ji_schema *columns = &model->schemas[model->current_schema].columns;
    for (size_t i = 0; i < columns->column_count; i++) {
        const struct ji_field *field = &columns->columns[i];
        const char *type = NULL;
        JI_TRY_OUT(ji_type_text(&opened->arena, field, &type, err));
        JI_TRY_OUT(joist_builder_int64(builder, field->field_id, err));
        JI_TRY_OUT(put_text(builder, field->name, err));
        JI_TRY_OUT(put_text(builder, type, err));
        JI_TRY_OUT(joist_builder_bool(builder, !field->nullable, err));
        JI_TRY_OUT(put_transforms(
                builder, &model->specs[model->default_spec], field->field_id, &opened->arena, err));
        JI_TRY_OUT(joist_builder_end_row(builder, err));
    }
    JI_TRY_OUT(joist_builder_take(builder, stream, err));
out:
    joist_builder_close(builder);
    ji_table_close(opened);
    return status;
}

enum joist_status joist_table_schema(
        struct joist_catalog *catalog, const char *table, struct ArrowSchema *schema, struct joist_error *err)
{
    struct ji_table *opened = NULL;
    JI_TRY(ji_table_open(catalog, table, &opened, err));
    const struct ji_iceberg_schema *present = &opened->model.schemas[opened->model.current_schema];
    enum joist_status status = JOIST_OK;
    if (present->unsupported != NULL)
        status = ji_fail(err, JOIST_ERR_UNSUPPORTED, "table '%s': %s", table, present->unsupported);
    else
        status = ji_schema_hand_out(catalog->ctx, &present->columns, schema, err);
    ji_table_close(opened);
    return status;
}

/* --- the mirror --- */

struct stale_table {
    struct stale_table *next;
    struct ji_table_name name;
    const char *location;
};
struct syncing {
    struct ji_arena *arena;
    struct stale_table *first;
};

static enum joist_status note_stale(void *arg, const struct ji_table_name *name, const char *location,
        bool stale, struct joist_error *err)
{
    struct syncing *syncing = arg;
    struct stale_table *made = NULL;
    if (!stale)
        return JOIST_OK;
    JI_TRY(ji_arena_array(syncing->arena, 1, sizeof *made, &made, err));
    JI_TRY(ji_arena_text(syncing->arena, ji_view_of_text(name->name_space), &made->name.name_space, err));
    JI_TRY(ji_arena_text(syncing->arena, ji_view_of_text(name->table), &made->name.table, err));
    JI_TRY(ji_arena_text(syncing->arena, ji_view_of_text(location), &made->location, err));
    made->next = syncing->first;
    syncing->first = made;
    return JOIST_OK;
}

enum joist_status joist_catalog_sync(
        struct joist_catalog *catalog, uint64_t *renewed, struct joist_error *err)
{
    struct ji_arena arena;
    uint64_t count = 0;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&arena, catalog->mem);
    struct syncing syncing = {.arena = &arena};
    JI_TRY_OUT(ji_catalog_writable(catalog, err));
    JI_TRY_OUT(ji_catalog_list(catalog, note_stale, &syncing, err));
    for (const struct stale_table *stale = syncing.first; stale != NULL; stale = stale->next) {
        struct ji_table *table = NULL;
        JI_TRY_OUT(ji_table_open_at(catalog, &stale->name, stale->location, &table, err));
        status = ji_catalog_mirror(catalog, &stale->name, stale->location, &table->model, err);
        ji_table_close(table);
        if (status != JOIST_OK)
            goto out;
        count++;
    }
    if (renewed != NULL)
        *renewed = count;
out:
    ji_arena_clear(&arena);
    return status;
}
