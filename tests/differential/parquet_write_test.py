"""parquet_write_test.py - every file that we write is read back equal by pyarrow, DuckDB and Polars.

Random schemas (types x nesting x nulls), codecs, page and group sizes. pyarrow also checks page checksums and what
the footer says; DataFusion filters through statistics and page index, and must count what a full scan counts.
JOIST_SEED and JOIST_ROUNDS choose the cases; both are printed.
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
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joist_library import CODECS, COMPATS, Joist, JoistError

try:
    import polars_rows
except ImportError:
    polars_rows = None
try:
    import datafusion
except ImportError:
    datafusion = None

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
TEXTS = ["", "a", "oak", "Ångström", "日本語", "x" * 70, "é" * 40, "😀" * 20, "line\nbreak", "\x7f" * 65]


def integer_maker(bits, signed):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return lambda rng, few: rng.randint(0, 9) if few else rng.choice((low, high, rng.randint(low, high)))


def real(rng, few):
    if few:
        return rng.choice((0.0, -0.0, 1.5, math.nan))
    return rng.choice((0.0, -0.0, math.nan, math.inf, -math.inf, float(rng.randint(-9, 9)), rng.randint(-999, 999) / 8))


def text(rng, few):
    return rng.choice(TEXTS[:4]) if few else rng.choice(TEXTS) + str(rng.randint(0, 10**6))


def moment(rng, few):
    return EPOCH + datetime.timedelta(days=rng.randint(-20000, 20000), seconds=0 if few else rng.randint(0, 86399))


def decimal_maker(precision, scale):
    def make(rng, few):
        unscaled = rng.randint(0, 9) if few else rng.randint(-(10**precision) + 1, 10**precision - 1)
        return decimal.Decimal(unscaled).scaleb(-scale, decimal.Context(prec=60))
    return make


SCALARS = [
    (pa.bool_(), lambda rng, few: rng.random() < 0.5),
    (pa.int8(), integer_maker(8, True)), (pa.int16(), integer_maker(16, True)),
    (pa.int32(), integer_maker(32, True)), (pa.int64(), integer_maker(64, True)),
    (pa.uint8(), integer_maker(8, False)), (pa.uint16(), integer_maker(16, False)),
    (pa.uint32(), integer_maker(32, False)), (pa.uint64(), integer_maker(64, False)),
    (pa.float32(), real), (pa.float64(), real),
    (pa.decimal128(4, 1), decimal_maker(4, 1)), (pa.decimal128(9, 2), decimal_maker(9, 2)),
    (pa.decimal128(15, 2), decimal_maker(15, 2)), (pa.decimal128(18, 0), decimal_maker(18, 0)),
    (pa.decimal128(22, 4), decimal_maker(22, 4)), (pa.decimal128(38, 10), decimal_maker(38, 10)),
    (pa.date32(), lambda rng, few: moment(rng, few).date()),
    (pa.time32("s"), lambda rng, few: moment(rng, few).time()),
    (pa.time32("ms"), lambda rng, few: moment(rng, few).time()),
    (pa.time64("us"), lambda rng, few: moment(rng, few).time()),
    (pa.timestamp("s"), moment), (pa.timestamp("ms"), moment), (pa.timestamp("us"), moment),
    (pa.timestamp("us", tz="UTC"), lambda rng, few: moment(rng, few).replace(tzinfo=UTC)),
    (pa.timestamp("ns"), moment),
    (pa.string(), text), (pa.large_string(), text),
    (pa.binary(), lambda rng, few: rng.randbytes(rng.choice((0, 1, 5, 80)) if not few else 1)),
    (pa.binary(7), lambda rng, few: bytes(7) if few else rng.randbytes(7)),
    (pa.dictionary(pa.int32(), pa.string()), lambda rng, few: rng.choice(TEXTS)),
]


def random_type(rng, depth):
    """A type and what makes its values."""
    shape = rng.random()
    if depth == 0 or shape < 0.6:
        kind, make = rng.choice(SCALARS if depth == 3 else [s for s in SCALARS if not pa.types.is_dictionary(s[0])])
        few = rng.random() < 0.5
        return kind, lambda rng: make(rng, few)
    if shape < 0.75:
        child, make = random_type(rng, depth - 1)
        field = pa.field("element", child, nullable=rng.random() < 0.7)
        return pa.list_(field), lambda rng: [maybe(rng, field, make) for _ in range(rng.choice((0, 1, 2, 5)))]
    if shape < 0.9:
        parts = [random_type(rng, depth - 1) for _ in range(rng.randint(1, 3))]
        fields = [pa.field(f"f{i}", part[0], nullable=rng.random() < 0.7) for i, part in enumerate(parts)]
        return pa.struct(fields), lambda rng: {
            field.name: maybe(rng, field, part[1]) for field, part in zip(fields, parts)}
    child, make = random_type(rng, depth - 1)
    field = pa.field("value", child, nullable=rng.random() < 0.7)
    return pa.map_(pa.field("key", pa.string(), nullable=False), field), lambda rng: [
        (f"k{i}", maybe(rng, field, make)) for i in range(rng.choice((0, 1, 3)))]


def maybe(rng, field, make):
    return None if field.nullable and rng.random() < 0.2 else make(rng)


def random_table(rng, rows):
    fields, columns = [], []
    for i in range(rng.randint(1, 6)):
        kind, make = random_type(rng, 3)
        field = pa.field(f"c{i}", kind, nullable=rng.random() < 0.7)
        fields.append(field)
        columns.append(pa.array([maybe(rng, field, make) for _ in range(rows)], kind))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def plain(value):
    """One form for the same value, whoever read it."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else (value, math.copysign(1, value))
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, dict):
        if set(value) == {"key", "value"}:
            return plain(value["key"]), plain(value["value"])
        return {name: plain(child) for name, child in value.items()}
    if isinstance(value, (list, tuple)):
        made = [plain(child) for child in value]
        return tuple(made) if isinstance(value, tuple) else made
    if isinstance(value, decimal.Decimal):
        return decimal.Decimal(value).normalize(decimal.Context(prec=60))
    return value


