/*
 * projection.c - the columns of one file as the columns that are wanted
 *
 *     file's column --by id or name--> wanted column: as it is | widened | constant | children one by one
 *
 * The rules are Iceberg's for schema evolution (format/spec.md, "Schema Evolution" and "Column Projection");
 * a file that is read as itself goes the same way and finds nothing to do.
 */
#include "arrow/projection.h"

#include "arrow/column_slice.h"

#include <assert.h>
#include <string.h>

bool ji_fields_have_ids(const struct ji_field *fields, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (fields[index].field_id != JI_FIELD_ID_NONE)
            return true;
    }
    return false;
}

struct ji_field_offer ji_field_offer_of(const struct ji_field *fields, size_t count, enum ji_match match)
{
    return (struct ji_field_offer){
            .fields = fields, .count = count, .match = match, .have_ids = ji_fields_have_ids(fields, count)};
}

void ji_field_offer_pass(struct ji_field_offer *offer, const struct ji_projected *projected)
{
    if (projected->from != NULL)
        offer->next = projected->index + 1;
}

size_t ji_field_match(const struct ji_field *wanted, const struct ji_field_offer *offer)
{
    const struct ji_field *const fields = offer->fields;
    const bool by_id = offer->match == JI_MATCH_ID && offer->have_ids && wanted->field_id != JI_FIELD_ID_NONE;
    for (size_t step = 0; step < offer->count; step++) {
        const size_t at = offer->next + step;
        const size_t index = at < offer->count ? at : at - offer->count;
        if (by_id ? fields[index].field_id == wanted->field_id
                  : strcmp(fields[index].name, wanted->name) == 0)
            return index;
    }
    return SIZE_MAX;
}

static bool integer_widens(enum ji_kind from, enum ji_kind to)
{
    const bool from_signed = from <= JI_INT64;
    const bool to_signed = to <= JI_INT64;
    const int from_bits = 8 << (from - (from_signed ? JI_INT8 : JI_UINT8));
    const int to_bits = 8 << (to - (to_signed ? JI_INT8 : JI_UINT8));
    return to_bits > from_bits && (to_signed || !from_signed);
}

/* Sets how scalar values of `from` become `to`; false where they do not. */
static bool scalar_widens(const struct ji_field *from, const struct ji_field *to, enum ji_widen *widen)
{
    *widen = JI_WIDEN_NONE;
    if (ji_type_equal(from, to))
        return true;
    if (ji_kind_is_integer(from->kind) && ji_kind_is_integer(to->kind)) {
        *widen = JI_WIDEN_INTEGER;
        return integer_widens(from->kind, to->kind);
    }
    if (from->kind == JI_FLOAT && to->kind == JI_DOUBLE) {
        *widen = JI_WIDEN_REAL;
        return true;
    }
    if (from->kind == JI_DECIMAL && to->kind == JI_DECIMAL) {
        if (ji_field_width(from) != ji_field_width(to))
            *widen = JI_WIDEN_DECIMAL;
        return from->scale == to->scale && from->precision <= to->precision;
    }
    const bool sixteen = from->fixed_bytes == 16 && to->fixed_bytes == 16;
    return sixteen &&
            ((from->kind == JI_FIXED && to->kind == JI_UUID) ||
                    (from->kind == JI_UUID && to->kind == JI_FIXED));
}

static enum joist_status fail_types(struct ji_arena *arena, const struct ji_field *from,
        const struct ji_field *to, struct joist_error *err)
{
    const char *from_text = NULL;
    const char *to_text = NULL;
    JI_TRY(ji_type_text(arena, from, &from_text, err));
    JI_TRY(ji_type_text(arena, to, &to_text, err));
    return ji_fail(err, JOIST_ERR_INVALID, "column '%s' is %s, which does not become %s", to->name, from_text,
            to_text);
}

/* Whether nulls may stand in the file where none are wanted. */
static bool brings_nulls(const struct ji_field *from, const struct ji_field *to)
{
    return from->nullable && !to->nullable;
}

/* Whether the children, and with them what they stand in, are the file's as they are. */
static bool children_are_same(const struct ji_projected *projected)
{
    const bool is_struct = projected->field->kind == JI_STRUCT;
    bool same = projected->from->child_count == projected->field->child_count;
    for (size_t index = 0; index < projected->field->child_count && same; index++) {
        const struct ji_projected *const child = &projected->children[index];
        same = child->same && child->from != NULL && child->index == index;
        /* A renamed child has its old name in the file's batches. */
        if (same && is_struct)
            same = strcmp(child->from->name, child->field->name) == 0;
    }
    return same;
}

