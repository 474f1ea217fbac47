/*
 * thrift_write.c - writes the compact protocol
 *
 *   1. `depth` is at least 1 between init and finish; last_ids[depth - 1] is the id that the next
 *      field's delta starts at.
 *   2. After the first failure nothing is appended.
 *
 * What the caller writes is the caller's own, so misuse is an assertion and not an error.
 */
#include "wire/thrift.h"

#include <assert.h>

static void write_bytes(struct ji_thrift_writer *writer, const void *data, size_t size)
{
    if (writer->status == JOIST_OK)
        writer->status = ji_bytes_append(writer->out, data, size, writer->err);
}

static void write_varint(struct ji_thrift_writer *writer, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    write_bytes(writer, bytes, size);
}

static void write_zigzag(struct ji_thrift_writer *writer, int64_t value)
{
    write_varint(writer, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void write_head(struct ji_thrift_writer *writer, int16_t id, enum ji_thrift_type type)
{
    assert(writer->depth > 0);
    int16_t *const last = &writer->last_ids[writer->depth - 1];
    const int delta = id - *last;
    const uint8_t head = (uint8_t)((delta > 0 && delta <= 15 ? delta << 4 : 0) | (int)type);
    write_bytes(writer, &head, 1);
    if (delta <= 0 || delta > 15)
        write_zigzag(writer, id);
    *last = id;
}

static void enter(struct ji_thrift_writer *writer)
{
    assert(writer->depth < JI_THRIFT_DEPTH_MAX);
    writer->last_ids[writer->depth++] = 0;
}

void ji_thrift_writer_init(struct ji_thrift_writer *writer, struct ji_bytes *out, struct joist_error *err)
{
    *writer = (struct ji_thrift_writer){.out = out, .err = err, .status = JOIST_OK};
    enter(writer);
}

enum joist_status ji_thrift_writer_finish(struct ji_thrift_writer *writer)
{
    assert(writer->depth == 1);
    ji_thrift_end_struct(writer);
    return writer->status;
}

void ji_thrift_write_bool(struct ji_thrift_writer *writer, int16_t id, bool value)
{
    write_head(writer, id, value ? JI_THRIFT_TRUE : JI_THRIFT_FALSE);
}

void ji_thrift_write_double(struct ji_thrift_writer *writer, int16_t id, double value)
{
    uint64_t bits = 0;
    uint8_t bytes[sizeof bits];
    memcpy(&bits, &value, sizeof bits);
    ji_store_le64(bytes, bits);
    write_head(writer, id, JI_THRIFT_DOUBLE);
    write_bytes(writer, bytes, sizeof bytes);
}

void ji_thrift_write_i8(struct ji_thrift_writer *writer, int16_t id, int8_t value)
{
    write_head(writer, id, JI_THRIFT_I8);
    write_bytes(writer, &value, 1);
}

void ji_thrift_write_i16(struct ji_thrift_writer *writer, int16_t id, int16_t value)
{
    write_head(writer, id, JI_THRIFT_I16);
    write_zigzag(writer, value);
}

void ji_thrift_write_i32(struct ji_thrift_writer *writer, int16_t id, int32_t value)
{
    write_head(writer, id, JI_THRIFT_I32);
    write_zigzag(writer, value);
}

void ji_thrift_write_i64(struct ji_thrift_writer *writer, int16_t id, int64_t value)
{
    write_head(writer, id, JI_THRIFT_I64);
    write_zigzag(writer, value);
}

void ji_thrift_write_binary(struct ji_thrift_writer *writer, int16_t id, struct ji_view value)
{
    write_head(writer, id, JI_THRIFT_BINARY);
    ji_thrift_element_binary(writer, value);
}

void ji_thrift_write_text(struct ji_thrift_writer *writer, int16_t id, const char *value)
{
    ji_thrift_write_binary(writer, id, ji_view_of_text(value));
}

void ji_thrift_begin_struct(struct ji_thrift_writer *writer, int16_t id)
{
    write_head(writer, id, JI_THRIFT_STRUCT);
    enter(writer);
}

void ji_thrift_end_struct(struct ji_thrift_writer *writer)
{
    static const uint8_t stop = 0;
    assert(writer->depth > 0);
    write_bytes(writer, &stop, 1);
    writer->depth--;
}

void ji_thrift_write_struct(struct ji_thrift_writer *writer, int16_t id, struct ji_view bytes)
{
    write_head(writer, id, JI_THRIFT_STRUCT);
    write_bytes(writer, bytes.data, bytes.size);
}

void ji_thrift_write_list(struct ji_thrift_writer *writer, int16_t id, enum ji_thrift_type type, size_t count)
{
    write_head(writer, id, JI_THRIFT_LIST);
    const uint8_t head = (uint8_t)((count < 15 ? count << 4 : 0xf0u) | (unsigned)type);
    write_bytes(writer, &head, 1);
    if (count >= 15)
        write_varint(writer, count);
}

void ji_thrift_element_bool(struct ji_thrift_writer *writer, bool value)
{
    const uint8_t byte = value ? 1 : 2;
    write_bytes(writer, &byte, 1);
}

void ji_thrift_element_i32(struct ji_thrift_writer *writer, int32_t value)
{
    write_zigzag(writer, value);
}

void ji_thrift_element_i64(struct ji_thrift_writer *writer, int64_t value)
{
    write_zigzag(writer, value);
}

void ji_thrift_element_binary(struct ji_thrift_writer *writer, struct ji_view value)
{
    write_varint(writer, value.size);
    if (value.size > 0)
        write_bytes(writer, value.data, value.size);
}

void ji_thrift_element_struct(struct ji_thrift_writer *writer)
{
    enter(writer);
}
