/*
 * unpack_source.c - what is packed as a whole (.gz, .zst), as a sequential source of what is in it
 *
 *     packed:  [ first bytes, looked at | ... ]        read a piece at a time, front to back
 *     here:    unpacked piece, given away as it is asked for
 *
 *   1. Reads follow each other; `position` is where the next one must begin.
 *   2. Nothing that could be unpacked is held back while more of a pipe is waited for.
 *   3. Of a pipe the bytes that were looked at are `first`, given again before what follows. That of a pipe
 *      that is not packed is all that this source does.
 */
#include <joist/store.h>

#include "base/ctx.h"
#include "base/io.h"
#include "codec/unpack_stream.h"

#define PIECE_BYTES ((size_t)256 << 10)

struct unpack_source {
    struct ji_mem *mem;
    struct joist_source inner;
    struct ji_unpack_stream *stream; /* NULL: not packed */
    uint8_t first[JI_PACKED_MAGIC_BYTES];
    size_t first_size;
    size_t first_used;
    uint64_t offset;   /* of `inner`: the next byte to be read */
    uint64_t position; /* of what is unpacked */
    struct ji_view piece;
    uint8_t *packed; /* PIECE_BYTES */
};

static uint64_t unpack_size(void *self)
{
    (void)self;
    return JOIST_SIZE_UNKNOWN;
}

static const char *unpack_name(void *self)
{
    const struct unpack_source *source = self;
    return ji_source_name(&source->inner);
}

/* What was looked at, then what follows. */
static enum joist_status read_inner(
        struct unpack_source *source, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    const size_t left = source->first_size - source->first_used;
    if (left > 0) {
        const size_t size = ji_min_size(left, bytes);
        memcpy(out, source->first + source->first_used, size);
        source->first_used += size;
        *bytes_read = size;
        return JOIST_OK;
    }
    /* Once: of a pipe what has come is handed on, before more is waited for. */
    JI_TRY(source->inner.ops->read_at(source->inner.self, source->offset, bytes, out, bytes_read, err));
    source->offset += *bytes_read;
    return JOIST_OK;
}

static enum joist_status next_packed(void *arg, struct ji_view *bytes, struct joist_error *err)
{
    struct unpack_source *source = arg;
    size_t size = 0;
    JI_TRY(read_inner(source, PIECE_BYTES, source->packed, &size, err));
    ji_source_will_need(&source->inner, source->offset, PIECE_BYTES);
    *bytes = ji_view_of(source->packed, size);
    return JOIST_OK;
}

static enum joist_status next_bytes(
        struct unpack_source *source, size_t bytes, uint8_t *out, size_t *got, struct joist_error *err)
{
    if (source->stream == NULL)
        return read_inner(source, bytes, out, got, err);
    if (source->piece.size == 0)
        JI_TRY(ji_unpack_stream_next(source->stream, &source->piece, err));
    const size_t size = ji_min_size(bytes, source->piece.size);
    if (size > 0)
        memcpy(out, source->piece.data, size);
    source->piece = ji_view_of((const uint8_t *)source->piece.data + size, source->piece.size - size);
    *got = size;
    return JOIST_OK;
}

static enum joist_status unpack_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    struct unpack_source *source = self;
    const bool is_pipe = ji_source_size(&source->inner) == JOIST_SIZE_UNKNOWN;
    size_t done = 0;
    if (offset != source->position)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "%s: is read front to back: offset %" PRIu64 " was asked for at %" PRIu64,
                unpack_name(source), offset, source->position);
    while (done < bytes) {
        size_t got = 0;
        const enum joist_status status = next_bytes(source, bytes - done, (uint8_t *)out + done, &got, err);
        if (status != JOIST_OK) {
            if (source->stream != NULL && status != JOIST_ERR_IO)
                ji_error_prefix(err, "%s", unpack_name(source));
            return status;
        }
        if (got == 0)
            break;
        done += got;
        if (is_pipe && source->piece.size == 0)
            break;
    }
    source->position += done;
    *bytes_read = done;
    return JOIST_OK;
}

static void free_source(struct unpack_source *source)
{
    struct ji_mem *mem = source->mem;
    ji_unpack_stream_close(source->stream);
    ji_free(mem, source->packed, source->packed == NULL ? 0 : PIECE_BYTES);
    ji_free(mem, source, sizeof *source);
    ji_mem_close(mem);
}

static void unpack_close(void *self)
{
    struct unpack_source *source = self;
    ji_source_close(&source->inner);
    free_source(source);
}

static enum joist_status open_stream(struct unpack_source *source, struct joist_error *err)
{
    const enum ji_codec codec = ji_packed_with(ji_view_of(source->first, source->first_size));
    const struct ji_packed_input input = {.arg = source, .next = next_packed};
    if (codec == JI_CODEC_NONE)
        return JOIST_OK;
    JI_TRY(ji_alloc(source->mem, PIECE_BYTES, &source->packed, err));
    return ji_unpack_stream_open(source->mem, codec, input, &source->stream, err);
}

enum joist_status joist_source_unpack(
        struct joist_ctx *ctx, struct joist_source *source, struct joist_error *err)
{
    static const struct joist_source_ops ops = {
            .struct_size = sizeof ops,
            .size = unpack_size,
            .name = unpack_name,
            .read_at = unpack_read_at,
            .close = unpack_close,
    };
    struct ji_mem *mem = NULL;
    struct unpack_source *made = NULL;
    const bool is_pipe = ji_source_size(source) == JOIST_SIZE_UNKNOWN;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "unpacking", sizeof *made, &mem, &made, err));
    made->mem = mem;
    made->inner = *source;
    enum joist_status status =
            ji_source_read_some(source, 0, sizeof made->first, made->first, &made->first_size, err);
    made->offset = made->first_size;
    if (status == JOIST_OK)
        status = open_stream(made, err);
    if (status != JOIST_OK || (made->stream == NULL && !is_pipe)) {
        free_source(made);
        return status;
    }
    *source = (struct joist_source){.ops = &ops, .self = made};
    return JOIST_OK;
}
