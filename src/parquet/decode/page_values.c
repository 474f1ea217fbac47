/*
 * page_values.c - PLAIN, dictionary codes, and booleans in runs
 *
 *     PLAIN       fixed: value value ...     BYTE_ARRAY: length:4 bytes, length:4 bytes ...    BOOLEAN: bits
 *     dictionary  width:1, hybrid of codes
 *     RLE         length:4, hybrid of width 1 (booleans)
 *
 *   1. at <= end; no byte outside is read.
 *   2. A code that leaves here is below the dictionary's count.
 *
 * Text is checked once a page where it can be: when no byte of the page has its top bit set, no
 * string in it has one either, lengths included.
 */
#include "parquet/decode/page_values.h"

#include "kernel/bitmap.h"
#include "kernel/gather.h"
#include "kernel/utf8.h"

#include <assert.h>

#define LENGTH_BYTES 4
#define CODE_WIDTH_MAX 32
/* Codes unpacked at a time before the gather: they stay in the first-level cache. */
#define CODES_STEP 2048

static enum joist_status init_dictionary(
        struct ji_page_values *values, struct ji_view bytes, struct joist_error *err)
{
    if (values->dictionary == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "dictionary codes without a dictionary");
    values->form = JI_VALUES_DICTIONARY;
    /* A page of nulls alone may have no bytes at all. */
    const unsigned width = bytes.size > 0 ? bytes.data[0] : 0;
    if (width > CODE_WIDTH_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "dictionary codes of %u bits", width);
    const size_t head = bytes.size > 0;
    ji_rle_init(&values->rle, ji_view_of(bytes.data + head, bytes.size - head), width);
    return JOIST_OK;
}

static enum joist_status init_runs(
        struct ji_page_values *values, struct ji_view bytes, struct joist_error *err)
{
    values->form = JI_VALUES_RUNS;
    uint32_t size = 0;
    if (bytes.size >= LENGTH_BYTES)
        size = ji_load_le32(bytes.data);
    else if (bytes.size > 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "runs of booleans without their length");
    const size_t head = bytes.size > 0 ? LENGTH_BYTES : 0;
    if (size > bytes.size - head)
        return ji_fail(err, JOIST_ERR_CORRUPT, "runs of %" PRIu32 " bytes where %zu are left", size,
                bytes.size - head);
    ji_rle_init(&values->rle, ji_view_of(bytes.data + head, size), 1);
    return JOIST_OK;
}

enum joist_status ji_page_values_init(struct ji_page_values *values, const struct ji_value_type *type,
        enum ji_encoding encoding, struct ji_view bytes, const struct ji_dictionary *dictionary,
        struct joist_error *err)
{
    values->type = type;
    values->dictionary = dictionary;
    values->at = bytes.data;
    values->end = bytes.data + bytes.size;
    values->bit = 0;
    values->is_ascii = false;
    switch (encoding) {
    case JI_ENCODING_PLAIN:
        values->form = JI_VALUES_PLAIN;
        if (type->is_text && bytes.size > 0)
            values->is_ascii = ji_ascii_prefix(bytes) == bytes.size;
        return JOIST_OK;
    case JI_ENCODING_PLAIN_DICTIONARY:
    case JI_ENCODING_RLE_DICTIONARY:
        return init_dictionary(values, bytes, err);
    case JI_ENCODING_RLE:
        if (type->conversion == JI_CONVERT_BIT)
            return init_runs(values, bytes, err);
        return ji_fail(err, JOIST_ERR_CORRUPT, "encoding RLE for values other than booleans");
    default:
        return ji_fail(
                err, JOIST_ERR_UNSUPPORTED, "encoding %s (%d)", ji_encoding_name(encoding), (int)encoding);
    }
}

static enum joist_status ends_early(size_t missing, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "page ends %zu values early", missing);
}

