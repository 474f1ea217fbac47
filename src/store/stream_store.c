/*
 * stream_store.c - what has no offsets: standard input and output, pipes, devices
 *
 *   1. A source's reads follow each other; `position` is where the next one must begin.
 *   2. A sink writes at once what it is given: who reads a pipe is waiting for it. There is
 *      nothing to commit and nothing that an abort could take back.
 */
#include "store/stream_store.h"

#include "base/checked.h"
#include "store/fd.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

struct stream {
    struct ji_mem *mem;
    int fd;
    bool owned;
    uint64_t position;
    size_t name_bytes;
    char name[];
};

static uint64_t stream_size(void *self)
{
    (void)self;
    return JOIST_SIZE_UNKNOWN;
}

static const char *stream_name(void *self)
{
    const struct stream *stream = self;
    return stream->name;
}

static enum joist_status stream_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    struct stream *stream = self;
    if (offset != stream->position)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "%s: is read front to back: offset %" PRIu64 " was asked for at %" PRIu64, stream->name,
                offset, stream->position);
    size_t done = 0;
    while (done < bytes) {
        size_t got = 0;
        const int error = ji_fd_read(stream->fd, -1, (uint8_t *)out + done, bytes - done, &got);
        if (error != 0)
            return ji_fail_errno(err, error, "%s", stream->name);
        if (got == 0)
            break;
        done += got;
    }
    stream->position += done;
    *bytes_read = done;
    return JOIST_OK;
}

static void stream_close(void *self)
{
    struct stream *stream = self;
    if (stream->owned)
        close(stream->fd);
    ji_free(stream->mem, stream, sizeof *stream + stream->name_bytes);
}

static enum joist_status stream_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    struct stream *stream = self;
    const int error = ji_fd_write(stream->fd, data, bytes);
    return error == 0 ? JOIST_OK : ji_fail_errno(err, error, "%s", stream->name);
}

static enum joist_status stream_commit(void *self, struct joist_error *err)
{
    struct stream *stream = self;
    enum joist_status status = JOIST_OK;
    /* Network file systems tell at close what they could not write. */
    const bool owned = stream->owned;
    stream->owned = false;
    if (owned && close(stream->fd) != 0)
        status = ji_fail(err, JOIST_ERR_IO, "%s: could not be closed", stream->name);
    stream_close(stream);
    return status;
}

static const struct joist_source_ops source_ops = {
        .struct_size = sizeof source_ops,
        .size = stream_size,
        .name = stream_name,
        .read_at = stream_read_at,
        .close = stream_close,
};
static const struct joist_sink_ops sink_ops = {
        .struct_size = sizeof sink_ops,
        .append = stream_append,
        .commit = stream_commit,
        .abort = stream_close,
};

static enum joist_status open_stream(struct ji_mem *mem, int fd, bool owned, const char *name,
        struct stream **stream, struct joist_error *err)
{
    const size_t name_bytes = strlen(name) + 1;
    struct stream *made = NULL;
    const enum joist_status status = ji_alloc(mem, sizeof *made + name_bytes, &made, err);
    if (status != JOIST_OK) {
        if (owned)
            close(fd);
        return status;
    }
    made->mem = mem;
    made->fd = fd;
    made->owned = owned;
    made->position = 0;
    made->name_bytes = name_bytes;
    memcpy(made->name, name, name_bytes);
    *stream = made;
    return JOIST_OK;
}

enum joist_status ji_standard_input_open(
        struct joist_ctx *ctx, struct joist_source *source, struct joist_error *err)
{
    struct stream *stream = NULL;
    JI_TRY(open_stream(ji_ctx_mem(ctx), STDIN_FILENO, false, "standard input", &stream, err));
    *source = (struct joist_source){.ops = &source_ops, .self = stream};
    return JOIST_OK;
}

enum joist_status ji_standard_output_open(
        struct joist_ctx *ctx, struct joist_sink *sink, struct joist_error *err)
{
    struct stream *stream = NULL;
    JI_TRY(open_stream(ji_ctx_mem(ctx), STDOUT_FILENO, false, "standard output", &stream, err));
    *sink = (struct joist_sink){.ops = &sink_ops, .self = stream};
    return JOIST_OK;
}

enum joist_status ji_stream_source_open(
        struct ji_mem *mem, int fd, const char *name, struct joist_source *source, struct joist_error *err)
{
    struct stream *stream = NULL;
    JI_TRY(open_stream(mem, fd, true, name, &stream, err));
    *source = (struct joist_source){.ops = &source_ops, .self = stream};
    return JOIST_OK;
}

enum joist_status ji_stream_sink_open(
        struct ji_mem *mem, int fd, const char *name, struct joist_sink *sink, struct joist_error *err)
{
    struct stream *stream = NULL;
    JI_TRY(open_stream(mem, fd, true, name, &stream, err));
    *sink = (struct joist_sink){.ops = &sink_ops, .self = stream};
    return JOIST_OK;
}
