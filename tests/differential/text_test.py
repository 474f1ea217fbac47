"""CSV and NDJSON against Python's own csv and json, and against pyarrow.

Random rows are written by Python and read by joist_csv_open and joist_ndjson_open: every value comes back. The
same rows are written by joist_csv_write and joist_ndjson_write, and read by Python and pyarrow. Nothing but the
library is loaded, by ctypes.
"""
import csv
import ctypes
import datetime
import decimal
import json
import os
import random
import sys
import tempfile

import pyarrow.csv
import pyarrow.json

from joist_library import Joist, TextOptions, lent

SEED = 20261121
ROWS = 20000


def options_of(types=(), **given):
    array = (ctypes.c_char_p * len(types))(*[text.encode() for text in types])
    return TextOptions(struct_size=ctypes.sizeof(TextOptions), types=array, type_count=len(types), **given)


def read(joist, form, path, options):
    source = joist.open_source(path)
    return joist.rows(f"joist_{form}_open", joist.ctx, source, ctypes.byref(options)).read_all()


def write(joist, form, table, path):
    sink = joist.open_sink(path)
    with lent(table.to_reader()) as stream:
        joist.call(f"joist_{form}_write", joist.ctx, ctypes.byref(stream), sink, None)
    joist.call("joist_sink_commit", ctypes.byref(sink))


def same(what, wanted, got):
    if wanted != got:
        for i, (a, b) in enumerate(zip(wanted, got)):
            if a != b:
                sys.exit(f"{what}: row {i}: wanted {a!r}, got {b!r}")
        sys.exit(f"{what}: {len(wanted)} rows wanted, {len(got)} got")
    print(f"{what}: {len(got)} equal")


def random_text(dice):
    pieces = ["a", "bc", " ", ",", "\"", "\n", "\r\n", "é", "😀", "'", "\\", "0", "null", "\t", ";"]
    return "".join(dice.choice(pieces) for _ in range(dice.randrange(0, 9)))


def random_row(dice):
    row = {
        "n": dice.randrange(-2**63, 2**63),
        "p": decimal.Decimal(dice.randrange(-10**14, 10**14)).scaleb(-2),
        "x": dice.choice([dice.random(), dice.uniform(-1e300, 1e300), 5e-324, 0.1]),
        "b": dice.random() < 0.5,
        "d": datetime.date(1, 1, 1) + datetime.timedelta(days=dice.randrange(3652059)),
        "t": datetime.datetime(1, 1, 1) + datetime.timedelta(microseconds=dice.randrange(3 * 10**17)),
        "s": random_text(dice),
    }
    return {name: None if dice.random() < 0.1 else value for name, value in row.items()}


TYPES = ["n=long", "p=decimal(18,2)", "x=double", "b=boolean", "d=date", "t=timestamp", "s=string"]


