/*
 * type_text.c - types as text: "decimal(15, 2)", "map<string, list<long required>>", and back
 *
 *     schema = [ item { "," item } ]              item = name type [ "required" ]
 *     type   = word [ "(" number [ "," number ] ")" ]
 *            | "list" "<" type [ "required" ] ">"
 *            | "map" "<" type "," type [ "required" ] ">"
 *            | "struct" "<" [ item { "," item } ] ">"
 *     name   = any bytes but blanks and , < > ( ) "     | " any bytes, "" is one quote "
 *
 * The words are Iceberg's; what it lacks has a word of ours (int8, uint32, timestamp_ms ...), so that
 * every type prints to a text that parses to it, but those that are only read: intervals and decimals of more
 * than 38 digits.
 */
#include "arrow/arrow_type.h"
#include "base/buffer.h"

#include <assert.h>

struct word {
    const char *text;
    enum ji_kind kind;
    enum ji_unit unit;
    bool utc;
};

static const struct word words[] = {
        {"null", JI_NULL, JI_SECOND, false},
        {"boolean", JI_BOOL, JI_SECOND, false},
        {"int8", JI_INT8, JI_SECOND, false},
        {"int16", JI_INT16, JI_SECOND, false},
        {"int", JI_INT32, JI_SECOND, false},
        {"long", JI_INT64, JI_SECOND, false},
        {"uint8", JI_UINT8, JI_SECOND, false},
        {"uint16", JI_UINT16, JI_SECOND, false},
        {"uint32", JI_UINT32, JI_SECOND, false},
        {"uint64", JI_UINT64, JI_SECOND, false},
        {"float16", JI_FLOAT16, JI_SECOND, false},
        {"float", JI_FLOAT, JI_SECOND, false},
        {"double", JI_DOUBLE, JI_SECOND, false},
        {"date", JI_DATE, JI_SECOND, false},
        {"time", JI_TIME, JI_MICRO, false},
        {"time_s", JI_TIME, JI_SECOND, false},
        {"time_ms", JI_TIME, JI_MILLI, false},
        {"time_ns", JI_TIME, JI_NANO, false},
        {"timestamp", JI_TIMESTAMP, JI_MICRO, false},
        {"timestamp_s", JI_TIMESTAMP, JI_SECOND, false},
        {"timestamp_ms", JI_TIMESTAMP, JI_MILLI, false},
        {"timestamp_ns", JI_TIMESTAMP, JI_NANO, false},
        {"timestamptz", JI_TIMESTAMP, JI_MICRO, true},
        {"timestamptz_s", JI_TIMESTAMP, JI_SECOND, true},
        {"timestamptz_ms", JI_TIMESTAMP, JI_MILLI, true},
        {"timestamptz_ns", JI_TIMESTAMP, JI_NANO, true},
        {"string", JI_STRING, JI_SECOND, false},
        {"uuid", JI_UUID, JI_SECOND, false},
        {"binary", JI_BINARY, JI_SECOND, false},
        {"interval", JI_INTERVAL, JI_SECOND, false},
};

#define WORD_COUNT (sizeof words / sizeof words[0])
#define UUID_BYTES 16
#define SCHEMA_TEXT_BYTES_MAX ((size_t)16 << 20)

/* --- printing --- */

static const char *word_of(const struct ji_field *field)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        const struct word *word = &words[i];
        if (word->kind != field->kind)
            continue;
        if (field->kind != JI_TIME && field->kind != JI_TIMESTAMP)
            return word->text;
        if (word->unit == field->unit && (field->kind == JI_TIME || word->utc == field->utc))
            return word->text;
    }
    return "unknown";
}

static bool ends_name(uint8_t byte)
{
    return byte <= ' ' || byte == ',' || byte == '<' || byte == '>' || byte == '(' || byte == ')' ||
            byte == '"';
}

static enum joist_status print_name(const char *name, struct ji_bytes *out, struct joist_error *err)
{
    bool simple = name[0] != '\0';
    for (const char *at = name; *at != '\0'; at++)
        simple = simple && !ends_name((uint8_t)*at);
    if (simple)
        return ji_bytes_append_text(out, name, err);
    JI_TRY(ji_bytes_append_byte(out, '"', err));
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == '"')
            JI_TRY(ji_bytes_append_byte(out, '"', err));
        JI_TRY(ji_bytes_append_byte(out, (uint8_t)*at, err));
    }
    return ji_bytes_append_byte(out, '"', err);
}

static enum joist_status print_type(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err);

static enum joist_status print_element(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(print_type(field, out, err));
    return field->nullable ? JOIST_OK : ji_bytes_append_text(out, " required", err);
}

