/*
 * variant_shape.c - from the schema of a VARIANT group to its nodes
 *
 *   1. A shredded type must be one of the table in VariantShredding.md, by physical and logical type: what
 *      reads as the same Arrow type but is annotated otherwise (ENUM, unsigned) has no variant type.
 *   2. A group's field that is neither metadata, value nor typed_value is refused: it would be lost.
 *   3. Optional groups of an object's fields are against the format and read: a null one is a missing field.
 *   4. Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep.
 */
#include "parquet/format/variant_shape.h"

#include "base/heap_sort.h"

struct making {
    struct ji_arena *arena;
    const struct ji_leaf *leaves;
    size_t field_count; /* of all shredded objects */
    struct joist_error *err;
};

static const struct ji_leaf *leaf_of(const struct making *making, const struct ji_shape *shape)
{
    return &making->leaves[shape->leaf_start];
}

/* A column of bytes without a meaning. */
static bool is_binary(const struct making *making, const struct ji_shape *shape)
{
    if (ji_kind_is_nested(shape->field->kind))
        return false;
    const struct ji_schema_element *const element = leaf_of(making, shape)->element;
    return element->physical == JI_PHYSICAL_BYTE_ARRAY && element->logical.kind == JI_LOGICAL_NONE &&
            element->converted == JI_CONVERTED_NONE;
}

static bool integer_type(const struct ji_field *field, enum ji_variant_type *type)
{
    switch (field->kind) {
    case JI_INT8:
        *type = JI_VARIANT_INT8;
        return true;
    case JI_INT16:
        *type = JI_VARIANT_INT16;
        return true;
    case JI_INT32:
        *type = JI_VARIANT_INT32;
        return true;
    case JI_INT64:
        *type = JI_VARIANT_INT64;
        return true;
    default:
        return false;
    }
}

static bool time_type(
        const struct ji_schema_element *element, const struct ji_field *field, enum ji_variant_type *type)
{
    if (element->physical != JI_PHYSICAL_INT64)
        return false;
    if (field->kind == JI_TIME) {
        *type = JI_VARIANT_TIME;
        return field->unit == JI_MICRO && element->logical.kind == JI_LOGICAL_TIME && !element->logical.utc;
    }
    if (field->unit == JI_MICRO)
        *type = field->utc ? JI_VARIANT_TIMESTAMP_MICROS_UTC : JI_VARIANT_TIMESTAMP_MICROS;
    else
        *type = field->utc ? JI_VARIANT_TIMESTAMP_NANOS_UTC : JI_VARIANT_TIMESTAMP_NANOS;
    return field->unit == JI_MICRO || field->unit == JI_NANO;
}

static bool decimal_type(const struct ji_schema_element *element, enum ji_variant_type *type)
{
    if (element->physical == JI_PHYSICAL_INT32)
        *type = JI_VARIANT_DECIMAL4;
    else if (element->physical == JI_PHYSICAL_INT64)
        *type = JI_VARIANT_DECIMAL8;
    else
        *type = JI_VARIANT_DECIMAL16;
    return true;
}

/* The variant type of a shredded leaf; false where there is none. */
static bool scalar_type(const struct making *making, const struct ji_shape *shape, enum ji_variant_type *type)
{
    const struct ji_schema_element *const element = leaf_of(making, shape)->element;
    const struct ji_field *const field = shape->field;
    switch (field->kind) {
    case JI_BOOL:
        *type = JI_VARIANT_TRUE;
        return true;
    case JI_FLOAT:
        *type = JI_VARIANT_FLOAT;
        return true;
    case JI_DOUBLE:
        *type = JI_VARIANT_DOUBLE;
        return true;
    case JI_DECIMAL:
        return decimal_type(element, type);
    case JI_DATE:
        *type = JI_VARIANT_DATE;
        return true;
    case JI_TIME:
    case JI_TIMESTAMP:
        return time_type(element, field, type);
    case JI_STRING:
        *type = JI_VARIANT_STRING;
        return element->logical.kind == JI_LOGICAL_STRING ||
                (element->logical.kind == JI_LOGICAL_NONE && element->converted == JI_CONVERTED_UTF8);
    case JI_BINARY:
        *type = JI_VARIANT_BINARY;
        return is_binary(making, shape);
    case JI_UUID:
        *type = JI_VARIANT_UUID;
        return true;
    default:
        return integer_type(field, type);
    }
}

