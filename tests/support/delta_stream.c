/*
 * delta_stream.c - bit by bit, from the format's text
 */
#include "support/delta_stream.h"

#include <string.h>

struct writer {
    const struct delta_shape *shape;
    uint8_t *at;
};

static void put_varint(struct writer *writer, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *writer->at++ = (uint8_t)(value | 0x80);
    *writer->at++ = (uint8_t)value;
}

/* `value` is of shape->bits bits, two's complement. */
static void put_zigzag(struct writer *writer, uint64_t value)
{
    const int64_t wide = writer->shape->bits == 32 ? (int32_t)(uint32_t)value : (int64_t)value;
    put_varint(writer, ((uint64_t)wide << 1) ^ (wide < 0 ? UINT64_MAX : 0));
}

static uint64_t wrap(const struct writer *writer, uint64_t value)
{
    return writer->shape->bits == 32 ? (uint32_t)value : value;
}

static bool is_less(const struct writer *writer, uint64_t a, uint64_t b)
{
    if (writer->shape->bits == 32)
        return (int32_t)(uint32_t)a < (int32_t)(uint32_t)b;
    return (int64_t)a < (int64_t)b;
}

static void put_bits(uint8_t *out, size_t bit, unsigned width, uint64_t value)
{
    for (unsigned index = 0; index < width; index++, bit++) {
        if (((value >> index) & 1) != 0)
            out[bit / 8] = (uint8_t)(out[bit / 8] | 1u << bit % 8);
        else
            out[bit / 8] = (uint8_t)(out[bit / 8] & ~(1u << bit % 8));
    }
}

static unsigned width_of(const struct writer *writer, const uint64_t *rests, size_t count)
{
    unsigned width = writer->shape->width_least;
    for (size_t index = 0; index < count; index++) {
        while (width < 64 && rests[index] >> width != 0)
            width++;
    }
    return width;
}

static void put_miniblock(
        struct writer *writer, const uint64_t *rests, size_t count, size_t mini_values, unsigned width)
{
    const size_t bytes = mini_values * width / 8;
    memset(writer->at, writer->shape->rubbish_padding, bytes);
    for (size_t index = 0; index < count; index++)
        put_bits(writer->at, index * width, width, rests[index]);
    writer->at += bytes;
}

/* The deltas of one block, at most block_values; they become what is left of them above the least. */
static void put_block(struct writer *writer, uint64_t *deltas, size_t count)
{
    const size_t mini_values = writer->shape->block_values / writer->shape->mini_count;
    uint64_t least = deltas[0];
    for (size_t index = 1; index < count; index++)
        least = is_less(writer, deltas[index], least) ? deltas[index] : least;
    for (size_t index = 0; index < count; index++)
        deltas[index] = wrap(writer, deltas[index] - least);
    put_zigzag(writer, least);
    uint8_t *const widths = writer->at;
    writer->at += writer->shape->mini_count;
    for (size_t mini = 0; mini < writer->shape->mini_count; mini++) {
        const size_t from = mini * mini_values;
        widths[mini] = writer->shape->rubbish_width;
        if (from >= count)
            continue;
        const size_t held = count - from < mini_values ? count - from : mini_values;
        widths[mini] = (uint8_t)width_of(writer, deltas + from, held);
        put_miniblock(writer, deltas + from, held, mini_values, widths[mini]);
    }
}

size_t delta_stream(const struct delta_shape *shape, const uint64_t *values, size_t count, uint8_t *out)
{
    struct writer writer = {.shape = shape, .at = out};
    put_varint(&writer, shape->block_values);
    put_varint(&writer, shape->mini_count);
    put_varint(&writer, count);
    put_zigzag(&writer, count > 0 ? wrap(&writer, values[0]) : 0);
    uint64_t deltas[4096];
    for (size_t at = 1; at < count;) {
        size_t held = 0;
        for (; held < shape->block_values && at < count; held++, at++)
            deltas[held] = wrap(&writer, values[at] - values[at - 1]);
        put_block(&writer, deltas, held);
    }
    return (size_t)(writer.at - out);
}
