/*
 * describe.c - a file for people, in lines of at most 120 columns
 *
 *     lines.parquet: 6001215 rows in 6 row groups, 203.1 MiB, format version 2, written by joist 0.1.0
 *     key-value data
 *       ARROW:schema  an Arrow schema of 1012 bytes
 *     schema
 *       l_orderkey  required INT64                                            long, field 1
 *     row group 0: 1048576 rows, 34.0 MiB of 101.2 MiB, at byte 4
 *       column      codec   encodings         values      bytes unpacked    nulls  least           greatest
 *       l_orderkey  ZSTD    DICT,PLAIN       1048576    1.1 MiB  4.0 MiB        0  1               1048615
 *
 * Bytes of names and bounds that a terminal might take for commands are shown as '.'; what is long is cut.
 */
#include "parquet/read/describe.h"

#include "kernel/utf8.h"
#include "parquet/read/statistic_value.h"

#define VALUE_WIDTH 72
#define KEY_WIDTH 24

/* --- pieces of a line --- */

/* Columns that bytes of UTF-8 take: one a sequence. */
static size_t columns_of(struct ji_view text)
{
    size_t columns = 0;
    for (size_t at = 0; at < text.size; at++)
        columns += (text.data[at] & 0xc0) != 0x80;
    return columns;
}

static enum joist_status append_plain(
        struct ji_describer *describer, struct ji_view text, struct joist_error *err)
{
    const bool is_utf8 = ji_utf8_valid(text);
    for (size_t at = 0; at < text.size; at++) {
        const uint8_t byte = text.data[at];
        const bool is_plain = byte >= 0x20 && byte != 0x7f && (is_utf8 || byte < 0x80);
        JI_TRY(ji_bytes_append_byte(&describer->text, is_plain ? byte : '.', err));
    }
    return JOIST_OK;
}

static enum joist_status pad(struct ji_describer *describer, size_t columns, struct joist_error *err)
{
    for (; columns > 0; columns--)
        JI_TRY(ji_bytes_append_byte(&describer->text, ' ', err));
    return JOIST_OK;
}

enum joist_status ji_describe_text(
        struct ji_describer *describer, struct ji_view text, size_t width, bool pads, struct joist_error *err)
{
    size_t columns = columns_of(text);
    size_t size = text.size;
    const bool is_cut = columns > width;
    if (is_cut) {
        columns = 0;
        for (size = 0; size < text.size; size++) {
            if ((text.data[size] & 0xc0) != 0x80 && columns++ == width - 2)
                break;
        }
        columns = width;
    }
    JI_TRY(append_plain(describer, ji_view_of(text.data, size), err));
    if (is_cut)
        JI_TRY(ji_bytes_append_text(&describer->text, "..", err));
    return pads ? pad(describer, width - columns, err) : JOIST_OK;
}

enum joist_status ji_describe_name(
        struct ji_describer *describer, const char *name, size_t width, struct joist_error *err)
{
    const struct ji_view text = ji_view_of_text(name);
    const size_t columns = columns_of(text);
    if (columns <= width)
        return ji_describe_text(describer, text, width, true, err);
    size_t at = 0;
    for (size_t left = columns; at < text.size; at++) {
        if ((text.data[at] & 0xc0) != 0x80 && left-- == width - 2)
            break;
    }
    JI_TRY(ji_bytes_append_text(&describer->text, "..", err));
    return append_plain(describer, ji_view_of(text.data + at, text.size - at), err);
}

