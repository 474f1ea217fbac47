/*
 * checked.h - arithmetic that says when it does not fit, and small helpers on sizes
 */
#ifndef JI_CHECKED_H
#define JI_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `__int128` is a compiler extension; under this name it is used without a warning. */
__extension__ typedef __int128 ji_int128;
__extension__ typedef unsigned __int128 ji_uint128;

/* Each returns true and sets `*out` where the exact result fits its type. */
static inline bool ji_add_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool ji_mul_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool ji_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool ji_mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool ji_add_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool ji_sub_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_sub_overflow(a, b, out);
}
static inline bool ji_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
static inline bool ji_add_i128(ji_int128 a, ji_int128 b, ji_int128 *out)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool ji_mul_i128(ji_int128 a, ji_int128 b, ji_int128 *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* True where offset + size <= end, without wrapping. */
static inline bool ji_range_fits(uint64_t offset, uint64_t size, uint64_t end)
{
    return offset <= end && size <= end - offset;
}

static inline size_t ji_min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}
static inline size_t ji_max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}
static inline uint64_t ji_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}
static inline uint64_t ji_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Bytes of a bitmap of `bits` bits. */
static inline size_t ji_bitmap_bytes(size_t bits)
{
    return bits / 8 + (bits % 8 != 0);
}
static inline bool ji_bit_get(const uint8_t *bitmap, size_t index)
{
    return (bitmap[index >> 3] >> (index & 7)) & 1;
}
static inline void ji_bit_set(uint8_t *bitmap, size_t index)
{
    bitmap[index >> 3] |= (uint8_t)(1u << (index & 7));
}
static inline void ji_bit_clear(uint8_t *bitmap, size_t index)
{
    bitmap[index >> 3] &= (uint8_t) ~(1u << (index & 7));
}

#endif
