/*
 * thrift_fuzz.c - any bytes as Thrift: skipped without recursion, within their bounds; and read typed
 */
#include <stdlib.h>

#include "wire/thrift.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_typed(struct ji_thrift_reader *reader, const struct ji_thrift_field *field)
{
    switch (field->type) {
    case JI_THRIFT_TRUE:
    case JI_THRIFT_FALSE:
        (void)ji_thrift_bool(reader, field->type);
        break;
    case JI_THRIFT_I8:
        (void)ji_thrift_i8(reader, field->type);
        break;
    case JI_THRIFT_I16:
        (void)ji_thrift_i16(reader, field->type);
        break;
    case JI_THRIFT_I32:
        (void)ji_thrift_i32(reader, field->type);
        break;
    case JI_THRIFT_I64:
        (void)ji_thrift_i64(reader, field->type);
        break;
    case JI_THRIFT_BINARY:
        (void)ji_thrift_binary(reader, field->type);
        break;
    case JI_THRIFT_LIST: {
        const struct ji_thrift_list list = ji_thrift_list(reader, field->type);
        for (size_t index = 0; index < list.count; index++)
            ji_thrift_skip(reader, list.type);
        break;
    }
    default:
        ji_thrift_skip(reader, field->type);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    struct ji_thrift_reader reader;
    ji_thrift_reader_init(&reader, ji_view_of(size > 0 ? data : nothing, size));
    struct ji_thrift_field field = ji_thrift_struct(&reader);
    while (ji_thrift_next(&reader, &field))
        read_typed(&reader, &field);
    if (reader.at > reader.end || ji_thrift_position(&reader) > size)
        abort();
    ji_thrift_reader_init(&reader, ji_view_of(size > 0 ? data : nothing, size));
    ji_thrift_skip(&reader, JI_THRIFT_STRUCT);
    if (reader.at > reader.end || ji_thrift_position(&reader) > size)
        abort();
    return 0;
}
