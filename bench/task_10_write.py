"""Write lineitem: `joist convert` of a file without codec beside the peers writing a table that they hold in memory"""
import parquet_files as files
from contender import Contender, python, race

TITLE = "Write lineitem (6,001,215 rows, 16 columns)"
BAR = ("`joist convert lineitem_none.parquet OUT --codec CODEC`, the whole process, reading included, every value decoded and encoded "
       "again; the peers write a table in memory (its making not counted), each by its own defaults but for the codec. Bar: at "
       "most 0.4 x the fastest, the file at most 137.8 MB (zstd 1) and 160.5 MB (snappy), peak RSS at most 128 MiB.")

TIMED = """
import sys, time
{setup}
started = time.monotonic()
{write}
print(time.monotonic() - started)
"""
SOURCE, OUT, CODEC = "sys.argv[1]", "sys.argv[2]", "sys.argv[3]"
PEERS = {
    "pyarrow": (f"import pyarrow.parquet as pq\ntable = pq.read_table({SOURCE})\nlevel = 1 if {CODEC} == 'zstd' else None",
                f"pq.write_table(table, {OUT}, compression={CODEC}, compression_level=level)"),
    "DuckDB": (f"import duckdb\nduckdb.execute(f\"create table t as from '{{{SOURCE}}}'\")\n"
               f"level = ', compression_level 1' if {CODEC} == 'zstd' else ''",
               f"duckdb.execute(f\"copy t to '{{{OUT}}}' (format parquet, codec {{{CODEC}}}{{level}})\")"),
    "Polars": (f"import polars\nframe = polars.read_parquet({SOURCE})\nlevel = 1 if {CODEC} == 'zstd' else None",
               f"frame.write_parquet({OUT}, compression={CODEC}, compression_level=level)"),
    "carquet": (f"import carquet, pyarrow.parquet as pq\ntable = pq.read_table({SOURCE})",
                f"carquet.write_table(table, {OUT}, compression={CODEC})"),
}
JOBS = (("zstd", "zstd:1", 137.8), ("snappy", "snappy", 160.5))


def prepare(work):
    files.lineitem_file(work, "none")


def report(work, joist, rounds):
    source = files.lineitem_file(work, "none")
    lines = [f"| codec | joist | {' | '.join(PEERS)} | to the fastest | reached |", "|---" * (len(PEERS) + 4) + "|"]
    for codec, ours, bytes_max in JOBS:
        outs = {who: work / f"written_{who}_{codec}.parquet" for who in ("joist", *PEERS)}
        contenders = {"joist": Contender([joist, "convert", source, outs["joist"], "--codec", ours, "--quiet"],
                                         clean=[outs["joist"]])}
        for who, (setup, write) in PEERS.items():
            contenders[who] = Contender(python(TIMED.format(setup=setup, write=write), source, outs[who], codec),
                                        clean=[outs[who]], inner_seconds=True)
        results = race(contenders, rounds)
        sizes = {who: out.stat().st_size / 1e6 for who, out in outs.items()}
        cells = [f"{seconds:.2f} s, {sizes[who]:.1f} MB, {peak / 2 ** 20:.0f} MiB" for who, (seconds, peak) in results.items()]
        best = min(seconds for who, (seconds, _) in results.items() if who != "joist")
        seconds, peak = results["joist"]
        reached = seconds <= 0.4 * best and sizes["joist"] <= bytes_max and peak <= 128 << 20
        lines.append(f"| {codec} | {' | '.join(cells)} | **{seconds / best:.2f}** | {'yes' if reached else 'no'} |")
        print(lines[-1], flush=True)
        for out in outs.values():
            out.unlink()
    return "\n".join(lines)
