/*
 * parquet_schema.c - a file's schema as the engine sees it
 *
 *     element tree --map_field--> field and shape, leaves in the same order
 *
 *   1. map_field looks at an element's repetition, map_content at the rest.
 *   2. A repeated element outside a list or map stands for a required list of required elements.
 *   3. What a LIST's repeated child means follows the backward-compatibility rules of the format's
 *      LogicalTypes.md: its one child is the element, unless the child is a leaf, has several
 *      fields, has a repeated field, or is named "array" or "<list>_tuple".
 *   4. Recursion is bounded by the depth of the element tree, at most JI_SCHEMA_DEPTH_MAX.
 */
#include "parquet/format/parquet_schema.h"

#include "kernel/utf8.h"
#include "parquet/format/place_type.h"
#include "parquet/format/schema_tree.h"
#include "parquet/format/type_map.h"
#include "parquet/format/variant_shape.h"

struct mapping {
    struct ji_arena *arena;
    struct ji_schema_wishes wishes;
    struct ji_schema_tree tree;
    struct ji_leaf *leaves;
    size_t leaf_count;
    size_t column;
};

/* Where an element stands: how many levels those above it have used up. */
struct levels {
    uint8_t def;
    uint8_t rep;
};

static enum joist_status map_content(struct mapping *map, size_t index, struct levels at,
        struct ji_field *field, struct ji_shape *shape, struct joist_error *err);

static enum ji_logical group_meaning(const struct ji_schema_element *element)
{
    if (element->logical.kind != JI_LOGICAL_NONE)
        return element->logical.kind;
    if (element->converted == JI_CONVERTED_LIST)
        return JI_LOGICAL_LIST;
    if (element->converted == JI_CONVERTED_MAP || element->converted == JI_CONVERTED_MAP_KEY_VALUE)
        return JI_LOGICAL_MAP;
    return JI_LOGICAL_NONE;
}

static enum joist_status name_field(
        struct mapping *map, size_t index, struct ji_field *field, struct joist_error *err)
{
    const struct ji_schema_element *const element = &map->tree.elements[index];
    if (!ji_utf8_valid(element->name))
        return ji_fail(err, JOIST_ERR_CORRUPT, "schema element %zu: name is not UTF-8", index);
    if (element->name.size > 0 && memchr(element->name.data, 0, element->name.size) != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "schema element %zu: name with a NUL byte", index);
    field->field_id = element->has_field_id && element->field_id >= 0 ? element->field_id : JI_FIELD_ID_NONE;
    /* A NUL stands behind the names of elements that are read. */
    field->name = (const char *)element->name.data;
    return JOIST_OK;
}

static enum joist_status make_children(struct mapping *map, size_t count, struct ji_field *field,
        struct ji_shape *shape, struct joist_error *err)
{
    JI_TRY(ji_arena_array(map->arena, count, sizeof field->children[0], &field->children, err));
    JI_TRY(ji_arena_array(map->arena, count, sizeof shape->children[0], &shape->children, err));
    field->child_count = count;
    return JOIST_OK;
}

static enum joist_status map_field(struct mapping *map, size_t index, struct levels at,
        struct ji_field *field, struct ji_shape *shape, struct joist_error *err)
{
    const enum ji_repetition repetition = map->tree.elements[index].repetition;
    JI_TRY(name_field(map, index, field, err));
    if (repetition != JI_REPEATED) {
        field->nullable = repetition == JI_OPTIONAL;
        at.def += field->nullable;
        return map_content(map, index, at, field, shape, err);
    }
    field->kind = JI_LIST;
    JI_TRY(make_children(map, 1, field, shape, err));
    shape->field = field;
    shape->def_present = at.def;
    shape->def_repeated = ++at.def;
    shape->rep_level = ++at.rep;
    shape->leaf_start = map->leaf_count;
    JI_TRY(name_field(map, index, &field->children[0], err));
    JI_TRY(map_content(map, index, at, &field->children[0], &shape->children[0], err));
    shape->leaf_count = map->leaf_count - shape->leaf_start;
    return JOIST_OK;
}