static bool any_narrows(const struct ji_projected *projected)
{
    bool narrows = false;
    for (size_t index = 0; index < projected->field->child_count; index++)
        narrows = narrows || projected->children[index].narrows;
    return narrows;
}

/* Names of elements, entries, keys and values are the writer's taste: they match by place. */
static enum joist_status init_placed(struct ji_arena *arena, const struct ji_field *from,
        const struct ji_field *to, enum ji_match match, struct ji_projected *child, struct joist_error *err)
{
    struct ji_field placed = *from;
    placed.name = to->name;
    placed.field_id = to->field_id;
    const struct ji_field_offer offer = ji_field_offer_of(&placed, 1, match);
    JI_TRY(ji_projected_init(arena, to, &offer, NULL, child, err));
    if (child->from != NULL)
        child->from = from;
    return JOIST_OK;
}

/* What a child has where the file lacks it; the row of its struct may be null. */
static const struct ji_column *fallback_of(const struct ji_column *fallback, size_t child)
{
    return fallback == NULL || ji_column_is_null(fallback, 0) ? NULL : &fallback->children[child];
}

static enum joist_status init_children(struct ji_arena *arena, enum ji_match match,
        const struct ji_column *fallback, struct ji_projected *projected, struct joist_error *err)
{
    const struct ji_field *from = projected->from;
    const struct ji_field *to = projected->field;
    JI_TRY(ji_arena_array(arena, to->child_count, sizeof *projected->children, &projected->children, err));
    struct ji_field_offer offer = ji_field_offer_of(from->children, from->child_count, match);
    for (size_t index = 0; index < to->child_count; index++) {
        struct ji_projected *child = &projected->children[index];
        if (to->kind == JI_STRUCT) {
            JI_TRY(ji_projected_init(
                    arena, &to->children[index], &offer, fallback_of(fallback, index), child, err));
            ji_field_offer_pass(&offer, child);
        } else {
            JI_TRY(init_placed(arena, &from->children[index], &to->children[index], match, child, err));
            child->index = child->from == NULL ? SIZE_MAX : index;
        }
    }
    projected->narrows = projected->narrows || any_narrows(projected);
    projected->same = projected->same && children_are_same(projected);
    return JOIST_OK;
}

/* A map's one child is the entry struct, whose key and value match by place too. */
static enum joist_status init_map(
        struct ji_arena *arena, enum ji_match match, struct ji_projected *projected, struct joist_error *err)
{
    const struct ji_field *from = &projected->from->children[0];
    const struct ji_field *to = &projected->field->children[0];
    struct ji_projected *entry = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *entry, &entry, err));
    *entry = (struct ji_projected){.field = to, .from = from, .widen = JI_WIDEN_NESTED};
    JI_TRY(ji_arena_array(arena, to->child_count, sizeof *entry->children, &entry->children, err));
    for (size_t index = 0; index < to->child_count; index++) {
        struct ji_projected *child = &entry->children[index];
        JI_TRY(init_placed(arena, &from->children[index], &to->children[index], match, child, err));
        child->index = child->from == NULL ? SIZE_MAX : index;
    }
    projected->children = entry;
    entry->narrows = any_narrows(entry);
    entry->same = children_are_same(entry);
    projected->narrows = projected->narrows || entry->narrows;
    projected->same = projected->same && entry->same;
    return JOIST_OK;
}

static enum joist_status init_nested(struct ji_arena *arena, enum ji_match match,
        const struct ji_column *fallback, struct ji_projected *projected, struct joist_error *err)
{
    projected->widen = JI_WIDEN_NESTED;
    if (projected->from->kind != projected->field->kind)
        return fail_types(arena, projected->from, projected->field, err);
    return projected->field->kind == JI_MAP ? init_map(arena, match, projected, err)
                                            : init_children(arena, match, fallback, projected, err);
}

static enum joist_status init_absent(const struct ji_field *field, const struct ji_column *fallback,
        struct ji_projected *projected, struct joist_error *err)
{
    const bool is_null = fallback == NULL || ji_column_is_null(fallback, 0);
    if (!field->nullable && is_null)
        return ji_fail(err, JOIST_ERR_INVALID, "required column '%s' is not there", field->name);
    ji_projected_constant(field, &(struct ji_value){.is_null = true}, projected);
    projected->row = is_null ? NULL : fallback;
    return JOIST_OK;
}

