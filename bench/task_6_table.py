"""A whole file as a table in memory, through ctypes in the peers' own process"""
import sys
from pathlib import Path

import parquet_files as files
from contender import Contender, python, race

TITLE = "A file as a table in memory"
BAR = ("The library through ctypes in Python, one context reused (keep-warm 2 GiB), a `pyarrow.Table` at the end: strings as "
       "`string_view` beside Polars, as `utf8` beside pyarrow; each process reads the file three times and counts the last. Bar: "
       "at most 0.8 x the peer beside it on lineitem, 0.9 on nested, 1.0 on the rest.")
OURS = """
import sys, time
path, form = sys.argv[1], sys.argv[2]
sys.path.insert(0, sys.argv[3])
from joist_library import Joist
joist = Joist(memory_bytes_max=8 << 30, threads=2, keep_warm_bytes=2 << 30)
for _ in range(3):
    started = time.monotonic()
    table = joist.read_parquet(path, text=form)
    seconds = time.monotonic() - started
    table = None
print(seconds)
"""
PEER = """
import sys, time
path = sys.argv[1]
{setup}
for _ in range(3):
    started = time.monotonic()
    {read}
    seconds = time.monotonic() - started
    table = None
print(seconds)
"""
PEERS = {"pyarrow": ("import pyarrow.parquet as pq", "table = pq.read_table(path)"),
         "Polars": ("import polars", "table = polars.read_parquet(path)")}


def jobs(work):
    for codec in files.CODECS:
        yield f"lineitem {codec}", files.lineitem_file(work, codec), 0.8
    yield "web hits, snappy", files.hits(work), 1.0
    yield "nested, zstd", files.nested(work), 0.9
    yield "3 x 10 M numbers, zstd", files.plain3(work), 1.0


def prepare(work):
    for _ in jobs(work):
        pass


def report(work, joist, rounds):
    bindings = Path(__file__).resolve().parents[1] / "tests" / "differential"
    lines = ["| file | joist, views | joist, utf8 | pyarrow | Polars | views : Polars | utf8 : pyarrow | to reach | reached |",
             "|---" * 9 + "|"]
    for what, path, factor in jobs(work):
        library = f"JOIST_LIBRARY={joist.parent / 'libjoist.so'}"
        ours = {form: Contender(["env", library, sys.executable, "-c", OURS, path, form, bindings], inner_seconds=True)
                for form in ("view", "utf8")}
        peers = {who: Contender(python(PEER.format(setup=setup, read=read), path), inner_seconds=True)
                 for who, (setup, read) in PEERS.items()}
        s = {who: seconds for who, (seconds, _) in race({**ours, **peers}, rounds).items()}
        views, texts = s["view"] / s["Polars"], s["utf8"] / s["pyarrow"]
        lines.append(f"| {what} | {s['view']:.3f} | {s['utf8']:.3f} | {s['pyarrow']:.3f} | {s['Polars']:.3f} | "
                     f"**{views:.2f}** | **{texts:.2f}** | {factor} | {'yes' if max(views, texts) <= factor else 'no'} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)
