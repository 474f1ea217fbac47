/*
 * expr.h - scalar expressions: parsed, bound to a schema, evaluated, asked about facts
 *
 *     text --parse--> tree of names --bind(schema)--> typed tree --evaluate(batch)--> column
 *                                                               \--prune(facts)--> none | some | all
 *
 * A tree lives in an arena and is immutable once bound: any number of threads may evaluate it, each with its
 * own `ji_evaluator`.
 *
 * Types: integers widen to what holds both sides; integer with decimal is decimal; anything with double is
 * double. Decimals are exact: + and - keep the larger scale, x adds scales (38 digits at most, more is an
 * overflow error), / is double. Integer arithmetic yields the wider side's type, int at least (an integer
 * literal is a long). NULL follows SQL's three-valued logic; division by zero and integer or decimal overflow
 * are errors; comparison with NaN: NaN is equal to itself and above all others.
 *
 * Aggregates: count is a required long; sum of integers is a long (of uint64: decimal(38, 0)), of decimals
 * decimal(38, s), of float and double a double; avg is a double; min and max have the argument's type.
 */
#ifndef JI_EXPR_H
#define JI_EXPR_H

#include "arrow/batch.h"
#include "arrow/value.h"
#include "base/ctx.h"

#define JI_EXPR_DEPTH_MAX 200
#define JI_EXPR_NODES_MAX 100000

enum ji_expr_op {
    JI_EXPR_COLUMN,  /* name; once bound: column */
    JI_EXPR_LITERAL, /* type, value */
    JI_EXPR_NEGATE,
    JI_EXPR_ADD,
    JI_EXPR_SUBTRACT,
    JI_EXPR_MULTIPLY,
    JI_EXPR_DIVIDE,
    JI_EXPR_MODULO,
    JI_EXPR_CONCAT,
    JI_EXPR_EQUAL,
    JI_EXPR_NOT_EQUAL,
    JI_EXPR_LESS,
    JI_EXPR_LESS_EQUAL,
    JI_EXPR_GREATER,
    JI_EXPR_GREATER_EQUAL,
    JI_EXPR_AND, /* two arguments or more, as JI_EXPR_OR */
    JI_EXPR_OR,
    JI_EXPR_NOT,
    JI_EXPR_IS_NULL,
    JI_EXPR_IS_NOT_NULL,
    JI_EXPR_IN,      /* arguments[0] in arguments[1..] */
    JI_EXPR_BETWEEN, /* arguments[0] between [1] and [2] */
    JI_EXPR_LIKE,    /* arguments[0] like [1]; escape '\' */
    JI_EXPR_CASE,    /* when, then, when, then, ..., and else where the count is odd */
    JI_EXPR_CAST,    /* arguments[0] to type */
    /* a scalar function by `name`: year, month, day, hour, abs, lower, upper, length, coalesce, substr ... */
    JI_EXPR_CALL,
    JI_EXPR_AGGREGATE, /* count, sum, avg, min, max by `name`; argument_count 0 is count(*) */
    /* arguments[0].name; bound: child number `column`. Unbound, a.b may also be table a's b */
    JI_EXPR_MEMBER,
    /* value.as.integer times `name` (year, month, day, hour, minute, second); in + and - only */
    JI_EXPR_INTERVAL,
};

struct ji_expr {
    enum ji_expr_op op;
    uint32_t position;     /* byte in the text, for messages */
    struct ji_field type;  /* LITERAL and CAST: always; else once bound. name is "" */
    const char *name;      /* COLUMN, CALL, AGGREGATE, MEMBER, INTERVAL */
    size_t column;         /* COLUMN, MEMBER once bound */
    bool distinct;         /* AGGREGATE */
    struct ji_value value; /* LITERAL */
    size_t argument_count;
    struct ji_expr **arguments;
};

/* A node with room for its arguments, everything else zero. */
enum joist_status ji_expr_new(struct ji_arena *arena, enum ji_expr_op op, uint32_t position,
        size_t argument_count, struct ji_expr **expr, struct joist_error *err);

