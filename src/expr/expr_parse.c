/*
 * expr_parse.c - operators by precedence, from loose to tight
 *
 *     or | and | not | = <> < <= > >= is in between like | + - || | * / % | unary - | :: . primary
 *
 * `and` and `or` make one node with all their arguments, so that a list of a thousand is no deeper than one
 * of two. Every other operator that repeats makes a tree as high as it is long, which the height limit holds.
 */
#include "expr/expr_parser.h"

#include <assert.h>

#define LIST_CAPACITY_MIN 4

typedef enum joist_status (*parse_fn)(
        struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err);

enum joist_status ji_expr_new(struct ji_arena *arena, enum ji_expr_op op, uint32_t position,
        size_t argument_count, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *node = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *node, &node, err));
    JI_TRY(ji_arena_array(arena, argument_count, sizeof(struct ji_expr *), &node->arguments, err));
    node->op = op;
    node->position = position;
    node->argument_count = argument_count;
    node->type.name = "";
    node->type.field_id = JI_FIELD_ID_NONE;
    *expr = node;
    return JOIST_OK;
}

enum joist_status ji_node_list_add(
        struct ji_parser *parser, struct ji_node_list *list, struct ji_expr *node, struct joist_error *err)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? LIST_CAPACITY_MIN : list->capacity * 2;
        struct ji_expr **nodes = NULL;
        JI_TRY(ji_arena_array(parser->arena, capacity, sizeof(struct ji_expr *), &nodes, err));
        for (size_t i = 0; i < list->count; i++)
            nodes[i] = list->nodes[i];
        list->nodes = nodes;
        list->capacity = capacity;
    }
    list->nodes[list->count++] = node;
    list->height = ji_max_size(list->height, parser->height);
    return JOIST_OK;
}

enum joist_status ji_parse_node(struct ji_parser *parser, enum ji_expr_op op, uint32_t position,
        const struct ji_node_list *arguments, struct ji_expr **expr, struct joist_error *err)
{
    const size_t count = arguments == NULL ? 0 : arguments->count;
    const size_t height = arguments == NULL ? 1 : arguments->height + 1;
    if (height > JI_EXPR_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column %" PRIu32 ": expression deeper than %d", position + 1,
                JI_EXPR_DEPTH_MAX);
    if (parser->nodes >= JI_EXPR_NODES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column %" PRIu32 ": expression of more than %d parts",
                position + 1, JI_EXPR_NODES_MAX);
    struct ji_expr *node = NULL;
    JI_TRY(ji_expr_new(parser->arena, op, position, count, &node, err));
    for (size_t i = 0; i < count; i++)
        node->arguments[i] = arguments->nodes[i];
    parser->nodes++;
    parser->height = height;
    *expr = node;
    return JOIST_OK;
}

static enum joist_status enter(struct ji_parser *parser, struct joist_error *err)
{
    if (parser->depth >= JI_EXPR_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column %zu: expression deeper than %d",
                parser->lexer.token.position + 1, JI_EXPR_DEPTH_MAX);
    parser->depth++;
    return JOIST_OK;
}

static uint32_t here(const struct ji_parser *parser)
{
    return (uint32_t)parser->lexer.token.position;
}

/* Node `op` over one argument that was parsed last. */
static enum joist_status wrap(struct ji_parser *parser, enum ji_expr_op op, uint32_t position,
        struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list one = {0};
    JI_TRY(ji_node_list_add(parser, &one, *expr, err));
    return ji_parse_node(parser, op, position, &one, expr, err);
}

/* `*expr op next`, where `height` is that of `*expr`. */
static enum joist_status parse_right(struct ji_parser *parser, enum ji_expr_op op, uint32_t position,
        parse_fn next, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list sides = {0};
    JI_TRY(ji_node_list_add(parser, &sides, *expr, err));
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    struct ji_expr *right = NULL;
    JI_TRY(next(parser, &right, err));
    JI_TRY(ji_node_list_add(parser, &sides, right, err));
    return ji_parse_node(parser, op, position, &sides, expr, err);
}

