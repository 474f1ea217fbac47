"""contender - one way to do a task: a command in a process of its own, measured from outside"""
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path


# A child's peak counts the process that forked it: this one forks, and never grows. It starts what follows the path, to
# which it writes seconds, status and peak.
LAUNCH = """
import os, sys, time
started = time.monotonic()
child = os.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as out:
    out.write(f"{time.monotonic() - started} {os.waitstatus_to_exitcode(status)} {usage.ru_maxrss * 1024}")
"""


@dataclass
class Contender:
    command: list
    clean: list = field(default_factory=list)  # paths that go before each run
    before: object = None                      # called before each run, not measured
    inner_seconds: bool = False                # the command prints its own seconds on its last line


def python(code, *arguments):
    """A command that runs Python code in the peers' environment."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def measure(contender):
    """(seconds, peak resident bytes) of one run"""
    for path in contender.clean:
        shutil.rmtree(path, ignore_errors=True) if Path(path).is_dir() else Path(path).unlink(missing_ok=True)
    if contender.before:
        contender.before()
    with tempfile.NamedTemporaryFile() as figures:
        child = subprocess.run([sys.executable, "-I", "-S", "-c", LAUNCH, figures.name, *map(str, contender.command)],
                               capture_output=True, check=True)
        seconds, status, peak = (kind(word) for kind, word in zip((float, int, int), figures.read().decode().split()))
    if status != 0:
        raise SystemExit(f"{contender.command[:3]}: exit {status}\n{child.stderr.decode()}")
    if contender.inner_seconds:
        seconds = float(child.stdout.decode().strip().splitlines()[-1])
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
