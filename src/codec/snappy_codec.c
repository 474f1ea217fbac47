/*
 * snappy_codec.c - snappy's block format
 *
 *     block     [size as varint] element ...
 *     literal   [(n-1) << 2 | 00]            n <= 60; 60..63 there: 1..4 bytes of n-1 follow
 *     copy      [offset>>8 (3) | len-4 (3) | 01][offset]            len 4..11, offset < 2048
 *               [(len-1) << 2 | 10][offset, little-endian 2]        len 1..64
 *               [(len-1) << 2 | 11][offset, little-endian 4]
 *
 *   1. Unpacking writes nothing outside [out, out + size) and reads nothing outside `in`.
 *   2. Packing cuts the input into fragments of 64 KiB, so that offsets fit 2 bytes; copies do not reach
 *      over a fragment's start.
 *
 * Ours, for the library ends its process when memory runs out. Format: google/snappy
 * format_description.txt. Speed: short literals and copies move 8 or 16 bytes whatever their length, where
 * both sides have that much room; only the ends go byte by byte.
 */
#include "codec/codec_state.h"

#define FRAGMENT_BYTES ((size_t)65536)
#define TABLE_BITS_MAX 14
#define TABLE_COUNT_MAX ((size_t)1 << TABLE_BITS_MAX)
#define TABLE_BITS_MIN 8
#define WIDE_BYTES 16     /* one move of the short cuts */
#define COPY_BYTES_MAX 64 /* of one copy element */
#define MARGIN_BYTES 16   /* before a fragment's end, where no match is looked for */
#define LITERAL_SHORT_MAX 60
#define SIZE_BYTES_MAX 5
/* A tag and the most that is read or written behind it at once, more than counts included. */
#define IN_ROOM (1 + LITERAL_SHORT_MAX + WIDE_BYTES)
#define OUT_ROOM (COPY_BYTES_MAX + WIDE_BYTES)

enum element { LITERAL = 0, COPY_1 = 1, COPY_2 = 2, COPY_4 = 3 };

/* --- unpacking --- */

/* Bytes that the varint takes, or 0. */
static size_t size_read(struct ji_view in, size_t *size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < SIZE_BYTES_MAX && i < in.size; i++) {
        value |= (uint64_t)(in.data[i] & 0x7f) << (7 * i);
        if (in.data[i] >= 0x80)
            continue;
        if (value > UINT32_MAX)
            return 0;
        *size = (size_t)value;
        return i + 1;
    }
    return 0;
}

bool ji_snappy_size(struct ji_view in, size_t *size)
{
    return size_read(in, size) != 0;
}

struct unpacking {
    const uint8_t *in;
    const uint8_t *in_end;
    uint8_t *begin;
    uint8_t *out;
    uint8_t *out_end;
};

static inline bool literal_unpack(struct unpacking *state, unsigned tag)
{
    const uint8_t *in = state->in;
    const size_t in_left = (size_t)(state->in_end - in);
    const size_t out_left = (size_t)(state->out_end - state->out);
    size_t size = (tag >> 2) + 1;
    if (size > LITERAL_SHORT_MAX) {
        const size_t more = size - LITERAL_SHORT_MAX;
        if (more > in_left)
            return false;
        size = 0;
        for (size_t i = 0; i < more; i++)
            size |= (size_t)in[i] << (8 * i);
        size++;
        in += more;
    }
    if (size > (size_t)(state->in_end - in) || size > out_left)
        return false;
    memcpy(state->out, in, size);
    state->in = in + size;
    state->out += size;
    return true;
}

/*
 * `size` bytes from `offset` bytes back to `out`, and up to 15 more, which do not count. An offset below 8
 * repeats: its pattern is written to 8 bytes first, after which a whole number of patterns lies between.
 */
static inline __attribute__((always_inline)) void copy_wide(uint8_t *out, size_t offset, size_t size)
{
    static const uint8_t forward[8] = {0, 1, 2, 1, 0, 4, 4, 4};
    static const int8_t back[8] = {0, 0, 0, -1, -4, 1, 2, 3};
    const uint8_t *from = out - offset;
    uint8_t *const end = out + size;
    if (offset >= WIDE_BYTES) {
        do {
            memcpy(out, from, WIDE_BYTES);
            out += WIDE_BYTES;
            from += WIDE_BYTES;
        } while (out < end);
        return;
    }
    if (offset < 8) {
        out[0] = from[0];
        out[1] = from[1];
        out[2] = from[2];
        out[3] = from[3];
        from += forward[offset];
        memcpy(out + 4, from, 4);
        from -= back[offset];
    } else {
        memcpy(out, from, 8);
        from += 8;
    }
    for (out += 8; out < end; out += 8) {
        memcpy(out, from, 8);
        from += 8;
    }
}