static enum joist_status parse_unary(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    const uint32_t position = here(parser);
    const bool minus = ji_token_is_symbol(&parser->lexer.token, "-");
    if (!minus && !ji_token_is_symbol(&parser->lexer.token, "+"))
        return ji_parse_primary(parser, expr, err);

    JI_TRY(ji_lexer_next(&parser->lexer, err));
    const enum ji_token_kind kind = parser->lexer.token.kind;
    if (minus && (kind == JI_TOKEN_INTEGER || kind == JI_TOKEN_DECIMAL || kind == JI_TOKEN_REAL))
        return ji_parse_number(parser, true, position, expr, err);
    JI_TRY(enter(parser, err));
    struct ji_expr *argument = NULL;
    JI_TRY(parse_unary(parser, &argument, err));
    parser->depth--;
    if (minus)
        JI_TRY(wrap(parser, JI_EXPR_NEGATE, position, &argument, err));
    *expr = argument;
    return JOIST_OK;
}

struct infix {
    const char *symbol;
    enum ji_expr_op op;
};

static bool find_infix(
        const struct ji_token *token, const struct infix *table, size_t count, enum ji_expr_op *op)
{
    for (size_t i = 0; i < count; i++) {
        if (ji_token_is_symbol(token, table[i].symbol)) {
            *op = table[i].op;
            return true;
        }
    }
    return false;
}

static enum joist_status parse_product(
        struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    static const struct infix table[] = {
            {"*", JI_EXPR_MULTIPLY}, {"/", JI_EXPR_DIVIDE}, {"%", JI_EXPR_MODULO}};
    struct ji_expr *left = NULL;
    enum ji_expr_op op = JI_EXPR_MULTIPLY;
    JI_TRY(parse_unary(parser, &left, err));
    while (find_infix(&parser->lexer.token, table, 3, &op))
        JI_TRY(parse_right(parser, op, here(parser), parse_unary, &left, err));
    *expr = left;
    return JOIST_OK;
}

enum joist_status ji_parse_sum(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    static const struct infix table[] = {{"+", JI_EXPR_ADD}, {"-", JI_EXPR_SUBTRACT}, {"||", JI_EXPR_CONCAT}};
    struct ji_expr *left = NULL;
    enum ji_expr_op op = JI_EXPR_ADD;
    JI_TRY(parse_product(parser, &left, err));
    while (find_infix(&parser->lexer.token, table, 3, &op))
        JI_TRY(parse_right(parser, op, here(parser), parse_product, &left, err));
    *expr = left;
    return JOIST_OK;
}

static enum joist_status parse_in(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list list = {0};
    JI_TRY(ji_node_list_add(parser, &list, *expr, err));
    JI_TRY(ji_lexer_expect_symbol(&parser->lexer, "(", err));
    bool more = true;
    while (more) {
        struct ji_expr *item = NULL;
        JI_TRY(ji_parse_expression(parser, &item, err));
        JI_TRY(ji_node_list_add(parser, &list, item, err));
        JI_TRY(ji_lexer_accept_symbol(&parser->lexer, ",", &more, err));
    }
    JI_TRY(ji_lexer_expect_symbol(&parser->lexer, ")", err));
    return ji_parse_node(parser, JI_EXPR_IN, position, &list, expr, err);
}

static enum joist_status parse_between(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list list = {0};
    struct ji_expr *bound = NULL;
    JI_TRY(ji_node_list_add(parser, &list, *expr, err));
    JI_TRY(ji_parse_sum(parser, &bound, err));
    JI_TRY(ji_node_list_add(parser, &list, bound, err));
    JI_TRY(ji_lexer_expect(&parser->lexer, "and", err));
    JI_TRY(ji_parse_sum(parser, &bound, err));
    JI_TRY(ji_node_list_add(parser, &list, bound, err));
    return ji_parse_node(parser, JI_EXPR_BETWEEN, position, &list, expr, err);
}

