/*
 * cmd_convert.c - joist convert: rows of files as another file, or as many, of the formats that we write
 *
 *     IN... --files--> stream --where, columns, sort--> stream --> OUT
 */
#include "convert.h"

#include <stdio.h>
#include <string.h>

static bool is_arrow(const char *format)
{
    return strcmp(format, "arrow") == 0 || strcmp(format, "arrows") == 0;
}

/* Bodies are packed by LZ4, as Feather files are, or by what --codec says. */
static enum joist_status write_arrow(struct cli_session *session, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct convert_settings *settings)
{
    struct joist_ipc_options options = {
            .struct_size = sizeof options,
            .as_stream = strcmp(settings->to, "arrows") == 0,
            .codec = JOIST_IPC_LZ4,
            .cancel = session->cancel,
    };
    const enum joist_codec codec = settings->codec == NULL ? JOIST_CODEC_LZ4_RAW : settings->write.codec;
    if (codec == JOIST_CODEC_ZSTD) {
        options.codec = JOIST_IPC_ZSTD;
        options.level = settings->write.codec_level;
    } else if (codec == JOIST_CODEC_NONE) {
        options.codec = JOIST_IPC_NONE;
    } else if (codec != JOIST_CODEC_LZ4_RAW) {
        session->error.status = JOIST_ERR_UNSUPPORTED;
        snprintf(session->error.text, sizeof session->error.text,
                "codec %s in Arrow's format: lz4, zstd and none are", settings->codec);
        return session->error.status;
    }
    return joist_ipc_write(session->ctx, stream, sink, &options, &session->error);
}

static enum joist_status convert_rows(struct cli_session *session, const char *location,
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
    enum joist_status status = joist_sink_open(
            session->ctx, location, settings->force ? JOIST_SINK_REPLACE : JOIST_SINK_CREATE, &sink, err);
    if (status != JOIST_OK)
        return status;
    if (is_arrow(format))
        status = write_arrow(session, stream, sink, settings);
    else
        status = strcmp(format, "ndjson") == 0 ? joist_ndjson_write(session->ctx, stream, sink, &options, err)
                                               : joist_csv_write(session->ctx, stream, sink, &options, err);
    if (status == JOIST_OK)
        return joist_sink_commit(&sink, err);
    joist_sink_abort(&sink);
    return status;
}

static enum joist_status write_stream(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings)
{
    struct cli_written written = {.place = location};
    const bool is_parquet = strcmp(settings->to, "parquet") == 0;
    const enum joist_status status = is_parquet
            ? cli_convert_parquet(session, location, stream, settings, &written)
            : convert_rows(session, location, stream, settings);
    if (status != JOIST_OK || !is_parquet || strcmp(location, "-") == 0)
        return status;
    const bool is_talking = !session->common.quiet && !session->common.json;
    if ((settings->report || is_talking) && !cli_convert_is_split(settings)) {
        const enum joist_status told = cli_convert_columns(session, location, settings);
        if (told != JOIST_OK)
            return told;
    }
    cli_report(session, &written);
    return JOIST_OK;
}

/* --- the rows --- */

/* The last argument is OUT, but for --explain. */
static size_t input_count(const struct cli_arguments *arguments, const struct convert_settings *settings)
{
    return settings->explain ? arguments->count : arguments->count - 1;
}

static enum joist_status open_files(struct cli_session *session, const struct cli_arguments *arguments,
        struct convert_settings *settings, struct ArrowArrayStream *stream)
{
    struct ArrowSchema schema = {0};
    enum joist_status status = cli_wanted_open(session, &settings->wanted);
    if (status == JOIST_OK && settings->wanted.schema == NULL && settings->append &&
            settings->columns == NULL)
        status = cli_convert_target_schema(session, arguments->items[arguments->count - 1], &schema);
    if (status != JOIST_OK)
        return status;
    settings->input.wanted = &settings->wanted;
    settings->input.text.schema = schema.release != NULL ? &schema : settings->wider;
    status = cli_open_input(
            session, arguments->items, input_count(arguments, settings), &settings->input, stream);
    settings->input.text.schema = NULL;
    cli_wanted_close(&settings->wanted);
    if (schema.release != NULL)
        schema.release(&schema);
    return status;
}

