/*
 * inflate.c - DEFLATE within gzip members, one step of output at a time
 *
 *     member:  header | block ... | CRC-32 | size           next member, or zeros, or the end
 *     room:    [ 32 KiB that were given away, for matches | step: what is made now ... | slack ]
 *
 *   1. `bits` holds `bit_count` bits that were taken from the input and not used, the next one lowest; those
 *      above are zero or those of bytes still before `in`, so that they may be or-ed in again.
 *   2. A symbol is decoded only before `end`, behind which MATCH_MAX bytes and the slack have room: a step
 *      ends between two symbols.
 *   3. What a match copies stands in the room: at most WINDOW bytes back, and at least one was made.
 *
 * libdeflate unpacks a member only as a whole, and a member may be a file of any size; hence this one. Codes
 * are looked up by their first bits; the few longer ones have tables of their own behind.
 */
#include "codec/inflate.h"

#include "codec/checksum.h"

#define WINDOW ((size_t)32768)
#define STEP ((size_t)131072)
#define MATCH_MAX ((size_t)258)
#define SLACK ((size_t)16)
#define CODE_BITS_MAX 15
#define SYMBOL_BITS 48       /* a length, a distance, and what is behind them */
#define HEADER_BYTES_MAX 512 /* of a block with its codes, or of what stands between members but for names */
#define LITERAL_BITS 10
#define DISTANCE_BITS 8
#define LITERALS 288
#define DISTANCES 32
#define LENGTHS 19

/* An entry: value << 16 | kind << 8 | bits of the code. A length or distance has its extra bits in `kind`. */
#define KIND_LITERAL 0x80u
#define KIND_END 0x40u
#define KIND_TABLE 0x20u
#define KIND_WRONG 0x10u
#define KIND_EXTRA 0x0fu

enum inflate_state { AT_MEMBER, AT_BLOCK, IN_STORED, IN_CODES, AT_TRAILER, AT_END };

struct ji_inflate {
    struct ji_mem *mem;
    struct ji_packed_input input;
    const uint8_t *in;
    const uint8_t *in_end;
    uint64_t bits;
    unsigned bit_count;
    enum inflate_state state;
    bool is_last_block;
    bool had_member;
    size_t stored_left;
    size_t history; /* bytes of this member before `made`, at most WINDOW count */
    uint32_t crc;
    uint32_t size;
    size_t made;   /* of `room` */
    size_t handed; /* of these, what was given away before */
    uint32_t literals[(1u << LITERAL_BITS) + LITERALS * (1u << (CODE_BITS_MAX - LITERAL_BITS))];
    uint32_t distances[(1u << DISTANCE_BITS) + DISTANCES * (1u << (CODE_BITS_MAX - DISTANCE_BITS))];
    uint8_t room[WINDOW + STEP + MATCH_MAX + SLACK];
};

static enum joist_status fail(struct joist_error *err, const char *what)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "gzip: %s", what);
}

/* --- bits --- */

static enum joist_status fill_slowly(struct ji_inflate *inflate, struct joist_error *err)
{
    inflate->bits &= inflate->bit_count == 0 ? 0 : UINT64_MAX >> (64 - inflate->bit_count);
    while (inflate->bit_count <= 55) {
        if (inflate->in == inflate->in_end) {
            struct ji_view more = {0};
            JI_TRY(inflate->input.next(inflate->input.arg, &more, err));
            if (more.size == 0)
                return JOIST_OK;
            inflate->in = more.data;
            inflate->in_end = inflate->in + more.size;
        }
        inflate->bits |= (uint64_t)*inflate->in++ << inflate->bit_count;
        inflate->bit_count += 8;
    }
    return JOIST_OK;
}

/* At least 56 bits, or all that are left. */
static inline enum joist_status fill(struct ji_inflate *inflate, struct joist_error *err)
{
    if (inflate->in_end - inflate->in < 8)
        return fill_slowly(inflate, err);
    inflate->bits |= ji_load_le64(inflate->in) << inflate->bit_count;
    inflate->in += (63 - inflate->bit_count) >> 3;
    inflate->bit_count |= 56;
    return JOIST_OK;
}

