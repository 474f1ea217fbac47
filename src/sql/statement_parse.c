/*
 * statement_parse.c - text to a select statement
 *
 *     select [distinct | all] list
 *     [from 'file' | namespace.table [for version as of N | 'ref' | for timestamp as of T] | (select ...)
 *     [[as] alias]] [where ...] [group by ...] [having ...] [order by ...] [limit N] [offset N] [;]
 *
 * Expressions and lists are parsed by expr and query from the same text, so that every position is one of
 * the statement's.
 */
#include "query/select_parse.h"
#include "sql/statement.h"

struct parser {
    struct ji_arena *arena;
    struct ji_lexer lexer;
    size_t depth;
};

static enum joist_status unsupported(const struct ji_token *token, const char *what, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column %zu: %s", token->position + 1, what);
}

/* Words that begin what SQL has and this has not, where they would stand. */
static enum joist_status refuse_words(
        const struct parser *parser, const char *const (*words)[2], size_t count, struct joist_error *err)
{
    for (size_t index = 0; index < count; index++) {
        if (ji_token_is(&parser->lexer.token, words[index][0]))
            return unsupported(&parser->lexer.token, words[index][1], err);
    }
    return JOIST_OK;
}

static enum joist_status refuse_statements(const struct parser *parser, struct joist_error *err)
{
    static const char *const words[][2] = {{"with", "common table expressions (with)"}, {"values", "values"},
            {"explain", "explain as a statement (use the command's --explain)"}, {"insert", "insert"},
            {"update", "update"}, {"delete", "delete"}, {"merge", "merge"}, {"create", "create"},
            {"drop", "drop"}, {"alter", "alter"}, {"copy", "copy"}};
    return refuse_words(parser, words, sizeof words / sizeof words[0], err);
}

static enum joist_status refuse_joins(const struct parser *parser, struct joist_error *err)
{
    static const char *const words[][2] = {{"join", "joins"}, {"inner", "joins"}, {"left", "joins"},
            {"right", "joins"}, {"full", "joins"}, {"cross", "joins"}, {"natural", "joins"},
            {"lateral", "lateral"}, {"tablesample", "tablesample"}};
    if (ji_token_is_symbol(&parser->lexer.token, ","))
        return unsupported(&parser->lexer.token, "joins (several tables in from)", err);
    return refuse_words(parser, words, sizeof words / sizeof words[0], err);
}

static enum joist_status refuse_tails(const struct parser *parser, struct joist_error *err)
{
    static const char *const words[][2] = {{"union", "union"}, {"intersect", "intersect"},
            {"except", "except"}, {"window", "window"}, {"qualify", "qualify"},
            {"fetch", "fetch (write limit)"}};
    return refuse_words(parser, words, sizeof words / sizeof words[0], err);
}

static enum joist_status parse_version(struct parser *parser, struct ji_from *from, struct joist_error *err)
{
    const struct ji_token token = parser->lexer.token;
    struct ji_view value;
    if (token.kind == JI_TOKEN_STRING) {
        JI_TRY(ji_token_value(parser->arena, &token, &value, err));
        from->snapshot.ref = (const char *)value.data;
        return ji_lexer_next(&parser->lexer, err);
    }
    int64_t id = 0;
    bool fits = token.kind == JI_TOKEN_INTEGER;
    for (size_t at = 0; fits && at < token.text.size; at++)
        fits = ji_mul_i64(id, 10, &id) && ji_add_i64(id, token.text.data[at] - '0', &id);
    if (!fits || id == 0)
        return ji_token_fail(&token, "a snapshot id or the name of a branch or tag in quotes", err);
    from->snapshot.snapshot_id = id;
    return ji_lexer_next(&parser->lexer, err);
}

/* The literal that a constant expression comes to as a timestamp. */
static enum joist_status bind_timestamp(struct parser *parser, const struct ji_expr *expr, bool utc,
        struct ji_expr **bound, struct joist_error *err)
{
    static const struct ji_schema nothing = {0};
    struct ji_expr *cast = NULL;
    JI_TRY(ji_expr_new(parser->arena, JI_EXPR_CAST, expr->position, 1, &cast, err));
    memcpy(&cast->arguments[0], &expr, sizeof expr);
    cast->type.kind = JI_TIMESTAMP;
    cast->type.unit = JI_MICRO;
    cast->type.utc = utc;
    JI_TRY(ji_expr_bind(parser->arena, &nothing, cast, bound, err));
    if ((*bound)->op == JI_EXPR_LITERAL && !(*bound)->value.is_null)
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_INVALID, "column %" PRIu32 ": not a timestamp", expr->position + 1);
}

