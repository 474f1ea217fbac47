/*
 * snapshot_files.c - from a snapshot's list to its data files
 *
 *   1. Deleted entries are history: they are left out.
 *   2. A manifest of deletes that has a live entry makes the snapshot unreadable here, by name.
 */
#include "table/read/snapshot_files.h"

#include <inttypes.h>

static bool may_be_live(const struct ji_manifest_file *manifest)
{
    return manifest->added_files != 0 || manifest->existing_files != 0;
}

struct naming {
    struct ji_arena *arena;
    const char *path;
    int32_t content;
};

static enum joist_status name_live(void *arg, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    struct naming *naming = arg;
    if (entry->status == JI_ENTRY_DELETED || naming->path != NULL)
        return JOIST_OK;
    naming->content = entry->file.content;
    return ji_arena_text(naming->arena, ji_view_of_text(entry->file.path), &naming->path, err);
}

/* Deletes: refused with the first file's name, unless every entry turns out to be history. */
static enum joist_status refuse_deletes(struct ji_snapshot_files *files,
        const struct ji_manifest_file *manifest, const struct ji_bound_partition *partition,
        struct joist_error *err)
{
    struct ji_arena arena;
    struct ji_bytes bytes;
    struct naming naming = {.arena = &files->arena};
    ji_arena_init(&arena, files->arena.mem);
    ji_bytes_init(&bytes, files->arena.mem);
    enum joist_status status =
            ji_table_read(files->table, manifest->path, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK)
        status = ji_manifest_read(
                &arena, ji_view_of(bytes.data, bytes.size), manifest, partition, name_live, &naming, err);
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
    if (status != JOIST_OK || naming.path == NULL)
        return status;
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "snapshot %" PRId64 " needs %s deletes, file '%s'",
            files->snapshot->snapshot_id,
            naming.content == JI_CONTENT_EQUALITY_DELETES ? "equality" : "position", naming.path);
}

static enum joist_status add_manifest(
        struct ji_snapshot_files *files, const struct ji_manifest_file *manifest, struct joist_error *err)
{
    const struct ji_partition_spec *spec = ji_model_spec(&files->table->model, manifest->spec_id);
    struct ji_loaded_manifest *made = &files->manifests[files->manifest_count];
    if (!may_be_live(manifest))
        return JOIST_OK;
    if (spec == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: partition spec %" PRId32 " is not there", manifest->path,
                manifest->spec_id);
    if (manifest->key_metadata.data != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s: an encrypted manifest", manifest->path);
    JI_TRY(ji_partition_bind(&files->arena, spec, files->columns, &made->partition, err));
    if (manifest->content != JI_MANIFEST_DATA)
        return refuse_deletes(files, manifest, &made->partition, err);
    made->manifest = *manifest;
    files->manifest_count++;
    return JOIST_OK;
}

/* Metadata of version 1 may list its manifests by path alone; nothing is known of them. */
static enum joist_status manifests_of_v1(struct ji_snapshot_files *files, struct ji_manifest_file **manifests,
        size_t *count, struct joist_error *err)
{
    const struct ji_tree_node *paths = files->snapshot->manifests;
    struct ji_manifest_file *made = NULL;
    size_t i = 0;
    JI_TRY(ji_arena_array(&files->arena, paths->count, sizeof *made, &made, err));
    for (const struct ji_tree_node *node = paths->first; node != NULL; node = node->next, i++) {
        if (node->kind != JI_TREE_TEXT)
            return ji_fail(err, JOIST_ERR_CORRUPT, "a manifest's path is no text");
        made[i] = (struct ji_manifest_file){.path = (const char *)node->text.data,
                .spec_id = files->table->model.specs[files->table->model.default_spec].spec_id,
                .added_snapshot_id = files->snapshot->snapshot_id,
                .added_files = JI_NUMBER_ABSENT,
                .existing_files = JI_NUMBER_ABSENT,
                .deleted_files = JI_NUMBER_ABSENT,
                .added_rows = JI_NUMBER_ABSENT,
                .existing_rows = JI_NUMBER_ABSENT,
                .deleted_rows = JI_NUMBER_ABSENT};
    }
    *manifests = made;
    *count = paths->count;
    return JOIST_OK;
}

static enum joist_status read_list(struct ji_snapshot_files *files, struct ji_manifest_file **manifests,
        size_t *count, struct joist_error *err)
{
    const char *location = files->snapshot->manifest_list;
    if (location == NULL)
        return manifests_of_v1(files, manifests, count, err);
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, files->arena.mem);
    enum joist_status status = ji_table_read(files->table, location, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK) {
        status = ji_manifest_list_read(
                &files->arena, ji_view_of(bytes.data, bytes.size), manifests, count, err);
        if (status != JOIST_OK)
            ji_error_place(err, location);
    }
    ji_bytes_clear(&bytes);
    return status;
}

