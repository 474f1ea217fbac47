/*
 * commit.c - the way of a snapshot to the table
 *
 *     data files (durable)                                          names: a sync of each data folder
 *     manifest of the new files                                     once: sequence numbers are inherited
 *     attempt:  the parent's manifests  ->  manifest list  ->  <n>-<uuid>.metadata.json  ->  sync of
 *     metadata/
 *               ->  the catalog's row, if it is still what we started from
 *                     DONE     the table is new
 *                     LOST     this attempt's files go; reload, look whether the table is still the same,
 *                     again
 *                     FAILED   all of the commit's files go
 *                     UNKNOWN  nothing goes
 *
 *   1. The snapshot id is fixed before the first attempt: a table that has it already is our own commit,
 *      whose answer was lost.
 *   2. Before the row moves every file it leads to is durable, name and bytes; after it moved nothing can
 *      fail.
 *   3. A crash before leaves the old table and files that nobody names; a crash after leaves the new table.
 *   4. Once the row is about to move the cancel flag is not looked at.
 */
#include "table/write/commit.h"

#include <inttypes.h>
#include <time.h>

#include "base/uuid.h"
#include "table/iceberg/metadata_write.h"
#include "table/write/manifest_merge.h"

#define RETRIES_DEFAULT 100
#define WAIT_MS_MIN_DEFAULT 5
#define WAIT_MS_MAX_DEFAULT 500
#define SUMMARY_MAX 24
#define NUMBER_TEXT_BYTES 24

struct commit {
    struct joist_catalog *catalog;
    struct ji_table *given; /* what the files were made for; they borrow from it */
    struct ji_table *table; /* the same, or what was loaded since */
    const struct ji_write_files *files;
    struct ji_arena arena;           /* of the whole commit */
    struct ji_location_list written; /* the manifest of the new files */
    struct ji_location_list attempt; /* what this attempt has written */
    struct ji_arena attempt_arena;
    int64_t snapshot_id;
    struct ji_manifest_file added;
    const char *uuid;
    const char *folder;
};

/* What each attempt writes and then compares. */
struct attempt {
    struct ji_table_metadata next;
    const char *list_location;
    const char *metadata_location;
};

static enum joist_status metadata_folder(struct ji_arena *arena, const struct ji_table_metadata *model,
        const char **folder, struct joist_error *err)
{
    const char *wanted = ji_model_property(model, "write.metadata.path");
    if (wanted != NULL)
        return ji_arena_text(arena, ji_view_of_text(wanted), folder, err);
    return ji_arena_printf(arena, folder, err, "%s/metadata", model->location);
}

static enum joist_status choose_snapshot_id(struct commit *commit, struct joist_error *err)
{
    do {
        uint64_t random = 0;
        JI_TRY(ji_ctx_random(commit->table->ctx, &random, sizeof random, err));
        commit->snapshot_id = (int64_t)(random & INT64_MAX);
    } while (commit->snapshot_id == 0 ||
            ji_model_snapshot(&commit->table->model, commit->snapshot_id) != NULL);
    return JOIST_OK;
}

/* The number before the '-' of the last part, plus one; 0 where there is none. */
static uint64_t next_version(const char *location)
{
    const char *slash = strrchr(location, '/');
    uint64_t version = 0;
    const char *at = slash == NULL ? location : slash + 1;
    if (*at == 'v')
        at++;
    if (*at < '0' || *at > '9')
        return 0;
    for (; *at >= '0' && *at <= '9' && version < UINT32_MAX; at++)
        version = version * 10 + (uint64_t)(*at - '0');
    return version + 1;
}

/* --- the summary --- */

struct summary {
    struct ji_property items[SUMMARY_MAX];
    size_t count;
    struct ji_arena *arena;
};

static enum joist_status put_number(
        struct summary *summary, const char *key, uint64_t number, struct joist_error *err)
{
    struct ji_property *item = &summary->items[summary->count];
    item->key = key;
    JI_TRY(ji_arena_printf(summary->arena, &item->value, err, "%" PRIu64, number));
    summary->count++;
    return JOIST_OK;
}

