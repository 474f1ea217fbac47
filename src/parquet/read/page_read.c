/*
 * page_read.c - headers, checksums and unpacking, over a window that slides along the chunk
 *
 *     chunk  [begin ........ position ............ end)
 *     window          [offset ............. + bytes)
 *
 *   1. position <= end where a header was found; no byte outside [begin, end) is asked of the source.
 *   2. What is taken from a page's bytes is what its header declares, and the header's sizes fit the chunk.
 *   3. A page unpacks to exactly its declared size, into memory that the pool has granted.
 *
 * Headers carry no length of their own: we decode from what the window has, and double that when the decoder
 * runs short, up to a limit that no honest header meets.
 */
#include "parquet/read/page_read.h"

#include "codec/checksum.h"
#include "parquet/format/crypto_read.h"

#include <assert.h>

#define WINDOW_BYTES ((size_t)128 << 10)
#define HEADER_GUESS_BYTES ((size_t)256)

static enum joist_status map_codec(enum ji_parquet_codec from, enum ji_codec *to, struct joist_error *err)
{
    static const enum ji_codec codecs[] = {
            [JI_PARQUET_UNCOMPRESSED] = JI_CODEC_NONE,
            [JI_PARQUET_SNAPPY] = JI_CODEC_SNAPPY,
            [JI_PARQUET_GZIP] = JI_CODEC_GZIP,
            [JI_PARQUET_LZO] = JI_CODEC_NONE,
            [JI_PARQUET_BROTLI] = JI_CODEC_BROTLI,
            [JI_PARQUET_LZ4] = JI_CODEC_LZ4_HADOOP,
            [JI_PARQUET_ZSTD] = JI_CODEC_ZSTD,
            [JI_PARQUET_LZ4_RAW] = JI_CODEC_LZ4_RAW,
    };
    const size_t index = (size_t)from;
    if (index >= sizeof codecs / sizeof codecs[0] || from == JI_PARQUET_LZO)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "codec %s (%d)", ji_parquet_codec_name(from), (int)from);
    *to = codecs[index];
    return JOIST_OK;
}

enum joist_status ji_page_reader_init(struct ji_page_reader *reader, struct ji_mem *mem,
        const struct joist_source *source, struct ji_codec_context *codecs, const struct ji_chunk *chunk,
        uint64_t begin, struct joist_error *err)
{
    struct ji_page_reader made = {.source = source, .mem = mem, .codecs = codecs, .buffer_mem = mem};
    JI_TRY(map_codec(chunk->codec, &made.codec, err));
    made.begin = made.position = made.window_offset = begin;
    made.end = begin + (uint64_t)chunk->compressed_bytes;
    made.window_read_bytes = WINDOW_BYTES;
    made.read_end = UINT64_MAX;
    *reader = made;
    return JOIST_OK;
}

static void free_window(struct ji_page_reader *reader)
{
    if (reader->window != NULL)
        ji_slab_free(reader->mem, reader->window, reader->window_capacity);
    reader->window = NULL;
}

void ji_page_reader_clear(struct ji_page_reader *reader)
{
    free_window(reader);
    ji_page_cipher_close(reader->cipher);
    reader->cipher = NULL;
}

/* A window of at least `bytes`, with what it has from `position` on moved to its start. */
static enum joist_status slide(
        struct ji_page_reader *reader, size_t kept, size_t bytes, struct joist_error *err)
{
    const size_t from = (size_t)(reader->position - reader->window_offset);
    if (bytes > reader->window_capacity) {
        uint8_t *fresh = NULL;
        size_t capacity = 0;
        JI_TRY(ji_slab_alloc(reader->mem, bytes, &fresh, &capacity, err));
        if (kept > 0)
            memcpy(fresh, reader->window + from, kept);
        free_window(reader);
        reader->window = fresh;
        reader->window_capacity = capacity;
    } else if (kept > 0 && from > 0) {
        memmove(reader->window, reader->window + from, kept);
    }
    reader->window_offset = reader->position;
    reader->window_bytes = kept;
    return JOIST_OK;
}

/* How many bytes of the window stand at `position`. */
static size_t held_bytes(const struct ji_page_reader *reader)
{
    const uint64_t window_end = reader->window_offset + reader->window_bytes;
    if (reader->position < reader->window_offset || reader->position >= window_end)
        return 0;
    return (size_t)(window_end - reader->position);
}

/*
 * Tells the source of the bytes behind `from`, half of the distance at a time: it may fetch them while those
 * before are decoded.
 */
