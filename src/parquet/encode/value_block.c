/*
 * value_block.c - values from a column's memory into a page's shape
 *
 * One loop a conversion; the index of value i is rows[i], or start + i. Fixed-width values that the file
 * has as memory has them, side by side, are not moved at all.
 */
#include "parquet/encode/value_block.h"

#include "parquet/format/type_map.h"

#include <assert.h>

#define INTERVAL_BYTES 12
#define NANOS_A_MILLI 1000000
#define INT96_BYTES 12
#define SECONDS_A_DAY 86400
#define JULIAN_DAY_OF_1970 2440588

enum ji_block_shape ji_leaf_block_shape(const struct ji_leaf *leaf)
{
    switch (leaf->element->physical) {
    case JI_PHYSICAL_BOOLEAN:
        return JI_BLOCK_BITS;
    case JI_PHYSICAL_INT32:
    case JI_PHYSICAL_FLOAT:
        return JI_BLOCK_FOUR;
    case JI_PHYSICAL_INT64:
    case JI_PHYSICAL_DOUBLE:
        return JI_BLOCK_EIGHT;
    default:
        return JI_BLOCK_VIEWS;
    }
}

/* Index of value i. */
#define PICK(pick, i) ((pick).rows != NULL ? (pick).rows[i] : (pick).start + (i))

#define SPREAD(name, from, to)                                                                               \
    static void name(const from *values, struct ji_row_pick pick, to *out)                                   \
    {                                                                                                        \
        if (pick.rows != NULL)                                                                               \
            for (size_t i = 0; i < pick.count; i++)                                                          \
                out[i] = (to)values[pick.rows[i]];                                                           \
        else                                                                                                 \
            for (size_t i = 0; i < pick.count; i++)                                                          \
                out[i] = (to)values[pick.start + i];                                                         \
    }

/* Narrow signed integers are sign-extended, unsigned ones zero-extended. */
SPREAD(spread_i8, int8_t, int32_t)
SPREAD(spread_i16, int16_t, int32_t)
SPREAD(spread_u8, uint8_t, int32_t)
SPREAD(spread_u16, uint16_t, int32_t)
SPREAD(spread_32, uint32_t, uint32_t)
SPREAD(spread_64, uint64_t, uint64_t)

static void spread_views(const struct ji_view *values, struct ji_row_pick pick, struct ji_view *out)
{
    for (size_t i = 0; i < pick.count; i++)
        out[i] = values[pick.rows[i]];
}

static void spread_bits(const uint8_t *bits, struct ji_row_pick pick, uint8_t *out)
{
    for (size_t i = 0; i < pick.count; i++)
        out[i] = ji_bit_get(bits, PICK(pick, i));
}

/* 64 bits in memory, 32 in the file. */
static enum joist_status narrow(const int64_t *values, struct ji_row_pick pick, int64_t multiplier,
        int32_t *out, struct joist_error *err)
{
    for (size_t i = 0; i < pick.count; i++) {
        const int64_t value = values[PICK(pick, i)];
        int64_t scaled = 0;
        if (!ji_mul_i64(value, multiplier, &scaled) || scaled < INT32_MIN || scaled > INT32_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "value %" PRId64 " does not fit its type", value);
        out[i] = (int32_t)scaled;
    }
    return JOIST_OK;
}

static enum joist_status scale(const int64_t *values, struct ji_row_pick pick, int64_t multiplier,
        int64_t *out, struct joist_error *err)
{
    for (size_t i = 0; i < pick.count; i++) {
        const int64_t value = values[PICK(pick, i)];
        if (!ji_mul_i64(value, multiplier, &out[i]))
            return ji_fail(err, JOIST_ERR_INVALID, "value %" PRId64 " does not fit its type", value);
    }
    return JOIST_OK;
}