/* The parent's total and what is new; left out where the parent does not say. */
static enum joist_status put_total(struct summary *summary, const struct ji_snapshot *parent, const char *key,
        uint64_t added, struct joist_error *err)
{
    uint64_t before = 0;
    if (parent != NULL && !ji_summary_number(parent, key, &before))
        return JOIST_OK;
    if (!ji_add_u64(before, added, &before))
        return JOIST_OK;
    return put_number(summary, key, before, err);
}

static bool same_partition(
        const struct ji_bound_partition *partition, const struct ji_value *a, const struct ji_value *b)
{
    for (size_t i = 0; i < partition->field_count; i++) {
        if (a[i].is_null != b[i].is_null)
            return false;
        if (!a[i].is_null && ji_value_compare(&partition->results[i], &a[i], &b[i]) != 0)
            return false;
    }
    return true;
}

static uint64_t count_partitions(const struct ji_write_files *files)
{
    uint64_t count = 0;
    for (size_t i = 0; i < files->entry_count; i++) {
        size_t before = 0;
        while (before < i &&
                !same_partition(
                        files->partition, files->entries[before].partition, files->entries[i].partition))
            before++;
        count += before == i;
    }
    return count;
}

static enum joist_status make_summary(
        const struct commit *commit, struct summary *summary, struct joist_error *err)
{
    const struct ji_write_files *files = commit->files;
    const struct ji_table_metadata *model = &commit->table->model;
    const struct ji_snapshot *parent = ji_model_snapshot(model, model->current_snapshot_id);
    summary->items[summary->count++] = (struct ji_property){"operation", "append"};
    JI_TRY(put_number(summary, "added-data-files", files->entry_count, err));
    JI_TRY(put_number(summary, "added-records", files->rows, err));
    JI_TRY(put_number(summary, "added-files-size", files->bytes, err));
    JI_TRY(put_number(summary, "changed-partition-count", count_partitions(files), err));
    JI_TRY(put_total(summary, parent, "total-records", files->rows, err));
    JI_TRY(put_total(summary, parent, "total-files-size", files->bytes, err));
    JI_TRY(put_total(summary, parent, "total-data-files", files->entry_count, err));
    JI_TRY(put_total(summary, parent, "total-delete-files", 0, err));
    JI_TRY(put_total(summary, parent, "total-position-deletes", 0, err));
    JI_TRY(put_total(summary, parent, "total-equality-deletes", 0, err));
    summary->items[summary->count++] = (struct ji_property){"engine-name", "joist"};
    summary->items[summary->count++] = (struct ji_property){"engine-version", joist_version()};
    return JOIST_OK;
}

/* --- one attempt --- */

static enum joist_status read_parent(const struct commit *commit, struct ji_arena *arena,
        struct ji_manifest_file **manifests, size_t *count, struct joist_error *err)
{
    const struct ji_table_metadata *model = &commit->table->model;
    const struct ji_snapshot *parent = ji_model_snapshot(model, model->current_snapshot_id);
    *manifests = NULL;
    *count = 0;
    if (parent == NULL)
        return JOIST_OK;
    if (parent->manifest_list == NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "snapshot %" PRId64 " without a manifest list",
                parent->snapshot_id);
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, arena->mem);
    enum joist_status status =
            ji_table_read(commit->table, parent->manifest_list, JI_MANIFEST_BYTES_MAX, &bytes, err);
    if (status == JOIST_OK) {
        status = ji_manifest_list_read(arena, ji_view_of(bytes.data, bytes.size), manifests, count, err);
        if (status != JOIST_OK)
            ji_error_prefix(err, "%s", parent->manifest_list);
    }
    ji_bytes_clear(&bytes);
    return status;
}

