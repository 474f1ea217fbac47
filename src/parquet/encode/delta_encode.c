/*
 * delta_encode.c - blocks of differences, each above the least of its block
 *
 *     header  values a block, miniblocks a block, values in all, first value (zigzag)
 *     block   least difference (zigzag), a width a miniblock, miniblock ... miniblock
 *
 *   1. A miniblock's width is that of its largest difference above the block's least; 0 takes no bytes.
 *   2. Miniblocks of the last block that no value needs have width 0 and no bytes; the last one that has
 *      values is filled up with zeros.
 *   3. Differences are unsigned and wrap; only the least is looked for among them as signed.
 *
 * Large blocks save their heads (half a bit a value at 128 values), small ones follow the data: the shape is
 * chosen by what real values would take.
 */
#include "parquet/encode/delta_encode.h"

#include "kernel/bit_pack.h"
#include "kernel/delta_block.h"

#include <assert.h>

#define HEADER_BYTES_MAX 30
#define VARINT_BYTES_MAX 10
#define BLOCK_MIN 128

static const struct ji_delta_shape shapes[] = {{128, 4}, {256, 4}, {512, 4}, {1024, 4}};

size_t ji_delta_bound(size_t count, unsigned bits)
{
    const size_t blocks = count / BLOCK_MIN + 1;
    return HEADER_BYTES_MAX + blocks * (VARINT_BYTES_MAX + JI_DELTA_MINIS_MAX) +
            (count + JI_DELTA_BLOCK_MAX) * (bits / 8) + JI_PACK_SLACK;
}

static uint8_t *varint_write(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static size_t varint_bytes(uint64_t value)
{
    return value == 0 ? 1 : (size_t)(63 - __builtin_clzll(value)) / 7 + 1;
}

static uint8_t *header_write(uint8_t *out, struct ji_delta_shape shape, size_t count, int64_t first)
{
    out = varint_write(out, shape.block_values);
    out = varint_write(out, shape.mini_count);
    out = varint_write(out, count);
    return varint_write(out, zigzag(first));
}

/*
 * One body for both types: a block's differences and their widths; then a whole stream, and its size.
 */
#define DELTA_CODER(bits)                                                                                    \
    struct block##bits {                                                                                     \
        uint##bits##_t above[JI_DELTA_BLOCK_MAX]; /* the differences, less the least */                      \
        uint8_t widths[JI_DELTA_MINIS_MAX];                                                                  \
        int##bits##_t least;                                                                                 \
    };                                                                                                       \
                                                                                                             \
    static void block_make##bits(const uint##bits##_t *values, size_t count, struct ji_delta_shape shape,    \
            struct block##bits *block)                                                                       \
    {                                                                                                        \
        const struct ji_delta_minis minis = {.mini = shape.block_values / shape.mini_count,                  \
                .mini_count = shape.mini_count,                                                              \
                .widths = block->widths};                                                                    \
        block->least = ji_delta_block##bits(values, count, &minis, block->above);                            \
    }                                                                                                        \
                                                                                                             \
    uint8_t *ji_delta_encode##bits(                                                                          \
            const uint##bits##_t *values, size_t count, struct ji_delta_shape shape, uint8_t *out)           \
    {                                                                                                        \
        assert(shape.block_values <= JI_DELTA_BLOCK_MAX && shape.mini_count <= JI_DELTA_MINIS_MAX);          \
        struct block##bits block;                                                                            \
        const size_t mini = shape.block_values / shape.mini_count;                                           \
        out = header_write(out, shape, count, count == 0 ? 0 : (int##bits##_t)values[0]);                    \
        for (size_t at = 1; at < count; at += shape.block_values) {                                          \
            const size_t take = ji_min_size(shape.block_values, count - at);                                 \
            block_make##bits(values + at, take, shape, &block);                                              \
            out = varint_write(out, zigzag(block.least));                                                    \
            memcpy(out, block.widths, shape.mini_count);                                                     \
            out += shape.mini_count;                                                                         \
            for (size_t m = 0; m * mini < take; m++)                                                         \
                out = PACK##bits(block.widths[m], block.above + m * mini, mini, out);                        \
        }                                                                                                    \
        return out;                                                                                          \
    }                                                                                                        \
                                                                                                             \
    size_t ji_delta_size##bits(const uint##bits##_t *values, size_t count, struct ji_delta_shape shape)      \
    {                                                                                                        \
        uint8_t header[HEADER_BYTES_MAX];                                                                    \
        struct block##bits block;                                                                            \
        const size_t mini = shape.block_values / shape.mini_count;                                           \
        const int64_t first = count == 0 ? 0 : (int##bits##_t)values[0];                                     \
        size_t bytes = (size_t)(header_write(header, shape, count, first) - header);                         \
        for (size_t at = 1; at < count; at += shape.block_values) {                                          \
            const size_t take = ji_min_size(shape.block_values, count - at);                                 \
            block_make##bits(values + at, take, shape, &block);                                              \
            bytes += varint_bytes(zigzag(block.least)) + shape.mini_count;                                   \
            for (size_t m = 0; m * mini < take; m++)                                                         \
                bytes += block.widths[m] * mini / 8;                                                         \
        }                                                                                                    \
        return bytes;                                                                                        \
    }                                                                                                        \
                                                                                                             \
    struct ji_delta_shape ji_delta_shape_for##bits(const uint##bits##_t *values, size_t count)               \
    {                                                                                                        \
        size_t best = 0;                                                                                     \
        size_t least = SIZE_MAX;                                                                             \
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {                                      \
            const size_t bytes = ji_delta_size##bits(values, count, shapes[i]);                              \
            if (bytes < least) {                                                                             \
                least = bytes;                                                                               \
                best = i;                                                                                    \
            }                                                                                                \
        }                                                                                                    \
        return shapes[best];                                                                                 \
    }

#define PACK32 ji_bit_pack
#define PACK64 ji_bit_pack64

DELTA_CODER(32)
DELTA_CODER(64)
