/*
 * cmd_check.c - joist check: a Parquet file against the specification
 *
 * A line a finding on standard output; exit 0 where there is none, 1 where there are, 3 where the file, or a
 * part of it, cannot be looked at.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

struct check_settings {
    bool notes;
    uint64_t findings;
    const struct joist_parquet_open_options *parquet; /* NULL: nothing was asked */
};

struct check_output {
    bool json;
};

static void print_json_text(const char *text)
{
    putchar('"');
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte < 0x20)
            printf("\\u%04x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

static const char *kind_name(enum joist_finding_kind kind)
{
    return kind == JOIST_FINDING_NOTE ? "note" : kind == JOIST_FINDING_UNVERIFIED ? "unverified" : "fault";
}

static void print_json(const struct joist_parquet_finding *finding)
{
    printf("{\"code\":\"%s\",\"kind\":\"%s\"", finding->code, kind_name(finding->kind));
    if (finding->group >= 0)
        printf(",\"group\":%lld", (long long)finding->group);
    if (finding->column != NULL) {
        fputs(",\"column\":", stdout);
        print_json_text(finding->column);
    }
    if (finding->page >= 0)
        printf(",\"page\":%lld", (long long)finding->page);
    if (finding->offset >= 0)
        printf(",\"offset\":%lld", (long long)finding->offset);
    fputs(",\"text\":", stdout);
    print_json_text(finding->text);
    fputs("}\n", stdout);
}

static void print_plain(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        putchar((unsigned char)*at < 0x20 || *at == 0x7f ? '.' : *at);
}

/* "row group 0, column 'a.b', page 3: null-count: ..." */
static void print_line(const struct joist_parquet_finding *finding)
{
    const char *between = "";
    if (finding->group >= 0) {
        printf("row group %lld", (long long)finding->group);
        between = ", ";
    }
    if (finding->column != NULL) {
        printf("%scolumn '", between);
        print_plain(finding->column);
        putchar('\'');
        between = ", ";
    }
    if (finding->page >= 0) {
        printf("%spage %lld", between, (long long)finding->page);
        between = ", ";
    }
    if (finding->offset >= 0) {
        printf("%sbyte %lld", between, (long long)finding->offset);
        between = ", ";
    }
    if (*between == '\0')
        fputs("file", stdout);
    if (finding->kind != JOIST_FINDING_FAULT)
        printf(": %s", kind_name(finding->kind));
    printf(": %s: ", finding->code);
    print_plain(finding->text);
    putchar('\n');
}

static enum joist_status print_finding(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    const struct check_output *const output = user;
    (void)err;
    if (output->json)
        print_json(finding);
    else
        print_line(finding);
    return JOIST_OK;
}

static enum cli_exit say_result(
        const struct cli_session *session, const char *from, const struct joist_parquet_checked *checked)
{
    const uint64_t found = checked->faults + checked->unverified;
    const uint64_t more = found - checked->told;
    if (session->common.json) {
        /* Only findings are printed. */
    } else if (more > 0) {
        printf("and %llu more\n", (unsigned long long)more);
    } else if (found == 0 && !session->common.quiet) {
        char pages[32];
        char values[32];
        printf("%s: ok, %s values in %s pages\n", from, cli_count_text(checked->values, values),
                cli_count_text(checked->pages, pages));
    }
    if (checked->faults > 0)
        return CLI_NO;
    return checked->unverified > 0 ? CLI_FAILED : CLI_DONE;
}

static enum cli_exit check_file(
        struct cli_session *session, const char *from, const struct check_settings *settings)
{
    struct joist_source source = {0};
    struct joist_parquet_file *file = NULL;
    struct joist_error *err = &session->error;
    struct check_output output = {.json = session->common.json};
    const struct joist_parquet_check_options options = {
            .struct_size = sizeof options,
            .finding = print_finding,
            .user = &output,
            .findings_max = settings->findings,
            .notes = settings->notes,
            .cancel = session->cancel,
    };
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    enum joist_status status = joist_source_open(session->ctx, from, &source, err);
    if (status == JOIST_OK) {
        status = joist_parquet_open(session->ctx, source, settings->parquet, &file, err);
        if (status != JOIST_OK)
            joist_source_close(&source);
    }
    if (status == JOIST_OK)
        status = joist_parquet_check(file, &options, &checked, err);
    joist_parquet_close(file);
    return status == JOIST_OK ? say_result(session, from, &checked) : cli_fail(session);
}

static enum cli_exit run_check(const struct cli_verb *verb, int argc, char **argv)
{
    struct check_settings settings = {.findings = 0};
    struct cli_parquet parquet = {.int96 = NULL};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"notes", CLI_FLAG, NULL, "what is legal and of old too", &settings.notes},
            {"findings", CLI_NUMBER, "N", "at most so many lines; else 1,000", &settings.findings},
            CLI_PARQUET_OPTIONS(&parquet),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = 1};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!cli_parquet_parse(verb, &parquet, arguments.items[0], &settings.parquet))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = check_file(&session, arguments.items[0], &settings);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_check = {
        .name = "check",
        .usage = "check FILE",
        .summary = "holds all that a Parquet file says of itself against its pages",
        .run = run_check,
};
