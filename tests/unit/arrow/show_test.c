/*
 * show_test.c - joist_show in its three styles
 */
#include "support/oom.h"
#include "support/test.h"

#include "base/ctx.h"

#include <stdio.h>
#include <string.h>

struct text_sink {
    char text[65536];
    size_t size;
    bool fails;
};

static enum joist_status text_append(void *self_, const void *data, size_t bytes, struct joist_error *err)
{
    struct text_sink *self = self_;
    (void)err;
    if (self->fails)
        return JOIST_ERR_IO;
    assert_true(self->size + bytes < sizeof self->text);
    memcpy(self->text + self->size, data, bytes);
    self->size += bytes;
    self->text[self->size] = '\0';
    return JOIST_OK;
}

static enum joist_status text_commit(void *self, struct joist_error *err)
{
    (void)self;
    (void)err;
    fail_msg("show must not commit");
    return JOIST_OK;
}

static void text_abort(void *self)
{
    (void)self;
    fail_msg("show must not abort");
}

static struct joist_sink sink_of(struct text_sink *text)
{
    static const struct joist_sink_ops ops = {
            .struct_size = sizeof ops, .append = text_append, .commit = text_commit, .abort = text_abort};
    return (struct joist_sink){.ops = &ops, .self = text};
}

static struct joist_ctx *open_ctx(void)
{
    struct joist_ctx *ctx;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static enum joist_status fill(struct joist_builder *b, int rows, struct joist_error *err)
{
    static const char *const names[] = {"oak", "", "say \"hi\", you", "two\nlines\x1b[2J", "\xe6\x9c\xa8"};
    for (int i = 0; i < rows; i++) {
        const char *name = names[i % 5];
        JI_TRY(joist_builder_int64(b, i * 100, err));
        JI_TRY(i == 5 ? joist_builder_null(b, err) : joist_builder_bytes(b, name, strlen(name), err));
        JI_TRY(joist_builder_text(b, "-1.50", 5, err));
        JI_TRY(joist_builder_begin(b, err));
        JI_TRY(joist_builder_bool(b, i % 2 == 0, err));
        JI_TRY(joist_builder_null(b, err));
        JI_TRY(joist_builder_end(b, err));
        JI_TRY(joist_builder_end_row(b, err));
    }
    return JOIST_OK;
}

static void open_rows(struct joist_ctx *ctx, int rows, struct ArrowArrayStream *stream)
{
    struct joist_builder *b;
    assert_ok(joist_builder_open(
            ctx, "id long required, \"a name\" string, price decimal(9, 2), flags list<boolean>", &b, NULL));
    assert_ok(fill(b, rows, NULL));
    assert_ok(joist_builder_take(b, stream, NULL));
    joist_builder_close(b);
}

static void show(int rows, const struct joist_show_options *options, struct text_sink *text)
{
    struct joist_ctx *ctx = open_ctx();
    struct ArrowArrayStream stream;
    uint64_t row_count = 0;
    text->size = 0;
    open_rows(ctx, rows, &stream);
    assert_ok(joist_show(ctx, &stream, sink_of(text), options, &row_count, NULL));
    assert_int_equal(row_count, rows);
    stream.release(&stream);
    joist_ctx_close(ctx);
}

static void table_aligns_columns_and_tames_control_characters(void **state)
{
    (void)state;
    struct text_sink *text = test_calloc(1, sizeof *text);
    show(6, NULL, text);
    assert_string_equal(text->text,
            "┌──────┬───────────────────┬───────────────┬───────────────┐\n"
            "│   id │ a name            │         price │ flags         │\n"
            "│ long │ string            │ decimal(9, 2) │ list<boolean> │\n"
            "├──────┼───────────────────┼───────────────┼───────────────┤\n"
            "│    0 │ oak               │         -1.50 │ [true,null]   │\n"
            "│  100 │                   │         -1.50 │ [false,null]  │\n"
            "│  200 │ say \"hi\", you     │         -1.50 │ [true,null]   │\n"
            "│  300 │ two\\nlines\\x1b[2J │         -1.50 │ [false,null]  │\n"
            "│  400 │ 木                │         -1.50 │ [true,null]   │\n"
            "│  500 │ NULL              │         -1.50 │ [false,null]  │\n"
            "└──────┴───────────────────┴───────────────┴───────────────┘\n"
            "(6 rows)\n");
    test_free(text);
}

static void table_shows_the_first_rows_and_counts_all(void **state)
{
    (void)state;
    struct text_sink *text = test_calloc(1, sizeof *text);
    const struct joist_show_options two = {.struct_size = sizeof two, .rows_max = 2};
    show(50, &two, text);
    assert_non_null(strstr(text->text, "(2 of 50 rows)\n"));
    assert_null(strstr(text->text, " 200 "));
    show(50, NULL, text);
    assert_non_null(strstr(text->text, "(40 of 50 rows)\n"));
    show(1, NULL, text);
    assert_non_null(strstr(text->text, "(1 row)\n"));
    show(0, NULL, text);
    assert_non_null(strstr(text->text, "│ long │ string │ decimal(9, 2) │ list<boolean> │\n"));
    assert_non_null(strstr(text->text, "(0 rows)\n"));
    test_free(text);
}

static void table_cuts_wide_cells_then_columns(void **state)
{
    (void)state;
    struct text_sink *text = test_calloc(1, sizeof *text);
    const struct joist_show_options narrow = {.struct_size = sizeof narrow, .width_max = 50};
    show(3, &narrow, text);
    assert_non_null(strstr(text->text, "│  200 │ say \"hi\", … │       -1.50 │ [true,null] │"));
    const struct joist_show_options narrower = {.struct_size = sizeof narrower, .width_max = 20};
    show(3, &narrower, text);
    assert_string_equal(text->text,
            "┌──────┬──────────┐\n"
            "│   id │ a name   │\n"
            "│ long │ string   │\n"
            "├──────┼──────────┤\n"
            "│    0 │ oak      │\n"
            "│  100 │          │\n"
            "│  200 │ say \"hi… │\n"
            "└──────┴──────────┘\n"
            "(3 rows, 2 of 4 columns)\n");
    test_free(text);
}

static void csv_quotes_what_needs_it(void **state)
{
    (void)state;
    struct text_sink *text = test_calloc(1, sizeof *text);
    const struct joist_show_options csv = {.struct_size = sizeof csv, .style = JOIST_SHOW_CSV};
    show(6, &csv, text);
    assert_string_equal(text->text,
            "id,a name,price,flags\n0,oak,-1.50,\"[true,null]\"\n100,\"\",-1.50,\"[false,null]\"\n"
            "200,\"say \"\"hi\"\", you\",-1.50,\"[true,null]\"\n"
            "300,\"two\nlines\x1b[2J\",-1.50,\"[false,null]\"\n"
            "400,木,-1.50,\"[true,null]\"\n500,,-1.50,\"[false,null]\"\n");
    test_free(text);
}

static void ndjson_is_one_object_a_line(void **state)
{
    (void)state;
    struct text_sink *text = test_calloc(1, sizeof *text);
    const struct joist_show_options ndjson = {.struct_size = sizeof ndjson, .style = JOIST_SHOW_NDJSON};
    show(4, &ndjson, text);
    assert_non_null(strstr(text->text,
            "{\"id\":200,\"a name\":\"say \\\"hi\\\", you\",\"price\":-1.50,\"flags\":[true,null]}\n"));
    assert_non_null(strstr(text->text, "\"two\\nlines\\u001b[2J\""));
    test_free(text);
}

static void wrong_calls_and_failing_sinks_are_reported(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    struct text_sink *text = test_calloc(1, sizeof *text);
    struct ArrowArrayStream stream;
    struct joist_show_options options = {.struct_size = 1};
    open_rows(ctx, 3, &stream);
    const struct joist_sink sink = sink_of(text);
    assert_status(joist_show(NULL, &stream, sink, NULL, NULL, NULL), JOIST_ERR_INVALID);
    assert_status(joist_show(ctx, &stream, sink, &options, NULL, NULL), JOIST_ERR_INVALID);
    options.struct_size = sizeof options;
    *(int *)&options.style = 7;
    assert_status(joist_show(ctx, &stream, sink, &options, NULL, NULL), JOIST_ERR_INVALID);
    text->fails = true;
    assert_status(joist_show(ctx, &stream, sink, NULL, NULL, NULL), JOIST_ERR_IO);
    stream.release(&stream);
    test_free(text);
    joist_ctx_close(ctx);
}

static enum joist_status show_once(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct joist_builder *b = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    struct text_sink *text = test_calloc(1, sizeof *text);
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(joist_builder_open(ctx, "i long, s string, d decimal(9, 2), l list<boolean>", &b, err));
    JI_TRY_OUT(fill(b, 12, err));
    JI_TRY_OUT(joist_builder_take(b, &stream, err));
    JI_TRY_OUT(joist_show(ctx, &stream, sink_of(text), arg, NULL, err));
out:
    if (stream.release != NULL)
        stream.release(&stream);
    joist_builder_close(b);
    test_free(text);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    for (int style = 0; style < 3; style++) {
        struct joist_show_options options = {.struct_size = sizeof options};
        *(int *)&options.style = style;
        oom_sweep(show_once, &options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(table_aligns_columns_and_tames_control_characters),
            cmocka_unit_test(table_shows_the_first_rows_and_counts_all),
            cmocka_unit_test(table_cuts_wide_cells_then_columns),
            cmocka_unit_test(csv_quotes_what_needs_it),
            cmocka_unit_test(ndjson_is_one_object_a_line),
            cmocka_unit_test(wrong_calls_and_failing_sinks_are_reported),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
