/*
 * append.c - rows to a table: all of them or none
 *
 *     stream --import--> check and cast --> router --> data files --> commit
 *
 * The first bad row ends it, and everything that was written is removed again. Where the outcome of the
 * commit is not known nothing is removed.
 */
#include "table/write/commit.h"
#include "table/write/partition_router.h"
#include "table/write/row_check.h"

/* A table that stays open from one commit to the next grows by each: after so many it is read afresh. */
#define KEPT_SNAPSHOTS_MAX 4096
#define KEPT_DOCUMENT_BYTES_MAX ((size_t)64 << 20)

struct append {
    struct joist_catalog *catalog;
    struct joist_append_options options;
    struct ji_table *given;
    struct ji_table *table;
    struct ji_arena arena;
    struct ji_bound_partition partition;
    struct ji_batch_stream rows;
    struct ji_row_check *check;
    struct ji_write_files files;
    struct ji_partition_router *router;
    uint64_t row_count;
    struct joist_append_report report;
};

/* What the last commit left open, if it is what the catalog says still; else the table is read. */
static enum joist_status open_table(struct append *append, const char *text, struct joist_error *err)
{
    struct joist_catalog *catalog = append->catalog;
    struct ji_table *kept = catalog->kept;
    struct ji_table_name name;
    const char *location = NULL;
    JI_TRY(ji_catalog_find(catalog, &append->arena, text, &name, &location, err));
    catalog->kept = NULL;
    if (kept != NULL && strcmp(kept->metadata_location, location) == 0 &&
            strcmp(kept->name.table, name.table) == 0 &&
            strcmp(kept->name.name_space, name.name_space) == 0) {
        append->given = kept;
    } else {
        ji_table_close(kept);
        JI_TRY(ji_table_open_at(catalog, &name, location, &append->given, err));
    }
    append->table = append->given;
    return JOIST_OK;
}

static void keep_table(struct append *append)
{
    const struct ji_table *table = append->table;
    size_t grown = table->model.snapshot_count;
    const struct ji_tree_node *read = ji_tree_member(table->model.root, "snapshots");
    grown -= read != NULL ? ji_min_size(read->count, grown) : 0;
    if (grown >= KEPT_SNAPSHOTS_MAX || table->document.size > KEPT_DOCUMENT_BYTES_MAX)
        return;
    append->catalog->kept = append->table;
    if (append->given == append->table)
        append->given = NULL;
    append->table = NULL;
}

static enum joist_status check_table(struct append *append, struct joist_error *err)
{
    const struct ji_table_metadata *model = &append->table->model;
    const struct ji_iceberg_schema *schema = &model->schemas[model->current_schema];
    const struct ji_partition_spec *spec = &model->specs[model->default_spec];
    if (model->format_version != JI_FORMAT_VERSION_WRITTEN)
        return ji_fail(
                err, JOIST_ERR_UNSUPPORTED, "writing Iceberg format version %" PRId32, model->format_version);
    if (schema->unsupported != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s", schema->unsupported);
    return ji_partition_bind(&append->arena, spec, &schema->columns, &append->partition, err);
}

static enum joist_status pump(struct append *append, struct joist_error *err)
{
    for (;;) {
        const struct ji_batch *batch = NULL;
        const struct ji_batch *checked = NULL;
        JI_TRY(ji_cancel_check(append->options.cancel, err));
        JI_TRY(ji_stream_next(&append->rows, &batch, err));
        if (batch == NULL)
            return JOIST_OK;
        JI_TRY(ji_row_check_batch(append->check, batch, &checked, err));
        append->row_count += checked->row_count;
        if (append->router != NULL)
            JI_TRY(ji_partition_router_append(append->router, checked, err));
    }
}

static enum joist_status write_rows(struct append *append, struct joist_error *err)
{
    JI_TRY(pump(append, err));
    if (append->router == NULL)
        return JOIST_OK;
    return ji_partition_router_finish(append->router, err);
}

static enum joist_status commit_files(struct append *append, struct joist_error *err)
{
    bool may_remove = true;
    if (append->files.entry_count == 0)
        return JOIST_OK;
    const enum joist_status status = ji_commit_append(
            append->catalog, &append->table, &append->files, &append->report.snapshot_id, &may_remove, err);
    if (status != JOIST_OK) {
        if (!may_remove)
            append->files.written.count = 0;
        return status;
    }
    keep_table(append);
    return JOIST_OK;
}

static enum joist_status run(
        struct append *append, const char *table, struct ArrowArrayStream *stream, struct joist_error *err)
{
    if (!append->options.validate_only)
        JI_TRY(ji_catalog_writable(append->catalog, err));
    JI_TRY(open_table(append, table, err));
    JI_TRY(check_table(append, err));
    const struct ji_table_metadata *model = &append->table->model;
    const struct ji_schema *columns = &model->schemas[model->current_schema].columns;
    JI_TRY(ji_stream_import(append->catalog->ctx, stream, &append->rows, err));
    JI_TRY(ji_row_check_open(append->catalog->mem, columns, ji_stream_schema(&append->rows),
            append->options.extra_columns == JOIST_EXTRA_IGNORE, &append->check, err));
    if (!append->options.validate_only) {
        JI_TRY(ji_write_files_init(
                &append->files, append->table, &append->partition, append->options.file_bytes_target, err));
        JI_TRY(ji_partition_router_open(&append->files, &append->router, err));
    }
    JI_TRY(write_rows(append, err));
    return commit_files(append, err);
}

enum joist_status joist_table_append(struct joist_catalog *catalog, const char *table,
        struct ArrowArrayStream *stream, const struct joist_append_options *options,
        struct joist_append_report *report, struct joist_error *err)
{
    struct append append = {.catalog = catalog};
    append.options.struct_size = sizeof append.options;
    if (options != NULL)
        memcpy(&append.options, options, ji_min_size(options->struct_size, sizeof append.options));
    catalog->cancel = append.options.cancel;
    ji_arena_init(&append.arena, catalog->mem);
    const enum joist_status status = run(&append, table, stream, err);
    append.report.rows = append.row_count;
    append.report.files = append.files.entry_count;
    append.report.bytes = append.files.bytes;
    append.report.small_files = append.files.small_files;
    ji_partition_router_close(append.router);
    if (status != JOIST_OK)
        ji_locations_remove(catalog->ctx, &append.files.written);
    ji_write_files_clear(&append.files);
    ji_row_check_close(append.check);
    ji_stream_close(&append.rows);
    if (append.table != append.given)
        ji_table_close(append.table);
    ji_table_close(append.given);
    ji_arena_clear(&append.arena);
    catalog->cancel = NULL;
    if (status == JOIST_OK && report != NULL)
        *report = append.report;
    return status;
}
