/*
 * variant_assemble.c - puts shredded variants together, row by row
 *
 *     value   typed_value     makes
 *     -       -               nothing: a field that is missing; null where something must stand
 *     x       -               the value as it is
 *     -       x               the typed value; of FIELDS those that are there, of ELEMENTS all
 *     x       x               an object of the typed fields and the value's; else corrupt
 *
 *   1. Fields of an object are taken from two lists that both rise by name: nothing is sorted.
 *   2. A name is looked up once for a dictionary: by halving where its names rise, else in an order made
 *      for it. Rows that share a dictionary (mostly all) share the answers.
 *   3. A field that is shredded and stands in the value too would be lost on one side: corrupt, though
 *      readers may choose.
 *   4. DuckDB writes the fields of objects in any order: those are sorted into a copy.
 *   5. DuckDB shreds a member named "" under a name that the dictionary lacks: such names take the ids
 *      behind, and rows from that one on get a dictionary that has them. Ids in use stay what they are.
 *   6. Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep.
 */
#include "parquet/decode/variant_assemble.h"

#include "arrow/value.h"
#include "base/heap_sort.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define NOT_BUILT SIZE_MAX

struct ji_variant_id {
    uint64_t generation;
    uint32_t id;
};

struct named {
    struct ji_view name;
    uint32_t id;
};

enum joist_status ji_variant_assembly_init(struct ji_variant_assembly *assembly, struct ji_arena *arena,
        struct ji_mem *mem, const struct ji_variant_shape *shape, struct joist_error *err)
{
    struct ji_variant_assembly made = {.shape = shape};
    JI_TRY(ji_arena_array(arena, shape->name_count, sizeof made.ids[0], &made.ids, err));
    JI_TRY(ji_arena_array(arena, shape->name_count, sizeof made.added[0], &made.added, err));
    ji_variant_builder_init(&made.builder, mem);
    ji_variant_builder_init(&made.sorter, mem);
    ji_arena_init(&made.copies, mem);
    *assembly = made;
    return JOIST_OK;
}

void ji_variant_assembly_clear(struct ji_variant_assembly *assembly)
{
    ji_variant_builder_clear(&assembly->builder);
    ji_variant_builder_clear(&assembly->sorter);
    ji_arena_clear(&assembly->copies);
    ji_buffer_release(assembly->views);
    ji_buffer_release(assembly->metadata);
    ji_buffer_release(assembly->starts);
    ji_buffer_release(assembly->order);
    assembly->views = assembly->metadata = assembly->starts = assembly->order = NULL;
}

/* --- what is wrong --- */

/* What readers put right or pass over: nobody is told but the watch. */
static enum joist_status tell(const struct ji_variant_assembly *assembly, struct joist_error *err,
        const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum joist_status tell(
        const struct ji_variant_assembly *assembly, struct joist_error *err, const char *format, ...)
{
    if (assembly->watch == NULL)
        return JOIST_OK;
    struct joist_error what = {.status = JOIST_ERR_CORRUPT};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what.text, sizeof what.text, format, arguments);
    va_end(arguments);
    return assembly->watch->fault(assembly->watch->user, assembly->row, &what, err);
}

/* --- names --- */

static bool says_sorted(struct ji_view metadata)
{
    return (metadata.data[0] >> 4 & 1) != 0;
}

static enum joist_status take_names(
        struct ji_variant_assembly *assembly, struct ji_view metadata, struct joist_error *err)
{
    const struct ji_view own = assembly->names.bytes;
    if (assembly->has_names &&
            ((own.data == metadata.data && own.size == metadata.size) || ji_view_equal(own, metadata)))
        return JOIST_OK;
    assembly->has_names = false;
    JI_TRY(ji_variant_names_init(&assembly->names, metadata, err));
    assembly->has_names = true;
    assembly->has_order = false;
    assembly->added_count = assembly->written_count = 0;
    assembly->dictionary = metadata;
    assembly->generation++;
    if (says_sorted(metadata) && !assembly->names.rises)
        return tell(assembly, err, "dictionary says that it is sorted, and its names do not rise");
    return JOIST_OK;
}

