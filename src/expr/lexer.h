/*
 * lexer.h - text to tokens, for expressions and statements alike
 *
 *     price * 1.05 >= "Unit Price"  -- comment      ->  NAME '*' DECIMAL '>=' NAME(quoted) END
 *
 *   1. A token's `text` is the bytes as they stand, quotes included; `position` is its first byte.
 *   2. Keywords are names: compare them with ji_token_is. A quoted name is never a keyword.
 *   3. Comments (-- to the end of the line, and nestable slash-star) and ASCII white space are nothing.
 *
 * The lexer allocates nothing and goes back by ji_lexer_seek: one token of look-ahead is one token read
 * again.
 */
#ifndef JI_LEXER_H
#define JI_LEXER_H

#include "base/arena.h"

enum ji_token_kind {
    JI_TOKEN_END,
    JI_TOKEN_NAME,        /* price, group, größe: letters, digits, '_', bytes above 0x7f; no digit first */
    JI_TOKEN_QUOTED_NAME, /* "Unit Price", with "" for a quote inside */
    JI_TOKEN_STRING,      /* 'it''s' */
    JI_TOKEN_INTEGER,     /* 42 */
    JI_TOKEN_DECIMAL,     /* 0.05  .5  1. */
    JI_TOKEN_REAL,        /* 1e3  2.5E-7 */
    JI_TOKEN_SYMBOL,      /* one of  + - * / % ( ) , . ; [ ] < > = <= >= <> != || :: : ? @ */
};

struct ji_token {
    enum ji_token_kind kind;
    size_t position;
    struct ji_view text;
};

struct ji_lexer {
    struct ji_view text;
    size_t at; /* behind the current token */
    struct ji_token token;
};

/*
 * Starts at byte `at` and reads the first token into `lexer->token`. `text` is borrowed. At most 16 MiB:
 * LIMIT.
 */
enum joist_status ji_lexer_open(
        struct ji_lexer *lexer, struct ji_view text, size_t at, struct joist_error *err);
/* The next token; END again and again at the end. INVALID: "column 8: ...". */
enum joist_status ji_lexer_next(struct ji_lexer *lexer, struct joist_error *err);
/* The first token from byte `at` on. */
enum joist_status ji_lexer_seek(struct ji_lexer *lexer, size_t at, struct joist_error *err);

/* An unquoted name equal to `keyword` (lower case) but for ASCII case. */
bool ji_token_is(const struct ji_token *token, const char *keyword);
bool ji_token_is_symbol(const struct ji_token *token, const char *symbol);

/* Reads the next token where the current one is that keyword or symbol, and says whether it was. */
enum joist_status ji_lexer_accept(
        struct ji_lexer *lexer, const char *keyword, bool *found, struct joist_error *err);
enum joist_status ji_lexer_accept_symbol(
        struct ji_lexer *lexer, const char *symbol, bool *found, struct joist_error *err);
/* The same, but anything else is INVALID: "column 8: expected ')' instead of 'x'". */
enum joist_status ji_lexer_expect(struct ji_lexer *lexer, const char *keyword, struct joist_error *err);
enum joist_status ji_lexer_expect_symbol(struct ji_lexer *lexer, const char *symbol, struct joist_error *err);

/* The value of a NAME, QUOTED_NAME or STRING: quotes gone, doubled quotes single; NUL behind it. */
enum joist_status ji_token_value(
        struct ji_arena *arena, const struct ji_token *token, struct ji_view *value, struct joist_error *err);

/* INVALID "column <position + 1>: expected <wanted> instead of <token>" */
enum joist_status ji_token_fail(const struct ji_token *token, const char *wanted, struct joist_error *err);

/*
 * Line and column (both from 1, in bytes) of byte `position`, for messages about statements of several
 * lines.
 */
void ji_text_place(struct ji_view text, size_t position, size_t *line, size_t *column);

#endif
