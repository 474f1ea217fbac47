/*
 * partition_spec.c - partition specs from JSON, from a person's text, and bound to a schema
 *
 * The names in folders are for people: what rows a file holds is said by the manifest's tuple alone, so
 * that a value's odd bytes may become '_' in a path and two partitions may share a folder.
 */
#include "table/iceberg/partition_spec.h"

#include <assert.h>
#include <inttypes.h>

#define PATH_VALUE_BYTES_MAX 100

enum joist_status ji_partition_spec_read(struct ji_arena *arena, const struct ji_tree_node *fields,
        int32_t spec_id, struct ji_partition_spec *spec, struct joist_error *err)
{
    if (fields->count > JI_PARTITION_FIELDS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "partition spec of %zu fields", fields->count);
    struct ji_partition_spec made = {
            .spec_id = spec_id, .field_count = fields->count, .fields_json = fields->raw};
    JI_TRY(ji_arena_array(arena, fields->count, sizeof *made.fields, &made.fields, err));
    size_t i = 0;
    for (const struct ji_tree_node *node = fields->first; node != NULL; node = node->next, i++) {
        struct ji_partition_field *field = &made.fields[i];
        const char *transform = NULL;
        JI_TRY(ji_tree_need_text(node, "name", &field->name, err));
        JI_TRY(ji_tree_need_text(node, "transform", &transform, err));
        JI_TRY(ji_tree_want_id(node, "source-id", JI_FIELD_ID_NONE, &field->source_id, err));
        JI_TRY(ji_tree_want_id(node, "field-id", JI_PARTITION_ID_FIRST + (int32_t)i, &field->field_id, err));
        JI_TRY(ji_transform_parse(arena, ji_view_of_text(transform), &field->transform, err));
        if (field->source_id == JI_FIELD_ID_NONE)
            field->transform.kind = JI_TRANSFORM_UNKNOWN;
    }
    *spec = made;
    return JOIST_OK;
}

enum joist_status ji_partition_spec_write(
        struct ji_bytes *out, const struct ji_partition_spec *spec, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '[', err));
    for (size_t i = 0; i < spec->field_count; i++) {
        const struct ji_partition_field *field = &spec->fields[i];
        JI_TRY(ji_bytes_append_text(out, i > 0 ? ",{\"name\":" : "{\"name\":", err));
        JI_TRY(ji_json_append_string(out, ji_view_of_text(field->name), err));
        JI_TRY(ji_bytes_append_text(out, ",\"transform\":", err));
        JI_TRY(ji_json_append_string(out, ji_view_of_text(field->transform.text), err));
        JI_TRY(ji_bytes_printf(out, err, ",\"source-id\":%" PRId32 ",\"field-id\":%" PRId32 "}",
                field->source_id, field->field_id));
    }
    return ji_bytes_append_byte(out, ']', err);
}

static struct ji_view trimmed(struct ji_view text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

static size_t find_byte(struct ji_view text, uint8_t byte)
{
    size_t at = 0;
    while (at < text.size && text.data[at] != byte)
        at++;
    return at;
}

/* Where the first field of `text` ends: a ',' outside brackets, or the end. */
static size_t field_end(struct ji_view text)
{
    unsigned open = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '(' || text.data[i] == '[')
            open++;
        else if ((text.data[i] == ')' || text.data[i] == ']') && open > 0)
            open--;
        else if (text.data[i] == ',' && open == 0)
            return i;
    }
    return text.size;
}

