/*
 * parquet_scan.c - Parquet files, however old their schemas, scanned as rows of one wanted schema
 *
 *     files --open footer, project--> groups --ji_group_prune--> morsels (file, group, rows, all match?)
 *
 *   1. After planning everything but the counter of rows is immutable: workers share it without a lock.
 *   2. Facts are the file's own; a widened value is the same number, so bounds hold for the wanted type too.
 *   3. A file that did not fit under FILES_OPEN_MAX is opened again by each morsel of it.
 */
#include "scan/parquet_scan.h"

#include <joist/store.h>

#include "base/arena.h"
#include "scan/group_prune.h"
#include "scan/parquet_morsel.h"

#include <stdatomic.h>

#define FILES_OPEN_MAX 64

struct scan_file {
    const char *location;
    struct joist_parquet_file *file; /* NULL where it is opened when needed */
    struct ji_projected *projected;  /* one a column of the schema */
};

struct scan_morsel {
    size_t file;
    size_t group;
    bool all_match;
    const struct ji_row_range *ranges; /* NULL: all rows */
    size_t range_count;
};

struct parquet_scan {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_arena scratch; /* as long as a row group is planned */
    const struct ji_schema *schema;
    struct ji_scan_request request;
    enum ji_match match;
    bool ids_required;
    const struct joist_parquet_open_options *open_options;
    struct scan_file *files;
    size_t file_count;
    size_t files_open;
    struct scan_morsel *morsels;
    size_t morsel_count;
    size_t morsel_room;
    uint64_t rows_planned; /* of morsels that match as a whole: enough for a limit? */
    struct ji_scan_counters counters;
    atomic_uint_fast64_t rows_read;
};

static enum joist_status open_file(const struct parquet_scan *scan, const char *location,
        struct joist_parquet_file **file, struct joist_error *err)
{
    struct joist_source source = {0};
    JI_TRY(joist_source_open(scan->ctx, location, &source, err));
    const enum joist_status status = joist_parquet_open(scan->ctx, source, scan->open_options, file, err);
    if (status != JOIST_OK)
        joist_source_close(&source);
    return status;
}

static const struct ji_value *find_constant(const struct ji_parquet_scan_file *file, size_t column)
{
    for (size_t index = 0; index < file->constant_count; index++) {
        if (file->constants[index].column == column)
            return &file->constants[index].value;
    }
    return NULL;
}

static enum joist_status project_file(struct parquet_scan *scan, const struct ji_parquet_scan_file *from,
        const struct joist_parquet_file *file, const bool *wanted, struct scan_file *to,
        struct joist_error *err)
{
    const struct ji_schema *file_schema = ji_parquet_schema(file);
    const size_t column_count = scan->schema->column_count;
    const struct ji_field_offer offer =
            ji_field_offer_of(file_schema->columns, file_schema->column_count, scan->match);
    JI_TRY(ji_arena_array(&scan->arena, column_count + 1, sizeof *to->projected, &to->projected, err));
    for (size_t column = 0; column < column_count; column++) {
        if (!wanted[column])
            continue;
        const struct ji_field *field = &scan->schema->columns[column];
        const struct ji_value *constant = find_constant(from, column);
        if (constant != NULL && ji_field_match(field, &offer) == SIZE_MAX)
            ji_projected_constant(field, constant, &to->projected[column]);
        else
            JI_TRY(ji_projected_init(&scan->arena, field, &offer, NULL, &to->projected[column], err));
    }
    return JOIST_OK;
}

static enum joist_status add_morsel(
        struct parquet_scan *scan, struct scan_morsel morsel, struct joist_error *err)
{
    if (scan->morsel_count == scan->morsel_room) {
        const size_t room = scan->morsel_room == 0 ? 16 : scan->morsel_room * 2;
        JI_TRY(ji_realloc(
                scan->mem, &scan->morsels, scan->morsel_room * sizeof morsel, room * sizeof morsel, err));
        scan->morsel_room = room;
    }
    scan->morsels[scan->morsel_count++] = morsel;
    return JOIST_OK;
}

