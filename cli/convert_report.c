/*
 * convert_report.c - what joist convert tells: columns that were written, choices for those that may be
 */
#include "convert.h"

#include <stdio.h>
#include <string.h>

#define EXPLAIN_ROWS 262144
#define COLUMNS_SHOWN 64

static enum joist_status add_text(struct joist_builder *rows, const char *text, struct joist_error *err)
{
    return joist_builder_text(rows, text, strlen(text), err);
}

/* --- a file that was written --- */

static enum joist_status add_total(struct joist_builder *rows, const struct joist_parquet_file *file,
        size_t leaf, struct joist_error *err)
{
    struct joist_parquet_leaf_total total = {.struct_size = sizeof total};
    char ratio[32];
    enum joist_status status = joist_parquet_leaf_total(file, leaf, &total, err);
    const double of = total.bytes == 0 ? 0 : (double)total.plain_bytes / (double)total.bytes;
    snprintf(ratio, sizeof ratio, "%.2f", of);
    if (status == JOIST_OK)
        status = add_text(rows, total.column, err);
    if (status == JOIST_OK)
        status = add_text(rows, total.encodings, err);
    if (status == JOIST_OK)
        status = joist_builder_int64(rows, (int64_t)total.bytes, err);
    if (status == JOIST_OK)
        status = joist_builder_int64(rows, (int64_t)total.plain_bytes, err);
    if (status == JOIST_OK)
        status = add_text(rows, ratio, err);
    return status == JOIST_OK ? joist_builder_end_row(rows, err) : status;
}

static enum joist_status add_totals(
        struct joist_builder *rows, const struct joist_parquet_file *file, struct joist_error *err)
{
    for (size_t leaf = 0; leaf < joist_parquet_leaf_count(file); leaf++) {
        const enum joist_status status = add_total(rows, file, leaf, err);
        if (status != JOIST_OK)
            return status;
    }
    return JOIST_OK;
}

static enum joist_status show_rows(
        struct cli_session *session, struct joist_builder *rows, enum joist_status status)
{
    struct ArrowArrayStream stream = {0};
    if (status == JOIST_OK)
        status = joist_builder_take(rows, &stream, &session->error);
    joist_builder_close(rows);
    if (status == JOIST_OK && cli_show(session, &stream, UINT64_MAX) != CLI_DONE)
        status = session->error.status;
    return status;
}

enum joist_status cli_convert_columns(
        struct cli_session *session, const char *location, const struct convert_settings *settings)
{
    struct joist_builder *rows = NULL;
    struct joist_parquet_file *file = NULL;
    struct joist_error *const err = &session->error;
    enum joist_status status = cli_open_parquet(
            session, location, settings->write.encryption != NULL ? &settings->encrypt.open : NULL, &file);
    if (status == JOIST_OK && !settings->report && joist_parquet_leaf_count(file) > COLUMNS_SHOWN) {
        joist_parquet_close(file);
        return JOIST_OK;
    }
    if (status == JOIST_OK)
        status = joist_builder_open(session->ctx,
                "column string, encodings string, bytes long, plain_bytes long, ratio decimal(20, 2)", &rows,
                err);
    if (status == JOIST_OK)
        status = add_totals(rows, file, err);
    joist_parquet_close(file);
    return show_rows(session, rows, status);
}

/* --- what would be chosen --- */

static enum joist_status nowhere_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    (void)self;
    (void)data;
    (void)bytes;
    (void)err;
    return JOIST_OK;
}

static enum joist_status nowhere_commit(void *self, struct joist_error *err)
{
    (void)self;
    (void)err;
    return JOIST_OK;
}

static void nowhere_abort(void *self)
{
    (void)self;
}

/* The first rows, encoded for nobody. */
static enum joist_status take_sample(
        struct cli_session *session, struct ArrowArrayStream *stream, struct joist_parquet_writer *writer)
{
    struct joist_error *const err = &session->error;
    int64_t rows = 0;
    while (rows < EXPLAIN_ROWS) {
        struct ArrowArray array = {0};
        enum joist_status status = joist_stream_next(stream, &array, err);
        if (status != JOIST_OK || array.release == NULL)
            return status;
        rows += array.length;
        status = joist_parquet_writer_append(writer, &array, err);
        array.release(&array);
        if (status != JOIST_OK)
            return status;
    }
    return JOIST_OK;
}

