/*
 * output.c - rows and numbers on standard output
 */
#include "cli.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

static enum cli_exit print_stream(struct cli_session *session, struct ArrowArrayStream *stream,
        const struct joist_show_options *options)
{
    struct joist_sink out = {0};
    enum joist_status status = joist_sink_open(session->ctx, "-", JOIST_SINK_REPLACE, &out, &session->error);
    if (status == JOIST_OK) {
        status = joist_show(session->ctx, stream, out, options, NULL, &session->error);
        if (status == JOIST_OK)
            status = joist_sink_commit(&out, &session->error);
        else
            joist_sink_abort(&out);
    }
    stream->release(stream);
    return status == JOIST_OK ? CLI_DONE : cli_fail(session);
}

enum cli_exit cli_show(struct cli_session *session, struct ArrowArrayStream *stream, uint64_t rows_max)
{
    const struct joist_show_options options = {
            .struct_size = sizeof options,
            .style = session->common.json ? JOIST_SHOW_NDJSON : JOIST_SHOW_TABLE,
            .rows_max = rows_max,
            .width_max = terminal_width(),
    };
    return print_stream(session, stream, &options);
}

enum cli_exit cli_print_rows(struct cli_session *session, struct ArrowArrayStream *stream)
{
    const struct joist_show_options options = {
            .struct_size = sizeof options,
            .style = session->common.json ? JOIST_SHOW_NDJSON : JOIST_SHOW_CSV,
    };
    return print_stream(session, stream, &options);
}

const char *cli_bytes_text(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    uint64_t whole = bytes;
    uint64_t rest = 0;
    while (whole >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        rest = whole % 1024;
        whole /= 1024;
        unit++;
    }
    if (unit == 0)
        snprintf(out, 32, "%llu B", (unsigned long long)whole);
    else
        snprintf(out, 32, "%llu.%llu %s", (unsigned long long)whole, (unsigned long long)(rest * 10 / 1024),
                units[unit]);
    return out;
}

const char *cli_count_text(uint64_t count, char out[32])
{
    char digits[24];
    const int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    size_t used = 0;
    for (int index = 0; index < size; index++) {
        if (index > 0 && (size - index) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[index];
    }
    out[used] = '\0';
    return out;
}
