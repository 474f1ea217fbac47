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

#include "base/utf8_text.h"

#include <assert.h>

enum ji_bound_order ji_leaf_bound_order(const struct ji_leaf *leaf)
{
    switch (leaf->field->kind) {
    case JI_NULL:
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
    case JI_BINARY:
    case JI_FIXED:
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

static void add_floats(struct ji_bounds *bounds, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_real(bounds, (double)values[i]);
}

static void add_doubles(struct ji_bounds *bounds, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_real(bounds, values[i]);
}

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
        uint8_t turned[16];
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

/* --- out --- */

static bool raise_bytes(struct ji_bound_text *text)
{
    while (text->size > 0 && text->bytes[text->size - 1] == 0xff)
        text->size--;
    if (text->size == 0)
        return false;
    text->bytes[text->size - 1]++;
    return true;
}

/* Start of the last character; the text holds whole ones only. */
static size_t last_character(const struct ji_bound_text *text)
{
    size_t at = text->size - 1;
    while (at > 0 && (text->bytes[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static uint32_t character_code(const uint8_t *bytes, size_t size)
{
    uint32_t code = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (bytes[i] & 0x3f);
    return code;
}

/*
 * The last character that has a successor, for which there is room, gives way to it; surrogates are stepped
 * over. A successor may be longer: it is greater all the same.
 */
static bool raise_text(struct ji_bound_text *text)
{
    while (text->size > 0) {
        const size_t at = last_character(text);
        const size_t size = text->size - at;
        uint32_t code = character_code(text->bytes + at, size) + 1;
        if (code == 0xd800)
            code = 0xe000;
        uint8_t raised[4];
        const size_t raised_size = code <= 0x10ffff ? ji_utf8_put(code, raised) : 0;
        if (raised_size > 0 && at + raised_size <= sizeof text->bytes) {
            memcpy(text->bytes + at, raised, raised_size);
            text->size = at + raised_size;
            return true;
        }
        text->size = at;
    }
    return false;
}

static void half_write(double value, struct ji_bound_text *out)
{
    /* Every bound came from a half: its bits are there to be found again, without rounding. */
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 63 << 15);
    const unsigned exponent = bits >> 52 & 2047;
    const uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    uint16_t half = 0;
    if (exponent == 2047)
        half = 31 << 10;
    else if (exponent >= 1009)
        half = (uint16_t)((exponent - 1008) << 10 | fraction >> 42);
    else if (exponent != 0)
        half = (uint16_t)((fraction | (uint64_t)1 << 52) >> (1051 - exponent));
    ji_store_le16(out->bytes, (uint16_t)(half | sign));
    out->size = sizeof half;
}

static void real_write(enum ji_bound_order order, double value, struct ji_bound_text *out)
{
    if (order == JI_BOUND_F16) {
        half_write(value, out);
    } else if (order == JI_BOUND_F32) {
        const float single = (float)value;
        uint32_t bits = 0;
        memcpy(&bits, &single, sizeof bits);
        ji_store_le32(out->bytes, bits);
        out->size = sizeof bits;
    } else {
        uint64_t bits = 0;
        memcpy(&bits, &value, sizeof bits);
        ji_store_le64(out->bytes, bits);
        out->size = sizeof bits;
    }
}

static void bound_write(
        enum ji_bound_order order, const struct ji_bound *bound, double zero, struct ji_bound_text *out)
{
    out->exact = true;
    switch (order) {
    case JI_BOUND_NONE:
        out->size = 0;
        break;
    case JI_BOUND_BOOL:
        out->bytes[0] = (uint8_t)bound->number.u;
        out->size = 1;
        break;
    case JI_BOUND_I32:
    case JI_BOUND_U32:
        ji_store_le32(out->bytes, (uint32_t)bound->number.u);
        out->size = sizeof(uint32_t);
        break;
    case JI_BOUND_I64:
    case JI_BOUND_U64:
        ji_store_le64(out->bytes, bound->number.u);
        out->size = sizeof(uint64_t);
        break;
    case JI_BOUND_F16:
    case JI_BOUND_F32:
    case JI_BOUND_F64:
        real_write(order, bound->number.f == 0 ? zero : bound->number.f, out);
        break;
    case JI_BOUND_DECIMAL:
    case JI_BOUND_BYTES:
    case JI_BOUND_TEXT:
        memcpy(out->bytes, bound->bytes, bound->size);
        out->size = bound->size;
        out->exact = bound->exact;
        if (order == JI_BOUND_DECIMAL)
            out->bytes[0] ^= 0x80;
    }
}

/* A front of text may end inside a character; what is before it is a front too. */
static void whole_characters(enum ji_bound_order order, struct ji_bound_text *out)
{
    if (order == JI_BOUND_TEXT && !out->exact)
        out->size = ji_utf8_prefix(ji_view_of(out->bytes, out->size));
}

bool ji_bounds_min(const struct ji_bounds *bounds, struct ji_bound_text *out)
{
    if (!bounds->has_values)
        return false;
    bound_write(bounds->order, &bounds->min, -0.0, out);
    whole_characters(bounds->order, out);
    return true;
}

bool ji_bounds_max(const struct ji_bounds *bounds, struct ji_bound_text *out)
{
    if (!bounds->has_values)
        return false;
    bound_write(bounds->order, &bounds->max, 0.0, out);
    whole_characters(bounds->order, out);
    if (out->exact)
        return true;
    return bounds->order == JI_BOUND_TEXT ? raise_text(out) : raise_bytes(out);
}

static ji_int128 decimal_value(const struct ji_bound_text *text)
{
    ji_uint128 value = text->size > 0 && text->bytes[0] >= 0x80 ? ~(ji_uint128)0 : 0;
    for (size_t i = 0; i < text->size; i++)
        value = value << 8 | text->bytes[i];
    return (ji_int128)value;
}

static enum joist_status fact_value(const struct ji_bounds *bounds, const struct ji_bound *bound,
        const struct ji_bound_text *text, const struct ji_leaf *leaf, struct ji_arena *arena,
        struct ji_value *value, struct joist_error *err)
{
    *value = (struct ji_value){.is_null = false};
    switch (bounds->order) {
    case JI_BOUND_NONE:
        break;
    case JI_BOUND_BOOL:
        value->as.boolean = bound->number.u != 0;
        break;
    case JI_BOUND_F16:
    case JI_BOUND_F32:
    case JI_BOUND_F64:
        value->as.real = bound->number.f;
        break;
    case JI_BOUND_DECIMAL:
        value->as.decimal = decimal_value(text);
        break;
    case JI_BOUND_BYTES:
    case JI_BOUND_TEXT:
        return ji_arena_view(arena, ji_view_of(text->bytes, text->size), &value->as.view, err);
    default:
        if (leaf->field->kind == JI_DECIMAL)
            value->as.decimal = bound->number.i;
        else if (leaf->field->kind == JI_UINT64)
            value->as.unsigned_integer = bound->number.u;
        else
            value->as.integer = bound->number.i / ji_leaf_multiplier(leaf);
    }
    return JOIST_OK;
}

enum joist_status ji_bounds_facts(const struct ji_bounds *bounds, const struct ji_leaf *leaf,
        struct ji_arena *arena, struct ji_facts *facts, struct joist_error *err)
{
    struct ji_bound_text text;
    if (ji_bounds_min(bounds, &text)) {
        JI_TRY(fact_value(bounds, &bounds->min, &text, leaf, arena, &facts->min, err));
        facts->has_min = true;
        facts->min_exact = text.exact;
    }
    if (ji_bounds_max(bounds, &text)) {
        JI_TRY(fact_value(bounds, &bounds->max, &text, leaf, arena, &facts->max, err));
        facts->has_max = true;
        facts->max_exact = text.exact;
    }
    if (leaf->field->kind == JI_FLOAT || leaf->field->kind == JI_DOUBLE) {
        facts->has_nan_count = true;
        facts->nan_count = bounds->nan_count;
    }
    return JOIST_OK;
}
