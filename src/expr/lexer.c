/*
 * lexer.c - text to tokens
 *
 *   1. `at` never passes the end of the text, and every call that is not at the end moves it.
 *   2. Numbers take the longest match: "1.5e3" is one token, "1.e" is 1. and a name only where no digit
 *      follows.
 *
 * A name straight behind a number ("12abc") is refused: it is a typing error in every dialect that would
 * otherwise read it as an alias.
 */
#include "expr/lexer.h"

#include <assert.h>

#define LEXER_TEXT_BYTES_MAX ((size_t)16 << 20)
#define COMMENT_DEPTH_MAX 64
#define SHOWN_BYTES_MAX 40

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_name_start(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static uint8_t byte_at(const struct ji_lexer *lexer, size_t at)
{
    return at < lexer->text.size ? lexer->text.data[at] : 0;
}

static enum joist_status skip_comment(struct ji_lexer *lexer, struct joist_error *err)
{
    const size_t start = lexer->at;
    size_t depth = 0;
    do {
        const uint8_t byte = byte_at(lexer, lexer->at);
        const uint8_t following = byte_at(lexer, lexer->at + 1);
        if (lexer->at >= lexer->text.size || depth > COMMENT_DEPTH_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "column %zu: comment without an end", start + 1);
        if (byte == '/' && following == '*') {
            depth++;
            lexer->at += 2;
        } else if (byte == '*' && following == '/') {
            depth--;
            lexer->at += 2;
        } else {
            lexer->at++;
        }
    } while (depth > 0);
    return JOIST_OK;
}

static enum joist_status skip_nothing(struct ji_lexer *lexer, struct joist_error *err)
{
    while (lexer->at < lexer->text.size) {
        const uint8_t byte = byte_at(lexer, lexer->at);
        const uint8_t following = byte_at(lexer, lexer->at + 1);
        if (is_space(byte)) {
            lexer->at++;
        } else if (byte == '-' && following == '-') {
            while (lexer->at < lexer->text.size && lexer->text.data[lexer->at] != '\n')
                lexer->at++;
        } else if (byte == '/' && following == '*') {
            JI_TRY(skip_comment(lexer, err));
        } else {
            break;
        }
    }
    return JOIST_OK;
}

static size_t digits_end(const struct ji_lexer *lexer, size_t at)
{
    while (is_digit(byte_at(lexer, at)))
        at++;
    return at;
}

static enum joist_status lex_number(struct ji_lexer *lexer, size_t *end, struct joist_error *err)
{
    enum ji_token_kind kind = JI_TOKEN_INTEGER;
    size_t at = digits_end(lexer, lexer->at);
    if (byte_at(lexer, at) == '.') {
        kind = JI_TOKEN_DECIMAL;
        at = digits_end(lexer, at + 1);
    }
    if ((byte_at(lexer, at) | 0x20) == 'e') {
        const uint8_t sign = byte_at(lexer, at + 1);
        const size_t digits = at + 1 + (sign == '+' || sign == '-');
        if (is_digit(byte_at(lexer, digits))) {
            kind = JI_TOKEN_REAL;
            at = digits_end(lexer, digits);
        }
    }
    if (is_name_start(byte_at(lexer, at)))
        return ji_fail(err, JOIST_ERR_INVALID, "column %zu: bad number", lexer->at + 1);
    lexer->token.kind = kind;
    *end = at;
    return JOIST_OK;
}

static enum joist_status lex_quoted(
        struct ji_lexer *lexer, uint8_t quote, size_t *end, struct joist_error *err)
{
    size_t at = lexer->at + 1;
    for (;;) {
        if (at >= lexer->text.size) {
            return ji_fail(err, JOIST_ERR_INVALID, "column %zu: %s without an end", lexer->at + 1,
                    quote == '\'' ? "string" : "quoted name");
        }
        if (lexer->text.data[at] != quote) {
            at++;
        } else if (byte_at(lexer, at + 1) == quote) {
            at += 2;
        } else {
            break;
        }
    }
    if (quote == '"' && at == lexer->at + 1)
        return ji_fail(err, JOIST_ERR_INVALID, "column %zu: empty name", lexer->at + 1);
    lexer->token.kind = quote == '\'' ? JI_TOKEN_STRING : JI_TOKEN_QUOTED_NAME;
    *end = at + 1;
    return JOIST_OK;
}

static enum joist_status lex_symbol(struct ji_lexer *lexer, size_t *end, struct joist_error *err)
{
    static const char pairs[][3] = {"<=", ">=", "<>", "!=", "||", "::"};
    static const char singles[] = "+-*/%(),.;[]<>=:?@";
    const uint8_t byte = byte_at(lexer, lexer->at);
    const uint8_t following = byte_at(lexer, lexer->at + 1);
    lexer->token.kind = JI_TOKEN_SYMBOL;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (byte == (uint8_t)pairs[i][0] && following == (uint8_t)pairs[i][1]) {
            *end = lexer->at + 2;
            return JOIST_OK;
        }
    }
    if (byte == 0 || memchr(singles, byte, sizeof singles - 1) == NULL) {
        if (byte < 0x20)
            return ji_fail(err, JOIST_ERR_INVALID, "column %zu: unexpected byte 0x%02x", lexer->at + 1, byte);
        return ji_fail(err, JOIST_ERR_INVALID, "column %zu: unexpected '%c'", lexer->at + 1, byte);
    }
    *end = lexer->at + 1;
    return JOIST_OK;
}

enum joist_status ji_lexer_next(struct ji_lexer *lexer, struct joist_error *err)
{
    JI_TRY(skip_nothing(lexer, err));
    lexer->token = (struct ji_token){.kind = JI_TOKEN_END, .position = lexer->at};
    if (lexer->at == lexer->text.size)
        return JOIST_OK;

