/*
 * avro_schema.c - reads the JSON of an Avro schema
 *
 *     {"type": "record", "name": "r", "fields": [{"name": "a", "type": ["null", "long"], "field-id": 1}]}
 *
 *   1. A named type is known from the moment its name is read: inside its own fields already.
 *   2. Definitions nest at most JI_AVRO_DEPTH_MAX deep, and so does the recursion.
 *
 * Names follow Avro's rules of namespaces: one without a dot takes the namespace of what encloses it.
 */
#include "wire/avro_schema.h"

#include "wire/json_read.h"

#include <assert.h>

/* The table of names doubles; its slots are arena memory. */
#define NAMES_MIN 16
#define SYMBOLS_MAX 100000
#define BRANCHES_MAX 1000

struct named_type {
    const char *name;
    const struct ji_avro_type *type;
};

struct schema_parser {
    struct ji_arena *arena;
    struct joist_error *err;
    struct named_type *names; /* open addressing, `name_room` a power of two */
    size_t name_count;
    size_t name_room;
    size_t field_count;
};

static const char *const kind_names[] = {[JI_AVRO_NULL] = "null",
        [JI_AVRO_BOOLEAN] = "boolean",
        [JI_AVRO_INT] = "int",
        [JI_AVRO_LONG] = "long",
        [JI_AVRO_FLOAT] = "float",
        [JI_AVRO_DOUBLE] = "double",
        [JI_AVRO_BYTES] = "bytes",
        [JI_AVRO_STRING] = "string",
        [JI_AVRO_RECORD] = "record",
        [JI_AVRO_ENUM] = "enum",
        [JI_AVRO_ARRAY] = "array",
        [JI_AVRO_MAP] = "map",
        [JI_AVRO_UNION] = "union",
        [JI_AVRO_FIXED] = "fixed"};

#define KIND_COUNT (sizeof kind_names / sizeof kind_names[0])

const char *ji_avro_kind_name(enum ji_avro_kind kind)
{
    return (size_t)kind < KIND_COUNT ? kind_names[kind] : "unknown";
}

const struct ji_avro_type *ji_avro_type_optional(const struct ji_avro_type *type)
{
    if (type->kind != JI_AVRO_UNION)
        return type;
    const struct ji_avro_type *found = NULL;
    for (size_t i = 0; i < type->branch_count; i++) {
        if (type->branches[i]->kind == JI_AVRO_NULL)
            continue;
        if (found != NULL)
            return type;
        found = type->branches[i];
    }
    return found == NULL ? type : found;
}

size_t ji_avro_field_by_id(const struct ji_avro_type *record, int32_t field_id)
{
    for (size_t i = 0; record->kind == JI_AVRO_RECORD && i < record->field_count; i++) {
        if (record->fields[i].field_id == field_id)
            return i;
    }
    return SIZE_MAX;
}

size_t ji_avro_field_by_name(const struct ji_avro_type *record, const char *name)
{
    for (size_t i = 0; record->kind == JI_AVRO_RECORD && i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* --- names --- */

static size_t hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ (hash >> 32));
}

/* The slot that holds `name`, or the free one where it belongs. */
static struct named_type *name_slot(const struct schema_parser *parser, const char *name)
{
    size_t at = hash_name(name) & (parser->name_room - 1);
    while (parser->names[at].name != NULL && strcmp(parser->names[at].name, name) != 0)
        at = (at + 1) & (parser->name_room - 1);
    return &parser->names[at];
}

static enum joist_status grow_names(struct schema_parser *parser)
{
    const struct schema_parser old = *parser;
    parser->name_room = old.name_room == 0 ? NAMES_MIN : old.name_room * 2;
    JI_TRY(ji_arena_array(
            parser->arena, parser->name_room, sizeof *parser->names, &parser->names, parser->err));
    for (size_t i = 0; i < old.name_room; i++) {
        if (old.names[i].name != NULL)
            *name_slot(parser, old.names[i].name) = old.names[i];
    }
    return JOIST_OK;
}

