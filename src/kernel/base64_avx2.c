/*
 * base64_avx2.c - 32 characters at a time
 *
 *     character   halves choose: is it one of the alphabet, and what is to be added so that it becomes 0..63
 *     00aaaaaa 00bbbbbb 00cccccc 00dddddd   -->   0000aaaa aabbbbbb | 0000cccc ccdddddd   -->   three bytes
 *
 * A character is judged by two tables of sixteen, of its high and of its low half: it is wrong where both
 * name the same fault. The method is Mula's and Lemire's (Faster Base64 Encoding and Decoding Using AVX2
 * Instructions, 2018).
 */
#include "kernel/base64.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#include <immintrin.h>

#define BLOCK 32
/* 24 bytes of a block are written as 32: so many characters behind it have 8 bytes at least. */
#define BEHIND 12

static const uint8_t faults_of_low[16] = {
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a};
static const uint8_t faults_of_high[16] = {
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10};
/* By the high half, one less for '/'. */
static const int8_t to_add[16] = {0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0};

JI_AVX2_INLINE __m256i table_of(const void *sixteen)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(sixteen));
}

/* Six bits of each character in 32 bytes become 24 bytes. */
JI_AVX2_INLINE __m256i pack(__m256i sextets)
{
    static const int8_t turn[16] = {2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1};
    const __m256i twelves = _mm256_maddubs_epi16(sextets, _mm256_set1_epi32(0x01400140));
    const __m256i triples = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));
    const __m256i turned = _mm256_shuffle_epi8(triples, table_of(turn));
    return _mm256_permutevar8x32_epi32(turned, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

JI_AVX2 size_t ji_base64_decode_avx2(struct ji_view text, uint8_t *out)
{
    const __m256i low_table = table_of(faults_of_low);
    const __m256i high_table = table_of(faults_of_high);
    const __m256i add_table = table_of(to_add);
    const __m256i slash = _mm256_set1_epi8('/');
    size_t at = 0;
    for (; text.size - at >= BLOCK + BEHIND; at += BLOCK, out += BLOCK / 4 * 3) {
        const __m256i in = _mm256_loadu_si256((const __m256i *)(const void *)(text.data + at));
        /* A bit beyond the four does not count for a shuffle; the sign does: bytes from 0x80 have it. */
        const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), slash);
        const __m256i low = _mm256_and_si256(in, slash);
        const __m256i faults =
                _mm256_and_si256(_mm256_shuffle_epi8(low_table, low), _mm256_shuffle_epi8(high_table, high));
        if (_mm256_testz_si256(faults, faults) == 0)
            break;
        const __m256i place = _mm256_add_epi8(_mm256_cmpeq_epi8(in, slash), high);
        const __m256i sextets = _mm256_add_epi8(in, _mm256_shuffle_epi8(add_table, place));
        _mm256_storeu_si256((__m256i *)(void *)out, pack(sextets));
    }
    return at;
}

#endif
