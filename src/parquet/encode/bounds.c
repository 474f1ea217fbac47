/*
 * bounds.c - the least and the greatest of a page's, chunk's or file's values
 *
 *   1. For bytes, `min` is the front of the least value: fronts are ordered as their values are, so the least
 *      front belongs to the least value. It is exact where some value equals it.
 *   2. `max` is the front of the greatest; where a longer value has that front, it is not exact, and is
 *      raised before it is written: the last byte (of text: character) that can be made greater is, the
 *      rest dropped.
 *
 * Most values lie strictly between the bounds so far; for bytes a comparison of their first eight decides
 * that.
 */
#include "parquet/encode/bounds.h"

#include <assert.h>
#include <math.h>

enum ji_bound_order ji_leaf_bound_order(const struct ji_leaf *leaf)
{
    const enum ji_logical logical = leaf->element->logical.kind;
    if (logical == JI_LOGICAL_GEOMETRY || logical == JI_LOGICAL_GEOGRAPHY ||
            leaf->element->physical == JI_PHYSICAL_INT96)
        return JI_BOUND_NONE;
    switch (leaf->field->kind) {
    case JI_NULL:
    case JI_INTERVAL: /* the format leaves its order open */
        return JI_BOUND_NONE;
    case JI_BOOL:
        return JI_BOUND_BOOL;
    case JI_UINT8:
    case JI_UINT16:
    case JI_UINT32:
        return JI_BOUND_U32;
    case JI_UINT64:
        return JI_BOUND_U64;
    case JI_FLOAT16:
        return JI_BOUND_F16;
    case JI_FLOAT:
        return JI_BOUND_F32;
    case JI_DOUBLE:
        return JI_BOUND_F64;
    case JI_STRING:
        return JI_BOUND_TEXT;
    case JI_FIXED: /* readers want bounds as long as the values: pyarrow ends its process at shorter ones */
        return leaf->element->type_length <= JI_BOUND_BYTES_MAX ? JI_BOUND_BYTES : JI_BOUND_NONE;
    case JI_BINARY:
    case JI_UUID:
        return JI_BOUND_BYTES;
    default:
        break;
    }
    if (leaf->element->physical == JI_PHYSICAL_FIXED)
        return JI_BOUND_DECIMAL;
    return leaf->element->physical == JI_PHYSICAL_INT32 ? JI_BOUND_I32 : JI_BOUND_I64;
}

void ji_bounds_reset(struct ji_bounds *bounds, enum ji_bound_order order)
{
    bounds->order = order;
    bounds->has_values = false;
    bounds->nan_count = 0;
    bounds->min.exact = bounds->max.exact = true;
    bounds->min.size = bounds->max.size = 0;
}

#define ADD_NUMBERS(name, type, member)                                                                      \
    static void name(struct ji_bounds *bounds, const type *values, size_t count)                             \
    {                                                                                                        \
        type low = values[0];                                                                                \
        type high = values[0];                                                                               \
        for (size_t i = 1; i < count; i++) {                                                                 \
            low = values[i] < low ? values[i] : low;                                                         \
            high = values[i] > high ? values[i] : high;                                                      \
        }                                                                                                    \
        if (!bounds->has_values || low < bounds->min.number.member)                                          \
            bounds->min.number.member = low;                                                                 \
        if (!bounds->has_values || high > bounds->max.number.member)                                         \
            bounds->max.number.member = high;                                                                \
        bounds->has_values = true;                                                                           \
    }

static void add_bools(struct ji_bounds *bounds, const uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!bounds->has_values || values[i] < bounds->min.number.u)
            bounds->min.number.u = values[i];
        if (!bounds->has_values || values[i] > bounds->max.number.u)
            bounds->max.number.u = values[i];
        bounds->has_values = true;
    }
}

ADD_NUMBERS(add_i32, int32_t, i)
ADD_NUMBERS(add_u32, uint32_t, u)
ADD_NUMBERS(add_i64, int64_t, i)
ADD_NUMBERS(add_u64, uint64_t, u)