enum joist_status ji_snapshot_files_init(struct ji_snapshot_files *files, const struct ji_table *table,
        const struct ji_snapshot *snapshot, const struct ji_schema *columns, struct joist_error *err)
{
    struct ji_manifest_file *manifests = NULL;
    size_t count = 0;
    *files = (struct ji_snapshot_files){.table = table, .snapshot = snapshot, .columns = columns};
    ji_arena_init(&files->arena, table->mem);
    if (pthread_mutex_init(&files->lock, NULL) != 0)
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "no lock is left");
    enum joist_status status = JOIST_OK;
    if (snapshot == NULL)
        return JOIST_OK;
    JI_TRY_OUT(read_list(files, &manifests, &count, err));
    JI_TRY_OUT(ji_arena_array(&files->arena, count, sizeof *files->manifests, &files->manifests, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY_OUT(add_manifest(files, &manifests[i], err));
    return JOIST_OK;
out:
    ji_snapshot_files_clear(files);
    return status;
}

void ji_snapshot_files_clear(struct ji_snapshot_files *files)
{
    if (files->table == NULL)
        return;
    pthread_mutex_destroy(&files->lock);
    ji_arena_clear(&files->arena);
    files->table = NULL;
}

struct loading {
    struct ji_snapshot_files *files;
    struct ji_loaded_manifest *into;
};

static enum joist_status take_live(void *arg, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    struct loading *loading = arg;
    struct ji_loaded_manifest *into = loading->into;
    if (entry->status == JI_ENTRY_DELETED)
        return JOIST_OK;
    if (!ji_text_equal_without_case(entry->file.format, "parquet"))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "data file '%s' of format %s", entry->file.path,
                entry->file.format);
    if (entry->file.key_metadata.data != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "data file '%s' is encrypted", entry->file.path);
    if (entry->file.content != JI_CONTENT_DATA)
        return ji_fail(err, JOIST_ERR_CORRUPT, "file '%s' of deletes among data files", entry->file.path);
    if (into->entry_count == into->entry_capacity) {
        const size_t capacity = into->entry_capacity == 0 ? 16 : 2 * into->entry_capacity;
        struct ji_manifest_entry *grown = NULL;
        JI_TRY(ji_arena_array(&loading->files->arena, capacity, sizeof *grown, &grown, err));
        if (into->entry_count > 0)
            memcpy(grown, into->entries, into->entry_count * sizeof *grown);
        into->entries = grown;
        into->entry_capacity = capacity;
    }
    into->entries[into->entry_count++] = *entry;
    return JOIST_OK;
}

static enum joist_status load(
        struct ji_snapshot_files *files, struct ji_loaded_manifest *into, struct joist_error *err)
{
    struct loading loading = {.files = files, .into = into};
    struct ji_bytes bytes;
    if (into->loaded)
        return JOIST_OK;
    into->entry_count = 0;
    ji_bytes_init(&bytes, files->arena.mem);
    enum joist_status status =
            ji_table_read(files->table, into->manifest.path, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK) {
        status = ji_manifest_read(&files->arena, ji_view_of(bytes.data, bytes.size), &into->manifest,
                &into->partition, take_live, &loading, err);
        if (status != JOIST_OK)
            ji_error_prefix(err, "%s", into->manifest.path);
    }
    ji_bytes_clear(&bytes);
    into->loaded = status == JOIST_OK;
    return status;
}

enum joist_status ji_snapshot_files_load(
        struct ji_snapshot_files *files, size_t manifest, struct joist_error *err)
{
    pthread_mutex_lock(&files->lock);
    const enum joist_status status = load(files, &files->manifests[manifest], err);
    pthread_mutex_unlock(&files->lock);
    return status;
}

enum joist_status ji_snapshot_files_load_all(struct ji_snapshot_files *files, struct joist_error *err)
{
    for (size_t i = 0; i < files->manifest_count; i++)
        JI_TRY(ji_snapshot_files_load(files, i, err));
    return JOIST_OK;
}

uint64_t ji_snapshot_files_rows(const struct ji_snapshot_files *files)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < files->manifest_count; i++) {
        const struct ji_manifest_file *manifest = &files->manifests[i].manifest;
        if (manifest->added_rows < 0 || manifest->existing_rows < 0 ||
                !ji_add_u64(rows, (uint64_t)manifest->added_rows, &rows) ||
                !ji_add_u64(rows, (uint64_t)manifest->existing_rows, &rows))
            return UINT64_MAX;
    }
    return rows;
}
