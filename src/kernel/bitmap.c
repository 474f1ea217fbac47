/*
 * bitmap.c - fills, copies and counts bits a word at a time
 */
#include "kernel/bitmap.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bits [from, to) of one byte, 0 <= from <= to <= 8. */
static inline uint8_t byte_mask(unsigned from, unsigned to)
{
    return (uint8_t)((0xffu << from) & (0xffu >> (8 - to)));
}

static inline void put(uint8_t *byte, uint8_t mask, uint8_t bits)
{
    *byte = (uint8_t)((*byte & ~mask) | (bits & mask));
}

void ji_bitmap_fill(uint8_t *bitmap, size_t at, size_t count, bool value)
{
    if (count == 0)
        return;
    const uint8_t bits = value ? 0xff : 0;
    const size_t end = at + count;
    const size_t first = at / 8;
    const size_t last = (end - 1) / 8;
    const unsigned end_bit = (unsigned)((end - 1) % 8) + 1;
    if (first == last) {
        put(&bitmap[first], byte_mask((unsigned)(at % 8), end_bit), bits);
        return;
    }
    put(&bitmap[first], byte_mask((unsigned)(at % 8), 8), bits);
    if (last > first + 1)
        memset(bitmap + first + 1, bits, last - first - 1);
    put(&bitmap[last], byte_mask(0, end_bit), bits);
}

void ji_bitmap_copy(const uint8_t *from, size_t from_at, uint8_t *to, size_t to_at, size_t count)
{
    if (to_at % 8 != 0 && count > 0) {
        const size_t head = ji_min_size(count, 8 - to_at % 8);
        const uint64_t word = ji_bitmap_word(from, from_at, head);
        const unsigned bit = (unsigned)(to_at % 8);
        put(&to[to_at / 8], byte_mask(bit, bit + (unsigned)head), (uint8_t)(word << bit));
        from_at += head;
        to_at += head;
        count -= head;
    }
    if (from_at % 8 == 0 && count >= 8) {
        memcpy(to + to_at / 8, from + from_at / 8, count / 8);
        from_at += count / 8 * 8;
        to_at += count / 8 * 8;
        count %= 8;
    }
    for (; count >= 64; count -= 64, from_at += 64, to_at += 64)
        ji_store_le64(to + to_at / 8, ji_bitmap_word(from, from_at, 64));
    while (count > 0) {
        const size_t step = ji_min_size(count, 8);
        const uint64_t word = ji_bitmap_word(from, from_at, step);
        put(&to[to_at / 8], byte_mask(0, (unsigned)step), (uint8_t)word);
        from_at += step;
        to_at += step;
        count -= step;
    }
}

size_t ji_bitmap_count(const uint8_t *bitmap, size_t at, size_t count)
{
    size_t set = 0;
    for (; count >= 64; count -= 64, at += 64)
        set += (size_t)__builtin_popcountll(ji_bitmap_word(bitmap, at, 64));
    if (count > 0)
        set += (size_t)__builtin_popcountll(ji_bitmap_word(bitmap, at, count));
    return set;
}

void ji_bitmap_and(const uint8_t *a, const uint8_t *b, uint8_t *out, size_t bytes)
{
    size_t at = 0;
    for (; bytes - at >= 8; at += 8)
        ji_store_le64(out + at, ji_load_le64(a + at) & ji_load_le64(b + at));
    for (; at < bytes; at++)
        out[at] = a[at] & b[at];
}

/* 64 comparisons as one word. */
static inline uint64_t compare_levels(const uint8_t *levels, uint8_t least)
{
#if defined(__SSE2__)
    const __m128i bound = _mm_set1_epi8((char)least);
    uint64_t word = 0;
    for (unsigned lane = 0; lane < 4; lane++) {
        const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(levels + 16 * lane));
        const __m128i is_there = _mm_cmpeq_epi8(_mm_max_epu8(block, bound), block);
        word |= (uint64_t)(uint32_t)_mm_movemask_epi8(is_there) << (16 * lane);
    }
    return word;
#else
    uint64_t word = 0;
    for (unsigned index = 0; index < 64; index++)
        word |= (uint64_t)(levels[index] >= least) << index;
    return word;
#endif
}

/* At most 64 comparisons as one word. */
static inline uint64_t compare_some(const uint8_t *levels, size_t count, uint8_t least)
{
    uint64_t word = 0;
    for (size_t index = 0; index < count; index++)
        word |= (uint64_t)(levels[index] >= least) << index;
    return word;
}

size_t ji_bitmap_of_levels(const uint8_t *levels, size_t count, uint8_t least, uint8_t *bitmap, size_t at)
{
    size_t set = 0;
    const size_t head = ji_min_size(count, (8 - at % 8) % 8);
    if (head > 0) {
        const uint64_t word = compare_some(levels, head, least);
        const unsigned bit = (unsigned)(at % 8);
        put(&bitmap[at / 8], byte_mask(bit, bit + (unsigned)head), (uint8_t)(word << bit));
        set += (size_t)__builtin_popcountll(word);
    }
    size_t done = head;
    uint8_t *to = bitmap + (at + head) / 8;
    for (; count - done >= 64; done += 64, to += 8) {
        const uint64_t word = compare_levels(levels + done, least);
        ji_store_le64(to, word);
        set += (size_t)__builtin_popcountll(word);
    }
    if (done < count) {
        uint8_t bytes[8];
        const uint64_t word = compare_some(levels + done, count - done, least);
        ji_store_le64(bytes, word);
        ji_bitmap_copy(bytes, 0, bitmap, at + done, count - done);
        set += (size_t)__builtin_popcountll(word);
    }
    return set;
}

uint8_t ji_levels_max(const uint8_t *levels, size_t count)
{
    uint8_t max = 0;
    size_t index = 0;
#if defined(__SSE2__)
    __m128i lanes = _mm_setzero_si128();
    for (; count - index >= 16; index += 16)
        lanes = _mm_max_epu8(lanes, _mm_loadu_si128((const __m128i *)(const void *)(levels + index)));
    uint8_t stored[16];
    _mm_storeu_si128((__m128i *)(void *)stored, lanes);
    for (size_t lane = 0; lane < sizeof stored; lane++)
        max = stored[lane] > max ? stored[lane] : max;
#endif
    for (; index < count; index++)
        max = levels[index] > max ? levels[index] : max;
    return max;
}
