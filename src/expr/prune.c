/*
 * prune.c - what can be said of rows without reading them
 *
 *     each boolean node -> the set of outcomes that some row may have:  T | F | N
 *     no T: none        only T: all        else: some
 *
 *   1. A set is never too small: an outcome is left out only where the facts prove that no row has it.
 *   2. Bounds speak of values that are neither null nor NaN; NaN is above all of them and counted apart.
 *      Bounds that are not exact are bounds still.
 *   3. Of no rows the set is empty, whatever stands above.
 *
 *   4. Equality with a value that the place is known to lack is never true; rows that are not null remain.
 *
 * Sets join as if the sides were independent, which can only make them larger. A column that its type says is
 * never null has no N.
 */
#include "base/calendar.h"
#include "expr/expr.h"

#define T 1u
#define F 2u
#define N 4u

/* What is known of the values of a scalar. */
struct span {
    bool can_null;
    bool can_nan;
    bool can_value; /* neither null nor NaN */
    bool has_low;
    bool has_high;
    struct ji_value low;
    struct ji_value high;
};

static unsigned outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr);

static bool is_real(const struct ji_field *type)
{
    return type->kind == JI_FLOAT16 || type->kind == JI_FLOAT || type->kind == JI_DOUBLE;
}

static struct span unknown(const struct ji_field *type)
{
    return (struct span){.can_null = type->nullable, .can_nan = is_real(type), .can_value = true};
}

static struct span literal_span(const struct ji_expr *literal)
{
    struct span span = {0};
    if (literal->value.is_null || literal->type.kind == JI_NULL) {
        span.can_null = true;
    } else if (is_real(&literal->type) && literal->value.as.real != literal->value.as.real) {
        span.can_nan = true;
    } else {
        span.can_value = span.has_low = span.has_high = true;
        span.low = span.high = literal->value;
    }
    return span;
}

static bool is_place(const struct ji_expr *expr)
{
    return expr->op == JI_EXPR_COLUMN || expr->op == JI_EXPR_MEMBER;
}

static struct span place_span(const struct ji_prune_witness *teller, const struct ji_expr *place)
{
    const struct ji_field *type = &place->type;
    const struct ji_facts *facts = teller->facts(teller->arg, place);
    struct span span = unknown(type);
    if (facts == NULL)
        return span;
    uint64_t nulls = 0;
    uint64_t nans = 0;
    if (facts->has_null_count && facts->null_count <= facts->row_count) {
        nulls = facts->null_count;
        span.can_null = nulls > 0;
    }
    if (is_real(type) && facts->has_nan_count && facts->nan_count <= facts->row_count - nulls) {
        nans = facts->nan_count;
        span.can_nan = nans > 0;
    }
    if (nulls == facts->row_count)
        span.can_nan = false;
    span.can_value = nulls + nans < facts->row_count;
    if (facts->row_count == 0)
        span.can_null = false;
    span.has_low = facts->has_min && !facts->min.is_null;
    span.has_high = facts->has_max && !facts->max.is_null;
    span.low = facts->min;
    span.high = facts->max;
    /* A NaN is no bound, and bounds the wrong way round are none. */
    if (is_real(type)) {
        span.has_low = span.has_low && span.low.as.real == span.low.as.real;
        span.has_high = span.has_high && span.high.as.real == span.high.as.real;
    }
    if (span.has_low && span.has_high && ji_value_compare(type, &span.low, &span.high) > 0)
        span.has_low = span.has_high = false;
    return span;
}

static bool is_plain_integer(enum ji_kind kind)
{
    return ji_kind_is_integer(kind) && kind != JI_UINT64;
}

static bool year_of(const struct ji_field *type, int64_t value, int64_t *year)
{
    if (type->kind != JI_DATE && type->kind != JI_TIMESTAMP)
        return false;
    *year = ji_civil_of_days(type->kind == JI_DATE ? value : ji_timestamp_day(value, type->unit)).year;
    return *year >= INT32_MIN && *year <= INT32_MAX;
}

