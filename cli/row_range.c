/*
 * row_range.c - the rows FIRST to LAST of a Parquet file, by its page index where it has one
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#define NAMES_BYTES_MAX 4096

struct name_list {
    char text[NAMES_BYTES_MAX];
    const char *names[CLI_LIST_MAX];
    size_t count;
};

static enum joist_status fail(struct cli_session *session, enum joist_status status, const char *text)
{
    session->error.status = status;
    snprintf(session->error.text, sizeof session->error.text, "%s", text);
    return status;
}

/* The names between commas, spaces around them apart. */
static bool split_names(const char *columns, struct name_list *list)
{
    const int size = snprintf(list->text, sizeof list->text, "%s", columns);
    if (size < 0 || (size_t)size >= sizeof list->text)
        return false;
    char *rest = NULL;
    list->count = 0;
    for (char *name = strtok_r(list->text, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest)) {
        name += strspn(name, " ");
        for (size_t end = strlen(name); end > 0 && name[end - 1] == ' '; end--)
            name[end - 1] = '\0';
        if (list->count == CLI_LIST_MAX)
            return false;
        list->names[list->count++] = name;
    }
    return true;
}

static enum joist_status read_rows(struct cli_session *session, struct joist_parquet_file *file,
        const char *columns, const struct cli_wanted *wanted, const struct cli_rows *rows,
        struct ArrowArrayStream *stream)
{
    struct name_list list = {.count = 0};
    const uint64_t count = joist_parquet_row_count(file);
    if (rows->first > 0 && rows->first >= count) {
        char text[128];
        snprintf(text, sizeof text, "row %llu of a file with %llu rows", (unsigned long long)rows->first,
                (unsigned long long)count);
        return fail(session, JOIST_ERR_INVALID, text);
    }
    struct joist_parquet_read_options options = {
            .struct_size = sizeof options,
            .row_start = rows->first,
            .row_count = rows->last == UINT64_MAX ? 0 : rows->last - rows->first,
            .cancel = session->cancel,
    };
    cli_wanted_read(wanted, &options);
    if (columns != NULL) {
        if (!split_names(columns, &list))
            return fail(session, JOIST_ERR_LIMIT, "--columns is too long");
        options.columns = list.names;
        options.column_count = list.count;
    }
    return joist_parquet_read(file, &options, stream, &session->error);
}

enum joist_status cli_open_rows(struct cli_session *session, const char *location, const char *columns,
        const struct cli_wanted *wanted, const struct cli_rows *rows,
        const struct joist_parquet_open_options *options, struct ArrowArrayStream *stream)
{
    struct joist_source source = {0};
    struct joist_parquet_file *file = NULL;
    enum joist_status status = joist_source_open(session->ctx, location, &source, &session->error);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_open(session->ctx, source, options, &file, &session->error);
    if (status != JOIST_OK) {
        joist_source_close(&source);
        return status;
    }
    status = read_rows(session, file, columns, wanted, rows, stream);
    joist_parquet_close(file);
    return status;
}
