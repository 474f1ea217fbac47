/*
 * bounds_write.c - bounds as a file has them, and as values
 *
 *     maximum cut at 64 bytes    "mmm...m|mm"   ->  "mmm...n"      the last byte raised
 *                                "ab\xff\xff|.."  ->  "ac"           what cannot be raised is dropped first
 *
 * Text is cut and raised by whole characters, so that a bound of UTF-8 is UTF-8. What cannot be raised at
 * all is left out.
 */
#include "parquet/encode/bounds.h"

#include "base/utf8_text.h"

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
static bool raise_text(struct ji_bound_text *text, size_t bytes_max)
{
    while (text->size > 0) {
        const size_t at = last_character(text);
        const size_t size = text->size - at;
        uint32_t code = character_code(text->bytes + at, size) + 1;
        if (code == 0xd800)
            code = 0xe000;
        uint8_t raised[4];
        const size_t raised_size = code <= 0x10ffff ? ji_utf8_put(code, raised) : 0;
        if (raised_size > 0 && at + raised_size <= bytes_max) {
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

/* Cut to what is wanted. A front of text may end inside a character; what is before it is a front too. */
static void cut(const struct ji_bounds *bounds, struct ji_bound_text *out)
{
    const bool is_text = bounds->order == JI_BOUND_TEXT;
    if (!is_text && bounds->order != JI_BOUND_BYTES)
        return;
    if (bounds->bytes_max != 0 && out->size > bounds->bytes_max) {
        out->size = bounds->bytes_max;
        out->exact = false;
    }
    if (is_text && !out->exact)
        out->size = ji_utf8_prefix(ji_view_of(out->bytes, out->size));
}

bool ji_bounds_min(const struct ji_bounds *bounds, struct ji_bound_text *out)
{
    if (!bounds->has_values)
        return false;
    bound_write(bounds->order, &bounds->min, -0.0, out);
    cut(bounds, out);
    return true;
}

bool ji_bounds_max(const struct ji_bounds *bounds, struct ji_bound_text *out)
{
    if (!bounds->has_values)
        return false;
    bound_write(bounds->order, &bounds->max, 0.0, out);
    cut(bounds, out);
    if (out->exact)
        return true;
    const size_t bytes_max = bounds->bytes_max != 0 ? bounds->bytes_max : sizeof out->bytes;
    return bounds->order == JI_BOUND_TEXT ? raise_text(out, bytes_max) : raise_bytes(out);
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
    if (leaf->field->kind == JI_WIDE_DECIMAL)
        return JOIST_OK;
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