/* A bound through a function that keeps the order. False where it cannot be carried over. */
static bool carry(const struct ji_expr *expr, struct ji_value *bound)
{
    const struct ji_field *from = &expr->arguments[0]->type;
    const struct ji_field *to = &expr->type;
    const int64_t value = bound->as.integer;
    if (expr->op == JI_EXPR_CALL)
        return year_of(from, value, &bound->as.integer);
    /* Reals are doubles already, whatever their type. */
    if ((is_plain_integer(from->kind) && is_plain_integer(to->kind)) || is_real(from))
        return true;
    if (from->kind == JI_DATE && to->kind == JI_TIMESTAMP)
        return ji_mul_i64(value, 86400 * ji_unit_per_second(to->unit), &bound->as.integer);
    if (from->kind == JI_TIMESTAMP && to->kind == JI_DATE) {
        bound->as.integer = ji_timestamp_day(value, from->unit);
        return true;
    }
    return false;
}

/* Casts that never fail and keep the order, and year. */
static bool is_monotone(const struct ji_expr *expr)
{
    if (expr->op == JI_EXPR_CALL)
        return strcmp(expr->name, "year") == 0;
    if (expr->op != JI_EXPR_CAST)
        return false;
    const struct ji_field *from = &expr->arguments[0]->type;
    if (is_plain_integer(from->kind) && is_plain_integer(expr->type.kind))
        return expr->type.kind == JI_INT64;
    if (is_real(from))
        return expr->type.kind == JI_DOUBLE;
    return (from->kind == JI_DATE && expr->type.kind == JI_TIMESTAMP) ||
            (from->kind == JI_TIMESTAMP && expr->type.kind == JI_DATE);
}

static struct span span_of(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    if (expr->op == JI_EXPR_LITERAL)
        return literal_span(expr);
    if (is_place(expr))
        return place_span(teller, expr);
    if (!is_monotone(expr))
        return unknown(&expr->type);
    struct span span = span_of(teller, expr->arguments[0]);
    span.has_low = span.has_low && carry(expr, &span.low);
    span.has_high = span.has_high && carry(expr, &span.high);
    return span;
}

/* Outcomes of an operator by the sides' order: -1, 0 or 1. */
static unsigned outcome_of(enum ji_expr_op op, int order)
{
    switch (op) {
    case JI_EXPR_EQUAL:
        return order == 0 ? T : F;
    case JI_EXPR_NOT_EQUAL:
        return order != 0 ? T : F;
    case JI_EXPR_LESS:
        return order < 0 ? T : F;
    case JI_EXPR_LESS_EQUAL:
        return order <= 0 ? T : F;
    case JI_EXPR_GREATER:
        return order > 0 ? T : F;
    default:
        return order >= 0 ? T : F;
    }
}

/* Every order that two values, one of each side, may stand in. */
static unsigned compare_values(
        enum ji_expr_op op, const struct ji_field *type, const struct span *a, const struct span *b)
{
    unsigned set = 0;
    const int low_high = a->has_low && b->has_high ? ji_value_compare(type, &a->low, &b->high) : -1;
    const int high_low = a->has_high && b->has_low ? ji_value_compare(type, &a->high, &b->low) : 1;
    if (low_high < 0)
        set |= outcome_of(op, -1);
    if (high_low > 0)
        set |= outcome_of(op, 1);
    if (low_high <= 0 && high_low >= 0)
        set |= outcome_of(op, 0);
    return set;
}

static unsigned compare_spans(
        enum ji_expr_op op, const struct ji_field *type, const struct span *a, const struct span *b)
{
    unsigned set = 0;
    const bool a_any = a->can_nan || a->can_value;
    const bool b_any = b->can_nan || b->can_value;
    if ((a->can_null && (b_any || b->can_null)) || (b->can_null && (a_any || a->can_null)))
        set |= N;
    if (a->can_value && b->can_value)
        set |= compare_values(op, type, a, b);
    if (a->can_nan && b->can_value)
        set |= outcome_of(op, 1);
    if (a->can_value && b->can_nan)
        set |= outcome_of(op, -1);
    if (a->can_nan && b->can_nan)
        set |= outcome_of(op, 0);
    return set;
}

static unsigned negated(unsigned set)
{
    return (set & N) | ((set & T) != 0 ? F : 0) | ((set & F) != 0 ? T : 0);
}

static unsigned both(unsigned a, unsigned b)
{
    unsigned set = 0;
    if (a == 0 || b == 0)
        return 0;
    if ((a & F) != 0 || (b & F) != 0)
        set |= F;
    if ((a & T) != 0 && (b & T) != 0)
        set |= T;
    if (((a & N) != 0 && (b & (T | N)) != 0) || ((b & N) != 0 && (a & (T | N)) != 0))
        set |= N;
    return set;
}