    size_t end = lexer->at;
    const uint8_t byte = byte_at(lexer, lexer->at);
    if (is_name_start(byte)) {
        lexer->token.kind = JI_TOKEN_NAME;
        while (is_name_start(byte_at(lexer, end)) || is_digit(byte_at(lexer, end)))
            end++;
    } else if (is_digit(byte) || (byte == '.' && is_digit(byte_at(lexer, lexer->at + 1)))) {
        JI_TRY(lex_number(lexer, &end, err));
    } else if (byte == '\'' || byte == '"') {
        JI_TRY(lex_quoted(lexer, byte, &end, err));
    } else {
        JI_TRY(lex_symbol(lexer, &end, err));
    }
    lexer->token.text = ji_view_of(lexer->text.data + lexer->at, end - lexer->at);
    lexer->at = end;
    return JOIST_OK;
}

enum joist_status ji_lexer_open(
        struct ji_lexer *lexer, struct ji_view text, size_t at, struct joist_error *err)
{
    assert(at <= text.size);
    if (text.size > LEXER_TEXT_BYTES_MAX)
        return ji_fail(
                err, JOIST_ERR_LIMIT, "text of %zu bytes (at most %zu)", text.size, LEXER_TEXT_BYTES_MAX);
    *lexer = (struct ji_lexer){.text = text, .at = at};
    return ji_lexer_next(lexer, err);
}

enum joist_status ji_lexer_seek(struct ji_lexer *lexer, size_t at, struct joist_error *err)
{
    assert(at <= lexer->text.size);
    lexer->at = at;
    return ji_lexer_next(lexer, err);
}

bool ji_token_is(const struct ji_token *token, const char *keyword)
{
    if (token->kind != JI_TOKEN_NAME)
        return false;
    for (size_t i = 0; i < token->text.size; i++) {
        uint8_t byte = token->text.data[i];
        if (byte >= 'A' && byte <= 'Z')
            byte |= 0x20;
        if (keyword[i] == '\0' || byte != (uint8_t)keyword[i])
            return false;
    }
    return keyword[token->text.size] == '\0';
}

bool ji_token_is_symbol(const struct ji_token *token, const char *symbol)
{
    return token->kind == JI_TOKEN_SYMBOL && ji_view_equal_text(token->text, symbol);
}

enum joist_status ji_lexer_accept(
        struct ji_lexer *lexer, const char *keyword, bool *found, struct joist_error *err)
{
    const bool is = ji_token_is(&lexer->token, keyword);
    if (is)
        JI_TRY(ji_lexer_next(lexer, err));
    *found = is;
    return JOIST_OK;
}

enum joist_status ji_lexer_accept_symbol(
        struct ji_lexer *lexer, const char *symbol, bool *found, struct joist_error *err)
{
    const bool is = ji_token_is_symbol(&lexer->token, symbol);
    if (is)
        JI_TRY(ji_lexer_next(lexer, err));
    *found = is;
    return JOIST_OK;
}

enum joist_status ji_lexer_expect(struct ji_lexer *lexer, const char *keyword, struct joist_error *err)
{
    if (!ji_token_is(&lexer->token, keyword))
        return ji_token_fail(&lexer->token, keyword, err);
    return ji_lexer_next(lexer, err);
}

enum joist_status ji_lexer_expect_symbol(struct ji_lexer *lexer, const char *symbol, struct joist_error *err)
{
    if (!ji_token_is_symbol(&lexer->token, symbol)) {
        char wanted[8] = "'";
        memcpy(wanted + 1, symbol, strlen(symbol));
        wanted[1 + strlen(symbol)] = '\'';
        return ji_token_fail(&lexer->token, wanted, err);
    }
    return ji_lexer_next(lexer, err);
}

enum joist_status ji_token_value(
        struct ji_arena *arena, const struct ji_token *token, struct ji_view *value, struct joist_error *err)
{
    struct ji_view inner = token->text;
    const bool quoted = token->kind == JI_TOKEN_STRING || token->kind == JI_TOKEN_QUOTED_NAME;
    if (quoted)
        inner = ji_view_of(token->text.data + 1, token->text.size - 2);
    uint8_t *bytes = NULL;
    JI_TRY(ji_arena_alloc(arena, inner.size + 1, &bytes, err));
    size_t size = 0;
    for (size_t i = 0; i < inner.size; i++) {
        bytes[size++] = inner.data[i];
        if (quoted && inner.data[i] == token->text.data[0])
            i++;
    }
    bytes[size] = '\0';
    *value = ji_view_of(bytes, size);
    return JOIST_OK;
}

enum joist_status ji_token_fail(const struct ji_token *token, const char *wanted, struct joist_error *err)
{
    const size_t column = token->position + 1;
    if (token->kind == JI_TOKEN_END)
        return ji_fail(err, JOIST_ERR_INVALID, "column %zu: expected %s instead of the end", column, wanted);
    const int shown = (int)ji_min_size(token->text.size, SHOWN_BYTES_MAX);
    const bool bare = token->kind == JI_TOKEN_STRING;
    return ji_fail(err, JOIST_ERR_INVALID, "column %zu: expected %s instead of %s%.*s%s%s", column, wanted,
            bare ? "" : "'", shown, (const char *)token->text.data,
            token->text.size > SHOWN_BYTES_MAX ? "..." : "", bare ? "" : "'");
}

void ji_text_place(struct ji_view text, size_t position, size_t *line, size_t *column)
{
    size_t lines = 1;
    size_t line_start = 0;
    const size_t end = ji_min_size(position, text.size);
    for (size_t i = 0; i < end; i++) {
        if (text.data[i] == '\n') {
            lines++;
            line_start = i + 1;
        }
    }
    *line = lines;
    *column = position - line_start + 1;
}
