/*
 * parse_primary.c - literals, names, calls, case, cast, extract, intervals
 *
 * Numbers are exact: 42 is a long (beyond 64 bits a decimal), 0.05 a decimal of just its digits, 1e3 a
 * double. A type's name before a string makes a literal of that type; anywhere else it is a column's name.
 */
#include "expr/expr_parser.h"
#include "expr/type_name.h"

static const char *const reserved_words[] = {"and", "as", "asc", "between", "by", "case", "cast", "desc",
        "distinct", "else", "end", "escape", "except", "false", "fetch", "for", "from", "full", "group",
        "having", "in", "inner", "intersect", "is", "join", "left", "like", "limit", "not", "null", "nulls",
        "offset", "on", "or", "order", "outer", "right", "select", "then", "true", "union", "using", "when",
        "where", "with"};

static const char *const units[] = {"year", "month", "day", "hour", "minute", "second"};

bool ji_word_is_reserved(struct ji_view word)
{
    const struct ji_token token = {.kind = JI_TOKEN_NAME, .text = word};
    for (size_t i = 0; i < sizeof reserved_words / sizeof reserved_words[0]; i++) {
        if (ji_token_is(&token, reserved_words[i]))
            return true;
    }
    return false;
}

static uint32_t here(const struct ji_parser *parser)
{
    return (uint32_t)parser->lexer.token.position;
}

static enum joist_status make_literal(struct ji_parser *parser, uint32_t position, struct ji_field type,
        struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *literal = NULL;
    JI_TRY(ji_parse_node(parser, JI_EXPR_LITERAL, position, NULL, &literal, err));
    type.nullable = false;
    literal->type = type;
    *expr = literal;
    return JOIST_OK;
}

/* Digits with at most one point among them as an exact number. */
static enum joist_status parse_exact(struct ji_parser *parser, bool negative, uint32_t position,
        struct ji_expr **expr, struct joist_error *err)
{
    const struct ji_view text = parser->lexer.token.text;
    ji_int128 sum = 0;
    unsigned digits = 0;
    unsigned scale = 0;
    bool behind_point = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '.') {
            behind_point = true;
            continue;
        }
        scale += behind_point;
        if (digits == JI_DECIMAL_DIGITS_MAX || scale > JI_DECIMAL_DIGITS_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": number of more than %d digits",
                    position + 1, JI_DECIMAL_DIGITS_MAX);
        sum = sum * 10 + (text.data[i] - '0');
        digits += sum != 0;
    }
    sum = negative ? -sum : sum;
    const bool is_long = parser->lexer.token.kind == JI_TOKEN_INTEGER && sum >= INT64_MIN && sum <= INT64_MAX;
    const unsigned precision = digits > scale ? digits : scale;
    struct ji_expr *literal = NULL;
    JI_TRY(make_literal(parser, position,
            is_long ? ji_type_of(JI_INT64) : ji_type_decimal(precision == 0 ? 1 : precision, scale), &literal,
            err));
    if (is_long)
        literal->value.as.integer = (int64_t)sum;
    else
        literal->value.as.decimal = sum;
    *expr = literal;
    return ji_lexer_next(&parser->lexer, err);
}

enum joist_status ji_parse_number(struct ji_parser *parser, bool negative, uint32_t position,
        struct ji_expr **expr, struct joist_error *err)
{
    if (parser->lexer.token.kind != JI_TOKEN_REAL)
        return parse_exact(parser, negative, position, expr, err);
    const struct ji_field type = ji_type_of(JI_DOUBLE);
    struct ji_expr *literal = NULL;
    JI_TRY(make_literal(parser, position, type, &literal, err));
    const enum joist_status status =
            ji_value_parse(&type, parser->lexer.token.text, NULL, &literal->value, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column %" PRIu32, position + 1);
        return status;
    }
    if (negative)
        literal->value.as.real = -literal->value.as.real;
    *expr = literal;
    return ji_lexer_next(&parser->lexer, err);
}

