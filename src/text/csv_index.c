/*
 * csv_index.c - where the fields of CSV end, 64 bytes a step
 *
 *     text     a , " b , c " , d \n      one bit a byte
 *     quotes   . . 1 . . . 1 . .  .
 *     inside   . . 1 1 1 1 . . .  .      running parity of the quotes: from an opening one to before its end
 *     ends     . 1 . . . . . 1 .  1      delimiters and line feeds that are not inside
 *
 *   1. A quote that opens stands behind an end, or right behind one that closed: together a doubled one.
 *   2. Behind a quote that closes comes an end, a quote or a carriage return.
 *   3. Bits of bytes behind the text are clear.
 *
 * What breaks 1 or 2 is `bad`: a quote within a bare field, or text behind a quoted one. So a field that
 * begins with a quote is well formed, and a bare one holds none, and no later step need look again.
 */
#include "text/csv_index.h"

#include <assert.h>

#define STEP 64
/* Between two looks at the room for ends. */
#define STRIP ((size_t)4096)
/*
 * Ends are written so many at a time, without a question between: most steps have no more. Those that are
 * none the next step writes over. Twelve were slower.
 */
#define AT_ONCE 8

/* One bit a byte. */
struct masks {
    uint64_t quotes;
    uint64_t ends; /* delimiters and line feeds, quoted or not */
    uint64_t newlines;
};

/* What one step leaves for the next: the bits of its last byte, as 0 or 1, but for `inside`. And the sums. */
struct carry {
    uint64_t inside; /* all ones or none */
    uint64_t ended;
    uint64_t closed;
    uint64_t high;
    uint64_t doubled;
    size_t row_ends;
    size_t newlines;
};

static inline __attribute__((always_inline)) uint64_t parity_plain(uint64_t bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    return bits;
}

static inline __attribute__((always_inline)) size_t put_ends_plain(
        uint32_t *ends, uint64_t bits, uint32_t base)
{
    const size_t count = (size_t)__builtin_popcountll(bits);
    for (size_t i = 0; i < count; i += AT_ONCE) {
        for (size_t j = 0; j < AT_ONCE; j++) {
            ends[i + j] = base + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
            bits &= bits - 1;
        }
    }
    return count;
}

/* A closing quote may have a carriage return behind it; else the first byte of the suspects is bad. */
static __attribute__((noinline)) void note_bad(
        struct ji_csv_index *index, const uint8_t *at, uint64_t suspects, size_t base)
{
    for (; suspects != 0 && index->bad == JI_CSV_NOT_BAD; suspects &= suspects - 1) {
        const size_t place = (size_t)__builtin_ctzll(suspects);
        if (at[place] != '\r')
            index->bad = base + place;
    }
}

/* The bits of the step's ends. `at`: its bytes, `base`: their place in the text. */
static inline __attribute__((always_inline)) uint64_t take_step(struct ji_csv_index *index,
        struct carry *carry, struct masks masks, uint64_t parity, uint64_t valid, const uint8_t *at,
        size_t base)
{
    const uint64_t inside = parity ^ carry->inside;
    const uint64_t ends = masks.ends & ~inside & valid;
    const uint64_t opens = masks.quotes & inside;
    const uint64_t closes = masks.quotes & ~inside;
    const uint64_t behind_end = ends << 1 | carry->ended;
    const uint64_t behind_close = closes << 1 | carry->closed;
    const uint64_t suspects =
            ((opens & ~(behind_end | behind_close)) | (behind_close & ~(ends | masks.quotes))) & valid;
    if (__builtin_expect(suspects != 0, 0))
        note_bad(index, at, suspects, base);
    carry->row_ends += (size_t)__builtin_popcountll(masks.newlines & ~inside & valid);
    carry->newlines += (size_t)__builtin_popcountll(masks.newlines & valid);
    carry->inside = (uint64_t)((int64_t)inside >> 63);
    carry->ended = ends >> 63;
    carry->closed = closes >> 63;
    carry->doubled |= opens & behind_close;
    return ends;
}

