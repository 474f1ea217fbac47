/*
 * row_unpack.c - rows of bytes as columns again
 */
#include "scan/row_bytes.h"

static bool is_list(const struct ji_row_column *column)
{
    return column->field->kind == JI_LIST || column->field->kind == JI_MAP;
}

static enum joist_status init_column(struct ji_row_column *column, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err)
{
    *column = (struct ji_row_column){.field = field, .mem = mem, .width = ji_field_width(field)};
    ji_bytes_init(&column->values, mem);
    ji_bytes_init(&column->validity, mem);
    ji_bytes_init(&column->offsets, mem);
    if (field->child_count == 0)
        return JOIST_OK;
    JI_TRY(ji_alloc_zero(mem, field->child_count, sizeof *column->children, &column->children, err));
    JI_TRY(ji_alloc_zero(mem, field->child_count, sizeof *column->shown, &column->shown, err));
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(init_column(&column->children[i], mem, &field->children[i], err));
    return JOIST_OK;
}

enum joist_status ji_row_column_init(struct ji_row_column *column, struct ji_mem *mem,
        const struct ji_field *field, struct joist_error *err)
{
    struct ji_row_column made;
    const enum joist_status status = init_column(&made, mem, field, err);
    if (status == JOIST_OK)
        *column = made;
    else
        ji_row_column_clear(&made);
    return status;
}

void ji_row_column_clear(struct ji_row_column *column)
{
    if (column->field == NULL)
        return;
    const size_t children = column->field->child_count;
    ji_bytes_clear(&column->values);
    ji_bytes_clear(&column->validity);
    ji_bytes_clear(&column->offsets);
    for (size_t i = 0; column->children != NULL && i < children; i++)
        ji_row_column_clear(&column->children[i]);
    ji_free(column->mem, column->children,
            column->children == NULL ? 0 : children * sizeof *column->children);
    ji_free(column->mem, column->shown, column->shown == NULL ? 0 : children * sizeof *column->shown);
    *column = (struct ji_row_column){.row_count = 0};
}

static void reset(struct ji_row_column *column)
{
    column->row_count = 0;
    column->null_count = 0;
    column->values.size = 0;
    column->validity.size = 0;
    column->offsets.size = 0;
    for (size_t i = 0; i < column->field->child_count; i++)
        reset(&column->children[i]);
}

/* --- growing by a stretch --- */

/* Room for `count` more rows in all arrays, zero bits among them; offsets begin with 0. */
static enum joist_status reserve(struct ji_row_column *column, size_t count, struct joist_error *err)
{
    const size_t bits = ji_bitmap_bytes(column->row_count + count);
    const size_t more = bits - column->validity.size;
    JI_TRY(ji_bytes_reserve(&column->validity, more, err));
    if (column->field->kind == JI_BOOL)
        JI_TRY(ji_bytes_reserve(&column->values, more, err));
    else if (column->width > 0)
        JI_TRY(ji_bytes_reserve(&column->values, count * column->width, err));
    if (is_list(column)) {
        JI_TRY(ji_bytes_reserve(&column->offsets, (count + 1) * sizeof(int32_t), err));
        if (column->offsets.size == 0) {
            memset(column->offsets.data, 0, sizeof(int32_t));
            column->offsets.size = sizeof(int32_t);
        }
    }
    if (more == 0)
        return JOIST_OK;
    memset(column->validity.data + column->validity.size, 0, more);
    column->validity.size = bits;
    if (column->field->kind == JI_BOOL) {
        memset(column->values.data + column->values.size, 0, more);
        column->values.size = bits;
    }
    return JOIST_OK;
}

static int32_t last_offset(const struct ji_row_column *column)
{
    int32_t last;
    memcpy(&last, column->offsets.data + column->offsets.size - sizeof last, sizeof last);
    return last;
}

static enum joist_status put_offset(struct ji_row_column *column, uint64_t elements, struct joist_error *err)
{
    const int64_t end = last_offset(column) + (int64_t)elements;
    if (end > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "lists of more than %d elements in one batch", INT32_MAX);
    const int32_t offset = (int32_t)end;
    memcpy(column->offsets.data + column->offsets.size, &offset, sizeof offset);
    column->offsets.size += sizeof offset;
    return JOIST_OK;
}

