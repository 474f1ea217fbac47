/*
 * ipc_schema.c - Message -> Schema -> fields
 *
 *     ff ff ff ff, length:4, Message        the marker is missing before Arrow 0.15
 *
 *   1. wire/flatbuffer.h sees to offsets and to circles; depth has its limit here.
 *   2. Nothing is asked of a buffer that has turned out bad but its state, behind each column.
 *
 * Columns are read one by one, so that who compares them with others needs no room for all: ten thousand
 * flat ones allocate nothing.
 */
#include "arrow/ipc_schema.h"

#include "arrow/ipc_format.h"
#include "kernel/utf8.h"

#include <assert.h>

#define INTERVAL_MONTH_DAY_NANO 2

static void set(
        struct ji_field *field, struct ji_array_shape *shape, enum ji_kind kind, enum ji_layout layout)
{
    field->kind = kind;
    shape->layout = layout;
}

static enum ji_kind int_kind(const struct ji_flat_table *type)
{
    static const enum ji_kind kinds[2][4] = {
            {JI_UINT8, JI_UINT16, JI_UINT32, JI_UINT64}, {JI_INT8, JI_INT16, JI_INT32, JI_INT64}};
    const int64_t bits = ji_flat_number(type, 0, 4, 0);
    const bool is_signed = ji_flat_number(type, 1, 1, 0) != 0;
    const unsigned at = bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3;
    return kinds[is_signed][at];
}

static void read_decimal(
        const struct ji_flat_table *type, struct ji_field *field, struct ji_array_shape *shape)
{
    const int64_t precision = ji_flat_number(type, 0, 4, 0);
    const int64_t scale = ji_flat_number(type, 1, 4, 0);
    const int64_t bits = ji_flat_number(type, 2, 4, 128);
    const bool is_known = bits == 32 || bits == 64 || bits == 128 || bits == 256;
    if (!is_known || precision < 1 || precision > JI_WIDE_DECIMAL_DIGITS_MAX || scale < 0 ||
            scale > precision)
        return;
    field->precision = (uint8_t)precision;
    field->scale = (int8_t)scale;
    shape->bits = (uint16_t)bits;
    if (precision > JI_DECIMAL_DIGITS_MAX)
        set(field, shape, JI_WIDE_DECIMAL, JI_LAYOUT_SAME);
    else
        set(field, shape, JI_DECIMAL, JI_LAYOUT_DECIMAL);
}

/* A unit of the enumeration TimeUnit, which has our order. */
static enum ji_unit unit_of(const struct ji_flat_table *type, enum ji_unit otherwise)
{
    const int64_t unit = ji_flat_number(type, 0, 2, otherwise);
    return unit >= JI_SECOND && unit <= JI_NANO ? (enum ji_unit)unit : otherwise;
}

static enum joist_status take_text(
        struct ji_arena *arena, struct ji_view text, const char **to, struct joist_error *err)
{
    const bool is_text = text.size > 0 && memchr(text.data, 0, text.size) == NULL && ji_utf8_valid(text);
    return is_text ? ji_arena_text(arena, text, to, err) : JOIST_OK;
}

/* False for what has no parameters or is none of these. */
static bool read_simple(enum ji_ipc_type kind, const struct ji_flat_table *type, struct ji_field *field,
        struct ji_array_shape *shape)
{
    static const enum ji_kind floats[] = {JI_FLOAT16, JI_FLOAT, JI_DOUBLE};
    const bool has_number = kind == JI_IPC_FLOAT || kind == JI_IPC_FIXED || kind == JI_IPC_FIXED_LIST;
    const int64_t number = has_number ? ji_flat_number(type, 0, kind == JI_IPC_FLOAT ? 2 : 4, 0) : 0;
    switch (kind) {
    case JI_IPC_INT:
        set(field, shape, int_kind(type), JI_LAYOUT_SAME);
        break;
    case JI_IPC_FLOAT:
        if (number >= 0 && number <= 2)
            set(field, shape, floats[number], JI_LAYOUT_SAME);
        break;
    case JI_IPC_BOOL:
        set(field, shape, JI_BOOL, JI_LAYOUT_BITS);
        break;
    case JI_IPC_DATE:
        set(field, shape, JI_DATE, JI_LAYOUT_SAME);
        break;
    case JI_IPC_INTERVAL:
        field->fixed_bytes = JI_INTERVAL_BYTES;
        if (ji_flat_number(type, 0, 2, 0) == INTERVAL_MONTH_DAY_NANO)
            set(field, shape, JI_INTERVAL, JI_LAYOUT_SAME);
        break;
    case JI_IPC_FIXED:
        field->fixed_bytes = number > 0 && number <= JI_FIXED_BYTES_MAX ? (uint32_t)number : 0;
        set(field, shape, JI_FIXED, JI_LAYOUT_SAME);
        break;
    case JI_IPC_FIXED_LIST:
        shape->list_size = number > 0 ? (int32_t)number : 0;
        set(field, shape, JI_LIST, number > 0 ? JI_LAYOUT_LIST_FIXED : JI_LAYOUT_LIST32);
        break;
    case JI_IPC_MAP:
        shape->is_ordered = ji_flat_number(type, 0, 1, 0) != 0;
        set(field, shape, JI_MAP, JI_LAYOUT_LIST32);
        break;
    default:
        return false;
    }
    return true;
}

