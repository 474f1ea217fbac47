/*
 * cmd_rows.c - joist head, cat and count: the rows of a table or file
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#define HEAD_ROWS 10

struct rows_settings {
    const char *where;
    const char *columns;
    struct cli_rows rows;
    const struct joist_parquet_open_options *parquet; /* NULL: nothing was asked */
    struct cli_wanted wanted;
};

/* The columns that are wanted of files: a stream, which has been narrowed before it is filtered. */
static enum joist_status open_wanted(struct cli_session *session, const char *from,
        const struct rows_settings *settings, struct joist_frame **frame)
{
    struct ArrowArrayStream stream = {.release = NULL};
    const struct cli_input_options input = {.text = {.struct_size = sizeof input.text},
            .open = settings->parquet,
            .wanted = &settings->wanted};
    enum joist_status status = cli_open_input(session, &from, 1, &input, &stream);
    if (status == JOIST_OK)
        status = joist_frame_scan_stream(session->ctx, &stream, frame, &session->error);
    if (stream.release != NULL)
        stream.release(&stream);
    return status;
}

/* A frame over FROM, filtered and narrowed as the options say. */
static enum joist_status open_frame(struct cli_session *session, const char *from,
        const struct rows_settings *settings, struct joist_frame **frame)
{
    struct joist_frame *opened = NULL;
    struct joist_error *err = &session->error;
    enum joist_status status = cli_wanted_any(&settings->wanted)
            ? open_wanted(session, from, settings, &opened)
            : settings->parquet != NULL
            ? joist_frame_scan_parquet(session->ctx, from, settings->parquet, &opened, err)
            : joist_frame_scan(session->ctx, session->catalog, from, &opened, err);
    if (status == JOIST_OK && settings->where != NULL)
        status = joist_frame_filter(opened, settings->where, err);
    if (status == JOIST_OK && settings->columns != NULL)
        status = joist_frame_select(opened, settings->columns, err);
    if (status == JOIST_OK && settings->rows.count != 0)
        status = joist_frame_limit(opened, settings->rows.count, 0, err);
    if (status != JOIST_OK) {
        joist_frame_close(opened);
        return status;
    }
    *frame = opened;
    return JOIST_OK;
}

static enum cli_exit print_frame(struct cli_session *session, struct joist_frame *frame,
        const struct rows_settings *settings, bool box)
{
    struct ArrowArrayStream stream = {0};
    if (joist_frame_stream(frame, session->cancel, &stream, &session->error) != JOIST_OK)
        return cli_fail(session);
    return box ? cli_show(session, &stream, settings->rows.count) : cli_print_rows(session, &stream);
}

/* FIRST:LAST are numbers of a file's rows: what filters or has no such numbers does not go with it. */
static bool check_range(const struct cli_verb *verb, const struct rows_settings *settings, const char *from)
{
    if (!settings->rows.is_range)
        return true;
    if (verb == &cli_verb_count)
        cli_fail_usage(verb, "--rows FIRST:LAST is for head and cat");
    else if (settings->where != NULL)
        cli_fail_usage(verb, "--rows FIRST:LAST numbers the rows of the file: not with --where");
    else if (!cli_is_file(from) || strcmp(cli_format_of(from), "parquet") != 0)
        cli_fail_usage(verb, "--rows FIRST:LAST wants a Parquet file, not '%s'", from);
    else
        return true;
    return false;
}

static enum cli_exit print_range(
        struct cli_session *session, const char *from, const struct rows_settings *settings, bool box)
{
    struct ArrowArrayStream stream = {0};
    const struct cli_rows *const rows = &settings->rows;
    if (cli_open_rows(session, from, settings->columns, &settings->wanted, rows, settings->parquet,
                &stream) != JOIST_OK)
        return cli_fail(session);
    return box ? cli_show(session, &stream, rows->last - rows->first) : cli_print_rows(session, &stream);
}

static enum cli_exit print_count(struct cli_session *session, struct joist_frame *frame)
{
    uint64_t rows = 0;
    if (joist_frame_count(frame, &rows, &session->error) != JOIST_OK)
        return cli_fail(session);
    printf(session->common.json ? "{\"rows\":%llu}\n" : "%llu\n", (unsigned long long)rows);
    return CLI_DONE;
}

static enum cli_exit print_rows(struct cli_session *session, const struct cli_verb *verb, const char *from,
        struct rows_settings *settings)
{
    const bool is_head = verb == &cli_verb_head;
    struct joist_frame *frame = NULL;
    if (cli_wanted_open(session, &settings->wanted) != JOIST_OK)
        return cli_fail(session);
    if (settings->rows.is_range)
        return print_range(session, from, settings, is_head);
    enum cli_exit code = cli_open_catalog_for(session, from);
    if (code == CLI_DONE && open_frame(session, from, settings, &frame) != JOIST_OK)
        code = cli_fail(session);
    if (code == CLI_DONE)
        code = verb == &cli_verb_count ? print_count(session, frame)
                                       : print_frame(session, frame, settings, is_head);
    joist_frame_close(frame);
    return code;
}

static bool check_wanted(const struct cli_verb *verb, struct rows_settings *settings, const char *from)
{
    if (cli_wanted_any(&settings->wanted) && !cli_is_file(from)) {
        cli_fail_usage(verb, "--schema and --field-ids are of files, not of tables");
        return false;
    }
    return cli_wanted_parse(verb, &settings->wanted);
}

static enum cli_exit run_rows(const struct cli_verb *verb, int argc, char **argv)
{
    const bool is_head = verb == &cli_verb_head;
    struct cli_parquet parquet = {.int96 = NULL};
    struct rows_settings settings = {.rows = {.count = is_head ? HEAD_ROWS : 0}};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"where", CLI_TEXT, "EXPRESSION", "only rows for which it is true", &settings.where},
            {"columns", CLI_TEXT, "LIST", "columns or expressions, separated by commas", &settings.columns},
            {"rows", CLI_ROWS, "N|FIRST:LAST",
                    "at most so many rows (also -n); or a Parquet file's by number", &settings.rows},
            CLI_WANTED_OPTIONS(&settings.wanted),
            CLI_PARQUET_OPTIONS(&parquet),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = 1};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!check_range(verb, &settings, arguments.items[0]) ||
            !check_wanted(verb, &settings, arguments.items[0]) ||
            !cli_parquet_parse(verb, &parquet, arguments.items[0], &settings.parquet))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = print_rows(&session, verb, arguments.items[0], &settings);
    cli_wanted_close(&settings.wanted);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_head = {
        .name = "head",
        .usage = "head TABLE|FILE",
        .summary = "shows the first rows as a box",
        .run = run_rows,
};

const struct cli_verb cli_verb_cat = {
        .name = "cat",
        .usage = "cat TABLE|FILE",
        .summary = "prints all rows as CSV, or NDJSON with --json",
        .run = run_rows,
};

const struct cli_verb cli_verb_count = {
        .name = "count",
        .usage = "count TABLE|FILE",
        .summary = "prints how many rows there are",
        .run = run_rows,
};
