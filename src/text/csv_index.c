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

/* One bit a byte. */
struct masks {
    uint64_t quotes;
    uint64_t delimiters;
    uint64_t newlines;
    uint64_t returns;
    uint64_t high;
};

/* What one step leaves for the next: the bits of its last byte, as 0 or 1, but for `inside`. */
struct carry {
    uint64_t inside; /* all ones or none */
    uint64_t ended;
    uint64_t closed;
    uint64_t high;
    uint64_t doubled;
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

static inline __attribute__((always_inline)) size_t put_ends(uint32_t *ends, uint64_t bits, uint32_t base)
{
    const size_t count = (size_t)__builtin_popcountll(bits);
    /* Eight at a time without a question between: those beyond `count` are written over by the next step. */
    for (size_t i = 0; i < count; i += 8) {
        for (size_t j = 0; j < 8; j++) {
            ends[i + j] = base + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
            bits &= bits - 1;
        }
    }
    return count;
}

static inline __attribute__((always_inline)) void take_step(struct ji_csv_index *index, struct carry *carry,
        struct masks masks, uint64_t parity, uint64_t valid, size_t base)
{
    const uint64_t inside = parity ^ carry->inside;
    const uint64_t ends = (masks.delimiters | masks.newlines) & ~inside & valid;
    const uint64_t opens = masks.quotes & inside;
    const uint64_t closes = masks.quotes & ~inside;
    const uint64_t behind_end = ends << 1 | carry->ended;
    const uint64_t behind_close = closes << 1 | carry->closed;
    const uint64_t bad = ((opens & ~(behind_end | behind_close)) |
                                 (behind_close & ~(ends | masks.quotes | masks.returns))) &
            valid;
    if (__builtin_expect(bad != 0 && index->bad == JI_CSV_NOT_BAD, 0))
        index->bad = base + (size_t)__builtin_ctzll(bad);
    uint32_t *out = (uint32_t *)(void *)index->ends.data + index->count;
    index->count += put_ends(out, ends, (uint32_t)base);
    index->row_ends += (size_t)__builtin_popcountll(masks.newlines & ~inside & valid);
    index->newlines += (uint64_t)__builtin_popcountll(masks.newlines & valid);
    carry->inside = (uint64_t)((int64_t)inside >> 63);
    carry->ended = ends >> 63;
    carry->closed = closes >> 63;
    carry->high |= masks.high & valid;
    carry->doubled |= opens & behind_close;
}

#if defined(__SSE2__)
#include <immintrin.h>

static inline __attribute__((always_inline)) uint64_t equal_sse2(const uint8_t *at, uint8_t byte)
{
    const __m128i wanted = _mm_set1_epi8((char)byte);
    uint64_t bits = 0;
    for (unsigned i = 0; i < 4; i++) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + (size_t)16 * i));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)) << (16 * i);
    }
    return bits;
}

static inline __attribute__((always_inline)) uint64_t high_sse2(const uint8_t *at)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 4; i++) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + (size_t)16 * i));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << (16 * i);
    }
    return bits;
}

static inline __attribute__((always_inline)) struct masks masks_plain(
        const uint8_t *at, const struct ji_csv_format *format)
{
    return (struct masks){
            .quotes = equal_sse2(at, format->quote),
            .delimiters = equal_sse2(at, format->delimiter),
            .newlines = equal_sse2(at, '\n'),
            .returns = equal_sse2(at, '\r'),
            .high = high_sse2(at),
    };
}
#else
static inline __attribute__((always_inline)) struct masks masks_plain(
        const uint8_t *at, const struct ji_csv_format *format)
{
    struct masks masks = {0};
    for (unsigned i = 0; i < STEP; i++) {
        masks.quotes |= (uint64_t)(at[i] == format->quote) << i;
        masks.delimiters |= (uint64_t)(at[i] == format->delimiter) << i;
        masks.newlines |= (uint64_t)(at[i] == '\n') << i;
        masks.returns |= (uint64_t)(at[i] == '\r') << i;
        masks.high |= (uint64_t)(at[i] >> 7) << i;
    }
    return masks;
}
#endif

/* `size` bytes at `at`, a multiple of STEP or, with `valid` short of all, one step that is cut. */
static void strip_plain(struct ji_csv_index *index, struct carry *carry, const uint8_t *at, size_t size,
        size_t base, uint64_t valid, const struct ji_csv_format *format)
{
    for (size_t i = 0; i < size; i += STEP) {
        const struct masks masks = masks_plain(at + i, format);
        take_step(index, carry, masks, parity_plain(masks.quotes), valid, base + i);
    }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,pclmul,popcnt,bmi")))

AVX2 static inline __attribute__((always_inline)) uint64_t equal_avx2(__m256i low, __m256i high, uint8_t byte)
{
    const __m256i wanted = _mm256_set1_epi8((char)byte);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
            (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

AVX2 static void strip_avx2(struct ji_csv_index *index, struct carry *carry, const uint8_t *at, size_t size,
        size_t base, uint64_t valid, const struct ji_csv_format *format)
{
    struct carry local = *carry;
    for (size_t i = 0; i < size; i += STEP) {
        const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
        const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + i + 32));
        const struct masks masks = {
                .quotes = equal_avx2(low, high, format->quote),
                .delimiters = equal_avx2(low, high, format->delimiter),
                .newlines = equal_avx2(low, high, '\n'),
                .returns = equal_avx2(low, high, '\r'),
                .high = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, high)),
        };
        /* A product without carries by all ones is the running parity. */
        const __m128i product =
                _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)masks.quotes), _mm_set1_epi8((char)0xFF), 0);
        take_step(index, &local, masks, (uint64_t)_mm_cvtsi128_si64(product), valid, base + i);
    }
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
    /* One end a byte at most, and eight that put_ends may write beyond. */
    index->ends.size = index->count * sizeof(uint32_t);
    const size_t bytes = (STRIP + 8) * sizeof(uint32_t);
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
    index->ends.size = 0;
    index->count = 0;
    index->row_ends = 0;
    index->newlines = 0;
    index->bad = JI_CSV_NOT_BAD;
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
    index->ends.size = index->count * sizeof(uint32_t);
    index->open = carry.inside != 0;
    index->high = carry.high != 0;
    index->doubled = carry.doubled != 0;
    return JOIST_OK;
}
