/*
 * codec.h - bytes -> bytes: one table of compression codecs
 *
 * A context holds the state that codecs like to keep between calls (zstd's tables, deflate's), made when
 * first needed and reused after. It belongs to one owner: not thread-safe, one a worker.
 * Memory: our own comes from the context's pool; heap of the libraries is charged to it before it is made.
 */
#ifndef JI_CODEC_H
#define JI_CODEC_H

#include "base/buffer.h"

enum ji_codec {
    JI_CODEC_NONE = 0,
    JI_CODEC_SNAPPY,     /* the block format, as Parquet has it; Avro puts a checksum behind */
    JI_CODEC_GZIP,       /* RFC 1952; several members one after another are read */
    JI_CODEC_DEFLATE,    /* RFC 1951 without a frame: Avro's "deflate" */
    JI_CODEC_BROTLI,     /* RFC 7932 */
    JI_CODEC_ZSTD,       /* RFC 8878; several frames one after another are read */
    JI_CODEC_LZ4_RAW,    /* LZ4's block format */
    JI_CODEC_LZ4_HADOOP, /* Parquet's old LZ4: Hadoop's frames, or a bare block; read only */
    JI_CODEC_LZ4_FRAME,  /* LZ4's own frames, one of them */
};
#define JI_CODEC_COUNT (JI_CODEC_LZ4_FRAME + 1)

/* No call takes or makes more than this at once. */
#define JI_CODEC_BYTES_MAX ((size_t)0x7fffffff)

/* "zstd", "gzip", ...: static text, never NULL. */
const char *ji_codec_name(enum ji_codec codec);

struct ji_codec_context;

enum joist_status ji_codec_context_open(
        struct ji_mem *mem, struct ji_codec_context **context, struct joist_error *err);
void ji_codec_context_close(struct ji_codec_context *context); /* accepts NULL */
/* Lets go of all state; the context goes on, and makes it anew when needed. */
void ji_codec_context_trim(struct ji_codec_context *context);

/*
 * Whether `level` can be had: 0 is the default (zstd 1, gzip and deflate 6, brotli 5); zstd 1..19, gzip and
 * deflate 1..12, brotli 1..11; the others have no levels. INVALID names codec and range; UNSUPPORTED for
 * codecs that we do not write.
 */
enum joist_status ji_codec_check(enum ji_codec codec, int level, struct joist_error *err);

/* The most that `bytes` bytes may become: room that ji_compress never finds too small. */
size_t ji_codec_bound(enum ji_codec codec, size_t bytes);

/*
 * Packs `in` into `out`, which has room for ji_codec_bound(codec, in.size) bytes. The level is one that
 * ji_codec_check lets pass. LIMIT or NO_MEMORY where the codec's state cannot be had.
 */
enum joist_status ji_compress(struct ji_codec_context *context, enum ji_codec codec, int level,
        struct ji_view in, uint8_t *out, size_t *size, struct joist_error *err);

/* Bytes of several kinds one behind another, `part_bytes` of each. */
struct ji_codec_parts {
    struct ji_view all;
    size_t part_bytes;
};

/*
 * The same for bytes of several kinds: where the codec can, no block of its own spans
 * two kinds, so that each is packed by its own frequencies. One stream all the same.
 */
enum joist_status ji_compress_parts(struct ji_codec_context *context, enum ji_codec codec, int level,
        const struct ji_codec_parts *in, uint8_t *out, size_t *size, struct joist_error *err);

/*
 * Unpacks all of `in` into exactly `size` bytes at `out`; CORRUPT where it is not a whole stream of the codec
 * or makes any other number of bytes. What `out` holds after a failure is not specified.
 */
enum joist_status ji_decompress(struct ji_codec_context *context, enum ji_codec codec, struct ji_view in,
        uint8_t *out, size_t size, struct joist_error *err);

/*
 * The same where the size is not known: appends to `out`; LIMIT beyond `bytes_max` bytes. On failure
 * `out->size` is as before.
 */
enum joist_status ji_decompress_append(struct ji_codec_context *context, enum ji_codec codec,
        struct ji_view in, size_t bytes_max, struct ji_bytes *out, struct joist_error *err);

#endif