static enum joist_status add_name(
        struct schema_parser *parser, const char *name, const struct ji_avro_type *type)
{
    if (parser->name_count * 2 >= parser->name_room)
        JI_TRY(grow_names(parser));
    struct named_type *slot = name_slot(parser, name);
    if (slot->name != NULL)
        return ji_fail(
                parser->err, JOIST_ERR_CORRUPT, "avro schema: the name '%.100s' is defined twice", name);
    *slot = (struct named_type){.name = name, .type = type};
    parser->name_count++;
    return JOIST_OK;
}

static enum joist_status fail_view(const struct schema_parser *parser, const char *what, struct ji_view value)
{
    return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: %s '%.*s'", what,
            (int)ji_min_size(value.size, 100), (const char *)value.data);
}

static enum joist_status copy_text(const struct schema_parser *parser, struct ji_view view, const char **text)
{
    if (view.size == 0 || memchr(view.data, '\0', view.size) != NULL)
        return fail_view(parser, "bad name", view);
    return ji_arena_text(parser->arena, view, text, parser->err);
}

/* "name" or "space.name" -> the full name; `space` is the enclosing namespace, "" for none. */
static enum joist_status full_name(
        const struct schema_parser *parser, struct ji_view name, const char *space, const char **full)
{
    const char *simple;
    JI_TRY(copy_text(parser, name, &simple));
    *full = simple;
    if (strchr(simple, '.') != NULL || space[0] == '\0')
        return JOIST_OK;
    return ji_arena_printf(parser->arena, full, parser->err, "%s.%s", space, simple);
}

static enum joist_status namespace_of(
        const struct schema_parser *parser, const char *full, const char **space)
{
    const char *dot = strrchr(full, '.');
    *space = "";
    if (dot == NULL)
        return JOIST_OK;
    return ji_arena_text(parser->arena, ji_view_of(full, (size_t)(dot - full)), space, parser->err);
}

/* --- attributes --- */

static enum joist_status read_int32(const struct schema_parser *parser, const struct ji_json *node,
        const char *key, int32_t least, int32_t *value)
{
    int64_t number = *value;
    JI_TRY(ji_json_opt_int64(node, key, &number, parser->err));
    if (ji_json_get(node, key) != NULL && (number < least || number > INT32_MAX))
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: '%s' is %" PRId64, key, number);
    *value = (int32_t)number;
    return JOIST_OK;
}

static enum joist_status read_attributes(
        const struct schema_parser *parser, const struct ji_json *node, struct ji_avro_type *type)
{
    struct ji_view logical = {.size = 0};
    JI_TRY(ji_json_opt_text(node, "logicalType", &logical, parser->err));
    if (logical.size > 0)
        JI_TRY(copy_text(parser, logical, &type->logical_type));
    if (type->logical_type != NULL && strcmp(type->logical_type, "decimal") == 0) {
        JI_TRY(read_int32(parser, node, "precision", 1, &type->precision));
        JI_TRY(read_int32(parser, node, "scale", 0, &type->scale));
    }
    JI_TRY(ji_json_opt_bool(node, "adjust-to-utc", &type->adjust_to_utc, parser->err));
    JI_TRY(read_int32(parser, node, "element-id", 0, &type->element_id));
    JI_TRY(read_int32(parser, node, "key-id", 0, &type->key_id));
    return read_int32(parser, node, "value-id", 0, &type->value_id);
}

/* --- types --- */

static enum joist_status parse_type(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, const struct ji_avro_type **type);

static enum joist_status new_type(
        const struct schema_parser *parser, enum ji_avro_kind kind, struct ji_avro_type **type)
{
    JI_TRY(ji_arena_array(parser->arena, 1, sizeof **type, type, parser->err));
    (*type)->kind = kind;
    (*type)->element_id = JI_AVRO_ID_NONE;
    (*type)->key_id = JI_AVRO_ID_NONE;
    (*type)->value_id = JI_AVRO_ID_NONE;
    return JOIST_OK;
}

static bool find_kind(struct ji_view name, enum ji_avro_kind *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (!ji_view_equal_text(name, kind_names[i]))
            continue;
        *kind = (enum ji_avro_kind)i;
        return true;
    }
    return false;
}

