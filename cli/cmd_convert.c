/*
 * cmd_convert.c - joist convert: rows of one file as another, of any of the formats that we read and write
 */
#include "convert.h"

#include <stdio.h>
#include <string.h>

static unsigned sink_mode(const struct convert_settings *settings)
{
    return settings->force ? JOIST_SINK_REPLACE : JOIST_SINK_CREATE;
}

static enum joist_status convert_text(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings)
{
    struct joist_sink sink = {0};
    struct joist_error *const err = &session->error;
    const char *const format = settings->to;
    const struct joist_text_options options = {
            .struct_size = sizeof options,
            .delimiter = strcmp(format, "tsv") == 0 ? '\t' : '\0',
            .cancel = session->cancel,
    };
    enum joist_status status = joist_sink_open(session->ctx, location, sink_mode(settings), &sink, err);
    if (status != JOIST_OK)
        return status;
    status = strcmp(format, "ndjson") == 0 ? joist_ndjson_write(session->ctx, stream, sink, &options, err)
                                           : joist_csv_write(session->ctx, stream, sink, &options, err);
    if (status == JOIST_OK)
        return joist_sink_commit(&sink, err);
    joist_sink_abort(&sink);
    return status;
}

static void print_report(
        const struct cli_session *session, const char *location, const struct convert_result *result)
{
    char rows[32];
    char bytes[32];
    char peak[32];
    const double seconds = cli_now() - session->started;
    const uint64_t peak_bytes = cli_peak_rss_bytes();
    if (session->common.json)
        printf("{\"rows\":%llu,\"files\":1,\"bytes\":%llu,\"seconds\":%.3f,\"peak_memory_bytes\":%llu}\n",
                (unsigned long long)result->rows, (unsigned long long)result->bytes, seconds,
                (unsigned long long)peak_bytes);
    else
        printf("%s: %s rows, %s, in %.2f s, peak memory %s\n", location, cli_count_text(result->rows, rows),
                cli_bytes_text(result->bytes, bytes), seconds, cli_bytes_text(peak_bytes, peak));
}

static enum cli_exit write_stream(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings,
        const struct joist_parquet_write_options *write)
{
    struct convert_result result = {0};
    const bool is_parquet = strcmp(settings->to, "parquet") == 0;
    const enum joist_status status = is_parquet
            ? cli_convert_parquet(session, location, stream, write, settings->force, &result)
            : convert_text(session, location, stream, settings);
    if (status != JOIST_OK)
        return cli_fail(session);
    if (is_parquet && !session->common.quiet && strcmp(location, "-") != 0)
        print_report(session, location, &result);
    return CLI_DONE;
}

static enum cli_exit convert(struct cli_session *session, const char *from, const char *to,
        struct convert_settings *settings, const struct joist_parquet_write_options *write)
{
    struct cli_progress progress;
    cli_progress_start(&progress, "convert", &session->common);
    settings->input.text.types = settings->types.items;
    settings->input.text.type_count = settings->types.count;
    settings->input.text.progress = cli_progress_callback(&progress);
    struct ArrowArrayStream stream = {0};
    enum cli_exit code = CLI_FAILED;
    if (cli_open_input(session, from, &settings->input, &stream) == JOIST_OK) {
        code = write_stream(session, to, &stream, settings, write);
        stream.release(&stream);
    } else {
        cli_fail(session);
    }
    cli_progress_end(&progress);
    return code;
}

/* The output's format is one that we write; false, said on stderr, where not. */
static bool check_output(const struct cli_verb *verb, struct convert_settings *settings, const char *location)
{
    static const char *const known[] = {"parquet", "csv", "tsv", "ndjson"};
    if (settings->to == NULL)
        settings->to = cli_format_of(location);
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (strcmp(settings->to, known[index]) == 0)
            return true;
    }
    if (settings->to[0] == '\0')
        cli_fail_usage(verb, "%s: which format? give --to parquet, csv, tsv or ndjson", location);
    else
        cli_fail_usage(verb, "%s: %s output is not supported: parquet, csv, tsv and ndjson are", location,
                settings->to);
    return false;
}

static enum cli_exit run_convert(const struct cli_verb *verb, int argc, char **argv)
{
    struct convert_settings settings = {.to = NULL};
    struct joist_parquet_write_options write;
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"codec", CLI_TEXT, "NAME[:LEVEL]", "zstd (else), snappy, gzip, brotli, lz4 or none",
                    &settings.codec},
            {"rows-per-group", CLI_NUMBER, "N", "rows of a row group at most; else 1,048,576",
                    &settings.rows_per_group},
            {"force", CLI_FLAG, NULL, "replace a file that is there", &settings.force},
            {"to", CLI_TEXT, "NAME", "parquet, csv, tsv or ndjson; else by OUT's name", &settings.to},
            {"format", CLI_TEXT, "NAME", "of IN: csv, tsv, ndjson or parquet; else by its name",
                    &settings.input.format},
            {"delimiter", CLI_CHAR, "C", "of CSV; else a comma", &settings.input.text.delimiter},
            {"quote", CLI_CHAR, "C", "of CSV; else \"", &settings.input.text.quote},
            {"no-header", CLI_FLAG, NULL, "the first line is a row", &settings.input.text.no_header},
            {"null", CLI_TEXT, "TEXT", "what stands for null in CSV; else an empty unquoted field",
                    &settings.input.text.null_text},
            {"type", CLI_LIST, "COLUMN=TYPE", "read a column as this type", &settings.types},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 2, .most = 2};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!check_output(verb, &settings, arguments.items[1]) || !cli_write_options(verb, &settings, &write))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    write.cancel = session.cancel;
    code = convert(&session, arguments.items[0], arguments.items[1], &settings, &write);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_convert = {
        .name = "convert",
        .usage = "convert IN OUT",
        .summary = "writes the rows of a file as another: Parquet, CSV, NDJSON",
        .details = "IN is a CSV, NDJSON or Parquet file, or - for a pipe (with --format).\n"
                   "OUT appears whole or not at all; - is standard output (with --to).\n",
        .run = run_convert,
};
