/*
 * iceberg_schema.c - Iceberg's JSON schemas
 *
 *     {"type":"struct","schema-id":0,"fields":[{"id":1,"name":"a","required":true,"type":"long"}, ...]}
 *     list    {"type":"list","element-id":3,"element-required":true,"element":T}
 *     map     {"type":"map","key-id":4,"key":T,"value-id":5,"value-required":false,"value":T}
 *
 * A type or default of a later version does not make the document bad: the schema is marked, and whoever
 * wants its rows refuses by that name. Depth is limited to JI_SCHEMA_DEPTH_MAX.
 */
#include "table/iceberg/iceberg_schema.h"

#include "table/iceberg/iceberg_type_map.h"

#include <inttypes.h>

struct reading {
    struct ji_arena *arena;
    const char *unsupported;
};

static enum joist_status read_type(struct reading *reading, const struct ji_tree_node *type, unsigned depth,
        struct ji_field *field, struct joist_error *err);

static enum joist_status mark(
        struct reading *reading, const struct ji_field *field, struct ji_view what, struct joist_error *err)
{
    if (reading->unsupported != NULL)
        return JOIST_OK;
    return ji_arena_printf(reading->arena, &reading->unsupported, err, "type '%.*s' of column '%s'",
            (int)ji_min_size(what.size, 100), (const char *)what.data, field->name);
}

static enum joist_status read_fields(struct reading *reading, const struct ji_tree_node *list, unsigned depth,
        struct ji_field **fields, struct joist_error *err)
{
    if (list->count > JI_COLUMNS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "schema of %zu columns", list->count);
    struct ji_field *made = NULL;
    JI_TRY(ji_arena_array(reading->arena, list->count, sizeof *made, &made, err));
    size_t i = 0;
    for (const struct ji_tree_node *node = list->first; node != NULL; node = node->next, i++) {
        struct ji_field *field = &made[i];
        const struct ji_tree_node *required = NULL;
        const struct ji_tree_node *type = ji_tree_member(node, "type");
        JI_TRY(ji_tree_need_text(node, "name", &field->name, err));
        JI_TRY(ji_tree_need_id(node, "id", &field->field_id, err));
        JI_TRY(ji_tree_need(node, "required", JI_TREE_BOOLEAN, &required, err));
        field->nullable = !required->boolean;
        enum joist_status status = read_type(reading, type, depth, field, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "column '%s'", field->name);
            return status;
        }
        if (ji_tree_member(node, "initial-default") != NULL && reading->unsupported == NULL)
            JI_TRY(ji_arena_printf(
                    reading->arena, &reading->unsupported, err, "default value of column '%s'", field->name));
    }
    *fields = made;
    return JOIST_OK;
}

static enum joist_status read_list(struct reading *reading, const struct ji_tree_node *type, unsigned depth,
        struct ji_field *field, struct joist_error *err)
{
    const struct ji_tree_node *required = NULL;
    struct ji_field *element = NULL;
    JI_TRY(ji_arena_array(reading->arena, 1, sizeof *element, &element, err));
    JI_TRY(ji_tree_need_id(type, "element-id", &element->field_id, err));
    JI_TRY(ji_tree_need(type, "element-required", JI_TREE_BOOLEAN, &required, err));
    element->name = "element";
    element->nullable = !required->boolean;
    JI_TRY(read_type(reading, ji_tree_member(type, "element"), depth, element, err));
    field->kind = JI_LIST;
    field->child_count = 1;
    field->children = element;
    return JOIST_OK;
}

static enum joist_status read_map(struct reading *reading, const struct ji_tree_node *type, unsigned depth,
        struct ji_field *field, struct joist_error *err)
{
    const struct ji_tree_node *required = NULL;
    struct ji_field *entry = NULL;
    JI_TRY(ji_arena_array(reading->arena, 3, sizeof *entry, &entry, err));
    struct ji_field *key = &entry[1];
    struct ji_field *value = &entry[2];
    JI_TRY(ji_tree_need_id(type, "key-id", &key->field_id, err));
    JI_TRY(ji_tree_need_id(type, "value-id", &value->field_id, err));
    JI_TRY(ji_tree_need(type, "value-required", JI_TREE_BOOLEAN, &required, err));
    key->name = "key";
    value->name = "value";
    value->nullable = !required->boolean;
    JI_TRY(read_type(reading, ji_tree_member(type, "key"), depth, key, err));
    JI_TRY(read_type(reading, ji_tree_member(type, "value"), depth, value, err));
    entry->name = "key_value";
    entry->kind = JI_STRUCT;
    entry->field_id = JI_FIELD_ID_NONE;
    entry->child_count = 2;
    entry->children = key;
    field->kind = JI_MAP;
    field->child_count = 1;
    field->children = entry;
    return JOIST_OK;
}

static enum joist_status read_type(struct reading *reading, const struct ji_tree_node *type, unsigned depth,
        struct ji_field *field, struct joist_error *err)
{
    if (type == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "member 'type' is missing");
    if (depth >= JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "schema nested deeper than %d", JI_SCHEMA_DEPTH_MAX);
    if (type->kind == JI_TREE_TEXT) {
        if (ji_iceberg_type_parse(type->text, field) && field->kind != JI_NULL)
            return JOIST_OK;
        field->kind = JI_BINARY;
        return mark(reading, field, type->text, err);
    }
    const char *kind = NULL;
    JI_TRY(ji_tree_need_text(type, "type", &kind, err));
    if (strcmp(kind, "list") == 0)
        return read_list(reading, type, depth + 1, field, err);
    if (strcmp(kind, "map") == 0)
        return read_map(reading, type, depth + 1, field, err);
    if (strcmp(kind, "struct") != 0)
        return mark(reading, field, ji_view_of_text(kind), err);
    const struct ji_tree_node *fields = NULL;
    JI_TRY(ji_tree_need(type, "fields", JI_TREE_ARRAY, &fields, err));
    field->kind = JI_STRUCT;
    JI_TRY(read_fields(reading, fields, depth + 1, &field->children, err));
    field->child_count = fields->count;
    return JOIST_OK;
}

