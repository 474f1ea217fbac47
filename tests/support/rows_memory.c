/*
 * rows_memory.c - a rows_source of values written in the test
 */
#include "support/rows_memory.h"

#include "arrow/column_builder.h"
#include "arrow/column_slice.h"

#include <string.h>

struct source {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_schema schema;
    struct rows_memory_options options;
    struct ji_column_builder *builders;
    size_t builder_count;
    struct ji_column *columns;
    size_t row_count;
};

struct scan {
    struct source *source;
    struct ji_scan_request request;
};

struct cursor {
    struct scan *scan;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_evaluator *evaluator;
    size_t at;
    size_t end;
    struct ji_batch batch;
};

static size_t morsel_rows(const struct source *source)
{
    return source->options.morsel_rows == 0 ? source->row_count + 1 : source->options.morsel_rows;
}

static enum joist_status slice_window(
        struct cursor *cursor, size_t rows, struct ji_column **columns, struct joist_error *err)
{
    const struct source *source = cursor->scan->source;
    const size_t count = source->schema.column_count;
    JI_TRY(ji_arena_array(&cursor->arena, count + 1, sizeof **columns, columns, err));
    for (size_t column = 0; column < count; column++)
        JI_TRY(ji_column_slice(
                &cursor->arena, &source->columns[column], cursor->at, rows, &(*columns)[column], err));
    return JOIST_OK;
}

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct cursor *cursor = self;
    const struct source *source = cursor->scan->source;
    const struct ji_scan_request *request = &cursor->scan->request;
    struct ji_column *wide = NULL;
    uint32_t *rows = NULL;
    do {
        ji_arena_reset(&cursor->arena);
        if (cursor->at == cursor->end) {
            *batch = NULL;
            return JOIST_OK;
        }
        size_t count = cursor->end - cursor->at;
        if (source->options.batch_rows != 0)
            count = ji_min_size(count, source->options.batch_rows);
        JI_TRY(slice_window(cursor, count, &wide, err));
        cursor->at += count;
        cursor->batch = (struct ji_batch){.row_count = count,
                .selection_count = count,
                .column_count = source->schema.column_count,
                .columns = wide};
        if (request->predicate == NULL)
            continue;
        JI_TRY(ji_arena_array(&cursor->arena, count, sizeof *rows, &rows, err));
        ji_evaluator_reset(cursor->evaluator);
        JI_TRY(ji_evaluate_filter(cursor->evaluator, request->predicate, &cursor->batch, rows,
                &cursor->batch.selection_count, err));
        cursor->batch.selection = rows;
    } while (cursor->batch.selection_count == 0);
    struct ji_column *picked = NULL;
    JI_TRY(ji_arena_array(&cursor->arena, request->column_count + 1, sizeof *picked, &picked, err));
    for (size_t column = 0; column < request->column_count; column++)
        picked[column] = wide[request->columns[column]];
    cursor->batch.columns = picked;
    cursor->batch.column_count = request->column_count;
    *batch = &cursor->batch;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct cursor *cursor = self;
    ji_evaluator_close(cursor->evaluator);
    ji_arena_clear(&cursor->arena);
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

static enum joist_status scan_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *out, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct scan *scan = self;
    struct cursor *cursor = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *cursor, &cursor, err));
    cursor->scan = scan;
    cursor->mem = mem;
    cursor->at = morsel * morsel_rows(scan->source);
    cursor->end = ji_min_size(cursor->at + morsel_rows(scan->source), scan->source->row_count);
    ji_arena_init(&cursor->arena, mem);
    const enum joist_status status = ji_evaluator_open(scan->source->ctx, mem, &cursor->evaluator, err);
    if (status != JOIST_OK) {
        cursor_close(cursor);
        return status;
    }
    out->ops = &ops;
    out->self = cursor;
    return JOIST_OK;
}

static size_t scan_morsels(void *self)
{
    const struct scan *scan = self;
    const size_t rows = morsel_rows(scan->source);
    return (scan->source->row_count + rows - 1) / rows;
}

static struct ji_scan_counters scan_counters(void *self)
{
    (void)self;
    return (struct ji_scan_counters){.files = 1};
}

static void scan_close(void *self)
{
    struct scan *scan = self;
    ji_free(scan->source->mem, scan, sizeof *scan);
}

static enum joist_status source_plan(
        void *self, const struct ji_scan_request *request, struct ji_rows_scan *out, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {scan_morsels, scan_open, scan_counters, scan_close};
    struct source *source = self;
    struct scan *scan = NULL;
    JI_TRY(ji_alloc_zero(source->mem, 1, sizeof *scan, &scan, err));
    scan->source = source;
    scan->request = *request;
    out->ops = &ops;
    out->self = scan;
    return JOIST_OK;
}

static const struct ji_schema *source_schema(void *self)
{
    return &((struct source *)self)->schema;
}

static uint64_t source_row_count(void *self)
{
    const struct source *source = self;
    return source->options.no_facts ? UINT64_MAX : source->row_count;
}

