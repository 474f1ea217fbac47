/*
 * avro_value.c - decodes and encodes single data
 *
 *     int, long   zig-zag varint            string, bytes   long size, bytes
 *     union       long branch, datum        array, map      { long count, items } ... 0
 *     enum        int position              record          its fields, nothing between
 *
 *   1. No byte outside [at, end) is read; a size or count is at most the bytes that are left.
 *   2. Data nest at most JI_AVRO_DEPTH_MAX deep: a schema that holds itself ends there.
 *
 * A block of items with a negative count has its size in bytes behind, which lets readers skip; we decode
 * and hold it against the size.
 */
#include "wire/avro_value.h"

#include "base/utf8_text.h"

#include <assert.h>

#define VARINT_BYTES_MAX 10

struct decoder {
    struct ji_arena *arena;
    const uint8_t *at;
    const uint8_t *end;
    struct joist_error *err;
};

static size_t left_of(const struct decoder *decoder)
{
    return (size_t)(decoder->end - decoder->at);
}

static enum joist_status fail_short(const struct decoder *decoder, const char *what)
{
    return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "%s reaches past the end", what);
}

static enum joist_status read_long(struct decoder *decoder, int64_t *value)
{
    uint64_t raw = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        if (decoder->at == decoder->end)
            return fail_short(decoder, "a number");
        const uint8_t byte = *decoder->at++;
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        raw |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
            return JOIST_OK;
        }
    }
    return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "a number of more than 64 bits");
}

static enum joist_status read_int(struct decoder *decoder, int64_t *value)
{
    JI_TRY(read_long(decoder, value));
    if (*value < INT32_MIN || *value > INT32_MAX)
        return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "%" PRId64 " is no int", *value);
    return JOIST_OK;
}

static enum joist_status read_bytes(struct decoder *decoder, size_t size, struct ji_view *bytes)
{
    if (size > left_of(decoder))
        return fail_short(decoder, "a value");
    JI_TRY(ji_arena_view(decoder->arena, ji_view_of(decoder->at, size), bytes, decoder->err));
    decoder->at += size;
    return JOIST_OK;
}

static enum joist_status read_sized(struct decoder *decoder, struct ji_view *bytes)
{
    int64_t size;
    JI_TRY(read_long(decoder, &size));
    if (size < 0 || (uint64_t)size > left_of(decoder))
        return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "%" PRId64 " bytes where %zu are left", size,
                left_of(decoder));
    return read_bytes(decoder, (size_t)size, bytes);
}

static enum joist_status read_string(struct decoder *decoder, struct ji_view *text)
{
    JI_TRY(read_sized(decoder, text));
    if (ji_utf8_prefix(*text) != text->size)
        return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "a string that is not UTF-8");
    return JOIST_OK;
}

static enum joist_status read_real(struct decoder *decoder, enum ji_avro_kind kind, double *value)
{
    const size_t size = kind == JI_AVRO_FLOAT ? 4 : 8;
    if (left_of(decoder) < size)
        return fail_short(decoder, "a number");
    if (kind == JI_AVRO_FLOAT) {
        const uint32_t bits = ji_load_le32(decoder->at);
        float real;
        memcpy(&real, &bits, sizeof real);
        *value = (double)real;
    } else {
        const uint64_t bits = ji_load_le64(decoder->at);
        memcpy(value, &bits, sizeof *value);
    }
    decoder->at += size;
    return JOIST_OK;
}

static enum joist_status read_boolean(struct decoder *decoder, bool *value)
{
    if (decoder->at == decoder->end)
        return fail_short(decoder, "a boolean");
    if (*decoder->at > 1)
        return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "%u is no boolean", (unsigned)*decoder->at);
    *value = *decoder->at++ == 1;
    return JOIST_OK;
}

static enum joist_status read_value(struct decoder *decoder, const struct ji_avro_type *type, unsigned depth,
        struct ji_avro_value *value);

static enum joist_status read_record(
        struct decoder *decoder, const struct ji_avro_type *type, unsigned depth, struct ji_avro_value *value)
{
    struct ji_avro_value *fields;
    JI_TRY(ji_arena_array(decoder->arena, type->field_count, sizeof *fields, &fields, decoder->err));
    for (size_t i = 0; i < type->field_count; i++) {
        const enum joist_status status = read_value(decoder, type->fields[i].type, depth + 1, &fields[i]);
        if (status != JOIST_OK) {
            ji_error_prefix(decoder->err, "field '%.100s'", type->fields[i].name);
            return status;
        }
    }
    value->as.items.values = fields;
    value->as.items.count = type->field_count;
    return JOIST_OK;
}