/* A single Parquet file, as it is, is scanned itself, so that what cannot match is not read. */
static bool is_one_parquet(const struct cli_arguments *arguments, const struct convert_settings *settings)
{
    return input_count(arguments, settings) == 1 && settings->input.format == NULL &&
            !cli_wanted_any(&settings->wanted) && strpbrk(arguments->items[0], "*?[") == NULL &&
            strcmp(cli_format_of(arguments->items[0]), "parquet") == 0;
}

static enum joist_status open_frame(struct cli_session *session, const struct cli_arguments *arguments,
        struct convert_settings *settings, struct joist_frame **frame)
{
    struct ArrowArrayStream files = {0};
    struct joist_frame *opened = NULL;
    struct joist_error *const err = &session->error;
    enum joist_status status = JOIST_OK;
    if (is_one_parquet(arguments, settings)) {
        status = joist_frame_scan_parquet(
                session->ctx, arguments->items[0], settings->input.open, &opened, err);
    } else {
        status = open_files(session, arguments, settings, &files);
        if (status == JOIST_OK)
            status = joist_frame_scan_stream(session->ctx, &files, &opened, err);
        if (files.release != NULL)
            files.release(&files);
    }
    if (status == JOIST_OK && settings->where != NULL)
        status = joist_frame_filter(opened, settings->where, err);
    if (status == JOIST_OK && settings->columns != NULL)
        status = joist_frame_select(opened, settings->columns, err);
    if (status == JOIST_OK && settings->sort != NULL)
        status = joist_frame_sort(opened, settings->sort, err);
    if (status != JOIST_OK) {
        joist_frame_close(opened);
        return status;
    }
    *frame = opened;
    return JOIST_OK;
}

static enum joist_status open_rows(struct cli_session *session, const struct cli_arguments *arguments,
        struct convert_settings *settings, struct ArrowArrayStream *stream)
{
    struct joist_frame *frame = NULL;
    if (settings->where == NULL && settings->columns == NULL && settings->sort == NULL)
        return open_files(session, arguments, settings, stream);
    enum joist_status status = open_frame(session, arguments, settings, &frame);
    if (status == JOIST_OK)
        status = joist_frame_stream(frame, session->cancel, stream, &session->error);
    joist_frame_close(frame);
    return status;
}

static enum joist_status convert_once(
        struct cli_session *session, const struct cli_arguments *arguments, struct convert_settings *settings)
{
    struct ArrowArrayStream stream = {0};
    const char *const out = arguments->items[arguments->count - 1];
    enum joist_status status = open_rows(session, arguments, settings, &stream);
    if (status == JOIST_OK && settings->append)
        status = cli_convert_target_order(session, out, &stream);
    if (status == JOIST_OK) {
        status = settings->explain ? cli_convert_explain(session, &stream, settings)
                                   : write_stream(session, out, &stream, settings);
    }
    if (stream.release != NULL)
        stream.release(&stream);
    return status;
}

/* Whether all can be done a second time: nothing is read from a pipe, and nothing is out before the end. */
static bool is_repeatable(const struct cli_arguments *arguments, const struct convert_settings *settings)
{
    for (size_t index = 0; index < arguments->count; index++) {
        if (strcmp(arguments->items[index], "-") == 0)
            return false;
    }
    return !cli_convert_is_split(settings);
}

/*
 * Fractions of one scale are decimals where all is read again should that turn out wrong: they come out as
 * they stand in the text, and take half the room of doubles. Numbers of JSON are doubles by custom.
 */
static bool takes_decimals(const struct cli_arguments *arguments, const struct convert_settings *settings)
{
    const char *folder = strrchr(arguments->items[0], '/');
    const char *name = folder == NULL ? arguments->items[0] : folder;
    const char *format = settings->input.format != NULL ? settings->input.format : name;
    const bool is_csv = strstr(format, "csv") != NULL || strstr(format, "tsv") != NULL;
    return is_csv && !settings->doubles && is_repeatable(arguments, settings);
}

