/*
 * page_list.c - walks the headers of a chunk; checksums are computed over the bytes as they stand in the file
 */
#include "parquet/read/page_list.h"

#include "codec/checksum.h"
#include "parquet/read/file_crypto.h"

#define PIECE_BYTES ((size_t)64 << 10)
#define INDEX_BYTES_MAX ((size_t)64 << 20)

/* What the file has wrong, or beyond a limit, is kept in `what`; anything else fails. */
static enum joist_status keep(
        enum joist_status status, const struct joist_error *what, struct joist_error *err)
{
    if (status == JOIST_OK || status == JOIST_ERR_CORRUPT || status == JOIST_ERR_UNSUPPORTED ||
            status == JOIST_ERR_DENIED || status == JOIST_ERR_LIMIT)
        return JOIST_OK;
    if (err != NULL)
        *err = *what;
    return status;
}

static enum joist_status read_part(struct ji_page_list *list, enum ji_module module, int64_t offset,
        int32_t size, struct ji_view *bytes, struct joist_error *err)
{
    if (offset < 0 || size <= 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%" PRId32 " bytes at %" PRId64, size, offset);
    const struct ji_chunk_part part = {
            .group = list->group,
            .leaf = list->leaf,
            .module = module,
            .offset = (uint64_t)offset,
            .bytes = (size_t)size,
    };
    return ji_chunk_part_read(list->file, &part, INDEX_BYTES_MAX, &list->arena, bytes, NULL, err);
}

/* The header of the Bloom filter: short, so that a guess at its size will do. */
static enum joist_status read_bloom(struct ji_page_list *list, struct joist_error *err)
{
    const int64_t offset = list->chunk->bloom_offset;
    size_t header_bytes = 0;
    struct ji_view bytes;
    if (offset < 0)
        return JOIST_OK;
    if ((uint64_t)offset >= list->file->data_end)
        return ji_fail(err, JOIST_ERR_CORRUPT, "Bloom filter at %" PRId64 ", behind the data", offset);
    const struct ji_chunk_part part = {
            .group = list->group,
            .leaf = list->leaf,
            .module = JI_MODULE_BLOOM_HEADER,
            .offset = (uint64_t)offset,
            .bytes = list->chunk->key != NULL
                    ? 0
                    : (size_t)ji_min_u64(JI_BLOOM_HEADER_BYTES_MAX, list->file->data_end - (uint64_t)offset),
    };
    JI_TRY(ji_chunk_part_read(list->file, &part, INDEX_BYTES_MAX, &list->arena, &bytes, NULL, err));
    JI_TRY(ji_bloom_header_decode(bytes, &list->bloom, &header_bytes, err));
    list->has_bloom = header_bytes > 0;
    return JOIST_OK;
}

static enum joist_status read_indexes(struct ji_page_list *list, struct joist_error *err)
{
    const struct ji_chunk *const chunk = list->chunk;
    struct ji_view bytes;
    if (chunk->offset_index_offset >= 0) {
        JI_TRY(read_part(list, JI_MODULE_OFFSET_INDEX, chunk->offset_index_offset, chunk->offset_index_bytes,
                &bytes, err));
        JI_TRY(ji_offset_index_decode(&list->arena, bytes, &list->offsets, err));
        list->has_offsets = true;
    }
    if (chunk->column_index_offset >= 0) {
        JI_TRY(read_part(list, JI_MODULE_COLUMN_INDEX, chunk->column_index_offset, chunk->column_index_bytes,
                &bytes, err));
        JI_TRY(ji_column_index_decode(&list->arena, bytes, &list->bounds, err));
        list->has_bounds = true;
    }
    return read_bloom(list, err);
}

static enum joist_status open_pages(struct ji_page_list *list, struct joist_error *err)
{
    const struct ji_chunk *const chunk = list->chunk;
    JI_TRY(ji_chunk_check_key(chunk, err));
    if (chunk->file_path.size > 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column chunk in another file");
    /* A chunk without values may have a dictionary page alone, and 0 for the data page that is not there. */
    const bool has_only_dictionary = chunk->data_page_offset == 0 && chunk->dictionary_page_offset > 0;
    const uint64_t begin =
            has_only_dictionary ? (uint64_t)chunk->dictionary_page_offset : ji_chunk_begin(chunk);
    if (chunk->value_count == 0 && chunk->compressed_bytes == 0)
        return JOIST_OK;
    if (!ji_range_fits(begin, (uint64_t)chunk->compressed_bytes, list->file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT, "%" PRId64 " bytes at %" PRIu64 " leave the data",
                chunk->compressed_bytes, begin);
    JI_TRY(ji_page_reader_init(
            &list->pages, list->mem, &list->file->source, list->codecs, chunk, begin, err));
    list->is_open = true;
    return ji_chunk_cipher(list->file, chunk, list->group, list->leaf, list->mem, &list->pages.cipher, err);
}

enum joist_status ji_page_list_open(struct ji_page_list *list, const struct joist_parquet_file *file,
        size_t group, size_t leaf, const struct ji_chunk *chunk, struct joist_error *err)
{
    *list = (struct ji_page_list){
            .file = file, .chunk = chunk, .group = group, .leaf = leaf, .mem = file->mem};
    ji_arena_init(&list->arena, list->mem);
    ji_bytes_init(&list->stored, list->mem);
    enum joist_status status = ji_codec_context_open(list->mem, &list->codecs, err);
    if (status == JOIST_OK) {
        list->index_err.status = read_indexes(list, &list->index_err);
        status = keep(list->index_err.status, &list->index_err, err);
    }
    if (status == JOIST_OK) {
        list->err.status = open_pages(list, &list->err);
        status = keep(list->err.status, &list->err, err);
    }
    if (status != JOIST_OK)
        ji_page_list_close(list);
    return status;
}

void ji_page_list_close(struct ji_page_list *list)
{
    if (list->is_open)
        ji_page_reader_clear(&list->pages);
    list->is_open = false;
    ji_codec_context_close(list->codecs);
    list->codecs = NULL;
    ji_bytes_clear(&list->stored);
    ji_arena_clear(&list->arena);
}

static enum joist_status check_crc(
        struct ji_page_list *list, struct ji_listed_page *page, struct joist_error *err)
{
    uint64_t at = page->offset + page->header_bytes;
    size_t left = (size_t)page->header.compressed_bytes;
    uint32_t crc = 0;
    page->crc = page->header.has_crc ? JI_CRC_PRESENT : JI_CRC_ABSENT;
    if (!page->header.has_crc || list->pages.cipher != NULL)
        return JOIST_OK;
    list->stored.size = 0;
    JI_TRY(ji_bytes_reserve(&list->stored, PIECE_BYTES, err));
    while (left > 0) {
        const size_t step = ji_min_size(left, PIECE_BYTES);
        JI_TRY(ji_source_read(&list->file->source, at, step, list->stored.data, err));
        crc = ji_crc32(crc, list->stored.data, step);
        at += step;
        left -= step;
    }
    page->crc = crc == page->header.crc ? JI_CRC_RIGHT : JI_CRC_WRONG;
    return JOIST_OK;
}

enum joist_status ji_page_list_next(
        struct ji_page_list *list, struct ji_listed_page *page, bool *has_page, struct joist_error *err)
{
    *has_page = false;
    if (!list->is_open || list->err.status != JOIST_OK || ji_page_reader_at_end(&list->pages))
        return JOIST_OK;
    page->offset = list->pages.position;
    list->err.status = ji_page_reader_header(&list->pages, &page->header, &page->header_bytes, &list->err);
    JI_TRY(keep(list->err.status, &list->err, err));
    if (list->err.status != JOIST_OK)
        return JOIST_OK;
    JI_TRY(check_crc(list, page, err));
    ji_page_reader_pass(&list->pages, &page->header, page->header_bytes);
    *has_page = true;
    return JOIST_OK;
}
