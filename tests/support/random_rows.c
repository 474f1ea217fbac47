/*
 * random_rows.c - batches of every kind of column and form
 */
#include "support/random_rows.h"

#include "support/test_random.h"

#include <string.h>

#define TEXT_BYTES_MAX 24
#define LONG_BYTES_MAX 600
#define ELEMENTS_MAX 4

/* clang-format off */
static struct ji_field pair_members[] = {
        {.name = "key", .kind = JI_STRING},
        {.name = "value", .kind = JI_INT16, .nullable = true}};
static struct ji_field entries[] = {
        {.name = "entries", .kind = JI_STRUCT, .child_count = 2, .children = pair_members}};
static struct ji_field item[] = {{.name = "item", .kind = JI_STRING, .nullable = true}};
static struct ji_field inner[] = {
        {.name = "item", .kind = JI_LIST, .nullable = true, .child_count = 1, .children = item}};
static struct ji_field flags[] = {{.name = "item", .kind = JI_BOOL, .nullable = true}};
static struct ji_field members[] = {
        {.name = "half", .kind = JI_FLOAT16, .nullable = true},
        {.name = "flags", .kind = JI_LIST, .nullable = true, .child_count = 1, .children = flags},
        {.name = "nothing", .kind = JI_NULL, .nullable = true},
        {.name = "when", .kind = JI_TIMESTAMP, .unit = JI_NANO, .nullable = true}};
static const struct ji_field columns[] = {
        {.name = "id", .kind = JI_INT64},
        {.name = "few", .kind = JI_INT32, .nullable = true},
        {.name = "text", .kind = JI_STRING, .nullable = true},
        {.name = "nothing", .kind = JI_NULL, .nullable = true},
        {.name = "yes", .kind = JI_BOOL, .nullable = true},
        {.name = "i8", .kind = JI_INT8, .nullable = true},
        {.name = "i16", .kind = JI_INT16},
        {.name = "u8", .kind = JI_UINT8, .nullable = true},
        {.name = "u16", .kind = JI_UINT16, .nullable = true},
        {.name = "u32", .kind = JI_UINT32, .nullable = true},
        {.name = "u64", .kind = JI_UINT64, .nullable = true},
        {.name = "half", .kind = JI_FLOAT16, .nullable = true},
        {.name = "float", .kind = JI_FLOAT, .nullable = true},
        {.name = "double", .kind = JI_DOUBLE, .nullable = true},
        {.name = "price", .kind = JI_DECIMAL, .precision = 12, .scale = 2, .nullable = true},
        {.name = "wealth", .kind = JI_DECIMAL, .precision = 38, .scale = 3, .nullable = true},
        {.name = "day", .kind = JI_DATE, .nullable = true},
        {.name = "time", .kind = JI_TIME, .unit = JI_MICRO, .nullable = true},
        {.name = "when", .kind = JI_TIMESTAMP, .unit = JI_MICRO, .utc = true, .nullable = true},
        {.name = "bytes", .kind = JI_BINARY, .nullable = true},
        {.name = "three", .kind = JI_FIXED, .fixed_bytes = 3, .nullable = true},
        {.name = "uuid", .kind = JI_UUID, .fixed_bytes = 16, .nullable = true},
        {.name = "wide", .kind = JI_WIDE_DECIMAL, .precision = 60, .scale = 3, .fixed_bytes = 32,
                .nullable = true},
        {.name = "span", .kind = JI_INTERVAL, .fixed_bytes = 16, .nullable = true},
        {.name = "lists", .kind = JI_LIST, .nullable = true, .child_count = 1, .children = inner},
        {.name = "map", .kind = JI_MAP, .nullable = true, .child_count = 1, .children = entries},
        {.name = "all", .kind = JI_STRUCT, .nullable = true, .child_count = 4, .children = members}};
/* clang-format on */
static const struct ji_schema schema = {
        .column_count = sizeof columns / sizeof columns[0], .columns = columns};

const struct ji_schema *random_rows_schema(void)
{
    return &schema;
}

static void *take(struct ji_arena *arena, size_t count, size_t size)
{
    void *made = NULL;
    assert_ok(ji_arena_array(arena, count + 1, size, &made, NULL));
    return made;
}

static void make_column(struct ji_arena *arena, uint64_t *seed, const struct ji_field *field, size_t rows,
        struct ji_column *column);

static void make_views(struct ji_arena *arena, uint64_t *seed, struct ji_column *column)
{
    struct ji_view *views = take(arena, column->row_count, sizeof *views);
    for (size_t row = 0; row < column->row_count; row++) {
        const size_t size =
                test_random(seed) % (test_random(seed) % 50 == 0 ? LONG_BYTES_MAX : TEXT_BYTES_MAX);
        uint8_t *bytes = take(arena, size, 1);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)("\0ab~"[test_random(seed) % 4]);
        views[row] = ji_view_of(bytes, size);
    }
    column->values = views;
}

