/*
 * unpack_stream.c - zstd's frames by libzstd's streaming interface; gzip's members by inflate
 *
 *   1. `charged` >= what libzstd holds: a window's worth is charged before a frame that wants it is begun.
 *   2. A frame's header is looked at in one piece: where the input's pieces cut it, it waits in `head`.
 *
 * libzstd would take 128 MiB for a frame that asks for it; what may be asked for here is a quarter of the
 * limit, which is told by name and not by a failed allocation.
 */
#include "codec/unpack_stream.h"

#include "base/checked.h"
#include "codec/inflate.h"

#include <zstd.h>
#include <zstd_errors.h>

#define OUT_BYTES ((size_t)128 << 10)
#define STATE_BYTES ((size_t)512 << 10) /* what libzstd takes beside the window */
#define WINDOW_LOG_MIN 10
#define WINDOW_LOG_MAX 31
#define WINDOW_SHARE 4
#define HEAD_BYTES_MAX 18

struct ji_unpack_stream {
    struct ji_mem *mem;
    struct ji_packed_input input;
    struct ji_inflate *inflate; /* gzip; else NULL */
    ZSTD_DCtx *zstd;
    size_t charged;
    struct ji_view in; /* what is left of the input's last piece */
    uint8_t head[HEAD_BYTES_MAX];
    size_t head_size;
    size_t head_used;
    bool in_frame;
    bool ended;
    uint8_t *out;
};

enum ji_codec ji_packed_with(struct ji_view first)
{
    const uint8_t *const bytes = first.data;
    if (first.size >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8)
        return JI_CODEC_GZIP;
    if (first.size < 4)
        return JI_CODEC_NONE;
    const uint32_t magic = ji_load_le32(bytes);
    if (magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
        return JI_CODEC_ZSTD;
    return JI_CODEC_NONE;
}

static enum joist_status next_piece(struct ji_unpack_stream *stream, struct joist_error *err)
{
    if (stream->in.size == 0)
        return stream->input.next(stream->input.arg, &stream->in, err);
    return JOIST_OK;
}

/* As many bytes in `head` as a frame's header may have, or all that are left; its own rest first. */
static enum joist_status fill_head(struct ji_unpack_stream *stream, struct joist_error *err)
{
    stream->head_size -= stream->head_used;
    memmove(stream->head, stream->head + stream->head_used, stream->head_size);
    stream->head_used = 0;
    while (stream->head_size < HEAD_BYTES_MAX) {
        JI_TRY(next_piece(stream, err));
        if (stream->in.size == 0)
            break;
        const size_t size = ji_min_size(stream->in.size, HEAD_BYTES_MAX - stream->head_size);
        memcpy(stream->head + stream->head_size, stream->in.data, size);
        stream->head_size += size;
        stream->in = ji_view_of((const uint8_t *)stream->in.data + size, stream->in.size - size);
    }
    return JOIST_OK;
}

/* The window that the frame in `head` wants; 0 where it wants none, or is wrong, as libzstd will tell. */
static uint64_t window_of(const struct ji_unpack_stream *stream)
{
    static const uint8_t size_bytes[4] = {1, 2, 4, 8};
    static const uint8_t id_bytes[4] = {0, 1, 2, 4};
    if (stream->head_size < 6 || ji_load_le32(stream->head) != ZSTD_MAGICNUMBER)
        return 0;
    const uint8_t flags = stream->head[4];
    if ((flags & 0x20) == 0) {
        const uint64_t base = (uint64_t)1 << (10 + (stream->head[5] >> 3));
        return base + base / 8 * (stream->head[5] & 7);
    }
    const size_t at = 5 + (size_t)id_bytes[flags & 3];
    const size_t size = size_bytes[flags >> 6];
    uint64_t content = 0;
    if (at + size > stream->head_size)
        return 0;
    for (size_t i = 0; i < size; i++)
        content |= (uint64_t)stream->head[at + i] << 8 * i;
    return size == 2 ? content + 256 : content;
}

static enum joist_status charge(struct ji_unpack_stream *stream, uint64_t window, struct joist_error *err)
{
    const uint64_t most = ji_mem_limit(stream->mem) / WINDOW_SHARE;
    if (window > most)
        return ji_fail(err, JOIST_ERR_LIMIT,
                "zstd: a frame wants a window of %" PRIu64 " bytes, at most %" PRIu64
                " (a quarter of the memory)",
                window, most);
    const size_t wanted = (size_t)window + STATE_BYTES;
    if (wanted <= stream->charged)
        return JOIST_OK;
    JI_TRY(ji_mem_reserve(stream->mem, wanted - stream->charged, err));
    stream->charged = wanted;
    return JOIST_OK;
}

static enum joist_status begin_frame(struct ji_unpack_stream *stream, struct joist_error *err)
{
    JI_TRY(fill_head(stream, err));
    if (stream->head_size == 0) {
        stream->ended = true;
        return JOIST_OK;
    }
    const uint64_t window = window_of(stream);
    JI_TRY(charge(stream, window, err));
    int log = WINDOW_LOG_MIN;
    while (log < WINDOW_LOG_MAX && (uint64_t)1 << log < window)
        log++;
    const size_t set = ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax, log);
    if (ZSTD_isError(set))
        return ji_fail(err, JOIST_ERR_LIMIT, "zstd: a window of 2^%d bytes", log);
    stream->in_frame = true;
    return JOIST_OK;
}

