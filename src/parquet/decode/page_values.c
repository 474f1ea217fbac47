/*
 * page_values.c - which encoding, and the values of all but byte arrays
 *
 *     PLAIN       fixed: value value ...     BYTE_ARRAY: length:4 bytes, length:4 bytes ...    BOOLEAN: bits
 *     dictionary  width:1, hybrid of codes
 *     RLE         length:4, hybrid of width 1 (booleans)
 *     DELTA ...   delta_values.h, delta_bytes.h
 *     SPLIT       byte 0 of all values, byte 1 of all values ...
 *     ALP         alp_values.h
 *
 *   1. at <= end; no byte outside is read.
 *   2. A code that leaves here is below the dictionary's count.
 *
 * What is not PLAIN becomes PLAIN a few hundred values at a time where a conversion follows: there is one
 * body of conversions.
 */
#include "parquet/decode/page_values.h"

#include "kernel/bitmap.h"
#include "kernel/byte_split.h"
#include "kernel/gather.h"
#include "kernel/utf8.h"

#include <assert.h>

#define LENGTH_BYTES 4
#define CODE_WIDTH_MAX 32
/* Codes unpacked at a time before the gather: they stay in the first-level cache. */
#define CODES_STEP 2048
/* Bytes in PLAIN form on their way to a conversion. */
#define SCRATCH_BYTES 4096

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

static enum joist_status init_split(
        struct ji_page_values *values, struct ji_view bytes, struct joist_error *err)
{
    values->form = JI_VALUES_SPLIT;
    values->split.stride = bytes.size / values->type->file_bytes;
    values->split.index = 0;
    if (bytes.size % values->type->file_bytes != 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%zu bytes in streams for values of %zu", bytes.size,
                values->type->file_bytes);
    return JOIST_OK;
}

/* Byte arrays by their lengths: text that is all ASCII is told so at once. */
static enum joist_status init_delta_length(
        struct ji_page_values *values, struct ji_view bytes, struct joist_error *err)
{
    values->form = JI_VALUES_DELTA_LENGTH;
    JI_TRY(ji_delta_length_init(&values->delta_bytes, bytes, err));
    const uint8_t *const at = values->delta_bytes.at;
    const struct ji_view text = ji_view_of(at, (size_t)(values->end - at));
    values->is_ascii = values->type->is_text && ji_ascii_prefix(text) == text.size;
    return JOIST_OK;
}

/* May values of this physical type have that encoding? PLAIN and codes all may. */
static bool goes_with(enum ji_physical physical, enum ji_encoding encoding)
{
    const bool is_int = physical == JI_PHYSICAL_INT32 || physical == JI_PHYSICAL_INT64;
    const bool is_real = physical == JI_PHYSICAL_FLOAT || physical == JI_PHYSICAL_DOUBLE;
    switch (encoding) {
    case JI_ENCODING_RLE:
        return physical == JI_PHYSICAL_BOOLEAN;
    case JI_ENCODING_DELTA_BINARY_PACKED:
        return is_int;
    case JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return physical == JI_PHYSICAL_BYTE_ARRAY;
    case JI_ENCODING_DELTA_BYTE_ARRAY:
        return physical == JI_PHYSICAL_BYTE_ARRAY || physical == JI_PHYSICAL_FIXED;
    case JI_ENCODING_BYTE_STREAM_SPLIT:
        return is_int || is_real || physical == JI_PHYSICAL_FIXED;
    case JI_ENCODING_ALP:
        return is_real;
    default:
        return true;
    }
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
    if (!goes_with(type->physical, encoding))
        return ji_fail(err, JOIST_ERR_CORRUPT, "encoding %s for values of type %s",
                ji_encoding_name(encoding), ji_physical_name(type->physical));
    if (type->conversion != JI_CONVERT_COPY && type->file_bytes > SCRATCH_BYTES)
        return ji_fail(err, JOIST_ERR_LIMIT, "numbers of %zu bytes", type->file_bytes);
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
        return init_runs(values, bytes, err);
    case JI_ENCODING_DELTA_BINARY_PACKED:
        values->form = JI_VALUES_DELTA;
        return ji_delta_values_init(&values->deltas, bytes, err);
    case JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return init_delta_length(values, bytes, err);
    case JI_ENCODING_DELTA_BYTE_ARRAY:
        values->form = JI_VALUES_STRINGS;
        return ji_delta_strings_init(&values->delta_bytes, &values->carry, bytes, err);
    case JI_ENCODING_BYTE_STREAM_SPLIT:
        return init_split(values, bytes, err);
    case JI_ENCODING_ALP:
        values->form = JI_VALUES_ALP;
        return ji_alp_values_init(&values->alp, bytes, type->physical == JI_PHYSICAL_DOUBLE, err);
    case JI_ENCODING_BIT_PACKED:
        break;
    }
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "encoding %s (%d)", ji_encoding_name(encoding), (int)encoding);
}

void ji_page_values_clear(struct ji_page_values *values)
{
    ji_bytes_carry_clear(&values->carry);
}

void ji_page_values_break(struct ji_page_values *values)
{
    ji_bytes_carry_break(&values->carry);
}

