/*
 * pick.c - copies of picked rows
 */
#include "arrow/pick.h"

#include <assert.h>

#define PICK_LOOP(type)                                                                                      \
    do {                                                                                                     \
        const type *source = from;                                                                           \
        type *target = to;                                                                                   \
        for (size_t i = 0; i < count; i++)                                                                   \
            target[i] = source[rows[i]];                                                                     \
    } while (0)

void ji_pick_fixed(const struct ji_pick *pick, const void *from, size_t width, void *to)
{
    const size_t count = pick->count;
    const uint32_t *rows = pick->rows;
    if (count == 0 || width == 0)
        return;
    if (rows == NULL) {
        memcpy(to, (const uint8_t *)from + pick->start * width, count * width);
        return;
    }
    switch (width) {
    case 1:
        PICK_LOOP(uint8_t);
        return;
    case 2:
        PICK_LOOP(uint16_t);
        return;
    case 4:
        PICK_LOOP(uint32_t);
        return;
    case 8:
        PICK_LOOP(uint64_t);
        return;
    default:
        for (size_t i = 0; i < count; i++)
            memcpy((uint8_t *)to + i * width, (const uint8_t *)from + rows[i] * width, width);
    }
}

static void copy_bit_run(const uint8_t *from, size_t start, size_t count, uint8_t *to)
{
    const size_t bytes = ji_bitmap_bytes(count);
    const unsigned shift = start & 7;
    from += start >> 3;
    if (shift == 0) {
        memcpy(to, from, bytes);
    } else {
        const size_t last = (shift + count - 1) >> 3;
        for (size_t i = 0; i < bytes; i++) {
            const unsigned high = i < last ? from[i + 1] : 0u;
            to[i] = (uint8_t)((from[i] >> shift) | (high << (8 - shift)));
        }
    }
    if (count % 8 != 0)
        to[bytes - 1] &= (uint8_t)((1u << (count % 8)) - 1);
}

void ji_pick_bits(const struct ji_pick *pick, const uint8_t *from, uint8_t *to)
{
    const size_t count = pick->count;
    if (count == 0)
        return;
    if (pick->rows == NULL) {
        copy_bit_run(from, pick->start, count, to);
        return;
    }
    memset(to, 0, ji_bitmap_bytes(count));
    for (size_t i = 0; i < count; i++)
        to[i >> 3] |= (uint8_t)((unsigned)ji_bit_get(from, pick->rows[i]) << (i & 7));
}

size_t ji_bits_count(const uint8_t *bits, size_t start, size_t count)
{
    size_t ones = 0;
    size_t at = start;
    const size_t end = start + count;
    for (; at < end && at % 8 != 0; at++)
        ones += ji_bit_get(bits, at);
    for (; end - at >= 64; at += 64) {
        uint64_t word;
        memcpy(&word, bits + at / 8, sizeof word);
        ones += (size_t)__builtin_popcountll(word);
    }
    for (; at < end; at++)
        ones += ji_bit_get(bits, at);
    return ones;
}

size_t ji_pick_validity(const struct ji_pick *pick, const struct ji_column *column, uint8_t *to)
{
    const size_t count = pick->count;
    const bool all_null =
            column->field->kind == JI_NULL || (column->form == JI_CONSTANT && ji_column_is_null(column, 0));
    if (all_null) {
        memset(to, 0, ji_bitmap_bytes(count));
        return count;
    }
    if (column->validity == NULL || column->form == JI_CONSTANT) {
        memset(to, 0xff, ji_bitmap_bytes(count));
        return 0;
    }
    ji_pick_bits(pick, column->validity, to);
    return count - ji_bits_count(to, 0, count);
}

enum joist_status ji_pick_resolve(struct ji_arena *arena, const struct ji_column **column,
        struct ji_pick *pick, struct joist_error *err)
{
    const struct ji_column *from = *column;
    if (from->form == JI_FLAT || from->field->kind == JI_NULL)
        return JOIST_OK;
    uint32_t *rows;
    if (from->form == JI_CONSTANT) {
        JI_TRY(ji_arena_array(arena, pick->count, sizeof *rows, &rows, err));
        *pick = (struct ji_pick){.rows = rows, .count = pick->count};
        return JOIST_OK;
    }
    const int32_t *codes = from->values;
    if (pick->rows == NULL && pick->count > 0) {
        /* Codes are rows of the dictionary, and never negative. */
        *column = from->dictionary;
        *pick = (struct ji_pick){
                .rows = (const uint32_t *)(const void *)(codes + pick->start), .count = pick->count};
        return JOIST_OK;
    }
    JI_TRY(ji_arena_alloc(arena, pick->count * sizeof *rows, &rows, err));
    for (size_t i = 0; i < pick->count; i++)
        rows[i] = (uint32_t)codes[ji_pick_row(pick, i)];
    *column = from->dictionary;
    *pick = (struct ji_pick){.rows = rows, .count = pick->count};
    return JOIST_OK;
}

