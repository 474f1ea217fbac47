/*
 * import_values.c - scalar values of a stranger's arrays
 *
 * Buffers may stand at any address: one that is not aligned for its type is copied. Strings are checked for
 * UTF-8 once over the whole window, and value by value where that fails: bytes behind nulls may be anything.
 */
#include "arrow/import_values.h"

#include "arrow/pick.h"
#include "arrow/value.h"
#include "base/decimal.h"
#include "kernel/utf8.h"

#include <assert.h>

#define VIEW_BYTES 16
#define VIEW_INLINE_MAX 12
#define DAY_MS 86400000

uint64_t ji_load_code(const void *codes, enum ji_kind kind, size_t index)
{
    const uint8_t *bytes = codes;
    int16_t i16;
    uint16_t u16;
    int32_t i32;
    uint32_t u32;
    uint64_t u64;
    switch (kind) {
    case JI_INT8:
        return (uint64_t)(int64_t)(int8_t)bytes[index];
    case JI_UINT8:
        return bytes[index];
    case JI_INT16:
        memcpy(&i16, bytes + index * sizeof i16, sizeof i16);
        return (uint64_t)(int64_t)i16;
    case JI_UINT16:
        memcpy(&u16, bytes + index * sizeof u16, sizeof u16);
        return u16;
    case JI_INT32:
        memcpy(&i32, bytes + index * sizeof i32, sizeof i32);
        return (uint64_t)(int64_t)i32;
    case JI_UINT32:
        memcpy(&u32, bytes + index * sizeof u32, sizeof u32);
        return u32;
    default:
        memcpy(&u64, bytes + index * sizeof u64, sizeof u64);
        return u64;
    }
}

static bool is_valid(const struct ji_column *column, size_t row)
{
    return column->validity == NULL || ji_bit_get(column->validity, row);
}

static size_t alignment_of(const struct ji_field *field)
{
    const size_t width = ji_field_width(field);
    return width == 2 || width == 4 || width == 8 || width == 16 ? width : 1;
}

/* Borrows the buffer, or copies it where its address is odd. */
static enum joist_status import_same(struct ji_arena *arena, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    const size_t width = ji_field_width(column->field);
    const uint8_t *from = array->buffers[1];
    from += window.at * width;
    column->values = from;
    if ((uintptr_t)from % alignment_of(column->field) == 0)
        return JOIST_OK;
    void *copy;
    JI_TRY(ji_arena_alloc(arena, window.count * width, &copy, err));
    memcpy(copy, from, window.count * width);
    column->values = copy;
    return JOIST_OK;
}

static enum joist_status check_times(const struct ji_column *column, struct joist_error *err)
{
    const int64_t *times = column->values;
    for (size_t i = 0; i < column->row_count; i++) {
        if (is_valid(column, i) && !ji_kind_holds(column->field, times[i]))
            return ji_fail(
                    err, JOIST_ERR_INVALID, "row %zu: %" PRId64 " is no time of a day", i + 1, times[i]);
    }
    return JOIST_OK;
}

static enum joist_status check_wide_decimals(const struct ji_column *column, struct joist_error *err)
{
    const uint8_t *values = column->values;
    for (size_t i = 0; i < column->row_count; i++) {
        if (is_valid(column, i) &&
                !ji_wide_decimal_fits(values + i * JI_WIDE_DECIMAL_BYTES, column->field->precision))
            return ji_fail(err, JOIST_ERR_INVALID, "row %zu: a decimal of more than %u digits", i + 1,
                    (unsigned)column->field->precision);
    }
    return JOIST_OK;
}

static enum joist_status import_bits(struct ji_arena *arena, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    const uint8_t *from = array->buffers[1];
    column->values = from + window.at / 8;
    if (window.at % 8 == 0)
        return JOIST_OK;
    uint8_t *copy;
    const struct ji_pick pick = {.start = window.at, .count = window.count};
    JI_TRY(ji_arena_alloc(arena, ji_bitmap_bytes(window.count), &copy, err));
    ji_pick_bits(&pick, from, copy);
    column->values = copy;
    return JOIST_OK;
}

static enum joist_status import_time32(struct ji_arena *arena, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    int64_t *times;
    const uint8_t *from = array->buffers[1];
    JI_TRY(ji_arena_alloc(arena, window.count * sizeof *times, &times, err));
    for (size_t i = 0; i < window.count; i++) {
        int32_t time;
        memcpy(&time, from + (window.at + i) * sizeof time, sizeof time);
        times[i] = time;
    }
    column->values = times;
    return check_times(column, err);
}