static void add_real(struct ji_bounds *bounds, double value)
{
    if (value != value) {
        bounds->nan_count++;
        return;
    }
    if (!bounds->has_values || value < bounds->min.number.f)
        bounds->min.number.f = value;
    if (!bounds->has_values || value > bounds->max.number.f)
        bounds->max.number.f = value;
    bounds->has_values = true;
}

/*
 * As add_real for each, in lanes that do not wait for one another. NaN is neither less nor greater; where
 * there was nothing else low stays above high.
 */
#define LANES 4
#define ADD_REALS(name, type)                                                                                \
    static void name(struct ji_bounds *bounds, const type *values, size_t count)                             \
    {                                                                                                        \
        type low[LANES] = {INFINITY, INFINITY, INFINITY, INFINITY};                                          \
        type high[LANES] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};                                     \
        uint64_t nans = 0;                                                                                   \
        size_t i = 0;                                                                                        \
        for (; count - i >= LANES; i += LANES)                                                               \
            for (size_t lane = 0; lane < LANES; lane++) {                                                    \
                const type value = values[i + lane];                                                         \
                nans += value != value;                                                                      \
                low[lane] = value < low[lane] ? value : low[lane];                                           \
                high[lane] = value > high[lane] ? value : high[lane];                                        \
            }                                                                                                \
        bounds->nan_count += nans;                                                                           \
        for (size_t lane = 0; lane < LANES; lane++)                                                          \
            if (low[lane] <= high[lane]) {                                                                   \
                add_real(bounds, (double)low[lane]);                                                         \
                add_real(bounds, (double)high[lane]);                                                        \
            }                                                                                                \
        for (; i < count; i++)                                                                               \
            add_real(bounds, (double)values[i]);                                                             \
    }

ADD_REALS(add_floats, float)
ADD_REALS(add_doubles, double)

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
static double half_value(uint16_t half)
{
    const unsigned exponent = half >> 10 & 31;
    const uint64_t fraction = half & 1023;
    uint64_t bits = 0;
    double value = 0;
    if (exponent == 0) {
        value = (double)fraction / 16777216.0; /* 2^-24 */
    } else {
        bits = exponent == 31 ? (uint64_t)2047 << 52 : (uint64_t)(exponent + 1008) << 52;
        bits |= fraction << 42;
        memcpy(&value, &bits, sizeof value);
    }
    return half >> 15 ? -value : value;
}

static void add_halves(struct ji_bounds *bounds, const struct ji_view *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_real(bounds, half_value(ji_load_le16(values[i].data)));
}

static int bytes_compare(const struct ji_bound *bound, struct ji_view view)
{
    return ji_view_compare(ji_view_of(bound->bytes, bound->size), view);
}

static void bytes_set(struct ji_bound *bound, struct ji_view front, bool exact)
{
    if (front.size != 0)
        memcpy(bound->bytes, front.data, front.size);
    bound->size = (uint8_t)front.size;
    bound->exact = exact;
}

/* Invariants 1 and 2 for one more front. */
static void add_front(struct ji_bounds *bounds, struct ji_view front, bool exact)
{
    if (!bounds->has_values) {
        bounds->has_values = true;
        bytes_set(&bounds->min, front, exact);
        bytes_set(&bounds->max, front, exact);
        return;
    }
    const int low = bytes_compare(&bounds->min, front);
    if (low > 0)
        bytes_set(&bounds->min, front, exact);
    else if (low == 0)
        bounds->min.exact |= exact;
    const int high = bytes_compare(&bounds->max, front);
    if (high < 0)
        bytes_set(&bounds->max, front, exact);
    else if (high == 0)
        bounds->max.exact &= exact;
}

/* The first eight bytes as a number, zeros behind a short end. */
static inline uint64_t first_eight(const uint8_t *data, size_t size)
{
    if (size >= 8)
        return ji_load_be64(data);
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)data[i] << (56 - 8 * i);
    return value;
}

