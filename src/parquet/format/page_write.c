/*
 * page_write.c - page headers and page indexes as bytes
 *
 * Field numbers are those of parquet.thrift.
 */
#include "parquet/format/page_write.h"

#include "wire/thrift.h"

static void write_longs(struct ji_thrift_writer *writer, int16_t id, const int64_t *values, size_t count)
{
    ji_thrift_write_list(writer, id, JI_THRIFT_I64, count);
    for (size_t i = 0; i < count; i++)
        ji_thrift_element_i64(writer, values[i]);
}

static void write_views(
        struct ji_thrift_writer *writer, int16_t id, const struct ji_view *values, size_t count)
{
    ji_thrift_write_list(writer, id, JI_THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++)
        ji_thrift_element_binary(writer, values[i]);
}

static void write_data_header(struct ji_thrift_writer *writer, const struct ji_page_header *header)
{
    ji_thrift_begin_struct(writer, 5);
    ji_thrift_write_i32(writer, 1, header->value_count);
    ji_thrift_write_i32(writer, 2, header->encoding);
    ji_thrift_write_i32(writer, 3, header->def_encoding);
    ji_thrift_write_i32(writer, 4, header->rep_encoding);
    ji_thrift_end_struct(writer);
}

static void write_data_v2_header(struct ji_thrift_writer *writer, const struct ji_page_header *header)
{
    ji_thrift_begin_struct(writer, 8);
    ji_thrift_write_i32(writer, 1, header->value_count);
    ji_thrift_write_i32(writer, 2, header->null_count);
    ji_thrift_write_i32(writer, 3, header->row_count);
    ji_thrift_write_i32(writer, 4, header->encoding);
    ji_thrift_write_i32(writer, 5, header->def_bytes);
    ji_thrift_write_i32(writer, 6, header->rep_bytes);
    ji_thrift_write_bool(writer, 7, header->is_compressed);
    ji_thrift_end_struct(writer);
}

static void write_dictionary_header(struct ji_thrift_writer *writer, const struct ji_page_header *header)
{
    ji_thrift_begin_struct(writer, 7);
    ji_thrift_write_i32(writer, 1, header->value_count);
    ji_thrift_write_i32(writer, 2, header->encoding);
    ji_thrift_write_bool(writer, 3, header->is_sorted);
    ji_thrift_end_struct(writer);
}

enum joist_status ji_page_header_write(
        struct ji_bytes *out, const struct ji_page_header *header, struct joist_error *err)
{
    if (header->type == JI_PAGE_INDEX)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "writing pages of type %d", (int)header->type);
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    ji_thrift_write_i32(&writer, 1, header->type);
    ji_thrift_write_i32(&writer, 2, header->uncompressed_bytes);
    ji_thrift_write_i32(&writer, 3, header->compressed_bytes);
    if (header->has_crc)
        ji_thrift_write_i32(&writer, 4, (int32_t)header->crc);
    if (header->type == JI_PAGE_DATA)
        write_data_header(&writer, header);
    else if (header->type == JI_PAGE_DATA_V2)
        write_data_v2_header(&writer, header);
    else
        write_dictionary_header(&writer, header);
    return ji_thrift_writer_finish(&writer);
}

enum joist_status ji_offset_index_write(
        struct ji_bytes *out, const struct ji_offset_index *index, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    ji_thrift_write_list(&writer, 1, JI_THRIFT_STRUCT, index->page_count);
    for (size_t i = 0; i < index->page_count; i++) {
        ji_thrift_element_struct(&writer);
        ji_thrift_write_i64(&writer, 1, index->pages[i].offset);
        ji_thrift_write_i32(&writer, 2, index->pages[i].compressed_bytes);
        ji_thrift_write_i64(&writer, 3, index->pages[i].first_row);
        ji_thrift_end_struct(&writer);
    }
    if (index->unencoded_bytes != NULL)
        write_longs(&writer, 2, index->unencoded_bytes, index->page_count);
    return ji_thrift_writer_finish(&writer);
}

enum joist_status ji_column_index_write(
        struct ji_bytes *out, const struct ji_column_index *index, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    ji_thrift_write_list(&writer, 1, JI_THRIFT_TRUE, index->page_count);
    for (size_t i = 0; i < index->page_count; i++)
        ji_thrift_element_bool(&writer, index->null_pages[i]);
    write_views(&writer, 2, index->min_values, index->page_count);
    write_views(&writer, 3, index->max_values, index->page_count);
    ji_thrift_write_i32(&writer, 4, index->order);
    if (index->null_counts != NULL)
        write_longs(&writer, 5, index->null_counts, index->page_count);
    if (index->rep_histograms != NULL)
        write_longs(&writer, 6, index->rep_histograms, index->rep_histogram_count);
    if (index->def_histograms != NULL)
        write_longs(&writer, 7, index->def_histograms, index->def_histogram_count);
    if (index->nan_counts != NULL)
        write_longs(&writer, 8, index->nan_counts, index->page_count);
    return ji_thrift_writer_finish(&writer);
}