static enum joist_status parse_string(
        struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *literal = NULL;
    JI_TRY(make_literal(parser, here(parser), ji_type_of(JI_STRING), &literal, err));
    JI_TRY(ji_token_value(parser->arena, &parser->lexer.token, &literal->value.as.view, err));
    *expr = literal;
    return ji_lexer_next(&parser->lexer, err);
}

/* date '1998-12-01'; a timestamp may say its zone or nanoseconds and has the type that holds them. */
static enum joist_status parse_typed(struct ji_parser *parser, uint32_t position, struct ji_field type,
        struct ji_expr **expr, struct joist_error *err)
{
    struct ji_view text = {0};
    struct ji_value value = {0};
    JI_TRY(ji_token_value(parser->arena, &parser->lexer.token, &text, err));
    enum joist_status status = ji_value_parse(&type, text, parser->arena, &value, err);
    const bool zoned = type.kind == JI_TIMESTAMP && !type.utc;
    if (status == JOIST_ERR_INVALID && zoned) {
        struct ji_field other = type;
        other.utc = true;
        if (ji_value_parse(&other, text, parser->arena, &value, NULL) == JOIST_OK) {
            type = other;
            status = JOIST_OK;
        }
    }
    const bool fraction = (type.kind == JI_TIMESTAMP || type.kind == JI_TIME) && type.unit == JI_MICRO;
    for (int utc = type.utc; status == JOIST_ERR_INVALID && fraction && utc < 2; utc++) {
        struct ji_field other = type;
        other.unit = JI_NANO;
        other.utc = utc != 0;
        if (ji_value_parse(&other, text, parser->arena, &value, NULL) == JOIST_OK) {
            type = other;
            status = JOIST_OK;
        }
    }
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column %" PRIu32, position + 1);
        return status;
    }
    struct ji_expr *literal = NULL;
    JI_TRY(make_literal(parser, position, type, &literal, err));
    literal->value = value;
    *expr = literal;
    return ji_lexer_next(&parser->lexer, err);
}

static const char *find_unit(const struct ji_token *token)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        const size_t size = strlen(units[i]);
        struct ji_token singular = *token;
        if (singular.text.size == size + 1 && (singular.text.data[size] | 0x20) == 's')
            singular.text.size = size;
        if (ji_token_is(&singular, units[i]))
            return units[i];
    }
    return NULL;
}

/* interval '90' day (3): the digits of the number, which says itself how many it has. */
static enum joist_status skip_precision(struct ji_parser *parser, struct joist_error *err)
{
    bool found = false;
    JI_TRY(ji_lexer_accept_symbol(&parser->lexer, "(", &found, err));
    if (!found)
        return JOIST_OK;
    if (parser->lexer.token.kind != JI_TOKEN_INTEGER)
        return ji_token_fail(&parser->lexer.token, "a number of digits", err);
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    return ji_lexer_expect_symbol(&parser->lexer, ")", err);
}

/* interval '90' day | interval 90 day | interval '90 days' */
static enum joist_status parse_interval(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    const struct ji_token token = parser->lexer.token;
    const struct ji_field type = ji_type_of(JI_INT64);
    struct ji_view text = {0};
    struct ji_value count = {0};
    JI_TRY(ji_token_value(parser->arena, &token, &text, err));
    const uint8_t *space = memchr(text.data, ' ', text.size);
    struct ji_view number = text;
    if (space != NULL)
        number.size = (size_t)(space - text.data);
    if (ji_value_parse(&type, number, NULL, &count, NULL) != JOIST_OK)
        return ji_token_fail(&token, "a whole number", err);

    const char *unit = NULL;
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    if (space != NULL) {
        const size_t behind = number.size + 1;
        const struct ji_token inner = {
                .kind = JI_TOKEN_NAME, .text = ji_view_of(text.data + behind, text.size - behind)};
        unit = find_unit(&inner);
        if (unit == NULL)
            return ji_token_fail(&token, "year, month, day, hour, minute or second", err);
    } else {
        unit = find_unit(&parser->lexer.token);
        if (unit == NULL)
            return ji_token_fail(&parser->lexer.token, "year, month, day, hour, minute or second", err);
        JI_TRY(ji_lexer_next(&parser->lexer, err));
        JI_TRY(skip_precision(parser, err));
    }
    struct ji_expr *interval = NULL;
    JI_TRY(ji_parse_node(parser, JI_EXPR_INTERVAL, position, NULL, &interval, err));
    interval->name = unit;
    interval->value.as.integer = count.as.integer;
    *expr = interval;
    return JOIST_OK;
}