static void add_bytes(struct ji_bounds *bounds, const struct ji_view *values, size_t count)
{
    for (size_t i = 0; i < count;) {
        const struct ji_view front =
                ji_view_of(values[i].data, ji_min_size(values[i].size, JI_BOUND_BYTES_MAX));
        add_front(bounds, front, values[i].size <= JI_BOUND_BYTES_MAX);
        const uint64_t low = first_eight(bounds->min.bytes, bounds->min.size);
        const uint64_t high = first_eight(bounds->max.bytes, bounds->max.size);
        for (i++; i < count; i++) {
            const uint64_t eight = first_eight(values[i].data, values[i].size);
            if (eight <= low || eight >= high)
                break;
        }
    }
}

/* Signed big-endian numbers of one width are ordered as their bytes with the sign bit turned. */
static void add_decimals(struct ji_bounds *bounds, const struct ji_view *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t turned[JI_WIDE_DECIMAL_BYTES];
        memcpy(turned, values[i].data, values[i].size);
        turned[0] ^= 0x80;
        add_front(bounds, ji_view_of(turned, values[i].size), true);
    }
}

void ji_bounds_add(struct ji_bounds *bounds, const struct ji_value_block *block)
{
    if (block->count == 0)
        return;
    switch (bounds->order) {
    case JI_BOUND_NONE:
        break;
    case JI_BOUND_BOOL:
        add_bools(bounds, block->values, block->count);
        break;
    case JI_BOUND_I32:
        add_i32(bounds, block->values, block->count);
        break;
    case JI_BOUND_U32:
        add_u32(bounds, block->values, block->count);
        break;
    case JI_BOUND_I64:
        add_i64(bounds, block->values, block->count);
        break;
    case JI_BOUND_U64:
        add_u64(bounds, block->values, block->count);
        break;
    case JI_BOUND_F32:
        add_floats(bounds, block->values, block->count);
        break;
    case JI_BOUND_F64:
        add_doubles(bounds, block->values, block->count);
        break;
    case JI_BOUND_F16:
        add_halves(bounds, block->values, block->count);
        break;
    case JI_BOUND_DECIMAL:
        add_decimals(bounds, block->values, block->count);
        break;
    case JI_BOUND_BYTES:
    case JI_BOUND_TEXT:
        add_bytes(bounds, block->values, block->count);
        break;
    }
}

static bool is_bytes(enum ji_bound_order order)
{
    return order >= JI_BOUND_DECIMAL;
}

int ji_bound_compare(enum ji_bound_order order, const struct ji_bound *a, const struct ji_bound *b)
{
    switch (order) {
    case JI_BOUND_I32:
    case JI_BOUND_I64:
        return (a->number.i > b->number.i) - (a->number.i < b->number.i);
    case JI_BOUND_BOOL:
    case JI_BOUND_U32:
    case JI_BOUND_U64:
        return (a->number.u > b->number.u) - (a->number.u < b->number.u);
    case JI_BOUND_F16:
    case JI_BOUND_F32:
    case JI_BOUND_F64:
        return (a->number.f > b->number.f) - (a->number.f < b->number.f);
    default:
        return ji_view_compare(ji_view_of(a->bytes, a->size), ji_view_of(b->bytes, b->size));
    }
}

void ji_bounds_merge(struct ji_bounds *bounds, const struct ji_bounds *more)
{
    assert(bounds->order == more->order);
    bounds->nan_count += more->nan_count;
    if (!more->has_values)
        return;
    if (!bounds->has_values) {
        bounds->has_values = true;
        bounds->min = more->min;
        bounds->max = more->max;
        return;
    }
    const int low = ji_bound_compare(bounds->order, &more->min, &bounds->min);
    const int high = ji_bound_compare(bounds->order, &more->max, &bounds->max);
    if (low < 0)
        bounds->min = more->min;
    else if (low == 0 && is_bytes(bounds->order))
        bounds->min.exact |= more->min.exact;
    if (high > 0)
        bounds->max = more->max;
    else if (high == 0 && is_bytes(bounds->order))
        bounds->max.exact &= more->max.exact;
}
