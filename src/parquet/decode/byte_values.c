/*
 * byte_values.c - values of BYTE_ARRAY: as views, as decimals, passed over
 *
 *     PLAIN  length:4 bytes, length:4 bytes ...
 *
 *   1. at <= end; no byte outside is read.
 *   2. A view that leaves here as text is UTF-8.
 *
 * Text is checked in the largest pieces that can be had. Where all bytes of a page are ASCII no value is
 * looked at. Else the bytes of PLAIN values are judged together with the lengths between them as long as
 * those are ASCII too, which they are below 128: no sequence goes on across one. Values that lie side by side
 * are judged together and must not begin within a sequence.
 */
#include "kernel/fixed_int.h"
#include "kernel/utf8.h"
#include "parquet/decode/page_values.h"

#define LENGTH_BYTES 4
#define NOT_ASCII UINT32_C(0x80808080)
#define DECIMALS_STEP 256

enum joist_status ji_values_end_early(size_t missing, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "page ends %zu values early", missing);
}

/* How many of `count` PLAIN values are whole; they go to `out`, unless that is NULL. */
static size_t walk_plain(struct ji_page_values *values, size_t count, struct ji_view *out)
{
    const uint8_t *at = values->at;
    const uint8_t *const end = values->end;
    size_t index = 0;
    for (; index < count && (size_t)(end - at) >= LENGTH_BYTES; index++) {
        const size_t size = ji_load_le32(at);
        if (size > (size_t)(end - at) - LENGTH_BYTES)
            break;
        if (out != NULL)
            out[index] = ji_view_of(at + LENGTH_BYTES, size);
        at += LENGTH_BYTES + size;
    }
    values->at = at;
    return index;
}

/* PLAIN values, which stand one behind the other, with their lengths between them. */
static bool is_text_plain(const struct ji_view *views, size_t count)
{
    const uint8_t *start = views[0].data;
    const uint8_t *end = start;
    for (size_t index = 0; index < count; index++) {
        if ((views[index].size & NOT_ASCII) != 0) {
            if (!ji_utf8_valid(ji_view_of(start, (size_t)(end - start))))
                return false;
            start = views[index].data;
        }
        end = views[index].data + views[index].size;
    }
    return ji_utf8_valid(ji_view_of(start, (size_t)(end - start)));
}

/* Values without anything between them. */
static bool is_text_joined(const struct ji_view *views, size_t count)
{
    const uint8_t *const start = views[0].data;
    const uint8_t *const end = views[count - 1].data + views[count - 1].size;
    const struct ji_view whole = ji_view_of(start, (size_t)(end - start));
    if (ji_ascii_prefix(whole) == whole.size)
        return true;
    bool is_split = false;
    for (size_t index = 0; index < count; index++)
        is_split |= views[index].size > 0 && (views[index].data[0] & 0xc0) == 0x80;
    return !is_split && ji_utf8_valid(whole);
}

enum joist_status ji_byte_values_views(
        struct ji_page_values *values, size_t count, struct ji_view *out, struct joist_error *err)
{
    if (count == 0)
        return JOIST_OK;
    if (values->form == JI_VALUES_PLAIN) {
        const size_t got = walk_plain(values, count, out);
        if (got < count)
            return ji_values_end_early(count - got, err);
    } else if (values->form == JI_VALUES_DELTA_LENGTH) {
        JI_TRY(ji_delta_length_views(&values->delta_bytes, count, out, err));
    } else {
        JI_TRY(ji_delta_strings_views(&values->delta_bytes, &values->carry, count, out, err));
    }
    if (!values->type->is_text || values->is_ascii)
        return JOIST_OK;
    const bool is_text =
            values->form == JI_VALUES_PLAIN ? is_text_plain(out, count) : is_text_joined(out, count);
    return is_text ? JOIST_OK : ji_fail(err, JOIST_ERR_CORRUPT, "string is not UTF-8");
}

static bool put_decimal(enum ji_conversion conversion, struct ji_view view, uint8_t *out)
{
    ji_int128 wide = 0;
    if (conversion == JI_CONVERT_BYTES_TO_256)
        return ji_wide_decimal_from_bytes(view, out);
    if (!ji_fixed_int(view, &wide))
        return false;
    const int64_t narrow = (int64_t)wide;
    if (conversion == JI_CONVERT_BYTES_TO_128)
        memcpy(out, &wide, sizeof wide);
    else
        memcpy(out, &narrow, sizeof narrow);
    return conversion == JI_CONVERT_BYTES_TO_128 || narrow == wide;
}

enum joist_status ji_byte_values_decimals(
        struct ji_page_values *values, size_t count, uint8_t *out, struct joist_error *err)
{
    while (count > 0) {
        struct ji_view views[DECIMALS_STEP];
        const size_t step = ji_min_size(count, DECIMALS_STEP);
        JI_TRY(ji_byte_values_views(values, step, views, err));
        for (size_t index = 0; index < step; index++) {
            if (!put_decimal(values->type->conversion, views[index], out))
                return ji_fail(
                        err, JOIST_ERR_CORRUPT, "decimal of %zu bytes out of range", views[index].size);
            out += values->type->memory_bytes;
        }
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_byte_values_skip(struct ji_page_values *values, size_t count, struct joist_error *err)
{
    if (values->form == JI_VALUES_DELTA_LENGTH)
        return ji_delta_length_skip(&values->delta_bytes, count, err);
    if (values->form == JI_VALUES_STRINGS)
        return ji_delta_strings_skip(&values->delta_bytes, &values->carry, count, err);
    const size_t got = walk_plain(values, count, NULL);
    return got == count ? JOIST_OK : ji_values_end_early(count - got, err);
}