/* A null, or a zero beneath one. */
static enum joist_status take_blank(struct ji_row_column *column, bool valid, struct joist_error *err)
{
    JI_TRY(reserve(column, 1, err));
    if (column->width > 0) {
        memset(column->values.data + column->values.size, 0, column->width);
        column->values.size += column->width;
    }
    if (is_list(column))
        JI_TRY(put_offset(column, 0, err));
    for (size_t i = 0; column->field->kind == JI_STRUCT && i < column->field->child_count; i++)
        JI_TRY(take_blank(&column->children[i], true, err));
    if (valid)
        ji_bit_set(column->validity.data, column->row_count);
    else
        column->null_count++;
    column->row_count++;
    return JOIST_OK;
}

static void take_validity(struct ji_row_column *column, const uint8_t **at, size_t count)
{
    const bool has_nulls = *(*at)++ != 0;
    const uint8_t *bits = *at;
    for (size_t i = 0; i < count; i++) {
        if (!has_nulls || ji_bit_get(bits, i))
            ji_bit_set(column->validity.data, column->row_count + i);
        else
            column->null_count++;
    }
    if (has_nulls)
        *at += ji_bitmap_bytes(count);
}

static void take_views(struct ji_row_column *column, const uint8_t **at, size_t count)
{
    const uint8_t *lengths = *at;
    const uint8_t *bytes = lengths + count * sizeof(uint32_t);
    struct ji_view *views = (struct ji_view *)(void *)(column->values.data + column->values.size);
    for (size_t i = 0; i < count; i++) {
        const size_t size = ji_row_u32(lengths + i * sizeof(uint32_t));
        views[i] = ji_view_of(bytes, size);
        bytes += size;
    }
    column->values.size += count * sizeof *views;
    *at = bytes;
}

static enum joist_status take_stretch(
        struct ji_row_column *column, const uint8_t **at, size_t count, struct joist_error *err);

static enum joist_status take_lists(
        struct ji_row_column *column, const uint8_t **at, size_t count, struct joist_error *err)
{
    const uint8_t *lengths = *at;
    const uint8_t together = lengths[count * sizeof(uint32_t)];
    size_t total = 0;
    *at += count * sizeof(uint32_t) + 1;
    for (size_t i = 0; i < count; i++) {
        const uint32_t elements = ji_row_u32(lengths + i * sizeof elements);
        JI_TRY(put_offset(column, elements, err));
        total += elements;
    }
    if (together)
        return take_stretch(&column->children[0], at, total, err);
    for (size_t i = 0; i < count; i++)
        JI_TRY(take_stretch(&column->children[0], at, ji_row_u32(lengths + i * sizeof(uint32_t)), err));
    return JOIST_OK;
}

/* The depth is the schema's, at most JI_SCHEMA_DEPTH_MAX. */
static enum joist_status take_stretch(
        struct ji_row_column *column, const uint8_t **at, size_t count, struct joist_error *err)
{
    const enum ji_kind kind = column->field->kind;
    JI_TRY(reserve(column, count, err));
    take_validity(column, at, count);
    if (kind == JI_BOOL) {
        for (size_t i = 0; i < count; i++) {
            if (*(*at)++ != 0)
                ji_bit_set(column->values.data, column->row_count + i);
        }
    } else if (ji_kind_is_view(kind)) {
        take_views(column, at, count);
    } else if (is_list(column)) {
        JI_TRY(take_lists(column, at, count, err));
    } else if (kind == JI_STRUCT) {
        for (size_t i = 0; i < column->field->child_count; i++)
            JI_TRY(take_stretch(&column->children[i], at, count, err));
    } else if (column->width > 0 && count > 0) {
        memcpy(column->values.data + column->values.size, *at, count * column->width);
        column->values.size += count * column->width;
        *at += count * column->width;
    }
    column->row_count += count;
    return JOIST_OK;
}

/* --- columns of rows --- */

#define TAKE_LOOP(bytes)                                                                                     \
    for (size_t i = 0; i < count; i++)                                                                       \
    memcpy(to + i * (bytes), bodies[i] + place, bytes)

static void take_fixed(struct ji_row_column *column, const struct ji_row_step *step, size_t place)
{
    const uint8_t *const *bodies = step->bodies;
    const size_t count = step->count;
    uint8_t *to = column->values.data;
    const size_t width = column->width;
    switch (width) {
    case 1:
        TAKE_LOOP(1);
        break;
    case 2:
        TAKE_LOOP(2);
        break;
    case 4:
        TAKE_LOOP(4);
        break;
    case 8:
        TAKE_LOOP(8);
        break;
    case 16:
        TAKE_LOOP(16);
        break;
    default:
        TAKE_LOOP(width);
        break;
    }
}

