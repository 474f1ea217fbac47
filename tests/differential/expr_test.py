"""Random expressions over one Parquet file, held against DuckDB over the same file.

What is decided differently is left out of the dice: float columns in arithmetic (ours is double), upper of letters
beyond ASCII, division (a zero is an error here, null there). Where either side raises an error, the
expression is skipped; most must not be.
"""
import datetime
import decimal
import math
import os
import random
import sys
import tempfile

import duckdb
import pyarrow as pa

from joist_library import Joist, JoistError

EXPRESSIONS = int(os.environ.get("JOIST_EXPRESSIONS", "700"))
SEED = 20261121

COLUMNS = ("n int, i int, l bigint, d decimal(9, 2), w decimal(25, 3), x double, s varchar, b boolean, t date, "
           "ts timestamp")
VALUES = {
    "i": ["1", "2", "5", None, "0", "-1", "7", "2147483647"],
    "l": ["1", "5", "2", None, "-20", "9223372036854775807", "0", "3000000000"],
    "d": ["0.50", "1.25", "1.00", None, "-2.75", "9999999.99", "0.00", "5.00"],
    "w": ["1.000", "2.500", "0.001", None, "-100.000", "1000000000000000000000.125", "0.000", "7.000"],
    "x": ["0.5", "1", "2.5", None, "nan", "-0.0", "inf", "1e300"],
    "s": ["a", "ab", "abc", None, "", "b", "é", "zz"],
    "b": ["true", "true", "true", None, "false", "true", "false", "true"],
    "t": ["2000-01-02", "2000-01-31", "1999-12-31", None, "1970-01-01", "2024-02-29", "1969-12-31", "2000-02-01"],
    "ts": ["2000-01-02 12:00:00", "2000-01-02", "1999-12-31 23:59:59", None, "1970-01-01",
           "2024-02-29 01:02:03.5", "1969-12-31 23:59:59.999", "2000-01-02 00:00:01"],
}
NUMBERS = ["0", "1", "-1", "2", "5", "0.5", "1.25", "-2.75", "3.001", "100", "3000000000", "1e0", "-7", "null"]
LEAVES = ["i in (1, 2, 5)", "i not in (1, null)", "d in (0.5, 1.25, 0.001)", "s in ('a', 'abc')", "l in (i, 5)",
          "t in (date '2000-01-02', date '1999-12-31')", "w in (1, 2, 3, 4, 5, 6, 7)", "x in (0.5, 1e0)", "b",
          "s not in ('a', 'b', '')", "s like 'a%'", "s like '%b'", "s not like '%b%'", "s like 'a_'", "s like '_'",
          "i is null", "s is not null", "(d + 1) is null", "(i > 1) is null", "b = true", "b <> false",
          "year(t) = 2000", "extract(month from ts) < 7", "x < cast('nan' as double)", "i < 2.5", "2.5 <= d",
          "t <= ts", "length(s) > 1", "substr(s, 2, 1) = 'b'", "cast(i as double) < x", "cast(d as varchar) > '1'",
          "date_trunc('month', t) = date '2000-01-01'", "t - interval '1' month < date '2000-01-01'"]


