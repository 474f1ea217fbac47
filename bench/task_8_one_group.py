"""One row group of 60 million rows under a kernel limit, beside DuckDB summing the same columns without one"""
from pathlib import Path

import parquet_files as files
from contender import Contender, python

TITLE = "One row group of 60 M rows, 1.3 GB zstd"
BAR = ("`joist scan --discard FILE --memory 64MiB`, all four columns, limited by the kernel to 96 MiB (a memory cgroup where one can be "
       "made, else `ulimit -d`), beside "
       "DuckDB's sum of the same four columns without a limit. Bar: at most 0.45 x, peak RSS at most 96 MiB.")

DUCKDB = """
import duckdb, sys, time
started = time.monotonic()
duckdb.sql(f"select sum(a), sum(b), sum(c), sum(d) from '{sys.argv[1]}'").fetchall()
print(time.monotonic() - started)
"""


def prepare(work):
    files.one_group(work)


def limit():
    """A shell's words that limit it from here on."""
    group = Path("/sys/fs/cgroup/memory/joist-bench")
    try:
        group.mkdir(exist_ok=True)
        (group / "memory.limit_in_bytes").write_text(str(96 << 20))
        return f"echo $$ > {group}/tasks"
    except OSError:
        return f"ulimit -d {96 << 10}"


def contenders(work, joist):
    path = files.one_group(work)
    return {
        "joist": Contender(["sh", "-c", f'{limit()}; exec "$0" scan --discard "$1" --memory 64MiB --json', joist, path]),
        "DuckDB": Contender(python(DUCKDB, path), inner_seconds=True),
    }
