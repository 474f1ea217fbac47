/*
 * type_name.c - one table of names, read both ways
 *
 * The first name of a type in the table is the one that is printed.
 */
#include "expr/type_name.h"

struct type_name {
    const char *name;
    enum ji_kind kind;
    enum ji_unit unit;
    bool utc;
    bool literal; /* date '1998-12-01' */
};

static const struct type_name type_names[] = {
        {"boolean", JI_BOOL, JI_SECOND, false, false},
        {"bool", JI_BOOL, JI_SECOND, false, false},
        {"int8", JI_INT8, JI_SECOND, false, false},
        {"tinyint", JI_INT8, JI_SECOND, false, false},
        {"int16", JI_INT16, JI_SECOND, false, false},
        {"smallint", JI_INT16, JI_SECOND, false, false},
        {"int", JI_INT32, JI_SECOND, false, false},
        {"integer", JI_INT32, JI_SECOND, false, false},
        {"int32", JI_INT32, JI_SECOND, false, false},
        {"long", JI_INT64, JI_SECOND, false, false},
        {"bigint", JI_INT64, JI_SECOND, false, false},
        {"int64", JI_INT64, JI_SECOND, false, false},
        {"uint8", JI_UINT8, JI_SECOND, false, false},
        {"utinyint", JI_UINT8, JI_SECOND, false, false},
        {"uint16", JI_UINT16, JI_SECOND, false, false},
        {"usmallint", JI_UINT16, JI_SECOND, false, false},
        {"uint32", JI_UINT32, JI_SECOND, false, false},
        {"uinteger", JI_UINT32, JI_SECOND, false, false},
        {"uint64", JI_UINT64, JI_SECOND, false, false},
        {"ubigint", JI_UINT64, JI_SECOND, false, false},
        {"float", JI_FLOAT, JI_SECOND, false, false},
        {"real", JI_FLOAT, JI_SECOND, false, false},
        {"double", JI_DOUBLE, JI_SECOND, false, false},
        {"decimal", JI_DECIMAL, JI_SECOND, false, false},
        {"numeric", JI_DECIMAL, JI_SECOND, false, false},
        {"date", JI_DATE, JI_SECOND, false, true},
        {"time", JI_TIME, JI_MICRO, false, true},
        {"time_s", JI_TIME, JI_SECOND, false, true},
        {"time_ms", JI_TIME, JI_MILLI, false, true},
        {"time_ns", JI_TIME, JI_NANO, false, true},
        {"timestamp", JI_TIMESTAMP, JI_MICRO, false, true},
        {"timestamp_s", JI_TIMESTAMP, JI_SECOND, false, true},
        {"timestamp_ms", JI_TIMESTAMP, JI_MILLI, false, true},
        {"timestamp_ns", JI_TIMESTAMP, JI_NANO, false, true},
        {"timestamptz", JI_TIMESTAMP, JI_MICRO, true, true},
        {"timestamptz_s", JI_TIMESTAMP, JI_SECOND, true, true},
        {"timestamptz_ms", JI_TIMESTAMP, JI_MILLI, true, true},
        {"timestamptz_ns", JI_TIMESTAMP, JI_NANO, true, true},
        {"string", JI_STRING, JI_SECOND, false, false},
        {"varchar", JI_STRING, JI_SECOND, false, false},
        {"text", JI_STRING, JI_SECOND, false, false},
        {"binary", JI_BINARY, JI_SECOND, false, false},
        {"blob", JI_BINARY, JI_SECOND, false, false},
        {"bytea", JI_BINARY, JI_SECOND, false, false},
        {"uuid", JI_UUID, JI_SECOND, false, true},
        {"fixed", JI_FIXED, JI_SECOND, false, false},
};
#define TYPE_NAME_COUNT (sizeof type_names / sizeof type_names[0])
#define DECIMAL_PRECISION_DEFAULT 18
#define DECIMAL_SCALE_DEFAULT 3
#define FIXED_BYTES_MAX 1000000

struct ji_field ji_type_of(enum ji_kind kind)
{
    return (struct ji_field){
            .name = "",
            .kind = kind,
            .nullable = true,
            .fixed_bytes = kind == JI_UUID ? 16 : 0,
            .field_id = JI_FIELD_ID_NONE,
    };
}

struct ji_field ji_type_decimal(unsigned precision, unsigned scale)
{
    struct ji_field type = ji_type_of(JI_DECIMAL);
    type.precision = (uint8_t)precision;
    type.scale = (int8_t)scale;
    return type;
}

static struct ji_field type_of_name(const struct type_name *name)
{
    struct ji_field type = ji_type_of(name->kind);
    type.unit = name->unit;
    type.utc = name->utc;
    return type;
}