/* The same near the end, byte by byte. */
static inline bool copy_unpack(struct unpacking *state, size_t offset, size_t size)
{
    uint8_t *const out = state->out;
    if (offset == 0 || offset > (size_t)(out - state->begin) || size > (size_t)(state->out_end - out))
        return false;
    const uint8_t *const from = out - offset;
    for (size_t i = 0; i < size; i++)
        out[i] = from[i];
    state->out = out + size;
    return true;
}

/*
 * Elements as long as both sides have room for the largest, but for long literals: those are left to
 * element_unpack, as is everything that is wrong. What moves stays in registers: a store of a byte
 * may change what a pointer points to.
 */
static void unpack_fast(struct unpacking *state)
{
    const uint8_t *in = state->in;
    uint8_t *out = state->out;
    const uint8_t *const begin = state->begin;
    if (state->in_end - in < IN_ROOM || state->out_end - out < OUT_ROOM)
        return;
    const uint8_t *const in_last = state->in_end - IN_ROOM;
    const uint8_t *const out_last = state->out_end - OUT_ROOM;
    while (in <= in_last && out <= out_last) {
        const unsigned tag = *in;
        const size_t size = (tag >> 2) + 1;
        if ((tag & 3) == LITERAL) {
            if (size > LITERAL_SHORT_MAX)
                break;
            memcpy(out, in + 1, WIDE_BYTES);
            if (size > WIDE_BYTES)
                memcpy(out + WIDE_BYTES, in + 1 + WIDE_BYTES, LITERAL_SHORT_MAX - WIDE_BYTES);
            in += 1 + size;
            out += size;
            continue;
        }
        const bool is_short = (tag & 3) == COPY_1;
        const uint32_t next = ji_load_le32(in + 1);
        const size_t near = (size_t)(tag >> 5) << 8 | (next & 0xff);
        const size_t offset = is_short ? near : (tag & 3) == COPY_2 ? (next & 0xffff) : next;
        const size_t bytes = is_short ? (tag >> 2 & 7) + 4 : size;
        if (offset == 0 || offset > (size_t)(out - begin))
            break;
        copy_wide(out, offset, bytes);
        in += is_short ? 2 : (tag & 3) == COPY_2 ? 3 : 5;
        out += bytes;
    }
    state->in = in;
    state->out = out;
}

static inline bool element_unpack(struct unpacking *state)
{
    const unsigned tag = *state->in++;
    const size_t in_left = (size_t)(state->in_end - state->in);
    switch (tag & 3) {
    case LITERAL:
        return literal_unpack(state, tag);
    case COPY_1:
        if (in_left < 1)
            return false;
        return copy_unpack(state, (size_t)(tag >> 5) << 8 | *state->in++, (tag >> 2 & 7) + 4);
    case COPY_2:
        if (in_left < 2)
            return false;
        state->in += 2;
        return copy_unpack(state, ji_load_le16(state->in - 2), (tag >> 2) + 1);
    default:
        if (in_left < 4)
            return false;
        state->in += 4;
        return copy_unpack(state, ji_load_le32(state->in - 4), (tag >> 2) + 1);
    }
}

enum joist_status ji_snappy_unpack(struct ji_view in, struct ji_codec_room *room, struct joist_error *err)
{
    size_t size = 0;
    const size_t head = size_read(in, &size);
    if (head == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "snappy: no length in front of %zu bytes", in.size);
    if (size > room->capacity) {
        room->is_short = true;
        return JOIST_OK;
    }
    struct unpacking state = {
            .in = in.data + head,
            .in_end = in.data + in.size,
            .begin = room->out,
            .out = room->out,
            .out_end = size == 0 ? room->out : room->out + size,
    };
    while (state.in < state.in_end) {
        unpack_fast(&state);
        if (state.in < state.in_end && !element_unpack(&state))
            return ji_fail(err, JOIST_ERR_CORRUPT, "snappy: bad element before byte %zu of %zu",
                    (size_t)(state.in - in.data), in.size);
    }
    if (state.out != state.out_end)
        return ji_fail(err, JOIST_ERR_CORRUPT, "snappy: makes %zu bytes, not the %zu of its length",
                (size_t)(state.out - state.begin), size);
    room->size = size;
    return JOIST_OK;
}

/* --- packing --- */

static uint8_t *size_write(uint8_t *out, size_t size)
{
    for (; size >= 0x80; size >>= 7)
        *out++ = (uint8_t)(size | 0x80);
    *out++ = (uint8_t)size;
    return out;
}

