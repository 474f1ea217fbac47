/*
 * batch_test.c - forms of columns: flat, gathered, sliced, exported, all with the same values
 */
#include "support/oom.h"
#include "support/test.h"

#include "arrow/batch_stream.h"
#include "arrow/column_builder.h"
#include "arrow/column_slice.h"
#include "arrow/value.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 200

static const char *const types[] = {"boolean", "int8", "int16", "int", "long", "double", "decimal(9, 2)",
        "decimal(30, 2)", "date", "time_s", "timestamp", "string", "binary", "fixed(3)", "uuid", "uint64",
        "list<int>", "map<string, int>", "struct<a string, b boolean>", "list<struct<a list<string>>>"};

#define TYPE_COUNT (sizeof types / sizeof types[0])

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)256 << 20};
    assert_ok(joist_ctx_open(&options, &f->ctx, NULL));
    ji_arena_init(&f->arena, ji_ctx_mem(f->ctx));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ji_arena_clear(&f->arena);
    joist_ctx_close(f->ctx);
    test_free(f);
    return 0;
}

static struct ji_value value_for(const struct ji_field *field, int number)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    struct ji_value value = {.is_null = false};
    switch (field->kind) {
    case JI_BOOL:
        value.as.boolean = number % 3 == 0;
        break;
    case JI_DOUBLE:
        value.as.real = number / 4.0;
        break;
    case JI_DECIMAL:
        value.as.decimal = (ji_int128)number * (number % 2 == 0 ? 1 : -1);
        break;
    case JI_STRING:
    case JI_BINARY:
        value.as.view = ji_view_of(bytes + number % 10, (size_t)number % 20);
        break;
    case JI_FIXED:
    case JI_UUID:
        value.as.view = ji_view_of(bytes + number % 10, field->fixed_bytes);
        break;
    default:
        value.as.integer = number % 100;
        break;
    }
    return value;
}

/* A value that follows from the number alone; every seventh is null where that is allowed. */
static enum joist_status put(struct ji_column_builder *builder, int number, struct joist_error *err)
{
    const struct ji_field *field = builder->field;
    if (field->nullable && number % 7 == 3)
        return ji_column_builder_null(builder, err);
    if (!ji_kind_is_nested(field->kind)) {
        const struct ji_value value = value_for(field, number);
        return ji_column_builder_value(builder, &value, err);
    }
    const int times = field->kind == JI_STRUCT ? 1 : number % 4;
    for (int i = 0; i < times; i++) {
        for (size_t k = 0; k < field->child_count; k++)
            JI_TRY(put(&builder->children[k], number + i * 5 + (int)k, err));
    }
    return ji_column_builder_nested(builder, err);
}

static enum joist_status build(struct ji_column_builder *builder, struct ji_arena *arena, const char *type,
        struct ji_column *column, struct joist_error *err)
{
    struct ji_field *field;
    JI_TRY(ji_arena_array(arena, 1, sizeof *field, &field, err));
    JI_TRY(ji_type_parse(arena, ji_view_of_text(type), field, err));
    field->name = "c";
    JI_TRY(ji_column_builder_init(builder, arena->mem, field, err));
    enum joist_status status = JOIST_OK;
    for (int i = 0; i < ROWS && status == JOIST_OK; i++)
        status = put(builder, i, err);
    if (status == JOIST_OK)
        status = ji_column_builder_finish(builder, arena, column, err);
    if (status != JOIST_OK)
        ji_column_builder_clear(builder);
    return status;
}

static void assert_row_equal(
        struct fixture *f, const struct ji_column *a, size_t a_row, const struct ji_column *b, size_t b_row)
{
    struct ji_bytes text[2];
    ji_bytes_init(&text[0], f->arena.mem);
    ji_bytes_init(&text[1], f->arena.mem);
    assert_ok(ji_column_json(a, a_row, &text[0], NULL));
    assert_ok(ji_column_json(b, b_row, &text[1], NULL));
    if (text[0].size != text[1].size || memcmp(text[0].data, text[1].data, text[0].size) != 0)
        fail_msg("row %zu: '%.*s', not '%.*s'", b_row, (int)text[1].size, (const char *)text[1].data,
                (int)text[0].size, (const char *)text[0].data);
    ji_bytes_clear(&text[0]);
    ji_bytes_clear(&text[1]);
}

