/*
 * batch_stream.h - a pull of batches, and its way over the border
 *
 * Inside, whatever yields rows one after another is a `ji_batch_stream`: readers of CSV and
 * NDJSON, a scan, a query's root. At the border it is an ArrowArrayStream; both directions are here.
 */
#ifndef JI_BATCH_STREAM_H
#define JI_BATCH_STREAM_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/arrow_schema.h"
#include "arrow/batch.h"
#include "arrow/column_rows.h"
#include "base/ctx.h"

struct ji_batch_stream_ops {
    /* Lives as long as the stream. */
    const struct ji_schema *(*schema)(void *self);
    /* The next batch, or NULL at the end. The one before is gone then. After a failure only close is left. */
    enum joist_status (*next)(void *self, const struct ji_batch **batch, struct joist_error *err);
    void (*close)(void *self);
    /*
     * NULL, or what ji_shaped_stream_export hands out instead of exporting batches: the next array, which the
     * stream itself lays out as the shape says, or a released one at the end. Not after `next`, nor the
     * other way round.
     */
    enum joist_status (*next_array)(void *self, struct ArrowArray *array, struct joist_error *err);
    /*
     * NULL, or the same rows column by column, which live as long as the stream. Not after the other two, nor
     * they after it.
     */
    enum joist_status (*open_columns)(void *self, struct ji_column_rows *columns, struct joist_error *err);
};
struct ji_batch_stream {
    const struct ji_batch_stream_ops *ops;
    void *self;
};

static inline const struct ji_schema *ji_stream_schema(const struct ji_batch_stream *stream)
{
    return stream->ops->schema(stream->self);
}
static inline enum joist_status ji_stream_next(
        struct ji_batch_stream *stream, const struct ji_batch **batch, struct joist_error *err)
{
    return stream->ops->next(stream->self, batch, err);
}
/* Accepts one with ops NULL, and sets it so. */
void ji_stream_close(struct ji_batch_stream *stream);

/*
 * Moves `stream` into an ArrowArrayStream: utf8 with int32 offsets, no dictionaries, decimals as
 * decimal128, cut to JI_BATCH_ROWS_MAX rows and ji_batch_bytes_max bytes. On failure `stream` is still
 * the caller's. Exported batches hold a reference on the ctx.
 */
enum joist_status ji_stream_export(struct joist_ctx *ctx, struct ji_batch_stream *stream,
        struct ArrowArrayStream *out, struct joist_error *err);

/* The same with arrays laid out as `shape` says, which lives as long as the inner stream. */
enum joist_status ji_shaped_stream_export(struct joist_ctx *ctx, struct ji_batch_stream *stream,
        const struct ji_array_shape *shape, struct ArrowArrayStream *out, struct joist_error *err);

/*
 * Reads any ArrowArrayStream as batches: every array is validated (lengths, offsets, UTF-8, nulls in
 * required) before a value of it is used; views, large and dictionary types, offsets into arrays all come in.
 * `in` is borrowed: it is pulled from and not released by close.
 * A stream of our own is not converted: its batches come as they are, dictionaries and selections too.
 */
enum joist_status ji_stream_import(struct joist_ctx *ctx, struct ArrowArrayStream *in,
        struct ji_batch_stream *out, struct joist_error *err);

/*
 * Where `in` is ours, not begun, and can be read column by column: so, `columns` borrows from it and ends
 * with it. `columns->ops` is NULL for all other streams.
 */
enum joist_status ji_stream_import_columns(
        struct ArrowArrayStream *in, struct ji_column_rows *columns, struct joist_error *err);

/*
 * One batch from one array of a known schema, validated; memory and copies in the arena, the rest borrowed
 * from `array`. The array is laid out as ji_stream_export does it; for arrays of a foreign ArrowSchema
 * there is
 * the second, with the shape of ji_schema_import_shape.
 */
enum joist_status ji_array_import(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ArrowArray *array, struct ji_batch *batch, struct joist_error *err);
enum joist_status ji_shaped_array_import(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_batch *batch,
        struct joist_error *err);

#endif