static enum joist_status print_struct(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_text(out, "struct<", err));
    for (size_t i = 0; i < field->child_count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_text(out, ", ", err));
        JI_TRY(print_name(field->children[i].name, out, err));
        JI_TRY(ji_bytes_append_byte(out, ' ', err));
        JI_TRY(print_element(&field->children[i], out, err));
    }
    return ji_bytes_append_byte(out, '>', err);
}

static enum joist_status print_map(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_field *entry = &field->children[0];
    JI_TRY(ji_bytes_append_text(out, "map<", err));
    JI_TRY(print_type(&entry->children[0], out, err));
    JI_TRY(ji_bytes_append_text(out, ", ", err));
    JI_TRY(print_element(&entry->children[1], out, err));
    return ji_bytes_append_byte(out, '>', err);
}

static enum joist_status print_type(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err)
{
    switch (field->kind) {
    case JI_DECIMAL:
    case JI_WIDE_DECIMAL:
        return ji_bytes_printf(out, err, "decimal(%u, %d)", (unsigned)field->precision, (int)field->scale);
    case JI_FIXED:
        return ji_bytes_printf(out, err, "fixed(%" PRIu32 ")", field->fixed_bytes);
    case JI_LIST:
        JI_TRY(ji_bytes_append_text(out, "list<", err));
        JI_TRY(print_element(&field->children[0], out, err));
        return ji_bytes_append_byte(out, '>', err);
    case JI_MAP:
        return print_map(field, out, err);
    case JI_STRUCT:
        return print_struct(field, out, err);
    default:
        return ji_bytes_append_text(out, word_of(field), err);
    }
}

enum joist_status ji_type_text(
        struct ji_arena *arena, const struct ji_field *field, const char **text, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, arena->mem);
    JI_TRY_OUT(print_type(field, &bytes, err));
    JI_TRY_OUT(ji_arena_text(arena, ji_view_of(bytes.data, bytes.size), text, err));
out:
    ji_bytes_clear(&bytes);
    return status;
}

/* --- parsing --- */

struct parser {
    struct ji_arena *arena;
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *begin;
    size_t field_count;
    struct joist_error *err;
};

static void skip_blanks(struct parser *parser)
{
    while (parser->at < parser->end && *parser->at <= ' ')
        parser->at++;
}

static enum joist_status fail_at(const struct parser *parser, const char *wanted)
{
    const size_t column = (size_t)(parser->at - parser->begin) + 1;
    const size_t left = ji_min_size((size_t)(parser->end - parser->at), 20);
    if (left == 0)
        return ji_fail(parser->err, JOIST_ERR_INVALID, "type text ends where %s is due", wanted);
    return ji_fail(parser->err, JOIST_ERR_INVALID, "type text: %s is due at character %zu, at '%.*s'", wanted,
            column, (int)left, (const char *)parser->at);
}

static bool take_byte(struct parser *parser, uint8_t byte)
{
    skip_blanks(parser);
    if (parser->at == parser->end || *parser->at != byte)
        return false;
    parser->at++;
    return true;
}

static enum joist_status want_byte(struct parser *parser, uint8_t byte, const char *wanted)
{
    return take_byte(parser, byte) ? JOIST_OK : fail_at(parser, wanted);
}

static struct ji_view peek_word(struct parser *parser)
{
    skip_blanks(parser);
    const uint8_t *at = parser->at;
    while (at < parser->end && !ends_name(*at))
        at++;
    return ji_view_of(parser->at, (size_t)(at - parser->at));
}

static bool take_required(struct parser *parser)
{
    const struct ji_view word = peek_word(parser);
    if (!ji_view_equal_text(word, "required"))
        return false;
    parser->at += word.size;
    return true;
}

static enum joist_status parse_number(struct parser *parser, uint32_t max, uint32_t *number)
{
    skip_blanks(parser);
    uint64_t value = 0;
    const uint8_t *begin = parser->at;
    while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9' && value <= max)
        value = value * 10 + (uint64_t)(*parser->at++ - '0');
    if (parser->at == begin)
        return fail_at(parser, "a number");
    if (value > max)
        return ji_fail(parser->err, JOIST_ERR_INVALID, "type text: a number above %" PRIu32, max);
    *number = (uint32_t)value;
    return JOIST_OK;
}

