/*
 * expr_parser.h - what the two halves of the parser share
 *
 *   1. `height` is the height of the tree that was parsed last: no tree is higher than JI_EXPR_DEPTH_MAX.
 *   2. `depth` is how many nested calls of ji_parse_expression and its unary operators are open: no more
 *      than that either.
 *   3. `nodes` counts what was made: JI_EXPR_NODES_MAX at most.
 */
#ifndef JI_EXPR_PARSER_H
#define JI_EXPR_PARSER_H

#include "expr/expr.h"
#include "expr/lexer.h"

struct ji_parser {
    struct ji_arena *arena;
    struct ji_lexer lexer;
    size_t depth;
    size_t height;
    size_t nodes;
};

/* A growing list of nodes in the arena. */
struct ji_node_list {
    struct ji_expr **nodes;
    size_t count;
    size_t capacity;
    size_t height; /* of the highest */
};
enum joist_status ji_node_list_add(
        struct ji_parser *parser, struct ji_node_list *list, struct ji_expr *node, struct joist_error *err);

enum joist_status ji_parse_expression(
        struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err);
/* Comparisons and what binds tighter than `not`. */
enum joist_status ji_parse_sum(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err);
/* Literals, names, calls, case, cast, parentheses; `::` and `.` behind them. */
enum joist_status ji_parse_primary(struct ji_parser *parser, struct ji_expr **expr, struct joist_error *err);
/* The number token at the lexer as a literal, negated where `negative`. */
enum joist_status ji_parse_number(struct ji_parser *parser, bool negative, uint32_t position,
        struct ji_expr **expr, struct joist_error *err);

/* A node, counted and checked against the limits; its height follows from the arguments' `height`. */
enum joist_status ji_parse_node(struct ji_parser *parser, enum ji_expr_op op, uint32_t position,
        const struct ji_node_list *arguments, struct ji_expr **expr, struct joist_error *err);

/* True for words that cannot be a bare column name in an expression. */
bool ji_word_is_reserved(struct ji_view word);

#endif
