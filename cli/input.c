/*
 * input.c - files of rows as a stream, by their names or --format
 */
#include "cli.h"

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
            {".arrows", "arrows", false},
            {".feather", "arrow", false},
            {".ipc", "arrow", false},
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

bool cli_input_parse(const struct cli_verb *verb, struct cli_input_options *input)
{
    input->text.struct_size = sizeof input->text;
    input->text.types = input->types.items;
    input->text.type_count = input->types.count;
    return cli_parquet_parse(verb, &input->parquet, NULL, &input->open);
}

enum joist_status cli_open_input(struct cli_session *session, const char *const *locations, size_t count,
        const struct cli_input_options *options, struct ArrowArrayStream *stream)
{
    const struct cli_wanted *const wanted = options->wanted;
    struct joist_files_options files = {
            .struct_size = sizeof files,
            .format = options->format,
            .text = &options->text,
            .parquet = options->open,
            .cancel = session->cancel,
            .progress = options->text.progress,
    };
    if (wanted != NULL && wanted->parsed.release != NULL)
        files.schema = &wanted->parsed;
    if (wanted != NULL && wanted->field_ids != NULL) {
        files.field_ids = wanted->ids;
        files.field_id_count = wanted->id_count;
    }
    return joist_files_open(session->ctx, locations, count, &files, stream, &session->error);
}

enum joist_status cli_open_parquet(struct cli_session *session, const char *location,
        const struct joist_parquet_open_options *options, struct joist_parquet_file **file)
{
    struct joist_source source = {0};
    enum joist_status status = joist_source_open(session->ctx, location, &source, &session->error);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_open(session->ctx, source, options, file, &session->error);
    if (status != JOIST_OK)
        joist_source_close(&source);
    return status;
}
