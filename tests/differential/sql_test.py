"""Random statements over Parquet files, held against DuckDB over the same files.

Rows are equal exactly (decimals as decimals, doubles to a few units in the last place where they are sums or averages),
with one thread and with several, pruned and, by predicates that hide the column, not pruned. Groups are compared as
multisets unless the statement orders them.
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
import pyarrow.parquet as pq

from joist_library import Joist, JoistError

ROWS = 6000
STATEMENTS = int(os.environ.get("JOIST_SQL_STATEMENTS", "600"))


def ask(joist, statement):
    batches = list(joist.query(statement))
    rows = []
    for batch in batches:
        batch.validate(full=True)
        columns = [column.to_pylist() for column in batch.columns]
        rows.extend(zip(*columns))
    return rows


def make_files(folder, seed):
    """Two files of three row groups each: sorted, clustered and random columns, nulls, odd values."""
    dice = random.Random(seed)
    words = ["", "oak", "ash", "elm", "pine", "birch", "Überwald", "a%b", "x" * 40]
    paths = []
    for part in range(2):
        base = part * ROWS

        def some(value, nulls):
            return None if dice.random() < nulls else value

        data = {
            "id": [base + row for row in range(ROWS)],
            "k": [some(dice.choice(words), 0.05) for _ in range(ROWS)],
            "g": [some(dice.randrange(0, 7), 0.02) for _ in range(ROWS)],
            "i": [some(dice.randrange(-1000, 1000), 0.1) for _ in range(ROWS)],
            "big": [some(dice.randrange(-2**40, 2**40), 0.1) for _ in range(ROWS)],
            "x": [some(dice.choice([dice.uniform(-10, 10), float(dice.randrange(-3, 3)), -0.0]), 0.1)
                  for _ in range(ROWS)],
            "price": [some(decimal.Decimal(dice.randrange(-10**7, 10**7)).scaleb(-2), 0.1) for _ in range(ROWS)],
            "wide": [some(decimal.Decimal(dice.randrange(-10**24, 10**24)).scaleb(-6), 0.1) for _ in range(ROWS)],
            "day": [some(datetime.date(2020, 1, 1) + datetime.timedelta(days=(base + row) // 20), 0.02)
                    for row in range(ROWS)],
            "ts": [some(datetime.datetime(2024, 1, 1) + datetime.timedelta(microseconds=dice.randrange(10**12)), 0.1)
                   for _ in range(ROWS)],
            "flag": [some(dice.random() < 0.3, 0.1) for _ in range(ROWS)],
        }
        schema = pa.schema([("id", pa.int64()), ("k", pa.string()), ("g", pa.int32()), ("i", pa.int16()),
                            ("big", pa.int64()), ("x", pa.float64()), ("price", pa.decimal128(9, 2)),
                            ("wide", pa.decimal128(30, 6)), ("day", pa.date32()), ("ts", pa.timestamp("us")),
                            ("flag", pa.bool_())])
        path = os.path.join(folder, f"part-{part}.parquet")
        pq.write_table(pa.table(data, schema=schema), path, row_group_size=ROWS // 3 + 7, compression="zstd",
                       use_dictionary=["k", "g"] if part == 0 else False, data_page_size=4096)
        paths.append(path)
    return paths


class Writer:
    """Writes statements that mean the same to both."""

    def __init__(self, dice):
        self.dice = dice

    def number(self):
        return self.dice.choice(["id", "g", "i", "big", "x", "price", "wide"])

    def literal(self, column):
        dice = self.dice
        return {
            "id": lambda: str(dice.randrange(-10, 2 * ROWS + 10)),
            "g": lambda: str(dice.randrange(-1, 8)),
            "i": lambda: str(dice.randrange(-1100, 1100)),
            "big": lambda: str(dice.randrange(-2**40, 2**40)),
            "x": lambda: f"{dice.uniform(-10, 10):.3f}e0",
            "price": lambda: f"{dice.uniform(-1e5, 1e5):.2f}",
            "wide": lambda: f"{dice.randrange(-10**18, 10**18)}.{dice.randrange(10**6):06d}",
            "day": lambda: f"date '{datetime.date(2020, 1, 1) + datetime.timedelta(days=dice.randrange(-5, 620))}'",
            "ts": lambda: "timestamp '" + str(
                datetime.datetime(2024, 1, 1) + datetime.timedelta(seconds=dice.randrange(10**6))) + "'",
            "k": lambda: "'" + dice.choice(["", "oak", "ash", "elm", "pine", "zebra", "Überwald"]) + "'",
        }[column]()

    def comparison(self):
        dice = self.dice
        column = dice.choice(["id", "g", "i", "big", "x", "price", "wide", "day", "ts", "k"])
        kind = dice.randrange(8)
        if kind == 0:
            return f"{column} is {'not ' if dice.random() < 0.5 else ''}null"
        if kind == 1:
            return f"{column} {'not ' if dice.random() < 0.3 else ''}between {self.literal(column)} and {self.literal(column)}"
        if kind == 2:
            values = ", ".join(self.literal(column) for _ in range(dice.randrange(1, 6)))
            return f"{column} {'not ' if dice.random() < 0.3 else ''}in ({values})"
        if kind == 3:
            return "k like " + dice.choice(["'%a%'", "'o_k'", "'%'", "'p%'", "'%h'", "''"])
        if kind == 4:
            return "flag" if dice.random() < 0.5 else "not flag"
        return f"{column} {dice.choice(['=', '<>', '<', '<=', '>', '>='])} {self.literal(column)}"

    def predicate(self, depth=0):
        roll = self.dice.random()
        if depth > 2 or roll < 0.5:
            return self.comparison()
        if roll < 0.7:
            return f"({self.predicate(depth + 1)} and {self.predicate(depth + 1)})"
        if roll < 0.9:
            return f"({self.predicate(depth + 1)} or {self.predicate(depth + 1)})"
        return f"not ({self.predicate(depth + 1)})"

    def scalar(self):
        dice = self.dice
        return dice.choice([
            lambda: self.number(),
            lambda: f"price * {dice.randrange(-9, 10)}",
            lambda: f"price + {self.literal('price')}",
            lambda: "id + i",
            lambda: "x * 2",
            lambda: "coalesce(g, -1)",
            lambda: "case when i > 0 then 1 when i < 0 then -1 else 0 end",
            lambda: "year(day)",
            lambda: "length(k)",
            lambda: "upper(k)",
            lambda: "abs(i)",
            lambda: "day",
            lambda: "k",
            lambda: "flag",
        ])()

    def aggregate(self):
        dice = self.dice
        return dice.choice([
            lambda: "count(*)",
            lambda: f"count({dice.choice(['k', 'g', 'x', 'price', 'day'])})",
            lambda: f"count(distinct {dice.choice(['k', 'g', 'i', 'x', 'price', 'day', 'flag'])})",
            lambda: f"sum({dice.choice(['g', 'i', 'id', 'price', 'wide', 'x'])})",
            lambda: f"avg({dice.choice(['g', 'i', 'id', 'price', 'x'])})",
            lambda: f"min({dice.choice(['k', 'g', 'x', 'price', 'wide', 'day', 'ts'])})",
            lambda: f"max({dice.choice(['k', 'g', 'x', 'price', 'wide', 'day', 'ts'])})",
            lambda: "sum(price * (1 - g))",
            lambda: f"sum(distinct {dice.choice(['g', 'i'])})",
        ])()

    def statement(self, source):
        dice = self.dice
        where = f" where {self.predicate()}" if dice.random() < 0.8 else ""
        shape = dice.randrange(6)
        if shape == 0:
            return f"select {', '.join(self.scalar() for _ in range(dice.randrange(1, 4)))} from {source}{where}", False
        if shape == 1:
            items = ", ".join(self.aggregate() for _ in range(dice.randrange(1, 5)))
            return f"select {items} from {source}{where}", False
        if shape == 2:
            keys = dice.sample(["k", "g", "flag", "year(day)", "i % 5", "length(k)"], dice.randrange(1, 4))
            items = ", ".join(keys + [self.aggregate() for _ in range(dice.randrange(0, 4))])
            having = f" having count(*) > {dice.randrange(1, 400)}" if dice.random() < 0.3 else ""
            return f"select {items} from {source}{where} group by {', '.join(keys)}{having}", False
        if shape == 3:
            order = dice.choice(["id", "id desc", "price desc, id", "x, id", "k desc nulls first, id", "day, id desc",
                                 "g, i desc, id", "wide nulls first, id", "ts desc, id"])
            tail = dice.choice(["", f" limit {dice.randrange(0, 50)}",
                                f" limit {dice.randrange(0, 50)} offset {dice.randrange(0, 3000)}"])
            return f"select id, {self.scalar()} from {source}{where} order by {order}{tail}", True
        if shape == 4:
            return f"select distinct {dice.choice(['k', 'g', 'k, g', 'flag, g', 'i % 3'])} from {source}{where}", False
        inner = f"select k, g, sum(i) as t, count(*) as n from {source}{where} group by k, g"
        return f"select max(t), min(n), count(*) from ({inner}) q where n > {dice.randrange(0, 100)}", False


def same_value(a, b):
    if isinstance(a, float) and isinstance(b, (float, decimal.Decimal, int)):
        b = float(b)
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-6)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b


def sort_key(row):
    def one(value):
        if value is None:
            return (0, "")
        if isinstance(value, bool):
            return (1, str(value))
        if isinstance(value, (int, float, decimal.Decimal)):
            return (2, round(float(value), 6) + 0.0)
        return (3, str(value))
    return [one(value) for value in row]


def compare(statement, ours, theirs, ordered):
    if not ordered:
        ours = sorted(ours, key=sort_key)
        theirs = sorted(theirs, key=sort_key)
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, DuckDB has {len(theirs)}"
    for number, (a, b) in enumerate(zip(ours, theirs)):
        if len(a) != len(b) or not all(same_value(x, y) for x, y in zip(a, b)):
            return f"row {number}: {a}, DuckDB has {b}"
    return None


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(2**32)))
    print(f"JOIST_SEED={seed}")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        make_files(folder, seed)
        source = f"'{folder}/part-*.parquet'"
        duck = duckdb.connect()
        duck.execute("set threads=1")
        ours = {threads: Joist(memory_bytes_max=256 << 20, threads=threads) for threads in (1, 3)}
        writer = Writer(random.Random(seed + 1))
        for number in range(STATEMENTS):
            statement, ordered = writer.statement(source)
            theirs = duck.execute(statement).fetchall()
            for threads, joist in ours.items():
                try:
                    problem = compare(statement, ask(joist, statement), theirs, ordered)
                except (JoistError, pa.ArrowException, OSError) as failure:
                    problem = str(failure)
                if problem is not None:
                    failures += 1
                    print(f"{statement}\n  with {threads} threads: {problem}")
        for joist in ours.values():
            joist.close()
    print(f"{STATEMENTS} statements, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