static const struct type_name *find_name(const struct ji_token *token)
{
    for (size_t i = 0; i < TYPE_NAME_COUNT; i++) {
        if (ji_token_is(token, type_names[i].name))
            return &type_names[i];
    }
    return NULL;
}

bool ji_type_name_literal(const struct ji_token *token, struct ji_field *type)
{
    const struct type_name *name = find_name(token);
    if (name == NULL || !name->literal)
        return false;
    *type = type_of_name(name);
    return true;
}

/* A number of one to seven digits between parentheses or commas. */
static enum joist_status parse_parameter(struct ji_lexer *lexer, uint32_t *value, struct joist_error *err)
{
    const struct ji_view text = lexer->token.text;
    if (lexer->token.kind != JI_TOKEN_INTEGER || text.size > 7)
        return ji_token_fail(&lexer->token, "a number", err);
    uint32_t sum = 0;
    for (size_t i = 0; i < text.size; i++)
        sum = sum * 10 + (uint32_t)(text.data[i] - '0');
    *value = sum;
    return ji_lexer_next(lexer, err);
}

static enum joist_status parse_decimal(struct ji_lexer *lexer, struct ji_field *type, struct joist_error *err)
{
    const size_t place = lexer->token.position + 1;
    uint32_t precision = DECIMAL_PRECISION_DEFAULT;
    uint32_t scale = DECIMAL_SCALE_DEFAULT;
    bool found = false;
    JI_TRY(ji_lexer_accept_symbol(lexer, "(", &found, err));
    if (found) {
        JI_TRY(parse_parameter(lexer, &precision, err));
        scale = 0;
        JI_TRY(ji_lexer_accept_symbol(lexer, ",", &found, err));
        if (found)
            JI_TRY(parse_parameter(lexer, &scale, err));
        JI_TRY(ji_lexer_expect_symbol(lexer, ")", err));
    }
    if (precision < 1 || precision > JI_DECIMAL_DIGITS_MAX || scale > precision)
        return ji_fail(err, JOIST_ERR_INVALID, "column %zu: no type decimal(%" PRIu32 ", %" PRIu32 ")", place,
                precision, scale);
    *type = ji_type_decimal(precision, scale);
    return JOIST_OK;
}

static enum joist_status parse_fixed(struct ji_lexer *lexer, struct ji_field *type, struct joist_error *err)
{
    uint32_t bytes = 0;
    JI_TRY(ji_lexer_expect_symbol(lexer, "(", err));
    const struct ji_token token = lexer->token;
    JI_TRY(parse_parameter(lexer, &bytes, err));
    if (bytes < 1 || bytes > FIXED_BYTES_MAX)
        return ji_token_fail(&token, "a length", err);
    JI_TRY(ji_lexer_expect_symbol(lexer, ")", err));
    *type = ji_type_of(JI_FIXED);
    type->fixed_bytes = bytes;
    return JOIST_OK;
}

enum joist_status ji_type_name_parse(struct ji_lexer *lexer, struct ji_field *type, struct joist_error *err)
{
    const struct type_name *name = find_name(&lexer->token);
    if (name == NULL)
        return ji_token_fail(&lexer->token, "a type", err);
    JI_TRY(ji_lexer_next(lexer, err));
    if (name->kind == JI_DECIMAL)
        return parse_decimal(lexer, type, err);
    if (name->kind == JI_FIXED)
        return parse_fixed(lexer, type, err);

    struct ji_field plain = type_of_name(name);
    bool found = false;
    if (name->kind == JI_DOUBLE) {
        JI_TRY(ji_lexer_accept(lexer, "precision", &found, err));
    } else if (name->kind == JI_TIMESTAMP && !name->utc) {
        JI_TRY(ji_lexer_accept(lexer, "with", &found, err));
        if (found) {
            JI_TRY(ji_lexer_expect(lexer, "time", err));
            JI_TRY(ji_lexer_expect(lexer, "zone", err));
            plain.utc = true;
        }
    }
    *type = plain;
    return JOIST_OK;
}

enum joist_status ji_type_name_text(
        struct ji_arena *arena, const struct ji_field *type, const char **text, struct joist_error *err)
{
    if (type->kind == JI_DECIMAL)
        return ji_arena_printf(arena, text, err, "decimal(%u, %d)", type->precision, type->scale);
    if (type->kind == JI_FIXED)
        return ji_arena_printf(arena, text, err, "fixed(%" PRIu32 ")", type->fixed_bytes);
    const bool has_unit = type->kind == JI_TIME || type->kind == JI_TIMESTAMP;
    for (size_t i = 0; i < TYPE_NAME_COUNT; i++) {
        const struct type_name *name = &type_names[i];
        if (name->kind == type->kind && (!has_unit || (name->unit == type->unit && name->utc == type->utc))) {
            *text = name->name;
            return JOIST_OK;
        }
    }
    return ji_type_text(arena, type, text, err);
}
