/*
 * delta_sum.h - packed deltas, added up
 *
 *     out[i] = before + (least + d[0]) + ... + (least + d[i])        modulo 2^32 or 2^64
 *
 * The deltas are packed LSB first without gaps, as bit_unpack.h has them.
 */
#ifndef JI_DELTA_SUM_H
#define JI_DELTA_SUM_H

#include "base/bytes.h"

struct ji_delta_run {
    const uint8_t *in; /* of delta 0; no byte behind `in_bytes` is read */
    size_t in_bytes;   /* at least what the deltas asked for take */
    unsigned width;    /* 0..64 */
    bool has_lanes;    /* of ji_delta_has_lanes, asked once an object */
    uint64_t least;
};

/* May the AVX2 kernels run here? */
bool ji_delta_has_lanes(void);

/* Deltas `first` .. `first` + count to `out`; returns the last sum, `before` where there is none. */
uint32_t ji_delta_sum32(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t before, uint32_t *out);
uint64_t ji_delta_sum64(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t before, uint64_t *out);

/* The plain references. */
uint32_t ji_delta_sum32_plain(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t before, uint32_t *out);
uint64_t ji_delta_sum64_plain(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t before, uint64_t *out);

/* --- for delta_sum.c --- */

#if defined(__x86_64__)
/*
 * Groups of eight deltas from delta `first` on, a multiple of 8, as many as whole loads reach; return how
 * many deltas. Widths 1..32, 1..57. `*last` is the sum before, then the last one.
 */
size_t ji_delta_sum32_avx2(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t *last, uint32_t *out);
size_t ji_delta_sum64_avx2(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t *last, uint64_t *out);
#endif

#endif
