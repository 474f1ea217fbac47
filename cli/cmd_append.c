/*
 * cmd_append.c - joist append: rows of a file into a table, all or none
 * and joist validate: the same check, nothing written
 */
#include "pipe_slice.h"

#include <stdio.h>
#include <string.h>

struct append_settings {
    struct cli_input_options input;
    const char *const *locations;
    size_t location_count;
    bool ignore_extra;
    struct cli_list commit_every; /* times and sizes */
    int64_t commit_us;
    uint64_t commit_bytes;
};

static enum cli_exit append_stream(struct cli_session *session, const char *table,
        struct ArrowArrayStream *stream, const struct append_settings *settings, bool validate_only)
{
    const struct joist_append_options options = {
            .struct_size = sizeof options,
            .validate_only = validate_only,
            .extra_columns = settings->ignore_extra ? JOIST_EXTRA_IGNORE : JOIST_EXTRA_REFUSE,
            .cancel = settings->commit_every.count > 0 ? NULL : session->cancel,
    };
    struct joist_append_report report = {0};
    const enum joist_status status =
            joist_table_append(session->catalog, table, stream, &options, &report, &session->error);
    if (status != JOIST_OK)
        return cli_fail(session);
    const struct cli_written written = {
            .place = table,
            .is_table = true,
            .is_check = validate_only,
            .rows = report.rows,
            .files = report.files,
            .bytes = report.bytes,
            .small_files = report.small_files,
            .snapshot_id = report.snapshot_id,
    };
    cli_report(session, &written);
    return CLI_DONE;
}

static enum cli_exit append_slice(struct cli_session *session, const char *table, struct pipe_slices *slices,
        const struct append_settings *settings)
{
    struct joist_source source = cli_pipe_slice(slices);
    struct ArrowArrayStream stream = {0};
    struct joist_text_options text = settings->input.text;
    text.struct_size = sizeof text;
    const bool is_csv = strcmp(settings->input.format, "ndjson") != 0;
    if (strcmp(settings->input.format, "tsv") == 0 && text.delimiter == '\0')
        text.delimiter = '\t';
    const enum joist_status status = is_csv
            ? joist_csv_open(session->ctx, source, &text, &stream, &session->error)
            : joist_ndjson_open(session->ctx, source, &text, &stream, &session->error);
    if (status != JOIST_OK)
        return cli_fail(session);
    const enum cli_exit code = append_stream(session, table, &stream, settings, false);
    stream.release(&stream);
    fflush(stdout);
    return code;
}

/* Commits again and again, until the pipe ends or a signal comes; then what is whole. */
static enum cli_exit append_slices(
        struct cli_session *session, const char *table, const struct append_settings *settings)
{
    struct pipe_unpack unpack = {.ctx = session->ctx, .stop = session->cancel};
    if (cli_unpack_open(&unpack, &session->error) != JOIST_OK)
        return cli_fail(session);
    const bool is_csv = strcmp(settings->input.format, "ndjson") != 0;
    const char quote = settings->input.text.quote != '\0' ? settings->input.text.quote : '"';
    struct pipe_slices slices = {
            .pipe = &unpack,
            .stop = session->cancel,
            .quote = is_csv ? (unsigned char)quote : -1,
            .has_header = is_csv && !settings->input.text.no_header,
            .slice_us = settings->commit_us,
            .slice_bytes = settings->commit_bytes,
    };
    enum cli_exit code = CLI_DONE;
    do {
        code = append_slice(session, table, &slices, settings);
    } while (code == CLI_DONE && !cli_pipe_is_over(&slices));
    if (code == CLI_DONE && cli_pipe_left(&slices) > 0)
        fprintf(stderr, "joist: %zu bytes of a row that had no end yet were left out\n",
                cli_pipe_left(&slices));
    cli_pipe_clear(&slices);
    cli_unpack_close(&unpack);
    return code;
}

