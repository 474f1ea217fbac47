/*
 * cmd_concat.c - joist concat: row groups of Parquet files one after another in one file, undecoded
 *
 *     FILE... --row groups--> OUT          OUT --append--> its own row groups, then those of the FILEs
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct concat_settings {
    bool append;
    bool force;
    bool any_order;
    struct cli_rows groups;
    bool has_groups;
    const char *group_text;
};

/* What the inputs name: files, in their order. */
struct concat_files {
    char **names;
    size_t count;
    size_t room;
};

struct concat {
    struct cli_session *session;
    const struct concat_settings *settings;
    struct joist_parquet_writer *writer; /* NULL: nothing is written yet */
    const char *out;
    struct cli_progress progress;
    uint64_t groups;
};

static enum joist_status fail(struct joist_error *err, enum joist_status status, const char *text)
{
    err->status = status;
    snprintf(err->text, sizeof err->text, "%s", text);
    return status;
}

static enum joist_status add_file(void *user, const char *location, struct joist_error *err)
{
    struct concat_files *const files = user;
    if (files->count == files->room) {
        const size_t room = files->room == 0 ? 64 : files->room * 2;
        char **const names = realloc(files->names, room * sizeof *names);
        if (names == NULL)
            return fail(err, JOIST_ERR_NO_MEMORY, "no memory for names of files");
        files->names = names;
        files->room = room;
    }
    files->names[files->count] = strdup(location);
    if (files->names[files->count] == NULL)
        return fail(err, JOIST_ERR_NO_MEMORY, "no memory for names of files");
    files->count++;
    return JOIST_OK;
}

static void free_files(struct concat_files *files)
{
    for (size_t index = 0; index < files->count; index++)
        free(files->names[index]);
    free(files->names);
}

/* The new file, like the first one; with `whole` it begins with that one's row groups. */
static enum joist_status open_writer(struct concat *concat, struct joist_parquet_file *first, bool whole)
{
    struct joist_sink sink = {0};
    struct joist_ctx *const ctx = concat->session->ctx;
    struct joist_error *const err = &concat->session->error;
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options,
            .any_order = concat->settings->any_order,
            .cancel = concat->session->cancel,
    };
    const bool replaces = concat->settings->force || concat->settings->append;
    enum joist_status status =
            joist_sink_open(ctx, concat->out, replaces ? JOIST_SINK_REPLACE : JOIST_SINK_CREATE, &sink, err);
    if (status != JOIST_OK)
        return status;
    status = whole ? joist_parquet_append_open(ctx, first, sink, &options, &concat->writer, err)
                   : joist_parquet_like_open(ctx, first, sink, &options, &concat->writer, err);
    if (status != JOIST_OK)
        joist_sink_abort(&sink);
    return status;
}

static enum joist_status copy_groups(struct concat *concat, struct joist_parquet_file *file)
{
    const struct cli_rows *const wanted = &concat->settings->groups;
    const uint64_t count = joist_parquet_row_group_count(file);
    const uint64_t last = concat->settings->has_groups && wanted->last < count ? wanted->last : count;
    if (concat->settings->has_groups && wanted->first >= count) {
        struct joist_error *const err = &concat->session->error;
        err->status = JOIST_ERR_INVALID;
        snprintf(err->text, sizeof err->text, "row group %llu of %llu", (unsigned long long)wanted->first,
                (unsigned long long)count);
        return err->status;
    }
    for (uint64_t group = wanted->first; group < last; group++) {
        const enum joist_status status =
                joist_parquet_writer_copy(concat->writer, file, (size_t)group, 1, &concat->session->error);
        if (status != JOIST_OK)
            return status;
        concat->groups++;
    }
    return JOIST_OK;
}

static enum joist_status take_file(struct concat *concat, const char *location, bool is_out)
{
    struct joist_parquet_file *file = NULL;
    const bool is_first = concat->writer == NULL;
    const bool whole = is_out || (is_first && !concat->settings->has_groups);
    enum joist_status status = cli_open_parquet(concat->session, location, NULL, &file);
    if (status != JOIST_OK)
        return status;
    if (is_first)
        status = open_writer(concat, file, whole);
    if (status == JOIST_OK && is_first && whole)
        concat->groups = joist_parquet_row_group_count(file);
    else if (status == JOIST_OK)
        status = copy_groups(concat, file);
    joist_parquet_close(file);
    const char *const text = concat->session->error.text;
    if (status != JOIST_OK && strstr(text, location) == NULL && strstr(text, concat->out) == NULL) {
        struct joist_error *const err = &concat->session->error;
        const struct joist_error inner = *err;
        snprintf(err->text, sizeof err->text, "%.200s: %.800s", location, inner.text);
    }
    return status;
}

