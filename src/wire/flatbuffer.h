/*
 * flatbuffer.h - reads FlatBuffers that anybody may have made
 *
 *     root offset ... [vtable: its bytes, the table's, an offset a field] ... [table: back to its vtable,
 *     fields]
 *
 *   1. No byte outside the buffer is read, whatever offsets say.
 *   2. The first thing wrong makes the buffer bad for good: what is asked then is 0, empty, or false. Who has
 *      read all asks once, at the end.
 *   3. Each table is paid for from a budget of one for every four bytes: tables that refer to one another in
 *      circles or again and again end as an error, and cost no more than an honest buffer of that size.
 *
 * Format: https://flatbuffers.dev/internals. Numbers are little-endian.
 */
#ifndef JI_FLATBUFFER_H
#define JI_FLATBUFFER_H

#include "base/bytes.h"

struct ji_flat_buffer {
    const uint8_t *data;
    size_t size;
    size_t budget;
    bool is_bad;
};

/* A table that is not there has `buffer` NULL: all its fields are at their defaults. */
struct ji_flat_table {
    struct ji_flat_buffer *buffer;
    size_t at;
    size_t bytes;
    size_t vtable;
    size_t vtable_bytes;
};

struct ji_flat_vector {
    struct ji_flat_buffer *buffer;
    size_t at;
    size_t count;
};

void ji_flat_init(struct ji_flat_buffer *buffer, struct ji_view bytes);
struct ji_flat_table ji_flat_root(struct ji_flat_buffer *buffer);

/* Field `index` of a table. */
int64_t ji_flat_number(const struct ji_flat_table *table, unsigned index, unsigned width, int64_t otherwise);
struct ji_flat_table ji_flat_child(const struct ji_flat_table *table, unsigned index);
/* Bytes without the NUL behind them; data NULL where the field is absent. */
struct ji_view ji_flat_text(const struct ji_flat_table *table, unsigned index);
/* Of tables. */
struct ji_flat_vector ji_flat_tables(const struct ji_flat_table *table, unsigned index);
/* Of structs of `width` bytes; ji_flat_bytes is where element `index` < vector->count stands. */
struct ji_flat_vector ji_flat_structs(const struct ji_flat_table *table, unsigned index, size_t width);
static inline const uint8_t *ji_flat_bytes(const struct ji_flat_vector *vector, size_t index, size_t width)
{
    return vector->buffer->data + vector->at + index * width;
}
/* `index` < vector->count. */
struct ji_flat_table ji_flat_element(const struct ji_flat_vector *vector, size_t index);

#endif