def text_of(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def write_csv(path, rows, line_end):
    """As csv.writer does it, but for strings, which are always in quotes: an empty one is not null."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(",".join(rows[0]) + line_end)
        for row in rows:
            fields = ['"' + v.replace('"', '""') + '"' if isinstance(v, str) else text_of(v) for v in row.values()]
            file.write(",".join(fields) + line_end)


def check_csv(joist, folder, rows):
    path = os.path.join(folder, "rows.csv")
    for line_end in ("\n", "\r\n"):
        write_csv(path, rows, line_end)
        table = read(joist, "csv", path, options_of(TYPES))
        same(f"csv read, lines end in {line_end!r}", rows, table.to_pylist())
    again = os.path.join(folder, "again.csv")
    write(joist, "csv", table, again)
    same("csv written and read", rows, read(joist, "csv", again, options_of(TYPES)).to_pylist())
    convert = pyarrow.csv.ConvertOptions(column_types=table.schema, strings_can_be_null=True,
                                         quoted_strings_can_be_null=False, null_values=[""])
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    theirs = pyarrow.csv.read_csv(again, convert_options=convert, parse_options=parse)
    same("csv written, read by pyarrow", rows, theirs.to_pylist())
    with open(again, newline="", encoding="utf-8") as file:
        texts = [row["s"] for row in csv.DictReader(file)]
    same("csv written, read by Python", [row["s"] or "" for row in rows], texts)


def nested_row(dice, row):
    row = {name: text_of(v) if isinstance(v, (datetime.date, datetime.datetime)) else v for name, v in row.items()}
    row["p"] = None if row["p"] is None else float(row["p"])
    row["l"] = dice.choice([None, [], [dice.randrange(9), None], [1, 2, 3]])
    row["o"] = dice.choice([None, {"k": random_text(dice), "m": [{"z": 1.5}]}, {"k": None, "m": None}])
    return row


def check_ndjson(joist, folder, rows, dice):
    path = os.path.join(folder, "rows.ndjson")
    nested = [nested_row(dice, row) for row in rows]
    with open(path, "w", encoding="utf-8") as file:
        for row in nested:
            members = [(name, value) for name, value in row.items() if value is not None or dice.random() < 0.5]
            dice.shuffle(members)
            file.write(json.dumps(dict(members), ensure_ascii=dice.random() < 0.5) + "\n")
    wanted = ["d=string", "t=string"]
    table = read(joist, "ndjson", path, options_of(wanted)).select(list(nested[0]))
    same("ndjson read", nested, table.to_pylist())
    again = os.path.join(folder, "again.ndjson")
    write(joist, "ndjson", table, again)
    with open(again, encoding="utf-8") as file:
        same("ndjson written, read by Python", nested, [json.loads(line) for line in file])
    theirs = pyarrow.json.read_json(again, parse_options=pyarrow.json.ParseOptions(explicit_schema=table.schema))
    same("ndjson written, read by pyarrow", nested, theirs.to_pylist())


def random_shape(dice, depth):
    """What makes a value, and what makes of it the value that comes back: every member of its type, in its order."""
    style = dice.random()
    if depth == 0 or style < 0.6:
        make = dice.choice([
            lambda: dice.choice([0, -7, 12345678, 123456789012345678, 2**63 - 1, -2**63]),
            lambda: dice.choice([0.5, -0.0, 1e300, 651.593, 2.0**-1074, 123456789.125, 1e22]),
            lambda: dice.choice(["", "x", "a text of more than sixteen bytes", random_text(dice) + "."]),
            lambda: dice.random() < 0.5])
        return make, lambda value: value
    if style < 0.8:
        make, back = random_shape(dice, depth - 1)
        return (lambda: [None if dice.random() < 0.2 else make() for _ in range(dice.choice([0, 1, 3]))],
                lambda value: None if value is None else [back(one) for one in value])
    members = {f"m{i} {random_text(dice)}": random_shape(dice, depth - 1) for i in range(dice.randint(1, 3))}
    order = []

    def make_object():
        made = [(name, member[0]()) for name, member in members.items()
                if dice.random() < 0.9 or name not in order]
        if dice.random() < 0.2:
            dice.shuffle(made)
        order.extend(name for name, _ in made if name not in order)
        return dict(made)

    def back_object(value):
        return None if value is None else {
            name: members[name][1](value.get(name)) for name in order}
    return make_object, back_object


def check_shapes(joist, folder, dice):
    """Types that nobody tells: nested ones, their members in any order and sometimes missing, blanks here and there."""
    path, rows = os.path.join(folder, "shapes.ndjson"), 0
    for _ in range(60):
        shapes = {name: random_shape(dice, 3) for name in ("a", "b", "c \"d\" \\")}
        made = [{name: shape[0]() for name, shape in shapes.items()} for _ in range(dice.choice([1, 5, 200]))]
        wide = dice.choice([(",", ":"), (", ", ": "), (" ,\t", "  :  ")])
        with open(path, "w", encoding="utf-8") as file:
            for row in made:
                members = [(name, row[name]) for name in row if row is made[0] or dice.random() < 0.95]
                file.write(json.dumps(dict(members), ensure_ascii=dice.random() < 0.5, separators=wide) + "\n")
                for name in set(row) - {name for name, _ in members}:
                    row[name] = None
        wanted = [{name: shapes[name][1](row[name]) for name in row} for row in made]
        got = read(joist, "ndjson", path, options_of()).to_pylist()
        for i, (one, other) in enumerate(zip(wanted, got)):
            if repr(one) != repr(other):
                sys.exit(f"ndjson shapes: row {i}: wanted {one!r}, got {other!r}")
        assert len(wanted) == len(got)
        rows += len(got)
    print(f"ndjson shapes: {rows} equal")


def main():
    dice = random.Random(SEED)
    print(f"seed {SEED}")
    rows = [random_row(dice) for _ in range(ROWS)]
    joist = Joist(memory_bytes_max=40 << 20, threads=2)
    with tempfile.TemporaryDirectory() as folder:
        check_csv(joist, folder, rows)
        check_ndjson(joist, folder, rows, dice)
        check_shapes(joist, folder, dice)
    joist.close()


main()