static void read_text_type(enum ji_ipc_type kind, struct ji_field *field, struct ji_array_shape *shape)
{
    static const struct {
        enum ji_ipc_type type;
        enum ji_kind kind;
        enum ji_layout layout;
    } texts[] = {
            {JI_IPC_BINARY, JI_BINARY, JI_LAYOUT_OFFSETS32},
            {JI_IPC_UTF8, JI_STRING, JI_LAYOUT_OFFSETS32},
            {JI_IPC_LARGE_BINARY, JI_BINARY, JI_LAYOUT_OFFSETS64},
            {JI_IPC_LARGE_UTF8, JI_STRING, JI_LAYOUT_OFFSETS64},
            {JI_IPC_BINARY_VIEW, JI_BINARY, JI_LAYOUT_VIEWS},
            {JI_IPC_UTF8_VIEW, JI_STRING, JI_LAYOUT_VIEWS},
            {JI_IPC_LIST, JI_LIST, JI_LAYOUT_LIST32},
            {JI_IPC_LARGE_LIST, JI_LIST, JI_LAYOUT_LIST64},
            {JI_IPC_LIST_VIEW, JI_LIST, JI_LAYOUT_LIST_VIEW32},
            {JI_IPC_LARGE_LIST_VIEW, JI_LIST, JI_LAYOUT_LIST_VIEW64},
            {JI_IPC_STRUCT, JI_STRUCT, JI_LAYOUT_STRUCT},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].type == kind)
            set(field, shape, texts[i].kind, texts[i].layout);
    }
}

static enum joist_status read_type(struct ji_arena *arena, const struct ji_flat_table *from,
        struct ji_field *field, struct ji_array_shape *shape, struct joist_error *err)
{
    const enum ji_ipc_type kind = (enum ji_ipc_type)ji_flat_number(from, JI_IPC_FIELD_TYPE_TYPE, 1, 0);
    const struct ji_flat_table type = ji_flat_child(from, JI_IPC_FIELD_TYPE);
    switch (kind) {
    case JI_IPC_DECIMAL:
        read_decimal(&type, field, shape);
        return JOIST_OK;
    case JI_IPC_TIME:
        field->unit = unit_of(&type, JI_MILLI);
        set(field, shape, JI_TIME, field->unit <= JI_MILLI ? JI_LAYOUT_TIME32 : JI_LAYOUT_SAME);
        return JOIST_OK;
    case JI_IPC_TIMESTAMP:
        field->unit = unit_of(&type, JI_SECOND);
        set(field, shape, JI_TIMESTAMP, JI_LAYOUT_SAME);
        return take_text(arena, ji_flat_text(&type, 1), &field->zone, err);
    case JI_IPC_DURATION:
        shape->unit = unit_of(&type, JI_MILLI);
        set(field, shape, JI_INT64, JI_LAYOUT_DURATION);
        return JOIST_OK;
    default:
        if (!read_simple(kind, &type, field, shape))
            read_text_type(kind, field, shape);
        return JOIST_OK;
    }
}

static void read_dictionary(const struct ji_flat_table *from, struct ji_array_shape *shape)
{
    const struct ji_flat_table dictionary = ji_flat_child(from, JI_IPC_FIELD_DICTIONARY);
    if (dictionary.buffer == NULL)
        return;
    const struct ji_flat_table codes = ji_flat_child(&dictionary, 1);
    shape->is_dictionary = true;
    shape->is_ordered = ji_flat_number(&dictionary, 2, 1, 0) != 0;
    shape->code_kind = codes.buffer == NULL ? JI_INT32 : int_kind(&codes);
}

static enum joist_status read_metadata(struct ji_arena *arena, const struct ji_flat_table *from,
        struct ji_field *field, struct joist_error *err)
{
    const struct ji_flat_vector pairs = ji_flat_tables(from, JI_IPC_FIELD_METADATA);
    struct ji_view *kept = NULL;
    if (pairs.count == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, 2 * pairs.count, sizeof kept[0], &kept, err));
    for (size_t i = 0; i < pairs.count; i++) {
        const struct ji_flat_table pair = ji_flat_element(&pairs, i);
        const struct ji_view key = ji_flat_text(&pair, 0);
        const struct ji_view value = ji_flat_text(&pair, 1);
        if (ji_view_equal_text(key, "ARROW:extension:name")) {
            JI_TRY(take_text(arena, value, &field->extension_name, err));
        } else if (ji_view_equal_text(key, "ARROW:extension:metadata")) {
            JI_TRY(take_text(arena, value, &field->extension_metadata, err));
        } else if (!ji_view_equal_text(key, "PARQUET:field_id") &&
                !ji_view_equal_text(key, "PARQUET:logical_type")) {
            kept[2 * field->metadata_count] = key;
            kept[2 * field->metadata_count + 1] = value;
            field->metadata_count++;
        }
    }
    field->metadata = kept;
    return JOIST_OK;
}

