/*
 * evaluate_test.c - expressions over a table of four rows, and over none
 */
#include "expr_fixture.h"

#include <stdio.h>

struct example {
    const char *text;
    const char *wanted;
};

static const char *const schema =
        "i int, l long, d decimal(15, 2), w decimal(30, 4), f float, x double, s string, "
        "b boolean, t date, ts timestamp, tz timestamptz, u uuid, r long required, "
        "bin binary, tm time";
static const char *const rows[] = {
        "1|10|0.50|1.0000|0.5|1.5|oak|true|1998-12-01|1998-12-01T10:30:15|1998-12-01T10:30:15Z|"
        "00000000-0000-0000-0000-000000000001|7|6162|10:30:15",
        "-2|-20|-12.25|-123456789012345678901.5000|-0.25|-0.0|Elm "
        "tree|false|1970-01-01|1969-12-31T23:59:59.5|"
        "1969-12-31T23:59:59.5Z|00000000-0000-0000-0000-0000000000ff|8|6162|00:00:00",
        "null|null|null|null|null|null|null|null|null|null|null|null|9|null|null",
        "2147483647|9223372036854775807|9999999999999.99|0.0001|1e30|nan|\xc3\xa9t\xc3\xa9|true|2024-02-29|"
        "2024-02-29T00:00:00|2024-02-29T00:00:00Z|ffffffff-ffff-ffff-ffff-ffffffffffff|10|6162|23:59:59",
};

static struct expr_fixture fixture;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, schema, rows, 4);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static size_t check(const struct example *examples, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const char *got = fixture_evaluate(&fixture, examples[i].text);
        if (strcmp(got, examples[i].wanted) != 0) {
            print_error("%s\n    wanted %s\n    got    %s\n", examples[i].text, examples[i].wanted, got);
            wrong++;
        }
    }
    return wrong;
}
#define CHECK(examples) assert_int_equal(check(examples, sizeof examples / sizeof examples[0]), 0)

static void constants_have_exact_values(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"1", "1,1,1,1"},
            {"0.05", "0.05,0.05,0.05,0.05"},
            {"1 + 2 * 3", "7,7,7,7"},
            {"(1 + 2) * 3", "9,9,9,9"},
            {"7 % 4 - -1", "4,4,4,4"},
            {"7 / 2", "3.5,3.5,3.5,3.5"},
            {"1e3 + 1", "1001.0,1001.0,1001.0,1001.0"},
            {"1.10 + 2.345", "3.445,3.445,3.445,3.445"},
            {"1.5 * 1.5", "2.25,2.25,2.25,2.25"},
            {"12345678901234567890 + 1",
                    "12345678901234567891,12345678901234567891,12345678901234567891,"
                    "12345678901234567891"},
            {"date '1998-12-01' - interval '90' day", "1998-09-02,1998-09-02,1998-09-02,1998-09-02"},
            {"date '2024-01-31' + interval 1 month", "2024-02-29,2024-02-29,2024-02-29,2024-02-29"},
            {"date '2024-02-29' - interval '1 year'", "2023-02-28,2023-02-28,2023-02-28,2023-02-28"},
            {"interval '2' days + date '1999-12-31'", "2000-01-02,2000-01-02,2000-01-02,2000-01-02"},
            {"date '2000-03-01' - date '2000-02-01'", "29,29,29,29"},
            {"date '2000-02-28' + 2", "2000-03-01,2000-03-01,2000-03-01,2000-03-01"},
            {"date '2000-01-01' + interval '90' minute",
                    "2000-01-01T01:30:00,2000-01-01T01:30:00,2000-01-01T01:30:00,2000-01-01T01:30:00"},
            {"'a' || 'b' || 1", "ab1,ab1,ab1,ab1"},
            {"'it''s'", "it's,it's,it's,it's"},
            {"null", "null,null,null,null"},
            {"true and null", "null,null,null,null"},
            {"false and null", "false,false,false,false"},
            {"true or null", "true,true,true,true"},
            {"not null", "null,null,null,null"},
            {"1 in (2, null)", "null,null,null,null"},
            {"1 in (1, null)", "true,true,true,true"},
            {"1 not in (2, null)", "null,null,null,null"},
            {"5 between null and 3", "false,false,false,false"},
            {"5 between null and 7", "null,null,null,null"},
            {"1 between 2 and 1", "false,false,false,false"},
            {"cast('nan' as double) = cast('nan' as double)", "true,true,true,true"},
            {"cast('nan' as double) > cast('inf' as double)", "true,true,true,true"},
            {"'abc' like 'a%' and 'abc' like '%c' and 'abc' like '%b%' and 'abc' like 'a_c'",
                    "true,true,true,true"},
            {"'a%c' like 'a!%c' escape '!'", "true,true,true,true"},
            {"'abc' like 'a!%c' escape '!'", "false,false,false,false"},
            {"case 2 when 1 then 'a' when 2 then 'b' else 'c' end", "b,b,b,b"},
            {"coalesce(null, 3, 1 / 0)", "3.0,3.0,3.0,3.0"},
            {"-- a comment\n 1 /* and /* another */ one */ + 1", "2,2,2,2"},
    };
    CHECK(examples);
}

