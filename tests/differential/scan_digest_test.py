"""The digests of `joist scan --discard --digest` against the same sums over what pyarrow reads.

    scan_digest_test.py                the command at JOIST_COMMAND; JOIST_SEED chooses the random tables

The digest is written down in `joist scan --help`; here it is computed from pyarrow's arrays alone.
"""
import datetime
import decimal
import json
import os
import random
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from parquet_read_test import CODECS, make_table

JOIST = os.environ["JOIST_COMMAND"]
MASK = 2**64 - 1
FACTOR = 0x9E3779B97F4A7C15
FNV = [0xCBF29CE484222325, 0x100000001B3]


def fixed_width(kind):
    if pa.types.is_decimal(kind) or pa.types.is_fixed_size_binary(kind):
        return kind.byte_width
    return kind.bit_width // 8


def valid_of(array):
    return array.is_valid().to_pylist()


def row_bytes(array):
    """What is hashed of each row of an array."""
    kind, rows = array.type, len(array)
    valid = valid_of(array)
    if pa.types.is_null(kind):
        return [b"\0"] * rows
    if pa.types.is_boolean(kind):
        made = [bytes([bool(value)]) for value in array.to_pylist()]
    elif pa.types.is_struct(kind):
        children = [row_bytes(array.field(index)) for index in range(kind.num_fields)]
        made = [b"".join(child[row] for child in children) for row in range(rows)]
    elif pa.types.is_list(kind) or pa.types.is_map(kind) or pa.types.is_large_list(kind):
        offsets = array.offsets.to_pylist()
        if pa.types.is_map(kind):
            keys, items = row_bytes(array.keys), row_bytes(array.items)
            elements = [b"\1" + key + item for key, item in zip(keys, items)]
            offsets = [offset - offsets[0] for offset in offsets] if len(elements) != offsets[-1] else offsets
        else:
            elements = row_bytes(array.values)
        made = [
            (end - start).to_bytes(8, "little") + b"".join(elements[start:end])
            for start, end in zip(offsets, offsets[1:])
        ]
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        plain = [value.encode() if isinstance(value, str) else value for value in array.to_pylist()]
        made = [len(value or b"").to_bytes(8, "little") + (value or b"") for value in plain]
    else:
        width, data = fixed_width(kind), array.buffers()[1]
        data = data.to_pybytes() if data is not None else bytes(width * (array.offset + rows))
        made = [data[at * width : (at + 1) * width] for at in range(array.offset, array.offset + rows)]
    return [b"\1" + value if is_valid else b"\0" for value, is_valid in zip(made, valid)]


def digest_of(column):
    """As `joist scan --help` says."""
    total, row = 0, 0
    for chunk in column.chunks:
        for value in row_bytes(chunk):
            hash64 = FNV[0]
            for byte in value:
                hash64 = ((hash64 ^ byte) * FNV[1]) & MASK
            row += 1
            hash64 = (hash64 + row * FACTOR) & MASK
            hash64 = ((hash64 ^ hash64 >> 32) * FACTOR) & MASK
            total = (total + (hash64 ^ hash64 >> 29)) & MASK
    return f"{total:016x}"


def scan(path, *options):
    text = subprocess.run(
        [JOIST, "scan", "--discard", "--digest", "--json", path, *options],
        check=True, capture_output=True, text=True,
    ).stdout
    answer = json.loads(text)
    return answer["rows"], {entry["column"]: entry["digest"] for entry in answer["digests"]}


def check(path, what, batch_rows):
    table = pq.read_table(path)
    wanted = {name: digest_of(table[name]) for name in table.column_names}
    for options in (
        ["--threads", "1"],
        ["--threads", "4"],
        ["--threads", "2", "--text", "utf8"],
        ["--threads", "3", "--batch-rows", str(batch_rows), "--no-crc"],
        ["--threads", "2", "--batch-rows", "1000", "--memory", "64MiB"],
    ):
        rows, got = scan(path, *options)
        if rows != table.num_rows or got != wanted:
            wrong = [name for name in wanted if got.get(name) != wanted[name]]
            raise AssertionError(f"{what} with {options}: {rows} rows of {table.num_rows}, digests differ: {wrong}")
    some = table.column_names[-1]
    _, got = scan(path, "--columns", some, "--threads", "2")
    if got != {some: wanted[some]}:
        raise AssertionError(f"{what}: column {some} alone")


def lineitem_like(rng, rows):
    """Dictionaries that overflow, low and high cardinality, decimals in fixed bytes, dates, long text."""
    day = datetime.date(1992, 1, 1)
    words = ["".join(rng.choices("abcdefghij ", k=rng.randint(3, 40))) for _ in range(rows // 2)]
    return pa.table(
        {
            "orderkey": pa.array(sorted(rng.randint(1, rows * 4) for _ in range(rows)), pa.int64()),
            "linenumber": pa.array([rng.randint(1, 7) for _ in range(rows)], pa.int32()),
            "price": pa.array(
                [decimal.Decimal(rng.randint(90000, 10494950)).scaleb(-2) for _ in range(rows)],
                pa.decimal128(15, 2),
            ),
            "flag": pa.array([rng.choice("ANR") for _ in range(rows)]),
            "shipdate": pa.array([day + datetime.timedelta(rng.randint(0, 2500)) for _ in range(rows)]),
            "instruct": pa.array(
                [rng.choice(["DELIVER IN PERSON", "COLLECT COD", "NONE", None]) for _ in range(rows)]
            ),
            "comment": pa.array([rng.choice(words) for _ in range(rows)]),
        }
    )


def write(table, path, rng, **options):
    pq.write_table(
        table, path, compression=rng.choice(CODECS), data_page_version=rng.choice(["1.0", "2.0"]),
        write_page_checksum=rng.random() < 0.5, write_page_index=rng.random() < 0.5, **options,
    )


def main():
    seed = int(os.environ.get("JOIST_SEED", "4"))
    rng = random.Random(seed)
    print("seed", seed)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.parquet")
        write(lineitem_like(rng, 20000), path, rng, row_group_size=8000, dictionary_pagesize_limit=20000)
        check(path, "lineitem-like", 777)
        for number in range(12):
            table = make_table(rng, rng.choice([0, 1, 50, 3000]), rng.choice([0, 2]), rng.randint(1, 7))
            write(table, path, rng, row_group_size=rng.choice([7, 400, 5000]), data_page_size=rng.choice([100, 5000]),
                  use_dictionary=rng.random() < 0.7)
            check(path, f"table {number} of seed {seed}", rng.choice([1, 13, 500]))
    print("scan_digest_test: ok")


if __name__ == "__main__":
    main()
