/*
 * file_schema.c - the columns as a file is to have them
 *
 *     v struct<metadata, value>     shredding "struct<a long>"
 *
 *     v { metadata, value?, typed_value? { a { value?, typed_value? long } } }
 *
 * Columns are named as the file names them: "s.x", "a.list.element", "m.key_value.value".
 */
#include "parquet/write/file_schema.h"

#include "parquet/format/variant_shape.h"

_Static_assert((int)JOIST_PARQUET_AS_ENUM == (int)JI_ANNOTATION_ENUM &&
                (int)JOIST_PARQUET_AS_JSON == (int)JI_ANNOTATION_JSON &&
                (int)JOIST_PARQUET_AS_BSON == (int)JI_ANNOTATION_BSON &&
                (int)JOIST_PARQUET_AS_FILE == (int)JI_ANNOTATION_FILE &&
                (int)JOIST_PARQUET_AS_INT96 == (int)JI_ANNOTATION_INT96,
        "annotations of the border and of fields are the same numbers");

/* A wish, and the fields that it was for so far. */
struct wish {
    struct ji_arena *arena;
    enum ji_annotation annotation;
    const char *shredding; /* NULL: none */
    size_t found;
    size_t taken;
    struct joist_error *err;
};

/* --- shredding --- */

static struct ji_field plain_field(const char *name, enum ji_kind kind, bool nullable)
{
    return (struct ji_field){.name = name, .kind = kind, .nullable = nullable, .field_id = JI_FIELD_ID_NONE};
}

static enum joist_status shred_children(
        struct wish *wish, const struct ji_field *type, struct ji_field *typed);

/* Fills children [at] and [at + 1] of a group: value and typed_value. */
static enum joist_status put_shredded(
        struct wish *wish, const struct ji_field *type, struct ji_field *children, size_t at)
{
    children[at] = plain_field("value", JI_BINARY, true);
    children[at + 1] = *type;
    children[at + 1].name = "typed_value";
    children[at + 1].nullable = true;
    return shred_children(wish, type, &children[at + 1]);
}

/* A required group of value and typed_value, as elements and fields of objects are. */
static enum joist_status make_group(
        struct wish *wish, const struct ji_field *type, const char *name, struct ji_field *group)
{
    *group = plain_field(name, JI_STRUCT, false);
    group->child_count = 2;
    JI_TRY(ji_arena_array(wish->arena, 2, sizeof *group->children, &group->children, wish->err));
    return put_shredded(wish, type, group->children, 0);
}

static enum joist_status shred_children(
        struct wish *wish, const struct ji_field *type, struct ji_field *typed)
{
    const size_t count = type->child_count;
    if (count == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_array(wish->arena, count, sizeof *typed->children, &typed->children, wish->err));
    for (size_t i = 0; i < count; i++) {
        const struct ji_field *const child = &type->children[i];
        const char *const name = type->kind == JI_LIST ? "element" : child->name;
        JI_TRY(make_group(wish, child, name, &typed->children[i]));
    }
    return JOIST_OK;
}

static enum joist_status shred(struct wish *wish, struct ji_field *field)
{
    struct ji_field type = {.name = ""};
    struct ji_field *children = NULL;
    if (field->child_count != 2)
        return ji_fail(wish->err, JOIST_ERR_INVALID, "variant '%s' is shredded already", field->name);
    JI_TRY(ji_type_parse(wish->arena, ji_view_of_text(wish->shredding), &type, wish->err));
    JI_TRY(ji_arena_array(wish->arena, 3, sizeof *children, &children, wish->err));
    children[0] = plain_field("metadata", JI_BINARY, false);
    JI_TRY(put_shredded(wish, &type, children, 1));
    field->children = children;
    field->child_count = 3;
    return JOIST_OK;
}

/* --- columns by name --- */

static bool is_wanted(const struct wish *wish, const struct ji_field *field)
{
    if (wish->shredding != NULL)
        return ji_is_variant(field);
    if (wish->annotation == JI_ANNOTATION_FILE)
        return ji_is_file_group(field);
    return ji_annotation_fits(wish->annotation, field->kind);
}

/* The field, or, where the wish is not for its kind, all in it that it is for. */
static enum joist_status grant(struct wish *wish, struct ji_field *field)
{
    if (is_wanted(wish, field)) {
        wish->taken++;
        if (wish->shredding != NULL)
            return shred(wish, field);
        field->annotation = (uint8_t)wish->annotation;
        return JOIST_OK;
    }
    if (ji_is_variant(field))
        return JOIST_OK;
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(grant(wish, &field->children[i]));
    return JOIST_OK;
}

