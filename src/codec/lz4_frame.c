/*
 * lz4_frame.c - LZ4's frame format, as Arrow's IPC bodies have it
 *
 *     [magic:4][flags][block size][content size:8?][header checksum]
 *         { [size:4][block][checksum:4?] } ... [0:4][checksum:4?]
 *
 *   1. A block's size with the highest bit set is that of plain bytes.
 *   2. Blocks of a frame that are not independent may refer to the 64 KiB made before them.
 *
 * Written are independent blocks of 4 MiB without checksums: what holds a body has its own means. Format:
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
 */
#include "codec/checksum.h"
#include "codec/codec_state.h"

#include <lz4.h>

#define MAGIC UINT32_C(0x184D2204)
#define HEAD_BYTES_MIN 7
#define VERSION 0x40
#define VERSION_MASK 0xC0
#define INDEPENDENT 0x20
#define BLOCK_SUMS 0x10
#define CONTENT_SIZE 0x08
#define CONTENT_SUM 0x04
#define RESERVED 0x02
#define DICTIONARY 0x01
#define PLAIN_BLOCK UINT32_C(0x80000000)
#define BLOCK_CODE_MIN 4
#define BLOCK_CODE_MAX 7
#define BLOCK_BYTES ((size_t)4 << 20)
#define WINDOW_BYTES ((size_t)64 << 10)

struct frame {
    const uint8_t *at;
    const uint8_t *end;
    uint8_t flags;
    size_t block_bytes;
};

static size_t left(const struct frame *frame)
{
    return (size_t)(frame->end - frame->at);
}

static uint8_t head_sum(const uint8_t *head, size_t size)
{
    return (uint8_t)(ji_xxh32(head, size, 0) >> 8);
}

static enum joist_status read_head(struct frame *frame, struct joist_error *err)
{
    if (left(frame) < HEAD_BYTES_MIN || ji_load_le32(frame->at) != MAGIC)
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: no frame");
    frame->flags = frame->at[4];
    const unsigned code = frame->at[5] >> 4 & 7;
    const size_t size =
            2 + ((frame->flags & CONTENT_SIZE) != 0 ? 8u : 0u) + ((frame->flags & DICTIONARY) != 0 ? 4u : 0u);
    if ((frame->flags & VERSION_MASK) != VERSION || (frame->flags & RESERVED) != 0 || code < BLOCK_CODE_MIN)
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a frame with flags %u, %u", frame->at[4], frame->at[5]);
    if (left(frame) < 4 + size + 1 || frame->at[4 + size] != head_sum(frame->at + 4, size))
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a frame's header with a wrong checksum");
    if ((frame->flags & DICTIONARY) != 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "lz4: a frame with a dictionary");
    frame->block_bytes = (size_t)1 << (8 + 2 * code);
    frame->at += 4 + size + 1;
    return JOIST_OK;
}

/* A block of `size` bytes at `frame->at` behind what was made. */
static enum joist_status take_block(const struct frame *frame, size_t size, bool plain,
        struct ji_codec_room *room, struct joist_error *err)
{
    const size_t space = room->capacity - room->size;
    const size_t capacity = ji_min_size(space, frame->block_bytes);
    uint8_t *out = room->out + room->size;
    if (plain) {
        if (size > frame->block_bytes)
            return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a plain block of %zu bytes", size);
        room->is_short = size > space;
        if (!room->is_short) {
            memcpy(out, frame->at, size);
            room->size += size;
        }
        return JOIST_OK;
    }
    const size_t window = (frame->flags & INDEPENDENT) != 0 ? 0 : ji_min_size(room->size, WINDOW_BYTES);
    const int made = LZ4_decompress_safe_usingDict((const char *)frame->at, (char *)out, (int)size,
            (int)capacity, (const char *)out - window, (int)window);
    if (made >= 0)
        room->size += (size_t)made;
    else if (capacity == frame->block_bytes)
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: bad block of %zu bytes", size);
    else
        room->is_short = true; /* or bad: liblz4 does not say */
    return JOIST_OK;
}

/* The checksum at `frame->at` of `size` bytes. */
static enum joist_status check_sum(
        struct frame *frame, const void *data, size_t size, struct joist_error *err)
{
    if (left(frame) < 4)
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a frame ends early");
    if (ji_load_le32(frame->at) != ji_xxh32(data, size, 0))
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a wrong checksum");
    frame->at += 4;
    return JOIST_OK;
}

enum joist_status ji_lz4_frame_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err)
{
    struct frame frame = {.at = in.data, .end = in.data + in.size};
    room->size = 0;
    JI_TRY(read_head(&frame, err));
    for (;;) {
        if (left(&frame) < 4)
            return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a frame ends early");
        const uint32_t word = ji_load_le32(frame.at);
        const size_t size = word & ~PLAIN_BLOCK;
        frame.at += 4;
        if (word == 0)
            break;
        if (size > left(&frame))
            return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: a block of %zu bytes, and %zu are left", size,
                    left(&frame));
        JI_TRY(take_block(&frame, size, (word & PLAIN_BLOCK) != 0, room, err));
        if (room->is_short)
            return JOIST_OK;
        const uint8_t *block = frame.at;
        frame.at += size;
        if ((frame.flags & BLOCK_SUMS) != 0)
            JI_TRY(check_sum(&frame, block, size, err));
    }
    if ((frame.flags & CONTENT_SUM) != 0)
        JI_TRY(check_sum(&frame, room->out, room->size, err));
    if (left(&frame) != 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "lz4: %zu bytes behind the frame", left(&frame));
    return JOIST_OK;
}

size_t ji_lz4_frame_bound(size_t bytes)
{
    return HEAD_BYTES_MIN + bytes + (bytes / BLOCK_BYTES + 1) * 4 + 4;
}

enum joist_status ji_lz4_frame_pack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    uint8_t *out = room->out;
    if (context->lz4_state == NULL)
        JI_TRY(ji_alloc(context->mem, (size_t)LZ4_sizeofState(), &context->lz4_state, err));
    ji_store_le32(out, MAGIC);
    out[4] = VERSION | INDEPENDENT;
    out[5] = BLOCK_CODE_MAX << 4;
    out[6] = head_sum(out + 4, 2);
    out += HEAD_BYTES_MIN;
    for (size_t at = 0; at < in.size; at += BLOCK_BYTES) {
        const size_t size = ji_min_size(BLOCK_BYTES, in.size - at);
        /* Room for less than the block itself: one that does not shrink stays as it is. */
        const int packed = LZ4_compress_fast_extState(
                context->lz4_state, (const char *)in.data + at, (char *)out + 4, (int)size, (int)size - 1, 1);
        if (packed > 0) {
            ji_store_le32(out, (uint32_t)packed);
            out += 4 + (size_t)packed;
            continue;
        }
        ji_store_le32(out, (uint32_t)size | PLAIN_BLOCK);
        memcpy(out + 4, in.data + at, size);
        out += 4 + size;
    }
    ji_store_le32(out, 0);
    room->size = (size_t)(out + 4 - room->out);
    return JOIST_OK;
}
