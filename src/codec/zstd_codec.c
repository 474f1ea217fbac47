/*
 * zstd_codec.c - zstd's frames by libzstd
 *
 *   1. `zstd_packer_charged` >= what the packer holds, and the charge is made before the memory is.
 *   2. A packer that outgrew its charge, where the rest is refused, is freed: nothing stays uncharged.
 *
 * libzstd sizes its tables by level and by input; PACKER_BYTES is what libzstd 1.5 takes for inputs over
 * 256 KiB, rounded up. Where a release takes more, the charge follows ZSTD_sizeof_CCtx after the call.
 */
#include "codec/codec_state.h"

#include <assert.h>
#include <zstd.h>
#include <zstd_errors.h>

#define LEVEL_MAX 19
#define KIB ((size_t)1 << 10)
#define UNPACKER_BYTES (96 * KIB)

static const size_t PACKER_BYTES[LEVEL_MAX + 1] = {
        0,
        576 * KIB,
        768 * KIB,
        1280 * KIB,
        2560 * KIB,
        3584 * KIB,
        3584 * KIB,
        6656 * KIB,
        6656 * KIB,
        12800 * KIB,
        25088 * KIB,
        25088 * KIB,
        49664 * KIB,
        33280 * KIB,
        49664 * KIB,
        66048 * KIB,
        33536 * KIB,
        51 * 1024 * KIB,
        52 * 1024 * KIB,
        86 * 1024 * KIB,
};

static enum joist_status recharge(
        struct ji_codec_context *context, size_t *charged, size_t bytes, struct joist_error *err)
{
    if (bytes > *charged) {
        JI_TRY(ji_mem_reserve(context->mem, bytes - *charged, err));
        *charged = bytes;
    }
    return JOIST_OK;
}

static void packer_free(struct ji_codec_context *context)
{
    ZSTD_freeCCtx(context->zstd_packer);
    ji_mem_release(context->mem, context->zstd_packer_charged);
    context->zstd_packer = NULL;
    context->zstd_packer_charged = 0;
}

static void unpacker_free(struct ji_codec_context *context)
{
    ZSTD_freeDCtx(context->zstd_unpacker);
    ji_mem_release(context->mem, context->zstd_unpacker_charged);
    context->zstd_unpacker = NULL;
    context->zstd_unpacker_charged = 0;
}

void ji_zstd_trim(struct ji_codec_context *context)
{
    packer_free(context);
    unpacker_free(context);
}

/* A packer for this level, of which `bytes` are charged. */
static enum joist_status packer_make(
        struct ji_codec_context *context, int level, size_t bytes, struct joist_error *err)
{
    assert(level >= 1 && level <= LEVEL_MAX);
    JI_TRY(recharge(context, &context->zstd_packer_charged, bytes, err));
    if (context->zstd_packer == NULL)
        context->zstd_packer = ZSTD_createCCtx();
    if (context->zstd_packer == NULL) {
        packer_free(context);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "zstd: no memory for a packer of level %d", level);
    }
    return JOIST_OK;
}

/* What libzstd said of a whole frame: its size, or an error. */
static enum joist_status packed(
        struct ji_codec_context *context, size_t code, struct ji_codec_room *room, struct joist_error *err)
{
    const size_t held = ZSTD_sizeof_CCtx(context->zstd_packer);
    const enum joist_status status = recharge(context, &context->zstd_packer_charged, held, err);
    if (status != JOIST_OK) {
        packer_free(context);
        return status;
    }
    if (ZSTD_isError(code)) {
        const bool is_memory = ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation;
        return ji_fail(err, is_memory ? JOIST_ERR_NO_MEMORY : JOIST_ERR_INTERNAL, "zstd: packing: %s",
                ZSTD_getErrorName(code));
    }
    room->size = code;
    return JOIST_OK;
}

enum joist_status ji_zstd_pack(struct ji_codec_context *context, int level, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    JI_TRY(packer_make(context, level, PACKER_BYTES[level], err));
    const size_t code =
            ZSTD_compressCCtx(context->zstd_packer, room->out, room->capacity, in.data, in.size, level);
    return packed(context, code, room, err);
}

/* One part and the end of its block; of the last, that of the frame. An error's code, or 0. */
static size_t part_pack(ZSTD_CCtx *packer, struct ji_view part, bool is_last, ZSTD_outBuffer *out)
{
    ZSTD_inBuffer in = {.src = part.data, .size = part.size};
    for (;;) {
        const size_t before = in.pos + out->pos;
        const size_t left = ZSTD_compressStream2(packer, out, &in, is_last ? ZSTD_e_end : ZSTD_e_flush);
        if (ZSTD_isError(left) || (left == 0 && in.pos == in.size))
            return left;
        if (in.pos + out->pos == before)
            return (size_t)-ZSTD_error_dstSize_tooSmall;
    }
}

static size_t parts_pack(
        ZSTD_CCtx *packer, int level, struct ji_view in, size_t part_bytes, ZSTD_outBuffer *out)
{
    size_t code = ZSTD_CCtx_reset(packer, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(code))
        code = ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, level);
    if (!ZSTD_isError(code))
        code = ZSTD_CCtx_setPledgedSrcSize(packer, in.size);
    for (size_t at = 0; !ZSTD_isError(code);) {
        const size_t take = ji_min_size(part_bytes, in.size - at);
        const bool is_last = at + take == in.size;
        code = part_pack(packer, ji_view_of(in.data + at, take), is_last, out);
        at += take;
        if (is_last)
            break;
    }
    return ZSTD_isError(code) ? code : out->pos;
}

enum joist_status ji_zstd_pack_parts(struct ji_codec_context *context, int level, struct ji_view in,
        size_t part_bytes, struct ji_codec_room *room, struct joist_error *err)
{
    /* A stream keeps its window, which is no larger than the input needs, and a block on either side. */
    const size_t buffers = 2 * in.size + 4 * ZSTD_BLOCKSIZE_MAX;
    JI_TRY(packer_make(context, level, PACKER_BYTES[level] + buffers, err));
    ZSTD_outBuffer out = {.dst = room->out, .size = room->capacity};
    const size_t code = parts_pack(context->zstd_packer, level, in, part_bytes, &out);
    return packed(context, code, room, err);
}

enum joist_status ji_zstd_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    JI_TRY(recharge(context, &context->zstd_unpacker_charged, UNPACKER_BYTES, err));
    if (context->zstd_unpacker == NULL)
        context->zstd_unpacker = ZSTD_createDCtx();
    if (context->zstd_unpacker == NULL) {
        unpacker_free(context);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "zstd: no memory for an unpacker");
    }
    /* No bytes are no frame, but libzstd takes them for zero frames. */
    if (in.size == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "zstd: no bytes at all");
    const size_t code =
            ZSTD_decompressDCtx(context->zstd_unpacker, room->out, room->capacity, in.data, in.size);
    if (!ZSTD_isError(code)) {
        room->size = code;
        return JOIST_OK;
    }
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_dstSize_tooSmall:
        room->is_short = true;
        return JOIST_OK;
    case ZSTD_error_memory_allocation:
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "zstd: %s", ZSTD_getErrorName(code));
    default:
        return ji_fail(err, JOIST_ERR_CORRUPT, "zstd: %s", ZSTD_getErrorName(code));
    }
}

size_t ji_zstd_size_hint(struct ji_view in)
{
    const unsigned long long size = ZSTD_getFrameContentSize(in.data, in.size);
    return size > JI_CODEC_BYTES_MAX ? 0 : (size_t)size;
}
