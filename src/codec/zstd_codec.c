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

enum joist_status ji_zstd_pack(struct ji_codec_context *context, int level, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    assert(level >= 1 && level <= LEVEL_MAX);
    JI_TRY(recharge(context, &context->zstd_packer_charged, PACKER_BYTES[level], err));
    if (context->zstd_packer == NULL)
        context->zstd_packer = ZSTD_createCCtx();
    if (context->zstd_packer == NULL) {
        packer_free(context);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "zstd: no memory for a packer of level %d", level);
    }
    const size_t code =
            ZSTD_compressCCtx(context->zstd_packer, room->out, room->capacity, in.data, in.size, level);
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
