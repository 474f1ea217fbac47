/*
 * values_encode.c - which loop makes a page's bytes
 *
 *     DELTA_LENGTH_BYTE_ARRAY   [lengths as deltas][bytes]
 *     DELTA_BYTE_ARRAY          [shared with the one before, as deltas][lengths of rests, as deltas][rests]
 *     RLE                       [bytes:4][hybrid of width 1]
 */
#include "parquet/encode/values_encode.h"

#include "kernel/byte_split.h"
#include "parquet/encode/alp_encode.h"
#include "parquet/encode/hybrid_encode.h"

#include <assert.h>

#define RUNS_HEAD_BYTES 4

bool ji_encoding_suits(enum ji_encoding encoding, enum ji_physical physical)
{
    switch (encoding) {
    case JI_ENCODING_PLAIN:
        return true;
    case JI_ENCODING_RLE_DICTIONARY:
        return physical != JI_PHYSICAL_BOOLEAN;
    case JI_ENCODING_RLE:
        return physical == JI_PHYSICAL_BOOLEAN;
    case JI_ENCODING_DELTA_BINARY_PACKED:
        return physical == JI_PHYSICAL_INT32 || physical == JI_PHYSICAL_INT64;
    case JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return physical == JI_PHYSICAL_BYTE_ARRAY;
    case JI_ENCODING_DELTA_BYTE_ARRAY:
        return physical == JI_PHYSICAL_BYTE_ARRAY || physical == JI_PHYSICAL_FIXED;
    case JI_ENCODING_BYTE_STREAM_SPLIT:
        return physical == JI_PHYSICAL_INT32 || physical == JI_PHYSICAL_INT64 ||
                physical == JI_PHYSICAL_FLOAT || physical == JI_PHYSICAL_DOUBLE ||
                physical == JI_PHYSICAL_FIXED;
    case JI_ENCODING_ALP:
        return physical == JI_PHYSICAL_FLOAT || physical == JI_PHYSICAL_DOUBLE;
    default:
        return false;
    }
}

static size_t number_bytes(const struct ji_raw_values *raw)
{
    return raw->shape == JI_BLOCK_FOUR ? sizeof(uint32_t) : sizeof(uint64_t);
}

/* A growing output is written at `size` and its size moved to `end`. */
static void written_to(struct ji_bytes *out, const uint8_t *end)
{
    out->size = (size_t)(end - out->data);
}

/* --- PLAIN and RLE --- */

static enum joist_status plain_bits(
        const struct ji_raw_values *raw, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(out, raw->count / 8 + 1, err));
    uint8_t *to = out->data + out->size;
    size_t at = 0;
    for (; at + 8 <= raw->count; at += 8) /* the lowest bit of each byte, gathered by one product */
        *to++ = (uint8_t)(ji_load_le64(raw->data + at) * UINT64_C(0x0102040810204080) >> 56);
    if (at < raw->count) {
        uint8_t last = 0;
        for (unsigned bit = 0; at < raw->count; at++, bit++)
            last = (uint8_t)(last | raw->data[at] << bit);
        *to++ = last;
    }
    written_to(out, to);
    return JOIST_OK;
}

static enum joist_status plain_bytes(
        const struct ji_raw_values *raw, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(out, raw->bytes + raw->count * sizeof(uint32_t), err));
    uint8_t *to = out->data + out->size;
    const uint8_t *from = raw->data;
    for (size_t i = 0; i < raw->count; i++) {
        const size_t length = raw->lengths[i];
        ji_store_le32(to, raw->lengths[i]);
        to += sizeof(uint32_t);
        if (length != 0)
            memcpy(to, from, length);
        to += length;
        from += length;
    }
    written_to(out, to);
    return JOIST_OK;
}

static enum joist_status plain(const struct ji_raw_values *raw, struct ji_bytes *out, struct joist_error *err)
{
    switch (raw->shape) {
    case JI_BLOCK_BITS:
        return plain_bits(raw, out, err);
    case JI_BLOCK_FOUR:
    case JI_BLOCK_EIGHT:
        JI_TRY(ji_bytes_reserve(out, raw->bytes, err));
        ji_copy_le(out->data + out->size, raw->data, raw->count, number_bytes(raw));
        out->size += raw->bytes;
        return JOIST_OK;
    case JI_BLOCK_VIEWS:
        break;
    }
    return raw->lengths != NULL ? plain_bytes(raw, out, err)
                                : ji_bytes_append(out, raw->data, raw->bytes, err);
}

static enum joist_status runs(const struct ji_raw_values *raw, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(out, RUNS_HEAD_BYTES + ji_hybrid_bound(raw->count, 1), err));
    uint8_t *const head = out->data + out->size;
    const uint8_t *end = ji_hybrid_encode_levels(raw->data, raw->count, 1, head + RUNS_HEAD_BYTES);
    ji_store_le32(head, (uint32_t)(end - head - RUNS_HEAD_BYTES));
    written_to(out, end);
    return JOIST_OK;
}

/* --- differences --- */

static enum joist_status deltas32(const uint32_t *values, size_t count, struct ji_delta_shape shape,
        struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(out, ji_delta_bound(count, 32), err));
    written_to(out, ji_delta_encode32(values, count, shape, out->data + out->size));
    return JOIST_OK;
}