/* The pattern with another escape character, written with '\': a '\' that stood for itself becomes two. */
static enum joist_status translate_escape(
        struct ji_parser *parser, struct ji_expr *pattern, uint8_t escape, struct joist_error *err)
{
    const struct ji_view from = pattern->value.as.view;
    uint8_t *bytes = NULL;
    size_t size = 0;
    JI_TRY(ji_arena_alloc(parser->arena, from.size * 2 + 1, &bytes, err));
    for (size_t i = 0; i < from.size; i++) {
        uint8_t byte = from.data[i];
        const bool escapes = byte == escape && i + 1 < from.size;
        if (byte == escape && !escapes)
            return ji_fail(err, JOIST_ERR_INVALID,
                    "column %" PRIu32 ": pattern ends with its escape character", pattern->position + 1);
        if (escapes)
            byte = from.data[++i];
        if (byte == '\\' || (escapes && (byte == '%' || byte == '_')))
            bytes[size++] = '\\';
        bytes[size++] = byte;
    }
    pattern->value.as.view = ji_view_of(bytes, size);
    return JOIST_OK;
}

static enum joist_status parse_like(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_node_list list = {0};
    struct ji_expr *pattern = NULL;
    bool has_escape = false;
    JI_TRY(ji_node_list_add(parser, &list, *expr, err));
    JI_TRY(ji_parse_sum(parser, &pattern, err));
    JI_TRY(ji_node_list_add(parser, &list, pattern, err));
    JI_TRY(ji_lexer_accept(&parser->lexer, "escape", &has_escape, err));
    if (has_escape) {
        const struct ji_token token = parser->lexer.token;
        struct ji_view escape = {0};
        if (token.kind != JI_TOKEN_STRING)
            return ji_token_fail(&token, "a character between quotes", err);
        JI_TRY(ji_token_value(parser->arena, &token, &escape, err));
        if (escape.size != 1 || pattern->op != JI_EXPR_LITERAL || pattern->type.kind != JI_STRING)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                    "column %zu: escape takes one ASCII character behind a literal pattern",
                    token.position + 1);
        JI_TRY(translate_escape(parser, pattern, escape.data[0], err));
        JI_TRY(ji_lexer_next(&parser->lexer, err));
    }
    return ji_parse_node(parser, JI_EXPR_LIKE, position, &list, expr, err);
}

static enum joist_status parse_is(
        struct ji_parser *parser, uint32_t position, struct ji_expr **expr, struct joist_error *err)
{
    bool negated = false;
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    JI_TRY(ji_lexer_accept(&parser->lexer, "not", &negated, err));
    JI_TRY(ji_lexer_expect(&parser->lexer, "null", err));
    return wrap(parser, negated ? JI_EXPR_IS_NOT_NULL : JI_EXPR_IS_NULL, position, expr, err);
}

/* [not] in, between, like; `*found` says whether there was one. */
static enum joist_status parse_word_test(
        struct ji_parser *parser, struct ji_expr **expr, bool *found, struct joist_error *err)
{
    const struct ji_token first = parser->lexer.token;
    const uint32_t position = here(parser);
    struct ji_lexer ahead = parser->lexer;
    bool negated = false;
    JI_TRY(ji_lexer_accept(&ahead, "not", &negated, err));
    const bool in = ji_token_is(&ahead.token, "in");
    const bool between = ji_token_is(&ahead.token, "between");
    *found = in || between || ji_token_is(&ahead.token, "like");
    if (!*found)
        return negated ? ji_token_fail(&first, "an operator", err) : JOIST_OK;

    JI_TRY(ji_lexer_next(&ahead, err));
    parser->lexer = ahead;
    if (in)
        JI_TRY(parse_in(parser, position, expr, err));
    else if (between)
        JI_TRY(parse_between(parser, position, expr, err));
    else
        JI_TRY(parse_like(parser, position, expr, err));
    return negated ? wrap(parser, JI_EXPR_NOT, position, expr, err) : JOIST_OK;
}

