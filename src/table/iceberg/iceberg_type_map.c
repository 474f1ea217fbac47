/*
 * iceberg_type_map.c - Arrow's types narrowed to Iceberg's
 *
 *   1. Nothing is lost in the type: what Iceberg lacks becomes the next wider type it has.
 *   2. Ids are fresh and dense: whoever made the schema, the table's ids are its own.
 */
#include "table/iceberg/iceberg_type_map.h"

#include <inttypes.h>

#define UINT64_DIGITS 20

static const struct {
    const char *text;
    struct ji_field field;
} PRIMITIVES[] = {
        {"boolean", {.kind = JI_BOOL}},
        {"int", {.kind = JI_INT32}},
        {"long", {.kind = JI_INT64}},
        {"float", {.kind = JI_FLOAT}},
        {"double", {.kind = JI_DOUBLE}},
        {"date", {.kind = JI_DATE}},
        {"time", {.kind = JI_TIME, .unit = JI_MICRO}},
        {"timestamp", {.kind = JI_TIMESTAMP, .unit = JI_MICRO}},
        {"timestamptz", {.kind = JI_TIMESTAMP, .unit = JI_MICRO, .utc = true}},
        {"timestamp_ns", {.kind = JI_TIMESTAMP, .unit = JI_NANO}},
        {"timestamptz_ns", {.kind = JI_TIMESTAMP, .unit = JI_NANO, .utc = true}},
        {"string", {.kind = JI_STRING}},
        {"uuid", {.kind = JI_UUID, .fixed_bytes = 16}},
        {"binary", {.kind = JI_BINARY}},
        {"unknown", {.kind = JI_NULL}},
};

/* A number of at most nine digits with blanks around it; moves `*at` behind it. */
static bool small_number(struct ji_view text, size_t *at, uint32_t *number)
{
    size_t i = *at;
    uint32_t made = 0;
    while (i < text.size && text.data[i] == ' ')
        i++;
    const size_t start = i;
    while (i < text.size && i - start < 9 && text.data[i] >= '0' && text.data[i] <= '9')
        made = made * 10 + (uint32_t)(text.data[i++] - '0');
    const bool any = i > start;
    while (i < text.size && text.data[i] == ' ')
        i++;
    *at = i;
    *number = made;
    return any;
}

static bool accept(struct ji_view text, size_t *at, const char *word)
{
    const size_t size = strlen(word);
    if (text.size - *at < size || memcmp(text.data + *at, word, size) != 0)
        return false;
    *at += size;
    return true;
}

static bool parse_parameters(struct ji_view text, struct ji_field *field)
{
    size_t at = 0;
    uint32_t first = 0;
    uint32_t second = 0;
    if (accept(text, &at, "decimal(")) {
        if (!small_number(text, &at, &first) || !accept(text, &at, ",") ||
                !small_number(text, &at, &second) || !accept(text, &at, ")") || at != text.size)
            return false;
        if (first == 0 || first > JI_DECIMAL_DIGITS_MAX || second > first)
            return false;
        *field = (struct ji_field){.kind = JI_DECIMAL, .precision = (uint8_t)first, .scale = (int8_t)second};
        return true;
    }
    if (accept(text, &at, "fixed[")) {
        if (!small_number(text, &at, &first) || !accept(text, &at, "]") || at != text.size || first == 0)
            return false;
        *field = (struct ji_field){.kind = JI_FIXED, .fixed_bytes = first};
        return true;
    }
    return false;
}

bool ji_iceberg_type_parse(struct ji_view text, struct ji_field *field)
{
    struct ji_field made = {.kind = JI_NULL};
    bool found = parse_parameters(text, &made);
    for (size_t i = 0; !found && i < sizeof PRIMITIVES / sizeof PRIMITIVES[0]; i++) {
        if (ji_view_equal_text(text, PRIMITIVES[i].text)) {
            made = PRIMITIVES[i].field;
            found = true;
        }
    }
    if (!found)
        return false;
    field->kind = made.kind;
    field->precision = made.precision;
    field->scale = made.scale;
    field->unit = made.unit;
    field->utc = made.utc;
    field->fixed_bytes = made.fixed_bytes;
    return true;
}

enum joist_status ji_iceberg_type_text(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err)
{
    if (field->kind == JI_DECIMAL)
        return ji_bytes_printf(out, err, "decimal(%d, %d)", (int)field->precision, (int)field->scale);
    if (field->kind == JI_FIXED)
        return ji_bytes_printf(out, err, "fixed[%" PRIu32 "]", field->fixed_bytes);
    for (size_t i = 0; i < sizeof PRIMITIVES / sizeof PRIMITIVES[0]; i++) {
        const struct ji_field *known = &PRIMITIVES[i].field;
        if (known->kind == field->kind &&
                (field->kind != JI_TIMESTAMP || (known->utc == field->utc && known->unit == field->unit)))
            return ji_bytes_append_text(out, PRIMITIVES[i].text, err);
    }
    return ji_fail(err, JOIST_ERR_INTERNAL, "column '%s' has a type that Iceberg lacks", field->name);
}

static uint8_t lower(char byte)
{
    return (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

static int order_without_case(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (int)lower(*a) - (int)lower(*b);
}

/* Sifts names[root] down the heap names[0..count). */
static void sift(const char **names, size_t root, size_t count)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count)
            return;
        if (child + 1 < count && order_without_case(names[child], names[child + 1]) < 0)
            child++;
        if (order_without_case(names[root], names[child]) >= 0)
            return;
        const char *name = names[root];
        names[root] = names[child];
        names[child] = name;
        root = child;
    }
}

