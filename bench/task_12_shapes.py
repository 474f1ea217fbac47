"""Write ten million values of one shape: size and time beside the peers' defaults"""
import parquet_files as files
from contender import Contender, python, race

TITLE = "One column of 10 M values, by shape"
BAR = ("`joist convert SHAPE_none.parquet OUT`, the whole process, reading included, default options; the peers write a table in "
       "memory with theirs (its making not counted). Bar: at most the smallest of the peers' files, in at most the time of the "
       "fastest peer whose file is within 10 % of that. Each cell: seconds, MB.")

TIMED = """
import sys, time
{setup}
started = time.monotonic()
{write}
print(time.monotonic() - started)
"""
PEERS = {
    "pyarrow": ("import pyarrow.parquet as pq\ntable = pq.read_table(sys.argv[1])", "pq.write_table(table, sys.argv[2])"),
    "DuckDB": ("import duckdb\nduckdb.execute(f\"create table t as from '{sys.argv[1]}'\")",
               "duckdb.execute(f\"copy t to '{sys.argv[2]}' (format parquet)\")"),
    "Polars": ("import polars\nframe = polars.read_parquet(sys.argv[1])", "frame.write_parquet(sys.argv[2])"),
}


def prepare(work):
    for shape in files.SHAPES:
        files.shape(work, shape)


def report(work, joist, rounds):
    lines = [f"| values | joist | {' | '.join(PEERS)} | size to the smallest | time to the fastest within 10 % of it | reached |",
             "|---" * (len(PEERS) + 5) + "|"]
    for shape in files.SHAPES:
        source = files.shape(work, shape)
        outs = {who: work / f"shape_{who}.parquet" for who in ("joist", *PEERS)}
        contenders = {"joist": Contender([joist, "convert", source, outs["joist"], "--quiet"], clean=[outs["joist"]])}
        for who, (setup, write) in PEERS.items():
            contenders[who] = Contender(python(TIMED.format(setup=setup, write=write), source, outs[who]),
                                        clean=[outs[who]], inner_seconds=True)
        results = race(contenders, rounds)
        sizes = {who: out.stat().st_size for who, out in outs.items()}
        smallest = min(sizes[who] for who in PEERS)
        fastest = min(results[who][0] for who in PEERS if sizes[who] <= 1.1 * smallest)
        cells = [f"{seconds:.2f}, {sizes[who] / 1e6:.2f}" for who, (seconds, _) in results.items()]
        seconds = results["joist"][0]
        reached = sizes["joist"] <= smallest and seconds <= fastest
        lines.append(f"| {shape} | {' | '.join(cells)} | **{sizes['joist'] / smallest:.3f}** | **{seconds / fastest:.2f}** | "
                     f"{'yes' if reached else 'no'} |")
        print(lines[-1], flush=True)
        for out in outs.values():
            out.unlink()
    return "\n".join(lines)