static enum joist_status parse_quoted(struct parser *parser, const char **name)
{
    const uint8_t *begin = ++parser->at;
    size_t quotes = 0;
    const uint8_t *at = begin;
    for (; at < parser->end; at++) {
        if (*at != '"')
            continue;
        if (at + 1 == parser->end || at[1] != '"')
            break;
        quotes++;
        at++;
    }
    if (at == parser->end)
        return ji_fail(parser->err, JOIST_ERR_INVALID, "type text: a quoted name has no end");
    char *text;
    JI_TRY(ji_arena_alloc(parser->arena, (size_t)(at - begin) - quotes + 1, &text, parser->err));
    size_t size = 0;
    for (const uint8_t *from = begin; from < at; from++) {
        text[size++] = (char)*from;
        if (*from == '"')
            from++;
    }
    text[size] = '\0';
    parser->at = at + 1;
    *name = text;
    return JOIST_OK;
}

static enum joist_status parse_name(struct parser *parser, const char **name)
{
    skip_blanks(parser);
    if (parser->at < parser->end && *parser->at == '"')
        return parse_quoted(parser, name);
    const struct ji_view word = peek_word(parser);
    if (word.size == 0)
        return fail_at(parser, "a column name");
    parser->at += word.size;
    return ji_arena_text(parser->arena, word, name, parser->err);
}

static enum joist_status parse_type(struct parser *parser, unsigned depth, struct ji_field *field);

static enum joist_status parse_items(
        struct parser *parser, unsigned depth, bool nested, struct ji_field **items, size_t *item_count)
{
    struct ji_field *fields = NULL;
    size_t count = 0;
    size_t room = 0;
    skip_blanks(parser);
    const bool empty = nested ? parser->at < parser->end && *parser->at == '>' : parser->at == parser->end;
    for (bool more = !empty; more; more = take_byte(parser, ',')) {
        if (++parser->field_count > JI_COLUMNS_MAX)
            return ji_fail(parser->err, JOIST_ERR_LIMIT, "more than %d columns", JI_COLUMNS_MAX);
        if (count == room) {
            struct ji_field *larger;
            room = room == 0 ? 8 : room * 2;
            JI_TRY(ji_arena_array(parser->arena, room, sizeof *larger, &larger, parser->err));
            if (count > 0)
                memcpy(larger, fields, count * sizeof *larger);
            fields = larger;
        }
        const char *name;
        JI_TRY(parse_name(parser, &name));
        JI_TRY(parse_type(parser, depth, &fields[count]));
        fields[count].name = name;
        fields[count].nullable = !take_required(parser);
        count++;
    }
    *items = fields;
    *item_count = count;
    return JOIST_OK;
}

static enum joist_status parse_list(struct parser *parser, unsigned depth, struct ji_field *field)
{
    JI_TRY(want_byte(parser, '<', "'<'"));
    JI_TRY(ji_arena_array(parser->arena, 1, sizeof *field->children, &field->children, parser->err));
    field->child_count = 1;
    JI_TRY(parse_type(parser, depth + 1, &field->children[0]));
    field->children[0].name = "element";
    field->children[0].nullable = !take_required(parser);
    return want_byte(parser, '>', "'>'");
}

static enum joist_status parse_map(struct parser *parser, unsigned depth, struct ji_field *field)
{
    struct ji_field *entry;
    struct ji_field *pair;
    JI_TRY(want_byte(parser, '<', "'<'"));
    JI_TRY(ji_arena_array(parser->arena, 1, sizeof *entry, &entry, parser->err));
    JI_TRY(ji_arena_array(parser->arena, 2, sizeof *pair, &pair, parser->err));
    *entry = (struct ji_field){.name = "entries",
            .kind = JI_STRUCT,
            .field_id = JI_FIELD_ID_NONE,
            .child_count = 2,
            .children = pair};
    field->child_count = 1;
    field->children = entry;
    JI_TRY(parse_type(parser, depth + 2, &pair[0]));
    pair[0].name = "key";
    pair[0].nullable = false;
    (void)take_required(parser);
    JI_TRY(want_byte(parser, ',', "','"));
    JI_TRY(parse_type(parser, depth + 2, &pair[1]));
    pair[1].name = "value";
    pair[1].nullable = !take_required(parser);
    return want_byte(parser, '>', "'>'");
}

static enum joist_status parse_struct(struct parser *parser, unsigned depth, struct ji_field *field)
{
    JI_TRY(want_byte(parser, '<', "'<'"));
    JI_TRY(parse_items(parser, depth + 1, true, &field->children, &field->child_count));
    return want_byte(parser, '>', "'>'");
}

