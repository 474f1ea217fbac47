/*
 * variant_shred.c - a variant's value along the tree of its shredding
 *
 *     group { value, typed_value }     missing           null, null
 *                                      of the type       null, the value
 *                                      object            what has no column of its own | null, its fields
 *                                      of another type   the value, null
 *
 *   1. A value is checked whole before any of it is taken, and its objects' fields are in the order of their
 *      names: so are the nodes, and one walk over both finds what goes where.
 *   2. After each value every column of the group has one row more.
 *   3. Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep.
 */
#include "parquet/encode/variant_shred.h"

#include <assert.h>

enum joist_status ji_variant_shredder_init(struct ji_variant_shredder *shredder, struct ji_mem *mem,
        const struct ji_field *storage, const struct ji_variant_shape *shape, struct joist_error *err)
{
    struct ji_variant_shredder made = {.shape = shape};
    JI_TRY(ji_column_builder_init(&made.builder, mem, storage, err));
    ji_column_builder_borrow(&made.builder);
    ji_variant_builder_init(&made.rest, mem);
    ji_arena_init(&made.arena, mem);
    *shredder = made;
    return JOIST_OK;
}

void ji_variant_shredder_clear(struct ji_variant_shredder *shredder)
{
    if (shredder->shape == NULL)
        return;
    ji_column_builder_clear(&shredder->builder);
    ji_variant_builder_clear(&shredder->rest);
    ji_arena_clear(&shredder->arena);
    *shredder = (struct ji_variant_shredder){.shape = NULL};
}

/* --- scalars --- */

static bool is_integer(enum ji_variant_type type)
{
    return type >= JI_VARIANT_INT8 && type <= JI_VARIANT_INT64;
}

static bool is_decimal(enum ji_variant_type type)
{
    return type >= JI_VARIANT_DECIMAL4 && type <= JI_VARIANT_DECIMAL16;
}

static bool decimal_fits(const struct ji_variant *from, const struct ji_field *field)
{
    const ji_int128 bound = ji_decimal_power(field->precision);
    return is_decimal(from->type) && from->scale == (unsigned)field->scale && from->decimal < bound &&
            from->decimal > -bound;
}

/* Whether the column holds the value, which is then in `to`. */
static bool take_scalar(const struct ji_variant_node *node, const struct ji_field *field,
        const struct ji_variant *from, struct ji_value *to)
{
    *to = (struct ji_value){.is_null = false};
    if (node->type == JI_VARIANT_TRUE) {
        to->as.boolean = from->type == JI_VARIANT_TRUE;
        return from->type == JI_VARIANT_TRUE || from->type == JI_VARIANT_FALSE;
    }
    if (is_integer(node->type)) {
        to->as.integer = from->integer;
        return is_integer(from->type) && ji_kind_holds(field, from->integer);
    }
    if (is_decimal(node->type)) {
        to->as.decimal = from->decimal;
        return decimal_fits(from, field);
    }
    if (node->type != from->type)
        return false;
    if (node->type == JI_VARIANT_STRING || node->type == JI_VARIANT_BINARY || node->type == JI_VARIANT_UUID)
        to->as.view = from->view;
    else
        to->as.integer = from->integer;
    /* Times of a day alone have limits that the encoding does not know. */
    return node->type != JI_VARIANT_TIME || ji_kind_holds(field, from->integer);
}

/* Bits as they are: a number that is none may carry something. */
static enum joist_status put_real(
        struct ji_column_builder *typed, const struct ji_variant *from, struct joist_error *err)
{
    const uint8_t *bytes = from->bytes.data + 1;
    const uint32_t narrow = typed->width == sizeof narrow ? ji_load_le32(bytes) : 0;
    const uint64_t wide = typed->width == sizeof wide ? ji_load_le64(bytes) : 0;
    if (typed->width == sizeof narrow)
        return ji_column_builder_put(typed, &narrow, sizeof narrow, err);
    return ji_column_builder_put(typed, &wide, sizeof wide, err);
}

static enum joist_status shred_scalar(const struct ji_variant_node *node, struct ji_column_builder *typed,
        const struct ji_variant *from, bool *is_typed, struct joist_error *err)
{
    struct ji_value value;
    const bool is_real = node->type == JI_VARIANT_FLOAT || node->type == JI_VARIANT_DOUBLE;
    if (is_real && node->type == from->type) {
        *is_typed = true;
        return put_real(typed, from, err);
    }
    if (is_real || !take_scalar(node, typed->field, from, &value))
        return JOIST_OK;
    *is_typed = true;
    return ji_column_builder_value(typed, &value, err);
}

/* --- groups --- */

