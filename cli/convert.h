/*
 * convert.h - what the files of joist convert share
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "cli.h"

/* What the options say; lists between commas point into `text`. */
struct convert_settings {
    struct cli_input_options input;
    struct cli_wanted wanted;
    const struct ArrowSchema *wider; /* than the sample's: of a second reading; else NULL */
    const char *where;
    const char *columns;
    const char *sort;
    const char *to; /* the output's format; NULL: by its name */
    bool force;
    bool append; /* OUT's row groups stay */
    bool explain;
    bool doubles;
    bool report; /* columns of the file that was written */

    const char *codec; /* "zstd:3" */
    const char *compat;
    uint64_t rows_per_group;
    struct cli_list encodings;   /* "column=delta" */
    struct cli_list blooms;      /* a column, or auto */
    struct cli_list annotations; /* "column=int96" */
    struct cli_list shreddings;  /* "column=struct<a long>" */
    uint64_t split_bytes;
    uint64_t split_rows;
    const char *split_after;
    const char *partition_by;

    struct cli_encrypt encrypt;

    struct joist_parquet_write_options write;
    struct joist_parquet_column_options leaves[4 * CLI_LIST_MAX];
    struct joist_parquet_sorting sorting[CLI_LIST_MAX];
    const char *partitions[CLI_LIST_MAX];
    size_t partition_count;
    int64_t split_after_us;
    char text[32768];
    size_t text_used;
};

/* Settles what is written from the options; false, said on stderr, where one is wrong. */
bool cli_convert_options(const struct cli_verb *verb, struct convert_settings *settings);
/* True where many files are asked for. */
bool cli_convert_is_split(const struct convert_settings *settings);

/* The rows of the stream as Parquet, whole or not at all; the stream stays the caller's. */
enum joist_status cli_convert_parquet(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings,
        struct cli_written *written);
/* Of the Parquet file that rows come behind. */
enum joist_status cli_convert_target_schema(
        struct cli_session *session, const char *location, struct ArrowSchema *schema);
/* Puts the stream's columns in the file's order; INVALID names one that either lacks. */
enum joist_status cli_convert_target_order(
        struct cli_session *session, const char *location, struct ArrowArrayStream *stream);
/* Columns of the file that was written with their bytes and encodings; of many only with --report. */
enum joist_status cli_convert_columns(
        struct cli_session *session, const char *location, const struct convert_settings *settings);
/* What would be chosen for the stream's columns, by its first rows, with the bytes of each alternative. */
enum joist_status cli_convert_explain(struct cli_session *session, struct ArrowArrayStream *stream,
        const struct convert_settings *settings);

#endif
