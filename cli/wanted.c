/*
 * wanted.c - the columns that are wanted of files: a schema, or field ids
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "3, 1": numbers between commas. */
static bool parse_ids(struct cli_wanted *wanted)
{
    const char *at = wanted->field_ids;
    for (;;) {
        char *end = NULL;
        at += strspn(at, " ");
        errno = 0;
        const long id = isdigit((unsigned char)*at) ? strtol(at, &end, 10) : -1;
        if (id < 0 || id > INT32_MAX || errno != 0 || wanted->id_count == CLI_LIST_MAX)
            return false;
        wanted->ids[wanted->id_count++] = (int32_t)id;
        at = end + strspn(end, " ");
        if (*at == '\0')
            return true;
        if (*at++ != ',')
            return false;
    }
}

bool cli_wanted_parse(const struct cli_verb *verb, struct cli_wanted *wanted)
{
    if (wanted->schema != NULL && wanted->field_ids != NULL) {
        cli_fail_usage(verb, "--schema and --field-ids do not go together");
        return false;
    }
    if (wanted->field_ids != NULL && !parse_ids(wanted)) {
        cli_fail_usage(
                verb, "--field-ids: '%s' is no list of at most %d numbers", wanted->field_ids, CLI_LIST_MAX);
        return false;
    }
    return true;
}

bool cli_wanted_any(const struct cli_wanted *wanted)
{
    return wanted->schema != NULL || wanted->field_ids != NULL;
}

enum joist_status cli_wanted_open(struct cli_session *session, struct cli_wanted *wanted)
{
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    struct joist_error *const err = &session->error;
    if (wanted->schema == NULL)
        return JOIST_OK;
    enum joist_status status = joist_builder_open(session->ctx, wanted->schema, &builder, err);
    if (status == JOIST_OK)
        status = joist_builder_take(builder, &stream, err);
    joist_builder_close(builder);
    if (status != JOIST_OK)
        return status;
    if (stream.get_schema(&stream, &wanted->parsed) != 0) {
        err->status = status = JOIST_ERR_NO_MEMORY;
        snprintf(err->text, sizeof err->text, "no memory for the schema");
    }
    stream.release(&stream);
    return status;
}

void cli_wanted_close(struct cli_wanted *wanted)
{
    if (wanted->parsed.release != NULL)
        wanted->parsed.release(&wanted->parsed);
}

void cli_wanted_read(const struct cli_wanted *wanted, struct joist_parquet_read_options *options)
{
    if (wanted->parsed.release != NULL)
        options->schema = &wanted->parsed;
    if (wanted->field_ids != NULL) {
        options->field_ids = wanted->ids;
        options->field_id_count = wanted->id_count;
    }
}
