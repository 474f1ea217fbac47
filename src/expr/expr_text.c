/*
 * expr_text.c - the text of a tree, such that parsing it gives the tree again
 *
 * Parentheses stand where the precedence of a part is lower than its place asks for, and nowhere else. A
 * literal that has no form of its own (a typed null, nan) is written as a cast.
 */
#include "base/real_text.h"
#include "expr/expr_parser.h"
#include "expr/type_name.h"

enum level {
    LEVEL_ANY,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARISON,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_PRIMARY,
};

struct writer {
    struct ji_arena *arena;
    struct ji_bytes out;
};

static enum joist_status write_node(
        struct writer *writer, const struct ji_expr *expr, enum level wanted, struct joist_error *err);

static enum joist_status put(struct writer *writer, const char *text, struct joist_error *err)
{
    return ji_bytes_append_text(&writer->out, text, err);
}

static enum joist_status put_quoted(
        struct writer *writer, struct ji_view text, uint8_t quote, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(&writer->out, quote, err));
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == quote)
            JI_TRY(ji_bytes_append_byte(&writer->out, quote, err));
        JI_TRY(ji_bytes_append_byte(&writer->out, text.data[i], err));
    }
    return ji_bytes_append_byte(&writer->out, quote, err);
}

static enum joist_status put_name(struct writer *writer, const char *name, struct joist_error *err)
{
    const struct ji_view view = ji_view_of_text(name);
    struct ji_lexer lexer;
    const bool plain = ji_lexer_open(&lexer, view, 0, NULL) == JOIST_OK &&
            lexer.token.kind == JI_TOKEN_NAME && lexer.token.text.size == view.size &&
            !ji_word_is_reserved(view);
    return plain ? put(writer, name, err) : put_quoted(writer, view, '"', err);
}

static const char *infix_of(enum ji_expr_op op)
{
    switch (op) {
    case JI_EXPR_ADD:
        return " + ";
    case JI_EXPR_SUBTRACT:
        return " - ";
    case JI_EXPR_MULTIPLY:
        return " * ";
    case JI_EXPR_DIVIDE:
        return " / ";
    case JI_EXPR_MODULO:
        return " % ";
    case JI_EXPR_CONCAT:
        return " || ";
    case JI_EXPR_EQUAL:
        return " = ";
    case JI_EXPR_NOT_EQUAL:
        return " <> ";
    case JI_EXPR_LESS:
        return " < ";
    case JI_EXPR_LESS_EQUAL:
        return " <= ";
    case JI_EXPR_GREATER:
        return " > ";
    case JI_EXPR_GREATER_EQUAL:
        return " >= ";
    case JI_EXPR_AND:
        return " and ";
    case JI_EXPR_OR:
        return " or ";
    case JI_EXPR_LIKE:
        return " like ";
    default:
        return ", ";
    }
}

static bool is_number_literal(const struct ji_expr *expr)
{
    return expr->op == JI_EXPR_LITERAL && !expr->value.is_null &&
            (ji_kind_is_integer(expr->type.kind) || expr->type.kind == JI_DECIMAL ||
                    expr->type.kind == JI_DOUBLE || expr->type.kind == JI_FLOAT);
}

static bool is_negative(const struct ji_expr *literal)
{
    if (literal->type.kind == JI_DECIMAL)
        return literal->value.as.decimal < 0;
    if (literal->type.kind == JI_DOUBLE || literal->type.kind == JI_FLOAT)
        return __builtin_signbit(literal->value.as.real) != 0;
    return literal->type.kind != JI_UINT64 && literal->value.as.integer < 0;
}

static enum level level_of(const struct ji_expr *expr)
{
    switch (expr->op) {
    case JI_EXPR_OR:
        return LEVEL_OR;
    case JI_EXPR_AND:
        return LEVEL_AND;
    case JI_EXPR_NOT:
        return LEVEL_NOT;
    case JI_EXPR_EQUAL:
    case JI_EXPR_NOT_EQUAL:
    case JI_EXPR_LESS:
    case JI_EXPR_LESS_EQUAL:
    case JI_EXPR_GREATER:
    case JI_EXPR_GREATER_EQUAL:
    case JI_EXPR_IS_NULL:
    case JI_EXPR_IS_NOT_NULL:
    case JI_EXPR_IN:
    case JI_EXPR_BETWEEN:
    case JI_EXPR_LIKE:
        return LEVEL_COMPARISON;
    case JI_EXPR_ADD:
    case JI_EXPR_SUBTRACT:
    case JI_EXPR_CONCAT:
        return LEVEL_SUM;
    case JI_EXPR_MULTIPLY:
    case JI_EXPR_DIVIDE:
    case JI_EXPR_MODULO:
        return LEVEL_PRODUCT;
    case JI_EXPR_NEGATE:
        return LEVEL_UNARY;
    case JI_EXPR_LITERAL:
        return is_number_literal(expr) && is_negative(expr) ? LEVEL_UNARY : LEVEL_PRIMARY;
    default:
        return LEVEL_PRIMARY;
    }
}

