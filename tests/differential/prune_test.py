"""Statistics, page indexes, Bloom filters and dictionaries prune; a full scan says what is right.

Files of many types by pyarrow and DuckDB, with pages of a few rows, sorted, clustered and random columns, nulls, NaN,
both zeros, long strings that writers cut, and of structs in structs with nulls at every level. Each random predicate is asked twice of the same file: as it stands, and
inside of a case expression, which nothing is known of, so that every row is looked at. Rows are equal exactly, and
over all of them each kind of pruning has happened. Predicates that pyarrow understands are asked of it, too.
"""
import contextlib
import datetime
import decimal
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import uuid

import duckdb
import numpy
import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist, JoistError

ROWS = 3000
FILES = int(os.environ.get("JOIST_PRUNE_FILES", "4"))
PREDICATES = int(os.environ.get("JOIST_PRUNE_PREDICATES", "100"))
NAN = float("nan")
COMMAND = os.environ.get("JOIST_COMMAND") or os.path.join(os.getcwd(), "joist")


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


class Column:
    """A type: how to make a value from 0..1, and how to write it in a statement."""

    def __init__(self, arrow, make, text):
        self.arrow = arrow
        self.make = make
        self.text = text


def number(value):
    return str(value)


def quoted(value):
    return "'" + str(value).replace("'", "''") + "'"


def real(value):
    return repr(value) if value == value else "cast('nan' as double)"


def integers(low, high):
    return lambda share: low + int(share * (high - low))


def decimals(digits, scale):
    def make(share):
        top = 10**digits - 1
        return decimal.Decimal(int(share * 2 * top) - top).scaleb(-scale, decimal.Context(prec=60))
    return make


def words(share):
    return "%s%06d%s" % ("ä" * (int(share * 7) % 3), int(share * 4000), "x" * (int(share * 50) * 3))


DAY = datetime.date(1990, 1, 1)
MOMENT = datetime.datetime(1990, 1, 1)
COLUMNS = {
    "i8": Column(pa.int8(), integers(-128, 127), number),
    "i16": Column(pa.int16(), integers(-32768, 32767), number),
    "i32": Column(pa.int32(), integers(-2**31, 2**31 - 1), number),
    "i64": Column(pa.int64(), integers(-2**62, 2**62), number),
    "few": Column(pa.int64(), integers(0, 40), number),
    "u8": Column(pa.uint8(), integers(0, 255), number),
    "u16": Column(pa.uint16(), integers(0, 65535), number),
    "u32": Column(pa.uint32(), integers(0, 2**32 - 1), number),
    "f": Column(pa.float32(), lambda share: float32(share * 200 - 100), real),
    "x": Column(pa.float64(), lambda share: share * 2e6 - 1e6, real),
    "h": Column(pa.float16(), lambda share: float(numpy.float16(share * 200 - 100)), real),
    "d9": Column(pa.decimal128(9, 2), decimals(9, 2), number),
    "d18": Column(pa.decimal128(18, 4), decimals(18, 4), number),
    "d30": Column(pa.decimal128(30, 6), decimals(30, 6), number),
    "s": Column(pa.string(), words, quoted),
    "tag": Column(pa.string(), lambda share: "tag-%d" % int(share * 30), quoted),
    "day": Column(pa.date32(), lambda share: DAY + datetime.timedelta(int(share * 9000)), quoted),
    "ms": Column(pa.timestamp("ms"), lambda share: MOMENT + datetime.timedelta(milliseconds=int(share * 10**12)), quoted),
    "us": Column(pa.timestamp("us"), lambda share: MOMENT + datetime.timedelta(microseconds=int(share * 10**15)), quoted),
    "flag": Column(pa.bool_(), lambda share: share > 0.7, lambda value: "true" if value else "false"),
    "id": Column(pa.uuid(), lambda share: uuid.UUID(int=int(share * 2**128)), quoted),
}
# Of one struct column, and of a struct in it.
MEMBERS = {f"{place}.{name}": COLUMNS[name] for place, names in (("st", ("i32", "x", "h", "s", "flag", "day")),
                                                                 ("st.inner", ("few", "tag", "d18", "us")))
           for name in names}
PLACES = {**COLUMNS, **MEMBERS}


