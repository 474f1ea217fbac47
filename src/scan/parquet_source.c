/*
 * parquet_source.c - Parquet files of one schema as a rows_source
 *
 *   1. The first FILES_OPEN_MAX files stay open; the others are opened again by each plan.
 *   2. Facts are given only where all files are open: their values live in the footers.
 */
#include "scan/parquet_source.h"

#include <joist/store.h>

#include "scan/parquet_scan.h"

#define FILES_OPEN_MAX 64

struct parquet_source {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_parquet_scan_file *files; /* `file` NULL from FILES_OPEN_MAX on */
    size_t file_count;
    struct ji_schema schema;
    uint64_t rows;
    struct joist_parquet_open_options options;
    struct joist_parquet_keys keys; /* what options.keys points to, where it does */
};

static const struct ji_schema *source_schema(void *self)
{
    const struct parquet_source *source = self;
    return &source->schema;
}

static uint64_t source_row_count(void *self)
{
    const struct parquet_source *source = self;
    return source->rows;
}

static size_t field_place(const struct ji_schema *schema, const char *name)
{
    for (size_t column = 0; column < schema->column_count; column++) {
        if (strcmp(schema->columns[column].name, name) == 0)
            return column;
    }
    return SIZE_MAX;
}

static void take_bounds(const struct ji_field *field, const struct ji_facts *from, struct ji_facts *to)
{
    if (!from->has_min || (to->has_min && ji_value_compare(field, &from->min, &to->min) < 0)) {
        to->has_min = to->has_min && from->has_min;
        to->min = from->min;
        to->min_exact = from->min_exact;
    }
    if (!from->has_max || (to->has_max && ji_value_compare(field, &from->max, &to->max) > 0)) {
        to->has_max = to->has_max && from->has_max;
        to->max = from->max;
        to->max_exact = from->max_exact;
    }
}

/* `to` speaks of more rows afterwards. `first`: it spoke of none that had a value. */
static void add_facts(
        const struct ji_field *field, const struct ji_facts *from, bool first, struct ji_facts *to)
{
    const bool empty = from->has_null_count && from->null_count == from->row_count;
    to->row_count += from->row_count;
    to->has_null_count = to->has_null_count && from->has_null_count;
    to->null_count += from->null_count;
    to->has_nan_count = to->has_nan_count && from->has_nan_count;
    to->nan_count += from->nan_count;
    if (empty)
        return;
    if (!first) {
        take_bounds(field, from, to);
        return;
    }
    to->has_min = from->has_min;
    to->has_max = from->has_max;
    to->min_exact = from->min_exact;
    to->max_exact = from->max_exact;
    to->min = from->min;
    to->max = from->max;
}

/* A bound that is not exact may hide a smaller exact one: the least of bounds is exact only where all are. */
static bool source_facts(void *self, size_t column, struct ji_facts *facts)
{
    const struct parquet_source *source = self;
    const struct ji_field *field = &source->schema.columns[column];
    struct ji_facts all = {.has_null_count = true, .has_nan_count = true};
    bool first = true;
    bool min_exact = true;
    bool max_exact = true;
    for (size_t index = 0; index < source->file_count; index++) {
        const struct joist_parquet_file *file = source->files[index].file;
        if (file == NULL)
            return false;
        const size_t place = field_place(ji_parquet_schema(file), field->name);
        for (size_t group = 0; group < joist_parquet_row_group_count(file); group++) {
            struct ji_facts part;
            size_t leaf = 0;
            if (place == SIZE_MAX || !ji_parquet_leaf(file, &place, 1, &leaf) ||
                    !ji_parquet_group_facts(file, group, leaf, &part))
                return false;
            if (part.row_count == 0)
                continue;
            add_facts(field, &part, first, &all);
            const bool empty = part.has_null_count && part.null_count == part.row_count;
            first = first && empty;
            min_exact = min_exact && (empty || part.min_exact);
            max_exact = max_exact && (empty || part.max_exact);
        }
    }
    all.min_exact = all.min_exact && min_exact;
    all.max_exact = all.max_exact && max_exact;
    *facts = all;
    return true;
}

static enum joist_status source_plan(
        void *self, const struct ji_scan_request *request, struct ji_rows_scan *scan, struct joist_error *err)
{
    const struct parquet_source *source = self;
    const struct ji_parquet_scan_options options = {.schema = &source->schema,
            .match = JI_MATCH_NAME,
            .files = source->files,
            .file_count = source->file_count,
            .open_options = &source->options,
            .request = request};
    return ji_parquet_scan_open(source->ctx, &options, scan, err);
}

