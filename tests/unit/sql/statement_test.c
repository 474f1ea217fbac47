/*
 * statement_test.c - statements and the rows that they give, over tables written here
 *
 * Each case runs with one and with three threads, over one morsel and over many, strings flat and as dictionaries: the
 * rows and their order must be the same.
 */
#include "support/oom.h"
#include "support/sql_rows.h"

#include "base/ctx.h"

#include <string.h>

#define SALES                                                                                                \
    "Oslo|2|1.50|2026-01-03|0.5\n"                                                                           \
    "Bergen|1|2.00|2026-01-04|1.5\n"                                                                         \
    "Oslo|5|0.25||-2.5\n"                                                                                    \
    "|7|9.99|2026-02-01|\n"                                                                                  \
    "Bergen|||2025-12-31|NaN\n"                                                                              \
    "''|4|3.00|2026-02-01|4\n"

static const struct sql_table all_tables[] = {
        {"sales", "city string, n long, price decimal(9,2), day date, x double", SALES, {0}},
        {"empty", "a long, b string", "", {0}},
        {"one", "a long required, s struct<b int, c string>", "", {0}},
        {"big", "v long, d decimal(38,0)",
                "9223372036854775807|99999999999999999999999999999999999999\n"
                "1|99999999999999999999999999999999999999\n"
                "-5|-99999999999999999999999999999999999999\n",
                {0}},
        {"ns.t", "id int, name string", "1|a\n2|b\n3|c\n", {0}},
};
#define TABLE_COUNT (sizeof all_tables / sizeof all_tables[0])

struct sql_case {
    const char *statement;
    const char *rows;
};