def make_values(dice, column, count):
    """Sorted, in runs, or anyhow; some nulls, a stretch of nothing else, odd reals."""
    shape = dice.choice(["rising", "falling", "clustered", "random", "few"])
    nulls = dice.choice([0, 0, 0.05, 0.6])
    pool = [dice.random() for _ in range(12)]
    hole = dice.randrange(count) if dice.random() < 0.3 else count
    values = []
    for row in range(count):
        share = {"rising": lambda: (row + dice.random()) / (count + 1), "falling": lambda: 1 - (row + 1) / (count + 1),
                 "clustered": lambda: min(0.999, (row // 100 * 100 / count + dice.random() * 0.05)),
                 "random": dice.random, "few": lambda: dice.choice(pool)}[shape]()
        value = column.make(share)
        if isinstance(value, float):
            odd = dice.random()
            value = NAN if odd < 0.02 else 0.0 if odd < 0.04 else -0.0 if odd < 0.06 else value
            if hole <= row < hole + 90:
                value = NAN
        elif hole <= row < hole + 160:
            value = None
        values.append(None if dice.random() < nulls else value)
    return values


def arrow_of(values, arrow):
    if arrow == pa.float16():
        values = [None if value is None else numpy.float16(value) for value in values]
    return pa.array(values, arrow)


def make_struct(dice, members, count):
    """Some rows null, by themselves and in a stretch; none where the dice say so."""
    share = dice.choice([0, 0.05, 0.5])
    hole = dice.randrange(count)
    mask = [dice.random() < share or (share > 0 and hole <= row < hole + 160) for row in range(count)]
    return pa.StructArray.from_arrays(list(members.values()), list(members), mask=pa.array(mask))


def make_table(dice):
    arrays = {"row": pa.array(range(ROWS), pa.int64())}
    for name, column in COLUMNS.items():
        arrays[name] = arrow_of(make_values(dice, column, ROWS), column.arrow)
    members = {name: arrow_of(make_values(dice, column, ROWS), column.arrow) for name, column in MEMBERS.items()}
    inner = {name[9:]: array for name, array in members.items() if name.startswith("st.inner.")}
    outer = {name[3:]: array for name, array in members.items() if not name.startswith("st.inner.")}
    arrays["st"] = make_struct(dice, {**outer, "inner": make_struct(dice, inner, ROWS)}, ROWS)
    return pa.table(arrays)


def without_halves(table):
    """The table as a writer that knows no float16 can have it."""
    def single(arrow):
        if pa.types.is_struct(arrow):
            return pa.struct([(field.name, single(field.type)) for field in arrow])
        return pa.float32() if arrow == pa.float16() else arrow
    return table.cast(pa.schema([(field.name, single(field.type)) for field in table.schema]))


def write_with_pyarrow(dice, table, path):
    blooms = {name: {"ndv": dice.choice([10, 1000, 50000]), "fpp": 0.01}
              for name in [*table.column_names, *MEMBERS]
              if name != "st" and not name.endswith("flag") and dice.random() < 0.6}
    pq.write_table(table, path, row_group_size=dice.choice([ROWS, 1000, 700]), write_page_index=dice.random() < 0.85,
                   max_rows_per_page=dice.choice([20, 100, 333]), data_page_version=dice.choice(["1.0", "2.0"]),
                   write_batch_size=dice.choice([10, 100]), bloom_filter_options=blooms,
                   compression=dice.choice(["none", "snappy", "zstd"]),
                   use_dictionary=dice.choice([True, False, ["s", "few", "tag", "x", "d30", "i32", "us"]]),
                   store_decimal_as_integer=dice.random() < 0.5, version="2.6")


def write_with_duckdb(dice, table, path):
    connection = duckdb.connect()
    connection.register("given", without_halves(table))
    version = dice.choice(["V1", "V2"])
    connection.execute(f"copy given to '{path}' (format parquet, row_group_size 2048, parquet_version {version}, "
                       f"bloom_filter_false_positive_ratio 0.01)")
    connection.close()


class Asker:
    """Predicates over the columns of a table, most literals its own values."""

    def __init__(self, dice, table):
        self.dice = dice
        self.pools = {}
        for name in PLACES:
            column = table[name.split(".")[0]].combine_chunks()
            for member in name.split(".")[1:]:
                column = column.field(member)
            self.pools[name] = [float(value) if name.endswith("h") else value for value in column.to_pylist() if value is not None]

    def literal(self, name):
        column = PLACES[name]
        if self.pools[name] and self.dice.random() < 0.6:
            value = self.dice.choice(self.pools[name])
        else:
            value = column.make(self.dice.random())
        if isinstance(value, float) and self.dice.random() < 0.2:
            value = self.dice.choice([0.0, -0.0, 0.1])
        if name in ("i8", "i16", "u8", "i32") and self.dice.random() < 0.1:
            value = self.dice.choice([300, -1, 2**40])
        return column.text(value)

    def simple(self):
        name = self.dice.choice(list(PLACES))
        kind = self.dice.randrange(10)
        if name.endswith("flag"):
            return self.dice.choice([name, f"not {name}", f"{name} is null", f"{name} = true", f"{name} <> true"])
        if kind < 3:
            return f"{name} = {self.literal(name)}"
        if kind < 6:
            return f"{name} {self.dice.choice(['<', '<=', '>', '>=', '<>'])} {self.literal(name)}"
        if kind == 6:
            return f"{name} in ({', '.join(self.literal(name) for _ in range(self.dice.randrange(1, 5)))})"
        if kind == 7:
            return f"{name} is {self.dice.choice(['', 'not '])}null"
        if kind == 8 and PLACES[name].text is quoted and PLACES[name].arrow == pa.string():
            front = self.literal(name)[1:self.dice.randrange(2, 7)].replace("'", "")
            return f"{name} like '{front}%'"
        return f"{name} between {self.literal(name)} and {self.literal(name)}"

    def predicate(self):
        parts = [self.simple() for _ in range(self.dice.choice([1, 1, 2, 2, 3]))]
        parts = [f"not ({part})" if self.dice.random() < 0.1 else part for part in parts]
        return self.dice.choice([" and ", " and ", " or "]).join(f"({part})" for part in parts)


def rows_of(joist, path, where):
    batches = joist.query(f"select row, s, few from '{path}' where {where}")
    return [row for batch in batches for row in zip(*[column.to_pylist() for column in batch.columns])]


def pruned_of(path, where, column="row"):
    """(row groups left, of, pages left, of) as --explain tells."""
    statement = f"select {column} from '{path}' where {where}"
    text = subprocess.run([COMMAND, "sql", "--explain", statement], check=True, capture_output=True, text=True).stdout
    found = []
    for what in ("row groups", "pages"):
        match = re.search(what + r" (\d+) of (\d+)", text)
        found.extend(int(part) for part in match.groups()) if match else found.extend([0, 0])
    return found


def ask_file(joist, dice, table, path, counts):
    asker = Asker(dice, table)
    for _ in range(PREDICATES):
        where = asker.predicate()
        try:
            whole = rows_of(joist, path, f"case when {where} then true else false end")
        except JoistError as error:
            # What cannot be said of a type is refused either way.
            counts["refused"] += 1
            try:
                rows_of(joist, path, where)
            except JoistError:
                continue
            raise AssertionError(f"{where}: only without pruning: {error}") from error
        got = rows_of(joist, path, where)
        assert got == whole, f"{path}: where {where}: {len(got)} rows, should be {len(whole)}"
        left, groups, pages_left, pages = pruned_of(path, where)
        assert whole == [] or left > 0, where
        counts["asked"] += 1
        counts["groups"] += groups - left
        counts["pages"] += pages - pages_left


def check_member_alone(writer):
    """Members of a struct that is null in the last rows of a file whose members are not: nulls above are nulls."""
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Joist()) as joist:
        path = os.path.join(folder, "members.parquet")
        struct_type = pa.struct([pa.field("a", pa.int64()), pa.field("in", pa.struct([("b", pa.string())]))])
        values = [{"a": row, "in": {"b": f"b{row:04}"} if row % 5 else None} if row < 1500 else None for row in range(2000)]
        writer(pa.table({"st": pa.array(values, struct_type)}), path)
        for where, pruned in [("st.a > 2500", True), ("st.a = 77", False), ("st.a is null", False), ("st.in.b is null", False),
                              ("st.in.b = 'c'", True), ("st.in.b > 'b1000'", False), ("st.in is null", False),
                              ("st.a is not null", False), ("not (st.a < 5000)", True), ("st.a < 0 or st.in.b < 'a'", True)]:
            hidden = f"case when {where} then true else false end"
            counts = [sum(batch.num_rows for batch in joist.query(f"select st from '{path}' where {text}")) for text in (where, hidden)]
            assert counts[0] == counts[1], (where, counts)
            left, groups = pruned_of(path, where, "st")[:2]
            assert (left == 0) == pruned, (where, left, groups)


def write_members_with_duckdb(table, path):
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute(f"copy given to '{path}' (format parquet)")
    connection.close()


def check_random_files(seed, counts):
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Joist()) as joist:
        for number_of_file in range(FILES):
            table = make_table(dice)
            path = os.path.join(folder, f"file-{number_of_file}.parquet")
            if number_of_file % 4 == 3:
                write_with_duckdb(dice, table, path)
            else:
                write_with_pyarrow(dice, table, path)
            ask_file(joist, dice, table, path, counts)
    assert counts["groups"] > 40 and counts["pages"] > 200, counts
    assert counts["refused"] * 10 < counts["asked"], counts