static void make_lists(struct ji_arena *arena, uint64_t *seed, struct ji_column *column)
{
    int32_t *offsets = take(arena, column->row_count + 1, sizeof *offsets);
    offsets[0] = (int32_t)(test_random(seed) % 3);
    for (size_t row = 0; row < column->row_count; row++)
        offsets[row + 1] = offsets[row] + (int32_t)(test_random(seed) % ELEMENTS_MAX);
    column->offsets = offsets;
    column->children = take(arena, 1, sizeof *column->children);
    make_column(arena, seed, &column->field->children[0], (size_t)offsets[column->row_count],
            &column->children[0]);
}

static void make_values(struct ji_arena *arena, uint64_t *seed, struct ji_column *column)
{
    const struct ji_field *field = column->field;
    const size_t rows = column->row_count;
    const size_t width = field->kind == JI_BOOL ? 1 : ji_field_width(field);
    if (ji_kind_is_view(field->kind)) {
        make_views(arena, seed, column);
    } else if (field->kind == JI_LIST || field->kind == JI_MAP) {
        make_lists(arena, seed, column);
    } else if (field->kind == JI_STRUCT) {
        column->children = take(arena, field->child_count, sizeof *column->children);
        for (size_t i = 0; i < field->child_count; i++)
            make_column(arena, seed, &field->children[i], rows, &column->children[i]);
    } else if (field->kind != JI_NULL) {
        uint8_t *values = take(arena, rows, width);
        const bool few = field->kind == JI_INT32;
        for (size_t i = 0; i < rows * width; i++)
            values[i] = !few         ? (uint8_t)test_random(seed)
                    : i % width == 0 ? (uint8_t)(test_random(seed) % 5)
                                     : 0;
        column->values = values;
        int64_t *longs = (int64_t *)(void *)values;
        for (size_t i = 0; width == sizeof *longs && field->kind != JI_DOUBLE && i < rows; i++)
            longs[i] = i % 9 == 7 ? INT64_MIN : longs[i] >> test_random(seed) % 64;
    }
}

static void make_flat(struct ji_arena *arena, uint64_t *seed, const struct ji_field *field, size_t rows,
        bool nulls, struct ji_column *column)
{
    *column = (struct ji_column){.field = field, .row_count = rows};
    make_values(arena, seed, column);
    if (!nulls)
        return;
    uint8_t *bits = take(arena, ji_bitmap_bytes(rows), 1);
    for (size_t i = 0; i < ji_bitmap_bytes(rows); i++)
        bits[i] = (uint8_t)(test_random(seed) | test_random(seed));
    column->validity = bits;
}

static void make_dictionary(struct ji_arena *arena, uint64_t *seed, const struct ji_field *field, size_t rows,
        bool nulls, struct ji_column *column)
{
    const size_t known = 1 + test_random(seed) % 8;
    struct ji_column flat;
    int32_t *codes = take(arena, rows, sizeof *codes);
    make_flat(arena, seed, field, rows, nulls, &flat);
    *column = (struct ji_column){
            .field = field, .form = JI_DICTIONARY, .row_count = rows, .validity = flat.validity};
    column->dictionary = take(arena, 1, sizeof *column->dictionary);
    make_flat(arena, seed, field, known, false, column->dictionary);
    for (size_t row = 0; row < rows; row++)
        codes[row] = (int32_t)(test_random(seed) % known);
    column->values = codes;
}

static void make_column(struct ji_arena *arena, uint64_t *seed, const struct ji_field *field, size_t rows,
        struct ji_column *column)
{
    const bool nulls = field->nullable && field->kind != JI_NULL && test_random(seed) % 3 != 0;
    if (field->kind != JI_NULL && test_random(seed) % 4 == 0)
        make_dictionary(arena, seed, field, rows, nulls, column);
    else
        make_flat(arena, seed, field, rows, nulls, column);
}

static void make_batch(
        struct random_rows *rows, uint64_t *seed, size_t count, int64_t first, struct ji_batch *batch)
{
    struct ji_arena *arena = &rows->arena;
    int64_t *ids = take(arena, count, sizeof *ids);
    uint32_t *selection = take(arena, count, sizeof *selection);
    *batch = (struct ji_batch){.row_count = count,
            .selection_count = count,
            .column_count = schema.column_count,
            .columns = take(arena, schema.column_count, sizeof *batch->columns)};
    for (size_t row = 0; row < count; row++)
        ids[row] = first + (int64_t)row;
    batch->columns[0] = (struct ji_column){.field = &columns[0], .row_count = count, .values = ids};
    for (size_t column = 1; column < schema.column_count; column++) {
        const bool constant = test_random(seed) % 10 == 0 && !ji_kind_is_nested(columns[column].kind);
        make_column(arena, seed, &columns[column], constant ? 1 : count, &batch->columns[column]);
        if (constant && batch->columns[column].form == JI_FLAT) {
            batch->columns[column].form = JI_CONSTANT;
            batch->columns[column].row_count = count;
        } else if (constant) {
            make_column(arena, seed, &columns[column], count, &batch->columns[column]);
        }
    }
    if (test_random(seed) % 2 == 0)
        return;
    batch->selection = selection;
    batch->selection_count = 0;
    for (size_t row = 0; row < count; row++) {
        if (test_random(seed) % 3 != 0)
            selection[batch->selection_count++] = (uint32_t)row;
    }
}

