/*
 * convert_write.c - the Parquet files that joist convert writes: one, or as many as the options ask for
 */
#include "convert.h"

#include <stdio.h>

/* `file` is what was there, whose row groups stay; else NULL. */
static enum joist_status open_writer(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings,
        struct joist_parquet_file *file, struct joist_parquet_writer **writer)
{
    struct joist_error *const err = &session->error;
    struct ArrowSchema schema = {0};
    struct joist_sink sink = {0};
    if (stream->get_schema(stream, &schema) != 0) {
        const char *const text = stream->get_last_error(stream);
        err->status = JOIST_ERR_INVALID;
        snprintf(err->text, sizeof err->text, "%s", text != NULL ? text : "the rows have no schema");
        return err->status;
    }
    const bool replaces = settings->force || settings->append;
    enum joist_status status = joist_sink_open(
            session->ctx, location, replaces ? JOIST_SINK_REPLACE : JOIST_SINK_CREATE, &sink, err);
    if (status == JOIST_OK) {
        status = settings->append
                ? joist_parquet_append_open(session->ctx, file, sink, &settings->write, writer, err)
                : joist_parquet_writer_open(session->ctx, sink, &schema, &settings->write, writer, err);
        if (status != JOIST_OK)
            joist_sink_abort(&sink);
    }
    schema.release(&schema);
    return status;
}

static enum joist_status write_one(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings, struct cli_written *result)
{
    struct joist_error *const err = &session->error;
    struct joist_parquet_writer *writer = NULL;
    struct joist_parquet_written written = {0};
    struct joist_parquet_file *file = NULL;
    enum joist_status status = settings->append ? cli_open_parquet(session, location, NULL, &file) : JOIST_OK;
    if (status == JOIST_OK)
        status = open_writer(session, location, stream, settings, file, &writer);
    joist_parquet_close(file);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_writer_append_stream(writer, stream, err);
    if (status != JOIST_OK) {
        joist_parquet_writer_abort(writer);
        return status;
    }
    status = joist_parquet_writer_finish(writer, &written, err);
    if (status == JOIST_OK)
        *result = (struct cli_written){
                .place = location, .rows = written.rows, .files = 1, .bytes = written.bytes};
    return status;
}

static void tell_file(void *user, const char *location, uint64_t rows, uint64_t bytes)
{
    const struct cli_session *const session = user;
    char count[32];
    char size[32];
    if (!session->common.quiet && !session->common.json)
        printf("%s: %s rows, %s\n", location, cli_count_text(rows, count), cli_bytes_text(bytes, size));
}

enum joist_status cli_convert_parquet(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, const struct convert_settings *settings, struct cli_written *result)
{
    if (!cli_convert_is_split(settings))
        return write_one(session, location, stream, settings, result);
    const struct joist_export_options options = {
            .struct_size = sizeof options,
            .parquet = &settings->write,
            .split_bytes = settings->split_bytes,
            .split_rows = settings->split_rows,
            .split_after_us = settings->split_after_us,
            .partition_by = settings->partitions,
            .partition_count = settings->partition_count,
            .cancel = session->cancel,
            .finished = tell_file,
            .user = session,
    };
    struct joist_exported exported = {0};
    const enum joist_status status =
            joist_export(session->ctx, stream, location, &options, &exported, &session->error);
    if (status == JOIST_OK)
        *result = (struct cli_written){.place = location,
                .rows = exported.rows,
                .files = exported.files,
                .bytes = exported.bytes,
                .small_files = exported.small_files};
    return status;
}