/* Whether the morsels so far hold all rows that anybody will ask for. */
static bool enough_rows(const struct parquet_scan *scan)
{
    return scan->request.limit != 0 && scan->rows_planned >= scan->request.limit;
}

static enum joist_status plan_group(struct parquet_scan *scan, size_t index,
        const struct joist_parquet_file *file, size_t group, struct joist_error *err)
{
    const struct ji_group_question question = {.file = file,
            .group = group,
            .schema = scan->schema,
            .projected = scan->files[index].projected,
            .predicate = scan->request.no_prune ? NULL : scan->request.predicate,
            .cancel = scan->request.cancel};
    struct ji_group_answer answer;
    if (enough_rows(scan)) {
        scan->counters.groups_pruned++;
        return JOIST_OK;
    }
    JI_TRY(ji_group_prune(&question, &scan->arena, &scan->scratch, &answer, err));
    scan->counters.pages += answer.pages;
    scan->counters.pages_pruned += answer.pages_pruned;
    /* The line that decides that a row group is skipped: no row of it can satisfy the predicate. */
    if (answer.match == JI_PRUNE_NONE) {
        scan->counters.groups_pruned++;
        return JOIST_OK;
    }
    const bool is_all =
            scan->request.predicate == NULL || (answer.match == JI_PRUNE_ALL && question.predicate != NULL);
    const struct scan_morsel morsel = {index, group, is_all, answer.ranges, answer.range_count};
    JI_TRY(add_morsel(scan, morsel, err));
    if (is_all)
        scan->rows_planned += answer.row_count;
    return JOIST_OK;
}

static enum joist_status plan_groups(struct parquet_scan *scan, size_t index,
        const struct joist_parquet_file *file, struct joist_error *err)
{
    const size_t group_count = joist_parquet_row_group_count(file);
    const size_t morsels_before = scan->morsel_count;
    scan->counters.groups += group_count;
    for (size_t group = 0; group < group_count; group++)
        JI_TRY(plan_group(scan, index, file, group, err));
    if (scan->morsel_count == morsels_before)
        scan->counters.files_pruned++;
    return JOIST_OK;
}

static enum joist_status check_ids(
        const struct parquet_scan *scan, const struct joist_parquet_file *file, struct joist_error *err)
{
    const struct ji_schema *schema = ji_parquet_schema(file);
    if (!scan->ids_required || ji_fields_have_ids(schema->columns, schema->column_count))
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_UNSUPPORTED,
            "columns without field ids in a table whose schema has changed: a name mapping is not supported");
}

static enum joist_status plan_file(struct parquet_scan *scan, const struct ji_parquet_scan_file *from,
        size_t index, const bool *wanted, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct scan_file *to = &scan->files[index];
    struct joist_parquet_file *file = NULL;
    to->location = from->location;
    if (from->file != NULL)
        file = ji_parquet_retain(from->file);
    else
        JI_TRY(open_file(scan, from->location, &file, err));
    const size_t morsels_before = scan->morsel_count;
    JI_TRY_OUT(check_ids(scan, file, err));
    JI_TRY_OUT(project_file(scan, from, file, wanted, to, err));
    JI_TRY_OUT(plan_groups(scan, index, file, err));
    const bool used = scan->morsel_count > morsels_before;
    if (used && (from->file != NULL || scan->files_open < FILES_OPEN_MAX)) {
        to->file = file;
        file = NULL;
        scan->files_open++;
    }

out:
    if (status != JOIST_OK)
        ji_error_place(err, from->location);
    joist_parquet_close(file);
    return status;
}