static enum joist_status parse_decimal(struct parser *parser, struct ji_field *field)
{
    uint32_t precision;
    uint32_t scale = 0;
    JI_TRY(want_byte(parser, '(', "'('"));
    JI_TRY(parse_number(parser, JI_DECIMAL_DIGITS_MAX, &precision));
    if (take_byte(parser, ','))
        JI_TRY(parse_number(parser, JI_DECIMAL_DIGITS_MAX, &scale));
    if (precision == 0 || scale > precision)
        return ji_fail(parser->err, JOIST_ERR_INVALID, "decimal(%" PRIu32 ", %" PRIu32 ") is no type",
                precision, scale);
    field->precision = (uint8_t)precision;
    field->scale = (int8_t)scale;
    return want_byte(parser, ')', "')'");
}

static enum joist_status parse_fixed(struct parser *parser, struct ji_field *field)
{
    JI_TRY(want_byte(parser, '(', "'('"));
    JI_TRY(parse_number(parser, JI_FIXED_BYTES_MAX, &field->fixed_bytes));
    if (field->fixed_bytes == 0)
        return ji_fail(parser->err, JOIST_ERR_INVALID, "fixed(0) is no type");
    return want_byte(parser, ')', "')'");
}

static enum joist_status parse_word(struct parser *parser, struct ji_view name, struct ji_field *field)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (!ji_view_equal_text(name, words[i].text) || words[i].kind == JI_INTERVAL)
            continue;
        field->kind = words[i].kind;
        field->unit = words[i].unit;
        field->utc = words[i].utc;
        if (field->kind == JI_UUID)
            field->fixed_bytes = UUID_BYTES;
        return JOIST_OK;
    }
    const int size = (int)ji_min_size(name.size, 60);
    return ji_fail(parser->err, JOIST_ERR_INVALID, "'%.*s' is no type's name", size, (const char *)name.data);
}

static enum joist_status parse_type(struct parser *parser, unsigned depth, struct ji_field *field)
{
    if (depth > JI_SCHEMA_DEPTH_MAX)
        return ji_fail(parser->err, JOIST_ERR_LIMIT, "types nest deeper than %d", JI_SCHEMA_DEPTH_MAX);
    const struct ji_view name = peek_word(parser);
    if (name.size == 0)
        return fail_at(parser, "a type");
    *field = (struct ji_field){.name = "", .nullable = true, .field_id = JI_FIELD_ID_NONE};
    parser->at += name.size;
    if (ji_view_equal_text(name, "decimal")) {
        field->kind = JI_DECIMAL;
        return parse_decimal(parser, field);
    }
    if (ji_view_equal_text(name, "fixed")) {
        field->kind = JI_FIXED;
        return parse_fixed(parser, field);
    }
    if (ji_view_equal_text(name, "list")) {
        field->kind = JI_LIST;
        return parse_list(parser, depth, field);
    }
    if (ji_view_equal_text(name, "map")) {
        field->kind = JI_MAP;
        return parse_map(parser, depth, field);
    }
    if (ji_view_equal_text(name, "struct")) {
        field->kind = JI_STRUCT;
        return parse_struct(parser, depth, field);
    }
    parser->at -= name.size;
    JI_TRY(parse_word(parser, name, field));
    parser->at += name.size;
    return JOIST_OK;
}

static enum joist_status start_parser(
        struct parser *parser, struct ji_arena *arena, struct ji_view text, struct joist_error *err)
{
    if (text.size > SCHEMA_TEXT_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "type text of %zu bytes", text.size);
    if (text.size > 0 && memchr(text.data, '\0', text.size) != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "type text holds a zero byte");
    const uint8_t *data = text.size == 0 ? (const uint8_t *)"" : text.data;
    *parser = (struct parser){.arena = arena, .at = data, .begin = data, .end = data + text.size, .err = err};
    return JOIST_OK;
}

static enum joist_status want_end(struct parser *parser)
{
    skip_blanks(parser);
    return parser->at == parser->end ? JOIST_OK : fail_at(parser, "the end");
}

enum joist_status ji_type_parse(
        struct ji_arena *arena, struct ji_view text, struct ji_field *field, struct joist_error *err)
{
    struct parser parser;
    struct ji_field parsed;
    JI_TRY(start_parser(&parser, arena, text, err));
    JI_TRY(parse_type(&parser, 1, &parsed));
    JI_TRY(want_end(&parser));
    *field = parsed;
    return JOIST_OK;
}

enum joist_status ji_schema_parse(
        struct ji_arena *arena, struct ji_view text, struct ji_schema *schema, struct joist_error *err)
{
    struct parser parser;
    struct ji_field *columns;
    size_t count;
    JI_TRY(start_parser(&parser, arena, text, err));
    JI_TRY(parse_items(&parser, 1, false, &columns, &count));
    JI_TRY(want_end(&parser));
    *schema = (struct ji_schema){.column_count = count, .columns = columns};
    return JOIST_OK;
}
