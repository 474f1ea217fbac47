/*
 * json_read.c - the pull tokenizer
 *
 *                  VALUE --scalar--> after a value: DONE at depth 0, else SEPARATOR
 *     '[' --> FIRST_ELEMENT --']' or a value
 *     '{' --> FIRST_KEY --'}' or a key and its colon--> VALUE
 *     SEPARATOR --','--> KEY or VALUE        --']' '}'--> after a value
 *
 *   1. `at` never passes `end`; every token moves it.
 *   2. `depth` containers are open; bit d - 1 of `objects` tells the kind of the d-th; those above are clear.
 *   3. A view handed out lies in the bytes, or in the arena where it had escapes.
 *
 * A string is scanned eight bytes a step for the four things that can end its plain run: the quote, the
 * backslash, a control character, and a byte that calls for the UTF-8 check at its end.
 */
#include "wire/json_read.h"

#include "base/utf8_text.h"

#include <assert.h>
#include <stdio.h>

enum {
    EXPECT_VALUE = 0,
    EXPECT_FIRST_ELEMENT,
    EXPECT_FIRST_KEY,
    EXPECT_KEY,
    EXPECT_SEPARATOR,
    EXPECT_NOTHING
};

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

void ji_json_reader_init(struct ji_json_reader *reader, struct ji_view bytes, struct ji_arena *arena)
{
    assert(arena != NULL);
    static const uint8_t nothing[1];
    const uint8_t *begin = bytes.size == 0 ? nothing : bytes.data;
    *reader = (struct ji_json_reader){
            .begin = begin,
            .at = begin,
            .end = begin + bytes.size,
            .arena = arena,
            .fault = JOIST_ERR_CORRUPT,
            .expects = EXPECT_VALUE,
    };
}

static enum joist_status fail_at(
        const struct ji_json_reader *reader, const uint8_t *at, const char *what, struct joist_error *err)
{
    return ji_fail(err, reader->fault, "byte %zu: %s", (size_t)(at - reader->begin) + 1, what);
}

enum joist_status ji_json_fail(
        const struct ji_json_reader *reader, struct joist_error *err, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fail_at(reader, reader->at, text, err);
}