static void arithmetic_is_exact_and_null_is_null(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"r + 1", "8,9,10,11"},
            {"i * 2", "2,-4,null,4294967294"},
            {"-r", "-7,-8,-9,-10"},
            {"l % 3", "1,-2,null,1"},
            {"d + 1", "1.50,-11.25,null,10000000000000.99"},
            {"d * d", "0.2500,150.0625,null,99999999999999800000000000.0001"},
            {"d * (1 - 0.05) * (1 + 0.1)", "0.52250,-12.80125,null,10449999999999.98955"},
            {"w + d", "1.5000,-123456789012345678913.7500,null,9999999999999.9901"},
            {"w - w", "0.0000,0.0000,null,0.0000"},
            {"-w", "-1.0000,123456789012345678901.5000,null,-0.0001"},
            {"d % 0.3", "0.20,-0.25,null,0.09"},
            {"d / 2", "0.25,-6.125,null,4999999999999.995"},
            {"x + 1", "2.5,1.0,null,nan"},
            {"x * i", "1.5,0.0,null,nan"},
            {"f + f", "1.0,-0.5,null,2.0000000300949324e+30"},
            {"abs(i)", "1,2,null,2147483647"},
            {"abs(d)", "0.50,12.25,null,9999999999999.99"},
            {"floor(d)", "0,-13,null,9999999999999"},
            {"ceil(d)", "1,-12,null,10000000000000"},
            {"round(d)", "1,-12,null,10000000000000"},
            {"round(d, 1)", "0.5,-12.3,null,10000000000000.0"},
            {"round(x)", "2.0,-0.0,null,nan"},
            {"round(2.675e0, 2)", "2.68,2.68,2.68,2.68"},
            {"floor(x) + ceil(x)", "3.0,-0.0,null,nan"},
    };
    CHECK(examples);
}