/* Items of an array or map while their number grows. */
struct items {
    struct ji_avro_value *values;
    struct ji_view *keys;
    size_t count;
    size_t room;
};

static enum joist_status grow_items(
        const struct decoder *decoder, bool with_keys, size_t more, struct items *items)
{
    if (more <= items->room - items->count)
        return JOIST_OK;
    const size_t room = ji_max_size(items->count + more, items->room * 2);
    struct items grown = {.count = items->count, .room = room};
    JI_TRY(ji_arena_array(decoder->arena, room, sizeof *grown.values, &grown.values, decoder->err));
    if (items->count > 0)
        memcpy(grown.values, items->values, items->count * sizeof *grown.values);
    if (with_keys) {
        JI_TRY(ji_arena_array(decoder->arena, room, sizeof *grown.keys, &grown.keys, decoder->err));
        if (items->count > 0)
            memcpy(grown.keys, items->keys, items->count * sizeof *grown.keys);
    }
    *items = grown;
    return JOIST_OK;
}

/* The head of a block of items; `*bytes` is SIZE_MAX where it does not say how many bytes follow. */
static enum joist_status read_block_head(struct decoder *decoder, size_t *count, size_t *bytes)
{
    int64_t number;
    int64_t size;
    JI_TRY(read_long(decoder, &number));
    *bytes = SIZE_MAX;
    if (number < 0) {
        JI_TRY(read_long(decoder, &size));
        if (size < 0 || (uint64_t)size > left_of(decoder) || number == INT64_MIN)
            return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "items of %" PRId64 " bytes where %zu are left",
                    size, left_of(decoder));
        *bytes = (size_t)size;
        number = -number;
    }
    if ((uint64_t)number > left_of(decoder))
        return ji_fail(
                decoder->err, JOIST_ERR_CORRUPT, "%" PRId64 " items in %zu bytes", number, left_of(decoder));
    *count = (size_t)number;
    return JOIST_OK;
}

static enum joist_status read_items(
        struct decoder *decoder, const struct ji_avro_type *type, unsigned depth, struct ji_avro_value *value)
{
    const bool is_map = type->kind == JI_AVRO_MAP;
    struct items items = {.count = 0};
    for (;;) {
        size_t count = 0;
        size_t bytes = 0;
        JI_TRY(read_block_head(decoder, &count, &bytes));
        if (count == 0)
            break;
        const uint8_t *begin = decoder->at;
        JI_TRY(grow_items(decoder, is_map, count, &items));
        for (size_t i = 0; i < count; i++) {
            if (is_map)
                JI_TRY(read_string(decoder, &items.keys[items.count]));
            JI_TRY(read_value(decoder, type->items, depth + 1, &items.values[items.count]));
            items.count++;
        }
        if (bytes != SIZE_MAX && (size_t)(decoder->at - begin) != bytes)
            return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "items of %zu bytes took %zu", bytes,
                    (size_t)(decoder->at - begin));
    }
    value->as.items.values = items.values;
    value->as.items.keys = items.keys;
    value->as.items.count = items.count;
    return JOIST_OK;
}

static enum joist_status read_union(
        struct decoder *decoder, const struct ji_avro_type *type, unsigned depth, struct ji_avro_value *value)
{
    int64_t branch;
    JI_TRY(read_long(decoder, &branch));
    if (branch < 0 || (uint64_t)branch >= type->branch_count)
        return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "branch %" PRId64 " of a union of %zu", branch,
                type->branch_count);
    return read_value(decoder, type->branches[branch], depth + 1, value);
}

static enum joist_status read_enum(
        struct decoder *decoder, const struct ji_avro_type *type, struct ji_avro_value *value)
{
    JI_TRY(read_int(decoder, &value->as.integer));
    if (value->as.integer < 0 || (uint64_t)value->as.integer >= type->symbol_count)
        return ji_fail(decoder->err, JOIST_ERR_CORRUPT, "symbol %" PRId64 " of %zu", value->as.integer,
                type->symbol_count);
    return JOIST_OK;
}

