/*
 * sort_verify.c - whether the rows that come are in the order that was promised
 *
 *     row i-1   (a, b)         first key that differs decides; the last row of a batch is kept for the next
 *     row i     (a, c)
 *
 * The first row that is out of order ends the looking until the next row group.
 */
#include "parquet/write/sort_verify.h"

enum joist_status ji_sort_verify_init(struct ji_sort_verify *verify, struct ji_mem *mem,
        struct ji_arena *arena, const struct ji_sort_key *keys, size_t key_count, struct joist_error *err)
{
    *verify = (struct ji_sort_verify){.keys = keys, .key_count = key_count, .holds = true};
    ji_arena_init(&verify->kept[0], mem);
    ji_arena_init(&verify->kept[1], mem);
    return ji_arena_array(arena, key_count, sizeof *verify->before, &verify->before, err);
}

void ji_sort_verify_clear(struct ji_sort_verify *verify)
{
    ji_arena_clear(&verify->kept[0]);
    ji_arena_clear(&verify->kept[1]);
}

void ji_sort_verify_reset(struct ji_sort_verify *verify)
{
    verify->holds = true;
    verify->has_before = false;
}

/* `before` NULL: the last row of the rows before. */
static bool in_order(
        const struct ji_sort_verify *verify, const struct ji_batch *batch, const size_t *before, size_t row)
{
    for (size_t i = 0; i < verify->key_count; i++) {
        const struct ji_sort_key *key = &verify->keys[i];
        const struct ji_column *column = &batch->columns[key->column];
        const struct ji_value a = before != NULL ? ji_column_value(column, *before) : verify->before[i];
        const struct ji_value b = ji_column_value(column, row);
        const int order = ji_value_compare_key(column->field, key->descending, key->nulls_first, &a, &b);
        if (order != 0)
            return order < 0;
    }
    return true;
}

static enum joist_status keep(
        struct ji_sort_verify *verify, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    const struct ji_arena swap = verify->kept[0];
    verify->kept[0] = verify->kept[1];
    verify->kept[1] = swap;
    ji_arena_reset(&verify->kept[0]);
    for (size_t i = 0; i < verify->key_count; i++) {
        const struct ji_column *column = &batch->columns[verify->keys[i].column];
        struct ji_value value = ji_column_value(column, row);
        const bool is_view = ji_kind_is_view(column->field->kind) || ji_kind_is_fixed(column->field->kind);
        if (!value.is_null && is_view)
            JI_TRY(ji_arena_view(&verify->kept[0], value.as.view, &value.as.view, err));
        verify->before[i] = value;
    }
    verify->has_before = true;
    return JOIST_OK;
}

/* Rows of one key that are int64_t side by side, as most sorted columns come. */
static bool numbers_rise(const struct ji_column *column, size_t start, size_t count)
{
    const int64_t *values = (const int64_t *)column->values + start;
    bool rises = true;
    for (size_t i = 1; i < count; i++)
        rises &= values[i - 1] <= values[i];
    return rises;
}

static bool are_numbers(const struct ji_sort_verify *verify, const struct ji_column *column)
{
    const enum ji_kind kind = column->field->kind;
    return verify->key_count == 1 && !verify->keys[0].descending && column->form == JI_FLAT &&
            column->validity == NULL && (kind == JI_INT64 || kind == JI_TIMESTAMP);
}

enum joist_status ji_sort_verify_add(struct ji_sort_verify *verify, const struct ji_batch *batch,
        const uint32_t *rows, size_t start, size_t count, struct joist_error *err)
{
    if (verify->key_count == 0 || !verify->holds || count == 0)
        return JOIST_OK;
    size_t before = rows != NULL ? rows[0] : start;
    verify->holds = !verify->has_before || in_order(verify, batch, NULL, before);
    const struct ji_column *first = &batch->columns[verify->keys[0].column];
    if (rows == NULL && are_numbers(verify, first)) {
        verify->holds = verify->holds && numbers_rise(first, start, count);
        before = start + count - 1;
    } else {
        for (size_t i = 1; i < count && verify->holds; i++) {
            const size_t row = rows != NULL ? rows[i] : start + i;
            verify->holds = in_order(verify, batch, &before, row);
            before = row;
        }
    }
    return verify->holds ? keep(verify, batch, before, err) : JOIST_OK;
}
