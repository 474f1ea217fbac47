"""One column out of ten thousand, in twenty row groups"""
import parquet_files as files
from contender import Contender, python

TITLE = "One of 10,000 columns x 20 row groups (a footer of 22 MB)"
BAR = ("`joist scan --discard FILE --columns c5000`, the whole process, beside each peer's read of that column (its import and start "
       "not counted). Bar: at most 10 ms.")

TIMED = """
import sys, time
{setup}
started = time.monotonic()
{read}
print(time.monotonic() - started)
"""
PEERS = {
    "pyarrow": ("import pyarrow.parquet as pq", "pq.read_table(sys.argv[1], columns=['c5000'])"),
    "DuckDB": ("import duckdb, pyarrow", "duckdb.sql(f\"select c5000 from '{sys.argv[1]}'\").to_arrow_table()"),
    "Polars": ("import polars", "polars.read_parquet(sys.argv[1], columns=['c5000'])"),
}


def prepare(work):
    files.wide(work)


def contenders(work, joist):
    path = files.wide(work)
    ours = {"joist": Contender([joist, "scan", "--discard", path, "--columns", "c5000"])}
    return ours | {who: Contender(python(TIMED.format(setup=setup, read=read), path), inner_seconds=True)
                   for who, (setup, read) in PEERS.items()}
