/*
 * stream_export.c - a stream of batches as an ArrowArrayStream
 *
 *     batch of the inner stream: [ rows given away | rows left ]       next: a cut of what is left
 *
 *   1. `batch` is the inner stream's current one, with rows left from `taken` on, or NULL.
 *   2. After the first failure every further pull answers it again.
 */
#include "arrow/stream_export.h"

#include "arrow/array_export.h"
#include "arrow/array_import.h"

#include <assert.h>
#include <errno.h>

struct exported_stream {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_batch_stream inner;
    const struct ji_array_shape *shape; /* NULL: plain */
    struct ji_arena scratch;
    const struct ji_batch *batch;
    size_t taken;
    bool ended;
    bool gave_arrays; /* of the inner stream's own making */
    bool gave_batches;
    struct joist_error error; /* status OK until the first failure */
};

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct exported_stream *self = stream->private_data;
    struct joist_error *err = &self->error;
    const enum joist_status status =
            ji_shaped_schema_hand_out(self->ctx, ji_stream_schema(&self->inner), self->shape, out, err);
    return status == JOIST_OK ? 0 : ji_errno_of_status(status);
}

static struct ji_pick rest_of(const struct exported_stream *self, size_t count)
{
    const struct ji_batch *batch = self->batch;
    if (batch->selection != NULL)
        return (struct ji_pick){.rows = batch->selection + self->taken, .count = count};
    return (struct ji_pick){.start = self->taken, .count = count};
}

/* Rows of the next cut: halved until they take few enough bytes; one row goes whatever it takes. */
static struct ji_pick cut(const struct exported_stream *self)
{
    const size_t left = self->batch->selection_count - self->taken;
    struct ji_pick pick = rest_of(self, ji_min_size(left, JI_BATCH_ROWS_MAX));
    const size_t bytes_max = ji_batch_bytes_max(ji_ctx_mem(self->ctx));
    while (pick.count > 1) {
        size_t bytes = 0;
        for (size_t i = 0; i < self->batch->column_count; i++)
            bytes += ji_pick_bytes(&pick, &self->batch->columns[i]);
        if (bytes <= bytes_max)
            break;
        pick.count /= 2;
    }
    return pick;
}

static enum joist_status pull_array(
        struct exported_stream *self, struct ArrowArray *out, struct joist_error *err)
{
    struct ArrowArray array = {.release = NULL};
    if (!self->ended)
        JI_TRY(self->inner.ops->next_array(self->inner.self, &array, err));
    self->gave_arrays = true;
    self->ended = array.release == NULL;
    *out = array;
    return JOIST_OK;
}

static enum joist_status pull(struct exported_stream *self, struct ArrowArray *out, struct joist_error *err)
{
    if (self->inner.ops->next_array != NULL)
        return pull_array(self, out, err);
    while (!self->ended && (self->batch == NULL || self->taken == self->batch->selection_count)) {
        const struct ji_batch *batch = NULL;
        self->batch = NULL;
        self->taken = 0;
        self->gave_batches = true;
        JI_TRY(ji_stream_next(&self->inner, &batch, err));
        self->batch = batch;
        self->ended = batch == NULL;
    }
    if (self->ended) {
        *out = (struct ArrowArray){.release = NULL};
        return JOIST_OK;
    }
    const struct ji_pick pick = cut(self);
    ji_arena_reset(&self->scratch);
    JI_TRY(ji_array_export(self->ctx, &self->scratch, self->shape, self->batch, &pick, out, err));
    self->taken += pick.count;
    return JOIST_OK;
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct exported_stream *self = stream->private_data;
    if (self->error.status == JOIST_OK) {
        const enum joist_status status = pull(self, out, &self->error);
        assert(status == self->error.status || status == JOIST_OK);
        if (status == JOIST_OK)
            return 0;
    }
    const int os_errno = self->error.os_errno;
    return os_errno != 0 ? os_errno : ji_errno_of_status(self->error.status);
}

static const char *stream_error(struct ArrowArrayStream *stream)
{
    const struct exported_stream *self = stream->private_data;
    return self->error.status == JOIST_OK ? NULL : self->error.text;
}

