/*
 * expr_fuzz.c - any text as an expression: parsed, printed, bound, evaluated and pruned over a tiny batch
 */
#include "support/test.h"

#include "arrow/column_builder.h"
#include "expr/expr.h"

#include <stdlib.h>

#define MEMORY_BYTES (16u << 20)
#define ROWS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const schema_text =
        "i int, l long required, d decimal(9, 2), w decimal(30, 4), x double, s string, b boolean, t date, "
        "ts timestamp, u uuid, f float, st struct<a int, n string>";

static const struct ji_facts *facts_of(void *arg, size_t column)
{
    static const struct ji_facts facts = {.row_count = ROWS, .has_null_count = true};
    (void)arg;
    return column % 2 == 0 ? &facts : NULL;
}

/* Zeros, every other one null, in every column; a struct has children of its own. */
static void fill_column(struct ji_column *column, const struct ji_field *field, struct ji_column *children)
{
    static const uint8_t zeros[ROWS * 16] = {0};
    static const struct ji_view texts[ROWS] = {
            {(const uint8_t *)"a", 1}, {(const uint8_t *)"ab", 2}, {NULL, 0}, {(const uint8_t *)"12", 2}};
    static const uint8_t validity = 0x05;
    *column = (struct ji_column){.field = field, .row_count = ROWS, .values = zeros};
    if (field->nullable)
        column->validity = &validity;
    if (ji_kind_is_view(field->kind))
        column->values = texts;
    for (size_t i = 0; field->kind == JI_STRUCT && i < field->child_count; i++)
        fill_column(&children[i], &field->children[i], NULL);
    column->children = field->kind == JI_STRUCT ? children : NULL;
}

static void run(struct joist_ctx *ctx, struct ji_arena *arena, struct ji_view text)
{
    struct ji_schema schema;
    struct ji_column columns[16] = {0};
    struct ji_column children[4] = {0};
    struct ji_expr *parsed = NULL;
    struct ji_expr *again = NULL;
    struct ji_expr *bound = NULL;
    const char *printed = NULL;
    struct ji_evaluator *evaluator = NULL;
    struct ji_column out;
    uint32_t rows[ROWS];
    size_t count = 0;
    if (ji_schema_parse(arena, ji_view_of_text(schema_text), &schema, NULL) != JOIST_OK ||
            ji_expr_parse_all(arena, text, &parsed, NULL) != JOIST_OK)
        return;
    if (ji_expr_text(arena, parsed, &printed, NULL) == JOIST_OK) {
        const enum joist_status status = ji_expr_parse_all(arena, ji_view_of_text(printed), &again, NULL);
        const bool clean = memchr(text.data, 0, text.size) == NULL;
        if (clean && status == JOIST_ERR_INVALID)
            abort();
        if (clean && status == JOIST_OK && !ji_expr_equal(parsed, again))
            abort();
    }
    for (size_t c = 0; c < schema.column_count; c++)
        fill_column(&columns[c], &schema.columns[c], children);
    const struct ji_batch batch = {.row_count = ROWS,
            .selection_count = ROWS,
            .column_count = schema.column_count,
            .columns = columns};
    if (ji_expr_bind(arena, &schema, parsed, &bound, NULL) != JOIST_OK ||
            ji_evaluator_open(ctx, ji_ctx_mem(ctx), &evaluator, NULL) != JOIST_OK)
        return;
    const enum joist_status status = ji_evaluate(evaluator, bound, &batch, &out, NULL);
    if (status == JOIST_OK && out.row_count != ROWS)
        abort();
    if (bound->type.kind == JI_BOOL) {
        const enum ji_prune prune = ji_expr_prune(bound, facts_of, NULL);
        ji_ignore(ji_evaluate_filter(evaluator, bound, &batch, rows, &count, NULL), "any answer will do");
        if (count > ROWS || (int)prune < 0)
            abort();
    }
    ji_evaluator_close(evaluator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = MEMORY_BYTES};
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    run(ctx, &arena, ji_view_of(data, size));
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
