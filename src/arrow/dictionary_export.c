/*
 * dictionary_export.c - columns as codes and a dictionary
 *
 *     DICTIONARY   codes as they are; the dictionary whole, or, where it has more entries than the batch has
 *                  rows, those that are used
 *     else         a dictionary of the batch's own distinct values, in the order of their first use; of lists
 *                  and structs all values, one after another
 *
 * The schema of a stream is fixed and a chunk may go from a dictionary to plain values half-way, so that
 * whoever asked for dictionaries gets one in every batch.
 */
#include "arrow/column_slice.h"
#include "arrow/exporter.h"
#include "arrow/view_hash.h"

#include <assert.h>

#define NO_CODE UINT32_MAX

/* What the dictionary's array is made of, and a code for each picked row. */
struct coded {
    const struct ji_column *flat;
    struct ji_pick entries;
    uint32_t *codes;
};

/* Codes of rows that count, as they are met; `codes` holds rows of `flat` and gets codes. */
static enum joist_status number_rows(
        struct ji_exporter *exporter, const uint8_t *bits, size_t known, struct coded *coded)
{
    const size_t count = coded->entries.count;
    uint32_t *numbers;
    uint32_t *entries;
    size_t used = 0;
    JI_TRY(ji_arena_alloc(exporter->scratch, known * sizeof *numbers, &numbers, exporter->err));
    JI_TRY(ji_arena_alloc(exporter->scratch, count * sizeof *entries, &entries, exporter->err));
    memset(numbers, 0xff, known * sizeof *numbers);
    for (size_t i = 0; i < count; i++) {
        const uint32_t row = coded->codes[i];
        if (bits != NULL && !ji_bit_get(bits, i)) {
            coded->codes[i] = 0;
            continue;
        }
        if (numbers[row] == NO_CODE) {
            entries[used] = row;
            numbers[row] = (uint32_t)used++;
        }
        coded->codes[i] = numbers[row];
    }
    coded->entries = (struct ji_pick){.rows = entries, .count = used};
    return JOIST_OK;
}

static enum joist_status take_codes(struct ji_exporter *exporter, const struct ji_column *column,
        const struct ji_pick *pick, const uint8_t *bits, struct coded *coded)
{
    const int32_t *from = column->values;
    const size_t known = column->dictionary->row_count;
    for (size_t i = 0; i < pick->count; i++)
        coded->codes[i] = (uint32_t)from[ji_pick_row(pick, i)];
    coded->flat = column->dictionary;
    coded->entries = (struct ji_pick){.count = pick->count};
    if (known > pick->count)
        return number_rows(exporter, bits, known, coded);
    coded->entries = (struct ji_pick){.count = known};
    return JOIST_OK;
}

/* The bytes that tell values apart, one view a row of `flat`. */
static enum joist_status key_views(
        struct ji_exporter *exporter, const struct ji_column *flat, const struct ji_view **views)
{
    static const uint8_t bools[2] = {0, 1};
    const size_t width = ji_field_width(flat->field);
    struct ji_view *made;
    *views = flat->values;
    if (ji_kind_is_view(flat->field->kind))
        return JOIST_OK;
    JI_TRY(ji_arena_array(exporter->scratch, flat->row_count, sizeof *made, &made, exporter->err));
    for (size_t i = 0; i < flat->row_count; i++)
        made[i] = flat->field->kind == JI_BOOL ? ji_view_of(&bools[ji_bit_get(flat->values, i)], 1)
                                               : ji_view_of((const uint8_t *)flat->values + i * width, width);
    *views = made;
    return JOIST_OK;
}

/* Each row that counts is an entry of its own. */
static enum joist_status count_codes(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, const uint8_t *bits, struct coded *coded)
{
    uint32_t *entries;
    size_t used = 0;
    JI_TRY(ji_arena_array(exporter->scratch, pick->count, sizeof *entries, &entries, exporter->err));
    for (size_t i = 0; i < pick->count; i++) {
        const bool counts = flat->field->kind != JI_NULL && (bits == NULL || ji_bit_get(bits, i));
        coded->codes[i] = counts ? (uint32_t)used : 0;
        if (counts)
            entries[used++] = (uint32_t)ji_pick_row(pick, i);
    }
    coded->flat = flat;
    coded->entries = (struct ji_pick){.rows = entries, .count = used};
    return JOIST_OK;
}

