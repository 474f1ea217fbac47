/*
 * alp_encode.c - vectors of 1,024 numbers, each as an integer times a power of ten
 *
 *     page    mode:1 integers:1 log2 of a vector's values:1 values:4, an offset:4 a vector, vectors
 *     vector  exponent:1 factor:1 exceptions:2 frame:4|8 width:1, packed, positions:2 each, exceptions:4|8
 *     each
 *
 *     integer = round(value * 10^exponent * 10^-factor)
 *
 *   1. A value is held by its integer only where the reader's two multiplications give its very bits back;
 *      all others are exceptions. An exception's integer is the vector's frame.
 *   2. Exponent and factor are those with the least bits among the few that were best on samples of the page.
 *
 * The powers are the literals that the format names, each product is rounded to the type itself.
 */
#include "parquet/encode/alp_encode.h"

#include "kernel/bit_pack.h"
#include "parquet/format/alp_powers.h"

#define VECTOR_LOG2 10
#define VECTOR_VALUES ((size_t)1 << VECTOR_LOG2)
#define HEAD_BYTES 7
#define OFFSET_BYTES 4
#define POSITION_BYTES 2
#define PAIRS_KEPT 5
#define SAMPLE_VECTORS 8
#define SAMPLE_VALUES 32
#define GROUP 8

struct pair {
    uint8_t exponent;
    uint8_t factor;
};

size_t ji_alp_bound(size_t count, size_t width)
{
    const size_t vectors = count / VECTOR_VALUES + 1;
    const size_t heads = vectors * (OFFSET_BYTES + 4 + width + 1);
    return HEAD_BYTES + heads + (count + GROUP) * (2 * width + POSITION_BYTES) + JI_PACK_SLACK;
}

