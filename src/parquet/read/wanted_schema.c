/*
 * wanted_schema.c - finds the columns of a caller's schema in a file
 *
 *   1. Only leaves that values come from are read; of a struct that none comes from, the first one for its
 *      nulls and the lengths of lists.
 *   2. Where a column is wanted as the file has it, it is read as without a schema.
 *   3. Nothing of the caller's schema and defaults is pointed to: both are copied.
 */
#include "parquet/read/wanted_schema.h"

#include "arrow/arrow_check.h"
#include "arrow/batch_stream.h"
#include "arrow/pick.h"
#include "parquet/format/schema_project.h"

/* Digits that a decimal of 32 and 64 bits holds. */
#define DIGITS_32 9
#define DIGITS_64 18

/* --- what the caller says --- */

static enum joist_status copy_shape(struct ji_arena *arena, const struct ji_array_shape *from,
        struct ji_array_shape *to, struct joist_error *err)
{
    *to = *from;
    JI_TRY(ji_arena_array(arena, from->child_count, sizeof *to->children, &to->children, err));
    for (size_t step = 0; step < from->child_count; step++)
        JI_TRY(copy_shape(arena, &from->children[step], &to->children[step], err));
    return JOIST_OK;
}

/* Strings of a flat column, and in it, move to the arena. */
static enum joist_status own_texts(struct ji_arena *arena, struct ji_column *column, struct joist_error *err)
{
    if (ji_kind_is_view(column->field->kind)) {
        const struct ji_view *const from = column->values;
        struct ji_view *to = NULL;
        JI_TRY(ji_arena_array(arena, column->row_count, sizeof *to, &to, err));
        for (size_t row = 0; row < column->row_count; row++)
            JI_TRY(ji_arena_view(arena, from[row], &to[row], err));
        column->values = to;
        column->heap = NULL;
    }
    for (size_t step = 0; step < column->field->child_count; step++)
        JI_TRY(own_texts(arena, &column->children[step], err));
    return JOIST_OK;
}

/* One flat row, all of it in the arena; NULL without defaults. */
static enum joist_status read_defaults(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_column **defaults,
        struct joist_error *err)
{
    struct ji_schema loose = *schema; /* a required column that the file has needs no default */
    struct ji_field *fields = NULL;
    struct ji_batch batch;
    const uint32_t first = 0;
    *defaults = NULL;
    if (array == NULL)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, schema->column_count, sizeof *fields, &fields, err));
    for (size_t index = 0; index < schema->column_count; index++) {
        fields[index] = schema->columns[index];
        fields[index].nullable = true;
    }
    loose.columns = fields;
    const enum joist_status status = ji_shaped_array_import(arena, &loose, shape, array, &batch, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "defaults");
        return status;
    }
    if (batch.row_count != 1)
        return ji_fail(err, JOIST_ERR_INVALID, "defaults of %zu rows, not of one", batch.row_count);
    JI_TRY(ji_arena_array(arena, batch.column_count, sizeof **defaults, defaults, err));
    for (size_t index = 0; index < batch.column_count; index++) {
        JI_TRY(ji_column_gather(arena, &batch.columns[index], &first, 1, &(*defaults)[index], err));
        JI_TRY(own_texts(arena, &(*defaults)[index], err));
    }
    return JOIST_OK;
}

/* --- what is read of the file --- */

static void mark_all(const struct ji_shape *shape, bool *leaves)
{
    for (size_t step = 0; step < shape->leaf_count; step++)
        leaves[shape->leaf_start + step] = true;
}

/* Marks the leaves below a shape that values are taken from; at most JI_SCHEMA_DEPTH_MAX deep. */
static void mark_leaves(const struct ji_projected *projected, const struct ji_shape *shape, bool *leaves)
{
    bool any = false;
    if (projected->widen != JI_WIDEN_NESTED || projected->same || shape->variant != NULL) {
        mark_all(shape, leaves);
        return;
    }
    for (size_t step = 0; step < projected->field->child_count; step++) {
        const struct ji_projected *const child = &projected->children[step];
        if (child->from == NULL)
            continue;
        mark_leaves(child, &shape->children[child->index], leaves);
        any = true;
    }
    if (!any && shape->leaf_count > 0)
        leaves[shape->leaf_start] = true;
}