static enum joist_status read_value(
        struct decoder *decoder, const struct ji_avro_type *type, unsigned depth, struct ji_avro_value *value)
{
    if (depth > JI_AVRO_DEPTH_MAX)
        return ji_fail(decoder->err, JOIST_ERR_LIMIT, "data nested deeper than %d", JI_AVRO_DEPTH_MAX);
    value->kind = type->kind;
    value->type = type;
    switch (type->kind) {
    case JI_AVRO_NULL:
        return JOIST_OK;
    case JI_AVRO_BOOLEAN:
        return read_boolean(decoder, &value->as.boolean);
    case JI_AVRO_INT:
        return read_int(decoder, &value->as.integer);
    case JI_AVRO_LONG:
        return read_long(decoder, &value->as.integer);
    case JI_AVRO_FLOAT:
    case JI_AVRO_DOUBLE:
        return read_real(decoder, type->kind, &value->as.real);
    case JI_AVRO_BYTES:
        return read_sized(decoder, &value->as.bytes);
    case JI_AVRO_STRING:
        return read_string(decoder, &value->as.bytes);
    case JI_AVRO_RECORD:
        return read_record(decoder, type, depth, value);
    case JI_AVRO_ENUM:
        return read_enum(decoder, type, value);
    case JI_AVRO_ARRAY:
    case JI_AVRO_MAP:
        return read_items(decoder, type, depth, value);
    case JI_AVRO_UNION:
        return read_union(decoder, type, depth, value);
    case JI_AVRO_FIXED:
        return read_bytes(decoder, type->fixed_bytes, &value->as.bytes);
    }
    return ji_fail(decoder->err, JOIST_ERR_INTERNAL, "an Avro type of no kind");
}

enum joist_status ji_avro_decode(struct ji_arena *arena, const struct ji_avro_type *type,
        struct ji_view bytes, struct ji_avro_value *value, size_t *used, struct joist_error *err)
{
    static const uint8_t nothing[1] = {0};
    struct decoder decoder = {.arena = arena, .at = bytes.size == 0 ? nothing : bytes.data, .err = err};
    const uint8_t *begin = decoder.at;
    decoder.end = decoder.at + bytes.size;
    struct ji_avro_value decoded = {.kind = JI_AVRO_NULL};
    JI_TRY(read_value(&decoder, type, 0, &decoded));
    *value = decoded;
    *used = (size_t)(decoder.at - begin);
    return JOIST_OK;
}

const struct ji_avro_value *ji_avro_get(const struct ji_avro_value *record, int32_t field_id)
{
    assert(record->kind == JI_AVRO_RECORD);
    const size_t at = ji_avro_field_by_id(record->type, field_id);
    return at == SIZE_MAX ? NULL : &record->as.items.values[at];
}

/* --- encoding --- */

static enum joist_status write_long(struct ji_bytes *out, int64_t value, struct joist_error *err)
{
    uint64_t raw = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    JI_TRY(ji_bytes_reserve(out, VARINT_BYTES_MAX, err));
    while (raw >= 0x80) {
        out->data[out->size++] = (uint8_t)(raw | 0x80);
        raw >>= 7;
    }
    out->data[out->size++] = (uint8_t)raw;
    return JOIST_OK;
}

static enum joist_status write_sized(struct ji_bytes *out, struct ji_view bytes, struct joist_error *err)
{
    if (bytes.size > INT64_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "a value of %zu bytes", bytes.size);
    JI_TRY(write_long(out, (int64_t)bytes.size, err));
    return ji_bytes_append(out, bytes.data, bytes.size, err);
}

static enum joist_status write_real(
        enum ji_avro_kind kind, double value, struct ji_bytes *out, struct joist_error *err)
{
    uint8_t bytes[8];
    if (kind == JI_AVRO_FLOAT) {
        const float narrow = (float)value;
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof bits);
        ji_store_le32(bytes, bits);
        return ji_bytes_append(out, bytes, 4, err);
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    ji_store_le64(bytes, bits);
    return ji_bytes_append(out, bytes, 8, err);
}

static bool is_integer(enum ji_avro_kind kind)
{
    return kind == JI_AVRO_INT || kind == JI_AVRO_LONG;
}

static enum joist_status fail_kind(
        const struct ji_avro_type *type, const struct ji_avro_value *value, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_INVALID, "a value of kind %s where %s is due",
            ji_avro_kind_name(value->kind), ji_avro_kind_name(type->kind));
}

static enum joist_status write_value(const struct ji_avro_type *type, const struct ji_avro_value *value,
        unsigned depth, struct ji_bytes *out, struct joist_error *err);

static enum joist_status write_integer(const struct ji_avro_type *type, const struct ji_avro_value *value,
        struct ji_bytes *out, struct joist_error *err)
{
    const int64_t number = value->as.integer;
    if (type->kind == JI_AVRO_INT && (number < INT32_MIN || number > INT32_MAX))
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " is no int", number);
    return write_long(out, number, err);
}

