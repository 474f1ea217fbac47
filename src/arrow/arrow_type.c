/*
 * arrow_type.c - sizes, equality, copies and look-up of fields
 *
 * The tree is at most JI_SCHEMA_DEPTH_MAX deep (whoever makes one checks it), so that the recursion here
 * has an end.
 */
#include "arrow/arrow_type.h"

#include <assert.h>

size_t ji_field_width(const struct ji_field *field)
{
    switch (field->kind) {
    case JI_NULL:
    case JI_BOOL:
    case JI_LIST:
    case JI_MAP:
    case JI_STRUCT:
        return 0;
    case JI_INT8:
    case JI_UINT8:
        return 1;
    case JI_INT16:
    case JI_UINT16:
    case JI_FLOAT16:
        return 2;
    case JI_INT32:
    case JI_UINT32:
    case JI_FLOAT:
    case JI_DATE:
        return 4;
    case JI_INT64:
    case JI_UINT64:
    case JI_DOUBLE:
    case JI_TIME:
    case JI_TIMESTAMP:
        return 8;
    case JI_DECIMAL:
        return field->precision <= JI_DECIMAL_DIGITS_INT64 ? sizeof(int64_t) : sizeof(ji_int128);
    case JI_STRING:
    case JI_BINARY:
        return sizeof(struct ji_view);
    case JI_FIXED:
    case JI_UUID:
    case JI_WIDE_DECIMAL:
    case JI_INTERVAL:
        return field->fixed_bytes;
    }
    return 0;
}

const char *ji_annotation_name(enum ji_annotation annotation)
{
    static const char *const names[JI_ANNOTATION_COUNT] = {NULL, "ENUM", "JSON", "BSON", "FILE", "INT96"};
    return names[annotation];
}

bool ji_annotation_fits(enum ji_annotation annotation, enum ji_kind kind)
{
    switch (annotation) {
    case JI_ANNOTATION_ENUM:
    case JI_ANNOTATION_JSON:
        return kind == JI_STRING;
    case JI_ANNOTATION_BSON:
        return kind == JI_BINARY;
    case JI_ANNOTATION_FILE:
        return kind == JI_STRUCT;
    case JI_ANNOTATION_INT96:
        return kind == JI_TIMESTAMP;
    case JI_ANNOTATION_NONE:
        break;
    }
    return true;
}

static bool parameters_equal(const struct ji_field *a, const struct ji_field *b)
{
    switch (a->kind) {
    case JI_DECIMAL:
    case JI_WIDE_DECIMAL:
        return a->precision == b->precision && a->scale == b->scale;
    case JI_TIME:
        return a->unit == b->unit;
    case JI_TIMESTAMP:
        return a->unit == b->unit && a->utc == b->utc;
    case JI_FIXED:
        return a->fixed_bytes == b->fixed_bytes;
    default:
        return true;
    }
}

bool ji_type_equal(const struct ji_field *a, const struct ji_field *b)
{
    if (a->kind != b->kind || !parameters_equal(a, b))
        return false;
    if (!ji_kind_is_nested(a->kind))
        return true;
    if (a->child_count != b->child_count)
        return false;
    for (size_t i = 0; i < a->child_count; i++) {
        if (a->kind == JI_STRUCT && strcmp(a->children[i].name, b->children[i].name) != 0)
            return false;
        if (!ji_type_equal(&a->children[i], &b->children[i]))
            return false;
    }
    return true;
}

static enum joist_status copy_text(
        struct ji_arena *arena, const char *from, const char **to, struct joist_error *err)
{
    return from == NULL ? JOIST_OK : ji_arena_text(arena, ji_view_of_text(from), to, err);
}

static enum joist_status copy_words(
        struct ji_arena *arena, const struct ji_field *from, struct ji_field *to, struct joist_error *err)
{
    struct ji_view *metadata = NULL;
    JI_TRY(copy_text(arena, from->zone, &to->zone, err));
    JI_TRY(copy_text(arena, from->extension_name, &to->extension_name, err));
    JI_TRY(copy_text(arena, from->extension_metadata, &to->extension_metadata, err));
    if (from->metadata_count == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, 2 * from->metadata_count, sizeof metadata[0], &metadata, err));
    for (size_t i = 0; i < 2 * from->metadata_count; i++)
        JI_TRY(ji_arena_view(arena, from->metadata[i], &metadata[i], err));
    to->metadata = metadata;
    return JOIST_OK;
}

enum joist_status ji_field_copy(
        struct ji_arena *arena, const struct ji_field *from, struct ji_field *to, struct joist_error *err)
{
    struct ji_field copy = *from;
    JI_TRY(ji_arena_text(arena, ji_view_of_text(from->name), &copy.name, err));
    JI_TRY(copy_words(arena, from, &copy, err));
    copy.children = NULL;
    if (from->child_count > 0) {
        JI_TRY(ji_arena_array(arena, from->child_count, sizeof *copy.children, &copy.children, err));
        for (size_t i = 0; i < from->child_count; i++)
            JI_TRY(ji_field_copy(arena, &from->children[i], &copy.children[i], err));
    }
    *to = copy;
    return JOIST_OK;
}

enum joist_status ji_schema_copy(
        struct ji_arena *arena, const struct ji_schema *from, struct ji_schema *to, struct joist_error *err)
{
    struct ji_field *columns;
    JI_TRY(ji_arena_array(arena, from->column_count, sizeof *columns, &columns, err));
    for (size_t i = 0; i < from->column_count; i++)
        JI_TRY(ji_field_copy(arena, &from->columns[i], &columns[i], err));
    *to = (struct ji_schema){.column_count = from->column_count, .columns = columns};
    return JOIST_OK;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

static bool equal_without_case(struct ji_view a, const char *b)
{
    size_t i = 0;
    for (; i < a.size && b[i] != '\0'; i++) {
        if (lower(a.data[i]) != lower((uint8_t)b[i]))
            return false;
    }
    return i == a.size && b[i] == '\0';
}

size_t ji_schema_find(const struct ji_schema *schema, struct ji_view name)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        if (ji_view_equal_text(name, schema->columns[i].name))
            return i;
    }
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < schema->column_count; i++) {
        if (!equal_without_case(name, schema->columns[i].name))
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}