static void comparisons_order_every_type(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"i < 2", "true,true,null,false"},
            {"2 > i", "true,true,null,false"},
            {"i < 2.5", "true,true,null,false"},
            {"i = 2.5", "false,false,null,false"},
            {"i <> 2.5", "true,true,null,true"},
            {"i >= -1.5", "true,false,null,true"},
            {"i < 3000000000", "true,true,null,true"},
            {"i > -3000000000", "true,true,null,true"},
            {"i = 3000000000", "false,false,null,false"},
            {"i = 1e0", "true,false,null,false"},
            {"l >= 10", "true,false,null,true"},
            {"l = i * 10", "true,true,null,false"},
            {"d < 0.055", "false,true,null,false"},
            {"d <= 0.505", "true,true,null,false"},
            {"d > 0.499", "true,false,null,true"},
            {"d = 0.5", "true,false,null,false"},
            {"d between 0.499 and 0.501", "true,false,null,false"},
            {"d not between 0.499 and 0.501", "false,true,null,true"},
            {"w > -123456789012345678901.5", "true,false,null,true"},
            {"w = 1", "true,false,null,false"},
            {"w < d", "false,true,null,true"},
            {"f = 0.5", "true,false,null,false"},
            {"f > -1", "true,true,null,true"},
            {"x > 1", "true,false,null,true"},
            {"x = 0", "false,true,null,false"},
            {"x = x", "true,true,null,true"},
            {"x < cast('nan' as double)", "true,true,null,false"},
            {"x between 0 and 2", "true,true,null,false"},
            {"s = 'oak'", "true,false,null,false"},
            {"s > 'Elm'", "true,true,null,true"},
            {"s in ('oak', 'ash', 'Elm tree')", "true,true,null,false"},
            {"s not in ('oak', null)", "false,null,null,null"},
            {"b", "true,false,null,true"},
            {"not b", "false,true,null,false"},
            {"b = true", "true,false,null,true"},
            {"b < true", "false,true,null,false"},
            {"t = '1998-12-01'", "true,false,null,false"},
            {"t <= date '1998-12-01' - interval '90' day", "false,true,null,false"},
            {"t < timestamp '1998-12-01 00:00:01'", "true,true,null,false"},
            {"t between '1970-01-01' and '1999-01-01'", "true,true,null,false"},
            {"ts >= '1998-12-01'", "true,false,null,true"},
            {"ts = timestamp '1998-12-01 10:30:15'", "true,false,null,false"},
            {"ts = tz", "true,true,null,true"},
            {"ts >= t", "true,false,null,true"},
            {"tz < '1998-12-01T12:30:16+02:00'", "true,true,null,false"},
            {"ts = '1998-12-01T10:30:15Z'", "true,false,null,false"},
            {"ts = '1998-12-01T12:30:15+02:00'", "true,false,null,false"},
            {"tz = '1998-12-01T10:30:15'", "true,false,null,false"},
            {"tz < '1998-12-01'", "false,true,null,false"},
            {"tm > '10:00'", "true,false,null,true"},
            {"u = '00000000-0000-0000-0000-000000000001'", "true,false,null,false"},
            {"u > '00000000-0000-0000-0000-000000000001'", "false,true,null,true"},
            {"i in (1, 2.5, -2, 5000000000)", "true,true,null,false"},
            {"i in (2.5)", "false,false,null,false"},
            {"i in (2.5, null)", "null,null,null,null"},
            {"l in (10, 1000000000000)", "true,false,null,false"},
            {"d in (0.5, 0.123)", "true,false,null,false"},
            {"w in (1, 0.0001)", "true,false,null,true"},
            {"x in (1.5, cast('nan' as double), 0)", "true,true,null,true"},
            {"r in (r, 1)", "true,true,true,true"},
            {"r in (l - 3, null)", "true,null,null,null"},
            {"i is null", "false,false,true,false"},
            {"i is not null", "true,true,false,true"},
            {"r is null", "false,false,false,false"},
            {"i = null", "null,null,null,null"},
            {"bin is null", "false,false,true,false"},
    };
    CHECK(examples);
}

static void logic_has_three_values(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"b and i > 0", "true,false,null,true"},
            {"b and r > 100", "false,false,false,false"},
            {"b or r > 0", "true,true,true,true"},
            {"b or r > 100", "true,false,null,true"},
            {"not (b and i > 0)", "false,true,null,false"},
            {"b or s = 'oak' or r = 9", "true,false,true,true"},
            {"i <> 0 and 10 / i > 0", "true,false,null,true"},
            {"case when b then i else r end", "1,8,9,2147483647"},
            {"case when b then 'yes' when not b then 'no' end", "yes,no,null,yes"},
            {"case s when 'oak' then 1.5 else d end", "1.50,-12.25,null,9999999999999.99"},
            {"coalesce(i, r)", "1,-2,9,2147483647"},
            {"coalesce(d, 0)", "0.50,-12.25,0.00,9999999999999.99"},
            {"coalesce(s, 'none')", "oak,Elm tree,none,\xc3\xa9t\xc3\xa9"},
            {"nullif(i, 1)", "null,-2,null,2147483647"},
            {"nullif(w, 1)", "null,-123456789012345678901.5000,null,0.0001"},
            {"(i > 0) = b", "true,true,null,true"},
    };
    CHECK(examples);
}