void random_rows_make(struct random_rows *rows, struct ji_mem *mem, uint64_t seed, size_t batch_count,
        size_t rows_max, size_t morsel_batches)
{
    int64_t next = 0;
    *rows = (struct random_rows){
            .schema = schema, .batch_count = batch_count, .morsel_batches = morsel_batches};
    ji_arena_init(&rows->arena, mem);
    rows->batches = take(&rows->arena, batch_count, sizeof *rows->batches);
    for (size_t index = 0; index < batch_count; index++) {
        const size_t count = test_random(&seed) % (rows_max + 1);
        make_batch(rows, &seed, count, next, &rows->batches[index]);
        rows->row_count += rows->batches[index].selection_count;
        next += (int64_t)count;
    }
}

void random_rows_clear(struct random_rows *rows)
{
    ji_arena_clear(&rows->arena);
}

/* --- the scan --- */

struct cursor {
    struct random_rows *rows;
    struct ji_mem *mem;
    size_t at;
    size_t end;
};

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct cursor *cursor = self;
    *batch = NULL;
    if (cursor->at == cursor->end)
        return JOIST_OK;
    if (cursor->at + 1 == cursor->rows->fail_at)
        return ji_fail(err, JOIST_ERR_CORRUPT, "batch %zu", cursor->at);
    *batch = &cursor->rows->batches[cursor->at++];
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct cursor *cursor = self;
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

static size_t morsel_count(void *self)
{
    const struct random_rows *rows = self;
    return (rows->batch_count + rows->morsel_batches - 1) / rows->morsel_batches;
}

static enum joist_status open_cursor(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct random_rows *rows = self;
    struct cursor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->rows = rows;
    made->mem = mem;
    made->at = morsel * rows->morsel_batches;
    made->end = ji_min_size(rows->batch_count, made->at + rows->morsel_batches);
    cursor->ops = &ops;
    cursor->self = made;
    return JOIST_OK;
}

static void close_nothing(void *self)
{
    (void)self;
}

struct ji_rows_scan random_rows_scan(struct random_rows *rows)
{
    static const struct ji_rows_scan_ops ops = {morsel_count, open_cursor, ji_no_counters, close_nothing};
    return (struct ji_rows_scan){&ops, rows};
}

/* --- equality --- */

/* The flat column beneath, and the row in it. */
static const struct ji_column *flat_of(const struct ji_column *column, size_t *row)
{
    if (column->form == JI_CONSTANT)
        *row = 0;
    if (column->form != JI_DICTIONARY)
        return column;
    *row = (size_t)((const int32_t *)column->values)[*row];
    return column->dictionary;
}

static bool same_elements(const struct ji_column *a, size_t a_row, const struct ji_column *b, size_t b_row)
{
    const int32_t count = a->offsets[a_row + 1] - a->offsets[a_row];
    bool same = count == b->offsets[b_row + 1] - b->offsets[b_row];
    for (int32_t i = 0; same && i < count; i++)
        same = same_value(&a->children[0], (size_t)(a->offsets[a_row] + i), &b->children[0],
                (size_t)(b->offsets[b_row] + i));
    return same;
}

bool same_value(const struct ji_column *a, size_t a_row, const struct ji_column *b, size_t b_row)
{
    const struct ji_field *field = a->field;
    const size_t width = ji_field_width(field);
    const bool null = ji_column_is_null(a, a_row);
    if (null || ji_column_is_null(b, b_row))
        return null && ji_column_is_null(b, b_row);
    a = flat_of(a, &a_row);
    b = flat_of(b, &b_row);
    if (field->kind == JI_BOOL)
        return ji_bit_get(a->values, a_row) == ji_bit_get(b->values, b_row);
    if (ji_kind_is_view(field->kind))
        return ji_view_equal(
                ((const struct ji_view *)a->values)[a_row], ((const struct ji_view *)b->values)[b_row]);
    if (field->kind == JI_LIST || field->kind == JI_MAP)
        return same_elements(a, a_row, b, b_row);
    bool same = true;
    for (size_t i = 0; same && i < field->child_count; i++)
        same = same_value(&a->children[i], a_row, &b->children[i], b_row);
    if (width > 0)
        same = memcmp((const uint8_t *)a->values + a_row * width, (const uint8_t *)b->values + b_row * width,
                       width) == 0;
    return same;
}
