/*
 * thrift.h - Thrift's compact protocol over bytes, both directions
 *
 * Reader and writer fail sticky: after the first failure every read yields zero, every struct
 * and list is at its end and every write does nothing, so that decoders are straight lines
 * and ask once, at the end.
 *
 *     struct ji_thrift_field field = ji_thrift_struct(&reader);
 *     while (ji_thrift_next(&reader, &field)) {
 *         switch (field.id) {
 *         case 1: rows = ji_thrift_i64(&reader, field.type); break;
 *         default: ji_thrift_skip(&reader, field.type);
 *         }
 *     }
 *
 * Limits: structs and containers nest at most 64 deep, a container has at most 1,000,000
 * elements and no more than bytes are left, a string at most 100 MB and what is left.
 */
#ifndef JI_THRIFT_H
#define JI_THRIFT_H

#include "base/buffer.h"

#define JI_THRIFT_DEPTH_MAX 64
#define JI_THRIFT_COUNT_MAX 1000000
#define JI_THRIFT_STRING_BYTES_MAX ((size_t)100 * 1000 * 1000)

enum ji_thrift_type {
    JI_THRIFT_STOP = 0,
    JI_THRIFT_TRUE = 1,
    JI_THRIFT_FALSE = 2,
    JI_THRIFT_I8 = 3,
    JI_THRIFT_I16 = 4,
    JI_THRIFT_I32 = 5,
    JI_THRIFT_I64 = 6,
    JI_THRIFT_DOUBLE = 7,
    JI_THRIFT_BINARY = 8,
    JI_THRIFT_LIST = 9,
    JI_THRIFT_SET = 10,
    JI_THRIFT_MAP = 11,
    JI_THRIFT_STRUCT = 12,
    JI_THRIFT_UUID = 13,
};

enum ji_thrift_error {
    JI_THRIFT_FINE = 0,
    JI_THRIFT_SHORT, /* the bytes end inside a value: more of them may help */
    JI_THRIFT_VARINT,
    JI_THRIFT_RANGE,
    JI_THRIFT_TYPE,
    JI_THRIFT_DEPTH,
    JI_THRIFT_COUNT,
    JI_THRIFT_STRING,
};

/* --- reading --- */

struct ji_thrift_reader {
    const uint8_t *begin;
    const uint8_t *at;
    const uint8_t *end;
    size_t start; /* where `begin` stands in a longer message, for messages of failure */
    unsigned depth;
    enum ji_thrift_error error;
};

/* Where a struct's fields stand. */
struct ji_thrift_field {
    int16_t id;
    enum ji_thrift_type type;
};

/* A container whose elements come next. */
struct ji_thrift_list {
    size_t count;
    enum ji_thrift_type type;
};

static inline void ji_thrift_reader_init(struct ji_thrift_reader *reader, struct ji_view bytes)
{
    *reader =
            (struct ji_thrift_reader){.begin = bytes.data, .at = bytes.data, .end = bytes.data + bytes.size};
}
static inline size_t ji_thrift_position(const struct ji_thrift_reader *reader)
{
    return (size_t)(reader->at - reader->begin);
}

/* Goes down into a struct (the whole message, or a field or element of type STRUCT). */
struct ji_thrift_field ji_thrift_struct(struct ji_thrift_reader *reader);
/* The next field, or false behind the last one (the struct is left then) and after a failure. */
bool ji_thrift_next(struct ji_thrift_reader *reader, struct ji_thrift_field *field);

