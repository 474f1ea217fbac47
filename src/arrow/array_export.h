/*
 * array_export.h - picked rows of a batch as an ArrowArray
 */
#ifndef JI_ARRAY_EXPORT_H
#define JI_ARRAY_EXPORT_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/pick.h"
#include "base/ctx.h"

/*
 * A struct array of all columns, laid out as `shape` says (a struct's; its children are the columns), or,
 * where it is NULL, as ji_stream_export promises. It holds a reference on the ctx and owns or counts all
 * that it points to. `scratch` is for what the making needs. A shape must go with the columns' fields:
 * whoever makes one from input checks that.
 */
enum joist_status ji_array_export(struct joist_ctx *ctx, struct ji_arena *scratch,
        const struct ji_array_shape *shape, const struct ji_batch *batch, const struct ji_pick *pick,
        struct ArrowArray *out, struct joist_error *err);

/*
 * The same of one column: an array of its own, with its own memory and reference on the ctx, one of those
 * that ji_array_of_columns takes. Any thread, each with a scratch of its own: threads that export different
 * columns of a batch share nothing but the ctx's pools.
 */
enum joist_status ji_column_export(struct joist_ctx *ctx, struct ji_arena *scratch,
        const struct ji_array_shape *shape, const struct ji_column *column, const struct ji_pick *pick,
        struct ArrowArray *out, struct joist_error *err);

/*
 * A struct array of `rows` rows over `columns`, which move into it. On failure they are still the caller's.
 */
enum joist_status ji_array_of_columns(struct joist_ctx *ctx, size_t rows, struct ArrowArray *columns,
        size_t count, struct ArrowArray *out, struct joist_error *err);

/*
 * Cuts the first `rows` rows off an array that ji_column_export made: `head` has them, `array` goes on with
 * the rest; both stand on the same buffers. One thread at a time for one array and what was cut off it.
 */
enum joist_status ji_array_cut(
        struct ArrowArray *array, size_t rows, struct ArrowArray *head, struct joist_error *err);

#endif
