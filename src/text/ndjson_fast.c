/*
 * ndjson_fast.c - rows whose members come as they came before
 *
 *     {"id":7,"at":"2026-11-21T10:00:00Z", ...        one step a member: the bytes `"at":` are due, compared
 *      ^^^^^  ^^^^^                                   as they stand; then the value by the column's kind
 *
 *   1. Whatever is taken here ji_ndjson_rows_add would take, with the same values. What is not known here
 *      is no error: a value goes to the exact reader (`take_exact`), a line back to the caller as if
 *      untouched.
 *   2. `follows` of a member is the one that came behind it last; a wrong guess costs a search.
 *   3. Text is looked at once, front to back. Strings without escapes stay where they are.
 *   4. Recursion is over the schema, which is at most JI_SCHEMA_DEPTH_MAX deep.
 *
 * The line feed that ends a line ends each run of this file as well: no string holds one raw.
 */
#include "text/ndjson_fast.h"

#include "base/real_text.h"
#include "base/utf8_text.h"
#include "text/fast_parse.h"
#include "text/json_scan.h"

#define MANTISSA_MAX (UINT64_C(1) << 53)
#define TEN_MAX 18

/* The way of one line. */
struct way {
    struct ji_ndjson_rows *rows;
    const uint8_t *begin;
    const uint8_t *end; /* of all text */
    enum joist_status status;
    struct joist_error *err;
};

static const uint8_t *take_value(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at);

/* Behind it where that went well, else NULL: the way ends here. */
static inline const uint8_t *go_on(struct way *way, enum joist_status status, const uint8_t *behind)
{
    if (__builtin_expect(status == JOIST_OK, 1))
        return behind;
    way->status = status;
    return NULL;
}