/* "bucket(16, id)" -> transform text "bucket[16]", column "id"; "year(ts)"; "id". */
static enum joist_status split_field(struct ji_arena *arena, struct ji_view text, const char **transform,
        struct ji_view *column, struct joist_error *err)
{
    const size_t open = find_byte(text, '(');
    if (open == text.size) {
        *transform = "identity";
        *column = text;
        return JOIST_OK;
    }
    if (text.data[text.size - 1] != ')')
        return ji_fail(err, JOIST_ERR_INVALID, "partition field '%.*s' lacks its ')'", (int)text.size,
                (const char *)text.data);
    struct ji_view name = trimmed(ji_view_of(text.data, open));
    struct ji_view inside = trimmed(ji_view_of(text.data + open + 1, text.size - open - 2));
    if (name.size > 3 && name.data[name.size - 1] == 's' &&
            (name.data[0] == 'y' || name.data[0] == 'm' || name.data[0] == 'd' || name.data[0] == 'h'))
        name.size--; /* Spark's years(ts), days(ts) */
    const size_t comma = find_byte(inside, ',');
    if (comma == inside.size) {
        *column = inside;
        return ji_arena_text(arena, name, transform, err);
    }
    struct ji_view first = trimmed(ji_view_of(inside.data, comma));
    struct ji_view second = trimmed(ji_view_of(inside.data + comma + 1, inside.size - comma - 1));
    if (first.size > 0 && (first.data[0] < '0' || first.data[0] > '9')) {
        const struct ji_view swap = first; /* bucket(id, 16) is as clear */
        first = second;
        second = swap;
    }
    *column = second;
    return ji_arena_printf(arena, transform, err, "%.*s[%.*s]", (int)name.size, (const char *)name.data,
            (int)first.size, (const char *)first.data);
}

static const char *name_suffix(enum ji_transform_kind kind)
{
    switch (kind) {
    case JI_TRANSFORM_BUCKET:
        return "_bucket";
    case JI_TRANSFORM_TRUNCATE:
        return "_trunc";
    case JI_TRANSFORM_YEAR:
        return "_year";
    case JI_TRANSFORM_MONTH:
        return "_month";
    case JI_TRANSFORM_DAY:
        return "_day";
    case JI_TRANSFORM_HOUR:
        return "_hour";
    case JI_TRANSFORM_VOID:
        return "_null";
    default:
        return "";
    }
}

static enum joist_status parse_field(struct ji_arena *arena, struct ji_view text,
        const struct ji_schema *columns, struct ji_partition_field *field, struct joist_error *err)
{
    const char *transform = NULL;
    struct ji_view column = {0};
    struct ji_field result;
    if (text.size == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "an empty partition field");
    JI_TRY(split_field(arena, text, &transform, &column, err));
    JI_TRY(ji_transform_parse(arena, ji_view_of_text(transform), &field->transform, err));
    if (field->transform.kind == JI_TRANSFORM_UNKNOWN)
        return ji_fail(err, JOIST_ERR_INVALID,
                "partition transform '%s' is none of identity, bucket(N, column), truncate(N, column), year, "
                "month, day, hour, void",
                transform);
    const size_t index = ji_schema_find(columns, column);
    if (index == SIZE_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "partition field: no column '%.*s'", (int)column.size,
                (const char *)column.data);
    const struct ji_field *source = &columns->columns[index];
    JI_TRY(ji_transform_result(&field->transform, source, &result, err));
    field->source_id = source->field_id;
    return ji_arena_printf(
            arena, &field->name, err, "%s%s", source->name, name_suffix(field->transform.kind));
}

/* The name is free, or is that of the very column it is the identity of. */
static enum joist_status check_field(const struct ji_partition_spec *spec, size_t index,
        const struct ji_schema *columns, struct joist_error *err)
{
    const struct ji_partition_field *field = &spec->fields[index];
    for (size_t i = 0; i < index; i++) {
        if (strcmp(spec->fields[i].name, field->name) == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "partition field '%s' is there twice", field->name);
    }
    const size_t column = ji_schema_find(columns, ji_view_of_text(field->name));
    if (column != SIZE_MAX &&
            !(field->transform.kind == JI_TRANSFORM_IDENTITY &&
                    columns->columns[column].field_id == field->source_id))
        return ji_fail(err, JOIST_ERR_INVALID, "partition field '%s' would hide the column of that name",
                field->name);
    return JOIST_OK;
}

