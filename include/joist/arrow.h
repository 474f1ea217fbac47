/*
 * joist/arrow.h - Arrow's C data and stream interfaces, and a builder of rows
 *
 * The three structs are the published ABI, word for word; ownership is its own:
 * whoever holds a struct with a `release` that is not NULL calls it once. Streams
 * that the library hands out: a batch outlives its stream and may be released on
 * any thread; a released array is the end; at most 65,536 rows and 16 MiB a batch, less
 * where the memory limit is small.
 */
#ifndef JOIST_ARROW_H
#define JOIST_ARROW_H

#include <joist/base.h>
#include <joist/io.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif

/* How strings and bytes of a stream come. */
enum joist_text_form {
    JOIST_TEXT_UTF8 = 0, /* utf8 and binary: 32-bit offsets */
    JOIST_TEXT_LARGE,    /* large_utf8, large_binary: 64-bit offsets */
    JOIST_TEXT_VIEW,     /* utf8_view, binary_view */
};

/*
 * The next batch of any stream. `array->release` is NULL at the end. Where the
 * stream is ours, `err` is the whole error and not only its errno and text.
 */
JOIST_API enum joist_status joist_stream_next(
        struct ArrowArrayStream *stream, struct ArrowArray *array, struct joist_error *err);

/*
 * A schema as rows, for people: id (null where there is none), name, type in Iceberg's words, required.
 * `schema` is borrowed for the call.
 */
JOIST_API enum joist_status joist_schema_rows(struct joist_ctx *ctx, const struct ArrowSchema *schema,
        struct ArrowArrayStream *stream, struct joist_error *err);

enum joist_ipc_codec {
    JOIST_IPC_NONE = 0,
    JOIST_IPC_LZ4,
    JOIST_IPC_ZSTD,
};

struct joist_ipc_options {
    size_t struct_size;
    bool as_stream;             /* write: the format of streams, which has no footer, not that of files */
    enum joist_ipc_codec codec; /* write: of the buffers */
    int level;                  /* write, ZSTD; 0: the codec's default */
    const struct joist_cancel *cancel;
    struct joist_progress progress; /* read */
    bool keep_layout; /* read: arrays as they are there: large, view and dictionary types, narrow decimals */
};

/*
 * Arrow's IPC format, file (Feather version 2) or stream, told apart by their first bytes. Bodies may be
 * compressed by LZ4 or ZSTD, dictionaries come with their values in place, deltas and replacements are
 * followed. A file of known size is read by its footer, a pipe in order. Numbers in another byte order than
 * the machine's, unions, run-end encoded arrays and intervals but those of months, days and nanoseconds are
 * UNSUPPORTED. The stream owns the source from success on.
 */
JOIST_API enum joist_status joist_ipc_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_ipc_options *options, struct ArrowArrayStream *stream, struct joist_error *err);
/*
 * Writes what the stream holds, a record batch for each of its own; both are the caller's still: the stream
 * is drained and not released, the sink neither committed nor aborted. Types are the stream's: large and view
 * types, dictionaries. A file has one dictionary a column, which grows with the batches, is held until the
 * end and stands behind them: a pipe cannot be read so. In a stream dictionaries are replaced.
 */
JOIST_API enum joist_status joist_ipc_write(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_ipc_options *options, struct joist_error *err);

/*
 * Rows, value by value, no Arrow knowledge needed.
 *
 *     joist_builder_open(ctx, "id long required, name string, price decimal(9,2)", &builder, err);
 *     joist_builder_int64(builder, 1, err); joist_builder_text(builder, "oak", 3, err);
 *     joist_builder_text(builder, "12.50", 5, err);
 *     joist_builder_end_row(builder, err);
 *     joist_builder_take(builder, &stream, err);
 *
 * The schema text is a list of `name type [required]`, the types are Iceberg's
 * names: boolean, int, long, float, double, decimal(p,s), date, time, timestamp,
 * timestamptz, string, uuid, fixed(n), binary, list<type>, map<type,type>,
 * struct<name type, ...>. Values come in column order. A value of the wrong kind,
 * a null in a required column, and a row with too few or too many are INVALID,
 * name the row and column, and leave the row unfinished (joist_builder_drop_row).
 * Not thread-safe. The builder holds rows until `take`.
 */
struct joist_builder;

JOIST_API enum joist_status joist_builder_open(struct joist_ctx *ctx, const char *schema_text,
        struct joist_builder **builder, struct joist_error *err);
JOIST_API void joist_builder_close(struct joist_builder *builder);

JOIST_API enum joist_status joist_builder_null(struct joist_builder *builder, struct joist_error *err);
JOIST_API enum joist_status joist_builder_bool(
        struct joist_builder *builder, bool value, struct joist_error *err);
/* Any integer width; also date (days), time and timestamp (microseconds). */
JOIST_API enum joist_status joist_builder_int64(
        struct joist_builder *builder, int64_t value, struct joist_error *err);
JOIST_API enum joist_status joist_builder_double(
        struct joist_builder *builder, double value, struct joist_error *err);
/* string, binary, fixed, uuid (16 bytes). */
JOIST_API enum joist_status joist_builder_bytes(
        struct joist_builder *builder, const void *data, size_t bytes, struct joist_error *err);
/* Any scalar type from its text, as in CSV: "12.50", "2026-11-21", "2026-11-21T10:00:00Z". */
JOIST_API enum joist_status joist_builder_text(
        struct joist_builder *builder, const char *text, size_t bytes, struct joist_error *err);
/* list, map (then key, value, key, value, ...) and struct (then its fields in order). */
JOIST_API enum joist_status joist_builder_begin(struct joist_builder *builder, struct joist_error *err);
JOIST_API enum joist_status joist_builder_end(struct joist_builder *builder, struct joist_error *err);
JOIST_API enum joist_status joist_builder_end_row(struct joist_builder *builder, struct joist_error *err);
JOIST_API void joist_builder_drop_row(struct joist_builder *builder);
/* Rows finished and not yet taken. */
JOIST_API size_t joist_builder_rows(const struct joist_builder *builder);

/* Moves the finished rows out as one stream; the builder is empty and goes on. */
JOIST_API enum joist_status joist_builder_take(
        struct joist_builder *builder, struct ArrowArrayStream *stream, struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