static enum joist_status list_of_rows(struct ji_arena *arena, const int32_t *from, const struct ji_pick *pick,
        const uint8_t *validity, int32_t *offsets, struct ji_pick *child, struct joist_error *err)
{
    uint64_t total = 0;
    offsets[0] = 0;
    for (size_t i = 0; i < pick->count; i++) {
        const size_t row = ji_pick_row(pick, i);
        if (validity == NULL || ji_bit_get(validity, i))
            total += (uint64_t)(from[row + 1] - from[row]);
        if (total > INT32_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "lists of more than %d elements in one batch", INT32_MAX);
        offsets[i + 1] = (int32_t)total;
    }
    uint32_t *rows;
    JI_TRY(ji_arena_alloc(arena, (size_t)total * sizeof *rows, &rows, err));
    for (size_t i = 0; i < pick->count; i++) {
        const uint32_t first = (uint32_t)from[ji_pick_row(pick, i)];
        const size_t size = (size_t)(offsets[i + 1] - offsets[i]);
        uint32_t *target = rows + offsets[i];
        for (size_t k = 0; k < size; k++)
            target[k] = first + (uint32_t)k;
    }
    *child = (struct ji_pick){.rows = rows, .count = (size_t)total};
    return JOIST_OK;
}

enum joist_status ji_pick_list(struct ji_arena *arena, const struct ji_column *column,
        const struct ji_pick *pick, const uint8_t *validity, int32_t *offsets, struct ji_pick *child,
        struct joist_error *err)
{
    const int32_t *from = column->offsets;
    if (pick->count == 0) {
        offsets[0] = 0;
        *child = (struct ji_pick){.count = 0};
        return JOIST_OK;
    }
    if (pick->rows != NULL || validity != NULL)
        return list_of_rows(arena, from, pick, validity, offsets, child, err);
    from += pick->start;
    const int32_t first = from[0];
    for (size_t i = 0; i <= pick->count; i++)
        offsets[i] = from[i] - first;
    *child = (struct ji_pick){.start = (size_t)first, .count = (size_t)offsets[pick->count]};
    return JOIST_OK;
}

/* --- sizes --- */

static size_t view_bytes(const struct ji_pick *pick, const struct ji_column *column)
{
    size_t bytes = pick->count * sizeof(int32_t);
    const struct ji_column *flat = column->form == JI_DICTIONARY ? column->dictionary : column;
    const struct ji_view *views = flat->values;
    const int32_t *codes = column->form == JI_DICTIONARY ? column->values : NULL;
    for (size_t i = 0; i < pick->count; i++) {
        size_t row = ji_pick_row(pick, i);
        if (column->form == JI_CONSTANT)
            row = 0;
        bytes += views[codes == NULL ? row : (size_t)codes[row]].size;
    }
    return bytes;
}

static size_t nested_bytes(const struct ji_pick *pick, const struct ji_column *column)
{
    size_t bytes = 0;
    if (column->field->kind == JI_STRUCT) {
        for (size_t i = 0; i < column->field->child_count; i++)
            bytes += ji_pick_bytes(pick, &column->children[i]);
        return bytes;
    }
    bytes = pick->count * sizeof(int32_t);
    for (size_t i = 0; i < pick->count; i++) {
        const int32_t *offset = &column->offsets[ji_pick_row(pick, i)];
        const struct ji_pick child = {.start = (size_t)offset[0], .count = (size_t)(offset[1] - offset[0])};
        bytes += ji_pick_bytes(&child, &column->children[0]);
    }
    return bytes;
}

size_t ji_pick_bytes(const struct ji_pick *pick, const struct ji_column *column)
{
    const struct ji_field *field = column->field;
    size_t bytes = column->validity == NULL ? 0 : ji_bitmap_bytes(pick->count);
    if (pick->count == 0)
        return bytes;
    if (field->kind == JI_BOOL)
        return bytes + ji_bitmap_bytes(pick->count);
    if (ji_kind_is_view(field->kind))
        return bytes + view_bytes(pick, column);
    if (!ji_kind_is_nested(field->kind))
        return bytes + pick->count * ji_field_width(field);
    if (column->form == JI_FLAT)
        return bytes + nested_bytes(pick, column);
    const struct ji_pick first = {.count = 1};
    const struct ji_column *flat = column->form == JI_DICTIONARY ? column->dictionary : column;
    return bytes + pick->count * (flat->row_count == 0 ? 0 : nested_bytes(&first, flat));
}
