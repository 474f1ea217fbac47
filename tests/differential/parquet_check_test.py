"""joist check over files that pyarrow, DuckDB and Polars wrote, and joist inspect against pyarrow's reading of the footer.

    parquet_check_test.py              the command at JOIST_COMMAND; JOIST_SEED chooses the values

Every file is clean: what other writers are known to get wrong would stand in EXPECTED with its reason.
"""
import decimal
import json
import os
import random
import subprocess
import tempfile

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 3000
# File name -> the codes of its findings, and why they are right.
EXPECTED = {}


def holes(rng, values, share=0.1):
    return [None if rng.random() < share else value for value in values]


def columns(rng):
    """A column of every type, with the values that statistics trip over: NaN, both zeros, long text."""
    def some(make, share=0.1):
        return holes(rng, [make() for _ in range(ROWS)], share)

    wide = decimal.Context(prec=76)
    ints = rng.randint
    return {
        "b": pa.array(some(lambda: rng.random() < 0.5)),
        "i8": pa.array(some(lambda: ints(-128, 127)), pa.int8()),
        "u8": pa.array(some(lambda: ints(0, 255)), pa.uint8()),
        "i16": pa.array(some(lambda: ints(-30000, 30000)), pa.int16()),
        "u16": pa.array(some(lambda: ints(0, 65535)), pa.uint16()),
        "i32": pa.array(range(ROWS), pa.int32()),
        "u32": pa.array(some(lambda: ints(0, 2**32 - 1)), pa.uint32()),
        "i64": pa.array(some(lambda: ints(-(2**63), 2**63 - 1)), pa.int64()),
        "u64": pa.array(some(lambda: ints(0, 2**64 - 1)), pa.uint64()),
        "f16": pa.array(some(lambda: rng.uniform(-10, 10)), pa.float16()),
        "f32": pa.array(some(lambda: rng.choice([rng.uniform(-10, 10), float("nan")])), pa.float32()),
        "f64": pa.array(some(lambda: rng.choice([0.0, -0.0, 1.5, float("inf"), float("nan")])), pa.float64()),
        "s": pa.array(some(lambda: "x" * ints(0, 200) + str(ints(0, 9999)))),
        "few": pa.array(some(lambda: rng.choice(["a", "b\u00e9", "c" * 90]))),
        "y": pa.array(some(lambda: rng.randbytes(ints(0, 30)))),
        "fixed": pa.array(some(lambda: rng.randbytes(7)), pa.binary(7)),
        "d9": pa.array(some(lambda: decimal.Decimal(ints(-(10**9) + 1, 10**9 - 1)).scaleb(-2)), pa.decimal128(9, 2)),
        "d25": pa.array(some(lambda: decimal.Decimal(ints(-(10**24), 10**24)).scaleb(-4)), pa.decimal128(25, 4)),
        "d60": pa.array(some(lambda: wide.scaleb(decimal.Decimal(ints(-(10**55), 10**55)), -4)),
                        pa.decimal256(60, 4)),
        "day": pa.array(some(lambda: ints(-10000, 30000)), pa.int32()).cast(pa.date32()),
        "tm": pa.array(some(lambda: ints(0, 86399999)), pa.int32()).cast(pa.time32("ms")),
        "tu": pa.array(some(lambda: ints(0, 86399999999)), pa.int64()).cast(pa.time64("us")),
        "ts": pa.array(some(lambda: ints(-(10**15), 10**15)), pa.int64()).cast(pa.timestamp("us", "UTC")),
        "tn": pa.array(some(lambda: ints(-(10**15), 10**15)), pa.int64()).cast(pa.timestamp("ns")),
        "l": pa.array(some(lambda: holes(rng, [ints(0, 5) for _ in range(ints(0, 6))])), pa.list_(pa.int32())),
        "ll": pa.array(some(lambda: [holes(rng, ["k"] * ints(0, 3)) for _ in range(ints(0, 3))]),
                       pa.list_(pa.list_(pa.string()))),
        "st": pa.array(some(lambda: {"x": ints(0, 9), "y": rng.choice(["y", None])}),
                       pa.struct([("x", pa.int64()), ("y", pa.string())])),
        "m": pa.array(some(lambda: [(f"k{j}", rng.random()) for j in range(ints(0, 4))]),
                      pa.map_(pa.string(), pa.float64())),
        "none": pa.nulls(ROWS),
        "nulls": pa.array([None] * ROWS, pa.int32()),
        "nans": pa.array([float("nan")] * ROWS, pa.float64()),
    }


