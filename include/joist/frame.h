/*
 * joist/frame.h - the pipeline that people write
 *
 *     joist_frame_scan(ctx, NULL, "sales/2026-*.parquet", &frame, err);
 *     joist_frame_filter(frame, "price > 10 and city = 'Oslo'", err);
 *     joist_frame_group_by(frame, "city", err);
 *     joist_frame_aggregate(frame, "sum(price) as total, count(*) as sales", err);
 *     joist_frame_sort(frame, "total desc", err);
 *     joist_frame_stream(frame, &stream, err);
 *
 * Lazy: each step checks its expressions against the schema so far, nothing is read
 * before a terminal call (stream, count). Not thread-safe; runs with the context's threads.
 */
#ifndef JOIST_FRAME_H
#define JOIST_FRAME_H

#include <joist/arrow.h>
#include <joist/parquet.h>

#ifdef __cplusplus
extern "C" {
#endif

struct joist_catalog;
struct joist_frame;

/*
 * `from` is a file, a glob or, with a catalog, "namespace.table". CSV and NDJSON
 * files work as Parquet ones do. The catalog is borrowed until the frame is closed.
 */
JOIST_API enum joist_status joist_frame_scan(struct joist_ctx *ctx, struct joist_catalog *catalog,
        const char *from, struct joist_frame **frame, struct joist_error *err);
/*
 * A Parquet file or a glob of them, opened with options: keys of encrypted files. They are copied, what the
 * keys point to is borrowed until the frame and its streams are closed. INVALID where they are no Parquet.
 */
JOIST_API enum joist_status joist_frame_scan_parquet(struct joist_ctx *ctx, const char *location,
        const struct joist_parquet_open_options *options, struct joist_frame **frame,
        struct joist_error *err);
/*
 * The rows of any stream, which can be asked for once. The frame owns the stream, whose `release` is NULL
 * then; after a failure `release` says whether it is the caller's still.
 */
JOIST_API enum joist_status joist_frame_scan_stream(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_frame **frame, struct joist_error *err);
JOIST_API void joist_frame_close(struct joist_frame *frame);

JOIST_API enum joist_status joist_frame_filter(
        struct joist_frame *frame, const char *predicate, struct joist_error *err);
JOIST_API enum joist_status joist_frame_select(
        struct joist_frame *frame, const char *expressions, struct joist_error *err);
JOIST_API enum joist_status joist_frame_group_by(
        struct joist_frame *frame, const char *expressions, struct joist_error *err);
JOIST_API enum joist_status joist_frame_aggregate(
        struct joist_frame *frame, const char *expressions, struct joist_error *err);
JOIST_API enum joist_status joist_frame_sort(
        struct joist_frame *frame, const char *keys, struct joist_error *err);
JOIST_API enum joist_status joist_frame_limit(
        struct joist_frame *frame, uint64_t rows, uint64_t offset, struct joist_error *err);

/* The cancel flag is borrowed until the stream is released. */
JOIST_API enum joist_status joist_frame_stream(struct joist_frame *frame, const struct joist_cancel *cancel,
        struct ArrowArrayStream *stream, struct joist_error *err);
JOIST_API enum joist_status joist_frame_count(
        struct joist_frame *frame, uint64_t *rows, struct joist_error *err);
/* The plan as text, one operator a line, with what was pushed down. */
JOIST_API enum joist_status joist_frame_explain(
        struct joist_frame *frame, struct joist_sink sink, struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
