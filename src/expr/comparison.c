/*
 * comparison.c - = <> < <= > >= and between, to bits
 *
 *     value ? constant   ->   low <= value <= high          one unsigned compare a value: value - low <=
 *     high - low
 *     value ? value      ->   equal or less, maybe negated
 *
 * Every order is total (value_order.h: NaN included), so that >= is "not less" and <> is "not equal". 64
 * results at a time go through bytes, which compilers vectorise, into bits.
 */
#include "expr/evaluate.h"
#include "expr/value_order.h"

#include <assert.h>

#define BLOCK 64

/* `condition` over `i` into bits; `i` runs from `base` in blocks. */
#define FILL_BITS(condition)                                                                                 \
    do {                                                                                                     \
        uint8_t flags[BLOCK];                                                                                \
        size_t base = 0;                                                                                     \
        for (; base + BLOCK <= count; base += BLOCK) {                                                       \
            for (size_t j = 0; j < BLOCK; j++) {                                                             \
                const size_t i = base + j;                                                                   \
                flags[j] = (condition);                                                                      \
            }                                                                                                \
            for (size_t j = 0; j < BLOCK; j += 8)                                                            \
                bits[(base + j) / 8] = ji_pack_flags(flags + j);                                             \
        }                                                                                                    \
        memset(flags, 0, sizeof flags);                                                                      \
        for (size_t j = 0; j < count - base; j++) {                                                          \
            const size_t i = base + j;                                                                       \
            flags[j] = (condition);                                                                          \
        }                                                                                                    \
        for (size_t j = 0; j < count - base; j += 8)                                                         \
            bits[(base + j) / 8] = ji_pack_flags(flags + j);                                                 \
    } while (0)

/* low and high are within the type, low <= high. */
#define DEFINE_RANGE(name, type, unsigned_type)                                                              \
    static void range_##name(const type *restrict values, size_t count, ji_int128 low, ji_int128 high,       \
            uint8_t *restrict bits)                                                                          \
    {                                                                                                        \
        const unsigned_type from = (unsigned_type)low;                                                       \
        const unsigned_type span = (unsigned_type)(high - low);                                              \
        FILL_BITS((unsigned_type)((unsigned_type)values[i] - from) <= span);                                 \
    }

DEFINE_RANGE(i8, int8_t, uint8_t)
DEFINE_RANGE(i16, int16_t, uint16_t)
DEFINE_RANGE(i32, int32_t, uint32_t)
DEFINE_RANGE(i64, int64_t, uint64_t)
DEFINE_RANGE(u8, uint8_t, uint8_t)
DEFINE_RANGE(u16, uint16_t, uint16_t)
DEFINE_RANGE(u32, uint32_t, uint32_t)
DEFINE_RANGE(u64, uint64_t, uint64_t)

static void range_i128(
        const ji_int128 *restrict values, size_t count, ji_int128 low, ji_int128 high, uint8_t *restrict bits)
{
    FILL_BITS(values[i] >= low && values[i] <= high);
}

static void range_f32(
        const float *restrict values, size_t count, ji_int128 low, ji_int128 high, uint8_t *restrict bits)
{
    const int64_t from = (int64_t)low;
    const uint64_t span = (uint64_t)(high - low);
    FILL_BITS((uint64_t)ji_order_of_real(values[i]) - (uint64_t)from <= span);
}

static void range_f64(
        const double *restrict values, size_t count, ji_int128 low, ji_int128 high, uint8_t *restrict bits)
{
    const int64_t from = (int64_t)low;
    const uint64_t span = (uint64_t)(high - low);
    FILL_BITS((uint64_t)ji_order_of_real(values[i]) - (uint64_t)from <= span);
}

/* Steps are 1 for a flat side and 0 for a constant one. */
#define DEFINE_PAIR(name, type, ordered)                                                                     \
    static void pair_##name(const type *a, size_t a_step, const type *b, size_t b_step, size_t count,        \
            bool less, uint8_t *restrict bits)                                                               \
    {                                                                                                        \
        if (less)                                                                                            \
            FILL_BITS(ordered(a[i * a_step]) < ordered(b[i * b_step]));                                      \
        else                                                                                                 \
            FILL_BITS(ordered(a[i * a_step]) == ordered(b[i * b_step]));                                     \
    }
