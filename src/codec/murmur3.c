/*
 * murmur3.c - MurmurHash3, x86, 32 bits
 *
 * After Austin Appleby's public domain description: four bytes a round, the rest in the tail, then the
 * finalising mix. Bytes are read little-endian on every machine, so that buckets agree.
 */
#include "codec/murmur3.h"

#define MIX_1 0xcc9e2d51u
#define MIX_2 0x1b873593u

static inline uint32_t rotate_left(uint32_t value, unsigned bits)
{
    return value << bits | value >> (32 - bits);
}

static inline uint32_t scramble(uint32_t block)
{
    return rotate_left(block * MIX_1, 15) * MIX_2;
}

uint32_t ji_murmur3_x86_32(const void *data, size_t size, uint32_t seed)
{
    const uint8_t *bytes = data;
    uint32_t hash = seed;
    size_t at = 0;
    for (; at + 4 <= size; at += 4)
        hash = rotate_left(hash ^ scramble(ji_load_le32(bytes + at)), 13) * 5 + 0xe6546b64u;

    uint32_t tail = 0;
    for (size_t i = size; i > at; i--)
        tail = tail << 8 | bytes[i - 1];
    if (at < size)
        hash ^= scramble(tail);

    hash ^= (uint32_t)size;
    hash = (hash ^ hash >> 16) * 0x85ebca6bu;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
    return hash ^ hash >> 16;
}