static enum joist_status write_list(struct commit *commit, const char *uuid, size_t number,
        struct attempt *attempt, struct joist_error *err)
{
    struct ji_arena *arena = &commit->attempt_arena;
    const struct ji_table_metadata *model = &commit->table->model;
    struct ji_manifest_file *old = NULL;
    struct ji_manifest_file *manifests = NULL;
    size_t old_count = 0;
    size_t count = 0;
    const struct ji_manifest_plan plan = {
            .table = commit->table,
            .files = commit->files,
            .snapshot_id = commit->snapshot_id,
            .sequence_number = model->last_sequence_number + 1,
            .arena = arena,
            .written = &commit->attempt,
            .folder = commit->folder,
            .uuid = uuid,
    };
    JI_TRY(read_parent(commit, arena, &old, &old_count, err));
    JI_TRY(ji_manifests_of_snapshot(&plan, old, old_count, &commit->added, &manifests, &count, err));
    struct ji_manifest_list_header header = {
            .snapshot_id = commit->snapshot_id,
            .parent_id = model->current_snapshot_id,
            .sequence_number = plan.sequence_number,
    };
    JI_TRY(ji_ctx_random(commit->table->ctx, header.sync, sizeof header.sync, err));
    JI_TRY(ji_arena_printf(arena, &attempt->list_location, err, "%s/snap-%" PRId64 "-%zu-%s.avro",
            commit->folder, commit->snapshot_id, number, uuid));
    JI_TRY(ji_location_add(arena, &commit->attempt, attempt->list_location, err));
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, arena->mem);
    enum joist_status status = ji_manifest_list_write(arena->mem, &header, manifests, count, &bytes, err);
    if (status == JOIST_OK)
        status = ji_place_write(
                commit->table->ctx, attempt->list_location, ji_view_of(bytes.data, bytes.size), err);
    ji_bytes_clear(&bytes);
    return status;
}

static enum joist_status write_metadata(
        struct commit *commit, const char *uuid, struct attempt *attempt, struct joist_error *err)
{
    struct ji_table *table = commit->table;
    struct ji_arena *arena = &commit->attempt_arena;
    struct summary summary = {.arena = arena};
    const int64_t now_ms = ji_ctx_now_us(table->ctx) / 1000;
    JI_TRY(make_summary(commit, &summary, err));
    const struct ji_new_snapshot snapshot = {
            .snapshot_id = commit->snapshot_id,
            .sequence_number = table->model.last_sequence_number + 1,
            .timestamp_ms = now_ms > table->model.last_updated_ms ? now_ms : table->model.last_updated_ms,
            .manifest_list = attempt->list_location,
            .summary = summary.items,
            .summary_count = summary.count,
    };
    const uint64_t log_max = ji_model_property_number(
            &table->model, "write.metadata.previous-versions-max", JI_METADATA_LOG_DEFAULT);
    JI_TRY(ji_metadata_append(
            &table->arena, &table->model, table->metadata_location, &snapshot, log_max, &attempt->next, err));
    JI_TRY(ji_arena_printf(arena, &attempt->metadata_location, err, "%s/%05" PRIu64 "-%s.metadata.json",
            commit->folder, next_version(table->metadata_location), uuid));
    JI_TRY(ji_location_add(arena, &commit->attempt, attempt->metadata_location, err));
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, arena->mem);
    enum joist_status status = ji_bytes_reserve(&bytes, table->document.size + 4096, err);
    if (status == JOIST_OK)
        status = ji_metadata_write(&bytes, &attempt->next, err);
    if (status == JOIST_OK)
        status = ji_place_write(
                table->ctx, attempt->metadata_location, ji_view_of(bytes.data, bytes.size), err);
    ji_bytes_clear(&bytes);
    return status;
}

static enum joist_status prepare(
        struct commit *commit, size_t number, struct attempt *attempt, struct joist_error *err)
{
    char uuid[JI_UUID_TEXT_BYTES];
    ji_arena_clear(&commit->attempt_arena);
    commit->attempt = (struct ji_location_list){0};
    JI_TRY(ji_uuid_new(commit->table->ctx, uuid, err));
    JI_TRY(write_list(commit, uuid, number, attempt, err));
    JI_TRY(write_metadata(commit, uuid, attempt, err));
    JI_TRY(ji_place_sync(commit->table->ctx, commit->folder, err));
    return ji_cancel_check(commit->catalog->cancel, err);
}

