/*
 * variant_build.c - the binary variant, written
 *
 *     out      ... | [value][value][value]          entries   ... | {id, offset} {id, offset} {id, offset}
 *                  ^ mark.out                                     ^ mark.entries
 *     end:     ... | head ids offsets | [value][value][value]     ... |
 *
 *   1. Entries of an inner container are gone when the next member of the outer one begins: one stack does.
 *   2. The members move once a level, when their head is put before them: depth x bytes at most.
 */
#include "wire/variant_build.h"

#include "base/heap_sort.h"

#include <assert.h>

#define SHORT_STRING_MAX 63
#define UUID_BYTES 16

struct entry {
    uint32_t id;
    uint32_t offset;
};

void ji_variant_builder_init(struct ji_variant_builder *builder, struct ji_mem *mem)
{
    ji_bytes_init(&builder->out, mem);
    ji_bytes_init(&builder->entries, mem);
    ji_bytes_init(&builder->named, mem);
}

void ji_variant_builder_clear(struct ji_variant_builder *builder)
{
    ji_bytes_clear(&builder->out);
    ji_bytes_clear(&builder->entries);
    ji_bytes_clear(&builder->named);
}

void ji_variant_builder_reset(struct ji_variant_builder *builder)
{
    builder->out.size = 0;
    builder->entries.size = 0;
}

/* --- primitives --- */

static uint8_t primitive_header(enum ji_variant_type type)
{
    return (uint8_t)((unsigned)type << 2);
}

/* A header and up to 17 bytes. */
static enum joist_status put_fixed(struct ji_variant_builder *builder, enum ji_variant_type type,
        const uint8_t *bytes, size_t size, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(&builder->out, 1 + size, err));
    uint8_t *const to = builder->out.data + builder->out.size;
    to[0] = primitive_header(type);
    if (size > 0)
        memcpy(to + 1, bytes, size);
    builder->out.size += 1 + size;
    return JOIST_OK;
}

enum joist_status ji_variant_put_null(struct ji_variant_builder *builder, struct joist_error *err)
{
    return put_fixed(builder, JI_VARIANT_NULL, NULL, 0, err);
}

enum joist_status ji_variant_put_bool(struct ji_variant_builder *builder, bool value, struct joist_error *err)
{
    return put_fixed(builder, value ? JI_VARIANT_TRUE : JI_VARIANT_FALSE, NULL, 0, err);
}

static size_t integer_bytes(enum ji_variant_type type)
{
    switch (type) {
    case JI_VARIANT_INT8:
        return 1;
    case JI_VARIANT_INT16:
        return 2;
    case JI_VARIANT_INT32:
    case JI_VARIANT_DATE:
        return 4;
    default:
        return 8;
    }
}

enum joist_status ji_variant_put_integer(
        struct ji_variant_builder *builder, enum ji_variant_type type, int64_t value, struct joist_error *err)
{
    uint8_t bytes[8];
    ji_store_le64(bytes, (uint64_t)value);
    return put_fixed(builder, type, bytes, integer_bytes(type), err);
}

enum joist_status ji_variant_put_real(
        struct ji_variant_builder *builder, enum ji_variant_type type, double value, struct joist_error *err)
{
    uint8_t bytes[8];
    if (type == JI_VARIANT_FLOAT) {
        const float narrow = (float)value;
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof bits);
        ji_store_le32(bytes, bits);
        return put_fixed(builder, type, bytes, sizeof bits, err);
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    ji_store_le64(bytes, bits);
    return put_fixed(builder, type, bytes, sizeof bits, err);
}

enum joist_status ji_variant_put_decimal(struct ji_variant_builder *builder, enum ji_variant_type type,
        ji_int128 value, unsigned scale, struct joist_error *err)
{
    uint8_t bytes[17];
    const size_t size = type == JI_VARIANT_DECIMAL4 ? 4 : type == JI_VARIANT_DECIMAL8 ? 8 : 16;
    bytes[0] = (uint8_t)scale;
    ji_store_le64(bytes + 1, (uint64_t)value);
    ji_store_le64(bytes + 9, (uint64_t)((ji_uint128)value >> 64));
    return put_fixed(builder, type, bytes, 1 + size, err);
}

static enum joist_status check_room(
        const struct ji_variant_builder *builder, size_t begin, size_t more, struct joist_error *err)
{
    if (more > JI_VARIANT_BYTES_MAX || builder->out.size - begin > JI_VARIANT_BYTES_MAX - more)
        return ji_fail(err, JOIST_ERR_LIMIT, "variant value of more than %zu bytes", JI_VARIANT_BYTES_MAX);
    return JOIST_OK;
}

enum joist_status ji_variant_put_encoded(
        struct ji_variant_builder *builder, struct ji_view value, struct joist_error *err)
{
    return ji_bytes_append(&builder->out, value.data, value.size, err);
}