static enum joist_status read_fixed(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    const size_t held = (size_t)(values->end - values->at) / type->file_bytes;
    if (count > held)
        return ends_early(count - held, err);
    if (!ji_values_convert(type, values->at, count, out + at * type->memory_bytes))
        return ji_fail(err, JOIST_ERR_CORRUPT, "value out of the range of its type");
    values->at += count * type->file_bytes;
    return JOIST_OK;
}

static enum joist_status read_bits(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const size_t held = (size_t)(values->end - values->at) * 8 - values->bit;
    if (count > held)
        return ends_early(count - held, err);
    ji_bitmap_copy(values->at, values->bit, out, at, count);
    values->bit += count;
    return JOIST_OK;
}

/* The next BYTE_ARRAY; false where the page ends inside it. */
static inline bool take_bytes(struct ji_page_values *values, struct ji_view *view)
{
    const size_t left = (size_t)(values->end - values->at);
    if (left < LENGTH_BYTES)
        return false;
    const uint32_t size = ji_load_le32(values->at);
    if (size > left - LENGTH_BYTES)
        return false;
    *view = ji_view_of(values->at + LENGTH_BYTES, size);
    values->at += LENGTH_BYTES + size;
    return true;
}

static enum joist_status read_views(
        struct ji_page_values *values, size_t count, struct ji_view *out, struct joist_error *err)
{
    for (size_t index = 0; index < count; index++) {
        if (!take_bytes(values, &out[index]))
            return ends_early(count - index, err);
    }
    if (!values->type->is_text || values->is_ascii)
        return JOIST_OK;
    for (size_t index = 0; index < count; index++) {
        if (!ji_utf8_valid(out[index]))
            return ji_fail(err, JOIST_ERR_CORRUPT, "string is not UTF-8");
    }
    return JOIST_OK;
}

static enum joist_status read_decimal_bytes(
        struct ji_page_values *values, size_t count, uint8_t *out, struct joist_error *err)
{
    const bool is_wide = values->type->conversion == JI_CONVERT_BYTES_TO_128;
    for (size_t index = 0; index < count; index++) {
        struct ji_view bytes;
        ji_int128 wide;
        if (!take_bytes(values, &bytes))
            return ends_early(count - index, err);
        if (!ji_decimal_from_bytes(bytes, &wide) || (!is_wide && (int64_t)wide != wide))
            return ji_fail(err, JOIST_ERR_CORRUPT, "decimal of %zu bytes out of range", bytes.size);
        const int64_t value = (int64_t)wide;
        if (is_wide)
            memcpy(out + sizeof wide * index, &wide, sizeof wide);
        else
            memcpy(out + sizeof value * index, &value, sizeof value);
    }
    return JOIST_OK;
}

static enum joist_status read_plain(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    switch (type->conversion) {
    case JI_CONVERT_NONE:
        return count == 0 ? JOIST_OK
                          : ji_fail(err, JOIST_ERR_CORRUPT, "%zu values in a column of type null", count);
    case JI_CONVERT_BIT:
        return read_bits(values, count, out, at, err);
    case JI_CONVERT_VIEW:
        return read_views(values, count, (struct ji_view *)(void *)out + at, err);
    case JI_CONVERT_BYTES_TO_64:
    case JI_CONVERT_BYTES_TO_128:
        return read_decimal_bytes(values, count, out + at * type->memory_bytes, err);
    default:
        return read_fixed(values, count, out, at, err);
    }
}

enum joist_status ji_page_values_codes(
        struct ji_page_values *values, size_t count, uint32_t *codes, struct joist_error *err)
{
    assert(values->form == JI_VALUES_DICTIONARY);
    const size_t got = ji_rle_u32(&values->rle, count, codes);
    if (got < count)
        return ends_early(count - got, err);
    const uint32_t max = ji_codes_max(codes, count);
    if (count > 0 && max >= values->dictionary->count)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "dictionary code %" PRIu32 " where the dictionary has %zu values", max,
                values->dictionary->count);
    return JOIST_OK;
}