static enum joist_status parse_case(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    const uint32_t position = here(parser);
    struct ji_node_list list = {0};
    struct ji_expr *subject = NULL;
    struct ji_expr *part = NULL;
    size_t subject_height = 0;
    size_t subject_nodes = parser->nodes;
    bool found = false;
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    if (!ji_token_is(&parser->lexer.token, "when")) {
        JI_TRY(ji_parse_expression(parser, &subject, err));
        subject_height = parser->height;
    }
    subject_nodes = parser->nodes - subject_nodes;
    JI_TRY(ji_lexer_expect(&parser->lexer, "when", err));
    do {
        const uint32_t place = here(parser);
        JI_TRY(ji_parse_expression(parser, &part, err));
        if (subject != NULL) {
            /*
             * Every `when` counts its subject again: nested ones must not grow without a limit when
             * copied.
             */
            parser->nodes += subject_nodes;
            struct ji_node_list sides = {.height = subject_height};
            JI_TRY(ji_node_list_add(parser, &sides, subject, err));
            JI_TRY(ji_node_list_add(parser, &sides, part, err));
            JI_TRY(ji_parse_node(parser, JI_EXPR_EQUAL, place, &sides, &part, err));
        }
        JI_TRY(ji_node_list_add(parser, &list, part, err));
        JI_TRY(ji_lexer_expect(&parser->lexer, "then", err));
        JI_TRY(ji_parse_expression(parser, &part, err));
        JI_TRY(ji_node_list_add(parser, &list, part, err));
        JI_TRY(ji_lexer_accept(&parser->lexer, "when", &found, err));
    } while (found);
    JI_TRY(ji_lexer_accept(&parser->lexer, "else", &found, err));
    if (found) {
        JI_TRY(ji_parse_expression(parser, &part, err));
        JI_TRY(ji_node_list_add(parser, &list, part, err));
    }
    JI_TRY(ji_lexer_expect(&parser->lexer, "end", err));
    return ji_parse_node(parser, JI_EXPR_CASE, position, &list, expr, err);
}

static enum joist_status wrap_cast(struct ji_parser *parser, uint32_t position, struct ji_field type,
        struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list one = {0};
    JI_TRY(ji_node_list_add(parser, &one, *expr, err));
    JI_TRY(ji_parse_node(parser, JI_EXPR_CAST, position, &one, expr, err));
    (*expr)->type = type;
    return JOIST_OK;
}

static enum joist_status parse_cast(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_field type = {0};
    struct ji_expr *argument = NULL;
    JI_TRY(ji_lexer_expect_symbol(&parser->lexer, "(", err));
    JI_TRY(ji_parse_expression(parser, &argument, err));
    const size_t height = parser->height;
    JI_TRY(ji_lexer_expect(&parser->lexer, "as", err));
    JI_TRY(ji_type_name_parse(&parser->lexer, &type, err));
    JI_TRY(ji_lexer_expect_symbol(&parser->lexer, ")", err));
    parser->height = height;
    JI_TRY(wrap_cast(parser, position, type, &argument, err));
    *expr = argument;
    return JOIST_OK;
}

/* extract(year from x) is year(x). */
static enum joist_status parse_extract(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list one = {0};
    struct ji_expr *argument = NULL;
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    const char *unit = find_unit(&parser->lexer.token);
    if (unit == NULL)
        return ji_token_fail(&parser->lexer.token, "year, month, day, hour, minute or second", err);
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    JI_TRY(ji_lexer_expect(&parser->lexer, "from", err));
    JI_TRY(ji_parse_expression(parser, &argument, err));
    JI_TRY(ji_node_list_add(parser, &one, argument, err));
    JI_TRY(ji_lexer_expect_symbol(&parser->lexer, ")", err));
    JI_TRY(ji_parse_node(parser, JI_EXPR_CALL, position, &one, expr, err));
    (*expr)->name = unit;
    return JOIST_OK;
}

