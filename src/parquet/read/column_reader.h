/*
 * column_reader.h - one top-level column, row group after row group: its leaves in step, put together
 *
 *     init -> { open_group -> (skip | begin (ready, append)* finish | read)* -> close_group }* -> clear
 *
 * One owner at a time; it may be another thread for each call, with its own codec context (`use`).
 */
#ifndef JI_COLUMN_READER_H
#define JI_COLUMN_READER_H

#include "parquet/read/leaf_cursor.h"

struct ji_column_reader {
    const struct joist_parquet_file *file;
    struct ji_leaf_options options;
    const struct ji_shape *shape;
    struct ji_leaf_cursor *leaves; /* shape->leaf_count */
    struct ji_leaf_part *parts;
    size_t open_count; /* leaves of the open group */
    size_t appended;   /* rows since `begin` */
    uint64_t row;      /* the first one of them, of the group */
    struct ji_assembly assembly;
};

/* Small things in the arena; no group is open yet. `column` is one of the options' schema. */
enum joist_status ji_column_reader_init(struct ji_column_reader *reader,
        const struct joist_parquet_file *file, const struct ji_leaf_options *options, struct ji_arena *arena,
        size_t column, struct joist_error *err);
/* Closes the group too; accepts all zero. */
void ji_column_reader_clear(struct ji_column_reader *reader);

enum joist_status ji_column_reader_open_group(struct ji_column_reader *reader, size_t group,
        struct ji_codec_context *codecs, struct joist_error *err);
void ji_column_reader_close_group(struct ji_column_reader *reader);
static inline bool ji_column_reader_has_group(const struct ji_column_reader *reader)
{
    return reader->open_count > 0;
}
/* `codecs` from now on. */
void ji_column_reader_use(struct ji_column_reader *reader, struct ji_codec_context *codecs);

/* As ji_leaf_cursor_aim, for all leaves. */
enum joist_status ji_column_reader_aim(struct ji_column_reader *reader, const struct ji_row_range *ranges,
        size_t count, struct joist_error *err);
enum joist_status ji_column_reader_skip(
        struct ji_column_reader *reader, uint64_t rows, struct joist_error *err);

/* What the cursor of a group does in step for all its columns. */
void ji_column_reader_begin(struct ji_column_reader *reader, size_t rows);
enum joist_status ji_column_reader_ready(
        struct ji_column_reader *reader, size_t wanted, size_t *rows, struct joist_error *err);
enum joist_status ji_column_reader_append(
        struct ji_column_reader *reader, size_t rows, struct joist_error *err);
/* The `rows` rows since `begin`; they live until the next begin, or close_group. */
enum joist_status ji_column_reader_finish(
        struct ji_column_reader *reader, size_t rows, struct ji_column *column, struct joist_error *err);

/*
 * Begin to finish: the next `wanted` rows > 0, or fewer where those take more than `bytes_max`, but
 * one at least.
 */
enum joist_status ji_column_reader_read(struct ji_column_reader *reader, size_t wanted, size_t bytes_max,
        size_t *rows, struct ji_column *column, struct joist_error *err);

/* About how many bytes the rows of a group take in memory, by what its chunks say. */
enum joist_status ji_column_group_bytes(const struct joist_parquet_file *file,
        const struct ji_parquet_schema *schema, size_t group, size_t column, uint64_t *bytes,
        struct joist_error *err);

#endif