class Dice(random.Random):
    def number(self, depth):
        pick = self.randrange(4 if depth == 0 else 9)
        if pick < 3:
            return self.choice(["i", "l", "d", "w", "x"])
        if pick == 3:
            return self.choice(NUMBERS)
        if pick < 7:
            return f"({self.number(depth - 1)}{self.choice([' + ', ' - ', ' * '])}{self.number(depth - 1)})"
        if pick == 7:
            return f"{self.choice(['-(', 'abs(', 'floor(', 'ceil(', 'coalesce(1, '])}{self.number(depth - 1)})"
        return f"case when {self.boolean(depth - 1)} then {self.number(depth - 1)} else {self.number(depth - 1)} end"

    def moment(self, depth):
        return self.choice(["t", "ts", "cast(t as timestamp)", "cast(ts as date)", "date '2000-01-02'",
                            "timestamp '2000-01-02 12:00:00'"])

    def string(self, depth):
        if depth == 0:
            return self.choice(["s", "s", "'a'", "'ab'", "''", "'it''s'"])
        return self.choice(["lower({})", "trim({})", "({} || 'b')"]).format(self.string(depth - 1))

    def boolean(self, depth):
        pick = self.randrange(6)
        if depth == 0 or pick < 3:
            if self.random() < 0.4:
                return self.choice(LEAVES)
            side = self.choice([self.number, self.number, self.string, self.moment])
            left, right, other = side(max(depth - 1, 0)), side(0), side(0)
            if self.random() < 0.6:
                return f"{left}{self.choice([' < ', ' <= ', ' = ', ' <> ', ' >= ', ' > '])}{right}"
            return f"{left}{self.choice([' between ', ' not between '])}{right} and {other}"
        if pick == 3:
            return f"not ({self.boolean(depth - 1)})"
        return f"({self.boolean(depth - 1)}{self.choice([' and ', ' or '])}{self.boolean(depth - 1)})"


def ask(joist, statement):
    try:
        return joist.query(statement).read_all().column(0).to_pylist(), None
    except (JoistError, pa.ArrowException, OSError) as problem:
        return None, str(problem)


def number_of(value):
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        return float(value)
    return None


def same(ours, theirs):
    a, b = number_of(ours), number_of(theirs)
    if a is not None and b is not None:
        exact = not isinstance(ours, float) and not isinstance(theirs, float)
        close = math.isnan(a) and math.isnan(b) or a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))
        return ours == theirs if exact else close
    if isinstance(ours, datetime.datetime) != isinstance(theirs, datetime.datetime):
        return str(ours)[:10] == str(theirs)[:10]
    return ours == theirs


def main():
    dice = Dice(SEED)
    joist = Joist(memory_bytes_max=256 << 20)
    duck = duckdb.connect()
    duck.execute(f"create table q({COLUMNS})")
    kinds = [part.strip().split(" ", 1)[1] for part in COLUMNS.replace("(9, 2)", "(9;2)").replace("(25, 3)", "(25;3)")
             .split(",")]
    casts = ", ".join(f"cast(? as {kind.replace(';', ',')})" for kind in kinds)
    for n in range(24):
        few = 3 if n < 8 else 8
        duck.execute(f"insert into q values ({casts})",
                     [str(n)] + [dice.choice(values[:few]) for values in VALUES.values()])
    checked, skipped, wrong = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "q.parquet")
        duck.execute(f"copy (select * from q order by n) to '{path}' (format parquet)")
        for round_ in range(EXPRESSIONS):
            text = dice.number(3) if round_ % 3 == 0 else dice.boolean(3)
            filtered = round_ % 3 == 1
            clause = f"select n from {{}} where {text} order by n" if filtered else f"select {text} from {{}}"
            try:
                theirs = [row[0] for row in duck.execute(clause.format("q")).fetchall()]
            except duckdb.Error:
                skipped += 1
                continue
            ours, problem = ask(joist, clause.format(f"'{path}'"))
            if problem is not None:
                known = "overflow" in problem or "does not fit" in problem or "more than 38" in problem
                skipped += 1
                if not known:
                    wrong += 1
                    print(f"{text}\n    {problem}")
                continue
            checked += 1
            if len(ours) != len(theirs) or not all(same(a, b) for a, b in zip(ours, theirs)):
                wrong += 1
                print(f"{text}\n    ours   {ours}\n    theirs {theirs}")
    joist.close()
    print(f"expr: {checked} expressions equal DuckDB's but {wrong}, {skipped} skipped")
    return 1 if wrong or checked < EXPRESSIONS * 0.6 else 0


if __name__ == "__main__":
    sys.exit(main())
