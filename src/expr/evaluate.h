/*
 * evaluate.h - how the parts of the evaluator call one another
 *
 * Most operators are strict: null where an argument is null, else a function of the arguments' values. Their
 * code is a ji_call_fn, which sees flat vectors and constants that are not null, and no nulls at all: the
 * caller has taken care of forms, dictionaries and validity. The others (and, or, case, coalesce ...) see to
 * it themselves.
 */
#ifndef JI_EVALUATE_H
#define JI_EVALUATE_H

#include "expr/vector.h"

struct ji_call {
    struct ji_evaluator *evaluator;
    const struct ji_expr *expr;
    size_t count;
    struct ji_vector *arguments; /* FLAT of `count` values, or CONSTANT and not null */
    const uint8_t *needed;       /* positions whose failure counts; NULL: all */
    struct ji_vector *out; /* to be made by ji_vector_new; validity only where the function adds nulls */
};
typedef enum joist_status (*ji_call_fn)(struct ji_call *call, struct joist_error *err);

static inline bool ji_call_needs(const struct ji_call *call, size_t position)
{
    return call->needed == NULL || ji_bit_get(call->needed, position);
}
/* INVALID "column 8: ..." */
enum joist_status ji_call_fail(const struct ji_call *call, struct joist_error *err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Any node. The vector has rows->count positions. */
enum joist_status ji_evaluate_node(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
/* A strict operator over arguments that are there already; they are changed. */
enum joist_status ji_evaluate_strict(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, ji_call_fn run, struct ji_vector *arguments, struct ji_vector *out,
        struct joist_error *err);

/* The rows of `rows` at the set bits of `keep`, and where few are left the positions that they come from. */
struct ji_narrowed {
    struct ji_rows rows;
    uint32_t *positions; /* NULL: the same positions, with fewer active */
    size_t kept;
};
enum joist_status ji_rows_narrow(struct ji_evaluator *evaluator, const struct ji_rows *rows,
        const uint8_t *keep, struct ji_narrowed *narrowed, struct joist_error *err);

enum joist_status ji_evaluate_logic(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_not(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_is_null(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_case(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_coalesce(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_between(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_in(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_nullif(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);
enum joist_status ji_evaluate_call(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err);

enum joist_status ji_run_arithmetic(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_move_date(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_comparison(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_between(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_in_list(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_like(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_concat(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_date_part(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_date_trunc(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_number(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_length(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_text(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_substr(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_text_test(struct ji_call *call, struct joist_error *err);
enum joist_status ji_run_cast(struct ji_call *call, struct joist_error *err);
/* Casts with text on one side; ji_run_cast calls it. */
enum joist_status ji_run_cast_text(struct ji_call *call, struct joist_error *err);

#endif