static enum joist_status want_column(struct ji_arena *arena, const struct ji_parquet_schema *schema,
        const struct ji_projected *projected, struct ji_wanted_columns *wanted, struct joist_error *err)
{
    const struct ji_shape *const shape = &schema->shapes[projected->index];
    struct ji_wanted_column *const column = &wanted->columns[wanted->count++];
    *column = (struct ji_wanted_column){.column = projected->index};
    if (projected->widen != JI_WIDEN_NESTED || projected->same)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, schema->leaf_count, sizeof column->leaves[0], &column->leaves, err));
    mark_leaves(projected, shape, column->leaves);
    return JOIST_OK;
}

/* --- layouts --- */

/* Whether the decimals and durations of arrays go with the columns that they are laid out from. */
static enum joist_status check_layout(const struct ji_projected *projected, const struct ji_array_shape *from,
        const struct ji_array_shape *to, struct joist_error *err)
{
    const char *const name = projected->field->name;
    const bool is_alike = from != NULL && from->layout == to->layout;
    if (from != NULL && to->layout == JI_LAYOUT_DURATION && (!is_alike || from->unit != to->unit))
        return ji_fail(err, JOIST_ERR_INVALID,
                "column '%s' is no duration in that unit, and does not become one", name);
    if (from != NULL && to->layout == JI_LAYOUT_LIST_FIXED && (!is_alike || from->list_size != to->list_size))
        return ji_fail(err, JOIST_ERR_INVALID,
                "column '%s' is no list of %" PRId32 " elements, and does not become one", name,
                to->list_size);
    const unsigned digits = to->bits == 32 ? DIGITS_32 : DIGITS_64;
    if (to->layout == JI_LAYOUT_DECIMAL && to->bits <= 64 && projected->field->precision > digits)
        return ji_fail(err, JOIST_ERR_INVALID, "column '%s': decimals of %d digits in %d bits", name,
                projected->field->precision, to->bits);
    for (size_t step = 0; projected->widen == JI_WIDEN_NESTED && step < to->child_count; step++) {
        const struct ji_projected *const child = &projected->children[step];
        const struct ji_array_shape *const below = child->from == NULL ? NULL : &from->children[child->index];
        JI_TRY(check_layout(child, below, &to->children[step], err));
    }
    return JOIST_OK;
}

/* About what a row of null takes in an array. */
static size_t null_bytes(const struct ji_field *field)
{
    size_t bytes = ji_kind_is_nested(field->kind) ? sizeof(int32_t) : ji_field_width(field);
    for (size_t step = 0; field->kind == JI_STRUCT && step < field->child_count; step++)
        bytes += null_bytes(&field->children[step]);
    return bytes;
}

/* What is added to a row that the file's pages do not tell of. */
static size_t lacking_bytes(const struct ji_projected *projected)
{
    const struct ji_pick first = {.count = 1};
    size_t bytes = 0;
    if (projected->widen == JI_WIDEN_ABSENT)
        bytes = null_bytes(projected->field) +
                (projected->row == NULL ? 0 : ji_pick_bytes(&first, projected->row));
    for (size_t step = 0; projected->widen == JI_WIDEN_NESTED && step < projected->field->child_count; step++)
        bytes += lacking_bytes(&projected->children[step]);
    return bytes;
}

/* --- the whole --- */