static void stream_release(struct ArrowArrayStream *stream)
{
    struct exported_stream *self = stream->private_data;
    struct joist_ctx *ctx = self->ctx;
    ji_stream_close(&self->inner);
    ji_arena_clear(&self->scratch);
    ji_free(self->mem, self, sizeof *self);
    stream->release = NULL;
    joist_ctx_close(ctx);
}

void ji_stream_close(struct ji_batch_stream *stream)
{
    if (stream->ops != NULL)
        stream->ops->close(stream->self);
    *stream = (struct ji_batch_stream){.ops = NULL};
}

enum joist_status ji_stream_export(struct joist_ctx *ctx, struct ji_batch_stream *stream,
        struct ArrowArrayStream *out, struct joist_error *err)
{
    return ji_shaped_stream_export(ctx, stream, NULL, out, err);
}

enum joist_status ji_shaped_stream_export(struct joist_ctx *ctx, struct ji_batch_stream *stream,
        const struct ji_array_shape *shape, struct ArrowArrayStream *out, struct joist_error *err)
{
    struct exported_stream *self;
    struct ji_mem *mem = ji_ctx_exported(ctx);
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *self, &self, err));
    self->ctx = ji_ctx_retain(ctx);
    self->mem = mem;
    self->inner = *stream;
    self->shape = shape;
    ji_arena_init(&self->scratch, mem);
    *stream = (struct ji_batch_stream){.ops = NULL};
    *out = (struct ArrowArrayStream){.get_schema = stream_schema,
            .get_next = stream_next,
            .get_last_error = stream_error,
            .release = stream_release,
            .private_data = self};
    return JOIST_OK;
}

const struct joist_error *ji_exported_error(const struct ArrowArrayStream *stream)
{
    if (stream->get_next != stream_next)
        return NULL;
    const struct exported_stream *self = stream->private_data;
    return &self->error;
}

/* --- the short way back in --- */

static const struct ji_schema *direct_schema(void *self_)
{
    const struct exported_stream *self = self_;
    return ji_stream_schema(&self->inner);
}

static enum joist_status direct_next(void *self_, const struct ji_batch **batch, struct joist_error *err)
{
    struct exported_stream *self = self_;
    if (self->error.status != JOIST_OK) {
        if (err != NULL)
            *err = self->error;
        return self->error.status;
    }
    *batch = NULL;
    if (self->ended)
        return JOIST_OK;
    self->gave_batches = true;
    const enum joist_status status = ji_stream_next(&self->inner, batch, &self->error);
    self->ended = status == JOIST_OK && *batch == NULL;
    if (status != JOIST_OK && err != NULL)
        *err = self->error;
    return status;
}

/* The stream is its holder's to release. */
static void direct_close(void *self_)
{
    (void)self_;
}

bool ji_exported_batches(struct ArrowArrayStream *in, struct ji_batch_stream *out)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = direct_schema, .next = direct_next, .close = direct_close};
    if (in->get_next != stream_next)
        return false;
    struct exported_stream *self = in->private_data;
    if (self->gave_arrays)
        return false;
    if (self->batch != NULL && self->taken < self->batch->selection_count)
        return false;
    self->batch = NULL;
    *out = (struct ji_batch_stream){.ops = &ops, .self = self};
    return true;
}

/* A stream that has been read so has ended for every other way of reading. */
enum joist_status ji_stream_import_columns(
        struct ArrowArrayStream *in, struct ji_column_rows *columns, struct joist_error *err)
{
    struct ji_column_rows opened = {.ops = NULL};
    struct exported_stream *self = in->get_next == stream_next ? in->private_data : NULL;
    const bool can = self != NULL && self->inner.ops->open_columns != NULL && !self->gave_arrays &&
            !self->gave_batches && !self->ended && self->error.status == JOIST_OK;
    if (can) {
        JI_TRY(self->inner.ops->open_columns(self->inner.self, &opened, err));
        self->ended = true;
    }
    *columns = opened;
    return JOIST_OK;
}
