/*
 * bloom_build.h - the Bloom filter of a chunk, made larger than needed and folded when all values are in it
 */
#ifndef JI_BLOOM_BUILD_H
#define JI_BLOOM_BUILD_H

#include "parquet/encode/value_block.h"
#include "parquet/format/bloom_format.h"

struct ji_bloom_filter {
    struct ji_mem *mem;
    uint8_t *blocks;      /* NULL: none yet */
    uint32_t block_count; /* a power of two */
    size_t block_capacity;
};

/* Room for so many distinct values at that rate, in `bytes_max` (a block at least) at most; empty. */
enum joist_status ji_bloom_filter_open(struct ji_bloom_filter *filter, struct ji_mem *mem, uint64_t values,
        double rate, size_t bytes_max, struct joist_error *err);
void ji_bloom_filter_clear(struct ji_bloom_filter *filter); /* accepts all zero */
static inline uint32_t ji_bloom_filter_bytes(const struct ji_bloom_filter *filter)
{
    return filter->block_count * JI_BLOOM_BLOCK_BYTES;
}

void ji_bloom_filter_add(
        struct ji_bloom_filter *filter, enum ji_block_shape shape, const struct ji_value_block *block);
/* Halves it while values that are not in it are taken for such at most so often. */
void ji_bloom_filter_fold(struct ji_bloom_filter *filter, double rate);

#endif
