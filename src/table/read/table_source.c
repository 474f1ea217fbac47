/*
 * table_source.c - a snapshot as something to scan
 *
 *     manifest list --partition summaries--> manifests --partition values, bounds, buckets--> data files
 *          --> scan's Parquet scan: row groups, pages, rows
 *
 *   1. The table's metadata is the source's own: the catalog may be closed.
 *   2. A plan's files and names live in an arena that its scan owns; the source outlives its scans.
 *   3. Columns are found in files by field id. An identity partition's value stands in for a column that a
 *      file lacks.
 */
#include "table/table_source.h"

#include "scan/parquet_scan.h"
#include "table/read/partition_prune.h"
#include "table/read/snapshot_choice.h"

struct table_source {
    struct joist_ctx *ctx;
    struct ji_table *table;
    const struct ji_iceberg_schema *schema;
    struct ji_snapshot_files files;
};

struct table_scan {
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_rows_scan inner;
};

/* --- the scan --- */

static size_t scan_morsel_count(void *self)
{
    const struct table_scan *scan = self;
    return scan->inner.ops->morsel_count(scan->inner.self);
}

static enum joist_status scan_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    const struct table_scan *scan = self;
    return scan->inner.ops->open(scan->inner.self, morsel, mem, cursor, err);
}

static struct ji_scan_counters scan_counters(void *self)
{
    const struct table_scan *scan = self;
    return scan->inner.ops->counters(scan->inner.self);
}

static void scan_close(void *self)
{
    struct table_scan *scan = self;
    if (scan->inner.ops != NULL)
        scan->inner.ops->close(scan->inner.self);
    ji_arena_clear(&scan->arena);
    ji_free(scan->mem, scan, sizeof *scan);
}

static const struct ji_rows_scan_ops SCAN_OPS = {
        .morsel_count = scan_morsel_count,
        .open = scan_open,
        .counters = scan_counters,
        .close = scan_close,
};

/* --- planning --- */

struct planning {
    struct table_source *source;
    struct ji_arena *arena;
    struct ji_parquet_scan_file *files;
    size_t count;
    size_t capacity;
    uint64_t pruned;
};

static enum joist_status constants_of(struct planning *planning, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry, struct ji_parquet_scan_file *file, struct joist_error *err)
{
    const struct ji_schema *columns = &planning->source->schema->columns;
    const struct ji_bound_partition *partition = &manifest->partition;
    struct ji_column_constant *constants = NULL;
    JI_TRY(ji_arena_array(planning->arena, partition->field_count, sizeof *constants, &constants, err));
    for (size_t i = 0; i < partition->field_count; i++) {
        const size_t column = partition->columns[i];
        if (partition->spec->fields[i].transform.kind != JI_TRANSFORM_IDENTITY ||
                partition->sources[i] != &columns->columns[column])
            continue;
        constants[file->constant_count++] =
                (struct ji_column_constant){.column = column, .value = entry->file.partition[i]};
    }
    file->constants = constants;
    return JOIST_OK;
}

static enum joist_status add_file(struct planning *planning, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry, struct joist_error *err)
{
    if (planning->count == planning->capacity) {
        const size_t capacity = planning->capacity == 0 ? 64 : 2 * planning->capacity;
        struct ji_parquet_scan_file *grown = NULL;
        JI_TRY(ji_arena_array(planning->arena, capacity, sizeof *grown, &grown, err));
        if (planning->count > 0)
            memcpy(grown, planning->files, planning->count * sizeof *grown);
        planning->files = grown;
        planning->capacity = capacity;
    }
    struct ji_parquet_scan_file file = {0};
    JI_TRY(ji_location_map(
            planning->arena, &planning->source->table->map, entry->file.path, &file.location, err));
    JI_TRY(constants_of(planning, manifest, entry, &file, err));
    planning->files[planning->count++] = file;
    return JOIST_OK;
}

static enum joist_status choose_files(
        struct planning *planning, const struct ji_scan_request *request, struct joist_error *err)
{
    struct ji_snapshot_files *files = &planning->source->files;
    struct ji_prune_work work;
    JI_TRY(ji_prune_init(
            &work, planning->arena, &planning->source->schema->columns, request->predicate, err));
    for (size_t i = 0; i < files->manifest_count; i++) {
        struct ji_loaded_manifest *manifest = &files->manifests[i];
        if (ji_manifest_is_pruned(&work, manifest)) {
            const struct ji_manifest_file *file = &manifest->manifest;
            planning->pruned += (uint64_t)(file->added_files > 0 ? file->added_files : 0) +
                    (uint64_t)(file->existing_files > 0 ? file->existing_files : 0);
            continue;
        }
        JI_TRY(ji_cancel_check(request->cancel, err));
        JI_TRY(ji_snapshot_files_load(files, i, err));
        for (size_t entry = 0; entry < manifest->entry_count; entry++) {
            if (ji_entry_is_pruned(&work, manifest, &manifest->entries[entry]))
                planning->pruned++;
            else
                JI_TRY(add_file(planning, manifest, &manifest->entries[entry], err));
        }
    }
    return JOIST_OK;
}

