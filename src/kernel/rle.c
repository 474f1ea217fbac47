/*
 * rle.c - walks the runs
 *
 *   1. run_left > 0, or the next header stands at `at`, or all is read.
 *   2. A packed run has run_left <= the whole values of its own bytes; packed_bytes goes to the end of the
 *      stream, so that wide loads may reach behind the run.
 */
#include "kernel/rle.h"

#include "kernel/bitmap.h"

#include <assert.h>

#define HEADER_BYTES_MAX 5

void ji_rle_init(struct ji_rle *rle, struct ji_view bytes, unsigned width)
{
    rle->at = bytes.data;
    rle->end = bytes.data + bytes.size;
    rle->run_left = 0;
    rle->run_value = 0;
    rle->is_packed = false;
    rle->packed = bytes.data;
    rle->packed_bytes = 0;
    rle->packed_index = 0;
    ji_bit_unpacker_init(&rle->unpacker, width);
}

static bool take_header(struct ji_rle *rle, uint32_t *header)
{
    uint64_t value = 0;
    for (unsigned index = 0; index < HEADER_BYTES_MAX && rle->at < rle->end; index++) {
        const uint8_t byte = *rle->at++;
        value |= (uint64_t)(byte & 0x7f) << (7 * index);
        if (byte < 0x80) {
            *header = (uint32_t)value;
            return value <= UINT32_MAX;
        }
    }
    return false;
}

static void begin_packed(struct ji_rle *rle, uint64_t groups)
{
    const unsigned width = rle->unpacker.width;
    const uint64_t left = (uint64_t)(rle->end - rle->at);
    const uint64_t bytes = ji_min_u64(groups * width, left);
    rle->is_packed = true;
    rle->packed = rle->at;
    rle->packed_bytes = (size_t)left;
    rle->packed_index = 0;
    rle->run_left = width == 0 ? groups * 8 : ji_min_u64(groups * 8, bytes * 8 / width);
    rle->at += bytes;
}

static bool begin_repeated(struct ji_rle *rle, uint32_t count)
{
    const unsigned bytes = (rle->unpacker.width + 7) / 8;
    if ((size_t)(rle->end - rle->at) < bytes)
        return false;
    uint32_t value = 0;
    for (unsigned index = 0; index < bytes; index++)
        value |= (uint32_t)rle->at[index] << (8 * index);
    rle->is_packed = false;
    rle->at += bytes;
    rle->run_value = value;
    rle->run_left = count;
    return true;
}

/* Makes run_left > 0; false where nothing more can be had. */
static bool next_run(struct ji_rle *rle)
{
    while (rle->run_left == 0) {
        uint32_t header;
        if (!take_header(rle, &header))
            return false;
        if ((header & 1) != 0)
            begin_packed(rle, header >> 1);
        else if (!begin_repeated(rle, header >> 1))
            return false;
        if (rle->run_left == 0 && rle->at == rle->end)
            return false;
    }
    return true;
}

static inline size_t run_step(const struct ji_rle *rle, size_t wanted)
{
    return rle->run_left < wanted ? (size_t)rle->run_left : wanted;
}

static inline void run_advance(struct ji_rle *rle, size_t step)
{
    rle->run_left -= step;
    rle->packed_index += step;
}

size_t ji_rle_u32(struct ji_rle *rle, size_t count, uint32_t *out)
{
    size_t done = 0;
    while (done < count && (rle->run_left > 0 || next_run(rle))) {
        const size_t step = run_step(rle, count - done);
        if (rle->is_packed) {
            ji_bit_unpack(
                    &rle->unpacker, rle->packed, rle->packed_bytes, rle->packed_index, step, out + done);
        } else {
            const uint32_t value = rle->run_value;
            for (size_t index = 0; index < step; index++)
                out[done + index] = value;
        }
        run_advance(rle, step);
        done += step;
    }
    return done;
}

size_t ji_rle_piece(struct ji_rle *rle, size_t count, size_t room, uint32_t *out, bool *is_run)
{
    if (count == 0 || (rle->run_left == 0 && !next_run(rle)))
        return 0;
    *is_run = !rle->is_packed;
    const size_t step = run_step(rle, rle->is_packed ? ji_min_size(count, room) : count);
    if (rle->is_packed)
        ji_bit_unpack(&rle->unpacker, rle->packed, rle->packed_bytes, rle->packed_index, step, out);
    else
        out[0] = rle->run_value;
    run_advance(rle, step);
    return step;
}

size_t ji_rle_u8(struct ji_rle *rle, size_t count, uint8_t *out)
{
    assert(rle->unpacker.width <= 8);
    size_t done = 0;
    while (done < count && (rle->run_left > 0 || next_run(rle))) {
        const size_t step = run_step(rle, count - done);
        if (rle->is_packed)
            ji_bit_unpack8(
                    &rle->unpacker, rle->packed, rle->packed_bytes, rle->packed_index, step, out + done);
        else
            memset(out + done, (int)rle->run_value, step);
        run_advance(rle, step);
        done += step;
    }
    return done;
}

size_t ji_rle_bits(struct ji_rle *rle, size_t count, uint8_t *bitmap, size_t at, size_t *ones)
{
    assert(rle->unpacker.width == 1);
    size_t done = 0;
    while (done < count && (rle->run_left > 0 || next_run(rle))) {
        const size_t step = run_step(rle, count - done);
        if (rle->is_packed) {
            ji_bitmap_copy(rle->packed, rle->packed_index, bitmap, at + done, step);
            *ones += ji_bitmap_count(rle->packed, rle->packed_index, step);
        } else {
            if (rle->run_value > 1)
                break;
            ji_bitmap_fill(bitmap, at + done, step, rle->run_value != 0);
            *ones += rle->run_value != 0 ? step : 0;
        }
        run_advance(rle, step);
        done += step;
    }
    return done;
}

size_t ji_rle_skip(struct ji_rle *rle, size_t count)
{
    size_t done = 0;
    while (done < count && (rle->run_left > 0 || next_run(rle))) {
        const size_t step = run_step(rle, count - done);
        run_advance(rle, step);
        done += step;
    }
    return done;
}

size_t ji_rle_skip_bits(struct ji_rle *rle, size_t count, size_t *ones)
{
    assert(rle->unpacker.width == 1);
    size_t done = 0;
    while (done < count && (rle->run_left > 0 || next_run(rle))) {
        const size_t step = run_step(rle, count - done);
        if (rle->is_packed)
            *ones += ji_bitmap_count(rle->packed, rle->packed_index, step);
        else if (rle->run_value > 1)
            break;
        else
            *ones += rle->run_value != 0 ? step : 0;
        run_advance(rle, step);
        done += step;
    }
    return done;
}
