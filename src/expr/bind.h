/*
 * bind.h - what the parts of binding share
 *
 * Every ji_bind_* takes nodes whose arguments are bound already and may change the node itself, which is the
 * binder's own copy, never its arguments, which may be shared.
 */
#ifndef JI_BIND_H
#define JI_BIND_H

#include "expr/expr.h"
#include "expr/type_rules.h"

#define JI_BIND_NODES_MAX (4 * JI_EXPR_NODES_MAX)

struct ji_binder {
    struct ji_arena *arena;
    const struct ji_schema *schema;
    struct ji_evaluator *evaluator; /* folds constants; opened at the first */
    size_t nodes;
    bool in_aggregate;
};

/* `*expr` as `type`: itself, a literal that says the same, or a cast. What no cast can do is INVALID. */
enum joist_status ji_bind_cast(struct ji_binder *binder, const struct ji_field *type, struct ji_expr **expr,
        struct joist_error *err);
/* Whether a cast between the types exists at all. */
bool ji_expr_cast_exists(const struct ji_field *from, const struct ji_field *to);
/* Gives arguments `first` and every `step`-th after it one type, and tells which. */
enum joist_status ji_bind_same_type(struct ji_binder *binder, struct ji_expr *node, size_t first, size_t step,
        struct ji_field *type, struct joist_error *err);

enum joist_status ji_bind_comparison(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);
enum joist_status ji_bind_between(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);
enum joist_status ji_bind_in(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);
enum joist_status ji_bind_arithmetic(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);
enum joist_status ji_bind_call(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);
enum joist_status ji_bind_aggregate(struct ji_binder *binder, struct ji_expr *node, struct joist_error *err);

/* INVALID "column 8: <what> <type> and <type>". */
enum joist_status ji_bind_refuse(struct ji_binder *binder, const struct ji_expr *node, const char *what,
        const struct ji_expr *a, const struct ji_expr *b, struct joist_error *err);

/* The name among `count` that `wrong` was likely meant to be, or NULL. `name_at(arg, i)` gives them. */
const char *ji_guess_name(
        const char *wrong, size_t count, const char *(*name_at)(const void *arg, size_t i), const void *arg);

#endif