static void gathered_rows_are_the_rows_asked_for(void **state)
{
    struct fixture *f = *state;
    for (size_t t = 0; t < TYPE_COUNT; t++) {
        struct ji_column_builder builder;
        struct ji_column column;
        struct ji_column picked;
        uint32_t rows[300];
        for (uint32_t i = 0; i < 300; i++)
            rows[i] = (i * 37) % ROWS;
        assert_ok(build(&builder, &f->arena, types[t], &column, NULL));
        assert_ok(ji_column_gather(&f->arena, &column, rows, 300, &picked, NULL));
        assert_int_equal(picked.row_count, 300);
        for (size_t i = 0; i < 300; i++)
            assert_row_equal(f, &column, rows[i], &picked, i);
        assert_ok(ji_column_gather(&f->arena, &column, rows, 0, &picked, NULL));
        assert_int_equal(picked.row_count, 0);
        ji_column_builder_clear(&builder);
    }
}

static void slices_start_anywhere(void **state)
{
    struct fixture *f = *state;
    static const size_t starts[] = {0, 8, 13, ROWS - 1, ROWS};
    for (size_t t = 0; t < TYPE_COUNT; t++) {
        struct ji_column_builder builder;
        struct ji_column column;
        assert_ok(build(&builder, &f->arena, types[t], &column, NULL));
        for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++) {
            struct ji_column slice;
            const size_t count = ji_min_size(40, ROWS - starts[s]);
            assert_ok(ji_column_slice(&f->arena, &column, starts[s], count, &slice, NULL));
            for (size_t i = 0; i < count; i++)
                assert_row_equal(f, &column, starts[s] + i, &slice, i);
        }
        ji_column_builder_clear(&builder);
    }
}

/* A dictionary column over the first 50 rows without nulls. */
static void make_dictionary(struct fixture *f, const struct ji_column *values, struct ji_column *column)
{
    struct ji_column *dictionary;
    uint8_t *validity;
    int32_t *codes;
    assert_ok(ji_arena_array(&f->arena, 1, sizeof *dictionary, &dictionary, NULL));
    assert_ok(ji_arena_array(&f->arena, ROWS / 8, 1, &validity, NULL));
    assert_ok(ji_arena_array(&f->arena, ROWS, sizeof *codes, &codes, NULL));
    *dictionary = *values;
    dictionary->validity = NULL;
    for (size_t i = 0; i < ROWS; i++) {
        codes[i] = (int32_t)((i * 11) % 50);
        if (i % 9 != 0)
            ji_bit_set(validity, i);
    }
    *column = (struct ji_column){.field = values->field,
            .form = JI_DICTIONARY,
            .row_count = ROWS,
            .validity = validity,
            .values = codes,
            .dictionary = dictionary};
}

static void forms_make_no_difference(void **state)
{
    struct fixture *f = *state;
    for (size_t t = 0; t < TYPE_COUNT; t++) {
        struct ji_column_builder builder;
        struct ji_column values;
        struct ji_column columns[2];
        struct ji_column flat;
        assert_ok(build(&builder, &f->arena, types[t], &values, NULL));
        make_dictionary(f, &values, &columns[0]);
        columns[1] = values;
        columns[1].form = JI_CONSTANT;
        columns[1].validity = NULL;
        for (size_t c = 0; c < 2; c++) {
            assert_ok(ji_column_flat(&f->arena, &columns[c], &flat, NULL));
            assert_int_equal(flat.form, JI_FLAT);
            for (size_t i = 0; i < ROWS; i++)
                assert_row_equal(f, &columns[c], i, &flat, i);
        }
        const uint8_t none = 0;
        columns[1].validity = &none;
        assert_ok(ji_column_flat(&f->arena, &columns[1], &flat, NULL));
        assert_true(ji_column_is_null(&flat, 5));
        ji_column_builder_clear(&builder);
    }
}

/* --- batches over the border --- */

struct one_batch {
    struct ji_schema schema;
    struct ji_batch batch;
    bool given;
    enum joist_status failure;
};

static const struct ji_schema *one_schema(void *self_)
{
    const struct one_batch *self = self_;
    return &self->schema;
}

static enum joist_status one_next(void *self_, const struct ji_batch **batch, struct joist_error *err)
{
    struct one_batch *self = self_;
    if (self->given && self->failure != JOIST_OK)
        return ji_fail(err, self->failure, "row group 7, column 'x': it is late");
    *batch = self->given ? NULL : &self->batch;
    self->given = true;
    return JOIST_OK;
}

static void one_close(void *self)
{
    (void)self;
}

static struct ji_batch_stream stream_of(struct one_batch *one)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = one_schema, .next = one_next, .close = one_close};
    return (struct ji_batch_stream){.ops = &ops, .self = one};
}

