/*
 * inspect_page.c - the pages of a chunk, its page index and its Bloom filter as JSON
 *
 * What the file has wrong ends the list that it is in: its text stands as "pages_error", "index_error".
 */
#include "parquet/read/inspect.h"
#include "parquet/read/page_list.h"

static const char *type_name(enum ji_page_type type)
{
    static const char *const names[] = {"DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE", "DATA_PAGE_V2"};
    return (size_t)type < sizeof names / sizeof names[0] ? names[type] : "unknown";
}

static void write_levels(
        struct ji_json_writer *json, const struct ji_page_header *header, const struct ji_leaf *leaf)
{
    if (header->type == JI_PAGE_DATA_V2) {
        ji_json_key_int64(json, "nulls", header->null_count);
        ji_json_key_int64(json, "rows", header->row_count);
        ji_json_key_int64(json, "repetition_bytes", header->rep_bytes);
        ji_json_key_int64(json, "definition_bytes", header->def_bytes);
        ji_json_key_bool(json, "compressed", header->is_compressed);
        return;
    }
    if (header->type != JI_PAGE_DATA)
        return;
    if (leaf->max_rep > 0)
        ji_json_key_text(json, "repetition_encoding", ji_encoding_name((int)header->rep_encoding));
    if (leaf->max_def > 0)
        ji_json_key_text(json, "definition_encoding", ji_encoding_name((int)header->def_encoding));
}

static enum joist_status write_page(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_listed_page *page, struct joist_error *err)
{
    static const char *const crcs[] = {"absent", "present", "ok", "wrong"};
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_page_header *const header = &page->header;
    ji_json_write_begin_object(json);
    ji_json_key_text(json, "type", type_name(header->type));
    ji_json_key_int64(json, "offset", (int64_t)page->offset);
    ji_json_key_int64(json, "header_bytes", (int64_t)page->header_bytes);
    ji_json_key_int64(json, "compressed_bytes", header->compressed_bytes);
    ji_json_key_int64(json, "uncompressed_bytes", header->uncompressed_bytes);
    ji_json_key_int64(json, "values", header->value_count);
    ji_json_key_text(json, "encoding", ji_encoding_name((int)header->encoding));
    write_levels(json, header, leaf);
    if (header->type == JI_PAGE_DICTIONARY)
        ji_json_key_bool(json, "sorted", header->is_sorted);
    ji_json_key_text(json, "crc", crcs[page->crc]);
    if (header->has_statistics)
        JI_TRY(ji_inspect_statistics(inspector, leaf, &header->statistics, err));
    ji_json_write_end_object(json);
    return JOIST_OK;
}

static enum joist_status write_pages(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        struct ji_page_list *list, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    ji_json_write_key(json, "pages");
    ji_json_write_begin_array(json);
    for (;;) {
        struct ji_listed_page page;
        bool has_page = false;
        JI_TRY(ji_cancel_check(inspector->options.cancel, err));
        JI_TRY(ji_page_list_next(list, &page, &has_page, err));
        if (!has_page)
            break;
        JI_TRY(write_page(inspector, leaf, &page, err));
    }
    ji_json_write_end_array(json);
    if (list->err.status != JOIST_OK)
        ji_json_key_text(json, "pages_error", list->err.text);
    return JOIST_OK;
}

