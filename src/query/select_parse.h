/*
 * select_parse.h - the lists of a select block from text, for statements and for frames
 *
 * Each starts at the lexer's current token and leaves the lexer at the first that does not belong to the
 * list.
 */
#ifndef JI_SELECT_PARSE_H
#define JI_SELECT_PARSE_H

#include "expr/lexer.h"
#include "query/select.h"

#define JI_LIST_MAX 10000

/* One expression, from the lexer's current token on. */
enum joist_status ji_parse_expr(
        struct ji_arena *arena, struct ji_lexer *lexer, const struct ji_expr **expr, struct joist_error *err);
/* expression [[as] name], ... | * */
enum joist_status ji_parse_items(struct ji_arena *arena, struct ji_lexer *lexer,
        const struct ji_select_item **items, size_t *count, struct joist_error *err);
/* expression, ... */
enum joist_status ji_parse_exprs(struct ji_arena *arena, struct ji_lexer *lexer,
        const struct ji_expr *const **exprs, size_t *count, struct joist_error *err);
/* expression [asc | desc] [nulls first | last], ...; nulls are last unless said otherwise */
enum joist_status ji_parse_order(struct ji_arena *arena, struct ji_lexer *lexer,
        const struct ji_order_item **items, size_t *count, struct joist_error *err);
/* A name that may stand bare: no word of a clause. NULL where the current token is none. */
enum joist_status ji_parse_name(
        struct ji_arena *arena, struct ji_lexer *lexer, const char **name, struct joist_error *err);

#endif
