/*
 * ndjson_rows.c - lines of JSON, each an object, as rows of columns
 *
 *     {"id": 7, "tags": ["a"], "at": {"x": 1}}      tokens go straight to the builders; there is no tree
 *
 *   1. A member is at most once in an object: `seen` holds the stamp of the object that had it last.
 *   2. Members come mostly in the order of the schema: that one is tried before the search by name.
 *   3. On failure `path` names the member at hand.
 *   4. Recursion is over the schema, which is at most JI_SCHEMA_DEPTH_MAX deep.
 *
 * Numbers go to number columns, to decimals exactly as written; strings to strings, and where the column is a
 * date, time, timestamp, decimal, uuid or binary, through their text. NaN and the infinities, which JSON
 * lacks, are the strings that joist writes. All else is refused: nothing is converted by guess.
 */
#include "text/ndjson_rows.h"

#include "base/decimal.h"
#include "base/real_text.h"
#include "text/fast_parse.h"

#include <stdio.h>

#define FAST_SCALE_MAX 8
/* 2^53: below it a double holds every integer. */
#define DOUBLE_WHOLE_MAX 9007199254740992.0

/* Until lines have shown another order, it is the schema's. */
static void guess_order(const struct ji_ndjson_node *node, uint32_t *follows)
{
    const size_t count = node->field->child_count;
    for (size_t i = 0; node->field->kind == JI_STRUCT && i < count; i++)
        follows[node->seen_at + i] = (uint32_t)i + 1;
    for (size_t i = 0; i < count; i++)
        guess_order(&node->children[i], follows);
}

enum joist_status ji_ndjson_rows_init(struct ji_ndjson_rows *rows, const struct ji_ndjson_shape *shape,
        struct ji_mem *mem, struct joist_error *err)
{
    *rows = (struct ji_ndjson_rows){.shape = shape, .mem = mem};
    ji_arena_init(&rows->arena, mem);
    const size_t count = shape->row.child_count;
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_alloc_zero(mem, shape->seen_count, sizeof *rows->seen, &rows->seen, err));
    JI_TRY_OUT(ji_alloc_zero(mem, shape->seen_count, sizeof *rows->follows, &rows->follows, err));
    guess_order(&shape->root, rows->follows);
    JI_TRY_OUT(ji_alloc_zero(mem, count, sizeof *rows->builders, &rows->builders, err));
    for (size_t i = 0; i < count; i++) {
        JI_TRY_OUT(ji_column_builder_init(&rows->builders[i], mem, &shape->row.children[i], err));
        ji_column_builder_borrow(&rows->builders[i]);
        rows->builder_count++;
    }

out:
    if (status != JOIST_OK)
        ji_ndjson_rows_clear(rows);
    return status;
}

void ji_ndjson_rows_clear(struct ji_ndjson_rows *rows)
{
    if (rows->shape == NULL)
        return;
    for (size_t i = 0; i < rows->builder_count; i++)
        ji_column_builder_clear(&rows->builders[i]);
    ji_free(rows->mem, rows->builders, rows->shape->row.child_count * sizeof *rows->builders);
    ji_free(rows->mem, rows->seen, rows->shape->seen_count * sizeof *rows->seen);
    ji_free(rows->mem, rows->follows, rows->shape->seen_count * sizeof *rows->follows);
    ji_arena_clear(&rows->arena);
    *rows = (struct ji_ndjson_rows){.shape = NULL};
}

void ji_ndjson_rows_reset(struct ji_ndjson_rows *rows)
{
    for (size_t i = 0; i < rows->builder_count; i++)
        ji_column_builder_reset(&rows->builders[i]);
    ji_arena_reset(&rows->arena);
    rows->row_count = 0;
}

/* --- failures --- */

static void path_text(const struct ji_ndjson_rows *rows, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < rows->depth; i++) {
        const bool in_list = i > 0 && rows->path[i - 1]->field->kind >= JI_LIST &&
                rows->path[i - 1]->field->kind <= JI_MAP;
        const int more = snprintf(out + used, size - used, "%s%s", in_list || i == 0 ? "" : ".",
                in_list ? "[]" : rows->path[i]->field->name);
        used = ji_min_size(size - 1, used + (size_t)more);
    }
}

