"""Random CSV through `joist convert`, against Python's csv for the values and DuckDB for the types.

    csv_random_test.py                 the command at JOIST_COMMAND; JOIST_SEED chooses the files, JOIST_FILES how many

Each table is of one or more columns of a kind, some of which change their kind far behind the sample, and stands in one
file or in some. Every value comes back as Python reads its text, and no column has a type that says less than DuckDB's, which
looks at the whole of the files here.
"""
import csv
import datetime
import decimal
import io
import os
import random
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

JOIST = os.environ["JOIST_COMMAND"]
SEED = int(os.environ.get("JOIST_SEED", "20261121"))
FILES = int(os.environ.get("JOIST_FILES", "30"))


def text_of(dice):
    pieces = ["a", "bc", " ", ",", "\"", "\n", "\r\n", "é", "😀", "'", "\\", "x", ";"]
    return "t" + "".join(dice.choice(pieces) for _ in range(dice.randrange(0, 9)))


def date_of(dice):
    return datetime.date(1900, 1, 1) + datetime.timedelta(days=dice.randrange(80000))


KINDS = {
    "long": lambda dice: str(dice.choice([dice.randrange(-2**63, 2**63), dice.randrange(-99, 100), 0])),
    "double": lambda dice: dice.choice([repr(dice.uniform(-1e9, 1e9)), f"{dice.uniform(-1e6, 1e6):.2f}", "-0.0", "1e300"]),
    "fixed": lambda dice: f"{dice.randrange(-10**9, 10**9) / 100:.2f}",
    "date": lambda dice: date_of(dice).isoformat(),
    "time": lambda dice: f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}",
    "timestamp": lambda dice: f"{date_of(dice)} {dice.randrange(24):02}:{dice.randrange(60):02}:07.{dice.randrange(10**6):06}",
    "bool": lambda dice: dice.choice(["true", "false"]),
    "string": text_of,
    "code": lambda dice: f"{dice.randrange(10**5):05}",
}
LATE = {"long": ["double", "string", "code", "fixed"], "double": ["string"], "fixed": ["double", "string"],
        "date": ["timestamp", "string"], "time": ["string"], "timestamp": ["string"], "bool": ["string"]}
# A type says at least as much as those to the right of it.
RANKS = {"BIGINT": 3, "DOUBLE": 2, "DATE": 3, "TIME": 3, "TIMESTAMP": 2, "BOOLEAN": 3, "HUGEINT": 3, "VARCHAR": 0}


def rank_of(kind):
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return 0
    return 2 if pa.types.is_floating(kind) or pa.types.is_timestamp(kind) else 3


def make_rows(dice):
    rows = dice.choice([1, 7, 1000, 30000])
    columns = []
    for _ in range(dice.randrange(1, 7)):
        kind = dice.choice(list(KINDS))
        late = dice.choice(LATE[kind]) if kind in LATE and dice.random() < 0.3 else kind
        change = dice.randrange(rows + 1)
        nulls = dice.choice([0, 0.1, 0.9])
        columns.append(["" if dice.random() < nulls else KINDS[late if row >= change else kind](dice)
                        for row in range(rows)])
    return [list(row) for row in zip(*columns)]


def write(dice, path, rows, count):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=dice.choice(["\n", "\r\n"]))
    names = [f"c{i}" for i in range(count)]
    writer.writerow(names)
    writer.writerows(rows)
    text = out.getvalue()
    if len(names) == 1:  # Python writes an empty field alone as "", which is an empty string to us
        text = text.replace('""\n', "\n").replace('""\r\n', "\r\n") if '"""' not in text else text
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(dice.choice(["", "\ufeff"]) + text)


def value_of(text, kind):
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}[text]
    if pa.types.is_integer(kind):
        return int(text)
    if pa.types.is_floating(kind):
        return float(text)
    if pa.types.is_decimal(kind):
        value = decimal.Decimal(text).quantize(decimal.Decimal(1).scaleb(-kind.scale), context=decimal.Context(prec=40))
        return abs(value) if value == 0 else value  # a decimal has one zero
    if pa.types.is_date(kind):
        return datetime.date.fromisoformat(text)
    if pa.types.is_time(kind):
        return datetime.time.fromisoformat(text)
    if pa.types.is_timestamp(kind):
        return datetime.datetime.fromisoformat(text)
    return text


def check(number, paths, rows, table):
    columns = list(zip(*rows))
    for name, texts in zip(table.column_names, columns):
        column = table.column(name)
        got = column.to_pylist()
        wanted = [None if text == "" else value_of(text, column.type) for text in texts]
        if len(got) != len(wanted):
            sys.exit(f"file {number}, {name}: {len(got)} rows, {len(wanted)} wanted")
        for row, (a, b) in enumerate(zip(got, wanted)):
            if repr(a) != repr(b):
                sys.exit(f"file {number}, {name}, row {row}: {a!r}, wanted {b!r}")
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    sql = (f"describe select * from read_csv([{quoted}], sample_size=-1, delim=',', quote='\"', header=true, "
           "null_padding=false, files_to_sniff=-1)")
    for name, kind, *_ in duckdb.sql(sql).fetchall():
        theirs = RANKS.get(kind, 2)
        ours = table.schema.field(name).type
        texts = [text for text in columns[int(name[1:])] if text != ""]
        codes = any(len(text) > 1 and text.lstrip("-")[0] == "0" and text.lstrip("-")[1:2].isdigit() for text in texts)
        if kind == "BOOLEAN" and not {text.lower() for text in texts} <= {"true", "false"}:
            continue  # t, f, yes, no: text to us
        if texts and not codes and rank_of(ours) < theirs:
            sys.exit(f"file {number}, {name}: {ours}, and DuckDB's is {kind}")


def main():
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            out = os.path.join(folder, f"{number}.parquet")
            rows = make_rows(dice)
            if len(rows[0]) == 1 and any('"' in row[0] for row in rows):
                rows = [[row[0].replace('"', "'")] for row in rows]
            paths = []
            cuts = sorted(dice.randrange(len(rows) + 1) for _ in range(dice.choice([0, 0, 1, 3])))
            for begin, end in zip([0, *cuts], [*cuts, len(rows)]):
                paths.append(os.path.join(folder, f"{number}_{len(paths)}.csv"))
                write(dice, paths[-1], rows[begin:end], len(rows[0]))
            subprocess.run([JOIST, "convert", *paths, out, "--quiet", *dice.choice([[], ["--doubles"]])], check=True)
            check(number, paths, rows, pq.read_table(out))
    print(f"{FILES} files equal")


main()