/*
 * Parses one expression from `*at` of `text` on and leaves `*at` behind it, before the first token that does
 * not belong to it (',', ')', a clause's keyword, the end). INVALID: "column 8: ...". The lexer is lexer.h's,
 * which sql uses too.
 */
enum joist_status ji_expr_parse(struct ji_arena *arena, struct ji_view text, size_t *at,
        struct ji_expr **expr, struct joist_error *err);
/* The whole of `text` must be one expression. */
enum joist_status ji_expr_parse_all(
        struct ji_arena *arena, struct ji_view text, struct ji_expr **expr, struct joist_error *err);

/*
 * Resolves names against `schema` and gives every node its type; constants are folded. Makes a new tree,
 * `expr` stays as it was. AGGREGATE nodes are bound too (argument and type), but only scan's operators
 * evaluate them.
 */
enum joist_status ji_expr_bind(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ji_expr *expr, struct ji_expr **bound, struct joist_error *err);

/* Structure and values alike: for "is in group by". Both bound or both not. */
bool ji_expr_equal(const struct ji_expr *a, const struct ji_expr *b);
bool ji_expr_has_aggregate(const struct ji_expr *expr);
/* Sets the bit (byte array of schema's column_count) of every column that the bound tree reads. */
void ji_expr_columns(const struct ji_expr *expr, bool *used);
/* The text of the tree, as a person would type it. */
enum joist_status ji_expr_text(
        struct ji_arena *arena, const struct ji_expr *expr, const char **text, struct joist_error *err);

struct ji_evaluator; /* one thread's scratch memory */
enum joist_status ji_evaluator_open(
        struct joist_ctx *ctx, struct ji_mem *mem, struct ji_evaluator **evaluator, struct joist_error *err);
void ji_evaluator_close(struct ji_evaluator *evaluator);
/* Forgets what was evaluated before: columns handed out until now are gone. Once a batch. */
void ji_evaluator_reset(struct ji_evaluator *evaluator);
/*
 * `out` has batch->row_count rows and lives until the reset. Only selected rows are computed (errors in the
 * others do not count); what stands at the others is unspecified but may be read. The form may be any.
 */
enum joist_status ji_evaluate(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_batch *batch, struct ji_column *out, struct joist_error *err);
/*
 * Narrows to the selected rows for which the boolean `expr` is true (null is not). `rows` has room for
 * batch->row_count. Conjunctions are evaluated left to right, each on what the one before left.
 */
enum joist_status ji_evaluate_filter(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_batch *batch, uint32_t *rows, size_t *row_count, struct joist_error *err);

/* How many of the rows that the facts speak of can satisfy a boolean expression. */
enum ji_prune { JI_PRUNE_NONE, JI_PRUNE_SOME, JI_PRUNE_ALL };
/*
 * `facts(arg, column)` gives what is known of a column, or NULL. NONE and ALL are proofs; anything that
 * cannot be proved is SOME. Cannot fail, allocates nothing.
 */
enum ji_prune ji_expr_prune(
        const struct ji_expr *expr, const struct ji_facts *(*facts)(void *arg, size_t column), void *arg);

/*
 * Somebody who knows more of values than the bounds of columns. A place is a bound COLUMN, or a MEMBER of
 * one, null where a struct above it is.
 */
struct ji_prune_witness {
    const struct ji_facts *(*facts)(void *arg, const struct ji_expr *place); /* NULL: nothing is known */
    /*
     * Whether no row of the place equals `value`, of the place's type or a wider integer; asked for equality
     * only, where bounds leave it open. NULL: nobody knows.
     */
    bool (*lacks)(void *arg, const struct ji_expr *place, const struct ji_value *value);
    void *arg;
};
enum ji_prune ji_expr_prune_with(const struct ji_expr *expr, const struct ji_prune_witness *witness);

#endif
