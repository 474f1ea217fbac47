"""Read whole files: `joist scan --discard` beside the peers reading the same file into Arrow"""
import subprocess

import parquet_files as files
from contender import Contender, python, race

TITLE = "Read a file"
BAR = ("`joist scan --discard FILE`, the whole process, beside each peer's read of the same columns into Arrow (its import and start "
       "not counted). Bar: the factor in `to reach`, or 1.35 x the codec's own wall on two threads (bench/walls) where that is "
       "more; peak RSS at most 96 MiB. A dash: the peer cannot read the file.")
THREE = ["l_orderkey", "l_extendedprice", "l_shipdate"]

TIMED = """
import sys, time
path, columns = sys.argv[1], sys.argv[2:] or None
{setup}
started = time.monotonic()
{read}
print(time.monotonic() - started)
"""
PEERS = {
    "pyarrow": ("import pyarrow.parquet as pq", "table = pq.read_table(path, columns=columns)"),
    "DuckDB": ("import duckdb, pyarrow\nlist = ', '.join(columns) if columns else '*'",
               "table = duckdb.sql(f\"select {list} from '{path}'\").to_arrow_table()"),
    "Polars": ("import polars", "table = polars.read_parquet(path, columns=columns)"),
    "DataFusion": ("import datafusion, pyarrow\ncontext = datafusion.SessionContext()",
                   "frame = context.read_parquet(path)\n"
                   "table = (frame.select(*columns) if columns else frame).to_arrow_table()"),
    "carquet": ("import carquet, pyarrow", "table = carquet.read_table(path, columns=columns)"),
}


def jobs(work):
    """(what, file, columns, the factor to reach)"""
    for codec, factor in zip(files.CODECS, (0.5, 0.55, 0.4, 0.35, 0.6)):
        yield f"lineitem {codec}", files.lineitem_file(work, codec), [], factor
    yield "3 of its columns, zstd", files.lineitem_file(work, "zstd"), THREE, 0.85
    yield "web hits, snappy", files.hits(work), [], 0.8
    yield "nested, zstd", files.nested(work), [], 0.4
    yield "3 x 10 M numbers, zstd", files.plain3(work), [], 0.7


def prepare(work):
    for _ in jobs(work):
        pass


def works(contender):
    command = [str(word) for word in contender.command]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def row(work, joist, job, rounds):
    what, path, columns, factor = job
    ours = [joist, "scan", "--discard", path, "--json"] + (["--columns", ",".join(columns)] if columns else [])
    contenders = {"joist": Contender(ours)}
    for who, (setup, read) in PEERS.items():
        contenders[who] = Contender(python(TIMED.format(setup=setup, read=read), path, *columns), inner_seconds=True)
    contenders["wall"] = Contender([joist.parent / "bench" / "walls", path, "2", *columns], inner_seconds=True)
    results = race({who: one for who, one in contenders.items() if works(one)}, rounds)
    wall = results.pop("wall")[0]
    seconds, peak = results["joist"]
    best = min(s for who, (s, _) in results.items() if who != "joist")
    cells = [f"{results[who][0]:.2f} ({results[who][1] / 2 ** 20:.0f} MiB)" if who in results else "-" for who in PEERS]
    verdict = "yes" if seconds <= max(factor * best, 1.35 * wall) and peak <= 96 << 20 else "no"
    return (f"| {what} | **{seconds:.3f}** ({peak / 2 ** 20:.0f} MiB) | {' | '.join(cells)} | {wall:.3f} | "
            f"**{seconds / best:.2f}** | {factor} | {verdict} |")


def report(work, joist, rounds):
    lines = [f"| file | joist | {' | '.join(PEERS)} | wall | to the best | to reach | reached |", "|---" * (len(PEERS) + 6) + "|"]
    for job in jobs(work):
        lines.append(row(work, joist, job, rounds))
        print(lines[-1], flush=True)
    return "\n".join(lines)
