/*
 * manifest_merge.c - the manifests of a new snapshot
 *
 *     few:   [m1] [m2] ... [m98]          + new            -> [new] [m1] ... [m98]
 *     many:  [m1] [m2] ... [m99] small    + new entries    -> [m1..m99 as existing, new as added] [large
 *     ones]
 *
 *   1. A manifest of deletes, of another partitioning or at its target size is kept as it is.
 *   2. Merged entries become "existing" and carry the snapshot and the sequence numbers they had; deleted
 *      ones go.
 *   3. The order of the list is newest first, as other engines write it.
 */
#include "table/write/manifest_merge.h"

#include <inttypes.h>

#define MERGE_COUNT_DEFAULT 100
#define TARGET_BYTES_DEFAULT ((uint64_t)8 << 20)

struct writing {
    const struct ji_manifest_plan *plan;
    const struct ji_bound_partition *partition;
    struct ji_bytes bytes;
    struct ji_manifest_writer *writer;
    uint64_t live;
};

static enum joist_status begin(struct writing *writing, struct joist_error *err)
{
    const struct ji_table_metadata *model = &writing->plan->table->model;
    struct ji_manifest_writer_options options = {
            .schema = &model->schemas[model->current_schema],
            .partition = writing->partition,
    };
    ji_bytes_init(&writing->bytes, writing->plan->arena->mem);
    JI_TRY(ji_ctx_random(writing->plan->table->ctx, options.sync, sizeof options.sync, err));
    return ji_manifest_writer_open(
            writing->plan->arena->mem, &options, &writing->bytes, &writing->writer, err);
}

static void drop(struct writing *writing)
{
    ji_manifest_writer_close(writing->writer);
    ji_bytes_clear(&writing->bytes);
}

static enum joist_status add_new(struct writing *writing, struct joist_error *err)
{
    const struct ji_manifest_plan *plan = writing->plan;
    for (size_t i = 0; i < plan->files->entry_count; i++) {
        const struct ji_manifest_entry entry = {
                .status = JI_ENTRY_ADDED,
                .snapshot_id = plan->snapshot_id,
                .sequence_number = JI_NUMBER_ABSENT,
                .file_sequence_number = JI_NUMBER_ABSENT,
                .file = plan->files->entries[i],
        };
        JI_TRY(ji_manifest_writer_append(writing->writer, &entry, err));
    }
    return JOIST_OK;
}

/* Ends the file and writes it; its name is durable once the folder is synced. */
static enum joist_status put(
        struct writing *writing, struct ji_manifest_file *manifest, struct joist_error *err)
{
    const struct ji_manifest_plan *plan = writing->plan;
    const char *location = NULL;
    struct ji_manifest_file made;
    JI_TRY(ji_manifest_writer_finish(writing->writer, plan->arena, &made, err));
    JI_TRY(ji_arena_printf(
            plan->arena, &location, err, "%s/%s-m%zu.avro", plan->folder, plan->uuid, plan->written->count));
    JI_TRY(ji_location_add(plan->arena, plan->written, location, err));
    JI_TRY(ji_place_write(
            plan->table->ctx, location, ji_view_of(writing->bytes.data, writing->bytes.size), err));
    made.path = location;
    made.added_snapshot_id = plan->snapshot_id;
    *manifest = made;
    return JOIST_OK;
}

enum joist_status ji_manifest_of_files(
        const struct ji_manifest_plan *plan, struct ji_manifest_file *manifest, struct joist_error *err)
{
    struct writing writing = {.plan = plan, .partition = plan->files->partition};
    enum joist_status status = begin(&writing, err);
    if (status == JOIST_OK)
        status = add_new(&writing, err);
    if (status == JOIST_OK)
        status = put(&writing, manifest, err);
    drop(&writing);
    return status;
}

static enum joist_status take_existing(
        void *arg, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    struct writing *writing = arg;
    if (entry->status == JI_ENTRY_DELETED)
        return JOIST_OK;
    struct ji_manifest_entry kept = *entry;
    kept.status = JI_ENTRY_EXISTING;
    writing->live++;
    return ji_manifest_writer_append(writing->writer, &kept, err);
}

static enum joist_status copy_manifest(
        struct writing *writing, const struct ji_manifest_file *manifest, struct joist_error *err)
{
    const struct ji_table *table = writing->plan->table;
    struct ji_arena arena;
    struct ji_bytes bytes;
    ji_arena_init(&arena, table->mem);
    ji_bytes_init(&bytes, table->mem);
    enum joist_status status = ji_table_read(table, manifest->path, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK) {
        status = ji_manifest_read(&arena, ji_view_of(bytes.data, bytes.size), manifest, writing->partition,
                take_existing, writing, err);
        if (status != JOIST_OK)
            ji_error_prefix(err, "%s", manifest->path);
    }
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
    return status;
}

static bool is_small(
        const struct ji_manifest_plan *plan, const struct ji_manifest_file *manifest, uint64_t target)
{
    return manifest->content == JI_MANIFEST_DATA && manifest->key_metadata.data == NULL &&
            manifest->spec_id == plan->files->partition->spec->spec_id && manifest->length >= 0 &&
            (uint64_t)manifest->length < target;
}

static enum joist_status merge(const struct ji_manifest_plan *plan, const struct ji_manifest_file *old,
        size_t old_count, uint64_t target, struct ji_manifest_file *merged, struct joist_error *err)
{
    struct writing writing = {.plan = plan, .partition = plan->files->partition};
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(begin(&writing, err));
    JI_TRY_OUT(add_new(&writing, err));
    for (size_t i = 0; i < old_count; i++) {
        if (is_small(plan, &old[i], target))
            JI_TRY_OUT(copy_manifest(&writing, &old[i], err));
    }
    JI_TRY_OUT(put(&writing, merged, err));
out:
    drop(&writing);
    return status;
}

static void number(const struct ji_manifest_plan *plan, struct ji_manifest_file *manifest)
{
    manifest->sequence_number = plan->sequence_number;
    if (manifest->min_sequence_number == JI_NUMBER_ABSENT)
        manifest->min_sequence_number = plan->sequence_number;
}

enum joist_status ji_manifests_of_snapshot(const struct ji_manifest_plan *plan,
        const struct ji_manifest_file *old, size_t old_count, const struct ji_manifest_file *added,
        struct ji_manifest_file **manifests, size_t *count, struct joist_error *err)
{
    const struct ji_table_metadata *model = &plan->table->model;
    const char *enabled = ji_model_property(model, "commit.manifest-merge.enabled");
    const uint64_t merge_at =
            ji_model_property_number(model, "commit.manifest.min-count-to-merge", MERGE_COUNT_DEFAULT);
    const uint64_t target =
            ji_model_property_number(model, "commit.manifest.target-size-bytes", TARGET_BYTES_DEFAULT);
    struct ji_manifest_file *made = NULL;
    uint64_t small = 0;
    for (size_t i = 0; i < old_count; i++)
        small += is_small(plan, &old[i], target);
    const bool merges =
            small > 0 && small + 1 >= merge_at && (enabled == NULL || strcmp(enabled, "false") != 0);
    JI_TRY(ji_arena_array(plan->arena, old_count + 1, sizeof *made, &made, err));
    size_t size = 1;
    if (merges)
        JI_TRY(merge(plan, old, old_count, target, &made[0], err));
    else
        made[0] = *added;
    number(plan, &made[0]);
    for (size_t i = 0; i < old_count; i++) {
        if (!merges || !is_small(plan, &old[i], target))
            made[size++] = old[i];
    }
    *manifests = made;
    *count = size;
    return JOIST_OK;
}