def check_bloom_alone():
    """No statistics, no dictionary, no index: what is pruned was pruned by the filter."""
    names = [name for name in COLUMNS if name not in ("flag", "few", "tag")]
    dice = random.Random(3)
    # Every other value is in the file, those between are asked for.
    table = pa.table({name: arrow_of(sorted({COLUMNS[name].make(step / 200) for step in range(0, 200, 2)}),
                                     COLUMNS[name].arrow).take(pa.array(range(50))) for name in names})
    pruned = {name: 0 for name in names}
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Joist()) as joist:
        path = os.path.join(folder, "bloom.parquet")
        pq.write_table(table, path, write_statistics=False, use_dictionary=False,
                       bloom_filter_options={name: {"ndv": 2000, "fpp": 0.001} for name in names},
                       store_decimal_as_integer=dice.random() < 0.5)
        for name in names:
            column = COLUMNS[name]
            for value in table[name].to_pylist():
                where = f"{name} = {column.text(float(value) if name == 'h' else value)}"
                assert sum(batch.num_rows for batch in joist.query(f"select {name} from '{path}' where {where}")) > 0, where
            for step in range(1, 60, 2):
                where = f"{name} = {column.text(column.make(step / 200))}"
                pruned[name] += pruned_of(path, where, name)[:2] == [0, 1]
    assert all(pruned[name] > 20 for name in names), pruned