static enum joist_status out_of_range(struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "value out of the range of its type");
}

static enum joist_status read_fixed(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    const size_t held = (size_t)(values->end - values->at) / type->file_bytes;
    if (count > held)
        return ji_values_end_early(count - held, err);
    if (!ji_values_convert(type, values->at, count, out + at * type->memory_bytes))
        return out_of_range(err);
    values->at += count * type->file_bytes;
    return JOIST_OK;
}

static enum joist_status read_bits(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const size_t held = (size_t)(values->end - values->at) * 8 - values->bit;
    if (count > held)
        return ji_values_end_early(count - held, err);
    ji_bitmap_copy(values->at, values->bit, out, at, count);
    values->bit += count;
    return JOIST_OK;
}

/* --- deltas, streams of bytes, strings of fixed length --- */

static enum joist_status read_delta(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    const size_t width = type->file_bytes;
    out += at * type->memory_bytes;
    if (type->conversion == JI_CONVERT_COPY) {
        if (width == sizeof(uint32_t))
            return ji_delta_values_read32(&values->deltas, count, (uint32_t *)(void *)out, err);
        return ji_delta_values_read64(&values->deltas, count, (uint64_t *)(void *)out, err);
    }
    while (count > 0) {
        union {
            uint8_t bytes[SCRATCH_BYTES];
            uint32_t narrow[SCRATCH_BYTES / sizeof(uint32_t)];
            uint64_t wide[SCRATCH_BYTES / sizeof(uint64_t)];
        } scratch;
        const size_t step = ji_min_size(count, SCRATCH_BYTES / width);
        if (width == sizeof(uint32_t))
            JI_TRY(ji_delta_values_read32(&values->deltas, step, scratch.narrow, err));
        else
            JI_TRY(ji_delta_values_read64(&values->deltas, step, scratch.wide, err));
        ji_values_swap(scratch.bytes, width, step);
        if (!ji_values_convert(type, scratch.bytes, step, out))
            return out_of_range(err);
        out += step * type->memory_bytes;
        count -= step;
    }
    return JOIST_OK;
}

static enum joist_status check_split(
        const struct ji_page_values *values, size_t count, struct joist_error *err)
{
    const size_t left = values->split.stride - values->split.index;
    return count <= left ? JOIST_OK : ji_values_end_early(count - left, err);
}

static enum joist_status read_split(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    const size_t width = type->file_bytes;
    const size_t stride = values->split.stride;
    JI_TRY(check_split(values, count, err));
    out += at * type->memory_bytes;
    if (type->conversion == JI_CONVERT_COPY) {
        ji_byte_join(values->at, stride, width, values->split.index, count, out);
        ji_values_swap(out, type->number_bytes, count);
        values->split.index += count;
        return JOIST_OK;
    }
    /* What is converted is a number: of four or eight bytes, or a decimal of any width. */
    while (count > 0) {
        uint8_t scratch[SCRATCH_BYTES];
        const size_t step = ji_min_size(count, SCRATCH_BYTES / width);
        ji_byte_join(values->at, stride, width, values->split.index, step, scratch);
        if (!ji_values_convert(type, scratch, step, out))
            return out_of_range(err);
        values->split.index += step;
        out += step * type->memory_bytes;
        count -= step;
    }
    return JOIST_OK;
}

static enum joist_status read_fixed_strings(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    const size_t width = type->file_bytes;
    out += at * type->memory_bytes;
    if (type->conversion == JI_CONVERT_COPY) {
        JI_TRY(ji_delta_strings_fixed(&values->delta_bytes, &values->carry, width, count, out, err));
        ji_values_swap(out, type->number_bytes, count);
        return JOIST_OK;
    }
    while (count > 0) {
        uint8_t scratch[SCRATCH_BYTES];
        const size_t step = ji_min_size(count, SCRATCH_BYTES / width);
        JI_TRY(ji_delta_strings_fixed(&values->delta_bytes, &values->carry, width, step, scratch, err));
        if (!ji_values_convert(type, scratch, step, out))
            return out_of_range(err);
        out += step * type->memory_bytes;
        count -= step;
    }
    return JOIST_OK;
}

static enum joist_status check_codes(
        const struct ji_page_values *values, const uint32_t *codes, size_t count, struct joist_error *err)
{
    const uint32_t max = ji_codes_max(codes, count);
    if (count > 0 && max >= values->dictionary->count)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "dictionary code %" PRIu32 " where the dictionary has %zu values", max,
                values->dictionary->count);
    return JOIST_OK;
}

enum joist_status ji_page_values_codes(
        struct ji_page_values *values, size_t count, uint32_t *codes, struct joist_error *err)
{
    assert(values->form == JI_VALUES_DICTIONARY);
    const size_t got = ji_rle_u32(&values->rle, count, codes);
    if (got < count)
        return ji_values_end_early(count - got, err);
    return check_codes(values, codes, count, err);
}