/* `count` <= 16 of the bits that a fill brought. */
static inline uint32_t take(struct ji_inflate *inflate, unsigned count)
{
    const uint32_t value = (uint32_t)(inflate->bits & (((uint64_t)1 << count) - 1));
    inflate->bits >>= count;
    inflate->bit_count -= count;
    return value;
}

static enum joist_status take_filled(
        struct ji_inflate *inflate, unsigned count, uint32_t *value, struct joist_error *err)
{
    JI_TRY(fill(inflate, err));
    if (inflate->bit_count < count)
        return fail(err, "ends within a member");
    *value = take(inflate, count);
    return JOIST_OK;
}

/* --- tables --- */

static uint32_t reversed(uint32_t code, unsigned bits)
{
    uint32_t result = 0;
    for (unsigned i = 0; i < bits; i++)
        result |= ((code >> i) & 1) << (bits - 1 - i);
    return result;
}

/* What a literal, length or distance symbol means; the code's bits are added by the table's maker. */
static uint32_t literal_entry(unsigned symbol)
{
    static const uint16_t base[29] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59,
            67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t extra[29] = {
            0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    if (symbol < 256)
        return symbol << 16 | KIND_LITERAL << 8;
    if (symbol == 256)
        return KIND_END << 8;
    if (symbol > 285)
        return KIND_WRONG << 8;
    return (uint32_t)base[symbol - 257] << 16 | (uint32_t)extra[symbol - 257] << 8;
}

static uint32_t distance_entry(unsigned symbol)
{
    if (symbol > 29)
        return KIND_WRONG << 8;
    if (symbol < 4)
        return (symbol + 1) << 16;
    const unsigned extra = symbol / 2 - 1;
    return (((2 + symbol % 2) << extra) + 1) << 16 | extra << 8;
}

static uint32_t length_entry(unsigned symbol)
{
    return symbol << 16;
}

struct code_table {
    uint32_t *entries;
    unsigned bits; /* of the first look */
    uint32_t (*entry)(unsigned symbol);
};

static void put_code(
        const struct code_table *table, uint32_t code, unsigned bits, uint32_t entry, size_t *used)
{
    const uint32_t mask = (1u << table->bits) - 1;
    if (bits <= table->bits) {
        for (uint32_t at = code; at <= mask; at += 1u << bits)
            table->entries[at] = entry | bits;
        return;
    }
    const unsigned rest = CODE_BITS_MAX - table->bits;
    uint32_t *const first = &table->entries[code & mask];
    if ((*first >> 8 & KIND_TABLE) == 0) {
        *first = (uint32_t)*used << 16 | KIND_TABLE << 8;
        for (size_t i = 0; i < (size_t)1 << rest; i++)
            table->entries[*used + i] = KIND_WRONG << 8;
        *used += (size_t)1 << rest;
    }
    for (uint32_t at = code >> table->bits; at < 1u << rest; at += 1u << (bits - table->bits))
        table->entries[(*first >> 16) + at] = entry | bits;
}

/* Codes may leave some bits unused only where there is one code or none. */
static enum joist_status make_table(
        const struct code_table *table, const uint8_t *lengths, unsigned count, struct joist_error *err)
{
    unsigned counts[CODE_BITS_MAX + 1] = {0};
    uint32_t next[CODE_BITS_MAX + 2] = {0};
    unsigned codes = 0;
    uint32_t left = 1;
    for (unsigned i = 0; i < count; i++)
        counts[lengths[i]]++;
    counts[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        left <<= 1;
        if (counts[bits] > left)
            return fail(err, "a set of codes has too many");
        left -= counts[bits];
        codes += counts[bits];
        next[bits + 1] = (next[bits] + counts[bits]) << 1;
    }
    if (left > 0 && (codes > 1 || (codes == 1 && counts[1] == 0)))
        return fail(err, "a set of codes has too few");
    size_t used = (size_t)1 << table->bits;
    for (size_t i = 0; i < used; i++)
        table->entries[i] = KIND_WRONG << 8;
    for (unsigned symbol = 0; symbol < count; symbol++) {
        const unsigned bits = lengths[symbol];
        if (bits > 0)
            put_code(table, reversed(next[bits]++, bits), bits, table->entry(symbol), &used);
    }
    return JOIST_OK;
}

static enum joist_status make_tables(struct ji_inflate *inflate, const uint8_t *lengths, unsigned literals,
        unsigned distances, struct joist_error *err)
{
    const struct code_table literal = {inflate->literals, LITERAL_BITS, literal_entry};
    const struct code_table distance = {inflate->distances, DISTANCE_BITS, distance_entry};
    if (lengths[256] == 0)
        return fail(err, "a block has no end");
    JI_TRY(make_table(&literal, lengths, literals, err));
    return make_table(&distance, lengths + literals, distances, err);
}

static enum joist_status fixed_tables(struct ji_inflate *inflate, struct joist_error *err)
{
    uint8_t lengths[LITERALS + DISTANCES];
    memset(lengths, 8, 144);
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(lengths + 280, 8, 8);
    memset(lengths + LITERALS, 5, DISTANCES);
    return make_tables(inflate, lengths, LITERALS, DISTANCES, err);
}

/* The lengths of a block's codes, themselves in codes; 16 repeats the one before, 17 and 18 zeros. */
static enum joist_status read_lengths(struct ji_inflate *inflate, const uint32_t *codes, uint8_t *lengths,
        unsigned count, struct joist_error *err)
{
    for (unsigned at = 0; at < count;) {
        JI_TRY(fill(inflate, err));
        const uint32_t entry = codes[inflate->bits & 127];
        const unsigned bits = entry & 0xff;
        const unsigned symbol = entry >> 16;
        if ((entry >> 8 & KIND_WRONG) != 0)
            return fail(err, "a code that is none");
        if (inflate->bit_count < bits + 7)
            return fail(err, "ends within a member");
        (void)take(inflate, bits);
        if (symbol < 16) {
            lengths[at++] = (uint8_t)symbol;
            continue;
        }
        const unsigned repeat = symbol == 16 ? 3 + take(inflate, 2)
                : symbol == 17               ? 3 + take(inflate, 3)
                                             : 11 + take(inflate, 7);
        if ((symbol == 16 && at == 0) || repeat > count - at)
            return fail(err, "lengths of codes that repeat too often");
        memset(lengths + at, symbol == 16 ? lengths[at - 1] : 0, repeat);
        at += repeat;
    }
    return JOIST_OK;
}

static enum joist_status dynamic_tables(struct ji_inflate *inflate, struct joist_error *err)
{
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint32_t codes[128];
    uint8_t lengths[LITERALS + DISTANCES] = {0};
    uint8_t first[LENGTHS] = {0};
    uint32_t counts = 0;
    JI_TRY(take_filled(inflate, 14, &counts, err));
    const unsigned literals = 257 + (counts & 31);
    const unsigned distances = 1 + (counts >> 5 & 31);
    if (literals > 286)
        return fail(err, "a block of too many codes");
    for (unsigned i = 0; i < 4 + (counts >> 10); i++) {
        uint32_t bits = 0;
        JI_TRY(take_filled(inflate, 3, &bits, err));
        first[order[i]] = (uint8_t)bits;
    }
    const struct code_table table = {codes, 7, length_entry};
    JI_TRY(make_table(&table, first, LENGTHS, err));
    JI_TRY(read_lengths(inflate, codes, lengths, literals + distances, err));
    return make_tables(inflate, lengths, literals, distances, err);
}

/* --- members and blocks --- */

static enum joist_status skip_text(struct ji_inflate *inflate, struct joist_error *err)
{
    uint32_t byte = 1;
    while (byte != 0)
        JI_TRY(take_filled(inflate, 8, &byte, err));
    return JOIST_OK;
}

static enum joist_status skip_header(struct ji_inflate *inflate, struct joist_error *err)
{
    uint32_t method = 0;
    uint32_t flags = 0;
    uint32_t value = 0;
    JI_TRY(take_filled(inflate, 8, &method, err));
    JI_TRY(take_filled(inflate, 8, &flags, err));
    if (method != 8 || flags > 31)
        return fail(err, "a member of an unknown method");
    for (unsigned i = 0; i < 3; i++) /* time, level, system */
        JI_TRY(take_filled(inflate, 16, &value, err));
    if ((flags & 4) != 0) {
        JI_TRY(take_filled(inflate, 16, &value, err));
        for (uint32_t left = value; left > 0; left--)
            JI_TRY(take_filled(inflate, 8, &value, err));
    }
    if ((flags & 8) != 0)
        JI_TRY(skip_text(inflate, err));
    if ((flags & 16) != 0)
        JI_TRY(skip_text(inflate, err));
    if ((flags & 2) != 0)
        JI_TRY(take_filled(inflate, 16, &value, err));
    return JOIST_OK;
}

/* Zeros may stand behind a member: tapes and disks leave them. */
static enum joist_status begin_member(struct ji_inflate *inflate, struct joist_error *err)
{
    uint32_t magic = 0;
    do {
        JI_TRY(fill(inflate, err));
        if (inflate->bit_count == 0 && inflate->had_member) {
            inflate->state = AT_END;
            return JOIST_OK;
        }
        JI_TRY(take_filled(inflate, 8, &magic, err));
    } while (magic == 0 && inflate->had_member);
    uint32_t second = 0;
    JI_TRY(take_filled(inflate, 8, &second, err));
    if (magic != 0x1f || second != 0x8b)
        return fail(err, "no member begins where one should");
    JI_TRY(skip_header(inflate, err));
    inflate->had_member = true;
    inflate->history = 0;
    inflate->crc = 0;
    inflate->size = 0;
    inflate->state = AT_BLOCK;
    return JOIST_OK;
}

static enum joist_status begin_block(struct ji_inflate *inflate, struct joist_error *err)
{
    uint32_t head = 0;
    uint32_t size = 0;
    uint32_t inverse = 0;
    if (inflate->is_last_block) {
        inflate->is_last_block = false;
        inflate->state = AT_TRAILER;
        return JOIST_OK;
    }
    JI_TRY(take_filled(inflate, 3, &head, err));
    inflate->is_last_block = (head & 1) != 0;
    switch (head >> 1) {
    case 0:
        (void)take(inflate, inflate->bit_count % 8);
        JI_TRY(take_filled(inflate, 16, &size, err));
        JI_TRY(take_filled(inflate, 16, &inverse, err));
        if (size != (~inverse & 0xffff))
            return fail(err, "a stored block without its size");
        inflate->stored_left = size;
        inflate->state = IN_STORED;
        return JOIST_OK;
    case 1:
        JI_TRY(fixed_tables(inflate, err));
        break;
    case 2:
        JI_TRY(dynamic_tables(inflate, err));
        break;
    default:
        return fail(err, "a block of an unknown kind");
    }
    inflate->state = IN_CODES;
    return JOIST_OK;
}

static enum joist_status end_member(struct ji_inflate *inflate, struct joist_error *err)
{
    uint32_t words[4] = {0};
    (void)take(inflate, inflate->bit_count % 8);
    for (unsigned i = 0; i < 4; i++)
        JI_TRY(take_filled(inflate, 16, &words[i], err));
    if ((words[0] | words[1] << 16) != inflate->crc)
        return fail(err, "a member has another checksum than it says");
    if ((words[2] | words[3] << 16) != inflate->size)
        return fail(err, "a member has another size than it says");
    inflate->state = AT_MEMBER;
    return JOIST_OK;
}

/* --- values --- */

static enum joist_status copy_stored(struct ji_inflate *inflate, size_t end, struct joist_error *err)
{
    while (inflate->stored_left > 0 && inflate->made < end) {
        if (inflate->bit_count == 0 && inflate->in == inflate->in_end) {
            if (inflate->made > inflate->handed)
                return JOIST_OK;
            JI_TRY(fill(inflate, err));
            if (inflate->bit_count == 0)
                return fail(err, "ends within a member");
        }
        if (inflate->bit_count > 0) {
            inflate->room[inflate->made++] = (uint8_t)take(inflate, 8);
            inflate->stored_left--;
            continue;
        }
        size_t size = (size_t)(inflate->in_end - inflate->in);
        size = size < inflate->stored_left ? size : inflate->stored_left;
        size = size < end - inflate->made ? size : end - inflate->made;
        inflate->bits = 0;
        memcpy(inflate->room + inflate->made, inflate->in, size);
        inflate->in += size;
        inflate->made += size;
        inflate->stored_left -= size;
    }
    if (inflate->stored_left == 0)
        inflate->state = AT_BLOCK;
    return JOIST_OK;
}

static inline void copy_match(uint8_t *to, size_t distance, size_t length)
{
    const uint8_t *from = to - distance;
    if (distance >= 8) {
        /* Up to seven bytes more than asked for are written: slack, or made again later. */
        for (size_t at = 0; at < length; at += 8)
            memcpy(to + at, from + at, 8);
        return;
    }
    for (size_t at = 0; at < length; at++)
        to[at] = from[at];
}

static inline uint32_t look_up(const uint32_t *table, unsigned first_bits, uint64_t bits)
{
    const uint32_t entry = table[bits & ((1u << first_bits) - 1)];
    if ((entry >> 8 & KIND_TABLE) == 0)
        return entry;
    return table[(entry >> 16) + (bits >> first_bits & ((1u << (CODE_BITS_MAX - first_bits)) - 1))];
}

static inline uint32_t value_of(uint32_t entry, uint64_t bits)
{
    return (entry >> 16) + (uint32_t)(bits & ((1u << (entry >> 8 & KIND_EXTRA)) - 1));
}

/*
 * A symbol whose bits are all in `bits`, SYMBOL_BITS at least: what it makes, and how many bits it took. Zero
 * where it is the block's end or wrong, as `*kind` then says.
 */
static inline unsigned make_symbol(struct ji_inflate *inflate, uint64_t bits, size_t reach, unsigned *kind)
{
    const uint32_t entry = look_up(inflate->literals, LITERAL_BITS, bits);
    uint8_t *const to = inflate->room + inflate->made;
    unsigned used = entry & 0xff;
    *kind = entry >> 8 & 0xf0;
    if (*kind == KIND_LITERAL) {
        *to = (uint8_t)(entry >> 16);
        inflate->made++;
        return used;
    }
    if (*kind != 0)
        return used;
    bits >>= used;
    const uint32_t length = value_of(entry, bits);
    bits >>= entry >> 8 & KIND_EXTRA;
    used += entry >> 8 & KIND_EXTRA;
    const uint32_t far = look_up(inflate->distances, DISTANCE_BITS, bits);
    const uint32_t distance = value_of(far, bits >> (far & 0xff));
    used += (far & 0xff) + (far >> 8 & KIND_EXTRA);
    if ((far >> 8 & KIND_WRONG) != 0 || distance > reach + inflate->made) {
        *kind = KIND_WRONG;
        return used;
    }
    copy_match(to, distance, length);
    inflate->made += length;
    return used;
}

/* While the input has eight bytes ahead, all bits of a symbol are there. */
static unsigned decode_fast(struct ji_inflate *inflate, size_t reach, size_t end)
{
    unsigned kind = 0;
    uint64_t bits = inflate->bits;
    unsigned count = inflate->bit_count;
    const uint8_t *in = inflate->in;
    while (inflate->made < end && inflate->in_end - in >= 8) {
        bits |= ji_load_le64(in) << count;
        in += (63 - count) >> 3;
        count |= 56;
        unsigned used = make_symbol(inflate, bits, reach, &kind);
        bits >>= used;
        count -= used;
        /* One more, where the bits are there: mostly the next letter. */
        if (kind == KIND_LITERAL && count >= SYMBOL_BITS) {
            used = make_symbol(inflate, bits, reach, &kind);
            bits >>= used;
            count -= used;
        }
        if (kind == KIND_END || kind == KIND_WRONG)
            break;
    }
    inflate->bits = bits;
    inflate->bit_count = count;
    inflate->in = in;
    return kind;
}

/* Whether the next thing to do may have to wait for input; codes of a match take 48 bits at most. */
static bool may_wait(const struct ji_inflate *inflate)
{
    const size_t left = (size_t)(inflate->in_end - inflate->in);
    if (inflate->state == IN_CODES)
        return left == 0 && inflate->bit_count < SYMBOL_BITS;
    if (inflate->state == IN_STORED)
        return left == 0 && inflate->bit_count == 0;
    return left < HEADER_BYTES_MAX;
}

/* `start` is where this step's bytes of the member begin. A step ends less than MATCH_MAX behind `end`. */
static enum joist_status decode(struct ji_inflate *inflate, size_t start, size_t end, struct joist_error *err)
{
    const size_t reach = inflate->history - start; /* may wrap: `made` brings it back */
    while (inflate->made < end) {
        unsigned kind = decode_fast(inflate, reach, end);
        if (kind != KIND_END && kind != KIND_WRONG && inflate->made < end) {
            if (inflate->made > inflate->handed && may_wait(inflate))
                return JOIST_OK;
            JI_TRY(fill(inflate, err));
            const unsigned used = make_symbol(inflate, inflate->bits, reach, &kind);
            if (used > inflate->bit_count)
                return fail(err, "ends within a member");
            inflate->bits >>= used;
            inflate->bit_count -= used;
        }
        if (kind == KIND_WRONG)
            return fail(err, "a code that is none, or a match before the start");
        if (kind == KIND_END) {
            inflate->state = AT_BLOCK;
            return JOIST_OK;
        }
    }
    return JOIST_OK;
}

/* The last WINDOW bytes stay, at the front. */
static size_t make_room(struct ji_inflate *inflate)
{
    const size_t kept = inflate->made < WINDOW ? inflate->made : WINDOW;
    memmove(inflate->room, inflate->room + inflate->made - kept, kept);
    inflate->made = kept;
    return kept;
}

/* One state's work; `*start` moves to where the next member's bytes begin. */
static enum joist_status step(struct ji_inflate *inflate, size_t *start, size_t end, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    switch (inflate->state) {
    case AT_MEMBER:
        *start = inflate->made;
        return begin_member(inflate, err);
    case AT_BLOCK:
        return begin_block(inflate, err);
    case IN_STORED:
        status = copy_stored(inflate, end, err);
        break;
    case IN_CODES:
        status = decode(inflate, *start, end, err);
        break;
    case AT_TRAILER:
        return end_member(inflate, err);
    case AT_END:
        break;
    }
    return status;
}

/* What was made of this member since `start` enters its checksum and history. */
static void count_made(struct ji_inflate *inflate, size_t *start)
{
    const size_t size = inflate->made - *start;
    inflate->crc = ji_crc32(inflate->crc, inflate->room + *start, size);
    inflate->size += (uint32_t)size;
    inflate->history = inflate->history + size < WINDOW ? inflate->history + size : WINDOW;
    *start = inflate->made;
}

enum joist_status ji_inflate_next(struct ji_inflate *inflate, struct ji_view *bytes, struct joist_error *err)
{
    const size_t begin = make_room(inflate);
    const size_t end = begin + STEP;
    size_t start = begin;
    inflate->handed = begin;
    while (inflate->made < end && inflate->state != AT_END) {
        /* More may be long in coming: what there is goes first. */
        if (inflate->made > begin && may_wait(inflate))
            break;
        if (inflate->state == AT_TRAILER)
            count_made(inflate, &start);
        JI_TRY(step(inflate, &start, end, err));
    }
    count_made(inflate, &start);
    *bytes = ji_view_of(inflate->room + begin, inflate->made - begin);
    return JOIST_OK;
}

enum joist_status ji_inflate_open(struct ji_mem *mem, struct ji_packed_input input,
        struct ji_inflate **inflate, struct joist_error *err)
{
    struct ji_inflate *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->input = input;
    *inflate = made;
    return JOIST_OK;
}

void ji_inflate_close(struct ji_inflate *inflate)
{
    if (inflate != NULL)
        ji_free(inflate->mem, inflate, sizeof *inflate);
}
