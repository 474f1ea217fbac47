/*
 * expr_fixture.h - a small table, and expressions over it as text
 */
#ifndef JI_EXPR_FIXTURE_H
#define JI_EXPR_FIXTURE_H

#include "support/test.h"

#include "arrow/column_builder.h"
#include "expr/expr.h"

#define FIXTURE_COLUMNS_MAX 24

struct expr_fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_schema schema;
    struct ji_column_builder builders[FIXTURE_COLUMNS_MAX];
    struct ji_column columns[FIXTURE_COLUMNS_MAX];
    struct ji_batch batch;
    struct ji_evaluator *evaluator;
    struct ji_bytes text;
    struct joist_error err;
};

static inline void fixture_row(struct expr_fixture *fixture, const char *row)
{
    for (size_t c = 0; c < fixture->schema.column_count; c++) {
        const size_t size = strcspn(row, "|");
        const struct ji_field *field = &fixture->schema.columns[c];
        struct ji_value value = {0};
        const struct ji_view text = ji_view_of(row, size);
        if (ji_view_equal_text(text, "null")) {
            assert_ok(ji_column_builder_null(&fixture->builders[c], &fixture->err));
        } else {
            if (ji_value_parse(field, text, &fixture->arena, &value, &fixture->err) != JOIST_OK)
                fail_msg("%s: %s", field->name, fixture->err.text);
            assert_ok(ji_column_builder_value(&fixture->builders[c], &value, &fixture->err));
        }
        row += size + (row[size] == '|');
    }
    fixture->batch.row_count++;
    fixture->batch.selection_count++;
}

/* Rows are values between '|'; "null" is null. */
static inline void fixture_open(
        struct expr_fixture *fixture, const char *schema, const char *const *rows, size_t row_count)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 1u << 28};
    *fixture = (struct expr_fixture){0};
    assert_ok(joist_ctx_open(&options, &fixture->ctx, &fixture->err));
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    ji_arena_init(&fixture->arena, mem);
    ji_bytes_init(&fixture->text, mem);
    assert_ok(ji_schema_parse(&fixture->arena, ji_view_of_text(schema), &fixture->schema, &fixture->err));
    assert_true(fixture->schema.column_count <= FIXTURE_COLUMNS_MAX);
    for (size_t c = 0; c < fixture->schema.column_count; c++)
        assert_ok(ji_column_builder_init(
                &fixture->builders[c], mem, &fixture->schema.columns[c], &fixture->err));
    for (size_t r = 0; r < row_count; r++)
        fixture_row(fixture, rows[r]);
    for (size_t c = 0; c < fixture->schema.column_count; c++)
        assert_ok(ji_column_builder_finish(
                &fixture->builders[c], &fixture->arena, &fixture->columns[c], &fixture->err));
    fixture->batch.columns = fixture->columns;
    fixture->batch.column_count = fixture->schema.column_count;
    assert_ok(ji_evaluator_open(fixture->ctx, mem, &fixture->evaluator, &fixture->err));
}

static inline void fixture_close(struct expr_fixture *fixture)
{
    ji_evaluator_close(fixture->evaluator);
    for (size_t c = 0; c < fixture->schema.column_count; c++)
        ji_column_builder_clear(&fixture->builders[c]);
    ji_bytes_clear(&fixture->text);
    ji_arena_clear(&fixture->arena);
    joist_ctx_close(fixture->ctx);
}

static inline enum joist_status fixture_bind(
        struct expr_fixture *fixture, const char *text, struct ji_expr **bound)
{
    struct ji_expr *parsed = NULL;
    fixture->err.text[0] = '\0';
    JI_TRY(ji_expr_parse_all(&fixture->arena, ji_view_of_text(text), &parsed, &fixture->err));
    return ji_expr_bind(&fixture->arena, &fixture->schema, parsed, bound, &fixture->err);
}

/* The selected rows' values with ',' between them, or the error's text. */
static inline const char *fixture_evaluate(struct expr_fixture *fixture, const char *text)
{
    struct ji_expr *bound = NULL;
    struct ji_column column = {0};
    ji_evaluator_reset(fixture->evaluator);
    fixture->text.size = 0;
    if (fixture_bind(fixture, text, &bound) != JOIST_OK)
        return fixture->err.text;
    if (ji_evaluate(fixture->evaluator, bound, &fixture->batch, &column, &fixture->err) != JOIST_OK)
        return fixture->err.text;
    assert_int_equal(column.row_count, fixture->batch.row_count);
    for (size_t i = 0; i < fixture->batch.selection_count; i++) {
        const size_t row = fixture->batch.selection == NULL ? i : fixture->batch.selection[i];
        if (i > 0)
            assert_ok(ji_bytes_append_byte(&fixture->text, ',', &fixture->err));
        if (ji_column_is_null(&column, row))
            assert_ok(ji_bytes_append_text(&fixture->text, "null", &fixture->err));
        else
            assert_ok(ji_column_text(&column, row, &fixture->text, &fixture->err));
    }
    assert_ok(ji_bytes_append_byte(&fixture->text, '\0', &fixture->err));
    return (const char *)fixture->text.data;
}

/* The rows that the filter leaves, or the error's text. */
static inline const char *fixture_filter(struct expr_fixture *fixture, const char *text)
{
    struct ji_expr *bound = NULL;
    uint32_t *rows = NULL;
    size_t count = 0;
    ji_evaluator_reset(fixture->evaluator);
    fixture->text.size = 0;
    if (fixture_bind(fixture, text, &bound) != JOIST_OK)
        return fixture->err.text;
    assert_ok(ji_arena_array(&fixture->arena, fixture->batch.row_count, sizeof *rows, &rows, &fixture->err));
    if (ji_evaluate_filter(fixture->evaluator, bound, &fixture->batch, rows, &count, &fixture->err) !=
            JOIST_OK)
        return fixture->err.text;
    for (size_t i = 0; i < count; i++)
        assert_ok(ji_bytes_printf(&fixture->text, &fixture->err, i == 0 ? "%u" : ",%u", rows[i]));
    assert_ok(ji_bytes_append_byte(&fixture->text, '\0', &fixture->err));
    return (const char *)fixture->text.data;
}

#endif