static enum joist_status source_plan(
        void *self, const struct ji_scan_request *request, struct ji_rows_scan *scan, struct joist_error *err)
{
    struct table_source *source = self;
    struct table_scan *made = NULL;
    struct ji_mem *mem = ji_ctx_mem(source->ctx);
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    ji_arena_init(&made->arena, mem);
    struct planning planning = {.source = source, .arena = &made->arena};
    JI_TRY_OUT(choose_files(&planning, request, err));
    const struct ji_parquet_scan_options options = {
            .schema = &source->schema->columns,
            .match = JI_MATCH_ID,
            .ids_required = source->table->model.schema_count > 1,
            .files = planning.files,
            .file_count = planning.count,
            .files_pruned = planning.pruned,
            .request = request,
    };
    JI_TRY_OUT(ji_parquet_scan_open(source->ctx, &options, &made->inner, err));
    *scan = (struct ji_rows_scan){.ops = &SCAN_OPS, .self = made};
    return JOIST_OK;
out:
    scan_close(made);
    return status;
}

/* --- the source --- */

static const struct ji_schema *source_schema(void *self)
{
    const struct table_source *source = self;
    return &source->schema->columns;
}

static uint64_t source_row_count(void *self)
{
    const struct table_source *source = self;
    return ji_snapshot_files_rows(&source->files);
}

/* Two disjoint sets of rows; a bound is known where it is for both, or one of them is all null. */
static void unite(const struct ji_field *field, const struct ji_facts *more, struct ji_facts *facts)
{
    const bool more_empty = more->has_null_count && more->null_count == more->row_count;
    const bool empty = facts->has_null_count && facts->null_count == facts->row_count;
    struct ji_facts made = *facts;
    made.row_count = facts->row_count + more->row_count;
    made.has_null_count = facts->has_null_count && more->has_null_count;
    made.null_count = facts->null_count + more->null_count;
    made.has_nan_count = facts->has_nan_count && more->has_nan_count;
    made.nan_count = facts->nan_count + more->nan_count;
    if (!more_empty) {
        if (empty ||
                (more->has_min && facts->has_min && ji_value_compare(field, &more->min, &facts->min) < 0)) {
            made.min = more->min;
            made.min_exact = more->min_exact;
        }
        if (empty ||
                (more->has_max && facts->has_max && ji_value_compare(field, &more->max, &facts->max) > 0)) {
            made.max = more->max;
            made.max_exact = more->max_exact;
        }
        made.has_min = more->has_min && (empty || facts->has_min);
        made.has_max = more->has_max && (empty || facts->has_max);
    }
    *facts = made;
}

static bool source_facts(void *self, size_t column, struct ji_facts *facts)
{
    struct table_source *source = self;
    const struct ji_schema *columns = &source->schema->columns;
    const struct ji_field *field = &columns->columns[column];
    struct ji_facts all = {.has_null_count = true, .has_nan_count = true};
    if (ji_kind_is_nested(field->kind) || ji_snapshot_files_load_all(&source->files, NULL) != JOIST_OK)
        return false;
    for (size_t i = 0; i < source->files.manifest_count; i++) {
        const struct ji_loaded_manifest *manifest = &source->files.manifests[i];
        for (size_t entry = 0; entry < manifest->entry_count; entry++) {
            struct ji_facts one;
            ji_entry_facts(columns, manifest, &manifest->entries[entry], column, &one);
            if (one.row_count > 0)
                unite(field, &one, &all);
        }
    }
    *facts = all;
    return true;
}

static void source_close(void *self)
{
    struct table_source *source = self;
    struct joist_ctx *ctx = source->ctx;
    ji_snapshot_files_clear(&source->files);
    ji_table_close(source->table);
    ji_free(ji_ctx_mem(ctx), source, sizeof *source);
    joist_ctx_close(ctx);
}

static const struct ji_rows_source_ops SOURCE_OPS = {
        .schema = source_schema,
        .row_count = source_row_count,
        .facts = source_facts,
        .plan = source_plan,
        .close = source_close,
};

enum joist_status ji_table_source_open(struct joist_catalog *catalog, const char *table,
        const struct joist_snapshot_choice *choice, struct ji_rows_source *source, struct joist_error *err)
{
    static const struct joist_snapshot_choice PRESENT = {0};
    struct table_source *made = NULL;
    const struct ji_snapshot *snapshot = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(catalog->ctx), 1, sizeof *made, &made, err));
    made->ctx = ji_ctx_retain(catalog->ctx);
    JI_TRY_OUT(ji_table_open(catalog, table, &made->table, err));
    JI_TRY_OUT(ji_snapshot_choose(
            &made->table->model, choice != NULL ? choice : &PRESENT, &snapshot, &made->schema, err));
    if (made->schema->unsupported != NULL) {
        status = ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s", made->schema->unsupported);
        goto out;
    }
    JI_TRY_OUT(ji_snapshot_files_init(&made->files, made->table, snapshot, &made->schema->columns, err));
    *source = (struct ji_rows_source){.ops = &SOURCE_OPS, .self = made};
    return JOIST_OK;
out:
    if (made->table != NULL)
        ji_error_prefix(err, "table '%s'", table);
    source_close(made);
    return status;
}
