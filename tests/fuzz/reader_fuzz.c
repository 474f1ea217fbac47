/*
 * reader_fuzz.c - any bytes as a whole file, read as callers read it: batches over Arrow's C interface
 *
 * The options follow from the bytes, so that every Parquet file is a seed as it stands. Checksums are not
 * looked at: mutants of pages get far. What comes out is held against its own schema by the importer, and
 * memory against its limit: a breach of either stops the run.
 */
#include <joist/joist.h>

#include "arrow/batch_stream.h"
#include "base/ctx.h"
#include "support/bytes_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_BYTES ((uint64_t)32 << 20)
#define BATCHES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A stream between ours and the importer, which knows ours and would not look at its arrays. */
struct between {
    struct ArrowArrayStream *inner;
    bool has_failed;
};

static int between_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct between *const self = stream->private_data;
    const int failed = self->inner->get_schema(self->inner, out);
    self->has_failed = self->has_failed || failed != 0;
    return failed;
}

static int between_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct between *const self = stream->private_data;
    const int failed = self->inner->get_next(self->inner, out);
    self->has_failed = self->has_failed || failed != 0;
    return failed;
}

static const char *between_error(struct ArrowArrayStream *stream)
{
    struct between *const self = stream->private_data;
    return self->inner->get_last_error(self->inner);
}

static void between_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

/* Drains some batches; each must be what its schema says. */
static void drain(struct joist_ctx *ctx, struct ArrowArrayStream *inner)
{
    struct between between = {.inner = inner};
    struct ArrowArrayStream stream = {.get_schema = between_schema,
            .get_next = between_next,
            .get_last_error = between_error,
            .release = between_release,
            .private_data = &between};
    struct ji_batch_stream rows = {NULL, NULL};
    struct joist_error err = {0};
    const struct ji_batch *batch = NULL;
    enum joist_status status = ji_stream_import(ctx, &stream, &rows, &err);
    for (size_t index = 0; index < BATCHES_MAX && status == JOIST_OK; index++) {
        status = ji_stream_next(&rows, &batch, &err);
        if (batch == NULL)
            break;
    }
    /* Digits of decimals are for `joist check`: reading takes the number that stands there. */
    if (status == JOIST_ERR_INVALID && !between.has_failed && strstr(err.text, "digits") == NULL) {
        fprintf(stderr, "exported, but refused: %s\n", err.text);
        abort();
    }
    ji_stream_close(&rows);
}

static void read_file(struct joist_ctx *ctx, struct joist_parquet_file *file, uint32_t choice)
{
    const uint64_t rows = joist_parquet_row_count(file);
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options,
            .no_crc = true,
            .row_start = (choice & 1) != 0 ? rows / 3 : 0,
            .row_count = (choice & 2) != 0 ? rows / 2 : 0,
            .text = (enum joist_text_form)(choice >> 2 & 3) % 3,
            .keep_dictionary = (choice & 16) != 0,
            .batch_rows = (choice & 32) != 0 ? 7 : 0,
    };
    struct ArrowArrayStream stream = {0};
    if (joist_parquet_read(file, &options, &stream, NULL) != JOIST_OK)
        return;
    drain(ctx, &stream);
    stream.release(&stream);
}

static uint32_t choice_of(const uint8_t *data, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t at = 0; at < size; at++)
        hash = (hash ^ data[at]) * 16777619u;
    return hash ^ hash >> 16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint32_t choice = choice_of(data, size);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = MEMORY_BYTES};
    const struct joist_parquet_open_options open = {
            .struct_size = sizeof open,
            .no_arrow_schema = (choice & 64) != 0,
            .int96_unit = (choice & 128) != 0 ? JOIST_INT96_MILLI : JOIST_INT96_NANO,
    };
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file *file = NULL;
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    if (joist_parquet_open(ctx, bytes_source(&from), &open, &file, NULL) == JOIST_OK) {
        read_file(ctx, file, choice);
        joist_parquet_close(file);
    }
    if (joist_ctx_memory(ctx).bytes_peak > MEMORY_BYTES)
        abort();
    joist_ctx_close(ctx);
    return 0;
}
