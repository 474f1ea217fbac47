/*
 * levels.c - level streams in their two encodings
 */
#include "parquet/decode/levels.h"

#include "kernel/bitmap.h"

#include <assert.h>

#define LENGTH_BYTES 4

static unsigned level_width(unsigned max)
{
    unsigned width = 0;
    while (max >> width != 0)
        width++;
    return width;
}

void ji_levels_init_none(struct ji_levels *levels)
{
    levels->max = 0;
    levels->is_bit_packed = false;
}

void ji_levels_init_rle(struct ji_levels *levels, struct ji_view bytes, unsigned max)
{
    assert(max > 0 && max <= UINT8_MAX);
    levels->max = max;
    levels->is_bit_packed = false;
    ji_rle_init(&levels->rle, bytes, level_width(max));
}

static enum joist_status init_bit_packed(struct ji_levels *levels, struct ji_view page, unsigned max,
        size_t value_count, size_t *taken, struct joist_error *err)
{
    const size_t bytes = ji_packed_bytes(value_count, level_width(max));
    if (bytes > page.size)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "bit-packed levels of %zu bytes in a page of %zu", bytes, page.size);
    levels->max = max;
    levels->is_bit_packed = true;
    levels->packed = ji_view_of(page.data, bytes);
    levels->packed_index = 0;
    *taken = bytes;
    return JOIST_OK;
}

enum joist_status ji_levels_init_v1(struct ji_levels *levels, struct ji_view page, enum ji_encoding encoding,
        unsigned max, size_t value_count, size_t *taken, struct joist_error *err)
{
    if (encoding == JI_ENCODING_BIT_PACKED)
        return init_bit_packed(levels, page, max, value_count, taken, err);
    if (encoding != JI_ENCODING_RLE)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "levels encoded as %s (%d)", ji_encoding_name(encoding),
                (int)encoding);
    if (page.size < LENGTH_BYTES)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "page of %zu bytes without the length of its levels", page.size);
    const uint32_t bytes = ji_load_le32(page.data);
    if (bytes > page.size - LENGTH_BYTES)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "levels of %" PRIu32 " bytes in a page of %zu", bytes, page.size);
    ji_levels_init_rle(levels, ji_view_of(page.data + LENGTH_BYTES, bytes), max);
    *taken = LENGTH_BYTES + bytes;
    return JOIST_OK;
}

/* Fewer than `count` where the bytes end. */
static size_t read_bit_packed(struct ji_levels *levels, size_t count, uint8_t *out)
{
    const unsigned width = level_width(levels->max);
    const size_t held = levels->packed.size * 8 / width;
    const size_t step = ji_min_size(count, held - levels->packed_index);
    for (size_t index = 0; index < step; index++) {
        size_t bit = (levels->packed_index + index) * width;
        unsigned level = 0;
        for (unsigned left = width; left > 0; left--, bit++)
            level = level << 1 | ((levels->packed.data[bit / 8] >> (7 - bit % 8)) & 1u);
        out[index] = (uint8_t)level;
    }
    levels->packed_index += step;
    return step;
}

enum joist_status ji_levels_read(
        struct ji_levels *levels, size_t count, uint8_t *out, struct joist_error *err)
{
    if (levels->max == 0) {
        memset(out, 0, count);
        return JOIST_OK;
    }
    const size_t got =
            levels->is_bit_packed ? read_bit_packed(levels, count, out) : ji_rle_u8(&levels->rle, count, out);
    if (got < count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "levels end %zu values early", count - got);
    const unsigned max = ji_levels_max(out, count);
    if (max > levels->max)
        return ji_fail(err, JOIST_ERR_CORRUPT, "level %u where %u is the highest", max, levels->max);
    return JOIST_OK;
}

enum joist_status ji_levels_read_bits(struct ji_levels *levels, size_t count, uint8_t *bitmap, size_t at,
        size_t *ones, struct joist_error *err)
{
    assert(levels->max == 1);
    size_t got = 0;
    if (!levels->is_bit_packed) {
        got = ji_rle_bits(&levels->rle, count, bitmap, at, ones);
    } else {
        uint8_t level;
        for (; got < count && read_bit_packed(levels, 1, &level) == 1; got++) {
            ji_bitmap_fill(bitmap, at + got, 1, level != 0);
            *ones += level;
        }
    }
    if (got < count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "definition levels end %zu values early, or one is above 1",
                count - got);
    return JOIST_OK;
}
