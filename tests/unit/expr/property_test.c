/*
 * property_test.c - what must hold for any expression over any rows
 *
 *   1. The text of a tree parses to the same tree.
 *   2. Forms and selections do not change results: flat, dictionary and constant columns, all rows and
 *      few.
 *   3. A batch fails where one of its rows fails by itself, and not else.
 *   4. What pruning proves is so.
 *
 * The expression that broke a rule is printed; seeds are constants.
 */
#include "random_expr.h"

#define ROUNDS 3000
#define ROWS 24
#define SEED 20261121

static void text_of_a_tree_parses_to_the_same_tree(void **state)
{
    (void)state;
    struct chance chance = {.state = SEED};
    static const char *const no_rows[] = {NULL};
    struct expr_fixture fixture;
    fixture_open(&fixture, RANDOM_SCHEMA, no_rows, 0);
    for (int round = 0; round < ROUNDS; round++) {
        struct random_text out = {.chance = &chance};
        struct ji_expr *first = NULL;
        struct ji_expr *second = NULL;
        const char *text = NULL;
        random_boolean(&out, 4);
        if (ji_expr_parse_all(&fixture.arena, ji_view_of_text(out.text), &first, &fixture.err) != JOIST_OK)
            continue;
        assert_ok(ji_expr_text(&fixture.arena, first, &text, &fixture.err));
        if (ji_expr_parse_all(&fixture.arena, ji_view_of_text(text), &second, &fixture.err) != JOIST_OK)
            fail_msg("%s\n  became %s\n  %s", out.text, text, fixture.err.text);
        if (!ji_expr_equal(first, second))
            fail_msg("%s\n  became %s", out.text, text);
        ji_arena_reset(&fixture.arena);
    }
    fixture_close(&fixture);
}

/* The same column as a dictionary of its different values, in reverse order of appearance. */
static void make_dictionary(struct expr_fixture *fixture, size_t c, struct ji_column_builder *builder)
{
    struct ji_column *column = &fixture->columns[c];
    int32_t codes[ROWS] = {0};
    uint32_t firsts[ROWS] = {0};
    size_t count = 0;
    for (size_t r = 0; r < column->row_count; r++) {
        if (ji_column_is_null(column, r))
            continue;
        const struct ji_value value = ji_column_value(column, r);
        size_t e = 0;
        while (e < count) {
            const struct ji_value known = ji_column_value(column, firsts[e]);
            if (ji_value_compare(column->field, &known, &value) == 0)
                break;
            e++;
        }
        if (e == count)
            firsts[count++] = (uint32_t)r;
        codes[r] = (int32_t)e;
    }
    struct ji_column *entries = NULL;
    int32_t *kept = NULL;
    assert_ok(ji_arena_array(&fixture->arena, 1, sizeof *entries, &entries, &fixture->err));
    assert_ok(ji_arena_array(&fixture->arena, ROWS, sizeof *kept, &kept, &fixture->err));
    assert_ok(ji_column_builder_init(builder, ji_ctx_mem(fixture->ctx), column->field, &fixture->err));
    for (size_t e = 0; e < count; e++) {
        const struct ji_value value = ji_column_value(column, firsts[count - 1 - e]);
        assert_ok(ji_column_builder_value(builder, &value, &fixture->err));
    }
    assert_ok(ji_column_builder_finish(builder, &fixture->arena, entries, &fixture->err));
    for (size_t r = 0; r < column->row_count; r++)
        kept[r] = ji_column_is_null(column, r) || count == 0 ? 0 : (int32_t)count - 1 - codes[r];
    column->form = JI_DICTIONARY;
    column->values = kept;
    column->dictionary = entries;
}

static void fill_rows(struct chance *chance, bool narrow, char texts[ROWS][400], const char *rows[ROWS])
{
    for (size_t r = 0; r < ROWS; r++) {
        random_row(chance, narrow, texts[r], sizeof texts[r]);
        rows[r] = texts[r];
    }
}

static struct joist_error plain_error;

/* The text of one row's result, from a batch that selects it alone, or "!" where it fails. */
static void one_row(
        struct expr_fixture *fixture, const struct ji_expr *bound, uint32_t row, struct ji_bytes *out)
{
    struct ji_column column = {0};
    struct ji_batch batch = fixture->batch;
    batch.selection = &row;
    batch.selection_count = 1;
    out->size = 0;
    ji_evaluator_reset(fixture->evaluator);
    if (ji_evaluate(fixture->evaluator, bound, &batch, &column, &plain_error) != JOIST_OK)
        assert_ok(ji_bytes_append_text(out, "!", NULL));
    else if (ji_column_is_null(&column, row))
        assert_ok(ji_bytes_append_text(out, "null", NULL));
    else
        assert_ok(ji_column_text(&column, row, out, NULL));
}

