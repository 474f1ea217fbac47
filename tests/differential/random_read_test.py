"""Random files, read by us and by pyarrow: every type, value and null the same.

    JOIST_SEED chooses the files, JOIST_FILES how many (1,000), JOIST_FILE=N takes the N-th alone

Whole, and by columns, ranges of rows, sizes of batches and forms of text; with one thread and with two.
"""
import os
import random
import struct
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import random_files
from joist_library import Joist


def bits(array):
    """Floats as integers, so that NaN equals itself and zeros of two signs differ; dictionaries as what they mean."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return array.dictionary_decode()
    if pa.types.is_float64(kind):
        return array.view(pa.int64())
    if pa.types.is_float32(kind):
        return array.view(pa.int32())
    if pa.types.is_float16(kind):
        return array.view(pa.int16())
    if pa.types.is_temporal(kind):
        return array.view(pa.int64() if kind.bit_width == 64 else pa.int32())
    return array


def same(ours, theirs):
    if ours.equals(theirs):
        return True
    one, other = (pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
                  for column in (ours.unify_dictionaries(), theirs.unify_dictionaries()))
    if bits(one).equals(bits(other)):
        return True
    return pa.types.is_nested(one.type) and one.is_valid().equals(other.is_valid()) and text(one) == text(other)


def text(array):
    """Of a nested array; instants that Python cannot say as numbers."""
    try:
        return repr(array.to_pylist())
    except (ValueError, OverflowError, pa.ArrowInvalid):
        return str(array.flatten()) if pa.types.is_struct(array.type) else str(array)


def span_bytes(column):
    """Parquet's INTERVAL: pyarrow gives its twelve bytes, we what they mean."""
    def pack(span):
        return struct.pack("<III", span.months, span.days, span.nanoseconds // 10**6)
    return pa.chunked_array([[None if span is None else pack(span) for span in column.to_pylist()]], pa.binary(12))


def compare(got, wanted, what):
    got.validate(full=True)
    for index, field in enumerate(got.schema):
        if field.type == pa.month_day_nano_interval():
            got = got.set_column(index, field.name, span_bytes(got[field.name]))
    assert got.num_rows == wanted.num_rows, f"{what}: {got.num_rows} rows, should be {wanted.num_rows}"
    for name in wanted.column_names:
        assert got[name].type == wanted[name].type, f"{what}: {name} is {got[name].type}, should be {wanted[name].type}"
        if same(got[name], wanted[name]):
            continue
        for row in range(wanted.num_rows):
            one, other = got[name].slice(row, 1), wanted[name].slice(row, 1)
            if not same(one, other):
                raise AssertionError(f"{what}: {name} row {row}: {one.to_string()}, should be {other.to_string()}")
        raise AssertionError(f"{what}: {name}")


def oracle(path):
    """pyarrow's reading, or None where it makes the dictionary child of a struct or a map too short, and says so."""
    try:
        return pq.read_table(path)
    except pa.ArrowInvalid as error:
        if "has length smaller than expected for struct array" in str(error):
            return None
        raise


def check(joists, rng, path, what):
    wanted = oracle(path)
    if wanted is None:
        print(f"{what}: pyarrow cannot read this file of its own")
        return rng.choice(joists).read_parquet(path).validate(full=True)
    compare(rng.choice(joists).read_parquet(path, batch_rows=rng.choice([0, 0, 1, 7, 64, 1000])), wanted, what)
    some = rng.sample(wanted.column_names, rng.randint(1, wanted.num_columns))
    start, count = rng.randint(0, wanted.num_rows), rng.randint(1, max(wanted.num_rows, 1))
    part = rng.choice(joists).read_parquet(path, columns=some, row_start=start, row_count=count)
    compare(part, wanted.select(some).slice(start, count), f"{what}: columns {some}, rows {start}+{count}")


def main():
    seed = os.environ.get("JOIST_SEED") or str(random.randrange(2**32))
    print(f"JOIST_SEED={seed}")
    only = os.environ.get("JOIST_FILE")
    numbers = [int(only)] if only else range(int(os.environ.get("JOIST_FILES", "1000")))
    joists = [Joist(threads=1), Joist(threads=2)]
    connection = duckdb.connect()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            rng = random.Random(f"{seed}-{number}")
            what, path = random_files.make_file(rng, folder, connection)
            try:
                check(joists, rng, path, what)
            except Exception as error:
                failed += 1
                print(f"JOIST_FILE={number}: {str(error)[:1500]}", file=sys.stderr)
                if failed == 10:
                    break
    for joist in joists:
        joist.close()
    if failed:
        sys.exit(f"{failed} files differ")
    print(f"{len(numbers)} files read the same")


if __name__ == "__main__":
    main()
