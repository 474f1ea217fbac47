"""Text in: CSV and NDJSON to Parquet, beside the peers' own conversions of the same file"""
import lineitem
import parquet_files as files
from contender import Contender, python, race

TITLE = "CSV and NDJSON to Parquet (zstd)"
BAR = ("`joist convert IN OUT`, each peer by its defaults but for zstd 1. Bar: CSV (lineitem, 766 MB) at most 0.35 x the fastest and a "
       "file of at most 150 MB; NDJSON (a million web hits) at most 0.45 x the fastest and a file no larger than DuckDB's; "
       "peak RSS at most 128 MiB.")

PYARROW = """
import sys, pyarrow.csv as csv, pyarrow.parquet as pq
with csv.open_csv(sys.argv[1]) as rows, pq.ParquetWriter(sys.argv[2], rows.schema, compression="zstd", compression_level=1) as out:
    for batch in rows:
        out.write_batch(batch)
"""
DUCKDB = """
import duckdb, sys
duckdb.execute(f"copy (from '{sys.argv[1]}') to '{sys.argv[2]}' (format parquet, codec zstd, compression_level 1)")
"""
POLARS = """
import polars, sys
rows = polars.scan_csv(sys.argv[1], try_parse_dates=True) if sys.argv[1].endswith("csv") else polars.scan_ndjson(sys.argv[1])
rows.sink_parquet(sys.argv[2], compression="zstd", compression_level=1)
"""


def jobs(work):
    """(what, file, peers, the factor to reach)"""
    yield "CSV", lineitem.csv(work), {"pyarrow": PYARROW, "DuckDB": DUCKDB, "Polars": POLARS}, 0.35
    yield "NDJSON", files.hits_ndjson(work), {"DuckDB": DUCKDB, "Polars": POLARS}, 0.45


def prepare(work):
    for _ in jobs(work):
        pass


def report(work, joist, rounds):
    lines = ["| from | who | seconds (median) | to the fastest | MB | peak RSS |", "|---|---|---|---|---|---|"]
    for what, source, peers, factor in jobs(work):
        outs = {who: work / f"text_{who}.parquet" for who in ("joist", *peers)}
        contenders = {"joist": Contender([joist, "convert", source, outs["joist"], "--codec", "zstd:1", "--quiet"],
                                         clean=[outs["joist"]])}
        for who, code in peers.items():
            contenders[who] = Contender(python(code, source, outs[who]), clean=[outs[who]])
        results = race(contenders, rounds)
        best = min(seconds for who, (seconds, _) in results.items() if who != "joist")
        for who, (seconds, peak) in results.items():
            ratio = f"**{seconds / best:.2f}** (bar {factor})" if who == "joist" else f"{seconds / best:.2f}"
            lines.append(f"| {what} | {who} | {seconds:.2f} | {ratio} | {outs[who].stat().st_size / 1e6:.1f} | "
                         f"{peak / 2 ** 20:.0f} MiB |")
            print(lines[-1], flush=True)
            outs[who].unlink()
    return "\n".join(lines)
