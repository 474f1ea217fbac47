"""node_place - where tests/writers/hyparquet stands with what npm fetched for it; made once, again when its lock changes"""
import fcntl
import os
import shutil
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = os.path.join(SOURCE, "tests", "writers", "hyparquet")
PLACE = os.path.join(SOURCE, "build", "writers", "hyparquet")


def text_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def hyparquet(what):
    """The folder; None, said in one line, where node is missing: but never in continuous integration."""
    if not shutil.which("node") or not shutil.which("npm"):
        if os.environ.get("CI"):
            sys.exit(f"{what}: no node or npm, and CI is set")
        print(f"skipped: {what}, no node or npm")
        return None
    os.makedirs(PLACE, exist_ok=True)
    stamp, lock = os.path.join(PLACE, "fetched"), text_of(os.path.join(PROGRAMS, "package-lock.json"))
    with open(os.path.join(PLACE, "lock"), "w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for name in os.listdir(PROGRAMS):
            if text_of(os.path.join(PROGRAMS, name)) != text_of(os.path.join(PLACE, name)):
                shutil.copy(os.path.join(PROGRAMS, name), PLACE)
        if text_of(stamp) != lock:
            done = subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=PLACE, capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"npm ci: exit {done.returncode}\n{done.stderr[-3000:]}")
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(lock)
    return PLACE