static enum joist_status plan_files(
        struct parquet_scan *scan, const struct ji_parquet_scan_options *options, struct joist_error *err)
{
    const size_t column_count = scan->schema->column_count;
    bool *wanted = NULL;
    JI_TRY(ji_arena_array(&scan->arena, column_count + 1, sizeof *wanted, &wanted, err));
    JI_TRY(ji_arena_array(&scan->arena, options->file_count + 1, sizeof *scan->files, &scan->files, err));
    scan->file_count = options->file_count;
    scan->counters.files = options->file_count + options->files_pruned;
    scan->counters.files_pruned = options->files_pruned;
    for (size_t index = 0; index < scan->request.column_count; index++)
        wanted[scan->request.columns[index]] = true;
    if (scan->request.predicate != NULL)
        ji_expr_columns(scan->request.predicate, wanted);
    for (size_t index = 0; index < options->file_count; index++) {
        if (enough_rows(scan)) {
            scan->counters.files_pruned++;
            continue;
        }
        JI_TRY(ji_cancel_check(scan->request.cancel, err));
        JI_TRY(plan_file(scan, &options->files[index], index, wanted, err));
    }
    return JOIST_OK;
}

static size_t scan_morsel_count(void *self)
{
    const struct parquet_scan *scan = self;
    return scan->morsel_count;
}

static enum joist_status scan_open_morsel(
        void *self, size_t index, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    struct parquet_scan *scan = self;
    const struct scan_morsel *morsel = &scan->morsels[index];
    const struct scan_file *from = &scan->files[morsel->file];
    struct joist_parquet_file *file = NULL;
    if (from->file != NULL)
        file = ji_parquet_retain(from->file);
    else
        JI_TRY(open_file(scan, from->location, &file, err));
    enum joist_status status = JOIST_OK;
    if (morsel->group >= joist_parquet_row_group_count(file)) {
        status = ji_fail(err, JOIST_ERR_CONFLICT, "the file changed while it was read");
        goto out;
    }
    const struct ji_parquet_morsel_options options = {.ctx = scan->ctx,
            .file = file,
            .group = morsel->group,
            .schema = scan->schema,
            .request = &scan->request,
            .projected = from->projected,
            .all_match = morsel->all_match,
            .ranges = morsel->ranges,
            .range_count = morsel->range_count,
            .rows_read = &scan->rows_read};
    JI_TRY_OUT(ji_parquet_morsel_open(&options, mem, cursor, err));

out:
    if (status != JOIST_OK) {
        joist_parquet_close(file);
        ji_error_place(err, from->location);
    }
    return status;
}

static struct ji_scan_counters scan_counters(void *self)
{
    struct parquet_scan *scan = self;
    struct ji_scan_counters counters = scan->counters;
    counters.rows_read = atomic_load_explicit(&scan->rows_read, memory_order_relaxed);
    return counters;
}

static void scan_close(void *self)
{
    struct parquet_scan *scan = self;
    struct ji_mem *mem = scan->mem;
    for (size_t index = 0; scan->files != NULL && index < scan->file_count; index++)
        joist_parquet_close(scan->files[index].file);
    ji_free(mem, scan->morsels, scan->morsel_room * sizeof *scan->morsels);
    ji_arena_clear(&scan->scratch);
    ji_arena_clear(&scan->arena);
    ji_free(mem, scan, sizeof *scan);
}

enum joist_status ji_parquet_scan_open(struct joist_ctx *ctx, const struct ji_parquet_scan_options *options,
        struct ji_rows_scan *scan, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {
            scan_morsel_count, scan_open_morsel, scan_counters, scan_close};
    struct ji_mem *mem = ji_ctx_mem(ctx);
    struct parquet_scan *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = mem;
    made->schema = options->schema;
    made->request = *options->request;
    made->match = options->match;
    made->ids_required = options->ids_required;
    made->open_options = options->open_options;
    ji_arena_init(&made->arena, mem);
    ji_arena_init(&made->scratch, mem);
    const enum joist_status status = plan_files(made, options, err);
    if (status != JOIST_OK) {
        scan_close(made);
        return status;
    }
    scan->ops = &ops;
    scan->self = made;
    return JOIST_OK;
}
