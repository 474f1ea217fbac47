"""Append the CSV to a table in little memory, beside PyIceberg"""
import json
import subprocess

import lineitem
from contender import Contender, python, race
from task_1_land_csv import PYICEBERG

TITLE = "Append lineitem.csv to a table (766 MB of CSV)"
BAR = ("`joist append sales.lineitem lineitem.csv --memory 128MiB` into a table of no partitions, types and all as the CSV has them; "
       "PyIceberg reads the CSV with pyarrow and appends the table. Bar: at most 0.4 x PyIceberg, peak RSS at most 128 MiB.")
FACTOR, PEAK_MAX = 0.4, 128 << 20
ROWS = 6_001_215


def prepare(work):
    lineitem.csv(work)


def rows_of(joist, folder):
    out = subprocess.run([joist, "count", "sales.lineitem", "--warehouse", folder, "--json"], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)["rows"]


def report(work, joist, rounds):
    source = lineitem.csv(work)
    ours, theirs = work / "append_joist", work / "append_pyiceberg"

    def create():
        subprocess.run([joist, "create", "sales.lineitem", "--like", source, "--infer-decimals", "--warehouse", ours, "--quiet"],
                       check=True)

    results = race({
        "joist": Contender([joist, "append", "sales.lineitem", source, "--memory", "128MiB", "--warehouse", ours, "--json"],
                           clean=[ours], before=create),
        "PyIceberg": Contender(python(PYICEBERG, source, theirs), clean=[theirs], before=theirs.mkdir),
    }, rounds)
    if lineitem.SCALE == "1" and rows_of(joist, ours) != ROWS:
        raise SystemExit("joist did not append all rows")
    seconds, peak = results["joist"]
    ratio = seconds / results["PyIceberg"][0]
    lines = ["| who | seconds (median) | to PyIceberg | peak RSS | reached |", "|---|---|---|---|---|"]
    reached = "yes" if ratio <= FACTOR and peak <= PEAK_MAX else "no"
    lines.append(f"| joist | {seconds:.2f} | **{ratio:.2f}** | {peak / 2 ** 20:.0f} MiB | {reached} |")
    seconds, peak = results["PyIceberg"]
    lines.append(f"| PyIceberg | {seconds:.2f} | 1.00 | {peak / 2 ** 20:.0f} MiB | |")
    return "\n".join(lines)
