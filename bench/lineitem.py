"""lineitem - TPC-H lineitem at scale 1 (JOIST_BENCH_SCALE changes it), made once"""
import os
import subprocess
import sys
from pathlib import Path

SCALE = os.environ.get("JOIST_BENCH_SCALE", "1")


def csv(work):
    path = work / f"lineitem-{SCALE}.csv"
    if not path.exists():
        tool = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([tool, "csv", "-s", SCALE, "--tables", "lineitem", "--output-dir", work], check=True,
                       stdout=subprocess.DEVNULL)
        (work / "lineitem.csv").rename(path)
    return path


def warehouse(work, joist):
    """A joist warehouse with sales.lineitem, partitioned by year."""
    folder = work / f"warehouse-{SCALE}"
    if not (folder / "done").exists():
        source = csv(work)
        subprocess.run([joist, "create", "sales.lineitem", "--like", source, "--infer-decimals", "--partition",
                        "year(l_shipdate)", "--warehouse", folder, "--quiet"], check=True)
        subprocess.run([joist, "append", "sales.lineitem", source, "--warehouse", folder, "--quiet"], check=True)
        (folder / "done").touch()
    return folder


def data_files(folder):
    return str(folder / "sales" / "lineitem" / "data" / "**" / "*.parquet")