static bool is_primitive(enum ji_avro_kind kind)
{
    return kind <= JI_AVRO_STRING;
}

/* A primitive's name, or one that was defined before. */
static enum joist_status parse_reference(struct schema_parser *parser, struct ji_view name, const char *space,
        const struct ji_avro_type **type)
{
    enum ji_avro_kind kind;
    if (find_kind(name, &kind) && is_primitive(kind)) {
        struct ji_avro_type *made;
        JI_TRY(new_type(parser, kind, &made));
        *type = made;
        return JOIST_OK;
    }
    const char *full;
    JI_TRY(full_name(parser, name, space, &full));
    const struct named_type *slot = parser->name_room == 0 ? NULL : name_slot(parser, full);
    if (slot == NULL || slot->name == NULL)
        return fail_view(parser, "unknown type", name);
    *type = slot->type;
    return JOIST_OK;
}

static enum joist_status parse_union(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, const struct ji_avro_type **type)
{
    struct ji_avro_type *made;
    if (node->count == 0 || node->count > BRANCHES_MAX)
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: a union of %zu types", node->count);
    JI_TRY(new_type(parser, JI_AVRO_UNION, &made));
    JI_TRY(ji_arena_array(parser->arena, node->count, sizeof *made->branches, &made->branches, parser->err));
    for (const struct ji_json *branch = node->first; branch != NULL; branch = branch->next) {
        const struct ji_avro_type **slot = &made->branches[made->branch_count];
        JI_TRY(parse_type(parser, branch, space, depth + 1, slot));
        if ((*slot)->kind == JI_AVRO_UNION)
            return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: a union in a union");
        made->branch_count++;
    }
    *type = made;
    return JOIST_OK;
}

static enum joist_status parse_field(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, struct ji_avro_field *field)
{
    struct ji_view name;
    const struct ji_json *type = ji_json_get(node, "type");
    if (node->kind != JI_JSON_OBJECT || type == NULL)
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: a field without a type");
    if (++parser->field_count > JI_AVRO_FIELDS_MAX)
        return ji_fail(parser->err, JOIST_ERR_LIMIT, "avro schema: more than %d fields", JI_AVRO_FIELDS_MAX);
    JI_TRY(ji_json_want_text(node, "name", &name, parser->err));
    JI_TRY(copy_text(parser, name, &field->name));
    field->field_id = JI_AVRO_ID_NONE;
    JI_TRY(read_int32(parser, node, "field-id", 0, &field->field_id));
    return parse_type(parser, type, space, depth + 1, &field->type);
}

static enum joist_status parse_record(
        struct schema_parser *parser, const struct ji_json *node, unsigned depth, struct ji_avro_type *type)
{
    const struct ji_json *fields;
    const char *inner;
    JI_TRY(namespace_of(parser, type->name, &inner));
    JI_TRY(ji_json_want_array(node, "fields", &fields, parser->err));
    JI_TRY(ji_arena_array(parser->arena, fields->count, sizeof *type->fields, &type->fields, parser->err));
    type->field_count = fields->count;
    size_t at = 0;
    for (const struct ji_json *field = fields->first; field != NULL; field = field->next)
        JI_TRY(parse_field(parser, field, inner, depth, &type->fields[at++]));
    return JOIST_OK;
}

static enum joist_status parse_enum(
        struct schema_parser *parser, const struct ji_json *node, struct ji_avro_type *type)
{
    const struct ji_json *symbols;
    JI_TRY(ji_json_want_array(node, "symbols", &symbols, parser->err));
    if (symbols->count > SYMBOLS_MAX)
        return ji_fail(parser->err, JOIST_ERR_LIMIT, "avro schema: an enum of %zu symbols", symbols->count);
    JI_TRY(ji_arena_array(parser->arena, symbols->count, sizeof *type->symbols, &type->symbols, parser->err));
    for (const struct ji_json *symbol = symbols->first; symbol != NULL; symbol = symbol->next) {
        if (symbol->kind != JI_JSON_STRING)
            return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: a symbol that is no string");
        JI_TRY(copy_text(parser, symbol->text, &type->symbols[type->symbol_count++]));
    }
    return JOIST_OK;
}