/* Big-endian two's complement in the least bytes that its precision needs. */
static enum joist_status wide_decimals(const ji_int128 *values, struct ji_row_pick pick, unsigned width,
        struct ji_block_room *room, struct joist_error *err)
{
    for (size_t i = 0; i < pick.count; i++) {
        const ji_int128 value = values[PICK(pick, i)];
        uint8_t whole[16];
        ji_store_be64(whole, (uint64_t)((ji_uint128)value >> 64));
        ji_store_be64(whole + 8, (uint64_t)value);
        if (width < 16 && value >> (8 * width - 1) != 0 && value >> (8 * width - 1) != -1)
            return ji_fail(err, JOIST_ERR_INVALID, "a decimal has more digits than its type");
        memcpy(room->bytes + 16 * i, whole + 16 - width, width);
        room->views[i] = ji_view_of(room->bytes + 16 * i, width);
    }
    return JOIST_OK;
}

static enum joist_status wider_decimals(const struct ji_leaf *leaf, const uint8_t *values,
        struct ji_row_pick pick, struct ji_block_room *room, struct joist_error *err)
{
    const size_t width = (size_t)leaf->element->type_length;
    for (size_t i = 0; i < pick.count; i++) {
        const uint8_t *value = values + JI_WIDE_DECIMAL_BYTES * PICK(pick, i);
        uint8_t *whole = room->bytes + JI_WIDE_DECIMAL_BYTES * i;
        if (!ji_wide_decimal_fits(value, leaf->field->precision))
            return ji_fail(err, JOIST_ERR_INVALID, "a decimal has more digits than its type");
        ji_wide_decimal_key(value, whole);
        whole[0] ^= 0x80;
        room->views[i] = ji_view_of(whole + JI_WIDE_DECIMAL_BYTES - width, width);
    }
    return JOIST_OK;
}

/* Months, days and milliseconds, none below 0: nothing else can stand in a file. */
static enum joist_status intervals(const struct ji_interval *values, struct ji_row_pick pick,
        struct ji_block_room *room, struct joist_error *err)
{
    for (size_t i = 0; i < pick.count; i++) {
        const struct ji_interval *value = &values[PICK(pick, i)];
        uint8_t *out = room->bytes + INTERVAL_BYTES * i;
        const int64_t millis = value->nanos / NANOS_A_MILLI;
        if (value->nanos % NANOS_A_MILLI != 0)
            return ji_fail(err, JOIST_ERR_INVALID, "an interval of %" PRId64 " ns: Parquet has milliseconds",
                    value->nanos);
        if (value->months < 0 || value->days < 0 || millis < 0 || millis > UINT32_MAX)
            return ji_fail(err, JOIST_ERR_INVALID,
                    "an interval of %" PRId32 " months, %" PRId32 " days, %" PRId64
                    " ms does not fit its type",
                    value->months, value->days, millis);
        ji_store_le32(out, (uint32_t)value->months);
        ji_store_le32(out + 4, (uint32_t)value->days);
        ji_store_le32(out + 8, (uint32_t)millis);
        room->views[i] = ji_view_of(out, INTERVAL_BYTES);
    }
    return JOIST_OK;
}

/* Nanoseconds of the day, then the Julian day, whose 32 bits are signed for some readers. */
static enum joist_status int96s(const int64_t *values, struct ji_row_pick pick, enum ji_unit unit,
        struct ji_block_room *room, struct joist_error *err)
{
    static const int64_t units_a_second[] = {1, 1000, 1000000, 1000000000};
    const int64_t units_a_day = SECONDS_A_DAY * units_a_second[unit];
    const int64_t nanos_each = units_a_second[JI_NANO] / units_a_second[unit];
    for (size_t i = 0; i < pick.count; i++) {
        const int64_t value = values[PICK(pick, i)];
        const int64_t day = value / units_a_day - (value % units_a_day < 0);
        const int64_t of_day = value % units_a_day + (value % units_a_day < 0 ? units_a_day : 0);
        if (day < -JULIAN_DAY_OF_1970 || day > INT32_MAX - JULIAN_DAY_OF_1970)
            return ji_fail(err, JOIST_ERR_INVALID, "time %" PRId64 " does not fit INT96", value);
        uint8_t *out = room->bytes + INT96_BYTES * i;
        ji_store_le64(out, (uint64_t)(of_day * nanos_each));
        ji_store_le32(out + 8, (uint32_t)(day + JULIAN_DAY_OF_1970));
        room->views[i] = ji_view_of(out, INT96_BYTES);
    }
    return JOIST_OK;
}

