/*
 * codec.c - the table of codecs
 *
 * Each codec has a file; this one knows their names, levels and bounds, checks sizes at the door, and turns
 * "as much as fits" into "exactly this many" (pages, whose size is told) and "however many" (Avro's blocks,
 * whose size is not: a guess that is doubled until it is enough).
 */
#include "codec/codec_state.h"

#include <brotli/encode.h>
#include <libdeflate.h>
#include <lz4.h>
#include <zstd.h>

/* A smaller part is not worth a block's head and tables. */
#define PART_BYTES_MIN 4096
#define GUESS_BYTES_MIN ((size_t)4096)
#define GUESS_FACTOR 4

struct codec_row {
    const char *name;
    int level_default; /* 0: the codec has no levels */
    int level_max;
};

static const struct codec_row CODECS[JI_CODEC_COUNT] = {
        [JI_CODEC_NONE] = {"none", 0, 0},
        [JI_CODEC_SNAPPY] = {"snappy", 0, 0},
        [JI_CODEC_GZIP] = {"gzip", 6, 12},
        [JI_CODEC_DEFLATE] = {"deflate", 6, 12},
        [JI_CODEC_BROTLI] = {"brotli", 5, 11},
        [JI_CODEC_ZSTD] = {"zstd", 1, 19},
        [JI_CODEC_LZ4_RAW] = {"lz4_raw", 0, 0},
        [JI_CODEC_LZ4_HADOOP] = {"lz4", 0, 0},
        [JI_CODEC_LZ4_FRAME] = {"lz4_frame", 0, 0},
};

const char *ji_codec_name(enum ji_codec codec)
{
    return (unsigned)codec < JI_CODEC_COUNT ? CODECS[codec].name : "unknown codec";
}

enum joist_status ji_codec_context_open(
        struct ji_mem *mem, struct ji_codec_context **context, struct joist_error *err)
{
    struct ji_codec_context *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    *context = made;
    return JOIST_OK;
}

void ji_codec_context_trim(struct ji_codec_context *context)
{
    ji_zstd_trim(context);
    ji_deflate_trim(context);
    ji_lz4_trim(context);
    ji_snappy_trim(context);
}

void ji_codec_context_close(struct ji_codec_context *context)
{
    if (context == NULL)
        return;
    ji_codec_context_trim(context);
    ji_free(context->mem, context, sizeof *context);
}

enum joist_status ji_codec_check(enum ji_codec codec, int level, struct joist_error *err)
{
    if ((unsigned)codec >= JI_CODEC_COUNT)
        return ji_fail(err, JOIST_ERR_INVALID, "codec %d is unknown", (int)codec);
    if (codec == JI_CODEC_LZ4_HADOOP)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "writing lz4 in hadoop's frames (lz4_raw stands for it)");
    const struct codec_row *row = &CODECS[codec];
    if (level != 0 && row->level_max == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "codec %s has no levels, and got %d", row->name, level);
    if (level < 0 || level > row->level_max)
        return ji_fail(err, JOIST_ERR_INVALID, "codec %s has the levels 1 to %d, and got %d", row->name,
                row->level_max, level);
    return JOIST_OK;
}

size_t ji_codec_bound(enum ji_codec codec, size_t bytes)
{
    switch (codec) {
    case JI_CODEC_SNAPPY:
        /* A literal tag takes at most 3 bytes for each 60, the length 5 at most. */
        return 32 + bytes + bytes / 6;
    case JI_CODEC_GZIP:
        return libdeflate_gzip_compress_bound(NULL, bytes);
    case JI_CODEC_DEFLATE:
        return libdeflate_deflate_compress_bound(NULL, bytes);
    case JI_CODEC_BROTLI:
        return BrotliEncoderMaxCompressedSize(bytes) + 16;
    case JI_CODEC_ZSTD:
        return ZSTD_compressBound(bytes);
    case JI_CODEC_LZ4_RAW:
        return bytes + bytes / 255 + 16;
    case JI_CODEC_LZ4_FRAME:
        return ji_lz4_frame_bound(bytes);
    case JI_CODEC_NONE:
    case JI_CODEC_LZ4_HADOOP:
        break;
    }
    return bytes;
}

static enum joist_status none_move(struct ji_view in, struct ji_codec_room *room)
{
    if (in.size > room->capacity) {
        room->is_short = true;
        return JOIST_OK;
    }
    if (in.size != 0)
        memcpy(room->out, in.data, in.size);
    room->size = in.size;
    return JOIST_OK;
}

