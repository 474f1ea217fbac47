"""contender - one way to do a task: a command in a process of its own, measured from outside"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Contender:
    command: list
    clean: list = field(default_factory=list)  # paths that go before each run
    before: object = None                      # called before each run, not measured
    inner_seconds: bool = False                # the command prints its own seconds on its last line
    tells_peak: bool = False                   # it prints JSON with its own peak: the kernel's counts the forking parent


def python(code, *arguments):
    """A command that runs Python code in the peers' environment."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def measure(contender):
    """(seconds, peak resident bytes) of one run"""
    for path in contender.clean:
        shutil.rmtree(path, ignore_errors=True) if Path(path).is_dir() else Path(path).unlink(missing_ok=True)
    if contender.before:
        contender.before()
    started = time.monotonic()
    child = subprocess.Popen([str(word) for word in contender.command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    if child.returncode != 0:
        raise SystemExit(f"{contender.command[:3]}: exit {child.returncode}\n{child.stderr.read().decode()}")
    if contender.inner_seconds:
        seconds = float(out.decode().strip().splitlines()[-1])
    told = json.loads(out) if contender.tells_peak else {"peak_rss_bytes": usage.ru_maxrss * 1024}
    peak = told.get("peak_rss_bytes") or told["peak_memory_bytes"]
    return seconds, peak


def race(contenders, rounds):
    """{name: (median seconds, peak resident bytes)}: all take turns, one warm-up and then `rounds` rounds"""
    results = {who: [] for who in contenders}
    for turn in range(rounds + 1):
        for who, contender in contenders.items():
            measured = measure(contender)
            if turn > 0:
                results[who].append(measured)
    return {who: (statistics.median(s for s, _ in rows), max(p for _, p in rows)) for who, rows in results.items()}