/* With and without an offset in its text; without one it is UTC. */
static enum joist_status parse_as_of(struct parser *parser, struct ji_from *from, struct joist_error *err)
{
    const struct ji_expr *expr = NULL;
    struct ji_expr *bound = NULL;
    JI_TRY(ji_parse_expr(parser->arena, &parser->lexer, &expr, err));
    if (bind_timestamp(parser, expr, true, &bound, NULL) != JOIST_OK)
        JI_TRY(bind_timestamp(parser, expr, false, &bound, err));
    from->snapshot.has_as_of = true;
    from->snapshot.as_of_us = bound->value.as.integer;
    return JOIST_OK;
}

static enum joist_status parse_snapshot(struct parser *parser, struct ji_from *from, struct joist_error *err)
{
    bool found = false;
    bool version = false;
    JI_TRY(ji_lexer_accept(&parser->lexer, "for", &found, err));
    if (!found)
        return JOIST_OK;
    JI_TRY(ji_lexer_accept(&parser->lexer, "version", &version, err));
    if (!version)
        JI_TRY(ji_lexer_expect(&parser->lexer, "timestamp", err));
    JI_TRY(ji_lexer_expect(&parser->lexer, "as", err));
    JI_TRY(ji_lexer_expect(&parser->lexer, "of", err));
    from->has_snapshot = true;
    return version ? parse_version(parser, from, err) : parse_as_of(parser, from, err);
}

static enum joist_status parse_select(
        struct parser *parser, const struct ji_statement **statement, struct joist_error *err);

static enum joist_status parse_inner(struct parser *parser, struct ji_from *from, struct joist_error *err)
{
    if (parser->depth == JI_STATEMENT_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column %zu: more than %d selects inside one another",
                parser->lexer.token.position + 1, JI_STATEMENT_DEPTH_MAX);
    parser->depth++;
    from->kind = JI_FROM_SELECT;
    JI_TRY(ji_lexer_next(&parser->lexer, err));
    JI_TRY(parse_select(parser, &from->inner, err));
    parser->depth--;
    return ji_lexer_expect_symbol(&parser->lexer, ")", err);
}

/* namespace.table, any number of parts; `last` is the table's own name. */
static enum joist_status parse_table(
        struct parser *parser, struct ji_from *from, const char **last, struct joist_error *err)
{
    bool more = true;
    from->kind = JI_FROM_TABLE;
    while (more) {
        const char *part = NULL;
        JI_TRY(ji_parse_name(parser->arena, &parser->lexer, &part, err));
        if (part == NULL)
            return ji_token_fail(&parser->lexer.token, "a table, a file in quotes or a select", err);
        *last = part;
        if (from->name == NULL)
            from->name = part;
        else
            JI_TRY(ji_arena_printf(parser->arena, &from->name, err, "%s.%s", from->name, part));
        JI_TRY(ji_lexer_accept_symbol(&parser->lexer, ".", &more, err));
    }
    return parse_snapshot(parser, from, err);
}

static enum joist_status parse_from(
        struct parser *parser, struct ji_statement *statement, struct joist_error *err)
{
    struct ji_from *from = &statement->from;
    const struct ji_token token = parser->lexer.token;
    const char *alias = NULL;
    const char *last = NULL;
    bool found = false;
    from->position = (uint32_t)token.position;
    if (token.kind == JI_TOKEN_STRING) {
        struct ji_view name;
        from->kind = JI_FROM_FILE;
        JI_TRY(ji_token_value(parser->arena, &token, &name, err));
        from->name = (const char *)name.data;
        JI_TRY(ji_lexer_next(&parser->lexer, err));
    } else if (ji_token_is_symbol(&token, "(")) {
        JI_TRY(parse_inner(parser, from, err));
    } else {
        JI_TRY(parse_table(parser, from, &last, err));
    }
    JI_TRY(refuse_joins(parser, err));
    JI_TRY(ji_lexer_accept(&parser->lexer, "as", &found, err));
    JI_TRY(ji_parse_name(parser->arena, &parser->lexer, &alias, err));
    if (found && alias == NULL)
        return ji_token_fail(&parser->lexer.token, "a name", err);
    statement->select.alias = alias != NULL ? alias : last;
    return refuse_joins(parser, err);
}