static bool is_aggregate(const char *name)
{
    static const char *const names[] = {"count", "sum", "avg", "min", "max"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* The token's name in lower case. */
static enum joist_status lower_name(
        struct ji_parser *parser, const struct ji_token *token, const char **name, struct joist_error *err)
{
    char *bytes = NULL;
    JI_TRY(ji_arena_alloc(parser->arena, token->text.size + 1, &bytes, err));
    for (size_t i = 0; i < token->text.size; i++) {
        const uint8_t byte = token->text.data[i];
        bytes[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
    }
    bytes[token->text.size] = '\0';
    *name = bytes;
    return JOIST_OK;
}

/* Arguments up to ')': commas, or where `words` `from` and `for` as in substring(x from 1 for 2). */
static enum joist_status parse_arguments(
        struct ji_parser *parser, bool words, struct ji_node_list *list, struct joist_error *err)
{
    bool more = !ji_token_is_symbol(&parser->lexer.token, ")");
    while (more) {
        struct ji_expr *argument = NULL;
        JI_TRY(ji_parse_expression(parser, &argument, err));
        JI_TRY(ji_node_list_add(parser, list, argument, err));
        JI_TRY(ji_lexer_accept_symbol(&parser->lexer, ",", &more, err));
        if (!more && words)
            JI_TRY(ji_lexer_accept(&parser->lexer, "from", &more, err));
        if (!more && words)
            JI_TRY(ji_lexer_accept(&parser->lexer, "for", &more, err));
    }
    return ji_lexer_expect_symbol(&parser->lexer, ")", err);
}

static enum joist_status parse_call(struct ji_parser *parser, const struct ji_token *token,
        struct ji_expr **expr, struct joist_error *err)
{
    const char *name = NULL;
    JI_TRY(lower_name(parser, token, &name, err));
    if (strcmp(name, "extract") == 0)
        return parse_extract(parser, (uint32_t)token->position, expr, err);
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    const bool aggregate = is_aggregate(name);
    struct ji_node_list list = {0};
    bool distinct = false;
    bool star = false;
    if (aggregate) {
        JI_TRY(ji_lexer_accept(&parser->lexer, "distinct", &distinct, err));
        if (!distinct && strcmp(name, "count") == 0)
            JI_TRY(ji_lexer_accept_symbol(&parser->lexer, "*", &star, err));
    }
    if (star)
        JI_TRY(ji_lexer_expect_symbol(&parser->lexer, ")", err));
    else
        JI_TRY(parse_arguments(parser, strncmp(name, "substr", 6) == 0, &list, err));
    if (aggregate && !star && list.count != 1)
        return ji_fail(
                err, JOIST_ERR_INVALID, "column %zu: %s takes one argument", token->position + 1, name);
    struct ji_expr *call = NULL;
    const enum ji_expr_op op = aggregate ? JI_EXPR_AGGREGATE : JI_EXPR_CALL;
    JI_TRY(ji_parse_node(parser, op, (uint32_t)token->position, &list, &call, err));
    call->name = name;
    call->distinct = distinct;
    *expr = call;
    return JOIST_OK;
}

static enum joist_status parse_constant(
        struct ji_parser *parser, bool *found, struct ji_expr **expr, struct joist_error *err)
{
    const struct ji_token *token = &parser->lexer.token;
    const bool is_true = ji_token_is(token, "true");
    const bool is_null = ji_token_is(token, "null");
    *found = is_true || is_null || ji_token_is(token, "false");
    if (!*found)
        return JOIST_OK;
    JI_TRY(make_literal(parser, here(parser), ji_type_of(is_null ? JI_NULL : JI_BOOL), expr, err));
    (*expr)->type.nullable = is_null;
    (*expr)->value.is_null = is_null;
    (*expr)->value.as.boolean = is_true;
    return ji_lexer_next(&parser->lexer, err);
}

static enum joist_status parse_name(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    const struct ji_token token = parser->lexer.token;
    const uint32_t position = here(parser);
    const bool bare = token.kind == JI_TOKEN_NAME;
    struct ji_field type = {0};
    bool found = false;
    if (bare && ji_token_is(&token, "case"))
        return parse_case(parser, expr, err);
    if (bare)
        JI_TRY(parse_constant(parser, &found, expr, err));
    if (found)
        return JOIST_OK;
    const bool cast = bare && ji_token_is(&token, "cast");
    if (bare && !cast && ji_word_is_reserved(token.text))
        return ji_token_fail(&token, "an expression", err);

    JI_TRY(ji_lexer_next(&parser->lexer, err));
    const enum ji_token_kind following = parser->lexer.token.kind;
    if (cast)
        return parse_cast(parser, position, expr, err);
    if (bare && following == JI_TOKEN_STRING && ji_type_name_literal(&token, &type))
        return parse_typed(parser, position, type, expr, err);
    if (bare && (following == JI_TOKEN_STRING || following == JI_TOKEN_INTEGER) &&
            ji_token_is(&token, "interval"))
        return parse_interval(parser, position, expr, err);
    if (bare && ji_token_is_symbol(&parser->lexer.token, "("))
        return parse_call(parser, &token, expr, err);

    struct ji_expr *column = NULL;
    struct ji_view name = {0};
    JI_TRY(ji_token_value(parser->arena, &token, &name, err));
    JI_TRY(ji_parse_node(parser, JI_EXPR_COLUMN, position, NULL, &column, err));
    column->name = (const char *)name.data;
    *expr = column;
    return JOIST_OK;
}

static enum joist_status parse_atom(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    const struct ji_token token = parser->lexer.token;
    switch (token.kind) {
    case JI_TOKEN_INTEGER:
    case JI_TOKEN_DECIMAL:
    case JI_TOKEN_REAL:
        return ji_parse_number(parser, false, here(parser), expr, err);
    case JI_TOKEN_STRING:
        return parse_string(parser, expr, err);
    case JI_TOKEN_NAME:
    case JI_TOKEN_QUOTED_NAME:
        return parse_name(parser, expr, err);
    case JI_TOKEN_SYMBOL:
    case JI_TOKEN_END:
        break;
    }
    if (!ji_token_is_symbol(&token, "("))
        return ji_token_fail(&token, "an expression", err);
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    JI_TRY(ji_parse_expression(parser, expr, err));
    return ji_lexer_expect_symbol(&parser->lexer, ")", err);
}

/* .name behind an expression */
static enum joist_status parse_member(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    const struct ji_token token = parser->lexer.token;
    struct ji_node_list one = {0};
    struct ji_view name = {0};
    if (token.kind != JI_TOKEN_NAME && token.kind != JI_TOKEN_QUOTED_NAME)
        return ji_token_fail(&token, "a field's name", err);
    JI_TRY(ji_token_value(parser->arena, &token, &name, err));
    JI_TRY(ji_node_list_add(parser, &one, *expr, err));
    JI_TRY(ji_parse_node(parser, JI_EXPR_MEMBER, position, &one, expr, err));
    (*expr)->name = (const char *)name.data;
    return ji_lexer_next(&parser->lexer, err);
}

enum joist_status ji_parse_primary(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *node = NULL;
    JI_TRY(parse_atom(parser, &node, err));
    for (;;) {
        const uint32_t position = here(parser);
        bool found = false;
        JI_TRY(ji_lexer_accept_symbol(&parser->lexer, ".", &found, err));
        if (found) {
            JI_TRY(parse_member(parser, position + 1, &node, err));
            continue;
        }
        JI_TRY(ji_lexer_accept_symbol(&parser->lexer, "::", &found, err));
        if (!found)
            break;
        struct ji_field type = {0};
        JI_TRY(ji_type_name_parse(&parser->lexer, &type, err));
        JI_TRY(wrap_cast(parser, position, type, &node, err));
    }
    *expr = node;
    return JOIST_OK;
}
