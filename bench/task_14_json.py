"""Parquet against JSON as storage of the same rows: size, time and memory of reading every value"""
import subprocess

import parquet_files as files
from contender import Contender, python, race

TITLE = "Parquet against JSON as storage (a million web hits, 14 columns)"
BAR = ("The NDJSON file, and what `joist convert` makes of it by its defaults. Each reads every value of every row: `joist scan` of "
       "the Parquet file, the others of the JSON by their own readers, into their own rows or columns (DuckDB hashes them and keeps none). Bar: the file at most 15 % of the JSON's size, reading at "
       "least 5 x faster than the fastest of them, in at most 40 % of the memory of the most frugal.")
SIZE_PART, TIMES, MEMORY_PART = 0.15, 5, 0.4

READERS = {
    "json of Python": """
import json, sys
with open(sys.argv[1]) as lines:
    print(len([json.loads(line) for line in lines]))
""",
    "pyarrow.json": """
import sys, pyarrow.json
print(pyarrow.json.read_json(sys.argv[1]).num_rows)
""",
    "DuckDB": """
import duckdb, sys
duckdb.execute("set enable_progress_bar = false")
print(duckdb.sql(f"select bit_xor(hash(columns(*))) from read_ndjson('{sys.argv[1]}')").fetchall())
""",
    "Polars": """
import polars, sys
print(polars.scan_ndjson(sys.argv[1]).collect().height)
""",
}


def prepare(work):
    files.hits_ndjson(work)


def report(work, joist, rounds):
    source = files.hits_ndjson(work)
    stored = work / "json_stored.parquet"
    subprocess.run([joist, "convert", source, stored, "--force", "--quiet"], check=True)
    size = stored.stat().st_size / source.stat().st_size
    contenders = {"joist": Contender([joist, "scan", "--discard", stored, "--json"])}
    contenders |= {who: Contender(python(code, source)) for who, code in READERS.items()}
    results = race(contenders, rounds)
    seconds, peak = results["joist"]
    fastest = min(results[who][0] for who in READERS)
    least = min(results[who][1] for who in READERS)
    reached = size <= SIZE_PART and fastest >= TIMES * seconds and peak <= MEMORY_PART * least
    lines = ["| stored as | read by | MB | seconds (median) | peak RSS |", "|---|---|---|---|---|",
             f"| Parquet | joist | {stored.stat().st_size / 1e6:.1f} | {seconds:.3f} | {peak / 2 ** 20:.0f} MiB |"]
    for who in READERS:
        lines.append(f"| JSON | {who} | {source.stat().st_size / 1e6:.1f} | {results[who][0]:.2f} | {results[who][1] / 2 ** 20:.0f} MiB |")
    lines += ["", f"The file: **{100 * size:.1f} %** of the JSON. Reading: **{fastest / seconds:.0f} x** as fast as the fastest, in "
              f"**{100 * peak / least:.0f} %** of the memory of the most frugal. Reached: {'yes' if reached else 'no'}."]
    stored.unlink()
    return "\n".join(lines)