static enum joist_status read_dictionary(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const size_t width = values->type->memory_bytes;
    const uint8_t *const entries = values->dictionary->column.values;
    uint32_t codes[CODES_STEP];
    out += at * width;
    while (count > 0) {
        bool is_run = false;
        const size_t step = ji_rle_piece(&values->rle, count, CODES_STEP, codes, &is_run);
        if (step == 0)
            return ji_values_end_early(count, err);
        JI_TRY(check_codes(values, codes, is_run ? 1 : step, err));
        if (is_run)
            ji_fill(entries + codes[0] * width, width, step, out);
        else
            ji_gather(entries, width, codes, step, out);
        out += step * width;
        count -= step;
    }
    return JOIST_OK;
}

static enum joist_status read_runs(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    size_t ones = 0;
    const size_t got = ji_rle_bits(&values->rle, count, out, at, &ones);
    return got == count ? JOIST_OK : ji_values_end_early(count - got, err);
}

enum joist_status ji_page_values_read(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    if (type->conversion == JI_CONVERT_NONE)
        return count == 0 ? JOIST_OK
                          : ji_fail(err, JOIST_ERR_CORRUPT, "%zu values in a column of type null", count);
    switch (values->form) {
    case JI_VALUES_DICTIONARY:
        return read_dictionary(values, count, out, at, err);
    case JI_VALUES_RUNS:
        return read_runs(values, count, out, at, err);
    case JI_VALUES_DELTA:
        return read_delta(values, count, out, at, err);
    case JI_VALUES_SPLIT:
        return read_split(values, count, out, at, err);
    case JI_VALUES_ALP:
        return ji_alp_values_read(&values->alp, count, out + at * type->memory_bytes, err);
    case JI_VALUES_PLAIN:
    case JI_VALUES_DELTA_LENGTH:
    case JI_VALUES_STRINGS:
        break;
    }
    if (type->conversion == JI_CONVERT_VIEW)
        return ji_byte_values_views(values, count, (struct ji_view *)(void *)out + at, err);
    if (type->physical == JI_PHYSICAL_BYTE_ARRAY)
        return ji_byte_values_decimals(values, count, out + at * type->memory_bytes, err);
    if (values->form == JI_VALUES_STRINGS)
        return read_fixed_strings(values, count, out, at, err);
    if (type->conversion == JI_CONVERT_BIT)
        return read_bits(values, count, out, at, err);
    return read_fixed(values, count, out, at, err);
}

size_t ji_page_values_fit(const struct ji_page_values *values, size_t count, uint64_t bytes_max)
{
    if (values->form != JI_VALUES_STRINGS || values->type->conversion != JI_CONVERT_VIEW)
        return count;
    const size_t left = (size_t)ji_min_u64(count, values->delta_bytes.lengths.left);
    const size_t fit = ji_delta_strings_fit(&values->delta_bytes, left, bytes_max);
    return fit < left ? fit : count;
}

/* PLAIN values that all have one size, or one bit. */
static enum joist_status skip_plain(struct ji_page_values *values, size_t count, struct joist_error *err)
{
    const struct ji_value_type *const type = values->type;
    const size_t left = (size_t)(values->end - values->at);
    const bool is_bits = type->physical == JI_PHYSICAL_BOOLEAN;
    const size_t held = is_bits ? left * 8 - values->bit : left / type->file_bytes;
    if (count > held)
        return ji_values_end_early(count - held, err);
    if (is_bits)
        values->bit += count;
    else
        values->at += count * type->file_bytes;
    return JOIST_OK;
}

static enum joist_status skip_runs(struct ji_page_values *values, size_t count, struct joist_error *err)
{
    const size_t got = ji_rle_skip(&values->rle, count);
    return got == count ? JOIST_OK : ji_values_end_early(count - got, err);
}

enum joist_status ji_page_values_skip(struct ji_page_values *values, size_t count, struct joist_error *err)
{
    switch (values->form) {
    case JI_VALUES_DICTIONARY:
    case JI_VALUES_RUNS:
        return skip_runs(values, count, err);
    case JI_VALUES_DELTA:
        return ji_delta_values_skip(&values->deltas, count, err);
    case JI_VALUES_ALP:
        return ji_alp_values_skip(&values->alp, count, err);
    case JI_VALUES_SPLIT:
        JI_TRY(check_split(values, count, err));
        values->split.index += count;
        return JOIST_OK;
    case JI_VALUES_PLAIN:
    case JI_VALUES_DELTA_LENGTH:
    case JI_VALUES_STRINGS:
        break;
    }
    const bool is_fixed = values->form == JI_VALUES_PLAIN && values->type->physical != JI_PHYSICAL_BYTE_ARRAY;
    return is_fixed ? skip_plain(values, count, err) : ji_byte_values_skip(values, count, err);
}

static enum joist_status fill_dictionary(struct ji_dictionary *dictionary, const struct ji_value_type *type,
        const struct ji_field *field, struct ji_view bytes, struct joist_error *err)
{
    struct ji_page_values plain = {.type = type};
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
    /* Numbers stand in `values`, and need no page behind them. */
    if (type->conversion == JI_CONVERT_VIEW) {
        made.page = ji_buffer_retain(page);
        made.page_bytes = bytes.size;
    }
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