static enum joist_status deltas(const struct ji_encode_plan *plan, const struct ji_raw_values *raw,
        struct ji_bytes *out, struct joist_error *err)
{
    const void *values = raw->data;
    if (raw->shape == JI_BLOCK_FOUR)
        return deltas32(values, raw->count, plan->shape, out, err);
    JI_TRY(ji_bytes_reserve(out, ji_delta_bound(raw->count, 64), err));
    written_to(out, ji_delta_encode64(values, raw->count, plan->shape, out->data + out->size));
    return JOIST_OK;
}

static inline size_t shared_bytes(const uint8_t *a, const uint8_t *b, size_t limit)
{
    size_t same = 0;
    for (; limit - same >= 8; same += 8) {
        const uint64_t difference = ji_load_le64(a + same) ^ ji_load_le64(b + same);
        if (difference != 0)
            return same + ((size_t)__builtin_ctzll(difference) >> 3);
    }
    while (same < limit && a[same] == b[same])
        same++;
    return same;
}

/* Lengths of the prefixes and of the rests; the rests' bytes in all. */
static size_t split_prefixes(const struct ji_raw_values *raw, uint32_t *prefixes, uint32_t *rests)
{
    const uint8_t *before = raw->data;
    const uint8_t *from = raw->data;
    size_t length_before = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < raw->count; i++) {
        const size_t length = raw->lengths != NULL ? raw->lengths[i] : raw->width;
        const size_t same = shared_bytes(before, from, ji_min_size(length, length_before));
        prefixes[i] = (uint32_t)same;
        rests[i] = (uint32_t)(length - same);
        bytes += length - same;
        before = from;
        length_before = length;
        from += length;
    }
    return bytes;
}

static enum joist_status delta_bytes(const struct ji_encode_plan *plan, const struct ji_raw_values *raw,
        struct ji_bytes *scratch, struct ji_bytes *out, struct joist_error *err)
{
    scratch->size = 0;
    JI_TRY(ji_bytes_reserve(scratch, 2 * raw->count * sizeof(uint32_t), err));
    uint32_t *const prefixes = (uint32_t *)(void *)scratch->data;
    uint32_t *const rests = prefixes + raw->count;
    const size_t bytes = split_prefixes(raw, prefixes, rests);
    JI_TRY(deltas32(prefixes, raw->count, plan->shape, out, err));
    JI_TRY(deltas32(rests, raw->count, plan->shape, out, err));
    JI_TRY(ji_bytes_reserve(out, bytes, err));
    uint8_t *to = out->data + out->size;
    const uint8_t *from = raw->data;
    for (size_t i = 0; i < raw->count; i++) {
        from += prefixes[i];
        if (rests[i] != 0)
            memcpy(to, from, rests[i]);
        from += rests[i];
        to += rests[i];
    }
    written_to(out, to);
    return JOIST_OK;
}

/* --- numbers --- */

static enum joist_status split(const struct ji_raw_values *raw, struct ji_bytes *scratch,
        struct ji_bytes *out, struct joist_error *err)
{
    const size_t width = raw->shape == JI_BLOCK_VIEWS ? raw->width : number_bytes(raw);
    const uint8_t *from = raw->data;
    JI_TRY(ji_bytes_reserve(out, raw->bytes, err));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)scratch;
#else
    if (raw->shape != JI_BLOCK_VIEWS) {
        scratch->size = 0;
        JI_TRY(ji_bytes_reserve(scratch, raw->bytes, err));
        ji_copy_le(scratch->data, raw->data, raw->count, width);
        from = scratch->data;
    }
#endif
    ji_byte_split(from, width, raw->count, raw->count, out->data + out->size);
    out->size += raw->bytes;
    return JOIST_OK;
}

static enum joist_status alp(const struct ji_raw_values *raw, struct ji_bytes *out, struct joist_error *err)
{
    const void *values = raw->data;
    JI_TRY(ji_bytes_reserve(out, ji_alp_bound(raw->count, number_bytes(raw)), err));
    uint8_t *const to = out->data + out->size;
    written_to(out,
            raw->shape == JI_BLOCK_FOUR ? ji_alp_encode_floats(values, raw->count, to)
                                        : ji_alp_encode_doubles(values, raw->count, to));
    return JOIST_OK;
}

enum joist_status ji_values_encode(const struct ji_encode_plan *plan, const struct ji_raw_values *raw,
        struct ji_bytes *scratch, struct ji_bytes *out, struct joist_error *err)
{
    switch (plan->encoding) {
    case JI_ENCODING_RLE:
        return runs(raw, out, err);
    case JI_ENCODING_DELTA_BINARY_PACKED:
        return deltas(plan, raw, out, err);
    case JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        JI_TRY(deltas32(raw->lengths, raw->count, plan->shape, out, err));
        return ji_bytes_append(out, raw->data, raw->bytes, err);
    case JI_ENCODING_DELTA_BYTE_ARRAY:
        return delta_bytes(plan, raw, scratch, out, err);
    case JI_ENCODING_BYTE_STREAM_SPLIT:
        return split(raw, scratch, out, err);
    case JI_ENCODING_ALP:
        return alp(raw, out, err);
    default:
        assert(plan->encoding == JI_ENCODING_PLAIN);
        return raw->count == 0 ? JOIST_OK : plain(raw, out, err);
    }
}
