/*
 * thrift_fuzz.c - any bytes as Thrift: skipped without recursion, within their bounds; read typed; and
 * skipped by a pattern, which must come to the same
 */
#include <stdlib.h>
#include <string.h>

#include "wire/thrift_pattern.h"

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

/* Struct behind struct, by value and by pattern. The bytes come twice: so some of them resemble. */
static void skip_both_ways(struct ji_view bytes)
{
    struct ji_thrift_pattern pattern;
    struct ji_thrift_reader by_value, by_pattern;
    ji_thrift_pattern_init(&pattern);
    ji_thrift_reader_init(&by_value, bytes);
    ji_thrift_reader_init(&by_pattern, bytes);
    while (by_value.error == JI_THRIFT_FINE && by_value.at < by_value.end) {
        ji_thrift_skip(&by_value, JI_THRIFT_STRUCT);
        ji_thrift_pattern_skip(&pattern, &by_pattern);
        if (by_value.error != by_pattern.error || by_value.depth != by_pattern.depth ||
                ji_thrift_position(&by_value) != ji_thrift_position(&by_pattern))
            abort();
    }
}

static void skip_twice(const uint8_t *data, size_t size)
{
    uint8_t *const twice = malloc(2 * size + 1);
    if (twice == NULL)
        return;
    if (size > 0) {
        memcpy(twice, data, size);
        memcpy(twice + size, data, size);
    }
    skip_both_ways(ji_view_of(twice, 2 * size));
    free(twice);
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
    skip_twice(data, size);
    return 0;
}