enum joist_status ji_compress(struct ji_codec_context *context, enum ji_codec codec, int level,
        struct ji_view in, uint8_t *out, size_t *size, struct joist_error *err)
{
    if (in.size > JI_CODEC_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: %zu bytes at once", ji_codec_name(codec), in.size);

    struct ji_codec_room room = {.out = out, .capacity = ji_codec_bound(codec, in.size)};
    level = level == 0 ? CODECS[codec].level_default : level;
    switch (codec) {
    case JI_CODEC_NONE:
        JI_TRY(none_move(in, &room));
        break;
    case JI_CODEC_SNAPPY:
        JI_TRY(ji_snappy_pack(context, in, &room, err));
        break;
    case JI_CODEC_GZIP:
    case JI_CODEC_DEFLATE:
        JI_TRY(ji_deflate_pack(context, codec, level, in, &room, err));
        break;
    case JI_CODEC_BROTLI:
        JI_TRY(ji_brotli_pack(context, level, in, &room, err));
        break;
    case JI_CODEC_ZSTD:
        JI_TRY(ji_zstd_pack(context, level, in, &room, err));
        break;
    case JI_CODEC_LZ4_RAW:
        JI_TRY(ji_lz4_pack(context, in, &room, err));
        break;
    case JI_CODEC_LZ4_FRAME:
        JI_TRY(ji_lz4_frame_pack(context, in, &room, err));
        break;
    case JI_CODEC_LZ4_HADOOP:
        return ji_codec_check(codec, 0, err);
    }
    *size = room.size;
    return JOIST_OK;
}

enum joist_status ji_compress_parts(struct ji_codec_context *context, enum ji_codec codec, int level,
        const struct ji_codec_parts *in, uint8_t *out, size_t *size, struct joist_error *err)
{
    if (codec != JI_CODEC_ZSTD || in->part_bytes < PART_BYTES_MIN || in->all.size > JI_CODEC_BYTES_MAX)
        return ji_compress(context, codec, level, in->all, out, size, err);
    struct ji_codec_room room = {.out = out, .capacity = ji_codec_bound(codec, in->all.size)};
    level = level == 0 ? CODECS[codec].level_default : level;
    JI_TRY(ji_zstd_pack_parts(context, level, in->all, in->part_bytes, &room, err));
    *size = room.size;
    return JOIST_OK;
}

static enum joist_status unpack(struct ji_codec_context *context, enum ji_codec codec, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    switch (codec) {
    case JI_CODEC_NONE:
        return none_move(in, room);
    case JI_CODEC_SNAPPY:
        return ji_snappy_unpack(in, room, err);
    case JI_CODEC_GZIP:
        return ji_gzip_unpack(context, in, room, err);
    case JI_CODEC_DEFLATE:
        return ji_deflate_unpack(context, in, room, err);
    case JI_CODEC_BROTLI:
        return ji_brotli_unpack(context, in, room, err);
    case JI_CODEC_ZSTD:
        return ji_zstd_unpack(context, in, room, err);
    case JI_CODEC_LZ4_RAW:
        return ji_lz4_unpack(in, room, err);
    case JI_CODEC_LZ4_HADOOP:
        return ji_lz4_hadoop_unpack(in, room, err);
    case JI_CODEC_LZ4_FRAME:
        return ji_lz4_frame_unpack(in, room, err);
    }
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "codec %d is unknown", (int)codec);
}

enum joist_status ji_decompress(struct ji_codec_context *context, enum ji_codec codec, struct ji_view in,
        uint8_t *out, size_t size, struct joist_error *err)
{
    if (in.size > JI_CODEC_BYTES_MAX || size > JI_CODEC_BYTES_MAX)
        return ji_fail(
                err, JOIST_ERR_LIMIT, "%s: %zu bytes from %zu at once", ji_codec_name(codec), size, in.size);
    struct ji_codec_room room = {.out = out, .capacity = size};
    JI_TRY(unpack(context, codec, in, &room, err));
    if (room.is_short && (codec == JI_CODEC_LZ4_RAW || codec == JI_CODEC_LZ4_HADOOP))
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: not a block of the declared %zu bytes",
                ji_codec_name(codec), size);
    if (room.is_short)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: makes more than the declared %zu bytes",
                ji_codec_name(codec), size);
    if (room.size != size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: makes %zu bytes, not the declared %zu",
                ji_codec_name(codec), room.size, size);
    return JOIST_OK;
}

static size_t size_guess(enum ji_codec codec, struct ji_view in)
{
    size_t guess = 0;
    if (codec == JI_CODEC_NONE)
        guess = in.size;
    else if (codec == JI_CODEC_SNAPPY && ji_snappy_size(in, &guess))
        return ji_max_size(guess, 1);
    else if (codec == JI_CODEC_ZSTD)
        guess = ji_zstd_size_hint(in);
    if (guess == 0)
        guess = in.size * GUESS_FACTOR;
    return ji_max_size(guess, GUESS_BYTES_MIN);
}

enum joist_status ji_decompress_append(struct ji_codec_context *context, enum ji_codec codec,
        struct ji_view in, size_t bytes_max, struct ji_bytes *out, struct joist_error *err)
{
    if (in.size > JI_CODEC_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: %zu bytes at once", ji_codec_name(codec), in.size);
    bytes_max = ji_min_size(bytes_max, JI_CODEC_BYTES_MAX);
    size_t capacity = ji_min_size(size_guess(codec, in), bytes_max);
    for (;;) {
        JI_TRY(ji_bytes_reserve(out, capacity, err));
        struct ji_codec_room room = {.out = out->data + out->size, .capacity = capacity};
        JI_TRY(unpack(context, codec, in, &room, err));
        if (!room.is_short) {
            out->size += room.size;
            return JOIST_OK;
        }
        if (capacity == bytes_max)
            return ji_fail(
                    err, JOIST_ERR_LIMIT, "%s: makes more than %zu bytes", ji_codec_name(codec), bytes_max);
        capacity = capacity > bytes_max / 2 ? bytes_max : capacity * 2;
    }
}
