/*
 * joist/store.h - the library's own places, and how a location finds one
 *
 * A location is a path ("/a/b", "a/b"), a URL ("file:///a/b", "memory:x") or "-"
 * (standard input or output, sequential). The context holds the table scheme -> store.
 */
#ifndef JOIST_STORE_H
#define JOIST_STORE_H

#include <joist/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens for reading; `*source` is the caller's and is closed by joist_source_close.
 * NOT_FOUND, DENIED, IO name the location.
 */
JOIST_API enum joist_status joist_source_open(
        struct joist_ctx *ctx, const char *location, struct joist_source *source, struct joist_error *err);
JOIST_API void joist_source_close(struct joist_source *source);

/*
 * Where the source's first bytes say that it is packed as a whole with gzip or zstd (any number of members or
 * frames), a sequential source of what is in it takes its place and owns it; a pipe that is not goes on as
 * if nothing had been read of it. On failure the source is as it was, but for bytes read of a pipe. What is
 * wrong in the packed bytes is told when it is read.
 */
JOIST_API enum joist_status joist_source_unpack(
        struct joist_ctx *ctx, struct joist_source *source, struct joist_error *err);

/* Opens for writing; ended by joist_sink_commit or joist_sink_abort, never by both. */
JOIST_API enum joist_status joist_sink_open(struct joist_ctx *ctx, const char *location, unsigned mode,
        struct joist_sink *sink, struct joist_error *err);
JOIST_API enum joist_status joist_sink_commit(struct joist_sink *sink, struct joist_error *err);
JOIST_API void joist_sink_abort(struct joist_sink *sink);

/*
 * Gives the context a store for a scheme ("s3"), or a stand-in for "file" or
 * "memory" (tests wrap them so). The context owns it from then on. Not after the
 * first use of that scheme.
 */
JOIST_API enum joist_status joist_ctx_add_store(
        struct joist_ctx *ctx, const char *scheme, struct joist_store store, struct joist_error *err);

/* The stores themselves, for wrapping and for tests. */
JOIST_API enum joist_status joist_file_store_open(
        struct joist_ctx *ctx, struct joist_store *store, struct joist_error *err);
JOIST_API enum joist_status joist_memory_store_open(
        struct joist_ctx *ctx, struct joist_store *store, struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
