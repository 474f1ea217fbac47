/*
 * convert_append.c - joist convert --append: what the file that is there asks of the rows that come behind
 */
#include "convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum joist_status cli_convert_target_schema(
        struct cli_session *session, const char *location, struct ArrowSchema *schema)
{
    struct joist_parquet_file *file = NULL;
    enum joist_status status = cli_open_parquet(session, location, NULL, &file);
    if (status == JOIST_OK)
        status = joist_parquet_schema(file, schema, &session->error);
    joist_parquet_close(file);
    return status;
}

static bool has_same_names(const struct ArrowSchema *a, const struct ArrowSchema *b)
{
    bool is_same = a->n_children == b->n_children;
    for (int64_t index = 0; index < a->n_children && is_same; index++)
        is_same = strcmp(a->children[index]->name, b->children[index]->name) == 0;
    return is_same;
}

static bool has_name(const struct ArrowSchema *schema, const char *name)
{
    for (int64_t index = 0; index < schema->n_children; index++)
        if (strcmp(schema->children[index]->name, name) == 0)
            return true;
    return false;
}

/* "a", "b""c": the columns as a list of expressions; NULL where there is no memory. */
static char *list_columns(const struct ArrowSchema *schema)
{
    size_t room = 1;
    for (int64_t index = 0; index < schema->n_children; index++)
        room += 2 * strlen(schema->children[index]->name) + 4;
    char *const list = malloc(room);
    char *to = list;
    for (int64_t index = 0; index < schema->n_children && list != NULL; index++) {
        *to++ = index > 0 ? ',' : ' ';
        *to++ = '"';
        for (const char *from = schema->children[index]->name; *from != '\0'; from++) {
            if (*from == '"')
                *to++ = '"';
            *to++ = *from;
        }
        *to++ = '"';
    }
    if (list != NULL)
        *to = '\0';
    return list;
}

static enum joist_status fail(
        struct joist_error *err, enum joist_status status, const char *text, const char *name)
{
    err->status = status;
    snprintf(err->text, sizeof err->text, text, name);
    return status;
}

static enum joist_status select_columns(
        struct cli_session *session, const struct ArrowSchema *target, struct ArrowArrayStream *stream)
{
    struct joist_frame *frame = NULL;
    struct joist_error *const err = &session->error;
    char *const list = list_columns(target);
    if (list == NULL)
        return fail(err, JOIST_ERR_NO_MEMORY, "no memory for the names of columns%s", "");
    enum joist_status status = joist_frame_scan_stream(session->ctx, stream, &frame, err);
    if (status == JOIST_OK)
        status = joist_frame_select(frame, list, err);
    if (status == JOIST_OK)
        status = joist_frame_stream(frame, session->cancel, stream, err);
    joist_frame_close(frame);
    free(list);
    return status;
}

static enum joist_status check_names(
        const struct ArrowSchema *target, const struct ArrowSchema *own, struct joist_error *err)
{
    for (int64_t index = 0; index < target->n_children; index++)
        if (!has_name(own, target->children[index]->name))
            return fail(err, JOIST_ERR_INVALID, "the rows have no column '%s', and the file has",
                    target->children[index]->name);
    for (int64_t index = 0; index < own->n_children; index++)
        if (!has_name(target, own->children[index]->name))
            return fail(err, JOIST_ERR_INVALID, "the rows have a column '%s', and the file has none",
                    own->children[index]->name);
    return JOIST_OK;
}

enum joist_status cli_convert_target_order(
        struct cli_session *session, const char *location, struct ArrowArrayStream *stream)
{
    struct ArrowSchema target = {.release = NULL};
    struct ArrowSchema own = {.release = NULL};
    enum joist_status status = cli_convert_target_schema(session, location, &target);
    if (status != JOIST_OK)
        return status;
    if (stream->get_schema(stream, &own) != 0)
        status = fail(&session->error, JOIST_ERR_INVALID, "the rows have no schema%s", "");
    if (status == JOIST_OK && !has_same_names(&target, &own)) {
        status = check_names(&target, &own, &session->error);
        if (status == JOIST_OK)
            status = select_columns(session, &target, stream);
    }
    if (own.release != NULL)
        own.release(&own);
    target.release(&target);
    return status;
}