static void write_offset_index(struct ji_json_writer *json, const struct ji_offset_index *index)
{
    ji_json_write_key(json, "offset_index");
    ji_json_write_begin_array(json);
    for (size_t page = 0; page < index->page_count; page++) {
        ji_json_write_begin_object(json);
        ji_json_key_int64(json, "offset", index->pages[page].offset);
        ji_json_key_int64(json, "bytes", index->pages[page].compressed_bytes);
        ji_json_key_int64(json, "first_row", index->pages[page].first_row);
        if (index->unencoded_bytes != NULL)
            ji_json_key_int64(json, "unencoded_bytes", index->unencoded_bytes[page]);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

/* The part of a list of histograms that is a page's. */
static void write_histogram(struct ji_json_writer *json, const char *key, const int64_t *values, size_t count,
        size_t page, size_t page_count)
{
    const size_t levels = count / page_count;
    ji_inspect_int64s(json, key, values + page * levels, levels);
}

static enum joist_status write_bounds(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_column_index *index, size_t page, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    ji_json_write_begin_object(json);
    ji_json_key_bool(json, "null_page", index->null_pages[page]);
    if (!index->null_pages[page]) {
        JI_TRY(ji_inspect_bound(inspector, "min", leaf, index->min_values[page], err));
        JI_TRY(ji_inspect_bound(inspector, "max", leaf, index->max_values[page], err));
    }
    if (index->null_counts != NULL)
        ji_json_key_int64(json, "null_count", index->null_counts[page]);
    if (index->nan_counts != NULL)
        ji_json_key_int64(json, "nan_count", index->nan_counts[page]);
    if (index->rep_histogram_count > 0)
        write_histogram(json, "repetition_histogram", index->rep_histograms, index->rep_histogram_count, page,
                index->page_count);
    if (index->def_histogram_count > 0)
        write_histogram(json, "definition_histogram", index->def_histograms, index->def_histogram_count, page,
                index->page_count);
    ji_json_write_end_object(json);
    return JOIST_OK;
}

static enum joist_status write_column_index(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_column_index *index, struct joist_error *err)
{
    static const char *const orders[] = {"UNORDERED", "ASCENDING", "DESCENDING"};
    struct ji_json_writer *const json = &inspector->json;
    ji_json_write_key(json, "column_index");
    ji_json_write_begin_object(json);
    ji_json_key_text(json, "boundary_order", (size_t)index->order < 3 ? orders[index->order] : "unknown");
    ji_json_write_key(json, "pages");
    ji_json_write_begin_array(json);
    for (size_t page = 0; page < index->page_count; page++)
        JI_TRY(write_bounds(inspector, leaf, index, page, err));
    ji_json_write_end_array(json);
    ji_json_write_end_object(json);
    return JOIST_OK;
}

static void write_bloom(struct ji_json_writer *json, const struct ji_bloom_header *bloom)
{
    ji_json_write_key(json, "bloom_filter");
    ji_json_write_begin_object(json);
    ji_json_key_int64(json, "bitset_bytes", bloom->bitset_bytes);
    ji_json_key_int64(json, "blocks", bloom->bitset_bytes / JI_BLOOM_BLOCK_BYTES);
    ji_json_key_text(json, "algorithm", bloom->is_known ? "BLOCK" : "unknown");
    ji_json_key_text(json, "hash", bloom->is_known ? "XXHASH" : "unknown");
    ji_json_key_text(json, "compression", bloom->is_known ? "UNCOMPRESSED" : "unknown");
    ji_json_write_end_object(json);
}

/* Page index and Bloom filter, as far as they could be read. */
static enum joist_status write_indexes(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_page_list *list, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    if (list->index_err.status != JOIST_OK)
        ji_json_key_text(json, "index_error", list->index_err.text);
    if (list->has_offsets)
        write_offset_index(json, &list->offsets);
    if (list->has_bounds)
        JI_TRY(write_column_index(inspector, leaf, &list->bounds, err));
    if (list->has_bloom)
        write_bloom(json, &list->bloom);
    return JOIST_OK;
}

enum joist_status ji_inspect_pages(struct ji_inspector *inspector, size_t group, size_t leaf_index,
        const struct ji_chunk *chunk, struct joist_error *err)
{
    const struct ji_leaf *const leaf = &inspector->file->schema.leaves[leaf_index];
    struct ji_page_list list;
    JI_TRY(ji_page_list_open(&list, inspector->file, group, leaf_index, chunk, err));
    enum joist_status status = write_pages(inspector, leaf, &list, err);
    if (status == JOIST_OK)
        status = write_indexes(inspector, leaf, &list, err);
    ji_page_list_close(&list);
    return status;
}