#if defined(__SSE2__)
#include <immintrin.h>

static inline __attribute__((always_inline)) struct masks masks_plain(
        const uint8_t *at, const struct ji_csv_format *format, uint64_t *high)
{
    struct masks masks = {0};
    for (unsigned i = 0; i < 4; i++) {
        const unsigned shift = 16 * i;
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + shift));
        const __m128i newlines = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
        const __m128i delimiters = _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)format->delimiter));
        const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)format->quote));
        masks.quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(quotes) << shift;
        masks.newlines |= (uint64_t)(uint32_t)_mm_movemask_epi8(newlines) << shift;
        masks.ends |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(newlines, delimiters)) << shift;
        *high |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes);
    }
    return masks;
}
#else
static inline __attribute__((always_inline)) struct masks masks_plain(
        const uint8_t *at, const struct ji_csv_format *format, uint64_t *high)
{
    struct masks masks = {0};
    for (unsigned i = 0; i < STEP; i++) {
        masks.quotes |= (uint64_t)(at[i] == format->quote) << i;
        masks.newlines |= (uint64_t)(at[i] == '\n') << i;
        masks.ends |= (uint64_t)(at[i] == format->delimiter || at[i] == '\n') << i;
        *high |= at[i] >> 7;
    }
    return masks;
}
#endif

static inline uint32_t *next_end(struct ji_csv_index *index)
{
    return (uint32_t *)(void *)index->ends.data + 1 + index->count;
}

/* `size` bytes at `at`, a multiple of STEP or, with `valid` short of all, one step that is cut. */
static void strip_plain(struct ji_csv_index *index, struct carry *carry, const uint8_t *at, size_t size,
        size_t base, uint64_t valid, const struct ji_csv_format *format)
{
    for (size_t i = 0; i < size; i += STEP) {
        const struct masks masks = masks_plain(at + i, format, &carry->high);
        const uint64_t ends =
                take_step(index, carry, masks, parity_plain(masks.quotes), valid, at + i, base + i);
        index->count += put_ends_plain(next_end(index), ends, (uint32_t)(base + i));
    }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,pclmul,popcnt,bmi")))

AVX2 static inline __attribute__((always_inline)) uint64_t bits_avx2(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

/* The lowest four bits, which are cleared; written out, as compilers keep a loop of so few. */
AVX2 static inline __attribute__((always_inline)) uint64_t put_four(
        uint32_t *ends, uint64_t bits, uint32_t base)
{
    ends[0] = base + (uint32_t)_tzcnt_u64(bits);
    bits = _blsr_u64(bits);
    ends[1] = base + (uint32_t)_tzcnt_u64(bits);
    bits = _blsr_u64(bits);
    ends[2] = base + (uint32_t)_tzcnt_u64(bits);
    bits = _blsr_u64(bits);
    ends[3] = base + (uint32_t)_tzcnt_u64(bits);
    return _blsr_u64(bits);
}

AVX2 static inline __attribute__((always_inline)) size_t put_ends_avx2(
        uint32_t *ends, uint64_t bits, uint32_t base)
{
    const size_t count = (size_t)_mm_popcnt_u64(bits);
    bits = put_four(ends, bits, base);
    bits = put_four(ends + 4, bits, base);
    for (size_t i = AT_ONCE; i < count; i += 4)
        bits = put_four(ends + i, bits, base);
    return count;
}

AVX2 static void strip_avx2(struct ji_csv_index *index, struct carry *carry, const uint8_t *at, size_t size,
        size_t base, uint64_t valid, const struct ji_csv_format *format)
{
    const __m256i quote = _mm256_set1_epi8((char)format->quote);
    const __m256i delimiter = _mm256_set1_epi8((char)format->delimiter);
    const __m256i newline = _mm256_set1_epi8('\n');
    struct carry local = *carry;
    __m256i all = _mm256_setzero_si256();
    uint32_t *const begin = next_end(index);
    uint32_t *ends = begin;
    for (size_t i = 0; i < size; i += STEP) {
        const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
        const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + i + 32));
        const __m256i low_newlines = _mm256_cmpeq_epi8(low, newline);
        const __m256i high_newlines = _mm256_cmpeq_epi8(high, newline);
        all = _mm256_or_si256(all, _mm256_or_si256(low, high));
        const struct masks masks = {
                .quotes = bits_avx2(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote)),
                .ends = bits_avx2(_mm256_or_si256(low_newlines, _mm256_cmpeq_epi8(low, delimiter)),
                        _mm256_or_si256(high_newlines, _mm256_cmpeq_epi8(high, delimiter))),
                .newlines = bits_avx2(low_newlines, high_newlines),
        };
        /* A product without carries by all ones is the running parity. */
        const __m128i product =
                _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)masks.quotes), _mm_set1_epi8((char)0xFF), 0);
        const uint64_t bits = take_step(
                index, &local, masks, (uint64_t)_mm_cvtsi128_si64(product), valid, at + i, base + i);
        ends += put_ends_avx2(ends, bits, (uint32_t)(base + i));
    }
    index->count += (size_t)(ends - begin);
    local.high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(all);
    *carry = local;
}
#endif