static void exported_batches_hold_the_selected_rows(void **state)
{
    struct fixture *f = *state;
    uint32_t selection[ROWS];
    size_t selected = 0;
    for (uint32_t i = 0; i < ROWS; i += 1 + i % 3)
        selection[selected++] = i;
    for (size_t t = 0; t < TYPE_COUNT; t++) {
        struct ji_column_builder builder;
        struct ji_column columns[3];
        assert_ok(build(&builder, &f->arena, types[t], &columns[0], NULL));
        make_dictionary(f, &columns[0], &columns[1]);
        columns[2] = columns[0];
        columns[2].form = JI_CONSTANT;
        const struct ji_field fields[3] = {*columns[0].field, *columns[0].field, *columns[0].field};
        for (int with = 0; with < 2; with++) {
            struct one_batch one = {.schema = {.column_count = 3, .columns = fields},
                    .batch = {.row_count = ROWS,
                            .selection = with ? selection : NULL,
                            .selection_count = with ? selected : ROWS,
                            .column_count = 3,
                            .columns = columns}};
            struct ji_batch_stream stream = stream_of(&one);
            struct ArrowArrayStream out;
            struct ArrowArray array;
            struct ji_batch back;
            struct ji_batch flat;
            assert_true(ji_batch_bytes(&one.batch) > 0);
            assert_ok(ji_batch_flat(&f->arena, &one.batch, &flat, NULL));
            assert_ok(ji_stream_export(f->ctx, &stream, &out, NULL));
            assert_null(stream.ops);
            assert_ok(joist_stream_next(&out, &array, NULL));
            assert_ok(ji_array_import(&f->arena, &one.schema, &array, &back, NULL));
            assert_int_equal(back.row_count, one.batch.selection_count);
            for (size_t i = 0; i < back.row_count; i++) {
                for (size_t c = 0; c < 3; c++) {
                    assert_row_equal(f, &columns[c], with ? selection[i] : i, &back.columns[c], i);
                    assert_row_equal(f, &columns[c], with ? selection[i] : i, &flat.columns[c], i);
                }
            }
            array.release(&array);
            out.release(&out);
        }
        ji_column_builder_clear(&builder);
    }
}

static void buffers_are_shared_or_moved_or_copied(void **state)
{
    struct fixture *f = *state;
    struct ji_buffer *buffer;
    struct ji_mem *own;
    const struct ji_field field = {.name = "a", .kind = JI_INT64, .nullable = true};
    assert_ok(ji_mem_open(ji_ctx_mem(f->ctx), "query", &own, NULL));
    for (int round = 0; round < 3; round++) {
        const bool shares = round < 2;
        assert_ok(ji_buffer_new(round == 0 ? ji_ctx_exported(f->ctx) : own, 32768, &buffer, NULL));
        struct ji_buffer *other = shares ? NULL : ji_buffer_retain(buffer);
        memset(buffer->data, 1, 32768);
        struct ji_column column = {
                .field = &field, .row_count = 4096, .values = buffer->data, .values_buffer = buffer};
        struct one_batch one = {.schema = {.column_count = 1, .columns = &field},
                .batch = {.row_count = 4096, .selection_count = 4096, .column_count = 1, .columns = &column}};
        struct ji_batch_stream stream = stream_of(&one);
        struct ArrowArrayStream out;
        struct ArrowArray array;
        assert_ok(ji_stream_export(f->ctx, &stream, &out, NULL));
        assert_ok(joist_stream_next(&out, &array, NULL));
        assert_int_equal(array.children[0]->buffers[1] == column.values, shares);
        ji_buffer_release(other);
        assert_int_equal(ji_buffer_shared(buffer), shares);
        assert_true(shares == (buffer->mem == ji_ctx_exported(f->ctx)));
        ji_buffer_release(buffer);
        out.release(&out);
        struct ArrowArray moved = *array.children[0];
        array.children[0]->release = NULL;
        array.release(&array);
        assert_int_equal(((const int64_t *)moved.buffers[1])[4095], 0x0101010101010101);
        moved.release(&moved);
    }
    ji_mem_close(own);
}