/* --- between attempts --- */

static void pause_before_retry(const struct commit *commit, size_t number)
{
    const struct ji_table_metadata *model = &commit->table->model;
    uint64_t wait_ms = ji_model_property_number(model, "commit.retry.min-wait-ms", WAIT_MS_MIN_DEFAULT);
    const uint64_t most = ji_model_property_number(model, "commit.retry.max-wait-ms", WAIT_MS_MAX_DEFAULT);
    for (size_t i = 0; i < number && wait_ms < most; i++)
        wait_ms *= 2;
    wait_ms = ji_min_u64(wait_ms, most);
    uint16_t jitter = 0;
    ji_ignore(ji_ctx_random(commit->table->ctx, &jitter, sizeof jitter, NULL), "then all wait the same");
    const uint64_t ns = wait_ms * 500000 + wait_ms * 1000000 / 2 / UINT16_MAX * jitter;
    const struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
    nanosleep(&pause, NULL);
}

/* The files were made for the table as it was: its columns and partitioning must be the same still. */
static enum joist_status check_same(
        const struct ji_table *old, const struct ji_table *fresh, struct joist_error *err)
{
    if (strcmp(old->model.table_uuid, fresh->model.table_uuid) != 0)
        return ji_fail(err, JOIST_ERR_CONFLICT, "table '%s.%s' is another one now", fresh->name.name_space,
                fresh->name.table);
    if (old->model.schemas[old->model.current_schema].schema_id !=
            fresh->model.schemas[fresh->model.current_schema].schema_id)
        return ji_fail(err, JOIST_ERR_CONFLICT, "table '%s.%s' has another schema now",
                fresh->name.name_space, fresh->name.table);
    if (old->model.specs[old->model.default_spec].spec_id !=
            fresh->model.specs[fresh->model.default_spec].spec_id)
        return ji_fail(err, JOIST_ERR_CONFLICT, "table '%s.%s' has another partitioning now",
                fresh->name.name_space, fresh->name.table);
    return JOIST_OK;
}

static enum joist_status reload(struct commit *commit, bool *ours, struct joist_error *err)
{
    struct ji_table *fresh = NULL;
    const char *location = NULL;
    JI_TRY(ji_catalog_location(commit->catalog, &commit->arena, &commit->table->name, &location, err));
    JI_TRY(ji_table_open_at(commit->catalog, &commit->table->name, location, &fresh, err));
    *ours = strcmp(commit->given->model.table_uuid, fresh->model.table_uuid) == 0 &&
            ji_model_snapshot(&fresh->model, commit->snapshot_id) != NULL;
    if (commit->table != commit->given)
        ji_table_close(commit->table);
    commit->table = fresh;
    return JOIST_OK;
}

/* --- the end --- */

/* What fell off the metadata log, where the table wants that gone. */
static void remove_old_metadata(const struct commit *commit, const struct ji_table_metadata *before,
        const struct ji_table_metadata *after)
{
    const char *wanted = ji_model_property(after, "write.metadata.delete-after-commit.enabled");
    if (wanted == NULL || !ji_text_equal_without_case(wanted, "true") || after->metadata_log_count == 0)
        return;
    for (size_t i = 0; i < before->metadata_log_count; i++) {
        if (strcmp(before->metadata_log[i].metadata_file, after->metadata_log[0].metadata_file) == 0)
            return;
        ji_ignore(ji_place_remove(commit->table->ctx, before->metadata_log[i].metadata_file, NULL),
                "an old file more does no harm");
    }
}

static void finish(struct commit *commit, const struct attempt *attempt)
{
    struct ji_table *table = commit->table;
    const struct ji_table_metadata before = table->model;
    remove_old_metadata(commit, &before, &attempt->next);
    table->model = attempt->next;
    if (ji_arena_text(&table->arena, ji_view_of_text(attempt->metadata_location), &table->metadata_location,
                NULL) != JOIST_OK)
        table->metadata_location = ""; /* no catalog says so: it is read again */
}

