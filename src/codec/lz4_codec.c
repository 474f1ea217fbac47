/*
 * lz4_codec.c - LZ4's block format by liblz4, bare and in Hadoop's frames
 *
 *     hadoop   [size, big-endian 4][packed size, big-endian 4][block] ...   what parquet-mr called LZ4
 *
 * Writers of the old "LZ4" disagreed: some wrote those frames, some bare blocks. Frames whose sizes add up
 * to exactly the declared total are taken for frames, anything else for one block.
 */
#include "codec/codec_state.h"

#include <lz4.h>

#define FRAME_HEAD_BYTES 8
#define EXPANSION_MAX 255 /* a block makes at most this many bytes of one */

void ji_lz4_trim(struct ji_codec_context *context)
{
    if (context->lz4_state != NULL)
        ji_free(context->mem, context->lz4_state, (size_t)LZ4_sizeofState());
    context->lz4_state = NULL;
}

enum joist_status ji_lz4_pack(struct ji_codec_context *context, struct ji_view in, struct ji_codec_room *room,
        struct joist_error *err)
{
    if (in.size > LZ4_MAX_INPUT_SIZE)
        return ji_fail(err, JOIST_ERR_LIMIT, "lz4_raw: %zu bytes at once", in.size);
    if (context->lz4_state == NULL)
        JI_TRY(ji_alloc(context->mem, (size_t)LZ4_sizeofState(), &context->lz4_state, err));
    const char *from = in.size == 0 ? "" : (const char *)in.data;
    const int capacity = (int)ji_min_size(room->capacity, JI_CODEC_BYTES_MAX);
    const int size = LZ4_compress_fast_extState(
            context->lz4_state, from, (char *)room->out, (int)in.size, capacity, 1);
    if (size <= 0)
        return ji_fail(err, JOIST_ERR_INTERNAL, "lz4_raw: packing %zu bytes failed", in.size);
    room->size = (size_t)size;
    return JOIST_OK;
}

/* liblz4 does not say why: what could still be a want of room is taken for that. */
enum joist_status ji_lz4_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err)
{
    char none = 0;
    char *out = room->capacity == 0 ? &none : (char *)room->out;
    const int size = in.size == 0
            ? -1
            : LZ4_decompress_safe((const char *)in.data, out, (int)in.size, (int)room->capacity);
    if (size >= 0) {
        room->size = (size_t)size;
        return JOIST_OK;
    }
    if (room->capacity / EXPANSION_MAX >= in.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: bad block of %zu bytes", in.size);
    room->is_short = true;
    return JOIST_OK;
}

static bool frames_unpack(struct ji_view in, struct ji_codec_room *room)
{
    size_t at = 0;
    size_t made = 0;
    while (at < in.size) {
        if (in.size - at < FRAME_HEAD_BYTES)
            return false;
        const size_t size = ji_load_be32(in.data + at);
        const size_t packed = ji_load_be32(in.data + at + 4);
        at += FRAME_HEAD_BYTES;
        if (packed > in.size - at || size > room->capacity - made)
            return false;
        struct ji_codec_room part = {.out = room->out + made, .capacity = size};
        const enum joist_status status = ji_lz4_unpack(ji_view_of(in.data + at, packed), &part, NULL);
        if (status != JOIST_OK || part.is_short || part.size != size)
            return false;
        at += packed;
        made += size;
    }
    room->size = made;
    return made == room->capacity;
}

enum joist_status ji_lz4_hadoop_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err)
{
    if (frames_unpack(in, room))
        return JOIST_OK;
    room->size = 0;
    return ji_lz4_unpack(in, room, err);
}