static void text_functions_count_characters(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"length(s)", "3,8,null,3"},
            {"octet_length(s)", "3,8,null,5"},
            {"length(bin)", "2,2,null,2"},
            {"upper(s)", "OAK,ELM TREE,null,\xc3\xa9T\xc3\xa9"},
            {"lower(s) || '!'", "oak!,elm tree!,null,\xc3\xa9t\xc3\xa9!"},
            {"concat(s, '-', i)", "oak-1,Elm tree--2,-,\xc3\xa9t\xc3\xa9-2147483647"},
            {"substr(s, 2)", "ak,lm tree,null,t\xc3\xa9"},
            {"substr(s, 1, 1)", "o,E,null,\xc3\xa9"},
            {"substring(s from 2 for 2)", "ak,lm,null,t\xc3\xa9"},
            {"substr(s, -1, 3)", "o,E,null,\xc3\xa9"},
            {"trim('  ' || s || ' ')", "oak,Elm tree,null,\xc3\xa9t\xc3\xa9"},
            {"ltrim('  a ') || '|' || rtrim('  a ')", "a |  a,a |  a,a |  a,a |  a"},
            {"starts_with(s, 'o')", "true,false,null,false"},
            {"ends_with(s, 'ee')", "false,true,null,false"},
            {"contains(s, 't')", "false,true,null,true"},
            {"s like '_t_'", "false,false,null,true"},
            {"s like '%t%e'", "false,true,null,false"},
            {"s like 'oak'", "true,false,null,false"},
            {"s like '%'", "true,true,null,true"},
            {"s not like 'o%'", "false,true,null,true"},
            {"s like s", "true,true,null,true"},
            {"'%_' like '\\%\\_'", "true,true,true,true"},
    };
    CHECK(examples);
}

static void dates_come_apart(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"year(t)", "1998,1970,null,2024"},
            {"extract(month from ts)", "12,12,null,2"},
            {"day(ts)", "1,31,null,29"},
            {"hour(ts) * 10000 + minute(ts) * 100 + second(ts)", "103015,235959,null,0"},
            {"hour(tm)", "10,0,null,23"},
            {"hour(t)", "0,0,null,0"},
            {"date_trunc('month', t)", "1998-12-01,1970-01-01,null,2024-02-01"},
            {"date_trunc('quarter', t)", "1998-10-01,1970-01-01,null,2024-01-01"},
            {"date_trunc('year', ts)", "1998-01-01T00:00:00,1969-01-01T00:00:00,null,2024-01-01T00:00:00"},
            {"date_trunc('week', t)", "1998-11-30,1969-12-29,null,2024-02-26"},
            {"date_trunc('hour', ts)", "1998-12-01T10:00:00,1969-12-31T23:00:00,null,2024-02-29T00:00:00"},
            {"date_trunc('second', ts)", "1998-12-01T10:30:15,1969-12-31T23:59:59,null,2024-02-29T00:00:00"},
            {"t + interval '1' year", "1999-12-01,1971-01-01,null,2025-02-28"},
            {"ts - interval '1' day", "1998-11-30T10:30:15,1969-12-30T23:59:59.500,null,2024-02-28T00:00:00"},
            {"ts + interval '1' month",
                    "1999-01-01T10:30:15,1970-01-31T23:59:59.500,null,2024-03-29T00:00:00"},
            {"t - date '1998-11-01'", "30,-10531,null,9251"},
            {"t - r", "1998-11-24,1969-12-24,null,2024-02-19"},
    };
    CHECK(examples);
}