#define AS_IS(value) (value)

DEFINE_PAIR(i8, int8_t, AS_IS)
DEFINE_PAIR(i16, int16_t, AS_IS)
DEFINE_PAIR(i32, int32_t, AS_IS)
DEFINE_PAIR(i64, int64_t, AS_IS)
DEFINE_PAIR(u8, uint8_t, AS_IS)
DEFINE_PAIR(u16, uint16_t, AS_IS)
DEFINE_PAIR(u32, uint32_t, AS_IS)
DEFINE_PAIR(u64, uint64_t, AS_IS)
DEFINE_PAIR(f32, float, ji_order_of_real)
DEFINE_PAIR(f64, double, ji_order_of_real)
DEFINE_PAIR(i128, ji_int128, AS_IS)

static inline bool view_equal(struct ji_view a, struct ji_view b)
{
    return a.size == b.size &&
            (a.size == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.size) == 0));
}

static void pair_view(const struct ji_view *a, size_t a_step, const struct ji_view *b, size_t b_step,
        size_t count, bool less, uint8_t *restrict bits)
{
    if (less)
        FILL_BITS(ji_view_compare(a[i * a_step], b[i * b_step]) < 0);
    else
        FILL_BITS(view_equal(a[i * a_step], b[i * b_step]));
}

static void pair_bool(const uint8_t *a, size_t a_step, const uint8_t *b, size_t b_step, size_t count,
        bool less, uint8_t *restrict bits)
{
    if (less)
        FILL_BITS(!ji_bit_get(a, i * a_step) && ji_bit_get(b, i * b_step));
    else
        FILL_BITS(ji_bit_get(a, i * a_step) == ji_bit_get(b, i * b_step));
}

static void pair_fixed(
        const struct ji_vector *a, const struct ji_vector *b, size_t count, bool less, uint8_t *restrict bits)
{
    const size_t width = a->column.field->fixed_bytes;
    const size_t a_step = ji_vector_constant(a) ? 0 : width;
    const size_t b_step = ji_vector_constant(b) ? 0 : width;
    const uint8_t *left = a->column.values;
    const uint8_t *right = b->column.values;
    if (less)
        FILL_BITS(memcmp(left + i * a_step, right + i * b_step, width) < 0);
    else
        FILL_BITS(memcmp(left + i * a_step, right + i * b_step, width) == 0);
}

