/*
 * thrift_pattern.c - skips structs that look like the one before
 *
 *     struct   26 82 09   1c   18 08 [8 bytes]   00       i64 = 577, struct, binary of 8 bytes, stop
 *     mask     ff 80 80   ff   ff ff [8 x 00]    ff
 *     tokens   f  varint  f    f  blob           f
 *
 *   1. The mask covers every bit that a parser's way depends on: field heads, heads and counts of lists,
 *      lengths of binaries, stops, the sign of each varint's bytes that another follows. What it leaves out
 *      is payload alone. (The tenth byte of a varint may be 0 or 1, and the mask holds the rest of it.)
 *   2. So bytes that equal the pattern's under the mask are parsed by the same steps to the same end: no
 *      position is a guess. The pattern's own bytes were parsed by ji_thrift_skip.
 *   3. At the start of a token, the state of a parser in the pattern and in the bytes is the same. A varint
 *      or a binary that differs in length is passed over by its own length, and the state is the same again
 *      behind it; any other difference ends the comparison, and ji_thrift_skip decides.
 *   4. The reader's depth is at most the one at which the pattern was learned: what did not nest too
 *      deep then does not now.
 *
 * The chunks of one writer differ in little but numbers. One of 114 bytes takes some 10 ns so, where its 40
 * values one by one take 200. A pattern is learned anew when the lengths
 * differ several times in a row, since the comparison that stumbles is a third as fast.
 */
#include "wire/thrift_pattern.h"

#include <string.h>

#define VARINT_BYTES_MAX 10
#define STRAYS_MAX 4
#define STEP_BYTES 32

enum token_kind { TOKEN_FIXED, TOKEN_VARINT, TOKEN_BLOB };

static inline uint64_t difference(const struct ji_thrift_pattern *pattern, size_t at, const uint8_t *bytes)
{
    return (ji_load_le64(bytes) ^ ji_load_le64(pattern->bytes + at)) & ji_load_le64(pattern->mask + at);
}

/* 16 bytes anywhere; a vector register where there is one. */
typedef uint64_t step_lane __attribute__((vector_size(16), aligned(1), may_alias));

static inline step_lane difference_16(
        const struct ji_thrift_pattern *pattern, size_t at, const uint8_t *bytes)
{
    const step_lane *const here = (const step_lane *)(const void *)(bytes + at);
    const step_lane *const there = (const step_lane *)(const void *)(pattern->bytes + at);
    const step_lane *const mask = (const step_lane *)(const void *)(pattern->mask + at);
    return (*here ^ *there) & *mask;
}

/* `bytes` has the pattern's size, rounded up to STEP_BYTES. */
static inline bool matches_whole(const struct ji_thrift_pattern *pattern, const uint8_t *bytes)
{
    step_lane differs = {0, 0};
    for (size_t at = 0; at < pattern->size; at += STEP_BYTES)
        differs |= difference_16(pattern, at, bytes) | difference_16(pattern, at + 16, bytes);
    return (differs[0] | differs[1]) == 0;
}

/* Behind the varint, or NULL where it does not end or is too long. */
static const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
    uint64_t made = 0;
    for (unsigned index = 0; index < VARINT_BYTES_MAX && at < end; index++) {
        const uint8_t byte = *at++;
        if (index == VARINT_BYTES_MAX - 1 && byte > 1)
            return NULL;
        made |= (uint64_t)(byte & 0x7f) << (7 * index);
        if (byte < 0x80) {
            *value = made;
            return at;
        }
    }
    return NULL;
}

/* Behind the token that the bytes have in the place of the pattern's; NULL where it is of another kind. */
static const uint8_t *pass_token(const struct ji_thrift_token *token, const uint8_t *at, const uint8_t *end)
{
    uint64_t value = 0;
    if (token->kind == TOKEN_FIXED)
        return NULL;
    at = read_varint(at, end, &value);
    if (at == NULL || token->kind == TOKEN_VARINT)
        return at;
    return value <= (uint64_t)(end - at) ? at + value : NULL;
}

/* Behind a struct that differs from the pattern in lengths alone; else, or near `end`, NULL. */
static const uint8_t *match_straying(
        const struct ji_thrift_pattern *pattern, const uint8_t *bytes, const uint8_t *end)
{
    size_t at = 0;
    while (at < pattern->size) {
        if (end - bytes < (ptrdiff_t)sizeof(uint64_t))
            return NULL;
        const uint64_t differs = difference(pattern, at, bytes);
        if (differs == 0) {
            at += sizeof(uint64_t);
            bytes += sizeof(uint64_t);
            continue;
        }
        const size_t place = at + (size_t)__builtin_ctzll(differs) / 8;
        const struct ji_thrift_token *const token = &pattern->tokens[pattern->token_of[place]];
        /* Comparisons begin at tokens, so the token's start is behind what was passed. */
        bytes = pass_token(token, bytes + ((ptrdiff_t)token->start - (ptrdiff_t)at), end);
        if (bytes == NULL)
            return NULL;
        at = token->end;
    }
    return bytes - (at - pattern->size);
}

/* --- learning --- */

struct learner {
    struct ji_thrift_pattern *pattern;
    struct ji_thrift_reader reader; /* over the struct's own bytes */
    bool fits;
};

/* The bytes from `start` to where the reader is are one token. */
static void note_token(struct learner *learner, size_t start, enum token_kind kind)
{
    struct ji_thrift_pattern *const pattern = learner->pattern;
    const size_t end = ji_thrift_position(&learner->reader);
    for (size_t at = start; at < end; at++)
        pattern->token_of[at] = (uint16_t)pattern->token_count;
    if (end == start)
        return;
    memset(pattern->mask + start, 0xff, end - start);
    pattern->tokens[pattern->token_count++] =
            (struct ji_thrift_token){.start = (uint16_t)start, .end = (uint16_t)end, .kind = (uint8_t)kind};
    if (kind == TOKEN_VARINT) {
        memset(pattern->mask + start, 0x80, end - start);
        if (end - start == VARINT_BYTES_MAX)
            pattern->mask[end - 1] = 0xfe;
    }
}

