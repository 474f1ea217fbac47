/*
 * random_expr.h - expressions by chance, as text, over the columns of the property tests
 */
#ifndef JI_RANDOM_EXPR_H
#define JI_RANDOM_EXPR_H

#include "expr_fixture.h"

#include <stdio.h>

#define RANDOM_TEXT_MAX 4000

#define RANDOM_SCHEMA                                                                                        \
    "i int, l long, d decimal(9, 2), w decimal(25, 3), x double, s string, b boolean, t date, ts "           \
    "timestamp, "                                                                                            \
    "r int required, f float"

struct chance {
    uint64_t state;
};

static inline uint32_t chance_next(struct chance *chance, uint32_t below)
{
    chance->state = chance->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((chance->state >> 33) % below);
}

struct random_text {
    struct chance *chance;
    size_t size;
    char text[RANDOM_TEXT_MAX];
};

static inline void emit(struct random_text *out, const char *text)
{
    const size_t size = strlen(text);
    if (out->size + size + 1 < sizeof out->text) {
        memcpy(out->text + out->size, text, size);
        out->size += size;
    }
    out->text[out->size] = '\0';
}

static inline void emit_one(struct random_text *out, const char *const *from, uint32_t count)
{
    emit(out, from[chance_next(out->chance, count)]);
}
#define EMIT_ONE(out, ...)                                                                                   \
    do {                                                                                                     \
        static const char *const choices_[] = {__VA_ARGS__};                                                 \
        emit_one(out, choices_, sizeof choices_ / sizeof choices_[0]);                                       \
    } while (0)

static inline void random_boolean(struct random_text *out, unsigned depth);

static inline void random_number_literal(struct random_text *out)
{
    EMIT_ONE(out, "0", "1", "-1", "2", "5", "0.5", "1.25", "-2.75", "3.001", "100", "3000000000", "1e0",
            "2.5e0", "-7", "99999999.99", "null");
}

static inline void random_number(struct random_text *out, unsigned depth)
{
    const uint32_t pick = chance_next(out->chance, depth == 0 ? 4 : 9);
    if (pick < 3) {
        EMIT_ONE(out, "i", "l", "d", "w", "x", "r", "f");
    } else if (pick == 3) {
        random_number_literal(out);
    } else if (pick < 7) {
        emit(out, "(");
        random_number(out, depth - 1);
        EMIT_ONE(out, " + ", " - ", " * ", " + ", " / ", " % ");
        random_number(out, depth - 1);
        emit(out, ")");
    } else if (pick == 7) {
        EMIT_ONE(out, "-(", "abs(", "floor(", "ceil(", "round(", "coalesce(1, ", "nullif(2, ");
        random_number(out, depth - 1);
        emit(out, ")");
    } else {
        emit(out, "case when ");
        random_boolean(out, depth - 1);
        emit(out, " then ");
        random_number(out, depth - 1);
        emit(out, " else ");
        random_number(out, depth - 1);
        emit(out, " end");
    }
}

static inline void random_string(struct random_text *out, unsigned depth)
{
    const uint32_t pick = chance_next(out->chance, depth == 0 ? 3 : 5);
    if (pick < 2) {
        emit(out, "s");
    } else if (pick == 2) {
        EMIT_ONE(out, "'a'", "'ab'", "''", "'b'", "'it''s'", "'abc'", "null");
    } else if (pick == 3) {
        EMIT_ONE(out, "upper(", "lower(", "trim(");
        random_string(out, depth - 1);
        emit(out, ")");
    } else {
        emit(out, "(");
        random_string(out, depth - 1);
        emit(out, " || ");
        random_string(out, depth - 1);
        emit(out, ")");
    }
}

static inline void random_moment(struct random_text *out, unsigned depth)
{
    const uint32_t pick = chance_next(out->chance, depth == 0 ? 4 : 5);
    if (pick < 3) {
        EMIT_ONE(out, "t", "ts", "t", "ts", "cast(t as timestamp)", "cast(ts as date)");
    } else if (pick == 3) {
        EMIT_ONE(out, "date '2000-01-02'", "timestamp '2000-01-02 12:00:00'", "date '1999-12-31'", "null");
    } else {
        emit(out, "(t");
        EMIT_ONE(out, " + interval '1' month)", " - interval '2' day)", " + interval '3' hour)");
    }
}

static inline void random_comparison(struct random_text *out, unsigned depth)
{
    const uint32_t kind = chance_next(out->chance, 10);
    void (*side)(struct random_text *, unsigned) = kind < 6 ? random_number
            : kind < 8                                      ? random_string
                                                            : random_moment;
    side(out, depth);
    if (chance_next(out->chance, 2) == 0) {
        EMIT_ONE(out, " < ", " <= ", " = ", " <> ", " >= ", " > ");
        side(out, 0);
    } else {
        EMIT_ONE(out, " between ", " not between ");
        side(out, 0);
        emit(out, " and ");
        side(out, 0);
    }
}