def rows_of(table):
    return {name: [plain(value) for value in table.column(name).to_pylist()] for name in table.schema.names}


def compare(who, wanted, table):
    found = rows_of(table)
    assert list(found) == list(wanted), f"{who}: columns {list(found)}"
    for name, values in wanted.items():
        assert len(found[name]) == len(values), f"{who}: {name} has {len(found[name])} rows, not {len(values)}"
        for row, (ours, theirs) in enumerate(zip(values, found[name])):
            assert ours == theirs, f"{who}: {name}[{row}] is {theirs!r}, not {ours!r}"


def with_duckdb(path):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection.sql(f"select * from '{path}'").to_arrow_table()


def bounds_of(array):
    """Least and greatest as the footer must have them, or None where it has none."""
    values = [value for value in array.to_pylist() if value is not None and value == value]
    if not values:
        return None
    return min(values), max(values)


def check_bounds(name, statistics, column):
    wanted = bounds_of(column)
    if wanted is None:
        assert not statistics.has_min_max, f"{name}: bounds out of nothing"
        return
    if isinstance(wanted[0], (str, bytes)):
        as_bytes = (lambda value: value.encode()) if isinstance(wanted[0], str) else bytes
        values = [as_bytes(value) for value in column.drop_null().to_pylist()]
        low, high = min(values), max(values)
        found_low, found_high = as_bytes(statistics.min), as_bytes(statistics.max)
        assert found_low <= low and found_high >= high, f"{name}: {found_low} .. {found_high}"
        assert len(low) > 64 or found_low == low, f"{name}: minimum {found_low}, not {low}"
        assert len(high) > 64 or found_high == high, f"{name}: maximum {found_high}, not {high}"
        return
    low, high = plain(statistics.min), plain(statistics.max)
    if wanted[0] == 0 and isinstance(wanted[0], float):
        low = plain(wanted[0])
    if wanted[1] == 0 and isinstance(wanted[1], float):
        high = plain(wanted[1])
    assert (low, high) == (plain(wanted[0]), plain(wanted[1])), f"{name}: {low} .. {high}, not {wanted}"