static void look_ahead(struct ji_page_reader *reader, uint64_t from)
{
    const uint64_t end = ji_min_u64(reader->end, reader->read_end);
    const uint64_t begin = ji_max_u64(from, reader->hinted_end);
    if (reader->hint_bytes == 0 || begin >= end || begin - from > reader->hint_bytes / 2)
        return;
    reader->hinted_end = ji_min_u64(end, from + reader->hint_bytes);
    ji_source_will_need(reader->source, begin, reader->hinted_end - begin);
}

/* `bytes` bytes from `position` on, which fit the chunk, in the window. */
static enum joist_status need(
        struct ji_page_reader *reader, size_t bytes, const uint8_t **data, struct joist_error *err)
{
    const size_t kept = held_bytes(reader);
    if (kept < bytes) {
        const uint64_t left = reader->end - reader->position;
        assert(bytes <= left);
        const uint64_t aimed =
                reader->read_end > reader->position ? reader->read_end - reader->position : bytes;
        const uint64_t ahead = ji_min_u64(ji_min_u64(reader->window_read_bytes, aimed), left);
        /* What a page needs, and the next header with it where more is read anyway. */
        const uint64_t least = ahead > bytes ? ahead : bytes + (aimed > bytes ? HEADER_GUESS_BYTES : 0);
        const size_t wanted = (size_t)ji_min_u64(ji_max_u64(bytes, least), left);
        JI_TRY(slide(reader, kept, wanted, err));
        look_ahead(reader, reader->position + wanted);
        JI_TRY(ji_source_read(
                reader->source, reader->position + kept, wanted - kept, reader->window + kept, err));
        reader->window_bytes = wanted;
    }
    *data = reader->window + (reader->position - reader->window_offset);
    return JOIST_OK;
}

