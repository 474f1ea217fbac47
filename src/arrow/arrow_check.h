/*
 * arrow_check.h - whether arrays that come in keep Arrow's rules
 *
 * The C data interface says how long arrays are, not how long their buffers are: what can be
 * checked is checked here and while values are read (array_import.c); that the buffers are as long as the
 * lengths and offsets say is the producer's promise.
 */
#ifndef JI_ARROW_CHECK_H
#define JI_ARROW_CHECK_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/batch.h"

/* Rows of one array, its offset included. */
#define JI_ARRAY_ROWS_MAX ((int64_t)1 << 40)

/*
 * Lengths, counts and presence of buffers, children and dictionaries, everywhere below `array`; no value is
 * read. INVALID, or LIMIT.
 */
enum joist_status ji_array_check(const struct ji_schema *schema, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct joist_error *err);

/*
 * No null stands in a required field, but beneath a parent that is null, where it is
 * dropped from the column. `row_base` is added to row numbers in the message.
 */
enum joist_status ji_required_check(
        struct ji_arena *arena, struct ji_column *column, uint64_t row_base, struct joist_error *err);

#endif
