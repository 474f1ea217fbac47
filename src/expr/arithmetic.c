/*
 * arithmetic.c - + - * / % and unary minus
 *
 *     int32, int64, decimal(<= 18)   in their own width, overflow collected in one flag
 *     decimal(> 18)                  in int64 first where both sides stand there, else in 128 bits
 *
 * The loops never stop: they tell at the end that something overflowed. Then the slow pass looks again, value
 * by value in 128 bits, for one that counts (neither null nor out of the selection) and names it; if there is
 * none, the results that nobody will read are made 0.
 */
#include "base/decimal.h"
#include "expr/evaluate.h"
#include "expr/type_rules.h"
#include "expr/wide_value.h"

#include <math.h>

#define VALUE_TEXT_MAX 48

#define DEFINE_CHECKED(name, type, builtin)                                                                  \
    static inline __attribute__((always_inline)) bool name##_steps(const type *restrict a, size_t a_step,    \
            const type *restrict b, size_t b_step, size_t count, type *restrict out)                         \
    {                                                                                                        \
        bool bad = false;                                                                                    \
        for (size_t i = 0; i < count; i++)                                                                   \
            bad |= builtin(a[i * a_step], b[i * b_step], &out[i]);                                           \
        return bad;                                                                                          \
    }                                                                                                        \
    static bool name(                                                                                        \
            const type *a, bool a_flat, const type *b, bool b_flat, size_t count, type *restrict out)        \
    {                                                                                                        \
        if (a_flat && b_flat)                                                                                \
            return name##_steps(a, 1, b, 1, count, out);                                                     \
        if (a_flat)                                                                                          \
            return name##_steps(a, 1, b, 0, count, out);                                                     \
        return name##_steps(a, 0, b, b_flat, count, out);                                                    \
    }

static inline bool real_add(double a, double b, double *out)
{
    *out = a + b;
    return false;
}
static inline bool real_subtract(double a, double b, double *out)
{
    *out = a - b;
    return false;
}
static inline bool real_multiply(double a, double b, double *out)
{
    *out = a * b;
    return false;
}
static inline bool real_divide(double a, double b, double *out)
{
    *out = b == 0 ? 0 : a / b;
    return b == 0;
}
static inline bool real_modulo(double a, double b, double *out)
{
    *out = b == 0 ? 0 : fmod(a, b);
    return b == 0;
}
static inline bool modulo_i32(int32_t a, int32_t b, int32_t *out)
{
    *out = b == 0 || b == -1 ? 0 : a % b;
    return b == 0;
}
static inline bool modulo_i64(int64_t a, int64_t b, int64_t *out)
{
    *out = b == 0 || b == -1 ? 0 : a % b;
    return b == 0;
}

DEFINE_CHECKED(add_i32, int32_t, __builtin_add_overflow)
DEFINE_CHECKED(subtract_i32, int32_t, __builtin_sub_overflow)
DEFINE_CHECKED(multiply_i32, int32_t, __builtin_mul_overflow)
DEFINE_CHECKED(remain_i32, int32_t, modulo_i32)
DEFINE_CHECKED(add_i64, int64_t, __builtin_add_overflow)
DEFINE_CHECKED(subtract_i64, int64_t, __builtin_sub_overflow)
DEFINE_CHECKED(multiply_i64, int64_t, __builtin_mul_overflow)
DEFINE_CHECKED(remain_i64, int64_t, modulo_i64)
DEFINE_CHECKED(add_f64, double, real_add)
DEFINE_CHECKED(subtract_f64, double, real_subtract)
DEFINE_CHECKED(multiply_f64, double, real_multiply)
DEFINE_CHECKED(divide_f64, double, real_divide)
DEFINE_CHECKED(remain_f64, double, real_modulo)

static const char *symbol_of(enum ji_expr_op op)
{
    switch (op) {
    case JI_EXPR_ADD:
        return "+";
    case JI_EXPR_MULTIPLY:
        return "*";
    case JI_EXPR_DIVIDE:
        return "/";
    case JI_EXPR_MODULO:
        return "%";
    default:
        return "-";
    }
}

