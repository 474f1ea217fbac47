/*
 * session.c - the context that a verb works in, and how it ends
 */
#include "cli.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static struct joist_cancel interrupted;

static void on_signal(int number)
{
    (void)number;
    joist_cancel_request(&interrupted);
}

double cli_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

uint64_t cli_peak_rss_bytes(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void on_log(void *user, enum joist_log_level level, const char *text)
{
    (void)user;
    (void)level;
    fprintf(stderr, "joist: %s\n", text);
}

/* What the process needs beside what the library counts: the program, stacks, the C library's own heap. */
static uint64_t library_bytes(uint64_t process_bytes)
{
    const uint64_t least = (uint64_t)24 << 20;
    const uint64_t share = process_bytes / 16;
    return process_bytes - (share > least ? share : least);
}

/* Said at once, and not after an hour. */
static bool check_scratch(const struct cli_common *common)
{
    if (common->scratch == NULL || common->scratch[0] == '\0' || access(common->scratch, W_OK | X_OK) == 0)
        return true;
    fprintf(stderr, "joist: --scratch: '%s' is no folder that can be written to\n", common->scratch);
    return false;
}

/* The library reads no environment: the host says where TMPDIR is. */
static const char *scratch_folder(const struct cli_common *common)
{
    const char *const folder = common->scratch != NULL ? common->scratch : getenv("TMPDIR");
    return common->scratch == NULL && folder != NULL && folder[0] == '\0' ? NULL : folder;
}

bool cli_open(struct cli_session *session, const struct cli_common *common)
{
    memset(session, 0, sizeof *session);
    session->common = *common;
    session->cancel = &interrupted;
    session->started = cli_now();
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);

    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 1)
        cores = 1;
    const struct joist_logger logger = {
            .level = common->verbose ? JOIST_LOG_DEBUG : JOIST_LOG_WARN,
            .log = on_log,
    };
    const struct joist_ctx_options options = {
            .struct_size = sizeof options,
            .memory_bytes_max = common->memory_bytes != 0 ? library_bytes(common->memory_bytes) : 0,
            .threads = common->threads != 0 ? (unsigned)common->threads : (unsigned)cores,
            .logger = &logger,
            .scratch_folder = scratch_folder(common),
            .scratch_bytes_max = common->scratch_bytes,
    };
    if (!check_scratch(common))
        return false;
    if (joist_ctx_open(&options, &session->ctx, &session->error) != JOIST_OK) {
        cli_fail(session);
        return false;
    }
    return true;
}

static const char *named_warehouse(const struct cli_common *common)
{
    const char *name = common->warehouse;
    if (name == NULL)
        name = getenv("JOIST_WAREHOUSE");
    return name != NULL && name[0] != '\0' ? name : NULL;
}

bool cli_has_warehouse(const struct cli_common *common)
{
    return named_warehouse(common) != NULL;
}

enum cli_exit cli_open_catalog(struct cli_session *session, bool create)
{
    const char *warehouse = named_warehouse(&session->common);
    if (warehouse == NULL) {
        fputs("joist: which warehouse? give --warehouse DIR or set JOIST_WAREHOUSE\n", stderr);
        return CLI_USAGE;
    }
    const struct joist_catalog_options options = {
            .struct_size = sizeof options,
            .catalog_name = session->common.catalog_name,
            .must_exist = !create,
    };
    if (joist_catalog_open(session->ctx, warehouse, &options, &session->catalog, &session->error) != JOIST_OK)
        return cli_fail(session);
    return CLI_DONE;
}

enum cli_exit cli_open_catalog_for(struct cli_session *session, const char *from)
{
    if (cli_is_file(from))
        return CLI_DONE;
    return cli_open_catalog(session, false);
}

enum cli_exit cli_close(struct cli_session *session, enum cli_exit code)
{
    joist_catalog_close(session->catalog);
    joist_ctx_close(session->ctx);
    return code;
}

enum cli_exit cli_fail(struct cli_session *session)
{
    fprintf(stderr, "joist: %s\n", session->error.text);
    return CLI_FAILED;
}

enum cli_exit cli_fail_usage(const struct cli_verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "joist %s: ", verb->name);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nusage: joist %s [options]; joist %s --help tells more\n", verb->usage, verb->name);
    va_end(arguments);
    return CLI_USAGE;
}

bool cli_is_file(const char *argument)
{
    return strcmp(argument, "-") == 0 || strpbrk(argument, "/*?[") != NULL ||
            cli_format_of(argument)[0] != '\0';
}
