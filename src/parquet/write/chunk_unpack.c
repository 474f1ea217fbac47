/*
 * chunk_unpack.c - a chunk that its codec did not shrink stands without it
 *
 *     header | frame | header | frame ...        ->        header | body | header | body ...
 *
 * Numbers without a pattern grow in every codec, by what its frames take, and whoever reads them would unpack
 * them for nothing. A chunk has one codec, and what that is worth is known when the chunk ends. Unpacking
 * what did not shrink is a copy.
 *
 * Pages v2 stand without the codec one by one (page_seal.c), and encrypted ones are sealed for good; what has
 * gone to a scratch file has done so because memory is short, and stays as it is.
 */
#include "parquet/write/column_writer.h"

#include "codec/checksum.h"
#include "parquet/format/page_header_read.h"
#include "parquet/format/page_write.h"

/* A smaller chunk has the codec that was asked for, whatever it is worth. */
#define UNPACK_BYTES_MIN ((uint64_t)64 << 10)

/* Into lane->header and lane->body. */
static enum joist_status unpack_page(const struct ji_column_settings *settings, struct ji_write_lane *lane,
        struct ji_view page, struct joist_error *err)
{
    struct ji_page_header header;
    size_t header_bytes = 0;
    JI_TRY(ji_page_header_decode(page, &header, &header_bytes, err));
    const struct ji_view packed = ji_view_of(page.data + header_bytes, page.size - header_bytes);
    const size_t size = (size_t)header.uncompressed_bytes;
    lane->body.size = lane->header.size = 0;
    JI_TRY(ji_bytes_reserve(&lane->body, size, err));
    JI_TRY(ji_decompress(lane->codec, settings->codec, packed, lane->body.data, size, err));
    lane->body.size = size;
    header.compressed_bytes = header.uncompressed_bytes;
    header.crc = header.has_crc ? ji_crc32(0, lane->body.data, size) : 0;
    return ji_page_header_write(&lane->header, &header, err);
}

/* All data pages into `store`, and what each takes there. */
static enum joist_status unpack_pages(const struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_page_store *store, struct ji_bytes *sizes, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    const uint32_t *packed_sizes = (const uint32_t *)(const void *)writer->page_sizes.data;
    struct ji_page_cursor cursor;
    ji_page_cursor_init(&cursor, &writer->store);
    for (size_t i = 0; i < writer->page_count; i++) {
        JI_TRY_OUT(ji_bytes_reserve(&lane->packed, packed_sizes[i], err));
        JI_TRY_OUT(ji_page_cursor_read(&cursor, lane->packed.data, packed_sizes[i], err));
        JI_TRY_OUT(unpack_page(writer->settings, lane, ji_view_of(lane->packed.data, packed_sizes[i]), err));
        const uint32_t size = (uint32_t)(lane->header.size + lane->body.size);
        JI_TRY_OUT(ji_bytes_append(sizes, &size, sizeof size, err));
        JI_TRY_OUT(ji_page_store_append(store, ji_view_of(lane->header.data, lane->header.size), err));
        JI_TRY_OUT(ji_page_store_append(store, ji_view_of(lane->body.data, lane->body.size), err));
    }
out:
    ji_page_cursor_clear(&cursor);
    return status;
}

static enum joist_status unpack_dictionary(const struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_bytes *page = &writer->dictionary_page;
    if (page->size == 0)
        return JOIST_OK;
    JI_TRY(unpack_page(writer->settings, lane, ji_view_of(page->data, page->size), err));
    JI_TRY(ji_bytes_append(out, lane->header.data, lane->header.size, err));
    return ji_bytes_append(out, lane->body.data, lane->body.size, err);
}

/* The chunk has these pages now. */
static void take_pages(
        struct ji_column_writer *writer, const struct ji_chunk_pages *pages, const struct ji_bytes *sizes)
{
    ji_page_store_clear(&writer->store);
    ji_bytes_clear(&writer->dictionary_page);
    ji_bytes_clear(&writer->page_sizes);
    writer->store = pages->store;
    writer->dictionary_page = pages->dictionary_page;
    writer->page_sizes = *sizes;
    writer->uncompressed_bytes = writer->store.bytes + writer->dictionary_page.size;
    writer->is_unpacked = true;
}

static bool is_worth_trying(const struct ji_column_writer *writer)
{
    return writer->settings->codec != JI_CODEC_NONE && writer->seal == NULL &&
            writer->store.extent_count == 0 && ji_column_page_type(writer) == JI_PAGE_DATA &&
            writer->uncompressed_bytes >= UNPACK_BYTES_MIN &&
            writer->store.bytes + writer->dictionary_page.size >= writer->uncompressed_bytes;
}

enum joist_status ji_chunk_unpack(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    struct joist_error why = {.status = JOIST_OK};
    struct ji_chunk_pages pages;
    struct ji_bytes sizes;
    if (!is_worth_trying(writer))
        return JOIST_OK;
    ji_chunk_pages_init(&pages, writer->mem);
    ji_bytes_init(&sizes, writer->mem);
    enum joist_status status = unpack_pages(writer, lane, &pages.store, &sizes, &why);
    if (status == JOIST_OK)
        status = unpack_dictionary(writer, lane, &pages.dictionary_page, &why);
    if (status == JOIST_OK) {
        take_pages(writer, &pages, &sizes);
        return JOIST_OK;
    }
    ji_chunk_pages_clear(&pages);
    ji_bytes_clear(&sizes);
    /* Without the memory for both the chunk stays as it was. */
    if (status == JOIST_ERR_LIMIT || status == JOIST_ERR_NO_MEMORY)
        return JOIST_OK;
    if (err != NULL)
        *err = why;
    return status;
}