static enum joist_status fail_type(
        const struct making *making, const struct ji_shape *shape, struct joist_error *err)
{
    const char *text = "";
    JI_TRY(ji_type_text(making->arena, shape->field, &text, err));
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "variant shredded as %s", text);
}

static int compare_nodes(const void *a, const void *b)
{
    return ji_view_compare(
            ((const struct ji_variant_node *)a)->name, ((const struct ji_variant_node *)b)->name);
}
_Static_assert(sizeof(struct ji_variant_node) <= JI_SORT_ITEM_BYTES_MAX, "nodes are sorted");

static enum joist_status make_node(
        struct making *making, const struct ji_shape *group, bool is_top, struct ji_variant_node *node);

static enum joist_status make_fields(
        struct making *making, const struct ji_shape *object, struct ji_variant_node *node)
{
    node->typed = JI_VARIANT_FIELDS;
    node->count = object->field->child_count;
    making->field_count += node->count;
    JI_TRY(ji_arena_array(making->arena, node->count, sizeof node->nodes[0], &node->nodes, making->err));
    for (size_t step = 0; step < node->count; step++) {
        struct ji_variant_node *const child = &node->nodes[step];
        JI_TRY(make_node(making, &object->children[step], false, child));
        child->name = ji_view_of_text(object->children[step].field->name);
        child->child = step;
    }
    ji_sort(node->nodes, node->count, sizeof node->nodes[0], compare_nodes);
    for (size_t step = 1; step < node->count; step++) {
        if (compare_nodes(&node->nodes[step - 1], &node->nodes[step]) == 0)
            return ji_fail(making->err, JOIST_ERR_CORRUPT, "variant: field '%.*s' is shredded twice",
                    (int)ji_min_size(node->nodes[step].name.size, 100),
                    (const char *)node->nodes[step].name.data);
    }
    return JOIST_OK;
}

static enum joist_status make_typed(
        struct making *making, const struct ji_shape *typed, struct ji_variant_node *node)
{
    switch (typed->field->kind) {
    case JI_STRUCT:
        if (typed->variant != NULL)
            return ji_fail(making->err, JOIST_ERR_CORRUPT, "variant shredded as a variant");
        return make_fields(making, typed, node);
    case JI_LIST:
        node->typed = JI_VARIANT_ELEMENTS;
        node->count = 1;
        JI_TRY(ji_arena_array(making->arena, 1, sizeof node->nodes[0], &node->nodes, making->err));
        return make_node(making, &typed->children[0], false, &node->nodes[0]);
    case JI_MAP:
        return ji_fail(making->err, JOIST_ERR_UNSUPPORTED, "variant shredded as a map");
    default:
        break;
    }
    node->typed = JI_VARIANT_SCALAR;
    node->scale = (unsigned)typed->field->scale;
    return scalar_type(making, typed, &node->type) ? JOIST_OK : fail_type(making, typed, making->err);
}

static enum joist_status make_node(
        struct making *making, const struct ji_shape *group, bool is_top, struct ji_variant_node *node)
{
    struct joist_error *const err = making->err;
    if (group->field->kind != JI_STRUCT || group->variant != NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant: '%s' is no group of value and typed_value",
                group->field->name);
    node->value_child = node->typed_child = JI_VARIANT_ABSENT;
    for (size_t step = 0; step < group->field->child_count; step++) {
        const struct ji_shape *const child = &group->children[step];
        const char *const name = child->field->name;
        if (strcmp(name, "value") == 0 && node->value_child == JI_VARIANT_ABSENT) {
            if (!is_binary(making, child))
                return ji_fail(
                        err, JOIST_ERR_CORRUPT, "variant: value of '%s' is not binary", group->field->name);
            node->value_child = step;
        } else if (strcmp(name, "typed_value") == 0 && node->typed_child == JI_VARIANT_ABSENT) {
            JI_TRY(make_typed(making, child, node));
            node->typed_child = step;
        } else if (!is_top || strcmp(name, "metadata") != 0) {
            return ji_fail(err, JOIST_ERR_CORRUPT, "variant: field '%s' in '%s'", name, group->field->name);
        }
    }
    if (node->value_child == JI_VARIANT_ABSENT && node->typed_child == JI_VARIANT_ABSENT)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "variant: neither value nor typed_value in '%s'", group->field->name);
    return JOIST_OK;
}

