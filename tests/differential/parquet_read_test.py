"""Our reading of files that pyarrow, DuckDB and Polars wrote against pyarrow's reading of them, value by value.

    parquet_read_test.py               the library at JOIST_LIBRARY; JOIST_SEED and JOIST_ROUNDS choose the cases

Random tables of every type, nested and flat, with and without nulls, in every codec and both kinds of page; whole,
by column, and by ranges of rows.
"""
import datetime
import decimal
import math
import os
import random
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist, JoistError

CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]


def scalar_makers(rng):
    """Types, and what makes a value of each."""
    big = 10**18
    return [
        (pa.bool_(), lambda: rng.random() < 0.5),
        (pa.int8(), lambda: rng.randint(-128, 127)),
        (pa.int16(), lambda: rng.randint(-(2**15), 2**15 - 1)),
        (pa.int32(), lambda: rng.randint(-(2**31), 2**31 - 1)),
        (pa.int64(), lambda: rng.choice([rng.randint(-(2**63), 2**63 - 1), rng.randint(0, 20)])),
        (pa.uint8(), lambda: rng.randint(0, 255)),
        (pa.uint16(), lambda: rng.randint(0, 2**16 - 1)),
        (pa.uint32(), lambda: rng.randint(0, 2**32 - 1)),
        (pa.uint64(), lambda: rng.randint(0, 2**64 - 1)),
        (pa.float32(), lambda: float(rng.randint(-1000, 1000)) / 8),
        (pa.float64(), lambda: rng.choice([rng.uniform(-1e9, 1e9), math.inf, -0.0, 1e-300])),
        (pa.decimal128(5, 2), lambda: decimal.Decimal(rng.randint(-99999, 99999)).scaleb(-2)),
        (pa.decimal128(18, 6), lambda: decimal.Decimal(rng.randint(-big + 1, big - 1)).scaleb(-6)),
        (pa.decimal128(38, 10), lambda: decimal.Decimal(rng.randint(-(10**37), 10**37)).scaleb(-10)),
        (pa.date32(), lambda: datetime.date.fromordinal(rng.randint(1, 3000000))),
        (pa.time32("ms"), lambda: datetime.time(rng.randint(0, 23), 5, 7, rng.randint(0, 999) * 1000)),
        (pa.time64("us"), lambda: datetime.time(rng.randint(0, 23), 59, 1, rng.randint(0, 999999))),
        (pa.timestamp("ms"), lambda: rng.randint(-(10**12), 10**12)),
        (pa.timestamp("us"), lambda: rng.randint(-(10**15), 10**15)),
        (pa.timestamp("us", "UTC"), lambda: rng.randint(-(10**15), 10**15)),
        (pa.timestamp("ns"), lambda: rng.randint(-(10**15), 10**15) * 1000),
        (pa.string(), lambda: rng.choice(["", "oak", "Eiche \u00e4", "\u6a2b" * rng.randint(0, 5), "x" * 200])),
        (pa.binary(), lambda: rng.randbytes(rng.randint(0, 20))),
        (pa.binary(7), lambda: rng.randbytes(7)),
        (pa.binary(16), lambda: rng.randbytes(16)),
    ]


def make_type(rng, makers, depth):
    """A type of at most this depth, and what makes a value of it; a null with the probability at hand."""
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return rng.choice(makers)
    if kind < 0.65:
        inner, make = make_type(rng, makers, depth - 1)
        inner_nulls = rng.choice([0, 0.3])
        field = pa.field("element", inner, nullable=inner_nulls > 0)
        return pa.list_(field), lambda: [
            None if rng.random() < inner_nulls else make() for _ in range(rng.choice([0, 0, 1, 2, 5]))
        ]
    if kind < 0.8:
        inner, make = make_type(rng, makers, depth - 1)
        return pa.map_(pa.string(), inner), lambda: [
            (f"k{index}", None if rng.random() < 0.2 else make()) for index in range(rng.choice([0, 1, 3]))
        ]
    parts = [make_type(rng, makers, depth - 1) for _ in range(rng.randint(1, 3))]
    fields = [pa.field(f"f{index}", part[0], nullable=rng.random() < 0.7) for index, part in enumerate(parts)]
    return pa.struct(fields), lambda: {
        field.name: None if field.nullable and rng.random() < 0.25 else part[1]()
        for field, part in zip(fields, parts)
    }


def make_column(rng, make, rows, nulls, distinct):
    pool = [make() for _ in range(distinct)] if distinct else None
    return [None if rng.random() < nulls else (rng.choice(pool) if pool else make()) for _ in range(rows)]