static enum joist_status write_list(struct writer *writer, const struct ji_expr *expr, size_t first,
        const char *between, enum level wanted, struct joist_error *err)
{
    for (size_t i = first; i < expr->argument_count; i++) {
        if (i > first)
            JI_TRY(put(writer, between, err));
        JI_TRY(write_node(writer, expr->arguments[i], wanted, err));
    }
    return JOIST_OK;
}

static enum joist_status write_type(
        struct writer *writer, const struct ji_field *type, struct joist_error *err)
{
    const char *name = "";
    JI_TRY(ji_type_name_text(writer->arena, type, &name, err));
    JI_TRY(put(writer, " as ", err));
    JI_TRY(put(writer, name, err));
    return put(writer, ")", err);
}

static enum joist_status write_real(
        struct writer *writer, const struct ji_expr *literal, struct joist_error *err)
{
    char text[JI_DOUBLE_TEXT_MAX];
    const double real = literal->value.as.real;
    const size_t size = ji_double_print(real, text);
    if (real != real || real - real != 0) {
        JI_TRY(put(writer, "cast(", err));
        JI_TRY(put_quoted(writer, ji_view_of(text, size), '\'', err));
        return write_type(writer, &literal->type, err);
    }
    JI_TRY(ji_bytes_append(&writer->out, text, size, err));
    return memchr(text, 'e', size) == NULL ? put(writer, "e0", err) : JOIST_OK;
}

static enum joist_status write_value(
        struct writer *writer, const struct ji_expr *literal, struct joist_error *err)
{
    const struct ji_field *type = &literal->type;
    const char *name = "";
    const bool named = type->kind == JI_DATE || type->kind == JI_TIME || type->kind == JI_TIMESTAMP ||
            type->kind == JI_UUID;
    JI_TRY(ji_type_name_text(writer->arena, type, &name, err));
    struct ji_bytes text;
    ji_bytes_init(&text, writer->out.mem);
    enum joist_status status = JOIST_OK;
    if (type->kind == JI_BINARY)
        JI_TRY_OUT(ji_bytes_append(&text, literal->value.as.view.data, literal->value.as.view.size, err));
    else
        JI_TRY_OUT(ji_value_text(type, &literal->value, &text, err));
    JI_TRY_OUT(put(writer, named ? name : "cast(", err));
    JI_TRY_OUT(put(writer, named ? " " : "", err));
    JI_TRY_OUT(put_quoted(writer, ji_view_of(text.data, text.size), '\'', err));
    if (!named)
        JI_TRY_OUT(write_type(writer, type, err));
out:
    ji_bytes_clear(&text);
    return status;
}

static enum joist_status write_literal(
        struct writer *writer, const struct ji_expr *literal, struct joist_error *err)
{
    const struct ji_field *type = &literal->type;
    const struct ji_value *value = &literal->value;
    if (type->kind == JI_NULL)
        return put(writer, "null", err);
    if (value->is_null) {
        JI_TRY(put(writer, "cast(null", err));
        return write_type(writer, type, err);
    }
    if (type->kind == JI_BOOL)
        return put(writer, value->as.boolean ? "true" : "false", err);
    if (type->kind == JI_STRING)
        return put_quoted(writer, value->as.view, '\'', err);
    if (type->kind == JI_DOUBLE || type->kind == JI_FLOAT)
        return write_real(writer, literal, err);
    if (!is_number_literal(literal))
        return write_value(writer, literal, err);
    JI_TRY(ji_value_text(type, value, &writer->out, err));
    return type->kind == JI_DECIMAL && type->scale == 0 ? put(writer, ".", err) : JOIST_OK;
}

static enum joist_status write_case(
        struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    JI_TRY(put(writer, "case", err));
    for (size_t i = 0; i + 1 < expr->argument_count; i += 2) {
        JI_TRY(put(writer, " when ", err));
        JI_TRY(write_node(writer, expr->arguments[i], LEVEL_ANY, err));
        JI_TRY(put(writer, " then ", err));
        JI_TRY(write_node(writer, expr->arguments[i + 1], LEVEL_ANY, err));
    }
    if (expr->argument_count % 2 == 1) {
        JI_TRY(put(writer, " else ", err));
        JI_TRY(write_node(writer, expr->arguments[expr->argument_count - 1], LEVEL_ANY, err));
    }
    return put(writer, " end", err);
}

static enum joist_status write_call(
        struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    JI_TRY(put(writer, expr->name, err));
    JI_TRY(put(writer, expr->distinct ? "(distinct " : "(", err));
    if (expr->op == JI_EXPR_AGGREGATE && expr->argument_count == 0)
        JI_TRY(put(writer, "*", err));
    JI_TRY(write_list(writer, expr, 0, ", ", LEVEL_ANY, err));
    return put(writer, ")", err);
}

/* Binding may leave a list empty: false, or null for null. */
static enum joist_status write_in(struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    JI_TRY(write_node(writer, expr->arguments[0], LEVEL_SUM, err));
    if (expr->argument_count == 1) {
        JI_TRY(put(writer, " <> ", err));
        return write_node(writer, expr->arguments[0], LEVEL_SUM, err);
    }
    JI_TRY(put(writer, " in (", err));
    JI_TRY(write_list(writer, expr, 1, ", ", LEVEL_ANY, err));
    return put(writer, ")", err);
}

