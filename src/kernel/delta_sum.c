/*
 * delta_sum.c - the plain kernels, the short cut for width 0, and the choice of one
 *
 * Deltas are unpacked to where their sums go, then added up in place: a block of them stays in the
 * first-level cache.
 */
#include "kernel/delta_sum.h"

#include "kernel/bit_unpack.h"

#include <assert.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define STEP 256
/* With less to do than two groups, setting up the lanes costs more than they give. */
#define LANES_COUNT_MIN 16
#define LANES_WIDTH_MAX_32 32
#define LANES_WIDTH_MAX_64 57

bool ji_delta_has_lanes(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}

/* Width 0: one step after another of the same size. */
static uint32_t walk32(uint32_t before, uint32_t step, size_t count, uint32_t *out)
{
    size_t index = 0;
#if defined(__SSE2__)
    __m128i lanes = _mm_setr_epi32((int)(before + step), (int)(before + 2 * step), (int)(before + 3 * step),
            (int)(before + 4 * step));
    const __m128i four = _mm_set1_epi32((int)(4 * step));
    for (; count - index >= 4; index += 4) {
        _mm_storeu_si128((__m128i *)(void *)(out + index), lanes);
        lanes = _mm_add_epi32(lanes, four);
    }
#endif
    for (; index < count; index++)
        out[index] = before + step * (uint32_t)(index + 1);
    return before + step * (uint32_t)count;
}

static uint64_t walk64(uint64_t before, uint64_t step, size_t count, uint64_t *out)
{
    size_t index = 0;
#if defined(__SSE2__)
    __m128i lanes = _mm_set_epi64x((long long)(before + 2 * step), (long long)(before + step));
    const __m128i two = _mm_set1_epi64x((long long)(2 * step));
    for (; count - index >= 2; index += 2) {
        _mm_storeu_si128((__m128i *)(void *)(out + index), lanes);
        lanes = _mm_add_epi64(lanes, two);
    }
#endif
    for (; index < count; index++)
        out[index] = before + step * (uint64_t)(index + 1);
    return before + step * (uint64_t)count;
}

uint32_t ji_delta_sum32_plain(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t before, uint32_t *out)
{
    const uint32_t least = (uint32_t)run->least;
    if (count == 0)
        return before;
    if (run->width <= 32) {
        ji_bit_unpack_plain(run->width, run->in, run->in_bytes, first, count, out);
        for (size_t index = 0; index < count; index++)
            out[index] = before += least + out[index];
        return before;
    }
    while (count > 0) {
        uint64_t wide[STEP];
        const size_t step = ji_min_size(count, STEP);
        ji_bit_unpack64_plain(run->width, run->in, run->in_bytes, first, step, wide);
        for (size_t index = 0; index < step; index++)
            out[index] = before += least + (uint32_t)wide[index];
        first += step;
        count -= step;
        out += step;
    }
    return before;
}

uint64_t ji_delta_sum64_plain(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t before, uint64_t *out)
{
    if (count == 0)
        return before;
    ji_bit_unpack64_plain(run->width, run->in, run->in_bytes, first, count, out);
    for (size_t index = 0; index < count; index++)
        out[index] = before += run->least + out[index];
    return before;
}

uint32_t ji_delta_sum32(
        const struct ji_delta_run *run, size_t first, size_t count, uint32_t before, uint32_t *out)
{
    assert(run->width <= 64);
    if (run->width == 0)
        return walk32(before, (uint32_t)run->least, count, out);
#if defined(__x86_64__)
    if (run->has_lanes && run->width <= LANES_WIDTH_MAX_32 && count >= LANES_COUNT_MIN) {
        const size_t head = (8 - first % 8) % 8;
        before = ji_delta_sum32_plain(run, first, head, before, out);
        const size_t done = head + ji_delta_sum32_avx2(run, first + head, count - head, &before, out + head);
        first += done;
        count -= done;
        out += done;
    }
#endif
    return ji_delta_sum32_plain(run, first, count, before, out);
}

uint64_t ji_delta_sum64(
        const struct ji_delta_run *run, size_t first, size_t count, uint64_t before, uint64_t *out)
{
    assert(run->width <= 64);
    if (run->width == 0)
        return walk64(before, run->least, count, out);
#if defined(__x86_64__)
    if (run->has_lanes && run->width <= LANES_WIDTH_MAX_64 && count >= LANES_COUNT_MIN) {
        const size_t head = (8 - first % 8) % 8;
        before = ji_delta_sum64_plain(run, first, head, before, out);
        const size_t done = head + ji_delta_sum64_avx2(run, first + head, count - head, &before, out + head);
        first += done;
        count -= done;
        out += done;
    }
#endif
    return ji_delta_sum64_plain(run, first, count, before, out);
}