static void casts_keep_or_refuse(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"cast(i as long)", "1,-2,null,2147483647"},
            {"cast(i as double)", "1.0,-2.0,null,2147483647.0"},
            {"cast(i as decimal(12, 2))", "1.00,-2.00,null,2147483647.00"},
            {"cast(d as double)", "0.5,-12.25,null,9999999999999.99"},
            {"cast(d as long)", "1,-12,null,10000000000000"},
            {"cast(d as decimal(20, 4))", "0.5000,-12.2500,null,9999999999999.9900"},
            {"cast(d as decimal(15, 1))", "0.5,-12.3,null,10000000000000.0"},
            {"cast(w as decimal(25, 1))", "1.0,-123456789012345678901.5,null,0.0"},
            {"cast(r as smallint)", "7,8,9,10"},
            {"i::varchar", "1,-2,null,2147483647"},
            {"cast(d as string)", "0.50,-12.25,null,9999999999999.99"},
            {"cast(x as string)", "1.5,-0.0,null,nan"},
            {"cast(b as int)", "1,0,null,1"},
            {"cast(r - 7 as boolean)", "false,true,true,true"},
            {"cast(t as timestamp)", "1998-12-01T00:00:00,1970-01-01T00:00:00,null,2024-02-29T00:00:00"},
            {"cast(ts as date)", "1998-12-01,1969-12-31,null,2024-02-29"},
            {"cast(cast(t as string) as date)", "1998-12-01,1970-01-01,null,2024-02-29"},
            {"cast('12' as int) + cast('1.5' as decimal(3, 1))", "13.5,13.5,13.5,13.5"},
            {"cast(2.5 as int)", "3,3,3,3"},
            {"cast(2.5e0 as int)", "2,2,2,2"},
            {"cast(f as double)", "0.5,-0.25,null,1.0000000150474662e+30"},
            {"cast(x as float) is null", "false,false,true,false"},
            {"cast(null as date)", "null,null,null,null"},
            {"cast(u as string)",
                    "00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-0000000000ff,"
                    "null,ffffffff-ffff-ffff-ffff-ffffffffffff"},
            {"cast(cast(d as string) as decimal(15, 2)) = d", "true,true,null,true"},
            {"cast(cast(w as string) as decimal(30, 4)) = w", "true,true,null,true"},
            {"cast(cast(x as string) as double) = x", "true,true,null,true"},
            {"cast(cast(f as string) as float) = f", "true,true,null,true"},
            {"cast(cast(b as string) as boolean) = b", "true,true,null,true"},
            {"cast(cast(u as string) as uuid) = u", "true,true,null,true"},
            {"cast(cast(r as string) as uint64)", "7,8,9,10"},
            {"cast(cast(tm as string) as time) = tm", "true,true,null,true"},
            {"cast(cast(ts as string) as timestamp) = ts", "true,true,null,true"},
            {"length(cast(s as binary))", "3,8,null,5"},
            {"length(cast(u as binary))", "16,16,null,16"},
            {"cast(t as int)", "10561,0,null,19782"},
            {"cast(i as date) is null", "false,false,true,false"},
            {"cast(ts as timestamp_s)", "1998-12-01T10:30:15,1969-12-31T23:59:59,null,2024-02-29T00:00:00"},
            {"cast(tm as time_s)", "10:30:15,00:00:00,null,23:59:59"},
    };
    CHECK(examples);
}