static inline void random_list(struct random_text *out)
{
    EMIT_ONE(out, "i in (1, 2, 5)", "i not in (1, null)", "d in (0.5, 1.25, 0.001)", "s in ('a', 'abc')",
            "l in (i, 5)", "t in ('2000-01-02', '1999-12-31')",
            "w in (1, 2, 3, 4, 5, 6, 7, 100000000000000000000)", "x in (0.5, 1e0)", "b in (true)",
            "i in (0.5)", "s not in ('a', 'b', '')", "r in (1, 7, 2000000)", "f in (0.5, 0.1)");
}

static inline void random_leaf(struct random_text *out, unsigned depth)
{
    switch (chance_next(out->chance, 8)) {
    case 0:
        random_list(out);
        break;
    case 1:
        EMIT_ONE(out, "s like 'a%'", "s like '%b'", "s like 'ab'", "s not like '%b%'", "s like 'a_'",
                "starts_with(s, 'a')", "s like 'a%b'", "s like 'ab\\%'", "s like '%'", "s like ''");
        break;
    case 2:
        EMIT_ONE(out, "i is null", "s is not null", "r is null", "x is null", "(i + 1) is null",
                "b is not null", "(i > 1) is null");
        break;
    case 3:
        EMIT_ONE(out, "b", "true", "false", "b = true", "b <> false", "year(t) = 2000", "year(ts) < 2000",
                "year(t) between 1999 and 2000", "cast(i as long) > 2", "x = cast('nan' as double)",
                "x < cast('nan' as double)", "i < 2.5", "2.5 <= d", "i = l", "l < r", "t <= ts");
        break;
    default:
        random_comparison(out, depth);
    }
}

static inline void random_boolean(struct random_text *out, unsigned depth)
{
    const uint32_t pick = chance_next(out->chance, 6);
    if (depth == 0 || pick < 2) {
        random_leaf(out, depth == 0 ? 0 : depth - 1);
        return;
    }
    if (pick == 2) {
        emit(out, "not (");
        random_boolean(out, depth - 1);
        emit(out, ")");
        return;
    }
    const char *word = chance_next(out->chance, 2) == 0 ? " and " : " or ";
    emit(out, "(");
    random_boolean(out, depth - 1);
    emit(out, word);
    random_boolean(out, depth - 1);
    if (pick == 5) {
        emit(out, word);
        random_boolean(out, depth - 1);
    }
    emit(out, ")");
}

/* One row of RANDOM_SCHEMA; `narrow` draws from few values, so that bounds prove something. */
static inline void random_row(struct chance *chance, bool narrow, char *row, size_t size)
{
    static const char *const ints[] = {"1", "2", "5", "null", "0", "-1", "7", "2147483647"};
    static const char *const longs[] = {
            "1", "5", "2", "null", "-20", "9223372036854775807", "0", "3000000000"};
    static const char *const decimals[] = {
            "0.50", "1.25", "1.00", "null", "-2.75", "9999999.99", "0.00", "5.00"};
    static const char *const wides[] = {
            "1.000", "2.500", "0.001", "null", "-100.000", "1000000000000000000000.125", "0.000", "7.000"};
    static const char *const reals[] = {"0.5", "1", "2.5", "null", "nan", "-0.0", "inf", "1e300"};
    static const char *const strings[] = {"a", "ab", "abc", "null", "", "b", "\xc3\xa9", "zz"};
    static const char *const booleans[] = {"true", "true", "true", "null", "false", "true", "false", "true"};
    static const char *const dates[] = {"2000-01-02", "2000-01-31", "1999-12-31", "null", "1970-01-01",
            "2024-02-29", "1969-12-31", "2000-02-01"};
    static const char *const stamps[] = {"2000-01-02T12:00:00", "2000-01-02", "1999-12-31T23:59:59", "null",
            "1970-01-01", "2024-02-29T01:02:03.5", "1969-12-31T23:59:59.999", "2000-01-02T00:00:00"};
    static const char *const floats[] = {"0.5", "1", "2.5", "null", "nan", "-1", "0", "1e30"};
    const uint32_t few = narrow ? 2 : 8;
    const char *required = ints[chance_next(chance, 3)];
    snprintf(row, size, "%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s", ints[chance_next(chance, few)],
            longs[chance_next(chance, few)], decimals[chance_next(chance, few)],
            wides[chance_next(chance, few)], reals[chance_next(chance, few)],
            strings[chance_next(chance, few)], booleans[chance_next(chance, few)],
            dates[chance_next(chance, few)], stamps[chance_next(chance, few)], required,
            floats[chance_next(chance, few)]);
}

#endif
