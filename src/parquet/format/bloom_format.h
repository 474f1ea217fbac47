/*
 * bloom_format.h - a split block Bloom filter as it stands in a file
 *
 *     [header: Thrift] [block 0: 8 lanes of 32 bits] [block 1] ... [block n - 1]
 *
 * The upper half of a value's hash chooses the block, the lower half a bit of each lane: a value that was put
 * in has all eight bits set.
 */
#ifndef JI_BLOOM_FORMAT_H
#define JI_BLOOM_FORMAT_H

#include "base/buffer.h"
#include "base/error.h"

#define JI_BLOOM_BLOCK_BYTES 32
#define JI_BLOOM_BYTES_MAX ((uint32_t)128 << 20)
/* No header is longer: four small fields, room for some that nobody knows yet. */
#define JI_BLOOM_HEADER_BYTES_MAX ((size_t)1024)

struct ji_bloom_header {
    uint32_t bitset_bytes; /* a multiple of a block's, at least one */
    bool is_known;         /* split blocks, xxHash64, not compressed: what we can probe */
};

/*
 * Decodes the header at the start of `bytes` and says how many it takes. Where the bytes end inside it
 * `*header_bytes` is 0 and the status OK: come again with more. CORRUPT, LIMIT.
 */
enum joist_status ji_bloom_header_decode(
        struct ji_view bytes, struct ji_bloom_header *header, size_t *header_bytes, struct joist_error *err);

/* The block, of `block_count`, in which the value of that hash would be. */
static inline uint32_t ji_bloom_block(uint64_t hash, uint32_t block_count)
{
    return (uint32_t)(((hash >> 32) * block_count) >> 32);
}

/* Whether the value of that hash may have been put into the 32 bytes of its block. */
bool ji_bloom_block_has(const uint8_t *block, uint64_t hash);
void ji_bloom_block_put(uint8_t *block, uint64_t hash);
/* The header of split blocks, xxHash64, not compressed; appended. */
enum joist_status ji_bloom_header_write(struct ji_bytes *out, uint32_t bitset_bytes, struct joist_error *err);

#endif