static void every_width_of_integer_compares_and_casts(void **state)
{
    (void)state;
    static const char *const names[] = {
            "int8", "int16", "int", "long", "uint8", "uint16", "uint32", "uint64"};
    static const struct example examples[] = {
            {"cast(r as %s) > 8", "false,false,true,true"},
            {"cast(r as %s) between 7.5 and 9.5", "false,true,true,false"},
            {"cast(r as %s) <> 1000000", "true,true,true,true"},
            {"cast(r as %s) < -1000000", "false,false,false,false"},
            {"cast(r as %s) in (8, 10, 77, 1000000)", "false,true,false,true"},
            {"cast(r as %s) < cast(17 - r as %s)", "true,true,false,false"},
            {"cast(r as %s) = cast(r as %s)", "true,true,true,true"},
            {"cast(r as %s) = cast(r as int)", "true,true,true,true"},
            {"cast(r as %s) >= cast(cast(9 as uint64) + 0 as %s)", "false,false,true,true"},
            {"cast(r as %s) + 1", "8,9,10,11"},
            {"cast(r as %s) + cast(r as %s)", "14,16,18,20"},
            {"cast(r as %s) * 0.5", "3.5,4.0,4.5,5.0"},
            {"cast(r as %s) * 2e0", "14.0,16.0,18.0,20.0"},
            {"cast(r as %s) / 2", "3.5,4.0,4.5,5.0"},
            {"cast(r as %s) %% 4", "3,0,1,2"},
            {"0 - abs(cast(r as %s))", "-7,-8,-9,-10"},
            {"-cast(r as %s)", "-7,-8,-9,-10"},
            {"cast(cast(r as %s) as string)", "7,8,9,10"},
            {"cast(cast(r as %s) as boolean)", "true,true,true,true"},
            {"cast('7' as %s) = cast(7e0 as %s)", "true,true,true,true"},
            {"cast(cast(cast(r as %s) as double) as %s)", "7,8,9,10"},
            {"cast(cast(r as %s) as decimal(5, 1))", "7.0,8.0,9.0,10.0"},
            {"coalesce(cast(r as %s), cast(1 as uint64), 1.5)", "7.0,8.0,9.0,10.0"},
            {"case when r > 8 then cast(r as %s) end", "null,null,9,10"},
            {"floor(cast(r as %s))", "7,8,9,10"},
            {"nullif(cast(r as %s), 8)", "7,null,9,10"},
    };
    size_t wrong = 0;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
            char text[200];
            snprintf(text, sizeof text, examples[i].text, names[n], names[n]);
            const struct example one = {text, examples[i].wanted};
            wrong += check(&one, 1);
        }
    }
    assert_int_equal(wrong, 0);
    static const struct example errors[] = {
            {"cast(r + 120 as int8)", "column 8: 128 does not fit int8"},
            {"cast(7 - r as uint16)", "column 8: -1 does not fit uint16"},
            {"cast(300 as uint8)", "column 6: 300 does not fit uint8"},
            {"cast(-1e0 as uint64)", "column 6: -1.0 does not fit uint64"},
            {"cast(1e300 as float)", "column 6: 1e+300 does not fit float"},
            {"cast(cast(18446744073709551615 as uint64) as long)",
                    "column 11: 18446744073709551615 does not fit long"},
            {"cast(18446744073709551615 as uint64) + 1",
                    "18446744073709551616,18446744073709551616,18446744073709551616,18446744073709551616"},
            {"cast(18446744073709551615 as uint64) > cast(1 as uint64)", "true,true,true,true"},
            {"cast(r as uint64) in (8, 18446744073709551615)", "false,true,false,false"},
            {"cast(r as uint64) < 18446744073709551615.5", "true,true,true,true"},
            {"f in (0.5, -0.25)", "true,true,null,false"},
            {"f < cast(r as float)", "true,true,null,false"},
            {"cast(d as float) = 0.5", "true,false,null,false"},
            {"cast(0.5 as float) + i", "1.5,-1.5,null,2147483647.5"},
            {"cast(cast(d as uuid) as binary)", "column 11: no cast between decimal(15, 2) and uuid"},
            {"cast(s as binary) = 'oak'", "true,false,null,false"},
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        wrong += check(&errors[i], 1);
    assert_int_equal(wrong, 0);
}

