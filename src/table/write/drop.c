/*
 * drop.c - a table's row is removed, and its files where that is wanted
 *
 * With `purge` every file is listed first, from all snapshots' manifests, then the row goes, then the
 * files: whoever fails on the way leaves files that nobody names, never a table without its files. A file
 * that metadata does not name is not touched.
 */
#include "table/catalog/catalog.h"
#include "table/iceberg/manifest.h"
#include "table/write/write_files.h"

struct purge {
    struct joist_catalog *catalog;
    struct ji_table *table;
    struct ji_arena arena;
    struct ji_location_list files;
    const char **seen; /* an open hash table of the locations; a power of two */
    size_t seen_size;
};

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
    return hash ^ (hash >> 32);
}

static void remember(struct purge *purge, const char *location)
{
    size_t at = hash_text(location) & (purge->seen_size - 1);
    while (purge->seen[at] != NULL)
        at = (at + 1) & (purge->seen_size - 1);
    purge->seen[at] = location;
}

static bool is_seen(const struct purge *purge, const char *location)
{
    if (purge->seen_size == 0)
        return false;
    size_t at = hash_text(location) & (purge->seen_size - 1);
    for (; purge->seen[at] != NULL; at = (at + 1) & (purge->seen_size - 1)) {
        if (strcmp(purge->seen[at], location) == 0)
            return true;
    }
    return false;
}

static enum joist_status add_file(
        struct purge *purge, const char *location, bool *is_new, struct joist_error *err)
{
    const char *copy = NULL;
    *is_new = !is_seen(purge, location);
    if (!*is_new)
        return JOIST_OK;
    JI_TRY(ji_arena_text(&purge->arena, ji_view_of_text(location), &copy, err));
    JI_TRY(ji_location_add(&purge->arena, &purge->files, copy, err));
    if (2 * purge->files.count <= purge->seen_size) {
        remember(purge, copy);
        return JOIST_OK;
    }
    const size_t size = purge->seen_size == 0 ? 256 : 4 * purge->seen_size;
    JI_TRY(ji_arena_array(&purge->arena, size, sizeof *purge->seen, &purge->seen, err));
    purge->seen_size = size;
    for (size_t i = 0; i < purge->files.count; i++)
        remember(purge, purge->files.items[i]);
    return JOIST_OK;
}

static enum joist_status add_entry(void *arg, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    bool is_new = false;
    return add_file(arg, entry->file.path, &is_new, err);
}

static enum joist_status add_manifest(
        struct purge *purge, const struct ji_manifest_file *manifest, struct joist_error *err)
{
    const struct ji_table_metadata *model = &purge->table->model;
    const struct ji_partition_spec *spec = ji_model_spec(model, manifest->spec_id);
    struct ji_bound_partition partition;
    bool is_new = false;
    JI_TRY(add_file(purge, manifest->path, &is_new, err));
    if (!is_new)
        return JOIST_OK;
    if (spec == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: partition spec %" PRId32 " is not there", manifest->path,
                manifest->spec_id);
    struct ji_arena arena;
    struct ji_bytes bytes;
    ji_arena_init(&arena, purge->table->mem);
    ji_bytes_init(&bytes, purge->table->mem);
    enum joist_status status =
            ji_partition_bind(&arena, spec, &model->schemas[model->current_schema].columns, &partition, err);
    if (status == JOIST_OK)
        status = ji_table_read(purge->table, manifest->path, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK)
        status = ji_manifest_read(
                &arena, ji_view_of(bytes.data, bytes.size), manifest, &partition, add_entry, purge, err);
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
    return status;
}

static enum joist_status add_snapshot(
        struct purge *purge, const struct ji_snapshot *snapshot, struct joist_error *err)
{
    struct ji_manifest_file *manifests = NULL;
    size_t count = 0;
    bool is_new = false;
    if (snapshot->manifest_list == NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "snapshot %" PRId64 " without a manifest list",
                snapshot->snapshot_id);
    JI_TRY(add_file(purge, snapshot->manifest_list, &is_new, err));
    struct ji_arena arena;
    struct ji_bytes bytes;
    ji_arena_init(&arena, purge->table->mem);
    ji_bytes_init(&bytes, purge->table->mem);
    enum joist_status status =
            ji_table_read(purge->table, snapshot->manifest_list, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK)
        status = ji_manifest_list_read(&arena, ji_view_of(bytes.data, bytes.size), &manifests, &count, err);
    for (size_t i = 0; i < count && status == JOIST_OK; i++)
        status = add_manifest(purge, &manifests[i], err);
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
    return status;
}

static enum joist_status add_statistics(struct purge *purge, const char *member, struct joist_error *err)
{
    const struct ji_tree_node *list = ji_tree_member(purge->table->model.root, member);
    for (const struct ji_tree_node *node = list != NULL ? list->first : NULL; node != NULL;
            node = node->next) {
        const struct ji_tree_node *path = ji_tree_member(node, "statistics-path");
        bool is_new = false;
        if (path != NULL && path->kind == JI_TREE_TEXT)
            JI_TRY(add_file(purge, (const char *)path->text.data, &is_new, err));
    }
    return JOIST_OK;
}

static enum joist_status list_files(struct purge *purge, struct joist_error *err)
{
    const struct ji_table_metadata *model = &purge->table->model;
    bool is_new = false;
    for (size_t i = 0; i < model->snapshot_count; i++)
        JI_TRY(add_snapshot(purge, &model->snapshots[i], err));
    for (size_t i = 0; i < model->metadata_log_count; i++)
        JI_TRY(add_file(purge, model->metadata_log[i].metadata_file, &is_new, err));
    JI_TRY(add_statistics(purge, "statistics", err));
    JI_TRY(add_statistics(purge, "partition-statistics", err));
    return add_file(purge, purge->table->metadata_location, &is_new, err);
}

static enum joist_status remove_files(struct purge *purge, uint64_t *removed, struct joist_error *err)
{
    enum joist_status first = JOIST_OK;
    for (size_t i = 0; i < purge->files.count; i++) {
        const enum joist_status status =
                ji_place_remove(purge->catalog->ctx, purge->files.items[i], first == JOIST_OK ? err : NULL);
        if (status == JOIST_OK)
            *removed += 1;
        else if (status != JOIST_ERR_NOT_FOUND && first == JOIST_OK)
            first = status;
    }
    if (first != JOIST_OK)
        ji_error_prefix(err, "the table is dropped, but not all of its files are removed");
    return first;
}

enum joist_status joist_table_drop(struct joist_catalog *catalog, const char *table, bool purge,
        uint64_t *files_removed, struct joist_error *err)
{
    struct purge work = {.catalog = catalog};
    struct ji_table_name name;
    const char *location = NULL;
    uint64_t removed = 0;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&work.arena, catalog->mem);
    JI_TRY_OUT(ji_catalog_writable(catalog, err));
    JI_TRY_OUT(ji_catalog_find(catalog, &work.arena, table, &name, &location, err));
    if (purge) {
        JI_TRY_OUT(ji_table_open_at(catalog, &name, location, &work.table, err));
        JI_TRY_OUT(list_files(&work, err));
    }
    JI_TRY_OUT(ji_catalog_delete(catalog, &name, location, err));
    if (purge)
        JI_TRY_OUT(remove_files(&work, &removed, err));
    if (files_removed != NULL)
        *files_removed = removed;
out:
    ji_table_close(work.table);
    ji_arena_clear(&work.arena);
    return status;
}