static enum joist_status parse_count(struct parser *parser, uint64_t *count, struct joist_error *err)
{
    const struct ji_token token = parser->lexer.token;
    uint64_t value = 0;
    bool fits = token.kind == JI_TOKEN_INTEGER;
    for (size_t at = 0; fits && at < token.text.size; at++)
        fits = ji_mul_u64(value, 10, &value) &&
                ji_add_u64(value, (uint64_t)(token.text.data[at] - '0'), &value);
    if (!fits)
        return ji_token_fail(&token, "a number of rows", err);
    *count = value;
    return ji_lexer_next(&parser->lexer, err);
}

static enum joist_status parse_limits(
        struct parser *parser, struct ji_select *select, struct joist_error *err)
{
    bool found = false;
    bool offset = false;
    JI_TRY(ji_lexer_accept(&parser->lexer, "limit", &found, err));
    if (found) {
        bool all = false;
        JI_TRY(ji_lexer_accept(&parser->lexer, "all", &all, err));
        select->has_limit = !all;
        if (!all)
            JI_TRY(parse_count(parser, &select->limit, err));
    }
    JI_TRY(ji_lexer_accept(&parser->lexer, "offset", &offset, err));
    if (!offset)
        return JOIST_OK;
    JI_TRY(parse_count(parser, &select->offset, err));
    JI_TRY(ji_lexer_accept(&parser->lexer, "rows", &found, err));
    return found ? JOIST_OK : ji_lexer_accept(&parser->lexer, "row", &found, err);
}

static enum joist_status parse_clauses(
        struct parser *parser, struct ji_select *select, struct joist_error *err)
{
    struct ji_lexer *lexer = &parser->lexer;
    bool found = false;
    JI_TRY(ji_lexer_accept(lexer, "where", &found, err));
    if (found)
        JI_TRY(ji_parse_expr(parser->arena, lexer, &select->where, err));
    JI_TRY(ji_lexer_accept(lexer, "group", &found, err));
    if (found) {
        JI_TRY(ji_lexer_expect(lexer, "by", err));
        JI_TRY(ji_parse_exprs(parser->arena, lexer, &select->group_by, &select->group_count, err));
    }
    JI_TRY(ji_lexer_accept(lexer, "having", &found, err));
    if (found)
        JI_TRY(ji_parse_expr(parser->arena, lexer, &select->having, err));
    JI_TRY(refuse_tails(parser, err));
    JI_TRY(ji_lexer_accept(lexer, "order", &found, err));
    if (found) {
        JI_TRY(ji_lexer_expect(lexer, "by", err));
        JI_TRY(ji_parse_order(parser->arena, lexer, &select->order_by, &select->order_count, err));
    }
    JI_TRY(parse_limits(parser, select, err));
    return refuse_tails(parser, err);
}

static enum joist_status parse_select(
        struct parser *parser, const struct ji_statement **statement, struct joist_error *err)
{
    struct ji_statement *made = NULL;
    struct ji_lexer *lexer = &parser->lexer;
    bool found = false;
    JI_TRY(refuse_statements(parser, err));
    JI_TRY(ji_arena_array(parser->arena, 1, sizeof *made, &made, err));
    JI_TRY(ji_lexer_expect(lexer, "select", err));
    JI_TRY(ji_lexer_accept(lexer, "distinct", &made->select.distinct, err));
    if (!made->select.distinct)
        JI_TRY(ji_lexer_accept(lexer, "all", &found, err));
    JI_TRY(ji_parse_items(parser->arena, lexer, &made->select.items, &made->select.item_count, err));
    JI_TRY(ji_lexer_accept(lexer, "from", &found, err));
    if (found)
        JI_TRY(parse_from(parser, made, err));
    JI_TRY(parse_clauses(parser, &made->select, err));
    *statement = made;
    return JOIST_OK;
}

enum joist_status ji_statement_parse(struct ji_arena *arena, struct ji_view text,
        const struct ji_statement **statement, struct joist_error *err)
{
    struct parser parser = {.arena = arena, .depth = 1};
    const struct ji_statement *made = NULL;
    bool found = false;
    if (text.size > JI_STATEMENT_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "statement of %zu bytes", text.size);
    JI_TRY(ji_lexer_open(&parser.lexer, text, 0, err));
    JI_TRY(parse_select(&parser, &made, err));
    JI_TRY(ji_lexer_accept_symbol(&parser.lexer, ";", &found, err));
    if (parser.lexer.token.kind != JI_TOKEN_END)
        return ji_token_fail(&parser.lexer.token, found ? "one statement alone" : "a clause or the end", err);
    *statement = made;
    return JOIST_OK;
}