static enum cli_exit convert(
        struct cli_session *session, const struct cli_arguments *arguments, struct convert_settings *settings)
{
    struct cli_progress progress;
    struct joist_text_widening widening = {.due = false};
    cli_progress_start(&progress, "convert", &session->common);
    settings->input.text.progress = cli_progress_callback(&progress);
    settings->write.cancel = session->cancel;
    settings->input.text.infer_decimals = takes_decimals(arguments, settings);
    if (is_repeatable(arguments, settings))
        settings->input.text.widening = &widening;
    enum joist_status status = convert_once(session, arguments, settings);
    if (status != JOIST_OK && widening.due) {
        if (session->common.verbose)
            fprintf(stderr, "joist: %s; read again with wider types\n", session->error.text);
        settings->wider = &widening.schema;
        settings->input.text.widening = NULL;
        status = convert_once(session, arguments, settings);
        widening.schema.release(&widening.schema);
    }
    const enum cli_exit code = status == JOIST_OK ? CLI_DONE : cli_fail(session);
    cli_progress_end(&progress);
    return code;
}

/* --- the command line --- */

/* What is of Parquet alone; false, said on stderr, where it is asked of another format. */
static bool check_options(const struct cli_verb *verb, const struct convert_settings *settings)
{
    const struct {
        const char *name;
        bool is_asked;
    } options[] = {
            {"codec", settings->codec != NULL && !is_arrow(settings->to)},
            {"compat", settings->compat != NULL},
            {"encoding", settings->encodings.count > 0},
            {"bloom", settings->blooms.count > 0},
            {"rows-per-group", settings->rows_per_group > 0},
            {"report", settings->report},
            {"encrypt", settings->write.encryption != NULL},
            {"append", settings->append},
    };
    for (size_t index = 0; index < sizeof options / sizeof options[0]; index++) {
        if (!options[index].is_asked || strcmp(settings->to, "parquet") == 0)
            continue;
        cli_fail_usage(
                verb, "--%s is of Parquet files, and the output is %s", options[index].name, settings->to);
        return false;
    }
    return true;
}

/* The output's format is one that we write; false, said on stderr, where not. */
static bool check_output(const struct cli_verb *verb, struct convert_settings *settings, const char *location)
{
    static const char *const known[] = {"parquet", "csv", "tsv", "ndjson", "arrow", "arrows"};
    const bool is_split = cli_convert_is_split(settings);
    bool is_known = false;
    if (settings->to == NULL)
        settings->to = cli_format_of(location);
    if (settings->to[0] == '\0' && is_split)
        settings->to = "parquet";
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++)
        is_known = is_known || strcmp(settings->to, known[index]) == 0;
    if (settings->to[0] == '\0')
        cli_fail_usage(
                verb, "%s: which format? give --to parquet, csv, tsv, ndjson, arrow or arrows", location);
    else if (!is_known)
        cli_fail_usage(verb,
                "%s: %s output is not supported: parquet, csv, tsv, ndjson, arrow and arrows are", location,
                settings->to);
    else if (is_split && (strcmp(settings->to, "parquet") != 0 || strcmp(location, "-") == 0))
        cli_fail_usage(verb, "--split and --partition-by make Parquet files, and not on standard output");
    else if (settings->append && (is_split || strcmp(location, "-") == 0))
        cli_fail_usage(verb, "--append is to one Parquet file, and not to standard output");
    else if (cli_format_of(location)[0] != '\0' && strpbrk(location, "*?[") != NULL)
        cli_fail_usage(verb, "'%s' is no name for a file", location);
    else
        return check_options(verb, settings);
    return false;
}

static bool settle(
        const struct cli_verb *verb, struct convert_settings *settings, const struct cli_arguments *arguments)
{
    if (!cli_convert_options(verb, settings))
        return false;
    if (settings->report && cli_convert_is_split(settings)) {
        cli_fail_usage(verb, "--report is of one file");
        return false;
    }
    if (!settings->explain && arguments->count < 2) {
        cli_fail_usage(verb, "an argument is missing");
        return false;
    }
    return (settings->explain || check_output(verb, settings, arguments->items[arguments->count - 1])) &&
            cli_wanted_parse(verb, &settings->wanted) && cli_input_parse(verb, &settings->input);
}