static void run_pair(
        const struct ji_vector *a, const struct ji_vector *b, size_t count, bool less, uint8_t *bits)
{
    const size_t a_step = !ji_vector_constant(a);
    const size_t b_step = !ji_vector_constant(b);
    const void *left = a->column.values;
    const void *right = b->column.values;
    switch (ji_physical_of(a)) {
    case JI_PHYSICAL_BOOL:
        pair_bool(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_I8:
        pair_i8(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_I16:
        pair_i16(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_I32:
        pair_i32(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_I64:
        pair_i64(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_U8:
        pair_u8(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_U16:
        pair_u16(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_U32:
        pair_u32(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_U64:
        pair_u64(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_F32:
        pair_f32(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_F64:
        pair_f64(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_I128:
        pair_i128(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_VIEW:
        pair_view(left, a_step, right, b_step, count, less, bits);
        break;
    case JI_PHYSICAL_FIXED:
        pair_fixed(a, b, count, less, bits);
        break;
    case JI_PHYSICAL_NONE:
        break;
    }
}

/*
 * The place of a constant in its type's order, and the order's ends. False for types that have no
 * integers.
 */
static bool order_of(const struct ji_vector *constant, ji_int128 *at, ji_int128 *least, ji_int128 *greatest)
{
    const struct ji_value value = ji_column_value(&constant->column, 0);
    const enum ji_physical physical = ji_physical_of(constant);
    int64_t narrow = 0;
    switch (physical) {
    case JI_PHYSICAL_BOOL:
    case JI_PHYSICAL_VIEW:
    case JI_PHYSICAL_FIXED:
    case JI_PHYSICAL_NONE:
        return false;
    case JI_PHYSICAL_F32:
    case JI_PHYSICAL_F64:
        *at = ji_order_of_real(value.as.real);
        *least = INT64_MIN;
        *greatest = INT64_MAX;
        return true;
    case JI_PHYSICAL_I128:
        *at = value.as.decimal;
        *greatest = (ji_int128)(((ji_uint128)1 << 127) - 1);
        *least = -*greatest - 1;
        return true;
    case JI_PHYSICAL_U64:
        *at = (ji_int128)value.as.unsigned_integer;
        break;
    default:
        *at = value.as.integer;
        if (constant->column.field->kind == JI_DECIMAL) {
            memcpy(&narrow, constant->column.values, sizeof narrow);
            *at = narrow;
        }
    }
    const unsigned bits = (unsigned)ji_vector_width(constant) * 8;
    const bool is_unsigned = physical >= JI_PHYSICAL_U8 && physical <= JI_PHYSICAL_U64;
    *greatest = ((ji_int128)1 << (is_unsigned ? bits : bits - 1)) - 1;
    *least = is_unsigned ? 0 : -*greatest - 1;
    return true;
}

static void run_range(
        const struct ji_vector *vector, size_t count, ji_int128 low, ji_int128 high, uint8_t *bits)
{
    const void *values = vector->column.values;
    if (low > high) {
        memset(bits, 0, ji_bitmap_bytes(count));
        return;
    }
    switch (ji_physical_of(vector)) {
    case JI_PHYSICAL_I8:
        range_i8(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_I16:
        range_i16(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_I32:
        range_i32(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_I64:
        range_i64(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_U8:
        range_u8(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_U16:
        range_u16(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_U32:
        range_u32(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_U64:
        range_u64(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_F32:
        range_f32(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_F64:
        range_f64(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_I128:
        range_i128(values, count, low, high, bits);
        break;
    case JI_PHYSICAL_BOOL:
    case JI_PHYSICAL_VIEW:
    case JI_PHYSICAL_FIXED:
    case JI_PHYSICAL_NONE:
        break;
    }
}

/* Narrow decimals meet wide ones as wide ones. */
static enum joist_status same_physical(
        struct ji_evaluator *evaluator, struct ji_vector *a, struct ji_vector *b, struct joist_error *err)
{
    if (a->narrow == b->narrow)
        return JOIST_OK;
    JI_TRY(ji_vector_widen(evaluator, a, err));
    return ji_vector_widen(evaluator, b, err);
}

/* Bits of nulls are 0, and with them those behind the last position. */
static void finish_bits(uint8_t *bits, size_t count, bool negated, const uint8_t *needed)
{
    const size_t bytes = ji_bitmap_bytes(count);
    for (size_t b = 0; negated && b < bytes; b++)
        bits[b] = (uint8_t)~bits[b];
    for (size_t b = 0; needed != NULL && b < bytes; b++)
        bits[b] &= needed[b];
}

/* less or equal of a pair, whether the sides change places, whether the answer is turned round. */
struct relation {
    bool less;
    bool swapped;
    bool negated;
};

static struct relation relation_of(enum ji_expr_op op)
{
    switch (op) {
    case JI_EXPR_LESS:
        return (struct relation){true, false, false};
    case JI_EXPR_GREATER:
        return (struct relation){true, true, false};
    case JI_EXPR_LESS_EQUAL:
        return (struct relation){true, true, true};
    case JI_EXPR_GREATER_EQUAL:
        return (struct relation){true, false, true};
    case JI_EXPR_NOT_EQUAL:
        return (struct relation){false, false, true};
    default:
        return (struct relation){false, false, false};
    }
}

static void range_of(enum ji_expr_op op, ji_int128 at, ji_int128 *low, ji_int128 *high, bool *empty)
{
    *empty = (op == JI_EXPR_LESS && at == *low) || (op == JI_EXPR_GREATER && at == *high);
    if (*empty)
        return;
    if (op == JI_EXPR_LESS)
        *high = at - 1;
    else if (op == JI_EXPR_LESS_EQUAL)
        *high = at;
    else if (op == JI_EXPR_GREATER)
        *low = at + 1;
    else if (op == JI_EXPR_GREATER_EQUAL)
        *low = at;
    else
        *low = *high = at;
}

enum joist_status ji_run_comparison(struct ji_call *call, struct joist_error *err)
{
    struct ji_vector *a = &call->arguments[0];
    struct ji_vector *b = &call->arguments[1];
    const enum ji_expr_op op = call->expr->op;
    ji_int128 at = 0;
    ji_int128 low = 0;
    ji_int128 high = 0;
    JI_TRY(same_physical(call->evaluator, a, b, err));
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &bits, err));
    if (ji_vector_constant(b) && order_of(b, &at, &low, &high)) {
        bool empty = false;
        range_of(op, at, &low, &high, &empty);
        if (!empty)
            run_range(a, call->count, low, high, bits);
        finish_bits(bits, call->count, op == JI_EXPR_NOT_EQUAL, call->needed);
        return JOIST_OK;
    }
    const struct relation relation = relation_of(op);
    run_pair(relation.swapped ? b : a, relation.swapped ? a : b, call->count, relation.less, bits);
    finish_bits(bits, call->count, relation.negated, call->needed);
    return JOIST_OK;
}

enum joist_status ji_run_between(struct ji_call *call, struct joist_error *err)
{
    struct ji_vector *value = &call->arguments[0];
    struct ji_vector *from = &call->arguments[1];
    struct ji_vector *to = &call->arguments[2];
    ji_int128 low = 0;
    ji_int128 high = 0;
    ji_int128 least = 0;
    ji_int128 greatest = 0;
    JI_TRY(same_physical(call->evaluator, value, from, err));
    JI_TRY(same_physical(call->evaluator, value, to, err));
    JI_TRY(same_physical(call->evaluator, value, from, err));
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &bits, err));
    const bool constants = ji_vector_constant(from) && ji_vector_constant(to);
    if (constants && order_of(from, &low, &least, &greatest) && order_of(to, &high, &least, &greatest)) {
        run_range(value, call->count, low, high, bits);
        finish_bits(bits, call->count, false, call->needed);
        return JOIST_OK;
    }
    uint8_t *above = NULL;
    JI_TRY(ji_scratch_bits(call->evaluator, call->count, false, &above, err));
    run_pair(value, from, call->count, true, bits);
    run_pair(to, value, call->count, true, above);
    for (size_t i = 0; i < ji_bitmap_bytes(call->count); i++)
        bits[i] |= above[i];
    finish_bits(bits, call->count, true, call->needed);
    ji_scratch_drop(call->evaluator, above);
    return JOIST_OK;
}

/*
 * Not strict where the bounds may be null: 5 between null and 3 is false. Then it is two comparisons, each
 * over what was evaluated once.
 */
enum joist_status ji_evaluate_between(struct ji_evaluator *evaluator, const struct ji_expr *expr,
        const struct ji_rows *rows, struct ji_vector *out, struct joist_error *err)
{
    struct ji_vector arguments[3] = {0};
    bool bound_nulls = false;
    for (size_t i = 0; i < 3; i++) {
        JI_TRY(ji_evaluate_node(evaluator, expr->arguments[i], rows, &arguments[i], err));
        const struct ji_column *column = &arguments[i].column;
        bound_nulls = bound_nulls || (i > 0 && (column->validity != NULL || column->field->kind == JI_NULL));
    }
    if (!bound_nulls)
        return ji_evaluate_strict(evaluator, expr, rows, ji_run_between, arguments, out, err);

    const struct ji_vector value = arguments[0];
    uint8_t *truth[2] = {0};
    uint8_t *known[2] = {0};
    for (size_t side = 0; side < 2; side++) {
        struct ji_expr half = {.op = side == 0 ? JI_EXPR_GREATER_EQUAL : JI_EXPR_LESS_EQUAL,
                .position = expr->position,
                .type = expr->type,
                .argument_count = 2};
        struct ji_vector sides[2] = {value, arguments[side + 1]};
        struct ji_vector result = {0};
        JI_TRY(ji_evaluate_strict(evaluator, &half, rows, ji_run_comparison, sides, &result, err));
        JI_TRY(ji_vector_truth(evaluator, &result, rows->count, &truth[side], &known[side], err));
    }
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_new(evaluator, &expr->type, false, rows->count, out, &bits, err));
    for (size_t b = 0; b < ji_bitmap_bytes(rows->count); b++) {
        const uint8_t no = (uint8_t)((known[0][b] & ~truth[0][b]) | (known[1][b] & ~truth[1][b]));
        bits[b] = truth[0][b] & truth[1][b];
        known[0][b] = (uint8_t)((known[0][b] & known[1][b]) | no);
    }
    out->column.validity = known[0];
    return JOIST_OK;
}
