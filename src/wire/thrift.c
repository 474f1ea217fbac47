/*
 * thrift.c - reads the compact protocol
 *
 *     struct: [delta << 4 | type] value ... 00        delta 0: the id follows as a zigzag varint
 *     list:   [count << 4 | type] value ...           count 15: the count follows as a varint
 *     map:    varint count, [key << 4 | value] ...    nothing behind a count of 0
 *     binary: varint bytes, bytes
 *     i16, i32, i64: zigzag varint      i8: a byte      double: 8 bytes      uuid: 16 bytes
 *
 *   1. begin <= at <= end; after a failure at == end and `error` says why.
 *   2. `depth` counts the structs that were entered and not left.
 *
 * A failure moves `at` to the end: whatever loop runs over fields or elements then finds nothing more to
 * read, so no caller has to look after every value. The place of the failure is lost with that, so it is
 * kept in `begin`'s stead: `begin` moves along by as much as `at` skipped.
 */
#include "wire/thrift.h"

#include <assert.h>

/* As many as 10 bytes for 64 bits. */
#define VARINT_BYTES_MAX 10

void ji_thrift_fail(struct ji_thrift_reader *reader, enum ji_thrift_error error)
{
    assert(error != JI_THRIFT_FINE);
    if (reader->error != JI_THRIFT_FINE)
        return;
    reader->error = error;
    reader->begin += reader->end - reader->at;
    reader->at = reader->end;
}

enum joist_status ji_thrift_status(const struct ji_thrift_reader *reader, struct joist_error *err)
{
    static const char *const texts[] = {
            [JI_THRIFT_FINE] = "",
            [JI_THRIFT_SHORT] = "ends inside a value",
            [JI_THRIFT_VARINT] = "has a varint that is too long",
            [JI_THRIFT_RANGE] = "has a number out of range",
            [JI_THRIFT_TYPE] = "has a value of the wrong type",
            [JI_THRIFT_DEPTH] = "nests deeper than 64",
            [JI_THRIFT_COUNT] = "has a container of more than 1000000 elements",
            [JI_THRIFT_STRING] = "has a string of more than 100 MB",
    };
    if (reader->error == JI_THRIFT_FINE)
        return JOIST_OK;
    const bool is_limit = reader->error == JI_THRIFT_DEPTH || reader->error == JI_THRIFT_COUNT ||
            reader->error == JI_THRIFT_STRING;
    return ji_fail(err, is_limit ? JOIST_ERR_LIMIT : JOIST_ERR_CORRUPT, "thrift %s at byte %zu",
            texts[reader->error], reader->start + ji_thrift_position(reader));
}

static uint8_t take_byte(struct ji_thrift_reader *reader)
{
    if (reader->at == reader->end) {
        ji_thrift_fail(reader, JI_THRIFT_SHORT);
        return 0;
    }
    return *reader->at++;
}

static uint64_t take_varint_rest(struct ji_thrift_reader *reader)
{
    uint64_t value = 0;
    for (unsigned index = 0; index < VARINT_BYTES_MAX; index++) {
        if (reader->at == reader->end) {
            ji_thrift_fail(reader, JI_THRIFT_SHORT);
            return 0;
        }
        const uint8_t byte = *reader->at++;
        if (index == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * index);
        if (byte < 0x80)
            return value;
    }
    ji_thrift_fail(reader, JI_THRIFT_VARINT);
    return 0;
}

static inline uint64_t take_varint(struct ji_thrift_reader *reader)
{
    if (reader->at < reader->end && *reader->at < 0x80)
        return *reader->at++;
    return take_varint_rest(reader);
}

static int64_t take_zigzag(struct ji_thrift_reader *reader, int64_t min, int64_t max)
{
    const uint64_t raw = take_varint(reader);
    const int64_t value = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
    if (value < min || value > max) {
        ji_thrift_fail(reader, JI_THRIFT_RANGE);
        return 0;
    }
    return value;
}

static void take_bytes(struct ji_thrift_reader *reader, uint64_t bytes)
{
    if (bytes > (uint64_t)(reader->end - reader->at))
        ji_thrift_fail(reader, JI_THRIFT_SHORT);
    else
        reader->at += bytes;
}

/* True where the type is the wanted one; else the reader has failed. */
static inline bool expect(
        struct ji_thrift_reader *reader, enum ji_thrift_type type, enum ji_thrift_type wanted)
{
    if (type == wanted)
        return true;
    ji_thrift_fail(reader, JI_THRIFT_TYPE);
    return false;
}