static enum joist_status shred_group(struct ji_variant_shredder *shredder, const struct ji_variant_node *node,
        struct ji_column_builder *group, const struct ji_view *value, struct joist_error *err);

static enum joist_status shred_elements(struct ji_variant_shredder *shredder,
        const struct ji_variant_node *node, struct ji_column_builder *typed, const struct ji_variant *array,
        struct joist_error *err)
{
    for (uint32_t i = 0; i < array->count; i++) {
        const struct ji_view element = ji_variant_member_bytes(array, i);
        JI_TRY(shred_group(shredder, &node->nodes[0], &typed->children[0], &element, err));
    }
    return ji_column_builder_nested(typed, err);
}

static struct ji_view member_name(
        const struct ji_variant_shredder *shredder, const struct ji_variant *object, uint32_t index)
{
    return ji_variant_name(&shredder->names, ji_variant_member_id(object, index));
}

/* Whether node `*at` or one behind it has the name; `*at` comes to stand behind those below it. */
static bool has_node(const struct ji_variant_node *node, size_t *at, struct ji_view name)
{
    while (*at < node->count && ji_view_compare(node->nodes[*at].name, name) < 0)
        (*at)++;
    return *at < node->count && ji_view_equal(node->nodes[*at].name, name);
}

/* The members that have no column of their own, as an object. */
static enum joist_status keep_rest(struct ji_variant_shredder *shredder, const struct ji_variant_node *node,
        const struct ji_variant *object, struct ji_view *rest, struct joist_error *err)
{
    struct ji_variant_builder *const builder = &shredder->rest;
    size_t at = 0;
    ji_variant_builder_reset(builder);
    const struct ji_variant_mark mark = ji_variant_begin(builder);
    for (uint32_t i = 0; i < object->count; i++) {
        if (has_node(node, &at, member_name(shredder, object, i)))
            continue;
        JI_TRY(ji_variant_member(builder, mark, ji_variant_member_id(object, i), err));
        JI_TRY(ji_variant_put_encoded(builder, ji_variant_member_bytes(object, i), err));
    }
    JI_TRY(ji_variant_end_object(builder, mark, err));
    return ji_arena_view(&shredder->arena, ji_view_of(builder->out.data, builder->out.size), rest, err);
}

static enum joist_status shred_fields(struct ji_variant_shredder *shredder,
        const struct ji_variant_node *node, struct ji_column_builder *typed, const struct ji_variant *object,
        size_t *taken, struct joist_error *err)
{
    uint32_t member = 0;
    *taken = 0;
    for (size_t i = 0; i < node->count; i++) {
        const struct ji_variant_node *const field = &node->nodes[i];
        struct ji_column_builder *const group = &typed->children[field->child];
        while (member < object->count &&
                ji_view_compare(member_name(shredder, object, member), field->name) < 0)
            member++;
        const bool is_there =
                member < object->count && ji_view_equal(member_name(shredder, object, member), field->name);
        struct ji_view value = ji_view_of(NULL, 0);
        if (is_there)
            value = ji_variant_member_bytes(object, member);
        *taken += is_there;
        JI_TRY(shred_group(shredder, field, group, is_there ? &value : NULL, err));
    }
    return ji_column_builder_nested(typed, err);
}

/* Into typed_value, where the value is of its type; what is left of it then is `rest`, empty for nothing. */
static enum joist_status shred_typed(struct ji_variant_shredder *shredder, const struct ji_variant_node *node,
        struct ji_column_builder *typed, struct ji_view value, bool *is_typed, struct ji_view *rest,
        struct joist_error *err)
{
    struct ji_variant from;
    size_t taken = 0;
    JI_TRY(ji_variant_parse(value, &from, err));
    *rest = ji_view_of(NULL, 0);
    *is_typed = false;
    if (node->typed == JI_VARIANT_SCALAR)
        return shred_scalar(node, typed, &from, is_typed, err);
    if (node->typed == JI_VARIANT_ELEMENTS && from.type == JI_VARIANT_ARRAY) {
        *is_typed = true;
        return shred_elements(shredder, node, typed, &from, err);
    }
    if (node->typed != JI_VARIANT_FIELDS || from.type != JI_VARIANT_OBJECT)
        return JOIST_OK;
    *is_typed = true;
    JI_TRY(shred_fields(shredder, node, typed, &from, &taken, err));
    return taken == from.count ? JOIST_OK : keep_rest(shredder, node, &from, rest, err);
}