static int compare_named(const void *a, const void *b)
{
    return ji_view_compare(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static enum joist_status make_order(struct ji_variant_assembly *assembly, struct joist_error *err)
{
    const struct ji_variant_names *const names = &assembly->names;
    JI_TRY(ji_buffer_renew(assembly->builder.out.mem, &assembly->order,
            ji_max_size(names->count, 1) * sizeof(struct named), err));
    struct named *const order = (struct named *)(void *)assembly->order->data;
    for (uint32_t id = 0; id < names->count; id++)
        order[id] = (struct named){.name = ji_variant_name(names, id), .id = id};
    ji_sort(order, names->count, sizeof order[0], compare_named);
    assembly->has_order = true;
    return JOIST_OK;
}

static struct named named_at(const struct ji_variant_assembly *assembly, uint32_t index)
{
    if (!assembly->names.rises)
        return ((const struct named *)(const void *)assembly->order->data)[index];
    return (struct named){.name = ji_variant_name(&assembly->names, index), .id = index};
}

/* The id of a name that the dictionary has, or gets. */
static enum joist_status look_up(
        struct ji_variant_assembly *assembly, struct ji_view name, uint32_t *id, struct joist_error *err)
{
    if (!assembly->names.rises && !assembly->has_order)
        JI_TRY(make_order(assembly, err));
    uint32_t low = 0;
    uint32_t high = assembly->names.count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (ji_view_compare(named_at(assembly, middle).name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < assembly->names.count && ji_view_equal(named_at(assembly, low).name, name)) {
        *id = named_at(assembly, low).id;
        return JOIST_OK;
    }
    *id = assembly->names.count + (uint32_t)assembly->added_count;
    assembly->added[assembly->added_count++] = name;
    return tell(assembly, err, "shredded field '%.*s' is not in the dictionary",
            (int)ji_min_size(name.size, 100), (const char *)name.data);
}

static enum joist_status find_id(struct ji_variant_assembly *assembly, const struct ji_variant_node *node,
        uint32_t *id, struct joist_error *err)
{
    struct ji_variant_id *const known = &assembly->ids[node->name_number];
    if (known->generation != assembly->generation) {
        JI_TRY(look_up(assembly, node->name, &known->id, err));
        known->generation = assembly->generation;
    }
    *id = known->id;
    return JOIST_OK;
}

/* The dictionary of a row that is done, with all names that were added so far. */
static enum joist_status take_dictionary(
        struct ji_variant_assembly *assembly, struct ji_view *dictionary, struct joist_error *err)
{
    if (assembly->written_count < assembly->added_count) {
        struct ji_bytes *const bytes = &assembly->sorter.out;
        ji_variant_builder_reset(&assembly->sorter);
        JI_TRY(ji_variant_put_names(bytes, &assembly->names, assembly->added, assembly->added_count, err));
        JI_TRY(ji_arena_view(
                &assembly->copies, ji_view_of(bytes->data, bytes->size), &assembly->dictionary, err));
        assembly->written_count = assembly->added_count;
        assembly->has_dictionaries = true;
    }
    *dictionary = assembly->dictionary;
    return JOIST_OK;
}

/* --- values --- */

/* Where one value stands: its node, the struct column of that, a row of it. */
struct place {
    const struct ji_variant_node *node;
    const struct ji_column *group;
    size_t row;
};

static const struct ji_column *child_of(const struct place *place, size_t child)
{
    if (child == JI_VARIANT_ABSENT || ji_column_is_null(place->group, place->row) ||
            ji_column_is_null(&place->group->children[child], place->row))
        return NULL;
    return &place->group->children[child];
}

/* The column of the typed value, of the encoded value; NULL where it is null. */
static const struct ji_column *typed_of(const struct place *place)
{
    return child_of(place, place->node->typed_child);
}
static const struct ji_column *value_of(const struct place *place)
{
    return child_of(place, place->node->value_child);
}
static struct ji_view view_at(const struct ji_column *column, size_t row)
{
    return ji_column_value(column, row).as.view;
}

/* The encoded value, checked within `depth` containers, in order: a copy where it is not. */
static enum joist_status take_encoded(struct ji_variant_assembly *assembly, const struct ji_column *value,
        size_t row, unsigned depth, struct ji_view *encoded, struct joist_error *err)
{
    const struct ji_view own = view_at(value, row);
    bool is_sorted = true;
    JI_TRY(ji_variant_check(&assembly->names, own, depth, &is_sorted, err));
    *encoded = own;
    if (is_sorted)
        return JOIST_OK;
    JI_TRY(tell(assembly, err, "fields of an object do not stand in the order of their names"));
    struct ji_variant_builder *const sorter = &assembly->sorter;
    ji_variant_builder_reset(sorter);
    JI_TRY(ji_variant_put_sorted(sorter, &assembly->names, own, err));
    assembly->has_copies = true;
    return ji_arena_view(&assembly->copies, ji_view_of(sorter->out.data, sorter->out.size), encoded, err);
}

/* An object or array whose column is there to take it. */
static enum joist_status tell_unshredded(const struct ji_variant_assembly *assembly,
        const struct ji_variant_node *node, struct ji_view encoded, struct joist_error *err)
{
    struct ji_variant value;
    if (assembly->watch == NULL || (node->typed != JI_VARIANT_FIELDS && node->typed != JI_VARIANT_ELEMENTS))
        return JOIST_OK;
    JI_TRY(ji_variant_parse(encoded, &value, err));
    if (value.type != (node->typed == JI_VARIANT_FIELDS ? JI_VARIANT_OBJECT : JI_VARIANT_ARRAY))
        return JOIST_OK;
    return tell(assembly, err, "%s in value, where typed_value is there for it",
            ji_variant_type_name(value.type));
}

static enum joist_status build(struct ji_variant_assembly *assembly, const struct place *place,
        unsigned depth, struct joist_error *err);

static enum joist_status build_scalar(struct ji_variant_builder *builder, const struct ji_variant_node *node,
        const struct ji_value *value, struct joist_error *err)
{
    switch (node->type) {
    case JI_VARIANT_TRUE:
        return ji_variant_put_bool(builder, value->as.boolean, err);
    case JI_VARIANT_FLOAT:
    case JI_VARIANT_DOUBLE:
        return ji_variant_put_real(builder, node->type, value->as.real, err);
    case JI_VARIANT_DECIMAL4:
    case JI_VARIANT_DECIMAL8:
    case JI_VARIANT_DECIMAL16:
        if (!ji_decimal_fits(value->as.decimal, JI_DECIMAL_DIGITS_MAX))
            return ji_fail(err, JOIST_ERR_CORRUPT, "decimal of more than %d digits", JI_DECIMAL_DIGITS_MAX);
        return ji_variant_put_decimal(builder, node->type, value->as.decimal, node->scale, err);
    case JI_VARIANT_BINARY:
    case JI_VARIANT_STRING:
    case JI_VARIANT_UUID:
        return ji_variant_put_view(builder, node->type, value->as.view, err);
    default:
        return ji_variant_put_integer(builder, node->type, value->as.integer, err);
    }
}

static bool is_missing(const struct place *place)
{
    return typed_of(place) == NULL && value_of(place) == NULL;
}

static enum joist_status build_elements(struct ji_variant_assembly *assembly, const struct place *place,
        const struct ji_column *list, unsigned depth, struct joist_error *err)
{
    const struct ji_variant_mark mark = ji_variant_begin(&assembly->builder);
    struct place element = {.node = &place->node->nodes[0], .group = &list->children[0]};
    const size_t end = (size_t)list->offsets[place->row + 1];
    for (element.row = (size_t)list->offsets[place->row]; element.row < end; element.row++) {
        JI_TRY(ji_variant_member(&assembly->builder, mark, 0, err));
        if (is_missing(&element))
            JI_TRY(tell(assembly, err, "element of an array is missing"));
        JI_TRY(build(assembly, &element, depth, err));
    }
    return ji_variant_end_array(&assembly->builder, mark, err);
}

static enum joist_status build_field(struct ji_variant_assembly *assembly, const struct place *field,
        struct ji_variant_mark mark, unsigned depth, struct joist_error *err)
{
    if (is_missing(field))
        return JOIST_OK;
    uint32_t id = 0;
    JI_TRY(find_id(assembly, field->node, &id, err));
    JI_TRY(ji_variant_member(&assembly->builder, mark, id, err));
    return build(assembly, field, depth, err);
}

/* The fields that `rest` (of count 0, where there is none) has below the name (all where it is NULL). */
static enum joist_status build_rest(struct ji_variant_assembly *assembly, const struct ji_variant *rest,
        uint32_t *next, const struct ji_view *name, struct ji_variant_mark mark, struct joist_error *err)
{
    for (; *next < rest->count; (*next)++) {
        const uint32_t id = ji_variant_member_id(rest, *next);
        const struct ji_view own = ji_variant_name(&assembly->names, id);
        const int order = name == NULL ? -1 : ji_view_compare(own, *name);
        if (order > 0)
            break;
        if (order == 0)
            return ji_fail(err, JOIST_ERR_CORRUPT, "field '%.*s' is shredded and stands in the value too",
                    (int)ji_min_size(own.size, 100), (const char *)own.data);
        JI_TRY(ji_variant_member(&assembly->builder, mark, id, err));
        JI_TRY(ji_variant_put_encoded(&assembly->builder, ji_variant_member_bytes(rest, *next), err));
    }
    return JOIST_OK;
}

static enum joist_status build_fields(struct ji_variant_assembly *assembly, const struct place *place,
        const struct ji_column *object, unsigned depth, struct joist_error *err)
{
    struct ji_variant rest = {.count = 0};
    const struct ji_column *const value = value_of(place);
    if (value != NULL) {
        struct ji_view encoded;
        JI_TRY(take_encoded(assembly, value, place->row, depth - 1, &encoded, err));
        JI_TRY(ji_variant_parse(encoded, &rest, err));
        if (rest.type != JI_VARIANT_OBJECT)
            return ji_fail(err, JOIST_ERR_CORRUPT, "%s beside shredded fields of an object",
                    ji_variant_type_name(rest.type));
    }
    const struct ji_variant_mark mark = ji_variant_begin(&assembly->builder);
    uint32_t next = 0;
    for (size_t step = 0; step < place->node->count; step++) {
        const struct ji_variant_node *const node = &place->node->nodes[step];
        const struct place field = {node, &object->children[node->child], place->row};
        JI_TRY(build_rest(assembly, &rest, &next, &node->name, mark, err));
        JI_TRY(build_field(assembly, &field, mark, depth, err));
    }
    JI_TRY(build_rest(assembly, &rest, &next, NULL, mark, err));
    return ji_variant_end_object(&assembly->builder, mark, err);
}

/* Appends the value at `place`, null where it is missing. `depth` containers are open. */
static enum joist_status build(struct ji_variant_assembly *assembly, const struct place *place,
        unsigned depth, struct joist_error *err)
{
    const struct ji_column *const typed = typed_of(place);
    const struct ji_column *const value = value_of(place);
    const enum ji_variant_typed form = place->node->typed;
    if (typed == NULL && value == NULL)
        return ji_variant_put_null(&assembly->builder, err);
    if (typed == NULL) {
        struct ji_view encoded;
        JI_TRY(take_encoded(assembly, value, place->row, depth, &encoded, err));
        JI_TRY(tell_unshredded(assembly, place->node, encoded, err));
        return ji_variant_put_encoded(&assembly->builder, encoded, err);
    }
    if (value != NULL && form != JI_VARIANT_FIELDS)
        return ji_fail(err, JOIST_ERR_CORRUPT, "value and typed_value at once");
    if (form == JI_VARIANT_SCALAR) {
        const struct ji_value scalar = ji_column_value(typed, place->row);
        return build_scalar(&assembly->builder, place->node, &scalar, err);
    }
    if (depth == JI_VARIANT_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "variant of more than %d levels", JI_VARIANT_DEPTH_MAX);
    return form == JI_VARIANT_FIELDS ? build_fields(assembly, place, typed, depth + 1, err)
                                     : build_elements(assembly, place, typed, depth + 1, err);
}

/* --- rows --- */

/* One row: a view of the value where it needs no building, else where it begins in the builder's bytes. */
static enum joist_status take_row(struct ji_variant_assembly *assembly, const struct place *place,
        struct ji_view *view, size_t *start, struct joist_error *err)
{
    const struct ji_column *const value = value_of(place);
    const struct ji_column *const metadata = &place->group->children[assembly->shape->metadata_child];
    if (ji_column_is_null(metadata, place->row))
        return ji_fail(err, JOIST_ERR_CORRUPT, "value without metadata");
    JI_TRY(take_names(assembly, view_at(metadata, place->row), err));
    if (value != NULL && typed_of(place) == NULL) {
        JI_TRY(take_encoded(assembly, value, place->row, 0, view, err));
        return tell_unshredded(assembly, place->node, *view, err);
    }
    if (is_missing(place))
        JI_TRY(tell(assembly, err, "value is missing"));
    *start = assembly->builder.out.size;
    JI_TRY(build(assembly, place, 0, err));
    *view = ji_view_of(NULL, assembly->builder.out.size - *start);
    return JOIST_OK;
}

/* What the caller gets of a row that failed: nothing, where the watch takes the failure. */
static enum joist_status fail_row(
        struct ji_variant_assembly *assembly, const struct joist_error *what, struct joist_error *err)
{
    const bool is_data = what->status == JOIST_ERR_CORRUPT || what->status == JOIST_ERR_UNSUPPORTED;
    assembly->builder.entries.size = 0;
    if (is_data && assembly->watch != NULL)
        return assembly->watch->fault(assembly->watch->user, assembly->row, what, err);
    if (err != NULL)
        *err = *what;
    ji_error_prefix(err, "variant %zu", assembly->row);
    return what->status;
}

static enum joist_status take_rows(
        struct ji_variant_assembly *assembly, const struct ji_column *storage, struct joist_error *err)
{
    struct ji_view *const views = (struct ji_view *)(void *)assembly->views->data;
    struct ji_view *const metadata = (struct ji_view *)(void *)assembly->metadata->data;
    size_t *const starts = (size_t *)(void *)assembly->starts->data;
    struct place place = {.node = &assembly->shape->top, .group = storage};
    struct joist_error what;
    for (place.row = 0; place.row < storage->row_count; place.row++) {
        views[place.row] = metadata[place.row] = ji_view_of(NULL, 0);
        starts[place.row] = NOT_BUILT;
        if (ji_column_is_null(storage, place.row))
            continue;
        assembly->row = place.row;
        what.status = take_row(assembly, &place, &views[place.row], &starts[place.row], &what);
        if (what.status == JOIST_OK)
            what.status = take_dictionary(assembly, &metadata[place.row], &what);
        if (what.status != JOIST_OK) {
            JI_TRY(fail_row(assembly, &what, err));
            views[place.row] = ji_view_of(NULL, 0);
            starts[place.row] = NOT_BUILT;
        }
    }
    for (size_t row = 0; row < storage->row_count; row++) {
        if (starts[row] != NOT_BUILT)
            views[row].data = assembly->builder.out.data + starts[row];
    }
    return JOIST_OK;
}

/* A child of the storage struct under the field that callers see, which has no nulls of its own. */
static struct ji_column under_field(const struct ji_column *from, const struct ji_field *field)
{
    struct ji_column column = *from;
    column.field = field;
    column.validity = NULL;
    column.validity_buffer = NULL;
    return column;
}

static struct ji_column of_views(const struct ji_field *field, const struct ji_buffer *views, size_t rows)
{
    return (struct ji_column){.field = field, .form = JI_FLAT, .row_count = rows, .values = views->data};
}

enum joist_status ji_variant_assemble(struct ji_variant_assembly *assembly, const struct ji_column *storage,
        struct ji_column *out, struct joist_error *err)
{
    const struct ji_variant_shape *const shape = assembly->shape;
    struct ji_mem *const mem = assembly->builder.out.mem;
    const size_t rows = storage->row_count;
    /* What the last batch pointed to is gone. */
    assembly->has_names = false;
    assembly->has_copies = assembly->has_dictionaries = false;
    ji_arena_reset(&assembly->copies);
    ji_variant_builder_reset(&assembly->builder);
    JI_TRY(ji_buffer_renew(mem, &assembly->views, ji_max_size(rows, 1) * sizeof(struct ji_view), err));
    JI_TRY(ji_buffer_renew(mem, &assembly->metadata, ji_max_size(rows, 1) * sizeof(struct ji_view), err));
    JI_TRY(ji_buffer_renew(mem, &assembly->starts, ji_max_size(rows, 1) * sizeof(size_t), err));
    JI_TRY(take_rows(assembly, storage, err));

    const struct ji_field *const fields = shape->field->children;
    if (assembly->has_dictionaries)
        assembly->children[0] = of_views(&fields[0], assembly->metadata, rows);
    else
        assembly->children[0] = under_field(&storage->children[shape->metadata_child], &fields[0]);
    if (shape->is_plain && !assembly->has_copies)
        assembly->children[1] = under_field(&storage->children[shape->top.value_child], &fields[1]);
    else
        assembly->children[1] = of_views(&fields[1], assembly->views, rows);
    *out = *storage;
    out->field = shape->field;
    out->children = assembly->children;
    return JOIST_OK;
}
