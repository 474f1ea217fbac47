/*
 * array_export_test.c - columns leave in every layout and come back with the same values
 */
#include "support/oom.h"
#include "support/test.h"

#include "arrow/array_export.h"
#include "arrow/batch_stream.h"
#include "arrow/column_builder.h"
#include "arrow/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 300

/* Strings one behind the other with four bytes between, as a PLAIN page has them: short and long. */
struct page {
    uint8_t bytes[ROWS * 64];
    struct ji_view views[ROWS];
    uint8_t validity[(ROWS + 7) / 8];
    uint32_t rows[ROWS];
    int32_t codes[ROWS];
};

static void fill_page(struct page *page, size_t distinct)
{
    size_t at = 0;
    memset(page->validity, 0xff, sizeof page->validity);
    for (size_t i = 0; i < ROWS; i++) {
        const size_t number = i % distinct;
        char text[64];
        const int size = snprintf(text, sizeof text, "%.*s%zu", (int)(number * 7 % 30),
                "abcdefghijklmnopqrstuvwxyz0123456789", number);
        at += 4;
        memcpy(page->bytes + at, text, (size_t)size);
        page->views[i] = ji_view_of(page->bytes + at, (size_t)size);
        at += (size_t)size;
        page->rows[i] = (uint32_t)i;
        page->codes[i] = (int32_t)(i * 7 % distinct);
        if (i % 11 == 3) {
            page->validity[i / 8] &= (uint8_t) ~(1u << (i % 8));
            page->views[i] = (struct ji_view){NULL, 0};
            page->codes[i] = 0;
        }
    }
}

struct export_case {
    struct ji_column column;
    struct ji_array_shape shape;
    struct ji_pick pick;
};

/* Out by the shape, in again; every row as text. */
static enum joist_status round_trip(
        struct joist_ctx *ctx, const struct export_case *the, bool by_columns, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ArrowArray array = {.release = NULL};
    struct ArrowArray lone = {.release = NULL};
    struct ji_bytes before;
    struct ji_bytes after;
    struct ji_batch back;
    struct ji_array_shape shape = the->shape;
    const struct ji_array_shape root = {.layout = JI_LAYOUT_STRUCT, .child_count = 1, .children = &shape};
    struct ji_column column = the->column;
    const struct ji_batch batch = {
            .row_count = ROWS, .selection_count = ROWS, .column_count = 1, .columns = &column};
    const struct ji_schema schema = {.column_count = 1, .columns = column.field};
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_bytes_init(&before, ji_ctx_mem(ctx));
    ji_bytes_init(&after, ji_ctx_mem(ctx));
    if (by_columns) {
        JI_TRY_OUT(ji_column_export(ctx, &arena, &shape, &column, &the->pick, &lone, err));
        JI_TRY_OUT(ji_array_of_columns(ctx, the->pick.count, &lone, 1, &array, err));
        assert_null(lone.release);
    } else {
        JI_TRY_OUT(ji_array_export(ctx, &arena, &root, &batch, &the->pick, &array, err));
    }
    assert_int_equal(array.length, the->pick.count);
    JI_TRY_OUT(ji_shaped_array_import(&arena, &schema, &root, &array, &back, err));
    for (size_t i = 0; i < the->pick.count; i++) {
        before.size = after.size = 0;
        JI_TRY_OUT(ji_column_text(&column, ji_pick_row(&the->pick, i), &before, err));
        JI_TRY_OUT(ji_column_text(&back.columns[0], i, &after, err));
        assert_true(ji_view_equal(ji_view_of(before.data, before.size), ji_view_of(after.data, after.size)));
    }
out:
    if (array.release != NULL)
        array.release(&array);
    if (lone.release != NULL)
        lone.release(&lone);
    ji_bytes_clear(&before);
    ji_bytes_clear(&after);
    ji_arena_clear(&arena);
    return status;
}

static const enum ji_layout layouts[] = {JI_LAYOUT_OFFSETS32, JI_LAYOUT_OFFSETS64, JI_LAYOUT_VIEWS};