static bool compute(enum ji_expr_op op, ji_int128 a, ji_int128 b, ji_int128 *out)
{
    switch (op) {
    case JI_EXPR_ADD:
        return ji_decimal_add(a, b, out);
    case JI_EXPR_SUBTRACT:
    case JI_EXPR_NEGATE:
        return ji_decimal_subtract(a, b, out);
    case JI_EXPR_MULTIPLY:
        return ji_decimal_multiply(a, b, out);
    default:
        if (b == 0)
            return false;
        *out = b == -1 ? 0 : a % b;
        return true;
    }
}

static enum joist_status fail_integer(
        const struct ji_call *call, ji_int128 a, ji_int128 b, struct joist_error *err)
{
    const enum ji_expr_op op = call->expr->op;
    const struct ji_field *type = &call->expr->type;
    const char *type_name = "";
    char left[VALUE_TEXT_MAX];
    char right[VALUE_TEXT_MAX];
    const bool divides = op == JI_EXPR_MODULO || op == JI_EXPR_DIVIDE;
    if (divides && b == 0)
        return ji_call_fail(call, err, "division by zero in '%s'", symbol_of(op));
    const struct ji_field *left_type = call->arguments[0].column.field;
    const struct ji_field *right_type = op == JI_EXPR_NEGATE ? left_type : call->arguments[1].column.field;
    const unsigned left_scale = left_type->kind == JI_DECIMAL ? (unsigned)left_type->scale : 0;
    const unsigned right_scale = right_type->kind == JI_DECIMAL ? (unsigned)right_type->scale : 0;
    const size_t left_size = ji_decimal_print(a, left_scale, left);
    const size_t right_size = ji_decimal_print(b, right_scale, right);
    JI_TRY(ji_type_text(&call->evaluator->arena, type, &type_name, err));
    if (op == JI_EXPR_NEGATE)
        return ji_call_fail(
                call, err, "overflow: -(%.*s) does not fit %s", (int)right_size, right, type_name);
    return ji_call_fail(call, err, "overflow: %.*s %s %.*s does not fit %s", (int)left_size, left,
            symbol_of(op), (int)right_size, right, type_name);
}

/* All results again, in 128 bits; unary minus is 0 - a. */
static enum joist_status run_slowly(struct ji_call *call, uint8_t *out, struct joist_error *err)
{
    const enum ji_expr_op op = call->expr->op;
    ji_int128 least = 0;
    ji_int128 greatest = 0;
    ji_type_range(&call->expr->type, &least, &greatest);
    for (size_t i = 0; i < call->count; i++) {
        const bool negate = op == JI_EXPR_NEGATE;
        const ji_int128 a = negate ? 0 : ji_wide_load(&call->arguments[0], i);
        const ji_int128 b = ji_wide_load(&call->arguments[negate ? 0 : 1], i);
        ji_int128 result = 0;
        const bool fits = compute(op, a, b, &result) && result >= least && result <= greatest;
        if (!fits && ji_call_needs(call, i))
            return fail_integer(call, a, b, err);
        ji_wide_store(call->out, out, i, fits ? result : 0);
    }
    return JOIST_OK;
}

static bool run_i32(const struct ji_call *call, enum ji_expr_op op, int32_t *out)
{
    const struct ji_vector *left = &call->arguments[0];
    const struct ji_vector *right = &call->arguments[1];
    const int32_t *a = left->column.values;
    const int32_t *b = right->column.values;
    const bool a_flat = !ji_vector_constant(left);
    const bool b_flat = !ji_vector_constant(right);
    switch (op) {
    case JI_EXPR_ADD:
        return add_i32(a, a_flat, b, b_flat, call->count, out);
    case JI_EXPR_SUBTRACT:
        return subtract_i32(a, a_flat, b, b_flat, call->count, out);
    case JI_EXPR_MULTIPLY:
        return multiply_i32(a, a_flat, b, b_flat, call->count, out);
    default:
        return remain_i32(a, a_flat, b, b_flat, call->count, out);
    }
}