typedef void (*strip_fn)(struct ji_csv_index *index, struct carry *carry, const uint8_t *at, size_t size,
        size_t base, uint64_t valid, const struct ji_csv_format *format);

static strip_fn choose_strip(enum ji_csv_level level)
{
#if defined(__x86_64__)
    if (level == JI_CSV_BEST && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
            __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi"))
        return strip_avx2;
#endif
    (void)level;
    return strip_plain;
}

static enum joist_status room_for_strip(struct ji_csv_index *index, struct joist_error *err)
{
    /* One end a byte at most, the one before all, and those that put_ends may write beyond. */
    index->ends.size = (1 + index->count) * sizeof(uint32_t);
    const size_t bytes = (STRIP + AT_ONCE) * sizeof(uint32_t);
    if (index->ends.capacity - index->ends.size >= bytes)
        return JOIST_OK;
    return ji_bytes_reserve(&index->ends, bytes, err);
}

enum joist_status ji_csv_index_build(struct ji_csv_index *index, struct ji_view text,
        const struct ji_csv_format *format, enum ji_csv_level level, struct joist_error *err)
{
    assert(text.size < UINT32_MAX);
    const strip_fn strip = choose_strip(level);
    struct carry carry = {.ended = 1};
    const uint32_t no_end = JI_CSV_NO_END;
    index->ends.size = 0;
    index->count = 0;
    index->bad = JI_CSV_NOT_BAD;
    JI_TRY(ji_bytes_append(&index->ends, &no_end, sizeof no_end, err));
    const size_t steps_end = text.size / STEP * STEP;
    for (size_t at = 0; at < steps_end; at += STRIP) {
        JI_TRY(room_for_strip(index, err));
        strip(index, &carry, text.data + at, ji_min_size(STRIP, steps_end - at), at, UINT64_MAX, format);
    }
    if (steps_end < text.size) {
        const size_t left = text.size - steps_end;
        uint8_t step[STEP] = {0};
        memcpy(step, text.data + steps_end, left);
        JI_TRY(room_for_strip(index, err));
        strip(index, &carry, step, STEP, steps_end, (UINT64_C(1) << left) - 1, format);
        carry.inside = 0 - (carry.inside & 1);
    }
    index->ends.size = (1 + index->count) * sizeof(uint32_t);
    index->row_ends = carry.row_ends;
    index->newlines = carry.newlines;
    index->open = carry.inside != 0;
    index->high = carry.high != 0;
    index->doubled = carry.doubled != 0;
    return JOIST_OK;
}
