/*
 * column_slice.h - a run of rows of a column, and columns that are null all through
 */
#ifndef JI_COLUMN_SLICE_H
#define JI_COLUMN_SLICE_H

#include "arrow/value.h"

/*
 * Rows [start, start + count) of `from`, which lends its memory; bitmaps are copied into the arena where
 * `start` is no multiple of 8. `to` may not be `from`.
 */
enum joist_status ji_column_slice(struct ji_arena *arena, const struct ji_column *from, size_t start,
        size_t count, struct ji_column *to, struct joist_error *err);

/* `rows` nulls, FLAT, in memory of the arena. */
enum joist_status ji_column_nulls(struct ji_arena *arena, const struct ji_field *field, size_t rows,
        struct ji_column *to, struct joist_error *err);

/* One value for all of `rows` rows, CONSTANT; of a scalar kind. The bytes of views are borrowed. */
enum joist_status ji_column_constant_new(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_value *value, size_t rows, struct ji_column *to, struct joist_error *err);

/*
 * Writes the value, which is not null, as row 0 of a flat column of its type; 16 bytes are enough but for
 * FIXED.
 */
void ji_value_store(const struct ji_field *field, const struct ji_value *value, void *to);

#endif