/* Some of the frame, from `head` first. */
static enum joist_status unpack_some(
        struct ji_unpack_stream *stream, ZSTD_outBuffer *out, struct joist_error *err)
{
    const bool in_head = stream->head_used < stream->head_size;
    if (!in_head)
        JI_TRY(next_piece(stream, err));
    ZSTD_inBuffer in = {.src = in_head ? stream->head : stream->in.data,
            .size = in_head ? stream->head_size : stream->in.size,
            .pos = in_head ? stream->head_used : 0};
    const size_t had_out = out->pos;
    const size_t had_in = in.pos;
    const size_t left = ZSTD_decompressStream(stream->zstd, out, &in);
    if (ZSTD_isError(left))
        return ji_fail(err,
                ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? JOIST_ERR_NO_MEMORY
                                                                        : JOIST_ERR_CORRUPT,
                "zstd: %s", ZSTD_getErrorName(left));
    if (in_head)
        stream->head_used = in.pos;
    else
        stream->in = ji_view_of((const uint8_t *)stream->in.data + in.pos, stream->in.size - in.pos);
    stream->in_frame = left > 0;
    if (left > 0 && in.size == 0 && out->pos == had_out && in.pos == had_in)
        return ji_fail(err, JOIST_ERR_CORRUPT, "zstd: ends within a frame");
    return JOIST_OK;
}

static enum joist_status next_zstd(
        struct ji_unpack_stream *stream, struct ji_view *bytes, struct joist_error *err)
{
    ZSTD_outBuffer out = {.dst = stream->out, .size = OUT_BYTES, .pos = 0};
    while (out.pos < OUT_BYTES && !stream->ended) {
        /* More may be long in coming: what there is goes first. */
        const bool has_input =
                stream->in_frame && (stream->in.size > 0 || stream->head_used < stream->head_size);
        if (out.pos > 0 && !has_input)
            break;
        if (!stream->in_frame)
            JI_TRY(begin_frame(stream, err));
        if (!stream->ended)
            JI_TRY(unpack_some(stream, &out, err));
    }
    *bytes = ji_view_of(stream->out, out.pos);
    return JOIST_OK;
}

enum joist_status ji_unpack_stream_next(
        struct ji_unpack_stream *stream, struct ji_view *bytes, struct joist_error *err)
{
    if (stream->inflate != NULL)
        return ji_inflate_next(stream->inflate, bytes, err);
    return next_zstd(stream, bytes, err);
}

static enum joist_status open_zstd(struct ji_unpack_stream *stream, struct joist_error *err)
{
    JI_TRY(ji_alloc(stream->mem, OUT_BYTES, &stream->out, err));
    JI_TRY(charge(stream, 0, err));
    stream->zstd = ZSTD_createDCtx();
    if (stream->zstd == NULL)
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "zstd: no memory for an unpacker");
    return JOIST_OK;
}

enum joist_status ji_unpack_stream_open(struct ji_mem *mem, enum ji_codec codec, struct ji_packed_input input,
        struct ji_unpack_stream **stream, struct joist_error *err)
{
    struct ji_unpack_stream *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->input = input;
    const enum joist_status status =
            codec == JI_CODEC_GZIP ? ji_inflate_open(mem, input, &made->inflate, err) : open_zstd(made, err);
    if (status != JOIST_OK) {
        ji_unpack_stream_close(made);
        return status;
    }
    *stream = made;
    return JOIST_OK;
}

void ji_unpack_stream_close(struct ji_unpack_stream *stream)
{
    if (stream == NULL)
        return;
    ji_inflate_close(stream->inflate);
    ZSTD_freeDCtx(stream->zstd);
    ji_mem_release(stream->mem, stream->charged);
    ji_free(stream->mem, stream->out, OUT_BYTES);
    ji_free(stream->mem, stream, sizeof *stream);
}