struct ji_thrift_field ji_thrift_struct(struct ji_thrift_reader *reader)
{
    if (reader->depth >= JI_THRIFT_DEPTH_MAX)
        ji_thrift_fail(reader, JI_THRIFT_DEPTH);
    else
        reader->depth++;
    return (struct ji_thrift_field){.id = 0, .type = JI_THRIFT_STOP};
}

bool ji_thrift_next(struct ji_thrift_reader *reader, struct ji_thrift_field *field)
{
    const uint8_t head = take_byte(reader);
    if (reader->error != JI_THRIFT_FINE)
        return false;
    if (head == 0) {
        reader->depth--;
        return false;
    }
    const unsigned type = head & 0x0f;
    const unsigned delta = head >> 4;
    int64_t id = (int64_t)field->id + delta;
    if (delta == 0)
        id = take_zigzag(reader, INT16_MIN, INT16_MAX);
    if (id > INT16_MAX)
        ji_thrift_fail(reader, JI_THRIFT_RANGE);
    if (type == JI_THRIFT_STOP || type > JI_THRIFT_UUID)
        ji_thrift_fail(reader, JI_THRIFT_TYPE);
    if (reader->error != JI_THRIFT_FINE)
        return false;
    field->id = (int16_t)id;
    field->type = (enum ji_thrift_type)type;
    return true;
}

bool ji_thrift_bool(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    if (type == JI_THRIFT_TRUE)
        return true;
    (void)expect(reader, type, JI_THRIFT_FALSE);
    return false;
}

bool ji_thrift_bool_element(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    if (type != JI_THRIFT_TRUE && type != JI_THRIFT_FALSE) {
        ji_thrift_fail(reader, JI_THRIFT_TYPE);
        return false;
    }
    const uint8_t byte = take_byte(reader);
    /* Writers in the field disagree on false: 2 by the specification, 0 from some. */
    if (byte > 2)
        ji_thrift_fail(reader, JI_THRIFT_RANGE);
    return byte == 1;
}

int8_t ji_thrift_i8(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    return expect(reader, type, JI_THRIFT_I8) ? (int8_t)take_byte(reader) : 0;
}

int16_t ji_thrift_i16(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    return expect(reader, type, JI_THRIFT_I16) ? (int16_t)take_zigzag(reader, INT16_MIN, INT16_MAX) : 0;
}

int32_t ji_thrift_i32(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    return expect(reader, type, JI_THRIFT_I32) ? (int32_t)take_zigzag(reader, INT32_MIN, INT32_MAX) : 0;
}

int64_t ji_thrift_i64(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    return expect(reader, type, JI_THRIFT_I64) ? take_zigzag(reader, INT64_MIN, INT64_MAX) : 0;
}

double ji_thrift_double(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    double value = 0;
    if (!expect(reader, type, JI_THRIFT_DOUBLE))
        return 0;
    const uint8_t *const data = reader->at;
    take_bytes(reader, sizeof value);
    if (reader->error != JI_THRIFT_FINE)
        return 0;
    const uint64_t bits = ji_load_le64(data);
    memcpy(&value, &bits, sizeof value);
    return value;
}

size_t ji_thrift_binary_length(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    if (!expect(reader, type, JI_THRIFT_BINARY))
        return 0;
    const uint64_t bytes = take_varint(reader);
    if (bytes > JI_THRIFT_STRING_BYTES_MAX)
        ji_thrift_fail(reader, JI_THRIFT_STRING);
    return reader->error == JI_THRIFT_FINE ? (size_t)bytes : 0;
}

struct ji_view ji_thrift_binary(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    const size_t bytes = ji_thrift_binary_length(reader, type);
    const uint8_t *const data = reader->at;
    take_bytes(reader, bytes);
    return reader->error == JI_THRIFT_FINE ? ji_view_of(data, bytes) : ji_view_of(reader->at, 0);
}

/* The count of a container that still has to come, at least one byte an element. */
static size_t take_count(struct ji_thrift_reader *reader, uint64_t count)
{
    if (count > JI_THRIFT_COUNT_MAX)
        ji_thrift_fail(reader, JI_THRIFT_COUNT);
    else if (count > (uint64_t)(reader->end - reader->at))
        ji_thrift_fail(reader, JI_THRIFT_SHORT);
    return reader->error == JI_THRIFT_FINE ? (size_t)count : 0;
}

