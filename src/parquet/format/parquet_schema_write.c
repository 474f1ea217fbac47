/*
 * parquet_schema_write.c - the engine's schema as a file's elements
 *
 *     list<int>   optional group l (LIST) { repeated group list { optional int32 element } }
 *     map<k, v>   optional group m (MAP) { repeated group key_value { required k key; optional v value } }
 *
 *   1. Elements, shapes and leaves are made in one depth-first walk.
 *   2. Recursion is bounded by JI_SCHEMA_DEPTH_MAX levels of elements, checked before a level is entered.
 */
#include "parquet/format/place_type.h"
#include "parquet/format/schema_tree.h"
#include "parquet/format/type_map.h"
#include "parquet/format/variant_shape.h"

struct layout {
    struct ji_arena *arena;
    const struct ji_schema *schema;
    struct ji_schema_element *elements;
    size_t element_count;
    struct ji_leaf *leaves;
    size_t *leaf_elements; /* the element of each leaf */
    size_t leaf_count;
    size_t column;
};

struct place {
    uint8_t def;
    uint8_t rep;
};

/* What the walk will make, before anything is allocated. */
struct tally {
    size_t elements;
    size_t leaves;
};

static enum joist_status count_field(
        const struct ji_field *field, unsigned depth, struct tally *tally, struct joist_error *err)
{
    const bool is_repeated = field->kind == JI_LIST || field->kind == JI_MAP;
    if (depth + is_repeated > JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column '%s' nests deeper than %d levels in Parquet",
                field->name, JI_SCHEMA_DEPTH_MAX);
    tally->elements += 1 + is_repeated;
    if (!ji_kind_is_nested(field->kind)) {
        tally->leaves++;
        return JOIST_OK;
    }
    if (field->child_count == 0)
        return ji_fail(
                err, JOIST_ERR_UNSUPPORTED, "column '%s': struct without fields in Parquet", field->name);
    /* A map's entries are its repeated group. */
    const struct ji_field *const parent = field->kind == JI_MAP ? &field->children[0] : field;
    for (size_t step = 0; step < parent->child_count; step++)
        JI_TRY(count_field(&parent->children[step], depth + 1 + is_repeated, tally, err));
    return JOIST_OK;
}

static struct ji_schema_element *add_group(
        struct layout *layout, struct ji_view name, enum ji_repetition repetition, size_t child_count)
{
    struct ji_schema_element *const element = &layout->elements[layout->element_count++];
    *element = (struct ji_schema_element){
            .name = name,
            .physical = JI_PHYSICAL_NONE,
            .repetition = repetition,
            .child_count = (int32_t)child_count,
            .converted = JI_CONVERTED_NONE,
    };
    return element;
}

static enum joist_status add_leaf(struct layout *layout, const struct ji_field *field, struct place at,
        struct ji_shape *shape, struct joist_error *err)
{
    layout->leaf_elements[layout->leaf_count] = layout->element_count;
    struct ji_schema_element *const element =
            add_group(layout, ji_view_of_text(field->name), field->nullable ? JI_OPTIONAL : JI_REQUIRED, 0);
    enum joist_status status = ji_type_to_element(field, element, err);
    if (status == JOIST_OK && ji_is_place_field(field))
        status = ji_place_logical(layout->arena, field, layout->schema, &element->logical, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column '%s'", field->name);
        return status;
    }
    layout->leaves[layout->leaf_count++] = (struct ji_leaf){
            .element = element,
            .field = field,
            .shape = shape,
            .max_def = at.def,
            .max_rep = at.rep,
            .column = layout->column,
    };
    return JOIST_OK;
}

static enum joist_status add_field(struct layout *layout, const struct ji_field *field, struct ji_view name,
        struct place at, struct ji_shape *shape, struct joist_error *err);

static enum joist_status make_shapes(
        struct layout *layout, size_t count, struct ji_shape *shape, struct joist_error *err)
{
    return ji_arena_array(layout->arena, count, sizeof shape->children[0], &shape->children, err);
}

static enum joist_status add_list(struct layout *layout, const struct ji_field *field, struct place at,
        struct ji_shape *shape, struct joist_error *err)
{
    (void)add_group(layout, ji_view_of_text("list"), JI_REPEATED, 1);
    JI_TRY(make_shapes(layout, 1, shape, err));
    return add_field(layout, &field->children[0], ji_view_of_text("element"), at, &shape->children[0], err);
}

static enum joist_status add_map(struct layout *layout, const struct ji_field *field, struct place at,
        struct ji_shape *shape, struct joist_error *err)
{
    const struct ji_field *const entry = &field->children[0];
    (void)add_group(layout, ji_view_of_text("key_value"), JI_REPEATED, 2);
    JI_TRY(make_shapes(layout, 1, shape, err));
    struct ji_shape *const entry_shape = &shape->children[0];
    *entry_shape = (struct ji_shape){.field = entry, .def_present = at.def, .leaf_start = layout->leaf_count};
    JI_TRY(make_shapes(layout, 2, entry_shape, err));
    JI_TRY(add_field(
            layout, &entry->children[0], ji_view_of_text("key"), at, &entry_shape->children[0], err));
    JI_TRY(add_field(
            layout, &entry->children[1], ji_view_of_text("value"), at, &entry_shape->children[1], err));
    entry_shape->leaf_count = layout->leaf_count - entry_shape->leaf_start;
    return JOIST_OK;
}

static enum joist_status add_struct(struct layout *layout, const struct ji_field *field, struct place at,
        struct ji_shape *shape, struct joist_error *err)
{
    JI_TRY(make_shapes(layout, field->child_count, shape, err));
    for (size_t step = 0; step < field->child_count; step++) {
        const struct ji_field *const child = &field->children[step];
        JI_TRY(add_field(layout, child, ji_view_of_text(child->name), at, &shape->children[step], err));
    }
    return JOIST_OK;
}

