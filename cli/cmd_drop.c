/*
 * cmd_drop.c - joist drop: takes a table out of the catalog, with --purge its files too
 */
#include "cli.h"

#include <stdio.h>

static enum cli_exit drop_table(struct cli_session *session, const char *table, bool purge)
{
    uint64_t removed = 0;
    if (joist_table_drop(session->catalog, table, purge, &removed, &session->error) != JOIST_OK)
        return cli_fail(session);
    if (session->common.json)
        printf("{\"dropped\":\"%s\",\"files_removed\":%llu}\n", table, (unsigned long long)removed);
    else if (session->common.quiet)
        return CLI_DONE;
    else if (purge)
        printf("dropped %s and removed %llu files\n", table, (unsigned long long)removed);
    else
        printf("dropped %s; its files are still there\n", table);
    return CLI_DONE;
}

static enum cli_exit run_drop(const struct cli_verb *verb, int argc, char **argv)
{
    bool purge = false;
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"purge", CLI_FLAG, NULL, "remove the files that the table's metadata names, too", &purge},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = 1};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = cli_open_catalog(&session, false);
    if (code == CLI_DONE)
        code = drop_table(&session, arguments.items[0], purge);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_drop = {
        .name = "drop",
        .usage = "drop TABLE",
        .summary = "takes a table out of the catalog; its files stay unless --purge",
        .run = run_drop,
};