static void skip_space(struct ji_json_reader *reader)
{
    while (reader->at < reader->end &&
            (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

static bool in_object(const struct ji_json_reader *reader)
{
    return reader->depth > 0 && (reader->objects >> (reader->depth - 1) & 1) != 0;
}

static void value_done(struct ji_json_reader *reader)
{
    reader->expects = reader->depth == 0 ? EXPECT_NOTHING : EXPECT_SEPARATOR;
}

static enum joist_status fail_early(const struct ji_json_reader *reader, struct joist_error *err)
{
    return fail_at(reader, reader->end, "the text ends within a value", err);
}

/* --- strings --- */

/* The first quote, backslash or control character at or behind `at`, or `end`. */
static const uint8_t *plain_run(const uint8_t *at, const uint8_t *end, uint64_t *high)
{
    while (end - at >= 8) {
        const uint64_t word = ji_load_le64(at);
        const uint64_t quote = word ^ ONES * '"';
        const uint64_t slash = word ^ ONES * '\\';
        const uint64_t stops =
                (((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | ((word - ONES * 0x20) & ~word)) &
                HIGHS;
        *high |= word & HIGHS;
        if (stops != 0)
            return at + (__builtin_ctzll(stops) >> 3);
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20) {
        *high |= *at & 0x80u;
        at++;
    }
    return at;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    const uint8_t letter = byte | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Four hex digits at `at`; false where they are not there. */
static bool hex_unit(const uint8_t *at, const uint8_t *end, uint32_t *unit)
{
    if (end - at < 4)
        return false;
    uint32_t sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        const int digit = hex_digit(at[i]);
        if (digit < 0)
            return false;
        sum = sum << 4 | (uint32_t)digit;
    }
    *unit = sum;
    return true;
}

/* The escape whose backslash is at `*at`; moves it behind and appends what it means. */
static enum joist_status take_escape(const struct ji_json_reader *reader, const uint8_t **at,
        const uint8_t *end, uint8_t **out, struct joist_error *err)
{
    static const char names[] = "\"\\/bfnrt";
    static const char means[] = "\"\\/\b\f\n\r\t";
    const uint8_t *from = *at;
    const char *name = from[1] == 0 ? NULL : strchr(names, from[1]);
    if (name != NULL) {
        *(*out)++ = (uint8_t)means[name - names];
        *at = from + 2;
        return JOIST_OK;
    }
    if (from[1] != 'u')
        return fail_at(reader, from, "an escape that JSON does not have", err);
    uint32_t code = 0;
    if (!hex_unit(from + 2, end, &code))
        return fail_at(reader, from, "\\u without four hex digits", err);
    from += 6;
    if (code >= 0xDC00 && code <= 0xDFFF)
        return fail_at(reader, *at, "a low surrogate without a high one", err);
    if (code >= 0xD800 && code <= 0xDBFF) {
        uint32_t low = 0;
        if (end - from < 6 || from[0] != '\\' || from[1] != 'u' || !hex_unit(from + 2, end, &low) ||
                low < 0xDC00 || low > 0xDFFF)
            return fail_at(reader, *at, "a high surrogate without a low one", err);
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        from += 6;
    }
    *out += ji_utf8_put(code, *out);
    *at = from;
    return JOIST_OK;
}

static enum joist_status unescape(struct ji_json_reader *reader, const uint8_t *at, const uint8_t *end,
        struct ji_view *text, struct joist_error *err)
{
    /* No escape means more bytes than it takes: \uXXXX is at most 3, a pair of them 4. */
    uint8_t *room = NULL;
    JI_TRY(ji_arena_alloc(reader->arena, (size_t)(end - at), &room, err));
    uint8_t *out = room;
    while (at < end) {
        const uint8_t *slash = memchr(at, '\\', (size_t)(end - at));
        const size_t plain = (size_t)((slash == NULL ? end : slash) - at);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (slash != NULL)
            JI_TRY(take_escape(reader, &at, end, &out, err));
    }
    *text = ji_view_of(room, (size_t)(out - room));
    return JOIST_OK;
}

/* The string whose quote is at `at`. */
static enum joist_status take_string(
        struct ji_json_reader *reader, struct ji_view *text, struct joist_error *err)
{
    const uint8_t *begin = reader->at + 1;
    const uint8_t *at = begin;
    uint64_t high = 0;
    bool escaped = false;
    for (;;) {
        at = plain_run(at, reader->end, &high);
        if (at == reader->end)
            return fail_at(reader, reader->at, "a string without its end", err);
        if (*at == '"')
            break;
        if (*at < 0x20)
            return fail_at(reader, at, "a control character in a string", err);
        if (reader->end - at < 2)
            return fail_at(reader, reader->at, "a string without its end", err);
        escaped = true;
        at += 2;
    }
    const struct ji_view raw = ji_view_of(begin, (size_t)(at - begin));
    if (raw.size > JI_JSON_STRING_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a JSON string of %zu bytes", raw.size);
    if (high != 0) {
        const size_t valid = ji_utf8_prefix(raw);
        if (valid != raw.size)
            return fail_at(reader, begin + valid, "not UTF-8", err);
    }
    struct ji_view plain = raw;
    if (escaped)
        JI_TRY(unescape(reader, begin, at, &plain, err));
    *text = plain;
    reader->at = at + 1;
    return JOIST_OK;
}

/* --- numbers and words --- */

static const uint8_t *digits_end(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

static enum joist_status take_number(
        struct ji_json_reader *reader, struct ji_json_token *token, struct joist_error *err)
{
    const uint8_t *begin = reader->at;
    const uint8_t *end = reader->end;
    const uint8_t *digits = begin + (*begin == '-');
    const uint8_t *at = digits_end(digits, end);
    if (at == digits)
        return fail_at(reader, begin, "no value that JSON knows", err);
    if (*digits == '0' && at - digits > 1)
        return fail_at(reader, begin, "a number with a leading zero", err);
    bool whole = true;
    if (at < end && *at == '.') {
        const uint8_t *fraction = at + 1;
        at = digits_end(fraction, end);
        whole = false;
        if (at == fraction)
            return fail_at(reader, at, "no digit behind the decimal point", err);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const uint8_t *exponent = at + 1;
        if (exponent < end && (*exponent == '+' || *exponent == '-'))
            exponent++;
        at = digits_end(exponent, end);
        whole = false;
        if (at == exponent)
            return fail_at(reader, at, "no digit in the exponent", err);
    }
    if (at - begin > JI_JSON_NUMBER_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a number of %zu digits", (size_t)(at - begin));
    token->kind = JI_JSON_NUMBER;
    token->whole = whole;
    token->text = ji_view_of(begin, (size_t)(at - begin));
    reader->at = at;
    return JOIST_OK;
}

static bool take_word(struct ji_json_reader *reader, const char *word)
{
    const size_t size = strlen(word);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

static enum joist_status take_scalar(
        struct ji_json_reader *reader, struct ji_json_token *token, struct joist_error *err)
{
    if (*reader->at == '"') {
        token->kind = JI_JSON_STRING;
        return take_string(reader, &token->text, err);
    }
    if (take_word(reader, "null")) {
        token->kind = JI_JSON_NULL;
        return JOIST_OK;
    }
    token->kind = JI_JSON_BOOL;
    token->boolean = take_word(reader, "true");
    if (token->boolean || take_word(reader, "false"))
        return JOIST_OK;
    return take_number(reader, token, err);
}

/* --- structure --- */

static enum joist_status open_container(struct ji_json_reader *reader, bool object, struct joist_error *err)
{
    if (reader->depth == JI_JSON_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "byte %zu: nested more than %d deep",
                (size_t)(reader->at - reader->begin) + 1, JI_JSON_DEPTH_MAX);
    reader->objects |= (uint64_t)object << reader->depth;
    reader->depth++;
    reader->expects = object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ELEMENT;
    reader->at++;
    return JOIST_OK;
}

static void close_container(struct ji_json_reader *reader, struct ji_json_token *token)
{
    token->kind = in_object(reader) ? JI_JSON_OBJECT_END : JI_JSON_ARRAY_END;
    reader->depth--;
    reader->objects &= ~(UINT64_C(1) << reader->depth);
    reader->at++;
    value_done(reader);
}

static enum joist_status take_value(
        struct ji_json_reader *reader, struct ji_json_token *token, struct joist_error *err)
{
    const uint8_t byte = *reader->at;
    if (byte == '{' || byte == '[') {
        token->kind = byte == '{' ? JI_JSON_OBJECT : JI_JSON_ARRAY;
        return open_container(reader, byte == '{', err);
    }
    JI_TRY(take_scalar(reader, token, err));
    value_done(reader);
    return JOIST_OK;
}

static enum joist_status take_key(
        struct ji_json_reader *reader, struct ji_json_token *token, struct joist_error *err)
{
    if (*reader->at != '"')
        return fail_at(reader, reader->at, "a member's name in quotes is due", err);
    token->kind = JI_JSON_KEY;
    JI_TRY(take_string(reader, &token->text, err));
    skip_space(reader);
    if (reader->at == reader->end)
        return fail_early(reader, err);
    if (*reader->at != ':')
        return fail_at(reader, reader->at, "':' is due", err);
    reader->at++;
    reader->expects = EXPECT_VALUE;
    return JOIST_OK;
}

/* Passes the comma between two members or elements; false where the container ends instead. */
static enum joist_status take_separator(struct ji_json_reader *reader, bool *more, struct joist_error *err)
{
    const bool object = in_object(reader);
    const uint8_t byte = *reader->at;
    if (byte == (object ? '}' : ']')) {
        *more = false;
        return JOIST_OK;
    }
    if (byte != ',')
        return fail_at(reader, reader->at, object ? "',' or '}' is due" : "',' or ']' is due", err);
    reader->at++;
    skip_space(reader);
    if (reader->at == reader->end)
        return fail_early(reader, err);
    reader->expects = object ? EXPECT_KEY : EXPECT_VALUE;
    *more = true;
    return JOIST_OK;
}

enum joist_status ji_json_next(
        struct ji_json_reader *reader, struct ji_json_token *token, struct joist_error *err)
{
    skip_space(reader);
    struct ji_json_token found = {.kind = JI_JSON_END, .at = (size_t)(reader->at - reader->begin)};
    if (reader->at == reader->end) {
        if (reader->expects != EXPECT_NOTHING)
            return fail_early(reader, err);
        *token = found;
        return JOIST_OK;
    }
    if (reader->expects == EXPECT_NOTHING)
        return fail_at(reader, reader->at, "text behind the value", err);
    bool more = true;
    if (reader->expects == EXPECT_SEPARATOR)
        JI_TRY(take_separator(reader, &more, err));
    else if (reader->expects == EXPECT_FIRST_ELEMENT)
        more = *reader->at != ']';
    else if (reader->expects == EXPECT_FIRST_KEY)
        more = *reader->at != '}';
    found.at = (size_t)(reader->at - reader->begin);
    if (!more)
        close_container(reader, &found);
    else if (reader->expects == EXPECT_KEY || reader->expects == EXPECT_FIRST_KEY)
        JI_TRY(take_key(reader, &found, err));
    else
        JI_TRY(take_value(reader, &found, err));
    *token = found;
    return JOIST_OK;
}

/* --- known shapes --- */

static const char *const kind_names[] = {
        [JI_JSON_NULL] = "null",
        [JI_JSON_BOOL] = "a boolean",
        [JI_JSON_NUMBER] = "a number",
        [JI_JSON_STRING] = "a string",
        [JI_JSON_OBJECT] = "an object",
        [JI_JSON_ARRAY] = "an array",
        [JI_JSON_KEY] = "a member",
        [JI_JSON_OBJECT_END] = "the end of an object",
        [JI_JSON_ARRAY_END] = "the end of an array",
        [JI_JSON_END] = "the end",
};

static enum joist_status want_token(struct ji_json_reader *reader, enum ji_json_kind kind,
        struct ji_json_token *token, struct joist_error *err)
{
    JI_TRY(ji_json_next(reader, token, err));
    if (token->kind == kind)
        return JOIST_OK;
    return ji_fail(err, reader->fault, "byte %zu: %s where %s is due", token->at + 1, kind_names[token->kind],
            kind_names[kind]);
}

enum joist_status ji_json_begin_object(struct ji_json_reader *reader, struct joist_error *err)
{
    struct ji_json_token token;
    return want_token(reader, JI_JSON_OBJECT, &token, err);
}

enum joist_status ji_json_begin_array(struct ji_json_reader *reader, struct joist_error *err)
{
    struct ji_json_token token;
    return want_token(reader, JI_JSON_ARRAY, &token, err);
}

enum joist_status ji_json_next_key(
        struct ji_json_reader *reader, struct ji_view *key, bool *more, struct joist_error *err)
{
    assert(in_object(reader) && reader->expects != EXPECT_VALUE);
    struct ji_json_token token;
    JI_TRY(ji_json_next(reader, &token, err));
    *more = token.kind == JI_JSON_KEY;
    if (*more)
        *key = token.text;
    return JOIST_OK;
}

enum joist_status ji_json_next_element(struct ji_json_reader *reader, bool *more, struct joist_error *err)
{
    assert(reader->depth > 0 && !in_object(reader));
    assert(reader->expects == EXPECT_FIRST_ELEMENT || reader->expects == EXPECT_SEPARATOR);
    skip_space(reader);
    if (reader->at == reader->end)
        return fail_early(reader, err);
    bool found = *reader->at != ']';
    if (reader->expects == EXPECT_SEPARATOR)
        JI_TRY(take_separator(reader, &found, err));
    if (!found) {
        struct ji_json_token token;
        close_container(reader, &token);
    }
    *more = found;
    return JOIST_OK;
}

enum joist_status ji_json_string(
        struct ji_json_reader *reader, struct ji_view *value, struct joist_error *err)
{
    struct ji_json_token token;
    JI_TRY(want_token(reader, JI_JSON_STRING, &token, err));
    *value = token.text;
    return JOIST_OK;
}

enum joist_status ji_json_int64(struct ji_json_reader *reader, int64_t *value, struct joist_error *err)
{
    struct ji_json_token token;
    JI_TRY(want_token(reader, JI_JSON_NUMBER, &token, err));
    const struct ji_json node = {.kind = JI_JSON_NUMBER, .text = token.text};
    if (!ji_json_as_int64(&node, value))
        return fail_at(reader, reader->begin + token.at, "a number that is no 64-bit integer", err);
    return JOIST_OK;
}

enum joist_status ji_json_bool(struct ji_json_reader *reader, bool *value, struct joist_error *err)
{
    struct ji_json_token token;
    JI_TRY(want_token(reader, JI_JSON_BOOL, &token, err));
    *value = token.boolean;
    return JOIST_OK;
}

enum joist_status ji_json_skip(struct ji_json_reader *reader, struct joist_error *err)
{
    const unsigned depth = reader->depth;
    do {
        struct ji_json_token token;
        JI_TRY(ji_json_next(reader, &token, err));
    } while (reader->depth > depth);
    return JOIST_OK;
}

enum joist_status ji_json_end(struct ji_json_reader *reader, struct joist_error *err)
{
    struct ji_json_token token;
    return want_token(reader, JI_JSON_END, &token, err);
}

bool ji_json_as_int64(const struct ji_json *node, int64_t *value)
{
    if (node == NULL || node->kind != JI_JSON_NUMBER || node->text.size == 0)
        return false;
    const uint8_t *at = node->text.data;
    const uint8_t *end = at + node->text.size;
    const bool negative = *at == '-';
    int64_t sum = 0;
    for (at += negative; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        const int64_t digit = *at - '0';
        if (!ji_mul_i64(sum, 10, &sum) || !ji_add_i64(sum, negative ? -digit : digit, &sum))
            return false;
    }
    *value = sum;
    return true;
}