static void check_batch(struct expr_fixture *fixture, const char *text, const struct ji_expr *bound,
        const uint32_t *selection, size_t count)
{
    struct ji_column column = {0};
    struct ji_batch batch = fixture->batch;
    struct ji_bytes one;
    struct ji_bytes many;
    bool fails = false;
    static char results[ROWS][200];
    ji_bytes_init(&one, ji_ctx_mem(fixture->ctx));
    ji_bytes_init(&many, ji_ctx_mem(fixture->ctx));
    for (size_t i = 0; i < count; i++) {
        one_row(fixture, bound, selection[i], &one);
        fails = fails || (one.size == 1 && one.data[0] == '!');
        snprintf(results[i], sizeof results[i], "%.*s", (int)one.size, (const char *)one.data);
    }
    batch.selection = count == batch.row_count ? NULL : selection;
    batch.selection_count = count;
    ji_evaluator_reset(fixture->evaluator);
    const enum joist_status status = ji_evaluate(fixture->evaluator, bound, &batch, &column, &plain_error);
    if ((status != JOIST_OK) != fails)
        fail_msg("%s\n  batch of %zu: %s", text, count, status == JOIST_OK ? "no error" : plain_error.text);
    for (size_t i = 0; status == JOIST_OK && i < count; i++) {
        many.size = 0;
        if (ji_column_is_null(&column, selection[i]))
            assert_ok(ji_bytes_append_text(&many, "null", NULL));
        else
            assert_ok(ji_column_text(&column, selection[i], &many, NULL));
        assert_ok(ji_bytes_append_byte(&many, '\0', NULL));
        if (strcmp((const char *)many.data, results[i]) != 0)
            fail_msg("%s\n  row %u of %zu: %s, by itself %s", text, selection[i], count,
                    (const char *)many.data, results[i]);
    }
    ji_bytes_clear(&one);
    ji_bytes_clear(&many);
}

static void check_filter(struct expr_fixture *fixture, const char *text, const struct ji_expr *bound)
{
    uint32_t kept[ROWS];
    size_t count = 0;
    struct ji_bytes one;
    ji_evaluator_reset(fixture->evaluator);
    const enum joist_status status =
            ji_evaluate_filter(fixture->evaluator, bound, &fixture->batch, kept, &count, &plain_error);
    if (status != JOIST_OK)
        return;
    ji_bytes_init(&one, ji_ctx_mem(fixture->ctx));
    size_t at = 0;
    for (uint32_t r = 0; r < fixture->batch.row_count; r++) {
        one_row(fixture, bound, r, &one);
        const bool is_true = one.size == 4 && memcmp(one.data, "true", 4) == 0;
        const bool is_kept = at < count && kept[at] == r;
        /* A row may fail by itself where the filter had let go of it at a null. */
        const bool failed = one.size == 1 && one.data[0] == '!';
        if (!failed && is_true != is_kept)
            fail_msg("%s\n  filter: row %u is %s", text, r, is_kept ? "kept" : "gone");
        at += is_kept;
    }
    ji_bytes_clear(&one);
}

static void forms_and_selections_do_not_change_results(void **state)
{
    (void)state;
    struct chance chance = {.state = SEED + 1};
    static char texts[ROWS][400];
    const char *rows[ROWS];
    for (int round = 0; round < ROUNDS / 20; round++) {
        struct expr_fixture fixture;
        struct ji_column_builder dictionaries[FIXTURE_COLUMNS_MAX] = {0};
        fill_rows(&chance, round % 2 == 0, texts, rows);
        fixture_open(&fixture, RANDOM_SCHEMA, rows, ROWS);
        for (size_t c = 0; c < fixture.schema.column_count; c++) {
            if (round % 3 != 0 && chance_next(&chance, 2) == 0)
                make_dictionary(&fixture, c, &dictionaries[c]);
            else if (chance_next(&chance, 8) == 0)
                fixture.columns[c].form = JI_CONSTANT;
        }
        for (int e = 0; e < 20; e++) {
            struct random_text out = {.chance = &chance};
            struct ji_expr *bound = NULL;
            if (e % 4 == 3)
                random_number(&out, 3);
            else
                random_boolean(&out, 3);
            if (fixture_bind(&fixture, out.text, &bound) != JOIST_OK)
                continue;
            uint32_t selection[ROWS];
            size_t count = 0;
            const uint32_t share = 1 + chance_next(&chance, 10);
            for (uint32_t r = 0; r < ROWS; r++) {
                if (chance_next(&chance, share) == 0)
                    selection[count++] = r;
            }
            check_batch(&fixture, out.text, bound, selection, count);
            if (bound->type.kind == JI_BOOL)
                check_filter(&fixture, out.text, bound);
        }
        for (size_t c = 0; c < fixture.schema.column_count; c++)
            ji_column_builder_clear(&dictionaries[c]);
        fixture_close(&fixture);
    }
}

static struct ji_facts known[FIXTURE_COLUMNS_MAX];

static const struct ji_facts *facts_of(void *arg, const struct ji_expr *place)
{
    const bool *hidden = arg;
    return place->op != JI_EXPR_COLUMN || hidden[place->column] ? NULL : &known[place->column];
}

/* The columns that `known` speaks of, for a witness who has seen all of their values. */
static const struct ji_column *seen;
static size_t lacking;

