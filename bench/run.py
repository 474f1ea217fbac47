#!/usr/bin/env python3
"""run [TASK...] - us beside the pinned peers on the same work, in one run, and docs/benchmarks.md from it

A task is one file bench/task_<name>.py: `prepare(work)` makes its input once, `contenders(work, joist)` gives
{name: Contender}, or `report(work, joist, rounds)` the whole table. All contenders take turns, one warm-up and then ROUNDS rounds; what counts is the median. Peak
memory is the child's own maximum resident set. Tables go to standard output and between the markers of docs/benchmarks.md.
"""
import importlib
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench"))
from contender import race  # noqa: E402

ROUNDS = int(os.environ.get("JOIST_BENCH_ROUNDS", "5"))
WORK = ROOT / "build" / "bench"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
START, END = "<!-- measured: start -->", "<!-- measured: end -->"


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 platform.machine())
    memory = int(next(line for line in open("/proc/meminfo") if line.startswith("MemTotal")).split()[1]) // 1024 ** 2
    return f"{os.cpu_count()} cores ({model}), {memory} GiB, Linux {platform.release().split('-')[0]}"


def versions():
    from importlib.metadata import version
    ours = subprocess.run([str(ROOT / "build/release/joist"), "--version"], capture_output=True, text=True).stdout.strip()
    peers = ", ".join(f"{name} {version(name)}" for name in ("pyarrow", "duckdb", "polars", "datafusion", "carquet", "pyiceberg"))
    return f"{ours}, {peers}"


def run_task(name):
    task = importlib.import_module(f"task_{name}")
    joist = ROOT / "build/release/joist"
    WORK.mkdir(parents=True, exist_ok=True)
    task.prepare(WORK)
    if hasattr(task, "report"):
        return f"### {task.TITLE}\n\n{task.BAR}\n\n{task.report(WORK, joist, ROUNDS)}\n"
    results = race(task.contenders(WORK, joist), ROUNDS)
    best_peer = min(seconds for who, (seconds, _) in results.items() if who != "joist")
    lines = [f"### {task.TITLE}", "", task.BAR, "", "| who | seconds (median) | to the best peer | peak RSS |",
             "|---|---|---|---|"]
    for who, (seconds, peak) in results.items():
        lines.append(f"| {who} | {seconds:.3f} | {seconds / best_peer:.2f} | {peak / 2 ** 20:.0f} MiB |")
    note = task.note(WORK) if hasattr(task, "note") else ""
    return "\n".join(lines) + ("\n\n" + note if note else "") + "\n"


def main():
    names = sys.argv[1:] or sorted((path.stem[5:] for path in (ROOT / "bench").glob("task_*.py")),
                                   key=lambda name: int(name.split("_")[0]))
    parts = [f"`make bench`, {ROUNDS} rounds after a warm-up, contenders in turn.",
             f"Machine: {machine()}.", f"Versions: {versions()}.", ""]
    for name in names:
        text = run_task(name)
        print(text, flush=True)
        parts.append(text)
    if sys.argv[1:]:
        return
    document = DOCUMENT.read_text()
    head, rest = document.split(START)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(head + START + "\n\n" + "\n".join(parts) + "\n" + END + tail)


if __name__ == "__main__":
    main()
