/*
 * column_builder.h - columns that grow a value at a time
 *
 * What text readers, the public builder and operators fill. Memory is reused after `reset`; nothing
 * is allocated in the steady state.
 */
#ifndef JI_COLUMN_BUILDER_H
#define JI_COLUMN_BUILDER_H

#include "arrow/value.h"

struct ji_column_builder {
    const struct ji_field *field; /* borrowed */
    struct ji_mem *mem;
    size_t width; /* of one flat value */
    size_t row_count;
    size_t null_count;
    /* BOOL: bits, the last byte's rest 0. STRING, BINARY: ji_views whose `data` is an offset into `heap`. */
    struct ji_bytes values;
    struct ji_bytes validity; /* empty, or one bit a row, the last byte's rest 0 */
    struct ji_bytes offsets;  /* LIST, MAP: row_count + 1 int32_t */
    struct ji_bytes heap;     /* STRING, BINARY */
    bool resolved;            /* the views point into `heap`: between finish and the next append */
    bool borrows;             /* STRING, BINARY: the views point where they did, and `heap` is empty */
    struct ji_column_builder *children;
};

enum joist_status ji_column_builder_init(struct ji_column_builder *builder, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err);
void ji_column_builder_clear(struct ji_column_builder *builder); /* accepts one that is all zero */
/*
 * Strings are no longer copied, here and in children: what is appended must outlive its use. Before any
 * row.
 */
void ji_column_builder_borrow(struct ji_column_builder *builder);
/* Empty again; memory is kept. */
void ji_column_builder_reset(struct ji_column_builder *builder);

/* A failure leaves the builder as it was, here and below. A null STRUCT's children get zeros. */
enum joist_status ji_column_builder_null(struct ji_column_builder *builder, struct joist_error *err);
/* Scalars of the field's kind, null or not; strings are copied, unless the builder borrows. */
enum joist_status ji_column_builder_value(
        struct ji_column_builder *builder, const struct ji_value *value, struct joist_error *err);
/* What ji_column_builder_put does when there is no room. */
enum joist_status ji_column_builder_put_slow(
        struct ji_column_builder *builder, const void *value, struct joist_error *err);
/*
 * A valid value as its `width` bytes, which are the builder's: the short way, for kinds that have a width
 * and, of views, for builders that borrow.
 */
static inline enum joist_status ji_column_builder_put(
        struct ji_column_builder *builder, const void *value, size_t width, struct joist_error *err)
{
    struct ji_bytes *bits = &builder->validity;
    const size_t row = builder->row_count;
    if (builder->values.capacity - builder->values.size < width || (bits->size != 0 && row % 8 == 0))
        return ji_column_builder_put_slow(builder, value, err);
    memcpy(builder->values.data + builder->values.size, value, width);
    builder->values.size += width;
    if (bits->size != 0)
        bits->data[row / 8] = (uint8_t)(bits->data[row / 8] | 1u << (row % 8));
    builder->row_count++;
    return JOIST_OK;
}
/* STRUCT, after its children got theirs; LIST and MAP, after the child got the elements of this row. */
enum joist_status ji_column_builder_nested(struct ji_column_builder *builder, struct joist_error *err);
/* A copy of one row of a column of the field's type, of any form and any depth; strings as elsewhere. */
enum joist_status ji_column_builder_row(struct ji_column_builder *builder, const struct ji_column *column,
        size_t row, struct joist_error *err);
/* Drops all rows from `row_count` on, and what children hold beyond; cannot fail. */
void ji_column_builder_truncate(struct ji_column_builder *builder, size_t row_count);
/*
 * A column that borrows from the builder until the next reset, clear, truncate or append; in the arena for
 * its children.
 */
enum joist_status ji_column_builder_finish(struct ji_column_builder *builder, struct ji_arena *arena,
        struct ji_column *column, struct joist_error *err);

#endif