static enum joist_status add_alternative(struct joist_builder *rows,
        const struct joist_parquet_choice *choice, const struct joist_parquet_alternative *alternative,
        struct joist_error *err)
{
    const bool is_chosen = strcmp(alternative->encoding, choice->encoding) == 0;
    enum joist_status status = add_text(rows, choice->column, err);
    if (status == JOIST_OK)
        status = add_text(rows, alternative->encoding, err);
    if (status == JOIST_OK)
        status = joist_builder_int64(rows, (int64_t)alternative->bytes, err);
    if (status == JOIST_OK)
        status = joist_builder_int64(rows, (int64_t)choice->sample_bytes, err);
    if (status == JOIST_OK)
        status = joist_builder_int64(rows, (int64_t)choice->sample_values, err);
    if (status == JOIST_OK)
        status = add_text(rows, !is_chosen ? "" : choice->is_asked ? "asked" : "chosen", err);
    return status == JOIST_OK ? joist_builder_end_row(rows, err) : status;
}

/* A column without alternatives has one row: what it gets anyway. */
static enum joist_status add_choice(
        struct joist_builder *rows, struct joist_parquet_writer *writer, size_t leaf, struct joist_error *err)
{
    struct joist_parquet_choice choice = {.struct_size = sizeof choice};
    enum joist_status status = joist_parquet_writer_choice(writer, leaf, &choice, err);
    if (status != JOIST_OK || choice.encoding == NULL)
        return status;
    for (size_t index = 0; index < choice.alternative_count && status == JOIST_OK; index++)
        status = add_alternative(rows, &choice, &choice.alternatives[index], err);
    const struct joist_parquet_alternative only = {.encoding = choice.encoding, .bytes = choice.sample_bytes};
    if (choice.alternative_count == 0)
        status = add_alternative(rows, &choice, &only, err);
    return status;
}

static enum joist_status explain(struct cli_session *session, struct ArrowArrayStream *stream,
        const struct ArrowSchema *schema, const struct convert_settings *settings, struct joist_builder *rows)
{
    static const struct joist_sink_ops ops = {
            .struct_size = sizeof ops,
            .append = nowhere_append,
            .commit = nowhere_commit,
            .abort = nowhere_abort,
    };
    struct joist_parquet_writer *writer = NULL;
    struct joist_error *const err = &session->error;
    const struct joist_sink nowhere = {.ops = &ops, .self = session};
    enum joist_status status =
            joist_parquet_writer_open(session->ctx, nowhere, schema, &settings->write, &writer, err);
    if (status != JOIST_OK)
        return status;
    status = take_sample(session, stream, writer);
    for (size_t leaf = 0; leaf < joist_parquet_writer_leaf_count(writer) && status == JOIST_OK; leaf++)
        status = add_choice(rows, writer, leaf, err);
    joist_parquet_writer_abort(writer);
    return status;
}

enum joist_status cli_convert_explain(
        struct cli_session *session, struct ArrowArrayStream *stream, const struct convert_settings *settings)
{
    struct joist_builder *rows = NULL;
    struct ArrowSchema schema = {0};
    struct joist_error *const err = &session->error;
    if (stream->get_schema(stream, &schema) != 0) {
        const char *const text = stream->get_last_error(stream);
        err->status = JOIST_ERR_INVALID;
        snprintf(err->text, sizeof err->text, "%s", text != NULL ? text : "the rows have no schema");
        return err->status;
    }
    enum joist_status status = joist_builder_open(session->ctx,
            "column string, encoding string, bytes long, plain_bytes long, values long, choice string", &rows,
            err);
    if (status == JOIST_OK)
        status = explain(session, stream, &schema, settings, rows);
    schema.release(&schema);
    return show_rows(session, rows, status);
}
