"""Files of other writers, read as their values were made: fastparquet, hyparquet-writer (npm), the Rust crate parquet.

The JavaScript and Rust programs stand in tests/writers with their lock files; where there is no node or no recent
cargo, their files are skipped with one line. Those of the Rust crate, whose reals and INT96 have orders of their own,
are pruned too, and a full scan says what is right.
"""
import datetime
import math
import os
import shutil
import subprocess
import sys
import tempfile

import pyarrow.parquet as pq

import node_place
from joist_library import Joist
from prune_test import pruned_of

WRITERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "writers")
BUILD = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "build", "writers")
CARGO_LEAST = (1, 85)


def equal(ours, theirs):
    if isinstance(theirs, float) and isinstance(ours, float):
        return ours == theirs and math.copysign(1, ours) == math.copysign(1, theirs) or ours != ours and theirs != theirs
    return ours == theirs


def check(joist, path, wanted):
    """`wanted`: column -> what row r of `rows` has."""
    table = joist.read_parquet(path)
    table.validate(full=True)
    name = os.path.basename(path)
    assert set(wanted) == set(table.column_names), f"{name}: columns {table.column_names}"
    for column, make in wanted.items():
        for row, value in enumerate(table[column].to_pylist()):
            assert equal(value, make(row)), f"{name}: {column} row {row}: {value!r}, should be {make(row)!r}"
    return table.num_rows


def cargo_version():
    if not shutil.which("cargo"):
        return (0, 0)
    text = subprocess.run(["cargo", "--version"], capture_output=True, text=True).stdout
    return tuple(int(part) for part in text.split()[1].split(".")[:2]) if text else (0, 0)


def run(command, folder, **environment):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-3000:]}")


def rust_double(row):
    return ((row * 37) % 10000) / 100


def rust_odd(row):
    special = {11: math.nan, 22: math.inf, 33: -0.0, 0: 0.0}
    return special.get(row % 44, rust_double(row) - 50)


def rust_level(row):
    if row // 700 == 2 or (row // 700 == 1 and row % 10 == 0):
        return math.nan
    if row // 700 == 3 and row % 3 < 2:
        return -0.0 if row % 3 == 0 else 0.0
    return row / 10 - 50


def rust_moment(row):
    """Nanoseconds since 1970."""
    return (row % 3000 * 86400 + row % 86400) * 10**9 + 123


RUST = {
    "i": lambda r: r * 7 - 1000,
    "l": lambda r: r * r * 1000003,
    "f": lambda r: ((r * 37) % 1000) / 8,
    "d": rust_double,
    "holes": lambda r: rust_double(r) if r % 3 else None,
    "odd": rust_odd,
    "text": lambda r: f"/shop/item/{r % 700}",
    "fixed": lambda r: f"{r * 13 % 100000:05}".encode(),
    "flag": lambda r: r % 5 < 2,
    "level": rust_level,
}
# Each leaves rows of some pages out of every file, where their orders are known and NaN is counted.
RUST_PRUNED = ["level < -40", "level > 440", "level between 100.0 and 110.5", "level = 12.5", "level = 0e0", "level = -0e0",
               "level = cast('nan' as double)", "level <> level", "level >= 449.9 and odd < 0e0", "i < 3000", "l > 20000000000000",
               "moment < timestamp '1970-01-20 00:00:00'", "moment = timestamp '1972-06-01 14:40:00.000000123'",
               "moment between timestamp '1975-01-01 00:00:00' and timestamp '1975-02-01 00:00:00'", "holes > 101e0",
               "odd < -60e0"]
RUST_WHOLE = ["odd > 60e0", "odd = cast('nan' as double)", "odd = 0e0", "odd = -0e0", "d = 12.5", "text = '/shop/item/7'",
              "moment >= timestamp '1970-01-01 00:00:00'", "holes is null"]


