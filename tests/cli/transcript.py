#!/usr/bin/env python3
"""transcript FILE... - runs what a document shows and compares what it says

In a .txt file every line, in a .md file the lines of ```console blocks:

    $ joist count oaks.csv        a command, run by sh in a folder of its own that the whole file shares
    > more of it                  its next line
    3                             what it must print, stdout and stderr together
    [2]                           its exit code, where that is not 0

`...` within a line stands for any text, a line that is only `...` for any lines. JOIST_COMMAND names the
command under test, which is found as `joist`. Prints the closing line `N passed, N failed`.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def read_cases(path):
    """[(line number, command, [expected lines])]"""
    cases = []
    inside = path.suffix != ".md"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if path.suffix == ".md" and line.startswith("```"):
            inside = line.strip() == "```console"
            continue
        if not inside or (path.suffix == ".txt" and line.startswith("# ")):
            continue
        if line.startswith("$ "):
            cases.append((number, line[2:], []))
        elif cases and line.startswith("> ") and not cases[-1][2]:
            cases[-1] = (cases[-1][0], cases[-1][1] + "\n" + line[2:], [])
        elif cases:
            cases[-1][2].append(line)
    return cases


def pattern_of(lines):
    parts = []
    for line in lines:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ ]*\n")
    return re.compile("".join(parts) + r"\Z")


def run_case(command, expected, folder, environment):
    """None, or what was printed instead."""
    code = 0
    while expected and not expected[-1].strip():
        expected = expected[:-1]
    if expected and re.fullmatch(r"\[\d+\]", expected[-1]):
        code = int(expected[-1][1:-1])
        expected = expected[:-1]
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    printed = done.stdout.decode("utf-8", "replace")
    if printed and not printed.endswith("\n"):
        printed += "\n"
    if done.returncode == code and pattern_of(expected).match(printed):
        return None
    return f"{printed}[{done.returncode}]"


def environment_of(folder, command):
    bin_folder = Path(folder) / ".bin"
    bin_folder.mkdir()
    (bin_folder / "joist").symlink_to(command)
    environment = dict(os.environ, PATH=f"{bin_folder}:{os.environ['PATH']}", LC_ALL="C", TZ="Asia/Kolkata",
                       SOURCE=str(Path(__file__).resolve().parents[2]))
    environment.pop("JOIST_WAREHOUSE", None)
    return environment


def main():
    command = Path(os.environ["JOIST_COMMAND"]).resolve()
    passed = failed = 0
    for name in sys.argv[1:]:
        path = Path(name).resolve()
        with tempfile.TemporaryDirectory() as folder:
            environment = environment_of(folder, command)
            work = Path(folder) / "work"
            work.mkdir()
            for number, text, expected in read_cases(path):
                wrong = run_case(text, expected, work, environment)
                passed += wrong is None
                failed += wrong is not None
                if wrong is not None:
                    print(f"{path.name}:{number}: $ {text}\nwanted:\n" + "\n".join(expected) + f"\ngot:\n{wrong}\n")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