static enum joist_status parse_named(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, struct ji_avro_type *type)
{
    struct ji_view name;
    struct ji_view own_space = ji_view_of_text(space);
    const char *space_text;
    JI_TRY(ji_json_want_text(node, "name", &name, parser->err));
    JI_TRY(ji_json_opt_text(node, "namespace", &own_space, parser->err));
    JI_TRY(ji_arena_text(parser->arena, own_space, &space_text, parser->err));
    JI_TRY(full_name(parser, name, space_text, &type->name));
    JI_TRY(add_name(parser, type->name, type));
    if (type->kind == JI_AVRO_RECORD)
        return parse_record(parser, node, depth, type);
    if (type->kind == JI_AVRO_ENUM)
        return parse_enum(parser, node, type);
    int64_t size;
    JI_TRY(ji_json_want_int64(node, "size", &size, parser->err));
    if (size < 0 || size > (int64_t)JI_AVRO_FIXED_BYTES_MAX)
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: a fixed of %" PRId64 " bytes", size);
    type->fixed_bytes = (size_t)size;
    return JOIST_OK;
}

static enum joist_status parse_items(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, struct ji_avro_type *type)
{
    const char *key = type->kind == JI_AVRO_ARRAY ? "items" : "values";
    const struct ji_json *items = ji_json_get(node, key);
    if (items == NULL)
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: no '%s'", key);
    return parse_type(parser, items, space, depth + 1, &type->items);
}

/* {"type": ...}: a definition, a primitive with attributes, or a type wrapped once more. */
static enum joist_status parse_object(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, const struct ji_avro_type **type)
{
    const struct ji_json *inner = ji_json_get(node, "type");
    if (inner == NULL)
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: an object without a type");
    enum ji_avro_kind kind;
    if (inner->kind != JI_JSON_STRING || !find_kind(inner->text, &kind))
        return parse_type(parser, inner, space, depth + 1, type);
    if (kind == JI_AVRO_UNION)
        return fail_view(parser, "unknown type", inner->text);
    struct ji_avro_type *made;
    JI_TRY(new_type(parser, kind, &made));
    JI_TRY(read_attributes(parser, node, made));
    if (kind == JI_AVRO_ARRAY || kind == JI_AVRO_MAP)
        JI_TRY(parse_items(parser, node, space, depth, made));
    else if (!is_primitive(kind))
        JI_TRY(parse_named(parser, node, space, depth, made));
    *type = made;
    return JOIST_OK;
}

static enum joist_status parse_type(struct schema_parser *parser, const struct ji_json *node,
        const char *space, unsigned depth, const struct ji_avro_type **type)
{
    if (depth > JI_AVRO_DEPTH_MAX)
        return ji_fail(parser->err, JOIST_ERR_LIMIT, "avro schema: nested deeper than %d", JI_AVRO_DEPTH_MAX);
    switch (node->kind) {
    case JI_JSON_STRING:
        return parse_reference(parser, node->text, space, type);
    case JI_JSON_ARRAY:
        return parse_union(parser, node, space, depth, type);
    case JI_JSON_OBJECT:
        return parse_object(parser, node, space, depth, type);
    default:
        return ji_fail(parser->err, JOIST_ERR_CORRUPT, "avro schema: a type is a string, object or array");
    }
}

enum joist_status ji_avro_schema_parse(struct ji_arena *arena, struct ji_view json,
        const struct ji_avro_type **type, struct joist_error *err)
{
    assert(arena != NULL);
    if (json.size > JI_AVRO_SCHEMA_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "avro schema of %zu bytes", json.size);
    enum joist_status status = JOIST_OK;
    struct ji_arena tree;
    struct ji_json *root;
    const struct ji_avro_type *parsed;
    struct schema_parser parser = {.arena = arena, .err = err};
    ji_arena_init(&tree, arena->mem);
    status = ji_json_parse(&tree, json, &root, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "avro schema");
    else
        status = parse_type(&parser, root, "", 0, &parsed);
    if (status == JOIST_OK)
        *type = parsed;
    ji_arena_clear(&tree);
    return status;
}
