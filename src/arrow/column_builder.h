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
    const struct ji_field *field;
    struct ji_mem *mem;
    size_t row_count;
    size_t null_count;
    struct ji_bytes
            values; /* fixed-width values, or ji_views whose `data` is an offset into heap until finish */
    struct ji_bytes validity; /* written from the first null on */
    struct ji_bytes offsets;  /* LIST, MAP */
    struct ji_bytes heap;     /* STRING, BINARY */
    struct ji_column_builder *children;
};

enum joist_status ji_column_builder_init(struct ji_column_builder *builder, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err);
void ji_column_builder_clear(struct ji_column_builder *builder);
void ji_column_builder_reset(struct ji_column_builder *builder);

enum joist_status ji_column_builder_null(struct ji_column_builder *builder, struct joist_error *err);
/* Scalars; strings are copied. */
enum joist_status ji_column_builder_value(
        struct ji_column_builder *builder, const struct ji_value *value, struct joist_error *err);
/* STRUCT, after its children got theirs; LIST and MAP, after the child got the elements of this row. */
enum joist_status ji_column_builder_nested(struct ji_column_builder *builder, struct joist_error *err);
/*
 * A column that borrows from the builder until the next reset, clear or append; in the arena for its
 * children.
 */
enum joist_status ji_column_builder_finish(struct ji_column_builder *builder, struct ji_arena *arena,
        struct ji_column *column, struct joist_error *err);

#endif