enum joist_status ji_describe_bytes(struct ji_describer *describer, int64_t bytes, struct joist_error *err)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1000)
        return ji_bytes_printf(&describer->text, err, "%7" PRId64 " B", bytes);
    uint64_t tenths = (uint64_t)bytes * 10 / 1024;
    size_t unit = 0;
    for (; tenths >= 10000 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        tenths /= 1024;
    return ji_bytes_printf(
            &describer->text, err, "%3" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
}

enum joist_status ji_describe_bound(struct ji_describer *describer, const struct ji_leaf *leaf, bool is_there,
        struct ji_view bytes, struct joist_error *err)
{
    struct ji_bytes *const value = &describer->value;
    value->size = 0;
    if (is_there)
        JI_TRY(ji_statistic_text(leaf, bytes, value, err));
    JI_TRY(ji_bytes_append_text(&describer->text, "  ", err));
    return ji_describe_text(describer, ji_view_of(value->data, value->size), JI_DESCRIBE_BOUND, true, err);
}

enum joist_status ji_describe_encodings(
        struct ji_describer *describer, uint32_t encodings, struct joist_error *err)
{
    static const struct {
        uint32_t bits;
        const char *word;
    } words[] = {
            {1u << JI_ENCODING_RLE_DICTIONARY | 1u << JI_ENCODING_PLAIN_DICTIONARY, "DICT"},
            {1u << JI_ENCODING_PLAIN, "PLAIN"},
            {1u << JI_ENCODING_DELTA_BINARY_PACKED, "DELTA"},
            {1u << JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY, "DELTA_LENGTH"},
            {1u << JI_ENCODING_DELTA_BYTE_ARRAY, "DELTA_BYTES"},
            {1u << JI_ENCODING_BYTE_STREAM_SPLIT, "SPLIT"},
            {1u << JI_ENCODING_ALP, "ALP"},
            {1u << JI_ENCODING_RLE, "RLE"},
            {1u << JI_ENCODING_BIT_PACKED, "PACKED"},
    };
    char text[128] = "";
    size_t size = 0;
    for (size_t index = 0; index < sizeof words / sizeof words[0]; index++) {
        if ((encodings & words[index].bits) == 0)
            continue;
        const size_t length = strlen(words[index].word);
        if (size > 0)
            text[size++] = ',';
        memcpy(text + size, words[index].word, length);
        size += length;
    }
    return ji_describe_text(describer, ji_view_of(text, size), 14, true, err);
}

enum joist_status ji_describe_end_line(struct ji_describer *describer, struct joist_error *err)
{
    struct ji_bytes *const text = &describer->text;
    while (text->size > 0 && text->data[text->size - 1] == ' ')
        text->size--;
    return ji_bytes_append_byte(text, '\n', err);
}

/* --- the file --- */

static enum joist_status add_key_values(struct ji_describer *describer, struct joist_error *err)
{
    const struct ji_footer *const footer = &describer->file->footer;
    if (footer->key_value_count == 0)
        return JOIST_OK;
    JI_TRY(ji_bytes_append_text(&describer->text, "key-value data\n", err));
    for (size_t index = 0; index < footer->key_value_count; index++) {
        const struct ji_key_value *const pair = &footer->key_values[index];
        JI_TRY(ji_bytes_append_text(&describer->text, "  ", err));
        JI_TRY(ji_describe_text(describer, pair->key, KEY_WIDTH, true, err));
        JI_TRY(ji_bytes_append_text(&describer->text, "  ", err));
        if (ji_view_equal_text(pair->key, "ARROW:schema"))
            JI_TRY(ji_bytes_printf(
                    &describer->text, err, "an Arrow schema, %zu bytes of base64", pair->value.size));
        else
            JI_TRY(ji_describe_text(describer, pair->value, VALUE_WIDTH, false, err));
        if (columns_of(pair->value) > VALUE_WIDTH && !ji_view_equal_text(pair->key, "ARROW:schema"))
            JI_TRY(ji_bytes_printf(&describer->text, err, " (%zu bytes)", pair->value.size));
        JI_TRY(ji_describe_end_line(describer, err));
    }
    return JOIST_OK;
}

static enum joist_status add_file(struct ji_describer *describer, struct joist_error *err)
{
    const struct ji_footer *const footer = &describer->file->footer;
    const char *const name = ji_source_name(&describer->file->source);
    JI_TRY(append_plain(describer, ji_view_of_text(name), err));
    JI_TRY(ji_bytes_printf(&describer->text, err, ": %" PRId64 " rows in %zu row group%s, ",
            footer->row_count, footer->group_count, footer->group_count == 1 ? "" : "s"));
    JI_TRY(ji_bytes_printf(&describer->text, err, "%" PRIu64 " bytes, format version %" PRId32,
            describer->file->file_bytes, footer->version));
    const enum ji_encryption_algorithm algorithm = describer->file->footer_encryption.algorithm;
    if (algorithm != JI_ENCRYPTION_NONE)
        JI_TRY(ji_bytes_printf(&describer->text, err, ", encrypted by %s",
                algorithm == JI_ENCRYPTION_GCM               ? "AES_GCM_V1"
                        : algorithm == JI_ENCRYPTION_GCM_CTR ? "AES_GCM_CTR_V1"
                                                             : "an unknown algorithm"));
    if (footer->created_by.size > 0) {
        JI_TRY(ji_bytes_append_text(&describer->text, ",\n  written by ", err));
        JI_TRY(append_plain(describer, footer->created_by, err));
    }
    return ji_bytes_append_byte(&describer->text, '\n', err);
}

static enum joist_status flush(struct ji_describer *describer, struct joist_error *err)
{
    JI_TRY(ji_sink_append(describer->sink, describer->text.data, describer->text.size, err));
    describer->text.size = 0;
    return JOIST_OK;
}

static enum joist_status describe(struct ji_describer *describer, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &describer->file->schema;
    size_t width = sizeof "column" - 1;
    for (size_t leaf = 0; leaf < schema->leaf_count; leaf++)
        width = ji_max_size(width, columns_of(ji_view_of_text(schema->leaves[leaf].name)));
    describer->name_width = (int)ji_min_size(width, JI_DESCRIBE_NAME_MAX);
    JI_TRY(add_file(describer, err));
    JI_TRY(add_key_values(describer, err));
    JI_TRY(ji_describe_schema(describer, err));
    JI_TRY(flush(describer, err));
    for (size_t group = 0; group < describer->file->footer.group_count; group++) {
        JI_TRY(ji_describe_group_head(describer, group, err));
        for (size_t leaf = 0; leaf < schema->leaf_count; leaf++) {
            JI_TRY(ji_cancel_check(describer->options.cancel, err));
            JI_TRY(ji_describe_chunk(describer, group, leaf, err));
            JI_TRY(flush(describer, err));
        }
    }
    return flush(describer, err);
}

enum joist_status joist_parquet_describe(const struct joist_parquet_file *file,
        const struct joist_parquet_inspect_options *options, struct joist_sink sink, struct joist_error *err)
{
    struct ji_describer describer = {.file = file, .sink = &sink};
    if (options != NULL)
        memcpy(&describer.options, options, ji_min_size(options->struct_size, sizeof describer.options));
    ji_bytes_init(&describer.text, file->mem);
    ji_bytes_init(&describer.value, file->mem);
    ji_arena_init(&describer.arena, file->mem);
    const enum joist_status status = describe(&describer, err);
    ji_arena_clear(&describer.arena);
    ji_bytes_clear(&describer.value);
    ji_bytes_clear(&describer.text);
    return status;
}