/* `value` NULL: the field is missing. */
static enum joist_status shred_group(struct ji_variant_shredder *shredder, const struct ji_variant_node *node,
        struct ji_column_builder *group, const struct ji_view *value, struct joist_error *err)
{
    struct ji_column_builder *const typed = &group->children[node->typed_child];
    struct ji_value left = {.is_null = value == NULL};
    bool is_typed = false;
    if (value != NULL) {
        struct ji_view rest;
        JI_TRY(shred_typed(shredder, node, typed, *value, &is_typed, &rest, err));
        left.as.view = is_typed ? rest : *value;
        left.is_null = left.as.view.size == 0;
    }
    if (!is_typed)
        JI_TRY(ji_column_builder_null(typed, err));
    JI_TRY(ji_column_builder_value(&group->children[node->value_child], &left, err));
    return ji_column_builder_nested(group, err);
}

/* --- rows --- */

/* What is read of a value has its fields in order; a copy of it where they were not. */
static enum joist_status check_value(
        struct ji_variant_shredder *shredder, struct ji_view *value, struct joist_error *err)
{
    struct ji_variant_builder *const builder = &shredder->rest;
    bool is_sorted = false;
    JI_TRY(ji_variant_check(&shredder->names, *value, 0, &is_sorted, err));
    if (is_sorted)
        return JOIST_OK;
    ji_variant_builder_reset(builder);
    JI_TRY(ji_variant_put_sorted(builder, &shredder->names, *value, err));
    return ji_arena_view(&shredder->arena, ji_view_of(builder->out.data, builder->out.size), value, err);
}

/* Rows share dictionaries: the same bytes are not read twice. */
static enum joist_status take_names(
        struct ji_variant_shredder *shredder, struct ji_view metadata, struct joist_error *err)
{
    const struct ji_view known = shredder->names.bytes;
    if (shredder->has_names && known.data == metadata.data && known.size == metadata.size)
        return JOIST_OK;
    shredder->has_names = false;
    JI_TRY(ji_variant_names_init(&shredder->names, metadata, err));
    shredder->has_names = true;
    return JOIST_OK;
}

static enum joist_status shred_row(struct ji_variant_shredder *shredder, struct ji_view metadata,
        struct ji_view value, struct joist_error *err)
{
    const struct ji_variant_shape *const shape = shredder->shape;
    struct ji_column_builder *const top = &shredder->builder;
    const struct ji_value names = {.as.view = metadata};
    JI_TRY(take_names(shredder, metadata, err));
    JI_TRY(check_value(shredder, &value, err));
    JI_TRY(ji_column_builder_value(&top->children[shape->metadata_child], &names, err));
    return shred_group(shredder, &shape->top, top, &value, err);
}

/* Metadata and value, by name. */
static enum joist_status find_parts(const struct ji_column *variants, const struct ji_column **metadata,
        const struct ji_column **value, struct joist_error *err)
{
    const struct ji_field *const field = variants->field;
    const struct ji_column *found[2] = {NULL, NULL};
    for (size_t i = 0; i < field->child_count; i++) {
        const bool is_value = strcmp(field->children[i].name, "value") == 0;
        if (field->children[i].kind == JI_BINARY &&
                (is_value || strcmp(field->children[i].name, "metadata") == 0))
            found[is_value] = &variants->children[i];
    }
    if (field->child_count != 2 || found[0] == NULL || found[1] == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "a variant that is not metadata and value, both binary");
    *metadata = found[0];
    *value = found[1];
    return JOIST_OK;
}

/* What would be corrupt in a file is a caller's mistake here. */
static enum joist_status fail_row(enum joist_status status, struct joist_error *err)
{
    if (status != JOIST_ERR_CORRUPT)
        return status;
    if (err != NULL)
        err->status = JOIST_ERR_INVALID;
    return JOIST_ERR_INVALID;
}

enum joist_status ji_variant_shred(struct ji_variant_shredder *shredder, const struct ji_column *variants,
        struct ji_column *out, struct joist_error *err)
{
    const struct ji_column *metadata = NULL;
    const struct ji_column *value = NULL;
    assert(variants->form == JI_FLAT);
    JI_TRY(find_parts(variants, &metadata, &value, err));
    ji_arena_reset(&shredder->arena);
    ji_column_builder_reset(&shredder->builder);
    shredder->has_names = false;
    for (size_t row = 0; row < variants->row_count; row++) {
        enum joist_status status = JOIST_OK;
        if (ji_column_is_null(variants, row))
            status = ji_column_builder_null(&shredder->builder, err);
        else
            status = shred_row(shredder, ji_column_value(metadata, row).as.view,
                    ji_column_value(value, row).as.view, err);
        if (status == JOIST_OK)
            continue;
        ji_error_prefix(err, "variant %zu", row + 1);
        return fail_row(status, err);
    }
    return ji_column_builder_finish(&shredder->builder, &shredder->arena, out, err);
}