static bool column_lacks(void *arg, const struct ji_expr *place, const struct ji_value *value)
{
    const size_t column = place->column;
    (void)arg;
    if (place->op != JI_EXPR_COLUMN)
        return false;
    for (size_t r = 0; r < seen[column].row_count; r++) {
        if (ji_column_is_null(&seen[column], r))
            continue;
        const struct ji_value here = ji_column_value(&seen[column], r);
        if (ji_value_compare(seen[column].field, &here, value) == 0)
            return false;
    }
    lacking++;
    return true;
}

static bool is_nan(const struct ji_field *field, const struct ji_value *value)
{
    return (field->kind == JI_DOUBLE || field->kind == JI_FLOAT) && value->as.real != value->as.real;
}

static void gather_facts(const struct ji_column *column, struct ji_facts *facts)
{
    *facts = (struct ji_facts){.row_count = column->row_count, .has_null_count = true, .has_nan_count = true};
    for (size_t r = 0; r < column->row_count; r++) {
        if (ji_column_is_null(column, r)) {
            facts->null_count++;
            continue;
        }
        const struct ji_value value = ji_column_value(column, r);
        if (is_nan(column->field, &value)) {
            facts->nan_count++;
            continue;
        }
        if (!facts->has_min || ji_value_compare(column->field, &value, &facts->min) < 0)
            facts->min = value;
        if (!facts->has_max || ji_value_compare(column->field, &value, &facts->max) > 0)
            facts->max = value;
        facts->has_min = facts->has_max = facts->min_exact = facts->max_exact = true;
    }
}

/* Says less than is known, in every way a file may. */
static void blur_facts(struct chance *chance, const struct ji_field *field, struct ji_facts *facts)
{
    if (chance_next(chance, 4) == 0)
        facts->has_null_count = false;
    if (chance_next(chance, 3) == 0)
        facts->has_nan_count = false;
    if (chance_next(chance, 5) == 0)
        facts->has_min = false;
    if (chance_next(chance, 5) == 0)
        facts->has_max = false;
    if (chance_next(chance, 3) != 0)
        return;
    facts->min_exact = facts->max_exact = false;
    if (field->kind == JI_STRING) {
        static const uint8_t high[] = "b";
        if (facts->has_min && facts->min.as.view.size > 1)
            facts->min.as.view.size = 1;
        if (facts->has_max && facts->max.as.view.size > 0 && facts->max.as.view.data[0] == 'a')
            facts->max.as.view = ji_view_of(high, 1);
    } else if (field->kind == JI_INT32 || field->kind == JI_DATE) {
        facts->min.as.integer--;
        facts->max.as.integer++;
    }
}

static void what_pruning_proves_is_so(void **state)
{
    (void)state;
    struct chance chance = {.state = SEED + 2};
    static char texts[ROWS][400];
    const char *rows[ROWS];
    size_t proved[3] = {0};
    for (int round = 0; round < ROUNDS / 10; round++) {
        struct expr_fixture fixture;
        bool hidden[FIXTURE_COLUMNS_MAX] = {false};
        fill_rows(&chance, chance_next(&chance, 3) != 0, texts, rows);
        fixture_open(&fixture, RANDOM_SCHEMA, rows, chance_next(&chance, 6));
        for (size_t c = 0; c < fixture.schema.column_count; c++) {
            gather_facts(&fixture.columns[c], &known[c]);
            blur_facts(&chance, &fixture.schema.columns[c], &known[c]);
            hidden[c] = chance_next(&chance, 8) == 0;
        }
        seen = fixture.columns;
        for (int e = 0; e < 40; e++) {
            struct random_text out = {.chance = &chance};
            struct ji_expr *bound = NULL;
            uint32_t kept[ROWS];
            size_t count = 0;
            random_boolean(&out, (unsigned)e % 4);
            ji_evaluator_reset(fixture.evaluator);
            if (fixture_bind(&fixture, out.text, &bound) != JOIST_OK || bound->type.kind != JI_BOOL)
                continue;
            if (ji_evaluate_filter(fixture.evaluator, bound, &fixture.batch, kept, &count, NULL) != JOIST_OK)
                continue;
            const struct ji_prune_witness witness = {
                    facts_of, chance_next(&chance, 2) == 0 ? column_lacks : NULL, hidden};
            const enum ji_prune prune = ji_expr_prune_with(bound, &witness);
            proved[prune]++;
            if ((prune == JI_PRUNE_NONE && count > 0) ||
                    (prune == JI_PRUNE_ALL && count < fixture.batch.row_count))
                fail_msg("%s\n  %s of %zu rows, yet %zu", out.text, prune == JI_PRUNE_NONE ? "none" : "all",
                        fixture.batch.row_count, count);
        }
        fixture_close(&fixture);
    }
    /* It would be easy to prove nothing. */
    assert_true(proved[JI_PRUNE_NONE] > ROUNDS / 4 && proved[JI_PRUNE_ALL] > ROUNDS / 4);
    assert_true(lacking > ROUNDS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_of_a_tree_parses_to_the_same_tree),
            cmocka_unit_test(forms_and_selections_do_not_change_results),
            cmocka_unit_test(what_pruning_proves_is_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