static enum joist_status parse_comparison(
        struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    static const struct infix table[] = {
            {"=", JI_EXPR_EQUAL},
            {"<>", JI_EXPR_NOT_EQUAL},
            {"!=", JI_EXPR_NOT_EQUAL},
            {"<", JI_EXPR_LESS},
            {"<=", JI_EXPR_LESS_EQUAL},
            {">", JI_EXPR_GREATER},
            {">=", JI_EXPR_GREATER_EQUAL},
    };
    struct ji_expr *left = NULL;
    JI_TRY(ji_parse_sum(parser, &left, err));
    bool found = true;
    while (found) {
        enum ji_expr_op op = JI_EXPR_EQUAL;
        if (find_infix(&parser->lexer.token, table, sizeof table / sizeof table[0], &op))
            JI_TRY(parse_right(parser, op, here(parser), ji_parse_sum, &left, err));
        else if (ji_token_is(&parser->lexer.token, "is"))
            JI_TRY(parse_is(parser, here(parser), &left, err));
        else
            JI_TRY(parse_word_test(parser, &left, &found, err));
    }
    *expr = left;
    return JOIST_OK;
}

static enum joist_status parse_not(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    const uint32_t position = here(parser);
    bool found = false;
    JI_TRY(ji_lexer_accept(&parser->lexer, "not", &found, err));
    if (!found)
        return parse_comparison(parser, expr, err);
    JI_TRY(enter(parser, err));
    struct ji_expr *argument = NULL;
    JI_TRY(parse_not(parser, &argument, err));
    parser->depth--;
    JI_TRY(wrap(parser, JI_EXPR_NOT, position, &argument, err));
    *expr = argument;
    return JOIST_OK;
}

/* One level of `word`: a single operand as it is, or a node of all operands. */
static enum joist_status parse_chain(struct ji_parser *parser, const char *word, enum ji_expr_op op,
        parse_fn next, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_expr *operand = NULL;
    JI_TRY(next(parser, &operand, err));
    const uint32_t position = here(parser);
    if (!ji_token_is(&parser->lexer.token, word)) {
        *expr = operand;
        return JOIST_OK;
    }
    struct ji_node_list list = {0};
    JI_TRY(ji_node_list_add(parser, &list, operand, err));
    bool more = true;
    JI_TRY(ji_lexer_accept(&parser->lexer, word, &more, err));
    while (more) {
        JI_TRY(next(parser, &operand, err));
        JI_TRY(ji_node_list_add(parser, &list, operand, err));
        JI_TRY(ji_lexer_accept(&parser->lexer, word, &more, err));
    }
    return ji_parse_node(parser, op, position, &list, expr, err);
}

static enum joist_status parse_and(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    return parse_chain(parser, "and", JI_EXPR_AND, parse_not, expr, err);
}

enum joist_status ji_parse_expression(
        struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err)
{
    JI_TRY(enter(parser, err));
    JI_TRY(parse_chain(parser, "or", JI_EXPR_OR, parse_and, expr, err));
    parser->depth--;
    return JOIST_OK;
}

enum joist_status ji_expr_parse(struct ji_arena *arena, struct ji_view text, size_t *at,
        struct ji_expr **expr, struct joist_error *err)
{
    assert(*at <= text.size);
    struct ji_parser parser = {.arena = arena};
    struct ji_expr *parsed = NULL;
    JI_TRY(ji_lexer_open(&parser.lexer, text, *at, err));
    JI_TRY(ji_parse_expression(&parser, &parsed, err));
    *at = parser.lexer.token.position;
    *expr = parsed;
    return JOIST_OK;
}

enum joist_status ji_expr_parse_all(
        struct ji_arena *arena, struct ji_view text, struct ji_expr **expr, struct joist_error *err)
{
    struct ji_parser parser = {.arena = arena};
    struct ji_expr *parsed = NULL;
    JI_TRY(ji_lexer_open(&parser.lexer, text, 0, err));
    JI_TRY(ji_parse_expression(&parser, &parsed, err));
    if (parser.lexer.token.kind != JI_TOKEN_END)
        return ji_token_fail(&parser.lexer.token, "an operator or the end", err);
    *expr = parsed;
    return JOIST_OK;
}