static enum cli_exit append_input(struct cli_session *session, const char *table,
        const struct append_settings *settings, bool validate_only)
{
    struct ArrowArrayStream stream = {0};
    if (settings->commit_every.count > 0)
        return append_slices(session, table, settings);
    if (cli_open_input(session, settings->locations, settings->location_count, &settings->input, &stream) !=
            JOIST_OK)
        return cli_fail(session);
    const enum cli_exit code = append_stream(session, table, &stream, settings, validate_only);
    stream.release(&stream);
    return code;
}

static enum cli_exit land(
        struct cli_session *session, const char *table, struct append_settings *settings, bool validate_only)
{
    struct ArrowSchema schema = {0};
    if (joist_table_schema(session->catalog, table, &schema, &session->error) != JOIST_OK)
        return cli_fail(session);
    struct cli_progress progress;
    cli_progress_start(&progress, validate_only ? "validate" : "append", &session->common);
    settings->input.text.schema = &schema;
    settings->input.text.skip_extra = settings->ignore_extra;
    settings->input.text.progress = cli_progress_callback(&progress);

    const enum cli_exit code = append_input(session, table, settings, validate_only);
    cli_progress_end(&progress);
    schema.release(&schema);
    return code;
}

static bool is_text(const char *format)
{
    return format != NULL &&
            (strcmp(format, "csv") == 0 || strcmp(format, "tsv") == 0 || strcmp(format, "ndjson") == 0);
}

/* --commit-every is for text that comes through a pipe. */
static bool settle(const struct cli_verb *verb, struct append_settings *settings)
{
    const char *const format = settings->input.format;
    for (size_t index = 0; index < settings->commit_every.count; index++) {
        const char *const item = settings->commit_every.items[index];
        if (!cli_parse_duration(item, &settings->commit_us) &&
                !(cli_parse_size(item, &settings->commit_bytes) && settings->commit_bytes > 0)) {
            cli_fail_usage(
                    verb, "--commit-every: '%s' is neither a time like 5m nor a size like 256MiB", item);
            return false;
        }
    }
    if (settings->commit_every.count == 0 ||
            (verb != &cli_verb_validate && settings->location_count == 1 &&
                    strcmp(settings->locations[0], "-") == 0 && is_text(format)))
        return true;
    cli_fail_usage(verb, "--commit-every is for CSV and NDJSON of a pipe: append TABLE - --format csv");
    return false;
}

static enum cli_exit run_append(const struct cli_verb *verb, int argc, char **argv)
{
    struct append_settings settings = {0};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            CLI_INPUT_OPTIONS(&settings.input),
            {"ignore-extra", CLI_FLAG, NULL, "leave out columns that the table does not have",
                    &settings.ignore_extra},
            {"commit-every", CLI_LIST, "TIME|SIZE",
                    "of a pipe: commit every 5m or 256MiB of it, and on a signal what is whole",
                    &settings.commit_every},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 2, .most = CLI_ARGUMENTS_MAX};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    settings.locations = arguments.items + 1;
    settings.location_count = arguments.count - 1;
    if (!cli_input_parse(verb, &settings.input) || !settle(verb, &settings))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = cli_open_catalog(&session, false);
    if (code == CLI_DONE)
        code = land(&session, arguments.items[0], &settings, verb == &cli_verb_validate);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_append = {
        .name = "append",
        .usage = "append TABLE INPUT...",
        .summary = "adds the rows of files to a table, all of them or none",
        .details =
                "INPUT is a CSV, NDJSON, Parquet or Arrow file, a glob or folder of them, or - for a pipe\n"
                "(with --format), as joist convert takes them; text may be\n"
                "packed with gzip or zstd, but not where it is committed in parts (--commit-every).\n"
                "The first row that does not fit the table rejects the whole input, by file, line,\n"
                "column and value; nothing is left behind then.\n",
        .run = run_append,
};

const struct cli_verb cli_verb_validate = {
        .name = "validate",
        .usage = "validate TABLE INPUT...",
        .summary = "checks that every row of files fits a table; writes nothing",
        .run = run_append,
};
