/*
 * codec_state.h - what a codec context holds, and the functions of each codec
 *
 * Every `unpack` fills at most `capacity` bytes: `*is_short` says that there was more to come, which is a
 * failure of the caller's size and not of the stream; `*size` counts only where it is false.
 */
#ifndef JI_CODEC_STATE_H
#define JI_CODEC_STATE_H

#include "codec/codec.h"

struct ji_codec_context {
    struct ji_mem *mem;
    void *zstd_packer; /* ZSTD_CCtx */
    size_t zstd_packer_charged;
    void *zstd_unpacker; /* ZSTD_DCtx */
    size_t zstd_unpacker_charged;
    void *deflate_packer; /* libdeflate_compressor */
    int deflate_level;
    size_t deflate_charged;
    void *deflate_unpacker; /* libdeflate_decompressor */
    void *lz4_state;
    uint16_t *snappy_table;
};

/* Where unpacked bytes go. */
struct ji_codec_room {
    uint8_t *out;
    size_t capacity;
    size_t size;
    bool is_short;
};

enum joist_status ji_zstd_pack(struct ji_codec_context *context, int level, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
/* Blocks end at each multiple of `part_bytes`, at least 1 KiB. */
enum joist_status ji_zstd_pack_parts(struct ji_codec_context *context, int level, struct ji_view in,
        size_t part_bytes, struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_zstd_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
/* The size that the first frame says it has, or 0 where it says none. */
size_t ji_zstd_size_hint(struct ji_view in);
void ji_zstd_trim(struct ji_codec_context *context);

enum joist_status ji_deflate_pack(struct ji_codec_context *context, enum ji_codec codec, int level,
        struct ji_view in, struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_deflate_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_gzip_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
void ji_deflate_trim(struct ji_codec_context *context);

enum joist_status ji_brotli_pack(struct ji_codec_context *context, int level, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_brotli_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);

enum joist_status ji_lz4_pack(struct ji_codec_context *context, struct ji_view in, struct ji_codec_room *room,
        struct joist_error *err);
enum joist_status ji_lz4_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_lz4_hadoop_unpack(
        struct ji_view in, struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_lz4_frame_pack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_lz4_frame_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err);
size_t ji_lz4_frame_bound(size_t bytes);
void ji_lz4_trim(struct ji_codec_context *context);

enum joist_status ji_snappy_pack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err);
enum joist_status ji_snappy_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err);
/* The size that the block says it has; false where it does not begin with one. */
bool ji_snappy_size(struct ji_view in, size_t *size);
void ji_snappy_trim(struct ji_codec_context *context);

#endif
