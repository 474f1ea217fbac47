/*
 * utf8_avx2.c - 32 bytes at a time, by three tables of sixteen
 *
 *     what a byte and the one before it may be together is decided by the halves of the first and the high
 *     half of the second: each table says which faults are still possible, and a fault is one that all three
 *     say
 *
 * Third and fourth bytes are where two continuations in a row are no fault: they must stand two or three
 * bytes behind a lead that asks for them, and nowhere else. The method is Keiser's and Lemire's (Validating
 * UTF-8 in less than one instruction per byte, 2021).
 */
#include "kernel/utf8.h"

#if defined(__x86_64__)

#include "kernel/bit_lanes.h"

#define BLOCK 32

/* The faults: of two bytes, but for the last. */
#define SHORT 0x01      /* a lead, then no continuation */
#define LONG 0x02       /* ASCII, then a continuation */
#define OVERLONG_3 0x04 /* E0 80..9F */
#define LARGE 0x08      /* F4 90.., F5.. */
#define SURROGATE 0x10  /* ED A0.. */
#define OVERLONG_2 0x20 /* C0, C1 */
#define LARGE_1000 0x40 /* F5.. 80..8F */
#define OVERLONG_4 0x40 /* F0 80..8F */
#define TWO 0x80        /* two continuations: third and fourth bytes */
#define CARRY (SHORT | LONG | TWO)
#define ANY_LARGE (CARRY | LARGE | LARGE_1000)
#define CONTINUED (LONG | OVERLONG_2 | TWO)

static const uint8_t of_first_high[16] = {LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, TWO, TWO, TWO, TWO,
        SHORT | OVERLONG_2, SHORT, SHORT | OVERLONG_3 | SURROGATE, SHORT | LARGE | LARGE_1000 | OVERLONG_4};
static const uint8_t of_first_low[16] = {CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2,
        CARRY, CARRY, CARRY | LARGE, ANY_LARGE, ANY_LARGE, ANY_LARGE, ANY_LARGE, ANY_LARGE, ANY_LARGE,
        ANY_LARGE, ANY_LARGE, ANY_LARGE | SURROGATE, ANY_LARGE, ANY_LARGE};
static const uint8_t of_second_high[16] = {SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
        CONTINUED | OVERLONG_3 | LARGE_1000 | OVERLONG_4, CONTINUED | OVERLONG_3 | LARGE,
        CONTINUED | SURROGATE | LARGE, CONTINUED | SURROGATE | LARGE, SHORT, SHORT, SHORT, SHORT};

JI_AVX2_INLINE __m256i load_table(const uint8_t *table)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* The bytes `back` before those of `block`, the first ones from `before`. */
#define BEFORE(block, before, back)                                                                          \
    _mm256_alignr_epi8((block), _mm256_permute2x128_si256((before), (block), 0x21), 16 - (back))

JI_AVX2_INLINE __m256i high_half(__m256i bytes)
{
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
}

/* Not zero where there is a fault. */
JI_AVX2_INLINE __m256i faults_of(__m256i block, __m256i before)
{
    const __m256i one = BEFORE(block, before, 1);
    const __m256i two = BEFORE(block, before, 2);
    const __m256i three = BEFORE(block, before, 3);
    const __m256i first_high = _mm256_shuffle_epi8(load_table(of_first_high), high_half(one));
    const __m256i first_low =
            _mm256_shuffle_epi8(load_table(of_first_low), _mm256_and_si256(one, _mm256_set1_epi8(0x0f)));
    const __m256i second_high = _mm256_shuffle_epi8(load_table(of_second_high), high_half(block));
    const __m256i pair = _mm256_and_si256(_mm256_and_si256(first_high, first_low), second_high);
    /* The top bit stays where the lead two or three before is at least E0 or F0. */
    const __m256i third = _mm256_subs_epu8(two, _mm256_set1_epi8(0xe0 - 0x80));
    const __m256i fourth = _mm256_subs_epu8(three, _mm256_set1_epi8((char)(0xf0 - 0x80)));
    const __m256i asked = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(asked, pair);
}

JI_AVX2 size_t ji_utf8_prefix_avx2(struct ji_view bytes)
{
    __m256i before = _mm256_setzero_si256();
    size_t at = 0;
    for (; bytes.size - at >= BLOCK; at += BLOCK) {
        const __m256i block = ji_lanes_table(bytes.data + at);
        /* ASCII after ASCII needs no look: `before` tells whether something was left open. */
        if (_mm256_movemask_epi8(_mm256_or_si256(block, before)) != 0) {
            const __m256i faults = faults_of(block, before);
            if (!_mm256_testz_si256(faults, faults))
                return SIZE_MAX;
        }
        before = block;
    }
    /* What the last block may have left open is for the reference to judge: at most its last three bytes. */
    size_t start = at;
    while (start > 0 && at - start < 3 && (bytes.data[start - 1] & 0xc0) == 0x80)
        start--;
    return start > 0 && bytes.data[start - 1] >= 0xc0 ? start - 1 : start;
}

#else
typedef int ji_utf8_avx2_is_empty;
#endif
