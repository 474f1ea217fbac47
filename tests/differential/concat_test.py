"""concat_test.py - `joist concat` and `joist convert --append` against pyarrow and DuckDB.

Row groups of every file of parquet-testing behind themselves, of files of pyarrow, DuckDB and ours behind each other, and
rows of text behind them: what comes out is read back by both, and `joist check` finds nothing that it did not find before.
"""

import glob
import os
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))
JOIST = os.environ.get("JOIST_COMMAND") or os.path.join(os.getcwd(), "joist")
TESTING = os.environ.get("JOIST_PARQUET_TESTING") or os.path.join(HERE, "../../../shared/parquet-testing")


def joist(*arguments):
    return subprocess.run([JOIST, *arguments], capture_output=True, text=True, check=False)


def run(*arguments):
    done = joist(*arguments)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def rows_of(path):
    return pq.ParquetFile(path, page_checksum_verification=True).read()


def findings(path):
    done = joist("check", path, "--json")
    return {line.split('"code":"')[1].split('"')[0] for line in done.stdout.splitlines() if '"code":"' in line}


def testing_files(folder):
    """Every file behind itself; (copied, refused by name)."""
    copied, refused = 0, {}
    out = os.path.join(folder, "twice.parquet")
    for path in sorted(glob.glob(os.path.join(TESTING, "data/**/*.parquet"), recursive=True)):
        done = joist("concat", path, path, out, "--force", "--quiet", "--any-order")
        if done.returncode != 0:
            assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, f"{path}: {done.stderr}"
            refused[os.path.basename(path)] = done.stderr
            continue
        copied += 1
        assert findings(out) <= findings(path) | {"bloom-filter"}, f"{path}: {findings(out) - findings(path)}"
        try:
            wanted = rows_of(path)
        except (OSError, pa.ArrowException, NotImplementedError):
            continue
        found = rows_of(out)
        # pyarrow's own comparison holds NaN unequal to itself.
        assert repr(found.to_pylist()) == repr(wanted.to_pylist() * 2), path
    for name, text in refused.items():
        assert any(word in text for word in ("encrypted", "bugs", "not be read", "corrupt", "Parquet", "copying", "column",
                                             "schema", "row group")), f"{name}: {text}"
    print(f"{copied} files of parquet-testing behind themselves, {len(refused)} refused")
    return copied


def table_of(start, rows):
    return pa.table({
        "id": pa.array(range(start, start + rows), pa.int64()),
        "name": pa.array([None if i % 7 == 0 else f"name {i}" for i in range(start, start + rows)]),
        "price": pa.array([i / 8 for i in range(start, start + rows)], pa.float64()),
    })


def expect(path, wanted, groups):
    assert not findings(path), findings(path)
    assert rows_of(path).to_pylist() == wanted.to_pylist(), path
    assert pq.ParquetFile(path).metadata.num_row_groups == groups
    assert duckdb.sql(f"select count(*), sum(id), count(name) from '{path}'").fetchall()[0] == (
        wanted.num_rows, sum(wanted.column("id").to_pylist()), wanted.num_rows - wanted.column("name").null_count)


def of_all(folder):
    """Files of three writers, and rows of text behind them."""
    tables = [table_of(0, 5000), table_of(5000, 3000), table_of(8000, 100)]
    paths = [os.path.join(folder, f"{name}.parquet") for name in ("theirs", "duck", "ours")]
    pq.write_table(tables[0], paths[0], row_group_size=2000, write_page_index=True, data_page_size=4000)
    rows = tables[1]
    duckdb.sql(f"copy (select * from rows) to '{paths[1]}' (format parquet, row_group_size 2048)")
    pq.write_table(tables[2], paths[2] + ".in.parquet")
    run("convert", paths[2] + ".in.parquet", paths[2], "--quiet", "--bloom", "name")
    out = os.path.join(folder, "out.parquet")
    run("concat", *paths, out, "--quiet")
    expect(out, pa.concat_tables(tables), 3 + 2 + 1)
    text = os.path.join(folder, "more.csv")
    with open(text, "w", encoding="ascii") as file:
        file.write("id,name,price\n9000,more,1\n9001,,2.5\n")
    more = pa.table({"id": [9000, 9001], "name": ["more", None], "price": [1.0, 2.5]})
    run("convert", text, text, out, "--append", "--quiet", "--codec", "snappy")
    run("concat", paths[2], out, "--append", "--quiet")
    expect(out, pa.concat_tables([*tables, more, more, tables[2]]), 8)
    run("concat", out, paths[0], "--row-groups", "3:5", "--quiet", "--force")
    expect(paths[0], tables[1], 2)
    spilt = os.path.join(folder, "spilt")
    run("concat", folder + "/[do]*s.parquet", folder + "/[d]*.parquet", spilt + ".parquet", "--quiet")
    expect(spilt + ".parquet", pa.concat_tables([tables[2], tables[1]]), 3)


def of_old_schemas(folder):
    """Schemas that we would write otherwise: copied, and no rows behind them."""
    table = pa.table({"at": pa.array([1, None, 3], pa.timestamp("ns")), "tags": pa.array([["a"], None, []], pa.list_(pa.string()))})
    old, out = os.path.join(folder, "old.parquet"), os.path.join(folder, "old_out.parquet")
    pq.write_table(table, old, use_deprecated_int96_timestamps=True, use_compliant_nested_type=False)
    run("concat", old, old, out, "--quiet")
    assert rows_of(out).to_pylist() == table.to_pylist() * 2
    assert pq.ParquetFile(out).schema.equals(pq.ParquetFile(old).schema)
    done = joist("convert", old, out, "--append")
    assert done.returncode == 3 and "copied alone" in done.stderr, done.stderr
    assert rows_of(out).num_rows == 6


def main():
    with tempfile.TemporaryDirectory() as folder:
        assert testing_files(folder) > 50
        of_all(folder)
        of_old_schemas(folder)
    print("row groups of all are read back")


if __name__ == "__main__":
    sys.exit(main())