/* Its storage, shredded or not, is written as it is. */
bool ji_is_variant(const struct ji_field *field)
{
    return field->kind == JI_STRUCT && field->extension_name != NULL &&
            strcmp(field->extension_name, JI_VARIANT_EXTENSION) == 0;
}

bool ji_is_file_group(const struct ji_field *field)
{
    static const struct {
        const char *name;
        enum ji_kind kind;
    } known[] = {{"uri", JI_STRING}, {"offset", JI_INT64}, {"size", JI_INT64}, {"content_type", JI_STRING},
            {"checksum", JI_STRING}, {"inline", JI_BINARY}};
    const size_t known_count = sizeof known / sizeof known[0];
    size_t fits = 0;
    for (size_t step = 0; step < field->child_count; step++) {
        const struct ji_field *const child = &field->children[step];
        for (size_t i = 0; i < known_count; i++)
            fits += child->nullable && child->kind == known[i].kind &&
                    strcmp(child->name, known[i].name) == 0;
    }
    return field->kind == JI_STRUCT && field->child_count > 0 && fits == field->child_count;
}

static enum joist_status add_nested(struct layout *layout, const struct ji_field *field, struct ji_view name,
        struct place at, struct ji_shape *shape, struct joist_error *err)
{
    const bool is_struct = field->kind == JI_STRUCT;
    struct ji_schema_element *const element = add_group(
            layout, name, field->nullable ? JI_OPTIONAL : JI_REQUIRED, is_struct ? field->child_count : 1);
    element->has_field_id = field->field_id != JI_FIELD_ID_NONE;
    element->field_id = field->field_id;
    if (ji_is_variant(field))
        element->logical.kind = JI_LOGICAL_VARIANT;
    else if (field->annotation == JI_ANNOTATION_FILE && ji_is_file_group(field))
        element->logical.kind = JI_LOGICAL_FILE;
    if (is_struct)
        return add_struct(layout, field, at, shape, err);
    shape->def_repeated = ++at.def;
    shape->rep_level = ++at.rep;
    const bool is_map = field->kind == JI_MAP;
    element->logical.kind = is_map ? JI_LOGICAL_MAP : JI_LOGICAL_LIST;
    element->converted = is_map ? JI_CONVERTED_MAP : JI_CONVERTED_LIST;
    return is_map ? add_map(layout, field, at, shape, err) : add_list(layout, field, at, shape, err);
}

static enum joist_status add_field(struct layout *layout, const struct ji_field *field, struct ji_view name,
        struct place at, struct ji_shape *shape, struct joist_error *err)
{
    at.def += field->nullable;
    *shape = (struct ji_shape){.field = field, .def_present = at.def, .leaf_start = layout->leaf_count};
    if (ji_kind_is_nested(field->kind)) {
        JI_TRY(add_nested(layout, field, name, at, shape, err));
    } else {
        struct ji_schema_element *const element = &layout->elements[layout->element_count];
        JI_TRY(add_leaf(layout, field, at, shape, err));
        element->name = name;
        element->has_field_id = field->field_id != JI_FIELD_ID_NONE;
        element->field_id = field->field_id;
    }
    shape->leaf_count = layout->leaf_count - shape->leaf_start;
    return JOIST_OK;
}

static enum joist_status allocate(
        struct layout *layout, const struct ji_schema *schema, struct joist_error *err)
{
    struct tally tally = {.elements = 1};
    if (schema->column_count > JI_COLUMNS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "schema of %zu columns (at most %d)", schema->column_count,
                JI_COLUMNS_MAX);
    for (size_t index = 0; index < schema->column_count; index++)
        JI_TRY(count_field(&schema->columns[index], 1, &tally, err));
    JI_TRY(ji_arena_array(layout->arena, tally.elements, sizeof layout->elements[0], &layout->elements, err));
    JI_TRY(ji_arena_array(layout->arena, tally.leaves, sizeof layout->leaves[0], &layout->leaves, err));
    return ji_arena_array(
            layout->arena, tally.leaves, sizeof layout->leaf_elements[0], &layout->leaf_elements, err);
}

enum joist_status ji_parquet_schema_write(struct ji_arena *arena, const struct ji_schema *schema,
        struct ji_parquet_schema *out, struct joist_error *err)
{
    struct layout layout = {.arena = arena, .schema = schema};
    struct ji_shape *shapes = NULL;
    JI_TRY(allocate(&layout, schema, err));
    JI_TRY(ji_arena_array(arena, schema->column_count, sizeof shapes[0], &shapes, err));
    (void)add_group(&layout, ji_view_of_text("schema"), JI_REQUIRED, schema->column_count);

    const struct place top = {0, 0};
    for (layout.column = 0; layout.column < schema->column_count; layout.column++) {
        const struct ji_field *const field = &schema->columns[layout.column];
        JI_TRY(add_field(&layout, field, ji_view_of_text(field->name), top, &shapes[layout.column], err));
    }
    struct ji_schema_tree tree;
    JI_TRY(ji_schema_tree_build(arena, layout.elements, layout.element_count, &tree, err));
    for (size_t index = 0; index < layout.leaf_count; index++)
        JI_TRY(ji_schema_tree_path(arena, &tree, layout.leaf_elements[index], &layout.leaves[index], err));
    *out = (struct ji_parquet_schema){
            .schema = *schema,
            .shapes = shapes,
            .leaves = layout.leaves,
            .leaf_count = layout.leaf_count,
            .elements = layout.elements,
            .element_count = layout.element_count,
    };
    return JOIST_OK;
}