static enum joist_status fail_member(
        const struct ji_ndjson_rows *rows, const char *reason, struct joist_error *err)
{
    char path[JOIST_ERROR_TEXT_MAX / 2];
    char plain[JOIST_ERROR_TEXT_MAX / 2];
    path_text(rows, path, sizeof path);
    size_t size = 0;
    for (; reason[size] != '\0' && size < sizeof plain - 1; size++)
        plain[size] = (char)((uint8_t)reason[size] < 0x20 ? ' ' : reason[size]);
    plain[size] = '\0';
    return ji_fail(err, JOIST_ERR_INVALID, "member '%s': %s", path, plain);
}

static enum joist_status fail_kind(
        const struct ji_ndjson_rows *rows, const struct ji_json_token *token, struct joist_error *err)
{
    static const char *const kinds[] = {
            [JI_JSON_BOOL] = "a boolean",
            [JI_JSON_NUMBER] = "a number",
            [JI_JSON_STRING] = "a string",
            [JI_JSON_OBJECT] = "an object",
            [JI_JSON_ARRAY] = "an array",
    };
    char shown[JI_SHOWN_BYTES];
    char reason[JOIST_ERROR_TEXT_MAX / 2];
    struct ji_arena scratch;
    const char *type = "another type";
    const struct ji_field *field = rows->path[rows->depth - 1]->field;
    ji_arena_init(&scratch, rows->mem);
    if (ji_type_text(&scratch, field, &type, NULL) != JOIST_OK)
        type = "another type";
    if (token->kind == JI_JSON_NUMBER || token->kind == JI_JSON_STRING)
        (void)snprintf(reason, sizeof reason, "%s where %.200s is due: '%s'", kinds[token->kind], type,
                ji_text_shown(token->text, shown));
    else
        (void)snprintf(reason, sizeof reason, "%s where %.200s is due", kinds[token->kind], type);
    ji_arena_clear(&scratch);
    return fail_member(rows, reason, err);
}

/* --- scalars --- */

static enum joist_status take_null(
        const struct ji_ndjson_rows *rows, struct ji_column_builder *builder, struct joist_error *err)
{
    if (!builder->field->nullable)
        return fail_member(rows, "null or missing, and it is required", err);
    return ji_column_builder_null(builder, err);
}

static bool parse_fast(const struct ji_field *field, struct ji_view text, struct ji_value *value)
{
    switch (field->kind) {
    case JI_INT64:
        return ji_fast_int64(text.data, text.size, &value->as.integer);
    case JI_DOUBLE:
        return ji_double_parse((const char *)text.data, text.size, &value->as.real) == JI_TEXT_OK;
    case JI_DECIMAL: {
        int64_t unscaled = 0;
        if (field->precision > JI_DECIMAL_DIGITS_INT64 || field->scale < 1 || field->scale > FAST_SCALE_MAX ||
                !ji_fast_decimal(text.data, text.size, (unsigned)field->scale,
                        (uint64_t)ji_decimal_power((unsigned)field->scale), &unscaled) ||
                !ji_decimal_fits(unscaled, field->precision))
            return false;
        value->as.decimal = unscaled;
        return true;
    }
    default:
        return false;
    }
}

/* Text through the exact parser, whose reason gets the member's name. */
static enum joist_status parse_exact(struct ji_ndjson_rows *rows, const struct ji_field *field,
        struct ji_view text, struct ji_value *value, struct joist_error *err)
{
    struct joist_error reason;
    const enum joist_status status = ji_value_parse(field, text, &rows->arena, value, &reason);
    if (status == JOIST_ERR_INVALID)
        return fail_member(rows, reason.text, err);
    if (status != JOIST_OK && err != NULL)
        *err = reason;
    return status;
}

/*
 * Whether a double is the integer, or prints as it: "9007199254740993" is neither, and
 * "123456789012345680000", which other writers make of a double, is the second.
 */
static bool comes_back(struct ji_view text, double value)
{
    ji_int128 whole = 0;
    uint64_t digits = 0;
    int exponent = 0;
    const size_t sign = text.data[0] == '-';
    size_t size = text.size;
    if (value > -DOUBLE_WHOLE_MAX && value < DOUBLE_WHOLE_MAX)
        return true;
    if (ji_decimal_parse((const char *)text.data, size, JI_DECIMAL_DIGITS_MAX, 0, &whole) == JI_TEXT_OK &&
            value > -1e38 && value < 1e38 && (ji_int128)value == whole)
        return true;
    while (size > sign + 1 && text.data[size - 1] == '0')
        size--;
    char shortest[JI_U64_TEXT_MAX];
    ji_double_shortest(value < 0 ? -value : value, &digits, &exponent);
    while (digits % 10 == 0 && digits > 0)
        digits /= 10;
    const size_t count = ji_u64_print(digits, shortest);
    return count == size - sign && memcmp(shortest, text.data + sign, count) == 0;
}