static bool run_i64(const struct ji_call *call, enum ji_expr_op op, int64_t *out)
{
    const struct ji_vector *left = &call->arguments[0];
    const struct ji_vector *right = &call->arguments[1];
    const int64_t *a = left->column.values;
    const int64_t *b = right->column.values;
    const bool a_flat = !ji_vector_constant(left);
    const bool b_flat = !ji_vector_constant(right);
    switch (op) {
    case JI_EXPR_ADD:
        return add_i64(a, a_flat, b, b_flat, call->count, out);
    case JI_EXPR_SUBTRACT:
        return subtract_i64(a, a_flat, b, b_flat, call->count, out);
    case JI_EXPR_MULTIPLY:
        return multiply_i64(a, a_flat, b, b_flat, call->count, out);
    default:
        return remain_i64(a, a_flat, b, b_flat, call->count, out);
    }
}

static enum joist_status run_real(struct ji_call *call, double *out, struct joist_error *err)
{
    const enum ji_expr_op op = call->expr->op;
    const struct ji_vector *left = &call->arguments[0];
    const double *a = left->column.values;
    const bool a_flat = !ji_vector_constant(left);
    if (op == JI_EXPR_NEGATE) {
        for (size_t i = 0; i < call->count; i++)
            out[i] = -a[i];
        return JOIST_OK;
    }
    const struct ji_vector *right = &call->arguments[1];
    const double *b = right->column.values;
    const bool b_flat = !ji_vector_constant(right);
    bool bad = false;
    if (op == JI_EXPR_ADD)
        add_f64(a, a_flat, b, b_flat, call->count, out);
    else if (op == JI_EXPR_SUBTRACT)
        subtract_f64(a, a_flat, b, b_flat, call->count, out);
    else if (op == JI_EXPR_MULTIPLY)
        multiply_f64(a, a_flat, b, b_flat, call->count, out);
    else if (op == JI_EXPR_DIVIDE)
        bad = divide_f64(a, a_flat, b, b_flat, call->count, out);
    else
        bad = remain_f64(a, a_flat, b, b_flat, call->count, out);
    for (size_t i = 0; bad && i < call->count; i++) {
        if (b[b_flat ? i : 0] == 0 && ji_call_needs(call, i))
            return ji_call_fail(call, err, "division by zero in '%s'", symbol_of(op));
    }
    return JOIST_OK;
}

/* Numbers up to 2^53 divide exactly enough as doubles; the scales are brought together first. */
static bool divide_plain(ji_int128 a, ji_int128 b, ji_int128 a_factor, ji_int128 b_factor, double *out)
{
    const ji_int128 limit = (ji_int128)1 << 53;
    if (a > limit || a < -limit || b > limit || b < -limit || a_factor > limit || b_factor > limit)
        return false;
    const ji_int128 left = a * a_factor;
    const ji_int128 right = b * b_factor;
    if (left > limit || left < -limit || right > limit || right < -limit)
        return false;
    *out = (double)left / (double)right;
    return true;
}

/*
 * 64-bit sides of one scale that doubles hold exactly; false at the first that they do not, or at a
 * division by 0.
 */
static bool divide_fast(const struct ji_call *call, double *restrict out)
{
    const struct ji_vector *left = &call->arguments[0];
    const struct ji_vector *right = &call->arguments[1];
    const int64_t limit = (int64_t)1 << 53;
    const int64_t *a = left->column.values;
    const int64_t *b = right->column.values;
    const size_t a_step = !ji_vector_constant(left);
    const size_t b_step = !ji_vector_constant(right);
    bool bad = false;
    for (size_t i = 0; i < call->count; i++) {
        const int64_t x = a[i * a_step];
        const int64_t y = b[i * b_step];
        bad |= y == 0 || x > limit || x < -limit || y > limit || y < -limit;
        out[i] = (double)x / (double)y;
    }
    return !bad;
}

