"""parquet_append_test.py - row groups are copied as they are, behind those of other files and before new rows.

Files of pyarrow and of ours, with page indexes and Bloom filters; what comes out is read back by pyarrow and DuckDB,
and `joist check` finds nothing.
"""

import ctypes
import os
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import ColumnOptions, Joist, JoistError

JOIST = os.environ.get("JOIST_COMMAND") or os.path.join(os.getcwd(), "joist")


def table_of(start, rows):
    return pa.table({
        "id": pa.array(range(start, start + rows), pa.int64()),
        "name": pa.array([None if i % 7 == 0 else f"name {i}" for i in range(start, start + rows)]),
        "tags": pa.array([[f"t{i % 5}"] * (i % 3) for i in range(start, start + rows)], pa.list_(pa.string())),
        "price": pa.array([i / 8 for i in range(start, start + rows)], pa.float64()),
    })


def check(path):
    run = subprocess.run([JOIST, "check", path], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{path}: {run.stdout}{run.stderr}"


def expect(path, wanted, groups):
    check(path)
    file = pq.ParquetFile(path, page_checksum_verification=True)
    assert file.read().to_pylist() == wanted.to_pylist(), path
    assert file.metadata.num_row_groups == groups, file.metadata.num_row_groups
    assert duckdb.sql(f"select count(*), sum(id), count(name) from '{path}'").fetchall()[0] == (
        wanted.num_rows, sum(wanted.column("id").to_pylist()), wanted.num_rows - wanted.column("name").null_count)


def blooms(table):
    wanted = (ColumnOptions * 1)(ColumnOptions(ctypes.sizeof(ColumnOptions), b"name", 0, False, 2, 0.01))
    return {"columns": ctypes.cast(wanted, ctypes.POINTER(ColumnOptions)), "column_count": 1, "bloom_kept": wanted}


def write(joist, path, table, **options):
    options.pop("bloom_kept", None)
    joist.write_parquet(path, table.schema, table.to_batches(max_chunksize=300), **options)


def main():
    joist = Joist(threads=2)
    first, second, third = table_of(0, 1000), table_of(1000, 500), table_of(1500, 250)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs, out = (os.path.join(folder, name) for name in ("ours.parquet", "theirs.parquet", "out.parquet"))
        options = blooms(first)
        write(joist, ours, first, row_group_rows_max=400, page_rows_max=100, **options)
        check(ours)
        pq.write_table(second, theirs, row_group_size=200, write_page_index=True, data_page_size=500)
        joist.append_parquet(ours, out, third.to_batches(), copies=(theirs,))
        expect(out, pa.concat_tables([first, second, third]), 3 + 3 + 1)
        joist.append_parquet(theirs, out, [], copies=(ours,))
        expect(out, pa.concat_tables([second, first]), 6)
        # The file itself, replaced when all is there.
        joist.append_parquet(ours, ours, third.to_batches())
        expect(ours, pa.concat_tables([first, third]), 4)
        found = duckdb.sql(f"select count(*) from parquet_bloom_probe('{ours}', 'name', 'name 5') where not bloom_filter_excludes")
        assert found.fetchall()[0][0] >= 1
        refusals(joist, folder, ours)
    joist.close()
    print("copied row groups are read back")


def refusals(joist, folder, ours):
    other = os.path.join(folder, "other.parquet")
    out = os.path.join(folder, "refused.parquet")
    pq.write_table(pa.table({"id": pa.array([1], pa.int32())}), other)
    for path in (other,):
        try:
            joist.append_parquet(ours, out, [], copies=(path,))
        except JoistError as error:
            assert error.status == "INVALID", error
        else:
            raise AssertionError("row groups of other columns were copied")
    assert not os.path.exists(out)


if __name__ == "__main__":
    sys.exit(main())