/* Heap sort: the host's qsort may allocate. */
static void sort_names(const char **names, size_t count)
{
    for (size_t i = count / 2; i > 0; i--)
        sift(names, i - 1, count);
    for (size_t end = count; end > 1; end--) {
        const char *name = names[0];
        names[0] = names[end - 1];
        names[end - 1] = name;
        sift(names, 0, end - 1);
    }
}

static enum joist_status check_name(const char *name, struct joist_error *err)
{
    if (name[0] == '\0')
        return ji_fail(err, JOIST_ERR_INVALID, "a column has an empty name");
    for (const char *at = name; *at != '\0'; at++) {
        if ((uint8_t)*at < 0x20 || *at == 0x7F)
            return ji_fail(err, JOIST_ERR_INVALID, "a column's name holds control character %u",
                    (unsigned)(uint8_t)*at);
    }
    return JOIST_OK;
}

static enum joist_status check_names(
        struct ji_arena *arena, const struct ji_field *fields, size_t count, struct joist_error *err)
{
    const char **names = NULL;
    JI_TRY(ji_arena_array(arena, count, sizeof *names, &names, err));
    for (size_t i = 0; i < count; i++) {
        JI_TRY(check_name(fields[i].name, err));
        names[i] = fields[i].name;
    }
    sort_names(names, count);
    for (size_t i = 1; i < count; i++) {
        if (order_without_case(names[i - 1], names[i]) == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "columns '%s' and '%s' differ only by case", names[i - 1],
                    names[i]);
    }
    return JOIST_OK;
}

static enum joist_status map_type(struct ji_field *field, struct joist_error *err)
{
    switch (field->kind) {
    case JI_NULL:
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "column '%s' has no type (null); Iceberg has it from version 3", field->name);
    case JI_INT8:
    case JI_INT16:
    case JI_UINT8:
    case JI_UINT16:
        field->kind = JI_INT32;
        break;
    case JI_UINT32:
        field->kind = JI_INT64;
        break;
    case JI_UINT64:
        field->kind = JI_DECIMAL;
        field->precision = UINT64_DIGITS;
        field->scale = 0;
        break;
    case JI_WIDE_DECIMAL:
    case JI_INTERVAL:
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column '%s': Iceberg has no %s", field->name,
                field->kind == JI_INTERVAL ? "interval" : "decimal of more than 38 digits");
    case JI_FLOAT16:
        field->kind = JI_FLOAT;
        break;
    case JI_TIME:
    case JI_TIMESTAMP:
        field->unit = JI_MICRO;
        break;
    case JI_FIXED:
        if (field->fixed_bytes == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "column '%s' has values of 0 bytes", field->name);
        break;
    default:
        break;
    }
    return JOIST_OK;
}

static enum joist_status next_id(int32_t *last_id, struct ji_field *field, struct joist_error *err)
{
    if (*last_id >= INT32_MAX - 1000)
        return ji_fail(err, JOIST_ERR_LIMIT, "no column id is left");
    field->field_id = ++*last_id;
    return JOIST_OK;
}

static enum joist_status assign_inside(struct ji_arena *arena, struct ji_field *field, unsigned depth,
        int32_t *last_id, struct joist_error *err);

/* All ids of this struct first, then what is inside: the order of Iceberg's AssignFreshIds. */
static enum joist_status assign(struct ji_arena *arena, struct ji_field *fields, size_t count, unsigned depth,
        int32_t *last_id, struct joist_error *err)
{
    JI_TRY(check_names(arena, fields, count, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(next_id(last_id, &fields[i], err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(assign_inside(arena, &fields[i], depth, last_id, err));
    return JOIST_OK;
}

static enum joist_status assign_inside(struct ji_arena *arena, struct ji_field *field, unsigned depth,
        int32_t *last_id, struct joist_error *err)
{
    if (depth >= JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column '%s' is nested deeper than %d", field->name,
                JI_SCHEMA_DEPTH_MAX);
    JI_TRY(map_type(field, err));
    if (field->kind == JI_STRUCT) {
        if (field->child_count == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "struct '%s' has no fields", field->name);
        return assign(arena, field->children, field->child_count, depth + 1, last_id, err);
    }
    if (field->kind == JI_LIST) {
        field->children[0].name = "element";
        JI_TRY(next_id(last_id, &field->children[0], err));
        return assign_inside(arena, &field->children[0], depth + 1, last_id, err);
    }
    if (field->kind == JI_MAP) {
        struct ji_field *entry = &field->children[0];
        entry->name = "key_value";
        entry->nullable = false;
        entry->field_id = JI_FIELD_ID_NONE;
        entry->children[0].name = "key";
        entry->children[0].nullable = false;
        entry->children[1].name = "value";
        JI_TRY(next_id(last_id, &entry->children[0], err));
        JI_TRY(next_id(last_id, &entry->children[1], err));
        JI_TRY(assign_inside(arena, &entry->children[0], depth + 1, last_id, err));
        return assign_inside(arena, &entry->children[1], depth + 1, last_id, err);
    }
    return JOIST_OK;
}

enum joist_status ji_iceberg_columns(struct ji_arena *arena, const struct ji_schema *from, int32_t *last_id,
        struct ji_schema *to, struct joist_error *err)
{
    if (from->column_count == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "a table needs at least one column");
    struct ji_field *columns = NULL;
    JI_TRY(ji_arena_array(arena, from->column_count, sizeof *columns, &columns, err));
    for (size_t i = 0; i < from->column_count; i++)
        JI_TRY(ji_field_copy(arena, &from->columns[i], &columns[i], err));
    int32_t id = *last_id;
    JI_TRY(assign(arena, columns, from->column_count, 0, &id, err));
    *last_id = id;
    *to = (struct ji_schema){.column_count = from->column_count, .columns = columns};
    return JOIST_OK;
}
