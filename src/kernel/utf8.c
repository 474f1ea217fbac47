/*
 * utf8.c - UTF-8 by the table of the Unicode standard (3.9, table 3-7)
 *
 *     00..7F
 *     C2..DF 80..BF
 *     E0     A0..BF 80..BF        E1..EC, EE..EF 80..BF 80..BF        ED 80..9F 80..BF
 *     F0     90..BF 80..BF 80..BF  F1..F3 80..BF x3                   F4 80..8F 80..BF 80..BF
 *
 * Nearly all text is nearly all ASCII: that is passed over in strides, the table is asked for the rest.
 */
#include "kernel/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Shorter text is judged sequence by sequence. */
#define LANES_BYTES_MIN 64

/* Bytes of the sequence at `at`, 0 where there is none. */
static inline size_t sequence_bytes(const uint8_t *at, size_t left)
{
    const uint8_t lead = at[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    const size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (left < size)
        return 0;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f;
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t index = 2; index < size; index++) {
        if ((at[index] & 0xc0) != 0x80)
            return 0;
    }
    return size;
}

bool ji_utf8_valid_plain(struct ji_view bytes)
{
    size_t at = 0;
    while (at < bytes.size) {
        const size_t size = sequence_bytes(bytes.data + at, bytes.size - at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

size_t ji_ascii_prefix(struct ji_view bytes)
{
    size_t at = 0;
#if defined(__SSE2__)
    for (; bytes.size - at >= 64; at += 64) {
        const __m128i *const from = (const __m128i *)(const void *)(bytes.data + at);
        const __m128i low = _mm_or_si128(_mm_loadu_si128(from), _mm_loadu_si128(from + 1));
        const __m128i high = _mm_or_si128(_mm_loadu_si128(from + 2), _mm_loadu_si128(from + 3));
        if (_mm_movemask_epi8(_mm_or_si128(low, high)) != 0)
            break;
    }
#endif
    for (; bytes.size - at >= 8; at += 8) {
        if ((ji_load_le64(bytes.data + at) & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (at < bytes.size && bytes.data[at] < 0x80)
        at++;
    return at;
}

bool ji_utf8_valid(struct ji_view bytes)
{
    if (bytes.size == 0)
        return true;
    size_t at = ji_ascii_prefix(bytes);
#if defined(__x86_64__)
    if (bytes.size - at >= LANES_BYTES_MIN && __builtin_cpu_supports("avx2")) {
        const size_t judged = ji_utf8_prefix_avx2(ji_view_of(bytes.data + at, bytes.size - at));
        if (judged == SIZE_MAX)
            return false;
        at += judged;
    }
#endif
    for (;;) {
        at += ji_ascii_prefix(ji_view_of(bytes.data + at, bytes.size - at));
        if (at == bytes.size)
            return true;
        /* Scripts other than Latin come in runs: no use asking for ASCII after every letter. */
        while (at < bytes.size && bytes.data[at] >= 0x80) {
            const size_t size = sequence_bytes(bytes.data + at, bytes.size - at);
            if (size == 0)
                return false;
            at += size;
        }
    }
}