static enum joist_status write_prefixed(
        struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    if (expr->op == JI_EXPR_NOT) {
        JI_TRY(put(writer, "not ", err));
        return write_node(writer, expr->arguments[0], LEVEL_NOT, err);
    }
    /* -(5) is not the literal -5. */
    const bool number = is_number_literal(expr->arguments[0]);
    JI_TRY(put(writer, number ? "-(" : "-", err));
    JI_TRY(write_node(writer, expr->arguments[0], number ? LEVEL_ANY : LEVEL_PRIMARY, err));
    return number ? put(writer, ")", err) : JOIST_OK;
}

/* A number before the point would take it. */
static enum joist_status write_member(
        struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    const struct ji_expr *parent = expr->arguments[0];
    const bool bare = parent->op == JI_EXPR_COLUMN || parent->op == JI_EXPR_MEMBER;
    JI_TRY(put(writer, bare ? "" : "(", err));
    JI_TRY(write_node(writer, parent, LEVEL_ANY, err));
    JI_TRY(put(writer, bare ? "." : ").", err));
    return put_name(writer, expr->name, err);
}

static enum joist_status write_special(
        struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    switch (expr->op) {
    case JI_EXPR_COLUMN:
        return put_name(writer, expr->name, err);
    case JI_EXPR_LITERAL:
        return write_literal(writer, expr, err);
    case JI_EXPR_NEGATE:
    case JI_EXPR_NOT:
        return write_prefixed(writer, expr, err);
    case JI_EXPR_IN:
        return write_in(writer, expr, err);
    case JI_EXPR_CASE:
        return write_case(writer, expr, err);
    case JI_EXPR_CAST:
        JI_TRY(put(writer, "cast(", err));
        JI_TRY(write_node(writer, expr->arguments[0], LEVEL_ANY, err));
        return write_type(writer, &expr->type, err);
    case JI_EXPR_MEMBER:
        return write_member(writer, expr, err);
    case JI_EXPR_INTERVAL:
        return ji_bytes_printf(
                &writer->out, err, "interval '%" PRId64 "' %s", expr->value.as.integer, expr->name);
    default:
        return write_call(writer, expr, err);
    }
}

/* What the arguments of an infix operator must be: the first, and the others. */
static enum joist_status write_infix(
        struct writer *writer, const struct ji_expr *expr, enum level level, struct joist_error *err)
{
    enum level first = (enum level)(level + 1);
    enum level others = (enum level)(level + 1);
    if (level == LEVEL_SUM || level == LEVEL_PRODUCT)
        first = level;
    if (expr->argument_count == 1) {
        JI_TRY(write_node(writer, expr->arguments[0], LEVEL_PRIMARY, err));
        return put(writer, " || ''", err);
    }
    JI_TRY(write_node(writer, expr->arguments[0], first, err));
    JI_TRY(put(writer, infix_of(expr->op), err));
    return write_list(writer, expr, 1, infix_of(expr->op), others, err);
}

static enum joist_status write_plain(
        struct writer *writer, const struct ji_expr *expr, struct joist_error *err)
{
    const enum level level = level_of(expr);
    switch (expr->op) {
    case JI_EXPR_IS_NULL:
    case JI_EXPR_IS_NOT_NULL:
        JI_TRY(write_node(writer, expr->arguments[0], LEVEL_SUM, err));
        return put(writer, expr->op == JI_EXPR_IS_NULL ? " is null" : " is not null", err);
    case JI_EXPR_BETWEEN:
        JI_TRY(write_node(writer, expr->arguments[0], LEVEL_SUM, err));
        JI_TRY(put(writer, " between ", err));
        return write_list(writer, expr, 1, " and ", LEVEL_SUM, err);
    case JI_EXPR_IN:
        return write_in(writer, expr, err);
    default:
        break;
    }
    const bool infix = level != LEVEL_PRIMARY && level != LEVEL_UNARY && level != LEVEL_NOT;
    return infix ? write_infix(writer, expr, level, err) : write_special(writer, expr, err);
}

static enum joist_status write_node(
        struct writer *writer, const struct ji_expr *expr, enum level wanted, struct joist_error *err)
{
    const bool parentheses = level_of(expr) < wanted;
    if (parentheses)
        JI_TRY(put(writer, "(", err));
    JI_TRY(write_plain(writer, expr, err));
    return parentheses ? put(writer, ")", err) : JOIST_OK;
}

enum joist_status ji_expr_text(
        struct ji_arena *arena, const struct ji_expr *expr, const char **text, struct joist_error *err)
{
    struct writer writer = {.arena = arena};
    ji_bytes_init(&writer.out, arena->mem);
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(write_node(&writer, expr, LEVEL_ANY, err));
    JI_TRY_OUT(ji_arena_text(arena, ji_view_of(writer.out.data, writer.out.size), text, err));
out:
    ji_bytes_clear(&writer.out);
    return status;
}
