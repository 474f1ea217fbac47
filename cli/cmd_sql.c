/*
 * cmd_sql.c - joist sql: one SELECT over tables and files
 */
#include "cli.h"

#include <stdio.h>

#define SQL_ROWS_SHOWN 1000

static enum cli_exit explain(
        struct cli_session *session, const char *statement, const struct joist_sql_options *options)
{
    struct joist_sink out = {0};
    enum joist_status status = joist_sink_open(session->ctx, "-", JOIST_SINK_REPLACE, &out, &session->error);
    if (status == JOIST_OK) {
        status = joist_sql_explain(session->ctx, statement, options, out, &session->error);
        if (status == JOIST_OK)
            status = joist_sink_commit(&out, &session->error);
        else
            joist_sink_abort(&out);
    }
    return status == JOIST_OK ? CLI_DONE : cli_fail(session);
}

static enum cli_exit run_sql(const struct cli_verb *verb, int argc, char **argv)
{
    bool csv = false;
    bool wants_explain = false;
    uint64_t rows = SQL_ROWS_SHOWN;
    struct cli_common common = {0};
    struct cli_parquet parquet = {.int96 = NULL};
    const struct joist_parquet_open_options *open = NULL;
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"csv", CLI_FLAG, NULL, "all rows as CSV instead of a box", &csv},
            {"rows", CLI_NUMBER, "N", "rows that the box shows; else 1000", &rows},
            {"explain", CLI_FLAG, NULL, "print the plan; run nothing", &wants_explain},
            CLI_PARQUET_OPTIONS(&parquet),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = 1};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!cli_parquet_parse(verb, &parquet, NULL, &open))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    if (cli_has_warehouse(&common))
        code = cli_open_catalog(&session, false);
    struct ArrowArrayStream stream = {0};
    const struct joist_sql_options sql = {
            .struct_size = sizeof sql,
            .catalog = session.catalog,
            .cancel = session.cancel,
            .parquet = open,
    };
    if (code == CLI_DONE && wants_explain) {
        code = explain(&session, arguments.items[0], &sql);
    } else if (code == CLI_DONE) {
        if (joist_sql_query(session.ctx, arguments.items[0], &sql, &stream, &session.error) != JOIST_OK)
            code = cli_fail(&session);
        else
            code = csv ? cli_print_rows(&session, &stream) : cli_show(&session, &stream, rows);
    }
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_sql = {
        .name = "sql",
        .usage = "sql STATEMENT",
        .summary = "answers one SELECT over tables (ns.table) and files ('logs/*.parquet')",
        .details = "select ... from T [for version as of N | for timestamp as of timestamp '...']\n"
                   "  [where ...] [group by ...] [having ...] [order by ...] [limit N]\n",
        .run = run_sql,
};
