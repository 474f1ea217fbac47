#!/usr/bin/env python3
"""stages FILE [RUNS] - where the CPU of `joist scan --discard FILE` goes, by stage

Samples of perf (cpu-clock), those of the kernel by what it was called for, ours by the function that was on top. Shares
of all samples of the process: other work on the machine makes them rougher and does not move them.
"""
import collections
import re
import subprocess
import sys
import tempfile
from pathlib import Path

JOIST = Path(__file__).resolve().parents[1] / "build" / "release" / "joist"
# What a function belongs to, the first that fits.
STAGES = [
    ("codec", r"ZSTD_|HUF_|FSE_|ZSTDv|XXH|snappy|LZ4_|deflate|Brotli|ji_decompress|ji_.*_unpack$"),
    ("dictionary values gathered", r"ji_gather|ji_fill|read_dictionary|look_up"),
    ("codes and levels unpacked, checked", r"ji_bit_|ji_rle|next_run|begin_packed|take_header|ji_codes_max|ji_levels|ji_bitmap|"
                                           r"ji_page_values_codes|unpack"),
    ("strings to views, UTF-8", r"ji_leaf_read_strings|ji_byte_values|walk_plain|ji_ascii|ji_utf8|is_text|string_view|"
                                r"make_dictionary_views"),
    ("plain values, decimals to 128 bits", r"read_values|ji_fixed_to|ji_values_|ji_page_values_read|ji_delta|ji_byte_join|read_fixed|ji_expand"),
    ("memory copied", r"mem(cpy|move)|__memmove|memset"),
    ("checksums", r"crc32|pclmul"),
    ("pages, pieces, arrays, pools", r"ji_|joist_|_heap|digest_|chunk|begin_|load_|page_|pread|strcmp|release_|work|help|pull|stream|run_scan|malloc|free|pthread|export|adopt"),
]
KERNEL = [("memory touched for the first time", "page_fault"), ("the file read from the page cache", "pread"),
          ("waiting and waking threads", "futex|schedule|finish_task_switch"), ("the kernel, other", "")]


def stage_of(frames):
    top, where = frames[0]
    if "kernel" in where:
        names = " ".join(name for name, _ in frames)
        return next(stage for stage, pattern in KERNEL if re.search(pattern, names))
    if "ld-linux" in where:
        return "start of the process"
    if top == "[unknown]" and where == str(JOIST):
        return "codec"  # zstd's Huffman loops are assembler without the marks that perf wants
    return next((stage for stage, pattern in STAGES if re.search(pattern, top)), "other")


def samples_of(path, runs):
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        for run in range(runs):
            subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "1997", "-g", "-o", data, JOIST, "scan", "--discard", path],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            text = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym,dso"], check=True, capture_output=True, text=True).stdout
            for chunk in text.split("\n\n"):
                frames = re.findall(r"^\s+[0-9a-f]+ (.*?) \((.*)\)$", chunk, re.M)
                if frames:
                    yield frames


def main():
    path, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8
    counts = collections.Counter(stage_of(frames) for frames in samples_of(path, runs))
    total = sum(counts.values())
    print(f"| stage | share of {total} samples |\n|---|---|")
    for stage, count in counts.most_common():
        print(f"| {stage} | {count / total:.1%} |")


if __name__ == "__main__":
    main()
