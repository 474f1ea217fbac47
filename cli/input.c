/*
 * input.c - a file of rows as a stream, by its name or --format
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static bool ends_with(const char *text, size_t text_size, const char *end)
{
    const size_t end_size = strlen(end);
    return text_size >= end_size && memcmp(text + text_size - end_size, end, end_size) == 0;
}

const char *cli_format_of(const char *location)
{
    static const struct {
        const char *suffix;
        const char *format;
        bool is_text; /* may be packed as a whole */
    } known[] = {
            {".parquet", "parquet", false},
            {".parquet.encrypted", "parquet", false},
            {".csv", "csv", true},
            {".tsv", "tsv", true},
            {".ndjson", "ndjson", true},
            {".jsonl", "ndjson", true},
            {".json", "ndjson", true},
            {".gz", "gzip", false},
            {".zst", "zstd", false},
            {".arrow", "arrow", false},
    };
    size_t size = strlen(location);
    const bool is_packed = ends_with(location, size, ".gz") || ends_with(location, size, ".zst");
    const size_t inner = !is_packed ? size : ends_with(location, size, ".gz") ? size - 3 : size - 4;
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (ends_with(location, known[index].is_text ? inner : size, known[index].suffix))
            return known[index].format;
    }
    return "";
}

static enum joist_status open_parquet(struct cli_session *session, struct joist_source source,
        const struct joist_text_options *text, struct ArrowArrayStream *stream)
{
    struct joist_parquet_file *file = NULL;
    const enum joist_status opened = joist_parquet_open(session->ctx, source, NULL, &file, &session->error);
    if (opened != JOIST_OK) {
        joist_source_close(&source);
        return opened;
    }
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options,
            .cancel = text->cancel,
            .progress = text->progress,
    };
    const enum joist_status status = joist_parquet_read(file, &options, stream, &session->error);
    joist_parquet_close(file);
    return status;
}

static enum joist_status refuse(struct cli_session *session, const char *location, const char *format)
{
    session->error.status = JOIST_ERR_UNSUPPORTED;
    if (format[0] == '\0')
        snprintf(session->error.text, sizeof session->error.text,
                "%s: which format? give --format csv, ndjson or parquet", location);
    else
        snprintf(session->error.text, sizeof session->error.text,
                "%s: %s input is not supported: csv, ndjson and parquet are", location, format);
    return JOIST_ERR_UNSUPPORTED;
}

enum joist_status cli_open_input(struct cli_session *session, const char *location,
        const struct cli_input_options *options, struct ArrowArrayStream *stream)
{
    const char *format = options->format != NULL ? options->format : cli_format_of(location);
    const bool is_csv = strcmp(format, "csv") == 0 || strcmp(format, "tsv") == 0;
    const bool is_ndjson = strcmp(format, "ndjson") == 0;
    if (!is_csv && !is_ndjson && strcmp(format, "parquet") != 0)
        return refuse(session, location, format);

    struct joist_source source = {0};
    const enum joist_status found = joist_source_open(session->ctx, location, &source, &session->error);
    if (found != JOIST_OK)
        return found;
    struct joist_text_options text = options->text;
    text.struct_size = sizeof text;
    text.cancel = session->cancel;
    if (!is_csv && !is_ndjson)
        return open_parquet(session, source, &text, stream);
    if (strcmp(format, "tsv") == 0 && text.delimiter == '\0')
        text.delimiter = '\t';
    enum joist_status status = joist_source_unpack(session->ctx, &source, &session->error);
    if (status != JOIST_OK) {
        joist_source_close(&source);
        return status;
    }
    status = is_csv ? joist_csv_open(session->ctx, source, &text, stream, &session->error)
                    : joist_ndjson_open(session->ctx, source, &text, stream, &session->error);
    if (status != JOIST_OK)
        joist_source_close(&source);
    return status;
}