static enum joist_status take_files(struct concat *concat, const struct concat_files *files)
{
    const struct joist_progress told = cli_progress_callback(&concat->progress);
    enum joist_status status = concat->settings->append ? take_file(concat, concat->out, true) : JOIST_OK;
    for (size_t index = 0; index < files->count && status == JOIST_OK; index++) {
        status = take_file(concat, files->names[index], false);
        told.report(told.user, index + 1, files->count, 0);
    }
    return status;
}

static enum cli_exit run(struct cli_session *session, const struct cli_arguments *arguments,
        const struct concat_settings *settings)
{
    struct concat_files files = {.names = NULL};
    struct concat concat = {
            .session = session, .settings = settings, .out = arguments->items[arguments->count - 1]};
    struct joist_parquet_written written = {0};
    enum joist_status status = JOIST_OK;
    for (size_t index = 0; index + 1 < arguments->count && status == JOIST_OK; index++)
        status = joist_glob(session->ctx, arguments->items[index], add_file, &files, &session->error);
    cli_progress_start(&concat.progress, "concat", &session->common);
    if (status == JOIST_OK)
        status = take_files(&concat, &files);
    cli_progress_end(&concat.progress);
    free_files(&files);
    if (status == JOIST_OK)
        status = joist_parquet_writer_finish(concat.writer, &written, &session->error);
    else
        joist_parquet_writer_abort(concat.writer);
    if (status != JOIST_OK)
        return cli_fail(session);
    const struct cli_written told = {.place = concat.out,
            .rows = written.rows,
            .files = 1,
            .bytes = written.bytes,
            .row_groups = written.row_groups};
    if (strcmp(concat.out, "-") != 0)
        cli_report(session, &told);
    return CLI_DONE;
}

static bool settle(
        const struct cli_verb *verb, struct concat_settings *settings, const struct cli_arguments *arguments)
{
    const char *const out = arguments->items[arguments->count - 1];
    settings->has_groups = settings->groups.is_range || settings->groups.count > 0;
    if (settings->has_groups && !settings->groups.is_range)
        settings->groups.last = settings->groups.count;
    if (strcmp(out, "-") == 0 && settings->append)
        cli_fail_usage(verb, "--append wants a file");
    else if (cli_format_of(out)[0] != '\0' && strcmp(cli_format_of(out), "parquet") != 0)
        cli_fail_usage(verb, "%s: Parquet files become Parquet alone; joist convert makes others", out);
    else if (strpbrk(out, "*?[") != NULL)
        cli_fail_usage(verb, "'%s' is no name for a file", out);
    else
        return true;
    return false;
}

static enum cli_exit run_concat(const struct cli_verb *verb, int argc, char **argv)
{
    struct concat_settings settings = {.append = false};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"append", CLI_FLAG, NULL, "OUT is there: its row groups stay, the others come behind them",
                    &settings.append},
            {"force", CLI_FLAG, NULL, "replace a file that is there", &settings.force},
            {"row-groups", CLI_ROWS, "N|FIRST:LAST", "of each FILE only these, by number, LAST left out",
                    &settings.groups},
            {"any-order", CLI_FLAG, NULL, "also where row groups are not in the order of the first file",
                    &settings.any_order},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 2, .most = CLI_ARGUMENTS_MAX};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!settle(verb, &settings, &arguments))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    return cli_close(&session, run(&session, &arguments, &settings));
}

const struct cli_verb cli_verb_concat = {
        .name = "concat",
        .usage = "concat FILE... OUT",
        .summary = "puts the row groups of Parquet files into one, without decoding them",
        .details = "FILEs are Parquet files of one schema, globs or folders of them. OUT appears whole or "
                   "not at\n"
                   "all. Pages, page indexes and Bloom filters are copied as they are, by the kernel where "
                   "it can.\n"
                   "joist convert IN... OUT --append adds rows that are not in Parquet files.\n",
        .run = run_concat,
};