enum joist_status ji_partition_spec_parse(struct ji_arena *arena, const char *text,
        const struct ji_schema *columns, struct ji_partition_spec *spec, struct joist_error *err)
{
    struct ji_view rest = trimmed(text == NULL ? ji_view_of(NULL, 0) : ji_view_of_text(text));
    struct ji_partition_spec made = {.spec_id = 0};
    size_t capacity = rest.size == 0 ? 0 : 1;
    for (size_t i = 0; i < rest.size; i++)
        capacity += rest.data[i] == ',';
    if (capacity > JI_PARTITION_FIELDS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %d partition fields", JI_PARTITION_FIELDS_MAX);
    JI_TRY(ji_arena_array(arena, capacity, sizeof *made.fields, &made.fields, err));
    while (rest.size > 0) {
        const size_t end = field_end(rest);
        struct ji_partition_field *field = &made.fields[made.field_count];
        JI_TRY(parse_field(arena, trimmed(ji_view_of(rest.data, end)), columns, field, err));
        field->field_id = JI_PARTITION_ID_FIRST + (int32_t)made.field_count;
        JI_TRY(check_field(&made, made.field_count, columns, err));
        made.field_count++;
        if (end == rest.size)
            break;
        rest = ji_view_of(rest.data + end + 1, rest.size - end - 1);
        if (trimmed(rest).size == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "an empty partition field");
    }
    *spec = made;
    return JOIST_OK;
}

enum joist_status ji_partition_bind(struct ji_arena *arena, const struct ji_partition_spec *spec,
        const struct ji_schema *columns, struct ji_bound_partition *bound, struct joist_error *err)
{
    struct ji_bound_partition made = {.field_count = spec->field_count, .spec = spec};
    JI_TRY(ji_arena_array(arena, spec->field_count, sizeof *made.sources, &made.sources, err));
    JI_TRY(ji_arena_array(arena, spec->field_count, sizeof *made.columns, &made.columns, err));
    JI_TRY(ji_arena_array(arena, spec->field_count, sizeof *made.results, &made.results, err));
    for (size_t i = 0; i < spec->field_count; i++) {
        const struct ji_partition_field *field = &spec->fields[i];
        if (field->transform.kind == JI_TRANSFORM_UNKNOWN)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "partition field '%s': transform '%s'", field->name,
                    field->transform.text);
        made.sources[i] = ji_iceberg_field_by_id(columns, field->source_id, &made.columns[i]);
        if (made.sources[i] != NULL)
            JI_TRY(ji_transform_result(&field->transform, made.sources[i], &made.results[i], err));
        made.results[i].name = field->name;
        made.results[i].field_id = field->field_id;
        made.results[i].nullable = true;
    }
    *bound = made;
    return JOIST_OK;
}

static bool is_plain(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
            byte == '.' || byte == '_' || byte == '-';
}

static void make_plain(struct ji_bytes *out, size_t start)
{
    out->size = ji_min_size(out->size, start + PATH_VALUE_BYTES_MAX);
    for (size_t i = start; i < out->size; i++) {
        if (!is_plain(out->data[i]))
            out->data[i] = '_';
    }
}

enum joist_status ji_partition_text(const struct ji_bound_partition *bound, const struct ji_value *values,
        bool for_path, struct ji_bytes *out, struct joist_error *err)
{
    for (size_t i = 0; i < bound->field_count; i++) {
        const struct ji_field *result = &bound->results[i];
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(out, '/', err));
        size_t start = out->size;
        JI_TRY(ji_bytes_append_text(out, result->name, err));
        if (for_path)
            make_plain(out, start);
        JI_TRY(ji_bytes_append_byte(out, '=', err));
        start = out->size;
        JI_TRY(ji_transform_text(&bound->spec->fields[i].transform, result, &values[i], out, err));
        if (for_path)
            make_plain(out, start);
    }
    return JOIST_OK;
}