static enum joist_status take_number(struct ji_ndjson_rows *rows, struct ji_column_builder *builder,
        const struct ji_json_token *token, struct joist_error *err)
{
    const struct ji_field *field = builder->field;
    struct ji_value value = {.is_null = false};
    const bool is_number = ji_kind_is_integer(field->kind) || field->kind == JI_FLOAT ||
            field->kind == JI_DOUBLE || field->kind == JI_DECIMAL;
    if (!is_number)
        return fail_kind(rows, token, err);
    if (!parse_fast(field, token->text, &value))
        JI_TRY(parse_exact(rows, field, token->text, &value, err));
    if (field->kind == JI_DOUBLE && token->whole && !comes_back(token->text, value.as.real))
        return fail_kind(rows, token, err);
    return ji_column_builder_value(builder, &value, err);
}

static bool parse_fast_time(const struct ji_field *field, struct ji_view text, struct ji_value *value)
{
    int32_t days = 0;
    if (field->kind == JI_DATE && text.size == 10 && ji_fast_date(text.data, &days)) {
        value->as.integer = days;
        return true;
    }
    return field->kind == JI_TIMESTAMP && field->unit == JI_MICRO && text.size > 0 &&
            ji_fast_timestamp(text.data, text.size, field->utc, &value->as.integer);
}

static enum joist_status take_string(struct ji_ndjson_rows *rows, struct ji_column_builder *builder,
        const struct ji_json_token *token, struct joist_error *err)
{
    const struct ji_field *field = builder->field;
    struct ji_value value = {.is_null = false};
    switch (field->kind) {
    case JI_STRING:
        value.as.view = token->text;
        break;
    case JI_FLOAT:
    case JI_DOUBLE:
        if (ji_value_parse(field, token->text, &rows->arena, &value, NULL) != JOIST_OK ||
                value.as.real - value.as.real == 0)
            return fail_kind(rows, token, err);
        break;
    case JI_DATE:
    case JI_TIME:
    case JI_TIMESTAMP:
    case JI_DECIMAL:
    case JI_UUID:
    case JI_BINARY:
    case JI_FIXED:
        if (!parse_fast_time(field, token->text, &value))
            JI_TRY(parse_exact(rows, field, token->text, &value, err));
        break;
    default:
        return fail_kind(rows, token, err);
    }
    return ji_column_builder_value(builder, &value, err);
}

/* --- objects and arrays --- */

