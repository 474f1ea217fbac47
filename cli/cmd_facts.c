/*
 * cmd_facts.c - joist tables, schema, history, files and inspect: what there is to know
 */
#include "cli.h"

#include <stdio.h>

struct facts_settings {
    uint64_t snapshot;
    const char *ref;
    bool sync;
    const struct joist_parquet_open_options *parquet; /* NULL: nothing was asked */
    bool pages;
};

static enum cli_exit show_if(
        struct cli_session *session, enum joist_status status, struct ArrowArrayStream *stream)
{
    return status == JOIST_OK ? cli_show(session, stream, UINT64_MAX) : cli_fail(session);
}

static enum cli_exit show_tables(struct cli_session *session, bool sync)
{
    struct ArrowArrayStream stream = {0};
    uint64_t renewed = 0;
    if (sync) {
        if (joist_catalog_sync(session->catalog, &renewed, &session->error) != JOIST_OK)
            return cli_fail(session);
        if (!session->common.quiet)
            fprintf(stderr, "joist: %llu tables renewed\n", (unsigned long long)renewed);
    }
    return show_if(session, joist_catalog_tables(session->catalog, &stream, &session->error), &stream);
}

/* The columns of a file, from the schema of its rows. */
static enum cli_exit show_file_schema(
        struct cli_session *session, const char *from, const struct facts_settings *settings)
{
    struct joist_frame *frame = NULL;
    struct ArrowArrayStream rows = {0};
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema schema = {0};
    struct joist_error *err = &session->error;
    enum joist_status status = settings->parquet != NULL
            ? joist_frame_scan_parquet(session->ctx, from, settings->parquet, &frame, err)
            : joist_frame_scan(session->ctx, NULL, from, &frame, err);
    if (status == JOIST_OK)
        status = joist_frame_stream(frame, session->cancel, &rows, err);
    if (status == JOIST_OK && rows.get_schema(&rows, &schema) == 0) {
        status = joist_schema_rows(session->ctx, &schema, &stream, err);
        schema.release(&schema);
    }
    if (rows.release != NULL)
        rows.release(&rows);
    joist_frame_close(frame);
    return show_if(session, status, &stream);
}

static enum cli_exit show_inspection(
        struct cli_session *session, const char *from, const struct facts_settings *settings)
{
    const struct joist_parquet_inspect_options options = {
            .struct_size = sizeof options, .pages = settings->pages, .cancel = session->cancel};
    struct joist_source source = {0};
    struct joist_parquet_file *file = NULL;
    struct joist_sink out = {0};
    struct joist_error *err = &session->error;
    enum joist_status status = joist_source_open(session->ctx, from, &source, err);
    if (status == JOIST_OK) {
        status = joist_parquet_open(session->ctx, source, settings->parquet, &file, err);
        if (status != JOIST_OK)
            joist_source_close(&source);
    }
    if (status == JOIST_OK)
        status = joist_sink_open(session->ctx, "-", JOIST_SINK_REPLACE, &out, err);
    if (status == JOIST_OK) {
        status = session->common.json ? joist_parquet_inspect(file, &options, out, err)
                                      : joist_parquet_describe(file, &options, out, err);
        if (status == JOIST_OK)
            status = joist_sink_commit(&out, err);
        else
            joist_sink_abort(&out);
    }
    joist_parquet_close(file);
    return status == JOIST_OK ? CLI_DONE : cli_fail(session);
}

static enum cli_exit show_facts(struct cli_session *session, const struct cli_verb *verb, const char *name,
        const struct facts_settings *settings)
{
    struct ArrowArrayStream stream = {0};
    struct joist_error *err = &session->error;
    const struct joist_snapshot_choice choice = {
            .snapshot_id = (int64_t)settings->snapshot,
            .ref = settings->ref,
    };
    if (verb == &cli_verb_tables)
        return show_tables(session, settings->sync);
    if (verb == &cli_verb_history)
        return show_if(session, joist_table_history(session->catalog, name, &stream, err), &stream);
    if (verb == &cli_verb_files)
        return show_if(session, joist_table_files(session->catalog, name, &choice, &stream, err), &stream);
    return show_if(session, joist_table_schema_rows(session->catalog, name, &stream, err), &stream);
}

static enum cli_exit run_facts(const struct cli_verb *verb, int argc, char **argv)
{
    struct facts_settings settings = {0};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    struct cli_parquet parquet = {.int96 = NULL};
    const struct cli_option none[] = {{NULL, CLI_FLAG, NULL, NULL, NULL}};
    const struct cli_option file_options[] = {
            CLI_PARQUET_OPTIONS(&parquet),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_option tables_options[] = {
            {"sync", CLI_FLAG, NULL, "renew the schema mirror of tables that others changed", &settings.sync},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_option files_options[] = {
            {"snapshot", CLI_NUMBER, "ID", "of this snapshot", &settings.snapshot},
            {"ref", CLI_TEXT, "NAME", "of this branch or tag", &settings.ref},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_option inspect_options[] = {
            {"pages", CLI_FLAG, NULL, "each page, the page index, Bloom filters", &settings.pages},
            CLI_PARQUET_OPTIONS(&parquet),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const bool is_tables = verb == &cli_verb_tables;
    const size_t wanted = is_tables ? 0 : 1;
    const struct cli_parse parse = {
            .verb = verb,
            .options = is_tables                ? tables_options
                    : verb == &cli_verb_files   ? files_options
                    : verb == &cli_verb_inspect ? inspect_options
                    : verb == &cli_verb_schema  ? file_options
                                                : none,
            .least = wanted,
            .most = wanted,
    };
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    const char *name = wanted == 1 ? arguments.items[0] : "";
    if (wanted == 1 && !cli_parquet_parse(verb, &parquet, name, &settings.parquet))
        return CLI_USAGE;
    const bool is_file = verb == &cli_verb_inspect || (verb == &cli_verb_schema && cli_is_file(name));
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    if (!is_file)
        code = cli_open_catalog(&session, false);
    if (code == CLI_DONE && verb == &cli_verb_inspect)
        code = show_inspection(&session, name, &settings);
    else if (code == CLI_DONE && is_file)
        code = show_file_schema(&session, name, &settings);
    else if (code == CLI_DONE)
        code = show_facts(&session, verb, name, &settings);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_tables = {
        .name = "tables",
        .usage = "tables",
        .summary = "lists the tables of the warehouse",
        .run = run_facts,
};

const struct cli_verb cli_verb_schema = {
        .name = "schema",
        .usage = "schema TABLE|FILE",
        .summary = "shows columns, types, field ids and partitions",
        .run = run_facts,
};

const struct cli_verb cli_verb_history = {
        .name = "history",
        .usage = "history TABLE",
        .summary = "lists the snapshots of a table",
        .run = run_facts,
};

const struct cli_verb cli_verb_files = {
        .name = "files",
        .usage = "files TABLE",
        .summary = "lists the data files: size, rows, partition, creation time",
        .run = run_facts,
};

const struct cli_verb cli_verb_inspect = {
        .name = "inspect",
        .usage = "inspect FILE",
        .summary = "shows what a Parquet file says of itself: groups, chunks, encodings, statistics",
        .run = run_facts,
};
