/*
 * cmd_append.c - joist append: rows of a file into a table, all or none
 * and joist validate: the same check, nothing written
 */
#include "pipe_slice.h"

#include <stdio.h>
#include <string.h>

struct append_settings {
    struct cli_input_options input;
    struct cli_list types;
    bool ignore_extra;
    struct cli_list commit_every; /* times and sizes */
    int64_t commit_us;
    uint64_t commit_bytes;
};

static void print_report(const struct cli_session *session, const char *table,
        const struct joist_append_report *report, bool validate_only)
{
    char rows[32];
    char bytes[32];
    char peak[32];
    const double seconds = cli_now() - session->started;
    if (session->common.json) {
        printf("{\"table\":\"%s\",\"rows\":%llu,\"files\":%llu,\"bytes\":%llu,\"snapshot_id\":%lld,"
               "\"small_files\":%llu,\"seconds\":%.3f,\"peak_memory_bytes\":%llu}\n",
                table, (unsigned long long)report->rows, (unsigned long long)report->files,
                (unsigned long long)report->bytes, (long long)report->snapshot_id,
                (unsigned long long)report->small_files, seconds, (unsigned long long)cli_peak_rss_bytes());
        return;
    }
    cli_count_text(report->rows, rows);
    cli_bytes_text(cli_peak_rss_bytes(), peak);
    if (validate_only) {
        printf("%s rows fit %s, in %.2f s, peak memory %s\n", rows, table, seconds, peak);
        return;
    }
    printf("%s rows in %llu file%s, %s, in %.2f s, peak memory %s, snapshot %lld\n", rows,
            (unsigned long long)report->files, report->files == 1 ? "" : "s",
            cli_bytes_text(report->bytes, bytes), seconds, peak, (long long)report->snapshot_id);
    if (report->small_files > 0)
        fprintf(stderr,
                "joist: more partitions than may be open (256) or fit the memory: %llu files were finished "
                "early; "
                "sorted input or more --memory makes larger ones\n",
                (unsigned long long)report->small_files);
}

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
    if (!session->common.quiet)
        print_report(session, table, &report, validate_only);
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
    const bool is_csv = strcmp(settings->input.format, "ndjson") != 0;
    const char quote = settings->input.text.quote != '\0' ? settings->input.text.quote : '"';
    struct pipe_slices slices = {
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
    return code;
}

static enum cli_exit append_input(struct cli_session *session, const char *table, const char *location,
        const struct append_settings *settings, bool validate_only)
{
    struct ArrowArrayStream stream = {0};
    if (settings->commit_every.count > 0)
        return append_slices(session, table, settings);
    if (cli_open_input(session, location, &settings->input, &stream) != JOIST_OK)
        return cli_fail(session);
    const enum cli_exit code = append_stream(session, table, &stream, settings, validate_only);
    stream.release(&stream);
    return code;
}

static enum cli_exit land(struct cli_session *session, const char *table, const char *location,
        struct append_settings *settings, bool validate_only)
{
    struct ArrowSchema schema = {0};
    if (joist_table_schema(session->catalog, table, &schema, &session->error) != JOIST_OK)
        return cli_fail(session);
    struct cli_progress progress;
    cli_progress_start(&progress, validate_only ? "validate" : "append", &session->common);
    settings->input.text.schema = &schema;
    settings->input.text.skip_extra = settings->ignore_extra;
    settings->input.text.types = settings->types.items;
    settings->input.text.type_count = settings->types.count;
    settings->input.text.progress = cli_progress_callback(&progress);

    const enum cli_exit code = append_input(session, table, location, settings, validate_only);
    cli_progress_end(&progress);
    schema.release(&schema);
    return code;
}

/* --commit-every is for text that comes through a pipe. */
static bool settle(const struct cli_verb *verb, struct append_settings *settings, const char *location)
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
            (verb != &cli_verb_validate && strcmp(location, "-") == 0 && format != NULL &&
                    strcmp(format, "parquet") != 0))
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
            {"format", CLI_TEXT, "NAME", "csv, tsv, ndjson, arrow or parquet; else by the file's name",
                    &settings.input.format},
            {"delimiter", CLI_CHAR, "C", "of CSV; else a comma", &settings.input.text.delimiter},
            {"quote", CLI_CHAR, "C", "of CSV; else \"", &settings.input.text.quote},
            {"no-header", CLI_FLAG, NULL, "the first line is a row", &settings.input.text.no_header},
            {"null", CLI_TEXT, "TEXT", "what stands for null in CSV; else an empty unquoted field",
                    &settings.input.text.null_text},
            {"pad-short", CLI_FLAG, NULL, "rows of CSV with too few fields end in nulls",
                    &settings.input.text.pad_short},
            {"type", CLI_LIST, "COLUMN=TYPE", "read a column as this type", &settings.types},
            {"ignore-extra", CLI_FLAG, NULL, "leave out columns that the table does not have",
                    &settings.ignore_extra},
            {"commit-every", CLI_LIST, "TIME|SIZE",
                    "of a pipe: commit every 5m or 256MiB of it, and on a signal what is whole",
                    &settings.commit_every},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 2, .most = 2};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!settle(verb, &settings, arguments.items[1]))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = cli_open_catalog(&session, false);
    if (code == CLI_DONE)
        code = land(&session, arguments.items[0], arguments.items[1], &settings, verb == &cli_verb_validate);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_append = {
        .name = "append",
        .usage = "append TABLE INPUT",
        .summary = "adds the rows of a file to a table, all of them or none",
        .details = "INPUT is a CSV, NDJSON or Parquet file, or - for a pipe (with --format); text may be\n"
                   "packed with gzip or zstd, but not where it is committed in parts (--commit-every).\n"
                   "The first row that does not fit the table rejects the whole input, by file, line,\n"
                   "column and value; nothing is left behind then.\n",
        .run = run_append,
};

const struct cli_verb cli_verb_validate = {
        .name = "validate",
        .usage = "validate TABLE INPUT",
        .summary = "checks that every row of a file fits a table; writes nothing",
        .run = run_append,
};
