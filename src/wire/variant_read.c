/*
 * variant_read.c - dictionaries and values of the binary variant
 *
 *     metadata: header | count | offset x (count + 1) | names      widths of count and offsets in the header
 *     value:    header | ...                                       basic type in its two low bits
 *
 *     object    header | count (1 or 4) | id x count | offset x (count + 1) | members
 *     array     header | count (1 or 4) |              offset x (count + 1) | members
 *
 *   1. A container is as long as its last offset says; a member begins at its offset and is as long as
 *      its own head says, within what the container has.
 *   2. An object's members may lie in any order: only their sum is held against the container.
 *   3. Members of an array follow one another; a gap or an overlap is corruption.
 */
#include "wire/variant_read.h"

#include "base/decimal.h"
#include "base/utf8_text.h"

#include <assert.h>

#define VERSION 1
#define UUID_BYTES 16
#define NAMES_OFFSET_SHIFT 6

enum basic_type { BASIC_PRIMITIVE = 0, BASIC_SHORT_STRING = 1, BASIC_OBJECT = 2, BASIC_ARRAY = 3 };

const char *ji_variant_type_name(enum ji_variant_type type)
{
    static const char *const names[] = {"null", "boolean", "boolean", "int8", "int16", "int32", "int64",
            "double", "decimal4", "decimal8", "decimal16", "date", "timestamp", "timestamp without time zone",
            "float", "binary", "string", "time", "timestamp in ns", "timestamp without time zone in ns",
            "uuid"};
    if (type == JI_VARIANT_OBJECT)
        return "object";
    if (type == JI_VARIANT_ARRAY)
        return "array";
    return names[type];
}

/* An unsigned number of 1 to 4 bytes. */
static uint32_t load(const uint8_t *from, unsigned bytes)
{
    switch (bytes) {
    case 1:
        return from[0];
    case 2:
        return ji_load_le16(from);
    case 3:
        return (uint32_t)ji_load_le16(from) | (uint32_t)from[2] << 16;
    default:
        return ji_load_le32(from);
    }
}

static enum joist_status fail_short(struct joist_error *err, const char *what)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "variant ends within its %s", what);
}

/* --- the dictionary --- */