static void learn_scalar(struct learner *learner, enum ji_thrift_type type)
{
    struct ji_thrift_pattern *const pattern = learner->pattern;
    const size_t start = ji_thrift_position(&learner->reader);
    const bool is_varint = type == JI_THRIFT_I16 || type == JI_THRIFT_I32 || type == JI_THRIFT_I64;
    size_t payload = start;
    if (type == JI_THRIFT_BINARY) {
        const struct ji_view text = ji_thrift_binary(&learner->reader, type);
        payload = ji_thrift_position(&learner->reader) - text.size;
    } else {
        ji_thrift_skip(&learner->reader, type);
    }
    const size_t end = ji_thrift_position(&learner->reader);
    note_token(learner, start,
            is_varint                          ? TOKEN_VARINT
                    : type == JI_THRIFT_BINARY ? TOKEN_BLOB
                                               : TOKEN_FIXED);
    if (!is_varint)
        memset(pattern->mask + payload, 0, end - payload);
}

/* What is still to come on one level: a struct's fields, or so many elements. */
struct learn_level {
    bool is_struct;
    size_t left;
    enum ji_thrift_type type;
    struct ji_thrift_field field;
};

/* The next value's type on this level; STOP behind the last one. */
static enum ji_thrift_type next_type(struct learner *learner, struct learn_level *level)
{
    if (!level->is_struct)
        return level->left-- > 0 ? level->type : JI_THRIFT_STOP;
    const size_t start = ji_thrift_position(&learner->reader);
    const bool has_more = ji_thrift_next(&learner->reader, &level->field);
    note_token(learner, start, TOKEN_FIXED);
    return has_more ? level->field.type : JI_THRIFT_STOP;
}

/* A value that is no scalar begins a level; false for what makes no pattern. */
static bool begin_level(struct learner *learner, enum ji_thrift_type type, struct learn_level *level)
{
    *level = (struct learn_level){.is_struct = type == JI_THRIFT_STRUCT};
    if (type == JI_THRIFT_STRUCT) {
        level->field = ji_thrift_struct(&learner->reader);
        return true;
    }
    if (type != JI_THRIFT_LIST && type != JI_THRIFT_SET)
        return false;
    const size_t start = ji_thrift_position(&learner->reader);
    const struct ji_thrift_list list = ji_thrift_list(&learner->reader, type);
    note_token(learner, start, TOKEN_FIXED);
    level->left = list.count;
    level->type = list.type;
    /* Booleans in lists are no part of what comes in thousands. */
    return list.count == 0 || (list.type != JI_THRIFT_TRUE && list.type != JI_THRIFT_FALSE);
}

static bool is_scalar(enum ji_thrift_type type)
{
    return type <= JI_THRIFT_BINARY || type == JI_THRIFT_UUID;
}

/* Walks over a struct that ji_thrift_skip has passed; false where it makes no pattern. */
static bool learn_struct(struct learner *learner)
{
    struct learn_level levels[JI_THRIFT_DEPTH_MAX];
    size_t depth = 0;
    if (!begin_level(learner, JI_THRIFT_STRUCT, &levels[depth++]))
        return false;
    while (depth > 0) {
        const enum ji_thrift_type type = next_type(learner, &levels[depth - 1]);
        if (type == JI_THRIFT_STOP)
            depth--;
        else if (is_scalar(type))
            learn_scalar(learner, type);
        else if (depth == JI_THRIFT_DEPTH_MAX || !begin_level(learner, type, &levels[depth++]))
            return false;
    }
    return learner->reader.error == JI_THRIFT_FINE && learner->reader.at == learner->reader.end;
}

static void learn(struct ji_thrift_pattern *pattern, const struct ji_thrift_reader *before, size_t size)
{
    struct learner learner = {.pattern = pattern};
    pattern->size = 0;
    pattern->strays = 0;
    if (size > JI_THRIFT_PATTERN_BYTES_MAX)
        return;
    pattern->token_count = 0;
    pattern->depth = before->depth;
    ji_thrift_reader_init(&learner.reader, ji_view_of(before->at, size));
    learner.reader.depth = before->depth;
    memcpy(pattern->bytes, before->at, size);
    memset(pattern->mask + size, 0, STEP_BYTES);
    if (learn_struct(&learner))
        pattern->size = size;
}

bool ji_thrift_pattern_pass(struct ji_thrift_pattern *pattern, struct ji_thrift_reader *reader)
{
    const size_t left = (size_t)(reader->end - reader->at);
    if (pattern->size == 0 || left < pattern->size + STEP_BYTES || reader->depth > pattern->depth)
        return false;
    if (matches_whole(pattern, reader->at)) {
        pattern->strays = 0;
        reader->at += pattern->size;
        return true;
    }
    if (pattern->strays >= STRAYS_MAX)
        return false;
    const uint8_t *const behind = match_straying(pattern, reader->at, reader->end);
    if (behind == NULL)
        return false;
    pattern->strays++;
    reader->at = behind;
    return true;
}

void ji_thrift_pattern_skip(struct ji_thrift_pattern *pattern, struct ji_thrift_reader *reader)
{
    if (ji_thrift_pattern_pass(pattern, reader))
        return;
    const struct ji_thrift_reader before = *reader;
    ji_thrift_skip(reader, JI_THRIFT_STRUCT);
    if (reader->error == JI_THRIFT_FINE)
        learn(pattern, &before, (size_t)(reader->at - before.at));
}
