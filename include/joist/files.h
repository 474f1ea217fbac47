/*
 * joist/files.h - many files as one stream of rows, and a stream of rows as many files
 *
 *     joist_files_open(ctx, &"in/", 1, NULL, &stream, err);           in/region=eu/a.parquet
 *     joist_export(ctx, &stream, "out/", &options, &exported, err);   out/year=2026/out_....parquet
 */
#ifndef JOIST_FILES_H
#define JOIST_FILES_H

#include <joist/parquet.h>
#include <joist/text.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls `each` for what `pattern` means, in byte order: a file, a glob, a folder with all below. */
JOIST_API enum joist_status joist_glob(struct joist_ctx *ctx, const char *pattern,
        enum joist_status (*each)(void *user, const char *location, struct joist_error *err), void *user,
        struct joist_error *err);

struct joist_files_options {
    size_t struct_size;
    const char *format;                    /* csv, tsv, ndjson, arrow, parquet; NULL: by the names */
    const struct joist_text_options *text; /* NULL: the defaults; borrowed until the stream is released */
    const struct joist_parquet_open_options *parquet; /* likewise */
    bool no_partitions; /* folders "name=value" below a glob or folder make no columns */
    const struct joist_cancel *cancel;
    struct joist_progress progress; /* of each file in turn */
    /*
     * The columns wanted of each file, borrowed for the call: of Parquet as
     * joist_parquet_read_options.schema, so that files of old and new schemas go together; of text as
     * joist_text_options.schema, instead of it; of Arrow's files UNSUPPORTED.
     */
    const struct ArrowSchema *schema;
    /* Of Parquet alone, as joist_parquet_read_options has them; borrowed until the stream is released. */
    const int32_t *field_ids;
    size_t field_id_count;
};

/*
 * The rows of files one after another: locations are files, globs, folders, or "-". All are of one format and
 * have the columns of the first, in its order and of its types; the first that does not is INVALID by name.
 * Types of CSV that were inferred are held to in each file as in the first; with `text->widening` those that
 * are handed out hold all files.
 * Folders "name=value" on the way from a glob or folder to its files are columns behind those of the files:
 * long where all values are, else date, else string; values are percent-decoded, and
 * __HIVE_DEFAULT_PARTITION__ is null. Text is unpacked where gzip or zstd packed it.
 */
JOIST_API enum joist_status joist_files_open(struct joist_ctx *ctx, const char *const *locations,
        size_t count, const struct joist_files_options *options, struct ArrowArrayStream *stream,
        struct joist_error *err);

struct joist_export_options {
    size_t struct_size;
    const struct joist_parquet_write_options *parquet; /* NULL: the defaults */
    uint64_t split_bytes;   /* a file ends when it has about so many; 0: not for that */
    uint64_t split_rows;    /* exactly so many; 0: not for that */
    int64_t split_after_us; /* with the first rows that come so long after its first ones; 0: not for that */
    const char *const *partition_by; /* columns whose values make folders and stand in no file */
    size_t partition_count;
    const struct joist_cancel *cancel;
    /* NULL, or called for each file that has been finished. */
    void (*finished)(void *user, const char *location, uint64_t rows, uint64_t bytes);
    void *user;
};

struct joist_exported {
    uint64_t rows;
    uint64_t files;
    uint64_t bytes;
    uint64_t small_files; /* finished early, since more than 64 partitions were open */
};

/*
 * Drains the stream into files that appear one by one, each whole: `location` is "folder/name.parquet", or a
 * folder, whose last name is then the files'; they are called {name}_{YYYYMMDD}_{HHMMSS}_{8 hexadecimal
 * digits}.parquet, and none is ever replaced. With partitions a folder "column=value" for
 * each stands between. Those that were finished before a failure stay.
 */
JOIST_API enum joist_status joist_export(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        const char *location, const struct joist_export_options *options, struct joist_exported *exported,
        struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
