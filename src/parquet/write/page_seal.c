/*
 * page_seal.c - a page's bytes as they stand in the file: compressed, checked, with a header in front
 *
 *     v1, dictionary   header | compressed (rep levels, def levels, values)
 *     v2               header | rep levels | def levels | compressed (values)
 *
 *   1. The checksum covers the bytes behind the header, as they stand in the file: encrypted, where the
 *      column is.
 *   2. Values split into streams are compressed stream by stream, as far as the codec can within one frame.
 *   3. Values of a page v2 that do not shrink by a tenth stand as they are: reading them costs nothing then.
 */
#include "parquet/write/column_writer.h"

#include "codec/checksum.h"
#include "parquet/format/page_write.h"

/* Compressed bytes that are worth it: at most nine tenths. */
static bool is_worth_it(size_t packed_bytes, size_t bytes)
{
    return packed_bytes <= bytes - bytes / 10;
}

enum ji_page_type ji_column_page_type(const struct ji_column_writer *writer)
{
    return writer->settings->compat == JOIST_PARQUET_COMPAT_NEW ? JI_PAGE_DATA_V2 : JI_PAGE_DATA;
}

/* Bytes of each of the streams that the values are split into, or 0. */
static size_t stream_bytes(const struct ji_page_header *header)
{
    return header->type == JI_PAGE_DATA_V2 && header->encoding == JI_ENCODING_BYTE_STREAM_SPLIT
            ? (size_t)(header->value_count - header->null_count)
            : 0;
}

/* Into lane->packed: `plain_bytes` as they are, and the rest compressed. */
static enum joist_status compress(const struct ji_column_settings *settings, struct ji_write_lane *lane,
        struct ji_view body, size_t plain_bytes, size_t part_bytes, struct joist_error *err)
{
    const struct ji_codec_parts rest = {
            .all = ji_view_of(body.data + plain_bytes, body.size - plain_bytes), .part_bytes = part_bytes};
    size_t size = 0;
    lane->packed.size = 0;
    JI_TRY(ji_bytes_append(&lane->packed, body.data, plain_bytes, err));
    JI_TRY(ji_bytes_reserve(&lane->packed, ji_codec_bound(settings->codec, rest.all.size), err));
    JI_TRY(ji_compress_parts(lane->codec, settings->codec, settings->codec_level, &rest,
            lane->packed.data + plain_bytes, &size, err));
    lane->packed.size += size;
    return JOIST_OK;
}

static enum joist_status pack(const struct ji_column_settings *settings, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct ji_page_header *header, struct ji_view *packed,
        struct joist_error *err)
{
    const bool is_v2 = header->type == JI_PAGE_DATA_V2;
    const size_t level_bytes = is_v2 ? body->rep_bytes + body->def_bytes : 0;
    const bool has_values = body->bytes.size > level_bytes;
    *packed = body->bytes;
    header->is_compressed = false;
    if (settings->codec == JI_CODEC_NONE || (is_v2 && !has_values))
        return JOIST_OK;
    JI_TRY(compress(settings, lane, body->bytes, level_bytes, stream_bytes(header), err));
    if (is_v2 && !is_worth_it(lane->packed.size - level_bytes, body->bytes.size - level_bytes))
        return JOIST_OK;
    header->is_compressed = true;
    *packed = ji_view_of(lane->packed.data, lane->packed.size);
    return JOIST_OK;
}

/* The page becomes a module; its header becomes one when it has the module's size. */
static enum joist_status encrypt_page(const struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_header *header, struct ji_view *packed, struct joist_error *err)
{
    const bool is_dictionary = header->type == JI_PAGE_DICTIONARY;
    lane->sealed.size = 0;
    JI_TRY(ji_module_seal_append(writer->seal,
            is_dictionary ? JI_MODULE_DICTIONARY_PAGE : JI_MODULE_DATA_PAGE,
            is_dictionary ? 0 : writer->page_count, *packed, &lane->sealed, err));
    *packed = ji_view_of(lane->sealed.data, lane->sealed.size);
    return JOIST_OK;
}

static enum joist_status write_header(const struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_header *header, struct joist_error *err)
{
    const bool is_dictionary = header->type == JI_PAGE_DICTIONARY;
    lane->header.size = 0;
    if (writer->seal == NULL)
        return ji_page_header_write(&lane->header, header, err);
    enum joist_status status = JOIST_OK;
    struct ji_bytes plain;
    ji_bytes_init(&plain, writer->mem);
    JI_TRY_OUT(ji_page_header_write(&plain, header, err));
    JI_TRY_OUT(ji_module_seal_append(writer->seal,
            is_dictionary ? JI_MODULE_DICTIONARY_PAGE_HEADER : JI_MODULE_DATA_PAGE_HEADER,
            is_dictionary ? 0 : writer->page_count, ji_view_of(plain.data, plain.size), &lane->header, err));
out:
    ji_bytes_clear(&plain);
    return status;
}

enum joist_status ji_page_seal(const struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct ji_page_header *header, struct ji_view *packed,
        struct joist_error *err)
{
    const struct ji_column_settings *settings = writer->settings;
    if (body->bytes.size > JI_CODEC_BYTES_MAX / 2)
        return ji_fail(err, JOIST_ERR_LIMIT, "a page of %zu bytes", body->bytes.size);
    JI_TRY(pack(settings, lane, body, header, packed, err));
    if (writer->seal != NULL)
        JI_TRY(encrypt_page(writer, lane, header, packed, err));
    header->rep_bytes = (int32_t)body->rep_bytes;
    header->def_bytes = (int32_t)body->def_bytes;
    header->uncompressed_bytes = (int32_t)body->bytes.size;
    header->compressed_bytes = (int32_t)packed->size;
    header->has_crc = !settings->no_crc;
    header->crc = settings->no_crc ? 0 : ji_crc32(0, packed->data, packed->size);
    return write_header(writer, lane, header, err);
}

static enum joist_status seal_parcel(
        struct ji_page_parcel *parcel, struct ji_write_lane *lane, struct joist_error *err)
{
    JI_TRY(ji_page_seal(parcel->writer, lane, &parcel->body, &parcel->header, &parcel->sealed, err));
    parcel->head.size = 0;
    JI_TRY(ji_bytes_append(&parcel->head, lane->header.data, lane->header.size, err));
    if (parcel->sealed.data == lane->packed.data) {
        const struct ji_bytes spare = parcel->packed;
        parcel->packed = lane->packed;
        lane->packed = spare;
    }
    return JOIST_OK;
}

void ji_page_parcel_seal(struct ji_page_parcel *parcel, struct ji_write_lane *lane)
{
    parcel->error.status = JOIST_OK;
    parcel->status = seal_parcel(parcel, lane, &parcel->error);
}