static void fixed_views(const uint8_t *values, struct ji_row_pick pick, size_t width, struct ji_view *out)
{
    for (size_t i = 0; i < pick.count; i++)
        out[i] = ji_view_of(values + PICK(pick, i) * width, width);
}

static enum joist_status make_four(const struct ji_leaf *leaf, const void *values, struct ji_row_pick pick,
        struct ji_block_room *room, struct ji_value_block *block, struct joist_error *err)
{
    void *out = room->bytes;
    block->values = out;
    switch (leaf->field->kind) {
    case JI_INT8:
        spread_i8(values, pick, out);
        return JOIST_OK;
    case JI_INT16:
        spread_i16(values, pick, out);
        return JOIST_OK;
    case JI_UINT8:
        spread_u8(values, pick, out);
        return JOIST_OK;
    case JI_UINT16:
        spread_u16(values, pick, out);
        return JOIST_OK;
    case JI_DECIMAL:
    case JI_TIME:
        return narrow(values, pick, ji_leaf_multiplier(leaf), out, err);
    default:
        if (pick.rows == NULL)
            block->values = (const uint32_t *)values + pick.start;
        else
            spread_32(values, pick, out);
        return JOIST_OK;
    }
}

static enum joist_status make_eight(const struct ji_leaf *leaf, const void *values, struct ji_row_pick pick,
        struct ji_block_room *room, struct ji_value_block *block, struct joist_error *err)
{
    const int64_t multiplier = ji_leaf_multiplier(leaf);
    void *out = room->bytes;
    block->values = out;
    if (multiplier != 1)
        return scale(values, pick, multiplier, out, err);
    if (pick.rows == NULL)
        block->values = (const uint64_t *)values + pick.start;
    else
        spread_64(values, pick, out);
    return JOIST_OK;
}

static enum joist_status make_views(const struct ji_leaf *leaf, const void *values, struct ji_row_pick pick,
        struct ji_block_room *room, struct ji_value_block *block, struct joist_error *err)
{
    const size_t width = (size_t)leaf->element->type_length;
    block->values = room->views;
    if (leaf->field->kind == JI_DECIMAL)
        return wide_decimals(values, pick, (unsigned)width, room, err);
    if (leaf->element->physical == JI_PHYSICAL_INT96)
        return int96s(values, pick, leaf->field->unit, room, err);
    if (leaf->field->kind == JI_INTERVAL)
        return intervals(values, pick, room, err);
    if (leaf->field->kind == JI_WIDE_DECIMAL)
        return wider_decimals(leaf, values, pick, room, err);
    if (!ji_kind_is_view(leaf->field->kind))
        fixed_views(values, pick, width, room->views);
    else if (pick.rows == NULL)
        block->values = (const struct ji_view *)values + pick.start;
    else
        spread_views(values, pick, room->views);
    return JOIST_OK;
}

enum joist_status ji_value_block_make(const struct ji_leaf *leaf, const struct ji_column *column,
        struct ji_row_pick pick, struct ji_block_room *room, struct ji_value_block *block,
        struct joist_error *err)
{
    assert(pick.count <= JI_BLOCK_VALUES);
    assert(column->form == JI_FLAT || pick.count == 0);
    block->count = pick.count;
    switch (ji_leaf_block_shape(leaf)) {
    case JI_BLOCK_BITS:
        spread_bits(column->values, pick, room->bytes);
        block->values = room->bytes;
        return JOIST_OK;
    case JI_BLOCK_FOUR:
        return make_four(leaf, column->values, pick, room, block, err);
    case JI_BLOCK_EIGHT:
        return make_eight(leaf, column->values, pick, room, block, err);
    case JI_BLOCK_VIEWS:
        break;
    }
    return make_views(leaf, column->values, pick, room, block, err);
}
