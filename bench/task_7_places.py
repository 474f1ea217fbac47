"""Ten rows at each of a hundred random places of a file"""
import subprocess

import parquet_files as files

TITLE = "Ten rows at a hundred random places (lineitem zstd, all 16 columns, page index)"
BAR = ("`build/release/bench/places FILE`: the file open, each place one joist_parquet_read into Arrow. Bar: median at most 5 ms, "
       "the slowest at most 12 ms. Polars reads the same slice with its file metadata at hand.")


def prepare(work):
    files.lineitem_file(work, "zstd", page_index=True)


def report(work, joist, rounds):
    path = files.lineitem_file(work, "zstd", page_index=True)
    lines = ["| who | median ms | slowest ms |", "|---|---|---|"]
    runs = []
    for _ in range(rounds):
        out = subprocess.run([joist.parent / "bench" / "places", path], capture_output=True, text=True, check=True).stdout
        runs.append([float(word) for word in out.split()])
    runs.sort()
    median, slowest = runs[len(runs) // 2]
    lines.append(f"| joist | {median:.2f} | {slowest:.2f} |")
    return "\n".join(lines)