static enum joist_status find_metadata(
        const struct making *making, const struct ji_shape *storage, size_t *metadata)
{
    size_t found = JI_VARIANT_ABSENT;
    for (size_t step = 0; step < storage->field->child_count; step++) {
        const struct ji_shape *const child = &storage->children[step];
        if (strcmp(child->field->name, "metadata") != 0)
            continue;
        if (found != JI_VARIANT_ABSENT || !is_binary(making, child))
            return ji_fail(making->err, JOIST_ERR_CORRUPT, "variant: metadata is not one binary column");
        found = step;
    }
    if (found == JI_VARIANT_ABSENT)
        return ji_fail(making->err, JOIST_ERR_CORRUPT, "variant without metadata");
    *metadata = found;
    return JOIST_OK;
}

/* --- names --- */

static int compare_names(const void *a, const void *b)
{
    return ji_view_compare(*(const struct ji_view *)a, *(const struct ji_view *)b);
}

static void collect_names(const struct ji_variant_node *node, struct ji_view *names, size_t *count)
{
    for (size_t step = 0; step < node->count; step++) {
        if (node->typed == JI_VARIANT_FIELDS)
            names[(*count)++] = node->nodes[step].name;
        collect_names(&node->nodes[step], names, count);
    }
}

static void number_names(struct ji_variant_node *node, const struct ji_view *names, size_t count)
{
    for (size_t step = 0; step < node->count; step++) {
        struct ji_variant_node *const child = &node->nodes[step];
        size_t low = 0;
        size_t high = node->typed == JI_VARIANT_FIELDS ? count : 0;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (ji_view_compare(names[middle], child->name) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        child->name_number = low;
        number_names(child, names, count);
    }
}

/* One number for a name, however many objects have it: their fields share one entry of a dictionary. */
static enum joist_status make_names(const struct making *making, struct ji_variant_shape *shape)
{
    struct ji_view *names = NULL;
    JI_TRY(ji_arena_array(making->arena, making->field_count, sizeof names[0], &names, making->err));
    size_t count = 0;
    collect_names(&shape->top, names, &count);
    ji_sort(names, count, sizeof names[0], compare_names);
    for (size_t step = 0; step < count; step++) {
        if (step == 0 || !ji_view_equal(names[step], shape->names[shape->name_count - 1])) {
            names[shape->name_count++] = names[step];
            shape->names = names;
        }
    }
    number_names(&shape->top, names, shape->name_count);
    return JOIST_OK;
}

static enum joist_status make_field(struct ji_arena *arena, struct ji_field *field, struct joist_error *err)
{
    static const char *const names[] = {"metadata", "value"};
    JI_TRY(ji_arena_array(arena, 2, sizeof field->children[0], &field->children, err));
    for (size_t step = 0; step < 2; step++)
        field->children[step] =
                (struct ji_field){.name = names[step], .kind = JI_BINARY, .field_id = JI_FIELD_ID_NONE};
    field->child_count = 2;
    field->kind = JI_STRUCT;
    field->extension_name = JI_VARIANT_EXTENSION;
    return JOIST_OK;
}

enum joist_status ji_variant_shape_make(struct ji_arena *arena, const struct ji_shape *storage,
        const struct ji_leaf *leaves, struct ji_field *field, struct ji_variant_shape *out,
        struct joist_error *err)
{
    struct making making = {.arena = arena, .leaves = leaves, .err = err};
    struct ji_variant_shape made = {.field = field};
    JI_TRY(find_metadata(&making, storage, &made.metadata_child));
    JI_TRY(make_node(&making, storage, true, &made.top));
    JI_TRY(make_names(&making, &made));
    made.is_plain = made.top.typed_child == JI_VARIANT_ABSENT &&
            !storage->field->children[made.top.value_child].nullable;
    JI_TRY(make_field(arena, field, err));
    *out = made;
    return JOIST_OK;
}