def check_footer(path, table, options):
    metadata = pq.ParquetFile(path).metadata
    assert metadata.num_rows == table.num_rows
    assert metadata.created_by.startswith("joist version ")
    start = 0
    flat = [i for i, field in enumerate(table.schema) if not pa.types.is_nested(field.type)]
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        assert row_group.num_rows <= options.get("row_group_rows_max", 1 << 20)
        leaves = {row_group.column(i).path_in_schema: row_group.column(i) for i in range(row_group.num_columns)}
        for chunk in leaves.values():
            assert chunk.has_offset_index or options.get("no_page_index")
        for i in flat:
            field = table.schema.field(i)
            chunk = leaves[field.name]
            column = table.column(i).slice(start, row_group.num_rows).combine_chunks()
            if pa.types.is_dictionary(field.type):
                column = column.dictionary_decode()
            if options.get("no_statistics"):
                assert not chunk.is_stats_set
                continue
            assert chunk.statistics.null_count == column.null_count, field.name
            check_bounds(field.name, chunk.statistics, column)
        start += row_group.num_rows
    assert start == table.num_rows


def random_case(joist, rng, folder, number):
    rows = rng.choice((0, 1, 7, 100, 1500, 5000))
    table = random_table(rng, rows)
    options = {
        "codec": rng.choice(list(CODECS)),
        "page_rows_max": rng.choice((0, 1, 10, 1000)) if rows <= 1500 else rng.choice((0, 700)),
        "page_bytes_max": rng.choice((0, 100, 5000)) if rows <= 1500 else 0,
        "row_group_rows_max": rng.choice((0, 333)) if rows >= 1500 else rng.choice((0, 5)),
        "no_dictionary": rng.random() < 0.2,
        "no_crc": rng.random() < 0.1,
        "no_page_index": rng.random() < 0.1,
        "compat": COMPATS[rng.choice(("v1", "wide", "wide", "new"))],
    }
    path = os.path.join(folder, f"{number}.parquet")
    batches = table.to_batches(max_chunksize=rng.choice((1, 64, 997)) if 0 < rows <= 100 else 997)
    as_arrays = rng.random() < 0.3
    label = f"case {number}: {table.schema.to_string()} {options} rows {rows}"
    try:
        joist.write_parquet(path, table.schema, batches, as_arrays=as_arrays,
                            **{k: v for k, v in options.items() if v})
        wanted = rows_of(table)
        compare("pyarrow", wanted, pq.ParquetFile(path, page_checksum_verification=True).read())
        if options["compat"] != COMPATS["new"]:
            compare("DuckDB", wanted, with_duckdb(path))
        if polars_rows is not None and options["compat"] != COMPATS["new"]:
            found = polars_rows.read(path, use_statistics=False)
            if found is not None:
                compare("Polars", wanted, found)
        check_footer(path, table, {k: v for k, v in options.items() if v})
    except Exception:
        print(label, file=sys.stderr)
        raise
    os.remove(path)