static void structs_are_looked_into(void **state)
{
    (void)state;
    struct expr_fixture nested;
    static const uint8_t outer = 0x0b;
    static const uint8_t inner = 0x0d;
    static const int32_t numbers[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const uint32_t last[] = {3};
    static const uint8_t none = 0;
    fixture_open(&nested, "s struct<a int, b struct<c int>> ", NULL, 0);
    const struct ji_field *field = &nested.schema.columns[0];
    struct ji_column grandchild = {
            .field = &field->children[1].children[0], .row_count = 8, .values = numbers, .validity = &inner};
    struct ji_column children[2] = {{.field = &field->children[0], .row_count = 8, .values = numbers},
            {.field = &field->children[1], .row_count = 8, .children = &grandchild}};
    nested.columns[0] =
            (struct ji_column){.field = field, .row_count = 8, .validity = &outer, .children = children};
    nested.batch.row_count = nested.batch.selection_count = 8;
    assert_string_equal(fixture_evaluate(&nested, "s.a"), "1,2,null,4,null,null,null,null");
    assert_string_equal(fixture_evaluate(&nested, "S.B.c + 1"), "2,null,null,5,null,null,null,null");
    assert_string_equal(fixture_evaluate(&nested, "s is null"), "false,false,true,false,true,true,true,true");
    assert_string_equal(fixture_evaluate(&nested, "s.d"), "column 3: no field 'd' (did you mean 'a'?)");
    assert_string_equal(
            fixture_evaluate(&nested, "s = s"), "column 1: no operation on struct<a int, b struct<c int>>");
    nested.batch.selection = last;
    nested.batch.selection_count = 1;
    assert_string_equal(fixture_evaluate(&nested, "not s is null"), "true");
    assert_string_equal(fixture_evaluate(&nested, "s.b.c * 2"), "8");
    nested.columns[0].form = JI_CONSTANT;
    nested.columns[0].validity = &none;
    nested.columns[0].children = NULL;
    assert_string_equal(fixture_evaluate(&nested, "s.b.c * 2"), "null");
    assert_string_equal(fixture_evaluate(&nested, "s.b is null"), "true");
    fixture_close(&nested);
}

static void long_lists_of_terms_reuse_their_memory(void **state)
{
    (void)state;
    enum { ROWS = 65536, TERMS = 200 };
    static int32_t numbers[ROWS];
    static char text[TERMS * 40];
    static const char *const shapes[][2] = {
            {" or i + 0 = %d", "false"}, {" and i + 0 <> -%d", "true"}, {", i - %d", "i in (-1"}};
    struct expr_fixture wide;
    fixture_open(&wide, "i int required", NULL, 0);
    for (size_t r = 0; r < ROWS; r++)
        numbers[r] = (int32_t)r;
    wide.columns[0] = (struct ji_column){.field = wide.schema.columns, .row_count = ROWS, .values = numbers};
    wide.batch.row_count = wide.batch.selection_count = ROWS;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        struct ji_expr *bound = NULL;
        struct ji_column out = {0};
        size_t at = (size_t)snprintf(text, sizeof text, "%s", shapes[s][1]);
        for (int i = 1; i < TERMS; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, shapes[s][0], i);
        snprintf(text + at, sizeof text - at, "%s", s == 2 ? ")" : "");
        assert_ok(fixture_bind(&wide, text, &bound));
        ji_evaluator_reset(wide.evaluator);
        assert_ok(ji_evaluate(wide.evaluator, bound, &wide.batch, &out, &wide.err));
        assert_int_equal(ji_column_value(&out, 5).as.boolean, s != 2);
        assert_int_equal(ji_column_value(&out, TERMS).as.boolean, s == 1);
    }
    assert_true(joist_ctx_memory(wide.ctx).bytes_peak < 32u << 20);
    fixture_close(&wide);
}

static void errors_say_where_and_what(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"1 +", "column 4: expected an expression instead of the end"},
            {"i 5", "column 3: expected an operator or the end instead of '5'"},
            {"(i", "column 3: expected ')' instead of the end"},
            {"12abc", "column 1: bad number"},
            {"'abc", "column 1: string without an end"},
            {"i # 1", "column 3: unexpected '#'"},
            {"select", "column 1: expected an expression instead of 'select'"},
            {"i not 5", "column 3: expected an operator instead of 'not'"},
            {"cast(i as foo)", "column 11: expected a type instead of 'foo'"},
            {"cast(i as decimal(50, 2))", "column 18: no type decimal(50, 2)"},
            {"date '1998-13-01'", "column 1: '1998-13-01' is out of range for date"},
            {"interval '1' foo",
                    "column 14: expected year, month, day, hour, minute or second instead of 'foo'"},
            {"1 + rr", "column 5: no column 'rr' (did you mean 'r'?)"},
            {"unknown_thing", "column 1: no column 'unknown_thing'"},
            {"leng(s)", "column 1: no function 'leng' (did you mean 'length'?)"},
            {"substr(s)", "column 1: substr takes 2 to 3 arguments"},
            {"lower(i)", "column 7: expected a string instead of int"},
            {"s + 1", "column 3: no arithmetic between string and long"},
            {"s = 1", "column 5: no common type of string and long"},
            {"t = 'yesterday'", "column 5: 'yesterday' is no date"},
            {"i and b", "column 1: expected a boolean instead of int"},
            {"s.x", "column 3: no fields in string"},
            {"l + 1", "column 3: overflow: 9223372036854775807 + 1 does not fit long"},
            {"i * i", "column 3: overflow: 2147483647 * 2147483647 does not fit int"},
            {"10 / (r - 7)", "column 4: division by zero in '/'"},
            {"10 % (r - 7)", "column 4: division by zero in '%'"},
            {"w * w",
                    "column 3: overflow: -123456789012345678901.5000 * -123456789012345678901.5000 "
                    "does not fit decimal(38, 8)"},
            {"x / 0", "column 3: division by zero in '/'"},
            {"cast(l as int)", "column 6: 9223372036854775807 does not fit int"},
            {"cast(x as int)", "column 6: nan does not fit int"},
            {"cast(s as int)", "column 6: 'oak' is no int"},
            {"cast(f as boolean)", "column 6: no cast between float and boolean"},
            {"cast(d as decimal(14, 2))", "column 6: 9999999999999.99 does not fit decimal(14, 2)"},
            {"year(s)", "column 6: expected a date or timestamp instead of string"},
            {"date_trunc('day', s)", "column 19: expected a date or timestamp instead of string"},
            {"abs(s)", "column 5: expected a number instead of string"},
            {"round(x, i)", "column 10: expected a number from 0 to 38 instead of int"},
            {"substr(s, s)", "column 11: expected a whole number instead of string"},
            {"coalesce()", "column 1: coalesce takes 1 arguments or more"},
            {"lower(s, s)", "column 1: lower takes 1 argument"},
            {"nullif(i)", "column 1: nullif takes 2 arguments"},
            {"frobnicate(i)", "column 1: no function 'frobnicate'"},
            {"sum(s)", "column 1: no sum of string"},
            {"avg(s)", "column 1: no average of string"},
            {"ts = 'yesterday'", "column 6: 'yesterday' is no timestamp"},
            {"sum(r)", "column 1: no aggregate can stand here"},
            {"sum(sum(r))", "column 5: an aggregate inside an aggregate"},
            {"interval '1' day", "column 1: an interval is no value"},
            {"r * interval '1' day",
                    "column 5: an interval can only be added to a date or timestamp, or subtracted"},
            {"s like 'a\\'", "column 3: pattern ends with its escape character"},
            {"1000000000000000000000000000000000000000", "column 1: number of more than 38 digits"},
            {"date_trunc('eon', t)",
                    "column 12: date_trunc takes 'year', 'quarter', 'month', 'week', 'day', "
                    "'hour', 'minute' or 'second'"},
    };
    CHECK(examples);
}

