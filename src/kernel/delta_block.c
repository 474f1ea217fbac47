/*
 * delta_block.c - one pass for the differences and the least, one for what is above it
 */
#include "kernel/delta_block.h"

#include <assert.h>

#define DELTA_BLOCK(bits)                                                                                    \
    int##bits##_t ji_delta_block##bits##_plain(const uint##bits##_t *values, size_t count,                   \
            const struct ji_delta_minis *minis, uint##bits##_t *above)                                       \
    {                                                                                                        \
        const size_t mini = minis->mini;                                                                     \
        assert(count > 0 && count <= mini * minis->mini_count);                                              \
        for (size_t i = 0; i < count; i++)                                                                   \
            above[i] = values[i] - (values - 1)[i];                                                          \
        int##bits##_t least = (int##bits##_t)above[0];                                                       \
        for (size_t i = 1; i < count; i++)                                                                   \
            least = (int##bits##_t)above[i] < least ? (int##bits##_t)above[i] : least;                       \
        for (size_t i = 0; i < count; i++)                                                                   \
            above[i] -= (uint##bits##_t)least;                                                               \
        memset(above + count, 0, (mini * minis->mini_count - count) * sizeof *above);                        \
        for (size_t m = 0; m < minis->mini_count; m++) {                                                     \
            uint##bits##_t all = 0;                                                                          \
            for (size_t i = 0; i < mini; i++)                                                                \
                all |= above[m * mini + i];                                                                  \
            minis->widths[m] = (uint8_t)(all == 0 ? 0 : 64 - __builtin_clzll(all));                          \
        }                                                                                                    \
        return least;                                                                                        \
    }

DELTA_BLOCK(32)
DELTA_BLOCK(64)

int32_t ji_delta_block32(
        const uint32_t *values, size_t count, const struct ji_delta_minis *minis, uint32_t *above)
{
#if defined(__x86_64__)
    if (count == minis->mini * minis->mini_count && __builtin_cpu_supports("avx2"))
        return ji_delta_block32_avx2(values, minis, above);
#endif
    return ji_delta_block32_plain(values, count, minis, above);
}

int64_t ji_delta_block64(
        const uint64_t *values, size_t count, const struct ji_delta_minis *minis, uint64_t *above)
{
#if defined(__x86_64__)
    if (count == minis->mini * minis->mini_count && __builtin_cpu_supports("avx2"))
        return ji_delta_block64_avx2(values, minis, above);
#endif
    return ji_delta_block64_plain(values, count, minis, above);
}