def check_dictionary_alone():
    """The only thing known is what the dictionary holds."""
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Joist()) as joist:
        path = os.path.join(folder, "dictionary.parquet")
        values = {"few": [3 * (row % 10) for row in range(1000)], "tag": [f"tag-{row % 7}" for row in range(1000)],
                  "x": [[0.0, -0.0, NAN, 1.5][row % 4] for row in range(1000)],
                  "d30": [decimal.Decimal(row % 5).scaleb(-6) for row in range(1000)]}
        values["h"] = values["x"]
        table = pa.table({name: arrow_of(values[name], COLUMNS[name].arrow) for name in values})
        pq.write_table(table, path, write_statistics=False, use_dictionary=True)
        for name, where, pruned in [("few", "few = 4", 1), ("few", "few in (4, 5, 7)", 1), ("few", "few in (4, 6)", 0),
                                    ("few", "few = 27", 0), ("tag", "tag = 'tag-9'", 1), ("tag", "tag = 'tag-6'", 0),
                                    ("tag", "tag like 'tag-8'", 1), ("tag", "tag <> 'tag-6'", 0), ("x", "x = 0e0", 0),
                                    ("x", "x = -0e0", 0), ("x", "x = 2.5e0", 1), ("x", "x = cast('nan' as double)", 0),
                                    ("h", "h = 0e0", 0), ("h", "h = -0e0", 0), ("h", "h = 2.5e0", 1), ("h", "h in (1.5e0, 2.5e0)", 0),
                                    ("h", "h in (0.1e0, 2.5e0)", 0), ("h", "h <> 2.5e0", 0),
                                    ("h", "h = cast('nan' as double)", 0), ("d30", "d30 = 0.000004", 0), ("d30", "d30 = 0.000005", 1),
                                    ("few", "few = 4 or tag = 'tag-9'", 1), ("few", "few = 4 or tag = 'tag-1'", 0)]:
            assert pruned_of(path, where, name)[:2] == [1 - pruned, 1], where
            hidden = f"case when {where} then true else false end"
            counts = [sum(batch.num_rows for batch in joist.query(f"select {name} from '{path}' where {text}"))
                      for text in (where, hidden)]
            assert counts[0] == counts[1], (where, counts)


def main():
    seed = int(os.environ.get("JOIST_SEED", "20261121"))
    print(f"seed {seed}")
    counts = {"asked": 0, "refused": 0, "groups": 0, "pages": 0}
    check_dictionary_alone()
    check_bloom_alone()
    check_member_alone(lambda table, path: pq.write_table(table, path, write_page_index=True, max_rows_per_page=100,
                                                          write_batch_size=10))
    check_member_alone(write_members_with_duckdb)
    check_random_files(seed, counts)
    print(f"{counts['asked']} predicates ({counts['refused']} refused), {counts['groups']} row groups and "
          f"{counts['pages']} pages pruned: all rows as in a full scan")
    return 0


if __name__ == "__main__":
    sys.exit(main())