size_t ji_ndjson_find_member(const struct ji_ndjson_node *node, struct ji_view key)
{
    size_t low = 0;
    size_t high = node->field->child_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const size_t place = node->by_name[middle];
        const int order = ji_view_compare(ji_view_of_text(node->field->children[place].name), key);
        if (order == 0)
            return place;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

static size_t find_member(const struct ji_ndjson_node *node, struct ji_view key, size_t hint)
{
    if (hint < node->field->child_count) {
        const char *name = node->field->children[hint].name;
        /* A key that the name begins with and that ends where the name does; keys have no zero byte then. */
        if (strncmp(name, (const char *)key.data, key.size) == 0 && strnlen(name, key.size + 1) == key.size)
            return hint;
    }
    return ji_ndjson_find_member(node, key);
}

static enum joist_status fail_key(
        const struct ji_ndjson_rows *rows, struct ji_view key, const char *what, struct joist_error *err)
{
    char path[JOIST_ERROR_TEXT_MAX / 2];
    char shown[JI_SHOWN_BYTES];
    path_text(rows, path, sizeof path);
    return ji_fail(err, JOIST_ERR_INVALID, "member '%s%s%s': %s", path, path[0] == '\0' ? "" : ".",
            ji_text_shown(key, shown), what);
}

/* The members of an object whose brace has been taken; `builders` are its members'. */
static enum joist_status take_members(struct ji_ndjson_rows *rows, const struct ji_ndjson_node *node,
        struct ji_column_builder *builders, struct joist_error *err)
{
    const uint64_t stamp = ++rows->stamp;
    uint64_t *seen = rows->seen + node->seen_at;
    const size_t member_count = node->field->child_count;
    size_t found = 0;
    for (size_t hint = 0;;) {
        struct ji_view key;
        bool more = false;
        JI_TRY(ji_json_next_key(&rows->reader, &key, &more, err));
        if (!more)
            break;
        const size_t at = find_member(node, key, hint);
        if (at == SIZE_MAX && rows->skip_extra) {
            JI_TRY(ji_json_skip(&rows->reader, err));
            continue;
        }
        if (at == SIZE_MAX)
            return fail_key(rows, key, "not in the schema, or not in the sample it was taken from", err);
        if (seen[at] == stamp)
            return fail_key(rows, key, "twice in one object", err);
        seen[at] = stamp;
        hint = at + 1;
        rows->path[rows->depth++] = &node->children[at];
        JI_TRY(ji_ndjson_take_value(rows, &node->children[at], &builders[at], err));
        rows->depth--;
        found++;
    }
    for (size_t i = 0; i < member_count && found < member_count; i++) {
        if (seen[i] == stamp)
            continue;
        rows->path[rows->depth++] = &node->children[i];
        JI_TRY(take_null(rows, &builders[i], err));
        rows->depth--;
    }
    return JOIST_OK;
}

static enum joist_status take_list(struct ji_ndjson_rows *rows, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, struct joist_error *err)
{
    for (;;) {
        bool more = false;
        JI_TRY(ji_json_next_element(&rows->reader, &more, err));
        if (!more)
            return ji_column_builder_nested(builder, err);
        rows->path[rows->depth++] = &node->children[0];
        JI_TRY(ji_ndjson_take_value(rows, &node->children[0], &builder->children[0], err));
        rows->depth--;
    }
}

/* A map of strings to anything may be an object; every map may be an array of {"key", "value"}. */
static enum joist_status take_map_object(struct ji_ndjson_rows *rows, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, struct joist_error *err)
{
    struct ji_column_builder *entries = &builder->children[0];
    const struct ji_ndjson_node *value_node = &node->children[0].children[1];
    for (;;) {
        struct ji_value key = {.is_null = false};
        bool more = false;
        JI_TRY(ji_json_next_key(&rows->reader, &key.as.view, &more, err));
        if (!more)
            return ji_column_builder_nested(builder, err);
        JI_TRY(ji_column_builder_value(&entries->children[0], &key, err));
        rows->path[rows->depth++] = value_node;
        JI_TRY(ji_ndjson_take_value(rows, value_node, &entries->children[1], err));
        rows->depth--;
        JI_TRY(ji_column_builder_nested(entries, err));
    }
}

static enum joist_status take_nested(struct ji_ndjson_rows *rows, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, const struct ji_json_token *token, struct joist_error *err)
{
    const struct ji_field *field = node->field;
    if (token->kind == JI_JSON_ARRAY && (field->kind == JI_LIST || field->kind == JI_MAP))
        return take_list(rows, node, builder, err);
    if (token->kind == JI_JSON_OBJECT && field->kind == JI_STRUCT) {
        JI_TRY(take_members(rows, node, builder->children, err));
        return ji_column_builder_nested(builder, err);
    }
    if (token->kind == JI_JSON_OBJECT && field->kind == JI_MAP &&
            field->children[0].children[0].kind == JI_STRING)
        return take_map_object(rows, node, builder, err);
    return fail_kind(rows, token, err);
}

enum joist_status ji_ndjson_take_value(struct ji_ndjson_rows *rows, const struct ji_ndjson_node *node,
        struct ji_column_builder *builder, struct joist_error *err)
{
    struct ji_json_token token;
    JI_TRY(ji_json_next(&rows->reader, &token, err));
    switch (token.kind) {
    case JI_JSON_NULL:
        return take_null(rows, builder, err);
    case JI_JSON_STRING:
        return take_string(rows, builder, &token, err);
    case JI_JSON_NUMBER:
        return take_number(rows, builder, &token, err);
    case JI_JSON_BOOL:
        if (builder->field->kind != JI_BOOL)
            return fail_kind(rows, &token, err);
        return ji_column_builder_value(builder, &(struct ji_value){.as.boolean = token.boolean}, err);
    default:
        return take_nested(rows, node, builder, &token, err);
    }
}

bool ji_ndjson_is_blank(struct ji_view line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    }
    return true;
}

enum joist_status ji_ndjson_rows_add(
        struct ji_ndjson_rows *rows, struct ji_view line, struct joist_error *err)
{
    ji_json_reader_init(&rows->reader, line, &rows->arena);
    rows->reader.fault = JOIST_ERR_INVALID;
    rows->depth = 0;
    JI_TRY(ji_json_begin_object(&rows->reader, err));
    JI_TRY(take_members(rows, &rows->shape->root, rows->builders, err));
    JI_TRY(ji_json_end(&rows->reader, err));
    rows->row_count++;
    return JOIST_OK;
}