static unsigned either(unsigned a, unsigned b)
{
    return negated(both(negated(a), negated(b)));
}

static unsigned any_outcome(const struct ji_expr *expr)
{
    return expr->type.nullable ? T | F | N : T | F;
}

/* The place that an expression is, one of numbers perhaps widened; else NULL. */
static const struct ji_expr *place_of(const struct ji_expr *expr)
{
    while (expr->op == JI_EXPR_CAST && is_monotone(expr) &&
            (is_plain_integer(expr->type.kind) || is_real(&expr->type)))
        expr = expr->arguments[0];
    return is_place(expr) ? expr : NULL;
}

/* Whether a place is known to lack the literal that it is compared with. */
static bool is_lacking(
        const struct ji_prune_witness *teller, const struct ji_expr *value, const struct ji_expr *other)
{
    const struct ji_expr *place = place_of(value);
    const struct ji_expr *literal = other;
    if (place == NULL) {
        place = place_of(other);
        literal = value;
    }
    if (teller->lacks == NULL || place == NULL || literal->op != JI_EXPR_LITERAL || literal->value.is_null ||
            literal->type.kind == JI_NULL)
        return false;
    return teller->lacks(teller->arg, place, &literal->value);
}

static unsigned compare_with(const struct ji_prune_witness *teller, enum ji_expr_op op,
        const struct ji_expr *value, const struct ji_expr *other)
{
    const struct span a = span_of(teller, value);
    const struct span b = span_of(teller, other);
    const unsigned set = compare_spans(op, &value->type, &a, &b);
    if (op == JI_EXPR_EQUAL && (set & T) != 0 && is_lacking(teller, value, other))
        return (set & ~T) | F;
    if (op == JI_EXPR_NOT_EQUAL && (set & F) != 0 && is_lacking(teller, value, other))
        return (set & ~F) | T;
    return set;
}

static unsigned in_outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    const struct span value = span_of(teller, expr->arguments[0]);
    const bool any = value.can_value || value.can_nan;
    unsigned set = (any ? F : 0) | (value.can_null ? N : 0);
    for (size_t i = 1; i < expr->argument_count; i++) {
        const struct span item = span_of(teller, expr->arguments[i]);
        unsigned one = compare_spans(JI_EXPR_EQUAL, &expr->arguments[0]->type, &value, &item);
        /* One item that may be there is enough: the others need not be asked for. */
        if ((one & T) != 0 && (set & T) == 0 && is_lacking(teller, expr->arguments[0], expr->arguments[i]))
            one = (one & ~T) | F;
        set = either(set, one);
    }
    return set;
}

/* Whether `text` cut to the prefix's length stands below, at or above it. */
static int compare_prefix(struct ji_view text, struct ji_view prefix)
{
    text.size = ji_min_size(text.size, prefix.size);
    return ji_view_compare(text, prefix);
}

/* Texts of a span that begin with `prefix`: all of the pattern where `whole`. */
static unsigned prefix_outcomes(const struct span *span, struct ji_view prefix, bool whole)
{
    unsigned set = span->can_null ? N : 0;
    if (!span->can_value)
        return set;
    const int low = span->has_low ? compare_prefix(span->low.as.view, prefix) : -1;
    const int high = span->has_high ? compare_prefix(span->high.as.view, prefix) : 1;
    if (low <= 0 && high >= 0)
        set |= T;
    if (!whole || low != 0 || high != 0)
        set |= F;
    return set;
}

static unsigned like_outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    const struct ji_expr *pattern = expr->arguments[1];
    const struct span span = span_of(teller, expr->arguments[0]);
    if (pattern->op != JI_EXPR_LITERAL || pattern->value.is_null)
        return any_outcome(expr);
    const struct ji_view raw = pattern->value.as.view;
    struct ji_view prefix = raw;
    prefix.size = 0;
    while (prefix.size < raw.size && raw.data[prefix.size] != '%' && raw.data[prefix.size] != '_' &&
            raw.data[prefix.size] != '\\')
        prefix.size++;
    if (prefix.size == raw.size) {
        const struct ji_expr exact = {.op = JI_EXPR_LITERAL, .type = pattern->type, .value = pattern->value};
        return compare_with(teller, JI_EXPR_EQUAL, expr->arguments[0], &exact);
    }
    size_t rest = prefix.size;
    while (rest < raw.size && raw.data[rest] == '%')
        rest++;
    return prefix_outcomes(&span, prefix, rest == raw.size);
}