/* Offsets rise from 0 to the size of the text. */
static enum joist_status check_offsets(const struct ji_variant_names *names, struct joist_error *err)
{
    uint32_t before = load(names->offsets, names->offset_bytes);
    if (before != 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant dictionary begins at offset %" PRIu32, before);
    for (uint32_t id = 0; id < names->count; id++) {
        const uint32_t after =
                load(names->offsets + (size_t)(id + 1) * names->offset_bytes, names->offset_bytes);
        if (after < before)
            return ji_fail(
                    err, JOIST_ERR_CORRUPT, "variant dictionary: name %" PRIu32 " ends before it begins", id);
        before = after;
    }
    return JOIST_OK;
}

static enum joist_status check_names(struct ji_variant_names *names, struct joist_error *err)
{
    names->rises = true;
    struct ji_view before = {NULL, 0};
    for (uint32_t id = 0; id < names->count; id++) {
        const struct ji_view name = ji_variant_name(names, id);
        if (ji_utf8_prefix(name) != name.size)
            return ji_fail(err, JOIST_ERR_CORRUPT, "variant dictionary: name %" PRIu32 " is not UTF-8", id);
        if (id > 0 && ji_view_compare(before, name) >= 0)
            names->rises = false;
        before = name;
    }
    return JOIST_OK;
}

enum joist_status ji_variant_names_prefix(
        struct ji_variant_names *names, struct ji_view bytes, size_t *used, struct joist_error *err)
{
    if (bytes.size == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant metadata is empty");
    const uint8_t header = bytes.data[0];
    if ((header & 15) != VERSION)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "variant metadata of version %d", header & 15);
    const unsigned width = (header >> NAMES_OFFSET_SHIFT) + 1u;
    if (bytes.size - 1 < width)
        return fail_short(err, "dictionary size");
    struct ji_variant_names made = {
            .count = load(bytes.data + 1, width),
            .offset_bytes = width,
            .offsets = bytes.data + 1 + width,
    };
    const size_t room = bytes.size - 1 - width;
    if (made.count > JI_VARIANT_NAMES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "variant dictionary of %" PRIu32 " names (at most %u)",
                made.count, JI_VARIANT_NAMES_MAX);
    if (room / width < (size_t)made.count + 1)
        return fail_short(err, "dictionary offsets");
    const size_t offsets_bytes = ((size_t)made.count + 1) * width;
    const uint32_t text_bytes = load(made.offsets + (size_t)made.count * width, width);
    if (text_bytes > room - offsets_bytes)
        return fail_short(err, "dictionary names");
    made.text = made.offsets + offsets_bytes;
    made.bytes = ji_view_of(bytes.data, 1 + width + offsets_bytes + text_bytes);
    JI_TRY(check_offsets(&made, err));
    JI_TRY(check_names(&made, err));
    *names = made;
    *used = made.bytes.size;
    return JOIST_OK;
}

enum joist_status ji_variant_names_init(
        struct ji_variant_names *names, struct ji_view metadata, struct joist_error *err)
{
    size_t used = 0;
    struct ji_variant_names made;
    JI_TRY(ji_variant_names_prefix(&made, metadata, &used, err));
    if (used != metadata.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant metadata with %zu bytes behind its dictionary",
                metadata.size - used);
    *names = made;
    return JOIST_OK;
}

struct ji_view ji_variant_name(const struct ji_variant_names *names, uint32_t id)
{
    assert(id < names->count);
    const uint8_t *const at = names->offsets + (size_t)id * names->offset_bytes;
    const uint32_t begin = load(at, names->offset_bytes);
    const uint32_t end = load(at + names->offset_bytes, names->offset_bytes);
    return ji_view_of(names->text + begin, end - begin);
}

/* --- values --- */

/* Bytes behind the header of a primitive of known size; 0 for BINARY and STRING, which tell theirs. */
static const uint8_t primitive_bytes[] = {[JI_VARIANT_INT8] = 1,
        [JI_VARIANT_INT16] = 2,
        [JI_VARIANT_INT32] = 4,
        [JI_VARIANT_INT64] = 8,
        [JI_VARIANT_DOUBLE] = 8,
        [JI_VARIANT_DECIMAL4] = 5,
        [JI_VARIANT_DECIMAL8] = 9,
        [JI_VARIANT_DECIMAL16] = 17,
        [JI_VARIANT_DATE] = 4,
        [JI_VARIANT_TIMESTAMP_MICROS_UTC] = 8,
        [JI_VARIANT_TIMESTAMP_MICROS] = 8,
        [JI_VARIANT_FLOAT] = 4,
        [JI_VARIANT_TIME] = 8,
        [JI_VARIANT_TIMESTAMP_NANOS_UTC] = 8,
        [JI_VARIANT_TIMESTAMP_NANOS] = 8,
        [JI_VARIANT_UUID] = UUID_BYTES};

static enum joist_status parse_text(
        struct ji_view text, enum ji_variant_type type, struct ji_variant *value, struct joist_error *err)
{
    if (type == JI_VARIANT_STRING && ji_utf8_prefix(text) != text.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant string is not UTF-8");
    value->type = type;
    value->view = text;
    return JOIST_OK;
}

static enum joist_status parse_sized(
        struct ji_view bytes, enum ji_variant_type type, struct ji_variant *value, struct joist_error *err)
{
    if (bytes.size < 1 + sizeof(uint32_t))
        return fail_short(err, "size");
    const uint32_t size = ji_load_le32(bytes.data + 1);
    const size_t head = 1 + sizeof size;
    if (size > bytes.size - head)
        return fail_short(err, ji_variant_type_name(type));
    value->bytes = ji_view_of(bytes.data, head + size);
    return parse_text(ji_view_of(bytes.data + head, size), type, value, err);
}

static enum joist_status parse_decimal(
        const uint8_t *from, unsigned bytes, struct ji_variant *value, struct joist_error *err)
{
    value->scale = from[0];
    if (value->scale > JI_DECIMAL_DIGITS_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant decimal of scale %u", value->scale);
    if (bytes == sizeof(uint32_t)) {
        value->decimal = (int32_t)ji_load_le32(from + 1);
    } else if (bytes == sizeof(uint64_t)) {
        value->decimal = (int64_t)ji_load_le64(from + 1);
    } else {
        const ji_uint128 high = (ji_uint128)ji_load_le64(from + 9) << 64;
        value->decimal = (ji_int128)(high | ji_load_le64(from + 1));
    }
    if (!ji_decimal_fits(value->decimal, JI_DECIMAL_DIGITS_MAX))
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "variant decimal of more than %d digits", JI_DECIMAL_DIGITS_MAX);
    return JOIST_OK;
}

static void parse_real(const uint8_t *from, struct ji_variant *value)
{
    if (value->type == JI_VARIANT_DOUBLE) {
        const uint64_t bits = ji_load_le64(from);
        memcpy(&value->real, &bits, sizeof bits);
        return;
    }
    const uint32_t bits = ji_load_le32(from);
    float real;
    memcpy(&real, &bits, sizeof bits);
    value->real = (double)real;
}

static enum joist_status parse_primitive(
        struct ji_view bytes, struct ji_variant *value, struct joist_error *err)
{
    const unsigned number = bytes.data[0] >> 2;
    if (number >= sizeof primitive_bytes)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "variant primitive type %u", number);
    value->type = (enum ji_variant_type)number;
    if (value->type == JI_VARIANT_BINARY || value->type == JI_VARIANT_STRING)
        return parse_sized(bytes, value->type, value, err);
    const unsigned size = primitive_bytes[number];
    if (bytes.size - 1 < size)
        return fail_short(err, ji_variant_type_name(value->type));
    value->bytes = ji_view_of(bytes.data, 1 + (size_t)size);
    const uint8_t *const from = bytes.data + 1;
    switch (value->type) {
    case JI_VARIANT_NULL:
    case JI_VARIANT_TRUE:
    case JI_VARIANT_FALSE:
        return JOIST_OK;
    case JI_VARIANT_FLOAT:
    case JI_VARIANT_DOUBLE:
        parse_real(from, value);
        return JOIST_OK;
    case JI_VARIANT_DECIMAL4:
    case JI_VARIANT_DECIMAL8:
    case JI_VARIANT_DECIMAL16:
        return parse_decimal(from, size - 1, value, err);
    case JI_VARIANT_UUID:
        value->view = ji_view_of(from, UUID_BYTES);
        return JOIST_OK;
    default:
        break;
    }
    if (size == 1)
        value->integer = (int8_t)from[0];
    else if (size == 2)
        value->integer = (int16_t)ji_load_le16(from);
    else if (size == 4)
        value->integer = (int32_t)ji_load_le32(from);
    else
        value->integer = (int64_t)ji_load_le64(from);
    return JOIST_OK;
}

static enum joist_status parse_container(
        struct ji_view bytes, struct ji_variant *value, struct joist_error *err)
{
    const unsigned header = bytes.data[0] >> 2;
    const bool is_object = (bytes.data[0] & 3) == BASIC_OBJECT;
    const bool is_large = is_object ? (header >> 4 & 1) != 0 : (header >> 2 & 1) != 0;
    const unsigned count_bytes = is_large ? 4 : 1;
    value->type = is_object ? JI_VARIANT_OBJECT : JI_VARIANT_ARRAY;
    value->offset_bytes = (header & 3) + 1;
    value->id_bytes = is_object ? (header >> 2 & 3) + 1 : 0;
    if (bytes.size - 1 < count_bytes)
        return fail_short(err, "number of members");
    value->count = load(bytes.data + 1, count_bytes);
    value->ids = bytes.data + 1 + count_bytes;
    const uint64_t room = bytes.size - 1 - count_bytes;
    const uint64_t ids_bytes = (uint64_t)value->count * value->id_bytes;
    const uint64_t offsets_bytes = ((uint64_t)value->count + 1) * value->offset_bytes;
    if (ids_bytes + offsets_bytes > room)
        return fail_short(err, is_object ? "field ids and offsets" : "offsets");
    value->offsets = value->ids + ids_bytes;
    const uint32_t size =
            load(value->offsets + (size_t)value->count * value->offset_bytes, value->offset_bytes);
    if (size > room - ids_bytes - offsets_bytes)
        return fail_short(err, "members");
    value->members = ji_view_of(value->offsets + offsets_bytes, size);
    value->bytes = ji_view_of(bytes.data, (size_t)(1 + count_bytes + ids_bytes + offsets_bytes + size));
    return JOIST_OK;
}

enum joist_status ji_variant_parse(struct ji_view bytes, struct ji_variant *value, struct joist_error *err)
{
    if (bytes.size == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant value without bytes");
    struct ji_variant made = {.type = JI_VARIANT_NULL};
    const unsigned basic = bytes.data[0] & 3;
    if (basic == BASIC_PRIMITIVE) {
        JI_TRY(parse_primitive(bytes, &made, err));
    } else if (basic == BASIC_SHORT_STRING) {
        const size_t size = bytes.data[0] >> 2;
        if (bytes.size - 1 < size)
            return fail_short(err, "string");
        made.bytes = ji_view_of(bytes.data, 1 + size);
        JI_TRY(parse_text(ji_view_of(bytes.data + 1, size), JI_VARIANT_STRING, &made, err));
    } else {
        JI_TRY(parse_container(bytes, &made, err));
    }
    *value = made;
    return JOIST_OK;
}

uint32_t ji_variant_member_id(const struct ji_variant *object, uint32_t index)
{
    assert(object->type == JI_VARIANT_OBJECT && index < object->count);
    return load(object->ids + (size_t)index * object->id_bytes, object->id_bytes);
}

static uint32_t member_offset(const struct ji_variant *container, uint32_t index)
{
    return load(container->offsets + (size_t)index * container->offset_bytes, container->offset_bytes);
}

struct ji_view ji_variant_member_bytes(const struct ji_variant *container, uint32_t index)
{
    assert(index < container->count);
    const uint32_t offset = member_offset(container, index);
    struct ji_variant member;
    const struct ji_view rest =
            ji_view_of(container->members.data + offset, container->members.size - offset);
    const enum joist_status status = ji_variant_parse(rest, &member, NULL);
    assert(status == JOIST_OK);
    ji_ignore(status, "the container was checked");
    return member.bytes;
}

/* --- the walk --- */

void ji_variant_walk_init(struct ji_variant_walk *walk, const struct ji_variant_names *names,
        struct ji_view value, unsigned depth)
{
    assert(depth <= JI_VARIANT_DEPTH_MAX);
    walk->names = names;
    walk->bytes = value;
    walk->has_begun = false;
    walk->is_sorted = true;
    walk->depth = 0;
    walk->depth_max = JI_VARIANT_DEPTH_MAX - depth;
}

/* Turns a value that was parsed into its event, and goes into a container. */
static enum joist_status enter(
        struct ji_variant_walk *walk, struct ji_variant_event *event, struct joist_error *err)
{
    event->kind = JI_VARIANT_PRIMITIVE;
    if (event->value.type != JI_VARIANT_OBJECT && event->value.type != JI_VARIANT_ARRAY)
        return JOIST_OK;
    if (walk->depth == walk->depth_max)
        return ji_fail(err, JOIST_ERR_LIMIT, "variant of more than %d levels", JI_VARIANT_DEPTH_MAX);
    event->kind = JI_VARIANT_BEGIN;
    walk->frames[walk->depth++] = (struct ji_variant_frame){.value = event->value};
    return JOIST_OK;
}

static enum joist_status take_name(struct ji_variant_walk *walk, struct ji_variant_frame *frame,
        struct ji_variant_event *event, struct joist_error *err)
{
    const uint32_t id = ji_variant_member_id(&frame->value, frame->next);
    if (id >= walk->names->count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant field id %" PRIu32 " in a dictionary of %" PRIu32, id,
                walk->names->count);
    event->has_name = true;
    event->name_id = id;
    event->name = ji_variant_name(walk->names, id);
    if (frame->next > 0 && ji_view_compare(frame->name, event->name) >= 0)
        walk->is_sorted = false;
    frame->name = event->name;
    return JOIST_OK;
}

static enum joist_status next_member(
        struct ji_variant_walk *walk, struct ji_variant_event *event, struct joist_error *err)
{
    struct ji_variant_frame *const frame = &walk->frames[walk->depth - 1];
    const struct ji_variant *const value = &frame->value;
    if (value->type == JI_VARIANT_OBJECT)
        JI_TRY(take_name(walk, frame, event, err));
    const uint32_t offset = member_offset(value, frame->next);
    if (offset > value->members.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant member at offset %" PRIu32 " of %zu bytes", offset,
                value->members.size);
    if (value->type == JI_VARIANT_ARRAY && offset != frame->bytes_spent)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "variant array: element %" PRIu32 " at offset %" PRIu32 " is not behind the one before",
                frame->next, offset);
    const struct ji_view rest = ji_view_of(value->members.data + offset, value->members.size - offset);
    JI_TRY(ji_variant_parse(rest, &event->value, err));
    frame->bytes_spent += event->value.bytes.size;
    if (frame->bytes_spent > value->members.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant object: members overlap");
    frame->next++;
    return enter(walk, event, err);
}

static enum joist_status next_event(
        struct ji_variant_walk *walk, struct ji_variant_event *event, struct joist_error *err)
{
    if (!walk->has_begun) {
        walk->has_begun = true;
        JI_TRY(ji_variant_parse(walk->bytes, &event->value, err));
        if (event->value.bytes.size != walk->bytes.size)
            return ji_fail(err, JOIST_ERR_CORRUPT, "variant value with %zu bytes behind it",
                    walk->bytes.size - event->value.bytes.size);
        return enter(walk, event, err);
    }
    if (walk->depth == 0) {
        event->kind = JI_VARIANT_END_VALUE;
        return JOIST_OK;
    }
    const struct ji_variant_frame *const frame = &walk->frames[walk->depth - 1];
    if (frame->next < frame->value.count)
        return next_member(walk, event, err);
    if (frame->bytes_spent != frame->value.members.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "variant %s with bytes that belong to no member",
                ji_variant_type_name(frame->value.type));
    event->kind = JI_VARIANT_END;
    event->value = frame->value;
    walk->depth--;
    return JOIST_OK;
}

enum joist_status ji_variant_next(
        struct ji_variant_walk *walk, struct ji_variant_event *event, struct joist_error *err)
{
    event->has_name = false;
    return next_event(walk, event, err);
}

enum joist_status ji_variant_check(const struct ji_variant_names *names, struct ji_view value, unsigned depth,
        bool *is_sorted, struct joist_error *err)
{
    struct ji_variant_walk walk;
    struct ji_variant_event event;
    ji_variant_walk_init(&walk, names, value, depth);
    do {
        JI_TRY(ji_variant_next(&walk, &event, err));
    } while (event.kind != JI_VARIANT_END_VALUE);
    *is_sorted = walk.is_sorted;
    return JOIST_OK;
}
