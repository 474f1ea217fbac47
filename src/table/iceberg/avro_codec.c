/*
 * avro_codec.c - the compression of Avro's object files, from the codecs of codec/
 *
 *     deflate: RFC 1951 | zstandard: frames | snappy: a block, then the CRC-32 of what it unpacks to,
 *     big-endian
 */
#include "codec/checksum.h"
#include "codec/codec.h"
#include "table/iceberg/manifest.h"

#define CRC_BYTES 4
#define ZLIB_LEFTOVER_BYTES 3

static bool find_codec(const char *name, enum ji_codec *codec)
{
    static const struct {
        const char *name;
        enum ji_codec codec;
    } CODECS[] = {{"deflate", JI_CODEC_DEFLATE}, {"zstandard", JI_CODEC_ZSTD}, {"snappy", JI_CODEC_SNAPPY}};
    for (size_t i = 0; i < sizeof CODECS / sizeof CODECS[0]; i++) {
        if (strcmp(name, CODECS[i].name) == 0) {
            *codec = CODECS[i].codec;
            return true;
        }
    }
    return false;
}

static enum joist_status inflate(
        void *user, struct ji_view in, size_t bytes_max, struct ji_bytes *out, struct joist_error *err)
{
    const enum joist_status status = ji_decompress_append(user, JI_CODEC_DEFLATE, in, bytes_max, out, err);
    if (status != JOIST_ERR_CORRUPT || in.size <= ZLIB_LEFTOVER_BYTES)
        return status;
    const struct ji_view cut = ji_view_of(in.data, in.size - ZLIB_LEFTOVER_BYTES);
    return ji_decompress_append(user, JI_CODEC_DEFLATE, cut, bytes_max, out, NULL) == JOIST_OK ? JOIST_OK
                                                                                               : status;
}

static enum joist_status decompress(void *user, const char *name, struct ji_view in, size_t bytes_max,
        struct ji_bytes *out, struct joist_error *err)
{
    enum ji_codec codec;
    if (!find_codec(name, &codec))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "Avro codec '%s'", name);
    if (codec == JI_CODEC_DEFLATE)
        return inflate(user, in, bytes_max, out, err);
    if (codec != JI_CODEC_SNAPPY)
        return ji_decompress_append(user, codec, in, bytes_max, out, err);
    if (in.size < CRC_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "snappy block of %zu bytes", in.size);
    const size_t before = out->size;
    const struct ji_view block = ji_view_of(in.data, in.size - CRC_BYTES);
    JI_TRY(ji_decompress_append(user, codec, block, bytes_max, out, err));
    const uint32_t wanted = ji_load_be32(in.data + block.size);
    if (ji_crc32(0, out->data + before, out->size - before) == wanted)
        return JOIST_OK;
    out->size = before;
    return ji_fail(err, JOIST_ERR_CORRUPT, "snappy block fails its checksum");
}

static enum joist_status compress(
        void *user, const char *name, struct ji_view in, struct ji_bytes *out, struct joist_error *err)
{
    enum ji_codec codec;
    if (!find_codec(name, &codec))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "Avro codec '%s'", name);
    const size_t room = ji_codec_bound(codec, in.size) + CRC_BYTES;
    size_t size = 0;
    JI_TRY(ji_bytes_reserve(out, room, err));
    JI_TRY(ji_compress(user, codec, 0, in, out->data + out->size, &size, err));
    if (codec == JI_CODEC_SNAPPY) {
        ji_store_be32(out->data + out->size + size, ji_crc32(0, in.data, in.size));
        size += CRC_BYTES;
    }
    out->size += size;
    return JOIST_OK;
}

struct ji_avro_codec ji_avro_codecs(struct ji_codec_context *context)
{
    return (struct ji_avro_codec){.user = context, .decompress = decompress, .compress = compress};
}