static struct joist_ctx *open_ctx(unsigned threads)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)256 << 20, .threads = threads};
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {0};
    if (joist_ctx_open(&options, &ctx, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    return ctx;
}

static void check_case(const struct sql_case *wanted, unsigned threads, struct rows_memory_options options)
{
    struct joist_ctx *ctx = open_ctx(threads);
    struct sql_table tables[TABLE_COUNT];
    struct joist_error err = {0};
    struct ji_bytes out;
    memcpy(tables, all_tables, sizeof tables);
    for (size_t index = 0; index < TABLE_COUNT; index++)
        tables[index].options = options;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    if (sql_rows(ctx, tables, TABLE_COUNT, wanted->statement, false, &out, &err) != JOIST_OK)
        fail_msg("%s\n%s: %s", wanted->statement, joist_status_name(err.status), err.text);
    if (strcmp((const char *)out.data, wanted->rows) != 0)
        fail_msg("%s (%u threads, morsels of %zu)\nwanted:\n%sgot:\n%s", wanted->statement, threads,
                options.morsel_rows, wanted->rows, (const char *)out.data);
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static void check_cases(const struct sql_case *cases, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        check_case(&cases[index], 1, (struct rows_memory_options){0});
        check_case(&cases[index], 1, (struct rows_memory_options){.batch_rows = 1, .no_facts = true});
        check_case(&cases[index], 3,
                (struct rows_memory_options){.morsel_rows = 2, .dictionaries = true, .no_facts = true});
        check_case(&cases[index], 3, (struct rows_memory_options){.morsel_rows = 1, .no_facts = true});
    }
}
#define CHECK(cases) check_cases(cases, sizeof(cases) / sizeof((cases)[0]))

static void select_gives_expressions_of_rows_in_order(void **state)
{
    static const struct sql_case cases[] = {
            {"select n from sales", "2\n1\n5\n7\n\n4\n"},
            {"select n + 1 as m, city from sales limit 2", "3|Oslo\n2|Bergen\n"},
            {"select * from ns.t", "1|a\n2|b\n3|c\n"},
            {"select t.id, name from ns.t", "1|a\n2|b\n3|c\n"},
            {"select q.id from ns.t as q where q.name = 'b'", "2\n"},
            {"select id, * from ns.t limit 1", "1|1|a\n"},
            {"select 1 + 1, 'x'", "2|x\n"},
            {"select n * price from sales where n < 3", "3.00\n2.00\n"},
            {"SELECT ID FROM ns.t WHERE ID > 2;", "3\n"},
    };
    (void)state;
    CHECK(cases);
}

static void where_keeps_rows_that_are_true(void **state)
{
    static const struct sql_case cases[] = {
            {"select n from sales where n > 3", "5\n7\n4\n"},
            {"select n from sales where not n > 3", "2\n1\n"},
            {"select n from sales where n is null", "\n"},
            {"select n from sales where city in ('Oslo', 'Paris') and n <> 2", "5\n"},
            {"select n from sales where day between date '2026-01-03' and date '2026-01-31'", "2\n1\n"},
            {"select n from sales where city like 'B%'", "1\n\n"},
            {"select n from sales where false", ""},
            {"select count(*) from sales where city = ''", "1\n"},
    };
    (void)state;
    CHECK(cases);
}

static void aggregates_without_groups_give_one_row(void **state)
{
    static const struct sql_case cases[] = {
            {"select count(*), count(n), sum(n), min(n), max(n) from sales", "6|5|19|1|7\n"},
            {"select count(*), sum(a), min(b), avg(a) from empty", "0|||\n"},
            {"select count(*) from sales where n > 100", "0\n"},
            {"select sum(price), avg(price) from sales", "16.74|3.348\n"},
            {"select sum(n * price) from sales", "88.18\n"},
            {"select avg(n) from sales", "3.8\n"},
            {"select min(day), max(day), min(city), max(city) from sales", "2025-12-31|2026-02-01|''|Oslo\n"},
            {"select sum(n) / count(n), sum(n) + 1 from sales", "3.8|20\n"},
            {"select count(distinct city), count(distinct n), sum(distinct n) from sales", "3|5|19\n"},
            {"select sum(d) from big", "99999999999999999999999999999999999999\n"},
            {"select min(x), max(x), count(x) from sales", "-2.5|nan|5\n"},
            {"select sum(x) from sales where x < 100", "3.5\n"},
            {"select count(*) from (select distinct city from sales) q", "4\n"},
            {"select 7 from sales having count(*) > 5", "7\n"},
            {"select 7 from sales having count(*) > 6", ""},
    };
    (void)state;
    CHECK(cases);
}

static void groups_come_in_the_order_of_their_first_rows(void **state)
{
    static const struct sql_case cases[] = {
            {"select city, count(*) from sales group by city", "Oslo|2\nBergen|2\n|1\n''|1\n"},
            {"select city, sum(n), avg(price) from sales group by 1",
                    "Oslo|7|0.875\nBergen|1|2.0\n|7|9.99\n''|4|3.0\n"},
            {"select year(day) as y, count(*) from sales group by y order by y", "2025|1\n2026|4\n|1\n"},
            {"select city, n from sales group by city, n having n > 4", "Oslo|5\n|7\n"},
            {"select city from sales group by city having count(*) > 1", "Oslo\nBergen\n"},
            {"select count(*) from sales group by city order by city", "1\n2\n2\n1\n"},
            {"select city, sum(n) as total from sales group by city having total > 1 order by total desc",
                    "Oslo|7\n|7\n''|4\n"},
            {"select n % 2, count(distinct city) from sales where n is not null group by n % 2",
                    "0|2\n1|2\n"},
            {"select a, count(*) from empty group by a", ""},
            {"select x, count(*) from sales group by x order by x",
                    "-2.5|1\n0.5|1\n1.5|1\n4.0|1\nnan|1\n|1\n"},
            {"select count(*), city || '!' from sales group by city || '!' order by 2 limit 1", "1|!\n"},
    };
    (void)state;
    CHECK(cases);
}

static void distinct_drops_equal_rows(void **state)
{
    static const struct sql_case cases[] = {
            {"select distinct city from sales", "Oslo\nBergen\n\n''\n"},
            {"select distinct city from sales order by city desc limit 2", "Oslo\nBergen\n"},
            {"select distinct n > 3 from sales", "false\ntrue\n\n"},
            {"select distinct day, city from sales where day is null", "|Oslo\n"},
    };
    (void)state;
    CHECK(cases);
}

static void order_by_sorts_with_nulls_last_unless_told(void **state)
{
    static const struct sql_case cases[] = {
            {"select n from sales order by n", "1\n2\n4\n5\n7\n\n"},
            {"select n from sales order by n desc", "7\n5\n4\n2\n1\n\n"},
            {"select n from sales order by n nulls first", "\n1\n2\n4\n5\n7\n"},
            {"select n from sales order by n desc nulls first limit 2", "\n7\n"},
            {"select city, n from sales order by city, n desc",
                    "''|4\nBergen|1\nBergen|\nOslo|5\nOslo|2\n|7\n"},
            {"select n from sales order by price * -1", "7\n4\n1\n2\n5\n\n"},
            {"select n as a from sales order by a limit 2 offset 1", "2\n4\n"},
            {"select n, x from sales order by x", "5|-2.5\n2|0.5\n1|1.5\n4|4.0\n|nan\n7|\n"},
            {"select n from sales order by 1 limit 0", ""},
            {"select n from sales offset 4", "\n4\n"},
            {"select n from sales limit 2 offset 3", "7\n\n"},
            {"select n from sales limit all", "2\n1\n5\n7\n\n4\n"},
            {"select id from ns.t order by length(name), id desc", "3\n2\n1\n"},
    };
    (void)state;
    CHECK(cases);
}

static void selects_inside_from_work(void **state)
{
    static const struct sql_case cases[] = {
            {"select max(t) from (select city, sum(n) as t from sales group by city) q", "7\n"},
            {"select a from (select n as a, city from sales) where a > 4 and city is not null", "5\n"},
            {"select * from (select n from sales order by n limit 3) where n > 1", "2\n4\n"},
            {"select c from (select count(*) as c from (select distinct city from sales))", "4\n"},
            {"select n from (select distinct n, city from sales) where n = 7", "7\n"},
            {"select m + 1 from (select n + 1 as m from sales where n < 3) where m > 2", "4\n"},
    };
    (void)state;
    CHECK(cases);
}

struct error_case {
    const char *statement;
    enum joist_status status;
    const char *text;
};

static void check_error(const struct error_case *wanted)
{
    struct joist_ctx *ctx = open_ctx(1);
    struct joist_error err = {0};
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status =
            sql_rows(ctx, all_tables, TABLE_COUNT, wanted->statement, false, &out, &err);
    if (status != wanted->status || strstr(err.text, wanted->text) == NULL)
        fail_msg("%s\nwanted %s: %s\ngot    %s: %s", wanted->statement, joist_status_name(wanted->status),
                wanted->text, joist_status_name(status), err.text);
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static void mistakes_point_at_the_place(void **state)
{
    static const struct error_case cases[] = {
            {"", JOIST_ERR_INVALID, "line 1, column 1: expected"},
            {"selec n from sales", JOIST_ERR_INVALID, "line 1, column 1: expected"},
            {"select n\nfrom sales\nwhere nn > 1", JOIST_ERR_INVALID, "line 3, column 7: no column 'nn'"},
            {"select n from sales group by city", JOIST_ERR_INVALID,
                    "line 1, column 8: 'n' is neither in group by nor inside an aggregate"},
            {"select sum(n) from sales where sum(n) > 1", JOIST_ERR_INVALID, "an aggregate in where"},
            {"select n from sales where n", JOIST_ERR_INVALID,
                    "line 1, column 27: the condition is not boolean"},
            {"select n from sales order by 2", JOIST_ERR_INVALID,
                    "line 1, column 30: order by 2, but the list has 1"},
            {"select n from sales group by 0", JOIST_ERR_INVALID, "group by 0"},
            {"select distinct n from sales order by city", JOIST_ERR_INVALID, "with distinct"},
            {"select count(*) from sales group by count(*)", JOIST_ERR_INVALID, "an aggregate in group by"},
            {"select *", JOIST_ERR_INVALID, "'*' without from"},
            {"select n from sales limit x", JOIST_ERR_INVALID,
                    "line 1, column 27: expected a number of rows"},
            {"select n from sales limit 99999999999999999999", JOIST_ERR_INVALID, "a number of rows"},
            {"select n from sales; select 1", JOIST_ERR_INVALID, "one statement alone"},
            {"select n from sales )", JOIST_ERR_INVALID, "a clause or the end"},
            {"select n from", JOIST_ERR_INVALID, "expected a table, a file in quotes or a select"},
            {"select n from nowhere", JOIST_ERR_NOT_FOUND, "no table 'nowhere'"},
            {"select n as from sales", JOIST_ERR_INVALID, "expected a name"},
            {"select n from sales order by n nulls", JOIST_ERR_INVALID, "expected last"},
            {"select s from one order by s", JOIST_ERR_UNSUPPORTED, "ordering by a list, map or struct"},
            {"select sum(v) from big where v > 0", JOIST_ERR_INVALID, "the sum overflows 64 bits"},
            {"select sum(d) from big where v > 0", JOIST_ERR_INVALID, "the sum has more than 38 digits"},
            {"select v + 1 from big", JOIST_ERR_INVALID, ""},
            {"select id from ns.t for version as of 'x' y where id = 1 2", JOIST_ERR_INVALID, "column"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        check_error(&cases[index]);
}

static void what_is_missing_is_named(void **state)
{
    static const struct error_case cases[] = {
            {"with a as (select 1) select * from a", JOIST_ERR_UNSUPPORTED, "line 1, column 1: common table"},
            {"select 1 from sales join big on true", JOIST_ERR_UNSUPPORTED, "column 21: joins"},
            {"select 1 from sales, big", JOIST_ERR_UNSUPPORTED, "joins"},
            {"select 1 from sales s left join big on true", JOIST_ERR_UNSUPPORTED, "joins"},
            {"select 1 from sales union select 2", JOIST_ERR_UNSUPPORTED, "union"},
            {"select 1 from sales except select 2", JOIST_ERR_UNSUPPORTED, "except"},
            {"select count(*) over (partition by n) from sales", JOIST_ERR_UNSUPPORTED, "window functions"},
            {"select count(*) filter (where n > 1) from sales", JOIST_ERR_UNSUPPORTED, "filter behind"},
            {"insert into sales values (1)", JOIST_ERR_UNSUPPORTED, "insert"},
            {"select n from sales fetch first 1 rows only", JOIST_ERR_UNSUPPORTED, "fetch"},
            {"select n from sales cross join big", JOIST_ERR_UNSUPPORTED, "joins"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++)
        check_error(&cases[index]);
}

static void selects_nest_to_a_limit(void **state)
{
    char statement[1024] = "";
    (void)state;
    for (int level = 0; level < 20; level++)
        strcat(statement, "select * from (");
    strcat(statement, "select id from ns.t");
    for (int level = 0; level < 20; level++)
        strcat(statement, ")");
    check_error(&(struct error_case){statement, JOIST_ERR_LIMIT, "more than 16 selects"});
}

static void names_of_columns_are_aliases_names_or_texts(void **state)
{
    struct joist_ctx *ctx = open_ctx(1);
    struct joist_error err = {0};
    struct ji_bytes out;
    (void)state;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_ok(sql_rows(ctx, all_tables, TABLE_COUNT,
            "select id, id as \"Other Name\", count(*), max(id) m from ns.t group by id limit 0", true, &out,
            &err));
    assert_string_equal((const char *)out.data, "id|Other Name|count(*)|m\n");
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static void explain_shows_what_was_pushed_down(void **state)
{
    struct joist_ctx *ctx = open_ctx(1);
    struct joist_error err = {0};
    struct ji_bytes out;
    (void)state;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    assert_ok(sql_plan_text(ctx, all_tables, TABLE_COUNT,
            "select city, sum(n) as t from (select * from sales) where n > 1 group by city having count(*) > "
            "1"
            " order by t desc limit 3",
            &out, &err));
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "limit 3\n"));
    assert_non_null(strstr(text, "  sort t desc; first 3 rows\n"));
    assert_non_null(strstr(text, "aggregate sum(n), count(*) by city\n"));
    assert_non_null(strstr(text, "scan sales: city, n where n > 1"));
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static enum joist_status sweep_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const char *const *statement = arg;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status = sql_rows(ctx, all_tables, TABLE_COUNT, *statement, true, &out, err);
    ji_bytes_clear(&out);
    return status;
}

static void no_allocation_that_fails_does_harm(void **state)
{
    static const char *const statements[] = {
            ("select city, sum(n) + 1, avg(price), count(distinct day), max(city) from sales"
             " where n > 0 group by city having count(*) > 0 order by 2, city limit 2"),
            "select distinct city from (select city, n from sales where price > 0.5) order by city",
            "select max(n), min(city), count(*) from sales",
    };
    (void)state;
    for (size_t index = 0; index < sizeof statements / sizeof statements[0]; index++) {
        const char *statement = statements[index];
        oom_sweep_sparse(sweep_body, &statement);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(select_gives_expressions_of_rows_in_order),
            cmocka_unit_test(where_keeps_rows_that_are_true),
            cmocka_unit_test(aggregates_without_groups_give_one_row),
            cmocka_unit_test(groups_come_in_the_order_of_their_first_rows),
            cmocka_unit_test(distinct_drops_equal_rows),
            cmocka_unit_test(order_by_sorts_with_nulls_last_unless_told),
            cmocka_unit_test(selects_inside_from_work),
            cmocka_unit_test(mistakes_point_at_the_place),
            cmocka_unit_test(what_is_missing_is_named),
            cmocka_unit_test(selects_nest_to_a_limit),
            cmocka_unit_test(names_of_columns_are_aliases_names_or_texts),
            cmocka_unit_test(explain_shows_what_was_pushed_down),
            cmocka_unit_test(no_allocation_that_fails_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