enum joist_status ji_variant_put_view(struct ji_variant_builder *builder, enum ji_variant_type type,
        struct ji_view value, struct joist_error *err)
{
    if (type == JI_VARIANT_UUID) {
        assert(value.size == UUID_BYTES);
        return put_fixed(builder, type, value.data, value.size, err);
    }
    if (type == JI_VARIANT_STRING && value.size <= SHORT_STRING_MAX) {
        JI_TRY(ji_bytes_append_byte(&builder->out, (uint8_t)(value.size << 2 | 1), err));
        return ji_variant_put_encoded(builder, value, err);
    }
    uint8_t size[4];
    JI_TRY(check_room(builder, builder->out.size, value.size, err));
    ji_store_le32(size, (uint32_t)value.size);
    JI_TRY(put_fixed(builder, type, size, sizeof size, err));
    return ji_variant_put_encoded(builder, value, err);
}

/* --- containers --- */

struct ji_variant_mark ji_variant_begin(const struct ji_variant_builder *builder)
{
    return (struct ji_variant_mark){.out = builder->out.size, .entries = builder->entries.size};
}

enum joist_status ji_variant_member(
        struct ji_variant_builder *builder, struct ji_variant_mark mark, uint32_t id, struct joist_error *err)
{
    JI_TRY(check_room(builder, mark.out, 0, err));
    const struct entry entry = {.id = id, .offset = (uint32_t)(builder->out.size - mark.out)};
    return ji_bytes_append(&builder->entries, &entry, sizeof entry, err);
}

static unsigned width_of(uint32_t value)
{
    return value > 0xffffff ? 4 : value > 0xffff ? 3 : value > 0xff ? 2 : 1;
}

static uint8_t *store(uint8_t *to, uint32_t value, unsigned width)
{
    for (unsigned step = 0; step < width; step++)
        *to++ = (uint8_t)(value >> (8 * step));
    return to;
}

static struct entry entry_at(
        const struct ji_variant_builder *builder, struct ji_variant_mark mark, size_t index)
{
    struct entry entry;
    memcpy(&entry, builder->entries.data + mark.entries + index * sizeof entry, sizeof entry);
    return entry;
}

static enum joist_status end_container(struct ji_variant_builder *builder, struct ji_variant_mark mark,
        bool is_object, struct joist_error *err)
{
    JI_TRY(check_room(builder, mark.out, 0, err));
    const size_t count = (builder->entries.size - mark.entries) / sizeof(struct entry);
    const uint32_t members = (uint32_t)(builder->out.size - mark.out);
    uint32_t id_max = 0;
    for (size_t index = 0; is_object && index < count; index++) {
        const uint32_t id = entry_at(builder, mark, index).id;
        id_max = id > id_max ? id : id_max;
    }
    const bool is_large = count > UINT8_MAX;
    const unsigned count_bytes = is_large ? 4 : 1;
    const unsigned id_bytes = is_object ? width_of(id_max) : 0;
    const unsigned offset_bytes = width_of(members);
    const size_t head = 1 + count_bytes + count * id_bytes + (count + 1) * offset_bytes;
    JI_TRY(check_room(builder, mark.out, head, err));
    JI_TRY(ji_bytes_reserve(&builder->out, head, err));

    uint8_t *to = builder->out.data + mark.out;
    if (members > 0)
        memmove(to + head, to, members);
    builder->out.size += head;
    const unsigned sizes = is_object ? (unsigned)is_large << 4 | (id_bytes - 1) << 2 | (offset_bytes - 1)
                                     : (unsigned)is_large << 2 | (offset_bytes - 1);
    *to++ = (uint8_t)(sizes << 2 | (is_object ? 2 : 3));
    to = store(to, (uint32_t)count, count_bytes);
    for (size_t index = 0; is_object && index < count; index++)
        to = store(to, entry_at(builder, mark, index).id, id_bytes);
    for (size_t index = 0; index < count; index++)
        to = store(to, entry_at(builder, mark, index).offset, offset_bytes);
    (void)store(to, members, offset_bytes);
    builder->entries.size = mark.entries;
    return JOIST_OK;
}

enum joist_status ji_variant_end_object(
        struct ji_variant_builder *builder, struct ji_variant_mark mark, struct joist_error *err)
{
    return end_container(builder, mark, true, err);
}

enum joist_status ji_variant_end_array(
        struct ji_variant_builder *builder, struct ji_variant_mark mark, struct joist_error *err)
{
    return end_container(builder, mark, false, err);
}

/* --- the dictionary --- */

static struct ji_view name_at(
        const struct ji_variant_names *names, const struct ji_view *more, uint32_t index)
{
    return index < names->count ? ji_variant_name(names, index) : more[index - names->count];
}

