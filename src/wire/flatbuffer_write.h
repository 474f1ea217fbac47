/*
 * flatbuffer_write.h - makes FlatBuffers, front to back
 *
 *     [root offset][vtable][table: back to it, fields] [text] [vector] ...    offsets all lead forward
 *
 * A table is put with its numbers; what it refers to is put behind it and then pointed to. Positions count
 * from where `bytes` began, which must be a multiple of 8 in the file.
 */
#ifndef JI_FLATBUFFER_WRITE_H
#define JI_FLATBUFFER_WRITE_H

#include "base/buffer.h"

#define JI_FLAT_SLOTS_MAX 8

/* A field of a table: its index, how wide it is (1, 2, 4, 8; 4 for what is pointed to), and its number. */
struct ji_flat_slot {
    unsigned index;
    unsigned width;
    int64_t number;
};

/* Room for the root's offset. */
enum joist_status ji_flat_begin(struct ji_bytes *out, struct joist_error *err);
/*
 * Puts a table of `count` <= JI_FLAT_SLOTS_MAX fields, in the order of their indexes; `at` is where it
 * stands, `places`, where that is wanted, where each field does.
 */
enum joist_status ji_flat_put_table(struct ji_bytes *out, const struct ji_flat_slot *slots, size_t count,
        size_t *at, size_t *places, struct joist_error *err);
enum joist_status ji_flat_put_text(
        struct ji_bytes *out, struct ji_view text, size_t *at, struct joist_error *err);
/* Zeros for `count` elements of `width` bytes; the first stands at `at` + 4. */
enum joist_status ji_flat_put_vector(
        struct ji_bytes *out, size_t count, size_t width, size_t *at, struct joist_error *err);
/* Makes the four bytes at `place` point to `target`, which is behind them. */
void ji_flat_point(struct ji_bytes *out, size_t place, size_t target);
/* Zeros up to a multiple of 8. */
enum joist_status ji_flat_end(struct ji_bytes *out, struct joist_error *err);

#endif
