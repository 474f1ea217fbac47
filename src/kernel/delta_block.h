/*
 * delta_block.h - differences of neighbours, less the least of them: delta_sum.h's way back
 *
 *     above[i] = (values[i] - values[i - 1]) - least        modulo 2^32 or 2^64
 *
 * values[-1] is read: it stands in front of the block.
 */
#ifndef JI_DELTA_BLOCK_H
#define JI_DELTA_BLOCK_H

#include "base/bytes.h"

/* Miniblocks of `mini` values each, a multiple of 32; `above` has room for `mini_count` of them. */
struct ji_delta_minis {
    size_t mini;
    size_t mini_count;
    uint8_t *widths; /* of each miniblock: bits of the largest in it */
};

/*
 * Fill `above` and the widths for `count` values, at least one and at most those of all miniblocks; zeros
 * stand behind them. Return the least difference, as signed.
 */
int32_t ji_delta_block32(
        const uint32_t *values, size_t count, const struct ji_delta_minis *minis, uint32_t *above);
int64_t ji_delta_block64(
        const uint64_t *values, size_t count, const struct ji_delta_minis *minis, uint64_t *above);

/* The plain references. */
int32_t ji_delta_block32_plain(
        const uint32_t *values, size_t count, const struct ji_delta_minis *minis, uint32_t *above);
int64_t ji_delta_block64_plain(
        const uint64_t *values, size_t count, const struct ji_delta_minis *minis, uint64_t *above);

/* --- for delta_block.c --- */

#if defined(__x86_64__)
/* Of whole blocks: `count` is that of all miniblocks. */
int32_t ji_delta_block32_avx2(const uint32_t *values, const struct ji_delta_minis *minis, uint32_t *above);
int64_t ji_delta_block64_avx2(const uint64_t *values, const struct ji_delta_minis *minis, uint64_t *above);
#endif

#endif