static void failures_keep_the_whole_error(void **state)
{
    struct fixture *f = *state;
    const struct ji_field field = {.name = "a", .kind = JI_NULL, .nullable = true};
    struct ji_column column = {.field = &field, .row_count = 3};
    struct one_batch one = {.schema = {.column_count = 1, .columns = &field},
            .batch = {.row_count = 3, .selection_count = 3, .column_count = 1, .columns = &column},
            .failure = JOIST_ERR_CANCELLED};
    struct ji_batch_stream stream = stream_of(&one);
    struct ArrowArrayStream out;
    struct ArrowArray array;
    struct joist_error err;
    assert_ok(ji_stream_export(f->ctx, &stream, &out, NULL));
    assert_null(out.get_last_error(&out));
    assert_ok(joist_stream_next(&out, &array, NULL));
    assert_int_equal(array.children[0]->null_count, 3);
    array.release(&array);
    for (int i = 0; i < 2; i++) {
        memset(&err, 0, sizeof err);
        assert_status(joist_stream_next(&out, &array, &err), JOIST_ERR_CANCELLED);
        assert_string_equal(err.text, "row group 7, column 'x': it is late");
        assert_string_equal(out.get_last_error(&out), err.text);
    }
    struct ji_batch_stream back;
    const struct ji_batch *batch;
    assert_ok(ji_stream_import(f->ctx, &out, &back, NULL));
    assert_status(ji_stream_next(&back, &batch, &err), JOIST_ERR_CANCELLED);
    ji_stream_close(&back);
    out.release(&out);
}

static void own_streams_come_back_without_conversion(void **state)
{
    struct fixture *f = *state;
    const struct ji_field field = {.name = "a", .kind = JI_NULL, .nullable = true};
    struct ji_column column = {.field = &field, .row_count = JI_BATCH_ROWS_MAX + 1};
    struct one_batch one = {.schema = {.column_count = 1, .columns = &field},
            .batch = {.row_count = JI_BATCH_ROWS_MAX + 1,
                    .selection_count = JI_BATCH_ROWS_MAX + 1,
                    .column_count = 1,
                    .columns = &column}};
    for (int pulled = 0; pulled < 2; pulled++) {
        one.given = false;
        struct ji_batch_stream stream = stream_of(&one);
        struct ji_batch_stream back;
        struct ArrowArrayStream out;
        struct ArrowArray array;
        const struct ji_batch *batch;
        assert_ok(ji_stream_export(f->ctx, &stream, &out, NULL));
        if (pulled) {
            assert_ok(joist_stream_next(&out, &array, NULL));
            array.release(&array);
        }
        assert_ok(ji_stream_import(f->ctx, &out, &back, NULL));
        assert_string_equal(ji_stream_schema(&back)->columns[0].name, "a");
        assert_ok(ji_stream_next(&back, &batch, NULL));
        assert_int_equal(batch == &one.batch, !pulled);
        assert_int_equal(batch->row_count, pulled ? 1 : JI_BATCH_ROWS_MAX + 1);
        assert_ok(ji_stream_next(&back, &batch, NULL));
        assert_null(batch);
        assert_ok(ji_stream_next(&back, &batch, NULL));
        assert_null(batch);
        ji_stream_close(&back);
        out.release(&out);
    }
}

static enum joist_status gather_and_export(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct ji_arena arena;
    struct ji_column_builder builder;
    struct ji_column columns[1];
    struct ji_column picked;
    const uint32_t rows[] = {5, 199, 5};
    enum joist_status status = JOIST_OK;
    struct ArrowArrayStream out = {.release = NULL};
    struct ArrowArray array = {.release = NULL};
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    status = build(&builder, &arena, arg, &columns[0], err);
    if (status != JOIST_OK) {
        ji_arena_clear(&arena);
        return status;
    }
    struct one_batch one = {.schema = {.column_count = 1, .columns = columns[0].field},
            .batch = {.row_count = ROWS, .selection_count = ROWS, .column_count = 1, .columns = columns}};
    struct ji_batch_stream stream = stream_of(&one);
    JI_TRY_OUT(ji_column_gather(&arena, &columns[0], rows, 3, &picked, err));
    JI_TRY_OUT(ji_stream_export(ctx, &stream, &out, err));
    JI_TRY_OUT(joist_stream_next(&out, &array, err));
    array.release(&array);
out:
    if (out.release != NULL)
        out.release(&out);
    ji_column_builder_clear(&builder);
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    char type[] = "map<string, struct<a list<decimal(9, 2)>, b boolean>>";
    oom_sweep(gather_and_export, type);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(gathered_rows_are_the_rows_asked_for),
            TEST(slices_start_anywhere),
            TEST(forms_make_no_difference),
            TEST(exported_batches_hold_the_selected_rows),
            TEST(buffers_are_shared_or_moved_or_copied),
            TEST(failures_keep_the_whole_error),
            TEST(own_streams_come_back_without_conversion),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