static enum cli_exit run_session(const struct cli_common *common, const struct cli_arguments *arguments,
        struct convert_settings *settings)
{
    struct cli_session session;
    if (!cli_open(&session, common))
        return CLI_FAILED;
    return cli_close(&session, convert(&session, arguments, settings));
}

static enum cli_exit run_convert(const struct cli_verb *verb, int argc, char **argv)
{
    struct convert_settings settings = {.to = NULL};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"codec", CLI_TEXT, "NAME[:LEVEL]", "zstd (else), snappy, gzip, brotli, lz4 or none",
                    &settings.codec},
            {"compat", CLI_TEXT, "READERS", "v1, wide (else) or new: who must be able to read it",
                    &settings.compat},
            {"encoding", CLI_LIST, "COLUMN=NAME", "plain, dictionary, delta ...; else chosen by the values",
                    &settings.encodings},
            {"bloom", CLI_LIST, "COLUMN|auto", "a Bloom filter for this column, or where one pays",
                    &settings.blooms},
            {"as", CLI_LIST, "COLUMN=NAME",
                    "enum, json, bson, file or int96 in Parquet; int96: all timestamps",
                    &settings.annotations},
            {"shred", CLI_LIST, "COLUMN=TYPE", "columns of their own for the parts of a variant of this type",
                    &settings.shreddings},
            {"rows-per-group", CLI_NUMBER, "N", "rows of a row group at most; else 1,048,576",
                    &settings.rows_per_group},
            {"where", CLI_TEXT, "EXPRESSION", "only rows for which it is true", &settings.where},
            {"columns", CLI_TEXT, "LIST", "columns or expressions, separated by commas", &settings.columns},
            {"sort", CLI_TEXT, "LIST", "columns to sort by, each with desc or not", &settings.sort},
            {"split", CLI_SIZE, "SIZE", "many files, each of about that size", &settings.split_bytes},
            {"split-rows", CLI_NUMBER, "N", "many files, each of so many rows", &settings.split_rows},
            {"split-after", CLI_TEXT, "TIME", "a new file after 30s, 5m, 1h", &settings.split_after},
            {"partition-by", CLI_TEXT, "LIST", "folders COLUMN=VALUE below OUT", &settings.partition_by},
            {"explain", CLI_FLAG, NULL, "write nothing: what would be chosen, and the bytes of each choice",
                    &settings.explain},
            {"report", CLI_FLAG, NULL,
                    "bytes, encodings and ratio of each column also where they are over 64, or with --json",
                    &settings.report},
            {"append", CLI_FLAG, NULL, "OUT is there: its row groups stay, the rows come behind them",
                    &settings.append},
            {"force", CLI_FLAG, NULL, "replace a file that is there", &settings.force},
            {"to", CLI_TEXT, "NAME", "parquet, csv, tsv, ndjson, arrow or arrows; else by OUT's name",
                    &settings.to},
            CLI_INPUT_OPTIONS(&settings.input),
            CLI_WANTED_OPTIONS(&settings.wanted),
            {"doubles", CLI_FLAG, NULL, "CSV: fractions of one scale are doubles, not decimals",
                    &settings.doubles},
            CLI_ENCRYPT_OPTIONS(&settings.encrypt),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = CLI_ARGUMENTS_MAX};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    return settle(verb, &settings, &arguments) ? run_session(&common, &arguments, &settings) : CLI_USAGE;
}

const struct cli_verb cli_verb_convert = {
        .name = "convert",
        .usage = "convert IN... OUT",
        .summary = "writes the rows of files as another: Parquet, CSV, NDJSON",
        .details = "IN are CSV, NDJSON or Parquet files of one schema, globs or folders of them, or - for a\n"
                   "pipe (with --format); text may be packed with gzip or zstd. Folders NAME=VALUE are "
                   "columns.\n"
                   "OUT appears whole or not at all; - is standard output (with --to). With --split or\n"
                   "--partition-by it is FOLDER or FOLDER/NAME.parquet, and files are called\n"
                   "NAME_20261121_170000_8c5a4c9e.parquet.\n",
        .run = run_convert,
};