static inline const uint8_t *skip_blanks(const uint8_t *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static void init_reader(struct way *way, const uint8_t *at)
{
    struct ji_json_reader *reader = &way->rows->reader;
    const uint8_t *line_end = memchr(at, '\n', (size_t)(way->end - at));
    ji_json_reader_init(reader, ji_view_of(way->begin, (size_t)(line_end - way->begin)), &way->rows->arena);
    reader->fault = JOIST_ERR_INVALID;
    reader->at = at;
}

/* A value that is not as short as most. */
static __attribute__((noinline)) const uint8_t *take_exact(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at)
{
    init_reader(way, at);
    way->rows->path[0] = node;
    way->rows->depth = 1;
    const enum joist_status status = ji_ndjson_take_value(way->rows, node, builder, way->err);
    return go_on(way, status, way->rows->reader.at);
}

static const uint8_t *take_null(struct way *way, struct ji_column_builder *builder, const uint8_t *behind)
{
    if (!builder->field->nullable)
        return NULL;
    return go_on(way, ji_column_builder_null(builder, way->err), behind);
}

/* --- numbers --- */

static inline const uint8_t *put_64(
        struct way *way, struct ji_column_builder *builder, const void *value, const uint8_t *behind)
{
    return go_on(way, ji_column_builder_put(builder, value, sizeof(uint64_t), way->err), behind);
}

static inline const uint8_t *put_int32(
        struct way *way, struct ji_column_builder *builder, int32_t value, const uint8_t *behind)
{
    return go_on(way, ji_column_builder_put(builder, &value, sizeof value, way->err), behind);
}

/* Below 10^18, so that the sign always fits. */
static inline int64_t signed_of(const struct ji_json_number *number)
{
    return number->negative ? -(int64_t)number->digits : (int64_t)number->digits;
}

static inline double real_of(const struct ji_json_number *number)
{
    /* Both exact, so that the quotient is rounded once: it is the nearest one. */
    static const double tens[] = {
            1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    const double value = number->digits <= MANTISSA_MAX
            ? (double)number->digits / tens[number->fraction]
            : ji_double_of_digits(number->digits, -(int)number->fraction);
    return number->negative ? -value : value;
}

/* The unscaled value; false where it would not be exact or not fit. */
static inline bool decimal_of(
        const struct ji_json_number *number, const struct ji_field *field, int64_t *value)
{
    if (field->precision > JI_DECIMAL_DIGITS_INT64 || field->scale < (int)number->fraction)
        return false;
    const ji_int128 scaled =
            (ji_int128)signed_of(number) * ji_decimal_power((unsigned)field->scale - number->fraction);
    *value = (int64_t)scaled;
    return ji_decimal_fits(scaled, field->precision);
}

static inline const uint8_t *take_number(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at)
{
    struct ji_json_number number;
    const uint8_t *behind = ji_json_number(at, &number);
    const struct ji_field *field = node->field;
    int64_t integer = 0;
    double real = 0;
    if (behind == NULL)
        return take_exact(way, node, builder, at);
    switch (field->kind) {
    case JI_INT64:
        integer = signed_of(&number);
        if (number.fraction == 0)
            return put_64(way, builder, &integer, behind);
        break;
    case JI_INT32:
        integer = signed_of(&number);
        if (number.fraction == 0 && integer >= INT32_MIN && integer <= INT32_MAX)
            return put_int32(way, builder, (int32_t)integer, behind);
        break;
    case JI_DOUBLE:
        if (number.fraction == 0 && number.digits > MANTISSA_MAX)
            break;
        real = real_of(&number);
        return put_64(way, builder, &real, behind);
    case JI_DECIMAL:
        if (decimal_of(&number, field, &integer))
            return put_64(way, builder, &integer, behind);
        break;
    default:
        break;
    }
    return take_exact(way, node, builder, at);
}

/* --- strings --- */

static inline const uint8_t *take_string(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at)
{
    const uint8_t *begin = at + 1;
    bool high = false;
    const uint8_t *behind = ji_json_text_end(begin, &high);
    const struct ji_view text = ji_view_of(begin, (size_t)(behind - begin));
    const struct ji_field *field = node->field;
    int64_t instant = 0;
    int32_t days = 0;
    if (*behind != '"' || text.size > JI_JSON_STRING_BYTES_MAX)
        return take_exact(way, node, builder, at);
    behind++;
    switch (field->kind) {
    case JI_STRING:
        if (high && ji_utf8_prefix(text) != text.size)
            return NULL;
        return go_on(way, ji_column_builder_put(builder, &text, sizeof text, way->err), behind);
    case JI_TIMESTAMP:
        if (field->unit == JI_MICRO && text.size > 0 &&
                ji_fast_timestamp(text.data, text.size, field->utc, &instant))
            return put_64(way, builder, &instant, behind);
        break;
    case JI_DATE:
        if (text.size == 10 && ji_fast_date(text.data, &days))
            return put_int32(way, builder, days, behind);
        break;
    default:
        break;
    }
    return take_exact(way, node, builder, at);
}

/* --- objects and lists --- */

static inline bool is_token(const struct way *way, const struct ji_ndjson_node *node, const uint8_t *at)
{
    const struct ji_view token = node->token;
    if ((((ji_load_le64(at) ^ node->head[0]) & node->mask[0]) |
                ((ji_load_le64(at + 8) ^ node->head[1]) & node->mask[1])) != 0)
        return false;
    if (token.size <= JI_NDJSON_HEAD_BYTES)
        return token.size > 0;
    return (size_t)(way->end - at) > token.size &&
            memcmp(at + JI_NDJSON_HEAD_BYTES, token.data + JI_NDJSON_HEAD_BYTES,
                    token.size - JI_NDJSON_HEAD_BYTES) == 0;
}

/*
 * The key at `at` by name: behind its colon, and which member it is, or SIZE_MAX; NULL for the exact
 * reader.
 */
static __attribute__((noinline)) const uint8_t *search_key(
        const struct ji_ndjson_node *node, const uint8_t *at, size_t *member)
{
    bool high = false;
    if (*at != '"')
        return NULL;
    const uint8_t *end = ji_json_text_end(at + 1, &high);
    if (*end != '"')
        return NULL;
    const struct ji_view key = ji_view_of(at + 1, (size_t)(end - at - 1));
    *member = ji_ndjson_find_member(node, key);
    if (high && *member == SIZE_MAX)
        return NULL;
    end = skip_blanks(end + 1);
    return *end == ':' ? end + 1 : NULL;
}

/* The key at `at`, which is the one behind member `before` if all is as it was. */
static inline const uint8_t *take_key(
        struct way *way, const struct ji_ndjson_node *node, size_t before, const uint8_t *at, size_t *member)
{
    uint32_t *follows = way->rows->follows + node->seen_at;
    const size_t guess = follows[before];
    if (guess < node->field->child_count && is_token(way, &node->children[guess], at)) {
        *member = guess;
        return skip_blanks(at + node->children[guess].token.size);
    }
    at = search_key(node, at, member);
    if (at == NULL)
        return NULL;
    if (*member != SIZE_MAX)
        follows[before] = (uint32_t)*member;
    return skip_blanks(at);
}

static const uint8_t *skip_value(struct way *way, const uint8_t *at)
{
    if (!way->rows->skip_extra)
        return NULL;
    init_reader(way, at);
    return go_on(way, ji_json_skip(&way->rows->reader, way->err), way->rows->reader.at);
}

/* Nulls for the members that an object lacks. */
static __attribute__((noinline)) const uint8_t *fill_members(struct way *way,
        const struct ji_ndjson_node *node, struct ji_column_builder *builders, uint64_t stamp,
        const uint8_t *behind)
{
    const uint64_t *seen = way->rows->seen + node->seen_at;
    for (size_t i = 0; i < node->field->child_count && behind != NULL; i++) {
        if (seen[i] != stamp)
            behind = take_null(way, &builders[i], behind);
    }
    return behind;
}

/* The members of the object whose brace is before `at`. */
static const uint8_t *take_members(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builders, const uint8_t *at)
{
    const size_t count = node->field->child_count;
    const uint64_t stamp = ++way->rows->stamp;
    uint64_t *seen = way->rows->seen + node->seen_at;
    size_t before = count;
    size_t found = 0;
    at = skip_blanks(at);
    if (*at == '}')
        return fill_members(way, node, builders, stamp, at + 1);
    for (;;) {
        size_t member = 0;
        at = take_key(way, node, before, at, &member);
        if (at == NULL)
            return NULL;
        if (member == SIZE_MAX) {
            at = skip_value(way, at);
        } else if (seen[member] == stamp) {
            return NULL;
        } else {
            seen[member] = stamp;
            at = take_value(way, &node->children[member], &builders[member], at);
            before = member;
            found++;
        }
        if (at == NULL)
            return NULL;
        at = skip_blanks(at);
        if (*at != ',')
            break;
        at = skip_blanks(at + 1);
    }
    if (*at != '}')
        return NULL;
    return found == count ? at + 1 : fill_members(way, node, builders, stamp, at + 1);
}

static const uint8_t *take_elements(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at)
{
    at = skip_blanks(at);
    if (*at == ']')
        return go_on(way, ji_column_builder_nested(builder, way->err), at + 1);
    for (;;) {
        at = take_value(way, &node->children[0], &builder->children[0], at);
        if (at == NULL)
            return NULL;
        at = skip_blanks(at);
        if (*at != ',')
            break;
        at = skip_blanks(at + 1);
    }
    if (*at != ']')
        return NULL;
    return go_on(way, ji_column_builder_nested(builder, way->err), at + 1);
}

static const uint8_t *take_struct(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at)
{
    at = take_members(way, node, builder->children, at);
    if (at == NULL)
        return NULL;
    return go_on(way, ji_column_builder_nested(builder, way->err), at);
}

static const uint8_t *take_bool(struct way *way, struct ji_column_builder *builder, const uint8_t *at)
{
    const struct ji_value value = {.as.boolean = *at == 't'};
    const char *word = value.as.boolean ? "true" : "alse";
    at += !value.as.boolean;
    if (builder->field->kind != JI_BOOL || memcmp(at, word, 4) != 0)
        return NULL;
    return go_on(way, ji_column_builder_value(builder, &value, way->err), at + 4);
}

static const uint8_t *take_value(struct way *way, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const uint8_t *at)
{
    const enum ji_kind kind = node->field->kind;
    switch (*at) {
    case '"':
        return take_string(way, node, builder, at);
    case 'n':
        return memcmp(at, "null", 4) == 0 ? take_null(way, builder, at + 4) : NULL;
    case 't':
    case 'f':
        return take_bool(way, builder, at);
    case '{':
        return kind == JI_STRUCT ? take_struct(way, node, builder, at + 1)
                                 : take_exact(way, node, builder, at);
    case '[':
        return kind == JI_LIST ? take_elements(way, node, builder, at + 1)
                               : take_exact(way, node, builder, at);
    default:
        return take_number(way, node, builder, at);
    }
}

enum joist_status ji_ndjson_fast_add(struct ji_ndjson_rows *rows, const uint8_t *at, const uint8_t *end,
        const uint8_t **next, struct joist_error *err)
{
    struct way way = {.rows = rows, .begin = at, .end = end, .err = err};
    const uint8_t *behind = NULL;
    at = skip_blanks(at);
    if (*at == '{')
        behind = take_members(&way, &rows->shape->root, rows->builders, at + 1);
    if (behind != NULL) {
        behind = skip_blanks(behind);
        behind += *behind == '\r';
        if (*behind == '\n') {
            rows->row_count++;
            *next = behind + 1;
            return JOIST_OK;
        }
    }
    if (way.status != JOIST_OK && way.status != JOIST_ERR_INVALID)
        return way.status;
    for (size_t i = 0; i < rows->builder_count; i++)
        ji_column_builder_truncate(&rows->builders[i], rows->row_count);
    *next = NULL;
    return JOIST_OK;
}