static struct ji_thrift_list take_list(struct ji_thrift_reader *reader)
{
    const uint8_t head = take_byte(reader);
    const unsigned type = head & 0x0f;
    uint64_t count = head >> 4;
    if (count == 15)
        count = take_varint(reader);
    if (reader->error == JI_THRIFT_FINE && count != 0 && (type == JI_THRIFT_STOP || type > JI_THRIFT_UUID))
        ji_thrift_fail(reader, JI_THRIFT_TYPE);
    return (struct ji_thrift_list){.count = take_count(reader, count), .type = (enum ji_thrift_type)type};
}

struct ji_thrift_list ji_thrift_list(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    if (type != JI_THRIFT_LIST && type != JI_THRIFT_SET)
        ji_thrift_fail(reader, JI_THRIFT_TYPE);
    return take_list(reader);
}

bool ji_thrift_expect_struct(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    return expect(reader, type, JI_THRIFT_STRUCT);
}

/* What is still to be skipped on one level: a struct's fields, or elements in turn of two types. */
struct skip_level {
    bool is_struct;
    size_t left;
    enum ji_thrift_type types[2]; /* types[left & 1] is the next one's */
    struct ji_thrift_field field;
};

static struct skip_level skip_map(struct ji_thrift_reader *reader)
{
    struct skip_level level = {.is_struct = false};
    const uint64_t count = take_varint(reader);
    if (count == 0)
        return level;
    const uint8_t types = take_byte(reader);
    level.left = 2 * take_count(reader, count);
    level.types[0] = (enum ji_thrift_type)(types >> 4);
    level.types[1] = (enum ji_thrift_type)(types & 0x0f);
    return level;
}

/* Skips a scalar; a container or struct becomes the next level. */
static bool skip_value(
        struct ji_thrift_reader *reader, enum ji_thrift_type type, bool is_element, struct skip_level *next)
{
    switch (type) {
    case JI_THRIFT_TRUE:
    case JI_THRIFT_FALSE:
        take_bytes(reader, is_element ? 1 : 0);
        return false;
    case JI_THRIFT_I8:
        take_bytes(reader, 1);
        return false;
    case JI_THRIFT_I16:
    case JI_THRIFT_I32:
    case JI_THRIFT_I64:
        (void)take_varint(reader);
        return false;
    case JI_THRIFT_DOUBLE:
        take_bytes(reader, 8);
        return false;
    case JI_THRIFT_UUID:
        take_bytes(reader, 16);
        return false;
    case JI_THRIFT_BINARY:
        take_bytes(reader, take_varint(reader));
        return false;
    case JI_THRIFT_LIST:
    case JI_THRIFT_SET: {
        const struct ji_thrift_list list = take_list(reader);
        *next = (struct skip_level){.left = list.count, .types = {list.type, list.type}};
        return list.count != 0;
    }
    case JI_THRIFT_MAP:
        *next = skip_map(reader);
        return next->left != 0;
    case JI_THRIFT_STRUCT:
        *next = (struct skip_level){.is_struct = true, .field = ji_thrift_struct(reader)};
        return true;
    case JI_THRIFT_STOP:
        break;
    }
    ji_thrift_fail(reader, JI_THRIFT_TYPE);
    return false;
}

void ji_thrift_skip(struct ji_thrift_reader *reader, enum ji_thrift_type type)
{
    struct skip_level levels[JI_THRIFT_DEPTH_MAX];
    size_t depth = 0;
    if (skip_value(reader, type, false, &levels[0]))
        depth = 1;
    while (depth > 0 && reader->error == JI_THRIFT_FINE) {
        struct skip_level *const level = &levels[depth - 1];
        enum ji_thrift_type next_type;
        if (level->is_struct) {
            if (!ji_thrift_next(reader, &level->field)) {
                depth--;
                continue;
            }
            next_type = level->field.type;
        } else {
            if (level->left == 0) {
                depth--;
                continue;
            }
            next_type = level->types[level->left & 1];
            level->left--;
        }
        struct skip_level next;
        if (!skip_value(reader, next_type, !level->is_struct, &next))
            continue;
        if (depth == JI_THRIFT_DEPTH_MAX) {
            ji_thrift_fail(reader, JI_THRIFT_DEPTH);
            return;
        }
        levels[depth++] = next;
    }
}