/* The column in each form, run or picked, under each layout, plain or with codes. */
static void try_forms(struct joist_ctx *ctx, const struct page *page, struct ji_column column)
{
    const struct ji_pick picks[] = {{.count = ROWS}, {.start = 17, .count = 100}, {.count = 0},
            {.rows = page->rows + 5, .count = 150}};
    for (size_t layout = 0; layout < 3; layout++) {
        for (size_t pick = 0; pick < sizeof picks / sizeof picks[0]; pick++) {
            for (unsigned coded = 0; coded < 2; coded++) {
                const struct export_case the = {.column = column,
                        .shape = {.layout = layouts[layout],
                                .is_dictionary = coded != 0,
                                .code_kind = pick % 2 == 0 ? JI_INT32 : JI_UINT16},
                        .pick = picks[pick]};
                assert_ok(round_trip(ctx, &the, false, NULL));
                assert_ok(round_trip(ctx, &the, true, NULL));
            }
        }
    }
}

static struct joist_ctx *open_ctx(void)
{
    struct joist_ctx *ctx = NULL;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void strings_leave_in_every_form(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct page *page = test_calloc(1, sizeof *page);
    struct page *entries = test_calloc(1, sizeof *entries);
    const struct ji_field field = {.name = "s", .kind = JI_BINARY, .nullable = true, .field_id = -1};
    fill_page(page, ROWS);
    fill_page(entries, 40);
    memset(entries->validity, 0xff, sizeof entries->validity);
    struct ji_column flat = {.field = &field,
            .form = JI_FLAT,
            .row_count = ROWS,
            .values = page->views,
            .validity = page->validity};
    try_forms(ctx, page, flat);
    flat.validity = NULL;
    try_forms(ctx, page, flat);
    struct ji_column dictionary = {
            .field = &field, .form = JI_FLAT, .row_count = 40, .values = entries->views};
    const struct ji_column coded = {.field = &field,
            .form = JI_DICTIONARY,
            .row_count = ROWS,
            .values = entries->codes,
            .validity = page->validity,
            .dictionary = &dictionary};
    try_forms(ctx, page, coded);
    const struct ji_column constant = {
            .field = &field, .form = JI_CONSTANT, .row_count = ROWS, .values = page->views + 29};
    try_forms(ctx, page, constant);
    test_free(page);
    test_free(entries);
    joist_ctx_close(ctx);
}

static void a_dictionary_larger_than_its_codes_is_refused(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct page *page = test_calloc(1, sizeof *page);
    const struct ji_field field = {.name = "s", .kind = JI_STRING, .nullable = true, .field_id = -1};
    struct joist_error err;
    fill_page(page, ROWS);
    const struct export_case the = {
            .column = {.field = &field, .row_count = ROWS, .values = page->views, .validity = page->validity},
            .shape = {.layout = JI_LAYOUT_OFFSETS32, .is_dictionary = true, .code_kind = JI_INT8},
            .pick = {.count = ROWS}};
    assert_status(round_trip(ctx, &the, false, &err), JOIST_ERR_LIMIT);
    assert_non_null(strstr(err.text, "column 's'"));
    test_free(page);
    joist_ctx_close(ctx);
}

/* Beneath a null parent: rows without a null of their own and without a value. */
static void codes_without_any_entry_find_an_empty_one(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    const struct ji_field field = {.name = "s", .kind = JI_STRING, .field_id = -1};
    static const int32_t codes[2];
    struct ji_column none = {.field = &field, .form = JI_FLAT};
    const struct ji_column column = {
            .field = &field, .form = JI_DICTIONARY, .row_count = 2, .values = codes, .dictionary = &none};
    const struct ji_array_shape shape = {
            .layout = JI_LAYOUT_OFFSETS32, .is_dictionary = true, .code_kind = JI_INT32};
    const struct ji_pick pick = {.count = 2};
    struct ji_arena scratch;
    struct ArrowArray array;
    ji_arena_init(&scratch, ji_ctx_mem(ctx));
    assert_ok(ji_column_export(ctx, &scratch, &shape, &column, &pick, &array, NULL));
    assert_int_equal(array.dictionary->length, 1);
    array.release(&array);
    ji_arena_clear(&scratch);
    joist_ctx_close(ctx);
}

/* --- numbers and lists --- */

static void decimals_leave_in_every_width(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    static const uint16_t widths[] = {32, 64, 128, 256};
    int64_t small[ROWS];
    ji_int128 large[ROWS];
    uint32_t rows[ROWS];
    for (int i = 0; i < ROWS; i++) {
        small[i] = (i % 2 == 0 ? 1 : -1) * i * 1000003;
        large[i] = small[i];
        rows[i] = (uint32_t)(ROWS - 1 - i);
    }
    for (size_t width = 0; width < 4; width++) {
        for (unsigned wide = 0; wide < 2; wide++) {
            const struct ji_field field = {.name = "d",
                    .kind = JI_DECIMAL,
                    .precision = wide ? 30 : 9,
                    .scale = 2,
                    .field_id = JI_FIELD_ID_NONE};
            struct export_case the = {
                    .column = {.field = &field, .row_count = ROWS, .values = wide ? (void *)large : small},
                    .shape = {.layout = JI_LAYOUT_DECIMAL, .bits = widths[width]},
                    .pick = {.start = 3, .count = ROWS - 5}};
            assert_ok(round_trip(ctx, &the, false, NULL));
            the.pick = (struct ji_pick){.rows = rows, .count = ROWS};
            assert_ok(round_trip(ctx, &the, true, NULL));
        }
    }
    joist_ctx_close(ctx);
}

static void lists_leave_in_every_form(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct joist_error err;
    int32_t numbers[ROWS * 2];
    int32_t offsets[ROWS + 1];
    uint8_t validity[(ROWS + 7) / 8];
    struct ji_field element = {.name = "element", .kind = JI_INT32, .field_id = JI_FIELD_ID_NONE};
    const struct ji_field field = {.name = "l",
            .kind = JI_LIST,
            .nullable = true,
            .field_id = JI_FIELD_ID_NONE,
            .child_count = 1,
            .children = &element};
    struct ji_array_shape child = {.layout = JI_LAYOUT_SAME};
    memset(validity, 0xf7, sizeof validity);
    int32_t at = 0;
    for (int i = 0; i < ROWS; i++) {
        offsets[i] = at;
        if (ji_bit_get(validity, (size_t)i))
            at += 2;
    }
    offsets[ROWS] = at;
    for (int i = 0; i < ROWS * 2; i++)
        numbers[i] = i;
    struct ji_column values = {.field = &element, .row_count = (size_t)at, .values = numbers};
    struct export_case the = {.column = {.field = &field,
                                      .row_count = ROWS,
                                      .validity = validity,
                                      .offsets = offsets,
                                      .children = &values},
            .shape = {.layout = JI_LAYOUT_LIST64, .child_count = 1, .children = &child},
            .pick = {.start = 2, .count = ROWS - 2}};
    assert_ok(round_trip(ctx, &the, false, NULL));
    for (enum ji_layout layout = JI_LAYOUT_LIST_VIEW32; layout <= JI_LAYOUT_LIST_VIEW64; layout++) {
        the.shape.layout = layout;
        assert_ok(round_trip(ctx, &the, false, NULL));
        assert_ok(round_trip(ctx, &the, true, NULL));
    }
    the.shape.layout = JI_LAYOUT_LIST_FIXED;
    the.shape.list_size = 2;
    assert_ok(round_trip(ctx, &the, true, NULL));
    the.shape.list_size = 3;
    assert_status(round_trip(ctx, &the, false, &err), JOIST_ERR_CORRUPT);
    /* Nulls alone, and no element at all. */
    memset(validity, 0, sizeof validity);
    memset(offsets, 0, sizeof offsets);
    values.row_count = 0;
    assert_ok(round_trip(ctx, &the, false, NULL));
    joist_ctx_close(ctx);
}

static enum joist_status body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    JI_TRY(round_trip(ctx, arg, false, err));
    return round_trip(ctx, arg, true, err);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct page *page = test_calloc(1, sizeof *page);
    const struct ji_field field = {.name = "s", .kind = JI_STRING, .nullable = true, .field_id = -1};
    fill_page(page, 50);
    for (size_t layout = 0; layout < 3; layout++) {
        for (unsigned coded = 0; coded < 2; coded++) {
            struct export_case the = {.column = {.field = &field,
                                              .row_count = ROWS,
                                              .values = page->views,
                                              .validity = page->validity},
                    .shape = {.layout = layouts[layout], .is_dictionary = coded != 0, .code_kind = JI_INT16},
                    .pick = {.rows = page->rows, .count = 60}};
            oom_sweep(body, &the);
        }
    }
    test_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(strings_leave_in_every_form),
            cmocka_unit_test(a_dictionary_larger_than_its_codes_is_refused),
            cmocka_unit_test(codes_without_any_entry_find_an_empty_one),
            cmocka_unit_test(decimals_leave_in_every_width),
            cmocka_unit_test(lists_leave_in_every_form),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