static enum joist_status read_dictionary(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const size_t width = values->type->memory_bytes;
    uint32_t codes[CODES_STEP];
    while (count > 0) {
        const size_t step = ji_min_size(count, CODES_STEP);
        JI_TRY(ji_page_values_codes(values, step, codes, err));
        ji_gather(values->dictionary->column.values, width, codes, step, out + at * width);
        at += step;
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_page_values_read(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    if (values->form == JI_VALUES_PLAIN)
        return read_plain(values, count, out, at, err);
    if (values->form == JI_VALUES_DICTIONARY)
        return read_dictionary(values, count, out, at, err);
    size_t ones = 0;
    const size_t got = ji_rle_bits(&values->rle, count, out, at, &ones);
    return got == count ? JOIST_OK : ends_early(count - got, err);
}

enum joist_status ji_page_values_skip(struct ji_page_values *values, size_t count, struct joist_error *err)
{
    if (values->form != JI_VALUES_PLAIN) {
        const size_t got = ji_rle_skip(&values->rle, count);
        return got == count ? JOIST_OK : ends_early(count - got, err);
    }
    const struct ji_value_type *const type = values->type;
    const size_t left = (size_t)(values->end - values->at);
    if (type->conversion == JI_CONVERT_BIT) {
        if (count > left * 8 - values->bit)
            return ends_early(count - (left * 8 - values->bit), err);
        values->bit += count;
        return JOIST_OK;
    }
    if (type->file_bytes > 0) {
        if (count > left / type->file_bytes)
            return ends_early(count - left / type->file_bytes, err);
        values->at += count * type->file_bytes;
        return JOIST_OK;
    }
    struct ji_view view;
    for (size_t index = 0; index < count; index++) {
        if (!take_bytes(values, &view))
            return ends_early(count - index, err);
    }
    return JOIST_OK;
}

static enum joist_status fill_dictionary(struct ji_dictionary *dictionary, const struct ji_value_type *type,
        const struct ji_field *field, struct ji_view bytes, struct joist_error *err)
{
    struct ji_page_values plain;
    JI_TRY(ji_page_values_init(&plain, type, JI_ENCODING_PLAIN, bytes, NULL, err));
    JI_TRY(ji_page_values_read(&plain, dictionary->count, dictionary->values->data, 0, err));
    dictionary->column = (struct ji_column){
            .field = field,
            .form = JI_FLAT,
            .row_count = dictionary->count,
            .values = dictionary->values->data,
            .values_buffer = dictionary->values,
            .heap = type->conversion == JI_CONVERT_VIEW ? dictionary->page : NULL,
    };
    return JOIST_OK;
}

enum joist_status ji_dictionary_init(struct ji_dictionary *dictionary, const struct ji_value_type *type,
        const struct ji_field *field, struct ji_buffer *page, struct ji_view bytes, size_t count,
        struct joist_error *err)
{
    if (type->memory_bytes == 0 && count > 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "dictionary of booleans");
    /* So that a count from nowhere allocates nothing: each value has its bytes. */
    const size_t least = type->file_bytes > 0 ? type->file_bytes : LENGTH_BYTES;
    if (count > bytes.size / least)
        return ji_fail(err, JOIST_ERR_CORRUPT, "dictionary of %zu values in %zu bytes", count, bytes.size);
    struct ji_dictionary made = {.count = count};
    JI_TRY(ji_buffer_new(
            page->mem, ji_max_size(count, 1) * ji_max_size(type->memory_bytes, 1), &made.values, err));
    /* Null rows may have code 0, and whoever reads it finds a value there. */
    if (count == 0)
        memset(made.values->data, 0, ji_max_size(type->memory_bytes, 1));
    made.page = ji_buffer_retain(page);
    const enum joist_status status = fill_dictionary(&made, type, field, bytes, err);
    if (status != JOIST_OK) {
        ji_dictionary_clear(&made);
        return status;
    }
    *dictionary = made;
    return JOIST_OK;
}

void ji_dictionary_clear(struct ji_dictionary *dictionary)
{
    ji_buffer_release(dictionary->values);
    ji_buffer_release(dictionary->page);
    *dictionary = (struct ji_dictionary){.page = NULL};
}
