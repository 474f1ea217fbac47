/*
 * deflate_codec.c - deflate and gzip by libdeflate
 *
 * A packer is made for one level, and made anew where another is asked for. libdeflate does not say what it
 * allocates: the charges are its structs' sizes (measured for release 1.14 by counting malloc), rounded up.
 */
#include "codec/codec_state.h"

#include <libdeflate.h>

#define KIB ((size_t)1 << 10)
#define UNPACKER_BYTES (16 * KIB)
#define GZIP_MEMBER_BYTES_MIN 18 /* header 10, trailer 8 */

/* Level 1 keeps a hash table, 2 to 9 chains; 10 to 12 keep all matches and look for the cheapest parse. */
static size_t packer_bytes(int level)
{
    if (level >= 10)
        return 8800 * KIB;
    return level == 1 ? 200 * KIB : 656 * KIB;
}

void ji_deflate_trim(struct ji_codec_context *context)
{
    libdeflate_free_compressor(context->deflate_packer);
    ji_mem_release(context->mem, context->deflate_charged);
    context->deflate_packer = NULL;
    context->deflate_charged = 0;
    if (context->deflate_unpacker != NULL) {
        libdeflate_free_decompressor(context->deflate_unpacker);
        ji_mem_release(context->mem, UNPACKER_BYTES);
        context->deflate_unpacker = NULL;
    }
}

static enum joist_status packer_get(struct ji_codec_context *context, int level, struct joist_error *err)
{
    if (context->deflate_packer != NULL && context->deflate_level == level)
        return JOIST_OK;
    libdeflate_free_compressor(context->deflate_packer);
    ji_mem_release(context->mem, context->deflate_charged);
    context->deflate_packer = NULL;
    context->deflate_charged = 0;

    const size_t bytes = packer_bytes(level);
    JI_TRY(ji_mem_reserve(context->mem, bytes, err));
    struct libdeflate_compressor *made = libdeflate_alloc_compressor(level);
    if (made == NULL) {
        ji_mem_release(context->mem, bytes);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "deflate: no memory for a packer of level %d", level);
    }
    context->deflate_packer = made;
    context->deflate_charged = bytes;
    context->deflate_level = level;
    return JOIST_OK;
}

static enum joist_status unpacker_get(struct ji_codec_context *context, struct joist_error *err)
{
    if (context->deflate_unpacker != NULL)
        return JOIST_OK;
    JI_TRY(ji_mem_reserve(context->mem, UNPACKER_BYTES, err));
    context->deflate_unpacker = libdeflate_alloc_decompressor();
    if (context->deflate_unpacker == NULL) {
        ji_mem_release(context->mem, UNPACKER_BYTES);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "deflate: no memory for an unpacker");
    }
    return JOIST_OK;
}

enum joist_status ji_deflate_pack(struct ji_codec_context *context, enum ji_codec codec, int level,
        struct ji_view in, struct ji_codec_room *room, struct joist_error *err)
{
    JI_TRY(packer_get(context, level, err));
    const void *data = in.size == 0 ? "" : (const void *)in.data;
    size_t (*pack)(struct libdeflate_compressor *, const void *, size_t, void *, size_t) =
            codec == JI_CODEC_GZIP ? libdeflate_gzip_compress : libdeflate_deflate_compress;
    room->size = pack(context->deflate_packer, data, in.size, room->out, room->capacity);
    if (room->size == 0)
        return ji_fail(err, JOIST_ERR_INTERNAL, "%s: %zu bytes are no room for %zu packed ones",
                ji_codec_name(codec), room->capacity, in.size);
    return JOIST_OK;
}

static enum joist_status judge(
        enum libdeflate_result result, struct ji_codec_room *room, const char *codec, struct joist_error *err)
{
    if (result == LIBDEFLATE_SUCCESS)
        return JOIST_OK;
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
        room->is_short = true;
        return JOIST_OK;
    }
    return ji_fail(err, JOIST_ERR_CORRUPT, "%s: bad data behind byte %zu of the output", codec, room->size);
}

enum joist_status ji_deflate_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    JI_TRY(unpacker_get(context, err));
    uint8_t none = 0;
    size_t used = 0;
    size_t size = 0;
    const enum libdeflate_result result =
            libdeflate_deflate_decompress_ex(context->deflate_unpacker, in.size == 0 ? &none : in.data,
                    in.size, room->capacity == 0 ? &none : room->out, room->capacity, &used, &size);
    JI_TRY(judge(result, room, "deflate", err));
    if (room->is_short)
        return JOIST_OK;
    if (used != in.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "deflate: %zu bytes behind its end", in.size - used);
    room->size = size;
    return JOIST_OK;
}

enum joist_status ji_gzip_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    JI_TRY(unpacker_get(context, err));
    uint8_t none = 0;
    size_t at = 0;
    do {
        if (in.size - at < GZIP_MEMBER_BYTES_MIN)
            return ji_fail(err, JOIST_ERR_CORRUPT, "gzip: a member of %zu bytes at %zu", in.size - at, at);
        size_t used = 0;
        size_t size = 0;
        const enum libdeflate_result result = libdeflate_gzip_decompress_ex(context->deflate_unpacker,
                in.data + at, in.size - at, room->capacity == 0 ? &none : room->out + room->size,
                room->capacity - room->size, &used, &size);
        JI_TRY(judge(result, room, "gzip", err));
        if (room->is_short)
            return JOIST_OK;
        at += used;
        room->size += size;
    } while (at < in.size);
    return JOIST_OK;
}