/* What follows the name in the path; NULL where that is another one. "" where the path ends with it. */
static const char *behind(const char *path, const char *name)
{
    const size_t size = strlen(name);
    if (strncmp(path, name, size) != 0)
        return NULL;
    if (path[size] == '.')
        return path + size + 1;
    return path[size] == '\0' ? path + size : NULL;
}

static enum joist_status find(struct wish *wish, struct ji_field *field, const char *name, const char *path)
{
    const char *rest = behind(path, name);
    if (rest == NULL)
        return JOIST_OK;
    if (rest[0] == '\0') {
        wish->found++;
        return grant(wish, field);
    }
    if (field->kind == JI_LIST)
        return find(wish, &field->children[0], "list.element", rest);
    if (field->kind == JI_MAP) {
        JI_TRY(find(wish, &field->children[0].children[0], "key_value.key", rest));
        return find(wish, &field->children[0].children[1], "key_value.value", rest);
    }
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(find(wish, &field->children[i], field->children[i].name, rest));
    return JOIST_OK;
}

static enum joist_status apply(
        struct wish *wish, const char *column, struct ji_field *columns, size_t column_count)
{
    for (size_t i = 0; i < column_count; i++)
        JI_TRY(find(wish, &columns[i], columns[i].name, column));
    if (wish->found == 0)
        return ji_fail(wish->err, JOIST_ERR_INVALID, "options for '%s', which is no column", column);
    if (wish->taken > 0)
        return JOIST_OK;
    if (wish->shredding != NULL)
        return ji_fail(wish->err, JOIST_ERR_INVALID, "this is no variant");
    return ji_fail(wish->err, JOIST_ERR_INVALID, "column '%s' cannot be %s in Parquet", column,
            ji_annotation_name(wish->annotation));
}

static enum joist_status apply_column(struct ji_arena *arena,
        const struct joist_parquet_column_options *options, struct ji_field *columns, size_t column_count,
        struct joist_error *err)
{
    if (options->as != JOIST_PARQUET_AS_DEFAULT) {
        struct wish wish = {.arena = arena, .annotation = (enum ji_annotation)options->as, .err = err};
        JI_TRY(apply(&wish, options->column, columns, column_count));
    }
    if (options->shredding == NULL)
        return JOIST_OK;
    struct wish wish = {.arena = arena, .shredding = options->shredding, .err = err};
    const enum joist_status status = apply(&wish, options->column, columns, column_count);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%s': shredding", options->column);
    return status;
}

static enum joist_status has_wishes(
        const struct joist_parquet_write_options *options, bool *wishes, struct joist_error *err)
{
    *wishes = options->int96;
    for (size_t i = 0; i < options->column_count; i++) {
        struct joist_parquet_column_options column;
        JI_TRY(ji_column_options_at(options, i, &column, err));
        *wishes = *wishes || column.as != JOIST_PARQUET_AS_DEFAULT || column.shredding != NULL;
    }
    return JOIST_OK;
}

enum joist_status ji_file_schema_make(struct ji_arena *arena, const struct ji_schema *schema,
        const struct joist_parquet_write_options *options, struct ji_schema *file, struct joist_error *err)
{
    struct ji_field *columns = NULL;
    bool wishes = false;
    JI_TRY(has_wishes(options, &wishes, err));
    if (!wishes) {
        *file = *schema;
        return JOIST_OK;
    }
    JI_TRY(ji_arena_array(arena, schema->column_count, sizeof *columns, &columns, err));
    for (size_t i = 0; i < schema->column_count; i++)
        JI_TRY(ji_field_copy(arena, &schema->columns[i], &columns[i], err));
    struct wish all = {.arena = arena, .annotation = JI_ANNOTATION_INT96, .err = err};
    for (size_t i = 0; i < schema->column_count && options->int96; i++)
        JI_TRY(grant(&all, &columns[i]));
    for (size_t i = 0; i < options->column_count; i++) {
        struct joist_parquet_column_options column;
        JI_TRY(ji_column_options_at(options, i, &column, err));
        JI_TRY(apply_column(arena, &column, columns, schema->column_count, err));
    }
    *file = *schema;
    file->columns = columns;
    return JOIST_OK;
}