static enum joist_status make_codes(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, const uint8_t *bits, struct coded *coded)
{
    const struct ji_view *views = NULL;
    size_t slots = 16;
    if (ji_kind_is_nested(flat->field->kind) || flat->field->kind == JI_NULL)
        return count_codes(exporter, flat, pick, bits, coded);
    JI_TRY(key_views(exporter, flat, &views));
    while (slots < pick->count * 2)
        slots *= 2;
    uint32_t *table;
    uint32_t *entries;
    size_t used = 0;
    JI_TRY(ji_arena_alloc(exporter->scratch, slots * sizeof *table, &table, exporter->err));
    JI_TRY(ji_arena_alloc(exporter->scratch, pick->count * sizeof *entries, &entries, exporter->err));
    memset(table, 0xff, slots * sizeof *table);
    for (size_t i = 0; i < pick->count; i++) {
        const uint32_t row = (uint32_t)ji_pick_row(pick, i);
        coded->codes[i] = 0;
        if (bits != NULL && !ji_bit_get(bits, i))
            continue;
        size_t slot = (size_t)ji_view_hash(views[row]) & (slots - 1);
        while (table[slot] != NO_CODE && !ji_view_equal(views[entries[table[slot]]], views[row]))
            slot = (slot + 1) & (slots - 1);
        if (table[slot] == NO_CODE) {
            entries[used] = row;
            table[slot] = (uint32_t)used++;
        }
        coded->codes[i] = table[slot];
    }
    coded->flat = flat;
    coded->entries = (struct ji_pick){.rows = entries, .count = used};
    return JOIST_OK;
}

/* --- codes of the width that the schema says --- */

static uint64_t codes_max_of(enum ji_kind kind)
{
    switch (kind) {
    case JI_INT8:
        return INT8_MAX;
    case JI_UINT8:
        return UINT8_MAX;
    case JI_INT16:
        return INT16_MAX;
    case JI_UINT16:
        return UINT16_MAX;
    default:
        return INT32_MAX;
    }
}

static enum joist_status put_codes(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct coded *coded, size_t count, struct ArrowArray *array)
{
    const struct ji_field code = {.kind = shape->code_kind};
    const size_t width = ji_field_width(&code);
    uint8_t *out;
    if (coded->entries.count > codes_max_of(shape->code_kind) + 1)
        return ji_fail(exporter->err, JOIST_ERR_LIMIT,
                "column '%.200s': a dictionary of %zu entries under the %zu-byte codes of its Arrow schema",
                coded->flat->field->name, coded->entries.count, width);
    JI_TRY(ji_exporter_alloc(exporter, count * width, &out));
    for (size_t i = 0; i < count; i++) {
        const uint32_t number = coded->codes[i];
        const uint64_t eight = number;
        const uint16_t two = (uint16_t)number;
        const uint8_t one = (uint8_t)number;
        if (width == 4)
            memcpy(out + i * 4, &number, 4);
        else if (width == 8)
            memcpy(out + i * 8, &eight, 8);
        else if (width == 2)
            memcpy(out + i * 2, &two, 2);
        else
            out[i] = one;
    }
    array->buffers[1] = out;
    return JOIST_OK;
}

/* Rows beneath a null parent have no null of their own, and code 0 even where there is no value. */
static enum joist_status fill_empty(struct ji_exporter *exporter, struct coded *coded)
{
    static const struct ji_view nothing = {.size = 0};
    struct ji_column *one;
    const struct ji_field *const field = coded->flat->field;
    JI_TRY(ji_arena_array(exporter->scratch, 1, sizeof *one, &one, exporter->err));
    if (ji_kind_is_view(field->kind))
        *one = (struct ji_column){.field = field, .form = JI_FLAT, .row_count = 1, .values = &nothing};
    else
        JI_TRY(ji_column_nulls(exporter->scratch, field, 1, one, exporter->err));
    coded->flat = one;
    coded->entries = (struct ji_pick){.count = 1};
    return JOIST_OK;
}

enum joist_status ji_export_dictionary(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *column, const struct ji_pick *wanted, struct ArrowArray *array)
{
    struct ji_pick pick = *wanted;
    const uint8_t *bits = array->buffers[0];
    struct coded coded = {.flat = NULL};
    JI_TRY(ji_arena_alloc(exporter->scratch, ji_max_size(pick.count, 1) * sizeof *coded.codes, &coded.codes,
            exporter->err));
    if (column->form == JI_DICTIONARY) {
        JI_TRY(take_codes(exporter, column, &pick, bits, &coded));
    } else {
        JI_TRY(ji_pick_resolve(exporter->scratch, &column, &pick, exporter->err));
        JI_TRY(make_codes(exporter, column, &pick, bits, &coded));
    }
    if (coded.entries.count == 0 && wanted->count > 0)
        JI_TRY(fill_empty(exporter, &coded));
    JI_TRY(put_codes(exporter, shape, &coded, wanted->count, array));
    struct ArrowArray *values;
    struct ji_array_shape plain = *shape;
    struct ji_column entries = *coded.flat;
    plain.is_dictionary = false;
    /* Of values that a row has: which rows have none is told beside the codes. */
    if (coded.entries.rows != NULL)
        entries.validity = NULL;
    JI_TRY(ji_arena_array(&exporter->home->arena, 1, sizeof *values, &values, exporter->err));
    JI_TRY(ji_export_column(exporter, &plain, &entries, &coded.entries, values));
    array->dictionary = values;
    return JOIST_OK;
}
