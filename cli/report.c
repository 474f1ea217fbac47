/*
 * report.c - the last line of a verb that writes: rows, files, bytes, time, memory
 */
#include "cli.h"

#include <stdio.h>

static void print_object(const struct cli_written *written, double seconds, uint64_t peak_bytes)
{
    printf("{");
    if (written->is_table)
        printf("\"table\":\"%s\",", written->place);
    printf("\"rows\":%llu,\"files\":%llu,\"bytes\":%llu,", (unsigned long long)written->rows,
            (unsigned long long)written->files, (unsigned long long)written->bytes);
    if (written->is_table)
        printf("\"snapshot_id\":%lld,", (long long)written->snapshot_id);
    if (written->row_groups > 0)
        printf("\"row_groups\":%llu,", (unsigned long long)written->row_groups);
    printf("\"small_files\":%llu,\"seconds\":%.3f,\"peak_memory_bytes\":%llu}\n",
            (unsigned long long)written->small_files, seconds, (unsigned long long)peak_bytes);
}

static void print_line(const struct cli_written *written, double seconds, const char *peak)
{
    char rows[32];
    char bytes[32];
    cli_count_text(written->rows, rows);
    if (written->is_check) {
        printf("%s rows fit %s, in %.2f s, peak memory %s\n", rows, written->place, seconds, peak);
        return;
    }
    if (!written->is_table)
        printf("%s: ", written->place);
    printf("%s rows", rows);
    if (written->is_table || written->files != 1)
        printf(" in %llu file%s", (unsigned long long)written->files, written->files == 1 ? "" : "s");
    if (written->row_groups > 0)
        printf(" in %llu row group%s", (unsigned long long)written->row_groups,
                written->row_groups == 1 ? "" : "s");
    printf(", %s, in %.2f s, peak memory %s", cli_bytes_text(written->bytes, bytes), seconds, peak);
    if (written->is_table)
        printf(", snapshot %lld", (long long)written->snapshot_id);
    printf("\n");
}

void cli_report(const struct cli_session *session, const struct cli_written *written)
{
    char peak[32];
    const double seconds = cli_now() - session->started;
    const uint64_t peak_bytes = cli_peak_rss_bytes();
    if (session->common.quiet)
        return;
    if (session->common.json) {
        print_object(written, seconds, peak_bytes);
        return;
    }
    print_line(written, seconds, cli_bytes_text(peak_bytes, peak));
    if (written->small_files > 0)
        fprintf(stderr,
                "joist: more partitions than may be open (%d) or fit the memory: %llu files were finished "
                "early; sorted input or more --memory makes larger ones\n",
                written->is_table ? 256 : 64, (unsigned long long)written->small_files);
}
