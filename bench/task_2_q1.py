"""TPC-H Q1 over the table's own Parquet files"""
import lineitem
from contender import Contender, python

TITLE = "TPC-H Q1 over the table"
BAR = "No bar of its own; the answers equal DuckDB's (tests/differential). Peers read the same Parquet files."
QUERY = """select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
 sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
 sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge, avg(l_quantity) as avg_qty,
 avg(l_extendedprice) as avg_price, avg(l_discount) as avg_disc, count(*) as count_order from {table}
 where l_shipdate <= date '1998-12-01' - interval '90' day
 group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus"""

DUCKDB = "import duckdb, sys; duckdb.sql(sys.argv[1]).fetchall()"
POLARS = """
import polars as pl, sys, datetime
c = pl.col
price = c("l_extendedprice") * (1 - c("l_discount"))
(pl.scan_parquet(sys.argv[1]).filter(c("l_shipdate") <= datetime.date(1998, 9, 2)).group_by("l_returnflag", "l_linestatus")
 .agg(c("l_quantity").sum().alias("q"), c("l_extendedprice").sum().alias("p"), price.sum().alias("d"),
      (price * (1 + c("l_tax"))).sum().alias("t"), c("l_quantity").mean().alias("aq"),
      c("l_extendedprice").mean().alias("ap"), c("l_discount").mean().alias("ad"), pl.len().alias("n"))
 .sort("l_returnflag", "l_linestatus").collect())
"""


def prepare(work):
    lineitem.csv(work)


def contenders(work, joist, query=QUERY, polars=POLARS):
    folder = lineitem.warehouse(work, joist)
    files = lineitem.data_files(folder)
    return {
        "joist": Contender([joist, "sql", query.format(table="sales.lineitem"), "--warehouse", folder]),
        "DuckDB": Contender(python(DUCKDB, query.format(table=f"'{files}'"))),
        "Polars": Contender(python(polars, files)),
    }