static unsigned call_outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    if (strcmp(expr->name, "starts_with") != 0 || expr->arguments[1]->op != JI_EXPR_LITERAL ||
            expr->arguments[1]->value.is_null)
        return any_outcome(expr);
    const struct span span = span_of(teller, expr->arguments[0]);
    return prefix_outcomes(&span, expr->arguments[1]->value.as.view, true);
}

static unsigned null_outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    const struct ji_expr *argument = expr->arguments[0];
    unsigned set = 0;
    const bool logical = argument->type.kind == JI_BOOL && !is_place(argument);
    if (logical) {
        const unsigned inner = outcomes(teller, argument);
        set = ((inner & N) != 0 ? T : 0) | ((inner & (T | F)) != 0 ? F : 0);
    } else {
        const struct span span = span_of(teller, argument);
        set = (span.can_null ? T : 0) | (span.can_value || span.can_nan ? F : 0);
    }
    return expr->op == JI_EXPR_IS_NULL ? set : negated(set);
}

/* A boolean place or literal by itself. */
static unsigned boolean_outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    const struct span span = span_of(teller, expr);
    unsigned set = span.can_null ? N : 0;
    if (span.can_value && !(span.has_high && !span.high.as.boolean))
        set |= T;
    if (span.can_value && !(span.has_low && span.low.as.boolean))
        set |= F;
    return set;
}

static unsigned join_outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    unsigned set = outcomes(teller, expr->arguments[0]);
    for (size_t i = 1; i < expr->argument_count; i++) {
        const unsigned other = outcomes(teller, expr->arguments[i]);
        set = expr->op == JI_EXPR_AND ? both(set, other) : either(set, other);
    }
    return set;
}

static unsigned outcomes(const struct ji_prune_witness *teller, const struct ji_expr *expr)
{
    switch (expr->op) {
    case JI_EXPR_AND:
    case JI_EXPR_OR:
        return join_outcomes(teller, expr);
    case JI_EXPR_NOT:
        return negated(outcomes(teller, expr->arguments[0]));
    case JI_EXPR_EQUAL:
    case JI_EXPR_NOT_EQUAL:
    case JI_EXPR_LESS:
    case JI_EXPR_LESS_EQUAL:
    case JI_EXPR_GREATER:
    case JI_EXPR_GREATER_EQUAL:
        return compare_with(teller, expr->op, expr->arguments[0], expr->arguments[1]);
    case JI_EXPR_BETWEEN:
        return both(compare_with(teller, JI_EXPR_GREATER_EQUAL, expr->arguments[0], expr->arguments[1]),
                compare_with(teller, JI_EXPR_LESS_EQUAL, expr->arguments[0], expr->arguments[2]));
    case JI_EXPR_IN:
        return in_outcomes(teller, expr);
    case JI_EXPR_LIKE:
        return like_outcomes(teller, expr);
    case JI_EXPR_IS_NULL:
    case JI_EXPR_IS_NOT_NULL:
        return null_outcomes(teller, expr);
    case JI_EXPR_COLUMN:
    case JI_EXPR_MEMBER:
    case JI_EXPR_LITERAL:
        return expr->type.kind == JI_BOOL ? boolean_outcomes(teller, expr) : any_outcome(expr);
    case JI_EXPR_CALL:
        return call_outcomes(teller, expr);
    default:
        return any_outcome(expr);
    }
}

/* A witness of columns alone. */
struct column_witness {
    const struct ji_facts *(*facts)(void *arg, size_t column);
    void *arg;
};

static const struct ji_facts *facts_of_column(void *arg, const struct ji_expr *place)
{
    const struct column_witness *const columns = arg;
    return place->op == JI_EXPR_COLUMN ? columns->facts(columns->arg, place->column) : NULL;
}

enum ji_prune ji_expr_prune(
        const struct ji_expr *expr, const struct ji_facts *(*facts)(void *arg, size_t column), void *arg)
{
    struct column_witness columns = {facts, arg};
    const struct ji_prune_witness witness = {.facts = facts_of_column, .arg = &columns};
    return ji_expr_prune_with(expr, &witness);
}

enum ji_prune ji_expr_prune_with(const struct ji_expr *expr, const struct ji_prune_witness *witness)
{
    const unsigned set = outcomes(witness, expr);
    if ((set & T) == 0)
        return JI_PRUNE_NONE;
    return set == T ? JI_PRUNE_ALL : JI_PRUNE_SOME;
}
