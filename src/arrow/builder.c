/*
 * builder.c - joist_builder: rows value by value, without Arrow
 *
 *     frames:  [row: next column 2] [list: -] [struct: next field 1]      a value goes to the innermost
 *
 *   1. `rows` are finished; every column builder holds those rows, and those left of the row frame's `next`
 *      one more.
 *   2. A call that fails has changed nothing, so that the row can be gone on with, or dropped.
 *   3. What `take` moves out has its own pool: stream and builder live apart.
 */
#include "arrow/batch_stream.h"
#include "arrow/column_builder.h"
#include "arrow/column_slice.h"
#include "base/decimal.h"
#include "kernel/utf8.h"

#include <assert.h>

struct frame {
    struct ji_column_builder *builder; /* of the nested value; NULL: the row */
    size_t next;                       /* STRUCT and row: the child that comes; MAP: 0 key, 1 value */
};

/* Columns with their rows: what builder and stream hand from one to the other. */
struct row_set {
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_schema schema;
    struct ji_column_builder *columns;
    size_t row_count;
};

struct joist_builder {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena; /* the schema */
    struct ji_arena parse_arena;
    struct ji_schema schema;
    struct row_set *rows;
    uint64_t rows_taken;
    unsigned depth;
    struct frame frames[JI_SCHEMA_DEPTH_MAX + 1];
};

/* --- row sets --- */

static void row_set_close(struct row_set *set)
{
    if (set == NULL)
        return;
    struct ji_mem *mem = set->mem;
    if (set->columns != NULL) {
        for (size_t i = 0; i < set->schema.column_count; i++)
            ji_column_builder_clear(&set->columns[i]);
    }
    ji_arena_clear(&set->arena);
    ji_free(mem, set, sizeof *set);
    ji_mem_close(mem);
}

static enum joist_status row_set_open(
        struct joist_ctx *ctx, const struct ji_schema *schema, struct row_set **out, struct joist_error *err)
{
    struct ji_mem *mem;
    struct row_set *set;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "row builder", sizeof *set, &mem, &set, err));
    set->mem = mem;
    ji_arena_init(&set->arena, mem);
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_schema_copy(&set->arena, schema, &set->schema, err));
    JI_TRY_OUT(ji_arena_array(&set->arena, schema->column_count, sizeof *set->columns, &set->columns, err));
    for (size_t i = 0; i < schema->column_count; i++)
        JI_TRY_OUT(ji_column_builder_init(&set->columns[i], mem, &set->schema.columns[i], err));
    *out = set;
    return JOIST_OK;
out:
    row_set_close(set);
    return status;
}

/* --- the stream of a taken row set --- */

struct taken_stream {
    struct row_set *set;
    struct ji_arena arena; /* of the batch */
    struct ji_column *columns;
    size_t given;
    struct ji_batch batch;
};

static const struct ji_schema *taken_schema(void *self_)
{
    const struct taken_stream *self = self_;
    return &self->set->schema;
}

static enum joist_status taken_next(void *self_, const struct ji_batch **batch, struct joist_error *err)
{
    struct taken_stream *self = self_;
    const size_t count = ji_min_size(self->set->row_count - self->given, JI_BATCH_ROWS_MAX);
    const size_t columns = self->set->schema.column_count;
    if (count == 0) {
        *batch = NULL;
        return JOIST_OK;
    }
    ji_arena_reset(&self->arena);
    struct ji_column *slices;
    JI_TRY(ji_arena_array(&self->arena, columns, sizeof *slices, &slices, err));
    for (size_t i = 0; i < columns; i++)
        JI_TRY(ji_column_slice(&self->arena, &self->columns[i], self->given, count, &slices[i], err));
    self->batch = (struct ji_batch){
            .row_count = count, .selection_count = count, .column_count = columns, .columns = slices};
    self->given += count;
    *batch = &self->batch;
    return JOIST_OK;
}

static void taken_close(void *self_)
{
    struct taken_stream *self = self_;
    ji_arena_clear(&self->arena);
    row_set_close(self->set);
}