static bool source_facts(void *self, size_t column, struct ji_facts *facts)
{
    const struct source *source = self;
    const struct ji_field *field = &source->schema.columns[column];
    if (source->options.no_facts || ji_kind_is_nested(field->kind))
        return false;
    *facts = (struct ji_facts){.row_count = source->row_count, .has_null_count = true};
    for (size_t row = 0; row < source->row_count; row++) {
        if (ji_column_is_null(&source->columns[column], row)) {
            facts->null_count++;
            continue;
        }
        const struct ji_value value = ji_column_value(&source->columns[column], row);
        if (!facts->has_min || ji_value_compare(field, &value, &facts->min) < 0)
            facts->min = value;
        if (!facts->has_max || ji_value_compare(field, &value, &facts->max) > 0)
            facts->max = value;
        facts->has_min = facts->has_max = facts->min_exact = facts->max_exact = true;
    }
    return true;
}

static void source_close(void *self)
{
    struct source *source = self;
    for (size_t index = 0; index < source->builder_count; index++)
        ji_column_builder_clear(&source->builders[index]);
    ji_arena_clear(&source->arena);
    ji_free(source->mem, source, sizeof *source);
}

static enum joist_status add_value(
        struct source *source, size_t column, const char *text, size_t bytes, struct joist_error *err)
{
    struct ji_column_builder *builder = &source->builders[column];
    struct ji_value value = {0};
    if (bytes == 0)
        return ji_column_builder_null(builder, err);
    if (bytes == 2 && memcmp(text, "''", 2) == 0)
        bytes = 0;
    JI_TRY(ji_value_parse(builder->field, ji_view_of(text, bytes), &source->arena, &value, err));
    return ji_column_builder_value(builder, &value, err);
}

static enum joist_status add_rows(struct source *source, const char *rows, struct joist_error *err)
{
    for (const char *at = rows; *at != '\0'; source->row_count++) {
        for (size_t column = 0; column < source->schema.column_count; column++) {
            const size_t bytes = strcspn(at, "|\n");
            JI_TRY(add_value(source, column, at, bytes, err));
            at += bytes;
            at += *at != '\0';
        }
    }
    return JOIST_OK;
}

/* Each row a code of its own value: a dictionary with as many entries as rows, repeated ones first met. */
static enum joist_status encode(struct source *source, struct ji_column *column, struct joist_error *err)
{
    int32_t *codes = NULL;
    struct ji_column *values = NULL;
    struct ji_view *views = NULL;
    size_t count = 0;
    const struct ji_view *from = column->values;
    JI_TRY(ji_arena_array(&source->arena, source->row_count + 1, sizeof *codes, &codes, err));
    JI_TRY(ji_arena_array(&source->arena, source->row_count + 1, sizeof *views, &views, err));
    JI_TRY(ji_arena_array(&source->arena, 1, sizeof *values, &values, err));
    views[0] = ji_view_of("", 0);
    for (size_t row = 0; row < source->row_count; row++) {
        size_t code = 0;
        if (ji_column_is_null(column, row))
            continue;
        while (code < count && !ji_view_equal(views[code], from[row]))
            code++;
        if (code == count)
            views[count++] = from[row];
        codes[row] = (int32_t)code;
    }
    *values = (struct ji_column){.field = column->field, .row_count = ji_max_size(count, 1), .values = views};
    column->form = JI_DICTIONARY;
    column->dictionary = values;
    column->values = codes;
    column->values_buffer = NULL;
    column->heap = NULL;
    return JOIST_OK;
}

static enum joist_status fill(
        struct source *source, const char *schema, const char *rows, struct joist_error *err)
{
    JI_TRY(ji_schema_parse(&source->arena, ji_view_of_text(schema), &source->schema, err));
    const size_t count = source->schema.column_count;
    JI_TRY(ji_arena_array(&source->arena, count, sizeof *source->builders, &source->builders, err));
    JI_TRY(ji_arena_array(&source->arena, count, sizeof *source->columns, &source->columns, err));
    for (; source->builder_count < count; source->builder_count++)
        JI_TRY(ji_column_builder_init(&source->builders[source->builder_count], source->mem,
                &source->schema.columns[source->builder_count], err));
    JI_TRY(add_rows(source, rows, err));
    for (size_t column = 0; column < count; column++) {
        JI_TRY(ji_column_builder_finish(
                &source->builders[column], &source->arena, &source->columns[column], err));
        if (source->options.dictionaries && source->schema.columns[column].kind == JI_STRING)
            JI_TRY(encode(source, &source->columns[column], err));
    }
    return JOIST_OK;
}

enum joist_status rows_memory_open(struct joist_ctx *ctx, const char *schema, const char *rows,
        const struct rows_memory_options *options, struct ji_rows_source *source, struct joist_error *err)
{
    static const struct ji_rows_source_ops ops = {
            source_schema, source_row_count, source_facts, source_plan, source_close};
    struct source *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = ji_ctx_mem(ctx);
    if (options != NULL)
        made->options = *options;
    ji_arena_init(&made->arena, made->mem);
    const enum joist_status status = fill(made, schema, rows, err);
    if (status != JOIST_OK) {
        source_close(made);
        return status;
    }
    source->ops = &ops;
    source->self = made;
    return JOIST_OK;
}
