/*
 * avro_file.h - object container files: a header, then blocks of records
 *
 *     "Obj" 1 | metadata map | sync (16) | { records | bytes | data | sync } ...
 *
 * wire does not know compression: codecs other than "null" come through callbacks that get the codec's name
 * ("deflate", "zstandard", ...) and answer UNSUPPORTED for those they lack. Avro's deflate is the raw
 * stream of RFC 1951, without a zlib header. A record takes a byte at least: a block of more records than
 * bytes is refused.
 */
#ifndef JI_AVRO_FILE_H
#define JI_AVRO_FILE_H

#include "wire/avro_value.h"

#define JI_AVRO_SYNC_BYTES 16
#define JI_AVRO_METADATA_MAX 1000
/* Of one block, before and after decompression. */
#define JI_AVRO_BLOCK_BYTES_MAX ((size_t)256 << 20)
/* The writer ends a block when its records take this much. */
#define JI_AVRO_BLOCK_BYTES_TARGET ((size_t)64 << 10)

struct ji_avro_codec {
    void *user; /* borrowed as long as the reader or writer */
    /* Appends what `in` unpacks to; more than `bytes_max` is LIMIT. */
    enum joist_status (*decompress)(void *user, const char *codec, struct ji_view in, size_t bytes_max,
            struct ji_bytes *out, struct joist_error *err);
    /* Appends `in` packed. */
    enum joist_status (*compress)(
            void *user, const char *codec, struct ji_view in, struct ji_bytes *out, struct joist_error *err);
};

struct ji_avro_pair {
    const char *key;
    struct ji_view value;
};

/* --- reading --- */

struct ji_avro_reader;

/*
 * Reads the header. `file` is the whole file and borrowed until close; `codec` is copied, NULL: "null"
 * alone.
 */
enum joist_status ji_avro_reader_open(struct ji_mem *mem, struct ji_view file,
        const struct ji_avro_codec *codec, struct ji_avro_reader **reader, struct joist_error *err);
void ji_avro_reader_close(struct ji_avro_reader *reader); /* accepts NULL */

/* The writer's schema; lives as long as the reader. */
const struct ji_avro_type *ji_avro_reader_schema(const struct ji_avro_reader *reader);
/* The header's value for `key`; false where there is none. Lives as long as the file's bytes. */
bool ji_avro_reader_metadata(const struct ji_avro_reader *reader, const char *key, struct ji_view *value);

/*
 * The next record, everything of it in `arena` (its `type`s are the reader's), or NULL at the end. CORRUPT
 * names block and record. Reset the arena between records that are not kept.
 */
enum joist_status ji_avro_reader_next(struct ji_avro_reader *reader, struct ji_arena *arena,
        const struct ji_avro_value **record, struct joist_error *err);

/* --- writing --- */

struct ji_avro_writer_options {
    struct ji_view schema_json; /* kept word for word in the header */
    const struct ji_avro_pair *metadata;
    size_t metadata_count;
    const char *codec_name;            /* borrowed until close; NULL: "null" */
    const struct ji_avro_codec *codec; /* copied; needed where codec_name is another than "null" */
    uint8_t sync[JI_AVRO_SYNC_BYTES];  /* random, from ji_ctx_random */
};

struct ji_avro_writer;

/* Appends the header to `out`, which is borrowed until finish or close and only grows. */
enum joist_status ji_avro_writer_open(struct ji_mem *mem, const struct ji_avro_writer_options *options,
        struct ji_bytes *out, struct ji_avro_writer **writer, struct joist_error *err);
/* The schema that records are encoded with; lives as long as the writer. */
const struct ji_avro_type *ji_avro_writer_schema(const struct ji_avro_writer *writer);
/*
 * After a failure other than INVALID only close is left; after INVALID the record is not there and the
 * writer goes on.
 */
enum joist_status ji_avro_writer_append(
        struct ji_avro_writer *writer, const struct ji_avro_value *record, struct joist_error *err);
/* Ends the last block; the bytes in `out` are a whole file. Then only close is left. */
enum joist_status ji_avro_writer_finish(struct ji_avro_writer *writer, struct joist_error *err);
void ji_avro_writer_close(struct ji_avro_writer *writer); /* accepts NULL */

#endif
