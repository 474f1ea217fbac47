/*
 * stream_import.c - any ArrowArrayStream as a stream of batches
 *
 *     array of the producer: [ window | window | ... ]     a batch is a window of JI_BATCH_ROWS_MAX rows
 *
 *   1. `array` is checked before its first window and released after its last, or at close.
 *   2. A stream of our own is not imported at all: its batches are handed on (stream_export.h).
 */
#include "arrow/array_import.h"
#include "arrow/batch_stream.h"
#include "arrow/stream_export.h"

#include <assert.h>

struct imported_stream {
    struct ji_mem *mem;
    struct ArrowArrayStream *in;
    struct ji_schema schema;
    struct ji_arena arena; /* the schema's */
    struct ji_arena array_arena;
    struct ji_arena window_arena;
    struct ArrowArray array;
    size_t taken;
    struct ji_array_importer importer;
    struct ji_batch batch;
};

static enum joist_status fail_foreign(
        struct ArrowArrayStream *stream, int os_errno, const char *what, struct joist_error *err)
{
    const struct joist_error *own = ji_exported_error(stream);
    if (own != NULL && own->status != JOIST_OK) {
        if (err != NULL)
            *err = *own;
        return own->status;
    }
    const char *text = stream->get_last_error == NULL ? NULL : stream->get_last_error(stream);
    if (text == NULL || text[0] == '\0')
        return ji_fail_errno(err, os_errno, "%s", what);
    const enum joist_status status = ji_status_of_errno(os_errno);
    (void)ji_fail(err, status, "%.900s", text);
    if (err != NULL)
        err->os_errno = os_errno;
    return status;
}

enum joist_status joist_stream_next(
        struct ArrowArrayStream *stream, struct ArrowArray *array, struct joist_error *err)
{
    if (stream == NULL || array == NULL || stream->release == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_stream_next wants a stream that is not released");
    struct ArrowArray next = {.release = NULL};
    const int failed = stream->get_next(stream, &next);
    if (failed != 0)
        return fail_foreign(stream, failed, "the stream's next array", err);
    *array = next;
    return JOIST_OK;
}

static void drop_array(struct imported_stream *self)
{
    if (self->array.release != NULL)
        self->array.release(&self->array);
    self->array = (struct ArrowArray){.release = NULL};
    self->taken = 0;
    self->importer.dictionaries = NULL;
    ji_arena_reset(&self->array_arena);
}

static const struct ji_schema *import_schema(void *self_)
{
    const struct imported_stream *self = self_;
    return &self->schema;
}

/* The next array that has rows left; released is the end. */
static enum joist_status next_array(struct imported_stream *self, bool *ended, struct joist_error *err)
{
    *ended = false;
    while (self->array.release == NULL || self->taken == (size_t)self->array.length) {
        const uint64_t rows = self->array.release == NULL ? 0 : (uint64_t)self->array.length;
        drop_array(self);
        self->importer.row_base += rows;
        JI_TRY(joist_stream_next(self->in, &self->array, err));
        if (self->array.release == NULL) {
            *ended = true;
            return JOIST_OK;
        }
        JI_TRY(ji_array_check(&self->schema, self->importer.shape, &self->array, err));
    }
    return JOIST_OK;
}

static enum joist_status import_next(void *self_, const struct ji_batch **batch, struct joist_error *err)
{
    struct imported_stream *self = self_;
    bool ended;
    JI_TRY(next_array(self, &ended, err));
    if (ended) {
        *batch = NULL;
        return JOIST_OK;
    }
    ji_arena_reset(&self->window_arena);
    const size_t count = ji_min_size((size_t)self->array.length - self->taken, JI_BATCH_ROWS_MAX);
    self->importer.array = &self->array;
    JI_TRY(ji_array_window(&self->importer, self->taken, count, &self->batch, err));
    self->taken += count;
    *batch = &self->batch;
    return JOIST_OK;
}

static void import_close(void *self_)
{
    struct imported_stream *self = self_;
    struct ji_mem *mem = self->mem;
    drop_array(self);
    ji_arena_clear(&self->window_arena);
    ji_arena_clear(&self->array_arena);
    ji_arena_clear(&self->arena);
    ji_free(mem, self, sizeof *self);
    ji_mem_close(mem);
}

static enum joist_status read_schema(struct imported_stream *self, struct joist_error *err)
{
    struct ArrowSchema schema = {.release = NULL};
    const int failed = self->in->get_schema(self->in, &schema);
    if (failed != 0)
        return fail_foreign(self->in, failed, "the stream's schema", err);
    if (schema.release == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "a stream without a schema");
    const enum joist_status status =
            ji_schema_import_shape(&self->arena, &schema, &self->schema, &self->importer.shape, err);
    schema.release(&schema);
    return status;
}

static enum joist_status open_import(
        struct ji_mem *mem, struct ArrowArrayStream *in, struct ji_batch_stream *out, struct joist_error *err)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = import_schema, .next = import_next, .close = import_close};
    struct imported_stream *self;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *self, &self, err));
    self->mem = mem;
    self->in = in;
    ji_arena_init(&self->arena, mem);
    ji_arena_init(&self->array_arena, mem);
    ji_arena_init(&self->window_arena, mem);
    const enum joist_status status = read_schema(self, err);
    if (status != JOIST_OK) {
        ji_arena_clear(&self->arena);
        ji_free(mem, self, sizeof *self);
        return status;
    }
    self->importer.schema = &self->schema;
    self->importer.array_arena = &self->array_arena;
    self->importer.window_arena = &self->window_arena;
    *out = (struct ji_batch_stream){.ops = &ops, .self = self};
    return JOIST_OK;
}

enum joist_status ji_stream_import(struct joist_ctx *ctx, struct ArrowArrayStream *in,
        struct ji_batch_stream *out, struct joist_error *err)
{
    if (in->release == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "a stream that has been released");
    if (ji_exported_batches(in, out))
        return JOIST_OK;
    struct ji_mem *mem;
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "arrow import", &mem, err));
    const enum joist_status status = open_import(mem, in, out, err);
    if (status != JOIST_OK)
        ji_mem_close(mem);
    return status;
}