static void only_selected_rows_count(void **state)
{
    (void)state;
    const uint32_t first[] = {0, 1, 2};
    fixture.batch.selection = first;
    fixture.batch.selection_count = 3;
    static const struct example dense[] = {
            {"l + 1", "11,-19,null"},
            {"cast(l as int)", "10,-20,null"},
            {"i * i", "1,4,null"},
            {"upper(s)", "OAK,ELM TREE,null"},
    };
    CHECK(dense);
    const uint32_t none[] = {0};
    fixture.batch.selection = none;
    fixture.batch.selection_count = 0;
    assert_string_equal(fixture_evaluate(&fixture, "l + 1"), "");
    assert_string_equal(fixture_filter(&fixture, "i > 0"), "");
    fixture.batch.selection = NULL;
    fixture.batch.selection_count = 4;
}

static void filters_narrow_from_left_to_right(void **state)
{
    (void)state;
    static const struct example examples[] = {
            {"i > 0", "0,3"},
            {"b or i is null", "0,2,3"},
            {"r <> 7 and 10 / (r - 7) > 4", "1,2"},
            {"r > 7 and r < 10 and s is not null", "1"},
            {"i > 0 and l > 100 and d > 1", "3"},
            {"false", ""},
            {"null", ""},
            {"true", "0,1,2,3"},
            {"l + 1 > 0", "column 3: overflow: 9223372036854775807 + 1 does not fit long"},
            {"r < 10 and l + 1 > 0", "0"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_string_equal(fixture_filter(&fixture, examples[i].text), examples[i].wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(constants_have_exact_values),
            cmocka_unit_test(arithmetic_is_exact_and_null_is_null),
            cmocka_unit_test(comparisons_order_every_type),
            cmocka_unit_test(logic_has_three_values),
            cmocka_unit_test(text_functions_count_characters),
            cmocka_unit_test(dates_come_apart),
            cmocka_unit_test(casts_keep_or_refuse),
            cmocka_unit_test(every_width_of_integer_compares_and_casts),
            cmocka_unit_test(structs_are_looked_into),
            cmocka_unit_test(long_lists_of_terms_reuse_their_memory),
            cmocka_unit_test(errors_say_where_and_what),
            cmocka_unit_test(only_selected_rows_count),
            cmocka_unit_test(filters_narrow_from_left_to_right),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
