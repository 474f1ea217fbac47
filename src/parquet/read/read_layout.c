/*
 * read_layout.c - names, paths and ids of columns, or a schema, become what is read and given
 *
 *   1. A name that is a top-level column's means that column; only others are taken for paths.
 *   2. Paths into one column are one column, which stands where the first of them does.
 *   3. A layout that a wanted schema or the file's ARROW:schema asks for goes before the option `text`'s
 *      default, and after its other values.
 */
#include "parquet/read/read_layout.h"

#include "parquet/format/schema_project.h"
#include "parquet/format/variant_shape.h"
#include "parquet/read/wanted_schema.h"

struct wishes {
    const struct ji_parquet_schema *schema;
    struct ji_arena *arena;
    struct ji_wanted_columns wanted;
    struct joist_error *err;
};

static void want_whole(struct wishes *wishes, size_t column)
{
    wishes->wanted.columns[wishes->wanted.count++] = (struct ji_wanted_column){.column = column};
}

/* `marked` (of all the schema's leaves) of one column, together with what other paths want of it. */
static enum joist_status want_leaves(struct wishes *wishes, size_t column, const bool *marked)
{
    const struct ji_shape *const shape = &wishes->schema->shapes[column];
    struct ji_wanted_columns *const wanted = &wishes->wanted;
    bool *leaves = NULL;
    for (size_t index = 0; index < wanted->count; index++) {
        if (wanted->columns[index].column == column && wanted->columns[index].leaves != NULL)
            leaves = wanted->columns[index].leaves;
    }
    if (leaves == NULL) {
        JI_TRY(ji_arena_array(
                wishes->arena, wishes->schema->leaf_count, sizeof leaves[0], &leaves, wishes->err));
        wanted->columns[wanted->count++] = (struct ji_wanted_column){.column = column, .leaves = leaves};
    }
    for (size_t step = 0; step < shape->leaf_count; step++)
        leaves[shape->leaf_start + step] |= marked[shape->leaf_start + step];
    return JOIST_OK;
}

static enum joist_status want_name(struct wishes *wishes, const char *name)
{
    const struct ji_parquet_schema *const schema = wishes->schema;
    const size_t whole = ji_schema_find(&schema->schema, ji_view_of_text(name));
    if (whole != SIZE_MAX) {
        want_whole(wishes, whole);
        return JOIST_OK;
    }
    bool *marked = NULL;
    bool found = false;
    size_t column = 0;
    if (strchr(name, '.') != NULL) {
        JI_TRY(ji_arena_array(wishes->arena, schema->leaf_count, sizeof marked[0], &marked, wishes->err));
        JI_TRY(ji_schema_mark_path(
                wishes->arena, schema, ji_view_of_text(name), marked, &column, &found, wishes->err));
    }
    if (!found)
        return ji_fail(wishes->err, JOIST_ERR_NOT_FOUND, "no column '%s'", name);
    return want_leaves(wishes, column, marked);
}

static enum joist_status want_id(struct wishes *wishes, int32_t id)
{
    const struct ji_parquet_schema *const schema = wishes->schema;
    bool *marked = NULL;
    size_t column = 0;
    JI_TRY(ji_arena_array(wishes->arena, schema->leaf_count, sizeof marked[0], &marked, wishes->err));
    if (!ji_schema_mark_id(schema, id, marked, &column))
        return ji_fail(wishes->err, JOIST_ERR_NOT_FOUND, "no column with field id %" PRId32, id);
    if (schema->schema.columns[column].field_id != id)
        return want_leaves(wishes, column, marked);
    want_whole(wishes, column);
    return JOIST_OK;
}

static enum joist_status take_wishes(struct wishes *wishes, const struct joist_parquet_read_options *options)
{
    const size_t all = wishes->schema->schema.column_count;
    const bool by_id = options->field_ids != NULL;
    const bool by_name = options->columns != NULL;
    const size_t count = by_id ? options->field_id_count : by_name ? options->column_count : all;
    if (by_id && by_name)
        return ji_fail(wishes->err, JOIST_ERR_INVALID, "columns both by name and by field id");
    JI_TRY(ji_arena_array(
            wishes->arena, count, sizeof wishes->wanted.columns[0], &wishes->wanted.columns, wishes->err));
    for (size_t index = 0; index < count; index++) {
        if (by_id)
            JI_TRY(want_id(wishes, options->field_ids[index]));
        else if (by_name)
            JI_TRY(want_name(wishes, options->columns[index]));
        else
            want_whole(wishes, index);
    }
    return JOIST_OK;
}

/* --- how arrays are laid out --- */

static void choose_form(const struct joist_parquet_read_options *options, const struct ji_field *field,
        struct ji_array_shape *shape)
{
    const bool is_variant =
            field->extension_name != NULL && strcmp(field->extension_name, JI_VARIANT_EXTENSION) == 0;
    if (ji_kind_is_view(field->kind)) {
        if (options->text != JOIST_TEXT_UTF8)
            shape->layout = options->text == JOIST_TEXT_VIEW ? JI_LAYOUT_VIEWS : JI_LAYOUT_OFFSETS64;
        if (options->keep_dictionary && !shape->is_dictionary) {
            shape->is_dictionary = true;
            shape->code_kind = JI_INT32;
        }
    }
    for (size_t step = 0; step < field->child_count && !(is_variant && options->keep_dictionary); step++)
        choose_form(options, &field->children[step], &shape->children[step]);
}

/* The columns that names, paths and ids lead to, as the file has them. */
static enum joist_status make_plain(const struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_arena *arena,
        struct ji_read_layout *layout, struct joist_error *err)
{
    struct wishes wishes = {.schema = &file->schema, .arena = arena, .err = err};
    if (options->defaults != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "defaults without a schema");
    JI_TRY(take_wishes(&wishes, options));
    JI_TRY(ji_schema_project(
            arena, &file->schema, &wishes.wanted, file->layout, &layout->own, &layout->shape, err));
    layout->schema = layout->own.schema;
    layout->read_shape = layout->shape;
    return JOIST_OK;
}

enum joist_status ji_read_layout_make(const struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_arena *arena,
        struct ji_read_layout *layout, struct joist_error *err)
{
    if ((unsigned)options->text > JOIST_TEXT_VIEW)
        return ji_fail(err, JOIST_ERR_INVALID, "text form %d", (int)options->text);
    if (options->schema != NULL)
        JI_TRY(ji_wanted_schema_match(file, options, arena, layout, err));
    else
        JI_TRY(make_plain(file, options, arena, layout, err));
    layout->source = &layout->own;
    for (size_t index = 0; index < layout->schema.column_count; index++)
        choose_form(options, &layout->schema.columns[index], &layout->shape->children[index]);
    return options->schema != NULL ? ji_wanted_schema_settle(arena, layout, err) : JOIST_OK;
}
