"""Every encoding of the format with every type that may have it, against pyarrow's reading, value by value.

    parquet_encodings_test.py          the library at JOIST_LIBRARY; JOIST_SEED and JOIST_ROUNDS choose the cases

pyarrow writes each column by the encoding that is asked for, in both kinds of page and in pages of all sizes; we
read the whole, by ranges of rows, and what lies behind pages that were passed over. The files of parquet-testing
that have these encodings are held against the values that stand beside them, or pyarrow's.
"""

import csv
import datetime
import decimal
import math
import os
import random
import struct
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist
from parquet_read_test import compare

HERE = os.path.dirname(os.path.abspath(__file__))
TESTING = os.environ.get("JOIST_PARQUET_TESTING") or os.path.join(HERE, "../../../shared/parquet-testing")
CODECS = ["none", "snappy", "zstd"]


def integers(bits, signed=True):
    """Makers of integers: anything, rising, constant, with steps that wrap around."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)

    def make(rng, rows):
        shape = rng.randint(0, 4)
        if shape == 0:
            return [rng.randint(low, high) for _ in range(rows)]
        if shape == 1:
            return [rng.choice([low, high]) for _ in range(rows)]
        if shape == 2:
            return [max(low, min(high, index * rng.choice([0, 1, 3]))) for index in range(rows)]
        if shape == 3:
            return [rng.randint(max(low, -20), 20) for _ in range(rows)]
        width = rng.randint(0, bits - 1)
        return [rng.randint(0, 2**width - 1) for _ in range(rows)]

    return make


def dates(rng, rows):
    return [datetime.date.fromordinal(rng.randint(1, 3000000)) for _ in range(rows)]


def reals(digits):
    def make(rng, rows):
        shape = rng.randint(0, 2)
        if shape == 0:
            code = "<f" if digits == 7 else "<d"
            size = struct.calcsize(code)
            return [struct.unpack(code, rng.randbytes(size))[0] for _ in range(rows)]
        if shape == 1:
            return [rng.choice([math.inf, -math.inf, -0.0, 0.0, 1e-30]) for _ in range(rows)]
        return [float(rng.randint(-100000, 100000)) / 8 for _ in range(rows)]

    return make


def decimals(precision, scale):
    def make(rng, rows):
        top = 10 ** rng.randint(0, precision) - 1
        with decimal.localcontext() as context:
            context.prec = 40
            return [decimal.Decimal(rng.randint(-top, top)).scaleb(-scale) for _ in range(rows)]

    return make


def texts(rng, rows):
    shape = rng.randint(0, 3)
    if shape == 0:
        return [rng.choice(["", "oak", "Eiche \u00e4", "\u6a2b" * rng.randint(0, 60), "x" * 300]) for _ in range(rows)]
    if shape == 1:
        return [f"https://example.org/a/long/path/{index // 7}/{index}" for index in range(rows)]
    if shape == 2:
        return ["the same" if rng.random() < 0.9 else "" for _ in range(rows)]
    return sorted("".join(rng.choice("abc\u00e9") for _ in range(rng.randint(0, 12))) for _ in range(rows))


def bytes_of(width):
    def make(rng, rows):
        if rng.random() < 0.5:
            return [rng.randbytes(width) for _ in range(rows)]
        return [index.to_bytes(max(width, 4), "big")[-width:] for index in range(rows)]

    return make


def any_bytes(rng, rows):
    return [rng.randbytes(rng.choice([0, 1, 5, 40])) for _ in range(rows)]


INTS32 = [
    (pa.int32(), integers(32)),
    (pa.int8(), integers(8)),
    (pa.int16(), integers(16)),
    (pa.uint8(), integers(8, False)),
    (pa.uint16(), integers(16, False)),
    (pa.uint32(), integers(32, False)),
    (pa.date32(), dates),
    (pa.time32("ms"), lambda rng, rows: [datetime.time(rng.randint(0, 23), 5, 7, 1000) for _ in range(rows)]),
]
INTS64 = [
    (pa.int64(), integers(64)),
    (pa.uint64(), integers(64, False)),
    (pa.time64("us"), lambda rng, rows: [datetime.time(rng.randint(0, 23), 9, 1, 7) for _ in range(rows)]),
    (pa.timestamp("us"), integers(50)),
    (pa.timestamp("ns", "UTC"), integers(60)),
]
REALS = [(pa.float32(), reals(7)), (pa.float64(), reals(15))]
FIXED = [(pa.binary(width), bytes_of(width)) for width in [1, 2, 3, 5, 7, 8, 9, 12, 16, 17, 33]]
DECIMALS = [(pa.decimal128(p, 2), decimals(p, 2)) for p in [3, 9, 12, 15, 18, 19, 25, 38]]
BYTES = [(pa.string(), texts), (pa.binary(), any_bytes)]

BY_ENCODING = {
    "DELTA_BINARY_PACKED": INTS32 + INTS64,
    "DELTA_LENGTH_BYTE_ARRAY": BYTES,
    "DELTA_BYTE_ARRAY": BYTES + FIXED + DECIMALS,
    "BYTE_STREAM_SPLIT": INTS32 + INTS64 + REALS + FIXED + DECIMALS,
    "RLE": [(pa.bool_(), lambda rng, rows: [rng.random() < rng.choice([0.01, 0.5]) for _ in range(rows)])],
    "PLAIN": INTS32 + INTS64 + REALS + FIXED + DECIMALS + BYTES,
}


def make_column(rng, kind, make, rows):
    nulls = rng.choice([0, 0, 0.1, 0.95, 1])
    values = [None if rng.random() < nulls else value for value in make(rng, rows)]
    return pa.array(values, kind), nulls > 0 or rng.random() < 0.3


def bits(array):
    """Reals as their bits, so that a NaN is equal to itself alone."""
    if pa.types.is_floating(array.type):
        return array.view({16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[array.type.bit_width])
    return array


def as_bits(table):
    columns = [pa.chunked_array([bits(chunk) for chunk in table[name].chunks] or [bits(pa.array([], table[name].type))])
               for name in table.column_names]
    return pa.table(columns, table.column_names)


def check_ranges(joist, path, rng, what, wanted):
    got = joist.read_parquet(path)
    got.validate(full=True)
    compare(as_bits(got), as_bits(wanted), what)
    for _ in range(3):
        start = rng.randint(0, wanted.num_rows)
        count = rng.randint(1, max(wanted.num_rows // 3, 1))
        part = joist.read_parquet(path, row_start=start, row_count=count)
        compare(as_bits(part), as_bits(wanted.slice(start, count)), f"{what}, rows {start}+{count}")


def check_encoding(joist, folder, rng, encoding, version, as_list):
    rows = rng.choice([0, 1, 31, 32, 33, 127, 128, 129, 130, 1000, 3000])
    arrays, fields, encodings = [], [], {}
    for index, (kind, make) in enumerate(BY_ENCODING[encoding]):
        array, nullable = make_column(rng, kind, make, rows)
        name = f"c{index}"
        field = pa.field(name, kind, nullable=nullable)
        if as_list:
            offsets = sorted(rng.randint(0, rows) for _ in range(rows + 1))
            offsets[0], offsets[-1] = 0, rows
            array = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), array)
            field = pa.field(name, array.type)
            name = f"{name}.list.element"
        arrays.append(array)
        fields.append(field)
        encodings[name] = encoding
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    path = os.path.join(folder, "encoded.parquet")
    options = {
        "compression": rng.choice(CODECS),
        "data_page_version": version,
        "use_dictionary": False,
        "column_encoding": encodings,
        "data_page_size": rng.choice([50, 1000, 8000, 1 << 20]),
        "write_batch_size": rng.choice([7, 64, 1024]),
        "row_group_size": rng.choice([500, 1 << 20]),
        "write_page_index": rng.random() < 0.5,
        "store_decimal_as_integer": False,
    }
    pq.write_table(table, path, **options)
    what = f"{encoding} {options}, list {as_list}, {rows} rows"
    check_ranges(joist, path, rng, what, table)
    if rows > 0:
        chunk = pq.read_metadata(path).row_group(0).column(0)
        assert encoding in chunk.encodings, f"{chunk.encodings} where {encoding} was asked for"
    if encoding in ("DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "PLAIN"):
        check_integer_decimals(joist, folder, rng, rows, options | {"store_decimal_as_integer": True}, encoding)


def check_integer_decimals(joist, folder, rng, rows, options, encoding):
    """Decimals of up to 18 digits in INT32 and INT64."""
    table = pa.table({f"d{p}": pa.array(decimals(p, 2)(rng, rows), pa.decimal128(p, 2)) for p in [4, 9, 15, 18]})
    path = os.path.join(folder, "integers.parquet")
    pq.write_table(table, path, **(options | {"column_encoding": {name: encoding for name in table.column_names}}))
    check_ranges(joist, path, rng, f"decimals as integers, {encoding}", table)


def check_float16(joist, folder, rng):
    import numpy

    values = numpy.frombuffer(rng.randbytes(2000), numpy.float16)
    table = pa.table({"h": pa.array(values, pa.float16())})
    path = os.path.join(folder, "half.parquet")
    for encoding in ["PLAIN", "BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"]:
        pq.write_table(table, path, use_dictionary=False, column_encoding={"h": encoding}, data_page_size=300)
        got = joist.read_parquet(path)["h"].combine_chunks()
        if got.type != pa.float16() or got.buffers()[1].to_pybytes()[:2000] != values.tobytes():
            raise AssertionError(f"FLOAT16 by {encoding}: {got.type}")


def check_expected(joist, name):
    """A file of parquet-testing against the values in the text beside it."""
    folder = os.path.join(TESTING, "data")
    got = joist.read_parquet(os.path.join(folder, f"{name}.parquet"))
    with open(os.path.join(folder, f"{name}_expect.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    columns = [got[column].to_pylist() for column in got.column_names]
    if [column.strip() for column in rows[0]] != [column.rstrip(":") for column in got.column_names]:
        raise AssertionError(f"{name}: columns {got.column_names}, should be {rows[0]}")
    if len(rows) - 1 != got.num_rows:
        raise AssertionError(f"{name}: {got.num_rows} rows, should be {len(rows) - 1}")
    for index, row in enumerate(rows[1:]):
        for column, value in zip(columns, row):
            ours = "" if column[index] is None else str(column[index])
            if ours != value:
                raise AssertionError(f"{name}: row {index}: {ours!r}, should be {value!r}")


def check_testing(joist, rng):
    if not os.path.isdir(TESTING):
        if os.environ.get("CI"):
            raise AssertionError(f"{TESTING} is not there")
        print(f"skipped: {TESTING} is not there (set JOIST_PARQUET_TESTING)")
        return
    for name in ["delta_binary_packed", "delta_byte_array", "delta_encoding_required_column"]:
        check_expected(joist, name)
    # Newer than some copies of the repository.
    if os.path.exists(os.path.join(TESTING, "data", "delta_encoding_optional_column.parquet")):
        check_expected(joist, "delta_encoding_optional_column")
    names = ["delta_binary_packed", "delta_byte_array", "delta_encoding_required_column", "delta_length_byte_array"]
    names += ["byte_stream_split.zstd", "byte_stream_split_extended.gzip", "datapage_v2.snappy"]
    names += ["rle_boolean_encoding", "fixed_length_byte_array", "float16_nonzeros_and_nans"]
    for name in names:
        path = os.path.join(TESTING, "data", f"{name}.parquet")
        if os.path.exists(path):
            check_ranges(joist, path, rng, name, pq.read_table(path))


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(2**32)))
    rounds = int(os.environ.get("JOIST_ROUNDS", "4"))
    print(f"JOIST_SEED={seed}")
    rng = random.Random(seed)
    joist = Joist()
    check_testing(joist, rng)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for encoding in BY_ENCODING:
                for version in ["1.0", "2.0"]:
                    for as_list in [False, True]:
                        check_encoding(joist, folder, rng, encoding, version, as_list)
        check_float16(joist, folder, rng)
    joist.close()
    print(f"{rounds} rounds of all encodings read the same")


if __name__ == "__main__":
    main()
