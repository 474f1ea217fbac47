/*
 * delta_values.c - blocks and miniblocks, one after another
 *
 *     header  values a block, miniblocks a block, values in all, first value
 *     block   least delta, a width a miniblock, miniblock ... miniblock
 *
 *   1. at <= end; the packed bits of the current miniblock lie in [run.in, at).
 *   2. run_left <= the whole deltas of its bytes: a last miniblock without its padding gives those that are
 *      there.
 *   3. Widths of miniblocks that no value needs are never looked at: they may be rubbish.
 *
 * Block and miniblock sizes are what the header says, as long as a miniblock is whole groups of eight. Every
 * miniblock has a width byte, so that no stream makes us walk longer than it is itself.
 */
#include "parquet/decode/delta_values.h"

#include <assert.h>

#define WIDTH_MAX 64
#define BLOCK_VALUES_MAX UINT32_MAX
#define SKIP_STEP 512

static bool take_varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    uint64_t made = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        const uint8_t byte = *(*at)++;
        made |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = made;
            return true;
        }
    }
    return false;
}

static bool take_zigzag(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    uint64_t made;
    if (!take_varint(at, end, &made))
        return false;
    *value = (made >> 1) ^ (UINT64_C(0) - (made & 1));
    return true;
}

enum joist_status ji_delta_values_init(
        struct ji_delta_values *values, struct ji_view bytes, struct joist_error *err)
{
    *values = (struct ji_delta_values){.at = bytes.data, .end = bytes.data + bytes.size};
    if (bytes.size == 0)
        return JOIST_OK;
    uint64_t block;
    if (!take_varint(&values->at, values->end, &block) ||
            !take_varint(&values->at, values->end, &values->mini_count) ||
            !take_varint(&values->at, values->end, &values->total) ||
            !take_zigzag(&values->at, values->end, &values->last))
        return ji_fail(err, JOIST_ERR_CORRUPT, "deltas without a whole header");
    if (values->mini_count == 0 || block > BLOCK_VALUES_MAX || block % values->mini_count != 0 ||
            block / values->mini_count % 8 != 0 || block == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "deltas in blocks of %" PRIu64 " values in %" PRIu64 " miniblocks", block,
                values->mini_count);
    values->mini_values = block / values->mini_count;
    values->mini_next = values->mini_count;
    values->left = values->total;
    values->has_first = values->total > 0;
    values->run.has_lanes = ji_delta_has_lanes();
    return JOIST_OK;
}

/* Makes `widths` those of the miniblock `mini_next`, which there is. */
static enum joist_status next_block(struct ji_delta_values *values, struct joist_error *err)
{
    if (values->mini_next < values->mini_count)
        return JOIST_OK;
    if (!take_zigzag(&values->at, values->end, &values->run.least))
        return ji_fail(err, JOIST_ERR_CORRUPT, "deltas end before a block");
    const size_t left = (size_t)(values->end - values->at);
    if (values->mini_count > left)
        return ji_fail(err, JOIST_ERR_CORRUPT, "deltas end within the widths of a block");
    values->widths = values->at;
    values->at += values->mini_count;
    values->mini_next = 0;
    return JOIST_OK;
}

/* Passes over the next miniblock and makes it the current one. */
static enum joist_status next_miniblock(struct ji_delta_values *values, struct joist_error *err)
{
    JI_TRY(next_block(values, err));
    const unsigned width = values->widths[values->mini_next++];
    if (width > WIDTH_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "deltas of %u bits", width);
    const uint64_t left = (uint64_t)(values->end - values->at);
    const uint64_t bytes = ji_min_u64(values->mini_values / 8 * width, left);
    values->run.in = values->at;
    values->run.in_bytes = (size_t)left;
    values->run.width = width;
    values->run_at = 0;
    values->run_left = width == 0 ? values->mini_values : ji_min_u64(values->mini_values, bytes * 8 / width);
    values->at += bytes;
    if (values->run_left == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "deltas end before a miniblock");
    /* Nothing comes behind a miniblock that was cut short, not even one of width 0. */
    if (values->run_left < values->mini_values)
        values->mini_next = values->mini_count;
    return JOIST_OK;
}

static enum joist_status check_left(
        const struct ji_delta_values *values, size_t count, struct joist_error *err)
{
    if (count <= values->left)
        return JOIST_OK;
    return ji_fail(
            err, JOIST_ERR_CORRUPT, "page ends %" PRIu64 " values early", (uint64_t)count - values->left);
}

/* How many of `wanted` deltas the current miniblock gives, at least one: the next one where it is empty. */
static enum joist_status take_run(
        struct ji_delta_values *values, size_t wanted, size_t *step, struct joist_error *err)
{
    if (values->run_left == 0)
        JI_TRY(next_miniblock(values, err));
    *step = (size_t)ji_min_u64(wanted, values->run_left);
    return JOIST_OK;
}

static void advance(struct ji_delta_values *values, size_t step)
{
    values->run_at += step;
    values->run_left -= step;
    values->left -= step;
}

enum joist_status ji_delta_values_read32(
        struct ji_delta_values *values, size_t count, uint32_t *out, struct joist_error *err)
{
    JI_TRY(check_left(values, count, err));
    if (values->has_first && count > 0) {
        values->has_first = false;
        values->left--;
        *out++ = (uint32_t)values->last;
        count--;
    }
    while (count > 0) {
        size_t step;
        JI_TRY(take_run(values, count, &step, err));
        values->last =
                ji_delta_sum32(&values->run, (size_t)values->run_at, step, (uint32_t)values->last, out);
        advance(values, step);
        out += step;
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_delta_values_read64(
        struct ji_delta_values *values, size_t count, uint64_t *out, struct joist_error *err)
{
    JI_TRY(check_left(values, count, err));
    if (values->has_first && count > 0) {
        values->has_first = false;
        values->left--;
        *out++ = values->last;
        count--;
    }
    while (count > 0) {
        size_t step;
        JI_TRY(take_run(values, count, &step, err));
        values->last = ji_delta_sum64(&values->run, (size_t)values->run_at, step, values->last, out);
        advance(values, step);
        out += step;
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_delta_values_skip(struct ji_delta_values *values, size_t count, struct joist_error *err)
{
    JI_TRY(check_left(values, count, err));
    if (count > 0 && count == values->left) {
        /* Nothing will be asked any more: what the deltas add up to does not matter. */
        values->left = 0;
        values->has_first = false;
        return JOIST_OK;
    }
    if (values->has_first && count > 0) {
        values->has_first = false;
        values->left--;
        count--;
    }
    while (count > 0) {
        uint64_t sums[SKIP_STEP];
        size_t step;
        JI_TRY(take_run(values, count, &step, err));
        if (values->run.width == 0) {
            values->last += values->run.least * step;
        } else {
            step = ji_min_size(step, SKIP_STEP);
            values->last = ji_delta_sum64(&values->run, (size_t)values->run_at, step, values->last, sums);
        }
        advance(values, step);
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_delta_values_end(
        const struct ji_delta_values *values, const uint8_t **end, struct joist_error *err)
{
    assert(values->left == values->total);
    struct ji_delta_values walk = *values;
    uint64_t deltas = walk.total > 0 ? walk.total - 1 : 0;
    while (deltas > 0) {
        JI_TRY(next_miniblock(&walk, err));
        if (walk.run_left < walk.mini_values)
            return ji_fail(err, JOIST_ERR_CORRUPT, "deltas end within a miniblock");
        deltas -= ji_min_u64(deltas, walk.mini_values);
    }
    *end = walk.at;
    return JOIST_OK;
}
