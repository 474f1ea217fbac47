/*
 * bloom_probe.h - asks the Bloom filter of one column chunk
 */
#ifndef JI_BLOOM_PROBE_H
#define JI_BLOOM_PROBE_H

#include "parquet/format/bloom_format.h"
#include "parquet/read/module_read.h"

struct ji_bloom_probe {
    struct ji_module_place place;
    struct ji_arena *arena; /* borrowed: lives longer */
    uint32_t block_count;   /* 0: there is no filter that we can ask */
    uint64_t bitset_offset;
    const uint8_t *bitset; /* NULL: blocks are read one by one, or it is sealed */
    bool is_sealed;        /* encrypted as a whole */
    unsigned reads;
};

/* Reads the header, and with it a filter that is small. CORRUPT where it leaves its bounds. */
enum joist_status ji_bloom_probe_open(struct ji_bloom_probe *probe, const struct ji_module_place *place,
        const struct ji_chunk *chunk, struct ji_arena *arena, struct joist_error *err);

/* Whether a value of that hash may be in the chunk; true where there is no filter, or asking became dear. */
enum joist_status ji_bloom_probe_may_have(
        struct ji_bloom_probe *probe, uint64_t hash, bool *may_have, struct joist_error *err);

#endif
