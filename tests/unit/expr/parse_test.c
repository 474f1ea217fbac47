/*
 * parse_test.c - tokens, trees and their text, limits, allocation failures
 */
#include "expr_fixture.h"

#include "expr/lexer.h"
#include "support/oom.h"

#include <stdio.h>

struct round_trip {
    const char *text;
    const char *wanted; /* NULL: the same */
};

static struct expr_fixture fixture;

static int open_fixture(void **state)
{
    (void)state;
    static const char *const row[] = {"1|2.50|oak|1998-12-01|true"};
    fixture_open(&fixture, "i int, d decimal(9, 2), s string, t date, b boolean", row, 1);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static const char *text_of(const char *text)
{
    struct ji_expr *expr = NULL;
    const char *out = "";
    if (ji_expr_parse_all(&fixture.arena, ji_view_of_text(text), &expr, &fixture.err) != JOIST_OK)
        return fixture.err.text;
    assert_ok(ji_expr_text(&fixture.arena, expr, &out, &fixture.err));
    return out;
}

static void trees_print_as_a_person_would_type_them(void **state)
{
    (void)state;
    static const struct round_trip examples[] = {
            {"a + b * c", NULL},
            {"(a + b) * c", NULL},
            {"a - (b - c)", NULL},
            {"a - b - c", NULL},
            {"a and b or c and not d", NULL},
            {"(a or b) and c", NULL},
            {"not (a and b)", NULL},
            {"a and (b and c)", NULL},
            {"a NOT IN (1,2)", "not a in (1, 2)"},
            {"a not between 1 and 2", "not a between 1 and 2"},
            {"a is not null", NULL},
            {"(a = b) = c", NULL},
            {"-a", NULL},
            {"-(-a)", NULL},
            {"- - 5", "-(-5)"},
            {"-(5)", NULL},
            {"a - -5", NULL},
            {"+a", "a"},
            {"a::decimal(5,2)", "cast(a as decimal(5, 2))"},
            {"cast(a as double precision)", "cast(a as double)"},
            {"cast(a as timestamp with time zone)", "cast(a as timestamptz)"},
            {"cast(a as decimal)", "cast(a as decimal(18, 3))"},
            {"cast(a as fixed(4))", NULL},
            {"CASE WHEN a THEN 1 END", "case when a then 1 end"},
            {"case x when 1 then 'a' else 'b' end", "case when x = 1 then 'a' else 'b' end"},
            {"count(*) + count(distinct x)", NULL},
            {"Sum(x)", "sum(x)"},
            {"extract(year from t)", "year(t)"},
            {"date '1998-12-01' - interval '90' day", NULL},
            {"interval '3 months' + t", "interval '3' month + t"},
            {"timestamp '1998-12-01 10:00:00'", "timestamp '1998-12-01T10:00:00'"},
            {"timestamp '1998-12-01 10:00:00.123456789'", "timestamp_ns '1998-12-01T10:00:00.123456789'"},
            {"timestamp '1998-12-01T10:00:00+02:00'", "timestamptz '1998-12-01T08:00:00Z'"},
            {"time '10:00'", "time '10:00:00'"},
            {"uuid '00000000-0000-0000-0000-000000000001'", NULL},
            {"date", NULL},
            {"\"Unit Price\" < \"select\"", NULL},
            {"\"a\"\"b\"", NULL},
            {"\"plain\"", "plain"},
            {"a.b.c", NULL},
            {"(1).c5", NULL},
            {"(a + 1).b", NULL},
            {"x like 'a!%%' escape '!'", "x like 'a\\%%'"},
            {"0.050", NULL},
            {"00.5", "0.5"},
            {"1.", NULL},
            {"1e3", "1000.0e0"},
            {"99999999999999999999", "99999999999999999999."},
            {"9223372036854775807", NULL},
            {"-9223372036854775808", NULL},
            {"a <> b", NULL},
            {"a != b", "a <> b"},
            {"a||'x'", "a || 'x'"},
            {"true and false or null", NULL},
            {"f()", NULL},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const char *wanted = examples[i].wanted == NULL ? examples[i].text : examples[i].wanted;
        assert_string_equal(text_of(examples[i].text), wanted);
        assert_string_equal(text_of(wanted), wanted);
    }
}

static void parsing_stops_before_what_is_not_its_own(void **state)
{
    (void)state;
    const struct ji_view text = ji_view_of_text("select a + 1, b from t");
    struct ji_expr *expr = NULL;
    size_t at = 7;
    assert_ok(ji_expr_parse(&fixture.arena, text, &at, &expr, &fixture.err));
    assert_int_equal(at, 12);
    at = 13;
    assert_ok(ji_expr_parse(&fixture.arena, text, &at, &expr, &fixture.err));
    assert_int_equal(at, 16);
    assert_int_equal(expr->position, 14);
}

static void lexer_tells_kinds_and_places(void **state)
{
    (void)state;
    struct ji_lexer lexer;
    bool found = true;
    size_t line = 0;
    size_t column = 0;
    assert_ok(ji_lexer_open(&lexer, ji_view_of_text("SeLect \"x\"<=1.5e-3;"), 0, &fixture.err));
    assert_true(ji_token_is(&lexer.token, "select"));
    assert_false(ji_token_is(&lexer.token, "selec"));
    assert_false(ji_token_is(&lexer.token, "selects"));
    assert_ok(ji_lexer_expect(&lexer, "select", &fixture.err));
    assert_int_equal(lexer.token.kind, JI_TOKEN_QUOTED_NAME);
    assert_ok(ji_lexer_accept(&lexer, "x", &found, &fixture.err));
    assert_false(found);
    assert_status(ji_lexer_expect(&lexer, "from", &fixture.err), JOIST_ERR_INVALID);
    assert_string_equal(fixture.err.text, "column 8: expected from instead of '\"x\"'");
    assert_ok(ji_lexer_next(&lexer, &fixture.err));
    assert_ok(ji_lexer_expect_symbol(&lexer, "<=", &fixture.err));
    assert_int_equal(lexer.token.kind, JI_TOKEN_REAL);
    assert_ok(ji_lexer_next(&lexer, &fixture.err));
    assert_ok(ji_lexer_next(&lexer, &fixture.err));
    assert_ok(ji_lexer_next(&lexer, &fixture.err));
    assert_int_equal(lexer.token.kind, JI_TOKEN_END);
    assert_ok(ji_lexer_seek(&lexer, 7, &fixture.err));
    assert_int_equal(lexer.token.kind, JI_TOKEN_QUOTED_NAME);
    ji_text_place(ji_view_of_text("ab\ncd"), 4, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
}

static void lexer_refuses_what_has_no_end(void **state)
{
    (void)state;
    assert_string_equal(text_of("1 /* x"), "column 3: comment without an end");
    assert_string_equal(text_of("\"x"), "column 1: quoted name without an end");
    assert_string_equal(text_of("\"\""), "column 1: empty name");
    assert_string_equal(text_of("a \x01"), "column 3: unexpected byte 0x01");
    assert_string_equal(text_of("a + 'x"), "column 5: string without an end");
}

static void parser_says_what_it_expected(void **state)
{
    (void)state;
    static const struct round_trip examples[] = {
            {"a in ()", "column 7: expected an expression instead of ')'"},
            {"a between 1 or 2", "column 13: expected and instead of 'or'"},
            {"a is 5", "column 6: expected null instead of '5'"},
            {"case when a end", "column 13: expected then instead of 'end'"},
            {"cast(a, int)", "column 7: expected as instead of ','"},
            {"cast(a as fixed)", "column 16: expected '(' instead of ')'"},
            {"cast(a as fixed(0))", "column 17: expected a length instead of '0'"},
            {"cast(a as decimal(x))", "column 19: expected a number instead of 'x'"},
            {"a.5", "column 2: expected an operator or the end instead of '.5'"},
            {"a.+", "column 3: expected a field's name instead of '+'"},
            {"sum()", "column 1: sum takes one argument"},
            {"sum(a, b)", "column 1: sum takes one argument"},
            {"count(* + 1)", "column 9: expected ')' instead of '+'"},
            {"interval 'x' day", "column 10: expected a whole number instead of 'x'"},
            {"interval '3 moons'",
                    "column 10: expected year, month, day, hour, minute or second instead of '3 moons'"},
            {"extract(moon from t)",
                    "column 9: expected year, month, day, hour, minute or second instead of 'moon'"},
            {"a like 'x' escape 5", "column 19: expected a character between quotes instead of '5'"},
            {"a like b escape '!'", "column 17: escape takes one ASCII character behind a literal pattern"},
            {"a like 'b!' escape '!'", "column 8: pattern ends with its escape character"},
            {"0.000000000000000000000000000000000000001", "column 1: number of more than 38 digits"},
            {"999999999999999999999999999999999999999", "column 1: number of more than 38 digits"},
            {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999."},
            {"1e999", "column 1: '1e999' is out of range for double"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_string_equal(text_of(examples[i].text), examples[i].wanted);
}

/* `count` times `part` between `before` and `after`. */
static char *repeat(const char *before, const char *part, size_t count, const char *after)
{
    static char text[1 << 20];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", before);
    const size_t size = strlen(part);
    for (size_t i = 0; i < count && at + size < sizeof text - 100; i++, at += size)
        memcpy(text + at, part, size);
    snprintf(text + at, sizeof text - at, "%s", after);
    return text;
}

static void depth_and_size_have_limits(void **state)
{
    (void)state;
    struct ji_expr *expr = NULL;
    const struct round_trip deep[] = {{"(", "1"}, {"not ", "a"}, {"-", "a"}, {"a = (", "1"},
            {"case when ", "a"}, {"f(", "1"}, {"+", "a"}};
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        const char *text = repeat("", i == 2 ? "- " : deep[i].text, 5000, deep[i].wanted);
        assert_status(ji_expr_parse_all(&fixture.arena, ji_view_of_text(text), &expr, &fixture.err),
                JOIST_ERR_LIMIT);
    }
    const char *sum = repeat("1", " + 1", 500, "");
    assert_status(
            ji_expr_parse_all(&fixture.arena, ji_view_of_text(sum), &expr, &fixture.err), JOIST_ERR_LIMIT);
    const char *list = repeat("i = 1", " or i = 2", 5000, "");
    assert_ok(ji_expr_parse_all(&fixture.arena, ji_view_of_text(list), &expr, &fixture.err));
    assert_int_equal(expr->argument_count, 5001);
    assert_string_equal(fixture_filter(&fixture, list), "0");
    const char *huge = repeat("i in (1", ",2", 120000, ")");
    assert_status(
            ji_expr_parse_all(&fixture.arena, ji_view_of_text(huge), &expr, &fixture.err), JOIST_ERR_LIMIT);
    char *text = repeat("", "case ", 60, "1");
    const char *tail = " when 1 then 1 when 2 then 2 end";
    size_t at = strlen(text);
    for (int i = 0; i < 60; i++, at += strlen(tail))
        memcpy(text + at, tail, strlen(tail) + 1);
    assert_status(
            ji_expr_parse_all(&fixture.arena, ji_view_of_text(text), &expr, &fixture.err), JOIST_ERR_LIMIT);
}

static void questions_about_trees_are_answered(void **state)
{
    (void)state;
    struct ji_expr *a = NULL;
    struct ji_expr *b = NULL;
    bool used[5] = {false};
    assert_ok(fixture_bind(&fixture, "d > 1 and t is not null", &a));
    assert_ok(fixture_bind(&fixture, "d > 1.00 and T is not null", &b));
    assert_true(ji_expr_equal(a, b));
    ji_expr_columns(a, used);
    assert_true(!used[0] && used[1] && !used[2] && used[3] && !used[4]);
    assert_ok(fixture_bind(&fixture, "d > 2 and t is not null", &b));
    assert_false(ji_expr_equal(a, b));
    assert_false(ji_expr_has_aggregate(a));
    assert_ok(fixture_bind(&fixture, "1 + sum(i)", &a));
    assert_true(ji_expr_has_aggregate(a));
    assert_ok(fixture_bind(&fixture, "1 + sum(d)", &b));
    assert_false(ji_expr_equal(a, b));
    assert_ok(fixture_bind(&fixture, "t + interval '1' day", &a));
    assert_ok(fixture_bind(&fixture, "t + interval '2' day", &b));
    assert_false(ji_expr_equal(a, b));
    assert_ok(ji_expr_parse_all(&fixture.arena, ji_view_of_text("0e0"), &a, &fixture.err));
    assert_ok(ji_expr_parse_all(&fixture.arena, ji_view_of_text("-0e0"), &b, &fixture.err));
    assert_false(ji_expr_equal(a, b));
}

static void types_follow_the_rules(void **state)
{
    (void)state;
    static const struct round_trip examples[] = {
            {"i + i", "int"},
            {"i + 1", "long"},
            {"d + d", "decimal(10, 2)"},
            {"1 - d", "decimal(10, 2)"},
            {"d * (1 - d)", "decimal(19, 4)"},
            {"d * (1 - d) * (1 + d)", "decimal(29, 6)"},
            {"d / d", "double"},
            {"i / 2", "double"},
            {"d * 2", "decimal(10, 2)"},
            {"t + interval '1' day", "date"},
            {"t - t", "long"},
            {"case when b then i else d end", "decimal(12, 2)"},
            {"coalesce(d, 0)", "decimal(9, 2)"},
            {"count(*)", "long"},
            {"sum(i)", "long"},
            {"sum(d)", "decimal(38, 2)"},
            {"avg(d)", "double"},
            {"min(s)", "string"},
            {"year(t)", "int"},
            {"length(s)", "long"},
            {"i = 1", "boolean"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct ji_expr *bound = NULL;
        const char *type = "";
        assert_ok(fixture_bind(&fixture, examples[i].text, &bound));
        assert_ok(ji_type_text(&fixture.arena, &bound->type, &type, &fixture.err));
        if (strcmp(type, examples[i].wanted) != 0)
            fail_msg("%s is %s", examples[i].text, type);
    }
}

static void comparisons_run_in_the_columns_type(void **state)
{
    (void)state;
    static const struct round_trip examples[] = {
            {"i < 2.5", "i <= 2"},
            {"2.5 < i", "i > 2"},
            {"i = 2.5", "i > 2147483647"},
            {"d < 0.055", "d <= 0.05"},
            {"d between 0.055 and 0.075", "d between 0.06 and 0.07"},
            {"t < timestamp '1998-12-01 00:00:01'", "t <= date '1998-12-01'"},
            {"t = '1998-12-01'", "t = date '1998-12-01'"},
            {"t <= date '1998-12-01' - interval '90' day", "t <= date '1998-09-02'"},
            {"i in (3, 1, 2, 1)", "i in (1, 2, 3)"},
            {"i in (2.5)", "i <> i"},
            {"i > 0 and 1 = 1", "i > 0 and true"},
            {"i = cast(null as int)", "i = cast(null as int)"},
            {"concat(s, 'x')", "coalesce(s, '') || 'x'"},
            {"concat(s)", "coalesce(s, '') || ''"},
            {"cast(d as double) > cast('inf' as double)", "cast(d as double) > cast('inf' as double)"},
            {"cast(s as binary) = 'oak'", "cast(s as binary) = cast('oak' as binary)"},
            {"t > '1998-12-01' and true", "t > date '1998-12-01' and true"},
            {"i < 1e300", "cast(i as double) < 1e+300"},
            {"i > -99999999999999999999999999999999999999", "i <= 2147483647"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct ji_expr *bound = NULL;
        const char *text = "";
        assert_ok(fixture_bind(&fixture, examples[i].text, &bound));
        assert_ok(ji_expr_text(&fixture.arena, bound, &text, &fixture.err));
        assert_string_equal(text, examples[i].wanted);
    }
}

static const char *const sweep_texts[] = {
        "d * (1 - d) * (1 + d) > 0 and s like '%a%' or i in (1, 2, 3) and not t between '1998-01-01' and "
        "'1999-01-01'",
        "case when b then upper(s) || cast(d as string) else substr(s, 1, 2) end",
        "coalesce(nullif(cast(s as string), 'oak'), concat(s, i, t)) = 'x'",
        "cast(cast(cast(d as double) as decimal(30, 4)) as string) in ('a', s, null)",
        "date_trunc('month', t) + interval '1' month > t and 9999999999999999999 * d > 0 and i between null "
        "and d",
};

static enum joist_status sweep_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const char *text = arg;
    struct ji_mem *mem = ji_ctx_mem(ctx);
    struct ji_arena arena;
    struct ji_expr *parsed = NULL;
    struct ji_expr *bound = NULL;
    const char *printed = NULL;
    struct ji_evaluator *evaluator = NULL;
    struct ji_column out = {0};
    uint32_t rows[1];
    size_t count = 0;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&arena, mem);
    JI_TRY_OUT(ji_expr_parse_all(&arena, ji_view_of_text(text), &parsed, err));
    JI_TRY_OUT(ji_expr_bind(&arena, &fixture.schema, parsed, &bound, err));
    JI_TRY_OUT(ji_expr_text(&arena, bound, &printed, err));
    JI_TRY_OUT(ji_evaluator_open(ctx, mem, &evaluator, err));
    for (int round = 0; round < 2; round++) {
        ji_evaluator_reset(evaluator);
        JI_TRY_OUT(ji_evaluate(evaluator, bound, &fixture.batch, &out, err));
        if (bound->type.kind == JI_BOOL)
            JI_TRY_OUT(ji_evaluate_filter(evaluator, bound, &fixture.batch, rows, &count, err));
    }
out:
    ji_evaluator_close(evaluator);
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sweep_texts / sizeof sweep_texts[0]; i++)
        oom_sweep(sweep_body, (void *)(uintptr_t)sweep_texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(trees_print_as_a_person_would_type_them),
            cmocka_unit_test(parsing_stops_before_what_is_not_its_own),
            cmocka_unit_test(lexer_tells_kinds_and_places),
            cmocka_unit_test(lexer_refuses_what_has_no_end),
            cmocka_unit_test(parser_says_what_it_expected),
            cmocka_unit_test(depth_and_size_have_limits),
            cmocka_unit_test(questions_about_trees_are_answered),
            cmocka_unit_test(types_follow_the_rules),
            cmocka_unit_test(comparisons_run_in_the_columns_type),
            cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