static enum joist_status find_columns(const struct joist_parquet_file *file, struct ji_arena *arena,
        const struct ji_column *defaults, struct ji_read_layout *layout, struct ji_wanted_columns *wanted,
        struct joist_error *err)
{
    const size_t count = layout->schema.column_count;
    const struct ji_schema *const schema = &file->schema.schema;
    struct ji_field_offer offer = ji_field_offer_of(schema->columns, schema->column_count, JI_MATCH_ID);
    JI_TRY(ji_arena_array(arena, count, sizeof layout->projected[0], &layout->projected, err));
    JI_TRY(ji_arena_array(arena, count, sizeof wanted->columns[0], &wanted->columns, err));
    for (size_t index = 0; index < count; index++) {
        struct ji_projected *const projected = &layout->projected[index];
        JI_TRY(ji_projected_init(arena, &layout->schema.columns[index], &offer,
                defaults == NULL ? NULL : &defaults[index], projected, err));
        ji_field_offer_pass(&offer, projected);
        if (projected->from != NULL)
            JI_TRY(want_column(arena, &file->schema, projected, wanted, err));
    }
    return JOIST_OK;
}

/* Columns of the file become those of what is read of it. */
static enum joist_status take_places(struct ji_arena *arena, const struct ji_array_shape *source_shape,
        struct ji_read_layout *layout, struct joist_error *err)
{
    size_t at = 0;
    for (size_t index = 0; index < layout->schema.column_count; index++) {
        struct ji_projected *const projected = &layout->projected[index];
        const struct ji_array_shape *from = NULL;
        if (projected->from != NULL) {
            from = &source_shape->children[at];
            JI_TRY(ji_projected_narrow(arena, &layout->own.schema.columns[at], projected, err));
            projected->index = at++;
        }
        JI_TRY(check_layout(projected, from, &layout->shape->children[index], err));
        layout->lacking_bytes += lacking_bytes(projected);
    }
    layout->lacking_count = layout->schema.column_count - at;
    return JOIST_OK;
}

enum joist_status ji_wanted_schema_match(const struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_arena *arena,
        struct ji_read_layout *layout, struct joist_error *err)
{
    const struct ji_array_shape *given = NULL;
    struct ji_array_shape *source_shape = NULL;
    struct ji_column *defaults = NULL;
    struct ji_wanted_columns wanted = {.count = 0};
    if (options->columns != NULL || options->field_ids != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "columns by name or field id beside a schema");
    JI_TRY(ji_schema_import_shape(arena, options->schema, &layout->schema, &given, err));
    JI_TRY(ji_arena_array(arena, 1, sizeof *layout->shape, &layout->shape, err));
    JI_TRY(copy_shape(arena, given, layout->shape, err));
    JI_TRY(read_defaults(arena, &layout->schema, given, options->defaults, &defaults, err));
    JI_TRY(find_columns(file, arena, defaults, layout, &wanted, err));
    JI_TRY(ji_schema_project(arena, &file->schema, &wanted, file->layout, &layout->own, &source_shape, err));
    return take_places(arena, source_shape, layout, err);
}

enum joist_status ji_wanted_schema_settle(
        struct ji_arena *arena, struct ji_read_layout *layout, struct joist_error *err)
{
    const size_t count = layout->own.schema.column_count;
    struct ji_array_shape *shape = NULL;
    struct ji_projected *read = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *shape, &shape, err));
    *shape = *layout->shape;
    shape->child_count = count;
    JI_TRY(ji_arena_array(arena, count, sizeof shape->children[0], &shape->children, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *read, &read, err));
    for (size_t index = 0; index < layout->schema.column_count; index++) {
        const struct ji_projected *const projected = &layout->projected[index];
        if (projected->from == NULL)
            continue;
        shape->children[projected->index] = layout->shape->children[index];
        read[projected->index] = *projected;
    }
    layout->read_shape = shape;
    layout->read = read;
    return JOIST_OK;
}

enum joist_status ji_wanted_rows(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, size_t rows, uint64_t row, struct ji_column *to,
        struct joist_error *err)
{
    JI_TRY(ji_project_column(arena, projected, from, rows, to, err));
    return projected->narrows ? ji_required_check(arena, to, row, err) : JOIST_OK;
}