/* A value of the type that the field or list said; another type than the function's is a failure. */
bool ji_thrift_bool(struct ji_thrift_reader *reader, enum ji_thrift_type type);
/* The same for an element of a list of booleans, which takes a byte. */
bool ji_thrift_bool_element(struct ji_thrift_reader *reader, enum ji_thrift_type type);
int8_t ji_thrift_i8(struct ji_thrift_reader *reader, enum ji_thrift_type type);
int16_t ji_thrift_i16(struct ji_thrift_reader *reader, enum ji_thrift_type type);
int32_t ji_thrift_i32(struct ji_thrift_reader *reader, enum ji_thrift_type type);
int64_t ji_thrift_i64(struct ji_thrift_reader *reader, enum ji_thrift_type type);
double ji_thrift_double(struct ji_thrift_reader *reader, enum ji_thrift_type type);
/* Borrows from the reader's bytes. */
struct ji_view ji_thrift_binary(struct ji_thrift_reader *reader, enum ji_thrift_type type);
/* The length of one alone: the caller takes that many bytes itself, wherever they are. 0 after a failure. */
size_t ji_thrift_binary_length(struct ji_thrift_reader *reader, enum ji_thrift_type type);
/* A list or set; `count` 0 after a failure. Elements are values of `list.type`. */
struct ji_thrift_list ji_thrift_list(struct ji_thrift_reader *reader, enum ji_thrift_type type);
/* Fails unless the type is STRUCT: before ji_thrift_struct on a field or element. */
bool ji_thrift_expect_struct(struct ji_thrift_reader *reader, enum ji_thrift_type type);
/* Any value, without recursion. */
void ji_thrift_skip(struct ji_thrift_reader *reader, enum ji_thrift_type type);

/* For decoders that find a value of the right type out of range. */
void ji_thrift_fail(struct ji_thrift_reader *reader, enum ji_thrift_error error);
/* OK, or CORRUPT (LIMIT for what only a limit of ours forbids) with the byte at which it failed. */
enum joist_status ji_thrift_status(const struct ji_thrift_reader *reader, struct joist_error *err);

/* --- writing --- */

struct ji_thrift_writer {
    struct ji_bytes *out; /* borrowed; appended to */
    struct joist_error *err;
    enum joist_status status;
    unsigned depth;
    int16_t last_ids[JI_THRIFT_DEPTH_MAX];
};

/* The message's own struct is begun; `err` (may be NULL) is filled by the first failure. */
void ji_thrift_writer_init(struct ji_thrift_writer *writer, struct ji_bytes *out, struct joist_error *err);
/* Ends the message's struct. */
enum joist_status ji_thrift_writer_finish(struct ji_thrift_writer *writer);

/* Fields of the current struct; ids rise. */
void ji_thrift_write_bool(struct ji_thrift_writer *writer, int16_t id, bool value);
void ji_thrift_write_i8(struct ji_thrift_writer *writer, int16_t id, int8_t value);
void ji_thrift_write_double(struct ji_thrift_writer *writer, int16_t id, double value);
void ji_thrift_write_i16(struct ji_thrift_writer *writer, int16_t id, int16_t value);
void ji_thrift_write_i32(struct ji_thrift_writer *writer, int16_t id, int32_t value);
void ji_thrift_write_i64(struct ji_thrift_writer *writer, int16_t id, int64_t value);
void ji_thrift_write_binary(struct ji_thrift_writer *writer, int16_t id, struct ji_view value);
void ji_thrift_write_text(struct ji_thrift_writer *writer, int16_t id, const char *value);
/* Followed by the struct's fields and ji_thrift_end_struct. */
void ji_thrift_begin_struct(struct ji_thrift_writer *writer, int16_t id);
void ji_thrift_end_struct(struct ji_thrift_writer *writer);
/* A struct that was written before, by a writer of its own. */
void ji_thrift_write_struct(struct ji_thrift_writer *writer, int16_t id, struct ji_view bytes);
/* Followed by exactly `count` elements of the type (TRUE for booleans). */
void ji_thrift_write_list(
        struct ji_thrift_writer *writer, int16_t id, enum ji_thrift_type type, size_t count);

/* Elements of a list. */
void ji_thrift_element_bool(struct ji_thrift_writer *writer, bool value);
void ji_thrift_element_i32(struct ji_thrift_writer *writer, int32_t value);
void ji_thrift_element_i64(struct ji_thrift_writer *writer, int64_t value);
void ji_thrift_element_binary(struct ji_thrift_writer *writer, struct ji_view value);
/* Followed by the struct's fields and ji_thrift_end_struct. */
void ji_thrift_element_struct(struct ji_thrift_writer *writer);

#endif