/* The stream's own memory is the set's. */
static enum joist_status open_taken(
        struct row_set *set, struct ji_batch_stream *stream, struct joist_error *err)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = taken_schema, .next = taken_next, .close = taken_close};
    struct taken_stream *self;
    const size_t count = set->schema.column_count;
    JI_TRY(ji_arena_array(&set->arena, 1, sizeof *self, &self, err));
    JI_TRY(ji_arena_array(&set->arena, count, sizeof *self->columns, &self->columns, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(ji_column_builder_finish(&set->columns[i], &set->arena, &self->columns[i], err));
    self->set = set;
    ji_arena_init(&self->arena, set->mem);
    *stream = (struct ji_batch_stream){.ops = &ops, .self = self};
    return JOIST_OK;
}

/* --- the builder --- */

enum joist_status joist_builder_open(struct joist_ctx *ctx, const char *schema_text,
        struct joist_builder **builder, struct joist_error *err)
{
    struct ji_mem *mem;
    struct joist_builder *opened;
    if (ctx == NULL || schema_text == NULL || builder == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_builder_open wants a context and a schema's text");
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "builder", sizeof *opened, &mem, &opened, err));
    opened->ctx = ji_ctx_retain(ctx);
    opened->mem = mem;
    ji_arena_init(&opened->arena, mem);
    ji_arena_init(&opened->parse_arena, mem);
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_schema_parse(&opened->arena, ji_view_of_text(schema_text), &opened->schema, err));
    JI_TRY_OUT(row_set_open(ctx, &opened->schema, &opened->rows, err));
    *builder = opened;
    return JOIST_OK;
out:
    joist_builder_close(opened);
    return status;
}

void joist_builder_close(struct joist_builder *builder)
{
    if (builder == NULL)
        return;
    struct joist_ctx *ctx = builder->ctx;
    struct ji_mem *mem = builder->mem;
    row_set_close(builder->rows);
    ji_arena_clear(&builder->parse_arena);
    ji_arena_clear(&builder->arena);
    ji_free(mem, builder, sizeof *builder);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

size_t joist_builder_rows(const struct joist_builder *builder)
{
    return builder->rows->row_count;
}

static uint64_t row_number(const struct joist_builder *builder)
{
    return builder->rows_taken + builder->rows->row_count + 1;
}

/* Puts row and column before what the error says. */
static enum joist_status fail_in(const struct joist_builder *builder, enum joist_status status,
        const struct ji_column_builder *target, struct joist_error *err)
{
    const size_t column = builder->frames[0].next;
    const struct ji_schema *schema = &builder->schema;
    if (column < schema->column_count && target != NULL)
        ji_error_prefix(
                err, "row %" PRIu64 ", column '%.200s'", row_number(builder), schema->columns[column].name);
    else
        ji_error_prefix(err, "row %" PRIu64, row_number(builder));
    return status;
}

/* Where the next value goes; NULL where the frame has all it wants. */
static struct ji_column_builder *target_of(const struct joist_builder *builder)
{
    const struct frame *frame = &builder->frames[builder->depth];
    if (frame->builder == NULL)
        return frame->next < builder->schema.column_count ? &builder->rows->columns[frame->next] : NULL;
    struct ji_column_builder *nested = frame->builder;
    switch (nested->field->kind) {
    case JI_LIST:
        return &nested->children[0];
    case JI_MAP:
        return &nested->children[0].children[frame->next];
    default:
        return frame->next < nested->field->child_count ? &nested->children[frame->next] : NULL;
    }
}

static enum joist_status want_target(
        const struct joist_builder *builder, struct ji_column_builder **target, struct joist_error *err)
{
    *target = target_of(builder);
    if (*target != NULL)
        return JOIST_OK;
    const char *what = builder->depth == 0 ? "row" : "struct";
    (void)ji_fail(err, JOIST_ERR_INVALID, "more values than the %s has", what);
    return fail_in(builder, JOIST_ERR_INVALID, NULL, err);
}

/* The value in the target is whole: on to the next. A map's pair is closed behind its value. */
static void advance(struct joist_builder *builder)
{
    struct frame *frame = &builder->frames[builder->depth];
    if (frame->builder == NULL || frame->builder->field->kind == JI_STRUCT) {
        frame->next++;
    } else if (frame->builder->field->kind == JI_MAP) {
        if (frame->next == 1)
            ji_ignore(ji_column_builder_nested(&frame->builder->children[0], NULL),
                    "a struct that is never null has no memory of its own");
        frame->next = 1 - frame->next;
    }
}

static enum joist_status put(struct joist_builder *builder, struct ji_column_builder *target,
        const struct ji_value *value, struct joist_error *err)
{
    const enum joist_status status = ji_column_builder_value(target, value, err);
    if (status != JOIST_OK)
        return fail_in(builder, status, target, err);
    advance(builder);
    return JOIST_OK;
}

static enum joist_status fail_kind(const struct joist_builder *builder,
        const struct ji_column_builder *target, const char *given, struct joist_error *err)
{
    struct ji_arena arena;
    const char *type = "another type";
    ji_arena_init(&arena, builder->mem);
    ji_ignore(ji_type_text(&arena, target->field, &type, NULL), "the text of an error can do without");
    (void)ji_fail(err, JOIST_ERR_INVALID, "%s where %.100s is due", given, type);
    ji_arena_clear(&arena);
    return fail_in(builder, JOIST_ERR_INVALID, target, err);
}

enum joist_status joist_builder_null(struct joist_builder *builder, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    if (!target->field->nullable) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "null where a value is required");
        return fail_in(builder, JOIST_ERR_INVALID, target, err);
    }
    const enum joist_status status = ji_column_builder_null(target, err);
    if (status != JOIST_OK)
        return fail_in(builder, status, target, err);
    advance(builder);
    return JOIST_OK;
}