static uint64_t take_zigzag(const uint8_t *from, size_t size)
{
    if (size >= 4)
        return ji_load_le32(from) | (uint64_t)ji_load_le32(from + size - 4) << (8 * (size - 4));
    if (size >= 2)
        return ji_load_le16(from) | (uint64_t)ji_load_le16(from + size - 2) << (8 * (size - 2));
    return size == 1 ? *from : 0;
}

static void take_integers(struct ji_row_column *column, const struct ji_row_step *step, size_t place)
{
    uint64_t *values = (uint64_t *)(void *)column->values.data;
    for (size_t i = 0; i < step->count; i++) {
        const size_t size = step->bodies[i][place];
        const uint64_t zigzag = take_zigzag(step->tails[i], size);
        values[i] = zigzag >> 1 ^ ((zigzag & 1) != 0 ? UINT64_MAX : 0);
        step->tails[i] += size;
    }
}

static void take_strings(struct ji_row_column *column, const struct ji_row_step *step, size_t place)
{
    struct ji_view *views = (struct ji_view *)(void *)column->values.data;
    for (size_t i = 0; i < step->count; i++) {
        size_t size = step->bodies[i][place];
        if (size == JI_ROW_TEXT_LONG) {
            size = ji_row_u32(step->tails[i]);
            step->tails[i] += sizeof(uint32_t);
        }
        views[i] = ji_view_of(step->tails[i], size);
        step->tails[i] += size;
    }
}

static bool is_null(const uint8_t *body, size_t index)
{
    return ji_bit_get(body, index);
}

static void take_nulls(struct ji_row_column *column, size_t index, const uint8_t *const *bodies, size_t count)
{
    uint8_t *bits = column->validity.data;
    for (size_t i = 0; i < count; i++) {
        const unsigned null = is_null(bodies[i], index);
        bits[i / 8] |= (uint8_t)((null ^ 1u) << (i % 8));
        column->null_count += null;
    }
    column->row_count = count;
}

/* Empty again, with room for `count` rows. */
static enum joist_status begin(struct ji_row_column *column, size_t count, struct joist_error *err)
{
    reset(column);
    return reserve(column, count, err);
}

static void show(struct ji_row_column *column, struct ji_column *shown)
{
    static const int32_t none[1] = {0}; /* of lists below lists that all are empty */
    const int32_t *offsets = (const int32_t *)(const void *)column->offsets.data;
    for (size_t i = 0; i < column->field->child_count; i++)
        show(&column->children[i], &column->shown[i]);
    *shown = (struct ji_column){.field = column->field,
            .row_count = column->row_count,
            .validity = column->null_count == 0 ? NULL : column->validity.data,
            .values = column->values.data,
            .offsets = !is_list(column)         ? NULL
                    : column->offsets.size == 0 ? none
                                                : offsets,
            .children = column->shown};
}

enum joist_status ji_row_unpack(const struct ji_row_layout *layout, size_t index, struct ji_row_step *step,
        struct ji_row_column *column, struct ji_column *shown, struct joist_error *err)
{
    const size_t place = layout->places[index];
    const size_t count = step->count;
    const enum ji_kind kind = column->field->kind;
    if (ji_kind_is_nested(kind)) {
        reset(column);
        for (size_t i = 0; i < count; i++) {
            if (is_null(step->bodies[i], index))
                JI_TRY(take_blank(column, false, err));
            else
                JI_TRY(take_stretch(column, &step->tails[i], 1, err));
        }
        show(column, shown);
        return JOIST_OK;
    }
    JI_TRY(begin(column, count, err));
    if (ji_kind_is_view(kind)) {
        take_strings(column, step, place);
    } else if (ji_row_packs(column->field)) {
        take_integers(column, step, place);
    } else if (kind == JI_BOOL) {
        for (size_t i = 0; i < count; i++)
            column->values.data[i / 8] |= (uint8_t)((unsigned)(step->bodies[i][place] != 0) << (i % 8));
    } else if (kind != JI_NULL) {
        take_fixed(column, step, place);
    }
    take_nulls(column, index, step->bodies, count);
    show(column, shown);
    return JOIST_OK;
}