def check_rust_pruned(joist, path):
    """How many row groups and pages were left out."""
    left_out = 0
    for where in RUST_PRUNED + RUST_WHOLE:
        rows = [sum(batch.num_rows for batch in joist.query(f"select i from '{path}' where {text}"))
                for text in (where, f"case when {where} then true else false end")]
        assert rows[0] == rows[1], f"{path}: where {where}: {rows[0]} rows, should be {rows[1]}"
        left, groups, pages_left, pages = pruned_of(path, where, "i")
        assert where not in RUST_PRUNED or left < groups or pages_left < pages or "<> level" in where, (path, where)
        left_out += groups - left + pages - pages_left
    return left_out


def check_rust(joist, folder):
    if cargo_version() < CARGO_LEAST:
        print(f"skipped: files of the Rust crate, no cargo {CARGO_LEAST[0]}.{CARGO_LEAST[1]}")
        return 0
    source = os.path.join(WRITERS, "rust")
    target = os.path.join(BUILD, "rust")
    run(["cargo", "build", "--quiet", "--locked", "--target-dir", target], source)
    run([os.path.join(target, "debug", "other_writer"), folder], folder)
    count = left_out = 0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        joined = {column: lambda r, make=make: make(r % 5000) for column, make in RUST.items()}
        table = joist.read_parquet(path)
        moments = table["moment"].cast("int64").to_pylist()
        assert moments == [rust_moment(row % 5000) for row in range(10000)], f"{name}: moment"
        joined["moment"] = lambda r, moments=table["moment"].to_pylist(): moments[r]
        assert check(joist, path, joined) == 10000, name
        left_out += check_rust_pruned(joist, path)
        count += 1
    assert count == 6 and left_out > 300, (count, left_out)
    return count


START = datetime.datetime.fromtimestamp(1700000000, datetime.timezone.utc)
HYPARQUET = {
    "i": lambda r: r * 7 - 1000,
    "l": lambda r: r * 1000003,
    "d": lambda r: ((r * 37) % 10000) / 100 if r % 3 else None,
    "f": lambda r: ((r * 37) % 1000) / 8,
    "flag": lambda r: r % 5 < 2,
    "text": lambda r: f"/shop/item/{r % 300}" if r % 7 else None,
    "moment": lambda r: START + datetime.timedelta(seconds=r),
}


def check_hyparquet(joist, folder):
    target = node_place.hyparquet("files of hyparquet-writer")
    if target is None:
        return 0
    run(["node", "write.mjs", folder], target)
    names = sorted(os.listdir(folder))
    assert len(names) == 4, names
    for name in names:
        assert check(joist, os.path.join(folder, name), HYPARQUET) == 3000, name
    return len(names)


def check_fastparquet(joist, folder):
    import fastparquet
    import pandas

    rows = range(2000)
    frame = pandas.DataFrame({
        "i": [r * 7 for r in rows], "d": [r / 8 for r in rows], "text": [f"v{r % 50}" for r in rows],
        "hole": [None if r % 3 == 0 else f"h{r}" for r in rows], "flag": [r % 5 < 2 for r in rows],
        "moment": pandas.to_datetime([1700000000 + r for r in rows], unit="s"),
        "word": pandas.Categorical([f"c{r % 5}" for r in rows]),
    })
    count = 0
    for codec in ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "BROTLI", "LZ4"]:
        for stats in [True, False]:
            path = os.path.join(folder, f"{codec}_{stats}.parquet")
            fastparquet.write(path, frame, compression=codec, row_group_offsets=[0, 700], stats=stats)
            ours, theirs = joist.read_parquet(path), pq.read_table(path)
            for name in theirs.column_names:
                assert ours[name].to_pylist() == theirs[name].to_pylist(), f"fastparquet {codec}: {name}"
            count += 1
    return count


def main():
    joist = Joist(threads=2)
    for check_writer in (check_fastparquet, check_hyparquet, check_rust):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{check_writer.__name__}: {check_writer(joist, folder)} files")
    joist.close()


if __name__ == "__main__":
    main()
