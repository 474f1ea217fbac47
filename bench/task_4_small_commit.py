"""A small commit: 10,000 rows in one file, 1,000 times, through the library; PyIceberg 60 times"""
import json
import subprocess

from contender import Contender, python

TITLE = "A small commit (10,000 rows, one file)"
BAR = "Bar: at most 10 ms, and flat to the 1,000th. Seconds here are for one commit, the median of a series."

PYICEBERG = """
import sys, time, statistics, pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
catalog = SqlCatalog("default", uri=f"sqlite:///{sys.argv[1]}/catalog.db", warehouse=f"file://{sys.argv[1]}")
catalog.create_namespace("bench")
rows = pa.table({"id": pa.array(range(10000), pa.int64()), "value": pa.array([i / 7 for i in range(10000)])})
table = catalog.create_table("bench.small", schema=rows.schema)
times = []
for _ in range(60):
    start = time.monotonic()
    table.append(rows)
    times.append(time.monotonic() - start)
print(statistics.median(times))
"""


def prepare(work):
    pass


def contenders(work, joist):
    folder = work / "small_pyiceberg"
    ours = joist.parent / "bench" / "small_commit"
    return {
        "joist": Contender([ours, work / "small", "1000", work / "small.json"], clean=[work / "small"],
                           inner_seconds=True),
        "PyIceberg": Contender(python(PYICEBERG, folder), clean=[folder], before=folder.mkdir, inner_seconds=True),
    }


def note(work):
    times = json.loads((work / "small.json").read_text())
    parts = [f"{label} {1000 * value:.1f} ms" for label, value in times.items()]
    return "joist, median of ten commits around the: " + ", ".join(parts) + "."
