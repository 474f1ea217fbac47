"""write_encodings_test.py - every type in every encoding that it can have, read back equal by pyarrow and by us.

Pages of many sizes, nulls, nesting, pages v1 and v2. Then values of many shapes, whose encoding is chosen: pyarrow,
DuckDB and Polars read what is written for them. `joist check` finds nothing in any of the files.
JOIST_SEED chooses the values; it is printed.
"""

import decimal
import os
import random
import subprocess
import sys
import tempfile
import uuid

import duckdb
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from joist_library import COMPATS, Joist

INTEGERS = ("PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT")
REALS = ("PLAIN", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT", "ALP")
BYTES = ("PLAIN", "RLE_DICTIONARY", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY")
FIXED = ("PLAIN", "RLE_DICTIONARY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT")
SHIFTS = (0, 3, 8, 17, 31, 40, 63)


def signed(value, bits):
    return (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


def integers(rng, count, bits):
    """Stretches whose differences need from no bit to all of them, and wrap."""
    values, value = [], 0
    while len(values) < count:
        shift = rng.choice(SHIFTS)
        for _ in range(rng.choice((1, 31, 32, 33, 128, 500))):
            value = signed(value + rng.randint(-(1 << shift), 1 << shift), bits)
            values.append(value)
    return values[:count]


def text(rng):
    return rng.choice(("", "a", "https://example.org/")) + "é" * rng.randint(0, 3) + str(rng.randint(0, 10 ** rng.randint(1, 9)))


def real(rng):
    return rng.choice((0.0, -0.0, float("inf"), rng.randint(-10**6, 10**6) / 100, rng.randint(0, 999) / 8, rng.random()))


def columns(rng, count):
    """name -> (array, encodings)"""
    halves = pa.array([rng.randint(-2048, 2048) / 4 for _ in range(count)], pa.float32()).cast(pa.float16())
    return {
        "bool": (pa.array([rng.random() < 0.1 for _ in range(count)]), ("PLAIN", "RLE")),
        "int8": (pa.array(integers(rng, count, 8), pa.int8()), INTEGERS),
        "int32": (pa.array(integers(rng, count, 32), pa.int32()), INTEGERS),
        "uint32": (pa.array([v % 2**32 for v in integers(rng, count, 32)], pa.uint32()), INTEGERS),
        "int64": (pa.array(integers(rng, count, 64), pa.int64()), INTEGERS),
        "time": (pa.array([v % 2**50 for v in integers(rng, count, 64)], pa.timestamp("us")), INTEGERS),
        "float": (pa.array([real(rng) for _ in range(count)], pa.float32()), REALS),
        "double": (pa.array([real(rng) for _ in range(count)], pa.float64()), REALS),
        "text": (pa.array([text(rng) for _ in range(count)]), BYTES),
        "bytes": (pa.array([rng.randbytes(rng.randint(0, 40)) for _ in range(count)], pa.binary()), BYTES),
        "fixed": (pa.array([rng.randbytes(7) for _ in range(count)], pa.binary(7)), FIXED),
        "half": (halves, FIXED),
        "wide": (pa.array([decimal.Decimal(rng.randint(-10**30, 10**30)) for _ in range(count)], pa.decimal128(38, 0)), FIXED),
    }


def with_nulls(rng, array):
    return pc.if_else(pa.array([rng.random() < 0.8 for _ in range(len(array))]), array, pa.nulls(len(array), array.type))


def nested(rng, array):
    """Lists of the values, some of them null or empty."""
    offsets, at = [], 0
    while at < len(array):
        offsets.append(at)
        at += rng.choice((0, 1, 1, 2, 5))
    return pa.ListArray.from_arrays(pa.array(offsets + [len(array)], pa.int32()), array)


def check(path):
    found = subprocess.run([os.environ["JOIST_COMMAND"], "check", path], capture_output=True, text=True)
    assert found.returncode == 0, f"{path}: {found.stdout}{found.stderr}"


def equal(array, other):
    array, other = array.combine_chunks(), other.combine_chunks()
    if pa.types.is_list(array.type):
        return array.to_pylist() == other.to_pylist()
    return array.cast(other.type).equals(other)


def check_asked(joist, rng, folder):
    count = 0
    for name, (array, encodings) in columns(rng, 3000).items():
        for encoding in encodings:
            for shape in (lambda a: a, lambda a: with_nulls(rng, a), lambda a: nested(rng, a)):
                shaped = shape(array)
                if isinstance(shaped, pa.ChunkedArray):
                    shaped = shaped.combine_chunks()
                table = pa.table({"c": shaped})
                path = os.path.join(folder, "asked.parquet")
                options = {"compat": COMPATS["new"], "page_rows_max": rng.choice((0, 1, 129, 1000)), "codec": rng.choice(("none", "zstd"))}
                joist.write_parquet(path, table.schema, table.to_batches(max_chunksize=700), encodings={"c": encoding},
                                    **options)
                label = f"{name} as {encoding}, {shaped.type}, {options}"
                chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
                wanted = "UNKNOWN" if encoding == "ALP" else encoding  # pyarrow has no name for it yet
                assert wanted in chunk.encodings, f"{label}: {chunk.encodings}"
                assert equal(table["c"], joist.read_parquet(path)["c"]), f"{label}: joist"
                if encoding != "ALP":
                    found = pq.ParquetFile(path, page_checksum_verification=True).read()["c"]
                    assert equal(table["c"], found), f"{label}: pyarrow"
                check(path)
                count += 1
    print(f"{count} files of encodings asked for")


def shapes(rng, count):
    words = [f"word-{i}" for i in range(40)]
    ordered = sorted(rng.randint(0, 2**40) for _ in range(count))
    return {
        "sorted": pa.array(ordered, pa.int64()),
        "random": pa.array([rng.getrandbits(63) for _ in range(count)], pa.int64()),
        "noise": pa.array([rng.getrandbits(64) - 2**63 for _ in range(count)], pa.int64()),
        "cents": pa.array([rng.randint(0, 10**5) / 100 for _ in range(count)]),
        "real": pa.array([rng.random() for _ in range(count)]),
        "uuid": pa.array([str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(count)]),
        "url": pa.array([f"https://example.org/{rng.choice(words)}/{rng.randint(0, 10**6)}?q={i}" for i, _ in enumerate(ordered)]),
        "word": pa.array([rng.choice(words) for _ in range(count)]),
        "time": pa.array([1_700_000_000_000_000 + i * 1_000_000 + rng.randint(0, 999) for i in range(count)], pa.timestamp("us")),
        "drift": pa.array([rng.randint(0, 9) for _ in range(count // 2)] + ordered[count // 2:], pa.int64()),
        "bool": pa.array([i % 1000 < 900 for i in range(count)]),
        "day": pa.array([rng.randint(0, 2500) for _ in range(count)], pa.int32()).cast(pa.date32()),
    }


def check_codecs(metadata, codec, compat):
    """What no codec shrinks stands without one; pages v2 say so one by one."""
    for i in range(metadata.num_columns):
        chunk = metadata.row_group(0).column(i)
        name, is_bare = chunk.path_in_schema, chunk.compression == "UNCOMPRESSED"
        label = (name, compat, codec, chunk.compression)
        assert is_bare or chunk.compression == codec.upper(), label
        assert is_bare or chunk.total_compressed_size <= chunk.total_uncompressed_size, label
        assert not is_bare or chunk.total_compressed_size == chunk.total_uncompressed_size, label
        if codec == "none" or (compat != "new" and name == "noise"):
            assert is_bare, label
        elif compat == "new" or name == "url":
            assert not is_bare, label


def check_chosen(joist, rng, folder):
    table = pa.table(shapes(rng, 150000))
    for compat in ("v1", "wide", "new"):
        for codec in ("none", "snappy", "zstd"):
            path = os.path.join(folder, f"{compat}_{codec}.parquet")
            joist.write_parquet(path, table.schema, table.to_batches(max_chunksize=10000), codec=codec, compat=COMPATS[compat])
            found = pq.ParquetFile(path, page_checksum_verification=True)
            assert found.read().equals(table), f"{path}: pyarrow"
            assert joist.read_parquet(path).equals(table), f"{path}: joist"
            check(path)
            seen = {e for i in range(table.num_columns) for e in found.metadata.row_group(0).column(i).encodings}
            assert compat != "v1" or seen <= {"PLAIN", "RLE", "RLE_DICTIONARY"}, seen
            assert compat != "wide" or "BYTE_STREAM_SPLIT" not in seen, seen
            check_codecs(found.metadata, codec, compat)
            if compat == "new":
                continue
            assert duckdb.sql(f"select * from '{path}'").to_arrow_table().cast(table.schema).equals(table), f"{path}: DuckDB"
            assert polars.read_parquet(path).to_arrow().cast(table.schema).equals(table), f"{path}: Polars"
    print("chosen encodings read everywhere")


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(10**6)))
    print(f"JOIST_SEED={seed}")
    with tempfile.TemporaryDirectory() as folder:
        joist = Joist(memory_bytes_max=256 << 20, threads=2)
        check_asked(joist, random.Random(seed), folder)
        check_chosen(joist, random.Random(seed), folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