static enum joist_status write_record(const struct ji_avro_type *type, const struct ji_avro_value *value,
        unsigned depth, struct ji_bytes *out, struct joist_error *err)
{
    if (value->as.items.count != type->field_count)
        return ji_fail(err, JOIST_ERR_INVALID, "%zu values in a record of %zu fields", value->as.items.count,
                type->field_count);
    for (size_t i = 0; i < type->field_count; i++) {
        const enum joist_status status =
                write_value(type->fields[i].type, &value->as.items.values[i], depth + 1, out, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "field '%.100s'", type->fields[i].name);
            return status;
        }
    }
    return JOIST_OK;
}

static enum joist_status write_items(const struct ji_avro_type *type, const struct ji_avro_value *value,
        unsigned depth, struct ji_bytes *out, struct joist_error *err)
{
    const size_t count = value->as.items.count;
    if (count > 0)
        JI_TRY(write_long(out, (int64_t)count, err));
    for (size_t i = 0; i < count; i++) {
        if (type->kind == JI_AVRO_MAP)
            JI_TRY(write_sized(out, value->as.items.keys[i], err));
        JI_TRY(write_value(type->items, &value->as.items.values[i], depth + 1, out, err));
    }
    return ji_bytes_append_byte(out, 0, err);
}

static enum joist_status write_union(const struct ji_avro_type *type, const struct ji_avro_value *value,
        unsigned depth, struct ji_bytes *out, struct joist_error *err)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < type->branch_count && found == SIZE_MAX; i++) {
        if (type->branches[i]->kind == value->kind)
            found = i;
    }
    for (size_t i = 0; i < type->branch_count && found == SIZE_MAX; i++) {
        if (is_integer(type->branches[i]->kind) && is_integer(value->kind))
            found = i;
    }
    if (found == SIZE_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "a value of kind %s that the union lacks",
                ji_avro_kind_name(value->kind));
    JI_TRY(write_long(out, (int64_t)found, err));
    return write_value(type->branches[found], value, depth + 1, out, err);
}

static enum joist_status write_sized_kind(const struct ji_avro_type *type, const struct ji_avro_value *value,
        struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_view bytes = value->as.bytes;
    if (type->kind == JI_AVRO_STRING && ji_utf8_prefix(bytes) != bytes.size)
        return ji_fail(err, JOIST_ERR_INVALID, "a string that is not UTF-8");
    if (type->kind != JI_AVRO_FIXED)
        return write_sized(out, bytes, err);
    if (bytes.size != type->fixed_bytes)
        return ji_fail(err, JOIST_ERR_INVALID, "%zu bytes where %zu are due", bytes.size, type->fixed_bytes);
    return ji_bytes_append(out, bytes.data, bytes.size, err);
}

static enum joist_status write_value(const struct ji_avro_type *type, const struct ji_avro_value *value,
        unsigned depth, struct ji_bytes *out, struct joist_error *err)
{
    if (depth > JI_AVRO_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "data nested deeper than %d", JI_AVRO_DEPTH_MAX);
    if (type->kind == JI_AVRO_UNION)
        return write_union(type, value, depth, out, err);
    if (type->kind != value->kind && !(is_integer(type->kind) && is_integer(value->kind)))
        return fail_kind(type, value, err);
    switch (type->kind) {
    case JI_AVRO_NULL:
        return JOIST_OK;
    case JI_AVRO_BOOLEAN:
        return ji_bytes_append_byte(out, value->as.boolean ? 1 : 0, err);
    case JI_AVRO_FLOAT:
    case JI_AVRO_DOUBLE:
        return write_real(type->kind, value->as.real, out, err);
    case JI_AVRO_BYTES:
    case JI_AVRO_STRING:
    case JI_AVRO_FIXED:
        return write_sized_kind(type, value, out, err);
    case JI_AVRO_RECORD:
        return write_record(type, value, depth, out, err);
    case JI_AVRO_ARRAY:
    case JI_AVRO_MAP:
        return write_items(type, value, depth, out, err);
    case JI_AVRO_ENUM:
        if (value->as.integer < 0 || (uint64_t)value->as.integer >= type->symbol_count)
            return ji_fail(err, JOIST_ERR_INVALID, "symbol %" PRId64 " of %zu", value->as.integer,
                    type->symbol_count);
        return write_long(out, value->as.integer, err);
    default:
        return write_integer(type, value, out, err);
    }
}

enum joist_status ji_avro_encode(const struct ji_avro_type *type, const struct ji_avro_value *value,
        struct ji_bytes *out, struct joist_error *err)
{
    const size_t size = out->size;
    const enum joist_status status = write_value(type, value, 0, out, err);
    if (status != JOIST_OK)
        out->size = size;
    return status;
}