static enum joist_status import_date64(struct ji_arena *arena, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    int32_t *days;
    const uint8_t *from = array->buffers[1];
    JI_TRY(ji_arena_alloc(arena, window.count * sizeof *days, &days, err));
    for (size_t i = 0; i < window.count; i++) {
        int64_t date;
        days[i] = 0;
        if (!is_valid(column, i))
            continue;
        memcpy(&date, from + (window.at + i) * sizeof date, sizeof date);
        const int64_t day = date / DAY_MS;
        if (date % DAY_MS != 0 || day < INT32_MIN || day > INT32_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "row %zu: %" PRId64 " ms are no whole day", i + 1, date);
        days[i] = (int32_t)day;
    }
    column->values = days;
    return JOIST_OK;
}

/* --- decimals --- */

/* Arrow's decimals are in the machine's byte order as a whole: which half of 256 bits comes first. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF 0
#else
#define LOW_HALF 1
#endif

static bool load_decimal(const uint8_t *from, unsigned bits, ji_int128 *value)
{
    int32_t narrow;
    int64_t wide;
    ji_int128 halves[2];
    switch (bits) {
    case 32:
        memcpy(&narrow, from, sizeof narrow);
        *value = narrow;
        return true;
    case 64:
        memcpy(&wide, from, sizeof wide);
        *value = wide;
        return true;
    case 128:
        memcpy(value, from, sizeof *value);
        return true;
    default: /* 256: the upper half must be no more than the sign */
        memcpy(halves, from, sizeof halves);
        *value = halves[LOW_HALF];
        return halves[1 - LOW_HALF] == (*value < 0 ? -1 : 0);
    }
}

static enum joist_status import_decimals(struct ji_arena *arena, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        struct joist_error *err)
{
    const struct ji_field *field = column->field;
    const size_t from_width = shape->bits / 8;
    const uint8_t *from = (const uint8_t *)array->buffers[1] + window.at * from_width;
    const bool narrow = field->precision <= JI_DECIMAL_DIGITS_INT64;
    const ji_int128 bound = ji_decimal_power(field->precision);
    uint8_t *to;
    JI_TRY(ji_arena_alloc(arena, window.count * ji_field_width(field), &to, err));
    for (size_t i = 0; i < window.count; i++) {
        ji_int128 value = 0;
        const bool fits = load_decimal(from + i * from_width, shape->bits, &value);
        if (!fits || value <= -bound || value >= bound) {
            if (is_valid(column, i))
                return ji_fail(err, JOIST_ERR_INVALID, "row %zu: a decimal of more than %u digits", i + 1,
                        (unsigned)field->precision);
            value = 0;
        }
        if (narrow)
            ((int64_t *)(void *)to)[i] = (int64_t)value;
        else
            ((ji_int128 *)(void *)to)[i] = value;
    }
    column->values = to;
    return JOIST_OK;
}

/* --- strings and bytes --- */

static enum joist_status check_each_text(const struct ji_column *column, struct joist_error *err)
{
    const struct ji_view *views = column->values;
    for (size_t i = 0; i < column->row_count; i++) {
        if (!ji_utf8_valid(views[i]))
            return ji_fail(err, JOIST_ERR_INVALID, "row %zu: text that is not UTF-8", i + 1);
    }
    return JOIST_OK;
}

/* Views of rows between rising offsets; `*split` where one may begin inside a character. */
static enum joist_status view_offsets(const struct ArrowArray *array, bool wide, struct ji_window window,
        struct ji_column *column, struct ji_view *views, bool *split, struct joist_error *err)
{
    const uint8_t *data = array->buffers[2];
    int64_t begin = ji_load_offset(array->buffers[1], wide, window.at);
    const int64_t first = begin;
    /* The bytes end here; offsets before it may say more until it is seen that they run back. */
    const int64_t last = ji_load_offset(array->buffers[1], wide, (size_t)(array->offset + array->length));
    if (begin < 0)
        return ji_fail(err, JOIST_ERR_INVALID, "a negative offset");
    for (size_t i = 0; i < window.count; i++) {
        const int64_t end = ji_load_offset(array->buffers[1], wide, window.at + i + 1);
        if (end < begin)
            return ji_fail(err, JOIST_ERR_INVALID, "row %zu: offset %" PRId64 " behind offset %" PRId64,
                    i + 1, end, begin);
        const bool empty = end == begin || !is_valid(column, i);
        if (end > first && data == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "row %zu: bytes without a buffer", i + 1);
        views[i] = ji_view_of(empty ? NULL : data + begin, empty ? 0 : (size_t)(end - begin));
        *split = *split || (end > begin && begin < last && (data[begin] & 0xc0) == 0x80);
        begin = end;
    }
    if (begin > last)
        return ji_fail(err, JOIST_ERR_INVALID, "offset %" PRId64 " behind offset %" PRId64, last, begin);
    const struct ji_view all = ji_view_of(data + first, (size_t)(begin - first));
    if (begin > first && column->field->kind == JI_STRING && !*split)
        *split = !ji_utf8_valid(all);
    return JOIST_OK;
}