/* A list is of one thing, a map of one struct of two. */
static enum joist_status check_children(const struct ji_field *field, struct joist_error *err)
{
    const bool is_list = field->kind == JI_LIST || field->kind == JI_MAP;
    if (is_list && field->child_count != 1)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "not an Arrow schema: a list of %zu types", field->child_count);
    if (field->kind == JI_MAP &&
            (field->children[0].kind != JI_STRUCT || field->children[0].child_count != 2))
        return ji_fail(err, JOIST_ERR_CORRUPT, "not an Arrow schema: a map without key and value");
    return JOIST_OK;
}

static enum joist_status read_fields(struct ji_arena *arena, const struct ji_flat_vector *from,
        unsigned depth, struct ji_field **fields, struct ji_array_shape *shape, struct joist_error *err);

static enum joist_status read_field(struct ji_arena *arena, const struct ji_flat_table *from, unsigned depth,
        struct ji_field *field, struct ji_array_shape *shape, struct joist_error *err)
{
    *field = (struct ji_field){.name = "", .field_id = JI_FIELD_ID_NONE};
    *shape = (struct ji_array_shape){.bits = 128};
    if (depth > JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "types nest deeper than %d", JI_SCHEMA_DEPTH_MAX);
    field->nullable = ji_flat_number(from, JI_IPC_FIELD_NULLABLE, 1, 0) != 0;
    JI_TRY(read_type(arena, from, field, shape, err));
    field->utc = field->zone != NULL;
    read_dictionary(from, shape);
    JI_TRY(read_metadata(arena, from, field, err));
    const struct ji_flat_vector children = ji_flat_tables(from, JI_IPC_FIELD_CHILDREN);
    field->child_count = children.count;
    JI_TRY(read_fields(arena, &children, depth + 1, &field->children, shape, err));
    return check_children(field, err);
}

static enum joist_status read_element(struct ji_arena *arena, const struct ji_flat_vector *from, size_t index,
        unsigned depth, struct ji_field *field, struct ji_array_shape *shape, struct joist_error *err)
{
    const struct ji_flat_table element = ji_flat_element(from, index);
    if (element.buffer == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "not an Arrow schema: field %zu is missing", index);
    return read_field(arena, &element, depth, field, shape, err);
}

static enum joist_status read_fields(struct ji_arena *arena, const struct ji_flat_vector *from,
        unsigned depth, struct ji_field **fields, struct ji_array_shape *shape, struct joist_error *err)
{
    shape->child_count = from->count;
    if (from->count == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, from->count, sizeof **fields, fields, err));
    JI_TRY(ji_arena_array(arena, from->count, sizeof *shape->children, &shape->children, err));
    for (size_t i = 0; i < from->count; i++)
        JI_TRY(read_element(arena, from, i, depth, &(*fields)[i], &shape->children[i], err));
    return JOIST_OK;
}

static enum joist_status fail_offsets(struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "not an Arrow schema: offsets that lead nowhere");
}

/* The Message without what stands before it. */
static struct ji_view unwrap(struct ji_view message)
{
    size_t at = 0;
    if (message.size >= 4 && ji_load_le32(message.data) == JI_IPC_CONTINUATION)
        at = 4;
    if (message.size < at + 4)
        return ji_view_of(NULL, 0);
    const size_t bytes = ji_load_le32(message.data + at);
    const size_t left = message.size - at - 4;
    return ji_view_of(message.data + at + 4, ji_min_size(bytes, left));
}

enum joist_status ji_ipc_schema_open(
        struct ji_ipc_schema *schema, struct ji_view bytes, struct joist_error *err)
{
    ji_flat_init(&schema->buffer, unwrap(bytes));
    const struct ji_flat_table message = ji_flat_root(&schema->buffer);
    const bool is_schema = ji_flat_number(&message, JI_IPC_MESSAGE_KIND, 1, 0) == JI_IPC_SCHEMA;
    const struct ji_flat_table header = ji_flat_child(&message, JI_IPC_MESSAGE_HEADER);
    if (!is_schema || header.buffer == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "not an Arrow schema");
    schema->columns = ji_flat_tables(&header, JI_IPC_SCHEMA_FIELDS);
    return schema->buffer.is_bad ? fail_offsets(err) : JOIST_OK;
}

enum joist_status ji_ipc_schema_column(struct ji_ipc_schema *schema, size_t index, struct ji_arena *arena,
        struct ji_field *field, struct ji_array_shape *shape, struct joist_error *err)
{
    assert(index < schema->columns.count);
    struct ji_field read;
    struct ji_array_shape read_shape;
    JI_TRY(read_element(arena, &schema->columns, index, 1, &read, &read_shape, err));
    if (schema->buffer.is_bad)
        return fail_offsets(err);
    *field = read;
    *shape = read_shape;
    return JOIST_OK;
}
