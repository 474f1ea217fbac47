/*
 * describe_page.c - a line for each page of a chunk, and for what stands beside the pages
 *
 *       page 0     v1  DICT                65536 values    1.1 MiB   4.0 MiB         0  1               99
 *           at byte 17, header of 30 bytes, crc ok, from row 0
 */
#include "parquet/read/describe.h"
#include "parquet/read/page_list.h"

static const char *crc_word(enum ji_crc_state crc)
{
    static const char *const words[] = {"no crc", "crc", "crc ok", "crc WRONG"};
    return words[crc];
}

/* Bounds of the page: its header's, else those of the column index. */
static enum joist_status add_bounds(struct ji_describer *describer, const struct ji_page_list *list,
        const struct ji_page_header *header, size_t page, struct joist_error *err)
{
    const struct ji_leaf *const leaf = &list->file->schema.leaves[list->leaf];
    const struct ji_statistics *const statistics = &header->statistics;
    if (header->has_statistics && (statistics->has_min || statistics->has_max)) {
        JI_TRY(ji_describe_bound(describer, leaf, statistics->has_min, statistics->min, err));
        return ji_describe_bound(describer, leaf, statistics->has_max, statistics->max, err);
    }
    if (!list->has_bounds || page >= list->bounds.page_count || list->bounds.null_pages[page])
        return JOIST_OK;
    JI_TRY(ji_describe_bound(describer, leaf, true, list->bounds.min_values[page], err));
    return ji_describe_bound(describer, leaf, true, list->bounds.max_values[page], err);
}

static enum joist_status add_counts(struct ji_describer *describer, const struct ji_page_list *list,
        const struct ji_page_header *header, size_t page, struct joist_error *err)
{
    struct ji_bytes *const text = &describer->text;
    const bool has_index = list->has_bounds && page < list->bounds.page_count;
    JI_TRY(ji_bytes_printf(text, err, "  %9" PRId32 " values  ", header->value_count));
    JI_TRY(ji_describe_bytes(describer, header->compressed_bytes, err));
    JI_TRY(ji_bytes_append_text(text, " ", err));
    JI_TRY(ji_describe_bytes(describer, header->uncompressed_bytes, err));
    if (header->type == JI_PAGE_DATA_V2)
        return ji_bytes_printf(text, err, "  %8" PRId32, header->null_count);
    if (header->type == JI_PAGE_DATA && header->has_statistics && header->statistics.has_null_count)
        return ji_bytes_printf(text, err, "  %8" PRId64, header->statistics.null_count);
    if (header->type == JI_PAGE_DATA && has_index && list->bounds.null_counts != NULL)
        return ji_bytes_printf(text, err, "  %8" PRId64, list->bounds.null_counts[page]);
    return ji_bytes_printf(text, err, "  %8s", "");
}

static enum joist_status add_page(struct ji_describer *describer, const struct ji_page_list *list,
        const struct ji_listed_page *page, size_t *number, struct joist_error *err)
{
    struct ji_bytes *const text = &describer->text;
    const struct ji_page_header *const header = &page->header;
    const bool is_data = header->type == JI_PAGE_DATA || header->type == JI_PAGE_DATA_V2;
    const unsigned encoding = (unsigned)header->encoding;
    const char *const kind = header->type == JI_PAGE_DICTIONARY ? "dictionary"
            : header->type == JI_PAGE_INDEX                     ? "index"
                                                                : "unknown page";
    if (is_data)
        JI_TRY(ji_bytes_printf(
                text, err, "    page %-5zu %s  ", *number, header->type == JI_PAGE_DATA_V2 ? "v2" : "v1"));
    else
        JI_TRY(ji_bytes_printf(text, err, "    %-13s  ", kind));
    JI_TRY(ji_describe_encodings(describer, encoding < 32 ? 1u << encoding : 0, err));
    JI_TRY(add_counts(describer, list, header, *number, err));
    if (is_data)
        JI_TRY(add_bounds(describer, list, header, *number, err));
    JI_TRY(ji_describe_end_line(describer, err));
    JI_TRY(ji_bytes_printf(text, err, "        at byte %" PRIu64 ", header of %zu bytes, %s", page->offset,
            page->header_bytes, crc_word(page->crc)));
    if (is_data && list->has_offsets && *number < list->offsets.page_count)
        JI_TRY(ji_bytes_printf(text, err, ", from row %" PRId64, list->offsets.pages[*number].first_row));
    *number += is_data;
    return ji_describe_end_line(describer, err);
}

static enum joist_status add_error(
        struct ji_describer *describer, const struct joist_error *what, struct joist_error *err)
{
    if (what->status == JOIST_OK)
        return JOIST_OK;
    JI_TRY(ji_bytes_append_text(&describer->text, "    ", err));
    JI_TRY(ji_describe_text(describer, ji_view_of_text(what->text), 110, false, err));
    return ji_describe_end_line(describer, err);
}

static enum joist_status add_beside(
        struct ji_describer *describer, const struct ji_page_list *list, struct joist_error *err)
{
    static const char *const orders[] = {"unordered", "ascending", "descending"};
    struct ji_bytes *const text = &describer->text;
    const struct ji_chunk *const chunk = list->chunk;
    if (list->has_offsets)
        JI_TRY(ji_bytes_printf(text, err, "    offset index  %zu pages, %" PRId32 " bytes at %" PRId64 "\n",
                list->offsets.page_count, chunk->offset_index_bytes, chunk->offset_index_offset));
    if (list->has_bounds)
        JI_TRY(ji_bytes_printf(text, err,
                "    column index  %zu pages, %s, %" PRId32 " bytes at %" PRId64 "\n",
                list->bounds.page_count,
                (size_t)list->bounds.order < 3 ? orders[list->bounds.order] : "unknown order",
                chunk->column_index_bytes, chunk->column_index_offset));
    if (list->has_bloom)
        JI_TRY(ji_bytes_printf(text, err,
                "    Bloom filter  %" PRIu32 " blocks, %" PRIu32 " bytes of bits, at %" PRId64 "\n",
                list->bloom.bitset_bytes / JI_BLOOM_BLOCK_BYTES, list->bloom.bitset_bytes,
                chunk->bloom_offset));
    return add_error(describer, &list->index_err, err);
}

static enum joist_status add_pages(
        struct ji_describer *describer, struct ji_page_list *list, struct joist_error *err)
{
    size_t number = 0;
    for (;;) {
        struct ji_listed_page page;
        bool has_page = false;
        JI_TRY(ji_cancel_check(describer->options.cancel, err));
        JI_TRY(ji_page_list_next(list, &page, &has_page, err));
        if (!has_page)
            break;
        JI_TRY(add_page(describer, list, &page, &number, err));
    }
    JI_TRY(add_error(describer, &list->err, err));
    return add_beside(describer, list, err);
}

enum joist_status ji_describe_pages(struct ji_describer *describer, size_t group, size_t leaf,
        const struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_page_list list;
    JI_TRY(ji_page_list_open(&list, describer->file, group, leaf, chunk, err));
    const enum joist_status status = add_pages(describer, &list, err);
    ji_page_list_close(&list);
    return status;
}