def check_filters(joist, rng, folder):
    """Pages and groups left out by their facts hold no row that counts."""
    rows = 20000
    table = pa.table({
        "up": pa.array(range(rows), pa.int64()),
        "down": pa.array([None if i % 1000 < 300 else rows - i for i in range(rows)], pa.int32()),
        "real": pa.array([math.nan if i % 3 == 0 else i / 7 for i in range(rows)], pa.float64()),
        "text": pa.array([f"{i // 50:06d}" + "x" * (i % 80) for i in range(rows)]),
        "price": pa.array([decimal.Decimal(rng.randint(-10**6, 10**6)).scaleb(-2) for _ in range(rows)],
                          pa.decimal128(22, 2)),
    })
    path = os.path.join(folder, "filters.parquet")
    joist.write_parquet(path, table.schema, table.to_batches(max_chunksize=997), page_rows_max=500,
                        row_group_rows_max=6000)
    questions = ["up between 700 and 1204", "up = 5999", "up > 19998", "down < 100", "down is null and up < 350",
                 "real < 7", "text = '000100xxx'", "text > '000399'", "price > 9999.5", "price < -9990"]
    shown = datafusion.SessionContext() if datafusion else None
    if shown is not None:
        shown.register_parquet("filtered", path, parquet_pruning=True)
        shown.from_arrow(table, name="whole")
    connection = duckdb.connect()
    connection.register("whole", table)
    for question in questions:
        wanted = connection.sql(f"select count(*) from whole where {question}").fetchall()[0][0]
        found = connection.sql(f"select count(*) from '{path}' where {question}").fetchall()[0][0]
        assert found == wanted, f"DuckDB: {question}: {found}, not {wanted}"
        if shown is not None:
            counts = [shown.sql(f"select count(*) as n from {name} where {question}").to_pydict()["n"][0]
                      for name in ("filtered", "whole")]
            assert counts[0] == counts[1], f"DataFusion: {question}: {counts}"


def check_exact_nanoseconds(joist, folder):
    table = pa.table({
        "t": pa.array([1, 86399999999999, None], pa.time64("ns")),
        "s": pa.array([1, -(2**63), 2**63 - 1], pa.timestamp("ns", tz="UTC")),
        "h": pa.array([1, 2, None], pa.int16()).cast(pa.float16()),
        "n": pa.nulls(3),
    })
    path = os.path.join(folder, "exact.parquet")
    joist.write_parquet(path, table.schema, table.to_batches())
    found = pq.ParquetFile(path, page_checksum_verification=True).read()
    for name in ("t", "s"):
        assert found.column(name).cast(pa.int64()).equals(table.column(name).cast(pa.int64())), name
    assert found.column("h").equals(table.column("h"))
    assert found.column("n").null_count == 3


def check_details(joist, folder):
    """Field ids, key-values, dictionaries that stop to pay, refusals that leave no file."""
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False, metadata={"PARQUET:field_id": "41"})])
    path = os.path.join(folder, "details.parquet")
    batch = pa.record_batch([pa.array(range(300000), pa.int64())], schema=schema)
    joist.write_parquet(path, schema, [batch], key_values=[("k", "v"), ("empty", "")])
    file = pq.ParquetFile(path)
    assert file.schema_arrow.field("id").metadata[b"PARQUET:field_id"] == b"41"
    assert file.metadata.metadata[b"k"] == b"v" and file.metadata.metadata[b"empty"] == b""
    assert "RLE_DICTIONARY" not in file.metadata.row_group(0).column(0).encodings

    few = pa.array(["n", "y"] * 100000)
    joist.write_parquet(path, pa.schema([("s", pa.string())]), [pa.record_batch([few], names=["s"])])
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert "RLE_DICTIONARY" in chunk.encodings and chunk.total_compressed_size < 2000

    os.remove(path)
    broken = pa.record_batch([pa.array([1, None], pa.int64())], schema=schema)
    try:
        joist.write_parquet(path, schema, [broken])
        raise AssertionError("a null in a required column was taken")
    except JoistError as error:
        assert "id" in str(error), error
    assert not os.path.exists(path)


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(10**6)))
    rounds = int(os.environ.get("JOIST_ROUNDS", "60"))
    print(f"JOIST_SEED={seed} JOIST_ROUNDS={rounds}")
    with tempfile.TemporaryDirectory() as folder:
        for threads in (1, 2):
            joist = Joist(memory_bytes_max=256 << 20, threads=threads)
            rng = random.Random(seed + threads)
            check_details(joist, folder)
            check_exact_nanoseconds(joist, folder)
            check_filters(joist, rng, folder)
            for number in range(rounds // 2):
                random_case(joist, rng, folder, number)
            joist.close()
    print("equal everywhere")


if __name__ == "__main__":
    main()
