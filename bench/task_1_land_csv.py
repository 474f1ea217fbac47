"""Land the CSV: joist append into an Iceberg table, beside CSV to one Parquet file, and PyIceberg's append"""
import subprocess

import lineitem
from contender import Contender, python

TITLE = "Land TPC-H lineitem (6,001,215 rows of CSV, 766 MB)"
BAR = ("Bar: at most 1.5 x the best of DuckDB and Polars converting the same CSV to one Parquet file (zstd), peak RSS at most "
       "256 MiB with `--memory 256MiB`. PyIceberg's append is for comparison.")

DUCKDB = """
import duckdb, sys
duckdb.execute(f"copy (from read_csv('{sys.argv[1]}')) to '{sys.argv[2]}' (format parquet, codec zstd)")
"""
POLARS = """
import polars, sys
polars.scan_csv(sys.argv[1], try_parse_dates=True).sink_parquet(sys.argv[2], compression="zstd", compression_level=1)
"""
PYICEBERG = """
import pyarrow.csv, sys
from pyiceberg.catalog.sql import SqlCatalog
catalog = SqlCatalog("default", uri=f"sqlite:///{sys.argv[2]}/catalog.db", warehouse=f"file://{sys.argv[2]}")
catalog.create_namespace("sales")
rows = pyarrow.csv.read_csv(sys.argv[1])
catalog.create_table("sales.lineitem", schema=rows.schema).append(rows)
"""


def prepare(work):
    lineitem.csv(work)


def contenders(work, joist):
    source = lineitem.csv(work)
    folder = work / "land"

    def create():
        subprocess.run([joist, "create", "sales.lineitem", "--like", source, "--infer-decimals", "--partition",
                        "year(l_shipdate)", "--warehouse", folder, "--quiet"], check=True)

    def make_folder():
        (work / "land_pyiceberg").mkdir()

    return {
        "joist": Contender([joist, "append", "sales.lineitem", source, "--memory", "256MiB", "--warehouse", folder],
                           clean=[folder], before=create),
        "DuckDB": Contender(python(DUCKDB, source, work / "duckdb.parquet"), clean=[work / "duckdb.parquet"]),
        "Polars": Contender(python(POLARS, source, work / "polars.parquet"), clean=[work / "polars.parquet"]),
        "PyIceberg": Contender(python(PYICEBERG, source, work / "land_pyiceberg"), clean=[work / "land_pyiceberg"],
                               before=make_folder),
    }