static enum joist_status divide_exact(struct ji_call *call, double *out, struct joist_error *err)
{
    const bool eight = ji_vector_width(&call->arguments[0]) == 8 && ji_vector_width(&call->arguments[1]) == 8;
    const struct ji_field *left = call->arguments[0].column.field;
    const struct ji_field *right = call->arguments[1].column.field;
    const unsigned a_scale = left->kind == JI_DECIMAL ? (unsigned)left->scale : 0;
    const unsigned b_scale = right->kind == JI_DECIMAL ? (unsigned)right->scale : 0;
    const ji_int128 a_factor = b_scale > a_scale ? ji_decimal_power(b_scale - a_scale) : 1;
    const ji_int128 b_factor = a_scale > b_scale ? ji_decimal_power(a_scale - b_scale) : 1;
    if (eight && a_scale == b_scale && divide_fast(call, out))
        return JOIST_OK;
    for (size_t i = 0; i < call->count; i++) {
        const ji_int128 a = ji_wide_load(&call->arguments[0], i);
        const ji_int128 b = ji_wide_load(&call->arguments[1], i);
        out[i] = 0;
        if (b == 0 && ji_call_needs(call, i))
            return ji_call_fail(call, err, "division by zero in '/'");
        if (b != 0 && !divide_plain(a, b, a_factor, b_factor, &out[i]))
            out[i] = ji_decimal_divide(a, a_scale, b, b_scale);
    }
    return JOIST_OK;
}

/* Products of two int64 always fit 128 bits; everything else is rare enough for the slow pass. */
static enum joist_status run_wide(struct ji_call *call, struct joist_error *err)
{
    const struct ji_vector *left = &call->arguments[0];
    const struct ji_vector *right = &call->arguments[1];
    ji_int128 *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &out, err));
    const bool eight = ji_vector_width(left) == 8 && ji_vector_width(right) == 8;
    if (call->expr->op != JI_EXPR_MULTIPLY || !eight)
        return run_slowly(call, (uint8_t *)out, err);
    const int64_t *a = left->column.values;
    const int64_t *b = right->column.values;
    const size_t a_step = !ji_vector_constant(left);
    const size_t b_step = !ji_vector_constant(right);
    for (size_t i = 0; i < call->count; i++)
        out[i] = (ji_int128)a[i * a_step] * b[i * b_step];
    return JOIST_OK;
}

/* A decimal of more than 18 digits: mostly its values are small. */
static enum joist_status run_decimal(struct ji_call *call, struct joist_error *err)
{
    for (size_t i = 0; i < call->expr->argument_count; i++) {
        if (ji_vector_width(&call->arguments[i]) != 8)
            return run_wide(call, err);
    }
    int64_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, true, call->count, call->out, &out, err));
    if (!run_i64(call, call->expr->op, out))
        return JOIST_OK;
    ji_scratch_drop(call->evaluator, out);
    return run_wide(call, err);
}

static enum joist_status run_typed(struct ji_call *call, struct joist_error *err)
{
    const struct ji_field *type = &call->expr->type;
    const enum ji_expr_op op = call->expr->op;
    const bool wide = type->kind == JI_DECIMAL && type->precision > JI_DECIMAL_DIGITS_INT64;
    if (wide && op != JI_EXPR_NEGATE && op != JI_EXPR_MODULO)
        return run_decimal(call, err);
    uint8_t *out = NULL;
    bool bad = false;
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    if (type->kind == JI_DOUBLE) {
        if (call->arguments[0].column.field->kind != JI_DOUBLE)
            return divide_exact(call, (double *)(void *)out, err);
        return run_real(call, (double *)(void *)out, err);
    }
    if (wide || op == JI_EXPR_NEGATE)
        return run_slowly(call, out, err);
    if (ji_vector_width(call->out) == 4)
        bad = run_i32(call, op, (int32_t *)(void *)out);
    else
        bad = run_i64(call, op, (int64_t *)(void *)out);
    return bad ? run_slowly(call, out, err) : JOIST_OK;
}

enum joist_status ji_run_arithmetic(struct ji_call *call, struct joist_error *err)
{
    JI_TRY(run_typed(call, err));
    for (size_t i = 0; i < call->expr->argument_count; i++)
        ji_scratch_drop(call->evaluator, call->arguments[i].column.values);
    return JOIST_OK;
}
