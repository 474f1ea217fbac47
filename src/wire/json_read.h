/*
 * json_read.h - JSON over bytes: a pull tokenizer, and a tree for documents that are small
 *
 * RFC 8259 and nothing beside it: no comments, no trailing commas, no NaN, no byte order mark. Strings are
 * checked for UTF-8, paired surrogates and control characters. Numbers stay text, exact as they were written;
 * the helpers below turn them into 64-bit integers, and refuse what does not fit.
 *
 *     ji_json_reader_init(&reader, bytes, &arena);
 *     JI_TRY(ji_json_begin_object(&reader, err));
 *     for (;;) {
 *         struct ji_view key;
 *         bool more;
 *         JI_TRY(ji_json_next_key(&reader, &key, &more, err));
 *         if (!more)
 *             break;
 *         if (ji_view_equal_text(key, "format-version"))
 *             JI_TRY(ji_json_int64(&reader, &version, err));
 *         else
 *             JI_TRY(ji_json_skip(&reader, err));
 *     }
 *     JI_TRY(ji_json_end(&reader, err));
 *
 * Errors say at which byte (the first is 1) and are `reader.fault`: CORRUPT unless the caller sets another.
 * After a failure the reader is of no further use. Nothing recurses.
 */
#ifndef JI_JSON_READ_H
#define JI_JSON_READ_H

#include "base/arena.h"

#define JI_JSON_DEPTH_MAX 64
#define JI_JSON_NUMBER_BYTES_MAX 4096
#define JI_JSON_STRING_BYTES_MAX ((size_t)256 << 20)

enum ji_json_kind {
    JI_JSON_NULL = 0,
    JI_JSON_BOOL,
    JI_JSON_NUMBER,
    JI_JSON_STRING,
    JI_JSON_OBJECT,
    JI_JSON_ARRAY,
    /* Tokens alone, never nodes of a tree. */
    JI_JSON_KEY,
    JI_JSON_OBJECT_END,
    JI_JSON_ARRAY_END,
    JI_JSON_END, /* of the document */
};

struct ji_json_token {
    enum ji_json_kind kind;
    bool boolean;        /* BOOL */
    bool whole;          /* NUMBER: neither fraction nor exponent */
    size_t at;           /* where it begins in the bytes */
    struct ji_view text; /* NUMBER as written; STRING and KEY without escapes */
};

struct ji_json_reader {
    const uint8_t *begin;
    const uint8_t *at;
    const uint8_t *end;
    struct ji_arena *arena;  /* for strings that had escapes; the others borrow from the bytes */
    enum joist_status fault; /* what bad input is called */
    unsigned depth;
    uint64_t objects; /* bit d: the container at depth d is an object */
    uint8_t expects;  /* of the state machine in json_read.c */
};

/* Borrows both until the last token has been used. */
void ji_json_reader_init(struct ji_json_reader *reader, struct ji_view bytes, struct ji_arena *arena);

/* The next token; END once the document's one value is whole and only white space is left. */
enum joist_status ji_json_next(
        struct ji_json_reader *reader, struct ji_json_token *token, struct joist_error *err);

/* --- documents of a known shape: each takes the next token and wants it to be of that kind --- */

enum joist_status ji_json_begin_object(struct ji_json_reader *reader, struct joist_error *err);
enum joist_status ji_json_begin_array(struct ji_json_reader *reader, struct joist_error *err);
/* A member's key, its value next; or `*more` false and the object is left. Duplicates are the caller's. */
enum joist_status ji_json_next_key(
        struct ji_json_reader *reader, struct ji_view *key, bool *more, struct joist_error *err);
/* Whether an element comes next; where not, the array is left. */
enum joist_status ji_json_next_element(struct ji_json_reader *reader, bool *more, struct joist_error *err);
enum joist_status ji_json_string(
        struct ji_json_reader *reader, struct ji_view *value, struct joist_error *err);
enum joist_status ji_json_int64(struct ji_json_reader *reader, int64_t *value, struct joist_error *err);
enum joist_status ji_json_bool(struct ji_json_reader *reader, bool *value, struct joist_error *err);
/* The value that comes next, with all that is in it. */
enum joist_status ji_json_skip(struct ji_json_reader *reader, struct joist_error *err);
/* Nothing but white space is left. */
enum joist_status ji_json_end(struct ji_json_reader *reader, struct joist_error *err);
/* A failure of `reader->fault` at its place, for callers who find a value out of bounds. */
enum joist_status ji_json_fail(const struct ji_json_reader *reader, struct joist_error *err,
        const char *format, ...) __attribute__((format(printf, 3, 4)));

/* --- the tree --- */

/*
 * A value; a member of an object has a key too. Members and elements are a list in the order of the
 * document, so that what a reader does not know is carried through unchanged (json_write.h writes a tree).
 */
struct ji_json {
    enum ji_json_kind kind;
    bool boolean;          /* BOOL */
    struct ji_view key;    /* a member's; else empty */
    struct ji_view text;   /* NUMBER as written, STRING without escapes */
    size_t count;          /* OBJECT, ARRAY */
    struct ji_json *first; /* OBJECT, ARRAY; NULL where empty */
    struct ji_json *last;
    struct ji_json *next; /* the following member or element */
};

/*
 * The whole of `bytes` as a tree that lives in the arena, texts too: the bytes may go. A key that comes
 * twice in one object is refused. CORRUPT with the byte.
 */
enum joist_status ji_json_parse(
        struct ji_arena *arena, struct ji_view bytes, struct ji_json **root, struct joist_error *err);

/* The member, or NULL where there is none or `object` is NULL or no object. */
const struct ji_json *ji_json_get(const struct ji_json *object, const char *key);

/*
 * Members of a known kind. Each is CORRUPT where the member is of another kind ("'schema-id' is not an
 * integer"); the `want` ones also where it is absent or null, the `opt` ones leave `*value` as it is then.
 */
enum joist_status ji_json_want_int64(
        const struct ji_json *object, const char *key, int64_t *value, struct joist_error *err);
enum joist_status ji_json_want_bool(
        const struct ji_json *object, const char *key, bool *value, struct joist_error *err);
enum joist_status ji_json_want_text(
        const struct ji_json *object, const char *key, struct ji_view *value, struct joist_error *err);
enum joist_status ji_json_want_object(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err);
enum joist_status ji_json_want_array(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err);
enum joist_status ji_json_opt_int64(
        const struct ji_json *object, const char *key, int64_t *value, struct joist_error *err);
enum joist_status ji_json_opt_bool(
        const struct ji_json *object, const char *key, bool *value, struct joist_error *err);
enum joist_status ji_json_opt_text(
        const struct ji_json *object, const char *key, struct ji_view *value, struct joist_error *err);
enum joist_status ji_json_opt_object(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err);
enum joist_status ji_json_opt_array(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err);

/* The number of a node as an integer: false where it is another kind, has a fraction or does not fit. */
bool ji_json_as_int64(const struct ji_json *node, int64_t *value);

#endif
