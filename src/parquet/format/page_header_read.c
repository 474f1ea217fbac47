/*
 * page_header_read.c - decodes PageHeader with the header of its kind
 *
 * The three kinds of body share most of their fields under different ids; they end in one struct, so
 * that the cursor asks one question whatever wrote the page.
 */
#include "parquet/format/page_header_read.h"

#include "parquet/format/footer_parts.h"

static void read_data_header(struct ji_thrift_reader *thrift, struct ji_page_header *header)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            header->value_count = ji_thrift_i32(thrift, field.type);
            break;
        case 2:
            header->encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
            break;
        case 3:
            header->def_encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
            break;
        case 4:
            header->rep_encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
            break;
        case 5:
            ji_statistics_decode(thrift, field.type, &header->statistics);
            header->has_statistics = true;
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
}

static void read_dictionary_header(struct ji_thrift_reader *thrift, struct ji_page_header *header)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1)
            header->value_count = ji_thrift_i32(thrift, field.type);
        else if (field.id == 2)
            header->encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
        else if (field.id == 3)
            header->is_sorted = ji_thrift_bool(thrift, field.type);
        else
            ji_thrift_skip(thrift, field.type);
    }
}

static void read_data_header_v2(struct ji_thrift_reader *thrift, struct ji_page_header *header)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            header->value_count = ji_thrift_i32(thrift, field.type);
            break;
        case 2:
            header->null_count = ji_thrift_i32(thrift, field.type);
            break;
        case 3:
            header->row_count = ji_thrift_i32(thrift, field.type);
            break;
        case 4:
            header->encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
            break;
        case 5:
            header->def_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 6:
            header->rep_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 7:
            header->is_compressed = ji_thrift_bool(thrift, field.type);
            break;
        case 8:
            ji_statistics_decode(thrift, field.type, &header->statistics);
            header->has_statistics = true;
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
}

/* A header of a kind: it counts where it is the one that the type asks for. */
static void read_body(
        struct ji_thrift_reader *thrift, const struct ji_thrift_field *field, struct ji_page_header *header)
{
    static const int8_t types[] = {
            [5] = JI_PAGE_DATA, [6] = JI_PAGE_INDEX, [7] = JI_PAGE_DICTIONARY, [8] = JI_PAGE_DATA_V2};
    if ((int)header->type != types[field->id]) {
        ji_thrift_skip(thrift, field->type);
        return;
    }
    if (!ji_thrift_expect_struct(thrift, field->type))
        return;
    header->has_body = true;
    if (field->id == 5)
        read_data_header(thrift, header);
    else if (field->id == 7)
        read_dictionary_header(thrift, header);
    else if (field->id == 8)
        read_data_header_v2(thrift, header);
    else
        ji_thrift_skip(thrift, field->type);
}

static void read_header(struct ji_thrift_reader *thrift, struct ji_page_header *header)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            header->type = (enum ji_page_type)ji_thrift_i32(thrift, field.type);
            break;
        case 2:
            header->uncompressed_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 3:
            header->compressed_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 4:
            header->crc = (uint32_t)ji_thrift_i32(thrift, field.type);
            header->has_crc = true;
            break;
        case 5:
        case 6:
        case 7:
        case 8:
            read_body(thrift, &field, header);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
}

static bool has_negative(const struct ji_page_header *header)
{
    return header->uncompressed_bytes < 0 || header->compressed_bytes < 0 || header->value_count < 0 ||
            header->null_count < 0 || header->row_count < 0 || header->def_bytes < 0 || header->rep_bytes < 0;
}

enum joist_status ji_page_header_decode(
        struct ji_view bytes, struct ji_page_header *header, size_t *header_bytes, struct joist_error *err)
{
    struct ji_thrift_reader thrift;
    ji_thrift_reader_init(&thrift, bytes);
    struct ji_page_header made = {
            .type = (enum ji_page_type) - 1, .uncompressed_bytes = -1, .compressed_bytes = -1};
    made.is_compressed = true;
    read_header(&thrift, &made);
    if (thrift.error == JI_THRIFT_SHORT && bytes.size < JI_PAGE_HEADER_BYTES_MAX) {
        *header_bytes = 0;
        return JOIST_OK;
    }
    const enum joist_status status = ji_thrift_status(&thrift, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "page header");
        return status;
    }
    if (has_negative(&made))
        return ji_fail(err, JOIST_ERR_CORRUPT, "page header lacks a size or has a negative number");
    const bool wants_body =
            made.type == JI_PAGE_DATA || made.type == JI_PAGE_DICTIONARY || made.type == JI_PAGE_DATA_V2;
    if (wants_body && !made.has_body)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page header lacks the header of its kind");
    *header = made;
    *header_bytes = ji_thrift_position(&thrift);
    return JOIST_OK;
}