enum joist_status joist_builder_bool(struct joist_builder *builder, bool value, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    if (target->field->kind != JI_BOOL)
        return fail_kind(builder, target, "a boolean", err);
    const struct ji_value given = {.as.boolean = value};
    return put(builder, target, &given, err);
}

enum joist_status joist_builder_int64(struct joist_builder *builder, int64_t value, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    const struct ji_field *field = target->field;
    const bool takes = ji_kind_is_integer(field->kind) || field->kind == JI_DATE || field->kind == JI_TIME ||
            field->kind == JI_TIMESTAMP;
    if (!takes)
        return fail_kind(builder, target, "an integer", err);
    if (!ji_kind_holds(field, value)) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " is out of range", value);
        return fail_in(builder, JOIST_ERR_INVALID, target, err);
    }
    struct ji_value given = {.as.integer = value};
    if (field->kind == JI_UINT64)
        given.as.unsigned_integer = (uint64_t)value;
    return put(builder, target, &given, err);
}

enum joist_status joist_builder_double(struct joist_builder *builder, double value, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    const enum ji_kind kind = target->field->kind;
    if (kind != JI_DOUBLE && kind != JI_FLOAT)
        return fail_kind(builder, target, "a double", err);
    const bool finite = value - value == 0;
    if (kind == JI_FLOAT && finite && (value > 0x1.fffffep127 || value < -0x1.fffffep127)) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "a double that no float holds");
        return fail_in(builder, JOIST_ERR_INVALID, target, err);
    }
    const struct ji_value given = {.as.real = value};
    return put(builder, target, &given, err);
}

static enum joist_status check_bytes(
        const struct ji_field *field, struct ji_view view, struct joist_error *err)
{
    if (field->kind == JI_STRING && !ji_utf8_valid(view))
        return ji_fail(err, JOIST_ERR_INVALID, "text that is not UTF-8");
    const bool sized = field->kind == JI_FIXED || field->kind == JI_UUID;
    if (sized && view.size != field->fixed_bytes)
        return ji_fail(
                err, JOIST_ERR_INVALID, "%zu bytes where %" PRIu32 " are due", view.size, field->fixed_bytes);
    return JOIST_OK;
}

enum joist_status joist_builder_bytes(
        struct joist_builder *builder, const void *data, size_t bytes, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    const enum ji_kind kind = target->field->kind;
    if (!ji_kind_is_view(kind) && kind != JI_FIXED && kind != JI_UUID)
        return fail_kind(builder, target, "bytes", err);
    const struct ji_value given = {.as.view = ji_view_of(data, bytes)};
    const enum joist_status status = check_bytes(target->field, given.as.view, err);
    if (status != JOIST_OK)
        return fail_in(builder, status, target, err);
    return put(builder, target, &given, err);
}

