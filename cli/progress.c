/*
 * progress.c - one line on a terminal, for work that takes over a second
 */
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

#define BAR_CELLS 30
#define SECONDS_BEFORE 1.0
#define SECONDS_BETWEEN 0.1

void cli_progress_start(struct cli_progress *progress, const char *label, const struct cli_common *common)
{
    *progress = (struct cli_progress){
            .label = label,
            .started = cli_now(),
            .wanted = !common->quiet && !common->json && isatty(STDERR_FILENO),
    };
}

static void draw_bar(const struct cli_progress *progress, uint64_t done, uint64_t total, uint64_t rows)
{
    char bytes[32];
    char count[32];
    const double seconds = cli_now() - progress->started;
    fprintf(stderr, "\r%s ", progress->label);
    if (total != 0 && total != JOIST_SIZE_UNKNOWN) {
        const unsigned cells = (unsigned)((double)done / (double)total * BAR_CELLS);
        fputc('[', stderr);
        for (unsigned cell = 0; cell < BAR_CELLS; cell++)
            fputc(cell < cells ? '=' : ' ', stderr);
        fprintf(stderr, "] %3u %%", (unsigned)((double)done / (double)total * 100));
    }
    fprintf(stderr, " %s rows, %s/s\033[K", cli_count_text(rows, count),
            cli_bytes_text((uint64_t)((double)done / seconds), bytes));
}

static void report(void *user, uint64_t done, uint64_t total, uint64_t rows)
{
    struct cli_progress *progress = user;
    const double now = cli_now();
    if (!progress->wanted || now - progress->started < SECONDS_BEFORE ||
            now - progress->shown < SECONDS_BETWEEN)
        return;
    progress->shown = now;
    progress->visible = true;
    draw_bar(progress, done, total, rows);
}

struct joist_progress cli_progress_callback(struct cli_progress *progress)
{
    return (struct joist_progress){.user = progress, .report = report};
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->visible)
        fputs("\r\033[K", stderr);
    progress->visible = false;
}