enum joist_status ji_iceberg_schema_read(struct ji_arena *arena, const struct ji_tree_node *object,
        struct ji_iceberg_schema *schema, struct joist_error *err)
{
    struct reading reading = {.arena = arena};
    struct ji_iceberg_schema made = {.json = object->raw};
    const struct ji_tree_node *fields = NULL;
    struct ji_field *columns = NULL;
    JI_TRY(ji_tree_want_id(object, "schema-id", 0, &made.schema_id, err));
    JI_TRY(ji_tree_need(object, "fields", JI_TREE_ARRAY, &fields, err));
    JI_TRY(read_fields(&reading, fields, 0, &columns, err));
    made.columns = (struct ji_schema){.column_count = fields->count, .columns = columns};
    made.unsupported = reading.unsupported;
    *schema = made;
    return JOIST_OK;
}

static enum joist_status write_type(
        struct ji_bytes *out, const struct ji_field *field, unsigned depth, struct joist_error *err);

static enum joist_status write_fields(struct ji_bytes *out, const struct ji_field *fields, size_t count,
        unsigned depth, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_text(out, "\"fields\":[", err));
    for (size_t i = 0; i < count; i++) {
        JI_TRY(ji_bytes_printf(
                out, err, "%s{\"id\":%" PRId32 ",\"name\":", i > 0 ? "," : "", fields[i].field_id));
        JI_TRY(ji_json_append_string(out, ji_view_of_text(fields[i].name), err));
        JI_TRY(ji_bytes_printf(
                out, err, ",\"required\":%s,\"type\":", fields[i].nullable ? "false" : "true"));
        JI_TRY(write_type(out, &fields[i], depth, err));
        JI_TRY(ji_bytes_append_byte(out, '}', err));
    }
    return ji_bytes_append_byte(out, ']', err);
}

static enum joist_status write_map(
        struct ji_bytes *out, const struct ji_field *entry, unsigned depth, struct joist_error *err)
{
    const struct ji_field *key = &entry->children[0];
    const struct ji_field *value = &entry->children[1];
    JI_TRY(ji_bytes_printf(out, err, "{\"type\":\"map\",\"key-id\":%" PRId32 ",\"key\":", key->field_id));
    JI_TRY(write_type(out, key, depth, err));
    JI_TRY(ji_bytes_printf(out, err, ",\"value-id\":%" PRId32 ",\"value-required\":%s,\"value\":",
            value->field_id, value->nullable ? "false" : "true"));
    JI_TRY(write_type(out, value, depth, err));
    return ji_bytes_append_byte(out, '}', err);
}

static enum joist_status write_type(
        struct ji_bytes *out, const struct ji_field *field, unsigned depth, struct joist_error *err)
{
    if (depth >= JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "schema nested deeper than %d", JI_SCHEMA_DEPTH_MAX);
    if (field->kind == JI_STRUCT) {
        JI_TRY(ji_bytes_append_text(out, "{\"type\":\"struct\",", err));
        JI_TRY(write_fields(out, field->children, field->child_count, depth + 1, err));
        return ji_bytes_append_byte(out, '}', err);
    }
    if (field->kind == JI_LIST) {
        const struct ji_field *element = &field->children[0];
        JI_TRY(ji_bytes_printf(out, err,
                "{\"type\":\"list\",\"element-id\":%" PRId32 ",\"element-required\":%s,\"element\":",
                element->field_id, element->nullable ? "false" : "true"));
        JI_TRY(write_type(out, element, depth + 1, err));
        return ji_bytes_append_byte(out, '}', err);
    }
    if (field->kind == JI_MAP)
        return write_map(out, &field->children[0], depth + 1, err);
    JI_TRY(ji_bytes_append_byte(out, '"', err));
    JI_TRY(ji_iceberg_type_text(field, out, err));
    return ji_bytes_append_byte(out, '"', err);
}

enum joist_status ji_iceberg_schema_write(
        struct ji_bytes *out, int32_t schema_id, const struct ji_schema *columns, struct joist_error *err)
{
    JI_TRY(ji_bytes_printf(out, err, "{\"type\":\"struct\",\"schema-id\":%" PRId32 ",", schema_id));
    JI_TRY(write_fields(out, columns->columns, columns->column_count, 0, err));
    return ji_bytes_append_byte(out, '}', err);
}

static const struct ji_field *find(
        const struct ji_field *fields, size_t count, int32_t field_id, unsigned depth)
{
    for (size_t i = 0; i < count && depth <= 2 * JI_SCHEMA_DEPTH_MAX; i++) {
        if (fields[i].field_id == field_id)
            return &fields[i];
        const struct ji_field *inside = find(fields[i].children, fields[i].child_count, field_id, depth + 1);
        if (inside != NULL)
            return inside;
    }
    return NULL;
}

const struct ji_field *ji_iceberg_field_by_id(const struct ji_schema *columns, int32_t field_id, size_t *top)
{
    if (field_id == JI_FIELD_ID_NONE)
        return NULL;
    for (size_t i = 0; i < columns->column_count; i++) {
        const struct ji_field *field = find(&columns->columns[i], 1, field_id, 0);
        if (field == NULL)
            continue;
        if (top != NULL)
            *top = i;
        return field;
    }
    return NULL;
}