static inline uint8_t *literal_write(uint8_t *out, const uint8_t *from, size_t size)
{
    const size_t n = size - 1;
    if (n < LITERAL_SHORT_MAX) {
        *out++ = (uint8_t)(n << 2 | LITERAL);
    } else {
        const unsigned bytes = n < 0x100 ? 1 : 2; /* a fragment's literal has at most 64 KiB */
        *out++ = (uint8_t)((LITERAL_SHORT_MAX - 1 + bytes) << 2 | LITERAL);
        *out++ = (uint8_t)n;
        if (bytes == 2)
            *out++ = (uint8_t)(n >> 8);
    }
    memcpy(out, from, size);
    return out + size;
}

static inline uint8_t *copy_2_write(uint8_t *out, size_t offset, size_t size)
{
    *out = (uint8_t)((size - 1) << 2 | COPY_2);
    ji_store_le16(out + 1, (uint16_t)offset);
    return out + 3;
}

static inline uint8_t *copy_write(uint8_t *out, size_t offset, size_t size)
{
    /* Whole elements of 64 as long as what is left can still be one of 4 bytes or more. */
    for (; size >= COPY_BYTES_MAX + 4; size -= COPY_BYTES_MAX)
        out = copy_2_write(out, offset, COPY_BYTES_MAX);
    if (size > COPY_BYTES_MAX) {
        out = copy_2_write(out, offset, COPY_BYTES_MAX - 4);
        size -= COPY_BYTES_MAX - 4;
    }
    if (size >= 12 || offset >= 2048)
        return copy_2_write(out, offset, size);
    *out++ = (uint8_t)(offset >> 8 << 5 | (size - 4) << 2 | COPY_1);
    *out++ = (uint8_t)offset;
    return out;
}

static inline size_t match_size(const uint8_t *a, const uint8_t *b, const uint8_t *b_end)
{
    const uint8_t *const begin = b;
    while (b_end - b >= 8) {
        const uint64_t difference = ji_load_le64(a) ^ ji_load_le64(b);
        if (difference != 0)
            return (size_t)(b - begin) + ((size_t)__builtin_ctzll(difference) >> 3);
        a += 8;
        b += 8;
    }
    while (b < b_end && *a == *b) {
        a++;
        b++;
    }
    return (size_t)(b - begin);
}

static inline uint32_t hash_of(uint32_t four, unsigned shift)
{
    return four * 0x1e35a7bdu >> shift;
}

/*
 * Greedy: the first earlier place with the same four bytes is taken. Where nothing matches, the step grows
 * by one for each 32 bytes looked at, so that random data costs little.
 */
static uint8_t *fragment_pack(
        const uint8_t *const begin, size_t size, uint16_t *table, unsigned shift, uint8_t *out)
{
    const uint8_t *const end = begin + size;
    const uint8_t *literal = begin;
    const uint8_t *at = begin + 1;
    const uint8_t *const last = size > MARGIN_BYTES ? end - MARGIN_BYTES : begin;
    uint32_t looked = 32;
    while (at < last) {
        const uint32_t four = ji_load_le32(at);
        uint16_t *slot = &table[hash_of(four, shift)];
        const uint8_t *earlier = begin + *slot;
        *slot = (uint16_t)(at - begin);
        if (ji_load_le32(earlier) != four) {
            at += looked++ >> 5;
            continue;
        }
        if (literal < at)
            out = literal_write(out, literal, (size_t)(at - literal));
        const size_t same = 4 + match_size(earlier + 4, at + 4, end);
        out = copy_write(out, (size_t)(at - earlier), same);
        at += same;
        literal = at;
        looked = 32;
        if (at >= last)
            break;
        table[hash_of(ji_load_le32(at - 1), shift)] = (uint16_t)(at - 1 - begin);
    }
    return literal < end ? literal_write(out, literal, (size_t)(end - literal)) : out;
}

void ji_snappy_trim(struct ji_codec_context *context)
{
    if (context->snappy_table != NULL)
        ji_free(context->mem, context->snappy_table, TABLE_COUNT_MAX * sizeof *context->snappy_table);
    context->snappy_table = NULL;
}

enum joist_status ji_snappy_pack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    if (context->snappy_table == NULL)
        JI_TRY(ji_alloc_array(
                context->mem, TABLE_COUNT_MAX, sizeof *context->snappy_table, &context->snappy_table, err));
    uint8_t *out = size_write(room->out, in.size);
    for (size_t at = 0; at < in.size; at += FRAGMENT_BYTES) {
        const size_t size = ji_min_size(FRAGMENT_BYTES, in.size - at);
        unsigned bits = TABLE_BITS_MIN;
        while (bits < TABLE_BITS_MAX && ((size_t)1 << bits) < size)
            bits++;
        memset(context->snappy_table, 0, sizeof *context->snappy_table << bits);
        out = fragment_pack(in.data + at, size, context->snappy_table, 32 - bits, out);
    }
    room->size = (size_t)(out - room->out);
    return JOIST_OK;
}
