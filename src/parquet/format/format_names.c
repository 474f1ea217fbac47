/*
 * format_names.c - the format's own words for its numbers
 */
#include "parquet/format/footer_model.h"

#define NAME_AT(names, index)                                                                                \
    ((size_t)(index) < sizeof(names) / sizeof((names)[0]) && (names)[(size_t)(index)] != NULL                \
                    ? (names)[(size_t)(index)]                                                               \
                    : "unknown")

const char *ji_physical_name(int physical)
{
    static const char *const names[] = {
            "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
    return NAME_AT(names, physical);
}

const char *ji_converted_name(int converted)
{
    static const char *const names[] = {"UTF8", "MAP", "MAP_KEY_VALUE", "LIST", "ENUM", "DECIMAL", "DATE",
            "TIME_MILLIS", "TIME_MICROS", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS", "UINT_8", "UINT_16",
            "UINT_32", "UINT_64", "INT_8", "INT_16", "INT_32", "INT_64", "JSON", "BSON", "INTERVAL"};
    return NAME_AT(names, converted);
}

const char *ji_repetition_name(int repetition)
{
    static const char *const names[] = {"REQUIRED", "OPTIONAL", "REPEATED"};
    return NAME_AT(names, repetition);
}

const char *ji_logical_name(int logical)
{
    static const char *const names[] = {NULL, "STRING", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME",
            "TIMESTAMP", NULL, "INTEGER", "UNKNOWN", "JSON", "BSON", "UUID", "FLOAT16", "VARIANT", "GEOMETRY",
            "GEOGRAPHY", "FILE"};
    return NAME_AT(names, logical);
}

const char *ji_encoding_name(int encoding)
{
    static const char *const names[] = {"PLAIN", "GROUP_VAR_INT", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED",
            "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY",
            "BYTE_STREAM_SPLIT", "ALP"};
    return NAME_AT(names, encoding);
}

const char *ji_parquet_codec_name(int codec)
{
    static const char *const names[] = {
            "UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"};
    return NAME_AT(names, codec);
}