/* An encrypted header, which says how long it is. */
static enum joist_status sealed_header(struct ji_page_reader *reader, uint64_t left,
        struct ji_page_header *header, size_t *header_bytes, struct joist_error *err)
{
    const uint8_t *data = NULL;
    struct ji_view plain;
    size_t used = 0;
    if (left < JI_MODULE_LENGTH_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page header goes past the end of its chunk");
    JI_TRY(need(reader, JI_MODULE_LENGTH_BYTES, &data, err));
    const uint32_t size = ji_load_le32(data);
    if (size > JI_PAGE_HEADER_BYTES_MAX || size > left - JI_MODULE_LENGTH_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "encrypted page header of %" PRIu32 " bytes where its chunk has %" PRIu64 " left", size,
                left);
    const size_t whole = JI_MODULE_LENGTH_BYTES + size;
    JI_TRY(need(reader, whole, &data, err));
    JI_TRY(ji_page_cipher_header(reader->cipher, reader->position == reader->begin, reader->data_page,
            ji_view_of(data, whole), &plain, err));
    JI_TRY(ji_page_header_decode(plain, header, &used, err));
    if (used == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page header ends inside a value");
    *header_bytes = whole;
    return JOIST_OK;
}

static enum joist_status plain_header(struct ji_page_reader *reader, uint64_t left,
        struct ji_page_header *header, size_t *header_bytes, struct joist_error *err)
{
    size_t guess = (size_t)ji_min_u64(ji_max_size(held_bytes(reader), HEADER_GUESS_BYTES), left);
    for (;;) {
        const uint8_t *data = NULL;
        JI_TRY(need(reader, guess, &data, err));
        JI_TRY(ji_page_header_decode(ji_view_of(data, guess), header, header_bytes, err));
        if (*header_bytes > 0)
            return JOIST_OK;
        if (guess == left)
            return ji_fail(err, JOIST_ERR_CORRUPT, "page header goes past the end of its chunk");
        guess = (size_t)ji_min_u64((uint64_t)guess * 2, left);
    }
}

enum joist_status ji_page_reader_header(struct ji_page_reader *reader, struct ji_page_header *header,
        size_t *header_bytes, struct joist_error *err)
{
    assert(!ji_page_reader_at_end(reader));
    const uint64_t left = reader->end - reader->position;
    if (reader->cipher != NULL)
        JI_TRY(sealed_header(reader, left, header, header_bytes, err));
    else
        JI_TRY(plain_header(reader, left, header, header_bytes, err));
    if ((uint64_t)header->compressed_bytes > left - *header_bytes)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "page of %" PRId32 " bytes where its chunk has %" PRIu64 " left", header->compressed_bytes,
                left - *header_bytes);
    return JOIST_OK;
}

void ji_page_reader_pass(
        struct ji_page_reader *reader, const struct ji_page_header *header, size_t header_bytes)
{
    reader->position += header_bytes + (uint64_t)header->compressed_bytes;
    reader->data_page += header->type == JI_PAGE_DATA || header->type == JI_PAGE_DATA_V2;
}

static enum joist_status check_crc(const struct ji_page_reader *reader, const struct ji_page_header *header,
        struct ji_view stored, struct joist_error *err)
{
    if (reader->no_crc || !header->has_crc)
        return JOIST_OK;
    const uint32_t crc = ji_crc32(0, stored.data, stored.size);
    if (crc == header->crc)
        return JOIST_OK;
    return ji_fail(
            err, JOIST_ERR_CORRUPT, "page checksum is %08" PRIx32 ", should be %08" PRIx32, crc, header->crc);
}

/* `stored` unpacked to `size` bytes: in place where it is not packed and may stay, else in the buffer. */
static enum joist_status unpack(struct ji_page_reader *reader, enum ji_codec codec, struct ji_view stored,
        size_t size, struct ji_buffer **buffer, struct ji_view *out, struct joist_error *err)
{
    if (codec == JI_CODEC_NONE && stored.size != size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page of %zu bytes declares %zu and is not compressed",
                stored.size, size);
    if (size > 0 && stored.size == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "empty page declares %zu bytes", size);
    if (size == 0 || (codec == JI_CODEC_NONE && reader->in_window)) {
        *out = ji_view_of(stored.data, size);
        return JOIST_OK;
    }
    JI_TRY(ji_buffer_renew(reader->buffer_mem, buffer, size, err));
    if (codec == JI_CODEC_NONE)
        memcpy((*buffer)->data, stored.data, size);
    else
        JI_TRY(ji_decompress(reader->codecs, codec, stored, (*buffer)->data, size, err));
    *out = ji_view_of((*buffer)->data, size);
    return JOIST_OK;
}

static enum joist_status load_v2(struct ji_page_reader *reader, const struct ji_page_header *header,
        struct ji_view stored, struct ji_buffer **buffer, struct ji_page_parts *parts,
        struct joist_error *err)
{
    const uint64_t levels = (uint64_t)header->rep_bytes + (uint64_t)header->def_bytes;
    if (levels > stored.size || levels > (uint64_t)header->uncompressed_bytes)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "levels of %" PRIu64 " bytes in a page of %zu", levels, stored.size);
    const size_t rep_bytes = (size_t)header->rep_bytes;
    const size_t def_bytes = (size_t)header->def_bytes;
    const struct ji_view packed = ji_view_of(stored.data + levels, stored.size - (size_t)levels);
    const size_t size = (size_t)header->uncompressed_bytes - (size_t)levels;
    const enum ji_codec codec = header->is_compressed ? reader->codec : JI_CODEC_NONE;
    JI_TRY(unpack(reader, codec, packed, size, buffer, &parts->values, err));
    /* The levels stay in the window, which stands until the next page is asked for. */
    parts->reps = ji_view_of(stored.data, rep_bytes);
    parts->defs = ji_view_of(stored.data + rep_bytes, def_bytes);
    return JOIST_OK;
}

enum joist_status ji_page_reader_load(struct ji_page_reader *reader, const struct ji_page_header *header,
        size_t header_bytes, struct ji_buffer **buffer, struct ji_page_parts *parts, struct joist_error *err)
{
    const size_t stored_bytes = (size_t)header->compressed_bytes;
    const uint8_t *data = NULL;
    JI_TRY(need(reader, header_bytes + stored_bytes, &data, err));
    struct ji_view stored = ji_view_of(data + header_bytes, stored_bytes);
    JI_TRY(check_crc(reader, header, stored, err));
    if (reader->cipher != NULL)
        JI_TRY(ji_page_cipher_page(reader->cipher, header->type, reader->data_page, stored, &stored, err));
    struct ji_page_parts made = {.reps = {.data = NULL}};
    if (header->type == JI_PAGE_DATA_V2)
        JI_TRY(load_v2(reader, header, stored, buffer, &made, err));
    else
        JI_TRY(unpack(reader, reader->codec, stored, (size_t)header->uncompressed_bytes, buffer, &made.values,
                err));
    ji_page_reader_pass(reader, header, header_bytes);
    *parts = made;
    return JOIST_OK;
}
