"""Read whole files that no cache holds, beside what the disk and the warm cache alone take"""
import ctypes
import mmap
import os
import time

import parquet_files as files
from contender import Contender, python, race

TITLE = "Read a file that is not in the page cache"
BAR = ("`joist scan --discard FILE`, the whole process. Before each cold run the file's pages are dropped from the page cache "
       "(`posix_fadvise(DONTNEED)`), those of the programs are not, and it is looked at that no page of the file is left. Raw: the "
       "file read once from front to back in blocks of 4 MiB, the faster of through the page cache and around it. Peers: their read of all columns "
       "into Arrow, import and start not counted. Bar: at most 1.1 x the larger of raw and warm.")
BLOCK = 4 << 20
RESIDENT_MAX = 0.02  # of a file: what somebody else may have touched meanwhile
TRIES = 10

RAW = """
import mmap, os, sys, time
flags = os.O_RDONLY | (os.O_DIRECT if sys.argv[2] == "around" else 0)
file, block, at = os.open(sys.argv[1], flags), mmap.mmap(-1, int(sys.argv[3])), 0
started = time.monotonic()
while (count := os.preadv(file, [block], at)) > 0:
    at += count
print(time.monotonic() - started)
"""
TIMED = """
import sys, time
path = sys.argv[1]
{setup}
started = time.monotonic()
{read}
print(time.monotonic() - started)
"""
PEERS = {
    "pyarrow": ("import pyarrow.parquet as pq", "table = pq.read_table(path)"),
    "DuckDB": ("import duckdb, pyarrow", "table = duckdb.sql(f\"select * from '{path}'\").to_arrow_table()"),
    "Polars": ("import polars", "table = polars.read_parquet(path)"),
}


def jobs(work):
    for codec in ("zstd", "none"):
        yield f"lineitem {codec}", files.lineitem_file(work, codec)
    yield "web hits, snappy", files.hits(work)
    yield "nested, zstd", files.nested(work)
    yield "3 x 10 M numbers, zstd", files.plain3(work)


def prepare(work):
    for _ in jobs(work):
        pass


def resident_share(path):
    """Which share of the file's pages the page cache has."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    size = os.path.getsize(path)
    pages = (ctypes.c_ubyte * (-(-size // mmap.PAGESIZE)))()
    with open(path, "rb") as file:
        address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    if libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(size), pages) != 0:
        raise OSError(ctypes.get_errno(), "mincore")
    libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(size))
    return sum(page & 1 for page in pages) / len(pages)


def drop(path):
    """A function that leaves nothing of the file in the page cache."""
    def run():
        os.sync()
        for _ in range(TRIES):
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            share = resident_share(path)
            if share <= RESIDENT_MAX:
                return
            time.sleep(0.2)
        raise SystemExit(f"{path}: {share:.0%} of it stays in the page cache: somebody uses it")
    return run


def row(joist, what, path, rounds):
    scan = [joist, "scan", "--discard", path, "--json"]
    cold = drop(path)
    contenders = {"cold": Contender(scan, before=cold), "warm": Contender(scan)}
    for way in ("through", "around"):
        contenders[way] = Contender(python(RAW, path, way, BLOCK), before=cold, inner_seconds=True)
    for who, (setup, read) in PEERS.items():
        contenders[who] = Contender(python(TIMED.format(setup=setup, read=read), path), before=cold, inner_seconds=True)
    # The warm run follows the cold one, which has filled the cache.
    s = {who: seconds for who, (seconds, _) in race(contenders, rounds).items()}
    raw = min(s["through"], s["around"])
    factor = s["cold"] / max(raw, s["warm"])
    rate = os.path.getsize(path) / raw / 1e6
    return (f"| {what} | **{s['cold']:.3f}** | {raw:.3f} ({rate:.0f} MB/s) | {s['warm']:.3f} | "
            f"{' | '.join(f'{s[who]:.2f}' for who in PEERS)} | **{factor:.2f}** | {'yes' if factor <= 1.1 else 'no'} |")


def report(work, joist, rounds):
    lines = [f"| file | joist, cold | raw | joist, warm | {' | '.join(PEERS)} | cold to the larger | reached |",
             "|---" * (len(PEERS) + 6) + "|"]
    for what, path in jobs(work):
        lines.append(row(joist, what, path, rounds))
        print(lines[-1], flush=True)
    return "\n".join(lines)
