/*
 * flatbuffer.c - tables, vectors and texts by checked offsets
 */
#include "wire/flatbuffer.h"

#include <assert.h>

#define OFFSET_BYTES 4
#define VTABLE_BYTES_MIN 4

void ji_flat_init(struct ji_flat_buffer *buffer, struct ji_view bytes)
{
    *buffer = (struct ji_flat_buffer){
            .data = bytes.data, .size = bytes.size, .budget = bytes.size / OFFSET_BYTES};
}

static bool has(struct ji_flat_buffer *buffer, uint64_t at, uint64_t bytes)
{
    if (buffer->is_bad || at > buffer->size || bytes > buffer->size - at)
        buffer->is_bad = true;
    return !buffer->is_bad;
}

/* Where the offset at `at` leads; false where that is nowhere. */
static bool follow(struct ji_flat_buffer *buffer, size_t at, size_t *target)
{
    if (!has(buffer, at, OFFSET_BYTES))
        return false;
    const uint64_t to = (uint64_t)at + ji_load_le32(buffer->data + at);
    if (!has(buffer, to, OFFSET_BYTES))
        return false;
    *target = (size_t)to;
    return true;
}

static struct ji_flat_table table_at(struct ji_flat_buffer *buffer, size_t at)
{
    const struct ji_flat_table none = {.buffer = NULL};
    struct ji_flat_table table = {.buffer = buffer, .at = at};
    if (buffer->budget == 0)
        buffer->is_bad = true;
    if (!has(buffer, at, OFFSET_BYTES))
        return none;
    buffer->budget--;
    const int64_t vtable = (int64_t)at - (int32_t)ji_load_le32(buffer->data + at);
    if (vtable < 0 || !has(buffer, (uint64_t)vtable, VTABLE_BYTES_MIN)) {
        buffer->is_bad = true;
        return none;
    }
    table.vtable = (size_t)vtable;
    table.vtable_bytes = ji_load_le16(buffer->data + table.vtable);
    table.bytes = ji_load_le16(buffer->data + table.vtable + 2);
    if (table.vtable_bytes < VTABLE_BYTES_MIN || table.bytes < OFFSET_BYTES ||
            !has(buffer, table.vtable, table.vtable_bytes) || !has(buffer, at, table.bytes)) {
        buffer->is_bad = true;
        return none;
    }
    return table;
}

struct ji_flat_table ji_flat_root(struct ji_flat_buffer *buffer)
{
    size_t at;
    if (!follow(buffer, 0, &at))
        return (struct ji_flat_table){.buffer = NULL};
    return table_at(buffer, at);
}

/* Where a field of `width` bytes stands; 0 where the table lacks it. */
static size_t field_at(const struct ji_flat_table *table, unsigned index, size_t width)
{
    struct ji_flat_buffer *const buffer = table->buffer;
    const size_t slot = VTABLE_BYTES_MIN + 2 * (size_t)index;
    if (buffer == NULL || buffer->is_bad || slot + 2 > table->vtable_bytes)
        return 0;
    const size_t offset = ji_load_le16(buffer->data + table->vtable + slot);
    if (offset == 0)
        return 0;
    if (offset < OFFSET_BYTES || offset + width > table->bytes) {
        buffer->is_bad = true;
        return 0;
    }
    return table->at + offset;
}

int64_t ji_flat_number(const struct ji_flat_table *table, unsigned index, unsigned width, int64_t otherwise)
{
    const size_t at = field_at(table, index, width);
    if (at == 0)
        return otherwise;
    const uint8_t *const from = table->buffer->data + at;
    switch (width) {
    case 1:
        return *from;
    case 2:
        return (int16_t)ji_load_le16(from);
    case 4:
        return (int32_t)ji_load_le32(from);
    default:
        assert(width == 8);
        return (int64_t)ji_load_le64(from);
    }
}

struct ji_flat_table ji_flat_child(const struct ji_flat_table *table, unsigned index)
{
    size_t target;
    const size_t at = field_at(table, index, OFFSET_BYTES);
    if (at == 0 || !follow(table->buffer, at, &target))
        return (struct ji_flat_table){.buffer = NULL};
    return table_at(table->buffer, target);
}

/* A vector of elements of `width` bytes. */
static struct ji_flat_vector vector_at(const struct ji_flat_table *table, unsigned index, size_t width)
{
    const struct ji_flat_vector none = {.count = 0};
    size_t target;
    const size_t at = field_at(table, index, OFFSET_BYTES);
    if (at == 0 || !follow(table->buffer, at, &target))
        return none;
    const struct ji_flat_vector vector = {.buffer = table->buffer,
            .at = target + OFFSET_BYTES,
            .count = ji_load_le32(table->buffer->data + target)};
    return has(table->buffer, vector.at, (uint64_t)vector.count * width) ? vector : none;
}

struct ji_view ji_flat_text(const struct ji_flat_table *table, unsigned index)
{
    const struct ji_flat_vector vector = vector_at(table, index, 1);
    if (vector.buffer == NULL)
        return (struct ji_view){.data = NULL, .size = 0};
    return ji_view_of(vector.buffer->data + vector.at, vector.count);
}

struct ji_flat_vector ji_flat_tables(const struct ji_flat_table *table, unsigned index)
{
    return vector_at(table, index, OFFSET_BYTES);
}

struct ji_flat_vector ji_flat_structs(const struct ji_flat_table *table, unsigned index, size_t width)
{
    return vector_at(table, index, width);
}

struct ji_flat_table ji_flat_element(const struct ji_flat_vector *vector, size_t index)
{
    size_t target;
    assert(index < vector->count);
    if (!follow(vector->buffer, vector->at + index * OFFSET_BYTES, &target))
        return (struct ji_flat_table){.buffer = NULL};
    return table_at(vector->buffer, target);
}