def write_pyarrow(table, folder):
    """Versions, pages, codecs, encodings, an order, Bloom filters, INT96; none of the rows."""
    for version in ("1.0", "2.6"):
        for pages in ("1.0", "2.0"):
            for codec in ("none", "snappy", "zstd", "gzip", "lz4", "brotli"):
                if version == "2.6" or codec == "snappy":
                    pq.write_table(table if version == "2.6" else table.drop_columns(["tn"]),
                                   f"{folder}/pyarrow_{version}_{pages}_{codec}.parquet", version=version,
                                   data_page_version=pages, compression=codec, data_page_size=4096,
                                   row_group_size=1000, write_page_index=True, write_page_checksum=True,
                                   store_decimal_as_integer=pages == "2.0")
    pq.write_table(table, f"{folder}/pyarrow_plain.parquet", use_dictionary=False, data_page_size=2000,
                   write_page_index=True)
    pq.write_table(table.drop_columns(["tn"]), f"{folder}/pyarrow_int96.parquet", write_page_index=True,
                   use_deprecated_int96_timestamps=True)
    encodings = {"i32": "DELTA_BINARY_PACKED", "i64": "DELTA_BINARY_PACKED", "s": "DELTA_BYTE_ARRAY",
                 "few": "DELTA_LENGTH_BYTE_ARRAY", "f64": "BYTE_STREAM_SPLIT", "fixed": "BYTE_STREAM_SPLIT"}
    pq.write_table(table.select(list(encodings)), f"{folder}/pyarrow_encodings.parquet", use_dictionary=False,
                   column_encoding=encodings, write_page_index=True, data_page_size=3000)
    filtered = ["i32", "i64", "s", "few", "f64", "y", "fixed", "d25"]
    pq.write_table(table.select(filtered), f"{folder}/pyarrow_bloom.parquet",
                   bloom_filter_options={name: True for name in filtered})
    ordered = table.select(["i8", "d9", "s"]).sort_by([("i8", "ascending"), ("d9", "descending")])
    pq.write_table(ordered, f"{folder}/pyarrow_sorted.parquet",
                   sorting_columns=[pq.SortingColumn(0), pq.SortingColumn(1, descending=True)])
    pq.write_table(table.slice(0, 0), f"{folder}/pyarrow_empty.parquet")


def write_others(table, folder):
    connection = duckdb.connect()
    connection.register("t", table.drop_columns(["f16", "d60", "none"]))
    extra = ("*, i32::varchar::json as js, gen_random_uuid() as u, interval (i32) days as iv, i32::hugeint as h, "
             "(i32 % 5)::utinyint as e")
    for version in ("V1", "V2"):
        for codec in ("snappy", "zstd"):
            connection.execute(f"copy (select {extra} from t) to '{folder}/duckdb_{version}_{codec}.parquet' "
                               f"(format parquet, parquet_version {version}, compression {codec}, row_group_size 2048)")
    frame = pl.from_arrow(table.drop_columns(["f16", "d60", "m", "fixed", "none", "d25"]))
    for codec in ("snappy", "zstd", "uncompressed"):
        frame.write_parquet(f"{folder}/polars_{codec}.parquet", statistics="full", row_group_size=1000,
                            data_page_size=4096, compression=codec)


def joist(*arguments):
    return subprocess.run([os.environ["JOIST_COMMAND"], *arguments], capture_output=True, text=True)


def check_clean(path):
    name = os.path.basename(path)
    done = joist("check", path, "--json")
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    codes = sorted({finding["code"] for finding in findings})
    assert codes == EXPECTED.get(name, []), f"{name}: {done.stdout[:2000]}{done.stderr}"
    assert done.returncode == (1 if codes else 0), f"{name}: {done.returncode} {done.stderr}"


def compare_chunk(name, ours, theirs):
    wanted = {
        "path": theirs.path_in_schema,
        "physical": theirs.physical_type,
        "values": theirs.num_values,
        "compressed_bytes": theirs.total_compressed_size,
        "uncompressed_bytes": theirs.total_uncompressed_size,
        "data_page_offset": theirs.data_page_offset,
        "has_offset_index": theirs.has_offset_index,
        "has_column_index": theirs.has_column_index,
    }
    for key, value in wanted.items():
        assert ours[key] == value, (name, theirs.path_in_schema, key, ours[key], value)
    assert set(ours["encodings"]) == set(theirs.encodings), (name, ours["encodings"], theirs.encodings)
    if theirs.statistics is not None and theirs.statistics.has_null_count:
        assert ours["statistics"]["null_count"] == theirs.statistics.null_count, (name, theirs.path_in_schema)
    pages = [page for page in ours["pages"] if page["type"].startswith("DATA")]
    assert sum(page["values"] for page in pages) == theirs.num_values, (name, theirs.path_in_schema)
    stored = sum(page["header_bytes"] + page["compressed_bytes"] for page in ours["pages"])
    assert stored == theirs.total_compressed_size, (name, theirs.path_in_schema, stored)
    assert all(page["crc"] in ("ok", "absent") for page in ours["pages"]), (name, theirs.path_in_schema)
    if theirs.has_offset_index:
        assert [page["offset"] for page in pages] == [entry["offset"] for entry in ours["offset_index"]], name


def compare_inspection(path):
    name = os.path.basename(path)
    done = joist("inspect", path, "--pages", "--json")
    assert done.returncode == 0, f"{name}: {done.stderr}"
    ours = json.loads(done.stdout)
    theirs = pq.ParquetFile(path).metadata
    assert (ours["rows"], len(ours["row_groups"])) == (theirs.num_rows, theirs.num_row_groups), name
    assert ours["created_by"] == theirs.created_by, name
    for group, members in enumerate(ours["row_groups"]):
        assert members["rows"] == theirs.row_group(group).num_rows, name
        for column, chunk in enumerate(members["columns"]):
            compare_chunk(name, chunk, theirs.row_group(group).column(column))
    for arguments in (["inspect", path], ["inspect", path, "--pages"]):
        lines = joist(*arguments).stdout.splitlines()
        assert max(len(line) for line in lines[1:]) <= 120, (name, max(lines[1:], key=len))


def main():
    seed = int(os.environ.get("JOIST_SEED", random.SystemRandom().randrange(2**32)))
    print(f"JOIST_SEED={seed}")
    table = pa.table(columns(random.Random(seed)))
    with tempfile.TemporaryDirectory() as folder:
        write_pyarrow(table, folder)
        write_others(table, folder)
        paths = sorted(entry.path for entry in os.scandir(folder))
        for path in paths:
            check_clean(path)
            compare_inspection(path)
    print(f"{len(paths)} files passed")


if __name__ == "__main__":
    main()