static enum joist_status map_leaf(struct mapping *map, size_t index, struct levels at, struct ji_field *field,
        struct ji_shape *shape, struct joist_error *err)
{
    const struct ji_schema_element *const element = &map->tree.elements[index];
    struct ji_leaf *const leaf = &map->leaves[map->leaf_count];
    JI_TRY(ji_schema_tree_path(map->arena, &map->tree, index, leaf, err));
    enum joist_status status = ji_type_from_element(element, field, err);
    if (status == JOIST_OK && field->kind == JI_BINARY && ji_is_place(&element->logical))
        status = ji_place_extension(map->arena, &element->logical, map->wishes.key_values,
                map->wishes.key_value_count, field, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column '%s'", leaf->name);
        return status;
    }
    if (element->physical == JI_PHYSICAL_INT96 && field->kind == JI_TIMESTAMP)
        field->unit = map->wishes.int96_unit;
    leaf->element = element;
    leaf->field = field;
    leaf->shape = shape;
    leaf->max_def = at.def;
    leaf->max_rep = at.rep;
    leaf->index = leaf->chunk = map->leaf_count;
    leaf->column = map->column;
    map->leaf_count++;
    return JOIST_OK;
}

/* Whether a list's repeated child is the element itself. */
static bool is_element(const struct ji_schema_tree *tree, size_t list, size_t repeated)
{
    const struct ji_schema_element *const element = &tree->elements[repeated];
    if (element->physical != JI_PHYSICAL_NONE || element->child_count != 1)
        return true;
    if (tree->elements[repeated + 1].repetition == JI_REPEATED)
        return true;
    static const char tuple[] = "_tuple";
    const struct ji_view name = element->name;
    const struct ji_view list_name = tree->elements[list].name;
    return ji_view_equal_text(name, "array") ||
            (name.size == list_name.size + sizeof tuple - 1 &&
                    ji_view_equal(ji_view_of(name.data, list_name.size), list_name) &&
                    memcmp(name.data + list_name.size, tuple, sizeof tuple - 1) == 0);
}

static enum joist_status map_list(struct mapping *map, size_t index, struct levels at, struct ji_field *field,
        struct ji_shape *shape, struct joist_error *err)
{
    const size_t repeated = index + 1;
    field->kind = JI_LIST;
    JI_TRY(make_children(map, 1, field, shape, err));
    shape->def_repeated = ++at.def;
    shape->rep_level = ++at.rep;
    if (!is_element(&map->tree, index, repeated))
        return map_field(map, repeated + 1, at, &field->children[0], &shape->children[0], err);
    JI_TRY(name_field(map, repeated, &field->children[0], err));
    return map_content(map, repeated, at, &field->children[0], &shape->children[0], err);
}

static enum joist_status map_map(struct mapping *map, size_t index, struct levels at, struct ji_field *field,
        struct ji_shape *shape, struct joist_error *err)
{
    const size_t repeated = index + 1;
    field->kind = JI_MAP;
    JI_TRY(make_children(map, 1, field, shape, err));
    shape->def_repeated = ++at.def;
    shape->rep_level = ++at.rep;
    struct ji_field *const entry = &field->children[0];
    struct ji_shape *const entry_shape = &shape->children[0];
    JI_TRY(name_field(map, repeated, entry, err));
    entry->kind = JI_STRUCT;
    JI_TRY(make_children(map, 2, entry, entry_shape, err));
    entry_shape->field = entry;
    entry_shape->def_present = at.def;
    entry_shape->leaf_start = map->leaf_count;
    const size_t key = repeated + 1;
    const size_t value = map->tree.ends[key];
    JI_TRY(map_field(map, key, at, &entry->children[0], &entry_shape->children[0], err));
    JI_TRY(map_field(map, value, at, &entry->children[1], &entry_shape->children[1], err));
    /* Hive writes optional keys; a null among them is refused where it is met. */
    entry->children[0].nullable = false;
    entry_shape->leaf_count = map->leaf_count - entry_shape->leaf_start;
    return JOIST_OK;
}

static enum joist_status map_struct(struct mapping *map, size_t index, struct levels at,
        struct ji_field *field, struct ji_shape *shape, struct joist_error *err)
{
    const size_t count = (size_t)map->tree.elements[index].child_count;
    field->kind = JI_STRUCT;
    JI_TRY(make_children(map, count, field, shape, err));
    size_t child = index + 1;
    for (size_t step = 0; step < count; step++) {
        JI_TRY(map_field(map, child, at, &field->children[step], &shape->children[step], err));
        child = map->tree.ends[child];
    }
    return JOIST_OK;
}

