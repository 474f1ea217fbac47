/*
 * convert_write.c - the Parquet files that joist convert writes: their options, and one file from a stream
 */
#include "convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "zstd", "zstd:3". */
static bool parse_codec(const char *text, struct joist_parquet_write_options *options)
{
    static const struct {
        const char *name;
        enum joist_codec codec;
    } known[] = {
            {"zstd", JOIST_CODEC_ZSTD},
            {"snappy", JOIST_CODEC_SNAPPY},
            {"gzip", JOIST_CODEC_GZIP},
            {"brotli", JOIST_CODEC_BROTLI},
            {"lz4", JOIST_CODEC_LZ4_RAW},
            {"lz4_raw", JOIST_CODEC_LZ4_RAW},
            {"none", JOIST_CODEC_NONE},
    };
    const char *const colon = strchr(text, ':');
    const size_t size = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (colon != NULL) {
        char *end = NULL;
        const long level = strtol(colon + 1, &end, 10);
        if (end == colon + 1 || *end != '\0' || level < -100000 || level > 100)
            return false;
        options->codec_level = (int)level;
    }
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (strlen(known[index].name) == size && memcmp(known[index].name, text, size) == 0) {
            options->codec = known[index].codec;
            return true;
        }
    }
    return false;
}

bool cli_write_options(const struct cli_verb *verb, const struct convert_settings *settings,
        struct joist_parquet_write_options *options)
{
    *options = (struct joist_parquet_write_options){
            .struct_size = sizeof *options,
            .row_group_rows_max = settings->rows_per_group,
    };
    if (settings->codec == NULL || parse_codec(settings->codec, options))
        return true;
    cli_fail_usage(verb, "--codec: '%s' is none of zstd, snappy, gzip, brotli, lz4, none, with :LEVEL or not",
            settings->codec);
    return false;
}

static enum joist_status open_writer(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct joist_parquet_write_options *options, bool force,
        struct joist_parquet_writer **writer)
{
    struct joist_error *const err = &session->error;
    struct ArrowSchema schema = {0};
    struct joist_sink sink = {0};
    if (stream->get_schema(stream, &schema) != 0) {
        const char *const text = stream->get_last_error(stream);
        err->status = JOIST_ERR_INVALID;
        snprintf(err->text, sizeof err->text, "%s", text != NULL ? text : "the rows have no schema");
        return err->status;
    }
    enum joist_status status = joist_sink_open(
            session->ctx, location, force ? JOIST_SINK_REPLACE : JOIST_SINK_CREATE, &sink, err);
    if (status == JOIST_OK) {
        status = joist_parquet_writer_open(session->ctx, sink, &schema, options, writer, err);
        if (status != JOIST_OK)
            joist_sink_abort(&sink);
    }
    schema.release(&schema);
    return status;
}

enum joist_status cli_convert_parquet(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct joist_parquet_write_options *options, bool force,
        struct convert_result *result)
{
    struct joist_error *const err = &session->error;
    struct joist_parquet_writer *writer = NULL;
    struct joist_parquet_written written = {0};
    enum joist_status status = open_writer(session, location, stream, options, force, &writer);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_writer_append_stream(writer, stream, err);
    if (status != JOIST_OK) {
        joist_parquet_writer_abort(writer);
        return status;
    }
    status = joist_parquet_writer_finish(writer, &written, err);
    if (status == JOIST_OK)
        *result = (struct convert_result){.rows = written.rows, .bytes = written.bytes};
    return status;
}
