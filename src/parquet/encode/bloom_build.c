/*
 * bloom_build.c - the Bloom filter of a chunk
 *
 *     block of n    hash * n / 2^32            folding: block i of n / 2 is 2i | 2i + 1
 *
 *   1. Folding never loses a value: what chose block 2i or 2i + 1 of n chooses block i of n / 2.
 *   2. The rate is counted from the bits that are set, not guessed from how many values came: a block answers
 *      yes to a stranger where the one bit that is asked of each of its eight lanes is set.
 */
#include "parquet/encode/bloom_build.h"

#include "codec/checksum.h"

#include <assert.h>

#define LANES 8
#define LANE_BITS 32

/* Bits a value for a rate, a little more than the theory wants. */
static unsigned bits_a_value(double rate)
{
    static const struct {
        double rate;
        unsigned bits;
    } steps[] = {{0.25, 4}, {0.1, 6}, {0.05, 7}, {0.01, 10}, {0.001, 16}, {0.0001, 23}, {0.00001, 33}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (rate >= steps[i].rate)
            return steps[i].bits;
    return 48;
}

enum joist_status ji_bloom_filter_open(struct ji_bloom_filter *filter, struct ji_mem *mem, uint64_t values,
        double rate, size_t bytes_max, struct joist_error *err)
{
    const uint64_t most = ji_min_u64(bytes_max, JI_BLOOM_BYTES_MAX) / JI_BLOOM_BLOCK_BYTES;
    const uint64_t wanted = ji_min_u64(values, UINT32_MAX) * bits_a_value(rate) / (LANES * LANE_BITS) + 1;
    uint64_t blocks = 1;
    while (blocks < wanted && blocks * 2 <= most)
        blocks *= 2;
    assert(filter->blocks == NULL);
    JI_TRY(ji_alloc_zero(mem, blocks, JI_BLOOM_BLOCK_BYTES, &filter->blocks, err));
    filter->mem = mem;
    filter->block_count = (uint32_t)blocks;
    filter->block_capacity = (size_t)blocks;
    return JOIST_OK;
}

void ji_bloom_filter_clear(struct ji_bloom_filter *filter)
{
    if (filter->blocks != NULL)
        ji_free(filter->mem, filter->blocks, filter->block_capacity * JI_BLOOM_BLOCK_BYTES);
    *filter = (struct ji_bloom_filter){.blocks = NULL};
}

static void add_hash(struct ji_bloom_filter *filter, uint64_t hash)
{
    const size_t block = ji_bloom_block(hash, filter->block_count);
    ji_bloom_block_put(filter->blocks + block * JI_BLOOM_BLOCK_BYTES, hash);
}

void ji_bloom_filter_add(
        struct ji_bloom_filter *filter, enum ji_block_shape shape, const struct ji_value_block *block)
{
    const uint32_t *const fours = block->values;
    const uint64_t *const eights = block->values;
    const struct ji_view *const views = block->values;
    uint8_t bytes[8];
    for (size_t i = 0; i < block->count; i++) {
        if (shape == JI_BLOCK_VIEWS) {
            add_hash(filter, ji_xxh64(views[i].data, views[i].size, 0));
        } else if (shape == JI_BLOCK_FOUR) {
            ji_store_le32(bytes, fours[i]);
            add_hash(filter, ji_xxh64(bytes, 4, 0));
        } else {
            ji_store_le64(bytes, eights[i]);
            add_hash(filter, ji_xxh64(bytes, 8, 0));
        }
    }
}

static uint32_t folded_lane(const uint8_t *pair, size_t lane)
{
    return ji_load_le32(pair + 4 * lane) | ji_load_le32(pair + JI_BLOOM_BLOCK_BYTES + 4 * lane);
}

/* Of the filter of half as many blocks. */
static double folded_rate(const struct ji_bloom_filter *filter)
{
    double sum = 0;
    for (uint32_t i = 0; i < filter->block_count; i += 2) {
        const uint8_t *pair = filter->blocks + (size_t)i * JI_BLOOM_BLOCK_BYTES;
        double all = 1;
        for (size_t lane = 0; lane < LANES; lane++)
            all *= (double)__builtin_popcount(folded_lane(pair, lane)) / LANE_BITS;
        sum += all;
    }
    return sum / (filter->block_count / 2);
}

static void fold_once(struct ji_bloom_filter *filter)
{
    filter->block_count /= 2;
    for (uint32_t i = 0; i < filter->block_count; i++) {
        const uint8_t *pair = filter->blocks + (size_t)i * 2 * JI_BLOOM_BLOCK_BYTES;
        uint8_t folded[JI_BLOOM_BLOCK_BYTES];
        for (size_t lane = 0; lane < LANES; lane++)
            ji_store_le32(folded + 4 * lane, folded_lane(pair, lane));
        memcpy(filter->blocks + (size_t)i * JI_BLOOM_BLOCK_BYTES, folded, sizeof folded);
    }
}

void ji_bloom_filter_fold(struct ji_bloom_filter *filter, double rate)
{
    while (filter->block_count > 1 && folded_rate(filter) <= rate)
        fold_once(filter);
}