/*
 * SQLite would not say: the table itself may, by having the snapshot. If it has not, we still do not know
 * for sure.
 */
static enum joist_status after_unknown(struct commit *commit, bool *may_remove, struct joist_error *err)
{
    bool ours = false;
    *may_remove = false;
    if (reload(commit, &ours, NULL) == JOIST_OK && ours)
        return JOIST_OK;
    ji_error_prefix(err, "whether the commit took place is not known, nothing was removed");
    return err->status;
}

static enum joist_status try_until_done(struct commit *commit, bool *may_remove, struct joist_error *err)
{
    const uint64_t retries =
            ji_model_property_number(&commit->table->model, "commit.retry.num-retries", RETRIES_DEFAULT);
    for (size_t number = 0;; number++) {
        struct attempt attempt = {0};
        enum ji_swap swap = JI_SWAP_FAILED;
        if (prepare(commit, number, &attempt, err) == JOIST_OK)
            swap = ji_catalog_swap(commit->catalog, &commit->table->name, commit->table->metadata_location,
                    attempt.metadata_location, &attempt.next, err);
        if (swap == JI_SWAP_DONE) {
            finish(commit, &attempt);
            return JOIST_OK;
        }
        if (swap == JI_SWAP_UNKNOWN)
            return after_unknown(commit, may_remove, err);
        ji_locations_remove(commit->table->ctx, &commit->attempt);
        if (swap == JI_SWAP_FAILED || number >= retries)
            return err->status;
        bool ours = false;
        *err = (struct joist_error){0};
        pause_before_retry(commit, number);
        JI_TRY(reload(commit, &ours, err));
        JI_TRY(check_same(commit->given, commit->table, err));
        JI_TRY(ji_cancel_check(commit->catalog->cancel, err));
    }
}

static enum joist_status write_manifest(struct commit *commit, struct joist_error *err)
{
    char uuid[JI_UUID_TEXT_BYTES];
    JI_TRY(metadata_folder(&commit->arena, &commit->table->model, &commit->folder, err));
    JI_TRY(choose_snapshot_id(commit, err));
    JI_TRY(ji_uuid_new(commit->table->ctx, uuid, err));
    const struct ji_manifest_plan plan = {
            .table = commit->table,
            .files = commit->files,
            .snapshot_id = commit->snapshot_id,
            .arena = &commit->arena,
            .written = &commit->written,
            .folder = commit->folder,
            .uuid = uuid,
    };
    JI_TRY(ji_manifest_of_files(&plan, &commit->added, err));
    for (size_t i = 0; i < commit->files->folders.count; i++)
        JI_TRY(ji_place_sync(commit->table->ctx, commit->files->folders.items[i], err));
    return JOIST_OK;
}

enum joist_status ji_commit_append(struct joist_catalog *catalog, struct ji_table **table,
        const struct ji_write_files *files, int64_t *snapshot_id, bool *may_remove, struct joist_error *err)
{
    struct joist_error own = {0};
    struct commit commit = {.catalog = catalog, .given = *table, .table = *table, .files = files};
    ji_arena_init(&commit.arena, files->mem);
    ji_arena_init(&commit.attempt_arena, files->mem);
    *may_remove = true;
    enum joist_status status = write_manifest(&commit, &own);
    if (status == JOIST_OK)
        status = try_until_done(&commit, may_remove, &own);
    if (status != JOIST_OK && *may_remove)
        ji_locations_remove((*table)->ctx, &commit.written);
    if (status != JOIST_OK && err != NULL)
        *err = own;
    *table = commit.table;
    if (status == JOIST_OK)
        *snapshot_id = commit.snapshot_id;
    ji_arena_clear(&commit.attempt_arena);
    ji_arena_clear(&commit.arena);
    return status;
}
