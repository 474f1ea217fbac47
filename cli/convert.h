/*
 * convert.h - what the files of joist convert share
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "cli.h"

struct convert_settings {
    struct cli_input_options input;
    struct cli_list types;
    const char *to;    /* the output's format; NULL: by its name */
    const char *codec; /* "zstd:3" */
    uint64_t rows_per_group;
    bool force;
};

/* What was written. */
struct convert_result {
    uint64_t rows; /* UINT64_MAX: not counted (text) */
    uint64_t bytes;
};

/* What the options say of Parquet files that are written; false, said on stderr, where one is wrong. */
bool cli_write_options(const struct cli_verb *verb, const struct convert_settings *settings,
        struct joist_parquet_write_options *options);

/* The rows of the stream under a name, whole or not at all; the stream stays the caller's. */
enum joist_status cli_convert_parquet(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct joist_parquet_write_options *options, bool force,
        struct convert_result *result);

#endif