static unsigned bits_of(uint64_t value)
{
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

/* Integers to this size are exact in the type, and so are their neighbours. */
#define EXACT_32 16777216.0F
#define EXACT_64 9007199254740992.0

/*
 * One body for both types. try_*: whether the pair holds the value, and its integer. cost_*: bits that values
 * a `step` apart would take with the pair. vector_*: one vector, whole.
 */
#define ALP_CODER(name, real, bits, by, back, exact)                                                         \
    static inline bool try_##name(real value, struct pair pair, int##bits##_t *made)                         \
    {                                                                                                        \
        const real scaled = value * by[pair.exponent];                                                       \
        const real moved = scaled * back[pair.factor];                                                       \
        if (!(moved > -(exact) && moved < (exact)))                                                          \
            return false;                                                                                    \
        const int##bits##_t whole = (int##bits##_t)(moved < 0 ? moved - (real)0.5 : moved + (real)0.5);      \
        const real grown = (real)whole * by[pair.factor];                                                    \
        const real again = grown * back[pair.exponent];                                                      \
        *made = whole;                                                                                       \
        return memcmp(&again, &value, sizeof again) == 0;                                                    \
    }                                                                                                        \
                                                                                                             \
    static uint64_t cost_##name(const real *values, size_t count, size_t step, struct pair pair)             \
    {                                                                                                        \
        int##bits##_t least = 0;                                                                             \
        int##bits##_t most = 0;                                                                              \
        uint64_t held = 0;                                                                                   \
        uint64_t looked = 0;                                                                                 \
        for (size_t i = 0; i < count; i += step, looked++) {                                                 \
            int##bits##_t whole = 0;                                                                         \
            if (!try_##name(values[i], pair, &whole))                                                        \
                continue;                                                                                    \
            least = held == 0 || whole < least ? whole : least;                                              \
            most = held == 0 || whole > most ? whole : most;                                                 \
            held++;                                                                                          \
        }                                                                                                    \
        const unsigned width = bits_of((uint64_t)most - (uint64_t)least);                                    \
        return looked * width + (looked - held) * ((bits) + 8 * POSITION_BYTES);                             \
    }                                                                                                        \
                                                                                                             \
    static struct pair best_##name(const real *values, size_t count, const struct pair *pairs, size_t kept)  \
    {                                                                                                        \
        struct pair best = pairs[0];                                                                         \
        uint64_t least = UINT64_MAX;                                                                         \
        for (size_t i = 0; i < kept; i++) {                                                                  \
            const uint64_t cost = cost_##name(values, count, count / SAMPLE_VALUES + 1, pairs[i]);           \
            if (cost < least) {                                                                              \
                least = cost;                                                                                \
                best = pairs[i];                                                                             \
            }                                                                                                \
        }                                                                                                    \
        return best;                                                                                         \
    }                                                                                                        \
                                                                                                             \
    static size_t pairs_##name(const real *values, size_t count, struct pair kept[PAIRS_KEPT])               \
    {                                                                                                        \
        struct pair all[sizeof(by) / sizeof((by)[0]) * sizeof(by) / sizeof((by)[0])];                        \
        size_t all_count = 0;                                                                                \
        size_t kept_count = 0;                                                                               \
        for (size_t e = sizeof(by) / sizeof((by)[0]); e-- > 0;)                                              \
            for (size_t f = e + 1; f-- > 0;)                                                                 \
                all[all_count++] = (struct pair){(uint8_t)e, (uint8_t)f};                                    \
        const size_t vectors = (count + VECTOR_VALUES - 1) / VECTOR_VALUES;                                  \
        const size_t step = vectors / SAMPLE_VECTORS + 1;                                                    \
        for (size_t v = 0; v < vectors && kept_count < PAIRS_KEPT; v += step) {                              \
            const size_t at = v * VECTOR_VALUES;                                                             \
            const size_t take = ji_min_size(VECTOR_VALUES, count - at);                                      \
            const struct pair best = best_##name(values + at, take, all, all_count);                         \
            bool is_known = false;                                                                           \
            for (size_t i = 0; i < kept_count; i++)                                                          \
                is_known |= kept[i].exponent == best.exponent && kept[i].factor == best.factor;              \
            if (!is_known)                                                                                   \
                kept[kept_count++] = best;                                                                   \
        }                                                                                                    \
        return kept_count;                                                                                   \
    }                                                                                                        \
                                                                                                             \
    static uint8_t *vector_##name(const real *values, size_t count, struct pair pair, uint8_t *out)          \
    {                                                                                                        \
        int##bits##_t wholes[VECTOR_VALUES];                                                                 \
        uint##bits##_t above[VECTOR_VALUES] = {0};                                                           \
        uint16_t exceptions[VECTOR_VALUES];                                                                  \
        size_t exception_count = 0;                                                                          \
        int##bits##_t frame = 0;                                                                             \
        bool has_frame = false;                                                                              \
        for (size_t i = 0; i < count; i++) {                                                                 \
            exceptions[exception_count] = (uint16_t)i;                                                       \
            if (!try_##name(values[i], pair, &wholes[i])) {                                                  \
                exception_count++;                                                                           \
                continue;                                                                                    \
            }                                                                                                \
            frame = !has_frame || wholes[i] < frame ? wholes[i] : frame;                                     \
            has_frame = true;                                                                                \
        }                                                                                                    \
        for (size_t i = 0; i < exception_count; i++)                                                         \
            wholes[exceptions[i]] = frame;                                                                   \
        uint##bits##_t all = 0;                                                                              \
        for (size_t i = 0; i < count; i++) {                                                                 \
            above[i] = (uint##bits##_t)wholes[i] - (uint##bits##_t)frame;                                    \
            all |= above[i];                                                                                 \
        }                                                                                                    \
        const unsigned width = bits_of(all);                                                                 \
        *out++ = pair.exponent;                                                                              \
        *out++ = pair.factor;                                                                                \
        ji_store_le16(out, (uint16_t)exception_count);                                                       \
        ji_store_le##bits(out + 2, (uint##bits##_t)frame);                                                   \
        out += 2 + sizeof frame;                                                                             \
        *out++ = (uint8_t)width;                                                                             \
        PACK##bits(width, above, (count + GROUP - 1) / GROUP * GROUP, out);                                  \
        out += (count * width + 7) / 8;                                                                      \
        for (size_t i = 0; i < exception_count; i++, out += POSITION_BYTES)                                  \
            ji_store_le16(out, exceptions[i]);                                                               \
        for (size_t i = 0; i < exception_count; i++, out += sizeof(real))                                    \
            ji_copy_le(out, &values[exceptions[i]], 1, sizeof(real));                                        \
        return out;                                                                                          \
    }                                                                                                        \
                                                                                                             \
    uint8_t *ji_alp_encode_##name##s(const real *values, size_t count, uint8_t *out)                         \
    {                                                                                                        \
        struct pair pairs[PAIRS_KEPT] = {{0, 0}};                                                            \
        const size_t pair_count = pairs_##name(values, count, pairs);                                        \
        const size_t vectors = (count + VECTOR_VALUES - 1) / VECTOR_VALUES;                                  \
        out[0] = out[1] = 0;                                                                                 \
        out[2] = VECTOR_LOG2;                                                                                \
        ji_store_le32(out + 3, (uint32_t)count);                                                             \
        uint8_t *const offsets = out + HEAD_BYTES;                                                           \
        uint8_t *at = offsets + vectors * OFFSET_BYTES;                                                      \
        for (size_t v = 0; v < vectors; v++) {                                                               \
            const real *const from = values + v * VECTOR_VALUES;                                             \
            const size_t take = ji_min_size(VECTOR_VALUES, count - v * VECTOR_VALUES);                       \
            ji_store_le32(offsets + v * OFFSET_BYTES, (uint32_t)(at - offsets));                             \
            at = vector_##name(from, take, best_##name(from, take, pairs, pair_count), at);                  \
        }                                                                                                    \
        return at;                                                                                           \
    }

#define PACK32 ji_bit_pack
#define PACK64 ji_bit_pack64

ALP_CODER(float, float, 32, ji_alp_powers_float, ji_alp_inverses_float, EXACT_32)
ALP_CODER(double, double, 64, ji_alp_powers, ji_alp_inverses, EXACT_64)