/* Recursion follows the schema, at most JI_SCHEMA_DEPTH_MAX deep. */
enum joist_status ji_projected_init(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_field_offer *offer, const struct ji_column *fallback, struct ji_projected *projected,
        struct joist_error *err)
{
    struct ji_projected made = {.field = field, .index = ji_field_match(field, offer)};
    if (made.index == SIZE_MAX)
        return init_absent(field, fallback, projected, err);
    made.from = &offer->fields[made.index];
    if (made.from->kind == JI_NULL && field->kind != JI_NULL)
        return init_absent(field, NULL, projected, err);
    made.narrows = brings_nulls(made.from, field);
    made.same = !made.narrows;
    if (ji_kind_is_nested(field->kind)) {
        JI_TRY(init_nested(arena, offer->match, fallback, &made, err));
    } else {
        if (ji_kind_is_nested(made.from->kind) || !scalar_widens(made.from, field, &made.widen))
            return fail_types(arena, made.from, field, err);
        made.same = made.same && made.widen == JI_WIDEN_NONE;
    }
    *projected = made;
    return JOIST_OK;
}

/* The number that each child has among those that are left; all of them where none is gone. */
static enum joist_status places_left(struct ji_arena *arena, const struct ji_projected *projected,
        size_t left, size_t **places, struct joist_error *err)
{
    const size_t before = projected->from->child_count;
    JI_TRY(ji_arena_array(arena, before, sizeof **places, places, err));
    for (size_t index = 0; index < projected->field->child_count; index++) {
        if (projected->children[index].from != NULL)
            (*places)[projected->children[index].index] = 1;
    }
    size_t at = 0;
    for (size_t index = 0; index < before; index++) {
        const bool stays = left == before || (*places)[index] != 0;
        (*places)[index] = at;
        at += stays;
    }
    return JOIST_OK;
}

enum joist_status ji_projected_narrow(struct ji_arena *arena, const struct ji_field *from,
        struct ji_projected *projected, struct joist_error *err)
{
    if (projected->widen == JI_WIDEN_NESTED) {
        size_t *places = NULL;
        JI_TRY(places_left(arena, projected, from->child_count, &places, err));
        for (size_t index = 0; index < projected->field->child_count; index++) {
            struct ji_projected *const child = &projected->children[index];
            if (child->from == NULL)
                continue;
            child->index = places[child->index];
            JI_TRY(ji_projected_narrow(arena, &from->children[child->index], child, err));
        }
    }
    projected->from = from;
    if (projected->widen == JI_WIDEN_NESTED)
        projected->same = !brings_nulls(from, projected->field) && children_are_same(projected);
    return JOIST_OK;
}

void ji_projected_constant(
        const struct ji_field *field, const struct ji_value *value, struct ji_projected *projected)
{
    *projected = (struct ji_projected){
            .field = field, .index = SIZE_MAX, .widen = JI_WIDEN_ABSENT, .value = *value};
}

static int64_t integer_at(enum ji_kind kind, const void *values, size_t row)
{
    switch (kind) {
    case JI_INT8:
        return ((const int8_t *)values)[row];
    case JI_INT16:
        return ((const int16_t *)values)[row];
    case JI_INT32:
        return ((const int32_t *)values)[row];
    case JI_UINT8:
        return ((const uint8_t *)values)[row];
    case JI_UINT16:
        return ((const uint16_t *)values)[row];
    default:
        return ((const uint32_t *)values)[row];
    }
}

static void widen_integers(
        const struct ji_field *from, const void *values, size_t count, const struct ji_field *to, void *out)
{
    if (from->kind == JI_INT32 && to->kind == JI_INT64) {
        for (size_t row = 0; row < count; row++)
            ((int64_t *)out)[row] = ((const int32_t *)values)[row];
        return;
    }
    const size_t width = ji_field_width(to);
    for (size_t row = 0; row < count; row++) {
        const struct ji_value value = {.as.integer = integer_at(from->kind, values, row)};
        ji_value_store(to, &value, (uint8_t *)out + row * width);
    }
}