enum joist_status joist_builder_text(
        struct joist_builder *builder, const char *text, size_t bytes, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    if (ji_kind_is_nested(target->field->kind) || target->field->kind == JI_NULL)
        return fail_kind(builder, target, "a text", err);
    struct ji_value given;
    ji_arena_reset(&builder->parse_arena);
    const enum joist_status status =
            ji_value_parse(target->field, ji_view_of(text, bytes), &builder->parse_arena, &given, err);
    if (status != JOIST_OK)
        return fail_in(builder, status, target, err);
    return put(builder, target, &given, err);
}

enum joist_status joist_builder_begin(struct joist_builder *builder, struct joist_error *err)
{
    struct ji_column_builder *target;
    JI_TRY(want_target(builder, &target, err));
    if (!ji_kind_is_nested(target->field->kind))
        return fail_kind(builder, target, "a begin", err);
    assert(builder->depth < JI_SCHEMA_DEPTH_MAX);
    builder->frames[++builder->depth] = (struct frame){.builder = target};
    return JOIST_OK;
}

enum joist_status joist_builder_end(struct joist_builder *builder, struct joist_error *err)
{
    const struct frame *frame = &builder->frames[builder->depth];
    struct ji_column_builder *nested = frame->builder;
    if (nested == NULL) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "an end without its begin");
        return fail_in(builder, JOIST_ERR_INVALID, NULL, err);
    }
    const enum ji_kind kind = nested->field->kind;
    if (kind == JI_MAP && frame->next != 0) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "a map's key without its value");
        return fail_in(builder, JOIST_ERR_INVALID, nested, err);
    }
    if (kind == JI_STRUCT && frame->next != nested->field->child_count) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "a struct with %zu of %zu values", frame->next,
                nested->field->child_count);
        return fail_in(builder, JOIST_ERR_INVALID, nested, err);
    }
    const enum joist_status status = ji_column_builder_nested(nested, err);
    if (status != JOIST_OK)
        return fail_in(builder, status, nested, err);
    builder->depth--;
    advance(builder);
    return JOIST_OK;
}

enum joist_status joist_builder_end_row(struct joist_builder *builder, struct joist_error *err)
{
    const size_t columns = builder->schema.column_count;
    if (builder->depth > 0) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "the row ends inside a list, map or struct");
        return fail_in(builder, JOIST_ERR_INVALID, builder->frames[1].builder, err);
    }
    if (builder->frames[0].next != columns) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "%zu of %zu values", builder->frames[0].next, columns);
        return fail_in(builder, JOIST_ERR_INVALID, NULL, err);
    }
    builder->frames[0].next = 0;
    builder->rows->row_count++;
    return JOIST_OK;
}

void joist_builder_drop_row(struct joist_builder *builder)
{
    for (size_t i = 0; i < builder->schema.column_count; i++)
        ji_column_builder_truncate(&builder->rows->columns[i], builder->rows->row_count);
    builder->depth = 0;
    builder->frames[0].next = 0;
}

enum joist_status joist_builder_take(
        struct joist_builder *builder, struct ArrowArrayStream *stream, struct joist_error *err)
{
    if (builder->depth > 0 || builder->frames[0].next > 0) {
        (void)ji_fail(err, JOIST_ERR_INVALID, "the row is not finished");
        return fail_in(builder, JOIST_ERR_INVALID, NULL, err);
    }
    enum joist_status status = JOIST_OK;
    struct row_set *fresh = NULL;
    struct ji_batch_stream batches;
    JI_TRY_OUT(row_set_open(builder->ctx, &builder->schema, &fresh, err));
    JI_TRY_OUT(open_taken(builder->rows, &batches, err));
    JI_TRY_OUT(ji_stream_export(builder->ctx, &batches, stream, err));
    builder->rows_taken += builder->rows->row_count;
    builder->rows = fresh;
    return JOIST_OK;
out:
    row_set_close(fresh);
    return status;
}