static void source_close(void *self)
{
    struct parquet_source *source = self;
    struct ji_mem *mem = source->mem;
    for (size_t index = 0; source->files != NULL && index < source->file_count; index++)
        joist_parquet_close(source->files[index].file);
    ji_arena_clear(&source->arena);
    ji_free(mem, source, sizeof *source);
}

/*
 * The first file's schema is the source's, and is borrowed from it, which stays open: it may have ten
 * thousand columns. Nullable is what is nullable in any file.
 */
static enum joist_status take_schema(
        struct parquet_source *source, const struct ji_schema *schema, bool first, struct joist_error *err)
{
    if (first) {
        source->schema = (struct ji_schema){.column_count = schema->column_count, .columns = schema->columns};
        return JOIST_OK;
    }
    if (schema->column_count != source->schema.column_count)
        return ji_fail(err, JOIST_ERR_INVALID, "%zu columns, but %zu in '%s'", schema->column_count,
                source->schema.column_count, source->files[0].location);
    struct ji_field *fields = NULL;
    JI_TRY(ji_arena_array(&source->arena, schema->column_count + 1, sizeof *fields, &fields, err));
    for (size_t column = 0; column < schema->column_count; column++) {
        fields[column] = source->schema.columns[column];
        const bool is_there = strcmp(schema->columns[column].name, fields[column].name) == 0;
        const size_t place = is_there ? column : field_place(schema, fields[column].name);
        if (place == SIZE_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "no column '%s', which '%s' has", fields[column].name,
                    source->files[0].location);
        if (!ji_type_equal(&schema->columns[place], &fields[column]))
            return ji_fail(err, JOIST_ERR_INVALID, "column '%s' has another type than in '%s'",
                    fields[column].name, source->files[0].location);
        fields[column].nullable = fields[column].nullable || schema->columns[place].nullable;
    }
    source->schema.columns = fields;
    return JOIST_OK;
}

static enum joist_status open_file(struct parquet_source *source, size_t index, struct joist_error *err)
{
    const char *location = source->files[index].location;
    struct joist_source bytes = {0};
    struct joist_parquet_file *file = NULL;
    JI_TRY(joist_source_open(source->ctx, location, &bytes, err));
    enum joist_status status = joist_parquet_open(source->ctx, bytes, &source->options, &file, err);
    if (status != JOIST_OK) {
        joist_source_close(&bytes);
        return status;
    }
    status = take_schema(source, ji_parquet_schema(file), index == 0, err);
    if (status != JOIST_OK)
        ji_error_place(err, location);
    else
        source->rows += joist_parquet_row_count(file);
    if (status == JOIST_OK && index < FILES_OPEN_MAX)
        source->files[index].file = file;
    else
        joist_parquet_close(file);
    return status;
}

static enum joist_status open_files(
        struct parquet_source *source, const char *const *locations, size_t count, struct joist_error *err)
{
    JI_TRY(ji_arena_array(&source->arena, count, sizeof *source->files, &source->files, err));
    source->file_count = count;
    for (size_t index = 0; index < count; index++) {
        JI_TRY(ji_arena_text(
                &source->arena, ji_view_of_text(locations[index]), &source->files[index].location, err));
        JI_TRY(open_file(source, index, err));
    }
    return JOIST_OK;
}

/* A caller built against an older, shorter struct leaves the fields behind it at their defaults. */
static void copy_options(struct parquet_source *source, const struct joist_parquet_open_options *options)
{
    source->options.struct_size = sizeof source->options;
    if (options == NULL)
        return;
    memcpy(&source->options, options, ji_min_size(options->struct_size, sizeof source->options));
    source->options.struct_size = sizeof source->options;
    if (source->options.keys != NULL) {
        source->keys = *source->options.keys;
        source->options.keys = &source->keys;
    }
}

enum joist_status ji_parquet_source_open(struct joist_ctx *ctx, const char *const *locations, size_t count,
        const struct joist_parquet_open_options *options, struct ji_rows_source *source,
        struct joist_error *err)
{
    static const struct ji_rows_source_ops ops = {
            source_schema, source_row_count, source_facts, source_plan, source_close};
    struct parquet_source *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = ji_ctx_mem(ctx);
    copy_options(made, options);
    ji_arena_init(&made->arena, made->mem);
    const enum joist_status status = open_files(made, locations, count, err);
    if (status != JOIST_OK) {
        source_close(made);
        return status;
    }
    source->ops = &ops;
    source->self = made;
    return JOIST_OK;
}