def make_table(rng, rows, depth, columns):
    makers = scalar_makers(rng)
    names, arrays, fields = [], [], []
    for index in range(columns):
        kind, make = make_type(rng, makers, depth)
        nulls = rng.choice([0, 0, 0.1, 0.9, 1])
        field = pa.field(f"c{index}", kind, nullable=nulls > 0 or rng.random() < 0.5)
        values = make_column(rng, make, rows, nulls, rng.choice([0, 3, 40]))
        names.append(field.name)
        fields.append(field)
        arrays.append(pa.array(values, kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def plain_rows(column):
    """Python values that compare: NaN as text, timestamps as integers."""
    return repr(column.to_pylist())


def storage(array):
    """Integers under timestamps and times, so that no value is out of Python's range."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        return array.cast(pa.int64())
    return array


def compare(got, wanted, what):
    if got.num_rows != wanted.num_rows:
        raise AssertionError(f"{what}: {got.num_rows} rows, should be {wanted.num_rows}")
    for name in wanted.column_names:
        ours = pa.chunked_array([storage(chunk) for chunk in got[name].chunks] or [pa.array([])])
        theirs = pa.chunked_array([storage(chunk) for chunk in wanted[name].chunks] or [pa.array([])])
        if plain_rows(ours) != plain_rows(theirs):
            for row, (a, b) in enumerate(zip(ours.to_pylist(), theirs.to_pylist())):
                if repr(a) != repr(b):
                    raise AssertionError(
                        f"{what}: column {name} ({wanted[name].type}) row {row}: {a!r}, should be {b!r}"
                    )
            raise AssertionError(f"{what}: column {name}")


def check_file(joist, path, rng, what, wanted=None):
    wanted = pq.read_table(path) if wanted is None else wanted
    got = joist.read_parquet(path)
    got.validate(full=True)
    compare(got, wanted, what)
    names = wanted.column_names
    some = rng.sample(names, rng.randint(1, len(names)))
    compare(joist.read_parquet(path, columns=some), wanted.select(some), f"{what}, columns {some}")
    for _ in range(4):
        start = rng.randint(0, wanted.num_rows)
        count = rng.randint(1, max(wanted.num_rows, 1))
        part = joist.read_parquet(path, row_start=start, row_count=count)
        compare(part, wanted.slice(start, count), f"{what}, rows {start}+{count}")


def check_pyarrow(joist, folder, rng, round_number):
    rows = rng.choice([0, 1, 7, 100, 1000, 3000])
    table = make_table(rng, rows, rng.choice([0, 0, 1, 2, 4]), rng.randint(1, 5))
    path = os.path.join(folder, "pyarrow.parquet")
    options = {
        "compression": rng.choice(CODECS),
        "data_page_version": rng.choice(["1.0", "2.0"]),
        "use_dictionary": rng.random() < 0.6,
        "data_page_size": rng.choice([100, 2000, 1 << 20]),
        "write_batch_size": rng.choice([5, 64, 1024]),
        "row_group_size": rng.choice([50, 700, 1 << 20]),
        "write_page_index": rng.random() < 0.5,
        "write_page_checksum": rng.random() < 0.5,
        "store_schema": rng.random() < 0.5,
        "dictionary_pagesize_limit": rng.choice([64, 1000, 1 << 20]),
        "store_decimal_as_integer": rng.random() < 0.5,
        "use_compliant_nested_type": rng.random() < 0.7,
    }
    pq.write_table(table, path, **options)
    check_file(joist, path, rng, f"round {round_number}, pyarrow {options}, {table.schema}", table)


def check_int96(joist, folder, rng):
    path = os.path.join(folder, "int96.parquet")
    values = [rng.randint(-(10**18), 10**18) for _ in range(200)] + [None]
    table = pa.table({"t": pa.array(values, pa.timestamp("ns"))})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    check_file(joist, path, rng, "INT96")


def check_duckdb(joist, folder, rng):
    import duckdb

    path = os.path.join(folder, "duckdb.parquet")
    for codec in ["uncompressed", "snappy", "zstd", "gzip", "brotli", "lz4_raw"]:
        duckdb.sql(
            f"""copy (select i, i % 7 as small, case when i % 5 = 0 then null else 'v' || (i % 40) end as text,
            i / 8.0 as real, (i * 1.25)::decimal(15, 2) as money, date '2020-01-01' + (i % 900)::int as day,
            i % 3 = 0 as flag, [i, null, i + 1] as list, {{'a': i, 'b': [['x', null], []]}} as nested,
            map {{'k': i}} as dictionary, uuid() as id, (i * 1000000007)::hugeint % 10 as h, null::int as nothing
            from range(5000) t(i)) to '{path}' (format parquet, compression {codec}, row_group_size 2048)"""
        )
        check_file(joist, path, rng, f"DuckDB {codec}")


def check_polars(joist, folder, rng):
    import polars

    path = os.path.join(folder, "polars.parquet")
    rows = 3000
    frame = polars.DataFrame(
        {
            "i": [index if index % 9 else None for index in range(rows)],
            "s": [f"s{index % 50}" if index % 4 else None for index in range(rows)],
            "l": [[index] * (index % 4) if index % 6 else None for index in range(rows)],
            "f": [index / 3 for index in range(rows)],
            "b": [index % 3 == 0 for index in range(rows)],
            "c": polars.Series([f"c{index % 5}" for index in range(rows)], dtype=polars.Categorical),
            "st": [{"x": index, "y": f"{index}"} for index in range(rows)],
        }
    )
    for codec in ["uncompressed", "snappy", "zstd", "gzip", "brotli", "lz4"]:
        frame.write_parquet(path, compression=codec, row_group_size=1000, data_page_size=3000)
        check_file(joist, path, rng, f"Polars {codec}")


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(2**32)))
    rounds = int(os.environ.get("JOIST_ROUNDS", "60"))
    print(f"JOIST_SEED={seed}")
    rng = random.Random(seed)
    joist = Joist()
    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(rounds):
            check_pyarrow(joist, folder, rng, round_number)
        check_int96(joist, folder, rng)
        check_duckdb(joist, folder, rng)
        check_polars(joist, folder, rng)
        try:
            joist.read_parquet(os.path.join(folder, "nothing.parquet"))
            raise AssertionError("a file that is not there was read")
        except JoistError as error:
            assert error.status == "NOT_FOUND", error
    joist.close()
    print(f"{rounds} tables of pyarrow's, and DuckDB's and Polars's, read the same")


if __name__ == "__main__":
    main()