static enum joist_status import_offsets(struct ji_arena *arena, bool wide, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    struct ji_view *views;
    bool doubtful = false;
    JI_TRY(ji_arena_alloc(arena, window.count * sizeof *views, &views, err));
    column->values = views;
    if (window.count == 0)
        return JOIST_OK;
    JI_TRY(view_offsets(array, wide, window, column, views, &doubtful, err));
    if (column->field->kind == JI_STRING && doubtful)
        return check_each_text(column, err);
    return JOIST_OK;
}

/* One 16-byte view: {size, up to 12 bytes} or {size, prefix, buffer, offset}. */
static enum joist_status read_view(
        const struct ArrowArray *array, const uint8_t *from, struct ji_view *view, struct joist_error *err)
{
    int32_t head[4];
    memcpy(head, from, sizeof head);
    const int64_t size = head[0];
    if (size < 0)
        return ji_fail(err, JOIST_ERR_INVALID, "a view of %" PRId64 " bytes", size);
    if (size <= VIEW_INLINE_MAX) {
        *view = ji_view_of(from + 4, (size_t)size);
        return JOIST_OK;
    }
    const int64_t buffer_count = array->n_buffers - 3;
    if (head[2] < 0 || head[2] >= buffer_count)
        return ji_fail(
                err, JOIST_ERR_INVALID, "a view into buffer %" PRId32 " of %" PRId64, head[2], buffer_count);
    int64_t buffer_size;
    const uint8_t *sizes = array->buffers[array->n_buffers - 1];
    memcpy(&buffer_size, sizes + (size_t)head[2] * sizeof buffer_size, sizeof buffer_size);
    const uint8_t *buffer = array->buffers[2 + head[2]];
    if (buffer == NULL || head[3] < 0 || buffer_size < 0 ||
            !ji_range_fits((uint64_t)head[3], (uint64_t)size, (uint64_t)buffer_size))
        return ji_fail(err, JOIST_ERR_INVALID, "a view of %" PRId64 " bytes at %" PRId32 " of %" PRId64, size,
                head[3], buffer_size);
    *view = ji_view_of(buffer + head[3], (size_t)size);
    return JOIST_OK;
}

static enum joist_status import_views(struct ji_arena *arena, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    struct ji_view *views;
    JI_TRY(ji_arena_array(arena, window.count, sizeof *views, &views, err));
    column->values = views;
    for (size_t i = 0; i < window.count; i++) {
        const uint8_t *from = (const uint8_t *)array->buffers[1] + (window.at + i) * VIEW_BYTES;
        if (!is_valid(column, i))
            continue;
        const enum joist_status status = read_view(array, from, &views[i], err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "row %zu", i + 1);
            return status;
        }
    }
    return column->field->kind == JI_STRING ? check_each_text(column, err) : JOIST_OK;
}

enum joist_status ji_import_flat(struct ji_arena *arena, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        struct joist_error *err)
{
    static const ji_int128 nothing = 0;
    if (window.count == 0) {
        column->values = &nothing;
        return JOIST_OK;
    }
    switch (shape->layout) {
    case JI_LAYOUT_BITS:
        return import_bits(arena, array, window, column, err);
    case JI_LAYOUT_DECIMAL:
        return import_decimals(arena, shape, array, window, column, err);
    case JI_LAYOUT_TIME32:
        return import_time32(arena, array, window, column, err);
    case JI_LAYOUT_DATE64:
        return import_date64(arena, array, window, column, err);
    case JI_LAYOUT_OFFSETS32:
    case JI_LAYOUT_OFFSETS64:
        return import_offsets(arena, shape->layout == JI_LAYOUT_OFFSETS64, array, window, column, err);
    case JI_LAYOUT_VIEWS:
        return import_views(arena, array, window, column, err);
    default:
        JI_TRY(import_same(arena, array, window, column, err));
        if (column->field->kind == JI_WIDE_DECIMAL)
            return check_wide_decimals(column, err);
        return column->field->kind == JI_TIME ? check_times(column, err) : JOIST_OK;
    }
}