enum joist_status ji_variant_put_names(struct ji_bytes *out, const struct ji_variant_names *names,
        const struct ji_view *more, size_t count, struct joist_error *err)
{
    if (count > JI_VARIANT_NAMES_MAX - names->count)
        return ji_fail(
                err, JOIST_ERR_LIMIT, "variant dictionary of more than %u names", JI_VARIANT_NAMES_MAX);
    const uint32_t all = names->count + (uint32_t)count;
    bool rises = names->rises;
    uint64_t text = 0;
    for (uint32_t index = 0; index < all; index++) {
        text += name_at(names, more, index).size;
        if (index >= names->count && index > 0 &&
                ji_view_compare(name_at(names, more, index - 1), name_at(names, more, index)) >= 0)
            rises = false;
    }
    if (text > JI_VARIANT_BYTES_MAX)
        return ji_fail(
                err, JOIST_ERR_LIMIT, "variant dictionary of more than %zu bytes", JI_VARIANT_BYTES_MAX);
    const unsigned width = width_of(text > all ? (uint32_t)text : all);
    const size_t size = 1 + width * ((size_t)all + 2) + (size_t)text;
    JI_TRY(ji_bytes_reserve(out, size, err));

    uint8_t *to = out->data + out->size;
    *to++ = (uint8_t)((width - 1) << 6 | (unsigned)rises << 4 | 1);
    to = store(to, all, width);
    uint32_t end = 0;
    to = store(to, end, width);
    for (uint32_t index = 0; index < all; index++) {
        end += (uint32_t)name_at(names, more, index).size;
        to = store(to, end, width);
    }
    for (uint32_t index = 0; index < all; index++) {
        const struct ji_view name = name_at(names, more, index);
        if (name.size > 0)
            memcpy(to, name.data, name.size);
        to += name.size;
    }
    out->size += size;
    return JOIST_OK;
}

/* --- what others wrote --- */

struct named_entry {
    struct ji_view name;
    struct entry entry;
};

static int compare_named(const void *a, const void *b)
{
    return ji_view_compare(((const struct named_entry *)a)->name, ((const struct named_entry *)b)->name);
}

/* The members of the object that is open, in the order of their names. */
static enum joist_status sort_members(struct ji_variant_builder *builder, struct ji_variant_mark mark,
        const struct ji_variant_names *names, struct joist_error *err)
{
    const size_t count = (builder->entries.size - mark.entries) / sizeof(struct entry);
    builder->named.size = 0;
    JI_TRY(ji_bytes_reserve(&builder->named, count * sizeof(struct named_entry), err));
    struct named_entry *const named = (struct named_entry *)(void *)builder->named.data;
    for (size_t index = 0; index < count; index++) {
        named[index].entry = entry_at(builder, mark, index);
        named[index].name = ji_variant_name(names, named[index].entry.id);
    }
    ji_sort(named, count, sizeof named[0], compare_named);
    for (size_t index = 0; index < count; index++) {
        if (index > 0 && compare_named(&named[index - 1], &named[index]) == 0)
            return ji_fail(err, JOIST_ERR_CORRUPT, "variant object with two fields '%.*s'",
                    (int)ji_min_size(named[index].name.size, 100), (const char *)named[index].name.data);
        memcpy(builder->entries.data + mark.entries + index * sizeof(struct entry), &named[index].entry,
                sizeof(struct entry));
    }
    return JOIST_OK;
}

static enum joist_status put_event(struct ji_variant_builder *builder, const struct ji_variant_names *names,
        const struct ji_variant_event *event, struct ji_variant_mark *marks, size_t depth,
        struct joist_error *err)
{
    if (event->kind == JI_VARIANT_END && event->value.type == JI_VARIANT_OBJECT) {
        JI_TRY(sort_members(builder, marks[depth - 1], names, err));
        return end_container(builder, marks[depth - 1], true, err);
    }
    if (event->kind == JI_VARIANT_END)
        return end_container(builder, marks[depth - 1], false, err);
    if (depth > 0) {
        const uint32_t id = event->has_name ? event->name_id : 0;
        JI_TRY(ji_variant_member(builder, marks[depth - 1], id, err));
    }
    if (event->kind == JI_VARIANT_PRIMITIVE)
        return ji_variant_put_encoded(builder, event->value.bytes, err);
    marks[depth] = ji_variant_begin(builder);
    return JOIST_OK;
}

enum joist_status ji_variant_put_sorted(struct ji_variant_builder *builder,
        const struct ji_variant_names *names, struct ji_view value, struct joist_error *err)
{
    struct ji_variant_mark marks[JI_VARIANT_DEPTH_MAX];
    struct ji_variant_walk walk;
    struct ji_variant_event event;
    ji_variant_walk_init(&walk, names, value, 0);
    for (;;) {
        const size_t depth = walk.depth;
        JI_TRY(ji_variant_next(&walk, &event, err));
        if (event.kind == JI_VARIANT_END_VALUE)
            return JOIST_OK;
        JI_TRY(put_event(builder, names, &event, marks, depth, err));
    }
}