/* `count` flat values; an int64 decimal fits its 128 bits as it stands. */
static enum joist_status widen_values(struct ji_arena *arena, const struct ji_projected *projected,
        const void *values, size_t count, const void **out, struct joist_error *err)
{
    uint8_t *wide = NULL;
    JI_TRY(ji_arena_array(arena, count + 1, ji_field_width(projected->field), &wide, err));
    if (projected->widen == JI_WIDEN_INTEGER) {
        widen_integers(projected->from, values, count, projected->field, wide);
    } else if (projected->widen == JI_WIDEN_REAL) {
        for (size_t row = 0; row < count; row++)
            ((double *)(void *)wide)[row] = (double)((const float *)values)[row];
    } else {
        for (size_t row = 0; row < count; row++)
            ((ji_int128 *)(void *)wide)[row] = ((const int64_t *)values)[row];
    }
    *out = wide;
    return JOIST_OK;
}

static enum joist_status project_scalar(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, struct ji_column *to, struct joist_error *err)
{
    struct ji_column made = *from;
    made.field = projected->field;
    if (from->form == JI_DICTIONARY) {
        JI_TRY(ji_arena_array(arena, 1, sizeof *made.dictionary, &made.dictionary, err));
        JI_TRY(project_scalar(arena, projected, from->dictionary, made.dictionary, err));
    } else if (projected->widen != JI_WIDEN_NONE) {
        const size_t count = from->form == JI_CONSTANT ? 1 : from->row_count;
        made.values_buffer = NULL;
        JI_TRY(widen_values(arena, projected, from->values, count, &made.values, err));
    }
    *to = made;
    return JOIST_OK;
}

/* CONSTANT where that may be: a child stands among flat ones. */
static enum joist_status project_absent(struct ji_arena *arena, const struct ji_projected *projected,
        size_t rows, bool is_child, struct ji_column *to, struct joist_error *err)
{
    const struct ji_field *const field = projected->field;
    const bool may_be_constant = !is_child && !ji_kind_is_nested(field->kind);
    struct ji_column made;
    if (projected->row == NULL && (ji_kind_is_nested(field->kind) || (is_child && projected->value.is_null)))
        return ji_column_nulls(arena, field, rows, to, err);
    if (projected->row == NULL) {
        JI_TRY(ji_column_constant_new(arena, field, &projected->value, rows, &made, err));
        if (is_child)
            return ji_column_flat(arena, &made, to, err);
        *to = made;
        return JOIST_OK;
    }
    if (may_be_constant) {
        *to = *projected->row;
        to->form = JI_CONSTANT;
        to->row_count = rows;
        return JOIST_OK;
    }
    uint32_t *first = NULL;
    JI_TRY(ji_arena_array(arena, rows, sizeof *first, &first, err));
    return ji_column_gather(arena, projected->row, first, rows, to, err);
}

static enum joist_status project_children(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, struct ji_column *to, struct joist_error *err)
{
    struct ji_column flat;
    if (from->form != JI_FLAT) {
        JI_TRY(ji_column_flat(arena, from, &flat, err));
        from = &flat;
    }
    struct ji_column made = *from;
    made.field = projected->field;
    JI_TRY(ji_arena_array(arena, made.field->child_count, sizeof *made.children, &made.children, err));
    for (size_t index = 0; index < made.field->child_count; index++) {
        const struct ji_projected *child = &projected->children[index];
        if (child->widen == JI_WIDEN_ABSENT) {
            const bool is_struct = made.field->kind == JI_STRUCT;
            const size_t count = is_struct ? from->row_count : from->children[index].row_count;
            JI_TRY(project_absent(arena, child, count, true, &made.children[index], err));
            continue;
        }
        const struct ji_column *child_from = &from->children[child->index];
        JI_TRY(ji_project_column(
                arena, child, child_from, child_from->row_count, &made.children[index], err));
    }
    *to = made;
    return JOIST_OK;
}

enum joist_status ji_project_column(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, size_t rows, struct ji_column *to, struct joist_error *err)
{
    if (projected->widen == JI_WIDEN_ABSENT)
        return project_absent(arena, projected, rows, false, to, err);
    if (projected->widen == JI_WIDEN_NESTED && !projected->same)
        return project_children(arena, projected, from, to, err);
    if (projected->widen == JI_WIDEN_NESTED) {
        struct ji_column made = *from;
        made.field = projected->field;
        *to = made;
        return JOIST_OK;
    }
    return project_scalar(arena, projected, from, to, err);
}