/* The group as it stands becomes a field of its own, which the shape is of. */
static enum joist_status map_variant(struct mapping *map, size_t index, struct levels at,
        struct ji_field *field, struct ji_shape *shape, struct joist_error *err)
{
    struct ji_field *storage = NULL;
    struct ji_variant_shape *variant = NULL;
    JI_TRY(ji_arena_array(map->arena, 1, sizeof *storage, &storage, err));
    JI_TRY(ji_arena_array(map->arena, 1, sizeof *variant, &variant, err));
    *storage = *field;
    shape->field = storage;
    JI_TRY(map_struct(map, index, at, storage, shape, err));
    const enum joist_status status =
            ji_variant_shape_make(map->arena, shape, map->leaves, field, variant, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column '%s'", field->name);
        return status;
    }
    shape->variant = variant;
    return JOIST_OK;
}

static enum joist_status map_group(struct mapping *map, size_t index, struct levels at,
        struct ji_field *field, struct ji_shape *shape, struct joist_error *err)
{
    const struct ji_schema_element *const element = &map->tree.elements[index];
    const enum ji_logical meaning = group_meaning(element);
    if (element->child_count == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "column '%s': group without fields", field->name);
    if (meaning == JI_LOGICAL_VARIANT)
        return map_variant(map, index, at, field, shape, err);
    if (meaning == JI_LOGICAL_FILE)
        field->annotation = JI_ANNOTATION_FILE;
    if (meaning != JI_LOGICAL_LIST && meaning != JI_LOGICAL_MAP)
        return map_struct(map, index, at, field, shape, err);

    const struct ji_schema_element *const child = &element[1];
    if (element->child_count != 1 || child->repetition != JI_REPEATED ||
            (child->physical == JI_PHYSICAL_NONE && child->child_count == 0))
        return ji_fail(err, JOIST_ERR_CORRUPT, "column '%s': %s without one repeated child", field->name,
                ji_logical_name(meaning));
    if (meaning == JI_LOGICAL_LIST)
        return map_list(map, index, at, field, shape, err);
    if (child->physical != JI_PHYSICAL_NONE || child->child_count > 2)
        return ji_fail(err, JOIST_ERR_CORRUPT, "column '%s': MAP without key and value", field->name);
    /* A map without values is a set of keys: a list. */
    if (child->child_count == 1)
        return map_list(map, index, at, field, shape, err);
    return map_map(map, index, at, field, shape, err);
}

static enum joist_status map_content(struct mapping *map, size_t index, struct levels at,
        struct ji_field *field, struct ji_shape *shape, struct joist_error *err)
{
    shape->field = field;
    shape->def_present = at.def;
    shape->leaf_start = map->leaf_count;
    if (map->tree.elements[index].physical == JI_PHYSICAL_NONE)
        JI_TRY(map_group(map, index, at, field, shape, err));
    else
        JI_TRY(map_leaf(map, index, at, field, shape, err));
    shape->leaf_count = map->leaf_count - shape->leaf_start;
    return JOIST_OK;
}

enum joist_status ji_parquet_schema_read(struct ji_arena *arena, const struct ji_schema_element *elements,
        size_t element_count, const struct ji_schema_wishes *wishes, struct ji_parquet_schema *out,
        struct joist_error *err)
{
    struct mapping map = {.arena = arena, .wishes = {.int96_unit = JI_NANO}};
    if (wishes != NULL)
        map.wishes = *wishes;
    JI_TRY(ji_schema_tree_build(arena, elements, element_count, &map.tree, err));
    if (element_count - 1 > JI_COLUMNS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "schema of %zu elements (at most %d)", element_count - 1,
                JI_COLUMNS_MAX);

    size_t leaf_count = 0;
    for (size_t index = 1; index < element_count; index++)
        leaf_count += elements[index].physical != JI_PHYSICAL_NONE;
    const size_t column_count = (size_t)elements[0].child_count;
    struct ji_field *fields = NULL;
    struct ji_shape *shapes = NULL;
    JI_TRY(ji_arena_array(arena, leaf_count, sizeof map.leaves[0], &map.leaves, err));
    JI_TRY(ji_arena_array(arena, column_count, sizeof fields[0], &fields, err));
    JI_TRY(ji_arena_array(arena, column_count, sizeof shapes[0], &shapes, err));

    size_t index = 1;
    const struct levels top = {0, 0};
    for (map.column = 0; map.column < column_count; map.column++) {
        JI_TRY(map_field(&map, index, top, &fields[map.column], &shapes[map.column], err));
        index = map.tree.ends[index];
    }
    *out = (struct ji_parquet_schema){
            .schema = {.column_count = column_count, .columns = fields},
            .fields = fields,
            .shapes = shapes,
            .leaves = map.leaves,
            .leaf_count = map.leaf_count,
            .elements = elements,
            .element_count = element_count,
    };
    return JOIST_OK;
}
